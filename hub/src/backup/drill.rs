//! The rehearsal of a restoration, on a copy: whether the newest backup can be put back, how long that takes, and what the nodes
//! would have to give.
//!
//! The live store is read only. All else happens in a directory of its own, which is removed in the end. In scope: the steps and
//! what they found. Out of scope: each step (`backup`, `log::fsck`), the verb (`cli::drill`).

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use multaqa_proto::number::TreeSize;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use serde::Serialize;

use super::{create, restore};
use crate::log::fsck::{Finding, fsck};
use crate::store::{Store, StoreError};

/// What the rehearsal found.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Drill {
    /// Whether the backup was put back, is sound, and is a part of the live log.
    pub(crate) ok: bool,
    /// The backup; none where one was made for this.
    pub(crate) backup: Option<PathBuf>,
    /// When it was made, RFC 3339.
    pub(crate) made_at: String,
    /// Entries in it.
    pub(crate) size: u64,
    /// Root over them, computed from the restored store.
    pub(crate) root: String,
    /// Whether the live log has the same root at that size.
    pub(crate) root_agrees: bool,
    /// Entries of the live log.
    pub(crate) live_size: u64,
    /// Entries that the nodes would have to give.
    pub(crate) to_refill: u64,
    /// Nodes that were last heard with all of them, by what the live hub noted.
    pub(crate) holders: Vec<String>,
    /// Milliseconds to make the backup; 0 where one was given.
    pub(crate) create_ms: i64,
    /// Milliseconds to check it and put it back.
    pub(crate) restore_ms: i64,
    /// Milliseconds to check what was put back from its records up.
    pub(crate) check_ms: i64,
    /// What is wrong with what was put back.
    pub(crate) findings: Vec<Finding>,
}

/// Rehearses the restoration of a backup, or of one that is made for this, below `scratch`.
///
/// # Errors
/// Where the live store cannot be read, the backup does not hold, or the disk refuses.
pub(crate) async fn drill(live: &Path, backup: Option<PathBuf>, scratch: &Path, clock: &Clock) -> Result<Drill, Fault> {
    let place = scratch.join(format!("multaqa-drill-{}", std::process::id()));
    // Not what is around it: that is there, or was misspelt.
    DirBuilder::new().mode(0o700).create(&place).map_err(|error| {
        let fault = Fault::new(multaqa_runtime::code::BACKUP_FAILED).with("path", scratch.display());
        fault.with("detail", error)
    })?;
    let work = Work(place);
    let (begun, made) = (clock.now_ms(), work.0.join("backup"));
    let from = if let Some(backup) = &backup {
        backup.clone()
    } else {
        create(live, &made, clock).await?;
        made
    };
    let created = clock.now_ms();
    let store = work.0.join("hub.db");
    let manifest = restore(&from, &store, clock).await?;
    let put_back = clock.now_ms();
    let report = fsck(&store).await?;
    let checked = clock.now_ms();
    let Live { size: live_size, agrees: root_agrees, holders } = look(live, report.size, report.root).await?;
    Ok(Drill {
        ok: report.ok && root_agrees,
        create_ms: if backup.is_some() { 0 } else { created.saturating_sub(begun) },
        backup,
        made_at: manifest.made_at,
        size: report.size.0,
        root: report.root.to_string(),
        root_agrees,
        live_size: live_size.0,
        to_refill: live_size.0.saturating_sub(report.size.0),
        holders,
        restore_ms: put_back.saturating_sub(created),
        check_ms: checked.saturating_sub(put_back),
        findings: report.findings,
    })
}

struct Live {
    size: TreeSize,
    agrees: bool,
    holders: Vec<String>,
}

/// What the live store says, in one snapshot.
async fn look(live: &Path, size: TreeSize, root: multaqa_proto::hash::Hash) -> Result<Live, StoreError> {
    let store = Store::open_read_only(live).await?;
    let read = async {
        let head = store.head().await?;
        let agrees = store.root_at(size).await? == Some(root);
        let seen = store.nodes_seen().await?.into_iter();
        let holders = seen.filter(|seen| seen.cursor >= head.size).map(|seen| seen.writer.to_string()).collect();
        Ok::<_, StoreError>(Live { size: head.size, agrees, holders })
    };
    let found = read.await;
    store.close().await;
    found
}

/// The rehearsal's directory, removed in the end.
struct Work(PathBuf);

impl Drop for Work {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "left over from a rehearsal");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Federation, note};

    #[tokio::test]
    async fn a_rehearsal_says_what_would_be_missing_and_changes_nothing() {
        let world = Federation::new().await;
        let running = world.run().await;
        let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
        let (old, scratch) = (world.dir.path().join("old"), world.dir.path().join("scratch"));
        create(&world.path(), &old, &world.clock).await.unwrap();
        let before = running.log.state().size();
        let records = jo.sign(&[note("JO:memo:a", &["states"], "a")]);
        running.accept(&jo, records).await;
        std::fs::create_dir(&scratch).unwrap();
        let nowhere = drill(&world.path(), None, &scratch.join("nowhere"), &world.clock).await.unwrap_err();
        assert_eq!(nowhere.code, "BACKUP_FAILED");
        let drilled = drill(&world.path(), Some(old.clone()), &scratch, &world.clock).await.unwrap();
        assert!(drilled.ok, "{drilled:?}");
        assert_eq!((drilled.size, drilled.to_refill), (before.0, running.log.state().size().0 - before.0));
        let drilled = drill(&world.path(), None, &scratch, &world.clock).await.unwrap();
        assert_eq!((drilled.ok, drilled.to_refill), (true, 0), "{drilled:?}");
        assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0);
        running.stop().await;
        assert_eq!(Store::open(&world.path()).await.unwrap().restored().await.unwrap(), None);
    }
}
