//! `EnrolService`: an invited node becomes a known one.
//!
//! In scope: showing the genesis, redeeming an invitation. Out of scope: making invitations (operators, through the log), who
//! may connect with which one-time key (`registry`), renewal (`renew`).
//!
//! Redeeming puts the node's `key` record on the log as it is, then issues a certificate for the public key of the request:
//! name and life are our policy's, nothing else of the request is looked at. The record key that the `key` record names has
//! signed which public key: who has the join key and a copy of the record, which everybody can read, gets nothing. When it was
//! signed does not matter, for it is of no use with any other TLS key. What can be foreseen is refused before anything
//! is put on the log. Safe to repeat: the same `key` record is a duplicate, and the stored chain is given again for the same
//! public key, a new one for another, which retires the first. Who has a certificate redeems nothing: for the next one a node
//! needs its record key (`renew`), and not only a `key` record, which everybody has.

use multaqa_certs::authority::AuthorityError;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::random::RandomError;
use multaqa_certs::request::{PublicKey, RequestError};
use multaqa_proto::directory::Void;
use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::directory::renewal::{Renewal, RenewalWrong};
use multaqa_proto::id::Writer;
use multaqa_proto::key;
use multaqa_proto::log::state::{LogState, NotNext};
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::record::form::FormError;
use multaqa_proto::record::{Parsed, Received};
use multaqa_proto::wire::{hub as wire, kind};
use prost::Message as _;
use tonic::Code;

use super::certificate::{is_for, issue, misfit};
use super::{Hub, Refusal};
use crate::log::Outcome;
use crate::point;
use crate::registry::Caller;
use crate::store::StoreError;
use crate::store::serials::IssuedSerial;

/// Why nothing is redeemed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RedeemError {
    /// The `key` record is of another node than the invitation that the caller holds.
    OtherInvitation { writer: Writer },
    /// The record is of another kind.
    NotKey,
    /// It breaks the form.
    Form(FormError),
    /// The record key that it names did not sign for this certificate request, or the signed form breaks its own.
    Wrong { writer: Writer, wrong: RenewalWrong },
    /// The signed form is of another federation, node or certificate request.
    Other { field: &'static str },
    /// It may not stand next on the log.
    NotNext(NotNext),
    /// It would change nothing, or changed nothing.
    Void(Void),
    /// The log refuses it.
    Rejected { code: &'static str, args: Vec<(&'static str, String)> },
    /// The certificate request is refused.
    Request(RequestError),
}

impl From<RedeemError> for Refusal {
    fn from(error: RedeemError) -> Self {
        let invalid = |code, args| Self::new(Code::InvalidArgument, code, args);
        let failed = |code, args| Self::new(Code::FailedPrecondition, code, args);
        match error {
            RedeemError::OtherInvitation { writer } => {
                tracing::error!(%writer, "REDEEM_OTHER_INVITATION: the key record is of another node than the invitation");
                Self::new(Code::PermissionDenied, "REDEEM_OTHER_INVITATION", vec![("writer", writer.to_string())])
            }
            RedeemError::Wrong { wrong: RenewalWrong::Malformed { field }, .. } => Self::malformed(field),
            RedeemError::Wrong { writer, wrong: RenewalWrong::Signature } => {
                tracing::error!(%writer, "SIGNATURE_BAD: redeemed without the record key; the join key may be stolen");
                metrics::counter!(crate::metrics::REDEMPTION_UNSIGNED).increment(1);
                Self::new(Code::PermissionDenied, "SIGNATURE_BAD", vec![("writer", writer.to_string())])
            }
            RedeemError::Other { field } => invalid("RENEWAL_OTHER", vec![("field", field.to_owned())]),
            RedeemError::NotKey => invalid("REDEEM_NOT_KEY", Vec::new()),
            RedeemError::Form(form) => invalid(form.code(), form.args()),
            RedeemError::Request(request) => invalid(request.code(), request.args()),
            RedeemError::NotNext(refused) => failed(refused.code(), refused.args()),
            RedeemError::Void(Void { code, args }) | RedeemError::Rejected { code, args } => failed(code, args),
        }
    }
}

impl From<FormError> for RedeemError {
    fn from(form: FormError) -> Self {
        Self::Form(form)
    }
}
impl From<AuthorityError> for Refusal {
    fn from(error: AuthorityError) -> Self {
        tracing::error!(%error, "no certificate was issued");
        Self::new(Code::Internal, error.code(), error.args())
    }
}
impl From<RandomError> for Refusal {
    fn from(error: RandomError) -> Self {
        tracing::error!(%error, "no certificate was issued");
        Self::new(Code::Internal, error.code(), error.args())
    }
}

/// The genesis record.
pub(super) fn genesis(hub: &Hub) -> wire::GetGenesisResponse {
    wire::GetGenesisResponse { genesis: Some(Received::clone(&hub.log.genesis()).into()) }
}

/// Redeems an invitation.
pub(super) async fn redeem(
    hub: &Hub,
    caller: &Caller,
    request: wire::RedeemRequest,
) -> Result<wire::RedeemResponse, Refusal> {
    let PeerIdentity::Invited(one_time) = caller.identity() else {
        return Err(Refusal::caller_not_allowed(caller, "EnrolService.Redeem"));
    };
    let wire::RedeemRequest { key_record, certificate_request, renewal, signature } = request;
    let record = Received::from(key_record.ok_or(Refusal::malformed("key_record"))?);
    let record = record.parse().map_err(RedeemError::Form)?;
    let key = PublicKey::from_request(&certificate_request).map_err(RedeemError::Request)?;
    let state = hub.log.state();
    check_invited(&state, one_time, &record)?;
    let renewal = open(&record, &renewal, &signature)?;
    if let Some(field) = misfit(&renewal, state.directory(), &record.statement.writer, &certificate_request) {
        return Err(RedeemError::Other { field }.into());
    }
    let index = order(hub, &record).await?;
    point::REDEEM_ORDERED.pass().map_err(StoreError::from)?;
    let issued = certificate(hub, &record, &key).await?;
    Ok(wire::RedeemResponse { certificate_chain: issued.chain, index: index.0, log: hub.log.state().log().0 })
}

/// The record must be a `key` record of the node that the holder of this one-time key is invited as.
fn check_invited(state: &LogState, one_time: &[u8; 32], record: &Parsed) -> Result<(), RedeemError> {
    let content = record.content().ok_or(RedeemError::NotKey)??;
    if content.kind() != "key" {
        return Err(RedeemError::NotKey);
    }
    let writer = &record.statement.writer;
    let own = state.directory().invitations().any(|(_, invitation)| {
        invitation.key.as_bytes() == one_time
            && invitation.epoch == record.statement.epoch
            && Writer::Node(invitation.member.clone(), invitation.node.clone()) == *writer
    });
    if own { Ok(()) } else { Err(RedeemError::OtherInvitation { writer: writer.clone() }) }
}

/// Opens what the record key of this `key` record signed.
fn open(record: &Parsed, renewal: &[u8], signature: &[u8]) -> Result<Renewal, Refusal> {
    let content = record.content().ok_or(RedeemError::NotKey)?.map_err(RedeemError::Form)?;
    let payload = content.payload().and_then(|payload| kind::Key::decode(payload.clone()).ok());
    let key = payload.and_then(|key| key::PublicKey::from_slice(&key.record_key));
    let key = key.ok_or(Refusal::malformed("key_record.record_key"))?;
    let writer = &record.statement.writer;
    let opened = Renewal::open(renewal, signature, &key);
    Ok(opened.map_err(|wrong| RedeemError::Wrong { writer: writer.clone(), wrong })?)
}

/// Puts the record on the log where it is not there yet; its index where it took effect.
async fn order(hub: &Hub, record: &Parsed) -> Result<LeafIndex, Refusal> {
    if hub.store.index_of(record).await?.is_none() {
        foresee(&hub.log.state(), record)?;
    }
    let answers = hub.log.submit(&record.statement.writer, vec![record.bytes.clone()]).await?;
    let index = match answers.into_iter().next().map(|answer| answer.outcome) {
        Some(Outcome::Accepted(index) | Outcome::Duplicate(index)) => index,
        Some(Outcome::Rejected { code, args }) => return Err(RedeemError::Rejected { code, args }.into()),
        None => return Err(Refusal::malformed("key_record")),
    };
    // Two may have been foreseen as valid at once: the fold says which one was.
    let state = hub.log.state();
    let newest = state.directory().keys(&record.statement.writer).last();
    match newest {
        Some(keys) if keys.record_id == record.record_id && keys.suspended.is_none() => Ok(index),
        Some(keys) if keys.record_id == record.record_id => Err(Refusal::key_suspended(&record.statement.writer)),
        Some(_) | None => Err(RedeemError::Void(Void::new("INVITATION_USED")).into()),
    }
}

fn foresee(state: &LogState, record: &Parsed) -> Result<(), RedeemError> {
    let content = record.content().ok_or(RedeemError::NotKey)??;
    let verdict = state.foresee(record, &content);
    if let Some(ControlVerdict::Void(void)) = verdict {
        return Err(RedeemError::Void(void));
    }
    state.check(record, &mut VerifiedRoots::default()).map_err(RedeemError::NotNext)
}

/// The certificate for this join and this public key: the stored one, or a new one.
async fn certificate(hub: &Hub, record: &Parsed, key: &PublicKey) -> Result<IssuedSerial, Refusal> {
    let Writer::Node(member, node) = &record.statement.writer else { return Err(RedeemError::NotKey.into()) };
    let before = hub.store.serials_of_key_record(&record.record_id).await?;
    if let Some(issued) = before.iter().find(|issued| is_for(issued, key)) {
        // Who was told that it failed may have been stored, and not taken on the list.
        hub.registry.admit(issued);
        return Ok(issued.clone());
    }
    let issued = issue(hub, &PeerIdentity::Node(member.clone(), node.clone()), record.record_id, key).await?;
    hub.registry.admit(&issued);
    for before in before {
        hub.registry.retire(&before.serial).await?;
    }
    tracing::info!(peer = %issued.identity, serial = %issued.serial, "certificate issued");
    Ok(issued)
}
