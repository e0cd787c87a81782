//! Certificates of nodes: what enrolment and renewal have in common.
//!
//! In scope: whether a signed form is for what is asked, issuing and storing. Out of scope: who is given one (`enrol`, `renew`).

use multaqa_certs::check::Certificate;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::random;
use multaqa_certs::request::PublicKey;
use multaqa_proto::directory::Directory;
use multaqa_proto::directory::renewal::Renewal;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::Writer;

use super::{Hub, Refusal};
use crate::point;
use crate::store::StoreError;
use crate::store::serials::{IssuedSerial, SerialStatus};

/// What of a signed form is of another federation, node or certificate request; none where it fits.
pub(super) fn misfit(
    renewal: &Renewal,
    directory: &Directory,
    node: &Writer,
    certificate_request: &[u8],
) -> Option<&'static str> {
    let fits = [
        ("genesis", renewal.genesis == directory.genesis()),
        ("node", renewal.writer() == *node),
        ("certificate_request", renewal.certificate_request == Hash::of(certificate_request)),
    ];
    fits.into_iter().find(|(_, fits)| !fits).map(|(field, _)| field)
}

/// Whether a certificate is for this key.
pub(super) fn is_for(issued: &IssuedSerial, key: &PublicKey) -> bool {
    let leaf = issued.chain.first().and_then(|leaf| Certificate::read(leaf));
    leaf.is_some_and(|leaf| leaf.public_key() == key.to_der())
}

/// Issues and stores a node's certificate, unused so far, for the keys of this `key` record.
pub(super) async fn issue(
    hub: &Hub,
    node: &PeerIdentity,
    key_record: RecordId,
    key: &PublicKey,
) -> Result<IssuedSerial, Refusal> {
    let now_ms = u64::try_from(hub.clock.now_ms()).unwrap_or(0);
    let leaf = hub.issuer.issue(node, key, now_ms, random::bytes()?)?;
    point::CERTIFICATE_SIGNED.pass().map_err(StoreError::from)?;
    let issued = IssuedSerial {
        serial: leaf.serial,
        identity: node.clone(),
        status: SerialStatus::Pending,
        not_after_ms: i64::try_from(leaf.not_after_ms).unwrap_or(i64::MAX),
        chain: hub.issuer.chain(&leaf).iter().map(|der| der.to_vec()).collect(),
        key_record: Some(key_record),
    };
    hub.store.add_serial(&issued).await?;
    point::CERTIFICATE_STORED.pass().map_err(StoreError::from)?;
    Ok(issued)
}
