//! A small log for tests: real keys, real signatures, real frames.
//!
//! In scope: what a federation's writers and its hub would make. Out of scope: lines and processes.

mod by_runs;

use std::collections::{BTreeMap, HashMap};

use ed25519_dalek::SigningKey;
use multaqa_proto::directory::possession::{NodeSecrets, Subject, prove};
use multaqa_proto::fold::{Erasure, Placed};
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{MemberCode, ObjectId, Writer};
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::cosignature::{self, witness_name};
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::{Epoch, LeafIndex, LogNumber, Seq, TreeSize};
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{ChainPlace, Draft, Received, sign};
use multaqa_proto::sync::block::{Entry, pack};
use multaqa_proto::sync::merge::{Readers, Segment, frame};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::kind;
use prost::Message as _;
use prost::bytes::Bytes;

use crate::journal::{Identity, OwnRecord};

const LOG: LogNumber = LogNumber(1);
const START_MS: i64 = 1_700_000_000_000;

/// A log and everybody's keys.
pub(crate) struct TestLog {
    state: Option<LogState>,
    genesis: RecordId,
    log_key: SigningKey,
    keys: BTreeMap<Writer, SigningKey>,
    witness_keys: BTreeMap<Writer, SigningKey>,
    heads: BTreeMap<Writer, (Seq, RecordId)>,
    entries: Vec<(Readers, Entry)>,
    /// Makes keys and salts differ.
    serial: u8,
    /// How long after its beginning the log takes what comes next, milliseconds.
    pub(crate) later_ms: i64,
}

pub(crate) fn member(code: &str) -> MemberCode {
    code.parse().unwrap()
}

pub(crate) fn object(id: &str) -> ObjectId {
    id.parse().unwrap()
}

pub(crate) fn writer(text: &str) -> Writer {
    text.parse().unwrap()
}

fn texts(text: &str) -> HashMap<String, String> {
    HashMap::from([("en".to_owned(), text.to_owned())])
}

/// The payload of a service with this title.
pub(crate) fn service(title: &str) -> Vec<u8> {
    long_service(title, "A service for tests")
}

/// The payload of a service with this title and description.
pub(crate) fn long_service(title: &str, description: &str) -> Vec<u8> {
    kind::Service {
        title: texts(title),
        description: texts(description),
        provider: "JO:organisation:modee".to_owned(),
        service_type: "verification".to_owned(),
        status: "production".to_owned(),
        ..Default::default()
    }
    .encode_to_vec()
}

/// The payload of a dataset with one figure.
pub(crate) fn dataset(value: &str) -> Vec<u8> {
    kind::Dataset {
        indicator: "x-escwa:indicator:egdi".to_owned(),
        title: texts("Figures"),
        unit: "INDEX".to_owned(),
        source: "Tests".to_owned(),
        provenance: "Made up".to_owned(),
        observations: vec![kind::dataset::Observation {
            ref_area: "JO".to_owned(),
            time_period: "2024".to_owned(),
            value: Some(value.to_owned()),
            ..Default::default()
        }],
        ..Default::default()
    }
    .encode_to_vec()
}

/// The payload of a tombstone.
pub(crate) fn withdrawal(id: &str, revisions: &[RecordId]) -> Vec<u8> {
    let revisions = revisions.iter().map(|id| id.to_vec()).collect();
    kind::Tombstone { id: id.to_owned(), reason: HashMap::new(), revisions }.encode_to_vec()
}

impl TestLog {
    /// A log with its genesis and these states, each with a node `gw1`.
    pub(crate) fn with_states(states: &[&str]) -> Self {
        let mut log = Self::open();
        for state in states {
            log.admit(state);
            log.join(state);
        }
        log
    }

    fn open() -> Self {
        let operator = SigningKey::from_bytes(&[1; 32]);
        let log_key = SigningKey::from_bytes(&[2; 32]);
        let public = |key: &SigningKey| PublicKey::of(key).as_bytes().to_vec();
        let policy = kind::Policy {
            number: 1,
            log_key: public(&log_key),
            operators: vec![kind::Operator { name: "first".to_owned(), record_key: public(&operator) }],
            operators_required: 1,
            witnesses: Vec::new(),
            rules: 1,
        };
        let payload = kind::Genesis {
            federation: "test.example".to_owned(),
            root_certificate: vec![1],
            standby_log_key: public(&SigningKey::from_bytes(&[3; 32])),
            policy: Some(policy),
        };
        let mut log = Self {
            state: None,
            genesis: RecordId::default(),
            log_key,
            keys: BTreeMap::from([(writer("operator/first"), operator)]),
            witness_keys: BTreeMap::new(),
            heads: BTreeMap::new(),
            entries: Vec::new(),
            serial: 10,
            later_ms: 0,
        };
        let content = log.content("x-federation:genesis:genesis", &["members"], &[], payload.encode_to_vec());
        log.genesis = log.put(&writer("operator/first"), content).record_id;
        log
    }

    /// Admits a state.
    pub(crate) fn admit(&mut self, code: &str) {
        let payload = kind::Member {
            code: code.to_owned(),
            class: "state".to_owned(),
            name: texts(code),
            status: "active".to_owned(),
        };
        self.control(&format!("x-federation:member:{}", code.to_lowercase()), payload.encode_to_vec());
    }

    /// Invites a member's first node and redeems the invitation; who it is, and its `key` record.
    pub(crate) fn join(&mut self, code: &str) -> (Identity, OwnRecord, LeafIndex) {
        self.join_as(code, "gw1")
    }

    /// The same for a node of this name.
    pub(crate) fn join_as(&mut self, code: &str, name: &str) -> (Identity, OwnRecord, LeafIndex) {
        let node = writer(&format!("{code}/{name}"));
        let (once, record, witness, session) = (self.key(), self.key(), self.key(), self.key());
        let invitation = kind::Invitation {
            member: code.to_owned(),
            node: name.to_owned(),
            epoch: 1,
            public_key: PublicKey::of(&once).as_bytes().to_vec(),
            not_after_ms: i64::MAX,
        };
        let slug = code.to_lowercase();
        let invited = self.control(&format!("x-federation:invitation:{slug}-{name}-1"), invitation.encode_to_vec());
        let subject =
            Subject { genesis: self.genesis, member: member(code), node: name.parse().unwrap(), invitation: invited };
        let secrets = NodeSecrets { record: &record, witness: &witness, session: &session };
        let payload = prove(&subject, Epoch(1), &secrets).encode_to_vec();
        let content = self.content(&format!("{code}:key:{name}-1"), &["members"], &[], payload);
        self.keys.insert(node.clone(), once);
        let own = self.put(&node, content);
        self.witness_keys.insert(node.clone(), witness);
        self.keys.insert(node, record);
        let identity = Identity {
            member: member(code),
            node: name.parse().unwrap(),
            genesis: self.genesis,
            log: LOG,
            epoch: Epoch(1),
            instance: [7; 16],
        };
        (identity, own, LeafIndex(self.size().0 - 1))
    }

    /// Puts an operator's record.
    pub(crate) fn control(&mut self, id: &str, payload: Vec<u8>) -> RecordId {
        let content = self.content(id, &["members"], &[], payload);
        self.put(&writer("operator/first"), content).record_id
    }

    /// Puts a data record of a member's node.
    pub(crate) fn publish(
        &mut self,
        id: &str,
        audience: &[&str],
        replaces: &[RecordId],
        payload: Vec<u8>,
    ) -> OwnRecord {
        let node = writer(&format!("{}/gw1", object(id).code()));
        let content = self.content(id, audience, replaces, payload);
        self.put(&node, content)
    }

    /// Withdraws an object.
    pub(crate) fn withdraw(&mut self, id: &str, audience: &[&str], revisions: &[RecordId]) -> OwnRecord {
        let payload = kind::Tombstone {
            id: id.to_owned(),
            reason: HashMap::new(),
            revisions: revisions.iter().map(|id| id.to_vec()).collect(),
        };
        let target = object(id);
        let tombstone = format!("{}:tombstone:{}", target.code(), target.slug());
        let own = self.publish(&tombstone, audience, &[], payload.encode_to_vec());
        self.erase_withdrawn();
        own
    }

    /// Puts a seal.
    pub(crate) fn seal(&mut self) {
        let state = self.state.as_mut().unwrap();
        let seal = state.next_seal(START_MS);
        let leaf = Leaf::new(LeafType::Seal, START_MS, &[], seal.serialise());
        let bytes = leaf.to_bytes();
        let index = state.size().next_index();
        state.push_seal(&bytes, &leaf, &seal);
        let entry = Entry { index, leaf: bytes, signature: Bytes::new(), content: None };
        self.entries.push((Readers::Everyone, entry));
    }

    /// The next place of a node's chain.
    pub(crate) fn place(&self, node: &Writer) -> ChainPlace {
        let head = self.heads.get(node);
        ChainPlace {
            federation: (self.genesis != RecordId::default()).then_some(self.genesis),
            writer: node.clone(),
            epoch: Epoch(1),
            seq: head.map_or(Seq(1), |(seq, _)| seq.next()),
            previous: head.map(|(_, record_id)| *record_id),
        }
    }

    /// A content of the node's next record.
    pub(crate) fn content(&mut self, id: &str, audience: &[&str], replaces: &[RecordId], payload: Vec<u8>) -> Content {
        self.serial = self.serial.wrapping_add(1);
        Content {
            salt: [self.serial; 32],
            id: object(id),
            revision: replaces.len() as u64 + 1,
            replaces: replaces.to_vec(),
            audience: Audience::parse(audience).unwrap(),
            authored_at_ms: START_MS,
            seen: None,
            body: Body::Payload(payload.into()),
        }
    }

    /// Signs and orders a record.
    #[expect(clippy::needless_pass_by_value, reason = "contents are made for one record")]
    pub(crate) fn put(&mut self, writer: &Writer, content: Content) -> OwnRecord {
        let place = self.place(writer);
        let draft = Draft { content: content.clone(), lane: [9; 16] };
        let (record_id, record) = sign(&place, &[draft], &self.keys[writer]).remove(0);
        self.heads.insert(writer.clone(), (place.seq, record_id));
        let parsed = record.clone().parse().unwrap();
        let leaf_type = if self.state.is_none() { LeafType::Genesis } else { LeafType::Record };
        let leaf = Leaf::new(leaf_type, START_MS + self.later_ms, &record.signature, record.statement.clone());
        let bytes = leaf.to_bytes();
        let index = self.state.as_ref().map_or(LeafIndex(0), |state| state.size().next_index());
        match &mut self.state {
            None => self.state = Some(LogState::open(LOG, &bytes, &leaf, &parsed).unwrap()),
            Some(state) => {
                state.push_record(&bytes, &leaf, &parsed, Some(&content));
            }
        }
        let readers = Readers::of(&content, writer);
        let entry = Entry { index, leaf: bytes, signature: record.signature.clone(), content: record.content.clone() };
        self.entries.push((readers, entry));
        OwnRecord { record_id, record, signed_at_ms: START_MS }
    }

    /// The key that signs a writer's records.
    pub(crate) fn record_key(&self, writer: &Writer) -> SigningKey {
        self.keys[writer].clone()
    }

    /// The content of a record on the log.
    pub(crate) fn content_of(&self, record_id: &RecordId) -> Content {
        let named =
            |entry: &&Entry| multaqa_proto::hash::record_id(&Leaf::parse(&entry.leaf).unwrap().body) == *record_id;
        let entry = self.entries.iter().map(|(_, entry)| entry).find(named).unwrap();
        Content::parse(entry.content.as_ref().unwrap()).unwrap()
    }

    /// Takes a record's content from the log, as the hub does after a tombstone.
    pub(crate) fn erase(&mut self, record_id: &RecordId) {
        for (readers, entry) in &mut self.entries {
            if multaqa_proto::hash::record_id(&Leaf::parse(&entry.leaf).unwrap().body) == *record_id {
                (*readers, entry.content) = (Readers::Everyone, None);
            }
        }
    }

    /// Where a record stands.
    pub(crate) fn places(&self, record_id: &RecordId) -> Vec<LeafIndex> {
        let is = |entry: &&Entry| multaqa_proto::hash::record_id(&Leaf::parse(&entry.leaf).unwrap().body) == *record_id;
        self.entries.iter().map(|(_, entry)| entry).filter(is).map(|entry| entry.index).collect()
    }

    /// Takes the contents that the tombstones on the log take, as the hub does.
    pub(crate) fn erase_withdrawn(&mut self) {
        let Some(state) = &self.state else { return };
        let parsed = |entry: &Entry| {
            let leaf = Leaf::parse(&entry.leaf).unwrap();
            let (content, signature) = (entry.content.clone(), entry.signature.clone());
            Received { statement: leaf.body, content, signature }.parse()
        };
        let mut erasures = Vec::new();
        for (_, entry) in self.entries.iter().filter(|(_, entry)| entry.content.is_some()) {
            let record = parsed(entry).unwrap();
            let Some(Ok(content)) = record.content() else { continue };
            let placed = Placed {
                index: entry.index,
                record_id: record.record_id,
                writer: &record.statement.writer,
                key_id: record.signature.key_id,
                accepted_at_ms: START_MS,
                content: &content,
            };
            erasures.extend(Erasure::of(state.directory(), &placed));
        }
        for (readers, entry) in self.entries.iter_mut().filter(|(_, entry)| entry.content.is_some()) {
            let record = parsed(entry).unwrap();
            let Some(Ok(content)) = record.content() else { continue };
            let (record_id, writer) = (record.record_id, &record.statement.writer);
            if erasures.iter().any(|erasure| erasure.takes(entry.index, &record_id, writer, &content)) {
                (*readers, entry.content) = (Readers::Everyone, None);
            }
        }
    }

    /// Orders a record that a node signed itself.
    pub(crate) fn order(&mut self, record: Received) {
        let parsed = record.clone().parse().unwrap();
        let content = parsed.content().unwrap().unwrap();
        let writer = parsed.statement.writer.clone();
        let state = self.state.as_mut().unwrap();
        state.check(&parsed, &mut VerifiedRoots::default()).unwrap();
        let leaf = Leaf::new(LeafType::Record, START_MS, &record.signature, record.statement.clone());
        let bytes = leaf.to_bytes();
        let index = state.size().next_index();
        state.push_record(&bytes, &leaf, &parsed, Some(&content));
        self.heads.insert(writer.clone(), (parsed.statement.seq, parsed.record_id));
        let readers = Readers::of(&content, &writer);
        self.entries
            .push((readers, Entry { index, leaf: bytes, signature: record.signature, content: record.content }));
    }

    pub(crate) const fn genesis(&self) -> RecordId {
        self.genesis
    }

    pub(crate) fn size(&self) -> TreeSize {
        self.state.as_ref().unwrap().size()
    }

    /// One frame with everything from an index on, as this member may see it at the head.
    pub(crate) fn frame(&self, reader: &str, from: u64) -> wire::Frame {
        let state = self.state.as_ref().unwrap();
        let directory = state.directory();
        let checkpoint = Checkpoint { log: LOG, size: state.size(), root: state.root() };
        let note = checkpoint.sign(directory.federation(), &self.log_key);
        let entries = self.entries[usize::try_from(from).unwrap()..].to_vec();
        let segment = std::sync::Arc::new(Segment::new(entries, note));
        frame(&[segment], &member(reader), directory, state.size()).unwrap()
    }

    /// The newest checkpoint, with cosignatures of these members' nodes at these times.
    pub(crate) fn cosigned(&self, by: &[(&str, u64)]) -> String {
        self.cosigned_root(self.state.as_ref().unwrap().root(), by)
    }

    /// The same over another root, as only the log key can make it.
    pub(crate) fn cosigned_root(&self, root: Hash, by: &[(&str, u64)]) -> String {
        let state = self.state.as_ref().unwrap();
        let federation = state.directory().federation();
        let checkpoint = Checkpoint { log: LOG, size: state.size(), root };
        let text = checkpoint.text(federation);
        let line = |(code, time_s): &(&str, u64)| {
            let name = witness_name(federation, &member(code), &"gw1".parse().unwrap());
            cosignature::sign(&name, &self.witness_keys[&writer(&format!("{code}/gw1"))], *time_s, &text)
        };
        checkpoint.sign(federation, &self.log_key) + &by.iter().map(line).collect::<String>()
    }

    /// Puts policy 2, which names these witnesses.
    pub(crate) fn name_witnesses(&mut self, states: &[&str]) {
        let policy = self.state.as_ref().unwrap().directory().policy().to_wire();
        let witnesses = states.iter().map(|code| (*code).to_owned()).collect();
        let policy = kind::Policy { number: 2, witnesses, ..policy };
        self.control("x-federation:policy:2", policy.encode_to_vec());
    }

    /// The contents at these indexes, for a member that has become entitled.
    pub(crate) fn fill(&self, indexes: &[u64]) -> wire::Fill {
        let entries: Vec<Entry> =
            indexes.iter().map(|index| self.entries[usize::try_from(*index).unwrap()].1.clone()).collect();
        wire::Fill {
            blocks: vec![pack(&entries, true)],
            through: self.size().0,
            view: self.size().0,
            paths: Vec::new(),
        }
    }

    fn key(&mut self) -> SigningKey {
        self.serial = self.serial.wrapping_add(1);
        SigningKey::from_bytes(&[self.serial; 32])
    }
}

/// Whether any file of a directory holds these bytes.
pub(crate) fn found_in_files(dir: &std::path::Path, marker: &str) -> Vec<std::path::PathBuf> {
    let paths = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    paths
        .filter(|path| std::fs::read(path).unwrap().windows(marker.len()).any(|window| window == marker.as_bytes()))
        .collect()
}
