//! A message that was taken has no name of the provider's when the answer that told it was lost:
//! the refusal of a repeat does not tell it either (contracts/messengers/wazzup.md, section 3).
//! Where what goes out comes back with its words, the message is known by them, and its receipts
//! with it.
//!
//! It is evidence and no proof, for a person of the company may write the same words by hand. So
//! the words must be of one nameless message to that person, one nameless echo must have them, and
//! the time must fit: of a message that the provider certainly took, soon after; of one that nobody
//! knows of, before anybody was told so. Whatever else there is leaves both as they are.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::WAIT;
use crate::{
    channel::{ChannelKind, Echo, MessageName, News, Receipt, echo::gist, registry},
    clock::Moment,
    delivery::{kept, outgoing::OutgoingMessage},
    id::{AccountId, ChannelId},
    on,
    store::Tx,
};

/// An echo tells of a message this long after it was taken, at the latest.
const SOON: TimeDelta = TimeDelta::minutes(2);
/// A call outside campaigns has ended by then, and whoever wrote the message learns that nobody
/// knows what came of it.
const CALLED: TimeDelta = TimeDelta::seconds(20);
/// The provider's clock may be so far from ours.
const SKEW: TimeDelta = TimeDelta::seconds(5);
/// Pairs of an echo and a message that are looked at in one change.
const MOST: i64 = 1_000;

/// Keeps an echo that no message of ours is known by.
pub const KEEP: &str = "insert into echo (account_id, channel_id, message_ref, address_value, gist, happened_at, at) \
    select c.account_id, c.id, $3, $4, $5, $6, $7 from channel c where c.account_id = $1 and c.id = $2 \
    and not exists (select 1 from delivery d where d.account_id = c.account_id and d.channel_id = c.id and d.message_ref = $3) \
    and not exists (select 1 from outgoing o where o.account_id = c.account_id and o.channel_id = c.id and o.message_ref = $3) \
    on conflict (channel_id, message_ref) do nothing";
/// Which messenger a channel with echoes is of.
pub const KIND: &str = "select kind from channel where account_id = $1 and id = $2 and exists (select 1 from echo where channel_id = $2)";
/// Those whose message is known by now, and those that waited long enough.
pub const DROP: &str = "delete from echo where account_id = $1 and channel_id = $2 and (at <= $3 \
    or exists (select 1 from delivery d where d.account_id = echo.account_id and d.channel_id = echo.channel_id and d.message_ref = echo.message_ref) \
    or exists (select 1 from outgoing o where o.account_id = echo.account_id and o.channel_id = echo.channel_id and o.message_ref = echo.message_ref))";
/// Nameless deliveries to whom an echo went, with their words and the text of their version.
pub const DELIVERIES: &str = "select e.message_ref, e.gist, e.happened_at, d.id, d.state, d.first_tried_at as began, coalesce(d.sent_at, d.updated_at) as ended, t.body, v.body as text \
    from echo e join address a on a.account_id = e.account_id and a.kind = $3 and a.value = e.address_value and a.scope_id = $4 \
    join delivery d on d.contact_id = a.contact_id and d.address_id = a.id and d.account_id = a.account_id and d.channel_id = e.channel_id \
    join delivery_text t on t.delivery_id = d.id and t.attempt = (select max(x.attempt) from delivery_text x where x.delivery_id = d.id and x.attempt <= d.attempt) \
    join campaign_variant w on w.campaign_id = d.campaign_id and w.step = d.step and w.variant = d.variant \
    join template_version v on v.id = w.template_version_id \
    where e.account_id = $1 and e.channel_id = $2 and d.message_ref is null and d.attempt > 0 and d.first_tried_at is not null \
    and d.state in ('queued', 'sending', 'uncertain', 'sent') order by d.id limit $5";
/// The same of messages outside campaigns.
pub const OTHERS: &str = "select e.message_ref, e.gist, e.happened_at, o.id, o.state, o.created_at as began, o.sent_at as ended, o.payload \
    from echo e join address a on a.account_id = e.account_id and a.kind = $3 and a.value = e.address_value and a.scope_id = $4 \
    join outgoing o on o.contact_id = a.contact_id and o.address_value = a.value and o.account_id = a.account_id and o.channel_id = e.channel_id \
    where e.account_id = $1 and e.channel_id = $2 and o.message_ref is null and o.attempt > 0 \
    and o.state in ('queued', 'sending', 'uncertain', 'sent') order by o.id limit $5";
/// Every statement.
pub const ALL: &[&str] = &[KEEP, KIND, DROP, DELIVERIES, OTHERS];

/// Keeps what went out through a channel and no message is known by, for [`super::settle`].
///
/// # Errors
/// The database's.
pub async fn keep(tx: &mut Tx, account: AccountId, channel: ChannelId, echoes: &[&Echo], now: Moment) -> sqlx::Result<()> {
    for echo in echoes {
        on!(tx.conn(), |c| sqlx::query(KEEP)
            .bind(account)
            .bind(channel)
            .bind(&echo.message_ref)
            .bind(&echo.to)
            .bind(&echo.gist)
            .bind(echo.at)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(())
}

/// An echo and a nameless message to the same person.
#[derive(sqlx::FromRow)]
struct Pair {
    message_ref: String,
    gist: String,
    happened_at: Moment,
    id: i64,
    state: String,
    /// Its first try, or when it was written.
    began: Moment,
    /// When the provider took it, or when it was given up.
    ended: Option<Moment>,
}

#[derive(sqlx::FromRow)]
struct OfDelivery {
    #[sqlx(flatten)]
    pair: Pair,
    body: Vec<u8>,
    text: String,
}

#[derive(sqlx::FromRow)]
struct Other {
    #[sqlx(flatten)]
    pair: Pair,
    /// As any JSON: the words of an old one are gone.
    #[sqlx(json)]
    payload: serde_json::Value,
}

impl Pair {
    /// Whether the echo's time fits. What is still under way may have any.
    fn fits(&self) -> bool {
        let last = match (self.state.as_str(), self.ended) {
            ("queued" | "sending", _) => return true,
            ("sent", Some(taken)) => taken + SOON,
            (_, Some(given_up)) => given_up + SKEW,
            (_, None) => self.began + CALLED,
        };
        self.happened_at >= self.began - SKEW && self.happened_at <= last
    }

    fn is_over(&self) -> bool {
        matches!(self.state.as_str(), "sent" | "uncertain")
    }
}

/// Nameless messages that are known by their words now, as news of them; what else was told of them
/// is found by their names from now on.
///
/// # Errors
/// The database's.
pub(super) async fn named(tx: &mut Tx, account: AccountId, channel: ChannelId, now: Moment) -> sqlx::Result<Vec<News>> {
    let kind: Option<ChannelKind> = on!(tx.conn(), |c| sqlx::query_scalar(KIND).bind(account).bind(channel).fetch_optional(c).await)?;
    let Some(kind) = kind else { return Ok(Vec::new()) };
    on!(tx.conn(), |c| sqlx::query(DROP).bind(account).bind(channel).bind(now - WAIT).execute(c).await.map(|_| ()))?;
    let capabilities = registry::capabilities(kind);
    let (address_kind, scope) = (capabilities.address_kind, capabilities.scope(channel));
    let deliveries: Vec<OfDelivery> = on!(tx.conn(), |c| sqlx::query_as(DELIVERIES)
        .bind(account)
        .bind(channel)
        .bind(address_kind)
        .bind(scope)
        .bind(MOST)
        .fetch_all(c)
        .await)?;
    let others: Vec<Other> = on!(tx.conn(), |c| sqlx::query_as(OTHERS)
        .bind(account)
        .bind(channel)
        .bind(address_kind)
        .bind(scope)
        .bind(MOST)
        .fetch_all(c)
        .await)?;
    if deliveries.len().max(others.len()) >= usize::try_from(MOST).unwrap_or(usize::MAX) {
        // Not all of them are there, so nothing is the only one of its kind.
        return Ok(Vec::new());
    }
    let says = |words: Vec<String>, pair: &Pair| words.iter().any(|words| gist(words) == pair.gist);
    let mut pairs: Vec<Pair> = Vec::new();
    for OfDelivery { pair, body, text } in deliveries {
        let Some(message) = kept::Message::unpack(&body, &text) else { continue };
        if says(registry::told_back(kind, &message.body, &message.buttons), &pair) {
            pairs.push(pair);
        }
    }
    for Other { pair, payload } in others {
        let Ok(message) = serde_json::from_value::<OutgoingMessage>(payload) else { continue };
        if says(registry::told_back(kind, &message.body, &message.buttons), &pair) {
            pairs.push(Pair { id: -pair.id, ..pair });
        }
    }
    pairs.retain(Pair::fits);
    Ok(only(&pairs).map(of).collect())
}

/// The pairs in which neither has a second one.
fn only(pairs: &[Pair]) -> impl Iterator<Item = &Pair> {
    let (mut by_echo, mut by_message) = (BTreeMap::<&str, BTreeSet<i64>>::new(), BTreeMap::<i64, BTreeSet<&str>>::new());
    for pair in pairs {
        by_echo.entry(&pair.message_ref).or_default().insert(pair.id);
        by_message.entry(pair.id).or_default().insert(&pair.message_ref);
    }
    let alone = move |pair: &&Pair| {
        pair.is_over() && by_echo.get(pair.message_ref.as_str()).is_some_and(|of| of.len() == 1) && by_message[&pair.id].len() == 1
    };
    pairs.iter().filter(alone)
}

fn of(pair: &Pair) -> News {
    tracing::info!(message.id = pair.id, "a message whose answer was lost is known by its words");
    News {
        message: MessageName::Client(pair.id),
        message_ref: Some(pair.message_ref.clone()),
        receipt: Receipt::Sent,
        at: Some(pair.happened_at),
        detail: None,
        charge: None,
    }
}
