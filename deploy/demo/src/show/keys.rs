//! What a person at the demo may do: lines on standard input, each ended by Enter, and signals.
//!
//! Lines, not single keys: they need no terminal mode that a crash would leave behind, and a script can write them too.
//! At the end of standard input the demo goes on; it ends with `q` or a signal.

use std::io::{self, BufRead as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::federation::Federation;
use crate::{figures, json};
use tokio::signal::unix::{SignalKind, signal};

use super::report;
use super::screen::{Line, Screen, plain};
use super::steps::member;

/// Lines that wait to be looked at; further ones wait in standard input.
const PENDING_MAX: usize = 64;
/// How often it is looked whether a process has died.
const LOOK: Duration = Duration::from_secs(1);

/// What happens at the demo.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Cut(String),
    Reconnect(String),
    Publish(String),
    Status,
    Help,
    Quit,
}

/// What has happened and was not looked at.
pub(super) struct Events {
    events: Receiver<Event>,
    signalled: Arc<AtomicBool>,
}

impl Events {
    /// Listens to signals, and to standard input where there are keys.
    pub(super) fn listen(keys: bool) -> Self {
        let (sender, events) = mpsc::sync_channel(PENDING_MAX);
        let signalled = Arc::new(AtomicBool::new(false));
        let (flag, by_signal) = (signalled.clone(), sender.clone());
        thread::spawn(move || tell_of_signals(&flag, &by_signal));
        if keys {
            thread::spawn(move || tell_of_lines(&sender));
        }
        Self { events, signalled }
    }

    /// Whether a signal asked for the end. Lines that were typed too early are kept for later.
    pub(super) fn quit_asked(&self) -> bool {
        self.signalled.load(Ordering::SeqCst)
    }
}

/// Does what the keys say until it is told to quit.
pub(super) fn obey(federation: &mut Federation, events: &Events, screen: &Screen) -> Result<(), Failure> {
    screen.line(&Line::new("keys"));
    loop {
        let event = match events.events.recv_timeout(LOOK) {
            Ok(Event::Quit) | Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
            Ok(event) => event,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                federation.check()?;
                continue;
            }
        };
        // A wrong key is told and forgotten.
        match act(federation, &event, screen) {
            Ok(()) => {}
            Err(failure) => screen.failure(&failure),
        }
    }
}

fn act(federation: &mut Federation, event: &Event, screen: &Screen) -> Result<(), Failure> {
    match event {
        Event::Cut(asked) => {
            let member = member(asked)?;
            federation.node(member)?.link().cut();
            screen.line(&Line::new("cut").with("member", member));
        }
        Event::Reconnect(asked) => {
            let member = member(asked)?;
            federation.node(member)?.link().restore();
            screen.line(&Line::new("reconnected").with("member", member));
        }
        Event::Publish(asked) => publish(federation, member(asked)?, screen)?,
        Event::Status => report::status(federation, screen)?,
        Event::Help => screen.line(&Line::new("keys")),
        Event::Quit => {}
    }
    Ok(())
}

/// Publishes the next revision of the member's sample.
fn publish(federation: &Federation, member: &str, screen: &Screen) -> Result<(), Failure> {
    let node = federation.node(member)?;
    let sample = figures::sample_of(member)?;
    let id = figures::id_of(&sample)?;
    let mut found = node.json(&["get", &id])?;
    let text = figures::revised(&sample, found["payload"].take())?;
    let file = federation.dir().join(format!("revision-{member}.json"));
    std::fs::write(&file, text).map_err(|why| Failure::Disk { path: file.clone(), why: why.to_string() })?;
    node.publish(&[file])?;
    let waiting = json::number(&node.json(&["status"])?, "/waiting").unwrap_or_default();
    screen.line(&Line::new("published").with("member", member).with("id", &id).with("waiting", waiting));
    plain(&format!("  {}", node.line(&["history", &id])));
    Ok(())
}

fn tell_of_lines(sender: &SyncSender<Event>) {
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        if sender.send(event_of(&line)).is_err() {
            return;
        }
    }
}

fn event_of(line: &str) -> Event {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["c", member] => Event::Cut((*member).to_owned()),
        ["r", member] => Event::Reconnect((*member).to_owned()),
        ["p", member] => Event::Publish((*member).to_owned()),
        ["s"] => Event::Status,
        ["q"] => Event::Quit,
        _ => Event::Help,
    }
}

/// Without signals the demo still ends with `q`; a signal then ends it at once and the leash ends its processes.
fn tell_of_signals(signalled: &AtomicBool, sender: &SyncSender<Event>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            signalled.store(true, Ordering::SeqCst);
            if sender.send(Event::Quit).is_err() {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_keys_and_anything_else_asks_for_help() {
        assert_eq!(event_of("c 2"), Event::Cut("2".to_owned()));
        assert_eq!(event_of("  r JO "), Event::Reconnect("JO".to_owned()));
        assert_eq!(event_of("p 1"), Event::Publish("1".to_owned()));
        assert_eq!((event_of("s"), event_of("q")), (Event::Status, Event::Quit));
        for other in ["", "c", "x 2", "q now"] {
            assert_eq!(event_of(other), Event::Help, "{other:?}");
        }
    }
}
