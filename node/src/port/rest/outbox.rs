//! Publishing over HTTP: a batch of records in JSON, its check, withdrawal, and what became of it.
//!
//! A body is one record as in a record file (`{"id": ..., "payload": ...}`), or a list of them, which is signed together or not at
//! all: each goes on as its own text (`BatchPublish`), so that what is said of its lines and doubled fields is said of what was sent.
//! Publishing is idempotent by content: a record that is the same as the newest revision of its object is `unchanged`. Out of
//! scope: who may publish, the limit, the rules (`api::outbox`, `api::batch`).

use axum::http::StatusCode;
use multaqa_proto::wire::node as wire;
use serde_json::json;

use super::answer::Answer;
use super::call::Call;
use super::download::{self, List};
use super::json::Kept;
use super::problem;
use super::route::{COLLECTION, Form, Gives, ID, JSON, PAGE_SIZE, PAGE_TOKEN, Parameter, Route, Shape, Takes, Verb};
use crate::api::refusal::Refusal;
use crate::code;
use crate::publish::{PublishError, not_too_many};

const RECORDS: Takes = Takes {
    media: JSON,
    shape: Shape::Named("Records"),
    required: true,
    publishes: true,
    description: "A record as in a record file, or a list of them.",
    example: r#"[{"id": "JO:organisation:modee", "payload": {"name": {"en": "Ministry of Digital Economy"}, "type": "ministry"}}]"#,
};

const REASON_MAX: usize = 500;
const REASONS: [Parameter; 3] = [
    Parameter::query("reasonAr", Form::Text { max: REASON_MAX }, "Why, in Arabic.", "انتهت الخدمة"),
    Parameter::query("reasonEn", Form::Text { max: REASON_MAX }, "Why, in English.", "The service has ended"),
    Parameter::query("reasonFr", Form::Text { max: REASON_MAX }, "Why, in French.", "Le service a pris fin"),
];

const PUBLISHED: Shape = Shape::Message { name: "multaqa.node.v1.BatchPublishResponse", without: &["freshness"] };

/// The routes of this file.
pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Verb::Post,
        path: "/v1/records",
        operation: "publishRecords",
        tag: "publishing",
        summary: "Publish records in the member's name",
        description: "Checks all records and, where none breaks a rule, signs them together and queues them; they are sent to the \
                      hub when there is a line. Where one breaks a rule, none is signed, and the problem's `errors` say why. A \
                      record that changes nothing is `unchanged`, so that a request may be repeated. `GET /v1/queue` tells what \
                      became of each; a record's `index` there, plus one, is the `minPosition` from which on reads show it.",
        parameters: &[],
        takes: Some(RECORDS),
        gives: &[
            Gives {
                status: 202,
                media: JSON,
                format: "",
                shape: PUBLISHED,
                description: "One entry for each record, in their order: at least one was queued.",
            },
            Gives {
                status: 200,
                media: JSON,
                format: "",
                shape: PUBLISHED,
                description: "All records are as they were already.",
            },
        ],
        refusals: &[
            code::CONDITION_UNSUPPORTED,
            code::RECORDS_REFUSED,
            code::RECORDS_TOO_MANY,
            code::MEDIA_UNSUPPORTED,
            code::OUTBOX_BLOCKED,
            code::REPLICA_EMPTY,
            code::STORE_FULL,
        ],
        scope: Some("publish:KIND"),
        handler: |call| Box::pin(publish(call)),
    },
    Route {
        method: Verb::Post,
        path: "/v1/records:check",
        operation: "checkRecords",
        tag: "publishing",
        summary: "Check records without publishing them",
        description: "The same checks as publishing, with all findings, and nothing is signed.",
        parameters: &[],
        takes: Some(Takes { shape: Shape::Named("Checked"), ..RECORDS }),
        gives: &[Gives {
            status: 200,
            media: JSON,
            format: "",
            shape: Shape::Named("Findings"),
            description: "What the records break; nothing where they may be published.",
        }],
        refusals: &[code::CONDITION_UNSUPPORTED, code::RECORDS_TOO_MANY, code::MEDIA_UNSUPPORTED, code::REPLICA_EMPTY],
        scope: Some("publish:KIND"),
        handler: |call| Box::pin(check(call)),
    },
    Route {
        method: Verb::Delete,
        path: "/v1/{collection}/{id}",
        operation: "withdrawRecord",
        tag: "publishing",
        summary: "Withdraw an object",
        description: "Queues a tombstone: the object's contents are erased everywhere. The reason stays readable.",
        parameters: &[COLLECTION, ID, REASONS[0], REASONS[1], REASONS[2]],
        takes: None,
        gives: &[Gives {
            status: 202,
            media: JSON,
            format: "",
            shape: Shape::Message { name: "multaqa.node.v1.WithdrawResponse", without: &["freshness"] },
            description: "The tombstone, queued.",
        }],
        refusals: &[
            code::CONDITION_UNSUPPORTED,
            code::COLLECTION_UNKNOWN,
            code::OBJECT_UNKNOWN,
            "ID_MALFORMED",
            "OBJECT_FOREIGN",
            "OBJECT_WITHDRAWN",
            "TEXT_EMPTY",
            "TEXT_TOO_LONG",
            "TEXT_NOT_NFC",
            "TEXT_BIDI_CONTROL",
            "TEXT_CONTROL",
            code::OUTBOX_BLOCKED,
            code::REPLICA_EMPTY,
            code::STORE_FULL,
        ],
        scope: Some("publish:KIND"),
        handler: |call| Box::pin(withdraw(call)),
    },
    Route {
        method: Verb::Get,
        path: "/v1/queue",
        operation: "listQueue",
        tag: "publishing",
        summary: "Show what became of published records",
        description: "Own records in the order of their chain: `queued`, `accepted` (on the log), `valid` (back on the own \
                      replica), `void` or `rejected`, each with its place on the log once it has one. A system sees those of the \
                      kinds that it may publish.",
        parameters: &[
            Parameter::query(
                "all",
                Form::Flag,
                "Those that hold on the log too, not only those that are open.",
                "true",
            ),
            PAGE_SIZE,
            PAGE_TOKEN,
            download::FORMAT_OF_ITEMS,
            download::LANG,
            download::MARK,
        ],
        takes: None,
        gives: &[
            Gives::json("multaqa.node.v1.QueueResponse", "A page of own records."),
            download::gives("csv"),
            download::gives("xlsx"),
            download::gives("atom"),
        ],
        refusals: &[code::PAGE_TOKEN_BAD, code::DOWNLOAD_TOO_LARGE, code::DOWNLOADS_TOO_MANY, code::DOWNLOAD_FAILED],
        scope: Some("publish:KIND"),
        handler: |call| Box::pin(queue(call)),
    },
];

async fn publish(call: Call) -> Result<Answer, Refusal> {
    let request = wire::BatchPublishRequest { records: records(&call.body)? };
    let published = call.api.batch_publish(&call.caller, request).await?;
    let queued = published.records.iter().any(|record| record.state == "queued");
    let status = if queued { StatusCode::ACCEPTED } else { StatusCode::OK };
    let body = super::json::render(call.gives.shape, &published, &Kept::All)?;
    Ok(Answer::untagged(JSON, body, published.freshness).status(status))
}

async fn check(call: Call) -> Result<Answer, Refusal> {
    let request = wire::BatchCheckRequest { records: records(&call.body)? };
    let documents = request.records.len();
    let wire::BatchCheckResponse { findings, freshness, findings_total } =
        call.api.batch_check(&call.caller, request).await?;
    let findings: Vec<_> = findings.iter().map(|finding| problem::broken_of(finding, call.lang).shown()).collect();
    let body = json!({ "documents": documents, "findings_total": findings_total, "findings": findings });
    Ok(Answer::untagged(JSON, body.to_string(), freshness))
}

async fn withdraw(call: Call) -> Result<Answer, Refusal> {
    let reason = [("ar", "reasonAr"), ("en", "reasonEn"), ("fr", "reasonFr")];
    let reason = reason.into_iter().filter_map(|(lang, name)| Some((lang.to_owned(), call.value(name)?.to_owned())));
    let request = wire::WithdrawRequest { id: call.id()?, reason: reason.collect() };
    let withdrawn = call.api.withdraw(&call.caller, request).await?;
    let body = super::json::render(call.gives.shape, &withdrawn, &Kept::All)?;
    Ok(Answer::untagged(JSON, body, withdrawn.freshness).status(StatusCode::ACCEPTED))
}

async fn queue(call: Call) -> Result<Answer, Refusal> {
    let request = wire::QueueRequest {
        page_size: call.page_size(),
        page_token: call.text("pageToken"),
        all: call.flag("all"),
        newest_first: false,
    };
    if call.gives.format != "json" {
        return download::list(&call, List::Queue(request)).await;
    }
    let queue = call.api.queue(&call.caller, request).await?;
    call.json_of(&queue, queue.freshness.clone())
}

/// The records of a body, each as its own text.
fn records(body: &[u8]) -> Result<Vec<wire::NewRecord>, Refusal> {
    let malformed = |detail: String| Refusal::new(code::BODY_MALFORMED, [("detail", detail)]);
    let parts = elements(body).unwrap_or_else(|| vec![body]);
    if parts.is_empty() {
        return Err(malformed("an empty list".to_owned()));
    }
    not_too_many(parts.len()).map_err(PublishError::from)?;
    let record = |part: &[u8]| {
        let record_json = String::from_utf8(part.to_vec()).map_err(|error| malformed(error.to_string()))?;
        Ok(wire::NewRecord { record_json, ..wire::NewRecord::default() })
    };
    parts.into_iter().map(record).collect()
}

/// The elements of a JSON list, each as its own text; none where the body, which is JSON, is no list.
fn elements(body: &[u8]) -> Option<Vec<&[u8]>> {
    let body = body.trim_ascii();
    let inner = body.strip_prefix(b"[")?.strip_suffix(b"]")?;
    let (mut parts, mut from, mut open, mut quoted, mut escaped) = (Vec::new(), 0, 0_usize, false, false);
    for (at, byte) in inner.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => open += 1,
            b']' | b'}' if !quoted => open = open.saturating_sub(1),
            b',' if !quoted && open == 0 => {
                parts.push(inner[from..at].trim_ascii());
                from = at + 1;
            }
            _ => {}
        }
    }
    let last = inner[from..].trim_ascii();
    if !last.is_empty() {
        parts.push(last);
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str) -> Option<Vec<String>> {
        let text = |part: &[u8]| String::from_utf8(part.to_vec()).unwrap();
        elements(body.as_bytes()).map(|parts| parts.into_iter().map(text).collect())
    }

    #[test]
    fn a_list_is_parted_between_its_elements_alone() {
        assert_eq!(parts(r#"{"a": 1}"#), None);
        assert_eq!(parts(" [ ] ").unwrap(), [""; 0]);
        let list = r#"[{"a": "x,]\"[,"}, [1,2], "y", 3 ]"#;
        assert_eq!(parts(list).unwrap(), [r#"{"a": "x,]\"[,"}"#, "[1,2]", "\"y\"", "3"]);
    }
}
