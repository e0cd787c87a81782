//! Who the node is, which instance of it runs, and what stands in its way.
//!
//! In scope: identity, incarnation, alarm, block. Out of scope: records (`own`, `outbox`).

use std::collections::BTreeMap;

use super::{ALARM, BLOCKED, Identity, Journal, META, StoredAlarm};
use crate::store::{Cells, Kept, Key, Store, StoreError, Tx, change};

/// The stored identity; none in a file that was never filled.
pub(super) async fn load(store: &Store) -> Result<Option<Identity>, StoreError> {
    let mut tx = store.read("load_identity").await?;
    let at = tx.at;
    let row = sqlx::query("SELECT id, member, node, genesis, log, epoch, instance FROM meta")
        .fetch_optional(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
    let Some(row) = row else { return Ok(None) };
    let cells = Cells { table: "meta", row: &row };
    let instance: &[u8] = cells.get("instance")?;
    Ok(Some(Identity {
        member: cells.parsed("member")?,
        node: cells.parsed("node")?,
        genesis: cells.hash("genesis")?,
        log: multaqa_proto::number::LogNumber(cells.number("log")?),
        epoch: multaqa_proto::number::Epoch(cells.number("epoch")?),
        instance: instance.try_into().map_err(|_| cells.bad("instance", &"not 16 bytes"))?,
    }))
}

pub(super) async fn insert(tx: &mut Tx, identity: &Identity) -> Result<(), StoreError> {
    let Identity { member, node, genesis, log, epoch, instance } = identity;
    let write = sqlx::query(
        "INSERT INTO meta (id, member, node, genesis, log, epoch, instance, incarnation) VALUES (1, ?, ?, ?, ?, ?, ?, 0)",
    )
    .bind(member.as_str().to_owned())
    .bind(node.as_str().to_owned())
    .bind(genesis.to_vec())
    .bind(log.to_i64())
    .bind(epoch.to_i64())
    .bind(instance.to_vec());
    change(tx, META, Key::One, write).await.map(drop)
}

impl Journal {
    /// The number of this connection: one more than the last, durable before it is used.
    pub async fn next_incarnation(&self) -> Result<u64, StoreError> {
        let mut tx = self.store.begin("next_incarnation").await?;
        let at = tx.at;
        change(&mut tx, META, Key::One, sqlx::query("UPDATE meta SET incarnation = incarnation + 1")).await?;
        let row =
            sqlx::query("SELECT id, incarnation FROM meta").fetch_one(tx.conn()).await.map_err(|e| at.failed(e))?;
        let incarnation = Cells { table: "meta", row: &row }.number("incarnation")?;
        tx.commit().await?;
        Ok(incarnation)
    }

    /// The rule that the hub was caught breaking, until it is cleared.
    pub async fn alarm(&self) -> Result<Option<StoredAlarm>, StoreError> {
        self.standing("read_alarm", "SELECT id, code, args, at_ms FROM alarm").await
    }

    /// What keeps the outbox from signing and submitting.
    pub async fn block(&self) -> Result<Option<StoredAlarm>, StoreError> {
        self.standing("read_block", "SELECT id, code, args, at_ms FROM blocked").await
    }

    /// Stores an alarm; the first one stays.
    pub(crate) async fn raise_alarm(&self, alarm: &StoredAlarm) -> Result<(), StoreError> {
        let mut tx = self.store.begin("raise_alarm").await?;
        let sql = "INSERT INTO alarm (id, code, args, at_ms) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING";
        stand(&mut tx, ALARM, sql, alarm).await?;
        tx.commit().await
    }

    /// Blocks the outbox; the first reason stays.
    pub(crate) async fn block_outbox(&self, reason: &StoredAlarm) -> Result<(), StoreError> {
        self.fresh.forget();
        let mut tx = self.store.begin("block_outbox").await?;
        insert_block(&mut tx, reason).await?;
        tx.commit().await
    }

    /// Forgets the alarm: the operator wants another try.
    pub async fn clear_alarm(&self) -> Result<(), StoreError> {
        let mut tx = self.store.begin("clear_alarm").await?;
        change(&mut tx, ALARM, Key::One, sqlx::query("DELETE FROM alarm")).await?;
        tx.commit().await
    }

    async fn standing(&self, name: &'static str, sql: &'static str) -> Result<Option<StoredAlarm>, StoreError> {
        let mut tx = self.store.read_once(name).await?;
        read_standing(&mut tx, sql).await
    }
}

pub(super) async fn insert_block(tx: &mut Tx, reason: &StoredAlarm) -> Result<(), StoreError> {
    let sql = "INSERT INTO blocked (id, code, args, at_ms) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING";
    stand(tx, BLOCKED, sql, reason).await
}

async fn read_standing(tx: &mut Tx, sql: &'static str) -> Result<Option<StoredAlarm>, StoreError> {
    let at = tx.at;
    let row = sqlx::query(sql).fetch_optional(tx.conn()).await.map_err(|e| at.failed(e))?;
    let Some(row) = row else { return Ok(None) };
    let cells = Cells { table: "alarm", row: &row };
    Ok(Some(StoredAlarm { code: cells.get("code")?, args: cells.json("args")?, at_ms: cells.get("at_ms")? }))
}

async fn stand(tx: &mut Tx, kept: Kept, sql: &'static str, alarm: &StoredAlarm) -> Result<(), StoreError> {
    let StoredAlarm { code, args, at_ms } = alarm;
    let write = sqlx::query(sql).bind(code.clone()).bind(args_json(args)).bind(*at_ms);
    change(tx, kept, Key::One, write).await.map(drop)
}

/// Arguments of a message, as they are stored.
pub(super) fn args_json(args: &BTreeMap<String, String>) -> String {
    serde_json::json!(args).to_string()
}
