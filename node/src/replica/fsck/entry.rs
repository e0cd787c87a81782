//! Each entry at its place: leaf, signature, content, record id, chain, seal, the verdict on control records.

use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::fold::Judged;
use multaqa_proto::hash::Hash;
use multaqa_proto::log::evidence::Evidence;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::Received;
use prost::bytes::Bytes;
use sqlx::sqlite::SqliteRow;

use super::super::entry::stored_verdict;
use super::{CHUNK, Checker};
use crate::code;
use crate::store::{Cells, StoreError, Tx};

impl Checker<'_> {
    pub(super) async fn entries(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let (at, mut next) = (tx.at, 0_i64);
        loop {
            let rows = sqlx::query(
                "SELECT idx, record_id, control, verdict, leaf, signature, content FROM entry WHERE idx >= ? ORDER BY idx LIMIT ?",
            )
            .bind(next)
            .bind(CHUNK)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                let index = LeafIndex(Cells { table: "entry", row }.number("idx")?);
                next = index.next().to_i64();
                match self.entry(index, row) {
                    Ok(Ok(())) => {}
                    Ok(Err(detail)) => self.report(code::REPLICA_ENTRY_WRONG, Some(index), &detail),
                    Err(error) => self.report(code::REPLICA_ENTRY_WRONG, Some(index), &error),
                }
            }
        }
    }

    /// Adds one entry to the state; the inner error says what is wrong with it.
    fn entry(&mut self, index: LeafIndex, row: &SqliteRow) -> Result<Result<(), String>, StoreError> {
        let cells = Cells { table: "entry", row };
        let bytes = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
        let (leaf_bytes, signature) = (bytes("leaf")?, bytes("signature")?);
        let content: Option<Vec<u8>> = cells.get("content")?;
        let record_id: Option<Vec<u8>> = cells.get("record_id")?;
        let (control, verdict): (bool, Option<String>) = (cells.get("control")?, cells.get("verdict")?);
        let stored = (record_id, control, verdict);
        Ok(self.replay_entry(index, &leaf_bytes, signature, content.map(Bytes::from), stored))
    }

    fn replay_entry(
        &mut self,
        index: LeafIndex,
        leaf_bytes: &Bytes,
        signature: Bytes,
        content: Option<Bytes>,
        (record_id, control, verdict): (Option<Vec<u8>>, bool, Option<String>),
    ) -> Result<(), String> {
        let leaf = Leaf::parse(leaf_bytes).map_err(|error| error.to_string())?;
        if Hash::of(&signature) != leaf.signature_hash {
            return Err("the signature is not the leaf's".to_owned());
        }
        if leaf.leaf_type == LeafType::Seal {
            return self.seal(leaf_bytes, &leaf);
        }
        if leaf.leaf_type == LeafType::Evidence {
            return self.evidence(leaf_bytes, &leaf, control && content.is_none() && signature.is_empty());
        }
        let received = Received { statement: leaf.body.clone(), content, signature };
        let record = received.parse().map_err(|error| error.to_string())?;
        if record_id.as_deref() != Some(record.record_id.as_bytes().as_slice()) {
            return Err("stored under another record id".to_owned());
        }
        let Some(state) = &mut self.state else {
            if record.record_id != self.genesis {
                return Err("not the genesis that was joined".to_owned());
            }
            let opened = LogState::open(self.log, leaf_bytes, &leaf, &record).map_err(|wrong| wrong.to_string())?;
            self.state = Some(opened);
            return Ok(());
        };
        if state.size().next_index() != index {
            return Err(format!("an entry is missing before it: expected {}", state.size()));
        }
        let refused = state.check(&record, &mut self.roots).err();
        let content = record.content().and_then(Result::ok);
        let pushed = state.push_record(leaf_bytes, &leaf, &record, content.as_ref());
        if let Some(refused) = refused {
            return Err(refused.to_string());
        }
        if pushed.is_some() != control {
            return Err("the control flag is wrong".to_owned());
        }
        let judged = match pushed {
            None => return Ok(()),
            Some(ControlVerdict::Valid) => Judged::Valid,
            Some(ControlVerdict::Pending) => Judged::Pending,
            Some(ControlVerdict::Void(void)) => void.into(),
        };
        let expected = stored_verdict(&judged).0;
        if expected == verdict.as_deref() {
            Ok(())
        } else {
            Err(format!("judged {}, stored {}", expected.unwrap_or("-"), verdict.as_deref().unwrap_or("-")))
        }
    }

    /// Evidence, stored as it must be or not.
    fn evidence(&mut self, leaf_bytes: &Bytes, leaf: &Leaf, stored_well: bool) -> Result<(), String> {
        let evidence = Evidence::parse(&leaf.body).map_err(|wrong| wrong.to_string())?;
        let state = self.state.as_mut().ok_or("evidence before the genesis")?;
        let holds = state.check_evidence(&evidence, &mut self.roots);
        state.push_evidence(leaf_bytes, leaf, &evidence);
        holds.map_err(|wrong| wrong.to_string())?;
        if stored_well { Ok(()) } else { Err("evidence is a control leaf without content".to_owned()) }
    }

    fn seal(&mut self, leaf_bytes: &Bytes, leaf: &Leaf) -> Result<(), String> {
        let seal = Seal::parse(&leaf.body).map_err(|error| error.to_string())?;
        let state = self.state.as_mut().ok_or("a seal before the genesis")?;
        let holds = seal == state.next_seal(seal.time_ms);
        state.push_seal(leaf_bytes, leaf, &seal);
        if holds { Ok(()) } else { Err("the seal contradicts the control records before it".to_owned()) }
    }
}
