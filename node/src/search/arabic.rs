//! The words of a text as search compares them: the rules for Arabic, by which texts and queries are read alike.
//!
//! In scope: where words begin and end in the original, what they become when they are normalised, the light stem of Arabic words.
//! Out of scope: stems of other scripts (`latin`), equal words that no rule finds (`synonyms`).
//!
//! # Normalising
//! NFKC; vowel signs, tatweel, Quranic marks, zero-width characters, bidirectional controls and soft hyphens are dropped and part no
//! words; Arabic-Indic and Persian digits become 0-9; forms of alef become bare alef, final yeh without dots and Farsi yeh become yeh,
//! keheh becomes kaf, teh marbuta and its like become heh, hamza on waw or yeh becomes hamza; case is folded, and diacritics of
//! other scripts are dropped. What is done once changes nothing when it is done again, so a normalised word can be asked for as it is.
//!
//! # Stem
//! One prefix of article, conjunction and preposition if three letters remain, never a lone letter: it may be the root's. A word
//! that begins with لل has a second stem with one lam given back, since of للجنة nobody knows whether it is لـ+الجنة or لـ+لجنة.
//! Then suffixes, longest first and repeatedly while three letters remain. A protected word stays: the endings of these are no
//! endings; and of words like إلكتروني, whose own first letters look like the article once hamza is folded, they are kept. Broken
//! plurals are other words here.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Longest normalised word, characters; what is longer is compared by its beginning.
const WORD_MAX: usize = 64;
/// How often folding is repeated at most until it changes nothing.
const ROUNDS: usize = 4;
/// Letters that remain at least.
const LETTERS: usize = 3;

/// Normalised, longest first.
pub(crate) const PREFIXES: [&str; 10] = ["وبال", "وكال", "فبال", "وال", "بال", "كال", "فال", "ولل", "لل", "ال"];
/// Normalised, longest first.
const SUFFIXES: [&str; 13] = ["اتها", "اتهم", "اتنا", "اته", "ات", "ون", "ين", "ها", "هم", "نا", "يه", "ه", "ي"];
/// Normalised; names whose last letters look like endings.
const PROTECTED: [&str; 4] = ["بحرين", "فلسطين", "سوريه", "سوري"];

/// Normalised beginnings of words whose own first letters look like the article: إلكتروني, التزام, ألوان.
const NO_ARTICLE: [&str; 16] = [
    "الكترون",
    "التزام",
    "التحاق",
    "التماس",
    "التهاب",
    "التقاء",
    "التفاف",
    "الغاء",
    "الزام",
    "الحاق",
    "القاء",
    "العاب",
    "الوان",
    "الياف",
    "الماني",
    "الباني",
];

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Normalised.
    pub(crate) norm: String,
    /// First byte in the original.
    pub(crate) from: usize,
    /// Byte after the last one in the original.
    pub(crate) to: usize,
}

/// The words of a text in order. Where one character stands for several words, all have its place.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() || is_dropped(c) || is_combining_mark(c) {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            push(&mut words, text, from, at);
        }
    }
    if let Some(from) = start {
        push(&mut words, text, from, text.len());
    }
    words
}

fn push(words: &mut Vec<Word>, text: &str, from: usize, to: usize) {
    let folded = fold(&text[from..to]);
    for norm in folded.split(|c: char| !c.is_alphanumeric()).filter(|norm| !norm.is_empty()) {
        words.push(Word { norm: norm.chars().take(WORD_MAX).collect(), from, to });
    }
}

/// Folds until nothing changes: a folded character may decompose into ones that fold again.
fn fold(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return word.to_ascii_lowercase();
    }
    let mut folded = fold_once(word);
    for _ in 1..ROUNDS {
        let again = fold_once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

fn fold_once(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.nfkc().filter(|c| !is_dropped(*c)) {
        match arabic(c) {
            Some(c) => folded.push(c),
            None => c.to_lowercase().for_each(|c| push_plain(&mut folded, c)),
        }
    }
    if folded.chars().all(|c| c.is_ascii() || is_arabic(c)) {
        return folded;
    }
    // Diacritics of Latin, Greek and Cyrillic letters; signs that are letters of their script stay.
    folded.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{36F}')).nfc().collect()
}

/// Letters that are written as two, or with a stroke that no decomposition takes.
fn push_plain(folded: &mut String, c: char) {
    match c {
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'ß' => folded.push_str("ss"),
        'ø' => folded.push('o'),
        'ł' => folded.push('l'),
        'đ' => folded.push('d'),
        'ı' => folded.push('i'),
        'ς' => folded.push('σ'),
        c => folded.push(c),
    }
}

/// What is dropped, and parts no words.
const fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{610}'..='\u{61A}' | '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6ED}'
        | '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}')
}

/// What an Arabic letter or digit becomes; none where it stays.
fn arabic(c: char) -> Option<char> {
    Some(match c {
        '\u{660}'..='\u{669}' => digit(c, 0x660),
        '\u{6F0}'..='\u{6F9}' => digit(c, 0x6F0),
        '\u{622}' | '\u{623}' | '\u{625}' | '\u{671}' => '\u{627}',
        '\u{649}' | '\u{6CC}' | '\u{6D0}' => '\u{64A}',
        '\u{6A9}' | '\u{6AA}' => '\u{643}',
        '\u{629}' | '\u{6C1}' | '\u{6D5}' | '\u{6C0}' => '\u{647}',
        '\u{624}' | '\u{626}' => '\u{621}',
        _ => return None,
    })
}

fn digit(c: char, zero: u32) -> char {
    char::from_digit(u32::from(c).wrapping_sub(zero), 10).unwrap_or(c)
}

/// Whether a normalised character is a letter of Arabic.
const fn is_arabic(c: char) -> bool {
    matches!(c, '\u{621}'..='\u{63A}' | '\u{641}'..='\u{64A}')
}

/// Whether a normalised word is Arabic as a whole.
pub(crate) fn is_arabic_word(norm: &str) -> bool {
    norm.chars().all(is_arabic)
}

/// Stems of a normalised Arabic word, the likelier first.
pub(crate) fn stems(norm: &str) -> Vec<String> {
    let mut stems = vec![without_suffixes(without_article(norm)).to_owned()];
    if let Some(rest) = norm.strip_prefix("لل").filter(|rest| letters(rest) >= LETTERS - 1) {
        let given_back = format!("ل{rest}");
        let other = without_suffixes(&given_back);
        if other != stems[0] {
            stems.push(other.to_owned());
        }
    }
    stems
}

/// A normalised word, or the beginning of one, without its prefix.
pub(crate) fn without_article(norm: &str) -> &str {
    if NO_ARTICLE.iter().any(|own| norm.starts_with(own)) {
        return norm;
    }
    PREFIXES.iter().find_map(|prefix| norm.strip_prefix(prefix).filter(|rest| letters(rest) >= LETTERS)).unwrap_or(norm)
}

fn without_suffixes(mut word: &str) -> &str {
    while !PROTECTED.contains(&word) {
        let shorter =
            SUFFIXES.iter().find_map(|suffix| word.strip_suffix(suffix).filter(|rest| letters(rest) >= LETTERS));
        match shorter {
            Some(shorter) => word = shorter,
            None => break,
        }
    }
    word
}

fn letters(word: &str) -> usize {
    word.chars().count()
}

#[cfg(test)]
mod tests;
