//! A node as its store holds it: what `Intake` took, folded and erased as a replica does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use multaqa_proto::fold::{Fold, Held, Placed};
use multaqa_proto::id::ObjectId;
use multaqa_proto::judge::ObjectState;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::number::TreeSize;
use multaqa_proto::record::Received;
use multaqa_proto::record::content::Content;
use multaqa_proto::sync::block::Entry;
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

    pub(crate) fn cut(&mut self) {
        self.line.clear();
        self.sent = self.now.intake.size();
    }
}

fn placed<'a>(
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
            for entry in self.entries.iter_mut().filter(|entry| entry.index < erasure.below) {
                let about = |bytes: &prost::bytes::Bytes| Content::parse(bytes).unwrap().id == erasure.object;
                if entry.content.as_ref().is_some_and(about) {
                    entry.content = None;
                }
            }
        }
    }

    /// Contents that came late: their objects are folded anew.
    pub(crate) fn filled(&mut self, filled: Vec<Entry>) {
        for entry in filled {
            let at = usize::try_from(entry.index.0).unwrap();
            self.entries[at].content = entry.content;
        }
        let directory = Arc::clone(self.intake.state().unwrap().directory());
        let mut fold = Fold::new(Held::new(directory, BTreeMap::new(), self.withdrawn.clone()));
        for entry in &self.entries {
            let leaf = Leaf::parse(&entry.leaf).unwrap();
            if leaf.leaf_type != LeafType::Record {
                continue;
            }
            let received = Received {
                statement: leaf.body.clone(),
                content: entry.content.clone(),
                signature: entry.signature.clone(),
            };
            let record = received.parse().unwrap();
            if let Some(Ok(content)) = record.content()
                && content.kind() == "service"
            {
                fold.judge(&placed(entry, &leaf, &record, &content));
            }
        }
        self.objects.clear();
        self.take_over(fold);
    }
}
