//! The names and the help of this room's metrics.
//!
//! Out of scope: where they are served (`runtime::admin`).

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};

use multaqa_proto::log::witness::Standing;

const STATES: [&str; 7] = ["line-down", "hub-refusing", "alarm", "log-frozen", "behind", "unwitnessed", "live"];

/// Gives every metric its help. Once, at the start.
pub(crate) fn describe() {
    describe_gauge!("multaqa_node_cursor", "Entries of the log that the replica holds");
    describe_gauge!("multaqa_node_behind", "Entries at the hub that the replica does not hold yet");
    describe_gauge!("multaqa_node_link", "1 for the state that the line to the hub is in");
    describe_gauge!("multaqa_node_own_records", "Own records by state");
    describe_counter!("multaqa_node_frames_total", "Frames that were verified and applied");
    describe_counter!("multaqa_node_frames_repeated_total", "Frames that came twice and were left out");
    describe_counter!("multaqa_node_void_total", "Records that are void by their own fault");
    describe_counter!("multaqa_node_filled_total", "Contents that became readable later");
    describe_counter!("multaqa_node_alarms_total", "Rules that the hub was caught breaking, by code");
    describe_gauge!("multaqa_node_witnessed_size", "Entries below are witnessed: an honest state vouches for them");
    describe_gauge!("multaqa_node_stable_size", "Entries below are stable: they can stand on one branch only");
    describe_gauge!("multaqa_node_cosigned_size", "Entries of the newest checkpoint that this node cosigned");
    describe_counter!("multaqa_node_cosignatures_total", "Own cosignatures that the hub took");
    describe_counter!("multaqa_node_cosignatures_refused_total", "Own cosignatures that the hub did not take");
    describe_gauge!("multaqa_node_certificate_not_after_seconds", "End of the certificate in use, Unix time");
    describe_counter!("multaqa_node_renewals_total", "Attempts to renew the certificate, by outcome");
    describe_histogram!("multaqa_store_transaction_seconds", "Time from the begin of a transaction to its commit");
}

/// A frame was applied.
pub(crate) fn applied(size: u64, void: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; sizes stay far below 2^52")]
    gauge!("multaqa_node_cursor").set(size as f64);
    counter!("multaqa_node_frames_total").increment(1);
    counter!("multaqa_node_void_total").increment(void);
}

/// A frame came twice.
pub(crate) fn repeated() {
    counter!("multaqa_node_frames_repeated_total").increment(1);
}

/// Contents were filled in.
pub(crate) fn filled(contents: u64) {
    counter!("multaqa_node_filled_total").increment(contents);
}

/// Until when the certificate in use holds, milliseconds since 1970 UTC.
pub(crate) fn certificate(not_after_ms: i64) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; seconds stay far below 2^52")]
    gauge!("multaqa_node_certificate_not_after_seconds").set((not_after_ms / 1_000) as f64);
}

/// The certificate was to be renewed.
pub(crate) fn renewal(done: bool) {
    let outcome = if done { "done" } else { "failed" };
    counter!("multaqa_node_renewals_total", "outcome" => outcome).increment(1);
}

/// The hub was caught.
pub(crate) fn alarm(code: &'static str) {
    counter!("multaqa_node_alarms_total", "code" => code).increment(1);
}

/// Entries still to come.
pub(crate) fn behind(by: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; sizes stay far below 2^52")]
    gauge!("multaqa_node_behind").set(by as f64);
}

/// The state of the line.
pub(crate) fn link(state: &'static str) {
    for name in STATES {
        gauge!("multaqa_node_link", "state" => name).set(if name == state { 1.0 } else { 0.0 });
    }
}

/// Own records by state.
pub(crate) fn own(counts: impl IntoIterator<Item = (&'static str, u64)>) {
    for (state, count) in counts {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; counts stay far below 2^52")]
        gauge!("multaqa_node_own_records", "state" => state).set(count as f64);
    }
}

/// The hub took an own cosignature over so many entries.
pub(crate) fn cosigned(size: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; sizes stay far below 2^52")]
    gauge!("multaqa_node_cosigned_size").set(size as f64);
    counter!("multaqa_node_cosignatures_total").increment(1);
}

/// The hub did not take an own cosignature.
pub(crate) fn cosignature_refused() {
    counter!("multaqa_node_cosignatures_refused_total").increment(1);
}

/// How far the log is witnessed.
pub(crate) fn witnessed(standing: &Standing) {
    for (name, size) in
        [("multaqa_node_witnessed_size", standing.witnessed), ("multaqa_node_stable_size", standing.stable)]
    {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; sizes stay far below 2^52")]
        gauge!(name).set(size.0 as f64);
    }
}
