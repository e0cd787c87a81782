//! `fingerprint`: SHA-256 of certificates and of their public keys.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::hash::Hash;
use serde::Serialize;

use super::{Failure, Out};
use crate::check::Certificate;
use crate::store::{self, StoreError};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// File with certificates (PEM).
    file: PathBuf,
}

#[derive(Serialize)]
struct Fingerprint {
    certificate_sha256: Hash,
    public_key_sha256: Hash,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<ExitCode, Failure> {
    let chain = store::load_chain(&args.file)?;
    let malformed = || StoreError::Malformed { path: args.file.clone(), what: "X.509 certificate" };
    let prints: Vec<Fingerprint> = chain
        .iter()
        .map(|der| {
            let certificate = Certificate::read(der).ok_or_else(malformed)?;
            let public_key_sha256 = Hash::of(certificate.public_key());
            Ok(Fingerprint { certificate_sha256: Hash::of(der), public_key_sha256 })
        })
        .collect::<Result<_, StoreError>>()?;
    let text: Vec<String> = prints
        .iter()
        .map(|print| {
            let [certificate, public_key] = out.screen.words(["row-certificate", "row-public-key"]);
            format!("{}  {certificate}\n{}  {public_key}\n", print.certificate_sha256, print.public_key_sha256)
        })
        .collect();
    out.show(&prints, &text.concat())?;
    Ok(ExitCode::SUCCESS)
}
