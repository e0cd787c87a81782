//! A claim of the hub that stands for too long: evidence is written once, and the line shows it. Nothing else changes: what the
//! hub asks for it is given, and nothing is cosigned meanwhile, as while any log is frozen.
//!
//! Out of scope: what counts as a claim, and for how long (`link::claim`).

use std::convert::Infallible;
use std::time::Duration;

use super::Sync;
use crate::link::Caught;
use crate::metrics;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

impl Sync {
    /// Looks at the clock for ever, beside the sessions: a hub that only refuses greetings has none.
    pub(super) async fn watch_claims(&self) -> Infallible {
        let (mut look, mut told) = (tokio::time::interval(LOOK), false);
        loop {
            look.tick().await;
            let overdue = self.tracker.claim_overdue();
            if let (Some(alarm), false) = (&overdue, told) {
                tracing::error!(code = alarm.code(), detail = %alarm, "the hub says for too long that it cannot serve");
                metrics::alarm(alarm.code());
                self.hand_on(&Caught { alarm: alarm.clone(), shown: None }, self.clock.now_ms()).await;
            }
            told = overdue.is_some();
        }
    }
}
