//! Leaves and seals made anew around a change, so that nothing but the deed betrays it.
//!
//! Out of scope: which entries (`history`), which change (`deed`).

use bytes::Bytes;
use multaqa_proto::log::leaf::{Leaf, LeafType};
use multaqa_proto::log::seal::Seal;
use multaqa_proto::record::statement::Statement;

use crate::checker::{self, Held};

/// The leaf of an entry.
pub(super) fn leaf(held: &Held) -> Leaf {
    Leaf::parse(&held.leaf).unwrap()
}

/// Gives an entry this time.
pub(super) fn date(held: &mut Held, accepted_at_ms: i64) {
    held.leaf = Leaf { accepted_at_ms, ..leaf(held) }.to_bytes();
}

/// Lets a seal state this time.
pub(super) fn date_seal(held: &mut Held, time_ms: i64) {
    let seal = Seal { time_ms, ..Seal::parse(&leaf(held).body).unwrap() };
    *held = sealed(leaf(held).accepted_at_ms, &seal);
}

/// Dates an entry later, with what it states of time itself.
pub(super) fn postpone(held: &mut Held, by_ms: i64) {
    let found = leaf(held);
    if found.leaf_type == LeafType::Seal {
        date_seal(held, Seal::parse(&found.body).unwrap().time_ms + by_ms);
    }
    date(held, found.accepted_at_ms + by_ms);
}

/// Changes the lane that a record's statement names.
pub(super) fn alter_lane(held: &mut Held) {
    let mut statement = Statement::parse(&leaf(held).body).unwrap();
    statement.lane[0] ^= 1;
    held.leaf = Leaf { body: statement.serialise(), ..leaf(held) }.to_bytes();
}

/// Lets the seals from an index on fit what is before them.
pub(super) fn seal_anew(entries: &mut [Held], from: usize) {
    for index in from..entries.len() {
        let leaf = leaf(&entries[index]);
        if leaf.leaf_type == LeafType::Seal {
            let time_ms = Seal::parse(&leaf.body).unwrap().time_ms;
            let seal = checker::state(&entries[..index]).next_seal(time_ms);
            entries[index] = sealed(leaf.accepted_at_ms, &seal);
        }
    }
}

fn sealed(accepted_at_ms: i64, seal: &Seal) -> Held {
    let leaf = Leaf::new(LeafType::Seal, accepted_at_ms, &[], seal.serialise());
    Held { leaf: leaf.to_bytes(), signature: Bytes::new(), content: None }
}
