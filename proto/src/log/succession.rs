//! Succession: log k is closed at a size where it was stable, and log k + 1 goes on from there.
//!
//! The leaves of log k below the closed size stay where they are: the tree goes on, and an index below the closed size means the
//! same in both logs. The leaf at that size is the succession. It proves itself, so that nobody has to trust the hub with it:
//! - *where*: the checkpoint of log k at the closed size, by the log key; the tree that a reader holds must have its root;
//! - *that nothing stable is lost*: of q states in the policy each a cosignature over a checkpoint of log k which begins with
//!   the closed tree. A quorum that holds more than is closed would show in any other quorum;
//! - *who decided, and why*: as many operators as an operator record needs, each by a signature over the new log's number,
//!   closed size and root. These are no records: the newest records of the operators' own chains may be among what is dropped.
//!
//! Where the policy names no witnesses nothing is ever stable: the operators' decision stands alone then. The log key is that of
//! the policy in force. What stood above the closed size is dropped; its writers' records are ordered again.
//!
//! In scope: the bytes (one spelling), and whether a succession holds by a directory. Out of scope: that the reader's own tree has
//! the closed root (`state`), making one (`hub`), going back to the closed size (`node`).

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use prost::Message as _;
use prost::bytes::Bytes;
use thiserror::Error;

use super::checkpoint::Checkpoint;
use super::proof::verify_consistency;
use super::witness::{Cosigned, Numbers, with_lines};
use crate::directory::Directory;
use crate::hash::{Hash, PayloadType, RecordId};
use crate::id::{MemberCode, OperatorName, Writer};
use crate::key::sign_pae;
use crate::number::{Epoch, LogNumber, TreeSize};
use crate::wire::record as wire;

/// Largest serialised succession, bytes: a quorum of many states, each with a note of its own, and long proofs.
pub const SUCCESSION_MAX: usize = 128 * 1024;
/// Longest reason, bytes.
pub const REASON_MAX: usize = 1_024;
/// Longest serialised decision, bytes.
const DECISION_MAX: usize = REASON_MAX + 512;

/// A succession that does not hold (code `SUCCESSION_WRONG`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the succession does not hold: {0}")]
pub struct SuccessionWrong(pub &'static str);

impl SuccessionWrong {
    /// The stable code.
    pub const CODE: &'static str = "SUCCESSION_WRONG";
}

/// What an operator decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Record id of the genesis.
    pub genesis: RecordId,
    /// Number of the log that begins.
    pub log: LogNumber,
    /// Size at which the log before is closed.
    pub size: TreeSize,
    /// Its root there.
    pub root: Hash,
    /// Who decided.
    pub operator: OperatorName,
    /// When, milliseconds since 1970 UTC.
    pub decided_at_ms: i64,
    /// Why, in the operator's words; not empty, at most [`REASON_MAX`] bytes.
    pub reason: String,
}

/// A decision with its signature, not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDecision {
    /// The serialised decision.
    pub bytes: Vec<u8>,
    /// The signature of the operator's record key.
    pub signature: Vec<u8>,
}

/// A checkpoint that begins with the closed log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosignedCheckpoint {
    /// The signed note with lines of witnesses.
    pub note: String,
    /// Consistency proof from the closed size.
    pub consistency: Vec<Hash>,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// Number of the log that begins.
    pub log: LogNumber,
    /// The checkpoint at which the log before is closed, a signed note with the log's line alone.
    pub closed: String,
    /// What a quorum cosigned, ascending.
    pub cosigned: Vec<CosignedCheckpoint>,
    /// The operators' decisions, in the order of their names.
    pub decisions: Vec<SignedDecision>,
}

/// A succession that holds by a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The checkpoint at which the log before is closed.
    pub closed: Checkpoint,
    /// States that cosigned it.
    pub states: BTreeSet<MemberCode>,
    /// The decisions.
    pub decisions: Vec<Decision>,
}

impl Decision {
    /// Serialises and signs it.
    #[must_use]
    pub fn sign(&self, record_key: &SigningKey) -> SignedDecision {
        let bytes = wire::Decision {
            genesis: self.genesis.to_vec(),
            log: self.log.0,
            size: self.size.0,
            root: self.root.to_vec(),
            operator: self.operator.to_string(),
            decided_at_ms: self.decided_at_ms,
            reason: self.reason.clone(),
        }
        .encode_to_vec();
        let signature = sign_pae(record_key, PayloadType::Succession, &bytes).to_vec();
        SignedDecision { bytes, signature }
    }
}

impl SignedDecision {
    /// What it says, where an operator of the policy in force signed it.
    ///
    /// # Errors
    /// [`SuccessionWrong`] says what does not hold.
    pub fn open(&self, directory: &Directory) -> Result<Decision, SuccessionWrong> {
        if self.bytes.len() > DECISION_MAX {
            return Err(SuccessionWrong("a decision is too large"));
        }
        let decision = wire::Decision::decode(&*self.bytes).map_err(|_| SuccessionWrong("a decision is malformed"))?;
        let wire::Decision { genesis, log, size, root, operator, decided_at_ms, reason } = decision;
        let malformed = SuccessionWrong("a decision is malformed");
        let decision = Decision {
            genesis: Hash::from_slice(&genesis).ok_or(malformed)?,
            log: LogNumber(log),
            size: TreeSize(size),
            root: Hash::from_slice(&root).ok_or(malformed)?,
            operator: operator.parse().map_err(|_| malformed)?,
            decided_at_ms,
            reason,
        };
        if decision.reason.trim().is_empty() || decision.reason.len() > REASON_MAX {
            return Err(SuccessionWrong("a decision gives no reason, or a long one"));
        }
        if decision.genesis != directory.genesis() {
            return Err(SuccessionWrong("a decision is of another federation"));
        }
        let unknown = SuccessionWrong("a decision is of no operator in force");
        let key = directory.policy().operators.get(&decision.operator).ok_or(unknown)?;
        if directory.is_frozen(&Writer::Operator(decision.operator.clone()), Epoch(1), key.id()) {
            return Err(unknown);
        }
        key.verify_pae(PayloadType::Succession, &self.bytes, &self.signature)
            .map_err(|_| SuccessionWrong("a decision is not signed by its operator"))?;
        Ok(decision)
    }
}

impl Succession {
    /// Serialises it.
    #[must_use]
    pub fn serialise(&self) -> Bytes {
        let cosigned = |CosignedCheckpoint { note, consistency }: &CosignedCheckpoint| wire::CosignedCheckpoint {
            checkpoint: note.clone(),
            consistency: consistency.iter().map(|hash| hash.to_vec()).collect(),
        };
        let decision = |SignedDecision { bytes, signature }: &SignedDecision| wire::SignedDecision {
            decision: bytes.clone(),
            signature: signature.clone(),
        };
        wire::Succession {
            log: self.log.0,
            closed: self.closed.clone(),
            cosigned: self.cosigned.iter().map(cosigned).collect(),
            decisions: self.decisions.iter().map(decision).collect(),
        }
        .encode_to_vec()
        .into()
    }
    /// Parses received bytes: only the one spelling that [`Succession::serialise`] gives. Nothing of it is verified.
    ///
    /// # Errors
    /// [`SuccessionWrong`] says what is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, SuccessionWrong> {
        if bytes.len() > SUCCESSION_MAX {
            return Err(SuccessionWrong("too large"));
        }
        let wire::Succession { log, closed, cosigned, decisions } =
            wire::Succession::decode(bytes).map_err(|_| SuccessionWrong("it cannot be decoded"))?;
        let cosigned = cosigned.into_iter().map(|wire::CosignedCheckpoint { checkpoint, consistency }| {
            let hashes = consistency.iter().map(|hash| Hash::from_slice(hash)).collect::<Option<_>>();
            Some(CosignedCheckpoint { note: checkpoint, consistency: hashes? })
        });
        let decisions = decisions
            .into_iter()
            .map(|wire::SignedDecision { decision, signature }| SignedDecision { bytes: decision, signature });
        let succession = Self {
            log: LogNumber(log),
            closed,
            cosigned: cosigned.collect::<Option<_>>().ok_or(SuccessionWrong("a hash is malformed"))?,
            decisions: decisions.collect(),
        };
        // Written anew it must be the same bytes: neither another order nor further fields pass.
        if succession.serialise() == bytes { Ok(succession) } else { Err(SuccessionWrong("another spelling")) }
    }
    /// The checkpoint at which the log is closed that this directory has. Nothing more is verified.
    ///
    /// # Errors
    /// [`SuccessionWrong`] where the log key did not sign it, or another log is closed.
    pub fn closed_checkpoint(&self, directory: &Directory) -> Result<Checkpoint, SuccessionWrong> {
        let before = directory.log();
        if self.log != before.next() {
            return Err(SuccessionWrong("its number does not follow that of the log"));
        }
        let closed = Checkpoint::open(&self.closed, directory.federation(), before, &directory.policy().log_key)
            .map_err(|_| SuccessionWrong("the closed checkpoint is not the log's"))?;
        if closed.note_alone(directory.federation(), &self.closed).is_none() {
            return Err(SuccessionWrong("the closed checkpoint has other lines than the log's"));
        }
        Ok(closed)
    }
    /// Whether it holds after the log that this directory has, which has to be that of the closed size.
    ///
    /// # Errors
    /// [`SuccessionWrong`] names the first rule that does not hold.
    pub fn check(&self, directory: &Directory) -> Result<Held, SuccessionWrong> {
        let closed = self.closed_checkpoint(directory)?;
        let decisions = self.decided(directory, &closed)?;
        let states = self.stable(directory, &closed)?;
        Ok(Held { closed, states, decisions })
    }

    /// The decisions of enough operators, each on this closing.
    fn decided(&self, directory: &Directory, closed: &Checkpoint) -> Result<Vec<Decision>, SuccessionWrong> {
        let decisions: Vec<Decision> =
            self.decisions.iter().map(|signed| signed.open(directory)).collect::<Result<_, _>>()?;
        let this =
            |decision: &Decision| (decision.log, decision.size, decision.root) == (self.log, closed.size, closed.root);
        if !decisions.iter().all(this) {
            return Err(SuccessionWrong("a decision is on another closing"));
        }
        if !decisions.is_sorted_by(|one, next| one.operator < next.operator) {
            return Err(SuccessionWrong("the decisions are not of different operators in order"));
        }
        if decisions.len() < directory.policy().operators_required {
            return Err(SuccessionWrong("too few operators decided"));
        }
        Ok(decisions)
    }

    /// The states that vouch for the closed tree: a quorum, one vote each.
    fn stable(&self, directory: &Directory, closed: &Checkpoint) -> Result<BTreeSet<MemberCode>, SuccessionWrong> {
        let Numbers { states: witnesses, quorum, .. } = Numbers::of(directory.policy().witnesses.len());
        if witnesses == 0 && !self.cosigned.is_empty() {
            return Err(SuccessionWrong("cosignatures though the policy names no witnesses"));
        }
        let (mut states, mut newest) = (BTreeSet::new(), None);
        for CosignedCheckpoint { note, consistency } in &self.cosigned {
            let cosigned = Cosigned::open(note, directory)
                .map_err(|_| SuccessionWrong("a cosigned checkpoint is not of the closed log"))?;
            let Checkpoint { log, size, root } = cosigned.checkpoint;
            if log != closed.log || spelled(&cosigned) != *note || cosigned.cosignatures.is_empty() {
                return Err(SuccessionWrong("a cosigned checkpoint has a line that does not count"));
            }
            if newest.replace(size).is_some_and(|newest| newest >= size) {
                return Err(SuccessionWrong("the cosigned checkpoints are not in order"));
            }
            if !verify_consistency(closed.size.0, closed.root, size.0, root, consistency) {
                return Err(SuccessionWrong("a cosigned checkpoint does not begin with the closed log"));
            }
            states.extend(cosigned.cosignatures.iter().filter_map(|found| found.witness.member().cloned()));
        }
        if states.len() < quorum {
            Err(SuccessionWrong("too few states vouch for the closed size"))
        } else {
            Ok(states)
        }
    }
}

/// A cosigned note in its one spelling: the log's line, then those that count, in the order of their names.
#[must_use]
pub fn spelled(cosigned: &Cosigned) -> String {
    with_lines(&cosigned.note, cosigned.cosignatures.iter().map(|cosignature| cosignature.line.as_str()))
}
