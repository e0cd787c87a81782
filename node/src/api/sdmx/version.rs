//! Versions as queries name them: exact, latest (`~`), latest stable (`+`), all (`*`), each from a minimum on; several by commas.
//!
//! SDMX REST, "Query syntax for specific, latest or all artefact versions". Everything here has the version `1.0`, of which there is one at
//! a time, so a pattern only has to tell whether it finds that one.

use super::refused;
use crate::api::refusal::Refusal;

/// The version of everything that is served.
pub(super) const VERSION: &str = "1.0";
/// The same in numbers.
const NUMBERS: [u32; 2] = [1, 0];

/// Patterns, of which one has to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Versions {
    finds: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    number: u32,
    operator: Option<char>,
}

impl Versions {
    /// Reads patterns.
    ///
    /// # Errors
    /// `SDMX_MALFORMED` where one is none.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = || refused::malformed("version", text, "*, ~, +, 1.0, 1.0.0, 1~.0, 1.0+.0; several by commas");
        let mut finds = false;
        for pattern in text.split(',') {
            finds |= matches(pattern).ok_or_else(malformed)?;
        }
        Ok(Self { finds })
    }

    /// Whether what is served is found.
    pub(super) const fn hold(&self) -> bool {
        self.finds
    }
}

/// Whether a pattern finds `1.0`; none where it is no pattern.
fn matches(pattern: &str) -> Option<bool> {
    match pattern {
        "*" | "~" => return Some(true),
        "+" => return Some(false),
        _ => {}
    }
    let (numbers, extension) = match pattern.split_once('-') {
        Some((numbers, extension)) => (numbers, Some(extension)),
        None => (pattern, None),
    };
    let parts = numbers.split('.').map(part).collect::<Option<Vec<_>>>()?;
    let operated: Vec<_> = parts.iter().enumerate().filter_map(|(at, p)| p.operator.map(|o| (at, o))).collect();
    if let Some(extension) = extension {
        let formed =
            extension.split('.').all(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        return (formed && parts.len() == 3 && operated.is_empty()).then_some(false);
    }
    match (parts.as_slice(), operated.as_slice()) {
        ([_] | [_, _, _], []) | ([_, _, _], [_]) => Some(false),
        ([major, minor], []) => Some([major.number, minor.number] == NUMBERS),
        // Stable versions have three parts.
        ([_, _], [(_, '+')]) => None,
        ([major, minor], [(0, _)]) => Some(NUMBERS >= [major.number, minor.number]),
        ([major, minor], [(_, _)]) => Some(NUMBERS[0] == major.number && NUMBERS[1] >= minor.number),
        _ => None,
    }
}

fn part(text: &str) -> Option<Part> {
    let operator = text.chars().last().filter(|c| "*~+".contains(*c));
    let digits = text.strip_suffix(['*', '~', '+']).unwrap_or(text);
    if digits.is_empty() {
        return operator.map(|_| Part { number: 0, operator });
    }
    let formed =
        digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    let number = if formed { digits.parse().ok()? } else { return None };
    Some(Part { number, operator })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_find_what_the_standard_says() {
        for (text, finds) in [
            ("*", true),
            ("~", true),
            ("1.0", true),
            ("1.~", true),
            ("~.0", true),
            ("0~.0", true),
            ("1~.0", true),
            ("1.0*", true),
            ("2.0,1.0", true),
            ("+,*", true),
            ("+", false),
            ("1.0.0", false),
            ("1.0+.0", false),
            ("+.0.0", false),
            ("2.0", false),
            ("1", false),
            ("1~.1", false),
            ("2~.0", false),
            ("1.1~", false),
            ("1.0.0-draft", false),
            ("1.0.~", false),
        ] {
            assert_eq!(Versions::parse(text).unwrap().hold(), finds, "{text}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "",
            "latest",
            "1.",
            ".0",
            "1.0.0.0",
            "01.0",
            "1~.0~",
            "1.0-draft",
            "1.0,",
            "1.0.0-",
            "9999999999.0",
            "1+.0",
            "١.0",
        ] {
            assert_eq!(Versions::parse(text).unwrap_err().code, "SDMX_MALFORMED", "{text}");
        }
    }
}
