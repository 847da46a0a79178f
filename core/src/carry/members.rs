//! Who was shut out since a backup stays shut out: sessions that ended, members who were disabled
//! or demoted, passwords that were changed. The phone that was stolen on Monday does not come in
//! again because Sunday's backup knows its session.

use serde_json::json;

use crate::{
    clock::Moment,
    id::{AccountId, MemberId, SessionId},
    on,
    store::{Store, Tx, audit},
};

/// Sessions of the former database that ended.
pub const ENDED: &str = "select id, account_id, ended_at from session where ended_at is not null";
/// Ends one of them.
pub const END: &str = "update session set ended_at = $3, end_reason = 'ended' where account_id = $1 and id = $2 and ended_at is null";
/// The members of a database: what they may do and what they come in by.
pub const MEMBERS: &str = "select id, account_id, role, password_hash, locked_at, lock_reason, disabled_at, password_due from member";
/// The same of one of them.
pub const MEMBER: &str = "select id, account_id, role, password_hash, locked_at, lock_reason, disabled_at, password_due from member where account_id = $1 and id = $2";
/// Makes a member what the former database knew them to be.
pub const MAKE: &str = "update member set role = $3, password_hash = $4, locked_at = $5, lock_reason = $6, disabled_at = $7, password_due = $8 \
    where account_id = $1 and id = $2";
/// Every statement both engines take.
pub const ALL: &[&str] = &[ENDED, END, MEMBERS, MEMBER, MAKE];
/// Whether the former database knows all of these columns: it may be of an earlier version. Only
/// SQLite's is asked.
const KNOWS: &str = "select exists (select 1 from pragma_table_info('member') where name = 'password_due')";

#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct Member {
    id: MemberId,
    account_id: AccountId,
    role: String,
    password_hash: String,
    locked_at: Option<Moment>,
    lock_reason: Option<String>,
    disabled_at: Option<Moment>,
    password_due: Option<String>,
}

/// What was carried over of members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shut {
    /// Sessions that ended since the backup.
    pub sessions: u64,
    /// Members whose rights or passwords are others since.
    pub members: u64,
}

/// Carries over who was shut out. Call it only for a former database that went on from the backup:
/// one that knows less would undo what the backup knows.
pub(super) async fn carry(former: &Store, tx: &mut Tx, now: Moment) -> sqlx::Result<Shut> {
    let mut shut = Shut::default();
    let why = json!({ "why": "done after the backup" });
    let ended: Vec<(SessionId, AccountId, Moment)> = on!(former.read(), |c| sqlx::query_as(ENDED).fetch_all(c).await)?;
    for (session, account, at) in ended {
        let done =
            on!(tx.conn(), |c| sqlx::query(END).bind(account).bind(session).bind(at).execute(c).await.map(|done| done.rows_affected()))?;
        if done > 0 {
            audit::record(tx, account, "system", "session.end", &session.to_string(), &why, now).await?;
            shut.sessions += 1;
        }
    }
    if !on!(former.read(), |c| sqlx::query_scalar::<_, bool>(KNOWS).fetch_one(c).await)? {
        return Ok(shut);
    }
    let members: Vec<Member> = on!(former.read(), |c| sqlx::query_as(MEMBERS).fetch_all(c).await)?;
    for member in members {
        let (account, id) = (member.account_id, member.id);
        let before: Option<Member> = on!(tx.conn(), |c| sqlx::query_as(MEMBER).bind(account).bind(id).fetch_optional(c).await)?;
        // Whoever came after the backup is asked in anew.
        let Some(before) = before.filter(|before| *before != member) else { continue };
        on!(tx.conn(), |c| sqlx::query(MAKE)
            .bind(account)
            .bind(id)
            .bind(&member.role)
            .bind(&member.password_hash)
            .bind(member.locked_at)
            .bind(&member.lock_reason)
            .bind(member.disabled_at)
            .bind(&member.password_due)
            .execute(c)
            .await
            .map(|_| ()))?;
        let disabled = (before.disabled_at.is_some(), member.disabled_at.is_some());
        for (changed, action) in [
            (disabled == (false, true), "member.disable"),
            (disabled == (true, false), "member.enable"),
            (before.role != member.role, "member.role"),
            (before.password_hash != member.password_hash, "member.password_change"),
        ] {
            if changed {
                audit::record(tx, account, "system", action, &id.to_string(), &why, now).await?;
            }
        }
        shut.members += 1;
    }
    Ok(shut)
}
