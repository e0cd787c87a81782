//! What a fast start shows of the past, and the runs between.
//!
//! In scope: the indexes that are shown to everybody or to a writer's own member, runs from the stored subtrees and the leaves.
//! Out of scope: what a reader may read besides (`fanout::sparse`), why these are shown (`proto::sync::intake::start`).

use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

use multaqa_proto::id::MemberCode;
use multaqa_proto::log::subtree::{Plan, Reading, Rows, Subtree};
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::sync::run::Run;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError};

/// Rows that are read beside what is wanted, rather than by one more query.
const NEAR: u64 = 64;

impl Store {
    /// From the newest seal below each control leaf to it, of those that stand from `from` on below `end`.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub(crate) async fn sealed_controls(
        &self,
        from: LeafIndex,
        end: TreeSize,
    ) -> Result<Vec<RangeInclusive<u64>>, StoreError> {
        let rows = sqlx::query(
            "SELECT c.idx, (SELECT s.idx FROM entry s WHERE s.idx < c.idx AND s.record_id IS NULL AND s.control = 0 \
             ORDER BY s.idx DESC LIMIT 1) FROM entry c WHERE c.control = 1 AND c.idx >= ? AND c.idx < ? ORDER BY c.idx",
        )
        .bind(from.to_i64())
        .bind(end.to_i64())
        .fetch_all(&self.readers)
        .await?;
        let span = |row: &SqliteRow| {
            let seal: Option<i64> = row.try_get(1)?;
            Ok(index(seal.unwrap_or(0))?.0..=index(row.try_get(0)?)?.0)
        };
        rows.iter().map(span).collect()
    }
    /// The newest record of each writer below a size, and what a member's own nodes wrote below it that is not for anybody to
    /// read any more.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub(crate) async fn newest_and_erased(
        &self,
        member: &MemberCode,
        end: TreeSize,
    ) -> Result<BTreeSet<u64>, StoreError> {
        let newest = sqlx::query(
            "SELECT (SELECT e.idx FROM entry e WHERE e.writer = c.writer AND e.idx < ?1 \
             ORDER BY e.epoch DESC, e.seq DESC LIMIT 1) FROM chain c",
        );
        let newest = newest.bind(end.to_i64()).fetch_all(&self.readers).await?;
        // Writers are `<member>/<node>`; `0` comes after `/`.
        let erased = sqlx::query(
            "SELECT idx FROM entry WHERE writer > ?1 AND writer < ?2 AND idx < ?3 AND trim(coalesce(readers, '')) = ''",
        );
        let erased = erased.bind(format!("{member}/")).bind(format!("{member}0")).bind(end.to_i64());
        let erased = erased.fetch_all(&self.readers).await?;
        let mut found = BTreeSet::new();
        for row in newest.iter().chain(&erased) {
            if let Some(idx) = row.try_get::<Option<i64>, _>(0)? {
                found.insert(index(idx)?.0);
            }
        }
        Ok(found)
    }
    /// Runs over these stretches, ascending.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where a row is missing; where the store fails or a row is bad.
    pub(crate) async fn runs(&self, stretches: &[Range<u64>]) -> Result<Vec<Run>, StoreError> {
        let plans: Vec<Plan> = stretches.iter().map(|stretch| Plan::run(stretch.clone())).collect();
        let mut rows = Rows::default();
        for reading in joined(Plan::reads_of(&plans)) {
            self.read(reading, &mut rows).await?;
        }
        let run = |(stretch, plan): (&Range<u64>, &Plan)| {
            let missing = |Subtree { height, number }| StoreError::Damaged {
                detail: format!("no root can be computed of the subtree {number} at height {height}"),
            };
            let hashes = plan.prove_from(&rows).map_err(missing)?;
            let run = Run::new(LeafIndex(stretch.start), stretch.end - stretch.start, hashes);
            run.map_err(|bad| StoreError::Damaged { detail: bad.to_string() })
        };
        stretches.iter().zip(&plans).map(run).collect()
    }
}

/// Readings that lie close to one another, as one.
fn joined(reads: Vec<Reading>) -> Vec<Reading> {
    let mut joined: Vec<Reading> = Vec::with_capacity(reads.len());
    for next in reads {
        match joined.last_mut() {
            Some(last) if last.height == next.height && next.from <= last.to + NEAR => last.to = last.to.max(next.to),
            _ => joined.push(next),
        }
    }
    joined
}

fn index(idx: i64) -> Result<LeafIndex, StoreError> {
    LeafIndex::from_i64(idx).ok_or_else(|| StoreError::RowBad { table: "entry", column: "idx", row: idx.to_string() })
}
