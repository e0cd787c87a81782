//! Answers that the hub gave and the log has to bear out: a record that was accepted, or was said to be on the log before, comes
//! back at its index. A hub that answers and drops is caught here, by the record's own writer.
//!
//! Three ways: the cursor has passed the index without the record (`ACCEPTED_LOST`, at once, and before anything more is
//! cosigned), and so has an answer that names another index than is known; the checkpoint that came with the answer does not
//! reach the index, or for five minutes none does (`ACCEPTED_UNORDERED`); that checkpoint is of another log than the one that
//! is followed (`LOG_FORK`, by `crate::witness`, of one checkpoint a second). An unanswered record is submitted again in each
//! session, so that nothing rests on what a greeting says of it.
//!
//! A hub that was restored and says at the greeting that it lacks entries takes its answers back: what it answered is
//! submitted again, and meanwhile the line shows `HUB_REFILLING`.
//!
//! # A loss that a restoration explains
//! A node that was away during all of it hears nothing of that. Then only what stands on the log itself excuses the hub, as the
//! frames come by (`take`): a *succession* at or below the index, with cosignatures and operators' decisions; or the *notice* by which an
//! operator let a restored log go on at a size at or below it. Answers from before are taken back and nobody is
//! accused; one that comes after it is held against the log as ever. A hub that merely went on without what it had accepted broke
//! its word, whatever befell it: `ACCEPTED_LOST` says so, and that no notice covers it.
//!
//! Out of scope: storing answers (`journal`), the evidence file.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use multaqa_proto::alarm::Alarm;
use multaqa_proto::evidence::Sent;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::witness::FRESH_MS;
use multaqa_proto::number::{LeafIndex, LogNumber};
use multaqa_proto::sync::intake::Intake;
use tokio::time::{Instant, interval_at};

use super::{Session, Sync};
use crate::journal::Answered;
use crate::link::{Caught, Ended};
use crate::store::StoreError;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// The answer that was awaited longest, and since when by the own clock. It outlives sessions: who cuts the line gains no time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Awaited(Arc<Mutex<Option<(Answered, i64)>>>);

impl Awaited {
    /// Since when this answer is awaited.
    fn since(&self, answered: Option<Answered>, now_ms: i64) -> i64 {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = known.filter(|(known, _)| answered == Some(*known)).map(|(_, since_ms)| since_ms);
        let since_ms = same.unwrap_or(now_ms);
        *known = answered.map(|answered| (answered, since_ms));
        since_ms
    }
}

/// Looks at what is awaited; what ended it.
pub(super) async fn run(session: &Session) -> Ended {
    match watch(&session.sync).await {
        Ok(never) => match never {},
        Err(ended) => ended,
    }
}

async fn watch(sync: &Sync) -> Result<Infallible, Ended> {
    // Not at once: the greeting's checkpoint may be as old as the answer.
    let mut look = interval_at(Instant::now() + LOOK, LOOK);
    loop {
        look.tick().await;
        let turn = sync.applying.lock().await;
        sync.must_be_borne_out().await?;
        drop(turn);
        sync.must_be_ordered().await?;
    }
}

impl Sync {
    /// The replica holds every record that was answered to stand below its end. What it says of own records is stored.
    pub(super) async fn must_be_borne_out(&self) -> Result<(), Ended> {
        let intake = self.intake.load_full();
        match self.journal.overtaken(intake.size()).await? {
            None => Ok(()),
            Some(answered) => Err(self.lost(answered).await?),
        }
    }

    /// Takes answers back, which a hub that lost part of its log cannot keep, or that an operator forgave.
    pub(super) async fn take_back_answers(&self) -> Result<(), StoreError> {
        let taken = self.journal.take_back_answers().await?;
        if taken > 0 {
            tracing::warn!(records = taken, "own records that the hub had accepted are submitted again");
        }
        Ok(())
    }

    /// The hub answered that records stand at their indexes of a log; its checkpoint, empty where it sent none, has to cover them,
    /// and a sample of them is held against the log that is followed.
    pub(super) async fn hear_answers(
        &self,
        accepted: &[Answered],
        log: LogNumber,
        note: &str,
        sample: bool,
    ) -> Result<(), Ended> {
        let intake = self.intake.load_full();
        let (Some(state), Some(last)) = (intake.state(), accepted.iter().max_by_key(|answered| answered.index)) else {
            return Ok(());
        };
        // The log after this one has begun: its checkpoints count once the replica is there.
        if note.is_empty() || log != state.log() {
            return Ok(());
        }
        let directory = state.directory();
        let opened = Checkpoint::open_from(note, directory.federation(), state.log(), &directory.policy().log_key);
        let opened = opened.map_err(|bad| Caught::by_note(Alarm::CheckpointBad(bad.0), &intake, note))?;
        if opened.size.0 <= last.index.0 {
            let Answered { record_id, index } = *last;
            let alarm = Alarm::AcceptedUnordered { index, record_id, size: opened.size };
            return Err(self.caught(alarm, *last, note, &intake).await?);
        }
        if sample { self.witnessing.take(vec![note.to_owned()]).await } else { Ok(()) }
    }

    /// The end of a session by an answer that is not true.
    pub(super) async fn lost(&self, answered: Answered) -> Result<Ended, StoreError> {
        let (intake, Answered { record_id, index }) = (self.intake.load_full(), answered);
        self.caught(Alarm::AcceptedLost { index, record_id }, answered, "", &intake).await
    }

    /// The log reaches the index of each awaited answer, by any checkpoint of five minutes.
    async fn must_be_ordered(&self) -> Result<(), Ended> {
        let answered = self.journal.awaited().await?;
        let size = self.tracker.watch().borrow().hub_size.unwrap_or_default();
        let beyond = answered.filter(|answered| size.0 <= answered.index.0);
        let now_ms = self.clock.now_ms();
        let since_ms = self.awaited.since(beyond, now_ms);
        match beyond {
            Some(answered) if now_ms.saturating_sub(since_ms) >= FRESH_MS => {
                let (intake, Answered { record_id, index }) = (self.intake.load_full(), answered);
                let alarm = Alarm::AcceptedUnordered { index, record_id, size };
                Err(self.caught(alarm, answered, "", &intake).await?)
            }
            Some(_) | None => Ok(()),
        }
    }

    async fn caught(
        &self,
        alarm: Alarm,
        answered: Answered,
        note: &str,
        intake: &Arc<Intake>,
    ) -> Result<Ended, StoreError> {
        let Some(record) = self.journal.signed(answered.record_id).await? else { return Ok(alarm.into()) };
        let (index, checkpoint): (LeafIndex, _) = (answered.index, note.to_owned());
        Ok(Caught::at(alarm, intake, Sent::Answer { record, index, checkpoint, standing: None }))
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::hash::RecordId;

    use super::*;

    #[test]
    fn an_answer_is_awaited_from_when_it_was_first_and_another_anew() {
        let awaited = Awaited::default();
        let answered = |name: &[u8], index| Some(Answered { record_id: RecordId::of(name), index: LeafIndex(index) });
        assert_eq!([10, 20].map(|now_ms| awaited.since(answered(b"a", 7), now_ms)), [10, 10]);
        assert_eq!(awaited.since(answered(b"a", 8), 30), 30, "another index");
        assert_eq!(awaited.since(answered(b"b", 8), 40), 40, "another record");
        assert_eq!(awaited.since(None, 50), 50);
        assert_eq!(awaited.clone().since(answered(b"b", 8), 60), 60, "it came in between");
        assert_eq!(awaited.since(answered(b"b", 8), 70), 60);
    }
}
