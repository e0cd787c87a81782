//! What PROTOCOL.md says of the log and its readers, in as few words as it takes: no bytes, no keys, no trees.
//!
//! Three states publish, withdraw, come into groups and leave them; a hub orders; lines to nodes carry frames in order, twice,
//! or not at all; nodes fall back to an earlier cursor. In scope: what must be where. Out of scope: how (`machine`).

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

/// Members, each with one node.
pub(crate) const MEMBERS: [&str; 3] = ["JO", "EG", "MA"];
/// Groups: whose members read what was written before they came, and whose members do not.
pub(crate) const GROUPS: [(&str, &str); 2] = [("all", "full"), ("new", "from-join")];
/// Names of objects of a member.
pub(crate) const SLUGS: [&str; 2] = ["a", "b"];
/// Entries before the first step: the genesis, three records a member, two groups, a seal.
pub(crate) const BEGINNING: usize = 1 + 3 * MEMBERS.len() + GROUPS.len() + 1;
/// Cursors that a crash may fall back to.
const REMEMBERED: usize = 3;

/// Who may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Readers {
    States,
    Group(usize),
    Member(usize),
}

/// An object, by its writer and its name.
pub(crate) type Object = (usize, usize);

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// The next revision of an object, or one that replaces too little and so is void.
    Put { object: Object, readers: Readers, void: bool },
    /// An object is withdrawn: of its records those that are named, by their numbers, as far as these readers include theirs.
    Withdraw { object: Object, named: BTreeSet<usize>, readers: BTreeSet<Readers> },
    /// A change of a group that waits for approvals, or an approval of it.
    Proposed,
    /// The approval that completes it: a group has these members from here on.
    Group { group: usize, members: BTreeSet<usize> },
    /// The hub's seal.
    Seal,
}

/// One thing that happens.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// A member signs a record; the hub will order it, and is sent it twice.
    Submit(Said),
    /// The hub orders what it was sent.
    Commit,
    /// The hub orders a seal.
    Seal,
    /// A member comes into a group, or leaves it: two thirds of its states approve. What is queued is ordered before.
    Regroup { group: usize, member: usize },
    /// The hub sends a node what is new.
    Send(usize),
    /// The next frame arrives.
    Deliver(usize),
    /// The next frame will come twice.
    Duplicate(usize),
    /// The frame after the next arrives first: the node drops the line.
    Reorder(usize),
    /// The line ends, with all that is on it.
    Cut(usize),
    /// Contents that became readable later are fetched.
    Fill(usize),
    /// The node starts again from a cursor that it had.
    Crash { node: usize, back: usize },
}

/// A frame on a line.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) first: usize,
    pub(crate) end: usize,
    /// Entries whose contents it shows.
    pub(crate) shows: BTreeSet<usize>,
}

/// A node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    pub(crate) cursor: usize,
    /// Up to where the hub has sent it the log on this line.
    sent: usize,
    pub(crate) line: Vec<Frame>,
    /// Entries beyond the beginning whose contents it has.
    pub(crate) has: BTreeSet<usize>,
    remembered: Vec<(usize, BTreeSet<usize>)>,
}

/// Everything.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// The log beyond its beginning.
    pub(crate) log: Vec<Said>,
    pub(crate) queued: Vec<Said>,
    pub(crate) nodes: [Node; 3],
    /// Members of each group, by the index from which on.
    groups: [Vec<(usize, BTreeSet<usize>)>; 2],
    /// Whom each record of each object is for, in their order, as its writer knows; the first of all is valid.
    objects: BTreeMap<Object, Vec<Readers>>,
    withdrawn: BTreeSet<Object>,
    /// Entries whose contents the hub has erased.
    erased: BTreeSet<usize>,
}

impl Model {
    fn begin() -> Self {
        let first = |at: usize| vec![(at, BTreeSet::from([0]))];
        let (all, new) = (BEGINNING - 3, BEGINNING - 2);
        Self {
            log: Vec::new(),
            queued: Vec::new(),
            nodes: Default::default(),
            groups: [first(all), first(new)],
            objects: BTreeMap::new(),
            withdrawn: BTreeSet::new(),
            erased: BTreeSet::new(),
        }
    }

    pub(crate) fn size(&self) -> usize {
        BEGINNING + self.log.len()
    }

    pub(crate) fn said(&self, index: usize) -> Option<&Said> {
        self.log.get(index.checked_sub(BEGINNING)?)
    }

    /// The newest members of a group.
    pub(crate) fn members(&self, group: usize) -> &BTreeSet<usize> {
        &self.groups[group].last().unwrap().1
    }

    /// Approvals that a change of a group takes: two thirds of its states, rounded up.
    pub(crate) fn approvals(&self, group: usize) -> usize {
        (self.members(group).len() * 2).div_ceil(3)
    }

    fn is_member(&self, group: usize, member: usize, below: usize) -> bool {
        let newest = self.groups[group].iter().rfind(|(at, _)| *at < below);
        newest.is_some_and(|(_, members)| members.contains(&member))
    }

    fn was_member(&self, group: usize, member: usize, below: usize) -> bool {
        self.groups[group].iter().any(|(at, members)| *at < below && members.contains(&member))
    }

    /// Whether a member may read an entry, judged at a view.
    fn may_read(&self, member: usize, index: usize, view: usize) -> bool {
        match self.said(index) {
            Some(Said::Put { object, readers, .. }) => {
                object.0 == member
                    || match *readers {
                        Readers::States => true,
                        Readers::Member(named) => named == member,
                        Readers::Group(group) => {
                            let history = GROUPS[group].1 == "full" || self.is_member(group, member, index + 1);
                            self.is_member(group, member, view) && history
                        }
                    }
            }
            // Also who was in a group once.
            Some(Said::Withdraw { object, readers, .. }) => {
                let named = |readers: &Readers| match *readers {
                    Readers::States => true,
                    Readers::Member(named) => named == member,
                    Readers::Group(group) => {
                        let until = if GROUPS[group].1 == "full" { view } else { index + 1 };
                        self.was_member(group, member, until)
                    }
                };
                object.0 == member || readers.iter().any(named)
            }
            Some(Said::Group { .. } | Said::Proposed | Said::Seal) | None => false,
        }
    }

    fn shown(&self, member: usize, range: std::ops::Range<usize>) -> BTreeSet<usize> {
        let view = self.size();
        range.filter(|index| !self.erased.contains(index) && self.may_read(member, *index, view)).collect()
    }

    /// Records below a withdrawal whose contents it takes.
    pub(crate) fn taken(&self, by: &Said, below: usize) -> BTreeSet<usize> {
        let Said::Withdraw { object: of, named, readers } = by else { return BTreeSet::new() };
        let about = |index: &usize| matches!(self.said(*index), Some(Said::Put { object, .. }) if object == of);
        let records = (BEGINNING..below).filter(about).enumerate();
        let covered = |index: usize| match self.said(index) {
            Some(Said::Put { readers: whom, .. }) => readers.contains(whom),
            _ => false,
        };
        records.filter(|(number, index)| named.contains(number) && covered(*index)).map(|(_, index)| index).collect()
    }

    fn order(&mut self, said: Said) {
        let index = self.size();
        match &said {
            Said::Withdraw { .. } => {
                let gone = self.taken(&said, index);
                self.erased.extend(gone);
            }
            Said::Group { group, members } => self.groups[*group].push((index, members.clone())),
            Said::Put { .. } | Said::Proposed | Said::Seal => {}
        }
        self.log.push(said);
    }

    fn commit(&mut self) {
        for said in std::mem::take(&mut self.queued) {
            self.order(said);
        }
    }

    fn sign(&mut self, said: Said) {
        match &said {
            Said::Put { object, readers, .. } => self.objects.entry(*object).or_default().push(*readers),
            Said::Withdraw { object, .. } => drop(self.withdrawn.insert(*object)),
            Said::Group { .. } | Said::Proposed | Said::Seal => {}
        }
        self.queued.push(said);
    }

    fn deliver(&mut self, node: usize) {
        let frame = self.nodes[node].line.remove(0);
        if frame.first != self.nodes[node].cursor {
            return;
        }
        let mut has = std::mem::take(&mut self.nodes[node].has);
        has.extend(&frame.shows);
        for index in frame.shows.iter().copied() {
            let gone = self.said(index).map(|said| self.taken(said, index)).unwrap_or_default();
            has.retain(|index| !gone.contains(index));
        }
        let node = &mut self.nodes[node];
        (node.cursor, node.has) = (frame.end, has);
        node.remember();
    }

    /// What may happen to an object of this name next: a revision for those who read the first one, or the first one, or a
    /// void record for anybody.
    fn puts(&self, object: Object, readers: Readers, void: bool) -> Said {
        let known = self.objects.get(&object).and_then(|records| records.first());
        let void = self.withdrawn.contains(&object) || void && known.is_some();
        Said::Put { object, readers: known.filter(|_| !void).map_or(readers, |readers| *readers), void }
    }

    /// A withdrawal of this object: as its node makes it (all records for all their readers), or of some records, or for
    /// some readers.
    fn withdraws(&self, object: Object, some: u8, few: Option<Readers>) -> Said {
        let records = &self.objects[&object];
        let named: BTreeSet<usize> = (0..records.len()).filter(|number| some >> (number % 8) & 1 == 1).collect();
        let all = || named.iter().map(|number| records[*number]).collect();
        Said::Withdraw { object, readers: few.map_or_else(all, |few| [few].into()), named }
    }
}

impl Node {
    fn remember(&mut self) {
        self.remembered.push((self.cursor, self.has.clone()));
        if self.remembered.len() > REMEMBERED {
            self.remembered.remove(0);
        }
    }
    fn cut(&mut self) {
        self.line.clear();
        self.sent = self.cursor;
    }
    fn crash(&mut self, back: usize) {
        self.remembered.truncate(self.remembered.len() - back);
        let (cursor, has) = self.remembered.last().cloned().unwrap_or_default();
        (self.cursor, self.has) = (cursor, has);
        self.cut();
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::begin()).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Step> {
        let (member, node, group) = (0..MEMBERS.len(), 0..MEMBERS.len(), 0..GROUPS.len());
        let readers = prop_oneof![
            2 => Just(Readers::States),
            2 => (0..GROUPS.len()).prop_map(Readers::Group),
            1 => (0..MEMBERS.len()).prop_map(Readers::Member),
        ];
        let few = proptest::option::weighted(0.3, readers.clone());
        let object = (member.clone(), 0..SLUGS.len());
        let (to_put, withdrawable) = (state.clone(), state.objects.keys().copied().collect::<Vec<_>>());
        let put = (object, readers, proptest::bool::weighted(0.2));
        let put = put.prop_map(move |(object, readers, void)| Step::Submit(to_put.puts(object, readers, void)));
        let mut steps = vec![
            (6, put.boxed()),
            (5, Just(Step::Commit).boxed()),
            (1, Just(Step::Seal).boxed()),
            (2, (group, member).prop_map(|(group, member)| Step::Regroup { group, member }).boxed()),
            (6, node.clone().prop_map(Step::Send).boxed()),
            (9, node.clone().prop_map(Step::Deliver).boxed()),
            (1, node.clone().prop_map(Step::Duplicate).boxed()),
            (1, node.clone().prop_map(Step::Reorder).boxed()),
            (1, node.clone().prop_map(Step::Cut).boxed()),
            (2, node.clone().prop_map(Step::Fill).boxed()),
            (1, (node, 0..REMEMBERED).prop_map(|(node, back)| Step::Crash { node, back }).boxed()),
        ];
        if !withdrawable.is_empty() {
            let some = prop_oneof![2 => Just(u8::MAX), 1 => any::<u8>()];
            let withdraw = (proptest::sample::select(withdrawable), some, few);
            let by = state.clone();
            let withdraw = withdraw.prop_map(move |(object, some, few)| Step::Submit(by.withdraws(object, some, few)));
            steps.push((2, withdraw.boxed()));
        }
        proptest::strategy::Union::new_weighted(steps).boxed()
    }

    fn preconditions(state: &Self, step: &Step) -> bool {
        match step {
            Step::Submit(Said::Put { object, readers, void }) => {
                state.puts(*object, *readers, *void) == Said::Put { object: *object, readers: *readers, void: *void }
            }
            Step::Submit(Said::Withdraw { object, named, readers }) => {
                let records = state.objects.get(object).map_or(0, Vec::len);
                !readers.is_empty() && !named.is_empty() && named.iter().all(|number| *number < records)
            }
            Step::Submit(Said::Group { .. } | Said::Proposed | Said::Seal) => false,
            Step::Commit => !state.queued.is_empty(),
            Step::Seal | Step::Cut(_) | Step::Fill(_) => true,
            Step::Regroup { group, member } => state.members(*group) != &BTreeSet::from([*member]),
            Step::Send(node) => state.nodes[*node].sent < state.size(),
            Step::Deliver(node) | Step::Duplicate(node) => !state.nodes[*node].line.is_empty(),
            Step::Reorder(node) => match &state.nodes[*node].line[..] {
                [_, second, ..] => second.first > state.nodes[*node].cursor,
                _ => false,
            },
            Step::Crash { node, back } => *back <= state.nodes[*node].remembered.len(),
        }
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        match step {
            Step::Submit(said) => state.sign(said.clone()),
            Step::Commit => state.commit(),
            Step::Seal => state.order(Said::Seal),
            Step::Regroup { group, member } => {
                state.commit();
                for _ in 0..state.approvals(*group) {
                    state.order(Said::Proposed);
                }
                let mut members = state.members(*group).clone();
                if !members.remove(member) {
                    members.insert(*member);
                }
                state.order(Said::Group { group: *group, members });
            }
            Step::Send(node) => {
                let (first, end) = (state.nodes[*node].sent, state.size());
                let shows = state.shown(*node, first..end);
                state.nodes[*node].line.push(Frame { first, end, shows });
                state.nodes[*node].sent = end;
            }
            Step::Deliver(node) => state.deliver(*node),
            Step::Duplicate(node) => {
                let again = state.nodes[*node].line[0].clone();
                state.nodes[*node].line.insert(1, again);
            }
            Step::Reorder(node) | Step::Cut(node) => state.nodes[*node].cut(),
            Step::Fill(node) => {
                let shown = state.shown(*node, 0..state.nodes[*node].cursor);
                let taken = |index: &usize| state.said(*index).map(|said| state.taken(said, *index));
                let gone: BTreeSet<usize> = shown.iter().filter_map(taken).flatten().collect();
                let node = &mut state.nodes[*node];
                node.has.extend(shown);
                node.has.retain(|index| !gone.contains(index));
                if node.cursor > 0 {
                    node.remember();
                }
            }
            Step::Crash { node, back } => state.nodes[*node].crash(*back),
        }
        state
    }
}
