//! Leaf 0 of a log in a file, as a node writes it: enough to rebuild a hub from the nodes, and to decide offline what a
//! federation's proofs are worth.
//!
//! A JSON object of three strings in hexadecimal: `leaf`, `signature`, `content`. In scope: writing and reading it. Out of scope:
//! whether the genesis is the right one (its record id says that).

use bytes::Bytes;
use serde::Deserialize;
use thiserror::Error;

use super::leaf::{Leaf, LeafType};
use crate::hash::{hex, unhex};
use crate::record::Received;
use crate::record::form::FormError;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenesisFile {
    /// Bytes of the leaf.
    pub leaf: Bytes,
    /// When the log began, milliseconds since 1970 UTC.
    pub accepted_at_ms: i64,
    /// The genesis record.
    pub record: Received,
}

/// Why a text is no such file.
#[derive(Debug, Error)]
pub enum GenesisFileBad {
    /// It is no JSON object of the three strings.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A field is not hexadecimal.
    #[error("{0} is not hexadecimal")]
    Hex(&'static str),
    /// The leaf does not parse.
    #[error("leaf: {0}")]
    Leaf(#[from] FormError),
    /// The leaf is another one than leaf 0.
    #[error("the leaf is not that of a genesis")]
    NotGenesis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    leaf: String,
    signature: String,
    content: String,
}

/// The file's text.
#[must_use]
pub fn write(leaf: &[u8], signature: &[u8], content: &[u8]) -> String {
    serde_json::json!({ "leaf": hex(leaf), "signature": hex(signature), "content": hex(content) }).to_string()
}

/// Reads a file's text.
///
/// # Errors
/// [`GenesisFileBad`].
pub fn read(text: &str) -> Result<GenesisFile, GenesisFileBad> {
    let fields: Fields = serde_json::from_str(text)?;
    let bytes = |name, text: &str| unhex(text).map(Bytes::from).ok_or(GenesisFileBad::Hex(name));
    let leaf = bytes("leaf", &fields.leaf)?;
    let parsed = Leaf::parse(&leaf)?;
    if parsed.leaf_type != LeafType::Genesis {
        return Err(GenesisFileBad::NotGenesis);
    }
    let (signature, content) = (bytes("signature", &fields.signature)?, bytes("content", &fields.content)?);
    let record = Received { statement: parsed.body, content: Some(content), signature };
    Ok(GenesisFile { leaf, accepted_at_ms: parsed.accepted_at_ms, record })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let leaf = Leaf::new(LeafType::Genesis, 7, b"signature", Bytes::from_static(b"statement")).to_bytes();
        let text = write(&leaf, b"signature", b"content");
        let file = read(&text).unwrap();
        assert_eq!((file.leaf, file.accepted_at_ms), (leaf, 7));
        assert_eq!(file.record.statement, &b"statement"[..]);
        let seal = Leaf::new(LeafType::Seal, 7, &[], Bytes::from_static(b"seal")).to_bytes();
        let no_genesis = write(&seal, b"", b"");
        assert!(matches!(read(&no_genesis), Err(GenesisFileBad::NotGenesis)));
        assert!(matches!(read(&text.replacen("01", "0x", 1)), Err(GenesisFileBad::Hex("leaf"))));
        assert!(matches!(read(&text.replace("content", "contents")), Err(GenesisFileBad::Json(_))));
    }
}
