//! The replica of a fast start: stored stretch by stretch, served once all of it is verified.
//!
//! Stretches are applied like frames, each in a transaction. Until the last one there is no checkpoint at the cursor: nothing is
//! served then (`Replica::starting`), and a file that is opened in that state does not agree with itself and is begun anew. The last
//! stretch brings the checkpoint and what makes it STABLE. In scope: that, and taking it all back. Out of scope: verifying
//! (`proto::sync::intake::start`), fetching (`sync::start`).

use std::sync::Arc;

use multaqa_proto::log::subtree::Root;
use multaqa_proto::number::TreeSize;
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::sync::intake::start::{Start, Stretch};
use multaqa_proto::sync::run::Run;
use multaqa_proto::wire::hub as wire;

use super::apply::{Applied, Applying};
use super::{Replica, run};
use crate::store::StoreError;

/// How far a fast start is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Starting {
    /// Leaves that were taken.
    pub(crate) size: TreeSize,
    /// Where it ends.
    pub(crate) end: TreeSize,
}

/// Tables that a start may have written to.
const TABLES: [&str; 9] = ["entry", "object", "observation", "chain", "subtree", "run", "started", "sealed", "cursor"];

impl Replica {
    /// How far the fast start is that is under way; none where none is. Nothing of the replica is to be served meanwhile.
    pub(crate) fn starting(&self) -> Option<Starting> {
        self.starting.load_full().map(|starting| *starting)
    }

    /// Stores a stretch of a start that goes on.
    pub(crate) async fn stage(&self, next: &Start, stretch: Stretch, now_ms: i64) -> Result<(), StoreError> {
        self.starting.store(Some(Arc::new(Starting { size: next.size(), end: next.end() })));
        self.apply_stretch(next.intake(), stretch, None, now_ms).await.map(drop)
    }

    /// Stores the last stretch of a start by this offer, with which all of it counts.
    pub(crate) async fn finish_start(
        &self,
        next: &Intake,
        stretch: Stretch,
        offer: &wire::Start,
        now_ms: i64,
    ) -> Result<Applied, StoreError> {
        let applied = self.apply_stretch(next, stretch, Some(offer), now_ms).await?;
        self.starting.store(None);
        self.note_late([]);
        Ok(applied)
    }

    /// Takes back a start that does not hold: the replica is empty then.
    pub(crate) async fn abandon_start(&self) -> Result<(), StoreError> {
        let mut tx = self.store.begin("abandon_start").await?;
        let at = tx.at;
        for table in TABLES {
            let delete = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
            sqlx::query(delete).execute(tx.conn()).await.map_err(|e| at.failed(e))?;
        }
        tx.commit().await?;
        self.starting.store(None);
        self.note_any();
        // What was read without a right to it, if anything, is not left in the file.
        self.store.scrub().await.map(drop)
    }

    async fn apply_stretch(
        &self,
        next: &Intake,
        stretch: Stretch,
        offer: Option<&wire::Start>,
        now_ms: i64,
    ) -> Result<Applied, StoreError> {
        let Stretch { first, entries, runs, view } = stretch;
        let roots: Vec<Root> = runs.iter().flat_map(Run::roots).collect();
        let mut tx = self.store.begin("apply_stretch").await?;
        run::insert(&mut tx, &roots).await?;
        if let (Some(offer), Some(state)) = (offer, next.state()) {
            run::note_started(&mut tx, state.size(), offer).await?;
        }
        self.apply_within(tx, Applying { next, first, taken: entries, view, now_ms }).await
    }
}
