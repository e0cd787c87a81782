//! What a client would rather have, as RFC 9110, section 12, lets it say: languages and media types with weights.
//!
//! Pure. What cannot be read is passed over, as a preference is no demand. Out of scope: content codings (tower-http).

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderName};
use multaqa_proto::text::Lang;

/// Most members of a list that are looked at.
const LISTED: usize = 32;

/// The language of ours that is liked best (section 12.5.4, RFC 4647 look-up by the first subtag); English where none is.
#[must_use]
pub(crate) fn language(headers: &HeaderMap) -> Lang {
    let ranges: Vec<(String, u16)> = list(headers, &ACCEPT_LANGUAGE);
    let first = |range: &str| range.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let mut best: Option<(u16, Lang)> = None;
    for (range, weight) in &ranges {
        let lang = match first(range).as_str() {
            // Whatever there is; among equals the network's usual language of programs.
            "*" => Some(Lang::En),
            tag => tag.parse().ok(),
        };
        if let Some(lang) = lang
            && *weight > 0
            && best.is_none_or(|(known, _)| *weight > known)
        {
            best = Some((*weight, lang));
        }
    }
    best.map_or(Lang::En, |(_, lang)| lang)
}

/// Which of the media types on offer is liked best; the first among equals, and none where none is acceptable (section 12.5.1).
#[must_use]
pub(crate) fn media<'o>(headers: &HeaderMap, offered: &[&'o str]) -> Option<&'o str> {
    let ranges = list(headers, &ACCEPT);
    if ranges.is_empty() {
        return offered.first().copied();
    }
    let liked = offered.iter().map(|media| (weight(media, &ranges), *media)).filter(|(weight, _)| *weight > 0);
    // Of equals `max_by_key` gives the last.
    liked.rev().max_by_key(|(weight, _)| *weight).map(|(_, media)| media)
}

/// The weight of a type by the most specific range that holds it.
fn weight(media: &str, ranges: &[(String, u16)]) -> u16 {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (media, kind) = (essence(media), media.split('/').next().unwrap_or_default().to_ascii_lowercase());
    let rank = |range: &str| match essence(range) {
        range if range == media => 3,
        range if range == format!("{kind}/*") => 2,
        range if range == "*/*" => 1,
        _ => 0,
    };
    let best = ranges.iter().map(|(range, weight)| (rank(range), *weight)).filter(|(rank, _)| *rank > 0);
    best.max_by_key(|(rank, _)| *rank).map_or(0, |(_, weight)| weight)
}

/// The members of a header's lists with their weights in thousandths, in their order.
fn list(headers: &HeaderMap, name: &HeaderName) -> Vec<(String, u16)> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let members = values.flat_map(|value| value.split(',')).map(str::trim).filter(|member| !member.is_empty());
    members.take(LISTED).filter_map(member).collect()
}

fn member(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?.to_owned();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((range, weight.map_or(Some(1000), thousandths)?))
}

/// A weight: `0` to `1` with at most three digits (section 12.4.2).
fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    if digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{digits:0<3}").parse().ok()?;
    Some((whole * 1000 + part).min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        [(name, value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn the_language_with_the_most_weight_is_spoken() {
        let asked = |value: &str| language(&headers(ACCEPT_LANGUAGE, value));
        assert_eq!(asked("de-AT, ar-JO;q=0.8, en"), Lang::En);
        assert_eq!(asked("ar-JO, en;q=0.9"), Lang::Ar);
        assert_eq!(asked("en;q=0.2, FR-ma;q=0.7, ar;q=0.699"), Lang::Fr);
        assert_eq!(asked("fr;q=0, ar;q=0.001"), Lang::Ar);
        assert_eq!(asked("fr;q=x, ar;q=0.5, *;q=0.1"), Lang::Ar);
        assert_eq!([asked("*"), asked(""), asked(";;,,"), language(&HeaderMap::new())], [Lang::En; 4]);
    }

    #[test]
    fn the_media_type_is_the_one_that_is_liked_best_and_offered() {
        const OFFERED: &[&str] = &["application/json", "text/csv", "application/atom+xml"];
        let asked = |value: &str| media(&headers(ACCEPT, value), OFFERED);
        assert_eq!(media(&HeaderMap::new(), OFFERED), Some("application/json"));
        assert_eq!(asked("*/*"), Some("application/json"));
        assert_eq!(asked("text/html, text/*;q=0.5, */*;q=0.1"), Some("text/csv"));
        assert_eq!(asked("application/json;q=0.1, application/*"), Some("application/atom+xml"));
        assert_eq!(asked("Text/CSV; charset=utf-8"), Some("text/csv"));
        assert_eq!((asked("image/png"), asked("application/json;q=0")), (None, None));
    }
}
