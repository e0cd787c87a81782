//! The line between a node and the hub: a TCP proxy that can be cut.
//!
//! In scope: passing bytes, cutting (also in the middle of a frame, after so many bytes), stalling, and the half-open state
//! in which one side has gone without the other being told. Out of scope: what the bytes mean; TLS runs end to end through
//! the link, so it sees ciphertext only.
//!
//! The target may change while the link stands: a hub that starts again has another port, nodes keep their address of it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::failure::Failure;

/// What a link does with connections and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Passes them.
    Pass,
    /// Has closed all connections and closes each new one at once.
    Cut,
    /// Keeps connections open and passes nothing, so that the senders' buffers fill.
    Stall,
    /// Has closed the hub's side and keeps the node's side open, taking its bytes and saying nothing.
    HalfOpen,
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the node to the hub.
    ToHub,
    /// From the hub to the node.
    ToNode,
}

/// Where links lead; clones share one target.
#[derive(Debug, Clone, Default)]
pub struct Target(Arc<Mutex<Option<SocketAddr>>>);

impl Target {
    /// Leads all links elsewhere, from the next connection on.
    pub fn set(&self, address: SocketAddr) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
    }

    /// The address, where there is one.
    #[must_use]
    pub fn get(&self) -> Option<SocketAddr> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line that can be cut. Dropping it closes everything.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    line: Arc<Line>,
}

impl Link {
    /// A link on a free port of the loopback address.
    ///
    /// # Errors
    /// [`Failure::Link`] where there is no free port.
    pub fn open(target: Target) -> Result<Self, Failure> {
        let failed = |why: std::io::Error| Failure::Link { why: why.to_string() };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let line = Arc::new(Line::new(target));
        let accepting = line.clone();
        thread::spawn(move || accepting.accept_all(&listener));
        Ok(Self { address, line })
    }

    /// The address that the node dials.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the link does at this moment.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.line.state().mode
    }

    /// Connections that are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.line.state().pairs.len()
    }

    /// Passes everything again. Connections that were half-open are closed.
    pub fn restore(&self) {
        self.line.change(Mode::Pass);
    }

    /// Closes all connections, and each new one.
    pub fn cut(&self) {
        self.line.change(Mode::Cut);
    }

    /// Passes so many more bytes this way, then cuts, wherever in a frame that may be.
    pub fn cut_after(&self, direction: Direction, bytes: usize) {
        self.line.state().allowance = Some((direction, bytes));
    }

    /// Passes nothing and closes nothing.
    pub fn stall(&self) {
        self.line.change(Mode::Stall);
    }

    /// Closes the hub's side only.
    pub fn half_open(&self) {
        self.line.change(Mode::HalfOpen);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.line.state().closed = true;
        self.line.change(Mode::Cut);
        // Wakes the accepting thread; where that fails it has ended.
        let _woken = TcpStream::connect(self.address);
    }
}

#[derive(Debug)]
struct Line {
    target: Target,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    mode: Mode,
    closed: bool,
    allowance: Option<(Direction, usize)>,
    next: u64,
    pairs: BTreeMap<u64, Pair>,
}

#[derive(Debug)]
struct Pair {
    node: TcpStream,
    /// None where the hub could not be reached or its side was closed.
    hub: Option<TcpStream>,
}

impl Line {
    fn new(target: Target) -> Self {
        let state = State { mode: Mode::Pass, closed: false, allowance: None, next: 0, pairs: BTreeMap::new() };
        Self { target, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, mode: Mode) {
        self.state().enter(mode);
        self.changed.notify_all();
    }

    fn accept_all(self: &Arc<Self>, listener: &TcpListener) {
        for node in listener.incoming() {
            if self.state().closed {
                return;
            }
            if let Ok(node) = node {
                self.take(&node);
            }
        }
    }

    /// Opens the other side and passes bytes both ways. Where anything fails, the node's side is closed by its drop.
    fn take(self: &Arc<Self>, node: &TcpStream) {
        let mode = self.state().mode;
        let dial = matches!(mode, Mode::Pass | Mode::Stall);
        let hub = dial.then(|| self.target.get()).flatten().and_then(|target| TcpStream::connect(target).ok());
        if mode == Mode::Cut || (dial && hub.is_none()) {
            return;
        }
        let (Ok(node_copy), Ok(hub_copy)) = (node.try_clone(), hub.as_ref().map(TcpStream::try_clone).transpose())
        else {
            return;
        };
        let id = {
            let mut state = self.state();
            if state.mode == Mode::Cut || state.closed {
                return;
            }
            state.next += 1;
            let id = state.next;
            state.pairs.insert(id, Pair { node: node_copy, hub: hub_copy });
            id
        };
        for stream in [Some(node), hub.as_ref()].into_iter().flatten() {
            // Only latency depends on it.
            let _delayed = stream.set_nodelay(true);
        }
        self.pump(id, Direction::ToHub, node, hub.as_ref());
        if let Some(hub) = &hub {
            self.pump(id, Direction::ToNode, hub, Some(node));
        }
    }

    fn pump(self: &Arc<Self>, id: u64, direction: Direction, from: &TcpStream, to: Option<&TcpStream>) {
        let (Ok(from), Ok(to)) = (from.try_clone(), to.map(TcpStream::try_clone).transpose()) else { return };
        let line = self.clone();
        thread::spawn(move || {
            line.pass_bytes(direction, from, to);
            line.end(id, direction);
        });
    }

    fn pass_bytes(&self, direction: Direction, mut from: TcpStream, mut to: Option<TcpStream>) {
        let mut buffer = [0_u8; 16 * 1024];
        loop {
            let Ok(read) = from.read(&mut buffer) else { return };
            let Some(passed) = self.allowed(direction, read) else { return };
            if read == 0 {
                return;
            }
            let gone = to.as_mut().is_none_or(|to| to.write_all(&buffer[..passed]).is_err());
            if passed < read {
                return self.change(Mode::Cut);
            }
            // Half-open: the node's bytes go nowhere, and nobody tells it.
            if gone && self.state().mode != Mode::HalfOpen {
                return;
            }
        }
    }

    /// How many of the bytes read may pass; waits while the link stalls; none once it is cut.
    fn allowed(&self, direction: Direction, read: usize) -> Option<usize> {
        let state = self.state();
        let waited = self.changed.wait_while(state, |state| state.mode == Mode::Stall);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.mode == Mode::Cut {
            return None;
        }
        match &mut state.allowance {
            Some((limited, left)) if *limited == direction => {
                let passed = read.min(*left);
                *left -= passed;
                Some(passed)
            }
            Some(_) | None => Some(read),
        }
    }

    /// One way has ended. A pair ends as a whole, unless only the hub's side went and nobody is to notice.
    fn end(&self, id: u64, direction: Direction) {
        let mut state = self.state();
        if state.mode == Mode::HalfOpen && direction == Direction::ToNode {
            return;
        }
        if let Some(pair) = state.pairs.remove(&id) {
            pair.close();
        }
    }
}

impl State {
    fn enter(&mut self, mode: Mode) {
        let half_open = |pair: &Pair| pair.hub.is_none();
        match mode {
            Mode::Cut => {
                self.allowance = None;
                std::mem::take(&mut self.pairs).values().for_each(Pair::close);
            }
            Mode::HalfOpen => {
                for pair in self.pairs.values_mut() {
                    pair.hub.take().as_ref().map(close);
                }
            }
            Mode::Pass => self.pairs.retain(|_, pair| {
                let keep = !half_open(pair);
                if !keep {
                    pair.close();
                }
                keep
            }),
            Mode::Stall => {}
        }
        self.mode = mode;
    }
}

impl Pair {
    fn close(&self) {
        [Some(&self.node), self.hub.as_ref()].into_iter().flatten().for_each(close);
    }
}

fn close(stream: &TcpStream) {
    // An error means that the other side has closed it.
    let _closed = stream.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests;
