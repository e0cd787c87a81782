//! When the hub is caught: the alarm is stored and shown, and nothing more is taken until an operator says so.
//!
//! In scope: standing still (what is handed on: `evidence`), and blocking the outbox where the journal is an old copy or the node is frozen. Out of scope: the rules
//! (`proto::alarm`). A restart tries once more; an alarm that was cleared by a good frame is forgotten then.

use std::collections::BTreeMap;
use std::sync::Arc;

use multaqa_proto::alarm::Alarm;
use multaqa_proto::number::Seq;
use multaqa_runtime::fault::Fault;

use super::Sync;
use crate::code;
use crate::journal::StoredAlarm;
use crate::link::Caught;
use crate::metrics;
use crate::store::StoreError;

/// Code of what stops a node that contradicted itself.
const FROZEN: &str = "WRITER_FROZEN";

impl Sync {
    /// Stores the alarm, writes what shows it, and waits for the operator.
    pub(super) async fn stand_still(&self, caught: &Caught) -> Result<(), Fault> {
        let (alarm, at_ms) = (&caught.alarm, self.clock.now_ms());
        tracing::error!(code = alarm.code(), detail = %alarm, "the hub broke a rule: nothing more is taken from it");
        metrics::alarm(alarm.code());
        let args = alarm.args().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let stored = StoredAlarm { code: alarm.code().to_owned(), args, at_ms };
        self.journal.raise_alarm(&stored).await?;
        self.hand_on(caught, at_ms).await;
        self.retry.notified().await;
        if matches!(alarm, Alarm::AcceptedLost { .. } | Alarm::AcceptedUnordered { .. }) {
            self.take_back_answers().await?;
        }
        self.journal.clear_alarm().await?;
        // What the hub says that it lacks is heard anew at the next greeting.
        let turn = self.applying.lock().await;
        if let Some(next) = self.intake.load().excused(None) {
            self.intake.store(Arc::new(next));
        }
        drop(turn);
        Ok(())
    }

    /// Forgets an alarm of before the start, since the hub's next frame held.
    pub(super) async fn forget_alarm(&self) -> Result<(), StoreError> {
        if self.journal.alarm().await?.is_some() {
            tracing::info!("the hub's frames hold again: the alarm of before the restart is over");
            self.journal.clear_alarm().await?;
        }
        Ok(())
    }

    /// Blocks the outbox where evidence on the log freezes this node: two copies of it signed, or somebody else holds its key.
    pub(super) async fn block_where_frozen(&self) -> Result<(), StoreError> {
        let (intake, identity) = (self.intake.load_full(), self.journal.identity());
        let writer = identity.writer();
        let found = intake.directory().and_then(|directory| {
            let mut all = directory.equivocations();
            all.find(|(found, by)| **found == writer && by.epoch == identity.epoch).map(|(_, by)| by.clone())
        });
        let Some(found) = found else { return Ok(()) };
        let args = [("writer", writer.to_string()), ("seq", found.seq.to_string()), ("index", found.index.to_string())];
        let args = args.map(|(name, value)| (name.to_owned(), value)).into();
        tracing::error!(seq = %found.seq, evidence = %found.index, code = FROZEN, "two records of this node for one place: nothing is signed");
        self.journal.block_outbox(&StoredAlarm { code: FROZEN.to_owned(), args, at_ms: self.clock.now_ms() }).await
    }

    /// The hub holds more of our chain than the journal: the journal is an old copy, and signing on would fork the chain.
    pub(super) async fn journal_is_behind(&self, own: Seq, hub: u64) -> Result<(), StoreError> {
        let args = BTreeMap::from([("expected".to_owned(), hub.to_string()), ("found".to_owned(), own.to_string())]);
        tracing::error!(own = %own, hub, code = code::JOURNAL_BEHIND, "the journal is an old copy: nothing is signed");
        let reason = StoredAlarm { code: code::JOURNAL_BEHIND.to_owned(), args, at_ms: self.clock.now_ms() };
        self.journal.block_outbox(&reason).await
    }
}
