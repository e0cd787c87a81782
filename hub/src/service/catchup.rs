//! `SyncService.CatchUp`: a past range of the log, from the immutable rows; or the contents that became readable.
//!
//! In scope: the range as frames, whole or (`start`) by runs; the pages of contents. Out of scope: following the head (`tail`),
//! reading (`fanout`).

mod start;

use std::sync::Arc;

use futures::Stream;
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::block::pack;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::catch_up_response::Event;
use tonic::{Code, Status};

use super::tail::Reader;
use super::{Hub, Refusal};
use crate::registry::Caller;

/// A range that is no range of this log.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RangeWrong {
    from: u64,
    to: u64,
    size: TreeSize,
}

impl From<RangeWrong> for Refusal {
    fn from(RangeWrong { from, to, size }: RangeWrong) -> Self {
        let args = vec![("from", from.to_string()), ("to", to.to_string()), ("size", size.to_string())];
        Self::new(Code::OutOfRange, "RANGE_WRONG", args)
    }
}

struct CatchUp {
    reader: Reader,
    to: TreeSize,
    what: What,
    ended: bool,
}

/// What is asked for of the range.
enum What {
    Frames,
    Start(start::Start),
    /// Contents that became readable after this view, with inclusion paths in the tree of that size.
    Contents {
        since: TreeSize,
        paths_at: Option<TreeSize>,
    },
}

/// Opens a catch-up.
pub(super) fn open(
    hub: &Arc<Hub>,
    caller: Caller,
    member: MemberCode,
    node: Writer,
    request: &wire::CatchUpRequest,
) -> Result<impl Stream<Item = Result<wire::CatchUpResponse, Status>> + Send + use<>, Refusal> {
    let wire::CatchUpRequest { log, from, to, newly_readable_since, by_runs, paths_at } = *request;
    let size = hub.log.state().size();
    if from > to || to > size.0 || paths_at.is_some_and(|paths_at| paths_at > size.0) {
        return Err(RangeWrong { from, to, size }.into());
    }
    let reader = Reader::new(hub, caller, member, node, log, from)?;
    let (to, paths_at) = (TreeSize(to), paths_at.map(TreeSize));
    let what = match newly_readable_since {
        Some(since) => What::Contents { since: TreeSize(since), paths_at },
        None if !by_runs => What::Frames,
        None if from == 0 => What::Start(start::Start::Unsaid),
        None => What::Start(start::Start::To(to)),
    };
    let catch_up = CatchUp { reader, to, what, ended: false };
    Ok(futures::stream::unfold(catch_up, |mut catch_up| async move {
        if catch_up.ended {
            return None;
        }
        let next = catch_up.next().await.transpose()?;
        catch_up.ended = next.is_err();
        Some((next.map(|event| wire::CatchUpResponse { event: Some(event) }).map_err(Status::from), catch_up))
    }))
}

impl CatchUp {
    async fn next(&mut self) -> Result<Option<Event>, Refusal> {
        if self.reader.hub().shutdown.is_draining() {
            return Err(Refusal::draining());
        }
        match &mut self.what {
            What::Start(start) => start.next(&mut self.reader).await,
            What::Frames | What::Contents { .. } if self.reader.cursor >= self.to => Ok(None),
            What::Frames => Ok(self.reader.frame().await?.map(Event::Frame)),
            What::Contents { since, paths_at } => {
                let (since, paths_at) = (*since, *paths_at);
                Ok(Some(Event::Fill(self.fill(since, paths_at).await?)))
            }
        }
    }

    async fn fill(&mut self, since: TreeSize, paths_at: Option<TreeSize>) -> Result<wire::Fill, Refusal> {
        let state = self.reader.judge()?;
        let hub: &Hub = self.reader.hub();
        let range = (LeafIndex(self.reader.cursor.0), LeafIndex(self.to.0));
        let page = hub.fanout.fill(self.reader.member(), range, since, paths_at, &state).await?;
        let blocks = if page.entries.is_empty() { Vec::new() } else { vec![pack(&page.entries, true)] };
        let paths = page.paths.iter().map(|path| path.iter().flat_map(|hash| hash.0).collect()).collect();
        self.reader.cursor = TreeSize(page.through.0);
        tracing::debug!(member = %self.reader.member(), entries = page.entries.len(), through = %page.through, "contents that became readable");
        Ok(wire::Fill { blocks, through: page.through.0, view: state.size().0, paths })
    }
}
