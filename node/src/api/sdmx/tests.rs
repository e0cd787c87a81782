//! SDMX over a replica with figures: the replica, and what is asked of it.

mod available;
mod changes;
mod figures;
mod packing;
mod past;
mod structures;

use multaqa_proto::hash::RecordId;
use multaqa_proto::wire::kind::{Codelist, Dataset, Indicator, codelist, dataset};
use multaqa_runtime::lifecycle::Shutdown;
use prost::Message as _;
use serde_json::{Value, json};
use tokio_stream::StreamExt as _;

use super::*;
use crate::publish::testing::TestNode;

const JSON: &str = "application/vnd.sdmx.data+json;version=2.0.0";
const CSV: &str = "application/vnd.sdmx.data+csv;version=2.0.0";

fn texts(text: &str) -> std::collections::HashMap<String, String> {
    [("en".to_owned(), text.to_owned()), ("ar".to_owned(), format!("{text} ع"))].into()
}

pub(crate) fn indicator(code: &str) -> Vec<u8> {
    Indicator {
        code: code.to_owned(),
        name: texts(&format!("Name of {code}")),
        definition: texts("What it is"),
        unit: "INDEX".to_owned(),
        direction: "higher-is-better".to_owned(),
        periodicity: "A".to_owned(),
        source: "Tests, \"quoted\"".to_owned(),
        ..Default::default()
    }
    .encode_to_vec()
}

/// Area, period and value; `-` for none.
type Given<'a> = (&'a str, &'a str, &'a str);

fn figures(indicator: &str, given: &[Given<'_>]) -> Dataset {
    let figure = |(area, period, value): &Given<'_>| dataset::Observation {
        ref_area: (*area).to_owned(),
        time_period: (*period).to_owned(),
        value: Some((*value).to_owned()).filter(|value| value != "-"),
        obs_status: if *value == "-" { "O" } else { "" }.to_owned(),
        ..Default::default()
    };
    Dataset {
        indicator: indicator.to_owned(),
        title: texts("Figures"),
        unit: "INDEX".to_owned(),
        source: "Tests".to_owned(),
        provenance: "Made up".to_owned(),
        observations: given.iter().map(figure).collect(),
        ..Default::default()
    }
}

/// A node of JO that holds two indicators, figures of the secretariat's and of its own.
pub(crate) struct World {
    pub(crate) node: TestNode,
    api: Api,
    /// The secretariat's and Egypt's records of figures.
    records: [RecordId; 2],
}

const EGDI: &str = "x-escwa:indicator:egdi";

impl World {
    async fn new() -> Self {
        Self::of(TestNode::of_secretariat().await).await
    }

    /// The same at another node.
    pub(crate) async fn of(mut node: TestNode) -> Self {
        let put = |node: &mut TestNode, id: &str, payload: Vec<u8>| {
            node.log.publish(id, &["members"], &[], payload).record_id
        };
        put(&mut node, EGDI, indicator("EGDI"));
        put(&mut node, "x-escwa:indicator:internet.users", indicator("IT.NET+USER"));
        let international = [
            ("JO", "2020", "0.5309"),
            ("JO", "2022", "0.6081"),
            ("EG", "2020", "0.5527"),
            ("EG", "2022", "0.5895"),
            ("PS", "2022", "-"),
        ];
        let first = put(&mut node, "x-escwa:dataset:egdi", figures(EGDI, &international).encode_to_vec());
        let second = put(
            &mut node,
            "EG:dataset:own",
            figures(EGDI, &[("EG", "2022", "0.6000"), ("EG", "2022-Q1", "0.6100")]).encode_to_vec(),
        );
        let mut by_sex = figures("x-escwa:indicator:internet.users", &[("SA", "2020", "97.9"), ("SA", "2020", "96.1")]);
        by_sex.observations[1].sex = Some("F".to_owned());
        put(&mut node, "SA:dataset:users", by_sex.encode_to_vec());
        node.follow().await;
        let api = Api::new(node.parts.clone(), Shutdown::new());
        Self { node, api, records: [first, second] }
    }

    async fn ask(&self, path: &str, accept: &str) -> Result<String, Refusal> {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let answer = self.api.sdmx(&Caller::Local, path, query, Some(accept), Lang::En).await?;
        let body = match answer.body {
            Body::Whole(bytes) => bytes,
            Body::Pieces(pieces) => pieces.collect::<Result<Vec<_>, _>>().await.unwrap().concat().into(),
        };
        Ok(String::from_utf8(body.to_vec()).unwrap())
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.ask(path, "*/*").await.unwrap()).unwrap()
    }

    async fn rows(&self, path: &str) -> Vec<String> {
        let text = self.ask(path, CSV).await.unwrap();
        text.lines().skip(1).map(str::to_owned).collect()
    }

    async fn refused(&self, path: &str) -> &'static str {
        self.ask(path, "*/*").await.unwrap_err().code
    }
}

/// The figures of a data message by the indexes in it: dimensions, then value and attributes.
fn unpacked(message: &Value) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let value = |component: &Value, place: &str| {
        let value = &component["values"][place.parse::<usize>().unwrap()];
        value.get("id").or(value.get("value")).unwrap().as_str().unwrap().to_owned()
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for set in message["data"]["dataSets"].as_array().unwrap() {
        let structure = &message["data"]["structures"][usize::try_from(set["structure"].as_u64().unwrap()).unwrap()];
        let unkey = |key: &str, of: &str| {
            let dimensions = structure["dimensions"][of].as_array().unwrap();
            let parts: Vec<&str> = key.split(':').filter(|part| !part.is_empty()).collect();
            assert_eq!(parts.len(), dimensions.len());
            parts
                .iter()
                .zip(dimensions)
                .map(|(part, d)| (d["keyPosition"].as_u64().unwrap(), value(d, part)))
                .collect::<Vec<_>>()
        };
        let none = json!({ "": { "observations": set["observations"] } });
        let series = set.get("series").unwrap_or(&none);
        for (series_key, series) in series.as_object().unwrap() {
            for (key, cells) in series["observations"].as_object().unwrap() {
                let mut dimensions = [unkey(series_key, "series"), unkey(key, "observation")].concat();
                dimensions.sort();
                let cells = cells.as_array().unwrap();
                let attributes = structure["attributes"]["observation"].as_array().unwrap();
                let shown = cells[1..].iter().zip(attributes).map(|(cell, attribute)| {
                    cell.as_u64().map_or_else(|| text(cell), |place| value(attribute, &place.to_string()))
                });
                found.push(
                    dimensions.into_iter().map(|(_, value)| value).chain([text(&cells[0])]).chain(shown).collect(),
                );
            }
        }
    }
    found.sort();
    found
}
