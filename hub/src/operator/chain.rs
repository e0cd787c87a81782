//! The rules of an operator's chain: what may be signed next, judged from the own file and the hub's word. Pure.
//!
//! In scope: the decision. Out of scope: the file (`dir`), the connection (`operator`).

use ed25519_dalek::SigningKey;
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::Writer;
use multaqa_proto::key::PublicKey;
use multaqa_proto::number::{Epoch, Seq};
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::record::{ChainPlace, Parsed, Received};
use thiserror::Error;

/// The one epoch of an operator's chain.
const EPOCH: Epoch = Epoch(1);

/// The head of the own chain, as it was before the newest submit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Place of the newest record that was signed.
    pub seq: Seq,
    /// Its id.
    pub record_id: RecordId,
    /// The record before it.
    pub previous: Option<RecordId>,
    /// The record itself, while the hub has not answered.
    pub unanswered: Option<Received>,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A new record may be signed.
    Sign,
    /// This one was signed and may not have arrived: it goes first.
    Resend(Received),
}

/// Why nothing is signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainRefused {
    /// What the hub calls the newest record was not signed by the own key.
    #[error("the hub shows a record that {writer} did not sign")]
    NotOwn {
        /// The own writer.
        writer: Writer,
    },
    /// The hub holds less of the chain than was answered for.
    #[error("the hub holds {hub} records of {writer}, {own} were signed")]
    HubBehind {
        /// The own writer.
        writer: Writer,
        /// Records that the own file counts.
        own: Seq,
        /// Records that the hub shows.
        hub: Seq,
    },
    /// The hub holds another record at the same place.
    #[error("the hub holds another record of {writer} at {seq} than was signed here")]
    Forked {
        /// The own writer.
        writer: Writer,
        /// The place.
        seq: Seq,
    },
}

impl ChainRefused {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotOwn { .. } => "OPERATOR_CHAIN_NOT_OWN",
            Self::HubBehind { .. } => "OPERATOR_CHAIN_HUB_BEHIND",
            Self::Forked { .. } => "OPERATOR_CHAIN_FORKED",
        }
    }
    /// Arguments of the code's message.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NotOwn { writer } => vec![("writer", writer.to_string())],
            Self::HubBehind { writer, own, hub } => {
                vec![("writer", writer.to_string()), ("own", own.to_string()), ("hub", hub.to_string())]
            }
            Self::Forked { writer, seq } => vec![("writer", writer.to_string()), ("seq", seq.to_string())],
        }
    }
}

/// What may be done, given the own chain (none where this directory never signed) and the newest record that the hub shows.
///
/// A hub that is ahead is followed: the key itself signed what it shows, from another copy of the directory.
///
/// # Errors
/// [`ChainRefused`] names the rule.
pub fn next(
    own: Option<&Chain>,
    newest: Option<&Parsed>,
    genesis: RecordId,
    writer: &Writer,
    key: &SigningKey,
) -> Result<Next, ChainRefused> {
    if let Some(newest) = newest
        && !is_own(newest, genesis, writer, key)
    {
        return Err(ChainRefused::NotOwn { writer: writer.clone() });
    }
    let Some(own) = own else { return Ok(Next::Sign) };
    let hub = newest.map_or(Seq(0), |newest| newest.statement.seq);
    if hub > own.seq {
        return Ok(Next::Sign);
    }
    if hub == own.seq {
        let same = newest.is_some_and(|newest| newest.record_id == own.record_id);
        return if same { Ok(Next::Sign) } else { Err(ChainRefused::Forked { writer: writer.clone(), seq: hub }) };
    }
    match &own.unanswered {
        Some(record) if hub.next() == own.seq && newest.map(|newest| newest.record_id) == own.previous => {
            Ok(Next::Resend(record.clone()))
        }
        Some(_) | None => Err(ChainRefused::HubBehind { writer: writer.clone(), own: own.seq, hub }),
    }
}

/// The place after the newest record.
#[must_use]
pub fn place(newest: Option<&Parsed>, genesis: RecordId, writer: &Writer) -> ChainPlace {
    ChainPlace {
        federation: Some(genesis),
        writer: writer.clone(),
        epoch: EPOCH,
        seq: newest.map_or(Seq(1), |newest| newest.statement.seq.next()),
        previous: newest.map(|newest| newest.record_id),
    }
}

fn is_own(record: &Parsed, genesis: RecordId, writer: &Writer, key: &SigningKey) -> bool {
    let statement = &record.statement;
    let ours = statement.federation == Some(genesis) || (statement.federation.is_none() && record.record_id == genesis);
    let signed = record.signature.verify(
        record.record_id,
        writer,
        statement.epoch,
        &PublicKey::of(key),
        &mut VerifiedRoots::default(),
    );
    ours && statement.writer == *writer && statement.epoch == EPOCH && signed.is_ok()
}

#[cfg(test)]
mod tests {
    use multaqa_proto::hash::Hash;
    use multaqa_proto::id::FEDERATION_CODE;
    use multaqa_proto::id::ObjectId;
    use multaqa_proto::record::audience::{Audience, Part};
    use multaqa_proto::record::content::{Body, Content};
    use multaqa_proto::record::{Draft, sign};

    use super::*;

    const GENESIS: RecordId = Hash([9; 32]);

    fn key(n: u8) -> SigningKey {
        SigningKey::from_bytes(&[n; 32])
    }
    fn writer() -> Writer {
        "operator/first".parse().unwrap()
    }
    /// A chain of three records by this key.
    fn records(by: &SigningKey) -> Vec<Parsed> {
        let content = Content {
            salt: [0; 32],
            id: ObjectId::new(&FEDERATION_CODE.parse().unwrap(), "notice", "x").unwrap(),
            revision: 1,
            replaces: Vec::new(),
            audience: Audience::new([Part::Members]).unwrap(),
            authored_at_ms: 0,
            seen: None,
            body: Body::Payload(Vec::new().into()),
        };
        let drafts = vec![Draft { content, lane: [1; 16] }; 3];
        let signed = sign(&place(None, GENESIS, &writer()), &drafts, by);
        signed.into_iter().map(|(_, record)| record.parse().unwrap()).collect()
    }
    fn own(records: &[Parsed], at: usize, answered: bool) -> Chain {
        let record = &records[at];
        Chain {
            seq: record.statement.seq,
            record_id: record.record_id,
            previous: record.statement.previous,
            unanswered: (!answered).then(|| record.bytes.clone()),
        }
    }
    fn judged(own: Option<&Chain>, newest: Option<&Parsed>) -> Result<Next, &'static str> {
        next(own, newest, GENESIS, &writer(), &key(1)).map_err(|refused| refused.code())
    }

    #[test]
    fn a_hub_that_is_level_or_ahead_is_followed() {
        let records = records(&key(1));
        assert_eq!(judged(None, None), Ok(Next::Sign));
        assert_eq!(judged(None, Some(&records[1])), Ok(Next::Sign));
        assert_eq!(judged(Some(&own(&records, 1, true)), Some(&records[1])), Ok(Next::Sign));
        assert_eq!(judged(Some(&own(&records, 1, false)), Some(&records[1])), Ok(Next::Sign));
        assert_eq!(judged(Some(&own(&records, 1, true)), Some(&records[2])), Ok(Next::Sign));
        let after = place(Some(&records[1]), GENESIS, &writer());
        assert_eq!((after.seq, after.previous), (Seq(3), Some(records[1].record_id)));
    }

    #[test]
    fn what_was_signed_and_not_answered_goes_first() {
        let records = records(&key(1));
        let resend = Ok(Next::Resend(records[2].bytes.clone()));
        assert_eq!(judged(Some(&own(&records, 2, false)), Some(&records[1])), resend);
        let first = Ok(Next::Resend(records[0].bytes.clone()));
        assert_eq!(judged(Some(&own(&records, 0, false)), None), first);
    }

    #[test]
    fn a_hub_that_is_behind_gets_nothing() {
        let records = records(&key(1));
        let behind = Err("OPERATOR_CHAIN_HUB_BEHIND");
        assert_eq!(judged(Some(&own(&records, 2, true)), Some(&records[1])), behind);
        assert_eq!(judged(Some(&own(&records, 2, false)), Some(&records[0])), behind);
        assert_eq!(judged(Some(&own(&records, 1, true)), None), behind);
    }

    #[test]
    fn foreign_and_forked_records_are_refused() {
        let (records, foreign) = (records(&key(1)), records(&key(2)));
        assert_eq!(judged(None, Some(&foreign[0])), Err("OPERATOR_CHAIN_NOT_OWN"));
        let mut other = own(&records, 1, true);
        other.record_id = Hash([7; 32]);
        assert_eq!(judged(Some(&other), Some(&records[1])), Err("OPERATOR_CHAIN_FORKED"));
        let elsewhere = next(None, Some(&records[0]), Hash([8; 32]), &writer(), &key(1));
        assert_eq!(elsewhere.unwrap_err().code(), "OPERATOR_CHAIN_NOT_OWN");
    }
}
