//! The installation under the drill: real processes of this very program on a private database,
//! beside the doubles.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use mms_core::{
    channel::{
        lease,
        store::{self as channels, ChannelSettings},
    },
    clock,
    id::{CampaignId, ContactId},
    on,
    secret::{Sealer, token},
    store::Store,
};
use mms_sandbox::{Fault, Rates};

use super::{
    Args, Setup,
    company::{Company, Site, next_id},
    senders::{self, Messenger},
    services::{Disk, Postgres, free_port, redis},
    unit::{Plan, Unit},
};

/// Messages a second of each channel: slow enough that a campaign outlives several harms.
const RATE: f64 = 15.0;
/// How long the provider takes to answer, so that at any moment something is in flight.
const LATENCY: u64 = 80;
/// How long transactions of dead processes are waited for; shorter than a lease, after which others
/// take their rows.
const SETTLED: Duration = Duration::from_secs(5);

const _: () = assert!(SETTLED.as_millis() < lease::LEASE.as_millis());

/// One message in this many is refused by MAX, which tells nothing later, so that the next step
/// goes to some.
const REFUSED_BY_MAX: f64 = 0.15;

/// A delivery, by its campaign, step and person.
pub type Delivery = (CampaignId, i16, ContactId);

/// Processes, services and doubles. Dropped in this order: first who works, then what is worked on.
pub struct Installation {
    /// The bot; on SQLite the one process of all.
    pub bot: Unit,
    /// The workers; none on SQLite.
    pub workers: Vec<Unit>,
    /// Redis with its address.
    pub redis: Option<(Unit, String)>,
    /// PostgreSQL.
    pub postgres: Option<Postgres>,
    /// The database's disk.
    pub disk: Disk,
    /// What can be done here.
    pub setup: Setup,
    /// Store, key, doubles.
    pub site: Site,
    clocks: Clocks,
    /// The settings of every process.
    env: Vec<(String, String)>,
    /// Everything above lives here.
    dir: tempfile::TempDir,
}

/// The environment of a process whose clock is what `file` says (`+3600` is an hour ahead), live;
/// nothing without libfaketime.
#[must_use]
pub fn shifted(file: &Path) -> Option<Vec<(String, String)>> {
    // Debian's place of it, on any architecture.
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    let library =
        folders.filter_map(Result::ok).map(|entry| entry.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists())?;
    let own = [
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
        ("FAKETIME_CACHE_DURATION", "1".to_owned()),
        // Only the wall clock jumps: the kernel's monotonic clock never does.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    Some(own.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Clocks that can be shifted, each by a file of its own.
type Clocks = BTreeMap<String, PathBuf>;

/// The environment of a process with such a clock, right at first; empty where clocks cannot be
/// shifted.
fn own_clock(clocks: &mut Clocks, dir: &Path, name: &str) -> anyhow::Result<Vec<(String, String)>> {
    let file = dir.join(format!("{name}.clock"));
    let Some(env) = shifted(&file) else { return Ok(Vec::new()) };
    std::fs::write(&file, "+0\n")?;
    clocks.insert(name.to_owned(), file);
    Ok(env)
}

impl Installation {
    /// Starts everything, with these settings too; logs go to `logs`.
    ///
    /// # Errors
    /// What is missing or did not start.
    pub async fn start(args: &Args, logs: &Path, settings: &[(String, String)]) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("mms-drill-").tempdir().context("a temporary directory")?;
        let disk = Disk::new(dir.path(), 320)?;
        let mut clocks = Clocks::new();
        let (postgres, redis) = if args.sqlite {
            (None, None)
        } else {
            let clock = own_clock(&mut clocks, dir.path(), "postgres")?;
            (Some(Postgres::start(dir.path(), &disk, args.no_fsync, clock).await?), Some(redis(dir.path()).await?))
        };
        let database = match &postgres {
            Some(server) => server.url(),
            None => format!("sqlite:{}", disk.path.join("mms.db").display()),
        };
        let sandbox = senders::doubles().rates(Rates::default()).start().await.context("the doubles start")?;
        let bot_token = format!("{}:AAE-manager-{}", next_id(), token(8));
        sandbox.add_bot(&bot_token, "mms_manager_bot").map_err(|error| anyhow!("a bot is made: {error:?}"))?;
        for messenger in Messenger::ALL {
            sandbox.faults().add(messenger.sending(Fault::Latency { ms: LATENCY }));
        }
        let refused = Fault::Error { code: 400, description: "proto.payload: text: is refused".to_owned(), retry_after: None };
        sandbox.faults().add(Messenger::Max.sending(refused).probability(REFUSED_BY_MAX));
        let key = Sealer::new_key();
        let key_file = dir.path().join("sealing.key");
        std::fs::write(&key_file, hex::encode(key))?;
        let sealer = Sealer::new(&key);
        let store = Store::open(&database).await?.sealed_by(&sealer);
        let site = Site { sandbox: sandbox.clone(), store, sealer };

        let address = format!("127.0.0.1:{}", free_port()?);
        let mut env = vec![
            ("MMS_DATA_DIR".to_owned(), dir.path().display().to_string()),
            ("MMS_SEALING_KEY_FILE".to_owned(), key_file.display().to_string()),
            ("DATABASE_URL".to_owned(), database),
            ("MMS_TELEGRAM_TOKEN".to_owned(), bot_token),
            // Where the doubles push their news to.
            ("MMS_LISTEN".to_owned(), address.clone()),
            ("MMS_PUBLIC_URL".to_owned(), format!("http://{address}")),
            ("MMS_METRICS_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("MMS_LOG".to_owned(), "info".to_owned()),
            ("MMS_LOG_FORMAT".to_owned(), "json".to_owned()),
        ];
        env.extend(senders::settings(&sandbox));
        env.extend_from_slice(settings);
        if let Some((_, url)) = &redis {
            env.push(("REDIS_URL".to_owned(), url.clone()));
        }
        let program = std::env::current_exe().context("this program's own path")?;
        let mut unit = |name: &str, words: &[&str]| -> anyhow::Result<Unit> {
            let mut env = env.clone();
            env.extend(own_clock(&mut clocks, dir.path(), name)?);
            Unit::start(Plan {
                name: name.to_owned(),
                program: program.clone(),
                args: words.iter().map(|word| (*word).to_owned()).collect(),
                env,
                log: logs.join(format!("{name}.log")),
            })
        };
        let (bot, workers) = if args.sqlite {
            (unit("up", &["up"])?, Vec::new())
        } else {
            (unit("bot", &["bot"])?, vec![unit("w0", &["worker", "--name", "w0"])?, unit("w1", &["worker", "--name", "w1"])?])
        };
        let setup = Setup { sqlite: args.sqlite, clocks: !clocks.is_empty(), disk: disk.can_be_full() };
        Ok(Self { bot, workers, redis, postgres, disk, setup, site, clocks, env, dir })
    }

    /// A company whose channel is paced for the drill.
    ///
    /// # Errors
    /// The step that failed.
    pub async fn company(&self, customers: usize) -> anyhow::Result<Company> {
        let company = Company::found(&self.site, customers).await?;
        let settings = ChannelSettings { rate: Some(RATE), ..ChannelSettings::default() };
        channels::configure(&self.site.store, &company.owner, company.channel, &settings, clock::now()).await?;
        Ok(company)
    }

    /// A fresh folder that nobody fills.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(&self) -> std::io::Result<tempfile::TempDir> {
        tempfile::Builder::new().prefix("backup-").tempdir_in(self.dir.path())
    }

    /// Runs a command of this very program with the installation's settings and these in their
    /// place; what it said.
    ///
    /// # Errors
    /// What it said when it failed.
    pub async fn command(&self, args: &[&str], settings: &[(&str, String)]) -> anyhow::Result<String> {
        let mut command = tokio::process::Command::new(std::env::current_exe()?);
        let out = command
            .args(args)
            .envs(self.env.iter().map(|(key, value)| (key, value)))
            .envs(settings.iter().map(|(key, value)| (key, value)))
            .output()
            .await?;
        if out.status.success() {
            Ok(String::from_utf8_lossy(&out.stdout).into_owned())
        } else {
            bail!("mms {}: {}", args.join(" "), String::from_utf8_lossy(&out.stderr).trim())
        }
    }

    /// Where the doubles reach the installation.
    #[must_use]
    pub fn public(&self) -> &str {
        self.env.iter().find(|(name, _)| name == "MMS_PUBLIC_URL").map_or("", |(_, value)| value.as_str())
    }

    /// Who sends: the workers, or the one process.
    #[must_use]
    pub fn senders(&self) -> Vec<&Unit> {
        if self.workers.is_empty() { vec![&self.bot] } else { self.workers.iter().collect() }
    }

    /// Sets the clock of one process, or of all, so many seconds ahead.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_clock(&self, unit: Option<&str>, ahead: u64) -> anyhow::Result<()> {
        for (name, file) in &self.clocks {
            if unit.is_none_or(|wanted| wanted == name) {
                // Renamed into place: a process never reads half of it.
                let new = file.with_extension("new");
                std::fs::write(&new, format!("+{ahead}\n"))?;
                std::fs::rename(&new, file)?;
            }
        }
        Ok(())
    }

    /// Deliveries in flight that were not claimed under the `survivor`'s present lease of their
    /// channel.
    ///
    /// # Errors
    /// The database's.
    pub async fn in_flight(&self, survivor: Option<&str>) -> sqlx::Result<BTreeSet<Delivery>> {
        const AIR: &str = "select d.campaign_id, d.step, d.contact_id from delivery d join channel c on c.id = d.channel_id
            where d.state = 'sending' and (c.lease_owner is null or c.lease_owner not like $1 or d.claim <> c.lease_token)";
        self.site.store.settled(SETTLED).await?;
        let pattern = survivor.map_or_else(|| "nobody".to_owned(), |name| format!("{name}@%"));
        let rows: Vec<Delivery> = on!(self.site.store.read(), |c| sqlx::query_as(AIR).bind(&pattern).fetch_all(c).await)?;
        Ok(rows.into_iter().collect())
    }

    /// Deliveries of which nobody knows whether they went.
    ///
    /// # Errors
    /// The database's.
    pub async fn in_doubt(&self) -> sqlx::Result<BTreeSet<Delivery>> {
        const DOUBT: &str = "select campaign_id, step, contact_id from delivery where state = 'uncertain'";
        let rows: Vec<Delivery> = on!(self.site.store.read(), |c| sqlx::query_as(DOUBT).fetch_all(c).await)?;
        Ok(rows.into_iter().collect())
    }

    /// How often processes died without having been killed.
    #[must_use]
    pub fn own_deaths(&self) -> u32 {
        self.senders().iter().map(|unit| unit.own_deaths()).sum::<u32>() + if self.workers.is_empty() { 0 } else { self.bot.own_deaths() }
    }
}
