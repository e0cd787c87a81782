//! A log that succeeds another: what a reader takes, and every way in which a hub, or too few others with it, forges one.

use multaqa_proto::hash::Hash;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::cosignature;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::note;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::succession::{CosignedCheckpoint, Decision, Succession};
use multaqa_proto::log::tree::{consistency_proof, leaf_hash};
use multaqa_proto::log::witness::{Cosigned, with_lines};
use multaqa_proto::number::{LogNumber, TreeSize};

use super::federation::{Federation, Plan, key, organisation};
use super::quorum::{code, seed, witnessed};

/// Four states, of which three are a quorum, with records and seals above the closed size.
struct Closing {
    /// The log that is closed, as far as it went.
    whole: Federation,
    /// The same at the closed size.
    closed: Federation,
}

impl Closing {
    fn new() -> Self {
        let mut closed = witnessed(4);
        closed.seal();
        let mut whole = witnessed(4);
        whole.seal();
        for n in 0..5 {
            let id = format!("AA:organisation:o{n}");
            whole.write("AA/gw1", &Plan::new(&id, &["states"], &organisation("lost")));
        }
        whole.seal();
        assert_eq!(closed.checkpoint(), whole.checkpoint_at(closed.state.size()), "both begin alike");
        Self { whole, closed }
    }

    /// A note of the closed log at this size, cosigned by the witness keys of these seeds under these states' names.
    fn cosigned(&self, size: TreeSize, lines: &[(usize, u8)]) -> CosignedCheckpoint {
        let signed = self.whole.checkpoint_at(size);
        let (text, _) = note::split(&signed).unwrap();
        let directory = self.closed.state.directory();
        let line = |(state, by): &(usize, u8)| {
            let (member, node) = (code(*state).parse().unwrap(), "gw1".parse().unwrap());
            let name = cosignature::witness_name(directory.federation(), &member, &node);
            cosignature::sign(&name, &key(*by), 77, text)
        };
        let lines: Vec<String> = lines.iter().map(line).collect();
        let from = usize::try_from(self.closed.state.size().0).unwrap();
        let leaves: Vec<Hash> =
            self.whole.entries.iter().take(usize::try_from(size.0).unwrap()).map(|(_, e)| leaf_hash(&e.leaf)).collect();
        let consistency = if leaves.len() <= from { Vec::new() } else { consistency_proof(&leaves, from) };
        CosignedCheckpoint { note: with_lines(&signed, lines.iter().map(String::as_str)), consistency }
    }

    fn decision(&self) -> Decision {
        let state = &self.closed.state;
        Decision {
            genesis: state.directory().genesis(),
            log: LogNumber(2),
            size: state.size(),
            root: state.root(),
            operator: "first".parse().unwrap(),
            decided_at_ms: 5,
            reason: "the store was put back".to_owned(),
        }
    }

    /// One that holds: two states at the closed size, one above it.
    fn succession(&self) -> Succession {
        Succession {
            log: LogNumber(2),
            closed: self.closed.checkpoint(),
            cosigned: vec![
                self.cosigned(self.closed.state.size(), &[(0, witness(0)), (1, witness(1))]),
                self.cosigned(self.whole.state.size(), &[(3, witness(3))]),
            ],
            decisions: vec![self.decision().sign(&key(1))],
        }
    }
}

fn witness(state: usize) -> u8 {
    seed(state) + 2
}

fn refused(state: &LogState, succession: &Succession) -> &'static str {
    state.check_succession(succession).map_or_else(|wrong| wrong.0, |_| "held")
}

#[test]
fn a_reader_takes_a_succession_and_follows_the_log_that_begins() {
    let mut c = Closing::new();
    let (size, mut reader) = (c.closed.state.size(), c.closed.reader("AB"));
    let before = c.closed.checkpoint();
    reader = reader.accept(&c.closed.frame("AB", TreeSize(0))).unwrap().0;
    c.closed.put_succession(&c.succession());
    c.closed.write("AA/gw1", &Plan::new("AA:organisation:o0", &["states"], &organisation("again")));
    c.closed.seal();
    // A checkpoint of a log whose succession is not here says nothing.
    assert_eq!(reader.open_checkpoint(&c.closed.checkpoint()).unwrap(), None);
    let next = reader.accept(&c.closed.frame("AB", size)).unwrap().0;
    assert_eq!((next.log(), next.size()), (LogNumber(2), c.closed.state.size()));
    assert!(next.open_checkpoint(&c.closed.checkpoint()).unwrap().is_some());
    let directory = next.directory().unwrap();
    assert_eq!((directory.log_at(size), directory.log_at(TreeSize(size.0 + 1))), (LogNumber(1), LogNumber(2)));
    assert_eq!(directory.closed_at(LogNumber(1)), Some(size));
    let [begun] = directory.successions() else { panic!("one succession") };
    assert_eq!(begun.decisions, [("first".parse().unwrap(), "the store was put back".to_owned())]);
    // What is below the closed size is of log 1, what is above of log 2, and nothing else counts.
    assert!(Cosigned::open(&before, directory).is_ok());
    let above = c.whole.checkpoint();
    assert!(Cosigned::open_here(&above, directory).unwrap().is_none(), "log 1 was closed below");
    // One who begins from nothing takes it in one frame with all else.
    let fresh = c.closed.reader("AB").accept(&c.closed.frame("AB", TreeSize(0))).unwrap().0;
    assert_eq!((fresh.log(), fresh.state().unwrap().root()), (LogNumber(2), c.closed.state.root()));
}

#[test]
fn no_forged_succession_holds() {
    let c = Closing::new();
    let (state, good) = (&c.closed.state, c.succession());
    assert_eq!(refused(state, &good), "held");
    let size = state.size();
    let whole = c.whole.state.size();
    let with = |change: &dyn Fn(&mut Succession)| {
        let mut forged = good.clone();
        change(&mut forged);
        refused(state, &forged)
    };
    let decided = |change: &dyn Fn(&mut Decision), by: u8| {
        let mut decision = c.decision();
        change(&mut decision);
        with(&|s| s.decisions = vec![decision.sign(&key(by))])
    };
    let few = "too few states vouch for the closed size";
    let line = "a cosigned checkpoint has a line that does not count";
    assert_eq!(with(&|s| s.cosigned.truncate(1)), few);
    assert_eq!(with(&|s| s.cosigned.clear()), few);
    assert_eq!(
        with(&|s| s.cosigned =
            vec![c.cosigned(size, &[(0, witness(0)), (1, witness(1))]), c.cosigned(whole, &[(1, witness(1))])]),
        few,
        "one state has one vote"
    );
    assert_eq!(with(&|s| s.cosigned[0] = c.cosigned(size, &[(0, witness(0)), (1, witness(2))])), line);
    assert_eq!(with(&|s| s.cosigned[0] = c.cosigned(size, &[(0, witness(0)), (0, witness(0)), (1, witness(1))])), line);
    assert_eq!(with(&|s| s.cosigned.reverse()), "the cosigned checkpoints are not in order");
    let begins = "a cosigned checkpoint does not begin with the closed log";
    assert_eq!(with(&|s| s.cosigned[1].consistency[0].0[3] ^= 1), begins);
    assert_eq!(with(&|s| s.cosigned[1].consistency.truncate(1)), begins);
    assert_eq!(
        with(&|s| s.cosigned[0] = c.cosigned(TreeSize(size.0 - 1), &[(0, witness(0)), (1, witness(1))])),
        begins,
        "what was cosigned below the closed size says nothing of it"
    );
    assert_eq!(with(&|s| s.log = LogNumber(3)), "its number does not follow that of the log");
    assert_eq!(with(&|s| s.closed = c.whole.checkpoint()), "a decision is on another closing");
    let other = Checkpoint { log: LogNumber(1), size, root: Hash([9; 32]) };
    let federation = state.directory().federation();
    assert_eq!(with(&|s| s.closed = other.sign(federation, &key(7))), "the closed checkpoint is not the log's");
    let second = Checkpoint { log: LogNumber(2), size, root: state.root() };
    assert_eq!(with(&|s| s.closed = second.sign(federation, &key(100))), "the closed checkpoint is not the log's");
    assert_eq!(
        with(&|s| s.closed = s.cosigned[0].note.clone()),
        "the closed checkpoint has other lines than the log's"
    );
    assert_eq!(with(&|s| s.decisions.clear()), "too few operators decided");
    let order = "the decisions are not of different operators in order";
    assert_eq!(with(&|s| s.decisions.push(s.decisions[0].clone())), order);
    assert_eq!(decided(&|d| d.operator = "nobody".parse().unwrap(), 1), "a decision is of no operator in force");
    assert_eq!(decided(&|_| {}, 2), "a decision is not signed by its operator");
    assert_eq!(decided(&|d| d.size = whole, 1), "a decision is on another closing");
    assert_eq!(decided(&|d| d.genesis = Hash([1; 32]), 1), "a decision is of another federation");
    assert_eq!(decided(&|d| d.reason = " ".to_owned(), 1), "a decision gives no reason, or a long one");
    assert_eq!(refused(&c.whole.state, &good), "it does not stand at the closed size");
    // Another log of that size, by the same keys.
    let mut other = witnessed(4);
    other.now += 1;
    other.seal();
    assert_eq!(other.state.size(), size);
    assert_eq!(refused(&other.state, &good), "the closed log is another one");
}

#[test]
fn an_operator_that_contradicted_itself_decides_nothing() {
    let mut f = Federation::new(1);
    let pair = ["a", "b"].map(|name| {
        let id = format!("x-federation:notice:{name}");
        f.sign("operator/second", &[Plan::new(&id, &["members"], &organisation(name))]).remove(0).1
    });
    f.put_evidence(pair);
    f.seal();
    let by = |name: &str, seed: u8| {
        let (size, root, log) = (f.state.size(), f.state.root(), LogNumber(2));
        let (genesis, operator) = (f.state.directory().genesis(), name.parse().unwrap());
        let decision = Decision { genesis, log, size, root, operator, decided_at_ms: 1, reason: "yes".to_owned() };
        let decisions = vec![decision.sign(&key(seed))];
        refused(&f.state, &Succession { log, closed: f.checkpoint(), cosigned: Vec::new(), decisions })
    };
    assert_eq!(by("second", 2), "a decision is of no operator in force");
    assert_eq!(by("first", 1), "held");
}

#[test]
fn every_altered_byte_is_refused() {
    let c = Closing::new();
    let bytes = c.succession().serialise();
    for at in 0..bytes.len() {
        for bit in [1, 128] {
            let mut altered = bytes.to_vec();
            altered[at] ^= bit;
            let held = Succession::parse(&altered).and_then(|altered| c.closed.state.check_succession(&altered));
            assert!(held.is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_reader_is_not_led_astray_by_a_forged_succession_or_one_at_another_place() {
    let mut c = Closing::new();
    let good = c.succession();
    let reader = c.closed.reader("AB").accept(&c.closed.frame("AB", TreeSize(0))).unwrap().0;
    let ahead = c.whole.reader("AB").accept(&c.whole.frame("AB", TreeSize(0))).unwrap().0;
    c.closed.put_succession(&good);
    let frame = c.closed.frame("AB", reader.size());
    assert_eq!(ahead.accept(&frame).unwrap_err().code(), "LOG_GAP");
    let few = Succession { cosigned: good.cosigned[..1].to_vec(), ..good.clone() };
    let leaf = Leaf::new(LeafType::Succession, c.closed.now, &[], few.serialise()).to_bytes();
    c.closed.entries.last_mut().unwrap().1.leaf = leaf;
    assert_eq!(reader.accept(&c.closed.frame("AB", reader.size())).unwrap_err().code(), "SUCCESSION_WRONG");
}

#[test]
fn without_witnesses_the_operators_decide_alone_and_m_of_them_are_needed() {
    let mut f = Federation::new(2);
    f.seal();
    let decision = |name: &str, by: u8| {
        let (size, root, log) = (f.state.size(), f.state.root(), LogNumber(2));
        let (genesis, operator) = (f.state.directory().genesis(), name.parse().unwrap());
        Decision { genesis, log, size, root, operator, decided_at_ms: 1, reason: "yes".to_owned() }.sign(&key(by))
    };
    let (first, second) = (decision("first", 1), decision("second", 2));
    let of = |decisions| Succession { log: LogNumber(2), closed: f.checkpoint(), cosigned: Vec::new(), decisions };
    assert_eq!(refused(&f.state, &of(vec![first.clone()])), "too few operators decided");
    let order = "the decisions are not of different operators in order";
    assert_eq!(refused(&f.state, &of(vec![second.clone(), first.clone()])), order);
    let both = of(vec![first, second]);
    assert_eq!(refused(&f.state, &both), "held");
    f.put_succession(&both);
    assert_eq!(f.state.log(), LogNumber(2));
}
