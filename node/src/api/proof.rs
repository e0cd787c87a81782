//! A record with all that shows its place to somebody with nothing but the genesis.
//!
//! Out of scope: collecting it (`replica::proof`), deciding (`proto::record_proof`).

use bytes::Bytes;
use multaqa_proto::id::ObjectId;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::content::Content;
use multaqa_proto::wire::kind::Tombstone;
use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::proof_request::Of;
use prost::Message as _;

use super::refusal::Refusal;
use super::{Api, caller, read};
use crate::clients::authorise::{Asked, Caller};
use crate::code;
use crate::replica::Collected;

impl Api {
    pub(crate) async fn proof(
        &self,
        caller: &Caller,
        request: wire::ProofRequest,
    ) -> Result<wire::ProofResponse, Refusal> {
        self.must_serve()?;
        let (index, readable) = match request.of {
            Some(Of::Id(id)) => {
                let id = read::object_id(&id)?;
                read::may_read(caller, &id)?;
                let found = self.parts.replica.get(&id).await?;
                (found.ok_or_else(|| read::unknown(&id))?.summary.index, None)
            }
            // Who may read nothing learns nothing of what stands where.
            Some(Of::Index(index)) => {
                (LeafIndex(index), Some(caller::may_read_of(caller, &format!("entries/{index}"))?))
            }
            None => return Err(Refusal::new("REQUEST_MALFORMED", [("field", "of".to_owned())])),
        };
        let directory = self.parts.directory().ok_or_else(|| Refusal::new(code::REPLICA_EMPTY, []))?;
        let Collected { proof, proven } = self.parts.replica.record_proof(&directory, index).await?;
        let shown = shown(proof.record.entry.content.as_ref());
        let kind = shown.as_ref().map(ObjectId::kind);
        match (readable, &shown) {
            (None, Some(id)) => read::may_read(caller, id)?,
            (Some(readable), _) if kind.is_some_and(|kind| readable.holds(kind)) => {}
            // Who asked for a place and may not read what stands there does not learn what it is.
            (_, _) => caller::may(caller, &Asked::Read { kind: None, resource: &format!("entries/{index}") })?,
        }
        Ok(wire::ProofResponse {
            file: proof.to_text(),
            proof: Some(proof.to_wire()),
            label: proven.label.as_str().to_owned(),
            freshness: Some(self.served()?),
        })
    }
}

/// The object that a proof shows something of: of a tombstone the one that it withdraws. None where the content is not held.
fn shown(content: Option<&Bytes>) -> Option<ObjectId> {
    let content = Content::parse(content?).ok()?;
    if content.kind() != "tombstone" {
        return Some(content.id.clone());
    }
    Tombstone::decode(content.payload()?.clone()).ok()?.id.parse().ok()
}
