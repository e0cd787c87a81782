//! Refusals of SDMX requests, as SDMX REST has them: 400 for what does not follow the standard, 404 for nothing found, 406 for a format,
//! 413 for too much, 414 for a request that is too long, 501 for what is not there.

use super::super::refusal::Refusal;
use crate::code;

/// Most characters of a client's own text in a message.
const SHOWN: usize = 80;

/// A part of the request that does not have the form of the standard; `form` is how it is written.
pub(super) fn malformed(name: &str, value: &str, form: &'static str) -> Refusal {
    let args = [("name", shown(name)), ("value", shown(value)), ("form", form.to_owned())];
    Refusal::new(code::SDMX_MALFORMED, args)
}

/// A query parameter that SDMX REST does not have for this resource, or that stands twice.
pub(super) fn parameter(name: &str, known: &str) -> Refusal {
    Refusal::new(code::SDMX_PARAMETER_REFUSED, [("name", shown(name)), ("known", known.to_owned())])
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

/// A format that is not written.
pub(super) fn format(accept: &str, formats: &str) -> Refusal {
    Refusal::new(code::SDMX_FORMAT_REFUSED, [("accept", shown(accept)), ("formats", formats.to_owned())])
}

/// An answer that would be larger than is given at once.
pub(super) fn too_large(max: usize) -> Refusal {
    Refusal::new(code::SDMX_ANSWER_TOO_LARGE, [("max", max.to_string())])
}

/// A request that is longer than is read.
pub(super) fn too_long(max: usize) -> Refusal {
    Refusal::new(code::SDMX_REQUEST_TOO_LONG, [("max", max.to_string())])
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
