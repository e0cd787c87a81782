//! Which figures there are.

use super::*;

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
    assert_eq!(world.refused("availability/*/*/*/*/X").await, "SDMX_NOTHING_FOUND");
}

#[tokio::test]
async fn what_could_be_added_to_a_selection_is_told() {
    let world = World::new().await;
    let values = async |path: &str, id: &str| {
        let found = world.json(path).await;
        let keys = found["data"]["dataConstraints"][0]["cubeRegions"][0]["keyValues"].as_array().unwrap().clone();
        let key = keys.into_iter().find(|key| key["id"] == id).unwrap();
        let values = key["values"].as_array().unwrap().iter().map(|value| value["value"].as_str().unwrap().to_owned());
        values.collect::<Vec<_>>()
    };
    let flow = "availability/dataflow/x-escwa/egdi/*/A.*.JO";
    assert_eq!(values(&format!("{flow}?mode=exact"), "REF_AREA").await, ["JO"]);
    assert_eq!(values(&format!("{flow}?mode=available"), "REF_AREA").await, ["EG", "JO", "PS"]);
    assert_eq!(values(&format!("{flow}?mode=available"), "FREQ").await, ["A"], "of Jordan there is nothing else");
    assert_eq!(values(&format!("{flow}?mode=available"), "PROVIDER").await, ["x-escwa"]);
    let by_provider = "availability/dataflow/x-escwa/egdi?c[PROVIDER]=EG&mode=available";
    assert_eq!(values(by_provider, "PROVIDER").await, ["EG", "x-escwa"]);
    assert_eq!(values(by_provider, "FREQ").await, ["A", "Q"]);
}
