//! `mms admin`: accounts, their members, sessions and licences, as the person at the server sees
//! and mends them.

use std::time::Duration;

use anyhow::{anyhow, bail};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use mms_core::{
    account::{self, By, licence, member, session, settings},
    channel::{ChannelKind, registry},
    clock::Moment,
    config::Config,
    id::AccountId,
    secret::Secret,
    store::Store,
};

use super::find;
use crate::process::print;

/// How long the messenger may take to name the managers' bot; without its name the command to type
/// is printed.
const NAMED: Duration = Duration::from_secs(5);

/// So many of something: `1 member`, `3 members`.
pub fn count(many: usize, one: &str) -> String {
    if many == 1 { format!("1 {one}") } else { format!("{many} {one}s") }
}

/// A day as people write it: 2027-12-31, 31.12.2027, 31/12/2027.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let read = |form| NaiveDate::parse_from_str(text.trim(), form).ok();
    ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"].into_iter().find_map(read).ok_or_else(|| "write it as 2027-12-31 or 31.12.2027".to_owned())
}

/// The end of a licence's last day.
pub fn end_of(until: NaiveDate, now: Moment) -> anyhow::Result<DateTime<Utc>> {
    let end = until.checked_add_days(Days::new(1)).ok_or_else(|| anyhow!("the date is too far"))?.and_time(NaiveTime::MIN).and_utc();
    if end <= now {
        bail!("{until} is over already: name a day to come");
    }
    Ok(end)
}

/// The last day a licence holds.
fn last_day(end: Moment) -> String {
    (end - chrono::TimeDelta::seconds(1)).format("%Y-%m-%d").to_string()
}

/// The accounts of the server.
pub async fn accounts(store: &Store, now: Moment) -> anyhow::Result<()> {
    let all = account::all(store).await?;
    if all.is_empty() {
        return print("there is no account yet: make one by `mms admin create-account --name … --login … --owner …`");
    }
    for row in all {
        let licence = match licence::current(store, row.id, now).await? {
            Some(licence) => format!("{} until the end of {} (UTC)", licence.plan.as_str(), last_day(licence.valid_until)),
            None => "no valid licence: nothing is sent".to_owned(),
        };
        let members = count(member::list(store, row.id).await?.len(), "member");
        print(&format!("{}  {}  ({members}; {licence})", row.id, row.name))?;
    }
    Ok(())
}

/// Two companies of one name cannot be told apart on the command line.
pub async fn is_new(store: &Store, name: &str) -> anyhow::Result<()> {
    match account::all(store).await?.into_iter().find(|row| row.name.to_lowercase() == name.trim().to_lowercase()) {
        None => Ok(()),
        Some(row) => bail!("there is an account of this name already ({}): give the new one another name", row.id),
    }
}

/// Gives an account another name.
pub async fn rename(store: &Store, wanted: &str, name: &str, now: Moment) -> anyhow::Result<()> {
    let id = find(store, wanted).await?;
    is_new(store, name).await?;
    settings::change(store, By::Admin(id), &settings::Change::Name(name.to_owned()), now).await?;
    print(&format!("the account {id} is named `{}` now", name.trim()))
}

/// The members of an account: what they type to come in, what they may, and whether they can.
pub async fn members(store: &Store, account: AccountId) -> anyhow::Result<()> {
    for member in member::list(store, account).await? {
        let state = match (member.disabled_at, member.locked_at) {
            (Some(at), _) => format!("disabled since {}", minute(at)),
            (None, Some(at)) => {
                let why = member.lock_reason.unwrap_or_default().replace('_', " ");
                format!("locked since {} ({why}): `mms admin unlock --account {account} --login {}`", minute(at), member.login)
            }
            (None, None) => count(usize::try_from(member.sessions).unwrap_or_default(), "session"),
        };
        print(&format!("{}  {}  ({}; {state})", member.login, member.name, format!("{:?}", member.role).to_lowercase()))?;
    }
    Ok(())
}

/// The live sessions of an account's members.
pub async fn sessions(store: &Store, account: AccountId) -> anyhow::Result<()> {
    let mut none = true;
    for member in member::list(store, account).await? {
        for session in session::list(store, By::Admin(account), member.id).await? {
            none = false;
            print(&format!(
                "{}  {}  Telegram {} ({}), since {}, last used {}",
                member.login,
                member.name,
                session.telegram_user_id,
                session.telegram_name,
                minute(session.created_at),
                minute(session.last_seen_at)
            ))?;
        }
    }
    if none { print("nobody is signed in") } else { Ok(()) }
}

/// Ends every session of a member.
pub async fn end_sessions(store: &Store, account: AccountId, login: &str, now: Moment) -> anyhow::Result<()> {
    let ended = session::end_all(store, By::Admin(account), by_login(store, account, login).await?, None, now).await?;
    print(&format!("{} ended", count(usize::try_from(ended).unwrap_or_default(), "session")))
}

/// Lifts a member's lock.
pub async fn unlock(store: &Store, account: AccountId, login: &str, now: Moment) -> anyhow::Result<()> {
    member::unlock(store, By::Admin(account), by_login(store, account, login).await?, now).await?;
    print(&format!("`{login}` may try again"))
}

/// The licences of an account, the valid and the others.
pub async fn licences(store: &Store, account: AccountId, now: Moment) -> anyhow::Result<()> {
    let all = licence::list(store, account).await?;
    if all.is_empty() {
        return print(&format!("no licence was issued yet: `mms admin issue-licence --account {account} --plan trial --until …`"));
    }
    for one in all {
        let state = match one.revoked_at {
            Some(at) => format!("taken back on {}", at.format("%Y-%m-%d")),
            None if one.valid(now) => "valid".to_owned(),
            None if one.valid_from > now => "not yet valid".to_owned(),
            None => "over".to_owned(),
        };
        let (from, until) = (one.valid_from.format("%Y-%m-%d"), last_day(one.valid_until));
        print(&format!("{}  {}  {from} to the end of {until} (UTC)  ({state})", one.id, one.plan.as_str()))?;
    }
    Ok(())
}

/// A member by what they type to come in.
pub async fn by_login(store: &Store, account: AccountId, login: &str) -> anyhow::Result<mms_core::id::MemberId> {
    member::by_login(store, account, login)
        .await?
        .ok_or_else(|| anyhow!("the account has no member with the login `{login}`; `mms admin members` lists them"))
}

/// What starts the managers' bot with this word: a link where Telegram tells the bot's name, else
/// the command to type.
pub async fn start_link(config: &Config, word: &str, secret: &Secret) -> String {
    let token = &config.telegram.token;
    let named = async {
        let adapter = registry::build(ChannelKind::Telegram, token, &config.endpoints()).ok()?;
        adapter.identify().await.ok()
    };
    let named = if token.expose().is_empty() { None } else { tokio::time::timeout(NAMED, named).await.ok().flatten() };
    match named {
        Some(bot) => format!("https://t.me/{}?start={word}_{}", bot.username, secret.expose()),
        None => format!("/start {word}_{}", secret.expose()),
    }
}

fn minute(at: Moment) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_people_write_it() {
        let wanted = NaiveDate::from_ymd_opt(2027, 12, 31);
        for text in ["2027-12-31", "31.12.2027", " 31/12/2027 "] {
            assert_eq!(day(text).ok(), wanted, "{text}");
        }
        for text in ["", "31.13.2027", "tomorrow"] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
