//! Search over a large replica, against PostgreSQL's full-text search with its `arabic` configuration over the same rows.
//!
//! One writer puts the records on the log (`multaqa_tests::bulk`: Arabic and English texts of about 1 KB, whose words are all common), one node
//! fetches them and makes its index ([`stand`]). Then one client on the node's socket searches, each question beside other words:
//! one word, two words, a phrase, the beginning of a word, a word within a filter and with counts of facets.
//!
//! What either side does: the node gives the 20 best, how many there are in all, and of each hit its title, its facts from the replica and
//! the parts of its texts with the words marked, over gRPC, at the position of its index. PostgreSQL, started by the bench itself
//! ([`Postgres`]), gives the ids and ranks of the 20 best by `ts_rank` (titles weighed above texts, in a stored column of the
//! row with a GIN index) and how many there are in all, in the cheapest way that was found ([`REFERENCE_SQL`]; a count over a window took three times as long); it reads no texts and
//! marks nothing. Its table is analysed, its statements are prepared, both sides have asked every question before it is timed, and the
//! clock is psql's own. Where it is not installed, that half is left out.
//!
//! `--records N` says how many; `--full` is 1,000,000. `--keep DIR` leaves node and table there, and takes them from there where they
//! are: the making takes minutes, and need not be measured again to measure searches.

mod stand;

use std::path::Path;

use multaqa_demo::memory;
use multaqa_proto::wire::node::{Filter, SearchRequest, SearchResponse};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::Setting;
use crate::local::Local;
use crate::postgres::Postgres;
use crate::report::{Aim, Figure, Samples, mebibytes};
use stand::Stand;

/// Searches of a figure.
const SEARCHES: usize = 500;
/// Searches of the reference's figure: each takes long.
const REFERENCE: usize = 40;
/// Searches before any is timed.
const WARM: usize = 24;
/// p99 that is aimed at, milliseconds.
const P99_MS: f64 = 20.0;
/// How many times the reference's p99 is aimed at.
const TIMES: f64 = 10.0;
/// Best hits of an answer.
const PAGE: u32 = 20;

/// What the reference is asked, with a `tsquery` for its parameter.
const REFERENCE_SQL: &str = "PREPARE search (tsquery) AS \
     WITH hit AS MATERIALIZED (SELECT id, ts_rank(words, $1) AS rank FROM record WHERE words @@ $1) \
     SELECT id, rank, (SELECT count(*) FROM hit) AS total FROM hit ORDER BY rank DESC LIMIT 20;";

/// Words of the records, as they stand there and in other forms.
const WORDS: [&str; 24] = [
    "رخصة",
    "للمواطنين",
    "تجديد",
    "السجل",
    "شهادة",
    "الهوية الرقمية",
    "مواطن",
    "رخص",
    "بلدية",
    "تأشيرة",
    "التوقيع",
    "جواز",
    "passport",
    "licences",
    "certificate",
    "students",
    "renewal",
    "national portal",
    "fees",
    "الضريبي",
    "مراكز",
    "هاتف",
    "للمستثمرين",
    "الصحية",
];

/// A kind of question.
struct Question {
    name: &'static str,
    /// Asks with two words.
    ask: fn(&str, &str) -> SearchRequest,
    /// The same to the reference, as a `tsquery`; none where it has nothing like it.
    reference: Option<fn(&str, &str) -> String>,
}

const QUESTIONS: [Question; 5] = [
    Question {
        name: "one word",
        ask: |word, _| of(word.to_owned()),
        reference: Some(|word, _| format!("plainto_tsquery('arabic', '{word}')")),
    },
    Question {
        name: "two words",
        ask: |word, other| of(format!("{word} {other}")),
        reference: Some(|word, other| format!("plainto_tsquery('arabic', '{word} {other}')")),
    },
    Question {
        name: "a phrase",
        ask: |word, _| of(format!("\"{}\"", phrase(word))),
        reference: Some(|word, _| format!("phraseto_tsquery('arabic', '{}')", phrase(word))),
    },
    Question {
        name: "the beginning of a word",
        ask: |word, _| of(format!("{}*", begun(word))),
        reference: Some(|word, _| format!("to_tsquery('arabic', '{}:*')", begun(word))),
    },
    Question {
        name: "a word in a filter, with facets",
        ask: |word, _| SearchRequest {
            filters: vec![Filter { facet: "status".to_owned(), values: vec!["production".to_owned()] }],
            facets: vec!["sector".to_owned(), "country".to_owned(), "year".to_owned()],
            ..of(word.to_owned())
        },
        reference: None,
    },
];

fn of(text: String) -> SearchRequest {
    SearchRequest { text, page_size: PAGE, lang: "ar".to_owned(), ..SearchRequest::default() }
}

/// A phrase of the records, another for other words.
fn phrase(word: &str) -> &'static str {
    const PHRASES: [&str; 6] =
        ["الهوية الرقمية", "رخصة البناء", "السجل التجاري", "مركز الاتصال", "national portal", "birth certificate"];
    PHRASES[word.len() % PHRASES.len()]
}

fn begun(word: &str) -> String {
    word.chars().take_while(|c| c.is_alphabetic()).take(4).collect()
}

/// Two words for each search, in no order that a cache could follow.
fn pairs(n: usize) -> impl Iterator<Item = (&'static str, &'static str)> {
    (1..=n).map(|place| {
        let mixed = place.wrapping_mul(2_654_435_761) >> 7;
        (WORDS[mixed % WORDS.len()], WORDS[(mixed / WORDS.len()) % WORDS.len()])
    })
}

/// Making the index where it is to be made, searches, searches of the reference, memory.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let runtime = Runtime::new().unwrap();
    let Stand { node, dir, reference, made, _temporary } = Stand::open(setting, &runtime);
    if let Err(reason) = &reference {
        println!("  PostgreSQL is left out: {reason}");
    }
    let mut figures = made;
    for question in &QUESTIONS {
        let samples = runtime.block_on(search(&dir, question));
        let theirs =
            reference.as_ref().ok().zip(question.reference).map(|(reference, ask)| ask_reference(reference, ask));
        figures.extend(compare(question.name, &samples, theirs.as_ref()));
    }
    let memory = memory::of(node.pid()).unwrap();
    let figure = Figure::new("resident memory of the node after it", mebibytes(memory.resident), "MiB");
    figures.push(figure.note(format!(
        "of which its own heap and stacks {:.0} MiB; the rest are pages of files that the system may take back",
        mebibytes(memory.anonymous)
    )));
    node.stop().unwrap();
    figures
}

async fn search(dir: &Path, question: &Question) -> Samples {
    let mut client = Local::connect(dir).await.search();
    let mut durations = Vec::with_capacity(SEARCHES);
    let mut found = 0;
    for (n, (word, other)) in pairs(WARM).chain(pairs(SEARCHES)).enumerate() {
        let request = (question.ask)(word, other);
        let began = Instant::now();
        let answer: SearchResponse = client.search(request).await.unwrap().into_inner();
        if n >= WARM {
            durations.push(began.elapsed());
        }
        found += usize::from(!answer.hits.is_empty());
    }
    assert!(found > 0, "{}: nothing was found", question.name);
    Samples::new(durations)
}

fn ask_reference(reference: &Postgres, ask: fn(&str, &str) -> String) -> Samples {
    let ask = |(word, other)| format!("EXECUTE search ({});", ask(word, other));
    let warm: Vec<String> = pairs(WARM).map(ask).collect();
    let questions: Vec<String> = pairs(REFERENCE).map(ask).collect();
    Samples::new(reference.times(REFERENCE_SQL, &warm, &questions))
}

fn compare(name: &str, samples: &Samples, theirs: Option<&Samples>) -> Vec<Figure> {
    let p99 = samples.percentile_ms(99);
    let figure = Figure::new(format!("search, {name}, p99"), p99, "ms")
        .aim(Aim::AtMost(P99_MS))
        .note(format!("p50 {:.2} ms, {SEARCHES} searches one after the other", samples.percentile_ms(50)));
    let Some(theirs) = theirs else { return vec![figure] };
    let reference = theirs.percentile_ms(99);
    let times =
        Figure::new(format!("search, {name}, times as fast"), reference / p99, "x").aim(Aim::AtLeast(TIMES)).note(
            format!("PostgreSQL: p50 {:.1} ms, p99 {reference:.1} ms, {REFERENCE} searches", theirs.percentile_ms(50)),
        );
    vec![figure, times]
}
