//! The stable codes of this room and their texts.
//!
//! In scope: the list. Out of scope: rendering (`proto::message`), codes of other rooms that pass through here.

/// Declares each code as a constant that is its own text, and the list of all.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        $($(#[$doc])* pub const $name: &str = stringify!($name);)*
        /// Every code of this crate.
        pub const CODES: &[&str] = &[$($name),*];
    };
}

codes! {
    // Stores.
    /// A later version of the program wrote a store. Arguments: `store`, `found`, `known`.
    STORE_NEWER,
    /// A store is not there. Arguments: `path`.
    STORE_MISSING,
    /// The file of a store has no bytes. Arguments: `path`.
    STORE_EMPTY,
    /// The file of a store is no database. Arguments: `path`.
    STORE_NOT_DATABASE,
    /// No space is left for a store. Arguments: `store`, `transaction`, `detail`.
    STORE_FULL,
    /// SQLite refused. Arguments: `store`, `transaction`, `detail`.
    STORE_FAILED,
    /// A stored value is not what the program writes. Arguments: `table`, `column`, `row`, `detail`.
    STORE_ROW_BAD,
    /// The file of a store is damaged (fsck).
    STORE_FILE_WRONG,
    /// A table or an index is not as this program makes it (fsck).
    STORE_SCHEMA_WRONG,
    /// A row does not fit its digest (fsck).
    STORE_ROW_WRONG,
    /// Rows are missing or too many (fsck).
    STORE_ROWS_WRONG,
    // Journal.
    /// A record that is not the next of the chain was to be stored. Arguments: `expected`, `found`.
    JOURNAL_PLACE_TAKEN,
    /// The journal belongs to another node. Arguments: `expected`, `found`.
    JOURNAL_FOREIGN,
    /// What shows an alarm could not be written. Arguments: `detail`.
    EVIDENCE_NOT_WRITTEN,
    /// The log holds own records that the journal does not: it is an old copy.
    JOURNAL_BEHIND,
    /// The log lost an own record of which no content is left, so that nothing can follow it. Arguments: `seq`, `held`.
    CHAIN_BROKEN,
    /// The journal was put back from a backup, or is a copy: it is compared with the log first.
    JOURNAL_RESTORED,
    /// An own record does not hold (fsck).
    JOURNAL_RECORD_WRONG,
    /// Nothing is signed until an operator acts. Arguments: `reason`.
    OUTBOX_BLOCKED,
    // Replica (fsck).
    /// An entry does not hold.
    REPLICA_ENTRY_WRONG,
    /// The cursor is not what the entries give.
    REPLICA_CURSOR_WRONG,
    /// A stored root of a complete subtree is not what the entries give.
    REPLICA_SUBTREE_WRONG,
    /// The rows of an object are not what its records give.
    REPLICA_FOLD_WRONG,
    // Search.
    /// The search index is being checked or made anew. Arguments: `done`, `of`.
    SEARCH_REBUILDING,
    /// The text of a search is too long. Arguments: `found`, `max`.
    SEARCH_TEXT_TOO_LONG,
    /// The text of a search has too many words. Arguments: `found`, `max`.
    SEARCH_WORDS_TOO_MANY,
    /// A search has too many filters, or too many values of one. Arguments: `max`, `values`.
    SEARCH_FILTERS_TOO_MANY,
    /// No kind has such a facet. Arguments: `facet`, `nearest`, `facets`.
    SEARCH_FACET_UNKNOWN,
    /// No record can have this value of a facet. Arguments: `facet`, `value`, `nearest` and `known`, each "none" where there is none.
    SEARCH_VALUE_UNKNOWN,
    /// The search index cannot be read. Arguments: `detail`.
    SEARCH_FAILED,
    // Link.
    /// The hub cannot be reached. Arguments: `detail`.
    LINE_DOWN,
    /// The hub ended or refused a call. Arguments: `detail`.
    LINK_CALL_FAILED,
    /// The hub answered something that the protocol does not allow. Arguments: `detail`.
    LINK_ANSWER_BAD,
    /// What comes is dated ahead of the own clock, and nobody says which is wrong. Arguments: `seconds`.
    CLOCKS_DIFFER,
    /// The own clock is wrong by those of the hub and of other states. Arguments: `seconds`.
    OWN_CLOCK_WRONG,
    /// The hub's clock is wrong by the own one and those of other states. Arguments: `seconds`.
    HUB_CLOCK_WRONG,
    /// The hub answers, but none of the own records that wait. Arguments: `seconds`.
    LOG_UNANSWERED,
    /// The hub answers, but no seal comes where one must. Arguments: `since`.
    LOG_SEAL_OVERDUE,
    /// Too few other states vouch for the log. Arguments: `needed`, `since`.
    LOG_UNWITNESSED,
    // Join.
    /// The join key is past its time. Arguments: `until`.
    JOIN_KEY_EXPIRED,
    /// The genesis is not the one that the join key names. Arguments: `detail`.
    JOIN_GENESIS_WRONG,
    /// The join key was used by another node. Arguments: `writer`.
    JOIN_KEY_USED,
    /// The hub knows of no open invitation for the join key. Arguments: `writer`.
    JOIN_NOT_OPEN,
    /// The hub refused to join the node. Arguments: `reason`, `detail`.
    JOIN_REFUSED,
    /// The hub's certificate for the node is not what was asked for. Arguments: `detail`.
    JOIN_CERTIFICATE_WRONG,
    /// The directory holds half of another join. Arguments: `path`, `detail`.
    JOIN_DIRECTORY_WRONG,
    // Configuration.
    /// No address of a hub is configured.
    CONFIG_HUB_MISSING,
    /// An address of a hub is not `host:port`. Arguments: `value`.
    CONFIG_HUB_MALFORMED,
    /// The directory holds no joined node. Arguments: `dir`.
    NODE_NOT_JOINED,
    // Record files.
    /// Record files break rules, nothing was signed. Arguments: `count`.
    FILES_REFUSED,
    /// A file is larger than the limit. Arguments: `path`, `max`, `found` (bytes).
    FILE_TOO_LARGE,
    /// A file is not UTF-8. Arguments: `path`.
    FILE_NOT_UTF8,
    /// A file holds no record. Arguments: `path`.
    FILE_EMPTY,
    /// A file is not YAML or JSON from here on. Arguments: `path`, `detail`.
    FILE_MALFORMED,
    /// A file uses YAML that records do without. Arguments: `path`, `feature`.
    FILE_FEATURE_REFUSED,
    /// A file holds more values than allowed. Arguments: `path`, `max`.
    FILE_TOO_MANY_VALUES,
    /// A field that the kind does not have. Arguments: `path`, `nearest` (or `none`).
    FIELD_UNKNOWN,
    /// A field stands twice. Arguments: `path`.
    FIELD_DUPLICATE,
    /// A value is not text. Arguments: `path`.
    VALUE_NOT_TEXT,
    /// A value is not a list. Arguments: `path`.
    VALUE_NOT_LIST,
    /// A value is not a mapping. Arguments: `path`.
    VALUE_NOT_MAPPING,
    /// A value is not a whole number. Arguments: `path`.
    VALUE_NOT_NUMBER,
    /// A value is not true or false. Arguments: `path`.
    VALUE_NOT_BOOLEAN,
    /// A value is not bytes. Arguments: `path`.
    VALUE_NOT_BYTES,
    /// A kind that this version does not know. Arguments: `path`, `kind`, `nearest` (or `none`).
    KIND_UNKNOWN,
    /// A kind that is not published from files. Arguments: `path`, `kind`.
    KIND_NOT_FROM_FILE,
    /// A CSV file must lie beside the record file. Arguments: `path`, `value`.
    CSV_NAME_REFUSED,
    /// The CSV file is not there. Arguments: `path`, `csv`.
    CSV_MISSING,
    /// Figures from a CSV file and in the record. Arguments: `path`.
    CSV_AND_OBSERVATIONS,
    /// A CSV file cannot be read. Arguments: `path`, `detail`.
    CSV_MALFORMED,
    /// A column is missing. Arguments: `path`, `column`.
    CSV_COLUMN_MISSING,
    /// A column that figures do not have. Arguments: `path`, `column`, `nearest` (or `none`).
    CSV_COLUMN_UNKNOWN,
    /// A column stands twice. Arguments: `path`, `column`.
    CSV_COLUMN_DUPLICATE,
    /// A row has not as many cells as the header. Arguments: `path`, `expected`, `found`.
    CSV_ROW_WIDTH,
    /// A row is of another indicator. Arguments: `path`, `expected`, `found`.
    CSV_INDICATOR_MIXED,
    /// A CSV file is of another indicator than its record names. Arguments: `path`, `indicator`, `expected`, `found`.
    CSV_INDICATOR_OTHER,
    /// A row that would delete. Arguments: `path`, `value`.
    CSV_ACTION_REFUSED,
    /// A CSV file has more rows than a dataset may hold. Arguments: `path`, `max`.
    CSV_TOO_LONG,
    // Publishing.
    /// A dataset is larger than a content may be. Arguments: `id`, `max`, `found` (bytes).
    DATASET_TOO_LARGE,
    /// A record is larger than a content may be. Arguments: `id`, `max`, `found` (bytes).
    CONTENT_TOO_LARGE,
    /// More records than one call publishes. Arguments: `max`, `found`.
    RECORDS_TOO_MANY,
    /// Records of a request break rules, nothing was signed. Arguments: `count`.
    RECORDS_REFUSED,
    /// A payload is no JSON object. Arguments: `path`, `detail`.
    PAYLOAD_NOT_JSON,
    /// An object has as many revisions as it may have. Arguments: `id`, `max`.
    REVISIONS_EXHAUSTED,
    /// No such object on the replica or in the outbox. Arguments: `id`.
    OBJECT_UNKNOWN,
    /// No record stands at this place of the log. Arguments: `index`, `size`.
    PROOF_INDEX_UNKNOWN,
    /// A record stands above the newest seal, so it cannot be proven so far. Arguments: `index`.
    PROOF_NOT_SEALED,
    /// The federation's control records are more than a proof takes. Arguments: `max`.
    PROOF_TOO_LARGE,
    /// The file for a proof cannot be written. Arguments: `path`, `detail`.
    PROOF_FILE_UNWRITABLE,
    /// This member approved the record already. Arguments: `record`, `id`.
    APPROVAL_GIVEN,
    /// `fsck` found a sound journal and no replica. Arguments: `dir`.
    REPLICA_MISSING,
    /// The replica holds no log yet, so nothing can be checked against it.
    REPLICA_EMPTY,
    /// A fast start is under way, and nothing is served before it is over. Arguments: `size`, `end`.
    REPLICA_STARTING,
    // Member systems.
    /// A name of a system that is not `<org>/<name>`. Arguments: `value`.
    CLIENT_NAME_WRONG,
    /// A system of this name is in force. Arguments: `name`.
    CLIENT_EXISTS,
    /// No system of this name. Arguments: `name`.
    CLIENT_UNKNOWN,
    /// More systems than are kept. Arguments: `max`.
    CLIENTS_TOO_MANY,
    /// A text that is no scope. Arguments: `value`, `nearest` (or `none`).
    CLIENT_SCOPE_WRONG,
    /// A system that may come in no more. Arguments: `identity`.
    CLIENT_REVOKED,
    /// A system asked for what its scopes do not name. Arguments: `identity`, `resource`, `rule`.
    CLIENT_DENIED,
    /// A system asked for what is for the node's own machine. Arguments: `identity`, `resource`.
    CLIENT_LOCAL_ONLY,
    /// A system has too many requests at once. Arguments: `identity`, `max`.
    REQUESTS_TOO_MANY,
    /// As many watch as may. Arguments: `max`.
    WATCHES_TOO_MANY,
    /// A request took longer than it may. Arguments: `seconds`.
    REQUEST_TOO_SLOW,
    /// No such service or method.
    METHOD_UNKNOWN,
    /// A message in a coding that is not read. Arguments: `detail`.
    CODING_UNSUPPORTED,
    /// A message is larger than the service takes. Arguments: `detail`.
    MESSAGE_TOO_LARGE,
    /// A message cannot be read. Arguments: `detail`.
    MESSAGE_MALFORMED,
    /// The node ends.
    NODE_ENDS,
    // Downloads.
    /// A system has too many downloads under way. Arguments: `identity`, `max`.
    DOWNLOADS_TOO_MANY,
    /// A download of more than one carries. Arguments: `rows`, `mib`.
    DOWNLOAD_TOO_LARGE,
    /// A download could not be written. Arguments: `detail`.
    DOWNLOAD_FAILED,
    /// A format that objects of this kind do not have. Arguments: `format`, `kinds`.
    FORMAT_NOT_OF_KIND,
    // HTTP.
    /// Nothing is served at a path. Arguments: `path`.
    ROUTE_UNKNOWN,
    /// A collection that is none. Arguments: `collection`, `nearest` (or `none`), `known`.
    COLLECTION_UNKNOWN,
    /// A path has no such method. Arguments: `method`, `allowed`.
    METHOD_NOT_ALLOWED,
    /// A parameter that the route does not have. Arguments: `name`, `nearest` (or `none`), `known`.
    PARAMETER_UNKNOWN,
    /// A parameter is not of its form. Arguments: `name`, `value`, `expected`.
    PARAMETER_WRONG,
    /// A parameter stands twice. Arguments: `name`.
    PARAMETER_REPEATED,
    /// A parameter is missing. Arguments: `name`.
    PARAMETER_MISSING,
    /// No media type that the client accepts is offered. Arguments: `offered`.
    MEDIA_NOT_OFFERED,
    /// A body is of another media type or content coding. Arguments: `expected`.
    MEDIA_UNSUPPORTED,
    /// A body cannot be read. Arguments: `detail`.
    BODY_MALFORMED,
    /// A path that takes no body was sent one.
    BODY_UNEXPECTED,
    /// Something is to be published or withdrawn under a condition, which is not evaluated. Arguments: `header`.
    CONDITION_UNSUPPORTED,
    /// A body did not come in time. Arguments: `seconds`.
    BODY_TOO_SLOW,
    /// Path and query are too long. Arguments: `max` (bytes).
    TARGET_TOO_LONG,
    /// The header fields are too large together. Arguments: `max` (bytes).
    HEADERS_TOO_LARGE,
    // SDMX.
    /// A part of an SDMX request does not have the form of the standard. Arguments: `name`, `value`, `form`.
    SDMX_MALFORMED,
    /// A component that the data structure does not have. Arguments: `value`, `known`.
    SDMX_COMPONENT_UNKNOWN,
    /// An SDMX request finds nothing. Arguments: `resource`.
    SDMX_NOTHING_FOUND,
    /// A part of SDMX REST that is not there. Arguments: `what`.
    SDMX_NOT_IMPLEMENTED,
    /// An answer that is larger than is given at once. Arguments: `max`.
    SDMX_ANSWER_TOO_LARGE,
    /// What was taken away since a moment cannot be told for what an SDMX request asks. Arguments: `dataset`.
    SDMX_CHANGES_UNTOLD,
    /// Figures are wanted as they stood before a dataset was withdrawn, whose content is erased. Arguments: `dataset`, `provider`.
    SDMX_PAST_ERASED,
    // The node's own socket and the command line.
    /// A list of a kind that is none. Arguments: `kind`, `nearest` (or `none`), `kinds`.
    LIST_KIND_UNKNOWN,
    /// A page token that no answer to the same query gave. Arguments: `value`.
    PAGE_TOKEN_BAD,
    /// An order that lists do not have. Arguments: `order`, `nearest` (or `none`), `orders`.
    ORDER_UNKNOWN,
    /// A path in a mask that the schema does not have. Arguments: `path`, `nearest` (or `none`).
    FIELD_PATH_UNKNOWN,
    /// The replica did not come to a position in time. Arguments: `wanted`, `size`.
    POSITION_NOT_REACHED,
    /// A record id that is not 64 hexadecimal digits. Arguments: `value`.
    RECORD_ID_MALFORMED,
    /// Nobody answers on the node's socket. Arguments: `socket`, `dir`, `detail`.
    NODE_NOT_RUNNING,
    /// The node's answer carries no code of this program. Arguments: `detail`.
    NODE_CALL_FAILED,
    /// A file that the command names cannot be read. Arguments: `file`, `detail`.
    PATH_UNREADABLE,
    /// Files that are too large to be published together. Arguments: `max`, `found` (bytes).
    FILES_TOO_LARGE,
    /// fsck found what does not hold. Arguments: `count`.
    FSCK_FOUND,
}

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
    fn every_code_has_its_texts() {
        assert_eq!(multaqa_proto::message::review(CODES, &MESSAGES), [""; 0]);
    }
}
