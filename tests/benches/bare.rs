//! A bare gRPC method: tonic, a codec and a function, nothing else. References are made of it.
//!
//! Out of scope: which connection it is served on.

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use hyper_util::rt::TokioIo;
use prost::Message;
use tokio::net::UnixStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// Path of the method.
const PATH: &str = "/bare.Bare/Call";

/// A router whose one method answers with what the function gives.
pub(crate) fn router<Q, A, F>(answer: impl Fn(Q) -> F + Clone + Send + Sync + 'static) -> Router
where
    Q: Message + Default + 'static,
    A: Message + Default + 'static,
    F: Future<Output = A> + Send + 'static,
{
    let call = move |request: http::Request<Body>| {
        let answer = answer.clone();
        async move {
            let service = tower::service_fn(move |request: Request<Q>| {
                let answering = answer(request.into_inner());
                async move { Ok::<_, Status>(Response::new(answering.await)) }
            });
            tonic::server::Grpc::new(ProstCodec::<A, Q>::default()).unary(service, request).await
        }
    };
    Router::new().route(PATH, post(call))
}

/// Calls the method.
pub(crate) async fn call<Q, A>(channel: &Channel, request: Q) -> A
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static(PATH);
    grpc.unary(Request::new(request), path, ProstCodec::<Q, A>::default()).await.unwrap().into_inner()
}

/// A channel over a Unix socket.
pub(crate) async fn unix(socket: &Path) -> Channel {
    let socket = socket.to_owned();
    let connector = tower::service_fn(move |_: http::Uri| {
        let socket = socket.clone();
        async move { UnixStream::connect(socket).await.map(TokioIo::new) }
    });
    Endpoint::from_static("http://bare.invalid").connect_with_connector(connector).await.unwrap()
}
