//! What benches stand on: a federation of real processes, its lines to the hub with or without the demo's proxy.
//!
//! Out of scope: bulk load (`multaqa_tests::bulk`), the measuring.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use multaqa_demo::process::Program;
use multaqa_tests::World;

use crate::Setting;

/// A hub, and a serving node of each of these members.
pub(crate) fn world(setting: &Setting, members: &[&str]) -> World {
    World::of(program(setting), members)
}

/// A hub alone, in a directory that stays.
pub(crate) fn kept(setting: &Setting, dir: &Path) -> World {
    World::kept(program(setting), dir)
}

/// A hub alone whose policy names these states as witnesses.
pub(crate) fn witnessed(setting: &Setting, witnesses: &[&str]) -> World {
    World::of_witnessed(program(setting), witnesses)
}

/// The program that is all binaries, as it is installed but for its language.
pub(crate) fn program(setting: &Setting) -> Program {
    Program::new(&setting.program).with("MULTAQA_LANG", "en")
}

/// Invites and joins a member's first node, without starting it.
pub(crate) fn join(world: &mut World, member: &str) {
    let federation = world.federation_mut();
    let key = federation.invite(member, multaqa_demo::federation::FIRST_NODE, &[]).unwrap();
    federation.node(member).unwrap().join(&key).unwrap();
}

/// Lets a node that does not run dial the hub itself, past the proxy that every node of the demo is joined with: the copy
/// through it is no part of the product. Holds until the hub starts again on another port.
pub(crate) fn dial_directly(world: &World, member: &str) {
    dial(world, member, world.hub().address().unwrap());
}

/// Lets a node that does not run dial another address than the proxy that it was joined with.
pub(crate) fn dial(world: &World, member: &str, address: SocketAddr) {
    let node = world.node(member);
    assert!(node.process().is_none(), "{member} runs: it has read its configuration");
    let (file, proxy) = (node.dir().join("node.toml"), node.link().address().to_string());
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(&proxy), "{} does not name {proxy}", file.display());
    fs::write(&file, text.replace(&proxy, &address.to_string())).unwrap();
}
