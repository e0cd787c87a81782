//! Why a store cannot be used: codes and arguments of their messages.
//!
//! Out of scope: which failure of SQLite is which of these (`store`), the texts (`messages`).

use std::path::PathBuf;

use multaqa_runtime::fault::Fault;
use thiserror::Error;

use crate::code;

/// A store that cannot be used, or a rule of a store that was broken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// A later version of the program wrote the file.
    #[error("{store} has schema {found}, this program knows {known}")]
    Newer {
        /// `journal` or `replica`.
        store: &'static str,
        /// Version found.
        found: i64,
        /// Newest version known.
        known: usize,
    },
    /// The file does not exist.
    #[error("{path} does not exist", path = .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file has no bytes.
    #[error("{path} is empty", path = .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is no database.
    #[error("{path} is no database", path = .path.display())]
    NotDatabase {
        /// The file.
        path: PathBuf,
    },
    /// No space is left: nothing of the transaction was stored, and the next may be as soon as there is space.
    #[error("{store}: no space is left for {transaction}: {detail}")]
    Full {
        /// `journal` or `replica`.
        store: &'static str,
        /// Name of the transaction.
        transaction: &'static str,
        /// What SQLite said.
        detail: String,
    },
    /// SQLite refused.
    #[error("{store}: {transaction} failed: {detail}")]
    Failed {
        /// `journal` or `replica`.
        store: &'static str,
        /// Name of the transaction.
        transaction: &'static str,
        /// What SQLite said.
        detail: String,
        /// Whether the file is damaged (SQLITE_CORRUPT, SQLITE_NOTADB).
        damaged: bool,
    },
    /// A stored value is not what the program writes.
    #[error("table {table}, column {column}, row {row}: {detail}")]
    RowBad {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// The row's first column.
        row: String,
        /// What is wrong.
        detail: String,
    },
    /// A record that is not the next of the chain was to be stored.
    #[error("the journal expects seq {expected}, found {found}")]
    PlaceTaken {
        /// The next place.
        expected: u64,
        /// The record's.
        found: u64,
    },
    /// Nothing is signed: an earlier record was rejected, or the log holds own records that the journal does not.
    #[error("the outbox is blocked: {code}")]
    OutboxBlocked {
        /// Code of what blocks it.
        code: String,
    },
    /// The journal belongs to another node than its directory's identity.
    #[error("the journal is of {found}, expected {expected}")]
    JournalForeign {
        /// Who was expected.
        expected: String,
        /// Whose it is.
        found: String,
    },
}

impl StoreError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Newer { .. } => code::STORE_NEWER,
            Self::Missing { .. } => code::STORE_MISSING,
            Self::Empty { .. } => code::STORE_EMPTY,
            Self::NotDatabase { .. } => code::STORE_NOT_DATABASE,
            Self::Full { .. } => code::STORE_FULL,
            Self::Failed { .. } => code::STORE_FAILED,
            Self::RowBad { .. } => code::STORE_ROW_BAD,
            Self::PlaceTaken { .. } => code::JOURNAL_PLACE_TAKEN,
            Self::OutboxBlocked { .. } => code::OUTBOX_BLOCKED,
            Self::JournalForeign { .. } => code::JOURNAL_FOREIGN,
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Newer { store, found, known } => {
                vec![("store", (*store).to_owned()), ("found", found.to_string()), ("known", known.to_string())]
            }
            Self::Missing { path } | Self::Empty { path } | Self::NotDatabase { path } => {
                vec![("path", path.display().to_string())]
            }
            Self::Full { store, transaction, detail } | Self::Failed { store, transaction, detail, damaged: _ } => {
                vec![
                    ("store", (*store).to_owned()),
                    ("transaction", (*transaction).to_owned()),
                    ("detail", detail.clone()),
                ]
            }
            Self::RowBad { table, column, row, detail } => vec![
                ("table", (*table).to_owned()),
                ("column", (*column).to_owned()),
                ("row", row.clone()),
                ("detail", detail.clone()),
            ],
            Self::PlaceTaken { expected, found } => {
                vec![("expected", expected.to_string()), ("found", found.to_string())]
            }
            Self::OutboxBlocked { code } => vec![("reason", code.clone())],
            Self::JournalForeign { expected, found } => {
                vec![("expected", expected.clone()), ("found", found.clone())]
            }
        }
    }
    /// Whether the file itself is damaged, so that only another file helps.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Failed { damaged: true, .. } | Self::RowBad { .. } | Self::NotDatabase { .. })
    }
    /// Whether the same may succeed as soon as there is space.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. })
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self { code: error.code(), args: error.args() }
    }
}
