//! What a rehearsal stands on, read from the stores.

use std::collections::{BTreeMap, BTreeSet};

use multaqa_proto::hash::RecordId;
use multaqa_proto::id::ObjectId;
use multaqa_proto::judge::{View as _, touches};
use multaqa_proto::log::state::LogState;
use multaqa_proto::record::ChainPlace;
use multaqa_proto::record::content::{Content, Seen};

use super::rehearsal::{Ground, Known};
use crate::journal::Journal;
use crate::replica::Replica;
use crate::store::StoreError;

/// The ground, and the place of the chain from which to go on.
pub(super) struct Stage {
    pub(super) ground: Ground,
    pub(super) place: ChainPlace,
}

/// Reads what a rehearsal over these objects needs; hold the journal's turn where something will be signed.
///
/// The replica may be ahead of `state` by a frame that is being applied: a queued record that it holds already does not
/// follow itself, so it changes nothing when it is laid over it.
pub(super) async fn stage(
    journal: &Journal,
    replica: &Replica,
    state: &LogState,
    wanted: &[ObjectId],
) -> Result<Stage, StoreError> {
    let mut ids: BTreeSet<ObjectId> = wanted.iter().cloned().collect();
    let ((place, queued), mut held) =
        tokio::try_join!(journal.next_place(state.size()), replica.held(state.directory(), &ids))?;
    let queued: Vec<(RecordId, Content)> = queued.into_iter().map(|own| (own.record_id, own.content)).collect();
    let asked = ids.len();
    ids.extend(queued.iter().flat_map(|(_, content)| touches(content)));
    if ids.len() > asked {
        held = replica.held(state.directory(), &ids).await?;
    }
    let (mut objects, mut withdrawn) = (BTreeMap::new(), BTreeSet::new());
    for id in ids {
        if held.is_withdrawn(&id) {
            withdrawn.insert(id);
        } else if let Some(state) = held.object(&id) {
            let payload = replica.get(&id).await?.map(|object| object.payload);
            objects.insert(id, Known { state, payload });
        }
    }
    let ground = Ground {
        directory: state.directory().clone(),
        size: state.size(),
        seen: Some(Seen { log: state.log(), size: state.size(), root: state.root() }),
        objects,
        withdrawn,
        queued,
    };
    Ok(Stage { ground, place })
}
