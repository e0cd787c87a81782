//! A figure by its components, as SDMX names their values.

use super::super::catalogue::Flow;
use super::super::code;
use super::super::component::{Component, DIMENSIONS};
use super::super::period::frequency;
use crate::replica::ObservationRow;
use multaqa_proto::kind::Observation;

/// What is not broken down (SDMX, `_T`).
const TOTAL: &str = "_T";

/// A figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Figure {
    /// Values of the dimensions, in their order.
    pub(in super::super) dimensions: [String; 9],
    pub(in super::super) value: Option<String>,
    pub(in super::super) status: String,
    pub(in super::super) unit: String,
    pub(in super::super) dataset: String,
}

impl Figure {
    pub(super) fn of(flow: &Flow, row: ObservationRow) -> Self {
        let ObservationRow { observation, provider, dataset, index: _ } = row;
        Self::new(flow, observation, &provider, dataset)
    }

    pub(super) fn new(flow: &Flow, observation: Observation, provider: &str, dataset: String) -> Self {
        let Observation { indicator: _, ref_area, time_period, value, obs_status, unit, sex, age, disability, place } =
            observation;
        let id = |code: &str| code::id_of(code).into_owned();
        let broken_down = |code: Option<String>| code.as_deref().map_or_else(|| TOTAL.to_owned(), id);
        Self {
            dimensions: [
                frequency(&time_period).to_owned(),
                flow.code.clone(),
                id(&ref_area),
                broken_down(sex),
                broken_down(age),
                broken_down(disability),
                broken_down(place),
                id(provider),
                time_period,
            ],
            value,
            status: id(&obs_status),
            unit: id(&unit),
            dataset,
        }
    }

    /// What a component of it is; none for no value.
    pub(in super::super) fn get(&self, component: Component) -> Option<&str> {
        match component {
            Component::ObsValue => self.value.as_deref(),
            Component::ObsStatus => Some(&self.status),
            Component::UnitMeasure => Some(&self.unit),
            Component::Dataset => Some(&self.dataset),
            Component::Freq
            | Component::Indicator
            | Component::RefArea
            | Component::Sex
            | Component::Age
            | Component::Disability
            | Component::Place
            | Component::Provider
            // Dimensions come first among the components, in the order in which a figure holds them.
            | Component::TimePeriod => self.dimensions.get(component as usize).map(String::as_str),
        }
    }

    /// The values of a series: all dimensions but the one at its figures.
    pub(in super::super) fn series(&self, at_observation: Component) -> Vec<&str> {
        let others = DIMENSIONS.iter().zip(&self.dimensions).filter(|(dimension, _)| **dimension != at_observation);
        others.map(|(_, value)| value.as_str()).collect()
    }
}
