//! `mms admin`: payments for invoices, and signed licence keys.

use std::{
    io::{Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use mms_bot::{p, words::sum};
use mms_core::{
    account::{
        By,
        key::{self, Claims, KeyError},
        licence::{self, PlanCode},
        order::{self, OrderError, OrderState},
        payment::{self, Paid, Payment, ReturnError, Stray},
        plan, settings,
    },
    billing,
    clock::Moment,
    config::Config,
    id::{AccountId, LicenceId},
    secret::KEY_LEN,
    sign::Signer,
    store::Store,
};

use super::{find, people};
use crate::{
    process::print,
    words::{minute, tr},
};

/// Payments shown of an account.
const SHOWN: i64 = 50;

/// What is done with payments.
#[derive(Debug, Subcommand)]
pub enum PaymentCommand {
    /// The money for an invoice came: its licence is there at once.
    Confirm(Confirm),
    /// Note by which document money was given back that made no licence (`mms admin payments`).
    Return(Return),
}

/// Money was given back.
#[derive(Debug, Args)]
pub struct Return {
    /// The payment, as `mms admin payments` lists it.
    #[arg(long)]
    payment: String,
    /// The number or the name of the document by which it was given back.
    #[arg(long)]
    document: String,
}

/// The money for an invoice came.
#[derive(Debug, Args)]
pub struct Confirm {
    /// The number of the invoice.
    #[arg(long)]
    invoice: i64,
    /// The bank's number of the payment, or a payment as `mms admin payments` lists it
    /// (`telegram:…`): the same twice counts once. Without one the invoice is confirmed once.
    #[arg(long, default_value = "", hide_default_value = true)]
    document: String,
    /// Writes the act for the period into this new file (PDF).
    #[arg(long)]
    act: Option<PathBuf>,
}

/// Signed licence keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key file to sign with, and print the public key for `billing.licence_keys`.
    New {
        /// The new file.
        #[arg(long)]
        file: PathBuf,
    },
    /// Sign a licence for a company on another server, and print it.
    Issue {
        /// The key file to sign with.
        #[arg(long)]
        file: PathBuf,
        /// The company's name on that server, or its id.
        #[arg(long, value_name = "NAME")]
        account_name: String,
        /// A plan's code.
        #[arg(long)]
        plan: PlanCode,
        /// The last day it is valid (UTC): 2027-12-31 or 31.12.2027.
        #[arg(long, value_parser = people::day)]
        until: NaiveDate,
    },
    /// Enter a key, read from standard input, for a company on this server.
    Enter {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
    },
}

/// Confirms a payment.
pub async fn confirm(store: &Store, config: &Config, wanted: &Confirm, now: Moment) -> anyhow::Result<()> {
    let none = || anyhow!(p!(tr(), "admin-no-invoice", id = wanted.invoice.to_string()));
    let account = order::account_of(store, wanted.invoice).await?.ok_or_else(none)?;
    let order = order::get(store, account, wanted.invoice).await.map_err(failed)?;
    let key = match wanted.document.trim() {
        // Somebody else told of it meanwhile; nobody says that there was more money.
        "" if order.state == OrderState::Paid => bail!(p!(tr(), "admin-payment-before")),
        "" => format!("admin:{}", order.id),
        document if ["bank:", "telegram:", "admin:"].iter().any(|side| document.starts_with(side)) => document.to_owned(),
        document => format!("bank:{document}"),
    };
    let payment = Payment { key: &key, by: "admin", amount: order.amount, currency: &order.currency };
    match payment::pay(store, account, order.id, payment, now).await.map_err(failed)? {
        Paid::Now(_) => {}
        Paid::Before => print(&p!(tr(), "admin-payment-before"))?,
        Paid::Kept(why) => bail!(p!(tr(), "admin-payment-kept", id = order.id.to_string(), why = stray(why))),
    }
    let order = order::get(store, account, wanted.invoice).await.map_err(failed)?;
    let licence = licence::list(store, account).await?.into_iter().find(|one| Some(one.id) == order.licence_id);
    let licence = licence.ok_or_else(|| anyhow!(p!(tr(), "admin-no-such-licence")))?;
    let (plan, from, until) = (licence.plan.to_string(), minute(licence.valid_from), minute(licence.valid_until));
    print(&p!(tr(), "admin-payment-paid", id = order.id.to_string(), plan = plan, from = from, until = until))?;
    if let Some(path) = &wanted.act {
        let zone = settings::zone(store, account).await?;
        let paper = billing::act(&config.billing, &order, &licence, zone)?;
        write_new(path, &paper, 0o644)?;
        print(&p!(tr(), "admin-payment-act", path = path.display().to_string()))?;
    }
    Ok(())
}

fn failed(error: OrderError) -> anyhow::Error {
    anyhow!(error)
}

/// The orders of an account, and the payments that came for them.
pub async fn payments(store: &Store, account: AccountId) -> anyhow::Result<()> {
    let orders = order::list(store, account, SHOWN).await?;
    if orders.is_empty() {
        return print(&p!(tr(), "admin-payments-none"));
    }
    for order in orders {
        let price = sum(tr(), order.amount, &order.currency);
        let state = <&str>::from(order.state);
        print(&p!(
            tr(),
            "admin-order-line",
            id = order.id.to_string(),
            at = minute(order.created_at),
            plan = order.plan.to_string(),
            months = order.months,
            price = price,
            way = <&str>::from(order.way),
            state = state
        ))?;
    }
    for kept in payment::list(store, account, SHOWN).await? {
        let price = sum(tr(), kept.amount, &kept.currency);
        let (id, at) = (kept.order_id.to_string(), minute(kept.created_at));
        print(&match kept.licence_id {
            Some(licence) => {
                p!(tr(), "admin-payment-line", payment = kept.payment, id = id, at = at, price = price, licence = licence.to_string())
            }
            None => p!(tr(), "admin-payment-strange", payment = kept.payment, id = id, at = at, price = price),
        })?;
    }
    Ok(())
}

/// Why money made no licence, in words.
fn stray(why: Stray) -> String {
    match why {
        Stray::Twice => p!(tr(), "admin-stray-twice"),
        Stray::OtherSum => p!(tr(), "admin-stray-other-sum"),
        Stray::Nobody => p!(tr(), "admin-stray-nobody"),
        Stray::Closed => p!(tr(), "admin-stray-closed"),
        Stray::NoOrder => p!(tr(), "admin-stray-no-order"),
    }
}

/// Money of all accounts that made no licence and was not given back.
pub async fn to_give_back(store: &Store) -> anyhow::Result<()> {
    let all = payment::to_give_back(store).await?;
    if all.is_empty() {
        return print(&p!(tr(), "admin-aside-none"));
    }
    for one in all {
        let (price, at) = (sum(tr(), one.amount, &one.currency), minute(one.created_at));
        print(&p!(tr(), "admin-aside-line", payment = one.payment, id = one.told, at = at, price = price, why = stray(one.why)))?;
    }
    print(&p!(tr(), "admin-aside-next"))
}

/// Notes that money was given back.
pub async fn give_back(store: &Store, wanted: &Return, now: Moment) -> anyhow::Result<()> {
    match payment::returned(store, &wanted.payment, &wanted.document, now).await {
        Ok(one) => print(&p!(tr(), "admin-aside-returned", payment = one.payment, price = sum(tr(), one.amount, &one.currency))),
        Err(ReturnError::None) => bail!(p!(tr(), "admin-aside-unknown", payment = &wanted.payment)),
        Err(ReturnError::Document) => bail!(p!(tr(), "admin-aside-document")),
        Err(error) => Err(anyhow!(error)),
    }
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .with_context(|| p!(tr(), "admin-file-not-written", path = path.display().to_string()))?;
    file.write_all(bytes).and_then(|()| file.sync_all())?;
    Ok(())
}

fn signer(path: &Path) -> anyhow::Result<Signer> {
    let named = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| p!(tr(), "admin-key-file-away", path = named()))?;
    let seed = hex::decode(text.trim()).ok().and_then(|bytes| <[u8; KEY_LEN]>::try_from(bytes).ok());
    Ok(Signer::of_seed(&seed.ok_or_else(|| anyhow!(p!(tr(), "admin-key-file-bad", path = named())))?))
}

/// Makes a key file.
pub fn new_key(file: &Path) -> anyhow::Result<()> {
    let seed = mms_core::secret::Sealer::new_key();
    write_new(file, hex::encode(seed).as_bytes(), 0o600)?;
    print(&p!(tr(), "admin-key-made", path = file.display().to_string(), public = Signer::of_seed(&seed).public()))
}

/// Signs a licence.
pub fn issue_key(file: &Path, account: &str, plan: PlanCode, until: NaiveDate, now: Moment) -> anyhow::Result<()> {
    let until = people::end_of(until)?;
    if until <= now {
        bail!(p!(tr(), "admin-day-over", day = until.to_string()));
    }
    if plan.plan().is_none() {
        bail!(p!(tr(), "admin-no-plan", plan = plan.to_string(), plans = plan::book().codes()));
    }
    let claims = Claims { id: LicenceId::new().0, account: account.trim().to_owned(), plan, until };
    print(&key::issue(&signer(file)?, &claims)?)
}

/// Enters a key.
pub async fn enter_key(store: &Store, config: &Config, account: &str, now: Moment) -> anyhow::Result<()> {
    let account = find::account(store, account).await?;
    let mut text = String::new();
    // A key is far shorter.
    std::io::stdin().take(10_000).read_to_string(&mut text)?;
    let licence = key::enter(store, By::Admin(account), &config.billing.licence_keys, &text, now).await.map_err(|error| {
        let sentence = match &error {
            KeyError::Forbidden(_) | KeyError::Form => p!(tr(), "licence-key-form"),
            KeyError::NoKeys => p!(tr(), "licence-key-none"),
            KeyError::Signature => p!(tr(), "licence-key-signature"),
            KeyError::OtherAccount(name) => p!(tr(), "licence-key-other", name = name),
            KeyError::Used => p!(tr(), "licence-key-used"),
            KeyError::Ended(at) => p!(tr(), "licence-key-ended", until = minute(*at)),
            KeyError::NoPlan(plan) => p!(tr(), "licence-key-plan", plan = plan.to_string()),
            KeyError::Db(_) => return anyhow!(error),
        };
        anyhow!(sentence)
    })?;
    let (id, plan) = (licence.id.to_string(), licence.plan.to_string());
    print(&p!(tr(), "admin-licence-issued", id = id, plan = plan, day = people::last_day(licence.valid_until)))
}
