//! Bulk load: many records of a member, signed beforehand and sent to the hub as fast as it takes them.
//!
//! The member's node has joined and does not run: the load signs with its record key from the newest place of its chain on,
//! and dials with its certificate. Records are services of about 1 KB with Arabic and English texts (`text`); in blocks
//! of 64 they compress to about a third. In scope: making, signing and sending. Out of scope: records that break rules
//! (`forge`), what becomes of them at the nodes.

mod noise;
mod text;

use std::net::SocketAddr;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use multaqa_certs::client::Dialer;
use multaqa_proto::hash::Hash;
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{Draft, Received, sign};
use multaqa_proto::wire::hub::sync_service_client::SyncServiceClient;
use multaqa_proto::wire::hub::{HelloRequest, Outcome, Position, SubmitRequest};
use multaqa_proto::wire::kind::Service;
use prost::Message as _;
use tokio::time::Instant;
use tonic::transport::{Channel, Endpoint};

use crate::forge::Forge;
use crate::{World, raw};
pub use text::file;

/// Records of one request.
const REQUEST_RECORDS: usize = 64;
/// Bytes of the records of one request; the hub reads at most 1 MiB.
const REQUEST_BYTES: usize = 512 * 1024;

/// Signs and sends in the name of a member's first node.
#[derive(Debug, Clone)]
pub struct Bulk {
    forge: Forge,
    member: String,
    audience: Audience,
    payload: fn(&str, usize) -> Service,
    made: usize,
}

/// What was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// Records, all accepted.
    pub records: usize,
    /// Bytes of their parts.
    pub bytes: usize,
    /// From the first byte of the first request to the last answer.
    pub elapsed: Duration,
}

impl Bulk {
    /// For a member whose first node has joined and does not run; records for the states.
    #[must_use]
    pub fn of(world: &World, member: &str) -> Self {
        assert!(world.node(member).process().is_none(), "{member} runs: it would sign the same places of its chain");
        let audience = Audience::parse(&["states"]).unwrap();
        Self { forge: Forge::of(world, member), member: member.to_owned(), audience, payload: text::service, made: 0 }
    }

    /// The same, for this audience.
    #[must_use]
    pub fn for_audience(mut self, parts: &[&str]) -> Self {
        self.audience = Audience::parse(parts).unwrap();
        self
    }

    /// The same, with texts that do not compress, or with such as people write.
    #[must_use]
    pub fn noisy(mut self, noisy: bool) -> Self {
        self.payload = if noisy { noise::service } else { text::service };
        self
    }

    /// The same, with no more in a record than every record has.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.payload = |_, _| Service::default();
        self
    }

    /// Id of a record by its number, from 0.
    #[must_use]
    pub fn id(&self, number: usize) -> String {
        format!("{}:service:load-{number:07}", self.member)
    }

    /// Titles and descriptions of a record by its number, in all its languages.
    #[must_use]
    pub fn texts(&self, number: usize) -> (String, String) {
        let service = (self.payload)(&self.member, number);
        let joined =
            |texts: std::collections::HashMap<String, String>| texts.into_values().collect::<Vec<_>>().join(" ");
        (joined(service.title), joined(service.description))
    }

    /// So many records in the order of the chain, `batch` of them under each signature.
    pub fn sign(&mut self, count: usize, batch: usize) -> Vec<Received> {
        let mut signed = Vec::with_capacity(count);
        while signed.len() < count {
            let size = batch.min(count - signed.len());
            let drafts: Vec<Draft> = (self.made..self.made + size).map(|number| self.draft(number)).collect();
            let records = sign(&self.forge.place, &drafts, &self.forge.key).into_iter().map(|(_, record)| record);
            for record in records {
                self.forge.follow(&record);
                signed.push(record);
            }
            self.made += size;
        }
        signed
    }

    fn draft(&self, number: usize) -> Draft {
        let id = self.id(number);
        let content = Content {
            salt: Hash::of(id.as_bytes()).0,
            id: id.parse().unwrap(),
            revision: 1,
            replaces: Vec::new(),
            audience: self.audience.clone(),
            authored_at_ms: 1_700_000_000_000 + i64::try_from(number).unwrap(),
            seen: None,
            body: Body::Payload((self.payload)(&self.member, number).encode_to_vec().into()),
        };
        // One lane for one audience: `Bulk` has one.
        Draft { content, lane: [9; 16] }
    }
}

/// A connection to the hub with the identity of a node that does not run.
#[derive(Debug, Clone)]
pub struct Submitter {
    client: SyncServiceClient<Channel>,
}

impl Submitter {
    /// Dials, past the proxy, and greets the hub.
    pub async fn connect(world: &World, member: &str) -> Self {
        let identity = world.node(member).dir().join("identity");
        let dialer = raw::dialer(&identity.join("node.pem"), &identity.join("root.pem"));
        let channel = channel(world.hub().address().unwrap(), dialer).await;
        let mut client = SyncServiceClient::new(channel);
        let hello = HelloRequest {
            versions: vec![1],
            instance: vec![8; 16],
            incarnation: 1_000_000,
            run: vec![7; 16],
            cursor: Some(Position { log: 1, size: 0, root: Vec::new() }),
            ..HelloRequest::default()
        };
        client.hello(hello).await.unwrap();
        Self { client }
    }

    /// Sends records, pipelined, and waits until the hub has accepted each of them.
    pub async fn submit(&mut self, records: Vec<Received>) -> Sent {
        let (count, bytes) = (records.len(), records.iter().map(Received::bytes).sum());
        let requests = requests(records);
        let started = Instant::now();
        let mut answers = self.client.submit(tokio_stream::iter(requests)).await.unwrap().into_inner();
        let mut accepted = 0;
        while let Some(response) = answers.message().await.unwrap() {
            for answer in response.answers {
                assert_eq!(answer.outcome(), Outcome::Accepted, "{answer:?}");
                accepted += 1;
            }
        }
        assert_eq!(accepted, count, "a record without an answer");
        Sent { records: count, bytes, elapsed: started.elapsed() }
    }
}

async fn channel(hub: SocketAddr, dialer: Dialer) -> Channel {
    let connector = tower::service_fn(move |_: http::Uri| {
        let dialer = dialer.clone();
        async move { dialer.dial(&hub.ip().to_string(), hub.port()).await.map(TokioIo::new) }
    });
    Endpoint::from_static("http://hub").connect_with_connector(connector).await.unwrap()
}

fn requests(records: Vec<Received>) -> Vec<SubmitRequest> {
    let mut requests: Vec<SubmitRequest> = Vec::new();
    let mut bytes = 0;
    for record in records {
        let size = record.bytes();
        match requests.last_mut() {
            Some(last) if last.records.len() < REQUEST_RECORDS && bytes + size <= REQUEST_BYTES => {
                bytes += size;
                last.records.push(record.into());
            }
            Some(_) | None => {
                bytes = size;
                requests.push(SubmitRequest { records: vec![record.into()] });
            }
        }
    }
    requests
}
