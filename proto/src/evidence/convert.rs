//! The parts of an evidence file from and to their messages: one conversion that names every field.

use std::collections::BTreeMap;

use prost::bytes::Bytes;

use super::{ControlLeaf, EvidenceFileBad, Held, PlacedLeaf, Prefix, Report, Sent};
use crate::hash::Hash;
use crate::id::Writer;
use crate::log::chain::Head;
use crate::log::frontier::Frontier;
use crate::log::seal::ControlChain;
use crate::number::{Epoch, LeafIndex, LogNumber, Seq, TreeSize};
use crate::sync::block::Entry;
use crate::wire::hub as wire;

const fn malformed(field: &'static str) -> EvidenceFileBad {
    EvidenceFileBad::Malformed { field }
}

impl Report {
    pub(super) fn to_wire(&self) -> wire::Report {
        let Self { genesis, log, reporter, epoch, caught_at_ms, code, args, held, sent } = self;
        let argument =
            |(name, value): (&String, &String)| wire::ReportArgument { name: name.clone(), value: value.clone() };
        wire::Report {
            genesis: genesis.to_vec(),
            log: log.0,
            reporter: reporter.to_string(),
            epoch: epoch.0,
            caught_at_ms: *caught_at_ms,
            code: code.clone(),
            args: args.iter().map(argument).collect(),
            held: held.as_ref().map(Held::to_wire),
            sent: Some(sent.to_wire()),
        }
    }
    pub(super) fn from_wire(report: wire::Report) -> Result<Self, EvidenceFileBad> {
        let wire::Report { genesis, log, reporter, epoch, caught_at_ms, code, args, held, sent } = report;
        Ok(Self {
            genesis: Hash::from_slice(&genesis).ok_or(malformed("genesis"))?,
            log: LogNumber(log),
            reporter: reporter.parse().map_err(|_| malformed("reporter"))?,
            epoch: Epoch(epoch),
            caught_at_ms,
            code,
            args: args.into_iter().map(|wire::ReportArgument { name, value }| (name, value)).collect(),
            held: held.map(Held::from_wire).transpose()?,
            sent: Sent::from_wire(sent.ok_or(malformed("sent"))?)?,
        })
    }
}

impl Held {
    fn to_wire(&self) -> wire::HeldState {
        let Self { size, frontier, checkpoint, control_chain, seal_time_ms, accepted_at_ms, control, heads, seal } =
            self;
        let head = |(writer, head): (&Writer, &Head)| wire::ChainHead {
            writer: writer.to_string(),
            epoch: head.epoch.0,
            seq: head.seq.0,
            record_id: head.record_id.to_vec(),
        };
        wire::HeldState {
            size: size.0,
            frontier: frontier.to_bytes(),
            checkpoint: checkpoint.clone(),
            control_count: control_chain.count,
            control_head: control_chain.head.to_vec(),
            seal_time_ms: *seal_time_ms,
            accepted_at_ms: *accepted_at_ms,
            control: control.iter().map(|leaf| placed(&leaf.entry, leaf.seal_time_ms)).collect(),
            heads: heads.iter().map(head).collect(),
            seal: seal.as_ref().map(PlacedLeaf::to_wire),
        }
    }
    fn from_wire(held: wire::HeldState) -> Result<Self, EvidenceFileBad> {
        let wire::HeldState {
            size,
            frontier,
            checkpoint,
            control_count,
            control_head,
            seal_time_ms,
            accepted_at_ms,
            control,
            heads,
            seal,
        } = held;
        let size = TreeSize(size);
        let newest = |head: wire::ChainHead| {
            let wire::ChainHead { writer, epoch, seq, record_id } = head;
            let record_id = Hash::from_slice(&record_id).ok_or(malformed("heads"))?;
            let writer = writer.parse().map_err(|_| malformed("heads"))?;
            Ok((writer, Head { epoch: Epoch(epoch), seq: Seq(seq), record_id }))
        };
        let leaf = |leaf| {
            let (entry, seal_time_ms) = entry(leaf)?;
            Ok(ControlLeaf { entry, seal_time_ms })
        };
        Ok(Self {
            size,
            frontier: Frontier::from_bytes(size, &frontier).ok_or(malformed("frontier"))?,
            checkpoint,
            control_chain: ControlChain {
                count: control_count,
                head: Hash::from_slice(&control_head).ok_or(malformed("control_head"))?,
            },
            seal_time_ms,
            accepted_at_ms,
            control: control.into_iter().map(leaf).collect::<Result<_, _>>()?,
            heads: heads.into_iter().map(newest).collect::<Result<_, EvidenceFileBad>>()?,
            seal: seal.map(PlacedLeaf::from_wire).transpose()?,
        })
    }
}

impl PlacedLeaf {
    fn to_wire(&self) -> wire::PlacedLeaf {
        let Self { index, leaf, path } = self;
        wire::PlacedLeaf {
            index: index.0,
            leaf: leaf.clone(),
            path: path.iter().map(|hash| hash.to_vec().into()).collect(),
        }
    }
    fn from_wire(placed: wire::PlacedLeaf) -> Result<Self, EvidenceFileBad> {
        let wire::PlacedLeaf { index, leaf, path } = placed;
        let hash = |bytes: Bytes| Hash::from_slice(&bytes).ok_or(malformed("path"));
        Ok(Self { index: LeafIndex(index), leaf, path: path.into_iter().map(hash).collect::<Result<_, _>>()? })
    }
}

impl Sent {
    fn to_wire(&self) -> wire::report::Sent {
        match self {
            Self::Frame(frame) => wire::report::Sent::Frame(frame.clone()),
            Self::Fill { fill, stubs } => {
                let stub = |(index, (leaf, signature)): (&LeafIndex, &(_, _))| {
                    let entry = Entry {
                        index: *index,
                        leaf: Clone::clone(leaf),
                        signature: Clone::clone(signature),
                        content: None,
                    };
                    placed(&entry, 0)
                };
                let stubs = stubs.iter().map(stub).collect();
                wire::report::Sent::Fill(wire::SentFill { fill: Some(fill.clone()), stubs })
            }
            Self::Checkpoints { notes, prefix } => {
                let prefix = prefix.as_ref().map(|prefix| wire::PrefixProof {
                    size: prefix.size.0,
                    root: prefix.root.to_vec(),
                    hashes: prefix.hashes.iter().map(|hash| hash.to_vec()).collect(),
                });
                wire::report::Sent::Checkpoints(wire::SentCheckpoints { notes: notes.clone(), prefix })
            }
            Self::Answer { record, index, checkpoint, standing } => wire::report::Sent::Answer(wire::SentAnswer {
                record: Some(record.clone().into()),
                index: index.0,
                checkpoint: checkpoint.clone(),
                standing: standing.as_ref().map(PlacedLeaf::to_wire),
            }),
            Self::Succession { leaf, cosigned } => {
                wire::report::Sent::Succession(wire::SentSuccession { leaf: leaf.to_vec(), cosigned: cosigned.clone() })
            }
        }
    }
    fn from_wire(sent: wire::report::Sent) -> Result<Self, EvidenceFileBad> {
        match sent {
            wire::report::Sent::Frame(frame) => Ok(Self::Frame(frame)),
            wire::report::Sent::Fill(wire::SentFill { fill, stubs }) => {
                let stub = |stub| {
                    let (Entry { index, leaf, signature, content: _ }, _) = entry(stub)?;
                    Ok((index, (leaf, signature)))
                };
                let stubs: BTreeMap<_, _> = stubs.into_iter().map(stub).collect::<Result<_, EvidenceFileBad>>()?;
                Ok(Self::Fill { fill: fill.ok_or(malformed("fill"))?, stubs })
            }
            wire::report::Sent::Checkpoints(wire::SentCheckpoints { notes, prefix: prefix_of }) => {
                let hash = |bytes: &[u8]| Hash::from_slice(bytes).ok_or(malformed("prefix"));
                let prefix = |wire::PrefixProof { size, root, hashes }| {
                    let hashes = hashes.iter().map(|bytes| hash(bytes)).collect::<Result<_, _>>()?;
                    Ok::<_, EvidenceFileBad>(Prefix { size: TreeSize(size), root: hash(&root)?, hashes })
                };
                Ok(Self::Checkpoints { notes, prefix: prefix_of.map(prefix).transpose()? })
            }
            wire::report::Sent::Answer(wire::SentAnswer { record, index, checkpoint, standing }) => Ok(Self::Answer {
                record: record.ok_or(malformed("record"))?.into(),
                index: LeafIndex(index),
                checkpoint,
                standing: standing.map(PlacedLeaf::from_wire).transpose()?,
            }),
            wire::report::Sent::Succession(wire::SentSuccession { leaf, cosigned }) => {
                Ok(Self::Succession { leaf: leaf.into(), cosigned })
            }
        }
    }
}

fn placed(entry: &Entry, seal_time_ms: i64) -> wire::PlacedEntry {
    let Entry { index, leaf, signature, content } = entry.clone();
    wire::PlacedEntry { index: index.0, seal_time_ms, entry: Some(wire::Entry { leaf, signature, content }) }
}

fn entry(placed: wire::PlacedEntry) -> Result<(Entry, i64), EvidenceFileBad> {
    let wire::PlacedEntry { index, seal_time_ms, entry } = placed;
    let wire::Entry { leaf, signature, content } = entry.ok_or(malformed("entry"))?;
    Ok((Entry { index: LeafIndex(index), leaf, signature, content }, seal_time_ms))
}
