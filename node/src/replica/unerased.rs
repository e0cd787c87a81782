//! What is left of objects: contents that no tombstone took.
//!
//! A tombstone erases what it names. A record that another node of the member published meanwhile stays, for all who may
//! read it, until the object is withdrawn once more; this member reads all its records, so its nodes can tell.
//!
//! In scope: reading them. Out of scope: withdrawing (`publish`), erasing (`erase`).

use multaqa_proto::hash::RecordId;
use multaqa_proto::id::{ObjectId, Writer};
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::Content;

use super::Replica;
use crate::store::{Cells, StoreError, Tx};

/// Contents that are read at a time.
const PAGE: i64 = 64;
/// Most objects that are told.
const OBJECTS: i64 = 100;

/// A withdrawn object of this member's with records that are not erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unerased {
    /// Its id.
    pub(crate) id: String,
    /// How many of its records.
    pub(crate) records: u64,
}

/// A record with its content.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) index: LeafIndex,
    pub(super) record_id: RecordId,
    pub(super) writer: Writer,
    pub(super) content: Content,
}

/// Records of an object itself whose contents are here, in the order of the log: a page of those after an index.
pub(super) async fn contents(tx: &mut Tx, id: &ObjectId, after: Option<LeafIndex>) -> Result<Vec<Whole>, StoreError> {
    let at = tx.at;
    let rows = sqlx::query(
        "SELECT idx, record_id, writer, content FROM entry \
         WHERE object = ?1 AND content_id = ?1 AND idx > ?2 AND content IS NOT NULL ORDER BY idx LIMIT ?3",
    )
    .bind(id.to_string())
    .bind(after.map_or(-1, LeafIndex::to_i64))
    .bind(PAGE)
    .fetch_all(tx.conn())
    .await
    .map_err(|e| at.failed(e))?;
    rows.iter()
        .map(|row| {
            let cells = Cells { table: "entry", row };
            Ok(Whole {
                index: LeafIndex(cells.number("idx")?),
                record_id: cells.hash("record_id")?,
                writer: cells.parsed("writer")?,
                content: Content::parse(cells.get("content")?).map_err(|error| cells.bad("content", &error))?,
            })
        })
        .collect()
}

impl Replica {
    /// This member's own records of an object that are not erased, void ones too, oldest first, and whom each is for.
    pub(crate) async fn own_records(&self, id: &ObjectId) -> Result<Vec<(RecordId, Audience)>, StoreError> {
        let (mut own, mut after) = (Vec::new(), None);
        let mut tx = self.store.read("read_own_records").await?;
        if *id.code() != self.me {
            return Ok(own);
        }
        loop {
            let page = contents(&mut tx, id, after).await?;
            let Some(last) = page.last() else { return Ok(own) };
            after = Some(last.index);
            let mine = page.into_iter().filter(|whole| whole.writer.member() == Some(&self.me));
            own.extend(mine.map(|whole| (whole.record_id, whole.content.audience)));
        }
    }

    /// Withdrawn objects of this member's with records that are not erased, by id; at most 100.
    pub(crate) async fn unerased(&self) -> Result<Vec<Unerased>, StoreError> {
        let mut tx = self.store.read_once("read_unerased").await?;
        let at = tx.at;
        let rows = sqlx::query(
            "SELECT o.id AS id, count(*) AS n FROM object o JOIN entry e ON e.object = o.id AND e.content_id = o.id \
             WHERE o.withdrawn = 1 AND o.country = ?1 AND e.content IS NOT NULL AND e.writer > ?1 || '/' \
             AND e.writer < ?1 || '0' GROUP BY o.id ORDER BY o.id LIMIT ?2",
        )
        .bind(self.me.to_string())
        .bind(OBJECTS)
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        let unerased = |row| {
            let cells = Cells { table: "object", row };
            Ok(Unerased { id: cells.get("id")?, records: cells.number("n")? })
        };
        rows.iter().map(unerased).collect()
    }
}
