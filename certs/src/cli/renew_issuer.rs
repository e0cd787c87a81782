//! `renew-issuer`: an issuing CA made anew by the root, whose key is brought for it and taken offline again.
//!
//! Nodes and operators trust the root, so nothing changes for them. Leaves that the CA before it signed hold until their own
//! end: its certificate is kept beside the new one, for the hub.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::message::screen::Line;
use serde::Serialize;

use super::{Failure, Out, now_ms};
use crate::authority::{Renewed, certificate_path, key_path, previous_path, renew_issuer};
use crate::profile::Profile;
use crate::verify::date;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Issuing CAs live 180 days; `multaqa-hub status` warns from 30 days before the end. With root.key back in the directory:
  multaqa-certs renew-issuer --dir ca --issuer nodes-issuer
then on the hub's machine, and after a restart the hub signs with it:
  cp ca/nodes-issuer.pem ca/nodes-issuer.key ca/nodes-issuer.previous.pem hub/issuing/
The operators' issuing CA likewise, without its key. The hub's own takes effect with the hub's next certificate.")]
pub(super) struct Args {
    /// Directory of the CA, with root.key.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// nodes-issuer, hub-issuer or operators-issuer.
    #[arg(long, value_name = "PROFILE")]
    issuer: Profile,
}

#[derive(Serialize)]
struct Outcome {
    issuer: &'static str,
    certificate: PathBuf,
    previous: PathBuf,
    not_after: String,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<ExitCode, Failure> {
    let Renewed { issuer: _, not_after } = renew_issuer(&args.dir, args.issuer, now_ms())?;
    let outcome = Outcome {
        issuer: args.issuer.as_str(),
        certificate: certificate_path(&args.dir, args.issuer),
        previous: previous_path(&args.dir, args.issuer),
        not_after: date(not_after),
    };
    let mut files = vec![outcome.certificate.clone(), outcome.previous.clone()];
    // The hub signs for nodes alone.
    files.extend((args.issuer == Profile::NodesIssuer).then(|| key_path(&args.dir, args.issuer)));
    let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let line = Line::new("say-renewed").with("issuer", outcome.issuer).with("until", &outcome.not_after);
    let line = line.with("certificate", outcome.certificate.display()).with("previous", outcome.previous.display());
    let line = line.with("root", key_path(&args.dir, Profile::Root).display()).with("files", files.join(" "));
    out.say(&outcome, &line.with("dir", args.dir.display()))?;
    Ok(ExitCode::SUCCESS)
}
