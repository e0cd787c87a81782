//! Stems of words that are not Arabic: English and French, by Snowball's rules.
//!
//! A text in English has English stems, one in French French ones; of a word in another text, or in a query, nobody knows of
//! which language it is, so it has both. Stems are made of folded words on both sides. Out of scope: folding (`arabic`).

use multaqa_proto::text::Lang;
use tantivy::tokenizer::{Language, RawTokenizer, Stemmer, TextAnalyzer, TokenStream as _};

/// Stemmers; each thread that reads texts has its own.
pub(crate) struct Latin {
    english: TextAnalyzer,
    french: TextAnalyzer,
}

impl Latin {
    pub(crate) fn new() -> Self {
        let of = |language| TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(language)).build();
        Self { english: of(Language::English), french: of(Language::French) }
    }

    /// Stems of a normalised word of a text in this language; none for one of which nobody knows.
    pub(crate) fn stems(&mut self, norm: &str, lang: Option<Lang>) -> Vec<String> {
        if !norm.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return vec![norm.to_owned()];
        }
        match lang {
            Some(Lang::En) => vec![stem(&mut self.english, norm)],
            Some(Lang::Fr) => vec![stem(&mut self.french, norm)],
            Some(Lang::Ar) | None => {
                let mut stems = vec![stem(&mut self.english, norm), stem(&mut self.french, norm)];
                stems.dedup();
                stems
            }
        }
    }
}

fn stem(analyzer: &mut TextAnalyzer, norm: &str) -> String {
    let mut stream = analyzer.token_stream(norm);
    let stem = stream.next().map(|token| token.text.clone());
    stem.filter(|stem| !stem.is_empty()).unwrap_or_else(|| norm.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_language_meet_in_its_stem() {
        let mut latin = Latin::new();
        let mut one = |norm: &str, lang| latin.stems(norm, Some(lang));
        assert_eq!(one("services", Lang::En), one("service", Lang::En));
        assert_eq!(one("numeriques", Lang::Fr), one("numerique", Lang::Fr));
        let asked = latin.stems("administrations", None);
        assert!(asked.contains(&latin.stems("administration", Some(Lang::Fr))[0]));
        assert!(asked.contains(&latin.stems("administration", Some(Lang::En))[0]));
        assert_eq!(latin.stems("2024", None), ["2024"]);
    }
}
