//! What a value of the configuration must keep to.

use multaqa_runtime::fault::Fault;

/// A number that must lie in a range.
pub(super) fn within(key: &str, value: u64, min: u64, max: u64) -> Result<(), Fault> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let origin = key.split('.').next().unwrap_or(key);
    Err(bad_value(origin, key, format!("{value} does not lie between {min} and {max}")))
}

/// A value that a key may not have.
pub(super) fn bad_value(origin: &str, key: &str, detail: impl std::fmt::Display) -> Fault {
    let fault = Fault::new(multaqa_runtime::code::CONFIG_BAD_VALUE);
    fault.with("origin", origin).with("key", key).with("detail", detail)
}
