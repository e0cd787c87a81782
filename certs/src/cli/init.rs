//! `init`: a federation's root and issuing CAs in a new directory.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::hash::Hash;
use multaqa_proto::id::FederationName;
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
    let issuers: Vec<String> = outcome.issuers.iter().map(|path| format!("  {}\n", path.display())).collect();
    let issuers = issuers.concat();
    let text = format!(
        "The CA of {} is made.\n\nRoot certificate, for every node:\n  {}\n  SHA-256 {}\nIssuing CAs, valid 180 days, keys beside them:\n{issuers}\n\
         Take {} offline: it is needed again only for new issuing CAs.\n\
         Next: multaqa-certs issue --dir {} --identity hub/main --new-key --out hub.pem\n",
        outcome.federation,
        outcome.root.display(),
        outcome.root_sha256,
        outcome.root_key.display(),
        args.dir.display(),
    );
    out.show(&outcome, &text)?;
    Ok(ExitCode::SUCCESS)
}
