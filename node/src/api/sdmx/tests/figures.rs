//! Which figures are given, and how much of an answer at once.

use super::*;

#[tokio::test]
async fn figures_are_rows_with_their_digits_status_and_provider() {
    let world = World::new().await;
    let text = world.ask("data/dataflow/x-escwa/egdi/*/A", CSV).await.unwrap();
    let expected = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,INDICATOR,REF_AREA,SEX,AGE,DISABILITY,PLACE,PROVIDER,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE,DATASET\r\n\
        dataflow,x-escwa:egdi(1.0.0),I,A,EGDI,EG,_T,_T,_T,_T,x-escwa,2020,0.5527,A,INDEX,x-escwa:dataset:egdi\r\n\
        dataflow,x-escwa:egdi(1.0.0),I,A,EGDI,EG,_T,_T,_T,_T,x-escwa,2022,0.5895,A,INDEX,x-escwa:dataset:egdi\r\n\
        dataflow,x-escwa:egdi(1.0.0),I,A,EGDI,EG,_T,_T,_T,_T,EG,2022,0.6000,A,INDEX,EG:dataset:own\r\n\
        dataflow,x-escwa:egdi(1.0.0),I,A,EGDI,JO,_T,_T,_T,_T,x-escwa,2020,0.5309,A,INDEX,x-escwa:dataset:egdi\r\n\
        dataflow,x-escwa:egdi(1.0.0),I,A,EGDI,JO,_T,_T,_T,_T,x-escwa,2022,0.6081,A,INDEX,x-escwa:dataset:egdi\r\n\
        dataflow,x-escwa:egdi(1.0.0),I,A,EGDI,PS,_T,_T,_T,_T,x-escwa,2022,,O,INDEX,x-escwa:dataset:egdi\r\n";
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
        ("data/dataflow/x-escwa/egdi/+", 7),
        ("data/dataflow/x-escwa/egdi/1.0+.0,3.0.0", 7),
        ("data?updatedAfter=2000-01-01T00:00:00Z", 9),
    ] {
        assert_eq!(world.rows(path).await.len(), count, "{path}");
    }
    for nothing in [
        "data/dataflow/x-escwa/egdi/*/*.*.QA",
        "data/dataflow/JO/egdi",
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
async fn the_same_position_gives_the_same_bytes() {
    let world = World::new().await;
    for path in ["data", "structure", "availability"] {
        assert_eq!(world.ask(path, "*/*").await.unwrap(), world.ask(path, "*/*").await.unwrap(), "{path}");
    }
    assert!(world.ask("data", JSON).await.is_ok());
}
