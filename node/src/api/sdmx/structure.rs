//! Structures: what there is, which of it a query finds, and the message.
//!
//! | artefact | agency | id |
//! |---|---|---|
//! | agency scheme | `SDMX` | `AGENCIES`: `MULTAQA`, and every member |
//! | concept scheme | `MULTAQA` | `CONCEPTS` |
//! | code lists of figures | `MULTAQA` | `CL_FREQ`, `CL_INDICATOR`, `CL_REF_AREA`, `CL_SEX`, `CL_AGE`, `CL_DISABILITY`, `CL_PLACE`, `CL_PROVIDER`, `CL_OBS_STATUS`, `CL_UNIT_MEASURE` |
//! | code lists of the federation | the list's member | the list's slug |
//! | data structure | `MULTAQA` | `FIGURES` |
//! | dataflows | the indicator's member | the indicator's slug |
//!
//! Names of areas and providers are those under which the federation admitted its members. A code list of figures holds the codes that come
//! with the program, those of the federation's list that extends it (`lists`), and those that figures of this replica carry, so that every
//! figure's codes resolve.

mod annotation;
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
use crate::clients::authorise::Caller;
use artefact::{Header, Shown, Type};
use multaqa_proto::text::Lang;
use query::{Detail, StructureQuery};

impl Api {
    /// The structure message that a query finds.
    ///
    /// # Errors
    /// `SDMX_NOTHING_FOUND`, or what reading the replica runs into.
    pub(super) async fn structures(
        &self,
        caller: &Caller,
        query: &StructureQuery,
        lang: Lang,
    ) -> Result<Message, Refusal> {
        let catalogue = self.catalogue(caller).await?;
        let headers = artefact::headers(&catalogue);
        let found = graph::found(&headers, query);
        if found.is_empty() {
            return Err(refused::nothing(&query.text));
        }
        let agencies = Ids::these(found.keys().map(|place| headers[*place].agency.clone()));
        let mut data = Data::default();
        for (place, asked) in found {
            let header = &headers[place];
            let used = Some(&agencies).filter(|_| query.detail == Detail::ReferencePartial && !asked);
            let used = used.filter(|_| header.kind == Type::AgencyScheme);
            let items = query.items.as_ref().filter(|_| asked).or(used);
            self.put(header, query.detail.of(asked), items, &catalogue, lang, &mut data).await?;
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
        shown: Shown,
        items: Option<&Ids>,
        catalogue: &Catalogue,
        lang: Lang,
        data: &mut Data,
    ) -> Result<(), Refusal> {
        let codes = header.needs_codes() && matches!(shown, Shown::Whole | Shown::Raw);
        let codes = if codes { Some(self.codes().await?) } else { None };
        render::put(header, shown, items, catalogue, codes.as_deref(), lang, data);
        Ok(())
    }
}

impl Detail {
    /// How much is shown of an artefact that was asked for, or that others refer to.
    const fn of(self, asked: bool) -> Shown {
        match (self, asked) {
            (Self::Full | Self::ReferencePartial, _) | (Self::ReferenceStubs | Self::ReferenceCompleteStubs, true) => {
                Shown::Whole
            }
            (Self::Raw, _) => Shown::Raw,
            (Self::AllStubs, _) | (Self::ReferenceStubs, false) => Shown::Stub,
            (Self::AllCompleteStubs, _) | (Self::ReferenceCompleteStubs, false) => Shown::CompleteStub,
        }
    }
}
