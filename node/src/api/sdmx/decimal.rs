//! Decimals as they are published, compared as numbers without being made into any.

use std::cmp::Ordering;

/// A decimal by its digits, without zeros that say nothing.
pub(super) struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

/// The decimal that a text is; none where it is none.
pub(super) fn decimal(text: &str) -> Option<Decimal<'_>> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let formed = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !formed(whole) || !formed(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    Some(Decimal { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction })
}

impl Decimal<'_> {
    /// Which of the two is greater.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let sizes = || {
            let wholes = self.whole.len().cmp(&other.whole.len()).then(self.whole.cmp(other.whole));
            wholes.then(self.fraction.cmp(other.fraction))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => sizes(),
            (true, true) => sizes().reverse(),
        }
    }
}

/// Which of two texts is the greater decimal; none where one is none.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(decimal(a)?.compare(&decimal(b)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decimals_compare_as_numbers(a in -99_999_i64..99_999, b in -99_999_i64..99_999) {
            let text = |n: i64| format!("{}{}.{:02}0", if n < 0 { "-" } else { "" }, n.abs() / 100, n.abs() % 100);
            let (left, right) = (text(a), text(b));
            prop_assert_eq!(decimal(&left).unwrap().compare(&decimal(&right).unwrap()), a.cmp(&b));
        }
    }
}
