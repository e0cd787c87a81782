//! Versions as queries name them: exact, latest (`~`), latest stable (`+`), all (`*`), each from a minimum on; several by commas.
//!
//! SDMX REST, "Query syntax for specific, latest or all artefact versions". Of every artefact there is one version at a time, so a pattern
//! only has to tell whether it finds that one. `latest`, which SDMX REST had before 2.0 for `~`, is still taken; `1+` and `1.0+`, in which
//! the parts of a stable version are left out, mean `1+.0.0` and `1.0+.0`.

use super::refused;
use crate::api::refusal::Refusal;

/// The version of what comes with the program, and of the dataflows over it: stable, since components, their order and the meaning of a code
/// never change under it. Its code lists take up codes as the log brings them.
pub(super) const VERSION: &str = "1.0.0";
/// The version that SDMX gives to schemes of organisations, which are never stable.
pub(super) const UNVERSIONED: &str = "1.0";

/// Patterns, of which one has to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Versions(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// `*`, `~`.
    Any,
    /// `+`.
    Stable,
    Exact(Vec<u32>),
    /// One with an extension, of which there is none here.
    Extended,
    From(From),
}

/// From a minimum on, of so many parts; those before the one with the operator are exact.
#[derive(Debug, Clone, PartialEq, Eq)]
struct From {
    least: Vec<u32>,
    at: usize,
    stable: bool,
}

impl Versions {
    /// Reads patterns.
    ///
    /// # Errors
    /// `SDMX_MALFORMED` where one is none.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed =
            || refused::malformed("version", text, "*, ~, +, 1.0.0, 1.0+.0, 1+.0.0, 1~.0.0; several by commas");
        text.split(',').map(pattern).collect::<Option<_>>().map(Self).ok_or_else(malformed)
    }

    /// Whether a version is found.
    pub(super) fn hold(&self, version: &str) -> bool {
        let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
        self.0.iter().any(|pattern| pattern.finds(&parts))
    }
}

impl Pattern {
    fn finds(&self, version: &[u32]) -> bool {
        match self {
            Self::Any => true,
            Self::Stable => is_stable(version),
            Self::Exact(parts) => parts == version,
            Self::Extended => false,
            Self::From(From { least, at, stable }) => {
                version.len() == least.len()
                    && (!stable || is_stable(version))
                    && version[..*at] == least[..*at]
                    && version[*at..] >= least[*at..]
            }
        }
    }
}

/// Whether a version is stable: semantic, and not of initial modelling.
fn is_stable(version: &[u32]) -> bool {
    matches!(version, [1..=u32::MAX, _, _])
}

fn pattern(text: &str) -> Option<Pattern> {
    match text {
        "*" | "~" | "latest" => return Some(Pattern::Any),
        "+" => return Some(Pattern::Stable),
        _ => {}
    }
    let (numbers, extension) = match text.split_once('-') {
        Some((numbers, extension)) => (numbers, Some(extension)),
        None => (text, None),
    };
    let parts = numbers.split('.').map(part).collect::<Option<Vec<_>>>()?;
    let mut operated = parts.iter().enumerate().filter_map(|(at, (_, operator))| operator.map(|o| (at, o)));
    let (first, second) = (operated.next(), operated.next());
    let mut least: Vec<u32> = parts.iter().map(|(number, _)| *number).collect();
    if least.len() > 3 || second.is_some() {
        return None;
    }
    if let Some(extension) = extension {
        let formed =
            extension.split('.').all(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        return (formed && least.len() == 3 && first.is_none()).then_some(Pattern::Extended);
    }
    let Some((at, operator)) = first else { return Some(Pattern::Exact(least)) };
    let stable = operator == '+';
    if stable {
        least.resize(3, 0);
    }
    Some(Pattern::From(From { least, at, stable }))
}

/// A part: a number, an operator, or both.
fn part(text: &str) -> Option<(u32, Option<char>)> {
    let operator = text.chars().last().filter(|c| "*~+".contains(*c));
    let digits = text.strip_suffix(['*', '~', '+']).unwrap_or(text);
    if digits.is_empty() {
        return operator.map(|_| (0, operator));
    }
    let formed =
        digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    let number = if formed { digits.parse().ok()? } else { return None };
    Some((number, operator))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_find_what_the_standard_says() {
        for (text, stable, revised, unversioned) in [
            ("*", true, true, true),
            ("~", true, true, true),
            ("latest", true, true, true),
            ("+", true, true, false),
            ("+.0.0", true, true, false),
            ("1+.0.0", true, true, false),
            ("1+.0", true, true, false),
            ("1+", true, true, false),
            ("1.+.0", true, false, false),
            ("1.0+.0", true, false, false),
            ("1.0+", true, false, false),
            ("1.0.0+", true, false, false),
            ("1.0.+", true, false, false),
            ("2+.1.0", false, true, false),
            ("3.1+.0", false, true, false),
            ("1.1+.0", false, false, false),
            ("1.0.0", true, false, false),
            ("1.0", false, false, true),
            ("1", false, false, false),
            ("~.0", false, false, true),
            ("1.~", false, false, true),
            ("0~.0", false, false, true),
            ("1.0*", false, false, true),
            ("~.0.0", true, true, false),
            ("1~.0.0", true, true, false),
            ("1.*.0", true, false, false),
            ("1.0.~", true, false, false),
            ("2*.0.0", false, true, false),
            ("1.1~", false, false, false),
            ("1.0.0-draft", false, false, false),
            ("2.0,1.0", false, false, true),
            ("1.0,+", true, true, true),
        ] {
            let versions = Versions::parse(text).unwrap();
            let found = [VERSION, "3.2.0", UNVERSIONED].map(|version| versions.hold(version));
            assert_eq!(found, [stable, revised, unversioned], "{text}");
        }
    }

    #[test]
    fn initial_modelling_is_not_stable() {
        assert!(!Versions::parse("+,0+.1.0").unwrap().hold("0.1.0"));
        assert!(Versions::parse("0~.1.0").unwrap().hold("0.1.0"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "",
            "newest",
            "1.",
            ".0",
            "1.0.0.0",
            "01.0",
            "1~.0~",
            "1+.0+.0",
            "1.0-draft",
            "1.0,",
            "1.0.0-",
            "9999999999.0",
            "١.0",
        ] {
            assert_eq!(Versions::parse(text).unwrap_err().code, "SDMX_MALFORMED", "{text}");
        }
    }
}
