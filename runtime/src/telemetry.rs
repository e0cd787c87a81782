//! What the process tells about itself: log lines to standard error, metrics as text.
//!
//! Out of scope: where metrics are served ([`crate::admin`]); what is logged, which must never be a secret.

use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::code;
use crate::fault::Fault;
use crate::lifecycle::Shutdown;

/// How often histograms are folded, so that they stay small when nobody reads them.
const UPKEEP: Duration = Duration::from_secs(5);

/// The configuration's `[log]` section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logging {
    /// Levels by target, as in `info,multaqa_hub=debug`. `--log` and `MULTAQA_LOG` set it too.
    pub filter: String,
    /// How lines look.
    pub format: LogFormat,
}

impl Default for Logging {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Human }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text for people.
    Human,
    /// One JSON object a line.
    Json,
}

impl Logging {
    /// Whether the filter can be understood.
    pub fn check(&self) -> Result<(), Fault> {
        parse_filter(&self.filter).map(|_| ())
    }

    /// Sends the process's log lines to standard error. Once a process.
    pub fn start(&self) -> Result<(), Fault> {
        let filter = parse_filter(&self.filter)?;
        let lines = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_span_events(FmtSpan::NONE)
            .with_writer(std::io::stderr);
        match self.format {
            LogFormat::Human => lines.with_ansi(false).try_init(),
            LogFormat::Json => lines.json().flatten_event(true).try_init(),
        }
        .map_err(|error| Fault::new(code::TELEMETRY_NOT_STARTED).with("detail", error))
    }
}

fn parse_filter(filter: &str) -> Result<EnvFilter, Fault> {
    EnvFilter::try_new(filter)
        .map_err(|error| Fault::new(code::CONFIG_BAD_LOG_FILTER).with("filter", filter).with("detail", error))
}

/// Reads the process's metrics. Clones read the same.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Collects the metrics of the whole process. Once a process.
    pub fn install() -> Result<Self, Fault> {
        PrometheusBuilder::new()
            .install_recorder()
            .map(Self)
            .map_err(|error| Fault::new(code::TELEMETRY_NOT_STARTED).with("detail", error))
    }

    /// Metrics in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Keeps histograms small until the drain: a task for [`crate::lifecycle::Tasks`].
    pub async fn upkeep(self, shutdown: Shutdown) -> Result<(), Fault> {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            tokio::select! {
                () = shutdown.draining() => return Ok(()),
                _ = ticks.tick() => self.0.run_upkeep(),
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn detached() -> (Self, metrics_exporter_prometheus::PrometheusRecorder) {
        let recorder = PrometheusBuilder::new().build_recorder();
        (Self(recorder.handle()), recorder)
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_parsed_is_a_fault() {
        let logging = Logging { filter: "a=b=c".to_owned(), ..Logging::default() };
        for fault in [logging.check().unwrap_err(), logging.start().unwrap_err()] {
            assert_eq!(fault.code, code::CONFIG_BAD_LOG_FILTER);
            assert_eq!(fault.arg("filter"), Some("a=b=c"));
        }
        assert_eq!(Logging::default().check(), Ok(()));
    }

    #[test]
    fn logging_and_metrics_start_once() {
        Logging::default().start().unwrap();
        let again = Logging::default().start().unwrap_err();
        assert_eq!(again.code, code::TELEMETRY_NOT_STARTED);

        let metrics = Metrics::install().unwrap();
        metrics::counter!("installed_total").increment(2);
        assert!(metrics.render().contains("installed_total 2"));
        let again = Metrics::install().unwrap_err();
        assert_eq!(again.code, code::TELEMETRY_NOT_STARTED);
    }

    #[tokio::test]
    async fn upkeep_ends_with_the_drain() {
        let shutdown = Shutdown::new();
        let (metrics, _recorder) = Metrics::detached();
        let upkeep = tokio::spawn(metrics.upkeep(shutdown.clone()));
        shutdown.drain();
        assert_eq!(upkeep.await.unwrap(), Ok(()));
    }
}
