//! Keeps the state of the line, and tells a frozen log from a quiet one.
//!
//! # When a log is frozen
//! A quiet log and a frozen one send the same checkpoint again and again, so a checkpoint alone proves nothing. A node that the
//! hub answers knows these signs; any of them is enough:
//! - the hub says so: its store takes no commit. It says it in the greeting, in heartbeats and at once when it changes;
//! - own records wait, and the hub answered none of them for so long ([`Tracker::submitting`]);
//! - no seal comes where one must. While entries stand unsealed the hub seals within a second, so a replica that holds all of
//!   the hub's log and whose newest entry stays unsealed for so long sees a log that stands still. A sealed log is sealed
//!   again daily.
//!
//! "For so long" is `line.frozen_after_seconds`.
//! - the policy names witnesses, and for five minutes nothing went on: no entry came, and no other state cosigned anew, as each
//!   does every minute. Then the hub hides the log, or all others are away.
//!
//! The five minutes are those that the line was up, over however many sessions: who cuts the line gains no time.
//!
//! A hub that says that it cannot serve the log at present is believed for five minutes (`claim`).
//!
//! Silence of the hub is another thing: the line is down then.
//!
//! # When it is unwitnessed
//! The log goes on, and too few other states vouch for it with cosignatures that are no older than five minutes: the hub may
//! show others another log, or those others are away.
//!
//! In scope: these rules, over a clock that is passed in. Out of scope: dialling (`link`), verifying checkpoints (`Intake`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use multaqa_proto::alarm::Alarm;
use multaqa_proto::id::MemberCode;
use multaqa_proto::log::witness::{FRESH_MS, Heard, Standing};
use multaqa_proto::number::TreeSize;
use multaqa_proto::sync::intake::Intake;
use multaqa_runtime::clock::Clock;
use tokio::sync::watch;

use super::claim::Claims;
use super::state::{Cause, LinkState, LinkStatus};
use super::{HUB_HALTED, HUB_REFILLING};
use crate::code;

/// A sealed log is sealed again after a day; the rest is for clocks that differ.
const DAILY_MS: i64 = (24 * 60 + 10) * 60 * 1_000;

/// Where the replica is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Held {
    /// Entries.
    pub(crate) size: TreeSize,
    /// Whether the newest ones came after the newest seal.
    pub(crate) unsealed: bool,
    /// When the hub accepted the newest one, milliseconds since 1970 UTC.
    pub(crate) accepted_at_ms: i64,
}

impl Held {
    /// Of a reader's state.
    pub(crate) fn of(intake: &Intake) -> Self {
        intake.state().map_or_else(Self::default, |state| Self {
            size: state.size(),
            unsealed: state.accepted_at_ms() > state.seal_time_ms(),
            accepted_at_ms: state.accepted_at_ms(),
        })
    }
}

/// Keeps the status. Clones write the same one.
#[derive(Debug, Clone)]
pub(crate) struct Tracker {
    status: watch::Sender<LinkStatus>,
    signs: Arc<Mutex<Signs>>,
    clock: Clock,
    frozen_after_ms: i64,
}

/// What is known of the log behind a line that is up.
#[derive(Debug, Default)]
struct Signs {
    /// What the hub says, as a code.
    told: Option<String>,
    /// What submitting says.
    submitting: Option<Cause>,
    held: Held,
    /// Since when the replica is there by the own clock.
    held_since_ms: i64,
    /// What witnesses vouch for, and the own member.
    witnesses: Option<(Standing, MemberCode)>,
    /// When the session began, or since then entries came or another state cosigned anew, by the own clock.
    moved_ms: i64,
    /// For how long nothing had moved while the line was up, in the sessions before, milliseconds.
    still_ms: i64,
    /// When something moved last, or the first session began since.
    still_since_ms: i64,
    /// Whether a session is open.
    open: bool,
    /// Whether one was, and none is: what of it is still being stored says nothing of the line.
    ended: bool,
    /// Whether the hub said in it that there is nothing more: what is cosigned, and entries, it sends first.
    spoke: bool,
    /// When the session began.
    begun_ms: i64,
    /// What it says that it cannot do.
    claims: Claims,
}

impl Tracker {
    pub(crate) fn new(clock: Clock, frozen_after: Duration) -> Self {
        let state = LinkState::LineDown(Cause::new(code::LINE_DOWN).with("detail", "not dialled so far"));
        let since_ms = clock.now_ms();
        let status = LinkStatus {
            state,
            since_ms,
            heard_ms: None,
            hub_size: None,
            skew_ms: None,
            hub: None,
            copy_refused_ms: None,
        };
        let frozen_after_ms = i64::try_from(frozen_after.as_millis()).unwrap_or(i64::MAX);
        Self { status: watch::Sender::new(status), signs: Arc::default(), clock, frozen_after_ms }
    }
    pub(crate) fn watch(&self) -> watch::Receiver<LinkStatus> {
        self.status.subscribe()
    }
    /// Enters a state; its time begins where it is another kind of state than before. What the hub claims for too long is shown as
    /// that.
    pub(crate) fn enter(&self, state: LinkState) {
        let now_ms = self.clock.now_ms();
        let state = self.overdue_claim(state, now_ms);
        self.status.send_modify(|status| {
            if status.state.as_str() != state.as_str() {
                status.since_ms = now_ms;
                crate::metrics::link(state.as_str());
                tracing::info!(state = state.as_str(), code = state.code(), "link");
            }
            status.state = state;
        });
    }
    /// A session is over.
    pub(crate) fn over(&self) {
        self.signs().over(self.clock.now_ms());
    }
    /// The hub said on the stream that follows the log that there is nothing more.
    pub(crate) fn spoke(&self) {
        self.signs().spoke = true;
    }
    /// The hub says with a code that it cannot serve the log at present.
    pub(crate) fn claimed(&self, code: &str) {
        self.signs().claims.made(code, self.clock.now_ms());
    }
    /// The hub gives a log back that it lacks part of: it says so, and everything else waits for that.
    pub(crate) fn refilling(&self) {
        self.claimed(HUB_REFILLING);
        self.enter(LinkState::LogFrozen(Cause::new(HUB_REFILLING)));
    }
    /// What the hub has claimed for too long; looked at by the clock, and shown.
    pub(crate) fn claim_overdue(&self) -> Option<Alarm> {
        let (now_ms, state) = (self.clock.now_ms(), self.status.borrow().state.clone());
        let alarm = self.signs().claims.overdue(now_ms)?;
        self.enter(state);
        Some(alarm)
    }

    fn overdue_claim(&self, state: LinkState, now_ms: i64) -> LinkState {
        let mut signs = self.signs();
        let shown = match &state {
            LinkState::LogFrozen(_) => true,
            LinkState::LineDown(cause) if signs.claims.is(&cause.code) => true,
            LinkState::LineDown(_) => {
                signs.claims.away(now_ms);
                false
            }
            LinkState::HubRefusing(_)
            | LinkState::Alarm(_)
            | LinkState::Behind { .. }
            | LinkState::Unwitnessed { .. }
            | LinkState::Live => false,
        };
        match signs.claims.overdue(now_ms).filter(|_| shown) {
            Some(alarm) => LinkState::LogFrozen(Cause::of(alarm.code(), alarm.args())),
            None => state,
        }
    }
    /// A hub answered at this address.
    pub(crate) fn greeted(&self, hub: &str, hub_time_ms: i64) {
        let skew_ms = hub_time_ms.saturating_sub(self.clock.now_ms());
        self.status.send_modify(|status| {
            status.hub = Some(hub.to_owned());
            status.skew_ms = Some(skew_ms);
        });
    }
    /// The hub says when it refused a copy of this node last; 0 for never.
    pub(crate) fn copied(&self, refused_ms: i64) {
        let refused = Some(refused_ms).filter(|refused| *refused > 0);
        self.status.send_if_modified(|status| {
            let changed = status.copy_refused_ms != refused;
            if changed && refused.is_some() {
                tracing::error!("NODE_COPIED: the hub refused a copy of this node");
            }
            status.copy_refused_ms = refused;
            changed
        });
    }
    /// A hub names its size to a node that cannot verify it yet: until it can, it counts as behind.
    pub(crate) fn hinted(&self, hub_size: TreeSize) {
        self.status.send_modify(|status| status.hub_size = Some(hub_size));
    }
    /// A session begins: nothing waits, and the hub says why its log takes no records; empty where it does.
    pub(crate) fn begin(&self, frozen: &str) {
        let now_ms = self.clock.now_ms();
        {
            let mut signs = self.signs();
            signs.submitting = None;
            (signs.begun_ms, signs.moved_ms) = (now_ms, now_ms);
            (signs.open, signs.ended, signs.spoke) = (true, false, false);
            if signs.still_ms == 0 {
                signs.still_since_ms = now_ms;
            }
        }
        self.told(frozen);
    }
    /// What witnesses vouch for, as a node of this member sees it. Where the line is up its state may change with that.
    pub(crate) fn witnessed(&self, standing: Standing, me: &MemberCode) {
        let now_ms = self.clock.now_ms();
        {
            let mut signs = self.signs();
            let others = |standing: &Standing| {
                let votes = standing.votes.iter().filter(|(state, _)| *state != me);
                votes.filter_map(|(state, vote)| vote.map(|vote| (state.clone(), vote))).collect::<Vec<_>>()
            };
            if signs.witnesses.as_ref().is_none_or(|(known, _)| others(known) != others(&standing)) {
                signs.moved(now_ms);
            }
            signs.witnesses = Some((standing, me.clone()));
        }
        self.look_at_clock();
    }
    /// Looks whether time alone changed the state of a line that is up.
    pub(crate) fn look_at_clock(&self) {
        let up = matches!(
            self.status.borrow().state,
            LinkState::LogFrozen(_) | LinkState::Behind { .. } | LinkState::Unwitnessed { .. } | LinkState::Live
        );
        if up {
            self.settle();
        }
    }
    /// Since when neither entries nor cosignatures of others come; none while they do, or where none are needed.
    pub(crate) fn stands_still(&self) -> Option<Alarm> {
        let alarm = Alarm::LogStandsStill { since_ms: self.signs().still_since_ms };
        (self.status.borrow().state.code() == Some(alarm.code())).then_some(alarm)
    }
    /// Whether the log behind the line looks frozen, or did for so long before the session that something has to come first.
    pub(crate) fn is_frozen(&self) -> bool {
        let before = {
            let signs = self.signs();
            !signs.spoke && signs.still_ms >= FRESH_MS
        };
        before || matches!(self.status.borrow().state, LinkState::LogFrozen(_))
    }
    /// The hub says with a code why its log takes no records; empty where it does. Seen with the next checkpoint.
    pub(crate) fn told(&self, frozen: &str) {
        let (mut signs, now_ms) = (self.signs(), self.clock.now_ms());
        if frozen.is_empty() {
            signs.claims.served(now_ms);
        } else {
            signs.claims.made(HUB_HALTED, now_ms);
        }
        signs.told = Some(frozen.to_owned()).filter(|code| !code.is_empty());
    }
    /// Why own records wait though the hub answers; none where they do not.
    pub(crate) fn submitting(&self, waiting: Option<Cause>) {
        let changed = {
            let mut signs = self.signs();
            let changed = signs.submitting != waiting;
            signs.submitting = waiting;
            changed
        };
        if changed {
            self.settle();
        }
    }
    /// A checkpoint was verified.
    pub(crate) fn heard(&self, hub_size: TreeSize, held: Held) {
        let now_ms = self.clock.now_ms();
        {
            let mut signs = self.signs();
            // A log that only its checkpoints show to grow comes to nobody.
            if signs.held != held {
                (signs.held, signs.held_since_ms) = (held, now_ms);
                signs.moved(now_ms);
            }
        }
        self.status.send_modify(|status| {
            status.heard_ms = Some(now_ms);
            status.hub_size = Some(status.hub_size.map_or(hub_size, |known| known.max(hub_size)));
        });
        self.settle();
    }

    /// The state of a line that is up, by all signs.
    fn settle(&self) {
        if self.signs().ended {
            return;
        }
        let hub_size = self.status.borrow().hub_size.unwrap_or_default();
        let (by, frozen, unwitnessed) = {
            let (signs, now_ms) = (self.signs(), self.clock.now_ms());
            let by = hub_size.0.saturating_sub(signs.held.size.0);
            let frozen = signs.frozen(by, now_ms, self.frozen_after_ms).or_else(|| signs.stands_still(now_ms));
            (by, frozen, signs.unwitnessed(now_ms))
        };
        crate::metrics::behind(by);
        self.enter(match (frozen, unwitnessed) {
            (Some(cause), _) => LinkState::LogFrozen(cause),
            (None, _) if by > 0 => LinkState::Behind { by },
            (None, Some(unwitnessed)) => unwitnessed,
            (None, None) => LinkState::Live,
        });
    }

    /// No step under the lock can panic half-way.
    fn signs(&self) -> MutexGuard<'_, Signs> {
        self.signs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Signs {
    fn frozen(&self, by: u64, now_ms: i64, frozen_after_ms: i64) -> Option<Cause> {
        let told = self.told.as_ref().map(|why| Cause::new(HUB_HALTED).with("why", why));
        told.or_else(|| self.submitting.clone()).or_else(|| {
            let (since_ms, allowed_ms) = if self.held.unsealed {
                (self.held_since_ms, frozen_after_ms)
            } else {
                (self.held.accepted_at_ms, DAILY_MS)
            };
            let overdue = by == 0 && self.held.size.0 > 0 && now_ms.saturating_sub(since_ms) >= allowed_ms;
            let since = multaqa_runtime::output::instant(since_ms);
            overdue.then(|| Cause::new(code::LOG_SEAL_OVERDUE).with("since", &since))
        })
    }

    /// An entry came, or another state cosigned anew.
    fn moved(&mut self, now_ms: i64) {
        (self.moved_ms, self.still_ms, self.still_since_ms) = (now_ms, 0, now_ms);
    }

    /// The session is over: what it lasted without anything that moved counts on.
    fn over(&mut self, now_ms: i64) {
        if self.open {
            self.still_ms = self.still_ms.saturating_add(now_ms.saturating_sub(self.moved_ms).max(0));
            self.moved_ms = now_ms;
        }
        (self.open, self.ended, self.spoke) = (false, true, false);
    }

    /// Neither entries nor cosignatures of others came for as long as those stay fresh.
    fn stands_still(&self, now_ms: i64) -> Option<Cause> {
        let (standing, _) = self.witnesses.as_ref()?;
        let still_ms = self.still_ms.saturating_add(now_ms.saturating_sub(self.moved_ms));
        let still = standing.numbers.others() > 0 && self.spoke && still_ms >= FRESH_MS;
        let alarm = Alarm::LogStandsStill { since_ms: self.still_since_ms };
        still.then(|| Cause::of(alarm.code(), alarm.args()))
    }

    /// Too few other states vouch for the log at present.
    fn unwitnessed(&self, now_ms: i64) -> Option<LinkState> {
        let (standing, me) = self.witnesses.as_ref()?;
        let heard = standing.heard(me, now_ms);
        if heard.is_fresh(now_ms) {
            return None;
        }
        let since_ms = match heard {
            Heard::At(at_ms) => at_ms.saturating_add(FRESH_MS),
            Heard::Never | Heard::NotNeeded => self.begun_ms,
        };
        let cause = Cause::new(code::LOG_UNWITNESSED).with("needed", &standing.numbers.others());
        let cause = cause.with("since", &multaqa_runtime::output::instant(since_ms));
        Some(LinkState::Unwitnessed { since_ms, cause })
    }
}

#[cfg(test)]
mod tests;
