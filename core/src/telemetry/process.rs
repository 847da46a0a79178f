//! What the kernel says of this process (proc(5), Linux), under the names every Prometheus client
//! uses; elsewhere nothing.

use std::fs;

/// Ticks of `/proc/self/stat` a second: 100 on every Linux of the last twenty years
/// (`sysconf(_SC_CLK_TCK)`).
const TICKS: u64 = 100;
/// Bytes in a kibibyte, the unit of `/proc/self/status`.
const KIB: f64 = 1024.0;

/// Sets all of them to what is now.
pub(super) fn measure() {
    metrics::gauge!("mms_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    if let Some(stat) = Stat::read(&text("/proc/self/stat"), &text("/proc/stat")) {
        metrics::counter!("process_cpu_seconds_total").absolute(stat.cpu_seconds);
        metrics::gauge!("process_start_time_seconds").set(stat.started);
    }
    let status = text("/proc/self/status");
    for (name, field, unit) in [
        ("process_resident_memory_bytes", "VmRSS:", KIB),
        ("process_virtual_memory_bytes", "VmSize:", KIB),
        ("process_threads", "Threads:", 1.0),
    ] {
        if let Some(value) = number(&status, field) {
            metrics::gauge!(name).set(value * unit);
        }
    }
    if let Some(most) = number(&text("/proc/self/limits"), "Max open files") {
        metrics::gauge!("process_max_fds").set(most);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("process_open_fds").set(open.count() as f64);
    }
}

/// The first number of the line that begins so.
fn number(text: &str, field: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(field))?.split_whitespace().next()?.parse().ok()
}

#[derive(Debug, PartialEq)]
struct Stat {
    cpu_seconds: u64,
    /// Seconds since 1970.
    started: f64,
}

impl Stat {
    /// Of `/proc/self/stat` and `/proc/stat`.
    fn read(own: &str, machine: &str) -> Option<Self> {
        // The name of the command, in brackets, may hold spaces; fields after it are counted from
        // the state, the third (proc(5)).
        let fields: Vec<&str> = own.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        let (user, system, started) = (ticks(14)?, ticks(15)?, ticks(22)?);
        #[expect(clippy::cast_precision_loss, reason = "ticks since the machine started")]
        let since_boot = started as f64 / TICKS as f64;
        Some(Self { cpu_seconds: (user + system) / TICKS, started: number(machine, "btime")? + since_boot })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read() {
        let own = "42 (a (strange) name) S 1 42 42 0 -1 4194560 1 0 0 0 250 150 0 0 20 0 9 0 12345 1 1 1";
        let stat = Stat::read(own, "cpu 1 2 3\nbtime 1700000000\n");
        assert_eq!(stat, Some(Stat { cpu_seconds: 4, started: 1_700_000_123.45 }));
        assert_eq!(number("Max open files            1024                 524288               files", "Max open files"), Some(1024.0));
        assert_eq!(number("VmRSS:\t  100 kB\n", "VmRSS:"), Some(100.0));
    }
}
