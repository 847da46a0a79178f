//! `mms admin`: accounts, their members, sessions and licences, as the person at the server sees
//! and mends them.

use std::time::Duration;

use anyhow::{anyhow, bail};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use mms_bot::p;
use mms_core::{
    account::{AccountError, By, invitation, licence, member, plan, reset, second, session, settings},
    channel::{ChannelKind, registry},
    clock::Moment,
    config::Config,
    id::{AccountId, LicenceId},
    secret::Secret,
    store::Store,
};

use super::{RoleName, find};
use crate::{
    process::print,
    words::{refused, tr},
};

/// How long the messenger may take to name the managers' bot; without its name the command to type
/// is printed.
const NAMED: Duration = Duration::from_secs(5);

/// A day as people write it: 2027-12-31, 31.12.2027, 31/12/2027.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let read = |form| NaiveDate::parse_from_str(text.trim(), form).ok();
    ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"].into_iter().find_map(read).ok_or_else(|| p!(tr(), "admin-day"))
}

/// The end of a day, in UTC.
pub fn end_of(day: NaiveDate) -> anyhow::Result<DateTime<Utc>> {
    let next = day.checked_add_days(Days::new(1)).ok_or_else(|| anyhow!(p!(tr(), "admin-day-too-far")))?;
    Ok(next.and_time(NaiveTime::MIN).and_utc())
}

/// The last day a licence holds.
pub fn last_day(end: Moment) -> String {
    crate::words::day(end - chrono::TimeDelta::seconds(1))
}

/// The accounts of the server.
pub async fn accounts(store: &Store, now: Moment) -> anyhow::Result<()> {
    let all = find::all(store).await?;
    if all.is_empty() {
        return print(&p!(tr(), "admin-no-accounts"));
    }
    for row in all {
        let id = row.id.to_string();
        if let Some(at) = row.deleted_at {
            print(&p!(tr(), "admin-account-deleted", id = id, name = row.name, day = crate::words::day(at)))?;
            continue;
        }
        let licence = match licence::current(store, row.id, now).await? {
            Some(licence) => p!(tr(), "admin-licence", plan = licence.plan.as_str(), day = last_day(licence.valid_until)),
            None => p!(tr(), "admin-no-licence"),
        };
        let members = p!(tr(), "admin-members", count = member::list(store, row.id).await?.len());
        print(&p!(tr(), "admin-account-line", id = id, name = row.name, members = members, licence = licence))?;
    }
    Ok(())
}

/// Two companies of one name cannot be told apart on the command line.
pub async fn is_new(store: &Store, name: &str) -> anyhow::Result<()> {
    let all = find::all(store).await?;
    let same = |row: &find::Found| row.deleted_at.is_none() && row.name.to_lowercase() == name.trim().to_lowercase();
    match all.into_iter().find(same) {
        None => Ok(()),
        Some(row) => bail!(p!(tr(), "admin-name-taken", id = row.id.to_string())),
    }
}

/// Gives an account another name.
pub async fn rename(store: &Store, wanted: &str, name: &str, now: Moment) -> anyhow::Result<()> {
    let id = find::account(store, wanted).await?;
    is_new(store, name).await?;
    settings::change(store, By::Admin(id), &settings::Change::Name(name.to_owned()), now).await.map_err(refused)?;
    print(&p!(tr(), "admin-renamed", id = id.to_string(), name = name.trim()))
}

/// The members of an account: what they type to come in, what they may, and whether they can.
pub async fn members(store: &Store, account: AccountId) -> anyhow::Result<()> {
    for member in member::list(store, account).await? {
        let state = match (member.disabled_at, member.locked_at) {
            (Some(at), _) => p!(tr(), "admin-member-disabled", at = minute(at)),
            (None, Some(at)) => {
                let why = match member.lock_reason.as_deref() {
                    Some("wrong_passwords") => p!(tr(), "admin-lock-wrong-passwords"),
                    Some("lost_phone") => p!(tr(), "admin-lock-lost-phone"),
                    _ => p!(tr(), "admin-lock-owner"),
                };
                p!(tr(), "admin-member-locked", at = minute(at), why = why, account = account.to_string(), login = &member.login)
            }
            (None, None) => p!(tr(), "admin-sessions", count = member.sessions),
        };
        let role = mms_bot::words::role(tr(), member.role).to_lowercase();
        print(&p!(tr(), "admin-member-line", login = member.login, name = member.name, role = role, state = state))?;
    }
    Ok(())
}

/// The live sessions of an account's members.
pub async fn sessions(store: &Store, account: AccountId) -> anyhow::Result<()> {
    let mut none = true;
    for member in member::list(store, account).await? {
        for session in session::list(store, By::Admin(account), member.id).await.map_err(refused)? {
            none = false;
            print(&p!(
                tr(),
                "admin-session-line",
                login = &member.login,
                name = &member.name,
                user = session.telegram_user_id.to_string(),
                phone = session.telegram_name,
                since = minute(session.created_at),
                used = minute(session.last_seen_at)
            ))?;
        }
    }
    if none { print(&p!(tr(), "admin-nobody-signed-in")) } else { Ok(()) }
}

/// Ends every session of a member.
pub async fn end_sessions(store: &Store, account: AccountId, login: &str, now: Moment) -> anyhow::Result<()> {
    let member = find::member(store, account, login).await?;
    let ended = session::end_all(store, By::Admin(account), member, None, now).await.map_err(refused)?;
    print(&p!(tr(), "admin-ended", count = ended))
}

/// Lifts a member's lock.
pub async fn unlock(store: &Store, account: AccountId, login: &str, now: Moment) -> anyhow::Result<()> {
    member::unlock(store, By::Admin(account), find::member(store, account, login).await?, now).await.map_err(refused)?;
    print(&p!(tr(), "admin-unlocked", login = login))
}

/// Takes a member's second factor away.
pub async fn reset_second_factor(store: &Store, account: AccountId, login: &str, now: Moment) -> anyhow::Result<()> {
    let member = find::member(store, account, login).await?;
    if !second::has(store, account, member).await? {
        bail!(p!(tr(), "admin-second-none", login = login));
    }
    second::reset(store, By::Admin(account), member, now).await.map_err(refused)?;
    print(&p!(tr(), "admin-second-reset", login = login))
}

/// The licences of an account, the valid and the others.
pub async fn licences(store: &Store, account: AccountId, now: Moment) -> anyhow::Result<()> {
    let all = licence::list(store, account).await?;
    if all.is_empty() {
        return print(&p!(tr(), "admin-no-licences", account = account.to_string()));
    }
    // The one that holds now holds by the database's clock too, which this machine's may be behind.
    let current = licence::current(store, account, now).await?.map(|one| one.id);
    for one in all {
        let state = match one.revoked_at {
            Some(at) => p!(tr(), "admin-licence-back", day = crate::words::day(at)),
            None if one.valid(now) || current == Some(one.id) => p!(tr(), "admin-licence-valid"),
            None if one.valid_from > now => p!(tr(), "admin-licence-later"),
            None => p!(tr(), "admin-licence-over"),
        };
        print(&p!(
            tr(),
            "admin-licence-line",
            id = one.id.to_string(),
            plan = one.plan.as_str(),
            from = crate::words::day(one.valid_from),
            until = last_day(one.valid_until),
            state = state
        ))?;
    }
    Ok(())
}

/// Issues a licence until the end of a day.
pub async fn issue(store: &Store, account: AccountId, plan: licence::PlanCode, until: NaiveDate, now: Moment) -> anyhow::Result<()> {
    let end = end_of(until)?;
    if end <= now {
        bail!(p!(tr(), "admin-day-over", day = until.to_string()));
    }
    if plan.plan().is_none() {
        bail!(p!(tr(), "admin-no-plan", plan = plan.to_string(), plans = plan::book().codes()));
    }
    let id = licence::issue(store, account, plan, now, end, now).await?;
    print(&p!(tr(), "admin-licence-issued", id = id.to_string(), plan = plan.as_str(), day = until.to_string()))
}

/// Takes a licence back.
pub async fn revoke(store: &Store, account: AccountId, licence: LicenceId, now: Moment) -> anyhow::Result<()> {
    licence::revoke(store, account, licence, now).await.map_err(|error| match error {
        AccountError::NotFound => anyhow!(p!(tr(), "admin-no-such-licence")),
        error => refused(error),
    })?;
    print(&p!(tr(), "admin-licence-revoked"))
}

/// Makes an invitation.
pub async fn invite(store: &Store, config: &Config, account: AccountId, role: RoleName, now: Moment) -> anyhow::Result<()> {
    let (_, secret) = invitation::create(store, By::Admin(account), role.into(), now).await.map_err(refused)?;
    let link = start_link(config, "inv", &secret).await;
    print(&p!(tr(), "admin-invited", hours = invitation::VALID_HOURS, link = link))
}

/// Makes a link for a new password.
pub async fn reset_password(store: &Store, config: &Config, account: AccountId, login: &str, now: Moment) -> anyhow::Result<()> {
    let member = find::member(store, account, login).await?;
    let secret = reset::create(store, By::Admin(account), member, now).await.map_err(refused)?;
    let link = start_link(config, "pwd", &secret).await;
    print(&p!(tr(), "admin-reset", hours = reset::VALID_HOURS, link = link))
}

/// What starts the managers' bot with this word: a link where Telegram tells the bot's name, else
/// the command to type.
async fn start_link(config: &Config, word: &str, secret: &Secret) -> String {
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
    p!(tr(), "admin-minute", at = at.format("%Y-%m-%d %H:%M").to_string())
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
