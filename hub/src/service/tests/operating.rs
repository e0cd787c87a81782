//! Operators' acts, end to end.

use multaqa_proto::wire::hub::operator_service_client::OperatorServiceClient;

use super::*;
use crate::operator::Effect;

#[tokio::test]
async fn the_directory_shows_who_is_in_and_connected() {
    let world = World::start().await;
    let node = world.state("JO").await;
    world.admit("MA").await;
    world.invite("MA", 1).await;
    let _open = node.sync(&world).await.hello(greeting(1)).await.unwrap();
    let mut operator = world.operator().await;
    let directory = operator.directory().await.unwrap();
    let lines: Vec<_> = directory
        .members
        .iter()
        .flat_map(|member| member.nodes.iter().map(|node| (member.code.as_str(), node.status.as_str(), node.epoch)))
        .collect();
    assert_eq!(lines, [("JO", "active", 1), ("MA", "invited", 1)]);
    assert_eq!(directory.members[0].nodes[0].last_heard_ms, NOW_MS);
    assert_eq!(directory.members[0].revisions.len(), 1);
    let status = operator.status().await.unwrap();
    assert!(status.size > 5 && status.halted.is_empty() && status.store_bytes > 0);
    assert_eq!(status.certificate_not_after_ms, NOW_MS + 7 * 24 * HOUR_MS);
    world.stop().await;
}

#[tokio::test]
async fn a_changed_group_waits_for_its_states() {
    let world = World::start().await;
    let mut jordan = world.state("JO").await;
    let mut operator = world.operator().await;
    let group = |members: &[&str]| kind::Group {
        slug: "bureau".to_owned(),
        name: names(&[("en".to_owned(), "Bureau".to_owned())]),
        history: "full".to_owned(),
        members: members.iter().map(|code| (*code).to_owned()).collect(),
        parent: String::new(),
        mandate: names(&[]),
    };
    let created = operator.submit(Act::new("group", "bureau", &group(&["JO"]))).await.unwrap();
    assert_eq!(operator.took_effect(created).await.unwrap().0, Effect::InForce);
    let proposal = Act::new("group", "bureau", &group(&[])).replacing(vec![created.record_id]);
    let proposed = operator.submit(proposal).await.unwrap();
    let waits = Effect::Pending { approved_by: vec!["operator/first".to_owned()], needed: 2 };
    assert_eq!(operator.took_effect(proposed).await.unwrap().0, waits);

    let approval = kind::Approve { record_id: proposed.record_id.to_vec() };
    let payload = prost::Message::encode_to_vec(&approval);
    let approve = |slug| draft(&jordan.member, "approve", slug, &["members"], payload.clone());
    // The second one comes too late to count: it is ordered and void, so that the node's chain goes on.
    let signed = sign(&jordan.place, &[approve("bureau"), approve("again")], &jordan.key);
    jordan.place.seq = jordan.place.seq.next().next();
    let records = signed.into_iter().map(|(_, record)| record).collect();
    let answers = jordan.submit(&world, vec![records]).await.unwrap();
    assert!(answers.iter().all(|answer| answer.outcome() == wire::Outcome::Accepted), "{answers:?}");
    assert_eq!(operator.took_effect(proposed).await.unwrap().0, Effect::InForce);
    world.stop().await;
}

#[tokio::test]
async fn a_payload_that_breaks_rules_is_never_signed_and_a_rejected_act_takes_no_place() {
    let world = World::start().await;
    let mut operator = world.operator().await;
    let nameless = kind::Member { name: names(&[]), class: "king".to_owned(), ..member("JO", "active") };
    let problem = operator.submit(Act::new("member", "jo", &nameless)).await.unwrap_err();
    assert_eq!((problem.code.as_str(), problem.also.len()), ("CODE_UNKNOWN", 1));
    world.admit("MA").await;
    let mut operator = world.operator().await;
    let stale = operator.submit(Act::new("member", "ma", &member("MA", "suspended"))).await.unwrap_err();
    assert_eq!(stale.code, "REPLACES_STALE");
    operator.submit(Act::new("member", "jo", &member("JO", "active"))).await.unwrap();
    world.try_operator().await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn an_act_that_was_not_answered_is_handed_in_again() {
    let world = World::start().await;
    let dir = OperatorDir::at(&world.home.path().join("operator"));
    world.admit("MA").await;
    let before = dir.chain().unwrap().unwrap();
    // Signed and written, then the line broke: what is on disk says so, the hub knows nothing.
    let place = ChainPlace {
        federation: Some(world.genesis),
        writer: "operator/first".parse().unwrap(),
        epoch: Epoch(1),
        seq: before.seq.next(),
        previous: Some(before.record_id),
    };
    let payload = prost::Message::encode_to_vec(&member("JO", "active"));
    let draft = draft(&"x-federation".parse().unwrap(), "member", "jo", &["members"], payload);
    let (record_id, record) = sign(&place, &[draft], &dir.record_key().unwrap()).remove(0);
    let unanswered =
        crate::operator::chain::Chain { seq: place.seq, record_id, previous: place.previous, unanswered: Some(record) };
    dir.write_chain(&unanswered).unwrap();
    let mut operator = world.operator().await;
    let members = operator.directory().await.unwrap().members;
    assert_eq!(members.iter().map(|member| member.code.as_str()).collect::<Vec<_>>(), ["JO", "MA"]);
    assert_eq!(dir.chain().unwrap().unwrap().unanswered, None);
    world.stop().await;
}

#[tokio::test]
async fn operators_and_nodes_keep_to_their_services() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let not_allowed = code(Code::PermissionDenied, "CALLER_NOT_ALLOWED");
    let mut as_node = OperatorServiceClient::new(world.dial(&node.identity).await);
    assert_eq!(refused(as_node.get_status(wire::GetStatusRequest {}).await), not_allowed);
    let identity = OperatorDir::at(&world.home.path().join("operator")).identity().unwrap();
    let channel = world.dial(&identity).await;
    assert_eq!(refused(SyncServiceClient::new(channel.clone()).hello(greeting(1)).await), not_allowed);
    let redeem = EnrolServiceClient::new(channel).redeem(wire::RedeemRequest::default()).await;
    assert_eq!(refused(redeem), not_allowed);
    world.stop().await;
}

#[tokio::test]
async fn an_operators_renewed_certificate_is_allowed_on_the_hubs_machine() {
    let world = World::start().await;
    world.admit("JO").await;
    let identity = "operator/first".parse().unwrap();
    let (renewed, _) = authority::issue_new(&world.ca(), &identity, NOW_MS.unsigned_abs(), None).unwrap();
    let file = world.home.path().join("operator").join("tls.pem");
    renewed.save(&file).unwrap();
    assert!(world.try_operator().await.is_err(), "nobody told the hub");
    let places = crate::config::Places::of(&world.home.path().join("hub"));
    let allowed = crate::cli::allow::allow(&places, &file, &world.clock).await.unwrap();
    crate::cli::allow::allow(&places, &file, &world.clock).await.unwrap();
    assert_eq!(allowed.identity, identity);
    let world = world.restart().await;
    world.try_operator().await.unwrap();
    let stranger = world.home.path().join("stranger.pem");
    ca_of_others(&world.home.path().join("others")).save(&stranger).unwrap();
    let refused = crate::cli::allow::allow(&places, &stranger, &world.clock).await.unwrap_err();
    assert_eq!(refused.code, "CERT_FOREIGN");
    world.stop().await;
}

#[tokio::test]
async fn reflection_lists_the_services_to_whom_is_known() {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

    let world = World::start().await;
    let node = world.state("JO").await;
    let list = async |channel: Line| {
        let request = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let stream = futures::stream::iter([request]);
        let mut answers = ServerReflectionClient::new(channel).server_reflection_info(stream).await?.into_inner();
        answers.message().await
    };
    let answer = list(world.dial(&node.identity).await).await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(listed)) = answer else { panic!("{answer:?}") };
    let names: Vec<&str> = listed.service.iter().map(|service| service.name.as_str()).collect();
    for name in ["EnrolService", "SyncService", "OperatorService"] {
        assert!(names.contains(&format!("multaqa.hub.v1.{name}").as_str()), "{names:?}");
    }
    world.admit("MA").await;
    let invited = world.invite("MA", 1).await;
    let refusal = refused(list(invited.dial(&world).await).await);
    assert_eq!(refusal, code(Code::PermissionDenied, "CALLER_NOT_ALLOWED"));
    world.stop().await;
}
