//! Counting HTTP/2 frames as their bytes pass by.

use tokio::time::Instant;

use super::Cut;

/// How many control frames a connection may send. A token bucket; PING, SETTINGS, RST_STREAM, PRIORITY, CONTINUATION, GOAWAY,
/// unknown and empty DATA frames take one token, WINDOW_UPDATE and small or final DATA frames an eighth, others none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameBudget {
    /// Tokens a second.
    pub per_second: u32,
    /// Tokens in a full bucket.
    pub burst: u32,
}

impl Default for FrameBudget {
    fn default() -> Self {
        Self { per_second: 1_000, burst: 5_000 }
    }
}

pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Eighths of a token.
const WHOLE: u64 = 8;
/// DATA frames below this many bytes cost something.
const SMALL_DATA: usize = 64;

#[derive(Debug)]
pub(super) struct Meter {
    state: State,
    budget: FrameBudget,
    /// Eighths of tokens left.
    left: u64,
    filled_at: Instant,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum State {
    /// So many bytes of the preface have come.
    Preface(usize),
    /// So many bytes of the preface have come, and it may yet turn out to be HTTP/1.
    Either(usize),
    /// HTTP/1, which has no frames.
    Http1,
    /// So many bytes of a frame header have come.
    Header([u8; 9], usize),
    /// So many bytes of a payload are to come.
    Payload(usize),
}

impl Meter {
    pub(super) fn new(budget: FrameBudget, state: State) -> Self {
        Self { state, budget, left: u64::from(budget.burst) * WHOLE, filled_at: Instant::now() }
    }

    pub(super) const fn awaits_preface(&self) -> bool {
        matches!(self.state, State::Preface(_) | State::Either(_))
    }

    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> Result<(), Cut> {
        let mut cost = 0;
        while !bytes.is_empty() {
            match self.state {
                State::Preface(seen) | State::Either(seen) => {
                    let either = matches!(self.state, State::Either(_));
                    let count = bytes.len().min(PREFACE.len() - seen);
                    if bytes[..count] != PREFACE[seen..seen + count] {
                        if !either {
                            return Err(Cut::NotHttp2);
                        }
                        self.state = State::Http1;
                        return Ok(());
                    }
                    bytes = &bytes[count..];
                    self.state = match seen + count {
                        all if all == PREFACE.len() => State::Header([0; 9], 0),
                        some if either => State::Either(some),
                        some => State::Preface(some),
                    };
                }
                State::Http1 => return Ok(()),
                State::Header(mut header, seen) => {
                    let count = bytes.len().min(header.len() - seen);
                    header[seen..seen + count].copy_from_slice(&bytes[..count]);
                    bytes = &bytes[count..];
                    if seen + count < header.len() {
                        self.state = State::Header(header, seen + count);
                    } else {
                        let length =
                            usize::from(header[0]) << 16 | usize::from(header[1]) << 8 | usize::from(header[2]);
                        cost += price(header[3], header[4], length);
                        self.state = if length == 0 { State::Header([0; 9], 0) } else { State::Payload(length) };
                    }
                }
                State::Payload(left) => {
                    let count = bytes.len().min(left);
                    bytes = &bytes[count..];
                    self.state = if count == left { State::Header([0; 9], 0) } else { State::Payload(left - count) };
                }
            }
        }
        self.pay(cost)
    }

    fn pay(&mut self, cost: u64) -> Result<(), Cut> {
        if cost == 0 {
            return Ok(());
        }
        let at = Instant::now();
        let since = at.saturating_duration_since(self.filled_at);
        let earned = u128::from(self.budget.per_second) * u128::from(WHOLE) * since.as_micros() / 1_000_000;
        // What is too short a time for an eighth is left to add up.
        if earned > 0 {
            let full = u64::from(self.budget.burst) * WHOLE;
            self.left = self.left.saturating_add(u64::try_from(earned).unwrap_or(u64::MAX)).min(full);
            self.filled_at = at;
        }
        self.left = self.left.checked_sub(cost).ok_or(Cut::FrameBudget)?;
        Ok(())
    }
}

/// What a frame costs, in eighths of a token, by type, flags and length of its payload (RFC 9113, section 6).
const fn price(kind: u8, flags: u8, length: usize) -> u64 {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const WINDOW_UPDATE: u8 = 8;
    const END_STREAM: u8 = 1;
    match kind {
        DATA if length == 0 && flags & END_STREAM == 0 => WHOLE,
        DATA if length < SMALL_DATA => 1,
        WINDOW_UPDATE => 1,
        DATA | HEADERS => 0,
        _ => WHOLE,
    }
}
