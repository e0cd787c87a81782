//! Structures: what there is, which of it a query finds, and the message.
//!
//! | artefact | agency | id |
//! |---|---|---|
//! | agency scheme | `SDMX` | `AGENCIES`: `MULTAQA`, and every member |
//! | concept scheme | `MULTAQA` | `CONCEPTS` |
//! | code lists | `MULTAQA` | `CL_FREQ`, `CL_INDICATOR`, `CL_REF_AREA`, `CL_SEX`, `CL_AGE`, `CL_DISABILITY`, `CL_PLACE`, `CL_PROVIDER`, `CL_OBS_STATUS`, `CL_UNIT_MEASURE` |
//! | data structure | `MULTAQA` | `FIGURES` |
//! | dataflows | the indicator's member | the indicator's slug |
//!
//! Names of areas and providers are those under which the federation admitted its members. A code list holds the codes that come with the
//! program and those that figures of this replica carry, so that every figure's codes resolve.

pub(super) mod artefact;
pub(super) mod graph;
pub(super) mod query;
mod render;

use super::super::Api;
use super::super::refusal::Refusal;
use super::catalogue::Catalogue;
use super::message::{Data, Message};
use super::query::Ids;
use super::refused;
use artefact::{Header, Shown};
use multaqa_proto::text::Lang;
use query::{Detail, StructureQuery};

impl Api {
    /// The structure message that a query finds.
    ///
    /// # Errors
    /// `SDMX_NOTHING_FOUND`, or what reading the replica runs into.
    pub(super) async fn structures(&self, query: &StructureQuery, lang: Lang) -> Result<Message, Refusal> {
        let catalogue = self.catalogue().await?;
        let headers = artefact::headers(&catalogue);
        let found = graph::found(&headers, query);
        if found.is_empty() {
            return Err(refused::nothing(&query.text));
        }
        let mut data = Data::default();
        for (place, asked) in found {
            let (header, items) = (&headers[place], query.items.as_ref().filter(|_| asked));
            let shown = query.detail.of(asked);
            if shown == Shown::Whole {
                self.put(header, items, &catalogue, lang, &mut data).await?;
            } else {
                render::put(header, shown, None, &catalogue, None, lang, &mut data);
            }
        }
        if query.items.is_some() && data.is_without_items() {
            return Err(refused::nothing(&query.text));
        }
        Ok(self.message(data, lang))
    }

    /// Puts an artefact into a message, of a scheme or list these items.
    pub(super) async fn put(
        &self,
        header: &Header,
        items: Option<&Ids>,
        catalogue: &Catalogue,
        lang: Lang,
        data: &mut Data,
    ) -> Result<(), Refusal> {
        let codes = if header.needs_codes() { Some(self.codes().await?) } else { None };
        render::put(header, Shown::Whole, items, catalogue, codes.as_deref(), lang, data);
        Ok(())
    }
}

impl Detail {
    /// How much is shown of an artefact that was asked for, or that others refer to.
    const fn of(self, asked: bool) -> Shown {
        match self {
            Self::Full => Shown::Whole,
            Self::AllStubs => Shown::Stub,
            Self::AllCompleteStubs => Shown::CompleteStub,
            Self::ReferenceStubs => {
                if asked {
                    Shown::Whole
                } else {
                    Shown::Stub
                }
            }
            Self::ReferenceCompleteStubs => {
                if asked {
                    Shown::Whole
                } else {
                    Shown::CompleteStub
                }
            }
        }
    }
}
