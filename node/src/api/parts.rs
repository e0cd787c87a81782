//! What the node answers from: its stores, loops and keys, as they are handed to whoever answers.
//!
//! Out of scope: building them (`app`), the answers (`api`).

use std::sync::Arc;

use arc_swap::ArcSwap;
use ed25519_dalek::SigningKey;
use multaqa_proto::directory::Directory;
use multaqa_proto::log::state::LogState;
use multaqa_proto::log::witness::Standing;
use multaqa_proto::sync::intake::Intake;
use multaqa_runtime::clock::Clock;
use tokio::sync::{Notify, watch};

use super::page::PageKey;
use crate::clients::Clients;
use crate::evidence::Files;
use crate::journal::Journal;
use crate::link::{Life, LinkStatus};
use crate::publish::{Desk, Publisher};
use crate::replica::Replica;
use crate::search::Search;
use crate::watch::Changes;

/// What the node answers from.
#[derive(Clone)]
pub struct Parts {
    /// Own records and outbox.
    pub journal: Journal,
    /// The log, verified and folded.
    pub replica: Replica,
    /// Finding objects by words and facets.
    pub search: Search,
    /// The reader's state at the replica's cursor; it changes with each frame.
    pub intake: Arc<ArcSwap<Intake>>,
    /// The line to the hub.
    pub link: watch::Receiver<LinkStatus>,
    /// How far other states vouch for the log.
    pub standing: watch::Receiver<Standing>,
    /// To be notified when records were queued.
    pub outbox: Arc<Notify>,
    /// To be notified when the operator wants another try after an alarm.
    pub retry_alarm: Arc<Notify>,
    /// The key that signs own records.
    pub record_key: Arc<SigningKey>,
    /// From when to when the certificate in use holds.
    pub life: watch::Receiver<Life>,
    /// What it caught the hub at.
    pub evidence: Files,
    /// The member's systems that may ask.
    pub clients: Clients,
    /// Changes of the replica, for whoever watches.
    pub changes: Changes,
    /// What binds page tokens.
    pub pages: PageKey,
    /// The clock.
    pub clock: Clock,
}

impl Parts {
    /// The directory at the replica's cursor; none before the first frame.
    #[must_use]
    pub fn directory(&self) -> Option<Arc<Directory>> {
        self.intake.load().state().map(LogState::directory).cloned()
    }

    /// What publishes for this node.
    pub(crate) fn publisher(&self) -> Publisher {
        let Self { journal, replica, intake, record_key, clock, outbox, .. } = self.clone();
        Publisher { journal, replica, intake, record_key, clock, outbox, desk: Desk::new() }
    }
}
