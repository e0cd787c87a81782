//! An index that is missing, damaged or cut off in the middle is built anew.

use std::fs;
use std::path::Path;

use multaqa_runtime::point::{Break, Point, break_here};

use super::super::index::{self, Covers};
use super::*;
use crate::point;

const GONE: &str = "JO:service:gone";
const KEPT: &str = "EG:service:kept";

fn identity(title: &str) -> Service {
    service(&[("ar", "هوية رقمية"), ("en", title)], &[("en", "digital identity service")])
}

impl Stand {
    /// A turn of an indexer that may be broken; whether it was not. One that is killed leaves a process that starts anew.
    async fn try_turn(&mut self) -> bool {
        self.node.follow().await;
        let (search, replica, dir) = (self.search.clone(), self.node.parts.replica.clone(), self.dir());
        let mut indexer = self.indexer.take().unwrap_or_else(|| Indexer::new(search, replica, dir));
        let ended = tokio::spawn(async move {
            let turned = indexer.turn().await;
            (indexer, turned)
        });
        match ended.await {
            Ok((indexer, turned)) => {
                self.indexer = Some(indexer);
                turned.is_ok()
            }
            Err(_killed) => {
                self.restart();
                false
            }
        }
    }

    /// Publishes, withdraws, and turns until nothing of what is withdrawn is left; how many turns were broken.
    async fn story(&mut self) -> usize {
        let mut broken = 0;
        self.publish(GONE, &identity("Gone"));
        self.publish(KEPT, &identity("Kept"));
        while !self.try_turn().await {
            broken += 1;
        }
        self.withdraw(GONE);
        self.publish(KEPT, &identity("Kept and changed"));
        loop {
            let turned = self.try_turn().await;
            broken += usize::from(!turned);
            if turned && self.indexer.as_ref().is_some_and(Indexer::is_scrubbed) {
                return broken;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Broken at each of its points, in two ways, once early and once late, the index comes to what a fresh one holds.
#[tokio::test]
async fn a_broken_indexer_comes_to_what_a_fresh_one_holds() {
    for point in point::SEARCHING {
        for how in [Break::Kill, Break::Fail] {
            for nth in [1, 2] {
                broken(*point, how, nth).await;
            }
        }
    }
}

async fn broken(point: Point, how: Break, nth: u32) {
    let case = format!("{} {how:?} {nth}", point.name());
    let mut stand = Stand::new().await;
    let asked_to_break = break_here(point, how, nth);
    let broken = stand.story().await;
    // An index is made and scrubbed once.
    let once = [point::SEARCH_REMOVED, point::SEARCH_MADE, point::SEARCH_SCRUBBED].contains(&point);
    assert_eq!((asked_to_break.happened(), broken), if once && nth > 1 { (false, 0) } else { (true, 1) }, "{case}");
    drop(asked_to_break);
    stand.must_be_as_fresh(&case).await;
    stand.restart();
    stand.turn().await.unwrap();
    stand.must_be_as_fresh(&case).await;
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// A damage by its name.
type Damage = (&'static str, fn(&mut Vec<u8>));

/// What may become of a file.
const DAMAGES: [Damage; 5] = [
    ("emptied", Vec::clear),
    ("cut", |bytes| bytes.truncate(bytes.len() / 2)),
    ("flipped at its beginning", |bytes| flip(bytes, 0)),
    ("flipped in the middle", |bytes| flip(bytes, 50)),
    ("flipped at its end", |bytes| flip(bytes, 100)),
];

/// Flips a bit of the byte so many hundredths of the way through.
fn flip(bytes: &mut [u8], hundredths: usize) {
    let at = bytes.len().saturating_sub(1) * hundredths / 100;
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1;
    }
}

/// Whatever becomes of whichever file, a start ends with the answers of a fresh index.
#[tokio::test]
async fn a_damaged_index_is_made_anew() {
    let mut stand = Stand::new().await;
    stand.story().await;
    stand.restart();
    let (dir, whole) = (stand.dir(), stand.node.dir.path().join("whole"));
    copy(&dir, &whole);
    let names: Vec<_> = fs::read_dir(&whole).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        for (damage, done) in DAMAGES.iter().map(|(name, done)| (*name, Some(done))).chain([("removed", None)]) {
            fs::remove_dir_all(&dir).unwrap();
            copy(&whole, &dir);
            let path = dir.join(&name);
            match done {
                Some(done) => {
                    let mut bytes = fs::read(&path).unwrap();
                    done(&mut bytes);
                    fs::write(&path, bytes).unwrap();
                }
                None => fs::remove_file(&path).unwrap(),
            }
            let case = format!("{} {damage}", name.display());
            assert_eq!(stand.search.find(asked("")).await.unwrap_err().code(), "SEARCH_REBUILDING", "{case}");
            stand.turn().await.unwrap();
            stand.must_be_as_fresh(&case).await;
            stand.restart();
        }
    }
}

#[tokio::test]
async fn an_index_by_other_rules_is_made_anew() {
    let mut stand = Stand::new().await;
    stand.publish(KEPT, &identity("Kept"));
    stand.turn().await.unwrap();
    stand.restart();
    let mut open = index::open(&stand.dir()).unwrap().unwrap();
    open.take(KEPT).unwrap();
    let covers = Covers { rules: u32::MAX, ..open.covers.clone() };
    open.commit(covers).unwrap();
    drop(open);
    stand.turn().await.unwrap();
    stand.must_be_as_fresh("other rules").await;
}

/// Damage that shows while the node runs: the answer is refused, and the next turn looks at the files.
#[tokio::test]
async fn damage_that_shows_later_is_repaired_while_the_node_runs() {
    let mut stand = Stand::new().await;
    stand.publish(KEPT, &identity("Kept"));
    stand.turn().await.unwrap();
    for name in fs::read_dir(stand.dir()).unwrap().map(|entry| entry.unwrap().path()) {
        if name.extension().is_some_and(|extension| extension == "store") {
            let mut bytes = fs::read(&name).unwrap();
            let len = bytes.len();
            bytes[..len / 2].fill(0xff);
            fs::write(&name, bytes).unwrap();
        }
    }
    let refused = stand.search.find(asked("identity")).await.unwrap_err();
    assert_eq!(refused.code(), "SEARCH_FAILED");
    stand.turn().await.unwrap();
    stand.must_be_as_fresh("repaired").await;
}
