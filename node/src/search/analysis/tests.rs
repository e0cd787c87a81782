//! The pairs of the shared data, text and query read alike. In scope: words and stems. Out of scope: the index (`search::tests`).

use std::path::PathBuf;

use super::*;

/// Whether every word of a query stands in a text, by one of its stems.
fn matches(query: &str, text: &str) -> bool {
    let mut analysis = Analysis::new();
    let there: Vec<String> = analysis.tokens(text, Some(Lang::Ar)).into_iter().flat_map(|token| token.stems).collect();
    let asked = analysis.tokens(query, None);
    !asked.is_empty() && asked.iter().all(|token| token.stems.iter().any(|stem| there.contains(stem)))
}

#[test]
fn a_mixed_text_is_read_word_by_word() {
    let tokens = Analysis::new().tokens("منصة e-Government الإلكترونية", Some(Lang::Ar));
    let stems: Vec<_> = tokens.iter().map(|token| token.stems[0].as_str()).collect();
    assert_eq!(stems, ["منص", "e", "govern", "الكتر"]);
}

#[test]
fn pairs_of_our_own_hold() {
    for (query, text, expected) in [
        ("هوية رقمية", "نظام الهوية الرقمية الموحّد", true),
        ("توقيع", "خدمة التوقيعات الإلكترونية", true),
        ("services", "خدمات Service Desk", true),
        ("الدفع", "للدفع الإلكتروني", true),
        ("شركة", "شراكة", false),
        ("حكم", "حكومة", false),
    ] {
        assert_eq!(matches(query, text), expected, "{query}: {text}");
    }
}

/// The pairs that people wrote to tell good rules from bad ones; the variable `DATA_DIR` says where the file is.
#[test]
fn all_pairs_of_the_shared_data_hold() {
    let Some(dir) = std::env::var_os("DATA_DIR") else {
        assert!(std::env::var_os("CI").is_none(), "DATA_DIR names no directory with arabic_search_pairs.tsv");
        println!("skipped: DATA_DIR is not set");
        return;
    };
    let text = std::fs::read_to_string(PathBuf::from(dir).join("arabic_search_pairs.tsv")).unwrap();
    let mut held = 0;
    for line in text.lines().skip(1) {
        let [id, query, text, expected, ..] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        assert_eq!(matches(query, text), expected == "1", "pair {id}: {query} in {text}");
        held += 1;
    }
    assert_eq!(held, 48);
}
