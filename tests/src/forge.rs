//! Records made by hand with a node's own record key: what a faulty or hostile node could submit.
//!
//! The keys are the node's, so that only the one rule under test is broken. Out of scope: sending them (`raw`).

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use multaqa_certs::store::load_ed25519;
use multaqa_proto::hash::{Hash, RecordId};
use multaqa_proto::record::audience::Audience;
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{ChainPlace, Draft, Received, sign};
use multaqa_proto::wire::kind::Organisation;
use prost::Message as _;

use crate::{World, checker};

#[derive(Debug, Clone)]
/// Signs in the name of a node, from the newest place of its chain on.
pub struct Forge {
    /// Where the next record stands; a story may move it.
    pub place: ChainPlace,
    /// The node's record key.
    pub key: SigningKey,
}

impl Forge {
    /// For a member's first node.
    #[must_use]
    pub fn of(world: &World, member: &str) -> Self {
        let state = checker::state(&checker::entries(&world.hub().dir().join("hub.db")));
        let writer = format!("{member}/gw1").parse().unwrap();
        let head = state.chains().head(&writer).unwrap();
        let place = ChainPlace {
            federation: Some(state.directory().genesis()),
            writer,
            epoch: head.epoch,
            seq: head.seq.next(),
            previous: Some(head.record_id),
        };
        Self { place, key: load_ed25519(&world.node(member).dir().join("keys/record.pem")).unwrap() }
    }

    /// An organisation with this name for the states; stands at the place, which stays where it is.
    #[must_use]
    pub fn organisation(&self, id: &str, name: &str) -> Received {
        let payload = Organisation {
            name: [("en".to_owned(), name.to_owned())].into(),
            r#type: "agency".to_owned(),
            ..Organisation::default()
        };
        self.record(id, payload.encode_to_vec())
    }

    /// Two organisations, signed together.
    #[must_use]
    pub fn pair(&self, first: &str, second: &str) -> [Received; 2] {
        let draft = |id: &str| Draft { content: Self::content(id, Vec::new()), lane: [9; 16] };
        let mut signed = sign(&self.place, &[draft(first), draft(second)], &self.key).into_iter();
        [(); 2].map(|()| signed.next().unwrap().1)
    }

    /// A record with this payload, of whatever kind.
    #[must_use]
    pub fn record(&self, id: &str, payload: Vec<u8>) -> Received {
        let content = Self::content(id, payload);
        sign(&self.place, &[Draft { content, lane: [9; 16] }], &self.key).remove(0).1
    }

    fn content(id: &str, payload: Vec<u8>) -> Content {
        Content {
            salt: Hash::of(id.as_bytes()).0,
            id: id.parse().unwrap(),
            revision: 1,
            replaces: Vec::new(),
            audience: Audience::parse(&["states"]).unwrap(),
            authored_at_ms: 1_700_000_000_000,
            seen: None,
            body: Body::Payload(payload.into()),
        }
    }

    /// Moves the place behind this record.
    pub fn follow(&mut self, record: &Received) {
        self.place.seq = self.place.seq.next();
        self.place.previous = Some(id_of(record));
    }
}

/// The record's id.
#[must_use]
pub fn id_of(record: &Received) -> RecordId {
    multaqa_proto::hash::record_id(&record.statement)
}

/// The same bytes with the last one changed.
#[must_use]
pub fn damaged(bytes: &Bytes) -> Bytes {
    let mut bytes = bytes.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    bytes.into()
}
