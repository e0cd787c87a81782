//! What was taken away since a moment, and that a copy which takes the changes is what the figures are.

use std::collections::BTreeMap;

use super::*;

/// Before what the tests change, and after what the world holds.
const SINCE: &str = "updatedAfter=2023-11-14T22:13:30Z";

impl World {
    /// Puts a later revision, or another dataset.
    pub(super) fn put(&mut self, id: &str, replaces: &[RecordId], payload: &Dataset) {
        self.node.log.later_ms = 60_000;
        self.node.log.publish(id, &["members"], replaces, payload.encode_to_vec());
    }

    /// Withdraws Egypt's own dataset.
    pub(super) fn withdraw(&mut self) {
        self.node.log.later_ms = 60_000;
        self.node.log.withdraw("EG:dataset:own", &["members"], &[self.records[1]]);
    }

    pub(super) async fn changed(&mut self) -> &Self {
        self.node.follow().await;
        self
    }
}

/// A copy of figures by their keys, after the rows of an answer.
fn taken(mut copy: BTreeMap<Vec<String>, Vec<String>>, rows: &[String]) -> BTreeMap<Vec<String>, Vec<String>> {
    for row in rows {
        let cells: Vec<String> = row.split(',').map(str::to_owned).collect();
        // Action, then the dataflow with the dimensions.
        let (key, rest) = ([&cells[1..2], &cells[3..12]].concat(), cells[12..].to_vec());
        match cells[2].as_str() {
            "D" => copy.retain(|known, _| key.iter().zip(known).any(|(gone, known)| !gone.is_empty() && gone != known)),
            _ => drop(copy.insert(key, rest)),
        }
    }
    copy
}

pub(super) const SELECTIONS: &[&str] = &[
    "data",
    "data/datastructure/MULTAQA/FIGURES",
    "data/datastructure?c[REF_AREA]=EG,SA",
    "data/dataflow/x-escwa/egdi",
    "data/dataflow/x-escwa/egdi/*/A",
    "data/dataflow/x-escwa/egdi/*/*.*.EG+JO",
    "data/dataflow/x-escwa/egdi/*/A.EGDI.EG._T._T._T._T.EG,*.*.JO",
    "data?c[REF_AREA]=EG&c[FREQ]=A,Q",
    "data?c[PROVIDER]=SA,EG",
    "data?c[PROVIDER]=SA",
    "data?c[INDICATOR]=EGDI",
    "data/dataflow/x-escwa/internet_users",
];

/// Changes the figures, and takes the changes of each selection into a copy that was made before.
async fn copies_follow(change: impl AsyncFn(&mut World)) {
    copies_follow_of(World::new().await, change).await;
}

async fn copies_follow_of(mut world: World, change: impl AsyncFn(&mut World)) {
    let mut copies = Vec::new();
    for selection in SELECTIONS {
        copies.push(taken(BTreeMap::new(), &world.rows(selection).await));
    }
    change(&mut world).await;
    world.changed().await;
    for (selection, copy) in SELECTIONS.iter().zip(copies) {
        let joined = if selection.contains('?') { '&' } else { '?' };
        let changes = world.ask(&format!("{selection}{joined}{SINCE}"), CSV).await;
        let rows: Vec<String> = changes.iter().flat_map(|text| text.lines().skip(1)).map(str::to_owned).collect();
        let now = world.ask(selection, CSV).await.unwrap_or_default();
        let now: Vec<String> = now.lines().skip(1).map(str::to_owned).collect();
        assert_eq!(taken(copy, &rows), taken(BTreeMap::new(), &now), "{selection}\n{rows:#?}");
    }
}

#[tokio::test]
async fn copies_follow_a_revision_that_leaves_figures_out() {
    copies_follow(async |world| {
        let first = world.records[0];
        world.put("x-escwa:dataset:egdi", &[first], &figures(EGDI, &[("JO", "2022", "0.7000"), ("SA", "2022", "0.8")]));
    })
    .await;
}

#[tokio::test]
async fn copies_follow_a_withdrawal() {
    copies_follow(async |world| world.withdraw()).await;
}

#[tokio::test]
async fn copies_follow_where_an_older_figure_stands_again() {
    let mut world = World::new().await;
    let newer = figures(EGDI, &[("EG", "2022", "0.6500")]).encode_to_vec();
    let newer = world.node.log.publish("EG:dataset:newer", &["members"], &[], newer).record_id;
    world.changed().await;
    copies_follow_of(world, async |world| {
        world.put("EG:dataset:newer", &[newer], &figures(EGDI, &[("EG", "2010", "0.1")]));
    })
    .await;
}

#[tokio::test]
async fn copies_follow_a_dataset_that_goes_to_another_indicator() {
    copies_follow(async |world| {
        let second = world.records[1];
        let moved = figures("x-escwa:indicator:internet.users", &[("EG", "2022", "70"), ("EG", "2022-Q1", "71")]);
        world.put("EG:dataset:own", &[second], &moved);
        let first = world.records[0];
        world.put("x-escwa:dataset:egdi", &[first], &figures(EGDI, &[("PS", "2022", "-")]));
    })
    .await;
}

#[tokio::test]
async fn copies_follow_all_of_it_at_once() {
    copies_follow(async |world| {
        world.withdraw();
        let first = world.records[0];
        world.put("x-escwa:dataset:egdi", &[first], &figures(EGDI, &[("JO", "2022", "0.7000")]));
        world.put("EG:dataset:again", &[], &figures(EGDI, &[("EG", "2022", "0.6600"), ("EG", "2023", "0.67")]));
    })
    .await;
}

#[tokio::test]
async fn each_figure_that_went_is_told_by_its_key() {
    let mut world = World::new().await;
    let first = world.records[0];
    world.put("x-escwa:dataset:egdi", &[first], &figures(EGDI, &[("JO", "2022", "0.7000")]));
    let world = world.changed().await;
    let path = format!("data/dataflow/x-escwa/egdi/*/A.EGDI.JO+PS?{SINCE}");
    assert_eq!(
        world.rows(&path).await,
        [
            "dataflow,x-escwa:egdi(1.0.0),R,A,EGDI,JO,_T,_T,_T,_T,x-escwa,2022,0.7000,A,INDEX,x-escwa:dataset:egdi",
            "dataflow,x-escwa:egdi(1.0.0),D,A,EGDI,JO,_T,_T,_T,_T,x-escwa,2020,,,,",
            "dataflow,x-escwa:egdi(1.0.0),D,A,EGDI,PS,_T,_T,_T,_T,x-escwa,2022,,,,",
        ]
    );
    for packing in ["", "&dimensionAtObservation=AllDimensions"] {
        let sets = world.json(&format!("{path}{packing}")).await["data"].take();
        let told: Vec<&str> =
            sets["dataSets"].as_array().unwrap().iter().map(|set| set["action"].as_str().unwrap()).collect();
        assert_eq!(told, ["Replace", "Delete"]);
        assert_eq!(sets["structures"][1]["measures"]["observation"], json!([]));
    }
    let flat = world.json(&format!("{path}&dimensionAtObservation=AllDimensions")).await;
    assert_eq!(
        flat["data"]["dataSets"][1]["observations"],
        json!({ "0:0:0:0:0:0:0:0:0": [], "0:0:1:0:0:0:0:0:1": [] })
    );
    assert_eq!(world.rows(&format!("{path}&limit=2")).await.len(), 2);
    assert!(world.rows(&format!("{path}&offset=2")).await[0].contains(",D,A,EGDI,PS,"));
    let found = world.json(&path.replacen("data", "availability", 1)).await;
    let counts = &found["data"]["dataConstraints"][0]["annotations"];
    assert_eq!((&counts[0]["title"], &counts[1]["title"]), (&json!("1"), &json!("1")));
    let keys = found["data"]["dataConstraints"][0]["cubeRegions"][0]["keyValues"].as_array().unwrap().clone();
    let areas = keys.iter().find(|key| key["id"] == "REF_AREA").unwrap();
    assert_eq!(areas["values"], json!([{ "value": "JO" }, { "value": "PS" }]), "also of what went");
}

#[tokio::test]
async fn what_a_withdrawn_dataset_may_have_held_goes_by_a_partial_key() {
    let mut world = World::new().await;
    world.withdraw();
    let world = world.changed().await;
    let rows = world.rows(&format!("data/dataflow/x-escwa/egdi?{SINCE}")).await;
    assert_eq!(rows, ["dataflow,x-escwa:egdi(1.0.0),D,,EGDI,,,,,,EG,,,,,"]);
    let message = world.json(&format!("data/dataflow/x-escwa/egdi/*/A.*.EG?{SINCE}")).await;
    let set = &message["data"]["dataSets"][0];
    assert_eq!((&set["action"], &set["observations"]), (&json!("Delete"), &json!({ "0:0:0:0": [] })));
    let dimensions = message["data"]["structures"][0]["dimensions"]["observation"].as_array().unwrap();
    let named: Vec<&str> = dimensions.iter().map(|dimension| dimension["id"].as_str().unwrap()).collect();
    assert_eq!(named, ["FREQ", "INDICATOR", "REF_AREA", "PROVIDER"]);
}

#[tokio::test]
async fn what_cannot_be_told_of_a_withdrawal_is_refused() {
    let mut world = World::new().await;
    world.withdraw();
    let world = world.changed().await;
    for narrowed in [
        "c[TIME_PERIOD]=ge:2020",
        "c[OBS_VALUE]=ge:0.1",
        "c[DATASET]=EG:dataset:own",
        "c[REF_AREA]=ne:JO",
        "c[REF_AREA]=sw:E",
        "lastNObservations=1",
        "firstNObservations=1",
    ] {
        assert_eq!(world.refused(&format!("data?{narrowed}&{SINCE}")).await, "SDMX_CHANGES_UNTOLD", "{narrowed}");
    }
    let other = "data/*/*/*/*/*.*.*.*.*.*.*.x-escwa";
    for narrowed in ["c[PROVIDER]=x-escwa&lastNObservations=1", "c[PROVIDER]=x-escwa"] {
        assert_eq!(world.refused(&format!("{other}?{narrowed}&{SINCE}")).await, "SDMX_NOTHING_FOUND", "{narrowed}");
    }
}
