//! A node's port for member systems: opened, and entered with a client certificate.
//!
//! Map: `line`: connections to it; `bare`: what does nothing but answer, behind the same TLS.

mod bare;
mod line;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use multaqa_tests::World;
use serde_json::Value;

pub(crate) use bare::serve_bare;
pub(crate) use line::{Http, Line};

/// Starts a node, which has joined and does not run, with its port open.
pub(crate) fn open(world: &mut World, member: &str) {
    let drop_ins = world.node(member).dir().join("node.toml.d");
    fs::create_dir_all(&drop_ins).unwrap();
    let listen = "[clients]\nlisten = \"127.0.0.1:0\"\nnames = [\"127.0.0.1\"]\n";
    fs::write(drop_ins.join("00-bench.toml"), listen).unwrap();
    world.node_mut(member).start().unwrap();
}

/// A system of this name that may read everything.
pub(crate) fn admit(world: &World, member: &str, name: &str) -> Line {
    let file = |extension: &str| world.scratch().join(name).with_extension(extension);
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-new", "-nodes", "-subj", "/", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    let made = openssl.arg("-keyout").arg(file("key")).arg("-out").arg(file("csr")).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (csr, name) = (file("csr").display().to_string(), format!("mof/{name}"));
    let issued = world.json(member, &["client", "add", &name, "--csr", &csr, "--allow", "read:*"]);
    let text = |pointer: &str| issued.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
    let (certificate, ca) = (PathBuf::from(text("/path")), PathBuf::from(text("/port/ca_path")));
    let server = ca.with_file_name("port.pem");
    Line { address: text("/port/endpoint").parse().unwrap(), certificate, key: file("key"), ca, server }
}
