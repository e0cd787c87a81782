//! Generated from `schema/`: messages, clients, servers and the descriptor set.
//!
//! In scope: nothing but the includes. Wire types stop at the door: the rooms convert them once into their own types.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::wildcard_enum_match_arm,
    rustdoc::all,
    reason = "generated code"
)]

/// What writers sign and the log carries (`multaqa.record.v1`).
pub mod record {
    pub use v1::*;
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("multaqa.record.v1");
    }
}
/// Payloads of the kinds (`multaqa.kind.v1`).
pub mod kind {
    pub use v1::*;
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("multaqa.kind.v1");
    }
}
/// What the hub serves (`multaqa.hub.v1`).
pub mod hub {
    pub use v1::*;
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("multaqa.hub.v1");
    }
}
/// What a node serves (`multaqa.node.v1`).
pub mod node {
    pub use v1::*;
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("multaqa.node.v1");
    }
}

/// Serialised `FileDescriptorSet` of the whole schema, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The files of the schema: name under `schema/` and text, in the order of their names.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));
