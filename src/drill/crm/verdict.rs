//! Comparing what is here with what is in the CRM, and the table.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
};

use mms_core::{id::ContactId, on, text::phone::read_cell};
use mms_sandbox::amocrm::{Contact, fields};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::types::Json;

use super::Drill;
use crate::drill::again;

/// The tag by which amoCRM shows who said stop.
pub const OUT: &str = "opt-out";

/// To what something was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A contact's feed.
    Note(u64),
    /// A task of a contact.
    Task(u64),
    /// A deal's feed.
    Comment(u64),
}

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub what: What,
    /// The words, which nothing else has.
    pub text: String,
}

/// What was counted.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// Rounds of harm.
    pub rounds: u64,
    /// People compared, at all looks together.
    pub people: u64,
    /// People who are there and not here.
    pub missing: u64,
    /// People who are here and not there, or here twice.
    pub superfluous: u64,
    /// People of whom something here is not as it is there.
    pub stale: u64,
    /// Notes, tasks and comments told.
    pub told: u64,
    /// Those that are not there.
    pub lost: u64,
    /// Those that are there more than once.
    pub doubled: u64,
    /// Answers by a button that YCLIENTS was told of.
    pub answers: u64,
    /// Those that are not in its journal.
    pub answers_lost: u64,
    /// Those that were written more than once.
    pub answers_doubled: u64,
    /// People who said stop.
    pub outs: u64,
    /// Those of them whose mark or tag is not there.
    pub unmarked: u64,
    /// What was given up.
    pub given_up: u64,
    /// How often a process died without having been killed.
    pub own_deaths: u32,
    /// Seconds to quiet, by harm.
    pub quiet: BTreeMap<&'static str, Vec<f64>>,
    /// What was wrong, in words.
    pub violations: Vec<String>,
}

/// What is here of a person.
#[derive(Debug, PartialEq, Eq)]
struct Person {
    name: String,
    city: Option<String>,
    phones: BTreeSet<String>,
    tags: BTreeSet<String>,
}

impl Person {
    fn there(contact: &Contact) -> Self {
        let cells = contact.values.get(&fields::PHONE).into_iter().flatten().filter_map(|value| value["value"].as_str());
        Self {
            name: contact.name.clone(),
            city: contact.get(fields::CITY).and_then(Value::as_str).map(str::to_owned),
            phones: cells.flat_map(|cell| read_cell(cell, "RU").found).map(|found| found.e164).collect(),
            tags: contact.tags.iter().filter_map(|tag| mms_core::contact::tag(tag)).collect(),
        }
    }
}

impl Drill {
    /// Everybody who is here.
    async fn people(&self) -> anyhow::Result<HashMap<ContactId, Person>> {
        const PEOPLE: &str = "select id, name, attributes from contact where account_id = $1 and deleted_at is null";
        const PHONES: &str = "select contact_id, value from address where account_id = $1 and kind = 'phone'";
        const TAGS: &str = "select contact_id, tag from contact_tag where account_id = $1";
        let (store, account) = (self.store(), self.company.account);
        let rows: Vec<(ContactId, String, Json<Value>)> =
            again(async || on!(store.read(), |c| sqlx::query_as(PEOPLE).bind(account).fetch_all(c).await)).await?;
        let mut people: HashMap<ContactId, Person> = rows
            .into_iter()
            .map(|(id, name, attributes)| {
                let city = attributes["city"].as_str().map(str::to_owned);
                (id, Person { name, city, phones: BTreeSet::new(), tags: BTreeSet::new() })
            })
            .collect();
        let phones: Vec<(ContactId, String)> =
            again(async || on!(store.read(), |c| sqlx::query_as(PHONES).bind(account).fetch_all(c).await)).await?;
        for (id, phone) in phones {
            if let Some(person) = people.get_mut(&id) {
                person.phones.insert(phone);
            }
        }
        let tags: Vec<(ContactId, String)> =
            again(async || on!(store.read(), |c| sqlx::query_as(TAGS).bind(account).fetch_all(c).await)).await?;
        for (id, tag) in tags {
            if let Some(person) = people.get_mut(&id) {
                person.tags.insert(tag);
            }
        }
        Ok(people)
    }

    /// Compares everything, after quiet.
    pub(super) async fn compare(&mut self, harm: &str) -> anyhow::Result<()> {
        let when = format!("round {}: {harm}", self.tally.rounds);
        let people = self.people().await?;
        let ids = self.amo.contact_ids();
        self.tally.people += ids.len() as u64;
        let mut seen = BTreeSet::new();
        for id in &ids {
            let Some(contact) = self.amo.contact(*id) else { continue };
            let here = self.contact(*id).await?;
            let Some((key, person)) = here.and_then(|key| Some((key, people.get(&key)?))) else {
                self.tally.missing += 1;
                self.tally.violations.push(format!("{when}: {id} is not here"));
                continue;
            };
            if !seen.insert(key) {
                self.tally.superfluous += 1;
                self.tally.violations.push(format!("{when}: {id} is somebody who is another one there, too"));
            }
            let there = Person::there(&contact);
            if *person != there {
                self.tally.stale += 1;
                self.tally.violations.push(format!("{when}: {id} is {person:?} here and {there:?} there"));
            }
        }
        let superfluous = people.keys().filter(|key| !seen.contains(*key)).count() as u64;
        if superfluous > 0 {
            self.tally.superfluous += superfluous;
            self.tally.violations.push(format!("{when}: {superfluous} people are here and not there"));
        }
        self.compare_told(&when).await
    }

    /// Everything told is there, once.
    async fn compare_told(&mut self, when: &str) -> anyhow::Result<()> {
        let (tasks, mut wrong) = (self.amo.tasks(), Vec::new());
        for Told { what, text } in &self.told {
            let notes = |notes: Vec<mms_sandbox::amocrm::Note>| notes.iter().filter(|note| note.params["text"] == json!(text)).count();
            let times = match what {
                What::Note(id) => notes(self.amo.notes_of(*id)),
                What::Comment(id) => notes(self.amo.lead_notes(*id)),
                What::Task(id) => tasks.iter().filter(|task| task.entity_id == *id && task.text == *text).count(),
            };
            if times != 1 {
                wrong.push((times == 0, format!("{when}: «{text}» ({what:?}) is there {times} times")));
            }
        }
        let mut unmarked = 0;
        for id in &self.outs {
            let marked = self
                .amo
                .contact(*id)
                .is_some_and(|contact| contact.get(fields::OPT_OUT) == Some(&json!(true)) && contact.tags.iter().any(|tag| tag == OUT));
            if !marked {
                unmarked += 1;
                wrong.push((true, format!("{when}: {id} said stop, and the CRM does not say so")));
            }
            // The note of it is told once, too.
            let said =
                |note: &mms_sandbox::amocrm::Note| note.params["text"].as_str().is_some_and(|text| text.starts_with("Отказ от сообщений"));
            let times = self.amo.notes_of(*id).iter().filter(|note| said(note)).count();
            if times != 1 {
                wrong.push((times == 0, format!("{when}: the note that {id} said stop is there {times} times")));
            }
        }
        (self.tally.told, self.tally.outs, self.tally.unmarked) = (self.told.len() as u64, self.outs.len() as u64, unmarked);
        // All that was ever told is looked up each time: what is wrong stays wrong.
        self.tally.lost = wrong.iter().filter(|(lost, _)| *lost).count() as u64 - unmarked;
        self.tally.doubled = wrong.iter().filter(|(lost, _)| !lost).count() as u64;
        self.tally.violations.extend(wrong.into_iter().map(|(_, what)| what));
        let (store, account) = (self.store(), self.company.account);
        let counts = again(|| mms_core::crm::write_back::counts(store, account, self.connection)).await?;
        let given_up = counts.iter().filter(|(state, _)| state == "failed").map(|(_, n)| *n).sum::<i64>();
        self.tally.given_up = u64::try_from(given_up).unwrap_or_default();
        if given_up > 0 {
            self.tally.violations.push(format!("{when}: {given_up} changes were given up"));
        }
        self.salon.compare(&self.installation.site.store, when, &mut self.tally).await
    }
}

impl Tally {
    /// The table.
    #[must_use]
    pub fn table(&self, sqlite: bool, seed: u64, seconds: u64) -> String {
        let engine = if sqlite { "one process on SQLite" } else { "bot and two workers on PostgreSQL + Redis" };
        // Writing into a string cannot fail.
        let mut text = format!("mms drill --crm: {engine}, seed {seed}, {seconds} s\n\n");
        let mut all: Vec<f64> = self.quiet.values().flatten().copied().collect();
        all.sort_by(f64::total_cmp);
        let rows = [
            ("rounds of harm", self.rounds.to_string()),
            ("people there and not here", format!("{} ({} looked at)", self.missing, self.people)),
            ("people here and not there, or twice", self.superfluous.to_string()),
            ("people not as they are there", self.stale.to_string()),
            ("notes, tasks, comments not there", format!("{} ({} told)", self.lost, self.told)),
            ("notes, tasks, comments there twice", self.doubled.to_string()),
            ("answers by a button not there", format!("{} ({} given)", self.answers_lost, self.answers)),
            ("answers by a button written twice", self.answers_doubled.to_string()),
            ("opt-outs the CRM does not show", format!("{} ({} said stop)", self.unmarked, self.outs)),
            ("changes given up", self.given_up.to_string()),
            ("time to quiet", format!("median {:.1} s, longest {:.1} s", middle(&all), all.last().copied().unwrap_or(0.0))),
            ("processes that died by themselves", self.own_deaths.to_string()),
        ];
        for (what, value) in rows {
            let _ = writeln!(text, "{what:<44} {value}");
        }
        let _ = writeln!(text, "\n{:<44} {:>6} {:>9} {:>9}", "harm", "times", "median s", "longest s");
        for (harm, times) in &self.quiet {
            let mut times = times.clone();
            times.sort_by(f64::total_cmp);
            let _ = writeln!(text, "{harm:<44} {:>6} {:>9.1} {:>9.1}", times.len(), middle(&times), times.last().copied().unwrap_or(0.0));
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
