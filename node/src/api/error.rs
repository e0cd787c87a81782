//! Errors of the node's services: `google.rpc.Status` with the stable code as `ErrorInfo.reason`, the arguments of its
//! message as metadata, and for files the first findings as `BadRequest` violations.
//!
//! A system is told more than a program of this machine: a text in its language, the next step, when to try again, and a reason
//! also where a layer below the services refused. Details travel as a trailer, which HTTP/2 clients bound (often at 16 KiB), so
//! all are cut; `OutboxService.Check` gives all findings. In scope: the one conversion. Out of scope: the texts (`messages`), what
//! clients make of it (`cli`).

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

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

/// A status as a system is told it: with a reason, a text in this language, the next step, the field that is to blame, and when to
/// try again where that helps.
#[must_use]
pub fn for_system(status: &Status, lang: Lang) -> Status {
    let mut details = status.get_error_details();
    if details.error_info().is_none() {
        let reason = below(status);
        return for_system(&self::status(&reason), lang);
    }
    let Some(info) = details.error_info().cloned() else { return status.clone() };
    let mut args: Vec<(&str, String)> = info.metadata.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
    args.sort();
    let told = catalogue().render(lang, &info.reason, &args);
    details.set_localized_message(lang.as_str(), cut(&told.text));
    if !told.next.is_empty() {
        details.add_help_link(cut(&told.next), format!("urn:multaqa:code:{}", info.reason));
    }
    if details.bad_request().is_none()
        && let Some(field) = field_of(&info.reason, &info.metadata)
    {
        let mut violation = FieldViolation::new(field, cut(&told.text));
        violation.reason.clone_from(&info.reason);
        details.set_bad_request(vec![violation]);
    }
    if let Some(after) = retry_after(&info.reason) {
        details.set_retry_info(Some(after));
    }
    Status::with_error_details(status.code(), status.message(), details)
}

/// The reason of a status that a layer below the services gave.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are calls that failed as a whole")]
fn below(status: &Status) -> Reason {
    let detail = || [("detail", cut(status.message()))];
    match status.code() {
        Code::Unimplemented => Reason::new(code::METHOD_UNKNOWN, []),
        Code::OutOfRange | Code::ResourceExhausted => Reason::new(code::MESSAGE_TOO_LARGE, detail()),
        Code::Internal | Code::InvalidArgument => Reason::new(code::MESSAGE_MALFORMED, detail()),
        _ => Reason::new(code::NODE_CALL_FAILED, detail()),
    }
}

/// The field of the request that a rule is about.
fn field_of(code: &str, args: &HashMap<String, String>) -> Option<String> {
    match code {
        code::PAGE_TOKEN_BAD => Some("page_token".to_owned()),
        code::LIST_KIND_UNKNOWN => Some("kind".to_owned()),
        code::RECORD_ID_MALFORMED => Some("record_id".to_owned()),
        "MEMBER_UNKNOWN" => Some("member".to_owned()),
        "ID_MALFORMED" if args.get("what").is_some_and(|what| what == "member code") => Some("member".to_owned()),
        "ID_MALFORMED" => Some("id".to_owned()),
        "REQUEST_MALFORMED" => args.get("field").cloned(),
        "LANGUAGE_UNKNOWN" | "FIELD_REQUIRED" | "TEXT_EMPTY" | "TEXT_TOO_LONG" => args.get("path").cloned(),
        _ => None,
    }
}

/// When another try may come to something else.
fn retry_after(code: &str) -> Option<Duration> {
    match code {
        code::REQUESTS_TOO_MANY => Some(Duration::from_secs(1)),
        code::REPLICA_EMPTY | code::PROOF_NOT_SEALED | code::REQUEST_TOO_SLOW => Some(Duration::from_secs(5)),
        code::STORE_FULL => Some(Duration::from_mins(1)),
        _ => None,
    }
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
        code::OBJECT_UNKNOWN | code::CLIENT_UNKNOWN | code::PROOF_INDEX_UNKNOWN | "APPROVAL_UNKNOWN" => Code::NotFound,
        code::APPROVAL_GIVEN | code::CLIENT_EXISTS => Code::AlreadyExists,
        code::CLIENT_DENIED | code::CLIENT_LOCAL_ONLY => Code::PermissionDenied,
        code::CLIENT_REVOKED => Code::Unauthenticated,
        code::METHOD_UNKNOWN => Code::Unimplemented,
        code::REQUEST_TOO_SLOW => Code::DeadlineExceeded,
        code::REQUESTS_TOO_MANY | code::CLIENTS_TOO_MANY | code::MESSAGE_TOO_LARGE => Code::ResourceExhausted,
        code::CLIENT_NAME_WRONG
        | code::CLIENT_SCOPE_WRONG
        | code::MESSAGE_MALFORMED
        | "CSR_TOO_LARGE"
        | "CSR_MALFORMED"
        | "CSR_KEY_REFUSED"
        | "CSR_SIGNATURE"
        | "SYSTEM_LIFE"
        | "MEMBER_UNKNOWN"
        | code::FILES_REFUSED
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
        code::REPLICA_EMPTY | code::NODE_ENDS => Code::Unavailable,
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
    fn a_system_is_told_in_its_language_what_to_do_and_when() {
        let busy =
            Reason::new(code::REQUESTS_TOO_MANY, [("identity", "system/JO/a/b".to_owned()), ("max", "16".to_owned())]);
        let told = for_system(&status(&busy), Lang::Fr);
        let details = told.get_error_details();
        assert_eq!(told.code(), Code::ResourceExhausted);
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_secs(1)));
        let localized = details.localized_message().unwrap();
        assert_eq!(localized.locale, "fr");
        assert_ne!(localized.message, status(&busy).message());
        let link = &details.help().unwrap().links[0];
        assert_eq!(link.url, "urn:multaqa:code:REQUESTS_TOO_MANY");
        assert!(!link.description.is_empty());

        let token = Reason::new(code::PAGE_TOKEN_BAD, [("value", "*".to_owned())]);
        let details = for_system(&status(&token), Lang::Ar).get_error_details();
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, "page_token");
        assert!(details.retry_info().is_none());
    }

    #[test]
    fn what_a_layer_below_refused_has_a_reason_too() {
        let told = |code| for_system(&Status::new(code, "as the layer says it"), Lang::En);
        let reason = |status: &Status| status.get_details_error_info().unwrap().reason;
        let unknown = told(Code::Unimplemented);
        assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::Unimplemented, "METHOD_UNKNOWN"));
        assert_eq!(reason(&told(Code::OutOfRange)), "MESSAGE_TOO_LARGE");
        let malformed = told(Code::Internal);
        assert_eq!((malformed.code(), reason(&malformed).as_str()), (Code::InvalidArgument, "MESSAGE_MALFORMED"));
        assert_eq!(reason(&told(Code::Unknown)), "NODE_CALL_FAILED");
    }

    #[test]
    fn the_longest_error_fits_a_trailer_in_every_language() {
        let finding = Finding {
            file: "x".repeat(1_000),
            place: None,
            violation: violation(code::FIELD_UNKNOWN, &"ع".repeat(500), &[("nearest", &"title")]),
        };
        for lang in Lang::ALL {
            let told = for_system(&publish(&PublishError::Refused(vec![finding.clone(); 500])), lang);
            assert!(told.details().len() * 4 / 3 < 14 * 1024, "{lang}: {} bytes", told.details().len());
        }
    }

    #[test]
    fn the_texts_of_all_rooms_can_be_read() {
        assert_eq!(catalogue().faults(), [""; 0]);
    }
}
