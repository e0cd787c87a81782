//! The stored roots of complete subtrees, against those that the entries give.

use std::collections::BTreeMap;

use multaqa_proto::hash::Hash;
use multaqa_proto::log::subtree::{Reading, Root, Subtree, stored};
use multaqa_proto::number::LeafIndex;

use super::{Check, Place};
use crate::store::{Store, StoreError};

/// Rows that are read at once.
const CHUNK: usize = 256;

impl Check {
    /// Each root that is stored or should be; finds are named by height and number.
    pub(super) async fn subtrees(&mut self, store: &Store) {
        if let Err(error) = self.compare_subtrees(store).await {
            self.unreadable(&error);
        }
    }

    async fn compare_subtrees(&mut self, store: &Store) -> Result<(), StoreError> {
        let computed: BTreeMap<Subtree, Hash> =
            std::mem::take(&mut self.completed).into_iter().map(|Root { subtree, hash }| (subtree, hash)).collect();
        let mut rows = 0;
        for (height, numbers) in stored(self.frontier.size()) {
            for from in numbers.clone().step_by(CHUNK) {
                let to = numbers.end.min(from + CHUNK as u64);
                let found = store.subtrees(Reading { height, from, to }).await?;
                rows += found.len() as u64;
                let found: BTreeMap<Subtree, Hash> =
                    found.into_iter().map(|Root { subtree, hash }| (subtree, hash)).collect();
                for subtree in (from..to).map(|number| Subtree { height, number }) {
                    match found.get(&subtree) {
                        None => self.find_subtree(subtree, "is missing"),
                        root if root != computed.get(&subtree) => {
                            self.find_subtree(subtree, "is not what the entries give");
                        }
                        Some(_) => {}
                    }
                }
            }
        }
        if !self.stopped && store.subtree_count().await? != rows {
            let place = Place { table: "subtree", row: None, index: None };
            self.find_in("HUB_SUBTREE_WRONG", place, "holds rows of no complete subtree of the log");
        }
        Ok(())
    }

    fn find_subtree(&mut self, subtree: Subtree, what: &str) {
        let Subtree { height, number } = subtree;
        let newest = subtree.complete_at().0.checked_sub(1).map(LeafIndex);
        let place = Place { table: "subtree", row: Some(format!("{height} {number}")), index: newest };
        self.find_in("HUB_SUBTREE_WRONG", place, what);
    }
}
