//! `request`: a private key and a request for it, so that the key never leaves its machine.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::message::screen::Line;
use serde::Serialize;

use super::{Failure, Out};
use crate::pem;
use crate::request::NewKey;
use crate::store::{self, Mode};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// File for the private key, made with mode 0600.
    #[arg(long, value_name = "FILE")]
    out_key: PathBuf,
    /// File for the request (PKCS#10, PEM).
    #[arg(long, value_name = "FILE")]
    out_csr: PathBuf,
}

#[derive(Serialize)]
struct Outcome<'a> {
    key: &'a PathBuf,
    csr: &'a PathBuf,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<ExitCode, Failure> {
    let new = NewKey::generate()?;
    store::create(&args.out_key, pem::encode("PRIVATE KEY", new.key.der()).as_bytes(), Mode::Secret)?;
    let armoured = pem::encode("CERTIFICATE REQUEST", &new.request);
    store::create(&args.out_csr, armoured.as_bytes(), Mode::Public)?;
    let (key, csr) = (args.out_key.display(), args.out_csr.display());
    let line = Line::new("say-requested").with("key", key).with("csr", csr);
    out.say(&Outcome { key: &args.out_key, csr: &args.out_csr }, &line)?;
    Ok(ExitCode::SUCCESS)
}
