//! What `fsck` finds: at which place of a store what does not hold; and what it checks of both stores that follows from no
//! entry: the file as SQLite sees it, its schema, and the rows that carry digests.
//!
//! Out of scope: what the rows say (`journal::fsck`, `replica::fsck`).

use multaqa_proto::number::LeafIndex;
use serde::Serialize;

use super::{Store, StoreError, Tx, file_findings, schema_findings, stray_tallies, unbound};
use crate::code;

/// Most findings that are reported.
pub(crate) const FINDINGS_MAX: usize = 200;

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Code of the rule that does not hold.
    pub code: &'static str,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What does not hold.
    pub detail: String,
    /// Entry at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<LeafIndex>,
}

/// A place of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// `journal` or `replica`.
    pub store: &'static str,
    /// The table; empty where it is the file's.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub table: &'static str,
    /// Key of the row; none where it is not one row's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
}

impl Place {
    /// In a table, at one row or at no single one.
    pub(crate) const fn new(store: &'static str, table: &'static str, row: Option<String>) -> Self {
        Self { store, table, row }
    }
}

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
