//! Numbers that must not be swapped for one another.
//!
//! In scope: newtypes and their arithmetic. All are 64-bit; SQLite stores them as signed, so none may pass `i64::MAX`.

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// The number after this one.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
            /// As SQLite stores it.
            #[must_use]
            pub const fn to_i64(self) -> i64 {
                self.0.cast_signed()
            }
            /// From what SQLite stored; none where it is negative.
            #[must_use]
            pub const fn from_i64(n: i64) -> Option<Self> {
                if n < 0 { None } else { Some(Self(n.cast_unsigned())) }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// Place in a writer's chain within an epoch, from 1.
    Seq
);
number!(
    /// Epoch of a writer's chain, from 1.
    Epoch
);
number!(
    /// Place of a leaf on the log, from 0.
    LeafIndex
);
number!(
    /// Number of leaves in a tree.
    TreeSize
);
number!(
    /// Number of a log in the federation, from 1.
    LogNumber
);

impl LogNumber {
    /// The log that begins with the genesis.
    pub const FIRST: Self = Self(1);
}

impl TreeSize {
    /// The index that the next leaf will have.
    #[must_use]
    pub const fn next_index(self) -> LeafIndex {
        LeafIndex(self.0)
    }
}
impl LeafIndex {
    /// The size of the smallest tree that holds this leaf.
    #[must_use]
    pub const fn size(self) -> TreeSize {
        TreeSize(self.0 + 1)
    }
}
