//! `multaqa-hub operator new`: makes the directory of a further operator, on that operator's own machine.
//!
//! The record key is made here and never leaves the directory; what is printed is its public half, for `policy operators add`. The
//! genesis file, which any node writes, says which federation it is and holds its root certificate. In scope: the directory. Out of
//! scope: the certificate, which comes from the CA's machine, and whether the operator is one (a policy says that).

use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use multaqa_certs::store::{self as files, Mode};
use multaqa_certs::{pem, random};
use multaqa_proto::directory::Directory;
use multaqa_proto::hash::hex;
use multaqa_proto::id::OperatorName;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::genesis_file;
use multaqa_proto::message::screen::Line;
use multaqa_proto::record::Parsed;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output;

use super::Call;
use super::init::{parse_address, refuse_used};
use crate::operator::dir::{OperatorDir, Profile};
use crate::operator::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example, on the machine of the new operator; any node writes the file:
  multaqa-node backup genesis --out genesis.json
  multaqa-hub operator new second --genesis genesis.json --hub hub.example.org:7400 --operator-dir operator
Compare the record id that it prints with that of another operator: it names the federation.")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make an operator's directory with a new key; print the public half, to be named by a policy
    New {
        /// Name of the operator
        name: OperatorName,
        /// Leaf 0, as `multaqa-node backup genesis` writes it
        #[arg(long, value_name = "FILE")]
        genesis: PathBuf,
        /// Address of the hub, host:port; may be repeated
        #[arg(long, value_name = "HOST:PORT", required = true, value_parser = parse_address)]
        hub: Vec<String>,
        /// The operator's directory, to be made
        #[arg(long, value_name = "DIR", env = super::OPERATOR_DIR)]
        operator_dir: PathBuf,
    },
}

pub(super) fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let What::New { name, genesis, hub, operator_dir } = args.what;
    refuse_used(&operator_dir)?;
    let (record, directory) = read(&genesis)?;
    let key = SigningKey::from_bytes(&random::bytes()?);
    files::create_dir(&operator_dir)?;
    let root = pem::encode("CERTIFICATE", directory.root_certificate());
    files::create(&operator_dir.join("root.pem"), root.as_bytes(), Mode::Public)?;
    files::create_ed25519(&operator_dir.join("record.key"), &key)?;
    // Last: a directory with a profile is a whole one.
    OperatorDir::at(&operator_dir).create_profile(&Profile {
        name: name.clone(),
        federation: directory.federation().clone(),
        genesis: record.record_id,
        lane: random::bytes()?,
        hubs: hub,
    })?;
    let public = hex(PublicKey::of(&key).as_bytes());
    if call.common.json {
        let (operator, genesis) = (name.to_string(), record.record_id.to_string());
        output::print_json(&serde_json::json!({ "operator": operator, "key": public, "genesis": genesis }))?;
        return Ok(Exit::Clean);
    }
    let line = |what| Line::new(what).with("operator", &name).with("key", &public).with("dir", operator_dir.display());
    let made = line("say-operator-made").with("federation", directory.federation()).with("genesis", record.record_id);
    output::print(&(call.screen.text(&made) + "\n"))?;
    call.explain(&call.screen.text(&line("say-operator-next")));
    Ok(Exit::Clean)
}

/// The genesis record, and the directory that it opens.
fn read(path: &std::path::Path) -> Result<(Parsed, Directory), Problem> {
    let wrong = |detail: &dyn std::fmt::Display| {
        Problem::new("GENESIS_FILE_WRONG", &[("path", &path.display()), ("detail", detail)])
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let file = genesis_file::read(&text).map_err(|error| wrong(&error))?;
    let record = file.record.parse().map_err(|error| wrong(&error))?;
    let directory = Directory::open(&record).map_err(|error| wrong(&error.0))?;
    Ok((record, directory))
}
