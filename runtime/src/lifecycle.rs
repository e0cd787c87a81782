//! How the process stops: the first signal drains, the second cuts, a deadline ends it; a task that dies stops all.
//!
//! [`Shutdown`] is the state that everything watches; [`Tasks`] owns the long-running tasks and waits for their end.
//! Out of scope: what draining means for a listener ([`crate::serve`]) and the process's exit code ([`crate::boot`]).

use std::any::Any;
use std::collections::HashMap;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::code;
use crate::fault::Fault;

/// How long tasks get after the cut before they are ended from outside.
const AFTER_CUT: Duration = Duration::from_secs(1);

/// Tells all parts of the process to finish (drain), then to let go at once (cut). Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    drain: CancellationToken,
    cut: CancellationToken,
}

impl Shutdown {
    /// A process that goes on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts the drain: nothing new is taken on, what is under way is finished.
    pub fn drain(&self) {
        self.drain.cancel();
    }

    /// Ends the drain: what is still under way is dropped. Implies the drain.
    pub fn cut(&self) {
        self.drain.cancel();
        self.cut.cancel();
    }

    /// Waits for the drain to start.
    pub async fn draining(&self) {
        self.drain.cancelled().await;
    }

    /// Waits for the cut.
    pub async fn cutting(&self) {
        self.cut.cancelled().await;
    }

    /// Whether the drain has started.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// The drain as a token, for code that takes one.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.drain.clone()
    }

    /// From here on SIGINT and SIGTERM drain, and a second one cuts. Must be called within the async runtime.
    pub fn obey_signals(&self) -> Result<(), Fault> {
        let unavailable = |error: std::io::Error| Fault::new(code::SIGNALS_UNAVAILABLE).with("detail", error);
        let mut interrupt = signal(SignalKind::interrupt()).map_err(unavailable)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(unavailable)?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    () = shutdown.cutting() => return,
                }
                shutdown.signalled();
            }
        });
        Ok(())
    }

    fn signalled(&self) {
        if self.is_draining() {
            tracing::warn!("second signal: cutting");
            self.cut();
        } else {
            tracing::info!("signal: draining; a second one cuts");
            self.drain();
        }
    }
}

/// The long-running tasks of a process, each with a name.
#[derive(Debug)]
pub struct Tasks {
    shutdown: Shutdown,
    deadline: Duration,
    set: JoinSet<Result<(), Fault>>,
    running: HashMap<Id, Running>,
}

#[derive(Debug)]
struct Running {
    name: &'static str,
    may_end: bool,
}

impl Tasks {
    /// No tasks yet; `deadline` bounds the drain.
    #[must_use]
    pub fn new(shutdown: Shutdown, deadline: Duration) -> Self {
        Self { shutdown, deadline, set: JoinSet::new(), running: HashMap::new() }
    }

    /// Starts a task that runs until the drain; if it returns before, the process stops.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = Result<(), Fault>> + Send + 'static) {
        self.start(name, false, task);
    }

    /// Starts a task that ends by itself; only an error or a panic stops the process.
    pub fn spawn_once(&mut self, name: &'static str, task: impl Future<Output = Result<(), Fault>> + Send + 'static) {
        self.start(name, true, task);
    }

    /// Waits for the drain or the first death, then for the end of all tasks, at most until the deadline.
    ///
    /// # Errors
    /// The fault of the first task that died; else that tasks had to be ended from outside.
    pub async fn run(mut self) -> Result<(), Fault> {
        let first = self.until_drain().await;
        self.shutdown.drain();
        let end = Instant::now() + self.deadline;
        let drained = self.until_empty(end).await;
        first.and(drained)
    }

    fn start(
        &mut self,
        name: &'static str,
        may_end: bool,
        task: impl Future<Output = Result<(), Fault>> + Send + 'static,
    ) {
        let id = self.set.spawn(task).id();
        self.running.insert(id, Running { name, may_end });
    }

    async fn until_drain(&mut self) -> Result<(), Fault> {
        let shutdown = self.shutdown.clone();
        loop {
            let ended = tokio::select! {
                biased;
                () = shutdown.draining() => return Ok(()),
                ended = self.set.join_next_with_id() => ended,
            };
            match ended {
                Some(ended) => self.judge(ended)?,
                None => return Ok(()),
            }
        }
    }

    async fn until_empty(&mut self, end: Instant) -> Result<(), Fault> {
        let shutdown = self.shutdown.clone();
        let mut first = Ok(());
        loop {
            let ended = tokio::select! {
                biased;
                ended = self.set.join_next_with_id() => ended,
                () = shutdown.cutting() => {
                    let aborted = Fault::new(code::DRAIN_ABORTED).with("tasks", self.names());
                    self.cut().await;
                    return first.and(Err(aborted));
                }
                () = sleep_until(end) => return first.and(self.past_deadline().await),
            };
            match ended {
                Some(ended) => first = first.and(self.judge(ended)),
                None => return first,
            }
        }
    }

    /// Cuts. Tasks that end by themselves then have stopped cleanly; others are a fault.
    async fn past_deadline(&mut self) -> Result<(), Fault> {
        tracing::warn!(tasks = self.names(), "drain deadline passed: cutting");
        let left = self.cut().await;
        if left.is_empty() {
            return Ok(());
        }
        Err(Fault::new(code::DRAIN_TOO_SLOW).with("tasks", left).with("seconds", self.deadline.as_secs()))
    }

    /// Cuts, and ends what is left after a moment; gives the names of what had to be ended.
    async fn cut(&mut self) -> String {
        self.shutdown.cut();
        let all_ended = async {
            while let Some(ended) = self.set.join_next_with_id().await {
                self.running.remove(&id_of(&ended));
            }
        };
        let in_time = timeout(AFTER_CUT, all_ended).await.is_ok();
        self.set.abort_all();
        if in_time { String::new() } else { self.names() }
    }

    /// The fault of a task that ended as it should not have; it is logged with the task's name.
    fn judge(&mut self, ended: Result<(Id, Result<(), Fault>), JoinError>) -> Result<(), Fault> {
        let Some(task) = self.running.remove(&id_of(&ended)) else {
            return Ok(());
        };
        let verdict = match ended {
            Ok((_, Err(fault))) => Err(fault),
            Ok((_, Ok(()))) if task.may_end || self.shutdown.is_draining() => Ok(()),
            Ok((_, Ok(()))) => Err(Fault::new(code::TASK_ENDED_EARLY).with("task", task.name)),
            Err(error) => {
                Err(Fault::new(code::TASK_PANICKED).with("task", task.name).with("detail", panic_text(error)))
            }
        };
        if let Err(fault) = &verdict {
            tracing::error!(task = task.name, %fault, "task died");
        }
        verdict
    }

    fn names(&self) -> String {
        let mut names: Vec<&str> = self.running.values().map(|task| task.name).collect();
        names.sort_unstable();
        names.join(", ")
    }
}

fn id_of<T>(ended: &Result<(Id, T), JoinError>) -> Id {
    match ended {
        Ok((id, _)) => *id,
        Err(error) => error.id(),
    }
}

fn panic_text(error: JoinError) -> String {
    let text = |payload: Box<dyn Any + Send>| match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<&str>().map_or_else(|_| "panic".to_owned(), |text| (*text).to_owned()),
    };
    error.try_into_panic().map_or_else(|error| error.to_string(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);
    const SHORT: Duration = Duration::from_millis(20);

    fn tasks(deadline: Duration) -> (Shutdown, Tasks) {
        let shutdown = Shutdown::new();
        (shutdown.clone(), Tasks::new(shutdown, deadline))
    }

    /// A well-behaved task: it stops when the drain starts.
    async fn waits(shutdown: Shutdown) -> Result<(), Fault> {
        shutdown.draining().await;
        Ok(())
    }

    /// What the tasks end with; that they do not end is a failure and not a test that hangs.
    async fn run(tasks: Tasks) -> Result<(), Fault> {
        timeout(5 * LONG, tasks.run()).await.expect("the tasks end")
    }

    #[tokio::test]
    async fn a_drain_ends_all_tasks_cleanly() {
        let (shutdown, mut tasks) = tasks(LONG);
        tasks.spawn("one", waits(shutdown.clone()));
        tasks.spawn("two", waits(shutdown.clone()));
        tasks.spawn_once("setup", async { Ok(()) });
        let running = tokio::spawn(run(tasks));
        tokio::task::yield_now().await;
        assert!(!running.is_finished());
        shutdown.drain();
        assert_eq!(running.await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn a_task_that_dies_stops_the_others() {
        let (shutdown, mut tasks) = tasks(LONG);
        tasks.spawn("waiting", waits(shutdown.clone()));
        tasks.spawn("failing", async { Err(Fault::new("BROKEN")) });
        assert_eq!(run(tasks).await, Err(Fault::new("BROKEN")));
        assert!(shutdown.is_draining());
    }

    #[tokio::test]
    async fn a_task_that_panics_or_returns_early_is_named() {
        let (shutdown, mut tasks) = tasks(LONG);
        tasks.spawn("waiting", waits(shutdown.clone()));
        tasks.spawn("panicking", async { panic!("number {}", 7) });
        let fault = run(tasks).await.unwrap_err();
        assert_eq!(fault.to_string(), "TASK_PANICKED task=panicking detail=number 7");

        let (shutdown, mut tasks) = self::tasks(LONG);
        tasks.spawn("waiting", waits(shutdown));
        tasks.spawn("leaving", async { Ok(()) });
        let fault = run(tasks).await.unwrap_err();
        assert_eq!(fault.to_string(), "TASK_ENDED_EARLY task=leaving");
    }

    #[tokio::test]
    async fn the_deadline_cuts_and_ends_what_does_not_listen() {
        let (shutdown, mut tasks) = tasks(SHORT);
        let cut = shutdown.clone();
        tasks.spawn("slow", async move {
            cut.cutting().await;
            Ok(())
        });
        shutdown.drain();
        assert_eq!(run(tasks).await, Ok(()), "it ended when it was cut");

        let (shutdown, mut tasks) = self::tasks(SHORT);
        tasks.spawn("deaf", std::future::pending());
        shutdown.drain();
        let fault = run(tasks).await.unwrap_err();
        assert_eq!(fault.to_string(), "DRAIN_TOO_SLOW tasks=deaf seconds=0");
    }

    #[tokio::test]
    async fn signals_drain_then_cut() {
        let (shutdown, mut tasks) = tasks(LONG);
        shutdown.obey_signals().unwrap();
        tasks.spawn("slow", std::future::pending());
        let running = tokio::spawn(run(tasks));
        terminate_self();
        shutdown.draining().await;
        assert!(!running.is_finished());
        terminate_self();
        let fault = running.await.unwrap().unwrap_err();
        assert_eq!(fault.to_string(), "DRAIN_ABORTED tasks=slow");
    }

    fn terminate_self() {
        let kill = format!("kill -TERM {}", std::process::id());
        let status = std::process::Command::new("sh").args(["-c", &kill]).status();
        assert!(status.unwrap().success());
    }
}
