//! Roots of complete subtrees, one row for 256 leaves, and the proofs that are made from them.
//!
//! Rows are written in the transaction of the frame that completes their subtree, and never change. In scope: the table,
//! reading what a plan asks for, comparing the rows with the entries. Out of scope: which rows those are
//! (`proto::log::subtree`), what a proof is for (`proof`).

use std::collections::BTreeMap;

use multaqa_proto::hash::Hash;
use multaqa_proto::log::subtree::{Plan, Root, Rows, Subtree};
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::LeafIndex;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::run;
use crate::store::{Cells, ROWS, StoreError, Tx};

/// Rows that are compared at a time.
const CHUNK: i64 = 500;

/// Stores what a frame completed; nothing is asked of SQLite where that is nothing.
pub(super) async fn insert(tx: &mut Tx, roots: &[Root]) -> Result<(), StoreError> {
    let at = tx.at;
    for chunk in roots.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO subtree (height, number, hash) ");
        query.push_values(chunk, |mut values, Root { subtree, hash }| {
            values.push_bind(subtree.height).push_bind(subtree.number.cast_signed()).push_bind(hash.to_vec());
        });
        query.build().execute(tx.conn()).await.map_err(|e| at.failed(e))?;
    }
    Ok(())
}

/// The hashes of a planned proof.
pub(super) async fn prove(tx: &mut Tx, plan: &Plan) -> Result<Vec<Hash>, StoreError> {
    Ok(prove_all(tx, std::slice::from_ref(plan)).await?.pop().unwrap_or_default())
}

/// The hashes of planned proofs, which share what they read: a few dozen at once, since all rows are held meanwhile.
pub(super) async fn prove_all(tx: &mut Tx, plans: &[Plan]) -> Result<Vec<Vec<Hash>>, StoreError> {
    let at = tx.at;
    let (mut rows, runs) = (Rows::default(), run::any(tx).await?);
    for reading in Plan::reads_of(plans) {
        if runs {
            let [from, to] = [reading.from, reading.to].map(|number| (number << reading.height).cast_signed());
            run::read(tx, from, to, i64::MAX).await?.into_iter().for_each(|root| rows.root(root));
        }
        let sql = if reading.height == 0 {
            "SELECT idx, leaf FROM entry WHERE ? = 0 AND idx >= ? AND idx < ?"
        } else {
            "SELECT number, height, hash FROM subtree WHERE height = ? AND number >= ? AND number < ?"
        };
        let found = sqlx::query(sql)
            .bind(reading.height)
            .bind(reading.from.cast_signed())
            .bind(reading.to.cast_signed())
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        for row in &found {
            if reading.height == 0 {
                let cells = Cells { table: "entry", row };
                rows.leaf(LeafIndex(cells.number("idx")?), leaf_hash(cells.get("leaf")?));
            } else {
                rows.root(root(row)?);
            }
        }
    }
    let missing = |Subtree { height, number }| StoreError::RowBad {
        table: "subtree",
        column: "number",
        row: number.to_string(),
        detail: format!("no root can be computed at height {height}"),
    };
    Plan::prove_all_from(plans, rows).map_err(missing)
}

/// Rows that are not what the entries give, and rows that are missing or too many: what is wrong, and the newest leaf below.
pub(super) async fn wrong(tx: &mut Tx, computed: &[Root]) -> Result<Vec<(Option<LeafIndex>, String)>, StoreError> {
    let at = tx.at;
    let mut computed: BTreeMap<Subtree, Hash> = computed.iter().map(|root| (root.subtree, root.hash)).collect();
    let (mut wrong, mut after) = (Vec::new(), (-1, -1));
    loop {
        let rows = sqlx::query(
            "SELECT number, height, hash FROM subtree WHERE (height, number) > (?, ?) ORDER BY height, number LIMIT ?",
        )
        .bind(after.0)
        .bind(after.1)
        .bind(CHUNK)
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let Some(last) = rows.last() else { break };
        let cells = Cells { table: "subtree", row: last };
        after = (cells.get("height")?, cells.get("number")?);
        for row in &rows {
            let Root { subtree, hash } = root(row)?;
            if computed.remove(&subtree) != Some(hash) {
                wrong.push(named(subtree, "is not what the entries give"));
            }
        }
    }
    wrong.extend(computed.into_keys().map(|subtree| named(subtree, "is missing")));
    Ok(wrong)
}

fn named(subtree: Subtree, what: &str) -> (Option<LeafIndex>, String) {
    let Subtree { height, number } = subtree;
    (subtree.complete_at().0.checked_sub(1).map(LeafIndex), format!("the subtree {number} at height {height} {what}"))
}

fn root(row: &SqliteRow) -> Result<Root, StoreError> {
    let cells = Cells { table: "subtree", row };
    Ok(Root {
        subtree: Subtree { height: cells.get("height")?, number: cells.number("number")? },
        hash: cells.hash("hash")?,
    })
}
