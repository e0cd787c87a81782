//! Killed, or a step broken, while a certificate is renewed: hub and node agree on one certificate afterwards, and the node was never shut out.
//!
//! The certificate is made to look a third of its life old between two runs, with the hub's own issuing CA and store.

use std::path::Path;
use std::time::Duration;

use multaqa_certs::authority::Issuer;
use multaqa_certs::profile::Profile;
use multaqa_certs::random;
use multaqa_certs::request::{NewKey, PublicKey};
use multaqa_certs::store::TlsIdentity;
use multaqa_demo::process::Process;
use multaqa_hub::config::Places;
use multaqa_hub::point as hub;
use multaqa_hub::store::Store;
use multaqa_hub::store::serials::{IssuedSerial, SerialStatus};
use multaqa_node::point as node;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::point::Point;
use multaqa_tests::points::Break;
use multaqa_tests::{World, checker};

use crate::world;

/// More than a third of a certificate's life.
const AGE: Duration = Duration::from_hours(11 * 24);

/// Where; whether it is the hub.
const BROKEN: [(bool, Point); 5] = [
    (true, hub::CERTIFICATE_SIGNED),
    (true, hub::CERTIFICATE_STORED),
    (false, node::RENEWAL_TAKEN),
    (false, node::RENEWAL_STORED),
    (true, hub::CERTIFICATE_IN_USE),
];

#[test]
fn a_certificate_is_renewed_once_though_hub_or_node_is_broken_meanwhile() {
    let mut world = world(&["JO"]);
    for ((hub, point), how) in BROKEN.into_iter().flat_map(|at| [(at, Break::Kill), (at, Break::Fail)]) {
        world.node_mut("JO").stop().unwrap();
        world.hub_mut().stop().unwrap();
        let old = age(&world);
        world.hub_mut().start().unwrap();
        let pid = world.hub().process().filter(|_| hub).map(Process::pid);
        let armed = world.points().arm_how(point, how, pid);
        world.node_mut("JO").start().unwrap();
        world.until_reached(&armed);
        if how == Break::Kill {
            if hub {
                world.hub_mut().kill9().unwrap();
            }
            // With the hub too: a node that goes on asks again no sooner than after five seconds.
            world.node_mut("JO").kill9().unwrap();
            if hub {
                world.hub_mut().start().unwrap();
            }
            world.node_mut("JO").start().unwrap();
        }
        let renewed = |status: &serde_json::Value| {
            let later = status["certificate_not_after_ms"].as_i64() > Some(old.not_after_ms);
            later && status["freshness"]["state"] == "live"
        };
        world.until("JO", "renewed and live", renewed);
        world.eventually("one certificate is in use", |world| {
            let of_node = issued(world, &old.key_record.unwrap());
            let [only] = of_node.as_slice() else { return false };
            only.status == SerialStatus::Active && only.chain == chain(&identity(world))
        });
    }
    checker::check(&mut world);
}

/// Gives the node, which does not run, a certificate that is due to be renewed, in place of its own.
fn age(world: &World) -> IssuedSerial {
    let state = checker::state(&checker::entries(&world.hub().dir().join("hub.db")));
    let key_record = state.directory().keys(&"JO/gw1".parse().unwrap()).last().unwrap().record_id;
    let [before] = <[_; 1]>::try_from(issued(world, &key_record)).unwrap();
    let issuer = Issuer::load(&Places::of(&world.hub().dir()).issuing(), Profile::NodesIssuer).unwrap();
    let NewKey { key, request } = NewKey::generate().unwrap();
    let then_ms = Clock::system().now_ms() - i64::try_from(AGE.as_millis()).unwrap();
    let key_asked = PublicKey::from_request(&request).unwrap();
    let leaf = issuer.issue(&before.identity, &key_asked, then_ms.unsigned_abs(), random::bytes().unwrap()).unwrap();
    let identity = TlsIdentity { chain: issuer.chain(&leaf), key };
    identity.save(&world.node("JO").dir().join("identity/node.pem")).unwrap();
    let old = IssuedSerial {
        serial: leaf.serial,
        status: SerialStatus::Active,
        not_after_ms: i64::try_from(leaf.not_after_ms).unwrap(),
        chain: chain(&identity),
        ..before.clone()
    };
    in_store(world, async |store| {
        store.add_serial(&old).await.unwrap();
        assert!(store.set_serial_status(&before.serial, SerialStatus::Revoked).await.unwrap());
    });
    old
}

fn identity(world: &World) -> TlsIdentity {
    TlsIdentity::load(&world.node("JO").dir().join("identity/node.pem")).unwrap()
}

fn chain(identity: &TlsIdentity) -> Vec<Vec<u8>> {
    identity.chain.iter().map(|der| der.to_vec()).collect()
}

/// The certificates of a `key` record that are not revoked.
fn issued(world: &World, key_record: &multaqa_proto::hash::RecordId) -> Vec<IssuedSerial> {
    in_store(world, async |store| store.serials_of_key_record(key_record).await.unwrap())
}

fn in_store<T>(world: &World, act: impl AsyncFnOnce(&Store) -> T) -> T {
    let path: &Path = &Places::of(&world.hub().dir()).store();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(path).await.unwrap();
        let done = act(&store).await;
        store.close().await;
        done
    })
}
