//! How long the hub has said that it cannot serve the log at present: that it was restored and is given back what it lost, that its
//! store takes nothing, that it is stopping.
//!
//! Each of that is true now and then, and a reason to come back later. A hub that says it for ever freezes the log without a
//! word of its own being wrong. So there is a bound, by the node's own clock: a claim that was made again and again for five
//! minutes is an alarm (`CLAIM_OVERDUE`) with evidence of what the hub signed before. A real restore may take longer: it waits for
//! nodes, and for people. So nothing else follows from the alarm: the node goes on offering what it holds, and it ends by itself once
//! the hub serves.
//!
//! The time goes on over sessions and over one claim after another, and a hub that serves in between gains nothing by that
//! unless it serves for as long. It begins anew where the line was down for as long. In scope: this time. Out of scope: what counts
//! as a claim (`link`, `tracker`).

use multaqa_proto::alarm::Alarm;
use multaqa_proto::log::witness::FRESH_MS;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Claims(Option<Claim>);

#[derive(Debug)]
struct Claim {
    code: String,
    since_ms: i64,
    /// Since when there is no line; none while there is.
    away_since_ms: Option<i64>,
    /// Since when the hub has served; none while it claims.
    served_since_ms: Option<i64>,
}

impl Claims {
    /// The hub says so.
    pub(super) fn made(&mut self, code: &str, now_ms: i64) {
        let short = |away_ms: i64| now_ms.saturating_sub(away_ms) < FRESH_MS;
        let goes_on = self.0.take().filter(|claim| claim.away_since_ms.is_none_or(short));
        let since_ms = goes_on.map_or(now_ms, |claim| claim.since_ms);
        self.0 = Some(Claim { code: code.to_owned(), since_ms, away_since_ms: None, served_since_ms: None });
    }
    /// There is no line.
    pub(super) fn away(&mut self, now_ms: i64) {
        if let Some(claim) = &mut self.0 {
            claim.away_since_ms.get_or_insert(now_ms);
        }
    }
    /// The hub serves the log.
    pub(super) fn served(&mut self, now_ms: i64) {
        let Some(claim) = &mut self.0 else { return };
        let since_ms = *claim.served_since_ms.get_or_insert(now_ms);
        if now_ms.saturating_sub(since_ms) >= FRESH_MS {
            self.0 = None;
        }
    }
    /// The alarm, where the claim stands for too long.
    pub(super) fn overdue(&self, now_ms: i64) -> Option<Alarm> {
        let claim = self.0.as_ref().filter(|claim| claim.served_since_ms.is_none())?;
        let overdue = now_ms.saturating_sub(claim.since_ms) >= FRESH_MS;
        overdue.then(|| Alarm::ClaimOverdue { claim: claim.code.clone(), since_ms: claim.since_ms })
    }
    /// Whether this is what the hub claims at present.
    pub(super) fn is(&self, code: &str) -> bool {
        self.0.as_ref().is_some_and(|claim| claim.served_since_ms.is_none() && claim.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn since(claims: &Claims, now_ms: i64) -> Option<i64> {
        claims.overdue(now_ms).map(|alarm| {
            let Alarm::ClaimOverdue { since_ms, .. } = alarm else { panic!("{alarm}") };
            since_ms
        })
    }

    #[test]
    fn a_claim_is_overdue_after_five_minutes_whatever_comes_in_between() {
        let mut claims = Claims::default();
        claims.made("HUB_DRAINING", 0);
        claims.made("HUB_REFILLING", 2 * MINUTE);
        assert!(claims.is("HUB_REFILLING") && !claims.is("HUB_DRAINING"));
        assert_eq!(since(&claims, FRESH_MS - 1), None);
        assert_eq!(since(&claims, FRESH_MS), Some(0));
        claims.served(FRESH_MS);
        assert_eq!(since(&claims, FRESH_MS), None, "it serves");
        claims.made("HUB_REFILLING", FRESH_MS + MINUTE);
        assert_eq!(since(&claims, FRESH_MS + MINUTE), Some(0), "not for long");
    }

    #[test]
    fn a_hub_that_served_as_long_or_was_away_may_claim_anew() {
        let mut claims = Claims::default();
        claims.made("HUB_HALTED", 0);
        claims.served(MINUTE);
        claims.served(MINUTE + FRESH_MS);
        claims.made("HUB_HALTED", 2 * MINUTE + FRESH_MS);
        assert_eq!(since(&claims, 2 * MINUTE + 2 * FRESH_MS - 1), None);
        assert_eq!(since(&claims, 2 * MINUTE + 2 * FRESH_MS), Some(2 * MINUTE + FRESH_MS));
        let later = 3 * MINUTE + 3 * FRESH_MS;
        claims.made("HUB_REFILLING", later);
        assert_eq!(since(&claims, later), Some(2 * MINUTE + FRESH_MS), "the line was up all the time");
        claims.away(later);
        claims.made("HUB_REFILLING", later + FRESH_MS);
        assert_eq!(since(&claims, later + FRESH_MS), None, "it was put back meanwhile");
    }
}
