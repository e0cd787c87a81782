//! Backups of the hub's store: made beside a running hub, checked offline, put where no store is.
//!
//! In scope: the copy and what is checked of it. Out of scope: the directory's form (`runtime::backup`), what a restored hub
//! does (`log::refill`), the verbs (`cli::backup`).
//!
//! A backup holds `hub.db` alone: the log with its contents, which certificates were issued, when nodes were heard. It holds no
//! private key: the log key, the hub's TLS key and the nodes' issuing key never lie in the store, and have backups of their own.
//! The copy is one snapshot (`VACUUM INTO`), so commits go on meanwhile, and no page of it holds what was erased before.

use std::path::Path;

use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::id::FederationName;
use multaqa_proto::number::{LogNumber, TreeSize};
use multaqa_runtime::backup::{self, Draft, Manifest};
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::output;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::log::fsck::{Report, fsck};
use crate::log::{Held, LogError};
use crate::store::restored::{Reason, Restored};
use crate::store::{Loaded, Store, StoreError};

/// Whose backup it is, as the manifest says.
const OF: &str = "hub";
/// The store's name in a backup.
const FILE: &str = "hub.db";

/// What a hub's backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holds {
    /// Name of the federation.
    pub(crate) federation: String,
    /// Record id of the genesis.
    pub(crate) genesis: String,
    /// Number of the log.
    pub(crate) log: u64,
    /// Entries.
    pub(crate) size: u64,
    /// Root over them.
    pub(crate) root: String,
    /// The checkpoint at this size, a signed note.
    pub(crate) checkpoint: String,
}

impl Holds {
    fn of(loaded: &Loaded) -> Self {
        let Loaded { state, checkpoint, .. } = loaded;
        let federation: &FederationName = state.directory().federation();
        let (genesis, LogNumber(log)): (RecordId, _) = (state.directory().genesis(), state.log());
        let (TreeSize(size), root): (_, Hash) = (state.size(), state.root());
        Self {
            federation: federation.to_string(),
            genesis: genesis.to_string(),
            log,
            size,
            root: root.to_string(),
            checkpoint: checkpoint.clone(),
        }
    }
}

/// Copies the store as it is at this moment into a new backup, beside a running hub too.
///
/// # Errors
/// Where there is no store, something is at `out`, or the disk refuses.
pub(crate) async fn create(store: &Path, out: &Path, clock: &Clock) -> Result<Manifest<Holds>, Fault> {
    // What it is and of which version, before anything is made.
    Store::open_read_only(store).await?.close().await;
    let mut draft = Draft::begin(out)?;
    let copy = draft.file(FILE)?;
    vacuum_into(store, &copy).await?;
    let opened = Store::open_read_only(&copy).await?;
    let loaded = opened.load().await;
    opened.close().await;
    draft.finish(OF, env!("CARGO_PKG_VERSION"), output::instant(clock.now_ms()), Holds::of(&loaded?))
}

/// Checks a backup, without the hub: every file's digest, then the store from its records up, then what the manifest says of
/// both.
///
/// # Errors
/// The fault of the manifest or of a file; what is wrong within the store is in the report.
pub(crate) async fn verify(path: &Path) -> Result<(Manifest<Holds>, Report), Fault> {
    let manifest: Manifest<Holds> = backup::check(path, OF)?;
    let report = fsck(&path.join(FILE)).await?;
    let Holds { size, root, .. } = &manifest.holds;
    if report.size != TreeSize(*size) || report.root.to_string() != *root {
        let detail = format!("the store holds {} entries with the root {}", report.size, report.root);
        let fault = Fault::new(multaqa_runtime::code::BACKUP_MANIFEST_BAD).with("path", path.display());
        return Err(fault.with("detail", detail));
    }
    Ok((manifest, report))
}

/// The fault of a backup whose store does not hold.
pub(crate) fn unsound(path: &Path, report: &Report) -> Fault {
    let fault = Fault::new(multaqa_runtime::code::BACKUP_UNSOUND).with("path", path.display());
    fault.with("count", report.findings.len())
}

/// Checks a backup and puts its store where none is. The hub that starts on it knows that it was restored: it gives no index
/// before it holds what was published since.
///
/// # Errors
/// Where the backup does not hold, a store is there, or a hub runs on this place.
pub(crate) async fn restore(path: &Path, store: &Path, clock: &Clock) -> Result<Manifest<Holds>, Fault> {
    let (manifest, report) = verify(path).await?;
    if !report.ok {
        return Err(unsound(path, &report));
    }
    let _held = Held::acquire(store).map_err(|error: LogError| Fault::from(error))?;
    let restored = Restored::new(Reason::Backup, TreeSize(manifest.holds.size), clock.now_ms());
    backup::put(&path.join(FILE), store, async |copy| {
        let opened = Store::open(copy).await?;
        let noted = opened.note_restored(&restored).await;
        opened.close().await;
        Ok::<_, Fault>(noted?)
    })
    .await?;
    Ok(manifest)
}

/// One snapshot of a database as a new file, without free pages.
async fn vacuum_into(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut connection = SqliteConnectOptions::new().filename(from).read_only(true).connect().await?;
    let to = to.to_string_lossy().into_owned();
    let copied = sqlx::query("VACUUM INTO ?").bind(to).execute(&mut connection).await;
    connection.close().await?;
    Ok(copied.map(|_| ())?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::test_support::{Federation, note};

    #[tokio::test]
    async fn a_backup_of_a_running_hub_is_sound_and_holds_what_was_committed() {
        let world = Federation::new().await;
        let running = world.run().await;
        let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
        let records = jo.sign(&[note("JO:memo:a", &["states"], "a"), note("JO:memo:b", &["states"], "b")]);
        running.accept(&jo, records).await;
        let out = world.dir.path().join("backup");
        let made = create(&world.path(), &out, &world.clock).await.unwrap();
        let state = running.log.state();
        assert_eq!((made.holds.size, &made.holds.root), (state.size().0, &state.root().to_string()));
        let (manifest, report) = verify(&out).await.unwrap();
        assert_eq!((&manifest, report.findings.as_slice()), (&made, [].as_slice()));
        let mut names: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["hub.db", "manifest.json"]);
        assert_eq!(out.join(FILE).metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(restore(&out, &world.path(), &world.clock).await.unwrap_err().code, "HUB_ALREADY_RUNNING");
        running.stop().await;
        assert_eq!(restore(&out, &world.path(), &world.clock).await.unwrap_err().code, "RESTORE_TARGET_USED");
    }

    #[tokio::test]
    async fn a_restored_store_says_so_and_a_changed_one_is_not_restored() {
        let world = Federation::new().await;
        let out = world.dir.path().join("backup");
        create(&world.path(), &out, &world.clock).await.unwrap();
        let place = world.dir.path().join("other").join("hub.db");
        std::fs::create_dir(place.parent().unwrap()).unwrap();
        restore(&out, &place, &world.clock).await.unwrap();
        let store = Store::open(&place).await.unwrap();
        let restored = store.restored().await.unwrap().unwrap();
        assert_eq!((restored.reason, restored.from, restored.done), (Reason::Backup, TreeSize(1), None));
        store.close().await;
        let mut bytes = std::fs::read(out.join(FILE)).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(out.join(FILE), bytes).unwrap();
        let again = place.with_file_name("again.db");
        assert_eq!(restore(&out, &again, &world.clock).await.unwrap_err().code, "BACKUP_FILE_CHANGED");
        assert!(!again.exists());
    }
}
