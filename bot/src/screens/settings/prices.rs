//! What messages cost: the prices that are known and the company's own.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use mms_core::{
    account::{Right, Role},
    channel::{
        ChannelKind,
        store::{self as channels, ChannelState},
    },
    price::{self, Category, Prices, Rate, typed::BadPrice},
};

use super::{Call, Step};
use crate::{
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        reply::Reply,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p, t,
    words::{self, money},
};

/// A messenger's messages of one category.
pub type Of = (ChannelKind, Category);

async fn load(cx: &Cx) -> Result<(Prices, NaiveDate), BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    Ok((Prices::load(store, account).await?, price::today(store, account, cx.now).await?))
}

/// All of them.
pub async fn show(cx: &Cx) -> Outcome {
    let (prices, day) = load(cx).await?;
    let rows = channels::list(&cx.deps.store, cx.actor()?.account).await?;
    let connected = rows.iter().filter(|row| row.state != ChannelState::Removed).map(|row| row.kind);
    let mut kinds: BTreeSet<&str> = connected.chain(prices.providers()).map(ChannelKind::as_str).collect();
    if kinds.is_empty() {
        // One of each: an aggregator's many are shown once they are connected.
        kinds.extend(ChannelKind::providers().map(ChannelKind::as_str));
    }
    let kinds: Vec<ChannelKind> = ChannelKind::ALL.iter().copied().filter(|kind| kinds.contains(kind.as_str())).collect();
    Ok(list(cx.tr, &kinds, &prices, day).into())
}

/// One of them.
pub async fn show_one(cx: &Cx, of: Of) -> Outcome {
    let (prices, day) = load(cx).await?;
    Ok(card(cx.tr, of, &prices, day, cx.actor()?.role).into())
}

/// What does it cost?
pub async fn ask(cx: &Cx, (kind, category): Of) -> Outcome {
    cx.ask(Step::Price { kind, category }).await?;
    Ok(ask_card(cx.tr, (kind, category)).into())
}

/// The company's own prices go.
pub async fn clear(cx: &Cx, of: Of) -> Outcome {
    price::clear(&cx.deps.store, cx.actor()?, of, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let (prices, day) = load(cx).await?;
    Ok(Reply::screen(card(cx.tr, of, &prices, day, cx.actor()?.role)).saying(p!(cx.tr, "settings-saved")))
}

/// A price was typed.
pub async fn typed(cx: &Cx, of: Of, text: &str) -> Outcome {
    let typed = match price::typed::read(text) {
        Ok(typed) => typed,
        Err(bad) => return Ok(super::again(cx.tr, &refusal(cx.tr, bad)).into()),
    };
    price::set(&cx.deps.store, cx.actor()?, of, &typed, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    cx.leave().await?;
    show_one(cx, of).await
}

/// Why a text is no price.
#[must_use]
pub fn refusal(tr: Tr, bad: BadPrice) -> String {
    match bad {
        BadPrice::Amount => p!(tr, "settings-price-bad-amount"),
        BadPrice::TooMuch => p!(tr, "settings-price-bad-too-much"),
        BadPrice::Currency => p!(tr, "settings-price-bad-currency"),
        BadPrice::Country => p!(tr, "settings-price-bad-country"),
    }
}

/// The prices that hold, in a line: the company's own, else those that are known.
fn line(tr: Tr, (kind, category): Of, prices: &Prices, day: NaiveDate) -> String {
    let own = prices.own(kind, category, day);
    let own = own.iter().filter_map(|own| Some((own.country.as_deref(), own.price?)));
    let mut all: Vec<(Option<&str>, price::Price)> = own.collect();
    let every = all.iter().any(|(country, _)| country.is_none());
    // The company's own price for every country leaves nothing to those that are known.
    let known = price::known(kind, category, day);
    let known = known.iter().filter(|_| !every).map(|rate| (rate.country.as_deref(), rate.price));
    for (country, price) in known {
        if !all.iter().any(|(before, _)| *before == country) {
            all.push((country, price));
        }
    }
    match all.as_slice() {
        [] => p!(tr, "money-unset"),
        [(None, only)] => money::price(tr, *only),
        several => {
            let each = several.iter().map(|(country, price)| format!("{} {}", money::country(tr, *country), money::price(tr, *price)));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

/// All of them.
#[must_use]
pub fn list(tr: Tr, kinds: &[ChannelKind], prices: &Prices, day: NaiveDate) -> Screen {
    let mut html = t!(tr, "settings-prices-title");
    for kind in kinds {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "settings-prices-of", messenger = words::messenger(*kind)));
        for category in Category::OF_CAMPAIGNS {
            let prices = line(tr, (*kind, category), prices, day);
            html.push('\n');
            html.push_str(&t!(tr, "settings-prices-line", category = words::capital(&money::category(tr, category)), prices = prices));
        }
    }
    kinds
        .iter()
        .fold(Screen::new(html), |screen, kind| {
            screen.row(Category::OF_CAMPAIGNS.map(|category| {
                let text = p!(tr, "settings-prices-button", messenger = words::messenger(*kind), category = money::category(tr, category));
                Button::call(text, Call::Price { kind: *kind, category })
            }))
        })
        .at(Call::Prices)
        .nav(tr, Call::Open)
}

/// One of them: the company's own prices, and what is known.
#[must_use]
pub fn card(tr: Tr, (kind, category): Of, prices: &Prices, day: NaiveDate, role: Role) -> Screen {
    let own = prices.own(kind, category, day);
    let mut html = t!(tr, "settings-price-card", messenger = words::messenger(kind), category = money::category(tr, category));
    html.push_str("\n\n");
    if own.is_empty() {
        html.push_str(&t!(tr, "settings-price-own-none"));
    } else {
        html.push_str(&t!(tr, "settings-price-own"));
        for one in &own {
            let price = one.price.map(|price| money::price(tr, price)).unwrap_or_default();
            let country = money::country(tr, one.country.as_deref());
            html.push('\n');
            html.push_str(&t!(tr, "settings-price-own-line", country = country, price = price, since = tr.date(one.since)));
        }
    }
    html.push_str("\n\n");
    html.push_str(&known_lines(tr, &price::known(kind, category, day), !own.is_empty()));
    let screen = Screen::new(html);
    let screen = if role.may(Right::Own) {
        screen.button(p!(tr, "settings-price-set"), Call::AskPrice { kind, category }).button_if(
            !own.is_empty(),
            p!(tr, "settings-price-clear"),
            Call::ClearPrice { kind, category },
        )
    } else {
        screen
    };
    screen.at(Call::Price { kind, category }).nav(tr, Call::Prices)
}

/// What is known besides; `own`: the company has prices of its own.
fn known_lines(tr: Tr, known: &[&Rate], own: bool) -> String {
    let Some(since) = known.iter().map(|rate| rate.since).max() else {
        return t!(tr, "settings-price-known-none", own = if own { "yes" } else { "no" });
    };
    let confirmed = if known.iter().all(|rate| rate.confirmed) { "yes" } else { "no" };
    let mut html = t!(tr, "settings-price-known", day = tr.date(since), confirmed = confirmed);
    for rate in known {
        let country = match rate.country.as_deref() {
            None if known.len() == 1 => p!(tr, "price-every-country"),
            country => money::country(tr, country),
        };
        html.push('\n');
        html.push_str(&t!(tr, "settings-price-known-line", country = country, price = money::price(tr, rate.price)));
    }
    html
}

/// What does it cost?
#[must_use]
pub fn ask_card(tr: Tr, (kind, category): Of) -> Screen {
    Screen::new(t!(tr, "settings-ask-price", messenger = words::messenger(kind), category = money::category(tr, category)))
        .nav_back(tr, Call::Price { kind, category })
}

#[cfg(test)]
mod tests {
    use mms_core::price::{Own, typed::read};

    use super::*;
    use crate::snapshots;

    fn day() -> NaiveDate {
        "2026-12-01".parse().unwrap()
    }

    fn own(text: &str) -> Own {
        let typed = read(text).unwrap();
        let (provider, category) = (ChannelKind::Whatsapp, Category::Marketing);
        Own { provider, category, country: typed.country, since: "2026-11-23".parse().unwrap(), price: Some(typed.price) }
    }

    fn prices() -> Prices {
        Prices::of_own(vec![own("Казахстан 3,5 тенге"), own("0,86 ₽"), own("Армения 0 ₽")])
    }

    snapshots!(settings_prices, |tr| list(tr, &ChannelKind::providers().collect::<Vec<_>>(), &prices(), day()));
    snapshots!(settings_price_own, |tr| card(tr, (ChannelKind::Whatsapp, Category::Marketing), &prices(), day(), Role::Owner));
    snapshots!(settings_price_known, |tr| card(tr, (ChannelKind::Viber, Category::Marketing), &prices(), day(), Role::Manager));
    snapshots!(settings_price_free, |tr| card(tr, (ChannelKind::Telegram, Category::Utility), &prices(), day(), Role::Owner));
    snapshots!(settings_price_none, |tr| card(tr, (ChannelKind::Vk, Category::Marketing), &Prices::default(), day(), Role::Owner));
    snapshots!(settings_ask_price, |tr| ask_card(tr, (ChannelKind::Whatsapp, Category::Utility)));
    snapshots!(settings_price_again, |tr| super::super::again(tr, &refusal(tr, BadPrice::Currency)));
}
