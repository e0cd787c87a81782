//! Contents that came as stubs: which are missing, taking them from nodes, and erasing what tombstones took.
//!
//! In scope: that. Out of scope: the entries themselves (`take`), how contents are stored (`store::given`).

use std::collections::BTreeMap;

use multaqa_proto::fold::Erasure;
use multaqa_proto::id::ObjectId;
use multaqa_proto::kind::is_control;
use multaqa_proto::log::leaf::Leaf;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::Received;
use multaqa_proto::sync::block::Entry;

use super::{GiftWrong, Refill};
use crate::log::erase::{erasure, stored_erasure};
use crate::store::{Place, StoreError, StoredEntry};

/// Tombstones that are looked at together.
const TOMBSTONES: u64 = 64;

impl Refill {
    /// Indexes from `from` on whose contents are missing.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn missing(&self, from: LeafIndex, limit: u64) -> Result<Vec<LeafIndex>, StoreError> {
        let missing = self.0.store.missing(from, limit).await?;
        Ok(missing.into_iter().map(|stored| stored.entry.index).collect())
    }

    /// How many contents are missing.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn missing_count(&self) -> Result<u64, StoreError> {
        self.0.store.missing_count().await
    }

    /// Stores contents that a node gives, each checked against the leaf that stands there; how many were new to the store.
    ///
    /// # Errors
    /// [`GiftWrong`]: nothing was stored then.
    pub(crate) async fn fill(&self, given: Vec<Entry>) -> Result<u64, GiftWrong> {
        let indexes: Vec<LeafIndex> = given.iter().map(|entry| entry.index).collect();
        let held = self.0.store.entries_at(&indexes).await?;
        let held: BTreeMap<LeafIndex, Entry> =
            held.into_iter().map(|stored| (stored.entry.index, stored.entry)).collect();
        let (state, mut whole, mut erasures) = (self.state(), Vec::new(), Vec::new());
        for Entry { index, leaf, signature, content } in given {
            let wrong = |what: &str| GiftWrong::Wrong(format!("content of entry {index}: {what}"));
            let Some(Entry { leaf: own, signature: own_signature, content: present, .. }) = held.get(&index) else {
                return Err(wrong("there is no such entry"));
            };
            if *own != leaf || *own_signature != signature {
                return Err(wrong("another leaf"));
            }
            if present.is_some() || content.is_none() {
                continue;
            }
            let parsed = Leaf::parse(&leaf).map_err(|form| wrong(&form.to_string()))?;
            let record = Received { statement: parsed.body, content, signature }.parse();
            let record = record.map_err(|form| wrong(&form.to_string()))?;
            let Some(Ok(content)) = record.content() else { return Err(wrong("it cannot be read")) };
            if is_control(content.kind()) {
                return Err(wrong("a control record that came as a stub"));
            }
            erasures.extend(erasure(state.directory(), &record, &content, index));
            whole.push(StoredEntry::record(index, leaf, &record, &content, 0));
        }
        let erased = self.0.store.fill(&whole, &erasures).await?;
        // What readers were sent as stubs is whole from here on.
        let changed: Vec<LeafIndex> = whole.iter().map(|stored| stored.entry.index).chain(erased).collect();
        self.0.fanout.erase(&changed);
        Ok(whole.len() as u64)
    }

    /// Erases what tombstones on the log take, and notes what nobody has any more because one took it: `erased` are the objects
    /// that nodes name for contents which they erased.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn settle(&self, erased: &BTreeMap<LeafIndex, ObjectId>) -> Result<(), StoreError> {
        let (state, mut from) = (self.state(), LeafIndex(0));
        let places = self.0.store.entries_at(&erased.keys().copied().collect::<Vec<_>>()).await?;
        let place = |stored: &StoredEntry| {
            let (index, place) = (stored.entry.index, stored.record.clone()?);
            Some((index, (erased.get(&index)?.clone(), place)))
        };
        let erased: BTreeMap<LeafIndex, (ObjectId, Place)> = places.iter().filter_map(place).collect();
        loop {
            let tombstones = self.0.store.tombstones(from, TOMBSTONES).await?;
            let Some(last) = tombstones.last() else { return Ok(()) };
            from = last.entry.index.size().next_index();
            let erasure = |stored: &StoredEntry| stored_erasure(state.directory(), stored);
            let erasures: Vec<Erasure> = tombstones.iter().filter_map(erasure).collect();
            let gone = self.0.store.fill(&[], &erasures).await?;
            self.0.fanout.erase(&gone);
            let named = |(index, (object, place)): (&LeafIndex, &(ObjectId, Place))| {
                let Place { record_id, writer, .. } = place;
                let by = |erasure: &Erasure| erasure.object == *object && erasure.names(*index, record_id, writer);
                erasures.iter().any(by).then(|| (*index, object.clone()))
            };
            self.0.store.note_erased(&erased.iter().filter_map(named).collect()).await?;
        }
    }
}
