//! Which contents a tombstone erases at the hub.
//!
//! In scope: the rules that the tombstone and its writer alone decide. Out of scope: whether it holds after what came before
//! it, and erasing (`store::erase`); replicas (each node erases by its own fold).

use multaqa_proto::id::{ObjectId, Writer};
use multaqa_proto::kind::{Class, Kind, is_control};
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::content::Content;
use multaqa_proto::wire::kind::Tombstone;
use prost::Message as _;

use crate::store::Erasure;

/// The name of the kind that withdraws.
const TOMBSTONE: &str = "tombstone";

/// What a writer's record erases when it stands at this index; none where it is no tombstone of its own member's object.
pub(crate) fn erasure(writer: &Writer, content: &Content, at: LeafIndex) -> Option<Erasure> {
    let (member, object) = (writer.member()?, target(content)?);
    (object.code() == member && withdrawable(object.kind())).then_some(Erasure { object, below: at })
}

/// The object that a tombstone names; none where the content is no well-formed tombstone.
fn target(content: &Content) -> Option<ObjectId> {
    let payload = content.payload().filter(|_| content.kind() == TOMBSTONE && content.revision == 1)?;
    if !Kind::find(TOMBSTONE)?.check(payload).is_empty() {
        return None;
    }
    Tombstone::decode(payload.as_ref()).ok()?.id.parse().ok()
}

/// Control and workflow records stay, tombstones too; a kind that this version does not know may be withdrawn.
fn withdrawable(kind: &str) -> bool {
    !is_control(kind) && kind != TOMBSTONE && Kind::find(kind).is_none_or(|kind| kind.class == Class::Data)
}
