//! The hub's word on our certificate, kept where it is heard.
//!
//! In TLS 1.3 a client's handshake ends before the server has judged the client, so a refusal comes as an alert on a line that
//! is in use already: the first read meets it, or the first write fails because the hub has hung up. What lies between us
//! and the caller (h2, hyper) keeps only an error's text, or says no more than that the connection is gone. So the stream
//! notes the word when it meets it, and [`Told`] puts it in the place of whatever error the call ended with.
//!
//! Out of scope: listening for it after a failed write (`stream`), what follows from it (hub's operators and node).

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use rustls::AlertDescription;
use thiserror::Error;
use tower::Service;

/// An error of any kind.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the hub says of our certificate; [`HubSays::of`] finds it in an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HubSays {
    /// Not on the allow-list, or the invitation is not open.
    #[error("the hub says that this certificate is revoked or its invitation not open")]
    Revoked,
    /// Past its last second.
    #[error("the hub says that this certificate is expired")]
    Expired,
    /// Refused for another reason, which stands in the hub's log.
    #[error("the hub refuses this certificate")]
    Refused,
}

impl HubSays {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Revoked => "HUB_SAYS_REVOKED",
            Self::Expired => "HUB_SAYS_EXPIRED",
            Self::Refused => "HUB_SAYS_REFUSED",
        }
    }
    /// The values that its text names: none.
    #[must_use]
    pub const fn args(self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The hub's word in an error or in one of its sources.
    #[must_use]
    pub fn of(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(says) = error.downcast_ref::<Self>() {
                return Some(*says);
            }
            if let Some(found) = error.downcast_ref::<rustls::Error>() {
                return Self::of_tls(found);
            }
            // An io::Error's source is the source of what it wraps, not what it wraps.
            let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            next = match wrapped {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        None
    }

    fn of_tls(error: &rustls::Error) -> Option<Self> {
        let rustls::Error::AlertReceived(alert) = error else { return None };
        let refused = [
            AlertDescription::BadCertificate,
            AlertDescription::UnsupportedCertificate,
            AlertDescription::CertificateUnknown,
            AlertDescription::CertificateRequired,
            AlertDescription::UnknownCA,
            AlertDescription::AccessDenied,
            AlertDescription::DecryptError,
        ];
        if *alert == AlertDescription::CertificateRevoked {
            Some(Self::Revoked)
        } else if *alert == AlertDescription::CertificateExpired {
            Some(Self::Expired)
        } else {
            refused.contains(alert).then_some(Self::Refused)
        }
    }
}

/// The place where a connection notes the hub's word. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Word(Arc<OnceLock<HubSays>>);

impl Word {
    /// What the hub said; none where it said nothing of our certificate.
    #[must_use]
    pub fn said(&self) -> Option<HubSays> {
        self.0.get().copied()
    }

    /// Notes the word where the error brings one; the first stands.
    pub(crate) fn note(&self, error: &io::Error) {
        if let Some(says) = HubSays::of(error) {
            let _first = self.0.set(says);
        }
    }
}

/// A client's channel whose errors tell why the hub hung up, where it said so.
#[derive(Debug, Clone)]
pub struct Told<S> {
    channel: S,
    word: Word,
}

impl<S> Told<S> {
    /// The channel over a connection that notes the hub's word here.
    pub const fn new(channel: S, word: Word) -> Self {
        Self { channel, word }
    }
}

impl<S, R> Service<R> for Told<S>
where
    S: Service<R, Error: Into<BoxError>, Future: Send + 'static>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let word = &self.word;
        self.channel.poll_ready(cx).map_err(|error| told(word, error.into()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (answer, word) = (self.channel.call(request), self.word.clone());
        Box::pin(async move { answer.await.map_err(|error| told(&word, error.into())) })
    }
}

fn told(word: &Word, error: BoxError) -> BoxError {
    word.said().map_or(error, BoxError::from)
}
