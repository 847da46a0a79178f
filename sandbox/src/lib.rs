//! Local doubles of messengers and of the CRMs, with faults on demand and a page with phones.
//!
//! It names nothing of the product. A double that shared code with what it checks would share its
//! mistakes, so words that both need, such as the kinds of files, stand here once more.
//!
//! [`Sandbox::start`] serves everything on one loopback address: Telegram's Bot API under
//! `/bot<token>/…` and `/file/…`, the other messengers' under a path of their own (`/max/…`,
//! `/whatsapp/…`, `/vk/…`, `/viber/…`, `/wazzup/…`), the CRMs YCLIENTS, RetailCRM, Bitrix24 and
//! Odoo under `/yclients/…`, `/retailcrm/…`, `/bitrix24/…` and `/odoo/…`, the control surface under
//! `/sandbox/…` (the others' under `/sandbox/max/…` and so on), the page with phones at `/`, and
//! whatever other doubles are nested beside them. The handle is cheap to clone and dereferences to
//! [`telegram::Telegram`], which is how tests make bots and people and act as them;
//! [`Sandbox::max`], [`Sandbox::whatsapp`] and [`Sandbox::vk`] are the handles of the others. Each
//! is a [`double::Double`] of its own state:
//!
//! ```no_run
//! use std::time::Duration;
//! use mms_sandbox::{Fault, Rule, Sandbox, User};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start().await?;
//! let bot = sandbox.add_bot("7000000001:AAE-example", "shop_bot")?;
//! sandbox.add_user(User::new(77001122, "Анна", "+79991234567"));
//! // Point the client under test at `sandbox.url()`: its calls go to `{url}/bot<token>/<method>`.
//! sandbox.press_start(bot, 77001122, Some("c_8fK2"))?;
//! let hello = sandbox.expect_last(bot, 77001122, Duration::from_secs(5), |message| message.text.contains("Здравствуйте")).await?;
//! sandbox.press_text(bot, 77001122, "Согласен")?;
//! // The next message is accepted, yet its sender never learns of it.
//! sandbox.faults().add(Rule::new(Fault::DropAfter).method("sendMessage").times(1));
//! assert_eq!(sandbox.ledger().to(bot, 77001122).len(), 1);
//! # Ok(())
//! # }
//! ```
#![allow(clippy::disallowed_methods, reason = "the doubles are the world outside, with a clock and tasks of their own")]

mod action;
mod agenda;
pub mod amocrm;
pub mod bitrix24;
pub mod card;
mod clock;
mod control;
mod desk;
pub mod double;
pub mod fault;
pub mod hooks;
mod invented;
pub mod ledger;
mod links;
pub mod max;
pub mod odoo;
pub mod phone;
mod phones;
pub mod retailcrm;
mod server;
mod shared;
pub mod spreadsheet;
mod strike;
pub mod telegram;
pub mod tryton;
pub mod viber;
pub mod view;
pub mod vk;
pub mod wazzup;
pub mod whatsapp;
mod window;
pub mod yclients;

use std::{
    net::{Ipv4Addr, SocketAddr},
    ops::Deref,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::server::{Connections, Cuttable};
pub use self::{
    action::ActionError,
    bitrix24::Bitrix24,
    clock::Clock,
    fault::{Fault, Faults, Rule},
    ledger::Ledger,
    max::Max,
    odoo::Odoo,
    retailcrm::RetailCrm,
    server::Connection,
    spreadsheet::Spreadsheets,
    telegram::{Rates, Telegram, Timing, User},
    viber::Viber,
    vk::Vk,
    wazzup::Wazzup,
    whatsapp::WhatsApp,
    yclients::Yclients,
};

/// How a sandbox is started: [`Sandbox::builder`].
#[derive(Default)]
pub struct Builder {
    port: u16,
    faults: Faults,
    rates: Rates,
    timing: Timing,
    max_rates: max::Rates,
    max_timing: max::Timing,
    whatsapp: whatsapp::Settings,
    vk: vk::Settings,
    viber: viber::Settings,
    wazzup: wazzup::Settings,
    yclients: yclients::Settings,
    retailcrm: retailcrm::Settings,
    bitrix24: bitrix24::Settings,
    odoo: odoo::Settings,
    nested: Vec<(String, Router)>,
    looks: Vec<card::Look>,
}

impl Builder {
    /// A port of 127.0.0.1; 0, the default, is any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The faults to share with the other doubles.
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Limits of the Telegram double; the real ones by default, `Rates::off()` for none.
    #[must_use]
    pub fn rates(mut self, rates: Rates) -> Self {
        self.rates = rates;
        self
    }

    /// Delays the Telegram double takes by itself.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Limits of the MAX double; the real ones by default, `max::Rates::off()` for none.
    #[must_use]
    pub fn max_rates(mut self, rates: max::Rates) -> Self {
        self.max_rates = rates;
        self
    }

    /// What the MAX double takes its time for.
    #[must_use]
    pub fn max_timing(mut self, timing: max::Timing) -> Self {
        self.max_timing = timing;
        self
    }

    /// Limits and ways of the WhatsApp double; the real ones by default.
    #[must_use]
    pub fn whatsapp(mut self, settings: whatsapp::Settings) -> Self {
        self.whatsapp = settings;
        self
    }

    /// Limits and ways of the VK double; the real ones by default.
    #[must_use]
    pub fn vk(mut self, settings: vk::Settings) -> Self {
        self.vk = settings;
        self
    }

    /// Limits and ways of the Viber double; the real ones by default.
    #[must_use]
    pub fn viber(mut self, settings: viber::Settings) -> Self {
        self.viber = settings;
        self
    }

    /// Limits and ways of the Wazzup double; the real ones by default.
    #[must_use]
    pub fn wazzup(mut self, settings: wazzup::Settings) -> Self {
        self.wazzup = settings;
        self
    }

    /// Limits and ways of the YCLIENTS double; the real ones by default.
    #[must_use]
    pub fn yclients(mut self, settings: yclients::Settings) -> Self {
        self.yclients = settings;
        self
    }

    /// Limits and ways of the RetailCRM double; the real ones by default.
    #[must_use]
    pub fn retailcrm(mut self, settings: retailcrm::Settings) -> Self {
        self.retailcrm = settings;
        self
    }

    /// Limits and ways of the Bitrix24 double; the real ones by default.
    #[must_use]
    pub fn bitrix24(mut self, settings: bitrix24::Settings) -> Self {
        self.bitrix24 = settings;
        self
    }

    /// Version, modules and ways of the Odoo double; 19 with the usual modules by default.
    #[must_use]
    pub fn odoo(mut self, settings: odoo::Settings) -> Self {
        self.odoo = settings;
        self
    }

    /// Serves another double under a path (`.nest("/amo/shop", amo.router())`), on the same
    /// address. Its handlers may take `ConnectInfo<`[`Connection`]`>` to drop connections.
    #[must_use]
    pub fn nest(mut self, path: &str, router: Router) -> Self {
        self.nested.push((path.to_owned(), router));
        self
    }

    /// Where the page with phones finds a person's card, besides the CRMs that are always here:
    /// `.cards(move |phone| amo.cards(phone))`.
    #[must_use]
    pub fn cards(mut self, look: impl Fn(&str) -> Vec<card::Card> + Send + Sync + 'static) -> Self {
        self.looks.push(Arc::new(look));
        self
    }

    /// Binds and serves.
    ///
    /// # Errors
    /// If the port is taken.
    pub async fn start(self) -> std::io::Result<Sandbox> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let address = listener.local_addr()?;
        let clock = Clock::default();
        let base = format!("http://{address}/max");
        let sandbox = Sandbox(Arc::new(Inner {
            address,
            telegram: Telegram::new(self.faults.clone(), self.rates, self.timing),
            max: Max::new(base, self.faults.clone(), clock.clone(), self.max_rates, self.max_timing),
            whatsapp: WhatsApp::new(format!("http://{address}{}", whatsapp::PATH), self.faults.clone(), clock.clone(), self.whatsapp),
            vk: Vk::new(format!("http://{address}{}", vk::PATH), self.faults.clone(), clock.clone(), self.vk),
            viber: Viber::new(format!("http://{address}{}", viber::PATH), self.faults.clone(), clock.clone(), self.viber),
            wazzup: Wazzup::new(format!("http://{address}{}", wazzup::PATH), self.faults.clone(), clock.clone(), self.wazzup),
            yclients: Yclients::new(format!("http://{address}{}", yclients::PATH), self.faults.clone(), clock.clone(), self.yclients),
            retailcrm: RetailCrm::builder()
                .faults(self.faults.clone())
                .clock(clock.clone())
                .settings(self.retailcrm)
                .at(format!("http://{address}{}", retailcrm::PATH), "shop"),
            bitrix24: Bitrix24::new(format!("http://{address}{}", bitrix24::PATH), self.faults.clone(), clock.clone(), self.bitrix24),
            odoo: Odoo::builder()
                .faults(self.faults)
                .clock(clock.clone())
                .settings(self.odoo)
                .at(format!("http://{address}{}", odoo::PATH), "example"),
            clock,
            connections: Connections::default(),
            stop: CancellationToken::new(),
        }));
        let mut router = telegram::router(sandbox.telegram().clone())
            .merge(max::router(sandbox.max().clone()))
            .merge(control::router(sandbox.clone()))
            .merge(max::control(sandbox.max().clone()))
            .merge(whatsapp::router(sandbox.whatsapp()))
            .merge(vk::router(sandbox.vk()))
            .merge(viber::router(sandbox.viber()))
            .merge(wazzup::router(sandbox.wazzup()))
            .merge(yclients::router(sandbox.yclients()))
            .merge(retailcrm::router(sandbox.retailcrm()))
            .merge(bitrix24::router(sandbox.bitrix24()))
            .merge(odoo::router(sandbox.odoo()))
            .merge(phones::router());
        let mut looks = self.looks;
        let yclients = sandbox.yclients().clone();
        looks.push(Arc::new(move |phone| yclients.cards(phone)));
        router = router.merge(card::router(looks));
        for (path, nested) in self.nested {
            router = router.nest(&path, nested);
        }
        let router = router.layer(axum::middleware::from_fn(server::meant_for_us));
        let listener = Cuttable { listener, connections: sandbox.0.connections.clone() };
        let stop = sandbox.0.stop.clone();
        tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<Connection>();
            tokio::select! {
                served = axum::serve(listener, service).into_future() => {
                    if let Err(error) = served {
                        tracing::error!(%error, "the sandbox stopped serving");
                    }
                }
                () = stop.cancelled() => {}
            }
        });
        Ok(sandbox)
    }
}

struct Inner {
    address: SocketAddr,
    telegram: Telegram,
    max: Max,
    whatsapp: WhatsApp,
    vk: Vk,
    viber: Viber,
    wazzup: Wazzup,
    yclients: Yclients,
    retailcrm: RetailCrm,
    bitrix24: Bitrix24,
    odoo: Odoo,
    clock: Clock,
    connections: Connections,
    stop: CancellationToken,
}

/// A running sandbox; clones are the same one. Serves until [`Sandbox::stop`] or the end of the
/// runtime.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

impl Deref for Sandbox {
    type Target = Telegram;

    fn deref(&self) -> &Telegram {
        &self.0.telegram
    }
}

impl Sandbox {
    /// How to start one with other than the default settings.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts on a free port of 127.0.0.1 with Telegram's real limits.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start() -> std::io::Result<Self> {
        Self::builder().start().await
    }

    /// `http://127.0.0.1:<port>`: the Bot API address for clients, and the address of the page with
    /// phones.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// The address it serves on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// The Telegram double; the sandbox dereferences to it.
    #[must_use]
    pub fn telegram(&self) -> &Telegram {
        &self.0.telegram
    }

    /// The MAX double.
    #[must_use]
    pub fn max(&self) -> &Max {
        &self.0.max
    }

    /// The WhatsApp double: its API is under `/whatsapp/v26.0/…`, its control surface under
    /// `/sandbox/whatsapp/…`.
    #[must_use]
    pub fn whatsapp(&self) -> &WhatsApp {
        &self.0.whatsapp
    }

    /// The VK double: its API is under `/vk/method/…`, its control surface under `/sandbox/vk/…`.
    #[must_use]
    pub fn vk(&self) -> &Vk {
        &self.0.vk
    }

    /// The Viber double: its API is under `/viber/pa/…`, its control surface under
    /// `/sandbox/viber/…`.
    #[must_use]
    pub fn viber(&self) -> &Viber {
        &self.0.viber
    }

    /// The Wazzup double: its API is under `/wazzup/v3/…`, its control surface under
    /// `/sandbox/wazzup/…`.
    #[must_use]
    pub fn wazzup(&self) -> &Wazzup {
        &self.0.wazzup
    }

    /// The YCLIENTS double: its API is under `/yclients/api/v1/…`, its control surface under
    /// `/sandbox/yclients/…`.
    #[must_use]
    pub fn yclients(&self) -> &Yclients {
        &self.0.yclients
    }

    /// The RetailCRM double: an account named `shop` under `/retailcrm/api/v5/…`, its control
    /// surface under `/sandbox/retailcrm/…`.
    #[must_use]
    pub fn retailcrm(&self) -> &RetailCrm {
        &self.0.retailcrm
    }

    /// The Bitrix24 double: a portal's methods are under `/bitrix24/<domain>/rest/…`, its control
    /// surface under `/sandbox/bitrix24/…`.
    #[must_use]
    pub fn bitrix24(&self) -> &Bitrix24 {
        &self.0.bitrix24
    }

    /// The Odoo double: an instance with the database `example` under `/odoo/…`, its control
    /// surface under `/sandbox/odoo/…`.
    #[must_use]
    pub fn odoo(&self) -> &Odoo {
        &self.0.odoo
    }

    /// The clock of the doubles, which a test can advance; Telegram's double counts by the
    /// machine's.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The provider restarts: every connection is cut, also of requests being answered; those made
    /// within `outage` are refused. Nothing accepted is forgotten.
    pub fn restart(&self, outage: Duration) {
        self.0.connections.restart(outage);
    }

    /// Stops serving and cuts every connection; what was accepted can still be looked at.
    pub fn stop(&self) {
        self.0.stop.cancel();
        self.0.connections.restart(Duration::ZERO);
    }
}
