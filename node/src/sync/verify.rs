//! Whether a journal that was put back, or copied, is still the newest: the log says so, once the replica holds all of it.
//!
//! In scope: comparing the journal's chain with the log's, and what follows. Out of scope: noticing (`greet`, the hub's word; the
//! restoring command), the block itself (`journal::restored`).
//!
//! The replica is fetched and verified up to what the hub had at the greeting, and waited for until the other states vouch for that
//! much: a hub that keeps back the newest records of this node could have it sign twice for one place. A quorum of them has to, or
//! all where a quorum would need this state as well, which must not vouch meanwhile; where the policy names no others, the hub's
//! checkpoint is all that there is. Where the log's newest record of this node is then in the journal at its place, the journal
//! lacks nothing and the node goes on with an incarnation above all that were seen. Where it is not, another process signed it:
//! nothing is signed with this journal again, and operators invite the node to a new epoch.

use std::collections::BTreeMap;

use multaqa_proto::log::chain::Head;
use multaqa_proto::log::witness::Standing;
use multaqa_proto::number::Seq;

use super::Session;
use crate::code;
use crate::journal::StoredAlarm;
use crate::link::Ended;

/// Verifies the journal; what ended it. A journal that is behind goes on reading.
pub(super) async fn run(session: &Session) -> Ended {
    match verify(session).await {
        Ok(true) => Ended::Verified,
        Ok(false) => std::future::pending().await,
        Err(ended) => ended,
    }
}

async fn verify(session: &Session) -> Result<bool, Ended> {
    let (sync, identity) = (&session.sync, session.sync.journal.identity());
    sync.journal.distrust(sync.clock.now_ms()).await?;
    session.caught_up().await?;
    let vouched =
        |standing: &Standing| standing.vouched_by_others(&identity.member).is_none_or(|size| size >= session.hub_size);
    let mut standing = sync.witnessing.standing();
    if !vouched(&standing.borrow()) {
        tracing::info!(size = %session.hub_size, "the journal is trusted once the other states vouch for the log");
    }
    standing.wait_for(vouched).await.map_err(|_| Ended::Answer("cut off: the node stops"))?;
    let newest = sync.journal.newest_seq().await?;
    let head = sync.intake.load().state().and_then(|state| state.chains().head(&identity.writer()));
    let Some(Head { epoch, seq, record_id }) = head else { return Ok(false) };
    let ours = epoch == identity.epoch && sync.journal.own_at(seq).await? == Some(record_id);
    if ours {
        tracing::info!(%seq, newest = %newest, "the journal holds all that the log has of this node: it is trusted again");
        sync.journal.trust(session.known_incarnation).await?;
        return Ok(true);
    }
    let at = |seq: Seq| seq.to_string();
    let args = BTreeMap::from([("expected".to_owned(), at(seq)), ("found".to_owned(), at(newest))]);
    tracing::error!(%seq, own = %newest, code = code::JOURNAL_BEHIND, "the journal is an old copy: nothing is signed");
    let reason = StoredAlarm { code: code::JOURNAL_BEHIND.to_owned(), args, at_ms: sync.clock.now_ms() };
    sync.journal.distrust_for_good(&reason).await?;
    Ok(false)
}
