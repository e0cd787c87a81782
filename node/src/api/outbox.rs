//! Publishing, withdrawing, approving, and what became of it: `OutboxService` for whoever asks.
//!
//! Records come as files (`Publish`, from people) or without (`BatchPublish` and REST, from systems: `batch`). Either is read into
//! one tree and passes `publish_reading` or `check_reading` here: one question whether the caller may, one limit, the same rules.
//! What is refused is told in the words of whoever asked: of files by name, line and column, of records by path.

use multaqa_proto::check::Violation;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::ObjectId;
use multaqa_proto::text::Lang;
use multaqa_proto::wire::node as wire;

use super::read::object_id;
use super::refusal::Refusal;
use super::{Api, caller, page};
use crate::clients::authorise::{Allowed, Asked, Caller};
use crate::clients::names_of_kinds;
use crate::code;
use crate::file::{self, Finding, Named, Reading};
use crate::journal::{Own, OwnQuery, OwnState};
use crate::publish::{Checked, Published};

/// Findings that one answer carries.
pub(crate) const FINDINGS_MAX: usize = 2_000;

impl Api {
    pub(crate) async fn publish(
        &self,
        caller: &Caller,
        request: wire::PublishRequest,
    ) -> Result<wire::PublishResponse, Refusal> {
        let wire::PublishRequest { files, attachments } = request;
        let read = move || Ok(file::read(&named(files), &named(attachments)));
        let published = self.publish_reading(caller, read).await?;
        Ok(wire::PublishResponse {
            records: published.into_iter().map(record).collect(),
            freshness: Some(self.freshness()),
        })
    }

    pub(crate) async fn check(
        &self,
        caller: &Caller,
        request: wire::CheckRequest,
    ) -> Result<wire::CheckResponse, Refusal> {
        let wire::CheckRequest { files, attachments } = request;
        let read = move || Ok(file::read(&named(files), &named(attachments)));
        let checked = self.check_reading(caller, read).await?;
        let findings_total = checked.findings.len() as u64;
        Ok(wire::CheckResponse {
            findings: checked.findings.into_iter().take(FINDINGS_MAX).map(finding).collect(),
            documents: u32::try_from(checked.documents).unwrap_or(u32::MAX),
            freshness: Some(self.freshness()),
            findings_total,
        })
    }

    /// Publishes what is read, all of it or nothing.
    ///
    /// # Errors
    /// The denial where one of the records is of a kind that the caller may not publish; what the records break.
    pub(crate) async fn publish_reading(
        &self,
        caller: &Caller,
        read: impl FnOnce() -> Result<Reading, Refusal> + Send + 'static,
    ) -> Result<Vec<Published>, Refusal> {
        let reading = self.reading(caller, read).await?;
        Ok(self.publisher.publish_reading(reading).await?)
    }

    /// Checks what is read, and signs nothing.
    ///
    /// # Errors
    /// The denial as for publishing; what makes a check impossible.
    pub(crate) async fn check_reading(
        &self,
        caller: &Caller,
        read: impl FnOnce() -> Result<Reading, Refusal> + Send + 'static,
    ) -> Result<Checked, Refusal> {
        let reading = self.reading(caller, read).await?;
        Ok(self.publisher.check_reading(reading).await?)
    }

    /// Reads records, and refuses those of which one is of a kind that the caller may not publish, whatever else is wrong with it: who may
    /// publish nothing has nothing read or checked either. Of what is no kind, a finding says so.
    async fn reading(
        &self,
        caller: &Caller,
        read: impl FnOnce() -> Result<Reading, Refusal> + Send + 'static,
    ) -> Result<Reading, Refusal> {
        caller::may_publish_of(caller, "records")?;
        let reading = self.publisher.work(read).await??;
        let known = reading.ids.iter().filter(|id| names_of_kinds().any(|kind| kind == id.kind()));
        for id in known {
            caller::may(caller, &Asked::Publish { kind: id.kind(), resource: &id.to_string() })?;
        }
        Ok(reading)
    }

    pub(crate) async fn withdraw(
        &self,
        caller: &Caller,
        request: wire::WithdrawRequest,
    ) -> Result<wire::WithdrawResponse, Refusal> {
        let wire::WithdrawRequest { id, reason } = request;
        let id = object_id(&id)?;
        caller::may(caller, &Asked::Publish { kind: id.kind(), resource: &id.to_string() })?;
        if let Some(lang) = reason.keys().find(|lang| lang.parse::<Lang>().is_err()) {
            let args = [("path", "reason".to_owned()), ("value", lang.clone())];
            return Err(Refusal::new("LANGUAGE_UNKNOWN", args));
        }
        let reason = reason.into_iter().collect();
        let published = self.publisher.withdraw(&id, reason).await?;
        Ok(wire::WithdrawResponse { record: Some(record(published)), freshness: Some(self.freshness()) })
    }

    pub(crate) async fn approve(
        &self,
        caller: &Caller,
        request: wire::ApproveRequest,
    ) -> Result<wire::ApproveResponse, Refusal> {
        caller::may(caller, &Asked::Own { resource: "Approve" })?;
        let wire::ApproveRequest { record_id } = request;
        let target = Hash::from_slice(&record_id).ok_or_else(|| {
            let value = multaqa_proto::hash::hex(&record_id);
            Refusal::new(code::RECORD_ID_MALFORMED, [("value", value)])
        })?;
        let (published, object) = self.publisher.approve(target).await?;
        Ok(wire::ApproveResponse {
            record: Some(record(published)),
            target: object.to_string(),
            freshness: Some(self.freshness()),
        })
    }

    pub(crate) async fn queue(
        &self,
        caller: &Caller,
        request: wire::QueueRequest,
    ) -> Result<wire::QueueResponse, Refusal> {
        let shown = caller::may_publish_of(caller, "queue")?;
        let query = wire::QueueRequest { page_size: 0, page_token: String::new(), ..request.clone() };
        let pages = self.parts.pages.of("Queue", &query);
        let wire::QueueRequest { page_size, page_token, all, newest_first } = request;
        let limit = page::size(page_size, 50, 500);
        let query = OwnQuery { after: pages.place(&page_token)?.unwrap_or(0), limit, open_only: !all };
        let own = if newest_first {
            self.parts.journal.newest(&query).await?
        } else {
            self.parts.journal.list(&query).await?
        };
        let waiting = match &shown {
            Allowed::All => self.parts.journal.counts().await?.queued,
            Allowed::Kinds(kinds) => self.parts.journal.queued_of(kinds).await?,
        };
        let full = own.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let next = own.last().filter(|_| full).map(|own| own.row);
        Ok(wire::QueueResponse {
            records: own.into_iter().filter(|own| of_kind(&shown, &own.object_id)).map(queued).collect(),
            next_page_token: pages.token(next),
            waiting,
            freshness: Some(self.freshness()),
        })
    }
}

/// Whether a record is of one of these kinds.
fn of_kind(allowed: &Allowed, object_id: &str) -> bool {
    match allowed {
        Allowed::All => true,
        Allowed::Kinds(_) => object_id.parse::<ObjectId>().is_ok_and(|id| allowed.holds(id.kind())),
    }
}

fn named(files: Vec<wire::NamedFile>) -> Vec<Named> {
    files.into_iter().map(|wire::NamedFile { name, bytes }| Named { name, bytes }).collect()
}

pub(crate) fn record(published: Published) -> wire::PublishedRecord {
    let Published { file, id, revision, record_id, unchanged } = published;
    wire::PublishedRecord {
        file: Some(file).filter(|file| !file.is_empty()),
        id: id.to_string(),
        revision,
        record_id: record_id.to_vec(),
        state: if unchanged { "unchanged" } else { "queued" }.to_owned(),
    }
}

pub(crate) fn finding(finding: Finding) -> wire::Finding {
    let Finding { file, place, violation } = finding;
    let Violation { path, code, args } = violation;
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    wire::Finding {
        file,
        line: place.map_or(0, |place| number(place.line)),
        column: place.map_or(0, |place| number(place.column)),
        path,
        code: code.to_owned(),
        args: args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

fn queued(own: Own) -> wire::QueuedRecord {
    let Own { row: _, epoch, seq, record_id, object_id, state, index, code, args, signed_at_ms, seen } = own;
    let state = match state {
        OwnState::Accepted if seen => "valid",
        OwnState::Queued | OwnState::Accepted | OwnState::Rejected | OwnState::Void => state.as_str(),
    };
    wire::QueuedRecord {
        id: object_id,
        record_id: record_id.to_vec(),
        epoch: epoch.0,
        seq: seq.0,
        state: state.to_owned(),
        index: index.map(|index| index.0),
        code: code.unwrap_or_default(),
        args: args.into_iter().collect(),
        signed_at_ms,
    }
}
