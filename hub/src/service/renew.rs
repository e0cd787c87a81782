//! `EnrolService.Renew`: a node's next certificate, before or after the present one's last second.
//!
//! In scope: what has to hold before one is issued. Out of scope: putting it in use (`hello`, the first greeting with it), who
//! may connect (`registry`), when to ask (the node).
//!
//! The node is known by its present certificate, which must be the one in use, and says by its record key what it wants: a
//! stolen TLS key alone gets nothing, nor does a retired certificate, which does not pass the handshake. Nothing is taken from
//! the node before it greets with the new certificate, so an answer that was lost costs nothing: the same request is given the
//! same certificate, another one a new one, and of those that were never used only the newest few are kept.

use std::time::Duration;

use multaqa_certs::request::{PublicKey, RequestError};
use multaqa_proto::directory::renewal::{Renewal, RenewalWrong};
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::wire::hub as wire;
use tonic::Code;

use super::certificate::{is_for, issue, misfit};
use super::{Hub, Refusal, check_in_force};
use crate::registry::Caller;
use crate::store::serials::{IssuedSerial, SerialStatus};

/// How far the node's clock may be from the hub's: a renewal that was written down works no longer than this.
const SKEW_MAX: Duration = Duration::from_mins(10);
/// Certificates that a node may be given within an hour.
const HOURLY_MAX: usize = 6;
/// Certificates of a node that were issued and not used, the newest included.
const UNUSED_MAX: usize = 3;

/// Why nothing is renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RenewError {
    /// The signature or the form does not hold.
    Wrong { writer: Writer, wrong: RenewalWrong },
    /// It is of another federation, node or certificate request.
    Other { field: &'static str },
    /// It was asked too long ago, or will be.
    Time { skew_ms: u64 },
    /// The certificate request is refused.
    Request(RequestError),
    /// The caller's certificate is not the one in use.
    NotInUse { writer: Writer },
    /// The key in use is to be used again.
    SameKey,
    /// As many as an hour allows.
    TooOften { writer: Writer },
}

impl From<RenewError> for Refusal {
    fn from(error: RenewError) -> Self {
        let invalid = |code, args| Self::new(Code::InvalidArgument, code, args);
        match error {
            RenewError::Wrong { wrong: RenewalWrong::Malformed { field }, .. } => Self::malformed(field),
            RenewError::Wrong { writer, wrong: RenewalWrong::Signature } => {
                tracing::error!(%writer, "SIGNATURE_BAD: a renewal without the record key; the TLS key may be stolen");
                metrics::counter!(crate::metrics::RENEWAL_UNSIGNED).increment(1);
                Self::new(Code::PermissionDenied, "SIGNATURE_BAD", vec![("writer", writer.to_string())])
            }
            RenewError::Other { field } => invalid("RENEWAL_OTHER", vec![("field", field.to_owned())]),
            RenewError::Time { skew_ms } => {
                let (seconds, max) = (skew_ms.div_ceil(1000).to_string(), SKEW_MAX.as_secs().to_string());
                Self::new(Code::FailedPrecondition, "RENEWAL_TIME", vec![("seconds", seconds), ("max", max)])
            }
            RenewError::Request(request) => invalid(request.code(), request.args()),
            RenewError::NotInUse { writer } => {
                Self::new(Code::FailedPrecondition, "RENEWAL_NOT_IN_USE", vec![("writer", writer.to_string())])
            }
            RenewError::SameKey => invalid("RENEWAL_KEY_SAME", Vec::new()),
            RenewError::TooOften { writer } => {
                let args = vec![("writer", writer.to_string()), ("max", HOURLY_MAX.to_string())];
                Self::new(Code::ResourceExhausted, "RENEWAL_TOO_OFTEN", args)
            }
        }
    }
}

/// Issues the next certificate.
pub(super) async fn renew(
    hub: &Hub,
    caller: &Caller,
    member: &MemberCode,
    node: &Writer,
    request: wire::RenewRequest,
) -> Result<wire::RenewResponse, Refusal> {
    let key_record = check(hub, member, node, &request)?;
    let key = PublicKey::from_request(&request.certificate_request).map_err(RenewError::Request)?;
    let issued = hub.store.serials_of_key_record(&key_record).await?;
    let in_use =
        |issued: &&IssuedSerial| Some(&issued.serial) == caller.serial() && issued.status == SerialStatus::Active;
    let present = issued.iter().find(in_use).ok_or_else(|| RenewError::NotInUse { writer: node.clone() })?;
    if is_for(present, &key) {
        return Err(RenewError::SameKey.into());
    }
    let unused: Vec<_> = issued.iter().filter(|issued| issued.status == SerialStatus::Pending).collect();
    if let Some(repeated) = unused.iter().find(|issued| is_for(issued, &key)) {
        hub.registry.admit(repeated);
        return Ok(wire::RenewResponse { certificate_chain: repeated.chain.clone() });
    }
    if !hub.registry.take_turn(caller.identity(), HOURLY_MAX, hub.clock.now_ms()) {
        return Err(RenewError::TooOften { writer: node.clone() }.into());
    }
    let renewed = issue(hub, caller.identity(), key_record, &key).await?;
    hub.registry.admit(&renewed);
    // Oldest first: a node that asks again does not have what it was given before.
    for forgotten in unused.iter().rev().skip(UNUSED_MAX - 1) {
        hub.registry.retire(&forgotten.serial).await?;
    }
    metrics::counter!(crate::metrics::RENEWALS).increment(1);
    tracing::info!(peer = %renewed.identity, serial = %renewed.serial, old = %present.serial, "certificate renewed");
    Ok(wire::RenewResponse { certificate_chain: renewed.chain })
}

/// Checks what the node signed; the `key` record whose record key signed it.
fn check(hub: &Hub, member: &MemberCode, node: &Writer, request: &wire::RenewRequest) -> Result<RecordId, Refusal> {
    let state = hub.log.state();
    let directory = state.directory();
    check_in_force(directory, member, node)?;
    let keys = directory.keys(node).last().ok_or_else(|| Refusal::key_suspended(node))?;
    let renewal = Renewal::open(&request.renewal, &request.signature, &keys.record)
        .map_err(|wrong| RenewError::Wrong { writer: node.clone(), wrong })?;
    if let Some(field) = misfit(&renewal, directory, node, &request.certificate_request) {
        return Err(RenewError::Other { field }.into());
    }
    let skew_ms = hub.clock.now_ms().abs_diff(renewal.asked_at_ms);
    if u128::from(skew_ms) > SKEW_MAX.as_millis() {
        return Err(RenewError::Time { skew_ms }.into());
    }
    Ok(keys.record_id)
}
