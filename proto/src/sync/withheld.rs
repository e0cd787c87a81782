//! Contents that a hub keeps back from a reader who may have them.
//!
//! A reader knows whom a lane is for as soon as it has read one content of it (`record::lane`: a writer cannot open a lane to
//! two audiences). A stub in a lane that is for this reader is *suspect*: an honest hub sends it only where the content was
//! erased, so a valid tombstone stands after it that names the record and whose audience includes the lane's. Whoever may
//! read the record may read that tombstone too (`view`), so nothing else explains the stub: not what the member wrote
//! otherwise, nor what stands in lanes that this reader does not know. A suspect that nothing explains when the reader has
//! been at the hub's head twice, with a frame or a heartbeat between, is withheld: what erased it would have been ordered and
//! sent by then.
//!
//! In scope: the lanes that are known, the suspects. Both are bounded and live in memory: after a restart lanes are learnt
//! again, and what was suspect before is not. Out of scope: what a node does then.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alarm::Alarm;
use crate::directory::Directory;
use crate::fold::{Erasure, Placed};
use crate::hash::RecordId;
use crate::id::{MemberCode, Writer};
use crate::number::{LeafIndex, TreeSize};
use crate::record::Parsed;
use crate::record::audience::Audience;
use crate::record::content::Content;
use crate::record::lane::opens;
use crate::record::statement::Statement;
use crate::view::may_read;

/// Most lanes of one writer that are known.
const LANES_MAX: usize = 256;
/// Most suspects.
const SUSPECTS_MAX: usize = 256;

/// See the module. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub(super) struct Withheld {
    lanes: Arc<BTreeMap<Writer, BTreeMap<[u8; 16], Audience>>>,
    suspects: BTreeMap<LeafIndex, Suspect>,
    /// The hub says that it lacks contents itself: nothing below this size is suspect.
    excused: Option<TreeSize>,
}

#[derive(Debug, Clone)]
struct Suspect {
    record_id: RecordId,
    writer: Writer,
    /// The lane's.
    audience: Audience,
    /// The view at which the hub judged it.
    view: TreeSize,
    /// Whether the reader was at the hub's head since.
    at_head: bool,
}

impl Withheld {
    /// Notes below which size the hub says that it lacks contents.
    pub(super) fn excuse(&mut self, below: Option<TreeSize>) {
        self.excused = below;
        if let Some(below) = below {
            self.suspects.retain(|index, _| index.0 >= below.0);
        }
    }
    /// Below which size the hub said that it lacks contents.
    pub(super) const fn excused(&self) -> Option<TreeSize> {
        self.excused
    }
    /// Takes a record that comes next. Those for everybody are none of it.
    pub(super) fn take(
        &mut self,
        index: LeafIndex,
        record: &Parsed,
        content: Option<&Content>,
        view: TreeSize,
        directory: &Arc<Directory>,
    ) {
        let statement = &record.statement;
        if let Some(content) = content {
            self.explain(index, record, content, directory);
            if self.audience_of(statement).is_none() {
                self.learn(statement, content);
            }
        } else if let Some(audience) = self.audience_of(statement).cloned()
            && self.excused.is_none_or(|below| index.0 >= below.0)
            && self.suspects.len() < SUSPECTS_MAX
        {
            let (record_id, writer) = (record.record_id, statement.writer.clone());
            self.suspects.insert(index, Suspect { record_id, writer, audience, view, at_head: false });
        }
    }
    /// Learns a lane from a content of it.
    pub(super) fn learn(&mut self, statement: &Statement, content: &Content) {
        let full = self.lanes.get(&statement.writer).is_some_and(|lanes| lanes.len() >= LANES_MAX);
        if !full && opens(statement, content) {
            let lanes = Arc::make_mut(&mut self.lanes).entry(statement.writer.clone()).or_default();
            lanes.insert(statement.lane, content.audience.clone());
        }
    }
    /// A frame under this view was taken; the state is at `size`.
    pub(super) fn close(
        &mut self,
        me: &MemberCode,
        directory: &Directory,
        size: TreeSize,
        view: TreeSize,
    ) -> Result<(), Alarm> {
        if self.suspects.is_empty() {
            return Ok(());
        }
        self.suspects.retain(|index, suspect| {
            let Suspect { writer, audience, view, .. } = suspect;
            *view > size || may_read(directory, me, audience, writer, *index, *view)
        });
        if size < view {
            return Ok(());
        }
        self.overdue(size)?;
        self.suspects.values_mut().filter(|suspect| suspect.view <= size).for_each(|suspect| suspect.at_head = true);
        Ok(())
    }
    /// Whether a suspect is left of those that the reader was at the head with; the hub's head is at `size`, and so is the
    /// reader.
    pub(super) fn overdue(&self, size: TreeSize) -> Result<(), Alarm> {
        let left = self.suspects.iter().find(|(_, suspect)| suspect.at_head && suspect.view <= size);
        left.map_or(Ok(()), |(index, suspect)| Err(Alarm::Withheld { index: *index, writer: suspect.writer.clone() }))
    }

    fn audience_of(&self, statement: &Statement) -> Option<&Audience> {
        self.lanes.get(&statement.writer)?.get(&statement.lane)
    }

    /// A valid tombstone explains what it names before it, where it is for all that the suspect's lane is for.
    fn explain(&mut self, index: LeafIndex, record: &Parsed, content: &Content, directory: &Arc<Directory>) {
        if self.suspects.is_empty() {
            return;
        }
        let (record_id, writer, key_id) = (record.record_id, &record.statement.writer, record.signature.key_id);
        let placed = Placed { index, record_id, writer, key_id, accepted_at_ms: 0, content };
        if let Some(erasure) = Erasure::of(directory, &placed) {
            self.suspects.retain(|at, suspect| {
                let Suspect { record_id, writer, audience, .. } = suspect;
                !(erasure.names(*at, record_id, writer) && erasure.audience.includes(audience))
            });
        }
    }
}
