//! What the drill found: the provider's ledger compared with the books, and the table.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
    time::Duration,
};

use mms_core::{
    clock::Moment,
    delivery,
    id::CampaignId,
    on,
    store::{Store, usage},
};
use mms_sandbox::Sandbox;
use serde::Serialize;

use super::{
    Setup,
    cascade::{self, Reads},
    company::{Company, Site},
    harm::Harm,
    installation::Delivery,
    senders::Sender,
};

/// The longest a recovery may take.
pub const RECOVERY: Duration = Duration::from_secs(30);

/// From this moment on these people must not get this campaign: somebody said so and it was
/// confirmed.
#[derive(Debug, Clone)]
pub struct Ban {
    /// What was confirmed.
    pub why: Harm,
    /// What only this campaign's messages contain.
    pub mark: String,
    /// Who must not be written to by whom: whoever was not in flight or sent at the confirmation.
    pub chats: Vec<(Arc<Sender>, BTreeSet<i64>)>,
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

/// What was counted in one messenger.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct InMessenger {
    /// Messages meant to go.
    pub planned: u64,
    /// Messages accepted, as its double's ledger has them.
    pub accepted: u64,
    /// People who got a message twice.
    pub duplicates: u64,
    /// Deliveries that came to no rest, or say `sent` and never were.
    pub lost: u64,
    /// Deliveries that say they did not go, and went.
    pub misrecorded: u64,
    /// Deliveries of unknown outcome.
    pub uncertain: u64,
    /// Messages after a confirmed opt-out.
    pub after_opt_out: u64,
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
    /// The same, messenger by messenger.
    pub messengers: BTreeMap<&'static str, InMessenger>,
    /// Messages accepted of a second step or a later one.
    pub further: u64,
    /// People known to have read a message before any later step of its campaign.
    pub reads: u64,
    /// Messages of a later step that went to them all the same.
    pub after_read: u64,
    /// Messages of a later step to people to whom an earlier one went that tells no more.
    pub needless: u64,
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
    /// Through what it goes, step by step.
    pub steps: Vec<Arc<Sender>>,
}

impl Running {
    /// Its steps with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (i16, &Arc<Sender>)> {
        (1..).zip(&self.steps)
    }
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
        let rows = cascade::rows(&site.store, company.account, running.campaign).await?;
        self.campaigns += 1;
        self.planned += rows.len() as u64;
        for (step, sender) in running.numbered() {
            let received = sender.received(&site.sandbox, &running.mark);
            let mut own = InMessenger::default();
            for (user, contact) in &sender.people {
                let count = received.get(user).copied().unwrap_or_default();
                let delivery = (running.campaign, step, *contact);
                let state = rows.get(&(step, *contact)).map_or("not planned", |row| row.state.as_str());
                own.planned += u64::from(rows.contains_key(&(step, *contact)));
                own.accepted += count;
                own.duplicates += u64::from(count > 1);
                let who = || format!("campaign {}, {}: {user}", running.mark, sender.messenger.as_str());
                if count > 1 {
                    self.violation(format!("{} got it {count} times", who()));
                }
                match (state, count) {
                    ("sent" | "delivered" | "read", 1..) | ("failed" | "skipped" | "cancelled" | "not planned", 0) => {}
                    ("uncertain", _) => {
                        own.uncertain += 1;
                        match flights.iter().find(|flight| flight.deliveries.contains(&delivery)) {
                            Some(flight) => self.flown.entry(flight.harm.as_str().to_owned()).or_default().uncertain += 1,
                            None => {
                                self.unexplained += 1;
                                self.violation(format!("{} is uncertain, and was in flight at no harm", who()));
                            }
                        }
                    }
                    ("queued" | "sending" | "sent" | "delivered" | "read", _) => {
                        own.lost += 1;
                        self.violation(format!("{} is `{state}`, {count} arrived", who()));
                    }
                    _ => {
                        own.misrecorded += 1;
                        self.violation(format!("{} is `{state}`, yet {count} arrived", who()));
                    }
                }
            }
            self.further += if step > 1 { own.accepted } else { 0 };
            self.add(sender.messenger.as_str(), own);
        }
        self.judge_steps(site, running);
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

    /// What one step of a campaign came to.
    fn add(&mut self, messenger: &'static str, own: InMessenger) {
        self.accepted += own.accepted;
        self.duplicates += own.duplicates;
        self.lost += own.lost;
        self.misrecorded += own.misrecorded;
        self.uncertain += own.uncertain;
        let all = self.messengers.entry(messenger).or_default();
        all.planned += own.planned;
        all.accepted += own.accepted;
        all.duplicates += own.duplicates;
        all.lost += own.lost;
        all.misrecorded += own.misrecorded;
        all.uncertain += own.uncertain;
    }

    /// Where a messenger tells nothing of what became of a message, the next step goes only if it
    /// did not go.
    fn judge_steps(&mut self, site: &Site, running: &Running) {
        let mut reached = BTreeSet::new();
        for (_, sender) in running.numbered() {
            let received = sender.received(&site.sandbox, &running.mark);
            let got: BTreeSet<_> = received.keys().filter_map(|user| sender.people.get(user).copied()).collect();
            let needless = got.intersection(&reached).count() as u64;
            if needless > 0 {
                self.needless += needless;
                let what = sender.messenger.as_str();
                self.violation(format!("campaign {}: {needless} got it in {what} although an earlier step went", running.mark));
            }
            if !sender.messenger.tells() {
                reached.extend(got);
            }
        }
    }

    /// Counts messages to people who were known to have read an earlier step.
    pub fn judge_reads(&mut self, sandbox: &Sandbox, running: &Running, reads: &Reads) {
        self.reads += reads.len() as u64;
        for (step, sender) in running.numbered().skip(1) {
            let late = sender.messenger.ledger(sandbox).select(|entry| {
                let known = sender.people.get(&entry.chat).and_then(|contact| reads.get(contact));
                let after = known.is_some_and(|(read, since)| *read < step && entry.at > *since);
                entry.bot == sender.bot && after && entry.text.contains(&running.mark)
            });
            for entry in late {
                self.after_read += 1;
                let what = sender.messenger.as_str();
                self.violation(format!("campaign {}, {what}: {} had read an earlier step", running.mark, entry.chat));
            }
        }
    }

    /// Counts messages that a ban forbade.
    pub fn judge(&mut self, sandbox: &Sandbox, ban: &Ban) {
        for (sender, chats) in &ban.chats {
            let broken = sender.messenger.ledger(sandbox).select(|entry| {
                entry.bot == sender.bot
                    && chats.contains(&entry.chat)
                    && entry.text.contains(&ban.mark)
                    && entry.at > ban.from
                    && ban.until.is_none_or(|until| entry.at < until)
            });
            let (count, what) = (broken.len() as u64, sender.messenger.as_str());
            match ban.why {
                Harm::OptOut => {
                    self.after_opt_out += count;
                    self.messengers.entry(what).or_default().after_opt_out += count;
                }
                Harm::Licence => self.outside_licence += count,
                _ => self.after_pause += count,
            }
            if count > 0 {
                self.violation(format!("campaign {}, {what}: {count} messages after «{}» was confirmed", ban.mark, ban.why.as_str()));
            }
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
            ("messages of further steps", self.further.to_string()),
            ("sent after an earlier step was read", format!("{} ({} had read)", self.after_read, self.reads)),
            ("sent although an earlier step went", self.needless.to_string()),
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
        let _ = writeln!(
            text,
            "\n{:<12} {:>8} {:>9} {:>11} {:>6} {:>12} {:>10} {:>15}",
            "messenger", "planned", "accepted", "duplicates", "lost", "misrecorded", "uncertain", "after opt-out"
        );
        for (messenger, own) in &self.messengers {
            let InMessenger { planned, accepted, duplicates, lost, misrecorded, uncertain, after_opt_out } = own;
            let _ = writeln!(
                text,
                "{messenger:<12} {planned:>8} {accepted:>9} {duplicates:>11} {lost:>6} {misrecorded:>12} {uncertain:>10} {after_opt_out:>15}"
            );
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
