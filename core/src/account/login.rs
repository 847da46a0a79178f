//! Signing in. Guessing is made slow three ways: the same work for logins that do not exist, growing delays counted both
//! by login and by who types, and a lock that only an owner lifts. An attempt is counted *before* the password is looked
//! at, so that many at once do not slip through.

use chrono::TimeDelta;
use serde_json::json;

use super::{Actor, Language, Role, password, queries, session};
use crate::{
    clock::Moment,
    id::{AccountId, MemberId, SessionId},
    notice::{self, NewNotice},
    on,
    secret::Secret,
    store::{Store, audit},
};

/// Wrong passwords in a row after which a login is locked.
pub const LOCK_AFTER: i32 = 10;
/// What is counted against a Telegram user is forgotten after so many hours without an attempt.
const GUARD_HOURS: i64 = 24;

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
    failures: i32,
    delayed_until: Option<Moment>,
    locked_at: Option<Moment>,
    disabled_at: Option<Moment>,
}

/// A member whose password was right.
#[derive(Debug)]
pub(crate) struct Proven {
    pub actor: Actor,
    pub locked: bool,
    pub disabled: bool,
}

fn later(a: Option<Moment>, b: Option<Moment>) -> Option<Moment> {
    a.max(b)
}

/// Counts the attempt, looks at the password, locks after too many. A right password forgets what was counted.
pub(crate) async fn attempt(
    store: &Store,
    telegram_user_id: i64,
    login: &str,
    password: &Secret,
    now: Moment,
) -> Result<Proven, LoginError> {
    // 1. Count.
    let login = normalise(login).unwrap_or_default();
    let mut tx = store.begin().await?;
    let guard: Option<(i32, Option<Moment>, Moment)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::GUARD).bind(telegram_user_id).fetch_optional(c).await)?;
    let (guard_failures, guard_delay) = match guard {
        Some((failures, until, at)) if now - at < TimeDelta::hours(GUARD_HOURS) => (failures, until),
        _ => (0, None),
    };
    if let Some(until) = guard_delay.filter(|until| *until > now) {
        return Err(LoginError::Wait { until });
    }
    let row: Option<Row> = on!(tx.conn(), |c| sqlx::query_as(queries::LOGIN).bind(&login).fetch_optional(c).await)?;
    let mut wait_until = delay(guard_failures + 1).map(|d| now + d);
    on!(tx.conn(), |c| sqlx::query(queries::SET_GUARD)
        .bind(telegram_user_id)
        .bind(guard_failures + 1)
        .bind(wait_until)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    if let Some(row) = &row {
        let until = delay(row.failures + 1).map(|d| now + d);
        let counted = on!(tx.conn(), |c| sqlx::query(queries::COUNT_ATTEMPT)
            .bind(row.id)
            .bind(row.failures)
            .bind(now)
            .bind(until)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        if counted == 0 {
            tx.commit().await?;
            // A delay runs, or another attempt was counted this very moment.
            return Err(LoginError::Wait {
                until: later(row.delayed_until.filter(|d| *d > now), Some(now + TimeDelta::seconds(1))).unwrap_or(now),
            });
        }
        wait_until = later(wait_until, until);
    }
    tx.commit().await?;

    // 2. Look, without holding the database.
    let right = password::verify(password, row.as_ref().map(|r| r.password_hash.clone())).await?;

    // 3. Record.
    let mut tx = store.begin().await?;
    let outcome = match row {
        Some(row) if right => {
            on!(tx.conn(), |c| sqlx::query(queries::FORGET_FAILURES).bind(row.id).execute(c).await.map(|_| ()))?;
            on!(tx.conn(), |c| sqlx::query(queries::FORGET_GUARD).bind(telegram_user_id).execute(c).await.map(|_| ()))?;
            Ok(Proven {
                actor: Actor { account: row.account_id, member: row.id, role: row.role, language: row.language, name: row.name },
                locked: row.locked_at.is_some(),
                disabled: row.disabled_at.is_some(),
            })
        }
        Some(row) => {
            if row.failures + 1 >= LOCK_AFTER {
                let locked = on!(tx.conn(), |c| sqlx::query(queries::LOCK)
                    .bind(row.account_id)
                    .bind(row.id)
                    .bind(now)
                    .bind("wrong_passwords")
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                if locked == 1 {
                    audit::record(
                        &mut tx,
                        row.account_id,
                        "system",
                        "member.lock",
                        &row.id.to_string(),
                        &json!({ "reason": "wrong_passwords", "failures": row.failures + 1 }),
                        now,
                    )
                    .await?;
                    let notice = NewNotice {
                        account: row.account_id,
                        member: None,
                        kind: "member.locked",
                        payload: json!({ "member": row.id, "login": login }),
                        dedupe_key: format!("member.locked:{}:{}", row.id, now.timestamp_millis()),
                    };
                    notice::raise(&mut tx, notice, now).await?;
                }
            }
            Err(LoginError::Wrong { wait_until })
        }
        None => Err(LoginError::Wrong { wait_until }),
    };
    tx.commit().await?;
    outcome
}

/// Signs a member in from a Telegram user; that user's former session, if any, ends.
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
    let mut tx = store.begin().await?;
    let session = session::open(&mut tx, &proven.actor, telegram_user_id, telegram_name, now).await?;
    tx.commit().await?;
    Ok(SignedIn { session, actor: proven.actor })
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
