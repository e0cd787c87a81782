//! The protocol of Multaqa. Pure: no tokio runtime, no SQL, no files, no clock, no randomness of its own.
//!
//! Map of the room:
//! - `id`, `number`, `hash`, `key`: ids, numbers, hashes and keys that cannot be swapped.
//! - `record`: what a writer signs. `log`: where it stands. `directory`: who may speak, folded from control records.
//! - `kind`, `check`, `judge`, `fold`: what records mean, whether they hold at their place, what they leave of their objects.
//! - `view`: who may read an entry. `sync`: what crosses the wire, verified. `alarm`: every way a hub is caught.
//! - `record_proof`: what shows a record to somebody with nothing but the genesis, as a file. `evidence`: what a node that caught a hub
//!   hands on, as a file. `armour`: such files as text.
//! - `join_key`: the one text with which a node joins.
//! - `text`: language maps. `message`: codes as texts in ar, en, fr. `code`: the codes of this room.
//! - `wire`: generated wire types, clients, servers, descriptors.
pub mod alarm;
pub mod armour;
pub mod check;
pub mod code;
pub mod directory;
pub mod evidence;
pub mod fold;
pub mod hash;
pub mod id;
pub mod join_key;
pub mod judge;
pub mod key;
pub mod kind;
pub mod log;
pub mod message;
pub mod number;
pub mod record;
pub mod record_proof;
pub mod sync;
pub mod text;
pub mod view;
pub mod wire;
