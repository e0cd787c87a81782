//! Identities of a federation: private CA, profiles, enrolment requests, key store, TLS on both sides.
//!
//! Map of the room:
//! - `name`: who a certificate speaks for. `profile` what each certificate must look like, `check` whether it does.
//! - `authority`: root and issuing CAs. `request`: enrolment requests, of which only the public key counts.
//! - `store`: files with keys. `pem`: their armour. `random`: the one source of randomness. `crypto`: the one provider.
//! - `serials`: who may be connected at this moment. `verify`: chain, profile, serial at each handshake.
//! - `server`, `client`, `stream`: the two ends of a connection and its limits; `setup`: why an end cannot be set up. `word`: what the
//!   hub says of our certificate.
//! - `systems`: a node's own CA for the systems of its member, and the port for them.
//! - `cli`: the verbs of `multaqa-certs`. `code`: this room's error codes and their texts.
//!
//! Out of scope: what a peer may do once it is known (hub and node), records and their keys' directory (proto).
//! Never here: tonic, SQL.
pub mod authority;
pub mod check;
pub mod cli;
pub mod client;
pub mod code;
pub mod crypto;
pub mod name;
pub mod pem;
pub mod profile;
pub mod random;
pub mod request;
pub mod serials;
pub mod server;
pub mod setup;
mod signer;
pub mod store;
pub mod stream;
pub mod systems;
pub mod verify;
pub mod word;
