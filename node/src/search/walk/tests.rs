//! What is walked through is what tantivy itself finds, with its scores.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, Schema, TEXT};
use tantivy::{DocAddress, Index, TantivyDocument};

use super::*;

/// Documents of a segment: some windows, the last one not full.
const DOCUMENTS: usize = 10_000;
/// Words, of which the first ones are in most documents and the last ones in few.
const VOCABULARY: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Two segments, of which documents are deleted.
fn index() -> (Index, Field) {
    let mut schema = Schema::builder();
    let text = schema.add_text_field("text", TEXT);
    let index = Index::create_in_ram(schema.build());
    let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
    writer.set_merge_policy(Box::new(tantivy::merge_policy::NoMergePolicy));
    let mut seed = 7_u64;
    for _ in 0..2 {
        for _ in 0..DOCUMENTS {
            let mut words = vec!["x"];
            for _ in 0..8 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // Half of what is left each time.
                let word = (seed >> 40).trailing_zeros() as usize;
                words.push(VOCABULARY.get(word).copied().unwrap_or("f"));
            }
            let mut document = TantivyDocument::new();
            document.add_text(text, words.join(" "));
            writer.add_document(document).unwrap();
        }
        writer.commit().unwrap();
    }
    writer.delete_term(Term::from_field_text(text, "f"));
    writer.commit().unwrap();
    (index, text)
}

/// The same question to both.
#[derive(Debug, Clone)]
struct Question {
    must: Vec<Vec<(Vec<usize>, bool)>>,
    not: Vec<usize>,
    more: Vec<usize>,
}

fn question() -> impl Strategy<Value = Question> {
    let word = || 0..VOCABULARY.len() - 1;
    let leaf = || {
        (
            prop_oneof![3 => word().prop_map(|word| vec![word]), 1 => [word(), word(), word()].prop_map(Vec::from)],
            any::<bool>(),
        )
    };
    let group = || prop::collection::vec(leaf(), 1..3);
    let more = || prop::collection::vec(word(), 0..3);
    (prop::collection::vec(group(), 1..4), more(), more()).prop_map(|(must, not, more)| Question { must, not, more })
}

fn term(text: Field, word: usize) -> Term {
    Term::from_field_text(text, VOCABULARY[word])
}

fn planned(text: Field, question: &Question) -> Plan {
    let what = |words: &[usize]| match words {
        [word] => What::Term(term(text, *word)),
        words => What::Phrase(words.iter().map(|word| term(text, *word)).collect()),
    };
    let leaf = |(words, ranks): &(Vec<usize>, bool)| Leaf { what: what(words), weight: ranks.then_some(1.5) };
    let word = |word: &usize, weight| Leaf { what: What::Term(term(text, *word)), weight };
    Plan {
        must: question.must.iter().map(|group| Group(group.iter().map(leaf).collect())).collect(),
        not: question.not.iter().map(|not| vec![Group(vec![word(not, None)])]).collect(),
        more: question.more.iter().map(|more| word(more, Some(0.5))).collect(),
        ..Plan::default()
    }
}

fn as_query(text: Field, question: &Question) -> BooleanQuery {
    let word = |word: usize| TermQuery::new(term(text, word), IndexRecordOption::WithFreqs);
    let leaf = |(words, ranks): &(Vec<usize>, bool)| -> Box<dyn Query> {
        let query: Box<dyn Query> = match words.as_slice() {
            [one] => Box::new(word(*one)),
            words => Box::new(PhraseQuery::new(words.iter().map(|word| term(text, *word)).collect())),
        };
        if *ranks { Box::new(BoostQuery::new(query, 1.5)) } else { Box::new(ConstScoreQuery::new(query, 0.0)) }
    };
    let group = |group: &Vec<(Vec<usize>, bool)>| -> Box<dyn Query> {
        Box::new(BooleanQuery::union(group.iter().map(leaf).collect()))
    };
    let must = question.must.iter().map(|these| (Occur::Must, group(these)));
    let not = question.not.iter().map(|not| (Occur::MustNot, Box::new(word(*not)) as Box<dyn Query>));
    let more = question
        .more
        .iter()
        .map(|more| (Occur::Should, Box::new(BoostQuery::new(Box::new(word(*more)), 0.5)) as Box<dyn Query>));
    BooleanQuery::new(must.chain(not).chain(more).collect())
}

#[test]
fn it_finds_what_the_index_finds_with_its_scores() {
    let (index, text) = index();
    let searcher = index.reader().unwrap().searcher();
    assert_eq!(searcher.segment_readers().len(), 2);
    assert!(searcher.segment_readers().iter().all(SegmentReader::has_deletes));
    // 48 where nothing else is asked for.
    let config = ProptestConfig::default();
    let cases = config.cases * 3 / 16;
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases, ..config });
    let alike = |question: Question| {
        let every = TopDocs::with_limit(2 * DOCUMENTS).order_by_score();
        let expected = searcher.search(&as_query(text, &question), &every).unwrap();
        let expected: BTreeMap<DocAddress, Score> = expected.into_iter().map(|(score, doc)| (doc, score)).collect();
        let ready = Ready::new(&searcher, &planned(text, &question), true).unwrap();
        let mut found = BTreeMap::new();
        for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
            // In parts, of which none ends where a window does.
            for first in (0..segment.max_doc()).step_by(3_333) {
                let among = first..segment.max_doc().min(first + 3_333);
                let taken = ready.walk(segment, among, |docs, scores| {
                    found.extend(docs.iter().map(|doc| DocAddress::new(ordinal, *doc)).zip(scores.iter().copied()));
                    ControlFlow::Continue(())
                });
                taken.unwrap();
            }
        }
        prop_assert!(found.keys().eq(expected.keys()), "{} instead of {}", found.len(), expected.len());
        for (doc, score) in &found {
            prop_assert!((score - expected[doc]).abs() < 1e-3, "{doc:?}: {score} instead of {}", expected[doc]);
        }
        Ok(())
    };
    runner.run(&question(), alike).unwrap();
}

#[test]
fn a_window_has_a_bit_for_each_of_its_documents() {
    for documents in [0_u32, 1, 63, 64, 65, DOCS - 1, DOCS] {
        let window = 100..100 + documents;
        assert!(stand(&all(&window), &window).eq(window.clone()), "{documents}");
    }
}
