//! Checks the journal by itself: parts fit one another, the chain has no gap, nothing was changed behind the node's back.
//!
//! Out of scope: whether the log agrees (`replica::fsck` compares).

use multaqa_proto::hash::RecordId;
use multaqa_proto::log::chain::Chains;
use multaqa_proto::record::{Parsed, Received};
use prost::bytes::Bytes;

use super::standing::{Standing, signed_digest};
use super::{Journal, LAYOUT};
use crate::code;
use crate::store::findings::{self, Finding, Place, unreadable};
use crate::store::{Cells, StoreError, Tx};

/// Own records that are checked at a time.
const CHUNK: i64 = 1_000;

impl Journal {
    /// Everything that does not hold.
    pub(crate) async fn findings(&self) -> Result<Vec<Finding>, StoreError> {
        let mut tx = self.store.read("fsck_journal").await?;
        let mut findings = Vec::new();
        if !findings::check(&self.store, &mut tx, &mut findings).await {
            return Ok(findings);
        }
        let mut check = Check { journal: self, chains: Chains::default(), last: 0, findings: &mut findings };
        if let Err(error) = check.own(&mut tx).await {
            findings.push(unreadable(LAYOUT.name, &error));
        }
        Ok(findings)
    }
}

struct Check<'f> {
    journal: &'f Journal,
    chains: Chains,
    /// Number of the row before.
    last: i64,
    findings: &'f mut Vec<Finding>,
}

impl Check<'_> {
    async fn own(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let (at, mut after) = (tx.at, i64::MIN);
        loop {
            let rows = sqlx::query("SELECT * FROM own WHERE number > ? ORDER BY number LIMIT ?")
                .bind(after)
                .bind(CHUNK)
                .fetch_all(tx.conn())
                .await
                .map_err(|e| at.failed(e))?;
            if rows.is_empty() {
                return self.counted(tx).await;
            }
            for row in &rows {
                self.record(&Cells { table: "own", row })?;
                after = self.last;
            }
        }
    }

    /// No row was ever deleted, so SQLite's own count is the newest number.
    async fn counted(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let at = tx.at;
        let counted: Option<i64> = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'own'")
            .fetch_optional(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        if counted.unwrap_or(0) != self.last {
            let detail = format!("{counted:?} own records were stored, the newest is {}", self.last);
            let place = Place::new(LAYOUT.name, "own", Some(self.last.to_string()));
            self.findings.push(Finding { code: code::STORE_ROWS_WRONG, place, detail, index: None });
        }
        Ok(())
    }

    fn record(&mut self, cells: &Cells<'_>) -> Result<(), StoreError> {
        let number: i64 = cells.get("number")?;
        if number != self.last + 1 {
            self.find(number, "numbers have a gap before it");
        }
        self.last = number;
        match Row::of(cells) {
            Err(error) => self.find(number, &error.to_string()),
            Ok(row) => self.row(number, &row),
        }
        Ok(())
    }

    fn row(&mut self, number: i64, row: &Row) {
        let whole = row.received.clone();
        let parsed = whole.parse().or_else(|form| {
            self.find(number, &form.to_string());
            Received { content: None, ..row.received.clone() }.parse()
        });
        match parsed {
            Err(form) => self.find(number, &form.to_string()),
            Ok(parsed) => {
                for wrong in row.wrong(&parsed, self.journal) {
                    self.find(number, wrong);
                }
                if let Err(error) = self.chains.check(&parsed.statement) {
                    self.find(number, &error.to_string());
                }
                self.chains.advance(&parsed.statement, parsed.record_id);
            }
        }
    }

    fn find(&mut self, number: i64, what: &str) {
        let place = Place::new(LAYOUT.name, "own", Some(number.to_string()));
        let detail = format!("own record {number}: {what}");
        self.findings.push(Finding { code: code::JOURNAL_RECORD_WRONG, place, detail, index: None });
    }
}

/// A row as it is stored.
struct Row {
    epoch: u64,
    seq: u64,
    record_id: RecordId,
    object_id: String,
    received: Received,
    state: String,
    idx: Option<i64>,
    code: Option<String>,
    args: String,
    signed_at_ms: i64,
    seen: bool,
    digest: Vec<u8>,
    standing: Vec<u8>,
}

impl Row {
    fn of(cells: &Cells<'_>) -> Result<Self, StoreError> {
        let bytes = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
        let content: Option<Vec<u8>> = cells.get("content")?;
        Ok(Self {
            epoch: cells.number("epoch")?,
            seq: cells.number("seq")?,
            record_id: cells.hash("record_id")?,
            object_id: cells.get("object_id")?,
            received: Received {
                statement: bytes("statement")?,
                signature: bytes("signature")?,
                content: content.map(Bytes::from),
            },
            state: cells.get("state")?,
            idx: cells.get("idx")?,
            code: cells.get("code")?,
            args: cells.get("args")?,
            signed_at_ms: cells.get("signed_at_ms")?,
            seen: match cells.get::<i64>("seen")? {
                0 => false,
                1 => true,
                other => return Err(cells.bad("seen", &other)),
            },
            digest: cells.get("digest")?,
            standing: cells.get("standing")?,
        })
    }

    fn wrong(&self, parsed: &Parsed, journal: &Journal) -> Vec<&'static str> {
        let statement = &parsed.statement;
        let standing = Standing {
            record_id: parsed.record_id,
            state: &self.state,
            idx: self.idx,
            code: self.code.as_deref(),
            args: &self.args,
            seen: self.seen,
            held: self.received.content.is_some(),
        };
        let object = parsed.content().and_then(Result::ok).map(|content| content.id.to_string());
        let signed = signed_digest(parsed.record_id, &self.object_id, &self.received.signature, self.signed_at_ms);
        let holds = [
            (self.record_id == parsed.record_id, "stored under another record id"),
            (statement.writer == journal.identity.writer(), "written by another"),
            (statement.epoch.0 == self.epoch, "stored in another epoch"),
            (statement.seq.0 == self.seq, "stored at another place"),
            (object.is_none_or(|object| object == self.object_id), "stored under another object"),
            (self.digest == signed, "what was signed does not fit its digest"),
            (self.standing == standing.digest(), "what became of it does not fit its digest"),
        ];
        holds.into_iter().filter(|(holds, _)| !holds).map(|(_, what)| what).collect()
    }
}
