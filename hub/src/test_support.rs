//! A federation for tests: a genesis, writers with their chains, a log that runs.

use std::collections::HashMap;
use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use multaqa_proto::directory::possession::{NodeSecrets, Subject, prove};
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::Writer;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::{Epoch, LeafIndex, Seq};
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{ChainPlace, Draft, Received, sign};
use multaqa_proto::wire::kind as wire;
use multaqa_runtime::clock::{Clock, Hand};
use multaqa_runtime::fault::Fault;
use prost::Message;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::fanout::Fanout;
use crate::log::{Answer, Log, LogError, Outcome, Sequencer};
use crate::store::Store;

/// A key that is the same each time.
pub(crate) fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

/// A federation on disk, with leaf 0.
pub(crate) struct Federation {
    pub(crate) dir: TempDir,
    pub(crate) genesis: Received,
    pub(crate) genesis_id: RecordId,
    pub(crate) log_key: SigningKey,
    pub(crate) clock: Clock,
    pub(crate) hand: Hand,
}

/// A writer with its chain.
#[derive(Clone)]
pub(crate) struct Author {
    pub(crate) place: ChainPlace,
    pub(crate) key: SigningKey,
}

/// A log that runs.
pub(crate) struct Running {
    pub(crate) log: Log,
    pub(crate) fanout: Fanout,
    pub(crate) store: Store,
    stop: CancellationToken,
    task: JoinHandle<Result<(), Fault>>,
}

impl Federation {
    pub(crate) async fn new() -> Self {
        let (log_key, operator) = (key(1), key(2));
        let public = |key: &SigningKey| PublicKey::of(key).as_bytes().to_vec();
        let payload = wire::Genesis {
            federation: "multaqa.example".to_owned(),
            root_certificate: vec![0x30],
            standby_log_key: public(&key(3)),
            policy: Some(wire::Policy {
                number: 1,
                log_key: public(&log_key),
                operators: vec![wire::Operator { name: "first".to_owned(), record_key: public(&operator) }],
                operators_required: 1,
                witnesses: Vec::new(),
                rules: 1,
            }),
        };
        let place = ChainPlace {
            federation: None,
            writer: "operator/first".parse().unwrap(),
            epoch: Epoch(1),
            seq: Seq(1),
            previous: None,
        };
        let drafts = [draft("x-federation:genesis:genesis", &[], &["members"], &payload)];
        let (genesis_id, genesis) = sign(&place, &drafts, &operator).remove(0);
        let dir = tempfile::tempdir().unwrap();
        let (clock, hand) = Clock::manual(0);
        let world = Self { dir, genesis, genesis_id, log_key, clock, hand };
        Store::create(&world.path(), &world.genesis, &world.log_key, 0).await.unwrap().close().await;
        world
    }
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("hub.db")
    }
    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.path()).await.unwrap()
    }
    pub(crate) async fn run(&self) -> Running {
        let store = self.store().await;
        let fanout = Fanout::new(store.clone());
        let (log, sequencer) = self.open(&store, &fanout).await;
        let stop = CancellationToken::new();
        let task = tokio::spawn(sequencer.run(stop.clone()));
        Running { log, fanout, store, stop, task }
    }
    /// A thread of a sequencer that was killed makes its lock ready to the end, which no process that is killed does: its lock
    /// is waited for.
    async fn open(&self, store: &Store, fanout: &Fanout) -> (Log, Sequencer) {
        for _ in 0..100_000 {
            let opened = Log::open(store.clone(), fanout.clone(), self.log_key.clone(), self.clock.clone()).await;
            match opened {
                Err(LogError::AlreadyRunning { .. }) => {
                    tokio::task::spawn_blocking(std::thread::yield_now).await.unwrap();
                }
                opened => return opened.unwrap(),
            }
        }
        panic!("the lock is held");
    }
    /// The operator, after the genesis.
    pub(crate) fn operator(&self) -> Author {
        let place = ChainPlace {
            federation: Some(self.genesis_id),
            writer: "operator/first".parse().unwrap(),
            epoch: Epoch(1),
            seq: Seq(2),
            previous: Some(self.genesis_id),
        };
        Author { place, key: key(2) }
    }
    /// The key of the operator `second`, which no genesis names.
    pub(crate) fn second_key() -> SigningKey {
        key(4)
    }
    /// The policy by which `second` is an operator too, and both have to agree.
    pub(crate) fn two_operators(&self) -> Draft {
        let public = |key: &SigningKey| PublicKey::of(key).as_bytes().to_vec();
        let operator = |name: &str, key: &SigningKey| wire::Operator { name: name.to_owned(), record_key: public(key) };
        let policy = wire::Policy {
            number: 2,
            log_key: public(&self.log_key),
            operators: vec![operator("first", &key(2)), operator("second", &Self::second_key())],
            operators_required: 2,
            witnesses: Vec::new(),
            rules: 1,
        };
        draft("x-federation:policy:2", &[], &["members"], &policy)
    }
    /// Admits `JO` and invites its node until `not_after_ms`, straight into a state.
    pub(crate) fn invite_into(&self, state: &mut LogState, not_after_ms: i64) {
        let mut operator = self.operator();
        for (_, received) in operator.sign(&[member("JO"), invitation("JO", not_after_ms)]) {
            let record = received.parse().unwrap();
            let content = record.content().unwrap().unwrap();
            let leaf = Leaf::new(LeafType::Record, 0, &record.bytes.signature, record.bytes.statement.clone());
            state.push_record(&leaf.to_bytes(), &leaf, &record, Some(&content));
        }
        assert_eq!(state.directory().invitations().count(), 1);
    }
    /// A seal, straight into a state.
    pub(crate) fn seal_into(&self, state: &mut LogState, time_ms: i64) {
        assert_eq!(state.directory().genesis(), self.genesis_id);
        let seal = state.next_seal(time_ms);
        let leaf = Leaf::new(LeafType::Seal, time_ms, &[], seal.serialise());
        state.push_seal(&leaf.to_bytes(), &leaf, &seal);
    }
    /// Admits members, each with a node `gw1` that redeems its invitation.
    pub(crate) async fn enrol<const N: usize>(
        &self,
        running: &Running,
        operator: &mut Author,
        codes: [&str; N],
    ) -> [Author; N] {
        let mut authors = Vec::new();
        for code in codes {
            let records = operator.sign(&[member(code), invitation(code, i64::MAX)]);
            let invitation = records[1].0;
            running.accept(operator, records).await;
            authors.push(self.redeem(running, code, invitation).await);
        }
        authors.try_into().map_err(|_| "length").unwrap()
    }
    async fn redeem(&self, running: &Running, code: &str, invitation: RecordId) -> Author {
        let mut author = self.invited(code);
        let records = author.sign(&[self.key_draft(code, invitation)]);
        running.accept(&author, records).await;
        author.key = Self::node_key(code);
        author
    }
    /// The record key of a member's node.
    pub(crate) fn node_key(code: &str) -> SigningKey {
        key(code_byte(code))
    }
    /// A node before its first record: it signs with the one-time key.
    pub(crate) fn invited(&self, code: &str) -> Author {
        let place = ChainPlace {
            federation: Some(self.genesis_id),
            writer: format!("{code}/gw1").parse().unwrap(),
            epoch: Epoch(1),
            seq: Seq(1),
            previous: None,
        };
        Author { place, key: key(9) }
    }
    /// The `key` record that redeems an invitation.
    pub(crate) fn key_draft(&self, code: &str, invitation: RecordId) -> Draft {
        self.key_draft_in(code, invitation, Epoch(1))
    }
    /// The same in a later epoch; the keys are those of the first.
    pub(crate) fn key_draft_in(&self, code: &str, invitation: RecordId, epoch: Epoch) -> Draft {
        let subject = Subject {
            genesis: self.genesis_id,
            member: code.parse().unwrap(),
            node: "gw1".parse().unwrap(),
            invitation,
        };
        let n = code_byte(code);
        let secrets = NodeSecrets { record: &key(n), witness: &key(n + 1), session: &key(n + 2) };
        draft(&format!("{code}:key:gw1"), &[], &["members"], &prove(&subject, epoch, &secrets))
    }
}

impl Author {
    /// Signs the next records of the chain.
    pub(crate) fn sign(&mut self, drafts: &[Draft]) -> Vec<(RecordId, Received)> {
        let signed = sign(&self.place, drafts, &self.key);
        for (id, _) in &signed {
            (self.place.seq, self.place.previous) = (self.place.seq.next(), Some(*id));
        }
        signed
    }
    pub(crate) fn writer(&self) -> &Writer {
        &self.place.writer
    }
}

impl Running {
    /// Submits records of this author.
    pub(crate) async fn submit(&self, author: &Author, records: Vec<(RecordId, Received)>) -> Vec<Answer> {
        let records = records.into_iter().map(|(_, record)| record).collect();
        self.log.submit(author.writer(), records).await.unwrap()
    }
    /// Submits records that must all be accepted; their indexes.
    pub(crate) async fn accept(&self, author: &Author, records: Vec<(RecordId, Received)>) -> Vec<LeafIndex> {
        self.submit(author, records).await.into_iter().map(|answer| accepted(&answer)).collect()
    }
    /// Stops the log as a drain does.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
        self.store.close().await;
    }
    /// Waits until the task has ended, or ends it: however it ended, nothing of it runs on.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        drop(self.task.await);
        self.store.close().await;
    }
    /// Ends the task wherever it is, as a crash does.
    pub(crate) async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
        self.store.close().await;
    }
}

/// The index of an accepted record.
pub(crate) fn accepted(answer: &Answer) -> LeafIndex {
    let Outcome::Accepted(index) = &answer.outcome else { panic!("{answer:?}") };
    *index
}

/// The code of a rejected record.
pub(crate) fn rejected(answer: &Answer) -> &'static str {
    let Outcome::Rejected { code, .. } = &answer.outcome else { panic!("{answer:?}") };
    code
}

pub(crate) fn draft(id: &str, replaces: &[RecordId], audience: &[&str], payload: &impl Message) -> Draft {
    let content = Content {
        salt: [5; 32],
        id: id.parse().unwrap(),
        revision: replaces.len() as u64 + 1,
        replaces: replaces.to_vec(),
        audience: Audience::parse(audience).unwrap(),
        authored_at_ms: 0,
        seen: None,
        body: Body::Payload(payload.encode_to_vec().into()),
    };
    Draft { content, lane: [0; 16] }
}

/// A text under an id of a kind that this version does not know.
pub(crate) fn note(id: &str, audience: &[&str], text: &str) -> Draft {
    draft(id, &[], audience, &text.to_owned())
}

pub(crate) fn member(code: &str) -> Draft {
    let payload = wire::Member {
        code: code.to_owned(),
        class: "state".to_owned(),
        name: HashMap::from([("en".to_owned(), code.to_owned())]),
        status: "active".to_owned(),
    };
    draft(&format!("x-federation:member:{}", code.to_lowercase()), &[], &["members"], &payload)
}

pub(crate) fn invitation(code: &str, not_after_ms: i64) -> Draft {
    invitation_in(code, 1, not_after_ms)
}

/// The same for a later epoch.
pub(crate) fn invitation_in(code: &str, epoch: u64, not_after_ms: i64) -> Draft {
    let payload = wire::Invitation {
        member: code.to_owned(),
        node: "gw1".to_owned(),
        epoch,
        public_key: PublicKey::of(&key(9)).as_bytes().to_vec(),
        not_after_ms,
    };
    draft(&format!("x-federation:invitation:{}-{epoch}", code.to_lowercase()), &[], &["members"], &payload)
}

pub(crate) fn group(slug: &str, history: &str, replaces: &[RecordId], members: &[&str]) -> Draft {
    let payload = wire::Group {
        slug: slug.to_owned(),
        name: HashMap::from([("en".to_owned(), slug.to_owned())]),
        history: history.to_owned(),
        members: members.iter().map(|code| (*code).to_owned()).collect(),
        ..Default::default()
    };
    draft(&format!("x-federation:group:{slug}"), replaces, &["members"], &payload)
}

pub(crate) fn tombstone(id: &str, target: &str, revisions: &[RecordId]) -> Draft {
    let payload = wire::Tombstone {
        id: target.to_owned(),
        revisions: revisions.iter().map(|id| id.to_vec()).collect(),
        ..Default::default()
    };
    draft(id, &[], &["states"], &payload)
}

fn code_byte(code: &str) -> u8 {
    let bytes = code.as_bytes();
    100 + bytes[0].wrapping_mul(7).wrapping_add(bytes[1].wrapping_mul(3)) % 100
}
