//! `multaqa-hub serve`: runs the hub until it is told to stop.

use std::net::SocketAddr;

use multaqa_runtime::boot::Exit;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::config::Sources;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::telemetry::Metrics;

use super::{Call, config};
use crate::operator::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  multaqa-hub serve --config /var/lib/multaqa-hub/hub.toml
While it runs, hub.addr in its directory holds the address for nodes and operators, then the admin listener's.
SIGTERM drains: what was submitted is still ordered and answered; a second one cuts.")]
pub(super) struct Args {
    /// Where nodes and operators connect; over what the configuration says
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let config = config::load(call, Sources::new().flag("--listen", "listen", args.listen))?.value;
    config.log.start()?;
    multaqa_certs::crypto::install();
    let metrics = Metrics::install()?;
    let shutdown = Shutdown::new();
    shutdown.obey_signals()?;
    let app = config.build(Clock::system()).await?;
    app.run(shutdown, Some(metrics)).await?;
    Ok(Exit::Clean)
}
