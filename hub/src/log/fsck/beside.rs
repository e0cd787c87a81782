//! What is no part of the log: the file as SQLite sees it, the schema, the rows that carry digests.

use super::{Check, FINDINGS_MAX, Place};
use crate::store::{KEPT, Kept, Store, StoreError};

impl Check {
    /// Pages, indexes, constraints, and the schema. Whether its tables can be read: not where the schema is another, since names in
    /// it may be no text, upon which the driver's thread ends without an answer.
    pub(super) async fn file(&mut self, store: &Store) -> bool {
        match store.file_findings(FINDINGS_MAX).await {
            Ok(found) => found.iter().for_each(|line| self.find_in("HUB_FILE_WRONG", Place::default(), line)),
            Err(error) => self.unreadable(&error),
        }
        match store.schema_findings().await {
            Ok(names) => {
                for name in &names {
                    let place = Place { table: "sqlite_schema", row: Some(name.clone()), index: None };
                    self.find_in("HUB_SCHEMA_WRONG", place, "is not as this program makes it");
                }
                names.is_empty()
            }
            Err(error) => {
                self.unreadable(&error);
                false
            }
        }
    }

    /// The rows that no signature binds.
    pub(super) async fn beside(&mut self, store: &Store) {
        match store.stray_tallies().await {
            Ok(names) => names.into_iter().for_each(|name| {
                let place = Place { table: "tally", row: Some(name), index: None };
                self.find_in("HUB_ROWS_WRONG", place, "is of no table");
            }),
            Err(error) => self.unreadable(&error),
        }
        for kept in KEPT {
            self.kept(store, *kept).await;
        }
    }

    async fn kept(&mut self, store: &Store, kept: Kept) {
        let table = kept.table;
        let (unfit, whole) = match store.unbound(kept).await {
            Ok(found) => found,
            Err(error) => return self.unreadable(&error),
        };
        for row in unfit {
            self.find_in("HUB_ROW_WRONG", Place { table, row: Some(row), index: None }, "does not fit its digest");
        }
        if !whole {
            let place = Place { table, row: None, index: None };
            self.find_in("HUB_ROWS_WRONG", place, "rows and tally do not fit one another");
        }
    }

    /// A table that cannot be read on.
    pub(super) fn unreadable(&mut self, error: &StoreError) {
        let StoreError::RowBad { table, column, row } = error else {
            return self.find_in("HUB_FILE_WRONG", Place::default(), error);
        };
        let code = match *table {
            "entry" => "HUB_ENTRY_WRONG",
            "batch" => "HUB_COMMIT_WRONG",
            "head" => "HUB_HEAD_WRONG",
            "chain" => "HUB_CHAIN_WRONG",
            _ => "HUB_ROW_WRONG",
        };
        let place = Place { table, row: Some(row.clone()), index: None };
        self.find_in(code, place, format!("column {column} cannot be understood"));
    }
}
