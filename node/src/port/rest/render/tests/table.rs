//! Columns, and what stands in them.

use super::super::item::Item;
use super::super::table::{self, Cell};
use super::*;

#[test]
fn a_table_has_the_fields_that_were_asked_for() {
    let columns = |fields: &[&str], texts| {
        let fields = fields.iter().map(|&field| field.to_owned()).collect();
        let listing = Listing { fields, ..listing(Some("service"), texts) };
        table::columns(&listing).iter().map(table::Column::name).collect::<Vec<_>>().join(",")
    };
    assert_eq!(
        columns(&["id", "title.ar", "payload.reuse"], Texts::Each),
        "id,title.ar,reuse.offer,reuse.repository,reuse.licence"
    );
    assert_eq!(columns(&["title.ar"], Texts::Asked), "title");
    let payload = columns(&["payload"], Texts::Asked);
    assert!(payload.contains("contact.email") && !payload.contains("accepted_at"), "{payload}");
}

#[test]
fn a_cell_stands_below_its_heading_whichever_fields_were_asked_for() {
    let fields = ["title", "accepted_at", "payload.reuse.offer"].map(ToOwned::to_owned).to_vec();
    let listing = Listing { fields, ..listing(Some("service"), Texts::Asked) };
    let columns = table::columns(&listing);
    let names: Vec<_> = columns.iter().map(table::Column::name).collect();
    assert_eq!(names, ["accepted_at", "title", "reuse.offer"]);
    let text = |text: &str| Cell::Text(text.to_owned());
    let rich = table::row(&columns, &Item::of(&rich()), Lang::Fr);
    assert_eq!(rich, [text("2025-12-29T09:27:00Z"), text("Sanad : identité"), text("code")]);
    let withdrawn = Listed { payload: Value::Null, ..minimal() };
    assert_eq!(table::row(&columns, &Item::of(&withdrawn), Lang::Ar)[1..], [text("خدمة"), Cell::Empty]);
}

#[test]
fn a_revision_has_the_fields_that_were_asked_for() {
    let fields = ["state", "payload.title"].map(ToOwned::to_owned).to_vec();
    let listing = Listing { of: Of::Revisions, fields, ..listing(Some("service"), Texts::Asked) };
    let names: Vec<_> = table::columns(&listing).iter().map(table::Column::name).collect();
    assert_eq!(names, ["state", "payload.title"]);
}
