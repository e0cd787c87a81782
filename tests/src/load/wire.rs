//! Submitting past a node, with its identity and its record key: the hub's own answers, in a memory that no kill reaches.
//!
//! A node resends what it does not find on the log, and so would heal what a hub lost. This writer never sends again what was
//! answered: a hub that lost it refuses what follows in the chain, and that fails the story.

use std::collections::VecDeque;
use std::net::SocketAddr;

use multaqa_certs::client::Dialer;
use multaqa_demo::wait::{Seen, wait_for};
use multaqa_proto::hash::RecordId;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::Received;
use multaqa_proto::wire::hub::{Answer, Outcome};

use super::{Work, is_refusal};
use crate::forge::{Forge, id_of};
use crate::raw::{RawClient, dialer};
use crate::seed::Seed;
use crate::{SOON, World};

/// Most records of one request.
const BATCH: usize = 4;

/// A record that the hub said it has, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The record.
    pub record_id: RecordId,
    /// Its place on the log.
    pub index: LeafIndex,
    /// Whether this was the hub's first answer that arrived, or it had the record from a request whose answer was lost.
    pub first: bool,
}

/// Submits in a node's name.
pub struct PastNode {
    member: String,
    hub: SocketAddr,
    dialer: Dialer,
    forge: Forge,
    seed: Seed,
    made: usize,
    unanswered: VecDeque<Received>,
    client: Option<RawClient>,
}

/// Submits in the name of a member's first node, which must not run.
#[must_use]
pub fn past_node(world: &World, member: &str, seed: Seed) -> PastNode {
    let node = world.node(member);
    assert!(node.process().is_none(), "{member} would write into the same chain");
    let directory = node.dir();
    PastNode {
        member: member.to_owned(),
        // The line leads to the hub wherever it listens.
        hub: node.link().address(),
        dialer: dialer(&directory.join("identity/node.pem"), &directory.join("identity/root.pem")),
        forge: Forge::of(world, member),
        seed,
        made: 0,
        unanswered: VecDeque::new(),
        client: None,
    }
}

impl Work for PastNode {
    type Told = Answered;

    fn step(&mut self, told: &mut Vec<Answered>) {
        if self.unanswered.is_empty() {
            self.make();
        }
        let client = self.client.take().unwrap_or_else(|| self.connect());
        let mut answers = Vec::new();
        let ended = client.submit_into(vec![self.unanswered.iter().cloned().collect()], &mut answers);
        for answer in answers {
            told.push(self.answered(&answer));
        }
        match ended {
            Ok(()) => self.client = Some(client),
            Err(status) => assert!(!is_refusal(&status), "{}: {status}", self.member),
        }
    }
}

impl PastNode {
    fn make(&mut self) {
        for _ in 0..=self.seed.below(BATCH) {
            let id = format!("{}:organisation:wire-{}", self.member, self.made);
            let record = self.forge.organisation(&id, &id);
            self.forge.follow(&record);
            self.made += 1;
            self.unanswered.push_back(record);
        }
    }

    fn connect(&self) -> RawClient {
        wait_for("the hub", SOON, || {
            let connected = RawClient::try_connect(self.hub, &self.dialer);
            Ok(connected.map_or_else(|why| Seen::NotYet(why.to_string()), Seen::Yes))
        })
        .unwrap()
    }

    fn answered(&mut self, answer: &Answer) -> Answered {
        let expected = id_of(&self.unanswered.pop_front().unwrap());
        assert_eq!(answer.record_id, expected.to_vec(), "an answer to another record");
        let first = match answer.outcome() {
            Outcome::Accepted => true,
            Outcome::Duplicate => false,
            Outcome::Rejected | Outcome::Unspecified => panic!("{}: after what was answered, {answer:?}", self.member),
        };
        Answered { record_id: expected, index: LeafIndex(answer.index), first }
    }
}
