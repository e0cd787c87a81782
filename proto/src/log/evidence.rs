//! Evidence: two statements that one writer signed for one place of its chain. It proves itself, so the hub does not sign it.
//!
//! In scope: its bytes (one spelling for each pair), and whether both signatures hold under a key. Out of scope: which key a
//! writer has, whether the contradiction is known already (`directory::frozen`), what it leads to (`log::state`).

use prost::Message as _;
use prost::bytes::Bytes;
use thiserror::Error;

use crate::hash::{RecordId, record_id};
use crate::id::Writer;
use crate::key::{KeyId, PublicKey};
use crate::number::{Epoch, Seq};
use crate::record::batch::{SIGNATURE_MAX, Signature, VerifiedRoots};
use crate::record::statement::{STATEMENT_BOUND, Statement};
use crate::wire::record as wire;

/// Largest serialised evidence, bytes: two statements with their signatures and what the fields cost.
pub const EVIDENCE_MAX: usize = 2 * (STATEMENT_BOUND + SIGNATURE_MAX + 16);

/// Evidence that proves nothing (code `EVIDENCE_WRONG`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the evidence proves nothing: {0}")]
pub struct EvidenceWrong(pub &'static str);

impl EvidenceWrong {
    /// The stable code.
    pub const CODE: &'static str = "EVIDENCE_WRONG";
}

/// A statement with the signature that it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Id of its record.
    pub record_id: RecordId,
    /// The statement, parsed.
    pub statement: Statement,
    /// The signature, parsed.
    pub signature: Signature,
    bytes: wire::SignedStatement,
}

impl Signed {
    /// From the bytes of a record: serialised statement and signature.
    ///
    /// # Errors
    /// [`EvidenceWrong`] where they break the form.
    pub fn parse(statement: Bytes, signature: Bytes) -> Result<Self, EvidenceWrong> {
        Ok(Self {
            record_id: record_id(&statement),
            statement: Statement::parse(&statement).map_err(|_| EvidenceWrong("a statement breaks the form"))?,
            signature: Signature::parse(&signature).map_err(|_| EvidenceWrong("a signature breaks the form"))?,
            bytes: wire::SignedStatement { statement, signature },
        })
    }
}

/// Two statements that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence([Signed; 2]);

impl Evidence {
    /// Of two statements, in whatever order.
    ///
    /// # Errors
    /// [`EvidenceWrong`] where they do not contradict each other: another writer, another place, the same statement.
    pub fn of(one: Signed, other: Signed) -> Result<Self, EvidenceWrong> {
        let place = |signed: &Signed| (signed.statement.writer.clone(), signed.statement.epoch, signed.statement.seq);
        if place(&one) != place(&other) {
            return Err(EvidenceWrong("the statements are not at one place"));
        }
        if one.signature.key_id != other.signature.key_id {
            return Err(EvidenceWrong("the statements are not signed by one key"));
        }
        match one.record_id.cmp(&other.record_id) {
            std::cmp::Ordering::Less => Ok(Self([one, other])),
            std::cmp::Ordering::Greater => Ok(Self([other, one])),
            std::cmp::Ordering::Equal => Err(EvidenceWrong("both statements are the same")),
        }
    }
    /// Parses received bytes: only the one spelling that [`Evidence::serialise`] gives.
    ///
    /// # Errors
    /// [`EvidenceWrong`] says what is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceWrong> {
        if bytes.len() > EVIDENCE_MAX {
            return Err(EvidenceWrong("too large"));
        }
        let wire::Evidence { statements } =
            wire::Evidence::decode(bytes).map_err(|_| EvidenceWrong("it cannot be decoded"))?;
        let [one, other]: [wire::SignedStatement; 2] =
            statements.try_into().map_err(|_| EvidenceWrong("not two statements"))?;
        let evidence =
            Self::of(Signed::parse(one.statement, one.signature)?, Signed::parse(other.statement, other.signature)?)?;
        // Written anew it must be the same bytes: neither another order nor further fields pass.
        if evidence.serialise() == bytes { Ok(evidence) } else { Err(EvidenceWrong("another spelling")) }
    }
    /// Serialises it.
    #[must_use]
    pub fn serialise(&self) -> Bytes {
        let statements = self.0.iter().map(|signed| signed.bytes.clone()).collect();
        wire::Evidence { statements }.encode_to_vec().into()
    }
    /// The statements, the one with the smaller record id first.
    #[must_use]
    pub const fn statements(&self) -> &[Signed; 2] {
        &self.0
    }
    /// Who contradicted itself.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        &self.0[0].statement.writer
    }
    /// In which epoch.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.0[0].statement.epoch
    }
    /// At which place of its chain.
    #[must_use]
    pub const fn seq(&self) -> Seq {
        self.0[0].statement.seq
    }
    /// The key that signed both.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.0[0].signature.key_id
    }
    /// Whether this key signed both, for this federation.
    ///
    /// A statement without federation is a genesis: one key may found several federations, so it is never half of evidence.
    ///
    /// # Errors
    /// [`EvidenceWrong`] says what does not hold.
    pub fn verify(
        &self,
        federation: RecordId,
        key: &PublicKey,
        roots: &mut VerifiedRoots,
    ) -> Result<(), EvidenceWrong> {
        for Signed { record_id, statement, signature, .. } in &self.0 {
            if statement.federation != Some(federation) {
                return Err(EvidenceWrong("a statement is of another federation"));
            }
            signature
                .verify(*record_id, &statement.writer, statement.epoch, key, roots)
                .map_err(|_| EvidenceWrong("a signature does not verify"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::hash::Hash;
    use crate::record::batch;

    fn signed(seq: u64, content: &[u8], secret: u8) -> Signed {
        let statement = Statement {
            federation: Some(Hash::of(b"genesis")),
            writer: "JO/gw1".parse().unwrap(),
            epoch: Epoch(1),
            seq: Seq(seq),
            previous: Some(Hash::of(b"before")),
            lane: [7; 16],
            content_hash: Hash::of(content),
        };
        let bytes = statement.serialise();
        let secret = SigningKey::from_bytes(&[secret; 32]);
        let signature = batch::sign(&secret, &statement.writer, statement.epoch, &[record_id(&bytes)]).remove(0);
        Signed::parse(bytes, signature).unwrap()
    }

    fn verified(evidence: &Evidence, secret: u8) -> bool {
        let key = PublicKey::of(&SigningKey::from_bytes(&[secret; 32]));
        evidence.verify(Hash::of(b"genesis"), &key, &mut VerifiedRoots::default()).is_ok()
    }

    #[test]
    fn two_statements_at_one_place_have_one_spelling_and_prove_themselves() {
        let (one, other) = (signed(2, b"one", 3), signed(2, b"other", 3));
        let evidence = Evidence::of(one.clone(), other.clone()).unwrap();
        assert_eq!(Evidence::of(other, one), Ok(evidence.clone()));
        let bytes = evidence.serialise();
        assert!(bytes.len() <= EVIDENCE_MAX);
        assert_eq!(Evidence::parse(&bytes), Ok(evidence.clone()));
        assert!(verified(&evidence, 3) && !verified(&evidence, 4));
        let wire::Evidence { statements } = wire::Evidence::decode(bytes.clone()).unwrap();
        let turned = wire::Evidence { statements: statements.into_iter().rev().collect() }.encode_to_vec();
        let longer = [bytes.as_ref(), &[0x10, 0x01]].concat();
        for bytes in [turned, longer] {
            assert_eq!(Evidence::parse(&bytes), Err(EvidenceWrong("another spelling")));
        }
    }

    #[test]
    fn what_does_not_contradict_itself_is_no_evidence() {
        let one = signed(2, b"one", 3);
        for other in [one.clone(), signed(3, b"one", 3), signed(2, b"other", 4)] {
            assert!(Evidence::of(one.clone(), other).is_err());
        }
    }

    #[test]
    fn any_altered_byte_proves_nothing() {
        let evidence = Evidence::of(signed(2, b"one", 3), signed(2, b"other", 3)).unwrap();
        let bytes = evidence.serialise();
        for at in 0..bytes.len() {
            let mut altered = bytes.to_vec();
            altered[at] ^= 1;
            assert!(!Evidence::parse(&altered).is_ok_and(|evidence| verified(&evidence, 3)), "byte {at}");
        }
    }
}
