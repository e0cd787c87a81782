//! What binds the row of an own record: a digest over what was signed, and one over what became of it.
//!
//! Two, so that an answer of the hub costs no reading of the row: who writes the new state knows all of it. In scope: their
//! bytes. Out of scope: writing them (`own`, `outbox`), comparing them (`fsck`).

use multaqa_proto::hash::RecordId;
use multaqa_runtime::digest::{self, Value};

use super::OwnState;

/// Digest of what never changes. The statement is bound by its record id, the content by its statement.
pub(super) fn signed_digest(record_id: RecordId, object_id: &str, signature: &[u8], signed_at_ms: i64) -> [u8; 32] {
    let values = [Value::Blob(&record_id.0), object_id.into(), Value::Blob(signature), signed_at_ms.into()];
    digest::row("own", values)
}

/// What became of a record, as its row says it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'a> {
    pub(super) record_id: RecordId,
    pub(super) state: &'a str,
    pub(super) idx: Option<i64>,
    pub(super) code: Option<&'a str>,
    pub(super) args: &'a str,
    pub(super) seen: bool,
    /// Whether the content is there.
    pub(super) held: bool,
}

impl Standing<'_> {
    /// Of a record that has no place so far and did not come back.
    pub(super) const fn fresh(record_id: RecordId, state: OwnState) -> Self {
        Self { record_id, state: state.as_str(), idx: None, code: None, args: "{}", seen: false, held: true }
    }
    /// The digest that the row carries.
    pub(super) fn digest(&self) -> [u8; 32] {
        let Self { record_id, state, idx, code, args, seen, held } = *self;
        let values =
            [Value::Blob(&record_id.0), state.into(), idx.into(), code.into(), args.into(), seen.into(), held.into()];
        digest::row("own", values)
    }
}
