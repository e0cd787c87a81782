//! What queries find: words in any form, phrases, filters, orders, and that any text is one.

use proptest::prelude::*;

use super::*;

/// Five services, an index of several segments.
async fn stand() -> Stand {
    let mut stand = Stand::new().await;
    let services = [
        (
            "JO:service:sanad",
            service(&[("ar", "الهوية الرقمية سند"), ("en", "Sanad digital identity")], &[("ar", "تطبيق للمواطنين")]),
        ),
        (
            "EG:service:digital-egypt",
            service(&[("ar", "مصر الرقمية")], &[("ar", "خدمات حكومية ومنها الهوية الرقمية وخدمات أخرى")]),
        ),
        ("SA:service:absher", with_keyword(service(&[("ar", "أبشر")], &[("ar", "منصة الخدمات")]), &[("ar", "هوية")])),
        (
            "SA:service:payment",
            service(
                &[("ar", "الدفع الإلكتروني"), ("fr", "Paiement électronique")],
                &[("en", "Paying fees of services")],
            ),
        ),
        ("EG:service:cities", service(&[("ar", "مدن ذكية")], &[("en", "Smart cities, for a pilot")])),
    ];
    for (id, service) in services {
        let sectors: &[&str] = if id.starts_with("SA") { &["09", "04.2"] } else { &["09"] };
        stand.publish(id, &in_sectors(service, sectors));
        stand.turn().await.unwrap();
    }
    stand
}

#[tokio::test]
async fn a_title_ranks_above_a_keyword_and_that_above_the_text() {
    let stand = stand().await;
    assert_eq!(stand.ids("هوية").await, ["JO:service:sanad", "SA:service:absher", "EG:service:digital-egypt"]);
    assert_eq!(stand.ids("للهُويّات").await.len(), 3);
    assert_eq!(stand.ids("الهوية الرقمية").await, ["JO:service:sanad", "EG:service:digital-egypt"]);
}

#[tokio::test]
async fn what_stands_as_it_was_asked_ranks_above_its_other_forms() {
    let mut stand = Stand::new().await;
    for (slug, title) in [("a", "خدماتها"), ("b", "خدمة"), ("c", "الخدمات")] {
        stand.publish(&format!("JO:service:{slug}"), &service(&[("ar", title)], &[("ar", "وصف")]));
    }
    stand.turn().await.unwrap();
    for (text, first) in [("خدمة", "JO:service:b"), ("الخدمات", "JO:service:c"), ("خدماتها", "JO:service:a")]
    {
        let found = stand.ids(text).await;
        assert_eq!((found[0].as_str(), found.len()), (first, 3), "{text}");
    }
}

#[tokio::test]
async fn phrases_beginnings_and_what_must_not_stand() {
    let stand = stand().await;
    assert_eq!(stand.ids("\"الرقمية الهوية\"").await, [""; 0]);
    assert_eq!(stand.ids("«هوية رقمية» -سند").await, ["EG:service:digital-egypt"]);
    assert_eq!(stand.ids("رقم*").await.len(), 2);
    assert_eq!(stand.ids("الرقم*").await.len(), 2);
    assert_eq!(stand.ids("pay*").await, ["SA:service:payment"]);
    assert_eq!(stand.ids("electroniques").await, ["SA:service:payment"], "French, folded");
    assert_eq!(stand.ids("paid citys").await, [""; 0]);
    assert_eq!(stand.ids("pilots").await, ["EG:service:cities"], "English");
    assert_eq!(stand.ids("absher").await, ["SA:service:absher"], "the slug of an id");
    assert_eq!(stand.ids("في منصة").await, ["SA:service:absher"], "small words need not stand");
}

#[tokio::test]
async fn words_of_a_set_find_one_another() {
    let stand = stand().await;
    assert_eq!(stand.ids("مدينة").await, ["EG:service:cities"]);
    assert_eq!(stand.ids("égyptienne").await, ["EG:service:digital-egypt"]);
    let own = stand.ids("رقمية").await;
    assert_eq!(own.len(), 3, "electronic is another word for it: {own:?}");
}

#[tokio::test]
async fn facets_are_counted_and_filter() {
    let stand = stand().await;
    let facet = |name: &str| stand.search.facet(name).unwrap();
    let counted = vec![facet("country"), facet("sector"), facet("language"), facet("year"), facet("kind")];
    let found = stand.find(SearchQuery { facets: counted.clone(), limit: 0, ..asked("") }).await;
    let shown: Vec<_> = found.facets.iter().map(|counts| (counts.facet.name(), counts.values.clone())).collect();
    let values = |all: &[(&str, u64)]| all.iter().map(|(value, n)| ((*value).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(found.total, 5);
    assert_eq!(shown[0], ("country", values(&[("EG", 2), ("SA", 2), ("JO", 1)])));
    assert_eq!(shown[1], ("sector", values(&[("09", 5), ("04.2", 2)])));
    assert_eq!(shown[2], ("language", values(&[("ar", 5), ("en", 3), ("fr", 1)])));
    assert_eq!(shown[3], ("year", values(&[("2023", 5)])));
    assert_eq!(shown[4], ("kind", values(&[("service", 5)])));
    let filters =
        vec![(facet("country"), vec!["SA".to_owned(), "JO".to_owned()]), (facet("sector"), vec!["04.2".to_owned()])];
    let found = stand.find(SearchQuery { filters, facets: counted, ..asked("هوية") }).await;
    assert_eq!((found.total, found.hits[0].id.as_str()), (1, "SA:service:absher"));
    assert_eq!(found.facets[1].values, values(&[("04.2", 1), ("09", 1)]));
    let unknown = stand.search.facet("secter").unwrap_err();
    assert_eq!((unknown.code(), unknown.args()[1].1.as_str()), ("SEARCH_FACET_UNKNOWN", "sector"));
}

/// Nothing of a kind that the asker may not see shows in anything of an answer.
#[tokio::test]
async fn kinds_that_the_asker_may_not_see_take_no_part() {
    let stand = stand().await;
    let blind = |text: &str| SearchQuery {
        kinds: Some(vec!["organisation".to_owned()]),
        facets: stand.search.facets(),
        ..asked(text)
    };
    for text in ["", "هوية", "هوي*", "هويتة", "-هوية", "identiti"] {
        let found = stand.find(blind(text)).await;
        assert_eq!((found.total, found.hits.len(), found.suggestion), (0, 0, None), "{text}");
        assert!(found.facets.iter().all(|counts| counts.values.is_empty()), "{text}: {:?}", found.facets);
    }
    let asked = |kinds| Completion { text: "اله".to_owned(), kinds, lang: Lang::Ar, limit: 9 };
    assert_eq!(stand.search.complete(asked(Some(vec!["organisation".to_owned()]))).await.unwrap(), []);
    assert_eq!(stand.search.complete(asked(None)).await.unwrap()[0].title, "الهوية الرقمية سند");
}

#[tokio::test]
async fn words_are_shown_where_they_stand() {
    let stand = stand().await;
    let found = stand.find(SearchQuery { lang: Lang::En, ..asked("identity") }).await;
    let highlight = &found.hits[0].highlights[0];
    let marked: Vec<_> =
        highlight.pieces.iter().filter(|piece| piece.marked).map(|piece| piece.text.as_str()).collect();
    assert_eq!((highlight.path.as_str(), highlight.lang.as_str(), marked), ("title", "en", vec!["identity"]));
    let text: String = highlight.pieces.iter().map(|piece| piece.text.as_str()).collect();
    assert_eq!(text, "Sanad digital identity");
}

#[tokio::test]
async fn a_misspelt_word_is_suggested_as_it_was_published() {
    let stand = stand().await;
    for (text, suggested) in [
        ("identyti", Some("identity")),
        ("الهوية الرقيمة -سند", Some("الهوية الرقمية -سند")),
        ("xqzvw", None),
        ("123456", None),
    ] {
        let found = stand.find(asked(text)).await;
        assert_eq!((found.total, found.suggestion.as_deref()), (0, suggested), "{text}");
    }
    assert_eq!(stand.find(asked("identity")).await.suggestion, None);
}

#[tokio::test]
async fn titles_complete_a_text_in_the_language_of_the_asker() {
    let stand = stand().await;
    let complete = async |text: &str, lang| {
        let asked = Completion { text: text.to_owned(), kinds: None, lang, limit: 5 };
        stand.search.complete(asked).await.unwrap().into_iter().map(|one| one.title).collect::<Vec<_>>()
    };
    assert_eq!(complete("paie", Lang::Ar).await, ["Paiement électronique"]);
    assert_eq!(complete("رقم", Lang::Ar).await.len(), 2, "an article may stand before it");
    assert_eq!(complete("sanad dig", Lang::En).await, ["Sanad digital identity"]);
    assert_eq!(complete("", Lang::En).await, [""; 0]);
}

/// Page by page every order gives what it gives at once, whatever the segments.
#[tokio::test]
async fn pages_follow_one_another_in_every_order() {
    let mut stand = stand().await;
    for n in 0..5 {
        let title = ["Same", "Same", "Éclair", "apple", "Zebra"][n];
        stand.publish(&format!("EG:service:n{n}"), &service(&[("en", title)], &[("en", "a numbered service")]));
        stand.turn().await.unwrap();
    }
    for order in [By::Relevance, By::Id, By::Title, By::Authored, By::Accepted] {
        for descending in [false, true] {
            for text in ["", "service*"] {
                let query = SearchQuery { text: text.to_owned(), ..by(order, descending) };
                let whole: Vec<_> = stand.find(query.clone()).await.hits.into_iter().map(|hit| hit.id).collect();
                assert!(whole.len() >= 5, "{order:?}");
                let mut paged = Vec::new();
                let mut after: Option<Place> = None;
                loop {
                    let found = stand.find(SearchQuery { after, limit: 2, ..query.clone() }).await;
                    paged.extend(found.hits.into_iter().map(|hit| hit.id));
                    let Some(next) = found.next else { break };
                    after = Some(next.to_string().parse().unwrap());
                }
                assert_eq!(paged, whole, "{order:?} {descending} {text}");
            }
        }
    }
    let first = async |order, descending| stand.find(by(order, descending)).await.hits[0].id.clone();
    assert_eq!(first(By::Id, false).await, "EG:service:cities");
    assert_eq!(first(By::Id, true).await, "SA:service:payment");
    assert_eq!(first(By::Title, false).await, "EG:service:n3", "apple");
}

/// Work that nobody waits for any more goes on to its end, so it counts until then: whoever gives up one request after the other
/// has no more of it done at once than anybody.
#[tokio::test]
async fn a_search_that_is_given_up_keeps_its_turn_until_it_ends() {
    let stand = stand().await;
    let turns = &stand.search.inner.turns;
    let all = u32::try_from(turns.available_permits()).unwrap();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let mut given_up = Box::pin(stand.search.answer(move |_, _| Ok(ended.recv().is_ok())));
    let begun = std::future::poll_fn(|cx| std::task::Poll::Ready(given_up.as_mut().poll(cx))).await;
    assert!(begun.is_pending());
    drop(given_up);
    assert_eq!(turns.available_permits(), all as usize - 1);
    end.send(()).unwrap();
    assert!(turns.acquire_many(all).await.is_ok());
}

/// What is indexed between two pages changes every score a little: still each hit that was there comes once.
#[tokio::test]
async fn pages_by_relevance_go_on_where_they_ended_while_the_index_changes() {
    let mut stand = Stand::new().await;
    let publish = |stand: &mut Stand, n: usize| {
        let text = format!("{}{}", "permit ".repeat(n % 4 + 1), "word ".repeat(n % 7));
        stand.publish(&format!("EG:service:p{n:02}"), &service(&[("en", "A service")], &[("en", text.trim_end())]));
    };
    (0..20).for_each(|n| publish(&mut stand, n));
    stand.turn().await.unwrap();
    let (mut after, mut paged, mut scores) = (None, Vec::new(), Vec::new());
    for round in 0.. {
        let found = stand.find(SearchQuery { after, limit: 3, ..asked("permit") }).await;
        scores.extend(found.hits.first().map(|hit| hit.score));
        paged.extend(found.hits.into_iter().map(|hit| hit.id));
        after = found.next;
        if after.is_none() {
            break;
        }
        // Others with the word make it say less; the last that was shown is published anew, and stays where it ranks.
        publish(&mut stand, 20 + round);
        let last: usize = paged.last().unwrap()[12..].parse().unwrap();
        publish(&mut stand, last);
        stand.turn().await.unwrap();
    }
    let old = || paged.iter().filter(|id| id.as_str() < "EG:service:p20");
    let distinct: std::collections::BTreeSet<_> = paged.iter().collect();
    assert_eq!((old().count(), distinct.len()), (20, paged.len()), "{paged:?}");
    assert!(scores.windows(2).all(|two| two[1] < two[0]), "{scores:?}");
}

/// Words in quotation marks stand one after the other in one text, however many they are.
#[tokio::test]
async fn a_phrase_of_any_length_stands_as_it_was_asked() {
    let mut stand = Stand::new().await;
    for (slug, text) in [
        ("a", "renewal of a driving licence for citizens"),
        ("b", "a driving licence, renewal of it for residents; renewal of a licence"),
        ("c", "licence for driving"),
    ] {
        stand.publish(&format!("JO:service:{slug}"), &service(&[("en", "Title")], &[("en", text)]));
    }
    stand.turn().await.unwrap();
    assert_eq!(stand.ids("\"driving licence\"").await.len(), 2);
    assert_eq!(stand.ids("\"renewal of a driving licences\"").await, ["JO:service:a"]);
    assert_eq!(stand.ids("\"renewal of a licence\"").await, ["JO:service:b"]);
    assert_eq!(stand.ids("\"of a\" -\"a driving licence for citizens\"").await, ["JO:service:b"]);
    assert_eq!(stand.ids("\"title renewal\"").await, [""; 0], "of two texts");
    // Each of these words reads in two ways.
    assert_eq!(stand.ids(&format!("\"{}\"", ["للجنة"; 32].join(" "))).await, [""; 0]);
}

/// The source of figures has no language, and is found.
#[tokio::test]
async fn plain_texts_are_found() {
    use multaqa_proto::wire::kind::{Dataset, dataset};
    let mut stand = Stand::new().await;
    let observation = dataset::Observation {
        ref_area: "JO".to_owned(),
        time_period: "2024".to_owned(),
        value: Some("1".to_owned()),
        ..Default::default()
    };
    let dataset = Dataset {
        indicator: "x-escwa:indicator:egdi".to_owned(),
        title: texts(&[("en", "Figures")]),
        unit: "INDEX".to_owned(),
        source: "وزارة الاقتصاد الرقمي، United Nations".to_owned(),
        provenance: "copied from the table of the survey".to_owned(),
        observations: vec![observation],
        ..Default::default()
    };
    stand.publish("JO:dataset:egdi", &dataset);
    stand.turn().await.unwrap();
    for text in ["الاقتصاد", "\"united nation\"", "surveys"] {
        let found = stand.find(asked(text)).await;
        assert_eq!(found.hits.len(), 1, "{text}");
        assert_eq!(found.hits[0].highlights[0].lang, "");
    }
    let language = stand.search.facet("language").unwrap();
    let found = stand.find(SearchQuery { facets: vec![language], ..asked("") }).await;
    assert_eq!(found.facets[0].values, [("en".to_owned(), 1)]);
}

#[tokio::test]
async fn what_is_too_much_is_refused_by_name() {
    let stand = stand().await;
    let refused = async |query: SearchQuery| stand.search.find(query).await.unwrap_err().code();
    assert_eq!(refused(asked(&"x".repeat(TEXT_MAX + 1))).await, "SEARCH_TEXT_TOO_LONG");
    assert_eq!(refused(asked(&"a ".repeat(WORDS_MAX + 1))).await, "SEARCH_WORDS_TOO_MANY");
    let kind = stand.search.facet("kind").unwrap();
    let filters = vec![(kind, vec!["service".to_owned(); VALUES_MAX + 1])];
    assert_eq!(refused(SearchQuery { filters, ..asked("") }).await, "SEARCH_FILTERS_TOO_MANY");
    let after = Some(Place { key: "not a number".to_owned(), id: "x".to_owned() });
    assert_eq!(refused(SearchQuery { after: after.clone(), ..by(By::Authored, false) }).await, "PAGE_TOKEN_BAD");
    assert_eq!(refused(SearchQuery { after, ..asked("x") }).await, "PAGE_TOKEN_BAD");
    assert_eq!(Search::new().find(asked("")).await.unwrap_err().code(), "SEARCH_REBUILDING");
}

/// Any text is answered or refused by a name: it breaks nothing, and what is answered is a part of what there is.
#[test]
fn no_text_breaks_a_search() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stand = runtime.block_on(stand());
    let near = "[\"«»* \\-a-eاهويةلرقم+:()/~^]{0,60}";
    let texts = prop_oneof![near, any::<String>(), "(a |اله* |\"b c\" |-d ){0,40}"];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::default());
    let answered = |text: String| {
        let found = runtime.block_on(stand.search.find(SearchQuery { facets: stand.search.facets(), ..asked(&text) }));
        match found {
            Ok(found) => prop_assert!(found.total <= 5 && found.hits.len() as u64 <= found.total),
            Err(error) => prop_assert!(
                matches!(error, SearchError::TextTooLong { .. } | SearchError::WordsTooMany { .. }),
                "{error}"
            ),
        }
        let completion = Completion { text, kinds: None, lang: Lang::Fr, limit: 3 };
        let completed = runtime.block_on(stand.search.complete(completion));
        let broke = matches!(completed, Err(SearchError::Failed { .. } | SearchError::Rebuilding { .. }));
        prop_assert!(!broke, "{completed:?}");
        Ok(())
    };
    runner.run(&texts, answered).unwrap();
}
