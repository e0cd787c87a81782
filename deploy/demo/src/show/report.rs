//! What the demo shows of its federation: where everything is, what it takes, how the replicas compare, what to try next.

use std::fmt::Write as _;

use crate::failure::Failure;
use crate::federation::Federation;
use crate::memory::{self, Memory};
use crate::node::Node;
use crate::wait::{DEADLINE, Seen, wait_for};
use crate::{figures, json, members};
use serde_json::Value;

use super::screen::{Line, Screen, plain};
use super::steps::{MEMBERS, SYSTEM};

/// What hub and nodes may take together, bytes.
const MEMORY_MAX: u64 = 350 << 20;

/// Members, lines, places on disk, memory, and commands to try.
pub(super) fn overview(federation: &Federation, screen: &Screen) -> Result<(), Failure> {
    plain("");
    screen.line(&Line::new("members"));
    for (number, code) in MEMBERS.iter().enumerate() {
        let node = federation.node(code)?;
        plain(&format!("  {}  {code:<8} {:<21}  {}", number + 1, node.link().address(), name_of(code, screen)?));
    }
    plain("");
    screen.line(&Line::new("state").with("path", federation.dir().display()));
    screen.line(&Line::new("separation").with("path", federation.hub().operator_dir().display()));
    show_memory(federation, screen)?;
    show_next(federation, screen)
}

/// One line for each node: state of its line, position, waiting records.
pub(super) fn status(federation: &Federation, screen: &Screen) -> Result<(), Failure> {
    for (number, code) in MEMBERS.iter().enumerate() {
        let status = federation.node(code)?.json(&["status"])?;
        let state = json::text(&status, "/freshness/state")?;
        let size = json::number(&status, "/freshness/size").unwrap_or_default();
        let waiting = json::number(&status, "/waiting").unwrap_or_default();
        let line = Line::new("status").with("member", code).with("state", screen.freshness(state)).with("size", size);
        let line = line.with("stable", json::number(&status, "/witnessing/stable").unwrap_or_default());
        plain(&format!("  {}  {}", number + 1, screen.text(&line.with("waiting", waiting))));
    }
    Ok(())
}

/// Compares each node's own check of its files with the hub's, all at the same size; prints a table.
pub(super) fn compare(federation: &mut Federation, screen: &Screen) -> Result<(), Failure> {
    let (hub, nodes) = wait_for("checks at one size of the log", DEADLINE, || checks_at_one_size(federation))?;
    let mut differing = Vec::new();
    plain("");
    screen.line(&Line::new("compare"));
    plain(&row("hub", &hub)?);
    for (code, found) in MEMBERS.into_iter().zip(&nodes) {
        plain(&row(code, found)?);
        if !agrees(found, &hub)? {
            differing.push(code);
        }
    }
    if !sound(&hub) {
        differing.push("hub");
    }
    if !differing.is_empty() {
        return Err(Failure::RootsDiffer { members: differing.join(", ") });
    }
    screen.line(&Line::new("equal").with("seconds", format!("{:.1}", screen.seconds())));
    Ok(())
}

/// The hub's check and the nodes'. The hub seals by itself: a check that it overtook is made again.
fn checks_at_one_size(federation: &mut Federation) -> Result<Seen<(Value, Vec<Value>)>, Failure> {
    federation.settle(DEADLINE)?;
    let nodes = MEMBERS.iter().map(|code| federation.node(code)?.fsck()).collect::<Result<Vec<_>, _>>()?;
    let hub = federation.hub().fsck()?;
    let sizes = nodes.iter().chain([&hub]).map(|found| json::number(found, "/size")).collect::<Result<Vec<_>, _>>()?;
    let equal = sizes.iter().all(|size| *size == sizes[0]);
    Ok(if equal { Seen::Yes((hub, nodes)) } else { Seen::NotYet(format!("{sizes:?}")) })
}

fn agrees(found: &Value, hub: &Value) -> Result<bool, Failure> {
    let same_size = json::number(found, "/size")? == json::number(hub, "/size")?;
    Ok(sound(found) && same_size && json::text(found, "/root")? == json::text(hub, "/root")?)
}

fn sound(found: &Value) -> bool {
    found.pointer("/ok").and_then(Value::as_bool) == Some(true)
}

fn row(name: &str, found: &Value) -> Result<String, Failure> {
    let mark = if sound(found) { '\u{2713}' } else { '\u{2717}' };
    Ok(format!("  {mark} {name:<8} {:>6}  {}", json::number(found, "/size")?, json::text(found, "/root")?))
}

fn show_memory(federation: &Federation, screen: &Screen) -> Result<(), Failure> {
    let nodes = federation.nodes().filter_map(Node::process);
    let all: Vec<Memory> =
        federation.hub().process().into_iter().chain(nodes).map(|p| memory::of(p.pid())).collect::<Result<_, _>>()?;
    let mebibytes = |bytes: u64| bytes.div_ceil(1 << 20).to_string();
    let line = Line::new("memory")
        .with("processes", all.len())
        .with("resident", mebibytes(all.iter().map(|memory| memory.resident).sum()))
        .with("share", mebibytes(all.iter().map(|memory| memory.share).sum()))
        .with("max", mebibytes(MEMORY_MAX));
    screen.line(&line);
    Ok(())
}

fn show_next(federation: &Federation, screen: &Screen) -> Result<(), Failure> {
    let (egypt, morocco) = (federation.node("EG")?, federation.node("MA")?);
    let system = federation.node(SYSTEM.1)?.system_line();
    let service = figures::id_of(&figures::sample_of("JO")?)?;
    let mut text = String::new();
    let lines = [
        egypt.line(&["list", "service"]),
        egypt.line(&["get", &service, "--lang", "ar"]),
        morocco.line(&["list", "dataset", "--country", figures::SECRETARIAT]),
        morocco.line(&["status"]),
    ];
    for line in lines.into_iter().chain(system.map(ToOwned::to_owned)) {
        // Writing to text cannot fail.
        let _written = write!(text, "\n  {line}");
    }
    plain("");
    plain(&format!("{}{text}", screen.text(&Line::new("next"))));
    plain("");
    Ok(())
}

fn name_of(code: &str, screen: &Screen) -> Result<String, Failure> {
    let member = members::find(code)?;
    let lang = screen.lang().as_str();
    let found = member.names.iter().find(|(tag, _)| *tag == lang);
    Ok(found.map_or_else(String::new, |(_, name)| name.clone()))
}
