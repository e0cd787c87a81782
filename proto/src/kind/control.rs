//! The control kinds: who is in, which keys speak for them, the rules in force.
//!
//! In scope: the form of their payloads. Out of scope: what they do and who has to agree (`directory`).

use std::collections::BTreeSet;

use super::{Class, Kind, Payload, Publisher, Superseded, read};
use crate::check::Need::{Optional, Required};
use crate::check::{Check, Need};
use crate::id::{FEDERATION_CODE, FederationName, GroupSlug, MemberCode, NodeName, OperatorName};
use crate::kind::MemberClass;
use crate::record::audience::Part;
use crate::text::TextRule;
use crate::wire::kind as wire;

/// Length of an Ed25519 public key and of a SHA-256 value, bytes.
const KEY: usize = 32;
/// Length of an Ed25519 signature, bytes.
const SIGNATURE: usize = 64;
/// Most operators of a policy.
const OPERATORS_MAX: usize = 64;
/// Longest root certificate, bytes.
const CERTIFICATE_MAX: u64 = 16 * 1024;

const fn control(
    name: &'static str,
    message_name: &'static str,
    publishers: &'static [Publisher],
    check: fn(&[u8]) -> Vec<crate::check::Violation>,
) -> Kind {
    Kind {
        name,
        collection: None,
        class: Class::Control,
        publishers,
        superseded: Superseded::Kept,
        message_name,
        default_audience: Some(Part::Members),
        payload: Payload::Control(check),
    }
}

macro_rules! control_kind {
    ($constant:ident, $name:literal, $message:ident, $publishers:expr, $check:ident) => {
        pub(super) const $constant: Kind =
            control($name, concat!("multaqa.kind.v1.", stringify!($message)), $publishers, |payload| {
                read::<wire::$message>(payload, $check).err().unwrap_or_default()
            });
    };
}

control_kind!(GENESIS, "genesis", Genesis, &[Publisher::Operator], check_genesis);
control_kind!(POLICY, "policy", Policy, &[Publisher::Operator], check_policy);
control_kind!(INVITATION, "invitation", Invitation, &[Publisher::Operator], check_invitation);
control_kind!(APPROVE, "approve", Approve, &[Publisher::Operator, Publisher::State], check_approve);
control_kind!(MEMBER, "member", Member, &[Publisher::Operator], check_member);
control_kind!(KEY_KIND, "key", Key, &[Publisher::Operator, Publisher::AnyMember], check_key);
control_kind!(GROUP, "group", Group, &[Publisher::Operator], check_group);
control_kind!(NOTICE, "notice", Notice, &[Publisher::Operator], check_notice);

fn check_genesis(c: &mut Check, g: &wire::Genesis) {
    c.id::<FederationName>("federation", &g.federation, Required);
    c.number("root_certificate", g.root_certificate.len() as u64, 1..=CERTIFICATE_MAX);
    c.bytes("standby_log_key", &g.standby_log_key, KEY, Required);
    c.field("policy", |c| match &g.policy {
        Some(policy) => check_policy(c, policy),
        None => c.report("FIELD_REQUIRED", &[]),
    });
}

fn check_policy(c: &mut Check, p: &wire::Policy) {
    c.number("number", p.number, 1..=u64::from(u32::MAX));
    c.bytes("log_key", &p.log_key, KEY, Required);
    c.not_empty("operators", &p.operators);
    let mut names = BTreeSet::new();
    let mut keys = BTreeSet::new();
    c.list("operators", &p.operators, OPERATORS_MAX, |c, operator| {
        c.id::<OperatorName>("name", &operator.name, Required);
        c.bytes("record_key", &operator.record_key, KEY, Required);
        c.unique(&mut names, operator.name.clone(), &operator.name);
        c.unique(&mut keys, operator.record_key.clone(), &crate::hash::hex(&operator.record_key));
    });
    c.number("operators_required", p.operators_required.into(), 1..=(p.operators.len() as u64).max(1));
    c.ids::<MemberCode>("witnesses", &p.witnesses);
    c.number("rules", p.rules.into(), 1..=u64::from(u32::MAX));
}

fn check_invitation(c: &mut Check, i: &wire::Invitation) {
    c.id::<MemberCode>("member", &i.member, Required);
    c.id::<NodeName>("node", &i.node, Required);
    c.number("epoch", i.epoch, 1..=u64::from(u32::MAX));
    c.bytes("public_key", &i.public_key, KEY, Required);
    // A time before 1970 is no time at all: it counts as 0 and is below the bound.
    c.number("not_after_ms", u64::try_from(i.not_after_ms).unwrap_or(0), 1..=i64::MAX.unsigned_abs());
}

fn check_approve(c: &mut Check, a: &wire::Approve) {
    c.bytes("record_id", &a.record_id, KEY, Required);
}

fn check_member(c: &mut Check, m: &wire::Member) {
    c.id::<MemberCode>("code", &m.code, Required);
    if m.code == FEDERATION_CODE {
        let (what, rule) = ("member code", "it is reserved for the records of operators");
        c.field("code", |c| c.report("REFERENCE_MALFORMED", &[("value", &m.code), ("what", &what), ("rule", &rule)]));
    }
    c.closed("class", &m.class, &MemberClass::ALL.map(MemberClass::as_str), Required);
    c.texts("name", &m.name, TextRule::NAME.required());
    c.closed("status", &m.status, &["active", "suspended"], Required);
}

fn check_key(c: &mut Check, k: &wire::Key) {
    // A suspension names the epoch; only new keys carry keys.
    let need: Need = if k.status == "suspended" { Optional } else { Required };
    c.id::<MemberCode>("member", &k.member, Required);
    c.id::<NodeName>("node", &k.node, Required);
    c.number("epoch", k.epoch, 1..=u64::from(u32::MAX));
    c.bytes("invitation", &k.invitation, KEY, need);
    c.closed("status", &k.status, &["active", "suspended"], Required);
    c.bytes("record_key", &k.record_key, KEY, need);
    c.bytes("witness_key", &k.witness_key, KEY, need);
    c.bytes("session_key", &k.session_key, KEY, need);
    c.bytes("record_proof", &k.record_proof, SIGNATURE, need);
    c.bytes("witness_proof", &k.witness_proof, SIGNATURE, need);
    c.bytes("session_proof", &k.session_proof, SIGNATURE, need);
}

fn check_group(c: &mut Check, g: &wire::Group) {
    c.id::<GroupSlug>("slug", &g.slug, Required);
    c.texts("name", &g.name, TextRule::NAME.required());
    c.closed("history", &g.history, &["full", "from-join"], Required);
    c.ids::<MemberCode>("members", &g.members);
    c.id::<GroupSlug>("parent", &g.parent, Optional);
    c.texts("mandate", &g.mandate, TextRule::PROSE);
}

fn check_notice(c: &mut Check, n: &wire::Notice) {
    c.closed("level", &n.level, &["info", "warning", "critical"], Required);
    c.texts("text", &n.text, TextRule::PROSE.required());
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use prost::Message;

    use super::*;

    fn found(kind: &Kind, payload: &impl Message) -> Vec<(String, &'static str)> {
        kind.check(&payload.encode_to_vec()).into_iter().map(|v| (v.path, v.code)).collect()
    }

    fn policy() -> wire::Policy {
        let operator = |name: &str, n| wire::Operator { name: name.to_owned(), record_key: vec![n; 32] };
        wire::Policy {
            number: 1,
            log_key: vec![1; 32],
            operators: vec![operator("first", 2), operator("second", 3)],
            operators_required: 2,
            witnesses: vec!["JO".to_owned(), "EG".to_owned()],
            rules: 1,
        }
    }

    #[test]
    fn a_genesis_holds_its_policy() {
        let genesis = wire::Genesis {
            federation: "multaqa.example".to_owned(),
            root_certificate: vec![0x30],
            standby_log_key: vec![4; 32],
            policy: Some(policy()),
        };
        assert_eq!(found(&GENESIS, &genesis), []);
        let mut wrong = genesis.clone();
        wrong.standby_log_key.pop();
        wrong.policy.as_mut().unwrap().operators[1].record_key = vec![2; 32];
        let expected = [("standby_log_key", "LENGTH_WRONG"), ("policy.operators[1]", "KEY_DUPLICATE")];
        assert_eq!(found(&GENESIS, &wrong), expected.map(|(path, code)| (path.to_owned(), code)));
        let none = wire::Genesis { policy: None, ..genesis };
        assert_eq!(found(&GENESIS, &none), [("policy".to_owned(), "FIELD_REQUIRED")]);
    }

    #[test]
    fn a_policy_needs_no_more_operators_than_it_names() {
        assert_eq!(found(&POLICY, &policy()), []);
        let greedy = wire::Policy { operators_required: 3, ..policy() };
        assert_eq!(found(&POLICY, &greedy), [("operators_required".to_owned(), "OUT_OF_RANGE")]);
    }

    #[test]
    fn a_suspension_carries_no_keys_and_a_new_key_all_three() {
        let suspension = wire::Key {
            member: "JO".to_owned(),
            node: "gw1".to_owned(),
            epoch: 1,
            status: "suspended".to_owned(),
            ..Default::default()
        };
        assert_eq!(found(&KEY_KIND, &suspension), []);
        let bare = wire::Key { status: "active".to_owned(), ..suspension };
        let missing = [
            "invitation",
            "record_key",
            "witness_key",
            "session_key",
            "record_proof",
            "witness_proof",
            "session_proof",
        ];
        assert_eq!(found(&KEY_KIND, &bare), missing.map(|f| (f.to_owned(), "FIELD_REQUIRED")));
    }

    #[test]
    fn closed_lists_are_closed() {
        let name = HashMap::from([("ar".to_owned(), "الأردن".to_owned())]);
        let member = wire::Member {
            code: "jo".to_owned(),
            class: "king".to_owned(),
            name: name.clone(),
            status: "asleep".to_owned(),
        };
        let expected = [("code", "REFERENCE_MALFORMED"), ("class", "CODE_UNKNOWN"), ("status", "CODE_UNKNOWN")];
        assert_eq!(found(&MEMBER, &member), expected.map(|(path, code)| (path.to_owned(), code)));
        let reserved = wire::Member {
            code: FEDERATION_CODE.to_owned(),
            class: "partner".to_owned(),
            name: name.clone(),
            status: "active".to_owned(),
        };
        assert_eq!(found(&MEMBER, &reserved), [("code".to_owned(), "REFERENCE_MALFORMED")]);
        let group = wire::Group {
            slug: "gcc".to_owned(),
            name,
            history: "some".to_owned(),
            members: vec!["SA".to_owned(), "SA".to_owned()],
            ..Default::default()
        };
        let expected = [("history", "CODE_UNKNOWN"), ("members[1]", "KEY_DUPLICATE")];
        assert_eq!(found(&GROUP, &group), expected.map(|(path, code)| (path.to_owned(), code)));
    }

    #[test]
    fn an_invitation_expires_after_1970() {
        let invitation = wire::Invitation {
            member: "JO".to_owned(),
            node: "gw1".to_owned(),
            epoch: 1,
            public_key: vec![1; 32],
            not_after_ms: -1,
        };
        assert_eq!(found(&INVITATION, &invitation), [("not_after_ms".to_owned(), "OUT_OF_RANGE")]);
    }
}
