//! Refusals as gRPC errors: `google.rpc.Status` with the stable code as `ErrorInfo.reason`, the arguments of its message as
//! metadata, and for files the first findings as `BadRequest` violations.
//!
//! A system is told more than a program of this machine: a text in its language, the next step, when to try again, and a reason
//! also where a layer below the services refused. Details travel as a trailer, which HTTP/2 clients bound (often at 16 KiB), so
//! all are cut; `OutboxService.Check` gives all findings. In scope: the one conversion. Out of scope: what a code means
//! (`refusal`), the texts (`messages`), what clients make of it (`cli`).

use std::collections::HashMap;

use multaqa_proto::text::Lang;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

use crate::api::refusal::{Category, Refusal, catalogue, field_of, retry_after};
use crate::code;
use crate::file::Finding;

/// Domain of the reasons.
pub(crate) const DOMAIN: &str = "multaqa.node";
/// Findings that an error carries.
const FINDINGS_MAX: usize = 16;
/// Longest text in an error's details, characters.
const TEXT_MAX: usize = 160;
/// Longest argument of a message, characters: the names of all facets are one.
const ARGUMENT_MAX: usize = 400;

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let mut details = ErrorDetails::new();
        if !refusal.findings.is_empty() {
            details
                .set_bad_request(refusal.findings.iter().take(FINDINGS_MAX).map(field_violation).collect::<Vec<_>>());
        }
        let metadata: HashMap<String, String> =
            refusal.args.iter().map(|(name, value)| ((*name).to_owned(), shortened(value, ARGUMENT_MAX))).collect();
        details.set_error_info(refusal.code, DOMAIN, metadata);
        let text = refusal.told(Lang::En).text;
        let code = grpc_code(refusal.category());
        Self::with_error_details(code, format!("{}: {}", refusal.code, cut(&text)), details)
    }
}

/// A status as a system is told it: with a reason, a text in this language, the next step, the field that is to blame, and when to
/// try again where that helps.
#[must_use]
pub(in crate::port) fn for_system(status: &Status, lang: Lang) -> Status {
    let mut details = status.get_error_details();
    let Some(info) = details.error_info().cloned() else {
        return for_system(&below(status).into(), lang);
    };
    let mut args: Vec<(&str, String)> = info.metadata.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
    args.sort();
    let told = catalogue().render(lang, &info.reason, &args);
    details.set_localized_message(lang.as_str(), cut(&told.text));
    if !told.next.is_empty() {
        details.add_help_link(cut(&told.next), format!("urn:multaqa:code:{}", info.reason));
    }
    if details.bad_request().is_none()
        && let Some(field) = field_of(&info.reason, |name| info.metadata.get(name).map(String::as_str))
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
fn below(status: &Status) -> Refusal {
    let detail = || [("detail", cut(status.message()))];
    match status.code() {
        // What there is not has no words; the layer that reads messages says which coding it does not read.
        Code::Unimplemented if !status.message().is_empty() => Refusal::new(code::CODING_UNSUPPORTED, detail()),
        Code::Unimplemented => Refusal::new(code::METHOD_UNKNOWN, []),
        Code::OutOfRange | Code::ResourceExhausted => Refusal::new(code::MESSAGE_TOO_LARGE, detail()),
        Code::Internal | Code::InvalidArgument => Refusal::new(code::MESSAGE_MALFORMED, detail()),
        _ => Refusal::new(code::NODE_CALL_FAILED, detail()),
    }
}

/// `file:line:column: path`, or the path where there is no file, as the field; the rule as the reason.
fn field_violation(finding: &Finding) -> FieldViolation {
    let Finding { file, place, violation } = finding;
    let place = place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    let text = catalogue().render(Lang::En, violation.code, &violation.args).text;
    let at = if file.is_empty() { violation.path.clone() } else { format!("{file}{place}: {}", violation.path) };
    let mut field = FieldViolation::new(cut(&at), cut(&text));
    violation.code.clone_into(&mut field.reason);
    field
}

fn cut(text: &str) -> String {
    shortened(text, TEXT_MAX)
}

/// A text of at most so many characters, which shows that it is not whole.
fn shortened(text: &str, max: usize) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    text.chars().take(max - 1).chain(['…']).collect()
}

fn grpc_code(category: Category) -> Code {
    match category {
        Category::Invalid => Code::InvalidArgument,
        Category::Unknown => Code::Unauthenticated,
        Category::Denied => Code::PermissionDenied,
        Category::Missing => Code::NotFound,
        Category::Exists => Code::AlreadyExists,
        Category::Precondition => Code::FailedPrecondition,
        Category::Exhausted => Code::ResourceExhausted,
        Category::TooSlow => Code::DeadlineExceeded,
        Category::Unimplemented => Code::Unimplemented,
        Category::Unavailable => Code::Unavailable,
        Category::Internal => Code::Internal,
    }
}

#[cfg(test)]
mod tests {
    use crate::file::Place;
    use std::time::Duration;

    use crate::file::violation;
    use crate::publish::PublishError;

    use super::*;

    #[test]
    fn an_error_carries_code_arguments_and_text() {
        let status = Status::from(Refusal::new(code::OBJECT_UNKNOWN, [("id", "JO:service:x".to_owned())]));
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
        let status = Status::from(Refusal::from(PublishError::Refused(vec![finding; 500])));
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations.len(), FINDINGS_MAX);
        assert_eq!(violations[0].reason, "FIELD_UNKNOWN");
        assert_eq!(status.get_details_error_info().unwrap().metadata["count"], "500");
        assert!(status.details().len() * 4 / 3 < 12 * 1024, "{} bytes", status.details().len());
    }

    #[test]
    fn a_system_is_told_in_its_language_what_to_do_and_when() {
        let busy =
            Refusal::new(code::REQUESTS_TOO_MANY, [("identity", "system/JO/a/b".to_owned()), ("max", "16".to_owned())]);
        let told = for_system(&Status::from(busy.clone()), Lang::Fr);
        let details = told.get_error_details();
        assert_eq!(told.code(), Code::ResourceExhausted);
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_secs(1)));
        let localized = details.localized_message().unwrap();
        assert_eq!(localized.locale, "fr");
        assert_ne!(localized.message, Status::from(busy.clone()).message());
        let link = &details.help().unwrap().links[0];
        assert_eq!(link.url, "urn:multaqa:code:REQUESTS_TOO_MANY");
        assert!(!link.description.is_empty());

        let token = Refusal::new(code::PAGE_TOKEN_BAD, [("value", "*".to_owned())]);
        let details = for_system(&Status::from(token), Lang::Ar).get_error_details();
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, "page_token");
        assert!(details.retry_info().is_none());
    }

    #[test]
    fn what_a_layer_below_refused_has_a_reason_too() {
        let told = |code, message: &str| for_system(&Status::new(code, message), Lang::En);
        let reason = |status: &Status| status.get_details_error_info().unwrap().reason;
        let unknown = told(Code::Unimplemented, "");
        assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::Unimplemented, "METHOD_UNKNOWN"));
        let compressed = told(Code::Unimplemented, "Content is compressed with `gzip` which isn't supported");
        assert_eq!((compressed.code(), reason(&compressed).as_str()), (Code::Unimplemented, "CODING_UNSUPPORTED"));
        let told = |code| told(code, "as the layer says it");
        assert_eq!(reason(&told(Code::OutOfRange)), "MESSAGE_TOO_LARGE");
        let malformed = told(Code::Internal);
        assert_eq!((malformed.code(), reason(&malformed).as_str()), (Code::InvalidArgument, "MESSAGE_MALFORMED"));
        assert_eq!(reason(&told(Code::Unknown)), "NODE_CALL_FAILED");
    }

    #[test]
    fn what_is_cut_says_so_and_the_facets_are_whole() {
        let (facets, long) = (crate::port::rest::filter::facets().join(", "), "ع".repeat(ARGUMENT_MAX + 1));
        let args = [("facet", long), ("nearest", "none".to_owned()), ("facets", facets.clone())];
        let told = for_system(&Status::from(Refusal::new(code::SEARCH_FACET_UNKNOWN, args)), Lang::Ar);
        let metadata = told.get_details_error_info().unwrap().metadata;
        assert_eq!(metadata["facets"], facets);
        assert!(metadata["facet"].ends_with("عع…") && metadata["facet"].chars().count() == ARGUMENT_MAX);
    }

    #[test]
    fn the_longest_error_fits_a_trailer_in_every_language() {
        let finding = Finding {
            file: "x".repeat(1_000),
            place: None,
            violation: violation(code::FIELD_UNKNOWN, &"ع".repeat(500), &[("nearest", &"title")]),
        };
        for lang in Lang::ALL {
            let told =
                for_system(&Status::from(Refusal::from(PublishError::Refused(vec![finding.clone(); 500]))), lang);
            assert!(told.details().len() * 4 / 3 < 14 * 1024, "{lang}: {} bytes", told.details().len());
        }
    }
}
