//! Who may read an entry.
//!
//! Entitlement is judged at a view: m may read entry i if the audience names m, or a group with m in it at the view and,
//! where that group's history is `from-join`, also at i. The writer's own member always may.
//!
//! A tombstone also reaches all who ever were entitled to what it withdraws: of its groups those who were in them at any
//! time, where the history is `from-join` at any time up to i. So who may read a record at any view may read each tombstone
//! whose audience includes the record's, at that view and every later one at which it is in force.
//!
//! In scope: these rules, used by the hub before it sends and by a node on what it was sent. Control records are for
//! everybody.

use crate::directory::{Directory, Group, History};
use crate::id::{MemberCode, Writer};
use crate::kind::{MemberClass, is_control};
use crate::number::{LeafIndex, TreeSize};
use crate::record::audience::{Audience, Part};
use crate::record::content::Content;

/// The kind that withdraws.
const TOMBSTONE: &str = "tombstone";

/// Who may read the content of an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readers {
    /// Everybody: control records, seals, and entries without content.
    Everyone,
    /// An audience, and the writer's own member.
    Audience(Audience, Writer),
    /// The same of a tombstone, and who was in a group of the audience before.
    Tombstone(Audience, Writer),
}

impl Readers {
    /// Of a content by this writer.
    #[must_use]
    pub fn of(content: &Content, writer: &Writer) -> Self {
        match content.kind() {
            kind if is_control(kind) => Self::Everyone,
            kind => Self::restricted(kind, content.audience.clone(), writer.clone()),
        }
    }
    /// Of a content of this kind, which is no control record's.
    #[must_use]
    pub fn restricted(kind: &str, audience: Audience, writer: Writer) -> Self {
        if kind == TOMBSTONE { Self::Tombstone(audience, writer) } else { Self::Audience(audience, writer) }
    }
    /// Whether `reader` is among them for the entry at `at`, with `view` entries folded.
    #[must_use]
    pub fn include(&self, directory: &Directory, reader: &MemberCode, at: LeafIndex, view: TreeSize) -> bool {
        match self {
            Self::Everyone => true,
            Self::Audience(audience, writer) => may_read(directory, reader, audience, writer, at, view),
            Self::Tombstone(audience, writer) => {
                entitled(directory, reader, audience, writer, view, |group, newest| group.had(reader, at, newest))
            }
        }
    }
    /// The same readers without the groups through which `reader` reads nothing at this index, whatever the view, so that
    /// it makes no difference at which index it is asked. As they are where nothing would be left.
    #[must_use]
    pub(crate) fn within(self, directory: &Directory, reader: &MemberCode, at: LeafIndex) -> Self {
        let counts = |part: &&Part, inside: fn(&Group, &MemberCode, LeafIndex) -> bool| match part {
            Part::Group(slug) => {
                directory.group(slug).is_none_or(|group| group.history == History::Full || inside(group, reader, at))
            }
            Part::Public | Part::Members | Part::States | Part::Member(_) => true,
        };
        let kept =
            |audience: &Audience, inside| Audience::new(audience.parts().filter(|part| counts(part, inside)).cloned());
        match self {
            Self::Everyone => Self::Everyone,
            Self::Audience(audience, writer) => {
                let inside = |group: &Group, reader: &MemberCode, at| group.has(reader, at);
                Self::Audience(kept(&audience, inside).unwrap_or(audience), writer)
            }
            Self::Tombstone(audience, writer) => {
                let inside = |group: &Group, reader: &MemberCode, at| group.had(reader, at, at);
                Self::Tombstone(kept(&audience, inside).unwrap_or(audience), writer)
            }
        }
    }
}

/// Whether `reader` may read the entry at `at` by `writer` for `audience`, with `view` entries folded.
#[must_use]
pub fn may_read(
    directory: &Directory,
    reader: &MemberCode,
    audience: &Audience,
    writer: &Writer,
    at: LeafIndex,
    view: TreeSize,
) -> bool {
    entitled(directory, reader, audience, writer, view, |group, newest| {
        group.has(reader, newest) && (group.history == History::Full || group.has(reader, at))
    })
}

/// Whether the audience names the reader, by itself or through a group that `inside` tells at the newest index.
fn entitled(
    directory: &Directory,
    reader: &MemberCode,
    audience: &Audience,
    writer: &Writer,
    view: TreeSize,
    inside: impl Fn(&Group, LeafIndex) -> bool,
) -> bool {
    let Some(newest) = view.0.checked_sub(1).map(LeafIndex) else { return false };
    if writer.member() == Some(reader) {
        return true;
    }
    let class = directory.member(reader).filter(|m| m.active_at(newest)).map(|m| m.class);
    audience.parts().any(|part| match part {
        Part::Public | Part::Members => class.is_some(),
        Part::States => matches!(class, Some(MemberClass::State | MemberClass::Secretariat)),
        Part::Member(code) => code == reader && class.is_some(),
        Part::Group(slug) => class.is_some() && directory.group(slug).is_some_and(|group| inside(group, newest)),
    })
}

impl Group {
    fn has(&self, reader: &MemberCode, at: LeafIndex) -> bool {
        self.members_at(at).is_some_and(|members| members.contains(reader))
    }
    /// Whether it had this member at any time: up to the newest index, or where its history is `from-join` up to `at`.
    fn had(&self, reader: &MemberCode, at: LeafIndex, newest: LeafIndex) -> bool {
        let until = if self.history == History::Full { newest } else { at };
        self.members.iter().take_while(|(from, _)| *from <= until).any(|(_, members)| members.contains(reader))
    }
}
