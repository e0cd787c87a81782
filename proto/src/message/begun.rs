//! A log that succeeded another, in words: where and when it began, who decided so, and why.
//!
//! In scope: a line for people and the same as JSON, shared by hub and node. Out of scope: which log is in force
//! (`directory::succeeded`).

use serde::Serialize;

use super::screen::{Line, Screen, plain};
use crate::directory::Directory;
use crate::directory::succeeded::Succeeded;
use crate::wire::record::{LogBegun, Reason};

/// See the module; the JSON is this structure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Begun {
    /// Its number.
    pub log: u64,
    /// Its first leaf: the log before is closed at this size.
    pub index: u64,
    /// When it began, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Who decided, and why.
    pub reasons: Vec<Because>,
}

/// An operator's reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Because {
    /// Name of the operator.
    pub operator: String,
    /// Why, in the operator's words.
    pub reason: String,
}

impl From<LogBegun> for Begun {
    fn from(begun: LogBegun) -> Self {
        let LogBegun { log, index, begun_at_ms, reasons } = begun;
        let because = |Reason { operator, reason }| Because { operator, reason };
        Self { log, index, at_ms: begun_at_ms, reasons: reasons.into_iter().map(because).collect() }
    }
}

impl Begun {
    /// One line; `at` is when it began, as people read it.
    #[must_use]
    pub fn text(&self, screen: Screen<'_>, at: &str) -> String {
        let Self { log, index, at_ms: _, reasons } = self;
        let because = reasons.iter().map(|Because { operator, reason }| format!("{operator}: {}", plain(reason)));
        let because = because.collect::<Vec<_>>().join("; ");
        let line = Line::new("begun-log").with("log", log).with("index", index);
        screen.text(&line.with("at", at).with("because", because))
    }
}

/// All that a directory knows of, oldest first, as hub and node send it.
#[must_use]
pub fn successions(directory: &Directory) -> Vec<LogBegun> {
    let begun = |Succeeded { log, index, begun_at_ms, decisions }: &Succeeded| LogBegun {
        log: log.0,
        index: index.0,
        begun_at_ms: *begun_at_ms,
        reasons: decisions
            .iter()
            .map(|(operator, reason)| Reason { operator: operator.to_string(), reason: reason.clone() })
            .collect(),
    };
    directory.successions().iter().map(begun).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Catalogue;
    use crate::text::Lang;

    #[test]
    fn the_line_names_log_place_time_and_reasons_in_each_language() {
        let reason = Reason { operator: "first".to_owned(), reason: "the store was put back".to_owned() };
        let begun = Begun::from(LogBegun { log: 2, index: 312, begun_at_ms: 5, reasons: vec![reason] });
        let catalogue = Catalogue::new(&[&crate::message::screen::SHARED]);
        for lang in Lang::ALL {
            let text = begun.text(Screen::new(&catalogue, lang), "2026-05-01");
            let parts = ["2", "312", "2026-05-01", "first: the store was put back"];
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        }
    }
}
