//! Between our errors and rustls's: the exact reason for us, the best alert for the peer.
//!
//! rustls carries only a few errors through to its caller, and chooses the alert by them. Verifiers therefore leave the exact
//! reason in a slot of the task that runs the handshake, and give rustls the error whose alert tells the peer most.

use std::cell::RefCell;
use std::sync::Arc;

use rustls::{CertificateError, Error as TlsError, OtherError};

use super::VerifyError;
use crate::profile::Purpose;

tokio::task_local! {
    static REFUSAL: RefCell<Option<VerifyError>>;
}

/// Runs a handshake; with its outcome comes the reason for which our verifier refused the peer, if it did.
pub(crate) async fn with_refusal<F: Future>(handshake: F) -> (F::Output, Option<VerifyError>) {
    let both = async {
        let outcome = handshake.await;
        (outcome, REFUSAL.with(RefCell::take))
    };
    REFUSAL.scope(RefCell::new(None), both).await
}

/// Leaves the reason in the task's slot and gives rustls the error whose alert says most.
pub(crate) fn refuse(error: VerifyError) -> TlsError {
    let for_alert = match &error {
        VerifyError::Malformed { .. } | VerifyError::ChainLength { .. } => CertificateError::BadEncoding,
        VerifyError::Expired { .. } | VerifyError::NotYetValid { .. } | VerifyError::RootExpired { .. } => {
            CertificateError::Expired
        }
        VerifyError::Foreign | VerifyError::Chain { .. } => CertificateError::UnknownIssuer,
        VerifyError::Purpose { .. } => CertificateError::InvalidPurpose,
        VerifyError::Serial(_) => CertificateError::Revoked,
        VerifyError::WrongHub { .. } => CertificateError::NotValidForName,
        VerifyError::Profile(_) | VerifyError::ProvisionalChanged => {
            CertificateError::Other(OtherError(Arc::new(error.clone())))
        }
    };
    // Outside a handshake of ours nobody asks for the reason.
    let _outside = REFUSAL.try_with(|slot| *slot.borrow_mut() = Some(error));
    TlsError::InvalidCertificate(for_alert)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "rustls adds reasons; all others are faults of the chain")]
pub(crate) fn from_tls(error: &TlsError, purpose: Purpose) -> VerifyError {
    let TlsError::InvalidCertificate(error) = error else {
        return VerifyError::Chain { why: error.to_string() };
    };
    match error {
        CertificateError::BadEncoding | CertificateError::UnhandledCriticalExtension => {
            VerifyError::Malformed { why: error.to_string() }
        }
        CertificateError::ExpiredContext { time, not_after } => {
            VerifyError::Expired { not_after: not_after.as_secs(), now: time.as_secs() }
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            VerifyError::NotYetValid { not_before: not_before.as_secs(), now: time.as_secs() }
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => VerifyError::Foreign,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            VerifyError::Purpose { wanted: if purpose == Purpose::Server { "server" } else { "client" } }
        }
        other => VerifyError::Chain { why: other.to_string() },
    }
}
