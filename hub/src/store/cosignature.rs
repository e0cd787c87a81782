//! The newest cosignature of each node: over which checkpoint, and the witness's line.
//!
//! In scope: the rows. Out of scope: whether a cosignature counts (`proto::log::witness`), when rows are written
//! (`crate::witnesses`): not with each cosignature, and losing the newest in a crash loses nothing that its witness does not
//! send again.

use multaqa_proto::id::Writer;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::error::touched;
use super::kept::{COSIGNATURE, Key, change};
use super::{Store, StoreError};

/// A node's newest cosignature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCosignature {
    /// The node.
    pub writer: Writer,
    /// The checkpoint, a note with the log's line alone.
    pub checkpoint: String,
    /// The witness's line, with its line feed.
    pub line: String,
}

impl Store {
    /// Stores cosignatures, each in place of its node's before.
    ///
    /// # Errors
    /// Where the store fails; none is stored then.
    pub async fn note_cosignatures(&self, all: &[StoredCosignature]) -> Result<(), StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        for StoredCosignature { writer, checkpoint, line } in all {
            let writer = writer.to_string();
            let write = sqlx::query(
                "INSERT INTO cosignature (writer, checkpoint, line) VALUES (?1, ?2, ?3)
                 ON CONFLICT (writer) DO UPDATE SET checkpoint = ?2, line = ?3",
            )
            .bind(writer.clone())
            .bind(checkpoint.clone())
            .bind(line.clone());
            touched("cosignature", 1, change(&mut tx, COSIGNATURE, Key::Text(&writer), write).await?)?;
        }
        Ok(tx.commit().await?)
    }
    /// The newest cosignature of each node that ever cosigned.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub async fn cosignatures(&self) -> Result<Vec<StoredCosignature>, StoreError> {
        let rows = sqlx::query("SELECT writer, checkpoint, line FROM cosignature").fetch_all(&self.readers).await?;
        rows.iter().map(parse).collect()
    }
}

fn parse(row: &SqliteRow) -> Result<StoredCosignature, StoreError> {
    let writer: String = row.try_get(0)?;
    let bad = || StoreError::RowBad { table: "cosignature", column: "writer", row: writer.clone() };
    Ok(StoredCosignature {
        writer: writer.parse().map_err(|_| bad())?,
        checkpoint: row.try_get(1)?,
        line: row.try_get(2)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Federation;

    #[tokio::test]
    async fn the_newest_cosignature_of_a_node_takes_the_place_of_the_one_before() {
        let world = Federation::new().await;
        let store = world.store().await;
        let of = |writer: &str, line: &str| StoredCosignature {
            writer: writer.parse().unwrap(),
            checkpoint: "note".to_owned(),
            line: line.to_owned(),
        };
        store.note_cosignatures(&[of("EG/gw1", "a\n"), of("JO/gw1", "b\n")]).await.unwrap();
        store.note_cosignatures(&[of("EG/gw1", "c\n")]).await.unwrap();
        assert_eq!(store.cosignatures().await.unwrap(), [of("EG/gw1", "c\n"), of("JO/gw1", "b\n")]);
        assert_eq!(store.unbound(COSIGNATURE).await.unwrap(), (Vec::new(), true));
    }
}
