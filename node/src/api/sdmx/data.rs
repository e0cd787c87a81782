//! Figures: from the replica page by page, through what was asked, into the answer as it is read.
//!
//! | stage | holds at most |
//! |---|---|
//! | `source` | a page, and the figures of one period |
//! | `group` | whole areas where figures go into series, else no more than the source |
//! | writers | the codes that occurred, for the structures at the end of SDMX-JSON |
//! | the answer | two pieces, until the client takes them |

mod changes;
mod csv;
mod figure;
mod group;
mod json;
mod past;
mod source;

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use multaqa_proto::text::Lang;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::super::Api;
use super::super::refusal::Refusal;
use super::Body;
use super::accept::Format;
use super::catalogue::{Catalogue, Flow};
use super::component::Component;
use super::message::Schema;
use super::refused;
use super::request::data::DataQuery;
use super::request::selection::{Context, Selection};
use super::structure::artefact::{AGENCY, STRUCTURE};
use crate::clients::authorise::Caller;
use changes::Changes;
pub(super) use figure::Figure;
pub(super) use group::{Groups, Keep};
use past::Past;
pub(super) use source::{Action, Batch, Source};

/// Bytes up to which an answer is given in one piece.
const WHOLE: usize = 256 * 1024;
/// Bytes of a piece of a longer one.
const PIECE: usize = 64 * 1024;

/// Writes batches of figures.
enum Writer {
    Csv(csv::Csv),
    Json(Box<json::Json>),
}

impl Writer {
    fn put(&mut self, batch: &Batch, out: &mut Vec<u8>) {
        match self {
            Self::Csv(csv) => csv.put(batch, out),
            Self::Json(json) => json.put(batch, out),
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Csv(_) => {}
            Self::Json(json) => json.end(out),
        }
    }
}

impl Api {
    /// The figures that a query finds.
    ///
    /// # Errors
    /// `SDMX_NOTHING_FOUND`, or what reading the replica runs into before the answer begins. What comes later ends the answer early.
    pub(super) async fn figures(
        &self,
        caller: &Caller,
        query: DataQuery,
        format: Format,
        lang: Lang,
    ) -> Result<Body, Refusal> {
        let catalogue = Arc::new(self.catalogue(caller).await?);
        let DataQuery { selection, first, last, at_observation, attributes, measures, offset, limit, sort } = query;
        let pack = Pack { at_observation, attributes, measures, against: selection.context };
        let keep = Keep { first, last, at_observation, keys_only: pack.keys_only(), offset, limit, sort };
        let source = self.source(selection, &catalogue, first.is_none() && last.is_none()).await?;
        let series = matches!(format, Format::Json);
        let mut groups = Groups::new(source, keep, series);
        let Some(batch) = groups.next().await? else { return Err(refused::nothing("figures")) };
        let mut out = Vec::new();
        let mut writer = match format {
            Format::Csv(labels) => Writer::Csv(csv::Csv::begin(pack, labels, lang, catalogue, &mut out)),
            Format::Json | Format::Structure => {
                let meta = self.meta(Schema::Data, lang);
                Writer::Json(Box::new(json::Json::begin(pack, &meta, lang, catalogue, &mut out)))
            }
        };
        writer.put(&batch, &mut out);
        while out.len() < WHOLE {
            let Some(batch) = groups.next().await? else {
                writer.end(&mut out);
                return Ok(Body::Whole(out.into()));
            };
            writer.put(&batch, &mut out);
        }
        Ok(in_pieces(groups, writer, out))
    }

    /// The figures of a selection; `whole` where all of them are given.
    ///
    /// # Errors
    /// `SDMX_NOTHING_FOUND` where it names no dataflow, `SDMX_CHANGES_UNTOLD`, `SDMX_PAST_ERASED`, or what reading the replica runs into.
    pub(super) async fn source(
        &self,
        selection: Selection,
        catalogue: &Catalogue,
        whole: bool,
    ) -> Result<Source, Refusal> {
        let flows: VecDeque<Arc<Flow>> = {
            let codes = selection.named(Component::Indicator);
            let wanted = |flow: &&Flow| {
                let found = match selection.context {
                    Context::Dataflow => selection.agencies.hold(&flow.agency) && selection.resources.hold(&flow.id),
                    Context::DataStructure => selection.agencies.hold(AGENCY) && selection.resources.hold(STRUCTURE),
                    Context::Agreement => false,
                };
                found && codes.as_ref().is_none_or(|codes| codes.contains(&flow.code.as_str()))
            };
            catalogue.flows.iter().filter(wanted).map(|flow| Arc::new(flow.clone())).collect()
        };
        if flows.is_empty() || !selection.holds_version() {
            return Err(refused::nothing("dataflows"));
        }
        let replica = self.parts.replica.clone();
        let changes = match selection.updated_after_ms {
            Some(since_ms) => Some(Changes::since(&replica, since_ms, &selection, whole).await?),
            None => None,
        };
        let past = match selection.as_of_ms {
            Some(at_ms) => Some(Past::at(&replica, at_ms, &selection).await?),
            None => None,
        };
        Ok(Source::new(replica, selection, changes, past, flows))
    }
}

/// What of each figure is written, and how.
#[derive(Debug, Clone)]
struct Pack {
    at_observation: Option<Component>,
    attributes: Vec<Component>,
    measures: bool,
    against: Context,
}

impl Pack {
    /// Whether series are wanted without their figures: neither values nor attributes.
    fn keys_only(&self) -> bool {
        !self.measures && self.attributes.is_empty() && self.at_observation.is_some()
    }
}

/// The rest of an answer as the client takes it. A failure ends it early, which HTTP tells the client.
fn in_pieces(mut groups: Groups, mut writer: Writer, begun: Vec<u8>) -> Body {
    let (send, receive) = mpsc::channel::<Result<Bytes, std::io::Error>>(2);
    tokio::spawn(async move {
        let mut out = begun;
        loop {
            if out.len() >= PIECE && send.send(Ok(Bytes::from(std::mem::take(&mut out)))).await.is_err() {
                return;
            }
            match groups.next().await {
                Ok(Some(batch)) => writer.put(&batch, &mut out),
                Ok(None) => break,
                Err(refusal) => {
                    tracing::warn!(code = refusal.code, "an answer of figures ended early");
                    let _gone = send.send(Err(std::io::Error::other(refusal.code))).await;
                    return;
                }
            }
        }
        writer.end(&mut out);
        let _gone = send.send(Ok(Bytes::from(out))).await;
    });
    Body::Pieces(ReceiverStream::new(receive))
}
