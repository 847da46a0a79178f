//! Campaigns of several steps in the drill: how they are launched, who reads what, and what was
//! known to be read before the next step.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use mms_core::{
    campaign::{Audience, NextOn, approval, draft, plan},
    channel::{ReviewState, store as channels},
    clock::{self, Moment},
    id::{AccountId, CampaignId, ContactId, VersionId},
    on,
    store::Store,
    template::provider::standing,
};
use mms_sandbox::{Sandbox, whatsapp::TemplateStatus};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    company::{Company, Site},
    senders::{Messenger, Sender, awaited, endpoints},
};

/// How long a message has to be read before the next step goes. People are given no less than five
/// minutes, so the rows are told.
pub const WAIT: Duration = Duration::from_secs(4);

/// What a company's cascade goes through, by its place among the companies.
#[must_use]
pub fn route(place: usize) -> &'static [Messenger] {
    match place % 3 {
        0 => &[Messenger::Max, Messenger::Vk, Messenger::Telegram],
        1 => &[Messenger::Whatsapp, Messenger::Viber],
        _ => &[Messenger::Wazzup, Messenger::Telegram],
    }
}

/// A message of a campaign that was meant to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub state: String,
    pub due_at: Option<Moment>,
}

/// Every message of a campaign that was meant to go, by step and person.
///
/// # Errors
/// The database's.
pub async fn rows(store: &Store, account: AccountId, id: CampaignId) -> sqlx::Result<BTreeMap<(i16, ContactId), Row>> {
    const ROWS: &str = "select step, contact_id, state, due_at from delivery where account_id = $1 and campaign_id = $2 and planned";
    let rows: Vec<(i16, ContactId, String, Option<Moment>)> =
        on!(store.read(), |c| sqlx::query_as(ROWS).bind(account).bind(id).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(step, contact, state, due_at)| ((step, contact), Row { state, due_at })).collect())
}

/// Launches a campaign to everybody through these senders, one after the other.
///
/// # Errors
/// The step that failed.
pub async fn launch(site: &Site, company: &Company, version: VersionId, steps: &[Arc<Sender>]) -> anyhow::Result<CampaignId> {
    let (store, now) = (&site.store, clock::now());
    for step in steps.iter().filter(|step| step.messenger == Messenger::Whatsapp) {
        approved(site, company, version, step).await?;
    }
    let id = draft::create(store, &company.owner, "Весна", now).await?;
    let first = steps.first().context("a campaign has a step")?;
    let mut changes =
        vec![draft::Change::Template(1, version), draft::Change::Audience(Audience::everybody()), draft::Change::Channel(1, first.channel)];
    for (before, step) in steps.iter().zip(steps.iter().skip(1)) {
        // What tells nothing leads on by what certainly did not go.
        let (next_on, wait) = if before.messenger.tells() {
            (NextOn::Unread, chrono::TimeDelta::minutes(30))
        } else {
            (NextOn::Never, chrono::TimeDelta::zero())
        };
        changes.push(draft::Change::AddStep { next_on, wait, channel: Some(step.channel), version: Some(version) });
    }
    for change in changes {
        draft::edit(store, &company.owner, id, change, now).await?;
    }
    approval::submit(store, &company.owner, id, now).await?;
    approval::approve(store, &company.approver, id, now).await?;
    company.start(site, id).await?;
    // Nothing is to go by the time that was approved. It is planned here and now: a worker would do
    // it ten seconds after the bell that nobody rang.
    for step in steps {
        channels::pause(store, &company.owner, step.channel, clock::now()).await?;
    }
    plan::plan(store, id, clock::now()).await?;
    hurry(store, id).await?;
    for step in steps {
        channels::resume(store, &company.owner, step.channel, clock::now()).await?;
    }
    Ok(id)
}

/// The messenger approves the text.
async fn approved(site: &Site, company: &Company, version: VersionId, step: &Sender) -> anyhow::Result<()> {
    let endpoints = endpoints(&site.sandbox);
    standing::hand_in(&site.store, &site.sealer, &endpoints, &company.owner, step.channel, version, clock::now()).await?;
    let whatsapp = site.sandbox.whatsapp();
    for template in whatsapp.templates().into_iter().filter(|template| template.status == TemplateStatus::Pending) {
        whatsapp.approve(template.id)?;
    }
    awaited("a template to be approved", async || {
        let row = standing::one(&site.store, company.account, step.channel, version).await?;
        Ok(row.filter(|row| row.state == ReviewState::Approved).map(|_| ()))
    })
    .await
}

/// The waits of a campaign that was just planned become as long as the drill has time for.
async fn hurry(store: &Store, id: CampaignId) -> sqlx::Result<()> {
    const STEPS: &str = "update campaign_step set wait_seconds = $2 where campaign_id = $1";
    const MESSAGES: &str = "update delivery set wait_seconds = $2 where campaign_id = $1 and wait_seconds is not null";
    let seconds = i32::try_from(WAIT.as_secs()).unwrap_or(i32::MAX);
    let mut tx = store.begin().await?;
    for sql in [STEPS, MESSAGES] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(id).bind(seconds).execute(c).await.map(|_| ()))?;
    }
    tx.commit().await
}

/// Of whom a message was read, and of no later step anything has left.
///
/// Whatever was being claimed when the reads were looked at is recorded when the rest is: a claim
/// that begins later sees them.
///
/// # Errors
/// The database's.
pub async fn reached(store: &Store, id: CampaignId) -> sqlx::Result<BTreeMap<ContactId, i16>> {
    const READ: &str = "select contact_id, max(step) from delivery where campaign_id = $1 and state = 'read' group by contact_id";
    const BEGUN: &str = "select contact_id, max(step) from delivery where campaign_id = $1 and state not in ('queued', 'cancelled', 'skipped') \
        group by contact_id";
    let read: Vec<(ContactId, i16)> = on!(store.read(), |c| sqlx::query_as(READ).bind(id).fetch_all(c).await)?;
    store.settled(Duration::from_secs(2)).await?;
    let begun: Vec<(ContactId, i16)> = on!(store.read(), |c| sqlx::query_as(BEGUN).bind(id).fetch_all(c).await)?;
    let begun: BTreeSet<(ContactId, i16)> = begun.into_iter().collect();
    Ok(read.into_iter().filter(|one| begun.contains(one)).collect())
}

/// Who read what, and since when it is known, of one campaign.
pub type Reads = BTreeMap<ContactId, (i16, Moment)>;

/// People who read at their own pace: half of them soon, some about when the next step goes, the
/// rest never. Ends when it is dropped.
pub struct Readers {
    senders: Arc<Mutex<Vec<Arc<Sender>>>>,
    _guard: DropGuard,
}

/// How long after it came somebody reads a message; `None`: never.
fn takes(person: i64) -> Option<Duration> {
    match person.rem_euclid(10) {
        at @ 0..=4 => Some(Duration::from_millis(400 * at.unsigned_abs() + 500)),
        at @ 5..=6 => Some(WAIT + Duration::from_millis(700 * (at.unsigned_abs() - 5))),
        _ => None,
    }
}

impl Readers {
    /// Nobody reads yet.
    #[must_use]
    pub fn new(sandbox: Sandbox) -> Self {
        /// Between two looks.
        const LOOK: Duration = Duration::from_millis(150);
        let (senders, stop) = (Arc::<Mutex<Vec<Arc<Sender>>>>::default(), CancellationToken::new());
        let (watched, ended) = (Arc::clone(&senders), stop.clone());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = ended.cancelled() => return,
                    () = tokio::time::sleep(LOOK) => {}
                }
                let senders = watched.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let now = clock::now();
                for sender in senders {
                    let due = sender.messenger.ledger(&sandbox).select(|entry| {
                        let since = (now - entry.at).to_std().unwrap_or_default();
                        // A look that comes late misses nothing, and reading twice tells nothing.
                        entry.bot == sender.bot && takes(entry.chat).is_some_and(|takes| (takes..takes + 10 * LOOK).contains(&since))
                    });
                    for person in due.iter().map(|entry| entry.chat).collect::<BTreeSet<_>>() {
                        sender.read(&sandbox, person);
                    }
                }
            }
        });
        Self { senders, _guard: stop.drop_guard() }
    }

    /// From now on what these send is read.
    pub fn watch(&self, senders: Vec<Arc<Sender>>) {
        *self.senders.lock().unwrap_or_else(PoisonError::into_inner) = senders;
    }
}
