//! The two connections of a join: to anybody for the genesis, then to the verified hub for the certificate.
//!
//! In scope: what has to hold before anything is believed. Out of scope: files (`keys`, `join`).

use std::time::Duration;

use multaqa_certs::client::{Dialer, Limits};
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::verify::verify_chain;
use multaqa_proto::directory::Directory;
use multaqa_proto::join_key::JoinKey;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::Received;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::enrol_service_client::EnrolServiceClient;
use multaqa_runtime::clock::Clock;
use tonic::{Response, Status};

use super::JoinError;
use super::keys::Keys;
use crate::journal::OwnRecord;
use crate::link::{self, Ended};
use crate::renew::{Der, check_issued};

/// A connection ends after so long without a sign of life from the hub.
const DEAD_AFTER: Duration = Duration::from_secs(30);
/// The hub has to answer a call within this time.
const ANSWER: Duration = Duration::from_secs(30);

/// What the hub gave for the key.
pub(super) struct Redeemed {
    /// Root certificate.
    pub(super) root: Der,
    /// Leaf, then issuing CA.
    pub(super) chain: Vec<Der>,
    /// Place of the `key` record.
    pub(super) index: LeafIndex,
    /// Number of the log.
    pub(super) log: u64,
}

/// Redeems the key at the first hub that answers.
pub(super) async fn redeem(
    key: &JoinKey,
    record: &OwnRecord,
    keys: &Keys,
    clock: &Clock,
) -> Result<Redeemed, JoinError> {
    let mut last =
        JoinError::Line { code: crate::code::LINE_DOWN.to_owned(), detail: "the key names no hub".to_owned() };
    for address in &key.hubs {
        match redeem_at(address, key, record, keys, clock).await {
            Err(error @ JoinError::Line { .. }) => last = error,
            done => return done,
        }
    }
    Err(last)
}

async fn redeem_at(
    address: &str,
    key: &JoinKey,
    record: &OwnRecord,
    keys: &Keys,
    clock: &Clock,
) -> Result<Redeemed, JoinError> {
    let root = fetch_root(address, key, clock).await?;
    let dialer = Dialer::joining(&key.secret, &root, None, clock.in_seconds(), Limits::default())?;
    let channel = link::connect(&dialer, address, DEAD_AFTER).await?;
    let signed = keys.sign_request(key, clock.now_ms());
    let request = wire::RedeemRequest {
        key_record: Some(record.record.clone().into()),
        certificate_request: keys.request.clone(),
        renewal: signed.bytes,
        signature: signed.signature.to_vec(),
    };
    let answer = in_time(EnrolServiceClient::new(channel).redeem(request)).await;
    let answer = answer.map_err(|ended| explain(ended.into(), key))?;
    let wire::RedeemResponse { certificate_chain, index, log } = answer;
    let chain: Vec<Der> = certificate_chain.into_iter().map(Der::from).collect();
    let node = PeerIdentity::Node(key.member.clone(), key.node.clone());
    check_issued(&root, &chain, &node, &keys.request, clock.in_seconds()())?;
    Ok(Redeemed { root, chain, index: LeafIndex(index), log })
}

/// The root certificate of the federation that the key names. Whoever answers has to prove that it belongs to it.
async fn fetch_root(address: &str, key: &JoinKey, clock: &Clock) -> Result<Der, JoinError> {
    let (dialer, provisional) = Dialer::joining_provisional(&key.secret, clock.in_seconds(), Limits::default())?;
    let channel = link::connect(&dialer, address, DEAD_AFTER).await?;
    let answer = in_time(EnrolServiceClient::new(channel).get_genesis(wire::GetGenesisRequest {})).await;
    let answer = answer.map_err(|ended| explain(ended.into(), key))?;
    let wrong = |detail: &str| JoinError::Genesis { detail: detail.to_owned() };
    let genesis = Received::from(answer.genesis.ok_or_else(|| wrong("none was sent"))?);
    let genesis = genesis.parse().map_err(|form| wrong(&form.to_string()))?;
    if genesis.record_id != key.genesis {
        return Err(wrong(&format!("expected {}, found {}", key.genesis.short(), genesis.record_id.short())));
    }
    let directory = Directory::open(&genesis).map_err(|error| wrong(&error.to_string()))?;
    let root = Der::from(directory.root_certificate().to_vec());
    let now = clock.in_seconds()();
    let hub = verify_chain(&root, provisional.chain().unwrap_or_default(), now)?;
    match (&hub.identity, hub.federation == *directory.federation()) {
        (PeerIdentity::Hub(_), true) => Ok(root),
        (other, _) => Err(wrong(&format!("{other} of {} answered", hub.federation))),
    }
}

/// The answer to a call.
async fn in_time<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Ended> {
    let answer = tokio::time::timeout(ANSWER, call).await;
    Ok(answer.map_err(|_| Ended::Answer("no answer in time"))??.into_inner())
}

/// What a refusal means for this key.
fn explain(error: JoinError, key: &JoinKey) -> JoinError {
    let JoinError::Refused { reason, .. } = &error else { return error };
    match reason.as_str() {
        // Other keys than this directory's redeemed it.
        "INVITATION_USED" => JoinError::Used { writer: key.writer() },
        // Lapsed by the hub's seals, or refused at its door, where a hub says no more: it may never have heard of the key.
        "HUB_SAYS_REVOKED" | "INVITATION_EXPIRED" => JoinError::NotOpen { writer: key.writer() },
        _ => error,
    }
}
