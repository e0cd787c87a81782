//! The byte stream of a connection, with the limits that HTTP/2 libraries leave out.
//!
//! In scope: cutting a connection whose token is cancelled, the deadline for the HTTP/2 preface, a budget for frames that
//! cost the sender nothing. Out of scope: handshakes (`server`, `client`), streams and messages (hub and node).
//!
//! The stream looks at what it reads, never changes it. h2 bounds neither PING nor SETTINGS floods, nor empty DATA frames;
//! here each frame header (RFC 9113, section 4.1) is counted as it passes and a token bucket says how many are too many.
//! Reading and writing each hold their own wait for the token: the two halves may be polled by different tasks.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Why we ended a connection; found as the source of the `io::Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Cut {
    /// Its token was cancelled: the certificate was revoked, or the process drains.
    #[error("the connection was cut: its certificate is not on the allow-list any more")]
    Cancelled,
    /// The HTTP/2 preface did not come in time.
    #[error("no HTTP/2 preface in time")]
    Preface,
    /// What came is not HTTP/2.
    #[error("the first bytes are not the HTTP/2 preface")]
    NotHttp2,
    /// More control frames than the budget allows.
    #[error("more HTTP/2 control frames than a connection may send")]
    FrameBudget,
}

impl Cut {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "CONNECTION_CUT",
            Self::Preface => "PREFACE_TIMEOUT",
            Self::NotHttp2 => "PREFACE_NOT_HTTP2",
            Self::FrameBudget => "FRAME_BUDGET",
        }
    }
    /// The values that its text names: none.
    #[must_use]
    pub const fn args(self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    /// The cut that an I/O error carries.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref::<Self>().copied()
    }

    fn error(self) -> io::Error {
        let kind = match self {
            Self::Cancelled => io::ErrorKind::ConnectionAborted,
            Self::Preface => io::ErrorKind::TimedOut,
            Self::NotHttp2 | Self::FrameBudget => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, self)
    }
}

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

/// A TLS stream with limits.
#[derive(Debug)]
pub struct Guarded<S> {
    inner: S,
    cancel: CancellationToken,
    cut_read: Pin<Box<WaitForCancellationFutureOwned>>,
    cut_write: Pin<Box<WaitForCancellationFutureOwned>>,
    preface: Option<Pin<Box<Sleep>>>,
    meter: Meter,
    ended: Option<Cut>,
}

impl<S> Guarded<S> {
    /// A server's stream: the peer begins with the HTTP/2 preface, within this time.
    pub fn server(inner: S, cancel: CancellationToken, preface: Duration, budget: FrameBudget) -> Self {
        let deadline = Box::pin(tokio::time::sleep(preface));
        Self::new(inner, cancel, Some(deadline), Meter::new(budget, State::Preface(0)))
    }

    /// A client's stream: the peer begins with a frame.
    pub fn client(inner: S, cancel: CancellationToken, budget: FrameBudget) -> Self {
        Self::new(inner, cancel, None, Meter::new(budget, State::Header([0; 9], 0)))
    }

    /// The stream inside.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }
    /// The token that ends this stream.
    pub const fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    fn new(inner: S, cancel: CancellationToken, preface: Option<Pin<Box<Sleep>>>, meter: Meter) -> Self {
        let cut_read = Box::pin(cancel.clone().cancelled_owned());
        let cut_write = Box::pin(cancel.clone().cancelled_owned());
        Self { inner, cancel, cut_read, cut_write, preface, meter, ended: None }
    }

    fn end(&mut self, cut: Cut) -> io::Error {
        self.ended = Some(cut);
        cut.error()
    }

    /// An ended stream, a cancelled token or a passed deadline is an error for whoever reads or writes next.
    fn poll_cut(&mut self, cx: &mut Context<'_>, reading: bool) -> Result<(), io::Error> {
        if let Some(cut) = self.ended {
            return Err(cut.error());
        }
        let wait = if reading { &mut self.cut_read } else { &mut self.cut_write };
        if wait.as_mut().poll(cx).is_ready() {
            return Err(self.end(Cut::Cancelled));
        }
        if reading
            && let Some(deadline) = &mut self.preface
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Err(self.end(Cut::Preface));
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.poll_cut(cx, true)?;
        let before = buf.filled().len();
        std::task::ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
        if let Err(cut) = this.meter.pass(&buf.filled()[before..]) {
            return Poll::Ready(Err(this.end(cut)));
        }
        if !this.meter.awaits_preface() {
            this.preface = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.poll_cut(cx, false)?;
        Pin::new(&mut this.inner).poll_write(cx, buf)
    }
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.poll_cut(cx, false)?;
        Pin::new(&mut this.inner).poll_write_vectored(cx, bufs)
    }
    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.poll_cut(cx, false)?;
        Pin::new(&mut this.inner).poll_flush(cx)
    }
    /// Not held up by a cut: the peer should still learn of the end.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Eighths of a token.
const WHOLE: u64 = 8;
/// DATA frames below this many bytes cost something.
const SMALL_DATA: usize = 64;

#[derive(Debug)]
struct Meter {
    state: State,
    budget: FrameBudget,
    /// Eighths of tokens left.
    left: u64,
    filled_at: Instant,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// So many bytes of the preface have come.
    Preface(usize),
    /// So many bytes of a frame header have come.
    Header([u8; 9], usize),
    /// So many bytes of a payload are to come.
    Payload(usize),
}

impl Meter {
    fn new(budget: FrameBudget, state: State) -> Self {
        Self { state, budget, left: u64::from(budget.burst) * WHOLE, filled_at: Instant::now() }
    }

    const fn awaits_preface(&self) -> bool {
        matches!(self.state, State::Preface(_))
    }

    fn pass(&mut self, mut bytes: &[u8]) -> Result<(), Cut> {
        let mut cost = 0;
        while !bytes.is_empty() {
            match self.state {
                State::Preface(seen) => {
                    let count = bytes.len().min(PREFACE.len() - seen);
                    if bytes[..count] != PREFACE[seen..seen + count] {
                        return Err(Cut::NotHttp2);
                    }
                    bytes = &bytes[count..];
                    let complete = seen + count == PREFACE.len();
                    self.state = if complete { State::Header([0; 9], 0) } else { State::Preface(seen + count) };
                }
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut out = vec![length[1], length[2], length[3], kind, flags, 0, 0, 0, 1];
        out.extend_from_slice(payload);
        out
    }

    fn server(budget: FrameBudget) -> (Guarded<tokio::io::DuplexStream>, tokio::io::DuplexStream, CancellationToken) {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let cancel = CancellationToken::new();
        (Guarded::server(ours, cancel.clone(), Duration::from_secs(5), budget), theirs, cancel)
    }

    async fn drain(stream: &mut Guarded<tokio::io::DuplexStream>) -> io::Result<usize> {
        let mut total = 0;
        let mut buf = [0; 4096];
        loop {
            match stream.read(&mut buf).await? {
                0 => return Ok(total),
                n => total += n,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_peer_loses_its_place_after_the_deadline() {
        let (mut stream, mut peer, _cancel) = server(FrameBudget::default());
        peer.write_all(&PREFACE[..23]).await.unwrap();
        let before = Instant::now();
        let error = drain(&mut stream).await.unwrap_err();
        assert_eq!(Cut::of(&error), Some(Cut::Preface));
        assert_eq!(before.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_ends_with_the_preface() {
        let (mut stream, mut peer, _cancel) = server(FrameBudget::default());
        peer.write_all(PREFACE).await.unwrap();
        let waiting = tokio::spawn(async move { drain(&mut stream).await });
        tokio::time::advance(Duration::from_mins(1)).await;
        assert!(!waiting.is_finished());
        drop(peer);
        assert_eq!(waiting.await.unwrap().unwrap(), 24);
    }

    #[tokio::test]
    async fn other_protocols_are_cut_at_the_first_byte() {
        let (mut stream, mut peer, _cancel) = server(FrameBudget::default());
        peer.write_all(b"PRI * HTTP/1").await.unwrap();
        assert_eq!(Cut::of(&drain(&mut stream).await.unwrap_err()), Some(Cut::NotHttp2));
    }

    #[tokio::test]
    async fn cancelling_ends_idle_reads_and_stuck_writes() {
        let (ours, _theirs) = tokio::io::duplex(16);
        let cancel = CancellationToken::new();
        let stream = Guarded::server(ours, cancel.clone(), Duration::from_secs(500), FrameBudget::default());
        let (mut read, mut write) = tokio::io::split(stream);
        let reading = tokio::spawn(async move { read.read_u8().await });
        let writing = tokio::spawn(async move { write.write_all(&[0; 4096]).await });
        while !cancel.is_cancelled() {
            tokio::task::yield_now().await;
            cancel.cancel();
        }
        assert_eq!(Cut::of(&reading.await.unwrap().unwrap_err()), Some(Cut::Cancelled));
        assert_eq!(Cut::of(&writing.await.unwrap().unwrap_err()), Some(Cut::Cancelled));
    }

    #[tokio::test(start_paused = true)]
    async fn floods_are_cut_and_time_refills_the_bucket() {
        let budget = FrameBudget { per_second: 10, burst: 20 };
        let floods = [
            ("ping", frame(6, 0, &[0; 8])),
            ("settings", frame(4, 0, &[])),
            ("reset", frame(3, 0, &[0; 4])),
            ("priority", frame(2, 0, &[0; 5])),
            ("continuation", frame(9, 0, &[])),
            ("empty data", frame(0, 0, &[])),
            ("unknown", frame(77, 0, &[1])),
        ];
        for (name, one) in floods {
            let (mut stream, mut peer, _cancel) = server(budget);
            let waiting = tokio::spawn(async move { drain(&mut stream).await });
            peer.write_all(PREFACE).await.unwrap();
            peer.write_all(&one.repeat(20)).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
            peer.write_all(&one.repeat(10)).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert!(!waiting.is_finished(), "{name} within the budget");
            peer.write_all(&one).await.unwrap();
            assert_eq!(Cut::of(&waiting.await.unwrap().unwrap_err()), Some(Cut::FrameBudget), "{name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn ordinary_traffic_costs_nothing_however_it_is_cut() {
        let budget = FrameBudget { per_second: 1, burst: 1 };
        let traffic =
            [PREFACE.to_vec(), [frame(1, 4, &[0; 30]), frame(0, 0, &[6; 16_000])].concat().repeat(50)].concat();
        for piece in [1, 7, 4096] {
            let (mut stream, mut peer, _cancel) = server(budget);
            let traffic = traffic.clone();
            let sending = tokio::spawn(async move {
                for bytes in traffic.chunks(piece) {
                    peer.write_all(bytes).await.unwrap();
                }
                traffic.len()
            });
            assert_eq!(drain(&mut stream).await.unwrap(), sending.await.unwrap());
        }
    }
}
