//! Lists page by page, whatever they are of: which method of `Api` is asked, and what its answer holds.
//!
//! In scope: that. Out of scope: what becomes of the items (`download`), paging itself (`api::page`).

use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::Freshness;

use super::super::call::Call;
use super::super::render::item::{Answered, Of};
use super::super::render::{DOWNLOAD_ROWS_MAX, too_large};
use crate::api::refusal::Refusal;

/// Items that are asked for at once; a method gives fewer where its own pages are smaller.
const PAGE: u32 = 500;
/// The order of feeds.
const NEWEST: &str = "accepted_at_ms desc";

/// A list as it was asked for.
#[derive(Debug, Clone)]
pub(in crate::port::rest) enum List {
    Objects(wire::ListRequest),
    Hits(wire::SearchRequest),
    Revisions(wire::HistoryRequest),
    Figures(wire::ObservationsRequest),
    Queue(wire::QueueRequest),
}

/// A page of any list.
pub(super) struct Page {
    pub(super) items: Vec<Answered>,
    /// Token of the next one; empty on the last.
    pub(super) next: String,
    pub(super) freshness: Option<Freshness>,
}

impl List {
    pub(super) const fn of(&self) -> Of {
        match self {
            Self::Objects(_) => Of::Objects,
            Self::Hits(_) => Of::Hits,
            Self::Revisions(_) => Of::Revisions,
            Self::Figures(_) => Of::Figures,
            Self::Queue(_) => Of::Queue,
        }
    }

    /// What it is about: the id of an object, the words that are sought.
    pub(super) fn about(&self) -> &str {
        match self {
            Self::Hits(request) => &request.text,
            Self::Revisions(request) => &request.id,
            Self::Figures(request) => &request.indicator,
            Self::Objects(_) | Self::Queue(_) => "",
        }
    }

    /// The same as a feed has it: the newest first where nothing else was asked for, with payloads.
    #[must_use]
    pub(super) fn newest(self) -> Self {
        match self {
            Self::Objects(request) => {
                let order_by = or_newest(request.order_by);
                Self::Objects(wire::ListRequest { payloads: true, read_mask: None, order_by, ..request })
            }
            Self::Hits(request) => {
                let order_by = or_newest(request.order_by);
                Self::Hits(wire::SearchRequest { order_by, ..request })
            }
            Self::Revisions(request) => {
                Self::Revisions(wire::HistoryRequest { newest_first: true, read_mask: None, ..request })
            }
            Self::Queue(request) => Self::Queue(wire::QueueRequest { newest_first: true, ..request }),
            Self::Figures(request) => Self::Figures(request),
        }
    }

    /// The same as a download has it: in pages that are as large as they may be, with payloads, from this token on.
    fn from(&self, page_token: String) -> Self {
        match self.clone() {
            Self::Objects(request) => {
                Self::Objects(wire::ListRequest { payloads: true, page_size: PAGE, page_token, ..request })
            }
            Self::Hits(request) => Self::Hits(wire::SearchRequest { page_size: PAGE, page_token, ..request }),
            Self::Revisions(request) => {
                Self::Revisions(wire::HistoryRequest { page_size: PAGE, page_token, ..request })
            }
            Self::Figures(request) => {
                Self::Figures(wire::ObservationsRequest { page_size: PAGE, page_token, ..request })
            }
            Self::Queue(request) => Self::Queue(wire::QueueRequest { page_size: PAGE, page_token, ..request }),
        }
    }

    /// The page that it asks for.
    ///
    /// # Errors
    /// As the method's; `DOWNLOAD_TOO_LARGE` for a search that finds more than it pages through.
    pub(super) async fn page(self, call: &Call) -> Result<Page, Refusal> {
        let (api, caller) = (&call.api, &call.caller);
        Ok(match self {
            Self::Objects(request) => {
                let answer = api.list(caller, request).await?;
                Page::of(answer.objects, answer.next_page_token, answer.freshness, |one| {
                    Answered::Object(Box::new(one))
                })
            }
            Self::Hits(request) => {
                let answer = api.search(caller, request).await?;
                Page::of(answer.hits, answer.next_page_token, answer.freshness, |one| Answered::Hit(Box::new(one)))
            }
            Self::Revisions(request) => {
                let answer = api.history(caller, request).await?;
                Page::of(answer.revisions, answer.next_page_token, answer.freshness, |one| {
                    Answered::Revision(Box::new(one))
                })
            }
            Self::Figures(request) => {
                let answer = api.observations(caller, request).await?;
                Page::of(answer.observations, answer.next_page_token, answer.freshness, |one| {
                    Answered::Figure(Box::new(one))
                })
            }
            Self::Queue(request) => {
                let answer = api.queue(caller, request).await?;
                Page::of(answer.records, answer.next_page_token, answer.freshness, |one| {
                    Answered::Queued(Box::new(one))
                })
            }
        })
    }

    /// Refuses a list that says beforehand that it is longer than a download.
    ///
    /// # Errors
    /// `DOWNLOAD_TOO_LARGE`, or as the method's.
    async fn fits(&self, call: &Call) -> Result<(), Refusal> {
        let Self::Hits(request) = self else { return Ok(()) };
        let first = wire::SearchRequest { page_size: 1, page_token: String::new(), ..request.clone() };
        let total = call.api.search(&call.caller, first).await?.total;
        if usize::try_from(total).is_ok_and(|total| total <= DOWNLOAD_ROWS_MAX) { Ok(()) } else { Err(too_large()) }
    }
}

fn or_newest(order_by: String) -> String {
    if order_by.is_empty() { NEWEST.to_owned() } else { order_by }
}

impl Page {
    fn of<T>(items: Vec<T>, next: String, freshness: Option<Freshness>, of: impl Fn(T) -> Answered) -> Self {
        Self { items: items.into_iter().map(of).collect(), next, freshness }
    }
}

/// A whole list, page by page from its beginning.
pub(super) struct Pages<'c> {
    call: &'c Call,
    list: List,
    /// Of the next page; none at the end.
    token: Option<String>,
    /// Of the first page, which is the oldest.
    pub(super) freshness: Option<Freshness>,
}

impl<'c> Pages<'c> {
    /// # Errors
    /// `DOWNLOAD_TOO_LARGE` where the list says that it is longer than a download, or as the method's.
    pub(super) async fn of(call: &'c Call, list: List) -> Result<Self, Refusal> {
        // By relevance a search pages through so many hits and no more, which must not look like the end.
        list.fits(call).await?;
        Ok(Self { call, list, token: Some(String::new()), freshness: None })
    }

    /// The next page; none after the last.
    ///
    /// # Errors
    /// As the method's.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Answered>>, Refusal> {
        let Some(token) = self.token.take() else { return Ok(None) };
        let Page { items, next, freshness } = self.list.from(token).page(self.call).await?;
        self.token = Some(next).filter(|next| !next.is_empty());
        self.freshness = self.freshness.take().or(freshness);
        Ok(Some(items))
    }
}
