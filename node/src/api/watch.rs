//! Watching: a stream of what changes, as far as the caller may read it at each moment.
//!
//! Every event asks the one decision anew with what the system may do by then: its stream ends with the refusal where it was revoked, or
//! where it may no longer read what it named; a watch of all kinds shows those that it may read at that moment. The stream is the same
//! for gRPC (`grpc::watch`) and for server-sent events (`rest::events`), each of which says how an event is written (`Telling`); it is
//! written once for all watchers that asked for the same of it, and what they may see decides only who is sent it. In scope: where a
//! watch begins, what it is sent, when it ends. Out of scope: reading and telling changes to all (`crate::watch`).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use multaqa_proto::hash::Hash;
use multaqa_proto::log::witness::Label;
use multaqa_proto::number::TreeSize;
use multaqa_proto::wire::node as wire;
use prost::Message as _;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

use super::list::listed;
use super::mask::{Mask, Of, PAYLOAD};
use super::read::summarised;
use super::refusal::Refusal;
use super::{Api, caller, json};
use crate::clients::authorise::{Allowed, Asked, Caller};
use crate::code;
use crate::replica::Object;
use crate::watch::follow::{Place, Step, step};
use crate::watch::{Batch, Changed, Subscription, WATCHERS};

/// Events that wait for one watcher; all others wait in the batches.
const WAITING: usize = 16;
/// Seconds between heartbeats where nothing is said, and the most.
const HEARTBEAT: (u32, u32) = (15, 300);
/// Most kinds or members of a watch.
const NAMED_MAX: usize = 64;

/// What a watcher is sent: events as they were written.
pub(crate) type Watching = ReceiverStream<Result<Bytes, Refusal>>;

/// How events are written for those who ask in one way.
#[derive(Clone)]
pub(crate) struct Telling {
    /// What tells it from others that the same request may have.
    name: &'static str,
    write: Arc<Write>,
}

type Write = dyn Fn(&wire::WatchResponse) -> Result<Bytes, Refusal> + Send + Sync;

impl Telling {
    /// A form of this name. What is written may depend on the event, and on what the request says of payloads and fields.
    pub(crate) fn new(
        name: &'static str,
        write: impl Fn(&wire::WatchResponse) -> Result<Bytes, Refusal> + Send + Sync + 'static,
    ) -> Self {
        Self { name, write: Arc::new(write) }
    }
}

impl Api {
    /// Begins a watch.
    ///
    /// # Errors
    /// Where the caller may not, or the request is none. What comes later ends the stream.
    #[expect(clippy::unused_async, reason = "called as every method is")]
    pub(crate) async fn watch(
        &self,
        caller: &Caller,
        request: wire::WatchRequest,
        form: Telling,
    ) -> Result<Watching, Refusal> {
        self.must_serve()?;
        let watcher = self.watcher(caller, request, form)?;
        let (sent, events) = mpsc::channel(WAITING);
        tokio::spawn(watcher.run(sent));
        Ok(ReceiverStream::new(events))
    }

    fn watcher(&self, caller: &Caller, request: wire::WatchRequest, form: Telling) -> Result<Watcher, Refusal> {
        let named = named(&form, &request);
        let wire::WatchRequest { kinds, members, from_position, resume, payloads, read_mask, heartbeat_seconds } =
            request;
        let malformed = |field: &str| Refusal::new("REQUEST_MALFORMED", [("field", field.to_owned())]);
        if kinds.len() > NAMED_MAX || members.len() > NAMED_MAX {
            return Err(malformed(if kinds.len() > NAMED_MAX { "kinds" } else { "members" }));
        }
        let kinds: BTreeSet<String> = kinds.into_iter().map(listed).collect::<Result<_, _>>()?;
        let members: BTreeSet<String> = members.iter().map(|code| self.member(code)).collect::<Result<_, _>>()?;
        may_watch(caller, &kinds)?;
        let one = kinds.first().filter(|_| kinds.len() == 1).map(String::as_str);
        let mask = Mask::of(read_mask.as_ref(), Of::Objects(one))?;
        let all = read_mask.is_some_and(|mask| !mask.paths.is_empty());
        let payloads = mask.as_ref().map_or(payloads || all, |mask| mask.holds(PAYLOAD));
        let resume: Option<Place> = match resume.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| malformed("resume"))?),
        };
        let too_many = || Refusal::new(code::WATCHES_TOO_MANY, [("max", WATCHERS.to_string())]);
        // First: whatever comes from here on is told.
        let subscription = self.parts.changes.subscribe(payloads).ok_or_else(too_many)?;
        let now = self.parts.changes.place().ok_or_else(|| Refusal::new(code::REPLICA_EMPTY, []))?;
        let begin = match (resume, from_position) {
            (Some(place), _) => Some(place),
            (None, Some(size)) => Some(Place { size: TreeSize(size), ..now }),
            (None, None) => None,
        };
        let seconds = if heartbeat_seconds == 0 { HEARTBEAT.0 } else { heartbeat_seconds.min(HEARTBEAT.1) };
        Ok(Watcher {
            api: self.clone(),
            caller: caller.clone(),
            kinds,
            members,
            payloads,
            mask,
            form,
            named,
            heartbeat: Duration::from_secs(seconds.into()),
            subscription,
            at: begin.unwrap_or(now),
            begun: begin.is_some(),
        })
    }
}

/// One watch.
struct Watcher {
    api: Api,
    caller: Caller,
    kinds: BTreeSet<String>,
    members: BTreeSet<String>,
    payloads: bool,
    mask: Option<Mask>,
    form: Telling,
    /// What names the events of all watchers that asked for the same of each.
    named: Hash,
    heartbeat: Duration,
    subscription: Subscription,
    at: Place,
    /// Whether it begins at a place that the client named.
    begun: bool,
}

/// Why a watch ends.
enum Ended {
    /// The client is gone.
    Gone,
    /// The client is told.
    Refused(Refusal),
}

impl From<Refusal> for Ended {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

type Sent = mpsc::Sender<Result<Bytes, Refusal>>;

impl Watcher {
    async fn run(mut self, sent: Sent) {
        if let Err(Ended::Refused(refusal)) = self.watch(&sent).await {
            // One that went away is told nothing.
            let _told = sent.send(Err(refusal)).await;
        }
    }

    async fn watch(&mut self, sent: &Sent) -> Result<(), Ended> {
        let (shutdown, mut clients) = (self.api.shutdown.clone(), self.api.parts.clients.watch());
        if self.begun && self.below_start().await? {
            let now = self.api.parts.changes.place().unwrap_or(self.at);
            self.turn(now, sent).await?;
        }
        self.catch_up(sent).await?;
        self.beat(sent).await?;
        let mut beat = Instant::now() + self.heartbeat;
        loop {
            let told = tokio::select! {
                () = sent.closed() => return Err(Ended::Gone),
                () = shutdown.draining() => return Err(Refusal::new(code::NODE_ENDS, []).into()),
                // What it may do is looked at whenever it is told something, and here where nothing happens.
                _ = clients.changed() => self.permitted().map(|_| false)?,
                batch = self.subscription.batches.recv() => match batch {
                    Ok(batch) => self.take(&batch, sent).await?,
                    Err(RecvError::Lagged(_)) => self.catch_up(sent).await?,
                    Err(RecvError::Closed) => return Err(Refusal::new(code::NODE_ENDS, []).into()),
                },
                () = sleep_until(beat) => {
                    self.beat(sent).await?;
                    true
                }
            };
            if told {
                beat = Instant::now() + self.heartbeat;
            }
        }
    }

    /// Whether a fast start ended above the place: what lies below was never told by itself.
    async fn below_start(&self) -> Result<bool, Ended> {
        let end = self.api.parts.replica.started_at().await.map_err(Refusal::from)?;
        Ok(end.is_some_and(|end| self.at.size < end))
    }

    async fn take(&mut self, batch: &Arc<Batch>, sent: &Sent) -> Result<bool, Ended> {
        match step(self.at, batch, self.payloads) {
            Step::Known => Ok(false),
            Step::New => self.tell(batch, sent).await,
            Step::Apart => self.catch_up(sent).await,
            Step::Anew => self.turn(batch.to, sent).await,
        }
    }

    /// Reads by itself until it has come as far as the replica; whether anything was told. On a long way on which nothing is for this
    /// watcher, heartbeats say how far it is, so that one that is cut does not begin again.
    async fn catch_up(&mut self, sent: &Sent) -> Result<bool, Ended> {
        let (mut told, mut said) = (false, Instant::now());
        while let Some(batch) = self.subscription.catch_up(self.at).await.map_err(Refusal::from)? {
            if sent.is_closed() {
                return Err(Ended::Gone);
            }
            if self.api.shutdown.is_draining() {
                return Err(Refusal::new(code::NODE_ENDS, []).into());
            }
            let new = if batch.anew { self.turn(batch.to, sent).await? } else { self.tell(&batch, sent).await? };
            if !new && said.elapsed() >= self.heartbeat {
                self.beat(sent).await?;
                said = Instant::now();
            } else if new {
                (told, said) = (true, Instant::now());
            }
        }
        Ok(told)
    }

    /// Tells what of a batch is new and for this watcher; whether that is anything.
    async fn tell(&mut self, batch: &Batch, sent: &Sent) -> Result<bool, Ended> {
        let mut told = false;
        for changed in &batch.changed {
            let summary = &changed.object.summary;
            if summary.index.size() <= self.at.size {
                continue;
            }
            let permitted = self.permitted()?;
            let asked = self.kinds.is_empty() || self.kinds.contains(&summary.kind);
            let of_member = self.members.is_empty() || self.members.contains(&summary.country);
            self.at = Place { size: summary.index.size(), ..batch.to };
            if asked && of_member && permitted.holds(&summary.kind) {
                let standing = self.api.parts.standing.borrow().label(summary.index);
                let write = || {
                    let event = if summary.withdrawn { "withdrawn" } else { "put" };
                    (self.form.write)(&self.event(event, Some(self.shown(changed, standing))))
                };
                let event = changed.told.once((self.named, standing), &batch.room, write)?;
                sent.send(Ok(event)).await.map_err(|_| Ended::Gone)?;
                told = true;
            }
        }
        self.at = batch.to;
        Ok(told)
    }

    async fn turn(&mut self, to: Place, sent: &Sent) -> Result<bool, Ended> {
        self.at = to;
        self.permitted()?;
        let event = wire::WatchResponse { freshness: Some(self.api.served()?), ..self.event("resync", None) };
        sent.send((self.form.write)(&event)).await.map_err(|_| Ended::Gone)?;
        Ok(true)
    }

    async fn beat(&self, sent: &Sent) -> Result<(), Ended> {
        self.permitted()?;
        let event = wire::WatchResponse { freshness: Some(self.api.freshness()), ..self.event("heartbeat", None) };
        sent.send((self.form.write)(&event)).await.map_err(|_| Ended::Gone)
    }

    fn event(&self, event: &str, object: Option<wire::ObjectSummary>) -> wire::WatchResponse {
        let (id, position) = (self.at.to_string(), self.at.size.0);
        wire::WatchResponse { id, position, event: event.to_owned(), object, freshness: None }
    }

    fn shown(&self, changed: &Changed, standing: Label) -> wire::ObjectSummary {
        let Changed { object: Object { summary, payload }, told: _ } = changed;
        let payload_json = if !self.payloads || summary.withdrawn {
            String::new()
        } else {
            let mask = self.mask.as_ref().and_then(|mask| mask.below(PAYLOAD));
            json::payload_within(&summary.kind, payload, mask)
        };
        wire::ObjectSummary { payload_json, ..summarised(summary.clone(), standing, self.mask.as_ref()) }
    }

    /// What the caller may read at this moment.
    fn permitted(&self) -> Result<Allowed, Refusal> {
        let caller = match &self.caller {
            Caller::Local => Caller::Local,
            Caller::System(client) => Caller::System(self.api.parts.clients.again(client)?),
        };
        may_watch(&caller, &self.kinds)
    }
}

/// What names the events of this request: they are alike for all requests that say the same of payloads and fields.
fn named(form: &Telling, request: &wire::WatchRequest) -> Hash {
    let of_events = wire::WatchRequest {
        payloads: request.payloads,
        read_mask: request.read_mask.clone(),
        ..wire::WatchRequest::default()
    };
    Hash::of_parts(&[form.name.as_bytes(), &[0], &of_events.encode_to_vec()])
}

/// Kinds of which the caller may watch changes: all that it names, or those that it may read.
fn may_watch(caller: &Caller, kinds: &BTreeSet<String>) -> Result<Allowed, Refusal> {
    if kinds.is_empty() {
        return caller::may_read_of(caller, "events");
    }
    for kind in kinds {
        caller::may(caller, &Asked::Read { kind: Some(kind), resource: &format!("events?kind={kind}") })?;
    }
    Ok(Allowed::All)
}

#[cfg(test)]
mod tests;
