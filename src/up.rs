//! The long-running commands: bot, worker, both.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use chrono::TimeDelta;
use mms_bot::{Bot, BotSettings, Integration, Metrics, Mode, p};
use mms_core::{
    aside,
    channel::{ChannelKind, registry},
    config::{Config, UpdateMode},
    crm::CrmKind,
    store::public_file::PublicFiles,
    telemetry,
};
use mms_worker::Deps;
use tokio_util::sync::CancellationToken;

use crate::{
    health,
    process::{self, Process, Shape},
    waiting,
    words::tr,
};

/// What a worker in this process is given.
pub fn deps(process: &Process, name: &str) -> Deps {
    let (config, queue) = (&process.config, process.queue.clone());
    let public = Some(config.http.public_url.as_str()).filter(|url| !url.is_empty());
    Deps {
        public: PublicFiles::new(&process.sealer, public),
        stop: process.stop.clone(),
        heads: Some(config.checkpoints()),
        heads_days: config.checkpoints_days,
        retention: config.retention,
        erasure: config.erasure,
        daily_after: Duration::from_secs(config.daily_after.into()),
        seats: config.jobs,
        retry: config.retry,
        sync_every: TimeDelta::seconds(config.crm.sync_seconds.into()),
        ..Deps::new(process.store.clone(), process.sealer.clone(), process.endpoints.clone(), queue, process::unique_name(name))
    }
}

/// Whether there is a token for the managers' bot, and of the right form: before a database is
/// opened or a worker begins.
fn look_at_token(file: Option<&Path>) -> anyhow::Result<()> {
    let (config, _) = process::settings(file)?;
    if config.telegram.token.expose().is_empty() {
        bail!(p!(tr(), "server-no-token"));
    }
    if !registry::plausible(ChannelKind::Telegram, &config.telegram.token) {
        bail!(p!(tr(), "server-bad-token"));
    }
    Ok(())
}

/// How the bot is set up by these settings.
fn bot_settings(config: &Config, metrics: Metrics) -> BotSettings {
    BotSettings {
        erasure: config.erasure,
        token: config.telegram.token.clone(),
        api_base: config.telegram.api.clone(),
        mode: match config.telegram.mode {
            UpdateMode::Polling => Mode::Polling,
            UpdateMode::Webhook => Mode::Webhook,
        },
        public_url: Some(config.http.public_url.clone()).filter(|url| !url.is_empty()),
        listen: config.http.listen,
        integrations: [
            (CrmKind::Amocrm, &config.amocrm.client_id, &config.amocrm.client_secret),
            (CrmKind::Bitrix24, &config.bitrix24.client_id, &config.bitrix24.client_secret),
        ]
        .into_iter()
        .filter(|(_, id, _)| !id.is_empty())
        .map(|(kind, id, secret)| (kind, Integration { client_id: id.clone(), client_secret: secret.clone() }))
        .collect(),
        metrics: config.metrics_listen().map(|address| (address, metrics)),
        limits: process::http_limits(config),
        notice_retry: config.retry.notice,
        // Looked at when the settings were read.
        mailer: config.mail.mailer().ok().flatten(),
        support: mms_bot::settings::Support {
            email: Some(config.support.email.clone()).filter(|email| !email.is_empty()),
            answer_days: config.support.answer_days,
        },
        cut_after: Duration::from_mins(u64::from(config.channels.cut_minutes)),
        billing: config.billing.clone(),
    }
}

fn metrics() -> anyhow::Result<Metrics> {
    let handle = telemetry::metrics()?;
    Ok(Metrics(Arc::new(move || handle.render())))
}

/// The bot until asked to stop. systemd knows the process as ready before: Telegram may be away for
/// longer than a start may take, and nothing but the managers' bot waits for it.
async fn managers(process: &Process) -> anyhow::Result<()> {
    if let Some(folder) = process.config.agreement.folder() {
        // Nothing of it keeps the bot from its work.
        if let Err(error) = crate::admin::publish(&process.store, folder, mms_core::clock::now()).await {
            tracing::error!(%error, "the texts of the agreement were not taken in");
        }
    }
    let settings = bot_settings(&process.config, metrics()?);
    let built = Bot::build(settings, process.store.clone(), process.sealer.clone(), process.queue.clone(), process.endpoints.clone());
    let Some(bot) = process.stop.run_until_cancelled(built).await else { return Ok(()) };
    let bot = bot?;
    bot.standing().tell_in(p!(tr(), "server-unknown-token"));
    tracing::info!("the first account is made by `mms admin create-account`");
    waiting::status("waiting for Telegram");
    let standing = bot.standing();
    let served = aside::task("status", async move {
        standing.served().await;
        waiting::status("at work");
    });
    let outcome = bot.run(process.stop.clone()).await;
    served.abort();
    outcome
}

/// `mms bot`: until asked to stop.
pub async fn bot(file: Option<&Path>) -> anyhow::Result<()> {
    look_at_token(file)?;
    let Some(process) = process::start(file, Shape::Apart).await? else { return Ok(()) };
    process::ready(&process, None);
    let outcome = process::in_time(&process.stop, managers(&process)).await;
    process::close(&process.store).await;
    outcome
}

/// `mms worker`: until asked to stop.
pub async fn worker(file: Option<&Path>, name: &str) -> anyhow::Result<()> {
    let Some(process) = process::start(file, Shape::Apart).await? else { return Ok(()) };
    let metrics = metrics()?;
    let work = mms_worker::run(deps(&process, name));
    process::ready(&process, None);
    let outcome = match process.config.worker_listen() {
        None => process::in_time(&process.stop, work).await,
        Some(address) => {
            let parts = both(("worker", work), ("health", health::serve(address, &process, metrics)), &process.stop);
            process::in_time(&process.stop, parts).await
        }
    };
    process::close(&process.store).await;
    outcome
}

/// `mms up`: bot and worker in one process. The worker has threads of its own: a press or a webhook
/// waits for the system's scheduler, which is fair, and not behind a campaign's messages in one
/// queue of tasks.
pub async fn up(file: Option<&Path>) -> anyhow::Result<()> {
    look_at_token(file)?;
    let Some(process) = process::start(file, Shape::Alone).await? else { return Ok(()) };
    let threads = process::runtime("mms-worker")?;
    process::ready(&process, Some(threads.handle().clone()));
    let worker = threads.spawn(mms_worker::run(deps(&process, "up")));
    let worker = async { worker.await.context("the worker panicked")? };
    let parts = both(("bot", managers(&process)), ("worker", worker), &process.stop);
    let outcome = process::in_time(&process.stop, parts).await;
    process::close(&process.store).await;
    // Last: connections to the database may live by it. Nothing of the worker's is running any
    // more.
    threads.shutdown_background();
    outcome
}

/// Runs two parts of a process: when one ends the other is asked to stop, and the first failure is
/// the process's.
pub async fn both(
    first: (&str, impl Future<Output = anyhow::Result<()>>),
    second: (&str, impl Future<Output = anyhow::Result<()>>),
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let ending = |name: &str, outcome: anyhow::Result<()>| {
        stop.cancel();
        outcome.with_context(|| format!("the {name} failed"))
    };
    let (first, second) = tokio::join!(async { ending(first.0, first.1.await) }, async { ending(second.0, second.1.await) });
    first.and(second)
}
