//! The stable codes of this room and their texts.
//!
//! In scope: the list. Out of scope: rendering (`message`), the rules (beside the code that checks them).

/// Every code that this crate gives.
pub const CODES: &[&str] = &[];

/// Texts of the codes by language.
pub const MESSAGES: [(&str, &str); 3] = [
    ("ar", include_str!("../messages/ar.ftl")),
    ("en", include_str!("../messages/en.ftl")),
    ("fr", include_str!("../messages/fr.ftl")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_texts() {
        assert_eq!(crate::message::review(CODES, &MESSAGES), [""; 0]);
    }
}
