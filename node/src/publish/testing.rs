//! A node for tests: real stores, a real log, no line.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use multaqa_proto::number::{Seq, TreeSize};
use multaqa_proto::wire::kind;
use multaqa_runtime::clock::Clock;
use prost::Message as _;
use tempfile::TempDir;
use tokio::sync::{Notify, watch};

use super::Publisher;
use crate::api::Parts;
use crate::api::page::PageKey;
use crate::clients::Clients;
use crate::file::Named;
use crate::journal::{Journal, OwnQuery};
use crate::link::{Life, Tracker};
use crate::replica::Replica;
use crate::replica::testing::{TestLog, writer};
use crate::search::{Indexer, Search};
use crate::watch::Changes;

/// See the module.
pub(crate) struct TestNode {
    pub(crate) dir: TempDir,
    pub(crate) log: TestLog,
    pub(crate) parts: Parts,
    pub(crate) publisher: Publisher,
}

impl TestNode {
    /// The node of a state among others.
    pub(crate) async fn of(code: &str) -> Self {
        let mut log = TestLog::with_states(&["SA", "EG"]);
        log.admit(code);
        Self::joined(log, code).await
    }

    /// The node of the secretariat.
    pub(crate) async fn of_secretariat() -> Self {
        let mut log = TestLog::with_states(&["SA", "EG"]);
        Self::admit_secretariat(&mut log);
        Self::joined(log, "x-escwa").await
    }

    /// The node of a state, on a log to which the secretariat publishes too.
    pub(crate) async fn beside_secretariat(code: &str) -> Self {
        let mut log = TestLog::with_states(&["SA", "EG"]);
        log.admit(code);
        Self::admit_secretariat(&mut log);
        log.join("x-escwa");
        Self::joined(log, code).await
    }

    fn admit_secretariat(log: &mut TestLog) {
        let payload = kind::Member {
            code: "x-escwa".to_owned(),
            class: "secretariat".to_owned(),
            name: [("en".to_owned(), "ESCWA".to_owned())].into(),
            status: "active".to_owned(),
        };
        log.control("x-federation:member:x-escwa", payload.encode_to_vec());
    }

    async fn joined(mut log: TestLog, code: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (identity, key_record, index) = log.join(code);
        let journal =
            Journal::create(&dir.path().join("journal.db"), identity.clone(), &key_record, index).await.unwrap();
        let opened = Replica::open(&dir.path().join("replica.db"), &identity).await.unwrap();
        let (clock, _) = Clock::manual(1_700_000_100_000);
        let clients = dir.path().join("clients");
        let clients =
            Clients::open(journal.clone(), &clients, "test.example".parse().unwrap(), clock.clone(), 2).await.unwrap();
        let parts = Parts {
            journal,
            changes: Changes::new(opened.replica.clone()),
            replica: opened.replica,
            search: Search::new(),
            intake: Arc::new(ArcSwap::from_pointee(opened.intake)),
            link: Tracker::new(clock.clone(), Duration::from_mins(1)).watch(),
            standing: watch::Sender::default().subscribe(),
            outbox: Arc::new(Notify::new()),
            retry_alarm: Arc::new(Notify::new()),
            record_key: Arc::new(log.record_key(&writer(&format!("{code}/gw1")))),
            life: watch::Sender::new(Life { not_before_ms: 0, not_after_ms: 30_000 }).subscribe(),
            evidence: crate::evidence::Files::below(dir.path()),
            clients,
            pages: PageKey::new(&[7; 32]),
            clock,
        };
        let publisher = parts.publisher();
        let mut node = Self { dir, log, parts, publisher };
        node.follow().await;
        node
    }

    /// Takes from the log what is new.
    pub(crate) async fn follow(&mut self) {
        let intake = self.parts.intake.load_full();
        if intake.size() == self.log.size() {
            return;
        }
        let frame = self.log.frame(self.parts.journal.identity().member.as_str(), intake.size().0);
        let (next, taken) = intake.accept(&frame).unwrap();
        let now_ms = self.parts.clock.now_ms();
        let applied = self.parts.replica.apply(&next, taken, TreeSize(frame.view), now_ms).await.unwrap();
        self.parts.intake.store(Arc::new(next));
        self.parts.journal.settle(&applied.own, now_ms).await.unwrap();
    }

    /// Brings the search index to where the replica is.
    pub(crate) async fn index(&self) {
        let (search, replica) = (self.parts.search.clone(), self.parts.replica.clone());
        Indexer::new(search, replica, self.dir.path().join("search")).turn().await.unwrap();
    }

    /// Lets the hub order all that was queued, and takes it back.
    pub(crate) async fn order_queued(&mut self) {
        for queued in self.parts.journal.queued(Seq(0), 4_096).await.unwrap() {
            self.log.order(queued.record);
        }
        self.follow().await;
    }

    /// State of each own record after the `key` record.
    pub(crate) async fn states(&self) -> Vec<(String, &'static str, Option<String>)> {
        let query = OwnQuery { after: 0, limit: 500, open_only: false };
        let own = self.parts.journal.list(&query).await.unwrap();
        own.into_iter().skip(1).map(|own| (own.object_id, own.state.as_str(), own.code)).collect()
    }
}

/// A record file.
pub(crate) fn file(name: &str, text: &str) -> Named {
    Named { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// A record file of an organisation.
pub(crate) fn organisation(id: &str, name: &str) -> Named {
    file(&format!("{name}.yaml"), &format!("id: {id}\npayload:\n  name:\n    ar: {name}\n  type: ministry\n"))
}
