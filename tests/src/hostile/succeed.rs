//! A log 2 that does not succeed log 1.
//!
//! An operator colludes where a deed needs one, and a quorum of states does not: of those there are the cosignatures that they
//! made. Out of scope: when and how it is shown (`act`, `service`).

use ed25519_dalek::SigningKey;
use multaqa_proto::hash::Hash;
use multaqa_proto::log::checkpoint::Checkpoint;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::succession::{CosignedCheckpoint, Decision, SignedDecision, Succession};
use multaqa_proto::log::tree::{consistency_proof, leaf_hash};
use multaqa_proto::number::{LogNumber, TreeSize};

use super::deed::Deed;
use super::history::{Branch, History};
use crate::checker::{self, Held};

/// Shows a member that holds so many entries this deed's succession: in the log, or in the greeting.
pub(super) fn show(deed: Deed, history: &History, held: usize, branch: &mut Branch) {
    let succession = leaf(history.time(held - 1), &forged(deed, history, held));
    if [Deed::CloseUndecided, Deed::CloseOlder].contains(&deed) {
        branch.succession = succession.leaf;
        return;
    }
    branch.entries.truncate(held);
    branch.greeting = Some(history.checkpoint(&branch.entries));
    branch.entries.push(succession);
    branch.end = Some(history.checkpoint_of_log_2(&branch.entries));
}

/// The leaf of a succession.
fn leaf(accepted_at_ms: i64, succession: &Succession) -> Held {
    let leaf = Leaf::new(LeafType::Succession, accepted_at_ms, &[], succession.serialise());
    Held { leaf: leaf.to_bytes(), signature: bytes::Bytes::new(), content: None }
}

/// The succession of this deed, for a member that holds so many entries.
fn forged(deed: Deed, history: &History, held: usize) -> Succession {
    let size = if [Deed::SucceedMisplaced, Deed::CloseUndecided].contains(&deed) {
        held - 1
    } else if deed == Deed::CloseOlder {
        earlier(history)
    } else {
        held
    };
    let elsewhere = deed == Deed::SucceedElsewhere;
    let root = if elsewhere { history.other_root(size) } else { checker::root(&history.entries()[..size]) };
    let cosigned = if deed == Deed::CloseOlder {
        cosigned(history, &history.colluding().early, size)
    } else if deed == Deed::SucceedMisplaced {
        cosigned(history, history.cosigned(), size)
    } else {
        Vec::new()
    };
    let decisions = if [Deed::SucceedUndecided, Deed::CloseUndecided].contains(&deed) {
        Vec::new()
    } else if deed == Deed::SucceedStrange {
        vec![decision(history, size, root).sign(&SigningKey::from_bytes(&[66; 32]))]
    } else if deed == Deed::SucceedReplayed {
        vec![decided(history, size - 1, checker::root(&history.entries()[..size - 1]))]
    } else {
        vec![decided(history, size, root)]
    };
    Succession { log: LogNumber(2), closed: history.sign(TreeSize(size as u64), root), cosigned, decisions }
}

fn decision(history: &History, size: usize, root: Hash) -> Decision {
    let (operator, _) = history.colluding().operator.as_ref().expect("an operator that colludes");
    Decision {
        genesis: history.state().directory().genesis(),
        log: LogNumber(2),
        size: TreeSize(size as u64),
        root,
        operator: operator.clone(),
        decided_at_ms: history.state().accepted_at_ms(),
        reason: "because".to_owned(),
    }
}

fn decided(history: &History, size: usize, root: Hash) -> SignedDecision {
    let (_, key) = history.colluding().operator.as_ref().expect("an operator that colludes");
    decision(history, size, root).sign(key)
}

/// The size that was cosigned earlier.
fn earlier(history: &History) -> usize {
    let (note, _) = history.colluding().early.first().expect("earlier cosignatures");
    size_of(history, note)
}

fn size_of(history: &History, note: &str) -> usize {
    let directory = history.state().directory();
    let key = &directory.policy().log_key;
    let signed = Checkpoint::open(note, directory.federation(), LogNumber(1), key).unwrap();
    usize::try_from(signed.size.0).unwrap()
}

/// These cosignatures, all over one checkpoint, as what vouches for a smaller size.
fn cosigned(history: &History, all: &[(String, String)], closed: usize) -> Vec<CosignedCheckpoint> {
    let (note, _) = &all[0];
    let mut lines: Vec<&str> = all.iter().filter(|(of, _)| of == note).map(|(_, line)| line.as_str()).collect();
    lines.sort_unstable();
    let leaves: Vec<Hash> =
        history.entries()[..size_of(history, note)].iter().map(|held| leaf_hash(&held.leaf)).collect();
    vec![CosignedCheckpoint {
        note: multaqa_proto::log::witness::with_lines(note, lines),
        consistency: consistency_proof(&leaves, closed),
    }]
}
