//! Passwords: Argon2id with explicit costs, hashed off the runtime's threads; the policy; changing and resetting.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use super::{AccountError, Actor, By, Right, login, queries, session};
use crate::{
    aside,
    clock::Moment,
    id::{AccountId, MemberId, SessionId},
    on,
    secret::Secret,
    store::{Store, Tx},
};

/// Memory of one hash, KiB: OWASP's first choice for Argon2id is 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Shortest password, characters.
pub const MIN_CHARS: usize = 10;
/// Longest password, characters: longer ones only cost time.
pub const MAX_CHARS: usize = 128;

/// A hash that no password opens, made with the same costs: work for logins that do not exist.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$OWYzv5d0eFl+lYr3cCGJM+TzB3QNQ1nYwzLbUu3hYzo";

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Fewer than [`MIN_CHARS`] characters.
    #[error("it has fewer than {MIN_CHARS} characters")]
    Short,
    /// More than [`MAX_CHARS`] characters.
    #[error("it has more than {MAX_CHARS} characters")]
    Long,
    /// Holds the login.
    #[error("it holds the login")]
    HoldsLogin,
    /// Fewer than five different characters, a run of neighbours, or on every list of common passwords.
    #[error("it is among the first that are guessed")]
    Common,
}

/// The hash could not be computed or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HashingFailed(String);

const COMMON: [&str; 26] = [
    "password",
    "passw0rd",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "1qaz2wsx",
    "q1w2e3r4",
    "zaq12wsx",
    "asdfghjkl",
    "letmein",
    "iloveyou",
    "administrator",
    "welcome",
    "changeme",
    "default",
    "йцукенгшщз",
    "пароль",
    "привет",
    "любовь",
    "ghbdtn",
    "gfhjkm",
    "0123456789",
    "1234567890",
    "9876543210",
    "abcdefghij",
    "123123123",
];

/// Whether a password may be chosen for this login.
///
/// # Errors
/// [`Weak`], the first reason found.
pub fn check(password: &str, login: &str) -> Result<(), Weak> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        return Err(Weak::Short);
    }
    if chars > MAX_CHARS {
        return Err(Weak::Long);
    }
    let folded = password.to_lowercase();
    if !login.is_empty() && folded.contains(&login.to_lowercase()) {
        return Err(Weak::HoldsLogin);
    }
    let different: std::collections::BTreeSet<char> = folded.chars().collect();
    // A common word with a tail of fewer than five characters is no better than the word.
    let common = COMMON.iter().any(|word| folded.contains(word) && chars < word.chars().count() + 5);
    if different.len() < 5 || common { Err(Weak::Common) } else { Ok(()) }
}

fn argon2() -> Result<Argon2<'static>, HashingFailed> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| HashingFailed(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password with a random salt, on a thread where blocking is allowed.
///
/// # Errors
/// [`HashingFailed`].
pub async fn hash(password: &Secret) -> Result<String, HashingFailed> {
    let password = password.clone();
    aside::run(move || {
        argon2()?.hash_password(password.expose().as_bytes()).map(|hash| hash.to_string()).map_err(|e| HashingFailed(e.to_string()))
    })
    .await
    .map_err(|e| HashingFailed(e.to_string()))?
}

/// Whether `password` opens `hash`; `None` does the same work and is never right.
///
/// # Errors
/// [`HashingFailed`] when the stored text is not a hash.
pub async fn verify(password: &Secret, hash: Option<String>) -> Result<bool, HashingFailed> {
    let password = password.clone();
    aside::run(move || {
        let text = hash.as_deref().unwrap_or(DUMMY);
        let parsed = PasswordHash::new(text).map_err(|e| HashingFailed(e.to_string()))?;
        let right = argon2()?.verify_password(password.expose().as_bytes(), &parsed).is_ok();
        Ok(right && hash.is_some())
    })
    .await
    .map_err(|e| HashingFailed(e.to_string()))?
}

async fn set(tx: &mut Tx, account: AccountId, member: MemberId, hash: &str) -> sqlx::Result<u64> {
    on!(tx.conn(), |c| sqlx::query(queries::SET_PASSWORD).bind(account).bind(member).bind(hash).execute(c).await.map(|r| r.rows_affected()))
}

/// Sets another member's password (an owner, or the command line): ends their sessions, keeps a lock unless `unlock`.
///
/// # Errors
/// [`AccountError`].
pub async fn reset(
    store: &Store,
    by: impl Into<By<'_>>,
    member: MemberId,
    password: &Secret,
    unlock: bool,
    now: Moment,
) -> Result<(), AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    let row = super::member::get(store, by.account(), member).await?.ok_or(AccountError::NotFound)?;
    check(password.expose(), &row.login)?;
    let hash = hash(password).await?;
    let mut tx = store.begin().await?;
    if set(&mut tx, by.account(), member, &hash).await? == 0 {
        return Err(AccountError::NotFound);
    }
    if unlock {
        on!(tx.conn(), |c| sqlx::query(queries::UNLOCK).bind(by.account()).bind(member).execute(c).await.map(|_| ()))?;
    }
    session::end_of_member(&mut tx, by.account(), member, None, "password_reset", now).await?;
    by.audit(&mut tx, "member.password_reset", member, serde_json::json!({ "unlock": unlock }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Changes one's own password; `keep` is the session that goes on, the others end. Wrong old passwords count as wrong
/// logins do.
///
/// # Errors
/// [`AccountError`].
pub async fn change(
    store: &Store,
    actor: &Actor,
    keep: SessionId,
    telegram_user_id: i64,
    old: &Secret,
    new: &Secret,
    now: Moment,
) -> Result<(), AccountError> {
    let row = super::member::get(store, actor.account, actor.member).await?.ok_or(AccountError::NotFound)?;
    check(new.expose(), &row.login)?;
    login::attempt(store, telegram_user_id, &row.login, old, now).await.map_err(|error| match error {
        login::LoginError::Wait { until } => AccountError::Wait(until),
        login::LoginError::Hashing(e) => AccountError::Hashing(e),
        login::LoginError::Store(e) => AccountError::Store(e),
        login::LoginError::Wrong { .. } | login::LoginError::Locked | login::LoginError::Disabled => AccountError::WrongPassword,
    })?;
    let hash = hash(new).await?;
    let by = By::Member(actor);
    let mut tx = store.begin().await?;
    set(&mut tx, actor.account, actor.member, &hash).await?;
    session::end_of_member(&mut tx, actor.account, actor.member, Some(keep), "password_changed", now).await?;
    by.audit(&mut tx, "member.password_change", actor.member, serde_json::json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        let table = [
            ("short", Err(Weak::Short)),
            ("anna-anna-anna", Err(Weak::HoldsLogin)),
            ("aaaaaaaaaaaa", Err(Weak::Common)),
            ("password123", Err(Weak::Common)),
            ("Пароль12345", Ok(())),
            ("1234567890", Err(Weak::Common)),
            ("лошадь-скрепка-батарея", Ok(())),
            ("korova na lune", Ok(())),
        ];
        for (password, expected) in table {
            assert_eq!(check(password, "anna"), expected, "{password}");
        }
        assert_eq!(check(&"abcde".repeat(26), ""), Err(Weak::Long));
    }

    #[tokio::test]
    async fn a_hash_opens_to_its_password_only_and_the_dummy_to_none() {
        let right = Secret::new("korova na lune");
        let hash = hash(&right).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify(&right, Some(hash.clone())).await.unwrap());
        assert!(!verify(&Secret::new("korova na lunE"), Some(hash)).await.unwrap());
        assert!(!verify(&right, None).await.unwrap());
    }
}
