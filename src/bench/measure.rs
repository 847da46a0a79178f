//! What the kernel says of this process: CPU and memory (proc(5), Linux).

use std::time::Duration;

use anyhow::Context as _;

/// Ticks of `/proc/…/stat` a second: 100 on every Linux of the last twenty years (`sysconf(_SC_CLK_TCK)`).
const TICKS: f64 = 100.0;

/// CPU this process has used, all threads, user and system.
pub(super) fn cpu() -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").context("CPU is measured through /proc, which only Linux has")?;
    // The name of the command, in brackets, may hold spaces; the fields counted here come after it (proc(5): 14 and 15).
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    Ok(Duration::from_secs_f64((ticks(11) + ticks(12)) / TICKS))
}

/// Forgets the peak of memory, so that [`peak`] tells of what follows.
pub(super) fn forget_peak() -> anyhow::Result<()> {
    std::fs::write("/proc/self/clear_refs", "5").context("the peak of memory cannot be reset")
}

/// The most memory this process has had at once since [`forget_peak`], MB.
pub(super) fn peak() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("memory is measured through /proc, which only Linux has")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
    Ok(kib.context("/proc/self/status has no VmHWM")? / 1024.0)
}

/// How many per second.
#[expect(clippy::cast_precision_loss, reason = "counts of a measurement are far below 2^53")]
pub(super) fn per_second(count: i64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells() {
        assert!(peak().unwrap() > 1.0);
        assert!(cpu().unwrap() >= Duration::ZERO);
        assert!((per_second(500, Duration::from_millis(250)) - 2000.0).abs() < 1e-6);
    }
}
