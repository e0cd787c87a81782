//! The port for member systems: one address, mutual TLS, the node's services and no more, over gRPC and as REST (`rest`).
//!
//! What says by its content type that it is gRPC, over HTTP/2, goes to the services, everything else to REST; both pass a gate.
//!
//! | service | for | largest request |
//! |---|---|---|
//! | ReplicaService | what the scopes `read:` name | 64 KiB |
//! | WatchService | the same, as it changes; a stream counts as one request for as long as it is open, and no time ends it | 64 KiB |
//! | SearchService | the same | 64 KiB |
//! | OutboxService | what the scopes `publish:` name; `Approve` never | `clients.request_kib` |
//! | StatusService | all systems; `RetryAlarm` never | 64 KiB |
//! | health, reflection | all systems | 4 KiB |
//!
//! Messages come uncompressed. Limits of REST are in `rest::limits`. In scope: what is served there, the listener's limits, the port's certificate
//! while it runs, and in `arrival` how many connections a system has. Out of scope: who is let in (`clients`), the handshake (`certs::systems`), the loop (`runtime::serve`).

mod arrival;

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Version};
use axum::middleware::from_fn_with_state;
use multaqa_certs::systems::SystemAcceptor;
use multaqa_proto::wire;
use multaqa_proto::wire::node::outbox_service_server::OutboxServiceServer;
use multaqa_proto::wire::node::replica_service_server::ReplicaServiceServer;
use multaqa_proto::wire::node::search_service_server::SearchServiceServer;
use multaqa_proto::wire::node::status_service_server::StatusServiceServer;
use multaqa_runtime::fault::Fault;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::serve::{Limits, Protocol, serve};
use tokio::net::TcpListener;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic_health::server::HealthReporter;
use tower::ServiceExt as _;

use self::arrival::Arrivals;
use super::fresh;
use super::gate::{self, Gate, Speaks};
use super::grpc::watch::WatchServer;
use super::rest::limits::HEAD_MAX;
use super::{MESSAGE_MAX, rest};
use crate::api::{Api, Parts};
use crate::clients::{Clients, Tended};

/// Largest request that does not publish, bytes.
const REQUEST_MAX: usize = 64 * 1024;
/// Largest request of health and reflection, bytes.
const SMALL_MAX: usize = 4 * 1024;
/// Open connections of all systems.
const CONNECTIONS: usize = 512;
/// How long a system may keep an HTTP/1.1 connection without a request. It is longer than elsewhere: whoever is here has shown a
/// certificate.
const IDLE: Duration = Duration::from_mins(1);
/// How often the port's certificate is looked at.
const TICK: Duration = Duration::from_mins(10);

/// The port, bound and ready to serve.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) listener: TcpListener,
    pub(crate) acceptor: SystemAcceptor,
    /// Largest request that publishes, bytes.
    pub(crate) request_max: usize,
    /// Longest time for a request.
    pub(crate) within: Duration,
}

/// Serves the port until the drain is done or cut.
///
/// # Errors
/// `LISTEN_FAILED` where the schema's descriptors cannot be served.
pub(crate) async fn run(parts: Parts, port: Port, shutdown: Shutdown) -> Result<(), Fault> {
    let Port { listener, acceptor, request_max, within } = port;
    let clients = parts.clients.clone();
    let gate = |speaks| Gate { clients: clients.clone(), within, speaks };
    let (health, health_service) = tonic_health::server::health_reporter();
    let api = Api::new(parts.clone(), shutdown.clone());
    let rest = rest::router(api.clone(), gate(Speaks::Rest), request_max);
    let grpc = Routes::new(
        ReplicaServiceServer::new(api.clone())
            .max_decoding_message_size(REQUEST_MAX)
            .max_encoding_message_size(MESSAGE_MAX),
    )
    .add_service(SearchServiceServer::new(api.clone()).max_decoding_message_size(REQUEST_MAX))
    .add_service(WatchServer::new(api.clone(), REQUEST_MAX))
    .add_service(OutboxServiceServer::new(api.clone()).max_decoding_message_size(request_max))
    .add_service(StatusServiceServer::new(api.clone()).max_decoding_message_size(REQUEST_MAX))
    .add_service(health_service.max_decoding_message_size(SMALL_MAX))
    .add_service(reflection()?.max_decoding_message_size(SMALL_MAX))
    .into_axum_router()
    .layer(from_fn_with_state(gate(Speaks::Grpc), gate::pass))
    .layer(from_fn_with_state(api, fresh::tell));
    let router = side_by_side(grpc, rest);
    tell(&health, &parts).await;
    let keeping = keep_identity(clients.clone(), shutdown.clone());
    let telling = tell_health(health, parts, shutdown.clone());
    let saying = say_denials(clients.clone(), shutdown.clone());
    let arrivals = Arrivals { acceptor, clients };
    let accept = move |tcp, address| arrivals.clone().accept(tcp, address);
    let serving = serve("clients", listener, accept, router, limits(), shutdown);
    tokio::join!(serving, keeping, telling, saying);
    Ok(())
}

/// The listener's limits.
pub(super) fn limits() -> Limits {
    let header_list = u32::try_from(HEAD_MAX).unwrap_or(u32::MAX);
    Limits { protocol: Protocol::Both, connections: CONNECTIONS, idle: IDLE, header_list, ..Limits::default() }
}

/// Both on one address.
fn side_by_side(grpc: Router, rest: Router) -> Router {
    let either = tower::service_fn(move |request: Request| {
        if is_grpc(&request) { grpc.clone() } else { rest.clone() }.oneshot(request)
    });
    Router::new().fallback_service(either)
}

/// Whether a request is one of gRPC: over HTTP/2 alone, whose trailers say how a call ended, and not of gRPC-Web, which has
/// another framing.
fn is_grpc(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let rest = kind.and_then(|kind| kind.strip_prefix(b"application/grpc"));
    let named = rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';' | b' ')));
    named && request.version() == Version::HTTP_2
}

/// Reflection of the services that are served here.
fn reflection() -> Result<
    tonic_reflection::server::v1::ServerReflectionServer<impl tonic_reflection::server::v1::ServerReflection>,
    Fault,
> {
    let builder = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(wire::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
    let served = [
        ReplicaServiceServer::<Api>::NAME,
        SearchServiceServer::<Api>::NAME,
        WatchServer::NAME,
        OutboxServiceServer::<Api>::NAME,
        StatusServiceServer::<Api>::NAME,
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
    ];
    served.iter().fold(builder, |builder, name| builder.with_service_name(*name)).build_v1().map_err(|error| {
        let fault = Fault::new(multaqa_runtime::code::LISTEN_FAILED);
        fault.with("address", "reflection").with("detail", error)
    })
}

/// Says of each service whether it can answer: the replica's once it holds something, the search's while it has an index, the outbox's while nothing blocks it, none
/// once the drain begins.
async fn tell_health(health: HealthReporter, parts: Parts, shutdown: Shutdown) {
    let (mut link, mut index) = (parts.link.clone(), parts.search.watch());
    let mut searches = parts.search.rebuilding().is_none();
    loop {
        // Whatever changes for the replica or the outbox comes over the line, which says so; a tick catches the rest.
        tokio::select! {
            () = shutdown.draining() => break,
            changed = link.changed() => if changed.is_err() { break },
            changed = index.wait_for(|position| position.is_some() != searches) => if changed.is_err() { break },
            () = tokio::time::sleep(HEALTH_TICK) => {}
        }
        searches = index.borrow().is_some();
        tell(&health, &parts).await;
    }
    health.set_not_serving::<StatusServiceServer<Api>>().await;
    health.set_not_serving::<ReplicaServiceServer<Api>>().await;
    health.set_not_serving::<SearchServiceServer<Api>>().await;
    health.set_not_serving::<WatchServer>().await;
    health.set_not_serving::<OutboxServiceServer<Api>>().await;
}

async fn tell(health: &HealthReporter, parts: &Parts) {
    health.set_serving::<StatusServiceServer<Api>>().await;
    if parts.replica.cursor().is_some() {
        health.set_serving::<ReplicaServiceServer<Api>>().await;
        health.set_serving::<WatchServer>().await;
    } else {
        health.set_not_serving::<ReplicaServiceServer<Api>>().await;
        health.set_not_serving::<WatchServer>().await;
    }
    // While the index is checked or made anew it answers nothing.
    match parts.search.rebuilding() {
        None => health.set_serving::<SearchServiceServer<Api>>().await,
        Some(_) => health.set_not_serving::<SearchServiceServer<Api>>().await,
    }
    match parts.journal.block().await {
        Ok(None) => health.set_serving::<OutboxServiceServer<Api>>().await,
        Ok(Some(_)) | Err(_) => health.set_not_serving::<OutboxServiceServer<Api>>().await,
    }
}

/// Says in the log how often systems were refused what it said once (`clients::denials`), and at the end what is left.
async fn say_denials(clients: Clients, shutdown: Shutdown) {
    loop {
        let ends = tokio::select! {
            () = shutdown.draining() => true,
            () = tokio::time::sleep(HEALTH_TICK) => false,
        };
        for (identity, rule, times) in clients.denials_due(ends) {
            tracing::warn!(identity, rule, times, "a system went on asking for what it may not have");
        }
        if ends {
            return;
        }
    }
}

/// How often health is looked at while nothing changes on the line.
const HEALTH_TICK: Duration = Duration::from_secs(5);

/// Renews the port's certificate by itself, long before its end, and ends the issuing CA before the one in force once nobody uses it.
/// What fails is told in the log and tried again; the certificate in use stays.
async fn keep_identity(clients: Clients, shutdown: Shutdown) {
    loop {
        match clients.tend().await {
            Ok(Tended { retired, renewed }) => {
                if retired {
                    tracing::info!("nobody uses the issuing CA for member systems before this one: it is retired");
                }
                if renewed {
                    tracing::info!("the certificate of the port for member systems was renewed");
                }
            }
            Err(error) => tracing::error!(%error, "the certificate of the port cannot be looked after"),
        }
        tokio::select! {
            () = shutdown.draining() => return,
            () = tokio::time::sleep(TICK) => {}
        }
    }
}
