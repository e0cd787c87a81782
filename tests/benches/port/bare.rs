//! A server that does nothing but answer, behind rustls with a port's certificate.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::serve::{Limits, Protocol, serve};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::Line;

/// Serves a router until it is drained; where.
pub(crate) async fn serve_bare(line: &Line, router: Router) -> (SocketAddr, Shutdown) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(line.bare()));
    let accept = move |tcp: TcpStream, _| {
        let acceptor = acceptor.clone();
        async move { Ok::<_, Infallible>((acceptor.accept(tcp).await.unwrap(), ())) }
    };
    let shutdown = Shutdown::new();
    let limits = Limits { protocol: Protocol::Both, ..Limits::default() };
    tokio::spawn(serve("reference", listener, accept, router, limits, shutdown.clone()));
    (address, shutdown)
}
