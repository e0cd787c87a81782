//! What was taken away since a moment (SDMX REST, `updatedAfter`: deleted figures belong to what changed).
//!
//! A dataset's figures go when its next revision leaves them out, and when it is withdrawn. Its past revisions are kept, so of a revised one
//! every figure that went is told by its key. The content of a withdrawn one is erased everywhere, also what it was about: in every dataflow
//! that is asked for, the figures of its provider are told to go by a partial key (SDMX: a dimension that is left empty means any value), and
//! those that stand are given again after it. Where a selection cannot be written as partial keys, or gives less than all that stands, that is
//! refused. A figure that stands again in the place of one that went is given as one that changed.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use multaqa_proto::kind::{Kind, Observation};

use super::super::catalogue::Flow;
use super::super::component::Component;
use super::super::refused;
use super::super::request::selection::Selection;
use super::figure::Figure;
use crate::api::refusal::Refusal;
use crate::replica::{Changed, Replica};

/// Datasets that are read at a time; each may hold 256 KiB twice.
const PAGE: u32 = 16;
/// Most figures that went.
const GONE_MAX: usize = 50_000;

/// What was taken away.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Changes {
    /// Figures with their provider and dataset, by id of the indicator.
    figures: BTreeMap<String, Vec<Before>>,
    /// Providers of withdrawn datasets with the partial keys of what the selection holds of theirs.
    providers: BTreeMap<String, Vec<[String; 9]>>,
}

/// A figure that a dataset holds no more.
#[derive(Debug, Clone)]
struct Before {
    observation: Observation,
    provider: String,
    dataset: String,
}

/// What was taken away of one dataflow.
#[derive(Debug, Default)]
pub(super) struct Gone {
    /// By their keys, those that do not stand again.
    figures: HashMap<[String; 9], Figure>,
    /// Providers of withdrawn datasets.
    withdrawn: BTreeSet<String>,
    /// All providers of either.
    pub(super) providers: Vec<String>,
    /// Partial keys of what withdrawn datasets may have held.
    pub(super) partial: Vec<Figure>,
}

impl Changes {
    /// What was taken away of a selection since a moment; `whole` where all that stands is given.
    ///
    /// # Errors
    /// `SDMX_CHANGES_UNTOLD`, `SDMX_ANSWER_TOO_LARGE`, or what reading the replica runs into.
    pub(in super::super) async fn since(
        replica: &Replica,
        since_ms: i64,
        selection: &Selection,
        whole: bool,
    ) -> Result<Self, Refusal> {
        let mut changes = Self::default();
        let (mut after, mut count) = (String::new(), 0);
        loop {
            let page = replica.changed_datasets(since_ms, &after, PAGE).await?;
            let full = page.len() >= PAGE as usize;
            for changed in page {
                after = changed.dataset.to_string();
                count += changes.add(&changed, selection, whole)?;
                if count > GONE_MAX {
                    return Err(refused::too_large(GONE_MAX));
                }
            }
            if !full {
                return Ok(changes);
            }
        }
    }

    /// Adds what a dataset lost; how many figures.
    fn add(&mut self, changed: &Changed, selection: &Selection, whole: bool) -> Result<usize, Refusal> {
        let provider = changed.dataset.code().to_string();
        let Some(then) = &changed.then else {
            if let Entry::Vacant(provider) = self.providers.entry(provider) {
                let boxes = selection.boxes(&super::super::code::id_of(provider.key()));
                let boxes = boxes.filter(|boxes| whole || boxes.is_empty());
                provider.insert(boxes.ok_or_else(|| refused::untold(&changed.dataset.to_string()))?);
            }
            return Ok(0);
        };
        let figures = |payload: &[u8]| Kind::find("dataset").map(|kind| kind.observations(payload)).unwrap_or_default();
        let now = changed.now.as_deref().map(figures).unwrap_or_default();
        let stands: BTreeSet<[&str; 7]> = now.iter().map(key).collect();
        let lost = figures(then).into_iter().filter(|observation| !stands.contains(&key(observation)));
        let mut count = 0;
        for observation in lost {
            count += 1;
            let before = Before { provider: provider.clone(), dataset: changed.dataset.to_string(), observation };
            self.figures.entry(before.observation.indicator.clone()).or_default().push(before);
        }
        Ok(count)
    }

    /// What was taken away of a dataflow.
    pub(super) fn of(&self, flow: &Flow, selection: &Selection) -> Gone {
        let mut gone = Gone::default();
        let mut providers = BTreeSet::new();
        for Before { observation, provider, dataset } in self.figures.get(&flow.object).into_iter().flatten() {
            providers.insert(provider.clone());
            let figure = Figure::new(flow, observation.clone(), provider, dataset.clone());
            gone.figures.insert(figure.dimensions.clone(), figure);
        }
        gone.figures.retain(|_, figure| selection.holds(figure));
        for (provider, boxes) in &self.providers {
            let place = Component::Indicator as usize;
            let of_flow = boxes.iter().filter(|key| key[place].is_empty() || key[place] == flow.code);
            // Of this dataflow alone, also where figures of several are given against the data structure.
            gone.partial.extend(of_flow.map(|key| {
                let mut dimensions = key.clone();
                dimensions[place].clone_from(&flow.code);
                Figure { dimensions, ..Figure::default() }
            }));
            gone.withdrawn.insert(super::super::code::id_of(provider).into_owned());
            providers.insert(provider.clone());
        }
        gone.providers = providers.into_iter().collect();
        gone
    }
}

impl Gone {
    /// Whether a figure that stands, of a dataset that did not change, is given all the same; what stands is not gone.
    pub(super) fn stands(&mut self, figure: &Figure) -> bool {
        let again = self.figures.remove(&figure.dimensions).is_some();
        again || figure.get(Component::Provider).is_some_and(|provider| self.withdrawn.contains(provider))
    }

    /// The figures that are left at the end of the dataflow, by their keys.
    pub(super) fn left(self) -> Vec<Figure> {
        let partial = self.withdrawn;
        let told = |figure: &Figure| figure.get(Component::Provider).is_some_and(|provider| partial.contains(provider));
        // A partial key has told of the others.
        let mut left: Vec<Figure> = self.figures.into_values().filter(|figure| !told(figure)).collect();
        left.sort_unstable_by(|a, b| a.dimensions.cmp(&b.dimensions));
        left
    }
}

/// What tells the figures of one provider apart.
fn key(observation: &Observation) -> [&str; 7] {
    let Observation { indicator, ref_area, time_period, sex, age, disability, place, .. } = observation;
    [
        indicator,
        ref_area,
        time_period,
        sex.as_deref().unwrap_or_default(),
        age.as_deref().unwrap_or_default(),
        disability.as_deref().unwrap_or_default(),
        place.as_deref().unwrap_or_default(),
    ]
}
