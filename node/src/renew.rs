//! The node's certificate: renewed by itself when a third of its life has passed.
//!
//! In scope: when to ask, asking, what has to hold before a certificate is believed, putting it in place of the old one. Out
//! of scope: the first certificate (`join`), whether a node may have one (the hub).
//!
//! # Order
//! A new key is made for each attempt. The answer is checked, then key and chain take the old identity's place on disk as one
//! file, then the dialler takes them, then the session begins anew: its greeting puts the certificate in use at the hub, which
//! retires the old one only then. A crash before the file is replaced leaves the old identity, which still works; what the hub
//! had issued stays unused. A crash after it leaves the new one, and the greeting is made at the next start.
//!
//! # When
//! Only while the hub answers greetings: a certificate that nothing puts in use would grow old unused, and could not be
//! renewed. A node that was away for too long is told by the hub that its certificate is past its life, and asks then: the
//! renewal is the one call left to it. A hub that was caught breaking a rule is asked nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use multaqa_certs::check::Certificate;
use multaqa_certs::client::Dialer;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::request::{NewKey, PublicKey, RequestError};
use multaqa_certs::setup::SetupError;
use multaqa_certs::store::{StoreError, TlsIdentity};
use multaqa_certs::verify::{VerifyError, verify_chain};
use multaqa_proto::directory::renewal::Renewal;
use multaqa_proto::hash::Hash;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::enrol_service_client::EnrolServiceClient;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::output;
use multaqa_runtime::point::Point;
use multaqa_runtime::retry::Backoff;
use thiserror::Error;
use tokio::sync::watch;

use crate::journal::Identity;
use crate::link::{self, Ended, Life, LinkState, LinkStatus, jitter};
use crate::{metrics, point};

/// A certificate as DER.
pub(crate) type Der = rustls::pki_types::CertificateDer<'static>;

/// How often the certificate is looked at while nothing happens on the line.
const TICK: Duration = Duration::from_mins(1);
/// An answer has to come within this time.
const ANSWER: Duration = Duration::from_secs(15);
/// How far the hub's clock may be ahead where it says that the certificate is past its life, milliseconds: ten minutes.
const SKEW_MS: i64 = 600_000;
/// The hub's word that a certificate may only be renewed.
const PAST_LIFE: &str = "CERTIFICATE_PAST_LIFE";

/// Whether the certificate is to be renewed at this moment, in this state of the line.
fn is_due(life: Life, state: &LinkState, now_ms: i64) -> bool {
    let third_ms = life.not_after_ms.saturating_sub(life.not_before_ms) / 3;
    match state {
        LinkState::Live | LinkState::Behind { .. } | LinkState::Unwitnessed { .. } | LinkState::LogFrozen(_) => {
            now_ms.saturating_sub(life.not_before_ms) >= third_ms
        }
        LinkState::HubRefusing(cause) => cause.code == PAST_LIFE && now_ms.saturating_add(SKEW_MS) >= life.not_after_ms,
        LinkState::LineDown(_) | LinkState::Alarm(_) => false,
    }
}

/// Why a certificate was not renewed.
#[derive(Debug, Error)]
enum RenewError {
    /// No hub gave one.
    #[error(transparent)]
    Hub(#[from] Ended),
    /// What came is not this node's certificate.
    #[error(transparent)]
    Issued(#[from] IssuedWrong),
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] RequestError),
    /// The identity could not be stored.
    #[error(transparent)]
    File(#[from] StoreError),
    /// The identity could not be used.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// Why what a hub issued is not believed.
#[derive(Debug, Error)]
pub(crate) enum IssuedWrong {
    /// The chain does not lead to the federation's root, or breaks its profile.
    #[error(transparent)]
    Chain(#[from] VerifyError),
    /// The request could not be read again.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// It is not what was asked for.
    #[error("the certificate is not this node's: {0}")]
    Other(String),
}

/// Checks that a chain is the node's, for the key of this request, by the federation's CA, in force at this Unix second.
pub(crate) fn check_issued(
    root: &Der,
    chain: &[Der],
    node: &PeerIdentity,
    request: &[u8],
    now: u64,
) -> Result<(), IssuedWrong> {
    let leaf = verify_chain(root, chain, now)?;
    if leaf.identity != *node {
        return Err(IssuedWrong::Other(format!("it is for {}", leaf.identity)));
    }
    let certificate = chain.first().and_then(|der| Certificate::read(der.as_ref()));
    let asked = PublicKey::from_request(request)?.to_der();
    let ours = certificate.is_some_and(|certificate| certificate.public_key() == asked);
    if ours { Ok(()) } else { Err(IssuedWrong::Other("another public key".to_owned())) }
}

/// What renewing needs.
pub(crate) struct Renewer {
    pub(crate) node: Identity,
    pub(crate) record_key: Arc<SigningKey>,
    pub(crate) root: Der,
    /// Where key and chain lie.
    pub(crate) identity: PathBuf,
    pub(crate) dialer: Dialer,
    pub(crate) hubs: Arc<[String]>,
    pub(crate) link: watch::Receiver<LinkStatus>,
    /// A connection ends after so long without a sign of life.
    pub(crate) dead_after: Duration,
    /// The certificate in use; its change begins the session anew.
    pub(crate) life: watch::Sender<Life>,
    pub(crate) clock: Clock,
}

/// Renews the certificate whenever it is due, until the drain.
pub(crate) async fn run(mut renewer: Renewer, shutdown: Shutdown) -> Result<(), Fault> {
    let mut backoff = Backoff::between(Duration::from_secs(5), Duration::from_mins(5));
    let mut tick = tokio::time::interval(TICK);
    metrics::certificate(renewer.life.borrow().not_after_ms);
    loop {
        let failed = tokio::select! {
            () = shutdown.draining() => return Ok(()),
            failed = renewer.renew_if_due() => failed,
        };
        let wait = async {
            if failed {
                tokio::time::sleep(backoff.next(jitter())).await;
            } else {
                backoff.reset();
                tokio::select! {
                    _ = tick.tick() => {}
                    // Once nobody follows the log any more, the drain is near.
                    _ended = renewer.link.changed() => {}
                }
            }
        };
        tokio::select! {
            () = shutdown.draining() => return Ok(()),
            () = wait => {}
        }
    }
}

impl Renewer {
    /// Renews where it is due; whether that failed.
    async fn renew_if_due(&mut self) -> bool {
        let state = self.link.borrow_and_update().state.clone();
        let life = *self.life.borrow();
        if !is_due(life, &state, self.clock.now_ms()) {
            return false;
        }
        let renewed = self.renew().await;
        metrics::renewal(renewed.is_ok());
        match renewed {
            Ok(life) => {
                tracing::info!(until = output::instant(life.not_after_ms), "the certificate was renewed");
                false
            }
            Err(error) => {
                let until = output::instant(life.not_after_ms);
                tracing::warn!(reason = %error, until, "the certificate was not renewed; it is tried again");
                true
            }
        }
    }

    async fn renew(&self) -> Result<Life, RenewError> {
        let NewKey { key, request } = NewKey::generate()?;
        let chain = self.ask(&request).await?;
        let node = PeerIdentity::Node(self.node.member.clone(), self.node.node.clone());
        check_issued(&self.root, &chain, &node, &request, self.clock.in_seconds()())?;
        let identity = TlsIdentity { chain, key };
        let life = Life::of(&identity).ok_or_else(|| IssuedWrong::Other("it cannot be read".to_owned()))?;
        pass(point::RENEWAL_TAKEN, &self.identity)?;
        save(&identity, &self.identity).await?;
        pass(point::RENEWAL_STORED, &self.identity)?;
        self.dialer.reload(&identity)?;
        self.life.send_replace(life);
        metrics::certificate(life.not_after_ms);
        Ok(life)
    }

    /// Asks one hub after the other; the first chain that is given.
    async fn ask(&self, request: &[u8]) -> Result<Vec<Der>, Ended> {
        let mut last = Ended::Answer("no hub is configured");
        for address in self.hubs.iter() {
            let asked = tokio::time::timeout(ANSWER, self.ask_at(address, request)).await;
            match asked.unwrap_or(Err(Ended::Answer("no answer to the renewal"))) {
                Ok(chain) => return Ok(chain),
                Err(ended) => last = ended,
            }
        }
        Err(last)
    }

    async fn ask_at(&self, address: &str, request: &[u8]) -> Result<Vec<Der>, Ended> {
        let channel = link::connect(&self.dialer, address, self.dead_after).await?;
        let signed = Renewal {
            genesis: self.node.genesis,
            member: self.node.member.clone(),
            node: self.node.node.clone(),
            certificate_request: Hash::of(request),
            asked_at_ms: self.clock.now_ms(),
        }
        .sign(&self.record_key);
        let request = wire::RenewRequest {
            renewal: signed.bytes,
            signature: signed.signature.to_vec(),
            certificate_request: request.to_vec(),
        };
        let answer = EnrolServiceClient::new(channel).renew(request).await?.into_inner();
        Ok(answer.certificate_chain.into_iter().map(Der::from).collect())
    }
}

/// The process comes by a fail point, at which a test may have the renewal fail.
fn pass(point: Point, identity: &std::path::Path) -> Result<(), StoreError> {
    point.pass().map_err(|error| StoreError::Io { path: identity.to_owned(), why: error.to_string() })
}

/// Writes the identity beside the async threads.
async fn save(identity: &TlsIdentity, path: &std::path::Path) -> Result<(), StoreError> {
    let (identity, path) = (identity.clone(), path.to_owned());
    let at = path.clone();
    let saved = tokio::task::spawn_blocking(move || identity.save(&path)).await;
    saved.unwrap_or_else(|error| Err(StoreError::Io { path: at, why: error.to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Cause;

    const DAY_MS: i64 = 24 * 3_600_000;
    const LIFE: Life = Life { not_before_ms: 0, not_after_ms: 30 * DAY_MS };

    fn refusing(code: &str) -> LinkState {
        LinkState::HubRefusing(Cause::new(code))
    }

    #[test]
    fn it_is_due_from_a_third_of_its_life_on_while_the_hub_answers() {
        for state in [LinkState::Live, LinkState::Behind { by: 7 }] {
            let due = [0, 10 * DAY_MS - 1, 10 * DAY_MS, 29 * DAY_MS, 31 * DAY_MS];
            assert_eq!(due.map(|now_ms| is_due(LIFE, &state, now_ms)), [false, false, true, true, true]);
        }
    }

    #[test]
    fn nothing_is_asked_that_no_greeting_could_put_in_use() {
        let down = LinkState::LineDown(Cause::new("LINE_DOWN"));
        let alarm = LinkState::Alarm(Cause::new("ROOT_WRONG"));
        for state in [down, alarm, refusing("CURSOR_FORKED"), refusing("HUB_SAYS_REVOKED")] {
            for now_ms in [11 * DAY_MS, 40 * DAY_MS] {
                assert!(!is_due(LIFE, &state, now_ms), "{state:?}");
            }
        }
    }

    #[test]
    fn past_its_life_the_hub_says_so_and_its_clock_may_be_ahead() {
        let due = [10 * DAY_MS, 30 * DAY_MS - SKEW_MS - 1, 30 * DAY_MS - SKEW_MS, 400 * DAY_MS];
        let due = due.map(|now_ms| is_due(LIFE, &refusing(PAST_LIFE), now_ms));
        assert_eq!(due, [false, false, true, true]);
    }
}
