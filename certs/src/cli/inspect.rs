//! `inspect`: what certificates or a request hold, in plain words. Reads, verifies nothing.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::hash::{Hash, hex};
use serde::Serialize;

use super::issue::request_der;
use super::{Failure, Out, now_ms};
use crate::check::Certificate;
use crate::pem;
use crate::profile::Purpose;
use crate::request::PublicKey;
use crate::store::{self, Mode, StoreError};
use crate::verify::date;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// File with certificates, an identity or a request (PEM).
    file: PathBuf,
}

#[derive(Serialize)]
struct Report {
    subject: String,
    issuer: String,
    likely_profile: &'static str,
    serial: String,
    not_before: String,
    not_after: String,
    expired: bool,
    key: String,
    dns_names: Vec<String>,
    uris: Vec<String>,
    purpose: &'static str,
    sha256: Hash,
}

#[derive(Serialize)]
struct RequestReport {
    request: &'static str,
    key: &'static str,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<ExitCode, Failure> {
    let content = store::read(&args.file, Mode::Public)?;
    let Some(chain) = pem::certificates(&content) else {
        PublicKey::from_request(&request_der(&content)?)?;
        let report = RequestReport { request: "signed by its own key", key: "P-256" };
        out.show(&report, "A certificate request for a P-256 key, signed by that key. Nothing else in it counts.\n")?;
        return Ok(ExitCode::SUCCESS);
    };
    let now = now_ms() / 1000;
    let malformed = || StoreError::Malformed { path: args.file.clone(), what: "X.509 certificate" };
    let reports: Vec<Report> = chain
        .iter()
        .map(|der| Certificate::read(der).map(|certificate| report(&certificate, der, now)).ok_or_else(malformed))
        .collect::<Result<_, _>>()?;
    let text: Vec<String> = reports.iter().map(Report::text).collect();
    out.show(&reports, &text.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn report(certificate: &Certificate<'_>, der: &[u8], now: u64) -> Report {
    let owned = |names: Vec<&str>| names.into_iter().map(printable).collect();
    Report {
        subject: printable(&certificate.subject()),
        issuer: printable(&certificate.issuer()),
        likely_profile: certificate.likely_profile().as_str(),
        serial: hex(certificate.raw_serial()),
        not_before: date(certificate.not_before()),
        not_after: date(certificate.not_after()),
        expired: now > certificate.not_after(),
        key: certificate.key_name(),
        dns_names: owned(certificate.dns_names()),
        uris: owned(certificate.uris()),
        purpose: purpose(certificate),
        sha256: Hash::of(der),
    }
}

impl Report {
    fn text(&self) -> String {
        let names: Vec<String> =
            self.uris.iter().chain(&self.dns_names).map(|name| format!("  name       {name}\n")).collect();
        let (names, purpose) = (names.concat(), self.purpose);
        format!(
            "{}: {}\n{names}  issued by  {}\n  valid      {} to {}{}\n  for        {purpose}\n  key        {}\n  serial     {}\n  SHA-256    {}\n",
            self.likely_profile,
            self.subject,
            self.issuer,
            self.not_before,
            self.not_after,
            if self.expired { " (expired)" } else { "" },
            self.key,
            self.serial,
            self.sha256,
        )
    }
}

fn purpose(certificate: &Certificate<'_>) -> &'static str {
    let allows = |purpose| certificate.allows(purpose);
    match (certificate.is_ca(), allows(Purpose::Server), allows(Purpose::Client)) {
        (true, ..) => "signs other certificates",
        (false, true, false) => "a server's end of a connection",
        (false, false, true) => "a client's end of a connection",
        (false, true, true) => "both ends of a connection",
        (false, false, false) => "no end of a connection",
    }
}

/// Names come from strangers: what could steer a terminal is shown as an escape.
fn printable(text: &str) -> String {
    let steers = |c: char| c.is_control() || multaqa_proto::text::is_bidi_control(c);
    text.chars().map(|c| if steers(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}
