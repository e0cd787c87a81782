//! Reading what commands print with `--json`.

use serde_json::Value;

use crate::failure::Failure;

/// Parses a command's output.
///
/// # Errors
/// [`Failure::Json`] where it is no JSON.
pub fn parse(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|_| Failure::Json { what: "JSON".to_owned(), found: text.to_owned() })
}

/// The number at a pointer (RFC 6901); 64-bit numbers may stand as text, as protobuf's JSON has them.
///
/// # Errors
/// [`Failure::Json`] where there is none.
pub fn number(value: &Value, pointer: &str) -> Result<u64, Failure> {
    let found = value.pointer(pointer);
    let number = found.and_then(|found| found.as_u64().or_else(|| found.as_str()?.parse().ok()));
    number.ok_or_else(|| missing(value, pointer))
}

/// The text at a pointer.
///
/// # Errors
/// [`Failure::Json`] where there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, Failure> {
    value.pointer(pointer).and_then(Value::as_str).ok_or_else(|| missing(value, pointer))
}

/// The list at a pointer.
///
/// # Errors
/// [`Failure::Json`] where there is none.
pub fn list<'a>(value: &'a Value, pointer: &str) -> Result<&'a [Value], Failure> {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).ok_or_else(|| missing(value, pointer))
}

fn missing(value: &Value, pointer: &str) -> Failure {
    Failure::Json { what: pointer.to_owned(), found: value.to_string() }
}
