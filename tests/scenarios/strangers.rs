//! Who has no certificate of this federation, a foreign one, one that was never issued by its hub, or an old TLS, gets nothing.
//! What another TLS implementation says is asked of `openssl`, where there is one; CI must have it.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use multaqa_certs::client::Dialer;
use multaqa_certs::word::HubSays;
use multaqa_demo::process::Program;
use multaqa_tests::World;
use multaqa_tests::raw::dialer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{PROGRAM, foreign, world};

#[test]
fn strangers_are_turned_away_at_the_door() {
    let world = world(&["JO"]);
    let hub = world.hub().address().unwrap();
    nobody_without_a_certificate(&world, hub);
    nobody_with_an_old_tls(hub);
    nobody_with_a_foreign_certificate(&world, hub);
    nobody_with_a_certificate_that_the_hub_never_issued(&world, hub);
    plain_bytes_are_no_harm(hub);
    assert!(world.hub().size().unwrap() > 0, "the hub serves on");
}

fn nobody_without_a_certificate(world: &World, hub: SocketAddr) {
    let root = world.hub().dir().join("root.pem");
    let args = ["-tls1_3", "-alpn", "h2", "-CAfile", &root.to_string_lossy()];
    let Some(said) = openssl(hub, &args) else { return };
    assert!(said.contains("alert certificate required"), "{said}");
}

fn nobody_with_an_old_tls(hub: SocketAddr) {
    let Some(said) = openssl(hub, &["-tls1_2"]) else { return };
    assert!(said.contains("alert protocol version"), "{said}");
}

/// What another TLS implementation says of the hub; none where there is none. It goes on reading until the hub ends the connection.
fn openssl(hub: SocketAddr, args: &[&str]) -> Option<String> {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &hub.to_string(), "-ign_eof"]).args(args).stdin(Stdio::null());
    let output = foreign(&mut command)?;
    Some(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

fn nobody_with_a_foreign_certificate(world: &World, hub: SocketAddr) {
    let foreign = world.scratch().join("foreign-ca");
    let program = Program::new(PROGRAM);
    let init = ["init", "--federation", "demo.multaqa.example", "--dir", &foreign.to_string_lossy()].map(str::to_owned);
    program.run("multaqa-certs", init, None).unwrap().ok().unwrap();
    let identity = issue(&program, &foreign, &world.scratch().join("foreign.pem"));
    let says = refusal(&dialer(&identity, &world.hub().dir().join("root.pem")), hub);
    assert_eq!(says, HubSays::Refused);
}

/// Made with the true CA, but past the hub: the list of active serials is the main control.
fn nobody_with_a_certificate_that_the_hub_never_issued(world: &World, hub: SocketAddr) {
    let program = Program::new(PROGRAM);
    let identity = issue(&program, &world.hub().ca_dir(), &world.scratch().join("unlisted.pem"));
    let says = refusal(&dialer(&identity, &world.hub().dir().join("root.pem")), hub);
    assert_eq!(says, HubSays::Revoked);
}

fn issue(program: &Program, ca: &Path, out: &Path) -> std::path::PathBuf {
    let (ca, path) = (ca.to_string_lossy(), out.to_string_lossy());
    let args = ["issue", "--dir", &ca, "--identity", "node/JO/gw1", "--new-key", "--out", &path].map(str::to_owned);
    program.run("multaqa-certs", args, None).unwrap().ok().unwrap();
    assert!(fs::metadata(out).unwrap().is_file());
    out.to_owned()
}

/// In TLS 1.3 the client's handshake ends before the server has judged it: the refusal comes with the first read.
fn refusal(dialer: &Dialer, hub: SocketAddr) -> HubSays {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut stream = dialer.dial(&hub.ip().to_string(), hub.port()).await.unwrap();
        let error = stream.read_to_end(&mut Vec::new()).await.unwrap_err();
        HubSays::of(&error).unwrap_or_else(|| panic!("{error}"))
    })
}

fn plain_bytes_are_no_harm(hub: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut stream = tokio::net::TcpStream::connect(hub).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        // The end may come as a reset.
        let _end = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    });
}
