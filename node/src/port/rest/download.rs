//! Lists in other formats than JSON: what they hold, from where names come, what the answer is called.
//!
//! | `format` | holds | in the order |
//! |---|---|---|
//! | `atom` | a page, `pageSize` items | newest first where `orderBy` says nothing |
//! | `csv`, `xlsx`, `jsonld` | the whole list, up to the limits of a download; `pageSize` and `pageToken` say nothing | of the list |
//!
//! Every list has `csv` and `xlsx`, and `atom` where its items have a time, which figures and kinds have not; `jsonld` is of objects.
//! Downloads are made on threads for such work, two at a time on a node: the others wait, at most as long as any request may. Each is
//! held in memory until it is read, so one system has two at most under way. Out of
//! scope: the formats (`render`), the lists (`lists`, `Api`).

mod lists;

use std::collections::BTreeMap;

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LANGUAGE};
use multaqa_proto::directory::Directory;
use multaqa_proto::id::ObjectId;
use multaqa_proto::kind::Kind;
use multaqa_proto::wire::node::{Freshness, ListRequest, ObjectSummary};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

pub(super) use self::lists::List;
use self::lists::{Page, Pages};
use super::answer::Answer;
use super::call::Call;
use super::render::atom::Entry;
use super::render::csv::Csv;
use super::render::item::{Answered, Item, Of};
use super::render::ld::{self, Catalogue, Codes, Names};
use super::render::xlsx::Xlsx;
use super::render::{Listed, Listing, Texts, atom, file_name};
use super::route::{Form, Gives, Parameter, Shape};
use crate::api::json;
use crate::api::refusal::Refusal;
use crate::clients::authorise::{Asked, Caller, authorise};
use crate::code;
use crate::replica::ListQuery;

/// Media types.
const CSV: &str = "text/csv; charset=utf-8; header=present";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Most code lists of which names are taken.
const LISTS: u32 = 500;
/// Names of organisations that are looked up at once.
const NAMES: usize = 500;
/// Downloads that are made at the same time.
static MAKING: Semaphore = Semaphore::const_new(2);

/// What a list is given as, beside JSON.
pub(super) const FORMAT: Parameter = Parameter::query(
    "format",
    Form::OneOf(&["json", "csv", "xlsx", "atom", "jsonld"]),
    "What the answer is; `Accept` chooses where it is left out. `atom` is a page; `csv`, `xlsx` and `jsonld` are the whole list, up \
     to the limits of a download, whatever `pageSize` and `pageToken` say. `jsonld` is of one kind.",
    "csv",
);
/// What a list of something else is given as.
pub(super) const FORMAT_OF_ITEMS: Parameter = Parameter::query(
    "format",
    Form::OneOf(&["json", "csv", "xlsx", "atom"]),
    "What the answer is; `Accept` chooses where it is left out. `atom` is a page, the newest first; `csv` and `xlsx` are the whole \
     list, up to the limits of a download, whatever `pageSize` and `pageToken` say.",
    "csv",
);
/// What a list is given as whose items have no time.
pub(super) const FORMAT_OF_TABLE: Parameter = Parameter::query(
    "format",
    Form::OneOf(&["json", "csv", "xlsx"]),
    "What the answer is; `Accept` chooses where it is left out. `csv` and `xlsx` are the whole list, up to the limits of a download, \
     whatever page is asked for.",
    "csv",
);
/// What one object is given as.
pub(super) const FORMAT_OF_ONE: Parameter = Parameter::query(
    "format",
    Form::OneOf(&["json", "jsonld"]),
    "What the answer is; `Accept` chooses where it is left out.",
    "jsonld",
);
/// The language of other formats.
pub(super) const LANG: Parameter = Parameter::query(
    "lang",
    Form::OneOf(&["ar", "en", "fr"]),
    "Of `csv` and `xlsx`: one column for each text, in this language, or in another one that it then says; a column for each language \
     where it is left out. Also the language of headings and feeds; that of `Accept-Language` where it is left out.",
    "ar",
);
/// What spreadsheets need to know UTF-8.
pub(super) const MARK: Parameter =
    Parameter::query("bom", Form::Flag, "Of `csv`: a byte order mark, by which spreadsheets know UTF-8.", "true");

/// The other formats of a list.
pub(super) const fn gives(format: &'static str) -> Gives {
    let (media, shape, description) = match format.as_bytes() {
        b"csv" => (CSV, Shape::Text, "The whole list as CSV (RFC 4180)."),
        b"xlsx" => (XLSX, Shape::Bytes, "The whole list as a spreadsheet, right to left in Arabic."),
        b"atom" => (atom::MEDIA_TYPE, Shape::Text, "A page as a feed (RFC 4287)."),
        _ => (ld::MEDIA_TYPE, Shape::Named("JsonLd"), "JSON-LD: CPSV-AP 3.2.0 and DCAT-AP 3.0.1."),
    };
    Gives { status: 200, media, format, shape, description }
}

/// The list of a request in the format that the route gives, which is not JSON.
///
/// # Errors
/// As the method of `Api`; `DOWNLOAD_TOO_LARGE`, `DOWNLOAD_FAILED`, `FORMAT_NOT_OF_KIND`.
pub(super) async fn list(call: &Call, list: List) -> Result<Answer, Refusal> {
    let about = list.about().to_owned();
    let kind = match list {
        // Revisions in a list of all kinds are of the kind of their object.
        List::Revisions(_) => about.parse::<ObjectId>().ok().and_then(|id| Kind::find(id.kind())),
        List::Objects(_) | List::Hits(_) | List::Figures(_) | List::Queue(_) => call.kind(),
    };
    let listing = Listing { about, kind, ..listing(call, list.of()) };
    match (call.gives.format, list) {
        ("atom", list) => feed(call, list, listing).await,
        ("jsonld", List::Objects(request)) => catalogue(call, request, listing).await,
        (_, list) => {
            let room = room(call)?;
            let turn = MAKING.acquire().await.map_err(|error| failed(&error))?;
            let mut pages = Pages::of(call, list).await?;
            let mut making = Making { sheet: Sheet::new(call, &listing)?, _turn: turn };
            while let Some(items) = pages.next().await? {
                let listing = listing.clone();
                making = working(move || {
                    items.into_iter().try_for_each(|answered| making.sheet.push(&answered.item(&listing)?))?;
                    Ok(making)
                })
                .await?;
            }
            let answer = written(call, &listing, move || making.finish(), pages.freshness).await?;
            Ok(answer.holding(room))
        }
    }
}

/// The kinds as a table.
///
/// # Errors
/// `DOWNLOAD_FAILED`.
pub(super) async fn kinds(call: &Call, items: Vec<Item>) -> Result<Answer, Refusal> {
    let listing = listing(call, Of::Kinds);
    let mut sheet = Sheet::new(call, &listing)?;
    items.iter().try_for_each(|item| sheet.push(item))?;
    written(call, &listing, move || sheet.finish(), None).await
}

/// An object as JSON-LD.
///
/// # Errors
/// `FORMAT_NOT_OF_KIND`, or the store's.
pub(super) async fn object(
    call: &Call,
    object: ObjectSummary,
    freshness: Option<Freshness>,
) -> Result<Answer, Refusal> {
    let kind = Kind::find(&object.kind);
    let mut catalogue = Catalogue::new(Listing { kind, ..listing(call, Of::Objects) })?;
    catalogue.push(Listed::of(object)?)?;
    let names = names(call, catalogue.organisations().into_iter().collect()).await?;
    Ok(Answer::of(ld::MEDIA_TYPE, catalogue.finish_bare(&names).to_string(), freshness))
}

fn listing(call: &Call, of: Of) -> Listing {
    let intake = call.api.parts.intake.load();
    let federation = intake.directory().map(|directory| directory.federation().to_string()).unwrap_or_default();
    let endpoint = call.api.parts.clients.endpoint();
    Listing {
        federation,
        member: call.api.parts.journal.identity().member.to_string(),
        origin: format!("https://{endpoint}"),
        path: call.target_with("", None),
        next: None,
        of,
        about: String::new(),
        kind: call.kind(),
        lang: call.value("lang").and_then(|lang| lang.parse().ok()).unwrap_or(call.lang),
        texts: if call.value("lang").is_some() { Texts::Asked } else { Texts::Each },
        fields: call.values("fields").filter(|field| *field != "*").map(ToOwned::to_owned).collect(),
        as_of_ms: call.api.parts.clock.now_ms(),
    }
}

async fn feed(call: &Call, list: List, listing: Listing) -> Result<Answer, Refusal> {
    let Page { items, next, freshness } = list.newest().page(call).await?;
    let token = Some(next).filter(|token| !token.is_empty());
    let listing = Listing { next: token.map(|token| call.target_with("pageToken", Some(&token))), ..listing };
    let entries: Vec<Option<Entry>> =
        items.into_iter().map(|answered| Entry::of(answered, &listing)).collect::<Result<_, _>>()?;
    let feed = atom::feed(&listing, entries.into_iter().flatten().collect()).map_err(|error| failed(&error))?;
    Ok(Answer::of(atom::MEDIA_TYPE, feed, freshness).with(CONTENT_LANGUAGE, language(&listing)))
}

async fn written(
    call: &Call,
    listing: &Listing,
    finish: impl FnOnce() -> Result<Vec<u8>, Refusal> + Send + 'static,
    freshness: Option<Freshness>,
) -> Result<Answer, Refusal> {
    let name = file_name(&stem(call), call.value("country").unwrap_or_default(), listing.as_of_ms, call.gives.format);
    let bytes = working(finish).await?;
    let disposition =
        HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).map_err(|error| failed(&error))?;
    let answer = Answer::of(call.gives.media, bytes, freshness);
    Ok(answer.with(CONTENT_DISPOSITION, disposition).with(CONTENT_LANGUAGE, language(listing)))
}

/// What a download is called: `services`, `history-JO-service-sanad`, `queue`.
fn stem(call: &Call) -> String {
    let last = call.route.path.rsplit('/').next().unwrap_or_default();
    match call.value("id") {
        Some(id) => format!("{last}-{}", id.replace(':', "-")),
        None => call.value("collection").unwrap_or(last).to_owned(),
    }
}

async fn catalogue(call: &Call, request: ListRequest, listing: Listing) -> Result<Answer, Refusal> {
    let mut catalogue = Catalogue::new(listing)?;
    let room = room(call)?;
    let turn = MAKING.acquire().await.map_err(|error| failed(&error))?;
    let mut pages = Pages::of(call, List::Objects(ListRequest { read_mask: None, ..request })).await?;
    while let Some(items) = pages.next().await? {
        for answered in items {
            if let Answered::Object(object) = answered {
                catalogue.push(Listed::of(*object)?)?;
            }
        }
    }
    let names = names(call, catalogue.organisations().into_iter().collect()).await?;
    let write = move || {
        let _turn = turn;
        Ok(catalogue.finish(&names).to_string())
    };
    let document = working(write).await?;
    Ok(Answer::of(ld::MEDIA_TYPE, document, pages.freshness).holding(room))
}

/// Room for a download of the caller's; a program of this machine needs none.
fn room(call: &Call) -> Result<Option<OwnedSemaphorePermit>, Refusal> {
    match &call.caller {
        Caller::Local => Ok(None),
        Caller::System(client) => Ok(Some(client.download()?)),
    }
}

/// A table in the making. Its turn goes along with the work, which nobody who gives the request up can stop.
struct Making {
    sheet: Sheet,
    _turn: SemaphorePermit<'static>,
}

impl Making {
    fn finish(self) -> Result<Vec<u8>, Refusal> {
        self.sheet.finish()
    }
}

/// A table in the making.
enum Sheet {
    Csv(Box<Csv>),
    Xlsx(Box<Xlsx>),
}

impl Sheet {
    fn new(call: &Call, listing: &Listing) -> Result<Self, Refusal> {
        Ok(if call.gives.format == "xlsx" {
            Self::Xlsx(Box::new(Xlsx::new(listing)?))
        } else {
            Self::Csv(Box::new(Csv::new(listing, call.flag("bom"))?))
        })
    }

    fn push(&mut self, item: &Item) -> Result<(), Refusal> {
        match self {
            Self::Csv(csv) => csv.push(item),
            Self::Xlsx(xlsx) => xlsx.push(item),
        }
    }

    fn finish(self) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Csv(csv) => csv.finish(),
            Self::Xlsx(xlsx) => xlsx.finish(),
        }
    }
}

/// Names of members, and of these organisations where the caller may read such.
async fn names(call: &Call, ids: Vec<String>) -> Result<Names, Refusal> {
    let mut organisations = BTreeMap::new();
    if authorise(&call.caller, &Asked::Read { kind: Some("organisation"), resource: "names of organisations" }).is_ok()
    {
        for ids in ids.chunks(NAMES) {
            for found in call.api.parts.replica.get_many(ids).await? {
                let payload = serde_json::from_str(&json::payload(&found.summary.kind, &found.payload));
                organisations.extend(payload.ok().map(|payload| (found.summary.id, payload)));
            }
        }
    }
    let codes = codes(call).await?;
    let intake = call.api.parts.intake.load();
    let members = intake.directory().into_iter().flat_map(Directory::members);
    Ok(Names {
        organisations,
        codes,
        members: members.map(|(code, member)| (code.to_string(), member.name.clone())).collect(),
    })
}

/// Names of the codes that services carry, where the caller may read code lists; of the first [`LISTS`] lists.
async fn codes(call: &Call) -> Result<Codes, Refusal> {
    let mut codes = Codes::default();
    if authorise(&call.caller, &Asked::Read { kind: Some("codelist"), resource: "names of codes" }).is_ok() {
        let query = ListQuery { kind: Some("codelist".to_owned()), limit: LISTS, ..ListQuery::default() };
        call.api.parts.replica.list_whole(&query).await?.items.iter().for_each(|list| codes.add(list));
    }
    Ok(codes)
}

/// Runs what takes its time where it holds nobody up.
async fn working<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(|error| failed(&error))?
}

fn language(listing: &Listing) -> HeaderValue {
    HeaderValue::from_static(listing.lang.as_str())
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(code::DOWNLOAD_FAILED, [("detail", error.to_string())])
}
