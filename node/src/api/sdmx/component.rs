//! The components of `MULTAQA:FIGURES`: dimensions in the order of keys, the measure, attributes; the one table of them.
//!
//! Their ids are the columns of the CSV files from which figures are published (`file::csv`), so what is downloaded can be published.

use super::refused;
use crate::api::refusal::Refusal;

macro_rules! components {
    ($($(#[doc = $doc:literal])+ $name:ident $id:literal $list:expr, $example:literal;)+) => {
        /// A component.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Component {
            $($(#[doc = $doc])+ $name,)+
        }

        /// All components, in their order.
        pub(crate) const ALL: [Component; 13] = [$(Component::$name),+];

        impl Component {
            /// Its id, which is its concept's too.
            pub(crate) const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)+
                }
            }

            /// The parameter that filters by it.
            pub(crate) const fn filter(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("c[", $id, "]"),)+
                }
            }

            /// A filter by it.
            pub(crate) const fn example(self) -> &'static str {
                match self {
                    $(Self::$name => $example,)+
                }
            }

            /// Id of its code list; none where it is not coded.
            pub(super) const fn list(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => $list,)+
                }
            }
        }
    };
}

components! {
    /// How often: from the form of the period.
    Freq "FREQ" Some("CL_FREQ"), "A";
    /// What is measured.
    Indicator "INDICATOR" Some("CL_INDICATOR"), "EGDI";
    /// Where.
    RefArea "REF_AREA" Some("CL_REF_AREA"), "JO,EG";
    /// Breakdown by sex.
    Sex "SEX" Some("CL_SEX"), "F";
    /// Breakdown by age.
    Age "AGE" Some("CL_AGE"), "Y15T24";
    /// Breakdown by disability.
    Disability "DISABILITY" Some("CL_DISABILITY"), "_T";
    /// Breakdown by place.
    Place "PLACE" Some("CL_PLACE"), "URB";
    /// Who published it.
    Provider "PROVIDER" Some("CL_PROVIDER"), "x-escwa";
    /// When.
    TimePeriod "TIME_PERIOD" None, "ge:2018+le:2024";
    /// The value.
    ObsValue "OBS_VALUE" None, "ge:0.5";
    /// What there is to know of the value.
    ObsStatus "OBS_STATUS" Some("CL_OBS_STATUS"), "A";
    /// In what it is measured.
    UnitMeasure "UNIT_MEASURE" Some("CL_UNIT_MEASURE"), "INDEX";
    /// Id of the record that holds it.
    Dataset "DATASET" None, "sw:x-escwa";
}

/// The dimensions of keys, in their order: all but the time.
pub(super) const KEY: [Component; 8] = part(0);
/// All dimensions; a figure holds its values in this order.
pub(super) const DIMENSIONS: [Component; 9] = part(0);
/// The attributes; all belong to single figures, since datasets of one series may differ.
pub(super) const ATTRIBUTES: [Component; 3] = part(10);

/// So many components from a place on.
const fn part<const N: usize>(from: usize) -> [Component; N] {
    let mut found = [ALL[0]; N];
    let mut at = 0;
    while at < N {
        found[at] = ALL[from + at];
        at += 1;
    }
    found
}

impl Component {
    /// Whether it is a dimension.
    pub(super) fn is_dimension(self) -> bool {
        self <= Self::TimePeriod
    }

    /// The component of which a code list has this id.
    pub(super) fn of_list(list: &str) -> Option<Self> {
        ALL.into_iter().find(|component| component.list() == Some(list))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_the_measure_and_attributes_are_all_components() {
        let parts: Vec<Component> = DIMENSIONS.into_iter().chain([Component::ObsValue]).chain(ATTRIBUTES).collect();
        assert_eq!(parts, ALL);
        assert!(ALL.into_iter().all(|component| component.is_dimension() == DIMENSIONS.contains(&component)));
        assert!(ALL.into_iter().enumerate().all(|(place, component)| component as usize == place));
    }
}
