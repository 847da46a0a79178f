//! Puts the parts together and keeps them running.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use mms_core::{
    account::{login, session},
    aside,
    channel::{ChannelKind, managers as managers_bot, registry},
    clock,
    config::Endpoints,
    crm::connection,
    on,
    queue::{Job, Queue},
    secret::Sealer,
    store::Store,
};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    dispatch::Dispatcher,
    frame::{
        api::{Api, ApiError, LAST_CALLS},
        cards,
        chats::Chats,
        deps::Deps,
        gates,
        pulse::Pulse,
        standing::Standing,
        surveys::Surveys,
        turns::Turns,
        ways::Ways,
    },
    ingress, listeners, notices, polling,
    rhythm::Rhythm,
    screens::{self, commands, evidence},
    serve::serve,
    settings::{BotSettings, Metrics, Mode},
};

/// How long a stopping bot waits for its parts: calls to Telegram end before that.
pub const GRACE: Duration = Duration::from_secs(8);

const _: () = assert!(LAST_CALLS.as_millis() < GRACE.as_millis());

/// A bot process ready to run: the port is taken. Telegram is asked by [`Bot::run`], for as long as
/// it takes.
#[derive(Debug)]
pub struct Bot {
    deps: Deps,
    listener: TcpListener,
    /// Where `/metrics` is served, if anywhere.
    metrics: Option<(TcpListener, Metrics)>,
}

impl Bot {
    /// Looks at the settings and takes the port.
    ///
    /// # Errors
    /// A token that cannot be one, no address for webhooks, a taken port: each a sentence for who
    /// runs the server.
    pub async fn build(settings: BotSettings, store: Store, sealer: Sealer, queue: Queue, endpoints: Endpoints) -> anyhow::Result<Self> {
        if settings.mode == Mode::Webhook && settings.public_url.is_none() {
            bail!("webhooks need the address where Telegram reaches us: set http.public_url, or use polling");
        }
        if !registry::plausible(ChannelKind::Telegram, &settings.token) {
            bail!(
                "the token of the managers' bot is none: it is written like 7000000001:AAE-example (MMS_TELEGRAM_TOKEN, from @BotFather)"
            );
        }
        let bot =
            Api::new(&settings.api_base, &endpoints.telegram_route, settings.token.clone()).context("the HTTP client cannot start")?;
        let endpoints = endpoints.with_managers(&settings.token);
        apart(&store, &endpoints).await?;
        let listener = listen(settings.listen, "MMS_LISTEN").await?;
        let metrics = match &settings.metrics {
            Some((address, metrics)) => Some((listen(*address, "MMS_METRICS_LISTEN").await?, metrics.clone())),
            None => None,
        };
        let (settings, turns, chats, surveys) = (Arc::new(settings), Turns::default(), Chats::default(), Surveys::default());
        let deps = Deps { store, sealer, queue, endpoints, bot, settings, turns, chats, surveys, ways: Ways::default() };
        Ok(Self { deps, listener, metrics })
    }

    /// How the managers' bot stands with Telegram.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.deps.bot.standing().clone()
    }

    /// Where the HTTP side listens.
    ///
    /// # Errors
    /// The system's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where `/metrics` is served, if anywhere.
    ///
    /// # Errors
    /// The system's.
    pub fn metrics_address(&self) -> std::io::Result<Option<SocketAddr>> {
        self.metrics.as_ref().map(|(listener, _)| listener.local_addr()).transpose()
    }

    /// Runs until `stop`, then finishes what was accepted.
    ///
    /// # Errors
    /// When a task ends that was not asked to.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let Self { deps, listener, metrics } = self;
        aside::task("end calls", deps.bot.clone().end_with(stop.clone()));
        let dispatcher = Dispatcher::new(deps.clone());
        announce_to_crms(&deps).await;
        tracing::info!(http.listen = %listener.local_addr()?, "the HTTP side listens");

        let mut tasks: JoinSet<(&'static str, anyhow::Result<()>)> = JoinSet::new();
        let (d, s) = (deps.clone(), stop.clone());
        let (app, limits) = (ingress::router(d.clone(), dispatcher.clone()), deps.settings.limits);
        tasks.spawn(async move { ("http", serve(listener, app, limits, s).await) });
        if let Some((listener, metrics)) = metrics {
            tracing::info!(metrics.listen = %listener.local_addr()?, "metrics are served");
            let s = stop.clone();
            tasks.spawn(async move { ("metrics", serve(listener, ingress::metrics(metrics), limits, s).await) });
        }
        let (given, s) = (dispatcher.clone(), stop.clone());
        tasks.spawn(async move { ("managers", managers(&d, &given, &s).await) });
        let (d, s) = (deps.clone(), stop.clone());
        let pulse = Pulse::default();
        let p = pulse.clone();
        tasks.spawn(async move { ("notices", notices::run(d, p, s).await) });
        let (d, s) = (deps.clone(), stop.clone());
        tasks.spawn(async move { ("mail", notices::mailing::run(d, s).await) });
        let (d, s) = (deps.clone(), stop.clone());
        tasks.spawn(async move { ("dossiers", evidence::making::run(d, s).await) });
        let (d, s) = (deps.clone(), stop.clone());
        tasks.spawn(async move { ("damage", notices::damage::run(d, s).await) });
        let (d, p, s) = (deps.clone(), pulse.clone(), stop.clone());
        tasks.spawn(async move { ("cards", cards::run(d, screens::draw, p, s).await) });
        let (d, p, s) = (deps.clone(), pulse.clone(), stop.clone());
        tasks.spawn(async move { ("channels", listeners::run(d, p, s).await) });
        let (d, s) = (deps.clone(), stop.clone());
        tasks.spawn(async move { ("pulse", pulse.run(d, s).await) });
        let (d, s) = (deps, stop.clone());
        tasks.spawn(async move { ("sweep", sweep(d, s).await) });

        let outcome = first_end(&mut tasks, &stop).await;
        stop.cancel();
        let ends = async {
            while tasks.join_next().await.is_some() {}
            dispatcher.drain().await;
        };
        if tokio::time::timeout(GRACE, ends).await.is_err() {
            tracing::warn!("a part of the bot did not end in time and is left; what it had not finished is kept or answered as it is");
            tasks.abort_all();
        }
        outcome
    }
}

/// CRMs shall call us where the world reaches us today: another address than last time is told at
/// once, not with the next sync.
async fn announce_to_crms(deps: &Deps) {
    let public = deps.settings.public_url.as_deref().map(|url| url.trim_end_matches('/'));
    match connection::expect_hooks_of_all(&deps.store, public, deps.now()).await {
        Ok(changed) => {
            for connection in changed {
                deps.queue.ring(Job::SyncCrm { connection }).await;
            }
        }
        Err(error) => tracing::error!(%error, "CRMs were not told where to call us; their contacts are polled"),
    }
}

/// The first task that ends ends all; that is an error unless everybody was asked to stop.
async fn first_end(tasks: &mut JoinSet<(&'static str, anyhow::Result<()>)>, stop: &CancellationToken) -> anyhow::Result<()> {
    match tasks.join_next().await {
        Some(Ok((name, Err(error)))) => Err(error.context(format!("the bot's task `{name}` failed"))),
        Some(Ok((_, Ok(())))) if stop.is_cancelled() => Ok(()),
        Some(Ok((name, Ok(())))) => Err(anyhow!("the bot's task `{name}` ended although nobody asked it to")),
        Some(Err(panic)) => Err(anyhow!(panic).context("a task of the bot panicked")),
        None => Ok(()),
    }
}

/// Builds and runs.
///
/// # Errors
/// As [`Bot::build`] and [`Bot::run`].
pub async fn run(
    settings: BotSettings,
    store: Store,
    sealer: Sealer,
    queue: Queue,
    endpoints: Endpoints,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    Bot::build(settings, store, sealer, queue, endpoints).await?.run(stop).await
}

/// The managers' bot must be nobody's channel. One that customers wrote to ends the start, because
/// they would not be heard; one that nobody wrote to is stopped, and the rest goes on.
async fn apart(store: &Store, endpoints: &Endpoints) -> anyhow::Result<()> {
    let Some(clash) = managers_bot::clash(store, endpoints).await? else { return Ok(()) };
    if clash.heard {
        return Err(clash.into());
    }
    tracing::error!(channel.id = %clash.channel.id, "{clash}");
    managers_bot::set_aside(store, &clash, clock::now()).await?;
    Ok(())
}

/// Serves managers until `stop`, from when Telegram knows the bot: whatever is wrong with it, the
/// rest of the process works.
async fn managers(deps: &Deps, dispatcher: &Dispatcher, stop: &CancellationToken) -> anyhow::Result<()> {
    let Some(username) = introduced(deps, stop).await else { return Ok(()) };
    commands::announce_to_strangers(deps).await;
    // What a process before took from Telegram and did not come to handle: before anything new,
    // which the name lets in.
    let left = gates::left_over(deps).await.context("updates left over from before could not be read")?;
    if !left.is_empty() {
        tracing::info!(updates = left.len(), "updates left over from before are taken up");
    }
    deps.bot.standing().introduced(username);
    left.iter().for_each(|update| dispatcher.accept(update));
    tracing::info!(bot.username = deps.bot.standing().username(), "the bot is ready: managers may write to it");
    match deps.settings.mode {
        Mode::Polling => polling::run(deps, dispatcher, stop).await,
        Mode::Webhook => stop.cancelled().await,
    }
    Ok(())
}

/// Who the bot is, once Telegram has told it and taken the way of its updates; `None`: `stop` came
/// first.
async fn introduced(deps: &Deps, stop: &CancellationToken) -> Option<String> {
    let mut rhythm = Rhythm::default();
    loop {
        let introduced = async {
            let username = deps.bot.me().await?;
            match deps.settings.mode {
                Mode::Polling => deps.bot.call("deleteWebhook", &json!({})).await.map(|_| ())?,
                Mode::Webhook => ingress::manager::announce(deps).await?,
            }
            Ok(username)
        };
        let answer: Result<_, ApiError> = tokio::select! {
            () = stop.cancelled() => return None,
            answer = introduced => answer,
        };
        let error = match answer {
            Ok(username) => return Some(username),
            Err(error) => error,
        };
        let refused = error.unauthorised();
        if refused {
            deps.bot.standing().refused();
        }
        let pause = rhythm.failed(|failures| {
            // A refused token is told already.
            if !refused {
                tracing::warn!(%error, failures, "Telegram does not serve the managers' bot yet: check the network and `telegram.api`");
            }
        });
        tokio::select! {
            () = stop.cancelled() => return None,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// A port that cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at {address}: is another process using the port? Another one is set by {variable}: {source}")]
pub struct ListenError {
    /// What was to be listened at.
    pub address: SocketAddr,
    /// The environment variable that sets it.
    pub variable: &'static str,
    /// What the system answered.
    pub source: std::io::Error,
}

/// Takes a port, whose setting is `variable`.
///
/// # Errors
/// [`ListenError`].
pub async fn listen(address: SocketAddr, variable: &'static str) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError { address, variable, source })
}

/// Forgets updates that cannot come again and wrong passwords of yesterday, ends sessions that are
/// over by themselves.
async fn sweep(deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
    let mut beat = tokio::time::interval(Duration::from_secs(3_600));
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = beat.tick() => {}
        }
        let swept = async {
            let mut tx = deps.store.begin().await?;
            on!(tx.conn(), |c| sqlx::query(gates::SWEEP).bind(deps.now() - gates::REMEMBERED).execute(c).await.map(|_| ()))?;
            tx.commit().await?;
            login::sweep(&deps.store, deps.now()).await?;
            session::end_outlived(&deps.store, deps.now()).await.map(|_| ())
        };
        if let Err(error) = swept.await {
            tracing::warn!(%error, "what is over was not forgotten, the next hour does it");
        }
    }
}
