//! What must hold after each step.

use std::collections::{BTreeMap, BTreeSet};

use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::ObjectId;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::tree::{leaf_hash, root_of};
use multaqa_proto::record::statement::Statement;

use super::machine::{Machine, object_id};
use super::node::{Node, Stored};
use super::reference::{BEGINNING, MEMBERS, Model, Readers, SLUGS, Said};

impl Machine {
    /// Each accepted record stands once, where it was answered, in the order of its writer.
    pub(super) fn check_log(&self, model: &Model) {
        assert_eq!(self.federation.entries.len(), model.size());
        let ids: BTreeSet<RecordId> = self.accepted.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids.len(), self.accepted.len(), "a record has two indexes");
        let mut newest: BTreeMap<String, u64> = BTreeMap::new();
        for (_, entry) in &self.federation.entries {
            let leaf = Leaf::parse(&entry.leaf).unwrap();
            if leaf.leaf_type == LeafType::Seal {
                continue;
            }
            let statement = Statement::parse(&leaf.body).unwrap();
            let seq = newest.entry(statement.writer.to_string()).or_default();
            assert_eq!(statement.seq.0, *seq + 1, "{}", statement.writer);
            *seq += 1;
        }
        for (id, index) in &self.accepted {
            let (_, entry) = &self.federation.entries[usize::try_from(index.0).unwrap()];
            assert_eq!(multaqa_proto::hash::record_id(&Leaf::parse(&entry.leaf).unwrap().body), *id);
        }
    }

    pub(super) fn check_node(&self, at: usize, node: &Node, model: &Model) {
        let (expected, held) = (&model.nodes[at], &node.now);
        assert_eq!(held.entries.len(), expected.cursor);
        assert_eq!(held.intake.size().0, expected.cursor as u64, "the cursor without its entries");
        let Some(state) = held.intake.state() else { return };
        assert_eq!(Some(&state.root()), self.roots.get(&state.size().0), "another root at an equal size");
        let hashes: Vec<Hash> = held.entries.iter().map(|entry| leaf_hash(&entry.leaf)).collect();
        assert_eq!(root_of(&hashes), state.root());
        let heartbeat = held.intake.open_checkpoint(&self.federation.checkpoint());
        let heartbeat = heartbeat.expect("a heartbeat of an honest hub").unwrap();
        held.intake.overdue(&heartbeat).expect("an honest hub keeps nothing back");
        let has: BTreeSet<usize> =
            (BEGINNING..held.entries.len()).filter(|at| held.entries[*at].content.is_some()).collect();
        let records = |index: &usize| matches!(model.said(*index), Some(Said::Put { .. } | Said::Withdraw { .. }));
        assert_eq!(has.into_iter().filter(records).collect::<BTreeSet<_>>(), expected.has, "{}", MEMBERS[at]);
        check_objects(held, model);
    }
}

/// What is withdrawn stays so, and what all may read is at its newest revision below the cursor.
fn check_objects(held: &Stored, model: &Model) {
    let below = |index: usize| model.said(index);
    for member in 0..MEMBERS.len() {
        for slug in 0..SLUGS.len() {
            let object = (member, slug);
            let said: Vec<&Said> = (BEGINNING..held.entries.len()).filter_map(below).collect();
            let read = |index: &usize| held.entries[*index].content.is_some();
            let withdraws = |said: &Said| matches!(said, Said::Withdraw { object: of, .. } if *of == object);
            let gone = (BEGINNING..held.entries.len()).filter(read).filter_map(below).any(withdraws);
            let id: ObjectId = object_id(object).parse().unwrap();
            let shown = held.objects.get(&id);
            assert_eq!(held.withdrawn.contains(&id), gone, "{id}");
            assert!(!gone || shown.is_none(), "{id} is withdrawn and shown");
            let open = |said: &&&Said| matches!(said, Said::Put { object: of, readers: Readers::States, void: false } if *of == object);
            let revisions = said.iter().filter(open).count() as u64;
            if revisions > 0 && !gone {
                assert_eq!(shown.map(|state| state.revision), Some(revisions), "{id}");
            }
        }
    }
}
