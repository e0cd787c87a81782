//! The strict profile against a thief of an issuing key, and the dates of every certificate of a chain.

use multaqa_certs::authority::Issuer;
use multaqa_certs::check::{Certificate, Rule};
use multaqa_certs::profile::Profile;
use multaqa_certs::request::PublicKey;
use multaqa_certs::verify::{Trust, verify_chain};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair,
    KeyUsagePurpose, NameConstraints, SanType, SerialNumber,
};

use super::support::{DAY, FEDERATION, NOW, World, names, node_params, peer, sign};

#[test]
fn what_our_ca_writes_keeps_to_its_profile() {
    let world = World::new();
    let federation = FEDERATION.parse().unwrap();
    let trust = Trust::new(world.root()).unwrap();
    for issuer in [&world.created.nodes, &world.created.hub, &world.created.operators] {
        trust.check_issuer(issuer.der(), issuer.profile()).unwrap();
        assert_eq!(Certificate::read(issuer.der()).unwrap().likely_profile(), issuer.profile());
    }
    for (identity, profile, days) in [
        ("node/JO/gw1", Profile::Node, 30),
        ("node/x-escwa/main", Profile::Node, 30),
        ("hub/main", Profile::Hub, 7),
        ("operator/first", Profile::Operator, 7),
    ] {
        let (tls, serial) = world.issue(identity);
        let leaf = verify_chain(world.root(), &tls.chain, NOW).unwrap();
        assert_eq!((leaf.identity, leaf.serial), (peer(identity), serial));
        assert_eq!(leaf.not_after, NOW + days * DAY);
        let certificate = Certificate::read(&tls.chain[0]).unwrap();
        assert_eq!(certificate.not_before(), NOW - 300);
        assert_eq!(certificate.broken_rules(profile, &federation), []);
        for other in Profile::ALL.into_iter().filter(|other| *other != profile) {
            assert_ne!(certificate.broken_rules(other, &federation), [], "{identity} as {other}");
        }
    }
}

#[test]
fn a_stolen_issuing_key_mints_nothing_beyond_the_profile() {
    let world = World::new();
    let good = verify_chain(world.root(), &world.forge(Profile::NodesIssuer, &node_params()).chain, NOW).unwrap();
    assert_eq!(good.identity, peer("node/JO/gw1"), "the forger's tools work");

    let nodes = Profile::NodesIssuer;
    let break_it = |how: &dyn Fn(&mut CertificateParams)| {
        let mut params = node_params();
        how(&mut params);
        verify_chain(world.root(), &world.forge(nodes, &params).chain, NOW).unwrap_err().code()
    };
    let uri = || SanType::URI("spiffe://multaqa.example/node/JO/gw1".try_into().unwrap());
    let dns = |name: &str| SanType::DnsName(name.try_into().unwrap());
    assert_eq!(break_it(&|p| p.subject_alt_names = vec![uri()]), "PROFILE_NAMES");
    assert_eq!(break_it(&|p| p.subject_alt_names = vec![dns("gw1.jo.nodes.multaqa.example")]), "PROFILE_NAMES");
    assert_eq!(break_it(&|p| p.subject_alt_names.push(uri())), "PROFILE_NAMES");
    assert_eq!(break_it(&|p| p.subject_alt_names.clear()), "PROFILE_NAMES");
    assert_eq!(
        break_it(
            &|p| p.subject_alt_names = names("gw2.jo.nodes.multaqa.example", "spiffe://multaqa.example/node/JO/gw1")
        ),
        "PROFILE_NAMES_AGREE"
    );
    assert_eq!(
        break_it(&|p| p.subject_alt_names = names("main.hub.multaqa.example", "spiffe://multaqa.example/hub/main")),
        "CERT_CHAIN",
        "the hub's name is outside the nodes' zone"
    );
    assert_eq!(
        break_it(&|p| p.subject_alt_names = names("gw1.jo.nodes.multaqa.example", "spiffe://multaqa.example/hub/main")),
        "PROFILE_NAMES_AGREE"
    );
    assert_eq!(break_it(&|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)), "CERT_CHAIN");
    assert_eq!(break_it(&|p| p.is_ca = IsCa::NoCa), "PROFILE_CA");
    assert_eq!(break_it(&|p| p.key_usages.push(KeyUsagePurpose::KeyCertSign)), "PROFILE_KEY_USAGE");
    assert_eq!(break_it(&|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]), "CERT_PURPOSE");
    assert_eq!(break_it(&|p| p.extended_key_usages.push(ExtendedKeyUsagePurpose::CodeSigning)), "PROFILE_PURPOSE");
    assert_eq!(break_it(&|p| p.extended_key_usages.clear()), "PROFILE_PURPOSE");
    assert_eq!(break_it(&|p| p.use_authority_key_identifier_extension = false), "PROFILE_KEY_IDS");
    assert_eq!(break_it(&|p| p.serial_number = Some(SerialNumber::from_slice(&[1]))), "PROFILE_SERIAL");
    assert_eq!(break_it(&|p| p.not_after = rcgen::date_time_ymd(2027, 2, 20)), "PROFILE_LIFE");
    let extension = || CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
    assert_eq!(break_it(&|p| p.custom_extensions = vec![extension()]), "PROFILE_EXTENSIONS");
}

#[test]
fn a_leaf_on_another_curve_is_refused() {
    let world = World::new();
    let (issuer, issuer_key) = world.stolen(Profile::NodesIssuer);
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let leaf = sign(&node_params(), &key, &issuer, &issuer_key);
    assert_eq!(verify_chain(world.root(), &[leaf, issuer], NOW).unwrap_err().code(), "PROFILE_KEY");
}

#[test]
fn a_request_for_a_ca_with_the_hubs_name_gets_a_nodes_leaf() {
    let world = World::new();
    let key = KeyPair::generate().unwrap();
    let mut wish = CertificateParams::new(vec!["main.hub.multaqa.example".to_owned()]).unwrap();
    wish.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    wish.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let request = wish.serialize_request(&key).unwrap();
    let public = PublicKey::from_request(request.der()).unwrap();
    let issued = world.created.nodes.issue(&peer("node/JO/gw1"), &public, NOW * 1000, [7; 16]).unwrap();
    let certificate = Certificate::read(&issued.der).unwrap();
    assert_eq!(certificate.broken_rules(Profile::Node, &FEDERATION.parse().unwrap()), []);
    assert_eq!(certificate.dns_names(), ["gw1.jo.nodes.multaqa.example"]);
    assert!(verify_chain(world.root(), &world.created.nodes.chain(&issued), NOW).is_ok());
}

#[test]
fn issuing_cas_serve_their_own_role() {
    let world = World::new();
    let new = multaqa_certs::request::NewKey::generate().unwrap();
    let key = PublicKey::from_request(&new.request).unwrap();
    let code =
        |identity: &str| world.created.nodes.issue(&peer(identity), &key, NOW * 1000, [7; 16]).unwrap_err().code();
    assert_eq!(code("hub/main"), "ISSUER_WRONG");
    assert_eq!(code("operator/first"), "ISSUER_WRONG");
    assert_eq!(code("system/JO/mof/budget"), "ISSUER_WRONG");
    for profile in [Profile::Root, Profile::Node] {
        let refused = world.created.root.issue_issuer(profile, NOW * 1000, [7; 16]);
        assert_eq!(refused.unwrap_err().code(), "ISSUER_UNKNOWN");
        assert_eq!(Issuer::load(world.path(), profile).unwrap_err().code(), "ISSUER_UNKNOWN");
    }
    let node = peer("node/JO/gw1");
    let days = |days| world.created.nodes.issue_for_days(&node, &key, NOW * 1000, [7; 16], days);
    assert_eq!(days(31).unwrap_err().code(), "ISSUE_LIFE");
    assert_eq!(days(0).unwrap_err().code(), "ISSUE_LIFE");
    assert_eq!(days(1).unwrap().not_after_ms, (NOW + DAY) * 1000);
    let late = (NOW + 170 * DAY) * 1000;
    let capped = world.created.nodes.issue(&node, &key, late, [7; 16]).unwrap();
    assert_eq!(capped.not_after_ms, (NOW + 180 * DAY) * 1000, "no leaf outlives its CA");
    let after = (NOW + 181 * DAY) * 1000;
    assert_eq!(world.created.nodes.issue(&node, &key, after, [7; 16]).unwrap_err().code(), "ISSUER_EXPIRED");
}

#[test]
fn dates_are_checked_on_every_certificate_of_the_chain() {
    let world = World::new();
    let (node, _) = world.issue("node/JO/gw1");
    let code = |now| verify_chain(world.root(), &node.chain, now).map(|_| ()).map_err(|e| e.code());
    assert_eq!(code(NOW - 300), Ok(()));
    assert_eq!(code(NOW - 301), Err("CERT_NOT_YET_VALID"));
    assert_eq!(code(NOW + 30 * DAY), Ok(()));
    assert_eq!(code(NOW + 30 * DAY + 1), Err("CERT_EXPIRED"));
}

#[test]
fn an_expired_root_is_refused_though_all_below_it_holds() {
    let world = World::new();
    let (root, root_key) = world.stolen(Profile::Root);
    let mut ca = CertificateParams::default();
    ca.distinguished_name = node_params().distinguished_name;
    ca.serial_number = Some(SerialNumber::from_slice(&[0x43; 16]));
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    ca.use_authority_key_identifier_extension = true;
    ca.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("nodes.multaqa.example".to_owned())],
        excluded_subtrees: vec![
            GeneralSubtree::IpAddress(rcgen::CidrSubnet::V4([0; 4], [0; 4])),
            GeneralSubtree::IpAddress(rcgen::CidrSubnet::V6([0; 16], [0; 16])),
        ],
    });
    ca.not_before = rcgen::date_time_ymd(2036, 12, 1);
    ca.not_after = rcgen::date_time_ymd(2037, 5, 1);
    let ca_key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let issuer = sign(&ca, &ca_key, &root, &root_key);
    let mut params = node_params();
    params.not_before = rcgen::date_time_ymd(2037, 1, 10);
    params.not_after = rcgen::date_time_ymd(2037, 2, 5);
    let leaf = sign(&params, &KeyPair::generate().unwrap(), &issuer, &ca_key);
    let chain = [leaf, issuer];
    let last = NOW + 3652 * DAY;
    let code = |now| verify_chain(world.root(), &chain, now).map(|_| ()).map_err(|e| e.code());
    assert_eq!(code(last), Ok(()), "2037-01-14, the root's last second");
    assert_eq!(code(last + 1), Err("CERT_ROOT_EXPIRED"));
}

#[test]
fn foreign_and_incomplete_chains_are_refused() {
    let (world, other) = (World::new(), World::new());
    let (node, _) = other.issue("node/JO/gw1");
    let code = |chain: &[_]| verify_chain(world.root(), chain, NOW).unwrap_err().code();
    assert_eq!(code(&node.chain), "CERT_FOREIGN", "same names, another root");
    assert_eq!(code(&[node.chain[0].clone(), world.created.nodes.der().clone()]), "CERT_FOREIGN");
    assert_eq!(code(&node.chain[..1]), "CERT_CHAIN_LENGTH");
    assert_eq!(code(&[]), "CERT_CHAIN_LENGTH");
    assert_eq!(code(&[vec![0x30; 9000].into(), node.chain[1].clone()]), "CERT_MALFORMED");
    assert_eq!(Trust::new(&node.chain[1]).unwrap_err().code(), "PROFILE_CA", "an issuing CA is no root");
}

#[test]
fn a_ca_below_an_issuing_ca_is_refused() {
    let world = World::new();
    let (issuer, issuer_key) = world.stolen(Profile::NodesIssuer);
    let mut params = node_params();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let below = sign(&params, &key, &issuer, &issuer_key);
    let leaf = sign(&node_params(), &KeyPair::generate().unwrap(), &below, &key);
    let trust = Trust::new(world.root()).unwrap();
    let purpose = multaqa_certs::profile::Purpose::Client;
    let error = trust.check_leaf(&leaf, &[below, issuer], purpose, NOW).unwrap_err();
    assert_eq!(error.code(), "CERT_CHAIN", "{error}");
}

#[test]
fn every_rule_has_a_code_of_its_own() {
    let rules = [
        Rule::Version,
        Rule::Signature,
        Rule::Key,
        Rule::Life,
        Rule::Serial,
        Rule::Ca,
        Rule::KeyUsage,
        Rule::Purpose,
        Rule::Zone,
        Rule::Names,
        Rule::NamesAgree,
        Rule::Role,
        Rule::KeyIds,
        Rule::Extensions,
        Rule::Subject,
    ];
    for rule in rules {
        assert!(multaqa_certs::code::CODES.contains(&rule.code()), "{rule}");
    }
}
