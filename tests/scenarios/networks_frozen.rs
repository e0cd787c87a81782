//! A hub that lives and cannot store what it is sent: its log is frozen, which is neither a line that is down nor a refusal.
//! Whoever follows it says so at once, in each language; the hub says so to its operators; and it goes on by itself.

use multaqa_tests::record::many;
use multaqa_tests::{World, checker};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use crate::networks::is;
use crate::world;

#[test]
fn a_frozen_log_and_a_refusal_are_told_apart_and_end_by_themselves() {
    let mut world = world(&["JO", "EG"]);
    a_log_that_takes_no_records_is_told_and_thaws(&mut world);
    a_refused_node_says_so_and_comes_back(&mut world);
    checker::check(&mut world);
    assert_eq!(world.hub().fsck().unwrap()["ok"], true);
}

fn a_log_that_takes_no_records_is_told_and_thaws(world: &mut World) {
    assert!(world.hub_admin("/readyz").starts_with("HTTP/1.1 200"));
    store_of(world, "CREATE TRIGGER full BEFORE INSERT ON batch BEGIN SELECT RAISE(ABORT, 'full'); END");
    world.publish("JO", &many("JO", "frozen", 10));
    // The writer, by its own records, and the reader, by what the hub says.
    for member in ["JO", "EG"] {
        let status = world.until(member, "its log is frozen", |status| is(status, "log-frozen"));
        assert_eq!(status["freshness"]["state"], "stale", "{status}");
        assert_eq!(status["freshness"]["line_down_since_ms"], serde_json::Value::Null, "{status}");
    }
    let status = world.until("EG", "it knows why", |status| status["line"]["code"] == "HUB_HALTED");
    assert_eq!(status["line"]["args"]["why"], "HUB_STORE_UNAVAILABLE", "{status}");
    for (lang, said) in [("en", "log frozen since "), ("fr", "journal à l'arrêt depuis "), ("ar", "السجل متوقف منذ ")]
    {
        let text = world.node("EG").cli(&["status", "--lang", lang]).unwrap().ok().unwrap().stdout;
        assert!(
            text.contains(said) && text.contains("(HUB_HALTED)") && text.contains("multaqa-hub "),
            "{lang}: {text}"
        );
    }
    let readiness = world.hub_admin("/readyz?verbose");
    assert!(readiness.starts_with("HTTP/1.1 503") && readiness.contains(r#""log":false"#), "{readiness}");
    assert!(world.hub_admin("/metrics").contains("\nmultaqa_hub_log_frozen 1\n"));
    let hub = world.hub().operator(&["status", "--json"]).unwrap();
    assert_eq!(hub.code, Some(1), "{}", hub.stdout);
    assert!(hub.stdout.contains("HUB_STORE_UNAVAILABLE"), "{}", hub.stdout);

    store_of(world, "DROP TRIGGER full");
    for member in ["JO", "EG"] {
        world.until(member, "it is live", |status| is(status, "live") && status["freshness"]["frozen"] == "");
    }
    world.settle();
    assert!(world.hub_admin("/readyz").starts_with("HTTP/1.1 200"));
}

fn a_refused_node_says_so_and_comes_back(world: &mut World) {
    world.hub().operator(&["members", "suspend", "EG"]).unwrap().ok().unwrap();
    let status = world.until("EG", "it is refused", |status| is(status, "hub-refusing"));
    assert!(status["line"]["code"].as_str().is_some_and(|code| !code.is_empty()), "{status}");
    let text = world.node("EG").cli(&["status"]).unwrap().ok().unwrap().stdout;
    assert!(text.contains("hub refuses since "), "{text}");
    world.hub().operator(&["members", "reinstate", "EG"]).unwrap().ok().unwrap();
    world.until("EG", "it is live", |status| is(status, "live"));
}

/// Another process at the hub's store, which makes it refuse commits and nothing else.
fn store_of(world: &World, statement: &'static str) {
    let store = world.hub().dir().join("hub.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = SqliteConnectOptions::new().filename(store).connect().await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    });
}
