//! Load: threads that publish without a pause, and remember what they were told.
//!
//! In scope: the threads' common start, rest and end ([`Load`]), publishing at a node (`node`), submitting past it (`wire`).
//! Out of scope: judging what became of it (the stories).

mod node;
mod wire;

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;

use multaqa_proto::hash::RecordId;
use tonic::Status;

pub use node::{Batch, at_node};
pub use wire::{Answered, past_node};

use crate::SOON;

/// What a thread of load does between two looks at whether it may go on.
pub(crate) trait Work: Send + 'static {
    /// What it was told.
    type Told: Send + 'static;
    /// Does one thing; notes what it was told.
    fn step(&mut self, told: &mut Vec<Self::Told>);
}

/// Threads that work until they are told to rest or to end.
pub struct Load {
    turn: Arc<Turn>,
    nodes: Vec<JoinHandle<Vec<Batch>>>,
    wires: Vec<JoinHandle<Vec<Answered>>>,
}

/// What all threads of a load were told.
#[derive(Debug, Default)]
pub struct Told {
    /// Batches that were given to nodes, in the order of each node.
    pub batches: Vec<Batch>,
    /// Records that the hub said it has, by its own answers.
    pub answered: Vec<Answered>,
}

/// Whether the threads may go on, and how far they are.
#[derive(Debug, Default)]
struct Turn {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    resting: bool,
    ended: bool,
    failed: bool,
    at_rest: usize,
    steps: u64,
}

impl Turn {
    /// Waits while all rest; false at the end.
    fn goes_on(&self) -> bool {
        let mut state = self.state();
        state.at_rest += 1;
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |state| state.resting && !state.ended).unwrap();
        state.at_rest -= 1;
        !state.ended
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    /// Waits until the state is as asked.
    fn until(&self, what: &str, condition: impl Fn(&State) -> bool) {
        let goes_on = |state: &mut State| !state.failed && !condition(state);
        let waited = self.changed.wait_timeout_while(self.state(), SOON, goes_on).unwrap();
        let late = waited.1.timed_out();
        drop(waited);
        self.check();
        assert!(!late, "{what}: not within {} s", SOON.as_secs());
    }

    /// Fails where a thread has.
    fn check(&self) {
        let failed = self.state().failed;
        assert!(!failed, "a thread of the load failed, and said why");
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// Says that a thread failed.
struct Failing<'a>(&'a Turn);

impl Drop for Failing<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.change(|state| state.failed = true);
        }
    }
}

impl Load {
    /// A load of these, which work from here on.
    #[must_use]
    pub fn start(nodes: Vec<node::AtNode>, wires: Vec<wire::PastNode>) -> Self {
        let turn = Arc::new(Turn::default());
        let nodes = nodes.into_iter().map(|work| spawn(&turn, work)).collect();
        let wires = wires.into_iter().map(|work| spawn(&turn, work)).collect();
        Self { turn, nodes, wires }
    }

    /// Waits until the threads together have done so many things more.
    pub fn until_steps(&self, more: u64) {
        let end = self.turn.state().steps + more;
        self.turn.until("the load goes on", |state| state.steps >= end);
    }

    /// Fails where a thread has.
    pub fn check(&self) {
        self.turn.check();
    }

    /// Lets all threads rest, and waits until they do.
    pub fn rest(&self) {
        let threads = self.nodes.len() + self.wires.len();
        self.turn.change(|state| state.resting = true);
        self.turn.until("the load rests", |state| state.at_rest == threads);
    }

    /// Lets them work again.
    pub fn go_on(&self) {
        self.turn.change(|state| state.resting = false);
    }

    /// Ends them; what they were told.
    ///
    /// # Panics
    /// Where a thread failed.
    #[must_use]
    pub fn end(mut self) -> Told {
        self.turn.change(|state| state.ended = true);
        let batches = self.nodes.drain(..).flat_map(told).collect();
        Told { batches, answered: self.wires.drain(..).flat_map(told).collect() }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.turn.change(|state| state.ended = true);
    }
}

impl Told {
    /// Ids of the records that nodes said they keep.
    pub fn kept(&self) -> impl Iterator<Item = RecordId> {
        self.batches.iter().filter_map(|batch| batch.kept.as_deref()).flatten().copied()
    }
}

fn spawn<W: Work>(turn: &Arc<Turn>, mut work: W) -> JoinHandle<Vec<W::Told>> {
    let turn = Arc::clone(turn);
    std::thread::spawn(move || {
        let (mut told, _failing) = (Vec::new(), Failing(&turn));
        while turn.goes_on() {
            work.step(&mut told);
            turn.change(|state| state.steps += 1);
        }
        told
    })
}

/// Whether somebody refused, and did not just die: what hub and node refuse, they say why in details.
fn is_refusal(status: &Status) -> bool {
    !status.details().is_empty()
}

/// What a thread was told; its panic goes on here.
fn told<T>(thread: JoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
