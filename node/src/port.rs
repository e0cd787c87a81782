//! Where the node is asked: renderings of `api`, and the listeners that they are served on.
//!
//! gRPC over a Unix socket that only the node's user may open, for programs of its own machine (`local`), and where it is
//! configured over mutual TLS, for the member's systems, beside REST (`systems`, `gate`, `grpc`, `rest`). Whatever is answered says how
//! fresh it is (`fresh`).
//! Out of scope: what is answered and who may ask it (`api`).

mod fresh;
pub mod fuzz;
mod gate;
pub mod grpc;
pub(crate) mod local;
pub(crate) mod rest;
pub(crate) mod systems;

use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use tokio::net::UnixListener;

use crate::api::{Api, Parts};

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

#[cfg(test)]
pub(crate) mod tests;
