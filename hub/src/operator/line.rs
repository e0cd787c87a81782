//! Dialling the hub as an operator: one connection over mutual TLS, as a gRPC channel.
//!
//! In scope: the first address that answers. Out of scope: who the hub must be (`certs::client`), calls (`operator`).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use multaqa_certs::client::{Dialer, Limits};
use multaqa_certs::store;
use multaqa_certs::word::Told;
use multaqa_runtime::clock::Clock;
use tonic::transport::{Channel, Endpoint};

use super::dir::OperatorDir;
use super::problem::Problem;

/// A connection to the hub, as the services' clients use it.
pub(crate) type Line = Told<Channel>;

/// How long one call may take.
const CALL: Duration = Duration::from_secs(30);

/// A channel over a connection to the first of these addresses that answers.
pub(super) async fn channel(dir: &OperatorDir, hubs: &[String], clock: &Clock) -> Result<Line, Problem> {
    let roots = store::load_chain(&dir.root())?;
    let malformed = || store::StoreError::Malformed { path: dir.root(), what: "root certificate" };
    let root = roots.first().ok_or_else(malformed)?;
    let dialer = Dialer::new(&dir.identity()?, root, None, clock.in_seconds(), Limits::default())?;
    let mut last = Problem::new("HUB_ADDRESS_MISSING", &[("dir", &dir.path().display())]);
    for hub in hubs {
        match dial(&dialer, hub).await {
            Ok(channel) => return Ok(channel),
            Err(problem) => last = problem,
        }
    }
    Err(last)
}

/// A channel over one connection to this address.
pub(crate) async fn dial(dialer: &Dialer, hub: &str) -> Result<Line, Problem> {
    let (host, port) = address(hub).ok_or_else(|| Problem::new("HUB_ADDRESS_MALFORMED", &[("address", &hub)]))?;
    let stream = dialer.dial(&host, port).await?;
    let word = stream.word();
    let stream = Arc::new(Mutex::new(Some(stream)));
    // One connection, dialled above so that its error keeps its code; a verb that loses it fails.
    let connector = tower::service_fn(move |_| {
        let stream = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move { stream.map(TokioIo::new).ok_or(std::io::Error::from(std::io::ErrorKind::NotConnected)) }
    });
    // The scheme says only that the connector, not the channel, does TLS.
    let endpoint = Endpoint::from_static("http://hub").timeout(CALL);
    match endpoint.connect_with_connector(connector).await {
        Ok(channel) => Ok(Told::new(channel, word)),
        Err(error) => Err(word.said().map_or_else(
            || Problem::new("HUB_CALL_FAILED", &[("detail", &error)]),
            |says| Problem::of(says.code(), says.args()),
        )),
    }
}

/// Host and port of `host:port` or `[ipv6]:port`.
pub(crate) fn address(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().ok().filter(|port| *port != 0)?;
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_have_a_host_and_a_port() {
        assert_eq!(address("hub.example.org:7400"), Some(("hub.example.org".to_owned(), 7400)));
        assert_eq!(address("[::1]:7400"), Some(("::1".to_owned(), 7400)));
        for bad in ["", "hub", ":7400", "hub:", "hub:0", "hub:99999"] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }
}
