//! Signatures: one form, over the RFC 6962 root of the record ids signed together. A lone record is a batch of one.
//!
//! In scope: signing a batch, verifying one record of it, the cache of verified roots, so that one public-key operation
//! serves a whole batch, also where it was done ahead on another thread. Out of scope: which key a writer has (`directory`).

use std::collections::HashSet;

use ed25519_dalek::SigningKey;
use prost::Message as _;
use prost::bytes::Bytes;

use super::form::FormError;
use crate::hash::{Hash, PayloadType, RecordId};
use crate::id::Writer;
use crate::key::{KeyId, PublicKey, SignatureBad, sign_pae};
use crate::log::proof::verify_inclusion;
use crate::log::tree::{inclusion_paths, leaf_hash};
use crate::number::Epoch;
use crate::wire::record as wire;

/// Most records that one signature may cover.
pub const BATCH_MAX: u64 = 4096;
/// Largest serialised signature, bytes: a path of 12 hashes and the fixed fields.
pub const SIGNATURE_MAX: usize = 640;
/// Roots that a cache remembers before it starts anew.
const CACHE_MAX: usize = 4096;
/// Lone records that a cache remembers; of more it does not say that they were verified.
const LONE_MAX: usize = 8192;

/// A parsed signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The signing key.
    pub key_id: KeyId,
    /// Records signed together.
    pub count: u64,
    /// RFC 6962 root over their record ids.
    pub root: Hash,
    /// Place of this record among them.
    pub index: u64,
    /// Inclusion path of this record.
    pub path: Vec<Hash>,
    /// Ed25519 signature.
    pub bytes: [u8; 64],
}

impl Signature {
    /// Parses received bytes.
    ///
    /// # Errors
    /// [`FormError`] names the field that breaks the form.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        if bytes.len() > SIGNATURE_MAX {
            return Err(FormError::TooLarge { field: "signature", max: SIGNATURE_MAX, found: bytes.len() });
        }
        let wire::Signature { key_id, count, root, index, path, bytes } =
            wire::Signature::decode(bytes).map_err(|_| FormError::Undecodable { field: "signature" })?;
        let malformed = |field| FormError::Malformed { field };
        if count == 0 || count > BATCH_MAX || index >= count {
            return Err(malformed("signature.count"));
        }
        Ok(Self {
            key_id: KeyId::from_slice(&key_id).ok_or(malformed("signature.key_id"))?,
            count,
            root: Hash::from_slice(&root).ok_or(malformed("signature.root"))?,
            index,
            path: path
                .iter()
                .map(|hash| Hash::from_slice(hash).ok_or(malformed("signature.path")))
                .collect::<Result<_, _>>()?,
            bytes: bytes.try_into().map_err(|_| malformed("signature.bytes"))?,
        })
    }
    fn serialise(&self) -> Bytes {
        wire::Signature {
            key_id: self.key_id.0.to_vec(),
            count: self.count,
            root: self.root.to_vec(),
            index: self.index,
            path: self.path.iter().map(|hash| hash.to_vec()).collect(),
            bytes: self.bytes.to_vec(),
        }
        .encode_to_vec()
        .into()
    }
    /// Verifies that the key signed this record id as one of its batch.
    ///
    /// # Errors
    /// Where the path or the signature does not verify.
    pub fn verify(
        &self,
        record_id: RecordId,
        writer: &Writer,
        epoch: Epoch,
        key: &PublicKey,
        roots: &mut VerifiedRoots,
    ) -> Result<(), SignatureBad> {
        if key.id() != self.key_id
            || !verify_inclusion(leaf_hash(record_id.as_bytes()), self.index, self.count, &self.path, self.root)
        {
            return Err(SignatureBad);
        }
        let body = batch_statement(writer, epoch, self.count, self.root);
        let lone = self.count == 1;
        if lone && !roots.knows_lone() {
            return key.verify_pae(PayloadType::Batch, &body, &self.bytes);
        }
        let seen = Hash::of_parts(&[key.as_bytes(), &self.bytes, &body]);
        if roots.holds(&seen) {
            return Ok(());
        }
        key.verify_pae(PayloadType::Batch, &body, &self.bytes)?;
        roots.remember(seen, lone);
        Ok(())
    }
}

/// Signs records together: one serialised signature each, in their order.
///
/// Nothing is signed for an empty list; a list longer than [`BATCH_MAX`] is cut into several batches.
#[must_use]
pub fn sign(secret: &SigningKey, writer: &Writer, epoch: Epoch, record_ids: &[RecordId]) -> Vec<Bytes> {
    let key_id = PublicKey::of(secret).id();
    let batch_max = usize::try_from(BATCH_MAX).unwrap_or(usize::MAX);
    record_ids
        .chunks(batch_max)
        .flat_map(|batch| {
            let leaves: Vec<Hash> = batch.iter().map(|id| leaf_hash(id.as_bytes())).collect();
            let (count, (root, paths)) = (batch.len() as u64, inclusion_paths(&leaves));
            let bytes = sign_pae(secret, PayloadType::Batch, &batch_statement(writer, epoch, count, root));
            (0..).zip(paths).map(move |(index, path)| Signature { key_id, count, root, index, path, bytes }.serialise())
        })
        .collect()
}

fn batch_statement(writer: &Writer, epoch: Epoch, count: u64, root: Hash) -> Vec<u8> {
    wire::BatchStatement { writer: writer.to_string(), epoch: epoch.0, count, root: root.to_vec() }.encode_to_vec()
}

/// Roots of several records whose signature was verified before, bounded.
#[derive(Debug, Default)]
pub struct VerifiedRoots {
    several: HashSet<Hash>,
    /// Of one record each: verified ahead.
    lone: HashSet<Hash>,
    ahead: bool,
}

impl VerifiedRoots {
    /// A cache for what is verified ahead of its turn, on another thread: it remembers lone records as well.
    #[must_use]
    pub fn ahead() -> Self {
        Self { ahead: true, ..Self::default() }
    }
    /// Takes over what others verified ahead. The lone records among it count until the next time.
    pub fn take_over(&mut self, ahead: impl IntoIterator<Item = Self>) {
        self.lone.clear();
        for Self { several, lone, .. } in ahead {
            for (seen, lone) in
                several.into_iter().map(|seen| (seen, false)).chain(lone.into_iter().map(|seen| (seen, true)))
            {
                self.remember(seen, lone);
            }
        }
    }
    fn knows_lone(&self) -> bool {
        self.ahead || !self.lone.is_empty()
    }
    fn holds(&self, seen: &Hash) -> bool {
        self.several.contains(seen) || self.lone.contains(seen)
    }
    fn remember(&mut self, seen: Hash, lone: bool) {
        if lone {
            if self.lone.len() < LONE_MAX {
                self.lone.insert(seen);
            }
            return;
        }
        if self.several.len() >= CACHE_MAX {
            self.several.clear();
        }
        self.several.insert(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_verified_ahead_counts_for_the_same_key_and_the_same_bytes_alone() {
        let (secret, other) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let key = PublicKey::of(&secret);
        let (writer, epoch): (Writer, _) = ("operator/root".parse().unwrap(), Epoch(1));
        let id = |n: u8| Hash([n; 32]);
        let lone = Signature::parse(&sign(&secret, &writer, epoch, &[id(1)])[0]).unwrap();
        let pair = Signature::parse(&sign(&secret, &writer, epoch, &[id(2), id(3)])[1]).unwrap();
        let mut ahead = VerifiedRoots::ahead();
        assert_eq!(lone.verify(id(1), &writer, epoch, &key, &mut ahead), Ok(()));
        assert_eq!(pair.verify(id(3), &writer, epoch, &key, &mut ahead), Ok(()));
        let mut roots = VerifiedRoots::default();
        roots.take_over([ahead]);
        assert_eq!((roots.lone.len(), roots.several.len()), (1, 1));
        assert_eq!(lone.verify(id(1), &writer, epoch, &key, &mut roots), Ok(()));
        for (signature, record) in [(&lone, id(1)), (&pair, id(3))] {
            let forged = Signature { bytes: [7; 64], ..signature.clone() };
            let renamed = Signature { key_id: PublicKey::of(&other).id(), ..signature.clone() };
            let verify = |signature: &Signature, record, epoch, key, roots: &mut VerifiedRoots| {
                signature.verify(record, &writer, epoch, &PublicKey::of(key), roots)
            };
            assert_eq!(verify(&forged, record, epoch, &secret, &mut roots), Err(SignatureBad));
            assert_eq!(verify(&renamed, record, epoch, &other, &mut roots), Err(SignatureBad));
            assert_eq!(verify(signature, id(9), epoch, &secret, &mut roots), Err(SignatureBad));
            assert_eq!(verify(signature, record, Epoch(2), &secret, &mut roots), Err(SignatureBad));
        }
        roots.take_over([]);
        assert_eq!((roots.lone.len(), roots.several.len()), (0, 1));
        assert_eq!(lone.verify(id(1), &writer, epoch, &key, &mut roots), Ok(()));
        assert!(roots.lone.is_empty());
    }
}
