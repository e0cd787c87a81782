//! The same figures in every form.

use super::*;

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
    assert!(both.contains("x-escwa:egdi(1.0.0): Name of EGDI"));
    let name = world.ask("data/dataflow/x-escwa/egdi/*/A.EGDI.PS", &format!("{CSV};labels=name")).await.unwrap();
    assert!(
        name.contains("STRUCTURE_NAME") && name.contains("REF_AREA,Reference area") && name.contains(",x-escwa,ESCWA,"),
        "{name}"
    );
}

#[tokio::test]
async fn figures_come_in_the_order_that_is_asked_for() {
    let world = World::new().await;
    let flow = "data/dataflow/x-escwa/egdi/*/A.EGDI.EG+JO._T._T._T._T.x-escwa";
    let cells = |rows: Vec<String>| {
        let cell = |row: String| {
            row.split(',')
                .enumerate()
                .filter(|(at, _)| [5, 11].contains(at))
                .map(|(_, c)| c)
                .collect::<Vec<_>>()
                .join(" ")
        };
        rows.into_iter().map(cell).collect::<Vec<_>>()
    };
    let sorted = cells(world.rows(&format!("{flow}?sort=TIME_PERIOD:desc+REF_AREA")).await);
    assert_eq!(sorted, ["EG 2022", "JO 2022", "EG 2020", "JO 2020"]);
    let page = cells(world.rows(&format!("{flow}?sort=series_key:desc+TIME_PERIOD&offset=1&limit=2")).await);
    assert_eq!(page, ["JO 2022", "EG 2020"]);
    let message = world.json(&format!("{flow}?sort=series_key:desc")).await;
    let areas = &message["data"]["structures"][0]["dimensions"]["series"][2]["values"];
    assert_eq!((&areas[0]["id"], &areas[1]["id"]), (&json!("JO"), &json!("EG")));
}
