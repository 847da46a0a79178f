//! How well refusals are understood: a file of sentences, or the held part of this program's own,
//! against the goals.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use mms_core::consent::refusal::{
    Answer,
    corpus::{self, Case, Part, Score},
    recognise,
};

use super::figure::{Figure, Limit, median};
use crate::process;

/// What `mms bench refusals` is asked.
#[derive(Debug, Args)]
pub(super) struct Refusals {
    /// Lines of `phrase<TAB>stop|doubt|other`, UTF-8; without it the sentences of this program that
    /// its model was not trained on.
    file: Option<PathBuf>,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

/// Looks at each message; the quickest counts, so that what else the machine does is not measured.
const LOOKS: usize = 5;

#[derive(Debug, Serialize)]
struct Told {
    /// Where the sentences are from.
    of: String,
    refusals: usize,
    doubts: usize,
    talk: usize,
    figures: Vec<Figure>,
    misses: Vec<Wrong>,
    /// Lines that could not be read.
    left_out: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Wrong {
    phrase: String,
    expected: &'static str,
    got: &'static str,
}

/// Answers every sentence and prints the figures. It asks neither a database nor a service.
pub(super) fn run(asked: &Refusals) -> anyhow::Result<()> {
    let text = asked.file.as_deref().map(read).transpose()?;
    let (cases, bad) = text.as_deref().map_or_else(|| (corpus::part(Part::Held), Vec::new()), corpus::parse);
    let of = asked.file.as_deref().map_or_else(|| "the held part of the corpus".to_owned(), |path| path.display().to_string());
    if cases.is_empty() {
        let first = bad.first().map(|bad| format!("; {bad}")).unwrap_or_default();
        anyhow::bail!("{of} holds no line of phrase<TAB>stop|doubt|other{first}");
    }
    let told = measure(of, &cases, bad.iter().map(ToString::to_string).collect());
    if asked.json {
        return process::print(&serde_json::to_string_pretty(&told)?);
    }
    process::print(&format!("{}: {} refusals, {} doubtful, {} talk", told.of, told.refusals, told.doubts, told.talk))?;
    told.left_out.iter().try_for_each(|line| process::print(&format!("left out: {line}")))?;
    for wrong in &told.misses {
        process::print(&format!("expected {:<6} got {:<6} {}", wrong.expected, wrong.got, wrong.phrase))?;
    }
    told.figures.iter().try_for_each(|figure| process::print(&figure.line()))
}

fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", path.display()))
}

/// Characters of the longest messages that are timed.
const LONGEST: usize = 4_096;

/// Messages of [`LONGEST`] characters that are no language: what costs most to read.
fn nonsense() -> Vec<String> {
    let letters: Vec<char> = ('а'..='я').collect();
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    let mut messages = Vec::new();
    let latin: Vec<char> = ('a'..='z').collect();
    let kinds = [
        (&letters, 1, " "),
        (&letters, 2, "\n"),
        (&letters, 5, "\n"),
        (&letters, 8, " "),
        (&letters, 20, ". "),
        (&latin, 1, " "),
        (&latin, 3, " "),
        (&latin, 8, "-"),
    ];
    for (alphabet, length, parted) in kinds {
        let mut message = String::new();
        while message.chars().count() < LONGEST {
            for _ in 0..length {
                dice ^= dice << 13;
                dice ^= dice >> 7;
                dice ^= dice << 17;
                let at = usize::try_from(dice % alphabet.len() as u64).unwrap_or_default();
                message.push(alphabet[at]);
            }
            message.push_str(parted);
        }
        messages.push(message.chars().take(LONGEST).collect());
    }
    messages
}

/// The figures alone, of the held part.
pub(super) fn figures() -> Vec<Figure> {
    measure(String::new(), &corpus::part(Part::Held), Vec::new()).figures
}

fn measure(of: String, cases: &[Case<'_>], left_out: Vec<String>) -> Told {
    let score = Score::of(cases);
    let quickest = |text: &str| (0..LOOKS).map(|_| once(text)).fold(f64::INFINITY, f64::min);
    let times: Vec<f64> = cases.iter().map(|case| quickest(case.phrase)).collect();
    let slowest = times.iter().copied().fold(0.0, f64::max);
    let longest = nonsense().iter().map(|text| quickest(text)).fold(0.0, f64::max);
    let figure = |what: &str, unit, value: f64, limit, detail: &str| Figure::of_any_engine(what, unit, &[value], limit, detail);
    let figures = vec![
        figure("recall", "share", score.recall(), Some(Limit::AtLeast(0.99)), "refusals answered by stop or doubt"),
        figure("outright", "share", score.outright(), Some(Limit::AtLeast(0.90)), "refusals answered by stop"),
        figure("precision", "share", score.precision(), Some(Limit::AtLeast(0.98)), "refusals among what was answered by stop"),
        figure("doubt_of_talk", "share", score.doubt_of_talk(), Some(Limit::AtMost(0.05)), "talk answered by doubt"),
        figure("doubts_seen", "share", score.doubts_seen(), None, "doubtful sentences answered by stop or doubt"),
        figure("time a message, median", "ms", median(&times), None, "the quickest of five looks each"),
        figure("time a message, slowest", "ms", slowest, Some(Limit::AtMost(1.0)), ""),
        figure("time a message of 4 096 characters, slowest", "ms", longest, Some(Limit::AtMost(1.0)), "nonsense, which costs most"),
    ];
    let misses = score.misses.iter().map(|miss| Wrong {
        phrase: miss.case.phrase.to_owned(),
        expected: miss.case.answer.word(),
        got: miss.got.word(),
    });
    Told {
        of,
        refusals: score.cases(Answer::Stop),
        doubts: score.cases(Answer::Doubt),
        talk: score.cases(Answer::Talk),
        misses: misses.collect(),
        figures,
        left_out,
    }
}

/// How long one message takes, ms.
fn once(phrase: &str) -> f64 {
    let began = Instant::now();
    let _ = std::hint::black_box(recognise(std::hint::black_box(phrase)));
    began.elapsed().as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_measured_and_its_bad_lines_are_told() {
        let (cases, bad) = corpus::parse("не пишите мне\tstop\nзапишите меня\tother\nкто это\tdoubt\nпривет");
        let told = measure("a file".into(), &cases, bad.iter().map(ToString::to_string).collect());
        assert_eq!((told.refusals, told.doubts, told.talk), (1, 1, 1));
        assert_eq!(told.left_out, ["line 4: no tab between phrase and answer"]);
        assert!(told.misses.is_empty());
        let json = serde_json::to_value(&told).unwrap();
        assert_eq!(json["figures"][0]["what"], "recall");
        assert_eq!(json["figures"][0]["holds"], true);
    }

    /// A figure says that something is missed, and only the sentence says what.
    #[test]
    fn the_figures_are_named_and_every_miss_is_told() {
        let (cases, bad) = corpus::parse("не пишите мне\tstop\nотпишите меня\tother\nзапишите меня\tstop\nзапишите меня\tother\n");
        assert!(bad.is_empty());
        let told = measure("a file".into(), &cases, Vec::new());
        let names: Vec<&str> = told.figures.iter().map(|figure| figure.what.as_str()).collect();
        assert_eq!(names[..5], ["recall", "outright", "precision", "doubt_of_talk", "doubts_seen"]);
        assert!(names[5..].iter().all(|name| name.starts_with("time a message")), "{names:?}");
        let misses: Vec<_> = told.misses.iter().map(|miss| (miss.phrase.as_str(), miss.expected, miss.got)).collect();
        assert_eq!(misses, [("отпишите меня", "other", "stop"), ("запишите меня", "stop", "other")]);
        let json = serde_json::to_value(&told).unwrap();
        assert_eq!(json["misses"].as_array().map(Vec::len), Some(2));
        assert_eq!(json["figures"][0]["holds"], false, "one of two refusals was heard");
    }

    #[test]
    fn a_file_without_a_case_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("phrases.tsv");
        std::fs::write(&path, "не пишите мне").unwrap();
        let error = run(&Refusals { file: Some(path.clone()), json: false }).unwrap_err().to_string();
        assert!(error.contains("holds no line") && error.contains("line 1: no tab"), "{error}");
        std::fs::write(&path, b"\xff\xfe").unwrap();
        assert!(run(&Refusals { file: Some(path), json: false }).unwrap_err().to_string().contains("not UTF-8"));
    }
}
