//! What the log measures. Names and units stand here and nowhere else.
//!
//! Out of scope: exporting them (`multaqa_runtime::telemetry`).

use metrics::{counter, gauge, histogram};
use multaqa_proto::log::witness::Standing;
use multaqa_proto::number::TreeSize;
use tokio::time::Instant;

/// Counter: a peer submitted a record of another writer.
pub(crate) const WRITER_NOT_PEER: &str = "multaqa_hub_writer_not_peer_total";
/// Counter: a node came back with an older incarnation than it had.
pub(crate) const INCARNATION_REGRESSED: &str = "multaqa_hub_incarnation_regressed_total";
/// Counter: two live instances of one node.
pub(crate) const NODE_DUPLICATE: &str = "multaqa_hub_node_duplicate_total";

/// Counter: nodes' certificates that were renewed.
pub(crate) const RENEWALS: &str = "multaqa_hub_renewals_total";
/// Counter: renewals that the node's record key had not signed.
pub(crate) const RENEWAL_UNSIGNED: &str = "multaqa_hub_renewals_unsigned_total";
/// Counter: redemptions that the record key of the `key` record had not signed.
pub(crate) const REDEMPTION_UNSIGNED: &str = "multaqa_hub_redemptions_unsigned_total";

/// A commit under way.
#[derive(Debug)]
pub(crate) struct CommitTimer {
    started: Instant,
    entries: usize,
}

/// A record was ordered.
pub(crate) fn accepted() {
    counter!("multaqa_hub_records_accepted_total").increment(1);
}
/// A record had been ordered before.
pub(crate) fn duplicate() {
    counter!("multaqa_hub_records_duplicate_total").increment(1);
}
/// A record broke the rule of this code.
pub(crate) fn rejected(code: &'static str) {
    counter!("multaqa_hub_records_rejected_total", "code" => code).increment(1);
}

/// Records wait for their place.
pub(crate) fn queue_depth(records: usize) {
    gauge!("multaqa_hub_queue_records").set(precise(records));
}

/// A commit of so many entries begins.
pub(crate) fn commit_timer(entries: usize) -> CommitTimer {
    CommitTimer { started: now(), entries }
}

/// A commit is durable and published.
pub(crate) fn committed(timer: &CommitTimer, size: TreeSize) {
    histogram!("multaqa_hub_commit_seconds").record((now() - timer.started).as_secs_f64());
    histogram!("multaqa_hub_commit_entries").record(precise(timer.entries));
    gauge!("multaqa_hub_tree_size").set(precise(usize::try_from(size.0).unwrap_or(usize::MAX)));
}

/// A commit was not stored.
pub(crate) fn commit_failed() {
    counter!("multaqa_hub_commits_failed_total").increment(1);
}

/// Whether the log takes no records.
pub(crate) fn frozen(frozen: bool) {
    gauge!("multaqa_hub_log_frozen").set(if frozen { 1.0 } else { 0.0 });
}

/// A cosignature was taken.
pub(crate) fn cosigned() {
    counter!("multaqa_hub_cosignatures_total").increment(1);
}

/// How far the log is witnessed.
pub(crate) fn witnessed(standing: &Standing, now_ms: i64) {
    let size = |size: TreeSize| precise(usize::try_from(size.0).unwrap_or(usize::MAX));
    gauge!("multaqa_hub_witnessed_size").set(size(standing.witnessed));
    gauge!("multaqa_hub_stable_size").set(size(standing.stable));
    gauge!("multaqa_hub_witnesses_silent").set(precise(standing.silent(now_ms).count()));
}

/// The checkpoint lock was not replaced.
pub(crate) fn lock_failed() {
    counter!("multaqa_hub_checkpoint_lock_failed_total").increment(1);
}

fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::cast_precision_loss, reason = "a metric may be off by one above 2^53")]
fn precise(n: usize) -> f64 {
    n as f64
}
