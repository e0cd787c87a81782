//! A node as its store holds it: what `Intake` took, folded and erased as a replica does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use multaqa_proto::fold::{Erasure, Fold, Held, Placed};
use multaqa_proto::id::ObjectId;
use multaqa_proto::judge::ObjectState;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::number::TreeSize;
use multaqa_proto::record::content::Content;
use multaqa_proto::record::{Parsed, Received};
use multaqa_proto::sync::block::{Entry, pack, unpack};
use multaqa_proto::sync::intake::{Intake, What};
use multaqa_proto::wire::hub;

/// A node as its store holds it.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) intake: Intake,
    pub(crate) entries: Vec<Entry>,
    pub(crate) objects: BTreeMap<ObjectId, ObjectState>,
    pub(crate) withdrawn: BTreeSet<ObjectId>,
}

pub(crate) struct Node {
    pub(crate) now: Stored,
    /// What a crash may fall back to; the newest is what is stored.
    pub(crate) before: Vec<Stored>,
    pub(crate) line: Vec<hub::Frame>,
    pub(crate) sent: TreeSize,
}

impl Node {
    pub(crate) fn store(&mut self) {
        self.before.push(self.now.clone());
        if self.before.len() > 3 {
            self.before.remove(0);
        }
    }

    pub(crate) fn deliver(&mut self, frame: &hub::Frame) {
        if self.now.intake.has(frame) {
            return;
        }
        let (next, taken) = self.now.intake.accept(frame).expect("an honest hub");
        let directory = Arc::clone(next.state().unwrap().directory());
        let held = Held::new(directory, self.now.objects.clone(), self.now.withdrawn.clone());
        let mut fold = Fold::new(held);
        for taken in taken {
            if let What::Record(record) = &taken.what
                && record.control.is_none()
                && let Some(Ok(content)) = &record.content
            {
                fold.judge(&placed(&taken.entry, &taken.leaf, &record.record, content));
            }
            self.now.entries.push(taken.entry);
        }
        self.now.take_over(fold);
        self.now.intake = next;
        self.store();
    }

    /// A hub that keeps back any one record of this frame is caught at the next heartbeat, where the reader knows its lane and
    /// no tombstone of the frame takes it.
    pub(crate) fn misses_what_is_kept_back(&self, frame: &hub::Frame, heartbeat: &str) {
        let mut entries: Vec<Entry> = frame.blocks.iter().flat_map(|block| unpack(block).unwrap()).collect();
        entries.sort_by_key(|entry| entry.index);
        if frame.first != self.now.intake.size().0 {
            return;
        }
        let record = |entry: &&Entry| entry.content.is_some() && !entry.signature.is_empty();
        let before: Vec<Entry> = self.now.entries.iter().chain(&entries).filter(record).cloned().collect();
        for kept_back in entries.iter().filter(record) {
            let (_, record) = read(kept_back);
            let content = record.content().unwrap().unwrap();
            let known = before.iter().take_while(|entry| entry.index < kept_back.index).any(|entry| {
                let (_, other) = read(entry);
                (&other.statement.writer, other.statement.lane) == (&record.statement.writer, record.statement.lane)
            });
            if !known || content.kind() != "service" {
                continue;
            }
            let mut hostile = entries.clone();
            hostile.iter_mut().filter(|entry| entry.index == kept_back.index).for_each(|entry| entry.content = None);
            let hostile = hub::Frame { blocks: vec![pack(&hostile, true)], ..frame.clone() };
            let alarm = self.now.intake.accept(&hostile).and_then(|(next, _)| {
                let checkpoint = next.open_checkpoint(heartbeat)?.unwrap();
                next.overdue(&checkpoint)
            });
            assert_eq!(alarm.unwrap_err().code(), "WITHHELD", "entry {}", kept_back.index);
        }
    }

    pub(crate) fn cut(&mut self) {
        self.line.clear();
        self.sent = self.now.intake.size();
    }
}

pub(crate) fn placed<'a>(
    entry: &Entry,
    leaf: &Leaf,
    record: &'a multaqa_proto::record::Parsed,
    content: &'a Content,
) -> Placed<'a> {
    Placed {
        index: entry.index,
        record_id: record.record_id,
        writer: &record.statement.writer,
        key_id: record.signature.key_id,
        accepted_at_ms: leaf.accepted_at_ms,
        content,
    }
}

/// The leaf of an entry and its record.
pub(crate) fn read(entry: &Entry) -> (Leaf, Parsed) {
    let leaf = Leaf::parse(&entry.leaf).unwrap();
    let (content, signature) = (entry.content.clone(), entry.signature.clone());
    let record = Received { statement: leaf.body.clone(), content, signature }.parse().unwrap();
    (leaf, record)
}

/// Whether a tombstone takes the content of this entry.
pub(crate) fn takes(erasure: &Erasure, entry: &Entry) -> bool {
    let Some(content) = entry.content.as_ref().map(|bytes| Content::parse(bytes).unwrap()) else { return false };
    let (_, record) = read(entry);
    erasure.takes(entry.index, &record.record_id, &record.statement.writer, &content)
}

impl Stored {
    fn take_over(&mut self, fold: Fold) {
        for (id, put) in fold.puts {
            let state = ObjectState {
                writer_member: id.code().clone(),
                revision: put.content.revision,
                revisions: put.content.replaces.iter().copied().chain([put.record_id]).collect(),
                audience: put.content.audience,
            };
            self.objects.insert(id, state);
        }
        for id in fold.marks.into_keys() {
            self.objects.remove(&id);
            self.withdrawn.insert(id);
        }
        for erasure in fold.erasures {
            for entry in self.entries.iter_mut().filter(|entry| takes(&erasure, entry)) {
                entry.content = None;
            }
        }
    }

    /// Learns the lanes of what is stored, as a node does when it starts.
    pub(crate) fn learn(&mut self) {
        for entry in self.entries.iter().filter(|entry| entry.content.is_some()) {
            let (_, record) = read(entry);
            self.intake.learn(&record.statement, &record.content().unwrap().unwrap());
        }
    }

    /// Contents that came late: their objects are folded anew.
    pub(crate) fn filled(&mut self, filled: Vec<Entry>) {
        for entry in filled {
            let at = usize::try_from(entry.index.0).unwrap();
            self.entries[at].content = entry.content;
        }
        self.learn();
        let directory = Arc::clone(self.intake.state().unwrap().directory());
        let mut fold = Fold::new(Held::new(directory, BTreeMap::new(), self.withdrawn.clone()));
        for entry in &self.entries {
            let leaf = Leaf::parse(&entry.leaf).unwrap();
            if leaf.leaf_type != LeafType::Record {
                continue;
            }
            let (leaf, record) = read(entry);
            if let Some(Ok(content)) = record.content()
                && ["service", "tombstone"].contains(&content.kind())
            {
                fold.judge(&placed(entry, &leaf, &record, &content));
            }
        }
        self.objects.clear();
        self.take_over(fold);
    }
}
