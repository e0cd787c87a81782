//! What subscribers do beside reading where there are witnesses: each cosigns, one asks for proofs.
//!
//! A cosigner does over its subscriber's connection what its node would (`node/src/sync/cosign.rs`), with the node's witness key:
//! it cosigns the newest sealed checkpoint that it was sent. Out of scope: what a node costs itself by it (verifying, its
//! journal), which the full node beside the subscribers does.

use std::path::Path;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use multaqa_certs::store::load_ed25519;
use multaqa_demo::federation::{FIRST_NODE, NAME};
use multaqa_proto::log::witness::with_lines;
use multaqa_proto::log::{cosignature, note};
use multaqa_proto::wire::hub::proof_request::Of;
use multaqa_proto::wire::hub::sync_service_client::SyncServiceClient;
use multaqa_proto::wire::hub::{CosignRequest, ProofRequest};
use multaqa_runtime::clock::Clock;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tonic::transport::Channel;

use crate::proof::scattered;

/// Least time between two cosignatures of a subscriber.
const COSIGN: Duration = Duration::from_secs(1);
/// Time between two questions for a proof.
const ASK: Duration = Duration::from_millis(100);

/// A subscriber that cosigns.
pub(crate) struct Cosigner {
    name: String,
    key: SigningKey,
    client: SyncServiceClient<Channel>,
}

impl Cosigner {
    /// With the witness key in the directory of a member's first node, over this connection.
    pub(crate) fn of(node_dir: &Path, member: &str, client: SyncServiceClient<Channel>) -> Self {
        let (federation, member, node) = (NAME.parse().unwrap(), member.parse().unwrap(), FIRST_NODE.parse().unwrap());
        let name = cosignature::witness_name(&federation, &member, &node);
        Self { name, key: load_ed25519(&node_dir.join("keys/witness.pem")).unwrap(), client }
    }

    /// Cosigns the newest of these checkpoints until none comes any more; when the hub had taken each cosignature.
    pub(crate) async fn cosign(mut self, mut sealed: watch::Receiver<String>) -> Vec<Instant> {
        let (clock, mut pace, mut taken) = (Clock::system(), interval(COSIGN), Vec::new());
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while sealed.changed().await.is_ok() {
            pace.tick().await;
            let checkpoint = self.signed(&sealed.borrow_and_update(), clock.now_ms());
            self.client.cosign(CosignRequest { checkpoint }).await.unwrap();
            taken.push(Instant::now());
        }
        taken
    }

    fn signed(&self, checkpoint: &str, now_ms: i64) -> String {
        let (text, _) = note::split(checkpoint).unwrap();
        let time_s = u64::try_from(now_ms / 1_000).unwrap();
        let line = cosignature::sign(&self.name, &self.key, time_s, text);
        with_lines(checkpoint, [line.as_str()])
    }
}

/// Asks for inclusion proofs at the newest size, of entries below an index in no order, until the sender is gone; when each was
/// answered.
pub(crate) async fn ask(
    mut client: SyncServiceClient<Channel>,
    below: u64,
    mut stop: watch::Receiver<()>,
) -> Vec<Instant> {
    let (mut pace, mut answered) = (interval(ASK), Vec::new());
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for index in scattered(usize::MAX, below) {
        tokio::select! {
            _ = stop.changed() => break,
            _ = pace.tick() => {}
        }
        let request = ProofRequest { log: 1, size: 0, of: Some(Of::Index(index)) };
        let proof = client.proof(request).await.unwrap().into_inner();
        assert_eq!(proof.index, index, "the proof of another entry");
        answered.push(Instant::now());
    }
    answered
}
