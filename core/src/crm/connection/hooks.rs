//! What a connection needs looking after for: its webhooks (subscribed, not switched off by the
//! CRM) and the end of a long-lived token. Webhooks are hints that make a change come at once;
//! polling stays the truth.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ConnectError, Connection, ConnectionState, Progress, get, present, save, session::read};
use crate::{
    account::{By, Right},
    clock::Moment,
    config::Endpoints,
    crm::{Crm, CrmError, Hooking, login::Credentials, mapping::CrmSettings, message, queries, registry},
    id::{AccountId, ChannelId, ConnectionId},
    notice::{self, NewNotice, NoticeKind},
    on,
    secret::Sealer,
    store::Store,
};

/// Time between two questions to the CRM about our subscription: it switches one off after too many
/// bad answers.
const EVERY: TimeDelta = TimeDelta::days(1);
/// Days ahead at which people are told that a token ends (contracts/crm/amocrm.md, 1.3).
const AHEAD_DAYS: [i64; 3] = [14, 3, 1];
/// The longest the farewell to a CRM may take.
const FAREWELL: Duration = Duration::from_secs(5);

/// What became of a subscription to webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookState {
    /// At work.
    On,
    /// Switched off by the CRM: an administrator brings it back there.
    Disabled,
    /// The CRM does not give it: the tariff or the rights do not allow it.
    Refused,
}

/// A subscription as last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hooks {
    /// Where it sends, without the secret at its end ([`whole`]).
    pub url: String,
    /// When the CRM was asked.
    pub checked_at: Moment,
    pub state: HookState,
}

/// The address that a CRM is given, made from the one in the row, which has no secret in it. A row
/// from before secrets were made from the sealing key has its secret in the address; it stays as it
/// is, because the subscription there must be taken away.
fn whole(sealer: &Sealer, row: &Connection, kept: &str) -> String {
    if kept.ends_with(&format!("/{}", row.id)) {
        format!("{kept}/{}", sealer.hook_secret(row.id.0, &row.hook_seed).expose())
    } else {
        kept.to_owned()
    }
}

/// Whether a person writes our address into the CRM: it knows no other way, or it refused to be
/// asked.
#[must_use]
pub fn by_hand(row: &Connection) -> bool {
    match registry::capabilities(row.kind).hooks {
        Hooking::Subscribed | Hooking::Never => false,
        Hooking::ByHand => true,
        Hooking::Either => row.sync_cursor.hooks.as_ref().is_some_and(|hooks| hooks.state == HookState::Refused),
    }
}

/// Where a CRM shall call us, with the secret: for a person who writes it into the CRM
/// ([`by_hand`]). `None`: the CRM is asked by ourselves, or the world does not reach us.
#[must_use]
pub fn hook_address(sealer: &Sealer, row: &Connection) -> Option<String> {
    row.settings.hook_url.as_deref().filter(|_| by_hand(row)).map(|kept| whole(sealer, row, kept))
}

/// Says that the CRM shall call us: `public` is where the world reaches us (no slash at the end).
/// When that is new, a sync is due at once, and subscribes.
///
/// # Errors
/// [`ConnectError::Absent`].
pub async fn expect_hooks(store: &Store, account: AccountId, id: ConnectionId, public: &str, now: Moment) -> Result<(), ConnectError> {
    expect(store, account, id, Some(public), now).await.map(|_| ())
}

/// The address where the world reaches us, for every connection of the installation: called when a
/// process starts, for it may be another than last time (`None`: there is none any more, so the
/// subscriptions are taken away). Returns the connections whose sync is due now because of it: ring
/// [`crate::queue::Job::SyncCrm`] for each.
///
/// # Errors
/// The database's.
pub async fn expect_hooks_of_all(store: &Store, public: Option<&str>, now: Moment) -> Result<Vec<ConnectionId>, ConnectError> {
    let rows: Vec<Connection> = on!(store.read(), |c| sqlx::query_as(queries::AT_WORK).fetch_all(c).await)?;
    let mut changed = Vec::new();
    for row in rows {
        match expect(store, row.account_id, row.id, public, now).await {
            Ok(true) => changed.push(row.id),
            // It was ended meanwhile.
            Ok(false) | Err(ConnectError::Absent) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(changed)
}

/// Whether it was another address until now.
async fn expect(store: &Store, account: AccountId, id: ConnectionId, public: Option<&str>, now: Moment) -> Result<bool, ConnectError> {
    let mut tx = store.begin().await?;
    let row = present(&mut tx, account, id).await?;
    let hook_url = public.map(|public| format!("{public}/hooks/crm/{}/{id}", row.kind.as_str()));
    if row.settings.hook_url == hook_url {
        return Ok(false);
    }
    let settings = CrmSettings { hook_url, ..row.settings.0.clone() };
    save(&mut tx, &row, &settings, row.soon(now)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Subscribes to the webhooks a connection wants, takes a subscription at an old address away, or
/// asks once a day whether they still come. Returns what is known now: of webhooks that a person
/// sets up in the CRM, nothing is.
///
/// # Errors
/// What the whole connection must know: a refused token, an unpaid account.
pub async fn check_hooks(
    crm: &dyn Crm,
    sealer: &Sealer,
    row: &Connection,
    known: Option<Hooks>,
    now: Moment,
) -> Result<Option<Hooks>, CrmError> {
    if matches!(registry::capabilities(row.kind).hooks, Hooking::ByHand | Hooking::Never) {
        return Ok(None);
    }
    let wanted = row.settings.hook_url.as_deref();
    let old = known.as_ref().map(|hooks| hooks.url.as_str()).filter(|old| wanted != Some(*old));
    let fresh = known.as_ref().is_some_and(|hooks| now - hooks.checked_at < EVERY);
    let old = old.map(|old| whole(sealer, row, old));
    let state = match (wanted, old) {
        (None, None) => return Ok(None),
        (Some(_), None) if fresh => return Ok(known),
        (None, Some(old)) => crm.subscribe(None, Some(&old)).await.map(|()| None),
        (Some(url), old) => look(crm, &whole(sealer, row, url), old.as_deref()).await.map(Some),
    };
    let state = match state {
        Ok(state) => state,
        Err(CrmError::Forbidden(_) | CrmError::NotFound | CrmError::Rejected(_)) => wanted.map(|_| HookState::Refused),
        // Contacts are read all the same; the next sync asks again.
        Err(CrmError::Transient { .. } | CrmError::Unknown(_) | CrmError::RetryAfter(_)) => return Ok(known),
        Err(error) => return Err(error),
    };
    Ok(wanted.zip(state).map(|(url, state)| Hooks { url: url.to_owned(), checked_at: now, state }))
}

/// Makes us a way by which the CRM's own cards and robots write, where the owner asked for it, or
/// no more; asked again once a day, for an administrator may have removed us. Returns what is known
/// now.
///
/// # Errors
/// What the whole connection must know: a refused token, an unpaid account.
pub async fn check_sender(
    crm: &dyn Crm,
    sealer: &Sealer,
    row: &Connection,
    known: Option<Hooks>,
    now: Moment,
) -> Result<Option<Hooks>, CrmError> {
    if !registry::capabilities(row.kind).sender {
        return Ok(None);
    }
    let wanted = row.settings.hook_url.as_deref().filter(|_| row.settings.sender.is_some());
    match (wanted, &known) {
        (None, None) => return Ok(None),
        (Some(url), Some(known)) if known.url == url && now - known.checked_at < EVERY => return Ok(Some(known.clone())),
        _ => {}
    }
    let url = wanted.map(|url| whole(sealer, row, url));
    let state = match crm.offer_sender(&message::code(row.id), url.as_deref()).await {
        Ok(()) => HookState::On,
        Err(CrmError::Forbidden(_) | CrmError::NotFound | CrmError::Rejected(_)) => HookState::Refused,
        // Contacts are read all the same; the next sync asks again.
        Err(CrmError::Transient { .. } | CrmError::Unknown(_) | CrmError::RetryAfter(_)) => return Ok(known),
        Err(error) => return Err(error),
    };
    Ok(wanted.map(|url| Hooks { url: url.to_owned(), checked_at: now, state }))
}

/// Whether the CRM's own cards and robots can write through a connection: the CRM lets that be, and
/// our application was allowed there.
///
/// # Errors
/// [`ConnectError::Absent`], [`ConnectError::Seal`].
pub async fn can_send(store: &Store, sealer: &Sealer, row: &Connection) -> Result<bool, ConnectError> {
    let able = registry::capabilities(row.kind).sender;
    Ok(able && matches!(read(store, sealer, row.id).await?.credentials, Credentials::Oauth { .. }))
}

/// Says through which channel the CRM's own cards and robots write (`None`: they do not). A sync is
/// due at once, and tells the CRM: ring [`crate::queue::Job::SyncCrm`].
///
/// # Errors
/// [`ConnectError::BadField`] when the account has no such channel, or the CRM can have no sender.
pub async fn set_sender(
    store: &Store,
    sealer: &Sealer,
    by: impl Into<By<'_>>,
    id: ConnectionId,
    channel: Option<ChannelId>,
    now: Moment,
) -> Result<(), ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let row = get(store, by.account(), id).await?.ok_or(ConnectError::Absent)?;
    if channel.is_some() && !can_send(store, sealer, &row).await? {
        return Err(ConnectError::BadField);
    }
    let mut tx = store.begin().await?;
    let row = present(&mut tx, by.account(), id).await?;
    if let Some(channel) = channel {
        let there: Option<i64> =
            on!(tx.conn(), |c| sqlx::query_scalar(queries::SENDER_CHANNEL).bind(by.account()).bind(channel).fetch_optional(c).await)?;
        there.ok_or(ConnectError::BadField)?;
    }
    let settings = CrmSettings { sender: channel, ..row.settings.0.clone() };
    save(&mut tx, &row, &settings, row.soon(now)).await?;
    by.audit(&mut tx, "crm.sender", id, json!({ "channel": channel }), now).await?;
    Ok(tx.commit().await?)
}

async fn look(crm: &dyn Crm, url: &str, old: Option<&str>) -> Result<HookState, CrmError> {
    match crm.hooked(url).await? {
        None => crm.subscribe(Some(url), old).await.map(|()| HookState::On),
        Some(on) => {
            if old.is_some() {
                crm.subscribe(None, old).await?;
            }
            Ok(if on { HookState::On } else { HookState::Disabled })
        }
    }
}

/// Tells people that the CRM has switched our webhooks off; once a day at most.
///
/// # Errors
/// The database's.
pub async fn warn_disabled(store: &Store, connection: &Connection, now: Moment) -> sqlx::Result<()> {
    let mut tx = store.begin().await?;
    let notice = NewNotice {
        account: connection.account_id,
        member: None,
        kind: NoticeKind::CrmHooks,
        payload: json!({ "connection": connection.id, "name": connection.name, "crm": connection.kind }),
        dedupe_key: format!("crm.hooks:{}:{}", connection.id, now.date_naive()),
    };
    notice::raise(&mut tx, notice, now).await?;
    tx.commit().await
}

/// The work that is left at a CRM after its connection has ended.
#[derive(Debug)]
pub struct Leaving {
    crm: Arc<dyn Crm>,
    /// Where its webhooks came.
    url: Option<String>,
    /// By what it knew us as a sender.
    sender: Option<String>,
}

impl Leaving {
    /// Takes our subscription away, and us as a sender. A failure is only logged: hooks of an ended
    /// connection are refused anyway.
    pub async fn end(self) {
        let all = async {
            if let Some(code) = &self.sender {
                self.crm.offer_sender(code, None).await?;
            }
            match &self.url {
                Some(url) => self.crm.subscribe(None, Some(url)).await,
                None => Ok(()),
            }
        };
        match tokio::time::timeout(FAREWELL, all).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the webhooks of an ended CRM connection were not taken away"),
            Err(_) => tracing::warn!("the CRM did not answer in time, so its webhooks were not taken away"),
        }
    }
}

/// Prepares the farewell, before [`super::disconnect`] forgets the credentials; `None`: there is
/// nothing to take away.
///
/// # Errors
/// The database's.
pub async fn leaving(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    account: AccountId,
    id: ConnectionId,
) -> Result<Option<Leaving>, ConnectError> {
    let row = get(store, account, id).await?.ok_or(ConnectError::Absent)?;
    let Progress { hooks, sender, .. } = &row.sync_cursor.0;
    if row.state == ConnectionState::Disconnected || (hooks.is_none() && sender.is_none()) {
        return Ok(None);
    }
    let credentials = read(store, sealer, id).await?.credentials;
    if matches!(credentials, Credentials::Pending { .. }) {
        return Ok(None);
    }
    let url = hooks.as_ref().map(|hooks| whole(sealer, &row, &hooks.url));
    let sender = sender.as_ref().map(|_| message::code(row.id));
    let crm = registry::build(row.kind, &row.base_url, &credentials, &row.settings, endpoints, registry::pacer(row.kind, None), None)?;
    Ok(Some(Leaving { crm, url, sender }))
}

/// When the long-lived token of a connection ends; `None`: it is not known, or renews itself.
///
/// # Errors
/// [`ConnectError::Absent`], [`ConnectError::Seal`].
pub async fn token_ends(store: &Store, sealer: &Sealer, id: ConnectionId) -> Result<Option<Moment>, ConnectError> {
    Ok(read(store, sealer, id).await?.credentials.ends())
}

/// Tells people of every long-lived token that ends within fourteen days, and again within three
/// and one; for the tick, which may call it as often as it likes. Returns how many are ending.
///
/// # Errors
/// The database's.
pub async fn warn_token_ends(store: &Store, sealer: &Sealer, now: Moment) -> sqlx::Result<usize> {
    let rows: Vec<Connection> = on!(store.read(), |c| sqlx::query_as(queries::AT_WORK).fetch_all(c).await)?;
    let mut ending = 0;
    for row in rows {
        let until = match token_ends(store, sealer, row.id).await {
            Ok(Some(until)) => until,
            Ok(None) | Err(ConnectError::Absent) => continue,
            Err(ConnectError::Db(error)) => return Err(error),
            Err(error) => {
                tracing::error!(%error, crm.connection = %row.id, "the credentials of a CRM connection do not open");
                continue;
            }
        };
        let Some(stage) = stage(until, now) else { continue };
        ending += 1;
        let notice = NewNotice {
            account: row.account_id,
            member: None,
            kind: NoticeKind::CrmTokenEnds,
            payload: json!({ "connection": row.id, "name": row.name, "crm": row.kind, "until": until }),
            dedupe_key: format!("crm.token_ends:{}:{}:{stage}", row.id, row.credentials_version),
        };
        let mut tx = store.begin().await?;
        notice::raise(&mut tx, notice, now).await?;
        tx.commit().await?;
    }
    Ok(ending)
}

/// The nearest of [`AHEAD_DAYS`] that has come; `None` also for a token that has ended: the CRM's
/// refusal tells of that.
fn stage(until: Moment, now: Moment) -> Option<i64> {
    AHEAD_DAYS.into_iter().rfind(|days| until > now && until - now <= TimeDelta::days(*days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_told_of_in_three_stages() {
        let now: Moment = "2026-11-23T12:00:00Z".parse().expect("a moment");
        let left = |hours| stage(now + TimeDelta::hours(hours), now);
        assert_eq!(left(15 * 24), None);
        assert_eq!(left(14 * 24), Some(14));
        assert_eq!(left(4 * 24), Some(14));
        assert_eq!(left(3 * 24), Some(3));
        assert_eq!(left(24), Some(1));
        assert_eq!(left(0), None);
    }
}
