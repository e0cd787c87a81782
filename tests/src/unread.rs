//! A node that opens streams and never reads them: its connection lives, with the windows of a node, and answers what HTTP/2
//! asks; what the hub sends stays where it is.
//!
//! Out of scope: connections that do not answer either (`multaqa_demo::link`), reading (`raw`).

use std::net::SocketAddr;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use multaqa_certs::client::Dialer;
use multaqa_proto::wire::hub::sync_service_client::SyncServiceClient;
use multaqa_proto::wire::hub::{
    CatchUpRequest, CatchUpResponse, HelloRequest, HelloResponse, TailRequest, TailResponse,
};
use tokio::runtime::Runtime;
use tonic::Streaming;
use tonic::transport::Channel;

use crate::SOON;

/// See the module.
pub struct Unread {
    tails: Vec<Streaming<TailResponse>>,
    catch_ups: Vec<Streaming<CatchUpResponse>>,
    hub: SyncServiceClient<Channel>,
    runtime: Runtime,
}

impl Unread {
    /// Connects to the hub.
    #[must_use]
    pub fn connect(hub: SocketAddr, dialer: &Dialer) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let channel = runtime.block_on(async {
            let mut stream = Some(TokioIo::new(dialer.dial(&hub.ip().to_string(), hub.port()).await.unwrap()));
            let once = tower::service_fn(move |_: http::Uri| std::future::ready(stream.take().ok_or("dialled once")));
            let endpoint = multaqa_node::link::endpoint(Duration::from_secs(30));
            endpoint.connect_with_connector(once).await.unwrap()
        });
        Self { tails: Vec::new(), catch_ups: Vec::new(), hub: SyncServiceClient::new(channel), runtime }
    }

    /// Opens a tail.
    pub fn tail(&mut self, from: u64) {
        let call = self.hub.tail(TailRequest { log: 1, from });
        let opened = self.runtime.block_on(async { tokio::time::timeout(SOON, call).await });
        self.tails.push(opened.unwrap().unwrap().into_inner());
    }

    /// Opens a catch-up over a range.
    pub fn catch_up(&mut self, from: u64, to: u64) {
        let call = self.hub.catch_up(CatchUpRequest { log: 1, from, to, ..CatchUpRequest::default() });
        let opened = self.runtime.block_on(async { tokio::time::timeout(SOON, call).await });
        self.catch_ups.push(opened.unwrap().unwrap().into_inner());
    }

    /// A call beside the streams.
    pub fn hello(&mut self) -> HelloResponse {
        let request = HelloRequest {
            versions: vec![1],
            instance: vec![7; 16],
            incarnation: 1_000_000,
            run: vec![7; 16],
            ..HelloRequest::default()
        };
        let call = self.hub.hello(request);
        let answer = self.runtime.block_on(async { tokio::time::timeout(SOON, call).await });
        answer.expect("the call waits for the streams").unwrap().into_inner()
    }
}
