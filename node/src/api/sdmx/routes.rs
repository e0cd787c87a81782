//! The entries of SDMX in the table of what is served over HTTP.
//!
//! Each resource stands there by itself, with a slash at its end, and with its path: SDMX leaves out what has its default from the end of a
//! path on. The query string is read here once more, from the request as it came: its `+` is SDMX's own.

use axum::http::HeaderValue;
use axum::http::header::{ACCEPT, CONTENT_LANGUAGE};

use super::Body;
use crate::api::refusal::Refusal;
use crate::api::rest::answer::Answer;
use crate::api::rest::call::Call;
use crate::api::rest::route::{Form, Gives, Parameter, Route, Shape, Verb};
use crate::code;

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
    "`exact`: what the figures hold. `available` is not served: 501.",
    "exact",
);
const UPDATED_AFTER: Parameter = Parameter::query(
    "updatedAfter",
    TEXT,
    "Only figures of datasets that the log took after this moment (RFC 3339; without an offset it is UTC).",
    "2024-05-31T10:00:00Z",
);

const fn filter(name: &'static str, example: &'static str) -> Parameter {
    Parameter::query(
        name,
        TEXT,
        "Filter by this component: alternatives by commas, conditions by `+`, each with an operator (`eq`, `ne`, `lt`, `le`, `gt`, `ge`, \
         `co`, `nc`, `sw`, `ew`) before a colon.",
        example,
    )
}

const fn count(name: &'static str, min: u64, description: &'static str) -> Parameter {
    Parameter::query(name, Form::Whole { min, max: 1_000_000_000 }, description, "1")
}

/// What is of SDMX REST and not served.
const fn absent(name: &'static str, example: &'static str) -> Parameter {
    Parameter::query(name, TEXT, "Of SDMX REST 2.2, not served: 501.", example)
}

const DATA_PARAMETERS: &[Parameter] = &[
    filter("c[FREQ]", "A"),
    filter("c[INDICATOR]", "EGDI"),
    filter("c[REF_AREA]", "JO,EG"),
    filter("c[SEX]", "F"),
    filter("c[AGE]", "Y15T24"),
    filter("c[DISABILITY]", "_T"),
    filter("c[PLACE]", "URB"),
    filter("c[PROVIDER]", "x-escwa"),
    filter("c[TIME_PERIOD]", "ge:2018+le:2024"),
    filter("c[OBS_VALUE]", "ge:0.5"),
    filter("c[OBS_STATUS]", "A"),
    filter("c[UNIT_MEASURE]", "INDEX"),
    filter("c[DATASET]", "sw:x-escwa"),
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
    Parameter::query("includeHistory", Form::Flag, "`false`; `true` is not served: 501.", "false"),
    absent("sort", "TIME_PERIOD"),
    absent("asOf", "2024-05-31T10:00:00Z"),
    absent("reportingYearStartDay", "--07-01"),
];

/// Parameters with a path before them.
const fn with_path<const N: usize>(path: Parameter, others: &[Parameter]) -> [Parameter; N] {
    let mut all = [path; N];
    let mut place = 1;
    while place < N {
        all[place] = others[place - 1];
        place += 1;
    }
    all
}

const STRUCTURE_PARAMETERS: &[Parameter] = &[DETAIL, REFERENCES, absent("asOf", "2024-05-31T10:00:00Z")];
const STRUCTURE_ALL: [Parameter; 4] = with_path(STRUCTURE_PATH, STRUCTURE_PARAMETERS);
const DATA_ALL: [Parameter; 26] = with_path(DATA_PATH, DATA_PARAMETERS);
/// As for data up to `updatedAfter`.
const AVAILABILITY_PARAMETERS: [Parameter; 17] = {
    let mut all: [Parameter; 17] = with_path(DATA_PARAMETERS[0], DATA_PARAMETERS.split_at(1).1);
    all[14] = AVAILABLE_REFERENCES;
    all[15] = MODE;
    all[16] = absent("reportingYearStartDay", "--07-01");
    all
};
const AVAILABILITY_ALL: [Parameter; 18] = with_path(AVAILABILITY_PATH, &AVAILABILITY_PARAMETERS);

const STRUCTURES: &[Gives] = &[Gives {
    status: 200,
    media: "application/vnd.sdmx.structure+json;version=2.0.0",
    format: "",
    shape: Shape::Named("SdmxStructures"),
    description: "An SDMX-JSON 2.0 structure message.",
}];
const FIGURES: &[Gives] = &[
    Gives {
        status: 200,
        media: "application/vnd.sdmx.data+json;version=2.0.0",
        format: "",
        shape: Shape::Named("SdmxData"),
        description: "An SDMX-JSON 2.0 data message.",
    },
    Gives {
        status: 200,
        media: "application/vnd.sdmx.data+csv;version=2.0.0",
        format: "",
        shape: Shape::Text,
        description: "SDMX-CSV 2.0; `labels=id`, `name` or `both` as a parameter of the media type.",
    },
];

const REFUSALS: &[&str] = &[
    code::SDMX_MALFORMED,
    code::SDMX_COMPONENT_UNKNOWN,
    code::SDMX_NOTHING_FOUND,
    code::SDMX_NOT_IMPLEMENTED,
    code::SDMX_ANSWER_TOO_LARGE,
    code::REPLICA_STARTING,
];

const STRUCTURE: Route = Route {
    method: Verb::Get,
    path: "/sdmx/structure/{*path}",
    operation: "getSdmxStructures",
    tag: "sdmx",
    summary: "Read structures as SDMX",
    description: "Structures of SDMX REST 2.2: the data structure `MULTAQA:FIGURES(1.0)` of all figures with its concepts and code lists, and \
                  a dataflow for each indicator, `x-escwa:egdi(1.0)` for `x-escwa:indicator:egdi`. Names are in Arabic, English and French.",
    parameters: &STRUCTURE_ALL,
    takes: None,
    gives: STRUCTURES,
    refusals: REFUSALS,
    scope: Some("read:indicator"),
    handler: |call| Box::pin(answer(call)),
};
const DATA: Route = Route {
    path: "/sdmx/data/{*path}",
    operation: "getSdmxData",
    summary: "Read figures as SDMX",
    description: "Figures by SDMX REST 2.2. What a state and what an international body publish stand side by side: the provider is a \
                  dimension. Values keep the digits as published; where there is none, `OBS_STATUS` says why.",
    parameters: &DATA_ALL,
    gives: FIGURES,
    scope: Some("read:dataset"),
    ..STRUCTURE
};
const AVAILABILITY: Route = Route {
    path: "/sdmx/availability/{*path}",
    operation: "getSdmxAvailability",
    summary: "Tell which figures there are as SDMX",
    description: "For each dataflow the values of each dimension that its figures have, and how many figures and series there are.",
    parameters: &AVAILABILITY_ALL,
    scope: Some("read:dataset"),
    ..STRUCTURE
};

/// The routes of SDMX.
pub(in crate::api) static ROUTES: &[Route] = &[
    STRUCTURE,
    Route { path: "/sdmx/structure", operation: "getAllSdmxStructures", parameters: STRUCTURE_PARAMETERS, ..STRUCTURE },
    Route {
        path: "/sdmx/structure/",
        operation: "getAllSdmxStructuresSlash",
        parameters: STRUCTURE_PARAMETERS,
        ..STRUCTURE
    },
    DATA,
    Route { path: "/sdmx/data", operation: "getAllSdmxData", parameters: DATA_PARAMETERS, ..DATA },
    Route { path: "/sdmx/data/", operation: "getAllSdmxDataSlash", parameters: DATA_PARAMETERS, ..DATA },
    AVAILABILITY,
    Route {
        path: "/sdmx/availability",
        operation: "getAllSdmxAvailability",
        parameters: &AVAILABILITY_PARAMETERS,
        ..AVAILABILITY
    },
    Route {
        path: "/sdmx/availability/",
        operation: "getAllSdmxAvailabilitySlash",
        parameters: &AVAILABILITY_PARAMETERS,
        ..AVAILABILITY
    },
];

async fn answer(call: Call) -> Result<Answer, Refusal> {
    let path = call.target.path().strip_prefix("/sdmx/").unwrap_or_default();
    let accept: Vec<&str> = call.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let accept = Some(accept.join(",")).filter(|accept| !accept.is_empty());
    let answer = call.api.sdmx(&call.caller, path, call.target.query(), accept.as_deref(), call.lang).await?;
    let super::Answer { media_type, lang, body, freshness } = answer;
    let answer = match body {
        Body::Whole(bytes) => Answer::of(media_type, bytes, Some(freshness)),
        Body::Pieces(pieces) => Answer::untagged(media_type, pieces, Some(freshness)),
    };
    Ok(answer.with(CONTENT_LANGUAGE, HeaderValue::from_static(lang.as_str())))
}

#[cfg(test)]
mod tests {
    use super::super::component::ALL;
    use super::*;

    #[test]
    fn every_component_is_a_filter_of_the_table() {
        for (parameters, resource) in [(DATA_PARAMETERS, "data"), (&AVAILABILITY_PARAMETERS, "availability")] {
            let filters: Vec<&str> = parameters.iter().map(|p| p.name).filter(|name| name.starts_with("c[")).collect();
            assert_eq!(filters, ALL.map(|component| format!("c[{}]", component.id())), "{resource}");
        }
    }

    #[test]
    fn every_parameter_of_the_table_is_read() {
        for route in ROUTES {
            let path = route.path.trim_start_matches("/sdmx/").trim_end_matches("/{*path}");
            for parameter in route.parameters.iter().filter(|parameter| parameter.name != "*path") {
                let query = format!("{}={}", parameter.name, parameter.example);
                let read = super::super::request::read(path, Some(&query));
                assert!(
                    read.as_ref().err().is_none_or(|refusal| refusal.code == code::SDMX_NOT_IMPLEMENTED),
                    "{path}?{query}: {read:?}"
                );
            }
            let example =
                route.parameters.iter().find(|parameter| parameter.name == "*path").map_or("", |path| path.example);
            assert!(super::super::request::read(&format!("{path}/{example}"), None).is_ok(), "{path}");
        }
    }
}
