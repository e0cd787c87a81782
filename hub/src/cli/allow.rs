//! `multaqa-hub allow`: puts an operator's renewed certificate on the allow-list.
//!
//! Operators' certificates are issued offline, from the CA's directory, and live seven days: the hub learns of a new one here,
//! on its own machine. A running hub takes it within half a minute. Nodes' certificates are issued by the hub itself.

use std::path::{Path, PathBuf};

use multaqa_certs::authority;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::profile::Purpose;
use multaqa_certs::store as files;
use multaqa_certs::verify::Trust;
use multaqa_proto::message::screen::Line;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::output;

use super::Call;
use crate::config::Places;
use crate::operator::problem::Problem;
use crate::store::Store;
use crate::store::serials::{IssuedSerial, SerialStatus};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example, every few days, where the CA is:
  multaqa-certs issue --dir ca --identity operator/first --new-key --replace --out tls.pem
then on the hub's machine, with the certificates of that file, and the file itself in the operator's directory:
  multaqa-hub allow --dir /var/lib/multaqa-hub --certificate tls.pem")]
pub(super) struct Args {
    /// The hub's directory
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The certificate with its issuing CA's, PEM
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let issued = allow(&Places::of(&args.dir), &args.certificate, &Clock::system()).await?;
    let (peer, serial) = (issued.identity.to_string(), issued.serial.to_string());
    if call.common.json {
        output::print_json(
            &serde_json::json!({ "peer": peer, "serial": serial, "not_after_ms": issued.not_after_ms }),
        )?;
    } else {
        let until = output::instant(issued.not_after_ms);
        let line = Line::new("say-allowed").with("peer", peer).with("serial", serial).with("until", until);
        output::print(&(call.screen.text(&line) + "\n"))?;
    }
    Ok(Exit::Clean)
}

/// Adds a certificate to the store where it holds and names an operator of the policy in force.
pub(crate) async fn allow(places: &Places, certificate: &Path, clock: &Clock) -> Result<IssuedSerial, Problem> {
    if !places.log_key().exists() {
        return Err(Problem::new("HUB_DIR_WRONG", &[("dir", &places.dir().display()), ("missing", &"log.key")]));
    }
    let chain = files::load_chain(certificate)?;
    let trust = Trust::new(&authority::load_root_certificate(&places.issuing())?)?;
    let leaf = trust.check_chain(&chain, Purpose::Client, clock.in_seconds()())?;
    let PeerIdentity::Operator(name) = &leaf.identity else {
        return Err(Problem::new("ALLOW_NOT_OPERATOR", &[("peer", &leaf.identity)]));
    };
    let store = Store::open(&places.store()).await?;
    let state = store.load().await?.state;
    if !state.directory().policy().operators.contains_key(name) {
        return Err(Problem::new("OPERATOR_UNKNOWN", &[("operator", name)]));
    }
    let issued = IssuedSerial {
        serial: leaf.serial,
        identity: leaf.identity,
        status: SerialStatus::Active,
        not_after_ms: i64::try_from(leaf.not_after.saturating_mul(1000)).unwrap_or(i64::MAX),
        chain: chain.iter().map(|der| der.to_vec()).collect(),
        key_record: None,
    };
    // Once more is no harm.
    if !store.serials().await?.iter().any(|known| known.serial == issued.serial) {
        store.add_serial(&issued).await?;
    }
    store.close().await;
    Ok(issued)
}
