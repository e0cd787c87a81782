//! Giving the hub what it lost: it was restored from a backup, or is rebuilt, and asks.
//!
//! In scope: the offer and the answers. Out of scope: reading the replica (`replica::give`); whether what the hub makes of it is
//! the same log, which the next session checks like any other.
//!
//! The node gives what it holds and the hub had: leaves and signatures of the whole log, contents as far as its member may read
//! them. The hub learns nothing that it did not order itself.

use std::collections::BTreeMap;

use multaqa_certs::store::TlsIdentity;
use multaqa_proto::directory::renewal::Renewal;
use multaqa_proto::hash::Hash;
use multaqa_proto::log::witness::with_lines;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::sync::block::{Entry, pack};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::refill_request::Said;
use multaqa_proto::wire::hub::refill_response::Asked;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{Session, Sync};
use crate::journal::LastCosigned;
use crate::link::Ended;
use crate::replica::{Gift, KeptCosignature};
use crate::store::StoreError;

/// Bytes of entries in one message, but for one that is larger by itself: the hub takes 1 MiB.
const BYTES: usize = 512 * 1024;
/// Cosigned checkpoints that are offered: one a state.
const WITNESSED_MAX: usize = 64;
/// Messages that wait for the transport.
const MESSAGES: usize = 4;

/// Offers the replica and answers what is asked, until the hub has what it wanted; what ended it.
pub(super) async fn run(session: &Session) -> Ended {
    match give(session).await {
        Ok(()) => Ended::Refilled,
        Err(ended) => ended,
    }
}

/// Gives contents that a hub which serves has as stubs; it ends where the line does.
pub(super) async fn contents(session: &Session) -> Ended {
    if !session.wanted.is_some_and(|wanted| wanted.contents) {
        return std::future::pending().await;
    }
    match give(session).await {
        Ok(()) => std::future::pending().await,
        Err(ended) => ended,
    }
}

async fn give(session: &Session) -> Result<(), Ended> {
    let (said, stream) = mpsc::channel(MESSAGES);
    let giver = Giver { session, said };
    // The channel is empty and has room: this cannot wait.
    giver.say(Said::Offer(giver.offer().await?)).await?;
    let mut asked = session.client.clone().refill(ReceiverStream::new(stream)).await?.into_inner();
    while let Some(wire::RefillResponse { asked }) = asked.message().await? {
        match asked {
            Some(Asked::Hashes(wire::RefillRange { from, to })) => giver.hashes(LeafIndex(from), LeafIndex(to)).await?,
            Some(Asked::Entries(wire::RefillRange { from, to })) => {
                giver.entries(LeafIndex(from), LeafIndex(to)).await?;
            }
            Some(Asked::Contents(wire::RefillContents { indexes })) => {
                giver.contents(indexes.into_iter().map(LeafIndex).collect()).await?;
            }
            None => return Err(Ended::Answer("the hub asked for something unknown")),
        }
    }
    Ok(())
}

struct Giver<'s> {
    session: &'s Session,
    said: mpsc::Sender<wire::RefillRequest>,
}

impl Giver<'_> {
    /// How far this node holds the log, and that its certificate is its own.
    async fn offer(&self) -> Result<wire::RefillOffer, Ended> {
        let sync = &self.session.sync;
        let path = sync.identity.clone();
        let loaded = tokio::task::spawn_blocking(move || TlsIdentity::load(&path)).await;
        let own = loaded.ok().and_then(Result::ok).ok_or(Ended::Answer("the own certificate cannot be read"))?;
        let certificate_chain: Vec<Vec<u8>> = own.chain.iter().map(|der| der.to_vec()).collect();
        let identity = sync.journal.identity();
        let renewal = Renewal {
            genesis: identity.genesis,
            member: identity.member.clone(),
            node: identity.node.clone(),
            certificate_request: Hash::of(certificate_chain.first().map(Vec::as_slice).unwrap_or_default()),
            asked_at_ms: sync.clock.now_ms(),
        };
        let signed = renewal.sign(&sync.record_key);
        Ok(wire::RefillOffer {
            checkpoint: sync.intake.load().checkpoint().to_owned(),
            cosigned: self.cosigned().await?,
            certificate_chain,
            renewal: signed.bytes,
            signature: signed.signature.to_vec(),
            leaves_from: sync.replica.leaves_from().await?.0,
            witnessed: sync.cosigned_notes().await?,
        })
    }

    /// The largest checkpoint that this node ever cosigned of the log that it follows: what it cosigned above a closed size is over.
    async fn cosigned(&self) -> Result<String, Ended> {
        let sync = &self.session.sync;
        let (last, intake) = (sync.journal.last_cosigned().await?, sync.intake.load_full());
        let here = |last: &LastCosigned| {
            intake.directory().is_some_and(|directory| directory.log_at(last.sealed.size) == last.log)
        };
        Ok(last.filter(here).map(|last| last.sealed.note).unwrap_or_default())
    }

    async fn hashes(&self, mut from: LeafIndex, to: LeafIndex) -> Result<(), Ended> {
        while from < to {
            let hashes = self.session.sync.replica.leaf_hashes(from, to).await?;
            if hashes.is_empty() {
                return Err(beyond());
            }
            from = LeafIndex(from.0 + hashes.len() as u64);
            let leaf_hashes = hashes.iter().flat_map(|hash| hash.0).collect();
            self.give(wire::RefillGift { leaf_hashes, last: from >= to, ..wire::RefillGift::default() }).await?;
        }
        Ok(())
    }

    async fn entries(&self, mut from: LeafIndex, to: LeafIndex) -> Result<(), Ended> {
        tracing::info!(%from, %to, "the hub is given what it lost of the log");
        while from < to {
            let gift = self.session.sync.replica.entries_to_give(from, to, BYTES).await?;
            let last = gift.entries.last().ok_or_else(beyond)?.index;
            from = last.size().next_index();
            self.give(packed(gift, from >= to)).await?;
        }
        Ok(())
    }

    async fn contents(&self, indexes: Vec<LeafIndex>) -> Result<(), Ended> {
        let mut rest = indexes.as_slice();
        loop {
            let gift = self.session.sync.replica.contents_to_give(rest, BYTES).await?;
            let Some(last) = gift.entries.last().map(|entry| entry.index) else {
                return self.give(wire::RefillGift { last: true, ..wire::RefillGift::default() }).await;
            };
            rest = &rest[rest.partition_point(|index| *index <= last)..];
            self.give(packed(gift, false)).await?;
        }
    }

    async fn give(&self, gift: wire::RefillGift) -> Result<(), Ended> {
        self.say(Said::Gift(gift)).await
    }

    async fn say(&self, said: Said) -> Result<(), Ended> {
        let ended = |_| Ended::Answer("the hub ended the refilling");
        self.said.send(wire::RefillRequest { said: Some(said) }).await.map_err(ended)
    }
}

impl Sync {
    /// What witnesses cosigned of this log, as far as this node knows, its own last cosignature among it.
    pub(super) async fn cosigned_notes(&self) -> Result<Vec<String>, StoreError> {
        let mut by_note: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for KeptCosignature { note, line, .. } in self.replica.cosignatures().await? {
            by_note.entry(note).or_default().push(line);
        }
        if let Some((note, line)) = self.last_cosignature().await? {
            by_note.entry(note).or_default().push(line);
        }
        let notes = by_note.iter().map(|(note, lines)| with_lines(note, lines.iter().map(String::as_str)));
        Ok(notes.take(WITNESSED_MAX).collect())
    }
}

fn packed(gift: Gift, last: bool) -> wire::RefillGift {
    let Gift { entries, erased } = gift;
    let erased = erased.into_iter().map(|(index, object)| wire::RefillErased { index: index.0, object }).collect();
    let entries: Vec<Entry> = entries;
    wire::RefillGift { blocks: vec![pack(&entries, true)], erased, last, ..wire::RefillGift::default() }
}

const fn beyond() -> Ended {
    Ended::Answer("the hub asked for more than this node offered")
}
