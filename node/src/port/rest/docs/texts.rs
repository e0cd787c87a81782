//! What the document says, in the languages of the page: `messages/docs.txt`, by the English text.
//!
//! The key is the English text itself, so whoever changes one has to change its translations: a test finds every text of the table of
//! routes and of the overview that has none, and every translation that nothing asks for. Comments of the schema are English alone.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use multaqa_proto::text::Lang;

/// The texts: blocks parted by an empty line, in each of which a line begins with its language. Lines with `#` are for translators.
const TEXTS: &str = include_str!("../../../../messages/docs.txt");

static BY_ENGLISH: LazyLock<BTreeMap<&'static str, [&'static str; 2]>> = LazyLock::new(|| {
    let line = |block: &'static str, lang: &str| {
        let mut lines = block.lines().filter_map(|line| line.strip_prefix(lang)?.strip_prefix(' '));
        lines.next().map(str::trim_end).filter(|text| !text.is_empty())
    };
    let entry = |block| Some((line(block, "en")?, [line(block, "ar")?, line(block, "fr")?]));
    TEXTS.split("\n\n").filter_map(entry).collect()
});

/// A text in a language; none where nobody put it into that language.
pub(super) fn find(english: &str, lang: Lang) -> Option<&str> {
    let all = || BY_ENGLISH.get(english);
    match lang {
        Lang::En => Some(english),
        Lang::Ar => all().map(|[arabic, _]| *arabic),
        Lang::Fr => all().map(|[_, french]| *french),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::super::openapi::overview::{self, Section};
    use super::super::super::route::{TAGS, routes};
    use super::super::super::{filter, openapi};
    use super::*;

    /// Every text that a page shows and the schema does not say.
    fn asked() -> BTreeSet<String> {
        let mut asked: BTreeSet<String> = TAGS.iter().map(|(_, told)| (*told).to_owned()).collect();
        for route in routes() {
            asked.extend([route.summary.to_owned(), route.description.to_owned()]);
            asked.extend(route.parameters.iter().flat_map(filter::each).map(|given| given.description.to_owned()));
            asked.extend(route.takes.map(|takes| takes.description.to_owned()));
        }
        for Section { title, paragraphs, table } in overview::sections() {
            asked.insert(title.to_owned());
            asked.extend(paragraphs.into_iter().map(ToOwned::to_owned));
            // A value alone is the same in every language.
            let cells = table.iter().flatten().map(|text| text.template).filter(|template| *template != "{}");
            asked.extend(cells.filter(|cell| !cell.contains("00 `") && !is_code(cell)).map(ToOwned::to_owned));
        }
        // What the document says besides: of answers, and of parameters that all routes have.
        let document = openapi::document(openapi::Version::V31);
        let operations =
            document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
        for operation in operations {
            let told = operation["description"].as_str().unwrap().split("\n\n");
            asked.extend(told.filter(|part| !part.starts_with("Scope: ")).map(ToOwned::to_owned));
            let responses = operation["responses"].as_object().unwrap().iter();
            let given = responses.filter(|(status, _)| status.as_str() < "400");
            asked.extend(given.map(|(_, response)| response["description"].as_str().unwrap().to_owned()));
        }
        let shared = document["components"]["parameters"].as_object().unwrap().values();
        asked.extend(shared.map(|parameter| parameter["description"].as_str().unwrap().to_owned()));
        asked
    }

    /// `413 `MESSAGE_TOO_LARGE``.
    fn is_code(cell: &str) -> bool {
        cell.split_once(' ').is_some_and(|(status, code)| status.parse::<u16>().is_ok() && code.starts_with('`'))
    }

    #[test]
    fn every_text_is_there_in_every_language_and_none_that_nothing_asks_for() {
        let asked = asked();
        let missing: Vec<_> =
            asked.iter().filter(|text| Lang::ALL.iter().any(|lang| find(text, *lang).is_none())).collect();
        assert!(missing.is_empty(), "without Arabic and French in messages/docs.txt: {missing:#?}");
        let of_no_use: Vec<_> = BY_ENGLISH.keys().filter(|text| !asked.contains(**text)).collect();
        // Of answers with the same status the document describes the first alone.
        let of_answers: BTreeSet<&str> =
            routes().flat_map(|route| route.gives).map(|gives| gives.description).collect();
        let of_no_use: Vec<_> = of_no_use.into_iter().filter(|text| !of_answers.contains(**text)).collect();
        assert!(of_no_use.is_empty(), "nothing says this any more: {of_no_use:#?}");
    }

    #[test]
    fn a_text_is_the_same_but_for_its_language() {
        assert_eq!(BY_ENGLISH.len(), TEXTS.lines().filter(|line| line.starts_with("en ")).count(), "a broken block");
        for (english, [arabic, french]) in BY_ENGLISH.iter() {
            let codes = |text: &str| {
                let mut codes: Vec<_> = text.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect();
                codes.sort_unstable();
                codes.dedup();
                codes
            };
            for text in [arabic, french] {
                assert_eq!(text.matches('`').count() % 2, 0, "{text}");
                assert_eq!(text.matches("{}").count(), english.matches("{}").count(), "{text}");
                assert!(codes(english).iter().all(|code| codes(text).contains(code)), "{english}: {text}");
            }
            assert!(arabic.chars().any(|c| ('\u{621}'..='\u{64a}').contains(&c)), "{arabic}");
            assert!(!french.split('`').step_by(2).any(|part| part.contains(" ;") || part.contains(" :")), "{french}");
        }
    }
}
