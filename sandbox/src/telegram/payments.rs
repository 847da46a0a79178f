//! Payments: invoices, the question before money moves, and the message after it (Bot API 10.1,
//! «Payments»; limits of fields from the descriptions of `sendInvoice` and
//! `answerPreCheckoutQuery`, words of refusals as bots report them).
//!
//! Nothing is charged: whoever presses «Pay» has the money. Telegram asks the bot, waits ten
//! seconds for its word, and only on «yes» tells of the payment.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::{
    Telegram,
    error::{ApiError, ApiResult},
    params::Params,
    people::known,
    send::{Envelope, accept, one},
    state::State,
    updates,
};
use crate::action::ActionError;

/// How long the bot's word is waited for.
const WORD: Duration = Duration::from_secs(10);
/// Telegram Stars.
const STARS: &str = "XTR";
/// Most Stars of one invoice (Bot API, `sendInvoice`).
const MOST_STARS: i64 = 100_000;
/// Most of a currency in its smallest units: the server keeps sums in 53 bits.
const MOST: i64 = 9_007_199_254_740_991;

/// An invoice in a chat.
#[derive(Clone, Debug)]
pub(crate) struct Invoice {
    pub(crate) currency: String,
    pub(crate) total: i64,
    pub(crate) payload: String,
}

/// A person who pressed «Pay», while Telegram waits for the bot's word.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) bot: i64,
    pub(crate) user: i64,
    pub(crate) invoice: Invoice,
    pub(crate) at: Instant,
    pub(crate) expired: bool,
    pub(crate) word: Option<Checkout>,
}

/// What the bot said before money moved.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Checkout {
    /// The money was charged, and the bot is told of it in this message.
    Paid(i64),
    /// Nothing was charged; the person reads this sentence.
    Refused(String),
}

fn required(params: &Params, name: &str) -> ApiResult<String> {
    params.text(name).filter(|text| !text.is_empty()).ok_or_else(|| ApiError::bad(format!("parameter \"{name}\" is required")))
}

/// The prices of an invoice added up.
fn total(params: &Params) -> ApiResult<(usize, i64)> {
    let cannot = |why: &str| ApiError::bad(format!("can't parse labeled price: {why}"));
    let prices = params.json("prices").map_err(|_| ApiError::bad("can't parse prices JSON object"))?;
    let prices = prices.ok_or_else(|| ApiError::bad("can't parse prices JSON object"))?;
    let prices = prices.as_array().ok_or_else(|| ApiError::bad("expected an Array of labeled prices"))?;
    let mut total = 0_i64;
    for price in prices {
        if !price.is_object() {
            return Err(cannot("expected an Object"));
        }
        if price["label"].as_str().is_none_or(str::is_empty) {
            return Err(cannot("label must be non-empty"));
        }
        let amount = price["amount"].as_i64().or_else(|| price["amount"].as_str()?.parse().ok());
        total = total.saturating_add(amount.ok_or_else(|| cannot("amount must be of type Number"))?);
    }
    Ok((prices.len(), total))
}

fn read(params: &Params) -> ApiResult<(Invoice, Map<String, Value>)> {
    let (title, description, payload) = (required(params, "title")?, required(params, "description")?, required(params, "payload")?);
    let currency = required(params, "currency")?;
    let (count, total) = total(params)?;
    if title.chars().count() > 32 {
        return Err(ApiError::bad("TITLE_INVALID"));
    }
    if description.chars().count() > 255 {
        return Err(ApiError::bad("DESCRIPTION_INVALID"));
    }
    if payload.len() > 128 {
        return Err(ApiError::bad("INVOICE_PAYLOAD_INVALID"));
    }
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(ApiError::bad("CURRENCY_INVALID"));
    }
    let token = params.text("provider_token").unwrap_or_default();
    if currency == STARS {
        // With tips, a shipping address or several prices it is none.
        let other = ["max_tip_amount", "suggested_tip_amounts", "need_name", "need_phone_number", "need_email", "need_shipping_address"];
        if !token.is_empty() || count != 1 || other.iter().any(|name| params.flag(name) || params.int(name).is_some_and(|n| n > 0)) {
            return Err(ApiError::bad("STARS_INVOICE_INVALID"));
        }
        if !(1..=MOST_STARS).contains(&total) {
            return Err(ApiError::bad("CURRENCY_TOTAL_AMOUNT_INVALID"));
        }
    } else {
        // A provider's token: `<number>:LIVE:<number>`, `TEST` where nothing is charged.
        let is_token =
            token.split_once(':').is_some_and(|(bot, rest)| !bot.is_empty() && bot.bytes().all(|b| b.is_ascii_digit()) && rest.len() >= 4);
        if !is_token {
            return Err(ApiError::bad("PAYMENT_PROVIDER_INVALID"));
        }
        if count == 0 || !(1..=MOST).contains(&total) {
            return Err(ApiError::bad("CURRENCY_TOTAL_AMOUNT_INVALID"));
        }
    }
    let start = params.text("start_parameter").unwrap_or_default();
    if start.len() > 64 || !start.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
        return Err(ApiError::bad("START_PARAM_INVALID"));
    }
    let shown = json!({
        "title": title, "description": description, "start_parameter": start, "currency": currency, "total_amount": total,
    });
    let content = Map::from_iter([("invoice".to_owned(), shown)]);
    Ok((Invoice { currency, total, payload }, content))
}

pub(crate) fn invoice(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let (invoice, content) = read(params)?;
    let envelope = Envelope::read(params)?;
    let mut state = telegram.state();
    let sent = one(accept(telegram, &mut state, bot, "sendInvoice", &envelope, vec![content])?)?;
    let id = sent["message_id"].as_i64().unwrap_or_default();
    state.invoices.insert((bot, envelope.chat, id), invoice);
    Ok(sent)
}

pub(crate) fn word(telegram: &Telegram, bot: i64, params: &Params) -> ApiResult {
    let yes = params.flag("ok");
    let refusal = if yes { String::new() } else { required(params, "error_message")? };
    let id = params.text("pre_checkout_query_id").unwrap_or_default();
    let mut state = telegram.state();
    let old = || ApiError::bad("query is too old and response timeout expired or query ID is invalid");
    let asked = state.checkouts.get(&id).filter(|asked| asked.bot == bot).cloned().ok_or_else(old)?;
    if asked.expired || asked.at.elapsed() > WORD || asked.word.is_some() {
        return Err(old());
    }
    let word = if yes {
        let message = tell(telegram, &mut state, bot, asked.user, &paid(&asked.invoice, &id))?;
        Checkout::Paid(message)
    } else {
        Checkout::Refused(refusal)
    };
    if let Some(asked) = state.checkouts.get_mut(&id) {
        asked.word = Some(word);
    }
    Ok(json!(true))
}

/// What is told of money, once it moved.
fn paid(invoice: &Invoice, query: &str) -> Value {
    json!({
        "currency": invoice.currency,
        "total_amount": invoice.total,
        "invoice_payload": invoice.payload,
        "telegram_payment_charge_id": format!("tg_{query}"),
        "provider_payment_charge_id": format!("pr_{query}"),
    })
}

/// A service message in the chat, from whoever paid.
fn tell(telegram: &Telegram, state: &mut State, bot: i64, user: i64, paid: &Value) -> ApiResult<i64> {
    let message = state.put(bot, user, false, Map::from_iter([("successful_payment".to_owned(), paid.clone())]))?;
    let id = message["message_id"].as_i64().unwrap_or_default();
    updates::push(telegram, state, bot, user, "message", Value::Object(message));
    Ok(id)
}

impl Telegram {
    /// The person presses «Pay» under an invoice. Returns the question's id, for
    /// [`Telegram::checkout`].
    ///
    /// # Errors
    /// If there is no such bot, person or invoice.
    pub fn pay(&self, bot: i64, user: i64, message: i64) -> Result<String, ActionError> {
        let invoice = {
            let state = self.quiet();
            let there = state.message(bot, user, message).is_some();
            state.invoices.get(&(bot, user, message)).filter(|_| there).cloned()
        };
        let invoice = invoice.ok_or(ActionError::no_message(message))?;
        self.ask_checkout(bot, user, &invoice.payload, invoice.total, &invoice.currency)
    }

    /// The person presses «Pay» under the newest invoice of the chat.
    ///
    /// # Errors
    /// If there is none.
    pub fn pay_newest(&self, bot: i64, user: i64) -> Result<String, ActionError> {
        let newest = {
            let state = self.quiet();
            state.invoices.keys().filter(|(of, to, _)| (*of, *to) == (bot, user)).map(|(.., message)| *message).max()
        };
        self.pay(bot, user, newest.ok_or_else(|| ActionError::NoMessage("with an invoice".to_owned()))?)
    }

    /// A question about a payment with any facts, of an invoice in the chat or not: a bot must look
    /// at all of them.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn ask_checkout(&self, bot: i64, user: i64, payload: &str, total: i64, currency: &str) -> Result<String, ActionError> {
        let mut state = self.state();
        known(&state, bot, user)?;
        let from = state.users.get(&user).map(super::state::User::as_from).unwrap_or_default();
        state.next_callback += 1;
        let id = format!("{}{:07}", 910 + user % 600, state.next_callback);
        let invoice = Invoice { currency: currency.to_owned(), total, payload: payload.to_owned() };
        let asked = Asked { bot, user, invoice, at: Instant::now(), expired: false, word: None };
        state.checkouts.insert(id.clone(), asked);
        let query = json!({ "id": id, "from": from, "currency": currency, "total_amount": total, "invoice_payload": payload });
        updates::push(self, &mut state, bot, user, "pre_checkout_query", query);
        Ok(id)
    }

    /// The bot's word on a question, once it has given one; `None` for ever when it was late.
    #[must_use]
    pub fn checkout(&self, id: &str) -> Option<Checkout> {
        self.quiet().checkouts.get(id)?.word.clone()
    }

    /// Makes a question too old to be answered: nothing is charged.
    pub fn expire_checkout(&self, id: &str) {
        if let Some(asked) = self.state().checkouts.get_mut(id) {
            asked.expired = true;
        }
    }

    /// Tells the bot of a payment once more, in a message of its own under another number. Returns
    /// the message's id.
    ///
    /// # Errors
    /// If nothing was paid by this question.
    pub fn tell_paid_again(&self, id: &str) -> Result<i64, ActionError> {
        let mut state = self.state();
        let asked = state.checkouts.get(id).filter(|asked| matches!(asked.word, Some(Checkout::Paid(_)))).cloned();
        let asked = asked.ok_or_else(|| ActionError::Invalid("nothing was paid by this question".to_owned()))?;
        let told = paid(&asked.invoice, id);
        tell(self, &mut state, asked.bot, asked.user, &told).map_err(|_| ActionError::NoUser(asked.user))
    }
}
