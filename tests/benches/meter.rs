//! A line that counts: a TCP proxy between a node and the hub, and how many bytes passed it each way.
//!
//! It sees what the network would carry of it: TLS records with all that is in them (handshakes, HTTP/2 frames, pings,
//! windows). Headers of TCP and IP are not among the bytes; the pieces in which they came are counted, so that they can be
//! estimated. Out of scope: lines that fail (`multaqa_demo::link`).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// A counting line. Dropping it closes everything.
pub(crate) struct Meter {
    address: SocketAddr,
    to_hub: Arc<Way>,
    to_node: Arc<Way>,
    _runtime: Runtime,
}

#[derive(Default)]
struct Way {
    bytes: AtomicU64,
    pieces: AtomicU64,
}

/// What passed so far, or between two readings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reading {
    /// Bytes from the node to the hub.
    pub(crate) up: u64,
    /// Bytes from the hub to the node.
    pub(crate) down: u64,
    /// Pieces, both ways together.
    pub(crate) pieces: u64,
}

impl Reading {
    /// Bytes both ways.
    pub(crate) const fn bytes(self) -> u64 {
        self.up + self.down
    }

    /// What passed since another reading.
    pub(crate) const fn since(self, before: Self) -> Self {
        Self { up: self.up - before.up, down: self.down - before.down, pieces: self.pieces - before.pieces }
    }
}

impl Meter {
    /// A line to the hub at this address.
    pub(crate) fn open(hub: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let (to_hub, to_node) = (Arc::<Way>::default(), Arc::<Way>::default());
        let ways = (to_hub.clone(), to_node.clone());
        runtime.spawn(async move {
            loop {
                let (node, _) = listener.accept().await.unwrap();
                let Ok(hub) = TcpStream::connect(hub).await else { continue };
                node.set_nodelay(true).unwrap();
                hub.set_nodelay(true).unwrap();
                let ((from_node, into_node), (from_hub, into_hub)) = (node.into_split(), hub.into_split());
                tokio::spawn(pass(from_node, into_hub, ways.0.clone()));
                tokio::spawn(pass(from_hub, into_node, ways.1.clone()));
            }
        });
        Self { address, to_hub, to_node, _runtime: runtime }
    }

    /// The address that the node dials.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What passed so far.
    pub(crate) fn read(&self) -> Reading {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let pieces = count(&self.to_hub.pieces) + count(&self.to_node.pieces);
        Reading { up: count(&self.to_hub.bytes), down: count(&self.to_node.bytes), pieces }
    }
}

/// Passes bytes until either side ends, which the other side is then told.
async fn pass(mut from: OwnedReadHalf, mut into: OwnedWriteHalf, way: Arc<Way>) {
    let mut buffer = vec![0_u8; 64 * 1024];
    while let Ok(read) = from.read(&mut buffer).await
        && read > 0
    {
        way.bytes.fetch_add(read as u64, Ordering::Relaxed);
        way.pieces.fetch_add(1, Ordering::Relaxed);
        if into.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
