//! The gates of [`crate::schema`].

use mms_core::on;
use teloxide::types::{Update, UpdateKind};

use crate::{auth, cx::Cx, deps::Deps};

/// Takes an update; nothing if it was taken before.
pub const TAKE: &str = "insert into manager_update (update_id, received_at) values ($1, $2) on conflict (update_id) do nothing";
/// Forgets updates Telegram cannot send again (it keeps them for a day).
pub const SWEEP: &str = "delete from manager_update where received_at < $1";
/// Every statement.
pub const ALL: &[&str] = &[TAKE, SWEEP];

/// Gate 1.
pub async fn first_time(deps: Deps, update: Update) -> bool {
    let take = async {
        let mut tx = deps.store.begin().await?;
        let taken = on!(tx.conn(), |c| sqlx::query(TAKE)
            .bind(i64::from(update.id.0))
            .bind(deps.now())
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        tx.commit().await?;
        Ok::<bool, sqlx::Error>(taken == 1)
    };
    match take.await {
        Ok(first) => first,
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
