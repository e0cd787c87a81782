//! The byte stream of a connection, with the limits that HTTP/2 libraries leave out.
//!
//! In scope: cutting a connection whose token is cancelled or whose peer's certificate ends, the deadline for the first bytes, a budget for frames that
//! cost the sender nothing. Out of scope: handshakes (`server`, `client`), streams and messages (hub and node).
//!
//! The stream looks at what it reads, never changes it. h2 bounds neither PING nor SETTINGS floods, nor empty DATA frames;
//! here each frame header (RFC 9113, section 4.1) is counted as it passes and a token bucket says how many are too many.
//! Reading and writing each hold their own wait for the token: the two halves may be polled by different tasks.
//!
//! A client whose certificate is refused learns it from an alert, and its own writes may fail before it has read so far. So a
//! failed write of a client is told only after what the hub said last was heard (`client::word`): a dead connection has
//! little left to read, and it is read for a short time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::crypto::Clock;

mod life;
mod meter;

use life::Life;
pub use meter::FrameBudget;
use meter::{Meter, State};

use crate::word::Word;

/// How long a client listens after a failed write.
const LISTEN: Duration = Duration::from_secs(1);
/// How much it reads then, bytes: what the hub had sent before it hung up.
const LISTEN_BYTES: usize = 256 * 1024;

/// Why we ended a connection; found as the source of the `io::Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Cut {
    /// Its token was cancelled: the certificate was revoked, or the process drains.
    #[error("the connection was cut: its certificate is not on the allow-list any more")]
    Cancelled,
    /// The peer's certificate has ended.
    #[error("the connection was ended: the certificate that it was opened with has reached its end")]
    Expired,
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
            Self::Expired => "CONNECTION_EXPIRED",
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
            Self::Cancelled | Self::Expired => io::ErrorKind::ConnectionAborted,
            Self::Preface => io::ErrorKind::TimedOut,
            Self::NotHttp2 | Self::FrameBudget => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, self)
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
    life: Option<Life>,
    meter: Meter,
    ended: Option<Cut>,
    /// Where a client notes the hub's word; none at a server's end.
    word: Option<Word>,
    listening: Option<Listening>,
}

/// A write failed; the failure is told when nothing more is to be heard.
#[derive(Debug)]
struct Listening {
    failed: io::Error,
    deadline: Pin<Box<Sleep>>,
    left: usize,
}

impl<S> Guarded<S> {
    /// A server's stream: the peer begins with the HTTP/2 preface, within this time.
    pub fn server(inner: S, cancel: CancellationToken, preface: Duration, budget: FrameBudget) -> Self {
        let deadline = Box::pin(tokio::time::sleep(preface));
        Self::new(inner, cancel, Some(deadline), Meter::new(budget, State::Preface(0)), None)
    }

    /// A server's stream of a peer that may speak HTTP/1: its first byte comes within this time. What begins as HTTP/2 does is
    /// HTTP/2, and its frames are counted.
    pub fn http1(inner: S, cancel: CancellationToken, first: Duration, budget: FrameBudget) -> Self {
        let deadline = Box::pin(tokio::time::sleep(first));
        Self::new(inner, cancel, Some(deadline), Meter::new(budget, State::Either(0)), None)
    }

    /// The same, ended when the peer's certificate is past its last second (Unix time) by this clock.
    #[must_use]
    pub fn until(self, not_after: u64, clock: Clock) -> Self {
        Self { life: Some(Life::new(not_after, clock)), ..self }
    }

    /// A client's stream: the peer begins with a frame.
    pub fn client(inner: S, cancel: CancellationToken, budget: FrameBudget) -> Self {
        Self::new(inner, cancel, None, Meter::new(budget, State::Header([0; 9], 0)), Some(Word::default()))
    }

    /// The stream inside.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }
    /// What the hub says of our certificate, as soon as it is heard; never anything at a server's end.
    pub fn word(&self) -> Word {
        self.word.clone().unwrap_or_default()
    }
    /// The token that ends this stream.
    pub const fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    fn new(
        inner: S,
        cancel: CancellationToken,
        preface: Option<Pin<Box<Sleep>>>,
        meter: Meter,
        word: Option<Word>,
    ) -> Self {
        let cut_read = Box::pin(cancel.clone().cancelled_owned());
        let cut_write = Box::pin(cancel.clone().cancelled_owned());
        Self { inner, cancel, cut_read, cut_write, preface, life: None, meter, ended: None, word, listening: None }
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
        // A server's connection is always being read, so its reader alone looks.
        if reading
            && let Some(life) = &mut self.life
            && life.poll_past(cx).is_ready()
        {
            return Err(self.end(Cut::Expired));
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.poll_cut(cx, true)?;
        let before = buf.filled().len();
        let read = std::task::ready!(Pin::new(&mut this.inner).poll_read(cx, buf));
        if let (Err(error), Some(word)) = (&read, &this.word) {
            word.note(error);
        }
        read?;
        if let Err(cut) = this.meter.pass(&buf.filled()[before..]) {
            return Poll::Ready(Err(this.end(cut)));
        }
        if !this.meter.awaits_preface() {
            this.preface = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> Guarded<S> {
    /// What a write came to. A client's failed one is told after the hub's last word was heard, or none is to be had.
    fn wrote<T>(&mut self, written: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        match (written, &self.word) {
            (Poll::Ready(Err(failed)), Some(_)) => {
                self.listening = Some(Listening { failed, deadline: Box::pin(sleep(LISTEN)), left: LISTEN_BYTES });
                self.poll_listen(cx).map(Err)
            }
            (written, _) => written,
        }
    }

    /// Reads to the end of what the hub had sent; the failure, or the alert that explains it.
    fn poll_listen(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let Some(Listening { deadline, left, .. }) = &mut self.listening else { return Poll::Pending };
        let mut heard = None;
        let mut scratch = [0; 4096];
        while *left > 0 {
            let mut buf = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.inner).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if buf.filled().is_empty() => break,
                Poll::Ready(Ok(())) => *left = left.saturating_sub(buf.filled().len()),
                Poll::Ready(Err(error)) => {
                    heard = Some(error);
                    break;
                }
                Poll::Pending if deadline.as_mut().poll(cx).is_ready() => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        let failed = self.listening.take().map_or_else(|| io::ErrorKind::BrokenPipe.into(), |ended| ended.failed);
        let Some(word) = &self.word else { return Poll::Ready(failed) };
        if let Some(heard) = &heard {
            word.note(heard);
        }
        let explained = word.said().map(|says| io::Error::new(io::ErrorKind::PermissionDenied, says));
        Poll::Ready(explained.unwrap_or(failed))
    }

    /// Whether a write may go on: not after a cut, and not while a failed one listens.
    fn poll_write_turn(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_cut(cx, false)?;
        if self.listening.is_some() { self.poll_listen(cx).map(Err) } else { Poll::Ready(Ok(())) }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_write_turn(cx))?;
        let written = Pin::new(&mut this.inner).poll_write(cx, buf);
        this.wrote(written, cx)
    }
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_write_turn(cx))?;
        let written = Pin::new(&mut this.inner).poll_write_vectored(cx, bufs);
        this.wrote(written, cx)
    }
    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_write_turn(cx))?;
        let flushed = Pin::new(&mut this.inner).poll_flush(cx);
        this.wrote(flushed, cx)
    }
    /// Not held up by a cut: the peer should still learn of the end.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
