//! Join keys: one pasted text with which a node joins.
//!
//! `mq1.<base64url of (serialised JoinKey || first 4 bytes of its SHA-256)>`: the checksum tells a damaged paste from a
//! foreign key. In scope: packing and unpacking. Out of scope: redeeming (`node`, `hub`).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

use crate::hash::{Hash, RecordId};
use crate::id::{MemberCode, NodeName, Writer};
use crate::number::Epoch;
use crate::wire::hub as wire;

const PREFIX: &str = "mq1.";
/// Longest join key, characters.
const TEXT_MAX: usize = 2048;

/// A text that is not a join key (code `JOIN_KEY_MALFORMED`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a join key: {0}")]
pub struct JoinKeyMalformed(pub &'static str);

impl JoinKeyMalformed {
    /// The stable code.
    pub const CODE: &'static str = "JOIN_KEY_MALFORMED";
}

/// An unpacked join key.
pub struct JoinKey {
    /// Record id of the genesis.
    pub genesis: RecordId,
    /// Member.
    pub member: MemberCode,
    /// Node.
    pub node: NodeName,
    /// Epoch of the node's chain.
    pub epoch: Epoch,
    /// Record id of the invitation.
    pub invitation: RecordId,
    /// The one-time key.
    pub secret: SigningKey,
    /// Addresses of the hub, `host:port`.
    pub hubs: Vec<String>,
    /// Until when, milliseconds since 1970 UTC.
    pub not_after_ms: i64,
}

impl JoinKey {
    /// The writer that the key invites.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::Node(self.member.clone(), self.node.clone())
    }
    /// The text to paste. It is a secret.
    #[must_use]
    pub fn pack(&self) -> Zeroizing<String> {
        let mut wire = wire::JoinKey {
            genesis: self.genesis.to_vec(),
            member: self.member.to_string(),
            node: self.node.to_string(),
            epoch: self.epoch.0,
            invitation: self.invitation.to_vec(),
            secret: self.secret.to_bytes().to_vec(),
            hubs: self.hubs.clone(),
            not_after_ms: self.not_after_ms,
        };
        let mut bytes = Zeroizing::new(wire.encode_to_vec());
        wire.secret.zeroize();
        let checksum = Hash::of(&bytes);
        bytes.extend_from_slice(&checksum.0[..4]);
        Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&*bytes)))
    }
    /// Unpacks a pasted text; white space around and within it is ignored.
    ///
    /// # Errors
    /// [`JoinKeyMalformed`] says what is wrong.
    pub fn unpack(text: &str) -> Result<Self, JoinKeyMalformed> {
        let wrong = JoinKeyMalformed;
        if text.len() > TEXT_MAX {
            return Err(wrong("too long"));
        }
        // Mail wraps it, and editors begin a file with a mark.
        let text: Zeroizing<String> = Zeroizing::new(text.trim_start_matches('\u{feff}').split_whitespace().collect());
        let body = text.strip_prefix(PREFIX).ok_or(wrong("it does not begin with mq1."))?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(body).map_err(|_| wrong("characters are damaged"))?);
        let (message, checksum) = bytes.split_last_chunk::<4>().ok_or(wrong("it is cut off"))?;
        if Hash::of(message).0[..4] != checksum[..] {
            return Err(wrong("the checksum fails: it is cut off or mistyped"));
        }
        let wire::JoinKey { genesis, member, node, epoch, invitation, secret, hubs, not_after_ms } =
            wire::JoinKey::decode(message).map_err(|_| wrong("contents"))?;
        let secret = Zeroizing::new(secret);
        let seed: &[u8; 32] = secret.as_slice().try_into().map_err(|_| wrong("secret"))?;
        Ok(Self {
            genesis: Hash::from_slice(&genesis).ok_or(wrong("genesis"))?,
            member: member.parse().map_err(|_| wrong("member"))?,
            node: node.parse().map_err(|_| wrong("node"))?,
            epoch: Epoch(epoch),
            invitation: Hash::from_slice(&invitation).ok_or(wrong("invitation"))?,
            secret: SigningKey::from_bytes(seed),
            hubs,
            not_after_ms,
        })
    }
}

impl fmt::Debug for JoinKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinKey({}/{}, epoch {}, secret hidden)", self.member, self.node, self.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> JoinKey {
        JoinKey {
            genesis: Hash::of(b"genesis"),
            member: "JO".parse().unwrap(),
            node: "gw1".parse().unwrap(),
            epoch: Epoch(1),
            invitation: Hash::of(b"invitation"),
            secret: SigningKey::from_bytes(&[7; 32]),
            hubs: vec!["127.0.0.1:7400".to_owned()],
            not_after_ms: 1_000,
        }
    }

    #[test]
    fn a_pasted_key_survives_line_breaks_and_shows_damage() {
        let text = key().pack();
        let wrapped = format!("  {}\n{}\n", &text[..40], &text[40..]);
        assert_eq!(JoinKey::unpack(&wrapped).unwrap().writer().to_string(), "JO/gw1");
        assert!(JoinKey::unpack(&text[..text.len() - 3]).is_err());
        assert!(JoinKey::unpack("mq1.").is_err());
        assert!(JoinKey::unpack(&text.replace("mq1.", "mq2.")).is_err());
    }

    #[test]
    fn debug_hides_the_secret() {
        let shown = format!("{:?}", key());
        assert!(!shown.contains("7, 7") && !shown.contains("0707"), "{shown}");
    }
}
