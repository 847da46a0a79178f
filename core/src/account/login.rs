//! Signing in. Guessing is made slow without a way to shut somebody else out: wrong passwords are
//! counted by who types them, by who types them for which login, and by login for phones it does
//! not know. A phone that a member signed in from before is judged by its own counts alone, so
//! strangers keep nobody out. A login that does not exist is counted, delayed, hashed and recorded
//! like one that does. An attempt is counted *before* the password is looked at, so that many at
//! once do not slip through.

use chrono::TimeDelta;
use serde_json::json;

use super::{Actor, Language, Role, password, queries, session};
use crate::{
    clock::Moment,
    id::{AccountId, MemberId, SessionId},
    notice::{self, NewNotice, NoticeKind},
    on,
    secret::Secret,
    store::{Store, Tx, audit, trail::strangers},
};

/// Wrong passwords of one phone for one login after which it is looked at no more for
/// [`SHUT_HOURS`].
pub const SHUT_AFTER: i32 = 10;
/// How long a phone that typed that many is shut out of that login, hours.
pub const SHUT_HOURS: i64 = 24;
/// Wrong passwords for a login from phones it does not know after which the owners are told.
pub const TELL_AFTER: i32 = 10;
/// Hours without an attempt after which what was counted is forgotten.
pub const FORGET_HOURS: i64 = 24;

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// No such login, or another password: which of them is not told.
    #[error("the login or the password is wrong")]
    Wrong {
        /// The next attempt is looked at after this moment, if there is a delay.
        wait_until: Option<Moment>,
    },
    /// Too many attempts: this one was not looked at.
    #[error("too many attempts: wait until {until}")]
    Wait {
        /// When to try again.
        until: Moment,
    },
    /// The password is right, but the login is locked: an owner lifts it.
    #[error("the login is locked")]
    Locked,
    /// The password is right, but the member was disabled.
    #[error("the member is disabled")]
    Disabled,
    /// The password is right, but the member said that somebody else knows it: a new one is set
    /// from a phone they know, or by a link of an owner.
    #[error("the password must be changed first")]
    PasswordDue,
    /// The password could not be checked.
    #[error(transparent)]
    Hashing(#[from] password::HashingFailed),
    /// The database's.
    #[error("the database failed: {0}")]
    Store(#[from] sqlx::Error),
}

/// A member who has just come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The new session.
    pub session: SessionId,
    /// The member.
    pub actor: Actor,
}

/// How long nothing is looked at after the `failures`-th wrong password in a row.
#[must_use]
pub fn delay(failures: i32) -> Option<TimeDelta> {
    let seconds = match failures {
        ..=2 => return None,
        3 => 5,
        4 => 15,
        5 => 60,
        6 => 5 * 60,
        7 => 15 * 60,
        8 => 30 * 60,
        _ => 60 * 60,
    };
    Some(TimeDelta::seconds(seconds))
}

/// A login as it is kept: lower case, without spaces around. `None`: not a login.
#[must_use]
pub fn normalise(login: &str) -> Option<String> {
    let login = login.trim().to_lowercase();
    let fits = (3..=32).contains(&login.len());
    let clean = login.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@'));
    (fits && clean).then_some(login)
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: MemberId,
    account_id: AccountId,
    password_hash: String,
    name: String,
    role: Role,
    language: Language,
    locked_at: Option<Moment>,
    disabled_at: Option<Moment>,
    password_due: Option<String>,
}

/// A member whose password was right.
#[derive(Debug)]
pub(crate) struct Proven {
    pub actor: Actor,
    pub locked: bool,
    pub disabled: bool,
    /// The member was signed in from this phone before.
    pub known: bool,
    /// Why the password must be changed first.
    pub due: Option<String>,
}

/// What is counted, and until when nothing is looked at.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
struct Count {
    failures: i32,
    delayed_until: Option<Moment>,
    updated_at: Moment,
}

impl Count {
    /// As it is now: forgotten after a day of peace.
    fn at(self, now: Moment) -> Self {
        if now - self.updated_at < TimeDelta::hours(FORGET_HOURS) { self } else { Self::default() }
    }

    fn waits(self, now: Moment) -> Option<Moment> {
        self.delayed_until.filter(|until| *until > now)
    }
}

/// The three counts of an attempt, their rows held.
struct Counts {
    guard: Count,
    own: Count,
    login: Count,
}

async fn take(tx: &mut Tx, user: i64, login: &str, now: Moment) -> sqlx::Result<Counts> {
    // In this order always: two attempts never wait for each other's rows.
    let guard: Count = on!(tx.conn(), |c| sqlx::query_as(queries::TAKE_GUARD).bind(user).bind(now).fetch_one(c).await)?;
    let own: Count = on!(tx.conn(), |c| sqlx::query_as(queries::TAKE_TRY).bind(user).bind(login).bind(now).fetch_one(c).await)?;
    let count: Count = on!(tx.conn(), |c| sqlx::query_as(queries::TAKE_COUNT).bind(login).bind(now).fetch_one(c).await)?;
    Ok(Counts { guard: guard.at(now), own: own.at(now), login: count.at(now) })
}

/// Counts the attempt, looks at the password. A right password takes back what this phone did wrong
/// at this login, and no more: a login of one's own does not make guessing others cheaper.
pub(crate) async fn attempt(
    store: &Store,
    telegram_user_id: i64,
    login: &str,
    password: &Secret,
    now: Moment,
) -> Result<Proven, LoginError> {
    let outcome = attempted(store, telegram_user_id, login, password, now).await;
    let name = match &outcome {
        Ok(proven) if proven.disabled => "disabled",
        Ok(proven) if proven.locked => "locked",
        Ok(_) => "right",
        Err(LoginError::Wrong { .. }) => "wrong",
        Err(LoginError::Wait { .. }) => "too_early",
        Err(_) => "failed",
    };
    metrics::counter!("mms_sign_ins_total", "outcome" => name).increment(1);
    if outcome.is_err() {
        tracing::info!(outcome = name, "a sign-in was refused");
    }
    outcome
}

async fn attempted(store: &Store, telegram_user_id: i64, login: &str, password: &Secret, now: Moment) -> Result<Proven, LoginError> {
    // 1. Count.
    let login = normalise(login).unwrap_or_default();
    let mut tx = store.begin().await?;
    let row: Option<Row> = on!(tx.conn(), |c| sqlx::query_as(queries::LOGIN).bind(&login).fetch_optional(c).await)?;
    let id = row.as_ref().map_or(MemberId(uuid::Uuid::nil()), |row| row.id);
    let sessions: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::KNOWN_PHONE).bind(telegram_user_id).bind(id).fetch_one(c).await)?;
    let known = sessions > 0;
    let counts = take(&mut tx, telegram_user_id, &login, now).await?;
    let strange = counts.login.waits(now).filter(|_| !known);
    if let Some(until) = counts.guard.waits(now).max(counts.own.waits(now)).max(strange) {
        return Err(LoginError::Wait { until });
    }
    let own = counts.own.failures + 1;
    let own_until = if own >= SHUT_AFTER { Some(now + TimeDelta::hours(SHUT_HOURS)) } else { delay(own).map(|d| now + d) };
    let guard_until = delay(counts.guard.failures + 1).map(|d| now + d);
    let strange = counts.login.failures + i32::from(!known);
    let strange_until = if known { counts.login.delayed_until } else { delay(strange).map(|d| now + d) };
    on!(tx.conn(), |c| sqlx::query(queries::SET_GUARD)
        .bind(telegram_user_id)
        .bind(counts.guard.failures + 1)
        .bind(guard_until)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::SET_TRY)
        .bind(telegram_user_id)
        .bind(&login)
        .bind(own)
        .bind(own_until)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::SET_COUNT)
        .bind(&login)
        .bind(strange)
        .bind(strange_until)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await?;

    // 2. Look, without holding the database.
    let right = password::verify(password, row.as_ref().map(|r| r.password_hash.clone())).await?;

    // 3. Record.
    let mut tx = store.begin().await?;
    let outcome = match row {
        Some(row) if right => {
            forgive(&mut tx, telegram_user_id, &login, own, known).await?;
            Ok(Proven {
                actor: Actor { account: row.account_id, member: row.id, role: row.role, language: row.language, name: row.name },
                locked: row.locked_at.is_some(),
                disabled: row.disabled_at.is_some(),
                known,
                due: row.password_due,
            })
        }
        row => {
            let guessed = !known && strange == TELL_AFTER;
            match row {
                Some(row) => {
                    let details = json!({ "telegram_user_id": telegram_user_id, "known_phone": known });
                    audit::record(&mut tx, row.account_id, "system", "session.refused", &row.id.to_string(), &details, now).await?;
                    if guessed {
                        tell(&mut tx, &row, &login, now).await?;
                    }
                }
                // As much work, statement by statement: how long an answer takes does not tell
                // which logins there are.
                None => {
                    strangers::record(&mut tx, now);
                    if guessed {
                        strangers::record(&mut tx, now);
                    }
                }
            }
            let strange = strange_until.filter(|_| !known);
            Err(LoginError::Wrong { wait_until: guard_until.max(own_until).max(strange) })
        }
    };
    tx.commit().await?;
    outcome
}

/// What this phone did wrong at this login is forgotten, everywhere it was counted.
async fn forgive(tx: &mut Tx, user: i64, login: &str, own: i32, known: bool) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::FORGIVE_GUARD).bind(user).bind(own).execute(c).await.map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::FORGET_TRY).bind(user).bind(login).execute(c).await.map(|_| ()))?;
    if !known {
        on!(tx.conn(), |c| sqlx::query(queries::FORGIVE_COUNT).bind(login).bind(own).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Somebody guesses at a login: the owners are told, once a day.
async fn tell(tx: &mut Tx, row: &Row, login: &str, now: Moment) -> sqlx::Result<()> {
    let notice = NewNotice {
        account: row.account_id,
        member: None,
        kind: NoticeKind::MemberGuessed,
        payload: json!({ "member": row.id, "login": login, "name": row.name }),
        dedupe_key: format!("member.guessed:{}:{}", row.id, now.format("%Y-%m-%d")),
    };
    notice::raise(tx, notice, now).await
}

/// Signs a member in from a Telegram user; that user's former session, if any, ends. A sign-in from
/// a phone the member was never signed in from is told to their other sessions, or to the owners.
///
/// # Errors
/// [`LoginError`].
pub async fn login(
    store: &Store,
    telegram_user_id: i64,
    telegram_name: &str,
    login: &str,
    password: &Secret,
    now: Moment,
) -> Result<SignedIn, LoginError> {
    let proven = attempt(store, telegram_user_id, login, password, now).await?;
    if proven.disabled {
        return Err(LoginError::Disabled);
    }
    if proven.locked {
        return Err(LoginError::Locked);
    }
    if !proven.known && proven.due.as_deref() == Some(session::NOT_ME) {
        return Err(LoginError::PasswordDue);
    }
    let mut tx = store.begin().await?;
    if !proven.known {
        session::tell_of_new_phone(&mut tx, &proven.actor, telegram_user_id, telegram_name, now).await?;
    }
    let session = session::open(&mut tx, &proven.actor, telegram_user_id, telegram_name, now).await?;
    tx.commit().await?;
    Ok(SignedIn { session, actor: proven.actor })
}

/// Forgets counts that nobody added to for a day.
///
/// # Errors
/// The database's.
pub async fn sweep(store: &Store, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    for &sql in queries::SWEEP_TRIES {
        on!(tx.conn(), |c| sqlx::query(sql).bind(now - TimeDelta::hours(FORGET_HOURS + 1)).execute(c).await.map(|_| ()))?;
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_never_shrink() {
        let seconds: Vec<i64> = (0..=12).map(|n| delay(n).map_or(0, |d| d.num_seconds())).collect();
        assert_eq!(seconds, [0, 0, 0, 5, 15, 60, 300, 900, 1800, 3600, 3600, 3600, 3600]);
    }

    #[test]
    fn logins_are_folded_and_checked() {
        let table = [
            (" Anna ", Some("anna")),
            ("anna.k@shop", Some("anna.k@shop")),
            ("an", None),
            ("анна", None),
            ("two words", None),
            ("a23456789012345678901234567890123", None),
        ];
        for (raw, expected) in table {
            assert_eq!(normalise(raw).as_deref(), expected, "{raw}");
        }
    }
}
