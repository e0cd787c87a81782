//! What operators decided on closing the log, until the next one begins.
//!
//! A decision is signed by its operator and of no use to anybody else; it is here so that no restart of the hub loses it while others
//! are awaited. In scope: the rows. Out of scope: what a decision says (`proto::log::succession`), which of them count
//! (`log::refill::closing`).

use std::collections::BTreeMap;

use multaqa_proto::id::OperatorName;
use multaqa_proto::log::succession::SignedDecision;
use sqlx::{Row as _, SqliteConnection};

use super::error::touched;
use super::kept::{DECISION, Key, change};
use super::{Store, StoreError};
use crate::point;

impl Store {
    /// What operators decided.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub(crate) async fn decisions(&self) -> Result<BTreeMap<OperatorName, SignedDecision>, StoreError> {
        let rows = sqlx::query("SELECT operator, decision, signature FROM decision").fetch_all(&self.readers).await?;
        let parse = |row: &sqlx::sqlite::SqliteRow| {
            let operator: String = row.try_get(0)?;
            let bad = || StoreError::RowBad { table: "decision", column: "operator", row: operator.clone() };
            let signed = SignedDecision { bytes: row.try_get(1)?, signature: row.try_get(2)? };
            Ok((operator.parse().map_err(|_| bad())?, signed))
        };
        rows.iter().map(parse).collect()
    }

    /// Stores these decisions, in place of all that were there.
    ///
    /// # Errors
    /// Where the store fails; nothing has changed then.
    pub(crate) async fn note_decisions(
        &self,
        decisions: &BTreeMap<OperatorName, SignedDecision>,
    ) -> Result<(), StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        forget_but(&mut tx, decisions).await?;
        for (operator, SignedDecision { bytes, signature }) in decisions {
            let operator = operator.to_string();
            let write = sqlx::query(
                "INSERT INTO decision (operator, decision, signature) VALUES (?1, ?2, ?3)
                 ON CONFLICT (operator) DO UPDATE SET decision = ?2, signature = ?3",
            )
            .bind(operator.clone())
            .bind(bytes.clone())
            .bind(signature.clone());
            touched("decision", 1, change(&mut tx, DECISION, Key::Text(&operator), write).await?)?;
        }
        point::DECISION_WRITTEN.pass()?;
        tx.commit().await?;
        Ok(point::DECISION_STORED.pass()?)
    }
}

/// Forgets all decisions, within a transaction.
pub(super) async fn forget_decisions(tx: &mut SqliteConnection) -> Result<(), StoreError> {
    forget_but(tx, &BTreeMap::new()).await
}

async fn forget_but(
    tx: &mut SqliteConnection,
    kept: &BTreeMap<OperatorName, SignedDecision>,
) -> Result<(), StoreError> {
    let rows = sqlx::query("SELECT operator FROM decision").fetch_all(&mut *tx).await?;
    for row in &rows {
        let operator: String = row.try_get(0)?;
        if kept.keys().any(|name| name.as_str() == operator) {
            continue;
        }
        let forget = sqlx::query("DELETE FROM decision WHERE operator = ?").bind(operator.clone());
        touched("decision", 1, change(tx, DECISION, Key::Text(&operator), forget).await?)?;
    }
    Ok(())
}
