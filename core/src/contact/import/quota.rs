//! How much of imports an account may have: a file sent to the chat is kept whole, and nobody
//! should fill the disk of all the others by sending files.

use super::ImportError;
use crate::{
    account::load::{self, Guard},
    clock::Moment,
    contact::queries,
    id::AccountId,
    on,
    store::{Store, Tx},
};

/// Imports that wait for a person at most.
pub const WAITING: i64 = 20;
/// Megabytes of kept files at most, refused rows among them.
pub const MEGABYTES: i64 = 1_024;

/// Which of them is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Quota {
    /// [`WAITING`].
    #[error("{} imports are waiting already: start or cancel one of them first", WAITING)]
    Waiting,
    /// As many files within an hour as one company may send ([`crate::account::load`]).
    #[error("{0} files came within an hour: send this one later")]
    Often(i64),
    /// [`MEGABYTES`].
    #[error("the files of imports take up {} MB already: cancel imports that are not needed, their files go first", MEGABYTES)]
    Kept,
}

/// What an account has of imports.
#[derive(Debug, sqlx::FromRow)]
struct Used {
    waiting: i64,
    bytes: i64,
}

impl Used {
    /// Whether a file of this many bytes may come.
    fn admit(&self, bytes: usize) -> Result<(), Quota> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        if self.waiting >= WAITING {
            Err(Quota::Waiting)
        } else if self.bytes.saturating_add(bytes) > MEGABYTES * 1024 * 1024 {
            Err(Quota::Kept)
        } else {
            Ok(())
        }
    }
}

/// Whether the account may send a file of this many bytes now, before anything of it is read.
///
/// # Errors
/// [`ImportError::Quota`]; the database's.
pub(super) async fn check(store: &Store, account: AccountId, bytes: usize, now: Moment) -> Result<(), ImportError> {
    let used: Used = on!(store.read(), |c| sqlx::query_as(queries::IMPORT_QUOTA).bind(account).fetch_one(c).await)?;
    used.admit(bytes)?;
    let lately = load::used(store, account, Guard::Imports, now).await?;
    if lately.used >= lately.allowed { Err(Quota::Often(lately.allowed).into()) } else { Ok(()) }
}

/// The same in the change that keeps the file: of two that come at once, the second sees the first.
///
/// # Errors
/// [`ImportError::Quota`]; the database's.
pub(super) async fn take(tx: &mut Tx, account: AccountId, bytes: usize, now: Moment) -> Result<(), ImportError> {
    load::need(tx, account, Guard::Imports, 1, now).await?.map_err(|heavy| Quota::Often(heavy.allowed))?;
    let used: Used = on!(tx.conn(), |c| sqlx::query_as(queries::IMPORT_QUOTA).bind(account).fetch_one(c).await)?;
    used.admit(bytes)?;
    Ok(load::need(tx, account, Guard::Files, i64::try_from(bytes).unwrap_or(i64::MAX), now).await??)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        account::load::Load,
        both,
        contact::{
            fixture,
            import::{begin, cancel},
        },
    };

    // Nothing stopped a member from filling the disk with files.
    both!(async fn an_account_keeps_so_many_imports_and_no_more(store) {
        let actor = fixture::actor(&store).await;
        let now = crate::clock::now();
        let send = async |at| begin(&store, &actor, "a.csv", "Имя;Телефон\nАнна;89120001122\n".as_bytes(), at).await;
        let refused = |outcome: Result<_, ImportError>| match outcome {
            Err(ImportError::Quota(quota)) => quota,
            other => panic!("{other:?}"),
        };
        let mut last = None;
        for _ in 0..WAITING {
            last = Some(send(now).await.expect("taken").id);
        }
        assert_eq!(refused(send(now).await), Quota::Waiting);
        let an_hour = Load::default().imports_an_hour;
        for _ in WAITING..an_hour {
            cancel(&store, &actor, last.expect("one"), now).await.expect("cancelled");
            last = Some(send(now).await.expect("taken").id);
        }
        cancel(&store, &actor, last.expect("one"), now).await.expect("cancelled");
        assert_eq!(refused(send(now).await), Quota::Often(an_hour));
        let later = now + TimeDelta::minutes(61);
        let last = send(later).await.expect("an hour later").id;
        cancel(&store, &actor, last, later).await.expect("cancelled");
        let mut tx = store.begin().await.expect("begun");
        on!(tx.conn(), |c| sqlx::query("update file set size = $2 where account_id = $1").bind(actor.account).bind(20_i64 << 20).execute(c).await.map(|_| ()))
            .expect("large ones");
        tx.commit().await.expect("kept");
        let outcome = begin(&store, &actor, "a.csv", &[b'x'; 20 << 20], later + TimeDelta::hours(1)).await;
        assert_eq!(refused(outcome), Quota::Kept);
    });
}
