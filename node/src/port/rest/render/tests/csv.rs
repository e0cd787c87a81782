//! CSV as Python's csv reads it.

use multaqa_proto::wire::kind::{Dataset, dataset};
use serde_json::json;

use super::super::csv::Csv;
use super::super::item::Item;
use super::*;

#[test]
fn python_reads_the_csv_as_it_was_written() {
    let mut csv = Csv::new(&listing(Some("service"), Texts::Each), true).unwrap();
    for listed in [rich(), minimal()] {
        csv.push(&Item::of(&listed)).unwrap();
    }
    let Some(read) = read("csv", &csv.finish().unwrap(), &[]) else { return };
    assert_eq!(read["mark"], true);
    let (rich, minimal) = (row(&read, 0), row(&read, 1));
    let head: Vec<_> = read["head"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(head[..5], ["id", "kind", "member", "revision", "standing"]);
    let title = head.iter().position(|name| *name == "title.ar").unwrap();
    assert_eq!(head[title..title + 4], ["title.ar", "title.en", "title.fr", "description.ar"]);
    for (column, expected) in [
        ("id", "JO:service:sanad"),
        ("audience", "states; member:x-escwa"),
        ("accepted_at", "2025-12-29T09:27:00Z"),
        ("title.ar", "سند: <الهوية> & «التوقيع»"),
        ("title.en", "'=Sanad <identity> & \"signature\""),
        ("description.en", "Two lines,\r\nhere"),
        ("sectors", "01.3; 04"),
        ("keywords.label.en", "identity; -signature"),
        ("channels.type", "web; office"),
        ("channels.url", "https://sanad.jo.example/a b?q={x}; "),
        ("maturity", "4"),
        ("satisfaction", "87.50"),
        ("contact.telephone", "'+96265300222"),
        ("withdrawn", "false"),
    ] {
        assert_eq!(rich[column], expected, "{column}");
    }
    assert_eq!(
        (&minimal["title.en"], &minimal["satisfaction"], &minimal["maturity"]),
        (&json!(""), &json!(""), &json!("0"))
    );
}

#[test]
fn one_language_is_one_column_and_another_language_is_said() {
    let asked = Listing { lang: Lang::Fr, ..listing(Some("service"), Texts::Asked) };
    let mut csv = Csv::new(&asked, false).unwrap();
    for listed in [rich(), minimal()] {
        csv.push(&Item::of(&listed)).unwrap();
    }
    let Some(read) = read("csv", &csv.finish().unwrap(), &[]) else { return };
    assert_eq!((&row(&read, 0)["title"], &row(&read, 1)["title"]), (&json!("Sanad : identité"), &json!("خدمة [ar]")));
    assert!(!row(&read, 0).contains_key("title.ar") && read["mark"] == false);
}

#[test]
fn a_long_list_says_how_many_of_its_items_are_not_shown() {
    let observation = |n: u32| dataset::Observation {
        ref_area: "JO".to_owned(),
        time_period: (1_000 + n).to_string(),
        value: Some(format!("-0.{n}")),
        ..Default::default()
    };
    let observations = (0..250).map(observation).collect();
    let payload = Dataset { title: texts(&[("en", "Figures")]), observations, ..Default::default() };
    let mut csv = Csv::new(&listing(Some("dataset"), Texts::Each), false).unwrap();
    csv.push(&Item::of(&listed("JO:dataset:d", 1, payload.title.clone(), &payload))).unwrap();
    let text = String::from_utf8(csv.finish().unwrap()).unwrap();
    assert!(text.contains("; 1099; … (+150)"), "{text}");
}

#[test]
fn a_download_is_bounded_and_the_refusal_says_how_to_go_on() {
    let mut csv = Csv::new(&listing(Some("service"), Texts::Each), false).unwrap();
    let one = Item::of(&minimal());
    let refused = (0..=DOWNLOAD_ROWS_MAX).find_map(|_| csv.push(&one).err()).unwrap();
    assert_eq!(refused.code, "DOWNLOAD_TOO_LARGE");
    for lang in Lang::ALL {
        let told = refused.told(lang);
        assert!(told.text.contains("10000") && told.next.contains("country="), "{lang}: {} {}", told.text, told.next);
    }
}
