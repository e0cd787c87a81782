//! An entry as its row holds it, and as the hub uses it.
//!
//! In scope: the columns, which of them derive from the record, decoding with an error that names table, column and row.

use bytes::Bytes;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::{ObjectId, Writer};
use multaqa_proto::kind::is_control;
use multaqa_proto::number::{Epoch, LeafIndex, Seq};
use multaqa_proto::record::Parsed;
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::Content;
use multaqa_proto::sync::block::Entry;
use multaqa_proto::sync::merge::Readers;
use multaqa_runtime::digest::Value;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::StoreError;

/// The columns of `entry`, in the order of [`Columns`].
pub(super) const COLUMNS: &str =
    "idx, leaf, signature, content, record_id, object_id, writer, epoch, seq, control, seal_time_ms, readers";

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredEntry {
    /// The entry.
    pub(crate) entry: Entry,
    /// Of its statement; none for seals and evidence.
    pub(crate) record: Option<Place>,
    /// Whether it is a control leaf (with the time of the newest seal below it, milliseconds since 1970 UTC).
    pub(crate) control: Option<i64>,
    /// The object of its content, also after erasure.
    pub(crate) object: Option<ObjectId>,
    /// Who may read its content; none for everybody.
    pub(crate) audience: Option<Audience>,
}

/// What the statement of an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) record_id: RecordId,
    pub(crate) writer: Writer,
    pub(crate) epoch: Epoch,
    pub(crate) seq: Seq,
}

impl Place {
    pub(crate) fn of(record: &Parsed) -> Self {
        let statement = &record.statement;
        Self {
            record_id: record.record_id,
            writer: statement.writer.clone(),
            epoch: statement.epoch,
            seq: statement.seq,
        }
    }
}

impl StoredEntry {
    /// A seal's.
    pub(crate) fn seal(index: LeafIndex, leaf: Bytes) -> Self {
        let entry = Entry { index, leaf, signature: Bytes::new(), content: None };
        Self { entry, record: None, control: None, object: None, audience: None }
    }
    /// Evidence's, at this seal time.
    pub(crate) fn evidence(index: LeafIndex, leaf: Bytes, seal_time_ms: i64) -> Self {
        Self { control: Some(seal_time_ms), ..Self::seal(index, leaf) }
    }
    /// A record's with its content, at this index and seal time.
    pub(crate) fn record(index: LeafIndex, leaf: Bytes, record: &Parsed, content: &Content, seal_time_ms: i64) -> Self {
        let control = is_control(content.kind());
        Self {
            entry: Entry {
                index,
                leaf,
                signature: record.bytes.signature.clone(),
                content: record.bytes.content.clone(),
            },
            record: Some(Place::of(record)),
            control: control.then_some(seal_time_ms),
            object: Some(content.id.clone()),
            audience: (!control).then(|| content.audience.clone()),
        }
    }
    /// Who may read its content.
    pub(crate) fn readers(&self) -> Readers {
        match (&self.entry.content, &self.audience, &self.record) {
            (Some(_), Some(audience), Some(place)) => {
                let kind = self.object.as_ref().map_or("", ObjectId::kind);
                Readers::restricted(kind, audience.clone(), place.writer.clone())
            }
            _ => Readers::Everyone,
        }
    }
    /// A record's whose content is erased: of the content only its object is known.
    pub(crate) fn erased(index: LeafIndex, leaf: Bytes, record: &Parsed, object: Option<ObjectId>) -> Self {
        Self {
            entry: Entry { index, leaf, signature: record.bytes.signature.clone(), content: None },
            record: Some(Place::of(record)),
            control: None,
            object,
            audience: None,
        }
    }
    /// As erasure leaves it.
    pub(crate) fn erase(&mut self) {
        self.entry.content = None;
        self.audience = None;
    }
}

/// What erasure leaves of an entry: its object, and how many bytes were erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remains {
    pub(crate) object: Option<String>,
    pub(crate) content: Option<i64>,
    pub(crate) readers: Option<i64>,
}

impl Remains {
    /// Of an entry that is to be stored.
    pub(super) fn of(stored: &StoredEntry) -> Self {
        let StoredEntry { entry, object, audience, .. } = stored;
        Self {
            object: object.as_ref().map(ToString::to_string),
            content: entry.content.as_ref().map(|content| length(content.len())),
            readers: audience.as_ref().map(|audience| length(audience.to_string().len())),
        }
    }
    /// What goes into the digest of its commit.
    pub(super) fn values(&self) -> [Value<'_>; 3] {
        let Self { object, content, readers } = self;
        [object.as_deref().into(), (*content).into(), (*readers).into()]
    }
}

fn length(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// The row itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) idx: i64,
    pub(crate) leaf: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) record_id: Option<Vec<u8>>,
    pub(crate) object_id: Option<String>,
    pub(crate) writer: Option<String>,
    pub(crate) epoch: Option<i64>,
    pub(crate) seq: Option<i64>,
    pub(crate) control: i64,
    pub(crate) seal_time_ms: Option<i64>,
    pub(crate) readers: Option<String>,
    /// What it would leave if it were erased, or left.
    pub(crate) remains: Remains,
}

impl Columns {
    pub(super) fn of(row: &SqliteRow) -> Result<Self, StoreError> {
        let (content, readers): (Option<Vec<u8>>, Option<String>) = (row.try_get(3)?, row.try_get(11)?);
        let object_id: Option<String> = row.try_get(5)?;
        let remains = Remains {
            object: object_id.clone(),
            content: content.as_ref().map(|content| length(content.len())),
            readers: readers.as_ref().map(|readers| length(readers.len())),
        };
        // As `store::erase` leaves them.
        let content = content.filter(|content| content.iter().any(|byte| *byte != 0));
        let readers = readers.filter(|readers| readers.bytes().any(|byte| byte != b' '));
        Ok(Self {
            idx: row.try_get(0)?,
            leaf: row.try_get(1)?,
            signature: row.try_get(2)?,
            content,
            record_id: row.try_get(4)?,
            object_id,
            writer: row.try_get(6)?,
            epoch: row.try_get(7)?,
            seq: row.try_get(8)?,
            control: row.try_get(9)?,
            seal_time_ms: row.try_get(10)?,
            readers,
            remains,
        })
    }
    /// Names of the columns that derive from the leaf and the content and are not as expected.
    pub(crate) fn differing(&self, expected: &Self) -> Vec<&'static str> {
        let equal = [
            ("record_id", self.record_id == expected.record_id),
            ("object_id", self.object_id == expected.object_id),
            ("writer", self.writer == expected.writer),
            ("epoch", self.epoch == expected.epoch),
            ("seq", self.seq == expected.seq),
            ("control", self.control == expected.control),
            ("seal_time_ms", self.seal_time_ms == expected.seal_time_ms),
            ("readers", self.readers == expected.readers),
        ];
        equal.into_iter().filter(|(_, equal)| !equal).map(|(column, _)| column).collect()
    }
    /// The row's meaning.
    pub(crate) fn parse(self) -> Result<StoredEntry, StoreError> {
        let row = self.idx;
        let bad = |column| StoreError::RowBad { table: "entry", column, row: row.to_string() };
        let record = match (self.record_id, self.writer, self.epoch, self.seq) {
            (None, None, None, None) => None,
            (Some(record_id), Some(writer), Some(epoch), Some(seq)) => Some(Place {
                record_id: Hash::from_slice(&record_id).ok_or(bad("record_id"))?,
                writer: writer.parse().map_err(|_| bad("writer"))?,
                epoch: Epoch::from_i64(epoch).ok_or(bad("epoch"))?,
                seq: Seq::from_i64(seq).ok_or(bad("seq"))?,
            }),
            _ => return Err(bad("record_id")),
        };
        let control = match (self.control, self.seal_time_ms) {
            (0, None) => None,
            (1, Some(time)) => Some(time),
            _ => return Err(bad("seal_time_ms")),
        };
        let audience = |text: String| {
            let parts: Vec<&str> = text.split(' ').collect();
            Audience::parse(&parts).map_err(|_| bad("readers"))
        };
        Ok(StoredEntry {
            entry: Entry {
                index: LeafIndex::from_i64(row).ok_or(bad("idx"))?,
                leaf: self.leaf.into(),
                signature: self.signature.into(),
                content: self.content.map(Bytes::from),
            },
            record,
            control,
            object: self.object_id.map(|id| id.parse().map_err(|_| bad("object_id"))).transpose()?,
            audience: self.readers.map(audience).transpose()?,
        })
    }
}

impl From<&StoredEntry> for Columns {
    fn from(stored: &StoredEntry) -> Self {
        let StoredEntry { entry, record, control, object, audience } = stored;
        Self {
            idx: entry.index.0.cast_signed(),
            leaf: entry.leaf.to_vec(),
            signature: entry.signature.to_vec(),
            content: entry.content.as_ref().map(|content| content.to_vec()),
            record_id: record.as_ref().map(|place| place.record_id.to_vec()),
            object_id: object.as_ref().map(ToString::to_string),
            writer: record.as_ref().map(|place| place.writer.to_string()),
            epoch: record.as_ref().map(|place| place.epoch.to_i64()),
            seq: record.as_ref().map(|place| place.seq.to_i64()),
            control: i64::from(control.is_some()),
            seal_time_ms: *control,
            readers: audience.as_ref().map(ToString::to_string),
            remains: Remains::of(stored),
        }
    }
}
