//! The way alone: the same bytes through two bare calls over the same TLS, and SQLite commits where a record is durable.
//!
//! It runs as a process of its own, this program again, so that it can be put on the slow disk like hub and nodes.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use multaqa_proto::wire::hub::SubmitRequest;
use multaqa_proto::wire::record::SignedRecord;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::serve::{Limits, serve};
use multaqa_tests::{World, raw};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqliteConnection};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tonic::transport::{Channel, Endpoint};

use crate::bare;
use crate::reference::frames::acceptor;
use crate::report::Samples;
use crate::slow_disk::SlowDisk;

/// What this program is told to be the reference with; hub, node and store directories, samples and bytes follow.
pub(crate) const WORD: &str = "latency-reference";

/// Runs the reference beside the federation, which is idle.
pub(crate) fn measure(world: &World, slow: Option<&SlowDisk>, samples: usize, bytes: usize) -> Samples {
    let stores = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(WORD).arg(world.hub().dir()).arg(world.node(super::MEMBERS[1]).dir()).arg(stores.path());
    command.args([samples.to_string(), bytes.to_string()]);
    command.envs(slow.into_iter().flat_map(SlowDisk::variables));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Samples::new(text.lines().map(|line| Duration::from_nanos(line.parse().unwrap())).collect())
}

/// The reference's own process: the nanoseconds of each sample, one a line.
pub(crate) fn be(args: &[String]) -> String {
    let [hub, node, stores, samples, bytes] = args else { panic!("{WORD}: wrong arguments") };
    let [hub, node, stores] = [hub, node, stores].map(PathBuf::from);
    let (samples, bytes): (usize, usize) = (samples.parse().unwrap(), bytes.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let elapsed = runtime.block_on(async {
        let (full, normal) = (SqliteSynchronous::Full, SqliteSynchronous::Normal);
        let journal = Table::open(&stores.join("journal.db"), full).await;
        let log = stand(&hub, &node, Table::open(&stores.join("log.db"), full).await).await;
        let replica = stand(&hub, &node, Table::open(&stores.join("replica.db"), normal).await).await;
        let mut elapsed = Vec::with_capacity(samples);
        for number in 0..=samples {
            let body = vec![u8::try_from(number % 251).unwrap(); bytes];
            let record = SignedRecord { content: Some(body.into()), ..SignedRecord::default() };
            let request = SubmitRequest { records: vec![record] };
            let started = Instant::now();
            journal.insert(&request).await;
            let answer: SubmitRequest = bare::call(&log, request).await;
            let _seen: SubmitRequest = bare::call(&replica, answer).await;
            elapsed.push(started.elapsed());
        }
        elapsed
    });
    let lines: Vec<String> = elapsed[1..].iter().map(|elapsed| elapsed.as_nanos().to_string()).collect();
    lines.join("\n")
}

/// A server that stores what it is sent and sends it back, behind the hub's TLS; a channel to it with a node's.
async fn stand(hub_dir: &Path, node_dir: &Path, table: Table) -> Channel {
    let acceptor = acceptor(hub_dir).await;
    let accept = move |tcp, address| {
        let acceptor = acceptor.clone();
        async move { acceptor.accept(tcp, address).await }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = bare::router(move |request: SubmitRequest| {
        let table = table.clone();
        async move {
            table.insert(&request).await;
            request
        }
    });
    tokio::spawn(serve("reference", listener, accept, router, Limits::default(), Shutdown::new()));
    dial(address, node_dir).await
}

async fn dial(address: SocketAddr, node_dir: &Path) -> Channel {
    let identity = node_dir.join("identity");
    let dialer = raw::dialer(&identity.join("node.pem"), &identity.join("root.pem"));
    let connector = tower::service_fn(move |_: http::Uri| {
        let dialer = dialer.clone();
        async move { dialer.dial(&address.ip().to_string(), address.port()).await.map(TokioIo::new) }
    });
    Endpoint::from_static("http://reference").connect_with_connector(connector).await.unwrap()
}

/// A table of one column.
#[derive(Clone)]
struct Table(Arc<Mutex<SqliteConnection>>);

impl Table {
    async fn open(file: &Path, synchronous: SqliteSynchronous) -> Self {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(synchronous);
        let mut connection = options.connect().await.unwrap();
        let create = "CREATE TABLE record (number INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT";
        sqlx::query(create).execute(&mut connection).await.unwrap();
        Self(Arc::new(Mutex::new(connection)))
    }

    /// One row, one transaction.
    async fn insert(&self, request: &SubmitRequest) {
        let content = request.records[0].content.as_deref().unwrap();
        let mut connection = self.0.lock().await;
        let insert = sqlx::query("INSERT INTO record (content) VALUES (?)").bind(content.to_vec());
        insert.execute(&mut *connection).await.unwrap();
    }
}
