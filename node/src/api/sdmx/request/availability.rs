//! `/availability/{context}/{agencyID}/{resourceID}/{version}/{key}/{componentID}`: which figures there are.

use super::super::component::{Component, DIMENSIONS};
use super::super::refused;
use super::selection::Selection;
use super::{Parameters, part};
use crate::api::refusal::Refusal;

/// Which figures there are.
#[derive(Debug)]
pub(in super::super) struct AvailabilityQuery {
    pub(in super::super) selection: Selection,
    pub(in super::super) components: Vec<Component>,
    pub(in super::super) references: Vec<String>,
    /// Rather which values could be added to the selection.
    pub(in super::super) available: bool,
}

impl AvailabilityQuery {
    /// Reads a query.
    ///
    /// # Errors
    /// `SDMX_MALFORMED`, `SDMX_COMPONENT_UNKNOWN`, `PARAMETER_UNKNOWN`, `PARAMETER_REPEATED`, `SDMX_NOT_IMPLEMENTED`.
    pub(super) fn read(parts: &[String], mut parameters: Parameters) -> Result<Self, Refusal> {
        let selection = Selection::read(parts, 6, &mut parameters)?;
        parameters.not_there(&["reportingYearStartDay"])?;
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
        let known = [
            "none",
            "all",
            "dataflow",
            "datastructure",
            "conceptscheme",
            "codelist",
            "valuelist",
            "dataproviderscheme",
        ];
        if !references.iter().all(|reference| known.contains(&reference.as_str())) {
            return Err(refused::malformed(
                "references",
                &text,
                "none, all, dataflow, datastructure, conceptscheme, codelist",
            ));
        }
        parameters.end("c[COMPONENT], updatedAfter, references, mode")?;
        Ok(Self { selection, components, references, available })
    }
}
