//! Backups of the node's journal: made beside a running node, checked offline, put where no journal is.
//!
//! In scope: the copy and what is checked of it. Out of scope: the directory's form (`runtime::backup`), what a node with a
//! restored journal does (`sync::verify`), the verbs (`cli::backup`).
//!
//! A backup holds `journal.db` alone: own records, the outbox, what the node cosigned, which node and instance it is. It holds no
//! private key, never: the keys do not change with each record, have a backup of their own, and whoever finds a backup cannot
//! sign with it. Where the keys are lost, operators invite the node to a new epoch. The replica is in no backup, since it is
//! fetched again from the log.

use std::path::Path;

use multaqa_certs::check::Certificate;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::store::{self as files, Mode, TlsIdentity};
use multaqa_proto::hash::RecordId;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::genesis_file;
use multaqa_proto::number::LeafIndex;
use multaqa_proto::sync::block::Entry;
use multaqa_runtime::backup::{self, Draft, Manifest};
use multaqa_runtime::clock::Clock;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::output;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::code;
use crate::config::Layout;
use crate::journal::{Identity, Journal};
use crate::replica::Replica;
use crate::replica::fsck::{self, Report};
use crate::store::StoreError;

/// Whose backup it is, as the manifest says.
const OF: &str = "node";
/// The journal's name in a backup.
const FILE: &str = "journal.db";

/// What a node's backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holds {
    /// The node as a writer.
    pub(crate) node: String,
    /// Record id of the genesis.
    pub(crate) genesis: String,
    /// Number of the log.
    pub(crate) log: u64,
    /// Epoch of its chain.
    pub(crate) epoch: u64,
    /// Place of its newest record in the chain.
    pub(crate) seq: u64,
}

/// Copies the journal as it is at this moment into a new backup, beside a running node too.
///
/// # Errors
/// Where there is no journal, something is at `out`, or the disk refuses.
pub(crate) async fn create(journal: &Path, out: &Path, clock: &Clock) -> Result<Manifest<Holds>, Fault> {
    // What it is and of which version, before anything is made.
    Journal::open_to_read(journal).await?.close().await;
    let mut draft = Draft::begin(out)?;
    let copy = draft.file(FILE)?;
    vacuum_into(journal, &copy, out).await?;
    let holds = holds(&copy).await?;
    draft.finish(OF, env!("CARGO_PKG_VERSION"), output::instant(clock.now_ms()), holds)
}

/// Checks a backup, without the node: every file's digest, then the journal from its records up.
///
/// # Errors
/// The fault of the manifest or of a file; what is wrong within the journal is in the report.
pub(crate) async fn verify(path: &Path) -> Result<(Manifest<Holds>, Report), Fault> {
    let manifest: Manifest<Holds> = backup::check(path, OF)?;
    let copy = path.join(FILE);
    let report = fsck::run(&copy, &path.join("replica.db")).await?;
    let found = holds(&copy).await?;
    if found != manifest.holds {
        let fault = Fault::new(multaqa_runtime::code::BACKUP_MANIFEST_BAD).with("path", path.display());
        return Err(fault.with("detail", format!("the journal is of {} up to {}", found.node, found.seq)));
    }
    Ok((manifest, report))
}

/// The fault of a backup whose journal does not hold.
pub(crate) fn unsound(path: &Path, report: &Report) -> Fault {
    let fault = Fault::new(multaqa_runtime::code::BACKUP_UNSOUND).with("path", path.display());
    fault.with("count", report.findings.len())
}

/// Checks a backup and puts its journal where none is. The node signs nothing with it before it has compared it with the log.
///
/// # Errors
/// Where the backup does not hold, it is another node's than the certificate or the keys beside it (`JOURNAL_FOREIGN`), or a journal
/// is there.
pub(crate) async fn restore(path: &Path, layout: &Layout, clock: &Clock) -> Result<Manifest<Holds>, Fault> {
    let (manifest, report) = verify(path).await?;
    if !report.ok {
        return Err(unsound(path, &report));
    }
    must_fit(&path.join(FILE), layout).await?;
    backup::put(&path.join(FILE), &layout.journal(), async |copy| {
        let opened = Journal::open(copy).await?;
        let noted = opened.distrust(clock.now_ms()).await;
        opened.close().await;
        Ok::<_, Fault>(noted?)
    })
    .await?;
    Ok(manifest)
}

/// Refuses the journal of another node, or of a node of this name in another federation, whose keys are others. What is not there is
/// not compared: keys have a backup of their own, which may come later.
async fn must_fit(copy: &Path, layout: &Layout) -> Result<(), Fault> {
    let opened = Journal::open_to_read(copy).await?;
    let signed = opened.newest_signer().await;
    let journal = opened.identity().clone();
    opened.close().await;
    match TlsIdentity::load(&layout.identity()) {
        Ok(identity) => must_be_of(&identity, &journal)?,
        Err(files::StoreError::Missing { .. }) => {}
        Err(error) => return Err(Fault { code: error.code(), args: error.args() }),
    }
    let key = match files::load_ed25519(&layout.key("record")) {
        Ok(key) => PublicKey::of(&key).id(),
        Err(files::StoreError::Missing { .. }) => return Ok(()),
        Err(error) => return Err(Fault { code: error.code(), args: error.args() }),
    };
    match signed? {
        Some(found) if found != key => {
            let node = |key| format!("{} ({key})", journal.writer());
            Err(StoreError::JournalForeign { expected: node(key), found: node(found) }.into())
        }
        Some(_) | None => Ok(()),
    }
}

/// A journal belongs to one node: beside another one's certificate it is a copy that went astray.
pub(crate) fn must_be_of(identity: &TlsIdentity, journal: &Identity) -> Result<(), StoreError> {
    let leaf = identity.chain.first().and_then(|leaf| Certificate::read(leaf));
    let named = leaf.and_then(|leaf| leaf.identity(&leaf.federation()?).ok());
    let found = PeerIdentity::Node(journal.member.clone(), journal.node.clone());
    match named {
        Some(expected @ PeerIdentity::Node(..)) if expected != found => {
            Err(StoreError::JournalForeign { expected: expected.to_string(), found: found.to_string() })
        }
        // Whatever else it is, the hub judges it.
        Some(_) | None => Ok(()),
    }
}

/// Writes leaf 0 of the log into a file: a hub that lost its disk is rebuilt from it and the nodes.
///
/// # Errors
/// Where there is no replica, something is at `out`, or the disk refuses.
pub(crate) async fn genesis(journal: &Path, replica: &Path, out: &Path) -> Result<RecordId, Fault> {
    let journal = Journal::open_to_read(journal).await?;
    let identity = journal.identity().clone();
    journal.close().await;
    if !replica.exists() {
        let dir = replica.parent().unwrap_or(replica).display();
        return Err(Fault::new(code::REPLICA_MISSING).with("dir", dir));
    }
    let opened = Replica::open_to_read(replica, &identity).await?;
    let gift = opened.entries_to_give(LeafIndex(0), LeafIndex(1), usize::MAX).await;
    opened.close().await;
    let Some(Entry { leaf, signature, content, .. }) = gift?.entries.pop() else {
        return Err(Fault::new(code::REPLICA_EMPTY));
    };
    let text = genesis_file::write(&leaf, &signature, content.as_deref().unwrap_or_default());
    files::create(out, text.as_bytes(), Mode::Public)
        .map_err(|error| Fault { code: error.code(), args: error.args() })?;
    Ok(identity.genesis)
}

async fn holds(journal: &Path) -> Result<Holds, StoreError> {
    let journal = Journal::open_to_read(journal).await?;
    let seq = journal.newest_seq().await;
    let identity = journal.identity();
    let holds = seq.map(|seq| Holds {
        node: identity.writer().to_string(),
        genesis: identity.genesis.to_string(),
        log: identity.log.0,
        epoch: identity.epoch.0,
        seq: seq.0,
    });
    journal.close().await;
    holds
}

/// One snapshot of a database as a new file, without free pages.
async fn vacuum_into(from: &Path, to: &Path, out: &Path) -> Result<(), Fault> {
    let failed = |error: sqlx::Error| {
        let fault = Fault::new(multaqa_runtime::code::BACKUP_FAILED).with("path", backup::around(out).display());
        fault.with("detail", error)
    };
    let options = SqliteConnectOptions::new().filename(from).read_only(true);
    let mut connection = options.connect().await.map_err(failed)?;
    let copied = sqlx::query("VACUUM INTO ?").bind(to.to_string_lossy().into_owned()).execute(&mut connection).await;
    connection.close().await.map_err(failed)?;
    copied.map(|_| ()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::testing::{TestNode, organisation};

    #[tokio::test]
    async fn a_journal_is_backed_up_beside_the_node_and_put_back_distrusted() {
        let node = TestNode::of("JO").await;
        let home = node.dir.path();
        let (journal, out) = (Layout::new(home).journal(), home.join("backup"));
        let (clock, _) = Clock::manual(1_000);
        node.publisher.publish(&[organisation("JO:organisation:a", "a")], &[]).await.unwrap();
        let made = create(&journal, &out, &clock).await.unwrap();
        assert_eq!((made.holds.node.as_str(), made.holds.seq), ("JO/gw1", 2));
        let (found, report) = verify(&out).await.unwrap();
        assert_eq!((found, report.findings.as_slice()), (made, [].as_slice()));
        let mut names: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["journal.db", "manifest.json"]);
        assert_eq!(restore(&out, &Layout::new(home), &clock).await.unwrap_err().code, "RESTORE_TARGET_USED");
        let other = Layout::new(&home.join("other"));
        files::create_dir(&home.join("other").join("keys")).unwrap();
        files::create_ed25519(&other.key("record"), &ed25519_dalek::SigningKey::from_bytes(&[77; 32])).unwrap();
        let foreign = restore(&out, &other, &clock).await.unwrap_err();
        assert_eq!(foreign.code, "JOURNAL_FOREIGN", "beside the keys of a node of this name in another federation");
        assert!(!other.journal().exists());
        std::fs::remove_file(other.key("record")).unwrap();
        restore(&out, &other, &clock).await.unwrap();
        let restored = Journal::open(&other.journal()).await.unwrap();
        assert!(restored.is_distrusted().await.unwrap());
        assert_eq!(restored.queued(multaqa_proto::number::Seq(0), 10).await.unwrap().len(), 0);
        restored.trust(7).await.unwrap();
        assert!(!restored.is_distrusted().await.unwrap());
        assert_eq!(restored.next_incarnation().await.unwrap(), 8);
        restored.close().await;
    }
}
