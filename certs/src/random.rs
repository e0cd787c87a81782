//! Randomness from the operating system.
//!
//! In scope: the one call of it. Hub and node take their randomness from here too. Out of scope: TLS and ECDSA keys,
//! which aws-lc-rs makes from its own generator.

use thiserror::Error;

/// The operating system gave no randomness (code `RANDOM_UNAVAILABLE`).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the operating system gives no randomness: {why}")]
pub struct RandomError {
    /// What it said.
    pub why: String,
}

impl RandomError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "RANDOM_UNAVAILABLE"
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        vec![("why", self.why.clone())]
    }
}

/// `N` bytes that nobody can foresee.
///
/// # Errors
/// Where the operating system's generator fails.
#[expect(clippy::disallowed_methods, reason = "this is the place that all others take randomness from")]
pub fn bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut out = [0; N];
    getrandom::fill(&mut out).map_err(|e| RandomError { why: e.to_string() })?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_draws_differ() {
        assert_ne!(super::bytes::<16>().unwrap(), super::bytes::<16>().unwrap());
    }
}
