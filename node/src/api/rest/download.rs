//! Lists in other formats than JSON: which objects they hold, from where names come, what the answer is called.
//!
//! | `format` | holds | in the order |
//! |---|---|---|
//! | `atom` | a page, `pageSize` objects | newest first where `orderBy` says nothing |
//! | `csv`, `xlsx`, `jsonld` | the whole list, up to the limits of a download; `pageSize` and `pageToken` say nothing | of the list |
//!
//! Downloads are made on threads for such work, two at a time on a node: the others wait, at most as long as any request may. Out of
//! scope: the formats (`render`), the list (`Api::list`).

use std::collections::BTreeMap;

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LANGUAGE};
use multaqa_proto::directory::Directory;
use multaqa_proto::wire::node::{Freshness, ListRequest, ListResponse, ObjectSummary};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::answer::Answer;
use super::call::{ALL, Call};
use super::render::csv::Csv;
use super::render::ld::{self, Catalogue, Names};
use super::render::xlsx::Xlsx;
use super::render::{Listed, Listing, Texts, atom, file_name};
use super::route::{Form, Gives, Parameter, Shape};
use crate::api::json;
use crate::api::refusal::Refusal;
use crate::clients::authorise::{Asked, authorise};
use crate::code;

/// Media types.
const CSV: &str = "text/csv; charset=utf-8; header=present";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Objects that are asked for at once.
const PAGE: u32 = 500;
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

/// The list of a request in the format that the route gives.
///
/// # Errors
/// As `Api::list`; `DOWNLOAD_TOO_LARGE`, `FORMAT_NOT_OF_KIND`.
pub(super) async fn list(call: Call, request: ListRequest) -> Result<Answer, Refusal> {
    let listing = listing(&call);
    match call.gives.format {
        "atom" => feed(&call, request, listing).await,
        "jsonld" => catalogue(&call, request, listing).await,
        _ => table(&call, request, listing).await,
    }
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
    let kind = multaqa_proto::kind::Kind::find(&object.kind);
    let catalogue = one(Listing { kind, ..listing(call) }, object)?;
    let names = names(call, catalogue.organisations().into_iter().collect()).await?;
    Ok(Answer::of(ld::MEDIA_TYPE, catalogue.finish_bare(&names).to_string(), freshness))
}

fn one(listing: Listing, object: ObjectSummary) -> Result<Catalogue, Refusal> {
    let mut catalogue = Catalogue::new(listing)?;
    catalogue.push(listed(object))?;
    Ok(catalogue)
}

fn listing(call: &Call) -> Listing {
    let intake = call.api.parts.intake.load();
    let federation = intake.directory().map(|directory| directory.federation().to_string()).unwrap_or_default();
    let endpoint = call.api.parts.clients.endpoint();
    Listing {
        federation,
        member: call.api.parts.journal.identity().member.to_string(),
        origin: format!("https://{endpoint}"),
        path: call.target_with("", None),
        next: None,
        kind: call.kind(),
        lang: call.value("lang").and_then(|lang| lang.parse().ok()).unwrap_or(call.lang),
        texts: if call.value("lang").is_some() { Texts::Asked } else { Texts::Each },
        fields: call.values("fields").filter(|field| *field != "*").map(ToOwned::to_owned).collect(),
        as_of_ms: call.api.parts.clock.now_ms(),
    }
}

fn listed(mut summary: ObjectSummary) -> Listed {
    let payload = serde_json::from_str(&std::mem::take(&mut summary.payload_json)).unwrap_or(Value::Null);
    Listed { summary, payload }
}

async fn feed(call: &Call, request: ListRequest, listing: Listing) -> Result<Answer, Refusal> {
    let newest = if request.order_by.is_empty() { "accepted_at_ms desc".to_owned() } else { request.order_by.clone() };
    let request = ListRequest { payloads: true, read_mask: None, order_by: newest, ..request };
    let ListResponse { objects, next_page_token, freshness, .. } = call.api.list(&call.caller, request).await?;
    let token = Some(next_page_token).filter(|token| !token.is_empty());
    let listing = Listing { next: token.map(|token| call.target_with("pageToken", Some(&token))), ..listing };
    let objects: Vec<_> = objects.into_iter().map(listed).collect();
    let feed = atom::feed(&listing, &objects).map_err(|error| failed(&error))?;
    Ok(Answer::of(atom::MEDIA_TYPE, feed, freshness).with(CONTENT_LANGUAGE, language(&listing)))
}

async fn table(call: &Call, request: ListRequest, listing: Listing) -> Result<Answer, Refusal> {
    let _making = MAKING.acquire().await.map_err(|error| failed(&error))?;
    let (format, collection) = (call.gives.format, call.value("collection").unwrap_or(ALL).to_owned());
    let name = file_name(&collection, call.value("country").unwrap_or_default(), listing.as_of_ms, format);
    let (lang, mark) = (language(&listing), call.flag("bom"));
    let mut sheet = if format == "xlsx" {
        Sheet::Xlsx(Box::new(Xlsx::new(&listing)?))
    } else {
        Sheet::Csv(Box::new(Csv::new(&listing, mark)?))
    };
    let mut pages = Pages::of(call, request);
    while let Some(objects) = pages.next().await? {
        sheet = working(move || {
            objects.into_iter().try_for_each(|object| sheet.push(&listed(object)))?;
            Ok(sheet)
        })
        .await?;
    }
    let bytes = working(move || sheet.finish()).await?;
    let disposition =
        HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).map_err(|error| failed(&error))?;
    let answer = Answer::of(call.gives.media, bytes, pages.freshness);
    Ok(answer.with(CONTENT_DISPOSITION, disposition).with(CONTENT_LANGUAGE, lang))
}

async fn catalogue(call: &Call, request: ListRequest, listing: Listing) -> Result<Answer, Refusal> {
    let mut catalogue = Catalogue::new(listing)?;
    let _making = MAKING.acquire().await.map_err(|error| failed(&error))?;
    let mut pages = Pages::of(call, ListRequest { read_mask: None, ..request });
    while let Some(objects) = pages.next().await? {
        objects.into_iter().try_for_each(|object| catalogue.push(listed(object)))?;
    }
    let names = names(call, catalogue.organisations().into_iter().collect()).await?;
    let document = working(move || Ok(catalogue.finish(&names).to_string())).await?;
    Ok(Answer::of(ld::MEDIA_TYPE, document, pages.freshness))
}

/// A list, page by page from its beginning.
struct Pages<'c> {
    call: &'c Call,
    /// Of the next page; none at the end.
    request: Option<ListRequest>,
    /// Of the first page, which is the oldest.
    freshness: Option<Freshness>,
}

impl<'c> Pages<'c> {
    fn of(call: &'c Call, request: ListRequest) -> Self {
        let request = ListRequest { payloads: true, page_size: PAGE, page_token: String::new(), ..request };
        Self { call, request: Some(request), freshness: None }
    }

    async fn next(&mut self) -> Result<Option<Vec<ObjectSummary>>, Refusal> {
        let Some(request) = self.request.take() else { return Ok(None) };
        let ListResponse { objects, next_page_token, freshness, .. } =
            self.call.api.list(&self.call.caller, request.clone()).await?;
        if !next_page_token.is_empty() {
            self.request = Some(ListRequest { page_token: next_page_token, ..request });
        }
        self.freshness = self.freshness.take().or(freshness);
        Ok(Some(objects))
    }
}

/// A table in the making.
enum Sheet {
    Csv(Box<Csv>),
    Xlsx(Box<Xlsx>),
}

impl Sheet {
    fn push(&mut self, listed: &Listed) -> Result<(), Refusal> {
        match self {
            Self::Csv(csv) => csv.push(listed),
            Self::Xlsx(xlsx) => xlsx.push(listed),
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
        for ids in ids.chunks(usize::try_from(PAGE).unwrap_or(1)) {
            for found in call.api.parts.replica.get_many(ids).await? {
                let payload = serde_json::from_str(&json::payload(&found.summary.kind, &found.payload));
                organisations.extend(payload.ok().map(|payload| (found.summary.id, payload)));
            }
        }
    }
    let intake = call.api.parts.intake.load();
    let members = intake.directory().into_iter().flat_map(Directory::members);
    Ok(Names {
        organisations,
        members: members.map(|(code, member)| (code.to_string(), member.name.clone())).collect(),
    })
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
