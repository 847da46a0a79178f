//! What a campaign costs. Before it goes: if everybody is reached by the first message they get,
//! and if every step goes to everybody it can reach. When it is over: what the messengers took, by
//! the prices of the days on which it went.
//!
//! People are counted by the statement that forecasts, messages by the counters. Only where a price
//! depends on the country, or changed while the campaign went, or where the messenger itself says
//! what it charged each message as, are its rows counted, once, when it is closed. What it says
//! later changes nothing, and of which it said nothing counts as what its template is.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use strum::VariantArray as _;

use super::{
    Campaign, Result,
    audience::{Arg, Group, Sql, bind_args},
    queries,
};
use crate::{
    account::settings,
    channel::{self, ChannelKind, registry, store::ChannelSettings},
    clock::{self, Moment},
    delivery::{Count, Numbers},
    id::{AccountId, CampaignId},
    on,
    price::{Category, Charged, Cost, Price, Prices},
    store::{Store, Tx},
    template::Class,
    text::phone,
};

/// What a step costs, before it goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepCost {
    /// From 1.
    pub step: i16,
    /// If everybody is reached by the first message they get: of those who begin with this step.
    pub best: Cost,
    /// If it goes to everybody who may come to it.
    pub worst: Cost,
}

/// What a step cost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepSpent {
    /// From 1.
    pub step: i16,
    pub cost: Cost,
}

/// What is kept of a campaign's cost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Costs {
    /// As it was forecast at the launch, step by step; `None`: it was launched before that was
    /// kept.
    pub forecast: Option<Vec<StepCost>>,
    /// What went, step by step; `None`: it is not closed, or was closed before that was kept.
    pub spent: Option<Vec<StepSpent>>,
}

/// The best and the worst case of all steps.
#[must_use]
pub fn sum<'a>(steps: impl Iterator<Item = &'a StepCost>) -> (Cost, Cost) {
    steps.fold((Cost::default(), Cost::default()), |(best, worst), step| (best.with(&step.best), worst.with(&step.worst)))
}

/// All that was spent.
#[must_use]
pub fn sum_spent(steps: &[StepSpent]) -> Cost {
    steps.iter().fold(Cost::default(), |all, step| all.with(&step.cost))
}

/// What a step's messages are charged as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Charge {
    step: i16,
    pub what: Charged,
}

impl Charge {
    /// Whether its messenger says what it charged a message as.
    fn is_told(&self) -> bool {
        registry::capabilities(self.what.provider).tells_charge
    }

    /// All that its messages may be charged as.
    fn all(&self) -> impl Iterator<Item = Charged> {
        let others = Category::VARIANTS.iter().filter(|_| self.is_told()).map(|category| Charged { category: *category, ..self.what });
        std::iter::once(self.what).chain(others)
    }
}

/// What the messages of each step are charged as: by the provider's own category of its template,
/// where it has one.
pub(super) async fn charges(store: &Store, account: AccountId, id: CampaignId) -> Result<Vec<Charge>> {
    type Row = (i16, ChannelKind, Json<ChannelSettings>, Class, Option<channel::Category>);
    let rows: Vec<Row> = on!(store.read(), |c| sqlx::query_as(queries::CHARGES).bind(account).bind(id).fetch_all(c).await)?;
    let charge = |(step, provider, settings, class, category): Row| {
        let category = category.unwrap_or_else(|| channel::Category::from(class)).into();
        Charge { step, what: Charged { provider, category, own_alone: settings.0.paid } }
    };
    Ok(rows.into_iter().map(charge).collect())
}

/// SQL for how the phone of a contact begins; null: they have none. Of several the one that was
/// there first, as in the list of recipients.
pub(super) fn head_of_phone(contact: &str) -> String {
    let head = phone::HEAD;
    format!("(select substr(p.value, 1, {head}) from address p where p.contact_id = {contact} and p.kind = 'phone' order by p.id limit 1)")
}

/// Countries by how phones begin, each looked up once.
#[derive(Default)]
struct Countries(HashMap<String, Option<String>>);

impl Countries {
    fn of(&mut self, head: Option<&str>) -> Option<&str> {
        let head = head?;
        if !self.0.contains_key(head) {
            self.0.insert(head.to_owned(), phone::country_of(head));
        }
        self.0.get(head)?.as_deref()
    }
}

/// What each step costs, from the audience's groups.
pub(super) fn forecast(charges: &[Charge], groups: &[Group], prices: &Prices, day: NaiveDate) -> Vec<StepCost> {
    let mut countries = Countries::default();
    let mut costs: Vec<StepCost> = charges.iter().map(|charge| StepCost { step: charge.step, ..StepCost::default() }).collect();
    for group in groups.iter().filter(|group| group.reason.is_none()) {
        let country = countries.of(group.phone.as_deref());
        for (charge, cost) in charges.iter().zip(&mut costs) {
            let step = i64::from(charge.step);
            // Whoever begins with a step may come to every one behind it.
            if step >= group.step {
                let price = prices.on(charge.what, country, day);
                cost.best.add(if step == group.step { group.n } else { 0 }, price);
                cost.worst.add(group.n, price);
            }
        }
    }
    costs
}

/// Messages of one step to phones that begin alike, which went between two changes of prices.
#[derive(sqlx::FromRow)]
struct Went {
    step: i16,
    phone: Option<String>,
    /// How many changes of prices there were before.
    after: i64,
    /// What the messenger says it charged them as.
    charge: Option<channel::Charge>,
    n: i64,
}

/// The statement that counts the messages of a campaign that a messenger took, as [`Went`];
/// `changes`: the moments at which prices changed, in their order.
pub(super) fn went_sql(campaign: &Campaign, changes: &[Moment]) -> Sql {
    let mut sql = Sql::default();
    let (account, id) = (sql.arg(Arg::Uuid(campaign.account_id.0)), sql.arg(Arg::Uuid(campaign.id.0)));
    let mut after = String::new();
    for (n, at) in changes.iter().enumerate() {
        let at = sql.arg(Arg::Moment(*at));
        after += &format!(" when coalesce(d.sent_at, d.updated_at) < {at} then {n}");
    }
    let after = if after.is_empty() { "0".to_owned() } else { format!("case{after} else {} end", changes.len()) };
    sql.text = format!(
        "select d.step, {phone} as phone, cast({after} as bigint) as after, d.charge, count(*) as n from delivery d \
         where d.account_id = {account} and d.campaign_id = {id} and d.state in ('sent', 'delivered', 'read') group by 1, 2, 3, 4",
        phone = head_of_phone("d.contact_id"),
    );
    sql
}

async fn went(store: &Store, campaign: &Campaign, changes: &[Moment]) -> sqlx::Result<Vec<Went>> {
    let sql = went_sql(campaign, changes);
    on!(store.read(), |c| {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql.text.as_str())).persistent(false);
        bind_args!(query, &sql.args).fetch_all(c).await
    })
}

/// What a campaign cost that is at rest at `now`: what the messengers took, each message by the
/// price of its day.
pub(super) async fn spent(store: &Store, campaign: &Campaign, counts: &[Count], now: Moment) -> Result<Vec<StepSpent>> {
    let account = campaign.account_id;
    let charges = charges(store, account, campaign.id).await?;
    let prices = Prices::load(store, account).await?;
    let zone = settings::zone(store, account).await?;
    let day = |at: Moment| at.with_timezone(&zone).date_naive();
    let first = day(campaign.planned_at.unwrap_or(now));
    let kinds: Vec<Charged> = charges.iter().flat_map(Charge::all).collect();
    let days: Vec<NaiveDate> = prices.changes(&kinds, first, day(now)).into_iter().collect();
    let mut of: BTreeMap<i16, Cost> = BTreeMap::new();
    let charge = |step: i16| charges.iter().find(|charge| charge.step == step).map(|charge| charge.what);
    if days.is_empty() && !charges.iter().any(Charge::is_told) && !kinds.iter().any(|what| prices.by_country(*what)) {
        for (step, numbers) in Numbers::by_step(counts) {
            let price = charge(step).and_then(|what| prices.on(what, None, first));
            of.entry(step).or_default().add(numbers.sent, price);
        }
    } else {
        let changes: Vec<Moment> = days.iter().map(|day| clock::start_of(*day, zone)).collect();
        let mut countries = Countries::default();
        for row in went(store, campaign, &changes).await? {
            let country = countries.of(row.phone.as_deref());
            // The day on which the price of then began to hold.
            let day = usize::try_from(row.after).ok().and_then(|after| days.get(after.checked_sub(1)?)).unwrap_or(&first);
            let price = charge(row.step).and_then(|what| match row.charge.map(Category::charged) {
                Some(None) => Some(Price::NOTHING),
                Some(Some(category)) => prices.on(Charged { category, ..what }, country, *day),
                None => prices.on(what, country, *day),
            });
            of.entry(row.step).or_default().add(row.n, price);
        }
    }
    Ok(charges.iter().map(|charge| StepSpent { step: charge.step, cost: of.remove(&charge.step).unwrap_or_default() }).collect())
}

/// Keeps what a campaign is to cost, with its launch.
pub(super) async fn keep_forecast(tx: &mut Tx, account: AccountId, id: CampaignId, steps: &[StepCost]) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::SET_COST_FORECAST).bind(account).bind(id).bind(Json(steps)).execute(c).await.map(|_| ()))
}

/// Keeps what a campaign cost, with its end.
pub(super) async fn keep_spent(tx: &mut Tx, account: AccountId, id: CampaignId, steps: &[StepSpent]) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::SET_COST_SPENT).bind(account).bind(id).bind(Json(steps)).execute(c).await.map(|_| ()))
}

/// What is kept of a campaign's cost.
///
/// # Errors
/// The database's.
pub async fn of(store: &Store, account: AccountId, id: CampaignId) -> Result<Costs> {
    type Row = (Option<Json<Vec<StepCost>>>, Option<Json<Vec<StepSpent>>>);
    let row: Option<Row> = on!(store.read(), |c| sqlx::query_as(queries::COSTS).bind(account).bind(id).fetch_optional(c).await)?;
    let (forecast, spent) = row.unwrap_or_default();
    Ok(Costs { forecast: forecast.map(|json| json.0), spent: spent.map(|json| json.0) })
}
