//! Refusals of SDMX requests, as SDMX REST has them: 400 for what does not follow the standard, 404 for nothing found, 406 for a format,
//! 413 for too much, 414 for a request that is too long, 422 for changes that cannot be told, 501 for what is not there.

use multaqa_runtime::near::nearest;

use super::super::refusal::Refusal;
use crate::code;
use crate::file::NONE_NEAR;

/// Most characters of a client's own text in a message.
const SHOWN: usize = 80;

/// A part of the request that does not have the form of the standard; `form` is how it is written.
pub(super) fn malformed(name: &str, value: &str, form: &'static str) -> Refusal {
    let args = [("name", shown(name)), ("value", shown(value)), ("form", form.to_owned())];
    Refusal::new(code::SDMX_MALFORMED, args)
}

/// A query parameter that the resource does not have; `known` are those that it has.
pub(super) fn unknown_parameter(name: &str, known: &str) -> Refusal {
    let near = nearest(name, known.split(", ")).unwrap_or(NONE_NEAR).to_owned();
    Refusal::new(code::PARAMETER_UNKNOWN, [("name", shown(name)), ("nearest", near), ("known", known.to_owned())])
}

/// A query parameter that stands twice.
pub(super) fn repeated(name: &str) -> Refusal {
    Refusal::new(code::PARAMETER_REPEATED, [("name", shown(name))])
}

/// A component that the data structure does not have.
pub(super) fn component(value: &str, known: &str) -> Refusal {
    Refusal::new(code::SDMX_COMPONENT_UNKNOWN, [("value", shown(value)), ("known", known.to_owned())])
}

/// Nothing is found.
pub(super) fn nothing(resource: &str) -> Refusal {
    Refusal::new(code::SDMX_NOTHING_FOUND, [("resource", shown(resource))])
}

/// A part of the standard that is not there.
pub(super) fn not_implemented(what: &str) -> Refusal {
    Refusal::new(code::SDMX_NOT_IMPLEMENTED, [("what", shown(what))])
}

/// No format that is accepted is written.
pub(super) fn format(formats: String) -> Refusal {
    Refusal::new(code::MEDIA_NOT_OFFERED, [("offered", formats)])
}

/// An answer that would be larger than is given at once.
pub(super) fn too_large(max: usize) -> Refusal {
    Refusal::new(code::SDMX_ANSWER_TOO_LARGE, [("max", max.to_string())])
}

/// A dataset was withdrawn, and what it held cannot be told for what is asked.
pub(super) fn untold(dataset: &str) -> Refusal {
    Refusal::new(code::SDMX_CHANGES_UNTOLD, [("dataset", shown(dataset))])
}

/// A dataset was withdrawn, and what it held before nobody can tell.
pub(super) fn erased(dataset: &str, provider: &str) -> Refusal {
    Refusal::new(code::SDMX_PAST_ERASED, [("dataset", shown(dataset)), ("provider", shown(provider))])
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
