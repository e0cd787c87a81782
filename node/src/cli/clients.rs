//! `client`: the member's systems that may ask this node.
//!
//! In scope: arguments, the certificate's file. `client_issuer`: the CA that issues to them. `client_lines`: how they ask.
//! `client_shown`: what is printed. Out of scope: issuing and letting in (the running node).

use std::path::{Path, PathBuf};

use multaqa_certs::store::{self, Mode};
use multaqa_proto::message::screen::Line;
use multaqa_proto::wire::node as wire;
use multaqa_runtime::output;
use serde_json::{Value, json};

use super::Call;
use super::client::Node;
use super::client_issuer;
use super::client_lines::commands;
use super::client_shown::{calls_nothing, port_value, reached, shown, table, value};
use super::failure::Failure;
use super::publish::print;
use crate::code;

/// Longest file of a request that is read, bytes.
const REQUEST_MAX: u64 = 64 * 1024;

/// Let systems of this member ask this node, over its own port
///
/// A system is a program of a ministry or an agency. It keeps its private key, hands over a certificate request, and gets a
/// certificate of this node's own CA. The port for systems is set in node.toml, section [clients]: listen, names. Limits: 16
/// requests at once for each system (clients.requests_at_once), 4096 KiB for a request that publishes (clients.request_kib) and 64
/// KiB for any other, 30 seconds for a request (clients.seconds), 512 connections in all. A watch counts as one request for as long
/// as it is open, and no time ends it; a node has 2,000 watches in all.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / \\
    -keyout budget.key -out budget.csr
  multaqa-node client add mof/budget --csr budget.csr
  multaqa-node client add mof/figures --csr figures.csr --allow 'read:*' --allow publish:dataset
  multaqa-node client list
  multaqa-node client revoke mof/budget
  multaqa-node client issuer show")]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Add(Add),
    Renew(Renew),
    Allow(Allow),
    List(List),
    Show(Show),
    Revoke(Revoke),
    Issuer(client_issuer::Args),
}

/// Issue a system its first certificate
///
/// Only the public key of the request is used: P-256, P-384, or RSA of 2048 to 4096 bits. Without --allow the system may read
/// everything that this node may read, and nothing else.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node client add mof/budget --csr budget.csr
  multaqa-node client add mof/figures --csr figures.csr --allow read:indicator --allow publish:dataset --days 90
  multaqa-node client add moi/portal --csr portal.csr --allow read:service --allow read:organisation --json")]
struct Add {
    /// Name of the system: ORG/NAME, two slugs, for example mof/budget
    name: String,
    /// Its certificate request (PKCS#10, PEM)
    #[arg(long, value_name = "FILE")]
    csr: PathBuf,
    /// What it may do: read:KIND or publish:KIND (in this member's name), with * for all kinds; may be repeated. Kinds: service,
    /// organisation, codelist, indicator, dataset. call:SERVICE is kept with the system and allows nothing yet: this version calls no
    /// services of other members
    #[arg(long, value_name = "SCOPE")]
    allow: Vec<String>,
    /// Days that the certificate holds, at most 730
    #[arg(long, value_name = "N", default_value_t = 365)]
    days: u32,
    /// Where the certificate goes, which must not exist [default: the request's name with .pem]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Issue a system another certificate, before its own ends
///
/// The two newest certificates of a system hold, so that it can change over without a gap; an older one is cut.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  multaqa-node client renew mof/budget --csr budget-2.csr")]
struct Renew {
    /// Name of the system
    name: String,
    /// Its certificate request (PKCS#10, PEM)
    #[arg(long, value_name = "FILE")]
    csr: PathBuf,
    /// Days that the certificate holds, at most 730
    #[arg(long, value_name = "N", default_value_t = 365)]
    days: u32,
    /// Where the certificate goes, which must not exist [default: the request's name with .pem]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Say anew what a system may do, from its next request on
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  multaqa-node client allow mof/budget read:* publish:dataset")]
struct Allow {
    /// Name of the system
    name: String,
    /// All its scopes from here on, as in `client add --help`
    #[arg(required = true, value_name = "SCOPE")]
    scopes: Vec<String>,
}

/// List all systems, those that were revoked too
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node client list
  multaqa-node client list --json | jq -r '.clients[].name'")]
struct List {}

/// Show a system, its certificates and how it reaches the node
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node client show mof/budget
  multaqa-node client show mof/budget --json | jq -r '.client.certificates[0].certificate'")]
struct Show {
    /// Name of the system
    name: String,
}

/// Let a system in no more: its next request is refused, its connections are cut
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  multaqa-node client revoke mof/budget")]
struct Revoke {
    /// Name of the system
    name: String,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        match self.what {
            What::Add(add) => add.run(call).await,
            What::Renew(renew) => renew.run(call).await,
            What::Allow(allow) => allow.run(call).await,
            What::List(list) => list.run(call).await,
            What::Show(show) => show.run(call).await,
            What::Revoke(revoke) => revoke.run(call).await,
            What::Issuer(issuer) => issuer.run(call).await,
        }
    }
}

impl Add {
    async fn run(self, call: &Call) -> Result<(), Failure> {
        let Self { name, csr, allow, days, out } = self;
        let (request, out) = (read(&csr)?, place(&csr, out)?);
        let request = wire::AddClientRequest { name, request, scopes: allow, days };
        let answer = Node::connect(&call.dir()).await?.clients().add_client(request).await?.into_inner();
        issued(call, &csr, &out, answer.client, answer.port)
    }
}

impl Renew {
    async fn run(self, call: &Call) -> Result<(), Failure> {
        let Self { name, csr, days, out } = self;
        let (request, out) = (read(&csr)?, place(&csr, out)?);
        let request = wire::RenewClientRequest { name, request, days };
        let answer = Node::connect(&call.dir()).await?.clients().renew_client(request).await?.into_inner();
        issued(call, &csr, &out, answer.client, answer.port)
    }
}

impl Allow {
    async fn run(self, call: &Call) -> Result<(), Failure> {
        let Self { name, scopes } = self;
        let request = wire::AllowClientRequest { name, scopes };
        let answer = Node::connect(&call.dir()).await?.clients().allow_client(request).await?.into_inner();
        let client = answer.client.unwrap_or_default();
        let line = Line::new("say-client-may").with("name", &client.name).with("scopes", client.scopes.join(" "));
        let text = call.screen.text(&line) + "\n" + &calls_nothing(call.screen, &client.scopes);
        print(call, &text, &json!({ "client": value(&client) }))
    }
}

impl List {
    async fn run(self, call: &Call) -> Result<(), Failure> {
        let node = Node::connect(&call.dir()).await?;
        let wire::ListClientsResponse { clients, port } =
            node.clients().list_clients(wire::ListClientsRequest {}).await?.into_inner();
        let port = port.unwrap_or_default();
        let text = table(call.screen, &clients) + &reached(call.screen, &port);
        let clients: Vec<Value> = clients.iter().map(value).collect();
        print(call, &text, &json!({ "clients": clients, "port": port_value(&port) }))
    }
}

impl Show {
    async fn run(self, call: &Call) -> Result<(), Failure> {
        let node = Node::connect(&call.dir()).await?;
        let answer = node.clients().get_client(wire::GetClientRequest { name: self.name }).await?.into_inner();
        let (client, port) = (answer.client.unwrap_or_default(), answer.port.unwrap_or_default());
        let text = shown(call.screen, &client) + &reached(call.screen, &port);
        // Where the system keeps its files nobody here knows: named as in the examples, in the directory where the line is run.
        let file = client.name.split('/').next_back().unwrap_or_default();
        let lines = commands(&port, &client, &format!("{file}.pem"), &format!("{file}.key"));
        let json = json!({ "client": value(&client), "port": port_value(&port) });
        print_with(call, text, json, lines)
    }
}

impl Revoke {
    async fn run(self, call: &Call) -> Result<(), Failure> {
        let request = wire::RevokeClientRequest { name: self.name };
        let answer = Node::connect(&call.dir()).await?.clients().revoke_client(request).await?.into_inner();
        let client = answer.client.unwrap_or_default();
        let line = Line::new("say-client-revoked").with("name", &client.name);
        print(call, &(call.screen.text(&line) + "\n"), &json!({ "client": value(&client) }))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;
    let unreadable = |error: std::io::Error| {
        let args = [("file", path.display().to_string()), ("detail", error.to_string())];
        Failure::new(code::PATH_UNREADABLE, args)
    };
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|file| file.take(REQUEST_MAX).read_to_end(&mut bytes)).map_err(unreadable)?;
    Ok(bytes)
}

/// Where the certificate is to go: looked at before anything is issued.
fn place(csr: &Path, out: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let out = out.unwrap_or_else(|| csr.with_extension("pem"));
    if out.exists() {
        return Err(Failure::new("STORE_FILE_EXISTS", [("path", out.display().to_string())]));
    }
    Ok(out)
}

/// Writes the newest certificate of a system and says how it is used.
fn issued(
    call: &Call,
    csr: &Path,
    out: &Path,
    client: Option<wire::Client>,
    port: Option<wire::ClientPort>,
) -> Result<(), Failure> {
    let (client, port) = (client.unwrap_or_default(), port.unwrap_or_default());
    let certificate = client.certificates.first().cloned().unwrap_or_default();
    store::create(out, certificate.certificate.as_bytes(), Mode::Public)
        .map_err(|error| Failure::new(error.code(), error.args()))?;
    let (screen, path) = (call.screen, out.display().to_string());
    let line = Line::new("say-client-issued").with("name", &client.name).with("path", &path);
    let line = line.with("until", output::instant(certificate.not_after_ms));
    let may = Line::new("say-client-may").with("name", &client.name).with("scopes", client.scopes.join(" "));
    let lines = commands(&port, &client, &path, &csr.with_extension("key").display().to_string());
    let text = screen.text(&line) + "\n" + &screen.text(&may) + "\n";
    let text = text + &calls_nothing(screen, &client.scopes) + &reached(screen, &port);
    let shown = json!({ "client": value(&client), "port": port_value(&port), "path": path });
    print_with(call, text, shown, lines)
}

/// Prints what is shown, and lines that work below it.
fn print_with(
    call: &Call,
    mut text: String,
    mut shown: Value,
    lines: Vec<(&'static str, String)>,
) -> Result<(), Failure> {
    for command in lines.iter().flat_map(|(_, command)| ["  ", command, "\n"]) {
        text.push_str(command);
    }
    for (name, command) in lines {
        shown["commands"][name] = Value::from(command);
    }
    print(call, &text, &shown)
}
