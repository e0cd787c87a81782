//! What the replica stores of an object besides its payload.
//!
//! In scope: the shape that all kinds share. Out of scope: what goes where (`kind`, one file each), tables (the replica).

use crate::text::LanguageMap;

/// What the replica stores of an object besides its payload.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    /// Title by language.
    pub title: LanguageMap,
    /// Figures.
    pub observations: Vec<Observation>,
}

/// One figure with all that its meaning needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Id of the indicator.
    pub indicator: String,
    /// Area.
    pub ref_area: String,
    /// Period (SDMX TIME_PERIOD).
    pub time_period: String,
    /// Value, decimal with the digits as published; none where there is none.
    pub value: Option<String>,
    /// Status (SDMX CL_OBS_STATUS).
    pub obs_status: String,
    /// Unit.
    pub unit: String,
    /// Breakdown by sex.
    pub sex: Option<String>,
    /// Breakdown by age.
    pub age: Option<String>,
    /// Breakdown by disability.
    pub disability: Option<String>,
    /// Breakdown by place.
    pub place: Option<String>,
}
