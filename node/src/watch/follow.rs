//! Where a watcher is, and what a batch is to it. Pure.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use multaqa_proto::number::TreeSize;

use super::Batch;

/// A place from which a watch goes on: `LOG.FILLS.SIZE` as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Number of the log.
    pub(crate) log: u64,
    /// How many times what stands below changed otherwise than by entries.
    pub(crate) fills: u64,
    /// Leaves up to which all was told.
    pub(crate) size: TreeSize,
}

impl Place {
    /// Whether entries alone lie between this place and a later one.
    pub(crate) fn leads_to(self, later: Self) -> bool {
        self.log == later.log && self.fills == later.fills && self.size <= later.size
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.log, self.fills, self.size.0)
    }
}

/// A text that is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;
    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let mut numbers = text.splitn(3, '.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u64>().ok().filter(|_| digits).ok_or(NoPlace)
        });
        let mut next = || numbers.next().unwrap_or(Err(NoPlace));
        Ok(Self { log: next()?, fills: next()?, size: TreeSize(next()?) })
    }
}

/// What a batch is to a watcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It was told all of it.
    Known,
    /// It continues where the watcher is: what lies at or above its place is new.
    New,
    /// Something lies between, which the watcher reads by itself, and with it this.
    Apart,
    /// What it was told before may no longer hold.
    Anew,
}

/// What a batch is to a watcher at this place.
pub(crate) fn step(at: Place, batch: &Batch, payloads: bool) -> Step {
    let Batch { from, to, payloads: with_payloads, anew, .. } = batch;
    match (at.log, at.fills).cmp(&(to.log, to.fills)) {
        // Of before a turn that this watcher has come by already.
        Ordering::Greater => return Step::Known,
        Ordering::Less => return if *anew { Step::Anew } else { Step::Apart },
        Ordering::Equal => {}
    }
    if to.size <= at.size {
        Step::Known
    } else if *anew || *from > at.size || (payloads && !with_payloads) {
        Step::Apart
    } else {
        Step::New
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::told::Room;
    use super::*;

    fn place(log: u64, fills: u64, size: u64) -> Place {
        Place { log, fills, size: TreeSize(size) }
    }

    fn batch(from: u64, to: Place) -> Batch {
        Batch { from: TreeSize(from), to, payloads: false, changed: Vec::new(), anew: false, room: Room::default() }
    }

    #[test]
    fn a_place_is_read_as_it_is_written_and_nothing_else_is_one() {
        let at = place(2, 1, 3_074);
        assert_eq!((at.to_string().as_str(), at.to_string().parse()), ("2.1.3074", Ok(at)));
        for text in ["", "1", "1.2", "1.2.3.4", "1..3", "1.2.x", "-1.2.3", "+1.2.3", "1.2.99999999999999999999"] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }

    #[test]
    fn a_batch_is_new_where_it_continues_and_apart_where_it_does_not() {
        let at = place(1, 0, 10);
        let of = |from, to| step(at, &batch(from, place(1, 0, to)), false);
        assert_eq!([of(5, 10), of(5, 11), of(10, 12), of(11, 12)], [Step::Known, Step::New, Step::New, Step::Apart]);
        assert_eq!(step(at, &batch(10, place(1, 0, 12)), true), Step::Apart, "it has no payloads");
    }

    #[test]
    fn a_turn_is_told_once() {
        let turn = Batch { anew: true, ..batch(8, place(1, 1, 8)) };
        assert_eq!(step(place(1, 0, 10), &turn, false), Step::Anew);
        assert_eq!(step(place(1, 1, 8), &turn, false), Step::Known);
        assert_eq!(step(place(1, 1, 12), &turn, false), Step::Known);
        assert_eq!(step(place(1, 1, 7), &turn, false), Step::Apart, "it was told of the turn, and not of all since");
        assert_eq!(step(place(1, 3, 12), &Batch { anew: true, ..batch(5, place(2, 0, 5)) }, false), Step::Anew);
        assert_eq!(step(place(1, 1, 8), &batch(9, place(1, 0, 10)), false), Step::Known, "of before the turn");
        assert_eq!(step(place(1, 0, 8), &batch(8, place(1, 1, 10)), false), Step::Apart, "of after it");
    }

    proptest! {
        /// Whatever is lost of the broadcast and wherever batches are cut: each index is told once, in order.
        #[test]
        fn neither_gap_nor_double(
            start in 0_u64..40,
            cuts in prop::collection::vec((1_u64..7, any::<bool>()), 0..30),
        ) {
            let mut at = place(1, 0, start);
            let mut told = Vec::new();
            let mut from = 0;
            for (length, lost) in cuts {
                let batch = batch(from, place(1, 0, from + length));
                from += length;
                if lost {
                    continue;
                }
                let upto = match step(at, &batch, false) {
                    Step::Known => continue,
                    // It reads all up to the replica's place, of which the batch is the newest.
                    Step::New | Step::Apart => batch.to,
                    Step::Anew => unreachable!("nothing turned"),
                };
                told.extend(at.size.0..upto.size.0);
                at = upto;
            }
            prop_assert_eq!(told, (start..at.size.0).collect::<Vec<_>>());
            prop_assert!(at.size.0 >= start);
        }
    }
}
