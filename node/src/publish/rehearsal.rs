//! The dress rehearsal: what the log would say of records that are not signed yet.
//!
//! The rules are those of every reader (`proto::judge`), run over the own replica with the own records that it does not
//! hold yet laid over it in the order of their chain. A queued record that does not hold there changes nothing, as it will
//! on the log. In scope: revisions, audiences, verdicts, record ids to be. Pure. Out of scope: stores, signing (`publish`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use multaqa_proto::directory::Directory;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{GroupSlug, MemberCode, ObjectId};
use multaqa_proto::judge::{Change, Entry, MemberState, ObjectState, Verdict, View, judge};
use multaqa_proto::kind::Kind;
use multaqa_proto::number::TreeSize;
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::{Body, CONTENT_MAX, Content, REPLACES_MAX, Seen};
use multaqa_proto::record::statement::Statement;
use multaqa_proto::record::{ChainPlace, Draft, lane};

use super::Broken;
use crate::code;

/// What the rehearsal stands on.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    /// Members, groups and keys as the replica has them.
    pub(crate) directory: Arc<Directory>,
    /// Leaves that the replica holds.
    pub(crate) size: TreeSize,
    /// The newest checkpoint that it verified.
    pub(crate) seen: Option<Seen>,
    /// The objects concerned.
    pub(crate) objects: BTreeMap<ObjectId, Known>,
    /// Those of them that were withdrawn.
    pub(crate) withdrawn: BTreeSet<ObjectId>,
    /// Own records that the replica does not hold, in the order of the chain.
    pub(crate) queued: Vec<(RecordId, Content)>,
}

/// An object and the payload of its newest revision.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) state: ObjectState,
    pub(crate) payload: Option<Bytes>,
}

/// What a writer adds to each content.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) salt: [u8; 32],
    /// Key of the lane.
    pub(crate) lane: [u8; 16],
    pub(crate) authored_at_ms: i64,
}

/// What is to become of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is the next revision.
    Drafted(u64, RecordId),
    /// The newest revision says the same.
    Unchanged(u64, RecordId),
}

/// See the module.
pub(crate) struct Rehearsal {
    directory: Arc<Directory>,
    size: TreeSize,
    seen: Option<Seen>,
    objects: BTreeMap<ObjectId, Known>,
    withdrawn: BTreeSet<ObjectId>,
    place: ChainPlace,
    drafts: Vec<Draft>,
}

impl Rehearsal {
    /// A rehearsal of the records that follow this place of the chain.
    pub(crate) fn new(ground: Ground, place: ChainPlace) -> Self {
        let Ground { directory, size, seen, objects, withdrawn, queued } = ground;
        let mut rehearsal = Self { directory, size, seen, objects, withdrawn, place, drafts: Vec::new() };
        for (record_id, content) in queued {
            if let Verdict::Valid(changes) = rehearsal.verdict(record_id, &content) {
                rehearsal.apply(record_id, &content, changes);
            }
        }
        rehearsal
    }

    /// The drafts, in the order in which they are to be signed.
    pub(crate) fn into_drafts(self) -> Vec<Draft> {
        self.drafts
    }

    /// An object as the records so far leave it.
    pub(crate) fn known(&self, id: &ObjectId) -> Option<&Known> {
        self.objects.get(id)
    }

    /// The audience of an object's next revision: the one named, else that of the revision before, else the kind's.
    pub(crate) fn audience(&self, id: &ObjectId, named: Option<&Audience>, kind: &Kind) -> Option<Audience> {
        let before = || self.known(id).map(|known| known.state.audience.clone());
        named.cloned().or_else(before).or_else(|| kind.default_audience())
    }

    /// Drafts the next revision of an own object, unless its newest one has this audience and `same` payload.
    ///
    /// # Errors
    /// [`Broken`]: the rule by which the log would void it.
    pub(crate) fn revise(
        &mut self,
        id: &ObjectId,
        audience: Audience,
        payload: Bytes,
        stamp: Stamp,
        same: impl Fn(&[u8], &[u8]) -> bool,
    ) -> Result<Outcome, Broken> {
        if let Some(Known { state, payload: Some(before) }) = self.known(id)
            && self.place.writer.member() == Some(id.code())
            && state.audience == audience
            && same(before, &payload)
            && let Some(newest) = state.revisions.last()
        {
            return Ok(Outcome::Unchanged(state.revision, *newest));
        }
        let replaces = self.known(id).map(|known| known.state.revisions.clone()).unwrap_or_default();
        self.draft(id, replaces, audience, payload, stamp)
    }

    /// Drafts a record that is no revision of another.
    ///
    /// # Errors
    /// As [`Rehearsal::revise`].
    pub(crate) fn once(
        &mut self,
        id: &ObjectId,
        audience: Audience,
        payload: Bytes,
        stamp: Stamp,
    ) -> Result<Outcome, Broken> {
        self.draft(id, Vec::new(), audience, payload, stamp)
    }

    fn draft(
        &mut self,
        id: &ObjectId,
        replaces: Vec<RecordId>,
        audience: Audience,
        payload: Bytes,
        stamp: Stamp,
    ) -> Result<Outcome, Broken> {
        if replaces.len() >= REPLACES_MAX {
            return Err(Broken::with(code::REVISIONS_EXHAUSTED, "id", id).and("max", REPLACES_MAX));
        }
        let mut content = Content {
            salt: stamp.salt,
            id: id.clone(),
            revision: replaces.len() as u64 + 1,
            replaces,
            audience,
            authored_at_ms: stamp.authored_at_ms,
            seen: self.seen,
            body: Body::Payload(payload),
        };
        let lane = lane::bind(&self.place.writer, stamp.lane, &mut content);
        let bytes = content.serialise();
        if bytes.len() > CONTENT_MAX {
            let code = if id.kind() == "dataset" { code::DATASET_TOO_LARGE } else { code::CONTENT_TOO_LARGE };
            return Err(Broken::with(code, "id", id).and("max", CONTENT_MAX).and("found", bytes.len()));
        }
        let record_id = self.statement(&bytes, lane).record_id();
        let revision = content.revision;
        match self.verdict(record_id, &content) {
            Verdict::Valid(changes) => self.apply(record_id, &content, changes),
            Verdict::Void { code, args } => return Err(Broken { code, args }),
        }
        self.drafts.push(Draft { content, lane: stamp.lane });
        (self.place.seq, self.place.previous) = (self.place.seq.next(), Some(record_id));
        Ok(Outcome::Drafted(revision, record_id))
    }

    /// The statement that signing will make, so that a later draft can name the record.
    fn statement(&self, content: &[u8], lane: [u8; 16]) -> Statement {
        let ChainPlace { federation, writer, epoch, seq, previous } = self.place.clone();
        Statement { federation, writer, epoch, seq, previous, lane, content_hash: Hash::of(content) }
    }

    fn verdict(&self, record_id: RecordId, content: &Content) -> Verdict {
        judge(self, &Entry { index: self.size.next_index(), record_id, writer: &self.place.writer, content })
    }

    fn apply(&mut self, record_id: RecordId, content: &Content, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Put(_) => self.put(record_id, content),
                Change::Withdraw { id, records: _ } => {
                    self.objects.remove(&id);
                    self.withdrawn.insert(id);
                }
            }
        }
    }

    fn put(&mut self, record_id: RecordId, content: &Content) {
        let state = ObjectState {
            writer_member: content.id.code().clone(),
            revision: content.revision,
            revisions: content.replaces.iter().copied().chain([record_id]).collect(),
            audience: content.audience.clone(),
        };
        self.objects.insert(content.id.clone(), Known { state, payload: content.payload().cloned() });
    }
}

impl View for Rehearsal {
    fn member(&self, code: &MemberCode) -> Option<MemberState> {
        let member = self.directory.member(code)?;
        Some(MemberState { class: member.class, active: member.active_at(self.size.next_index()) })
    }
    fn group_exists(&self, group: &GroupSlug) -> bool {
        self.directory.group(group).is_some()
    }
    fn object(&self, id: &ObjectId) -> Option<ObjectState> {
        self.known(id).map(|known| known.state.clone())
    }
    fn is_withdrawn(&self, id: &ObjectId) -> bool {
        self.withdrawn.contains(id)
    }
}
