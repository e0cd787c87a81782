//! Lists of objects: of a kind or of all that the caller may read, with their payloads where those are asked for.
//!
//! Out of scope: the queries (`replica`), tokens (`page`), what is cut of each object (`mask`).

use multaqa_proto::wire::node as wire;
use multaqa_runtime::near::nearest;

use super::mask::{Mask, PAYLOAD};
use super::read::given;
use super::refusal::Refusal;
use super::{Api, caller, json, page};
use crate::clients::authorise::{Allowed, Asked, Caller};
use crate::clients::names_of_kinds;
use crate::code;
use crate::file::NONE_NEAR;
use crate::replica::{ListQuery, Object};

/// The most bytes of payloads that an answer holds; a page ends early where there are more.
const PAYLOADS_MAX: usize = 8 * 1024 * 1024;

impl Api {
    pub(super) async fn list(
        &self,
        caller: &Caller,
        request: wire::ListRequest,
    ) -> Result<wire::ListResponse, Refusal> {
        self.must_serve()?;
        let pages = self.parts.pages.of("List", &query_of(&request));
        let wire::ListRequest { kind, member, page_size, page_token, withdrawn, payloads, read_mask, min_position } =
            request;
        let kind = given(kind).map(listed).transpose()?;
        let kinds = readable(caller, kind.as_deref())?;
        let mask = Mask::of(read_mask.as_ref(), kind.as_deref())?;
        let payloads = match &mask {
            Some(mask) => mask.holds(PAYLOAD),
            None => payloads || read_mask.is_some_and(|mask| !mask.paths.is_empty()),
        };
        let query = ListQuery {
            kind,
            kinds,
            country: given(member).map(|code| self.member(&code)).transpose()?,
            after: pages.place(&page_token)?,
            limit: page::size(page_size, 50, 500),
            withdrawn,
        };
        self.reached(min_position).await?;
        let (objects, next) = if payloads {
            let found = self.parts.replica.list_whole(&query).await?;
            self.whole(found.items, found.next, mask.as_ref())
        } else {
            let found = self.parts.replica.list(&query).await?;
            let objects = found.items.into_iter().map(|found| self.summary(found));
            (objects.map(|found| cut(found, mask.as_ref())).collect(), found.next)
        };
        Ok(wire::ListResponse { objects, next_page_token: pages.token(next), freshness: Some(self.served()?) })
    }

    /// Objects with their payloads, and where the next page begins: earlier, where they are too large together.
    fn whole(
        &self,
        found: Vec<Object>,
        mut next: Option<String>,
        mask: Option<&Mask>,
    ) -> (Vec<wire::ObjectSummary>, Option<String>) {
        let (mut objects, mut bytes) = (Vec::with_capacity(found.len()), 0);
        let mut last: Option<String> = None;
        for found in found {
            let id = found.summary.id.clone();
            let object = self.object(found, mask);
            bytes += object.payload_json.len();
            if bytes > PAYLOADS_MAX && last.is_some() {
                next = last;
                break;
            }
            objects.push(object);
            last = Some(id);
        }
        (objects, next)
    }

    /// An object with its payload, as far as the mask goes.
    pub(super) fn object(&self, found: Object, mask: Option<&Mask>) -> wire::ObjectSummary {
        let Object { summary, payload } = found;
        let payload_json = match summary.withdrawn {
            true => String::new(),
            false => json::payload_within(&summary.kind, &payload, mask.and_then(|mask| mask.below(PAYLOAD))),
        };
        cut(wire::ObjectSummary { payload_json, ..self.summary(summary) }, mask)
    }
}

/// What a token is bound to.
fn query_of(request: &wire::ListRequest) -> wire::ListRequest {
    wire::ListRequest { page_size: 0, page_token: String::new(), min_position: 0, ..request.clone() }
}

fn cut(object: wire::ObjectSummary, mask: Option<&Mask>) -> wire::ObjectSummary {
    match mask {
        Some(mask) => mask.cut_summary(object),
        None => object,
    }
}

/// Kinds that a list is of where it names none; none where that is all kinds, or it names one that the caller may read.
///
/// # Errors
/// The denial.
pub(super) fn readable(caller: &Caller, kind: Option<&str>) -> Result<Option<Vec<String>>, Refusal> {
    if let Some(kind) = kind {
        caller::may(caller, &Asked::Read { kind: Some(kind), resource: &format!("the list of {kind}") })?;
        return Ok(None);
    }
    match caller::may_read_of(caller, "the list of all kinds")? {
        Allowed::All => Ok(None),
        Allowed::Kinds(kinds) => Ok(Some(kinds)),
    }
}

/// A kind whose objects the replica has.
///
/// # Errors
/// `LIST_KIND_UNKNOWN` with the nearest.
pub(super) fn listed(kind: String) -> Result<String, Refusal> {
    let kinds = names_of_kinds;
    if kinds().any(|name| name == kind) {
        return Ok(kind);
    }
    let near = nearest(&kind, kinds()).unwrap_or(NONE_NEAR).to_owned();
    let kinds = kinds().collect::<Vec<_>>().join(", ");
    Err(Refusal::new(code::LIST_KIND_UNKNOWN, [("kind", kind), ("nearest", near), ("kinds", kinds)]))
}
