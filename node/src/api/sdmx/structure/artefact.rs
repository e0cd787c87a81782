//! What artefacts there are, and which refers to which.

use std::collections::BTreeMap;

use super::super::catalogue::Catalogue;
use super::super::component::{ALL, Component};
use super::super::version::{UNVERSIONED, VERSION};

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
    /// All of it, with what a list takes from those that it extends.
    Whole,
    /// All of it, with references to the lists that it extends in place of their codes.
    Raw,
    /// Ids and names.
    Stub,
    /// Descriptions and annotations too.
    CompleteStub,
}

/// What an artefact is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Made {
    /// What comes with the program.
    Program,
    /// The codes of a component.
    Codes(Component),
    /// An indicator, by its place in the catalogue.
    Indicator(usize),
    /// A code list of the federation, by its place in the catalogue.
    List(usize),
}

/// An artefact by what identifies it, and to which others it refers, by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Header {
    pub(in super::super) kind: Type,
    pub(in super::super) agency: String,
    pub(in super::super) id: String,
    pub(in super::super) version: String,
    pub(in super::super) made: Made,
    pub(super) refers: Vec<usize>,
    /// The lists that it extends.
    pub(super) extends: Vec<usize>,
}

impl Header {
    /// The component of which it holds the codes.
    pub(in super::super) const fn component(&self) -> Option<Component> {
        match self.made {
            Made::Codes(component) => Some(component),
            Made::Program | Made::Indicator(_) | Made::List(_) => None,
        }
    }

    /// Whether the codes that figures carry belong to it.
    pub(super) fn needs_codes(&self) -> bool {
        self.component().is_some_and(|component| !matches!(component, Component::Freq | Component::Indicator))
    }

    /// Its URN.
    pub(in super::super) fn urn(&self) -> String {
        urn_of(self.kind, &self.agency, &self.id, &self.version)
    }
}

/// The URN of an artefact of the version that all have but schemes of organisations and lists of the federation.
pub(in super::super) fn urn(kind: Type, agency: &str, id: &str) -> String {
    urn_of(kind, agency, id, VERSION)
}

/// The URN of an artefact.
pub(super) fn urn_of(kind: Type, agency: &str, id: &str, version: &str) -> String {
    format!("urn:sdmx:org.sdmx.infomodel.{}={agency}:{id}({version})", kind.class())
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
        version: VERSION.to_owned(),
        made: Made::Program,
        refers,
        extends: Vec::new(),
    };
    let agencies = own(Type::AgencyScheme, "AGENCIES", Vec::new());
    let mut headers = vec![Header { agency: "SDMX".to_owned(), version: UNVERSIONED.to_owned(), ..agencies }];
    headers.extend(catalogue.lists.iter().enumerate().map(|(place, list)| Header {
        agency: list.agency.clone(),
        version: list.version.clone(),
        made: Made::List(place),
        ..own(Type::Codelist, &list.id, vec![0])
    }));
    let structure_refers = headers.len();
    headers.push(own(Type::ConceptScheme, CONCEPTS, vec![0]));
    let lists: BTreeMap<&str, Component> = ALL.into_iter().filter_map(|c| c.list().map(|list| (list, c))).collect();
    headers.extend(lists.into_iter().map(|(id, component)| {
        let extends = |place: &usize| catalogue.lists[*place].extends == Some(component);
        Header {
            made: Made::Codes(component),
            extends: (0..catalogue.lists.len()).filter(extends).map(|place| place + 1).collect(),
            ..own(Type::Codelist, id, vec![0])
        }
    }));
    let structure = headers.len();
    headers.push(own(Type::DataStructure, STRUCTURE, std::iter::once(0).chain(structure_refers..structure).collect()));
    headers.extend(catalogue.flows.iter().enumerate().map(|(place, flow)| Header {
        agency: flow.agency.clone(),
        made: Made::Indicator(place),
        ..own(Type::Dataflow, &flow.id, vec![0, structure])
    }));
    headers
}
