//! `mms admin agreement`: the texts that owners accept.

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use mms_bot::{p, screens::agreement::name};
use mms_core::{
    agreement::{SAMPLE, acceptance, files, texts},
    clock::Moment,
    config::Config,
    store::Store,
};

use super::find;
use crate::{
    process::print,
    words::{self, day, minute, tr},
};

/// The texts that owners accept.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take new texts of the folder in, and tell the owners of them.
    Publish,
    /// List what was published, and the companies that have not accepted it yet.
    List,
    /// Write a sample of the texts into a folder; files that are there are not replaced.
    Sample {
        /// The folder.
        folder: PathBuf,
    },
}

/// Does what was asked.
pub async fn run(store: &Store, config: &Config, wanted: &Command, now: Moment) -> anyhow::Result<()> {
    match wanted {
        Command::Publish => {
            let folder = config.agreement.folder().with_context(|| p!(tr(), "admin-agreement-no-folder"))?;
            let published = publish(store, folder, now).await?;
            if published.new.is_empty() {
                return print(&p!(tr(), "admin-agreement-nothing"));
            }
            for (document, version, language) in published.new {
                let document = name(tr(), document);
                print(&p!(tr(), "admin-agreement-published", document = document, version = version, language = language.as_str()))?;
            }
            print(&p!(tr(), "admin-agreement-told", count = published.told))
        }
        Command::List => list(store, now).await,
        Command::Sample { folder } => sample(folder),
    }
}

/// Takes the folder's new texts in.
///
/// # Errors
/// What is wrong in the folder, after what is good was taken in; the database's.
pub async fn publish(store: &Store, folder: &Path, now: Moment) -> anyhow::Result<texts::Published> {
    let (found, mut bad) = files::read(folder);
    let published = texts::publish(store, &found, now).await?;
    bad.extend(published.changed.iter().cloned());
    if bad.is_empty() {
        return Ok(published);
    }
    let what: Vec<String> = bad.iter().map(|bad| words::agreement(tr(), bad)).collect();
    bail!(p!(tr(), "admin-agreement-bad", what = what.join("; ")))
}

async fn list(store: &Store, now: Moment) -> anyhow::Result<()> {
    let versions = texts::versions(store).await?;
    if versions.is_empty() {
        return print(&p!(tr(), "admin-agreement-none"));
    }
    for one in versions {
        let languages: Vec<&str> = one.texts.iter().map(|(language, _)| language.as_str()).collect();
        let (document, at) = (name(tr(), one.document), minute(one.published_at));
        let (from, languages) = (day(one.effective_at), languages.join(", "));
        print(&p!(tr(), "admin-agreement-line", document = document, version = one.version, from = from, languages = languages, at = at))?;
    }
    for account in find::all(store).await?.into_iter().filter(|account| account.deleted_at.is_none()) {
        let standing = acceptance::standing(store, account.id, now).await?;
        let owed: Vec<String> = standing.iter().filter(|one| one.is_owed()).map(|one| name(tr(), one.document)).collect();
        if !owed.is_empty() {
            print(&p!(tr(), "admin-agreement-owes", account = account.name, documents = owed.join(", ")))?;
        }
    }
    Ok(())
}

fn sample(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for (name, content) in SAMPLE {
        let path = folder.join(name);
        let shown = path.display().to_string();
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(content.as_bytes()).with_context(|| shown.clone())?;
                print(&p!(tr(), "admin-agreement-written", path = shown))?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => bail!(p!(tr(), "admin-agreement-exists", path = shown)),
            Err(error) => return Err(error).context(shown),
        }
    }
    Ok(())
}
