//! What people would really get: one contact's message, and the ten worst of an audience. Contacts
//! are read in pages and forgotten, so the memory does not grow with the audience; the renderer is
//! the one that sends.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use super::{
    ContactFacts, Content, Facts, Rendered, account_facts,
    engine::{ParseError, Prepared, RenderError},
    facts_for,
    links::Targets,
};
use crate::{
    aside, bind_filter,
    channel::{
        Capabilities, MediaKind,
        fit::{self, Fitted, Unfit},
    },
    clock::Moment,
    contact::{
        occasion,
        segment::{Bind, Filter, Look},
    },
    id::{AccountId, ContactId},
    on,
    store::Store,
    words::Reason,
};

/// Contacts a page.
const PAGE: i64 = 500;
/// Contacts among whom one is looked for who gets the message.
const SAMPLES: i64 = 50;
/// Rows of each list of the worst.
pub const WORST: usize = 10;
/// Steps that all messages of one survey may cost (see [`super::meter`]), a second or two of a
/// processor. An ordinary template takes some fifty for a message, the costliest 50 000.
const MAX_STEPS: u64 = 20_000_000;

/// Surveys that somebody asked for and looks at meanwhile.
static ASKED: InTurn = InTurn::new();
/// Surveys of checks, which a press waits for: they do not wait for those.
static CHECKS: InTurn = InTurn::new();

/// One survey at a time in a process, because it keeps a processor busy; and of a company one in
/// line, so that whoever comes waits for one of every other company at most.
struct InTurn {
    seat: Semaphore,
    own: Mutex<BTreeMap<AccountId, Arc<Semaphore>>>,
}

impl InTurn {
    const fn new() -> Self {
        Self { seat: Semaphore::const_new(1), own: Mutex::new(BTreeMap::new()) }
    }

    /// Does `work` when it is the account's turn.
    async fn run<T>(&self, account: AccountId, work: impl Future<Output = T>) -> T {
        let own = Arc::clone(
            self.own.lock().unwrap_or_else(PoisonError::into_inner).entry(account).or_insert_with(|| Arc::new(Semaphore::new(1))),
        );
        let done = {
            // Nobody closes the semaphores.
            let _own = own.acquire().await.ok();
            let _seat = self.seat.acquire().await.ok();
            work.await
        };
        drop(own);
        // Whoever waits holds a handle of its own.
        self.own.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, own| Arc::strong_count(own) > 1);
        done
    }
}

/// Whose messages are looked at; by default everybody's.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// In any of these; none: everybody.
    pub include: Vec<Filter>,
    /// And in none of these.
    pub exclude: Vec<Filter>,
}

/// A contact's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub contact: ContactId,
    /// The name people see.
    pub name: String,
    /// UTF-16 units of the text.
    pub units: usize,
    pub message: Rendered,
}

/// A contact that would get nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    pub contact: ContactId,
    /// The name people see.
    pub name: String,
    pub error: RenderError,
}

/// What a look over an audience found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// Contacts looked at.
    pub seen: u64,
    /// All of the audience was looked at.
    pub complete: bool,
    /// It ended early because the messages cost too much.
    pub costly: bool,
    /// The longest messages, longest first.
    pub longest: Vec<Row>,
    /// The first contacts that would get nothing.
    pub failing: Vec<Failing>,
    /// How many would get nothing, by reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// How many would get nothing because a value is not there, by variable.
    pub missing: BTreeMap<String, u64>,
    /// Where their messages lead.
    pub targets: Targets,
}

/// A contact's message as a messenger shows it: the one that is sent, and kept. `by_template`: it
/// goes by a template that the provider approved, which has its own rules.
///
/// # Errors
/// [`RenderError`]: it does not fit; the delivery's reason, and a detail.
pub fn fitted(message: Rendered, file: Option<MediaKind>, to: &Capabilities, by_template: bool) -> Result<Rendered, RenderError> {
    let Rendered { body, buttons, .. } = message;
    if by_template {
        return Ok(Rendered { body: fit::by_template(body, to), buttons, said: Vec::new() });
    }
    match fit::fit(body, buttons, file.map(Into::into), to) {
        Ok(Fitted { body, buttons, said }) => Ok(Rendered { body, buttons, said }),
        Err(unfit) => Err(RenderError {
            reason: unfit.first().map_or(Reason::Rejected, Unfit::reason),
            detail: unfit.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        }),
    }
}

/// One contact's message, as it is rendered for every messenger; `None`: the account has no such
/// contact.
///
/// # Errors
/// The database's; that the version cannot be parsed or rendered is the inner result.
pub async fn render_for(
    store: &Store,
    account: AccountId,
    prepared: &Prepared,
    contact: ContactId,
    now: Moment,
) -> sqlx::Result<Option<Result<Rendered, RenderError>>> {
    Ok(facts_for(store, account, contact, now).await?.map(|facts| prepared.render(&facts)))
}

/// The contact previews begin with: the first who gets the message, of a page; if nobody does, the
/// account's first. They are rendered off the threads that answer others: fifty of the costliest
/// messages take a quarter of a second.
///
/// # Errors
/// The database's, [`sqlx::Error::WorkerCrashed`] when rendering panics.
pub async fn first(store: &Store, account: AccountId, prepared: &Arc<Prepared>, now: Moment) -> sqlx::Result<Option<ContactId>> {
    let of_account = account_facts(store, account).await?.ok_or(sqlx::Error::RowNotFound)?;
    let (sql, _) = page_statement(store, account, &Audience::default(), of_account.tz(), now);
    let mut page: Vec<ContactFacts> = on!(store.read(), |c| sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(account)
        .bind(ContactId(uuid::Uuid::nil()))
        .bind(SAMPLES)
        .fetch_all(c)
        .await)?;
    about(store, account, prepared, of_account.tz(), &mut page, now).await?;
    let first = page.first().map(|contact| contact.id);
    let prepared = Arc::clone(prepared);
    let gets = aside::run(move || {
        page.into_iter().find_map(|contact| {
            let id = contact.id;
            prepared.render(&Facts::of(&of_account, contact, now)).is_ok().then_some(id)
        })
    });
    Ok(gets.await.map_err(|_| sqlx::Error::WorkerCrashed)?.or(first))
}

/// The ten worst of an audience, for a check: the longest messages and those with missing values,
/// among the first `most` contacts. It waits for the checks of others, and not for what anybody
/// asked for with [`survey_told`].
///
/// # Errors
/// As [`survey_told`].
pub async fn survey(
    store: &Store,
    account: AccountId,
    content: &Content,
    audience: &Audience,
    most: u64,
    now: Moment,
) -> sqlx::Result<Result<Survey, ParseError>> {
    let most = Most { contacts: most, steps: MAX_STEPS };
    CHECKS.run(account, survey_within(store, account, content, audience, most, now, |_| ())).await
}

/// The ten worst of an audience, for somebody who looks at them; after each page `told` is given
/// the number of contacts looked at. After other surveys of this process (of the same account, and
/// one of each other), and off the threads that answer others.
///
/// # Errors
/// The database's, [`sqlx::Error::WorkerCrashed`] when rendering panics; that the version cannot be
/// parsed is the inner result.
pub async fn survey_told(
    store: &Store,
    account: AccountId,
    content: &Content,
    audience: &Audience,
    most: u64,
    now: Moment,
    told: impl Fn(u64),
) -> sqlx::Result<Result<Survey, ParseError>> {
    let most = Most { contacts: most, steps: MAX_STEPS };
    ASKED.run(account, survey_within(store, account, content, audience, most, now, told)).await
}

/// How far a survey goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Most {
    pub contacts: u64,
    /// Of all their messages together.
    pub steps: u64,
}

pub(super) async fn survey_within(
    store: &Store,
    account: AccountId,
    content: &Content,
    audience: &Audience,
    most: Most,
    now: Moment,
    told: impl Fn(u64),
) -> sqlx::Result<Result<Survey, ParseError>> {
    let prepared = match Prepared::new(content) {
        Ok(prepared) => Arc::new(prepared),
        Err(error) => return Ok(Err(error)),
    };
    let of_account = Arc::new(account_facts(store, account).await?.ok_or(sqlx::Error::RowNotFound)?);
    let (sql, binds) = page_statement(store, account, audience, of_account.tz(), now);
    let (mut survey, mut steps) = (Survey::default(), 0);
    let mut after = ContactId(uuid::Uuid::nil());
    loop {
        let mut page: Vec<ContactFacts> = on!(store.read(), |c| {
            let query = sqlx::query_as(sqlx::AssertSqlSafe(sql.clone())).bind(account).bind(after).bind(PAGE);
            bind_filter!(query, &binds).fetch_all(c).await
        })?;
        let Some(last) = page.last() else {
            survey.complete = true;
            return Ok(Ok(survey));
        };
        after = last.id;
        about(store, account, &prepared, of_account.tz(), &mut page, now).await?;
        let (prepared, of_account) = (Arc::clone(&prepared), Arc::clone(&of_account));
        let looked = aside::run(move || {
            for contact in page {
                if survey.seen == most.contacts || steps > most.steps {
                    break;
                }
                let id = contact.id;
                steps += survey.look(&prepared, Facts::of(&of_account, contact, now), id);
            }
            (survey, steps)
        });
        (survey, steps) = looked.await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        told(survey.seen);
        survey.costly = steps > most.steps;
        if survey.seen == most.contacts || survey.costly {
            return Ok(Ok(survey));
        }
    }
}

/// Adds what the messages of a page are about, where the template names it.
async fn about(
    store: &Store,
    account: AccountId,
    prepared: &Prepared,
    zone: chrono_tz::Tz,
    page: &mut [ContactFacts],
    now: Moment,
) -> sqlx::Result<()> {
    if !prepared.names_occasions() {
        return Ok(());
    }
    let page = page.iter_mut().map(|contact| (contact.id, &mut contact.attributes)).collect();
    occasion::add(store, account, zone, page, now).await
}

impl Survey {
    /// Looks at one contact; the steps that its message cost.
    fn look(&mut self, prepared: &Prepared, facts: Facts, contact: ContactId) -> u64 {
        self.seen += 1;
        let (message, work) = prepared.render_counted(&facts);
        match message {
            Ok(message) => {
                let units = message.body.len_utf16();
                self.targets.add(&message);
                let at = self.longest.partition_point(|row| row.units >= units);
                if at < WORST {
                    self.longest.insert(at, Row { contact, name: facts.name, units, message });
                    self.longest.truncate(WORST);
                }
            }
            Err(error) => {
                *self.reasons.entry(error.reason).or_default() += 1;
                if error.reason == Reason::NoValue {
                    *self.missing.entry(error.detail.clone()).or_default() += 1;
                }
                if self.failing.len() < WORST {
                    self.failing.push(Failing { contact, name: facts.name, error });
                }
            }
        }
        u64::from(work.steps)
    }
}

/// A page of the audience after `$2`, `$3` contacts long.
fn page_statement(store: &Store, account: AccountId, audience: &Audience, zone: chrono_tz::Tz, now: Moment) -> (String, Vec<Bind>) {
    let mut sql = "select c.id, c.name, c.first_name, c.last_name, c.attributes from contact c \
        where c.account_id = $1 and c.deleted_at is null and c.id > $2"
        .to_owned();
    let mut binds = Vec::new();
    let mut any_of = |filters: &[Filter]| {
        let conditions: Vec<String> = filters
            .iter()
            .map(|filter| {
                let compiled = filter.compile_for(Look::Few, store.engine(), account, zone, now, 4 + binds.len());
                binds.extend(compiled.binds);
                format!("({})", compiled.sql)
            })
            .collect();
        conditions.join(" or ")
    };
    if !audience.include.is_empty() {
        let condition = any_of(&audience.include);
        sql.push_str(&format!(" and ({condition})"));
    }
    if !audience.exclude.is_empty() {
        let condition = any_of(&audience.exclude);
        sql.push_str(&format!(" and not ({condition})"));
    }
    sql.push_str(" order by c.id limit $3");
    (sql, binds)
}
