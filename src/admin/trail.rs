//! `mms admin audit` and `mms admin consent`: the chains, their heads, what was noted of them
//! elsewhere, and who did what.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use chrono::NaiveDate;
use clap::ValueEnum;
use mms_bot::{
    p,
    screens::audit::{actions, objects},
    words::trail::broken,
};
use mms_core::{
    account::{self, member},
    clock,
    config::Config,
    id::AccountId,
    sign,
    store::{
        Store, audit,
        trail::{
            Broken, Mark, Whole, consents,
            notes::{self, Wrong},
        },
    },
};
use serde_json::{Value, json};

use super::{find, people};
use crate::{process, words::tr};

/// Entries read at a time.
const PAGE: i64 = 500;

/// How entries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line each, for people.
    Text,
    /// A JSON object a line, with ids and the details.
    Json,
}

/// Whose trail, and which entries of it.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The account's id or exact name.
    #[arg(long)]
    account: String,
    /// Who did it: a login, a member's id, `admin` (this command line) or `system`.
    #[arg(long, value_name = "LOGIN")]
    who: Option<String>,
    /// What was done: an action, or what its name begins with (`campaign`, `campaign.launch`).
    #[arg(long, value_name = "ACTION")]
    what: Option<String>,
    /// From this day on (UTC): 2027-12-31 or 31.12.2027.
    #[arg(long, value_name = "DAY", value_parser = people::day)]
    since: Option<NaiveDate>,
    /// Up to this day, which is within (UTC).
    #[arg(long, value_name = "DAY", value_parser = people::day)]
    until: Option<NaiveDate>,
    /// For people, or for programs.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Prints the entries of a trail that fit, oldest first.
pub async fn show(store: &Store, wanted: &Show) -> anyhow::Result<()> {
    let account = find::any(store, &wanted.account).await?.id;
    let members = member::list(store, account).await?;
    let who = match wanted.who.as_deref() {
        None => None,
        Some(own @ ("admin" | "system")) => Some(own.to_owned()),
        Some(who) => {
            let known = members.iter().find(|member| member.id.to_string() == who || member.login == who.trim().to_lowercase());
            match known {
                Some(member) => Some(member.id.to_string()),
                None => bail!(p!(tr(), "admin-trail-who", who = who)),
            }
        }
    };
    let until = wanted.until.map(people::end_of).transpose()?;
    let fits = |entry: &audit::Entry| {
        let begins = |what: &str| entry.action.strip_prefix(what).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        who.as_ref().is_none_or(|who| entry.actor == *who)
            && wanted.what.as_deref().is_none_or(begins)
            && wanted.since.is_none_or(|since| entry.at.date_naive() >= since)
            && until.is_none_or(|until| entry.at < until)
    };
    let mut names: HashMap<String, String> = members.into_iter().map(|member| (member.id.to_string(), member.name)).collect();
    let (mut after, mut none) = (0, true);
    loop {
        let page = audit::entries(store, account, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        let page: Vec<audit::Entry> = page.into_iter().filter(fits).collect();
        objects::add(store, account, &page, &mut names).await?;
        for entry in &page {
            none = false;
            process::print(&match wanted.format {
                Format::Text => line(entry, &names),
                Format::Json => object(entry, &names).to_string(),
            })?;
        }
    }
    if none && wanted.format == Format::Text {
        return process::print(&p!(tr(), "admin-trail-none"));
    }
    Ok(())
}

/// An entry for people.
fn line(entry: &audit::Entry, names: &HashMap<String, String>) -> String {
    let who = match entry.actor.as_str() {
        "admin" => p!(tr(), "audit-actor-admin"),
        "system" => p!(tr(), "audit-actor-system"),
        id => names.get(id).cloned().unwrap_or_else(|| p!(tr(), "audit-actor-unknown")),
    };
    let (seq, at, what) = (format!("{:>6}", entry.seq), moment(entry), actions::words(tr(), &entry.action));
    match names.get(&entry.subject).filter(|name| !name.trim().is_empty() && entry.subject != entry.actor) {
        Some(object) => p!(tr(), "admin-trail-line-of", seq = seq, at = at, who = who, what = what, object = object),
        None => p!(tr(), "admin-trail-line", seq = seq, at = at, who = who, what = what),
    }
}

/// An entry for programs.
fn object(entry: &audit::Entry, names: &HashMap<String, String>) -> Value {
    // What is no JSON is shown as it stands: the trail never lies about its rows.
    let details = serde_json::from_str(&entry.details).unwrap_or_else(|_| Value::from(entry.details.as_str()));
    json!({
        "seq": entry.seq, "at": entry.at, "who": entry.actor, "name": names.get(&entry.actor), "action": entry.action,
        "subject": entry.subject, "subject_name": names.get(&entry.subject), "details": details,
    })
}

fn moment(entry: &audit::Entry) -> String {
    entry.at.format("%Y-%m-%d %H:%M:%S").to_string()
}

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
pub async fn audit(store: &Store, config: &Config, key: &str, wanted: &Verify) -> anyhow::Result<()> {
    let mut broken = Vec::new();
    let noted = file(config);
    let shown = noted.display().to_string();
    let wrong = notes::look(&noted, key).with_context(|| p!(tr(), "admin-verify-unreadable", file = &shown))?;
    for one in &wrong {
        process::print(&match one {
            Wrong::Changed(line) => p!(tr(), "admin-checkpoint-changed", file = &shown, line = *line),
            Wrong::NotNext(line) => p!(tr(), "admin-checkpoint-not-next", file = &shown, line = *line),
            Wrong::Unsigned(line) => p!(tr(), "admin-checkpoint-unsigned", file = &shown, line = *line),
            Wrong::Restored(line) => p!(tr(), "admin-checkpoint-restored", file = &shown, line = *line),
        })?;
    }
    for (id, name) in accounts(store, wanted).await? {
        let mut found = audit::verify(store, id).await?;
        if let (Ok(_), Some(mark)) = (&found, &wanted.expect)
            && let Err(other) = audit::expect(store, id, mark).await?
        {
            found = Err(other);
        }
        if !tell(store, (&file(config), key), (id, &name), "audit", found).await? {
            broken.push(id);
        }
    }
    if broken.is_empty() && wrong.iter().any(|one| one.breaks()) {
        bail!(p!(tr(), "admin-checkpoint-broken"));
    }
    if broken.is_empty() {
        Ok(())
    } else {
        bail!(p!(tr(), "admin-trail-broken", accounts = p!(tr(), "admin-accounts", count = broken.len())))
    }
}

/// The consent ledger.
pub async fn consents(store: &Store, config: &Config, key: &str, wanted: &Verify) -> anyhow::Result<()> {
    let mut broken = Vec::new();
    for (id, name) in accounts(store, wanted).await? {
        let mut found = consents::verify(store, id).await?;
        if let (Ok(_), Some(mark)) = (&found, &wanted.expect)
            && let Err(other) = consents::expect(store, id, mark).await?
        {
            found = Err(other);
        }
        if !tell(store, (&file(config), key), (id, &name), "consents", found).await? {
            broken.push(id);
        }
    }
    if broken.is_empty() {
        Ok(())
    } else {
        bail!(p!(tr(), "admin-consents-broken", accounts = p!(tr(), "admin-accounts", count = broken.len())))
    }
}

async fn accounts(store: &Store, wanted: &Verify) -> anyhow::Result<Vec<(AccountId, String)>> {
    let wanted = match &wanted.account {
        Some(account) => Some(find::any(store, account).await?.id),
        None => None,
    };
    let all = account::all(store).await?;
    Ok(all.into_iter().filter(|row| wanted.is_none_or(|id| row.id == id)).map(|row| (row.id, row.name)).collect())
}

fn file(config: &Config) -> PathBuf {
    config.checkpoints()
}

/// Says how a chain of an account stands; `false`: it is broken, or not what was noted of it.
/// `noted`: the file with the checkpoints, and the key that signs them.
async fn tell(
    store: &Store,
    noted: (&Path, &str),
    (id, name): (AccountId, &str),
    chain: &str,
    found: Result<Whole, Broken>,
) -> anyhow::Result<bool> {
    match found {
        Ok(whole) => {
            let (file, key) = noted;
            let differs = notes::check(store, file, key, id).await?;
            match differs.iter().find(|differs| differs.chain == chain) {
                None => {
                    process::print(&self::whole(name, &whole))?;
                    return Ok(true);
                }
                Some(differs) => process::print(&p!(
                    tr(),
                    "admin-chain-differs",
                    account = name,
                    file = file.display().to_string(),
                    noted = differs.noted.to_string()
                ))?,
            }
        }
        Err(wrong) => process::print(&p!(tr(), "admin-chain-broken", account = name, why = self::broken(tr(), &wrong)))?,
    }
    Ok(false)
}

fn whole(account: &str, whole: &Whole) -> String {
    let (entries, head) = (whole.entries, whole.mark.to_string());
    match whole.found {
        None => p!(tr(), "admin-chain-whole", account = account, entries = entries, head = head),
        Some((at, before)) => {
            let since = p!(tr(), "admin-minute", at = at.format("%Y-%m-%d %H:%M:%S").to_string());
            p!(tr(), "admin-chain-found", account = account, entries = entries, head = head, since = since, before = before)
        }
    }
}

/// After a restore, which is meant to go back: the heads of the restored database are noted, or
/// that they are not known without the key.
pub async fn restored(config: &Config, environment: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let file = file(config);
    if !file.exists() {
        return Ok(());
    }
    let Some(sealer) = config.sealer(environment)? else {
        return notes::unknown(&file, clock::now()).with_context(|| p!(tr(), "admin-heads-unknown"));
    };
    let store = Store::open(&config.database()).await?.sealed_by(&sealer);
    let signer = sign::installation(&sealer);
    let all: Vec<AccountId> = account::all(&store).await?.into_iter().map(|row| row.id).collect();
    let noted = notes::restored(&store, &file, &signer, &all, clock::now()).await;
    store.close().await;
    noted.with_context(|| p!(tr(), "admin-heads-not-noted"))
}
