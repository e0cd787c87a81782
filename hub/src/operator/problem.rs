//! What a verb failed with: a code with its arguments, from any room or from the hub, ready to be rendered.
//!
//! In scope: the conversions. Out of scope: texts and language (`cli`).

use std::fmt;

use multaqa_certs::authority::AuthorityError;
use multaqa_certs::client::DialError;
use multaqa_certs::name::NameError;
use multaqa_certs::random::RandomError;
use multaqa_certs::setup::SetupError;
use multaqa_certs::store::StoreError as FileError;
use multaqa_certs::verify::VerifyError;
use multaqa_certs::word::HubSays;
use multaqa_proto::check::Violation;
use multaqa_proto::id::IdError;
use multaqa_proto::record::form::FormError;
use multaqa_runtime::fault::Fault;
use tonic::Status;
use tonic_types::StatusExt as _;

use super::chain::ChainRefused;
use crate::store::StoreError;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: String,
    /// Arguments of the code's message.
    pub args: Vec<(String, String)>,
    /// Further problems of the same input.
    pub also: Vec<Self>,
}

impl Problem {
    /// A code of this room with its arguments.
    #[must_use]
    pub fn new(code: &'static str, args: &[(&'static str, &dyn fmt::Display)]) -> Self {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
        Self { code: code.to_owned(), args, also: Vec::new() }
    }
    /// The hub answered something that the protocol does not allow.
    #[must_use]
    pub fn hub_answer(detail: &'static str) -> Self {
        Self::new("HUB_ANSWER_WRONG", &[("detail", &detail)])
    }
    /// The hub did not order a record.
    #[must_use]
    pub fn rejected(code: String, args: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut args: Vec<_> = args.into_iter().collect();
        args.sort();
        Self { code, args, also: Vec::new() }
    }
    /// All violations of a payload as one problem.
    ///
    /// # Errors
    /// Where there is one.
    pub fn of_violations(violations: Vec<Violation>) -> Result<(), Self> {
        let problem = |violation: Violation| Self::of(violation.code, violation.args);
        let mut problems = violations.into_iter().map(problem);
        match problems.next() {
            None => Ok(()),
            Some(first) => Err(Self { also: problems.collect(), ..first }),
        }
    }

    pub(super) fn of(code: &str, args: Vec<(&'static str, String)>) -> Self {
        let args = args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { code: code.to_owned(), args, also: Vec::new() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        self.args.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}
impl std::error::Error for Problem {}

macro_rules! from_coded {
    ($($error:ty),*) => {$(
        impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                Self::of(error.code(), error.args())
            }
        }
    )*};
}
from_coded!(
    FileError,
    AuthorityError,
    NameError,
    VerifyError,
    SetupError,
    DialError,
    RandomError,
    FormError,
    StoreError,
    ChainRefused
);

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::of(fault.code, fault.args)
    }
}
impl From<IdError> for Problem {
    fn from(IdError { what, value, rule }: IdError) -> Self {
        Self::new(IdError::CODE, &[("what", &what), ("value", &value), ("rule", &rule)])
    }
}
impl From<Status> for Problem {
    /// The hub's own code; its word on our certificate; else what the transport says.
    fn from(status: Status) -> Self {
        if let Some(info) = status.get_details_error_info().filter(|info| info.domain == crate::code::DOMAIN) {
            return Self::rejected(info.reason, info.metadata);
        }
        if let Some(says) = HubSays::of(&status) {
            return Self::of(says.code(), says.args());
        }
        Self::new("HUB_CALL_FAILED", &[("detail", &format!("{:?}: {}", status.code(), status.message()))])
    }
}
