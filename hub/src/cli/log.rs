//! `multaqa-hub log [show|close|succeed]`: which log there is, and closing one that nothing brings together with what nodes hold.
//!
//! In scope: the verbs; the decision is signed here, with the operator's key. Out of scope: what closing does
//! (`log::refill::closing`). Nothing is changed without `--yes`.

use clap::Subcommand;
use multaqa_proto::hash::{Hash, hex};
use multaqa_proto::log::succession::{Decision, REASON_MAX};
use multaqa_proto::message::begun::Begun;
use multaqa_proto::message::screen::{Line, Screen, plain};
use multaqa_proto::number::{LogNumber, TreeSize};
use multaqa_proto::wire::hub as wire;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::output::{self, Table};
use serde::Serialize;

use super::Call;
use super::members::ListAs;
use crate::operator::Operator;
use crate::operator::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  multaqa-hub log --operator-dir operator
  multaqa-hub log close --operator-dir operator               what would be set aside
  multaqa-hub log close --yes --operator-dir operator
  multaqa-hub log succeed --reason 'the store was put back' --yes --operator-dir operator

For a hub that says LOG_CONTRADICTED or REFILL_WRONG: its store and the nodes do not fit together,
or nobody holds what was published last. `close` goes back to where witnesses made the log stable,
refills from the nodes and waits. `succeed` signs the operator's decision; with as many as an
operator record needs the next log begins there, with all records that were set aside.")]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    operator: ListAs,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show which log there is, since when and why, and how far its closing is
    Show,
    /// Go back to where the log is stable, to close it there
    Close {
        /// Do it; without this it is only shown what would be set aside
        #[arg(long)]
        yes: bool,
        /// Also where nothing contradicts the log; one that goes on is stopped, and is to be closed after its next start
        #[arg(long)]
        force: bool,
    },
    /// Decide that the next log begins where this one is stable
    Succeed {
        /// Why; it stands on the log for everybody
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Sign it; without this it is only shown what is decided
        #[arg(long)]
        yes: bool,
    },
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Shown {
    log: u64,
    size: u64,
    begun: Vec<Begun>,
    refilling: bool,
    contradicted: bool,
    /// Where it would go back to, if it were closed.
    stable: u64,
    /// Entries above, by writer; those of the hub itself have none.
    above: Vec<Count>,
    closing: bool,
    awaited: u64,
    /// Where it can be closed; null where that is not known.
    closable: Option<Closable>,
    set_aside: u64,
    decided: Vec<String>,
    needed: u32,
    /// Who has not said so far how far it holds the log.
    silent: Vec<String>,
    /// The checkpoint lock that the log contradicts; null where there is none such.
    lock: Option<Lock>,
}

#[derive(Debug, Serialize)]
struct Lock {
    path: String,
    size: u64,
    root: String,
    found: String,
}

#[derive(Debug, Serialize)]
struct Count {
    writer: String,
    entries: u64,
}

#[derive(Debug, Clone, Serialize)]
struct Closable {
    log: u64,
    size: u64,
    root: Hash,
    states: Vec<String>,
    quorum: u32,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    // The operator's own newest acts may be among what a contradicted hub lacks: no decision on the log goes into that chain.
    let (mut operator, _) = args.operator.required()?.look_only(call).await?;
    let shown = Shown::of(operator.log().await?)?;
    if let Some(warning) = shown.lock.as_ref().map(Lock::problem) {
        call.warn(&warning);
    }
    match args.what.unwrap_or(What::Show) {
        What::Show => shown.print(call),
        What::Close { yes: false, force } => {
            if !force && !shown.refilling {
                return Err(Problem::new("LOG_GOES_ON", &[]));
            }
            shown.print(call)?;
            call.explain(&call.screen.word("say-log-dry"));
            Ok(Exit::Clean)
        }
        What::Close { yes: true, force } => {
            let closed = Shown::of(operator.close_log(force).await?)?;
            if !closed.closing {
                call.explain(&call.screen.word("say-log-stopped"));
            }
            closed.print(call)
        }
        What::Succeed { reason, yes } => succeed(&mut operator, shown, reason, yes, call).await,
    }
}

async fn succeed(
    operator: &mut Operator,
    shown: Shown,
    reason: String,
    yes: bool,
    call: &Call,
) -> Result<Exit, Problem> {
    if reason.trim().is_empty() || reason.len() > REASON_MAX {
        return Err(Problem::new("SUCCESSION_REASON", &[("max", &REASON_MAX)]));
    }
    let Some(closable) = shown.closable.clone() else {
        let code = if !shown.closing {
            "LOG_NOT_CLOSING"
        } else if shown.awaited > 0 {
            "LOG_CLOSING_AWAITS"
        } else {
            "LOG_NOT_STABLE"
        };
        return Err(Problem::new(code, &[("awaited", &shown.awaited), ("silent", &shown.silent.join(" "))]));
    };
    if !yes {
        shown.print(call)?;
        call.explain(&call.screen.word("say-log-dry"));
        return Ok(Exit::Clean);
    }
    let Closable { log, size, root, .. } = closable;
    let decision = Decision {
        genesis: operator.genesis().record_id,
        log: LogNumber(log),
        size: TreeSize(size),
        root,
        operator: operator.name().clone(),
        decided_at_ms: operator.clock().now_ms(),
        reason,
    };
    let decided = Shown::of(operator.succeed_log(&decision).await?)?;
    decided.print(call)?;
    let more = usize::try_from(decided.needed).unwrap_or(usize::MAX).saturating_sub(decided.decided.len());
    if decided.closing && more > 0 {
        call.explain(&call.screen.text(&Line::new("say-log-decide-too").with("more", more)));
    }
    Ok(Exit::Clean)
}

impl Shown {
    fn of(standing: wire::LogStanding) -> Result<Self, Problem> {
        let wire::LogStanding {
            log,
            size,
            begun,
            refilling,
            contradicted,
            stable,
            above,
            closing,
            awaited,
            closable,
            set_aside,
            decided,
            needed,
            silent,
            lock,
        } = standing;
        let count = |wire::WriterCount { writer, count }| Count { writer, entries: count };
        Ok(Self {
            log,
            size,
            begun: begun.into_iter().map(Begun::from).collect(),
            refilling,
            contradicted,
            stable,
            above: above.into_iter().map(count).collect(),
            closing,
            awaited,
            closable: closable.map(Closable::of).transpose()?,
            set_aside,
            decided,
            needed,
            silent,
            lock: lock.map(Lock::of),
        })
    }

    fn print(&self, call: &Call) -> Result<Exit, Problem> {
        if call.common.json {
            output::print_json(self)?;
        } else {
            output::print(&self.text(call.screen))?;
        }
        Ok(Exit::Clean)
    }

    fn text(&self, screen: Screen<'_>) -> String {
        let line = Line::new("say-log-number").with("log", self.log).with("size", self.size);
        let mut table = Table::new([screen.word("row-log"), screen.text(&line)]);
        for begun in &self.begun {
            table.row([screen.word("row-log-begun"), begun.text(screen, &output::instant(begun.at_ms))]);
        }
        let state = if self.closing && self.closable.is_some() {
            "say-log-closable"
        } else if self.closing {
            "say-log-closing"
        } else if self.contradicted {
            "say-log-contradicted"
        } else if self.refilling {
            "say-log-refilling"
        } else {
            "say-log-goes-on"
        };
        let size = self.closable.as_ref().map_or(self.stable, |closable| closable.size);
        let line = Line::new(state).with("size", size).with("awaited", self.awaited);
        table.row([screen.word("row-log-state"), screen.text(&line)]);
        if self.awaited > 0 && !self.silent.is_empty() {
            table.row([screen.word("row-log-silent"), plain(&self.silent.join(" "))]);
        }
        if let Some(Closable { log, size, root, states, quorum }) = &self.closable {
            let line = Line::new("say-log-close-at").with("log", log).with("size", size).with("root", root);
            let line = line.with("states", states.join(" ")).with("quorum", quorum);
            table.row([screen.word("row-log-close-at"), screen.text(&line)]);
            let line = Line::new("say-log-decided").with("decided", self.decided.len()).with("needed", self.needed);
            table.row([screen.word("row-log-decided"), screen.text(&line.with("by", self.decided.join(" ")))]);
        }
        if self.set_aside > 0 {
            let line = Line::new("say-log-set-aside").with("count", self.set_aside);
            table.row([screen.word("row-log-set-aside"), screen.text(&line)]);
        }
        if self.refilling {
            for Count { writer, entries } in &self.above {
                let writer = if writer.is_empty() { screen.word("row-hub") } else { plain(writer) };
                let line = Line::new("say-log-above").with("count", entries).with("size", size);
                table.row([writer, screen.text(&line)]);
            }
        }
        table.render()
    }
}

impl Lock {
    fn of(lock: wire::LockContradicted) -> Self {
        let wire::LockContradicted { path, size, root, found } = lock;
        Self { path, size, root: hex(&root), found: hex(&found) }
    }

    /// As something that somebody has to act upon.
    fn problem(&self) -> Problem {
        let Self { path, size, root, found } = self;
        Problem::new("LOG_LOCK_CONTRADICTS", &[("path", path), ("locked", size), ("root", root), ("found", found)])
    }
}

impl Closable {
    fn of(closable: wire::Closable) -> Result<Self, Problem> {
        let wire::Closable { log, size, root, states, quorum } = closable;
        let root = Hash::from_slice(&root).ok_or_else(|| Problem::hub_answer("a root of another length"))?;
        Ok(Self { log, size, root, states, quorum })
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;
    use multaqa_proto::wire::record;

    use super::super::screen::screen;
    use super::*;

    #[test]
    fn the_log_is_told_in_each_language() {
        let reasons =
            vec![record::Reason { operator: "first".to_owned(), reason: "the store was put back".to_owned() }];
        let standing = wire::LogStanding {
            log: 2,
            size: 40,
            begun: vec![record::LogBegun { log: 2, index: 30, begun_at_ms: 1_000, reasons }],
            refilling: true,
            above: vec![wire::WriterCount { writer: "JO/gw1".to_owned(), count: 3 }],
            closing: true,
            closable: Some(wire::Closable {
                log: 3,
                size: 37,
                root: vec![7; 32],
                states: vec!["JO".to_owned()],
                quorum: 1,
            }),
            set_aside: 2,
            needed: 1,
            awaited: 1,
            silent: vec!["EG".to_owned()],
            lock: Some(wire::LockContradicted {
                path: "hub/checkpoint.lock".to_owned(),
                size: 39,
                root: vec![8; 32],
                found: vec![9; 32],
            }),
            ..wire::LogStanding::default()
        };
        let shown = Shown::of(standing).unwrap();
        for lang in Lang::ALL {
            let text = shown.text(screen(lang));
            let parts = ["the store was put back", "JO/gw1", "37", "EG", &Hash([7; 32]).to_string()];
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
            let problem = shown.lock.as_ref().unwrap().problem();
            let warning = super::super::rendered(screen(lang), &problem);
            let roots = [Hash([8; 32]), Hash([9; 32])].map(|root| root.to_string());
            assert!(roots.iter().all(|root| warning.contains(root)), "{warning}");
            assert!(warning.contains("hub/checkpoint.lock") && warning.contains("multaqa-hub log close"), "{warning}");
        }
    }
}
