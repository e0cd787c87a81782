//! What is asked: the path and the query string of each resource, with the defaults of SDMX REST 2.2.

use super::component::{ATTRIBUTES, Component, DIMENSIONS, KEY};
use super::filter::Filters;
use super::key::Keys;
use super::query::{Ids, parameters, parts};
use super::structure::query::StructureQuery;
use super::version::Versions;
use super::{code, refused};
use crate::api::refusal::Refusal;
use crate::api::rest::limits::TARGET_MAX;

/// A request.
#[derive(Debug)]
pub(super) enum Request {
    /// Structures.
    Structure(StructureQuery),
    /// Figures.
    Data(DataQuery),
    /// Which figures there are.
    Availability(AvailabilityQuery),
}

/// Which figures.
#[derive(Debug)]
pub(super) struct Selection {
    /// Against what they are given.
    pub(super) context: Context,
    pub(super) agencies: Ids,
    pub(super) resources: Ids,
    pub(super) versions: Versions,
    pub(super) keys: Keys,
    pub(super) filters: Filters,
    /// Only of datasets that the log took after this, milliseconds since 1970 UTC.
    pub(super) updated_after_ms: Option<i64>,
}

/// Against what figures are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// Dataflows; what `*` means, since their figures are all that there are.
    Dataflow,
    /// The data structure.
    DataStructure,
    /// Provision agreements, of which there are none.
    Agreement,
}

/// Figures, and how they are packed.
#[derive(Debug)]
pub(super) struct DataQuery {
    pub(super) selection: Selection,
    /// So many of each series from its first.
    pub(super) first: Option<usize>,
    /// So many of each series to its last.
    pub(super) last: Option<usize>,
    /// The dimension of single figures; none where they are not in series.
    pub(super) at_observation: Option<Component>,
    pub(super) attributes: Vec<Component>,
    /// Whether values are wanted.
    pub(super) measures: bool,
    pub(super) offset: usize,
    pub(super) limit: Option<usize>,
}

/// Which figures there are.
#[derive(Debug)]
pub(super) struct AvailabilityQuery {
    pub(super) selection: Selection,
    pub(super) components: Vec<Component>,
    pub(super) references: Vec<String>,
    /// Rather which values could be added to the key.
    pub(super) available: bool,
}

/// Reads a request: the path after `/sdmx/`, and the query string.
///
/// # Errors
/// What SDMX REST answers with 400, 404, 414 and 501.
pub(super) fn read(path: &str, query: Option<&str>) -> Result<Request, Refusal> {
    if path.len() + query.unwrap_or_default().len() > TARGET_MAX {
        return Err(refused::too_long(TARGET_MAX));
    }
    let parts = parts(path)?;
    let parameters = Parameters(parameters(query.unwrap_or_default())?);
    let (resource, parts) = parts.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    match resource {
        "structure" => StructureQuery::read(parts, parameters).map(Request::Structure),
        "data" => data(parts, parameters).map(Request::Data),
        "availability" => availability(parts, parameters).map(Request::Availability),
        "schema" | "metadata" | "registration" => Err(refused::not_implemented(resource)),
        _ => Err(refused::nothing(&format!("/sdmx/{resource}"))),
    }
}

/// Parameters that were not read so far.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Takes the value of a parameter.
    ///
    /// # Errors
    /// `PARAMETER_REPEATED` where it stands twice.
    pub(super) fn take(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        let Some(place) = self.0.iter().position(|(found, _)| found == name) else { return Ok(None) };
        let (_, value) = self.0.remove(place);
        if self.0.iter().any(|(found, _)| found == name) {
            return Err(refused::repeated(name));
        }
        Ok(Some(value))
    }

    /// Refuses what nobody took.
    ///
    /// # Errors
    /// `PARAMETER_UNKNOWN`.
    pub(super) fn end(self, known: &str) -> Result<(), Refusal> {
        self.0.first().map_or(Ok(()), |(name, _)| Err(refused::unknown_parameter(name, known)))
    }

    fn filters(&mut self) -> Result<Filters, Refusal> {
        let mut filters = Filters::default();
        for (name, value) in self.0.extract_if(.., |(name, _)| name.starts_with("c[") || name == "c") {
            filters.add(&name, &value)?;
        }
        Ok(filters)
    }

    fn count(&mut self, name: &str, least: usize) -> Result<Option<usize>, Refusal> {
        let Some(text) = self.take(name)? else { return Ok(None) };
        let count = text.parse().ok().filter(|count| *count >= least && text.bytes().all(|b| b.is_ascii_digit()));
        count.map(Some).ok_or_else(|| refused::malformed(name, &text, "a positive whole number"))
    }
}

/// The part of a path at a place, where it is not left out.
pub(super) fn part(parts: &[String], place: usize) -> Option<&str> {
    parts.get(place).map(String::as_str)
}

fn selection(parts: &[String], most: usize, parameters: &mut Parameters) -> Result<Selection, Refusal> {
    if parts.len() > most {
        return Err(refused::malformed("path", &parts.join("/"), "{context}/{agencyID}/{resourceID}/{version}/{key}"));
    }
    let ids = |place, name, is_one| part(parts, place).map_or(Ok(Ids::ALL), |text| Ids::parse(name, text, is_one));
    Ok(Selection {
        context: context(part(parts, 0).unwrap_or("*"))?,
        agencies: ids(1, "agencyID", code::is_agency)?,
        resources: ids(2, "resourceID", code::is_id)?,
        versions: Versions::parse(part(parts, 3).unwrap_or("*"))?,
        keys: Keys::parse(part(parts, 4).unwrap_or("*"))?,
        filters: parameters.filters()?,
        updated_after_ms: updated_after(parameters)?,
    })
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
fn updated_after(parameters: &mut Parameters) -> Result<Option<i64>, Refusal> {
    let Some(text) = parameters.take("updatedAfter")? else { return Ok(None) };
    let moment = text.parse::<jiff::Timestamp>().ok();
    let local =
        || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp());
    let form = "a moment, 2024-05-31T10:00:00Z, its + as %2B";
    let moment = moment.or_else(local).ok_or_else(|| refused::malformed("updatedAfter", &text, form))?;
    Ok(Some(moment.as_millisecond()))
}

const DATA_PARAMETERS: &str = "c[COMPONENT], updatedAfter, firstNObservations, lastNObservations, dimensionAtObservation, attributes, \
                               measures, includeHistory, offset, limit";

fn data(parts: &[String], mut parameters: Parameters) -> Result<DataQuery, Refusal> {
    let selection = selection(parts, 5, &mut parameters)?;
    match parameters.take("includeHistory")?.as_deref() {
        None | Some("false") => {}
        Some("true") => return Err(refused::not_implemented("includeHistory=true")),
        Some(other) => return Err(refused::malformed("includeHistory", other, "true or false")),
    }
    not_there(&mut parameters, &["sort", "asOf", "reportingYearStartDay"])?;
    let at_observation = match parameters.take("dimensionAtObservation")?.as_deref() {
        None => Some(Component::TimePeriod),
        Some("AllDimensions") => None,
        Some(id) => Some(Component::of(id, &DIMENSIONS)?),
    };
    let attributes = attributes(parameters.take("attributes")?.as_deref().unwrap_or("dsd"))?;
    let measures = measures(parameters.take("measures")?.as_deref().unwrap_or("all"))?;
    let (first, last) = (parameters.count("firstNObservations", 1)?, parameters.count("lastNObservations", 1)?);
    let (offset, limit) = (parameters.count("offset", 0)?.unwrap_or(0), parameters.count("limit", 1)?);
    parameters.end(DATA_PARAMETERS)?;
    Ok(DataQuery { selection, first, last, at_observation, attributes, measures, offset, limit })
}

fn not_there(parameters: &mut Parameters, names: &[&str]) -> Result<(), Refusal> {
    for name in names {
        if parameters.take(name)?.is_some() {
            return Err(refused::not_implemented(name));
        }
    }
    Ok(())
}

/// Attributes by keyword or id. All that there are belong to single figures and to the data structure.
fn attributes(text: &str) -> Result<Vec<Component>, Refusal> {
    let mut wanted = Vec::new();
    for one in text.split(',') {
        match one {
            "dsd" | "all" | "obs" => wanted.extend(ATTRIBUTES),
            "msd" | "dataset" | "series" | "none" => {}
            id => wanted.push(Component::of(id, &ATTRIBUTES)?),
        }
    }
    Ok(ATTRIBUTES.into_iter().filter(|attribute| wanted.contains(attribute)).collect())
}

fn measures(text: &str) -> Result<bool, Refusal> {
    match text {
        "all" => Ok(true),
        "none" => Ok(false),
        ids => ids
            .split(',')
            .map(|id| Component::of(id, &[Component::ObsValue]))
            .collect::<Result<Vec<_>, _>>()
            .map(|_| true),
    }
}

fn availability(parts: &[String], mut parameters: Parameters) -> Result<AvailabilityQuery, Refusal> {
    let selection = selection(parts, 6, &mut parameters)?;
    not_there(&mut parameters, &["reportingYearStartDay"])?;
    let components = match part(parts, 5) {
        None | Some("*") => DIMENSIONS.to_vec(),
        Some(ids) => ids.split(',').map(|id| Component::of(id, &DIMENSIONS)).collect::<Result<_, _>>()?,
    };
    let available = match parameters.take("mode")?.as_deref() {
        None | Some("exact") => false,
        Some("available") => true,
        Some(other) => return Err(refused::malformed("mode", other, "exact or available")),
    };
    let text = parameters.take("references")?.unwrap_or_else(|| "none".to_owned());
    let references: Vec<String> = text.split(',').map(str::to_owned).collect();
    let known =
        ["none", "all", "dataflow", "datastructure", "conceptscheme", "codelist", "valuelist", "dataproviderscheme"];
    if !references.iter().all(|reference| known.contains(&reference.as_str())) {
        return Err(refused::malformed(
            "references",
            &text,
            "none, all, dataflow, datastructure, conceptscheme, codelist",
        ));
    }
    parameters.end("c[COMPONENT], updatedAfter, references, mode")?;
    Ok(AvailabilityQuery { selection, components, references, available })
}

/// The values that a dimension may have, by key and filters, where they are named; for the store to read no more than it must.
impl Selection {
    pub(super) fn named(&self, component: Component) -> Option<Vec<&str>> {
        let by_key = KEY.iter().position(|known| *known == component).and_then(|place| self.keys.at(place));
        by_key.or_else(|| self.filters.values(component))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::component::ALL;
    use super::*;

    fn refused_with(path: &str, query: &str) -> &'static str {
        read(path, Some(query).filter(|query| !query.is_empty())).unwrap_err().code
    }

    #[test]
    fn what_is_left_out_has_the_defaults_of_the_standard() {
        let Request::Data(query) = read("data", None).unwrap() else { panic!() };
        assert!(query.selection.agencies.are_all() && query.selection.versions.hold() && query.measures);
        assert_eq!(
            (query.at_observation, query.attributes, query.limit),
            (Some(Component::TimePeriod), ATTRIBUTES.to_vec(), None)
        );
        let full = "data/dataflow/x-escwa/egdi,hci/*/A.*.JO+EG/?c%5BTIME_PERIOD%5D=ge%3A2018&dimensionAtObservation=AllDimensions&lastNObservations=1";
        let (path, query) = full.split_once('?').unwrap();
        let Request::Data(query) = read(path, Some(query)).unwrap() else { panic!() };
        assert_eq!((query.at_observation, query.last), (None, Some(1)));
        assert_eq!(query.selection.named(Component::RefArea), Some(vec!["JO", "EG"]));
        assert!(query.selection.agencies.hold("x-escwa") && !query.selection.agencies.hold("JO"));
    }

    #[test]
    fn moments_are_read_with_and_without_an_offset() {
        for (text, ms) in [
            ("2024-01-01T00:00:00Z", 1_704_067_200_000),
            ("2024-01-01T02:00:00%2B02:00", 1_704_067_200_000),
            ("2024-01-01T00:00:00", 1_704_067_200_000),
        ] {
            let Request::Data(query) = read("data", Some(&format!("updatedAfter={text}"))).unwrap() else { panic!() };
            assert_eq!(query.selection.updated_after_ms, Some(ms), "{text}");
        }
    }

    #[test]
    fn what_does_not_follow_the_standard_is_refused_by_name() {
        for (path, query, code) in [
            ("", "", "SDMX_NOTHING_FOUND"),
            ("figures", "", "SDMX_NOTHING_FOUND"),
            ("schema/dataflow/A/B/1.0", "", "SDMX_NOT_IMPLEMENTED"),
            ("data/flow", "", "SDMX_MALFORMED"),
            ("data/*/1x", "", "SDMX_MALFORMED"),
            ("data/*/*/a.b", "", "SDMX_MALFORMED"),
            ("data/*/*/*/latest", "", "SDMX_MALFORMED"),
            ("data/*/*/*/*/*/*", "", "SDMX_MALFORMED"),
            ("data//x", "", "SDMX_MALFORMED"),
            ("data", "updatedAfter=soon", "SDMX_MALFORMED"),
            ("data", "firstNObservations=0", "SDMX_MALFORMED"),
            ("data", "limit=-1", "SDMX_MALFORMED"),
            ("data", "limit=1&limit=2", "PARAMETER_REPEATED"),
            ("data", "detail=full", "PARAMETER_UNKNOWN"),
            ("data", "dimensionAtObservation=TIME", "SDMX_COMPONENT_UNKNOWN"),
            ("data", "attributes=COLOUR", "SDMX_COMPONENT_UNKNOWN"),
            ("data", "measures=X", "SDMX_COMPONENT_UNKNOWN"),
            ("data", "includeHistory=true", "SDMX_NOT_IMPLEMENTED"),
            ("data", "includeHistory=yes", "SDMX_MALFORMED"),
            ("data", "sort=*", "SDMX_NOT_IMPLEMENTED"),
            ("data", "asOf=2024", "SDMX_NOT_IMPLEMENTED"),
            ("availability/*/*/*/*/*/COLOUR", "", "SDMX_COMPONENT_UNKNOWN"),
            ("availability", "mode=some", "SDMX_MALFORMED"),
            ("availability", "references=parents", "SDMX_MALFORMED"),
            ("structure/poem", "", "SDMX_MALFORMED"),
        ] {
            assert_eq!(refused_with(path, query), code, "{path}?{query}");
        }
        assert_eq!(refused_with(&"x".repeat(TARGET_MAX + 1), ""), "TARGET_TOO_LONG");
    }

    #[test]
    fn every_component_can_be_filtered() {
        for component in ALL {
            let value = if component == Component::ObsValue { "1" } else { "2024" };
            assert!(read("data", Some(&format!("c[{}]={value}", component.id()))).is_ok(), "{component:?}");
        }
    }

    proptest! {
        #[test]
        fn any_request_is_read_or_refused_by_a_known_code(
            resource in "(structure|data|availability|schema|.{0,3})", path in "(/[a-z*,.~+0-9%A-Z_$@-]{0,12}){0,7}|.{0,40}",
            query in "((c%5BTIME_PERIOD%5D|c\\[SEX\\]|limit|detail|references|updatedAfter|attributes|mode|.{0,4})=[a-z:,+*0-9%A-Z-]{0,12}&?){0,4}|.{0,40}",
        ) {
            if let Err(refusal) = read(&format!("{resource}{path}"), Some(&query)) {
                prop_assert!(crate::code::CODES.contains(&refusal.code));
            }
        }
    }
}
