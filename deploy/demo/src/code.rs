//! This room's error codes and their texts.

/// Every code of this crate.
pub const CODES: &[&str] = &[
    "DEMO_COMMAND_FAILED",
    "DEMO_DISK_FAILED",
    "DEMO_JSON_UNEXPECTED",
    "DEMO_LINK_FAILED",
    "DEMO_MEMBER_UNKNOWN",
    "DEMO_PROCESS_DIED",
    "DEMO_PROGRAM_NOT_STARTED",
    "DEMO_RECORD_NOT_REVISED",
    "DEMO_STOPPED_BADLY",
    "DEMO_TIMED_OUT",
    "DEMO_ROOTS_DIFFER",
];

/// The texts of [`CODES`]: language tag and Fluent source.
pub const MESSAGES: [(&str, &str); 3] = [
    ("ar", include_str!("../messages/ar.ftl")),
    ("en", include_str!("../messages/en.ftl")),
    ("fr", include_str!("../messages/fr.ftl")),
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_code_has_its_texts() {
        assert_eq!(multaqa_proto::message::review(super::CODES, &super::MESSAGES), [""; 0]);
    }
}
