//! The codes of this crate and their texts.

/// Every code of this crate.
pub const CODES: &[&str] = &[];

/// The texts of [`CODES`]: language tag and Fluent source.
pub const MESSAGES: [(&str, &str); 3] = [
    ("ar", include_str!("../messages/ar.ftl")),
    ("en", include_str!("../messages/en.ftl")),
    ("fr", include_str!("../messages/fr.ftl")),
];
