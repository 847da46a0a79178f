//! A measured figure beside its limit, and how it is shown.

use std::time::Duration;

use serde::Serialize;

use mms_core::store::Engine;

use crate::process;

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

/// One figure, from several runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Figure {
    /// What was measured.
    pub what: String,
    pub engine: &'static str,
    pub unit: &'static str,
    /// The median of the runs.
    pub median: f64,
    /// What it must be; none: told beside the others.
    pub limit: Option<Limit>,
    /// Whether it is.
    pub holds: bool,
    /// Every run.
    pub runs: Vec<f64>,
    /// What it is made of, in words.
    pub detail: String,
}

/// The middle of the runs, or the mean of the two in the middle; 0 of none.
pub(super) fn median(runs: &[f64]) -> f64 {
    let mut sorted = runs.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

impl Figure {
    /// A figure with its limit.
    pub(super) fn new(
        what: impl Into<String>,
        engine: Engine,
        unit: &'static str,
        runs: &[f64],
        limit: Option<Limit>,
        detail: impl Into<String>,
    ) -> Self {
        Self { engine: name(engine), ..Self::of_any_engine(what, unit, runs, limit, detail) }
    }

    /// A figure of something that asks no engine.
    pub(super) fn of_any_engine(
        what: impl Into<String>,
        unit: &'static str,
        runs: &[f64],
        limit: Option<Limit>,
        detail: impl Into<String>,
    ) -> Self {
        let median = median(runs);
        let holds = match limit {
            Some(Limit::AtLeast(least)) => median >= least,
            Some(Limit::AtMost(most)) => median <= most,
            None => true,
        };
        Self { what: what.into(), engine: "", unit, median, limit, holds, runs: runs.to_vec(), detail: detail.into() }
    }

    /// A line of the table.
    pub(super) fn line(&self) -> String {
        let limit = match self.limit {
            Some(Limit::AtLeast(least)) => format!("≥ {}", short(least)),
            Some(Limit::AtMost(most)) => format!("≤ {}", short(most)),
            None => String::new(),
        };
        let mark = if self.limit.is_none() {
            ""
        } else if self.holds {
            "holds"
        } else {
            "MISSED"
        };
        format!(
            "{:<44} {:<10} {:>10} {:<10} {:<9} {:<7} {}",
            self.what,
            self.engine,
            short(self.median),
            self.unit,
            limit,
            mark,
            self.detail
        )
    }
}

fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}

fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// A figure that could not be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Failed {
    /// What was to be measured.
    figure: String,
    engine: &'static str,
    /// Why it was not.
    error: String,
}

/// How long the measurement of a figure took, seeding and all.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Took {
    figure: String,
    engine: &'static str,
    seconds: f64,
    /// The machine's speed before and after: see [`yardstick`](super::measure::yardstick), ms.
    yardstick_ms: [f64; 2],
}

/// Where figures go as they are measured.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Version of the program.
    version: &'static str,
    /// Processors of the machine.
    cpus: usize,
    /// Runs of each figure.
    runs: u16,
    /// The full size.
    full: bool,
    /// What was measured.
    figures: Vec<Figure>,
    /// What could not be measured.
    failed: Vec<Failed>,
    /// How long each took.
    took: Vec<Took>,
    #[serde(skip)]
    json: bool,
}

impl Report {
    /// Begins a report; a table is printed as it grows, JSON at the end.
    pub(super) fn begin(json: bool, runs: u16, full: bool) -> anyhow::Result<Self> {
        let cpus = std::thread::available_parallelism().map_or(1, usize::from);
        if !json {
            process::print(&format!(
                "mms {} · {cpus} CPUs · median of {runs} · {} size",
                env!("CARGO_PKG_VERSION"),
                if full { "full" } else { "small" }
            ))?;
        }
        Ok(Self { version: env!("CARGO_PKG_VERSION"), cpus, runs, full, figures: Vec::new(), failed: Vec::new(), took: Vec::new(), json })
    }

    /// One more.
    fn add(&mut self, figure: Figure) -> anyhow::Result<()> {
        if !self.json {
            process::print(&figure.line())?;
        }
        self.figures.push(figure);
        Ok(())
    }

    /// What became of one figure: its rows, or why there are none; the others go on either way.
    pub(super) fn take(
        &mut self,
        figure: &str,
        engine: Engine,
        measured: anyhow::Result<Vec<Figure>>,
        took: Duration,
        yardstick_ms: [f64; 2],
    ) -> anyhow::Result<()> {
        let (engine, seconds) = (name(engine), took.as_secs_f64());
        match measured {
            Ok(rows) => rows.into_iter().try_for_each(|row| self.add(row))?,
            Err(error) => {
                let failed = Failed { figure: figure.to_owned(), engine, error: format!("{error:#}") };
                if !self.json {
                    process::print(&format!("{figure:<44} {engine:<10} FAILED: {}", failed.error))?;
                }
                self.failed.push(failed);
            }
        }
        if !self.json {
            let [before, after] = yardstick_ms;
            process::print(&format!(
                "{figure:<44} {engine:<10} measured in {seconds:.0} s; each CPU of this machine sorts a million numbers in {before:.0} ms before, {after:.0} ms after"
            ))?;
        }
        self.took.push(Took { figure: figure.to_owned(), engine, seconds, yardstick_ms });
        Ok(())
    }

    /// The end: JSON is printed whole. A missed limit is told, not made an error: figures depend on
    /// the machine. What could not be measured is one.
    pub(super) fn end(self) -> anyhow::Result<()> {
        if self.json {
            process::print(&serde_json::to_string_pretty(&self)?)?;
        } else {
            let missed = self.figures.iter().filter(|figure| !figure.holds).count();
            let with_limit = self.figures.iter().filter(|figure| figure.limit.is_some()).count();
            process::print(&format!("{} of {with_limit} limits hold", with_limit - missed))?;
        }
        match self.failed.len() {
            0 => Ok(()),
            failed => anyhow::bail!("{failed} of {} figures could not be measured", self.took.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_limits() {
        assert_eq!(median(&[]).to_bits(), 0.0_f64.to_bits());
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        let figure = |limit| Figure::new("x", Engine::Sqlite, "s", &[1.0, 2.0, 3.0], limit, "");
        assert!(figure(Some(Limit::AtLeast(2.0))).holds && figure(Some(Limit::AtMost(2.0))).holds && figure(None).holds);
        assert!(!figure(Some(Limit::AtLeast(2.1))).holds && !figure(Some(Limit::AtMost(1.9))).holds);
    }

    #[test]
    fn one_that_fails_does_not_lose_the_others() {
        let mut report = Report::begin(true, 1, false).unwrap();
        report.take("deliver", Engine::Sqlite, Err(anyhow::anyhow!("no")), Duration::from_secs(1), [1.0, 2.0]).unwrap();
        let row = Figure::new("x", Engine::Sqlite, "s", &[1.0], None, "");
        report.take("plan", Engine::Postgres, Ok(vec![row]), Duration::from_secs(2), [1.0, 2.0]).unwrap();
        let told = serde_json::to_value(&report).unwrap();
        assert_eq!(told["failed"][0]["error"], "no");
        assert_eq!((told["figures"].as_array().unwrap().len(), told["took"].as_array().unwrap().len()), (1, 2));
    }
}
