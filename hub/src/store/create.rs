//! Transaction `create`: schema, leaf 0 and its checkpoint.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use ed25519_dalek::SigningKey;
use multaqa_proto::key::PublicKey;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::state::LogState;
use multaqa_proto::number::{LeafIndex, LogNumber, TreeSize};
use multaqa_proto::record::Received;
use multaqa_proto::record::form::FormError;

use super::append::{Commit, advance, insert_entries};
use super::head::Head;
use super::row::StoredEntry;
use super::{Store, StoreError, migrate, version};

impl Store {
    /// Makes a store with leaf 0 and its checkpoint, readable by its owner alone. Repeating it after a crash is safe.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Genesis`], [`StoreError::LogKeyWrong`], or where SQLite fails.
    pub async fn create(
        path: &Path,
        genesis: &Received,
        log_key: &SigningKey,
        now_ms: i64,
    ) -> Result<Self, StoreError> {
        let commit = first(genesis, log_key, now_ms)?;
        let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        opened.map_err(|error| StoreError::Unavailable {
            detail: format!("{}: {error}", path.display()),
            fatal: false,
        })?;
        let store = Self::connect(path).await?;
        let mut tx = store.writer.begin_with("BEGIN IMMEDIATE").await?;
        if version(&mut tx).await? != 0 {
            return Err(StoreError::Exists { path: path.to_owned() });
        }
        migrate(&mut tx, 0).await?;
        insert_entries(&mut tx, "", &commit.entries).await?;
        advance(&mut tx, &commit).await?;
        tx.commit().await?;
        Ok(store)
    }
}

/// The commit of leaf 0.
fn first(genesis: &Received, log_key: &SigningKey, now_ms: i64) -> Result<Commit, StoreError> {
    let record = genesis.clone().parse()?;
    let leaf = Leaf::new(LeafType::Genesis, now_ms.max(0), &genesis.signature, genesis.statement.clone());
    let bytes = leaf.to_bytes();
    let state = LogState::open(LogNumber(1), &bytes, &leaf, &record)?;
    if state.directory().policy().log_key != PublicKey::of(log_key) {
        return Err(StoreError::LogKeyWrong);
    }
    let content = record.content().ok_or(FormError::Malformed { field: "content" })??;
    let checkpoint = Checkpoint { log: state.log(), size: state.size(), root: state.root() };
    Ok(Commit {
        first: TreeSize(0),
        entries: vec![StoredEntry::record(LeafIndex(0), bytes, &record, &content, 0)],
        checkpoint: checkpoint.sign(state.directory().federation(), log_key),
        frontier: state.frontier().clone(),
        root: state.root(),
        subtrees: state.completed().to_vec(),
        chains: state.chains().heads().map(|(writer, head)| (writer.clone(), *head)).collect(),
        erasures: Vec::new(),
        head: Head::of(&state, TreeSize(0)),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::test_support::{Federation, key};

    #[tokio::test]
    async fn a_store_is_made_once_and_for_its_owner_alone() {
        let world = Federation::new().await;
        let again = Store::create(&world.path(), &world.genesis, &world.log_key, 1).await;
        assert_eq!(again.unwrap_err().code(), "HUB_STORE_EXISTS");
        let permissions = world.path().metadata().unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
        let other = world.path().with_file_name("other.db");
        let made = Store::create(&other, &world.genesis, &key(99), 1).await;
        assert_eq!(made.unwrap_err().code(), "LOG_KEY_WRONG");
        assert!(!other.exists());
    }

    #[tokio::test]
    async fn an_interrupted_creation_is_repeated() {
        let world = Federation::new().await;
        let path = world.path().with_file_name("half.db");
        std::fs::write(&path, "").unwrap();
        assert_eq!(Store::open(&path).await.unwrap_err().code(), "HUB_STORE_EMPTY");
        let store = Store::create(&path, &world.genesis, &world.log_key, 1).await.unwrap();
        assert_eq!(store.load().await.unwrap().state.size(), TreeSize(1));
    }
}
