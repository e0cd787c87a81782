//! Acts that need no file: withdrawing an object, approving a record.

use bytes::Bytes;
use multaqa_proto::check::Violation;
use multaqa_proto::directory::approval::Pending;
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::ObjectId;
use multaqa_proto::judge::View as _;
use multaqa_proto::kind::Kind;
use multaqa_proto::text::LanguageMap;
use multaqa_proto::wire::kind as wire;
use prost::Message as _;

use super::rehearsal::Rehearsal;
use super::{Broken, Lanes, PublishError, Published, Publisher, published};
use crate::code;

impl Publisher {
    /// Withdraws an object of the member: all its revisions, for everybody who could read it.
    ///
    /// # Errors
    /// Where there is no such object, or it is withdrawn already or another member's.
    pub async fn withdraw(&self, id: &ObjectId, reason: LanguageMap) -> Result<Published, PublishError> {
        let turn = self.journal.turn().await;
        let stage = self.stage(std::slice::from_ref(id)).await?;
        let place = stage.place.clone();
        let mut rehearsal = Rehearsal::new(stage.ground, stage.place);
        if rehearsal.is_withdrawn(id) {
            return Err(Broken::with("OBJECT_WITHDRAWN", "id", id).into());
        }
        let known = rehearsal.known(id).ok_or_else(|| Broken::with(code::OBJECT_UNKNOWN, "id", id))?;
        let (audience, revisions) = (known.state.audience.clone(), &known.state.revisions);
        let revisions = revisions.iter().map(|revision| revision.to_vec()).collect();
        let payload = wire::Tombstone { id: id.to_string(), reason: reason.into_iter().collect(), revisions };
        let payload = Bytes::from(payload.encode_to_vec());
        // The payload of a tombstone that breaks a rule by itself is the caller's reason.
        if let Some(Violation { code, args, path: _ }) = kind("tombstone")?.check(&payload).into_iter().next() {
            return Err(Broken { code, args }.into());
        }
        let stamp = self.stamp(&audience, &mut Lanes::Journal.cache()).await?;
        let outcome = rehearsal.once(&tombstone_id(id)?, audience, payload, stamp)?;
        self.sign(&place, rehearsal).await?;
        drop(turn);
        Ok(published("", &tombstone_id(id)?, &outcome))
    }

    /// Approves a record that waits for this member; gives the approval and the id of the approved object.
    ///
    /// # Errors
    /// Where no such record waits for this member, or it approved already.
    pub async fn approve(&self, target: RecordId) -> Result<(Published, ObjectId), PublishError> {
        let turn = self.journal.turn().await;
        let member = self.journal.identity().member.clone();
        let approve = kind("approve")?;
        let id = ObjectId::new(&member, approve.name, &target.to_string()).map_err(malformed)?;
        let stage = self.stage(std::slice::from_ref(&id)).await?;
        let unknown = || Broken::with("APPROVAL_UNKNOWN", "record", target);
        let pending = stage.ground.directory.pending().find(|(record_id, _)| **record_id == target);
        let pending: &Pending = pending.map(|(_, pending)| pending).ok_or_else(unknown)?;
        if !pending.electorate.contains(&member) {
            return Err(unknown().into());
        }
        let queued = stage.ground.queued.iter().any(|(_, content)| content.id == id);
        if queued || pending.states.contains(&member) {
            return Err(Broken::with(code::APPROVAL_GIVEN, "record", target).and("id", &pending.id).into());
        }
        let object = pending.id.clone();
        let audience = approve.default_audience().ok_or_else(unknown)?;
        let payload = Bytes::from(wire::Approve { record_id: target.to_vec() }.encode_to_vec());
        let stamp = self.stamp(&audience, &mut Lanes::Journal.cache()).await?;
        let place = stage.place.clone();
        let mut rehearsal = Rehearsal::new(stage.ground, stage.place);
        let outcome = rehearsal.once(&id, audience, payload, stamp)?;
        self.sign(&place, rehearsal).await?;
        drop(turn);
        Ok((published("", &id, &outcome), object))
    }
}

/// The id of an object's tombstone: its kind and slug, or where that is too long a hash of its id.
pub(super) fn tombstone_id(target: &ObjectId) -> Result<ObjectId, Broken> {
    let code = target.code();
    let plain = ObjectId::new(code, "tombstone", &format!("{}.{}", target.kind(), target.slug()));
    let hashed = |_| ObjectId::new(code, "tombstone", &RecordId::of(target.to_string().as_bytes()).to_string());
    plain.or_else(hashed).map_err(malformed)
}

fn malformed(error: multaqa_proto::id::IdError) -> Broken {
    let multaqa_proto::id::IdError { what, value, rule } = error;
    Broken::with("ID_MALFORMED", "what", what).and("value", value).and("rule", rule)
}

fn kind(name: &'static str) -> Result<&'static Kind, Broken> {
    Kind::find(name).ok_or_else(|| {
        Broken::with(code::KIND_UNKNOWN, "kind", name).and("path", "").and("nearest", crate::file::NONE_NEAR)
    })
}
