//! Backups of the hub's store: made beside a running hub, checked offline, put where no store is.
//!
//! In scope: the copy and what is checked of it. Out of scope: the directory's form (`runtime::backup`), what a restored hub
//! does (`log::refill`), the verbs (`cli::backup`).
//!
//! A backup holds `hub.db` alone: the log with its contents, which certificates were issued, when nodes were heard. It holds no
//! private key: the log key, the hub's TLS key and the nodes' issuing key never lie in the store, and have backups of their own.
//! A hub whose disk is gone, and its backups with it, is rebuilt from the nodes: it begins with leaf 0, which any node writes
//! into a file.
//!
//! The copy is one snapshot (`VACUUM INTO`), so commits go on meanwhile, and no page of it holds what was erased before.

pub(crate) mod drill;

use std::path::Path;

use ed25519_dalek::SigningKey;
use multaqa_certs::store as files;
use multaqa_proto::hash::{Hash, RecordId, record_id};
use multaqa_proto::id::FederationName;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::genesis_file::{self, GenesisFile};
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record::Received;
use multaqa_runtime::backup::{self, Draft, Manifest};
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::output;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::config::Places;
use crate::log::fsck::{Report, fsck};
use crate::log::{Held, LogError};
use crate::operator::problem::Problem;
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
    vacuum_into(store, &copy, out).await?;
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
/// Where the backup does not hold, it is of another log than the key beside the store signs (`RESTORE_FOREIGN`), a store is there,
/// or a hub runs on this place.
pub(crate) async fn restore(path: &Path, store: &Path, clock: &Clock) -> Result<Manifest<Holds>, Fault> {
    let (manifest, report) = verify(path).await?;
    if !report.ok {
        return Err(unsound(path, &report));
    }
    must_fit(path, &manifest.holds, store).await?;
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

/// Refuses a backup of another log than the key beside the store signs; without a key there is nothing to compare.
async fn must_fit(path: &Path, holds: &Holds, store: &Path) -> Result<(), Fault> {
    let key = store.with_file_name("log.key");
    let log_key = match files::load_ed25519(&key) {
        Err(files::StoreError::Missing { .. }) => return Ok(()),
        loaded => loaded.map_err(|error| Fault { code: error.code(), args: error.args() })?,
    };
    let opened = Store::open_read_only(&path.join(FILE)).await?;
    let loaded = opened.load().await;
    opened.close().await;
    if loaded?.state.directory().policy().log_key == PublicKey::of(&log_key) {
        return Ok(());
    }
    let fault = Fault::new("RESTORE_FOREIGN").with("path", path.display()).with("key", key.display());
    Err(fault.with("federation", &holds.federation).with("genesis", &holds.genesis))
}

/// Lets a log go on that was restored, at exactly the size that its store has: an operator takes it upon itself that nothing
/// more was published. What was published above it and comes to light later is a fork. The record by which the operator says so,
/// which `sign` signs, is the first that is ordered then.
///
/// # Errors
/// `RELEASE_SIZE_OTHER` where the store has another size, `RELEASE_CLOSING` where the log is being closed, or where a hub runs on this place, or nothing can be signed.
pub(crate) async fn release(
    store: &Path,
    size: TreeSize,
    clock: &Clock,
    sign: impl AsyncFnOnce(&Store) -> Result<Vec<Received>, Problem>,
) -> Result<(), Problem> {
    let _held = Held::acquire(store).map_err(|error: LogError| Fault::from(error))?;
    let opened = Store::open(store).await?;
    let noted = note_released(&opened, size, clock, sign).await;
    opened.close().await;
    noted
}

async fn note_released(
    store: &Store,
    size: TreeSize,
    clock: &Clock,
    sign: impl AsyncFnOnce(&Store) -> Result<Vec<Received>, Problem>,
) -> Result<(), Problem> {
    let found = store.head().await?.size;
    if found != size {
        return Err(Problem::new("RELEASE_SIZE_OTHER", &[("asked", &size), ("found", &found)]));
    }
    let restored = store.restored().await?.filter(|restored| restored.done.is_none());
    // It went back to where a quorum vouches for it: as it is, it lacks what it set aside.
    if restored.as_ref().is_some_and(|restored| restored.reason == Reason::Closing) {
        return Err(Problem::new("RELEASE_CLOSING", &[("size", &size)]));
    }
    let restored = restored.unwrap_or_else(|| Restored::new(Reason::Behind, size, clock.now_ms()));
    let records = sign(store).await?;
    Ok(store.set_aside(&records, &Restored { released: Some(size), ..restored }).await?)
}

/// Makes a store of leaf 0 alone, for a hub that lost its disk: all else comes from the nodes.
///
/// # Errors
/// `GENESIS_FILE_WRONG`, `LOG_KEY_WRONG`, or where a store is there.
pub(crate) async fn rebuild(
    places: &Places,
    genesis: &Path,
    log_key: &SigningKey,
    clock: &Clock,
) -> Result<RecordId, Fault> {
    let wrong = |detail: &dyn std::fmt::Display| {
        Fault::new("GENESIS_FILE_WRONG").with("path", genesis.display()).with("detail", detail)
    };
    let store = places.store();
    let _held = Held::acquire(&store).map_err(|error: LogError| Fault::from(error))?;
    let text = std::fs::read_to_string(genesis).map_err(|error| wrong(&error))?;
    let GenesisFile { leaf, accepted_at_ms, record } = genesis_file::read(&text).map_err(|error| wrong(&error))?;
    let id = record_id(&record.statement);
    // Under another name until it says that it is to be rebuilt: what starts on it before must not give an index.
    let partial = store.with_file_name(".hub.db.rebuild");
    for suffix in ["", "-wal", "-shm"] {
        let _absent = std::fs::remove_file(store.with_file_name(format!(".hub.db.rebuild{suffix}")));
    }
    let made = Store::create(&partial, &record, log_key, accepted_at_ms).await?;
    let same = made.entries(LeafIndex(0), LeafIndex(1)).await;
    let noted = made.note_restored(&Restored::new(Reason::Rebuilt, TreeSize(1), clock.now_ms())).await;
    made.close().await;
    noted?;
    if same?.first().is_none_or(|stored| stored.entry.leaf != leaf) {
        return Err(wrong(&"the leaf is not that of a genesis"));
    }
    backup::put::<Fault>(&partial, &store, async |_| Ok(())).await?;
    std::fs::remove_file(&partial).map_err(|error| wrong(&error))?;
    Ok(id)
}

/// One snapshot of a database as a new file, without free pages.
async fn vacuum_into(from: &Path, to: &Path, out: &Path) -> Result<(), Fault> {
    let connect = SqliteConnectOptions::new().filename(from).read_only(true).connect().await;
    let mut connection = connect.map_err(StoreError::from)?;
    let copied = sqlx::query("VACUUM INTO ?").bind(to.to_string_lossy().into_owned()).execute(&mut connection).await;
    connection.close().await.map_err(StoreError::from)?;
    // The store is read only here: whatever fails is the copy's disk.
    let failed = Fault::new(multaqa_runtime::code::BACKUP_FAILED).with("path", backup::around(out).display());
    copied.map(|_| ()).map_err(|error| failed.with("detail", error))
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

    /// Every file is as it was copied; what was copied does not hold.
    #[tokio::test]
    async fn a_backup_of_a_damaged_store_is_found_out_from_its_records_and_not_restored() {
        let world = Federation::new().await;
        let running = world.run().await;
        let [mut jo] = world.enrol(&running, &mut world.operator(), ["JO"]).await;
        running.accept(&jo.clone(), jo.sign(&[note("JO:memo:a", &["states"], "a")])).await;
        running.stop().await;
        let sound = world.dir.path().join("sound");
        create(&world.path(), &sound, &world.clock).await.unwrap();
        let mut connection = SqliteConnectOptions::new().filename(world.path()).connect().await.unwrap();
        let damage = "UPDATE entry SET object_id = 'JO:memo:b' WHERE object_id = 'JO:memo:a'";
        assert_eq!(sqlx::raw_sql(damage).execute(&mut connection).await.unwrap().rows_affected(), 1);
        connection.close().await.unwrap();
        let damaged = world.dir.path().join("damaged");
        create(&world.path(), &damaged, &world.clock).await.unwrap();
        assert!(!verify(&damaged).await.unwrap().1.ok);
        let place = world.dir.path().join("again.db");
        assert_eq!(restore(&damaged, &place, &world.clock).await.unwrap_err().code, "BACKUP_UNSOUND");
        assert!(!place.exists());

        let manifest = sound.join("manifest.json");
        let said: serde_json::Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
        let more = said["holds"]["size"].as_u64().unwrap() + 1;
        for (field, other) in [("size", serde_json::json!(more)), ("root", serde_json::json!("00".repeat(32)))] {
            let mut altered = said.clone();
            altered["holds"][field] = other;
            std::fs::write(&manifest, altered.to_string()).unwrap();
            assert_eq!(verify(&sound).await.unwrap_err().code, "BACKUP_MANIFEST_BAD", "{field}");
        }
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
        // Beside the key of another log nothing is put back.
        let foreign = world.dir.path().join("foreign");
        std::fs::create_dir(&foreign).unwrap();
        files::create_ed25519(&foreign.join("log.key"), &crate::test_support::key(77)).unwrap();
        let refused = restore(&out, &foreign.join("hub.db"), &world.clock).await.unwrap_err();
        assert_eq!(refused.code, "RESTORE_FOREIGN");
        assert!(!foreign.join("hub.db").exists());
        std::fs::remove_file(foreign.join("log.key")).unwrap();
        files::create_ed25519(&foreign.join("log.key"), &world.log_key).unwrap();
        restore(&out, &foreign.join("hub.db"), &world.clock).await.unwrap();
        let mut bytes = std::fs::read(out.join(FILE)).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(out.join(FILE), bytes).unwrap();
        let again = place.with_file_name("again.db");
        assert_eq!(restore(&out, &again, &world.clock).await.unwrap_err().code, "BACKUP_FILE_CHANGED");
        assert!(!again.exists());
    }
}
