//! What is shown, in the language that was asked for: `screen/*.ftl` for the demo's own lines, `messages/*.ftl` for failures.

use std::fmt::Display;
use std::io;

use crate::code;
use crate::failure::Failure;
use multaqa_proto::message::{Catalogue, screen};
use multaqa_proto::text::Lang;
use tokio::time::Instant;

const TEXTS: [(&str, &str); 3] = [
    ("ar", include_str!("../../screen/ar.ftl")),
    ("en", include_str!("../../screen/en.ftl")),
    ("fr", include_str!("../../screen/fr.ftl")),
];

/// A line: its text's id and what stands in it.
#[derive(Debug)]
pub(super) struct Line {
    id: &'static str,
    args: Vec<(&'static str, String)>,
}

impl Line {
    /// The line of this id.
    pub(super) const fn new(id: &'static str) -> Self {
        Self { id, args: Vec::new() }
    }

    /// With a value in it.
    pub(super) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// Standard output and error.
pub(super) struct Screen {
    catalogue: Catalogue,
    lang: Lang,
    started: Instant,
}

impl Screen {
    /// A screen whose clock starts at this moment.
    pub(super) fn new(lang: Lang) -> Self {
        Self { catalogue: Catalogue::new(&[&code::MESSAGES, &TEXTS]), lang, started: Instant::now() }
    }

    /// A step that is done, with the time since the start.
    pub(super) fn step(&self, line: &Line) {
        let text = self.text(line);
        write(&mut io::stdout(), &format!("{:>6.1} s  \u{2713} {text}", self.seconds()));
    }

    /// A line.
    pub(super) fn line(&self, line: &Line) {
        write(&mut io::stdout(), &self.text(line));
    }

    /// What went wrong and what to do, on standard error.
    pub(super) fn failure(&self, failure: &Failure) {
        let text = screen::Screen::new(&self.catalogue, self.lang).failure(failure.code(), &failure.args());
        write(&mut io::stderr(), text.trim_end());
    }

    /// The text of a line.
    pub(super) fn text(&self, line: &Line) -> String {
        self.catalogue.render(self.lang, line.id, &line.args).text
    }

    /// The word for how fresh a node's answers are.
    pub(super) fn freshness(&self, state: &str) -> String {
        screen::Screen::new(&self.catalogue, self.lang).freshness(state)
    }

    /// The language that was asked for.
    pub(super) const fn lang(&self) -> Lang {
        self.lang
    }

    /// Seconds since the start.
    pub(super) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

/// Text that is the same in every language: commands, tables.
pub(super) fn plain(text: &str) {
    write(&mut io::stdout(), text);
}

fn write(to: &mut impl io::Write, text: &str) {
    // Nobody reads any more: the exit code still tells.
    let _unread = writeln!(to, "{text}").and_then(|()| to.flush());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn ids(source: &str) -> BTreeSet<&str> {
        source
            .lines()
            .filter(|line| !line.starts_with([' ', '#']))
            .filter_map(|line| Some(line.split_once(" =")?.0))
            .collect()
    }

    #[test]
    fn every_line_has_its_text_in_each_language() {
        assert_eq!(Screen::new(Lang::Ar).catalogue.faults(), [""; 0]);
        let [arabic, english, french] = TEXTS.map(|(_, source)| ids(source));
        assert!(!english.is_empty());
        assert_eq!(english, arabic);
        assert_eq!(english, french);
        let line = Line::new("step-settle").with("size", 7);
        let texts = Lang::ALL.map(|lang| Screen::new(lang).text(&line));
        assert!(texts.iter().all(|text| text.contains('7') && !text.contains("step-settle")), "{texts:?}");
        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), 3);
    }
}
