//! What lists hold, as rows of a table: which columns each list has, and what stands in them.
//!
//! In scope: lists of objects, of hits, revisions, figures, own records and kinds. Out of scope: the columns of payloads and how a
//! value becomes a cell (`table`), headings (`label`), entries of feeds (`atom`).

use multaqa_proto::kind::Kind;
use multaqa_proto::text::Lang;
use multaqa_proto::wire::node as wire;
use multaqa_runtime::output::instant;
use serde_json::{Value, json};

use super::table::Form;
use super::{Listed, Listing};
use crate::api::refusal::{Refusal, catalogue};
use crate::code;

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::port) enum Of {
    /// Objects, of the listing's kind or of all.
    Objects,
    /// Objects in which words were found.
    Hits,
    /// Revisions of one object of the listing's kind.
    Revisions,
    /// Figures of an indicator.
    Figures,
    /// Own records and what became of them.
    Queue,
    /// Kinds of records.
    Kinds,
}

impl Of {
    /// What each item has, whatever the kind: names and forms.
    pub(super) const fn own(self) -> &'static [(&'static str, Form)] {
        match self {
            Self::Objects => &SUMMARY,
            Self::Hits => &HIT,
            Self::Revisions => &REVISION,
            Self::Figures => &FIGURE,
            Self::Queue => &QUEUED,
            Self::Kinds => &KIND,
        }
    }

    /// By what name headings know the list, where a field means something else in it.
    pub(super) fn name(self, kind: Option<&'static Kind>) -> &'static str {
        match self {
            Self::Objects => kind.map_or("", |kind| kind.name),
            Self::Hits => "hit",
            Self::Revisions => "revision",
            Self::Figures => "figure",
            Self::Queue => "queue",
            Self::Kinds => "kinds",
        }
    }
}

/// What every object has, before its payload.
const SUMMARY: [(&str, Form); 9] = [
    ("id", Form::Text),
    ("kind", Form::Text),
    ("member", Form::Text),
    ("revision", Form::Number),
    ("standing", Form::Text),
    ("audience", Form::Text),
    ("authored_at", Form::Text),
    ("accepted_at", Form::Text),
    ("withdrawn", Form::Boolean),
];

const HIT: [(&str, Form); 11] = [
    SUMMARY[0],
    SUMMARY[1],
    SUMMARY[2],
    SUMMARY[3],
    SUMMARY[4],
    SUMMARY[5],
    SUMMARY[6],
    SUMMARY[7],
    ("title", Form::Texts),
    ("highlights", Form::Text),
    ("score", Form::Decimal),
];

const REVISION: [(&str, Form); 10] = [
    ("revision", Form::Number),
    ("record_id", Form::Text),
    ("index", Form::Number),
    ("writer", Form::Text),
    ("authored_at", Form::Text),
    ("accepted_at", Form::Text),
    ("audience", Form::Text),
    ("state", Form::Text),
    ("code", Form::Text),
    ("tombstone", Form::Boolean),
];

const FIGURE: [(&str, Form); 12] = [
    ("indicator", Form::Text),
    ("ref_area", Form::Text),
    ("time_period", Form::Text),
    ("value", Form::Decimal),
    ("obs_status", Form::Text),
    ("unit", Form::Text),
    ("sex", Form::Text),
    ("age", Form::Text),
    ("disability", Form::Text),
    ("place", Form::Text),
    ("dataset", Form::Text),
    ("provider", Form::Text),
];

const QUEUED: [(&str, Form); 9] = [
    ("id", Form::Text),
    ("record_id", Form::Text),
    ("epoch", Form::Number),
    ("seq", Form::Number),
    ("state", Form::Text),
    ("index", Form::Number),
    ("code", Form::Text),
    ("detail", Form::Text),
    ("signed_at", Form::Text),
];

const KIND: [(&str, Form); 6] = [
    ("kind", Form::Text),
    ("collection", Form::Text),
    ("message", Form::Text),
    ("facets", Form::Text),
    ("may_read", Form::Boolean),
    ("may_publish", Form::Boolean),
];

/// A row of a table, before it has columns.
#[derive(Debug, Clone)]
pub(in crate::port) struct Item {
    /// What the list says of it, by the names of its columns.
    pub(super) own: Value,
    /// Its payload, where the list has columns for it.
    pub(super) payload: Value,
    /// When it came, milliseconds since 1970 UTC; 0 where it has no time.
    pub(super) at_ms: i64,
}

/// An item of a list as `Api` answered it.
#[derive(Debug, Clone)]
pub(in crate::port) enum Answered {
    Object(Box<wire::ObjectSummary>),
    Hit(Box<wire::SearchHit>),
    Revision(Box<wire::Revision>),
    Figure(Box<wire::ObservedValue>),
    Queued(Box<wire::QueuedRecord>),
}

impl Answered {
    /// As a row.
    ///
    /// # Errors
    /// `DOWNLOAD_FAILED` where a payload is no JSON.
    pub(in crate::port) fn item(self, listing: &Listing) -> Result<Item, Refusal> {
        Ok(match self {
            Self::Object(object) => Item::of(&Listed::of(*object)?),
            Self::Hit(hit) => of_hit(*hit),
            Self::Revision(revision) => of_revision(*revision)?,
            Self::Figure(figure) => of_figure(*figure),
            Self::Queued(queued) => of_queued(*queued, listing.lang),
        })
    }
}

impl Item {
    /// An object.
    #[must_use]
    pub(in crate::port) fn of(listed: &Listed) -> Self {
        let Listed { summary, payload } = listed;
        // What has no payload still has its title.
        let payload = if payload.is_object() { payload.clone() } else { json!({ "title": summary.title }) };
        Self { own: summary_of(summary), payload, at_ms: summary.accepted_at_ms }
    }

    /// An item of which the list says this and no time.
    #[must_use]
    pub(in crate::port) const fn bare(own: Value) -> Self {
        Self { own, payload: Value::Null, at_ms: 0 }
    }
}

fn summary_of(summary: &wire::ObjectSummary) -> Value {
    json!({
        "id": summary.id,
        "kind": summary.kind,
        "member": summary.member,
        "revision": summary.revision,
        "standing": summary.standing,
        "audience": summary.audience,
        "authored_at": instant(summary.authored_at_ms),
        "accepted_at": instant(summary.accepted_at_ms),
        "withdrawn": summary.withdrawn,
        "title": summary.title,
    })
}

fn of_hit(hit: wire::SearchHit) -> Item {
    let wire::SearchHit { object, score, highlights } = hit;
    let object = object.unwrap_or_default();
    let mut own = summary_of(&object);
    own["highlights"] = highlights.iter().map(highlight).collect();
    own["score"] = json!(score.to_string());
    Item { at_ms: object.accepted_at_ms, ..Item::bare(own) }
}

/// A part of a text, with an ellipsis where text is left out.
pub(super) fn highlight(highlight: &wire::SearchHighlight) -> String {
    let text: String = highlight.pieces.iter().map(|piece| piece.text.as_str()).collect();
    let cut = |is: bool| if is { "…" } else { "" };
    format!("{}{text}{}", cut(highlight.cut_before), cut(highlight.cut_after))
}

fn of_revision(revision: wire::Revision) -> Result<Item, Refusal> {
    let wire::Revision {
        revision,
        record_id,
        index,
        writer,
        authored_at_ms,
        accepted_at_ms,
        audience,
        state,
        code,
        payload_json,
        tombstone,
    } = revision;
    // What is erased has neither number nor time of its own.
    let own = json!({
        "revision": Some(revision).filter(|revision| *revision > 0),
        "record_id": multaqa_proto::hash::hex(&record_id),
        "index": index,
        "writer": writer,
        "authored_at": Some(authored_at_ms).filter(|ms| *ms > 0).map(instant),
        "accepted_at": instant(accepted_at_ms),
        "audience": audience,
        "state": state,
        "code": code,
        "tombstone": tombstone,
        "payload": payload(&payload_json)?,
    });
    Ok(Item { at_ms: accepted_at_ms, ..Item::bare(own) })
}

fn of_figure(figure: wire::ObservedValue) -> Item {
    let wire::ObservedValue {
        indicator,
        ref_area,
        time_period,
        value,
        obs_status,
        unit,
        sex,
        age,
        disability,
        place,
        dataset,
        provider,
    } = figure;
    Item::bare(json!({
        "indicator": indicator,
        "ref_area": ref_area,
        "time_period": time_period,
        "value": value,
        "obs_status": obs_status,
        "unit": unit,
        "sex": sex,
        "age": age,
        "disability": disability,
        "place": place,
        "dataset": dataset,
        "provider": provider,
    }))
}

fn of_queued(queued: wire::QueuedRecord, lang: Lang) -> Item {
    let detail = detail(&queued, lang);
    let wire::QueuedRecord { id, record_id, epoch, seq, state, index, code, args: _, signed_at_ms } = queued;
    let own = json!({
        "id": id,
        "record_id": multaqa_proto::hash::hex(&record_id),
        "epoch": epoch,
        "seq": seq,
        "state": state,
        "index": index,
        "code": code,
        "detail": detail,
        "signed_at": instant(signed_at_ms),
    });
    Item { at_ms: signed_at_ms, ..Item::bare(own) }
}

/// Why an own record came to nothing; empty where it did not.
pub(super) fn detail(queued: &wire::QueuedRecord, lang: Lang) -> String {
    if queued.code.is_empty() {
        return String::new();
    }
    let mut args: Vec<(&str, String)> =
        queued.args.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    args.sort();
    catalogue().render(lang, &queued.code, &args).text
}

/// A payload from its JSON text; null where there is none to show.
///
/// # Errors
/// `DOWNLOAD_FAILED` where it is no JSON.
pub(super) fn payload(json: &str) -> Result<Value, Refusal> {
    if json.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(json).map_err(|error| Refusal::new(code::DOWNLOAD_FAILED, [("detail", error.to_string())]))
}
