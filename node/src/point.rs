//! The fail points of the node, in the order in which a process comes by (see `runtime::point`).
//!
//! In scope: their names, and which of them a test comes by together: each stands in one of the lists at least, and each list
//! is broken in both ways. A new write, sync, signature or answer gets a point before and one after it.

use multaqa_runtime::point::Point;

multaqa_runtime::points! {
    /// A batch is signed, and nothing of it is written.
    BATCH_SIGNED = "node-batch-signed",
    /// The first record of a batch is in its transaction.
    BATCH_BEGUN = "node-batch-begun",
    /// All records of a batch are in its transaction.
    BATCH_WRITTEN = "node-batch-written",
    /// A batch is durable in the journal; neither its publisher nor the submit loop knows.
    BATCH_STORED = "node-batch-stored",
    /// The hub's answers came, and are not noted.
    ANSWER_TAKEN = "node-answer-taken",
    /// The hub's answers are in their transaction.
    ANSWER_WRITTEN = "node-answer-written",
    /// The hub's answers are durable in the journal.
    ANSWER_STORED = "node-answer-stored",
    /// Answers that are taken back are in their transaction.
    TAKEN_BACK_WRITTEN = "node-taken-back-written",
    /// It is durable in the journal that answers are taken back.
    TAKEN_BACK_STORED = "node-taken-back-stored",
    /// A frame is verified and judged; nothing of it is written.
    FRAME_TAKEN = "node-frame-taken",
    /// The entries of a frame are in its transaction: its first write.
    FRAME_BEGUN = "node-frame-begun",
    /// What a frame's tombstones withdraw is erased in its transaction.
    FRAME_ERASED = "node-frame-erased",
    /// The objects that a frame's records give are in its transaction.
    FRAME_FOLDED = "node-frame-folded",
    /// The cursor after a frame is in its transaction.
    FRAME_ADVANCED = "node-frame-advanced",
    /// All of a frame is in its transaction, the newest sealed checkpoint included.
    FRAME_WRITTEN = "node-frame-written",
    /// A frame is stored; the state in memory is the one before, and the journal does not know.
    FRAME_STORED = "node-frame-stored",
    /// Contents of entries that the replica holds as stubs are verified; nothing of them is written.
    FILL_TAKEN = "node-fill-taken",
    /// Contents of stubs, and how far their filling is, are in their transaction.
    FILL_WRITTEN = "node-fill-written",
    /// Contents of stubs are stored.
    FILL_STORED = "node-fill-stored",
    /// What the log says of own records is in its transaction.
    SETTLE_WRITTEN = "node-settle-written",
    /// What the log says of own records is durable in the journal.
    SETTLE_STORED = "node-settle-stored",
    /// A checkpoint may be cosigned; nothing of that is written.
    COSIGN_JUDGED = "node-cosign-judged",
    /// What is cosigned next is in its transaction.
    COSIGN_WRITTEN = "node-cosign-written",
    /// What is cosigned next is durable in the journal; no cosignature is made.
    COSIGN_STORED = "node-cosign-stored",
    /// A cosignature is made, and not handed in.
    COSIGN_SIGNED = "node-cosign-signed",
    /// The hub took a cosignature; the replica does not know.
    COSIGN_TAKEN = "node-cosign-taken",
    /// Cosignatures that were taken are in their transaction.
    VOUCHED_WRITTEN = "node-vouched-written",
    /// Cosignatures that were taken are stored.
    VOUCHED_STORED = "node-vouched-stored",
    /// Own contents were erased from the journal's tables.
    OWN_ERASED = "node-own-erased",
    /// A file was rewritten without what was erased; its WAL holds copies.
    SCRUB_REWRITTEN = "node-scrub-rewritten",
    /// A file holds nothing that was erased, and this is not noted.
    SCRUB_ENDED = "node-scrub-ended",
    /// It is noted that a file holds nothing that was erased.
    SCRUB_NOTED = "node-scrub-noted",
    /// What stood above a closed log is taken back, in its transaction.
    FALL_BACK_BEGUN = "node-fall-back-begun",
    /// All of going back is in its transaction, the cursor included.
    FALL_BACK_WRITTEN = "node-fall-back-written",
    /// The replica went back; the state in memory is the one before.
    FALL_BACK_STORED = "node-fall-back-stored",
    /// A search index that does not hold is removed; there is none.
    SEARCH_REMOVED = "node-search-removed",
    /// A search index is made that holds nothing.
    SEARCH_MADE = "node-search-made",
    /// Objects are read for the search index; nothing of them is put.
    SEARCH_READ = "node-search-read",
    /// Documents are put, and not committed.
    SEARCH_PUT = "node-search-put",
    /// The search index is committed; what is answered from is the one before.
    SEARCH_COMMITTED = "node-search-committed",
    /// Segments with documents of withdrawn objects are rewritten, and this is not noted.
    SEARCH_SCRUBBED = "node-search-scrubbed",
    /// A new certificate came and is good; the old one is on disk.
    RENEWAL_TAKEN = "node-renewal-taken",
    /// The new certificate is on disk; the old one is in use.
    RENEWAL_STORED = "node-renewal-stored",
    /// `join` has made the keys.
    JOIN_KEYS_MADE = "node-join-keys-made",
    /// `join` has stored the `key` record, and sent nothing.
    JOIN_RECORD_STORED = "node-join-record-stored",
    /// The invitation is redeemed; nothing of the answer is stored.
    JOIN_REDEEMED = "node-join-redeemed",
    /// The certificate is stored; there is no journal.
    JOIN_IDENTITY_STORED = "node-join-identity-stored",
    /// The journal is made; what only the join needed is there too.
    JOIN_JOURNAL_MADE = "node-join-journal-made",
}

/// From a record's signature to the settled journal: what a node under load comes by again and again.
pub const UNDER_LOAD: &[Point] = &[
    BATCH_SIGNED,
    BATCH_BEGUN,
    BATCH_WRITTEN,
    BATCH_STORED,
    ANSWER_TAKEN,
    ANSWER_WRITTEN,
    ANSWER_STORED,
    FRAME_BEGUN,
    FRAME_WRITTEN,
    FRAME_STORED,
    SETTLE_WRITTEN,
    SETTLE_STORED,
];

/// What the two stores come by while records are published, answered, followed and withdrawn.
pub const STORES: &[Point] = &[
    BATCH_SIGNED,
    BATCH_BEGUN,
    BATCH_WRITTEN,
    BATCH_STORED,
    ANSWER_TAKEN,
    ANSWER_WRITTEN,
    ANSWER_STORED,
    TAKEN_BACK_WRITTEN,
    TAKEN_BACK_STORED,
    FRAME_TAKEN,
    FRAME_BEGUN,
    FRAME_ERASED,
    FRAME_FOLDED,
    FRAME_ADVANCED,
    FRAME_WRITTEN,
    FRAME_STORED,
    SETTLE_WRITTEN,
    SETTLE_STORED,
    OWN_ERASED,
    SCRUB_REWRITTEN,
    SCRUB_ENDED,
    SCRUB_NOTED,
];

/// What a replica comes by that is given contents later.
pub const FILLING: &[Point] = &[FILL_TAKEN, FILL_WRITTEN, FILL_STORED];

/// What a node comes by that cosigns.
pub const COSIGNING: &[Point] =
    &[COSIGN_JUDGED, COSIGN_WRITTEN, COSIGN_STORED, COSIGN_SIGNED, COSIGN_TAKEN, VOUCHED_WRITTEN, VOUCHED_STORED];

/// What a node comes by that joins.
pub const JOINING: &[Point] =
    &[JOIN_KEYS_MADE, JOIN_RECORD_STORED, JOIN_REDEEMED, JOIN_IDENTITY_STORED, JOIN_JOURNAL_MADE];

/// What a node comes by that renews its certificate.
pub const RENEWING: &[Point] = &[RENEWAL_TAKEN, RENEWAL_STORED];

/// What a replica comes by that goes back to where the log was closed.
pub const FALLING_BACK: &[Point] = &[FALL_BACK_BEGUN, FALL_BACK_WRITTEN, FALL_BACK_STORED];

/// What the indexer of the search comes by that begins, follows the replica and forgets what was withdrawn.
pub const SEARCHING: &[Point] =
    &[SEARCH_REMOVED, SEARCH_MADE, SEARCH_READ, SEARCH_PUT, SEARCH_COMMITTED, SEARCH_SCRUBBED];
