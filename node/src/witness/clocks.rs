//! What other states' clocks say of the own one, by the times that stand in their cosignatures.
//!
//! Out of scope: what is made of it (`sync::timely`, `api`).

use multaqa_proto::alarm::CLOCKS_MS;
use multaqa_proto::id::MemberCode;
use multaqa_proto::log::witness::{Standing, millis};

/// What other states' clocks say of the own one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// Enough of them cosigned within the time in which cosignatures are fresh by it.
    Agree,
    /// Enough of them are far ahead.
    Ahead,
    /// Nobody is asked, or too few were heard.
    Unknown,
}

impl Others {
    /// By what they cosigned, as a node of this member sees it.
    pub(crate) fn of(standing: &Standing, me: &MemberCode, now_ms: i64) -> Self {
        let needed = standing.numbers.others();
        let others = standing.votes.iter().filter(|(state, _)| *state != me).filter_map(|(_, vote)| vote.as_ref());
        let ahead = others.filter(|vote| millis(vote.time_s).saturating_sub(now_ms) > CLOCKS_MS).count();
        if needed == 0 {
            Self::Unknown
        } else if ahead >= needed {
            Self::Ahead
        } else if standing.heard(me, now_ms).is_fresh(now_ms) {
            Self::Agree
        } else {
            Self::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::log::witness::{Numbers, Vote};
    use multaqa_proto::number::TreeSize;

    use super::*;

    const NOW_MS: i64 = 1_700_000_000_000;

    fn standing(times_ms: &[(&str, i64)], states: usize) -> Standing {
        let vote = |(code, time_ms): &(&str, i64)| {
            let time_s = u64::try_from(time_ms / 1_000).unwrap();
            (code.parse().unwrap(), Some(Vote { size: TreeSize(1), time_s }))
        };
        Standing { numbers: Numbers::of(states), votes: times_ms.iter().map(vote).collect(), ..Standing::default() }
    }

    #[test]
    fn the_own_clock_is_right_where_enough_others_cosigned_by_it() {
        let of = |times: &[(&str, i64)], states| Others::of(&standing(times, states), &"JO".parse().unwrap(), NOW_MS);
        let late = NOW_MS + CLOCKS_MS + 1_000;
        assert_eq!(of(&[("JO", NOW_MS), ("EG", NOW_MS), ("MA", NOW_MS - CLOCKS_MS)], 4), Others::Agree);
        assert_eq!(of(&[("JO", NOW_MS), ("EG", NOW_MS)], 4), Others::Unknown, "one's own does not count");
        assert_eq!(of(&[("EG", NOW_MS), ("MA", NOW_MS - 2 * CLOCKS_MS)], 4), Others::Unknown, "one is too old");
        assert_eq!(of(&[("EG", late), ("MA", late), ("SA", NOW_MS)], 4), Others::Ahead);
        assert_eq!(of(&[("EG", late), ("MA", NOW_MS), ("SA", NOW_MS)], 4), Others::Agree, "one alone says nothing");
        assert_eq!(of(&[("JO", NOW_MS)], 1), Others::Unknown);
    }
}
