//! Reading the text of a query: any text is one.
//!
//! In scope: words, "phrases", prefixes (`خدم*`), words that must not stand (`-word`). There is no other grammar: every other
//! character parts words, so no text is an error, and none reaches a parser of the index. Out of scope: what words become (`analysis`).

/// Most words of a text.
pub const WORDS_MAX: usize = 32;
