//! A node lives longer than its certificates: months pass on a clock that the story turns. Hub and node run in this process for
//! that, over the files, sockets and certificates of a federation that real processes made.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use multaqa_certs::authority;
use multaqa_certs::client::{Dialer, Limits};
use multaqa_certs::request::NewKey;
use multaqa_certs::store::{TlsIdentity, load_chain, load_ed25519};
use multaqa_demo::wait::{Seen, wait_for};
use multaqa_hub::config as hub;
use multaqa_node::config as node;
use multaqa_proto::directory::renewal::Renewal;
use multaqa_proto::hash::Hash;
use multaqa_proto::wire::hub::{RenewRequest, RenewResponse};
use multaqa_runtime::clock::{Clock, Hand};
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_tests::forge::Forge;
use multaqa_tests::raw::RawClient;
use multaqa_tests::record::Record;
use multaqa_tests::{SOON, World};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tonic::Code;

use crate::world;

const DAY: Duration = Duration::from_hours(24);
const DAY_MS: i64 = 24 * 3_600_000;

#[test]
fn a_node_outlives_its_certificates_and_comes_back_after_any_absence() {
    let mut story = Story::begin();
    let first = story.identity();
    let joined_until = until(&first);

    // A third of the life has passed.
    story.pass(DAY * 11);
    let second = story.renewed_since(joined_until);
    assert_ne!(first.chain[0], second.chain[0]);
    assert!(until(&second) >= joined_until + 10 * DAY_MS);
    story.until_retired(&first);

    // The hub answered, and the node died before it had stored the answer.
    story.stop_node();
    let unused = story.renew_by_hand(&second);
    story.pass(DAY * 11);
    let third = story.renewed_since(until(&second));
    assert_ne!(third.chain[0], unused.chain[0]);
    story.until_retired(&second);
    assert!(story.is_shut_out(&unused), "of all that was issued one is in use");

    // Away for longer than certificate and issuing CA would have held by themselves; what it wrote meanwhile arrives.
    story.pass(DAY * 100);
    let fourth = story.renewed_since(until(&third));
    story.until_retired(&third);
    story.publishes("back");

    story.pass(DAY);
    story.publishes("tomorrow");
    assert_eq!(story.identity().chain, fourth.chain, "it is renewed when it is due, not at each start");
    story.end();
}

/// Last moment of an identity's certificate, milliseconds since 1970 UTC.
fn until(identity: &TlsIdentity) -> i64 {
    i64::try_from(identity.life().unwrap().1 * 1_000).unwrap()
}

struct Running {
    shutdown: Shutdown,
    task: JoinHandle<Result<(), Fault>>,
}

struct Story {
    world: World,
    runtime: Runtime,
    clock: Clock,
    hand: Hand,
    hub: Option<(SocketAddr, Running)>,
    node: Option<Running>,
}

impl Story {
    /// A federation that real processes made and ran, at rest.
    fn begin() -> Self {
        let mut world = world(&["JO"]);
        world.publish("JO", &[Record::organisation("JO", "before", "Before")]);
        world.settle();
        world.node_mut("JO").stop().unwrap();
        world.hub_mut().stop().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (clock, hand) = Clock::manual(Clock::system().now_ms());
        Self { world, runtime, clock, hand, hub: None, node: None }
    }

    /// Time goes by with everything at rest. Then the hub is given its weekly certificate, and hub and node are started.
    fn pass(&mut self, time: Duration) {
        self.stop_node();
        self.stop_hub();
        self.hand.advance(time);
        self.start_hub();
        let (dir, hubs) = (self.world.node("JO").dir().to_owned(), vec![self.address().to_string()]);
        let config = node::Config { node: node::NodeConfig { dir, hubs }, ..node::Config::default() };
        let shutdown = Shutdown::new();
        let app = self.runtime.block_on(config.build(self.clock.clone())).unwrap();
        let task = self.runtime.spawn(app.run(shutdown.clone(), None));
        self.node = Some(Running { shutdown, task });
    }

    fn start_hub(&mut self) {
        let now_ms = self.clock.now_ms().unsigned_abs();
        let (ca, dir) = (self.world.hub().ca_dir(), self.world.hub().dir());
        let (weekly, _) = authority::issue_new(&ca, &"hub/main".parse().unwrap(), now_ms, None).unwrap();
        weekly.save(&hub::Places::of(&dir).identity()).unwrap();
        let any = ([127, 0, 0, 1], 0).into();
        let config = hub::Config { dir, listen: any, admin: hub::Admin { listen: any }, ..hub::Config::default() };
        let shutdown = Shutdown::new();
        let app = self.runtime.block_on(config.build(self.clock.clone())).unwrap();
        let address = app.addresses().federation;
        let task = self.runtime.spawn(app.run(shutdown.clone(), None));
        self.hub = Some((address, Running { shutdown, task }));
    }

    fn stop_node(&mut self) {
        if let Some(Running { shutdown, task }) = self.node.take() {
            shutdown.drain();
            self.runtime.block_on(task).unwrap().unwrap();
        }
    }
    fn stop_hub(&mut self) {
        if let Some((_, Running { shutdown, task })) = self.hub.take() {
            shutdown.drain();
            self.runtime.block_on(task).unwrap().unwrap();
        }
    }

    fn address(&self) -> SocketAddr {
        self.hub.as_ref().unwrap().0
    }
    fn identity_path(&self) -> PathBuf {
        self.world.node("JO").dir().join("identity/node.pem")
    }
    fn identity(&self) -> TlsIdentity {
        TlsIdentity::load(&self.identity_path()).unwrap()
    }

    /// Waits until the node holds a later certificate than this and is live with it; what its file holds then.
    fn renewed_since(&mut self, not_after_ms: i64) -> TlsIdentity {
        let status = self.world.until("JO", "renewed and live", |status| {
            let later = status["certificate_not_after_ms"].as_i64() > Some(not_after_ms);
            later && status["freshness"]["state"] == "live"
        });
        let identity = self.identity();
        assert_eq!(status["certificate_not_after_ms"], until(&identity));
        identity
    }

    fn dialer(&self, identity: &TlsIdentity) -> Dialer {
        let root = load_chain(&self.world.node("JO").dir().join("identity/root.pem")).unwrap().remove(0);
        let clock = self.clock.clone();
        let seconds = Arc::new(move || u64::try_from(clock.now_ms() / 1_000).unwrap_or_default());
        Dialer::new(identity, &root, None, seconds, Limits::default()).unwrap()
    }

    /// Whether the hub ends a connection with this identity at the handshake. Its services refuse with other codes: a second
    /// instance of the node is what this client is to them.
    fn is_shut_out(&self, identity: &TlsIdentity) -> bool {
        let answer = RawClient::connect(self.address(), &self.dialer(identity)).hello();
        answer.is_err_and(|status| [Code::Unknown, Code::Unavailable].contains(&status.code()))
    }

    /// Waits until the greeting with another certificate has retired this one.
    fn until_retired(&self, identity: &TlsIdentity) {
        wait_for("the old certificate is retired", SOON, || {
            Ok(if self.is_shut_out(identity) { Seen::Yes(()) } else { Seen::NotYet("it is let in".to_owned()) })
        })
        .unwrap();
    }

    /// What a node does that dies before it has stored the answer.
    fn renew_by_hand(&self, identity: &TlsIdentity) -> TlsIdentity {
        let new = NewKey::generate().unwrap();
        let signed = Renewal {
            genesis: Forge::of(&self.world, "JO").place.federation.unwrap(),
            member: "JO".parse().unwrap(),
            node: "gw1".parse().unwrap(),
            certificate_request: Hash::of(&new.request),
            asked_at_ms: self.clock.now_ms(),
        }
        .sign(&load_ed25519(&self.world.node("JO").dir().join("keys/record.pem")).unwrap());
        let request = RenewRequest {
            renewal: signed.bytes,
            signature: signed.signature.to_vec(),
            certificate_request: new.request,
        };
        let before = fs::read(self.identity_path()).unwrap();
        let answer: RenewResponse = RawClient::connect(self.address(), &self.dialer(identity)).renew(request).unwrap();
        assert_eq!(fs::read(self.identity_path()).unwrap(), before);
        let chain = answer.certificate_chain.into_iter().map(Into::into).collect();
        TlsIdentity { chain, key: new.key }
    }

    /// The node publishes a record, and the hub accepts it.
    fn publishes(&mut self, slug: &str) {
        self.world.publish("JO", &[Record::organisation("JO", slug, "Back")]);
        self.world.until("JO", "nothing waits", |status| status["waiting"] == 0 && status["failed"] == 0);
        assert!(self.world.has("JO", &format!("JO:organisation:{slug}")));
    }

    fn end(&mut self) {
        self.stop_node();
        self.stop_hub();
        assert_eq!(self.world.node("JO").fsck().unwrap()["ok"], true);
    }
}
