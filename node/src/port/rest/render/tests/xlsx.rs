//! XLSX as openpyxl reads it.

use serde_json::json;

use super::super::item::Item;
use super::super::xlsx::Xlsx;
use super::*;

#[test]
fn openpyxl_reads_the_sheet_and_finds_no_formula() {
    let arabic = Listing { lang: Lang::Ar, ..listing(Some("service"), Texts::Each) };
    let mut xlsx = Xlsx::new(&arabic).unwrap();
    for listed in [rich(), minimal()] {
        xlsx.push(&Item::of(&listed)).unwrap();
    }
    let bytes = xlsx.finish().unwrap();
    let Some(read) = read("xlsx", &bytes, &[]) else { return };
    assert_eq!((&read["title"], &read["right_to_left"]), (&json!("الخدمات المشتركة"), &json!(true)));
    assert_eq!((&read["frozen"], &read["formulas"]), (&json!("B2"), &json!([])));
    let first = row(&read, 0);
    assert_eq!(first["المعرّف"], "JO:service:sanad");
    assert_eq!(first["العنوان (الإنجليزية)"], "=Sanad <identity> & \"signature\"");
    assert_eq!((&first["مستوى النضج"], &first["مسحوبة"]), (&json!(4), &json!(false)));
    let satisfaction =
        read["head"].as_array().unwrap().iter().position(|name| name == "نسبة رضا المستخدمين (%)").unwrap();
    assert_eq!((&read["rows"][0][satisfaction], &read["formats"][0][satisfaction]), (&json!(87.5), &json!("0.00")));
    assert!(read["widths"].as_array().unwrap().len() > 3, "{}", read["widths"]);

    let mut again = Xlsx::new(&arabic).unwrap();
    for listed in [rich(), minimal()] {
        again.push(&Item::of(&listed)).unwrap();
    }
    assert_eq!(again.finish().unwrap(), bytes, "the same list is the same file");
    let french = Xlsx::new(&Listing { lang: Lang::Fr, ..arabic }).unwrap().finish().unwrap();
    let read = super::read("xlsx", &french, &[]).unwrap();
    assert_eq!(
        (&read["right_to_left"], &read["head"][2], &read["rows"]),
        (&json!(false), &json!("Membre"), &json!([]))
    );
}
