//! The protocol of Multaqa. Pure: no tokio runtime, no SQL, no files, no clock, no randomness of its own.
//!
//! Map of the room:
//! - `id`, `number`, `hash`: ids, numbers and hashes that cannot be swapped.
//! - `record`: what a writer signs.
//! - `wire`: generated wire types, clients, servers, descriptors.
pub mod hash;
pub mod id;
pub mod number;
pub mod record;
pub mod wire;
