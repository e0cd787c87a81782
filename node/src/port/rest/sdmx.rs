//! The entries of SDMX in the table of what is served over HTTP.
//!
//! Each resource stands there by itself, with a slash at its end, and with its path: SDMX leaves out what has its default from the end of a
//! path on. The query string is read here once more, from the request as it came: its `+` is SDMX's own.
//!
//! Conditional requests: by `ETag` as everywhere, of what is given in one piece; and by `Last-Modified`, which is when this node was first
//! asked at what its replica holds (`modified`, `api::sdmx::modified`).

mod modified;
mod parameter;

use axum::body;
use axum::http::header::{ACCEPT, CONTENT_LANGUAGE, LAST_MODIFIED};
use axum::http::{HeaderValue, StatusCode};

use super::answer::Answer;
use super::call::Call;
use super::route::{Gives, Route, Shape, Verb};
use crate::api::refusal::Refusal;
use crate::api::sdmx::{self, Body};
use crate::code;

const fn gives(media: &'static str, shape: Shape, description: &'static str) -> Gives {
    Gives { status: 200, media, format: "", shape, description }
}

const STRUCTURES: &[Gives] = &[
    gives(
        "application/vnd.sdmx.structure+json;version=2.0.0",
        Shape::Named("SdmxStructures"),
        "An SDMX-JSON 2.0 structure message.",
    ),
    gives("application/json", Shape::Named("SdmxStructures"), "The same."),
];
const FIGURES: &[Gives] = &[
    gives("application/vnd.sdmx.data+json;version=2.0.0", Shape::Named("SdmxData"), "An SDMX-JSON 2.0 data message."),
    gives(
        "application/vnd.sdmx.data+csv;version=2.0.0",
        Shape::Text,
        "SDMX-CSV 2.0; `labels=id`, `name` or `both` as a parameter of the media type.",
    ),
    gives("application/json", Shape::Named("SdmxData"), "The same as SDMX-JSON."),
    gives("text/csv", Shape::Text, "The same as SDMX-CSV."),
];

/// What the standard has for resources that are not served, so that whoever asks for one of them learns that.
const ABSENT: &[Gives] = &[
    gives("application/vnd.sdmx.metadata+json;version=2.0.0", Shape::Text, "Never given."),
    gives("application/vnd.sdmx.metadata+csv;version=2.0.0", Shape::Text, "Never given."),
    gives("application/vnd.sdmx.metadata+xml;version=3.0.0", Shape::Text, "Never given."),
    gives("application/vnd.sdmx.structure+json;version=2.0.0", Shape::Text, "Never given."),
    gives("application/vnd.sdmx.structure+xml;version=3.0.0", Shape::Text, "Never given."),
    gives("application/json", Shape::Text, "Never given."),
];

const REFUSALS: &[&str] = &[
    code::SDMX_MALFORMED,
    code::SDMX_COMPONENT_UNKNOWN,
    code::SDMX_NOTHING_FOUND,
    code::SDMX_NOT_IMPLEMENTED,
    code::SDMX_ANSWER_TOO_LARGE,
    code::SDMX_CHANGES_UNTOLD,
    code::SDMX_PAST_ERASED,
    code::REPLICA_STARTING,
];

const STRUCTURE: Route = Route {
    method: Verb::Get,
    path: "/sdmx/structure/{*path}",
    operation: "getSdmxStructures",
    tag: "sdmx",
    summary: "Read structures as SDMX",
    description: "Structures of SDMX REST 2.2: the data structure `MULTAQA:FIGURES(1.0.0)` of all figures with its concepts and code lists, a \
                  dataflow for each indicator, `x-escwa:egdi(1.0.0)` for `x-escwa:indicator:egdi`, and the code lists of the federation, \
                  `x-escwa:sectors(2.0.0)` for the second revision of `x-escwa:codelist:sectors`, for who may read code lists. Names are in \
                  Arabic, English and French.",
    parameters: &parameter::STRUCTURE_AT,
    takes: None,
    gives: STRUCTURES,
    refusals: REFUSALS,
    scope: Some("read:indicator"),
    handler: |call| Box::pin(answer(call)),
};
const SCHEMA: Route = Route {
    path: "/sdmx/schema/{*path}",
    operation: "getSdmxSchema",
    summary: "Read what figures are made of as SDMX",
    description: "The data structure of a dataflow with its concepts, code lists and agencies, by SDMX REST 2.2: of the list of indicators the \
                  one that the dataflow has figures of.",
    parameters: &parameter::SCHEMA_AT,
    ..STRUCTURE
};
const DATA: Route = Route {
    path: "/sdmx/data/{*path}",
    operation: "getSdmxData",
    summary: "Read figures as SDMX",
    description: "Figures by SDMX REST 2.2. What a state and what an international body publish stand side by side: the provider is a \
                  dimension. Values keep the digits as published; where there is none, `OBS_STATUS` says why.",
    parameters: &parameter::DATA_AT,
    gives: FIGURES,
    scope: Some("read:dataset"),
    ..STRUCTURE
};
const AVAILABILITY: Route = Route {
    path: "/sdmx/availability/{*path}",
    operation: "getSdmxAvailability",
    summary: "Tell which figures there are as SDMX",
    description: "For each dataflow the values of each dimension that its figures have, and how many figures and series there are.",
    parameters: &parameter::AVAILABILITY_AT,
    scope: Some("read:dataset"),
    ..STRUCTURE
};
/// What SDMX REST has and this does not: the standard would have each resource answered all the same.
const METADATA: Route = Route {
    path: "/sdmx/metadata/{*path}",
    operation: "getSdmxMetadata",
    summary: "Tell that there is no reference metadata",
    description: "Reference metadata of SDMX REST 2.2: 501.",
    parameters: &parameter::ABSENT_AT,
    gives: ABSENT,
    scope: None,
    ..STRUCTURE
};

/// The routes of SDMX.
pub(super) static ROUTES: &[Route] = &[
    STRUCTURE,
    Route { path: "/sdmx/structure", operation: "getAllSdmxStructures", parameters: parameter::STRUCTURE, ..STRUCTURE },
    Route {
        path: "/sdmx/structure/",
        operation: "getAllSdmxStructuresSlash",
        parameters: parameter::STRUCTURE,
        ..STRUCTURE
    },
    SCHEMA,
    DATA,
    Route { path: "/sdmx/data", operation: "getAllSdmxData", parameters: &parameter::DATA, ..DATA },
    Route { path: "/sdmx/data/", operation: "getAllSdmxDataSlash", parameters: &parameter::DATA, ..DATA },
    AVAILABILITY,
    Route {
        path: "/sdmx/availability",
        operation: "getAllSdmxAvailability",
        parameters: &parameter::AVAILABILITY,
        ..AVAILABILITY
    },
    Route {
        path: "/sdmx/availability/",
        operation: "getAllSdmxAvailabilitySlash",
        parameters: &parameter::AVAILABILITY,
        ..AVAILABILITY
    },
    METADATA,
    Route {
        path: "/sdmx/registration/{*path}",
        operation: "getSdmxRegistrations",
        summary: "Tell that there are no registrations",
        description: "Registrations of SDMX REST 2.2: 501.",
        ..METADATA
    },
];

async fn answer(call: Call) -> Result<Answer, Refusal> {
    let path = call.target.path().strip_prefix("/sdmx/").unwrap_or_default();
    let accept: Vec<&str> = call.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let accept = Some(accept.join(",")).filter(|accept| !accept.is_empty());
    let modified = call.api.sdmx.modified(&call.api);
    let answer = call.api.sdmx(&call.caller, path, call.target.query(), accept.as_deref(), call.lang).await?;
    let sdmx::Answer { media_type, lang, body, freshness } = answer;
    let answer = match body {
        Body::Whole(bytes) => Answer::of(media_type, bytes, Some(freshness)),
        Body::Pieces(pieces) => Answer::untagged(media_type, body::Body::from_stream(pieces), Some(freshness)),
    };
    let answer = answer.with(CONTENT_LANGUAGE, HeaderValue::from_static(lang.as_str()));
    let Some(modified) = modified else { return Ok(answer) };
    let answer = match modified::header(modified) {
        Some(said) => answer.with(LAST_MODIFIED, said),
        None => answer,
    };
    Ok(if modified::is_known(&call.headers, modified) { answer.status(StatusCode::NOT_MODIFIED) } else { answer })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::sdmx::component::ALL;

    #[test]
    fn every_component_is_a_filter_of_the_table() {
        for (parameters, resource) in [(&parameter::DATA[..], "data"), (&parameter::AVAILABILITY, "availability")] {
            let filters: Vec<&str> = parameters.iter().map(|p| p.name).filter(|name| name.starts_with("c[")).collect();
            assert_eq!(filters, ALL.map(|component| format!("c[{}]", component.id())), "{resource}");
        }
    }

    #[test]
    fn every_parameter_of_the_table_is_read() {
        let is_known =
            |read: Result<(), Refusal>| read.err().is_none_or(|refusal| refusal.code == code::SDMX_NOT_IMPLEMENTED);
        for route in ROUTES {
            let resource = route.path.trim_start_matches("/sdmx/").trim_end_matches("/{*path}");
            let example = route.parameters.iter().find(|parameter| parameter.name == "*path");
            let path = example.map_or_else(|| resource.to_owned(), |example| format!("{resource}/{}", example.example));
            assert!(is_known(sdmx::reads(&path, None)), "{path}");
            for parameter in route.parameters.iter().filter(|parameter| parameter.name != "*path") {
                let query = format!("{}={}", parameter.name, parameter.example);
                assert!(is_known(sdmx::reads(&path, Some(&query))), "{path}?{query}");
            }
        }
    }
}
