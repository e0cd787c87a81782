//! What can go wrong with the store.

use std::path::PathBuf;

use multaqa_proto::directory::GenesisWrong;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::form::FormError;
use multaqa_runtime::fault::Fault;
use thiserror::Error;

/// Primary result codes of SQLite after which its file is not to be written again: IOERR, CORRUPT, NOTADB.
const FATAL: [i64; 3] = [10, 11, 26];
/// Result codes of SQLite where no space is left: FULL, and IOERR_SHMSIZE for the index of the WAL, which holds nothing that
/// lasts.
const FULL: [i64; 2] = [0x0d, 0x130a];

/// A failure of the store.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// SQLite or the file system failed.
    #[error("the store cannot be used: {detail}")]
    Unavailable {
        /// What it said.
        detail: String,
        /// Whether the file must not be written again by this process.
        fatal: bool,
    },
    /// No space is left: nothing of the write was stored, and the next may be as soon as there is space.
    #[error("no space is left for the store: {detail}")]
    Full {
        /// What SQLite said.
        detail: String,
    },
    /// A row that cannot be understood.
    #[error("table {table}, row {row}: column {column} cannot be understood")]
    RowBad {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// The row's key.
        row: String,
    },
    /// A write touched another number of rows than it must.
    #[error("a write to {table} touched {found} rows, {expected} were expected")]
    RowsTouched {
        /// Table.
        table: &'static str,
        /// Rows that it must touch.
        expected: u64,
        /// Rows that it touched.
        found: u64,
    },
    /// What is stored contradicts itself.
    #[error("the store contradicts itself: {detail}")]
    Damaged {
        /// How.
        detail: String,
    },
    /// The file was written by a newer program.
    #[error("{} has schema {found}, this program knows {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema's version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The file was written by an older program and is opened for reading only.
    #[error("{} has schema {found}, {known} is needed to read it", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// Its schema's version.
        found: i64,
        /// The version that this program reads.
        known: i64,
    },
    /// There is no store there.
    #[error("{} holds no store", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file has no bytes.
    #[error("{} is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is no database.
    #[error("{} is no database", path.display())]
    NotDatabase {
        /// The file.
        path: PathBuf,
    },
    /// There is a store there already.
    #[error("{} holds a store already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The record is no genesis.
    #[error(transparent)]
    Genesis(#[from] GenesisWrong),
    /// The genesis breaks the form of records.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The log key is not the one that the policy in force names.
    #[error("the log key is not the one that the policy names")]
    LogKeyWrong,
}

impl StoreError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "HUB_STORE_UNAVAILABLE",
            Self::Full { .. } => "HUB_STORE_FULL",
            Self::RowBad { .. } => "HUB_STORE_ROW_BAD",
            Self::RowsTouched { .. } => "HUB_STORE_ROWS_TOUCHED",
            Self::Damaged { .. } => "HUB_STORE_DAMAGED",
            Self::Newer { .. } => "HUB_STORE_NEWER",
            Self::Older { .. } => "HUB_STORE_OLDER",
            Self::Missing { .. } => "HUB_STORE_MISSING",
            Self::Empty { .. } => "HUB_STORE_EMPTY",
            Self::NotDatabase { .. } => "HUB_STORE_NOT_DATABASE",
            Self::Exists { .. } => "HUB_STORE_EXISTS",
            Self::Genesis(_) => "GENESIS_WRONG",
            Self::Form(form) => form.code(),
            Self::LogKeyWrong => "LOG_KEY_WRONG",
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Unavailable { detail, .. } | Self::Full { detail } | Self::Damaged { detail } => {
                vec![("detail", detail.clone())]
            }
            Self::RowBad { table, column, row } => {
                vec![("table", (*table).to_owned()), ("column", (*column).to_owned()), ("row", row.clone())]
            }
            Self::RowsTouched { table, expected, found } => {
                vec![("table", (*table).to_owned()), ("expected", expected.to_string()), ("found", found.to_string())]
            }
            Self::Newer { path, found, known } | Self::Older { path, found, known } => {
                vec![("path", path.display().to_string()), ("found", found.to_string()), ("known", known.to_string())]
            }
            Self::Missing { path } | Self::Empty { path } | Self::NotDatabase { path } | Self::Exists { path } => {
                vec![("path", path.display().to_string())]
            }
            Self::Genesis(wrong) => vec![("detail", wrong.0.to_owned())],
            Self::Form(form) => form.args(),
            Self::LogKeyWrong => Vec::new(),
        }
    }
    /// Whether this process must not write to the store again.
    #[must_use]
    pub(crate) const fn is_fatal(&self) -> bool {
        match self {
            Self::Unavailable { fatal, .. } => *fatal,
            Self::Full { .. } => false,
            Self::RowBad { .. }
            | Self::RowsTouched { .. }
            | Self::Damaged { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Missing { .. }
            | Self::Empty { .. }
            | Self::NotDatabase { .. }
            | Self::Exists { .. }
            | Self::Genesis(_)
            | Self::Form(_)
            | Self::LogKeyWrong => true,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse::<i64>().ok());
        if code.is_some_and(|code| FULL.contains(&code)) {
            return Self::Full { detail: error.to_string() };
        }
        // The low byte of an extended result code is the primary one.
        Self::Unavailable { detail: error.to_string(), fatal: code.is_some_and(|code| FATAL.contains(&(code & 0xff))) }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        sqlx::Error::Io(error).into()
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self { code: error.code(), args: error.args() }
    }
}

/// Whether a write touched as many rows as it must.
pub(super) fn touched(table: &'static str, expected: u64, found: u64) -> Result<(), StoreError> {
    if expected == found { Ok(()) } else { Err(StoreError::RowsTouched { table, expected, found }) }
}

/// A stored entry that breaks the form.
pub(super) fn broken(index: LeafIndex, form: &FormError) -> StoreError {
    StoreError::Damaged { detail: format!("entry {index}: {form}") }
}
