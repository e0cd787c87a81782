//! Figures: one row an observation, by indicator, area and period.
//!
//! In scope: the table `observation`. The provider is the dataset's member, so a national figure and an international one
//! stand side by side.

use multaqa_proto::id::ObjectId;
use multaqa_proto::kind::Observation;
use multaqa_proto::number::LeafIndex;
use sqlx::{QueryBuilder, Sqlite};

use super::Replica;
use crate::store::{Cells, ROWS, StoreError, Tx};
use multaqa_proto::fold::Put;

/// More than the figures of any dataset: a content has at most 256 KiB, and a figure takes more than one of them.
const PER_DATASET: i64 = 1 << 18;
/// Most rows of a page.
const PAGE: u32 = 5_000;

/// Which figures.
#[derive(Debug, Clone, Default)]
pub struct ObservationQuery {
    /// Id of the indicator.
    pub indicator: String,
    /// Only this area.
    pub area: Option<String>,
    /// Only periods from this one on, compared as text.
    pub period_from: Option<String>,
    /// Only periods up to this one, compared as text.
    pub period_to: Option<String>,
    /// Only from this member.
    pub provider: Option<String>,
    /// Only those after this row; what a page's `next` says.
    pub after: Option<i64>,
    /// At most so many; 5,000 at most.
    pub limit: u32,
}

/// A figure with what it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservationRow {
    /// The figure.
    pub observation: Observation,
    /// The member that published it.
    pub provider: String,
    /// Id of the dataset.
    pub dataset: String,
    /// Index of the dataset's newest revision.
    pub index: LeafIndex,
}

/// A page of figures, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservationPage {
    /// The figures.
    pub items: Vec<ObservationRow>,
    /// Where the next page begins; none after the last.
    pub next: Option<i64>,
}

impl Replica {
    /// Figures of an indicator.
    pub async fn observations(&self, query: &ObservationQuery) -> Result<ObservationPage, StoreError> {
        let limit = query.limit.clamp(1, PAGE);
        let mut tx = self.store.read_once("list_observations").await?;
        let at = tx.at;
        let mut sql = QueryBuilder::<Sqlite>::new(
            "SELECT number, object, indicator, ref_area, time_period, sex, age, disability, place, provider, value, \
             obs_status, unit, idx FROM observation WHERE indicator = ",
        );
        sql.push_bind(&query.indicator).push(" AND number > ").push_bind(query.after.unwrap_or(0));
        for (condition, value) in [
            (" AND ref_area = ", &query.area),
            (" AND time_period >= ", &query.period_from),
            (" AND time_period <= ", &query.period_to),
            (" AND provider = ", &query.provider),
        ] {
            if let Some(value) = value {
                sql.push(condition).push_bind(value);
            }
        }
        sql.push(" ORDER BY number LIMIT ").push_bind(i64::from(limit) + 1);
        let rows = sql.build().fetch_all(tx.conn()).await.map_err(|e| at.failed(e))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut items = Vec::new();
        let mut last = None;
        for row in rows.iter().take(limit) {
            let cells = Cells { table: "observation", row };
            last = Some(cells.get("number")?);
            items.push(ObservationRow {
                observation: observation(&cells)?,
                provider: cells.get("provider")?,
                dataset: cells.get("object")?,
                index: LeafIndex(cells.number("idx")?),
            });
        }
        Ok(ObservationPage { items, next: last.filter(|_| rows.len() > limit) })
    }
}

/// The figure that a row holds.
pub(super) fn observation(cells: &Cells<'_>) -> Result<Observation, StoreError> {
    Ok(Observation {
        indicator: cells.get("indicator")?,
        ref_area: cells.get("ref_area")?,
        time_period: cells.get("time_period")?,
        value: cells.get("value")?,
        obs_status: cells.get("obs_status")?,
        unit: cells.get("unit")?,
        sex: cells.get("sex")?,
        age: cells.get("age")?,
        disability: cells.get("disability")?,
        place: cells.get("place")?,
    })
}

/// The figures of a dataset with their numbers.
pub(super) fn numbered(put: &Put) -> impl Iterator<Item = (i64, &Observation)> {
    let first = put.index.to_i64() * PER_DATASET;
    (first..).zip(&put.projection.observations)
}

pub(super) async fn insert(tx: &mut Tx, puts: &[(ObjectId, Put)]) -> Result<(), StoreError> {
    let rows: Vec<_> =
        puts.iter().flat_map(|(id, put)| numbered(put).map(move |(number, o)| (number, id, put.index, o))).collect();
    let at = tx.at;
    for chunk in rows.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO observation (number, object, indicator, ref_area, time_period, sex, age, disability, place, provider, \
             value, obs_status, unit, idx) ",
        );
        query.push_values(chunk, |mut values, (number, id, index, observation)| {
            let Observation { indicator, ref_area, time_period, value, obs_status, unit, sex, age, disability, place } =
                observation;
            values
                .push_bind(*number)
                .push_bind(id.to_string())
                .push_bind(indicator)
                .push_bind(ref_area)
                .push_bind(time_period)
                .push_bind(sex)
                .push_bind(age)
                .push_bind(disability)
                .push_bind(place)
                .push_bind(id.code().to_string())
                .push_bind(value)
                .push_bind(obs_status)
                .push_bind(unit)
                .push_bind(index.to_i64());
        });
        query.build().execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    Ok(())
}
