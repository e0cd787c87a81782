//! `SyncService.Refill`: a node gives the hub what it lost. The node offers, the hub asks, the node gives, in turn.
//!
//! In scope: the stream with one node, its bounds, whose certificate it is. Out of scope: what is missing, checking and storing
//! what comes (`log::refill`).
//!
//! A node that holds more of the log than the hub is asked for the hashes of the missing leaves, then for the entries, by one
//! ask each; then every node is asked for the contents that are missing and that it may have. A stream stays open, and idle,
//! until the log goes on, so that nodes know when that is.
//!
//! A store that was restored does not know the certificates that were issued since. For a month a node with a certificate that
//! is not on the list passes the handshake all the same, where its chain holds, and may call this alone: it shows by its record
//! key that the certificate is its own, and is then put on the list.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use multaqa_certs::check::Certificate;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::serials::Serial;
use multaqa_proto::directory::renewal::Renewal;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{ObjectId, Writer};
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::frontier::Frontier;
use multaqa_proto::log::witness::Cosigned;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::block::{Entry, unpack};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::refill_request::Said;
use multaqa_proto::wire::hub::refill_response::Asked;
use tokio::sync::mpsc;
use tonic::{Code, Status, Streaming};

use super::certificate::misfit;
use super::{Hub, Refusal};
use crate::identity::in_ms;
use crate::log::refill::{Gathering, GiftWrong, LEAVES_MAX, Outline, Refill, Taking};
use crate::registry::{Caller, StreamSlot};
use crate::store::serials::{IssuedSerial, SerialStatus};

/// How long a node may take for its next word once it was asked.
const WORD: Duration = Duration::from_mins(1);
/// Entries that are checked and stored together: a whole number of chunks.
const ENTRIES: usize = 4_096;
/// Bytes of entries after which they are checked and stored.
const BYTES: usize = 4 * 1024 * 1024;
/// Contents that are asked for at once.
const CONTENTS: u64 = 1_024;
/// Erased contents that a node may name.
const ERASED_MAX: usize = 1_000_000;
/// Cosigned checkpoints that a node may offer.
const WITNESSED_MAX: usize = 64;
/// How old an asking by the record key may be, milliseconds.
const SKEW_MAX_MS: u64 = 10 * 60 * 1_000;

/// Why a node's gift is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RefillError {
    /// What it gives is not what the log key signed.
    Wrong { node: Writer, detail: String },
    /// It holds another history than this log.
    Contradicts { node: Writer },
    /// It does not show that its certificate is its own.
    Unproven { node: Writer },
}

impl From<RefillError> for Refusal {
    fn from(error: RefillError) -> Self {
        let failed = |code, args| Self::new(Code::FailedPrecondition, code, args);
        match error {
            RefillError::Wrong { node, detail } => {
                tracing::error!(%node, detail, "REFILL_WRONG: nothing more is taken from this node");
                failed("REFILL_WRONG", vec![("node", node.to_string()), ("detail", detail)])
            }
            RefillError::Contradicts { node } => failed("LOG_CONTRADICTED", vec![("node", node.to_string())]),
            RefillError::Unproven { node } => {
                Self::new(Code::PermissionDenied, "CERTIFICATE_UNPROVEN", vec![("node", node.to_string())])
            }
        }
    }
}

/// One node's stream.
struct Conversation {
    hub: Arc<Hub>,
    caller: Caller,
    node: Writer,
    requests: Streaming<wire::RefillRequest>,
    asks: mpsc::Sender<Result<wire::RefillResponse, Status>>,
    erased: BTreeMap<LeafIndex, ObjectId>,
    _slot: StreamSlot,
}

/// Opens the stream with a node; what it is asked.
pub(super) fn open(
    hub: &Arc<Hub>,
    caller: Caller,
    node: Writer,
    requests: Streaming<wire::RefillRequest>,
) -> Result<impl Stream<Item = Result<wire::RefillResponse, Status>> + Send + use<>, Refusal> {
    let slot = hub.stream_slot(&node)?;
    let (asks, asked) = mpsc::channel(1);
    let (hub, erased) = (Arc::clone(hub), BTreeMap::new());
    let mut conversation = Conversation { hub, caller, node, requests, asks, erased, _slot: slot };
    // Stored whatever becomes of the reader of the answers: it ends with its requests, or with the hub.
    tokio::spawn(async move {
        let shutdown = conversation.hub.shutdown.clone();
        let ended = tokio::select! {
            ended = conversation.run() => ended,
            () = shutdown.draining() => Err(Refusal::draining()),
        };
        if let Err(refusal) = ended {
            // A node that is gone needs no answer.
            let _gone = conversation.asks.send(Err(refusal.into())).await;
        }
    });
    Ok(futures::stream::unfold(asked, |mut asked| async move { asked.recv().await.map(|ask| (ask, asked)) }))
}

impl Conversation {
    async fn run(&mut self) -> Result<(), Refusal> {
        let refill = self.hub.log.refill().clone();
        let Said::Offer(offer) = self.next().await? else { return Err(Refusal::malformed("offer")) };
        let wire::RefillOffer { checkpoint, cosigned, certificate_chain, renewal, signature, leaves_from, witnessed } =
            offer;
        let shown = self.shown(&refill, &checkpoint)?;
        let cosigned = self.shown(&refill, &cosigned)?;
        let told: Vec<Checkpoint> = shown.iter().chain(&cosigned).cloned().collect();
        // While the log is being closed a node may be on another branch: what it cosigned is what is asked of it.
        if !refill.show(&self.node, &told).await? && !refill.is_closing() {
            return Err(RefillError::Contradicts { node: self.node.clone() }.into());
        }
        let witnessed = opened(&refill, &witnessed);
        let itself = self.check_proof(&certificate_chain, &renewal, &signature).is_ok();
        let leads = refill.leads(&witnessed, Some(&self.node).filter(|_| itself));
        if let Some(checkpoint) = shown.as_ref().filter(|_| leads) {
            self.entries(&refill, checkpoint, LeafIndex(leaves_from)).await?;
        }
        for cosigned in refill.held_of(witnessed).await? {
            for cosignature in &cosigned.cosignatures {
                self.hub.witnesses.take(&cosigned, &cosignature.witness);
            }
        }
        let proof = self.check_proof(&certificate_chain, &renewal, &signature);
        if proof.is_ok() {
            refill.tell(&self.node, cosigned);
        }
        super::succession::go_on_decided(&self.hub).await?;
        // The log does not wait for contents.
        refill.try_finish().await?;
        let filled = self.contents(&refill).await?;
        if filled > 0 || !self.erased.is_empty() {
            refill.settle(&self.erased).await?;
        }
        if !self.caller.proven() {
            // Its keys are on the log at last.
            self.put_on_list(certificate_chain, proof?).await?;
        }
        tokio::select! {
            () = refill.closed() => Ok(()),
            _ = self.requests.next() => Ok(()),
        }
    }

    /// A checkpoint that the node shows; none where it shows none.
    fn shown(&self, refill: &Refill, note: &str) -> Result<Option<Checkpoint>, Refusal> {
        if note.is_empty() {
            return Ok(None);
        }
        let wrong = || RefillError::Wrong { node: self.node.clone(), detail: "a checkpoint of another log".to_owned() };
        Ok(Some(refill.open_checkpoint(note).ok_or_else(wrong)?))
    }

    /// Takes the entries that the log lacks and the node holds, which has every leaf from an index on.
    async fn entries(&mut self, refill: &Refill, checkpoint: &Checkpoint, from: LeafIndex) -> Result<(), Refusal> {
        if !refill.is_open() || checkpoint.size <= refill.state().size() {
            return Ok(());
        }
        let turn = refill.turn().await;
        // Another node may have given them meanwhile. One that took a fast start lacks leaves that this log may lack, too: what
        // it showed counts all the same.
        let own = refill.state();
        if checkpoint.size <= own.size() || own.size().next_index() < from {
            return Ok(());
        }
        let to = TreeSize(checkpoint.size.0);
        if to.0 - own.size().0 > LEAVES_MAX {
            return Err(self.wrong("more leaves than are taken at a time"));
        }
        tracing::info!(node = %self.node, from = %own.size(), %to, "the log is refilled from a node");
        let outline = Arc::new(self.outline(own.frontier(), checkpoint).await?);
        self.ask(Asked::Entries(range(own.size(), to))).await?;
        let mut taking = Taking::new(refill, turn, &outline);
        let (mut next, mut open, mut bytes) = (own.size().next_index(), Vec::new(), 0);
        while next.0 < to.0 {
            for entry in self.given().await?.entries {
                if entry.index != next {
                    return Err(self.wrong("entries out of order"));
                }
                next = next.size().next_index();
                bytes += entry.bytes();
                open.push(entry);
                let full = open.len() >= ENTRIES || bytes >= BYTES || next.0 == to.0;
                if full && outline.ends_before(next) {
                    bytes = 0;
                    let taken = taking.take(std::mem::take(&mut open)).await;
                    taken.map_err(|wrong| self.gift(wrong))?;
                }
            }
        }
        taking.stored().await.map_err(|wrong| self.gift(wrong))
    }

    async fn outline(&mut self, own: &Frontier, checkpoint: &Checkpoint) -> Result<Outline, Refusal> {
        self.ask(Asked::Hashes(range(own.size(), checkpoint.size))).await?;
        let mut gathering = Gathering::new(own);
        while gathering.size() < checkpoint.size {
            let hashes = self.given().await?.hashes;
            if hashes.is_empty() || gathering.size().0 + hashes.len() as u64 > checkpoint.size.0 {
                return Err(self.wrong("another number of leaf hashes than was asked for"));
            }
            for hash in hashes {
                gathering.push(hash);
            }
        }
        gathering.finish(checkpoint).ok_or_else(|| {
            // Of several nodes it is the log that does not fit; an operator looks at it before anything follows.
            self.hub.log.refill().contradict();
            self.wrong("the leaf hashes do not give the checkpoint's root")
        })
    }

    /// Asks for all contents that are missing; how many came.
    async fn contents(&mut self, refill: &Refill) -> Result<u64, Refusal> {
        let (mut from, mut filled) = (LeafIndex(0), 0);
        loop {
            let missing = refill.missing(from, CONTENTS).await?;
            let Some(last) = missing.last() else { return Ok(filled) };
            from = last.size().next_index();
            let indexes = missing.iter().map(|index| index.0).collect();
            self.ask(Asked::Contents(wire::RefillContents { indexes })).await?;
            loop {
                let Given { entries, last, .. } = self.given().await?;
                if entries.iter().any(|entry| missing.binary_search(&entry.index).is_err()) {
                    return Err(self.wrong("a content that was not asked for"));
                }
                let taken = refill.fill(entries).await;
                filled += taken.map_err(|wrong| self.gift(wrong))?;
                if last {
                    break;
                }
            }
        }
    }

    /// What the record key says of the certificate of this connection: that it is the node's.
    fn check_proof(&self, chain: &[Vec<u8>], renewal: &[u8], signature: &[u8]) -> Result<Proof, Refusal> {
        let unproven = || RefillError::Unproven { node: self.node.clone() };
        let (hub, now_ms) = (&self.hub, self.hub.clock.now_ms());
        let state = hub.log.state();
        let directory = state.directory();
        let keys = directory.keys(&self.node).last().filter(|keys| keys.suspended.is_none()).ok_or_else(unproven)?;
        let renewal = Renewal::open(renewal, signature, &keys.record).map_err(|_| unproven())?;
        let leaf = chain.first().ok_or_else(unproven)?;
        let certificate = Certificate::read(leaf).ok_or_else(unproven)?;
        let serial = certificate.serial().filter(|serial| Some(serial) == self.caller.serial()).ok_or_else(unproven)?;
        let old = renewal.asked_at_ms.abs_diff(now_ms) > SKEW_MAX_MS;
        if old || misfit(&renewal, directory, &self.node, leaf).is_some() || chain.len() != 2 {
            return Err(unproven().into());
        }
        Ok(Proof { serial, not_after_ms: in_ms(certificate.not_after()), key_record: keys.record_id })
    }

    /// Puts the node's certificate on the list.
    async fn put_on_list(&self, chain: Vec<Vec<u8>>, proof: Proof) -> Result<(), Refusal> {
        let Proof { serial, not_after_ms, key_record } = proof;
        let identity: PeerIdentity = self.caller.identity().clone();
        let (status, key_record) = (SerialStatus::Pending, Some(key_record));
        let issued = IssuedSerial { serial, identity, status, not_after_ms, chain, key_record };
        let registry = &self.hub.registry;
        self.hub.store.add_serial(&issued).await?;
        registry.admit(&issued);
        registry.in_use(&serial).await?;
        tracing::info!(node = %self.node, %serial, "a certificate that was issued after the backup is on the list again");
        Ok(())
    }

    async fn ask(&self, asked: Asked) -> Result<(), Refusal> {
        let ask = wire::RefillResponse { asked: Some(asked) };
        self.asks.send(Ok(ask)).await.map_err(|_| Refusal::draining())
    }

    /// The next part of what was asked for.
    async fn given(&mut self) -> Result<Given, Refusal> {
        let Said::Gift(gift) = self.next().await? else { return Err(Refusal::malformed("gift")) };
        let wire::RefillGift { leaf_hashes, blocks, erased, last } = gift;
        let (hashes, rest) = leaf_hashes.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(Refusal::malformed("leaf_hashes"));
        }
        let mut entries: Vec<Entry> = Vec::new();
        for block in &blocks {
            entries.extend(unpack(block).map_err(|alarm| self.wrong(&alarm.to_string()))?);
        }
        for wire::RefillErased { index, object } in erased {
            let object = object.parse().map_err(|_| Refusal::malformed("erased.object"))?;
            if self.erased.len() < ERASED_MAX {
                self.erased.insert(LeafIndex(index), object);
            }
        }
        Ok(Given { hashes: hashes.iter().copied().map(Hash).collect(), entries, last })
    }

    async fn next(&mut self) -> Result<Said, Refusal> {
        let next = tokio::time::timeout(WORD, self.requests.next()).await;
        match next.map_err(|_| self.wrong("no answer in time"))? {
            Some(Ok(wire::RefillRequest { said: Some(said) })) => Ok(said),
            Some(Ok(wire::RefillRequest { said: None })) => Err(Refusal::malformed("said")),
            Some(Err(_)) | None => Err(Refusal::draining()),
        }
    }

    fn wrong(&self, detail: &str) -> Refusal {
        RefillError::Wrong { node: self.node.clone(), detail: detail.to_owned() }.into()
    }
    fn gift(&self, wrong: GiftWrong) -> Refusal {
        match wrong {
            GiftWrong::Wrong(detail) => self.wrong(&detail),
            GiftWrong::Store(error) => error.into(),
        }
    }
}

/// The cosigned checkpoints that a node offers, as far as this log knows their log and witnesses.
fn opened(refill: &Refill, notes: &[String]) -> Vec<Cosigned> {
    let state = refill.state();
    let notes = notes.iter().take(WITNESSED_MAX);
    notes.filter_map(|note| Cosigned::open(note, state.directory()).ok()).collect()
}

/// A certificate of which the record key says that it is the node's.
struct Proof {
    serial: Serial,
    not_after_ms: i64,
    key_record: RecordId,
}

/// A part of what was asked for.
struct Given {
    hashes: Vec<Hash>,
    entries: Vec<Entry>,
    last: bool,
}

const fn range(from: TreeSize, to: TreeSize) -> wire::RefillRange {
    wire::RefillRange { from: from.0, to: to.0 }
}
