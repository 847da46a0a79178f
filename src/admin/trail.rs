//! `mms admin audit verify` and `mms admin consent verify`: the chains, their heads, and what was noted of them elsewhere.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context as _, bail};
use mms_core::{
    account, clock,
    config::Config,
    id::AccountId,
    store::{
        Store, audit,
        trail::{Broken, Mark, Whole, consents, notes},
    },
};

use crate::process;

/// Whose chain, and what it must contain.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The account's id or exact name; all if absent.
    #[arg(long)]
    account: Option<String>,
    /// A head noted before (`212:9f3c…`): the chain must contain it still.
    #[arg(long, requires = "account", value_name = "HEAD")]
    expect: Option<Mark>,
}

/// The trail.
pub async fn audit(store: &Store, config: &Config, wanted: &Verify) -> anyhow::Result<()> {
    let mut broken = Vec::new();
    for (id, name) in accounts(store, wanted).await? {
        let mut found = audit::verify(store, id).await?;
        if let (Ok(_), Some(mark)) = (&found, &wanted.expect)
            && let Err(other) = audit::expect(store, id, mark).await?
        {
            found = Err(other);
        }
        tell(store, config, id, &name, "audit", found, &mut broken).await?;
    }
    end("audit trail", &broken)
}

/// The consent ledger.
pub async fn consents(store: &Store, config: &Config, wanted: &Verify) -> anyhow::Result<()> {
    let mut broken = Vec::new();
    for (id, name) in accounts(store, wanted).await? {
        let mut found = consents::verify(store, id).await?;
        if let (Ok(_), Some(mark)) = (&found, &wanted.expect)
            && let Err(other) = consents::expect(store, id, mark).await?
        {
            found = Err(other);
        }
        tell(store, config, id, &name, "consents", found, &mut broken).await?;
    }
    end("consent ledger", &broken)
}

async fn accounts(store: &Store, wanted: &Verify) -> anyhow::Result<Vec<(AccountId, String)>> {
    let wanted = match &wanted.account {
        Some(account) => Some(super::find(store, account).await?),
        None => None,
    };
    let all = account::all(store).await?;
    Ok(all.into_iter().filter(|row| wanted.is_none_or(|id| row.id == id)).map(|row| (row.id, row.name)).collect())
}

fn file(config: &Config) -> PathBuf {
    config.data_dir.join(notes::FILE)
}

async fn tell(
    store: &Store,
    config: &Config,
    id: AccountId,
    name: &str,
    chain: &str,
    found: Result<Whole, Broken>,
    broken: &mut Vec<AccountId>,
) -> anyhow::Result<()> {
    match found {
        Ok(whole) => {
            let file = file(config);
            let differs = notes::check(store, &file, id).await?;
            match differs.iter().find(|differs| differs.chain == chain) {
                None => return process::print(&format!("{name}: {}", whole.words())),
                Some(differs) => process::print(&format!(
                    "{name}: whole by itself, but not what `{}` says of it: {} was there (an older copy of the database?)",
                    file.display(),
                    differs.noted
                ))?,
            }
        }
        Err(wrong) => process::print(&format!("{name}: {wrong}"))?,
    }
    broken.push(id);
    Ok(())
}

fn end(what: &str, broken: &[AccountId]) -> anyhow::Result<()> {
    if broken.is_empty() { Ok(()) } else { bail!("the {what} of {} is broken", super::people::count(broken.len(), "account")) }
}

/// After a restore, which is meant to go back: the heads of the restored database are noted, or
/// that they are not known without the key.
pub async fn restored(config: &Config, environment: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let file = file(config);
    if !file.exists() {
        return Ok(());
    }
    let Some(sealer) = config.sealer(environment)? else {
        return notes::unknown(&file, clock::now()).context("it was not noted that the restored heads of the trail are unknown");
    };
    let store = Store::open(&config.database()).await?.sealed_by(&sealer);
    let all: Vec<AccountId> = account::all(&store).await?.into_iter().map(|row| row.id).collect();
    let noted = notes::restored(&store, &file, &all, clock::now()).await;
    store.close().await;
    noted.context("the restored heads of the trail were not noted")
}
