//! The path and the query string of a request, taken apart: percent-decoding, parameters each once, lists of ids.
//!
//! `+` is itself, not a space: SDMX gives it a meaning, and its clients send it both as it is and encoded.

use super::refused;
use crate::api::refusal::Refusal;

/// Ids of a path's part; none for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ids(Option<Vec<String>>);

/// The parts of a path, decoded; slashes at its end count for nothing.
///
/// # Errors
/// `SDMX_MALFORMED` where a part cannot be decoded or is empty.
pub(super) fn parts(path: &str) -> Result<Vec<String>, Refusal> {
    let path = path.trim_matches('/');
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let malformed = || refused::malformed("path", path, "parts by single slashes, percent-encoded UTF-8");
    path.split('/').map(|part| decoded(part).filter(|part| !part.is_empty()).ok_or_else(malformed)).collect()
}

/// The parameters of a query string, decoded, in their order.
///
/// # Errors
/// `SDMX_MALFORMED` where one cannot be decoded.
pub(super) fn parameters(query: &str) -> Result<Vec<(String, String)>, Refusal> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let both = decoded(name).zip(decoded(value));
            both.ok_or_else(|| refused::malformed("query", pair, "percent-encoded UTF-8"))
        })
        .collect()
}

/// Decodes `%XX` (RFC 3986, section 2.1); none where it is not UTF-8 or a `%` stands alone.
fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let digits = after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

impl Ids {
    /// All.
    pub(super) const ALL: Self = Self(None);

    /// Reads ids by commas, `*` for all.
    ///
    /// # Errors
    /// `SDMX_MALFORMED` where one has not the form.
    pub(super) fn parse(name: &str, text: &str, is_one: fn(&str) -> bool) -> Result<Self, Refusal> {
        let ids: Vec<String> = text.split(',').map(str::to_owned).collect();
        if !ids.iter().all(|id| id == "*" || is_one(id)) {
            return Err(refused::malformed(name, text, "ids by commas, or * for all"));
        }
        Ok(Self(Some(ids).filter(|ids| !ids.iter().any(|id| id == "*"))))
    }

    /// These.
    pub(super) fn these(ids: impl Iterator<Item = String>) -> Self {
        Self(Some(ids.collect()))
    }

    /// Whether an id is among them.
    pub(super) fn hold(&self, id: &str) -> bool {
        self.0.as_ref().is_none_or(|ids| ids.iter().any(|known| known == id))
    }

    /// Whether they are all.
    pub(super) const fn are_all(&self) -> bool {
        self.0.is_none()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_and_queries_are_decoded() {
        assert_eq!(
            parts("/data/dataflow/x-escwa/egdi/%2A/A.EG%2BJO//").unwrap(),
            ["data", "dataflow", "x-escwa", "egdi", "*", "A.EG+JO"]
        );
        assert_eq!(parts("/").unwrap(), [""; 0]);
        let found = parameters("c%5BTIME_PERIOD%5D=ge%3A2018+le%3A2024&&labels").unwrap();
        assert_eq!(found, [("c[TIME_PERIOD]".into(), "ge:2018+le:2024".into()), ("labels".into(), String::new())]);
        for path in ["a//b", "%", "%2", "%zz", "%ff", "a/%2x", "%+1"] {
            assert_eq!(parts(path).unwrap_err().code, "SDMX_MALFORMED", "{path}");
        }
    }

    #[test]
    fn ids_are_a_list_or_all() {
        let ids = Ids::parse("resourceID", "a,b", super::super::code::is_id).unwrap();
        assert!(ids.hold("a") && !ids.hold("c") && !ids.are_all());
        assert!(Ids::parse("resourceID", "a,*", super::super::code::is_id).unwrap().are_all());
        assert!(Ids::parse("resourceID", "a,", super::super::code::is_id).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart_or_refused(path in ".{0,40}", query in ".{0,40}") {
            let _ = (parts(&path), parameters(&query));
        }
    }
}
