//! An account with a member, for the tests of this room.
#![allow(missing_docs, reason = "test code")]

use crate::{
    account::{Actor, Language, Role},
    clock,
    id::{AccountId, MemberId},
    on,
    store::Store,
};

/// A fresh account and its owner.
pub async fn actor(store: &Store) -> Actor {
    let (account, member, now) = (AccountId::new(), MemberId::new(), clock::now());
    let mut tx = store.begin().await.expect("begin");
    crate::testing::account(&mut tx, account, now).await;
    on!(tx.conn(), |c| sqlx::query("insert into member (id, account_id, login, password_hash, name, role, language, created_at) values ($1, $2, $3, '', 'Анна', 'owner', 'ru', $4)")
        .bind(member).bind(account).bind(member.to_string()).bind(now).execute(c).await.map(|_| ()))
    .expect("a member");
    tx.commit().await.expect("commit");
    Actor { account, member, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() }
}
