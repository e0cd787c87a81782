//! The components of `MULTAQA:FIGURES`: dimensions in the order of keys, the measure, attributes.
//!
//! Their ids are the columns of the CSV files from which figures are published (`file::csv`), so what is downloaded can be published.

use super::refused;
use crate::api::refusal::Refusal;

/// A component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Component {
    /// How often: from the form of the period.
    Freq,
    /// What is measured.
    Indicator,
    /// Where.
    RefArea,
    /// Breakdown by sex.
    Sex,
    /// Breakdown by age.
    Age,
    /// Breakdown by disability.
    Disability,
    /// Breakdown by place.
    Place,
    /// Who published it.
    Provider,
    /// When.
    TimePeriod,
    /// The value.
    ObsValue,
    /// What there is to know of the value.
    ObsStatus,
    /// In what it is measured.
    UnitMeasure,
    /// Id of the record that holds it.
    Dataset,
}

use Component::{
    Age, Dataset, Disability, Freq, Indicator, ObsStatus, ObsValue, Place, Provider, RefArea, Sex, TimePeriod,
    UnitMeasure,
};

/// The dimensions of keys, in their order.
pub(super) const KEY: [Component; 8] = [Freq, Indicator, RefArea, Sex, Age, Disability, Place, Provider];
/// All dimensions.
pub(super) const DIMENSIONS: [Component; 9] =
    [Freq, Indicator, RefArea, Sex, Age, Disability, Place, Provider, TimePeriod];
/// The attributes; all belong to single figures, since datasets of one series may differ.
pub(super) const ATTRIBUTES: [Component; 3] = [ObsStatus, UnitMeasure, Dataset];
/// All components.
pub(super) const ALL: [Component; 13] = [
    Freq,
    Indicator,
    RefArea,
    Sex,
    Age,
    Disability,
    Place,
    Provider,
    TimePeriod,
    ObsValue,
    ObsStatus,
    UnitMeasure,
    Dataset,
];

impl Component {
    /// Its id, which is its concept's too.
    pub(super) const fn id(self) -> &'static str {
        match self {
            Freq => "FREQ",
            Indicator => "INDICATOR",
            RefArea => "REF_AREA",
            Sex => "SEX",
            Age => "AGE",
            Disability => "DISABILITY",
            Place => "PLACE",
            Provider => "PROVIDER",
            TimePeriod => "TIME_PERIOD",
            ObsValue => "OBS_VALUE",
            ObsStatus => "OBS_STATUS",
            UnitMeasure => "UNIT_MEASURE",
            Dataset => "DATASET",
        }
    }

    /// Id of its code list; none where it is not coded.
    pub(super) const fn list(self) -> Option<&'static str> {
        match self {
            Freq => Some("CL_FREQ"),
            Indicator => Some("CL_INDICATOR"),
            RefArea => Some("CL_REF_AREA"),
            Sex => Some("CL_SEX"),
            Age => Some("CL_AGE"),
            Disability => Some("CL_DISABILITY"),
            Place => Some("CL_PLACE"),
            Provider => Some("CL_PROVIDER"),
            ObsStatus => Some("CL_OBS_STATUS"),
            UnitMeasure => Some("CL_UNIT_MEASURE"),
            TimePeriod | ObsValue | Dataset => None,
        }
    }

    /// Whether it is a dimension.
    pub(super) fn is_dimension(self) -> bool {
        self <= TimePeriod
    }

    /// The component with this id.
    ///
    /// # Errors
    /// `SDMX_COMPONENT_UNKNOWN` where there is none among these.
    pub(super) fn of(id: &str, among: &[Self]) -> Result<Self, Refusal> {
        let found = among.iter().copied().find(|component| component.id() == id);
        found.ok_or_else(|| {
            let known: Vec<_> = among.iter().map(|component| component.id()).collect();
            refused::component(id, &known.join(", "))
        })
    }
}
