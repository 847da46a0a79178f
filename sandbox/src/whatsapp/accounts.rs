//! The business side of the sandbox: apps, portfolios, accounts, numbers, tokens, and what Meta
//! does to them.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::{
    WhatsApp,
    limits::Tier,
    notes::Body,
    person::digits,
    state::{App, Number, Portfolio, State, Token, Waba},
};
use crate::{ActionError, hooks::span, window::Window};

/// What a token may do.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// `whatsapp_business_messaging`.
    pub messaging: bool,
    /// `whatsapp_business_management`.
    pub management: bool,
    /// Business accounts it reaches; `None`: all.
    pub wabas: Option<Vec<String>>,
    pub expires: Option<DateTime<Utc>>,
}

impl Default for Access {
    fn default() -> Self {
        Self { messaging: true, management: true, wabas: None, expires: None }
    }
}

/// A phone number of a business.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NumberInfo {
    /// The phone number id.
    pub id: i64,
    pub waba: String,
    /// Digits.
    pub phone: String,
    /// The verified name.
    pub name: String,
    /// Messages a second.
    pub throughput: usize,
    pub quality: String,
    pub registered: bool,
    /// Where its webhooks go, if it has an address of its own.
    pub webhook: Option<String>,
}

fn numeric(id: &str, what: &str) -> Result<(), ActionError> {
    match !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(()),
        false => Err(ActionError::Invalid(format!("{what} is digits, not {id:?}"))),
    }
}

impl WhatsApp {
    /// Adds an app, set up as it should be: it gets every field. Its secret signs its webhooks.
    ///
    /// # Errors
    /// If the id is not digits.
    pub fn add_app(&self, id: &str, secret: &str) -> Result<(), ActionError> {
        numeric(id, "the id of an app")?;
        let app = App { secret: secret.to_owned(), hook: None, fields: super::hooks::every_field() };
        self.change(|state| state.apps.insert(id.to_owned(), app));
        Ok(())
    }

    /// Adds a business account to a portfolio, which comes into being with its first one. Every app
    /// there is gets its webhooks, as after `POST /{WABA_ID}/subscribed_apps`;
    /// [`WhatsApp::unsubscribe`] takes that away.
    ///
    /// # Errors
    /// If an id is not digits.
    pub fn add_waba(&self, id: &str, portfolio: &str) -> Result<(), ActionError> {
        numeric(id, "the id of a business account")?;
        numeric(portfolio, "the id of a portfolio")?;
        self.change(|state| {
            state.portfolios.entry(portfolio.to_owned()).or_insert_with(Portfolio::default);
            let waba = Waba {
                name: format!("Account {id}"),
                portfolio: portfolio.to_owned(),
                subscribed: state.apps.keys().cloned().collect(),
                hook: None,
                calls: Window::default(),
                creations: Window::default(),
                barred: BTreeSet::new(),
            };
            state.wabas.insert(id.to_owned(), waba);
        });
        Ok(())
    }

    /// No app gets this account's webhooks any more, until one subscribes.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn unsubscribe(&self, waba: &str) -> Result<(), ActionError> {
        self.of_waba(waba, |waba| waba.subscribed.clear())
    }

    /// Adds a registered number to an account.
    ///
    /// # Errors
    /// If there is no such account, or the id is not positive.
    pub fn add_number(&self, id: i64, waba: &str, phone: &str, name: &str) -> Result<(), ActionError> {
        if id <= 0 {
            return Err(ActionError::Invalid("the id of a phone number is positive".to_owned()));
        }
        self.change(|state| {
            if !state.wabas.contains_key(waba) {
                return Err(ActionError::NoSuch(format!("account {waba}")));
            }
            let number = Number {
                waba: waba.to_owned(),
                phone: digits(phone),
                name: name.to_owned(),
                registered: true,
                deleted: false,
                pin: None,
                trouble: None,
                maintenance_until: None,
                throughput: 80,
                quality: "GREEN".to_owned(),
                passed: Window::default(),
                hook: None,
                service: (String::new(), 0),
                marketing_api: true,
            };
            state.numbers.insert(id, number);
            Ok(())
        })
    }

    /// Gives an app's system user a token for everything.
    ///
    /// # Errors
    /// If there is no such app.
    pub fn add_token(&self, token: &str, app: &str) -> Result<(), ActionError> {
        self.add_token_with(token, app, Access::default())
    }

    /// Gives a token that may do this much.
    ///
    /// # Errors
    /// If there is no such app.
    pub fn add_token_with(&self, token: &str, app: &str, access: Access) -> Result<(), ActionError> {
        self.change(|state| {
            if !state.apps.contains_key(app) {
                return Err(ActionError::Invalid(format!("there is no app {app:?}: add it first")));
            }
            let wabas = access.wabas.map(|wabas| wabas.into_iter().collect());
            let (messaging, management, expires) = (access.messaging, access.management, access.expires);
            state.tokens.insert(token.to_owned(), Token { app: app.to_owned(), messaging, management, wabas, revoked: false, expires });
            Ok(())
        })
    }

    /// Revokes a token: every call with it answers 401 with code 190.
    pub fn revoke(&self, token: &str) {
        self.change(|state| {
            if let Some(token) = state.tokens.get_mut(token) {
                token.revoked = true;
            }
        });
    }

    /// The numbers, by id.
    #[must_use]
    pub fn numbers(&self) -> Vec<NumberInfo> {
        let info = |(id, number): (&i64, &Number)| NumberInfo {
            id: *id,
            waba: number.waba.clone(),
            phone: number.phone.clone(),
            name: number.name.clone(),
            throughput: number.throughput,
            quality: number.quality.clone(),
            registered: number.registered,
            webhook: number.hook.as_ref().map(|hook| hook.url.clone()),
        };
        self.look().numbers.iter().map(info).collect()
    }

    fn of_waba(&self, waba: &str, change: impl FnOnce(&mut Waba)) -> Result<(), ActionError> {
        self.change(|state| {
            change(state.wabas.get_mut(waba).ok_or_else(|| ActionError::NoSuch(format!("account {waba}")))?);
            Ok(())
        })
    }

    fn of_number<T>(&self, number: i64, change: impl FnOnce(&mut State, &str) -> T) -> Result<T, ActionError> {
        self.change(|state| {
            let waba = state.numbers.get(&number).ok_or_else(|| ActionError::NoSuch(format!("number {number}")))?.waba.clone();
            Ok(change(state, &waba))
        })
    }

    /// Every send of a number is refused with this code of the contract's table (131031 locked,
    /// 131037 name not approved, 131042 payment, 131045, 131048 spam, 368…); `None` ends that.
    ///
    /// # Errors
    /// If there is no such number.
    pub fn set_trouble(&self, number: i64, code: Option<u32>) -> Result<(), ActionError> {
        self.of_number(number, |state, _| {
            if let Some(number) = state.numbers.get_mut(&number) {
                number.trouble = code;
            }
        })
    }

    /// Deletes a number: sends answer 33.
    ///
    /// # Errors
    /// If there is no such number.
    pub fn delete_number(&self, number: i64) -> Result<(), ActionError> {
        self.of_number(number, |state, _| {
            if let Some(number) = state.numbers.get_mut(&number) {
                number.deleted = true;
            }
        })
    }

    /// Whether a number may use the Marketing Messages API (131055 if not).
    ///
    /// # Errors
    /// If there is no such number.
    pub fn set_marketing_api(&self, number: i64, may: bool) -> Result<(), ActionError> {
        self.of_number(number, |state, _| {
            if let Some(number) = state.numbers.get_mut(&number) {
                number.marketing_api = may;
            }
        })
    }

    /// A number gets another throughput (20 for coexistence, 80, 1000 messages a second). While it
    /// is moved, sends answer 131057; the webhook comes at once.
    ///
    /// # Errors
    /// If there is no such number.
    pub fn upgrade_throughput(&self, number: i64, throughput: usize, maintenance: Duration) -> Result<(), ActionError> {
        self.of_number(number, |state, waba| {
            let until = state.now() + span(maintenance);
            let tier = state.wabas.get(waba).and_then(|waba| state.portfolios.get(&waba.portfolio)).map(|portfolio| portfolio.tier.name());
            let Some(found) = state.numbers.get_mut(&number) else { return };
            (found.throughput, found.maintenance_until) = (throughput, Some(until));
            let value = json!({
                "display_phone_number": found.display(),
                "event": "THROUGHPUT_UPGRADE",
                "current_limit": tier,
                "max_daily_conversations_per_business": tier,
            });
            state.note(waba, "phone_number_quality_update", None, None, Body::Value(value));
        })
    }

    /// The quality of a number: `GREEN`, `YELLOW`, `RED`. It is read, not told by a webhook.
    ///
    /// # Errors
    /// If there is no such number.
    pub fn set_number_quality(&self, number: i64, quality: &str) -> Result<(), ActionError> {
        self.of_number(number, |state, _| {
            if let Some(number) = state.numbers.get_mut(&number) {
                quality.clone_into(&mut number.quality);
            }
        })
    }

    /// People complain about a number: its quality is low, and it is flagged (`FLAGGED`); or the
    /// flag is lifted. The contract names neither event; a flagged number sends on.
    ///
    /// # Errors
    /// If there is no such number.
    pub fn flag(&self, number: i64, flagged: bool) -> Result<(), ActionError> {
        self.of_number(number, |state, waba| {
            let tier = state.wabas.get(waba).and_then(|waba| state.portfolios.get(&waba.portfolio)).map(|portfolio| portfolio.tier.name());
            let Some(found) = state.numbers.get_mut(&number) else { return };
            found.quality = if flagged { "RED" } else { "GREEN" }.to_owned();
            let value = json!({
                "display_phone_number": found.display(),
                "event": if flagged { "FLAGGED" } else { "UNFLAGGED" },
                "max_daily_conversations_per_business": tier,
            });
            state.note(waba, "phone_number_quality_update", None, None, Body::Value(value));
        })
    }

    /// An account is disabled: nothing goes through its numbers (131031), and its apps are told; or
    /// it is reinstated.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn ban(&self, waba: &str, banned: bool) -> Result<(), ActionError> {
        let (state, code) = if banned { ("DISABLE", Some(131_031)) } else { ("REINSTATE", None) };
        self.change(|state| {
            for number in state.numbers.values_mut().filter(|number| number.waba == waba) {
                number.trouble = code;
            }
        });
        self.tell(waba, "account_update", json!({ "event": "DISABLED_UPDATE", "ban_info": { "waba_ban_state": state } }))
    }

    /// The messaging limit of a portfolio changes; every account of it is told.
    ///
    /// # Errors
    /// If there is no such portfolio.
    pub fn set_tier(&self, portfolio: &str, tier: Tier) -> Result<(), ActionError> {
        self.change(|state| {
            state.portfolios.get_mut(portfolio).ok_or_else(|| ActionError::NoSuch(format!("account {portfolio}")))?.tier = tier;
            let wabas: Vec<String> = state.wabas.iter().filter(|(_, waba)| waba.portfolio == portfolio).map(|(id, _)| id.clone()).collect();
            for waba in wabas {
                let value = json!({ "max_daily_conversations_per_business": tier.name(), "max_phone_numbers_per_business": 20 });
                state.note(&waba, "business_capability_update", None, None, Body::Value(value));
            }
            Ok(())
        })
    }

    /// People the portfolio wrote to outside their windows within 24 hours.
    #[must_use]
    pub fn reached(&self, portfolio: &str) -> usize {
        let mut state = self.look();
        let now = state.now();
        state.portfolios.get_mut(portfolio).map_or(0, |portfolio| portfolio.reached.people(now))
    }

    /// Whether the business behind a portfolio is verified (6000 templates instead of 250), and
    /// whether it is a managed one, whose people have a parent BSUID as well.
    ///
    /// # Errors
    /// If there is no such portfolio.
    pub fn set_portfolio(&self, portfolio: &str, verified: bool, managed: bool) -> Result<(), ActionError> {
        self.change(|state| {
            let found = state.portfolios.get_mut(portfolio).ok_or_else(|| ActionError::NoSuch(format!("account {portfolio}")))?;
            (found.verified, found.managed) = (verified, managed);
            state.touch_people();
            Ok(())
        })
    }

    /// An account may not write to people of a country any more (130497), or may again.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn bar_country(&self, waba: &str, country: &str, barred: bool) -> Result<(), ActionError> {
        self.of_waba(waba, |waba| {
            if barred {
                waba.barred.insert(country.to_owned());
            } else {
                waba.barred.remove(country);
            }
        })
    }

    /// Tells any webhook of an account: `account_update`, `account_alerts`, `security`… with a
    /// value as the provider would write it.
    ///
    /// # Errors
    /// If there is no such account or field.
    pub fn tell(&self, waba: &str, field: &str, value: serde_json::Value) -> Result<(), ActionError> {
        let field = super::hooks::field(field).ok_or_else(|| ActionError::Invalid(format!("there is no field {field:?}")))?;
        self.change(|state| {
            if !state.wabas.contains_key(waba) {
                return Err(ActionError::NoSuch(format!("account {waba}")));
            }
            state.note(waba, field, None, None, Body::Value(value));
            Ok(())
        })
    }
}
