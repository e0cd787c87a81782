//! The log: leaves, the Merkle tree over them, seals, checkpoints, chains, and the state that every reader folds from them.
//!
//! In scope: bytes and pure state. Out of scope: storing and sequencing (`hub`), replicas (`node`).

pub mod chain;
pub mod checkpoint;
pub mod cosignature;
pub mod evidence;
pub mod frontier;
pub mod genesis_file;
pub mod leaf;
pub mod note;
pub mod proof;
pub mod release;
pub mod seal;
pub mod state;
pub mod subtree;
pub mod succession;
pub mod tree;
pub mod witness;
