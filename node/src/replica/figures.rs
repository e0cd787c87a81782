//! Figures as statistical clients read them: in the order of area and period, all of an indicator.
//!
//! In scope: reading pages along the index `observation_series`, the codes that occur, what datasets held before they changed. Out of scope:
//! what is made of them (`api::sdmx`).

use multaqa_proto::id::ObjectId;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::content::Content;
use prost::bytes::Bytes;
use sqlx::{QueryBuilder, Sqlite};

use super::Replica;
use super::observation::{ObservationRow, observation};
use crate::store::{Cells, StoreError};

/// Which figures of an indicator, and from where on.
#[derive(Debug, Clone)]
pub(crate) struct FigureQuery<'a> {
    /// Id of the indicator.
    pub(crate) indicator: &'a str,
    /// Only of this area.
    pub(crate) area: Option<&'a str>,
    /// Only of datasets that the log took after this, milliseconds since 1970 UTC, and of `providers`.
    pub(crate) since_ms: Option<i64>,
    /// Only of datasets whose newest revision the log took by then, milliseconds since 1970 UTC.
    pub(crate) until_ms: Option<i64>,
    /// Members whose figures are read whatever their age.
    pub(crate) providers: &'a [String],
    /// After this place.
    pub(crate) after: &'a FigurePlace,
    /// At most so many.
    pub(crate) limit: u32,
}

/// A dataset that changed, with what it holds and held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    /// Id of the dataset.
    pub(crate) dataset: ObjectId,
    /// Payload as it stood; none where it was erased.
    pub(crate) then: Option<Bytes>,
    /// Where the revision of then stands on the log.
    pub(crate) then_index: LeafIndex,
    /// Payload as it stands; none where the dataset is withdrawn.
    pub(crate) now: Option<Bytes>,
}

/// A place in the order of an indicator's figures; the default stands before all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FigurePlace {
    area: String,
    period: String,
    number: i64,
}

/// A column whose values are codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeColumn {
    /// Area.
    RefArea,
    /// Sex.
    Sex,
    /// Age.
    Age,
    /// Disability.
    Disability,
    /// Place.
    Place,
    /// Provider.
    Provider,
    /// Status.
    ObsStatus,
    /// Unit.
    Unit,
}

impl CodeColumn {
    const fn statement(self) -> &'static str {
        match self {
            Self::RefArea => "SELECT DISTINCT ref_area AS code FROM observation WHERE ref_area IS NOT NULL LIMIT ?",
            Self::Sex => "SELECT DISTINCT sex AS code FROM observation WHERE sex IS NOT NULL LIMIT ?",
            Self::Age => "SELECT DISTINCT age AS code FROM observation WHERE age IS NOT NULL LIMIT ?",
            Self::Disability => {
                "SELECT DISTINCT disability AS code FROM observation WHERE disability IS NOT NULL LIMIT ?"
            }
            Self::Place => "SELECT DISTINCT place AS code FROM observation WHERE place IS NOT NULL LIMIT ?",
            Self::Provider => "SELECT DISTINCT provider AS code FROM observation WHERE provider IS NOT NULL LIMIT ?",
            Self::ObsStatus => {
                "SELECT DISTINCT obs_status AS code FROM observation WHERE obs_status IS NOT NULL LIMIT ?"
            }
            Self::Unit => "SELECT DISTINCT unit AS code FROM observation WHERE unit IS NOT NULL LIMIT ?",
        }
    }
}

/// Whether a figure's dataset is younger than what follows.
const YOUNGER: &str = "(SELECT accepted_at_ms FROM object WHERE object.id = observation.object) > ";
/// Whether it is not.
const OLDER: &str = "(SELECT accepted_at_ms FROM object WHERE object.id = observation.object) <= ";

impl Replica {
    /// Figures of an indicator by area, period and number, each with whether its dataset is as young as was asked for; with the place after
    /// each page, none where it is the last.
    pub(crate) async fn figures(
        &self,
        query: &FigureQuery<'_>,
    ) -> Result<(Vec<(ObservationRow, bool)>, Option<FigurePlace>), StoreError> {
        let mut tx = self.store.read_once("read_figures").await?;
        let at = tx.at;
        let mut sql = QueryBuilder::<Sqlite>::new(
            "SELECT number, object, indicator, ref_area, time_period, sex, age, disability, place, provider, value, obs_status, unit, idx, ",
        );
        match query.since_ms {
            Some(since) => sql.push(YOUNGER).push_bind(since),
            None => sql.push("1"),
        };
        sql.push(" AS changed FROM observation WHERE indicator = ");
        sql.push_bind(query.indicator);
        let FigurePlace { area, period, number } = query.after;
        // Of one area from its first row on, of all from the area on: each is one stretch of the index.
        match query.area {
            Some(area) => sql.push(" AND ref_area = ").push_bind(area).push(" AND (time_period, number) > ("),
            None => sql.push(" AND (ref_area, time_period, number) > (").push_bind(area.as_str()).push(", "),
        };
        sql.push_bind(period.as_str()).push(", ").push_bind(*number).push(")");
        if let Some(since) = query.since_ms {
            sql.push(" AND (").push(YOUNGER).push_bind(since).push(" OR provider IN (");
            let mut list = sql.separated(", ");
            for provider in query.providers {
                list.push_bind(provider);
            }
            sql.push("))");
        }
        if let Some(until) = query.until_ms {
            sql.push(" AND ").push(OLDER).push_bind(until);
        }
        let order = if query.area.is_some() { "time_period, number" } else { "ref_area, time_period, number" };
        sql.push(" ORDER BY ").push(order).push(" LIMIT ").push_bind(i64::from(query.limit));
        let rows = sql.build().fetch_all(tx.conn()).await.map_err(|e| at.failed(e))?;
        let mut found = Vec::with_capacity(rows.len());
        let mut place = None;
        for row in &rows {
            let cells = Cells { table: "observation", row };
            let figure = ObservationRow {
                observation: observation(&cells)?,
                provider: cells.get("provider")?,
                dataset: cells.get("object")?,
                index: LeafIndex(cells.number("idx")?),
            };
            let (area, period) = (&figure.observation.ref_area, &figure.observation.time_period);
            place = Some(FigurePlace { area: area.clone(), period: period.clone(), number: cells.get("number")? });
            found.push((figure, cells.get("changed")?));
        }
        let full = found.len() >= usize::try_from(query.limit).unwrap_or(usize::MAX);
        Ok((found, place.filter(|_| full)))
    }

    /// Number of the newest figure, 0 where there is none; and how many datasets are withdrawn.
    pub(crate) async fn newest_figure(&self) -> Result<(i64, i64), StoreError> {
        let mut tx = self.store.read_once("newest_figure").await?;
        let at = tx.at;
        let sql = "SELECT (SELECT coalesce(max(number), 0) FROM observation), \
                   (SELECT count(*) FROM object WHERE kind = 'dataset' AND withdrawn = 1)";
        sqlx::query_as(sql).fetch_one(tx.conn()).await.map_err(|e| at.failed(e))
    }

    /// The codes that a column holds, in no order; reads all figures.
    pub(crate) async fn figure_codes(&self, column: CodeColumn, limit: u32) -> Result<Vec<String>, StoreError> {
        let mut tx = self.store.read_once("list_figure_codes").await?;
        let at = tx.at;
        let query = sqlx::query_scalar(column.statement()).bind(i64::from(limit));
        query.fetch_all(tx.conn()).await.map_err(|e| at.failed(e))
    }

    /// Datasets after an id, by id, that changed after a moment and were there before it.
    pub(crate) async fn changed_datasets(
        &self,
        since_ms: i64,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Changed>, StoreError> {
        let mut tx = self.store.read_once("list_changed_datasets").await?;
        let at = tx.at;
        let sql = "SELECT object.id AS id, past.content AS past, past.idx AS past_idx, \
                   (SELECT content FROM entry WHERE entry.idx = object.idx AND object.withdrawn = 0) AS present \
                   FROM object JOIN entry AS past ON past.idx = (SELECT max(e.idx) FROM entry AS e \
                   WHERE e.object = object.id AND e.content_id = object.id AND e.verdict = 'VALID' AND e.accepted_at_ms <= ?1) \
                   WHERE object.kind = 'dataset' AND object.accepted_at_ms > ?1 AND object.id > ?2 ORDER BY object.id LIMIT ?3";
        let query = sqlx::query(sql).bind(since_ms).bind(after).bind(i64::from(limit));
        let rows = query.fetch_all(tx.conn()).await.map_err(|e| at.failed(e))?;
        let of = |row| {
            let cells = Cells { table: "object", row };
            let payload = |column: &'static str| {
                let content: Option<Vec<u8>> = cells.get(column)?;
                let Some(content) = content else { return Ok(None) };
                let content = Content::parse(&content).map_err(|error| cells.bad(column, &error))?;
                Ok(content.payload().cloned())
            };
            let then_index = LeafIndex(cells.number("past_idx")?);
            Ok(Changed { dataset: cells.parsed("id")?, then: payload("past")?, then_index, now: payload("present")? })
        };
        rows.iter().map(of).collect()
    }
}
