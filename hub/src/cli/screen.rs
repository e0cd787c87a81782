//! What the verbs say, in the language asked for: the hub's own texts (`screen/*.ftl`) and those of all codes.

multaqa_proto::program_screen!(
    "hub",
    &multaqa_proto::code::MESSAGES,
    &multaqa_certs::code::MESSAGES,
    &multaqa_runtime::code::MESSAGES,
    &crate::code::MESSAGES,
);

/// States of members and of nodes.
pub(super) const STATUSES: [(&str, &str); 5] = [
    ("active", "word-active"),
    ("suspended", "word-suspended"),
    ("frozen", "word-frozen"),
    ("invited", "word-invited"),
    ("expired", "word-expired"),
];
