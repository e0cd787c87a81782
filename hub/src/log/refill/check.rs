//! What can be said of given entries one by one: on as many threads as the machine has cores, ahead of their turn.
//!
//! In scope: that they are those of the outline, their form, the signatures of their records. Out of scope: whether each may stand
//! where it stands (`place`).
//!
//! A signature is verified by the key that its writer has on the log as it was when the entries came, and remembered with that key.
//! `place` asks again for each, by the key at its place: where the key is another one, or came meanwhile, it verifies there.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use multaqa_proto::hash::Hash;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::record::content::Content;
use multaqa_proto::record::form::FormError;
use multaqa_proto::record::{Parsed, Received};
use multaqa_proto::sync::block::Entry;
use prost::bytes::Bytes;
use tokio::task::spawn_blocking;

use super::GiftWrong;
use super::outline::{CHUNK, Outline};

/// An entry whose form holds.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) index: LeafIndex,
    /// Bytes of all its parts.
    pub(super) bytes: usize,
    pub(super) leaf_bytes: Bytes,
    pub(super) leaf: Leaf,
    /// Of a record's leaf: the record, and its content where it came.
    pub(super) record: Option<(Parsed, Option<Content>)>,
}

/// Entries in their order, and what was verified of their signatures.
#[derive(Debug, Default)]
pub(super) struct Portion {
    /// What is wrong with one is said in its place.
    pub(super) entries: Vec<Result<Checked, String>>,
    pub(super) verified: Vec<VerifiedRoots>,
}

/// Checks a whole number of chunks.
pub(super) async fn check(
    state: Arc<LogState>,
    outline: Arc<Outline>,
    mut entries: Vec<Entry>,
) -> Result<Portion, GiftWrong> {
    let threads = available_parallelism().map_or(1, NonZero::get);
    let each = entries.len().div_ceil(CHUNK).div_ceil(threads) * CHUNK;
    let mut parts = Vec::with_capacity(threads);
    while !entries.is_empty() {
        let after = entries.split_off(each.min(entries.len()));
        let (state, outline) = (Arc::clone(&state), Arc::clone(&outline));
        parts.push(spawn_blocking(move || part(&state, &outline, entries)));
        entries = after;
    }
    let mut portion = Portion::default();
    for part in parts {
        let (entries, verified) = part.await.map_err(|panicked| GiftWrong::Wrong(panicked.to_string()))?;
        portion.entries.extend(entries);
        portion.verified.push(verified);
    }
    Ok(portion)
}

fn part(state: &LogState, outline: &Outline, entries: Vec<Entry>) -> (Vec<Result<Checked, String>>, VerifiedRoots) {
    let (mut checked, mut verified) = (Vec::with_capacity(entries.len()), VerifiedRoots::ahead());
    let mut entries = entries.into_iter().peekable();
    while let Some(first) = entries.peek().map(|entry| entry.index) {
        let chunk: Vec<Entry> = entries.by_ref().take(CHUNK).collect();
        let hashes: Vec<Hash> = chunk.iter().map(|entry| leaf_hash(&entry.leaf)).collect();
        if !outline.fits(first, &hashes) {
            checked.push(Err(format!("the entries from {first} on are not those of the checkpoint")));
            break;
        }
        checked.extend(chunk.into_iter().map(read).inspect(|read| {
            if let Ok(Checked { record: Some((record, _)), .. }) = read {
                verify_ahead(state, record, &mut verified);
            }
        }));
    }
    (checked, verified)
}

/// Reads an entry.
///
/// # Errors
/// What breaks its form, in words.
pub(super) fn read(entry: Entry) -> Result<Checked, String> {
    let (index, bytes) = (entry.index, entry.bytes());
    let wrong = |what: &str| format!("entry {index}: {what}");
    let form = |form: FormError| wrong(&form.to_string());
    let Entry { leaf: leaf_bytes, signature, content, .. } = entry;
    let leaf = Leaf::parse(&leaf_bytes).map_err(form)?;
    if Hash::of(&signature) != leaf.signature_hash {
        return Err(wrong("the leaf does not fit the signature"));
    }
    let mut record = None;
    if leaf.leaf_type == LeafType::Record {
        let parsed = Received { statement: leaf.body.clone(), content, signature }.parse().map_err(form)?;
        let content = parsed.content().transpose().map_err(form)?;
        record = Some((parsed, content));
    }
    Ok(Checked { index, bytes, leaf_bytes, leaf, record })
}

/// Whatever does not verify here, `place` finds out: only it knows the key.
fn verify_ahead(state: &LogState, record: &Parsed, verified: &mut VerifiedRoots) {
    let (statement, signature) = (&record.statement, &record.signature);
    let (writer, epoch) = (&statement.writer, statement.epoch);
    if let Some(key) = state.directory().signing_key(writer, epoch, statement.seq, signature.key_id) {
        let _left_to_its_place = signature.verify(record.record_id, writer, epoch, &key, verified);
    }
}
