//! How a node comes by its next certificate, and who does not.

use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::*;

const DAY: std::time::Duration = std::time::Duration::from_hours(24);

impl Node {
    fn renewal(&self, world: &World, request: &[u8]) -> Renewal {
        Renewal {
            genesis: world.genesis,
            member: self.member.clone(),
            node: node_name(),
            certificate_request: Hash::of(request),
            asked_at_ms: world.clock.now_ms(),
        }
    }
    fn signed(&self, world: &World, tls: &NewKey) -> SignedRenewal {
        self.renewal(world, &tls.request).sign(&self.key)
    }
    async fn ask(&self, world: &World, signed: SignedRenewal, tls: &NewKey) -> Result<Self, Status> {
        let request = wire::RenewRequest {
            renewal: signed.bytes,
            signature: signed.signature.to_vec(),
            certificate_request: tls.request.clone(),
        };
        let mut enrol = EnrolServiceClient::new(world.dial(&self.identity).await);
        let chain = enrol.renew(request).await?.into_inner().certificate_chain;
        let identity = TlsIdentity { chain: chain.into_iter().map(Into::into).collect(), key: tls.key.clone() };
        Ok(Self { identity, ..self.clone() })
    }
    /// Asks as a node does; the same node with its next certificate.
    async fn renew(&self, world: &World, tls: &NewKey) -> Result<Self, Status> {
        self.ask(world, self.signed(world, tls), tls).await
    }
    /// The code of the answer to this renewal.
    async fn refusal(&self, world: &World, signed: SignedRenewal, tls: &NewKey) -> (Code, String) {
        refused(self.ask(world, signed, tls).await.map(|_| ()))
    }
    /// Refused at the handshake, before any handler.
    async fn is_shut_out(&self, world: &World) -> bool {
        self.hello(world, 1).await.is_err_and(|status| status.get_details_error_info().is_none())
    }
}

impl World {
    /// Time goes by; the hub is given a certificate and started again, as it is every week.
    async fn later(self, by: std::time::Duration) -> Self {
        self.hand.advance(by);
        let now_ms = self.clock.now_ms().unsigned_abs();
        let (hub, _) = authority::issue_new(&self.ca(), &"hub/main".parse().unwrap(), now_ms, None).unwrap();
        hub.save(&crate::config::Places::of(&self.home.path().join("hub")).identity()).unwrap();
        self.restart().await
    }
}

fn new_key() -> NewKey {
    NewKey::generate().unwrap()
}

#[tokio::test]
async fn the_first_greeting_with_the_new_certificate_retires_the_old_one() {
    let world = World::start().await;
    let old = world.state("JO").await;
    let mut open = old.sync(&world).await;
    open.hello(greeting(1)).await.unwrap();
    let new = old.renew(&world, &new_key()).await.unwrap();
    // Until then both work: the node may die before it has stored what it was given.
    old.hello(&world, 1).await.unwrap();
    let world = world.restart().await;
    old.hello(&world, 1).await.unwrap();
    let mut open = old.sync(&world).await;
    open.hello(greeting(1)).await.unwrap();
    new.hello(&world, 1).await.unwrap();
    assert!(open.hello(greeting(1)).await.is_err(), "the open connection is cut");
    assert!(old.is_shut_out(&world).await);
    let world = world.restart().await;
    assert!(old.is_shut_out(&world).await, "after a restart too");
    let newer = new.renew(&world, &new_key()).await.unwrap();
    newer.hello(&world, 1).await.unwrap();
    assert!(new.is_shut_out(&world).await);
    world.stop().await;
}

#[tokio::test]
async fn an_issuing_ca_made_anew_signs_from_then_on_and_what_the_old_one_signed_holds() {
    use multaqa_certs::profile::Profile;

    let world = World::start().await;
    let old = world.state("JO").await;
    world.hand.advance(DAY);
    let now_ms = world.clock.now_ms().unsigned_abs();
    let made = authority::renew_issuer(&world.ca(), Profile::NodesIssuer, now_ms).unwrap();
    // What the command says to copy.
    let issuing = crate::config::Places::of(&world.home.path().join("hub")).issuing();
    for name in ["nodes-issuer.pem", "nodes-issuer.key", "nodes-issuer.previous.pem"] {
        std::fs::copy(world.ca().join(name), issuing.join(name)).unwrap();
    }
    let ends = async |world: &World| {
        let issuing = world.operator().await.status().await.unwrap().issuing;
        issuing.into_iter().find(|issuing| issuing.profile == "nodes-issuer").unwrap().not_after_ms
    };
    let before = ends(&world).await;
    let world = world.restart().await;
    assert_eq!(ends(&world).await, before + 24 * HOUR_MS);
    old.hello(&world, 1).await.unwrap();
    let new = old.renew(&world, &new_key()).await.unwrap();
    assert_eq!(new.identity.chain[1], *made.issuer.der());
    new.hello(&world, 1).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_stolen_tls_key_renews_nothing() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let other = world.state("MA").await;
    let tls = new_key();
    let bad = code(Code::PermissionDenied, "SIGNATURE_BAD");
    let renewal = node.renewal(&world, &tls.request);
    assert_eq!(node.refusal(&world, renewal.sign(&other.key), &tls).await, bad);
    let mut altered = renewal.sign(&node.key);
    altered.signature[3] ^= 1;
    assert_eq!(node.refusal(&world, altered, &tls).await, bad);
    let theirs = other.signed(&world, &tls);
    assert_eq!(node.refusal(&world, theirs, &tls).await, bad, "signed by another node for itself");
    // Nor does the key record, which everybody has.
    let invited = world.invite("JO", 2).await;
    let mut enrol = EnrolServiceClient::new(world.dial(&node.identity).await);
    let redeemed = refused(enrol.redeem(invited.request(&tls)).await);
    assert_eq!(redeemed, code(Code::PermissionDenied, "CALLER_NOT_ALLOWED"));
    node.hello(&world, 1).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_name() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let tls = new_key();
    let other = code(Code::InvalidArgument, "RENEWAL_OTHER");
    let renewal = || node.renewal(&world, &tls.request);
    for wrong in [
        Renewal { genesis: Hash([7; 32]), ..renewal() },
        Renewal { member: "MA".parse().unwrap(), ..renewal() },
        Renewal { node: "gw2".parse().unwrap(), ..renewal() },
        Renewal { certificate_request: Hash::of(&new_key().request), ..renewal() },
    ] {
        assert_eq!(node.refusal(&world, wrong.sign(&node.key), &tls).await, other, "{wrong:?}");
    }
    let time = code(Code::FailedPrecondition, "RENEWAL_TIME");
    for asked_at_ms in [NOW_MS - 600_001, NOW_MS + 600_001, i64::MIN, i64::MAX] {
        let wrong = Renewal { asked_at_ms, ..renewal() };
        assert_eq!(node.refusal(&world, wrong.sign(&node.key), &tls).await, time, "{asked_at_ms}");
    }
    let garbage = NewKey { request: vec![0x30; 100], ..new_key() };
    let signed = node.signed(&world, &garbage);
    assert_eq!(node.refusal(&world, signed, &garbage).await, code(Code::InvalidArgument, "CSR_MALFORMED"));
    let long = SignedRenewal { bytes: vec![0; 513], signature: [0; 64] };
    assert_eq!(node.refusal(&world, long, &tls).await, code(Code::InvalidArgument, "REQUEST_MALFORMED"));
    let renewed = node.renew(&world, &tls).await.unwrap();
    let unused = refused(renewed.renew(&world, &new_key()).await.map(|_| ()));
    assert_eq!(unused, code(Code::FailedPrecondition, "RENEWAL_NOT_IN_USE"));
    renewed.hello(&world, 1).await.unwrap();
    let again = refused(renewed.renew(&world, &tls).await.map(|_| ()));
    assert_eq!(again, code(Code::InvalidArgument, "RENEWAL_KEY_SAME"));
    world.stop().await;
}

#[tokio::test]
async fn only_nodes_in_force_renew() {
    let world = World::start().await;
    let node = world.state("JO").await;
    world.admit("MA").await;
    let invited = world.invite("MA", 1).await;
    let not_allowed = code(Code::PermissionDenied, "CALLER_NOT_ALLOWED");
    let operator = OperatorDir::at(&world.home.path().join("operator")).identity().unwrap();
    for channel in [invited.dial(&world).await, world.dial(&operator).await] {
        let renewed = EnrolServiceClient::new(channel).renew(wire::RenewRequest::default()).await;
        assert_eq!(refused(renewed), not_allowed);
    }
    let channel = world.dial(&node.identity).await;
    let tls = new_key();
    let signed = node.signed(&world, &tls);
    let request = wire::RenewRequest {
        renewal: signed.bytes,
        signature: signed.signature.to_vec(),
        certificate_request: tls.request.clone(),
    };
    let mut operator = world.operator().await;
    let revisions = operator.directory().await.unwrap().members.remove(0).revisions;
    let revisions = revisions.iter().map(|id| Hash::from_slice(id).unwrap()).collect();
    operator.submit(Act::new("member", "jo", &member("JO", "suspended")).replacing(revisions)).await.unwrap();
    assert!(EnrolServiceClient::new(channel).renew(request).await.is_err(), "cut, or refused");
    assert!(node.is_shut_out(&world).await);
    world.stop().await;
}

#[tokio::test]
async fn lost_answers_cost_nothing_and_leave_little_behind() {
    let world = World::start().await;
    let node = world.state("JO").await;
    let keys: Vec<_> = (0..7).map(|_| new_key()).collect();
    let mut given = Vec::new();
    for tls in &keys[..6] {
        let first = node.renew(&world, tls).await.unwrap();
        let again = node.renew(&world, tls).await.unwrap();
        assert_eq!(first.identity.chain, again.identity.chain, "the same request gets the same certificate");
        given.push(first);
        // Certificates tell their age in seconds.
        world.hand.advance(std::time::Duration::from_secs(1));
    }
    let too_often = code(Code::ResourceExhausted, "RENEWAL_TOO_OFTEN");
    assert_eq!(refused(node.renew(&world, &keys[6]).await.map(|_| ())), too_often);
    for forgotten in &given[..3] {
        assert!(forgotten.is_shut_out(&world).await);
    }
    world.hand.advance(std::time::Duration::from_hours(1));
    let newest = node.renew(&world, &keys[6]).await.unwrap();
    assert!(given[3].is_shut_out(&world).await);
    given[5].hello(&world, 1).await.unwrap();
    assert!(newest.is_shut_out(&world).await, "another one was put in use");
    assert!(node.is_shut_out(&world).await);
    given[5].hello(&world, 1).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn past_its_life_a_node_renews_and_does_nothing_else() {
    let world = World::start().await;
    let (away, suspended) = (world.state("JO").await, world.state("MA").await);
    let mut operator = world.operator().await;
    let revisions = operator.directory().await.unwrap().members.remove(1).revisions;
    let revisions = revisions.iter().map(|id| Hash::from_slice(id).unwrap()).collect();
    operator.submit(Act::new("member", "ma", &member("MA", "suspended")).replacing(revisions)).await.unwrap();
    let unused = away.renew(&world, &new_key()).await.unwrap();
    drop(operator);
    let world = world.later(DAY * 100).await;

    let past = code(Code::PermissionDenied, "CERTIFICATE_PAST_LIFE");
    assert_eq!(refused(away.hello(&world, 1).await), past);
    let channel = world.dial(&away.identity).await;
    assert_eq!(refused(HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await), past);
    let tail = SyncServiceClient::new(channel.clone()).tail(wire::TailRequest { log: 1, from: 0 }).await;
    assert_eq!(refused(tail), past);
    assert_eq!(refused(EnrolServiceClient::new(channel).get_genesis(wire::GetGenesisRequest {}).await), past);
    assert!(suspended.is_shut_out(&world).await, "its member is not in force");
    assert!(unused.is_shut_out(&world).await, "what was never in use does not come back");

    let tls = new_key();
    let stolen = away.renewal(&world, &tls.request).sign(&suspended.key);
    assert_eq!(away.refusal(&world, stolen, &tls).await, code(Code::PermissionDenied, "SIGNATURE_BAD"));
    let back = away.renew(&world, &tls).await.unwrap();
    back.hello(&world, 1).await.unwrap();
    assert!(away.is_shut_out(&world).await, "retired: the thief");
    world.stop().await;
}
