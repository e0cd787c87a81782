//! A reader of the log that takes what comes and throws it away: how fast frames can be sent, not what a node makes of them.
//!
//! It dials with a node's identity and the node's HTTP/2 windows, and reads a tail message by message. The same reader reads
//! the hub and the reference. On request it tells of checkpoints that a seal ends. Out of scope: verifying, storing, what is done
//! with such checkpoints (`cosigner`).

use std::net::SocketAddr;
use std::path::Path;

use hyper_util::rt::TokioIo;
use multaqa_certs::client::Dialer;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::sync::block::unpack;
use multaqa_proto::wire::hub::sync_service_client::SyncServiceClient;
use multaqa_proto::wire::hub::tail_response::Event;
use multaqa_proto::wire::hub::{Frame, TailRequest, TailResponse};
use multaqa_tests::raw;
use prost::Message as _;
use tokio::sync::watch;
use tokio::time::Instant;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

/// Flow-control windows of a node (`node/src/link.rs`), bytes: of a stream, of a connection.
const WINDOWS: (u32, u32) = (2 << 20, 8 << 20);
/// Largest message.
const MESSAGE_MAX: usize = 4 << 20;
/// Most bytes of a block of a seal alone.
const SEAL_MAX: u64 = 1 << 10;

/// A connection to the hub, or to the reference.
pub(crate) struct Subscriber {
    client: SyncServiceClient<Channel>,
}

/// An open tail.
pub(crate) struct Following {
    events: Streaming<TailResponse>,
    end: u64,
    sealed: Option<watch::Sender<String>>,
}

/// What a reader received.
pub(crate) struct Drained {
    /// Bytes of the messages.
    pub(crate) bytes: u64,
    /// When the last entry was there.
    pub(crate) last: Instant,
    /// The messages, where they were to be kept.
    pub(crate) kept: Vec<TailResponse>,
}

impl Subscriber {
    /// Dials with the identity in a node's directory.
    pub(crate) async fn dial(hub: SocketAddr, node_dir: &Path) -> Self {
        let client = SyncServiceClient::new(channel(hub, dialer(node_dir)).await);
        Self { client: client.max_decoding_message_size(MESSAGE_MAX) }
    }

    /// Follows the log from an index on.
    pub(crate) async fn follow(mut self, from: u64) -> Following {
        let events = self.client.tail(TailRequest { log: 1, from }).await.unwrap().into_inner();
        Following { events, end: from, sealed: None }
    }

    /// For other calls over the same connection.
    pub(crate) fn client(&self) -> SyncServiceClient<Channel> {
        self.client.clone()
    }
}

impl Following {
    /// The newest checkpoint received that a seal ends, a signed note; empty before the first. It is known while this reads.
    pub(crate) fn sealed(&mut self) -> watch::Receiver<String> {
        self.sealed.get_or_insert_default().subscribe()
    }

    /// Reads until the log's size is reached, which may become known meanwhile: until then it is `u64::MAX`.
    pub(crate) async fn drain(mut self, mut size: watch::Receiver<u64>, keep: bool) -> Drained {
        let mut drained = Drained { bytes: 0, last: Instant::now(), kept: Vec::new() };
        while self.end < *size.borrow_and_update() {
            let message = tokio::select! {
                message = self.events.message() => message.unwrap().expect("the tail ended early"),
                known = size.changed() => {
                    known.unwrap();
                    continue;
                }
            };
            drained.bytes += message.encoded_len() as u64;
            if let Some(Event::Frame(frame)) = &message.event {
                self.end = frame.first + frame.count;
                drained.last = Instant::now();
                if let Some(sealed) = self.sealed.as_ref().filter(|_| ends_sealed(frame)) {
                    sealed.send_replace(frame.checkpoint.clone());
                }
                if keep {
                    drained.kept.push(message);
                }
            }
        }
        drained
    }
}

/// Whether a seal is the frame's last entry. Seals come in the last block of a commit, apart from records: what is larger is not
/// unpacked, since that is no part of what is measured.
fn ends_sealed(frame: &Frame) -> bool {
    let Some(block) = frame.blocks.last().filter(|block| block.unpacked_bytes <= SEAL_MAX) else { return false };
    let entries = unpack(block).unwrap();
    entries.last().is_some_and(|entry| {
        let seal = Leaf::parse(&entry.leaf).unwrap().leaf_type == LeafType::Seal;
        seal && entry.index.0 + 1 == frame.first + frame.count
    })
}

fn dialer(node_dir: &Path) -> Dialer {
    let identity = node_dir.join("identity");
    raw::dialer(&identity.join("node.pem"), &identity.join("root.pem"))
}

async fn channel(hub: SocketAddr, dialer: Dialer) -> Channel {
    let connector = tower::service_fn(move |_: http::Uri| {
        let dialer = dialer.clone();
        async move { dialer.dial(&hub.ip().to_string(), hub.port()).await.map(TokioIo::new) }
    });
    let endpoint = Endpoint::from_static("http://hub")
        .initial_stream_window_size(WINDOWS.0)
        .initial_connection_window_size(WINDOWS.1);
    endpoint.connect_with_connector(connector).await.unwrap()
}
