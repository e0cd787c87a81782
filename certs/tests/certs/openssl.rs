//! Certificates and keys as OpenSSL sees them: no format is checked by the code that wrote it alone.

use std::io;
use std::process::{Command, Output, Stdio};

use ed25519_dalek::SigningKey;
use multaqa_certs::authority::certificate_path;
use multaqa_certs::profile::Profile;
use multaqa_certs::store;
use tokio::net::TcpListener;

use super::support::{NOW, World, peer, write_pem};

/// Runs OpenSSL; none, with a reason, where it is not installed and this is no CI run.
#[expect(clippy::print_stdout, reason = "a skipped check must say so")]
fn openssl(args: &[&str]) -> Option<Output> {
    match Command::new("openssl").args(args).stdin(Stdio::null()).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "openssl is not installed");
            println!("skipped: openssl is not installed");
            None
        }
        Err(error) => panic!("openssl: {error}"),
    }
}

/// Whether OpenSSL accepts a leaf for a purpose, and what it says.
fn verify(world: &World, identity: &str, issuer: Profile, purpose: &str) -> Option<(bool, String)> {
    let (tls, _) = world.issue(identity);
    let leaf = world.path().join("leaf.pem");
    write_pem(&leaf, &tls.chain[..1]);
    let root = certificate_path(world.path(), Profile::Root);
    let issuer = certificate_path(world.path(), issuer);
    let output = openssl(&[
        "verify",
        "-x509_strict",
        "-check_ss_sig",
        "-purpose",
        purpose,
        "-attime",
        &NOW.to_string(),
        "-CAfile",
        root.to_str().unwrap(),
        "-untrusted",
        issuer.to_str().unwrap(),
        leaf.to_str().unwrap(),
    ])?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Some((output.status.success(), said))
}

#[test]
fn openssl_accepts_each_leaf_for_its_purpose_and_no_other() {
    let world = World::new();
    for (identity, issuer, purpose, other) in [
        ("node/JO/gw1", Profile::NodesIssuer, "sslclient", "sslserver"),
        ("node/x-escwa/main", Profile::NodesIssuer, "sslclient", "sslserver"),
        ("operator/first", Profile::OperatorsIssuer, "sslclient", "sslserver"),
        ("hub/main", Profile::HubIssuer, "sslserver", "sslclient"),
    ] {
        let Some((accepted, said)) = verify(&world, identity, issuer, purpose) else { return };
        assert!(accepted, "{identity}: {said}");
        let (accepted, said) = verify(&world, identity, issuer, other).unwrap();
        assert!(!accepted && said.contains("purpose"), "{identity} as {other}: {said}");
        let wrong = if issuer == Profile::HubIssuer { Profile::NodesIssuer } else { Profile::HubIssuer };
        let (accepted, said) = verify(&world, identity, wrong, purpose).unwrap();
        assert!(!accepted, "{identity} through the wrong CA: {said}");
    }
}

#[test]
fn openssl_reads_our_key_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.key");
    let key = SigningKey::from_bytes(&[3; 32]);
    store::save_ed25519(&path, &key).unwrap();
    let Some(output) = openssl(&["pkey", "-in", path.to_str().unwrap(), "-pubout", "-outform", "DER"]) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.ends_with(key.verifying_key().as_bytes()));

    let world = World::new();
    let path = world.path().join("identity.pem");
    world.issue("node/JO/gw1").0.save(&path).unwrap();
    let output = openssl(&["pkey", "-in", path.to_str().unwrap(), "-noout", "-text_pub"]).unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("P-256"));
}

/// OpenSSL as a foreign client: what our acceptor made of it, and what OpenSSL said.
async fn s_client(world: &World, more: &[&str]) -> Option<(Result<String, &'static str>, String)> {
    let acceptor = world.acceptor();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let root = certificate_path(world.path(), Profile::Root);
    let time = NOW.to_string();
    let mut args =
        vec!["s_client", "-connect", &address, "-CAfile", root.to_str().unwrap(), "-attime", &time, "-alpn", "h2"];
    args.extend(more);
    let args: Vec<String> = args.into_iter().map(ToOwned::to_owned).collect();
    let client = tokio::task::spawn_blocking(move || {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        openssl(&args)
    });
    let accepted = tokio::select! {
        incoming = listener.accept() => {
            let (tcp, address) = incoming.unwrap();
            let accepted = acceptor.accept(tcp, address).await;
            accepted.map(|(_, peer)| peer.identity.to_string()).map_err(|error| error.code())
        }
        () = tokio::time::sleep(std::time::Duration::from_mins(5)) => Err("nobody came"),
    };
    let output = client.await.unwrap()?;
    Some((accepted, String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_connects_with_tls_1_3_and_a_certificate_alone() {
    if openssl(&["version"]).is_none() {
        return;
    }
    let world = World::new();
    let (node, _) = world.admit("node/JO/gw1");
    let path = world.path().join("node.pem");
    node.save(&path).unwrap();
    let chain = world.path().join("chain.pem");
    write_pem(&chain, &node.chain);
    let identity =
        ["-cert", chain.to_str().unwrap(), "-cert_chain", chain.to_str().unwrap(), "-key", path.to_str().unwrap()];

    let with = |more: &[&'static str]| [more, &identity].concat();
    let (accepted, said) = s_client(&world, &with(&["-tls1_3", "-verify_return_error"])).await.unwrap();
    assert_eq!(accepted, Ok(peer("node/JO/gw1").to_string()), "{said}");
    assert!(said.contains("Verify return code: 0 (ok)"), "{said}");
    assert!(!said.contains("New Session Ticket"), "{said}");

    let (accepted, said) = s_client(&world, &with(&["-tls1_2"])).await.unwrap();
    assert_eq!(accepted, Err("HANDSHAKE_FAILED"));
    assert!(said.contains("protocol version"), "{said}");

    let (accepted, _) = s_client(&world, &["-tls1_3"]).await.unwrap();
    assert_eq!(accepted, Err("HANDSHAKE_FAILED"), "no certificate");
    let (accepted, _) = s_client(&world, &with(&["-tls1_3", "-groups", "P-256"])).await.unwrap();
    assert_eq!(accepted, Err("HANDSHAKE_FAILED"), "a group that is not allowed");
}
