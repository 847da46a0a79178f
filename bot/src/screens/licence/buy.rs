//! Buying a licence: what is sold, the terms that are accepted with it, how it is paid, and the
//! orders that were made.

use mms_core::{
    account::{
        licence::PlanCode,
        order::{self, NewOrder, Order, OrderError, OrderState, Way},
        plan::{self, Book, Offer, Plan},
        settings,
    },
    aside, billing,
    stamp::Stamp,
};
use serde_json::json;

use super::{Call, Step};
use crate::{
    frame::{
        callback::Field,
        cx::Cx,
        error::{BotError, Outcome},
        reply::Reply,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p, t, wire_enum, words,
};

/// Orders shown.
const SHOWN: i64 = 8;
/// Names of settings that a member is shown.
const MISSING: &str = "billing.provider_token, billing.stars, billing.seller";

impl Field for PlanCode {
    fn put(&self) -> String {
        self.to_string()
    }
    fn take(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn sample() -> Self {
        "sixteen_letters_".parse().unwrap_or(Self::UNLIMITED)
    }
}

wire_enum!(Way { Telegram = "t", Stars = "s", Bank = "b" });

/// How this server is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ways {
    pub telegram: bool,
    pub stars: bool,
    pub bank: bool,
}

impl Ways {
    fn of(cx: &Cx) -> Self {
        let billing = &cx.deps.settings.billing;
        Self { telegram: !billing.provider_token.expose().is_empty(), stars: billing.stars, bank: billing.missing().is_empty() }
    }

    fn any(self) -> bool {
        self.telegram || self.stars || self.bank
    }

    /// Those that an offer can be paid by.
    fn for_offer(self, offer: Offer) -> Vec<Way> {
        let all = [(Way::Telegram, self.telegram), (Way::Stars, self.stars && offer.stars.is_some()), (Way::Bank, self.bank)];
        all.into_iter().filter(|(_, is)| *is).map(|(way, _)| way).collect()
    }
}

/// What a press on the terms is about: an offer, and the words that are accepted with it.
fn stamp(tr: Tr, book: &Book, plan: &Plan, offer: Offer) -> Stamp {
    Stamp::of(&(plan, offer, &book.currency, book.terms.hash(tr.language)))
}

fn price(tr: Tr, book: &Book, offer: Offer, way: Way) -> String {
    match (way, offer.stars) {
        (Way::Stars, Some(stars)) => words::sum(tr, stars, order::STARS),
        _ => words::sum(tr, offer.kopecks, &book.currency),
    }
}

/// What a plan allows, in one line.
fn limits(tr: Tr, plan: &Plan) -> String {
    let any = p!(tr, "licence-any");
    let of = |limit: Option<i64>| limit.map_or_else(|| any.clone(), |limit| tr.number(limit));
    t!(
        tr,
        "licence-plan-limits",
        members = of(plan.members),
        channels = of(plan.channels),
        contacts = of(plan.contacts),
        people = of(plan.people_a_month),
        messages = of(plan.messages_a_month)
    )
}

/// What is sold, and the orders that wait.
///
/// # Errors
/// The database's.
pub(super) async fn list(cx: &Cx) -> Outcome {
    let orders = order::list(&cx.deps.store, cx.actor()?.account, SHOWN).await?;
    Ok(plans(cx.tr, plan::book(), Ways::of(cx), &orders, &cx.deps.settings.billing.contact, cx.now.date_naive()).into())
}

/// The plans for sale.
#[must_use]
pub fn plans(tr: Tr, book: &Book, ways: Ways, orders: &[Order], contact: &str, day: chrono::NaiveDate) -> Screen {
    let mut html = t!(tr, "licence-buy-title");
    let mut screen = Screen::default();
    let sold: Vec<&Plan> = book.sold(day).collect();
    if !ways.any() || sold.is_empty() {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "licence-buy-closed", missing = MISSING));
        if !contact.is_empty() {
            html.push('\n');
            html.push_str(&t!(tr, "licence-contact", contact = contact));
        }
    } else {
        for plan in sold {
            html.push_str(&format!("\n\n<b>{}</b>\n{}", mms_core::text::escape(plan.name(tr.language)), limits(tr, plan)));
            for offer in plan.offers.iter().filter(|offer| !ways.for_offer(**offer).is_empty()) {
                let way = ways.for_offer(*offer).first().copied().unwrap_or(Way::Bank);
                let cost = price(tr, book, *offer, way);
                let text = p!(tr, "licence-offer", plan = plan.name(tr.language), months = offer.months, price = cost);
                screen = screen.button(text, Call::Offer { plan: plan.code, months: offer.months });
            }
        }
    }
    screen.html = html;
    for order in
        orders.iter().filter(|order| order.state == OrderState::Open || (order.state == OrderState::Paid && order.way == Way::Bank))
    {
        let text = p!(tr, "licence-order-button", id = order.id.to_string(), state = state(tr, order.state));
        screen = screen.button(text, Call::Order { order: order.id });
    }
    screen.button(p!(tr, "licence-key"), Call::Key).nav(tr, Call::Open)
}

/// How an order stands, in a word.
fn state(tr: Tr, state: OrderState) -> String {
    match state {
        OrderState::Open => p!(tr, "licence-order-open"),
        OrderState::Paid => p!(tr, "licence-order-paid"),
        OrderState::Expired => p!(tr, "licence-order-expired"),
        OrderState::Cancelled => p!(tr, "licence-order-cancelled"),
    }
}

/// The terms of an offer.
///
/// # Errors
/// It is not sold any more.
pub(super) fn offer(cx: &Cx, plan: PlanCode, months: u32) -> Outcome {
    let book = plan::book();
    let (plan, offer) = sold(cx, book, plan, months)?;
    Ok(terms(cx.tr, book, plan, offer, Ways::of(cx)).into())
}

fn sold<'a>(cx: &Cx, book: &'a Book, plan: PlanCode, months: u32) -> Result<(&'a Plan, Offer), BotError> {
    let plan = book.plan(plan).filter(|plan| plan.is_sold(cx.now.date_naive()));
    let found = plan.and_then(|plan| Some((plan, plan.offer(months)?)));
    found.ok_or_else(|| refused(cx.tr, OrderError::NotSold))
}

/// What is accepted with an offer; each button accepts it.
#[must_use]
pub fn terms(tr: Tr, book: &Book, plan: &Plan, offer: Offer, ways: Ways) -> Screen {
    let html = t!(
        tr,
        "licence-terms",
        plan = plan.name(tr.language),
        months = offer.months,
        limits = crate::i18n::Html(limits(tr, plan)),
        terms = book.terms.text(tr.language)
    );
    let mut screen = Screen::new(html);
    let stamp = stamp(tr, book, plan, offer);
    for way in ways.for_offer(offer) {
        let price = price(tr, book, offer, way);
        let text = match way {
            Way::Telegram => p!(tr, "licence-take-telegram", price = price),
            Way::Stars => p!(tr, "licence-take-stars", price = price),
            Way::Bank => p!(tr, "licence-take-bank", price = price),
        };
        screen = screen.button(text, Call::Take { plan: plan.code, months: offer.months, way, stamp });
    }
    screen.nav(tr, Call::Buy)
}

/// The terms are accepted: an order is made, and its invoice sent; for a bank the buyer is asked
/// first.
///
/// # Errors
/// [`refused`], the database's, Telegram's.
pub(super) async fn take(cx: &Cx, plan: PlanCode, months: u32, way: Way, given: Stamp) -> Outcome {
    let book = plan::book();
    let (wanted, offer) = sold(cx, book, plan, months)?;
    if stamp(cx.tr, book, wanted, offer) != given || !Ways::of(cx).for_offer(offer).contains(&way) {
        let fresh = terms(cx.tr, book, wanted, offer, Ways::of(cx));
        return Ok(Reply::screen(fresh).warning(p!(cx.tr, "licence-changed")));
    }
    if way == Way::Bank {
        cx.ask(Step::Buyer { plan, months, stamp: given }).await?;
        return Ok(ask_buyer(cx.tr).into());
    }
    let order = place(cx, book, &NewOrder { plan, months, way, language: cx.tr.language, buyer: None }).await?;
    send_invoice(cx, &order).await?;
    Ok(Reply::screen(card(cx.tr, &order)))
}

async fn place(cx: &Cx, book: &Book, new: &NewOrder<'_>) -> Result<Order, BotError> {
    let days = cx.deps.settings.billing.pay_days;
    order::place(&cx.deps.store, cx.actor()?, book, new, days, cx.now).await.map_err(|error| refused(cx.tr, error))
}

/// Sends Telegram's invoice of an order into the chat. One that Telegram refuses can never be paid,
/// so the order is taken back, and the member is told Telegram's words.
async fn send_invoice(cx: &Cx, order: &Order) -> Result<(), BotError> {
    let tr = cx.tr;
    let plan = words::plan(tr, order.plan);
    let token = match order.way {
        Way::Stars => "",
        _ => cx.deps.settings.billing.provider_token.expose(),
    };
    let title = p!(tr, "licence-invoice-title", plan = &plan);
    let body = json!({
        "chat_id": cx.chat,
        // Telegram takes 32 characters.
        "title": title.chars().take(32).collect::<String>(),
        "description": p!(tr, "licence-invoice-text", plan = &plan, months = order.months, id = order.id.to_string()),
        "payload": order.payload(),
        "provider_token": token,
        "currency": order.currency,
        "prices": [{ "label": p!(tr, "licence-invoice-label"), "amount": order.amount }],
        // A copy that is sent on opens the bot, and cannot be paid.
        "start_parameter": "licence",
        "protect_content": true,
    });
    match cx.deps.bot.call("sendInvoice", &body).await {
        Ok(_) => Ok(()),
        Err(error @ crate::frame::api::ApiError::Refused { .. }) => {
            order::cancel(&cx.deps.store, cx.actor()?, order.id, cx.now).await.map_err(|error| refused(tr, error))?;
            Err(BotError::Refused(p!(tr, "licence-invoice-refused", why = error.to_string())))
        }
        Err(error) => Err(error.into()),
    }
}

/// Who buys?
#[must_use]
pub fn ask_buyer(tr: Tr) -> Screen {
    Screen::new(t!(tr, "licence-ask-buyer")).nav(tr, Call::Buy)
}

/// The buyer was typed: the order is made, and its invoice comes as a file.
///
/// # Errors
/// [`refused`], the database's.
pub(super) async fn buyer(cx: &Cx, plan: PlanCode, months: u32, given: Stamp, text: &str) -> Outcome {
    let book = plan::book();
    let (name, inn) = order::buyer(text).map_err(|error| refused(cx.tr, error))?;
    let (wanted, offer) = sold(cx, book, plan, months)?;
    if stamp(cx.tr, book, wanted, offer) != given {
        cx.leave().await?;
        return Ok(Reply::screen(terms(cx.tr, book, wanted, offer, Ways::of(cx))).warning(p!(cx.tr, "licence-changed")));
    }
    let new = NewOrder { plan, months, way: Way::Bank, language: cx.tr.language, buyer: Some((&name, &inn)) };
    let order = place(cx, book, &new).await?;
    cx.leave().await?;
    Ok(Reply::screen(card(cx.tr, &order)).then(paper(cx, &order).await?))
}

/// An order's card.
///
/// # Errors
/// The database's; it is another account's.
pub(super) async fn open(cx: &Cx, id: i64) -> Outcome {
    Ok(card(cx.tr, &get(cx, id).await?).into())
}

async fn get(cx: &Cx, id: i64) -> Result<Order, BotError> {
    order::get(&cx.deps.store, cx.actor()?.account, id).await.map_err(|error| refused(cx.tr, error))
}

/// An order.
#[must_use]
pub fn card(tr: Tr, order: &Order) -> Screen {
    let html = t!(
        tr,
        "licence-order",
        id = order.id.to_string(),
        plan = words::plan(tr, order.plan),
        months = order.months,
        price = words::sum(tr, order.amount, &order.currency),
        state = state(tr, order.state)
    );
    let is_open = order.state == OrderState::Open;
    let what_next = match (order.state, order.way) {
        (OrderState::Open, Way::Telegram | Way::Stars) => t!(tr, "licence-order-pay-telegram", until = tr.moment(order.expires_at)),
        (OrderState::Open, Way::Bank) => t!(tr, "licence-order-pay-bank", until = tr.day(order.expires_at)),
        (OrderState::Paid, _) => t!(tr, "licence-order-is-paid"),
        (OrderState::Expired | OrderState::Cancelled, _) => t!(tr, "licence-order-over"),
    };
    let paper = match (order.way, order.state) {
        (Way::Bank, OrderState::Open) => Some(p!(tr, "licence-paper-invoice")),
        (Way::Bank, OrderState::Paid) => Some(p!(tr, "licence-paper-act")),
        _ => None,
    };
    Screen::new(format!("{html}\n\n{what_next}"))
        .row(paper.map(|text| Button::call(text, Call::Paper { order: order.id })))
        .button_if(is_open, p!(tr, "licence-order-cancel"), Call::Cancel { order: order.id })
        .nav(tr, Call::Buy)
}

/// An owner takes an order back.
///
/// # Errors
/// [`refused`], the database's.
pub(super) async fn cancel(cx: &Cx, id: i64) -> Outcome {
    let order = order::cancel(&cx.deps.store, cx.actor()?, id, cx.now).await.map_err(|error| refused(cx.tr, error))?;
    Ok(Reply::screen(card(cx.tr, &order)).saying(p!(cx.tr, "licence-order-is-cancelled")))
}

/// The order's paper as a file: an invoice while it waits, an act once it is paid.
///
/// # Errors
/// The database's.
pub(super) async fn send_paper(cx: &Cx, id: i64) -> Outcome {
    let order = get(cx, id).await?;
    if order.way != Way::Bank || !matches!(order.state, OrderState::Open | OrderState::Paid) {
        return Ok(card(cx.tr, &order).into());
    }
    Ok(Reply::screen(card(cx.tr, &order)).then(paper(cx, &order).await?))
}

async fn paper(cx: &Cx, order: &Order) -> Result<Screen, BotError> {
    let zone = settings::zone(&cx.deps.store, order.account_id).await?;
    let licences = mms_core::account::licence::list(&cx.deps.store, order.account_id).await?;
    let licence = licences.into_iter().find(|licence| Some(licence.id) == order.licence_id);
    let (own, billing) = (order.clone(), cx.deps.settings.billing.clone());
    let (name, words) = match &licence {
        None => (p!(cx.tr, "licence-file-invoice", id = order.id.to_string()), t!(cx.tr, "licence-invoice-sent")),
        Some(_) => (p!(cx.tr, "licence-file-act", id = order.id.to_string()), String::new()),
    };
    let drawn = aside::run(move || match &licence {
        None => billing::invoice(&billing, &own, zone),
        Some(licence) => billing::act(&billing, &own, licence, zone),
    });
    let content = drawn.await.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?;
    Ok(Screen::new(words).document(name, "application/pdf", content))
}

/// Why something of an order was refused.
pub(super) fn refused(tr: Tr, error: OrderError) -> BotError {
    BotError::Refused(match error {
        OrderError::Forbidden(_) => return BotError::Forbidden,
        OrderError::NotFound => return BotError::Gone,
        OrderError::Db(error) => return error.into(),
        error => sentence(tr, &error),
    })
}

/// The sentence of a refusal, for a screen and for Telegram's window of payment.
#[must_use]
pub fn sentence(tr: Tr, error: &OrderError) -> String {
    match error {
        OrderError::Forbidden(_) => p!(tr, "forbidden"),
        OrderError::NotFound => p!(tr, "licence-refused-unknown"),
        OrderError::NotSold => p!(tr, "licence-refused-not-sold"),
        OrderError::TooMany => p!(tr, "licence-refused-many"),
        OrderError::BadInn => p!(tr, "licence-refused-inn"),
        OrderError::BadBuyer => p!(tr, "licence-refused-buyer"),
        OrderError::Suspended(reason) => p!(tr, "licence-refused-suspended", reason = reason.clone()),
        OrderError::Closed(OrderState::Paid) => p!(tr, "licence-refused-paid"),
        OrderError::Closed(_) | OrderError::Stale(_) => p!(tr, "licence-refused-stale"),
        OrderError::OtherSum { .. } => p!(tr, "licence-refused-sum"),
        OrderError::Db(_) => p!(tr, "failed"),
    }
}
