//! Reading the text of a query: any text is one.
//!
//! In scope: words, "phrases", beginnings of words (`خدم*`), what must not stand (`-word`, `-"phrase"`). There is no other grammar: every
//! other character parts words, so no text is an error, and none reaches a parser of the index. Words that one character joins, as
//! in e-government, are a phrase. Out of scope: what words become (`analysis`), what they match (`plan`).

use super::analysis::{Analysis, Token};
use super::error::SearchError;

/// Most words of a text.
pub const WORDS_MAX: usize = 32;
/// Fewest letters of the beginning of a word; a shorter one is a word.
const PREFIX_MIN: usize = 2;

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause {
    /// One after the other; one at least. Places are those in the text of the query.
    pub(crate) words: Vec<Token>,
    /// Whether the last word is the beginning of one.
    pub(super) prefix: bool,
    /// Whether it stood in quotation marks.
    pub(super) quoted: bool,
    /// Whether it must not stand.
    pub(super) not: bool,
}

impl Clause {
    /// The word, where it is nothing but a word that is wanted.
    pub(super) fn plain(&self) -> Option<&Token> {
        match self.words.as_slice() {
            [word] if !(self.prefix || self.quoted || self.not) => Some(word),
            _ => None,
        }
    }
}

/// Reads a text.
///
/// # Errors
/// [`SearchError::WordsTooMany`].
pub(crate) fn parse(text: &str, analysis: &mut Analysis) -> Result<Vec<Clause>, SearchError> {
    let mut clauses = Vec::new();
    for Part { from, to, quoted, not } in parts(text) {
        let within = &text[from..to];
        let mut words = analysis.tokens(within, None);
        for word in &mut words {
            (word.from, word.to) = (word.from + from, word.to + from);
        }
        let starred = !quoted && within.ends_with('*');
        let prefix = starred && words.last().is_some_and(|word| word.norm.chars().count() >= PREFIX_MIN);
        if !words.is_empty() {
            clauses.push(Clause { words, prefix, quoted, not });
        }
    }
    let found = clauses.iter().map(|clause| clause.words.len()).sum();
    if found > WORDS_MAX { Err(SearchError::WordsTooMany { found }) } else { Ok(clauses) }
}

/// What stands between spaces or quotation marks.
struct Part {
    from: usize,
    to: usize,
    quoted: bool,
    not: bool,
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut quoted, mut not, mut start) = (false, false, None);
    for (at, c) in text.char_indices() {
        let ends = if quoted { is_quote(c) } else { is_quote(c) || c.is_whitespace() };
        if ends {
            if let Some(from) = start.take() {
                parts.push(Part { from, to: at, quoted, not });
                not = false;
            }
            if is_quote(c) {
                quoted = !quoted;
            } else {
                not = false;
            }
        } else if start.is_none() && !quoted && c == '-' {
            not = true;
        } else {
            start.get_or_insert(at);
        }
    }
    if let Some(from) = start {
        parts.push(Part { from, to: text.len(), quoted, not });
    }
    parts
}

const fn is_quote(c: char) -> bool {
    matches!(c, '"' | '«' | '»' | '“' | '”' | '„' | '‟')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each clause in the notation of queries.
    fn read(text: &str) -> Vec<String> {
        let show = |clause: &Clause| {
            let words: Vec<_> = clause.words.iter().map(|word| word.norm.as_str()).collect();
            let (not, star) = (if clause.not { "-" } else { "" }, if clause.prefix { "*" } else { "" });
            let quote = if clause.quoted { "\"" } else { "" };
            format!("{not}{quote}{}{star}{quote}", words.join(" "))
        };
        parse(text, &mut Analysis::new()).unwrap().iter().map(show).collect()
    }

    #[test]
    fn words_phrases_beginnings_and_what_must_not_stand() {
        assert_eq!(read("هوية «الحكومة الرقمية» خدم* -تجريبي"), ["هويه", "\"الحكومه الرقميه\"", "خدم*", "-تجريبي"]);
        assert_eq!(read("e-government -\"pilot phase\""), ["e government", "-\"pilot phase\""]);
    }

    #[test]
    fn what_is_no_grammar_is_read_as_words() {
        assert_eq!(
            read("a AND (b OR c) title:x /.*/ [1 TO 9]~2^3 +d"),
            ["a", "and", "b", "or", "c", "title x", "1", "to", "9 2 3", "d"]
        );
        assert_eq!(read("- -- * \" ** -\"\""), [""; 0]);
        assert_eq!(read("\"not closed"), ["\"not closed\""]);
        assert_eq!(read("a* - b"), ["a", "b"]);
    }

    proptest! {
        #[test]
        fn any_text_is_a_query(text in any::<String>()) {
            match parse(&text, &mut Analysis::new()) {
                Ok(clauses) => for word in clauses.iter().flat_map(|clause| &clause.words) {
                    prop_assert!(text.get(word.from..word.to).is_some_and(|original| !original.is_empty()));
                },
                Err(error) => {
                    let many = matches!(error, SearchError::WordsTooMany { found } if found > WORDS_MAX);
                    prop_assert!(many, "{error}");
                }
            }
        }
    }
}
