//! What an evidence file comes to: what is proven, and what its reporter only claims.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::hash::{Hash, RecordId};
use crate::id::{FederationName, MemberCode, Writer};
use crate::number::{Epoch, LeafIndex, LogNumber, Seq, TreeSize};

/// What a file that is not refused comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The federation's name, where the file's control records give it.
    pub federation: Option<FederationName>,
    /// Its genesis.
    pub genesis: RecordId,
    /// Number of the log.
    pub log: LogNumber,
    /// The node that reports.
    pub reporter: Writer,
    /// When it caught the hub, by its own clock, milliseconds since 1970 UTC.
    pub caught_at_ms: i64,
    /// Code of the rule.
    pub code: String,
    /// Arguments of the code's message.
    pub args: BTreeMap<String, String>,
    /// What follows, the proven first.
    pub findings: Vec<Finding>,
}

impl Verified {
    /// What follows from signatures and hashes alone.
    pub fn proven(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_proven())
    }
    /// What only the reporter says.
    pub fn claimed(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.is_proven())
    }
    /// Whether misbehaviour of the hub or of a writer is among what is proven.
    #[must_use]
    pub fn proves_misbehaviour(&self) -> bool {
        self.findings.iter().any(|finding| {
            matches!(
                finding,
                Finding::Forked { .. }
                    | Finding::Ordered { .. }
                    | Finding::ClosedBelow { .. }
                    | Finding::Contradicted { .. }
            )
        })
    }
}

/// One thing that follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub enum Finding {
    /// Proven: the log key signed two logs of one size.
    Forked {
        /// Their size.
        size: TreeSize,
        /// Root of the one.
        one: Hash,
        /// Root of the other.
        other: Hash,
    },
    /// Proven: the log key signed a log in which this entry breaks this rule.
    Ordered {
        /// Size of the log.
        size: TreeSize,
        /// The entry.
        index: LeafIndex,
        /// Code of the rule.
        code: &'static str,
    },
    /// Proven: a writer signed two statements for one place of its chain.
    Contradicted {
        /// The writer.
        writer: Writer,
        /// Epoch.
        epoch: Epoch,
        /// Place in its chain.
        seq: Seq,
    },
    /// Proven: this content is what its writer signed, and by the control records in the file it is not for this member.
    Content {
        /// The entry.
        index: LeafIndex,
        /// Its writer.
        writer: Writer,
        /// The member.
        member: MemberCode,
    },
    /// Proven: the log key signed a log in which another entry stands at this index than this record, which its writer signed.
    Elsewhere {
        /// Size of the log.
        size: TreeSize,
        /// The index.
        index: LeafIndex,
        /// Hash of the leaf that stands there.
        leaf: Hash,
        /// The record.
        record: RecordId,
        /// Its writer.
        writer: Writer,
    },
    /// Proven: operators signed that the log is closed at this size, and a quorum of states had cosigned it at a larger one.
    ClosedBelow {
        /// Number of the log that was closed.
        log: LogNumber,
        /// Where it was closed.
        closed: TreeSize,
        /// What the quorum had cosigned.
        stable: TreeSize,
        /// Who.
        states: BTreeSet<MemberCode>,
    },
    /// Proven: these states, of those beside the reporter's that cosigned the largest log, did so at this size, the last at this time.
    Vouched {
        /// Size.
        size: TreeSize,
        /// Who.
        states: BTreeSet<MemberCode>,
        /// The latest time that one of them stated, milliseconds since 1970 UTC.
        time_ms: i64,
    },
    /// Proven: the log key signed a log of this size and root.
    Signed {
        /// Size.
        size: TreeSize,
        /// Root.
        root: Hash,
    },
    /// Proven: the reporter's record key signed the file.
    Reported {
        /// The reporter.
        reporter: Writer,
        /// Epoch of the key.
        epoch: Epoch,
    },
    /// Claimed: that the file is the reporter's, whose key it does not show.
    ReporterUnknown {
        /// The reporter.
        reporter: Writer,
    },
    /// Claimed: that the hub sent this to the reporter, whose control records and writers' chains were complete. If so, then
    /// what it sent breaks the rule.
    Shown {
        /// Code of the rule.
        code: String,
    },
    /// Claimed: that the hub broke the rule; the parts of the file do not show it.
    NotShown {
        /// Code of the rule.
        code: String,
    },
}

impl Finding {
    /// Whether it follows from signatures and hashes alone.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        match self {
            Self::Forked { .. }
            | Self::Ordered { .. }
            | Self::Contradicted { .. }
            | Self::Content { .. }
            | Self::Elsewhere { .. }
            | Self::ClosedBelow { .. }
            | Self::Vouched { .. }
            | Self::Signed { .. }
            | Self::Reported { .. } => true,
            Self::ReporterUnknown { .. } | Self::Shown { .. } | Self::NotShown { .. } => false,
        }
    }
}
