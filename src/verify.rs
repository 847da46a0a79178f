//! `mms verify`: whether a dossier is what it was when it was made. It needs no settings, no
//! database and no network, so whoever gets a dossier can run it on their own machine.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use mms_bot::p;
use mms_core::evidence::verify::{self, Finding, Report};

use crate::{process, words::tr};

/// What is checked, and by whose key.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// Dossiers: ZIP files, all parts of one together.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The public key of whoever made them, told by another way than the file; `mms admin
    /// signing-key` prints it there.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Prints what holds and what does not; something that does not is an error.
///
/// # Errors
/// A sentence for the person at the terminal.
pub fn run(wanted: &Verify) -> anyhow::Result<()> {
    let mut broken = 0;
    let mut parts: Vec<(u32, bool, Option<String>, String, PathBuf)> = Vec::new();
    for file in &wanted.files {
        let shown = file.display().to_string();
        let bytes = std::fs::read(file).with_context(|| p!(tr(), "admin-verify-unreadable", file = &shown))?;
        let report = verify::verify(&bytes, wanted.key.as_deref());
        told(&shown, &report)?;
        broken += usize::from(!report.holds());
        if let (true, Some(manifest)) = (report.holds(), &report.manifest) {
            parts.push((manifest.part, manifest.last, manifest.before.clone(), report.list.clone(), file.clone()));
        }
    }
    if broken == 0 && !together(&mut parts) {
        process::print(&p!(tr(), "admin-verify-parts"))?;
        broken += 1;
    }
    if broken == 0 { Ok(()) } else { bail!(p!(tr(), "admin-verify-broken")) }
}

/// Whether the parts are all parts of one dossier.
fn together(parts: &mut [(u32, bool, Option<String>, String, PathBuf)]) -> bool {
    parts.sort_by_key(|(part, ..)| *part);
    let numbered = parts.iter().zip(1..).all(|((part, ..), number)| *part == number);
    let chained = parts.windows(2).all(|pair| pair[1].2.as_deref() == Some(pair[0].3.as_str()));
    numbered && chained && parts.last().is_some_and(|(_, last, ..)| *last)
}

fn told(file: &str, report: &Report) -> anyhow::Result<()> {
    let tr = tr();
    if let Some(manifest) = &report.manifest {
        process::print(&p!(
            tr,
            "admin-verify-about",
            file = file,
            company = &manifest.company,
            about = &manifest.about,
            made = &manifest.made_at,
            by = &manifest.made_by,
            part = manifest.part
        ))?;
    }
    for finding in &report.findings {
        process::print(&p!(tr, "admin-verify-line", file = file, what = said(finding)))?;
    }
    if let (true, Some(manifest)) = (report.holds(), &report.manifest) {
        process::print(&p!(tr, "admin-verify-whole", file = file, count = report.whole))?;
        process::print(&if report.key_known {
            p!(tr, "admin-verify-key-known", key = &manifest.public_key)
        } else {
            p!(tr, "admin-verify-key-unknown", key = &manifest.public_key)
        })?;
    }
    Ok(())
}

/// What does not hold, as a sentence.
fn said(finding: &Finding) -> String {
    let tr = tr();
    match finding {
        Finding::NoArchive(why) => p!(tr, "admin-verify-no-archive", why = why),
        Finding::Cut { at, near } if near.is_empty() => p!(tr, "admin-verify-cut", at = at.to_string()),
        Finding::Cut { at, near } => p!(tr, "admin-verify-cut-near", at = at.to_string(), near = near),
        Finding::OutOfOrder { place, found, expected } => {
            p!(tr, "admin-verify-order", place = place.to_string(), found = found, expected = expected)
        }
        Finding::NoManifest => p!(tr, "admin-verify-no-manifest"),
        Finding::NewFormat(format) => p!(tr, "admin-verify-new-format", format = format.to_string()),
        Finding::NoSignature => p!(tr, "admin-verify-no-signature"),
        Finding::BadSignature => p!(tr, "admin-verify-bad-signature"),
        Finding::OtherKey { found } => p!(tr, "admin-verify-other-key", key = found),
        Finding::NoKey => p!(tr, "admin-verify-no-key"),
        Finding::Changed(name) => p!(tr, "admin-verify-changed", name = name),
        Finding::Unreadable(name) => p!(tr, "admin-verify-damaged", name = name),
        Finding::Missing(name) => p!(tr, "admin-verify-missing", name = name),
        Finding::Renamed { from, to } => p!(tr, "admin-verify-renamed", from = from, to = to),
        Finding::Added(name) => p!(tr, "admin-verify-added", name = name),
        Finding::Twice(name) => p!(tr, "admin-verify-twice", name = name),
        Finding::Wrapping { at, near } if near.is_empty() => p!(tr, "admin-verify-wrapping", at = at.to_string()),
        Finding::Wrapping { at, near } => p!(tr, "admin-verify-wrapping-near", at = at.to_string(), near = near),
    }
}
