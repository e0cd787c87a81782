//! `tombstone`: withdraws an object of the same member.

use std::collections::BTreeSet;

use super::{Class, Kind, Payload, Publisher, Superseded, read};
use crate::check::Check;
use crate::check::Need::Required;
use crate::hash::{Hash, RecordId};
use crate::id::ObjectId;
use crate::record::content::REPLACES_MAX;
use crate::text::TextRule;
use crate::wire::kind::Tombstone;

pub(super) const KIND: Kind = Kind {
    name: "tombstone",
    collection: None,
    class: Class::Data,
    publishers: &[Publisher::AnyMember],
    superseded: Superseded::Kept,
    message_name: "multaqa.kind.v1.Tombstone",
    default_audience: None,
    payload: Payload::Tombstone(|payload| read(payload, check).and_then(|t| withdrawal(&t))),
};

/// What a tombstone withdraws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Withdrawal {
    /// The object.
    pub(crate) target: ObjectId,
    /// The records of it that are erased, void ones too.
    pub(crate) revisions: Vec<RecordId>,
}

fn check(c: &mut Check, t: &Tombstone) {
    c.id::<ObjectId>("id", &t.id, Required);
    c.texts("reason", &t.reason, TextRule::PROSE);
    c.not_empty("revisions", &t.revisions);
    let mut seen = BTreeSet::new();
    c.list("revisions", &t.revisions, REPLACES_MAX, |c, revision| {
        c.bytes_here(revision, 32, Required);
        c.unique(&mut seen, revision.clone(), &crate::hash::hex(revision));
    });
}

fn withdrawal(t: &Tombstone) -> Result<Withdrawal, Vec<crate::check::Violation>> {
    let revisions = t.revisions.iter().map(|bytes| Hash::from_slice(bytes)).collect::<Option<Vec<_>>>();
    match (t.id.parse(), revisions) {
        (Ok(target), Some(revisions)) => Ok(Withdrawal { target, revisions }),
        (_, _) => Err(Check::run(|c| check(c, t))),
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn a_tombstone_names_an_object_and_its_revisions() {
        let good = Tombstone { id: "JO:service:sanad".to_owned(), revisions: vec![vec![1; 32]], ..Default::default() };
        assert_eq!(KIND.check(&good.encode_to_vec()), []);
        let wrong = Tombstone {
            id: "sanad".to_owned(),
            revisions: vec![vec![1; 32], vec![1; 31], vec![1; 32]],
            ..Default::default()
        };
        let found: Vec<_> = KIND.check(&wrong.encode_to_vec()).into_iter().map(|v| (v.path, v.code)).collect();
        let expected =
            [("id", "REFERENCE_MALFORMED"), ("revisions[1]", "LENGTH_WRONG"), ("revisions[2]", "KEY_DUPLICATE")];
        assert_eq!(found, expected.map(|(path, code)| (path.to_owned(), code)));
    }
}
