//! What the figures were measured on: machine, system, compiler, and how busy it was.
//!
//! Out of scope: keeping the machine quiet, which nothing here can.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use multaqa_runtime::clock::Clock;
use multaqa_runtime::output::instant;
use serde_json::{Map, Value};

/// Names and values, in the order of printing.
pub(crate) struct Conditions(Vec<(&'static str, String)>);

impl Conditions {
    /// As they are at this moment.
    pub(crate) fn look() -> Self {
        let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        let temporary = std::env::temp_dir();
        let filesystem = filesystem(&temporary);
        Self(vec![
            ("date", instant(Clock::system().now_ms())),
            ("cpu", line("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned())),
            ("cores", cores.to_string()),
            ("memory", line("/proc/meminfo", "MemTotal").unwrap_or_default()),
            ("kernel", read("/proc/sys/kernel/osrelease")),
            ("stores on", format!("{filesystem} ({})", temporary.display())),
            ("compiler", compiler()),
            ("profile", if cfg!(debug_assertions) { "debug assertions on" } else { "release" }.to_owned()),
            ("load", load_average()),
        ])
    }

    /// The conditions for programs.
    pub(crate) fn json(&self) -> Value {
        Value::Object(
            self.0.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect::<Map<_, _>>(),
        )
    }
}

impl fmt::Display for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, value)) in self.0.iter().enumerate() {
            let end = if place + 1 < self.0.len() { "\n" } else { "" };
            write!(f, "{name:<10} {value}{end}")?;
        }
        Ok(())
    }
}

/// Processes that ran or waited to, over 1, 5 and 15 minutes.
pub(crate) fn load_average() -> String {
    read("/proc/loadavg").split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

fn compiler() -> String {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(program).arg("--version").output();
    output.map_or_else(|why| why.to_string(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The type of the filesystem that holds a directory, and its device.
fn filesystem(directory: &Path) -> String {
    let directory = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
    let mounts = read("/proc/self/mounts");
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (device, place, kind) = (words.next()?, PathBuf::from(words.next()?), words.next()?);
        directory.starts_with(&place).then(|| (place.components().count(), format!("{kind} on {device}")))
    });
    // Of two mounts on one place the later one counts.
    mounts.max_by_key(|(depth, _)| *depth).map_or_else(|| "unknown".to_owned(), |(_, shown)| shown)
}

/// What stands behind a name and a colon.
fn line(file: &str, name: &str) -> Option<String> {
    let text = read(file);
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'))?;
    Some(value.trim().to_owned())
}

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_default().trim().to_owned()
}
