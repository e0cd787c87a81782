//! `/schema/{context}/{agencyID}/{resourceID}/{version}`: what figures of a dataflow or of the data structure are made of.
//!
//! SDMX REST, "Schema queries": the answer is the structure message, which serves communication; schemas of SDMX-JSON and SDMX-ML, which serve
//! validation, are not written, so whoever asks for them alone is answered 406. A dataflow has figures of one indicator, so its list of
//! indicators holds that one; what figures of a dataflow there are, `availability` tells.

use multaqa_proto::text::Lang;

use super::super::Api;
use super::super::refusal::Refusal;
use super::component::{Component, DIMENSIONS};
use super::message::{Data, Message};
use super::query::Ids;
use super::request::{Parameters, part};
use super::structure::artefact::{AGENCY, Made, Shown, Type, headers};
use super::version::Versions;
use super::{code, refused};
use crate::clients::authorise::Caller;

/// Whose figures.
#[derive(Debug)]
pub(super) struct SchemaQuery {
    /// The query as it was asked, for a refusal.
    text: String,
    /// None for a type of which there is nothing here.
    kind: Option<Type>,
    agency: String,
    id: String,
    versions: Versions,
}

impl SchemaQuery {
    /// Reads a query.
    ///
    /// # Errors
    /// `SDMX_MALFORMED`, `SDMX_COMPONENT_UNKNOWN`, `PARAMETER_UNKNOWN`, `SDMX_NOT_IMPLEMENTED`.
    pub(super) fn read(parts: &[String], mut parameters: Parameters) -> Result<Self, Refusal> {
        let text = parts.join("/");
        let form = "{context}/{agencyID}/{resourceID}/{version}, one of each, the last may be left out";
        let malformed = || refused::malformed("path", &text, form);
        let kind = match part(parts, 0) {
            Some("dataflow") => Some(Type::Dataflow),
            Some("datastructure") => Some(Type::DataStructure),
            Some("metadatastructure" | "metadataflow" | "provisionagreement" | "metadataprovisionagreement") => None,
            Some(_) | None => return Err(malformed()),
        };
        let one = |place, is_one: fn(&str) -> bool| part(parts, place).filter(|id| is_one(id)).map(str::to_owned);
        let agency = one(1, code::is_agency).ok_or_else(malformed)?;
        let id = one(2, code::is_id).filter(|_| parts.len() <= 4).ok_or_else(malformed)?;
        let versions = Versions::parse(part(parts, 3).unwrap_or("~"))?;
        match parameters.take("dimensionAtObservation")?.as_deref() {
            None | Some("AllDimensions") => {}
            Some(id) => drop(Component::of(id, &DIMENSIONS)?),
        }
        // Neither changes what figures are made of.
        if let Some(other) = parameters.take("deletion")?.filter(|flag| !["true", "false"].contains(&flag.as_str())) {
            return Err(refused::malformed("deletion", &other, "true or false"));
        }
        if parameters.take("asOf")?.is_some() {
            return Err(refused::not_implemented("asOf"));
        }
        parameters.end("dimensionAtObservation, deletion")?;
        Ok(Self { text, kind, agency, id, versions })
    }
}

impl Api {
    /// The structures that a query finds.
    ///
    /// # Errors
    /// `SDMX_NOTHING_FOUND`, or what reading the replica runs into.
    pub(super) async fn schema(&self, caller: &Caller, query: &SchemaQuery, lang: Lang) -> Result<Message, Refusal> {
        let catalogue = self.catalogue(caller).await?;
        let headers = headers(&catalogue);
        let found = headers.iter().find(|header| {
            Some(header.kind) == query.kind
                && header.agency == query.agency
                && header.id == query.id
                && query.versions.hold(&header.version)
        });
        let found = found.ok_or_else(|| refused::nothing(&query.text))?;
        let indicator = match found.made {
            Made::Indicator(place) => catalogue.flows.get(place).map(|flow| flow.code.clone()),
            Made::Program | Made::Codes(_) | Made::List(_) => None,
        };
        let indicator = indicator.map(|code| Ids::these(std::iter::once(code)));
        let agencies = Ids::these(["SDMX", AGENCY, &found.agency].map(str::to_owned).into_iter());
        let mut data = Data::default();
        let mut links = vec![found.urn()];
        for header in &headers {
            let items = match (header.kind, header.component()) {
                (Type::AgencyScheme, _) => Some(&agencies),
                (Type::Codelist, Some(Component::Indicator)) => indicator.as_ref(),
                (Type::Codelist, None) | (Type::Dataflow, _) => continue,
                (Type::Codelist, Some(_)) | (Type::ConceptScheme | Type::DataStructure, _) => None,
            };
            links.extend(Some(header.urn()).filter(|urn| !links.contains(urn)));
            self.put(header, Shown::Whole, items, &catalogue, lang, &mut data).await?;
        }
        Ok(self.message(data, lang).with_links(&links))
    }
}
