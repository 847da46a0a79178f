//! An account with a member, for the tests of this room.
#![allow(missing_docs, reason = "test code")]

use crate::{
    account::{Actor, Language, Role},
    clock,
    id::{AccountId, ConnectionId, ContactId, MemberId},
    on,
    store::{Store, Tx},
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

/// A contact is this record of a connection.
pub async fn source(tx: &mut Tx, account: AccountId, contact: ContactId, (connection, id): (ConnectionId, &str)) {
    let crm = super::CrmRef { connection, id: id.to_owned(), updated_at: clock::now(), tags: Vec::new() };
    super::source::put(tx, account, contact, &crm, None, clock::now()).await.expect("a source");
}

/// A connection of the account to a CRM, with nothing behind it.
pub async fn connection(tx: &mut Tx, account: AccountId) -> ConnectionId {
    let (connection, now) = (ConnectionId::new(), clock::now());
    let sql = "insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, \
               sync_cursor, sync_phase, created_at) values ($1, $2, 'amocrm', 'Demo', '', '', 'paused', $3, $4, 'seed', $4, 'idle', $5)";
    let nothing = sqlx::types::Json(serde_json::json!({}));
    on!(tx.conn(), |c| sqlx::query(sql)
        .bind(connection)
        .bind(account)
        .bind(Vec::<u8>::new())
        .bind(&nothing)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
    .expect("a connection");
    connection
}
