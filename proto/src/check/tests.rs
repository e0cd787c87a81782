//! The collector, and one violation of each of its rules.

use super::*;

/// One violation of each rule that kinds share, for the test of the texts.
pub(crate) fn every_violation() -> Vec<Violation> {
    use self::Need::{Optional, Required};
    let texts = HashMap::from([
        ("ar".to_owned(), format!("e\u{301}\u{200F}\n{}", "x".repeat(200))),
        ("de".to_owned(), String::new()),
    ]);
    Check::run(|c| {
        c.texts("title", &texts, TextRule::NAME);
        c.not_empty::<u8>("list", &[]);
        c.list("list", &[1, 2], 1, |_, _| {});
        c.unique(&mut BTreeSet::from([1]), 1, &1);
        c.closed("status", "x", &["a", "b"], Required);
        c.code("code", " ", Required);
        c.decimal("value", Some("x"));
        c.number("maturity", 5, 0..=4);
        c.date("date", "x", Optional);
        c.url("url", "x");
        c.object("provider", "x", "organisation", Required);
        c.bytes("hash", &[1], 32, Required);
    })
}

fn found(walk: impl FnOnce(&mut Check)) -> Vec<(String, &'static str)> {
    Check::run(walk).into_iter().map(|v| (v.path, v.code)).collect()
}

#[test]
fn all_violations_are_reported_in_a_fixed_order_with_their_paths() {
    let texts = HashMap::from([
        ("fr".to_owned(), String::new()),
        ("ar".to_owned(), "س\u{202E}".to_owned()),
        ("de".to_owned(), "x".to_owned()),
    ]);
    let all = found(|c| {
        c.texts("title", &texts, TextRule::NAME);
        c.texts("description", &HashMap::new(), TextRule::PROSE.required());
        c.field("endpoint", |c| c.closed("protocol", "smoke", &["rest"], Need::Required));
        c.list("values", &["1", "x"], 10, |c, v| c.code_form(if *v == "x" { "a b" } else { "1" }));
    });
    let expected = [
        ("title.ar", "TEXT_BIDI_CONTROL"),
        ("title.de", "LANGUAGE_UNKNOWN"),
        ("title.fr", "TEXT_EMPTY"),
        ("description", "FIELD_REQUIRED"),
        ("endpoint.protocol", "CODE_UNKNOWN"),
        ("values[1]", "CODE_MALFORMED"),
    ];
    assert_eq!(all, expected.map(|(path, code)| (path.to_owned(), code)));
}

#[test]
fn the_first_argument_is_the_path_and_values_are_cut() {
    let all = Check::run(|c| c.url("url", &"x".repeat(500)));
    assert_eq!(all[0].args[0], ("path", "url".to_owned()));
    assert_eq!(all[0].args[1].1.chars().count(), SHOWN_MAX);
}

#[test]
fn a_list_over_its_limit_is_one_violation() {
    assert_eq!(found(|c| c.codes("sectors", &vec![" ".to_owned(); 101])), [("sectors".to_owned(), "LIST_TOO_LONG")]);
}

#[test]
fn optional_values_may_be_empty_but_not_wrong() {
    assert_eq!(found(|c| c.date("since", "", Need::Optional)), []);
    assert_eq!(found(|c| c.date("since", "", Need::Required)), [("since".to_owned(), "FIELD_REQUIRED")]);
    assert_eq!(found(|c| c.bytes("hash", &[1; 31], 32, Need::Optional)), [("hash".to_owned(), "LENGTH_WRONG")]);
    assert_eq!(found(|c| c.number("maturity", 5, 0..=4)), [("maturity".to_owned(), "OUT_OF_RANGE")]);
    assert_eq!(found(|c| c.decimal_within("share", Some("100.01"), 0, 100)), [("share".to_owned(), "OUT_OF_RANGE")]);
}
