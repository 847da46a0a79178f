//! Keeps webhooks: those that come at the same time share one statement.
//!
//! A webhook is acknowledged only after its own row is committed. While as many statements as may
//! be are on their way to the disk, those that come meanwhile gather for the next: no webhook waits
//! for a timer, and the more there are, the less each costs. What one person sends is kept in its
//! order: it waits while something of theirs is on its way ([`order`]).
//!
//! Senders are remembered with their secrets, and the statement itself compares them with the rows
//! as they are now. So a removed channel is refused at once, and no webhook waits for a question
//! and then for a statement. A sender who is not remembered, or not as the rows say, is looked up.

mod order;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use futures::future::join_all;
use mms_core::{
    aside,
    channel::{ChannelKind, hook, store as channels},
    crm::{
        CrmKind,
        connection::{self, ConnectionState},
    },
    id::{AccountId, ChannelId, ConnectionId},
    inbound::{self, NewRaw, SourceKind},
    queue::{Job, Queue},
    secret::Secret,
    store::Engine,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};
use uuid::Uuid;

use self::order::{Order, Person};
use super::same;
use crate::frame::deps::Deps;

/// Webhooks that may wait; who comes after them waits at the ingress.
const WAITING: usize = 1_024;
/// The most of one statement.
const TOGETHER: usize = 256;
/// Statements on their way at once, where a database has more than one writer: a webhook that comes
/// while one is on its way need not wait for that one and then for its own.
const AT_ONCE: usize = 2;

/// Who says to have sent a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A messenger, for a channel.
    Channel(ChannelKind, ChannelId),
    /// A CRM, for a connection.
    Crm(CrmKind, ConnectionId),
}

impl Sender {
    fn id(self) -> Uuid {
        match self {
            Self::Channel(_, id) => id.0,
            Self::Crm(_, id) => id.0,
        }
    }

    fn kind(self) -> SourceKind {
        match self {
            Self::Channel(..) => SourceKind::Channel,
            Self::Crm(..) => SourceKind::Crm,
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
    /// After what it must be kept.
    line: Option<Person>,
    /// Where its answer is waited for.
    answer: oneshot::Sender<StatusCode>,
}

/// Keeps webhooks. Cheap to clone; it works as long as one clone is left.
#[derive(Debug, Clone)]
pub struct Intake {
    hooks: mpsc::Sender<Hook>,
    /// Shared with the statements' tasks, which forget whom the rows no longer confirm.
    memory: Memory,
}

impl Intake {
    /// Begins to work.
    #[must_use]
    pub fn new(deps: &Deps) -> Self {
        let (hooks, waiting) = mpsc::channel(WAITING);
        let (bells, rung) = mpsc::unbounded_channel();
        let memory = Memory::default();
        aside::task("intake", gather(deps.clone(), memory.clone(), waiting, bells));
        aside::task("bells of the intake", ring(deps.queue.clone(), rung));
        Self { hooks, memory }
    }

    /// Whose a sender is, if they are who they say, before anything of their body is read.
    /// [`Intake::keep`] asks the rows once more.
    ///
    /// # Errors
    /// What to answer: 401, somebody unknown being answered as a wrong secret; 503 when the
    /// database does not say.
    pub async fn admit(&self, deps: &Deps, from: Sender, secret: &str) -> Result<AccountId, StatusCode> {
        if let Some(known) = self.memory.of(from).filter(|known| same(secret, known.secret.expose())) {
            return Ok(known.account);
        }
        match sender(deps, from).await {
            Ok(Some(known)) if same(secret, known.secret.expose()) => {
                let account = known.account;
                self.memory.keep(from, known);
                Ok(account)
            }
            Ok(_) => Err(StatusCode::UNAUTHORIZED),
            Err(error) => Err(broken(&error)),
        }
    }

    /// Whose a sender is, if there is such a one, before a body is read that says who sent it:
    /// whoever knows no sender makes us keep no bodies.
    ///
    /// # Errors
    /// As [`Intake::admit`].
    pub async fn expects(&self, deps: &Deps, from: Sender) -> Result<AccountId, StatusCode> {
        if let Some(known) = self.memory.of(from) {
            return Ok(known.account);
        }
        match sender(deps, from).await {
            Ok(Some(known)) => {
                let account = known.account;
                self.memory.keep(from, known);
                Ok(account)
            }
            Ok(None) => Err(StatusCode::UNAUTHORIZED),
            Err(error) => Err(broken(&error)),
        }
    }

    /// The secret that [`Intake::keep`] wants of a sender whose webhooks are signed, and their
    /// account, once `proves` says that their key signed this one.
    ///
    /// # Errors
    /// As [`Intake::admit`].
    pub async fn signed(&self, deps: &Deps, from: Sender, proves: impl Fn(&Secret) -> bool) -> Result<(AccountId, Secret), StatusCode> {
        self.proved(deps, from, |known| known.key.as_ref().is_some_and(&proves)).await
    }

    /// The same of a sender who writes their secret into the body, once `is_right` says that it is
    /// theirs.
    ///
    /// # Errors
    /// As [`Intake::admit`].
    pub async fn told(&self, deps: &Deps, from: Sender, is_right: impl Fn(&Secret) -> bool) -> Result<(AccountId, Secret), StatusCode> {
        self.proved(deps, from, |known| is_right(&known.secret)).await
    }

    /// The same of a sender whose secret stands in the address, once `proves` says that both it and
    /// the key that may come beside it are theirs.
    ///
    /// # Errors
    /// As [`Intake::admit`].
    pub async fn addressed(
        &self,
        deps: &Deps,
        from: Sender,
        proves: impl Fn(&Secret, Option<&Secret>) -> bool,
    ) -> Result<(AccountId, Secret), StatusCode> {
        self.proved(deps, from, |known| proves(&known.secret, known.key.as_ref())).await
    }

    async fn proved(&self, deps: &Deps, from: Sender, proved: impl Fn(&Known) -> bool) -> Result<(AccountId, Secret), StatusCode> {
        // The statement asks the rows for the secret and not for a key, which may have been
        // replaced.
        let fresh = |known: &Known| known.key.is_none() || known.since.elapsed() < KEY_KNOWN;
        if let Some(known) = self.memory.of(from).filter(|known| fresh(known) && proved(known)) {
            return Ok((known.account, known.secret));
        }
        // Not remembered, or with a secret or a key that was changed since.
        match sender(deps, from).await {
            Ok(Some(known)) if proved(&known) => {
                self.memory.keep(from, known.clone());
                Ok((known.account, known.secret))
            }
            Ok(_) => Err(StatusCode::UNAUTHORIZED),
            Err(error) => Err(broken(&error)),
        }
    }

    /// Keeps a webhook, if its sender is who they say; what to answer them. What a `person` sends
    /// is kept in the order in which it came.
    pub async fn keep(&self, from: Sender, person: Option<i64>, secret: String, external_id: Option<String>, body: String) -> StatusCode {
        let (answer, answered) = oneshot::channel();
        let line = person.map(|person| (from.id(), person));
        if self.hooks.send(Hook { from, secret, external_id, body, line, answer }).await.is_ok()
            && let Ok(status) = answered.await
        {
            return status;
        }
        tracing::error!("a webhook was not kept: its statement ended abnormally; the sender will try again");
        StatusCode::SERVICE_UNAVAILABLE
    }
}

async fn gather(deps: Deps, memory: Memory, mut waiting: mpsc::Receiver<Hook>, bells: mpsc::UnboundedSender<Uuid>) {
    let at_once = match deps.store.engine() {
        Engine::Sqlite => 1,
        Engine::Postgres => AT_ONCE,
    };
    let (mut order, mut under_way) = (Order::default(), JoinSet::new());
    let (mut here, mut came, mut open) = (VecDeque::new(), Vec::new(), true);
    loop {
        if under_way.len() < at_once {
            let hooks = order.free(&mut here, TOGETHER, |hook: &Hook| hook.line);
            if !hooks.is_empty() {
                let theirs = hooks.iter().filter_map(|hook| hook.line).collect();
                let (deps, memory, bells) = (deps.clone(), memory.clone(), bells.clone());
                // A task of its own, so that a panic costs these and not all that come after.
                let task = under_way.spawn(async move { keep(&deps, hooks, &memory, &bells).await });
                order.begun(task.id(), theirs);
            }
        }
        tokio::select! {
            Some(ended) = under_way.join_next_with_id() => match ended {
                Ok((task, ())) => order.ended(task),
                Err(panic) => {
                    order.ended(panic.id());
                    tracing::error!(%panic, "webhooks were not kept");
                }
            },
            count = waiting.recv_many(&mut came, TOGETHER), if open && here.len() < TOGETHER => {
                open = count > 0;
                here.extend(came.drain(..));
            }
            else => return,
        }
    }
}

/// Rings once for what came together. Beside the statements: a queue that does not answer keeps no
/// webhook waiting.
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

/// So long the key of a sender is believed without asking the rows.
const KEY_KNOWN: Duration = Duration::from_secs(30);

/// Who a sender is.
#[derive(Debug, Clone)]
struct Known {
    account: AccountId,
    /// What the row keeps; the statement asks whether it still does.
    seed: String,
    /// What webhooks come with.
    secret: Secret,
    /// What they are signed with, where they are signed.
    key: Option<Secret>,
    /// When the rows said so.
    since: Instant,
}

/// The senders whose webhooks were kept, as they were then.
#[derive(Debug, Clone, Default)]
struct Memory(Arc<Mutex<HashMap<Sender, Known>>>);

impl Memory {
    /// Senders that are remembered at most.
    const MOST: usize = 4_096;

    fn of(&self, from: Sender) -> Option<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&from).cloned()
    }

    fn keep(&self, from: Sender, known: Known) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= Self::MOST {
            all.clear();
        }
        all.insert(from, known);
    }

    fn forget(&self, from: Sender) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&from);
    }
}

/// Those of one sender.
struct Group {
    from: Sender,
    known: Known,
    /// Looked up just now: what is acknowledged then is kept, whatever changes meanwhile.
    fresh: bool,
    hooks: Vec<(Hook, String)>,
}

impl Group {
    fn answer(self, status: StatusCode) {
        for (hook, _) in self.hooks {
            // Who hung up is sent nothing; the row is kept all the same.
            let _ = hook.answer.send(status);
        }
    }
}

/// The webhooks of each sender, in order of arrival.
fn by_sender(hooks: Vec<Hook>) -> Vec<(Sender, Vec<Hook>)> {
    let mut senders: Vec<(Sender, Vec<Hook>)> = Vec::new();
    for hook in hooks {
        match senders.iter_mut().find(|(from, _)| *from == hook.from) {
            Some((_, theirs)) => theirs.push(hook),
            None => senders.push((hook.from, vec![hook])),
        }
    }
    senders
}

async fn keep(deps: &Deps, hooks: Vec<Hook>, memory: &Memory, bells: &mpsc::UnboundedSender<Uuid>) {
    let (groups, mut doubtful) = remembered(memory, hooks);
    for (group, kept) in store(deps, groups, bells).await {
        if kept {
            group.answer(StatusCode::OK);
        } else {
            // The sender is another by now, or all of it was kept before: looked up, that is told
            // apart.
            memory.forget(group.from);
            doubtful.extend(group.hooks.into_iter().map(|(hook, external_id)| Hook { external_id: Some(external_id), ..hook }));
        }
    }
    let groups = looked_up(deps, memory, doubtful).await;
    for (group, _) in store(deps, groups, bells).await {
        group.answer(StatusCode::OK);
    }
}

/// The webhooks that come with the secret that is remembered of their sender; and the others.
fn remembered(memory: &Memory, hooks: Vec<Hook>) -> (Vec<Group>, Vec<Hook>) {
    let (mut groups, mut doubtful) = (Vec::new(), Vec::new());
    for (from, theirs) in by_sender(hooks) {
        let Some(known) = memory.of(from) else {
            doubtful.extend(theirs);
            continue;
        };
        let mut good = Vec::new();
        for mut hook in theirs {
            match hook.external_id.take_if(|_| same(&hook.secret, known.secret.expose())) {
                Some(external_id) => good.push((hook, external_id)),
                None => doubtful.push(hook),
            }
        }
        if !good.is_empty() {
            groups.push(Group { from, known, fresh: false, hooks: good });
        }
    }
    (groups, doubtful)
}

/// The webhooks whose senders are who they say, by the rows as they are now; the others are
/// answered.
async fn looked_up(deps: &Deps, memory: &Memory, hooks: Vec<Hook>) -> Vec<Group> {
    let senders = by_sender(hooks);
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
            // Somebody unknown is answered as a wrong secret: the answer does not tell who exists.
            let trusted = sender.as_ref().is_some_and(|known| same(&hook.secret, known.secret.expose()));
            match (trusted, hook.external_id.take()) {
                (true, Some(external_id)) => good.push((hook, external_id)),
                (true, None) => drop(hook.answer.send(StatusCode::BAD_REQUEST)),
                (false, _) => drop(hook.answer.send(StatusCode::UNAUTHORIZED)),
            }
        }
        if let (Some(known), false) = (sender, good.is_empty()) {
            memory.keep(from, known.clone());
            groups.push(Group { from, known, fresh: true, hooks: good });
        }
    }
    groups
}

/// Keeps webhooks of senders that are who they say, if they still are: with each group, whether
/// anything new was kept of it. Who cannot be kept is answered.
async fn store(deps: &Deps, groups: Vec<Group>, bells: &mpsc::UnboundedSender<Uuid>) -> Vec<(Group, bool)> {
    if groups.is_empty() {
        return Vec::new();
    }
    let events = groups.iter().flat_map(|group| {
        group.hooks.iter().map(|(hook, external_id)| NewRaw {
            account: group.known.account,
            source_kind: group.from.kind(),
            source: group.from.id(),
            external_id,
            payload: &hook.body,
            seed: (!group.fresh).then_some(group.known.seed.as_str()),
        })
    });
    let events: Vec<NewRaw<'_>> = events.collect();
    let kept = match inbound::store(&deps.store, &events, deps.now()).await {
        Ok(kept) => kept,
        Err(error) => {
            let status = broken(&error);
            groups.into_iter().for_each(|group| group.answer(status));
            return Vec::new();
        }
    };
    let mut stored = Vec::new();
    for group in groups {
        let new = kept.contains(&group.from.id());
        if new {
            // The other end lives as long as this one.
            let _ = bells.send(group.from.id());
        }
        stored.push((group, new));
    }
    stored
}

/// Who a sender is now; `None`: it is not known, or not any more.
async fn sender(deps: &Deps, from: Sender) -> sqlx::Result<Option<Known>> {
    let row = match from {
        Sender::Channel(kind, id) => {
            let row = channels::find(&deps.store, id).await?;
            match row.filter(|row| row.kind == kind) {
                Some(row) if row.state != channels::ChannelState::Removed || hook::outlived(&deps.store, &row).await? => {
                    Some((row.account_id, key(deps, &row).await?, row.hook_seed))
                }
                _ => None,
            }
        }
        Sender::Crm(kind, id) => connection::by_id(&deps.store, id)
            .await?
            .filter(|row| row.kind == kind && row.state != ConnectionState::Disconnected)
            .map(|row| (row.account_id, None, row.hook_seed)),
    };
    Ok(row.map(|(account, key, seed)| Known {
        account,
        secret: deps.sealer.hook_secret(from.id(), &seed),
        key,
        seed,
        since: Instant::now(),
    }))
}

/// What a channel's webhooks are signed with, where they are signed; credentials that do not open
/// prove nothing, which is told once they are asked for elsewhere.
async fn key(deps: &Deps, row: &channels::ChannelRow) -> sqlx::Result<Option<Secret>> {
    match hook::key(&deps.store, &deps.sealer, row).await {
        Ok(key) => Ok(key),
        Err(channels::ChannelError::Database(error)) => Err(error),
        Err(error) => {
            tracing::error!(channel.id = %row.id, %error, "a channel's webhooks cannot be proved");
            Ok(None)
        }
    }
}

/// The sender tries again later.
pub(super) fn broken(error: &sqlx::Error) -> StatusCode {
    tracing::error!(%error, "webhooks could not be stored; their senders will try again");
    StatusCode::SERVICE_UNAVAILABLE
}

#[cfg(test)]
mod tests {
    use mms_core::{clock, on};
    use serde_json::json;
    use sqlx::types::Json;

    use super::*;
    use crate::testing;

    /// An installation with a channel whose row keeps the seed `s`.
    async fn installation(engine: Engine) -> (Deps, Sender) {
        let deps = testing::deps(mms_core::testing::store(engine).await, "http://127.0.0.1:9");
        let (account, channel, now) = (AccountId::new(), ChannelId::new(), clock::now());
        let mut tx = deps.store.begin().await.unwrap();
        mms_core::testing::account(&mut tx, account, now).await;
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
        (deps, Sender::Channel(ChannelKind::Telegram, channel))
    }

    /// What is kept, in order.
    async fn kept(deps: &Deps) -> Vec<String> {
        on!(deps.store.read(), |c| sqlx::query_scalar("select external_id from inbound order by id").fetch_all(c).await).unwrap()
    }

    const GOOD: StatusCode = StatusCode::OK;
    const WRONG: StatusCode = StatusCode::UNAUTHORIZED;
    const BAD: StatusCode = StatusCode::BAD_REQUEST;

    async fn answered_for_itself(engine: Engine) {
        let (deps, ours) = installation(engine).await;
        let intake = Intake::new(&deps);
        let right = deps.sealer.hook_secret(ours.id(), "s");
        let right = right.expose();
        let keep =
            |from, secret: &str, id: Option<&str>| intake.keep(from, None, secret.to_owned(), id.map(str::to_owned), "{}".to_owned());
        // The first time the channel is looked up, the second time it is remembered.
        for (one, two, three) in [("1", "2", "3"), ("4", "5", "6")] {
            let answers = tokio::join!(
                keep(ours, right, Some(one)),
                keep(ours, "s", Some(two)),
                keep(ours, "", Some(three)),
                keep(ours, right, None),
                keep(Sender::Channel(ChannelKind::Telegram, ChannelId::new()), right, Some("7")),
                keep(Sender::Crm(CrmKind::Amocrm, ConnectionId(ours.id())), right, Some("8")),
                keep(ours, right, Some(one)),
            );
            assert_eq!(answers, (GOOD, WRONG, WRONG, BAD, WRONG, WRONG, GOOD));
        }
        assert_eq!(kept(&deps).await, ["1", "4"], "nothing of a stranger is kept, and nothing twice");
    }

    #[tokio::test]
    async fn each_is_answered_for_itself() {
        answered_for_itself(Engine::Sqlite).await;
        answered_for_itself(Engine::Postgres).await;
    }

    /// A sender that is remembered is believed only as long as the rows say the same.
    async fn asked_again(engine: Engine) {
        let (deps, ours) = installation(engine).await;
        let intake = Intake::new(&deps);
        let keep = |seed: &str, id: &str| {
            let secret = deps.sealer.hook_secret(ours.id(), seed).expose().to_owned();
            intake.keep(ours, Some(7), secret, Some(id.to_owned()), "{}".to_owned())
        };
        let change = async |sql: &'static str| {
            let mut tx = deps.store.begin().await.unwrap();
            on!(tx.conn(), |c| sqlx::query(sql).bind(ours.id()).execute(c).await.map(|_| ())).unwrap();
            tx.commit().await.unwrap();
        };
        for (id, secret, answer) in [("1", "s", GOOD), ("2", "s", GOOD), ("2", "s", GOOD), ("3", "s", GOOD)] {
            assert_eq!(keep(secret, id).await, answer, "{id}");
        }
        change("update channel set hook_secret = 't' where id = $1").await;
        for (id, secret, answer) in [("4", "s", WRONG), ("5", "t", GOOD), ("6", "t", GOOD), ("7", "s", WRONG)] {
            assert_eq!(keep(secret, id).await, answer, "{id}");
        }
        change("update channel set state = 'removed' where id = $1").await;
        assert_eq!(keep("t", "8").await, WRONG);
        assert_eq!(kept(&deps).await, ["1", "2", "3", "5", "6"]);
    }

    #[tokio::test]
    async fn a_remembered_sender_is_asked_for_again() {
        asked_again(Engine::Sqlite).await;
        asked_again(Engine::Postgres).await;
    }
}
