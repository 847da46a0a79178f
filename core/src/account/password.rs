//! Passwords: Argon2id with explicit costs, hashed off the runtime's threads; the policy; changing
//! and resetting.

mod strength;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use super::{AccountError, Actor, By, login, queries, session, settings};
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
pub const MIN_CHARS: usize = 12;
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
    #[error("it holds the login")]
    HoldsLogin,
    /// Holds the company's name.
    #[error("it holds the company's name")]
    HoldsCompany,
    /// Words that everybody chooses, keys in a row, years, repetitions, one word with digits behind
    /// it; or no letter at all.
    #[error("it is among the first that are guessed: take three or four words that have nothing to do with each other")]
    Common,
}

/// The hash could not be computed or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HashingFailed(String);

/// Legal forms say nothing of a company.
const FORMS: [&str; 12] = ["ооо", "оао", "зао", "пао", "ип", "ао", "тоо", "llc", "ltd", "inc", "gmbh", "the"];

/// Whether a password may be chosen for this login in a company of this name.
///
/// # Errors
/// [`Weak`], the first reason found.
pub fn check(password: &str, login: &str, company: &str) -> Result<(), Weak> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        return Err(Weak::Short);
    }
    if chars > MAX_CHARS {
        return Err(Weak::Long);
    }
    if strength::holds(password, login) {
        return Err(Weak::HoldsLogin);
    }
    let words: Vec<String> = company
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() >= 2 && !FORMS.contains(&word.as_str()))
        .collect();
    if words.iter().any(|word| strength::names(password, word)) {
        return Err(Weak::HoldsCompany);
    }
    // What holds no letter is a phone number, a date, a card.
    let letters = password.chars().any(char::is_alphabetic);
    if !letters || strength::bits(password, &[]) < strength::ENOUGH_BITS {
        return Err(Weak::Common);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if strength::bits(password, &words) < strength::ENOUGH_BITS { Err(Weak::HoldsCompany) } else { Ok(()) }
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

/// Whether a message is the password of a member who signed in from this Telegram user before; at
/// most three are compared.
///
/// # Errors
/// [`AccountError`].
pub async fn typed_by(store: &Store, telegram_user_id: i64, text: &str) -> Result<bool, AccountError> {
    // Passwords chosen before today's shortest length are secrets too.
    let fits = (8..=MAX_CHARS).contains(&text.chars().count()) && !text.contains('\n');
    if !fits {
        return Ok(false);
    }
    let hashes: Vec<String> =
        on!(store.read(), |c| sqlx::query_scalar(queries::HASHES_OF_PHONE).bind(telegram_user_id).fetch_all(c).await)?;
    let text = Secret::new(text);
    for hash in hashes {
        if verify(&text, Some(hash)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How long a proven old password lets a new one be chosen, minutes.
pub const PROVEN_MINUTES: i64 = 10;
/// How long somebody approves nothing after a link that somebody else made set their password,
/// hours.
pub const NO_APPROVALS_HOURS: i64 = 24;

pub(super) async fn set(tx: &mut Tx, account: AccountId, member: MemberId, login: &str, hash: &str, now: Moment) -> sqlx::Result<u64> {
    on!(tx.conn(), |c| sqlx::query(queries::FORGET_TRIES).bind(login).execute(c).await.map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::VOID_LINKS).bind(account).bind(member).bind(now).execute(c).await.map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::SET_PASSWORD).bind(account).bind(member).bind(hash).execute(c).await.map(|r| r.rows_affected()))
}

/// Whether this is the member's own password, asked again before a change; wrong ones count as
/// wrong sign-ins do.
///
/// # Errors
/// [`AccountError::WrongPassword`], [`AccountError::Wait`]; the others.
pub async fn prove(store: &Store, actor: &Actor, telegram_user_id: i64, old: &Secret, now: Moment) -> Result<(), AccountError> {
    let row = super::member::get(store, actor.account, actor.member).await?.ok_or(AccountError::NotFound)?;
    let proven = login::attempt(store, telegram_user_id, &row.login, old, now).await;
    proven.map(|_| ()).map_err(|error| match error {
        login::LoginError::Wait { until } => AccountError::Wait(until),
        login::LoginError::Hashing(e) => AccountError::Hashing(e),
        login::LoginError::Store(e) => AccountError::Store(e),
        _ => AccountError::WrongPassword,
    })
}

/// Sets one's own new password, after [`prove`] or because it is due; `keep` is the session that
/// goes on, the others end.
///
/// # Errors
/// [`AccountError`].
pub async fn renew(store: &Store, actor: &Actor, keep: SessionId, new: &Secret, now: Moment) -> Result<(), AccountError> {
    let row = super::member::get(store, actor.account, actor.member).await?.ok_or(AccountError::NotFound)?;
    check(new.expose(), &row.login, &settings::company(store, actor.account).await?)?;
    let old: Option<String> =
        on!(store.read(), |c| sqlx::query_scalar(queries::PASSWORD_HASH).bind(actor.account).bind(actor.member).fetch_optional(c).await)?;
    if verify(new, old).await? {
        return Err(AccountError::SamePassword);
    }
    let hash = hash(new).await?;
    let mut tx = store.begin().await?;
    set(&mut tx, actor.account, actor.member, &row.login, &hash, now).await?;
    session::end_of_member(&mut tx, actor.account, actor.member, Some(keep), "password_changed", now).await?;
    By::Member(actor).audit(&mut tx, "member.password_change", actor.member, serde_json::json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Until when a member approves nothing, because somebody else had a hand in their password;
/// `None`: they may.
///
/// # Errors
/// The database's.
pub async fn no_approvals_until(tx: &mut Tx, account: AccountId, member: MemberId, now: Moment) -> sqlx::Result<Option<Moment>> {
    let set: Option<Option<Moment>> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::PASSWORD_RESET).bind(account).bind(member).fetch_optional(c).await)?;
    let until = set.flatten().map(|at| at + chrono::TimeDelta::hours(NO_APPROVALS_HOURS));
    Ok(until.filter(|until| *until > now))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 31 weak passwords 24 were taken: everything with a tail of digits was.
    #[test]
    fn what_is_guessed_first_is_refused_with_the_reason() {
        let common = [
            "password12345",
            "Password2026!",
            "P@$$w0rd!2026",
            "Moscow2026!!",
            "Moscow2026Moscow",
            "йцукен123456",
            "qwertyuiop12",
            "1q2w3e4r5t6y",
            "zaq12wsxcde3",
            "ghbdtn123456",
            "gfhjkm-gfhjkm",
            "пароль123456",
            "Пароль12345!",
            "Gfhjkm12345!",
            "lyubov1234567",
            "любовь_навсегда",
            "natasha14021985",
            "Наташа14.02.1985",
            "ivanov19850101",
            "Kolokolchik-2026!",
            "adminadminadmin",
            "qweqweqweqwe",
            "abcdefghijkl",
            "абвгдежз12345",
            "111222333444",
            "+79261234567",
            "834762910573",
            "aaaaaaaaaaaaa",
            "qwerty йцукен",
            "Aa123456789!",
            "SuperParol2026!",
            "ЛюблюМосква2026",
            "drowssap12345",
            "zxcvbnm,./123",
            "iloveyou2026!",
            "Spartak1922!!",
            "Sberbank-2026",
            "elektrifikaciya1",
            "0123456789ab",
            "Privet!Privet!",
            "Москва-Анна-1985",
        ];
        for password in common {
            assert_eq!(check(password, "boris", "Лютик"), Err(Weak::Common), "{password}: {} bits", strength::bits(password, &[]));
        }
        let table = [
            ("short", Err(Weak::Short)),
            ("tulip-42-xy", Err(Weak::Short)),
            ("anna-anna-anna", Err(Weak::HoldsLogin)),
            ("my dog is ANNA, yes", Err(Weak::HoldsLogin)),
            ("koral i romashka vmeste", Err(Weak::HoldsCompany)),
            ("коралл hjvfirf чердак", Err(Weak::HoldsCompany)),
        ];
        for (password, expected) in table {
            assert_eq!(check(password, "anna", "ООО «Ромашка»"), expected, "{password}");
        }
        assert_eq!(check(&"abcde".repeat(26), "", ""), Err(Weak::Long));
        // Names of three letters were not looked at.
        let table = [
            ("цум лошадь скрепка", "ЦУМ", Err(Weak::HoldsCompany)),
            ("loshad-TSUM-na-marse", "ТД «ЦУМ»", Err(Weak::HoldsCompany)),
            ("loshad-wev-na-marse", "ЦУМ", Err(Weak::HoldsCompany)),
            ("azs77 korova na lune", "Азс 77", Err(Weak::HoldsCompany)),
            ("МирЦумКозаЦум", "ЦУМ", Err(Weak::HoldsCompany)),
            ("корова в костюме", "ЦУМ", Ok(())),
            ("loshad na marse", "ИП Ли", Ok(())),
            ("loshad 24 na marse", "Аптека 24", Ok(())),
        ];
        for (password, company, expected) in table {
            assert_eq!(check(password, "anna", company), expected, "{password} of {company}");
        }
    }

    #[test]
    fn phrases_and_random_ones_are_taken() {
        let good = [
            "korova na lune",
            "loshad na marse",
            "лошадь-скрепка-батарея",
            "correct horse battery 7",
            "another horse battery 8",
            "another long one",
            "tulip-Ferry-42",
            "tulip-Ferry-43",
            "x7Kq9!mZ2pRw",
            "hTa3KwLo9mix",
            "qXzTbWmPkLrV",
            "лошадьскрепкабатарея",
            "три кота на крыше",
            "d41d8cd98f00b204e980",
            "4f9a1c7be02d8856aa31",
        ];
        for password in good {
            assert_eq!(check(password, "boris", "Ромашка"), Ok(()), "{password}: {} bits", strength::bits(password, &[]));
        }
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
