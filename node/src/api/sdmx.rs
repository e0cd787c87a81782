//! SDMX REST 2.2 over the replica: structures, figures, and which figures there are.
//!
//! | route | answer |
//! |---|---|
//! | `/sdmx/structure/{artefactType}/{agencyID}/{resourceID}/{version}[/{itemID}]` | SDMX-JSON 2.0 structure message |
//! | `/sdmx/schema/{context}/{agencyID}/{resourceID}/{version}` | SDMX-JSON 2.0 structure message |
//! | `/sdmx/data/{context}/{agencyID}/{resourceID}/{version}/{key}` | SDMX-JSON 2.0 or SDMX-CSV 2.0 |
//! | `/sdmx/availability/{context}/{agencyID}/{resourceID}/{version}/{key}/{componentID}` | SDMX-JSON 2.0 structure message |
//!
//! # What is modelled how
//! - One data structure `MULTAQA:FIGURES(1.0.0)` for all figures, and one dataflow for each indicator. All figures of the network have the
//!   same key (indicator, area, period, breakdown, provider), so more structures would be copies of one another; and who looks for a
//!   figure looks for its indicator, which is what a dataflow is listed by. The record `x-escwa:indicator:egdi` is `Dataflow=x-escwa:egdi(1.0.0)`.
//! - The provider is a dimension: what a state publishes never stands in the place of what an international body publishes.
//! - Agency ids are member codes, and `MULTAQA` for what comes with the program. Slugs are resource ids. A dot, which would nest agencies,
//!   is written `_`, which neither holds otherwise (`code`).
//! - Versions are `1.0.0`, stable as SDMX means it for what a client rests on: components, their order, the meaning of a code. Only the code
//!   lists of figures take up codes, and dataflows names, as the log brings them, under the same version: a version for each entry of the log
//!   would be gone before a client that was told it comes back, and clients resolve references by the exact version. Code lists of the
//!   federation have a version for each revision (`lists`); schemes of organisations `1.0`, as SDMX fixes it, which `+` does not find.
//! - Values keep the digits as published: `OBS_VALUE` is a decimal, which SDMX-JSON writes as a string. No value is no zero: `null`, or an
//!   empty cell, and `OBS_STATUS` says why.
//! - Where two datasets of one provider hold a figure for the same key, the one that the log took last is given.
//! - Figures of an indicator that this replica does not hold have no dataflow, so they are not given here, nor is told that they went.
//! - `asOf` gives figures as they stood (`data::past`): the log keeps every revision of a dataset, but for one that was withdrawn.
//! - `updatedAfter` gives the figures of datasets that changed since, and what was taken away (`data::changes`).
//!
//! # What is not there
//! `includeHistory=true`, `asOf` of structures, or of figures together with `updatedAfter`, `reportingYearStartDay`, metadata and
//! registrations are answered 501, as the standard has it for what a service does not have: a history would have gaps where a dataset
//! was withdrawn, since its content is erased everywhere. The standard has no `updatedAfter` for structures, so that an indicator was withdrawn is not told; provision agreements and other types of artefacts are known and there are none. An answer of more than one page of
//! the replica may hold what came in while it was read.
//!
//! In scope: what is asked, as the standard writes it, and messages. Out of scope: HTTP (`rest`), the queries (`replica::figures`), who may
//! read (`caller`).

mod accept;
mod availability;
mod catalogue;
mod code;
pub(crate) mod component;
mod data;
mod decimal;
mod filter;
mod key;
mod lists;
mod message;
mod modified;
mod names;
mod period;
mod query;
mod refused;
mod request;
mod schema;
mod sort;
mod structure;
mod version;

use bytes::Bytes;
use multaqa_proto::text::Lang;
use multaqa_proto::wire::node::Freshness;
use tokio_stream::wrappers::ReceiverStream;

use super::refusal::Refusal;
use super::{Api, caller};
use crate::clients::authorise::{Asked, Caller};
pub(crate) use catalogue::Kept;
use request::Request;

/// An answer, for whatever carries it.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its media type.
    pub(crate) media_type: &'static str,
    /// The language of the names that stand alone.
    pub(crate) lang: Lang,
    /// The message.
    pub(crate) body: Body,
    /// How old it is.
    pub(crate) freshness: Freshness,
}

/// A message.
#[derive(Debug)]
pub(crate) enum Body {
    /// All of it.
    Whole(Bytes),
    /// A long one, made as it is taken. An error is its end before its time.
    Pieces(Pieces),
}

/// The pieces of a message.
pub(crate) type Pieces = ReceiverStream<Result<Bytes, std::io::Error>>;

impl Api {
    /// Answers a request: the path after `/sdmx/`, the query string, and `Accept`.
    ///
    /// # Errors
    /// What the resources say, `MEDIA_NOT_OFFERED`, and the denial of a caller who may not read figures or what they mean.
    pub(crate) async fn sdmx(
        &self,
        caller: &Caller,
        path: &str,
        query: Option<&str>,
        accept: Option<&str>,
        lang: Lang,
    ) -> Result<Answer, Refusal> {
        self.must_serve()?;
        let request = request::read(path, query)?;
        let (kind, offered) = match &request {
            Request::Structure(_) | Request::Schema(_) => ("indicator", accept::STRUCTURES),
            Request::Availability(_) => ("dataset", accept::STRUCTURES),
            Request::Data(_) => ("dataset", accept::DATA),
        };
        caller::may(caller, &Asked::Read { kind: Some(kind), resource: &format!("/sdmx/{path}") })?;
        // What constraints refer to are structures.
        if let Request::Availability(query) = &request
            && query.references.iter().any(|reference| reference != "none")
        {
            caller::may(caller, &Asked::Read { kind: Some("indicator"), resource: &format!("/sdmx/{path}") })?;
        }
        let format = accept::negotiate(accept, offered)?;
        let body = match request {
            Request::Structure(query) => written(&self.structures(caller, &query, lang).await?),
            Request::Schema(query) => written(&self.schema(caller, &query, lang).await?),
            Request::Availability(query) => written(&self.availability(caller, query, lang).await?),
            Request::Data(query) => self.figures(caller, query, format, lang).await?,
        };
        Ok(Answer { media_type: format.media_type(), lang, body, freshness: self.served()? })
    }
}

#[expect(clippy::expect_used, reason = "every key of a message is text, and memory takes all that is written")]
fn written(message: &message::Message) -> Body {
    Body::Whole(serde_json::to_vec(message).expect("a message has a JSON form").into())
}

/// Whether the path after `/sdmx/` and the query are a request: for tests of the table and `port::fuzz`.
///
/// # Errors
/// What SDMX REST answers with 400, 404 and 501.
pub(crate) fn reads(path: &str, query: Option<&str>) -> Result<(), Refusal> {
    request::read(path, query).map(drop)
}

#[cfg(test)]
pub(crate) mod tests;
