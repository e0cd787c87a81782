//! `verify`: a certificate against its profile and the root, with every rule that it breaks.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::message::screen::{Line, Screen};
use rustls::pki_types::CertificateDer;
use serde::Serialize;

use super::{Failure, Out, now_ms};
use crate::check::{Broken, Certificate};
use crate::profile::Profile;
use crate::store::{self, StoreError};
use crate::verify::{Trust, VerifyError, date, verify_chain};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// File with a leaf and its issuing CA, or with a CA certificate alone (PEM).
    file: PathBuf,
    /// The root certificate (PEM).
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// The profile to hold it to; by default the one that it seems to be made after.
    #[arg(long, value_name = "PROFILE")]
    profile: Option<Profile>,
}

#[derive(Serialize)]
struct Report {
    profile: &'static str,
    federation: String,
    ok: bool,
    not_after: String,
    broken: Vec<Broken>,
    chain: Option<ChainFault>,
}

#[derive(Serialize)]
struct ChainFault {
    code: &'static str,
    text: String,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<ExitCode, Failure> {
    let chain = store::load_chain(&args.file)?;
    let root = store::load_chain(&args.root)?.remove(0);
    let trust = Trust::new(&root)?;
    let malformed = || StoreError::Malformed { path: args.file.clone(), what: "X.509 certificate" };
    let certificate = Certificate::read(&chain[0]).ok_or_else(malformed)?;
    let profile = args.profile.unwrap_or_else(|| certificate.likely_profile());
    let broken = certificate.broken_rules(profile, trust.federation());
    let chain = check_chain(&trust, &chain, &certificate, profile, now_ms() / 1000).err();
    let report = Report {
        profile: profile.as_str(),
        federation: trust.federation().to_string(),
        ok: broken.is_empty() && chain.is_none(),
        not_after: date(certificate.not_after()),
        broken,
        chain: chain.map(|e| ChainFault { code: e.code(), text: out.screen.rendered(e.code(), &e.args()).text }),
    };
    out.show(&report, &report.text(out.screen))?;
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The chain of a leaf; signature and dates of a CA. Broken profiles are listed apart, so they are no fault of the chain.
fn check_chain(
    trust: &Trust,
    chain: &[CertificateDer<'_>],
    certificate: &Certificate<'_>,
    profile: Profile,
    now: u64,
) -> Result<(), VerifyError> {
    let outcome = match profile {
        Profile::Root if chain[0] == *trust.root() => Ok(()),
        Profile::Root => Err(VerifyError::Foreign),
        Profile::NodesIssuer | Profile::HubIssuer | Profile::OperatorsIssuer => trust.check_issuer(&chain[0], profile),
        Profile::Node | Profile::Hub | Profile::Operator => verify_chain(trust.root(), chain, now).map(|_| ()),
    };
    match outcome {
        Err(VerifyError::Profile(_)) | Ok(()) => {}
        Err(other) => return Err(other),
    }
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if now < not_before {
        return Err(VerifyError::NotYetValid { not_before, now });
    }
    if now > not_after {
        return Err(VerifyError::Expired { not_after, now });
    }
    Ok(())
}

impl Report {
    fn text(&self, screen: Screen<'_>) -> String {
        let verdict = Line::new("say-verdict").with("profile", self.profile).with("federation", &self.federation);
        let verdict = verdict.with("until", &self.not_after).with("ok", if self.ok { "yes" } else { "no" });
        let said = |broken: &Broken| screen.rendered(broken.code, &broken.args()).text;
        let broken = self.broken.iter().map(|broken| format!("  {}: {}\n", broken.code, said(broken)));
        let chain = self.chain.iter().map(|fault| format!("  {}: {}\n", fault.code, fault.text));
        std::iter::once(screen.text(&verdict) + "\n").chain(broken).chain(chain).collect()
    }
}
