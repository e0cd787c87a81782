//! Errors of the node's services: `google.rpc.Status` with the stable code as `ErrorInfo.reason`, the arguments of its
//! message as metadata, and for files the first findings as `BadRequest` violations.
//!
//! Details travel as a trailer, which HTTP/2 clients bound (often at 16 KiB), so both are cut; `OutboxService.Check` gives
//! all findings. In scope: the one conversion. Out of scope: the texts (`messages`), what clients make of it (`cli`).

use std::collections::HashMap;
use std::sync::LazyLock;

use multaqa_proto::message::Catalogue;
use multaqa_proto::text::Lang;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

use crate::code;
use crate::file::Finding;
use crate::publish::PublishError;
use crate::store::StoreError;

/// Domain of the reasons.
pub const DOMAIN: &str = "multaqa.node";
/// Findings that an error carries.
const FINDINGS_MAX: usize = 16;
/// Longest text in an error's details, characters.
const TEXT_MAX: usize = 160;

/// A stable code and the arguments of its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    code: &'static str,
    args: Vec<(&'static str, String)>,
}

impl Reason {
    /// A reason.
    #[must_use]
    pub fn new(code: &'static str, args: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { code, args: args.into_iter().collect() }
    }
}

/// The texts of all rooms whose codes may be shown.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        Catalogue::new(&[
            &multaqa_proto::code::MESSAGES,
            &multaqa_runtime::code::MESSAGES,
            &multaqa_certs::code::MESSAGES,
            &code::MESSAGES,
        ])
    });
    &CATALOGUE
}

/// The status that tells a reason.
#[must_use]
pub fn status(reason: &Reason) -> Status {
    with_details(reason, ErrorDetails::new())
}

/// The status of a store's failure.
#[must_use]
pub fn store(error: &StoreError) -> Status {
    tracing::error!(%error, "a store failed");
    status(&Reason { code: error.code(), args: error.args() })
}

/// The status of a publication that did not take place.
#[must_use]
pub fn publish(error: &PublishError) -> Status {
    let reason = Reason { code: error.code(), args: error.args() };
    let mut details = ErrorDetails::new();
    match error {
        PublishError::Refused(findings) => {
            details.set_bad_request(findings.iter().take(FINDINGS_MAX).map(field_violation).collect::<Vec<_>>());
        }
        PublishError::Store(error) => return store(error),
        PublishError::Broken(_) | PublishError::Random(_) => {}
    }
    with_details(&reason, details)
}

fn with_details(reason: &Reason, mut details: ErrorDetails) -> Status {
    let Reason { code, args } = reason;
    let metadata: HashMap<String, String> = args.iter().map(|(name, value)| ((*name).to_owned(), cut(value))).collect();
    details.set_error_info(*code, DOMAIN, metadata);
    let text = catalogue().render(Lang::En, code, args).text;
    Status::with_error_details(grpc_code(code), format!("{code}: {}", cut(&text)), details)
}

/// `file:line:column: path` as the field, the rule as the reason.
fn field_violation(finding: &Finding) -> FieldViolation {
    let Finding { file, place, violation } = finding;
    let place = place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    let text = catalogue().render(Lang::En, violation.code, &violation.args).text;
    let mut field = FieldViolation::new(cut(&format!("{file}{place}: {}", violation.path)), cut(&text));
    violation.code.clone_into(&mut field.reason);
    field
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

fn grpc_code(code: &str) -> Code {
    match code {
        code::OBJECT_UNKNOWN | code::PROOF_INDEX_UNKNOWN | "APPROVAL_UNKNOWN" => Code::NotFound,
        code::APPROVAL_GIVEN => Code::AlreadyExists,
        code::FILES_REFUSED
        | code::PAGE_TOKEN_BAD
        | code::RECORDS_TOO_MANY
        | code::RECORD_ID_MALFORMED
        | "ID_MALFORMED"
        | "REQUEST_MALFORMED"
        | "FIELD_REQUIRED"
        | "LANGUAGE_UNKNOWN"
        | "TEXT_EMPTY"
        | "TEXT_TOO_LONG" => Code::InvalidArgument,
        code::STORE_FULL => Code::ResourceExhausted,
        code::STORE_FAILED
        | code::STORE_EMPTY
        | code::STORE_NOT_DATABASE
        | code::STORE_ROW_BAD
        | code::STORE_NEWER
        | code::STORE_MISSING => Code::Internal,
        code::REPLICA_EMPTY => Code::Unavailable,
        _ => Code::FailedPrecondition,
    }
}

#[cfg(test)]
mod tests {
    use crate::file::tree::Place;
    use crate::file::violation;

    use super::*;

    #[test]
    fn an_error_carries_code_arguments_and_text() {
        let status = status(&Reason::new(code::OBJECT_UNKNOWN, [("id", "JO:service:x".to_owned())]));
        let info = status.get_details_error_info().unwrap();
        assert_eq!(
            (status.code(), info.reason.as_str(), info.domain.as_str()),
            (Code::NotFound, "OBJECT_UNKNOWN", DOMAIN)
        );
        assert_eq!(info.metadata["id"], "JO:service:x");
        assert!(status.message().starts_with("OBJECT_UNKNOWN: There is no JO:service:x"), "{}", status.message());
    }

    #[test]
    fn refused_files_bring_their_first_findings_and_fit_a_trailer() {
        let long = "x".repeat(1_000);
        let finding = Finding {
            file: long.clone(),
            place: Some(Place { line: 3, column: 5 }),
            violation: violation(code::FIELD_UNKNOWN, &long, &[("nearest", &"title")]),
        };
        let status = publish(&PublishError::Refused(vec![finding; 500]));
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations.len(), FINDINGS_MAX);
        assert_eq!(violations[0].reason, "FIELD_UNKNOWN");
        assert_eq!(status.get_details_error_info().unwrap().metadata["count"], "500");
        assert!(status.details().len() * 4 / 3 < 12 * 1024, "{} bytes", status.details().len());
    }

    #[test]
    fn the_texts_of_all_rooms_can_be_read() {
        assert_eq!(catalogue().faults(), [""; 0]);
    }
}
