//! `OutboxService`: publishing, withdrawing, approving, and what became of it.

use multaqa_proto::check::Violation;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::ObjectId;
use multaqa_proto::text::Lang;
use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::outbox_service_server::OutboxService;
use tonic::{Request, Response, Status};

use super::error::{self, Reason};
use super::read::object_id;
use super::{Api, caller, page};
use crate::clients::authorise::{Allowed, Asked, Caller};
use crate::code;
use crate::file::{self, Document, Finding, Named, Reading};
use crate::journal::{Own, OwnQuery, OwnState};
use crate::publish::Published;

/// Findings that one answer carries.
const FINDINGS_MAX: usize = 2_000;

#[tonic::async_trait]
impl OutboxService for Api {
    async fn publish(&self, request: Request<wire::PublishRequest>) -> Result<Response<wire::PublishResponse>, Status> {
        let caller = caller::of(&request)?;
        let wire::PublishRequest { files, attachments } = request.into_inner();
        let reading = read(&caller, files, attachments)?;
        let published = self.publisher.publish_reading(reading).await.map_err(|e| error::publish(&e))?;
        Ok(Response::new(wire::PublishResponse {
            records: published.into_iter().map(record).collect(),
            freshness: Some(self.freshness()),
        }))
    }

    async fn check(&self, request: Request<wire::CheckRequest>) -> Result<Response<wire::CheckResponse>, Status> {
        let caller = caller::of(&request)?;
        let wire::CheckRequest { files, attachments } = request.into_inner();
        let reading = read(&caller, files, attachments)?;
        let checked = self.publisher.check_reading(reading).await.map_err(|e| error::publish(&e))?;
        let findings_total = checked.findings.len() as u64;
        Ok(Response::new(wire::CheckResponse {
            findings: checked.findings.into_iter().take(FINDINGS_MAX).map(finding).collect(),
            documents: u32::try_from(checked.documents).unwrap_or(u32::MAX),
            freshness: Some(self.freshness()),
            findings_total,
        }))
    }

    async fn withdraw(
        &self,
        request: Request<wire::WithdrawRequest>,
    ) -> Result<Response<wire::WithdrawResponse>, Status> {
        let caller = caller::of(&request)?;
        let wire::WithdrawRequest { id, reason } = request.into_inner();
        let id = object_id(&id)?;
        caller::may(&caller, &Asked::Publish { kind: id.kind(), resource: &id.to_string() })?;
        if let Some(lang) = reason.keys().find(|lang| lang.parse::<Lang>().is_err()) {
            let args = [("path", "reason".to_owned()), ("value", lang.clone())];
            return Err(error::status(&Reason::new("LANGUAGE_UNKNOWN", args)));
        }
        let reason = reason.into_iter().collect();
        let published = self.publisher.withdraw(&id, reason).await.map_err(|e| error::publish(&e))?;
        Ok(Response::new(wire::WithdrawResponse { record: Some(record(published)), freshness: Some(self.freshness()) }))
    }

    async fn approve(&self, request: Request<wire::ApproveRequest>) -> Result<Response<wire::ApproveResponse>, Status> {
        caller::may(&caller::of(&request)?, &Asked::Own { resource: "Approve" })?;
        let wire::ApproveRequest { record_id } = request.into_inner();
        let target = Hash::from_slice(&record_id).ok_or_else(|| {
            let value = multaqa_proto::hash::hex(&record_id);
            error::status(&Reason::new(code::RECORD_ID_MALFORMED, [("value", value)]))
        })?;
        let (published, object) = self.publisher.approve(target).await.map_err(|e| error::publish(&e))?;
        Ok(Response::new(wire::ApproveResponse {
            record: Some(record(published)),
            target: object.to_string(),
            freshness: Some(self.freshness()),
        }))
    }

    async fn queue(&self, request: Request<wire::QueueRequest>) -> Result<Response<wire::QueueResponse>, Status> {
        let shown = caller::may_publish_of(&caller::of(&request)?, "the queue")?;
        let wire::QueueRequest { page_size, page_token, all } = request.into_inner();
        let limit = page::size(page_size, 50, 500);
        let query = OwnQuery { after: page::place(&page_token)?.unwrap_or(0), limit, open_only: !all };
        let own = self.parts.journal.list(&query).await.map_err(|e| error::store(&e))?;
        let counts = self.parts.journal.counts().await.map_err(|e| error::store(&e))?;
        let full = own.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let next = own.last().filter(|_| full).map(|own| own.row);
        Ok(Response::new(wire::QueueResponse {
            records: own.into_iter().filter(|own| of_kind(&shown, &own.object_id)).map(queued).collect(),
            next_page_token: page::token(next),
            waiting: counts.queued,
            freshness: Some(self.freshness()),
        }))
    }
}

/// Reads files; none where one of their records is of a kind that the caller may not publish.
fn read(caller: &Caller, files: Vec<wire::NamedFile>, attachments: Vec<wire::NamedFile>) -> Result<Reading, Status> {
    // Who may publish nothing has nothing checked either.
    caller::may_publish_of(caller, "the outbox")?;
    let reading = file::read(&named(files), &named(attachments));
    for Document { kind, id, .. } in &reading.documents {
        caller::may(caller, &Asked::Publish { kind: kind.name, resource: &id.to_string() })?;
    }
    Ok(reading)
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

fn record(published: Published) -> wire::PublishedRecord {
    let Published { file, id, revision, record_id, unchanged } = published;
    wire::PublishedRecord {
        file,
        id: id.to_string(),
        revision,
        record_id: record_id.to_vec(),
        state: if unchanged { "unchanged" } else { "queued" }.to_owned(),
    }
}

fn finding(finding: Finding) -> wire::Finding {
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
