//! Keys: a position for each dimension but the time, `*` or nothing for any value, several values by `+`, several keys by commas.
//!
//! What is left out at the end is any value. `+` within a position is what SDMX REST had before 2.0, and still what people type.

use super::component::KEY;
use super::{code, refused};
use crate::api::refusal::Refusal;

/// Keys, of which one has to match; none for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Keys(Vec<Key>);

/// Values by position; none for any.
type Key = Vec<Option<Vec<String>>>;

impl Keys {
    /// Reads keys.
    ///
    /// # Errors
    /// `SDMX_MALFORMED` where one has more positions than there are dimensions, or a value that is no id.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = || {
            refused::malformed(
                "key",
                text,
                "values by dots, * for any, in the order of the dimensions of MULTAQA:FIGURES without TIME_PERIOD",
            )
        };
        let mut keys = Vec::new();
        for key in text.split(',') {
            let positions: Vec<&str> = key.split('.').collect();
            if positions.len() > KEY.len() {
                return Err(malformed());
            }
            let key: Key =
                positions.into_iter().map(|p| position(p).ok_or_else(malformed)).collect::<Result<_, _>>()?;
            keys.push(key);
        }
        if keys.iter().any(|key| key.iter().all(Option::is_none)) {
            keys.clear();
        }
        Ok(Self(keys))
    }

    /// Whether a series, by its values in the order of the dimensions, is wanted.
    pub(super) fn hold(&self, values: &[String]) -> bool {
        self.0.is_empty() || self.0.iter().any(|key| holds(key, values))
    }

    /// Whether any key narrows a position.
    pub(super) fn narrow(&self, position: usize) -> bool {
        self.0.iter().any(|key| key.get(position).is_some_and(Option::is_some))
    }

    /// Takes any value at a position.
    pub(super) fn widen(&mut self, position: usize) {
        for at in self.0.iter_mut().filter_map(|key| key.get_mut(position)) {
            *at = None;
        }
        if self.0.iter().any(|key| key.iter().all(Option::is_none)) {
            self.0.clear();
        }
    }

    /// Each key, values by position; one without positions where all are wanted.
    pub(super) fn each(&self) -> Vec<&[Option<Vec<String>>]> {
        if self.0.is_empty() { vec![&[]] } else { self.0.iter().map(Vec::as_slice).collect() }
    }

    /// All values that a position may have; none for any.
    pub(super) fn at(&self, position: usize) -> Option<Vec<&str>> {
        let each = self.0.iter().map(|key| key.get(position).and_then(Option::as_deref));
        let all = each.collect::<Option<Vec<&[String]>>>().filter(|all| !all.is_empty())?;
        Some(all.into_iter().flatten().map(String::as_str).collect())
    }
}

fn holds(key: &Key, values: &[String]) -> bool {
    key.iter().zip(values).all(|(wanted, value)| wanted.as_ref().is_none_or(|wanted| wanted.contains(value)))
}

/// Values of a position, none inside for any; none where one is no id.
#[expect(clippy::option_option, reason = "the outer says whether it is one, the inner whether it narrows")]
fn position(text: &str) -> Option<Option<Vec<String>>> {
    if text.is_empty() || text == "*" {
        return Some(None);
    }
    let values: Vec<&str> = text.split('+').collect();
    values.iter().all(|value| code::is_id(value)).then(|| Some(values.into_iter().map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn keys_narrow_by_position() {
        let jordan = series("A.EGDI.JO._T._T._T._T.x-escwa");
        for (key, holds) in [
            ("*", true),
            ("", true),
            ("A", true),
            ("A.EGDI.JO", true),
            ("*.*.JO", true),
            ("..JO", true),
            ("A.EGDI.EG+JO", true),
            ("Q,A.EGDI", true),
            ("A.EGDI.JO._T._T._T._T.x-escwa", true),
            ("Q", false),
            ("A.EGDI.EG", false),
            ("A.GTMI,Q", false),
        ] {
            assert_eq!(Keys::parse(key).unwrap().hold(&jordan), holds, "{key}");
        }
        assert_eq!(Keys::parse("A.EGDI.EG+JO,*.*.SA").unwrap().at(2), Some(vec!["EG", "JO", "SA"]));
        assert_eq!(Keys::parse("A.EGDI.EG,A").unwrap().at(2), None);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for key in ["A.B.C.D.E.F.G.H.I", "A.EG DI", "A.++", "A.é", "A.*B", "A/B"] {
            assert_eq!(Keys::parse(key).unwrap_err().code, "SDMX_MALFORMED", "{key}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_key_or_refused(text in ".{0,60}") {
            if let Ok(keys) = Keys::parse(&text) {
                let _ = keys.hold(&series("A.EGDI.JO._T._T._T._T.x-escwa"));
            }
        }
        #[test]
        fn a_key_of_a_series_finds_it(values in prop::collection::vec("[A-Za-z0-9_@$-]{1,6}", 8)) {
            prop_assert!(Keys::parse(&values.join(".")).unwrap().hold(&values));
        }
    }
}
