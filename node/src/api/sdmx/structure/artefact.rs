//! What artefacts there are, and which refers to which.

use std::collections::BTreeMap;

use super::super::catalogue::Catalogue;
use super::super::component::{ALL, Component};
use super::super::version::VERSION;

/// The agency of what comes with the program.
pub(in super::super) const AGENCY: &str = "MULTAQA";
/// The data structure of all figures.
pub(in super::super) const STRUCTURE: &str = "FIGURES";
/// The concept scheme.
pub(in super::super) const CONCEPTS: &str = "CONCEPTS";

/// A type of artefact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Type {
    AgencyScheme,
    ConceptScheme,
    Codelist,
    DataStructure,
    Dataflow,
}

impl Type {
    /// The type that a query names.
    pub(super) fn of(text: &str) -> Option<Self> {
        match text {
            "agencyscheme" => Some(Self::AgencyScheme),
            "conceptscheme" => Some(Self::ConceptScheme),
            "codelist" => Some(Self::Codelist),
            "datastructure" => Some(Self::DataStructure),
            "dataflow" => Some(Self::Dataflow),
            _ => None,
        }
    }

    /// Whether it is a scheme or list of items.
    pub(super) const fn has_items(self) -> bool {
        matches!(self, Self::AgencyScheme | Self::ConceptScheme | Self::Codelist)
    }

    const fn class(self) -> &'static str {
        match self {
            Self::AgencyScheme => "base.AgencyScheme",
            Self::ConceptScheme => "conceptscheme.ConceptScheme",
            Self::Codelist => "codelist.Codelist",
            Self::DataStructure => "datastructure.DataStructure",
            Self::Dataflow => "datastructure.Dataflow",
        }
    }
}

/// How much of an artefact is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Shown {
    /// All of it.
    Whole,
    /// Ids and names.
    Stub,
    /// Descriptions and annotations too.
    CompleteStub,
}

/// An artefact by what identifies it, and to which others it refers, by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Header {
    pub(in super::super) kind: Type,
    pub(in super::super) agency: String,
    pub(in super::super) id: String,
    /// Of a code list, whose codes they are.
    pub(in super::super) component: Option<Component>,
    /// Of a dataflow, its place in the catalogue.
    pub(super) flow: Option<usize>,
    pub(super) refers: Vec<usize>,
}

impl Header {
    /// Whether the codes that figures carry belong to it.
    pub(super) fn needs_codes(&self) -> bool {
        use Component::{Age, Disability, ObsStatus, Place, Provider, RefArea, Sex, UnitMeasure};
        self.component
            .is_some_and(|c| [RefArea, Sex, Age, Disability, Place, Provider, ObsStatus, UnitMeasure].contains(&c))
    }

    /// Its URN.
    pub(in super::super) fn urn(&self) -> String {
        urn(self.kind, &self.agency, &self.id)
    }
}

/// The URN of an artefact.
pub(in super::super) fn urn(kind: Type, agency: &str, id: &str) -> String {
    format!("urn:sdmx:org.sdmx.infomodel.{}={agency}:{id}({VERSION})", kind.class())
}

/// The URN of a concept.
pub(in super::super) fn concept_urn(component: Component) -> String {
    format!("urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={AGENCY}:{CONCEPTS}({VERSION}).{}", component.id())
}

/// All artefacts, in the order in which each refers only to those before it.
pub(in super::super) fn headers(catalogue: &Catalogue) -> Vec<Header> {
    let own = |kind, id: &str, refers| Header {
        kind,
        agency: AGENCY.to_owned(),
        id: id.to_owned(),
        component: None,
        flow: None,
        refers,
    };
    let mut headers = vec![Header { agency: "SDMX".to_owned(), ..own(Type::AgencyScheme, "AGENCIES", Vec::new()) }];
    headers.push(own(Type::ConceptScheme, CONCEPTS, vec![0]));
    let lists: BTreeMap<&str, Component> = ALL.into_iter().filter_map(|c| c.list().map(|list| (list, c))).collect();
    headers
        .extend(lists.into_iter().map(|(list, c)| Header { component: Some(c), ..own(Type::Codelist, list, vec![0]) }));
    let structure = headers.len();
    headers.push(own(Type::DataStructure, STRUCTURE, (0..structure).collect()));
    headers.extend(catalogue.flows.iter().enumerate().map(|(place, flow)| Header {
        kind: Type::Dataflow,
        agency: flow.agency.clone(),
        id: flow.id.clone(),
        component: None,
        flow: Some(place),
        refers: vec![0, structure],
    }));
    headers
}
