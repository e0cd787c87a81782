//! What is searched: a node with a large replica and its index, and PostgreSQL with the same rows; made, or kept from a run before.
//!
//! In the directory: `federation/` (hub and nodes, as the demo lays them out), `postgres/`, and `made`, which says of how many records
//! they are. The node that is searched runs without the hub. Out of scope: what is asked (`super`).

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use multaqa_demo::process::Process;
use multaqa_proto::wire::node::SearchRequest;
use multaqa_tests::World;
use multaqa_tests::bulk::{Bulk, Submitter};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::local::Local;
use crate::postgres::Postgres;
use crate::report::{Figure, mebibytes, rate};
use crate::{Setting, stage};

const WRITER: &str = "JO";
const READER: &str = "EG";
/// Records that are signed, and rows that are written, at a time.
const CHUNK: usize = 50_000;
/// Records under one signature.
const BATCH: usize = 64;
/// Longest catching up of replica and index.
const CAUGHT_UP: Duration = Duration::from_hours(1);
/// Pause between two looks at the index.
const LOOK: Duration = Duration::from_millis(100);

/// See the module.
pub(super) struct Stand {
    /// The node that is searched.
    pub(super) node: Process,
    /// Its directory.
    pub(super) dir: PathBuf,
    /// The reference, or why there is none.
    pub(super) reference: Result<Postgres, String>,
    /// What was measured while it was made.
    pub(super) made: Vec<Figure>,
    /// The directory of everything, where it was not given.
    pub(super) _temporary: Option<TempDir>,
}

impl Stand {
    /// Takes what is kept where it is of so many records; else makes it.
    pub(super) fn open(setting: &Setting, runtime: &Runtime) -> Self {
        let records = if setting.full { 1_000_000 } else { setting.records };
        let temporary = setting.keep.is_none().then(|| tempfile::tempdir().unwrap());
        let root = match (&temporary, &setting.keep) {
            (Some(temporary), _) => temporary.path().to_owned(),
            (None, kept) => std::path::absolute(kept.as_deref().unwrap()).unwrap(),
        };
        let mark = root.join("made");
        let mut made = Vec::new();
        if fs::read_to_string(&mark).ok().and_then(|text| text.trim().parse().ok()) != Some(records) {
            let _absent = fs::remove_dir_all(&root);
            fs::create_dir_all(&root).unwrap();
            made.push(make(setting, &root, records, runtime));
            fs::write(&mark, records.to_string()).unwrap();
        }
        let dir = root.join("federation").join(format!("{READER}-gw1"));
        let args = ["serve".as_ref(), "--dir".as_ref(), dir.as_os_str()];
        let log = dir.with_extension("log");
        let node = stage::program(setting).start("node", "multaqa-node", args, &log).unwrap();
        runtime.block_on(indexed(&dir, records));
        let reference = Postgres::open(&root.join("postgres"));
        Self { node, dir, reference, made, _temporary: temporary }
    }
}

/// Both sides; how fast the index was made.
fn make(setting: &Setting, root: &Path, records: usize, runtime: &Runtime) -> Figure {
    let mut world = stage::kept(setting, &root.join("federation"));
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
    let figure = made_anew(&mut world, runtime, records);
    match Postgres::open(&root.join("postgres")) {
        Ok(reference) => load_reference(&reference, &load, records, world.scratch()),
        Err(reason) => println!("  no table is made for PostgreSQL: {reason}"),
    }
    figure
}

/// Removes the index, and waits until it is there again.
fn made_anew(world: &mut World, runtime: &Runtime, records: usize) -> Figure {
    world.node_mut(READER).stop().unwrap();
    let index = world.node(READER).dir().join("search");
    fs::remove_dir_all(&index).unwrap();
    let started = Instant::now();
    world.node_mut(READER).start().unwrap();
    let dir = world.node(READER).dir().to_owned();
    runtime.block_on(indexed(&dir, records));
    let elapsed = started.elapsed();
    let bytes: u64 = fs::read_dir(&index).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    Figure::new("an index is made anew", rate(records, elapsed), "records/s").note(format!(
        "{records} records in {:.1} s; {:.0} MiB of files",
        elapsed.as_secs_f64(),
        mebibytes(bytes)
    ))
}

/// Waits until the index holds every record.
async fn indexed(dir: &Path, records: usize) {
    let began = Instant::now();
    loop {
        if let Ok(node) = Local::try_connect(dir).await {
            let found = node.search().search(SearchRequest { page_size: 1, ..SearchRequest::default() }).await;
            if found.is_ok_and(|found| found.into_inner().total >= records as u64) {
                return;
            }
        }
        assert!(began.elapsed() < CAUGHT_UP, "the index does not come to {records} records");
        tokio::time::sleep(LOOK).await;
    }
}

/// The rows as COPY takes them; no text of theirs has a tab, a backslash or an end of line.
fn load_reference(reference: &Postgres, load: &Bulk, records: usize, scratch: &Path) {
    reference.run(
        "CREATE TABLE record (id text PRIMARY KEY, title text NOT NULL, body text NOT NULL, words tsvector GENERATED ALWAYS AS \
         (setweight(to_tsvector('arabic', title), 'A') || setweight(to_tsvector('arabic', body), 'D')) STORED)",
    );
    let file = scratch.join("rows.tsv");
    for from in (0..records).step_by(CHUNK) {
        let mut rows = String::new();
        for number in from..records.min(from + CHUNK) {
            let (title, body) = load.texts(number);
            writeln!(rows, "{}\t{title}\t{body}", load.id(number)).unwrap();
        }
        fs::write(&file, rows).unwrap();
        reference.run(&format!("\\copy record (id, title, body) FROM '{}'", file.display()));
    }
    fs::remove_file(&file).unwrap();
    reference.run("CREATE INDEX ON record USING gin (words)");
    reference.run("VACUUM ANALYZE record");
}
