//! The stable codes of this room and their texts.
//!
//! In scope: the list. Out of scope: rendering (`message`), the rules (beside the code that checks them).

/// Every code that this crate gives.
pub const CODES: &[&str] = &[
    // Command lines: here, because all programs have one.
    "USAGE_WRONG",
    // Form of received bytes.
    "RECORD_UNDECODABLE",
    "RECORD_MALFORMED",
    "RECORD_TOO_LARGE",
    "CONTENT_HASH_WRONG",
    "ID_MALFORMED",
    "JOIN_KEY_MALFORMED",
    // Checks of payloads.
    "PAYLOAD_UNDECODABLE",
    "PAYLOAD_SEALED",
    "FIELD_REQUIRED",
    "LANGUAGE_UNKNOWN",
    "TEXT_EMPTY",
    "TEXT_TOO_LONG",
    "TEXT_NOT_NFC",
    "TEXT_BIDI_CONTROL",
    "TEXT_CONTROL",
    "CODE_UNKNOWN",
    "CODE_MALFORMED",
    "REFERENCE_MALFORMED",
    "AREA_MALFORMED",
    "DATE_MALFORMED",
    "PERIOD_MALFORMED",
    "DURATION_MALFORMED",
    "DECIMAL_MALFORMED",
    "OUT_OF_RANGE",
    "RANGE_REVERSED",
    "LENGTH_WRONG",
    "LIST_TOO_LONG",
    "KEY_DUPLICATE",
    "URL_MALFORMED",
    "EMAIL_MALFORMED",
    "TELEPHONE_MALFORMED",
    "BROADER_UNKNOWN",
    "VALUE_CONTRADICTS_STATUS",
    "STATUS_REQUIRED",
    // Judgement of data records.
    "OBJECT_FOREIGN",
    "PUBLISHER_NOT_ALLOWED",
    "MEMBER_UNKNOWN",
    "MEMBER_SUSPENDED",
    "GROUP_UNKNOWN",
    "REPLACES_STALE",
    "AUDIENCE_SHRINKS",
    "OBJECT_WITHDRAWN",
    "TOMBSTONE_REVISED",
    "KIND_NOT_WITHDRAWABLE",
    // Writers, keys and chains.
    "SIGNATURE_BAD",
    "KEY_UNKNOWN",
    "KEY_SUSPENDED",
    "FEDERATION_WRONG",
    "LANE_WRONG",
    "CHAIN_GAP",
    "CHAIN_FORK",
    "CHAIN_PREVIOUS_WRONG",
    "EPOCH_WRONG",
    "WRITER_FROZEN",
    "EVIDENCE_WRONG",
    "SUCCESSION_WRONG",
    // Control records.
    "GENESIS_WRONG",
    "POSSESSION_BAD",
    "INVITATION_UNKNOWN",
    "INVITATION_PENDING",
    "INVITATION_EXPIRED",
    "INVITATION_USED",
    "POLICY_OLD",
    "WITNESS_NOT_STATE",
    "WITNESSES_TOO_FEW",
    "APPROVAL_UNKNOWN",
    "OPERATOR_UNKNOWN",
    "GROUP_HISTORY_FIXED",
    // Alarms: what a hub can be caught at.
    "FRAME_BAD",
    "FRAME_TOO_LARGE",
    "LOG_GAP",
    "LOG_REWOUND",
    "CHECKPOINT_BAD",
    "ROOT_WRONG",
    "LOG_FORK",
    "LOG_STANDS_STILL",
    "CLAIM_OVERDUE",
    "VIEW_WRONG",
    "TIME_WRONG",
    "LEAF_MISMATCH",
    "SEAL_WRONG",
    "TIME_WENT_BACK",
    "OVER_SHARED",
    "WITHHELD",
    "CONTROL_WITHHELD",
    "ACCEPTED_LOST",
    "ACCEPTED_UNORDERED",
    "RUN_BAD",
    "CONTROL_ACROSS_RUN",
    "START_UNSTABLE",
    // Why an evidence file is refused.
    "EVIDENCE_FILE_ALTERED",
    "EVIDENCE_FILE_MALFORMED",
    "EVIDENCE_FILE_SIGNER_OTHER",
    "EVIDENCE_FILE_GENESIS_OTHER",
    "EVIDENCE_FILE_CONTRADICTS",
    // What a hub answers to its peers: here, because both ends show them.
    "PROPOSAL_PENDING",
    "CALLER_UNKNOWN",
    "CALLER_NOT_ALLOWED",
    "REQUEST_MALFORMED",
    "HUB_DRAINING",
    "VERSION_UNSUPPORTED",
    "LOG_UNKNOWN",
    "HUB_BEHIND",
    "CURSOR_FORKED",
    "NODE_DUPLICATE",
    "NODE_COPIED",
    "NODE_REGRESSED",
    "HUB_REFILLING",
    "REFILL_WRONG",
    "LOG_CONTRADICTED",
    "CERTIFICATE_UNPROVEN",
    "STREAMS_TOO_MANY",
    "BATCH_TOO_LARGE",
    "RANGE_WRONG",
    "CHECKPOINT_UNKNOWN",
    "RECORD_NOT_ON_LOG",
    "REDEEM_OTHER_INVITATION",
    "REDEEM_NOT_KEY",
    "CERTIFICATE_PAST_LIFE",
    "RENEWAL_OTHER",
    "RENEWAL_TIME",
    "RENEWAL_KEY_SAME",
    "RENEWAL_NOT_IN_USE",
    "RENEWAL_TOO_OFTEN",
    "COSIGNER_NOT_WITNESS",
    "COSIGNATURE_BAD",
    "COSIGNATURE_TIME",
    "WRITER_NOT_PEER",
    "CONTENT_MISSING",
    "BATCH_FAILED",
    "HUB_HALTED",
    "CURSOR_UNKNOWN",
    // Record proofs.
    "PROOF_FILE_ALTERED",
    "PROOF_MALFORMED",
    "PROOF_GENESIS_OTHER",
    "PROOF_GENESIS_WRONG",
    "PROOF_ENTRY_WRONG",
    "PROOF_ORDER_WRONG",
    "PROOF_CHECKPOINT_BAD",
    "PROOF_COSIGNATURE_BAD",
    "PROOF_NOT_INCLUDED",
    "PROOF_NOT_CONSISTENT",
    "PROOF_KEY_UNKNOWN",
    "PROOF_SIGNATURE_BAD",
    "PROOF_CHAIN_WRONG",
    "PROOF_EVIDENCE_WRONG",
    "PROOF_SUCCESSION_WRONG",
    "PROOF_CONTROL_INCOMPLETE",
    "PROOF_RECORD_VOID",
];

/// Texts of the codes by language.
pub const MESSAGES: [(&str, &str); 3] = [
    ("ar", include_str!("../messages/ar.ftl")),
    ("en", include_str!("../messages/en.ftl")),
    ("fr", include_str!("../messages/fr.ftl")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ObjectId;
    use crate::message::Catalogue;
    use crate::record::form::FormError;
    use crate::text::Lang;

    #[test]
    fn every_code_has_its_texts() {
        assert_eq!(crate::message::review(CODES, &MESSAGES), [""; 0]);
    }

    #[test]
    fn each_error_brings_the_arguments_of_its_text() {
        let malformed = "no id".parse::<ObjectId>().unwrap_err();
        let forms = [
            FormError::Undecodable { field: "content" },
            FormError::Malformed { field: "content" },
            FormError::TooLarge { field: "content", max: 1, found: 2 },
            FormError::ContentHash,
            FormError::Id(malformed),
        ];
        let given = forms.iter().map(|e| (e.code(), e.args()));
        let violations = crate::check::tests::every_violation().into_iter().map(|v| (v.code, v.args));
        let catalogue = Catalogue::new(&[&MESSAGES]);
        for ((code, args), lang) in given.chain(violations).flat_map(|g| Lang::ALL.map(|lang| (g.clone(), lang))) {
            let text = catalogue.render(lang, code, &args).text;
            assert!(!text.starts_with(code), "{text}");
        }
    }
}
