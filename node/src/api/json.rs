//! Payloads as JSON: the field names of the schema in its order, zeros written, numbers as numbers where JSON holds them exactly.
//!
//! Written straight from the payload's bytes into the answer: a page of lists has fifty of them, and a message or a tree of values
//! between the two costs more than all else of the page. The order of what is written is fixed, so that the same payload is the same
//! text: fields stand by their numbers, languages of a map by their names. What is absent and may be is left out.
//!
//! Map: `plan`: what fields are called; `wire`: bytes taken apart; `write`: the text.

mod plan;
mod wire;
mod write;

use self::plan::Plans;
use super::mask::Mask;
pub(crate) use write::write_text;

/// A payload as JSON text; empty where this version does not know the kind, or the bytes are no message of it.
pub(crate) fn payload(kind: &str, bytes: &[u8]) -> String {
    payload_within(kind, bytes, None)
}

/// The same, cut by a mask.
pub(crate) fn payload_within(kind: &str, bytes: &[u8], mask: Option<&Mask>) -> String {
    let mut out = Vec::with_capacity(2 * bytes.len() + 256);
    write_payload(&mut out, kind, bytes, mask);
    // Only texts and JSON's own signs were written.
    String::from_utf8(out).unwrap_or_default()
}

/// Writes a payload, cut by a mask, behind what stands there already; nothing where there is none to show. Whether anything was.
pub(crate) fn write_payload(out: &mut Vec<u8>, kind: &str, bytes: &[u8], mask: Option<&Mask>) -> bool {
    let plans = Plans::of_kinds();
    let Some(plan) = plans.get(kind) else { return false };
    let begin = out.len();
    let written = write::message(out, (plans, plan), bytes, mask).is_ok();
    if !written {
        out.truncate(begin);
    }
    written
}

#[cfg(test)]
mod tests;
