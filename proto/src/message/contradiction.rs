//! A writer of which evidence stands on the log, in words: who, at which place, since where, frozen or not.
//!
//! In scope: a line for people and the same as JSON, shared by hub and node. Out of scope: who is frozen (`directory::frozen`).

use serde::Serialize;

use super::screen::{Line, Screen};
use crate::directory::Directory;
use crate::wire::record::Equivocation;

/// See the module; the JSON is this structure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// The writer.
    pub writer: String,
    /// Epoch of both statements.
    pub epoch: u64,
    /// Their place in the writer's chain.
    pub seq: u64,
    /// Place of the evidence on the log.
    pub evidence: u64,
    /// Whether records of the writer are refused at present.
    pub frozen: bool,
}

impl From<&Equivocation> for Contradiction {
    fn from(found: &Equivocation) -> Self {
        let Equivocation { writer, epoch, seq, index, frozen } = found;
        Self { writer: writer.clone(), epoch: *epoch, seq: *seq, evidence: *index, frozen: *frozen }
    }
}

impl Contradiction {
    /// One line.
    #[must_use]
    pub fn text(&self, screen: Screen<'_>) -> String {
        let Self { writer, epoch, seq, evidence, frozen } = self;
        let line = Line::new(if *frozen { "contradiction-frozen" } else { "contradiction-past" });
        screen.text(&line.with("writer", writer).with("epoch", epoch).with("seq", seq).with("evidence", evidence))
    }
}

/// All that a directory knows of, as hub and node send it.
#[must_use]
pub fn equivocations(directory: &Directory) -> Vec<Equivocation> {
    directory
        .equivocations()
        .map(|(writer, found)| Equivocation {
            writer: writer.to_string(),
            epoch: found.epoch.0,
            seq: found.seq.0,
            index: found.index.0,
            frozen: directory.freezes_now(writer, found),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Catalogue;
    use crate::text::Lang;

    #[test]
    fn the_line_names_writer_place_and_evidence_in_each_language() {
        let found = Equivocation { writer: "JO/gw1".to_owned(), epoch: 2, seq: 7, index: 312, frozen: true };
        let catalogue = Catalogue::new(&[&crate::message::screen::SHARED]);
        for (lang, frozen) in [(Lang::Ar, true), (Lang::En, true), (Lang::Fr, true), (Lang::En, false)] {
            let contradiction = Contradiction::from(&Equivocation { frozen, ..found.clone() });
            let text = contradiction.text(Screen::new(&catalogue, lang));
            assert!(["JO/gw1", "2", "7", "312"].iter().all(|part| text.contains(part)), "{text}");
            assert_eq!(text.contains("frozen"), frozen && lang == Lang::En, "{text}");
        }
    }
}
