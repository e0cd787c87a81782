//! The fail points of the node, in the order in which a process comes by (see `runtime::point`).
//!
//! In scope: their names. A new write, sync, signature or answer gets a point before and one after it.

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
    /// The entries of a frame are in its transaction: its first write.
    FRAME_BEGUN = "node-frame-begun",
    /// What a frame's tombstones withdraw is erased in its transaction.
    FRAME_ERASED = "node-frame-erased",
    /// All of a frame is in its transaction, the cursor included.
    FRAME_WRITTEN = "node-frame-written",
    /// A frame is stored; the state in memory is the one before, and the journal does not know.
    FRAME_STORED = "node-frame-stored",
    /// What the log says of own records is in its transaction.
    SETTLE_WRITTEN = "node-settle-written",
    /// What the log says of own records is durable in the journal.
    SETTLE_STORED = "node-settle-stored",
    /// What is cosigned next is in its transaction.
    COSIGN_WRITTEN = "node-cosign-written",
    /// What is cosigned next is durable in the journal; no cosignature is made.
    COSIGN_STORED = "node-cosign-stored",
    /// Own contents were erased from the journal's tables.
    OWN_ERASED = "node-own-erased",
    /// A file was rewritten without what was erased; its WAL holds copies.
    SCRUB_REWRITTEN = "node-scrub-rewritten",
    /// A file holds nothing that was erased, and this is not noted.
    SCRUB_ENDED = "node-scrub-ended",
    /// It is noted that a file holds nothing that was erased.
    SCRUB_NOTED = "node-scrub-noted",
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
