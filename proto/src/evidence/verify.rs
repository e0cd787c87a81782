//! Deciding: the state is rebuilt from its parts, what was sent is taken as the node took it, and what breaks is told apart.
//!
//! A rule is *proven* to be broken where the log key signed a log with the entry at fault, and what else the hub signed breaks
//! it (`ordered`). What rests on the reporter's word for what it held (no such place in a chain, an earlier time), and what no
//! signature of the hub is on (an answer, a content that came or did not come), is *claimed*.

mod answer;
mod closed;
mod ordered;
mod vouched;

use std::collections::BTreeMap;

use super::{ControlLeaf, EvidenceFile, EvidenceFileBad, Finding, Held, PlacedLeaf, Prefix, Report, Sent, Verified};
use crate::alarm::{Alarm, CLOCKS_MS, TimeDoubt};
use crate::directory::Directory;
use crate::directory::apply::ControlRecord;
use crate::hash::{Hash, RecordId};
use crate::id::{MemberCode, Writer};
use crate::kind::is_control;
use crate::log::chain::Chains;
use crate::log::checkpoint::Checkpoint;
use crate::log::evidence::Evidence;
use crate::log::leaf::{Leaf, LeafType};
use crate::log::proof::{verify_consistency, verify_inclusion};
use crate::log::seal::{ControlChain, Seal};
use crate::log::state::{LogState, Stored};
use crate::log::succession::Succession;
use crate::log::tree::leaf_hash;
use crate::number::{Epoch, LeafIndex, LogNumber, Seq, TreeSize};
use crate::record::batch::VerifiedRoots;
use crate::record::{Parsed, Received};
use crate::sync::block::Entry;
use crate::sync::intake::{Intake, Taken, unpack_all};
use crate::view::Readers;

impl EvidenceFile {
    /// Decides with nothing but the genesis.
    ///
    /// # Errors
    /// [`EvidenceFileBad`] names the first rule that does not hold; nothing of the file counts then.
    pub fn verify(&self, genesis: RecordId) -> Result<Verified, EvidenceFileBad> {
        let report = &self.report;
        if report.genesis != genesis {
            return Err(EvidenceFileBad::GenesisOther { expected: genesis, found: report.genesis });
        }
        let state = match &report.held {
            Some(held) if !held.control.is_empty() => Some(rebuild(report, held)?),
            Some(_) | None => None,
        };
        let mut findings = misbehaviour(report, state.as_ref())?;
        findings.push(self.reporter(state.as_ref())?);
        findings.sort_by_key(|finding| !finding.is_proven());
        Ok(Verified {
            federation: state.as_ref().map(|state| state.directory().federation().clone()),
            genesis,
            log: report.log,
            reporter: report.reporter.clone(),
            caught_at_ms: report.caught_at_ms,
            code: report.code.clone(),
            args: report.args.clone(),
            findings,
        })
    }

    /// Whether the key that signed the file is the reporter's.
    fn reporter(&self, state: Option<&LogState>) -> Result<Finding, EvidenceFileBad> {
        let Report { reporter, epoch, .. } = &self.report;
        let keys = state.map_or(&[][..], |state| state.directory().keys(reporter));
        match keys.iter().find(|keys| keys.epoch == *epoch) {
            Some(keys) if keys.record == self.key => {
                Ok(Finding::Reported { reporter: reporter.clone(), epoch: *epoch })
            }
            Some(_) => Err(EvidenceFileBad::SignerOther { reporter: reporter.clone() }),
            None => Ok(Finding::ReporterUnknown { reporter: reporter.clone() }),
        }
    }
}

/// The reader's state from its parts, which must agree: the control leaves give the control chain, the tree is the one whose
/// root the log key signed.
fn rebuild(report: &Report, held: &Held) -> Result<LogState, EvidenceFileBad> {
    if let Some(beyond) = held.control.iter().find(|leaf| leaf.entry.index.size() > held.size) {
        return Err(EvidenceFileBad::ControlWrong { index: beyond.entry.index, why: "out of order" });
    }
    let (directory, control) = fold(report.genesis, held, held.size)?;
    if control != held.control_chain {
        return Err(EvidenceFileBad::Contradicts("the control leaves do not give the control chain"));
    }
    let state = LogState::from_stored(Stored {
        log: report.log,
        frontier: held.frontier.clone(),
        control,
        chains: Chains::from_heads(held.heads.clone()),
        directory,
        seal_time_ms: held.seal_time_ms,
        accepted_at_ms: held.accepted_at_ms,
    });
    let contradicts = EvidenceFileBad::Contradicts;
    if let Some(PlacedLeaf { index, leaf, path }) = &held.seal {
        let stands = verify_inclusion(leaf_hash(leaf), index.0, state.size().0, path, state.root());
        let seal = Leaf::parse(leaf).ok().filter(|leaf| leaf.leaf_type == LeafType::Seal);
        if !stands || seal.is_none_or(|leaf| Seal::parse(&leaf.body).is_err()) {
            return Err(contradicts("its seal is not on its log"));
        }
    }
    let signed =
        open(&state, &held.checkpoint).ok_or(EvidenceFileBad::Contradicts("its checkpoint is not the log's"))?;
    if signed.size == state.size() && signed.root == state.root() {
        Ok(state)
    } else {
        Err(EvidenceFileBad::Contradicts("its tree is not its checkpoint's"))
    }
}

/// The directory and the control chain at a size: every leaf is verified, no writer's place comes twice.
fn fold(genesis: RecordId, held: &Held, at: TreeSize) -> Result<(Directory, ControlChain), EvidenceFileBad> {
    let (mut chain, mut roots) = (ControlChain::default(), VerifiedRoots::default());
    let mut directory: Option<Directory> = None;
    let mut newest: BTreeMap<Writer, (Epoch, Seq)> = BTreeMap::new();
    let mut next = LeafIndex(0);
    for ControlLeaf { entry, seal_time_ms } in held.control.iter().take_while(|leaf| leaf.entry.index.size() <= at) {
        let index = entry.index;
        let wrong = |why| EvidenceFileBad::ControlWrong { index, why };
        if index < next {
            return Err(wrong("out of order"));
        }
        next = index.next();
        chain.push(leaf_hash(&entry.leaf));
        let leaf = leaf_of(entry).ok_or(wrong("its leaf does not fit"))?;
        if leaf.leaf_type == LeafType::Evidence {
            let directory = directory.as_mut().ok_or(wrong("before the genesis"))?;
            let evidence = Evidence::parse(&leaf.body).map_err(|bad| wrong(bad.0))?;
            directory.check_evidence(&evidence, &mut roots).map_err(|bad| wrong(bad.0))?;
            directory.apply_evidence(index, &evidence);
            continue;
        }
        if leaf.leaf_type == LeafType::Succession {
            let directory = directory.as_mut().ok_or(wrong("before the genesis"))?;
            let held = Succession::parse(&leaf.body).and_then(|found| found.check(directory));
            let held = held.map_err(|bad| wrong(bad.0))?;
            if held.closed.size.next_index() != index {
                return Err(wrong("it does not stand at the closed size"));
            }
            directory.apply_succession(index, leaf.accepted_at_ms, &held);
            continue;
        }
        let record = received(entry, &leaf).parse().map_err(|_| wrong("its record breaks the form"))?;
        let content = record.content().ok_or(wrong("without content"))?;
        let content = content.map_err(|_| wrong("its content breaks the form"))?;
        let (writer, statement) = (&record.statement.writer, &record.statement);
        let place = (statement.epoch, statement.seq);
        if newest.insert(writer.clone(), place).is_some_and(|before| before >= place) {
            return Err(wrong("it does not follow in its writer's chain"));
        }
        match &mut directory {
            None => {
                let is_genesis = index == LeafIndex(0) && record.record_id == genesis;
                let opened =
                    Directory::open(&record).ok().filter(|_| is_genesis && leaf.leaf_type == LeafType::Genesis);
                directory = Some(opened.ok_or(wrong("not the genesis"))?);
            }
            Some(directory) => {
                if !is_control(content.kind())
                    || leaf.leaf_type != LeafType::Record
                    || *seal_time_ms > leaf.accepted_at_ms
                {
                    return Err(wrong("not a control record"));
                }
                verified(directory, &record, &mut roots).ok_or(wrong("its signature does not verify"))?;
                directory.apply(&ControlRecord {
                    index,
                    seal_time_ms: *seal_time_ms,
                    record_id: record.record_id,
                    writer,
                    key_id: record.signature.key_id,
                    epoch: statement.epoch,
                    content: &content,
                });
            }
        }
    }
    Ok((directory.ok_or(EvidenceFileBad::Malformed { field: "control" })?, chain))
}

/// What the file shows of what the hub, or a writer, did.
fn misbehaviour(report: &Report, state: Option<&LogState>) -> Result<Vec<Finding>, EvidenceFileBad> {
    let mut findings = Vec::new();
    let alarm = replay(report, state).err();
    if let Some(state) = state {
        findings.extend(forks(report, state));
        findings.extend(alarm.as_ref().and_then(|alarm| ordered::finding(report, state, alarm)));
        findings.extend(answer::finding(report, state)?);
        findings.extend(closed::finding(report, state));
        findings.extend(vouched::finding(report, state));
        findings.extend(contradictions(report));
        findings.extend(alarm.as_ref().and_then(|alarm| content(report, state, alarm)));
        findings.push(Finding::Signed { size: state.size(), root: state.root() });
    }
    let code = report.code.clone();
    let forked = findings.iter().any(|finding| matches!(finding, Finding::Forked { .. }));
    let shown = alarm.is_some_and(|alarm| alarm.code() == code) || forked;
    findings.push(if shown { Finding::Shown { code } } else { Finding::NotShown { code } });
    Ok(findings)
}

/// Takes what was sent as the reporter did.
fn replay(report: &Report, state: Option<&LogState>) -> Result<(), Alarm> {
    let me = reader(&report.reporter);
    let intake = match (state, &report.held, me) {
        (Some(state), Some(held), Some(me)) => Intake::resume(me, state.clone(), held.checkpoint.clone()),
        (None, None, Some(me)) => Intake::empty(me, report.genesis, report.log),
        // Control leaves that are not in the file: there is nothing to take it with.
        _ => return Ok(()),
    };
    match &report.sent {
        Sent::Frame(frame) => intake.accept(frame).and_then(|(_, taken)| dated(report, &taken)),
        Sent::Fill { fill, stubs } => intake.fill(fill, |index| stubs.get(&index).cloned()).map(|_| ()),
        Sent::Checkpoints { notes, .. } => {
            notes.first().map_or(Ok(()), |note| intake.open_checkpoint(note).map(|_| ()))
        }
        Sent::Answer { .. } => state.map_or(Ok(()), |state| answer::replay(report, state)),
        Sent::Succession { .. } => state.map_or(Ok(()), |state| closed::replay(report, state)),
    }
}

/// By the reporter's clock when it caught the hub, which nothing else in the file shows.
fn dated(report: &Report, taken: &[Taken]) -> Result<(), Alarm> {
    let clock_ms = report.caught_at_ms;
    let ahead = taken.iter().find_map(|taken| {
        let found_ms = taken.time_ms();
        (found_ms.saturating_sub(clock_ms) > CLOCKS_MS).then_some((taken.entry.index, found_ms))
    });
    let why = TimeDoubt::OfClocks(clock_ms);
    ahead.map_or(Ok(()), |(index, found_ms)| Err(Alarm::TimeWrong { index, found_ms, why }))
}

/// Two logs of one size that the log key signed.
fn forks(report: &Report, state: &LogState) -> Option<Finding> {
    let (sent, prefix) = match &report.sent {
        Sent::Frame(frame) => (std::slice::from_ref(&frame.checkpoint), None),
        Sent::Fill { .. } | Sent::Succession { .. } => (&[][..], None),
        Sent::Checkpoints { notes, prefix } => (&notes[..], prefix.as_ref()),
        Sent::Answer { checkpoint, .. } => (std::slice::from_ref(checkpoint), None),
    };
    let mut roots: BTreeMap<TreeSize, Hash> = BTreeMap::from([(state.size(), state.root())]);
    if let Some(Prefix { size, root, hashes }) = prefix
        && verify_consistency(size.0, *root, state.size().0, state.root(), hashes)
    {
        roots.insert(*size, *root);
    }
    let closed = closed::checkpoints(report);
    for Checkpoint { size, root, .. } in sent.iter().chain(&closed).filter_map(|note| open(state, note)) {
        let known = *roots.entry(size).or_insert(root);
        if known != root {
            return Some(Finding::Forked { size, one: known, other: root });
        }
    }
    None
}

/// Writers that contradicted themselves, by evidence among the control leaves, each of which was verified.
fn contradictions(report: &Report) -> Vec<Finding> {
    let leaves = report.held.iter().flat_map(|held| &held.control).filter_map(|leaf| leaf_of(&leaf.entry));
    let evidence = leaves.filter(|leaf| leaf.leaf_type == LeafType::Evidence);
    let found = evidence.filter_map(|leaf| Evidence::parse(&leaf.body).ok());
    found
        .map(|evidence| Finding::Contradicted {
            writer: evidence.writer().clone(),
            epoch: evidence.epoch(),
            seq: evidence.seq(),
        })
        .collect()
}

/// A content that its writer signed and that is not for the reporter's member.
fn content(report: &Report, state: &LogState, alarm: &Alarm) -> Option<Finding> {
    let Alarm::OverShared { index, .. } = alarm else { return None };
    let (blocks, view) = match &report.sent {
        Sent::Frame(frame) => (&frame.blocks, frame.view),
        Sent::Fill { fill, .. } => (&fill.blocks, fill.view),
        Sent::Checkpoints { .. } | Sent::Answer { .. } | Sent::Succession { .. } => return None,
    };
    let entry = unpack_all(blocks).ok()?.into_iter().find(|entry| entry.index == *index)?;
    let record = statement_of(&entry)?;
    verified(state.directory(), &record, &mut VerifiedRoots::default())?;
    let content = record.content()?.ok()?;
    let (writer, member) = (record.statement.writer.clone(), reader(&report.reporter)?);
    let readable = Readers::of(&content, &writer).include(state.directory(), &member, *index, TreeSize(view));
    (!readable).then_some(Finding::Content { index: *index, writer, member })
}

fn reader(reporter: &Writer) -> Option<MemberCode> {
    reporter.member().cloned()
}

fn open(state: &LogState, note: &str) -> Option<Checkpoint> {
    let directory = state.directory();
    let log: LogNumber = state.log();
    // Witnesses' lines may stand under the log's own.
    Checkpoint::open(note, directory.federation(), log, &directory.policy().log_key).ok()
}

/// The leaf of an entry, with the signature that it names.
fn leaf_of(entry: &Entry) -> Option<Leaf> {
    Leaf::parse(&entry.leaf).ok().filter(|leaf| leaf.signature_hash == Hash::of(&entry.signature))
}

fn statement_of(entry: &Entry) -> Option<Parsed> {
    let leaf = leaf_of(entry).filter(|leaf| leaf.leaf_type == LeafType::Record)?;
    received(entry, &leaf).parse().ok()
}

fn received(entry: &Entry, leaf: &Leaf) -> Received {
    Received { statement: leaf.body.clone(), content: entry.content.clone(), signature: entry.signature.clone() }
}

/// Whether a key that its writer has for this epoch signed the record, for this federation.
fn verified(directory: &Directory, record: &Parsed, roots: &mut VerifiedRoots) -> Option<()> {
    let statement = &record.statement;
    (statement.federation == Some(directory.genesis())).then_some(())?;
    let key = directory.signing_key(&statement.writer, statement.epoch, statement.seq, record.signature.key_id)?;
    record.signature.verify(record.record_id, &statement.writer, statement.epoch, &key, roots).ok()
}
