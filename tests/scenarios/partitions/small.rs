//! A hub and its nodes in this process, on files that were copied: started, crashed, settled, ended.
//!
//! Each runs on a runtime of its own. Ending the runtime ends whatever it does where it is, as a kill does: what was written
//! stays, what was not is lost.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hyper_util::rt::TokioIo;
use multaqa_demo::link::{Link, Mode, Target};
use multaqa_demo::wait::{Seen, wait_for};
use multaqa_hub::config as hub;
use multaqa_node::config as node;
use multaqa_proto::wire::node::outbox_service_client::OutboxServiceClient;
use multaqa_proto::wire::node::{NamedFile, PublishRequest, WithdrawRequest};
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_tests::SOON;
use multaqa_tests::record::Record;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

/// Members, each with a node.
pub(crate) const MEMBERS: [&str; 3] = ["JO", "EG", "MA"];
/// What says that something of a process that ended is still held.
const HELD: [&str; 2] = ["LISTEN_SOCKET_IN_USE", "HUB_ALREADY_RUNNING"];

/// A process in this process.
struct Process {
    runtime: Runtime,
    shutdown: Shutdown,
    task: JoinHandle<Result<(), Fault>>,
}

impl Process {
    fn crash(self) {
        // Waits until its threads have let go of the files.
        self.runtime.shutdown_timeout(SOON);
    }
    fn end(self) {
        self.shutdown.drain();
        self.runtime.block_on(self.task).unwrap().unwrap();
    }
}

/// Builds it once what a crash let go of is free: a child that another story starts holds copies of this process's sockets and
/// locks between its fork and its exec.
fn built<T>(what: &str, mut build: impl FnMut() -> Result<T, Fault>) -> T {
    let look = || match build() {
        Ok(app) => Ok(Seen::Yes(app)),
        Err(fault) if HELD.contains(&fault.code) => Ok(Seen::NotYet(fault.code.to_owned())),
        Err(fault) => panic!("{what}: {fault:?}"),
    };
    wait_for(what, SOON, look).unwrap()
}

/// See the module.
pub(crate) struct Small {
    dir: PathBuf,
    target: Target,
    lines: Vec<Link>,
    hub: Option<Process>,
    nodes: Vec<Option<Process>>,
    runtime: Runtime,
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

impl Small {
    /// On a copy of these files, everything running.
    pub(crate) fn start(template: &Path, dir: &Path) -> Self {
        super::copy(template, dir);
        let target = Target::default();
        let lines = MEMBERS.iter().map(|_| Link::open(target.clone()).unwrap()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut small = Self { dir: dir.to_owned(), target, lines, hub: None, nodes: Vec::new(), runtime };
        small.start_hub();
        small.nodes = (0..MEMBERS.len()).map(|at| Some(small.start_node(at))).collect();
        small
    }

    fn start_hub(&mut self) {
        let any: SocketAddr = ([127, 0, 0, 1], 0).into();
        let dir = self.dir.join("hub");
        let config = hub::Config { dir, listen: any, admin: hub::Admin { listen: any }, ..hub::Config::default() };
        let (runtime, shutdown) = (runtime(), Shutdown::new());
        let app = built("the hub", || runtime.block_on(config.clone().build(Clock::system())));
        self.target.set(app.addresses().federation);
        let task = runtime.spawn(app.run(shutdown.clone(), None));
        self.hub = Some(Process { runtime, shutdown, task });
    }

    fn start_node(&self, at: usize) -> Process {
        let dir = self.dir.join(MEMBERS[at]);
        let hubs = vec![self.lines[at].address().to_string()];
        let line = node::LineConfig { dead_after_seconds: 3, ..node::LineConfig::default() };
        let admin = node::AdminConfig { listen: String::new() };
        let config = node::Config { node: node::NodeConfig { dir, hubs }, line, admin, ..node::Config::default() };
        let (runtime, shutdown) = (runtime(), Shutdown::new());
        let app = built("a node", || runtime.block_on(config.clone().build(Clock::system())));
        let task = runtime.spawn(app.run(shutdown.clone(), None));
        Process { runtime, shutdown, task }
    }

    /// The line between a node and the hub.
    pub(crate) fn line(&self, at: usize) -> &Link {
        &self.lines[at]
    }

    /// Kills a node wherever it is, and starts it again.
    pub(crate) fn crash_node(&mut self, at: usize) {
        self.nodes[at].take().unwrap().crash();
        self.nodes[at] = Some(self.start_node(at));
    }

    /// Kills the hub wherever it is, and starts it again.
    pub(crate) fn crash_hub(&mut self) {
        self.hub.take().unwrap().crash();
        self.start_hub();
    }

    fn outbox(&self, at: usize) -> OutboxServiceClient<Channel> {
        let socket = node::Layout::new(&self.dir.join(MEMBERS[at])).socket();
        wait_for("the node's socket", SOON, || {
            let socket = socket.clone();
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

    /// Publishes; false where the node may not so far: it has not read who it is, or what its group is.
    pub(crate) fn publish(&self, at: usize, records: &[Record]) -> bool {
        let documents: Vec<String> = records.iter().map(|record| record.json().to_string()).collect();
        let file = NamedFile { name: "said.yaml".to_owned(), bytes: documents.join("\n---\n").into() };
        let request = PublishRequest { files: vec![file], ..PublishRequest::default() };
        self.runtime.block_on(self.outbox(at).publish(request)).is_ok()
    }

    /// Withdraws what was published.
    pub(crate) fn withdraw(&self, at: usize, id: &str) {
        let request = WithdrawRequest { id: id.to_owned(), ..WithdrawRequest::default() };
        self.runtime.block_on(self.outbox(at).withdraw(request)).unwrap();
    }

    /// All lines pass; waits until every node holds the log and nothing waits anywhere.
    pub(crate) fn settle(&mut self) {
        let number = |file: PathBuf, sql: &'static str| -> i64 {
            self.runtime.block_on(async {
                let options = SqliteConnectOptions::new().filename(file).read_only(true);
                let mut connection = options.connect().await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
            })
        };
        let text = |member: &str, sql: &'static str| -> Vec<String> {
            let file = self.dir.join(member).join("journal.db");
            self.runtime.block_on(async {
                let options = SqliteConnectOptions::new().filename(file).read_only(true);
                let mut connection = options.connect().await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
            })
        };
        wait_for("all agree", SOON, || {
            // A line that was to be cut after so many bytes is cut whenever they have passed.
            self.lines.iter().filter(|line| line.mode() != Mode::Pass).for_each(Link::restore);
            for (member, process) in MEMBERS.iter().zip(&self.nodes).chain([(&"the hub", &self.hub)]) {
                assert!(!process.as_ref().unwrap().task.is_finished(), "{member} has ended");
            }
            let size = number(self.dir.join("hub/hub.db"), "SELECT size FROM head");
            for member in MEMBERS {
                let cursor =
                    number(self.dir.join(member).join("replica.db"), "SELECT coalesce(max(size), 0) FROM cursor");
                let unseen =
                    number(self.dir.join(member).join("journal.db"), "SELECT count(*) FROM own WHERE seen = 0");
                if (cursor, unseen) != (size, 0) {
                    let stands =
                        text(member, "SELECT code || args FROM alarm UNION ALL SELECT code || args FROM blocked");
                    return Ok(Seen::NotYet(format!("{member} is at {cursor} of {size}, {unseen} wait, {stands:?}")));
                }
            }
            Ok(Seen::Yes(()))
        })
        .unwrap();
    }

    /// Ends everything, as a drain does.
    pub(crate) fn end(mut self) {
        for node in self.nodes.drain(..).flatten() {
            node.end();
        }
        self.hub.take().unwrap().end();
    }
}
