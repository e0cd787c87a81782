//! A federation in memory: real keys, records, leaves and frames, no server.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::directory::possession::{NodeSecrets, Subject, prove};
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::evidence::{Evidence, Signed};
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::succession::Succession;
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::{Epoch, LeafIndex, LogNumber, Seq, TreeSize};
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{ChainPlace, Draft, Received, sign};
use multaqa_proto::sync::block::Entry;
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::sync::merge::{Readers, Segment, frame};
use multaqa_proto::wire::{hub, kind};
use prost::Message;

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// A record before it is signed.
pub(crate) struct Plan<'a> {
    pub(crate) id: &'a str,
    pub(crate) revision: u64,
    pub(crate) replaces: Vec<RecordId>,
    pub(crate) audience: &'a [&'a str],
    pub(crate) payload: Vec<u8>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(id: &'a str, audience: &'a [&'a str], payload: &impl Message) -> Self {
        Self { id, revision: 1, replaces: Vec::new(), audience, payload: payload.encode_to_vec() }
    }
    pub(crate) fn replacing(mut self, replaces: &[RecordId]) -> Self {
        self.replaces = replaces.to_vec();
        self.revision = replaces.len() as u64 + 1;
        self
    }
}

#[derive(Clone)]
pub(crate) struct Federation {
    pub(crate) state: LogState,
    pub(crate) log_key: SigningKey,
    pub(crate) now: i64,
    pub(crate) entries: Vec<(Readers, Entry)>,
    secrets: BTreeMap<String, (SigningKey, Epoch)>,
}

impl Federation {
    /// Operators `first` (seed 1), `second` (2), `third` (3), of whom `required` must agree.
    pub(crate) fn new(required: u32) -> Self {
        let log_key = key(100);
        let names = [("first", 1), ("second", 2), ("third", 3)];
        let public = |key: &SigningKey| PublicKey::of(key).as_bytes().to_vec();
        let operator =
            |(name, seed): (&str, u8)| kind::Operator { name: name.to_owned(), record_key: public(&key(seed)) };
        let genesis = kind::Genesis {
            federation: "multaqa.example".to_owned(),
            root_certificate: vec![1, 2, 3],
            standby_log_key: public(&key(101)),
            policy: Some(kind::Policy {
                number: 1,
                log_key: public(&log_key),
                operators: names.map(operator).to_vec(),
                operators_required: required,
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
        let plan = Plan::new("x-federation:genesis:genesis", &["members"], &genesis);
        let (_, received) = sign(&place, &[draft(&plan)], &key(1)).remove(0);
        let parsed = received.clone().parse().unwrap();
        let leaf = Leaf::new(LeafType::Genesis, 1_000, &received.signature, received.statement.clone());
        let state = LogState::open(LogNumber(1), &leaf.to_bytes(), &leaf, &parsed).unwrap();
        let entry = Entry {
            index: LeafIndex(0),
            leaf: leaf.to_bytes(),
            signature: received.signature,
            content: received.content,
        };
        let secrets = names.map(|(name, seed)| (format!("operator/{name}"), (key(seed), Epoch(1)))).into();
        Self { state, log_key, now: 1_000, entries: vec![(Readers::Everyone, entry)], secrets }
    }

    /// Signs plans together as this writer, at its place of the chain.
    pub(crate) fn sign(&self, writer: &str, plans: &[Plan<'_>]) -> Vec<(RecordId, Received)> {
        let (secret, epoch) = &self.secrets[writer];
        self.sign_with(writer, plans, secret, *epoch)
    }

    /// Signs one record as this writer, after one that may not be on the log so far.
    pub(crate) fn sign_after(
        &self,
        writer: &str,
        plan: &Plan<'_>,
        (seq, previous): (Seq, RecordId),
    ) -> (RecordId, Received) {
        let (secret, epoch) = &self.secrets[writer];
        let place = ChainPlace {
            federation: Some(self.state.directory().genesis()),
            writer: writer.parse().unwrap(),
            epoch: *epoch,
            seq: seq.next(),
            previous: Some(previous),
        };
        sign(&place, &[draft(plan)], secret).remove(0)
    }

    /// The same with any key.
    pub(crate) fn sign_with(
        &self,
        writer: &str,
        plans: &[Plan<'_>],
        secret: &SigningKey,
        epoch: Epoch,
    ) -> Vec<(RecordId, Received)> {
        let writer: Writer = writer.parse().unwrap();
        let head = self.state.chains().head(&writer).filter(|head| head.epoch == epoch);
        let place = ChainPlace {
            federation: Some(self.state.directory().genesis()),
            writer,
            epoch,
            seq: head.map_or(Seq(1), |head| head.seq.next()),
            previous: head.map(|head| head.record_id),
        };
        sign(&place, &plans.iter().map(draft).collect::<Vec<_>>(), secret)
    }

    /// The place of this writer's next record, to be signed for as it is or changed.
    pub(crate) fn place(&self, writer: &str) -> ChainPlace {
        let writer: Writer = writer.parse().unwrap();
        let head = self.state.chains().head(&writer).unwrap();
        let (epoch, seq, previous) = (head.epoch, head.seq.next(), Some(head.record_id));
        ChainPlace { federation: Some(self.state.directory().genesis()), writer, epoch, seq, previous }
    }

    /// Signs one record for any place, by its writer's own key.
    pub(crate) fn sign_at(&self, place: &ChainPlace, plan: &Plan<'_>) -> Received {
        let (secret, _) = &self.secrets[&place.writer.to_string()];
        sign(place, &[draft(plan)], secret).remove(0).1
    }

    /// Orders a record; fails where it may not stand next.
    pub(crate) fn order(&mut self, received: Received) -> Option<ControlVerdict> {
        self.state.check(&received.clone().parse().unwrap(), &mut VerifiedRoots::default()).unwrap();
        self.order_nonetheless(received)
    }

    /// Orders a record whether or not it may stand next, as who holds the log key can.
    pub(crate) fn order_nonetheless(&mut self, received: Received) -> Option<ControlVerdict> {
        let parsed = received.clone().parse().unwrap();
        let content = parsed.content().unwrap().unwrap();
        self.now += 1;
        let leaf = Leaf::new(LeafType::Record, self.now, &received.signature, received.statement);
        let index = self.state.size().next_index();
        let verdict = self.state.push_record(&leaf.to_bytes(), &leaf, &parsed, Some(&content));
        let readers = Readers::of(&content, &parsed.statement.writer);
        let entry = Entry { index, leaf: leaf.to_bytes(), signature: received.signature, content: received.content };
        self.entries.push((readers, entry));
        verdict
    }

    /// Signs and orders one record.
    pub(crate) fn write(&mut self, writer: &str, plan: &Plan<'_>) -> (RecordId, Option<ControlVerdict>) {
        let (id, received) = self.sign(writer, std::slice::from_ref(plan)).remove(0);
        (id, self.order(received))
    }

    pub(crate) fn seal(&mut self) {
        self.now += 1;
        let seal = self.state.next_seal(self.now);
        let leaf = Leaf::new(LeafType::Seal, self.now, &[], seal.serialise());
        let index = self.state.size().next_index();
        self.state.push_seal(&leaf.to_bytes(), &leaf, &seal);
        let entry = Entry { index, leaf: leaf.to_bytes(), signature: prost::bytes::Bytes::new(), content: None };
        self.entries.push((Readers::Everyone, entry));
    }

    /// Two records of this writer for its next place.
    pub(crate) fn contradiction(&self, writer: &str, ids: [&str; 2]) -> [Received; 2] {
        ids.map(|id| {
            let plan = Plan::new(id, &["states"], &organisation("said"));
            self.sign(writer, &[plan]).remove(0).1
        })
    }

    /// Puts evidence on the log, whether or not it holds.
    pub(crate) fn put_evidence(&mut self, [one, other]: [Received; 2]) {
        self.now += 1;
        let signed = |record: Received| Signed::parse(record.statement, record.signature).unwrap();
        let evidence = Evidence::of(signed(one), signed(other)).unwrap();
        let leaf = Leaf::new(LeafType::Evidence, self.now, &[], evidence.serialise());
        let index = self.state.size().next_index();
        self.state.push_evidence(&leaf.to_bytes(), &leaf, &evidence);
        let entry = Entry { index, leaf: leaf.to_bytes(), signature: prost::bytes::Bytes::new(), content: None };
        self.entries.push((Readers::Everyone, entry));
    }

    /// Puts a succession on the log, which holds.
    pub(crate) fn put_succession(&mut self, succession: &Succession) {
        self.now += 1;
        let leaf = Leaf::new(LeafType::Succession, self.now, &[], succession.serialise());
        let index = self.state.size().next_index();
        let held = self.state.check_succession(succession).unwrap();
        self.state.push_succession(&leaf.to_bytes(), &leaf, &held);
        let entry = Entry { index, leaf: leaf.to_bytes(), signature: prost::bytes::Bytes::new(), content: None };
        self.entries.push((Readers::Everyone, entry));
    }

    pub(crate) fn admit(&mut self, code: &str, class: &str) {
        let member = kind::Member {
            code: code.to_owned(),
            class: class.to_owned(),
            name: [("en".to_owned(), code.to_owned())].into(),
            status: "active".to_owned(),
        };
        let id = format!("x-federation:member:{}", code.to_lowercase());
        self.write("operator/first", &Plan::new(&id, &["members"], &member));
    }

    /// Invites a node; its one-time key has this seed.
    pub(crate) fn invite(&mut self, code: &str, seed: u8) -> (RecordId, Option<ControlVerdict>) {
        self.invite_node(code, "gw1", seed)
    }

    fn invite_node(&mut self, code: &str, node: &str, seed: u8) -> (RecordId, Option<ControlVerdict>) {
        let writer: Writer = format!("{code}/{node}").parse().unwrap();
        let invitation = kind::Invitation {
            member: code.to_owned(),
            node: node.to_owned(),
            epoch: self.state.directory().next_epoch(&writer).0,
            public_key: PublicKey::of(&key(seed)).as_bytes().to_vec(),
            not_after_ms: self.now + 1_000,
        };
        let id = format!("x-federation:invitation:{}-{seed}", code.to_lowercase());
        self.write("operator/first", &Plan::new(&id, &["members"], &invitation))
    }

    /// The `key` record by which a node redeems an invitation, signed by the one-time key.
    pub(crate) fn redeem(&mut self, code: &str, invitation: RecordId, seed: u8) -> Received {
        self.redeem_node(code, "gw1", invitation, seed)
    }

    fn redeem_node(&mut self, code: &str, node: &str, invitation: RecordId, seed: u8) -> Received {
        let epoch = self.state.directory().invitation(&invitation).map_or(Epoch(1), |i| i.epoch);
        let directory = self.state.directory().clone();
        let subject = Subject {
            genesis: directory.genesis(),
            member: code.parse().unwrap(),
            node: node.parse().unwrap(),
            invitation,
        };
        let [record, witness, session] = [seed + 1, seed + 2, seed + 3].map(key);
        let payload = prove(&subject, epoch, &NodeSecrets { record: &record, witness: &witness, session: &session });
        let writer = format!("{code}/{node}");
        self.secrets.insert(writer.clone(), (key(seed), epoch));
        let id = format!("{code}:key:{node}-{epoch}");
        let (_, received) = self.sign(&writer, &[Plan::new(&id, &["members"], &payload)]).remove(0);
        self.secrets.insert(writer, (record, epoch));
        received
    }

    /// Admits a member and enrols its node.
    pub(crate) fn join(&mut self, code: &str, class: &str, seed: u8) {
        self.admit(code, class);
        let (invitation, _) = self.invite(code, seed);
        let received = self.redeem(code, invitation, seed);
        assert_eq!(self.order(received), Some(ControlVerdict::Valid));
    }

    /// Enrols another node of a member.
    pub(crate) fn join_another(&mut self, code: &str, node: &str, seed: u8) {
        let (invitation, _) = self.invite_node(code, node, seed);
        let received = self.redeem_node(code, node, invitation, seed);
        assert_eq!(self.order(received), Some(ControlVerdict::Valid));
    }

    /// A frame from `from` to the head, as this reader may see it.
    pub(crate) fn frame(&self, reader: &str, from: TreeSize) -> hub::Frame {
        let from = usize::try_from(from.0).unwrap();
        let segment = Segment::new(self.entries[from..].to_vec(), self.checkpoint());
        let reader: MemberCode = reader.parse().unwrap();
        frame(&[std::sync::Arc::new(segment)], &reader, self.state.directory(), self.state.size()).unwrap()
    }

    pub(crate) fn checkpoint(&self) -> String {
        let (size, root) = (self.state.size(), self.state.root());
        Checkpoint { log: self.state.log(), size, root }.sign(self.state.directory().federation(), &self.log_key)
    }

    /// The checkpoint that stood at this size.
    pub(crate) fn checkpoint_at(&self, size: TreeSize) -> String {
        let mut frontier = multaqa_proto::log::frontier::Frontier::default();
        self.entries.iter().take(usize::try_from(size.0).unwrap()).for_each(|(_, e)| frontier.push(leaf_hash(&e.leaf)));
        let log = self.state.directory().log_at(size);
        Checkpoint { log, size, root: frontier.root() }.sign(self.state.directory().federation(), &self.log_key)
    }

    pub(crate) fn reader(&self, code: &str) -> Intake {
        Intake::empty(code.parse().unwrap(), self.state.directory().genesis(), LogNumber(1))
    }
}

/// A group's payload.
pub(crate) fn group(slug: &str, history: &str, members: &[&str]) -> kind::Group {
    kind::Group {
        slug: slug.to_owned(),
        name: [("en".to_owned(), slug.to_owned())].into(),
        history: history.to_owned(),
        members: members.iter().map(ToString::to_string).collect(),
        ..kind::Group::default()
    }
}

/// An organisation's payload with this title.
pub(crate) fn organisation(title: &str) -> kind::Organisation {
    kind::Organisation { name: [("en".to_owned(), title.to_owned())].into(), ..kind::Organisation::default() }
}

fn draft(plan: &Plan<'_>) -> Draft {
    Draft {
        content: Content {
            salt: Hash::of(plan.id.as_bytes()).0,
            id: plan.id.parse().unwrap(),
            revision: plan.revision,
            replaces: plan.replaces.clone(),
            audience: Audience::parse(plan.audience).unwrap(),
            authored_at_ms: 1,
            seen: None,
            body: Body::Payload(plan.payload.clone().into()),
        },
        lane: [9; 16],
    }
}
