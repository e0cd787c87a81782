//! What of the federation stands in structures: indicators, members, and the codes that figures carry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use multaqa_proto::id::ObjectId;
use multaqa_proto::text::LanguageMap;
use multaqa_proto::wire::kind::Indicator;
use prost::Message as _;
use tokio::sync::Mutex;

use super::super::Api;
use super::super::refusal::Refusal;
use super::component::Component;
use super::{code, names, refused};
use crate::replica::CodeColumn;

/// Most indicators.
const INDICATORS: usize = 2_000;
/// Indicators that are read at a time.
const PAGE: u32 = 200;
/// Most codes of a list.
const CODES: u32 = 10_000;

/// The dataflow of an indicator.
#[derive(Debug, Clone, Default)]
pub(super) struct Flow {
    /// Id of the indicator's record.
    pub(super) object: String,
    /// Agency: the member that publishes the indicator.
    pub(super) agency: String,
    /// Id of the dataflow.
    pub(super) id: String,
    /// Code of the indicator in `CL_INDICATOR`.
    pub(super) code: String,
    /// What the record says.
    pub(super) indicator: Indicator,
}

/// Indicators and members.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    /// By agency and id.
    pub(super) flows: Vec<Flow>,
    /// Names of members, by their codes as ids; with whether they are countries.
    pub(super) members: BTreeMap<String, (bool, LanguageMap)>,
}

/// Codes that figures carry, as ids, by component.
pub(super) type Codes = BTreeMap<Component, BTreeSet<String>>;

/// The codes of the newest figures, read once for all who ask.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Option<Newest>>>);

/// Number of the newest figure, and the codes of all up to it.
type Newest = (i64, Arc<Codes>);

impl Flow {
    /// Its names.
    pub(super) fn names(&self) -> LanguageMap {
        texts(&self.indicator.name)
    }
}

/// Texts of a record.
pub(super) fn texts(texts: &std::collections::HashMap<String, String>) -> LanguageMap {
    texts.iter().map(|(lang, text)| (lang.clone(), text.clone())).collect()
}

impl Catalogue {
    /// The name of a code; none where nobody gave it one.
    pub(super) fn name(&self, component: Component, id: &str) -> Option<LanguageMap> {
        match component {
            Component::Indicator => self.flows.iter().find(|flow| flow.code == id).map(Flow::names),
            Component::RefArea | Component::Provider => self.members.get(id).map(|(_, names)| names.clone()),
            Component::Freq
            | Component::Sex
            | Component::Age
            | Component::Disability
            | Component::Place
            | Component::TimePeriod
            | Component::ObsValue
            | Component::ObsStatus
            | Component::UnitMeasure
            | Component::Dataset => component.list().and_then(|list| names::of(list, id)).cloned(),
        }
    }
}

impl Api {
    /// Indicators and members.
    ///
    /// # Errors
    /// `SDMX_ANSWER_TOO_LARGE` where there are more indicators than are listed.
    pub(super) async fn catalogue(&self) -> Result<Catalogue, Refusal> {
        let mut flows = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.parts.replica.indicators(&after, PAGE).await?;
            let full = page.len() >= PAGE as usize;
            for (id, payload) in page {
                after = id.to_string();
                flows.extend(flow(&id, &payload));
            }
            if flows.len() > INDICATORS {
                return Err(refused::too_large(INDICATORS));
            }
            if !full {
                break;
            }
        }
        tell_apart(&mut flows);
        Ok(Catalogue { flows, members: self.members() })
    }

    fn members(&self) -> BTreeMap<String, (bool, LanguageMap)> {
        let intake = self.parts.intake.load();
        let members = intake.directory().into_iter().flat_map(multaqa_proto::directory::Directory::members);
        members
            .map(|(code, m)| (code::id_of(code.as_str()).into_owned(), (code.is_country(), m.name.clone())))
            .collect()
    }

    /// The codes that figures carry.
    pub(super) async fn codes(&self) -> Result<Arc<Codes>, Refusal> {
        let mut kept = self.sdmx.0.lock().await;
        let newest = self.parts.replica.newest_figure().await?;
        if let Some((number, codes)) = &*kept
            && *number == newest
        {
            return Ok(Arc::clone(codes));
        }
        let mut codes = Codes::new();
        for (column, component) in [
            (CodeColumn::RefArea, Component::RefArea),
            (CodeColumn::Sex, Component::Sex),
            (CodeColumn::Age, Component::Age),
            (CodeColumn::Disability, Component::Disability),
            (CodeColumn::Place, Component::Place),
            (CodeColumn::Provider, Component::Provider),
            (CodeColumn::ObsStatus, Component::ObsStatus),
            (CodeColumn::Unit, Component::UnitMeasure),
        ] {
            let found = self.parts.replica.figure_codes(column, CODES).await?;
            codes.insert(component, found.iter().map(|found| code::id_of(found).into_owned()).collect());
        }
        let codes = Arc::new(codes);
        *kept = Some((newest, Arc::clone(&codes)));
        Ok(codes)
    }
}

/// The dataflow of a record; none where this version does not read it.
fn flow(id: &ObjectId, payload: &[u8]) -> Option<Flow> {
    let indicator = Indicator::decode(payload).ok()?;
    Some(Flow {
        object: id.to_string(),
        agency: code::name_of(id.code().as_str()),
        id: code::name_of(id.slug()),
        code: code::id_of(&indicator.code).into_owned(),
        indicator,
    })
}

/// Indicators that publishers gave the same code have `CODE@agency@id` each: codes of a list are different.
fn tell_apart(flows: &mut [Flow]) {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for flow in flows.iter() {
        *uses.entry(flow.code.clone()).or_default() += 1;
    }
    for flow in flows {
        if uses.get(&flow.code).is_some_and(|uses| *uses > 1) {
            flow.code = format!("{}@{}@{}", flow.code, flow.agency, flow.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_of_one_code_are_told_apart() {
        let flow = |agency: &str, code: &str| Flow {
            agency: agency.to_owned(),
            id: "egdi".to_owned(),
            code: code.to_owned(),
            ..Flow::default()
        };
        let mut flows = [flow("x-escwa", "EGDI"), flow("x-las", "EGDI"), flow("x-las", "GTMI")];
        tell_apart(&mut flows);
        assert_eq!(flows.map(|flow| flow.code), ["EGDI@x-escwa@egdi", "EGDI@x-las@egdi", "GTMI"]);
    }
}
