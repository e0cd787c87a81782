//! Publishing at a node, over its socket, as `multaqa-node publish` does.
//!
//! A node that is killed takes its answer along: whether it kept the batch is then not known, only that it kept all of it or
//! nothing. A node that refuses a batch fails the story.

use std::path::{Path, PathBuf};

use hyper_util::rt::TokioIo;
use multaqa_demo::wait::{Seen, wait_for};
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::wire::node::outbox_service_client::OutboxServiceClient;
use multaqa_proto::wire::node::{NamedFile, PublishRequest, PublishResponse, QueueRequest};
use tokio::net::UnixStream;
use tokio::runtime::Runtime;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use super::{Work, is_refusal};
use crate::SOON;
use crate::record::{Record, many};
use crate::seed::Seed;

/// Records that may wait at a node before its publisher waits too.
const WAITING_MAX: u64 = 60;
/// Records of most batches are fewer than this.
const SMALL: usize = 4;
/// Records of the others, so that some take more than one request to the hub.
const LARGE: usize = 36;

/// Records that were given to a node together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Ids of their objects.
    pub objects: Vec<String>,
    /// Ids of the records that the node said it keeps; none where it died before it said anything.
    pub kept: Option<Vec<RecordId>>,
}

/// Publishes at one node.
pub struct AtNode {
    member: String,
    socket: PathBuf,
    seed: Seed,
    published: usize,
    runtime: Runtime,
    client: Option<OutboxServiceClient<Channel>>,
}

/// Publishes at a member's node in this directory.
#[must_use]
pub fn at_node(member: &str, directory: &Path, seed: Seed) -> AtNode {
    AtNode {
        member: member.to_owned(),
        socket: multaqa_node::config::Layout::new(directory).socket(),
        seed,
        published: 0,
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        client: None,
    }
}

impl Work for AtNode {
    type Told = Batch;

    fn step(&mut self, told: &mut Vec<Batch>) {
        if !self.is_ready() {
            return;
        }
        let count = if self.seed.below(8) == 0 { LARGE } else { 1 + self.seed.below(SMALL) };
        let records = many(&self.member, &format!("load-{}", self.published), count);
        self.published += 1;
        let kept = match self.publish(&records) {
            Ok(answer) => Some(answer.records.iter().map(|own| Hash::from_slice(&own.record_id).unwrap()).collect()),
            Err(status) => {
                self.client = None;
                assert!(!is_refusal(&status), "{}: {status}", self.member);
                None
            }
        };
        told.push(Batch { objects: records.iter().map(|record| record.id().to_owned()).collect(), kept });
    }
}

impl AtNode {
    /// Waits until the node answers and has room; false where it died meanwhile.
    fn is_ready(&mut self) -> bool {
        if self.client.is_none() {
            self.client = Some(self.connect());
        }
        let room = wait_for("room in the outbox", SOON, || {
            Ok(match self.waiting() {
                Ok(waiting) if waiting > WAITING_MAX => Seen::NotYet(format!("{waiting} wait")),
                Ok(_) => Seen::Yes(true),
                Err(_) => Seen::Yes(false),
            })
        });
        let ready = room.unwrap();
        if !ready {
            self.client = None;
        }
        ready
    }

    fn connect(&self) -> OutboxServiceClient<Channel> {
        wait_for("the node's socket", SOON, || {
            let socket = self.socket.clone();
            let connector = tower::service_fn(move |_: http::Uri| {
                let socket = socket.clone();
                async move { UnixStream::connect(socket).await.map(TokioIo::new) }
            });
            let endpoint = Endpoint::from_static("http://node").timeout(SOON);
            let channel = self.runtime.block_on(endpoint.connect_with_connector(connector));
            Ok(channel.map_or_else(|why| Seen::NotYet(why.to_string()), |c| Seen::Yes(OutboxServiceClient::new(c))))
        })
        .unwrap()
    }

    fn waiting(&mut self) -> Result<u64, Status> {
        let client = self.client.as_mut().unwrap();
        let asked = client.queue(QueueRequest { page_size: 1, ..QueueRequest::default() });
        Ok(self.runtime.block_on(asked)?.into_inner().waiting)
    }

    fn publish(&mut self, records: &[Record]) -> Result<PublishResponse, Status> {
        let documents: Vec<String> = records.iter().map(|record| record.json().to_string()).collect();
        let file = NamedFile { name: "load.yaml".to_owned(), bytes: documents.join("\n---\n").into() };
        let request = PublishRequest { files: vec![file], ..PublishRequest::default() };
        let client = self.client.as_mut().unwrap();
        Ok(self.runtime.block_on(client.publish(request))?.into_inner())
    }
}
