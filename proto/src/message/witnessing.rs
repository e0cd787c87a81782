//! How far witnesses vouch for the log, in words: the policy's numbers, the sizes, who cosigned last and when.
//!
//! In scope: the message that hub and node send, its lines for people, the same as JSON. Out of scope: counting
//! (`log::witness`).

use serde::Serialize;

use super::screen::{Line, Screen};
use crate::log::witness::{Standing, millis};
use crate::number::TreeSize;
use crate::wire::record as wire;

/// Words for `log::witness::Label`.
const LABELS: [(&str, &str); 3] =
    [("accepted", "standing-accepted"), ("witnessed", "standing-witnessed"), ("stable", "standing-stable")];

/// See the module; the JSON is this structure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witnessing {
    /// Number of the policy.
    pub policy: u64,
    /// States that it names.
    pub states: u32,
    /// States that may cosign what they should not.
    pub faulty: u32,
    /// States whose cosignatures make an entry stable.
    pub quorum: u32,
    /// Entries on the log.
    pub accepted: u64,
    /// Entries below are witnessed.
    pub witnessed: u64,
    /// Entries below are stable.
    pub stable: u64,
    /// Whether the policy names no states: then nothing is witnessed or stable.
    pub no_witnesses: bool,
    /// The states, by code.
    pub witnesses: Vec<Witness>,
}

/// A state of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// Code.
    pub state: String,
    /// The largest tree size that a node of it cosigned; 0 for none.
    pub size: u64,
    /// When a node of it cosigned last, milliseconds since 1970 UTC; 0 for never.
    pub time_ms: i64,
    /// Whether that is longer ago than five minutes.
    pub silent: bool,
}

/// What hub and node send, with a log of so many entries.
#[must_use]
pub fn witnessing(standing: &Standing, accepted: TreeSize, now_ms: i64) -> wire::Witnessing {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let silent: Vec<_> = standing.silent(now_ms).collect();
    wire::Witnessing {
        policy: standing.policy,
        states: count(standing.numbers.states),
        faulty: count(standing.numbers.faulty),
        quorum: count(standing.numbers.quorum),
        accepted: accepted.0,
        witnessed: standing.witnessed.0,
        stable: standing.stable.0,
        witnesses: standing
            .votes
            .iter()
            .map(|(state, vote)| wire::Witness {
                state: state.to_string(),
                size: vote.map_or(0, |vote| vote.size.0),
                time_ms: vote.map_or(0, |vote| millis(vote.time_s)),
                silent: silent.contains(&state),
            })
            .collect(),
    }
}

impl From<wire::Witnessing> for Witnessing {
    fn from(found: wire::Witnessing) -> Self {
        let wire::Witnessing { policy, states, faulty, quorum, accepted, witnessed, stable, witnesses } = found;
        let witness = |wire::Witness { state, size, time_ms, silent }| Witness { state, size, time_ms, silent };
        let witnesses = witnesses.into_iter().map(witness).collect();
        let no_witnesses = states == 0;
        Self { policy, states, faulty, quorum, accepted, witnessed, stable, no_witnesses, witnesses }
    }
}

impl Witnessing {
    /// The policy's numbers and the sizes, in one line.
    #[must_use]
    pub fn text(&self, screen: Screen<'_>) -> String {
        if self.no_witnesses {
            return screen.word("standing-nobody");
        }
        let line = Line::new("standing-sizes").with("states", self.states).with("quorum", self.quorum);
        let line = line.with("witnessed", self.witnessed).with("stable", self.stable);
        screen.text(&line.with("accepted", self.accepted))
    }
    /// The states, a line each.
    #[must_use]
    pub fn lines(&self, screen: Screen<'_>, now_ms: i64) -> Vec<String> {
        told(&self.witnesses, screen, now_ms, |_| true)
    }
    /// Those of them that are silent.
    #[must_use]
    pub fn silent(&self, screen: Screen<'_>, now_ms: i64) -> Vec<String> {
        told(&self.witnesses, screen, now_ms, |witness| witness.silent)
    }
}

fn told(witnesses: &[Witness], screen: Screen<'_>, now_ms: i64, which: fn(&Witness) -> bool) -> Vec<String> {
    let line = |witness: &Witness| {
        let Witness { state, size, time_ms, silent } = witness;
        let id = match (*time_ms, *silent) {
            (0, _) => return screen.text(&Line::new("standing-never").with("state", state)),
            (_, true) => "standing-silent",
            (_, false) => "standing-vote",
        };
        let age = screen.age(now_ms, *time_ms);
        screen.text(&Line::new(id).with("state", state).with("size", size).with("age", age))
    };
    witnesses.iter().filter(|witness| which(witness)).map(line).collect()
}

impl Screen<'_> {
    /// The word for how far an entry is vouched for: `accepted`, `witnessed`, `stable`.
    #[must_use]
    pub fn standing(&self, label: &str) -> String {
        self.token(&LABELS, label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::witness::{FRESH_MS, Label, Numbers, Vote};
    use crate::message::Catalogue;
    use crate::text::Lang;

    fn found(now_ms: i64) -> Witnessing {
        let votes = [("EG", Some(Vote { size: TreeSize(60), time_s: 1_000 })), ("JO", None)];
        let standing = Standing {
            policy: 2,
            numbers: Numbers::of(2),
            witnessed: TreeSize(60),
            stable: TreeSize(0),
            votes: votes.map(|(state, vote)| (state.parse().unwrap(), vote)).into(),
        };
        witnessing(&standing, TreeSize(62), now_ms).into()
    }

    #[test]
    fn sizes_and_states_are_told_in_each_language() {
        let catalogue = Catalogue::new(&[&super::super::screen::SHARED]);
        for lang in Lang::ALL {
            let screen = Screen::new(&catalogue, lang);
            let text = found(1_003_000).text(screen);
            assert!(["60", "62"].iter().all(|size| text.contains(size)), "{text}");
            let lines = found(1_003_000).lines(screen, 1_003_000);
            assert!(lines[0].contains("EG") && lines[0].contains("60") && lines[1].contains("JO"), "{lines:?}");
            let silent = found(1_000_001 + FRESH_MS).silent(screen, 1_000_001 + FRESH_MS);
            assert_ne!(silent[0], lines[0]);
            let nobody = Witnessing { states: 0, no_witnesses: true, ..found(0) };
            assert_ne!(nobody.text(screen), text);
            let labels =
                [Label::Accepted, Label::Witnessed, Label::Stable].map(|label| screen.standing(label.as_str()));
            assert!(labels.iter().all(|label| !label.is_empty()) && labels[0] != labels[1] && labels[1] != labels[2]);
        }
    }
}
