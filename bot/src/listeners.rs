//! What customers write: one listener a channel, for as long as the channel is there. A raw update
//! is stored together with the offset after it, in one transaction; the worker understands it.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use mms_core::{
    channel::{
        Channel, Look, Polled, SendError, cut, hook, registry,
        store::{self as channels, ChannelError, ChannelRow, Mode as ChannelMode},
    },
    clock::Moment,
    delivery::daily,
    id::ChannelId,
    inbound,
    queue::Job,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    frame::{deps::Deps, pulse::Pulse},
    ingress::channel,
    rhythm::Rhythm,
    settings::Mode,
};

/// The pause after an error of the database.
const AFTER_ERROR: Duration = Duration::from_secs(2);
/// How long a provider holds a poll.
const POLL: Duration = Duration::from_secs(25);
/// How often a webhook is asked for anew.
const ANNOUNCE: Duration = Duration::from_secs(3_600);
/// The longest pause after failures; a refused token is tried this seldom.
const LONG: Duration = Duration::from_secs(60);

/// A channel's listener: cancelled when the channel goes or changes the way of its updates.
struct Listener {
    stop: CancellationToken,
    webhook: bool,
}

/// Keeps a listener for every channel until `stop`.
///
/// An unreachable database is waited for: opt-outs wait at the provider meanwhile.
///
/// # Errors
/// A panic of a listener.
pub async fn run(deps: Deps, pulse: Pulse, stop: CancellationToken) -> anyhow::Result<()> {
    let mut listeners: HashMap<ChannelId, Listener> = HashMap::new();
    let mut tasks: JoinSet<(ChannelId, anyhow::Result<()>)> = JoinSet::new();
    let mut look = true;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = pulse.channels(), if !look => {}
            () = std::future::ready(()), if look => {}
            Some(ended) = tasks.join_next() => {
                let (id, outcome) = ended?;
                outcome?;
                listeners.remove(&id);
                // It may be there still, with another way of its updates.
                look = true;
                continue;
            }
        }
        look = false;
        let wanted = match channels::listening(&deps.store).await {
            // The managers' bot has one reader, and that is not here.
            Ok(wanted) => wanted.into_iter().filter(|row| !deps.endpoints.is_managers(&row.external_id)).collect::<Vec<_>>(),
            Err(error) => {
                tracing::warn!(%error, "channels were not looked for, trying again");
                stop.run_until_cancelled(tokio::time::sleep(AFTER_ERROR)).await;
                look = true;
                continue;
            }
        };
        for (id, listener) in &listeners {
            let stays = wanted.iter().any(|row| row.id == *id && by_webhook(&deps, row) == listener.webhook);
            if !stays {
                listener.stop.cancel();
            }
        }
        for row in wanted {
            if let std::collections::hash_map::Entry::Vacant(place) = listeners.entry(row.id) {
                let (own, webhook) = (stop.child_token(), by_webhook(&deps, &row));
                let (deps, token) = (deps.clone(), own.clone());
                tasks.spawn(async move { (row.id, listen(&deps, row.id, webhook, token).await) });
                place.insert(Listener { stop: own, webhook });
            }
        }
    }
    while let Some(ended) = tasks.join_next().await {
        ended?.1?;
    }
    Ok(())
}

fn by_webhook(deps: &Deps, row: &ChannelRow) -> bool {
    let chosen = deps.settings.mode == Mode::Webhook || row.settings.mode == ChannelMode::Webhook;
    deps.settings.public_url.is_some() && (chosen || registry::capabilities(row.kind).webhook_only)
}

/// Listens to one channel until `stop`.
async fn listen(deps: &Deps, id: ChannelId, webhook: bool, stop: CancellationToken) -> anyhow::Result<()> {
    let mut heard = Heard::default();
    loop {
        // There are as many of these tasks as channels, and nearly all the time each waits in one
        // place: what is done between two waits has its memory only while it is done.
        let attended = match Box::pin(open(deps, id)).await {
            Ok(Opened::Gone) => return Ok(()),
            Ok(Opened::Unreadable) => Ok(Some(LONG)),
            Ok(Opened::Ready(row, adapter)) => Box::pin(attend(deps, &row, adapter.as_ref(), webhook, &stop, &mut heard)).await,
            Err(error) => Err(error),
        };
        let pause = match attended {
            Ok(None) => return Ok(()),
            Ok(Some(pause)) => pause,
            // What was not kept was not acknowledged either: the provider gives it again.
            Err(error) => {
                tracing::warn!(channel.id = %id, error = format!("{error:#}"), "updates could not be kept, trying again");
                AFTER_ERROR
            }
        };
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
    }
}

enum Opened {
    Gone,
    Unreadable,
    Ready(Box<ChannelRow>, Arc<dyn Channel>),
}

async fn open(deps: &Deps, id: ChannelId) -> anyhow::Result<Opened> {
    match channels::load(&deps.store, &deps.sealer, &deps.endpoints, id).await {
        Ok((row, adapter)) => Ok(Opened::Ready(Box::new(row), adapter)),
        Err(ChannelError::NotFound) => Ok(Opened::Gone),
        Err(ChannelError::Sealed(error)) => {
            tracing::error!(channel.id = %id, %error, "a channel's credentials cannot be opened");
            Ok(Opened::Unreadable)
        }
        Err(error) => Err(error.into()),
    }
}

/// Receives until something goes wrong (the pause after which to open the channel anew) or `stop`
/// (`None`).
async fn attend(
    deps: &Deps,
    row: &ChannelRow,
    adapter: &dyn Channel,
    webhook: bool,
    stop: &CancellationToken,
    heard: &mut Heard,
) -> anyhow::Result<Option<Duration>> {
    if !webhook && adapter.capabilities().webhook_only {
        tracing::warn!(channel.id = %row.id, "nothing comes in through a channel: its messenger needs http.public_url (MMS_PUBLIC_URL)");
        hook::deaf(&deps.store, row.id, "http.public_url (MMS_PUBLIC_URL)", deps.now()).await?;
        return Ok(Some(LONG));
    }
    let bearer = hook::bearer(&deps.store, row).await?;
    let url = channel::url(deps, &bearer).filter(|_| webhook);
    let secret = bearer.hook_secret(&deps.sealer);
    let hook = url.as_deref().map(|url| (url, secret.expose()));
    // The webhook of all behind one address is its bearer's to set.
    if bearer.id == row.id
        && let Err(error) = adapter.set_webhook(hook).await
    {
        return Ok(Some(failed(deps, row, &error, heard).await?));
    }
    match hook {
        Some(hook) => Box::pin(look_after(deps, row, adapter, (&bearer, hook), stop, heard)).await,
        None => Box::pin(ask(deps, row, adapter, stop, heard)).await,
    }
}

/// A webhook brings what people write: whether it stands is looked at from time to time.
async fn look_after(
    deps: &Deps,
    row: &ChannelRow,
    adapter: &dyn Channel,
    (bearer, hook): (&ChannelRow, (&str, &str)),
    stop: &CancellationToken,
    heard: &mut Heard,
) -> anyhow::Result<Option<Duration>> {
    let (bears, mut cut) = (bearer.id == row.id, row.cut_since);
    // Taken back from another program, people are heard only once it stays.
    let mut hooked = bears && !heard.taken && !hook::is_contested(row);
    if bears {
        heard.well(deps, row.id, &mut cut).await?;
    }
    if hooked {
        hears(deps, row).await?;
    }
    let (announced, mut wait) = (Instant::now(), bears);
    // A provider drops a webhook that did not answer for long (MAX after eight hours): it is asked
    // for anew. Meanwhile a harmless question tells whether it is there at all.
    while announced.elapsed() < ANNOUNCE {
        let pause = if std::mem::replace(&mut wait, true) { (deps.settings.cut_after / 2).min(ANNOUNCE) } else { Duration::ZERO };
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(pause) => {}
        }
        let look = match adapter.look(hook).await {
            Ok(look) => look,
            Err(error) => return Ok(Some(Box::pin(failed(deps, row, &error, heard)).await?)),
        };
        if !Box::pin(looked(deps, row, look, (bearer, &mut hooked), &mut cut, heard)).await? {
            break;
        }
    }
    Ok(Some(Duration::ZERO))
}

/// What a look at a webhook tells; whether it can be left as it is.
async fn looked(
    deps: &Deps,
    row: &ChannelRow,
    look: Look,
    (bearer, hooked): (&ChannelRow, &mut bool),
    cut: &mut Option<Moment>,
    heard: &mut Heard,
) -> anyhow::Result<bool> {
    let bears = bearer.id == row.id;
    heard.well(deps, row.id, cut).await?;
    if let Some(state) = &look.sender
        && hook::sender(&deps.store, row.id, state, deps.now()).await?
    {
        tracing::info!(channel.id = %row.id, "the provider lets the channel send again");
        deps.queue.ring(Job::Deliver { channel: row.id }).await;
    }
    if let (Some(terms), Some(row)) = (look.terms, channels::find(&deps.store, row.id).await?) {
        daily::keep_terms(&deps.store, &row, terms, deps.now()).await?;
    }
    if look.hooked {
        heard.hooked = Instant::now();
        if !*hooked {
            stays(deps, row, bears, heard).await?;
        }
    } else if bears {
        lost(deps, row, look.elsewhere.as_deref(), heard).await?;
    } else if look.elsewhere.is_none() && heard.hooked.elapsed() >= deps.settings.cut_after {
        // Its bearer is refused. What another program has is its bearer's to tell.
        hook::deaf(&deps.store, row.id, "the webhook of the key is not set", deps.now()).await?;
    }
    *hooked = look.hooked;
    // The messenger forgot it meanwhile (and may send nothing without it), or the channel whose
    // address all beside it have is gone.
    let awaited = channels::find(&deps.store, row.id).await?.is_some_and(|row| hook::is_awaited(&row));
    Ok(!awaited && (!bears || look.hooked) && hook::bearer(&deps.store, row).await?.id == bearer.id)
}

/// What people write is asked for, poll after poll.
async fn ask(
    deps: &Deps,
    row: &ChannelRow,
    adapter: &dyn Channel,
    stop: &CancellationToken,
    heard: &mut Heard,
) -> anyhow::Result<Option<Duration>> {
    let (mut cut, mut cursor, mut deaf) = (row.cut_since, row.update_cursor.clone(), row.deaf.is_some());
    loop {
        let asked = Instant::now();
        let answer = tokio::select! {
            () = stop.cancelled() => return Ok(None),
            answer = adapter.poll(cursor.as_deref(), POLL) => answer,
        };
        let polled = match answer {
            Ok(polled) => polled,
            Err(error) => return Ok(Some(Box::pin(failed(deps, row, &error, heard)).await?)),
        };
        let new = Box::pin(keep(deps, row, (&polled, cursor.as_deref()), (&mut cut, &mut deaf), heard)).await?;
        cursor = polled.cursor.or(cursor);
        let pause = heard.rhythm.answered(new > 0, asked.elapsed(), |pause| {
            tracing::warn!(
                channel.id = %row.id,
                asked.every_seconds = pause.as_secs(),
                "a channel is answered at once with nothing new: its updates are asked for more seldom"
            );
        });
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Keeps what a poll brought, asked for from `cursor` on; how many of it are new.
async fn keep(
    deps: &Deps,
    row: &ChannelRow,
    (polled, cursor): (&Polled, Option<&str>),
    (cut, deaf): (&mut Option<Moment>, &mut bool),
    heard: &mut Heard,
) -> anyhow::Result<u64> {
    heard.well(deps, row.id, cut).await?;
    if std::mem::take(deaf) {
        hears(deps, row).await?;
    }
    if polled.forgot {
        cut::forgot(&deps.store, row, deps.now()).await?;
    }
    // The updates and where the newest batch leads: both are kept, or neither. What leads on where
    // we are is not written again.
    let moved = polled.cursor.is_some() && polled.cursor.as_deref() != cursor;
    if !moved && polled.updates.is_empty() {
        return Ok(0);
    }
    let new = inbound::store_polled(&deps.store, row.account_id, row.id, polled, deps.now()).await?;
    if new > 0 {
        metrics::counter!("mms_inbound_total").increment(new);
        deps.queue.ring(Job::HandleInbound { source: row.id.0 }).await;
    }
    Ok(new)
}

/// The webhook stands when it is looked at. Of one that another program took, its bearer says so to
/// all behind it; the others know of nothing but their own deafness.
async fn stays(deps: &Deps, row: &ChannelRow, bears: bool, heard: &mut Heard) -> sqlx::Result<()> {
    heard.taken = false;
    let all = if bears { hook::of_key(&deps.store, row).await? } else { channels::find(&deps.store, row.id).await?.into_iter().collect() };
    for one in all.iter().filter(|one| bears || !hook::is_contested(one)) {
        hears(deps, one).await?;
    }
    Ok(())
}

/// The webhook is gone. Found at another program twice in a row, it is not ours to hear by.
async fn lost(deps: &Deps, row: &ChannelRow, elsewhere: Option<&str>, heard: &mut Heard) -> sqlx::Result<()> {
    let Some(host) = elsewhere else {
        heard.taken = false;
        return Ok(());
    };
    tracing::warn!(channel.id = %row.id, host, "another program has the webhook of a channel, it is taken back");
    if std::mem::replace(&mut heard.taken, true) {
        hook::contested(&deps.store, row, host, deps.now()).await?;
    }
    Ok(())
}

/// What people write comes in: a channel that did not hear them sends.
async fn hears(deps: &Deps, row: &ChannelRow) -> sqlx::Result<()> {
    if hook::hears(&deps.store, row.id).await? {
        tracing::info!(channel.id = %row.id, "what people write comes in, so the channel sends");
        deps.queue.ring(Job::Deliver { channel: row.id }).await;
    }
    Ok(())
}

/// Whether the channel's present token works.
async fn replaced(deps: &Deps, id: ChannelId) -> bool {
    match channels::load(&deps.store, &deps.sealer, &deps.endpoints, id).await {
        Ok((_, adapter)) => adapter.identify().await.is_ok(),
        Err(_) => false,
    }
}

/// How a listener hears its messenger.
#[derive(Debug)]
struct Heard {
    rhythm: Rhythm,
    /// When it last gave a good answer, or when we began to ask.
    at: Instant,
    /// When our webhook was seen to stand, or when we began to look.
    hooked: Instant,
    /// Another program had the webhook when it was looked at last.
    taken: bool,
}

impl Default for Heard {
    fn default() -> Self {
        Self { rhythm: Rhythm::default(), at: Instant::now(), hooked: Instant::now(), taken: false }
    }
}

impl Heard {
    /// It gave a good answer; `cut`: since when it counted as cut off.
    async fn well(&mut self, deps: &Deps, id: ChannelId, cut: &mut Option<Moment>) -> sqlx::Result<()> {
        self.at = Instant::now();
        if let Some(since) = cut.take()
            && cut::back(&deps.store, id, since, deps.now()).await?
        {
            tracing::info!(channel.id = %id, "the messenger answers again");
        }
        Ok(())
    }

    /// It answers, and refuses to tell what people write. After long enough nothing is sent any
    /// more: whoever says stop would not be heard.
    async fn refused(&self, deps: &Deps, row: &ChannelRow, error: &SendError) -> sqlx::Result<()> {
        if let Some(since) = row.cut_since
            && cut::back(&deps.store, row.id, since, deps.now()).await?
        {
            tracing::info!(channel.id = %row.id, "the messenger answers again");
        }
        if self.at.elapsed() < deps.settings.cut_after {
            return Ok(());
        }
        hook::deaf(&deps.store, row.id, &error.to_string(), deps.now()).await
    }

    /// It gave none: after long enough it counts as cut off.
    async fn badly(&self, deps: &Deps, row: &ChannelRow) -> sqlx::Result<()> {
        let silent = self.at.elapsed();
        if row.cut_since.is_some() || silent < deps.settings.cut_after {
            return Ok(());
        }
        let since = deps.now() - silent;
        if cut::cut(&deps.store, row.id, since, deps.now()).await? {
            tracing::warn!(channel.id = %row.id, silent.seconds = silent.as_secs(), "the messenger counts as cut off");
        }
        Ok(())
    }
}

/// What a failure means, and how long to wait.
async fn failed(deps: &Deps, row: &ChannelRow, error: &SendError, heard: &mut Heard) -> sqlx::Result<Duration> {
    match error {
        SendError::Unknown(_) | SendError::Transient(_) => heard.badly(deps, row).await?,
        // Told below, and only if the token was not replaced meanwhile.
        SendError::Unauthorised(_) => {}
        SendError::RetryAfter { .. } => heard.well(deps, row.id, &mut row.cut_since.clone()).await?,
        _ => heard.refused(deps, row, error).await?,
    }
    let pause = heard
        .rhythm
        .failed(|failures| tracing::warn!(channel.id = %row.id, %error, failures, "a channel's updates could not be asked for"));
    match error {
        SendError::RetryAfter { after, .. } => Ok(pause.max(*after)),
        // The token may have been replaced while the old one was polling.
        SendError::Unauthorised(_) if replaced(deps, row.id).await => Ok(pause),
        SendError::Unauthorised(reason) => {
            let mut tx = deps.store.begin().await?;
            channels::misconfigured(&mut tx, row.id, reason, deps.now()).await?;
            tx.commit().await?;
            Ok(LONG)
        }
        _ => Ok(pause),
    }
}
