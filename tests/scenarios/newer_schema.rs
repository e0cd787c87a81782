//! Databases that are not this program's: of a newer schema, empty, something else, of another federation or node. Each is
//! refused at the start and by each command that opens it, with a code and the way out, and not one byte of it is changed.

use std::fs;
use std::path::Path;

use multaqa_demo::federation::Federation;
use multaqa_demo::process::{Output, Program};
use multaqa_tests::record::Record;
use multaqa_tests::refusals::refused;
use multaqa_tests::{World, checker};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::runtime::Runtime;

use crate::{PROGRAM, world};

#[test]
fn what_another_program_wrote_is_refused_untouched() {
    let mut world = world(&["JO", "EG"]);
    world.publish("EG", &[Record::organisation("EG", "own", "For Egypt alone").for_audience("member:EG")]);
    let size = world.settle();
    for member in ["JO", "EG"] {
        world.node_mut(member).stop().unwrap();
    }
    world.hub_mut().stop().unwrap();
    a_hub_refuses_what_is_not_its_store(&world);
    a_hub_refuses_the_store_of_another_federation(&world);
    a_node_refuses_what_is_not_its_journal(&world);
    a_node_refuses_the_journal_of_another(&world);
    a_node_refuses_a_replica_of_a_newer_program(&world);
    a_replica_of_garbage_or_of_another_is_fetched_again(&mut world);
    assert!(world.settle() >= size);
    assert!(world.has("EG", "EG:organisation:own") && !world.has("JO", "EG:organisation:own"));
    checker::check(&mut world);
}

/// How a file is spoilt, and the code of the refusal.
type Spoilt<'a> = (&'a str, &'a dyn Fn(&Path), &'a str);

/// Spoils a file, tries all that opens it, and puts it back.
fn with_spoilt(path: &Path, (how, spoil, code): Spoilt<'_>, tries: impl Fn() -> Vec<Output>) {
    let sound = fs::read(path).unwrap();
    spoil(path);
    let spoilt = fs::read(path).ok();
    for output in tries() {
        refused(&output, code);
    }
    assert!(fs::read(path).ok() == spoilt, "{}: {how}: it was changed", path.display());
    for suffix in ["-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(suffix);
        let _missing = fs::remove_file(beside);
    }
    fs::write(path, sound).unwrap();
}

fn newer(path: &Path) {
    let (runtime, connection) = left_open(path);
    runtime.block_on(sqlx::Connection::close(connection)).unwrap();
}

/// Of a newer schema, as far as the write-ahead log knows; the file itself learns of it when the connection closes.
fn left_open(path: &Path) -> (Runtime, SqliteConnection) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let connection = runtime.block_on(async {
        let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
        sqlx::raw_sql("PRAGMA user_version = 99; CREATE TABLE of_tomorrow (x)").execute(&mut connection).await.unwrap();
        connection
    });
    (runtime, connection)
}

fn empty(path: &Path) {
    fs::write(path, "").unwrap();
}

fn garbage(path: &Path) {
    fs::write(
        path,
        "PK\u{3}\u{4} this is an archive of something else, longer than a header of a hundred bytes would be",
    )
    .unwrap();
}

fn missing(path: &Path) {
    fs::remove_file(path).unwrap();
}

fn a_hub_refuses_what_is_not_its_store(world: &World) {
    let text = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
    let (dir, config) = (text(world.hub().dir()), text(world.hub().dir().join("hub.toml")));
    let certificate = text(world.hub().operator_dir().join("tls.pem"));
    let tries = || {
        let serve = world.hub().cli(["serve", "--config", &config]).unwrap();
        let fsck = world.hub().cli(["fsck", "--dir", &dir]).unwrap();
        let allow = world.hub().cli(["allow", "--dir", &dir, "--certificate", &certificate]).unwrap();
        vec![serve, fsck, allow]
    };
    let store = world.hub().dir().join("hub.db");
    let spoilt: [Spoilt<'_>; 4] = [
        ("newer", &newer, "HUB_STORE_NEWER"),
        ("empty", &empty, "HUB_STORE_EMPTY"),
        ("garbage", &garbage, "HUB_STORE_NOT_DATABASE"),
        ("missing", &missing, "HUB_STORE_MISSING"),
    ];
    for how in spoilt {
        with_spoilt(&store, how, tries);
    }
    // What a newer program left in the write-ahead log is newer as well.
    let open = left_open(&store);
    for output in tries() {
        refused(&output, "HUB_STORE_NEWER");
    }
    let runtime = open.0;
    runtime.block_on(async {
        let mut connection = open.1;
        sqlx::raw_sql("PRAGMA user_version = 1; DROP TABLE of_tomorrow").execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();
    });
}

fn a_hub_refuses_the_store_of_another_federation(world: &World) {
    let other = Federation::new(Program::new(PROGRAM).with("MULTAQA_LANG", "en"), None).unwrap();
    other.hub().make_ca("other.example").unwrap();
    other.hub().init("other.example").unwrap();
    let theirs = other.hub().dir().join("hub.db");
    let config = world.hub().dir().join("hub.toml").to_string_lossy().into_owned();
    let copy = |path: &Path| fs::write(path, fs::read(&theirs).unwrap()).unwrap();
    with_spoilt(&world.hub().dir().join("hub.db"), ("foreign", &copy, "LOG_KEY_WRONG"), || {
        vec![world.hub().cli(["serve", "--config", &config]).unwrap()]
    });
}

fn serve(world: &World) -> Output {
    world.node("JO").cli(&["serve"]).unwrap()
}

fn fsck(world: &World) -> Output {
    world.node("JO").cli(&["fsck"]).unwrap()
}

fn a_node_refuses_what_is_not_its_journal(world: &World) {
    let journal = world.node("JO").dir().join("journal.db");
    let spoilt: [Spoilt<'_>; 4] = [
        ("newer", &newer, "STORE_NEWER"),
        ("empty", &empty, "STORE_EMPTY"),
        ("garbage", &garbage, "STORE_NOT_DATABASE"),
        ("missing", &missing, "STORE_MISSING"),
    ];
    for how in spoilt {
        with_spoilt(&journal, how, || vec![serve(world), fsck(world)]);
    }
    with_spoilt(&journal, spoilt[0], || vec![world.node("JO").try_join("mq1.whatever").unwrap()]);
    with_spoilt(&journal, spoilt[2], || vec![world.node("JO").try_join("mq1.whatever").unwrap()]);
}

fn a_node_refuses_the_journal_of_another(world: &World) {
    let theirs = fs::read(world.node("EG").dir().join("journal.db")).unwrap();
    let copy = |path: &Path| fs::write(path, &theirs).unwrap();
    let journal = world.node("JO").dir().join("journal.db");
    with_spoilt(&journal, ("foreign", &copy, "JOURNAL_FOREIGN"), || vec![serve(world)]);
}

fn a_node_refuses_a_replica_of_a_newer_program(world: &World) {
    let replica = world.node("JO").dir().join("replica.db");
    with_spoilt(&replica, ("newer", &newer, "STORE_NEWER"), || vec![serve(world), fsck(world)]);
    with_spoilt(&replica, ("garbage", &garbage, "STORE_NOT_DATABASE"), || vec![fsck(world)]);
}

/// The replica is disposable: what is no replica, or holds what only another member may read, is fetched again.
fn a_replica_of_garbage_or_of_another_is_fetched_again(world: &mut World) {
    let [jordan, egypt] = ["JO", "EG"].map(|member| world.node(member).dir().join("replica.db"));
    fs::copy(&egypt, &jordan).unwrap();
    world.node_mut("JO").start().unwrap();
    assert!(!world.has("JO", "EG:organisation:own"), "it holds what is not for this member");
    world.node_mut("JO").stop().unwrap();
    world.hub_mut().start().unwrap();
    garbage(&jordan);
    empty(&egypt);
    for member in ["JO", "EG"] {
        world.node_mut(member).start().unwrap();
    }
}
