//! Handing in records.

use multaqa_proto::wire::record::SignedRecord;

use super::*;

#[tokio::test]
async fn answers_come_in_order_over_pipelined_batches_and_repeats_are_duplicates() {
    let world = World::start().await;
    let mut node = world.state("JO").await;
    let records: Vec<Received> = (0..30).map(|n| node.record(&format!("n{n}"), &["members"])).collect();
    let batches: Vec<Vec<Received>> = records.chunks(7).map(<[_]>::to_vec).collect();
    let answers = node.submit(&world, batches.clone()).await.unwrap();
    let ids: Vec<Vec<u8>> = records.iter().map(|r| r.clone().parse().unwrap().record_id.to_vec()).collect();
    assert_eq!(answers.iter().map(|answer| answer.record_id.clone()).collect::<Vec<_>>(), ids);
    assert!(answers.iter().all(|answer| answer.outcome() == wire::Outcome::Accepted && answer.log == 1));
    let repeated = node.submit(&world, batches).await.unwrap();
    assert!(repeated.iter().all(|answer| answer.outcome() == wire::Outcome::Duplicate));
    let indexes = |answers: &[wire::Answer]| answers.iter().map(|answer| answer.index).collect::<Vec<_>>();
    assert_eq!(indexes(&answers), indexes(&repeated));
    world.stop().await;
}

#[tokio::test]
async fn a_record_of_another_writer_ends_the_stream() {
    let world = World::start().await;
    let (mut jordan, morocco) = (world.state("JO").await, world.state("MA").await);
    let foreign = jordan.record("n1", &["members"]);
    let refusal = refused(morocco.submit(&world, vec![vec![foreign.clone()]]).await);
    assert_eq!(refusal, code(Code::PermissionDenied, "WRITER_NOT_PEER"));
    let answers = jordan.submit(&world, vec![vec![foreign]]).await.unwrap();
    assert_eq!(answers[0].outcome(), wire::Outcome::Accepted, "nothing of it was ordered before");
    world.stop().await;
}

#[tokio::test]
async fn a_bad_record_is_rejected_alone_and_a_batch_has_a_bound() {
    let world = World::start().await;
    let mut node = world.state("JO").await;
    let first = node.record("n1", &["members"]);
    let _lost = node.record("n2", &["members"]);
    let gap = node.record("n3", &["members"]);
    let garbage = Received { statement: bytes::Bytes::from_static(b"?"), ..first.clone() };
    let answers = node.submit(&world, vec![vec![first, gap, garbage]]).await.unwrap();
    let codes: Vec<&str> = answers.iter().map(|answer| answer.code.as_str()).collect();
    assert_eq!(codes, ["", "CHAIN_GAP", "RECORD_UNDECODABLE"]);
    let many: Vec<Received> = vec![node.record("n4", &["members"]); 1025];
    let refusal = refused(node.submit(&world, vec![many]).await);
    assert_eq!(refusal, code(Code::ResourceExhausted, "BATCH_TOO_LARGE"));
    world.stop().await;
}

#[tokio::test]
async fn a_request_larger_than_a_commit_is_refused_before_it_is_decoded() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let batch = |bytes: usize| wire::SubmitRequest { records: vec![SignedRecord::default(); bytes / 2] };
    let submit = async |request| {
        let mut answers = node.sync(&world).await.submit(futures::stream::iter([request])).await?.into_inner();
        answers.message().await
    };
    let refusal = refused(submit(batch(super::super::SUBMIT_MAX)).await);
    assert_eq!(refusal, code(Code::ResourceExhausted, "BATCH_TOO_LARGE"));
    let status = submit(batch(super::super::SUBMIT_MAX + 2)).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
    world.stop().await;
}

/// As many submissions as a node may have open, all stuck: nobody reads their answers, so the hub reads no more of them. The
/// connection's window is what they leave, and it has to be enough for every other call.
#[tokio::test]
async fn submissions_that_are_stuck_leave_room_for_other_calls() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let root = authority::load_root_certificate(&world.ca()).unwrap();
    let dialer = Dialer::new(&node.identity, &root, None, world.clock.in_seconds(), Limits::default()).unwrap();
    let stream = dialer.dial("127.0.0.1", world.address.port()).await.unwrap();
    let mut stream = Some(hyper_util::rt::TokioIo::new(stream));
    let connector = tower::service_fn(move |_| std::future::ready(stream.take().ok_or("dialled once")));
    // Small windows for what the hub sends, so that little of it fills them.
    let endpoint = tonic::transport::Endpoint::from_static("http://hub").initial_stream_window_size(1024);
    let channel = endpoint.initial_connection_window_size(4 << 20).connect_with_connector(connector).await.unwrap();
    let sync = SyncServiceClient::new(channel);
    // Answers enough for such a window, and bytes enough for the hub's.
    let large = SignedRecord { statement: vec![1; 250 * 1024].into(), ..SignedRecord::default() };
    let mut request = wire::SubmitRequest { records: vec![SignedRecord::default(); 40] };
    request.records.push(large);
    let stuck = (0..crate::config::Limits::default().streams_per_node).map(async |_| {
        let (requests, mut queued) = tokio::sync::mpsc::channel(1);
        let stream = futures::stream::poll_fn(move |cx| queued.poll_recv(cx));
        let answers = sync.clone().submit(stream).await.unwrap().into_inner();
        let quiet = std::time::Duration::from_millis(700);
        while let Ok(sent) = tokio::time::timeout(quiet, requests.send(request.clone())).await {
            sent.unwrap();
        }
        (requests, answers)
    });
    let stuck = futures::future::join_all(stuck).await;
    let mut other = sync.clone();
    let call = tokio::time::timeout(std::time::Duration::from_mins(5), other.hello(greeting(1)));
    assert!(call.await.expect("the call waits for the streams").is_ok());
    drop(stuck);
    world.stop().await;
}

#[tokio::test]
async fn a_node_and_an_operator_have_a_bounded_number_of_submissions() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let operator = OperatorDir::at(&world.home.path().join("operator")).identity().unwrap();
    for identity in [&node.identity, &operator] {
        let mut sync = SyncServiceClient::new(world.dial(identity).await);
        let mut open = Vec::new();
        for _ in 0..crate::config::Limits::default().streams_per_node {
            open.push(sync.submit(futures::stream::pending()).await.unwrap());
        }
        let refusal = refused(sync.submit(futures::stream::pending()).await);
        assert_eq!(refusal, code(Code::ResourceExhausted, "STREAMS_TOO_MANY"));
    }
    world.stop().await;
}
