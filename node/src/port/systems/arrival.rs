//! Who comes in at the port: the handshake, then room for one more connection of this system.
//!
//! One certificate would else take all connections that the port has, or all that an address has behind which several systems
//! stand. Out of scope: who is let in (`certs::systems`), how many connections there are in all (`runtime::serve`).

use std::fmt;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use multaqa_certs::server::{AcceptError, Peer, Stream};
use multaqa_certs::systems::SystemAcceptor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

use crate::clients::{ClientError, Clients};

/// Takes connections in.
#[derive(Clone)]
pub(super) struct Arrivals {
    pub(super) acceptor: SystemAcceptor,
    pub(super) clients: Clients,
}

/// Why a connection is not taken.
#[derive(Debug)]
pub(super) enum Turned {
    /// By the handshake.
    Handshake(AcceptError),
    /// The system has as many as it may have.
    Room(ClientError),
}

impl fmt::Display for Turned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshake(error) => error.fmt(f),
            Self::Room(error) => error.fmt(f),
        }
    }
}

impl Arrivals {
    /// Does the handshake, and keeps the system's room for as long as the connection is there.
    ///
    /// # Errors
    /// [`Turned`]; the connection is closed then.
    pub(super) async fn accept(self, tcp: TcpStream, address: SocketAddr) -> Result<(Housed<Stream>, Peer), Turned> {
        let (stream, peer) = self.acceptor.accept(tcp, address).await.map_err(Turned::Handshake)?;
        let room = self.clients.connect(&peer).map_err(Turned::Room)?;
        Ok((Housed { stream, _room: room }, peer))
    }
}

/// A connection that holds its room.
pub(super) struct Housed<S> {
    stream: S,
    _room: OwnedSemaphorePermit,
}

impl<S: AsyncRead + Unpin> AsyncRead for Housed<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Housed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}
