//! What the node answers: its endpoints as methods of `Api`, by caller and message.
//!
//! Every endpoint is one method, `(caller, request) -> Result<response, Refusal>`, with the messages of `multaqa.node.v1`; gRPC
//! and REST render them (`port`). What a caller may do one function decides (`clients::authorise`). Every answer carries how old it is,
//! and is given with the hub out of reach too. In scope: conversions to the messages, paging, refusals, freshness. Out of scope:
//! the queries (`replica`, `search`), the rules (`publish`), how an answer looks and who may dial (`port`).

mod batch;
pub(crate) mod caller;
mod clients;
pub(crate) mod filter;
mod freshness;
#[doc(hidden)]
pub(crate) mod json;
pub(crate) mod list;
pub(crate) mod mask;
mod outbox;
pub(crate) mod page;
mod parts;
mod position;
mod proof;
pub(crate) mod read;
pub(crate) mod refusal;
pub(crate) mod sdmx;
mod search;
mod status;
pub(crate) mod watch;

use std::sync::Arc;
use std::time::Duration;

use multaqa_proto::wire::node::Freshness;
use multaqa_runtime::lifecycle::Shutdown;

pub use self::parts::Parts;
use self::refusal::Refusal;
use crate::code;
use crate::link::LinkStatus;
use crate::publish::Publisher;
use crate::replica::{Cursor, Starting};

/// What the services answer from. Clones share it.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) parts: Parts,
    publisher: Arc<Publisher>,
    started_ms: i64,
    /// Answers that go on end with the process.
    shutdown: Shutdown,
    pub(crate) sdmx: sdmx::Kept,
    /// How long an answer waits for a position.
    patience: Duration,
}

impl Api {
    pub(crate) fn new(parts: Parts, shutdown: Shutdown) -> Self {
        let publisher = Arc::new(parts.publisher());
        let started_ms = parts.clock.now_ms();
        Self { parts, publisher, started_ms, shutdown, sdmx: sdmx::Kept::default(), patience: position::PATIENCE }
    }

    /// One that waits for no position: in tests nothing comes that an answer could wait for.
    #[cfg(test)]
    pub(crate) fn without_patience(parts: Parts) -> Self {
        Self { patience: Duration::ZERO, ..Self::new(parts, Shutdown::new()) }
    }

    /// Nothing is answered from the replica while a fast start is under way: it may turn out not to hold.
    fn must_serve(&self) -> Result<(), Refusal> {
        let Some(Starting { size, end }) = self.parts.replica.starting() else { return Ok(()) };
        let args = [("size", size.to_string()), ("end", end.to_string())];
        Err(Refusal::new(code::REPLICA_STARTING, args))
    }

    /// How old an answer is that was read: one that a fast start came between is not given.
    fn served(&self) -> Result<Freshness, Refusal> {
        self.must_serve().map(|()| self.freshness())
    }

    pub(crate) fn freshness(&self) -> Freshness {
        self.freshness_over(self.parts.replica.cursor().as_deref(), &self.parts.link.borrow().clone())
    }

    fn freshness_over(&self, cursor: Option<&Cursor>, link: &LinkStatus) -> Freshness {
        freshness::of(cursor, link, self.parts.clock.now_ms())
    }
}
