//! No two branches are stable, whatever f of the n states cosign: all splits of 1 to 23 states, then random histories in which
//! honest witnesses follow their rule through wiped replicas and answers that are lost.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use multaqa_proto::directory::Directory;
use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::cosignature;
use multaqa_proto::log::witness::{Cosignature, Cosigned, Last, Next, Numbers, Vote, Witnessed, next, with_lines};
use multaqa_proto::number::TreeSize;
use multaqa_proto::wire::kind;
use proptest::prelude::*;

use super::federation::{Federation, Plan, key};

const MOST: usize = 23;

pub(crate) fn code(state: usize) -> String {
    let letter = |n: usize| char::from(b'A' + u8::try_from(n).unwrap());
    format!("{}{}", letter(state / 26), letter(state % 26))
}

pub(crate) fn seed(state: usize) -> u8 {
    u8::try_from(104 + 4 * state).unwrap()
}

fn writer(state: usize) -> Writer {
    format!("{}/gw1", code(state)).parse().unwrap()
}

fn policy(f: &Federation, number: u64, witnesses: &[String]) -> kind::Policy {
    let now = f.state.directory().policy();
    let operators = now.operators.iter();
    kind::Policy {
        number,
        log_key: now.log_key.as_bytes().to_vec(),
        operators: operators
            .map(|(name, key)| kind::Operator { name: name.to_string(), record_key: key.as_bytes().to_vec() })
            .collect(),
        operators_required: 1,
        witnesses: witnesses.to_vec(),
        rules: 1,
    }
}

fn propose(f: &mut Federation, number: u64, witnesses: &[String]) -> ControlVerdict {
    let id = format!("x-federation:policy:{number}");
    let policy = policy(f, number, witnesses);
    f.write("operator/first", &Plan::new(&id, &["members"], &policy)).1.unwrap()
}

/// A federation of so many states, each with a node, all of them witnesses.
pub(crate) fn witnessed(states: usize) -> Federation {
    let mut f = Federation::new(1);
    for state in 0..states {
        f.join(&code(state), "state", seed(state));
    }
    let all: Vec<String> = (0..states).map(code).collect();
    assert_eq!(propose(&mut f, 2, &all), ControlVerdict::Valid);
    f
}

static DIRECTORIES: LazyLock<Vec<Directory>> =
    LazyLock::new(|| (1..=MOST).map(|states| witnessed(states).state.directory().as_ref().clone()).collect());

fn directory(states: usize) -> &'static Directory {
    &DIRECTORIES[states - 1]
}

fn cosigns(directory: &Directory, witnessed: &mut Witnessed, state: usize, size: TreeSize, time_s: u64) {
    let witness = writer(state);
    let key = directory.keys(&witness).last().unwrap().witness.id();
    witnessed.take(&Cosignature { witness, key, time_s, line: String::new() }, size);
}

/// The stable size where these states cosigned so many entries.
fn stable(states: usize, cosigning: impl IntoIterator<Item = usize>) -> TreeSize {
    let mut witnessed = Witnessed::default();
    for state in cosigning {
        cosigns(directory(states), &mut witnessed, state, TreeSize(10), 1);
    }
    witnessed.settle(directory(states)).stable
}

/// Whether so many hostile states, which cosign both branches, make both stable with some split of the honest ones.
fn forks(states: usize, hostile: usize) -> bool {
    let honest = states - hostile;
    let splits = (0..=honest).flat_map(|first| (0..=honest - first).map(move |second| (first, second)));
    splits.into_iter().any(|(first, second)| {
        let on = |from: usize, count: usize| (0..hostile).chain(hostile + from..hostile + from + count);
        stable(states, on(0, first)).0 > 0 && stable(states, on(first, second)).0 > 0
    })
}

#[test]
fn no_split_of_the_honest_makes_two_branches_stable_while_at_most_f_are_hostile() {
    for states in 1..=MOST {
        let Numbers { faulty, quorum, .. } = Numbers::of(states);
        assert!((0..=faulty).all(|hostile| !forks(states, hostile)), "{states}");
        assert!(quorum <= states - faulty, "{states}: those that are sound suffice");
        // The bound is tight: one more forks the log, or where n + f is even, two more.
        let enough = 2 * quorum - states;
        assert!(enough == faulty + 1 || (enough == faulty + 2 && (states + faulty).is_multiple_of(2)), "{states}");
        assert!(forks(states, enough) && !forks(states, enough - 1), "{states}");
    }
}

#[test]
fn a_state_has_one_vote_and_only_while_it_counts() {
    let mut f = witnessed(4);
    let size = TreeSize(10);
    let mut witnessed = Witnessed::default();
    for state in 0..3 {
        cosigns(f.state.directory(), &mut witnessed, state, TreeSize(10 + state as u64), 5 + state as u64);
    }
    let standing = witnessed.settle(f.state.directory());
    assert_eq!((standing.witnessed, standing.stable), (TreeSize(11), size));
    assert_eq!(standing.votes[&"AD".parse::<MemberCode>().unwrap()], None);

    // A suspended state does not count, and what was stable once stays so.
    let mut fresh = witnessed.clone();
    let revisions = f.state.directory().member(&"AC".parse().unwrap()).unwrap().revisions.clone();
    let suspended = kind::Member {
        code: "AC".to_owned(),
        class: "state".to_owned(),
        name: [("en".to_owned(), "AC".to_owned())].into(),
        status: "suspended".to_owned(),
    };
    f.write("operator/first", &Plan::new("x-federation:member:ac", &["members"], &suspended).replacing(&revisions));
    assert_eq!(fresh.settle(f.state.directory()).stable, size);
    assert_eq!(fresh.settle(f.state.directory()).votes[&"AC".parse::<MemberCode>().unwrap()], None);
    let mut anew = Witnessed::default();
    for state in 0..3 {
        cosigns(f.state.directory(), &mut anew, state, size, 5);
    }
    assert_eq!(anew.settle(f.state.directory()).stable, TreeSize(0));
    // The fourth makes three again.
    cosigns(f.state.directory(), &mut anew, 3, size, 5);
    assert_eq!(anew.settle(f.state.directory()).stable, size);
}

/// Takes a cosignature of a node by its newest key.
fn node_cosigns(f: &Federation, witnessed: &mut Witnessed, witness: &str, size: u64) {
    let witness: Writer = witness.parse().unwrap();
    let key = f.state.directory().keys(&witness).last().unwrap().witness.id();
    witnessed.take(&Cosignature { witness, key, time_s: size, line: String::new() }, TreeSize(size));
}

#[test]
fn a_state_has_one_vote_however_many_nodes_it_has() {
    let mut f = witnessed(4);
    for (node, seed) in [("gw2", 60), ("gw3", 70)] {
        f.join_another("AA", node, seed);
    }
    let mut witnessed = Witnessed::default();
    for (witness, size) in [("AA/gw1", 10), ("AA/gw2", 12), ("AA/gw3", 11)] {
        node_cosigns(&f, &mut witnessed, witness, size);
    }
    let standing = witnessed.settle(f.state.directory());
    assert_eq!((standing.witnessed, standing.stable), (TreeSize(0), TreeSize(0)));
    let vote = Vote { size: TreeSize(12), time_s: 12 };
    assert_eq!(standing.votes[&"AA".parse::<MemberCode>().unwrap()], Some(vote));
    // Two states witness, three make it stable.
    node_cosigns(&f, &mut witnessed, "AB/gw1", 11);
    let standing = witnessed.settle(f.state.directory());
    assert_eq!((standing.witnessed, standing.stable), (TreeSize(11), TreeSize(0)));
    node_cosigns(&f, &mut witnessed, "AC/gw1", 10);
    assert_eq!(witnessed.settle(f.state.directory()).stable, TreeSize(10));
}

#[test]
fn a_vote_is_by_the_newest_key_of_a_node_while_it_is_in_force() {
    let mut f = witnessed(4);
    let mut before = Witnessed::default();
    for witness in ["AA/gw1", "AB/gw1", "AC/gw1"] {
        node_cosigns(&f, &mut before, witness, 10);
    }
    // One node begins its next epoch, the key of another is suspended.
    let (invitation, _) = f.invite("AA", 60);
    let key_record = f.redeem("AA", invitation, 60);
    f.order(key_record);
    let suspended = kind::Key {
        member: "AB".to_owned(),
        node: "gw1".to_owned(),
        epoch: 1,
        status: "suspended".to_owned(),
        ..kind::Key::default()
    };
    f.write("operator/first", &Plan::new("x-federation:key:ab-gw1", &["members"], &suspended));
    let votes = |witnessed: &Witnessed| {
        let standing = witnessed.clone().settle(f.state.directory());
        assert_eq!(standing.stable, TreeSize(0));
        standing.votes.into_values().map(|vote| vote.map_or(0, |vote| vote.size.0)).collect::<Vec<_>>()
    };
    assert_eq!(votes(&before), [0, 0, 10, 0]);
    node_cosigns(&f, &mut before, "AA/gw1", 11);
    node_cosigns(&f, &mut before, "AB/gw1", 11);
    assert_eq!(votes(&before), [11, 0, 10, 0]);
    // Nor do their lines count under a note.
    let (directory, note) = (f.state.directory(), f.checkpoint());
    let text = note.split_inclusive("\n\n").next().unwrap().strip_suffix('\n').unwrap();
    let line = |state: usize, by: u8| {
        let name =
            cosignature::witness_name(directory.federation(), &code(state).parse().unwrap(), &"gw1".parse().unwrap());
        cosignature::sign(&name, &key(by), 77, text)
    };
    let lines = [line(0, seed(0) + 2), line(1, seed(1) + 2), line(2, seed(2) + 2)];
    let opened = Cosigned::open(&with_lines(&note, lines.iter().map(String::as_str)), directory).unwrap();
    let by: Vec<String> = opened.cosignatures.iter().map(|cosignature| cosignature.witness.to_string()).collect();
    assert_eq!(by, ["AC/gw1"]);
}

#[test]
fn a_note_is_opened_with_the_lines_that_count_and_no_others() {
    let f = witnessed(4);
    let directory = f.state.directory();
    let note = f.checkpoint();
    let text = note.split_inclusive("\n\n").next().unwrap().strip_suffix('\n').unwrap();
    let line = |state: usize, by: u8| {
        let member = code(state).parse().unwrap();
        let name = cosignature::witness_name(directory.federation(), &member, &"gw1".parse().unwrap());
        cosignature::sign(&name, &key(by), 77, text)
    };
    let witness_key = |state| seed(state) + 2;
    let lines = [
        line(0, witness_key(0)),
        line(1, witness_key(2)), // another state's key
        line(2, seed(2) + 1),    // the record key
        line(9, witness_key(3)), // no member
        line(3, witness_key(3)),
    ];
    let signed = with_lines(&note, lines.iter().map(String::as_str));
    let opened = Cosigned::open(&signed, directory).unwrap();
    let by: Vec<String> = opened.cosignatures.iter().map(|c| format!("{} {}", c.witness, c.time_s)).collect();
    assert_eq!(by, ["AA/gw1 77", "AD/gw1 77"]);
    assert_eq!((opened.note, opened.checkpoint.size), (note.clone(), f.state.size()));
    assert_eq!(opened.cosignatures[1].line, lines[4]);
    assert_eq!(PublicKey::of(&key(witness_key(0))).id(), opened.cosignatures[0].key);
    let unsigned = format!("{text}\n{}", lines[0]);
    assert!(Cosigned::open(&unsigned, directory).is_err(), "cosignatures do not stand for the log's own");
}

#[test]
fn witnesses_are_states_and_never_fall_below_a_majority() {
    let mut f = witnessed(5);
    f.admit("x-escwa", "secretariat");
    let codes = |states: &[usize]| states.iter().map(|state| code(*state)).collect::<Vec<_>>();
    let void = |verdict| match verdict {
        ControlVerdict::Void(void) => void.code,
        ControlVerdict::Valid => "VALID",
        ControlVerdict::Pending => "PENDING",
    };
    assert_eq!(void(propose(&mut f, 3, &codes(&[0, 1]))), "WITNESSES_TOO_FEW");
    let with_secretariat = [codes(&[0, 1, 2, 3, 4]), vec!["x-escwa".to_owned()]].concat();
    assert_eq!(void(propose(&mut f, 3, &with_secretariat)), "WITNESS_NOT_STATE");
    // Three of five are a majority; four states of the policy have to agree.
    assert_eq!(void(propose(&mut f, 3, &codes(&[0, 1, 2]))), "PENDING");
}

/// A witness that keeps to the rule: its own tree, which may be thrown away, and what it cosigned, which stays.
#[derive(Clone, Default)]
struct Honest {
    tree: Option<(bool, u64)>,
    last: Option<Last>,
}

#[derive(Debug, Clone)]
enum Step {
    /// The hub offers a checkpoint of a branch to a state; the answer may be lost.
    Offer { state: usize, second: bool, size: u64, lost: bool },
    /// A state's replica is thrown away.
    Wipe { state: usize },
}

const LONGEST: u64 = 12;

fn steps() -> impl Strategy<Value = (usize, u64, Vec<Step>)> {
    let step = (0..MOST, any::<bool>(), 1..=LONGEST, 0..10_u8).prop_map(|(state, second, size, kind)| match kind {
        0 => Step::Wipe { state },
        _ => Step::Offer { state, second, size, lost: kind == 1 },
    });
    (1..=MOST, 0..LONGEST, prop::collection::vec(step, 0..160))
}

/// Root of a branch at a size: the two agree up to where they part.
fn root(second: bool, size: u64, parts_at: u64) -> Hash {
    Hash::of(format!("{}{size}", second && size > parts_at).as_bytes())
}

impl Honest {
    /// Whether it cosigns what the hub offers. A tree never shrinks and never changes branch, but it may be thrown away.
    fn offered(&mut self, second: bool, size: u64, parts_at: u64) -> bool {
        let grown = match self.tree {
            None => (second, size),
            Some((on, held)) if held <= parts_at => (if size > parts_at { second } else { on }, held.max(size)),
            Some((on, held)) if on == second || size <= parts_at => (on, held.max(size)),
            Some(_) => return false,
        };
        self.tree = Some(grown);
        let own = |at: u64| (at <= grown.1).then(|| root(grown.0, at, parts_at));
        let held = self.last.and_then(|last| own(last.size.0));
        let root = root(second, size, parts_at);
        let cosigns = next(self.last.as_ref(), held, TreeSize(size), root) == Next::Cosign;
        if cosigns {
            self.last = Some(Last { size: TreeSize(size), root });
        }
        cosigns
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4 * ProptestConfig::default().cases))]

    #[test]
    fn no_history_makes_two_branches_stable((states, parts_at, steps) in steps()) {
        let (directory, faulty) = (directory(states), Numbers::of(states).faulty);
        let mut honest: BTreeMap<usize, Honest> = (faulty..states).map(|state| (state, Honest::default())).collect();
        let mut views = [Witnessed::default(), Witnessed::default()];
        for (time, step) in (1..).zip(steps) {
            match step {
                Step::Wipe { state } => {
                    if let Some(honest) = honest.get_mut(&state) {
                        honest.tree = None;
                    }
                }
                Step::Offer { state, second, size, lost } if state < states => {
                    let agrees = honest.get_mut(&state).is_none_or(|honest| honest.offered(second, size, parts_at));
                    if agrees && !lost {
                        for (branch, view) in [false, true].into_iter().zip(&mut views) {
                            // A reader counts what is over its own history.
                            if branch == second || size <= parts_at {
                                cosigns(directory, view, state, TreeSize(size), time);
                            }
                        }
                    }
                }
                Step::Offer { .. } => {}
            }
            let stable = views.each_mut().map(|view| view.settle(directory).stable.0);
            prop_assert!(stable.iter().any(|stable| *stable <= parts_at), "{states}: {stable:?} part at {parts_at}");
        }
    }
}
