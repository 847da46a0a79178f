//! `mms demo`: the main job played from end to end, with no configuration, no token and no network.
//!
//! The real bot and the real worker run in this process on SQLite, against the doubles of Telegram
//! and of amoCRM. The tour acts as people do: it types, presses buttons and looks at phones;
//! everything it says about numbers it has counted in the doubles' ledgers or in the books.
//! Afterwards everything stays up, with a page of phones to try by hand.

mod cast;
mod guide;
mod tour;

use std::{os::unix::fs::PermissionsExt as _, path::Path, process::ExitCode, time::Duration};

use anyhow::{Context as _, anyhow};
use mms_bot::{Bot, BotSettings};
use mms_core::{
    account::Language,
    aside,
    config::{Endpoints, Log, LogFormat},
    queue::Queue,
    secret::{Sealer, Secret, token},
    store::Store,
    telemetry,
};
use mms_sandbox::{Sandbox, amocrm::Amo};
use mms_worker::Deps;
use tokio_util::sync::CancellationToken;

use crate::{
    admin::Speech,
    process, up,
    words::{self, tr},
};

/// What the demonstration is told.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// End after the tour: status 0 if everything was as it should be.
    #[arg(long)]
    exit: bool,
    /// The page's port on the loopback; 0 takes a free one.
    #[arg(long, default_value_t = 8765)]
    port: u16,
    /// The language of the tour and of the members' phones; by default that of the terminal (LANG).
    #[arg(long, value_enum)]
    language: Option<Speech>,
    /// No tour: only start everything and stay up.
    #[arg(long, conflicts_with = "exit")]
    no_tour: bool,
}

/// An installation of the demonstration, in this process.
pub struct Stage {
    /// Telegram, amoCRM, and the page.
    pub sandbox: Sandbox,
    /// amoCRM.
    pub amo: Amo,
    /// The managers' bot.
    pub manager_bot: i64,
    /// The database.
    pub store: Store,
    /// The language of the tour.
    pub language: Language,
    queue: Queue,
    sealer: Sealer,
    endpoints: Endpoints,
    manager_token: String,
    stop: CancellationToken,
    guide: guide::Guide,
    // Dropped last: the database lives in it.
    _dir: tempfile::TempDir,
}

/// The subdomain of the shop's amoCRM.
pub const SUBDOMAIN: &str = "romashka";

impl Stage {
    async fn build(options: &Demo, stop: CancellationToken) -> anyhow::Result<Self> {
        let language = options.language.map_or_else(|| tr().language, Into::into);
        let guide = guide::Guide::default();
        let amo = Amo::new(SUBDOMAIN);
        let sandbox = Sandbox::builder()
            .port(options.port)
            .nest(&format!("/amo/{SUBDOMAIN}"), amo.clone().router())
            .cards({
                let amo = amo.clone();
                move |phone| amo.cards(phone)
            })
            .nest("/demo", guide.router())
            .start()
            .await
            .with_context(|| format!("port {} cannot be had: give another one with --port", options.port))?;
        let manager_token = format!("7000000001:AAE-managers-{}", token(8));
        let manager_bot = sandbox.add_bot(&manager_token, "mms_demo_bot").map_err(|error| anyhow!("{error}"))?;
        sandbox.name_bot(manager_bot, "Рассылки «Ромашки»").map_err(|error| anyhow!("{error}"))?;
        // Made with this mode at once: nobody else of this machine gets in between.
        let own = std::fs::Permissions::from_mode(0o700);
        let dir = tempfile::Builder::new().prefix("mms-demo-").permissions(own).tempdir().context("no temporary directory")?;
        let sealer = Sealer::new(&Sealer::new_key());
        let store = Store::open(&format!("sqlite:{}", dir.path().join("mms.db").display())).await?.sealed_by(&sealer);
        let endpoints = Endpoints {
            telegram: sandbox.url(),
            max: sandbox.max().url().to_owned(),
            vk: sandbox.vk().url().to_owned(),
            amocrm_override: Some(format!("{}/amo", sandbox.url())),
            ..Endpoints::default()
        };
        Ok(Self {
            sandbox,
            amo,
            manager_bot,
            store,
            language,
            queue: Queue::memory(),
            sealer,
            endpoints,
            manager_token,
            stop,
            guide,
            _dir: dir,
        })
    }

    /// Starts the real bot and the real worker; gives how they ended.
    async fn start(&self) -> anyhow::Result<tokio::task::JoinHandle<anyhow::Result<()>>> {
        let settings = BotSettings::new(Secret::new(&self.manager_token), self.sandbox.url());
        let bot = Bot::build(settings, self.store.clone(), self.sealer.clone(), self.queue.clone(), self.endpoints.clone()).await?;
        let name = process::unique_name("demo");
        let deps = Deps::new(self.store.clone(), self.sealer.clone(), self.endpoints.clone(), self.queue.clone(), name);
        let deps = Deps { stop: self.stop.clone(), ..deps };
        let stop = self.stop.clone();
        Ok(aside::task("demo", async move { up::both(("bot", bot.run(stop.clone())), ("worker", mms_worker::run(deps)), &stop).await }))
    }

    /// One sentence in the language of the tour.
    pub fn say(&self, ru: &str, en: &str) -> anyhow::Result<()> {
        process::print(match self.language {
            Language::Ru => ru,
            Language::En => en,
        })
    }
}

/// Plays the demonstration.
///
/// # Errors
/// When it cannot start, or when something was not as it should be.
pub async fn run(options: &Demo) -> anyhow::Result<ExitCode> {
    telemetry::logs(&Log { format: LogFormat::Pretty, filter: std::env::var("MMS_LOG").unwrap_or_else(|_| "error".to_owned()) })?;
    // Before there is a directory to be left behind.
    let stop = CancellationToken::new();
    process::on_signals(stop.clone())?;
    let stage = Stage::build(options, stop.clone()).await?;
    let mut running = stage.start().await?;
    let cast = cast::found(&stage).await?;
    stage.guide.found(stage.store.clone(), cast.owner.account, cast.shop_token.clone(), stage.amo.long_lived_token());

    let outcome = if options.no_tour {
        Ok(())
    } else {
        tokio::select! {
            played = tour::play(&stage, &cast) => played,
            () = stop.cancelled() => Err(anyhow!("it was broken off")),
            ended = &mut running => Err(ended.map_err(anyhow::Error::from).and_then(|ended| ended).err().unwrap_or_else(|| anyhow!("the program ended in the middle of the tour"))),
        }
    };
    let failed = outcome.is_err();
    match &outcome {
        Ok(()) if options.no_tour => {}
        Ok(()) => {
            stage.guide.toured();
            stage.say("\nВсё так, как должно быть.", "\nEverything is as it should be.")?;
        }
        Err(error) => {
            let why = words::told(tr(), error);
            stage.say(&format!("\nНе так, как должно быть: {why}"), &format!("\nNot as it should be: {why}"))?;
        }
    }
    if !options.exit && !stop.is_cancelled() {
        let page = cast::page(&stage, &cast);
        stage.say(
            &format!(
                "\nВсё остаётся включённым. Телефоны — менеджера, согласующего и клиентов:\n  {page}\nПишите, нажимайте кнопки, открывайте файлы, блокируйте бота. Вход: {} и {}, пароль {}. Конец: Ctrl+C.",
                cast::OWNER_LOGIN,
                cast::APPROVER_LOGIN,
                cast::PASSWORD
            ),
            &format!(
                "\nEverything stays up. Phones of the manager, the approver and customers:\n  {page}\nType, press buttons, open files, block the bot. Logins: {} and {}, password {}. End: Ctrl+C.",
                cast::OWNER_LOGIN,
                cast::APPROVER_LOGIN,
                cast::PASSWORD
            ),
        )?;
        let alive = !running.is_finished();
        tokio::select! {
            () = stop.cancelled() => {}
            _ = &mut running, if alive => {}
        }
    }
    stop.cancel();
    if !running.is_finished() {
        // Finishing what is in flight takes a moment; the demonstration's end does not depend on
        // it, and the directory goes with it.
        drop(tokio::time::timeout(Duration::from_secs(5), running).await);
    }
    process::close(&stage.store).await;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// `mms demo` takes no settings file; says so rather than ignore one.
pub fn refuse_config(config: Option<&Path>) -> anyhow::Result<()> {
    anyhow::ensure!(config.is_none(), "`mms demo` needs no settings: leave --config (MMS_CONFIG) out");
    Ok(())
}
