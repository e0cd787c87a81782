//! When the log that this node follows was closed, and the next one has begun.
//!
//! A node whose cursor is at or below the closed size goes on: the succession comes in its frames. One that holds more goes back
//! first, where the succession holds: it is signed by as many operators as are needed, a quorum of states vouches for the closed size,
//! and this node itself knows of nothing stable above it. Otherwise it is the hub that is caught: two stable branches are a fork.
//! A node that followed another branch, so that its tree has another root there, goes back to what it knows to be stable.
//!
//! First the journal takes back what was said of own records above, then the replica goes back: after a crash between the two the
//! replica says it of them again, and both are repeated. In scope: this. Out of scope: the transactions (`journal`, `replica`), what a succession
//! must hold (`proto::log::succession`).

use std::sync::Arc;

use multaqa_proto::alarm::{Alarm, Fork};
use multaqa_proto::log::leaf::Leaf;
use multaqa_proto::log::succession::{Held, Succession, SuccessionWrong};
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::intake::Intake;
use prost::bytes::Bytes;

use super::Sync;
use crate::link::Ended;
use crate::store::StoreError;

impl Sync {
    /// Goes back where the log was closed below the cursor; whether it did.
    pub(super) async fn follow_succession(&self, leaf: Vec<u8>) -> Result<bool, Ended> {
        let turn = self.applying.lock().await;
        let intake = self.intake.load_full();
        let (Some(directory), size) = (intake.directory(), intake.size()) else { return Ok(false) };
        let wrong = |why| Alarm::SuccessionWrong { index: size.next_index(), why };
        let leaf = Leaf::parse(&Bytes::from(leaf)).map_err(|_| wrong("its leaf is malformed"))?;
        let succession = Succession::parse(&leaf.body).map_err(|SuccessionWrong(why)| wrong(why))?;
        let closed = succession.closed_checkpoint(directory).map_err(|SuccessionWrong(why)| wrong(why))?;
        if closed.size >= size {
            return Ok(false);
        }
        let stable = self.witnessing.standing().borrow().stable;
        let same = self.replica.root_at(closed.size).await? == Some(closed.root);
        let to = if same { closed.size } else { stable.min(closed.size) };
        let genesis = self.journal.identity().genesis;
        let at = self.replica.directory_at(genesis, to).await?;
        let held = succession.check(at.as_ref().unwrap_or(directory));
        let held: Held = held.map_err(|SuccessionWrong(why)| wrong(why))?;
        if stable > held.closed.size {
            return Err(self.forked(&intake, stable, &held, succession.closed).await?.into());
        }
        let note = if same { Some(succession.closed) } else { self.note_at(to).await? };
        let to = if note.is_some() { to } else { TreeSize(0) };
        self.go_back(&intake, to, &note.unwrap_or_default(), &held).await?;
        drop(turn);
        Ok(true)
    }

    async fn go_back(&self, before: &Intake, to: TreeSize, note: &str, held: &Held) -> Result<(), Ended> {
        tracing::warn!(
            log = %held.closed.log, closed = %held.closed.size, cursor = %before.size(), %to,
            "LOG_SUCCEEDED: the log was closed, and what this node holds above is on no log any more",
        );
        let again = self.journal.take_back_from(LeafIndex(to.0)).await?;
        let now_ms = self.clock.now_ms();
        let intake = self.replica.fall_back(self.journal.identity(), to, note, now_ms).await?;
        tracing::info!(size = %intake.size(), again, "went back; own records above are submitted again");
        self.intake.store(Arc::new(intake));
        self.witnessing.reload().await?;
        self.outbox.notify_one();
        Ok(())
    }

    /// The sealed checkpoint of exactly this size.
    async fn note_at(&self, size: TreeSize) -> Result<Option<String>, StoreError> {
        let sealed = self.replica.sealed_from(size).await?;
        Ok(sealed.filter(|sealed| sealed.size == size).map(|sealed| sealed.note))
    }

    /// What is stable here is not in the closed log.
    async fn forked(&self, intake: &Intake, stable: TreeSize, held: &Held, theirs: String) -> Result<Alarm, StoreError> {
        let ours = self.note_at(stable).await?.unwrap_or_else(|| intake.checkpoint().to_owned());
        let own = self.replica.root_at(stable).await?.unwrap_or_default();
        Ok(Alarm::LogFork(Box::new(Fork { size: stable, held: own, signed: held.closed.root, ours, theirs })))
    }
}
