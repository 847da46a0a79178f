//! Puts the parts together and keeps them running.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use mms_core::{
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
    channels,
    dispatch::Dispatcher,
    frame::{api::Api, cards, deps::Deps, gates, pulse::Pulse, turns::Turns},
    ingress, notices, polling,
    screens::{self, commands},
    settings::{BotSettings, Mode},
};

/// The longest pause between two tries to reach Telegram at the start.
const START_PAUSE: Duration = Duration::from_secs(30);
/// How long a stopping bot waits for its parts: calls to Telegram end before that.
const GRACE: Duration = Duration::from_secs(8);
/// Updates older than this cannot come again: Telegram keeps them for a day.
const REMEMBERED: chrono::TimeDelta = chrono::TimeDelta::days(3);

/// A bot process ready to run: Telegram knows it, the port is taken.
#[derive(Debug)]
pub struct Bot {
    deps: Deps,
    listener: TcpListener,
}

impl Bot {
    /// Asks Telegram who we are and takes the port.
    ///
    /// # Errors
    /// A refused token, a taken port: each a sentence for who runs the server. An unreachable Telegram is waited for.
    pub async fn build(settings: BotSettings, store: Store, sealer: Sealer, queue: Queue, endpoints: Endpoints) -> anyhow::Result<Self> {
        if settings.mode == Mode::Webhook && settings.public_url.is_none() {
            bail!("webhooks need the address where Telegram reaches us: set http.public_url, or use polling");
        }
        let bot = Api::new(&settings.api_base, settings.token.clone()).context("the HTTP client cannot start")?;
        let username = introduce(&bot).await?;
        let listener = TcpListener::bind(settings.listen)
            .await
            .with_context(|| format!("cannot listen at {}: is another process using the port?", settings.listen))?;
        let (username, settings, turns) = (username.into(), Arc::new(settings), Turns::default());
        let deps = Deps { store, sealer, queue, endpoints, bot, username, settings, turns };
        Ok(Self { deps, listener })
    }

    /// Where the HTTP side listens.
    ///
    /// # Errors
    /// The system's.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The managers' bot's own name, without `@`.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.deps.username
    }

    /// Runs until `stop`, then finishes what was accepted.
    ///
    /// # Errors
    /// When a task ends that was not asked to.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let Self { deps, listener } = self;
        tokio::spawn(deps.bot.clone().end_with(stop.clone()));
        let dispatcher = Dispatcher::new(deps.clone());
        let way = match deps.settings.mode {
            Mode::Polling => deps.bot.call("deleteWebhook", &json!({})).await.map(|_| ()),
            Mode::Webhook => ingress::telegram::announce(&deps).await,
        };
        if stop.is_cancelled() {
            return Ok(());
        }
        way.context("Telegram did not take the way of updates")?;
        commands::announce_to_strangers(&deps).await;
        // What a process before took from Telegram and did not come to handle.
        let left = gates::left_over(&deps).await.context("updates left over from before could not be read")?;
        if !left.is_empty() {
            tracing::info!(updates = left.len(), "updates left over from before are taken up");
        }
        left.iter().for_each(|update| dispatcher.accept(update));
        announce_to_crms(&deps).await;
        tracing::info!(bot.username = %deps.username, http.listen = %listener.local_addr()?, "the bot is ready");

        let mut tasks: JoinSet<(&'static str, anyhow::Result<()>)> = JoinSet::new();
        let (d, s) = (deps.clone(), stop.clone());
        let app = ingress::router(d.clone(), dispatcher.clone());
        tasks.spawn(async move { ("http", serve(listener, app, s).await) });
        if deps.settings.mode == Mode::Polling {
            let (dispatcher, s) = (dispatcher.clone(), stop.clone());
            tasks.spawn(async move { ("polling", polling::run(d, dispatcher, s).await) });
        }
        let (d, s) = (deps.clone(), stop.clone());
        let pulse = Pulse::default();
        let p = pulse.clone();
        tasks.spawn(async move { ("notices", notices::run(d, p, s).await) });
        let (d, p, s) = (deps.clone(), pulse.clone(), stop.clone());
        tasks.spawn(async move { ("cards", cards::run(d, screens::draw, p, s).await) });
        let (d, p, s) = (deps.clone(), pulse.clone(), stop.clone());
        tasks.spawn(async move { ("channels", channels::run(d, p, s).await) });
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

/// CRMs shall call us where the world reaches us today: another address than last time is told at once, not with the next sync.
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

/// Who we are, as Telegram says; a Telegram that does not answer is waited for.
async fn introduce(bot: &Api) -> anyhow::Result<String> {
    let mut tries = 0_u32;
    loop {
        match bot.call("getMe", &json!({})).await {
            Ok(me) => return Ok(me["username"].as_str().unwrap_or_default().to_owned()),
            Err(error) if error.unauthorised() => {
                bail!("Telegram does not accept the token of the managers' bot: check it, or make a new one with @BotFather ({error})")
            }
            Err(error) => {
                tries += 1;
                if tries.is_power_of_two() {
                    tracing::warn!(%error, tries, "Telegram does not answer yet, the managers' bot waits: check the network and `telegram.api`");
                }
                tokio::time::sleep(START_PAUSE.min(Duration::from_millis(250) * 2_u32.pow(tries.min(7)))).await;
            }
        }
    }
}

async fn serve(listener: TcpListener, app: axum::Router, stop: CancellationToken) -> anyhow::Result<()> {
    axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await.context("the HTTP side failed")
}

/// Forgets updates that cannot come again.
async fn sweep(deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
    let mut beat = tokio::time::interval(Duration::from_secs(3_600));
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = beat.tick() => {}
        }
        let swept = async {
            let mut tx = deps.store.begin().await?;
            on!(tx.conn(), |c| sqlx::query(gates::SWEEP).bind(deps.now() - REMEMBERED).execute(c).await.map(|_| ()))?;
            tx.commit().await
        };
        if let Err(error) = swept.await {
            tracing::warn!(%error, "old updates were not forgotten, the next hour does it");
        }
    }
}
