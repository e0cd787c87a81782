//! A file for each alarm: what shows it is collected from the replica, signed and written.
//!
//! In scope: collecting. Out of scope: the file (`proto::evidence`), where it lies (`evidence`), standing still (`alarm`).

use std::path::PathBuf;
use std::sync::Arc;

use multaqa_proto::alarm::{Alarm, Fork};
use multaqa_proto::evidence::{Held, Report, Sent};
use multaqa_proto::log::seal::ControlChain;
use multaqa_proto::log::tree::leaf_hash;
use multaqa_proto::sync::intake::Intake;

use super::Sync;
use super::greet::hinted_size;
use crate::code;
use crate::link::{Caught, Shown};
use crate::store::StoreError;

impl Sync {
    /// Writes what shows an alarm; the file. Where that fails the alarm stands all the same, without one.
    pub(super) async fn hand_on(&self, caught: &Caught, caught_at_ms: i64) -> Option<PathBuf> {
        let report = match self.collect(caught, caught_at_ms).await {
            Ok(report) => report,
            Err(error) => {
                tracing::error!(code = code::EVIDENCE_NOT_WRITTEN, %error, "what shows the alarm could not be read");
                return None;
            }
        };
        let (files, key) = (self.evidence.clone(), Arc::clone(&self.record_key));
        let written = tokio::task::spawn_blocking(move || files.write(&report, &key)).await;
        match written {
            Ok(Ok(path)) => {
                tracing::error!(path = %path.display(), "evidence is written");
                Some(path)
            }
            Ok(Err(error)) => {
                tracing::error!(code = code::EVIDENCE_NOT_WRITTEN, %error, "the alarm has no file");
                None
            }
            Err(error) => {
                tracing::error!(code = code::EVIDENCE_NOT_WRITTEN, %error, "the alarm has no file");
                None
            }
        }
    }

    async fn collect(&self, caught: &Caught, caught_at_ms: i64) -> Result<Report, StoreError> {
        // What was verified before may still be on its way into the replica.
        let turn = self.applying.lock().await;
        let (intake, sent) = match &caught.shown {
            Some(shown) => {
                let Shown { intake, sent } = shown.as_ref();
                (Arc::clone(intake), sent.clone())
            }
            None => (self.intake.load_full(), self.of_alarm(&caught.alarm).await?),
        };
        let held = self.held(&intake).await?;
        let sent = self.with_proofs(sent, &intake).await?;
        drop(turn);
        let identity = self.journal.identity();
        Ok(Report {
            genesis: identity.genesis,
            log: intake.log(),
            reporter: identity.writer(),
            epoch: identity.epoch,
            caught_at_ms,
            code: caught.alarm.code().to_owned(),
            args: caught.alarm.args().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            held,
            sent,
        })
    }

    async fn held(&self, intake: &Intake) -> Result<Option<Held>, StoreError> {
        let Some(state) = intake.state() else { return Ok(None) };
        let mut control = self.replica.control_leaves(state.size()).await?;
        let mut chain = ControlChain::default();
        for leaf in &control {
            chain.push(leaf_hash(&leaf.entry.leaf));
        }
        if chain != state.control() {
            // The frame before could not be stored: better none than what contradicts the rest.
            control.clear();
        }
        let seal = self.replica.placed_seal(state.size()).await?;
        Ok(Held::of(intake, control, seal))
    }

    /// With what the own tree was at the size of the first note, where that is smaller, and with what stands where an answer said
    /// that an own record does.
    async fn with_proofs(&self, sent: Sent, intake: &Intake) -> Result<Sent, StoreError> {
        match sent {
            Sent::Checkpoints { notes, prefix: None } => {
                let first =
                    notes.first().map(|note| hinted_size(note)).filter(|size| size.0 > 0 && *size < intake.size());
                let prefix = match first {
                    Some(size) => self.replica.prefix(size, intake.size()).await?,
                    None => None,
                };
                Ok(Sent::Checkpoints { notes, prefix })
            }
            Sent::Answer { record, index, checkpoint, standing: None } => {
                let standing = self.replica.placed_leaf(index, intake.size()).await?;
                Ok(Sent::Answer { record, index, checkpoint, standing })
            }
            sent @ (Sent::Frame(_)
            | Sent::Fill { .. }
            | Sent::Succession { .. }
            | Sent::Checkpoints { prefix: Some(_), .. }
            | Sent::Answer { standing: Some(_), .. }) => Ok(sent),
        }
    }

    /// What an alarm holds itself; of a hub that gives nothing, what others cosigned.
    async fn of_alarm(&self, alarm: &Alarm) -> Result<Sent, StoreError> {
        let notes = if let Alarm::LogFork(fork) = alarm {
            let Fork { ours, theirs, .. } = fork.as_ref();
            vec![theirs.clone(), ours.clone()]
        } else if matches!(alarm, Alarm::LogStandsStill { .. } | Alarm::ClaimOverdue { .. }) {
            self.cosigned_notes().await?
        } else {
            Vec::new()
        };
        Ok(Sent::Checkpoints { notes, prefix: None })
    }
}
