//! `serve`: runs the node until it is told to stop.

use multaqa_runtime::clock::Clock;
use multaqa_runtime::heap;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::telemetry::Metrics;

use super::Call;
use super::config::load;
use super::failure::Failure;

/// Run the node: follow the log, send what is queued, answer on the socket
///
/// SIGTERM drains; a second one cuts. Reads go on while the hub cannot be reached.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  multaqa-node serve --dir /var/lib/multaqa-node
  multaqa-node serve --fast-start")]
pub(crate) struct Args {
    /// Let an empty replica start below a STABLE checkpoint with what this member may read, and hashes in place of the rest
    ///
    /// For metered lines (line.fast_start). Such a node cannot give a hub that was restored the leaves that it does not have, and
    /// notices what was kept back below the checkpoint only once it fetches the log anew without.
    #[arg(long)]
    fast_start: bool,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let kept = heap::keep_little();
        let config = load(call, self.fast_start.then_some(true))?.value;
        config.log.start()?;
        if let Err(error) = kept {
            tracing::warn!(%error, "the process takes more memory than it has to");
        }
        multaqa_certs::crypto::install();
        let metrics = Metrics::install()?;
        let shutdown = Shutdown::new();
        shutdown.obey_signals()?;
        let app = config.build(Clock::system()).await?;
        app.run(shutdown, Some(metrics)).await?;
        Ok(())
    }
}
