//! Checks the journal by itself: parts fit one another, the chain has no gap, one key signed it.
//!
//! Out of scope: whether the log agrees (`replica::fsck` compares).

use multaqa_proto::hash::Hash;
use multaqa_proto::log::chain::Chains;
use multaqa_proto::record::Received;
use prost::bytes::Bytes;

use super::Journal;
use crate::code;
use crate::replica::fsck::Finding;
use crate::store::{Cells, StoreError};

/// Own records that are checked at a time.
const CHUNK: i64 = 1_000;

impl Journal {
    /// Everything that does not hold.
    pub(crate) async fn findings(&self) -> Result<Vec<Finding>, StoreError> {
        let mut tx = self.store.read("fsck_journal").await?;
        let at = tx.at;
        let (mut findings, mut chains, mut last) = (Vec::new(), Chains::default(), 0_i64);
        loop {
            let rows = sqlx::query(
                "SELECT number, record_id, statement, signature, content FROM own WHERE number > ? ORDER BY number LIMIT ?",
            )
            .bind(last)
            .bind(CHUNK)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
            if rows.is_empty() {
                return Ok(findings);
            }
            for row in &rows {
                let cells = Cells { table: "own", row };
                last = cells.get("number")?;
                let record_id: Hash = cells.hash("record_id")?;
                let bytes = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
                let content: Option<Vec<u8>> = cells.get("content")?;
                let record = Received {
                    statement: bytes("statement")?,
                    signature: bytes("signature")?,
                    content: content.map(Bytes::from),
                };
                let mut report = |detail: String| {
                    findings.push(Finding {
                        code: code::JOURNAL_RECORD_WRONG,
                        detail: format!("own record {last}: {detail}"),
                        index: None,
                    });
                };
                match record.parse() {
                    Err(error) => report(error.to_string()),
                    Ok(parsed) => {
                        if parsed.record_id != record_id {
                            report("stored under another record id".to_owned());
                        }
                        if parsed.statement.writer != self.identity.writer() {
                            report(format!("written by {}", parsed.statement.writer));
                        }
                        if let Err(error) = chains.check(&parsed.statement) {
                            report(error.to_string());
                        }
                        chains.advance(&parsed.statement, parsed.record_id);
                    }
                }
            }
        }
    }
}
