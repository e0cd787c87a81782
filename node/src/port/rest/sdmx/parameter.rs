//! Parameters of SDMX REST as the table has them.

use super::super::route::{Form, Parameter};
use crate::api::sdmx::component::{ALL, Component};

/// Longest text of a parameter.
const TEXT: Form = Form::Text { max: 4096 };

const fn path(description: &'static str, example: &'static str) -> Parameter {
    Parameter::path("*path", Form::Text { max: 4096 }, description, example)
}

const STRUCTURE_PATH: Parameter = path(
    "`{artefactType}/{agencyID}/{resourceID}/{version}/{itemID}`: type of artefact (`agencyscheme`, `conceptscheme`, `codelist`, \
     `datastructure`, `dataflow`), agency, id, version, item; `*` for all, several by commas.",
    "dataflow/x-escwa/egdi",
);
const DATA_PATH: Parameter = path(
    "`{context}/{agencyID}/{resourceID}/{version}/{key}`: `dataflow` or `datastructure`, agency, id, version, and the key, values of \
     FREQ, INDICATOR, REF_AREA, SEX, AGE, DISABILITY, PLACE and PROVIDER by dots; `*` for all, several by commas.",
    "dataflow/x-escwa/egdi/*/A.*.JO",
);
const AVAILABILITY_PATH: Parameter = path(
    "`{context}/{agencyID}/{resourceID}/{version}/{key}/{componentID}`: as for data, and the dimensions that are told.",
    "dataflow/x-escwa/egdi",
);

const SCHEMA_PATH: Parameter = path(
    "`{context}/{agencyID}/{resourceID}/{version}`: `dataflow` or `datastructure`, agency, id, version.",
    "dataflow/x-escwa/egdi",
);

const DETAIL: Parameter = Parameter::query(
    "detail",
    Form::OneOf(&[
        "full",
        "allstubs",
        "referencestubs",
        "allcompletestubs",
        "referencecompletestubs",
        "referencepartial",
        "raw",
    ]),
    "How much of each artefact.",
    "allstubs",
);
const REFERENCES: Parameter = Parameter::query(
    "references",
    TEXT,
    "What is given besides: `none`, `parents`, `parentsandsiblings`, `ancestors`, `children`, `descendants`, `all`, or types of artefacts.",
    "descendants",
);
const AVAILABLE_REFERENCES: Parameter = Parameter::query(
    "references",
    TEXT,
    "What is given besides: `none`, `all`, `dataflow`, `datastructure`, `conceptscheme`, `codelist`; of code lists the codes that occur.",
    "all",
);
const MODE: Parameter = Parameter::query(
    "mode",
    Form::OneOf(&["exact", "available"]),
    "`exact`: what the figures hold. `available`: of a dimension that is narrowed, which values could be added.",
    "exact",
);
const UPDATED_AFTER: Parameter = Parameter::query(
    "updatedAfter",
    TEXT,
    "Only figures of datasets that the log took after this moment, and what was taken away since (`Delete`); RFC 3339, without an offset \
     it is UTC.",
    "2024-05-31T10:00:00Z",
);

const fn filter(component: Component) -> Parameter {
    Parameter::query(
        component.filter(),
        TEXT,
        "Filter by this component: alternatives by commas, conditions by `+`, each with an operator (`eq`, `ne`, `lt`, `le`, `gt`, `ge`, \
         `co`, `nc`, `sw`, `ew`) before a colon.",
        component.example(),
    )
}

const fn count(name: &'static str, min: u64, description: &'static str) -> Parameter {
    Parameter::query(name, Form::Whole { min, max: 1_000_000_000 }, description, "1")
}

/// What is of SDMX REST and not served.
const fn absent(name: &'static str, example: &'static str) -> Parameter {
    Parameter::query(name, TEXT, "Of SDMX REST 2.2, not served: 501.", example)
}

/// A filter for each component.
const FILTERS: [Parameter; ALL.len()] = {
    let mut filters = [filter(ALL[0]); ALL.len()];
    let mut place = 1;
    while place < ALL.len() {
        filters[place] = filter(ALL[place]);
        place += 1;
    }
    filters
};

const DATA_OWN: [Parameter; 12] = [
    UPDATED_AFTER,
    count("firstNObservations", 1, "So many figures of each series from its first."),
    count("lastNObservations", 1, "So many figures of each series to its last."),
    Parameter::query(
        "dimensionAtObservation",
        TEXT,
        "The dimension of single figures in SDMX-JSON: `TIME_PERIOD`, another one, or `AllDimensions` for no series.",
        "AllDimensions",
    ),
    Parameter::query("attributes", TEXT, "Attributes: `dsd`, `all`, `none`, or their ids.", "OBS_STATUS"),
    Parameter::query("measures", TEXT, "Values: `all`, `none`, or `OBS_VALUE`.", "all"),
    count("offset", 0, "So many figures are passed over."),
    count("limit", 1, "At most so many figures."),
    Parameter::query(
        "includeHistory",
        Form::Flag,
        "`false`; `true` is not served (501): what was withdrawn is erased, so a history would have gaps that nobody can tell.",
        "false",
    ),
    Parameter::query(
        "sort",
        TEXT,
        "In which order figures of a dataflow come: components by `+`, `*` for all dimensions, `series_key` for those of a series, each with \
         `:asc` or `:desc`.",
        "series_key+TIME_PERIOD:desc",
    ),
    Parameter::query(
        "asOf",
        TEXT,
        "The figures as they stood at this moment, by what the log had taken by then; names are those of today. Not together with \
         `updatedAfter`. RFC 3339, without an offset it is UTC.",
        "2024-05-31T10:00:00Z",
    ),
    absent("reportingYearStartDay", "--07-01"),
];

/// One list after another.
const fn joined<const N: usize>(lists: &[&[Parameter]]) -> [Parameter; N] {
    let mut all = [UPDATED_AFTER; N];
    let (mut place, mut list) = (0, 0);
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            all[place] = lists[list][at];
            place += 1;
            at += 1;
        }
        list += 1;
    }
    assert!(place == N, "every place holds a parameter");
    all
}

/// Of structures.
pub(super) const STRUCTURE: &[Parameter] = &[DETAIL, REFERENCES, absent("asOf", "2024-05-31T10:00:00Z")];
/// The same with a path.
pub(super) const STRUCTURE_AT: [Parameter; 4] = joined(&[&[STRUCTURE_PATH], STRUCTURE]);
/// Of what figures are made of.
pub(super) const SCHEMA_AT: [Parameter; 4] = [
    SCHEMA_PATH,
    Parameter::query("dimensionAtObservation", TEXT, "Changes nothing in a structure message.", "AllDimensions"),
    Parameter::query("deletion", Form::Flag, "Changes nothing in a structure message.", "false"),
    absent("asOf", "2024-05-31T10:00:00Z"),
];
/// Of figures.
pub(super) const DATA: [Parameter; 25] = joined(&[&FILTERS, &DATA_OWN]);
/// The same with a path.
pub(super) const DATA_AT: [Parameter; 26] = joined(&[&[DATA_PATH], &DATA]);
/// Of which figures there are.
pub(super) const AVAILABILITY: [Parameter; 17] =
    joined(&[&FILTERS, &[UPDATED_AFTER, AVAILABLE_REFERENCES, MODE, absent("reportingYearStartDay", "--07-01")]]);
/// The same with a path.
pub(super) const AVAILABILITY_AT: [Parameter; 18] = joined(&[&[AVAILABILITY_PATH], &AVAILABILITY]);
/// Of what is not served: any path of it.
pub(super) const ABSENT_AT: [Parameter; 1] = [path("Whatever SDMX REST writes there.", "metadataflow/x-escwa")];
