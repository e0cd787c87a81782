//! The kinds: one entry each, one file each.
//!
//! In scope: the table (class, publishers, default audience, what becomes of old revisions, the payload's message), the
//! check of a payload, the dispatch by name. Out of scope: whether a record holds at its place (`judge`), what control
//! records do (`directory`).
//!
//! A kind that is not in the table is stored, verified and forwarded untouched; `find` gives none for it. A new data kind
//! is a message in `schema/multaqa/kind/v1`, a file here and a line in `KINDS`.

mod codelist;
mod control;
mod dataset;
pub mod facet;
mod indicator;
mod member_class;
mod organisation;
pub mod plain;
mod projection;
mod service;
mod tombstone;

use std::collections::HashMap;
use std::sync::LazyLock;

use prost::Message;
use prost_reflect::{DescriptorPool, MessageDescriptor};

use crate::check::{Check, Violation};
use crate::record::audience::{Audience, Part};
use crate::text::LanguageMap;
use crate::wire;
pub use member_class::MemberClass;
pub use projection::{Observation, Projection};
pub(crate) use tombstone::Withdrawal;

/// What may become of a kind's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Never without content, never erased, seen by every member.
    Control,
    /// Never superseded.
    Workflow,
    /// May be withdrawn.
    Data,
}

/// Who may publish a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    /// Members of class state.
    State,
    /// Members of class secretariat.
    Secretariat,
    /// Members of every class.
    AnyMember,
    /// Operators of the hub.
    Operator,
}

/// What becomes of the content of an old revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Superseded {
    /// It is kept: its history can be read.
    Kept,
    /// It becomes a stub after the policy's term.
    Stub,
}

/// A kind of record.
#[derive(Debug)]
pub struct Kind {
    /// Name, as in record ids.
    pub name: &'static str,
    /// Name of the collection of its objects in paths; none where they are not read as objects.
    pub collection: Option<&'static str>,
    /// What may become of its records.
    pub class: Class,
    /// Who may publish it.
    pub publishers: &'static [Publisher],
    /// What becomes of old revisions.
    pub superseded: Superseded,
    /// Full name of the payload's message.
    pub message_name: &'static str,
    default_audience: Option<Part>,
    pub(crate) payload: Payload,
}

/// How a payload is read.
#[derive(Debug)]
pub(crate) enum Payload {
    /// Only checked here: what it does is the directory's.
    Control(fn(&[u8]) -> Vec<Violation>),
    /// Becomes the state of its object.
    Data(fn(&[u8]) -> Result<Projection, Vec<Violation>>),
    /// Withdraws another object.
    Tombstone(fn(&[u8]) -> Result<Withdrawal, Vec<Violation>>),
}

/// All kinds of this version.
pub static KINDS: &[Kind] = &[
    control::GENESIS,
    control::POLICY,
    control::INVITATION,
    control::APPROVE,
    control::MEMBER,
    control::KEY_KIND,
    control::GROUP,
    control::NOTICE,
    service::KIND,
    organisation::KIND,
    codelist::KIND,
    indicator::KIND,
    dataset::KIND,
    tombstone::KIND,
];

/// Names of all control kinds, also of those that this version does not read.
const CONTROL: [&str; 10] =
    ["genesis", "policy", "invitation", "approve", "member", "key", "group", "notice", "evidence", "extension"];

/// Whether a kind is control: always whole, for everybody, whether or not this version reads it.
#[must_use]
pub fn is_control(name: &str) -> bool {
    CONTROL.contains(&name)
}

/// Descriptors of the whole schema.
#[must_use]
pub fn descriptor_pool() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "the descriptors are compiled together with the crate")]
        DescriptorPool::decode(wire::DESCRIPTORS).expect("the crate's own descriptors decode")
    });
    &POOL
}

impl Kind {
    /// The kind with this name; none where this version does not know it.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// The kind whose objects a collection holds; none where there is no such collection.
    #[must_use]
    pub fn of_collection(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.collection == Some(name))
    }

    /// Every rule that a payload breaks by itself; none where it may be signed.
    ///
    /// Bytes that are no message of the kind are one violation, `PAYLOAD_UNDECODABLE`.
    #[must_use]
    pub fn check(&self, payload: &[u8]) -> Vec<Violation> {
        match self.payload {
            Payload::Control(check) => check(payload),
            Payload::Data(read) => read(payload).err().unwrap_or_default(),
            Payload::Tombstone(read) => read(payload).err().unwrap_or_default(),
        }
    }

    /// The figures that a payload holds; none where it holds none or cannot be read.
    #[must_use]
    pub fn observations(&self, payload: &[u8]) -> Vec<Observation> {
        match self.payload {
            Payload::Data(read) => read(payload).map(|projection| projection.observations).unwrap_or_default(),
            Payload::Control(_) | Payload::Tombstone(_) => Vec::new(),
        }
    }

    /// Whether a member of this class may publish the kind.
    #[must_use]
    pub fn may_publish(&self, class: MemberClass) -> bool {
        self.publishers.iter().any(|publisher| match publisher {
            Publisher::State => class == MemberClass::State,
            Publisher::Secretariat => class == MemberClass::Secretariat,
            Publisher::AnyMember => true,
            Publisher::Operator => false,
        })
    }

    /// The audience of a record that names none; none for a tombstone, whose audience is its target's.
    #[must_use]
    pub fn default_audience(&self) -> Option<Audience> {
        self.default_audience.clone().and_then(|part| Audience::new([part]).ok())
    }

    /// Descriptor of the payload's message.
    ///
    /// # Panics
    /// Never: each kind of the table has its message in the schema, which a test checks.
    #[must_use]
    pub fn message(&self) -> MessageDescriptor {
        #[expect(clippy::expect_used, reason = "a test looks up the message of each kind")]
        descriptor_pool().get_message_by_name(self.message_name).expect("the kind's message is in the schema")
    }
}

/// Decodes and checks a payload.
fn read<M: Message + Default>(payload: &[u8], check: fn(&mut Check, &M)) -> Result<M, Vec<Violation>> {
    let Ok(message) = M::decode(payload) else {
        return Err(Check::run(|c| c.report("PAYLOAD_UNDECODABLE", &[])));
    };
    let violations = Check::run(|c| check(c, &message));
    if violations.is_empty() { Ok(message) } else { Err(violations) }
}

/// A wire language map in a fixed order.
fn ordered(texts: HashMap<String, String>) -> LanguageMap {
    texts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_a_message_in_the_schema_and_its_own_name() {
        let names: BTreeSet<_> = KINDS.iter().map(|k| k.name).collect();
        assert_eq!(names.len(), KINDS.len());
        for kind in KINDS {
            assert_eq!(kind.message().full_name(), kind.message_name);
            assert!(kind.message_name.to_ascii_lowercase().ends_with(&format!(".{}", kind.name)));
            assert!(std::ptr::eq(Kind::find(kind.name).unwrap(), Kind::find(kind.name).unwrap()));
        }
        assert!(Kind::find("poem").is_none());
    }

    #[test]
    fn data_kinds_have_a_collection_of_their_own() {
        let names: BTreeSet<_> = KINDS.iter().filter_map(|k| k.collection).collect();
        let read: Vec<_> = KINDS.iter().filter(|k| k.class != Class::Control && k.name != "tombstone").collect();
        assert_eq!(names.len(), read.len());
        for kind in read {
            assert!(std::ptr::eq(Kind::of_collection(kind.collection.unwrap()).unwrap(), kind));
        }
        assert!(Kind::of_collection("records").is_none(), "it stands for all kinds");
    }

    #[test]
    fn control_kinds_are_for_all_members_and_known_before_they_are_read() {
        for kind in KINDS {
            assert_eq!(is_control(kind.name), kind.class == Class::Control, "{}", kind.name);
            if kind.class == Class::Control {
                assert_eq!(kind.default_audience().unwrap().to_strings(), ["members"]);
                assert_eq!(kind.superseded, Superseded::Kept);
            }
        }
        assert!(is_control("evidence") && is_control("extension") && !is_control("alert"));
    }

    #[test]
    fn no_kind_takes_an_empty_payload_or_garbage() {
        for kind in KINDS {
            assert_ne!(kind.check(&[]), [], "{}", kind.name);
            let garbage = kind.check(&[0xff; 9]);
            assert_eq!(garbage.iter().map(|v| v.code).collect::<Vec<_>>(), ["PAYLOAD_UNDECODABLE"], "{}", kind.name);
        }
    }

    #[test]
    fn classes_publish_what_the_table_says() {
        let may = |kind: &str, class| Kind::find(kind).unwrap().may_publish(class);
        assert!(may("service", MemberClass::State) && !may("service", MemberClass::Secretariat));
        assert!(may("indicator", MemberClass::Secretariat) && !may("indicator", MemberClass::State));
        assert!(may("dataset", MemberClass::State) && may("dataset", MemberClass::Secretariat));
        assert!(may("organisation", MemberClass::Partner) && !may("dataset", MemberClass::Observer));
        assert!(!may("policy", MemberClass::Secretariat));
    }
}
