//! `/structure/{artefactType}/{agencyID}/{resourceID}/{version}/{itemID}?detail&references`.

use super::super::query::Ids;
use super::super::request::{Parameters, part};
use super::super::version::Versions;
use super::super::{code, refused};
use super::artefact::Type;
use crate::api::refusal::Refusal;

/// Which structures.
#[derive(Debug)]
pub(in super::super) struct StructureQuery {
    /// The query as it was asked, for a refusal.
    pub(in super::super) text: String,
    /// Of which type; none for all, or for one of which there is none.
    pub(super) kind: Option<Type>,
    /// Whether a type was asked for of which there is nothing here.
    pub(super) absent: bool,
    pub(super) agencies: Ids,
    pub(super) resources: Ids,
    pub(super) versions: Versions,
    /// Items of what was asked for; none for all.
    pub(super) items: Option<Ids>,
    pub(super) detail: Detail,
    pub(super) references: Vec<References>,
}

/// How much of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// All.
    Full,
    /// All, with references to the lists that a list extends in place of their codes.
    Raw,
    /// All, of schemes that are referred to only what is used: of agencies those that maintain what is given. All concepts are used, and
    /// nothing constrains codes.
    ReferencePartial,
    AllStubs,
    ReferenceStubs,
    AllCompleteStubs,
    ReferenceCompleteStubs,
}

/// What is given besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum References {
    None,
    Parents,
    ParentsAndSiblings,
    Ancestors,
    Children,
    Descendants,
    All,
    /// Of what `All` gives, this type.
    Of(Type),
    /// A type of which there is nothing here.
    Absent,
}

/// Types of SDMX of which there is nothing here.
const ABSENT: [&str; 28] = [
    "metadatastructure",
    "categoryscheme",
    "hierarchy",
    "hierarchyassociation",
    "valuelist",
    "dataproviderscheme",
    "metadataproviderscheme",
    "dataconsumerscheme",
    "organisationunitscheme",
    "metadataflow",
    "reportingtaxonomy",
    "provisionagreement",
    "metadataprovisionagreement",
    "structuremap",
    "representationmap",
    "conceptschememap",
    "categoryschememap",
    "organisationschememap",
    "reportingtaxonomymap",
    "process",
    "categorisation",
    "dataconstraint",
    "metadataconstraint",
    "transformationscheme",
    "rulesetscheme",
    "userdefinedoperatorscheme",
    "customtypescheme",
    "namepersonalisationscheme",
];

/// Whether SDMX has a type of which there is nothing here.
fn is_absent(text: &str) -> bool {
    ABSENT.contains(&text) || text == "vtlmappingscheme"
}

impl StructureQuery {
    /// Reads a query.
    ///
    /// # Errors
    /// `SDMX_MALFORMED`, `PARAMETER_UNKNOWN`, `SDMX_NOT_IMPLEMENTED`.
    pub(in super::super) fn read(parts: &[String], mut parameters: Parameters) -> Result<Self, Refusal> {
        let text = parts.join("/");
        let form = "{artefactType}/{agencyID}/{resourceID}/{version}/{itemID}, the last for schemes and lists";
        // `all` stands for `*` in the standard's own examples.
        let named = part(parts, 0).filter(|kind| !["*", "all"].contains(kind));
        let kind = named.and_then(Type::of);
        let absent = kind.is_none() && named.is_some_and(is_absent);
        if parts.len() > 5
            || (named.is_some() && kind.is_none() && !absent)
            || (parts.len() == 5 && kind.is_some_and(|kind| !kind.has_items()))
        {
            return Err(refused::malformed("path", &text, form));
        }
        let ids = |place, name, is_one| part(parts, place).map_or(Ok(Ids::ALL), |text| Ids::parse(name, text, is_one));
        let items = part(parts, 4).map(|text| Ids::parse("itemID", text, is_item)).transpose()?;
        let query = Self {
            kind,
            absent,
            agencies: ids(1, "agencyID", code::is_agency)?,
            resources: ids(2, "resourceID", code::is_id)?,
            versions: Versions::parse(part(parts, 3).unwrap_or("~"))?,
            items: items.filter(|items| !items.are_all()),
            detail: detail(parameters.take("detail")?.as_deref().unwrap_or("full"))?,
            references: references(parameters.take("references")?.as_deref().unwrap_or("none"))?,
            text,
        };
        if parameters.take("asOf")?.is_some() {
            return Err(refused::not_implemented("asOf"));
        }
        parameters.end("detail, references")?;
        Ok(query)
    }
}

fn is_item(text: &str) -> bool {
    text.split('.').all(code::is_id)
}

fn detail(text: &str) -> Result<Detail, Refusal> {
    let form = "full, allstubs, referencestubs, allcompletestubs, referencecompletestubs, referencepartial or raw";
    match text {
        "full" => Ok(Detail::Full),
        "raw" => Ok(Detail::Raw),
        "referencepartial" => Ok(Detail::ReferencePartial),
        "allstubs" => Ok(Detail::AllStubs),
        "referencestubs" => Ok(Detail::ReferenceStubs),
        "allcompletestubs" => Ok(Detail::AllCompleteStubs),
        "referencecompletestubs" => Ok(Detail::ReferenceCompleteStubs),
        _ => Err(refused::malformed("detail", text, form)),
    }
}

fn references(text: &str) -> Result<Vec<References>, Refusal> {
    let form = "none, parents, parentsandsiblings, ancestors, children, descendants, all, or types of artefacts";
    let one = |text: &str| match text {
        "none" => Some(References::None),
        "parents" => Some(References::Parents),
        "parentsandsiblings" => Some(References::ParentsAndSiblings),
        "ancestors" => Some(References::Ancestors),
        "children" => Some(References::Children),
        "descendants" => Some(References::Descendants),
        "all" => Some(References::All),
        kind if is_absent(kind) => Some(References::Absent),
        kind => Type::of(kind).map(References::Of),
    };
    text.split(',').map(|text| one(text).ok_or_else(|| refused::malformed("references", text, form))).collect()
}
