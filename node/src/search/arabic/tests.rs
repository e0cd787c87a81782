//! The rules for Arabic one by one, and what holds for any text. Out of scope: the shared pairs (`analysis::tests`).

use proptest::prelude::*;

use super::*;

fn norms(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.norm).collect()
}

fn all_stems(text: &str) -> Vec<String> {
    norms(text).iter().flat_map(|norm| stems(norm)).collect()
}

fn meet(query: &str, text: &str) -> bool {
    let (asked, there) = (all_stems(query), all_stems(text));
    asked.iter().any(|stem| there.contains(stem))
}

#[test]
fn spellings_of_a_word_are_one_word() {
    for (one, other) in [
        ("إدارة", "اداره"),
        ("الآمنة", "الامنة"),
        ("مُحَمَّد", "محمد"),
        ("خـــدمات", "خدمات"),
        ("مسؤول", "مسئول"),
        ("مستشفى", "مستشفي"),
        ("الکویت", "الكويت"),
        ("٢٠٢٤ ۲۰۲۴", "2024 2024"),
        ("ﻻ", "لا"),
        ("Déjà-VU à l'Œuvre", "deja vu a l oeuvre"),
        ("e\u{301}tat", "état"),
        ("so\u{ad}ft", "SOFT"),
    ] {
        assert_eq!(norms(one), norms(other), "{one}");
    }
    assert_eq!(norms("الحكومة\u{200F} الرقمية"), ["الحكومه", "الرقميه"]);
}

#[test]
fn stems_meet_through_article_preposition_and_endings_and_no_further() {
    for text in ["الحكومة", "والحكومة", "بالحكومة", "للحكومة", "وبالحكومة", "كالحكومة", "فالحكومة"]
    {
        assert!(meet("حكومة", text), "{text}");
    }
    for (query, text) in [
        ("خدمة", "خدماتها"),
        ("مواطن", "للمواطنين"),
        ("لجنة", "للجنة"),
        ("لبنان", "للبنان"),
        ("فلسطين", "الفلسطينيين"),
        ("البحرين", "بحرينية"),
        ("اللجنة", "للجنة"),
        ("إلكترونية", "الإلكترونيين"),
        ("التزام", "بالالتزامات"),
    ] {
        assert!(meet(query, text), "{query}: {text}");
    }
    for (query, text) in
        [("بحر", "البحرين"), ("وزارة", "زارة"), ("سوريا", "سورة"), ("سورية", "سورة"), ("باب", "اب"), ("مدينة", "مدن")]
    {
        assert!(!meet(query, text), "{query}: {text}");
    }
}

#[test]
fn words_lie_where_they_stand_in_the_original() {
    let text = "«الخِدْمَات» (e-Gov) ٣٫٥ ½";
    let found: Vec<_> = words(text).into_iter().map(|word| (text[word.from..word.to].to_owned(), word.norm)).collect();
    let expected = [("الخِدْمَات", "الخدمات"), ("e", "e"), ("Gov", "gov"), ("٣", "3"), ("٥", "5"), ("½", "1"), ("½", "2")];
    assert_eq!(found, expected.map(|(original, norm)| (original.to_owned(), norm.to_owned())));
}

/// Texts of the letters that the rules are about, and of any others.
fn texts() -> impl Strategy<Value = String> {
    let near = "[\u{610}-\u{61C}\u{621}-\u{671}\u{6A9}-\u{6ED}\u{660}-\u{669}a-zÀ-ÿĀ-ſ\u{300}-\u{36F}\u{200B}-\u{200F} \\-İΣς½ﷺﻻ]{0,40}";
    prop_oneof![near, any::<String>()]
}

proptest! {
    #[test]
    fn normalising_twice_is_normalising_once(text in texts()) {
        let once = norms(&text);
        prop_assert_eq!(norms(&once.join(" ")), once);
    }

    #[test]
    fn offsets_lie_on_characters_in_order_and_lead_back_to_the_word(text in texts()) {
        let mut end = 0;
        for word in words(&text) {
            prop_assert!(word.from < word.to && text.is_char_boundary(word.from) && text.is_char_boundary(word.to));
            let original = &text[word.from..word.to];
            prop_assert!(norms(original).contains(&word.norm), "{:?} of {:?}", word.norm, original);
            prop_assert!(word.from >= end || words(original).len() > 1);
            end = word.to;
        }
    }

    #[test]
    fn every_word_has_a_stem(text in texts()) {
        for norm in norms(&text) {
            let stems = stems(&norm);
            prop_assert!(!stems.is_empty() && stems.iter().all(|stem| !stem.is_empty()));
        }
    }
}
