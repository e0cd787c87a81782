//! This room's error codes and their texts.
//!
//! In scope: the list, one word a rule. Out of scope: the errors (beside the code that checks the rules), rendering (proto's
//! `message`).

/// Every code that this crate gives.
pub const CODES: &[&str] = &[
    "IDENTITY_MALFORMED",
    "IDENTITY_FOREIGN",
    "IDENTITY_NAMES_DISAGREE",
    "SERIAL_MALFORMED",
    "SERIAL_NOT_ACTIVE",
    "SERIAL_OTHER_OWNER",
    "INVITATION_NOT_OPEN",
    "PROFILE_VERSION",
    "PROFILE_SIGNATURE",
    "PROFILE_KEY",
    "PROFILE_LIFE",
    "PROFILE_SERIAL",
    "PROFILE_CA",
    "PROFILE_KEY_USAGE",
    "PROFILE_PURPOSE",
    "PROFILE_ZONE",
    "PROFILE_NAMES",
    "PROFILE_NAMES_AGREE",
    "PROFILE_ROLE",
    "PROFILE_KEY_IDS",
    "PROFILE_EXTENSIONS",
    "PROFILE_SUBJECT",
    "CERT_MALFORMED",
    "CERT_CHAIN_LENGTH",
    "CERT_EXPIRED",
    "CERT_NOT_YET_VALID",
    "CERT_ROOT_EXPIRED",
    "CERT_FOREIGN",
    "CERT_PURPOSE",
    "CERT_CHAIN",
    "CERT_WRONG_HUB",
    "CERT_PROVISIONAL_CHANGED",
    "CSR_TOO_LARGE",
    "CSR_MALFORMED",
    "CSR_CURVE",
    "CSR_KEY_REFUSED",
    "CSR_SIGNATURE",
    "CRYPTO_FAILED",
    "RANDOM_UNAVAILABLE",
    "STORE_IO",
    "STORE_FILE_MISSING",
    "STORE_KEY_EXPOSED",
    "STORE_FILE_EXISTS",
    "STORE_FILE_TOO_LARGE",
    "STORE_FILE_MALFORMED",
    "GENESIS_UNREADABLE",
    "ISSUER_WRONG",
    "ISSUER_UNKNOWN",
    "ISSUE_LIFE",
    "ISSUER_EXPIRED",
    "ISSUER_KEY_MISMATCH",
    "FEDERATION_NAME_LABEL",
    "SYSTEM_LIFE",
    "SYSTEMS_CA_EXPIRED",
    "SYSTEMS_CA_ENDS",
    "SYSTEMS_CA_OVERLAP",
    "SYSTEMS_CA_WRONG",
    "SYSTEMS_PORT_NAMELESS",
    "TLS_IDENTITY_UNUSABLE",
    "HANDSHAKE_TIMEOUT",
    "HANDSHAKE_FAILED",
    "HANDSHAKE_NO_HTTP2",
    "HANDSHAKE_PLAIN_HTTP",
    "CONNECTION_CUT",
    "CONNECTION_EXPIRED",
    "PREFACE_TIMEOUT",
    "PREFACE_NOT_HTTP2",
    "FRAME_BUDGET",
    "DIAL_TIMEOUT",
    "DIAL_FAILED",
    "DIAL_HANDSHAKE_TIMEOUT",
    "DIAL_HANDSHAKE_FAILED",
    "DIAL_NO_HTTP2",
    "HUB_SAYS_REVOKED",
    "HUB_SAYS_EXPIRED",
    "HUB_SAYS_REFUSED",
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

    #[test]
    fn every_code_has_its_texts() {
        assert_eq!(multaqa_proto::message::review(CODES, &MESSAGES), [""; 0]);
    }
}
