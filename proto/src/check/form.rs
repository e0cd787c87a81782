//! Forms of single values: decimals, dates, periods, durations, addresses, codes.
//!
//! In scope: whether a text has the form, and decimals exactly. Out of scope: where they occur (`kind`).

use std::cmp::Ordering;

/// An exact decimal: at most 18 digits before and 18 after the point, no exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    /// Value in units of 10^-18.
    scaled: i128,
}

const DIGITS: usize = 18;
const SCALE: i128 = 1_000_000_000_000_000_000;

impl Decimal {
    /// Parses `-?digits[.digits]`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |s: &str| s.len() <= DIGITS && s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let fraction: i128 = format!("{fraction:0<DIGITS$}").parse().ok()?;
        Some(Self { scaled: sign * (whole.parse::<i128>().ok()? * SCALE + fraction) })
    }
}

impl From<u32> for Decimal {
    fn from(n: u32) -> Self {
        Self { scaled: i128::from(n) * SCALE }
    }
}
impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.scaled.cmp(&other.scaled)
    }
}

/// A code as records carry it: 1 to 64 of A-Z, a-z, 0-9 and `. _ - + / :`.
pub(crate) fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+/:".contains(&b))
}

/// A Gregorian date: YYYY, YYYY-MM or YYYY-MM-DD.
pub(crate) fn is_date(text: &str) -> bool {
    match text.len() {
        4 => is_year(text),
        7 => is_month(text),
        10 => is_day(text),
        _ => false,
    }
}

/// An SDMX time period: YYYY, YYYY-A1, YYYY-S1.., YYYY-T1.., YYYY-Q1.., YYYY-M01.., YYYY-MM, YYYY-W01.., YYYY-D001..,
/// YYYY-MM-DD.
pub(crate) fn is_period(text: &str) -> bool {
    if is_date(text) {
        return true;
    }
    let Some((year, part)) = text.split_once('-') else { return false };
    let bounds = match part.as_bytes().first() {
        Some(b'A') => (1, 1),
        Some(b'S') => (1, 2),
        Some(b'T') => (1, 3),
        Some(b'Q') => (1, 4),
        Some(b'M') => (2, 12),
        Some(b'W') => (2, 53),
        Some(b'D') => (3, 366),
        _ => return false,
    };
    is_year(year) && numbered(&part[1..], bounds.0, 1..=bounds.1)
}

/// An ISO 8601 duration: `P3D`, `PT15M`.
pub(crate) fn is_duration(text: &str) -> bool {
    text.starts_with('P')
        && text.len() <= 32
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'.')
        && text.parse::<jiff::Span>().is_ok()
}

/// An http or https address, without user information, in ASCII as RFC 3986 has it (other letters percent-encoded).
pub(crate) fn is_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    text.len() <= 2000
        && !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:[]".contains(&b))
        && rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
}

/// An electronic mail address, as far as its form tells.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let labels =
        domain.split('.').filter(|l| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b))
        && domain.contains('.')
        && labels.count() == domain.split('.').count()
}

/// A telephone number, E.164.
pub(crate) fn is_telephone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|d| (6..=15).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()))
}

/// An area: ISO 3166-1 alpha-2, M49 (three digits) or `x-<slug>`.
pub(crate) fn is_area(text: &str) -> bool {
    text.parse::<crate::id::MemberCode>().is_ok() || (text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()))
}

/// A language tag (BCP 47), as far as its form tells.
pub(crate) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next().is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_lowercase()))
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// An SDG target: `16.6`, `17.a`.
pub(crate) fn is_sdg_target(text: &str) -> bool {
    let Some((goal, target)) = text.split_once('.') else { return false };
    goal.parse::<u8>().is_ok_and(|goal| (1..=17).contains(&goal) && !text.starts_with(['0', '+']))
        && (1..=2).contains(&target.len())
        && target.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

/// A currency, ISO 4217.
pub(crate) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

fn is_year(text: &str) -> bool {
    numbered(text, 4, 1..=9999)
}

fn is_month(text: &str) -> bool {
    text.split_once('-').is_some_and(|(year, month)| is_year(year) && numbered(month, 2, 1..=12))
}

fn is_day(text: &str) -> bool {
    // jiff also reads other spellings of ISO 8601.
    let spelled = text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    spelled && text.parse::<jiff::civil::Date>().is_ok()
}

fn numbered(text: &str, digits: usize, bounds: std::ops::RangeInclusive<u16>) -> bool {
    text.len() == digits
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.parse::<u16>().is_ok_and(|n| bounds.contains(&n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(ok: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(ok(text), "{text:?} has the form");
        }
        for text in bad {
            assert!(!ok(text), "{text:?} has not the form");
        }
    }

    #[test]
    fn decimals_are_exact() {
        let parse = |s| Decimal::parse(s).unwrap();
        assert_eq!(parse("0.750"), parse("0.75"));
        assert!(parse("-0.000000000000000001") < parse("0"));
        assert!(parse("999999999999999999.999999999999999999") > parse("999999999999999999"));
        for bad in ["", "-", ".5", "5.", "1e3", "+1", "1,5", "٣", "1.2.3", "--1", "1234567890123456789", " 1"] {
            assert!(Decimal::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn dates_and_periods_are_of_the_calendar() {
        accepts(
            is_date,
            &["2024", "2024-05", "2024-02-29"],
            &["24", "2023-02-29", "2024-13", "2024-5-1", "2024-05-31T"],
        );
        accepts(
            is_period,
            &["2024", "2024-A1", "2024-S2", "2024-T3", "2024-Q4", "2024-M12", "2024-W53", "2024-D366", "2024-05"],
            &["2024-Q5", "2024-Q0", "2024-W1", "2024-W54", "2024Q1", "2024-Q1-", "2024-", "20240531", "2024-Mé"],
        );
        accepts(is_duration, &["P3D", "PT15M", "P1Y2M"], &["3D", "P", "P3d", "3 days", "P3D ago", "-P3D"]);
    }

    #[test]
    fn addresses_have_a_scheme_and_a_host() {
        accepts(
            is_url,
            &["https://sanad.gov.jo", "http://a.b:80/x?y=%D8%A3#z", "https://[::1]/"],
            &[
                "sanad.gov.jo",
                "ftp://a",
                "https://",
                "https:///x",
                "https://u@h/",
                "https://a b",
                "javascript:x",
                "https://a/س",
            ],
        );
        accepts(is_email, &["help@modee.gov.jo"], &["help", "@a.b", "a@b", "a b@c.d", "a@b..c", "a@b.c\n"]);
        accepts(is_telephone, &["+96265300222"], &["065300222", "+962 6", "+"]);
    }

    #[test]
    fn codes_keep_to_their_alphabet() {
        accepts(is_code, &["Y15T24", "_T", "04.5", "big-data"], &["", "a b", "أ"]);
        accepts(is_area, &["JO", "400", "x-gcc"], &["JOR", "jo", "4000", ""]);
        accepts(is_language, &["ar", "fr-FR", "zgh"], &["", "Arabic", "a", "ar-"]);
        accepts(is_sdg_target, &["16.6", "17.a", "1.10"], &["16", "18.1", "0.1", "+1.1", "01.2", "16."]);
        accepts(is_currency, &["JOD"], &["JD", "jod"]);
    }
}
