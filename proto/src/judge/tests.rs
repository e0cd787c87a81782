//! Rules one by one, and the agreement of all readers over random histories.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::code::MESSAGES;
use crate::fold::Erasure;
use crate::hash::Hash;
use crate::message::Catalogue;
use crate::record::content::Body;
use crate::text::Lang;
use crate::wire::kind::{Organisation, Service, Tombstone};

const GROUP: &str = "maghreb";
const GROUP_MEMBERS: [&str; 2] = ["MA", "x-lab"];

/// A fold of data records over a map.
#[derive(Debug, Clone, Default, PartialEq)]
struct Fold {
    objects: BTreeMap<ObjectId, (ObjectState, Projection)>,
    withdrawn: BTreeSet<ObjectId>,
    suspended: Vec<MemberCode>,
}

impl View for Fold {
    fn member(&self, code: &MemberCode) -> Option<MemberState> {
        let class = match code.as_str() {
            "JO" | "MA" => MemberClass::State,
            "x-escwa" => MemberClass::Secretariat,
            "x-lab" => MemberClass::Partner,
            _ => return None,
        };
        Some(MemberState { class, active: !self.suspended.contains(code) })
    }
    fn group_exists(&self, group: &GroupSlug) -> bool {
        group.as_str() == GROUP
    }
    fn object(&self, id: &ObjectId) -> Option<ObjectState> {
        self.objects.get(id).map(|(state, _)| state.clone())
    }
    fn is_withdrawn(&self, id: &ObjectId) -> bool {
        self.withdrawn.contains(id)
    }
}

/// A record on a log of the test.
#[derive(Debug, Clone)]
struct Placed {
    record_id: RecordId,
    writer: Writer,
    content: Content,
}

impl Fold {
    fn judge(&self, index: usize, record: &Placed) -> Verdict {
        let Placed { record_id, writer, content } = record;
        judge(self, &Entry { index: LeafIndex(index as u64), record_id: *record_id, writer, content })
    }
    fn apply(&mut self, index: usize, record: &Placed) -> Verdict {
        let verdict = self.judge(index, record);
        if let Verdict::Valid(changes) = &verdict {
            for change in changes {
                self.change(record, change);
            }
        }
        verdict
    }
    fn change(&mut self, record: &Placed, change: &Change) {
        let content = &record.content;
        match change {
            Change::Put(projection) => {
                let state = ObjectState {
                    writer_member: content.id.code().clone(),
                    revision: content.revision,
                    revisions: content.replaces.iter().copied().chain([record.record_id]).collect(),
                    audience: content.audience.clone(),
                };
                self.objects.insert(content.id.clone(), (state, projection.clone()));
            }
            Change::Withdraw { id, records: _ } => {
                self.objects.remove(id);
                self.withdrawn.insert(id.clone());
            }
        }
    }
}

fn organisation(name: &str) -> Vec<u8> {
    let name = HashMap::from([("ar".to_owned(), name.to_owned())]);
    Organisation { name, r#type: "agency".to_owned(), ..Default::default() }.encode_to_vec()
}

fn tombstone(target: &str, revisions: &[RecordId]) -> Vec<u8> {
    let revisions = revisions.iter().map(|r| r.to_vec()).collect();
    Tombstone { id: target.to_owned(), revisions, ..Default::default() }.encode_to_vec()
}

fn record(n: u64, id: &str, replaces: &[RecordId], audience: &[&str], payload: Vec<u8>) -> Placed {
    let id: ObjectId = id.parse().unwrap();
    Placed {
        record_id: Hash::of(&n.to_be_bytes()),
        writer: Writer::Node(id.code().clone(), "gw1".parse().unwrap()),
        content: Content {
            salt: [0; 32],
            id,
            revision: replaces.len() as u64 + 1,
            replaces: replaces.to_vec(),
            audience: Audience::parse(audience).unwrap(),
            authored_at_ms: 0,
            seen: None,
            body: Body::Payload(payload.into()),
        },
    }
}

/// The verdict's code; that of a void record has to have its texts, with all their arguments.
fn code(verdict: &Verdict) -> &'static str {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(&[&MESSAGES]));
    match verdict {
        Verdict::Valid(_) => "VALID",
        Verdict::Void { code, args } => {
            for lang in Lang::ALL {
                let text = CATALOGUE.render(lang, code, args).text;
                assert!(!text.starts_with(code), "{text}");
            }
            code
        }
    }
}

const ID: &str = "JO:organisation:modee";

/// A fold that holds revision 1 of `ID` for states.
fn one() -> (Fold, RecordId) {
    let mut fold = Fold::default();
    let first = record(1, ID, &[], &["states"], organisation("أ"));
    assert_eq!(code(&fold.apply(1, &first)), "VALID");
    (fold, first.record_id)
}

#[test]
fn a_revision_names_all_before_it_and_keeps_its_readers() {
    let (mut fold, r1) = one();
    let try_next = |replaces: &[RecordId], audience: &[&str]| {
        code(&fold.judge(2, &record(2, ID, replaces, audience, organisation("ب"))))
    };
    assert_eq!(try_next(&[], &["states"]), "REPLACES_STALE");
    assert_eq!(try_next(&[Hash::of(b"other")], &["states"]), "REPLACES_STALE");
    assert_eq!(try_next(&[r1, r1], &["states"]), "REPLACES_STALE");
    assert_eq!(try_next(&[r1], &["member:MA"]), "AUDIENCE_SHRINKS");
    assert_eq!(try_next(&[r1], &["states", "group:gcc"]), "GROUP_UNKNOWN");
    assert_eq!(try_next(&[r1], &["states", "member:ZZ"]), "MEMBER_UNKNOWN");
    assert_eq!(try_next(&[r1], &["states", "group:maghreb"]), "VALID");
    let second = record(2, ID, &[r1], &["members"], organisation("ب"));
    assert_eq!(code(&fold.apply(2, &second)), "VALID");
    let (state, projection) = &fold.objects[&ID.parse().unwrap()];
    assert_eq!((state.revision, state.revisions.as_slice()), (2, &[r1, second.record_id][..]));
    assert_eq!(projection.title["ar"], "ب");
}

#[test]
fn only_an_active_member_of_the_right_class_writes_under_its_own_code() {
    let mut fold = Fold::default();
    let foreign = Placed { writer: "MA/gw1".parse().unwrap(), ..record(1, ID, &[], &["states"], organisation("أ")) };
    assert_eq!(code(&fold.judge(1, &foreign)), "OBJECT_FOREIGN");
    let operator = Placed { writer: "operator/first".parse().unwrap(), ..foreign };
    assert_eq!(code(&fold.judge(1, &operator)), "OBJECT_FOREIGN");
    let stranger = record(1, "ZZ:organisation:a", &[], &["states"], organisation("أ"));
    assert_eq!(code(&fold.judge(1, &stranger)), "MEMBER_UNKNOWN");
    let service = record(1, "x-lab:service:a", &[], &["states"], Service::default().encode_to_vec());
    assert_eq!(code(&fold.judge(1, &service)), "PUBLISHER_NOT_ALLOWED");
    fold.suspended.push("JO".parse().unwrap());
    assert_eq!(code(&fold.judge(1, &record(1, ID, &[], &["states"], organisation("أ")))), "MEMBER_SUSPENDED");
}

#[test]
fn a_broken_payload_is_void_with_its_first_violation() {
    let empty = record(1, "JO:service:sanad", &[], &["states"], Service::default().encode_to_vec());
    let expected = Verdict::Void { code: "FIELD_REQUIRED", args: vec![("path", "title".to_owned())] };
    assert_eq!(Fold::default().judge(1, &empty), expected);
    assert_eq!(code(&Fold::default().judge(1, &record(1, ID, &[], &["states"], vec![0xff]))), "PAYLOAD_UNDECODABLE");
    let mut sealed = record(1, ID, &[], &["states"], Vec::new());
    sealed.content.body = Body::Sealed;
    assert_eq!(code(&Fold::default().judge(1, &sealed)), "PAYLOAD_SEALED");
}

#[test]
fn an_object_first_seen_late_starts_at_its_first_visible_revision() {
    let hidden = [Hash::of(b"one"), Hash::of(b"two")];
    let mut fold = Fold::default();
    let third = record(3, ID, &hidden, &["states"], organisation("ج"));
    assert_eq!(code(&fold.apply(3, &third)), "VALID");
    let stale = record(4, ID, &[third.record_id], &["states"], organisation("د"));
    assert_eq!(code(&fold.judge(4, &stale)), "REPLACES_STALE");
    let fourth = record(4, ID, &[hidden[0], hidden[1], third.record_id], &["states"], organisation("د"));
    assert_eq!(code(&fold.apply(4, &fourth)), "VALID");
}

#[test]
fn a_tombstone_holds_whatever_the_judge_holds_of_its_object() {
    let (mut fold, r1) = one();
    let stone = |target: &str, revisions: &[RecordId], audience: &[&str]| {
        record(9, "JO:tombstone:modee-1", &[], audience, tombstone(target, revisions))
    };
    let other = Hash::of(b"other");
    for (revisions, audience) in [([other], "states"), ([r1], "member:JO"), ([r1], "group:gcc"), ([r1], "member:ZZ")] {
        assert_eq!(code(&fold.judge(9, &stone(ID, &revisions, &[audience]))), "VALID", "{audience}");
    }
    assert_eq!(code(&fold.judge(9, &stone("MA:organisation:add", &[r1], &["states"]))), "OBJECT_FOREIGN");
    assert_eq!(code(&fold.judge(9, &stone("JO:key:gw1", &[r1], &["states"]))), "KIND_NOT_WITHDRAWABLE");
    assert_eq!(code(&fold.judge(9, &stone("JO:evidence:a", &[r1], &["states"]))), "KIND_NOT_WITHDRAWABLE");
    assert_eq!(code(&fold.judge(9, &stone("JO:tombstone:a", &[r1], &["states"]))), "KIND_NOT_WITHDRAWABLE");
    let revised = record(9, "JO:tombstone:modee-1", &[r1], &["states"], tombstone(ID, &[r1]));
    assert_eq!(code(&fold.judge(9, &revised)), "TOMBSTONE_REVISED");
    let good = stone(ID, &[r1, other], &["members"]);
    let change = Change::Withdraw { id: ID.parse().unwrap(), records: vec![r1, other] };
    assert_eq!(fold.apply(9, &good), Verdict::Valid(vec![change]));
    assert_eq!(code(&fold.judge(10, &good)), "VALID", "what was signed meanwhile is erased by another");
    for replaces in [&[r1][..], &[]] {
        let again = record(10, ID, replaces, &["states"], organisation("ب"));
        assert_eq!(code(&fold.judge(10, &again)), "OBJECT_WITHDRAWN", "an id is used once");
    }
}

#[test]
fn who_comes_after_the_erasure_goes_on_like_who_was_there() {
    let (mut early, r1) = one();
    let stone = record(2, "JO:tombstone:a", &[], &["states"], tombstone(ID, &[r1]));
    early.apply(2, &stone);
    let mut late = Fold::default();
    assert_eq!(code(&late.apply(2, &stone)), "VALID");
    assert_eq!(late, early);
}

#[test]
fn unknown_and_control_kinds_change_nothing_here() {
    let poem = record(1, "JO:poem:a", &[], &["states"], vec![1]);
    assert_eq!(Fold::default().judge(1, &poem), Verdict::Valid(Vec::new()));
    assert_eq!(touches(&poem.content), []);
}

#[test]
fn the_view_is_asked_only_for_what_touches_names() {
    let target: ObjectId = ID.parse().unwrap();
    assert_eq!(touches(&record(1, ID, &[], &["states"], organisation("أ")).content), std::slice::from_ref(&target));
    let stone = record(2, "JO:tombstone:a", &[], &["states"], tombstone(ID, &[Hash::of(b"1")]));
    assert_eq!(touches(&stone.content), [target]);
    assert_eq!(touches(&record(2, "JO:tombstone:a", &[], &["states"], vec![0xff]).content), []);
}

/// Whether a member may read a record: the entitlement of a federation whose groups never change.
fn reads(fold: &Fold, member: &str, record: &Placed) -> bool {
    let code: MemberCode = member.parse().unwrap();
    let class = fold.member(&code).unwrap().class;
    record.writer.member() == Some(&code)
        || record.content.audience.parts().any(|part| match part {
            Part::Public | Part::Members => true,
            Part::States => matches!(class, MemberClass::State | MemberClass::Secretariat),
            Part::Group(_) => GROUP_MEMBERS.contains(&member),
            Part::Member(named) => *named == code,
        })
}

const AUDIENCES: [&[&str]; 8] = [
    &["member:JO"],
    &["member:MA"],
    &["member:x-lab"],
    &["group:maghreb"],
    &["states"],
    &["states", "member:x-lab"],
    &["members"],
    &["public"],
];

/// One move of a writer in a random history.
#[derive(Debug, Clone)]
struct Move {
    writer: usize,
    object: usize,
    /// None is what an honest writer takes.
    audience: Option<usize>,
    kind: MoveKind,
}

#[derive(Debug, Clone)]
enum MoveKind {
    Next,
    Broken,
    Stale,
    Late,
    /// Names all records of the object.
    Withdraw,
    /// Names those of the set bits, and one that is not there.
    WithdrawPart(u8),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let kind = prop_oneof![
        6 => Just(MoveKind::Next),
        1 => Just(MoveKind::Broken),
        2 => Just(MoveKind::Stale),
        1 => Just(MoveKind::Late),
        1 => Just(MoveKind::Withdraw),
        1 => any::<u8>().prop_map(MoveKind::WithdrawPart),
    ];
    let audience = prop_oneof![1 => Just(None), 1 => (0..AUDIENCES.len()).prop_map(Some)];
    let one = (0..2usize, 0..3usize, audience, kind).prop_map(|(writer, object, audience, kind)| Move {
        writer,
        object,
        audience,
        kind,
    });
    prop::collection::vec(one, 1..40)
}

/// The record that a move puts on the log after this state.
fn play(fold: &Fold, log: &[Placed], step: &Move) -> Placed {
    let n = log.len() as u64;
    let member = ["JO", "x-lab"][step.writer];
    let id: ObjectId = format!("{member}:organisation:o{}", step.object).parse().unwrap();
    let state = fold.object(&id);
    let known = state.as_ref().map_or_else(Vec::new, |s| s.revisions.clone());
    let about: Vec<&Placed> = log.iter().filter(|record| record.content.id == id).collect();
    let all = about.iter().flat_map(|record| record.content.audience.parts().cloned());
    let own = || Audience::parse(AUDIENCES[0]).unwrap();
    let withdraws = matches!(step.kind, MoveKind::Withdraw | MoveKind::WithdrawPart(_));
    let audience = match step.audience {
        Some(index) => Audience::parse(AUDIENCES[index]).unwrap(),
        None if withdraws => Audience::new(all).unwrap_or_else(|_| own()),
        None => state.map_or_else(own, |s| s.audience),
    };
    let audience: Vec<_> = audience.to_strings();
    let audience: Vec<_> = audience.iter().map(String::as_str).collect();
    let invented = Hash::of(b"invented");
    let body = || organisation(&format!("اسم {n}"));
    let id = id.to_string();
    let put = |replaces: &[RecordId], payload| record(n, &id, replaces, &audience, payload);
    let stone = |mask: u8| {
        let named = about.iter().enumerate().filter(|(at, _)| mask >> (at % 8) & 1 == 1);
        let named: Vec<_> = named.map(|(_, record)| record.record_id).chain([invented]).collect();
        record(n, &format!("{member}:tombstone:t{n}"), &[], &audience, tombstone(&id, &named))
    };
    match step.kind {
        MoveKind::Next => put(&known, body()),
        MoveKind::Broken => put(&known, vec![0xff]),
        MoveKind::Stale => put(&known[..known.len().saturating_sub(1)], body()),
        MoveKind::Late => put(&[known.as_slice(), &[invented]].concat(), body()),
        MoveKind::Withdraw => stone(u8::MAX),
        MoveKind::WithdrawPart(mask) => stone(mask),
    }
}

/// What a valid tombstone erases; none of another record, or a void one.
fn erasure(at: usize, record: &Placed, verdict: &Verdict) -> Option<Erasure> {
    let Verdict::Valid(changes) = verdict else { return None };
    let [Change::Withdraw { id, records }] = &changes[..] else { return None };
    let (records, audience) = (records.iter().copied().collect(), record.content.audience.clone());
    Some(Erasure { object: id.clone(), below: LeafIndex(at as u64), records, audience })
}

fn erased(erasures: &[Erasure], at: usize, record: &Placed) -> bool {
    let Placed { record_id, writer, content } = record;
    erasures.iter().any(|erasure| erasure.takes(LeafIndex(at as u64), record_id, writer, content))
}

proptest! {
    #![proptest_config(ProptestConfig {
        // 1,024 where nothing else is asked for.
        cases: 4 * ProptestConfig::default().cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_a_member_may_read_folds_as_everything_does(moves in moves()) {
        let mut full = Fold::default();
        let mut log: Vec<Placed> = Vec::new();
        let (mut first, mut hub) = (BTreeMap::new(), Vec::new());
        for (n, step) in moves.iter().enumerate() {
            let record = play(&full, &log, step);
            let verdict = full.apply(n, &record);
            if code(&verdict) == "VALID" && record.content.kind() == "organisation" {
                first.entry(record.content.id.clone()).or_insert(n);
            }
            hub.extend(erasure(n, &record, &verdict));
            log.push(record);
        }
        for member in ["JO", "MA", "x-escwa", "x-lab"] {
            // Who was there from the beginning, and who comes after all erasures, as a replica that is fetched again does.
            let (mut part, mut late, mut own) = (Fold::default(), Fold::default(), Vec::new());
            let readable: Vec<(usize, &Placed)> =
                log.iter().enumerate().filter(|(_, record)| reads(&full, member, record)).collect();
            for &(n, record) in &readable {
                let verdict = part.apply(n, record);
                own.extend(erasure(n, record, &verdict));
                if !erased(&hub, n, record) {
                    late.apply(n, record);
                }
            }
            for &(n, record) in &readable {
                prop_assert_eq!(erased(&own, n, record), erased(&hub, n, record), "{} at {}", n, member);
            }
            prop_assert_eq!(&late, &part, "who comes late, as {}", member);
            for (id, n) in first.iter().filter(|(_, n)| reads(&full, member, &log[**n])) {
                // The one thing that is left to a writer.
                let hidden = |stone: &Erasure| {
                    let shown = readable.iter().any(|(at, _)| *at as u64 == stone.below.0);
                    stone.object == *id && !shown
                };
                if part.is_withdrawn(id) || !hub.iter().any(hidden) {
                    prop_assert_eq!(part.objects.get(id), full.objects.get(id), "{} of {} at {}", id, n, member);
                    prop_assert_eq!(part.is_withdrawn(id), full.is_withdrawn(id), "{} at {}", id, member);
                }
            }
        }
    }

    #[test]
    fn a_tombstone_for_all_readers_of_what_it_names_leaves_nothing_of_it(moves in moves()) {
        let (mut full, mut log): (Fold, Vec<Placed>) = (Fold::default(), Vec::new());
        for step in &moves {
            let record = play(&full, &log, step);
            full.apply(log.len(), &record);
            log.push(record);
        }
        for writer in 0..2 {
            for object in 0..3 {
                let record = play(&full, &log, &Move { writer, object, audience: None, kind: MoveKind::Withdraw });
                let at = log.len();
                let stone = erasure(at, &record, &full.judge(at, &record)).expect("it holds");
                for (n, other) in log.iter().enumerate().filter(|(_, other)| other.content.id == stone.object) {
                    prop_assert!(erased(std::slice::from_ref(&stone), n, other), "{} of {}", n, stone.object);
                    for member in ["JO", "MA", "x-escwa", "x-lab"] {
                        prop_assert!(!reads(&full, member, other) || reads(&full, member, &record), "{}", member);
                    }
                }
            }
        }
    }
}
