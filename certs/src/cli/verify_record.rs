//! `verify-record`: decides offline, with nothing but the genesis, what a record proof proves, and says it in words.
//!
//! Out of scope: the rules by which it decides (`multaqa_proto::record_proof`).

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::log::witness::{Label, millis};
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::record_proof::{Proven, RecordProof, RecordProofBad, SignedBy, Vouched};
use serde::Serialize;

use super::offline::{self, instant};
use super::{Failure, Out};

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "It holds if and only if the exit code is 0. Nothing is asked of anybody: neither the hub nor a node is needed.

Examples:
  multaqa-certs verify-record sanad.proof --genesis 3f0c…e1
  multaqa-certs verify-record sanad.proof --genesis genesis.txt --lang ar"
)]
pub(super) struct Args {
    /// The record proof, as `multaqa-node get ID --proof` writes it.
    file: PathBuf,
    /// The federation's genesis, got from somebody you trust: 64 hex digits, as `multaqa-hub init` printed them, or a file
    /// that holds these, or one that `multaqa-node backup genesis` wrote.
    #[arg(long, value_name = "GENESIS")]
    genesis: String,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    federation: String,
    genesis: RecordId,
    record: Record,
    place: Place,
    control: Control,
    witnesses: Witnesses,
    since: Since,
}

#[derive(Serialize)]
struct Record {
    id: RecordId,
    writer: String,
    epoch: u64,
    seq: u64,
    key: String,
    /// `key`, `invitation` or `policy`.
    key_by: &'static str,
    /// Of the `key` record, and where it stands.
    key_named_by: Option<RecordId>,
    key_from: Option<u64>,
    content_hash: Hash,
    /// Where the file shows the content.
    content: Option<Content>,
    /// `effective` or `pending`, for a control record.
    effect: Option<&'static str>,
}

#[derive(Serialize)]
struct Content {
    id: String,
    kind: String,
    revision: u64,
    audience: Vec<String>,
    authored_at_ms: i64,
}

#[derive(Serialize)]
struct Place {
    log: u64,
    index: u64,
    accepted_at_ms: i64,
    size: u64,
    root: Hash,
}

#[derive(Serialize)]
struct Control {
    count: u64,
    sealed: u64,
    sealed_at_ms: i64,
}

#[derive(Serialize)]
struct Witnesses {
    label: &'static str,
    policy: u64,
    states: usize,
    witnessed_from: usize,
    stable_from: usize,
    cosigned_by: Vec<Cosigned>,
}

#[derive(Serialize)]
struct Cosigned {
    witness: String,
    /// Of the tree that it cosigned: the checkpoint's, or one that begins with it.
    size: u64,
    time_ms: i64,
}

#[derive(Serialize)]
struct Since {
    key_suspended_at: Option<u64>,
    member_suspended: bool,
    contradicted_at: Option<u64>,
}

impl From<RecordProofBad> for Failure {
    fn from(bad: RecordProofBad) -> Self {
        Self { code: bad.code(), args: bad.args() }
    }
}

pub(super) fn run(args: &Args, out: &Out) -> Result<ExitCode, Failure> {
    let genesis = offline::genesis(&args.genesis)?;
    let proven = RecordProof::parse(&offline::read(&args.file)?)?.verify(genesis)?;
    out.show(&report(&proven), &text(&proven, out.screen))?;
    Ok(ExitCode::SUCCESS)
}

fn report(proven: &Proven) -> Report {
    let (key_by, key_named_by, key_from) = match proven.signed_by {
        SignedBy::Key { record_id, index } => ("key", Some(record_id), Some(index.0)),
        SignedBy::Invitation => ("invitation", None, None),
        SignedBy::Policy => ("policy", None, None),
    };
    Report {
        ok: true,
        federation: proven.federation.to_string(),
        genesis: proven.genesis,
        record: Record {
            id: proven.record_id,
            writer: proven.writer.to_string(),
            epoch: proven.epoch.0,
            seq: proven.seq.0,
            key: proven.key_id.to_string(),
            key_by,
            key_named_by,
            key_from,
            content_hash: proven.content_hash,
            content: proven.content.as_ref().map(|content| Content {
                id: content.id.to_string(),
                kind: content.kind().to_owned(),
                revision: content.revision,
                audience: content.audience.to_strings(),
                authored_at_ms: content.authored_at_ms,
            }),
            effect: proven.effective.map(effect),
        },
        place: Place {
            log: proven.checkpoint.log.0,
            index: proven.index.0,
            accepted_at_ms: proven.accepted_at_ms,
            size: proven.checkpoint.size.0,
            root: proven.checkpoint.root,
        },
        control: Control { count: proven.control_count, sealed: proven.sealed.0, sealed_at_ms: proven.sealed_at_ms },
        witnesses: Witnesses {
            label: proven.label.as_str(),
            policy: proven.policy,
            states: proven.numbers.states,
            witnessed_from: proven.numbers.witnessing(),
            stable_from: proven.numbers.quorum,
            cosigned_by: proven
                .cosignatures
                .iter()
                .map(|Vouched { size, cosignature }| Cosigned {
                    witness: cosignature.witness.to_string(),
                    size: size.0,
                    time_ms: millis(cosignature.time_s),
                })
                .collect(),
        },
        since: Since {
            key_suspended_at: proven.since.key_suspended.map(|index| index.0),
            member_suspended: proven.since.member_suspended,
            contradicted_at: proven.since.equivocated.map(|index| index.0),
        },
    }
}

const fn effect(effective: bool) -> &'static str {
    if effective { "effective" } else { "pending" }
}

fn text(proven: &Proven, screen: Screen<'_>) -> String {
    let lines = [record(proven), key(proven), content(proven), place(proven), control(proven), witnesses(proven)];
    let lines = lines.into_iter().map(Some).chain([bound(proven), effects(proven)]).chain(since(proven));
    let heading = Line::new("say-proven").with("federation", &proven.federation).with("genesis", proven.genesis);
    let said = |line: Line| format!("  - {}\n", screen.text(&line).replace('\n', "\n    "));
    let proven: String = lines.flatten().map(said).collect();
    format!("{}\n{proven}{}\n", screen.text(&heading), screen.text(&Line::new("say-not-proven")))
}

fn record(proven: &Proven) -> Line {
    let line = Line::new("say-proven-record").with("record", proven.record_id).with("writer", &proven.writer);
    line.with("seq", proven.seq).with("epoch", proven.epoch).with("key", proven.key_id)
}

fn key(proven: &Proven) -> Line {
    match proven.signed_by {
        SignedBy::Key { record_id, index } => {
            Line::new("say-proven-key").with("record", record_id).with("index", index)
        }
        SignedBy::Invitation => Line::new("say-proven-invitation"),
        SignedBy::Policy => Line::new("say-proven-operator"),
    }
}

fn content(proven: &Proven) -> Line {
    match &proven.content {
        None => Line::new("say-proven-stub").with("hash", proven.content_hash),
        Some(content) => Line::new("say-proven-content")
            .with("id", &content.id)
            .with("revision", content.revision)
            .with("audience", content.audience.to_strings().join(" "))
            .with("time", instant(content.authored_at_ms)),
    }
}

fn effects(proven: &Proven) -> Option<Line> {
    proven.effective.map(|effective| Line::new("say-proven-effect").with("effect", effect(effective)))
}

fn place(proven: &Proven) -> Line {
    let line = Line::new("say-proven-place").with("index", proven.index).with("log", proven.checkpoint.log);
    let line = line.with("time", instant(proven.accepted_at_ms)).with("size", proven.checkpoint.size);
    line.with("root", proven.checkpoint.root)
}

fn control(proven: &Proven) -> Line {
    let line = Line::new("say-proven-control").with("count", proven.control_count).with("index", proven.sealed);
    line.with("time", instant(proven.sealed_at_ms))
}

fn witnesses(proven: &Proven) -> Line {
    let numbers = proven.numbers;
    if numbers.states == 0 {
        return Line::new("say-proven-unwitnessed").with("policy", proven.policy);
    }
    let states: Vec<String> = proven.states.iter().map(ToString::to_string).collect();
    let line = Line::new("say-proven-witnesses").with("policy", proven.policy).with("of", numbers.states);
    let line = line.with("states", states.len()).with("list", states.join(" "));
    let line = line.with("witnessing", numbers.witnessing()).with("quorum", numbers.quorum);
    let line = line.with("faulty", numbers.faulty);
    line.with(
        "label",
        match proven.label {
            Label::Accepted => "accepted",
            Label::Witnessed => "witnessed",
            Label::Stable => "stable",
        },
    )
}

/// By when the record stood there, on the word of others than the hub.
fn bound(proven: &Proven) -> Option<Line> {
    let all = proven.cosignatures.iter().map(|vouched| &vouched.cosignature);
    let earliest = all.min_by_key(|cosignature| cosignature.time_s)?;
    let line = Line::new("say-proven-time").with("witness", &earliest.witness);
    Some(line.with("time", instant(millis(earliest.time_s))))
}

fn since(proven: &Proven) -> [Option<Line>; 3] {
    let since = proven.since;
    [
        since.key_suspended.map(|index| Line::new("say-since-key").with("index", index)),
        since.member_suspended.then(|| Line::new("say-since-member").with("writer", &proven.writer)),
        since.equivocated.map(|index| Line::new("say-since-contradiction").with("index", index)),
    ]
}
