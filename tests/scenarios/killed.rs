//! Thirty kills under load, of the hub and of nodes: nothing that was acknowledged is lost, and nothing stands twice.
//!
//! Fourteen of the kills are of the hub between a commit's first write and its answer: the process stands at a fail point there
//! when SIGKILL comes. The others are of nodes between signing and settling, and of both in the middle of whatever they do.
//! Three memories are compared with the log: the hub's answers to a writer that no kill reaches and that never sends again
//! what was answered; what the nodes' journals held just after each kill; and what the nodes said they keep.

mod known;

use std::collections::BTreeSet;

use multaqa_hub::point as hub;
use multaqa_node::point as node;
use multaqa_runtime::point::Point;
use multaqa_tests::load::{Load, at_node, past_node};
use multaqa_tests::seed::Seed;
use multaqa_tests::{World, checker};

use crate::world;
use known::Known;

/// Members whose nodes publish and are killed.
const NODES: [&str; 3] = ["JO", "EG", "MA"];
/// The member in whose name is submitted past its node.
const WIRE: &str = "SA";
/// The kill after which everything is compared for the first time.
const HALF: usize = 14;
/// Kills between a commit's first write and its answer, at the least.
const UNANSWERED_MIN: usize = 10;

/// Who is killed.
#[derive(Debug, Clone, Copy)]
enum Who {
    Hub,
    Node(&'static str),
}

/// When.
#[derive(Debug, Clone, Copy)]
enum When {
    /// It stands there.
    At(Point),
    /// The load has done so many things more.
    After(u64),
}

#[test]
fn nothing_acknowledged_is_lost_whenever_a_process_is_killed() {
    let mut seed = Seed::of_story("killed");
    let mut story = Story::begin(&mut seed);
    let kills = kills(&mut seed);
    assert_eq!(kills.len(), 30);
    for (round, (who, when)) in kills.into_iter().enumerate() {
        story.kill(who, when);
        if round == HALF {
            story.compare();
        }
    }
    assert!(story.unanswered >= UNANSWERED_MIN, "{} kills before an answer", story.unanswered);
    story.end();
}

/// Thirty kills in an order of the seed: each point before an answer twice, nine of the nodes' points, the rest anywhere.
fn kills(seed: &mut Seed) -> Vec<(Who, When)> {
    let mut kills = vec![(Who::Hub, When::At(hub::COMMIT_PLANNED))];
    for point in hub::UNANSWERED {
        kills.extend([(Who::Hub, When::At(*point)); 2]);
    }
    let of_nodes = seed.shuffled(node::UNDER_LOAD.to_vec());
    kills.extend(of_nodes.iter().take(9).map(|point| (Who::Node(seed.one_of(&NODES)), When::At(*point))));
    while kills.len() < 30 {
        let who = [Who::Hub, Who::Node(seed.one_of(&NODES))];
        kills.push((seed.one_of(&who), When::After(seed.below(12) as u64)));
    }
    seed.shuffled(kills)
}

struct Story {
    world: World,
    load: Load,
    known: Known,
    /// Kills between a commit's first write and its answer.
    unanswered: usize,
}

impl Story {
    fn begin(seed: &mut Seed) -> Self {
        let mut world = world(&[&NODES[..], &[WIRE]].concat());
        world.node_mut(WIRE).stop().unwrap();
        let nodes = NODES.map(|member| at_node(member, world.node(member).dir(), seed.branch())).into();
        let load = Load::start(nodes, vec![past_node(&world, WIRE, seed.branch())]);
        Self { world, load, known: Known::default(), unanswered: 0 }
    }

    fn kill(&mut self, who: Who, when: When) {
        match when {
            When::After(steps) => self.load.until_steps(steps),
            When::At(point) => {
                let armed = self.world.points().arm(point, self.pid(who));
                let load = &self.load;
                self.world.eventually(&armed.to_string(), |_| {
                    load.check();
                    armed.is_reached()
                });
                self.unanswered += usize::from(hub::UNANSWERED.contains(&point));
            }
        }
        match who {
            Who::Hub => self.world.hub_mut().kill9().unwrap(),
            Who::Node(member) => self.world.node_mut(member).kill9().unwrap(),
        }
        for member in NODES {
            self.known.look_into(&self.world, member);
        }
        match who {
            Who::Hub => drop(self.world.hub_mut().start().unwrap()),
            Who::Node(member) => self.world.node_mut(member).start().unwrap(),
        }
    }

    fn pid(&self, who: Who) -> u32 {
        let process = match who {
            Who::Hub => self.world.hub().process(),
            Who::Node(member) => self.world.node(member).process(),
        };
        process.unwrap().pid()
    }

    /// Everything at rest: what the journals were told is on the log, and everybody holds the same.
    fn compare(&mut self) {
        self.load.rest();
        compare(&mut self.world, &self.known);
        self.load.go_on();
    }

    fn end(self) {
        let Self { mut world, load, mut known, .. } = self;
        load.rest();
        world.settle();
        let told = load.end();
        let indexes = compare(&mut world, &known);
        known.hear(&told.answered);
        known.must_be_on(&indexes);
        let first: BTreeSet<_> = told.answered.iter().map(|answered| answered.first).collect();
        assert_eq!(first.len(), 2, "some answers are first ones, others were lost at a kill and given again");
        for record_id in told.kept() {
            assert!(indexes.contains_key(&record_id), "kept, and not on the log: {record_id}");
        }
        let objects = known::objects(&world);
        for batch in &told.batches {
            let there = batch.objects.iter().filter(|object| objects.contains(*object)).count();
            let whole = there == batch.objects.len();
            assert!(whole || there == 0 && batch.kept.is_none(), "{there} of {batch:?}");
        }
    }
}

/// Compares journals, replicas and the log at rest; where each record stands.
fn compare(world: &mut World, known: &Known) -> known::Indexes {
    checker::check(world);
    let fsck = world.hub().fsck().unwrap();
    assert_eq!(fsck["ok"], true, "{fsck}");
    for member in NODES {
        let fsck = world.node(member).fsck().unwrap();
        assert_eq!(fsck["ok"], true, "{member}: {fsck}");
        assert_eq!(world.json(member, &["status"])["failed"], 0, "{member}");
    }
    let indexes = known::indexes(world);
    known.must_be_on(&indexes);
    indexes
}
