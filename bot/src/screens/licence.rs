//! The licence: until when, what the plan allows, how much of it is used and what happens at each
//! limit, what goes on working without one; and how an owner buys one ([`buy`]) or enters a signed
//! key.

pub mod buy;

use mms_core::{
    account::{
        key::{self, KeyError},
        licence::{self as core_licence, Licence, Limit, PlanCode},
        load::{self, Guard},
        order::Way,
        usage,
    },
    clock::Moment,
    stamp::Stamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    i18n::{Html, Tr},
    p,
    screens::menu,
    t, words,
};

calls! {
    /// Buttons of the licence.
    pub enum Call {
        /// The card.
        "l" Open => View,
        /// What is sold, and the orders.
        "b" Buy => Own,
        /// The terms of an offer.
        "o" Offer { plan: PlanCode, months: u32 } => Own,
        /// Accept them, and pay so.
        "t" Take { plan: PlanCode, months: u32, way: Way, stamp: Stamp } => Own,
        /// An order.
        "q" Order { order: i64 } => Own,
        /// Its invoice or its act.
        "p" Paper { order: i64 } => Own,
        /// Take it back.
        "c" Cancel { order: i64 } => Own,
        /// Enter a signed key.
        "k" Key => Own,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Who buys, for an invoice.
    Buyer { plan: PlanCode, months: u32, stamp: Stamp },
    /// A signed key.
    Key,
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Own
    }

    fn takes_secrets(&self) -> bool {
        matches!(self, Self::Key)
    }
}

/// What is used of what the plan limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Members who can sign in.
    pub members: i64,
    pub channels: i64,
    pub contacts: i64,
    /// People whom campaigns wrote to this month.
    pub people: i64,
    /// Campaign messages this month.
    pub messages: i64,
}

/// A press.
///
/// # Errors
/// The database's, Telegram's; refusals in words.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Open => open(cx).await,
        Call::Buy => buy::list(cx).await,
        Call::Offer { plan, months } => buy::offer(cx, plan, months),
        Call::Take { plan, months, way, stamp } => buy::take(cx, plan, months, way, stamp).await,
        Call::Order { order } => buy::open(cx, order).await,
        Call::Paper { order } => buy::send_paper(cx, order).await,
        Call::Cancel { order } => buy::cancel(cx, order).await,
        Call::Key => {
            cx.ask(Step::Key).await?;
            Ok(ask_key(cx.tr).into())
        }
    }
}

/// An answer.
///
/// # Errors
/// The database's; refusals in words.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::Buyer { plan, months, stamp } => buy::buyer(cx, plan, months, stamp, input.text()).await,
        Step::Key => {
            let keys = &cx.deps.settings.billing.licence_keys;
            let entered = key::enter(&cx.deps.store, cx.actor()?.into(), keys, input.text(), cx.now).await;
            let licence = entered.map_err(|error| refused(cx.tr, error))?;
            cx.leave().await?;
            let plan = words::plan(cx.tr, licence.plan);
            let said = p!(cx.tr, "licence-key-entered", plan = plan, until = words::valid_until(cx.tr, licence.valid_until));
            Ok(Reply { toast: Some(said), ..open(cx).await? }.forgetting_input())
        }
    }
}

async fn open(cx: &Cx) -> Outcome {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let licence = core_licence::current(store, account, cx.now).await?;
    let used = Used {
        members: usage::used(store, account, Limit::Members, cx.now).await?,
        channels: usage::used(store, account, Limit::Channels, cx.now).await?,
        contacts: usage::used(store, account, Limit::Contacts, cx.now).await?,
        people: usage::used(store, account, Limit::PeopleThisMonth, cx.now).await?,
        messages: usage::used(store, account, Limit::MessagesThisMonth, cx.now).await?,
    };
    let owner = Need::Own.admits(Some(cx.actor()?.role));
    let heavy = load::standing(store, account, cx.now).await?;
    Ok(card(cx.tr, licence.as_ref(), used, &heavy, owner, cx.now).into())
}

/// Why a key is not taken.
fn refused(tr: Tr, error: KeyError) -> BotError {
    BotError::Refused(match error {
        KeyError::Forbidden(_) => return BotError::Forbidden,
        KeyError::Db(error) => return error.into(),
        KeyError::Form => p!(tr, "licence-key-form"),
        KeyError::NoKeys => p!(tr, "licence-key-none"),
        KeyError::Signature => p!(tr, "licence-key-signature"),
        KeyError::OtherAccount(name) => p!(tr, "licence-key-other", name = name),
        KeyError::Used => p!(tr, "licence-key-used"),
        KeyError::Ended(at) => p!(tr, "licence-key-ended", until = tr.moment(at)),
        KeyError::NoPlan(plan) => p!(tr, "licence-key-plan", plan = plan.to_string()),
    })
}

/// A signed key?
#[must_use]
pub fn ask_key(tr: Tr) -> Screen {
    Screen::new(t!(tr, "licence-ask-key")).nav(tr, Call::Buy)
}

/// The card.
#[must_use]
pub fn card(tr: Tr, licence: Option<&Licence>, used: Used, heavy: &[load::Used], owner: bool, now: Moment) -> Screen {
    let Some(licence) = licence else {
        let screen = Screen::new(t!(tr, "licence-none")).button_if(owner, p!(tr, "licence-buy"), Call::Buy);
        return screen.at(Call::Open).nav(tr, menu::Call::Settings);
    };
    // What happens at a limit is told where there is one.
    let of = |used: i64, limit: Limit, hint: String| {
        Html(match limit.of(licence.plan) {
            Some(allowed) => format!("{}\n{hint}", t!(tr, "licence-of", used = tr.number(used), limit = tr.number(allowed))),
            None if limit == Limit::PeopleThisMonth => t!(tr, "licence-any"),
            None => t!(tr, "licence-of-any", used = tr.number(used)),
        })
    };
    let unknown = if licence.plan.plan().is_none() { format!("\n\n{}", t!(tr, "licence-plan-unknown")) } else { String::new() };
    let html = t!(
        tr,
        "licence-card",
        plan = words::plan(tr, licence.plan),
        until = words::valid_until(tr, licence.valid_until),
        days = licence.days_left(now),
        members = of(used.members, Limit::Members, t!(tr, "licence-at-members")),
        channels = of(used.channels, Limit::Channels, t!(tr, "licence-at-channels")),
        contacts = of(used.contacts, Limit::Contacts, t!(tr, "licence-at-contacts")),
        people = of(used.people, Limit::PeopleThisMonth, t!(tr, "licence-at-people")),
        messages = of(used.messages, Limit::MessagesThisMonth, t!(tr, "licence-at-messages"))
    );
    Screen::new(format!("{html}\n\n{}{unknown}", load_line(tr, heavy)))
        .button_if(owner, p!(tr, "licence-buy"), Call::Buy)
        .at(Call::Open)
        .nav(tr, menu::Call::Settings)
}

/// What is used of the server at a time.
fn load_line(tr: Tr, heavy: &[load::Used]) -> String {
    let of = |guard: Guard| {
        let one = heavy.iter().find(|one| one.guard == guard);
        one.map(|one| t!(tr, "licence-of", used = tr.number(one.used), limit = tr.number(one.allowed))).unwrap_or_default()
    };
    t!(
        tr,
        "licence-load",
        campaigns = of(Guard::Campaigns),
        imports = of(Guard::Imports),
        files = of(Guard::Files),
        crm = of(Guard::FromCrm)
    )
}

#[cfg(test)]
mod tests;
