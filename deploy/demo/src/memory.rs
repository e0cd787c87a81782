//! What processes take of the machine's memory, from `/proc`.

use std::fs;
use std::path::PathBuf;

use crate::failure::{Failure, disk};

/// Memory of a process, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Resident (`VmRSS`): pages of the program that several processes share count for each of them.
    pub resident: u64,
    /// Its own part (`Pss`): a page that n processes share counts one n-th.
    pub share: u64,
    /// What no file holds (`RssAnon`): heap and stacks.
    pub anonymous: u64,
}

/// The memory of a process.
///
/// # Errors
/// [`Failure::Disk`] where the process has ended, or the system has no `/proc`.
pub fn of(pid: u32) -> Result<Memory, Failure> {
    let of = |name| field(pid, "status", name);
    Ok(Memory { resident: of("VmRSS:")?, share: field(pid, "smaps_rollup", "Pss:")?, anonymous: of("RssAnon:")? })
}

fn field(pid: u32, file: &str, name: &str) -> Result<u64, Failure> {
    let path = PathBuf::from(format!("/proc/{pid}/{file}"));
    let text = fs::read_to_string(&path).map_err(disk(&path))?;
    let kibibytes = text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    let missing = || Failure::Disk { path, why: format!("no {name}") };
    kibibytes.map(|kibibytes: u64| kibibytes * 1024).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_process_takes_some() {
        let memory = super::of(std::process::id()).unwrap();
        assert!(memory.resident > 1 << 20 && memory.share > 0 && memory.share <= memory.resident);
        assert!(memory.anonymous > 0 && memory.anonymous <= memory.resident, "{memory:?}");
    }
}
