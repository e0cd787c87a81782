//! The logs that a hostile hub makes up: the honest log, with what a deed changes in it, under checkpoints by the log's key.
//!
//! In scope: finding what a deed is about, signing, packing. Out of scope: which deed changes what (`deed`), changing leaves
//! (`leaf`).

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use multaqa_certs::store::load_ed25519;
use multaqa_hub::config::Places;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::{FederationName, MemberCode, OperatorName, Writer};
use multaqa_proto::key::PublicKey;
use multaqa_proto::kind::is_control;
use multaqa_proto::log::checkpoint::{Checkpoint, origin};
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::{cosignature, note};
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record::content::Content;
use multaqa_proto::record::statement::Statement;
use multaqa_proto::record::{ChainPlace, Draft, sign};
use multaqa_proto::sync::block::Entry;
use multaqa_proto::sync::merge::{Readers, Segment, frame};
use multaqa_proto::wire::hub::{Block, Frame, Wanted};
use multaqa_proto::wire::record::Signature;
use prost::Message as _;

use super::leaf::{alter_lane, date, leaf};
use crate::checker::{self, Held};

/// The honest log, and the key that signs its checkpoints.
#[derive(Debug)]
pub(super) struct History {
    entries: Vec<Held>,
    records: Vec<Option<Read>>,
    state: LogState,
    log_key: SigningKey,
    /// The newest cosignature of each node: the note and the line.
    cosigned: Vec<(String, String)>,
    colluding: Colluding,
}

/// Whoever helps the hub.
#[derive(Debug, Default)]
pub(super) struct Colluding {
    /// An operator's name and key.
    pub(super) operator: Option<(OperatorName, SigningKey)>,
    /// Cosignatures that were made earlier.
    pub(super) early: Vec<(String, String)>,
}

/// A record of the honest log.
#[derive(Debug)]
struct Read {
    statement: Statement,
    content: Content,
}

/// What a member is shown of the log.
#[derive(Debug, Default)]
pub(super) struct Branch {
    /// The whole of it.
    pub(super) entries: Vec<Held>,
    /// Entries whose contents are shown whomever they are for.
    pub(super) to_all: BTreeSet<usize>,
    /// The checkpoint of the greeting, where it is not the one over all entries.
    pub(super) greeting: Option<String>,
    /// The checkpoint of the frame, and of what comes after it, where it is another one.
    pub(super) end: Option<String>,
    /// Checkpoints that are passed on as cosigned.
    pub(super) cosigned: Vec<String>,
    /// By how many entries it says that it judged who may read, where it is not all.
    pub(super) view: Option<u64>,
    /// What it says in the greeting that it lacks.
    pub(super) wanted: Option<Wanted>,
    /// The succession that it says closed the member's log.
    pub(super) succession: Bytes,
    /// Why its log takes no records, as it says.
    pub(super) frozen: &'static str,
    /// The code by which greetings are refused.
    pub(super) refuses: Option<&'static str>,
    /// How far its time is ahead, milliseconds.
    pub(super) ahead_ms: i64,
    /// Whether each stream ends after a while.
    pub(super) cut: bool,
}

impl History {
    /// What the stopped hub left.
    pub(super) fn read(places: &Places, colluding: Colluding) -> Self {
        let cosigned = checker::cosignatures(&places.store());
        let entries = checker::entries(&places.store());
        let state = checker::state(&entries);
        let records = entries.iter().map(read).collect();
        Self { entries, records, state, log_key: load_ed25519(&places.log_key()).unwrap(), cosigned, colluding }
    }

    pub(super) const fn state(&self) -> &LogState {
        &self.state
    }

    pub(super) const fn colluding(&self) -> &Colluding {
        &self.colluding
    }

    /// The newest cosignature of each node.
    pub(super) fn cosigned(&self) -> &[(String, String)] {
        &self.cosigned
    }

    pub(super) fn entries(&self) -> &[Held] {
        &self.entries
    }

    /// Records of the writer for the states, from an index on.
    pub(super) fn shared(&self, from: usize) -> Vec<usize> {
        self.find(from, |read| {
            let kind = read.content.kind();
            !is_control(kind) && kind != "tombstone" && read.content.audience.to_string() == "states"
        })
    }

    /// The first record from an index on that its writer keeps for its own member.
    pub(super) fn kept(&self, from: usize) -> usize {
        self.find(from, |read| read.content.audience.to_string().starts_with("member:"))[0]
    }

    /// The operator's suspension of a key.
    pub(super) fn suspension(&self, from: usize) -> usize {
        self.find(from, |read| by_operator(read) && read.content.kind() == "key")[0]
    }

    /// The first key that a node redeemed an invitation with.
    pub(super) fn key(&self, from: usize) -> usize {
        self.find(from, |read| !by_operator(read) && read.content.kind() == "key")[0]
    }

    /// The first policy after the genesis.
    pub(super) fn old_policy(&self) -> usize {
        let all = self.find(0, |read| by_operator(read) && read.content.kind() == "policy");
        assert!(all.len() > 1, "one policy alone is not old");
        all[0]
    }

    /// The first seal from an index on, after the seal before it.
    pub(super) fn seals_around(&self, from: usize) -> [usize; 2] {
        let is_seal = |index: &usize| leaf(&self.entries[*index]).leaf_type == LeafType::Seal;
        let before = (0..from).rev().find(is_seal).unwrap();
        [before, (from..self.entries.len()).find(is_seal).unwrap()]
    }

    /// When the hub accepted an entry.
    pub(super) fn time(&self, index: usize) -> i64 {
        leaf(&self.entries[index]).accepted_at_ms
    }

    /// The time that a seal states.
    pub(super) fn seal_time(&self, index: usize) -> i64 {
        Seal::parse(&leaf(&self.entries[index]).body).unwrap().time_ms
    }

    /// The root of a tree of this size that is not the log's: another statement stands in it.
    pub(super) fn other_root(&self, size: usize) -> Hash {
        let mut entries = self.entries[..size].to_vec();
        let altered = (1..size).find(|index| self.records[*index].is_some()).unwrap();
        alter_lane(&mut entries[altered]);
        checker::root(&entries)
    }

    /// The checkpoint over exactly these entries.
    pub(super) fn checkpoint(&self, entries: &[Held]) -> String {
        self.sign(TreeSize(entries.len() as u64), checker::root(entries))
    }

    /// A checkpoint by the log's key.
    pub(super) fn sign(&self, size: TreeSize, root: Hash) -> String {
        Checkpoint { log: LogNumber(1), size, root }.sign(self.state.directory().federation(), &self.log_key)
    }

    /// The checkpoint of log 2 over exactly these entries.
    pub(super) fn checkpoint_of_log_2(&self, entries: &[Held]) -> String {
        let (size, root) = (TreeSize(entries.len() as u64), checker::root(entries));
        Checkpoint { log: LogNumber(2), size, root }.sign(self.federation(), &self.log_key)
    }

    /// A note with a second line of the log, which signs nothing.
    pub(super) fn doubled(&self, note: &str) -> String {
        let name = origin(self.federation(), LogNumber(1));
        let key_hash = note::key_hash(&name, note::ED25519, PublicKey::of(&self.log_key).as_bytes());
        format!("{note}{}", note::line(&name, key_hash, &[0; 64]))
    }

    /// The checkpoint over these entries, signed as no algorithm of the protocol does.
    pub(super) fn under_another_algorithm(&self, entries: &[Held]) -> String {
        let name = origin(self.federation(), LogNumber(1));
        let note = self.checkpoint(entries);
        let (text, _) = note::split(&note).unwrap();
        let key_hash = note::key_hash(&name, 0x06, PublicKey::of(&self.log_key).as_bytes());
        format!("{text}\n{}", note::line(&name, key_hash, &[7; 96]))
    }

    /// A note with lines of all nodes' names that none of them signed, each twice.
    pub(super) fn forged_cosignatures(&self, note: &str) -> String {
        let (text, _) = note::split(note).unwrap();
        let time_s = u64::try_from(self.state.accepted_at_ms() / 1_000).unwrap();
        let nodes = self.state.directory().writers().filter_map(|(writer, _)| match writer {
            Writer::Node(member, slug) => Some(cosignature::witness_name(self.federation(), member, slug)),
            Writer::Operator(_) => None,
        });
        let forged =
            |name: String| cosignature::sign(&name, &SigningKey::from_bytes(&[66; 32]), time_s, text).repeat(2);
        format!("{note}{}", nodes.map(forged).collect::<String>())
    }

    fn federation(&self) -> &FederationName {
        self.state.directory().federation()
    }

    /// Exchanges two entries; the times stay where they are.
    pub(super) fn exchange(&self, entries: &mut [Held], one: usize, other: usize) {
        entries.swap(one, other);
        for index in [one, other] {
            date(&mut entries[index], self.time(index));
        }
    }

    /// An entry of before, ordered once more in front of another one.
    pub(super) fn again(&self, index: usize, before: usize) -> Held {
        let mut held = self.entries[index].clone();
        date(&mut held, self.time(before - 1));
        held
    }

    /// A record that follows this one in its writer's chain and that another key signed, under its own id or the writer's; it is
    /// dated for a place before another entry.
    pub(super) fn forged(&self, index: usize, before: usize, under_writers_id: bool) -> Held {
        let Read { statement, content } = self.records[index].as_ref().unwrap();
        let place = ChainPlace {
            federation: statement.federation,
            writer: statement.writer.clone(),
            epoch: statement.epoch,
            seq: statement.seq.next(),
            previous: Some(multaqa_proto::hash::record_id(&leaf(&self.entries[index]).body)),
        };
        let draft = Draft { content: Content { revision: 1, ..content.clone() }, lane: [5; 16] };
        let forged = sign(&place, &[draft], &SigningKey::from_bytes(&[66; 32])).remove(0).1;
        let mut signature = Signature::decode(&*forged.signature).unwrap();
        if under_writers_id {
            signature.key_id = Signature::decode(&*self.entries[index].signature).unwrap().key_id;
        }
        let signature = Bytes::from(signature.encode_to_vec());
        let leaf = Leaf::new(LeafType::Record, self.time(before - 1), &signature, forged.statement);
        Held { leaf: leaf.to_bytes(), signature, content: forged.content }
    }

    /// A branch from an index on, as this member may see it by the honest log; none at its end.
    pub(super) fn frame(&self, branch: &Branch, from: usize, reader: &MemberCode) -> Option<Frame> {
        let entries = branch.entries.iter().enumerate().skip(from);
        let entries: Vec<_> = entries.map(|(index, held)| (readers(branch, index, held), entry(index, held))).collect();
        let segment = Arc::new(Segment::new(entries, branch.end(self)));
        let view = TreeSize(branch.entries.len() as u64);
        let frame = (segment.count > 0).then(|| frame(&[segment], reader, self.state.directory(), view)).flatten();
        frame.map(|frame| Frame { view: branch.view.unwrap_or(frame.view), ..frame })
    }

    /// These entries, as this member may see them by the honest log.
    pub(super) fn blocks(&self, branch: &Branch, shown: &BTreeSet<usize>, reader: &MemberCode) -> Vec<Block> {
        let all = shown.iter().map(|index| (*index, &branch.entries[*index]));
        let entries = all.map(|(index, held)| (readers(branch, index, held), entry(index, held))).collect();
        let segment = Arc::new(Segment::new(entries, String::new()));
        let view = TreeSize(branch.entries.len() as u64);
        frame(&[segment], reader, self.state.directory(), view).expect("entries").blocks
    }

    /// Who may read an entry of the honest log: everybody a control leaf; none where its content is gone.
    pub(super) fn readers(&self, index: usize) -> Option<Readers> {
        match (&self.records[index], leaf(&self.entries[index]).leaf_type) {
            (Some(Read { statement, content }), _) => Some(Readers::of(content, &statement.writer)),
            (None, LeafType::Record) => None,
            (None, LeafType::Genesis | LeafType::Seal | LeafType::Evidence | LeafType::Succession) => {
                Some(Readers::Everyone)
            }
        }
    }

    /// The first record of an object.
    pub(super) fn object(&self, id: &str) -> usize {
        self.find(0, |read| read.content.id.to_string() == id)[0]
    }

    fn find(&self, from: usize, is: impl Fn(&Read) -> bool) -> Vec<usize> {
        let records = self.records.iter().enumerate().skip(from);
        records.filter(|(_, record)| record.as_ref().is_some_and(&is)).map(|(index, _)| index).collect()
    }
}

impl Branch {
    /// The checkpoint of its greeting.
    pub(super) fn greeting(&self, history: &History) -> String {
        self.greeting.clone().unwrap_or_else(|| self.end(history))
    }

    /// The checkpoint at its end.
    pub(super) fn end(&self, history: &History) -> String {
        self.end.clone().unwrap_or_else(|| history.checkpoint(&self.entries))
    }
}

fn read(held: &Held) -> Option<Read> {
    let leaf = leaf(held);
    let content = held.content.as_ref().filter(|_| leaf.leaf_type == LeafType::Record)?;
    Some(Read { statement: Statement::parse(&leaf.body).unwrap(), content: Content::parse(content).unwrap() })
}

fn by_operator(read: &Read) -> bool {
    matches!(read.statement.writer, Writer::Operator(_))
}

fn readers(branch: &Branch, index: usize, held: &Held) -> Readers {
    // A content that was put in another's place stands under its own audience all the same.
    match (leaf(held).leaf_type, &held.content) {
        (LeafType::Record, Some(content)) if !branch.to_all.contains(&index) => {
            let content = Content::parse(content).unwrap();
            let writer = Statement::parse(&leaf(held).body).unwrap().writer;
            Readers::of(&content, &writer)
        }
        _ => Readers::Everyone,
    }
}

fn entry(index: usize, held: &Held) -> Entry {
    let Held { leaf, signature, content } = held.clone();
    Entry { index: LeafIndex(index as u64), leaf, signature, content }
}
