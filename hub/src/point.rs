//! The fail points of the hub, in the order in which a process comes by (see `runtime::point`).
//!
//! In scope: their names, which of them lie between a commit's first write and its answer, and which a test comes by together:
//! each stands in one of those lists at least, and each of them is broken in both ways. A new write, sync, signature or answer
//! gets a point before and one after it.

use multaqa_runtime::point::Point;

multaqa_runtime::points! {
    /// Records were taken from the queue; nothing is planned or signed.
    COMMIT_UNPLANNED = "hub-commit-unplanned",
    /// A commit is planned and its checkpoint signed; nothing is written.
    COMMIT_PLANNED = "hub-commit-planned",
    /// The entries of a commit are in its transaction: its first write.
    COMMIT_BEGUN = "hub-commit-begun",
    /// The roots of the subtrees that a commit completes are in its transaction.
    COMMIT_TREED = "hub-commit-treed",
    /// What its tombstones withdraw is erased in its transaction.
    COMMIT_ERASED = "hub-commit-erased",
    /// All of a commit is in its transaction, the head included.
    COMMIT_WRITTEN = "hub-commit-written",
    /// The transaction is durable.
    COMMIT_STORED = "hub-commit-stored",
    /// Readers may be sent the commit.
    COMMIT_PUBLISHED = "hub-commit-published",
    /// Nothing of the new checkpoint lock is written.
    LOCK_BEGUN = "hub-lock-begun",
    /// The new checkpoint lock is written beside the old one, and not synced.
    LOCK_UNSYNCED = "hub-lock-unsynced",
    /// The new checkpoint lock is synced beside the old one.
    LOCK_WRITTEN = "hub-lock-written",
    /// The new checkpoint lock has taken the old one's place.
    LOCK_REPLACED = "hub-lock-replaced",
    /// A record of the commit is answered, others perhaps not.
    COMMIT_ANSWERED = "hub-commit-answered",
    /// The answer that a record is accepted is made, and not sent.
    ANSWER_MADE = "hub-answer-made",
    /// Contents were erased by a commit; the WAL still holds them.
    PURGE_BEGUN = "hub-purge-begun",
    /// The WAL was cut to nothing.
    PURGE_ENDED = "hub-purge-ended",
    /// A redeemed `key` record is on the log; no certificate is issued.
    REDEEM_ORDERED = "hub-redeem-ordered",
    /// A certificate is signed, and not stored.
    CERTIFICATE_SIGNED = "hub-certificate-signed",
    /// A certificate is stored as issued; its owner does not have it.
    CERTIFICATE_STORED = "hub-certificate-stored",
    /// A certificate is in use in the store, and not yet on the allow-list.
    CERTIFICATE_IN_USE = "hub-certificate-in-use",
    /// What stood above the size to which the log goes back is set aside, in its transaction.
    FALL_BACK_BEGUN = "hub-fall-back-begun",
    /// All of going back is in its transaction, the head included.
    FALL_BACK_WRITTEN = "hub-fall-back-written",
    /// The log went back, and the state in memory did not.
    FALL_BACK_STORED = "hub-fall-back-stored",
    /// Records that were set aside are on the log again, in their transaction.
    ORDERED_AGAIN_WRITTEN = "hub-ordered-again-written",
    /// Records that were set aside are on the log again, and the state in memory lacks them.
    ORDERED_AGAIN_STORED = "hub-ordered-again-stored",
    /// An operator's decision on closing the log is in its transaction.
    DECISION_WRITTEN = "hub-decision-written",
    /// An operator's decision is durable, and not answered.
    DECISION_STORED = "hub-decision-stored",
    /// A log that was whole again has its lock, and is not noted to go on.
    REFILL_LOCKED = "hub-refill-locked",
    /// A log that was whole again is noted to go on, and gives no index yet.
    REFILL_ENDED = "hub-refill-ended",
    /// `init` has made the operator's directory.
    INIT_OPERATOR_MADE = "hub-init-operator-made",
    /// `init` has made keys and certificates of the hub.
    INIT_KEYS_MADE = "hub-init-keys-made",
    /// `init` has made the store.
    INIT_STORE_MADE = "hub-init-store-made",
}

/// From a commit's first write to its answer.
pub const UNANSWERED: &[Point] =
    &[COMMIT_BEGUN, COMMIT_WRITTEN, COMMIT_STORED, COMMIT_PUBLISHED, LOCK_WRITTEN, LOCK_REPLACED, ANSWER_MADE];

/// What the sequencer comes by with every commit, and after one that erases.
pub const SEQUENCER: &[Point] = &[
    COMMIT_UNPLANNED,
    COMMIT_PLANNED,
    COMMIT_BEGUN,
    COMMIT_TREED,
    COMMIT_ERASED,
    COMMIT_WRITTEN,
    COMMIT_STORED,
    COMMIT_PUBLISHED,
    LOCK_WRITTEN,
    LOCK_REPLACED,
    COMMIT_ANSWERED,
    PURGE_BEGUN,
    PURGE_ENDED,
];

/// What a commit comes by beside the sequencer: the lock that is made ready meanwhile, and the answers on their way out.
pub const BESIDE: &[Point] = &[LOCK_BEGUN, LOCK_UNSYNCED, ANSWER_MADE];

/// What a hub comes by that redeems an invitation.
pub const REDEEMING: &[Point] = &[REDEEM_ORDERED, CERTIFICATE_SIGNED, CERTIFICATE_STORED];

/// What a hub comes by that renews a certificate.
pub const RENEWING: &[Point] = &[CERTIFICATE_SIGNED, CERTIFICATE_STORED, CERTIFICATE_IN_USE];

/// What `init` comes by.
pub const BEGINNING: &[Point] = &[INIT_OPERATOR_MADE, INIT_KEYS_MADE, INIT_STORE_MADE];

/// What a hub comes by that closes its log, each twice: where it goes back, where each of two operators decides, and where the next
/// log begins.
pub const CLOSING: &[Point] = &[
    FALL_BACK_BEGUN,
    FALL_BACK_WRITTEN,
    FALL_BACK_STORED,
    DECISION_WRITTEN,
    DECISION_STORED,
    ORDERED_AGAIN_WRITTEN,
    ORDERED_AGAIN_STORED,
];

/// What a hub comes by that goes on with a log which an operator released.
pub const RELEASING: &[Point] = &[
    ORDERED_AGAIN_WRITTEN,
    ORDERED_AGAIN_STORED,
    LOCK_BEGUN,
    LOCK_UNSYNCED,
    LOCK_WRITTEN,
    LOCK_REPLACED,
    REFILL_LOCKED,
    REFILL_ENDED,
];
