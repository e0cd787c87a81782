//! Whether a data record holds at its place on the log, and what it changes: a pure function of what came before it.
//!
//! In scope: the rules of data kinds and of tombstones. Out of scope: form, signature and chain (checked before an index is
//! given), control records (`directory`), storing and erasing (the node's replica). The writer runs the same function
//! before it signs.
//!
//! # Why all readers agree
//! For every member m, fold(what m may read) agrees with fold(everything) on each object that m can read from its first
//! valid record (a void one is no part of the object, whoever may read it), until its writer withdraws it for fewer:
//! - The verdict on a revision reads only its object's earlier state and the directory, which everybody holds.
//! - A revision is valid only if its audience includes the one before it. So nothing that changes an object escapes those who
//!   could read what came before; a record that m may not read is void or concerns an object that m does not hold from its
//!   first record.
//! - An object that the judge does not hold starts at whatever revision is read first. Hence it makes no difference whether
//!   earlier records were void, or hidden from this reader.
//! - The verdict on a tombstone reads the directory alone, and leaves nothing of its object but the mark that the id is spent.
//!   So all who may read it agree on it, from wherever they read the object, whether or not they came after contents of it
//!   were erased, and whatever void records they take for its beginning.
//! - Which contents it erases, the tombstone and each record decide alone (`fold::Erasure`): those of its object that it names
//!   and whose audience its own includes. Whoever may read such a record may read the tombstone too (`view`), so hub, nodes and
//!   a replica that is fetched again erase the same. What it does not name, or not for all of its readers, stays until it is
//!   withdrawn once more; its member reads all its records and sees what is left.
//!
//! One thing is left to a writer: it divides the readers of an object of its own by a tombstone that it shows to few of them,
//! before or after it publishes the object to the others. To those few the id is spent, to the others the object goes on. A
//! node signs no such tombstone: its audience includes that of each record that it names.
//!
//! Records of kinds that this version does not know are not judged: their bytes are kept and judged after an upgrade.

use std::fmt;

use crate::check::Violation;
use crate::hash::RecordId;
use crate::id::{GroupSlug, MemberCode, ObjectId, Writer};
use crate::kind::{self, Kind, MemberClass, Payload, Projection, Withdrawal};
use crate::number::LeafIndex;
use crate::record::audience::{Audience, Part};
use crate::record::content::Content;

/// A member at an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberState {
    /// Its class.
    pub class: MemberClass,
    /// Whether it is in force.
    pub active: bool,
}

/// An object as the valid records below an index left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectState {
    /// The member that it belongs to.
    pub writer_member: MemberCode,
    /// Its newest revision.
    pub revision: u64,
    /// Record ids of all its revisions, oldest first; those before the first that the judge read are known from what it
    /// replaces.
    pub revisions: Vec<RecordId>,
    /// Audience of the newest revision.
    pub audience: Audience,
}

/// What a verdict may look up: the state just below the judged entry.
pub trait View {
    /// A member; none where it was never admitted.
    fn member(&self, code: &MemberCode) -> Option<MemberState>;
    /// Whether a group was made.
    fn group_exists(&self, group: &GroupSlug) -> bool;
    /// An object; none where no valid record of it was read, or a tombstone withdrew it. Asked only for ids that
    /// [`touches`] gives.
    fn object(&self, id: &ObjectId) -> Option<ObjectState>;
    /// Whether a valid tombstone of the object was read. Asked only for ids that [`touches`] gives.
    fn is_withdrawn(&self, id: &ObjectId) -> bool;
}

/// A record at its place.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its index; a writer that checks before signing gives the next one.
    pub index: LeafIndex,
    /// Its id.
    pub record_id: RecordId,
    /// Who wrote it.
    pub writer: &'a Writer,
    /// Its content.
    pub content: &'a Content,
}

/// Whether the record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds and changes this.
    Valid(Vec<Change>),
    /// It keeps its place and changes nothing.
    Void {
        /// Stable code of the broken rule.
        code: &'static str,
        /// Arguments of the code's message.
        args: Vec<(&'static str, String)>,
    },
}

/// What a valid record changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The entry's object has a new revision with this state.
    Put(Projection),
    /// The object is withdrawn for good: its state goes, and the contents of those of its records before the tombstone that it
    /// names, as far as its audience includes theirs.
    Withdraw {
        /// The object.
        id: ObjectId,
        /// The records that it names.
        records: Vec<RecordId>,
    },
}

/// Ids of the objects that [`judge`] will ask the view for.
#[must_use]
pub fn touches(content: &Content) -> Vec<ObjectId> {
    let payload = content.payload();
    match Kind::find(content.kind()).map(|kind| &kind.payload) {
        Some(Payload::Data(_)) => vec![content.id.clone()],
        Some(Payload::Tombstone(read)) => {
            payload.and_then(|bytes| read(bytes).ok()).map(|withdrawal| withdrawal.target).into_iter().collect()
        }
        Some(Payload::Control(_)) | None => Vec::new(),
    }
}

/// Judges a data record. A record of a control kind or of an unknown one changes nothing here: the directory judges the
/// former, nobody of this version the latter, so callers do not ask.
pub fn judge(view: &dyn View, entry: &Entry<'_>) -> Verdict {
    let Some(kind) = Kind::find(entry.content.kind()) else { return Verdict::Valid(Vec::new()) };
    let verdict = match &kind.payload {
        Payload::Control(_) => Ok(Vec::new()),
        Payload::Data(read) => judge_revision(view, entry, kind, *read),
        Payload::Tombstone(read) => judge_tombstone(view, entry, kind, *read),
    };
    match verdict {
        Ok(changes) => Verdict::Valid(changes),
        Err(Fault { code, args }) => Verdict::Void { code, args },
    }
}

/// The rule that a record breaks.
struct Fault {
    code: &'static str,
    args: Vec<(&'static str, String)>,
}

fn fault<const N: usize>(code: &'static str, args: [(&'static str, &dyn fmt::Display); N]) -> Fault {
    Fault { code, args: args.map(|(name, value)| (name, value.to_string())).into() }
}

impl From<Vec<Violation>> for Fault {
    fn from(violations: Vec<Violation>) -> Self {
        match violations.into_iter().next() {
            Some(Violation { code, args, path: _ }) => Self { code, args },
            None => fault("PAYLOAD_UNDECODABLE", [("path", &"")]),
        }
    }
}

fn judge_revision(
    view: &dyn View,
    entry: &Entry<'_>,
    kind: &Kind,
    read: fn(&[u8]) -> Result<Projection, Vec<Violation>>,
) -> Result<Vec<Change>, Fault> {
    let content = entry.content;
    let member = may_publish(view, entry, kind)?;
    audience_exists(view, &content.audience)?;
    if view.is_withdrawn(&content.id) {
        return Err(fault("OBJECT_WITHDRAWN", [("id", &content.id)]));
    }
    if let Some(object) = view.object(&content.id) {
        follows(entry, member, &object)?;
    }
    let projection = read(payload(content)?)?;
    Ok(vec![Change::Put(projection)])
}

/// The writer's member, where it may publish this kind under this id.
fn may_publish<'a>(view: &dyn View, entry: &Entry<'a>, kind: &Kind) -> Result<&'a MemberCode, Fault> {
    let Entry { writer, content, .. } = entry;
    let id = &content.id;
    let member = writer.member().filter(|member| *member == id.code());
    let member = member.ok_or_else(|| fault("OBJECT_FOREIGN", [("id", id), ("writer", writer)]))?;
    let state = view.member(member).ok_or_else(|| fault("MEMBER_UNKNOWN", [("member", member)]))?;
    if !state.active {
        return Err(fault("MEMBER_SUSPENDED", [("member", member)]));
    }
    if !kind.may_publish(state.class) {
        return Err(fault("PUBLISHER_NOT_ALLOWED", [("kind", &kind.name), ("class", &state.class)]));
    }
    Ok(member)
}

/// Whom the audience names was admitted or made.
fn audience_exists(view: &dyn View, audience: &Audience) -> Result<(), Fault> {
    audience.parts().try_for_each(|part| match part {
        Part::Group(group) if !view.group_exists(group) => Err(fault("GROUP_UNKNOWN", [("group", group)])),
        Part::Member(member) if view.member(member).is_none() => Err(fault("MEMBER_UNKNOWN", [("member", member)])),
        Part::Public | Part::Members | Part::States | Part::Group(_) | Part::Member(_) => Ok(()),
    })
}

/// The record is the next revision of the object.
fn follows(entry: &Entry<'_>, member: &MemberCode, object: &ObjectState) -> Result<(), Fault> {
    let content = entry.content;
    let id = &content.id;
    if object.writer_member != *member {
        return Err(fault("OBJECT_FOREIGN", [("id", id), ("writer", entry.writer)]));
    }
    if object.revisions != content.replaces {
        let expected = object.revision + 1;
        return Err(fault("REPLACES_STALE", [("id", id), ("expected", &expected), ("found", &content.revision)]));
    }
    if !content.audience.includes(&object.audience) {
        let (earlier, later) = (&object.audience, &content.audience);
        return Err(fault("AUDIENCE_SHRINKS", [("id", id), ("earlier", earlier), ("later", later)]));
    }
    Ok(())
}

fn judge_tombstone(
    view: &dyn View,
    entry: &Entry<'_>,
    kind: &Kind,
    read: fn(&[u8]) -> Result<Withdrawal, Vec<Violation>>,
) -> Result<Vec<Change>, Fault> {
    let content = entry.content;
    let member = may_publish(view, entry, kind)?;
    if content.revision != 1 {
        return Err(fault("TOMBSTONE_REVISED", [("id", &content.id)]));
    }
    let Withdrawal { target, revisions: records } = read(payload(content)?)?;
    if target.code() != member {
        return Err(fault("OBJECT_FOREIGN", [("id", &target), ("writer", entry.writer)]));
    }
    if !withdrawable(target.kind()) {
        return Err(fault("KIND_NOT_WITHDRAWABLE", [("id", &target), ("kind", &target.kind())]));
    }
    Ok(vec![Change::Withdraw { id: target, records }])
}

/// Control and workflow records stay, tombstones too. A kind that this version does not know may be withdrawn: what a
/// member takes back is not kept from erasure by an old reader.
fn withdrawable(name: &str) -> bool {
    !kind::is_control(name)
        && Kind::find(name).is_none_or(|kind| match kind.payload {
            Payload::Data(_) => kind.class == kind::Class::Data,
            Payload::Control(_) | Payload::Tombstone(_) => false,
        })
}

fn payload(content: &Content) -> Result<&[u8], Fault> {
    content.payload().map(AsRef::as_ref).ok_or_else(|| fault("PAYLOAD_SEALED", [("id", &content.id)]))
}

#[cfg(test)]
mod tests;
