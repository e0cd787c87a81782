//! Each entry at its place: leaf, signature, content, record id, chain, seal, the verdict on control records.

use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::fold::Judged;
use multaqa_proto::hash::Hash;
use multaqa_proto::log::evidence::Evidence;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::succession::Succession;
use multaqa_proto::number::{LeafIndex, LogNumber};
use multaqa_proto::record::{Parsed, Received};
use multaqa_runtime::digest;
use prost::bytes::Bytes;
use sqlx::sqlite::SqliteRow;

use super::super::entry::{object_of, stored_verdict};
use super::{CHUNK, Checker};
use crate::code;
use crate::store::{Cells, StoreError, Tx};

impl Checker<'_> {
    pub(super) async fn entries(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        self.start(tx).await?;
        let (at, mut next) = (tx.at, i64::MIN);
        loop {
            let rows = sqlx::query(
                "SELECT idx, record_id, writer, own, content_id, object, control, seal_time_ms, accepted_at_ms, verdict, \
                 verdict_args, judged, erased, leaf, signature, content FROM entry WHERE idx >= ? ORDER BY idx LIMIT ?",
            )
            .bind(next)
            .bind(CHUNK)
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
            if rows.is_empty() {
                self.runs_below(tx, i64::MAX).await?;
                self.start_is_over();
                return Ok(());
            }
            for row in &rows {
                let number: i64 = Cells { table: "entry", row }.get("idx")?;
                next = number.saturating_add(1);
                let Some(index) = LeafIndex::from_i64(number) else {
                    let row = ("entry", Some(number.to_string()));
                    self.report_at(code::REPLICA_ENTRY_WRONG, row, None, &"stands before the first");
                    continue;
                };
                self.runs_below(tx, number).await?;
                match self.entry(index, row) {
                    Ok(Ok(())) => {}
                    Ok(Err(detail)) => self.report(code::REPLICA_ENTRY_WRONG, Some(index), &detail),
                    Err(error) => self.report(code::REPLICA_ENTRY_WRONG, Some(index), &error),
                }
                self.start_ends();
            }
        }
    }

    /// Adds one entry to the state; the inner error says what is wrong with it.
    fn entry(&mut self, index: LeafIndex, row: &SqliteRow) -> Result<Result<(), String>, StoreError> {
        let cells = Cells { table: "entry", row };
        let bytes = |column| cells.get::<Vec<u8>>(column).map(Bytes::from);
        let (leaf_bytes, signature) = (bytes("leaf")?, bytes("signature")?);
        let content: Option<Vec<u8>> = cells.get("content")?;
        let stored = Columns::of(&cells)?;
        Ok(self.replay_entry(index, &leaf_bytes, signature, content.map(Bytes::from), &stored))
    }

    fn replay_entry(
        &mut self,
        index: LeafIndex,
        leaf_bytes: &Bytes,
        signature: Bytes,
        content: Option<Bytes>,
        stored: &Columns,
    ) -> Result<(), String> {
        let leaf = Leaf::parse(leaf_bytes).map_err(|error| error.to_string())?;
        let next = self.state.as_ref().map_or(LeafIndex(0), |state| state.size().next_index());
        if next != index {
            return Err(format!("an entry is missing before it: expected {next}"));
        }
        let unsigned = content.is_none() && signature.is_empty();
        let seal_time_ms = self.state.as_ref().map_or(0, LogState::seal_time_ms);
        let expected = Columns { accepted_at_ms: leaf.accepted_at_ms, ..Columns::default() };
        // The state goes on whatever is wrong with the row, so that one wrong row is one finding.
        let signed = Hash::of(&signature) == leaf.signature_hash;
        let (pushed, expected) = match leaf.leaf_type {
            LeafType::Seal => (self.seal(leaf_bytes, &leaf, unsigned), expected),
            LeafType::Evidence => {
                let expected = Columns { control: true, seal_time_ms: Some(seal_time_ms), ..expected };
                (self.evidence(leaf_bytes, &leaf, unsigned), expected)
            }
            LeafType::Succession => {
                let expected = Columns { control: true, seal_time_ms: Some(seal_time_ms), ..expected };
                (self.succession(leaf_bytes, &leaf, unsigned), expected)
            }
            LeafType::Genesis | LeafType::Record => {
                let whole = Received { statement: leaf.body.clone(), content, signature };
                let (record, form) = parse(whole)?;
                let (pushed, judged) = self.record(leaf_bytes, &leaf, &record);
                let expected = self.columns(&record, judged.as_ref(), seal_time_ms, stored, expected);
                (form.and(pushed), expected)
            }
        };
        if !signed {
            return Err("the signature is not the leaf's".to_owned());
        }
        pushed?;
        stored.must_be(&expected, index)
    }

    /// Adds a record to the state; what is wrong with it, and the verdict on it where it is control.
    fn record(&mut self, leaf_bytes: &Bytes, leaf: &Leaf, record: &Parsed) -> (Result<(), String>, Option<Judged>) {
        let Some(state) = &mut self.state else {
            if record.record_id != self.genesis {
                return (Err("not the genesis that was joined".to_owned()), None);
            }
            return match LogState::open(LogNumber::FIRST, leaf_bytes, leaf, record) {
                Ok(opened) => {
                    self.state = Some(opened);
                    (Ok(()), Some(Judged::Valid))
                }
                Err(wrong) => (Err(wrong.to_string()), None),
            };
        };
        let refused = state.check(record, &mut self.roots).err();
        let content = record.content().and_then(Result::ok);
        let judged = state.push_record(leaf_bytes, leaf, record, content.as_ref()).map(|verdict| match verdict {
            ControlVerdict::Valid => Judged::Valid,
            ControlVerdict::Pending => Judged::Pending,
            ControlVerdict::Void(void) => void.into(),
        });
        (refused.map_or(Ok(()), |refused| Err(refused.to_string())), judged)
    }

    /// The columns that a record gives. The verdict on a data record is taken as it is stored: `object` judges it anew.
    fn columns(
        &self,
        record: &Parsed,
        control: Option<&Judged>,
        seal_time_ms: i64,
        stored: &Columns,
        expected: Columns,
    ) -> Columns {
        let statement = &record.statement;
        let readable = record.content().and_then(Result::ok);
        let (verdict, verdict_args) = match (control, record.content()) {
            (Some(judged), _) => owned(stored_verdict(judged)),
            (None, Some(Err(form))) => owned(stored_verdict(&Judged::Void(form.code(), form.args()))),
            (None, Some(Ok(_))) => (stored.verdict.clone(), stored.verdict_args.clone()),
            // Erased, of a kind that was judged.
            (None, None) if stored.erased => (stored.verdict.clone(), None),
            (None, None) => (None, None),
        };
        let erased = stored.erased && record.content().is_none();
        let id = if erased { stored.content_id.clone() } else { None };
        Columns {
            record_id: Some(record.record_id.to_vec()),
            writer: Some(statement.writer.to_string()),
            own: statement.writer == self.replica.writer && statement.epoch == self.replica.epoch,
            content_id: readable.as_ref().map(|content| content.id.to_string()).or(id.clone()),
            object: readable.as_ref().and_then(object_of).map(|object| object.to_string()).or(id),
            control: control.is_some(),
            seal_time_ms: control.is_some().then_some(seal_time_ms),
            verdict,
            verdict_args,
            erased,
            ..expected
        }
    }

    /// Evidence, stored as it must be or not.
    fn evidence(&mut self, leaf_bytes: &Bytes, leaf: &Leaf, unsigned: bool) -> Result<(), String> {
        let evidence = Evidence::parse(&leaf.body).map_err(|wrong| wrong.to_string())?;
        let state = self.state.as_mut().ok_or("evidence before the genesis")?;
        let holds = state.check_evidence(&evidence, &mut self.roots);
        state.push_evidence(leaf_bytes, leaf, &evidence);
        holds.map_err(|wrong| wrong.to_string())?;
        if unsigned { Ok(()) } else { Err("evidence is a control leaf without content".to_owned()) }
    }

    fn succession(&mut self, leaf_bytes: &Bytes, leaf: &Leaf, unsigned: bool) -> Result<(), String> {
        let succession = Succession::parse(&leaf.body).map_err(|wrong| wrong.to_string())?;
        let state = self.state.as_mut().ok_or("a succession before the genesis")?;
        let held = state.check_succession(&succession).map_err(|wrong| wrong.to_string())?;
        state.push_succession(leaf_bytes, leaf, &held);
        if unsigned { Ok(()) } else { Err("a succession is a control leaf without content".to_owned()) }
    }

    fn seal(&mut self, leaf_bytes: &Bytes, leaf: &Leaf, unsigned: bool) -> Result<(), String> {
        let seal = Seal::parse(&leaf.body).map_err(|error| error.to_string())?;
        let state = self.state.as_mut().ok_or("a seal before the genesis")?;
        let holds = seal == state.next_seal(seal.time_ms);
        state.push_seal(leaf_bytes, leaf, &seal);
        match (holds, unsigned) {
            (true, true) => Ok(()),
            (true, false) => Err("a seal has neither content nor signature".to_owned()),
            (false, _) => Err("the seal contradicts the control records before it".to_owned()),
        }
    }
}

/// The record, without its content where that breaks the form; what breaks it.
fn parse(whole: Received) -> Result<(Parsed, Result<(), String>), String> {
    let stub = Received { content: None, ..whole.clone() };
    match whole.parse() {
        Ok(record) => Ok((record, Ok(()))),
        Err(form) => stub.parse().map(|record| (record, Err(form.to_string()))).map_err(|form| form.to_string()),
    }
}

fn owned((verdict, args): (Option<&str>, Option<String>)) -> (Option<String>, Option<String>) {
    (verdict.map(ToOwned::to_owned), args)
}

/// The columns of a row that derive from its leaf and its content.
#[derive(Debug, Default, PartialEq, Eq)]
struct Columns {
    record_id: Option<Vec<u8>>,
    writer: Option<String>,
    own: bool,
    content_id: Option<String>,
    object: Option<String>,
    control: bool,
    seal_time_ms: Option<i64>,
    accepted_at_ms: i64,
    verdict: Option<String>,
    verdict_args: Option<String>,
    erased: bool,
    /// Bound by `must_be`; not compared.
    judged: Option<Vec<u8>>,
}

impl Columns {
    fn of(cells: &Cells<'_>) -> Result<Self, StoreError> {
        let flag = |column| match cells.get::<i64>(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(cells.bad(column, &other)),
        };
        Ok(Self {
            record_id: cells.get("record_id")?,
            writer: cells.get("writer")?,
            own: flag("own")?,
            content_id: cells.get("content_id")?,
            object: cells.get("object")?,
            control: flag("control")?,
            seal_time_ms: cells.get("seal_time_ms")?,
            accepted_at_ms: cells.get("accepted_at_ms")?,
            verdict: cells.get("verdict")?,
            verdict_args: cells.get("verdict_args")?,
            erased: flag("erased")?,
            judged: cells.get("judged")?,
        })
    }

    fn must_be(&self, expected: &Self, index: LeafIndex) -> Result<(), String> {
        let equal = [
            ("record_id", self.record_id == expected.record_id),
            ("writer", self.writer == expected.writer),
            ("own", self.own == expected.own),
            ("content_id", self.content_id == expected.content_id),
            ("object", self.object == expected.object),
            ("control", self.control == expected.control),
            ("seal_time_ms", self.seal_time_ms == expected.seal_time_ms),
            ("accepted_at_ms", self.accepted_at_ms == expected.accepted_at_ms),
            ("verdict", self.verdict == expected.verdict),
            ("verdict_args", self.verdict_args == expected.verdict_args),
            ("erased", self.erased == expected.erased && (!self.erased || self.content_id.is_some())),
            ("judged", self.judged == self.expected_digests(index)),
        ];
        match equal.iter().find(|(_, equal)| !equal) {
            None => Ok(()),
            Some((column, _)) => Err(format!("column {column} does not fit the leaf, the content and the verdict")),
        }
    }

    /// See `judged_digests`.
    fn expected_digests(&self, index: LeafIndex) -> Option<Vec<u8>> {
        if self.erased && self.verdict.is_none() {
            return Some(vec![0]);
        }
        let verdict = self.verdict.as_deref().filter(|verdict| !["VALID", "PENDING"].contains(verdict))?;
        let of = |args: Option<&str>| digest::row("entry", [index.to_i64().into(), verdict.into(), args.into()]);
        let whole = if self.erased { Vec::new() } else { of(self.verdict_args.as_deref()).to_vec() };
        Some([whole, of(None).to_vec()].concat())
    }
}
