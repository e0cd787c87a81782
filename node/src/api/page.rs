//! Paging: bounded pages, opaque tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::refusal::Refusal;
use crate::code;

/// The size of a page: what was asked for, within bounds; 0 means `usual`.
pub(super) fn size(asked: u32, usual: u32, max: u32) -> u32 {
    if asked == 0 { usual } else { asked.min(max) }
}

/// The token that stands for the place where a page ended.
pub(super) fn token(place: Option<impl ToString>) -> String {
    place.map(|place| URL_SAFE_NO_PAD.encode(place.to_string())).unwrap_or_default()
}

/// The place that a token stands for; none for the first page.
///
/// # Errors
/// `PAGE_TOKEN_BAD` where no answer gave it.
pub(super) fn place<T: std::str::FromStr>(token: &str) -> Result<Option<T>, Refusal> {
    if token.is_empty() {
        return Ok(None);
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let place = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).and_then(|text| text.parse().ok());
    let bad = || Refusal::new(code::PAGE_TOKEN_BAD, [("value", token.to_owned())]);
    place.map(Some).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_lead_back_to_their_place() {
        assert_eq!(place::<String>(&token(Some("JO:service:sanad"))).unwrap().as_deref(), Some("JO:service:sanad"));
        assert_eq!(place::<i64>(&token(Some(42))).unwrap(), Some(42));
        assert_eq!(place::<i64>(&token(None::<i64>)).unwrap(), None);
        for wrong in ["*", "JO:service:sanad", &token(Some("x"))] {
            assert_eq!(place::<i64>(wrong).unwrap_err().code, code::PAGE_TOKEN_BAD, "{wrong}");
        }
    }

    #[test]
    fn pages_are_bounded() {
        assert_eq!([0, 7, 9_999].map(|asked| size(asked, 50, 500)), [50, 7, 500]);
    }
}
