//! When the log that this node follows was closed, and the next one has begun.
//!
//! A node whose cursor is at or below the closed size goes on: the succession comes in its frames. One that holds more goes back
//! first, where the succession holds: it is signed by as many operators as are needed, a quorum of states vouches for the closed size,
//! and this node itself knows of nothing stable above it. Otherwise it is the hub that is caught: two stable branches are a fork.
//! A node that followed another branch, so that its tree has another root there, or the hub says so of its cursor, goes back to what
//! it knows to be stable; where that is nothing, its replica is fetched anew.
//!
//! First the journal takes back what was said of own records above, then the replica goes back: after a crash between the two the
//! replica says it of them again, and both are repeated. In scope: this. Out of scope: the transactions (`journal`, `replica`), what a succession
//! must hold (`proto::log::succession`).

use std::sync::Arc;

use multaqa_proto::alarm::{Alarm, Fork};
use multaqa_proto::evidence::Sent;
use multaqa_proto::log::leaf::Leaf;
use multaqa_proto::log::succession::{Held, Succession, SuccessionWrong};
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::intake::Intake;
use prost::bytes::Bytes;

use super::Sync;
use crate::link::{Caught, Ended};
use crate::store::StoreError;

impl Sync {
    /// Goes back where the log was closed below the cursor, or on another branch than the cursor's; whether it did.
    pub(super) async fn follow_succession(&self, leaf: Vec<u8>, apart: bool) -> Result<bool, Ended> {
        let turn = self.applying.lock().await;
        let intake = self.intake.load_full();
        let (Some(directory), size) = (intake.directory(), intake.size()) else { return Ok(false) };
        let leaf = Bytes::from(leaf);
        let sent = Sent::Succession { leaf: leaf.clone(), cosigned: self.cosigned_notes().await? };
        let caught = |alarm| Caught::at(alarm, &intake, sent.clone());
        let wrong = |why| caught(Alarm::SuccessionWrong { index: size.next_index(), why });
        let leaf = Leaf::parse(&leaf).map_err(|_| wrong("its leaf is malformed"))?;
        let succession = Succession::parse(&leaf.body).map_err(|SuccessionWrong(why)| wrong(why))?;
        let closed = succession.closed_checkpoint(directory).map_err(|SuccessionWrong(why)| wrong(why))?;
        let stable = self.witnessing.standing().borrow().stable;
        let same = self.replica.root_at(closed.size).await? == Some(closed.root);
        let step = step(size, stable, closed.size, same, apart);
        let to = match step {
            Step::Stay => return Ok(false),
            Step::Forked => closed.size,
            Step::Back(to) => to,
        };
        // Whose keys count is what the directory says there.
        let at = self.replica.directory_at(self.journal.identity().genesis, to).await?;
        let held = succession.check(at.as_ref().unwrap_or(directory));
        let held: Held = held.map_err(|SuccessionWrong(why)| wrong(why))?;
        if step == Step::Forked {
            return Err(caught(self.forked(&intake, stable, &held, succession.closed).await?));
        }
        let note = if same && !apart { Some(succession.closed) } else { self.note_at(to).await? };
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
    async fn forked(
        &self,
        intake: &Intake,
        stable: TreeSize,
        held: &Held,
        theirs: String,
    ) -> Result<Alarm, StoreError> {
        let ours = self.note_at(stable).await?.unwrap_or_else(|| intake.checkpoint().to_owned());
        let own = self.replica.root_at(stable).await?.unwrap_or_default();
        Ok(Alarm::LogFork(Box::new(Fork { size: stable, held: own, signed: held.closed.root, ours, theirs })))
    }
}

/// What a node does that learns that its log was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It holds no more than was closed: the succession comes with the next frames.
    Stay,
    /// More than was closed is stable: no two branches can be.
    Forked,
    /// It goes back to this size.
    Back(TreeSize),
}

/// Of a node at `size`, which knows so much to be stable, and whose tree has the closed root at the closed size or not; or whose
/// cursor is below that and `apart` of the closed log. What is stable is in both trees.
fn step(size: TreeSize, stable: TreeSize, closed: TreeSize, same: bool, apart: bool) -> Step {
    let forked = stable > closed || (!same && stable == closed) || (apart && stable == size);
    if size <= closed && !apart {
        Step::Stay
    } else if forked {
        Step::Forked
    } else if same && !apart {
        Step::Back(closed)
    } else {
        Step::Back(stable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_goes_back_to_the_closed_size_or_to_what_is_stable_and_never_below_that() {
        let stepped =
            |size, stable, closed, same| step(TreeSize(size), TreeSize(stable), TreeSize(closed), same, false);
        assert_eq!(stepped(5, 3, 5, true), Step::Stay);
        assert_eq!(stepped(4, 3, 5, false), Step::Stay);
        let apart = step(TreeSize(4), TreeSize(3), TreeSize(5), false, true);
        assert_eq!(apart, Step::Back(TreeSize(3)), "it is on another branch");
        assert_eq!(stepped(9, 3, 5, true), Step::Back(TreeSize(5)));
        assert_eq!(stepped(9, 5, 5, true), Step::Back(TreeSize(5)));
        assert_eq!(stepped(9, 3, 5, false), Step::Back(TreeSize(3)));
        assert_eq!(stepped(9, 0, 5, false), Step::Back(TreeSize(0)), "nothing is known to be in both");
        assert_eq!(stepped(9, 6, 5, true), Step::Forked);
        assert_eq!(stepped(9, 6, 5, false), Step::Forked);
        assert_eq!(stepped(9, 5, 5, false), Step::Forked, "what is stable is another history");
        assert_eq!(step(TreeSize(4), TreeSize(4), TreeSize(5), false, true), Step::Forked);
    }
}
