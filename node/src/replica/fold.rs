//! Judging records in the order of the log: what holds, and what it leaves of its object.
//!
//! In scope: pure state over `proto::judge`. Out of scope: tables (`object`, `entry`).

use std::collections::BTreeMap;
use std::sync::Arc;

use multaqa_proto::directory::{Directory, Void};
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::{GroupSlug, MemberCode, ObjectId, Writer};
use multaqa_proto::judge::{Change, Entry, MemberState, ObjectState, Projection, Verdict, View, judge};
use multaqa_proto::key::KeyId;
use multaqa_proto::kind::Kind;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::content::Content;

/// What a verdict looks up: the directory at an index, and the objects that were loaded.
#[derive(Debug, Clone)]
pub struct Held {
    directory: Arc<Directory>,
    at: LeafIndex,
    objects: BTreeMap<ObjectId, ObjectState>,
}

impl Held {
    pub(super) fn new(directory: Arc<Directory>, objects: BTreeMap<ObjectId, ObjectState>) -> Self {
        Self { directory, at: LeafIndex(0), objects }
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
                Change::Withdraw { id, revisions: _ } => {
                    if let Some(object) = self.objects.get_mut(id) {
                        object.withdrawn = true;
                    }
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
            withdrawn: false,
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
}

/// What was said of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judged {
    Valid,
    Pending,
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
pub(super) struct Placed<'a> {
    pub(super) index: LeafIndex,
    pub(super) record_id: RecordId,
    pub(super) writer: &'a Writer,
    pub(super) key_id: KeyId,
    pub(super) accepted_at_ms: i64,
    pub(super) content: &'a Content,
}

/// The newest revision of an object.
#[derive(Debug)]
pub(super) struct Put {
    pub(super) index: LeafIndex,
    pub(super) record_id: RecordId,
    pub(super) accepted_at_ms: i64,
    pub(super) content: Content,
    pub(super) projection: Projection,
}

/// What stays of a withdrawn object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) index: LeafIndex,
    pub(super) record_id: RecordId,
    pub(super) accepted_at_ms: i64,
    pub(super) authored_at_ms: i64,
}

/// Contents that a tombstone erases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Erasure {
    pub(super) object: ObjectId,
    pub(super) revisions: Vec<RecordId>,
}

/// Records judged one after the other, and what they leave.
#[derive(Debug)]
pub(super) struct Fold {
    held: Held,
    pub(super) puts: BTreeMap<ObjectId, Put>,
    pub(super) marks: BTreeMap<ObjectId, Mark>,
    pub(super) erasures: Vec<Erasure>,
}

impl Fold {
    pub(super) fn new(held: Held) -> Self {
        Self { held, puts: BTreeMap::new(), marks: BTreeMap::new(), erasures: Vec::new() }
    }

    pub(super) fn judge(&mut self, placed: &Placed<'_>) -> Judged {
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
                    self.marks.remove(&content.id);
                    self.puts.insert(content.id.clone(), put);
                }
                Change::Withdraw { id, revisions } => {
                    if self.held.objects.contains_key(&id) {
                        self.puts.remove(&id);
                        let mark = Mark { index, record_id, accepted_at_ms, authored_at_ms: content.authored_at_ms };
                        self.marks.insert(id.clone(), mark);
                    }
                    self.erasures.push(Erasure { object: id, revisions });
                }
            }
        }
        Judged::Valid
    }
}
