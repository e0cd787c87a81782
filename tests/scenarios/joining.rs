//! Join keys: used once, safe to repeat, and refused with a reason when they are damaged, too old or of another federation.

use std::fs;
use std::path::Path;

use multaqa_demo::federation::Federation;
use multaqa_demo::process::{Output, Program};
use multaqa_proto::join_key::JoinKey;
use multaqa_tests::refusals::refused;
use multaqa_tests::{World, checker};

use crate::{PROGRAM, world};

#[test]
fn a_join_key_works_once_and_only_here() {
    let mut world = world(&["JO"]);
    let join_key = world.federation_mut().invite("EG", "gw1", &[]).unwrap();
    a_damaged_key_is_refused_before_anything_is_dialled(&world, &join_key);
    a_repeated_join_is_safe(&mut world, &join_key);
    a_used_key_is_refused_elsewhere(&world, &join_key);
    a_key_of_another_federation_is_refused(&world);
    an_expired_key_is_refused(&mut world);
    a_key_whose_hub_does_not_answer_waits(&world);
    a_key_of_a_suspended_member_is_refused(&mut world);
    a_key_in_a_file_may_be_wrapped_and_a_missing_file_is_named(&mut world);
    world.settle();
    checker::check(&mut world);
}

fn join(world: &World, join_key: &str, dir: &str) -> (Output, std::path::PathBuf) {
    let dir = world.scratch().join(dir);
    let args = ["join", "-", "--dir", &dir.to_string_lossy()].map(str::to_owned);
    (Program::new(PROGRAM).run("multaqa-node", args, Some(join_key)).unwrap(), dir)
}

fn identity(dir: &Path) -> bool {
    dir.join("identity/node.pem").exists()
}

fn a_damaged_key_is_refused_before_anything_is_dialled(world: &World, join_key: &str) {
    let damaged = join_key.replace(&join_key[20..21], if &join_key[20..21] == "A" { "B" } else { "A" });
    for text in [&damaged, &join_key[..join_key.len() - 5], "mq1.", ""] {
        let (output, dir) = join(world, text, "damaged");
        refused(&output, "JOIN_KEY_MALFORMED");
        assert!(!dir.exists() || !identity(&dir));
    }
}

fn a_repeated_join_is_safe(world: &mut World, join_key: &str) {
    // The first answer is lost: the node cannot know whether it was enrolled, and asks again with the same keys.
    let link = world.node("EG").link();
    link.cut_after(multaqa_demo::link::Direction::ToNode, 4_000);
    let lost = world.node("EG").try_join(join_key).unwrap();
    world.node("EG").link().restore();
    world.node("EG").join(join_key).unwrap();
    let certificate = fs::read(world.node("EG").dir().join("identity/node.pem")).unwrap();
    let again = world.node("EG").try_join(join_key).unwrap();
    assert_eq!(again.code, Some(0), "{} (after {lost:?})", again.stderr);
    let kept = fs::read(world.node("EG").dir().join("identity/node.pem")).unwrap();
    assert_eq!(certificate, kept, "a valid identity wins over any key");
    world.node_mut("EG").start().unwrap();
    world.settle();
}

fn a_used_key_is_refused_elsewhere(world: &World, join_key: &str) {
    let (output, dir) = join(world, join_key, "thief");
    refused(&output, "JOIN_NOT_OPEN");
    assert!(!identity(&dir));
}

fn a_key_of_another_federation_is_refused(world: &World) {
    let mut other = Federation::new(Program::new(PROGRAM), None).unwrap();
    other.start_hub().unwrap();
    let join_key = other.invite("MA", "gw1", &[]).unwrap();
    // The same key, led to this federation's hub.
    let mut led_astray = JoinKey::unpack(&join_key).unwrap();
    led_astray.hubs = vec![world.hub().address().unwrap().to_string()];
    let (output, dir) = join(world, &led_astray.pack(), "astray");
    refused(&output, "JOIN_NOT_OPEN");
    assert!(!identity(&dir));
    let members = world.hub().operator(&["members", "--json"]).unwrap().ok().unwrap().stdout;
    assert!(!members.contains("\"MA\""), "{members}");
}

fn an_expired_key_is_refused(world: &mut World) {
    let join_key = world.federation_mut().invite("MA", "gw1", &["--valid", "1s"]).unwrap();
    world.eventually("the hub's seal has passed the deadline", |world| {
        let members = world.hub().operator(&["members", "--json"]).unwrap().ok().unwrap().stdout;
        members.contains("\"expired\"")
    });
    let output = world.node("MA").try_join(&join_key).unwrap();
    refused(&output, "JOIN_KEY_EXPIRED");
    assert!(output.stderr.contains("multaqa-hub invite"), "it names the way out: {}", output.stderr);
    // A key says itself until when it holds. Who changes that meets the invitation on the log, and the hub's seals.
    let mut stretched = JoinKey::unpack(&join_key).unwrap();
    stretched.not_after_ms += 3_600_000;
    refused(&world.node("MA").try_join(&stretched.pack()).unwrap(), "JOIN_NOT_OPEN");
    assert!(!identity(world.node("MA").dir()));
}

/// Nothing is spent: the same key joins when the address is right again.
fn a_key_whose_hub_does_not_answer_waits(world: &World) {
    let join_key = world.hub().operator(&["invite", "EG", "--node", "gw2"]).unwrap().ok().unwrap().stdout;
    let mut nobody = JoinKey::unpack(join_key.trim()).unwrap();
    nobody.hubs = vec!["127.0.0.1:1".to_owned()];
    let (output, _) = join(world, &nobody.pack(), "nobody");
    refused(&output, "LINE_DOWN");
    assert!(output.stderr.contains("127.0.0.1:1"), "{}", output.stderr);
    let (output, dir) = join(world, join_key.trim(), "nobody");
    assert!(output.code == Some(0) && identity(&dir), "{}", output.stderr);
}

fn a_key_of_a_suspended_member_is_refused(world: &mut World) {
    let join_key = world.federation_mut().invite("SA", "gw1", &[]).unwrap();
    world.hub().operator(&["members", "suspend", "SA"]).unwrap().ok().unwrap();
    refused(&world.node("SA").try_join(&join_key).unwrap(), "JOIN_NOT_OPEN");
    assert!(!identity(world.node("SA").dir()));
    world.hub().operator(&["members", "reinstate", "SA"]).unwrap().ok().unwrap();
    world.node("SA").join(&join_key).unwrap();
}

fn a_key_in_a_file_may_be_wrapped_and_a_missing_file_is_named(world: &mut World) {
    let join_key = world.federation_mut().invite("KW", "gw1", &[]).unwrap();
    let file = world.scratch().join("key.txt");
    let path = file.to_string_lossy().into_owned();
    let join = |world: &World| world.node("KW").cli(&["join", "--key-file", &path]).unwrap();
    refused(&join(world), "PATH_UNREADABLE");
    let (front, back) = join_key.split_at(60);
    fs::write(&file, format!("\u{feff}  {front}\r\n{back} \r\n\r\n")).unwrap();
    join(world).ok().unwrap();
    assert!(identity(world.node("KW").dir()));
}
