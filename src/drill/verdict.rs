//! What the drill found: the provider's ledger compared with the books, and the table.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    time::Duration,
};

use mms_core::{
    clock::Moment,
    delivery,
    id::CampaignId,
    on,
    store::{Store, usage},
};
use mms_sandbox::Ledger;
use serde::Serialize;

use super::{
    Setup,
    company::{Company, Site},
    harm::Harm,
    installation::Delivery,
};

/// The longest a recovery may take.
pub const RECOVERY: Duration = Duration::from_secs(30);

/// From this moment on these people must not get this campaign: somebody said so and it was
/// confirmed.
#[derive(Debug, Clone)]
pub struct Ban {
    /// What was confirmed.
    pub why: Harm,
    /// The bot that must not write.
    pub bot: i64,
    /// What only this campaign's messages contain.
    pub mark: String,
    /// Who must not be written to: whoever was not in flight or sent at the confirmation.
    pub chats: BTreeSet<i64>,
    /// When it was confirmed.
    pub from: Moment,
    /// When it ended, if it did.
    pub until: Option<Moment>,
}

/// What was in flight at one harm: claimed and not yet recorded at a kill, struck by a fault that
/// takes the answer away.
#[derive(Debug, Clone)]
pub struct Flight {
    pub harm: Harm,
    pub deliveries: BTreeSet<Delivery>,
}

/// In flight at the harms of one kind, and what became uncertain of it.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Flown {
    pub in_flight: u64,
    /// Uncertain in the end, each counted for the first harm it was in flight at.
    pub uncertain: u64,
}

/// What was counted.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// Rounds of harm.
    pub rounds: u64,
    pub campaigns: u64,
    /// Messages meant to go.
    pub planned: u64,
    /// Messages the provider accepted.
    pub accepted: u64,
    /// People who got a message twice.
    pub duplicates: u64,
    /// Deliveries that came to no rest, or say `sent` and never were.
    pub lost: u64,
    /// Deliveries that say they did not go, and went.
    pub misrecorded: u64,
    /// Deliveries of unknown outcome.
    pub uncertain: u64,
    /// Deliveries that are uncertain and were in flight at no harm.
    pub unexplained: u64,
    /// What was in flight and what of it became uncertain, by harm.
    pub flown: BTreeMap<String, Flown>,
    /// Messages to people who had said stop and had it confirmed.
    pub after_opt_out: u64,
    /// How many said stop.
    pub opt_outs: u64,
    /// Messages after a confirmed pause or stop.
    pub after_pause: u64,
    /// How often a campaign was paused or stopped.
    pub pauses: u64,
    /// Messages after the licence's end.
    pub outside_licence: u64,
    /// How often the licence ended.
    pub licences: u64,
    /// How many pressed START as newcomers.
    pub newcomers: u64,
    /// How many of them were never asked.
    pub unasked: u64,
    /// Looks at the books, and how many of them did not balance.
    pub looks: u64,
    /// Looks at which the books did not balance.
    pub unbalanced: u64,
    /// How often a process died without having been killed.
    pub own_deaths: u32,
    /// Seconds until messages went again, by harm.
    pub recoveries: BTreeMap<String, Vec<f64>>,
    /// What was wrong, in words.
    pub violations: Vec<String>,
}

/// A campaign of the drill.
#[derive(Debug, Clone)]
pub struct Running {
    /// Whose, by its place among the companies.
    pub company: usize,
    pub campaign: CampaignId,
    /// What only its messages contain.
    pub mark: String,
}

/// Whether rows and counters agree, in one statement and so at one moment.
///
/// # Errors
/// The database's.
pub async fn balanced(store: &Store, campaign: CampaignId) -> sqlx::Result<bool> {
    const APART: &str = "select x.state from (select step, planned, state, 1 as n from delivery where campaign_id = $1
        union all select step, planned, state, -n from delivery_count where campaign_id = $1) x
        group by x.step, x.planned, x.state having sum(x.n) <> 0";
    let apart: Vec<String> = on!(store.read(), |c| sqlx::query_scalar(APART).bind(campaign).fetch_all(c).await)?;
    Ok(apart.is_empty())
}

impl Tally {
    /// Something that must never be.
    pub fn violation(&mut self, what: String) {
        self.violations.push(what);
    }

    /// Messages went again after a harm.
    pub fn recovered(&mut self, harm: &str, after: Duration) {
        self.recoveries.entry(harm.to_owned()).or_default().push(after.as_secs_f64());
        if after > RECOVERY {
            self.violation(format!("round {}: {harm}: {:.1} s to recover", self.rounds, after.as_secs_f64()));
        }
    }

    /// Compares a campaign at rest with the ledger.
    ///
    /// # Errors
    /// The database's.
    pub async fn compare(&mut self, site: &Site, company: &Company, running: &Running, flights: &[Flight]) -> sqlx::Result<()> {
        let rows = company.rows(&site.store, running.campaign).await?;
        let received = site.sandbox.ledger().counts(company.bot, |entry| entry.text.contains(&running.mark));
        self.campaigns += 1;
        self.planned += rows.len() as u64;
        for (user, contact) in &company.customers {
            let count = received.get(user).copied().unwrap_or_default();
            self.accepted += count;
            if count > 1 {
                self.duplicates += 1;
                self.violation(format!("campaign {}: {user} got it {count} times", running.mark));
            }
            let state = rows.get(contact).map_or("not planned", String::as_str);
            match (state, count) {
                ("sent", 1..) | ("failed" | "skipped" | "cancelled" | "not planned", 0) => {}
                ("uncertain", _) => {
                    self.uncertain += 1;
                    let delivery = (running.campaign, *contact);
                    match flights.iter().find(|flight| flight.deliveries.contains(&delivery)) {
                        Some(flight) => self.flown.entry(flight.harm.as_str().to_owned()).or_default().uncertain += 1,
                        None => {
                            self.unexplained += 1;
                            self.violation(format!(
                                "campaign {}: the delivery to {user} is uncertain, and was in flight at no harm",
                                running.mark
                            ));
                        }
                    }
                }
                ("queued" | "sending" | "sent", _) => {
                    self.lost += 1;
                    self.violation(format!("campaign {}: the delivery to {user} is `{state}`, {count} arrived", running.mark));
                }
                _ => {
                    self.misrecorded += 1;
                    self.violation(format!("campaign {}: the delivery to {user} is `{state}`, yet {count} arrived", running.mark));
                }
            }
        }
        let books = delivery::books::books(&site.store, company.account, running.campaign).await?;
        self.looks += 1;
        if !books.balanced() {
            self.unbalanced += 1;
            self.violation(format!("campaign {}: {books:?}", running.mark));
        }
        for difference in usage::check(&site.store, company.account).await? {
            self.unbalanced += 1;
            self.violation(format!("campaign {}: {difference:?}", running.mark));
        }
        Ok(())
    }

    /// Counts messages that a ban forbade.
    pub fn judge(&mut self, ledger: &Ledger, ban: &Ban) {
        let broken = ledger.select(|entry| {
            entry.bot == ban.bot
                && ban.chats.contains(&entry.chat)
                && entry.text.contains(&ban.mark)
                && entry.at > ban.from
                && ban.until.is_none_or(|until| entry.at < until)
        });
        let count = broken.len() as u64;
        match ban.why {
            Harm::OptOut => self.after_opt_out += count,
            Harm::Licence => self.outside_licence += count,
            _ => self.after_pause += count,
        }
        if count > 0 {
            self.violation(format!("campaign {}: {count} messages after «{}» was confirmed", ban.mark, ban.why.as_str()));
        }
    }

    /// So many deliveries were in flight at a harm.
    pub fn flew(&mut self, harm: Harm, many: u64) {
        self.flown.entry(harm.as_str().to_owned()).or_default().in_flight += many;
    }

    /// Everything that was in flight at the harms.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.flown.values().map(|flown| flown.in_flight).sum()
    }

    /// The table.
    #[must_use]
    pub fn table(&self, setup: &Setup, seed: u64, seconds: u64) -> String {
        let mut text = String::new();
        let engine = if setup.sqlite { "one process on SQLite" } else { "bot and two workers on PostgreSQL + Redis" };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "mms drill: {engine}, seed {seed}, {seconds} s\n");
        let mut all: Vec<f64> = self.recoveries.values().flatten().copied().collect();
        all.sort_by(f64::total_cmp);
        let rows = [
            ("rounds of harm", self.rounds.to_string()),
            ("campaigns / messages planned / accepted", format!("{} / {} / {}", self.campaigns, self.planned, self.accepted)),
            ("duplicates", self.duplicates.to_string()),
            ("lost", self.lost.to_string()),
            ("recorded as not sent, yet sent", self.misrecorded.to_string()),
            ("uncertain (in flight at the harms)", format!("{} ({})", self.uncertain, self.in_flight())),
            ("uncertain, in flight at no harm", self.unexplained.to_string()),
            ("sent after a confirmed opt-out", format!("{} ({} said stop)", self.after_opt_out, self.opt_outs)),
            ("sent after a confirmed pause or stop", format!("{} ({} times)", self.after_pause, self.pauses)),
            ("sent outside the licence", format!("{} ({} times)", self.outside_licence, self.licences)),
            ("newcomers who were never asked", format!("{} ({} pressed START)", self.unasked, self.newcomers)),
            ("books balanced", format!("{} of {} looks", self.looks - self.unbalanced, self.looks)),
            ("time to recover", format!("median {:.1} s, longest {:.1} s", middle(&all), all.last().copied().unwrap_or(0.0))),
            ("processes that died by themselves", self.own_deaths.to_string()),
        ];
        for (what, value) in rows {
            let _ = writeln!(text, "{what:<44} {value}");
        }
        let _ = writeln!(text, "\n{:<44} {:>6} {:>9} {:>9}", "harm", "times", "median s", "longest s");
        for (harm, times) in &self.recoveries {
            let mut times = times.clone();
            times.sort_by(f64::total_cmp);
            let _ = writeln!(text, "{harm:<44} {:>6} {:>9.1} {:>9.1}", times.len(), middle(&times), times.last().copied().unwrap_or(0.0));
        }
        let _ = writeln!(text, "\n{:<44} {:>9} {:>9}", "harm that takes answers away", "in flight", "uncertain");
        for (harm, flown) in &self.flown {
            let _ = writeln!(text, "{harm:<44} {:>9} {:>9}", flown.in_flight, flown.uncertain);
        }
        for harm in Harm::ALL {
            if let Some(why) = harm.hindrance(setup) {
                let _ = writeln!(text, "{:<44} not done: {why}", harm.as_str());
            }
        }
        for violation in &self.violations {
            let _ = writeln!(text, "\nVIOLATION {violation}");
        }
        text
    }
}

fn middle(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
