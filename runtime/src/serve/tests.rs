//! The stack of [`super`] over real sockets, spoken to in raw bytes.

use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::listen;

const SOON: Duration = Duration::from_millis(50);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const EMPTY_SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const REQUEST: &[u8] = b"GET /peer HTTP/1.1\r\nhost: x\r\n\r\n";

/// The typed peer that a handler finds.
#[derive(Debug, Clone)]
struct Peer(&'static str);

struct Server {
    address: SocketAddr,
    shutdown: Shutdown,
    entered: Arc<Notify>,
    release: Arc<Notify>,
    running: JoinHandle<()>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let listener = listen::tcp(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = Shutdown::new();
        let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let router = router(Arc::clone(&entered), Arc::clone(&release));
        let accept = |stream, _| ready(Ok::<_, Infallible>((stream, Peer("jo"))));
        let running = serve("test", listener, accept, router, limits, shutdown.clone());
        Self { address, shutdown, entered, release, running: tokio::spawn(running) }
    }

    async fn dial(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A connection on which this was said before the server took it: nothing runs meanwhile, so that no deadline passes.
    fn dial_saying(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = std::net::TcpStream::connect(self.address).unwrap();
        std::io::Write::write_all(&mut stream, bytes).unwrap();
        stream.set_nonblocking(true).unwrap();
        TcpStream::from_std(stream).unwrap()
    }
}

fn router(entered: Arc<Notify>, release: Arc<Notify>) -> Router {
    let slow = async move || {
        entered.notify_one();
        release.notified().await;
        "done"
    };
    Router::new().route("/peer", get(async |Extension(peer): Extension<Peer>| peer.0)).route("/slow", get(slow))
}

fn http1() -> Limits {
    Limits { protocol: Protocol::Http1, ..Limits::default() }
}

/// All that the server sends until it closes the connection; a reset counts as the end.
async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let reading = timeout(Duration::from_mins(5), stream.read_to_end(&mut bytes));
    match reading.await.expect("the server closes the connection") {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
    }
    bytes
}

/// One HTTP/2 frame: its type and payload.
async fn frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut payload).await.unwrap();
    (head[3], payload)
}

/// HEADERS of `GET /slow`: one field as a literal without indexing (RFC 7541, section 6.2.2), the others indexed.
fn get_slow(stream: u32) -> Vec<u8> {
    let block = [&[0x82, 0x86, 0x04, 5], b"/slow".as_slice()].concat();
    let head = [0, 0, u8::try_from(block.len()).unwrap(), 1, 0x5];
    [&head, stream.to_be_bytes().as_slice(), &block].concat()
}

/// Waits for a frame of this kind, passing over others.
async fn frame_of(stream: &mut TcpStream, wanted: u8) -> Vec<u8> {
    loop {
        let (kind, payload) = frame(stream).await;
        if kind == wanted {
            return payload;
        }
    }
}

async fn response(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        text.push(stream.read_u8().await.unwrap().into());
    }
    text
}

#[tokio::test]
async fn handlers_get_the_typed_peer() {
    let server = Server::start(http1()).await;
    let mut client = server.dial().await;
    client.write_all(REQUEST).await.unwrap();
    let text = response(&mut client, "jo").await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

#[tokio::test]
async fn http2_limits_are_announced() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.dial().await;
    client.write_all(PREFACE).await.unwrap();
    client.write_all(EMPTY_SETTINGS).await.unwrap();
    let (kind, payload) = frame(&mut client).await;
    assert_eq!(kind, 4, "SETTINGS");
    let settings: Vec<(u16, u32)> = payload
        .chunks_exact(6)
        .map(|s| {
            let value = u32::from_be_bytes([s[2], s[3], s[4], s[5]]);
            (u16::from_be_bytes([s[0], s[1]]), value)
        })
        .collect();
    for expected in [(3, 32), (4, 512 * 1024), (6, 8 * 1024)] {
        assert!(settings.contains(&expected), "{expected:?} in {settings:?}");
    }
    let window = frame_of(&mut client, 8).await;
    assert_eq!(window, (16 * 1024 * 1024 - 65_535_u32).to_be_bytes());
}

#[tokio::test]
async fn streams_beyond_the_cap_are_refused() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.dial().await;
    let streams = (0..65).flat_map(|n| get_slow(2 * n + 1));
    let bytes: Vec<u8> = [PREFACE, EMPTY_SETTINGS].concat().into_iter().chain(streams).collect();
    client.write_all(&bytes).await.unwrap();
    // RST_STREAM with REFUSED_STREAM.
    assert_eq!(frame_of(&mut client, 3).await, 7_u32.to_be_bytes());
}

#[tokio::test]
async fn a_rapid_reset_ends_the_connection() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.dial().await;
    let pair = |stream: u32| {
        // RST_STREAM with CANCEL.
        let reset = [&[0, 0, 4, 3, 0], &stream.to_be_bytes()[..], &8_u32.to_be_bytes()[..]];
        [get_slow(stream), reset.concat()].concat()
    };
    let streams = (0..200).flat_map(|n| pair(2 * n + 1));
    let bytes: Vec<u8> = [PREFACE, EMPTY_SETTINGS].concat().into_iter().chain(streams).collect();
    client.write_all(&bytes).await.unwrap();
    let goaway = frame_of(&mut client, 7).await;
    // ENHANCE_YOUR_CALM follows the last stream's number.
    assert_eq!(goaway[4..8], 11_u32.to_be_bytes());
}

#[tokio::test]
async fn http1_is_not_spoken_where_only_http2_is() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.dial().await;
    client.write_all(REQUEST).await.unwrap();
    let answer = rest(&mut client).await;
    assert!(!answer.starts_with(b"HTTP/1"), "{answer:?}");
}

#[tokio::test]
async fn a_slow_preface_is_dropped() {
    for protocol in [Protocol::Http1, Protocol::Http2, Protocol::Both] {
        let server = Server::start(Limits { protocol, preface: SOON, ..Limits::default() }).await;
        let (mut silent, mut halting) = (server.dial().await, server.dial_saying(&PREFACE[..10]));
        rest(&mut silent).await;
        rest(&mut halting).await;
    }
}

#[tokio::test]
async fn an_http1_connection_may_be_quiet_between_requests_for_its_own_time() {
    let server = Server::start(Limits { preface: SOON, idle: Duration::from_mins(1), ..http1() }).await;
    let mut kept = server.dial_saying(REQUEST);
    response(&mut kept, "jo").await;
    // Longer than a preface may take.
    for _ in 0..2 {
        rest(&mut server.dial().await).await;
    }
    kept.write_all(REQUEST).await.unwrap();
    response(&mut kept, "jo").await;

    let server = Server::start(Limits { idle: SOON, ..http1() }).await;
    let mut quiet = server.dial().await;
    quiet.write_all(REQUEST).await.unwrap();
    response(&mut quiet, "jo").await;
    // It may have been closed by then.
    let _closed = quiet.write_all(&REQUEST[..10]).await;
    assert!(rest(&mut quiet).await.is_empty());
}

#[tokio::test]
async fn a_slow_handshake_is_dropped_and_gives_its_slot_back() {
    let listener = listen::tcp(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    // The handshake: one byte from the peer.
    let accept = async |mut stream: TcpStream, _| {
        stream.read_u8().await?;
        Ok::<_, io::Error>((stream, Peer("eg")))
    };
    let accept = move |stream, address| Box::pin(accept(stream, address));
    let limits = Limits { handshake: SOON, connections: 1, ..http1() };
    let router = router(Arc::default(), Arc::default());
    let running = serve("test", listener, accept, router, limits, Shutdown::new());
    let running = tokio::spawn(running);
    let mut silent = TcpStream::connect(address).await.unwrap();
    assert!(rest(&mut silent).await.is_empty());
    // The slot is free when the connection is closed or a moment later: a full listener closes at once.
    let text = loop {
        let mut client = TcpStream::connect(address).await.unwrap();
        let asked = client.write_all(&[b"!", REQUEST].concat()).await;
        let mut first = [0; 12];
        if asked.is_ok() && client.read_exact(&mut first).await.is_ok() {
            break first;
        }
    };
    assert_eq!(&text, b"HTTP/1.1 200");
    running.abort();
}

#[tokio::test]
async fn connections_beyond_the_cap_are_shed_at_once() {
    for (connections, connections_per_ip) in [(1, 9), (9, 1)] {
        let server = Server::start(Limits { connections, connections_per_ip, ..http1() }).await;
        let mut first = server.dial().await;
        first.write_all(REQUEST).await.unwrap();
        response(&mut first, "jo").await;
        assert!(rest(&mut server.dial().await).await.is_empty());
        first.write_all(REQUEST).await.unwrap();
        response(&mut first, "jo").await;
    }
}

#[tokio::test]
async fn a_drain_finishes_requests_and_takes_no_connections() {
    let server = Server::start(http1()).await;
    let (mut busy, mut idle) = (server.dial().await, server.dial().await);
    idle.write_all(REQUEST).await.unwrap();
    response(&mut idle, "jo").await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    server.entered.notified().await;
    server.shutdown.drain();
    rest(&mut idle).await;
    assert!(!server.running.is_finished());
    server.release.notify_one();
    let answer = String::from_utf8(rest(&mut busy).await).unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    server.running.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_cut_ends_what_does_not_drain() {
    let server = Server::start(http1()).await;
    let mut busy = server.dial().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    server.entered.notified().await;
    server.shutdown.cut();
    assert!(rest(&mut busy).await.is_empty());
    server.running.await.unwrap();
}

#[tokio::test]
async fn a_connection_is_drained_at_the_end_of_its_lifetime_then_cut() {
    let server = Server::start(Limits { lifetime: Some(SOON), grace: SOON, ..Limits::default() }).await;
    let mut client = server.dial().await;
    client.write_all(PREFACE).await.unwrap();
    client.write_all(EMPTY_SETTINGS).await.unwrap();
    client.write_all(&get_slow(1)).await.unwrap();
    server.entered.notified().await;
    frame_of(&mut client, 7).await;
    rest(&mut client).await;
    assert!(!server.running.is_finished());
}

#[tokio::test]
async fn a_unix_socket_is_served_alike() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("socket");
    let listener: UnixListener = listen::unix(&path).await.unwrap();
    let accept = |stream, _| ready(Ok::<_, Infallible>((stream, Peer("local"))));
    let router = router(Arc::default(), Arc::default());
    let shutdown = Shutdown::new();
    let running = serve("local", listener, accept, router, http1(), shutdown.clone());
    let running = tokio::spawn(running);
    let mut client = UnixStream::connect(&path).await.unwrap();
    client.write_all(b"GET /peer HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut client).await.ends_with(b"local"));
    shutdown.drain();
    running.await.unwrap();
}

/// A listener that has no file descriptor left at first.
struct Exhausted {
    inner: TcpListener,
    failures: u32,
}

impl Listener for Exhausted {
    type Stream = TcpStream;
    type Address = SocketAddr;

    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        if self.failures > 0 {
            self.failures -= 1;
            // EMFILE
            return Err(io::Error::from_raw_os_error(24));
        }
        Listener::accept(&mut self.inner).await
    }

    fn ip(_: &SocketAddr) -> Option<std::net::IpAddr> {
        None
    }
}

#[tokio::test]
async fn accept_errors_are_waited_out() {
    let inner = listen::tcp(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = inner.local_addr().unwrap();
    let mut listener = Exhausted { inner, failures: 2 };
    let started = Instant::now();
    let _client = TcpStream::connect(address).await.unwrap();
    accept_next("test", &mut listener).await;
    assert!(started.elapsed() >= Duration::from_millis(100), "two delays");
}

#[test]
fn streams_that_are_not_read_leave_room_for_the_others() {
    let Limits { streams, stream_window, connection_window, .. } = Limits::default();
    assert!(u64::from(streams) * u64::from(stream_window) <= u64::from(connection_window));
}

#[test]
fn a_silent_peer_is_asked_in_time() {
    let limits = Limits::default().dead_after(Duration::from_secs(30));
    assert_eq!((limits.keepalive.as_secs(), limits.keepalive_timeout.as_secs()), (20, 10));
}
