//! What the node serves: reading the replica, publishing, status.
//!
//! gRPC over a Unix socket that only the node's user may open, for programs of its own machine (`local`), and where it is
//! configured over mutual TLS, for the member's systems, beside REST (`port`, `gate`, `rest`). All are answered by the same endpoints; what a caller may
//! do one function decides (`clients::authorise`). Every answer carries how old it is,
//! and is given with the hub out of reach too. In scope: conversions to the wire, paging, errors, freshness. Out of scope:
//! the queries (`replica`), the rules (`publish`).

mod batch;
mod caller;
mod clients;
mod freshness;
#[doc(hidden)]
pub mod fuzz;
mod gate;
pub mod grpc;
mod json;
mod list;
mod local;
mod mask;
mod outbox;
pub(crate) mod page;
pub(crate) mod port;
mod position;
mod proof;
mod read;
pub(crate) mod refusal;
pub(crate) mod rest;
mod sdmx;
mod search;
mod status;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use multaqa_proto::wire::node::Freshness;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use tokio::net::UnixListener;

use self::refusal::Refusal;
use crate::app::Parts;
use crate::code;
use crate::link::LinkStatus;
use crate::publish::Publisher;
use crate::replica::{Cursor, Starting};

/// Largest message that the socket takes or gives, bytes.
pub const MESSAGE_MAX: usize = 32 * 1024 * 1024;
/// Most bytes of files that are published together.
pub const PUBLISH_MAX: usize = 24 * 1024 * 1024;

/// Serves the node's socket until the drain is done or cut.
///
/// # Errors
/// `LISTEN_FAILED` where the schema's descriptors cannot be served.
pub async fn serve(parts: Parts, socket: UnixListener, shutdown: Shutdown) -> Result<(), Fault> {
    local::run(Api::new(parts, shutdown.clone()), socket, shutdown).await
}

/// What the services answer from. Clones share it.
#[derive(Clone)]
pub(crate) struct Api {
    parts: Parts,
    publisher: Arc<Publisher>,
    started_ms: i64,
    /// Answers that go on end with the process.
    shutdown: Shutdown,
    sdmx: sdmx::Kept,
    /// How long an answer waits for a position.
    patience: Duration,
}

impl Api {
    pub(crate) fn new(parts: Parts, shutdown: Shutdown) -> Self {
        let publisher = Arc::new(Publisher::new(&parts));
        let started_ms = parts.clock.now_ms();
        Self { parts, publisher, started_ms, shutdown, sdmx: sdmx::Kept::default(), patience: position::PATIENCE }
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

    fn freshness(&self) -> Freshness {
        self.freshness_over(self.parts.replica.cursor().as_deref(), &self.parts.link.borrow().clone())
    }

    fn freshness_over(&self, cursor: Option<&Cursor>, link: &LinkStatus) -> Freshness {
        freshness::of(cursor, link, self.parts.clock.now_ms())
    }
}

#[cfg(test)]
pub(crate) mod tests;
