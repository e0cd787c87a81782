//! Judging data records in the order of the log: what holds, and what it leaves of its object.
//!
//! In scope: pure state over `judge` and the directory at each index; which contents a tombstone erases, wherever they are
//! held. Out of scope: tables and files (`node`, `hub`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::directory::{Directory, Void};
use crate::hash::RecordId;
use crate::id::{GroupSlug, MemberCode, ObjectId, Writer};
use crate::judge::{Change, Entry, MemberState, ObjectState, Verdict, View, judge};
use crate::key::KeyId;
use crate::kind::{Kind, Payload, Projection};
use crate::number::LeafIndex;
use crate::record::audience::Audience;
use crate::record::content::Content;

/// What a verdict looks up: the directory at an index, and the objects that were loaded.
#[derive(Debug, Clone)]
pub struct Held {
    directory: Arc<Directory>,
    at: LeafIndex,
    objects: BTreeMap<ObjectId, ObjectState>,
    withdrawn: BTreeSet<ObjectId>,
}

impl Held {
    /// From the states of objects, and those that were withdrawn.
    #[must_use]
    pub fn new(
        directory: Arc<Directory>,
        objects: BTreeMap<ObjectId, ObjectState>,
        withdrawn: BTreeSet<ObjectId>,
    ) -> Self {
        Self { directory, at: LeafIndex(0), objects, withdrawn }
    }
    /// Nothing yet.
    #[must_use]
    pub fn nothing(directory: Arc<Directory>) -> Self {
        Self::new(directory, BTreeMap::new(), BTreeSet::new())
    }
    /// Looks from this index from here on.
    fn stand_at(&mut self, index: LeafIndex) {
        self.at = index;
    }
    /// Takes over what a valid record changes, so that the next one is judged after it.
    fn note(&mut self, entry: &Entry<'_>, verdict: &Verdict) {
        let Verdict::Valid(changes) = verdict else { return };
        for change in changes {
            match change {
                Change::Put(_) => self.put(entry),
                Change::Withdraw { id, records: _ } => {
                    self.objects.remove(id);
                    self.withdrawn.insert(id.clone());
                }
            }
        }
    }

    fn put(&mut self, entry: &Entry<'_>) {
        let content = entry.content;
        let state = ObjectState {
            writer_member: content.id.code().clone(),
            revision: content.revision,
            revisions: content.replaces.iter().copied().chain([entry.record_id]).collect(),
            audience: content.audience.clone(),
        };
        self.objects.insert(content.id.clone(), state);
    }
}

impl View for Held {
    fn member(&self, code: &MemberCode) -> Option<MemberState> {
        let member = self.directory.member(code)?;
        let admitted = member.active.iter().any(|(from, _)| *from <= self.at);
        admitted.then(|| MemberState { class: member.class, active: member.active_at(self.at) })
    }
    fn group_exists(&self, group: &GroupSlug) -> bool {
        self.directory.group(group).is_some_and(|group| group.members_at(self.at).is_some())
    }
    fn object(&self, id: &ObjectId) -> Option<ObjectState> {
        self.objects.get(id).cloned()
    }
    fn is_withdrawn(&self, id: &ObjectId) -> bool {
        self.withdrawn.contains(id)
    }
}

/// What was said of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// It holds.
    Valid,
    /// It waits for approvals.
    Pending,
    /// It breaks the rule of this code; arguments of the code's message.
    Void(&'static str, Vec<(&'static str, String)>),
    /// Stubs, seals, and kinds that this program does not know.
    Not,
}

impl From<Void> for Judged {
    fn from(Void { code, args }: Void) -> Self {
        Self::Void(code, args)
    }
}

/// A record to judge at its place.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// Index.
    pub index: LeafIndex,
    /// Its id.
    pub record_id: RecordId,
    /// Who wrote it.
    pub writer: &'a Writer,
    /// The key that signed it.
    pub key_id: KeyId,
    /// When the hub accepted it, milliseconds since 1970 UTC.
    pub accepted_at_ms: i64,
    /// Its content.
    pub content: &'a Content,
}

/// The newest revision of an object.
#[derive(Debug)]
pub struct Put {
    /// Index.
    pub index: LeafIndex,
    /// Its record.
    pub record_id: RecordId,
    /// When the hub accepted it, milliseconds since 1970 UTC.
    pub accepted_at_ms: i64,
    /// Its content.
    pub content: Content,
    /// What it says.
    pub projection: Projection,
}

/// What stays of a withdrawn object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Index of the tombstone.
    pub index: LeafIndex,
    /// Its record.
    pub record_id: RecordId,
    /// When the hub accepted it, milliseconds since 1970 UTC.
    pub accepted_at_ms: i64,
    /// When its writer wrote it, milliseconds since 1970 UTC.
    pub authored_at_ms: i64,
}

/// Contents that a valid tombstone erases: of its member's records below it about its object, valid or void, those that it
/// names and whose audience its own includes. It follows from the tombstone and the directory alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The object.
    pub object: ObjectId,
    /// Index of the tombstone.
    pub below: LeafIndex,
    /// The records that it names.
    pub records: BTreeSet<RecordId>,
    /// Whom it is for.
    pub audience: Audience,
}

impl Erasure {
    /// What a record erases where it stands; none where it is no tombstone, or a void one.
    #[must_use]
    pub fn of(directory: &Arc<Directory>, placed: &Placed<'_>) -> Option<Self> {
        let kind = Kind::find(placed.content.kind())?;
        if !matches!(kind.payload, Payload::Tombstone(_)) {
            return None;
        }
        let mut fold = Fold::new(Held::nothing(Arc::clone(directory)));
        fold.judge(placed);
        fold.erasures.pop()
    }
    /// Whether it names this record and stands after it: all that can be asked of one whose content is gone.
    #[must_use]
    pub fn names(&self, index: LeafIndex, record_id: &RecordId, writer: &Writer) -> bool {
        index < self.below && writer.member() == Some(self.object.code()) && self.records.contains(record_id)
    }
    /// Whether it erases the content of this record.
    #[must_use]
    pub fn takes(&self, index: LeafIndex, record_id: &RecordId, writer: &Writer, content: &Content) -> bool {
        self.names(index, record_id, writer) && content.id == self.object && self.audience.includes(&content.audience)
    }
}

/// Records judged one after the other, and what they leave.
#[derive(Debug)]
pub struct Fold {
    held: Held,
    /// Objects with a new newest revision.
    pub puts: BTreeMap<ObjectId, Put>,
    /// Objects that were withdrawn.
    pub marks: BTreeMap<ObjectId, Mark>,
    /// What the tombstones erase.
    pub erasures: Vec<Erasure>,
}

impl Fold {
    /// A fold that goes on from what is held.
    #[must_use]
    pub fn new(held: Held) -> Self {
        Self { held, puts: BTreeMap::new(), marks: BTreeMap::new(), erasures: Vec::new() }
    }

    /// Judges the next record and takes over what it changes.
    pub fn judge(&mut self, placed: &Placed<'_>) -> Judged {
        let Placed { index, record_id, writer, key_id, accepted_at_ms, content } = *placed;
        if Kind::find(content.kind()).is_none() {
            return Judged::Not;
        }
        if let Err(void) = self.held.directory.judge_writer(writer, key_id, index) {
            return void.into();
        }
        self.held.stand_at(index);
        let entry = Entry { index, record_id, writer, content };
        let verdict = judge(&self.held, &entry);
        self.held.note(&entry, &verdict);
        let changes = match verdict {
            Verdict::Void { code, args } => return Judged::Void(code, args),
            Verdict::Valid(changes) => changes,
        };
        for change in changes {
            match change {
                Change::Put(projection) => {
                    let put = Put { index, record_id, accepted_at_ms, content: content.clone(), projection };
                    self.puts.insert(content.id.clone(), put);
                }
                Change::Withdraw { id, records } => {
                    self.puts.remove(&id);
                    let mark = Mark { index, record_id, accepted_at_ms, authored_at_ms: content.authored_at_ms };
                    self.marks.insert(id.clone(), mark);
                    let (records, audience) = (records.into_iter().collect(), content.audience.clone());
                    self.erasures.push(Erasure { object: id, below: index, records, audience });
                }
            }
        }
        Judged::Valid
    }
}
