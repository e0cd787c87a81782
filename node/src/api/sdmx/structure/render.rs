//! Artefacts as SDMX-JSON 2.0 has them.

use std::collections::BTreeSet;

use multaqa_proto::text::{Lang, LanguageMap};
use serde_json::{Map, Value, json};

use super::super::catalogue::{Catalogue, Codes, Flow, texts};
use super::super::component::{ALL, ATTRIBUTES, Component, KEY};
use super::super::message::{Data, identified, put_names};
use super::super::names;
use super::super::query::Ids;
use super::super::version::VERSION;
use super::artefact::{AGENCY, Header, STRUCTURE, Shown, Type, concept_urn, urn};

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
    let flow = header.flow.and_then(|place| catalogue.flows.get(place));
    let mut artefact = head(header, flow, lang);
    if let (Some(flow), false) = (flow, shown == Shown::Stub) {
        put_names(&mut artefact, "description", "descriptions", &texts(&flow.indicator.definition), lang);
        artefact.insert("annotations".to_owned(), annotations(flow, lang));
    }
    if shown == Shown::Whole {
        match header.kind {
            Type::AgencyScheme => put_items(&mut artefact, "agencies", agencies(catalogue), items, lang),
            Type::ConceptScheme => put_items(&mut artefact, "concepts", concepts(), items, lang),
            Type::Codelist => put_items(&mut artefact, "codes", codes_of(header, catalogue, codes), items, lang),
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

fn head(header: &Header, flow: Option<&Flow>, lang: Lang) -> Map<String, Value> {
    let list = match header.kind {
        Type::AgencyScheme => "AGENCIES",
        Type::ConceptScheme => "CONCEPTS",
        Type::Codelist | Type::DataStructure | Type::Dataflow => "STRUCTURES",
    };
    let own = flow.map(Flow::names);
    let mut head = identified(&header.id, own.as_ref().or_else(|| names::of(list, &header.id)), lang);
    head.insert("agencyID".to_owned(), json!(header.agency));
    head.insert("version".to_owned(), json!(VERSION));
    head.insert("links".to_owned(), json!([{ "rel": "self", "urn": header.urn() }]));
    head
}

/// An item of a scheme or list: id, names, descriptions.
type Item = (String, Option<LanguageMap>, LanguageMap);

/// Puts the items; where some were asked for, those, and that they are not all.
fn put_items(artefact: &mut Map<String, Value>, key: &str, all: Vec<Item>, wanted: Option<&Ids>, lang: Lang) {
    let count = all.len();
    let of = |(id, names, descriptions): Item| {
        let mut item = identified(&id, names.as_ref(), lang);
        put_names(&mut item, "description", "descriptions", &descriptions, lang);
        Value::Object(item)
    };
    let items: Vec<Value> =
        all.into_iter().filter(|(id, _, _)| wanted.is_none_or(|ids| ids.hold(id))).map(of).collect();
    if wanted.is_some() {
        artefact.insert("isPartial".to_owned(), json!(items.len() < count));
    }
    if !items.is_empty() {
        artefact.insert(key.to_owned(), Value::Array(items));
    }
}

fn plain(id: &str, names: Option<&LanguageMap>) -> Item {
    (id.to_owned(), names.cloned(), LanguageMap::new())
}

fn agencies(catalogue: &Catalogue) -> Vec<Item> {
    let own = plain(AGENCY, names::of("AGENCIES", AGENCY));
    let members =
        catalogue.members.iter().map(|(id, (_, names))| plain(&super::super::code::agency_of(id), Some(names)));
    std::iter::once(own).chain(members).collect()
}

fn concepts() -> Vec<Item> {
    ALL.into_iter().map(|component| plain(component.id(), names::of("CONCEPTS", component.id()))).collect()
}

fn codes_of(header: &Header, catalogue: &Catalogue, codes: Option<&Codes>) -> Vec<Item> {
    let Some(component) = header.component else { return Vec::new() };
    if component == Component::Indicator {
        let code = |flow: &Flow| (flow.code.clone(), Some(flow.names()), texts(&flow.indicator.definition));
        return catalogue.flows.iter().map(code).collect();
    }
    let mut ids: Vec<String> = match component {
        Component::RefArea => {
            catalogue.members.iter().filter(|(_, (country, _))| *country).map(|(id, _)| id.clone()).collect()
        }
        Component::Provider => catalogue.members.keys().cloned().collect(),
        Component::Freq
        | Component::Indicator
        | Component::Sex
        | Component::Age
        | Component::Disability
        | Component::Place
        | Component::TimePeriod
        | Component::ObsValue
        | Component::ObsStatus
        | Component::UnitMeasure
        | Component::Dataset => names::of_list(&header.id).iter().map(|(id, _)| id.clone()).collect(),
    };
    let known: BTreeSet<String> = ids.iter().cloned().collect();
    let carried = codes.and_then(|codes| codes.get(&component)).into_iter().flatten();
    ids.extend(carried.filter(|id| !known.contains(*id)).cloned());
    ids.iter().map(|id| plain(id, catalogue.name(component, id).as_ref())).collect()
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

/// What the record of an indicator says besides its name and definition.
fn annotations(flow: &Flow, lang: Lang) -> Value {
    let indicator = &flow.indicator;
    let mut annotations: Vec<Value> = [
        ("RECORD", flow.object.as_str()),
        ("INDICATOR", indicator.code.as_str()),
        ("UNIT_MEASURE", indicator.unit.as_str()),
        ("PERIODICITY", indicator.periodicity.as_str()),
        ("DIRECTION", indicator.direction.as_str()),
        ("MINIMUM", indicator.minimum.as_deref().unwrap_or_default()),
        ("MAXIMUM", indicator.maximum.as_deref().unwrap_or_default()),
        ("SOURCE", indicator.source.as_str()),
        ("SOURCE_URL", indicator.source_url.as_str()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(id, value)| json!({ "id": id, "type": "MULTAQA", "value": value }))
    .collect();
    let told = std::iter::once(("METHOD", "", &indicator.method));
    let told = told.chain(indicator.breaks.iter().map(|b| ("BREAK", b.time_period.as_str(), &b.description)));
    for (id, title, told) in told.filter(|(_, _, told)| !told.is_empty()) {
        let mut annotation = Map::from_iter([("id".to_owned(), json!(id)), ("type".to_owned(), json!("MULTAQA"))]);
        if !title.is_empty() {
            annotation.insert("title".to_owned(), json!(title));
        }
        put_names(&mut annotation, "text", "texts", &texts(told), lang);
        annotations.push(Value::Object(annotation));
    }
    Value::Array(annotations)
}
