//! The gates of [`crate::schema`], and what keeps updates until the first gate takes them.

use chrono::TimeDelta;
use mms_core::on;
use serde_json::Value;
use teloxide::types::{Update, UpdateKind};
use tokio::time::Instant;

use crate::frame::{auth, cx::Cx, deps::Deps};

/// When an update was taken from Telegram.
#[derive(Debug, Clone, Copy)]
pub struct Came(pub Instant);

/// Keeps an update until it is taken; nothing if it came before. One of long ago with the same
/// number was another one: after a week without updates Telegram counts from anywhere.
pub const KEEP: &str = "insert into manager_update (update_id, received_at, payload) values ($1, $2, $3) \
    on conflict (update_id) do update set received_at = excluded.received_at, payload = excluded.payload where manager_update.received_at < $4";
/// Takes an update; nothing if it was taken before.
pub const TAKE: &str = "insert into manager_update (update_id, received_at) values ($1, $2) \
    on conflict (update_id) do update set payload = null where manager_update.payload is not null";
/// An update that nobody will take.
pub const LET_GO: &str = "update manager_update set payload = null where update_id = $1";
/// Updates that were kept and not taken, in the order they came.
pub const LEFT: &str =
    "select update_id, payload from manager_update where payload is not null and received_at > $1 order by received_at, update_id";
/// Forgets updates Telegram cannot send again (it keeps them for a day).
pub const SWEEP: &str = "delete from manager_update where received_at < $1";
/// Every statement.
pub const ALL: &[&str] = &[KEEP, TAKE, LET_GO, LEFT, SWEEP];

/// Updates left over from before are taken up when they are no older: as long as Telegram itself
/// keeps them.
const LEFT_FOR: TimeDelta = TimeDelta::hours(24);

/// How long the number of an update is its own: longer than Telegram repeats one (a day), shorter
/// than the quiet after which it may use the number again (a week).
pub const REMEMBERED: TimeDelta = TimeDelta::days(3);

const _: () = assert!(LEFT_FOR.num_seconds() < REMEMBERED.num_seconds());

/// What the payload is sealed for.
fn owner(update_id: i64) -> uuid::Uuid {
    uuid::Uuid::from_u128(u128::from(update_id.unsigned_abs()))
}

/// An update's number: positive, for an offset below zero has a meaning of its own.
pub(crate) fn id_of(update: &Value) -> Option<i64> {
    update["update_id"].as_i64().filter(|id| *id > 0)
}

/// Keeps raw updates, so that a process that dies with them in memory finds them again; how many
/// are new. Acknowledge them to Telegram after this.
///
/// # Errors
/// The database's; then none is kept.
pub async fn keep(deps: &Deps, updates: &[Value]) -> sqlx::Result<u64> {
    if updates.is_empty() {
        return Ok(0);
    }
    let (mut tx, mut new) = (deps.store.begin().await?, 0);
    for (id, update) in updates.iter().filter_map(|update| Some((id_of(update)?, update))) {
        let sealed = deps.sealer.seal(update.to_string().as_bytes(), owner(id));
        new += on!(tx.conn(), |c| sqlx::query(KEEP)
            .bind(id)
            .bind(deps.now())
            .bind(&sealed)
            .bind(deps.now() - REMEMBERED)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
    }
    tx.commit().await?;
    Ok(new)
}

/// Lets updates go that nobody will take: held off, or of no kind we know.
pub async fn let_go(deps: &Deps, updates: &[i64]) {
    if updates.is_empty() {
        return;
    }
    let gone = async {
        let mut tx = deps.store.begin().await?;
        for id in updates {
            on!(tx.conn(), |c| sqlx::query(LET_GO).bind(*id).execute(c).await.map(|_| ()))?;
        }
        tx.commit().await
    };
    if let Err(error) = gone.await {
        tracing::warn!(%error, updates = updates.len(), "updates were not let go: a restart may take them up");
    }
}

/// Updates a process kept and did not come to take.
///
/// # Errors
/// The database's.
pub async fn left_over(deps: &Deps) -> sqlx::Result<Vec<Value>> {
    let since = deps.now() - LEFT_FOR;
    let rows: Vec<(i64, Vec<u8>)> = on!(deps.store.read(), |c| sqlx::query_as(LEFT).bind(since).fetch_all(c).await)?;
    // One that a former key sealed is nobody's any more.
    Ok(rows.iter().filter_map(|(id, sealed)| serde_json::from_slice(&deps.sealer.open(sealed, owner(*id)).ok()?).ok()).collect())
}

/// Gate 1.
pub async fn first_time(deps: Deps, update: Update) -> bool {
    let taken = on!(deps.store.once(), |c| sqlx::query(TAKE)
        .bind(i64::from(update.id.0))
        .bind(deps.now())
        .execute(c)
        .await
        .map(|done| done.rows_affected()));
    match taken {
        Ok(taken) => taken == 1,
        Err(error) => {
            tracing::error!(%error, update.id = update.id.0, "an update could not be noted, so it is not handled");
            false
        }
    }
}

/// Gate 2.
pub async fn private(update: Update) -> bool {
    update.chat().is_some_and(|chat| chat.is_private())
}

/// Gates 3 and 4.
pub async fn context(deps: Deps, update: Update) -> Option<Cx> {
    let from = match &update.kind {
        UpdateKind::Message(message) => message.from.as_ref()?,
        UpdateKind::CallbackQuery(query) => &query.from,
        UpdateKind::MyChatMember(member) => &member.from,
        _ => return None,
    };
    // Telegram's ids are below 2^52.
    let user = i64::try_from(from.id.0).ok()?;
    let chat = update.chat()?.id.0;
    match auth::context(&deps, chat, user, &from.full_name()).await {
        Ok(mut cx) => {
            if cx.who.is_none() {
                cx.tr.language = auth::language_of(from.language_code.as_deref());
            }
            Some(cx)
        }
        Err(error) => {
            tracing::error!(%error, "a member could not be looked up, so the update is not handled");
            None
        }
    }
}
