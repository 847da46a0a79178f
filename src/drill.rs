//! The crash drill: `mms drill`. Real processes, a real database and doubles of all messengers;
//! harm at random moments; then what arrived is counted and compared with the books. A seed repeats
//! the choice of harms and moments.
//!
//! Each company has a bot in Telegram and the senders of its cascade ([`cascade::route`]). Its
//! campaign of a spell is a cascade through them, or now and then one through Telegram alone.
//!
//! Rounds come in spells: campaigns are launched, harm follows harm until they are over or the
//! spell's rounds are done, and after each harm the drill waits until every channel sends again.
//! Then comes calm, and every row must be at rest and agree with the provider's ledger.
#![allow(clippy::disallowed_methods, reason = "the drill acts on processes from outside, on its machine's own clock")]

mod backup;
pub mod cascade;
pub mod company;
mod crm;
pub mod dice;
pub mod harm;
mod harming;
pub mod installation;
pub mod senders;
pub mod services;
pub mod unit;
pub mod verdict;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use mms_core::{
    campaign::{self, control},
    clock,
    id::CampaignId,
    words::Reason,
};

use self::{
    cascade::{Readers, Reads},
    company::{Company, Launch},
    dice::Dice,
    harm::Harm,
    installation::Installation,
    senders::{Messenger, Sender},
    verdict::{Ban, Flight, Running, Tally, balanced},
};

/// Rounds of harm between two calms.
const SPELL: u64 = 10;
/// How long a look at what happens may wait for the next.
const LOOK: Duration = Duration::from_millis(120);
/// How long is waited for what must come; it is a violation long before.
const PATIENCE: Duration = Duration::from_secs(120);
/// A message that is due later than this waits for its own time, and nobody for it.
const SOON: chrono::TimeDelta = chrono::TimeDelta::seconds(5);
/// One that is due later than this has the time of a clock that was wrong.
const STRANGE: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

/// What to drill.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// One process on SQLite, instead of a bot and two workers on PostgreSQL and Redis.
    #[arg(long)]
    pub sqlite: bool,
    /// Drill what is read from a CRM and told to it, instead of sending.
    #[arg(long)]
    pub crm: bool,
    /// How often harm is done.
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub rounds: u64,
    /// Repeats the choice of harms and moments; without it one is chosen and printed.
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,
    /// Companies, each with a bot of Telegram and channels in other messengers.
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub channels: usize,
    /// Customers of each company.
    #[arg(long, default_value_t = 400, value_name = "N")]
    pub customers: usize,
    /// Only harms whose name contains this; may be given several times.
    #[arg(long, value_name = "WORD")]
    pub only: Vec<String>,
    /// Run the private PostgreSQL without `fsync`, `synchronous_commit` and `full_page_writes`;
    /// without this it is as durable as it is installed.
    #[arg(long)]
    pub no_fsync: bool,
    /// Print the counts as JSON too.
    #[arg(long)]
    pub json: bool,
}

/// What is possible here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// One process on SQLite.
    pub sqlite: bool,
    /// Clocks can be shifted.
    pub clocks: bool,
    /// The database's disk can be full.
    pub disk: bool,
}

fn say(text: &str) {
    // A closed pipe is no error of the drill's.
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// Runs the drill and prints the table.
///
/// # Errors
/// What could not be started; and any promise that was broken.
pub async fn run(args: &Args) -> anyhow::Result<()> {
    let seed = args.seed.unwrap_or_else(|| u64::from(std::process::id()) ^ clock::now().timestamp_millis().unsigned_abs());
    if args.crm {
        return crm::run(args, seed).await;
    }
    let logs = tempfile::Builder::new().prefix("mms-drill-logs-").tempdir().context("a directory for logs")?;
    let began = Instant::now();
    let installation = Installation::start(args, logs.path(), &[]).await?;
    let setup = installation.setup;
    let readers = Readers::new(installation.site.sandbox.clone());
    let mut drill = Drill {
        installation,
        args: args.clone(),
        dice: Dice::new(seed),
        companies: Vec::new(),
        senders: Vec::new(),
        readers,
        running: Vec::new(),
        reads: BTreeMap::new(),
        bans: Vec::new(),
        flights: Vec::new(),
        newcomers: Vec::new(),
        tally: Tally::default(),
    };
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let outcome = tokio::select! {
        outcome = drill.run() => outcome,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminated.recv() => bail!("interrupted"),
    };
    drill.tally.own_deaths = drill.installation.own_deaths();
    let tally = drill.tally.clone();
    drop(drill);
    say(&tally.table(&setup, seed, began.elapsed().as_secs()));
    if args.json {
        say(&serde_json::to_string(&tally)?);
    }
    if outcome.is_err() || !tally.violations.is_empty() {
        say(&format!("the processes' logs: {}", logs.keep().display()));
    }
    outcome?;
    if !tally.violations.is_empty() {
        let first: Vec<_> = tally.violations.iter().take(5).map(String::as_str).collect();
        bail!("{} promises were broken; repeat it with --seed {seed}: {}", tally.violations.len(), first.join("; "));
    }
    Ok(())
}

/// A drill under way.
struct Drill {
    installation: Installation,
    args: Args,
    dice: Dice,
    companies: Vec<Company>,
    /// The senders of each company: its bot of Telegram, and those of its cascade in their order.
    senders: Vec<(Arc<Sender>, Vec<Arc<Sender>>)>,
    readers: Readers,
    /// Campaigns of this spell.
    running: Vec<Running>,
    /// Who read what before any later step, by campaign.
    reads: BTreeMap<CampaignId, Reads>,
    bans: Vec<Ban>,
    /// What was in flight at the harms of this spell.
    flights: Vec<Flight>,
    /// Newcomers of this spell: the bot they started, and who.
    newcomers: Vec<(i64, i64)>,
    tally: Tally,
}

impl Drill {
    async fn run(&mut self) -> anyhow::Result<()> {
        for place in 0..self.args.channels {
            let company = self.installation.company(self.args.customers).await?;
            let telegram = Arc::new(Sender::of_telegram(&company));
            let mut route = Vec::new();
            for messenger in cascade::route(place) {
                route.push(match messenger {
                    Messenger::Telegram => Arc::clone(&telegram),
                    other => Arc::new(Sender::connect(&self.installation.site, &company, *other).await?),
                });
            }
            self.companies.push(company);
            self.senders.push((telegram, route));
        }
        self.readers.watch(self.senders.iter().flat_map(|(_, route)| route.clone()).collect());
        let mut spell = 0;
        while self.tally.rounds < self.args.rounds {
            spell += 1;
            self.launch(spell).await?;
            let end = (self.tally.rounds + SPELL).min(self.args.rounds);
            while self.tally.rounds < end && self.anything_queued().await? {
                self.round().await?;
            }
            self.calm().await?;
        }
        Ok(())
    }

    /// A campaign of each company.
    async fn launch(&mut self, spell: u64) -> anyhow::Result<()> {
        self.running.clear();
        self.reads.clear();
        self.bans.clear();
        self.flights.clear();
        self.newcomers.clear();
        let site = self.installation.site.clone();
        for messenger in Messenger::ALL {
            messenger.ledger(&site.sandbox).clear();
        }
        for (place, company) in self.companies.iter_mut().enumerate() {
            let mark = format!("№{spell}-{place}.");
            // Whoever said stop in an earlier spell is no loss: others come.
            let body = format!("Здравствуйте, {{{{ first_name }}}}! {{{{ advertiser }}}}: скидка 10% до конца недели, акция {mark}");
            company.version = company.template(&site, &body).await?;
            let (telegram, route) = &self.senders[place];
            let alone = (spell + 2 * place as u64).is_multiple_of(4);
            let steps = if alone { vec![Arc::clone(telegram)] } else { route.clone() };
            let campaign = if alone {
                let campaign = company.approved(&site, Launch::default()).await?;
                company.start(&site, campaign).await?;
                campaign
            } else {
                cascade::launch(&site, company, company.version, &steps).await?
            };
            self.running.push(Running { company: place, campaign, mark, steps });
        }
        Ok(())
    }

    /// One harm, or two at once, and the way back.
    async fn round(&mut self) -> anyhow::Result<()> {
        let wait = self.dice.between(100, 1_800);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        self.tally.rounds += 1;
        let mut names = Vec::new();
        let count = if self.dice.chance(20) { 2 } else { 1 };
        let mut ended = Instant::now();
        for _ in 0..count {
            let harm = self.choose();
            names.push(harm.as_str());
            ended = self.harm(harm).await?;
        }
        let name = names.join(" + ");
        let after = self.going_on(ended).await?;
        let label = if count == 1 { name.clone() } else { "two of these at once".to_owned() };
        say(&format!("round {:>3}: {name}: {:.1} s", self.tally.rounds, after.as_secs_f64()));
        self.tally.recovered(&label, after);
        for running in &self.running {
            self.tally.looks += 1;
            let site = &self.installation.site;
            if !again(|| balanced(&site.store, running.campaign)).await? {
                self.tally.unbalanced += 1;
                self.tally.violation(format!("round {}: {name}: the books do not balance", self.tally.rounds));
            }
        }
        Ok(())
    }

    fn choose(&mut self) -> Harm {
        loop {
            let harm = Harm::choose(&mut self.dice, &self.installation.setup);
            if self.args.only.is_empty() || self.args.only.iter().any(|word| harm.as_str().contains(word.as_str())) {
                return harm;
            }
        }
    }

    /// Waits until every campaign that has something to send sends again; gives the time since the
    /// harm's end.
    async fn going_on(&mut self, ended: Instant) -> anyhow::Result<Duration> {
        // What was in flight at the harm still arrives and proves nothing.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let sandbox = self.installation.site.sandbox.clone();
        let last = Messenger::ALL.map(|messenger| (messenger, u64::try_from(messenger.ledger(&sandbox).len()).unwrap_or(u64::MAX)));
        let last = BTreeMap::from(last);
        loop {
            let mut waiting = 0;
            for running in self.running.clone() {
                let queued = self.queued(&running).await?;
                for (step, sender) in running.numbered() {
                    let went = sender.messenger.ledger(&sandbox).select(|entry| {
                        entry.seq > last[&sender.messenger] && entry.bot == sender.bot && entry.text.contains(&running.mark)
                    });
                    waiting += usize::from(went.is_empty() && queued.get(&step).is_some_and(|n| *n > 0));
                }
            }
            self.look_at_reads().await?;
            if waiting == 0 || ended.elapsed() > PATIENCE {
                return Ok(ended.elapsed());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Messages of a campaign that wait to be sent now, by step, as far as it may send. Lets a
    /// campaign go on that the licence's end paused.
    async fn queued(&self, running: &Running) -> anyhow::Result<BTreeMap<i16, usize>> {
        let site = &self.installation.site;
        let company = &self.companies[running.company];
        let row = again(|| company.campaign(site, running.campaign)).await?;
        if row.state == campaign::State::Paused && row.state_reason == Some(Reason::Licence.into()) {
            // A member renews and lets it go on; who came first does not matter.
            drop(control::resume(&site.store, &company.owner, running.campaign, clock::now()).await);
        }
        if matches!(row.state, campaign::State::Finished | campaign::State::Stopped | campaign::State::Failed) {
            return Ok(BTreeMap::new());
        }
        if row.state == campaign::State::Planning {
            return Ok(BTreeMap::from([(1, 1)]));
        }
        let rows = again(|| cascade::rows(&site.store, company.account, running.campaign)).await?;
        let (mut queued, now) = (BTreeMap::new(), clock::now());
        for ((step, _), row) in rows {
            let own_time = row.due_at.is_some_and(|due| due > now + SOON && due < now + STRANGE);
            if row.state == "queued" && !own_time {
                *queued.entry(step).or_default() += 1;
            }
        }
        Ok(queued)
    }

    /// Notes who is known to have read something before any later step.
    async fn look_at_reads(&mut self) -> anyhow::Result<()> {
        let store = self.installation.site.store.clone();
        for running in self.running.iter().filter(|running| running.steps.len() > 1) {
            let reached = again(|| cascade::reached(&store, running.campaign)).await?;
            let (known, now) = (self.reads.entry(running.campaign).or_default(), clock::now());
            for (contact, step) in reached {
                known.entry(contact).or_insert((step, now));
            }
        }
        Ok(())
    }

    async fn anything_queued(&self) -> anyhow::Result<bool> {
        for running in &self.running {
            if self.queued(running).await?.values().any(|n| *n > 0) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Waits for every campaign's end and compares.
    async fn calm(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        let limit = PATIENCE + Duration::from_secs(self.args.customers as u64 / 10);
        for running in self.running.clone() {
            loop {
                let company = &self.companies[running.company];
                let state = again(|| company.campaign(&self.installation.site, running.campaign)).await?.state;
                let rows = again(|| cascade::rows(&self.installation.site.store, company.account, running.campaign)).await?;
                let open = rows.values().any(|row| row.state == "queued" || row.state == "sending");
                if !open && matches!(state, campaign::State::Finished | campaign::State::Stopped) {
                    break;
                }
                if began.elapsed() > limit {
                    self.tally.violation(format!("campaign {}: `{state:?}` and not at rest after {limit:?}", running.mark));
                    break;
                }
                self.queued(&running).await?;
                self.look_at_reads().await?;
                tokio::time::sleep(LOOK).await;
            }
        }
        let site = self.installation.site.clone();
        for running in &self.running {
            self.tally.compare(&site, &self.companies[running.company], running, &self.flights).await?;
            if let Some(reads) = self.reads.get(&running.campaign) {
                self.tally.judge_reads(&site.sandbox, running, reads);
            }
        }
        self.asked().await;
        for ban in &self.bans {
            self.tally.judge(&site.sandbox, ban);
        }
        say(&format!(
            "calm after {:.1} s: {} accepted, {} uncertain of {} in flight, {} violations",
            began.elapsed().as_secs_f64(),
            self.tally.accepted,
            self.tally.uncertain,
            self.tally.in_flight(),
            self.tally.violations.len()
        ));
        Ok(())
    }
}

impl Drill {
    /// Waits until every newcomer was asked.
    async fn asked(&mut self) {
        let (began, ledger) = (Instant::now(), self.installation.site.sandbox.ledger().clone());
        loop {
            let asked: BTreeSet<(i64, i64)> = ledger.entries().iter().map(|entry| (entry.bot, entry.chat)).collect();
            let left = self.newcomers.iter().filter(|newcomer| !asked.contains(newcomer)).count();
            if left == 0 {
                return;
            }
            if began.elapsed() > PATIENCE * 2 {
                self.tally.unasked += left as u64;
                self.tally.violation(format!("{left} newcomers were never asked"));
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Asks the database until it answers: it may be away, and that is the point.
async fn again<T, E: std::fmt::Display, F: Future<Output = Result<T, E>>>(mut ask: impl FnMut() -> F) -> anyhow::Result<T> {
    let began = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) if began.elapsed() > PATIENCE => bail!("the database did not answer for {PATIENCE:?}: {error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}
