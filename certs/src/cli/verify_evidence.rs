//! `verify-evidence`: decides offline, with nothing but the genesis, what an evidence file proves and what it only claims, and
//! says both in words.
//!
//! Out of scope: the rules by which it decides (`multaqa_proto::evidence`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::evidence::{EvidenceFile, EvidenceFileBad, Finding, Verified};
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::MemberCode;
use multaqa_proto::message::screen::{Line, Screen};
use serde::Serialize;

use super::offline::{self, instant};
use super::{Failure, Out};

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The exit code is 0 where the file is whole, is its signer's and agrees with itself; what it proves then, the output says. A
file that was altered by a byte is refused, with exit code 1. Nothing is asked of anybody: neither the hub nor a node is needed.

Examples:
  multaqa-certs verify-evidence 20260501T100000Z-ROOT_WRONG.mqe --genesis 3f0c…e1
  multaqa-certs verify-evidence 20260501T100000Z-ROOT_WRONG.mqe --genesis genesis.txt --lang ar")]
pub(super) struct Args {
    /// The evidence file, as a node wrote it below evidence/ in its directory.
    file: PathBuf,
    /// The federation's genesis, got from somebody you trust: 64 hex digits, as `multaqa-hub init` printed them, or a file
    /// that holds these, or one that `multaqa-node backup genesis` wrote.
    #[arg(long, value_name = "GENESIS")]
    genesis: String,
}

#[derive(Serialize)]
struct Report<'v> {
    ok: bool,
    genesis: RecordId,
    federation: Option<String>,
    log: u64,
    reporter: String,
    caught_at_ms: i64,
    code: &'v str,
    args: &'v BTreeMap<String, String>,
    /// Whether misbehaviour of the hub or of a writer is proven.
    proves_misbehaviour: bool,
    proven: Vec<&'v Finding>,
    claimed: Vec<&'v Finding>,
}

impl From<EvidenceFileBad> for Failure {
    fn from(bad: EvidenceFileBad) -> Self {
        Self { code: bad.code(), args: bad.args() }
    }
}

pub(super) fn run(args: &Args, out: &Out) -> Result<ExitCode, Failure> {
    let genesis = offline::genesis(&args.genesis)?;
    let verified = EvidenceFile::open(&offline::read(&args.file)?)?.verify(genesis)?;
    out.show(&report(&verified), &text(&verified, out.screen))?;
    Ok(ExitCode::SUCCESS)
}

fn report(verified: &Verified) -> Report<'_> {
    Report {
        ok: true,
        genesis: verified.genesis,
        federation: verified.federation.as_ref().map(ToString::to_string),
        log: verified.log.0,
        reporter: verified.reporter.to_string(),
        caught_at_ms: verified.caught_at_ms,
        code: &verified.code,
        args: &verified.args,
        proves_misbehaviour: verified.proves_misbehaviour(),
        proven: verified.proven().collect(),
        claimed: verified.claimed().collect(),
    }
}

fn text(verified: &Verified, screen: Screen<'_>) -> String {
    let heading = Line::new("say-evidence").with("reporter", &verified.reporter).with("log", verified.log);
    let heading = heading.with("time", instant(verified.caught_at_ms)).with("code", &verified.code);
    let said = |finding: &Finding| format!("  - {}\n", screen.text(&line(finding, verified, screen)));
    let proven: String = verified.proven().map(said).collect();
    let claimed: String = verified.claimed().map(said).collect();
    let part = |heading: &'static str, lines: String| match lines.as_str() {
        "" => String::new(),
        _ => format!("{}\n{lines}", screen.text(&Line::new(heading).with("genesis", verified.genesis))),
    };
    let verdict = if verified.proves_misbehaviour() { "say-evidence-enough" } else { "say-evidence-not-enough" };
    let verdict = screen.text(&Line::new(verdict));
    format!(
        "{}\n{}{}{verdict}\n",
        screen.text(&heading),
        part("say-evidence-proven", proven),
        part("say-evidence-claimed", claimed)
    )
}

fn line(finding: &Finding, verified: &Verified, screen: Screen<'_>) -> Line {
    match finding {
        Finding::Forked { size, one, other } => {
            Line::new("say-found-forked").with("size", size).with("one", one).with("other", other)
        }
        Finding::Ordered { size, index, code } => Line::new("say-found-ordered")
            .with("size", size)
            .with("index", index)
            .with("code", code)
            .with("rule", rule(code, verified, screen)),
        Finding::Contradicted { writer, epoch, seq } => {
            Line::new("say-found-contradicted").with("writer", writer).with("epoch", epoch).with("seq", seq)
        }
        Finding::Content { index, writer, member } => {
            Line::new("say-found-content").with("index", index).with("writer", writer).with("member", member)
        }
        Finding::Elsewhere { size, index, leaf, record, writer } => Line::new("say-found-elsewhere")
            .with("size", size)
            .with("index", index)
            .with("leaf", leaf)
            .with("record", record)
            .with("writer", writer),
        Finding::ClosedBelow { log, closed, stable, states } => Line::new("say-found-closed-below")
            .with("log", log)
            .with("closed", closed)
            .with("stable", stable)
            .with("states", named(states)),
        Finding::Vouched { size, states, time_ms } => Line::new("say-found-vouched")
            .with("size", size)
            .with("states", named(states))
            .with("time", instant(*time_ms)),
        Finding::Signed { size, root } => Line::new("say-found-signed").with("size", size).with("root", root),
        Finding::Reported { reporter, epoch } => {
            Line::new("say-found-reported").with("reporter", reporter).with("epoch", epoch)
        }
        Finding::ReporterUnknown { reporter } => Line::new("say-found-reporter-unknown").with("reporter", reporter),
        Finding::Shown { code } => Line::new("say-found-shown")
            .with("reporter", &verified.reporter)
            .with("code", code)
            .with("rule", rule(code, verified, screen)),
        Finding::NotShown { code } => Line::new("say-found-not-shown")
            .with("reporter", &verified.reporter)
            .with("code", code)
            .with("rule", rule(code, verified, screen)),
    }
}

fn named(states: &BTreeSet<MemberCode>) -> String {
    states.iter().map(MemberCode::as_str).collect::<Vec<_>>().join(", ")
}

/// What the rule's own text says of this case.
fn rule(code: &str, verified: &Verified, screen: Screen<'_>) -> String {
    let args: Vec<_> = verified.args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    screen.rendered(code, &args).text
}
