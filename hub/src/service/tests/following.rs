//! Greeting, following, catching up.

use std::time::Duration;

use multaqa_proto::wire::hub::catch_up_response;
use multaqa_proto::wire::hub::tail_response::Event;

use super::*;

async fn tail(node: &Node, world: &World, from: u64) -> tonic::Streaming<wire::TailResponse> {
    node.sync(world).await.tail(wire::TailRequest { log: 1, from }).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_record_reaches_its_audience_whole_and_others_as_a_stub() {
    let world = World::start().await;
    let (mut jordan, morocco, egypt) = (world.state("JO").await, world.state("MA").await, world.state("EG").await);
    let (mut to_morocco, mut to_egypt) = (tail(&morocco, &world, 0).await, tail(&egypt, &world, 0).await);
    let record = jordan.record("n1", &["member:MA"]);
    let index = jordan.submit(&world, vec![vec![record]]).await.unwrap()[0].index;
    let (morocco_at, seen_by_morocco) = follow(&mut to_morocco, morocco.intake(&world), index).await;
    let (egypt_at, seen_by_egypt) = follow(&mut to_egypt, egypt.intake(&world), index).await;
    assert!(is_whole(&seen_by_morocco, index));
    assert!(!is_whole(&seen_by_egypt, index));
    assert!(is_whole(&seen_by_egypt, 0), "control records are for everybody");
    if morocco_at.size() == egypt_at.size() {
        assert_eq!(morocco_at.state().unwrap().root(), egypt_at.state().unwrap().root());
    }
    world.stop().await;
}

#[tokio::test]
async fn the_head_is_followed_live_and_a_quiet_line_has_heartbeats() {
    let world = World::start().await;
    let mut node = world.state("JO").await;
    let mut stream = tail(&node, &world, 0).await;
    let head = node.hello(&world, 1).await.unwrap().checkpoint;
    let size: u64 = head.lines().nth(1).unwrap().parse().unwrap();
    let (intake, _) = follow(&mut stream, node.intake(&world), size - 1).await;
    // The line is quiet: only time passes. The first pause began before the clock was stopped, the second after.
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    let mut heartbeats = Vec::new();
    while heartbeats.len() < 2 {
        if let Event::Heartbeat(heartbeat) = stream.message().await.unwrap().unwrap().event.unwrap() {
            heartbeats.push(heartbeat);
        }
    }
    // Where the machine hands bytes on late, more time passes than the pauses.
    assert!((Duration::from_secs(10)..Duration::from_mins(1)).contains(&started.elapsed()));
    tokio::time::resume();
    let event = heartbeats.remove(1);
    assert_eq!(event.hub_time_ms, NOW_MS);
    assert!(intake.open_checkpoint(&event.checkpoint).unwrap().is_some());
    let record = node.record("n1", &["members"]);
    let index = node.submit(&world, vec![vec![record]]).await.unwrap()[0].index;
    let (_, taken) = follow(&mut stream, intake, index).await;
    assert!(is_whole(&taken, index));
    world.stop().await;
}

#[tokio::test]
async fn who_follows_a_log_that_takes_no_records_is_told_at_once_and_when_it_does_again() {
    let world = World::start().await;
    let mut node = world.state("JO").await;
    let mut stream = tail(&node, &world, 0).await;
    let store = world.home.path().join("hub/hub.db");
    let sql = async |statement: &'static str| {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&store);
        let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    };
    let mut heartbeat = async || loop {
        if let Event::Heartbeat(heartbeat) = stream.message().await.unwrap().unwrap().event.unwrap() {
            break heartbeat.frozen;
        }
    };
    sql("CREATE TRIGGER full BEFORE INSERT ON batch BEGIN SELECT RAISE(ABORT, 'full'); END").await;
    let record = node.record("n1", &["members"]);
    let refusal = refused(node.submit(&world, vec![vec![record.clone()]]).await);
    assert_eq!(refusal, code(Code::Unavailable, "BATCH_FAILED"));
    assert_eq!(heartbeat().await, "HUB_STORE_UNAVAILABLE");
    assert_eq!(node.hello(&world, 1).await.unwrap().frozen, "HUB_STORE_UNAVAILABLE");
    sql("DROP TRIGGER full").await;
    assert_eq!(heartbeat().await, "");
    assert_eq!(node.hello(&world, 1).await.unwrap().frozen, "");
    let answers = node.submit(&world, vec![vec![record]]).await.unwrap();
    assert_eq!(answers[0].outcome(), wire::Outcome::Accepted);
    world.stop().await;
}

#[tokio::test]
async fn a_cursor_of_another_history_is_refused() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let mut sync = node.sync(&world).await;
    let mut with = async |log, size, root: [u8; 32]| {
        let cursor = Some(wire::Position { log, size, root: root.to_vec() });
        sync.hello(wire::HelloRequest { cursor, ..greeting(1) }).await
    };
    assert_eq!(refused(with(1, 1, [9; 32]).await), code(Code::FailedPrecondition, "CURSOR_FORKED"));
    assert_eq!(refused(with(1, 1_000_000, [9; 32]).await), code(Code::FailedPrecondition, "HUB_BEHIND"));
    assert_eq!(refused(with(2, 1, [9; 32]).await), code(Code::FailedPrecondition, "LOG_UNKNOWN"));
    let (intake, _) = follow(&mut tail(&node, &world, 0).await, node.intake(&world), 3).await;
    let root = intake.state().unwrap().root();
    let greeted = with(1, intake.size().0, root.0).await.unwrap().into_inner();
    assert_eq!((greeted.version, greeted.epoch, greeted.seq), (1, 1, 1));
    let old = sync.hello(wire::HelloRequest { versions: vec![9], ..greeting(1) }).await;
    assert_eq!(refused(old), code(Code::FailedPrecondition, "VERSION_UNSUPPORTED"));
    world.stop().await;
}

#[tokio::test]
async fn a_second_live_instance_is_refused() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let mut first = node.sync(&world).await;
    first.hello(greeting(1)).await.unwrap();
    let duplicate = node.hello(&world, 2).await;
    assert_eq!(refused(duplicate), code(Code::AlreadyExists, "NODE_DUPLICATE"));
    first.hello(greeting(1)).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_suspended_members_stream_ends_and_its_certificate_holds_again_after_reinstatement() {
    let world = World::start().await;
    let admitted = world.admit("JO").await;
    let node = world.joined("JO").await;
    let mut stream = tail(&node, &world, 0).await;
    let mut operator = world.operator().await;
    let suspension = Act::new("member", "jo", &member("JO", "suspended")).replacing(vec![admitted.record_id]);
    let suspended = operator.submit(suspension).await.unwrap();
    let ended = loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            Ok(None) => break None,
            Err(status) => break Some(status),
        }
    };
    assert!(ended.is_some(), "the stream ends with an error");
    assert!(node.hello(&world, 1).await.is_err());
    let revisions = vec![admitted.record_id, suspended.record_id];
    operator.submit(Act::new("member", "jo", &member("JO", "active")).replacing(revisions)).await.unwrap();
    // The allow-list follows the commit in a task of its own: asked until it has.
    while node.hello(&world, 1).await.is_err() {}
    world.stop().await;
}

#[tokio::test]
async fn a_drain_ends_streams_and_says_so() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let mut stream = tail(&node, &world, 0).await;
    world.shutdown.drain();
    let status = loop {
        match stream.message().await {
            Ok(event) => assert!(event.is_some(), "ended without a word"),
            Err(status) => break status,
        }
    };
    assert_eq!(refused::<()>(Err(status)), code(Code::Unavailable, "HUB_DRAINING"));
    world.stop().await;
}

#[tokio::test]
async fn a_node_has_a_bounded_number_of_streams() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let mut sync = node.sync(&world).await;
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(sync.tail(wire::TailRequest { log: 1, from: 0 }).await.unwrap());
    }
    let one_more = sync.tail(wire::TailRequest { log: 1, from: 0 }).await;
    assert_eq!(refused(one_more), code(Code::ResourceExhausted, "STREAMS_TOO_MANY"));
    world.stop().await;
}

#[tokio::test]
async fn a_range_is_caught_up_and_what_became_readable_is_filled() {
    let world = World::start().await;
    let (mut jordan, egypt) = (world.state("JO").await, world.state("EG").await);
    let mut operator = world.operator().await;
    let group = |members: &[&str]| kind::Group {
        slug: "gcc".to_owned(),
        name: names(&[("en".to_owned(), "Group".to_owned())]),
        history: "full".to_owned(),
        members: members.iter().map(|code| (*code).to_owned()).collect(),
        parent: String::new(),
        mandate: names(&[]),
    };
    let created = operator.submit(Act::new("group", "gcc", &group(&[]))).await.unwrap();
    let record = jordan.record("n1", &["group:gcc"]);
    let index = jordan.submit(&world, vec![vec![record]]).await.unwrap()[0].index;
    let to = index + 1;
    let range = wire::CatchUpRequest { log: 1, from: 0, to, ..wire::CatchUpRequest::default() };
    let mut sync = egypt.sync(&world).await;
    let mut frames = sync.catch_up(range).await.unwrap().into_inner();
    let (mut intake, mut stubs) = (egypt.intake(&world), Vec::new());
    while let Some(response) = frames.message().await.unwrap() {
        let Some(catch_up_response::Event::Frame(frame)) = response.event else { panic!("a frame") };
        let (next, taken) = intake.accept(&frame).unwrap();
        intake = next;
        stubs.extend(taken);
    }
    assert!(intake.size().0 >= to && !is_whole(&stubs, index));

    // The group has no states so far: an operator may still add one.
    let change = Act::new("group", "gcc", &group(&["EG"])).replacing(vec![created.record_id]);
    let joined = operator.submit(change).await.unwrap();
    let (intake, _) = follow(&mut tail(&egypt, &world, intake.size().0).await, intake, joined.index.0).await;
    let fill = wire::CatchUpRequest { newly_readable_since: Some(to), ..range };
    let mut fills = sync.catch_up(fill).await.unwrap().into_inner();
    let mut filled = Vec::new();
    while let Some(response) = fills.message().await.unwrap() {
        let Some(catch_up_response::Event::Fill(fill)) = response.event else { panic!("a fill") };
        let stub = |at| {
            let taken = stubs.iter().find(|taken| taken.entry.index == at)?;
            Some((taken.entry.leaf.clone(), taken.entry.signature.clone()))
        };
        filled.extend(intake.fill(&fill, stub).unwrap());
    }
    assert_eq!(filled.iter().map(|entry| entry.index.0).collect::<Vec<_>>(), [index]);
    let wrong = sync.catch_up(wire::CatchUpRequest { to: 1_000_000, ..range }).await;
    assert_eq!(refused(wrong), code(Code::OutOfRange, "RANGE_WRONG"));
    world.stop().await;
}
