//! C2SP signed notes, strictly: text, an empty line, signature lines `— <name> <base64(key hash || signature)>`.
//!
//! In scope: splitting a note, key hashes, finding the line of one key. Out of scope: what the text says (`checkpoint`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;

/// Largest note that is read, bytes.
pub const NOTE_MAX: usize = 16 * 1024;
/// Signature type of an Ed25519 note signature.
pub const ED25519: u8 = 0x01;
/// Signature type of a timestamped Ed25519 cosignature.
pub const COSIGNATURE: u8 = 0x04;

/// Key hash: the first four bytes of `SHA-256(name || 0x0A || type || public key)`.
#[must_use]
pub fn key_hash(name: &str, signature_type: u8, public_key: &[u8; 32]) -> [u8; 4] {
    let hash = Hash::of_parts(&[name.as_bytes(), b"\n", &[signature_type], public_key]);
    [hash.0[0], hash.0[1], hash.0[2], hash.0[3]]
}

/// One signature line, with its line feed.
#[must_use]
pub fn line(name: &str, key_hash: [u8; 4], signature: &[u8]) -> String {
    let mut payload = key_hash.to_vec();
    payload.extend_from_slice(signature);
    format!("\u{2014} {name} {}\n", STANDARD.encode(payload))
}

/// Splits a note into its text (with the last line feed) and its signature lines.
#[must_use]
pub fn split(note: &str) -> Option<(&str, Vec<&str>)> {
    if note.len() > NOTE_MAX || note.bytes().any(|b| b < 0x20 && b != b'\n') {
        return None;
    }
    let at = note.rfind("\n\n")?;
    let (text, lines) = (&note[..=at], note[at + 2..].strip_suffix('\n')?);
    Some((text, lines.split('\n').collect()))
}

/// The signature bytes of the one line by this name and key hash; none where there are two, of which readers might take either.
#[must_use]
pub fn signature(lines: &[&str], name: &str, key_hash: [u8; 4]) -> Option<Vec<u8>> {
    let mut found = lines.iter().filter_map(|line| {
        let (found, payload) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let payload = STANDARD.decode(payload).ok()?;
        let (hash, signature) = payload.split_first_chunk::<4>()?;
        (found == name && *hash == key_hash).then(|| signature.to_vec())
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
