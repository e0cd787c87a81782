//! Paging (AIP-158): bounded pages, and tokens that are bound to their query.
//!
//! A token says where a page ended, and is authenticated together with the method and the whole request but for what may differ
//! from page to page: the token itself, `page_size` and `min_position`. So nobody makes one, changes one or takes one to another
//! query: whatever no answer to the same query gave is refused alike. The key is random and ends with the process; whoever is in
//! the middle of a list then begins again. A token holds nothing that the page before did not show.
//!
//! The same key binds the tags of pages over HTTP (`Tagging`) to their query: what a page shows is named by the entries that it is
//! from, so a page that a client has is known without reading its payloads, and a tag lives as long as the process, whose rendering
//! of an entry cannot change.
//!
//! Layout of a token, in base64url without padding: the place as text, then HMAC-SHA-256 (RFC 2104) over what it is bound to, cut to 16 bytes.

use std::str::FromStr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message;

use super::refusal::Refusal;
use crate::code;

/// Bytes of the authentication.
const TAG: usize = 16;
/// Longest token that is looked at, characters.
const TOKEN_MAX: usize = 2_048;
/// What a refusal repeats of a token, characters.
const SHOWN_MAX: usize = 80;

/// What binds tokens. Clones are the same key.
#[derive(Clone)]
pub struct PageKey(Key);

impl std::fmt::Debug for PageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageKey(..)")
    }
}

impl PageKey {
    /// The key from random bytes.
    #[must_use]
    pub fn new(random: &[u8; 32]) -> Self {
        Self(Key::new(HMAC_SHA256, random))
    }

    /// The pages of a query to a method. Of `query`, the fields that may differ from page to page have to be cleared; it may have
    /// no maps, which have no order.
    pub(crate) fn of(&self, method: &str, query: &impl Message) -> Pages {
        let mut bound = Context::with_key(&self.0);
        bound.update(&(method.len() as u64).to_be_bytes());
        bound.update(method.as_bytes());
        let query = query.encode_to_vec();
        bound.update(&(query.len() as u64).to_be_bytes());
        bound.update(&query);
        Pages { bound }
    }
}

/// See [`PageKey::of`].
pub(crate) struct Pages {
    bound: Context,
}

impl Pages {
    /// The token that stands for the place where a page ended; empty after the last.
    pub(crate) fn token(&self, place: Option<impl ToString>) -> String {
        let Some(place) = place else { return String::new() };
        let mut bytes = place.to_string().into_bytes();
        let tag = self.tag(&bytes);
        bytes.extend(tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place that a token stands for; none for the first page.
    ///
    /// # Errors
    /// `PAGE_TOKEN_BAD` where no answer to this query gave it.
    pub(crate) fn place<T: FromStr>(&self, token: &str) -> Result<Option<T>, Refusal> {
        if token.is_empty() {
            return Ok(None);
        }
        self.read(token).map(Some).ok_or_else(|| {
            let shown = token.chars().take(SHOWN_MAX).collect();
            Refusal::new(code::PAGE_TOKEN_BAD, [("value", shown)])
        })
    }

    /// What names a page of this query.
    pub(crate) fn tagging(&self) -> Tagging {
        let mut bound = self.bound.clone();
        // No place begins like this: places are text.
        bound.update(&[0xff]);
        Tagging { bound }
    }

    fn read<T: FromStr>(&self, token: &str) -> Option<T> {
        let bytes = URL_SAFE_NO_PAD.decode(Some(token).filter(|token| token.len() <= TOKEN_MAX)?).ok()?;
        let (place, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG)?)?;
        verify_slices_are_equal(&self.tag(place), tag).ok()?;
        std::str::from_utf8(place).ok()?.parse().ok()
    }

    fn tag(&self, place: &[u8]) -> Vec<u8> {
        let mut bound = self.bound.clone();
        bound.update(place);
        bound.sign().as_ref().iter().copied().take(TAG).collect()
    }
}

/// The tag of a page in the making.
pub(crate) struct Tagging {
    bound: Context,
}

impl Tagging {
    /// Takes a part of what the page is made of.
    pub(crate) fn add(&mut self, part: &[u8]) {
        self.bound.update(&(part.len() as u64).to_be_bytes());
        self.bound.update(part);
    }

    /// The tag, which stands for these parts in this order and for nothing else.
    pub(crate) fn tag(self) -> [u8; TAG] {
        let signed = self.bound.sign();
        std::array::from_fn(|place| signed.as_ref().get(place).copied().unwrap_or_default())
    }
}

/// The size of a page: what was asked for, within bounds; 0 means `usual`.
pub(crate) fn size(asked: u32, usual: u32, max: u32) -> u32 {
    if asked == 0 { usual } else { asked.min(max) }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::wire::node::{HistoryRequest, ListRequest};
    use proptest::prelude::*;

    use super::*;

    fn key(n: u8) -> PageKey {
        PageKey::new(&[n; 32])
    }

    fn list(kind: &str) -> ListRequest {
        ListRequest { kind: kind.to_owned(), ..ListRequest::default() }
    }

    #[test]
    fn tokens_lead_back_to_their_place() {
        let pages = key(1).of("List", &list("service"));
        let token = pages.token(Some("JO:service:sanad"));
        assert_eq!(pages.place::<String>(&token).unwrap().as_deref(), Some("JO:service:sanad"));
        assert_eq!(pages.place::<i64>(&pages.token(Some(42))).unwrap(), Some(42));
        assert_eq!(pages.place::<i64>(&pages.token(None::<i64>)).unwrap(), None);
        for wrong in ["*", "JO:service:sanad", "A", &"A".repeat(1 << 20), &pages.token(Some("x"))] {
            assert_eq!(pages.place::<i64>(wrong).unwrap_err().code, code::PAGE_TOKEN_BAD, "{wrong:.80}");
        }
    }

    #[test]
    fn a_token_is_of_its_query_its_method_and_its_node_alone() {
        let query = list("service");
        let token = key(1).of("List", &query).token(Some("JO:service:sanad"));
        let payloads = ListRequest { payloads: true, ..query.clone() };
        let history = HistoryRequest { id: "service".to_owned(), ..HistoryRequest::default() };
        for other in [
            key(2).of("List", &query),
            key(1).of("Search", &query),
            key(1).of("List", &list("dataset")),
            key(1).of("List", &list("")),
            key(1).of("List", &payloads),
            key(1).of("History", &history),
        ] {
            assert_eq!(other.place::<String>(&token).unwrap_err().code, code::PAGE_TOKEN_BAD);
        }
    }

    proptest! {
        #[test]
        fn an_altered_token_is_refused(place in "[ -~]{0,80}", at in any::<prop::sample::Index>(), to in any::<char>()) {
            let pages = key(1).of("List", &list("service"));
            let token = pages.token(Some(&place));
            let mut altered: Vec<char> = token.chars().collect();
            let at = at.index(altered.len());
            prop_assume!(altered[at] != to);
            altered[at] = to;
            let altered: String = altered.into_iter().collect();
            prop_assert!(pages.place::<String>(&altered).is_err());
            prop_assert!(pages.place::<String>(&token[..at]).is_err() || at == 0);
            let longer = format!("{token}{to}");
            prop_assert!(pages.place::<String>(&longer).is_err());
            prop_assert_eq!(pages.place::<String>(&token).unwrap(), Some(place));
        }

        #[test]
        fn no_text_is_a_token_by_chance(text in ".{1,200}") {
            let pages = key(1).of("List", &list("service"));
            prop_assert!(pages.place::<String>(&text).is_err());
            prop_assert!(pages.place::<u64>(&URL_SAFE_NO_PAD.encode(&text)).is_err());
        }
    }

    #[test]
    fn a_tag_is_of_its_query_and_its_parts() {
        let tag = |pages: &Pages, parts: &[&[u8]]| {
            let mut tagging = pages.tagging();
            for part in parts {
                tagging.add(part);
            }
            tagging.tag()
        };
        let pages = key(1).of("List", &list("service"));
        let whole = tag(&pages, &[b"ab", b"c"]);
        assert_eq!(whole, tag(&pages, &[b"ab", b"c"]));
        for other in [&[b"ab".as_slice()][..], &[b"a", b"bc"], &[b"abc"], &[b"c", b"ab"], &[b"ab", b"c", b""], &[]] {
            assert_ne!(whole, tag(&pages, other), "{other:?}");
        }
        assert_ne!(whole, tag(&key(1).of("List", &list("dataset")), &[b"ab", b"c"]));
        assert_ne!(whole, tag(&key(2).of("List", &list("service")), &[b"ab", b"c"]));
    }

    #[test]
    fn pages_are_bounded() {
        assert_eq!([0, 7, 9_999].map(|asked| size(asked, 50, 500)), [50, 7, 500]);
    }
}
