//! The figures of a selection in the order of dataflow, area and period, from the replica page by page.
//!
//! Of figures that one provider gave twice for the same key, which stand in one period, the one that the log took last is kept.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::super::catalogue::Flow;
use super::super::component::Component;
use super::super::request::Selection;
use super::super::{code, refused};
use super::figure::Figure;
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
    pub(in super::super) figures: Vec<Figure>,
}

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Source {
    replica: Replica,
    selection: Selection,
    /// What is still to be read: the dataflow, and the area where areas are named.
    wanted: VecDeque<(Arc<Flow>, Option<String>)>,
    after: FigurePlace,
    /// Rows of a period that the page before may not have held whole.
    held: Vec<ObservationRow>,
}

impl Source {
    pub(super) fn new(replica: Replica, selection: Selection, flows: VecDeque<Arc<Flow>>) -> Self {
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
        Self { replica, selection, wanted, after: FigurePlace::default(), held: Vec::new() }
    }

    /// The next figures that are wanted; none at the end.
    ///
    /// # Errors
    /// `SDMX_ANSWER_TOO_LARGE`, or what reading the replica runs into.
    pub(in super::super) async fn next(&mut self) -> Result<Option<Batch>, Refusal> {
        while let Some((flow, area)) = self.wanted.front().cloned() {
            let query = FigureQuery {
                indicator: &flow.object,
                area: area.as_deref(),
                since_ms: self.selection.updated_after_ms,
                after: &self.after,
                limit: PAGE,
            };
            let (rows, next) = self.replica.figures(&query).await?;
            self.held.extend(rows);
            let rows = self.whole_periods(next.is_some());
            if self.held.len() > PERIOD_MAX {
                return Err(refused::too_large(PERIOD_MAX));
            }
            self.after = next.unwrap_or_else(|| {
                self.wanted.pop_front();
                FigurePlace::default()
            });
            let figures = self.figures(&flow, rows);
            if !figures.is_empty() {
                return Ok(Some(Batch { flow, figures }));
            }
        }
        Ok(None)
    }

    /// The rows of which every period is whole; where more follow, the last may not be.
    fn whole_periods(&mut self, more: bool) -> Vec<ObservationRow> {
        let period = |row: &ObservationRow| (row.observation.ref_area.clone(), row.observation.time_period.clone());
        let Some(last) = self.held.last().filter(|_| more).map(period) else { return std::mem::take(&mut self.held) };
        let whole = self.held.iter().rposition(|row| period(row) != last).map_or(0, |place| place + 1);
        let rest = self.held.split_off(whole);
        std::mem::replace(&mut self.held, rest)
    }

    fn figures(&self, flow: &Flow, rows: Vec<ObservationRow>) -> Vec<Figure> {
        let mut figures: Vec<Figure> = Vec::with_capacity(rows.len());
        // By number, so what comes later replaces what came before.
        let mut places: HashMap<[String; 9], usize> = HashMap::with_capacity(rows.len());
        for row in rows {
            let figure = Figure::of(flow, row);
            if let Some(place) = places.get(&figure.dimensions) {
                figures[*place] = figure;
            } else {
                places.insert(figure.dimensions.clone(), figures.len());
                figures.push(figure);
            }
        }
        let Selection { keys, filters, .. } = &self.selection;
        figures.retain(|figure| keys.hold(&figure.dimensions) && filters.hold(|component| figure.get(component)));
        figures
    }
}
