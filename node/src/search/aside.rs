//! Work that stands behind all other work of the process.
//!
//! # Priority
//! A thread of its own is started, told to be nice ([`NICE`]), and the work runs on it with a runtime of its own: what it polls, what
//! it moves to threads that may block, and whatever threads libraries start from there have the same priority, since on Linux each
//! thread has its own, which those inherit that it starts (setpriority(2), "C library/kernel differences"). A processor that
//! nobody else wants works at full speed for it. On other systems, where a priority is the whole process's, there is a thread and no priority.
//!
//! In scope: that. Out of scope: what is done there (`indexer`).

use std::io;
use std::panic::resume_unwind;
use std::thread::Builder;

use multaqa_runtime::code;
use multaqa_runtime::fault::Fault;
use tokio::runtime;
use tokio::sync::oneshot;

/// Name of the threads; of a thread's name Linux keeps fifteen bytes.
const NAME: &str = "search-index";
/// How nice they are: a tenth of what all else gets. As nice as can be, the index would stand still on a busy machine.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Runs work to its end. Where this is dropped, the work is dropped at its next wait.
///
/// # Errors
/// Where there is no thread to be had.
///
/// # Panics
/// Where the work does.
pub(super) async fn aside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T, Fault> {
    let failed = |error: io::Error| Fault::new(code::RUNTIME_NOT_STARTED).with("detail", error);
    let (done, result) = oneshot::channel();
    let thread = Builder::new().name(NAME.to_owned()).spawn(move || run(work, done)).map_err(failed)?;
    if let Ok(result) = result.await {
        return result.map_err(failed);
    }
    // It says nothing where it broke off, and has ended then.
    match thread.join() {
        Err(panic) => resume_unwind(panic),
        Ok(()) => Err(failed(io::ErrorKind::Interrupted.into())),
    }
}

fn run<T>(work: impl Future<Output = T>, mut done: oneshot::Sender<io::Result<T>>) {
    step_back();
    let runtime =
        runtime::Builder::new_current_thread().enable_time().max_blocking_threads(1).thread_name(NAME).build();
    let result = runtime.map(|runtime| {
        runtime.block_on(async {
            tokio::select! {
                () = done.closed() => None,
                result = work => Some(result),
            }
        })
    });
    if let Some(result) = result.transpose() {
        // Who waited for it has gone.
        let _unwanted = done.send(result);
    }
}

/// Gives this thread its priority.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!(%error, "the search index is made at the priority of all else");
    }
}
