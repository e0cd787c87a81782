//! How much of the memory that was freed the C library keeps.
//!
//! glibc gives each thread a heap of its own, up to eight for each processor, and in each of them keeps what was freed for what comes: of
//! a node that made its index 100 MB, of which 20 were in use. What it keeps is said in the environment with which a process starts
//! (mallopt(3), "Environment variables"), or by calls that only unsafe code can make. So a server starts itself once more, in its own
//! place (execve(2)): with the same process id, arguments and open files.
//!
//! In scope: that. Out of scope: other C libraries and systems, where nothing is done, and an environment that says something of it
//! already, which is left as it is.

use std::io;

/// Two heaps for all threads, since with one they wait for each other; blocks from half a MiB on go back to the system when they are freed, as does the end of the heap.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const SETTINGS: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "2"), ("MALLOC_MMAP_THRESHOLD_", "524288"), ("MALLOC_TRIM_THRESHOLD_", "524288")];

/// Starts the process anew so that freed memory goes back to the system, and does not come back then; returns in a process that was, or
/// that needs not to be. To be called before anything is opened.
///
/// # Errors
/// Where it cannot be started anew, as where its file was removed: all goes on, with more memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn keep_little() -> io::Result<()> {
    use std::env;
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    if SETTINGS.iter().any(|(name, _)| env::var_os(name).is_some()) {
        return Ok(());
    }
    let mut args = env::args_os();
    let mut anew = Command::new(env::current_exe()?);
    if let Some(name) = args.next() {
        anew.arg0(name);
    }
    Err(anew.args(args).envs(SETTINGS).exec())
}

/// Nothing is known of this system's library.
///
/// # Errors
/// None.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn keep_little() -> io::Result<()> {
    Ok(())
}
