//! The node's own socket: `node.sock` in its directory, 0600.
//!
//! Whoever may open it may publish for the member: the file's permissions are the check. In scope: serving.
//! Out of scope: binding it (`runtime::listen`), the services (`api`), the loop (`runtime::serve`).

use std::convert::Infallible;
use std::time::Duration;

use axum::middleware::from_fn_with_state;
use multaqa_proto::wire;
use multaqa_proto::wire::node::client_service_server::ClientServiceServer;
use multaqa_proto::wire::node::outbox_service_server::OutboxServiceServer;
use multaqa_proto::wire::node::replica_service_server::ReplicaServiceServer;
use multaqa_proto::wire::node::search_service_server::SearchServiceServer;
use multaqa_proto::wire::node::status_service_server::StatusServiceServer;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::serve::{Limits, serve};
use tokio::net::{UnixListener, UnixStream};
use tonic::service::Routes;

use super::grpc::watch::WatchServer;
use super::{MESSAGE_MAX, fresh};
use crate::api::Api;
use crate::clients::authorise::Caller;

/// Open connections.
const CONNECTIONS: usize = 64;
/// How long a quiet connection waits before it asks whether the peer is there.
const KEEPALIVE: Duration = Duration::from_mins(1);

/// Serves until the drain is done or cut.
///
/// # Errors
/// `LISTEN_FAILED` where the schema's descriptors cannot be served.
pub(super) async fn run(api: Api, listener: UnixListener, shutdown: Shutdown) -> Result<(), Fault> {
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(wire::DESCRIPTORS)
        .build_v1()
        .map_err(|error| {
            let fault = Fault::new(multaqa_runtime::code::LISTEN_FAILED);
            fault.with("address", "reflection").with("detail", error)
        })?;
    let router = Routes::new(ReplicaServiceServer::new(api.clone()))
        .add_service(OutboxServiceServer::new(api.clone()).max_decoding_message_size(MESSAGE_MAX))
        .add_service(SearchServiceServer::new(api.clone()))
        .add_service(ClientServiceServer::new(api.clone()))
        .add_service(WatchServer::new(api.clone(), MESSAGE_MAX))
        .add_service(StatusServiceServer::new(api.clone()))
        .add_service(reflection)
        .into_axum_router()
        .layer(from_fn_with_state(api, fresh::tell));
    let accept = |stream: UnixStream, _address| async move { Ok::<_, Infallible>((stream, Caller::Local)) };
    serve("local", listener, accept, router, limits(), shutdown).await;
    Ok(())
}

fn limits() -> Limits {
    Limits { connections: CONNECTIONS, keepalive: KEEPALIVE, lifetime: None, ..Limits::default() }
}
