//! Figures as they stood.

use super::changes::SELECTIONS;
use super::*;

/// Before what the tests change, and after what the world holds.
const THEN: &str = "asOf=2023-11-14T22:13:30Z";

fn with(selection: &str, parameter: &str) -> String {
    let joined = if selection.contains('?') { '&' } else { '?' };
    format!("{selection}{joined}{parameter}")
}

/// A world in which datasets were revised and came since, and what it gave before.
async fn changed() -> (World, Vec<Vec<String>>) {
    let mut world = World::new().await;
    let mut before = Vec::new();
    for selection in SELECTIONS {
        before.push(world.rows(selection).await);
    }
    let [first, second] = world.records;
    // Other values, others less, more of others; an area before and one behind all that stood; the same key by two datasets.
    let revised = [("AE", "2019", "1"), ("EG", "2022", "0.9"), ("JO", "2021", "0.7"), ("YE", "2022", "2")];
    world.put("x-escwa:dataset:egdi", &[first], &figures(EGDI, &revised));
    world.put("EG:dataset:own", &[second], &figures(EGDI, &[("EG", "2023", "0.7")]));
    world.put("SA:dataset:late", &[], &figures(EGDI, &[("JO", "2022", "0.5")]));
    (world, before)
}

#[tokio::test]
async fn figures_are_given_as_they_stood() {
    let (mut world, before) = changed().await;
    world.changed().await;
    for (selection, before) in SELECTIONS.iter().zip(before) {
        assert_eq!(world.rows(&with(selection, THEN)).await, before, "{selection}");
        let now = world.rows(selection).await;
        assert_eq!(world.rows(&with(selection, "asOf=2100-01-01T00:00:00Z")).await, now, "{selection}");
    }
    let whole = world.rows("data").await;
    assert_ne!(whole, world.rows(&with("data", THEN)).await);
    // By series, from their ends, in another order, each after what stood is known.
    let last = "data/dataflow/x-escwa/egdi/*/*.*.EG?lastNObservations=1&sort=TIME_PERIOD:desc";
    assert!(world.rows(&with(last, THEN)).await.iter().all(|row| row.contains("2022")));
    assert_eq!(world.refused("data?asOf=2000-01-01T00:00:00Z").await, "SDMX_NOTHING_FOUND", "nothing stood");
}

#[tokio::test]
async fn what_stood_of_a_withdrawn_dataset_nobody_can_tell() {
    let mut world = World::new().await;
    let of_others = world.rows("data?c[PROVIDER]=SA").await;
    world.withdraw();
    world.changed().await;
    for selection in ["data", "data/dataflow/x-escwa/internet_users", "data?c[PROVIDER]=SA,EG"] {
        assert_eq!(world.refused(&with(selection, THEN)).await, "SDMX_PAST_ERASED", "{selection}");
    }
    assert_eq!(world.rows(&with("data?c[PROVIDER]=SA", THEN)).await, of_others);
    assert!(!world.rows("data?asOf=2100-01-01T00:00:00Z").await.is_empty(), "it was withdrawn by then");
}

#[tokio::test]
async fn a_moment_is_one_and_stands_alone() {
    let world = World::new().await;
    assert_eq!(world.refused("data?asOf=yesterday").await, "SDMX_MALFORMED");
    let both = "data?asOf=2023-01-01T00:00:00Z&updatedAfter=";
    assert_eq!(world.refused(&format!("{both}2024-01-01T00:00:00Z")).await, "SDMX_MALFORMED");
    assert_eq!(world.refused(&format!("{both}2022-01-01T00:00:00Z")).await, "SDMX_NOT_IMPLEMENTED");
}
