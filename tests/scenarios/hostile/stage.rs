//! The log before the hub turns: victims hold and have cosigned a part of it, the rest came while they were away.
//!
//! The rest holds what deeds are about: records of one writer for the states, one that it keeps for itself, an invitation and
//! the key that redeems it, and at the end the suspension of the writer's key. All of it is ordered by the real hub, from the
//! commands of real operators and nodes; only the suspension is handed in by hand, with the operator's own keys.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use multaqa_certs::store::{create_dir, load_ed25519};
use multaqa_demo::link::Target;
use multaqa_proto::hash::Hash;
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{ChainPlace, Draft, Received, sign};
use multaqa_proto::wire::hub::Outcome;
use multaqa_proto::wire::kind;
use multaqa_tests::hostile::EARLY;
use multaqa_tests::raw::{RawClient, dialer};
use multaqa_tests::record::Record;
use multaqa_tests::{SOON, World, checker};
use prost::Message as _;
use serde_json::Value;

use crate::PROGRAM;

/// An object that every victim holds.
pub(super) const KNOWN: &str = "JO:organisation:known";

/// See the module.
pub(super) struct Stage {
    pub(super) world: World,
    /// Entries that each victim holds.
    pub(super) held: u64,
    /// Entries of the honest log at its end.
    pub(super) end: u64,
    victims: Vec<&'static str>,
}

impl Stage {
    /// A writer and these victims, which witness (the first three of them, where there are more).
    pub(super) fn build(victims: &[&'static str]) -> Self {
        let members: Vec<&str> = ["JO"].iter().chain(victims).copied().collect();
        let world = World::witnessed(PROGRAM, &members, &victims[..victims.len().min(3)]);
        Self { world, held: 0, end: 0, victims: victims.to_vec() }
    }

    pub(super) fn victims(&self) -> &[&'static str] {
        &self.victims
    }

    /// Lets a victim fetch what it misses as a past range, on a connection of its own, whatever it is; the others follow it live.
    pub(super) fn let_catch_up(&mut self, victim: &str) {
        self.world.configure(victim, "[line]\ncatch_up_from_entries = 0\n");
    }

    /// Two policies more: of those in the log, one is old.
    pub(super) fn replace_policy(&mut self) {
        let add = |world: &World, code: &str| -> Value {
            let args = ["policy", "witnesses", "add", code, "--json"];
            serde_json::from_str(&world.hub().operator(&args).unwrap().ok().unwrap().stdout).unwrap()
        };
        add(&self.world, self.victims[3]);
        self.world.settle();
        let proposed = add(&self.world, "JO");
        let record = proposed["record"].as_str().unwrap();
        for member in &self.victims[..3] {
            self.world.until(member, "the proposal reached it", |status| status["approvals"][0]["record_id"] == record);
            let approved = self.world.json(member, &["approve", record]);
            assert_eq!(approved["already"], false, "{approved}");
        }
        self.world.settle();
        assert_eq!(self.world.hub().policy().unwrap()["number"], 3);
    }

    /// Keeps what all victims cosigned so far, of a log that goes on.
    pub(super) fn keep_cosignatures(&mut self) {
        let world = &mut self.world;
        world.publish("JO", &[Record::organisation("JO", "early", "Early")]);
        world.settle();
        world.federation_mut().until_stable(SOON).unwrap();
        world.hub_mut().stop().unwrap();
        let cosigned = checker::cosignatures(&world.hub().dir().join("hub.db"));
        let notes: BTreeSet<&String> = cosigned.iter().map(|(note, _)| note).collect();
        assert_eq!((notes.len(), cosigned.len()), (1, self.victims.len()));
        fs::write(world.scratch().join(EARLY), serde_json::to_vec(&cosigned).unwrap()).unwrap();
        world.hub_mut().start().unwrap();
    }

    /// What the victims hold, and then what comes without them; all processes have ended then.
    pub(super) fn go_on(&mut self) {
        let world = &mut self.world;
        let gone = Record::organisation("JO", "gone", "Gone");
        // For nobody else: in a fast start it lies in a run.
        world.publish("JO", &[Record::organisation("JO", "early-own", "Own").for_audience("member:JO")]);
        world.publish("JO", &[Record::organisation("JO", "known", "Known"), gone.clone()]);
        world.settle();
        self.held = world.federation_mut().until_stable(SOON).unwrap();
        for victim in &self.victims {
            let held = self.held;
            world.until(victim, "it cosigned what it holds", |status| status["cosigned"]["size"] == held);
            world.node_mut(victim).stop().unwrap();
            copy(world.node(victim).dir(), &world.scratch().join(victim));
        }
        for name in ["one", "two", "three", "four"] {
            world.publish("JO", &[Record::organisation("JO", name, name)]);
            world.settle();
        }
        // After them: neither a stub in a lane that nobody else knows, nor what withdraws another object, explains what is kept
        // back of them (`sync::withheld`).
        world.publish("JO", &[Record::organisation("JO", "own", "Own").for_audience("member:JO")]);
        world.settle();
        world.node("JO").cli(&["withdraw", gone.id(), "--reason", "Over"]).unwrap().ok().unwrap();
        world.settle();
        let key = world.federation_mut().invite("JO", "gw2", &[]).unwrap();
        world.node("JO/gw2").join(&key).unwrap();
        world.node_mut("JO").stop().unwrap();
        suspend(world);
        let database = world.hub().dir().join("hub.db");
        world.eventually("a seal is over the suspension", |_| checker::is_sealed(&database));
        world.hub_mut().stop().unwrap();
        self.end = checker::entries(&database).len() as u64;
    }

    /// Puts every victim back to what it was when it went away.
    pub(super) fn restore(&self) {
        for victim in &self.victims {
            let dir = self.world.node(victim).dir();
            fs::remove_dir_all(dir).unwrap();
            copy(&self.world.scratch().join(victim), dir);
        }
    }
}

/// The operator suspends the writer's key.
fn suspend(world: &World) {
    let (hub, operator) = (world.hub(), world.hub().operator_dir());
    let state = checker::state(&checker::entries(&hub.dir().join("hub.db")));
    let writer = "operator/first".parse().unwrap();
    let head = state.chains().head(&writer).unwrap();
    let place = ChainPlace {
        federation: Some(state.directory().genesis()),
        writer,
        epoch: head.epoch,
        seq: head.seq.next(),
        previous: Some(head.record_id),
    };
    let record = suspension(&place, &operator);
    let client = RawClient::connect(
        Target::get(&hub.target()).unwrap(),
        &dialer(&operator.join("tls.pem"), &operator.join("root.pem")),
    );
    let answers = client.submit(vec![vec![record]]).unwrap();
    assert_eq!(answers[0].outcome(), Outcome::Accepted, "{answers:?}");
}

fn suspension(place: &ChainPlace, operator: &Path) -> Received {
    let payload = kind::Key {
        member: "JO".to_owned(),
        node: "gw1".to_owned(),
        epoch: 1,
        status: "suspended".to_owned(),
        ..kind::Key::default()
    };
    let content = Content {
        salt: Hash::of(b"suspension").0,
        id: "x-federation:key:jo-gw1".parse().unwrap(),
        revision: 1,
        replaces: Vec::new(),
        audience: Audience::parse(&["members"]).unwrap(),
        authored_at_ms: 1_700_000_000_000,
        seen: None,
        body: Body::Payload(payload.encode_to_vec().into()),
    };
    let key = load_ed25519(&operator.join("record.key")).unwrap();
    sign(place, &[Draft { content, lane: [3; 16] }], &key).remove(0).1
}

fn copy(from: &Path, to: &Path) {
    create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, target) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_file() {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
