//! `ReplicaService.Proof`: a record with all that shows its place to somebody with nothing but the genesis.
//!
//! Out of scope: collecting it (`replica::proof`), deciding (`proto::record_proof`).

use multaqa_proto::number::LeafIndex;
use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::proof_request::Of;
use tonic::Status;

use super::error::{self, Reason};
use super::{Api, read};
use crate::code;
use crate::replica::{Collected, ProofError};

impl Api {
    pub(super) async fn record_proof(&self, request: wire::ProofRequest) -> Result<wire::ProofResponse, Status> {
        let index = match request.of {
            Some(Of::Id(id)) => {
                let id = read::object_id(&id)?;
                let found = self.parts.replica.get(&id).await.map_err(|e| error::store(&e))?;
                found.ok_or_else(|| read::unknown(&id))?.summary.index
            }
            Some(Of::Index(index)) => LeafIndex(index),
            None => return Err(error::status(&Reason::new("REQUEST_MALFORMED", [("field", "of".to_owned())]))),
        };
        let directory = self.parts.directory().ok_or_else(|| error::status(&Reason::new(code::REPLICA_EMPTY, [])))?;
        let Collected { proof, proven } =
            self.parts.replica.record_proof(&directory, index).await.map_err(|error| refused(&error))?;
        Ok(wire::ProofResponse {
            file: proof.to_text(),
            proof: Some(proof.to_wire()),
            label: proven.label.as_str().to_owned(),
            freshness: Some(self.freshness()),
        })
    }
}

fn refused(error: &ProofError) -> Status {
    match error {
        ProofError::Store(store) => error::store(store),
        ProofError::Unknown { .. } | ProofError::NotSealed { .. } | ProofError::TooLarge | ProofError::Bad(_) => {
            error::status(&Reason::new(error.code(), error.args()))
        }
    }
}
