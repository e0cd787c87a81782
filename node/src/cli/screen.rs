//! What the verbs say, in the language asked for: the node's own texts (`screen/*.ftl`) and those of all codes.

multaqa_proto::program_screen!(
    "node",
    &multaqa_proto::code::MESSAGES,
    &multaqa_runtime::code::MESSAGES,
    &multaqa_certs::code::MESSAGES,
    &crate::code::MESSAGES,
);

/// States of records, as `queue`, `publish` and `history` know them.
pub(super) const RECORD_STATES: [(&str, &str); 8] = [
    ("queued", "word-queued"),
    ("accepted", "word-accepted"),
    ("rejected", "word-rejected"),
    ("unchanged", "word-unchanged"),
    ("valid", "word-valid"),
    ("withdrawn", "word-withdrawn"),
    ("void", "word-void"),
    ("unjudged", "word-unjudged"),
];
