//! What a handler answers, before it goes out.
//!
//! An answer says how fresh it is in its headers and not in its body: so a body that has not changed has the same tag, and a 304
//! says how fresh the body is that the client has. Tags are strong (RFC 9110, section 8.8): of a page, what names the entries that it
//! shows (`api::page`), so that one that the client has is not made again; of any other body SHA-256 over it, cut to 16 bytes. A body
//! in a content coding has a tag of its own, which says the coding at its end. In scope: bodies, tags, headers of one answer. Out of
//! scope: what all answers have (`rest`).

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName};
use axum::http::{HeaderValue, Response, StatusCode};
use multaqa_proto::hash::{Hash, hex};
use multaqa_proto::wire::node::Freshness;
use tokio::sync::OwnedSemaphorePermit;

use crate::port::gate::held;

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

    /// A tag that these bytes are.
    #[must_use]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(hex(bytes))
    }

    /// Whether a list of tags as in `If-None-Match` holds it: by the weak comparison (RFC 9110, section 13.1.2), whatever content
    /// coding it was given with.
    pub(super) fn is_in(&self, list: &str) -> bool {
        self.found_in(list).is_some()
    }

    /// The end of the first tag in such a list that is this one: the content coding that it was given with.
    fn found_in(&self, list: &str) -> Option<&'static str> {
        list.split(',').find_map(|member| {
            let member = member.trim();
            let quoted =
                member.strip_prefix("W/").unwrap_or(member).strip_prefix('"').and_then(|m| m.strip_suffix('"'));
            let coding = quoted.and_then(|tag| tag.strip_prefix(self.0.as_str()));
            let coding = if member == "*" { Some("") } else { coding };
            coding.and_then(|coding| CODINGS.into_iter().chain([""]).find(|known| *known == coding))
        })
    }

    /// As a header has it, for a body in this content coding; none for identity.
    pub(super) fn quoted(&self, coding: Option<&str>) -> String {
        let suffix = CODINGS.iter().find(|known| coding.is_some_and(|coding| known[1..] == *coding)).unwrap_or(&"");
        self.ending(suffix)
    }

    fn ending(&self, suffix: &str) -> String {
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

    /// A whole body that this tag names.
    #[must_use]
    pub(crate) fn tagged(media: &'static str, body: Vec<u8>, tag: Tag, freshness: Option<Freshness>) -> Self {
        Self { tag: Some(tag), ..Self::new(media, Body::from(body), freshness) }
    }

    /// What the client has already, by this tag.
    #[must_use]
    pub(crate) fn unchanged(tag: Tag, freshness: Option<Freshness>) -> Self {
        let status = StatusCode::NOT_MODIFIED;
        Self { tag: Some(tag), status, ..Self::new("", Body::empty(), freshness) }
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

    /// The same, whose body holds a permit until it is sent.
    #[must_use]
    pub(crate) fn holding(self, permit: Option<OwnedSemaphorePermit>) -> Self {
        match permit {
            Some(permit) => Self { body: held(self.body, permit), ..self },
            None => self,
        }
    }

    fn new(media: &'static str, body: Body, freshness: Option<Freshness>) -> Self {
        Self { status: StatusCode::OK, media, body, tag: None, headers: Vec::new(), freshness }
    }

    /// The response, 304 where the client's tags hold the answer's; how fresh it is goes along as an extension.
    pub(super) fn into_response(self, none_match: Option<&str>) -> Response<Body> {
        let Self { status, media, body, tag, headers, freshness } = self;
        let held = tag.as_ref().zip(none_match).and_then(|(tag, list)| tag.found_in(list));
        let held = held.filter(|_| [StatusCode::OK, StatusCode::NOT_MODIFIED].contains(&status));
        let unchanged = held.is_some() || status == StatusCode::NOT_MODIFIED;
        let mut response = Response::new(if unchanged { Body::empty() } else { body });
        *response.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { status };
        if !unchanged && !media.is_empty() {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
        }
        // A cache finds what it holds by the tag that it asked with (RFC 9111, section 4.3.4).
        if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag.ending(held.unwrap_or_default())).ok()) {
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
        let coded = coded(&tag, "gzip").unwrap();
        let again = answer().into_response(Some(&format!("\"x\", W/{coded}, {tag}")));
        assert_eq!((again.status(), &again.headers()[ETAG]), (StatusCode::NOT_MODIFIED, &coded.parse().unwrap()));
        let known = Answer::unchanged(Tag::of(&[b"a"]), None).into_response(None);
        assert_eq!((known.status(), known.headers()[ETAG].len()), (StatusCode::NOT_MODIFIED, 34));
        assert_eq!(answer().into_response(Some("\"other\"")).status(), StatusCode::OK);
        let made = Answer::untagged("application/json", "{}", None).into_response(Some("*"));
        assert_eq!(made.status(), StatusCode::OK);
    }
}
