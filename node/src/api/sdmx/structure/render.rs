//! Artefacts as SDMX-JSON 2.0 has them.

use std::collections::BTreeSet;

use multaqa_proto::text::{Lang, LanguageMap};
use multaqa_proto::wire::kind::codelist::Code;
use serde_json::{Map, Value, json};

use super::super::catalogue::{Catalogue, Codes, Flow, texts};
use super::super::component::{ALL, ATTRIBUTES, Component, KEY};
use super::super::lists::List;
use super::super::message::{Data, identified, put_names};
use super::super::query::Ids;
use super::super::{code, names};
use super::annotation;
use super::artefact::{AGENCY, Header, Made, STRUCTURE, Shown, Type, concept_urn, urn, urn_of};

/// Puts an artefact into a message.
pub(super) fn put(
    header: &Header,
    shown: Shown,
    items: Option<&Ids>,
    catalogue: &Catalogue,
    codes: Option<&Codes>,
    lang: Lang,
    data: &mut Data,
) {
    let mut artefact = head(header, catalogue, lang);
    if shown != Shown::Stub {
        put_description(&mut artefact, header, catalogue, lang);
    }
    if matches!(shown, Shown::Whole | Shown::Raw) {
        match header.kind {
            Type::AgencyScheme => put_items(&mut artefact, "agencies", agencies(catalogue), items, lang),
            Type::ConceptScheme => put_items(&mut artefact, "concepts", concepts(), items, lang),
            Type::Codelist => put_codes(&mut artefact, header, shown, items, catalogue, codes, lang),
            Type::DataStructure => {
                artefact.insert("dataStructureComponents".to_owned(), components());
            }
            Type::Dataflow => {
                artefact.insert("structure".to_owned(), json!(urn(Type::DataStructure, AGENCY, STRUCTURE)));
            }
        }
    }
    let list = match header.kind {
        Type::AgencyScheme => &mut data.agency_schemes,
        Type::ConceptScheme => &mut data.concept_schemes,
        Type::Codelist => &mut data.codelists,
        Type::DataStructure => &mut data.data_structures,
        Type::Dataflow => &mut data.dataflows,
    };
    list.push(Value::Object(artefact));
}

fn head(header: &Header, catalogue: &Catalogue, lang: Lang) -> Map<String, Value> {
    let list = match header.kind {
        Type::AgencyScheme => "AGENCIES",
        Type::ConceptScheme => "CONCEPTS",
        Type::Codelist | Type::DataStructure | Type::Dataflow => "STRUCTURES",
    };
    let own = match header.made {
        Made::Indicator(place) => catalogue.flows.get(place).map(Flow::names),
        Made::List(place) => catalogue.lists.get(place).map(List::names),
        Made::Program | Made::Codes(_) => None,
    };
    let mut head = identified(&header.id, own.as_ref().or_else(|| names::of(list, &header.id)), lang);
    head.insert("agencyID".to_owned(), json!(header.agency));
    head.insert("version".to_owned(), json!(header.version));
    head.insert("links".to_owned(), json!([{ "rel": "self", "urn": header.urn() }]));
    head
}

/// Description and annotations of what a record says.
fn put_description(artefact: &mut Map<String, Value>, header: &Header, catalogue: &Catalogue, lang: Lang) {
    let (description, annotations) = match header.made {
        Made::Indicator(place) => match catalogue.flows.get(place) {
            Some(flow) => (texts(&flow.indicator.definition), annotation::of_flow(flow, lang)),
            None => return,
        },
        Made::List(place) => match catalogue.lists.get(place) {
            Some(list) => (texts(&list.payload.description), annotation::of_list(list)),
            None => return,
        },
        Made::Program | Made::Codes(_) => return,
    };
    put_names(artefact, "description", "descriptions", &description, lang);
    artefact.insert("annotations".to_owned(), annotations);
}

/// An item of a scheme or list.
#[derive(Default)]
struct Item {
    id: String,
    names: Option<LanguageMap>,
    descriptions: LanguageMap,
    parent: Option<String>,
}

impl Item {
    fn plain(id: &str, names: Option<&LanguageMap>) -> Self {
        Self { id: id.to_owned(), names: names.cloned(), ..Self::default() }
    }

    fn of(code: &Code) -> Self {
        Self {
            id: code::id_of(&code.code).into_owned(),
            names: Some(texts(&code.label)),
            descriptions: texts(&code.definition),
            parent: Some(code.broader.as_str()).filter(|id| !id.is_empty()).map(|id| code::id_of(id).into_owned()),
        }
    }
}

/// Puts the items; where some were asked for, those, and that they are not all.
fn put_items(artefact: &mut Map<String, Value>, key: &str, all: Vec<Item>, wanted: Option<&Ids>, lang: Lang) {
    let count = all.len();
    let of = |Item { id, names, descriptions, parent }: Item| {
        let mut item = identified(&id, names.as_ref(), lang);
        put_names(&mut item, "description", "descriptions", &descriptions, lang);
        item.extend(parent.map(|parent| ("parent".to_owned(), json!(parent))));
        Value::Object(item)
    };
    let items: Vec<Value> =
        all.into_iter().filter(|item| wanted.is_none_or(|ids| ids.hold(&item.id))).map(of).collect();
    if wanted.is_some() {
        artefact.insert("isPartial".to_owned(), json!(items.len() < count));
    }
    if !items.is_empty() {
        artefact.insert(key.to_owned(), Value::Array(items));
    }
}

fn agencies(catalogue: &Catalogue) -> Vec<Item> {
    let own = Item::plain(AGENCY, names::of("AGENCIES", AGENCY));
    let members = catalogue.members.iter().map(|(id, (_, names))| Item::plain(&code::agency_of(id), Some(names)));
    std::iter::once(own).chain(members).collect()
}

fn concepts() -> Vec<Item> {
    ALL.into_iter().map(|component| Item::plain(component.id(), names::of("CONCEPTS", component.id()))).collect()
}

fn put_codes(
    artefact: &mut Map<String, Value>,
    header: &Header,
    shown: Shown,
    items: Option<&Ids>,
    catalogue: &Catalogue,
    codes: Option<&Codes>,
    lang: Lang,
) {
    let all = match header.made {
        Made::List(place) => {
            catalogue.lists.get(place).map(|list| list.codes().into_iter().map(Item::of).collect()).unwrap_or_default()
        }
        Made::Codes(component) => codes_of(component, shown, catalogue, codes),
        Made::Program | Made::Indicator(_) => Vec::new(),
    };
    put_items(artefact, "codes", all, items, lang);
    let extended: Vec<Value> = header
        .component()
        .filter(|_| shown == Shown::Raw)
        .into_iter()
        .flat_map(|component| catalogue.extensions(component))
        .map(|list| json!({ "codelist": urn_of(Type::Codelist, &list.agency, &list.id, &list.version) }))
        .collect();
    if !extended.is_empty() {
        artefact.insert("codelistExtensions".to_owned(), json!(extended));
    }
}

/// The program's codes of a component, those of the lists that extend it, and what figures carry besides.
fn codes_of(component: Component, shown: Shown, catalogue: &Catalogue, codes: Option<&Codes>) -> Vec<Item> {
    let own: Vec<Item> = match component {
        Component::Indicator => {
            let code = |flow: &Flow| Item {
                descriptions: texts(&flow.indicator.definition),
                ..Item::plain(&flow.code, Some(&flow.names()))
            };
            catalogue.flows.iter().map(code).collect()
        }
        Component::RefArea | Component::Provider => {
            let members =
                catalogue.members.iter().filter(|(_, (country, _))| *country || component != Component::RefArea);
            members.map(|(id, (_, names))| Item::plain(id, Some(names))).collect()
        }
        Component::Freq
        | Component::Sex
        | Component::Age
        | Component::Disability
        | Component::Place
        | Component::TimePeriod
        | Component::ObsValue
        | Component::ObsStatus
        | Component::UnitMeasure
        | Component::Dataset => {
            let list = names::of_list(component.list().unwrap_or_default());
            list.iter().map(|(id, names)| Item::plain(id, Some(names))).collect()
        }
    };
    let extended = catalogue.extensions(component).flat_map(|list| list.codes().into_iter().map(Item::of));
    let carried = codes.and_then(|codes| codes.get(&component)).into_iter().flatten();
    let carried = carried.map(|id| Item::plain(id, catalogue.name(component, id).as_ref()));
    let mut known = BTreeSet::new();
    let all = own.into_iter().map(|item| (true, item)).chain(extended.map(|item| (shown != Shown::Raw, item)));
    let all = all.chain(carried.map(|item| (true, item)));
    // A code that a list takes from one that it extends is no code of its own, where that is told apart.
    all.filter(|(_, item)| known.insert(item.id.clone())).filter(|(own, _)| *own).map(|(_, item)| item).collect()
}

fn coded(component: Component) -> Value {
    let list = component.list().unwrap_or_default();
    json!({ "enumeration": urn(Type::Codelist, AGENCY, list) })
}

fn components() -> Value {
    let dimension = |(position, component): (usize, Component)| {
        json!({
            "id": component.id(), "position": position, "conceptIdentity": concept_urn(component),
            "localRepresentation": coded(component),
        })
    };
    let attribute = |component: Component| {
        let representation =
            if component.list().is_some() { coded(component) } else { json!({ "format": { "dataType": "String" } }) };
        json!({
            "id": component.id(), "usage": "mandatory", "conceptIdentity": concept_urn(component),
            "attributeRelationship": { "observation": {} }, "localRepresentation": representation,
        })
    };
    json!({
        "dimensionList": {
            "id": "DimensionDescriptor",
            "dimensions": KEY.into_iter().enumerate().map(dimension).collect::<Vec<_>>(),
            "timeDimension": {
                "id": "TIME_PERIOD", "conceptIdentity": concept_urn(Component::TimePeriod),
                "localRepresentation": { "format": { "dataType": "ObservationalTimePeriod" } },
            },
        },
        "measureList": {
            "id": "MeasureDescriptor",
            "measures": [{
                "id": "OBS_VALUE", "usage": "optional", "conceptIdentity": concept_urn(Component::ObsValue),
                "localRepresentation": { "format": { "dataType": "Decimal" } },
            }],
        },
        "attributeList": {
            "id": "AttributeDescriptor",
            "attributes": ATTRIBUTES.into_iter().map(attribute).collect::<Vec<_>>(),
        },
    })
}
