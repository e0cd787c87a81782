//! Words find what other countries published, in the forms in which people write them: from each node's own index, which forgets what is
//! withdrawn and is made anew where it is gone.

use std::fs;

use multaqa_demo::figures;
use multaqa_node::point as node;
use multaqa_tests::points::Break;
use multaqa_tests::{World, checker};
use serde_json::Value;

use crate::world;

/// What a search finds, once the index is at the replica's heels.
fn found(world: &World, member: &str, args: &[&str]) -> Value {
    world.json(member, &[&["search"], args].concat())
}

fn ids(found: &Value) -> Vec<String> {
    let hits = found["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["object"]["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn words_find_what_other_countries_published() {
    let mut world = world(&["x-escwa", "JO", "EG", "MA"]);
    for member in ["x-escwa", "JO", "EG"] {
        world.node(member).publish(&figures::files_of(member).unwrap()).unwrap();
    }
    world.settle_indexed("MA");
    let sample = figures::sample_of("JO").unwrap();
    let id = figures::id_of(&sample).unwrap();
    morocco_finds_jordans_service_by_words_of_other_forms(&world, &id);
    facets_are_counted_and_a_misspelt_word_is_suggested(&world);
    what_is_withdrawn_is_found_no_more(&mut world, &id);
    an_index_that_is_gone_is_made_again(&mut world);
    checker::check(&mut world);
}

fn morocco_finds_jordans_service_by_words_of_other_forms(world: &World, id: &str) {
    let title = world.json("MA", &["get", id])["title"].clone();
    let [arabic, english] = ["ar", "en"].map(|lang| title[lang].as_str().unwrap().to_owned());
    // The words of the title without their articles, and one of them as people type it.
    let bare: Vec<_> = arabic.split([' ', ':']).map(|word| word.trim_start_matches("ال")).collect();
    let whole = found(world, "MA", &[&bare.join(" ")]);
    assert_eq!(ids(&whole).first().map(String::as_str), Some(id), "{bare:?}: {whole}");
    let pieces = whole["hits"][0]["highlights"][0]["pieces"].as_array().unwrap();
    let text: String = pieces.iter().map(|piece| piece["text"].as_str().unwrap()).collect();
    assert_eq!(text, arabic, "the title as it was published");
    assert!(pieces.iter().any(|piece| piece["marked"] == true));
    let english = found(world, "MA", &[&english.to_uppercase(), "--lang", "en", "--country", "JO"]);
    assert!(ids(&english).contains(&id.to_owned()), "{english}");
    assert!(ids(&found(world, "MA", &[&arabic, "--country", "EG"])).iter().all(|id| id.starts_with("EG:")));
    for lang in ["ar", "en", "fr"] {
        let shown = world.node("MA").cli(&["search", &arabic, "--lang", lang]).unwrap().ok().unwrap().stdout;
        assert!(shown.contains(id), "{shown}");
    }
}

fn facets_are_counted_and_a_misspelt_word_is_suggested(world: &World) {
    let all = found(world, "MA", &["", "--facet", "kind", "--facet", "country", "--order", "id", "--limit", "1"]);
    let counted = |facet: usize| {
        let values = all["facets"][facet]["values"].as_array().unwrap().iter();
        values.map(|value| (value["value"].as_str().unwrap(), value["count"].as_u64().unwrap())).collect::<Vec<_>>()
    };
    let objects = world.json("MA", &["status"])["objects"].clone();
    for (kind, count) in counted(0) {
        assert_eq!(objects[kind], count, "{kind}: {objects}");
    }
    let total: u64 = counted(1).iter().map(|(_, count)| count).sum();
    assert_eq!(all["total"], total, "{all}");
    let misspelt = found(world, "MA", &["indicatr"]);
    assert_eq!((misspelt["total"].as_u64(), misspelt["suggestion"].is_string()), (Some(0), true), "{misspelt}");
}

fn what_is_withdrawn_is_found_no_more(world: &mut World, id: &str) {
    let title = world.json("MA", &["get", id])["title"]["ar"].as_str().unwrap().to_owned();
    assert!(ids(&found(world, "MA", &[&title])).contains(&id.to_owned()));
    world.node("JO").cli(&["withdraw", id, "--reason", "Published by mistake"]).unwrap().ok().unwrap();
    world.eventually("Morocco sees the withdrawal", |world| !world.has("MA", id));
    assert!(!ids(&found(world, "MA", &[&title])).contains(&id.to_owned()), "from that moment on");
    world.settle_indexed("MA");
    let counted = found(world, "MA", &["", "--facet", "kind", "--limit", "1"]);
    let services =
        &counted["facets"][0]["values"].as_array().unwrap().iter().find(|v| v["value"] == "service").unwrap();
    assert_eq!(services["count"], world.json("MA", &["status"])["objects"]["service"]);
}

fn an_index_that_is_gone_is_made_again(world: &mut World) {
    let asked = |world: &World| {
        let all = found(world, "MA", &["", "--facet", "country", "--facet", "year", "--limit", "100", "--order", "id"]);
        (ids(&all), all["facets"].clone())
    };
    let before = asked(world);
    world.node_mut("MA").stop().unwrap();
    fs::remove_dir_all(world.node("MA").dir().join("search")).unwrap();
    world.node_mut("MA").start().unwrap();
    world.settle_indexed("MA");
    assert_eq!(asked(world), before);
}

/// How nice a thread of the index is to be.
const NICE: i32 = 10;
/// What the names of the threads begin with that the index's writer has.
const WRITING: [&str; 3] = ["thrd-tantivy", "segment_updater", "merge_thread"];

/// A thread of the node's process, by its name, and how nice it is (proc(5), `stat`).
fn threads(world: &World, member: &str) -> Vec<(String, i32)> {
    let tasks = format!("/proc/{}/task", world.node(member).process().unwrap().pid());
    let stats = fs::read_dir(tasks).unwrap().map(|task| fs::read_to_string(task.unwrap().path().join("stat")));
    // A thread that has ended meanwhile has none.
    stats
        .flatten()
        .map(|stat| {
            let (before, after) = stat.rsplit_once(')').unwrap();
            let nice = after.split_whitespace().nth(16).unwrap().parse().unwrap();
            (before.split_once('(').unwrap().1.to_owned(), nice)
        })
        .collect()
}

fn is_writing(name: &str) -> bool {
    WRITING.iter().any(|beginning| name.starts_with(beginning))
}

#[test]
fn the_index_is_made_behind_what_answers_and_rests_when_it_is_made() {
    let mut world = world(&["JO"]);
    world.node("JO").publish(&figures::files_of("JO").unwrap()).unwrap();
    world.settle_indexed("JO");
    world.eventually("the writer is given back", |world| {
        let threads = threads(world, "JO");
        threads.iter().any(|(name, _)| name == "search-index") && !threads.iter().any(|(name, _)| is_writing(name))
    });
    world.node_mut("JO").stop().unwrap();
    fs::remove_dir_all(world.node("JO").dir().join("search")).unwrap();
    let armed = world.points().arm_how(node::SEARCH_PUT, Break::Kill, None);
    world.node_mut("JO").start().unwrap();
    world.until_reached(&armed);
    // It stands there in the middle, with all that it writes by.
    let threads = threads(&world, "JO");
    let nice = |is: &dyn Fn(&str) -> bool| -> Vec<i32> {
        threads.iter().filter(|(name, _)| is(name)).map(|(_, nice)| *nice).collect()
    };
    for beginning in WRITING.into_iter().chain(["search-index"]) {
        let nice = nice(&|name: &str| name.starts_with(beginning));
        assert!(!nice.is_empty() && nice.iter().all(|nice| *nice == NICE), "{beginning}: {threads:?}");
    }
    // Of the connections one is the index's; what answers has the priority that the process was started with.
    let (main, connections) = (threads[0].1, nice(&|name: &str| name.starts_with("sqlx-sqlite")));
    assert_eq!(connections.iter().filter(|nice| **nice > main).count(), usize::from(main < NICE), "{threads:?}");
    assert!(nice(&|name: &str| name.starts_with("tokio")).iter().all(|nice| *nice == main), "{threads:?}");
    let id = figures::id_of(&figures::sample_of("JO").unwrap()).unwrap();
    assert!(world.json("JO", &["get", &id])["title"]["ar"].is_string(), "reads are answered");
    world.node_mut("JO").kill9().unwrap();
    world.node_mut("JO").start().unwrap();
    world.settle_indexed("JO");
    checker::check(&mut world);
}
