//! Who gets a campaign and why each other contact does not: one SQL expression, shared by the
//! forecast and by planning, so that what was promised and what is done cannot differ.
//!
//! Every contact of the audience is one row with one address and at most one reason, the first that
//! holds in the order of [`LEFT_OUT`]; deleted contacts are in no audience. An address belongs to
//! one contact (its index is unique), so one row per contact is one row per address too. Among
//! several addresses of a contact at the channel the best is taken: reachable before unknown before
//! unreachable, then the one seen last.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    Campaign, Result, cost,
    cost::StepCost,
    lawful::{self, StepLaw},
    night,
    night::Night,
    queries, schedule,
    spec::{self, Part, Spec, Via},
};
use crate::{
    account::usage::{self, MessagesLeft},
    channel::{self, ChannelKind, registry, store::ChannelRow},
    clock::{self, Moment},
    contact::{
        id_range::{IdRange, ranges},
        segment::{Bind, Look},
    },
    delivery::{daily, month},
    id::{ChannelId, ContactId},
    on,
    price::{Cost, Prices},
    stops,
    store::{Engine, Store},
    template::Class,
    words::{Reason, Why},
};

/// Why planning leaves a contact out, the reason that counts first before the others. All but the
/// first five are of advertising only.
pub const LEFT_OUT: [Reason; 9] = [
    Reason::OptedOut,
    Reason::NoAddress,
    Reason::Suppressed,
    Reason::Blocked,
    Reason::Unreachable,
    Reason::Doubt,
    Reason::NoConsent,
    Reason::ConsentGrade,
    Reason::FrequencyCap,
];

/// What would happen if the campaign were launched now, in exact numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Contacts of the audience.
    pub audience: i64,
    /// Who would get it.
    pub planned: i64,
    /// Who would not, by reason, in the order of [`LEFT_OUT`]; only reasons that occur.
    pub skipped: Vec<(Reason, i64)>,
    /// The steps, in their order.
    pub steps: Vec<StepForecast>,
    /// When it would start.
    pub starts_at: Moment,
    /// How long the first messages take at the channels' limits, the waiting messages of others
    /// included.
    pub duration: TimeDelta,
    /// When the last of the first messages would go.
    pub finishes_at: Moment,
    /// When the last message would go if every step went to everybody it can reach.
    pub latest: Moment,
    /// How many would not go before the window closes; 0: all fit.
    pub too_late: i64,
    /// What the plan still allows in the month in which it would start; `None`: any number.
    pub month: Option<MessagesLeft>,
    /// Recipients whom it would reach at night, by their own clock; `None`: nobody.
    pub night: Option<Night>,
    /// Recipients who got advertising already on the day it would start; 0 for a service message.
    pub again: i64,
    /// Steps that rules of law speak of on the day it would start.
    pub law: Vec<StepLaw>,
}

/// What would happen of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepForecast {
    pub step: i16,
    /// The channel's name.
    pub channel: String,
    /// People who begin with it.
    pub begin: i64,
    /// Messages of it at most: if no step before it arrived.
    pub most: i64,
    /// Messages per second of the channel.
    pub rate: f64,
    /// Messages of other campaigns that wait at the channel and share its pace.
    pub waiting: i64,
    /// What its messages cost.
    pub cost: StepCost,
    /// The people of the month at its channel, where its tariff's limit of them was set.
    pub people: Option<Correspondents>,
    /// The people of 24 hours at its channel, where its provider limits them.
    pub daily: Option<Newcomers>,
}

impl StepForecast {
    /// How long its first messages take, with those of others that go before.
    fn takes(&self) -> TimeDelta {
        let paced = schedule::takes(self.begin + self.waiting, self.rate);
        self.daily.map_or(paced, |daily| paced.max(daily.takes()))
    }

    /// How many of its first messages go in `time`.
    fn goes_in(&self, time: TimeDelta) -> i64 {
        let paced = (schedule::fits(time, self.rate) - self.waiting).max(0);
        self.daily.map_or(paced, |daily| paced.min(self.begin - daily.new + daily.goes_in(time)))
    }
}

/// The people a channel may begin to write to within 24 hours, with all others of its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newcomers {
    /// The most.
    pub most: i64,
    /// Those who count already at the start.
    pub used: i64,
    /// Messages of other campaigns that wait at the channel and go before.
    pub before: i64,
    /// Those who begin with the step and take a place.
    pub new: i64,
}

impl Newcomers {
    /// How many places are free at the start, for whoever comes first.
    #[must_use]
    pub fn left(self) -> i64 {
        (self.most - self.used).max(0)
    }

    /// How many of the step's people find a place at the start.
    #[must_use]
    pub fn at_once(self) -> i64 {
        (self.left() - self.before).clamp(0, self.new)
    }

    /// How many wait for a place of another day.
    #[must_use]
    pub fn beyond(self) -> i64 {
        self.new - self.at_once()
    }

    /// Over how many days of 24 hours they go; a limit of nobody counts as of one.
    #[must_use]
    pub fn days(self) -> i64 {
        let late = (self.before + self.new - self.left()).max(0);
        let most = self.most.max(1);
        if self.beyond() == 0 { 1 } else { 1 + (late + most - 1) / most }
    }

    fn takes(self) -> TimeDelta {
        // A century stands for whatever is longer.
        TimeDelta::days((self.days() - 1).min(36_500))
    }

    /// How many of the step's people find a place within `time`.
    fn goes_in(self, time: TimeDelta) -> i64 {
        (self.left() + self.most * time.num_days().max(0) - self.before).clamp(0, self.new)
    }
}

/// The people a channel may write to in a calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correspondents {
    /// The most.
    pub most: i64,
    /// Those it wrote to already.
    pub used: i64,
    /// Those who begin with the step and are not among them.
    pub new: i64,
}

impl Correspondents {
    /// How many more it may write to.
    #[must_use]
    pub fn left(self) -> i64 {
        (self.most - self.used).max(0)
    }

    /// How many would wait for the next month.
    #[must_use]
    pub fn beyond(self) -> i64 {
        (self.new - self.left()).max(0)
    }
}

impl Forecast {
    /// Messages per second of the first step's channel.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.steps.first().map_or(0.0, |step| step.rate)
    }

    /// Messages of other campaigns that go before, at the channel where most wait.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.steps.iter().map(|step| step.waiting).max().unwrap_or(0)
    }

    /// What it costs if everybody is reached by the first message they get, and if every step goes
    /// to everybody it can reach.
    #[must_use]
    pub fn cost(&self) -> (Cost, Cost) {
        cost::sum(self.steps.iter().map(|step| &step.cost))
    }

    /// How many would wait because the month's messages are used up; 0: all fit.
    #[must_use]
    pub fn beyond_plan(&self) -> i64 {
        self.month.map_or(0, |month| (self.planned - month.left).max(0))
    }

    /// The same if every step went to everybody it can reach.
    #[must_use]
    pub fn beyond_plan_at_most(&self) -> i64 {
        let most: i64 = self.steps.iter().map(|step| step.most).sum();
        self.month.map_or(0, |month| (most.max(self.planned) - month.left).max(0))
    }
}

/// A value for a placeholder.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Arg {
    Uuid(Uuid),
    Text(String),
    Int(i64),
    Float(f64),
    Moment(Moment),
}

/// A statement in the making: text and values grow together, so a placeholder can never miss its
/// value.
#[derive(Debug, Default)]
pub(super) struct Sql {
    pub text: String,
    pub args: Vec<Arg>,
}

impl Sql {
    /// Binds an argument; returns its placeholder.
    pub fn arg(&mut self, arg: Arg) -> String {
        self.args.push(arg);
        format!("${}", self.args.len())
    }
}

/// Binds the values of a built statement, in order.
macro_rules! bind_args {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for arg in $args {
            query = match arg {
                Arg::Uuid(id) => query.bind(*id),
                Arg::Text(text) => query.bind(text.as_str()),
                Arg::Int(n) => query.bind(*n),
                Arg::Float(n) => query.bind(*n),
                Arg::Moment(at) => query.bind(*at),
            };
        }
        query
    }};
}

/// The kind and the scope of the addresses at a channel.
fn reach(kind: ChannelKind, channel: ChannelId) -> (&'static str, ChannelId) {
    let capabilities = registry::capabilities(kind);
    (capabilities.address_kind, capabilities.scope(channel))
}

/// One row per contact of the audience: `contact_id, address_id, reason` (null: gets it), `step`
/// (the first one they can be reached by).
pub(super) fn classified(spec: &Spec, engine: Engine, now: Moment, range: IdRange) -> Sql {
    rows(spec, engine, now, range, None)
}

/// Why nobody gets advertising, whatever the step: SQL's `when … then …`.
fn advertising_reasons(sql: &mut Sql, spec: &Spec, now: Moment) -> String {
    let mut reasons = format!(
        " when c.id in (select q.contact_id from doubt q where q.account_id = $1 and q.closed_at is null) then '{}' \
         when c.marketing_grade is null then '{}' when c.marketing_grade > {} then '{}'",
        Reason::Doubt,
        Reason::NoConsent,
        spec.rules.min_grade,
        Reason::ConsentGrade
    );
    if spec.rules.cap_hours > 0 {
        let since = sql.arg(Arg::Moment(now - TimeDelta::hours(i64::from(spec.rules.cap_hours))));
        reasons += &format!(" when c.last_marketing_at > {since} then '{}'", Reason::FrequencyCap);
    }
    reasons
}

/// A step's addresses: the alias of its joined table, and their kind and scope as placeholders.
struct At {
    alias: String,
    kind: String,
    scope: String,
}

impl At {
    /// Why a contact does not get the step: SQL's `case`, null when they do. Each question is
    /// worked out once for all contacts, from the few rows that hold somebody. The account is the
    /// first placeholder.
    fn reasons(&self, advertising: &str) -> String {
        format!(
            concat!(
                "case when c.opted_out_at is not null then '{opted_out}' when {a}.id is null then '{no_address}' when c.id in (",
                stops!(people of "$1"),
                ") then '{suppressed}' when {a}.value in (select s.value from suppression s where s.account_id = $1 and s.kind = {kind} \
                 and s.scope_id = {scope} and s.reason = 'blocked' and s.lifted_at is null) then '{blocked}' \
                 when {a}.state = 'unreachable' then '{unreachable}'{advertising} end"
            ),
            a = self.alias,
            kind = self.kind,
            scope = self.scope,
            advertising = advertising,
            opted_out = Reason::OptedOut,
            no_address = Reason::NoAddress,
            suppressed = Reason::Suppressed,
            blocked = Reason::Blocked,
            unreachable = Reason::Unreachable,
        )
    }

    /// No other address of the contact's there is better: reachable before unknown before
    /// unreachable, then the one seen last. Whether it is another address at all, SQLite sees in
    /// the index, by the row's number: no row is read where there is but one.
    fn is_best(&self, engine: Engine) -> String {
        let a = &self.alias;
        let rank = |alias: &str| format!("case {alias}.state when 'reachable' then 0 when 'unknown' then 1 else 2 end");
        let (best, this) = (rank("b"), rank(a));
        let another = match engine {
            Engine::Sqlite => format!("b.rowid <> {a}.rowid"),
            Engine::Postgres => format!("b.id <> {a}.id"),
        };
        format!(
            "not exists (select 1 from address b where b.contact_id = {a}.contact_id and b.kind = {a}.kind and b.scope_id = {a}.scope_id \
             and {another} and ({best} < {this} or ({best} = {this} and (b.updated_at > {a}.updated_at \
             or (b.updated_at = {a}.updated_at and b.id < {a}.id)))))"
        )
    }
}

/// What is asked of contacts besides, for a forecast.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// The first moment of the day the campaign would start.
    pub day: Moment,
    /// The first digits of phones, too: a price depends on the country.
    pub phones: bool,
}

/// The same; if asked also `zone`, the contact's own, `again`: whether they got advertising since
/// the day's first moment, and `phone`: how their phone begins.
fn rows(spec: &Spec, engine: Engine, now: Moment, range: IdRange, asked: Option<Asked>) -> Sql {
    let mut sql = Sql::default();
    let account = sql.arg(Arg::Uuid(spec.account.0));
    let mut places: Vec<At> = Vec::with_capacity(spec.steps.len());
    for step in &spec.steps {
        let (kind, scope) = reach(step.kind, step.channel);
        let (kind, scope) = (sql.arg(Arg::Text(kind.to_owned())), sql.arg(Arg::Uuid(scope.0)));
        places.push(At { alias: format!("a{}", step.step), kind, scope });
    }
    let advertising = if spec.advertises() { advertising_reasons(&mut sql, spec, now) } else { String::new() };
    let reasons: Vec<String> = spec
        .steps
        .iter()
        .zip(&places)
        .map(|(step, at)| at.reasons(if step.class == Class::Advertising { &advertising } else { "" }))
        .collect();
    let mut more = match (asked, spec.advertises()) {
        (None, _) => String::new(),
        (Some(_), false) => ", c.zone, 0 as again".to_owned(),
        (Some(Asked { day, .. }), true) => {
            format!(", c.zone, case when c.last_marketing_at >= {} then 1 else 0 end as again", sql.arg(Arg::Moment(day)))
        }
    };
    let phones = asked.is_some_and(|asked| asked.phones);
    if phones {
        more += &format!(", {} as phone", cost::head_of_phone("c.id"));
    }
    let mut audience = String::new();
    if let Some((from, until)) = range.bounds() {
        let (from, until) = (sql.arg(Arg::Uuid(from.0)), sql.arg(Arg::Uuid(until.0)));
        audience += &format!(" and c.id >= {from} and c.id < {until}");
    }
    if let Some(any_of) = one_of(&mut sql, spec, &spec.include, engine, range.look(), now) {
        audience += &format!(" and ({any_of})");
    }
    if let Some(any_of) = one_of(&mut sql, spec, &spec.exclude, engine, range.look(), now) {
        audience += &format!(" and not ({any_of})");
    }
    let joins: Vec<String> = places
        .iter()
        .map(|at| {
            let At { alias, kind, scope } = at;
            format!("left join address {alias} on {alias}.contact_id = c.id and {alias}.kind = {kind} and {alias}.scope_id = {scope}")
        })
        .collect();
    let best: Vec<String> = places.iter().map(|at| at.is_best(engine)).collect();
    let (joins, best) = (joins.join(" "), best.join(" and "));
    let from = format!("from contact c {joins} where c.account_id = {account} and c.deleted_at is null{audience} and {best}");
    sql.text = match reasons.as_slice() {
        [only] => format!("select c.id as contact_id, a1.id as address_id, {only} as reason, 1 as step{more} {from}"),
        several => {
            let names = match (asked, phones) {
                (None, _) => "",
                (Some(_), false) => ", x.zone, x.again",
                (Some(_), true) => ", x.zone, x.again, x.phone",
            };
            first_reachable(spec, several, (&more, names), &from)
        }
    };
    sql
}

/// Of several steps the first that nothing forbids; where all are forbidden, the first reason that
/// says more than that there is no address. `more`: what else is asked, and by which names.
fn first_reachable(spec: &Spec, reasons: &[String], (more, names): (&str, &str), from: &str) -> String {
    let number = |index: usize| spec.steps.get(index).map_or(1, |step| step.step);
    let each: Vec<String> =
        reasons.iter().enumerate().map(|(i, reason)| format!("a{n}.id as address_{n}, {reason} as reason_{n}", n = number(i))).collect();
    let (mut step, mut address, mut said) = (String::new(), String::new(), String::new());
    for index in 0..reasons.len() {
        let n = number(index);
        step += &format!(" when x.reason_{n} is null then {n}");
        address += &format!(" when x.reason_{n} is null then x.address_{n}");
        said += &format!("nullif(x.reason_{n}, '{}'), ", Reason::NoAddress);
    }
    let none = reasons.iter().enumerate().map(|(i, _)| format!("x.reason_{} is not null", number(i))).collect::<Vec<_>>().join(" and ");
    format!(
        "select x.contact_id, case{address} else x.address_1 end as address_id, \
         case when {none} then coalesce({said}'{no_address}') end as reason, case{step} else 1 end as step{names} \
         from (select c.id as contact_id, {each}{more} {from}) x",
        no_address = Reason::NoAddress,
        each = each.join(", ")
    )
}

fn one_of(sql: &mut Sql, spec: &Spec, parts: &[Part], engine: Engine, look: Look, now: Moment) -> Option<String> {
    let conditions: Vec<String> = parts
        .iter()
        .map(|part| {
            let compiled = part.filter.compile_for(look, engine, spec.account, spec.zone, now, sql.args.len() + 1);
            sql.args.extend(compiled.binds.into_iter().map(|bind| match bind {
                Bind::Text(text) => Arg::Text(text),
                Bind::Int(n) => Arg::Int(n),
                Bind::Float(n) => Arg::Float(n),
                Bind::Moment(at) => Arg::Moment(at),
                Bind::Account(account) => Arg::Uuid(account.0),
                Bind::Contact(contact) => Arg::Uuid(contact.0),
            }));
            format!("({})", compiled.sql)
        })
        .collect();
    (!conditions.is_empty()).then(|| conditions.join(" or "))
}

/// Contacts of the audience with one reason, one zone of their own and one beginning of phones.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Group {
    /// Why they do not get it; `None`: they do.
    pub reason: Option<Why>,
    /// Their own zone; `None`: the account's.
    pub zone: Option<String>,
    /// How many contacts.
    pub n: i64,
    /// The step they begin with.
    pub step: i64,
    /// How many of them got advertising on the day already.
    again: i64,
    /// How their phones begin; `None`: no phone is known, or it was not asked for.
    pub phone: Option<String>,
}

/// The statement that counts the audience in [`Group`]s.
pub(super) fn count_sql(spec: &Spec, engine: Engine, now: Moment, range: IdRange, asked: Asked) -> Sql {
    let mut sql = rows(spec, engine, now, range, Some(asked));
    let (phone, by_phone) = if asked.phones { ("x.phone", ", x.phone") } else { ("cast(null as text)", "") };
    sql.text = format!(
        "select x.reason, x.zone, cast(x.step as bigint) as step, count(*) as n, cast(coalesce(sum(x.again), 0) as bigint) as again, \
         {phone} as phone from ({}) x group by x.reason, x.zone, x.step{by_phone}",
        sql.text
    );
    sql
}

/// When a campaign that is launched now would start.
pub(super) fn start_of(campaign: &Campaign, now: Moment) -> Moment {
    campaign.starts_at.filter(|_| schedule::starts_later(campaign.starts_at, now)).unwrap_or(now)
}

/// Exact numbers of what would happen if the campaign were launched now: as it will be at the
/// moment it starts. Who got advertising an hour ago gets it the day after tomorrow.
///
/// # Errors
/// [`super::CampaignError::Incomplete`] and others of [`super::CampaignError`] when it could not be
/// launched at all.
pub async fn forecast(store: &Store, campaign: &Campaign, now: Moment) -> Result<Forecast> {
    let spec = spec::load(Via::Read(store), campaign).await?;
    let start = start_of(campaign, now);
    let day = clock::start_of(start.with_timezone(&spec.zone).date_naive(), spec.zone);
    let prices = Prices::load(store, spec.account).await?;
    let charges = cost::charges(store, spec.account, campaign.id).await?;
    let asked = Asked { day, phones: charges.iter().any(|charge| prices.by_country(charge.what)) };
    let groups = groups(store, &spec, start, &ranges(store, spec.account).await?, asked).await?;
    let costs = cost::forecast(&charges, &groups, &prices, start.with_timezone(&spec.zone).date_naive());
    let mut steps = Vec::with_capacity(spec.steps.len());
    for step in &spec.steps {
        let cost = costs.iter().find(|cost| cost.step == step.step).cloned().unwrap_or_default();
        let waiting: i64 = on!(store.read(), |c| sqlx::query_scalar(queries::WAITING)
            .bind(spec.account)
            .bind(step.channel)
            .bind(campaign.id)
            .fetch_one(c)
            .await)?;
        let capabilities = registry::capabilities(step.kind);
        let row = channel::store::get(store, spec.account, step.channel).await?;
        let people = match &row {
            Some(row) if capabilities.limits_people => people(store, &spec, row, i64::from(step.step), start).await?,
            _ => None,
        };
        let daily = match &row {
            Some(row) => newcomers(store, &spec, row, (i64::from(step.step), waiting), start).await?,
            None => None,
        };
        let rate = row.map_or(capabilities.rates.channel.floor, |row| row.rate(capabilities));
        let begin = groups.iter().filter(|group| group.reason.is_none() && group.step == i64::from(step.step)).map(|group| group.n).sum();
        let channel = step.channel_name.clone();
        steps.push(StepForecast { step: step.step, channel, begin, most: begin, rate, waiting, cost, people, daily });
    }
    let waits: Vec<TimeDelta> = spec.steps.iter().map(|step| TimeDelta::seconds(step.wait_seconds.into())).collect();
    // Whoever begins with a step may come to every one behind it.
    for index in 1..steps.len() {
        let before = steps.get(index - 1).map_or(0, |step| step.most);
        if let Some(step) = steps.get_mut(index) {
            step.most += before;
        }
    }
    let mut forecast = weigh(&groups, spec.zone, steps, &waits, campaign, now);
    forecast.month = usage::messages_left(store, spec.account, forecast.starts_at, now).await?;
    forecast.law = lawful::of(store, &spec, lawful::day(&spec, campaign, now)).await?;
    Ok(forecast)
}

/// The people of the month at a step's channel.
async fn people(store: &Store, spec: &Spec, row: &ChannelRow, step: i64, start: Moment) -> sqlx::Result<Option<Correspondents>> {
    let Some(most) = row.settings.people else { return Ok(None) };
    let mut sql = classified(spec, store.engine(), start, IdRange::ALL);
    let (channel, since) = (sql.arg(Arg::Uuid(row.id.0)), sql.arg(Arg::Moment(month::began(start))));
    let (known, step) = (month::is_one("x.contact_id", &channel, &since), sql.arg(Arg::Int(step)));
    sql.text = format!("select count(*) from ({}) x where x.reason is null and x.step = {step} and not {known}", sql.text);
    let new: i64 = on!(store.read(), |c| {
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.text.as_str())).persistent(false);
        bind_args!(query, &sql.args).fetch_one(c).await
    })?;
    Ok(Some(Correspondents { most: most.into(), used: month::used(store, row, start).await?, new }))
}

/// The people of 24 hours at a step's channel, before whom so many messages wait there.
async fn newcomers(
    store: &Store,
    spec: &Spec,
    row: &ChannelRow,
    (step, before): (i64, i64),
    start: Moment,
) -> sqlx::Result<Option<Newcomers>> {
    let Some(daily) = &row.terms.daily else { return Ok(None) };
    let Some(most) = daily.most else { return Ok(None) };
    let mut sql = classified(spec, store.engine(), start, IdRange::ALL);
    let (scope, since) = (sql.arg(Arg::Text(daily.scope.clone())), sql.arg(Arg::Moment(start - daily::DAY)));
    let window = daily::wrote_since(registry::capabilities(row.kind), start)
        .map(|since| (sql.arg(Arg::Uuid(row.id.0)), sql.arg(Arg::Moment(since))));
    let window = window.as_ref().map(|(channel, since)| (channel.as_str(), since.as_str()));
    let costs_nothing = daily::costs_nothing("x.contact_id", &scope, &since, window);
    let step = sql.arg(Arg::Int(step));
    sql.text = format!("select count(*) from ({}) x where x.reason is null and x.step = {step} and not {costs_nothing}", sql.text);
    let new: i64 = on!(store.read(), |c| {
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.text.as_str())).persistent(false);
        bind_args!(query, &sql.args).fetch_one(c).await
    })?;
    Ok(Some(Newcomers { most, used: daily::used(store, daily, start).await?, before, new }))
}

/// The audience's groups in each of these ranges; counted side by side.
pub(super) async fn groups(store: &Store, spec: &Spec, now: Moment, ranges: &[IdRange], asked: Asked) -> sqlx::Result<Vec<Group>> {
    let each = ranges.iter().map(async |range| -> sqlx::Result<Vec<Group>> {
        let sql = count_sql(spec, store.engine(), now, *range, asked);
        on!(store.read(), |c| {
            let query = sqlx::query_as(sqlx::AssertSqlSafe(sql.text.as_str())).persistent(false);
            bind_args!(query, &sql.args).fetch_all(c).await
        })
    });
    Ok(futures::future::try_join_all(each).await?.into_iter().flatten().collect())
}

/// The `n`-th contact (from 0) of those in the [`forecast`] who get it, for a sample of the
/// message; `None`: there are not so many.
///
/// # Errors
/// As [`forecast`].
pub async fn sample(store: &Store, campaign: &Campaign, n: u32, now: Moment) -> Result<Option<ContactId>> {
    let spec = spec::load(Via::Read(store), campaign).await?;
    let mut sql = classified(&spec, store.engine(), start_of(campaign, now), IdRange::ALL);
    let offset = sql.arg(Arg::Int(i64::from(n)));
    sql.text = format!("select x.contact_id from ({}) x where x.reason is null order by x.contact_id limit 1 offset {offset}", sql.text);
    Ok(on!(store.read(), |c| {
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.text.as_str())).persistent(false);
        bind_args!(query, &sql.args).fetch_optional(c).await
    })?)
}

/// From counts to a forecast; `waits`: how long after each step the next one goes.
fn weigh(groups: &[Group], zone: Tz, steps: Vec<StepForecast>, waits: &[TimeDelta], campaign: &Campaign, now: Moment) -> Forecast {
    let of = |why: Option<Why>| groups.iter().filter(|group| group.reason == why).map(|group| group.n).sum::<i64>();
    let planned = of(None);
    let starts_at = start_of(campaign, now);
    let duration = steps.iter().filter(|step| step.begin > 0).map(StepForecast::takes).max().unwrap_or_default();
    let finishes_at = starts_at + duration;
    let mut latest = finishes_at;
    for (step, wait) in steps.iter().skip(1).zip(waits) {
        latest = latest + *wait + schedule::takes(step.most, step.rate);
    }
    let too_late = |step: &StepForecast| match campaign.ends_at {
        Some(end) if end < starts_at + step.takes() => (step.begin - step.goes_in(end - starts_at)).clamp(0, step.begin),
        _ => 0,
    };
    let too_late = steps.iter().map(too_late).sum();
    let mut clocks: BTreeMap<&str, (Tz, i64)> = BTreeMap::new();
    for group in groups.iter().filter(|group| group.reason.is_none()) {
        // A zone that is not in the table any more counts as none.
        let own = group.zone.as_deref().and_then(|name| name.parse().ok()).unwrap_or(zone);
        clocks.entry(own.name()).or_insert((own, 0)).1 += group.n;
    }
    let clocks: Vec<(Tz, i64)> = clocks.into_values().collect();
    let last = campaign.ends_at.map_or(finishes_at, |end| finishes_at.min(end));
    Forecast {
        audience: groups.iter().map(|group| group.n).sum(),
        planned,
        skipped: LEFT_OUT.into_iter().map(|reason| (reason, of(Some(reason.into())))).filter(|(_, n)| *n > 0).collect(),
        steps,
        starts_at,
        duration,
        finishes_at,
        latest,
        too_late,
        month: None,
        night: night::reached(&clocks, starts_at, last),
        again: groups.iter().filter(|group| group.reason.is_none()).map(|group| group.again).sum(),
        law: Vec::new(),
    }
}

pub(super) use bind_args;
