//! One listener's whole stack: accept, handshake, limits, HTTP, drain, cut.
//!
//! A connection takes a slot, is turned by the caller's `accept` into a stream and a typed peer within the handshake's
//! deadline, and is served by the router with the peer in each request's extensions. It ends by itself, at the end of
//! its lifetime (drained, then cut), or with the process ([`Shutdown`]: drained, then cut). The library's defaults are
//! not relied upon: every limit that protects the server is in [`Limits`].
//!
//! Out of scope: TLS, frame budgets and cutting revoked peers, which are the certs room's stream; limits on messages
//! and on what one peer may do, which are the services'.

mod preface;
mod slots;

use std::fmt::Display;
use std::future::pending;
use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use metrics::counter;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::lifecycle::Shutdown;
use crate::listen::Listener;
use crate::retry::Backoff;
use preface::Preface;
use slots::{Slot, Slots};

/// Which HTTP a listener speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only, with prior knowledge or ALPN.
    Http2,
    /// What the client begins with.
    Both,
}

/// What one listener allows. Sizes are in bytes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Which HTTP is spoken.
    pub protocol: Protocol,
    /// Open connections in total, handshakes included; one more is closed at once.
    pub connections: usize,
    /// Open connections from one IP address.
    pub connections_per_ip: usize,
    /// Time for `accept`, the TLS handshake.
    pub handshake: Duration,
    /// Time for the HTTP/2 preface, or as many bytes of the first HTTP/1 request.
    pub preface: Duration,
    /// How long an HTTP/1 connection lives without a request whose header is whole: clients keep one and use it again.
    pub idle: Duration,
    /// Streams that one connection has open at once.
    pub streams: u32,
    /// Streams reset because of the peer's errors before the connection ends.
    pub local_error_resets: usize,
    /// Streams that the peer may reset before they are accepted.
    pub pending_accept_resets: usize,
    /// The size of a request's header list.
    pub header_list: u32,
    /// Flow-control window of a stream. All streams of a connection together must not exceed the connection's window: those
    /// that are not read would then hold up the others.
    pub stream_window: u32,
    /// Flow-control window of a connection.
    pub connection_window: u32,
    /// What is buffered for sending on each stream.
    pub send_buffer: usize,
    /// How long a quiet connection waits before it asks whether the peer is there.
    pub keepalive: Duration,
    /// How long the peer may take to answer that.
    pub keepalive_timeout: Duration,
    /// How long a connection lives before it is drained; none for as long as both sides like.
    pub lifetime: Option<Duration>,
    /// How long a connection drains at the end of its lifetime before it is cut.
    pub grace: Duration,
}

impl Default for Limits {
    /// HTTP/2 between the federation's servers.
    fn default() -> Self {
        Self {
            protocol: Protocol::Http2,
            connections: 1024,
            connections_per_ip: 128,
            // A program that has just been started on a busy machine may take seconds for its first bytes.
            handshake: Duration::from_secs(10),
            preface: Duration::from_secs(10),
            idle: Duration::from_secs(2),
            streams: 32,
            local_error_resets: 64,
            pending_accept_resets: 20,
            header_list: 8 * 1024,
            stream_window: 512 * 1024,
            connection_window: 16 * 1024 * 1024,
            send_buffer: 256 * 1024,
            keepalive: Duration::from_secs(20),
            keepalive_timeout: Duration::from_secs(10),
            lifetime: Some(Duration::from_hours(1)),
            grace: Duration::from_secs(30),
        }
    }
}

impl Limits {
    /// With keep-alive that cuts a connection after so long without a sign of life from its peer.
    #[must_use]
    pub fn dead_after(self, dead_after: Duration) -> Self {
        Self { keepalive: dead_after * 2 / 3, keepalive_timeout: dead_after / 3, ..self }
    }
}

/// Serves `router` on `listener` until the drain is done or cut. `name` marks its log lines and metrics.
///
/// `accept` makes of a raw connection what is served, and the peer's typed identity, which handlers find as an
/// extension. It is dropped if it takes longer than the handshake's deadline.
pub async fn serve<L, A, F, I, P, E>(
    name: &'static str,
    mut listener: L,
    accept: A,
    router: Router,
    limits: Limits,
    shutdown: Shutdown,
) where
    L: Listener,
    A: Fn(L::Stream, L::Address) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<(I, P), E>> + Send,
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    P: Clone + Send + Sync + 'static,
    E: Display + Send,
{
    let slots = Slots::new(name, limits.connections, limits.connections_per_ip);
    let connections = TaskTracker::new();
    loop {
        let next = accept_next(name, &mut listener);
        let (stream, address) = tokio::select! {
            biased;
            () = shutdown.draining() => break,
            next = next => next,
        };
        let Some(slot) = slots.take(L::ip(&address)) else {
            refused(name, "full");
            continue;
        };
        let connection = Connection { name, limits: limits.clone(), shutdown: shutdown.clone(), slot };
        let (accept, router) = (accept.clone(), router.clone());
        connections.spawn(async move {
            connection.run(accept(stream, address), router).await;
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// The next connection. Errors of one connection are passed over; errors of the process, such as no file
/// descriptor left, are waited out.
async fn accept_next<L: Listener>(name: &'static str, listener: &mut L) -> (L::Stream, L::Address) {
    let mut backoff = Backoff::between(Duration::from_millis(50), Duration::from_secs(1));
    loop {
        match listener.accept().await {
            Ok(connection) => return connection,
            Err(error) if is_the_peers(&error) => refused(name, "gone"),
            Err(error) => {
                refused(name, "accept");
                tracing::warn!(listener = name, %error, "cannot accept");
                sleep(backoff.next(u64::MAX)).await;
            }
        }
    }
}

fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, InvalidInput, NotConnected};
    [ConnectionAborted, ConnectionReset, Interrupted, InvalidInput, NotConnected].contains(&error.kind())
}

fn refused(name: &'static str, reason: &'static str) {
    counter!("multaqa_connections_refused_total", "listener" => name, "reason" => reason).increment(1);
}

struct Connection {
    name: &'static str,
    limits: Limits,
    shutdown: Shutdown,
    slot: Slot,
}

impl Connection {
    async fn run<F, I, P, E>(self, accepting: F, router: Router)
    where
        F: Future<Output = Result<(I, P), E>> + Send,
        I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        P: Clone + Send + Sync + 'static,
        E: Display + Send,
    {
        let accepted = tokio::select! {
            biased;
            () = self.shutdown.draining() => return,
            accepted = timeout(self.limits.handshake, accepting) => accepted,
        };
        match accepted {
            Ok(Ok((io, peer))) => self.speak(io, peer, router).await,
            Ok(Err(error)) => {
                refused(self.name, "handshake");
                tracing::info!(listener = self.name, %error, "connection refused");
            }
            Err(_) => refused(self.name, "handshake_deadline"),
        }
    }

    async fn speak<I, P>(self, io: I, peer: P, router: Router)
    where
        I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        P: Clone + Send + Sync + 'static,
    {
        let service = router.map_request(move |mut request: Request<_>| {
            request.extensions_mut().insert(peer.clone());
            request
        });
        let io = TokioIo::new(Preface::new(io, self.limits.preface));
        let builder = builder(&self.limits);
        let mut connection = pin!(builder.serve_connection(io, TowerToHyperService::new(service)));
        let mut draining = false;
        let mut end = self.limits.lifetime.map(|lifetime| Instant::now() + lifetime);
        loop {
            tokio::select! {
                biased;
                () = self.shutdown.cutting() => break,
                () = self.shutdown.draining(), if !draining => {
                    draining = true;
                    end = None;
                    connection.as_mut().graceful_shutdown();
                }
                () = until(end) => {
                    if draining {
                        tracing::info!(listener = self.name, "connection cut at the end of its lifetime");
                        break;
                    }
                    draining = true;
                    end = Some(Instant::now() + self.limits.grace);
                    connection.as_mut().graceful_shutdown();
                }
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(listener = self.name, %error, "connection ended");
                    }
                    break;
                }
            }
        }
        drop(self.slot);
    }
}

async fn until(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => pending().await,
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .max_buf_size(usize::try_from(limits.header_list).map_or(usize::MAX, |size| size.max(8192)));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_local_error_reset_streams(limits.local_error_resets)
        .max_pending_accept_reset_streams(limits.pending_accept_resets)
        .max_header_list_size(limits.header_list)
        .initial_stream_window_size(limits.stream_window)
        .initial_connection_window_size(limits.connection_window)
        .max_send_buf_size(limits.send_buffer)
        .keep_alive_interval(limits.keepalive)
        .keep_alive_timeout(limits.keepalive_timeout);
    match limits.protocol {
        Protocol::Http1 => builder.http1_only(),
        Protocol::Http2 => builder.http2_only(),
        Protocol::Both => builder,
    }
}

#[cfg(test)]
mod tests;
