//! How a call is refused: a gRPC status with `google.rpc.ErrorInfo` (reason = code, domain = "multaqa", metadata = arguments).
//!
//! In scope: the form, and the refusals that several endpoints share. Out of scope: those of one endpoint (its own file),
//! texts (`messages/`).

use std::collections::HashMap;
use std::fmt;

use multaqa_proto::id::{MemberCode, Writer};
use multaqa_proto::number::LogNumber;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::code::DOMAIN;
use crate::fanout::FanoutError;
use crate::log::LogError;
use crate::registry::Caller;
use crate::store::StoreError;

/// Longest argument that is sent, characters: details travel in a header.
const ARGUMENT_MAX: usize = 200;

/// A refused call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    grpc: Code,
    code: &'static str,
    args: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(super) const fn new(grpc: Code, code: &'static str, args: Vec<(&'static str, String)>) -> Self {
        Self { grpc, code, args }
    }
    pub(super) fn no_caller() -> Self {
        Self::new(Code::Unauthenticated, "CALLER_UNKNOWN", Vec::new())
    }
    pub(super) fn caller_not_allowed(caller: &Caller, service: &'static str) -> Self {
        let args = vec![("peer", caller.identity().to_string()), ("service", service.to_owned())];
        Self::new(Code::PermissionDenied, "CALLER_NOT_ALLOWED", args)
    }
    pub(super) fn past_life(caller: &Caller) -> Self {
        Self::new(Code::PermissionDenied, "CERTIFICATE_PAST_LIFE", vec![("peer", caller.identity().to_string())])
    }
    pub(super) fn unproven(caller: &Caller) -> Self {
        Self::new(Code::PermissionDenied, "CERTIFICATE_UNPROVEN", vec![("node", caller.identity().to_string())])
    }
    pub(super) fn malformed(field: &'static str) -> Self {
        Self::new(Code::InvalidArgument, "REQUEST_MALFORMED", vec![("field", field.to_owned())])
    }
    pub(super) fn log_unknown(asked: u64, current: LogNumber) -> Self {
        let args = vec![("asked", asked.to_string()), ("current", current.to_string())];
        Self::new(Code::FailedPrecondition, "LOG_UNKNOWN", args)
    }
    pub(super) fn hub_behind(cursor: u64, size: u64) -> Self {
        let args = vec![("cursor", cursor.to_string()), ("size", size.to_string())];
        Self::new(Code::FailedPrecondition, "HUB_BEHIND", args)
    }
    pub(super) fn member_suspended(member: &MemberCode) -> Self {
        Self::new(Code::PermissionDenied, "MEMBER_SUSPENDED", vec![("member", member.to_string())])
    }
    pub(super) fn key_suspended(node: &Writer) -> Self {
        Self::new(Code::PermissionDenied, "KEY_SUSPENDED", vec![("writer", node.to_string())])
    }
    pub(super) fn too_many_streams(node: &Writer) -> Self {
        Self::new(Code::ResourceExhausted, "STREAMS_TOO_MANY", vec![("node", node.to_string())])
    }
    pub(super) fn draining() -> Self {
        Self::new(Code::Unavailable, "HUB_DRAINING", Vec::new())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)?;
        self.args.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let Refusal { grpc, code, args } = refusal;
        let cut = |value: String| value.chars().take(ARGUMENT_MAX).collect::<String>();
        let metadata: HashMap<String, String> =
            args.into_iter().map(|(name, value)| (name.to_owned(), cut(value))).collect();
        Self::with_error_details(grpc, code, ErrorDetails::with_error_info(code, DOMAIN, metadata))
    }
}

/// The hub's own failure, told to the peer by its code alone.
fn own_failure(grpc: Code, code: &'static str, args: Vec<(&'static str, String)>) -> Refusal {
    tracing::error!(code, ?args, "a call failed");
    Refusal::new(grpc, code, args)
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        own_failure(Code::Internal, error.code(), error.args())
    }
}

impl From<LogError> for Refusal {
    fn from(error: LogError) -> Self {
        own_failure(Code::Unavailable, error.code(), error.args())
    }
}

impl From<FanoutError> for Refusal {
    fn from(error: FanoutError) -> Self {
        match &error {
            FanoutError::CursorUnknown(_) => Self::new(Code::FailedPrecondition, error.code(), error.args()),
            FanoutError::Store(_) => own_failure(Code::Internal, error.code(), error.args()),
        }
    }
}
