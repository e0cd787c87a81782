//! Why a request is refused: a stable code with the arguments of its message, and for files what they break.
//!
//! The one registry of what systems may be told: what a code means to a client of whatever protocol (`Category`), the field that
//! is to blame, when another try may help. In scope: that table. Out of scope: the texts (`messages`), what it looks like to a
//! gRPC client (`grpc::error`) or to an HTTP client (`rest::problem`).

use std::sync::LazyLock;
use std::time::Duration;

use multaqa_proto::message::{Catalogue, Rendered};
use multaqa_proto::text::Lang;

use crate::clients::ClientError;
use crate::code;
use crate::file::Finding;
use crate::publish::PublishError;
use crate::replica::ProofError;
use crate::search::SearchError;
use crate::store::StoreError;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) args: Vec<(&'static str, String)>,
    /// What files break; none where the refusal is not about files.
    pub(crate) findings: Vec<Finding>,
}

/// What a code means to a client, whatever it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    /// The request breaks a rule; the same request never works.
    Invalid,
    /// Nobody knows who asks, or it may come in no more.
    Unknown,
    /// Who asks may not.
    Denied,
    /// There is no such thing.
    Missing,
    /// There is one already.
    Exists,
    /// Not as things stand; somebody has to do something first.
    Precondition,
    /// Too much, too many or too large.
    Exhausted,
    /// It took too long.
    TooSlow,
    /// No such method.
    Unimplemented,
    /// Not at the moment; another try may work.
    Unavailable,
    /// The node's own fault.
    Internal,
}

impl Refusal {
    /// A refusal that is not about files.
    #[must_use]
    pub(crate) fn new(code: &'static str, args: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self { code, args: args.into_iter().collect(), findings: Vec::new() }
    }

    /// Its text, and what to do next.
    #[must_use]
    pub(crate) fn told(&self, lang: Lang) -> Rendered {
        catalogue().render(lang, self.code, &self.args)
    }

    /// See [`Category`].
    #[must_use]
    pub(crate) fn category(&self) -> Category {
        category(self.code)
    }
}

/// The field of the request that a rule is about; none where it is about none, or about the request as a whole.
pub(crate) fn field_of<'a>(code: &str, arg: impl Fn(&str) -> Option<&'a str>) -> Option<&'a str> {
    match code {
        code::PAGE_TOKEN_BAD => Some("page_token"),
        code::FIELD_PATH_UNKNOWN => Some("read_mask"),
        code::ORDER_UNKNOWN => Some("order_by"),
        code::POSITION_NOT_REACHED => Some("min_position"),
        code::LIST_KIND_UNKNOWN => Some("kind"),
        code::RECORD_ID_MALFORMED => Some("record_id"),
        code::SDMX_PAST_ERASED => Some("as_of"),
        code::SEARCH_TEXT_TOO_LONG | code::SEARCH_WORDS_TOO_MANY => Some("text"),
        code::SEARCH_FILTERS_TOO_MANY | code::SEARCH_FACET_UNKNOWN | code::SEARCH_VALUE_UNKNOWN => Some("filters"),
        "MEMBER_UNKNOWN" => Some("member"),
        "ID_MALFORMED" if arg("what") == Some("member code") => Some("member"),
        "ID_MALFORMED" => Some("id"),
        "REQUEST_MALFORMED" => arg("field"),
        "LANGUAGE_UNKNOWN" | "FIELD_REQUIRED" | "TEXT_EMPTY" | "TEXT_TOO_LONG" | "TEXT_NOT_NFC"
        | "TEXT_BIDI_CONTROL" | "TEXT_CONTROL" => arg("path"),
        _ => None,
    }
}

/// When another try may come to something else.
pub(crate) fn retry_after(code: &str) -> Option<Duration> {
    match code {
        code::REQUESTS_TOO_MANY | code::POSITION_NOT_REACHED => Some(Duration::from_secs(1)),
        code::REPLICA_EMPTY
        | code::REPLICA_STARTING
        | code::SEARCH_REBUILDING
        | code::PROOF_NOT_SEALED
        | code::WATCHES_TOO_MANY
        | code::DOWNLOADS_TOO_MANY
        | code::REQUEST_TOO_SLOW => Some(Duration::from_secs(5)),
        code::STORE_FULL => Some(Duration::from_mins(1)),
        _ => None,
    }
}

fn category(code: &str) -> Category {
    match code {
        code::ROUTE_UNKNOWN
        | code::COLLECTION_UNKNOWN
        | code::OBJECT_UNKNOWN
        | code::SDMX_NOTHING_FOUND
        | code::CLIENT_UNKNOWN
        | code::PROOF_INDEX_UNKNOWN
        | "APPROVAL_UNKNOWN" => Category::Missing,
        code::APPROVAL_GIVEN | code::CLIENT_EXISTS | "SYSTEMS_CA_OVERLAP" => Category::Exists,
        code::CLIENT_DENIED | code::CLIENT_LOCAL_ONLY => Category::Denied,
        code::CLIENT_REVOKED => Category::Unknown,
        code::METHOD_UNKNOWN | code::CODING_UNSUPPORTED | code::METHOD_NOT_ALLOWED | code::SDMX_NOT_IMPLEMENTED => {
            Category::Unimplemented
        }
        code::REQUEST_TOO_SLOW | code::BODY_TOO_SLOW => Category::TooSlow,
        code::REQUESTS_TOO_MANY
        | code::DOWNLOADS_TOO_MANY
        | code::WATCHES_TOO_MANY
        | code::CLIENTS_TOO_MANY
        | code::SDMX_ANSWER_TOO_LARGE
        | code::MESSAGE_TOO_LARGE
        | code::STORE_FULL => Category::Exhausted,
        code::DOWNLOAD_FAILED => Category::Internal,
        code::SDMX_MALFORMED
        | code::SDMX_COMPONENT_UNKNOWN
        | code::SDMX_CHANGES_UNTOLD
        | code::SDMX_PAST_ERASED
        | code::CLIENT_NAME_WRONG
        | code::DOWNLOAD_TOO_LARGE
        | code::FORMAT_NOT_OF_KIND
        | code::CLIENT_SCOPE_WRONG
        | code::MESSAGE_MALFORMED
        | code::PARAMETER_UNKNOWN
        | code::PARAMETER_WRONG
        | code::PARAMETER_REPEATED
        | code::PARAMETER_MISSING
        | code::MEDIA_NOT_OFFERED
        | code::MEDIA_UNSUPPORTED
        | code::BODY_MALFORMED
        | code::BODY_UNEXPECTED
        | code::TARGET_TOO_LONG
        | code::HEADERS_TOO_LARGE
        | "CSR_TOO_LARGE"
        | "CSR_MALFORMED"
        | "CSR_KEY_REFUSED"
        | "CSR_SIGNATURE"
        | "SYSTEM_LIFE"
        | "MEMBER_UNKNOWN"
        | code::FILES_REFUSED
        | code::PAGE_TOKEN_BAD
        | code::LIST_KIND_UNKNOWN
        | code::FIELD_PATH_UNKNOWN
        | code::ORDER_UNKNOWN
        | code::RECORDS_TOO_MANY
        | code::RECORDS_REFUSED
        | code::SEARCH_TEXT_TOO_LONG
        | code::SEARCH_WORDS_TOO_MANY
        | code::SEARCH_FILTERS_TOO_MANY
        | code::SEARCH_FACET_UNKNOWN
        | code::SEARCH_VALUE_UNKNOWN
        | code::RECORD_ID_MALFORMED
        | "ID_MALFORMED"
        | "REQUEST_MALFORMED"
        | "FIELD_REQUIRED"
        | "LANGUAGE_UNKNOWN"
        | "TEXT_EMPTY"
        | "TEXT_TOO_LONG"
        | "TEXT_NOT_NFC"
        | "TEXT_BIDI_CONTROL"
        | "TEXT_CONTROL" => Category::Invalid,
        code::SEARCH_FAILED
        | code::STORE_FAILED
        | code::STORE_EMPTY
        | code::STORE_NOT_DATABASE
        | code::STORE_ROW_BAD
        | code::STORE_NEWER
        | code::STORE_MISSING => Category::Internal,
        code::REPLICA_EMPTY | code::SEARCH_REBUILDING | code::POSITION_NOT_REACHED | code::NODE_ENDS => {
            Category::Unavailable
        }
        _ => Category::Precondition,
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a store failed");
        Self::new(error.code(), error.args())
    }
}

impl From<PublishError> for Refusal {
    fn from(error: PublishError) -> Self {
        let (code, args) = (error.code(), error.args());
        match error {
            PublishError::Refused(findings) => Self { findings, ..Self::new(code, args) },
            PublishError::Store(error) => error.into(),
            PublishError::Broken(_) | PublishError::Random(_) => Self::new(code, args),
        }
    }
}

impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Self {
        if let ClientError::Store(error) = error {
            return error.into();
        }
        Self::new(error.code(), error.args())
    }
}

impl From<SearchError> for Refusal {
    fn from(error: SearchError) -> Self {
        if let SearchError::Failed { detail } = &error {
            tracing::error!(detail, "the search index failed");
        }
        Self::new(error.code(), error.args())
    }
}

impl From<ProofError> for Refusal {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Store(error) => error.into(),
            error @ (ProofError::Unknown { .. }
            | ProofError::NotSealed { .. }
            | ProofError::TooLarge
            | ProofError::Bad(_)) => Self::new(error.code(), error.args()),
        }
    }
}

/// The texts of all rooms whose codes may be shown.
#[must_use]
pub(crate) fn catalogue() -> &'static Catalogue {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_all_rooms_can_be_read() {
        assert_eq!(catalogue().faults(), [""; 0]);
    }

    #[test]
    fn a_code_names_the_field_that_is_to_blame() {
        let with = |wanted: &'static str, value: &'static str| move |name: &str| (name == wanted).then_some(value);
        assert_eq!(field_of("ID_MALFORMED", with("what", "member code")), Some("member"));
        assert_eq!(field_of("ID_MALFORMED", with("what", "object id")), Some("id"));
        assert_eq!(field_of("LANGUAGE_UNKNOWN", with("path", "reason")), Some("reason"));
        assert_eq!(field_of(code::REQUESTS_TOO_MANY, with("path", "reason")), None);
    }
}
