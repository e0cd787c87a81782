//! Publishing: what is signed, and what the log says of it afterwards.

use std::path::{Path, PathBuf};

use multaqa_proto::text::LanguageMap;
use multaqa_proto::wire::kind as wire_kind;

use super::acts::tombstone_id;
use super::testing::{TestNode, file, organisation};
use super::*;
use crate::file::attachments_of;
use crate::replica::testing::{object, writer};

const MODEE: &str = "JO:organisation:modee";

async fn refused(node: &TestNode, files: &[Named]) -> Vec<(String, usize, String, &'static str)> {
    match node.publisher.publish(files, &[]).await {
        Err(PublishError::Refused(findings)) => findings
            .into_iter()
            .map(|f| (f.file, f.place.map_or(0, |place| place.line), f.violation.path, f.violation.code))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn broken(result: Result<Published, PublishError>) -> &'static str {
    result.unwrap_err().code()
}

#[tokio::test]
async fn what_is_published_holds_on_the_log() {
    let mut node = TestNode::of("JO").await;
    let files = [organisation(MODEE, "a"), organisation("JO:organisation:cbj", "b")];
    let published = node.publisher.publish(&files, &[]).await.unwrap();
    assert_eq!(published.iter().map(|p| (p.revision, p.unchanged)).collect::<Vec<_>>(), [(1, false), (1, false)]);
    assert_eq!(published[0].file, "a.yaml");
    assert_eq!(node.states().await.iter().map(|(_, state, _)| *state).collect::<Vec<_>>(), ["queued", "queued"]);

    node.order_queued().await;
    let held = node.parts.replica.get(&object(MODEE)).await.unwrap().unwrap();
    assert_eq!((held.summary.record_id, held.summary.audience), (published[0].record_id, vec!["states".to_owned()]));
    let size = node.parts.intake.load().size().0;
    let content = node.log.content_of(&published[0].record_id);
    assert_eq!(content.seen.unwrap().size.0, size - 2, "the checkpoint seen is the one before");
}

#[tokio::test]
async fn revisions_of_one_call_follow_one_another() {
    let mut node = TestNode::of("JO").await;
    let files = [organisation(MODEE, "a"), organisation(MODEE, "b"), organisation(MODEE, "c")];
    let published = node.publisher.publish(&files, &[]).await.unwrap();
    assert_eq!(published.iter().map(|p| p.revision).collect::<Vec<_>>(), [1, 2, 3]);
    node.order_queued().await;
    assert!(node.states().await.iter().all(|(_, _, code)| code.is_none()), "{:?}", node.states().await);
    let held = node.parts.replica.get(&object(MODEE)).await.unwrap().unwrap();
    assert_eq!((held.summary.revision, held.summary.title["ar"].as_str()), (3, "c"));
}

#[tokio::test]
async fn without_a_line_revisions_go_on_from_what_is_queued() {
    let mut node = TestNode::of("JO").await;
    for (round, name) in ["a", "b", "c"].into_iter().enumerate() {
        let published = node.publisher.publish(&[organisation(MODEE, name)], &[]).await.unwrap();
        assert_eq!(published[0].revision, round as u64 + 1);
    }
    node.order_queued().await;
    let held = node.parts.replica.get(&object(MODEE)).await.unwrap().unwrap();
    assert_eq!((held.summary.revision, held.summary.title["ar"].as_str()), (3, "c"));
}

#[tokio::test]
async fn what_says_the_same_is_not_published_again() {
    let mut node = TestNode::of("JO").await;
    let first = node.publisher.publish(&[organisation(MODEE, "a")], &[]).await.unwrap();
    for _ in ["while it is queued", "when it is on the log"] {
        let again = node.publisher.publish(&[organisation(MODEE, "a")], &[]).await.unwrap();
        assert_eq!((again[0].unchanged, again[0].revision, again[0].record_id), (true, 1, first[0].record_id));
        node.order_queued().await;
    }
    assert_eq!(node.states().await.len(), 1);
    // A wider audience is a change.
    let wider =
        file("w.yaml", "id: JO:organisation:modee\naudience: [members]\npayload: {name: {ar: a}, type: ministry}\n");
    let published = node.publisher.publish(&[wider], &[]).await.unwrap();
    assert_eq!((published[0].unchanged, published[0].revision), (false, 2));
    // An audience that is not named again stays as it is.
    node.publisher.publish(&[organisation(MODEE, "b")], &[]).await.unwrap();
    node.order_queued().await;
    let held = node.parts.replica.get(&object(MODEE)).await.unwrap().unwrap();
    assert_eq!((held.summary.revision, held.summary.audience), (3, vec!["members".to_owned()]));
}

#[tokio::test]
async fn what_another_member_said_is_not_said_again() {
    let mut node = TestNode::of("JO").await;
    let payload = wire_kind::Organisation {
        name: [("ar".to_owned(), "a".to_owned())].into(),
        r#type: "ministry".to_owned(),
        ..Default::default()
    };
    let content = node.log.content("SA:organisation:x", &["states"], &[], payload.encode_to_vec());
    node.log.put(&writer("SA/gw1"), content);
    node.follow().await;
    let found = refused(&node, &[organisation("SA:organisation:x", "a")]).await;
    assert_eq!(found.iter().map(|(.., code)| *code).collect::<Vec<_>>(), ["OBJECT_FOREIGN"]);
}

#[tokio::test]
async fn one_wrong_file_and_nothing_is_signed() {
    let node = TestNode::of("JO").await;
    let wrong = file("wrong.yaml", "id: JO:organisation:x\npayload:\n  name: {ar: x}\n  type: a b\n");
    let foreign = organisation("SA:organisation:x", "foreign");
    let kind = file(
        "kind.yaml",
        "id: JO:indicator:x\npayload:\n  code: X\n  name: {ar: x}\n  definition: {ar: x}\n  unit: PT\n  direction: neutral\n  source: x\n",
    );
    let group = file(
        "group.yaml",
        "id: JO:organisation:y\naudience:\n- states\n- group:gcc\npayload: {name: {ar: y}, type: ministry}\n",
    );
    let files = [organisation(MODEE, "good"), wrong, foreign, kind, group];
    let expected = [
        ("foreign.yaml", 1, "id", "OBJECT_FOREIGN"),
        ("group.yaml", 3, "audience", "GROUP_UNKNOWN"),
        ("kind.yaml", 1, "id", "PUBLISHER_NOT_ALLOWED"),
        ("wrong.yaml", 4, "payload.type", "CODE_MALFORMED"),
    ];
    let expected = expected.map(|(file, line, path, code)| (file.to_owned(), line, path.to_owned(), code));
    assert_eq!(refused(&node, &files).await, expected);
    assert_eq!(node.states().await, []);
    let checked = node.publisher.check(&files, &[]).await.unwrap();
    assert_eq!((checked.findings.len(), checked.documents), (4, 5));
}

#[tokio::test]
async fn audiences_may_not_shrink() {
    let node = TestNode::of("JO").await;
    let with = |audience: &str| {
        file("a.yaml", &format!("id: {MODEE}\naudience: [{audience}]\npayload: {{name: {{ar: a}}, type: ministry}}\n"))
    };
    node.publisher.publish(&[with("members")], &[]).await.unwrap();
    let expected = [("a.yaml".to_owned(), 2, "audience".to_owned(), "AUDIENCE_SHRINKS")];
    assert_eq!(refused(&node, &[with("states")]).await, expected);
}

#[tokio::test]
async fn a_withdrawn_object_stays_withdrawn() {
    let mut node = TestNode::of("JO").await;
    let id = object(MODEE);
    assert_eq!(broken(node.publisher.withdraw(&id, LanguageMap::new()).await), "OBJECT_UNKNOWN");
    node.publisher.publish(&[organisation(MODEE, "a"), organisation(MODEE, "b")], &[]).await.unwrap();
    node.order_queued().await;
    let reason = LanguageMap::from([("ar".to_owned(), "خطأ".to_owned())]);
    let withdrawn = node.publisher.withdraw(&id, reason.clone()).await.unwrap();
    assert_eq!(withdrawn.id.to_string(), "JO:tombstone:organisation.modee");
    // Known before the log says it.
    assert_eq!(broken(node.publisher.withdraw(&id, reason).await), "OBJECT_WITHDRAWN");
    node.order_queued().await;
    assert!(node.parts.replica.get(&id).await.unwrap().unwrap().summary.withdrawn);
    let expected = [("c.yaml".to_owned(), 1, "id".to_owned(), "OBJECT_WITHDRAWN")];
    assert_eq!(refused(&node, &[organisation(MODEE, "c")]).await, expected);
    let foreign = node.publisher.withdraw(&object("SA:organisation:x"), LanguageMap::new()).await;
    assert_eq!(broken(foreign), "OBJECT_UNKNOWN");
}

/// Another gateway of the member publishes while this one withdraws: what it published is told, and withdrawn once more.
#[tokio::test]
async fn what_another_gateway_published_meanwhile_is_withdrawn_once_more() {
    let mut node = TestNode::of("JO").await;
    node.log.join_as("JO", "gw2");
    let id = object(MODEE);
    let payload = |name: &str| {
        let name = [("ar".to_owned(), name.to_owned())].into();
        wire_kind::Organisation { name, r#type: "ministry".to_owned(), ..Default::default() }.encode_to_vec()
    };
    let first = node.publisher.publish(&[organisation(MODEE, "a")], &[]).await.unwrap()[0].record_id;
    node.order_queued().await;
    // A void one of the other gateway's, for more readers: it is withdrawn with the rest, for them too.
    let other = writer("JO/gw2");
    let content = node.log.content(MODEE, &["members"], &[], payload("void"));
    node.log.put(&other, content);
    node.follow().await;
    node.publisher.withdraw(&id, LanguageMap::new()).await.unwrap();
    // Before the hub orders it: the next revision, for others still.
    let content = node.log.content(MODEE, &["states", "member:SA"], &[first], payload("meanwhile"));
    let meanwhile = node.log.put(&other, content).record_id;
    node.order_queued().await;
    node.log.erase_withdrawn();
    assert!(node.parts.replica.get(&id).await.unwrap().unwrap().summary.withdrawn);
    let left = node.parts.replica.own_records(&id).await.unwrap();
    assert_eq!(left.iter().map(|(record, _)| *record).collect::<Vec<_>>(), [meanwhile]);

    let again = node.publisher.withdraw(&id, LanguageMap::new()).await.unwrap();
    assert_eq!(broken(node.publisher.withdraw(&id, LanguageMap::new()).await), "OBJECT_WITHDRAWN");
    let stone = |log: &crate::replica::testing::TestLog, record: &RecordId| log.content_of(record).audience.to_string();
    node.order_queued().await;
    assert_eq!(stone(&node.log, &again.record_id), "states member:SA");
    assert_eq!(node.parts.replica.unerased().await.unwrap(), []);
    assert_eq!(broken(node.publisher.withdraw(&id, LanguageMap::new()).await), "OBJECT_WITHDRAWN");
}

/// An object of which nothing ever held is withdrawn too.
#[tokio::test]
async fn what_never_held_is_withdrawn_too() {
    let mut node = TestNode::of("JO").await;
    let content = node.log.content(MODEE, &["group:nobody"], &[], vec![0xff]);
    let void = node.log.put(&writer("SA/gw1"), content).record_id;
    node.log.join_as("JO", "gw2");
    let content = node.log.content(MODEE, &["group:nobody"], &[], vec![0xff]);
    let own = node.log.put(&writer("JO/gw2"), content).record_id;
    node.follow().await;
    assert_ne!(void, own);
    let withdrawn = node.publisher.withdraw(&object(MODEE), LanguageMap::new()).await.unwrap();
    node.order_queued().await;
    let content = node.log.content_of(&withdrawn.record_id);
    let named = wire_kind::Tombstone::decode(content.payload().unwrap().as_ref()).unwrap().revisions;
    assert_eq!((named, content.audience.to_string().as_str()), (vec![own.to_vec()], "group:nobody"));
    assert!(node.states().await.iter().all(|(_, _, code)| code.is_none()), "{:?}", node.states().await);
    assert_eq!(node.parts.replica.own_records(&object(MODEE)).await.unwrap(), []);
}

#[tokio::test]
async fn a_reason_obeys_the_rules_of_texts() {
    let node = TestNode::of("JO").await;
    node.publisher.publish(&[organisation(MODEE, "a")], &[]).await.unwrap();
    let reason = LanguageMap::from([("ar".to_owned(), " ".to_owned())]);
    assert_eq!(broken(node.publisher.withdraw(&object(MODEE), reason).await), "TEXT_EMPTY");
}

#[tokio::test]
async fn long_ids_have_tombstones_too() {
    let long = object(&format!("JO:organisation:{}", "x".repeat(64)));
    let id = tombstone_id(&long).unwrap();
    assert_eq!((id.kind(), id.slug().len()), ("tombstone", 64));
    assert_ne!(id, tombstone_id(&object(&format!("JO:service:{}", "x".repeat(64)))).unwrap());
}

#[tokio::test]
async fn an_approval_counts_once() {
    let mut node = TestNode::of("JO").await;
    let unknown = node.publisher.approve(RecordId::of(b"x")).await.unwrap_err();
    assert_eq!(unknown.code(), "APPROVAL_UNKNOWN");
    let group = |members: &[&str]| wire_kind::Group {
        slug: "gcc".to_owned(),
        name: [("en".to_owned(), "GCC".to_owned())].into(),
        history: "full".to_owned(),
        members: members.iter().map(|code| (*code).to_owned()).collect(),
        ..Default::default()
    };
    let id = "x-federation:group:gcc";
    let first = node.log.control(id, group(&["JO", "SA"]).encode_to_vec());
    let content = node.log.content(id, &["members"], &[first], group(&["JO", "SA", "EG"]).encode_to_vec());
    let change = node.log.put(&writer("operator/first"), content).record_id;
    node.follow().await;

    let (approval, target) = node.publisher.approve(change).await.unwrap();
    assert_eq!((approval.revision, target.to_string()), (1, id.to_owned()));
    assert_eq!(node.publisher.approve(change).await.unwrap_err().code(), "APPROVAL_GIVEN");
    node.order_queued().await;
    assert_eq!(node.publisher.approve(change).await.unwrap_err().code(), "APPROVAL_GIVEN");
    let intake = node.parts.intake.load_full();
    let (_, pending) = intake.directory().unwrap().pending().next().unwrap();
    assert_eq!(pending.states.iter().map(ToString::to_string).collect::<Vec<_>>(), ["JO"]);
}

const INDICATOR: &str = "id: x-escwa:indicator:egdi\npayload:\n  code: EGDI\n  name: {ar: x}\n  definition: {ar: x}\n  unit: INDEX\n  direction: higher-is-better\n  source: UN DESA\n";
const DATASET: &str = "id: x-escwa:dataset:egdi\npayload:\n  indicator: x-escwa:indicator:egdi\n  title: {ar: x}\n  unit: INDEX\n  source: UN DESA\n  provenance: as published\n  csv: egdi.csv\n";
const HEADER: &str = "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,SEX,AGE,DISABILITY,PLACE\n";

#[tokio::test]
async fn figures_are_of_the_indicator_that_the_dataset_names() {
    let mut node = TestNode::of_secretariat().await;
    let csv = [file("egdi.csv", &format!("{HEADER}EPI,JO,2024,0.7500,A,,,,\n"))];
    let dataset = file("egdi.yaml", DATASET);
    let both = [dataset.clone(), file("indicator.yaml", INDICATOR)];
    for files in [&both[..], &[dataset]] {
        let findings = match node.publisher.publish(files, &csv).await {
            Err(PublishError::Refused(findings)) => findings,
            other => panic!("{other:?}"),
        };
        assert_eq!((findings[0].violation.code, findings[0].place.unwrap().line), ("CSV_INDICATOR_OTHER", 8));
        node.publisher.publish(&[file("indicator.yaml", INDICATOR)], &[]).await.unwrap();
        node.order_queued().await;
    }
}

#[tokio::test]
async fn a_set_that_is_too_large_is_to_be_split() {
    let node = TestNode::of_secretariat().await;
    let code = "x".repeat(60);
    let row = |n: usize| format!("EGDI,JO,{},1,A,F,{code},{n},URB\n", 2000 + n % 20);
    let csv = (0..4_000).fold(HEADER.to_owned(), |text, n| text + &row(n));
    let result = node.publisher.publish(&[file("egdi.yaml", DATASET)], &[file("egdi.csv", &csv)]).await;
    let Err(PublishError::Refused(findings)) = result else { panic!("{result:?}") };
    assert_eq!(
        (findings.len(), findings[0].violation.code, findings[0].file.as_str()),
        (1, "DATASET_TOO_LARGE", "egdi.yaml")
    );
}

#[tokio::test]
async fn a_node_without_the_log_says_so() {
    let mut node = TestNode::of("JO").await;
    let identity = node.parts.journal.identity().clone();
    let intake = Intake::empty(identity.member, identity.genesis, identity.log);
    node.parts.intake = Arc::new(ArcSwap::from_pointee(intake));
    let publisher = node.parts.publisher();
    let result = publisher.publish(&[organisation(MODEE, "a")], &[]).await;
    assert_eq!(result.unwrap_err().code(), "REPLICA_EMPTY");
}

#[tokio::test]
async fn publications_at_the_same_time_take_turns() {
    let mut node = TestNode::of("JO").await;
    let publisher = Arc::new(node.parts.publisher());
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let publisher = Arc::clone(&publisher);
            tokio::spawn(async move { publisher.publish(&[organisation(MODEE, &format!("n{n}"))], &[]).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    node.order_queued().await;
    let held = node.parts.replica.get(&object(MODEE)).await.unwrap().unwrap();
    assert_eq!(held.summary.revision, 8);
    assert!(node.states().await.iter().all(|(_, _, code)| code.is_none()));
}

/// The demonstration publishes exactly these files; what the secretariat's node says of them, the log says too.
#[tokio::test]
async fn the_figures_of_the_demonstration_hold_on_the_log() {
    let mut node = TestNode::of_secretariat().await;
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/demo");
    let mut paths = yaml_files(&demo.join("figures"));
    paths.extend(yaml_files(&demo.join("samples/x-escwa")));
    let load = |path: &PathBuf| Named { name: path.display().to_string(), bytes: std::fs::read(path).unwrap() };
    let files: Vec<Named> = paths.iter().map(load).collect();
    let attachments: Vec<Named> = files.iter().flat_map(attachments_of).map(|name| load(&name.into())).collect();
    let published = node.publisher.publish(&files, &attachments).await.unwrap();
    assert!(published.len() > 20);
    node.order_queued().await;
    assert!(node.states().await.iter().all(|(_, _, code)| code.is_none()), "{:?}", node.states().await);
    let again = node.publisher.publish(&files, &attachments).await.unwrap();
    assert!(again.iter().all(|record| record.unchanged));
}

/// Each state's samples pass at that state's own node.
#[tokio::test]
async fn the_samples_of_the_demonstration_may_be_published() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/demo/samples");
    let load = |path: &PathBuf| Named { name: path.display().to_string(), bytes: std::fs::read(path).unwrap() };
    for code in ["JO", "MA"] {
        let node = TestNode::of(code).await;
        let files: Vec<Named> = yaml_files(&samples.join(code)).iter().map(load).collect();
        assert!(!files.is_empty());
        assert_eq!(node.publisher.check(&files, &[]).await.unwrap().findings, []);
    }
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|e| e == "yaml")).collect();
    files.sort();
    files
}

#[tokio::test]
async fn records_are_rehearsed_where_they_hold_nobody_up() {
    let node = TestNode::of("JO").await;
    node.publisher.check(&[organisation(MODEE, "a")], &[]).await.unwrap();
    node.publisher.desk.close();
    for code in [
        node.publisher.check(&[organisation(MODEE, "a")], &[]).await.unwrap_err().code(),
        node.publisher.publish(&[organisation(MODEE, "a")], &[]).await.unwrap_err().code(),
        node.publisher.work(|| ()).await.unwrap_err().code(),
    ] {
        assert_eq!(code, "NODE_ENDS", "all of it passes the desk");
    }
}
