//! `init`: a federation's root and issuing CAs in a new directory.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::FederationName;
use multaqa_proto::message::screen::Line;
use serde::Serialize;

use super::{Failure, Out, now_ms};
use crate::authority::{certificate_path, init_dir, key_path};
use crate::profile::Profile;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Directory for keys and certificates; made where it does not exist.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Name of the federation: a lower-case DNS name.
    #[arg(long, value_name = "NAME")]
    federation: FederationName,
}

#[derive(Serialize)]
struct Outcome {
    federation: FederationName,
    root: PathBuf,
    root_key: PathBuf,
    root_sha256: Hash,
    issuers: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<ExitCode, Failure> {
    let created = init_dir(&args.dir, &args.federation, now_ms())?;
    let outcome = Outcome {
        federation: args.federation.clone(),
        root: certificate_path(&args.dir, Profile::Root),
        root_key: key_path(&args.dir, Profile::Root),
        root_sha256: Hash::of(created.root.der()),
        issuers: Profile::ISSUERS.map(|profile| certificate_path(&args.dir, profile)).into(),
    };
    let issuers: Vec<String> = outcome.issuers.iter().map(|path| path.display().to_string()).collect();
    let line = Line::new("say-made").with("federation", &outcome.federation).with("root", outcome.root.display());
    let line = line.with("sha256", outcome.root_sha256).with("issuers", issuers.join("  "));
    let line = line.with("days", Profile::NodesIssuer.life_seconds() / (24 * 3600));
    out.say(&outcome, &line.with("key", outcome.root_key.display()).with("dir", args.dir.display()))?;
    Ok(ExitCode::SUCCESS)
}
