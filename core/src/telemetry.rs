//! Logs and metrics of a process.
//!
//! A log line is a message and fields; a failure is logged once, where it is handled; no secrets, phones, names or message
//! texts. Metrics are kept in the process and rendered for Prometheus at `/metrics`.

use std::{io::IsTerminal as _, time::Duration};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{Log, LogFormat};

/// Telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is wrong.
    #[error("log.filter `{0}` cannot be read: write for example `info` or `info,mms_worker=debug`")]
    Filter(String),
    /// Metrics were started before.
    #[error("metrics cannot start: {0}")]
    Metrics(String),
}

/// Starts logs; a second start in one process (tests) changes nothing.
///
/// # Errors
/// [`TelemetryError::Filter`].
pub fn logs(log: &Log) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|_| TelemetryError::Filter(log.filter.clone()))?;
    let terminal = std::io::stderr().is_terminal();
    let json = match log.format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !terminal,
    };
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let started = if json {
        registry.with(layer.json().flatten_event(true).with_current_span(true).with_span_list(false)).try_init()
    } else {
        registry.with(layer.with_ansi(terminal).compact()).try_init()
    };
    // Already started: the first one stays.
    drop(started);
    Ok(())
}

/// How often what was measured is put into its histogram.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts metrics and describes them; the handle renders `/metrics`. To be called within the runtime.
///
/// # Errors
/// [`TelemetryError::Metrics`] when the process has a recorder already.
pub fn metrics() -> Result<PrometheusHandle, TelemetryError> {
    const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
        .map_err(|error| TelemetryError::Metrics(error.to_string()))?
        .install_recorder()
        .map_err(|error| TelemetryError::Metrics(error.to_string()))?;
    describe();
    // The exporter (0.18) keeps every measured value until it is rendered or kept up: in a process that nobody scrapes they would
    // pile up for as long as it sends.
    let kept = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    Ok(handle)
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("mms_sends_total", "Messages handed to a provider, by outcome");
    describe_histogram!("mms_send_seconds", Unit::Seconds, "From the request to the provider's answer");
    describe_counter!("mms_429_total", "Answers «too many requests» of providers");
    describe_gauge!("mms_queue_depth", "Bells waiting, by line of the queue");
    describe_gauge!("mms_channel_waiting", "Messages waiting for a channel, as of its last turn");
    describe_gauge!("mms_lease_held", "1 while this process owns the channel");
    describe_counter!("mms_leases_total", "Leases of channels this process took");
    describe_counter!("mms_recovered_total", "Deliveries found in the air after a crash, and settled");
    describe_counter!("mms_inbound_total", "Customers' events taken in");
    describe_gauge!("mms_inbound_lag_seconds", Unit::Seconds, "Age of the oldest event not yet understood");
    describe_counter!("mms_jobs_total", "Jobs run, by result");
    describe_histogram!("mms_job_seconds", Unit::Seconds, "Time of a job");
    describe_counter!("mms_bells_lost_total", "Bells that could not be rung; the tick rings them");
    describe_gauge!("mms_clock_ahead_seconds", Unit::Seconds, "What this machine's clock is ahead of the database's, which counts");
    describe_histogram!("mms_bot_update_seconds", Unit::Seconds, "Time of a managers' update");
    describe_counter!("mms_bot_updates_held_off_total", "Updates of chats that flood, not handled");
    describe_counter!("mms_line_deaths_total", "Workers of a line that died of the queue");
}
