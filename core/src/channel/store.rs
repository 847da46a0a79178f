//! Channels of an account: adding, listing, pausing, removing; and what the provider's answers do
//! to one: it is held, or stopped. Who may send through it is in [`super::lease`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Batch, Channel, ChannelKind, SendError, Terms, hook, queries, registry};
use crate::{
    account::{
        Actor, By, Right, feature,
        licence::{Limit, OverLimit},
        usage,
    },
    clock::Moment,
    config::Endpoints,
    id::{AccountId, ChannelId},
    notice::{self, NewNotice, NoticeKind},
    on,
    pace::{ChannelRate, Rates},
    secret::{SealBroken, Sealer, Secret, token},
    store::{Store, Tx, audit},
    text,
};

/// Whether a channel may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ChannelState {
    /// It may.
    Active,
    /// A member paused it.
    Paused,
    /// The provider refuses its credentials or froze it.
    Misconfigured,
    /// A member removed it; its history stays.
    Removed,
}

impl ChannelState {
    /// The name in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How updates come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// We ask.
    #[default]
    Polling,
    /// The provider calls us.
    Webhook,
}

/// What a member sets on a channel.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ChannelSettings {
    /// Messages per second at most; `None`: what the messenger takes
    /// ([`super::Capabilities::rates`]).
    #[serde(default)]
    pub rate: Option<f64>,
    /// Pay for speed above the free limit (Telegram: paid broadcast).
    #[serde(default)]
    pub paid: bool,
    /// How updates come in.
    #[serde(default)]
    pub mode: Mode,
    /// People a calendar month that the tariff at the provider lets it write to
    /// ([`super::Capabilities::limits_people`]); `None`: any number, or nobody said.
    #[serde(default)]
    pub people: Option<u32>,
}

/// A channel as its row says, without its credentials.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ChannelRow {
    pub id: ChannelId,
    pub account_id: AccountId,
    pub kind: ChannelKind,
    /// The name people see.
    pub name: String,
    /// The sender's id at the provider.
    pub external_id: String,
    /// `@name`, without the `@`; may be empty.
    pub username: String,
    /// What a member set.
    #[sqlx(json)]
    pub settings: ChannelSettings,
    /// Whether it may send.
    pub state: ChannelState,
    /// Why not: the provider's words.
    pub state_reason: Option<String>,
    /// What the secret of its webhooks is made of, with the sealing key ([`Sealer::hook_secret`]);
    /// no secret itself.
    #[sqlx(rename = "hook_secret")]
    pub hook_seed: String,
    /// Which worker sends now.
    pub lease_owner: Option<String>,
    /// Until when, unless extended.
    pub lease_until: Option<Moment>,
    /// The earliest time of the next message.
    pub next_allowed_at: Option<Moment>,
    /// Closed until then by the provider's `retry_after`.
    pub held_until: Option<Moment>,
    /// Where long polling goes on ([`super::Polled::cursor`]); `None`: nothing came yet.
    pub update_cursor: Option<String>,
    /// What the provider lets this very sender do.
    #[sqlx(json)]
    pub terms: Terms,
    /// Messages a second that were found out, where the messenger's limit is not known.
    pub found_rate: Option<f64>,
    /// The messenger gives no good answer since then, and the members know.
    pub cut_since: Option<Moment>,
    /// Why what people write does not reach us, in the provider's words or [`hook::AWAITED`];
    /// `None`: it does. Nothing is sent meanwhile: whoever says «стоп» would not be heard.
    pub deaf: Option<String>,
    pub created_at: Moment,
}

impl ChannelRow {
    /// Whether anything may go through it: it is active, and hears people.
    #[must_use]
    pub fn sends(&self) -> bool {
        self.state == ChannelState::Active && self.deaf.is_none()
    }

    /// What its messenger lets it do.
    #[must_use]
    pub fn capabilities(&self) -> &'static super::Capabilities {
        registry::capabilities(self.kind)
    }

    /// The secret its webhooks come with.
    #[must_use]
    pub fn hook_secret(&self, sealer: &Sealer) -> Secret {
        sealer.hook_secret(self.id.0, &self.hook_seed)
    }

    /// How fast messages may go through this channel: as every sender of its messenger, unless the
    /// provider says something else of this one; and no faster than a member set.
    #[must_use]
    pub fn rates(&self, capabilities: &super::Capabilities) -> Rates {
        let channel = self.terms.rate.filter(|rate| *rate > 0.0).map_or(capabilities.rates.channel, ChannelRate::fixed);
        let chosen = self.settings.rate.filter(|rate| *rate > 0.0);
        Rates { channel: chosen.map_or(channel, |most| channel.at_most(most)), ..capabilities.rates }
    }

    /// How many messages a call through this channel carries at most: no more than its rate needs,
    /// so that a slow channel does not go by leaps.
    #[must_use]
    pub fn batch(&self, capabilities: &super::Capabilities) -> Batch {
        let Batch { any, same } = capabilities.batch;
        #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
        let most = any as f64;
        let share = self.rates(capabilities).channel.ceiling / capabilities.rates.channel.ceiling;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a few dozen")]
        let any = (most * share).ceil().clamp(1.0, most) as usize;
        // A rate that a member set is of messages, whatever they say.
        Batch { any, same: if self.settings.rate.is_some() { any } else { same } }
    }

    /// How fast calls may go: [`Self::rates`], with as many messages in each as [`Self::batch`]
    /// says.
    #[must_use]
    pub fn calls(&self, capabilities: &super::Capabilities) -> Rates {
        let rates = self.rates(capabilities);
        #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
        let any = self.batch(capabilities).any as f64;
        let ChannelRate { floor, ceiling } = rates.channel;
        Rates { channel: ChannelRate { floor: floor / any, ceiling: ceiling / any }, ..rates }
    }

    /// Messages per second to be reckoned with.
    #[must_use]
    pub fn rate(&self, capabilities: &super::Capabilities) -> f64 {
        let ChannelRate { floor, ceiling } = self.rates(capabilities).channel;
        let found = self.found_rate.unwrap_or(floor).max(floor).min(ceiling);
        self.terms.shared.as_ref().map_or(found, |shared| found.min(shared.rate))
    }
}

/// Why a change of a channel was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The member's role does not allow it.
    #[error("only an owner may change channels")]
    NotAllowed,
    /// No such channel, or in a state that does not allow it.
    #[error("there is no such channel, or it is not in a state for this")]
    NotFound,
    /// The sending identity belongs to a channel already, of this account or another.
    #[error("this sender is connected already")]
    Taken,
    /// The credentials are of the managers' bot, which is nobody's channel.
    #[error("this is the managers' own bot: customers need another one")]
    Managers,
    /// New credentials are of another sender.
    #[error("these credentials belong to another sender")]
    OtherIdentity,
    /// These are no credentials of this messenger: nothing was asked of the provider.
    #[error("these are no credentials of this messenger")]
    Credentials,
    /// The provider did not accept the credentials, or did not answer.
    #[error("the provider did not accept the credentials: {0}")]
    Provider(#[source] SendError),
    /// The rate is not a positive number within reason.
    #[error("the rate must be more than 0 and at most {MAX_RATE} messages a second")]
    Rate,
    /// The plan allows no more channels.
    #[error(transparent)]
    OverLimit(#[from] OverLimit),
    /// The licensor switched this messenger off for the company.
    #[error(transparent)]
    FeatureOff(#[from] feature::Off),
    /// Stored credentials do not open.
    #[error(transparent)]
    Sealed(#[from] SealBroken),
    /// The TLS backend did not start.
    #[error("no client for the provider: {0}")]
    Client(#[source] reqwest::Error),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Longest name of a channel, characters: the provider's own words.
const MAX_NAME: usize = 100;
/// The highest rate a member may set, messages a second.
pub const MAX_RATE: f64 = 100_000.0;

fn check(actor: &Actor, settings: Option<&ChannelSettings>) -> Result<(), ChannelError> {
    if !actor.role.may(Right::Own) {
        return Err(ChannelError::NotAllowed);
    }
    match settings.and_then(|settings| settings.rate) {
        Some(rate) if !(rate > 0.0 && rate <= MAX_RATE) => Err(ChannelError::Rate),
        _ => Ok(()),
    }
}

fn taken(error: sqlx::Error) -> ChannelError {
    match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => ChannelError::Taken,
        _ => ChannelError::Database(error),
    }
}

/// Adds a channel: asks the provider whose the credentials are, then keeps them sealed. A removed
/// channel of the same identity comes back as itself, for its addresses are still good.
///
/// # Errors
/// [`ChannelError`].
#[expect(clippy::too_many_arguments, reason = "each is a thing of its own, and none has a default")]
pub async fn add(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    actor: &Actor,
    kind: ChannelKind,
    credentials: Secret,
    settings: ChannelSettings,
    now: Moment,
) -> Result<ChannelRow, ChannelError> {
    check(actor, Some(&settings))?;
    if !registry::plausible(kind, &credentials) {
        return Err(ChannelError::Credentials);
    }
    let identity =
        registry::build(kind, &credentials, endpoints).map_err(ChannelError::Client)?.identify().await.map_err(ChannelError::Provider)?;
    if endpoints.is_managers(&identity.external_id) {
        return Err(ChannelError::Managers);
    }
    let name = text::clean_to(&identity.name, MAX_NAME);
    let hook_seed = token(24);
    let mut tx = store.begin().await?;
    feature::need(&mut tx, actor.account, &feature::channel(kind.as_str())).await??;
    // A removed channel that comes back is one more too.
    usage::fits(&mut tx, actor.account, Limit::Channels, 1, now).await??;
    let removed: Option<ChannelId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::REMOVED)
        .bind(actor.account)
        .bind(kind)
        .bind(&identity.external_id)
        .fetch_optional(c)
        .await)?;
    let id = removed.unwrap_or_else(ChannelId::new);
    let sealed = sealer.seal(credentials.expose().as_bytes(), id.0);
    if removed.is_some() {
        on!(tx.conn(), |c| sqlx::query(queries::REVIVE)
            .bind(actor.account)
            .bind(id)
            .bind(&name)
            .bind(&identity.username)
            .bind(&sealed)
            .bind(sqlx::types::Json(&settings))
            .bind(&hook_seed)
            .execute(c)
            .await
            .map(|_| ()))
        .map_err(taken)?;
    } else {
        on!(tx.conn(), |c| sqlx::query(queries::INSERT)
            .bind(id)
            .bind(actor.account)
            .bind(kind)
            .bind(&name)
            .bind(&identity.external_id)
            .bind(&identity.username)
            .bind(&sealed)
            .bind(sqlx::types::Json(&settings))
            .bind(&hook_seed)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))
        .map_err(taken)?;
    }
    set_terms(&mut tx, actor.account, id, &identity.terms).await?;
    if registry::capabilities(kind).hook_first {
        hook::awaits(&mut tx, id).await?;
    }
    let details = json!({ "kind": kind, "external_id": identity.external_id, "username": identity.username });
    audit::record(&mut tx, actor.account, &actor.member.to_string(), "channel.add", &id.to_string(), &details, now).await?;
    tx.commit().await?;
    get(store, actor.account, id).await?.ok_or(ChannelError::NotFound)
}

/// An account's channels, oldest first, without removed ones.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<ChannelRow>> {
    on!(store.read(), |c| sqlx::query_as(queries::LIST).bind(account).fetch_all(c).await)
}

/// One channel of an account, removed or not.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, id: ChannelId) -> sqlx::Result<Option<ChannelRow>> {
    on!(store.read(), |c| sqlx::query_as(queries::GET).bind(account).bind(id).fetch_optional(c).await)
}

/// One channel, whosever: for jobs and webhooks, which are given its id and nothing else.
///
/// # Errors
/// The database's.
pub async fn find(store: &Store, id: ChannelId) -> sqlx::Result<Option<ChannelRow>> {
    on!(store.read(), |c| sqlx::query_as(queries::ANY).bind(id).fetch_optional(c).await)
}

/// Every channel whose updates are wanted, of all accounts: a paused channel still hears «stop».
///
/// # Errors
/// The database's.
pub async fn listening(store: &Store) -> sqlx::Result<Vec<ChannelRow>> {
    on!(store.read(), |c| sqlx::query_as(queries::LISTENING).fetch_all(c).await)
}

async fn set_state(
    store: &Store,
    by: By<'_>,
    id: ChannelId,
    allowed: &[ChannelState],
    to: ChannelState,
    action: &str,
    now: Moment,
) -> Result<(), ChannelError> {
    by.need(Right::Own).map_err(|_| ChannelError::NotAllowed)?;
    let account = by.account();
    let mut tx = store.begin().await?;
    let mut changed = 0;
    for from in allowed {
        changed += on!(tx.conn(), |c| sqlx::query(queries::SET_STATE)
            .bind(account)
            .bind(id)
            .bind(*from)
            .bind(to)
            .bind(Option::<String>::None)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
    }
    if changed != 1 {
        return Err(ChannelError::NotFound);
    }
    if to == ChannelState::Removed {
        on!(tx.conn(), |c| sqlx::query(queries::FORGET).bind(account).bind(id).bind(Vec::<u8>::new()).execute(c).await.map(|_| ()))?;
    }
    by.audit(&mut tx, action, id, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Pauses a channel: nothing goes through it until [`resume`].
///
/// # Errors
/// [`ChannelError`].
pub async fn pause(store: &Store, actor: &Actor, id: ChannelId, now: Moment) -> Result<(), ChannelError> {
    set_state(store, actor.into(), id, &[ChannelState::Active], ChannelState::Paused, "channel.pause", now).await
}

/// Lets a paused or misconfigured channel send again.
///
/// # Errors
/// [`ChannelError`].
pub async fn resume(store: &Store, actor: &Actor, id: ChannelId, now: Moment) -> Result<(), ChannelError> {
    let from = [ChannelState::Paused, ChannelState::Misconfigured];
    set_state(store, actor.into(), id, &from, ChannelState::Active, "channel.resume", now).await
}

/// Removes a channel: its credentials are forgotten, its history stays.
///
/// # Errors
/// [`ChannelError`].
pub async fn remove(store: &Store, by: impl Into<By<'_>>, id: ChannelId, now: Moment) -> Result<(), ChannelError> {
    let from = [ChannelState::Active, ChannelState::Paused, ChannelState::Misconfigured];
    set_state(store, by.into(), id, &from, ChannelState::Removed, "channel.remove", now).await
}

/// Changes what a member sets; a running job takes it up within its twenty seconds.
///
/// # Errors
/// [`ChannelError`].
pub async fn configure(store: &Store, actor: &Actor, id: ChannelId, settings: &ChannelSettings, now: Moment) -> Result<(), ChannelError> {
    check(actor, Some(settings))?;
    let mut tx = store.begin().await?;
    let changed = on!(tx.conn(), |c| sqlx::query(queries::SET_SETTINGS)
        .bind(actor.account)
        .bind(id)
        .bind(sqlx::types::Json(settings))
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if changed != 1 {
        return Err(ChannelError::NotFound);
    }
    let details = json!({ "rate": settings.rate, "paid": settings.paid, "mode": settings.mode, "people": settings.people });
    audit::record(&mut tx, actor.account, &actor.member.to_string(), "channel.configure", &id.to_string(), &details, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a channel new credentials of the same sender (a token was revoked and issued anew) and
/// lets it send again, if it was stopped for want of them.
///
/// # Errors
/// [`ChannelError`].
pub async fn replace_credentials(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    actor: &Actor,
    id: ChannelId,
    credentials: Secret,
    now: Moment,
) -> Result<(), ChannelError> {
    check(actor, None)?;
    let row = get(store, actor.account, id).await?.ok_or(ChannelError::NotFound)?;
    // Of credentials with several values the others stay; those of a lost key do not open.
    let old = match opened(store, sealer, id).await {
        Ok(old) => old,
        Err(ChannelError::Sealed(_)) => Secret::default(),
        Err(error) => return Err(error),
    };
    let credentials = registry::renewed(row.kind, &old, &credentials);
    if !registry::plausible(row.kind, &credentials) {
        return Err(ChannelError::Credentials);
    }
    let identity = registry::build(row.kind, &credentials, endpoints)
        .map_err(ChannelError::Client)?
        .identify()
        .await
        .map_err(ChannelError::Provider)?;
    if identity.external_id != row.external_id {
        return Err(ChannelError::OtherIdentity);
    }
    if endpoints.is_managers(&identity.external_id) {
        return Err(ChannelError::Managers);
    }
    let sealed = sealer.seal(credentials.expose().as_bytes(), id.0);
    let revives = row.state_reason.as_deref().is_none_or(|reason| registry::lacks_credentials(row.kind, reason));
    let mut tx = store.begin().await?;
    let changed = on!(tx.conn(), |c| sqlx::query(queries::SET_CREDENTIALS)
        .bind(actor.account)
        .bind(id)
        .bind(&sealed)
        .bind(&identity.username)
        .bind(revives)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if changed != 1 {
        return Err(ChannelError::NotFound);
    }
    set_terms(&mut tx, actor.account, id, &identity.terms).await?;
    audit::record(&mut tx, actor.account, &actor.member.to_string(), "channel.credentials", &id.to_string(), &json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps what the provider lets a channel's sender do; its next turn goes by it.
///
/// # Errors
/// The database's.
pub async fn set_terms(tx: &mut Tx, account: AccountId, id: ChannelId, terms: &Terms) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::SET_TERMS)
        .bind(account)
        .bind(id)
        .bind(sqlx::types::Json(terms))
        .bind(terms.daily.as_ref().map(|daily| &daily.scope))
        .execute(c)
        .await
        .map(|_| ()))
}

/// A channel ready to be used: its row and its adapter, credentials opened.
///
/// # Errors
/// [`ChannelError::NotFound`] for a removed one, [`ChannelError::Sealed`] when the key is another.
pub async fn load(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    id: ChannelId,
) -> Result<(ChannelRow, Arc<dyn Channel>), ChannelError> {
    let row = find(store, id).await?.ok_or(ChannelError::NotFound)?;
    let credentials = opened(store, sealer, id).await?;
    let adapter = registry::build(row.kind, &credentials, endpoints).map_err(ChannelError::Client)?;
    Ok((row, adapter))
}

/// Adapters of a process, kept from use to use: one remembers whom its provider limited, and its
/// connections. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Adapters(Arc<Mutex<HashMap<ChannelId, Kept>>>);

/// An adapter, with the credentials it was made of as they are sealed: others are sealed otherwise.
#[derive(Debug)]
struct Kept {
    sealed: Vec<u8>,
    adapter: Arc<dyn Channel>,
}

/// So many adapters are kept without looking which of them nobody uses.
const FEW: usize = 256;

impl Adapters {
    /// [`load`], with the adapter of the last time as long as the credentials are the same.
    ///
    /// # Errors
    /// As [`load`].
    pub async fn load(
        &self,
        store: &Store,
        sealer: &Sealer,
        endpoints: &Endpoints,
        id: ChannelId,
    ) -> Result<(ChannelRow, Arc<dyn Channel>), ChannelError> {
        let row = find(store, id).await?.ok_or(ChannelError::NotFound)?;
        let sealed = sealed(store, id).await?;
        if let Some(adapter) = self.all().get(&id).filter(|kept| kept.sealed == sealed).map(|kept| Arc::clone(&kept.adapter)) {
            return Ok((row, adapter));
        }
        let adapter = registry::build(row.kind, &open(sealer, &sealed, id)?, endpoints).map_err(ChannelError::Client)?;
        let mut all = self.all();
        if all.len() >= FEW {
            all.retain(|_, kept| Arc::strong_count(&kept.adapter) > 1);
        }
        all.insert(id, Kept { sealed, adapter: Arc::clone(&adapter) });
        Ok((row, adapter))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ChannelId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A channel's credentials, opened.
pub(super) async fn opened(store: &Store, sealer: &Sealer, id: ChannelId) -> Result<Secret, ChannelError> {
    open(sealer, &sealed(store, id).await?, id)
}

/// A channel's credentials as they are kept.
async fn sealed(store: &Store, id: ChannelId) -> Result<Vec<u8>, ChannelError> {
    on!(store.read(), |c| sqlx::query_scalar(queries::CREDENTIALS).bind(id).fetch_optional(c).await)?.ok_or(ChannelError::NotFound)
}

fn open(sealer: &Sealer, sealed: &[u8], id: ChannelId) -> Result<Secret, ChannelError> {
    Ok(Secret::new(String::from_utf8(sealer.open(sealed, id.0)?).map_err(|_| SealBroken)?))
}

/// Closes a channel until `until`, as the provider asked; never sooner than it was closed already.
///
/// # Errors
/// The database's.
pub async fn hold(tx: &mut Tx, channel: ChannelId, until: Moment) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::HOLD).bind(channel).bind(until).execute(c).await.map(|_| ()))
}

/// The provider refuses the channel: it sends no more until a person looks at it, and its members
/// are told.
///
/// # Errors
/// The database's.
pub async fn misconfigured(tx: &mut Tx, channel: ChannelId, reason: &str, now: Moment) -> sqlx::Result<()> {
    let stopped: Option<(AccountId, ChannelKind, String)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::MISCONFIGURED).bind(channel).bind(reason).fetch_optional(c).await)?;
    match stopped {
        Some(stopped) => tell_stopped(tx, channel, stopped, json!({ "reason": reason }), now).await,
        None => Ok(()),
    }
}

/// Tells the members that a channel sends no more, and `why`.
pub(super) async fn tell_stopped(
    tx: &mut Tx,
    channel: ChannelId,
    (account, messenger, name): (AccountId, ChannelKind, String),
    why: Value,
    now: Moment,
) -> sqlx::Result<()> {
    let mut payload = why;
    payload["channel"] = json!(channel);
    payload["name"] = json!(name);
    payload["messenger"] = json!(messenger);
    let dedupe_key = format!("channel.stopped:{channel}:{}", now.timestamp_millis());
    notice::raise(tx, NewNotice { account, member: None, kind: NoticeKind::ChannelStopped, payload, dedupe_key }, now).await
}
