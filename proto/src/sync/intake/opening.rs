//! Contents that a reader may read later, of entries that it holds in runs: the entries are taken out first.
//!
//! A fill brings the leaf, its signature and its inclusion path, which must lead to the run's root. Its writer's signature is
//! verified like any other; its chain is not, since what stands before it is not here. From there on the entry is as one that
//! came as a stub ([`Intake::fill`]). In scope: taking entries out. Out of scope: storing what comes of it (`node`).

use std::collections::BTreeMap;
use std::sync::PoisonError;

use prost::bytes::Bytes;

use super::{Intake, received, unpack_all};
use crate::alarm::Alarm;
use crate::hash::Hash;
use crate::kind::is_control;
use crate::log::leaf::{Leaf, LeafType};
use crate::log::subtree::Root;
use crate::log::tree::leaf_hash;
use crate::number::LeafIndex;
use crate::record::Parsed;
use crate::sync::block::Entry;
use crate::sync::run::{self, Parted, RunBad};
use crate::wire::hub as wire;

/// What a fill opens.
#[derive(Debug, Default)]
pub struct Opening {
    /// The entries as stubs, ascending, with what their leaves say.
    pub stubs: Vec<Stub>,
    /// Roots that are there no more.
    pub gone: Vec<Root>,
    /// What is left of them.
    pub left: Vec<Root>,
    /// Roots that a log stores, known with this.
    pub stored: Vec<Root>,
}

/// An entry that was taken out of a run.
#[derive(Debug, Clone)]
pub struct Stub {
    /// The entry, without its content.
    pub entry: Entry,
    /// Its leaf.
    pub leaf: Leaf,
    /// Its record.
    pub record: Parsed,
}

impl Opening {
    /// Leaf and signature bytes of the entries.
    pub fn parts(&self) -> impl Iterator<Item = (LeafIndex, (Bytes, Bytes))> {
        self.stubs.iter().map(|Stub { entry, .. }| (entry.index, (entry.leaf.clone(), entry.signature.clone())))
    }
}

impl Intake {
    /// Takes those entries of a fill that lie in these runs, by their first leaves, out of them.
    ///
    /// # Errors
    /// [`Alarm`] names the rule that the hub broke.
    pub fn open(&self, fill: &wire::Fill, mut runs: BTreeMap<LeafIndex, Root>) -> Result<Opening, Alarm> {
        let (mut opening, mut parts) = (Opening::default(), BTreeMap::new());
        if runs.is_empty() {
            return Ok(opening);
        }
        let entries = unpack_all(&fill.blocks)?;
        if entries.len() != fill.paths.len() {
            return Err(Alarm::FrameBad("as many paths as entries were asked for"));
        }
        for (entry, path) in entries.into_iter().zip(&fill.paths) {
            let within = match around(&mut parts, entry.index) {
                Some(part) => part,
                None => match around(&mut runs, entry.index) {
                    Some(whole) => {
                        opening.gone.push(whole);
                        whole
                    }
                    None => continue,
                },
            };
            let path = run::hashes_of(path).map_err(Alarm::RunBad)?;
            let parted = run::open(within, entry.index, leaf_hash(&entry.leaf), &path);
            let Parted { left, stored } = parted.map_err(Alarm::RunBad)?;
            parts.extend(left.into_iter().map(|root| (root.subtree.first(), root)));
            opening.stored.extend(stored);
            opening.stubs.push(self.stub(entry)?);
        }
        opening.left = parts.into_values().collect();
        Ok(opening)
    }

    /// An entry that may lie in a run: a record of a writer that the reader knows, and no control record.
    fn stub(&self, entry: Entry) -> Result<Stub, Alarm> {
        let index = entry.index;
        let form = |form| Alarm::Form { index, form };
        let leaf = Leaf::parse(&entry.leaf).map_err(form)?;
        if Hash::of(&entry.signature) != leaf.signature_hash {
            return Err(Alarm::LeafMismatch { index });
        }
        if leaf.leaf_type != LeafType::Record {
            return Err(Alarm::RunBad(RunBad::Control { index }));
        }
        let record = received(&entry, &leaf).parse().map_err(form)?;
        if record.content().is_some_and(|content| content.is_ok_and(|content| is_control(content.kind()))) {
            return Err(Alarm::RunBad(RunBad::Control { index }));
        }
        let Some(directory) = self.directory() else { return Err(Alarm::LeafMismatch { index }) };
        let statement = &record.statement;
        if statement.federation != Some(directory.genesis()) {
            return Err(Alarm::FederationWrong { index });
        }
        let (writer, epoch) = (&statement.writer, statement.epoch);
        let key = directory.signing_key(writer, epoch, statement.seq, record.signature.key_id);
        let key = key.ok_or_else(|| Alarm::KeyUnknown { index, writer: writer.clone() })?;
        let mut roots = self.roots.lock().unwrap_or_else(PoisonError::into_inner);
        let verified = record.signature.verify(record.record_id, writer, epoch, &key, &mut roots);
        verified.map_err(|_| Alarm::SignatureBad { index, writer: writer.clone() })?;
        Ok(Stub { entry: Entry { content: None, ..entry }, leaf, record })
    }
}

/// Takes out the root in which a leaf lies.
fn around(roots: &mut BTreeMap<LeafIndex, Root>, index: LeafIndex) -> Option<Root> {
    let (first, root) = roots.range(..=index).next_back()?;
    let first = (index.0 < root.subtree.complete_at().0).then_some(*first)?;
    roots.remove(&first)
}
