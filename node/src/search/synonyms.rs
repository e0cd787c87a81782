//! Words and phrases that are taken for one another: broken plurals, spellings, adjectives of countries.
//!
//! The program's own list is a file of this crate; code lists with the slug `search-synonyms` add to it, each code a set: its labels and
//! definitions in all languages, with `/` between words. They act on queries alone, so that a changed list needs no other index. In scope:
//! reading lists, finding sets. Out of scope: what becomes of the words of a set (`plan`).

use std::collections::HashMap;

use multaqa_proto::id::ObjectId;
use multaqa_proto::wire::kind::Codelist;
use prost::Message as _;
use prost::bytes::Bytes;

use super::analysis::{Analysis, Token};
use super::arabic::is_arabic_word;

/// The program's own list.
const OWN: &str = include_str!("synonyms.tsv");
/// Slug of the code lists that add to it.
const SLUG: &str = "search-synonyms";
/// Most words of a phrase.
pub(super) const PHRASE_MAX: usize = 4;
/// Most phrases of a set.
const SET_MAX: usize = 16;
/// Most sets.
const SETS_MAX: usize = 5_000;

/// A phrase of a set.
pub(super) type Phrase = Vec<Token>;

/// The sets.
#[derive(Debug, Default)]
pub(super) struct Synonyms {
    sets: Vec<Vec<Phrase>>,
    /// Sets by the keys of the words of their phrases.
    by_words: HashMap<Vec<String>, Vec<usize>>,
}

/// Whether an object is a list of synonyms.
pub(super) fn is_list(id: &str) -> bool {
    id.parse::<ObjectId>().is_ok_and(|id| id.kind() == "codelist" && id.slug() == SLUG)
}

impl Synonyms {
    /// The program's own.
    pub(super) fn own() -> Self {
        let mut synonyms = Self::default();
        let mut analysis = Analysis::new();
        for line in OWN.lines().filter(|line| !line.starts_with('#')) {
            synonyms.add(&mut analysis, line.split('\t'));
        }
        synonyms
    }

    /// The program's own and those of these code lists.
    pub(super) fn with(lists: &[Bytes]) -> Self {
        let mut synonyms = Self::own();
        let mut analysis = Analysis::new();
        for list in lists.iter().filter_map(|list| Codelist::decode(list.clone()).ok()) {
            for code in &list.codes {
                let texts = code.label.values().chain(code.definition.values());
                synonyms.add(&mut analysis, texts.flat_map(|text| text.split('/')));
            }
        }
        synonyms
    }

    fn add<'a>(&mut self, analysis: &mut Analysis, phrases: impl Iterator<Item = &'a str>) {
        let phrases = phrases.map(|phrase| analysis.tokens(phrase, None));
        let set: Vec<Phrase> =
            phrases.filter(|phrase| (1..=PHRASE_MAX).contains(&phrase.len())).take(SET_MAX).collect();
        if set.len() < 2 || self.sets.len() >= SETS_MAX {
            return;
        }
        for phrase in &set {
            let sets = self.by_words.entry(phrase.iter().map(key).collect()).or_default();
            if sets.last() != Some(&self.sets.len()) {
                sets.push(self.sets.len());
            }
        }
        self.sets.push(set);
    }

    /// What these words may be called: of one word what else, of several themselves as the set has them first. None where no set has
    /// them.
    pub(super) fn of(&self, words: &[Token]) -> Vec<&Phrase> {
        let keys: Vec<String> = words.iter().map(key).collect();
        let sets = self.by_words.get(&keys).map(Vec::as_slice).unwrap_or_default();
        let is_itself = |phrase: &&Phrase| phrase.iter().map(key).eq(keys.iter().cloned());
        let all = || sets.iter().filter_map(|set| self.sets.get(*set)).flatten();
        let itself = all().find(|phrase| words.len() > 1 && is_itself(phrase));
        itself.into_iter().chain(all().filter(|phrase| !is_itself(phrase))).collect()
    }
}

/// By what a word is found in a set: an Arabic one with or without article and endings, others as they are written.
fn key(token: &Token) -> String {
    match token.stems.first() {
        Some(stem) if is_arabic_word(&token.norm) => stem.clone(),
        Some(_) | None => token.norm.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use multaqa_proto::wire::kind::codelist::Code;

    use super::*;

    fn of(synonyms: &Synonyms, words: &str) -> Vec<String> {
        let words = Analysis::new().tokens(words, None);
        let text = |phrase: &&Phrase| phrase.iter().map(|token| token.norm.as_str()).collect::<Vec<_>>().join(" ");
        synonyms.of(&words).iter().map(text).collect()
    }

    #[test]
    fn words_and_phrases_of_a_set_lead_to_one_another() {
        let own = Synonyms::own();
        assert_eq!(of(&own, "المدينة"), ["مدن"]);
        assert!(of(&own, "سورية").contains(&"سوريا".to_owned()));
        assert!(of(&own, "saudi arabia").contains(&"السعوديه".to_owned()));
        assert_eq!(of(&own, "saudi arabia")[0], "saudi arabia");
        assert_eq!(of(&own, "سورة"), [""; 0]);
    }

    #[test]
    fn every_line_of_the_list_is_a_set() {
        let lines = OWN.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
        assert_eq!(Synonyms::own().sets.len(), lines);
    }

    #[test]
    fn a_published_code_list_adds_sets() {
        let map = |lang: &str, text: &str| HashMap::from([(lang.to_owned(), text.to_owned())]);
        let code = Code {
            code: "tax".to_owned(),
            label: map("ar", "زكاة/صدقة"),
            definition: map("en", "zakat"),
            ..Default::default()
        };
        let list = Codelist { codes: vec![code], ..Default::default() }.encode_to_vec();
        let synonyms = Synonyms::with(&[list.into(), Bytes::from_static(&[0xff])]);
        let mut found = of(&synonyms, "الزكاة");
        found.sort();
        assert_eq!(found, ["zakat", "صدقه"]);
        assert!(is_list("x-escwa:codelist:search-synonyms") && !is_list("x-escwa:codelist:sectors"));
    }
}
