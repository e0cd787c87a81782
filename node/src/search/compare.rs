//! What an index holds of which objects, to compare it with the replica.
//!
//! Out of scope: what is done about a difference (`indexer`).

use tantivy::schema::{IndexRecordOption, Term};
use tantivy::{DocSet as _, Searcher, SegmentReader, TERMINATED, TantivyError};

use super::fields::Fields;

/// Of objects with their versions, those that the index holds in another version or not at all; and how many it holds.
pub(super) fn differing(
    searcher: &Searcher,
    fields: &Fields,
    objects: Vec<(String, u64)>,
) -> Result<(Vec<String>, u64), TantivyError> {
    let columns: Vec<_> = searcher
        .segment_readers()
        .iter()
        .map(|segment| Ok((segment, segment.inverted_index(fields.id)?, segment.fast_fields().u64("version")?)))
        .collect::<Result<_, TantivyError>>()?;
    let (mut differing, mut held) = (Vec::new(), 0);
    for (id, version) in objects {
        let term = Term::from_field_text(fields.id, &id);
        let mut found = None;
        for (segment, ids, versions) in &columns {
            let Some(mut postings) = ids.read_postings(&term, IndexRecordOption::Basic)? else { continue };
            while postings.doc() != TERMINATED {
                if !segment.is_deleted(postings.doc()) {
                    found = Some(versions.first(postings.doc()));
                }
                postings.advance();
            }
        }
        held += u64::from(found.is_some());
        if found.flatten() != Some(version) {
            differing.push(id);
        }
    }
    Ok((differing, held))
}

/// Ids of a segment's documents from a number on, and where the next ones begin; none after the last.
pub(super) fn ids(segment: &SegmentReader, from: u32, most: usize) -> Result<(Vec<String>, Option<u32>), TantivyError> {
    let Some(column) = segment.fast_fields().str("id")? else { return Ok((Vec::new(), None)) };
    let mut ids = Vec::new();
    for doc in from..segment.max_doc() {
        if ids.len() >= most {
            return Ok((ids, Some(doc)));
        }
        if segment.is_deleted(doc) {
            continue;
        }
        for ord in column.term_ords(doc) {
            let mut id = String::new();
            if column.ord_to_str(ord, &mut id)? {
                ids.push(id);
            }
        }
    }
    Ok((ids, None))
}
