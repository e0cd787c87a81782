//! The real thing under the model's steps: records signed with real keys, `LogState` and `Merge` as the hub, `Intake` and
//! `Fold` as nodes, packed frames between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::fold::Erasure;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::MemberCode;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::record::Received;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::sync::block::{Entry, pack};
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::sync::merge::Readers as Block;
use multaqa_proto::wire::{hub, kind};
use proptest_state_machine::StateMachineTest;

use super::federation::{Federation, Plan, group};
use super::node::{Node, Stored, placed, read, takes};
use super::reference::{BEGINNING, GROUPS, MEMBERS, Model, Object, Readers, SLUGS, Said, Step};

/// A hub and its nodes.
pub(crate) struct Machine {
    pub(super) federation: Federation,
    pub(super) nodes: Vec<Node>,
    queued: Vec<(RecordId, Received)>,
    /// Records in the order in which they were accepted, and where.
    pub(super) accepted: Vec<(RecordId, LeafIndex)>,
    revisions: BTreeMap<Object, Vec<RecordId>>,
    groups: Vec<Vec<RecordId>>,
    /// Records of each object, void ones too.
    records: BTreeMap<Object, Vec<RecordId>>,
    /// Members of each group.
    members: Vec<BTreeSet<usize>>,
    /// Newest signed place of each writer: what is queued counts.
    heads: BTreeMap<usize, (multaqa_proto::number::Seq, RecordId)>,
    pub(super) roots: BTreeMap<u64, Hash>,
    serial: u64,
}

pub(crate) fn object_id((member, slug): Object) -> String {
    format!("{}:service:{}", MEMBERS[member], SLUGS[slug])
}

fn service(member: usize, title: &str) -> kind::Service {
    let text = |text: &str| [("en".to_owned(), text.to_owned())].into();
    kind::Service {
        title: text(title),
        description: text("for the model"),
        provider: format!("{}:organisation:x", MEMBERS[member]),
        service_type: "verification".to_owned(),
        status: "production".to_owned(),
        ..kind::Service::default()
    }
}

fn audience(readers: Readers) -> String {
    match readers {
        Readers::States => "states".to_owned(),
        Readers::Group(group) => format!("group:{}", GROUPS[group].0),
        Readers::Member(member) => format!("member:{}", MEMBERS[member]),
    }
}

impl Machine {
    fn begin() -> Self {
        let mut federation = Federation::new(1);
        for (code, seed) in MEMBERS.into_iter().zip([10, 20, 30]) {
            federation.join(code, "state", seed);
        }
        let mut groups = Vec::new();
        for (slug, history) in GROUPS {
            let payload = group(slug, history, &[MEMBERS[0]]);
            let id = format!("x-federation:group:{slug}");
            groups.push(vec![federation.write("operator/first", &Plan::new(&id, &["members"], &payload)).0]);
        }
        federation.seal();
        assert_eq!(federation.entries.len(), BEGINNING);
        let node = |code: &&str| {
            let (entries, objects, withdrawn) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
            let now = Stored { intake: federation.reader(code), entries, objects, withdrawn };
            Node { now, before: Vec::new(), line: Vec::new(), sent: TreeSize(0) }
        };
        let nodes = MEMBERS.iter().map(node).collect();
        let head = |code: &str| federation.state.chains().head(&format!("{code}/gw1").parse().unwrap());
        let heads = MEMBERS.iter().enumerate().filter_map(|(n, code)| Some((n, head(code)?)));
        let heads = heads.map(|(n, head)| (n, (head.seq, head.record_id))).collect();
        let mut machine = Self {
            federation,
            nodes,
            queued: Vec::new(),
            accepted: Vec::new(),
            revisions: BTreeMap::new(),
            records: BTreeMap::new(),
            groups,
            members: vec![BTreeSet::from([0]); GROUPS.len()],
            heads,
            roots: BTreeMap::new(),
            serial: 0,
        };
        machine.note_root();
        machine
    }

    fn note_root(&mut self) {
        self.roots.insert(self.federation.state.size().0, self.federation.state.root());
    }

    fn submit(&mut self, said: &Said) {
        self.serial += 1;
        let title = format!("said {}", self.serial);
        let (object, id) = match said {
            Said::Put { object, .. } => (*object, object_id(*object)),
            Said::Withdraw { object, .. } => (*object, format!("{}:tombstone:{}", MEMBERS[object.0], SLUGS[object.1])),
            Said::Group { .. } | Said::Proposed | Said::Seal => unreachable!("no writer says this"),
        };
        let known = self.revisions.entry(object).or_default();
        let (audience, replaces, payload): (Vec<String>, _, _) = match said {
            Said::Put { readers, void, .. } => {
                let replaces = if *void { Vec::new() } else { known.clone() };
                (vec![audience(*readers)], replaces, prost::Message::encode_to_vec(&service(object.0, &title)))
            }
            Said::Withdraw { named, readers, .. } => {
                let records = &self.records[&object];
                let revisions = named.iter().map(|number| records[*number].to_vec()).collect();
                let payload = kind::Tombstone { id: object_id(object), revisions, ..Default::default() };
                let audience = readers.iter().map(|readers| audience(*readers)).collect();
                (audience, Vec::new(), prost::Message::encode_to_vec(&payload))
            }
            Said::Group { .. } | Said::Proposed | Said::Seal => unreachable!("no writer says this"),
        };
        let audience: Vec<&str> = audience.iter().map(String::as_str).collect();
        let plan = Plan { revision: replaces.len() as u64 + 1, replaces, payload, id: &id, audience: &audience };
        let writer = format!("{}/gw1", MEMBERS[object.0]);
        let (record_id, received) = self.federation.sign_after(&writer, &plan, self.heads[&object.0]);
        self.heads.insert(object.0, (self.heads[&object.0].0.next(), record_id));
        if let Said::Put { void, .. } = said {
            self.records.entry(object).or_default().push(record_id);
            if !void {
                self.revisions.entry(object).or_default().push(record_id);
            }
        }
        self.queued.push((record_id, received));
    }

    /// Orders what was sent; sent twice, the second is refused by the chain, and so is one whose predecessor is not there.
    fn commit(&mut self) {
        let queued = std::mem::take(&mut self.queued);
        let refused = |machine: &Self, received: &Received| {
            let parsed = received.clone().parse().unwrap();
            machine.federation.state.check(&parsed, &mut VerifiedRoots::default()).is_err()
        };
        for (at, (record_id, received)) in queued.iter().enumerate() {
            let writer = |received: &Received| received.clone().parse().unwrap().statement.writer;
            let next = queued[at + 1..].iter().find(|(_, other)| writer(other) == writer(received));
            if let Some((_, next)) = next {
                assert!(refused(self, next), "a gap in a chain was taken");
            }
            self.accepted.push((*record_id, self.federation.state.size().next_index()));
            let tombstone = self.federation.entries.len();
            self.federation.order(received.clone());
            self.erase(tombstone);
            assert!(refused(self, received), "a record was taken twice");
        }
        self.note_root();
    }

    /// The hub erases what the entry at this index withdraws.
    fn erase(&mut self, tombstone: usize) {
        let directory = Arc::clone(self.federation.state.directory());
        let (leaf, record) = read(&self.federation.entries[tombstone].1);
        let content = record.content().unwrap().unwrap();
        let placed = placed(&self.federation.entries[tombstone].1, &leaf, &record, &content);
        let Some(erasure) = Erasure::of(&directory, &placed) else { return };
        for (readers, entry) in &mut self.federation.entries[..tombstone] {
            if takes(&erasure, entry) {
                (*readers, entry.content) = (Block::Everyone, None);
            }
        }
    }

    fn regroup(&mut self, at: usize, after: &Model) {
        self.commit();
        let codes = |members: &BTreeSet<usize>| members.iter().map(|member| MEMBERS[*member]).collect::<Vec<_>>();
        let (slug, history) = GROUPS[at];
        let electorate = std::mem::replace(&mut self.members[at], after.members(at).clone());
        let payload = group(slug, history, &codes(&self.members[at]));
        let id = format!("x-federation:group:{slug}");
        let plan = Plan::new(&id, &["members"], &payload).replacing(&self.groups[at]);
        let (record_id, mut verdict) = self.federation.write("operator/first", &plan);
        self.groups[at].push(record_id);
        let needed = (electorate.len() * 2).div_ceil(3);
        for member in electorate.into_iter().take(needed) {
            assert_eq!(verdict, Some(ControlVerdict::Pending), "in force before two thirds approved");
            self.serial += 1;
            let approve = kind::Approve { record_id: record_id.to_vec() };
            let id = format!("{}:approve:n{}", MEMBERS[member], self.serial);
            let writer = format!("{}/gw1", MEMBERS[member]);
            let (record_id, judged) = self.federation.write(&writer, &Plan::new(&id, &["members"], &approve));
            self.heads.insert(member, (self.heads[&member].0.next(), record_id));
            verdict = judged.map(|_| verdict_of(&self.federation, at, &self.members[at]));
        }
        assert_eq!(verdict, Some(ControlVerdict::Valid));
        self.note_root();
    }

    fn fill(&mut self, at: usize) {
        let view = self.federation.state.size();
        let me: MemberCode = MEMBERS[at].parse().unwrap();
        let node = &mut self.nodes[at];
        let cursor = node.now.entries.len();
        let readable = |(readers, entry): &&(Block, Entry)| {
            let directory = self.federation.state.directory();
            *readers != Block::Everyone && readers.include(directory, &me, entry.index, view)
        };
        let entries: Vec<Entry> =
            self.federation.entries[..cursor].iter().filter(readable).map(|(_, entry)| entry.clone()).collect();
        if cursor == 0 {
            return;
        }
        let blocks = if entries.is_empty() { Vec::new() } else { vec![pack(&entries, true)] };
        let fill = hub::Fill { blocks, through: view.0, view: view.0, paths: Vec::new() };
        let stub = |index: LeafIndex| {
            let entry = node.now.entries.get(usize::try_from(index.0).unwrap())?;
            Some((entry.leaf.clone(), entry.signature.clone()))
        };
        let filled = node.now.intake.fill(&fill, stub).expect("an honest hub");
        node.now.filled(filled);
        node.store();
    }
}

/// Whether a group's change is in force.
fn verdict_of(federation: &Federation, at: usize, members: &BTreeSet<usize>) -> ControlVerdict {
    let codes: BTreeSet<MemberCode> = members.iter().map(|member| MEMBERS[*member].parse().unwrap()).collect();
    let group = federation.state.directory().group(&GROUPS[at].0.parse().unwrap()).unwrap();
    let newest = group.members_at(federation.state.size().next_index());
    if newest == Some(&codes) { ControlVerdict::Valid } else { ControlVerdict::Pending }
}

impl StateMachineTest for Machine {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(_: &Model) -> Self {
        Self::begin()
    }

    fn apply(mut self_: Self, model: &Model, step: Step) -> Self {
        match &step {
            Step::Submit(said) => self_.submit(said),
            Step::Commit => self_.commit(),
            Step::Seal => {
                self_.federation.seal();
                self_.note_root();
            }
            Step::Regroup { group, .. } => self_.regroup(*group, model),
            Step::Send(node) => {
                let frame = self_.federation.frame(MEMBERS[*node], self_.nodes[*node].sent);
                self_.nodes[*node].misses_what_is_kept_back(&frame, &self_.federation.checkpoint());
                self_.nodes[*node].line.push(frame);
                self_.nodes[*node].sent = self_.federation.state.size();
            }
            Step::Deliver(node) => {
                let frame = self_.nodes[*node].line.remove(0);
                self_.nodes[*node].deliver(&frame);
            }
            Step::Duplicate(node) => {
                let again = self_.nodes[*node].line[0].clone();
                self_.nodes[*node].line.insert(1, again);
            }
            Step::Reorder(node) => {
                let node = &mut self_.nodes[*node];
                let early = node.line.remove(1);
                let refused = node.now.intake.accept(&early).map(|_| ()).unwrap_err();
                assert_eq!(refused.code(), "LOG_GAP");
                node.cut();
            }
            Step::Cut(node) => self_.nodes[*node].cut(),
            Step::Fill(node) => self_.fill(*node),
            Step::Crash { node, back } => {
                let empty = self_.federation.reader(MEMBERS[*node]);
                let me: MemberCode = MEMBERS[*node].parse().unwrap();
                let node = &mut self_.nodes[*node];
                node.before.truncate(node.before.len() - back);
                node.now = node.before.last().cloned().unwrap_or_else(|| Stored {
                    intake: empty,
                    entries: Vec::new(),
                    objects: BTreeMap::new(),
                    withdrawn: BTreeSet::new(),
                });
                if let Some(state) = node.now.intake.state() {
                    let (state, checkpoint) = (state.clone(), node.now.intake.checkpoint().to_owned());
                    node.now.intake = Intake::resume(me, state, checkpoint);
                    node.now.learn();
                }
                node.cut();
            }
        }
        self_
    }

    fn check_invariants(machine: &Self, model: &Model) {
        machine.check_log(model);
        for (at, node) in machine.nodes.iter().enumerate() {
            machine.check_node(at, node, model);
        }
    }
}
