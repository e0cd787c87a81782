//! A client of a node's own socket: what a program of the member does, without the start of a process.
//!
//! Out of scope: the node's commands (`multaqa_demo::node`), which the benches only use to set the stage.

use std::path::Path;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use multaqa_node::config::Layout;
use multaqa_proto::wire::node::outbox_service_client::OutboxServiceClient;
use multaqa_proto::wire::node::replica_service_client::ReplicaServiceClient;
use multaqa_proto::wire::node::search_service_client::SearchServiceClient;
use multaqa_proto::wire::node::status_service_client::StatusServiceClient;
use multaqa_proto::wire::node::{GetStatusRequest, GetStatusResponse, ListRequest};
use tokio::net::UnixStream;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

/// Pause between two looks at a replica.
const LOOK: Duration = Duration::from_millis(5);
/// Largest answer, bytes.
const MESSAGE_MAX: usize = 32 << 20;

/// A connection to a node's socket.
pub(crate) struct Local {
    channel: Channel,
}

impl Local {
    /// Connects to the node in this directory, which serves.
    pub(crate) async fn connect(node_dir: &Path) -> Self {
        Self::try_connect(node_dir).await.unwrap()
    }

    /// The same, where it may not serve yet.
    pub(crate) async fn try_connect(node_dir: &Path) -> Result<Self, tonic::transport::Error> {
        let socket = Layout::new(node_dir).socket();
        let connector = tower::service_fn(move |_: http::Uri| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        });
        // HTTP needs a name; the socket has none.
        let channel = Endpoint::from_static("http://node.invalid").connect_with_connector(connector).await?;
        Ok(Self { channel })
    }

    /// Reading.
    pub(crate) fn replica(&self) -> ReplicaServiceClient<Channel> {
        ReplicaServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_MAX)
    }

    /// Searching.
    pub(crate) fn search(&self) -> SearchServiceClient<Channel> {
        SearchServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_MAX)
    }

    /// Publishing.
    pub(crate) fn outbox(&self) -> OutboxServiceClient<Channel> {
        OutboxServiceClient::new(self.channel.clone())
    }

    /// The node's state.
    pub(crate) async fn status(&self) -> Result<GetStatusResponse, Status> {
        let mut client = StatusServiceClient::new(self.channel.clone());
        Ok(client.get_status(GetStatusRequest {}).await?.into_inner())
    }

    /// Entries that its replica holds: asked with the cheapest question, so that asking takes nothing from what is measured.
    pub(crate) async fn size(&self) -> u64 {
        let request = ListRequest { page_size: 1, ..ListRequest::default() };
        let answer = self.replica().list(request).await.unwrap().into_inner();
        answer.freshness.map_or(0, |freshness| freshness.size)
    }

    /// Waits until the replica holds so many entries.
    pub(crate) async fn until(&self, size: u64) {
        while self.size().await < size {
            tokio::time::sleep(LOOK).await;
        }
    }
}
