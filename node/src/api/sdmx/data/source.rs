//! The figures of a selection in the order of dataflow, area and period, from the replica page by page.
//!
//! Of figures that one provider gave twice for the same key, which stand in one period, the one that the log took last is kept. Where only
//! what changed is wanted, what was taken away comes before and after the figures of its dataflow (`changes`). Where they are wanted as
//! they stood, those of datasets that changed since are laid between those that did not (`past`).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::super::catalogue::Flow;
use super::super::component::Component;
use super::super::request::selection::Selection;
use super::super::{code, refused};
use super::changes::{Changes, Gone};
use super::figure::Figure;
use super::past::{Past, order};
use crate::api::refusal::Refusal;
use crate::replica::{FigurePlace, FigureQuery, ObservationRow, Replica};

/// Figures that are read at a time.
const PAGE: u32 = 2_000;
/// Most figures of one area and period.
const PERIOD_MAX: usize = 20_000;

/// Figures of one dataflow; no area's period is in two.
#[derive(Debug)]
pub(in super::super) struct Batch {
    pub(in super::super) flow: Arc<Flow>,
    pub(in super::super) action: Action,
    pub(in super::super) figures: Vec<Figure>,
}

/// What a client that keeps a copy does with figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Action {
    /// They are as they are.
    Information,
    /// They are in the place of what it had.
    Replace,
    /// They are no more; where dimensions are empty, with whatever value in them.
    Delete,
}

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Source {
    replica: Replica,
    selection: Selection,
    changes: Option<Changes>,
    past: Option<Past>,
    /// What is still to be read: the dataflow, and the area where areas are named.
    wanted: VecDeque<(Arc<Flow>, Option<String>)>,
    /// What was taken away of the dataflow that is being read; none before it begins.
    gone: Option<Gone>,
    /// Read and not given yet.
    ready: VecDeque<Batch>,
    after: FigurePlace,
    /// Rows of a period that the page before may not have held whole.
    held: Vec<(ObservationRow, bool)>,
}

impl Source {
    pub(super) fn new(
        replica: Replica,
        selection: Selection,
        changes: Option<Changes>,
        past: Option<Past>,
        flows: VecDeque<Arc<Flow>>,
    ) -> Self {
        let areas = selection.named(Component::RefArea).map(|ids| {
            let mut codes: Vec<String> = ids.into_iter().filter_map(code::code_of).collect();
            codes.sort_unstable();
            codes.dedup();
            codes
        });
        let of = |flow: Arc<Flow>| match &areas {
            None => vec![(flow, None)],
            Some(areas) => areas.iter().map(|area| (Arc::clone(&flow), Some(area.clone()))).collect(),
        };
        let wanted = flows.into_iter().flat_map(of).collect();
        let (ready, after, held) = Default::default();
        Self { replica, selection, changes, past, wanted, gone: None, ready, after, held }
    }

    /// The next figures that are wanted; none at the end.
    ///
    /// # Errors
    /// `SDMX_ANSWER_TOO_LARGE`, or what reading the replica runs into.
    pub(in super::super) async fn next(&mut self) -> Result<Option<Batch>, Refusal> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(batch));
            }
            let Some((flow, area)) = self.wanted.front().cloned() else { return Ok(None) };
            self.read(&flow, area.as_deref()).await?;
        }
    }

    /// Reads a page of a dataflow.
    async fn read(&mut self, flow: &Arc<Flow>, area: Option<&str>) -> Result<(), Refusal> {
        if let (None, Some(changes)) = (&self.gone, &self.changes) {
            let mut gone = changes.of(flow, &self.selection);
            let partial = std::mem::take(&mut gone.partial);
            self.gone = Some(gone);
            self.put(flow, Action::Delete, partial);
        }
        let query = FigureQuery {
            indicator: &flow.object,
            area,
            since_ms: self.selection.updated_after_ms,
            until_ms: self.past.as_ref().map(|past| past.at_ms),
            providers: self.gone.as_ref().map(|gone| gone.providers.as_slice()).unwrap_or_default(),
            after: &self.after,
            limit: PAGE,
        };
        let (rows, next) = self.replica.figures(&query).await?;
        let through = rows.last().filter(|_| next.is_some()).map(|(row, _)| row.observation.clone());
        self.held.extend(rows);
        if let Some(past) = &mut self.past {
            let through = through.as_ref().map(|last| (last.ref_area.as_str(), last.time_period.as_str()));
            self.held.extend(past.take(&flow.object, area, through).into_iter().map(|row| (row, true)));
            self.held.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
        }
        let rows = self.whole_periods(next.is_some());
        if self.held.len() > PERIOD_MAX {
            return Err(refused::too_large(PERIOD_MAX));
        }
        let figures = self.figures(flow, rows);
        let action = if self.changes.is_some() { Action::Replace } else { Action::Information };
        self.put(flow, action, figures);
        match next {
            Some(next) => self.after = next,
            None => self.end(flow),
        }
        Ok(())
    }

    /// Ends what was read of a dataflow: an area, or all of it.
    fn end(&mut self, flow: &Arc<Flow>) {
        self.after = FigurePlace::default();
        self.wanted.pop_front();
        let goes_on = self.wanted.front().is_some_and(|(next, _)| next.object == flow.object);
        if !goes_on && let Some(gone) = self.gone.take() {
            self.put(flow, Action::Delete, gone.left());
        }
    }

    fn put(&mut self, flow: &Arc<Flow>, action: Action, figures: Vec<Figure>) {
        if !figures.is_empty() {
            self.ready.push_back(Batch { flow: Arc::clone(flow), action, figures });
        }
    }

    /// The rows of which every period is whole; where more follow, the last may not be.
    fn whole_periods(&mut self, more: bool) -> Vec<(ObservationRow, bool)> {
        let period =
            |(row, _): &(ObservationRow, bool)| (row.observation.ref_area.clone(), row.observation.time_period.clone());
        let Some(last) = self.held.last().filter(|_| more).map(period) else { return std::mem::take(&mut self.held) };
        let whole = self.held.iter().rposition(|row| period(row) != last).map_or(0, |place| place + 1);
        let rest = self.held.split_off(whole);
        std::mem::replace(&mut self.held, rest)
    }

    fn figures(&mut self, flow: &Flow, rows: Vec<(ObservationRow, bool)>) -> Vec<Figure> {
        let mut figures: Vec<(Figure, bool)> = Vec::with_capacity(rows.len());
        // By number, so what comes later replaces what came before.
        let mut places: HashMap<[String; 9], usize> = HashMap::with_capacity(rows.len());
        for (row, changed) in rows {
            let figure = Figure::of(flow, row);
            if let Some(place) = places.get(&figure.dimensions) {
                figures[*place] = (figure, changed);
            } else {
                places.insert(figure.dimensions.clone(), figures.len());
                figures.push((figure, changed));
            }
        }
        let (gone, selection) = (&mut self.gone, &self.selection);
        figures.retain(|(figure, changed)| {
            let stands = gone.as_mut().is_some_and(|gone| gone.stands(figure));
            (stands || *changed) && selection.holds(figure)
        });
        figures.into_iter().map(|(figure, _)| figure).collect()
    }
}
