//! Search over a large replica, against PostgreSQL's full-text search with its `arabic` configuration over the same rows.
//!
//! One writer puts the records on the log (`multaqa_tests::bulk`: Arabic and English texts of about 1 KB, whose words are all common), one node
//! fetches them and makes its index. Then one client on the node's socket searches, each question beside other words: one word, two words, a
//! phrase, the beginning of a word, a word within a filter and with counts of facets. Every answer is the first page of ten,
//! with the total and with the words marked, as a program of the member gets it.
//!
//! The reference is a PostgreSQL that the bench starts itself in a temporary directory ([`Postgres`]): titles weighed above
//! texts, a GIN index, the best ten by `ts_rank`, without total and marks. Where it is not installed, that half is left out.
//!
//! `--records N` says how many; `--full` is 1,000,000.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use multaqa_proto::wire::node::{Filter, SearchRequest, SearchResponse};
use multaqa_tests::World;
use multaqa_tests::bulk::{Bulk, Submitter};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::local::Local;
use crate::postgres::Postgres;
use crate::report::{Aim, Figure, Samples, rate};
use crate::{Setting, stage};

const WRITER: &str = "JO";
const READER: &str = "EG";
/// Records that are signed at a time.
const CHUNK: usize = 50_000;
/// Records under one signature.
const BATCH: usize = 64;
/// Longest catching up of replica and index.
const CAUGHT_UP: Duration = Duration::from_mins(30);
/// Pause between two looks at the index.
const LOOK: Duration = Duration::from_millis(100);
/// Searches of a figure.
const SEARCHES: usize = 500;
/// Searches of the reference's figure: each takes long.
const REFERENCE: usize = 40;
/// p99 that is aimed at, milliseconds.
const P99_MS: f64 = 20.0;
/// How many times the reference's p99 is aimed at.
const TIMES: f64 = 10.0;

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
    Question { name: "the beginning of a word", ask: |word, _| of(format!("{}*", begun(word))), reference: None },
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
    SearchRequest { text, page_size: 10, lang: "ar".to_owned(), ..SearchRequest::default() }
}

/// A phrase of the records, another for other words.
fn phrase(word: &str) -> &'static str {
    const PHRASES: [&str; 6] =
        ["الهوية الرقمية", "رخصة البناء", "السجل التجاري", "مركز الاتصال", "national portal", "birth certificate"];
    PHRASES[word.len() % PHRASES.len()]
}

fn begun(word: &str) -> String {
    word.chars().take(4).collect()
}

/// Two words for each search, in no order that a cache could follow.
fn pairs(n: usize) -> impl Iterator<Item = (&'static str, &'static str)> {
    (1..=n).map(|place| {
        let mixed = place.wrapping_mul(2_654_435_761) >> 7;
        (WORDS[mixed % WORDS.len()], WORDS[(mixed / WORDS.len()) % WORDS.len()])
    })
}

/// Making the index, searches, searches of the reference.
pub(crate) fn run(setting: &Setting) -> Vec<Figure> {
    let records = if setting.full { 1_000_000 } else { setting.records };
    let runtime = Runtime::new().unwrap();
    let mut world = stage::world(setting, &[]);
    for member in [WRITER, READER] {
        stage::join(&mut world, member);
    }
    let mut load = Bulk::of(&world, WRITER);
    runtime.block_on(async {
        let mut hub = Submitter::connect(&world, WRITER).await;
        for from in (0..records).step_by(CHUNK) {
            hub.submit(load.sign(CHUNK.min(records - from), BATCH)).await;
        }
    });
    stage::dial_directly(&world, READER);
    world.node_mut(READER).start().unwrap();
    world.federation_mut().settle(CAUGHT_UP).unwrap();
    let dir = world.node(READER).dir().to_owned();
    runtime.block_on(indexed(&dir, records));
    let mut figures = vec![made_anew(&mut world, &runtime, records)];
    let reference = Postgres::start(world.scratch());
    match &reference {
        Ok(reference) => load_reference(reference, &load, records, world.scratch()),
        Err(reason) => println!("  PostgreSQL is left out: {reason}"),
    }
    for question in &QUESTIONS {
        let samples = runtime.block_on(search(&dir, question));
        let theirs =
            reference.as_ref().ok().zip(question.reference).map(|(reference, ask)| ask_reference(reference, ask));
        figures.extend(compare(question.name, &samples, theirs.as_ref()));
    }
    figures
}

/// Removes the index, and waits until it is there again.
fn made_anew(world: &mut World, runtime: &Runtime, records: usize) -> Figure {
    world.node_mut(READER).stop().unwrap();
    let index = world.node(READER).dir().join("search");
    std::fs::remove_dir_all(&index).unwrap();
    let started = Instant::now();
    world.node_mut(READER).start().unwrap();
    let dir = world.node(READER).dir().to_owned();
    runtime.block_on(indexed(&dir, records));
    let elapsed = started.elapsed();
    let bytes: u64 = std::fs::read_dir(&index).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    Figure::new("an index is made anew", rate(records, elapsed), "records/s").note(format!(
        "{records} records in {:.1} s; {:.0} MiB of files",
        elapsed.as_secs_f64(),
        crate::report::mebibytes(bytes)
    ))
}

/// Waits until the index holds every record.
async fn indexed(dir: &Path, records: usize) {
    let began = Instant::now();
    let mut client = Local::connect(dir).await.search();
    loop {
        let found = client.search(of(String::new())).await;
        if found.is_ok_and(|found| found.into_inner().total >= records as u64) {
            return;
        }
        assert!(began.elapsed() < CAUGHT_UP, "the index does not come to {records} records");
        tokio::time::sleep(LOOK).await;
    }
}

async fn search(dir: &Path, question: &Question) -> Samples {
    let mut client = Local::connect(dir).await.search();
    let mut durations = Vec::with_capacity(SEARCHES);
    let mut found = 0;
    for (word, other) in pairs(SEARCHES) {
        let request = (question.ask)(word, other);
        let began = Instant::now();
        let answer: SearchResponse = client.search(request).await.unwrap().into_inner();
        durations.push(began.elapsed());
        found += usize::from(!answer.hits.is_empty());
    }
    assert!(found > 0, "{}: nothing was found", question.name);
    Samples::new(durations)
}

fn load_reference(reference: &Postgres, load: &Bulk, records: usize, scratch: &Path) {
    reference.run("CREATE TABLE record (id text PRIMARY KEY, title text NOT NULL, body text NOT NULL, words tsvector)");
    let file = scratch.join("rows.tsv");
    for from in (0..records).step_by(CHUNK) {
        let mut rows = String::new();
        for number in from..records.min(from + CHUNK) {
            let (title, body) = load.texts(number);
            writeln!(rows, "{}\t{title}\t{body}", load.id(number)).unwrap();
        }
        std::fs::write(&file, rows).unwrap();
        reference.run(&format!("\\copy record (id, title, body) FROM '{}'", file.display()));
    }
    std::fs::remove_file(&file).unwrap();
    reference.run(
        "UPDATE record SET words = setweight(to_tsvector('arabic', title), 'A') || setweight(to_tsvector('arabic', body), 'D')",
    );
    reference.run("CREATE INDEX ON record USING gin (words)");
    reference.run("VACUUM ANALYZE record");
}

fn ask_reference(reference: &Postgres, ask: fn(&str, &str) -> String) -> Samples {
    let questions = pairs(REFERENCE).map(|(word, other)| {
        let query = ask(word, other);
        format!("SELECT id, ts_rank(words, q) AS rank FROM record, {query} AS q WHERE words @@ q ORDER BY rank DESC LIMIT 10;")
    });
    Samples::new(reference.times(&questions.collect::<Vec<_>>()))
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
