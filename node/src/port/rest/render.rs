//! Lists in the formats of others: Atom for readers of news, CSV and XLSX for spreadsheets, JSON-LD for catalogues.
//!
//! Pure functions over what a list answered: what it says of each item, and payloads as JSON. In scope: what the formats look like, how much of
//! a list one download carries. Out of scope: which items a list has (`Api`), which format was asked for and the headers
//! of the answer (`rest`).
//!
//! | format | standard | of |
//! |---|---|---|
//! | `atom` | RFC 4287 | a page of any list whose items have a time |
//! | `csv` | RFC 4180, UTF-8 | any list, whole |
//! | `xlsx` | ISO/IEC 29500 | any list, whole |
//! | `jsonld` | CPSV-AP 3.2.0, DCAT-AP 3.0.1 | lists of objects of the kinds that `ld` knows, whole |

pub(in crate::port) mod atom;
pub(in crate::port) mod csv;
pub(in crate::port) mod item;
mod label;
pub(in crate::port) mod ld;
mod table;
pub(in crate::port) mod xlsx;

use multaqa_proto::kind::Kind;
use multaqa_proto::text::Lang;
use multaqa_proto::wire::node::ObjectSummary;
use serde_json::Value;

use self::item::Of;
use super::call::{ALL, part};
use crate::api::refusal::Refusal;
use crate::code;

/// Most rows of one download.
pub(in crate::port) const DOWNLOAD_ROWS_MAX: usize = 10_000;
/// Most bytes of one download, as far as it is text.
pub(in crate::port) const DOWNLOAD_BYTES_MAX: usize = 32 * 1024 * 1024;

/// An object of a list.
#[derive(Debug, Clone)]
pub(in crate::port) struct Listed {
    /// What every kind has.
    pub(in crate::port) summary: ObjectSummary,
    /// Payload with the field names of the schema; null where there is none to show.
    pub(in crate::port) payload: Value,
}

impl Listed {
    /// An object as `Api` answers it, its payload as text.
    ///
    /// # Errors
    /// `DOWNLOAD_FAILED` where that is no JSON.
    pub(in crate::port) fn of(mut summary: ObjectSummary) -> Result<Self, Refusal> {
        let payload = item::payload(&std::mem::take(&mut summary.payload_json))?;
        Ok(Self { summary, payload })
    }
}

/// What a format has to know of a list besides its items.
#[derive(Debug, Clone)]
pub(in crate::port) struct Listing {
    /// Name of the federation.
    pub(in crate::port) federation: String,
    /// Code of the member whose node answers.
    pub(in crate::port) member: String,
    /// Where the node is found: `https://host:port`, without a slash at its end.
    pub(in crate::port) origin: String,
    /// Path and query of the list as it was asked for.
    pub(in crate::port) path: String,
    /// Path and query of its next page; none on the last.
    pub(in crate::port) next: Option<String>,
    /// What it is of.
    pub(in crate::port) of: Of,
    /// What it is about, for its title: the id of an object, the words that were sought; empty where that is nothing.
    pub(in crate::port) about: String,
    /// The kind; none for a list of all kinds.
    pub(in crate::port) kind: Option<&'static Kind>,
    /// Language of headings, and of texts where one is to be chosen.
    pub(in crate::port) lang: Lang,
    /// Which texts a table has.
    pub(in crate::port) texts: Texts,
    /// Fields that a table is to have (`fields`); none for all.
    pub(in crate::port) fields: Vec<String>,
    /// The node's time, milliseconds since 1970 UTC.
    pub(in crate::port) as_of_ms: i64,
}

/// The languages of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::port) enum Texts {
    /// A column for each language.
    Each,
    /// One column, in the language of the listing; a text in another language says which.
    Asked,
}

impl Listing {
    /// The name by which the rest of the world may know an object (RFC 8141): ids are unique inside one federation only.
    fn urn(&self, id: &str) -> String {
        format!("urn:multaqa:{}:{}", part(&self.federation), part(id))
    }

    /// The address of what has this path on the node.
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

/// The path of an object on the node.
fn object_path(summary: &ObjectSummary) -> String {
    path_of(Kind::find(&summary.kind), &summary.id)
}

fn path_of(kind: Option<&Kind>, id: &str) -> String {
    let collection = kind.and_then(|kind| kind.collection).unwrap_or(ALL);
    format!("/v1/{collection}/{}", part(id))
}

/// The name of a download, safe in a header and on every file system: `services-JO-2026-05-01.csv`.
#[must_use]
pub(in crate::port) fn file_name(collection: &str, member: &str, as_of_ms: i64, extension: &str) -> String {
    let day = multaqa_runtime::output::instant(as_of_ms);
    let parts = [collection, member, day.get(..10).unwrap_or("0000-00-00")];
    let safe = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let parts = parts.map(|part| part.chars().filter(|c| safe(*c)).take(40).collect::<String>());
    let stem = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    format!("{stem}.{extension}")
}

/// The refusal of a download that would be too large.
pub(in crate::port) fn too_large() -> Refusal {
    let mib = (DOWNLOAD_BYTES_MAX / 1024 / 1024).to_string();
    Refusal::new(code::DOWNLOAD_TOO_LARGE, [("rows", DOWNLOAD_ROWS_MAX.to_string()), ("mib", mib)])
}

#[cfg(test)]
mod tests;
