//! The line between a node and the hub: a TCP proxy that can be cut.
//!
//! In scope: passing bytes, slowly too, cutting (also in the middle of a frame, after so many bytes), stalling, the half-open
//! state in which one side has gone without the other being told, and bytes that come twice or not at all. Stalling and
//! half-open are for the whole line, or for the connections that are open at that moment: then a new one passes, and who
//! holds an old one has to find out by itself. `state`: what becomes of bytes. Out of scope: what they mean; TLS runs end to end
//! through the link, so it sees ciphertext only.
//!
//! The target may change while the link stands: a hub that starts again has another port, nodes keep their address of it. While it
//! does not run links lead nowhere, as its port may be another program's by then.

mod state;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use state::{Pair, State};

/// Bytes that are passed at once, at most.
const CHUNK: usize = 16 * 1024;

/// What a link does with connections and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Passes them.
    Pass,
    /// Passes them later and not too many at once.
    Slow(Pace),
    /// Has closed all connections and closes each new one at once.
    Cut,
    /// Keeps connections open and passes nothing, so that the senders' buffers fill.
    Stall,
    /// Has closed the hub's side and keeps the node's side open, taking its bytes and saying nothing.
    HalfOpen,
}

/// How slow a line is, in each direction of each connection. What waits fills the senders' buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Bytes that pass in a second; none for as many as there are.
    pub bytes_per_second: Option<u32>,
    /// How much later than they came they go on, at most 16 KiB in each such time.
    pub latency: Duration,
}

/// What happens to bytes that TLS will not accept so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// They pass twice.
    Repeated,
    /// They are lost.
    Lost,
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
pub struct Target(Arc<Mutex<Place>>);

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    address: Option<SocketAddr>,
    closed: bool,
}

impl Target {
    /// Leads all links elsewhere, from the next connection on.
    pub fn set(&self, address: SocketAddr) {
        *self.place() = Place { address: Some(address), closed: false };
    }

    /// Lets no link lead there until it is set again.
    pub fn close(&self) {
        self.place().closed = true;
    }

    /// The address, where there is or was one.
    #[must_use]
    pub fn get(&self) -> Option<SocketAddr> {
        self.place().address
    }

    /// The address, where links lead there.
    fn open(&self) -> Option<SocketAddr> {
        let Place { address, closed } = *self.place();
        address.filter(|_| !closed)
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Passes so many more bytes this way, then spoils those that come next, once.
    pub fn spoil_after(&self, direction: Direction, bytes: usize, flaw: Flaw) {
        self.line.state().flaw = Some((direction, bytes, flaw));
    }

    /// Whether bytes are still to be spoiled.
    #[must_use]
    pub fn is_flawed(&self) -> bool {
        self.line.state().flaw.is_some()
    }

    /// Passes everything at this pace.
    pub fn slow(&self, pace: Pace) {
        self.line.change(Mode::Slow(pace));
    }

    /// Passes nothing and closes nothing.
    pub fn stall(&self) {
        self.line.change(Mode::Stall);
    }

    /// The same for the connections that are open; new ones pass. Neither side learns that the other has closed one.
    pub fn stall_connections(&self) {
        self.line.state().pairs.values_mut().for_each(|pair| pair.stalled = true);
    }

    /// The same as soon as so many more bytes have passed this way.
    pub fn stall_after(&self, direction: Direction, bytes: usize) {
        self.line.state().patience = Some((direction, bytes));
    }

    /// Whether any connection stalls by itself.
    #[must_use]
    pub fn has_stalled(&self) -> bool {
        self.line.state().pairs.values().any(|pair| pair.stalled)
    }

    /// Closes each new connection at once; those that are open stay as they are.
    pub fn bar(&self) {
        self.line.state().barred = true;
    }

    /// Takes new connections again.
    pub fn unbar(&self) {
        self.line.state().barred = false;
    }

    /// Closes the hub's side only.
    pub fn half_open(&self) {
        self.line.change(Mode::HalfOpen);
    }

    /// The same for the connections that are open; new ones pass.
    pub fn half_open_connections(&self) {
        self.line.state().leave_half_open();
        self.line.changed.notify_all();
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

impl Line {
    fn new(target: Target) -> Self {
        Self { target, state: Mutex::new(State::new()), changed: Condvar::new() }
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
        let (mode, barred) = {
            let state = self.state();
            (state.mode, state.barred)
        };
        if barred {
            return;
        }
        let dial = matches!(mode, Mode::Pass | Mode::Slow(_) | Mode::Stall);
        let hub = dial.then(|| self.target.open()).flatten().and_then(|target| TcpStream::connect(target).ok());
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
            state.pairs.insert(id, Pair { node: node_copy, hub: hub_copy, stalled: false });
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
            line.pass_bytes(id, direction, from, to);
            line.end(id, direction);
        });
    }

    fn pass_bytes(&self, id: u64, direction: Direction, mut from: TcpStream, mut to: Option<TcpStream>) {
        let mut buffer = [0_u8; CHUNK];
        loop {
            let room = self.room();
            let Ok(read) = from.read(&mut buffer[..room]) else { return };
            let Some(Passed { bytes, times }) = self.allowed(id, direction, read) else { return };
            if read == 0 {
                return;
            }
            let write = |to: &mut TcpStream| (0..times).try_for_each(|_| to.write_all(&buffer[..bytes]));
            let gone = to.as_mut().is_none_or(|to| write(to).is_err());
            if bytes < read {
                return self.change(Mode::Cut);
            }
            // Half-open: the node's bytes go nowhere, and nobody tells it.
            if gone && !self.state().is_half_open(id) {
                return;
            }
        }
    }

    /// How much is read at once: of a slow line what passes in a twentieth of a second.
    fn room(&self) -> usize {
        match self.state().mode {
            Mode::Slow(Pace { bytes_per_second: Some(rate), .. }) => {
                usize::try_from(rate / 20).unwrap_or(CHUNK).clamp(1, CHUNK)
            }
            Mode::Pass | Mode::Slow(_) | Mode::Cut | Mode::Stall | Mode::HalfOpen => CHUNK,
        }
    }

    /// What of the bytes read may pass; waits while the link stalls or is slow; none once the connection is cut.
    fn allowed(&self, id: u64, direction: Direction, read: usize) -> Option<Passed> {
        let mut state = self.state();
        if let Mode::Slow(pace) = state.mode {
            let slow = |state: &mut State| state.mode == Mode::Slow(pace) && state.pairs.contains_key(&id);
            let waited = self.changed.wait_timeout_while(state, pace.delay(read), slow);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.lose_patience(direction, read);
        let waited = self.changed.wait_while(state, |state| state.is_stalled(id));
        state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.mode == Mode::Cut {
            return None;
        }
        let times = state.times(direction, read);
        let bytes = match &mut state.allowance {
            Some((limited, left)) if *limited == direction => {
                let passed = read.min(*left);
                *left -= passed;
                passed
            }
            Some(_) | None => read,
        };
        Some(Passed { bytes, times })
    }

    /// One way has ended. A pair ends as a whole, unless only the hub's side went and nobody is to notice.
    fn end(&self, id: u64, direction: Direction) {
        let mut state = self.state();
        if state.is_half_open(id) && direction == Direction::ToNode {
            return;
        }
        if let Some(pair) = state.pairs.remove(&id) {
            pair.close();
        }
    }
}

/// What of bytes read passes, and how often.
struct Passed {
    bytes: usize,
    times: usize,
}

impl Pace {
    fn delay(self, bytes: usize) -> Duration {
        let sending = self.bytes_per_second.map_or(0.0, |rate| precise(bytes) / f64::from(rate.max(1)));
        self.latency + Duration::from_secs_f64(sending)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a chunk has at most 16 KiB")]
const fn precise(bytes: usize) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests;
