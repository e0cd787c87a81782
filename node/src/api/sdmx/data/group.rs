//! Figures in groups that hold every series whole, where series are written or counted; and no more of them than was asked for.

use std::collections::{HashMap, HashSet};

use super::super::component::Component;
use super::super::refused;
use super::super::sort::Sort;
use super::figure::Figure;
use super::source::{Action, Batch, Source};
use crate::api::refusal::Refusal;

/// Most figures of a group.
const GROUP_MAX: usize = 50_000;

/// How many figures are kept.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Keep {
    /// So many of each series from its first.
    pub(in super::super) first: Option<usize>,
    /// So many of each series to its last.
    pub(in super::super) last: Option<usize>,
    /// The dimension of single figures; none where they are not in series.
    pub(in super::super) at_observation: Option<Component>,
    /// One figure of each series, in place of its key.
    pub(in super::super) keys_only: bool,
    pub(in super::super) offset: usize,
    pub(in super::super) limit: Option<usize>,
    /// In which order those of a dataflow come.
    pub(in super::super) sort: Sort,
}

/// What a group has to hold whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    /// Periods, as the source gives them.
    Periods,
    /// Areas: a series in time is of one.
    Areas,
    /// Dataflows: a series over areas runs through all of one.
    Flows,
}

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Groups {
    source: Source,
    keep: Keep,
    whole: Whole,
    next: Option<Batch>,
}

impl Groups {
    /// Groups of a source; `series` where they are written as such.
    pub(in super::super) fn new(source: Source, keep: Keep, series: bool) -> Self {
        let by_series = keep.first.is_some() || keep.last.is_some() || keep.keys_only;
        let whole = match keep.at_observation {
            _ if !keep.sort.is_none() => Whole::Flows,
            Some(Component::TimePeriod) if series || by_series => Whole::Areas,
            None if by_series => Whole::Areas,
            Some(dimension) if dimension != Component::TimePeriod && (series || by_series) => Whole::Flows,
            Some(_) | None => Whole::Periods,
        };
        Self { source, keep, whole, next: None }
    }

    /// The next group that is not empty; none at the end.
    ///
    /// # Errors
    /// As [`Source::next`].
    pub(in super::super) async fn next(&mut self) -> Result<Option<Batch>, Refusal> {
        while self.keep.limit != Some(0) {
            let Some(mut group) = self.gathered().await? else { return Ok(None) };
            self.keep.trim(group.action, &mut group.figures);
            if !group.figures.is_empty() {
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    async fn gathered(&mut self) -> Result<Option<Batch>, Refusal> {
        let begun = match self.next.take() {
            Some(batch) => Some(batch),
            None => self.source.next().await?,
        };
        let Some(mut group) = begun else { return Ok(None) };
        while self.whole != Whole::Periods {
            match self.source.next().await? {
                Some(more) if self.whole.goes_on(&group, &more) => group.figures.extend(more.figures),
                next => {
                    self.next = next;
                    break;
                }
            }
            if group.figures.len() > GROUP_MAX {
                return Err(refused::too_large(GROUP_MAX));
            }
        }
        Ok(Some(group))
    }
}

impl Whole {
    /// Whether a batch goes on with what a group has begun.
    fn goes_on(self, group: &Batch, more: &Batch) -> bool {
        let area =
            |figure: Option<&Figure>| figure.and_then(|figure| figure.get(Component::RefArea)).map(str::to_owned);
        group.flow.object == more.flow.object
            && group.action == more.action
            && (self == Self::Flows || area(group.figures.last()) == area(more.figures.first()))
    }
}

impl Keep {
    /// What is deleted is cut into pages with the rest, and belongs to no series.
    fn trim(&mut self, action: Action, figures: &mut Vec<Figure>) {
        if action != Action::Delete {
            self.cut(figures);
        }
        let skipped = self.offset.min(figures.len());
        self.offset -= skipped;
        figures.drain(..skipped);
        if let Some(limit) = &mut self.limit {
            figures.truncate(*limit);
            *limit -= figures.len();
        }
    }

    fn cut(&self, figures: &mut Vec<Figure>) {
        let of = self.at_observation.unwrap_or(Component::TimePeriod);
        if self.first.is_some() || self.last.is_some() {
            let kept = kept(figures, of, self.first.unwrap_or(0), self.last.unwrap_or(0));
            let mut place = 0;
            figures.retain(|_| {
                place += 1;
                kept.contains(&(place - 1))
            });
        }
        if self.keys_only {
            let mut seen = HashSet::new();
            figures.retain(|figure| seen.insert(figure.series(of).join(".")));
        }
        self.sort.sort(figures);
    }
}

/// Places of the first and of the last figures of each series.
fn kept(figures: &[Figure], of: Component, first: usize, last: usize) -> HashSet<usize> {
    let mut series: HashMap<Vec<&str>, Vec<usize>> = HashMap::new();
    for (place, figure) in figures.iter().enumerate() {
        series.entry(figure.series(of)).or_default().push(place);
    }
    let ends = |places: Vec<usize>| {
        let ends: Vec<usize> = places.iter().take(first).chain(places.iter().rev().take(last)).copied().collect();
        ends
    };
    series.into_values().flat_map(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(area: &str, period: &str) -> Figure {
        let dimensions = ["A", "EGDI", area, "_T", "_T", "_T", "_T", "x-escwa", period].map(str::to_owned);
        Figure { dimensions, value: None, status: "O".to_owned(), unit: "INDEX".to_owned(), dataset: String::new() }
    }

    fn trimmed(mut keep: Keep) -> Vec<String> {
        let mut figures: Vec<Figure> =
            ["2020", "2021", "2022"].iter().flat_map(|y| [figure("EG", y), figure("JO", y)]).collect();
        keep.trim(Action::Information, &mut figures);
        figures.iter().map(|figure| format!("{} {}", figure.dimensions[2], figure.dimensions[8])).collect()
    }

    #[test]
    fn of_each_series_its_first_and_its_last_are_kept() {
        let keep = Keep { at_observation: Some(Component::TimePeriod), ..Keep::default() };
        assert_eq!(trimmed(Keep { first: Some(1), ..keep.clone() }), ["EG 2020", "JO 2020"]);
        assert_eq!(trimmed(Keep { last: Some(1), ..keep.clone() }), ["EG 2022", "JO 2022"]);
        assert_eq!(
            trimmed(Keep { first: Some(1), last: Some(1), ..keep.clone() }),
            ["EG 2020", "JO 2020", "EG 2022", "JO 2022"]
        );
        assert_eq!(trimmed(Keep { first: Some(9), ..keep.clone() }).len(), 6);
        assert_eq!(
            trimmed(Keep { at_observation: Some(Component::RefArea), first: Some(1), ..keep.clone() }),
            ["EG 2020", "EG 2021", "EG 2022"]
        );
    }

    #[test]
    fn pages_and_keys_of_series_are_cut_out() {
        let keep = Keep { at_observation: Some(Component::TimePeriod), ..Keep::default() };
        assert_eq!(trimmed(Keep { offset: 1, limit: Some(2), ..keep.clone() }), ["JO 2020", "EG 2021"]);
        assert_eq!(trimmed(Keep { keys_only: true, ..keep.clone() }), ["EG 2020", "JO 2020"]);
        assert_eq!(trimmed(Keep { offset: 9, ..keep.clone() }), [""; 0]);
    }
}
