//! Which account and which member the person at the server means.

use anyhow::{anyhow, bail};
use mms_bot::p;
use mms_core::{
    account::{self, AccountRow, member},
    clock::Moment,
    deletion,
    id::{AccountId, MemberId},
    store::Store,
};

use crate::words::{self, tr};

/// An account of this server.
#[derive(Debug)]
pub struct Found {
    pub id: AccountId,
    pub name: String,
    pub deleted_at: Option<Moment>,
}

/// Every account, oldest first, the deleted ones too.
pub async fn all(store: &Store) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    for AccountRow { id, name, .. } in account::all(store).await? {
        found.push(Found { id, name, deleted_at: deletion::deleted_at(store, id).await? });
    }
    Ok(found)
}

/// An account by id or exact name, deleted or not; of several of a name, the one that is at work.
pub async fn any(store: &Store, wanted: &str) -> anyhow::Result<Found> {
    let mut found: Vec<Found> = all(store).await?.into_iter().filter(|row| row.id.to_string() == wanted || row.name == wanted).collect();
    if found.iter().any(|row| row.deleted_at.is_none()) {
        found.retain(|row| row.deleted_at.is_none());
    }
    let several = found.len() > 1;
    match found.pop() {
        None => bail!(p!(tr(), "admin-no-account", wanted = wanted)),
        Some(_) if several => bail!(p!(tr(), "admin-several-accounts", wanted = wanted)),
        Some(one) => Ok(one),
    }
}

/// An account that is at work, by id or exact name.
pub async fn account(store: &Store, wanted: &str) -> anyhow::Result<AccountId> {
    let found = any(store, wanted).await?;
    match found.deleted_at {
        None => Ok(found.id),
        Some(at) => bail!(p!(tr(), "admin-account-gone", name = found.name, day = words::day(at))),
    }
}

/// A member by what they type to come in.
pub async fn member(store: &Store, account: AccountId, login: &str) -> anyhow::Result<MemberId> {
    member::by_login(store, account, login).await?.ok_or_else(|| anyhow!(p!(tr(), "admin-no-member", login = login)))
}
