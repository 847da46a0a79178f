//! The second factor: six digits of an authenticator (RFC 6238) that a member sets up, or that an
//! owner demands of everybody. A session in which it was not proved is no sign-in: whoever has the
//! password alone sees a question and nothing else ([`super::session::authenticate`]).
//!
//! Ten recovery codes, each used once, stand in for a lost authenticator; whoever lost those too is
//! helped by an owner, and a sole owner by `mms admin` at the server, on the record.

use rand::RngExt as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use totp_rs::{Algorithm, Builder, Totp};

use super::{AccountError, Actor, By, Right, member, queries, session};
use crate::{
    clock::Moment,
    id::{AccountId, MemberId, SessionId},
    notice::{self, NewNotice, NoticeKind},
    on, retry,
    secret::Sealer,
    store::{Store, Tx},
};

/// Recovery codes of a member.
pub const CODES: usize = 10;
/// The first wrong code after which no other is looked at for a while ([`retry::CODE`]).
const FREE: i32 = 4;
/// Wrong codes after which the session is over and the password is asked for again.
const ENDS: i32 = 8;
/// Letters and digits that nobody takes for each other.
const SIGNS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// What a session waits for before it is a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// A code of the member's authenticator.
    Code,
    /// An owner demands a second factor, and the member has none.
    Setup,
}

/// A session that is no sign-in yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Who it will be.
    pub actor: Actor,
    pub session: SessionId,
    pub due: Due,
}

/// How a member's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Since when it is asked for; `None`: there is none.
    pub since: Option<Moment>,
    /// Recovery codes that are left.
    pub codes: i64,
    /// An owner demands it of everybody.
    pub demanded: bool,
}

/// Why a code is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SecondError {
    /// It is not the code of this minute, was taken before, or is no recovery code that is left.
    #[error("the code is wrong")]
    Wrong,
    /// Too many were wrong: none is looked at before then.
    #[error("too many wrong codes: wait until {0}")]
    Wait(Moment),
    /// Too many were wrong in this session: it is over.
    #[error("too many wrong codes: sign in again")]
    Over,
    /// There is nothing to confirm or to take away.
    #[error("there is no second factor")]
    None,
    /// An owner demands it.
    #[error("an owner demands a second factor of everybody")]
    Demanded,
    /// It was sealed by a key that is gone.
    #[error("the second factor cannot be read")]
    Broken,
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

#[derive(sqlx::FromRow)]
struct Row {
    secret: Vec<u8>,
    confirmed_at: Option<Moment>,
    last_step: i64,
    wrong: i32,
    delayed_until: Option<Moment>,
}

fn authenticator(secret: [u8; 20]) -> Option<Totp> {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(30);
    builder.with_secret(totp_rs::Secret::new_stack(secret)).build().ok()
}

fn opened(row: &Row, sealer: &Sealer, member: MemberId) -> Result<Totp, SecondError> {
    let secret = sealer.open(&row.secret, member.0).map_err(|_| SecondError::Broken)?;
    secret.try_into().ok().and_then(authenticator).ok_or(SecondError::Broken)
}

async fn row(tx: &mut Tx, actor: &Actor) -> sqlx::Result<Option<Row>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::SECOND).bind(actor.account).bind(actor.member).fetch_optional(c).await)
}

/// How the member's own second factor stands.
///
/// # Errors
/// The database's.
pub async fn standing(store: &Store, actor: &Actor) -> sqlx::Result<Standing> {
    let (since, codes, demanded): (Option<Moment>, i64, bool) =
        on!(store.read(), |c| sqlx::query_as(queries::SECOND_STANDING).bind(actor.account).bind(actor.member).fetch_one(c).await)?;
    Ok(Standing { since, codes, demanded })
}

/// Begins to set it up: gives the key that the authenticator is told. Whoever has one already takes
/// it away first.
///
/// # Errors
/// [`SecondError`].
pub async fn begin(store: &Store, sealer: &Sealer, actor: &Actor, now: Moment) -> Result<String, SecondError> {
    let secret: [u8; 20] = rand::rng().random();
    let mut tx = store.begin().await?;
    if row(&mut tx, actor).await?.is_some_and(|row| row.confirmed_at.is_some()) {
        return Err(SecondError::Account(AccountError::Forbidden(Right::View)));
    }
    on!(tx.conn(), |c| sqlx::query(queries::BEGIN_SECOND)
        .bind(actor.account)
        .bind(actor.member)
        .bind(sealer.seal(&secret, actor.member.0))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await?;
    Ok(totp_rs::Secret::new_stack(secret).to_base32())
}

/// Confirms what [`begin`] began by a code of the authenticator; the session counts as proved.
/// Gives the recovery codes, which are shown once.
///
/// # Errors
/// [`SecondError`].
pub async fn confirm(
    store: &Store,
    sealer: &Sealer,
    (actor, of): (&Actor, SessionId),
    typed: &str,
    now: Moment,
) -> Result<Vec<String>, SecondError> {
    let mut tx = store.begin().await?;
    let row = row(&mut tx, actor).await?.filter(|row| row.confirmed_at.is_none()).ok_or(SecondError::None)?;
    let step = taken(&opened(&row, sealer, actor.member)?, typed, row.last_step, now).ok_or(SecondError::Wrong)?;
    on!(tx.conn(), |c| sqlx::query(queries::CONFIRM_SECOND)
        .bind(actor.account)
        .bind(actor.member)
        .bind(now)
        .bind(step)
        .execute(c)
        .await
        .map(|_| ()))?;
    proved(&mut tx, actor, of, now).await?;
    let codes: Vec<String> = (0..CODES).map(|_| recovery_code()).collect();
    on!(tx.conn(), |c| sqlx::query(queries::DROP_CODES).bind(actor.account).bind(actor.member).execute(c).await.map(|_| ()))?;
    for code in &codes {
        on!(tx.conn(), |c| sqlx::query(queries::ADD_CODE)
            .bind(actor.account)
            .bind(actor.member)
            .bind(digest(actor.member, code))
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    By::Member(actor).audit(&mut tx, "second.on", actor.member, json!({}), now).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Proves the second factor in a session: by a code of the authenticator, or a recovery code.
///
/// # Errors
/// [`SecondError`]; a wrong code is counted.
pub async fn prove(store: &Store, sealer: &Sealer, waiting: &Waiting, typed: &str, now: Moment) -> Result<(), SecondError> {
    let mut tx = store.begin().await?;
    match check(&mut tx, sealer, &waiting.actor, typed, now).await {
        Ok(()) => {
            proved(&mut tx, &waiting.actor, waiting.session, now).await?;
            tx.commit().await?;
            Ok(())
        }
        Err((error, wrong)) => {
            let over = wrong.is_some_and(|wrong| wrong % ENDS == 0);
            if over {
                on!(tx.conn(), |c| sqlx::query(queries::END_SESSION)
                    .bind(waiting.actor.account)
                    .bind(waiting.session)
                    .bind(now)
                    .bind("second_factor")
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                tell(&mut tx, &waiting.actor, now).await?;
            }
            tx.commit().await?;
            Err(if over { SecondError::Over } else { error })
        }
    }
}

/// Takes it away; a code proves that it is the member.
///
/// # Errors
/// [`SecondError`].
pub async fn off(store: &Store, sealer: &Sealer, actor: &Actor, typed: &str, now: Moment) -> Result<(), SecondError> {
    let mut tx = store.begin().await?;
    let demanded: bool = on!(tx.conn(), |c| sqlx::query_scalar(queries::SECOND_DEMANDED).bind(actor.account).fetch_one(c).await)?;
    if demanded {
        return Err(SecondError::Demanded);
    }
    if let Err((error, _)) = check(&mut tx, sealer, actor, typed, now).await {
        tx.commit().await?;
        return Err(error);
    }
    drop_all(&mut tx, actor.account, actor.member).await?;
    By::Member(actor).audit(&mut tx, "second.off", actor.member, json!({}), now).await?;
    Ok(tx.commit().await?)
}

/// An owner, or the command line, takes a member's away: they lost it. Their sessions end, all
/// owners are told.
///
/// # Errors
/// [`AccountError`].
pub async fn reset(store: &Store, by: impl Into<By<'_>>, of: MemberId, now: Moment) -> Result<(), AccountError> {
    let by = by.into();
    by.need(Right::Own)?;
    if by.member() == Some(of) {
        return Err(AccountError::Forbidden(Right::Own));
    }
    let found = member::get(store, by.account(), of).await?.ok_or(AccountError::NotFound)?;
    let mut tx = store.begin().await?;
    if drop_all(&mut tx, by.account(), of).await? == 0 {
        return Err(AccountError::NotFound);
    }
    session::end_of_member(&mut tx, by.account(), of, None, "second_reset", now).await?;
    by.audit(&mut tx, "second.reset", of, json!({}), now).await?;
    let notice = NewNotice {
        account: by.account(),
        member: None,
        kind: NoticeKind::SecondReset,
        payload: json!({ "member": of, "name": found.name }),
        dedupe_key: format!("second.reset:{of}:{}", now.timestamp_millis()),
    };
    notice::raise(&mut tx, notice, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether a member has one.
///
/// # Errors
/// The database's.
pub async fn has(store: &Store, account: AccountId, of: MemberId) -> sqlx::Result<bool> {
    on!(store.read(), |c| sqlx::query_scalar(queries::HAS_SECOND).bind(account).bind(of).fetch_one(c).await)
}

async fn proved(tx: &mut Tx, actor: &Actor, of: SessionId, now: Moment) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::PROVED).bind(actor.account).bind(of).bind(now).execute(c).await.map(|_| ()))
}

async fn drop_all(tx: &mut Tx, account: AccountId, member: MemberId) -> sqlx::Result<u64> {
    on!(tx.conn(), |c| sqlx::query(queries::DROP_CODES).bind(account).bind(member).execute(c).await.map(|_| ()))?;
    on!(tx.conn(), |c| sqlx::query(queries::DROP_SECOND).bind(account).bind(member).execute(c).await.map(|r| r.rows_affected()))
}

/// Whether a code is right; a wrong one is counted, and how many are comes back.
async fn check(tx: &mut Tx, sealer: &Sealer, actor: &Actor, typed: &str, now: Moment) -> Result<(), (SecondError, Option<i32>)> {
    let db = |error: sqlx::Error| (SecondError::Db(error), None);
    let row = row(tx, actor).await.map_err(db)?.filter(|row| row.confirmed_at.is_some()).ok_or((SecondError::None, None))?;
    if let Some(until) = row.delayed_until.filter(|until| now < *until) {
        return Err((SecondError::Wait(until), None));
    }
    let by_code = on!(tx.conn(), |c| sqlx::query(queries::USE_CODE)
        .bind(actor.account)
        .bind(actor.member)
        .bind(digest(actor.member, typed))
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))
    .map_err(db)?;
    let step = match by_code {
        0 => opened(&row, sealer, actor.member).map_err(|error| (error, None))?,
        _ => return good(tx, actor, row.last_step).await.map_err(db),
    };
    if let Some(step) = taken(&step, typed, row.last_step, now) {
        return good(tx, actor, step).await.map_err(db);
    }
    let wrong = row.wrong.saturating_add(1);
    let until = (wrong >= FREE).then(|| retry::CODE.due(wrong - FREE + 1, 0.0, now)).flatten();
    on!(tx.conn(), |c| sqlx::query(queries::WRONG_SECOND)
        .bind(actor.account)
        .bind(actor.member)
        .bind(wrong)
        .bind(until)
        .execute(c)
        .await
        .map(|_| ()))
    .map_err(db)?;
    Err((SecondError::Wrong, Some(wrong)))
}

async fn good(tx: &mut Tx, actor: &Actor, step: i64) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::GOOD_SECOND).bind(actor.account).bind(actor.member).bind(step).execute(c).await.map(|_| ()))
}

/// The step of time a code belongs to, if it is one of now and was not taken before.
fn taken(authenticator: &Totp, typed: &str, last: i64, now: Moment) -> Option<i64> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let step = authenticator.check(&digits, u64::try_from(now.timestamp()).ok()?)?;
    i64::try_from(step).ok().filter(|step| *step > last)
}

/// Somebody has the password and not the second factor.
async fn tell(tx: &mut Tx, actor: &Actor, now: Moment) -> sqlx::Result<()> {
    let notice = NewNotice {
        account: actor.account,
        member: None,
        kind: NoticeKind::SecondGuessed,
        payload: json!({ "member": actor.member, "name": actor.name }),
        dedupe_key: format!("second.guessed:{}:{}", actor.member, now.timestamp_millis()),
    };
    notice::raise(tx, notice, now).await
}

fn recovery_code() -> String {
    let mut rng = rand::rng();
    let mut half = || (0..5).map(|_| char::from(SIGNS[rng.random_range(0..SIGNS.len())])).collect::<String>();
    format!("{}-{}", half(), half())
}

/// A recovery code is kept as a digest: it has more than fifty bits, and nobody finds it by that.
fn digest(member: MemberId, code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    hex::encode(Sha256::digest(format!("{member}:{plain}")))
}
