//! Figures as they stood at a moment (SDMX REST, `asOf`).
//!
//! They are those of every dataset in its newest revision that the log had taken by then: of one that did not change since, what the
//! replica's table has; of any other, what is in the content of that revision, which every replica keeps. A dataset that was withdrawn
//! since is erased everywhere, also what it was about: where the selection may hold figures of its provider, nobody can tell what stood,
//! and that is refused. Names and code lists are those of today. In scope: what stood of datasets that changed since, in the order of
//! area and period. Out of scope: laying it between the others (`source`).

use std::collections::{BTreeMap, VecDeque};

use multaqa_proto::kind::Kind;

use super::super::component::Component;
use super::super::request::selection::Selection;
use super::super::{code, refused};
use crate::api::refusal::Refusal;
use crate::replica::{ObservationRow, Replica};

/// Datasets that are read at a time; each may hold 256 KiB twice.
const PAGE: u32 = 16;
/// Most figures of datasets that changed since.
const FIGURES_MAX: usize = 50_000;

/// See the module.
#[derive(Debug, Default)]
pub(in super::super) struct Past {
    /// The moment, milliseconds since 1970 UTC.
    pub(super) at_ms: i64,
    /// By id of the indicator, in the order of area, period and place on the log.
    figures: BTreeMap<String, VecDeque<ObservationRow>>,
}

impl Past {
    /// What stood at a moment of what changed since.
    ///
    /// # Errors
    /// `SDMX_PAST_ERASED`, `SDMX_ANSWER_TOO_LARGE`, or what reading the replica runs into.
    pub(in super::super) async fn at(replica: &Replica, at_ms: i64, selection: &Selection) -> Result<Self, Refusal> {
        let mut past = Self { at_ms, figures: BTreeMap::new() };
        let (mut after, mut count) = (String::new(), 0);
        loop {
            let page = replica.changed_datasets(at_ms, &after, PAGE).await?;
            let full = page.len() >= PAGE as usize;
            for changed in page {
                after = changed.dataset.to_string();
                let provider = changed.dataset.code().to_string();
                let Some(then) = &changed.then else {
                    let id = code::id_of(&provider);
                    if selection.named(Component::Provider).is_none_or(|named| named.contains(&id.as_ref())) {
                        return Err(refused::erased(&after, &id));
                    }
                    continue;
                };
                for observation in Kind::find("dataset").map(|kind| kind.observations(then)).unwrap_or_default() {
                    count += 1;
                    let figures = past.figures.entry(observation.indicator.clone()).or_default();
                    let (provider, dataset) = (provider.clone(), after.clone());
                    figures.push_back(ObservationRow { observation, provider, dataset, index: changed.then_index });
                }
                if count > FIGURES_MAX {
                    return Err(refused::too_large(FIGURES_MAX));
                }
            }
            if !full {
                break;
            }
        }
        for figures in past.figures.values_mut() {
            figures.make_contiguous().sort_by(|a, b| order(a).cmp(&order(b)));
        }
        Ok(past)
    }

    /// Takes what stood of an indicator, or of one of its areas, up to an area's period; all of it where none is named.
    pub(super) fn take(
        &mut self,
        indicator: &str,
        area: Option<&str>,
        through: Option<(&str, &str)>,
    ) -> Vec<ObservationRow> {
        let Some(figures) = self.figures.get_mut(indicator) else { return Vec::new() };
        // Areas are asked for in their order.
        while area.is_some_and(|area| figures.front().is_some_and(|row| stands(row).0 < area)) {
            figures.pop_front();
        }
        let wanted = figures.iter().take_while(|row| {
            area.is_none_or(|area| stands(row).0 == area) && through.is_none_or(|through| stands(row) <= through)
        });
        let wanted = wanted.count();
        figures.drain(..wanted).collect()
    }
}

/// Area and period of a figure.
fn stands(row: &ObservationRow) -> (&str, &str) {
    (&row.observation.ref_area, &row.observation.time_period)
}

/// The order in which figures are read: by what comes later on the log another one of the same key is replaced.
pub(super) fn order(row: &ObservationRow) -> (&str, &str, u64) {
    (&row.observation.ref_area, &row.observation.time_period, row.index.0)
}
