//! `/data/{context}/{agencyID}/{resourceID}/{version}/{key}`: which figures, and how they are packed.

use super::super::component::{ATTRIBUTES, Component, DIMENSIONS};
use super::super::refused;
use super::super::sort::Sort;
use super::Parameters;
use super::selection::{Selection, moment};
use crate::api::refusal::Refusal;

/// Figures, and how they are packed.
#[derive(Debug)]
pub(in super::super) struct DataQuery {
    pub(in super::super) selection: Selection,
    /// So many of each series from its first.
    pub(in super::super) first: Option<usize>,
    /// So many of each series to its last.
    pub(in super::super) last: Option<usize>,
    /// The dimension of single figures; none where they are not in series.
    pub(in super::super) at_observation: Option<Component>,
    pub(in super::super) attributes: Vec<Component>,
    /// Whether values are wanted.
    pub(in super::super) measures: bool,
    pub(in super::super) offset: usize,
    pub(in super::super) limit: Option<usize>,
    pub(in super::super) sort: Sort,
}

const PARAMETERS: &str = "c[COMPONENT], updatedAfter, firstNObservations, lastNObservations, dimensionAtObservation, attributes, \
                          measures, includeHistory, offset, limit, sort, asOf";

impl DataQuery {
    /// Reads a query.
    ///
    /// # Errors
    /// `SDMX_MALFORMED`, `SDMX_COMPONENT_UNKNOWN`, `PARAMETER_UNKNOWN`, `PARAMETER_REPEATED`, `SDMX_NOT_IMPLEMENTED`.
    pub(super) fn read(parts: &[String], mut parameters: Parameters) -> Result<Self, Refusal> {
        let mut selection = Selection::read(parts, 5, &mut parameters)?;
        selection.as_of_ms = moment(&mut parameters, "asOf")?;
        if let (Some(as_of), Some(after)) = (selection.as_of_ms, selection.updated_after_ms) {
            if after > as_of {
                return Err(refused::malformed("updatedAfter", "later than asOf", "a moment before that of asOf"));
            }
            return Err(refused::not_implemented("asOf & updatedAfter"));
        }
        match parameters.take("includeHistory")?.as_deref() {
            None | Some("false") => {}
            Some("true") => return Err(refused::not_implemented("includeHistory=true")),
            Some(other) => return Err(refused::malformed("includeHistory", other, "true or false")),
        }
        parameters.not_there(&["reportingYearStartDay"])?;
        let at_observation = match parameters.take("dimensionAtObservation")?.as_deref() {
            None => Some(Component::TimePeriod),
            Some("AllDimensions") => None,
            Some(id) => Some(Component::of(id, &DIMENSIONS)?),
        };
        let attributes = attributes(parameters.take("attributes")?.as_deref().unwrap_or("dsd"))?;
        let measures = measures(parameters.take("measures")?.as_deref().unwrap_or("all"))?;
        let (first, last) = (parameters.count("firstNObservations", 1)?, parameters.count("lastNObservations", 1)?);
        let (offset, limit) = (parameters.count("offset", 0)?.unwrap_or(0), parameters.count("limit", 1)?);
        let sort = match parameters.take("sort")? {
            None => Sort::default(),
            Some(text) => Sort::parse(&text, at_observation)?,
        };
        parameters.end(PARAMETERS)?;
        Ok(Self { selection, first, last, at_observation, attributes, measures, offset, limit, sort })
    }
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
