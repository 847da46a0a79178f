//! Signed licence keys: a licence as a line of text, for servers that the licensor does not reach.
//! The licensor signs it offline (Ed25519); a server takes it if the public key is among its
//! settings (`billing.licence_keys`), it is for that very company, and it was not entered before.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    By, Right,
    licence::{self, Licence},
    plan::PlanCode,
    queries, settings,
};
use crate::{
    clock::Moment,
    on,
    sign::{self, Signer},
    store::{Store, audit},
};

/// How a key begins.
const MARK: &str = "MMS1.";
/// What is signed begins so: a signature of something else is none of a key.
const SIGNED: &str = "mms licence key 1\n";
/// The longest key that is looked at, bytes.
const LONGEST: usize = 2_000;

/// What a key says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Of this key alone.
    pub id: uuid::Uuid,
    /// The company: its id on the server, or its name.
    pub account: String,
    pub plan: PlanCode,
    /// Until when (this moment no longer).
    pub until: Moment,
}

/// Why a key is not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Owners alone enter keys.
    #[error("this role has no such right ({0:?})")]
    Forbidden(Right),
    /// It is no key, or not all of it.
    #[error("this is no licence key, or not all of it")]
    Form,
    /// The server takes no keys.
    #[error("this server takes no keys: billing.licence_keys is empty")]
    NoKeys,
    /// Nobody whom the server trusts signed these words.
    #[error("the key's signature does not hold")]
    Signature,
    /// It is for another company.
    #[error("the key is for `{0}`")]
    OtherAccount(String),
    /// It was entered before.
    #[error("the key was entered before")]
    Used,
    /// It ended.
    #[error("the key ended on {0}")]
    Ended(Moment),
    /// This server has no such plan.
    #[error("this server has no plan `{0}`")]
    NoPlan(PlanCode),
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// Signs a key: the licensor's act.
///
/// # Errors
/// Only if the claims cannot be written.
pub fn issue(signer: &Signer, claims: &Claims) -> serde_json::Result<String> {
    let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims)?);
    let signature = signer.sign(format!("{SIGNED}{body}").as_bytes()).replace('+', "-").replace('/', "_");
    Ok(format!("{MARK}{body}.{}", signature.trim_end_matches('=')))
}

/// What a key says, if one of these public keys signed it.
///
/// # Errors
/// [`KeyError::Form`], [`KeyError::NoKeys`], [`KeyError::Signature`].
pub fn read(text: &str, keys: &str) -> Result<Claims, KeyError> {
    // A messenger may have broken the line.
    let text: String = text.split_whitespace().collect();
    let (body, signature) =
        text.strip_prefix(MARK).filter(|_| text.len() <= LONGEST).and_then(|rest| rest.split_once('.')).ok_or(KeyError::Form)?;
    let claims: Claims = URL_SAFE_NO_PAD.decode(body).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or(KeyError::Form)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| KeyError::Form)?;
    let signature = STANDARD.encode(signature);
    if keys.split_whitespace().next().is_none() {
        return Err(KeyError::NoKeys);
    }
    let signed = format!("{SIGNED}{body}");
    if keys.split_whitespace().any(|key| sign::verify(key, signed.as_bytes(), &signature).is_ok()) {
        Ok(claims)
    } else {
        Err(KeyError::Signature)
    }
}

/// Enters a key: the licence is there at once.
///
/// # Errors
/// [`KeyError`].
pub async fn enter(store: &Store, by: By<'_>, keys: &str, text: &str, now: Moment) -> Result<Licence, KeyError> {
    by.need(Right::Own).map_err(|_| KeyError::Forbidden(Right::Own))?;
    let claims = read(text, keys)?;
    let account = by.account();
    let name = settings::get(store, account).await?.map(|settings| settings.name).unwrap_or_default();
    let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    if !same(&claims.account, &account.to_string()) && !same(&claims.account, &name) {
        return Err(KeyError::OtherAccount(claims.account));
    }
    if claims.until <= now {
        return Err(KeyError::Ended(claims.until));
    }
    if claims.plan.plan().is_none() {
        return Err(KeyError::NoPlan(claims.plan));
    }
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(audit::HOLD).bind(account).execute(c).await.map(|_| ()))?;
    let why = json!({ "key": claims.id });
    let id = licence::issue_in(&mut tx, account, &by.trail(), claims.plan, (now, claims.until), why, now).await?;
    let entered = on!(tx.conn(), |c| sqlx::query(queries::ENTER_KEY)
        .bind(claims.id.to_string())
        .bind(account)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if entered == 0 {
        tx.roll_back().await?;
        return Err(KeyError::Used);
    }
    tx.commit().await?;
    Ok(Licence { id, account_id: account, plan: claims.plan, valid_from: now, valid_until: claims.until, revoked_at: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        let until: Moment = "2027-12-01T00:00:00Z".parse().expect("a moment");
        Claims { id: uuid::Uuid::from_u128(7), account: "Ромашка".to_owned(), plan: PlanCode::START, until }
    }

    #[test]
    fn a_key_is_read_by_the_key_that_signed_it_alone() {
        let (signer, other) = (Signer::of_seed(&[1; 32]), Signer::of_seed(&[2; 32]));
        let key = issue(&signer, &claims()).expect("issued");
        let both = format!("{}\n {}", other.public(), signer.public());
        assert_eq!(read(&key, &both).expect("read"), claims());
        // As a messenger may have broken it.
        let broken = format!(" {}\n{} ", &key[..40], &key[40..]);
        assert_eq!(read(&broken, &signer.public()).expect("read"), claims());
        assert!(matches!(read(&key, &other.public()), Err(KeyError::Signature)));
        assert!(matches!(read(&key, " "), Err(KeyError::NoKeys)));
        for no_key in ["", "MMS1.", "MMS1.a.b", "start", &key[..key.len() / 2]] {
            assert!(matches!(read(no_key, &signer.public()), Err(KeyError::Form)), "{no_key}");
        }
    }

    #[test]
    fn another_plan_or_a_longer_time_is_found_out() {
        let signer = Signer::of_seed(&[1; 32]);
        let key = issue(&signer, &claims()).expect("issued");
        let signature = key.rsplit_once('.').expect("it has one").1;
        for forged in [
            Claims { plan: PlanCode::UNLIMITED, ..claims() },
            Claims { until: claims().until + chrono::TimeDelta::days(1), ..claims() },
            Claims { account: "Лютик".to_owned(), ..claims() },
        ] {
            let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&forged).expect("written"));
            assert!(matches!(read(&format!("{MARK}{body}.{signature}"), &signer.public()), Err(KeyError::Signature)));
        }
    }
}
