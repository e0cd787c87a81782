//! Reading one's own write: an answer that waits until the replica has come to a position.
//!
//! A position that does not come is no fault of the node: any client can ask for one that the log never has. So over HTTP it is 409
//! Conflict with `Retry-After`, never a 5xx, which would count against the node wherever its answers are watched. Over gRPC it stays
//! UNAVAILABLE with `RetryInfo`: ready-made retry policies try that code again by themselves, as one who waits for his own write
//! wants, and never FAILED_PRECONDITION.
//!
//! In scope: waiting, for a bounded time. Out of scope: where the replica stands (`replica::notice`), how many requests of a
//! client wait at once (`gate`).

use std::time::Duration;

use multaqa_proto::number::TreeSize;
use tokio::sync::watch;

use super::Api;
use super::refusal::Refusal;
use crate::code;
use crate::replica::Position;

/// Longest wait.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// Leaves that no replica takes in during the wait: a position further ahead is refused at once and holds no request.
const REACH: u64 = 1_000_000;

impl Api {
    /// Waits until the replica holds so many leaves.
    ///
    /// # Errors
    /// `POSITION_NOT_REACHED` where it does not in time.
    pub(crate) async fn reached(&self, min_position: u64) -> Result<(), Refusal> {
        come(self.parts.replica.watch(), min_position, self.patience).await
    }

    /// The same of the search index.
    ///
    /// # Errors
    /// As [`Api::reached`].
    pub(crate) async fn index_reached(&self, min_position: u64) -> Result<(), Refusal> {
        come(self.parts.search.watch(), min_position, self.patience).await
    }
}

async fn come(mut position: watch::Receiver<Option<Position>>, wanted: u64, patience: Duration) -> Result<(), Refusal> {
    if wanted == 0 {
        return Ok(());
    }
    let size = |position: &Option<Position>| position.map_or(TreeSize(0), |position| position.size);
    let ahead = wanted.saturating_sub(size(&position.borrow()).0);
    let patience = if ahead > REACH { Duration::ZERO } else { patience };
    let reached = position.wait_for(|position| size(position) >= TreeSize(wanted));
    if matches!(tokio::time::timeout(patience, reached).await, Ok(Ok(_))) {
        return Ok(());
    }
    let size = size(&position.borrow());
    let args = [("wanted", wanted.to_string()), ("size", size.to_string())];
    Err(Refusal::new(code::POSITION_NOT_REACHED, args))
}

#[cfg(test)]
mod tests {
    use multaqa_proto::wire::node as wire;

    use super::*;
    use crate::port::tests::Served;
    use crate::publish::testing::{TestNode, organisation};

    const MODEE: &str = "JO:organisation:modee";

    #[tokio::test]
    async fn an_answer_waits_for_the_own_write() {
        let mut served = Served::of(TestNode::of("JO").await).await;
        served.node.publisher.publish(&[organisation(MODEE, "a")], &[]).await.unwrap();
        let min_position = served.node.log.size().0 + 1;
        let request = wire::GetRequest { id: MODEE.to_owned(), min_position, ..Default::default() };
        let mut replica = served.client.replica();
        let (got, ()) = tokio::join!(replica.get(request), served.node.order_queued());
        assert!(got.unwrap().into_inner().freshness.unwrap().size >= min_position);
    }

    #[tokio::test]
    async fn a_position_that_does_not_come_is_refused() {
        let node = TestNode::of("JO").await;
        let replica = &node.parts.replica;
        come(replica.watch(), node.log.size().0, Duration::ZERO).await.unwrap();
        let next = node.log.size().0 + 1;
        for (wanted, patience) in [(next, Duration::ZERO), (next + REACH, Duration::MAX), (u64::MAX, Duration::MAX)] {
            let refusal = come(replica.watch(), wanted, patience).await.unwrap_err();
            assert_eq!(refusal.code, "POSITION_NOT_REACHED");
            assert_eq!(refusal.args[1].1, node.log.size().to_string());
        }
    }
}
