//! The sequencer broken at each of its points, in two ways: killed there, and the step failing there. Before a step it is
//! lost, after it done but reported lost.
//!
//! Each time the log is opened again, what has no answer is sent again, and everything is compared with what was sent: each
//! record stands once, in the order of its writer, and where an answer said it does.

use std::collections::BTreeMap;

use multaqa_runtime::point::{Break, Point, break_here};

use super::*;
use crate::point;

/// Points at which nothing can fail: there the sequencer is only killed.
const ONLY_KILLED: [Point; 4] =
    [point::COMMIT_UNPLANNED, point::COMMIT_PLANNED, point::COMMIT_PUBLISHED, point::COMMIT_ANSWERED];

/// A log at rest, and what is sent to it next.
struct Story {
    world: Federation,
    files: Vec<(std::path::PathBuf, Vec<u8>)>,
    jo: Author,
    eg: Author,
    /// What each writer sends, in its order.
    sent: Vec<(Author, Vec<(RecordId, Received)>)>,
    /// Where what is there already stands.
    before: BTreeMap<RecordId, LeafIndex>,
}

impl Story {
    async fn begin() -> Self {
        let world = Federation::new().await;
        world.hand.set(10_000);
        let running = world.run().await;
        let [mut jo, mut eg] = world.enrol(&running, &mut world.operator(), ["JO", "EG"]).await;
        let first = notes(&mut jo, &["kept", "withdrawn"]);
        let ids: Vec<RecordId> = first.iter().map(|(id, _)| *id).collect();
        let indexes = running.accept(&jo, first).await;
        running.stop().await;
        // One batch: the fifth record erases.
        let mut of_jo = notes(&mut jo, &["one", "two"]);
        of_jo.extend(jo.sign(&[tombstone("JO:tombstone:w", "JO:memo:withdrawn", &ids[1..])]));
        of_jo.extend(notes(&mut jo, &["three"]));
        let of_eg = notes(&mut eg, &["other"]);
        let sent = vec![(jo.clone(), of_jo), (eg.clone(), of_eg)];
        let files = std::fs::read_dir(world.dir.path()).unwrap().map(|file| file.unwrap().path());
        let files = files.map(|path| (path.clone(), std::fs::read(&path).unwrap())).collect();
        Self { world, files, jo, eg, sent, before: ids.into_iter().zip(indexes).collect() }
    }

    /// The files as they were.
    fn restore(&self) {
        for file in std::fs::read_dir(self.world.dir.path()).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        for (path, bytes) in &self.files {
            std::fs::write(path, bytes).unwrap();
        }
    }

    /// Sends everything; where what was answered stands.
    async fn send(&self, running: &Running) -> BTreeMap<RecordId, LeafIndex> {
        let mut waiting = Vec::new();
        for (author, records) in &self.sent {
            for (id, record) in records {
                if let Ok(answers) = running.log.queue(author.writer(), vec![record.clone()]).await {
                    waiting.push((*id, answers));
                }
            }
        }
        let mut answered = BTreeMap::new();
        for (id, answers) in waiting {
            let Ok(answers) = answers.wait().await else { continue };
            match &answers[0].outcome {
                Outcome::Accepted(index) | Outcome::Duplicate(index) => drop(answered.insert(id, *index)),
                Outcome::Rejected { code, .. } => assert_eq!(*code, "CHAIN_GAP", "what it follows was lost"),
            }
        }
        answered
    }

    /// Breaks it, opens it again, sends again, compares. Whether it was broken.
    async fn broken(&self, point: Point, how: Break, nth: u32) -> bool {
        self.restore();
        let running = self.world.run().await;
        let broken = break_here(point, how, nth);
        let mut answered = self.before.clone();
        answered.extend(self.send(&running).await);
        running.end().await;
        let happened = broken.happened();
        drop(broken);
        let case = format!("{} {how:?} {nth}", point.name());
        assert_eq!(fsck(&self.world.path()).await.unwrap().findings, [], "{case}");
        let running = self.world.run().await;
        let again = self.send(&running).await;
        for (id, index) in &again {
            assert!(answered.get(id).is_none_or(|before| before == index), "{case}: answered twice, at two places");
        }
        answered.extend(again);
        self.compare(&running, &answered, &case).await;
        running.stop().await;
        assert_eq!(fsck(&self.world.path()).await.unwrap().findings, [], "{case}");
        happened
    }

    async fn compare(&self, running: &Running, answered: &BTreeMap<RecordId, LeafIndex>, case: &str) {
        let stored = entries(running).await;
        let places = |id: &RecordId| -> Vec<LeafIndex> {
            let stands = |stored: &&StoredEntry| stored.record.as_ref().is_some_and(|place| place.record_id == *id);
            stored.iter().filter(stands).map(|stored| stored.entry.index).collect()
        };
        for (_, records) in &self.sent {
            let indexes: Vec<Vec<LeafIndex>> = records.iter().map(|(id, _)| places(id)).collect();
            assert!(indexes.iter().all(|places| places.len() == 1), "{case}: lost or doubled: {indexes:?}");
            assert!(indexes.is_sorted(), "{case}: out of order: {indexes:?}");
        }
        for (id, index) in answered {
            assert_eq!(places(id), [*index], "{case}: not where the answer said");
        }
        let ids: Vec<RecordId> = self.before.keys().copied().collect();
        let withdrawn = ids.iter().filter(|id| {
            let at = usize::try_from(places(id)[0].0).unwrap();
            stored[at].entry.content.is_none()
        });
        assert_eq!(withdrawn.count(), 1, "{case}: withdrawn and not gone");
        let writers = [self.jo.writer(), self.eg.writer()];
        for writer in writers {
            let seqs: Vec<_> = stored
                .iter()
                .filter_map(|s| s.record.as_ref())
                .filter(|place| place.writer == *writer)
                .map(|place| place.seq)
                .collect();
            assert!(
                (1..).map(multaqa_proto::number::Seq).zip(&seqs).all(|(expected, seq)| expected == *seq),
                "{case}: {seqs:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_sequencer_broken_at_any_point_loses_and_doubles_nothing() {
    let story = Story::begin().await;
    for point in point::SEQUENCER {
        assert!(story.broken(*point, Break::Kill, 1).await, "{} was not reached", point.name());
        let failed = story.broken(*point, Break::Fail, 1).await;
        assert_eq!(failed, !ONLY_KILLED.contains(point), "{}", point.name());
        // Once more, in a later commit or at a later answer, where there is one.
        story.broken(*point, Break::Kill, 2).await;
        story.broken(*point, Break::Fail, 2).await;
    }
}
