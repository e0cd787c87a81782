//! The running node, over its socket.

use std::path::Path;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use multaqa_proto::wire::node::client_service_client::ClientServiceClient;
use multaqa_proto::wire::node::outbox_service_client::OutboxServiceClient;
use multaqa_proto::wire::node::replica_service_client::ReplicaServiceClient;
use multaqa_proto::wire::node::search_service_client::SearchServiceClient;
use multaqa_proto::wire::node::status_service_client::StatusServiceClient;
use multaqa_proto::wire::node::watch_service_client::WatchServiceClient;
use tokio::net::UnixStream;
use tonic::transport::{Channel, Endpoint, Uri};

use super::failure::Failure;
use crate::code;
use crate::config::Layout;
use crate::port::MESSAGE_MAX;

/// How long a call may take.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The services of the node in this directory.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    channel: Channel,
}

impl Node {
    /// Connects to the node's socket.
    pub(crate) async fn connect(dir: &Path) -> Result<Self, Failure> {
        let path = Layout::new(dir).socket();
        let unreachable = |detail: String| {
            let args = [("socket", path.display().to_string()), ("dir", dir.display().to_string()), ("detail", detail)];
            Failure::new(code::NODE_NOT_RUNNING, args)
        };
        // Asked for first, since the channel's error hides why.
        UnixStream::connect(&path).await.map_err(|error| unreachable(error.to_string()))?;
        let to = path.clone();
        let connector = tower::service_fn(move |_: Uri| {
            let to = to.clone();
            async move { UnixStream::connect(to).await.map(TokioIo::new) }
        });
        // HTTP needs a name; the socket has none.
        let channel = Endpoint::from_static("http://node.invalid")
            .timeout(TIMEOUT)
            .connect_with_connector(connector)
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        Ok(Self { channel })
    }
    pub(crate) fn replica(&self) -> ReplicaServiceClient<Channel> {
        ReplicaServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_MAX)
    }
    pub(crate) fn search(&self) -> SearchServiceClient<Channel> {
        SearchServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_MAX)
    }
    pub(crate) fn outbox(&self) -> OutboxServiceClient<Channel> {
        OutboxServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_MAX)
    }
    pub(crate) fn clients(&self) -> ClientServiceClient<Channel> {
        ClientServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_MAX)
    }
    pub(crate) fn watch(&self) -> WatchServiceClient<Channel> {
        WatchServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_MAX)
    }
    pub(crate) fn status(&self) -> StatusServiceClient<Channel> {
        StatusServiceClient::new(self.channel.clone())
    }
}
