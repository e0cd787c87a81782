//! Who gets in, and how.

use multaqa_certs::word::HubSays;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::*;

#[tokio::test]
async fn a_stranger_is_refused_before_any_handler() {
    let world = World::start().await;
    let stranger = ca_of_others(&world.home.path().join("others"));
    let mut sync = SyncServiceClient::new(world.dial(&stranger).await);
    let status = sync.hello(greeting(1)).await.unwrap_err();
    assert!(status.get_details_error_info().is_none(), "{status:?}");
    assert_eq!(HubSays::of(&status), Some(HubSays::Refused), "{status:?}");
    // A certificate of the right CA that nobody put on the allow-list.
    let identity = "operator/first".parse().unwrap();
    let (unlisted, _) = authority::issue_new(&world.ca(), &identity, NOW_MS.unsigned_abs(), None).unwrap();
    let mut health = HealthClient::new(world.dial(&unlisted).await);
    let status = health.check(HealthCheckRequest::default()).await.unwrap_err();
    assert_eq!(HubSays::of(&status), Some(HubSays::Revoked), "{status:?}");
    world.stop().await;
}

#[tokio::test]
async fn an_invited_peer_can_only_enrol() {
    let world = World::start().await;
    world.admit("JO").await;
    let invited = world.invite("JO", 1).await;
    let channel = invited.dial(&world).await;
    let not_allowed = code(Code::PermissionDenied, "CALLER_NOT_ALLOWED");
    assert_eq!(refused(SyncServiceClient::new(channel.clone()).hello(greeting(1)).await), not_allowed);
    let tail = SyncServiceClient::new(channel.clone()).tail(wire::TailRequest { log: 1, from: 0 }).await;
    assert_eq!(refused(tail), not_allowed);
    let check = HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await;
    assert_eq!(refused(check), not_allowed);
    let genesis = EnrolServiceClient::new(channel).get_genesis(wire::GetGenesisRequest {}).await.unwrap();
    let genesis = Received::from(genesis.into_inner().genesis.unwrap()).parse().unwrap();
    assert_eq!(genesis.record_id, world.genesis);
    world.stop().await;
}

#[tokio::test]
async fn an_invitation_is_redeemed_once_and_its_answer_can_be_asked_for_again() {
    let world = World::start().await;
    world.admit("JO").await;
    let invited = world.invite("JO", 1).await;
    let (first_key, second_key) = (NewKey::generate().unwrap(), NewKey::generate().unwrap());
    let first = invited.redeem(&world, &first_key).await.unwrap();
    let again = invited.redeem(&world, &first_key).await.unwrap();
    assert_eq!(first.identity.chain, again.identity.chain, "the same request gets the same certificate");
    let second = invited.redeem(&world, &second_key).await.unwrap();
    assert_ne!(first.identity.chain[0], second.identity.chain[0]);
    assert!(first.hello(&world, 1).await.is_err(), "the first certificate is retired");
    second.hello(&world, 1).await.unwrap();
    // From here on the invitation is closed, also for those who hold its secret.
    let status = invited.redeem(&world, &first_key).await.err().unwrap();
    assert!(status.get_details_error_info().is_none(), "{status:?}");
    world.stop().await;
}

#[tokio::test]
async fn another_key_record_cannot_redeem_a_used_invitation() {
    let world = World::start().await;
    world.admit("JO").await;
    let invited = world.invite("JO", 1).await;
    let invitation = {
        let content = invited.key_record.1.clone().parse().unwrap().content().unwrap().unwrap();
        let payload: kind::Key = prost::Message::decode(content.payload().unwrap().clone()).unwrap();
        multaqa_proto::hash::Hash::from_slice(&payload.invitation).unwrap()
    };
    let thief = Invited::new(world.genesis, "JO", Epoch(1), invitation, invited.one_time.clone());
    invited.redeem(&world, &NewKey::generate().unwrap()).await.unwrap();
    let stolen = thief.redeem(&world, &NewKey::generate().unwrap()).await.map(|_| ());
    assert_eq!(refused(stolen), code(Code::FailedPrecondition, "INVITATION_USED"));
    world.stop().await;
}

#[tokio::test]
async fn a_copied_key_record_gets_nobody_else_a_certificate() {
    let world = World::start().await;
    world.admit("JO").await;
    let invited = world.invite("JO", 1).await;
    let (own, other) = (NewKey::generate().unwrap(), NewKey::generate().unwrap());
    // Who has the join key and a copy of the record: before the node redeems, and after.
    let thief = SigningKey::from_bytes(&[7; 32]);
    let unsigned = || wire::RedeemRequest { renewal: Vec::new(), signature: Vec::new(), ..invited.request(&other) };
    let by_thief = || invited.signed(&other, invited.renewal(&other).sign(&thief));
    let by_one_time = || invited.signed(&other, invited.renewal(&other).sign(&invited.one_time));
    let of_the_node = || wire::RedeemRequest { certificate_request: other.request.clone(), ..invited.request(&own) };
    let mut node = None;
    for _ in 0..2 {
        for request in [unsigned(), by_thief(), by_one_time()] {
            let refusal = invited.refusal(&world, request).await;
            assert_eq!(refusal, code(Code::PermissionDenied, "SIGNATURE_BAD"));
        }
        let refusal = invited.refusal(&world, of_the_node()).await;
        assert_eq!(refusal, code(Code::InvalidArgument, "RENEWAL_OTHER"));
        node = Some(invited.redeem(&world, &own).await.unwrap());
    }
    node.unwrap().hello(&world, 1).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn what_the_record_key_signed_has_to_fit() {
    let world = World::start().await;
    world.admit("JO").await;
    let invited = world.invite("JO", 1).await;
    let tls = NewKey::generate().unwrap();
    let wrong = [
        Renewal { genesis: Hash([7; 32]), ..invited.renewal(&tls) },
        Renewal { member: "MA".parse().unwrap(), ..invited.renewal(&tls) },
        Renewal { node: "gw2".parse().unwrap(), ..invited.renewal(&tls) },
    ];
    for wrong in wrong {
        let refusal = invited.refusal(&world, invited.signed(&tls, wrong.sign(&invited.record))).await;
        assert_eq!(refusal, code(Code::InvalidArgument, "RENEWAL_OTHER"));
    }
    let long = SignedRenewal { bytes: vec![0; 513], signature: [0; 64] };
    let refusal = invited.refusal(&world, invited.signed(&tls, long)).await;
    assert_eq!(refusal, code(Code::InvalidArgument, "REQUEST_MALFORMED"));
    invited.redeem(&world, &tls).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn bad_requests_cost_no_invitation() {
    let world = World::start().await;
    world.admit("JO").await;
    world.admit("MA").await;
    let (invited, other) = (world.invite("JO", 1).await, world.invite("MA", 1).await);
    let mut enrol = EnrolServiceClient::new(invited.dial(&world).await);
    let tls = NewKey::generate().unwrap();
    let garbage = wire::RedeemRequest { certificate_request: vec![0x30; 100], ..invited.request(&tls) };
    assert_eq!(refused(enrol.redeem(garbage).await), code(Code::InvalidArgument, "CSR_MALFORMED"));
    let foreign = other.request(&tls);
    assert_eq!(refused(enrol.redeem(foreign).await), code(Code::PermissionDenied, "REDEEM_OTHER_INVITATION"));
    let large = wire::RedeemRequest { certificate_request: vec![0x30; 1 << 20], ..invited.request(&tls) };
    assert_eq!(enrol.redeem(large).await.unwrap_err().code(), Code::OutOfRange);
    invited.redeem(&world, &tls).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn an_expired_invitation_lets_nobody_in() {
    let world = World::start().await;
    world.admit("JO").await;
    let invited = world.invite("JO", 1).await;
    world.hand.advance(std::time::Duration::from_hours(2));
    // The next act makes the registry look at its clock.
    world.admit("MA").await;
    let status = invited.redeem(&world, &NewKey::generate().unwrap()).await.err().unwrap();
    assert!(status.get_details_error_info().is_none(), "{status:?}");
    world.stop().await;
}

#[tokio::test]
async fn a_replaced_node_retires_the_certificate_of_its_old_epoch() {
    let world = World::start().await;
    let lost = world.state("JO").await;
    let invited = world.invite("JO", 2).await;
    lost.hello(&world, 1).await.unwrap();
    let replaced = invited.redeem(&world, &NewKey::generate().unwrap()).await.unwrap();
    replaced.hello(&world, 2).await.unwrap();
    assert!(lost.hello(&world, 1).await.is_err(), "the old epoch's certificate");
    let world = world.restart().await;
    assert!(lost.hello(&world, 1).await.is_err(), "after a restart too");
    replaced.hello(&world, 2).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn many_nodes_join_at_once_and_all_stay_in() {
    let world = World::start().await;
    let mut invited = Vec::new();
    for code in ["AE", "BH", "DZ", "EG", "IQ", "JO", "KW", "LB", "LY", "MA"] {
        world.admit(code).await;
        invited.push(world.invite(code, 1).await);
    }
    let join = async |invited: &Invited| {
        let node = invited.redeem(&world, &NewKey::generate().unwrap()).await.unwrap();
        node.hello(&world, 1).await.unwrap();
        node
    };
    let nodes = futures::future::join_all(invited.iter().map(join)).await;
    for node in nodes {
        node.hello(&world, 1).await.unwrap();
    }
    world.stop().await;
}
