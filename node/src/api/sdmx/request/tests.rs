//! Requests as SDMX REST writes them, read or refused by name.

use proptest::prelude::*;

use super::super::component::{ALL, ATTRIBUTES, Component};
use super::*;

fn refused_with(path: &str, query: &str) -> &'static str {
    read(path, Some(query).filter(|query| !query.is_empty())).unwrap_err().code
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_standard() {
    let Request::Data(query) = read("data", None).unwrap() else { panic!() };
    assert!(query.selection.agencies.are_all() && query.selection.holds_version() && query.measures);
    assert_eq!(
        (query.at_observation, query.attributes, query.limit),
        (Some(Component::TimePeriod), ATTRIBUTES.to_vec(), None)
    );
    let full = "data/dataflow/x-escwa/egdi,hci/*/A.*.JO+EG/?c%5BTIME_PERIOD%5D=ge%3A2018&dimensionAtObservation=AllDimensions&lastNObservations=1";
    let (path, query) = full.split_once('?').unwrap();
    let Request::Data(query) = read(path, Some(query)).unwrap() else { panic!() };
    assert_eq!((query.at_observation, query.last), (None, Some(1)));
    assert_eq!(query.selection.named(Component::RefArea), Some(vec!["JO", "EG"]));
    assert!(query.selection.agencies.hold("x-escwa") && !query.selection.agencies.hold("JO"));
}

#[test]
fn moments_are_read_with_and_without_an_offset() {
    for (text, ms) in [
        ("2024-01-01T00:00:00Z", 1_704_067_200_000),
        ("2024-01-01T02:00:00%2B02:00", 1_704_067_200_000),
        ("2024-01-01T00:00:00", 1_704_067_200_000),
    ] {
        let Request::Data(query) = read("data", Some(&format!("updatedAfter={text}"))).unwrap() else { panic!() };
        assert_eq!(query.selection.updated_after_ms, Some(ms), "{text}");
    }
}

#[test]
fn what_does_not_follow_the_standard_is_refused_by_name() {
    for (path, query, code) in [
        ("", "", "SDMX_NOTHING_FOUND"),
        ("figures", "", "SDMX_NOTHING_FOUND"),
        ("schema/dataflow/A", "", "SDMX_MALFORMED"),
        ("schema/poem/A/B", "", "SDMX_MALFORMED"),
        ("schema/dataflow/*/B", "", "SDMX_MALFORMED"),
        ("schema/dataflow/A/B,C", "", "SDMX_MALFORMED"),
        ("schema/dataflow/A/B/~/C", "", "SDMX_MALFORMED"),
        ("schema/dataflow/A/B", "deletion=maybe", "SDMX_MALFORMED"),
        ("schema/dataflow/A/B", "dimensionAtObservation=X", "SDMX_COMPONENT_UNKNOWN"),
        ("schema/dataflow/A/B", "asOf=2024", "SDMX_NOT_IMPLEMENTED"),
        ("metadata/metadataflow/A", "", "SDMX_NOT_IMPLEMENTED"),
        ("registration", "", "SDMX_NOT_IMPLEMENTED"),
        ("data", "reportingYearStartDay=--07-01", "SDMX_NOT_IMPLEMENTED"),
        ("data/flow", "", "SDMX_MALFORMED"),
        ("data/*/1x", "", "SDMX_MALFORMED"),
        ("data/*/*/a.b", "", "SDMX_MALFORMED"),
        ("data/*/*/*/newest", "", "SDMX_MALFORMED"),
        ("data/*/*/*/*/*/*", "", "SDMX_MALFORMED"),
        ("data//x", "", "SDMX_MALFORMED"),
        ("data", "updatedAfter=soon", "SDMX_MALFORMED"),
        ("data", "firstNObservations=0", "SDMX_MALFORMED"),
        ("data", "limit=-1", "SDMX_MALFORMED"),
        ("data", "limit=1&limit=2", "PARAMETER_REPEATED"),
        ("data", "detail=full", "PARAMETER_UNKNOWN"),
        ("data", "dimensionAtObservation=TIME", "SDMX_COMPONENT_UNKNOWN"),
        ("data", "attributes=COLOUR", "SDMX_COMPONENT_UNKNOWN"),
        ("data", "measures=X", "SDMX_COMPONENT_UNKNOWN"),
        ("data", "includeHistory=true", "SDMX_NOT_IMPLEMENTED"),
        ("data", "includeHistory=yes", "SDMX_MALFORMED"),
        ("data", "sort=*:up", "SDMX_MALFORMED"),
        ("data", "asOf=2024", "SDMX_MALFORMED"),
        ("availability/*/*/*/*/*/COLOUR", "", "SDMX_COMPONENT_UNKNOWN"),
        ("availability", "mode=some", "SDMX_MALFORMED"),
        ("availability", "references=parents", "SDMX_MALFORMED"),
        ("structure/poem", "", "SDMX_MALFORMED"),
    ] {
        assert_eq!(refused_with(path, query), code, "{path}?{query}");
    }
}

#[test]
fn every_component_can_be_filtered() {
    for component in ALL {
        let value = if component == Component::ObsValue { "1" } else { "2024" };
        assert!(read("data", Some(&format!("c[{}]={value}", component.id()))).is_ok(), "{component:?}");
    }
}

proptest! {
    #[test]
    fn any_request_is_read_or_refused_by_a_known_code(
        resource in "(structure|data|availability|schema|metadata|.{0,3})", path in "(/[a-z*,.~+0-9%A-Z_$@-]{0,12}){0,7}|.{0,40}",
        query in "((c%5BTIME_PERIOD%5D|c\\[SEX\\]|limit|detail|references|updatedAfter|attributes|mode|.{0,4})=[a-z:,+*0-9%A-Z-]{0,12}&?){0,4}|.{0,40}",
    ) {
        if let Err(refusal) = read(&format!("{resource}{path}"), Some(&query)) {
            prop_assert!(crate::code::CODES.contains(&refusal.code));
        }
    }
}
