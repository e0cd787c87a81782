//! `SyncService.Tail`: follows the log from a cursor, live.
//!
//! In scope: frames as soon as there is a commit, what witnesses cosigned, heartbeats, the end at a drain or a suspension. Out
//! of scope: entries and their grouping (`fanout`, `sync::merge`), which cosignatures are told (`witnesses`).
//!
//! A frame is made when the reader has room for it, of all commits since its cursor up to 1 MiB: a fast reader gets each
//! commit at once, a slow one fewer and larger frames. Nothing is kept for a reader but its cursor, so that one that stops
//! reading costs what its streams have under way: a frame and what HTTP/2 buffers, 2 MiB at most a stream, for at most as many
//! streams as `limits.streams_per_node`. A connection whose peer does not answer is cut (`line.dead_after_seconds`); one whose
//! peer answers and reads nothing ends with its lifetime, an hour.

use std::sync::Arc;

use futures::Stream;
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::TreeSize;
use multaqa_proto::sync::merge::{Segment, frame};
use multaqa_proto::sync::{FRAME_ENTRIES_MAX, FRAME_MAX};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::tail_response::Event;
use tokio::sync::watch;
use tonic::Status;

use super::{Hub, Refusal, check_in_force};
use crate::registry::{Caller, StreamSlot};

/// A reader of the log, at its cursor.
pub(super) struct Reader {
    hub: Arc<Hub>,
    member: MemberCode,
    node: Writer,
    pub(super) cursor: TreeSize,
    /// Held so that the peer counts as connected while the stream is open.
    _caller: Caller,
    _slot: StreamSlot,
}

impl Reader {
    /// A reader from an index on, where the hub has that much of this log.
    pub(super) fn new(
        hub: &Arc<Hub>,
        caller: Caller,
        member: MemberCode,
        node: Writer,
        log: u64,
        from: u64,
    ) -> Result<Self, Refusal> {
        hub.check_place(log, from)?;
        let size = hub.log.state().size();
        if from > size.0 {
            return Err(Refusal::hub_behind(from, size.0));
        }
        check_in_force(hub.log.state().directory(), &member, &node)?;
        let slot = hub.stream_slot(&node)?;
        let (hub, cursor) = (Arc::clone(hub), TreeSize(from));
        Ok(Self { hub, member, node, cursor, _caller: caller, _slot: slot })
    }

    /// The hub.
    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }
    /// The reader's member.
    pub(super) const fn member(&self) -> &MemberCode {
        &self.member
    }

    /// The state that the next answer is judged by; none where the reader is not in force any more.
    pub(super) fn judge(&self) -> Result<Arc<LogState>, Refusal> {
        let state = self.hub.log.state();
        check_in_force(state.directory(), &self.member, &self.node)?;
        Ok(state)
    }

    /// The next frame, as this reader may see it; none at the head.
    pub(super) async fn frame(&mut self) -> Result<Option<wire::Frame>, Refusal> {
        let state = self.judge()?;
        let segments = self.gather(state.size()).await?;
        let frame = frame(&segments, &self.member, state.directory(), state.size());
        if let Some(last) = segments.last() {
            self.cursor = last.end();
            self.hub.registry.heard(&self.node, Some(self.cursor));
        }
        Ok(frame)
    }

    /// Commits from the cursor on, none beyond the view, of one frame's size; the first one whatever its size.
    async fn gather(&self, view: TreeSize) -> Result<Vec<Arc<Segment>>, Refusal> {
        let (mut segments, mut bytes, mut entries) = (Vec::new(), 0, 0);
        let mut at = self.cursor;
        while at < view {
            let Some(segment) = self.hub.fanout.segment(at).await? else { break };
            bytes += segment.bytes;
            entries += segment.count;
            let full = bytes > FRAME_MAX || entries > FRAME_ENTRIES_MAX as u64;
            if segment.end() > view || (full && !segments.is_empty()) {
                break;
            }
            at = segment.end();
            segments.push(segment);
        }
        Ok(segments)
    }
}

struct Tail {
    reader: Reader,
    committed: watch::Receiver<TreeSize>,
    frozen: watch::Receiver<Option<&'static str>>,
    cosigned: watch::Receiver<Arc<[String]>>,
    /// Whether the reader was told what is cosigned.
    begun: bool,
    ended: bool,
}

/// Opens a tail.
pub(super) fn open(
    hub: &Arc<Hub>,
    caller: Caller,
    member: MemberCode,
    node: Writer,
    request: &wire::TailRequest,
) -> Result<impl Stream<Item = Result<wire::TailResponse, Status>> + Send + use<>, Refusal> {
    let wire::TailRequest { log, from } = *request;
    let reader = Reader::new(hub, caller, member, node, log, from)?;
    let (committed, frozen, cosigned) = (hub.log.committed(), hub.log.frozen(), hub.witnesses.forwarded());
    let tail = Tail { committed, frozen, cosigned, reader, begun: false, ended: false };
    Ok(futures::stream::unfold(tail, |mut tail| async move {
        if tail.ended {
            return None;
        }
        let next = tail.next().await;
        tail.ended = next.is_err();
        Some((next.map(|event| wire::TailResponse { event: Some(event) }).map_err(Status::from), tail))
    }))
}

impl Tail {
    async fn next(&mut self) -> Result<Event, Refusal> {
        let shutdown = self.reader.hub.shutdown.clone();
        let silence = tokio::time::sleep(self.reader.hub.heartbeat);
        tokio::pin!(silence);
        loop {
            if shutdown.is_draining() {
                return Err(Refusal::draining());
            }
            if let Some(cosigned) = self.cosigned() {
                return Ok(Event::Cosigned(cosigned));
            }
            self.committed.mark_unchanged();
            if let Some(frame) = self.reader.frame().await? {
                return Ok(Event::Frame(frame));
            }
            tokio::select! {
                biased;
                () = shutdown.draining() => {}
                changed = self.committed.changed() => {
                    if changed.is_err() {
                        return Err(Refusal::draining());
                    }
                }
                changed = self.frozen.changed() => {
                    if changed.is_err() {
                        return Err(Refusal::draining());
                    }
                    return Ok(Event::Heartbeat(self.heartbeat()));
                }
                changed = self.cosigned.changed() => {
                    if changed.is_err() {
                        return Err(Refusal::draining());
                    }
                    self.cosigned.mark_changed();
                }
                () = &mut silence => return Ok(Event::Heartbeat(self.heartbeat())),
            }
        }
    }

    /// What the reader was not told yet: all of it at the beginning.
    fn cosigned(&mut self) -> Option<wire::Cosigned> {
        let checkpoints = if !self.begun {
            self.begun = true;
            self.cosigned.mark_unchanged();
            self.reader.hub.witnesses.all()
        } else if self.cosigned.has_changed().unwrap_or(false) {
            self.cosigned.borrow_and_update().to_vec()
        } else {
            return None;
        };
        (!checkpoints.is_empty()).then_some(wire::Cosigned { checkpoints })
    }

    fn heartbeat(&self) -> wire::Heartbeat {
        let hub = self.reader.hub();
        hub.registry.heard(&self.reader.node, Some(self.reader.cursor));
        let frozen = self.frozen.borrow().unwrap_or_default().to_owned();
        let copy_refused_ms = hub.registry.seen(&self.reader.node).and_then(|seen| seen.copy_refused_ms);
        wire::Heartbeat {
            hub_time_ms: hub.clock.now_ms(),
            checkpoint: hub.log.checkpoint().to_string(),
            frozen,
            copy_refused_ms: copy_refused_ms.unwrap_or(0),
        }
    }
}
