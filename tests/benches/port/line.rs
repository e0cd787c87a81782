//! A system's way to a node's port: TLS 1.3 with a client certificate, a gRPC channel or an HTTP/1.1 connection over it.
//!
//! The HTTP client is as small as a load generator can be, since it takes its time from the same processors: one request at a
//! time, and an answer whose length its head says.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint};

/// Where the port is, and the files by which it is spoken with.
pub(crate) struct Line {
    pub(crate) address: SocketAddr,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) ca: PathBuf,
    /// Certificate and key of the port itself, for a reference.
    pub(crate) server: PathBuf,
}

fn chain(file: &Path) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_file_iter(file).unwrap().collect::<Result<_, _>>().unwrap()
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

impl Line {
    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(chain(&self.ca));
        Arc::new(roots)
    }

    fn client(&self) -> ClientConfig {
        ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_root_certificates(self.roots())
            .with_client_auth_cert(chain(&self.certificate), PrivateKeyDer::from_pem_file(&self.key).unwrap())
            .unwrap()
    }

    /// What a server with the port's certificate accepts by.
    pub(crate) fn bare(&self) -> ServerConfig {
        let verifier = WebPkiClientVerifier::builder_with_provider(self.roots(), provider()).build().unwrap();
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain(&self.server), PrivateKeyDer::from_pem_file(&self.server).unwrap())
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }

    async fn dial(&self, address: SocketAddr, protocol: &str) -> TlsStream<TcpStream> {
        let mut config = self.client();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let tcp = TcpStream::connect(address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let name = ServerName::from(address.ip());
        TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap()
    }

    /// A gRPC channel on a connection of its own.
    pub(crate) async fn channel(&self, address: SocketAddr) -> Channel {
        let mut stream = Some(TokioIo::new(self.dial(address, "h2").await));
        let once =
            tower::service_fn(move |_: http::Uri| std::future::ready(stream.take().ok_or("the connection ended")));
        Endpoint::from_static("http://node.bench").connect_with_connector(once).await.unwrap()
    }

    /// An HTTP/1.1 connection.
    pub(crate) async fn http(&self, address: SocketAddr) -> Http {
        Http(BufReader::with_capacity(64 * 1024, self.dial(address, "http/1.1").await))
    }
}

/// An HTTP/1.1 connection that is kept.
pub(crate) struct Http(BufReader<TlsStream<TcpStream>>);

impl Http {
    /// Status and body of the answer to a GET.
    pub(crate) async fn get(&mut self, target: &str) -> (u16, Vec<u8>) {
        let request = format!("GET {target} HTTP/1.1\r\nhost: node\r\naccept: application/json\r\n\r\n");
        self.0.write_all(request.as_bytes()).await.unwrap();
        self.0.flush().await.unwrap();
        let (mut status, mut length, mut line) = (0, None, String::new());
        loop {
            line.clear();
            assert!(self.0.read_line(&mut line).await.unwrap() > 0, "the node ended the connection");
            if line == "\r\n" {
                break;
            }
            if let Some(code) = line.strip_prefix("HTTP/1.1 ") {
                status = code[..3].parse().unwrap();
            } else if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok();
            }
        }
        let mut body = vec![0; length.expect("an answer without a length")];
        self.0.read_exact(&mut body).await.unwrap();
        (status, body)
    }
}
