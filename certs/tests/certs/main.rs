//! What the identities of a federation must do, seen from outside: against OpenSSL, over real sockets, through the binary.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails as a test does")]

mod binary;
mod evidence;
#[path = "../../../proto/tests/federation/mod.rs"]
#[expect(dead_code, reason = "the protocol's own stories use all of it")]
mod federation;
mod handshake;
mod openssl;
mod strict;
mod support;
mod systems;
