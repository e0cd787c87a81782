//! The codes of this crate and their texts.

/// The domain of our reasons (`google.rpc.ErrorInfo`).
pub(crate) const DOMAIN: &str = "multaqa";

/// Every code of this crate.
pub const CODES: &[&str] = &[
    // Serving.
    "HUB_SCHEMA_UNUSABLE",
    "HUB_CERTIFICATE_ENDS",
    "ISSUER_ENDS",
    // Operators.
    "OPERATOR_CHAIN_NOT_OWN",
    "OPERATOR_CHAIN_HUB_BEHIND",
    "OPERATOR_CHAIN_FORKED",
    "OPERATOR_DIR_MISSING",
    "OPERATOR_DIR_WRONG",
    "HUB_ADDRESS_MISSING",
    "HUB_ADDRESS_MALFORMED",
    "HUB_CALL_FAILED",
    "HUB_ANSWER_WRONG",
    "GENESIS_OTHER",
    "ACT_WITHOUT_EFFECT",
    "MEMBER_CLASS_MISSING",
    "MEMBER_CLASS_FIXED",
    "MEMBER_PENDING",
    "MEMBER_STATUS_SAME",
    "GROUP_EXISTS",
    "GROUP_UNCHANGED",
    "POLICY_UNCHANGED",
    "INIT_DIR_USED",
    "INIT_FEDERATION_OTHER",
    "ALLOW_NOT_OPERATOR",
    "OPERATOR_CERTIFICATE_ENDS",
    // The log.
    "HUB_COMMIT_STUCK",
    "HUB_DIR_WRONG",
    "HUB_ALREADY_RUNNING",
    "LOCK_UNUSABLE",
    "LOG_LOCK_CONTRADICTS",
    "RELEASE_SIZE_OTHER",
    "RELEASE_CLOSING",
    "RESTORE_FOREIGN",
    "GENESIS_FILE_WRONG",
    "LOG_KEY_WRONG",
    // Closing a log.
    "LOG_GOES_ON",
    "LOG_CLOSING_NOT_NEEDED",
    "LOG_NOT_CLOSING",
    "LOG_CLOSING_AWAITS",
    "LOG_NOT_STABLE",
    "SUCCESSION_OTHER",
    "SUCCESSION_REASON",
    // The store.
    "HUB_STORE_UNAVAILABLE",
    "HUB_STORE_FULL",
    "HUB_STORE_ROW_BAD",
    "HUB_STORE_ROWS_TOUCHED",
    "HUB_STORE_DAMAGED",
    "HUB_STORE_NEWER",
    "HUB_STORE_OLDER",
    "HUB_STORE_MISSING",
    "HUB_STORE_EMPTY",
    "HUB_STORE_NOT_DATABASE",
    "HUB_STORE_EXISTS",
    // What fsck finds.
    "HUB_FILE_WRONG",
    "HUB_SCHEMA_WRONG",
    "HUB_ENTRY_WRONG",
    "HUB_COMMIT_WRONG",
    "HUB_HEAD_WRONG",
    "HUB_CHAIN_WRONG",
    "HUB_ROW_WRONG",
    "HUB_ROWS_WRONG",
    "HUB_SUBTREE_WRONG",
];

/// The texts of [`CODES`]: language tag and Fluent source.
pub const MESSAGES: [(&str, &str); 3] = [
    ("ar", include_str!("../messages/ar.ftl")),
    ("en", include_str!("../messages/en.ftl")),
    ("fr", include_str!("../messages/fr.ftl")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_texts_in_all_languages() {
        assert_eq!(multaqa_proto::message::review(CODES, &MESSAGES), [""; 0]);
    }
}
