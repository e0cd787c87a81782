//! What follows from no entry: a file as SQLite sees it, its schema, and the rows that carry digests.
//!
//! In scope: journal and replica alike.

use super::{FINDINGS_MAX, Finding, Place};
use crate::code;
use crate::store::{Store, StoreError, Tx, file_findings, schema_findings, stray_tallies, unbound};

/// Checks what both stores have in common. Whether its tables can be read: not where the schema is another, since names in it may
/// be no text, upon which the driver's thread ends without an answer.
pub(crate) async fn check(store: &Store, tx: &mut Tx, findings: &mut Vec<Finding>) -> bool {
    let (name, before) = (store.layout.name, findings.len());
    let readable = found(store, tx, findings).await.unwrap_or_else(|error| {
        findings.push(unreadable(name, &error));
        false
    });
    findings.truncate(before + FINDINGS_MAX);
    readable
}

async fn found(store: &Store, tx: &mut Tx, findings: &mut Vec<Finding>) -> Result<bool, StoreError> {
    let layout = store.layout;
    let at = |table, row| Place::new(layout.name, table, row);
    for line in file_findings(tx, FINDINGS_MAX).await? {
        findings.push(Finding { code: code::STORE_FILE_WRONG, place: at("", None), detail: line, index: None });
    }
    let schema = schema_findings(tx, layout).await?;
    let readable = schema.is_empty();
    for name in schema {
        let (place, detail) = (at("sqlite_schema", Some(name)), "is not as this program makes it".to_owned());
        findings.push(Finding { code: code::STORE_SCHEMA_WRONG, place, detail, index: None });
    }
    if !readable {
        return Ok(false);
    }
    for name in stray_tallies(tx, layout.kept).await? {
        let (place, detail) = (at("tally", Some(name)), "is of no table".to_owned());
        findings.push(Finding { code: code::STORE_ROWS_WRONG, place, detail, index: None });
    }
    for kept in layout.kept {
        let unbound = unbound(tx, *kept).await?;
        for row in unbound.rows {
            let (place, detail) = (at(kept.table, Some(row)), "does not fit its digest".to_owned());
            findings.push(Finding { code: code::STORE_ROW_WRONG, place, detail, index: None });
        }
        if unbound.tally {
            let (place, detail) = (at(kept.table, None), "rows and tally do not fit one another".to_owned());
            findings.push(Finding { code: code::STORE_ROWS_WRONG, place, detail, index: None });
        }
    }
    Ok(true)
}

/// A table that cannot be read on.
pub(crate) fn unreadable(store: &'static str, error: &StoreError) -> Finding {
    let (code, table, row) = if let StoreError::RowBad { table, row, .. } = error {
        let code = match *table {
            "entry" | "run" => code::REPLICA_ENTRY_WRONG,
            "object" | "observation" => code::REPLICA_FOLD_WRONG,
            "cursor" | "chain" | "started" => code::REPLICA_CURSOR_WRONG,
            "subtree" => code::REPLICA_SUBTREE_WRONG,
            "own" => code::JOURNAL_RECORD_WRONG,
            _ => code::STORE_ROW_WRONG,
        };
        (code, *table, Some(row.clone()))
    } else {
        (code::STORE_FILE_WRONG, "", None)
    };
    Finding { code, place: Place::new(store, table, row), detail: error.to_string(), index: None }
}
