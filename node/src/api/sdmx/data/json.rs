//! SDMX-JSON 2.0 data messages: a data set for each dataflow, in series or flat; what the indexes in it mean stands at the end.
//!
//! `structures` follow `dataSets`, since which codes occur is known when all figures are written: so a message of any length takes the memory
//! of its codes alone. Values are strings with the digits as published, as SDMX has decimals in JSON. What is deleted stands in data sets of
//! its own, keys without values; a dimension that such a data set does not have means any value.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use multaqa_proto::text::Lang;
use serde_json::{Map, Value, json};

use super::super::catalogue::{Catalogue, Flow};
use super::super::component::{Component, DIMENSIONS};
use super::super::message::{Meta, identified};
use super::super::names;
use super::super::request::selection::Context;
use super::super::structure::artefact::{AGENCY, STRUCTURE, Type, urn};
use super::Pack;
use super::figure::Figure;
use super::source::{Action, Batch};

/// See the module.
pub(super) struct Json {
    pack: Pack,
    lang: Lang,
    catalogue: Arc<Catalogue>,
    open: Option<DataSet>,
    structures: Vec<Value>,
}

/// A data set that is being written.
struct DataSet {
    flow: Arc<Flow>,
    action: Action,
    /// The dimensions of its keys.
    dimensions: Vec<Component>,
    /// What of each figure is written.
    pack: Pack,
    /// Values of coded components and of dimensions, in the order in which they came.
    values: BTreeMap<Component, Values>,
    begun: bool,
}

#[derive(Default)]
struct Values {
    order: Vec<String>,
    places: HashMap<String, usize>,
}

impl Values {
    fn place(&mut self, value: &str) -> usize {
        if let Some(place) = self.places.get(value) {
            return *place;
        }
        let place = self.order.len();
        self.order.push(value.to_owned());
        self.places.insert(value.to_owned(), place);
        place
    }
}

impl Json {
    /// Begins with the head of the message.
    pub(super) fn begin(pack: Pack, meta: &Meta, lang: Lang, catalogue: Arc<Catalogue>, out: &mut Vec<u8>) -> Self {
        out.extend_from_slice(b"{\"meta\":");
        write(out, meta);
        out.extend_from_slice(b",\"data\":{\"dataSets\":[");
        Self { pack, lang, catalogue, open: None, structures: Vec::new() }
    }

    /// Writes figures, of which every series is whole.
    pub(super) fn put(&mut self, batch: &Batch, out: &mut Vec<u8>) {
        for figures in batch.figures.chunk_by(|a, b| dimensions_of(a) == dimensions_of(b)) {
            let Some(dimensions) = figures.first().map(dimensions_of) else { continue };
            let goes_on = |open: &DataSet| {
                (self.pack.against == Context::DataStructure || open.flow.object == batch.flow.object)
                    && open.action == batch.action
                    && open.dimensions == dimensions
            };
            if !self.open.as_ref().is_some_and(goes_on) {
                self.close(out);
                self.begin_data_set(batch, dimensions, out);
            }
            let Some(mut open) = self.open.take() else { return };
            match open.pack.at_observation {
                None => Self::flat(&mut open, figures, out),
                Some(dimension) => Self::series(&mut open, dimension, figures, out),
            }
            self.open = Some(open);
        }
    }

    /// Ends the message.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        self.close(out);
        out.extend_from_slice(b"],\"structures\":");
        write(out, &self.structures);
        out.extend_from_slice(b"}}");
    }

    fn begin_data_set(&mut self, batch: &Batch, dimensions: Vec<Component>, out: &mut Vec<u8>) {
        let place = self.structures.len();
        if place > 0 {
            out.push(b',');
        }
        let action = match batch.action {
            Action::Information => "Information",
            Action::Replace => "Replace",
            Action::Delete => "Delete",
        };
        out.extend_from_slice(format!("{{\"structure\":{place},\"action\":\"{action}\",\"links\":").as_bytes());
        write(out, &self.links(&batch.flow));
        let mut pack = self.pack.clone();
        if batch.action == Action::Delete {
            (pack.measures, pack.attributes) = (false, Vec::new());
            pack.at_observation = pack.at_observation.filter(|_| dimensions.len() == DIMENSIONS.len());
        }
        out.extend_from_slice(if pack.at_observation.is_some() { b",\"series\":{" } else { b",\"observations\":{" });
        let flow = Arc::clone(&batch.flow);
        let open = DataSet { flow, action: batch.action, dimensions, pack, values: BTreeMap::new(), begun: false };
        self.open = Some(open);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        let Some(open) = self.open.take() else { return };
        out.extend_from_slice(b"}}");
        self.structures.push(self.structure(&open));
    }

    fn flat(open: &mut DataSet, figures: &[Figure], out: &mut Vec<u8>) {
        let dimensions = open.dimensions.clone();
        for figure in figures {
            open.separate(out);
            let key = open.key(figure, &dimensions);
            open.observation(&key, figure, out);
        }
    }

    /// Series in the order in which they come, which is the one that was asked for.
    fn series(open: &mut DataSet, at_observation: Component, figures: &[Figure], out: &mut Vec<u8>) {
        let others: Vec<Component> = DIMENSIONS.into_iter().filter(|dimension| *dimension != at_observation).collect();
        let mut places: HashMap<Vec<&str>, usize> = HashMap::new();
        let mut series: Vec<Vec<&Figure>> = Vec::new();
        for figure in figures {
            let place = *places.entry(figure.series(at_observation)).or_insert(series.len());
            if place == series.len() {
                series.push(Vec::new());
            }
            series[place].push(figure);
        }
        for figures in series {
            let Some(first) = figures.first() else { continue };
            open.separate(out);
            let key = open.key(first, &others);
            out.extend_from_slice(format!("\"{key}\":{{\"observations\":{{").as_bytes());
            let written = if open.keys_only() { &[][..] } else { figures.as_slice() };
            for (place, figure) in written.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                let key = open.key(figure, &[at_observation]);
                open.observation(&key, figure, out);
            }
            out.extend_from_slice(b"}}");
        }
    }

    fn links(&self, flow: &Flow) -> Value {
        let structure = json!({ "rel": "datastructure", "urn": urn(Type::DataStructure, AGENCY, STRUCTURE) });
        if self.pack.against == Context::DataStructure {
            return json!([structure]);
        }
        json!([{ "rel": "dataflow", "urn": urn(Type::Dataflow, &flow.agency, &flow.id) }, structure])
    }

    fn structure(&self, open: &DataSet) -> Value {
        let against_flow = self.pack.against != Context::DataStructure;
        let own = open.flow.names();
        let named = if against_flow { Some(&own) } else { names::of("STRUCTURES", STRUCTURE) };
        let mut structure = identified(STRUCTURE, named, self.lang);
        structure.remove("id");
        let (series, observation): (Vec<_>, Vec<_>) =
            open.dimensions.iter().partition(|dimension| open.pack.at_observation.is_some_and(|at| at != **dimension));
        let dimensions = |dimensions: Vec<Component>| {
            dimensions.into_iter().filter_map(|d| self.dimension(open, d)).collect::<Vec<Value>>()
        };
        let observation = if open.keys_only() { Vec::new() } else { dimensions(observation) };
        structure.insert(
            "dimensions".to_owned(),
            json!({ "dataSet": [], "series": dimensions(series), "observation": observation }),
        );
        let described = [("isMandatory", json!(false)), ("format", json!({ "dataType": "Decimal" }))];
        let measures: Vec<Value> =
            if open.pack.measures { vec![self.component(Component::ObsValue, &described)] } else { Vec::new() };
        structure.insert("measures".to_owned(), json!({ "observation": measures }));
        let attributes: Vec<Value> =
            open.pack.attributes.iter().map(|attribute| self.attribute(open, *attribute)).collect();
        let none: [Value; 0] = [];
        structure.insert(
            "attributes".to_owned(),
            json!({ "dataSet": none, "dimensionGroup": none, "series": none, "observation": attributes }),
        );
        structure.insert("dataSets".to_owned(), json!([self.structures.len()]));
        structure.insert("links".to_owned(), self.links(&open.flow));
        Value::Object(structure)
    }

    fn dimension(&self, open: &DataSet, dimension: Component) -> Option<Value> {
        let place = DIMENSIONS.iter().position(|known| *known == dimension)?;
        let values = self.values(open, dimension)?;
        Some(self.component(dimension, &[("keyPosition", json!(place)), ("values", values)]))
    }

    fn attribute(&self, open: &DataSet, attribute: Component) -> Value {
        let values = self.values(open, attribute).map(|values| ("values", values));
        let described = values.unwrap_or_else(|| ("format", json!({ "dataType": "String" })));
        let relationship = json!({ "observation": {} });
        self.component(attribute, &[("isMandatory", json!(true)), ("relationship", relationship), described])
    }

    fn component(&self, component: Component, more: &[(&str, Value)]) -> Value {
        let mut object = identified(component.id(), names::of("CONCEPTS", component.id()), self.lang);
        object.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        Value::Object(object)
    }

    /// The values that occurred; none where there are none.
    fn values(&self, open: &DataSet, component: Component) -> Option<Value> {
        let of = |id: &String| {
            if component.list().is_none() {
                return Value::Object(Map::from_iter([("value".to_owned(), json!(id))]));
            }
            Value::Object(identified(id, self.catalogue.name(component, id).as_ref(), self.lang))
        };
        Some(Value::Array(open.values.get(&component)?.order.iter().map(of).collect()))
    }
}

/// The dimensions in which a figure has a value.
fn dimensions_of(figure: &Figure) -> Vec<Component> {
    DIMENSIONS.into_iter().zip(&figure.dimensions).filter(|(_, value)| !value.is_empty()).map(|(d, _)| d).collect()
}

impl DataSet {
    /// Whether series are written without their figures; what goes is always a figure.
    fn keys_only(&self) -> bool {
        self.action != Action::Delete && self.pack.keys_only()
    }

    /// `"0:1":["0.7500",0,0,"x-escwa:dataset:egdi"]`: the value, then the attributes, coded ones by the place of their code.
    fn observation(&mut self, key: &str, figure: &Figure, out: &mut Vec<u8>) {
        let mut cells: Vec<Value> = Vec::new();
        if self.pack.measures {
            cells.push(json!(figure.get(Component::ObsValue)));
        }
        for attribute in self.pack.attributes.clone() {
            let value = figure.get(attribute).unwrap_or_default();
            cells.push(if attribute.list().is_some() { json!(self.place(attribute, value)) } else { json!(value) });
        }
        out.extend_from_slice(format!("\"{key}\":").as_bytes());
        write(out, &cells);
    }

    fn separate(&mut self, out: &mut Vec<u8>) {
        if self.begun {
            out.push(b',');
        }
        self.begun = true;
    }

    fn place(&mut self, component: Component, value: &str) -> usize {
        self.values.entry(component).or_default().place(value)
    }

    fn key(&mut self, figure: &Figure, dimensions: &[Component]) -> String {
        let places =
            dimensions.iter().map(|dimension| self.place(*dimension, figure.get(*dimension).unwrap_or_default()));
        places.map(|place| place.to_string()).collect::<Vec<_>>().join(":")
    }
}

fn write(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    // A vector takes everything, and what is written has text for keys.
    let _whole = serde_json::to_writer(out, value);
}
