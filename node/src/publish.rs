//! Publishing: from files to signed records in the outbox.
//!
//! Everything is checked before anything is signed: files and payloads (`file`), then each record against the own replica
//! with the queued records over it (`rehearsal`). Where no rule is broken all records are signed together and stored in one
//! transaction; the submit loop is woken and sends them when there is a line. What takes its time is done aside (`desk`). In scope:
//! publishing, and withdrawing and approving (`acts`). Out of scope: what becomes of records afterwards (`journal`, `sync`).

mod acts;
mod desk;
mod error;
mod ground;
mod rehearsal;

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use ed25519_dalek::SigningKey;
use multaqa_certs::random;
use multaqa_proto::check::Violation;
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::ObjectId;
use multaqa_proto::key::PublicKey;
use multaqa_proto::kind::Kind;
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::{ChainPlace, sign};
use multaqa_proto::sync::intake::Intake;
use multaqa_proto::wire::kind as wire;
use multaqa_runtime::clock::Clock;
use prost::Message as _;
use prost_reflect::DynamicMessage;
use tokio::sync::Notify;

pub(crate) use self::desk::Desk;
use self::desk::Work;
pub use self::error::{Broken, PublishError};
use self::ground::Stage;
use self::rehearsal::{Outcome, Rehearsal, Stamp};
use crate::code;
use crate::file::{self, Document, Finding, Named, Reading};
use crate::journal::{Journal, OwnRecord};
use crate::replica::Replica;

/// Most records that one call publishes, as files or without.
pub const RECORDS_MAX: usize = 1024;

/// Publishes for a node. One at a time: the journal's turn is held from the rehearsal to the end.
pub struct Publisher {
    pub(crate) journal: Journal,
    pub(crate) replica: Replica,
    pub(crate) intake: Arc<ArcSwap<Intake>>,
    pub(crate) record_key: Arc<SigningKey>,
    pub(crate) clock: Clock,
    pub(crate) outbox: Arc<Notify>,
    pub(crate) desk: Desk,
}

/// A record as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Name of the file; empty where there was none.
    pub file: String,
    /// Id of the object.
    pub id: ObjectId,
    /// Its revision.
    pub revision: u64,
    /// Record id of that revision.
    pub record_id: RecordId,
    /// Whether the newest revision said the same, so that nothing was queued.
    pub unchanged: bool,
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Everything that is wrong, by file and line.
    pub findings: Vec<Finding>,
    /// Records that were found in the files.
    pub documents: usize,
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").field("journal", &self.journal).finish_non_exhaustive()
    }
}

impl Publisher {
    /// Checks files as [`Publisher::publish`] does, and signs nothing.
    ///
    /// # Errors
    /// Where the node cannot check: its replica knows no member yet, a store fails.
    pub async fn check(&self, files: &[Named], attachments: &[Named]) -> Result<Checked, PublishError> {
        self.check_reading(file::read(files, attachments)).await
    }

    /// The same with what files were read to hold.
    ///
    /// # Errors
    /// As [`Publisher::check`].
    pub async fn check_reading(&self, reading: Reading) -> Result<Checked, PublishError> {
        let documents = reading.found;
        let stage = self.stage(&wanted(&reading.documents)).await?;
        let Work { findings, .. } = self.rehearse(stage, reading, Lanes::None).await?;
        Ok(Checked { findings, documents })
    }

    /// Publishes all records of the files, or none.
    ///
    /// # Errors
    /// [`PublishError::Refused`] with everything that is wrong.
    pub async fn publish(&self, files: &[Named], attachments: &[Named]) -> Result<Vec<Published>, PublishError> {
        self.publish_reading(file::read(files, attachments)).await
    }

    /// The same with what files were read to hold.
    ///
    /// # Errors
    /// As [`Publisher::publish`].
    pub async fn publish_reading(&self, reading: Reading) -> Result<Vec<Published>, PublishError> {
        let turn = self.journal.turn().await;
        let stage = self.stage(&wanted(&reading.documents)).await?;
        let place = stage.place.clone();
        let Work { rehearsal, published, findings, .. } = self.rehearse(stage, reading, Lanes::Journal).await?;
        if !findings.is_empty() {
            return Err(PublishError::Refused(findings));
        }
        self.sign(&place, rehearsal).await?;
        drop(turn);
        Ok(published)
    }

    async fn stage(&self, wanted: &[ObjectId]) -> Result<Stage, PublishError> {
        let intake = self.intake.load_full();
        let folded = intake.state().ok_or_else(|| Broken { code: code::REPLICA_EMPTY, args: Vec::new() })?;
        let stage = ground::stage(&self.journal, &self.replica, folded, wanted).await?;
        let (writer, key) = (&stage.place.writer, PublicKey::of(&self.record_key).id());
        let at = stage.ground.size.next_index();
        stage
            .ground
            .directory
            .judge_writer(writer, key, at)
            .map_err(|void| Broken { code: void.code, args: void.args })?;
        Ok(stage)
    }

    /// Does what takes its time, as reading records does, where it holds nobody up.
    ///
    /// # Errors
    /// `NODE_ENDS`.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PublishError> {
        self.desk.work(work).await
    }

    /// Rehearses all records of the files, in their order.
    async fn rehearse(&self, stage: Stage, reading: Reading, lanes: Lanes) -> Result<Work, PublishError> {
        let Reading { documents, found, ids: _, findings } = reading;
        not_too_many(found)?;
        let clock = self.clock.clone();
        let begin = move || Work::new(Rehearsal::new(stage.ground, stage.place), documents, findings, clock);
        let mut work = self.work(begin).await?;
        loop {
            let went_on = self.work(move || work.go_on().map(|wanted| (work, wanted))).await??;
            let Some(audience) = went_on.1 else { return Ok(went_on.0) };
            work = went_on.0;
            let lane = self.lane(&audience, lanes).await?;
            work.know(audience, lane);
        }
    }

    async fn lane(&self, audience: &Audience, lanes: Lanes) -> Result<[u8; 16], PublishError> {
        match lanes {
            Lanes::None => Ok([0; 16]),
            Lanes::Journal => Ok(self.journal.lane_for(audience, random::bytes()?).await?),
        }
    }

    /// What the writer adds to the content of a record by itself.
    async fn stamp(&self, audience: &Audience) -> Result<Stamp, PublishError> {
        let lane = self.lane(audience, Lanes::Journal).await?;
        Ok(Stamp { salt: random::bytes()?, lane, authored_at_ms: self.clock.now_ms() })
    }

    /// Signs what was rehearsed from this place of the chain on and stores it; the turn is held since the place was read.
    async fn sign(&self, place: &ChainPlace, rehearsal: Rehearsal) -> Result<(), PublishError> {
        let drafts = rehearsal.into_drafts();
        if drafts.is_empty() {
            return Ok(());
        }
        let (signed_at_ms, key, from) = (self.clock.now_ms(), Arc::clone(&self.record_key), place.clone());
        let signed = self.work(move || sign(&from, &drafts, &key)).await?;
        let own = |(record_id, record)| OwnRecord { record_id, record, signed_at_ms };
        let records: Vec<OwnRecord> = signed.into_iter().map(own).collect();
        self.journal.append(&records).await?;
        self.outbox.notify_one();
        metrics::counter!("multaqa_records_published_total").increment(records.len() as u64);
        tracing::info!(records = records.len(), first_seq = place.seq.0, "records queued");
        Ok(())
    }
}

/// Refuses more records than one call publishes, however they came.
///
/// # Errors
/// `RECORDS_TOO_MANY`.
pub(crate) fn not_too_many(found: usize) -> Result<(), Broken> {
    if found <= RECORDS_MAX {
        return Ok(());
    }
    Err(Broken::with(code::RECORDS_TOO_MANY, "max", RECORDS_MAX).and("found", found))
}

/// Where lanes come from.
#[derive(Debug, Clone, Copy)]
enum Lanes {
    /// The journal, which keeps new ones.
    Journal,
    /// Nowhere: nothing will be signed.
    None,
}

/// Ids of the objects that a rehearsal of these records looks at.
fn wanted(documents: &[Document]) -> Vec<ObjectId> {
    let indicators = documents.iter().filter_map(indicator_of);
    documents.iter().map(|document| document.id.clone()).chain(indicators).collect()
}

/// The indicator whose figures come from a CSV file.
fn indicator_of(document: &Document) -> Option<ObjectId> {
    document.csv_indicator.as_ref()?;
    wire::Dataset::decode(document.payload.clone()).ok()?.indicator.parse().ok()
}

/// Datasets whose CSV file is of another indicator than they name, as far as the indicators are known.
fn other_indicators(documents: &[Document], rehearsal: &Rehearsal) -> Vec<Finding> {
    let code_of = |payload: &Bytes| wire::Indicator::decode(payload.clone()).ok().map(|indicator| indicator.code);
    let named = |id: &ObjectId| {
        let here = documents.iter().rev().find(|document| document.id == *id).map(|document| &document.payload);
        here.or_else(|| rehearsal.known(id)?.payload.as_ref()).and_then(code_of)
    };
    let other = documents.iter().filter_map(|document| {
        let (found, id) = (document.csv_indicator.as_ref()?, indicator_of(document)?);
        let expected = named(&id).filter(|expected| expected != found)?;
        let args = vec![
            ("path", "payload.csv".to_owned()),
            ("indicator", id.to_string()),
            ("expected", expected),
            ("found", found.clone()),
        ];
        let violation = Violation { path: "payload.csv".to_owned(), code: code::CSV_INDICATOR_OTHER, args };
        Some(document.finding(violation))
    });
    other.collect()
}

/// Whether two payloads say the same: protobuf is not canonical, so their messages are compared.
fn same_message(kind: &Kind, before: &[u8], after: &[u8]) -> bool {
    let message = |bytes: &[u8]| DynamicMessage::decode(kind.message(), bytes).ok();
    before == after || message(before).is_some_and(|before| message(after) == Some(before))
}

/// A broken rule as a violation at the place that is to blame for it.
fn located(broken: Broken) -> Violation {
    let path = match broken.code {
        "AUDIENCE_SHRINKS" | "GROUP_UNKNOWN" => "audience",
        code::CONTENT_TOO_LARGE | code::DATASET_TOO_LARGE => "payload",
        _ => "id",
    };
    let args = std::iter::once(("path", path.to_owned())).chain(broken.args).collect();
    Violation { path: path.to_owned(), code: broken.code, args }
}

fn published(file: &str, id: &ObjectId, outcome: &Outcome) -> Published {
    let (revision, record_id, unchanged) = match *outcome {
        Outcome::Drafted(revision, record_id) => (revision, record_id, false),
        Outcome::Unchanged(revision, record_id) => (revision, record_id, true),
    };
    Published { file: file.to_owned(), id: id.clone(), revision, record_id, unchanged }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
