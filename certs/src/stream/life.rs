//! The life of the peer's certificate, which its connection does not outlive.
//!
//! The clock that TLS goes by may be set, and time may pass while the machine sleeps: it is looked at again and again, and
//! not waited out. Out of scope: ending the stream (`stream`), whose certificates are past their life and come in all the
//! same, to be renewed (`verify::peer`).

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::crypto::Clock;

/// How often the clock is looked at, at the least.
const LOOK: Duration = Duration::from_secs(30);

/// See the module.
pub(super) struct Life {
    not_after: u64,
    clock: Clock,
    look: Pin<Box<Sleep>>,
}

impl Life {
    /// A life up to this second (Unix time) by this clock.
    pub(super) fn new(not_after: u64, clock: Clock) -> Self {
        Self { not_after, clock, look: Box::pin(tokio::time::sleep(Duration::ZERO)) }
    }

    /// Ready once the last second is over.
    pub(super) fn poll_past(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            std::task::ready!(self.look.as_mut().poll(cx));
            let now = (self.clock)();
            if now > self.not_after {
                return Poll::Ready(());
            }
            let left = Duration::from_secs((self.not_after - now).saturating_add(1));
            self.look.as_mut().reset(Instant::now() + left.min(LOOK));
        }
    }
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Life").field("not_after", &self.not_after).finish_non_exhaustive()
    }
}
