//! Hundreds of small federations under seeded faults: lines that are cut, stalled, slowed, that repeat and lose bytes; nodes and
//! a hub that die in the middle of it. Whatever happens, all agree in the end.
//!
//! Real processes make and join one federation. Of its files each seed gets a copy, and runs hub and nodes on it in this
//! process: each on a runtime of its own, so that ending the runtime is a crash; over real sockets, real TLS and a line that
//! can be broken. In scope: what a seed does. Out of scope: how a federation runs in here (`small`), kills of real processes
//! at chosen points (`killed`).

mod small;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use multaqa_demo::link::{Direction, Flaw, Pace};
use multaqa_tests::checker;
use multaqa_tests::record::Record;
use multaqa_tests::seed::Seed;

use crate::world;
use small::{MEMBERS, Small};

/// The variable that sets how many seeds are run.
const SEEDS: &str = "MULTAQA_TEST_SEEDS";
/// Seeds where nothing is set.
const DEFAULT: usize = 200;
/// Federations that run at the same time: most of their time they wait.
const AT_ONCE: usize = 12;
/// Things that happen in each.
const STEPS: usize = 10;
/// A line that is slow, and not so slow that a seed takes long.
const PACE: Pace = Pace { bytes_per_second: Some(200_000), latency: Duration::from_millis(5) };

#[test]
fn whatever_happens_to_lines_and_processes_all_agree_in_the_end() {
    let count = std::env::var(SEEDS).ok().map_or(DEFAULT, |text| text.parse().expect("a number of seeds"));
    let mut seed = Seed::of_story("partitions");
    let scratch = tempfile::tempdir().unwrap();
    let template = template(scratch.path());
    let seeds = Mutex::new((0..count).map(|number| (number, seed.branch())).collect::<Vec<_>>());
    let broken = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(count) {
            scope.spawn(|| {
                while let Some((number, seed)) = take(&seeds) {
                    let dir = scratch.path().join(format!("s{number}"));
                    let ended = catch_unwind(AssertUnwindSafe(|| story(&template, &dir, seed)));
                    if ended.is_err() {
                        broken.lock().unwrap().push(number);
                        take_all(&seeds);
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "branches of the seed that broke a rule: {broken:?}");
}

fn take(seeds: &Mutex<Vec<(usize, Seed)>>) -> Option<(usize, Seed)> {
    seeds.lock().unwrap().pop()
}

/// One that failed is enough.
fn take_all(seeds: &Mutex<Vec<(usize, Seed)>>) {
    seeds.lock().unwrap().clear();
}

/// A federation that real processes made, with a group of two, at rest.
fn template(scratch: &Path) -> PathBuf {
    let mut world = world(&MEMBERS);
    world.hub().create_group("gulf", "full", &MEMBERS[..2]).unwrap();
    world.settle();
    for member in MEMBERS {
        world.node_mut(member).stop().unwrap();
    }
    world.hub_mut().stop().unwrap();
    let template = scratch.join("template");
    fs::create_dir(&template).unwrap();
    copy(&world.hub().dir(), &template.join("hub"));
    for member in MEMBERS {
        copy(world.node(member).dir(), &template.join(member));
    }
    template
}

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else if path.is_file() {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn story(template: &Path, dir: &Path, mut seed: Seed) {
    let mut small = Small::start(template, dir);
    let mut published: Vec<(usize, String)> = Vec::new();
    for step in 0..STEPS {
        let node = seed.below(MEMBERS.len());
        match seed.below(12) {
            0..=3 => {
                let audience = ["states", "group:gulf", "member:EG"][seed.below(3)];
                let records: Vec<Record> = (0..=seed.below(4))
                    .map(|n| {
                        Record::organisation(MEMBERS[node], &format!("s{step}-{n}"), "Said").for_audience(audience)
                    })
                    .collect();
                if small.publish(node, &records) {
                    published.extend(records.iter().map(|record| (node, record.id().to_owned())));
                }
            }
            4 if !published.is_empty() => {
                let (node, id) = published.swap_remove(seed.below(published.len()));
                small.withdraw(node, &id);
            }
            5 => small.line(node).cut(),
            6 => small.line(node).restore(),
            7 => small.line(node).slow(PACE),
            8 => small.line(node).stall(),
            9 => {
                let way = seed.one_of(&[Direction::ToHub, Direction::ToNode]);
                match seed.below(3) {
                    0 => small.line(node).cut_after(way, seed.below(4_000)),
                    1 => small.line(node).spoil_after(way, seed.below(4_000), Flaw::Repeated),
                    _ => small.line(node).spoil_after(way, seed.below(4_000), Flaw::Lost),
                }
            }
            10 => small.crash_node(node),
            _ => small.crash_hub(),
        }
    }
    small.settle();
    small.end();
    let nodes = MEMBERS.map(|member| (member, dir.join(member)));
    let _sizes =
        checker::check_files(&dir.join("hub"), &nodes.each_ref().map(|(member, dir)| (*member, dir.as_path())));
    fs::remove_dir_all(dir).unwrap();
}
