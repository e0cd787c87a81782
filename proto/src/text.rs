//! Text for people: languages, language maps, what a text may hold.
//!
//! In scope: the languages of the network, the fallback order, the rules that every text obeys. Out of scope: which
//! fields hold texts (`kind`), how violations are collected (`check`), the project's own messages (`message`).
//!
//! A language map is published in ar, en and fr only; at least one, Arabic expected but not demanded. Texts are NFC.
//! A *name* is one line without bidirectional controls, so that it cannot show as another name; *prose* may have
//! lines and the marks that mixed text needs.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use unicode_normalization::is_nfc;

/// Texts by language tag.
pub type LanguageMap = BTreeMap<String, String>;

/// A language of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// Arabic.
    Ar,
    /// English.
    En,
    /// French.
    Fr,
}

impl Lang {
    /// All of them, in the order of fallback.
    pub const ALL: [Self; 3] = [Self::Ar, Self::En, Self::Fr];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::En => "en",
            Self::Fr => "fr",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl FromStr for Lang {
    type Err = UnknownLang;
    fn from_str(s: &str) -> Result<Self, UnknownLang> {
        Self::ALL.into_iter().find(|lang| lang.as_str() == s).ok_or_else(|| UnknownLang(s.chars().take(40).collect()))
    }
}

/// A tag that is none of the network's languages (code `LANGUAGE_UNKNOWN`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not ar, en or fr")]
pub struct UnknownLang(pub String);

/// The text to show to someone who asked for a language, and the language that it really has: asked, ar, en, fr, any.
#[must_use]
pub fn pick(texts: &LanguageMap, asked: Lang) -> Option<(&str, &str)> {
    std::iter::once(asked)
        .chain(Lang::ALL)
        .find_map(|lang| texts.get_key_value(lang.as_str()))
        .or_else(|| texts.first_key_value())
        .map(|(lang, text)| (lang.as_str(), text.as_str()))
}

/// Whether a character steers the direction of the text around it (UAX 9).
#[must_use]
pub const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What a text may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextRule {
    /// Most characters.
    pub(crate) max: usize,
    /// One line, no bidirectional controls.
    pub(crate) name: bool,
    /// At least one language.
    pub(crate) required: bool,
}

impl TextRule {
    /// A title or name.
    pub(crate) const NAME: Self = Self { max: 200, name: true, required: false };
    /// A paragraph or several.
    pub(crate) const PROSE: Self = Self { max: 4000, name: false, required: false };

    /// The same, and not to be left out.
    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// A rule that a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFault {
    Empty,
    TooLong { found: usize },
    NotNfc,
    Bidi { found: char },
    Control { found: char },
}

/// Every rule that a text breaks.
pub(crate) fn faults(text: &str, rule: TextRule) -> Vec<TextFault> {
    if text.trim().is_empty() {
        return vec![TextFault::Empty];
    }
    // One pass: every text of every record comes by here, at the hub and at each node.
    let (mut length, mut bidi, mut control) = (0, None, None);
    for c in text.chars() {
        length += 1;
        if rule.name && bidi.is_none() && is_bidi_control(c) {
            bidi = Some(TextFault::Bidi { found: c });
        }
        if c.is_control() && control.is_none() && (rule.name || !matches!(c, '\n' | '\t')) {
            control = Some(TextFault::Control { found: c });
        }
    }
    let too_long = (length > rule.max).then_some(TextFault::TooLong { found: length });
    let not_nfc = (!text.is_ascii() && !is_nfc(text)).then_some(TextFault::NotNfc);
    [too_long, not_nfc, bidi, control].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> LanguageMap {
        pairs.iter().map(|(lang, text)| ((*lang).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn falls_back_from_asked_to_arabic_english_french_any() {
        let all = map(&[("ar", "أ"), ("en", "a"), ("fr", "à")]);
        assert_eq!(pick(&all, Lang::Fr), Some(("fr", "à")));
        assert_eq!(pick(&map(&[("en", "a"), ("fr", "à")]), Lang::Ar), Some(("en", "a")));
        assert_eq!(pick(&map(&[("ar", "أ"), ("fr", "à")]), Lang::En), Some(("ar", "أ")));
        assert_eq!(pick(&map(&[("de", "ä")]), Lang::En), Some(("de", "ä")));
        assert_eq!(pick(&map(&[]), Lang::En), None);
    }

    #[test]
    fn names_refuse_what_prose_may_hold() {
        let mixed = "خدمة \u{200F}(beta)\nثانيا";
        assert_eq!(faults(mixed, TextRule::PROSE), []);
        assert_eq!(
            faults(mixed, TextRule::NAME),
            [TextFault::Bidi { found: '\u{200F}' }, TextFault::Control { found: '\n' }]
        );
        assert_eq!(faults("a\u{0}", TextRule::PROSE), [TextFault::Control { found: '\u{0}' }]);
    }

    #[test]
    fn every_fault_of_a_text_is_found() {
        let long_decomposed = format!("e\u{301}{}", "x".repeat(200));
        assert_eq!(faults(&long_decomposed, TextRule::NAME), [TextFault::TooLong { found: 202 }, TextFault::NotNfc]);
        assert_eq!(faults(" \n", TextRule::NAME), [TextFault::Empty]);
    }

    #[test]
    fn all_bidi_controls_of_uax_9_are_known() {
        for c in
            "\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}\u{200E}\u{200F}\u{061C}".chars()
        {
            assert!(is_bidi_control(c), "{c:?}");
        }
        assert!(!is_bidi_control('\u{200D}') && !is_bidi_control('ا'));
    }

    #[test]
    fn languages_round_trip() {
        for lang in Lang::ALL {
            assert_eq!(lang.to_string().parse(), Ok(lang));
        }
        assert!("AR".parse::<Lang>().is_err());
    }
}
