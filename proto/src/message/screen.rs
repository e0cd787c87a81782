//! What command lines say to people: words, lines, ages, sizes and failures, in the language asked for.
//!
//! In scope: rendering, the texts that all command lines share (`screen/*.ftl`), the review of a crate's own
//! (`<crate>/screen/*.ftl`). Out of scope: printing, tables (`runtime::output`), JSON, which is the same in every language.
//!
//! Ids are in kebab-case and begin with a word for their use (`head-`, `row-`, `word-`, `say-`), by which the review finds
//! them in the sources. Values are one line without characters that steer the terminal: they come from other countries.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::{Catalogue, Rendered, cause, entries, entry, placeables};
use crate::text::{Lang, is_bidi_control};

/// What all command lines share.
pub(super) const SHARED: [(&str, &str); 3] = [
    ("ar", include_str!("../../screen/ar.ftl")),
    ("en", include_str!("../../screen/en.ftl")),
    ("fr", include_str!("../../screen/fr.ftl")),
];

/// Words for [`super::ACTORS`].
const ACTORS: [(&str, &str); 6] = [
    ("member-node", "act-member-node"),
    ("hub", "act-hub"),
    ("operator", "act-operator"),
    ("writer", "act-writer"),
    ("reader", "act-reader"),
    ("system", "act-system"),
];

/// Words for the classes of members.
const CLASSES: [(&str, &str); 4] = [
    ("state", "class-state"),
    ("secretariat", "class-secretariat"),
    ("observer", "class-observer"),
    ("partner", "class-partner"),
];

/// Words for how fresh a node's answers are.
const FRESHNESS: [(&str, &str); 3] = [("live", "fresh-live"), ("stale", "fresh-stale"), ("offline", "fresh-offline")];

/// A line: its text's id and what stands in it.
#[derive(Debug, Clone)]
pub struct Line {
    id: &'static str,
    args: Vec<(&'static str, String)>,
}

impl Line {
    /// The line of this id.
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self { id, args: Vec::new() }
    }

    /// With a value in it; a whole number selects the plural form.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// The texts of a command line in one language.
#[derive(Debug, Clone, Copy)]
pub struct Screen<'c> {
    catalogue: &'c Catalogue,
    lang: Lang,
    program: Option<&'static str>,
}

impl<'c> Screen<'c> {
    /// The texts of this catalogue in this language.
    #[must_use]
    pub const fn new(catalogue: &'c Catalogue, lang: Lang) -> Self {
        Self { catalogue, lang, program: None }
    }

    /// The same for whoever typed this program, one of [`super::PROGRAMS`].
    #[must_use]
    pub const fn of(self, program: &'static str) -> Self {
        Self { program: Some(program), ..self }
    }

    /// The language.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// The text of a line.
    #[must_use]
    pub fn text(&self, line: &Line) -> String {
        self.rendered(line.id, &line.args).text
    }

    /// The text of an id without values.
    #[must_use]
    pub fn word(&self, id: &'static str) -> String {
        self.text(&Line::new(id))
    }

    /// The texts of several: a table's headings.
    #[must_use]
    pub fn words<const N: usize>(&self, ids: [&'static str; N]) -> [String; N] {
        ids.map(|id| self.word(id))
    }

    /// The word for a token of the protocol, by pairs of tokens and ids; a token without one as it is.
    #[must_use]
    pub fn token(&self, words: &[(&str, &'static str)], token: &str) -> String {
        let found = words.iter().find(|(known, _)| *known == token);
        found.map_or_else(|| plain(token), |(_, id)| self.word(id))
    }

    /// The word for a class of members.
    #[must_use]
    pub fn class(&self, class: &str) -> String {
        self.token(&CLASSES, class)
    }

    /// The word for how fresh a node's answers are: `live`, `stale`, `offline`.
    #[must_use]
    pub fn freshness(&self, state: &str) -> String {
        self.token(&FRESHNESS, state)
    }

    /// How long ago something was, in whole units; `just now` within a second or from the future.
    #[must_use]
    pub fn age(&self, now_ms: i64, then_ms: i64) -> String {
        let ids = ["age-d", "age-h", "age-min", "age-s", "age-now"];
        self.span(ids, now_ms.saturating_sub(then_ms))
    }

    /// A duration in its largest unit; less than a second is said as such.
    #[must_use]
    pub fn duration(&self, milliseconds: i64) -> String {
        self.span(["span-d", "span-h", "span-min", "span-s", "span-none"], milliseconds)
    }

    fn span(&self, [d, h, min, s, less]: [&'static str; 5], ms: i64) -> String {
        let units = [(86_400_000, d), (3_600_000, h), (60_000, min), (1_000, s)];
        let found = units.iter().find(|(size, _)| ms >= *size);
        found.map_or_else(|| self.word(less), |(size, id)| self.text(&Line::new(id).with("n", ms / size)))
    }

    /// A size in binary units: `512 B`, `1.5 KiB`.
    #[must_use]
    pub fn bytes(&self, size: u64) -> String {
        let units = [(40, "size-tib"), (30, "size-gib"), (20, "size-mib"), (10, "size-kib")];
        let Some((bits, id)) = units.iter().find(|(bits, _)| size >> bits > 0) else {
            return self.text(&Line::new("size-b").with("n", size));
        };
        let tenths = (u128::from(size) * 10) >> bits;
        let point = if self.lang == Lang::Fr { ',' } else { '.' };
        self.text(&Line::new(id).with("n", format!("{}{point}{}", tenths / 10, tenths % 10)))
    }

    /// Lines for a failure: what happened and the code; who must act; what to do next. A code without a text is shown bare.
    #[must_use]
    pub fn failure(&self, code: &str, args: &[(&str, String)]) -> String {
        let Rendered { text, act, next } = self.rendered(code, args);
        let what = if act.is_empty() { format!("{text}\n") } else { format!("{text} ({code})\n") };
        let labelled = |label: &'static str, name, value: String| {
            if value.is_empty() {
                return String::new();
            }
            format!("  {}\n", self.text(&Line::new(label).with(name, value)))
        };
        what + &labelled("label-act", "act", self.token(&ACTORS, &act)) + &labelled("label-next", "next", next)
    }

    /// One code with its arguments; of those, what the machine says of a common cause is in the reader's language too.
    #[must_use]
    pub fn rendered(&self, code: &str, args: &[(&str, String)]) -> Rendered {
        let args: Vec<(&str, String)> = args.iter().map(|(name, value)| (*name, self.cause(plain(value)))).collect();
        self.catalogue.render_for(self.program, self.lang, code, &args)
    }

    fn cause(&self, raw: String) -> String {
        match cause::known(&raw) {
            Some(id) => self.catalogue.render(self.lang, id, &[("raw", raw)]).text,
            None => raw,
        }
    }
}

/// Declares `screen(lang)` for a program (one of [`super::PROGRAMS`]): its own texts (`<crate>/screen/*.ftl`), those of these
/// codes, and those that all share. With it comes the test that its own texts are all used, in `src/cli.rs` and `src/cli`,
/// and there in each language.
#[macro_export]
macro_rules! program_screen {
    ($program:literal, $($messages:expr),+ $(,)?) => {
        const TEXTS: [(&str, &str); 3] = [
            ("ar", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/screen/ar.ftl"))),
            ("en", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/screen/en.ftl"))),
            ("fr", include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/screen/fr.ftl"))),
        ];

        /// The texts in this language.
        pub(crate) fn screen(lang: $crate::text::Lang) -> $crate::message::screen::Screen<'static> {
            static CATALOGUE: std::sync::LazyLock<$crate::message::Catalogue> =
                std::sync::LazyLock::new(|| $crate::message::Catalogue::new(&[$($messages,)+ &TEXTS]));
            $crate::message::screen::Screen::new(&CATALOGUE, lang).of($program)
        }

        #[cfg(test)]
        mod texts {
            fn sources(path: &std::path::Path) -> Vec<String> {
                if path.is_dir() {
                    let within = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
                    return within.flat_map(|path| sources(&path)).collect();
                }
                vec![std::fs::read_to_string(path).unwrap()]
            }

            #[test]
            fn every_text_is_used_and_there_in_each_language() {
                let home = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
                let sources = [sources(&home.join("cli")), sources(&home.join("cli.rs"))].concat();
                assert_eq!($crate::message::screen::review(&super::TEXTS, &sources), [""; 0]);
            }
        }
    };
}

/// One line without characters that steer the terminal or the direction of the text around.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => ' ',
            _ if c.is_control() || is_bidi_control(c) => '\u{fffd}',
            _ => c,
        })
        .collect()
}

/// What is wrong with a crate's texts for the screen: a language lacks an id or names other values in it, an id is used in
/// no source, a source uses an id that is none (a literal that begins as an id does).
#[must_use]
pub fn review(texts: &[(&str, &str)], sources: &[String]) -> Vec<String> {
    let mut faults = Catalogue::new(&[texts]).faults;
    faults.extend(compare(texts, sources));
    faults
}

fn compare(texts: &[(&str, &str)], sources: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    let all: BTreeMap<&str, BTreeSet<&str>> =
        texts.iter().map(|(lang, source)| (*lang, entries(source).collect())).collect();
    if all.keys().copied().collect::<BTreeSet<_>>() != Lang::ALL.iter().map(|lang| lang.as_str()).collect() {
        faults.push(format!("languages are {:?}", all.keys()));
    }
    let ids: BTreeSet<&str> = all.values().flatten().copied().collect();
    for id in &ids {
        let forms = texts.iter().map(|(_, source)| entry(source, id).map(placeables));
        if forms.collect::<BTreeSet<_>>().len() != 1 {
            faults.push(format!("{id}: is not in all languages, or with other values"));
        }
    }
    let literals: BTreeSet<&str> = sources.iter().flat_map(|source| source.split('"')).collect();
    let stem = |id: &str| id.split_once('-').map(|(stem, _)| stem.to_owned());
    let stems: BTreeSet<String> = ids.iter().filter_map(|id| stem(id)).collect();
    let kebab = |text: &str| text.bytes().all(|b| b == b'-' || b.is_ascii_lowercase() || b.is_ascii_digit());
    let used = literals.into_iter().filter(|text| kebab(text) && stem(text).is_some_and(|stem| stems.contains(&stem)));
    let used: BTreeSet<&str> = used.collect();
    faults.extend(ids.difference(&used).map(|id| format!("{id}: is used nowhere")));
    faults.extend(used.difference(&ids).map(|id| format!("{id}: has no text")));
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T>(say: impl Fn(Screen<'_>) -> T) -> [T; 3] {
        let catalogue = Catalogue::new(&[]);
        Lang::ALL.map(|lang| say(Screen::new(&catalogue, lang)))
    }

    #[test]
    fn what_is_shared_is_said_in_all_languages() {
        assert_eq!(Catalogue::new(&[]).faults(), [""; 0]);
        let sources = [
            include_str!("screen.rs"),
            include_str!("begun.rs"),
            include_str!("cause.rs"),
            include_str!("contradiction.rs"),
            include_str!("proposal.rs"),
            include_str!("witnessing.rs"),
        ];
        let sources = sources.map(|source| source.split("#[cfg(test)]").next().unwrap().to_owned());
        assert_eq!(compare(&SHARED, &sources), [""; 0]);
        assert_eq!(ACTORS.map(|(token, _)| token), super::super::ACTORS);
    }

    #[test]
    fn ages_are_in_whole_units_and_their_plural_forms() {
        let ages = |ms| said(|screen| screen.age(ms, 0));
        assert_eq!(ages(199_000), ["منذ 3 دقائق", "3 min ago", "il y a 3 min"]);
        assert_eq!(ages(-5_000), ["الآن", "just now", "à l'instant"]);
        let arabic = [1_000, 120_000, 5 * 3_600_000, 11 * 86_400_000, 100 * 86_400_000].map(|ms| ages(ms)[0].clone());
        assert_eq!(arabic, ["منذ ثانية واحدة", "منذ دقيقتين", "منذ 5 ساعات", "منذ 11 يومًا", "منذ 100 يوم"]);
        let far = said(|screen| screen.age(i64::MAX, i64::MIN));
        assert_eq!(far[1], "106751991167 d ago");
        assert_eq!(said(|screen| screen.duration(7_200_000)), ["ساعتان", "2 h", "2 h"]);
        assert_eq!(said(|screen| screen.duration(59_999))[1], "59 s");
        assert_eq!(said(|screen| screen.duration(-1))[1], "less than 1 s");
    }

    #[test]
    fn sizes_are_in_binary_units() {
        let english = |size| said(|screen| screen.bytes(size))[1].clone();
        let texts = [0, 1_023, 1_536, 20 << 20, u64::MAX].map(english);
        assert_eq!(texts, ["0 B", "1023 B", "1.5 KiB", "20.0 MiB", "16777215.9 TiB"]);
        assert_eq!(said(|screen| screen.bytes(1_536)), ["1.5 كيبيبايت", "1.5 KiB", "1,5 Kio"]);
    }

    #[test]
    fn a_failure_says_what_who_and_what_next() {
        let texts: [(&str, &str); 3] =
            ["ar", "en", "fr"].map(|lang| (lang, "GONE = { $what } is gone\n    .act = hub\n    .next = Wait.\n"));
        let catalogue = Catalogue::new(&[&texts]);
        let said = |lang, code| Screen::new(&catalogue, lang).failure(code, &[("what", "a\u{202e}\n[2J".to_owned())]);
        assert_eq!(said(Lang::En, "GONE"), "a\u{fffd} [2J is gone (GONE)\n  who must act: the hub\n  next: Wait.\n");
        assert_eq!(said(Lang::Ar, "GONE").lines().nth(1).unwrap(), "  الجهة المعنية: المنصة المركزية");
        assert_eq!(said(Lang::En, "NONE"), "NONE (what: a\u{fffd} [2J)\n");
    }

    #[test]
    fn a_review_finds_what_is_missing_unused_or_unknown() {
        let text = "say-a = { $n }\nsay-b = b\n";
        let texts = [("ar", text), ("en", text), ("fr", "say-a = { $m }\n")];
        let source = r#"Line::new("say-a"); word("say-c"); "say it""#.to_owned();
        let expected = [
            "say-a: is not in all languages, or with other values",
            "say-b: is not in all languages, or with other values",
            "say-b: is used nowhere",
            "say-c: has no text",
        ];
        assert_eq!(review(&texts, &[source]), expected);
    }
}
