//! Texts for people in Arabic, English and French: one mechanism for all crates.
//!
//! In scope: rendering a code with its arguments, and the review of a crate's texts; `screen`: what command lines say, `told`:
//! failures as JSON, `cause`: what the machine says, `proposal`: what waits for approval, `contradiction`: who is frozen. Out of scope: the texts (each crate's `messages/*.ftl`), the codes (each crate's `code`), where they are shown.
//!
//! A code is a Fluent message: its value says what happened, `.act` names who must act (a token, the same in every
//! language), `.next` what to do next. Where that differs by the program that somebody has typed, `.hub-act` and `.hub-next`
//! hold for `multaqa-hub`, `.node-` and `.certs-` likewise. Arguments are set without isolation marks, since terminals show those as boxes. An
//! argument that is a count selects the plural form of its language: `{ $n -> [one] .. *[other] .. }`, in Arabic
//! `{ PLURAL($n) -> .. }` with its six forms, since the library's own rules know 3 to 99 only, and not 103 or 111.

pub mod begun;
mod cause;
pub mod contradiction;
pub mod proposal;
pub mod screen;
pub mod told;
pub mod witnessing;

use std::collections::BTreeSet;
use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::text::Lang;

/// Programs that a code's attributes may tell apart.
pub const PROGRAMS: [&str; 3] = ["hub", "node", "certs"];

/// Who may have to act.
pub const ACTORS: [&str; 6] = ["member-node", "hub", "operator", "writer", "reader", "system"];

/// A rendered code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What happened.
    pub text: String,
    /// Who must act: one of [`ACTORS`]; empty where the code is unknown.
    pub act: String,
    /// What to do next; empty where the code is unknown.
    pub next: String,
}

/// The texts of several crates in all languages.
pub struct Catalogue {
    bundles: Vec<(Lang, FluentBundle<FluentResource>)>,
    faults: Vec<String>,
}

impl Catalogue {
    /// A catalogue of each crate's `MESSAGES`: pairs of a language and a Fluent file. What all command lines share is in it.
    ///
    /// Texts that cannot be read are left out and named by [`Catalogue::faults`]; their codes are rendered bare.
    #[must_use]
    pub fn new(crates: &[&[(&str, &str)]]) -> Self {
        let mut faults = Vec::new();
        let bundles = Lang::ALL.map(|lang| (lang, bundle(lang, crates, &mut faults))).into();
        for (tag, _) in crates.iter().copied().flatten() {
            if tag.parse::<Lang>().is_err() {
                faults.push(format!("{tag}: no language of the network"));
            }
        }
        Self { bundles, faults }
    }

    /// What could not be read; a test of each crate asks that there is nothing.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Renders a code in the language asked for, else in ar, en, fr. An unknown code, and a text whose arguments are not
    /// all there, becomes the code with its arguments.
    #[must_use]
    pub fn render(&self, lang: Lang, code: &str, args: &[(&str, String)]) -> Rendered {
        self.render_for(None, lang, code, args)
    }

    /// As [`Catalogue::render`], for whoever typed one of [`PROGRAMS`].
    #[must_use]
    pub fn render_for(&self, program: Option<&str>, lang: Lang, code: &str, args: &[(&str, String)]) -> Rendered {
        let fluent_args: FluentArgs<'_> = args.iter().map(|(name, text)| (*name, value(text))).collect();
        let bare = || Rendered { text: bare(code, args), act: String::new(), next: String::new() };
        std::iter::once(lang)
            .chain(Lang::ALL)
            .filter_map(|lang| self.bundle(lang))
            .find_map(|bundle| {
                let message = bundle.get_message(code)?;
                let mut errors = Vec::new();
                let text = bundle.format_pattern(message.value()?, Some(&fluent_args), &mut errors).into_owned();
                let text = if errors.is_empty() { text } else { bare().text };
                let mut attribute = |name| {
                    let own = program.and_then(|program| message.get_attribute(&format!("{program}-{name}")));
                    let pattern = own.or_else(|| message.get_attribute(name)).map(|attribute| attribute.value());
                    let text = pattern.map(|p| bundle.format_pattern(p, Some(&fluent_args), &mut errors).into_owned());
                    text.unwrap_or_default()
                };
                Some(Rendered { text, act: attribute("act"), next: attribute("next") })
            })
            .unwrap_or_else(bare)
    }

    fn bundle(&self, lang: Lang) -> Option<&FluentBundle<FluentResource>> {
        self.bundles.iter().find(|(l, _)| *l == lang).map(|(_, bundle)| bundle)
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue").field("faults", &self.faults).finish_non_exhaustive()
    }
}

/// What is wrong with a crate's texts: a code that is doubled, has no text or attribute in a language, names no actor or
/// another one than in Arabic, differs in its arguments; an entry that is no code.
#[must_use]
pub fn review(codes: &[&str], messages: &[(&str, &str)]) -> Vec<String> {
    let mut faults = Catalogue::new(&[messages]).faults;
    let known: BTreeSet<&str> = codes.iter().copied().collect();
    if known.len() != codes.len() {
        faults.push("a code stands twice".to_owned());
    }
    for (lang, source) in messages {
        faults.extend(entries(source).filter(|id| !known.contains(id)).map(|id| format!("{lang} {id}: is no code")));
        for code in &known {
            let Some(entry) = entry(source, code) else {
                faults.push(format!("{lang} {code}: has no text"));
                continue;
            };
            let act = attribute(entry, "act").unwrap_or_default();
            if !ACTORS.contains(&act) {
                faults.push(format!("{lang} {code}: {act:?} is no actor"));
            }
            if attribute(entry, "next").is_none_or(str::is_empty) {
                faults.push(format!("{lang} {code}: has no .next"));
            }
            let first = messages.first().and_then(|(_, first)| self::entry(first, code)).unwrap_or_default();
            for program in PROGRAMS {
                let [act, next] = ["act", "next"].map(|name| format!("{program}-{name}"));
                let actor = attribute(entry, &act);
                let has = |entry, name: &str| attribute(entry, name).is_some_and(|text| !text.is_empty());
                if actor.is_some_and(|actor| !ACTORS.contains(&actor)) || actor != attribute(first, &act) {
                    faults
                        .push(format!("{lang} {code}: .{act} is no actor, or another one than in the first language"));
                }
                if has(entry, &next) != has(first, &next) {
                    faults.push(format!("{lang} {code}: .{next} is not in every language"));
                }
            }
            if attribute(first, "act") != Some(act) || placeables(first) != placeables(entry) {
                faults.push(format!("{lang} {code}: actor or arguments differ from the first language"));
            }
        }
    }
    let languages: BTreeSet<&str> = messages.iter().map(|(lang, _)| *lang).collect();
    if languages != Lang::ALL.iter().map(|l| l.as_str()).collect() {
        faults.push(format!("languages are {languages:?}"));
    }
    faults
}

fn bundle(lang: Lang, crates: &[&[(&str, &str)]], faults: &mut Vec<String>) -> FluentBundle<FluentResource> {
    let locale: LanguageIdentifier = lang.as_str().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    bundle.set_use_isolating(false);
    if let Err(error) = bundle.add_function("PLURAL", |counts, _| arabic_form(counts.first()).into()) {
        faults.push(format!("{lang}: {error}"));
    }
    for (_, source) in
        crates.iter().copied().chain([screen::SHARED.as_slice()]).flatten().filter(|(tag, _)| *tag == lang.as_str())
    {
        if lang == Lang::Ar && source.matches("[few]").count() != source.matches("PLURAL(").count() {
            faults.push(format!("{lang}: plural forms that PLURAL does not select"));
        }
        if lang == Lang::Ar {
            faults.extend(avoided(source).map(|line| format!("{lang}: a word that the glossary avoids: {line}")));
        }
        if lang == Lang::Fr {
            faults.extend(broken_spaces(source).map(|line| format!("{lang}: a plain space at a sign: {line}")));
        }
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, errors)| {
            faults.extend(errors.iter().map(|error| format!("{lang}: {error}")));
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            faults.extend(errors.iter().map(|error| format!("{lang}: {error}")));
        }
    }
    bundle
}

/// Lines of a French text in which a plain space stands before a sign or within quotation marks: there it is a narrow one
/// that does not break (U+202F).
fn broken_spaces(source: &str) -> impl Iterator<Item = &str> {
    let plain = [" :", " ;", " ?", " !", " »", "« "];
    let text = source.lines().filter(|line| !line.starts_with('#'));
    text.filter(move |line| plain.iter().any(|space| line.contains(space)))
}

/// Lines with an Arabic word for a thing that has another name here: an axle for the hub, a police post for a checkpoint.
fn avoided(source: &str) -> impl Iterator<Item = &str> {
    let words = ["المحور", "نقطة تفتيش", "جمهور"];
    source.lines().filter(move |line| words.iter().any(|word| line.contains(word)))
}

/// The plural form of a count in Arabic (Unicode CLDR, cardinals).
fn arabic_form(count: Option<&FluentValue<'_>>) -> &'static str {
    let Some(FluentValue::Number(count)) = count else { return "other" };
    match (count.value, count.value % 100.0) {
        (0.0, _) => "zero",
        (1.0, _) => "one",
        (2.0, _) => "two",
        (_, 3.0..=10.0) => "few",
        (_, 11.0..=99.0) => "many",
        _ => "other",
    }
}

/// Counts select plural forms; whatever else looks like a number stays as it was written.
fn value(text: &str) -> FluentValue<'_> {
    /// So many digits a float holds exactly.
    const DIGITS: usize = 15;
    let digits = (1..=DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && (text == "0" || !text.starts_with('0')) {
        FluentValue::try_number(text)
    } else {
        FluentValue::from(text)
    }
}

fn bare(code: &str, args: &[(&str, String)]) -> String {
    let args: Vec<_> = args.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if args.is_empty() { code.to_owned() } else { format!("{code} ({})", args.join(", ")) }
}

/// Ids of the entries of a Fluent file.
fn entries(source: &str) -> impl Iterator<Item = &str> {
    source
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-'))
        .filter_map(|line| line.split_once('=').map(|(id, _)| id.trim()))
}

/// The lines of one entry.
fn entry<'a>(source: &'a str, id: &str) -> Option<&'a str> {
    let head = format!("{id} =");
    let start = if source.starts_with(&head) { 0 } else { source.find(&format!("\n{head}"))? + 1 };
    let body = &source[start..];
    let end = body.match_indices('\n').find(|(at, _)| !body[at + 1..].starts_with([' ', '\n'])).map(|(at, _)| at);
    Some(&body[..end.unwrap_or(body.len())])
}

fn attribute<'a>(entry: &'a str, name: &str) -> Option<&'a str> {
    entry
        .lines()
        .find_map(|line| line.trim().strip_prefix('.')?.strip_prefix(name)?.trim().strip_prefix('='))
        .map(str::trim)
}

/// The names of the arguments.
fn placeables(entry: &str) -> BTreeSet<&str> {
    let ends = |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-';
    entry.split('$').skip(1).filter_map(|rest| rest.split(ends).next()).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AR: &str = "A = { $n } قيود\n    .act = hub\n    .next = شغّل status.\n";
    const EN: &str = "A = { $n } entries\n    .act = hub\n    .next = Run status.\nB = only here\n    .act = hub\n    .next = Run it.\n";

    fn catalogue() -> Catalogue {
        Catalogue::new(&[&[("ar", AR), ("en", EN)]])
    }

    #[test]
    fn a_code_is_rendered_in_the_language_asked_or_the_next_one() {
        let five = [("n", "5".to_owned())];
        let english = catalogue().render(Lang::En, "A", &five);
        assert_eq!(
            (english.text.as_str(), english.act.as_str(), english.next.as_str()),
            ("5 entries", "hub", "Run status.")
        );
        assert_eq!(catalogue().render(Lang::Fr, "A", &five).text, "5 قيود");
        assert_eq!(catalogue().render(Lang::Ar, "B", &[]).text, "only here");
    }

    #[test]
    fn who_acts_and_what_next_may_depend_on_the_program() {
        const OF_HUB: &str = "    .hub-act = operator\n    .hub-next = Look.\n";
        let texts = format!("A = x\n    .act = hub\n    .next = Wait.\n{OF_HUB}");
        let catalogue = Catalogue::new(&[&[("en", &texts)]]);
        let said = |program| {
            let Rendered { act, next, .. } = catalogue.render_for(program, Lang::En, "A", &[]);
            [act, next]
        };
        assert_eq!(said(Some("hub")), ["operator", "Look."]);
        assert_eq!((said(Some("node")), said(None)), (["hub", "Wait."].map(str::to_owned), said(Some("node"))));
        let without = texts.replace(OF_HUB, "");
        let found = review(&["A"], &[("ar", &texts), ("en", &texts), ("fr", &without)]);
        assert_eq!(found.len(), 2, "{found:?}");
        let nobody = texts.replace("-act = operator", "-act = nobody");
        assert_eq!(review(&["A"], &[("ar", &nobody), ("en", &nobody), ("fr", &nobody)]).len(), 3);
    }

    #[test]
    fn what_cannot_be_rendered_is_the_code_with_its_arguments() {
        let args = [("path", "title.ar".to_owned())];
        assert_eq!(catalogue().render(Lang::En, "NONE", &args).text, "NONE (path: title.ar)");
        assert_eq!(catalogue().render(Lang::En, "A", &args).text, "A (path: title.ar)");
        assert_eq!(catalogue().render(Lang::En, "NONE", &[]).text, "NONE");
    }

    #[test]
    fn arguments_are_not_isolated() {
        let text = catalogue().render(Lang::Ar, "A", &[("n", "5".to_owned())]).text;
        assert!(!text.contains(crate::text::is_bidi_control), "{text:?}");
    }

    #[test]
    fn counts_select_the_plural_form_and_other_values_stay_as_they_are() {
        const FORMS: &str = "N = { PLURAL($n) ->\n [zero] zero\n [one] one\n [two] two\n [few] few\n [many] many\n *[other] { $n }\n }\n";
        let catalogue = Catalogue::new(&[&[("ar", FORMS)]]);
        let form = |n: &str| catalogue.render(Lang::Ar, "N", &[("n", n.to_owned())]).text;
        let counts = ["0", "1", "2", "3", "110", "11", "199", "100", "101", "202"];
        let forms = ["zero", "one", "two", "few", "few", "many", "many", "100", "101", "202"];
        assert_eq!(counts.map(form), forms);
        for text in ["007", "1.0", "1e3", "-2", "+1", "nan", "inf", "", "12345678901234567890"] {
            assert_eq!(form(text), text);
        }
        let forgotten = FORMS.replace("PLURAL($n)", "$n");
        assert_eq!(Catalogue::new(&[&[("ar", &forgotten)]]).faults(), ["ar: plural forms that PLURAL does not select"]);
    }

    #[test]
    fn french_signs_stand_behind_narrow_spaces() {
        let faults = |text: &str| Catalogue::new(&[&[("fr", &format!("# a : b\nA = {text}\n"))]]).faults().len();
        assert_eq!(faults("c\u{202f}: «\u{202f}d\u{202f}»\u{202f}; e\u{202f}?"), 0);
        for wrong in ["c : d", "«\u{202f}d »", "« d\u{202f}»", "c ; d", "c ?"] {
            assert_eq!(faults(wrong), 1, "{wrong}");
        }
    }

    #[test]
    fn unreadable_texts_are_named() {
        assert_eq!(Catalogue::new(&[&[("en", "A = { $n")]]).faults().len(), 1);
        assert_eq!(Catalogue::new(&[&[("en", EN)], &[("en", EN)]]).faults().len(), 2);
        assert_eq!(Catalogue::new(&[&[("xx", EN)]]).faults(), ["xx: no language of the network"]);
    }

    #[test]
    fn a_review_finds_what_is_missing_and_what_is_too_much() {
        let en = EN.split("B =").next().unwrap();
        assert_eq!(review(&["A"], &[("ar", AR), ("en", en), ("fr", en)]), [""; 0]);
        let found = review(&["A", "C"], &[("ar", AR), ("en", EN), ("fr", "A = x\n    .act = nobody\n")]);
        let expected = [
            "ar C: has no text",
            "en B: is no code",
            "en C: has no text",
            "fr A: \"nobody\" is no actor",
            "fr A: has no .next",
            "fr A: actor or arguments differ from the first language",
            "fr C: has no text",
        ];
        assert_eq!(found, expected);
        assert_eq!(review(&["A"], &[("ar", AR)]), ["languages are {\"ar\"}"]);
        assert_eq!(review(&["A", "A"], &[("ar", AR), ("en", en), ("fr", en)]), ["a code stands twice"]);
    }
}
