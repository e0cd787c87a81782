//! What is refused, where, with which code: the table of bad input. Stories name its codes, and a test holds the table against
//! the registry of codes and against the stories.
//!
//! In scope: one row for each thing that comes in wrong and each place at which it is met. Out of scope: the texts (each
//! room's `messages`), and the rules of single fields of records (`multaqa_proto::code`, whose own tests are beside them).

use multaqa_demo::process::Output;
use multaqa_proto::message::Catalogue;

/// Where bad input is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Handed in to the hub by a peer.
    Hub,
    /// Received by a node from a hub.
    Node,
    /// Asked of a node by a member system.
    System,
    /// Given by a person: a file, an argument, what lies in a directory.
    Person,
}

/// A kind of bad input and its refusal.
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    /// What comes in.
    pub input: &'static str,
    /// Where.
    pub at: At,
    /// The code of the refusal.
    pub code: &'static str,
    /// The file, from the repository, whose test drives it and names the code.
    pub test: &'static str,
}

const fn hub(input: &'static str, code: &'static str, test: &'static str) -> Refusal {
    Refusal { input, at: At::Hub, code, test }
}
const fn node(input: &'static str, code: &'static str, test: &'static str) -> Refusal {
    Refusal { input, at: At::Node, code, test }
}
const fn system(input: &'static str, code: &'static str, test: &'static str) -> Refusal {
    Refusal { input, at: At::System, code, test }
}
const fn person(input: &'static str, code: &'static str, test: &'static str) -> Refusal {
    Refusal { input, at: At::Person, code, test }
}

const RECORDS: &str = "tests/scenarios/bad_input.rs";
const FILES: &str = "tests/scenarios/bad_files.rs";
const IDENTITY: &str = "tests/scenarios/bad_identity.rs";
const JOINING: &str = "tests/scenarios/joining.rs";
const DISK: &str = "tests/scenarios/full_disk.rs";
const SCHEMA: &str = "tests/scenarios/newer_schema.rs";
const WITNESSES: &str = "tests/scenarios/witness_policy.rs";
const COSIGNING: &str = "hub/src/service/tests/cosigning.rs";
const SUCCESSION: &str = "tests/scenarios/succession.rs";
const CLOSING: &str = "hub/src/log/tests/closing.rs";
const INTAKE: &str = "proto/tests/hostile_hub/mod.rs";
const STARTS: &str = "proto/tests/starts.rs";
const TIMES: &str = "tests/scenarios/hostile/times.rs";
const ANSWERS: &str = "tests/src/hostile/deed.rs";
const PROOFS: &str = "tests/scenarios/proofs.rs";
const PROVING: &str = "hub/src/service/tests/proving.rs";
const RECORD_PROOFS: &str = "proto/tests/record_proofs/mod.rs";
const EVIDENCE: &str = "certs/tests/certs/evidence.rs";
const BACKUPS: &str = "tests/scenarios/backups.rs";
const RESTORED: &str = "tests/scenarios/restored.rs";
const FENCED: &str = "tests/scenarios/fenced.rs";
const REBUILT: &str = "tests/scenarios/rebuilt.rs";
const CLIENTS: &str = "tests/scenarios/clients.rs";
const BY_SYSTEMS: &str = "tests/scenarios/clients/publishing.rs";
const WRONGLY: &str = "tests/scenarios/clients/wrong.rs";
const SYSTEMS: &str = "certs/tests/certs/systems.rs";
const ADMITTED: &str = "node/src/clients/tests.rs";
const BATCHES: &str = "node/src/api/batch/tests.rs";
const WATCHES: &str = "node/src/api/watch/tests.rs";
const GATE: &str = "node/src/port/gate/tests.rs";
const SDMX: &str = "tests/scenarios/sdmx.rs";
const REST: &str = "tests/scenarios/rest/refused.rs";
const PUBLISHING: &str = "tests/scenarios/rest/publishing.rs";
const RENDER: &str = "node/src/port/rest/render/tests/csv.rs";
const HANDSHAKE: &str = "certs/tests/certs/handshake.rs";
const KNOWN: &str = "node/src/port/rest/tests/known.rs";
const SEARCHES: &str = "node/src/search/tests/asking.rs";

/// The table.
pub const TABLE: &[Refusal] = &[
    // Records, from a peer.
    hub("a statement that is no message", "RECORD_UNDECODABLE", RECORDS),
    hub("a content that is no message", "RECORD_UNDECODABLE", RECORDS),
    hub("a signature that is no message", "RECORD_UNDECODABLE", RECORDS),
    hub("a field of a wrong length", "RECORD_MALFORMED", RECORDS),
    hub("an id that is none", "ID_MALFORMED", RECORDS),
    hub("a statement, content or signature that is too large", "RECORD_TOO_LARGE", RECORDS),
    hub("a content that the statement does not name", "CONTENT_HASH_WRONG", RECORDS),
    hub("a record without its content", "CONTENT_MISSING", RECORDS),
    hub("a bad signature, or a path to another batch", "SIGNATURE_BAD", RECORDS),
    hub("a key that the writer does not have", "KEY_UNKNOWN", RECORDS),
    hub("a record of another federation", "FEDERATION_WRONG", RECORDS),
    hub("a record of another writer than the peer", "WRITER_NOT_PEER", RECORDS),
    hub("an object of another member", "OBJECT_FOREIGN", RECORDS),
    hub("a lane that its content does not open", "LANE_WRONG", RECORDS),
    hub("a gap in the chain", "CHAIN_GAP", RECORDS),
    hub("a wrong predecessor", "CHAIN_PREVIOUS_WRONG", RECORDS),
    hub("another record at a place that is taken", "CHAIN_FORK", RECORDS),
    hub("a second record that a writer signed for a place", "WRITER_FROZEN", "tests/scenarios/contradiction.rs"),
    hub("an epoch that has ended", "EPOCH_WRONG", "hub/src/log/tests.rs"),
    hub("more records in a request than may be unanswered", "BATCH_TOO_LARGE", "hub/src/service/tests/submitting.rs"),
    node("a payload without what it must have, on the log", "FIELD_REQUIRED", RECORDS),
    node("own records that the journal does not hold", "JOURNAL_BEHIND", RECORDS),
    person("what a node that lags behind its own chain is to sign", "OUTBOX_BLOCKED", RECORDS),
    // Frames, from a hub.
    node("a frame that was cut off, or of garbage", "FRAME_BAD", INTAKE),
    node("a frame that unpacks to too much", "FRAME_TOO_LARGE", INTAKE),
    node("a frame that begins too late", "LOG_GAP", INTAKE),
    node("a checkpoint of another federation, or that nobody signed", "CHECKPOINT_BAD", INTAKE),
    node("a checkpoint that covers less", "LOG_REWOUND", INTAKE),
    node("entries that do not give the signed root", "ROOT_WRONG", INTAKE),
    node("a leaf that is not of its record", "LEAF_MISMATCH", INTAKE),
    node("a record that its writer did not sign", "SIGNATURE_BAD", INTAKE),
    node("evidence that proves nothing", "EVIDENCE_WRONG", "proto/tests/contradictions/mod.rs"),
    node("a log that does not succeed the one that is followed", "SUCCESSION_WRONG", "proto/tests/successions/mod.rs"),
    node("a record of a writer that is frozen", "WRITER_FROZEN", "proto/tests/contradictions/mod.rs"),
    node("a stub of what this member may read", "WITHHELD", "proto/tests/withheld/mod.rs"),
    node("a content for others", "OVER_SHARED", INTAKE),
    node("an answer that a record stands where another entry does", "ACCEPTED_LOST", ANSWERS),
    node("an answer that the log does not reach", "ACCEPTED_UNORDERED", ANSWERS),
    node("an operator's record without its content", "CONTROL_WITHHELD", INTAKE),
    node("a view that is older than what is sent, or that the log never reaches", "VIEW_WRONG", ANSWERS),
    node("entries that are dated ahead, or a seal that is not of its leaf's time", "TIME_WRONG", ANSWERS),
    node("what is dated ahead of the own clock, and nobody says which is wrong", "CLOCKS_DIFFER", TIMES),
    node("a hub that says for ever that it cannot serve", "CLAIM_OVERDUE", ANSWERS),
    node("a genesis of another federation", "GENESIS_WRONG", INTAKE),
    node("a run that is no stretch of a log", "RUN_BAD", STARTS),
    node("a run between a control record and its seal", "CONTROL_ACROSS_RUN", STARTS),
    node("a fast start to where too few states vouch", "START_UNSTABLE", STARTS),
    person("what a replica is asked before its fast start is over", "REPLICA_STARTING", "node/src/port/tests.rs"),
    // Cosignatures and witnesses.
    hub("a cosignature of a node that the policy does not count", "COSIGNER_NOT_WITNESS", COSIGNING),
    hub("a cosignature that does not verify, or over no sealed checkpoint of the log", "COSIGNATURE_BAD", COSIGNING),
    hub("a cosignature from another time", "COSIGNATURE_TIME", COSIGNING),
    hub("a cosignature over another history that the log key signed", "CURSOR_FORKED", COSIGNING),
    node("another history than the one that the node cosigned", "LOG_FORK", "tests/scenarios/witnessed.rs"),
    person("a policy by which too few states witness", "WITNESSES_TOO_FEW", WITNESSES),
    person("a witness that is no state in force", "WITNESS_NOT_STATE", WITNESSES),
    person("a policy that changes nothing", "POLICY_UNCHANGED", WITNESSES),
    // Certificates.
    hub("no certificate", "HANDSHAKE_FAILED", HANDSHAKE),
    hub("an expired certificate", "CERT_EXPIRED", HANDSHAKE),
    hub("a certificate that does not hold yet", "CERT_NOT_YET_VALID", "certs/tests/certs/strict.rs"),
    hub("a certificate of another CA", "CERT_FOREIGN", HANDSHAKE),
    hub("a certificate for the other end", "CERT_PURPOSE", HANDSHAKE),
    hub("a certificate that was revoked or never admitted", "SERIAL_NOT_ACTIVE", HANDSHAKE),
    hub("a certificate whose serial is another peer's", "SERIAL_OTHER_OWNER", HANDSHAKE),
    hub("a certificate that breaks its profile", "PROFILE_NAMES", HANDSHAKE),
    hub("a one-time key that nobody invited", "INVITATION_NOT_OPEN", HANDSHAKE),
    node("a hub's certificate that is expired", "CERT_EXPIRED", HANDSHAKE),
    node("a hub of another name", "CERT_WRONG_HUB", HANDSHAKE),
    node("a hub of another CA", "CERT_FOREIGN", IDENTITY),
    person("a certificate that the hub never issued", "HUB_SAYS_REVOKED", IDENTITY),
    person("a certificate of another CA", "HUB_SAYS_REFUSED", IDENTITY),
    person("a hub's certificate in a node's place", "HUB_SAYS_REFUSED", IDENTITY),
    person("an operator's certificate that the hub does not list", "HUB_SAYS_REVOKED", IDENTITY),
    person("a node's certificate in a hub's place", "CERT_PURPOSE", IDENTITY),
    person("a log key that the policy does not name", "LOG_KEY_WRONG", IDENTITY),
    person("a key that is not of its certificate", "TLS_IDENTITY_UNUSABLE", IDENTITY),
    person("a key that others may read", "STORE_KEY_EXPOSED", IDENTITY),
    person("a certificate that is missing", "STORE_FILE_MISSING", IDENTITY),
    person("a file that holds no certificate", "STORE_FILE_MALFORMED", IDENTITY),
    // Join keys.
    person("a damaged join key", "JOIN_KEY_MALFORMED", JOINING),
    person("a join key that another directory used", "JOIN_NOT_OPEN", JOINING),
    person("an expired join key", "JOIN_KEY_EXPIRED", JOINING),
    person("a join key that was made to look longer valid", "JOIN_NOT_OPEN", JOINING),
    person("a join key of another federation", "JOIN_NOT_OPEN", JOINING),
    person("a join key whose hub does not answer", "LINE_DOWN", JOINING),
    person("a join key of a member that is suspended", "JOIN_NOT_OPEN", JOINING),
    person("a file of a join key that is not there", "PATH_UNREADABLE", JOINING),
    // Evidence files.
    person("an evidence file that was cut off", "EVIDENCE_FILE_ALTERED", EVIDENCE),
    person("an evidence file that its reporter did not sign", "EVIDENCE_FILE_SIGNER_OTHER", EVIDENCE),
    person("an evidence file of another federation", "EVIDENCE_FILE_GENESIS_OTHER", EVIDENCE),
    person("an evidence file that leaves out what was held", "EVIDENCE_FILE_CONTRADICTS", EVIDENCE),
    // Disks and databases.
    person("no space for the hub's files", "STORE_IO", DISK),
    hub("no space for the log", "HUB_STORE_FULL", DISK),
    person("no space for a node's stores", "STORE_FULL", DISK),
    person("a hub's store of a newer schema", "HUB_STORE_NEWER", SCHEMA),
    person("a hub's store that is empty", "HUB_STORE_EMPTY", SCHEMA),
    person("a hub's store that is no database", "HUB_STORE_NOT_DATABASE", SCHEMA),
    person("a hub's store that is missing", "HUB_STORE_MISSING", SCHEMA),
    person("a hub's store of another federation", "LOG_KEY_WRONG", SCHEMA),
    person("a node's store of a newer schema", "STORE_NEWER", SCHEMA),
    person("a journal that is empty", "STORE_EMPTY", SCHEMA),
    person("a journal that is no database", "STORE_NOT_DATABASE", SCHEMA),
    person("a journal that is missing", "STORE_MISSING", SCHEMA),
    person("a journal of another node", "JOURNAL_FOREIGN", SCHEMA),
    // Proofs.
    hub("a proof at a size at which no commit ended", "CHECKPOINT_UNKNOWN", PROVING),
    hub("a proof of a record that is not on the log", "RECORD_NOT_ON_LOG", PROVING),
    hub("a proof of more than the tree holds", "RANGE_WRONG", PROVING),
    person("a record proof of which a byte was altered", "PROOF_FILE_ALTERED", PROOFS),
    person("a record proof of another federation", "PROOF_GENESIS_OTHER", PROOFS),
    person("a genesis that is none", "GENESIS_UNREADABLE", PROOFS),
    person("a place of the log at which no record stands", "PROOF_INDEX_UNKNOWN", PROOFS),
    person("a file for a proof that exists", "PROOF_FILE_UNWRITABLE", PROOFS),
    person("a record proof that keeps a control record back", "PROOF_CONTROL_INCOMPLETE", RECORD_PROOFS),
    person("a record proof whose control records are out of order", "PROOF_ORDER_WRONG", RECORD_PROOFS),
    person("a record proof with an entry at another place", "PROOF_NOT_INCLUDED", RECORD_PROOFS),
    person("a record proof with a later checkpoint of another tree", "PROOF_NOT_CONSISTENT", RECORD_PROOFS),
    person("a record proof with an entry for another", "PROOF_ENTRY_WRONG", RECORD_PROOFS),
    person("a record proof under a checkpoint of another key", "PROOF_CHECKPOINT_BAD", RECORD_PROOFS),
    person("a record proof with a cosignature that does not count", "PROOF_COSIGNATURE_BAD", RECORD_PROOFS),
    person("a proof of a record whose key was suspended", "PROOF_RECORD_VOID", RECORD_PROOFS),
    // Record files.
    person("a file that is not YAML or JSON", "FILE_MALFORMED", FILES),
    person("a file that is not UTF-8", "FILE_NOT_UTF8", FILES),
    person("an empty file", "FILE_EMPTY", FILES),
    person("a file that is too large", "FILE_TOO_LARGE", FILES),
    person("anchors, which could multiply what is read", "FILE_FEATURE_REFUSED", FILES),
    person("more values than a file may hold", "FILE_TOO_MANY_VALUES", FILES),
    person("a field that the kind does not have", "FIELD_UNKNOWN", FILES),
    person("a field that stands twice", "FIELD_DUPLICATE", FILES),
    person("a list where a text belongs", "VALUE_NOT_TEXT", FILES),
    person("a text where a number belongs", "VALUE_NOT_NUMBER", FILES),
    person("a text where a mapping belongs", "VALUE_NOT_MAPPING", FILES),
    person("a kind that nobody knows", "KIND_UNKNOWN", FILES),
    person("text that turns the direction of what is read", "TEXT_BIDI_CONTROL", FILES),
    person("text with control characters", "TEXT_CONTROL", FILES),
    person("an id of another member", "OBJECT_FOREIGN", FILES),
    person("a record that is too large", "CONTENT_TOO_LARGE", FILES),
    person("more records than are published at once", "RECORDS_TOO_MANY", FILES),
    person("a CSV file of other columns", "CSV_COLUMN_UNKNOWN", FILES),
    person("a CSV file with a short row", "CSV_ROW_WIDTH", FILES),
    person("a CSV file that cannot be read", "CSV_MALFORMED", FILES),
    person("a CSV file that is not there", "CSV_MISSING", FILES),
    person("a record file that is not there", "PATH_UNREADABLE", FILES),
    // Copies and backups.
    hub("a second process of one node", "NODE_COPIED", FENCED),
    hub("a submission to a hub that lacks what was published", "HUB_REFILLING", "hub/src/log/tests/opening.rs"),
    hub(
        "a submission with an incarnation that was used before",
        "NODE_REGRESSED",
        "hub/src/service/tests/restoring.rs",
    ),
    hub("entries that the log key did not sign", "REFILL_WRONG", "hub/src/service/tests/restoring.rs"),
    hub(
        "a certificate that nothing shows to be its node's",
        "CERTIFICATE_UNPROVEN",
        "hub/src/service/tests/restoring.rs",
    ),
    hub("the closing of a log that goes on", "LOG_GOES_ON", SUCCESSION),
    hub("a decision though no log is being closed", "LOG_NOT_CLOSING", SUCCESSION),
    hub("the closing of a log that nothing contradicts", "LOG_CLOSING_NOT_NEEDED", CLOSING),
    hub("the closing of a log before enough have spoken", "LOG_CLOSING_AWAITS", CLOSING),
    hub("a decision on another size than can be closed", "SUCCESSION_OTHER", CLOSING),
    hub("a decision that its operator did not sign", "SUCCESSION_WRONG", CLOSING),
    person("a decision without a reason", "SUCCESSION_REASON", SUCCESSION),
    hub("a signed checkpoint of another history", "LOG_CONTRADICTED", "hub/src/service/tests/restoring.rs"),
    node("a hub that was restored and asks for entries", "HUB_REFILLING", RESTORED),
    node("a journal that lacks what the log has of the node", "JOURNAL_BEHIND", FENCED),
    person("a backup where one is", "BACKUP_EXISTS", BACKUPS),
    person("a directory that is no backup", "BACKUP_MISSING", BACKUPS),
    person("a backup whose manifest is cut off", "BACKUP_MANIFEST_BAD", BACKUPS),
    person("a hub's backup for a node", "BACKUP_OF_OTHER", BACKUPS),
    person("a backup with a changed byte", "BACKUP_FILE_CHANGED", BACKUPS),
    person("a backup to be put over a database", "RESTORE_TARGET_USED", BACKUPS),
    person("a genesis file that is none", "GENESIS_FILE_WRONG", REBUILT),
    person("a release of another size than the store has", "RELEASE_SIZE_OTHER", REBUILT),
    person("a backup for which there is no space", "BACKUP_FAILED", "tests/scenarios/full_disk.rs"),
    person("a backup of another federation", "RESTORE_FOREIGN", "hub/src/backup.rs"),
    person("a release of a log that is being closed", "RELEASE_CLOSING", CLOSING),
    person(
        "a store of another history than its checkpoint lock",
        "LOG_LOCK_CONTRADICTS",
        "hub/src/log/tests/opening.rs",
    ),
    node("a log that lost a record which was withdrawn since", "CHAIN_BROKEN", "tests/scenarios/lost.rs"),
    person("a second hub on one directory", "HUB_ALREADY_RUNNING", FENCED),
    // Member systems at a node's port.
    system("HTTP without TLS", "HANDSHAKE_PLAIN_HTTP", SYSTEMS),
    system("a certificate of another node's CA", "CERT_FOREIGN", SYSTEMS),
    system("the port's own certificate", "CERT_PURPOSE", SYSTEMS),
    system("a certificate that the node does not list", "SERIAL_NOT_ACTIVE", SYSTEMS),
    system("a request on a connection of a system that was revoked", "CLIENT_REVOKED", ADMITTED),
    system("more requests at once than a system may have", "REQUESTS_TOO_MANY", ADMITTED),
    system("a request that takes too long", "REQUEST_TOO_SLOW", GATE),
    system("a request of nobody", "CLIENT_UNKNOWN", GATE),
    system("a list, an object or a proof of a kind that it may not read", "CLIENT_DENIED", CLIENTS),
    system("a batch with one record of a kind that it may not publish", "CLIENT_DENIED", CLIENTS),
    system("what is for the member's own people", "CLIENT_LOCAL_ONLY", CLIENTS),
    system("an id that is none", "ID_MALFORMED", CLIENTS),
    system("a page token that no answer gave, or one of another query", "PAGE_TOKEN_BAD", CLIENTS),
    system("a mask with a path that the schema does not have", "FIELD_PATH_UNKNOWN", CLIENTS),
    system("records of which one breaks a rule", "RECORDS_REFUSED", BY_SYSTEMS),
    system("a payload that is no JSON object", "PAYLOAD_NOT_JSON", BATCHES),
    system("more watches than a node has", "WATCHES_TOO_MANY", WATCHES),
    system("an order that lists do not have", "ORDER_UNKNOWN", CLIENTS),
    system("a search while the index is made", "SEARCH_REBUILDING", SEARCHES),
    system("a search with a text that is too long", "SEARCH_TEXT_TOO_LONG", SEARCHES),
    system("a search with too many words", "SEARCH_WORDS_TOO_MANY", SEARCHES),
    system("a search with too many filters", "SEARCH_FILTERS_TOO_MANY", SEARCHES),
    system("a facet that no kind has", "SEARCH_FACET_UNKNOWN", SEARCHES),
    system("a value of a filter that no record can have", "SEARCH_VALUE_UNKNOWN", KNOWN),
    system("figures of an indicator that there is not", "OBJECT_UNKNOWN", KNOWN),
    system("a position that the replica does not come to in time", "POSITION_NOT_REACHED", CLIENTS),
    system("a method that there is not", "METHOD_UNKNOWN", CLIENTS),
    system("a compressed message", "CODING_UNSUPPORTED", "node/src/port/grpc/error.rs"),
    system("a message that is too large", "MESSAGE_TOO_LARGE", CLIENTS),
    system("bytes that are no message", "MESSAGE_MALFORMED", CLIENTS),
    system("an SDMX path, key or filter that is none", "SDMX_MALFORMED", SDMX),
    system("a component that SDMX does not have here", "SDMX_COMPONENT_UNKNOWN", SDMX),
    system("an SDMX request that finds nothing", "SDMX_NOTHING_FOUND", SDMX),
    system("a part of SDMX REST that is not served", "SDMX_NOT_IMPLEMENTED", SDMX),
    system(
        "an SDMX selection for which withdrawals since cannot be told",
        "SDMX_CHANGES_UNTOLD",
        "node/src/api/sdmx/tests/changes.rs",
    ),
    system("SDMX figures as they stood before a withdrawal", "SDMX_PAST_ERASED", "node/src/api/sdmx/tests/past.rs"),
    system("SDMX figures that are too many at once", "SDMX_ANSWER_TOO_LARGE", "node/src/api/sdmx/tests/figures.rs"),
    system("a path at which nothing is served", "ROUTE_UNKNOWN", REST),
    system("a collection that there is not", "COLLECTION_UNKNOWN", REST),
    system("a method that a path does not have", "METHOD_NOT_ALLOWED", REST),
    system("a parameter that a path does not have", "PARAMETER_UNKNOWN", REST),
    system("a parameter that is not of its form", "PARAMETER_WRONG", REST),
    system("a parameter that stands twice", "PARAMETER_REPEATED", REST),
    system("a media type that a path does not have", "MEDIA_NOT_OFFERED", REST),
    system("a body of another media type, or compressed", "MEDIA_UNSUPPORTED", REST),
    system("a body that is not JSON, or nested too deep", "BODY_MALFORMED", REST),
    system("a body where none is taken", "BODY_UNEXPECTED", KNOWN),
    system("a condition on what is to be published or withdrawn", "CONDITION_UNSUPPORTED", KNOWN),
    system("a body that does not come in time", "BODY_TOO_SLOW", "node/src/port/rest/tests.rs"),
    system("a path and query that are too long", "TARGET_TOO_LONG", REST),
    system("header fields that are too large", "HEADERS_TOO_LARGE", REST),
    system("a body that is too large", "MESSAGE_TOO_LARGE", REST),
    system("records in JSON of which one breaks a rule", "RECORDS_REFUSED", PUBLISHING),
    system("a reason for a withdrawal that is not composed", "TEXT_NOT_NFC", PUBLISHING),
    system("records that it may not publish, over HTTP", "CLIENT_DENIED", PUBLISHING),
    system("more downloads than a system may have under way", "DOWNLOADS_TOO_MANY", "node/src/port/rest/tests.rs"),
    system("a download longer than one carries", "DOWNLOAD_TOO_LARGE", RENDER),
    system("a format that the kind does not have", "FORMAT_NOT_OF_KIND", "tests/scenarios/formats.rs"),
    person("a system's request with a weak key", "CSR_KEY_REFUSED", WRONGLY),
    person("a system's request that is not PEM", "CSR_MALFORMED", WRONGLY),
    person("a system's request that is too large", "CSR_TOO_LARGE", WRONGLY),
    person("a system's request that its key did not sign", "CSR_SIGNATURE", WRONGLY),
    person("a system's name that is none", "CLIENT_NAME_WRONG", WRONGLY),
    person("a system's name that is taken", "CLIENT_EXISTS", WRONGLY),
    person("a system that there is not", "CLIENT_UNKNOWN", WRONGLY),
    person("a scope that is none", "CLIENT_SCOPE_WRONG", WRONGLY),
    person("a life longer than a system's certificate may have", "SYSTEM_LIFE", WRONGLY),
    person("a certificate's file that exists", "STORE_FILE_EXISTS", WRONGLY),
    person("one system more than a node keeps", "CLIENTS_TOO_MANY", ADMITTED),
    person("a node's CA of another federation", "SYSTEMS_CA_WRONG", SYSTEMS),
    person("a next CA while the one before it is in use", "SYSTEMS_CA_OVERLAP", SYSTEMS),
    person("a node's CA that has reached its end", "SYSTEMS_CA_EXPIRED", SYSTEMS),
];

/// The texts of all rooms.
#[must_use]
pub fn catalogue() -> Catalogue {
    Catalogue::new(&[
        &multaqa_proto::code::MESSAGES,
        &multaqa_runtime::code::MESSAGES,
        &multaqa_certs::code::MESSAGES,
        &multaqa_hub::code::MESSAGES,
        &multaqa_node::code::MESSAGES,
    ])
}

/// Whether a code is in the table.
#[must_use]
pub fn tabled(code: &str) -> bool {
    TABLE.iter().any(|refusal| refusal.code == code)
}

/// Holds that a command was refused with this code of the table, and that it told a person what to do next.
///
/// # Panics
/// Where it was not.
pub fn refused(output: &Output, code: &str) {
    let Output { command, code: exit, stdout, stderr } = output;
    assert!(tabled(code), "{code} is not in the table");
    assert_eq!(*exit, Some(1), "{command}: {stdout}{stderr}");
    assert!(stderr.contains(code), "{command}: {code} expected: {stderr}");
    assert!(stderr.trim_end().lines().count() > 1, "{command}: no next step: {stderr}");
}
