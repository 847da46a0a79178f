//! The drill of a CRM: `mms drill --crm`. Real processes, the double of amoCRM, and beside it a
//! salon with the double of YCLIENTS ([`salon`]). People of the company change contacts there,
//! things are told to it from here, and harm is done meanwhile; after each round comes quiet, and
//! what is here and what is there must be the same.
//!
//! What is told: notes, tasks, comments of deals (that is how amoCRM is told of an answer by a
//! button), and who said stop. Each has words of its own, so it is looked up at the double.

mod harm;
mod salon;
mod verdict;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use mms_core::{
    account::By,
    clock,
    config::Endpoints,
    contact::queries::BY_CRM,
    crm::{
        CrmChange, CrmKind,
        connection::{self, Connection, Entry, SyncPhase},
        occasion::{OccasionKind, OccasionRef},
        write_back,
    },
    id::{AccountId, ConnectionId, ContactId},
    on,
    opt_out::{OptOutBy, OptOutHow, opt_out},
    secret::Secret,
    store::Store,
};
use mms_sandbox::amocrm::{Amo, Contact, HookBehaviour, Lead, Seed, fields};
use serde_json::json;

use self::{
    harm::Harm,
    salon::Salon,
    verdict::{Tally, Told, What},
};
use super::{Args, again, company::Company, dice::Dice, installation::Installation, say};

/// The company's account in the CRM.
const SUBDOMAIN: &str = "romashka";
/// How long a round may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(420);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(200);
/// People of the company change so many contacts of a round, at each of two moments.
const EDITS: u64 = 6;
/// So many notes are told of a round, at each of two moments.
const NOTES: u64 = 6;

/// Runs the drill and prints the table.
///
/// # Errors
/// What could not be started; and any promise that was broken.
pub async fn run(args: &Args, seed: u64) -> anyhow::Result<()> {
    let logs = tempfile::Builder::new().prefix("mms-drill-logs-").tempdir().context("a directory for logs")?;
    let began = Instant::now();
    let amo = Amo::new(SUBDOMAIN);
    // A ban takes ten minutes; who earns one is counted all the same, by the calls refused.
    amo.set_limits(7, u32::MAX, Duration::ZERO);
    amo.set_hooks(hooks());
    let base = Amo::serve_all(&[(&amo, &[SUBDOMAIN])]).await.context("the double of the CRM starts")?;
    let settings = [("MMS_AMOCRM_OVERRIDE".to_owned(), base.clone())];
    let installation = Installation::start(args, logs.path(), &settings).await?;
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut drill = Drill::begin(installation, amo, base, args, seed).await?;
    let outcome = tokio::select! {
        outcome = drill.run() => outcome,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminated.recv() => bail!("interrupted"),
    };
    drill.tally.own_deaths = drill.installation.own_deaths();
    let tally = drill.tally.clone();
    drop(drill);
    say(&tally.table(args.sqlite, seed, began.elapsed().as_secs()));
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

/// A hook that was not taken comes again soon.
fn hooks() -> HookBehaviour {
    HookBehaviour { pauses: [1, 2, 4, 8].map(Duration::from_secs).to_vec(), ..HookBehaviour::default() }
}

/// A drill under way.
struct Drill {
    installation: Installation,
    amo: Amo,
    company: Company,
    connection: ConnectionId,
    salon: Salon,
    dice: Dice,
    rounds: u64,
    only: Vec<String>,
    /// Everything that was told so far.
    told: Vec<Told>,
    /// Who said stop, by their ids there.
    outs: BTreeSet<u64>,
    /// Leads there: a deal and its contact.
    leads: Vec<(u64, u64)>,
    /// Numbers that make each change's words its own.
    words: u64,
    tally: Tally,
}

impl Drill {
    async fn begin(installation: Installation, amo: Amo, base: String, args: &Args, seed: u64) -> anyhow::Result<Self> {
        let company = Company::found(&installation.site, 0).await?;
        let ids = amo.seed(&Seed { count: args.customers as u64, without_phone_every: 0, ..Seed::default() });
        let leads = ids.iter().filter(|id| is_kept(**id)).map(|id| (amo.add_lead(Lead::of(*id, "Букет", 2_000)), *id)).collect();
        let (store, now) = (&installation.site.store, clock::now());
        let endpoints = Endpoints { amocrm_override: Some(base), ..Endpoints::default() };
        let values = [Secret::new(amo.long_lived_token())];
        let entry = Entry { kind: CrmKind::Amocrm, address: SUBDOMAIN, values: &values };
        let by = By::Admin(company.account);
        let connection = connection::connect(store, &installation.site.sealer, &endpoints, by, entry, now).await?.id;
        connection::map_field(store, by, connection, &fields::CITY.to_string(), Some("city"), now).await?;
        connection::expect_hooks(store, company.account, connection, installation.public(), now).await?;
        let salon = Salon::begin(&installation).await?;
        Ok(Self {
            installation,
            amo,
            company,
            connection,
            salon,
            dice: Dice::new(seed),
            rounds: args.rounds,
            only: args.only.clone(),
            told: Vec::new(),
            outs: BTreeSet::new(),
            leads,
            words: 0,
            tally: Tally::default(),
        })
    }

    fn store(&self) -> &Store {
        &self.installation.site.store
    }

    async fn row(&self) -> anyhow::Result<Connection> {
        self.row_of(self.connection).await
    }

    async fn row_of(&self, connection: ConnectionId) -> anyhow::Result<Connection> {
        let row = again(|| connection::by_id(self.store(), connection)).await?;
        row.context("the connection is gone")
    }

    /// Both connections, each with whose it is.
    fn lines(&self) -> [(AccountId, ConnectionId); 2] {
        [(self.company.account, self.connection), (self.salon.company.account, self.salon.connection)]
    }

    async fn run(&mut self) -> anyhow::Result<()> {
        self.quiet().await?;
        let began = Instant::now();
        while self.amo.destinations().is_empty() {
            if began.elapsed() > PATIENCE {
                bail!("the CRM's hooks were not asked for");
            }
            tokio::time::sleep(LOOK).await;
        }
        self.compare("at first").await?;
        while self.tally.rounds < self.rounds {
            self.round().await?;
        }
        Ok(())
    }

    async fn round(&mut self) -> anyhow::Result<()> {
        self.tally.rounds += 1;
        let harm = self.choose();
        self.changes_there();
        self.changes_here().await?;
        let wait = self.dice.between(0, 2_500);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        self.harm(harm).await?;
        let ended = Instant::now();
        // And what happens right after it.
        self.changes_there();
        self.changes_here().await?;
        self.quiet().await?;
        let name = harm.as_str();
        say(&format!("round {:>3}: {name}: quiet after {:.1} s", self.tally.rounds, ended.elapsed().as_secs_f64()));
        self.tally.quiet.entry(name).or_default().push(ended.elapsed().as_secs_f64());
        self.compare(name).await
    }

    fn choose(&mut self) -> Harm {
        loop {
            let harm = Harm::choose(&mut self.dice, self.installation.setup.sqlite);
            if self.only.is_empty() || self.only.iter().any(|word| harm.as_str().contains(word.as_str())) {
                return harm;
            }
        }
    }

    fn word(&mut self) -> u64 {
        self.words += 1;
        self.words
    }

    /// People of the company change contacts in the CRM.
    fn changes_there(&mut self) {
        let ids = self.amo.contact_ids();
        for _ in 0..EDITS {
            let (id, word) = (ids[self.dice.place(ids.len())], self.word());
            match self.dice.between(0, 6) {
                0 | 1 => self.amo.edit(id, |contact| {
                    contact.first_name = format!("Анна{word}");
                    contact.name = format!("{} {}", contact.first_name, contact.last_name);
                }),
                2 => self.amo.edit(id, |contact| contact.set(fields::CITY, json!(format!("Город {word}")))),
                3 => self.amo.edit(id, |contact| contact.set_phones(&[&phone(word)])),
                4 => self.amo.edit(id, |contact| {
                    // The mark of an opt-out is ours, the others are theirs.
                    contact.tags.retain(|tag| tag == verdict::OUT);
                    contact.tags.push(format!("метка {word}"));
                }),
                5 => {
                    self.amo.add(Contact::person("Вера", &format!("Новикова{word}"), &[&phone(word)]));
                }
                _ if !is_kept(id) => self.amo.delete(id),
                _ => self.amo.edit(id, |contact| contact.set(fields::CITY, serde_json::Value::Null)),
            }
        }
        self.salon.changes_there(&mut self.dice);
    }

    /// Something happens here that the CRM is told of.
    async fn changes_here(&mut self) -> anyhow::Result<()> {
        for n in 0..NOTES + 3 {
            let (lead, id) = self.leads[self.dice.place(self.leads.len())];
            // Whoever is not here yet is told of another time.
            let Some(contact) = self.contact(id).await? else { continue };
            let text = format!("Заметка №{}", self.word());
            let (what, change) = match n {
                ..NOTES => (What::Note(id), CrmChange::Note { text: text.clone() }),
                NOTES => (What::Task(id), CrmChange::Task { text: text.clone(), due: clock::now() + chrono::TimeDelta::hours(4) }),
                _ if n == NOTES + 1 => {
                    let of = OccasionRef { kind: OccasionKind::Deal, id: lead.to_string() };
                    (What::Comment(lead), CrmChange::Comment { of, text: text.clone() })
                }
                _ => {
                    self.says_stop(contact, id).await?;
                    continue;
                }
            };
            let (store, account, now) = (self.store(), self.company.account, clock::now());
            again(async || {
                let mut tx = store.begin().await?;
                write_back::enqueue(&mut tx, account, contact, &change, &text, now).await?;
                tx.commit().await
            })
            .await?;
            self.told.push(Told { what, text });
        }
        self.salon.changes_here(&self.installation.site.store, &mut self.dice).await
    }

    async fn says_stop(&mut self, contact: ContactId, id: u64) -> anyhow::Result<()> {
        let (store, account, now) = (self.store(), self.company.account, clock::now());
        let how = OptOutHow { by: OptOutBy::Text, channel: None, message_ref: None, said_at: None };
        again(async || {
            let mut tx = store.begin().await?;
            opt_out(&mut tx, account, contact, &how, now).await?;
            tx.commit().await
        })
        .await?;
        self.outs.insert(id);
        Ok(())
    }

    /// Who a record of the CRM is here.
    async fn contact(&self, id: u64) -> anyhow::Result<Option<ContactId>> {
        let (store, account, connection) = (self.store(), self.company.account, self.connection);
        again(async || {
            on!(store.read(), |c| sqlx::query_scalar(BY_CRM).bind(account).bind(connection).bind(id.to_string()).fetch_optional(c).await)
        })
        .await
    }

    /// Waits until nothing waits to be told, and then until a sync that began after that came to
    /// its end. A member asks for one meanwhile: a hook that was lost is found in a minute, and
    /// nobody waits for that here.
    async fn quiet(&mut self) -> anyhow::Result<()> {
        const HEARD: &str = "select count(*) from inbound where state = 'new'";
        let (began, mut told) = (Instant::now(), None);
        let mut asked = Instant::now();
        loop {
            let (mut rows, mut waiting) = (Vec::new(), 0);
            for (account, connection) in self.lines() {
                rows.push(self.row_of(connection).await?);
                waiting += again(|| connection::counts(self.store(), account, connection)).await?.waiting;
            }
            let is_idle = rows.iter().all(|row| row.sync_phase == SyncPhase::Idle);
            let heard: i64 = again(async || on!(self.store().read(), |c| sqlx::query_scalar(HEARD).fetch_one(c).await)).await?;
            match told {
                None if waiting == 0 && heard == 0 => told = Some(clock::now()),
                Some(since)
                    if waiting == 0
                        && is_idle
                        && rows
                            .iter()
                            .all(|row| [row.sync_started_at, row.last_synced_at].iter().all(|at| at.is_some_and(|at| at > since))) =>
                {
                    return Ok(());
                }
                Some(_) if waiting > 0 => told = None,
                Some(since) if asked.elapsed() > Duration::from_secs(1) => {
                    asked = Instant::now();
                    for (row, (account, connection)) in rows.iter().zip(self.lines()) {
                        if row.sync_phase == SyncPhase::Idle && row.last_synced_at.is_none_or(|at| at <= since) {
                            // Whoever cannot now asks again.
                            drop(connection::sync_now(self.store(), By::Admin(account), connection, clock::now()).await);
                        }
                    }
                }
                _ => {}
            }
            if began.elapsed() > PATIENCE {
                let how: Vec<_> = rows.iter().map(|row| (row.sync_phase, row.state_reason.as_deref())).collect();
                bail!("no rest within {PATIENCE:?}: {waiting} wait to be told, the syncs are {how:?}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Nobody deletes these in the CRM: what is told of them can be looked up.
fn is_kept(id: u64) -> bool {
    !id.is_multiple_of(4)
}

/// A phone that nobody has yet.
fn phone(word: u64) -> String {
    format!("+7 901 {:03}-{:02}-{:02}", word / 10_000 % 1_000, word / 100 % 100, word % 100)
}
