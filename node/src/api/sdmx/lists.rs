//! Code lists of the federation, which are records, as SDMX has them: `x-escwa:codelist:life-events` is `Codelist=x-escwa:life-events`.
//!
//! A record's revision is never altered, and the next one may take codes away: so revision 3 is the stable version `3.0.0`. A list whose slug
//! names a component, such as `age` or `unit-measure`, extends that component's own list (SDMX 3.0, code list extension): the codes and the
//! names that the federation agrees on for figures stand in it beside those of the program.

use multaqa_proto::id::ObjectId;
use multaqa_proto::text::LanguageMap;
use multaqa_proto::wire::kind::Codelist;
use multaqa_proto::wire::kind::codelist::Code;
use prost::Message as _;

use super::catalogue::texts;
use super::code;
use super::component::Component;
use crate::replica::Object;

/// A code list of the federation.
#[derive(Debug, Clone, Default)]
pub(super) struct List {
    /// Id of the record.
    pub(super) object: String,
    /// Agency: the member that publishes it.
    pub(super) agency: String,
    /// Id of the code list.
    pub(super) id: String,
    /// Its version, from the revision.
    pub(super) version: String,
    /// The component whose list it extends.
    pub(super) extends: Option<Component>,
    /// What the record says.
    pub(super) payload: Codelist,
}

impl List {
    /// The list of a record; none where this version does not read it.
    pub(super) fn of(object: &Object) -> Option<Self> {
        let id: ObjectId = object.summary.id.parse().ok()?;
        let payload = Codelist::decode(object.payload.clone()).ok()?;
        let name = code::name_of(id.slug());
        let component = format!("CL_{}", name.to_ascii_uppercase().replace('-', "_"));
        Some(Self {
            object: object.summary.id.clone(),
            agency: code::name_of(id.code().as_str()),
            // Ids of code lists begin with a letter or `_` (SDMX NCNameIDType); no slug begins with either `_` or a dot.
            id: if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name },
            version: format!("{}.0.0", object.summary.revision),
            extends: Component::of_list(&component),
            payload,
        })
    }

    /// Its names.
    pub(super) fn names(&self) -> LanguageMap {
        texts(&self.payload.title)
    }

    /// Its codes in the order in which they are shown.
    pub(super) fn codes(&self) -> Vec<&Code> {
        let mut codes: Vec<&Code> = self.payload.codes.iter().collect();
        codes.sort_by_key(|code| code.order);
        codes
    }

    /// The name of a code by its id; none where it is not in the list.
    pub(super) fn name(&self, id: &str) -> Option<LanguageMap> {
        let found = self.payload.codes.iter().find(|code| code::id_of(&code.code) == id)?;
        Some(texts(&found.label))
    }

    /// The codes that a code stands below, by their ids, the nearest first; each once, also where they go round.
    pub(super) fn wider(&self, id: &str) -> Vec<String> {
        let mut wider: Vec<String> = Vec::new();
        let mut at = id.to_owned();
        while let Some(code) = self.payload.codes.iter().find(|code| code::id_of(&code.code) == at) {
            at = code::id_of(&code.broader).into_owned();
            if at.is_empty() || wider.contains(&at) {
                break;
            }
            wider.push(at.clone());
        }
        wider
    }
}
