//! Acts that need no file: withdrawing an object, approving a record.

use std::collections::BTreeMap;

use bytes::Bytes;
use multaqa_proto::check::Violation;
use multaqa_proto::directory::approval::Pending;
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::ObjectId;
use multaqa_proto::judge::View as _;
use multaqa_proto::kind::Kind;
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::{Content, REPLACES_MAX};
use multaqa_proto::text::LanguageMap;
use multaqa_proto::wire::kind as wire;
use prost::Message as _;

use super::rehearsal::Rehearsal;
use super::{Broken, PublishError, Published, Publisher, published};
use crate::code;

impl Publisher {
    /// Withdraws an object of the member: all its records that are not erased, void ones too, for everybody who may read one
    /// of them. Those of so many audiences that no record can name them together are left to be withdrawn once more.
    ///
    /// # Errors
    /// Where there is no such object, or it is another member's, or withdrawn already and nothing of it is left.
    pub async fn withdraw(&self, id: &ObjectId, reason: LanguageMap) -> Result<Published, PublishError> {
        let turn = self.journal.turn().await;
        let stage = self.stage(std::slice::from_ref(id)).await?;
        let place = stage.place.clone();
        let left = left(id, self.replica.own_records(id).await?, &stage.ground.queued);
        let mut rehearsal = Rehearsal::new(stage.ground, stage.place);
        let Some((audience, records)) = together(left) else {
            let broken = match rehearsal.known(id) {
                Some(_) => Broken::with("OBJECT_FOREIGN", "id", id).and("writer", &place.writer),
                None if rehearsal.is_withdrawn(id) => Broken::with("OBJECT_WITHDRAWN", "id", id),
                None => Broken::with(code::OBJECT_UNKNOWN, "id", id),
            };
            return Err(broken.into());
        };
        let revisions = records.iter().map(|record| record.to_vec()).collect();
        let payload = wire::Tombstone { id: id.to_string(), reason: reason.into_iter().collect(), revisions };
        let payload = Bytes::from(payload.encode_to_vec());
        // The payload of a tombstone that breaks a rule by itself is the caller's reason.
        if let Some(Violation { code, args, path: _ }) = kind("tombstone")?.check(&payload).into_iter().next() {
            return Err(Broken { code, args }.into());
        }
        let stamp = self.stamp(&audience).await?;
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
        let stamp = self.stamp(&audience).await?;
        let place = stage.place.clone();
        let mut rehearsal = Rehearsal::new(stage.ground, stage.place);
        let outcome = rehearsal.once(&id, audience, payload, stamp)?;
        self.sign(&place, rehearsal).await?;
        drop(turn);
        Ok((published("", &id, &outcome), object))
    }
}

/// Records of an object that no tombstone took, nor one that is queued will take: those of the replica, and queued ones.
fn left(
    id: &ObjectId,
    held: Vec<(RecordId, Audience)>,
    queued: &[(RecordId, Content)],
) -> BTreeMap<RecordId, Audience> {
    let mut left: BTreeMap<RecordId, Audience> = held.into_iter().collect();
    for (record_id, content) in queued {
        if content.id == *id {
            left.insert(*record_id, content.audience.clone());
        } else if content.kind() == "tombstone"
            && let Some(Ok(tombstone)) = content.payload().map(|bytes| wire::Tombstone::decode(bytes.as_ref()))
            && tombstone.id == id.to_string()
        {
            for named in tombstone.revisions.iter().filter_map(|named| RecordId::from_slice(named)) {
                if left.get(&named).is_some_and(|audience| content.audience.includes(audience)) {
                    left.remove(&named);
                }
            }
        }
    }
    left
}

/// As many of these records as one tombstone can name, and the audience that includes theirs; none of none.
fn together(left: BTreeMap<RecordId, Audience>) -> Option<(Audience, Vec<RecordId>)> {
    let mut together: Option<(Audience, Vec<RecordId>)> = None;
    for (record_id, audience) in left {
        let Some((all, records)) = &mut together else {
            together = Some((audience, vec![record_id]));
            continue;
        };
        if records.len() < REPLACES_MAX
            && let Ok(wider) = Audience::new(all.parts().chain(audience.parts()).cloned())
        {
            *all = wider;
            records.push(record_id);
        }
    }
    together
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
