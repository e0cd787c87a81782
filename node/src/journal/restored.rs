//! A journal that was put back from a backup, or copied: nothing is signed or sent with it before it is known to be the newest.
//!
//! In scope: the block, whose code is `JOURNAL_RESTORED`, and what lifts it. Out of scope: comparing with the log (`sync::verify`).

use multaqa_proto::hash::RecordId;
use multaqa_proto::key::KeyId;
use multaqa_proto::number::Seq;

use super::instance::insert_block;
use super::{BLOCKED, Journal, META, StoredAlarm};
use crate::code;
use crate::store::{Cells, Key, StoreError, Tx, change};

impl Journal {
    /// Blocks the outbox until the journal is verified; a block that stands stays.
    pub(crate) async fn distrust(&self, now_ms: i64) -> Result<(), StoreError> {
        let (code, args) = (code::JOURNAL_RESTORED.to_owned(), std::collections::BTreeMap::new());
        self.block_outbox(&StoredAlarm { code, args, at_ms: now_ms }).await
    }

    /// Whether the journal has to be verified first.
    pub(crate) async fn is_distrusted(&self) -> Result<bool, StoreError> {
        Ok(self.block().await?.is_some_and(|block| block.code == code::JOURNAL_RESTORED))
    }

    /// The journal holds all that the log has of this node: the block is lifted, and the incarnation is above all that were
    /// seen.
    pub(crate) async fn trust(&self, known_incarnation: u64) -> Result<(), StoreError> {
        let mut tx = self.store.begin("trust").await?;
        lift(&mut tx).await?;
        let raise =
            sqlx::query("UPDATE meta SET incarnation = max(incarnation, ?)").bind(known_incarnation.cast_signed());
        change(&mut tx, META, Key::One, raise).await?;
        tx.commit().await
    }

    /// The log holds what the journal does not: that is why it stays blocked.
    pub(crate) async fn distrust_for_good(&self, reason: &StoredAlarm) -> Result<(), StoreError> {
        self.fresh.forget();
        let mut tx = self.store.begin("distrust_for_good").await?;
        lift(&mut tx).await?;
        insert_block(&mut tx, reason).await?;
        tx.commit().await
    }

    /// The key that signed the newest own record of the open epoch; none where that is the first, which the one-time key of an
    /// invitation signs.
    pub(crate) async fn newest_signer(&self) -> Result<Option<KeyId>, StoreError> {
        let newest = self.newest_seq().await?;
        if newest <= Seq(1) {
            return Ok(None);
        }
        let Some(record_id) = self.own_at(newest).await? else { return Ok(None) };
        let record = self.signed(record_id).await?;
        Ok(record.and_then(|record| record.parse().ok()).map(|parsed| parsed.signature.key_id))
    }

    /// The own record of the open epoch at this place; none where there is none.
    pub(crate) async fn own_at(&self, seq: Seq) -> Result<Option<RecordId>, StoreError> {
        let mut tx = self.store.read_once("own_at").await?;
        let at = tx.at;
        let row = sqlx::query("SELECT number, record_id FROM own WHERE epoch = ? AND seq = ?")
            .bind(self.identity.epoch.to_i64())
            .bind(seq.to_i64())
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        row.map(|row| Cells { table: "own", row: &row }.hash("record_id")).transpose()
    }
}

async fn lift(tx: &mut Tx) -> Result<(), StoreError> {
    let lift = sqlx::query("DELETE FROM blocked WHERE code = ?").bind(code::JOURNAL_RESTORED);
    change(tx, BLOCKED, Key::One, lift).await.map(drop)
}
