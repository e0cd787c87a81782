//! What processes take of the machine's memory, from `/proc`.

use std::fs;
use std::path::PathBuf;

use crate::failure::{Failure, disk};

/// Memory of a process, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Resident (`VmRSS`): pages of the program that several processes share count for each of them.
    pub resident: u64,
    /// What was resident at the most since the process began, or since [`forget_peak`] (`VmHWM`).
    pub peak: u64,
    /// Of what is resident, what no file holds (`RssAnon`), heap and stacks: the system cannot take it back as it can pages of files.
    pub anonymous: u64,
    /// Its own part (`Pss`): a page that n processes share counts one n-th.
    pub share: u64,
}

/// The memory of a process.
///
/// # Errors
/// [`Failure::Disk`] where the process has ended, or the system has no `/proc`.
pub fn of(pid: u32) -> Result<Memory, Failure> {
    let status = |name| field(pid, "status", name);
    let (resident, peak, anonymous) = (status("VmRSS:")?, status("VmHWM:")?, status("RssAnon:")?);
    Ok(Memory { resident, peak, anonymous, share: field(pid, "smaps_rollup", "Pss:")? })
}

/// From here on the peak is that of what comes (`clear_refs`, proc(5)).
///
/// # Errors
/// [`Failure::Disk`] where the process has ended, is another user's, or the system has no `/proc`.
pub fn forget_peak(pid: u32) -> Result<(), Failure> {
    let path = PathBuf::from(format!("/proc/{pid}/clear_refs"));
    fs::write(&path, "5").map_err(disk(&path))
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
        assert!(memory.resident > 1 << 20 && memory.share > 0 && memory.share <= memory.resident, "{memory:?}");
        assert!(memory.anonymous < memory.resident && memory.resident <= memory.peak, "{memory:?}");
    }
}
