//! What a handler answers, before it goes out.
//!
//! An answer says how fresh it is in its headers and not in its body: so a body that has not changed has the same tag, and a 304
//! says how fresh the body is that the client has. Tags are strong (RFC 9110, section 8.8): SHA-256 over what the body is made
//! of, cut to 16 bytes. In scope: bodies, tags, headers of one answer. Out of scope: what all answers have (`rest`).

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName};
use axum::http::{HeaderValue, Response, StatusCode};
use multaqa_proto::hash::{Hash, hex};
use multaqa_proto::wire::node::Freshness;

/// See the module.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    media: &'static str,
    body: Body,
    tag: Option<Tag>,
    headers: Vec<(HeaderName, HeaderValue)>,
    freshness: Option<Freshness>,
}

/// The strong tag of a representation, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag(String);

impl Tag {
    /// The tag of what is made of these parts and of nothing else.
    #[must_use]
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let lengths: Vec<[u8; 8]> = parts.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
        let parts: Vec<&[u8]> =
            lengths.iter().zip(parts).flat_map(|(length, part)| [length.as_slice(), part]).collect();
        Self(hex(&Hash::of_parts(&parts).to_vec()[..16]))
    }

    /// Whether a list of tags as in `If-None-Match` holds it: by the weak comparison (RFC 9110, section 13.1.2), whatever content
    /// coding it was given with.
    pub(super) fn is_in(&self, list: &str) -> bool {
        let held = |member: &str| {
            let member = member.trim();
            let quoted =
                member.strip_prefix("W/").unwrap_or(member).strip_prefix('"').and_then(|m| m.strip_suffix('"'));
            let bare = quoted.map(|tag| CODINGS.iter().find_map(|coding| tag.strip_suffix(coding)).unwrap_or(tag));
            member == "*" || bare == Some(self.0.as_str())
        };
        list.split(',').any(held)
    }

    /// As a header has it, for a body in this content coding; none for identity.
    pub(super) fn quoted(&self, coding: Option<&str>) -> String {
        let suffix = CODINGS.iter().find(|known| coding.is_some_and(|coding| known[1..] == *coding)).unwrap_or(&"");
        format!("\"{}{suffix}\"", self.0)
    }
}

/// Ends of tags of bodies in a content coding: a strong tag is of the bytes that are sent.
const CODINGS: [&str; 2] = ["-gzip", "-zstd"];

/// The tag of a header for a body in this coding.
pub(super) fn coded(tag: &str, coding: &str) -> Option<String> {
    let bare = tag.strip_prefix('"')?.strip_suffix('"')?;
    let coded = CODINGS.iter().any(|known| bare.ends_with(known));
    (!coded).then(|| Tag(bare.to_owned()).quoted(Some(coding)))
}

impl Answer {
    /// A whole body with its tag, which is a hash of it.
    #[must_use]
    pub(crate) fn of(media: &'static str, body: impl Into<Bytes>, freshness: Option<Freshness>) -> Self {
        let body = body.into();
        let tag = Some(Tag::of(&[media.as_bytes(), &body]));
        Self { tag, ..Self::new(media, Body::from(body), freshness) }
    }

    /// A body that no tag names: it is made anew each time, or is a stream.
    #[must_use]
    pub(crate) fn untagged(media: &'static str, body: impl Into<Body>, freshness: Option<Freshness>) -> Self {
        Self::new(media, body.into(), freshness)
    }

    /// The same with another status.
    #[must_use]
    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same with a header more.
    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    fn new(media: &'static str, body: Body, freshness: Option<Freshness>) -> Self {
        Self { status: StatusCode::OK, media, body, tag: None, headers: Vec::new(), freshness }
    }

    /// The response, 304 where the client's tags hold the answer's; how fresh it is goes along as an extension.
    pub(super) fn into_response(self, none_match: Option<&str>) -> Response<Body> {
        let Self { status, media, body, tag, headers, freshness } = self;
        let held = status == StatusCode::OK && tag.as_ref().zip(none_match).is_some_and(|(tag, list)| tag.is_in(list));
        let unchanged = held || status == StatusCode::NOT_MODIFIED;
        let mut response = Response::new(if unchanged { Body::empty() } else { body });
        *response.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { status };
        if !unchanged && !media.is_empty() {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
        }
        if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag.quoted(None)).ok()) {
            response.headers_mut().insert(ETAG, tag);
        }
        response.headers_mut().extend(headers);
        if let Some(freshness) = freshness {
            response.extensions_mut().insert(freshness);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_whatever_coding_it_was_given_with() {
        let tag = Tag::of(&[b"a", b"b"]);
        assert_ne!(tag, Tag::of(&[b"ab"]));
        let Tag(bare) = tag.clone();
        for list in ["*", &format!("\"{bare}\""), &format!("\"x\" , W/\"{bare}-gzip\""), &tag.quoted(Some("zstd"))] {
            assert!(tag.is_in(list), "{list}");
        }
        for list in ["", "\"x\"", &bare, &format!("\"{bare}-br\"")] {
            assert!(!tag.is_in(list), "{list}");
        }
        assert_eq!(coded(&tag.quoted(None), "gzip"), Some(tag.quoted(Some("gzip"))));
        assert_eq!((coded(&tag.quoted(Some("gzip")), "gzip"), coded("W/\"x\"", "gzip")), (None, None));
    }

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        let answer = || Answer::of("application/json", "{}", None);
        let tag = answer().into_response(None).headers()[ETAG].to_str().unwrap().to_owned();
        let again = answer().into_response(Some(&tag));
        assert_eq!((again.status(), again.headers().contains_key(CONTENT_TYPE)), (StatusCode::NOT_MODIFIED, false));
        assert_eq!(again.headers()[ETAG], tag.as_str());
        assert_eq!(answer().into_response(Some("\"other\"")).status(), StatusCode::OK);
        let made = Answer::untagged("application/json", "{}", None).into_response(Some("*"));
        assert_eq!(made.status(), StatusCode::OK);
    }
}
