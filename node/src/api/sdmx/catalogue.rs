//! What of the federation stands in structures: indicators, code lists, members, and the codes that figures carry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use multaqa_proto::id::ObjectId;
use multaqa_proto::text::LanguageMap;
use multaqa_proto::wire::kind::Indicator;
use prost::Message as _;
use tokio::sync::Mutex;

use super::super::Api;
use super::super::refusal::Refusal;
use super::component::Component;
use super::lists::List;
use super::modified::Seen;
use super::{code, names, refused};
use crate::clients::authorise::{Asked, Caller, authorise};
use crate::replica::{CodeColumn, Cursor, ListQuery, Object};

/// Most indicators.
const INDICATORS: usize = 2_000;
/// Most code lists of the federation.
const LISTS: usize = 500;
/// Records that are read at a time.
const PAGE: u32 = 100;
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

/// Indicators, code lists and members.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    /// By agency and id.
    pub(super) flows: Vec<Flow>,
    /// Of the federation, where the caller may read such; by agency and id.
    pub(super) lists: Vec<List>,
    /// Names of members, by their codes as ids; with whether they are countries.
    pub(super) members: BTreeMap<String, (bool, LanguageMap)>,
}

/// Codes that figures carry, as ids, by component.
pub(super) type Codes = BTreeMap<Component, BTreeSet<String>>;

/// What is kept from one request to the next: the codes of the newest figures, read once for all who ask, and since when the replica is
/// where it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    codes: Arc<Mutex<Option<Newest>>>,
    seen: Arc<std::sync::Mutex<Option<Seen>>>,
}

/// What tells that figures are others than they were, and the codes of all of them.
type Newest = (Figures, Arc<Codes>);

/// Number of the log, how often what the replica holds changed otherwise than by entries, number of the newest figure, and how many datasets
/// are withdrawn.
type Figures = (u64, u64, i64, i64);

/// Number of the log, entries, and how often what stands below changed otherwise.
pub(super) type Place = (u64, u64, u64);

impl Kept {
    /// Since when the replica is where it is; none where that is not told.
    pub(crate) fn modified(&self, api: &Api) -> Option<Timestamp> {
        let place = place(&*api.parts.replica.cursor()?);
        let now_ms = api.parts.clock.now_ms();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let again = Seen::again(*seen, place, now_ms);
        *seen = Some(again);
        again.since(now_ms)
    }
}

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
        let own = match component {
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
        };
        own.or_else(|| self.extensions(component).find_map(|list| list.name(id)))
    }

    /// The codes that a code stands below, in the list of a component.
    pub(super) fn wider(&self, component: Component, id: &str) -> Vec<String> {
        self.extensions(component).map(|list| list.wider(id)).find(|wider| !wider.is_empty()).unwrap_or_default()
    }

    /// The code lists of the federation that extend the list of a component.
    pub(super) fn extensions(&self, component: Component) -> impl Iterator<Item = &List> {
        self.lists.iter().filter(move |list| list.extends == Some(component))
    }
}

impl Api {
    /// Indicators, members, and code lists where the caller may read them.
    ///
    /// # Errors
    /// `SDMX_ANSWER_TOO_LARGE` where there are more than are listed.
    pub(super) async fn catalogue(&self, caller: &Caller) -> Result<Catalogue, Refusal> {
        let mut flows = self.records("indicator", INDICATORS, flow).await?;
        tell_apart(&mut flows);
        let asked = Asked::Read { kind: Some("codelist"), resource: "names of codes" };
        let lists = match authorise(caller, &asked) {
            Ok(()) => self.records("codelist", LISTS, List::of).await?,
            Err(_) => Vec::new(),
        };
        Ok(Catalogue { flows, lists, members: self.members() })
    }

    /// All records of a kind that this version reads.
    async fn records<T>(&self, kind: &str, max: usize, read: fn(&Object) -> Option<T>) -> Result<Vec<T>, Refusal> {
        let mut found = Vec::new();
        let mut query = ListQuery { kind: Some(kind.to_owned()), limit: PAGE, ..ListQuery::default() };
        loop {
            let page = self.parts.replica.list_whole(&query).await?;
            found.extend(page.items.iter().filter_map(read));
            if found.len() > max {
                return Err(refused::too_large(max));
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(found),
            }
        }
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
        let mut kept = self.sdmx.codes.lock().await;
        let (log, _, fills) = self.parts.replica.cursor().map_or_else(Place::default, |cursor| place(&cursor));
        let (newest, withdrawn) = self.parts.replica.newest_figure().await?;
        let here = (log, fills, newest, withdrawn);
        if let Some((there, codes)) = &*kept
            && *there == here
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
        *kept = Some((here, Arc::clone(&codes)));
        Ok(codes)
    }
}

fn place(cursor: &Cursor) -> Place {
    (cursor.log.0, cursor.size.0, cursor.fills)
}

/// The dataflow of a record; none where this version does not read it.
fn flow(object: &Object) -> Option<Flow> {
    let id: ObjectId = object.summary.id.parse().ok()?;
    let indicator = Indicator::decode(object.payload.clone()).ok()?;
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
