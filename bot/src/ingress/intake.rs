//! Keeps webhooks: those that come at the same time share one statement.
//!
//! A webhook is acknowledged only after its own row is committed. While one statement is on its way to the disk, those that
//! come meanwhile gather for the next: no webhook waits for a timer, and the more there are, the less each costs. Whoever sends
//! is looked up and their secret compared once a gathering, by the rows as they are then: a removed channel is refused at once.

use axum::http::StatusCode;
use futures::future::join_all;
use mms_core::{
    channel::{ChannelKind, store as channels},
    crm::connection::{self, ConnectionState},
    id::{AccountId, ChannelId, ConnectionId},
    inbound::{self, NewRaw, SourceKind},
    queue::{Job, Queue},
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::same;
use crate::deps::Deps;

/// Webhooks that may wait; who comes after them waits at the door.
const WAITING: usize = 1_024;
/// The most of one statement.
const TOGETHER: usize = 256;

/// Who says to have sent a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// A messenger, for a channel.
    Channel(ChannelId),
    /// A CRM.
    Crm(ConnectionId),
}

impl Sender {
    fn id(self) -> Uuid {
        match self {
            Self::Channel(id) => id.0,
            Self::Crm(id) => id.0,
        }
    }

    fn kind(self) -> SourceKind {
        match self {
            Self::Channel(_) => SourceKind::Channel,
            Self::Crm(_) => SourceKind::Crm,
        }
    }
}

/// A webhook on its way.
struct Hook {
    from: Sender,
    /// The secret it came with.
    secret: String,
    /// The sender's id of it; `None`: the body is not one of theirs.
    external_id: Option<String>,
    body: String,
    /// Where its answer is waited for.
    answer: oneshot::Sender<StatusCode>,
}

/// Keeps webhooks. Cheap to clone; it works as long as one clone is left.
#[derive(Debug, Clone)]
pub struct Intake {
    hooks: mpsc::Sender<Hook>,
}

impl Intake {
    /// Begins to work.
    #[must_use]
    pub fn new(deps: &Deps) -> Self {
        let (hooks, waiting) = mpsc::channel(WAITING);
        let (bells, rung) = mpsc::unbounded_channel();
        tokio::spawn(gather(deps.clone(), waiting, bells));
        tokio::spawn(ring(deps.queue.clone(), rung));
        Self { hooks }
    }

    /// Keeps a webhook, if its sender is who they say; what to answer them.
    pub async fn keep(&self, from: Sender, secret: String, external_id: Option<String>, body: String) -> StatusCode {
        let (answer, answered) = oneshot::channel();
        if self.hooks.send(Hook { from, secret, external_id, body, answer }).await.is_ok()
            && let Ok(status) = answered.await
        {
            return status;
        }
        tracing::error!("a webhook was not kept: its statement ended abnormally; the sender will try again");
        StatusCode::SERVICE_UNAVAILABLE
    }
}

async fn gather(deps: Deps, mut waiting: mpsc::Receiver<Hook>, bells: mpsc::UnboundedSender<Uuid>) {
    let mut together = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut together, TOGETHER).await > 0 {
        let (hooks, deps, bells) = (std::mem::take(&mut together), deps.clone(), bells.clone());
        // A task of its own, so that a panic costs these and not all that come after.
        if let Err(panic) = tokio::spawn(async move { keep(&deps, hooks, &bells).await }).await {
            tracing::error!(%panic, "webhooks were not kept");
        }
    }
}

/// Rings once for what came together. Beside the statements: a queue that does not answer keeps no webhook waiting.
async fn ring(queue: Queue, mut rung: mpsc::UnboundedReceiver<Uuid>) {
    let mut sources = Vec::new();
    while rung.recv_many(&mut sources, TOGETHER).await > 0 {
        sources.sort_unstable();
        sources.dedup();
        for source in sources.drain(..) {
            queue.ring(Job::HandleInbound { source }).await;
        }
    }
}

/// Those of one sender.
struct Group {
    from: Sender,
    account: AccountId,
    hooks: Vec<(Hook, String)>,
}

async fn keep(deps: &Deps, hooks: Vec<Hook>, bells: &mpsc::UnboundedSender<Uuid>) {
    let groups = known(deps, hooks).await;
    if groups.is_empty() {
        return;
    }
    let stored = store(deps, &groups).await;
    let status = match &stored {
        Ok(()) => StatusCode::OK,
        Err(error) => broken(error),
    };
    for group in groups {
        for (hook, _) in group.hooks {
            // Who hung up is sent nothing; the row is kept all the same.
            let _ = hook.answer.send(status);
        }
        if stored.is_ok() {
            // The other end lives as long as this one.
            let _ = bells.send(group.from.id());
        }
    }
}

/// The webhooks whose senders are who they say, by sender, in order of arrival; the others are answered.
async fn known(deps: &Deps, hooks: Vec<Hook>) -> Vec<Group> {
    let mut senders: Vec<(Sender, Vec<Hook>)> = Vec::new();
    for hook in hooks {
        match senders.iter_mut().find(|(from, _)| *from == hook.from) {
            Some((_, theirs)) => theirs.push(hook),
            None => senders.push((hook.from, vec![hook])),
        }
    }
    let mut groups = Vec::new();
    let found = join_all(senders.iter().map(|(from, _)| sender(deps, *from))).await;
    for ((from, theirs), found) in senders.into_iter().zip(found) {
        let sender = match found {
            Ok(sender) => sender,
            Err(error) => {
                let status = broken(&error);
                for hook in theirs {
                    let _ = hook.answer.send(status);
                }
                continue;
            }
        };
        let mut good = Vec::new();
        for mut hook in theirs {
            // Somebody unknown is answered as a wrong secret: the door does not tell who exists.
            let trusted = sender.as_ref().is_some_and(|(_, secret)| same(&hook.secret, secret));
            match (trusted, hook.external_id.take()) {
                (true, Some(external_id)) => good.push((hook, external_id)),
                (true, None) => drop(hook.answer.send(StatusCode::BAD_REQUEST)),
                (false, _) => drop(hook.answer.send(StatusCode::UNAUTHORIZED)),
            }
        }
        if let (Some((account, _)), false) = (sender, good.is_empty()) {
            groups.push(Group { from, account, hooks: good });
        }
    }
    groups
}

/// Whose a sender is, and the secret of its webhooks; `None`: it is not known, or not any more.
async fn sender(deps: &Deps, from: Sender) -> sqlx::Result<Option<(AccountId, String)>> {
    Ok(match from {
        Sender::Channel(id) => channels::find(&deps.store, id)
            .await?
            .filter(|row| row.kind == ChannelKind::Telegram && row.state != channels::ChannelState::Removed)
            .map(|row| (row.account_id, row.hook_secret)),
        Sender::Crm(id) => connection::by_id(&deps.store, id)
            .await?
            .filter(|row| row.state != ConnectionState::Disconnected)
            .map(|row| (row.account_id, row.hook_secret)),
    })
}

async fn store(deps: &Deps, groups: &[Group]) -> sqlx::Result<()> {
    let events = groups.iter().flat_map(|group| {
        group.hooks.iter().map(|(hook, external_id)| NewRaw {
            account: group.account,
            source_kind: group.from.kind(),
            source: group.from.id(),
            external_id,
            payload: &hook.body,
        })
    });
    let events: Vec<NewRaw<'_>> = events.collect();
    inbound::store(&deps.store, &events, deps.now()).await.map(|_| ())
}

/// The sender tries again later.
pub(super) fn broken(error: &sqlx::Error) -> StatusCode {
    tracing::error!(%error, "webhooks could not be stored; their senders will try again");
    StatusCode::SERVICE_UNAVAILABLE
}

#[cfg(test)]
mod tests {
    use mms_core::{clock, on, store::Engine};
    use serde_json::json;
    use sqlx::types::Json;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn each_is_answered_for_itself() {
        let deps = testing::deps(mms_core::testing::store(Engine::Sqlite).await, "http://127.0.0.1:9");
        let (account, channel, now) = (AccountId::new(), ChannelId::new(), clock::now());
        let mut tx = deps.store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into account (id, name, zone, language, phone_region, created_at) values ($1, 'Ромашка', 'Europe/Moscow', 'ru', 'RU', $2)"
        )
        .bind(account)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
        .unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) \
             values ($1, $2, 'telegram', 'Бот', '1', $3, $4, 'active', 's', $5)"
        )
        .bind(channel)
        .bind(account)
        .bind(&b""[..])
        .bind(Json(json!({})))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();

        let intake = Intake::new(&deps);
        let keep = |from, secret: &str, id: Option<&str>| intake.keep(from, secret.to_owned(), id.map(str::to_owned), "{}".to_owned());
        let ours = Sender::Channel(channel);
        let answers = tokio::join!(
            keep(ours, "s", Some("1")),
            keep(ours, "wrong", Some("2")),
            keep(ours, "", Some("3")),
            keep(ours, "s", None),
            keep(Sender::Channel(ChannelId::new()), "s", Some("4")),
            keep(Sender::Crm(ConnectionId(channel.0)), "s", Some("5")),
            keep(ours, "s", Some("1")),
        );
        let (good, wrong, bad) = (StatusCode::OK, StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST);
        assert_eq!(answers, (good, wrong, wrong, bad, wrong, wrong, good));
        let kept: Vec<String> =
            on!(deps.store.read(), |c| sqlx::query_scalar("select external_id from inbound").fetch_all(c).await).unwrap();
        assert_eq!(kept, ["1"], "nothing of a stranger is kept, and nothing twice");
    }
}
