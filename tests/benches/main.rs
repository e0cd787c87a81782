//! `cargo bench`: what the federation does in a second, and what that is of what the machine can do.
//!
//! Each bench runs the real binaries (release profile) as processes of their own, measures them from outside and gives
//! figures ([`report`]). A figure stands beside a *reference*: a plain program that moves or stores the same bytes without
//! what makes a federation of it, measured in the same run; its absolute rate is printed too, so that a slow reference
//! shows. What the machine was is printed with them ([`conditions`]).
//!
//! In scope: choosing benches, printing, the exit code. Out of scope: whether the federation is right (`scenarios`).
//!
//! `cargo bench -- NAME...` runs some of them, `cargo bench -- --help` says the rest.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure ends the bench")]
#![expect(clippy::print_stdout, reason = "what the benches are run for")]

mod append;
mod bare;
mod catch_up;
mod conditions;
mod cosigner;
mod cosigning;
mod fan_out;
mod fast_start;
mod latency;
mod local;
mod meter;
mod port;
mod postgres;
mod proof;
mod readers;
mod reads;
mod rebuild;
mod reference;
mod report;
mod search;
mod slow_disk;
mod stage;
mod submit;
mod subscriber;
mod systems;
mod watchers;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde_json::json;

use conditions::Conditions;
use report::Figure;

/// The benches, in the order in which they run.
const BENCHES: &[Bench] = &[
    Bench { name: "submit", about: "one writer's records onto the log", run: submit::run },
    Bench { name: "fan-out", about: "one publisher, 22 readers", run: fan_out::run },
    Bench { name: "cosigning", about: "the fan-out while states cosign, against none", run: cosigning::run },
    Bench { name: "catch-up", about: "a new node fetches the whole log", run: catch_up::run },
    Bench { name: "fast-start", about: "a new node starts by runs, against the whole log", run: fast_start::run },
    Bench { name: "latency", about: "publish at one node, read at another", run: latency::run },
    Bench { name: "reads", about: "list and get on a large replica, memory, restarts", run: reads::run },
    Bench { name: "systems", about: "get and pages at the port for systems", run: systems::run },
    Bench { name: "watchers", about: "500 watchers at the port for systems", run: watchers::run },
    Bench { name: "search", about: "words over a large replica, against PostgreSQL", run: search::run },
    Bench { name: "proof", about: "verifying proofs, getting them from hub and node", run: proof::run },
    Bench { name: "append", about: "a long log as against a short one", run: append::run },
    Bench { name: "rebuild", about: "a hub is rebuilt from its nodes", run: rebuild::run },
    Bench { name: "wire", about: "bytes on a node's line, idle and busy", run: wire::run },
];

/// A bench.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&Setting) -> Vec<Figure>,
}

/// What is asked of every bench.
pub(crate) struct Setting {
    /// The program that is all binaries.
    pub(crate) program: PathBuf,
    /// Records of the large replicas.
    pub(crate) records: usize,
    /// Nothing is extrapolated that can be waited for.
    pub(crate) full: bool,
    /// Where a bench that can leaves what it made, and takes it from.
    pub(crate) keep: Option<PathBuf>,
}

/// Measures the federation against references on this machine.
#[derive(Parser)]
#[command(name = "cargo bench --", version)]
struct Args {
    /// Benches to run; all where none is named
    names: Vec<String>,
    /// Print the benches and run none
    #[arg(long)]
    list: bool,
    /// Records of the large replicas
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    records: usize,
    /// Wait out what is else extrapolated: five minutes of an idle line; a search over 1,000,000 records
    #[arg(long)]
    full: bool,
    /// `search`: leave node and table in this directory, and take them from there where they are
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Write the figures into a file too, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// End with 1 where an aim was missed
    #[arg(long)]
    strict: bool,
}

fn main() -> ExitCode {
    if let [_, word, args @ ..] = std::env::args().collect::<Vec<_>>().as_slice()
        && word == latency::reference::WORD
    {
        println!("{}", latency::reference::be(args));
        return ExitCode::SUCCESS;
    }
    // Cargo adds this word for harnesses that tell tests and benches apart.
    let args = Args::parse_from(std::env::args().filter(|arg| arg != "--bench"));
    if args.list {
        for bench in BENCHES {
            println!("{:<10} {}", bench.name, bench.about);
        }
        return ExitCode::SUCCESS;
    }
    if let Some(unknown) = args.names.iter().find(|name| BENCHES.iter().all(|bench| bench.name != **name)) {
        println!("there is no bench {unknown:?}; `cargo bench -- --list` prints those that there are");
        return ExitCode::from(2);
    }
    run(&args)
}

fn run(args: &Args) -> ExitCode {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_multaqa-under-test"));
    let setting = Setting { program, records: args.records, full: args.full, keep: args.keep.clone() };
    let before = Conditions::look();
    println!("{before}");
    let mut all = Vec::new();
    for bench in BENCHES.iter().filter(|bench| args.names.is_empty() || args.names.iter().any(|n| n == bench.name)) {
        println!("\n{}: {}", bench.name, bench.about);
        let figures = (bench.run)(&setting);
        for figure in &figures {
            println!("{figure}");
        }
        all.extend(figures.into_iter().map(|figure| (bench.name, figure)));
    }
    println!("\nload average afterwards: {}", conditions::load_average());
    if let Some(file) = &args.json {
        let figures: Vec<_> = all.iter().map(|(bench, figure)| figure.json(bench)).collect();
        let text = json!({ "conditions": before.json(), "figures": figures });
        std::fs::write(file, format!("{text:#}\n")).unwrap();
    }
    let missed = all.iter().filter(|(_, figure)| figure.missed()).count();
    println!("{} figures, {missed} with an aim that was missed", all.len());
    ExitCode::from(u8::from(args.strict && missed > 0))
}
