//! Whether the log still has what came back from it once: a hub that lost its disk, and replicas that were thrown away with it, may have
//! left own records nowhere but in the journal. What follows them would be refused for the gap, for ever.
//!
//! The hub's word at the greeting is only the reason to look: the replica is fetched and verified up to what the hub had then, and says
//! how far the log has this node's chain. What stands above it is submitted again, as it was signed. A record that was withdrawn
//! has no content to be submitted with; then nothing can follow it in this epoch, the outbox is blocked (`CHAIN_BROKEN`), and
//! operators invite the node to the next. In scope: this. Out of scope: a journal that is behind the log (`verify`), the
//! transaction (`journal::taken_back`).

use std::collections::BTreeMap;

use multaqa_proto::number::Seq;

use super::Session;
use crate::code;
use crate::journal::{StoredAlarm, TakenBack};
use crate::link::Ended;
use crate::store::StoreError;

impl Session {
    /// Whether the hub says that the log has less of this node's chain than came back, and the replica does not say otherwise.
    pub(super) async fn lacks_own(&self) -> Result<bool, StoreError> {
        let journal = &self.sync.journal;
        if self.log_seq >= journal.newest_seen().await? || journal.block().await?.is_some() {
            return Ok(false);
        }
        Ok(!(self.is_caught_up() && self.held_seq() >= journal.newest_seen().await?))
    }

    /// The replica holds all that the hub had at the greeting.
    pub(super) fn is_caught_up(&self) -> bool {
        self.sync.intake.load().size() >= self.hub_size
    }

    /// Waits for that.
    pub(super) async fn caught_up(&self) -> Result<(), Ended> {
        let mut link = self.sync.tracker.watch();
        loop {
            link.mark_unchanged();
            if self.is_caught_up() {
                return Ok(());
            }
            if link.changed().await.is_err() {
                return Err(Ended::Answer("cut off: the node stops"));
            }
        }
    }

    /// The newest place of the open epoch on the log, as the replica has it; 0 where there is none.
    fn held_seq(&self) -> Seq {
        let identity = self.sync.journal.identity();
        let intake = self.sync.intake.load();
        let head = intake.state().and_then(|state| state.chains().head(&identity.writer()));
        head.filter(|head| head.epoch == identity.epoch).map_or(Seq(0), |head| head.seq)
    }
}

/// Looks what the log lacks, and has it submitted again; what ended it.
pub(super) async fn run(session: &Session) -> Ended {
    match look(session).await {
        Ok(()) => Ended::Verified,
        Err(ended) => ended,
    }
}

async fn look(session: &Session) -> Result<(), Ended> {
    session.caught_up().await?;
    let journal = &session.sync.journal;
    let held = session.held_seq();
    // Of an epoch that never began on this log the first record is redeemed, not submitted.
    if held == Seq(0) || held >= journal.newest_seen().await? {
        return Err(Ended::Answer("another word on this node's chain than the log has"));
    }
    let TakenBack { again, broken } = journal.take_back_above(held).await?;
    tracing::warn!(%held, again, "own records that came back once are on no log any more: they are submitted again");
    if let Some(seq) = broken {
        let args = BTreeMap::from([("seq".to_owned(), seq.to_string()), ("held".to_owned(), held.to_string())]);
        tracing::error!(%seq, %held, code = code::CHAIN_BROKEN, "the log lacks an own record of which no content is left");
        let reason = StoredAlarm { code: code::CHAIN_BROKEN.to_owned(), args, at_ms: session.sync.clock.now_ms() };
        journal.block_outbox(&reason).await?;
    }
    Ok(())
}
