//! `mms admin suspend`, `lift` and `feature`: what the licensor closes to a company.

use std::path::Path;

use anyhow::{anyhow, bail};
use chrono::NaiveDateTime;
use clap::{Args, ValueEnum};
use mms_bot::{p, words::functions};
use mms_core::{
    account::{
        feature::{self, PLAIN},
        suspension::Scope,
    },
    agreement::texts::hash,
    campaign::access::{self, AccessError, Closing},
    channel::ChannelKind,
    clock::Moment,
    crm::CrmKind,
    store::Store,
};

use super::{find, maintenance::moment};
use crate::{
    process::print,
    words::{minute, refused, tr},
};

/// What is closed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ScopeName {
    /// The sending of campaigns.
    Sending,
    /// All access.
    All,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Sending => Self::Sending,
            ScopeName::All => Self::All,
        }
    }
}

/// Close access.
#[derive(Debug, Args)]
pub struct Suspend {
    /// The account's id or exact name.
    #[arg(long)]
    account: String,
    /// What is closed.
    #[arg(long, value_enum)]
    scope: ScopeName,
    /// Why; owners read it.
    #[arg(long)]
    reason: String,
    /// The number or the name of the document; of a path to a file the SHA-256 is kept, too.
    #[arg(long)]
    document: String,
    /// Until when (UTC), as 2026-12-01 02:00; without it until it is lifted.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<NaiveDateTime>,
}

/// Open it again.
#[derive(Debug, Args)]
pub struct Lift {
    /// The account's id or exact name.
    #[arg(long)]
    account: String,
    /// Why; owners read it.
    #[arg(long)]
    reason: String,
}

/// A function of a company.
#[derive(Debug, Args)]
pub struct Feature {
    /// The account's id or exact name.
    #[arg(long)]
    account: String,
    /// The name of the function to switch off.
    #[arg(long, value_name = "NAME", requires = "reason", conflicts_with = "on")]
    off: Option<String>,
    /// The name of the function to switch on.
    #[arg(long, value_name = "NAME")]
    on: Option<String>,
    /// Why; owners read it.
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

/// Every function there is, by name.
fn functions_of() -> Vec<String> {
    let channels = ChannelKind::ALL.iter().map(|kind| feature::channel(kind.as_str()));
    let crms = CrmKind::ALL.iter().map(|kind| feature::crm(kind.as_str()));
    PLAIN.iter().map(|name| (*name).to_owned()).chain(channels).chain(crms).collect()
}

/// Closes access.
pub async fn suspend(store: &Store, wanted: &Suspend, now: Moment) -> anyhow::Result<()> {
    let account = find::account(store, &wanted.account).await?;
    let path = Path::new(&wanted.document);
    let document_hash = match path.is_file() {
        true => {
            let bytes = std::fs::read(path)
                .map_err(|error| anyhow!(p!(tr(), "admin-access-file", path = &wanted.document, why = error.to_string())))?;
            Some(hash(bytes))
        }
        false => None,
    };
    // A company reads the file's name, and nothing of this machine.
    let named = path.file_name().filter(|_| document_hash.is_some()).map(|name| name.to_string_lossy().into_owned());
    let closing = Closing {
        scope: wanted.scope.into(),
        reason: &wanted.reason,
        document: named.as_deref().unwrap_or(&wanted.document),
        document_hash,
        until: wanted.until.map(|until| until.and_utc()),
    };
    let (made, held) = access::suspend(store, account, &closing, now).await.map_err(said)?;
    print(&p!(tr(), "admin-access-suspended", scope = made.scope.as_str(), campaigns = held.len()))
}

/// Opens it again.
pub async fn lift(store: &Store, wanted: &Lift, now: Moment) -> anyhow::Result<()> {
    let account = find::account(store, &wanted.account).await?;
    access::lift(store, account, &wanted.reason, now).await.map_err(said)?;
    print(&p!(tr(), "admin-access-lifted"))
}

/// Switches a function, or lists all.
pub async fn feature(store: &Store, wanted: &Feature, now: Moment) -> anyhow::Result<()> {
    let account = find::account(store, &wanted.account).await?;
    let (name, off) = match (&wanted.off, &wanted.on) {
        (Some(name), _) => (name, true),
        (None, Some(name)) => (name, false),
        (None, None) => {
            let off = feature::off(store, account).await?;
            for name in functions_of() {
                print(&match off.get(&name) {
                    None => p!(tr(), "admin-feature-line-on", name = &name),
                    Some(one) => p!(tr(), "admin-feature-line-off", name = &name, since = minute(one.since), reason = &one.reason),
                })?;
            }
            return Ok(());
        }
    };
    if !functions_of().contains(name) {
        bail!(p!(tr(), "admin-feature-unknown", name = name));
    }
    match access::switch(store, account, name, off, &wanted.reason, now).await {
        Ok(held) if off => print(&p!(tr(), "admin-feature-off", name = functions::name(tr(), name), campaigns = held.len())),
        Ok(_) => print(&p!(tr(), "admin-feature-on", name = functions::name(tr(), name))),
        Err(AccessError::Same) => bail!(p!(tr(), "admin-feature-same", name = name)),
        Err(error) => Err(said(error)),
    }
}

/// A refusal in the words of the command line.
fn said(error: AccessError) -> anyhow::Error {
    match error {
        AccessError::Words => anyhow!(p!(tr(), "admin-access-words")),
        AccessError::Past => anyhow!(p!(tr(), "admin-access-past")),
        AccessError::Already(closed) => {
            anyhow!(p!(tr(), "admin-access-already", since = minute(closed.begins_at), reason = closed.reason))
        }
        AccessError::Open => anyhow!(p!(tr(), "admin-access-open")),
        AccessError::Account(error) => refused(error),
        error @ (AccessError::Same | AccessError::Db(_)) => error.into(),
    }
}
