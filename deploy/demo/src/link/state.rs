//! What a line does at a moment, and what happens to bytes that come by.
//!
//! Out of scope: taking connections and passing bytes (`link`), which waits where this says so.

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpStream};

use super::{Direction, Flaw, Mode};

#[derive(Debug)]
pub(super) struct State {
    pub(super) mode: Mode,
    pub(super) closed: bool,
    pub(super) barred: bool,
    pub(super) allowance: Option<(Direction, usize)>,
    pub(super) patience: Option<(Direction, usize)>,
    pub(super) flaw: Option<(Direction, usize, Flaw)>,
    pub(super) next: u64,
    pub(super) pairs: BTreeMap<u64, Pair>,
}

#[derive(Debug)]
pub(super) struct Pair {
    pub(super) node: TcpStream,
    /// None where the hub could not be reached or its side was closed.
    pub(super) hub: Option<TcpStream>,
    pub(super) stalled: bool,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            mode: Mode::Pass,
            closed: false,
            barred: false,
            allowance: None,
            patience: None,
            flaw: None,
            next: 0,
            pairs: BTreeMap::new(),
        }
    }

    pub(super) fn is_half_open(&self, id: u64) -> bool {
        self.pairs.get(&id).is_some_and(|pair| pair.hub.is_none())
    }

    pub(super) fn is_stalled(&self, id: u64) -> bool {
        let open = !self.closed && self.mode != Mode::Cut;
        open && (self.mode == Mode::Stall || self.pairs.get(&id).is_some_and(|pair| pair.stalled))
    }

    /// How often these bytes pass: once, but for those that are spoiled.
    pub(super) fn times(&mut self, direction: Direction, read: usize) -> usize {
        match self.flaw {
            Some((spoiled, left, flaw)) if spoiled == direction && read > 0 => {
                self.flaw = left.checked_sub(read).map(|left| (spoiled, left, flaw));
                match (self.flaw, flaw) {
                    (Some(_), _) => 1,
                    (None, Flaw::Repeated) => 2,
                    (None, Flaw::Lost) => 0,
                }
            }
            Some(_) | None => 1,
        }
    }

    /// Before more bytes than were to pass, all connections stall.
    pub(super) fn lose_patience(&mut self, direction: Direction, read: usize) {
        let Some((limited, left)) = &mut self.patience else { return };
        if *limited != direction {
            return;
        }
        if let Some(less) = left.checked_sub(read) {
            *left = less;
            return;
        }
        self.patience = None;
        self.pairs.values_mut().for_each(|pair| pair.stalled = true);
    }

    pub(super) fn leave_half_open(&mut self) {
        for pair in self.pairs.values_mut() {
            pair.hub.take().as_ref().map(close);
            pair.stalled = false;
        }
    }

    pub(super) fn enter(&mut self, mode: Mode) {
        match mode {
            Mode::Cut => {
                self.allowance = None;
                std::mem::take(&mut self.pairs).values().for_each(Pair::close);
            }
            Mode::HalfOpen => self.leave_half_open(),
            Mode::Pass => self.pairs.retain(|_, pair| {
                pair.stalled = false;
                let keep = pair.hub.is_some();
                if !keep {
                    pair.close();
                }
                keep
            }),
            Mode::Slow(_) | Mode::Stall => {}
        }
        self.mode = mode;
    }
}

impl Pair {
    pub(super) fn close(&self) {
        [Some(&self.node), self.hub.as_ref()].into_iter().flatten().for_each(close);
    }
}

fn close(stream: &TcpStream) {
    // An error means that the other side has closed it.
    let _closed = stream.shutdown(Shutdown::Both);
}
