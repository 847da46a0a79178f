//! Tells the owners that the database is damaged. The notice does not go the way of the others:
//! whoever cannot be sure of a row must not wait for one. Who the owners are is read while the
//! database is whole and kept in mind; a row only remembers, if it can, that they were told, so
//! that a start later they are not told again.

use std::time::Duration;

use mms_core::{
    account::{
        self, Language, Role,
        session::{self, Reach},
        settings,
    },
    id::AccountId,
    notice::{self, NoticeKind},
    store::Engine,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::screen;
use crate::{
    frame::{api::ApiError, deps::Deps, render},
    i18n::Tr,
    rhythm::Rhythm,
};

/// The kind of the notice.
const KIND: NoticeKind = notice::DAMAGE;
/// How often it is read anew who the owners are.
const REFRESH: Duration = Duration::from_secs(600);

/// An owner's chat.
#[derive(Debug, Clone, Copy)]
struct Owner {
    account: AccountId,
    chat: i64,
    language: Language,
    zone: chrono_tz::Tz,
}

/// Waits for damage until `stop`, and tells of it once. PostgreSQL looks after its own pages.
///
/// # Errors
/// None by itself.
pub async fn run(deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
    if deps.store.engine() == Engine::Postgres {
        stop.cancelled().await;
        return Ok(());
    }
    let mut owners = Vec::new();
    loop {
        match read(&deps).await {
            Ok(now) => owners = now,
            Err(error) => tracing::debug!(%error, "who the owners are could not be read"),
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = deps.store.until_damaged() => break,
            () = tokio::time::sleep(REFRESH) => {}
        }
    }
    // As they are now, where that can still be read.
    match read(&deps).await {
        Ok(now) if !now.is_empty() => owners = now,
        Ok(_) | Err(_) => {}
    }
    stop.run_until_cancelled(tell(&deps, owners)).await;
    stop.cancelled().await;
    Ok(())
}

async fn read(deps: &Deps) -> sqlx::Result<Vec<Owner>> {
    let mut owners = Vec::new();
    for row in account::all(&deps.store).await? {
        let zone = settings::zone(&deps.store, row.id).await?;
        let of = |reach: Reach| Owner { account: row.id, chat: reach.telegram_user_id, language: reach.language, zone };
        let reaches = session::reachable(&deps.store, row.id).await?;
        owners.extend(reaches.into_iter().filter(|reach| reach.role == Role::Owner).map(of));
    }
    Ok(owners)
}

/// Tells everybody who was not told by a process before; whoever cannot be reached now is tried
/// again.
async fn tell(deps: &Deps, owners: Vec<Owner>) {
    let key = |account: AccountId| format!("{KIND}:{account}");
    let mut left = Vec::new();
    for owner in owners {
        // An answer that cannot be had is no «told already».
        if !notice::was_told(&deps.store, owner.account, &key(owner.account)).await.unwrap_or(false) {
            left.push(owner);
        }
    }
    let mut accounts: Vec<AccountId> = left.iter().map(|owner| owner.account).collect();
    accounts.dedup();
    if left.is_empty() {
        tracing::info!("the owners were told of the damage before, or there is none to be told");
        return;
    }
    let mut rhythm = Rhythm::default();
    while !left.is_empty() {
        let mut failed = Vec::new();
        for owner in left {
            let message = screen(Tr::new(owner.language, owner.zone), KIND, &json!({}));
            match render::send_once(&deps.bot, owner.chat, &message).await {
                Ok(_) => {}
                Err(error) if error.unreachable() => tracing::info!("an owner has blocked the managers' bot"),
                Err(error) => failed.push((owner, error)),
            }
        }
        let longest = failed.iter().filter_map(|(_, error)| if let ApiError::Limited(after) = error { Some(*after) } else { None }).max();
        left = failed.into_iter().map(|(owner, _)| owner).collect();
        if !left.is_empty() {
            let pause = rhythm.failed(|failures| tracing::warn!(failures, "owners could not be told that the database is damaged"));
            tokio::time::sleep(pause.max(longest.unwrap_or_default())).await;
        }
    }
    for account in accounts {
        if let Err(error) = notice::note_told(&deps.store, account, KIND, &key(account), deps.now()).await {
            tracing::warn!(%error, "the damaged database takes no row: after the next start the owners are told again");
        }
    }
    tracing::info!("the owners were told of the damage");
}
