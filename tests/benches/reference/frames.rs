//! The same frames sent from memory, over the hub's TLS and HTTP/2 settings: what the wire alone takes.
//!
//! Messages that one subscriber kept are served to every subscriber by a bare tonic method behind the hub's own acceptor
//! (its certificate, its allow-list) and `runtime::serve` with the hub's limits. There is no log, no grouping by reader, no
//! queue: the next message is always there.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use http::Request;
use multaqa_certs::authority;
use multaqa_certs::profile::Profile;
use multaqa_certs::serials::{Serial, SerialState, Serials};
use multaqa_certs::server::{self, Acceptor};
use multaqa_certs::store::TlsIdentity;
use multaqa_hub::config::Places;
use multaqa_proto::wire::hub::{TailRequest, TailResponse};
use multaqa_runtime::clock::Clock;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::serve::{Limits, serve};
use multaqa_tests::World;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};
use tokio::net::TcpListener;
use tokio_stream::{Iter, iter};
use tonic::server::{Grpc, ServerStreamingService};
use tonic::{Response, Status};
use tonic_prost::ProstCodec;

const TAIL: &str = "/multaqa.hub.v1.SyncService/Tail";

/// Serves these messages to everybody who asks for a tail, until it is dropped; where it listens.
pub(crate) async fn serve_from_memory(world: &World, messages: Vec<TailResponse>) -> (SocketAddr, Shutdown) {
    let acceptor = acceptor(&world.hub().dir()).await;
    let accept = move |tcp, address| {
        let acceptor = acceptor.clone();
        async move { acceptor.accept(tcp, address).await }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let messages = Messages(messages.into());
    let tail = move |request: Request<Body>| {
        let messages = messages.clone();
        async move {
            let codec = ProstCodec::<TailResponse, TailRequest>::default();
            Ok::<_, Infallible>(Grpc::new(codec).server_streaming(messages, request).await)
        }
    };
    let shutdown = Shutdown::new();
    let router = Router::new().route_service(TAIL, post(tail));
    let limits = Limits { connections_per_ip: 1024, ..Limits::default() };
    tokio::spawn(serve("reference", listener, accept, router, limits, shutdown.clone()));
    (address, shutdown)
}

#[derive(Clone)]
struct Messages(Arc<[TailResponse]>);

impl ServerStreamingService<TailRequest> for Messages {
    type Response = TailResponse;
    type ResponseStream = Iter<std::vec::IntoIter<Result<TailResponse, Status>>>;
    type Future = std::future::Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, _request: tonic::Request<TailRequest>) -> Self::Future {
        // The blocks' bytes are shared, not copied.
        let messages: Vec<_> = self.0.iter().cloned().map(Ok).collect();
        std::future::ready(Ok(Response::new(iter(messages))))
    }
}

/// The hub's acceptor, with its allow-list as it stands on disk.
pub(crate) async fn acceptor(hub_dir: &Path) -> Acceptor {
    let places = Places::of(hub_dir);
    let identity = TlsIdentity::load(&places.identity()).unwrap();
    let root = authority::load_root_certificate(&places.issuing()).unwrap();
    let nodes = authority::load_certificate(&places.issuing(), Profile::NodesIssuer).unwrap();
    let mut store = SqliteConnectOptions::new().filename(places.store()).read_only(true).connect().await.unwrap();
    let rows = sqlx::query("SELECT serial, identity FROM serial WHERE status <> 'revoked'");
    let rows = rows.fetch_all(&mut store).await.unwrap();
    let serials = rows.iter().map(|row| {
        let serial = Serial::from_slice(row.get(0)).unwrap();
        (serial, row.get::<String, _>(1).parse().unwrap(), SerialState::Active)
    });
    let clock = Clock::system();
    let seconds = Arc::new(move || u64::try_from(clock.now_ms() / 1000).unwrap_or_default());
    let limits = server::Limits::default();
    Acceptor::new(&identity, &root, vec![nodes], Serials::load(serials), seconds, limits).unwrap()
}
