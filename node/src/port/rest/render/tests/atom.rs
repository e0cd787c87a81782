//! Atom as feedparser reads it.

use serde_json::json;

use super::super::atom::{self, Entry};
use super::*;

fn feed(listing: &Listing, objects: &[Listed]) -> Vec<u8> {
    atom::feed(listing, objects.iter().map(|listed| Entry::of_object(listed, listing.lang)).collect()).unwrap()
}

#[test]
fn feedparser_reads_the_feed_newest_first() {
    let feed = feed(&listing(Some("service"), Texts::Each), &[rich(), minimal()]);
    let Some(read) = read("atom", &feed, &[]) else { return };
    assert_eq!(read["updated"], "2025-12-29T09:29:00Z");
    assert_eq!(read["links"]["self"], "https://node.jo.example:7443/v1/services?member=JO&pageSize=2");
    assert!(read["links"]["next"].as_str().unwrap().ends_with("&pageToken=abc"), "{read}");
    let (first, second) = (&read["entries"][0], &read["entries"][1]);
    assert_eq!((&first["title"], &first["lang"]), (&json!("خدمة"), &json!("ar")));
    assert_eq!((&second["title"], &second["lang"]), (&json!("=Sanad <identity> & \"signature\""), &json!("en")));
    assert_eq!((&second["author"], &second["updated"]), (&json!("JO"), &json!("2025-12-29T09:27:00Z")));
    assert_eq!(second["id"], "urn:multaqa:demo.multaqa.example:JO:service:sanad");
    assert!(second["summary"].as_str().unwrap().starts_with("Two lines,"), "{second}");
}

#[test]
fn a_feed_of_nothing_and_of_what_is_withdrawn_is_a_feed() {
    let mut withdrawn = minimal();
    withdrawn.summary = ObjectSummary { withdrawn: true, title: HashMap::new(), ..withdrawn.summary };
    withdrawn.payload = Value::Null;
    let all_kinds = Listing { next: None, ..listing(None, Texts::Each) };
    let feeds = [feed(&all_kinds, &[]), feed(&all_kinds, &[withdrawn])];
    let Some(empty) = read("atom", &feeds[0], &[]) else { return };
    assert_eq!((&empty["entries"], &empty["links"]["next"]), (&json!([]), &Value::Null));
    assert_eq!(read("atom", &feeds[1], &[]).unwrap()["entries"][0]["title"], "JO:service:minimal");
}
