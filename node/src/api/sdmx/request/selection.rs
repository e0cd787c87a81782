//! Which figures: what `/data` and `/availability` ask for alike.

use super::super::component::{Component, DIMENSIONS, KEY};
use super::super::data::Figure;
use super::super::filter::Filters;
use super::super::key::Keys;
use super::super::query::Ids;
use super::super::version::{VERSION, Versions};
use super::super::{code, refused};
use super::{Parameters, part};
use crate::api::refusal::Refusal;

/// Most partial keys that stand for a selection.
const BOXES: usize = 500;

/// Which figures.
#[derive(Debug, Clone)]
pub(in super::super) struct Selection {
    /// Against what they are given.
    pub(in super::super) context: Context,
    pub(in super::super) agencies: Ids,
    pub(in super::super) resources: Ids,
    versions: Versions,
    pub(in super::super) keys: Keys,
    pub(in super::super) filters: Filters,
    /// Only what changed after this, milliseconds since 1970 UTC.
    pub(in super::super) updated_after_ms: Option<i64>,
    /// As they stood then, milliseconds since 1970 UTC.
    pub(in super::super) as_of_ms: Option<i64>,
}

/// Against what figures are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Context {
    /// Dataflows; what `*` means, since their figures are all that there are.
    Dataflow,
    /// The data structure.
    DataStructure,
    /// Provision agreements, of which there are none.
    Agreement,
}

impl Selection {
    /// Reads a selection: the path up to the key, filters, and `updatedAfter`.
    ///
    /// # Errors
    /// `SDMX_MALFORMED`, `SDMX_COMPONENT_UNKNOWN`, `PARAMETER_REPEATED`.
    pub(super) fn read(parts: &[String], most: usize, parameters: &mut Parameters) -> Result<Self, Refusal> {
        if parts.len() > most {
            let form = "{context}/{agencyID}/{resourceID}/{version}/{key}";
            return Err(refused::malformed("path", &parts.join("/"), form));
        }
        let ids = |place, name, is_one| part(parts, place).map_or(Ok(Ids::ALL), |text| Ids::parse(name, text, is_one));
        Ok(Self {
            context: context(part(parts, 0).unwrap_or("*"))?,
            agencies: ids(1, "agencyID", code::is_agency)?,
            resources: ids(2, "resourceID", code::is_id)?,
            versions: Versions::parse(part(parts, 3).unwrap_or("*"))?,
            keys: Keys::parse(part(parts, 4).unwrap_or("*"))?,
            filters: parameters.filters()?,
            updated_after_ms: moment(parameters, "updatedAfter")?,
            as_of_ms: None,
        })
    }

    /// Whether the version of what figures are given against is wanted.
    pub(in super::super) fn holds_version(&self) -> bool {
        self.versions.hold(VERSION)
    }

    /// Whether a figure is wanted.
    pub(in super::super) fn holds(&self, figure: &Figure) -> bool {
        self.keys.hold(&figure.dimensions) && self.filters.hold(|component| figure.get(component))
    }

    /// The values that a component may have, by key and filters, where they are named; for the store to read no more than it must.
    pub(in super::super) fn named(&self, component: Component) -> Option<Vec<&str>> {
        let by_key = KEY.iter().position(|known| *known == component).and_then(|place| self.keys.at(place));
        by_key.or_else(|| self.filters.values(component))
    }

    /// Whether it narrows a dimension.
    pub(in super::super) fn narrows(&self, dimension: Component) -> bool {
        let by_key = KEY.iter().position(|known| *known == dimension).is_some_and(|place| self.keys.narrow(place));
        by_key || self.filters.narrow(dimension)
    }

    /// The same without what narrows a dimension.
    pub(in super::super) fn without(&self, dimension: Component) -> Self {
        let mut wider = self.clone();
        if let Some(place) = KEY.iter().position(|known| *known == dimension) {
            wider.keys.widen(place);
        }
        wider.filters.widen(dimension);
        wider
    }

    /// The partial keys, empty where any value is meant, that hold exactly what the selection holds of one provider; none where no partial
    /// keys say that, or too many would.
    pub(in super::super) fn boxes(&self, provider: &str) -> Option<Vec<[String; 9]>> {
        // A period that is asked for finds others of the same days, and figures are told apart by dimensions alone.
        if self.filters.narrow_beyond(&KEY) || !self.filters.plain() {
            return None;
        }
        let of_provider = self.filters.values(Component::Provider).is_none_or(|all| all.contains(&provider));
        let named = DIMENSIONS.map(|dimension| {
            if dimension == Component::Provider {
                return Some(vec![provider].into_iter().filter(|_| of_provider).collect());
            }
            self.filters.values(dimension)
        });
        let mut boxes = Vec::new();
        for key in self.keys.each() {
            let mut begun: Vec<[String; 9]> = vec![Default::default()];
            for (place, by_filter) in named.iter().enumerate() {
                let by_key = key.get(place).and_then(Option::as_ref);
                let values: Vec<&str> = match (by_key, by_filter) {
                    (None, None) => continue,
                    (Some(by_key), None) => by_key.iter().map(String::as_str).collect(),
                    (None, Some(by_filter)) => by_filter.clone(),
                    (Some(by_key), Some(by_filter)) => {
                        by_filter.iter().copied().filter(|value| by_key.iter().any(|known| known == value)).collect()
                    }
                };
                let with = |begun: &[String; 9], value: &str| {
                    let mut more = begun.clone();
                    value.clone_into(&mut more[place]);
                    more
                };
                begun = begun.iter().flat_map(|begun| values.iter().map(|value| with(begun, value))).collect();
                if begun.len() + boxes.len() > BOXES {
                    return None;
                }
            }
            boxes.extend(begun);
        }
        boxes.sort_unstable();
        boxes.dedup();
        Some(boxes)
    }
}

fn context(text: &str) -> Result<Context, Refusal> {
    let mut found = Vec::new();
    for one in text.split(',') {
        found.push(match one {
            "*" | "dataflow" => Context::Dataflow,
            "datastructure" => Context::DataStructure,
            "provisionagreement" => Context::Agreement,
            _ => return Err(refused::malformed("context", text, "dataflow, datastructure, provisionagreement or *")),
        });
    }
    // Against several, the same figures would be given several times.
    let order = [Context::Dataflow, Context::DataStructure];
    Ok(order.into_iter().find(|context| found.contains(context)).unwrap_or(Context::Agreement))
}

/// An `xs:dateTime`; one without an offset is UTC, which is the node's local time.
pub(super) fn moment(parameters: &mut Parameters, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = parameters.take(name)? else { return Ok(None) };
    let moment = text.parse::<jiff::Timestamp>().ok();
    let local =
        || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp());
    let form = "a moment, 2024-05-31T10:00:00Z, its + as %2B";
    let moment = moment.or_else(local).ok_or_else(|| refused::malformed(name, &text, form))?;
    Ok(Some(moment.as_millisecond()))
}
