//! The words of a text with their stems: the two columns that are indexed, and what queries are held against.
//!
//! Each word has the stems of its own script: in a mixed text an Arabic word has Arabic stems, a Latin one those of the text's
//! language. Out of scope: the rules (`arabic`, `latin`).

use multaqa_proto::text::Lang;

use super::arabic::{is_arabic_word, stems, words};
use super::latin::Latin;

/// A word with its stems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Normalised: the first column.
    pub(crate) norm: String,
    /// One at least: the second column.
    pub(crate) stems: Vec<String>,
    /// First byte in the original.
    pub(crate) from: usize,
    /// Byte after the last one in the original.
    pub(crate) to: usize,
}

/// Reads texts; each thread has its own.
pub(crate) struct Analysis {
    latin: Latin,
}

impl Analysis {
    pub(crate) fn new() -> Self {
        Self { latin: Latin::new() }
    }

    /// The words of a text in this language; none where it is not known.
    pub(crate) fn tokens(&mut self, text: &str, lang: Option<Lang>) -> Vec<Token> {
        let token = |word: super::arabic::Word| {
            let super::arabic::Word { norm, from, to } = word;
            let stems = if is_arabic_word(&norm) { stems(&norm) } else { self.latin.stems(&norm, lang) };
            Token { norm, stems, from, to }
        };
        words(text).into_iter().map(token).collect()
    }
}

#[cfg(test)]
mod tests;
