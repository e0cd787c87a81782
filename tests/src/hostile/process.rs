//! The hostile hub's process: its arguments, its listener behind the hub's own TLS, its end.
//!
//! Nodes must take it for the hub, so it has the hub's certificate, and it lets in those nodes whose directories it is given.
//! Out of scope: what it answers (`service`).

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use multaqa_certs::authority;
use multaqa_certs::check::Certificate;
use multaqa_certs::profile::Profile;
use multaqa_certs::serials::{SerialState, Serials};
use multaqa_certs::server::{Acceptor, Limits};
use multaqa_certs::store::{Mode, TlsIdentity, load_ed25519, replace};
use multaqa_demo::federation::NAME;
use multaqa_hub::config::Places;
use multaqa_proto::id::MemberCode;
use multaqa_proto::wire::hub::sync_service_server::SyncServiceServer;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::{listen, serve};
use tonic::service::Routes;

use super::deed::Deed;
use super::history::{Colluding, History};
use super::service::Hostile;

#[derive(Debug, Parser)]
struct Args {
    /// The stopped hub's directory.
    #[arg(long)]
    dir: PathBuf,
    /// File to which the calls of nodes are written.
    #[arg(long)]
    calls: PathBuf,
    /// Directory of an operator that colludes.
    #[arg(long)]
    operator: PathBuf,
    /// File of cosignatures that were made earlier.
    #[arg(long)]
    early: Option<PathBuf>,
    /// Directory of a node that is let in.
    #[arg(long)]
    node: Vec<PathBuf>,
    /// What is done to a member: `EG=Drop`.
    #[arg(long, value_parser = assigned)]
    deed: Vec<(MemberCode, Deed)>,
}

fn assigned(text: &str) -> Result<(MemberCode, Deed), String> {
    let (member, deed) = text.split_once('=').ok_or("MEMBER=DEED")?;
    Ok((member.parse().map_err(|error| format!("{error}"))?, deed.parse()?))
}

/// Runs it until it is told to end.
#[must_use]
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let Args { dir, calls, operator, early, node, deed } = Args::parse_from(args);
    let places = Places::of(&dir);
    let colluding = Colluding {
        operator: Some(("first".parse().unwrap(), load_ed25519(&operator.join("record.key")).unwrap())),
        early: early.map(|file| serde_json::from_slice(&fs::read(file).unwrap()).unwrap()).unwrap_or_default(),
    };
    let (history, calls) = (History::read(&places, colluding), File::options().append(true).open(calls).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let shutdown = Shutdown::new();
        shutdown.obey_signals().unwrap();
        let hostile = Hostile::new(history, deed.into_iter().collect(), calls, shutdown.clone());
        let acceptor = acceptor(&places, &node);
        let accept = move |tcp, address| {
            let acceptor = acceptor.clone();
            async move { acceptor.accept(tcp, address).await }
        };
        let router = Routes::new(SyncServiceServer::new(hostile)).into_axum_router();
        let listener = listen::tcp(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        replace(&places.addresses(), format!("{address}\n").as_bytes(), Mode::Public).unwrap();
        serve::serve("hostile", listener, accept, router, serve::Limits::default(), shutdown).await;
    });
    fs::remove_file(places.addresses()).unwrap();
    ExitCode::SUCCESS
}

fn acceptor(places: &Places, nodes: &[PathBuf]) -> Acceptor {
    let hub = TlsIdentity::load(&places.identity()).unwrap();
    let root = authority::load_root_certificate(&places.issuing()).unwrap();
    let issuer = authority::load_certificate(&places.issuing(), Profile::NodesIssuer).unwrap();
    let clock = Clock::system();
    let seconds = Arc::new(move || u64::try_from(clock.now_ms() / 1000).unwrap_or_default());
    let serials = Serials::load(nodes.iter().map(|dir| active(dir)));
    Acceptor::new(&hub, &root, vec![issuer], serials, seconds, Limits::default()).unwrap()
}

fn active(node: &Path) -> (multaqa_certs::serials::Serial, multaqa_certs::name::PeerIdentity, SerialState) {
    let node = TlsIdentity::load(&node.join("identity/node.pem")).unwrap();
    let leaf = Certificate::read(&node.chain[0]).unwrap();
    (leaf.serial().unwrap(), leaf.identity(&NAME.parse().unwrap()).unwrap(), SerialState::Active)
}
