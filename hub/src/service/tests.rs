//! The services over real mutual TLS on loopback: a whole hub in this process, nodes and operators as its clients.
//!
//! Time on the log and in certificates is a manual clock's; nothing here sleeps.

mod cosigning;
mod following;
mod joining;
mod operating;
mod proving;
mod renewing;
mod restoring;
mod submitting;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use multaqa_certs::authority;
use multaqa_certs::client::{Dialer, Limits};
use multaqa_certs::request::NewKey;
use multaqa_certs::store::TlsIdentity;
use multaqa_proto::directory::possession::{NodeSecrets, Subject, prove};
use multaqa_proto::directory::renewal::{Renewal, SignedRenewal};
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{MemberCode, NodeName, ObjectId, Writer};
use multaqa_proto::key::PublicKey;
use multaqa_proto::number::{Epoch, LogNumber, Seq};
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{ChainPlace, Draft, Received, sign};
use multaqa_proto::sync::intake::{Intake, Taken, What};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::enrol_service_client::EnrolServiceClient;
use multaqa_proto::wire::hub::sync_service_client::SyncServiceClient;
use multaqa_proto::wire::kind;
use multaqa_runtime::clock::{Clock, Hand};
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::cli::init;
use crate::config::{Admin, Config};
use crate::operator::dir::OperatorDir;
use crate::operator::line::Line;
use crate::operator::problem::Problem;
use crate::operator::{Act, Done, Operator, line, names, slug_of};

/// 2026-01-01.
const NOW_MS: i64 = 1_767_225_600_000;
const HOUR_MS: i64 = 3_600_000;

/// A hub that runs.
struct World {
    home: TempDir,
    address: SocketAddr,
    clock: Clock,
    hand: Hand,
    shutdown: Shutdown,
    running: JoinHandle<Result<(), Fault>>,
    genesis: RecordId,
}

impl World {
    async fn start() -> Self {
        Self::witnessed_by(&[]).await
    }
    /// A hub whose policy 1 names these states as witnesses.
    async fn witnessed_by(witnesses: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (clock, hand) = Clock::manual(NOW_MS);
        let federation = "multaqa.example".parse().unwrap();
        authority::init_dir(&home.path().join("ca"), &federation, NOW_MS.unsigned_abs()).unwrap();
        let args = init::Args {
            dir: home.path().join("hub"),
            ca: home.path().join("ca"),
            federation,
            operator: "first".parse().unwrap(),
            operator_dir: home.path().join("operator"),
            name: "main".parse().unwrap(),
            listen: ([127, 0, 0, 1], 0).into(),
            advertise: Vec::new(),
            witnesses: witnesses.iter().map(|code| code.parse().unwrap()).collect(),
        };
        let genesis = init::init(&args, &clock).await.unwrap().genesis;
        let (address, shutdown, running) = serve(home.path(), &clock).await;
        Self { home, address, clock, hand, shutdown, running, genesis }
    }

    /// Stops the hub and starts it again from its directory.
    async fn restart(self) -> Self {
        let Self { home, clock, hand, genesis, shutdown, running, .. } = self;
        shutdown.drain();
        assert_eq!(running.await.unwrap(), Ok(()));
        let (address, shutdown, running) = serve(home.path(), &clock).await;
        Self { home, address, clock, hand, shutdown, running, genesis }
    }

    async fn operator(&self) -> Operator {
        self.try_operator().await.unwrap()
    }
    async fn try_operator(&self) -> Result<Operator, Problem> {
        let dir = OperatorDir::at(&self.home.path().join("operator"));
        Operator::connect(dir, Some(self.address.to_string()), self.clock.clone()).await
    }

    /// Admits a state, invites its node, joins.
    async fn state(&self, code: &str) -> Node {
        self.admit(code).await;
        self.joined(code).await
    }
    async fn admit(&self, code: &str) -> Done {
        let member = member(code, "active");
        self.operator().await.submit(Act::new("member", slug_of(code).unwrap(), &member)).await.unwrap()
    }
    async fn joined(&self, code: &str) -> Node {
        let invited = self.invite(code, 1).await;
        let node = invited.redeem(self, &NewKey::generate().unwrap()).await.unwrap();
        node.hello(self, 1).await.unwrap();
        node
    }
    async fn invite(&self, code: &str, epoch: u64) -> Invited {
        let one_time = SigningKey::from_bytes(&multaqa_certs::random::bytes().unwrap());
        let invitation = kind::Invitation {
            member: code.to_owned(),
            node: "gw1".to_owned(),
            epoch,
            public_key: PublicKey::of(&one_time).as_bytes().to_vec(),
            not_after_ms: NOW_MS + HOUR_MS,
        };
        let slug = format!("{}-gw1-{epoch}", slug_of(code).unwrap());
        let done = self.operator().await.submit(Act::new("invitation", slug, &invitation)).await.unwrap();
        Invited::new(self.genesis, code, Epoch(epoch), done.record_id, one_time)
    }

    fn ca(&self) -> PathBuf {
        self.home.path().join("ca")
    }
    async fn dial(&self, identity: &TlsIdentity) -> Line {
        let root = authority::load_root_certificate(&self.ca()).unwrap();
        let dialer = Dialer::new(identity, &root, None, self.clock.in_seconds(), Limits::default()).unwrap();
        line::dial(&dialer, &self.address.to_string()).await.unwrap()
    }

    async fn stop(self) {
        self.shutdown.drain();
        assert_eq!(self.running.await.unwrap(), Ok(()));
    }
}

async fn serve(home: &Path, clock: &Clock) -> (SocketAddr, Shutdown, JoinHandle<Result<(), Fault>>) {
    let any = ([127, 0, 0, 1], 0).into();
    let config = Config { dir: home.join("hub"), listen: any, admin: Admin { listen: any }, ..Config::default() };
    let app = config.build(clock.clone()).await.unwrap();
    let (address, shutdown) = (app.addresses().federation, Shutdown::new());
    let running = tokio::spawn(app.run(shutdown.clone(), None));
    (address, shutdown, running)
}

fn member(code: &str, status: &str) -> kind::Member {
    kind::Member {
        code: code.to_owned(),
        class: "state".to_owned(),
        name: names(&[("en".to_owned(), format!("State {code}"))]),
        status: status.to_owned(),
    }
}

/// A node with a join key.
struct Invited {
    genesis: RecordId,
    member: MemberCode,
    epoch: Epoch,
    one_time: SigningKey,
    record: SigningKey,
    witness: SigningKey,
    key_record: (RecordId, Received),
}

impl Invited {
    fn new(genesis: RecordId, code: &str, epoch: Epoch, invitation: RecordId, one_time: SigningKey) -> Self {
        let member: MemberCode = code.parse().unwrap();
        let key = || SigningKey::from_bytes(&multaqa_certs::random::bytes().unwrap());
        let (record, witness, session) = (key(), key(), key());
        let subject = Subject { genesis, member: member.clone(), node: node_name(), invitation };
        let secrets = NodeSecrets { record: &record, witness: &witness, session: &session };
        let payload = prove(&subject, epoch, &secrets);
        let draft = draft(&member, "key", "gw1", &["members"], prost::Message::encode_to_vec(&payload));
        let place = ChainPlace {
            federation: Some(genesis),
            writer: Writer::Node(member.clone(), node_name()),
            epoch,
            seq: Seq(1),
            previous: None,
        };
        let key_record = sign(&place, &[draft], &one_time).remove(0);
        Self { genesis, member, epoch, one_time, record, witness, key_record }
    }

    /// A connection that presents the one-time key.
    async fn dial(&self, world: &World) -> Line {
        let clock = world.clock.in_seconds();
        let root = authority::load_root_certificate(&world.ca()).unwrap();
        let dialer = Dialer::joining(&self.one_time, &root, None, clock, Limits::default()).unwrap();
        line::dial(&dialer, &world.address.to_string()).await.unwrap()
    }
    fn renewal(&self, tls: &NewKey) -> Renewal {
        Renewal {
            genesis: self.genesis,
            member: self.member.clone(),
            node: node_name(),
            certificate_request: Hash::of(&tls.request),
            asked_at_ms: NOW_MS,
        }
    }
    fn request(&self, tls: &NewKey) -> wire::RedeemRequest {
        self.signed(tls, self.renewal(tls).sign(&self.record))
    }
    fn signed(&self, tls: &NewKey, signed: SignedRenewal) -> wire::RedeemRequest {
        wire::RedeemRequest {
            key_record: Some(self.key_record.1.clone().into()),
            certificate_request: tls.request.clone(),
            renewal: signed.bytes,
            signature: signed.signature.to_vec(),
        }
    }
    /// The code of the answer to this request.
    async fn refusal(&self, world: &World, request: wire::RedeemRequest) -> (Code, String) {
        refused(EnrolServiceClient::new(self.dial(world).await).redeem(request).await)
    }
    async fn redeem(&self, world: &World, tls: &NewKey) -> Result<Node, Status> {
        let mut enrol = EnrolServiceClient::new(self.dial(world).await);
        let response = enrol.redeem(self.request(tls)).await?.into_inner();
        let chain = response.certificate_chain.into_iter().map(Into::into).collect();
        Ok(Node {
            member: self.member.clone(),
            identity: TlsIdentity { chain, key: tls.key.clone() },
            key: self.record.clone(),
            witness: self.witness.clone(),
            place: ChainPlace {
                federation: Some(self.genesis),
                writer: Writer::Node(self.member.clone(), node_name()),
                epoch: self.epoch,
                seq: Seq(2),
                previous: Some(self.key_record.0),
            },
        })
    }
}

fn node_name() -> NodeName {
    "gw1".parse().unwrap()
}

fn draft(member: &MemberCode, kind: &str, slug: &str, audience: &[&str], payload: Vec<u8>) -> Draft {
    let content = Content {
        salt: multaqa_certs::random::bytes().unwrap(),
        id: ObjectId::new(member, kind, slug).unwrap(),
        revision: 1,
        replaces: Vec::new(),
        audience: Audience::parse(audience).unwrap(),
        authored_at_ms: NOW_MS,
        seen: None,
        body: Body::Payload(payload.into()),
    };
    Draft { content, lane: [7; 16] }
}

/// A node with a certificate.
#[derive(Clone)]
struct Node {
    member: MemberCode,
    identity: TlsIdentity,
    key: SigningKey,
    witness: SigningKey,
    place: ChainPlace,
}

impl Node {
    async fn sync(&self, world: &World) -> SyncServiceClient<Line> {
        SyncServiceClient::new(world.dial(&self.identity).await).max_decoding_message_size(16 * 1024 * 1024)
    }
    /// Greets on a connection of its own, which stays open as long as the client is kept.
    async fn hello(&self, world: &World, instance: u8) -> Result<wire::HelloResponse, Status> {
        Ok(self.sync(world).await.hello(greeting(instance)).await?.into_inner())
    }
    /// Signs the next record of its chain.
    fn record(&mut self, slug: &str, audience: &[&str]) -> Received {
        let draft = draft(&self.member, "news", slug, audience, vec![0; 40]);
        let (id, record) = sign(&self.place, &[draft], &self.key).remove(0);
        self.place.seq = self.place.seq.next();
        self.place.previous = Some(id);
        record
    }
    async fn submit(&self, world: &World, batches: Vec<Vec<Received>>) -> Result<Vec<wire::Answer>, Status> {
        let request =
            |records: Vec<Received>| wire::SubmitRequest { records: records.into_iter().map(Into::into).collect() };
        let requests: Vec<_> = batches.into_iter().map(request).collect();
        let mut answers = Vec::new();
        let mut stream = self.sync(world).await.submit(futures::stream::iter(requests)).await?.into_inner();
        while let Some(response) = stream.message().await? {
            answers.extend(response.answers);
        }
        Ok(answers)
    }
    fn intake(&self, world: &World) -> Intake {
        Intake::empty(self.member.clone(), world.genesis, LogNumber(1))
    }
}

fn greeting(instance: u8) -> wire::HelloRequest {
    wire::HelloRequest {
        versions: vec![1],
        instance: vec![instance; 16],
        incarnation: 1,
        cursor: None,
        epoch: 1,
        seq: 1,
        run: vec![instance; 16],
        cursor_checkpoint: String::new(),
    }
}

/// Follows the log until an entry at this index was taken.
async fn follow(
    stream: &mut tonic::Streaming<wire::TailResponse>,
    mut intake: Intake,
    until: u64,
) -> (Intake, Vec<Taken>) {
    let mut all = Vec::new();
    while intake.size().0 <= until {
        let event = stream.message().await.unwrap().unwrap().event.unwrap();
        if let wire::tail_response::Event::Frame(frame) = event {
            let (next, taken) = intake.accept(&frame).unwrap();
            intake = next;
            all.extend(taken);
        }
    }
    (intake, all)
}

/// Whether the entry at this index came with its content.
fn is_whole(taken: &[Taken], index: u64) -> bool {
    let found = taken.iter().find(|taken| taken.entry.index.0 == index).unwrap();
    assert!(matches!(found.what, What::Record(_)));
    found.entry.content.is_some()
}

/// The code of a refusal, and what gRPC says of it.
fn refused<T: std::fmt::Debug>(result: Result<T, Status>) -> (Code, String) {
    let status = result.unwrap_err();
    let info = status.get_details_error_info().unwrap_or_else(|| panic!("{status:?} has no code"));
    assert_eq!(info.domain, crate::code::DOMAIN);
    (status.code(), info.reason)
}

fn code(grpc: Code, reason: &str) -> (Code, String) {
    (grpc, reason.to_owned())
}

fn ca_of_others(home: &Path) -> TlsIdentity {
    let federation = "multaqa.example".parse().unwrap();
    authority::init_dir(home, &federation, NOW_MS.unsigned_abs()).unwrap();
    let identity = "operator/first".parse().unwrap();
    authority::issue_new(home, &identity, NOW_MS.unsigned_abs(), None).unwrap().0
}
