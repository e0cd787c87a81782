//! `inspect`: what certificates or a request hold, in plain words. Reads, verifies nothing.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::hash::{Hash, hex};
use multaqa_proto::message::screen::{Line, Screen};
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
    /// What it is for, in the language asked for.
    purpose: String,
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
        out.say(&report, &Line::new("say-request-holds"))?;
        return Ok(ExitCode::SUCCESS);
    };
    let now = now_ms() / 1000;
    let malformed = || StoreError::Malformed { path: args.file.clone(), what: "X.509 certificate" };
    let reports: Vec<Report> = chain
        .iter()
        .map(|der| {
            Certificate::read(der).map(|certificate| report(&certificate, der, now, out.screen)).ok_or_else(malformed)
        })
        .collect::<Result<_, _>>()?;
    let text: Vec<String> = reports.iter().map(|report| report.text(out.screen)).collect();
    out.show(&reports, &text.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn report(certificate: &Certificate<'_>, der: &[u8], now: u64, screen: Screen<'_>) -> Report {
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
        purpose: screen.word(purpose(certificate)),
        sha256: Hash::of(der),
    }
}

impl Report {
    fn text(&self, screen: Screen<'_>) -> String {
        let valid = Line::new(if self.expired { "say-expired" } else { "say-valid" });
        let valid = screen.text(&valid.with("from", &self.not_before).with("until", &self.not_after));
        let names = self.uris.iter().chain(&self.dns_names).map(|name| ("row-name", name.clone()));
        let rows = [
            ("row-issuer", self.issuer.clone()),
            ("row-valid", valid),
            ("row-purpose", self.purpose.clone()),
            ("row-key", self.key.clone()),
            ("row-serial", self.serial.clone()),
            ("row-fingerprint", self.sha256.to_string()),
        ];
        let pair =
            |label: &str, value: &str| screen.text(&Line::new("say-row").with("label", label).with("value", value));
        let line = |(label, value): (&'static str, String)| format!("  {}\n", pair(&screen.word(label), &value));
        let rows: String = names.chain(rows).map(line).collect();
        format!("{}\n{rows}", pair(self.likely_profile, &self.subject))
    }
}

/// The id of the text for it.
fn purpose(certificate: &Certificate<'_>) -> &'static str {
    let allows = |purpose| certificate.allows(purpose);
    match (certificate.is_ca(), allows(Purpose::Server), allows(Purpose::Client)) {
        (true, ..) => "word-signs",
        (false, true, false) => "word-server",
        (false, false, true) => "word-client",
        (false, true, true) => "word-both",
        (false, false, false) => "word-neither",
    }
}

/// Names come from strangers: what could steer a terminal is shown as an escape.
fn printable(text: &str) -> String {
    let steers = |c: char| c.is_control() || multaqa_proto::text::is_bidi_control(c);
    text.chars().map(|c| if steers(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}
