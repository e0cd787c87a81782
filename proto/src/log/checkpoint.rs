//! Checkpoints: C2SP `tlog-checkpoint` as a signed note, by the log key.
//!
//! In scope: signing, opening, the log's origin `<federation>/log/<n>`. Out of scope: cosignatures (`cosignature`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use thiserror::Error;

use super::note;
use crate::hash::Hash;
use crate::id::FederationName;
use crate::key::PublicKey;
use crate::number::{LogNumber, TreeSize};

/// A verified (or own) checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of the log.
    pub log: LogNumber,
    /// Tree size.
    pub size: TreeSize,
    /// Root at that size.
    pub root: Hash,
}

/// A note that is not a checkpoint of this log (code `CHECKPOINT_BAD`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a checkpoint of this log: {0}")]
pub struct CheckpointBad(pub &'static str);

/// The origin of a log, which is also the name of its key.
#[must_use]
pub fn origin(federation: &FederationName, log: LogNumber) -> String {
    format!("{federation}/log/{log}")
}

/// The number of the log that a note names; none where it is not of this federation. Nothing of it is verified.
#[must_use]
pub fn number(signed: &str, federation: &FederationName) -> Option<LogNumber> {
    let found = signed.lines().next()?.strip_prefix(federation.as_str())?.strip_prefix("/log/")?;
    let log = LogNumber(found.parse().ok().filter(|number| *number > 0)?);
    (log.to_string() == found).then_some(log)
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self, federation: &FederationName) -> String {
        format!("{}\n{}\n{}\n", origin(federation, self.log), self.size, STANDARD.encode(self.root.0))
    }
    /// The signed note.
    #[must_use]
    pub fn sign(&self, federation: &FederationName, log_key: &SigningKey) -> String {
        let (text, name) = (self.text(federation), origin(federation, self.log));
        let key_hash = note::key_hash(&name, note::ED25519, PublicKey::of(log_key).as_bytes());
        let line = note::line(&name, key_hash, &log_key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n{line}")
    }
    /// Opens a note: only where the log key signed exactly this text for this log.
    ///
    /// # Errors
    /// [`CheckpointBad`] says what is wrong.
    pub fn open(
        signed: &str,
        federation: &FederationName,
        log: LogNumber,
        log_key: &PublicKey,
    ) -> Result<Self, CheckpointBad> {
        let (text, lines) = note::split(signed).ok_or(CheckpointBad("not a signed note"))?;
        let name = origin(federation, log);
        let key_hash = note::key_hash(&name, note::ED25519, log_key.as_bytes());
        let signature = note::signature(&lines, &name, key_hash).ok_or(CheckpointBad("not signed by the log key"))?;
        log_key.verify(text.as_bytes(), &signature).map_err(|_| CheckpointBad("signature does not verify"))?;
        let checkpoint = Self::parse_text(text, log).ok_or(CheckpointBad("malformed text"))?;
        // Written anew it must be the same text: no other spelling of a number or a root passes.
        if checkpoint.text(federation) == text { Ok(checkpoint) } else { Err(CheckpointBad("another log or spelling")) }
    }
    /// Opens a note of the log that it names, which is not before this one: a later log may have begun that the reader does not know.
    ///
    /// # Errors
    /// [`CheckpointBad`] says what is wrong.
    pub fn open_from(
        signed: &str,
        federation: &FederationName,
        least: LogNumber,
        log_key: &PublicKey,
    ) -> Result<Self, CheckpointBad> {
        let log = number(signed, federation).filter(|log| *log >= least);
        Self::open(signed, federation, log.unwrap_or(least), log_key)
    }
    /// The note of this checkpoint where the log's line stands alone under it; none otherwise.
    #[must_use]
    pub fn note_alone<'a>(&self, federation: &FederationName, signed: &'a str) -> Option<&'a str> {
        let (text, lines) = note::split(signed)?;
        (text == self.text(federation) && lines.len() == 1).then_some(signed)
    }
    fn parse_text(text: &str, log: LogNumber) -> Option<Self> {
        let mut lines = text.lines().skip(1);
        // No store holds a larger log.
        let size = lines.next()?.parse().ok().filter(|size| i64::try_from(*size).is_ok()).map(TreeSize)?;
        let root = Hash::from_slice(&STANDARD.decode(lines.next()?).ok()?)?;
        Some(Self { log, size, root })
    }
}
