//! What the kernel says of this process: CPU and memory (proc(5), Linux).

use std::time::{Duration, Instant};

use anyhow::Context as _;

/// Ticks of `/proc/…/stat` a second: 100 on every Linux of the last twenty years
/// (`sysconf(_SC_CLK_TCK)`).
const TICKS: f64 = 100.0;

/// CPU this process has used, all threads, user and system.
pub(super) fn cpu() -> anyhow::Result<Duration> {
    cpu_of(std::process::id())
}

/// The same of another process.
pub(super) fn cpu_of(process: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).context("CPU is measured through /proc, which only Linux has")?;
    // The name of the command, in brackets, may hold spaces; the fields counted here come after it
    // (proc(5): 14 and 15).
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    Ok(Duration::from_secs_f64((ticks(11) + ticks(12)) / TICKS))
}

/// Ticks of all CPUs of the machine since it started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine {
    all: f64,
    idle: f64,
}

impl Machine {
    /// The share of all CPUs that was busy since then, whoever used it.
    pub(super) fn busy_since(self, then: Self) -> f64 {
        let all = self.all - then.all;
        if all > 0.0 { (1.0 - (self.idle - then.idle) / all).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// What the CPUs of the machine did so far.
pub(super) fn machine() -> anyhow::Result<Machine> {
    let stat = std::fs::read_to_string("/proc/stat").context("CPU is measured through /proc, which only Linux has")?;
    // proc(5): user nice system idle iowait irq softirq steal; guests are within user.
    let first = stat.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = first.split_whitespace().skip(1).take(8).filter_map(|tick| tick.parse().ok()).collect();
    Ok(Machine { all: ticks.iter().sum(), idle: ticks.iter().skip(3).take(2).sum() })
}

/// The most memory a process has had at once since it started, MB.
pub(super) fn peak(process: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).context("the measured process is not there")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
    Ok(kib.context("/proc/…/status has no VmHWM: memory is measured through /proc, which only Linux has")? / 1024.0)
}

/// How fast this machine is at the moment: milliseconds for sorting a million numbers on every CPU
/// at once, the slowest. Machines that share their CPUs with others are twice as fast at one time
/// as at another; a figure in seconds says little without it.
pub(super) fn yardstick() -> f64 {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let threads: Vec<_> = (0..cpus).map(|_| std::thread::spawn(sorted)).collect();
    // A thread that cannot be joined has panicked; there is nothing to measure by then.
    threads.into_iter().filter_map(|thread| thread.join().ok()).map(|took| took.as_secs_f64() * 1000.0).fold(0.0, f64::max)
}

fn sorted() -> Duration {
    let mut number = 0x9E37_79B9_7F4A_7C15_u64;
    let mut numbers: Vec<u64> = (0..1_000_000)
        .map(|_| {
            // Marsaglia's xorshift: the same numbers every time.
            number ^= number << 13;
            number ^= number >> 7;
            number ^= number << 17;
            number
        })
        .collect();
    let began = Instant::now();
    numbers.sort_unstable();
    std::hint::black_box(&numbers);
    began.elapsed()
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
        assert!(peak(std::process::id()).unwrap() > 1.0);
        assert!(cpu().unwrap() >= Duration::ZERO);
        let then = Machine { all: 100.0, idle: 50.0 };
        assert!((Machine { all: 200.0, idle: 75.0 }.busy_since(then) - 0.75).abs() < 1e-9);
        assert!(machine().unwrap().all > 0.0 && then.busy_since(then).abs() < 1e-9);
        assert!((per_second(500, Duration::from_millis(250)) - 2000.0).abs() < 1e-6);
    }
}
