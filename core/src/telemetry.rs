//! Logs and metrics of a process.
//!
//! A log line is a message and fields; a failure is logged once, where it is handled; no secrets,
//! phones, names or message texts. Metrics are kept in the process and rendered for Prometheus at
//! `/metrics`.

use std::{io::IsTerminal as _, sync::OnceLock, time::Duration};

use metrics::Unit;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use metrics_util::MetricKindMask;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    aside,
    config::{Log, LogFormat},
    id::ChannelId,
};

mod process;

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

/// How long a gauge of a channel stays after it was last set. Longer than a turn of the pump.
pub const GAUGE_LIFE: Duration = Duration::from_secs(30);

/// Keeps the gauges of channels, which go away; others are set when something changes, and stay.
static CHANNELS: OnceLock<PrometheusRecorder> = OnceLock::new();

/// Sets a gauge of a channel. It goes away when it is not set again for a while: a channel this
/// worker lost to another would otherwise show for ever what waited when it last had it.
pub fn of_channel(name: &'static str, channel: ChannelId, value: f64) {
    // A process that shows no metrics keeps none.
    if let Some(recorder) = CHANNELS.get() {
        metrics::with_local_recorder(recorder, || metrics::gauge!(name, "channel" => channel.to_string()).set(value));
    }
}

/// Metrics of a process, to be rendered for Prometheus.
#[derive(Debug, Clone)]
pub struct Exporter(PrometheusHandle);

impl Exporter {
    /// All metrics, with what the kernel says of this process right now.
    #[must_use]
    pub fn render(&self) -> String {
        process::measure();
        let channels = CHANNELS.get().map_or_else(String::new, |channels| channels.handle().render());
        self.0.render() + &channels
    }
}

/// Starts metrics and describes them; the handle renders `/metrics`. To be called within the
/// runtime.
///
/// # Errors
/// [`TelemetryError::Metrics`] when the process has a recorder already.
pub fn metrics() -> Result<Exporter, TelemetryError> {
    const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
        .map_err(|error| TelemetryError::Metrics(error.to_string()))?
        .install_recorder()
        .map_err(|error| TelemetryError::Metrics(error.to_string()))?;
    let channels = PrometheusBuilder::new().idle_timeout(MetricKindMask::GAUGE, Some(GAUGE_LIFE)).build_recorder();
    describe();
    metrics::with_local_recorder(CHANNELS.get_or_init(|| channels), describe);
    // The exporter (0.18) keeps every measured value until it is rendered or kept up: in a process
    // that nobody scrapes they would pile up for as long as it sends.
    let kept = handle.clone();
    aside::task("keep metrics up", async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    Ok(Exporter(handle))
}

/// What kind of metric one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size; shown as `…_bucket`, `…_sum` and `…_count`.
    Histogram,
}

/// Every metric of the product: its kind, name, unit and meaning. Alert rules and the dashboard
/// name no other.
pub const METRICS: &[(Kind, &str, Option<Unit>, &str)] = &[
    (Kind::Counter, "mms_429_total", None, "Answers «too many requests» of providers"),
    (Kind::Counter, "mms_bells_lost_total", None, "Bells that could not be rung; the tick rings them"),
    (Kind::Counter, "mms_bells_own_total", None, "Bells answered by the process that rang, because Redis took none"),
    (Kind::Histogram, "mms_bot_update_seconds", Some(Unit::Seconds), "Time of a managers' update"),
    (Kind::Counter, "mms_bot_updates_held_off_total", None, "Updates of chats that flood, not handled"),
    (Kind::Gauge, "mms_channel_waiting", None, "Messages waiting for a channel, as of its last turn"),
    (Kind::Gauge, "mms_clock_ahead_seconds", Some(Unit::Seconds), "What this machine's clock is ahead of the database's, which counts"),
    (Kind::Gauge, "mms_database_answers", None, "1 while the database answers, 0 while it is waited for"),
    (Kind::Gauge, "mms_database_damaged", None, "1 when pages of the database were found damaged"),
    (Kind::Gauge, "mms_db_connections", None, "Connections to the database, by what they do"),
    (Kind::Gauge, "mms_db_connections_max", None, "Connections to the database at most"),
    (Kind::Gauge, "mms_deliveries_waiting", None, "Deliveries of running campaigns that wait to be sent"),
    (Kind::Counter, "mms_exports_total", None, "Files with customers' data taken out, by what"),
    (Kind::Counter, "mms_given_back_total", None, "Deliveries claimed and not begun, given back to the queue"),
    (Kind::Gauge, "mms_inbound_lag_seconds", Some(Unit::Seconds), "Age of the oldest event not yet understood"),
    (Kind::Gauge, "mms_inbound_failed", None, "Events given up that no member looked after: an opt-out may be among them"),
    (Kind::Counter, "mms_inbound_total", None, "Customers' events taken in"),
    (Kind::Histogram, "mms_job_seconds", Some(Unit::Seconds), "Time of a job"),
    (Kind::Counter, "mms_jobs_total", None, "Jobs run, by result"),
    (Kind::Gauge, "mms_lease_held", None, "1 while this process owns the channel"),
    (Kind::Counter, "mms_leases_total", None, "Leases of channels this process took"),
    (Kind::Counter, "mms_line_deaths_total", None, "Workers of a line that died of the queue"),
    (Kind::Gauge, "mms_manager_bot_refused", None, "1 while Telegram does not accept the token of the managers' bot"),
    (Kind::Gauge, "mms_notices_pending", None, "Notices to members that are due and not sent"),
    (Kind::Histogram, "mms_opt_out_seconds", Some(Unit::Seconds), "From a customer's «stop» to its suppression"),
    (Kind::Gauge, "mms_queue_answers", None, "1 while the queue takes bells, 0 while the process works without it"),
    (Kind::Gauge, "mms_queue_depth", None, "Bells waiting, by line of the queue"),
    (Kind::Counter, "mms_recovered_total", None, "Deliveries found in flight after a crash, and settled"),
    (Kind::Counter, "mms_secrets_deleted_total", None, "Passwords and tokens typed to the managers' bot unasked, deleted"),
    (Kind::Histogram, "mms_send_seconds", Some(Unit::Seconds), "From the request to the provider's answer"),
    (Kind::Counter, "mms_sends_total", None, "Messages handed to a provider, by outcome"),
    (Kind::Counter, "mms_sign_ins_total", None, "Attempts to sign in, by outcome"),
    (Kind::Counter, "mms_trail_broken_total", None, "Times the trail was found to differ from what was noted of it"),
    (Kind::Gauge, "mms_uncertain", None, "Deliveries with an unknown outcome, of campaigns that are not over"),
    (Kind::Counter, "process_cpu_seconds_total", Some(Unit::Seconds), "CPU used, user and system"),
    (Kind::Gauge, "process_start_time_seconds", Some(Unit::Seconds), "When the process started, since 1970"),
    (Kind::Gauge, "process_resident_memory_bytes", Some(Unit::Bytes), "Memory in use"),
    (Kind::Gauge, "process_virtual_memory_bytes", Some(Unit::Bytes), "Address space in use"),
    (Kind::Gauge, "process_threads", None, "Threads"),
    (Kind::Gauge, "process_open_fds", None, "Open file descriptors"),
    (Kind::Gauge, "process_max_fds", None, "File descriptors at most"),
    (Kind::Gauge, "mms_build_info", None, "1; the version is a label"),
];

fn describe() {
    for (kind, name, unit, meaning) in METRICS {
        // A unit that is none is told as a plain number.
        let unit = unit.unwrap_or(Unit::Count);
        match kind {
            Kind::Counter => metrics::describe_counter!(*name, unit, *meaning),
            Kind::Gauge => metrics::describe_gauge!(*name, unit, *meaning),
            Kind::Histogram => metrics::describe_histogram!(*name, unit, *meaning),
        }
    }
}
