//! The document of an object.
//!
//! A pure function of the object as the replica holds it, and `version` says of which state: who compares index and replica compares
//! that. In scope: filling the fields. Out of scope: what a payload holds (`texts`), the fields (`fields`).

use multaqa_proto::hash::Hash;
use multaqa_proto::text::{Lang, pick};
use multaqa_runtime::output::instant;
use tantivy::TantivyDocument;
use tantivy::tokenizer::{PreTokenizedString, Token as Indexed};

use super::analysis::{Analysis, Token};
use super::ask::Facet;
use super::fields::{Fields, pair};
use super::texts::{Searchable, Text, Weight, read};
use crate::replica::{Object, Summary};

/// How often the words of keywords count.
const KEYWORD_TIMES: usize = 3;
/// Words of two texts are so far apart that no phrase holds both.
const GAP: usize = 16;
/// Longest key by which titles are ordered, characters.
const ORDER_MAX: usize = 48;

/// Of which state of an object a document is: its newest record and that record's place.
pub(super) fn version(summary: &Summary) -> u64 {
    let mut bytes = summary.record_id.0.to_vec();
    bytes.extend(summary.index.0.to_be_bytes());
    bytes.push(u8::from(summary.withdrawn));
    let mut first = [0; 8];
    first.copy_from_slice(&Hash::of(&bytes).0[..8]);
    u64::from_be_bytes(first)
}

/// The document. Of a withdrawn object only the mark.
pub(super) fn document(fields: &Fields, analysis: &mut Analysis, object: &Object) -> TantivyDocument {
    let Object { summary, payload } = object;
    let mut document = TantivyDocument::new();
    document.add_text(fields.id, &summary.id);
    document.add_u64(fields.version, version(summary));
    document.add_i64(fields.authored, summary.authored_at_ms);
    document.add_i64(fields.accepted, summary.accepted_at_ms);
    document.add_bool(fields.withdrawn, summary.withdrawn);
    let mut code = |facet: &'static str, value: &str| {
        if let Some(field) = fields.facet(Facet(facet)) {
            document.add_text(field, value);
        }
    };
    code("kind", &summary.kind);
    code("country", &summary.country);
    let Searchable { texts, facets } =
        if summary.withdrawn { Searchable::default() } else { read(&summary.kind, payload) };
    for (facet, values) in &facets {
        for value in values {
            code(facet.name(), value);
        }
    }
    if !facets.iter().any(|(facet, values)| facet.name() == "year" && !values.is_empty()) {
        code("year", &year(summary.authored_at_ms));
    }
    let mut languages: Vec<&str> =
        texts.iter().map(|text| text.lang.as_str()).filter(|lang| !lang.is_empty()).collect();
    languages.sort_unstable();
    languages.dedup();
    for lang in languages {
        code("language", lang);
    }
    for (lang, field) in fields.titles() {
        let title = pick(&summary.title, lang).map(|(_, title)| title).unwrap_or_default();
        document.add_text(field, order_key(analysis, title));
    }
    let columns = columns(analysis, &texts, &summary.id);
    for (field, tokens) in [
        (fields.norm, columns.norm),
        (fields.stem, columns.stem),
        (fields.pair, columns.pair),
        (fields.title_norm, columns.title_norm),
        (fields.title_stem, columns.title_stem),
    ] {
        document.add_pre_tokenized_text(field, PreTokenizedString { text: String::new(), tokens });
    }
    #[expect(clippy::expect_used, reason = "texts of people and names of fields, which all have a JSON form")]
    let written = serde_json::to_vec(&texts).expect("texts have a JSON form");
    document.add_bytes(fields.texts, &written);
    document
}

/// The words of an object in its columns.
#[derive(Default)]
struct Columns {
    norm: Vec<Indexed>,
    stem: Vec<Indexed>,
    pair: Vec<Indexed>,
    title_norm: Vec<Indexed>,
    title_stem: Vec<Indexed>,
}

fn columns(analysis: &mut Analysis, texts: &[Text], id: &str) -> Columns {
    let mut columns = Columns::default();
    let mut at = 0;
    for text in texts {
        let tokens = analysis.tokens(&text.text, text.lang.parse().ok());
        let times = if text.weight == Weight::Keyword { KEYWORD_TIMES } else { 1 };
        add(&mut columns.norm, &mut columns.stem, &tokens, at, times);
        add_pairs(&mut columns.pair, &tokens, at, times);
        if text.weight == Weight::Title {
            add(&mut columns.title_norm, &mut columns.title_stem, &tokens, at, 1);
        }
        at += tokens.len() + GAP;
    }
    // Who knows the slug of an id finds the object by it; its country and kind are facets.
    if !texts.is_empty() {
        let tokens = analysis.tokens(id.rsplit(':').next().unwrap_or(id), None);
        add(&mut columns.norm, &mut columns.stem, &tokens, at, 1);
        add_pairs(&mut columns.pair, &tokens, at, 1);
    }
    columns
}

fn add(norm: &mut Vec<Indexed>, stem: &mut Vec<Indexed>, tokens: &[Token], first: usize, times: usize) {
    for (n, token) in tokens.iter().enumerate() {
        let indexed = |text: &String| Indexed { text: text.clone(), position: first + n, ..Indexed::default() };
        for _ in 0..times {
            norm.push(indexed(&token.norm));
            stem.extend(token.stems.iter().map(indexed));
        }
    }
}

fn add_pairs(pairs: &mut Vec<Indexed>, tokens: &[Token], first: usize, times: usize) {
    for (n, two) in tokens.windows(2).enumerate() {
        let [a, b] = two else { continue };
        for (a, b) in a.stems.iter().flat_map(|a| b.stems.iter().map(move |b| (a, b))) {
            let indexed = Indexed { text: pair(a, b), position: first + n, ..Indexed::default() };
            pairs.extend(std::iter::repeat_n(indexed, times));
        }
    }
}

/// By what a title is ordered: its words, normalised, without an article before the first.
fn order_key(analysis: &mut Analysis, title: &str) -> String {
    let tokens = analysis.tokens(title, Some(Lang::Ar));
    let words: Vec<_> = tokens.iter().map(|token| token.norm.as_str()).collect();
    let words = words.join(" ");
    words.strip_prefix("ال").unwrap_or(&words).chars().take(ORDER_MAX).collect()
}

/// The year (UTC, Gregorian) of a time in milliseconds since 1970.
fn year(ms: i64) -> String {
    instant(ms).chars().take(4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_those_of_the_calendar() {
        for (ms, expected) in [(0, "1970"), (1_704_067_199_999, "2023"), (1_704_067_200_000, "2024")] {
            assert_eq!(year(ms), expected, "{ms}");
        }
    }

    #[test]
    fn titles_are_ordered_without_article_and_vowel_signs() {
        let mut analysis = Analysis::new();
        assert_eq!(order_key(&mut analysis, "الخِدْمة الأولى"), "خدمه الاولي");
        assert_eq!(order_key(&mut analysis, "Éclair"), "eclair");
    }
}
