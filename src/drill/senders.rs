//! The senders of the drill in each messenger: how a company gets one beside its bot of Telegram,
//! who its customers are there, and what the double of the messenger is asked to do.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, bail, ensure};
use mms_core::{
    channel::{
        ChannelKind, registry,
        store::{self as channels, ChannelSettings, Mode},
    },
    clock,
    config::Endpoints,
    contact::{self, NewAddress},
    id::{ChannelId, ContactId},
    secret::token,
};
use mms_sandbox::{
    ActionError, Fault, Ledger, Rule, Sandbox, User,
    max::Timing,
    viber, vk, wazzup,
    whatsapp::{self, Person, Status, Tier},
};

use super::company::{Company, Site, next_id, phone};

/// Messages a second of each channel: slow enough that a campaign outlives several harms.
const RATE: f64 = 15.0;
/// Of a community in VK, where a call carries several messages only at such a pace.
const RATE_OF_BATCHES: f64 = 60.0;
/// How long a sender may take to be listened to.
const PATIENCE: Duration = Duration::from_secs(60);
/// The portfolio of the numbers of WhatsApp, and the secret of their app.
const PORTFOLIO: &str = "900100";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A messenger that the drill harms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Messenger {
    Telegram,
    Max,
    Vk,
    Whatsapp,
    Wazzup,
    Viber,
}

/// A company's sender in one messenger.
#[derive(Debug, Clone)]
pub struct Sender {
    pub messenger: Messenger,
    pub channel: ChannelId,
    /// Its number in the double, the `bot` of ledgers and faults.
    pub bot: i64,
    /// The account in the double that its events go to; elsewhere than in Wazzup the sender.
    account: i64,
    /// The company's customers there, by their number in the double.
    pub people: BTreeMap<i64, ContactId>,
}

impl Messenger {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Telegram, Self::Max, Self::Vk, Self::Whatsapp, Self::Wazzup, Self::Viber];

    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Telegram => "Telegram",
            Self::Max => "MAX",
            Self::Vk => "VK",
            Self::Whatsapp => "WhatsApp",
            Self::Wazzup => "Wazzup",
            Self::Viber => "Viber",
        }
    }

    /// Its double's name in rules of faults.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::Telegram => "telegram",
            Self::Max => "max",
            Self::Vk => vk::SERVICE,
            Self::Whatsapp => whatsapp::SERVICE,
            Self::Wazzup => wazzup::SERVICE,
            Self::Viber => viber::SERVICE,
        }
    }

    /// A fault of the calls that send.
    #[must_use]
    pub fn sending(self, fault: Fault) -> Rule {
        let method = match self {
            Self::Telegram => "send*",
            Self::Max => "POST /messages",
            Self::Vk => "messages.send",
            Self::Whatsapp => "messages",
            Self::Wazzup => "POST /message",
            Self::Viber => "send_message",
        };
        Rule::new(fault).service(self.service()).method(method)
    }

    /// «Something broke in here» in the messenger's own words, and whether they leave it open that
    /// the message was taken.
    #[must_use]
    pub fn broken(self) -> (Fault, bool) {
        let (code, open) = match self {
            Self::Telegram | Self::Max | Self::Whatsapp => (500, false),
            // Its own number.
            Self::Vk => (10, true),
            Self::Wazzup | Self::Viber => (500, true),
        };
        (Fault::Error { code, description: "Internal Server Error".to_owned(), retry_after: None }, open)
    }

    /// Whether a call may carry several messages: then a lost answer is the answer of all of them,
    /// and the double knows one.
    #[must_use]
    pub fn sends_many_at_once(self) -> bool {
        self == Self::Vk
    }

    /// Whether it tells what arrived or was read.
    #[must_use]
    pub fn tells(self) -> bool {
        !matches!(self, Self::Telegram | Self::Max)
    }

    /// What its double accepted. In VK and Wazzup a repeat under one id is no second entry: an
    /// entry is what a phone shows.
    #[must_use]
    pub fn ledger(self, sandbox: &Sandbox) -> &Ledger {
        match self {
            Self::Telegram => sandbox.ledger(),
            Self::Max => sandbox.max().ledger(),
            Self::Vk => sandbox.vk().ledger(),
            Self::Whatsapp => sandbox.whatsapp().ledger(),
            Self::Wazzup => sandbox.wazzup().ledger(),
            Self::Viber => sandbox.viber().ledger(),
        }
    }

    fn kind(self) -> ChannelKind {
        match self {
            Self::Telegram => ChannelKind::Telegram,
            Self::Max => ChannelKind::Max,
            Self::Vk => ChannelKind::Vk,
            Self::Whatsapp => ChannelKind::Whatsapp,
            Self::Wazzup => ChannelKind::WazzupWhatsapp,
            Self::Viber => ChannelKind::Viber,
        }
    }
}

/// Where the doubles are, as settings of the processes name them.
#[must_use]
pub fn settings(sandbox: &Sandbox) -> Vec<(String, String)> {
    let own = [
        ("MMS_TELEGRAM_API", sandbox.url()),
        ("MMS_MAX_API", sandbox.max().url().to_owned()),
        ("MMS_VK_API", sandbox.vk().url().to_owned()),
        ("MMS_WHATSAPP_API", sandbox.whatsapp().url().to_owned()),
        ("MMS_WAZZUP_API", sandbox.wazzup().url().to_owned()),
        ("MMS_VIBER_API", sandbox.viber().url().to_owned()),
        ("MMS_YCLIENTS_OVERRIDE", format!("{}/yclients", sandbox.url())),
    ];
    own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The same for a call of our own.
#[must_use]
pub fn endpoints(sandbox: &Sandbox) -> Endpoints {
    Endpoints {
        telegram: sandbox.url(),
        max: sandbox.max().url().to_owned(),
        vk: sandbox.vk().url().to_owned(),
        whatsapp: format!("{}/v26.0", sandbox.whatsapp().url()),
        wazzup: sandbox.wazzup().url().to_owned(),
        viber: sandbox.viber().url().to_owned(),
        ..Endpoints::default()
    }
}

/// Pushes that fail are repeated within seconds, and for as long as a drill's outages last: what a
/// provider does within minutes.
#[must_use]
pub fn doubles() -> mms_sandbox::Builder {
    const FIRST_MS: u64 = 300;
    const TRIES: u32 = 14;
    Sandbox::builder()
        .max_timing(Timing { hook_retry: Duration::from_millis(FIRST_MS), hook_tries: TRIES, ..Timing::default() })
        .vk(vk::Settings { retry_ms: FIRST_MS, retries: TRIES, failed_is_cut_off: false, ..vk::Settings::default() })
        .whatsapp(whatsapp::Settings { retry_ms: FIRST_MS, ..whatsapp::Settings::default() })
        .wazzup(wazzup::Settings { retry_ms: FIRST_MS, attempts: TRIES, ..wazzup::Settings::default() })
        .viber(viber::Settings { retry_seconds: vec![1, 2, 4], attempts: 60, ..viber::Settings::default() })
}

/// Waits until `look` finds something.
pub(super) async fn awaited<T>(what: &str, mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    let began = std::time::Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        ensure!(began.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Sender {
    /// The company's bot of Telegram, which it has from the beginning.
    #[must_use]
    pub fn of_telegram(company: &Company) -> Self {
        let Company { channel, bot, customers, .. } = company;
        Self { messenger: Messenger::Telegram, channel: *channel, bot: *bot, account: *bot, people: customers.clone() }
    }

    /// Gives a company a sender in another messenger, and each of its customers an address there.
    /// Processes must run: the messengers prove where their webhooks lead.
    ///
    /// # Errors
    /// The step that failed.
    pub async fn connect(site: &Site, company: &Company, messenger: Messenger) -> anyhow::Result<Self> {
        let (bot, account, values) = made(&site.sandbox, messenger)?;
        let credentials = match messenger {
            Messenger::Telegram => bail!("a company has a bot of Telegram already"),
            Messenger::Wazzup => {
                let channels = site.sandbox.wazzup().channels();
                let own = channels.iter().find(|one| one.id == bot).context("the double has the channel")?;
                registry::of_sender(messenger.kind(), &registry::assemble(messenger.kind(), &values), &own.channel_id)
            }
            _ => registry::assemble(messenger.kind(), &values),
        };
        let rate = Some(if messenger.sends_many_at_once() { RATE_OF_BATCHES } else { RATE });
        let settings = ChannelSettings { mode: Mode::Webhook, rate, ..ChannelSettings::default() };
        let (store, sealer, endpoints) = (&site.store, &site.sealer, endpoints(&site.sandbox));
        let added = channels::add(store, sealer, &endpoints, &company.owner, messenger.kind(), credentials, settings, clock::now());
        let channel = added.await.with_context(|| format!("a channel of {}", messenger.as_str()))?.id;
        let mut sender = Self { messenger, channel, bot, account, people: BTreeMap::new() };
        awaited(&format!("{} to know where its news go", messenger.as_str()), async || {
            let row = channels::find(store, channel).await?.context("the channel is there")?;
            Ok((row.sends() && sender.is_heard(&site.sandbox)).then_some(()))
        })
        .await?;
        sender.meet(site, company).await?;
        Ok(sender)
    }

    /// Whether its news come to us.
    fn is_heard(&self, sandbox: &Sandbox) -> bool {
        let bot = self.bot;
        match self.messenger {
            Messenger::Telegram => true,
            Messenger::Max => sandbox.max().bots().iter().any(|one| one.id == bot && !one.subscriptions.is_empty()),
            Messenger::Vk => {
                sandbox.vk().communities().iter().filter(|one| one.id == bot).any(|one| {
                    one.servers.iter().any(|server| server.status == vk::ServerStatus::Ok && server.events.contains("message_new"))
                })
            }
            Messenger::Whatsapp => sandbox.whatsapp().numbers().iter().any(|one| one.id == bot && one.webhook.is_some()),
            Messenger::Wazzup => sandbox.wazzup().webhook(self.account).is_some(),
            Messenger::Viber => sandbox.viber().bots().iter().any(|one| one.id == bot && one.webhook.is_some()),
        }
    }

    /// The company's customers are people here, too. Every tenth is not.
    async fn meet(&mut self, site: &Site, company: &Company) -> anyhow::Result<()> {
        let capabilities = registry::capabilities(self.messenger.kind());
        let mut addresses = Vec::new();
        for (n, contact) in company.customers.values().enumerate().filter(|(n, _)| n % 10 != 9) {
            // Ids in VK end below two thousand million: what is above are chats of many people.
            let id = if self.messenger == Messenger::Vk { next_id() - 6_000_000_000 } else { next_id() };
            let address = self.opened(&site.sandbox, id, n)?;
            addresses.push((*contact, NewAddress::chat(capabilities.address_kind, &address, self.channel)));
            self.people.insert(id, *contact);
        }
        for chunk in addresses.chunks(250) {
            let mut tx = site.store.begin().await?;
            for (contact, address) in chunk {
                let theirs = contact::attach_address(&mut tx, company.account, *contact, address, clock::now()).await?;
                ensure!(theirs == Ok(true), "an address is somebody else's");
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// Adds a person who may be written to; what we call them there.
    fn opened(&self, sandbox: &Sandbox, id: i64, n: usize) -> Result<String, ActionError> {
        let (bot, name) = (self.bot, format!("Клиент{}", id % 1_000));
        let user = User::new(id, &name, &phone(id));
        match self.messenger {
            Messenger::Telegram => Ok(id.to_string()),
            Messenger::Max => {
                sandbox.max().add_user(user);
                sandbox.max().open_chats(bot, [id])?;
                Ok(sandbox.max().chat_id(bot, id).to_string())
            }
            Messenger::Vk => {
                sandbox.vk().add_user(user);
                sandbox.vk().open_chats(bot, [id])?;
                Ok(id.to_string())
            }
            Messenger::Whatsapp => {
                // Some phones are off, and nothing arrives there.
                sandbox.whatsapp().add_person(Person { online: n % 10 != 4, ..Person::new(id, &name, &phone(id)) });
                sandbox.whatsapp().user_id(bot, id).ok_or(ActionError::NoBot(bot))
            }
            Messenger::Wazzup => {
                sandbox.wazzup().add_user(user);
                sandbox.wazzup().open_chats(bot, [id])?;
                Ok(format!("+{}", sandbox.wazzup().chat_id(bot, id)?))
            }
            Messenger::Viber => {
                sandbox.viber().add_user(user);
                sandbox.viber().open_chats(bot, [id])?;
                Ok(sandbox.viber().user_id(bot, id))
            }
        }
    }

    /// How many messages with this mark each person got.
    #[must_use]
    pub fn received(&self, sandbox: &Sandbox, mark: &str) -> BTreeMap<i64, u64> {
        self.messenger.ledger(sandbox).counts(self.bot, |entry| entry.text.contains(mark))
    }

    /// A person opens the chat and reads what is there; where the messenger tells nothing of that,
    /// nothing happens.
    pub fn read(&self, sandbox: &Sandbox, person: i64) {
        // Whoever is not there reads nothing.
        match self.messenger {
            Messenger::Telegram | Messenger::Max => {}
            Messenger::Vk => drop(sandbox.vk().read(self.bot, person)),
            Messenger::Whatsapp => drop(sandbox.whatsapp().read(self.bot, person)),
            Messenger::Wazzup => drop(sandbox.wazzup().read(self.bot, person)),
            Messenger::Viber => drop(sandbox.viber().read(self.bot, person)),
        }
    }

    /// A person writes. `false`: they cannot, for they blocked the sender.
    #[must_use]
    pub fn says(&self, sandbox: &Sandbox, person: i64, text: &str) -> bool {
        match self.messenger {
            Messenger::Telegram => sandbox.send_text(self.bot, person, text).is_ok(),
            Messenger::Max => sandbox.max().send_text(self.bot, person, text).is_ok(),
            Messenger::Vk => sandbox.vk().send_text(self.bot, person, text).is_ok(),
            Messenger::Whatsapp => sandbox.whatsapp().write(self.bot, person, text).is_ok(),
            Messenger::Wazzup => sandbox.wazzup().send_text(self.bot, person, text).is_ok(),
            Messenger::Viber => sandbox.viber().send_text(self.bot, person, text).is_ok(),
        }
    }

    /// How many of its events there were.
    #[must_use]
    pub fn told(&self, sandbox: &Sandbox) -> usize {
        match self.messenger {
            Messenger::Telegram | Messenger::Max => 0,
            Messenger::Vk => sandbox.vk().told(self.bot).len(),
            Messenger::Whatsapp => sandbox.whatsapp().ledger().len(),
            Messenger::Wazzup => sandbox.wazzup().told(self.account).len(),
            Messenger::Viber => sandbox.viber().told(self.bot).len(),
        }
    }

    /// Its events since there were so many ([`Self::told`]) are told once more. WhatsApp tells how
    /// far each message is.
    pub fn tell_again(&self, sandbox: &Sandbox, since: usize) {
        let many = self.told(sandbox).saturating_sub(since);
        match self.messenger {
            Messenger::Telegram | Messenger::Max => {}
            Messenger::Vk => drop(sandbox.vk().redeliver(self.bot, many)),
            Messenger::Wazzup => drop(sandbox.wazzup().redeliver(self.account, many)),
            Messenger::Viber => drop(sandbox.viber().redeliver(self.bot, many)),
            Messenger::Whatsapp => {
                let whatsapp = sandbox.whatsapp();
                for entry in whatsapp.ledger().select(|entry| entry.bot == self.bot && entry.seq > since as u64) {
                    let far = whatsapp.message(&entry.reference).map(|message| message.status);
                    for status in [Status::Sent, Status::Delivered, Status::Read] {
                        if far.is_some_and(|far| far != Status::Failed && far >= status) {
                            drop(whatsapp.tell_status(&entry.reference, status, None));
                        }
                    }
                }
            }
        }
    }
}

/// A sender in the double: its number, its account's number, and what connects it.
fn made(sandbox: &Sandbox, messenger: Messenger) -> Result<(i64, i64, Vec<String>), ActionError> {
    let (id, mark) = (next_id(), token(24));
    let name = format!("romashka{id}");
    let values = match messenger {
        Messenger::Telegram => Vec::new(),
        Messenger::Max => {
            let token = format!("mAx-{mark}");
            sandbox.max().add_bot(id, &token, &name)?;
            vec![token]
        }
        Messenger::Vk => {
            let (group, key) = (id - 6_000_000_000, format!("vk1.a.{mark}"));
            sandbox.vk().add_community(group, &key, &name)?;
            return Ok((group, group, vec![key]));
        }
        Messenger::Whatsapp => {
            let (whatsapp, account, app) = (sandbox.whatsapp(), next_id().to_string(), next_id().to_string());
            let token = format!("EAAG{mark}");
            whatsapp.add_app(&app, SECRET)?;
            whatsapp.add_waba(&account, PORTFOLIO)?;
            whatsapp.add_number(id, &account, &phone(id), "Ромашка")?;
            whatsapp.add_token(&token, &app)?;
            whatsapp.set_tier(PORTFOLIO, Tier::Unlimited)?;
            vec![token, id.to_string(), account, SECRET.to_owned()]
        }
        Messenger::Wazzup => {
            let (account, key) = (next_id(), hex::encode(&mark));
            sandbox.wazzup().add_account(account, &key)?;
            sandbox.wazzup().add_channel(id, account, wazzup::Transport::Whatsapp, phone(id).trim_start_matches('+'))?;
            return Ok((id, account, vec![key]));
        }
        Messenger::Viber => {
            let token = format!("4f0c1d2e3a4b5c6d-{}-5a6b7c8d9e0f1a2b", hex::encode(&mark));
            sandbox.viber().add_bot(id, &token, &name)?;
            vec![token]
        }
    };
    Ok((id, id, values))
}
