//! When the hub is caught: the alarm is stored and shown, and nothing more is taken until an operator says so.
//!
//! In scope: standing still, and blocking the outbox where the journal is an old copy. Out of scope: the rules
//! (`proto::alarm`). A restart tries once more; an alarm that was cleared by a good frame is forgotten then.

use std::collections::BTreeMap;

use multaqa_proto::alarm::Alarm;
use multaqa_proto::number::Seq;
use multaqa_runtime::fault::Fault;

use super::Sync;
use crate::code;
use crate::journal::StoredAlarm;
use crate::metrics;
use crate::store::StoreError;

impl Sync {
    /// Stores the alarm and waits for the operator.
    pub(super) async fn stand_still(&self, alarm: &Alarm) -> Result<(), Fault> {
        tracing::error!(code = alarm.code(), detail = %alarm, "the hub broke a rule: nothing more is taken from it");
        metrics::alarm(alarm.code());
        let args = alarm.args().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let stored = StoredAlarm { code: alarm.code().to_owned(), args, at_ms: self.clock.now_ms() };
        self.journal.raise_alarm(&stored).await?;
        self.retry.notified().await;
        self.journal.clear_alarm().await?;
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

    /// The hub holds more of our chain than the journal: the journal is an old copy, and signing on would fork the chain.
    pub(super) async fn journal_is_behind(&self, own: Seq, hub: u64) -> Result<(), StoreError> {
        let args = BTreeMap::from([("expected".to_owned(), hub.to_string()), ("found".to_owned(), own.to_string())]);
        tracing::error!(own = %own, hub, code = code::JOURNAL_BEHIND, "the journal is an old copy: nothing is signed");
        let reason = StoredAlarm { code: code::JOURNAL_BEHIND.to_owned(), args, at_ms: self.clock.now_ms() };
        self.journal.block_outbox(&reason).await
    }
}
