//! When each node was last heard, and where it stood: a courtesy for operators and the clone check, no part of the log.

use multaqa_proto::id::Writer;
use multaqa_proto::number::TreeSize;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::error::touched;
use super::kept::{Key, NODE_SEEN, change};
use super::{Store, StoreError};

/// A node as it last presented itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSeen {
    /// The node.
    pub writer: Writer,
    /// Random, made when its journal was made.
    pub instance: [u8; 16],
    /// Raised before each connect.
    pub incarnation: u64,
    /// Milliseconds since 1970 UTC.
    pub last_heard_ms: i64,
    /// Up to where it has the log.
    pub cursor: TreeSize,
}

impl Store {
    /// Notes a node, in place of what was noted before.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn note_node(&self, seen: &NodeSeen) -> Result<(), StoreError> {
        let write = sqlx::query(
            "INSERT INTO node_seen (writer, instance, incarnation, last_heard_ms, cursor) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (writer) DO UPDATE SET instance = ?2, incarnation = ?3, last_heard_ms = ?4, cursor = ?5",
        )
        .bind(seen.writer.to_string())
        .bind(seen.instance.to_vec())
        .bind(seen.incarnation.cast_signed())
        .bind(seen.last_heard_ms)
        .bind(seen.cursor.to_i64());
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let done = change(&mut tx, NODE_SEEN, Key::Text(&seen.writer.to_string()), write).await?;
        touched("node_seen", 1, done)?;
        Ok(tx.commit().await?)
    }
    /// One node; none where it was never heard.
    ///
    /// # Errors
    /// Where the store fails or the row is bad.
    pub async fn node_seen(&self, writer: &Writer) -> Result<Option<NodeSeen>, StoreError> {
        let row =
            sqlx::query("SELECT writer, instance, incarnation, last_heard_ms, cursor FROM node_seen WHERE writer = ?")
                .bind(writer.to_string())
                .fetch_optional(&self.readers)
                .await?;
        row.as_ref().map(parse).transpose()
    }
    /// All nodes that were ever heard.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub async fn nodes_seen(&self) -> Result<Vec<NodeSeen>, StoreError> {
        let rows = sqlx::query("SELECT writer, instance, incarnation, last_heard_ms, cursor FROM node_seen")
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(parse).collect()
    }
}

fn parse(row: &SqliteRow) -> Result<NodeSeen, StoreError> {
    let writer: String = row.try_get(0)?;
    let bad = |column| StoreError::RowBad { table: "node_seen", column, row: writer.clone() };
    Ok(NodeSeen {
        writer: writer.parse().map_err(|_| bad("writer"))?,
        instance: row.try_get::<Vec<u8>, _>(1)?.try_into().map_err(|_| bad("instance"))?,
        incarnation: row.try_get::<i64, _>(2)?.cast_unsigned(),
        last_heard_ms: row.try_get(3)?,
        cursor: TreeSize::from_i64(row.try_get(4)?).ok_or(bad("cursor"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Federation;

    #[tokio::test]
    async fn the_newest_word_of_a_node_counts() {
        let world = Federation::new().await;
        let store = world.store().await;
        let writer: Writer = "JO/gw1".parse().unwrap();
        assert_eq!(store.node_seen(&writer).await.unwrap(), None);
        let first = NodeSeen {
            writer: writer.clone(),
            instance: [1; 16],
            incarnation: u64::MAX,
            last_heard_ms: 1,
            cursor: TreeSize(1),
        };
        store.note_node(&first).await.unwrap();
        let second = NodeSeen { incarnation: 2, last_heard_ms: 5, ..first };
        store.note_node(&second).await.unwrap();
        assert_eq!(store.node_seen(&writer).await.unwrap(), Some(second.clone()));
        assert_eq!(store.nodes_seen().await.unwrap(), [second]);
    }
}
