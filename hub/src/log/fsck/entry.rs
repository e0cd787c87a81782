//! One entry: its leaf, its signature, what it says of the log's state, and the columns that follow from it.
//!
//! In scope: each type of leaf. Out of scope: the commits that entries stand in, what is left over at the end (`fsck`).

use multaqa_proto::hash::Hash;
use multaqa_proto::id::{ObjectId, Writer};
use multaqa_proto::log::evidence::Evidence;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::succession::Succession;
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::{LeafIndex, LogNumber};
use multaqa_proto::record::{Parsed, Received};
use prost::bytes::Bytes;

use super::super::erase::erasure;
use super::Check;
use crate::store::{Columns, StoredEntry};

impl Check {
    pub(super) fn entry(&mut self, log: LogNumber, index: LeafIndex, row: &Columns) {
        let bytes = Bytes::from(row.leaf.clone());
        let completed = &mut self.completed;
        self.frontier.push_noting(leaf_hash(&bytes), |root| completed.extend(root.subtree.is_stored().then_some(root)));
        let leaf = match Leaf::parse(&bytes) {
            Ok(leaf) => leaf,
            Err(form) => {
                self.find(Some(index), format!("the leaf breaks the form: {form}"));
                return self.skip(&bytes);
            }
        };
        if Hash::of(&row.signature) != leaf.signature_hash {
            self.find(Some(index), "the leaf does not fit the signature");
        }
        if self.state.as_ref().is_some_and(|state| leaf.accepted_at_ms < state.accepted_at_ms()) {
            self.find(Some(index), "time goes back");
        }
        match leaf.leaf_type {
            LeafType::Seal => self.seal(index, &bytes, &leaf, row),
            LeafType::Evidence => self.evidence(index, &bytes, &leaf, row),
            LeafType::Succession => self.succession(index, &bytes, &leaf, row),
            LeafType::Genesis | LeafType::Record => self.record(log, index, &bytes, &leaf, row),
        }
    }

    fn seal(&mut self, index: LeafIndex, bytes: &Bytes, leaf: &Leaf, row: &Columns) {
        self.columns(row, &StoredEntry::seal(index, bytes.clone()));
        if row.content.is_some() {
            self.find(Some(index), "a seal has a content");
        }
        let (Some(state), Ok(seal)) = (&mut self.state, Seal::parse(&leaf.body)) else {
            self.find(Some(index), "the seal breaks the form");
            return self.skip(bytes);
        };
        let right = seal == state.next_seal(seal.time_ms) && seal.time_ms >= state.seal_time_ms();
        state.push_seal(bytes, leaf, &seal);
        self.sealed = state.size();
        if !right {
            self.find(Some(index), "the seal contradicts the control records before it");
        }
    }

    fn evidence(&mut self, index: LeafIndex, bytes: &Bytes, leaf: &Leaf, row: &Columns) {
        let Some(state) = &mut self.state else { return self.skip(bytes) };
        let seal_time_ms = state.seal_time_ms();
        let evidence = Evidence::parse(&leaf.body).and_then(|evidence| {
            state.check_evidence(&evidence, &mut self.roots)?;
            Ok(evidence)
        });
        match evidence {
            Ok(evidence) => state.push_evidence(bytes, leaf, &evidence),
            Err(wrong) => {
                self.find(Some(index), wrong);
                return self.skip(bytes);
            }
        }
        self.columns(row, &StoredEntry::evidence(index, bytes.clone(), seal_time_ms));
        if row.content.is_some() || !row.signature.is_empty() {
            self.find(Some(index), "evidence has a content or a signature");
        }
    }

    fn succession(&mut self, index: LeafIndex, bytes: &Bytes, leaf: &Leaf, row: &Columns) {
        let Some(state) = &mut self.state else { return self.skip(bytes) };
        let seal_time_ms = state.seal_time_ms();
        match Succession::parse(&leaf.body).and_then(|succession| state.check_succession(&succession)) {
            Ok(held) => state.push_succession(bytes, leaf, &held),
            Err(wrong) => {
                self.find(Some(index), wrong);
                return self.skip(bytes);
            }
        }
        self.columns(row, &StoredEntry::evidence(index, bytes.clone(), seal_time_ms));
        if row.content.is_some() || !row.signature.is_empty() {
            self.find(Some(index), "a succession has a content or a signature");
        }
    }

    fn record(&mut self, log: LogNumber, index: LeafIndex, bytes: &Bytes, leaf: &Leaf, row: &Columns) {
        let received = |content: Option<Vec<u8>>| Received {
            statement: leaf.body.clone(),
            content: content.map(Bytes::from),
            signature: row.signature.clone().into(),
        };
        let record = received(row.content.clone()).parse().or_else(|form| {
            self.find(Some(index), format!("the record breaks the form: {form}"));
            received(None).parse()
        });
        let Ok(record) = record else { return self.skip(bytes) };
        let content = record.content().and_then(|content| {
            content.inspect_err(|form| self.find(Some(index), format!("the content breaks the form: {form}"))).ok()
        });
        if index == LeafIndex(0) {
            return self.genesis(log, bytes, leaf, &record, row);
        }
        let Some(state) = &mut self.state else { return };
        let refused = state.check(&record, &mut self.roots).err();
        let seal_time_ms = state.seal_time_ms();
        state.push_record(bytes, leaf, &record, content.as_ref());
        if let Some(refused) = refused {
            self.find(Some(index), refused);
        }
        match &content {
            Some(content) => {
                self.columns(row, &StoredEntry::record(index, bytes.clone(), &record, content, seal_time_ms));
                // One that names nothing erased makes no difference.
                let open = self.state.as_ref().filter(|_| !self.erased.is_empty());
                if let Some(erasure) = open.and_then(|state| erasure(state.directory(), &record, content, index)) {
                    for record_id in &erasure.records {
                        if self.erased.get(record_id).is_some_and(|(_, object)| *object == erasure.object) {
                            self.erased.remove(record_id);
                        }
                    }
                }
            }
            None if row.content.is_none() => self.without_content(index, bytes, &record, row),
            None => {}
        }
    }

    fn genesis(&mut self, log: LogNumber, bytes: &Bytes, leaf: &Leaf, record: &Parsed, row: &Columns) {
        match LogState::open(log, bytes, leaf, record) {
            Ok(state) => self.state = Some(state),
            Err(wrong) => {
                self.find(Some(LeafIndex(0)), format!("{wrong}; what follows cannot be checked"));
                self.stopped = true;
            }
        }
        if let Some(Ok(content)) = record.content() {
            self.columns(row, &StoredEntry::record(LeafIndex(0), bytes.clone(), record, &content, 0));
        }
    }

    /// A record without content: erased, which a tombstone after it must explain.
    fn without_content(&mut self, index: LeafIndex, bytes: &Bytes, record: &Parsed, row: &Columns) {
        let object: Option<ObjectId> = row.object_id.as_ref().and_then(|id| id.parse().ok());
        self.columns(row, &StoredEntry::erased(index, bytes.clone(), record, object.clone()));
        let own = |object: &ObjectId| record.statement.writer.member() == Some(object.code());
        // What was erased keeps its object, which the commit's digest binds: this was never had.
        if row.object_id.is_none()
            && row.remains.content.is_none()
            && matches!(record.statement.writer, Writer::Node(..))
        {
            self.missing += 1;
            return;
        }
        match object.filter(own) {
            Some(object) => drop(self.erased.insert(record.record_id, (index, object))),
            None => self.find(Some(index), "has no content and names no object of its writer's"),
        }
    }

    fn columns(&mut self, row: &Columns, expected: &StoredEntry) {
        for column in row.differing(&Columns::from(expected)) {
            self.find(Some(expected.entry.index), format!("column {column} does not fit the leaf and the content"));
        }
    }

    /// Counts a leaf that says nothing that can be understood.
    fn skip(&mut self, bytes: &Bytes) {
        if let Some(state) = &mut self.state {
            let leaf = Leaf::new(LeafType::Seal, state.accepted_at_ms(), &[], Bytes::new());
            let seal = state.next_seal(state.seal_time_ms());
            state.push_seal(bytes, &leaf, &seal);
        } else {
            self.stopped = true;
        }
    }
}
