//! Who may read an entry.
//!
//! Entitlement is judged at a view: m may read entry i if the audience names m, or a group with m in it at the view and,
//! where that group's history is `from-join`, also at i. The writer's own member always may. In scope: that rule, used by
//! the hub before it sends and by a node on what it was sent. Control records are for everybody and are not judged here.

use crate::directory::{Directory, History};
use crate::id::{MemberCode, Writer};
use crate::judge::MemberClass;
use crate::number::{LeafIndex, TreeSize};
use crate::record::audience::{Audience, Part};

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
    let Some(newest) = view.0.checked_sub(1).map(LeafIndex) else { return false };
    if writer.member() == Some(reader) {
        return true;
    }
    let class = directory.member(reader).filter(|m| m.active_at(newest)).map(|m| m.class);
    audience.parts().any(|part| match part {
        Part::Public | Part::Members => class.is_some(),
        Part::States => matches!(class, Some(MemberClass::State | MemberClass::Secretariat)),
        Part::Member(code) => code == reader && class.is_some(),
        Part::Group(slug) => directory.group(slug).is_some_and(|group| {
            let inside = |at| group.members_at(at).is_some_and(|members| members.contains(reader));
            class.is_some() && inside(newest) && (group.history == History::Full || inside(at))
        }),
    })
}
