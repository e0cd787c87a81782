//! `issue`: a leaf certificate, for a request or with a new key.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::message::screen::Line;
use rustls::pki_types::CertificateDer;
use serde::Serialize;

use super::{Failure, Out, now_ms};
use crate::authority::{IssuedCert, issue_new, issue_request};
use crate::name::PeerIdentity;
use crate::pem;
use crate::request::RequestError;
use crate::serials::Serial;
use crate::store::{self, Mode};
use crate::verify::date;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Hub and operators need a new certificate before 7 days have passed, nodes renew theirs by themselves.
The hub's, taken by the running hub within a minute:
  multaqa-certs issue --dir ca --identity hub/main --new-key --replace --out hub/identity/hub.pem
An operator's, which works once `multaqa-hub allow` has put it on the hub's allow-list:
  multaqa-certs issue --dir ca --identity operator/first --new-key --replace --out operator/tls.pem")]
pub(super) struct Args {
    /// Directory of the issuing CA.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Whom for: hub/NAME, operator/NAME or node/CODE/NAME.
    #[arg(long, value_name = "IDENTITY")]
    identity: PeerIdentity,
    #[command(flatten)]
    key: KeyArgs,
    /// Days to live; by default, and at most, 30 for a node and 7 for hub and operators.
    #[arg(long, value_name = "DAYS")]
    days: Option<u32>,
    /// File to make: the chain, leaf first, after the key where one is made.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Take the place of the file that is there, all at once; without it nothing is overwritten.
    #[arg(long)]
    replace: bool,
}

/// Whose key: one of the two.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
struct KeyArgs {
    /// Request (PKCS#10, PEM or DER) of which the public key is taken, and nothing else.
    #[arg(long, value_name = "FILE")]
    csr: Option<PathBuf>,
    /// Make the key here, and write it with the certificate.
    #[arg(long)]
    new_key: bool,
}

#[derive(Serialize)]
struct Outcome {
    identity: String,
    serial: Serial,
    not_after: String,
    out: PathBuf,
    holds_private_key: bool,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<ExitCode, Failure> {
    let issued = if let Some(path) = &args.key.csr {
        for_request(args, path)?
    } else {
        let (identity, issued) = issue_new(&args.dir, &args.identity, now_ms(), args.days)?;
        if args.replace {
            identity.save(&args.out)?;
        } else {
            identity.save_new(&args.out)?;
        }
        issued
    };
    let outcome = Outcome {
        identity: args.identity.to_string(),
        serial: issued.serial,
        not_after: date(issued.not_after_ms / 1000),
        out: args.out.clone(),
        holds_private_key: args.key.new_key,
    };
    let key = if args.key.new_key { "own" } else { "sent" };
    let listed = if matches!(args.identity, PeerIdentity::Hub(_)) { "hub" } else { "listed" };
    let line = Line::new("say-issued").with("identity", &outcome.identity).with("until", &outcome.not_after);
    let line = line.with("out", outcome.out.display()).with("serial", outcome.serial);
    out.say(&outcome, &line.with("key", key).with("listed", listed))?;
    Ok(ExitCode::SUCCESS)
}

fn for_request(args: &Args, path: &std::path::Path) -> Result<IssuedCert, Failure> {
    let content = store::read(path, Mode::Public)?;
    let request = request_der(&content)?;
    let (chain, issued) = issue_request(&args.dir, &args.identity, &request, now_ms(), args.days)?;
    let write = if args.replace { store::replace } else { store::create };
    write(&args.out, armour(&chain).as_bytes(), Mode::Public)?;
    Ok(issued)
}

/// A request from a file in PEM or DER.
pub(super) fn request_der(content: &[u8]) -> Result<Vec<u8>, RequestError> {
    if content.starts_with(&[0x30]) {
        Ok(content.to_vec())
    } else {
        pem::request(content).ok_or(RequestError::Malformed)
    }
}

fn armour(chain: &[CertificateDer<'_>]) -> String {
    chain.iter().map(|der| pem::encode("CERTIFICATE", der).to_string()).collect()
}
