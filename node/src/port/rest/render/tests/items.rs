//! Lists of something else than objects: hits, revisions, figures, own records, kinds.

use std::collections::BTreeSet;

use multaqa_proto::wire::node as wire;
use serde_json::json;

use super::super::atom::{self, Entry};
use super::super::csv::Csv;
use super::super::item::{Answered, Item, Of};
use super::super::table;
use super::super::xlsx::Xlsx;
use super::*;

fn of(list: Of, lang: Lang) -> Listing {
    Listing { of: list, lang, next: None, ..listing(Some("service"), Texts::Each) }
}

fn hit() -> Answered {
    let piece = |text: &str, marked| wire::SearchPiece { text: text.to_owned(), marked };
    let highlight = |path: &str, lang: &str| wire::SearchHighlight {
        path: path.to_owned(),
        lang: lang.to_owned(),
        pieces: vec![piece("عن ", false), piece("الهوية", true)],
        cut_before: true,
        cut_after: false,
    };
    Answered::Hit(Box::new(wire::SearchHit {
        object: Some(rich().summary),
        score: 1.5,
        highlights: vec![highlight("title", "en"), highlight("description", "ar")],
    }))
}

fn revision(index: u64, payload: &Value, tombstone: bool) -> Answered {
    Answered::Revision(Box::new(wire::Revision {
        revision: u64::from(!tombstone),
        record_id: vec![u8::try_from(index).unwrap(); 32],
        index,
        writer: "JO/gw1".to_owned(),
        authored_at_ms: 1_767_000_000_000,
        accepted_at_ms: 1_767_000_000_000 + i64::try_from(index).unwrap() * 1_000,
        audience: vec!["states".to_owned()],
        state: if tombstone { "withdrawn" } else { "valid" }.to_owned(),
        payload_json: payload.to_string(),
        tombstone,
        ..Default::default()
    }))
}

fn revisions() -> [Answered; 3] {
    let reason = json!({ "id": "JO:service:sanad", "reason": { "fr": "Le service a pris fin" } });
    let erased = wire::Revision { index: 1, state: "valid".to_owned(), ..Default::default() };
    [Answered::Revision(Box::new(erased)), revision(3, &rich().payload, false), revision(8, &reason, true)]
}

fn queued(seq: u64, state: &str, code: &str) -> Answered {
    Answered::Queued(Box::new(wire::QueuedRecord {
        id: "JO:organisation:modee".to_owned(),
        record_id: vec![u8::try_from(seq).unwrap(); 32],
        epoch: 1,
        seq,
        state: state.to_owned(),
        index: (state != "queued").then_some(4),
        code: code.to_owned(),
        args: [("id".to_owned(), "EG:organisation:mcit".to_owned()), ("writer".to_owned(), "JO/gw1".to_owned())].into(),
        signed_at_ms: 1_767_000_000_000 + i64::try_from(seq).unwrap() * 1_000,
    }))
}

fn figure() -> Answered {
    Answered::Figure(Box::new(wire::ObservedValue {
        ref_area: "JO".to_owned(),
        time_period: "2024".to_owned(),
        value: Some("-0.7500".to_owned()),
        ..Default::default()
    }))
}

fn csv(listing: &Listing, items: impl IntoIterator<Item = Answered>) -> Vec<u8> {
    let mut csv = Csv::new(listing, false).unwrap();
    items.into_iter().for_each(|item| csv.push(&item.item(listing).unwrap()).unwrap());
    csv.finish().unwrap()
}

fn xlsx(listing: &Listing, items: impl IntoIterator<Item = Answered>) -> Vec<u8> {
    let mut xlsx = Xlsx::new(listing).unwrap();
    items.into_iter().for_each(|item| xlsx.push(&item.item(listing).unwrap()).unwrap());
    xlsx.finish().unwrap()
}

fn feed(listing: &Listing, items: impl IntoIterator<Item = Answered>) -> Vec<u8> {
    let entries = items.into_iter().filter_map(|item| Entry::of(item, listing).unwrap()).collect();
    atom::feed(listing, entries).unwrap()
}

#[test]
fn every_field_of_an_item_has_its_column() {
    for (list, message, other) in [
        (Of::Revisions, "multaqa.node.v1.Revision", &["payload"][..]),
        (Of::Figures, "multaqa.node.v1.ObservedValue", &[]),
        // What its arguments say stands in a sentence.
        (Of::Queue, "multaqa.node.v1.QueuedRecord", &["args"]),
        (Of::Objects, "multaqa.node.v1.ObjectSummary", &["record_id", "index", "title", "payload"]),
    ] {
        let descriptor = super::super::super::json::descriptor(message).unwrap();
        let fields: BTreeSet<String> =
            descriptor.fields().map(|field| super::super::super::json::name(&field).0.to_owned()).collect();
        let own: BTreeSet<String> = list.own().iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut missing = fields.difference(&own).map(String::as_str).collect::<Vec<_>>();
        missing.sort_unstable();
        let mut other = other.to_vec();
        other.sort_unstable();
        assert_eq!(missing, other, "{message}");
    }
    for (list, items) in [
        (Of::Hits, vec![hit()]),
        (Of::Revisions, revisions().to_vec()),
        (Of::Figures, vec![figure()]),
        (Of::Queue, vec![queued(1, "queued", "")]),
    ] {
        let listing = of(list, Lang::En);
        for item in items {
            let Item { own, .. } = item.item(&listing).unwrap();
            for column in table::columns(&listing).iter().filter(|column| column.path.len() == 1) {
                assert!(own.get(&column.path[0]).is_some(), "{list:?}: {}", column.name());
            }
        }
    }
}

#[test]
fn hits_say_where_the_words_stand() {
    let listing = Listing { about: "هوية".to_owned(), ..of(Of::Hits, Lang::Ar) };
    let Some(found) = read("csv", &csv(&listing, [hit()]), &[]) else { return };
    let found = row(&found, 0);
    assert_eq!((&found["id"], &found["score"]), (&json!("JO:service:sanad"), &json!("1.5")));
    assert_eq!(
        (&found["highlights"], &found["title.fr"]),
        (&json!("…عن الهوية; …عن الهوية"), &json!("Sanad : identité"))
    );
    let found = read("atom", &feed(&listing, [hit()]), &[]).unwrap();
    assert_eq!(found["title"], "نتائج البحث: هوية – demo.multaqa.example");
    assert_eq!((&found["entries"][0]["summary"], &found["entries"][0]["author"]), (&json!("…عن الهوية"), &json!("JO")));
}

#[test]
fn revisions_have_their_payloads_and_a_withdrawal_its_reason() {
    let listing = Listing { about: "JO:service:sanad".to_owned(), ..of(Of::Revisions, Lang::Fr) };
    let Some(found) = read("csv", &csv(&listing, revisions()), &[]) else { return };
    let [erased, valid, withdrawn] = [0, 1, 2].map(|at| row(&found, at));
    assert_eq!(
        (&valid["payload.title.fr"], &valid["payload.reuse.offer"]),
        (&json!("Sanad : identité"), &json!("code"))
    );
    assert_eq!((&valid["record_id"], &valid["code"]), (&json!("03".repeat(32)), &json!("")));
    assert_eq!(
        (&withdrawn["payload.reason.fr"], &withdrawn["tombstone"]),
        (&json!("Le service a pris fin"), &json!("true"))
    );
    assert_eq!(
        (&erased["revision"], &erased["authored_at"], &erased["payload.title.ar"]),
        (&json!(""), &json!(""), &json!(""))
    );
    let sheet = read("xlsx", &xlsx(&Listing { lang: Lang::Ar, ..listing.clone() }, revisions()), &[]).unwrap();
    assert_eq!((&sheet["title"], &sheet["right_to_left"]), (&json!("التنقيحات"), &json!(true)));
    assert_eq!(row(&sheet, 1)["المحتوى · العنوان (العربية)"], "سند: <الهوية> & «التوقيع»");
    let found = read("atom", &feed(&listing, revisions()), &[]).unwrap();
    let [newest, before] = [&found["entries"][0], &found["entries"][1]];
    assert_eq!((&newest["summary"], &newest["title"]), (&json!("Le service a pris fin"), &json!("JO:service:sanad")));
    assert_eq!((&before["title"], &before["lang"]), (&json!("Sanad : identité"), &json!("fr")));
    assert_eq!(before["id"], format!("urn:multaqa:demo.multaqa.example:record:{}", "03".repeat(32)));
    assert!(newest["link"].as_str().unwrap().ends_with("/v1/services/JO:service:sanad"), "{newest}");
}

#[test]
fn own_records_say_in_words_what_they_break() {
    let records = || [queued(1, "valid", ""), queued(2, "void", "OBJECT_FOREIGN")];
    let listing = of(Of::Queue, Lang::En);
    let Some(found) = read("csv", &csv(&listing, records()), &[]) else { return };
    let (valid, void) = (row(&found, 0), row(&found, 1));
    assert_eq!((&valid["state"], &valid["code"], &valid["detail"]), (&json!("valid"), &json!(""), &json!("")));
    assert!(
        void["code"] == "OBJECT_FOREIGN" && void["detail"].as_str().unwrap().contains("EG:organisation:mcit"),
        "{void:?}"
    );
    let arabic = read("xlsx", &xlsx(&of(Of::Queue, Lang::Ar), records()), &[]).unwrap();
    assert_eq!((&arabic["title"], &arabic["rows"][1][5]), (&json!("صندوق الصادر"), &json!(4)));
    assert!(row(&arabic, 1)["السبب"].as_str().unwrap().contains("عضو"), "{arabic}");
    let found = read("atom", &feed(&listing, records()), &[]).unwrap();
    assert!(found["entries"][0]["summary"].as_str().unwrap().contains("JO/gw1"), "{found}");
    assert_eq!(
        (&found["updated"], &found["entries"][0]["title"]),
        (&json!("2025-12-29T09:20:02Z"), &json!("JO:organisation:modee"))
    );
}

#[test]
fn figures_keep_their_digits_and_have_no_feed() {
    let listing = of(Of::Figures, Lang::Ar);
    assert!(Entry::of(figure(), &listing).unwrap().is_none());
    let Some(found) = read("csv", &csv(&listing, [figure()]), &[]) else { return };
    assert_eq!((&row(&found, 0)["value"], &row(&found, 0)["sex"]), (&json!("-0.7500"), &json!("")));
    let found = read("xlsx", &xlsx(&listing, [figure()]), &[]).unwrap();
    assert_eq!((&row(&found, 0)["القيمة"], &found["formats"][0][3]), (&json!(-0.75), &json!("0.0000")));
}

#[test]
fn a_payload_that_is_no_json_is_an_error_of_the_node_and_no_gap() {
    let broken = wire::Revision { payload_json: "{".to_owned(), ..Default::default() };
    let refused = Answered::Revision(Box::new(broken)).item(&of(Of::Revisions, Lang::En)).unwrap_err();
    assert_eq!(refused.code, "DOWNLOAD_FAILED");
}
