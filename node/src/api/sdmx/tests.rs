//! SDMX over a replica with figures.

use http_body_util::BodyExt as _;
use multaqa_proto::wire::kind::{Dataset, Indicator, dataset};
use multaqa_runtime::lifecycle::Shutdown;
use prost::Message as _;
use serde_json::{Value, json};

use super::*;
use crate::publish::testing::TestNode;

const JSON: &str = "application/vnd.sdmx.data+json;version=2.0.0";
const CSV: &str = "application/vnd.sdmx.data+csv;version=2.0.0";

fn texts(text: &str) -> std::collections::HashMap<String, String> {
    [("en".to_owned(), text.to_owned()), ("ar".to_owned(), format!("{text} ع"))].into()
}

fn indicator(code: &str) -> Vec<u8> {
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
pub(in crate::api) struct World {
    pub(in crate::api) node: TestNode,
    api: Api,
}

const EGDI: &str = "x-escwa:indicator:egdi";

impl World {
    async fn new() -> Self {
        Self::of(TestNode::of_secretariat().await).await
    }

    /// The same at another node.
    pub(in crate::api) async fn of(mut node: TestNode) -> Self {
        let put = |node: &mut TestNode, id: &str, payload: Vec<u8>| node.log.publish(id, &["members"], &[], payload);
        put(&mut node, EGDI, indicator("EGDI"));
        put(&mut node, "x-escwa:indicator:internet.users", indicator("IT.NET+USER"));
        let international = [
            ("JO", "2020", "0.5309"),
            ("JO", "2022", "0.6081"),
            ("EG", "2020", "0.5527"),
            ("EG", "2022", "0.5895"),
            ("PS", "2022", "-"),
        ];
        put(&mut node, "x-escwa:dataset:egdi", figures(EGDI, &international).encode_to_vec());
        put(
            &mut node,
            "EG:dataset:own",
            figures(EGDI, &[("EG", "2022", "0.6000"), ("EG", "2022-Q1", "0.6100")]).encode_to_vec(),
        );
        let mut by_sex = figures("x-escwa:indicator:internet.users", &[("SA", "2020", "97.9"), ("SA", "2020", "96.1")]);
        by_sex.observations[1].sex = Some("F".to_owned());
        put(&mut node, "SA:dataset:users", by_sex.encode_to_vec());
        node.follow().await;
        let api = Api::new(node.parts.clone(), Shutdown::new());
        Self { node, api }
    }

    async fn ask(&self, path: &str, accept: &str) -> Result<String, Refusal> {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let answer = self.api.sdmx(&Caller::Local, path, query, Some(accept), Lang::En).await?;
        let body = match answer.body {
            Body::Whole(bytes) => bytes,
            Body::Pieces(pieces) => pieces.collect().await.unwrap().to_bytes(),
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

#[tokio::test]
async fn figures_are_rows_with_their_digits_status_and_provider() {
    let world = World::new().await;
    let text = world.ask("data/dataflow/x-escwa/egdi/*/A", CSV).await.unwrap();
    let expected = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,INDICATOR,REF_AREA,SEX,AGE,DISABILITY,PLACE,PROVIDER,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE,DATASET\r\n\
        dataflow,x-escwa:egdi(1.0),I,A,EGDI,EG,_T,_T,_T,_T,x-escwa,2020,0.5527,A,INDEX,x-escwa:dataset:egdi\r\n\
        dataflow,x-escwa:egdi(1.0),I,A,EGDI,EG,_T,_T,_T,_T,x-escwa,2022,0.5895,A,INDEX,x-escwa:dataset:egdi\r\n\
        dataflow,x-escwa:egdi(1.0),I,A,EGDI,EG,_T,_T,_T,_T,EG,2022,0.6000,A,INDEX,EG:dataset:own\r\n\
        dataflow,x-escwa:egdi(1.0),I,A,EGDI,JO,_T,_T,_T,_T,x-escwa,2020,0.5309,A,INDEX,x-escwa:dataset:egdi\r\n\
        dataflow,x-escwa:egdi(1.0),I,A,EGDI,JO,_T,_T,_T,_T,x-escwa,2022,0.6081,A,INDEX,x-escwa:dataset:egdi\r\n\
        dataflow,x-escwa:egdi(1.0),I,A,EGDI,PS,_T,_T,_T,_T,x-escwa,2022,,O,INDEX,x-escwa:dataset:egdi\r\n";
    assert_eq!(text, expected);
    assert_eq!(world.rows("data").await.len(), 9);
    assert_eq!(world.rows("data/datastructure/MULTAQA/FIGURES").await.len(), 9);
}

#[tokio::test]
async fn keys_filters_and_parameters_narrow() {
    let world = World::new().await;
    for (path, count) in [
        ("data/dataflow/x-escwa/egdi/*/*.*.JO+PS", 3),
        ("data/dataflow/x-escwa/egdi/~/A.EGDI.EG._T._T._T._T.EG", 1),
        ("data/*/*/*/*/Q", 1),
        ("data?c[TIME_PERIOD]=ge:2021", 5),
        ("data?c[REF_AREA]=SA,JO&c[TIME_PERIOD]=le:2020", 3),
        ("data?c[OBS_VALUE]=ge:0.6&c[UNIT_MEASURE]=INDEX", 5),
        ("data?c[OBS_STATUS]=O", 1),
        ("data?c[SEX]=F", 1),
        ("data?c[INDICATOR]=IT$2ENET$2BUSER", 2),
        ("data/dataflow/x-escwa/internet_users", 2),
        ("data/dataflow/x-escwa/egdi/*/A?lastNObservations=1", 4),
        ("data/dataflow/x-escwa/egdi/*/A?firstNObservations=1&limit=2", 2),
        ("data?offset=8", 1),
        ("data?updatedAfter=2000-01-01T00:00:00Z", 9),
    ] {
        assert_eq!(world.rows(path).await.len(), count, "{path}");
    }
    for nothing in [
        "data/dataflow/x-escwa/egdi/*/*.*.QA",
        "data/dataflow/JO/egdi",
        "data/dataflow/x-escwa/egdi/+",
        "data/provisionagreement",
        "data?c[TIME_PERIOD]=gt:2030",
        "data?updatedAfter=2999-01-01T00:00:00Z",
        "data/dataflow/x-escwa/egdi/2.0",
        "data?c[REF_AREA]=$ZZ",
    ] {
        assert_eq!(world.refused(nothing).await, "SDMX_NOTHING_FOUND", "{nothing}");
    }
}

#[tokio::test]
async fn of_two_figures_for_one_key_the_newer_stands() {
    let mut world = World::new().await;
    world.node.log.publish(
        "x-escwa:dataset:egdi-2",
        &["members"],
        &[],
        figures(EGDI, &[("JO", "2022", "0.7000")]).encode_to_vec(),
    );
    world.node.follow().await;
    let rows = world.rows("data/dataflow/x-escwa/egdi/*/A.EGDI.JO").await;
    assert_eq!(rows.len(), 2);
    assert!(rows[1].contains(",0.7000,") && rows[1].ends_with("x-escwa:dataset:egdi-2"), "{rows:?}");
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

#[tokio::test]
async fn every_packing_holds_the_same_figures() {
    let world = World::new().await;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in world.rows("data").await {
        let cells: Vec<&str> = row.split(',').skip(3).collect();
        rows.push(
            cells.iter().map(|cell| if cell.is_empty() { "null".to_owned() } else { (*cell).to_owned() }).collect(),
        );
    }
    rows.sort();
    for packing in [
        "",
        "?dimensionAtObservation=AllDimensions",
        "?dimensionAtObservation=REF_AREA",
        "?dimensionAtObservation=PROVIDER",
    ] {
        for context in ["dataflow", "datastructure"] {
            let message = world.json(&format!("data/{context}{packing}")).await;
            assert_eq!(unpacked(&message), rows, "{context}{packing}");
        }
    }
    let message = world.json("data/dataflow/x-escwa/egdi/*/A.EGDI.JO?c[TIME_PERIOD]=2020").await;
    assert_eq!(
        message["data"]["dataSets"][0]["series"]["0:0:0:0:0:0:0:0"]["observations"]["0"],
        json!(["0.5309", 0, 0, "x-escwa:dataset:egdi"])
    );
    assert!(message["meta"]["schema"].as_str().unwrap().ends_with("sdmx-json-data-schema.json"));
}

#[tokio::test]
async fn values_and_attributes_can_be_left_out() {
    let world = World::new().await;
    let head = |text: String| text.lines().next().unwrap().to_owned();
    let text = world.ask("data/dataflow/x-escwa/egdi?attributes=OBS_STATUS", CSV).await.unwrap();
    assert!(head(text).ends_with("TIME_PERIOD,OBS_VALUE,OBS_STATUS"));
    let text = world.ask("data/dataflow/x-escwa/egdi?measures=none&attributes=DATASET", CSV).await.unwrap();
    assert!(head(text).ends_with("TIME_PERIOD,DATASET"));
    let keys = world.rows("data/dataflow/x-escwa/egdi?measures=none&attributes=none").await;
    assert_eq!(keys.len(), 5);
    assert!(keys.iter().all(|row| row.ends_with(',')), "{keys:?}");
    let keys = world.json("data/dataflow/x-escwa/egdi?measures=none&attributes=none").await;
    let series = keys["data"]["dataSets"][0]["series"].as_object().unwrap();
    assert!(series.len() == 5 && series.values().all(|series| series["observations"] == json!({})));
    assert_eq!(keys["data"]["structures"][0]["dimensions"]["observation"], json!([]));
}

#[tokio::test]
async fn names_stand_beside_ids_where_asked() {
    let world = World::new().await;
    let both = world.ask("data/dataflow/x-escwa/egdi/*/A.EGDI.PS", &format!("{CSV};labels=both")).await.unwrap();
    assert!(
        both.contains("REF_AREA: Reference area")
            && both.contains("x-escwa: ESCWA")
            && both.contains("O: Missing value"),
        "{both}"
    );
    assert!(both.contains("x-escwa:egdi(1.0): Name of EGDI"));
    let name = world.ask("data/dataflow/x-escwa/egdi/*/A.EGDI.PS", &format!("{CSV};labels=name")).await.unwrap();
    assert!(
        name.contains("STRUCTURE_NAME") && name.contains("REF_AREA,Reference area") && name.contains(",x-escwa,ESCWA,"),
        "{name}"
    );
}

#[tokio::test]
async fn long_answers_come_in_pieces_and_whole() {
    let mut world = World::new().await;
    let many: Vec<String> = (1000..4000).map(|year| year.to_string()).collect();
    for area in ["JO", "EG"] {
        let given: Vec<Given<'_>> = many.iter().map(|year| (area, year.as_str(), "0.1234")).collect();
        let id = format!("x-escwa:dataset:long-{}", area.to_lowercase());
        world.node.log.publish(
            &id,
            &["members"],
            &[],
            figures("x-escwa:indicator:internet.users", &given).encode_to_vec(),
        );
    }
    world.node.follow().await;
    let rows = world.rows("data/dataflow/x-escwa/internet_users").await;
    assert_eq!(rows.len(), 6002);
    let different: std::collections::BTreeSet<&String> = rows.iter().collect();
    assert_eq!(different.len(), rows.len());
    let message = world.json("data/dataflow/x-escwa/internet_users").await;
    assert_eq!(unpacked(&message).len(), 6002);
    assert_eq!(world.rows("data/dataflow/x-escwa/internet_users?lastNObservations=1").await.len(), 4);
}

#[tokio::test]
async fn series_over_all_areas_are_bounded_and_rows_are_not() {
    let mut world = World::new().await;
    let years: Vec<String> = (1000..5500).map(|year| year.to_string()).collect();
    for area in 0..12 {
        let area = format!("{area:03}");
        let given: Vec<Given<'_>> = years.iter().map(|year| (area.as_str(), year.as_str(), "1")).collect();
        let payload = figures("x-escwa:indicator:internet.users", &given).encode_to_vec();
        world.node.log.publish(&format!("x-escwa:dataset:wide-{area}"), &["members"], &[], payload);
    }
    world.node.follow().await;
    let path = "data/dataflow/x-escwa/internet_users";
    assert_eq!(world.refused(&format!("{path}?dimensionAtObservation=REF_AREA")).await, "SDMX_ANSWER_TOO_LARGE");
    assert_eq!(world.rows(path).await.len(), 54_002);
    assert_eq!(world.rows(&format!("{path}?c[TIME_PERIOD]=lt:1002")).await.len(), 24);
}

#[tokio::test]
async fn structures_resolve_one_another() {
    let world = World::new().await;
    let all = world.json("structure").await;
    let data = &all["data"];
    let count = |key: &str| data[key].as_array().map_or(0, Vec::len);
    assert_eq!(
        [
            count("agencySchemes"),
            count("codelists"),
            count("conceptSchemes"),
            count("dataStructures"),
            count("dataflows")
        ],
        [1, 10, 1, 1, 2]
    );
    let flow = world.json("structure/dataflow/x-escwa/egdi/1.0?references=descendants").await;
    assert_eq!(
        flow["data"]["dataflows"][0]["structure"],
        "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=MULTAQA:FIGURES(1.0)"
    );
    assert_eq!(flow["data"]["dataflows"][0]["names"]["ar"], "Name of EGDI ع");
    let codes = |list: &str| {
        let list = data["codelists"].as_array().unwrap().iter().find(|found| found["id"] == list).unwrap();
        list["codes"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes("CL_INDICATOR"), ["EGDI", "IT$2ENET$2BUSER"]);
    assert!(codes("CL_REF_AREA").contains(&"PS".to_owned()), "an area of figures that is no member");
    assert!(codes("CL_PROVIDER").contains(&"x-escwa".to_owned()));
    // Every code of every figure is in its list.
    for row in world.rows("data").await {
        let cells: Vec<&str> = row.split(',').collect();
        for (place, list) in [
            (3, "CL_FREQ"),
            (4, "CL_INDICATOR"),
            (5, "CL_REF_AREA"),
            (6, "CL_SEX"),
            (10, "CL_PROVIDER"),
            (13, "CL_OBS_STATUS"),
            (14, "CL_UNIT_MEASURE"),
        ] {
            assert!(codes(list).contains(&cells[place].to_owned()), "{list} {row}");
        }
    }
}

#[tokio::test]
async fn details_and_items_narrow_structures() {
    let world = World::new().await;
    let stub = world.json("structure/dataflow?detail=allstubs").await["data"]["dataflows"][0].clone();
    assert_eq!((stub.get("structure"), stub.get("description"), &stub["id"]), (None, None, &json!("egdi")));
    let complete = world.json("structure/dataflow?detail=allcompletestubs").await["data"]["dataflows"][0].clone();
    assert_eq!((complete.get("structure"), &complete["description"]), (None, &json!("What it is")));
    let items = world.json("structure/codelist/MULTAQA/CL_SEX/1.0/F,M").await["data"]["codelists"][0].clone();
    assert_eq!((items["codes"].as_array().unwrap().len(), &items["isPartial"]), (2, &json!(true)));
    let stubs = world.json("structure/dataflow/x-escwa/egdi?references=children&detail=referencestubs").await;
    assert!(stubs["data"]["dataflows"][0].get("structure").is_some());
    assert!(stubs["data"]["dataStructures"][0].get("dataStructureComponents").is_none());
    for nothing in [
        "structure/codelist/MULTAQA/CL_SEX/1.0/X",
        "structure/dataflow/x-escwa/none",
        "structure/categoryscheme",
        "structure/codelist/SDMX",
    ] {
        assert_eq!(world.refused(nothing).await, "SDMX_NOTHING_FOUND", "{nothing}");
    }
}

#[tokio::test]
async fn availability_tells_values_and_counts() {
    let world = World::new().await;
    let found = world.json("availability/dataflow/x-escwa/egdi/*/A?references=all").await;
    let constraint = &found["data"]["dataConstraints"][0];
    let counts: Vec<&str> =
        constraint["annotations"].as_array().unwrap().iter().map(|a| a["title"].as_str().unwrap()).collect();
    assert_eq!(counts, ["6", "4"]);
    let region = constraint["cubeRegions"][0]["keyValues"].as_array().unwrap();
    let values = |id: &str| region.iter().find(|key| key["id"] == id).unwrap().clone();
    assert_eq!(values("REF_AREA")["values"], json!([{ "value": "EG" }, { "value": "JO" }, { "value": "PS" }]));
    assert_eq!(values("TIME_PERIOD")["timeRange"]["startPeriod"]["period"], "2020");
    let lists = found["data"]["codelists"].as_array().unwrap();
    let areas = lists.iter().find(|list| list["id"] == "CL_REF_AREA").unwrap();
    assert_eq!(
        (areas["codes"].as_array().unwrap().len(), found["data"]["dataflows"].as_array().unwrap().len()),
        (3, 1)
    );
    assert_eq!(world.json("availability").await["data"]["dataConstraints"].as_array().unwrap().len(), 2);
    let one = world.json("availability/datastructure/MULTAQA/FIGURES/*/*/REF_AREA").await;
    assert_eq!(one["data"]["dataConstraints"][0]["cubeRegions"][0]["keyValues"].as_array().unwrap().len(), 1);
    assert_eq!(world.refused("availability?mode=available").await, "SDMX_NOT_IMPLEMENTED");
    assert_eq!(world.refused("availability/*/*/*/*/X").await, "SDMX_NOTHING_FOUND");
}

#[tokio::test]
async fn the_same_position_gives_the_same_bytes() {
    let world = World::new().await;
    for path in ["data", "structure", "availability"] {
        assert_eq!(world.ask(path, "*/*").await.unwrap(), world.ask(path, "*/*").await.unwrap(), "{path}");
    }
    assert!(world.ask("data", JSON).await.is_ok());
}
