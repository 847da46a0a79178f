//! The licence: until when, what the plan allows, how much of it is used, and what goes on working
//! without one.

use mms_core::{
    account::{
        licence::{self as core_licence, Licence, Limit},
        usage,
    },
    clock::Moment,
};

use crate::{
    calls,
    frame::{cx::Cx, error::Outcome, screen::Screen},
    i18n::Tr,
    screens::menu,
    t, words,
};

calls! {
    /// Buttons of the licence.
    pub enum Call {
        /// The card.
        "l" Open => View,
    }
}

/// What is used of what the plan limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Members who can sign in.
    pub members: i64,
    pub channels: i64,
    pub contacts: i64,
    /// Campaign messages this month.
    pub messages: i64,
}

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    let Call::Open = call;
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let licence = core_licence::current(store, account, cx.now).await?;
    let used = Used {
        members: usage::used(store, account, Limit::Members, cx.now).await?,
        channels: usage::used(store, account, Limit::Channels, cx.now).await?,
        contacts: usage::used(store, account, Limit::Contacts, cx.now).await?,
        messages: usage::used(store, account, Limit::MessagesThisMonth, cx.now).await?,
    };
    Ok(card(cx.tr, licence.as_ref(), used, cx.now).into())
}

/// The card.
#[must_use]
pub fn card(tr: Tr, licence: Option<&Licence>, used: Used, now: Moment) -> Screen {
    let Some(licence) = licence else {
        return Screen::new(t!(tr, "licence-none")).at(Call::Open).nav(tr, menu::Call::Settings);
    };
    let plan = licence.plan.plan();
    let of = |used: i64, limit: Option<i64>| match limit {
        Some(limit) => t!(tr, "licence-of", used = used, limit = limit),
        None => t!(tr, "licence-of-any", used = used),
    };
    Screen::new(t!(
        tr,
        "licence-card",
        plan = words::plan(tr, licence.plan),
        until = words::valid_until(tr, licence.valid_until),
        days = licence.days_left(now),
        members = of(used.members, plan.members),
        channels = of(used.channels, plan.channels),
        contacts = of(used.contacts, plan.contacts),
        messages = of(used.messages, plan.messages_per_month)
    ))
    .at(Call::Open)
    .nav(tr, menu::Call::Settings)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use mms_core::{
        account::licence::PlanKind,
        id::{AccountId, LicenceId},
    };

    use super::*;
    use crate::{snapshots, testing};

    fn licence(plan: PlanKind, days: i64) -> Licence {
        let now = testing::moment();
        Licence {
            id: LicenceId(uuid::Uuid::nil()),
            account_id: AccountId(uuid::Uuid::nil()),
            plan,
            valid_from: now,
            valid_until: now + TimeDelta::days(days),
            revoked_at: None,
        }
    }

    const USED: Used = Used { members: 3, channels: 1, contacts: 12_345, messages: 1_001 };

    snapshots!(licence_none, |tr| card(tr, None, USED, testing::moment()));
    snapshots!(licence_business, |tr| card(tr, Some(&licence(PlanKind::Business, 41)), USED, testing::moment()));
    snapshots!(licence_unlimited, |tr| card(tr, Some(&licence(PlanKind::Unlimited, 1)), USED, testing::moment()));
}
