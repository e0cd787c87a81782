//! Bound sockets, behind one small trait: TCP for peers, Unix for the programs of the same machine.
//!
//! Out of scope: what is served on them ([`crate::serve`]) and TLS (the certs room).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::code;
use crate::fault::Fault;

/// A source of connections.
pub trait Listener: Send + 'static {
    /// A connection.
    type Stream: Send + 'static;
    /// Where it comes from.
    type Address: Send + 'static;

    /// The next connection.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Stream, Self::Address)>> + Send;

    /// What connections are counted by; nothing for those that are only counted in total.
    fn ip(address: &Self::Address) -> Option<IpAddr>;
}

impl Listener for TcpListener {
    type Stream = TcpStream;
    type Address = SocketAddr;

    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, address) = TcpListener::accept(self).await?;
        stream.set_nodelay(true)?;
        Ok((stream, address))
    }

    fn ip(address: &SocketAddr) -> Option<IpAddr> {
        Some(address.ip())
    }
}

impl Listener for UnixListener {
    type Stream = UnixStream;
    type Address = tokio::net::unix::SocketAddr;

    async fn accept(&mut self) -> io::Result<(UnixStream, Self::Address)> {
        UnixListener::accept(self).await
    }

    fn ip(_: &Self::Address) -> Option<IpAddr> {
        None
    }
}

/// Binds a TCP address; port 0 takes a free one.
pub async fn tcp(address: SocketAddr) -> Result<TcpListener, Fault> {
    TcpListener::bind(address).await.map_err(|error| failed(&address.to_string(), &error))
}

/// Binds a Unix socket that only the owner may use (0600).
///
/// It is bound beside its path and renamed over it, so that it is never there with other permissions; a socket that a
/// stopped process left behind is replaced, one that is in use is a fault. The path is not removed at the end.
pub async fn unix(path: &Path) -> Result<UnixListener, Fault> {
    if UnixStream::connect(path).await.is_ok() {
        return Err(Fault::new(code::LISTEN_SOCKET_IN_USE).with("path", path.display()));
    }
    private_socket(path).map_err(|error| failed(&path.display().to_string(), &error))
}

fn private_socket(path: &Path) -> io::Result<UnixListener> {
    if path.symlink_metadata().is_ok_and(|found| found.is_file()) {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists));
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = Path::new(&name);
    match std::fs::remove_file(new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(new)?;
    std::fs::set_permissions(new, PermissionsExt::from_mode(0o600))?;
    std::fs::rename(new, path)?;
    Ok(listener)
}

fn failed(address: &str, error: &io::Error) -> Fault {
    Fault::new(code::LISTEN_FAILED).with("address", address).with("detail", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_in_use_is_a_fault() {
        let first = tcp("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = first.local_addr().unwrap();
        let fault = tcp(address).await.unwrap_err();
        assert_eq!(fault.code, code::LISTEN_FAILED);
        assert_eq!(fault.arg("address"), Some(address.to_string().as_str()));
    }

    #[tokio::test]
    async fn a_unix_socket_is_private_exclusive_and_replaces_a_stale_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("socket");
        let listener = unix(&path).await.unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let fault = unix(&path).await.unwrap_err();
        assert_eq!(fault.code, code::LISTEN_SOCKET_IN_USE);
        drop(listener);
        assert!(path.exists());
        unix(&path).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_at_the_sockets_path_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("precious");
        std::fs::write(&path, "data").unwrap();
        assert_eq!(unix(&path).await.unwrap_err().code, code::LISTEN_FAILED);
        assert_eq!(std::fs::read(&path).unwrap(), b"data");
    }
}
