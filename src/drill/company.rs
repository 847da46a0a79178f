//! A company beside the doubles: an account with its members, a customer bot, reachable customers,
//! campaigns. Everything is made through the public functions of `core`, as the screens do. The
//! whole-system tests use it too.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicI64, Ordering},
};

use anyhow::{Context as _, anyhow};
use mms_core::{
    account::{
        Actor, Language, Role,
        licence::{self, PlanCode},
        member::{self, NewMember},
        settings,
    },
    campaign::{self, Audience, Campaign, UncertainPolicy, approval, draft},
    channel::{ChannelKind, registry, store as channels},
    clock,
    config::Endpoints,
    consent::{self, Action, Grade, NewConsent, Purpose},
    contact::{self, Draft, NewAddress, TELEGRAM},
    founding::{self, NewAccount},
    id::{AccountId, CampaignId, ChannelId, ContactId, VersionId},
    secret::{Sealer, Secret, token},
    store::Store,
    template::{Class, TemplateButton, versions},
};
use mms_sandbox::{Sandbox, User};
use serde_json::json;

/// The password of every member made here.
pub const PASSWORD: &str = "tulip-Ferry-42";

/// What a company lives in: the installation's database and key, and the doubles.
#[derive(Clone)]
pub struct Site {
    /// The doubles.
    pub sandbox: Sandbox,
    /// The same database the processes use.
    pub store: Store,
    /// The same key.
    pub sealer: Sealer,
}

static NEXT_ID: AtomicI64 = AtomicI64::new(7_000_000_001);

/// A fresh Telegram id for a bot or a person.
pub fn next_id() -> i64 {
    NEXT_ID.fetch_add(1, Ordering::Relaxed)
}

/// An account ready to send.
#[derive(Debug, Clone)]
pub struct Company {
    pub account: AccountId,
    /// Its owner, who launches.
    pub owner: Actor,
    /// Its other member, who approves.
    pub approver: Actor,
    /// The owner's login; the password is [`PASSWORD`].
    pub owner_login: String,
    /// The approver's login.
    pub approver_login: String,
    pub channel: ChannelId,
    /// The customer bot in the Telegram double.
    pub bot: i64,
    /// Customers by their Telegram id.
    pub customers: BTreeMap<i64, ContactId>,
    /// The approved template its campaigns send.
    pub version: VersionId,
}

/// What a launched campaign is like.
#[derive(Debug, Clone, Copy, Default)]
pub struct Launch {
    /// What becomes of unknown outcomes.
    pub policy: UncertainPolicy,
    /// When nothing more is sent.
    pub ends_at: Option<clock::Moment>,
}

impl Company {
    /// Founds a company with so many customers who started its bot and agreed to advertising.
    ///
    /// # Errors
    /// The step that failed.
    pub async fn found(site: &Site, customers: usize) -> anyhow::Result<Self> {
        let now = clock::now();
        let mark = token(4);
        let (owner_login, approver_login) = (format!("anna-{mark}"), format!("boris-{mark}"));
        let password = Secret::new(PASSWORD);
        let founded = founding::create(
            &site.store,
            &NewAccount {
                name: &format!("Ромашка {mark}"),
                zone: "Europe/Moscow",
                language: Language::Ru,
                phone_region: "RU",
                advertiser: "ООО «Ромашка»",
                owner_login: &owner_login,
                owner_password: &password,
                owner_name: "Анна",
            },
            now,
        )
        .await
        .context("an account is founded")?;
        let account = founded.account;
        license(site, account).await?;
        let owner = Actor { account, member: founded.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() };
        // Campaign after campaign to the same people within minutes: a new account would let them
        // have one a day.
        settings::change(&site.store, &owner, &settings::Change::CapHours(0), now).await.context("the pause between advertising is off")?;
        let second = member::add(
            &site.store,
            &owner,
            &NewMember { login: &approver_login, password: &password, name: "Борис", role: Role::Approver, language: Language::Ru },
            now,
        )
        .await
        .context("a second member is added")?;
        let approver = Actor { account, member: second, role: Role::Approver, language: Language::Ru, name: "Борис".to_owned() };

        let bot_token = format!("{}:AAE-customers-{}", next_id(), token(8));
        let bot = site.sandbox.add_bot(&bot_token, &format!("romashka_{mark}_bot")).map_err(|error| anyhow!("a bot is made: {error:?}"))?;
        let endpoints = Endpoints { telegram: site.sandbox.url(), ..Endpoints::default() };
        let channel = channels::add(
            &site.store,
            &site.sealer,
            &endpoints,
            &owner,
            ChannelKind::Telegram,
            Secret::new(bot_token),
            channels::ChannelSettings::default(),
            now,
        )
        .await
        .context("a channel is added")?
        .id;

        let mut company = Self {
            account,
            owner,
            approver,
            owner_login,
            approver_login,
            channel,
            bot,
            customers: BTreeMap::new(),
            version: VersionId::new(),
        };
        company.version = company.template(site, "Здравствуйте, {{ first_name }}! {{ advertiser }}: скидка 10%").await?;
        company.add_customers(site, customers).await?;
        Ok(company)
    }

    /// Adds customers who started the bot and agreed to advertising.
    ///
    /// # Errors
    /// The step that failed.
    pub async fn add_customers(&mut self, site: &Site, many: usize) -> anyhow::Result<()> {
        let now = clock::now();
        let ids: Vec<i64> = (0..many).map(|_| next_id()).collect();
        site.sandbox.add_users(ids.iter().map(|id| User::new(*id, &format!("Клиент{}", id % 1_000), &phone(*id))));
        site.sandbox.open_chats(self.bot, ids.iter().copied()).map_err(|error| anyhow!("chats are opened: {error:?}"))?;
        for chunk in ids.chunks(250) {
            let mut tx = site.store.begin().await?;
            let mut consents = Vec::new();
            for id in chunk {
                let draft = Draft {
                    first_name: Some(format!("Клиент{}", id % 1_000)),
                    last_name: Some("Иванова".to_owned()),
                    addresses: vec![NewAddress::chat(TELEGRAM, &id.to_string(), self.channel), NewAddress::phone(phone(*id), &phone(*id))],
                    source: "telegram".to_owned(),
                    ..Draft::default()
                };
                let contact = contact::create(&mut tx, self.account, &draft, now).await.context("a contact is made")?.contact;
                consents.push(NewConsent {
                    account: self.account,
                    contact,
                    purpose: Purpose::Marketing,
                    action: Action::Granted,
                    grade: Grade::A,
                    wording: None,
                    channel: Some(self.channel),
                    evidence: json!({ "message": "1" }),
                    actor: "contact".to_owned(),
                    at: now,
                });
                self.customers.insert(*id, contact);
            }
            consent::ledger::record_many(&mut tx, self.account, &consents, now).await.context("consents are recorded")?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// An approved advertising template with this text and the opt-out button.
    ///
    /// # Errors
    /// The step that failed.
    pub async fn template(&self, site: &Site, body: &str) -> anyhow::Result<VersionId> {
        let now = clock::now();
        let store = &site.store;
        let draft = versions::create(store, &self.owner, "Скидка", Class::Advertising, now).await?;
        versions::edit(store, &self.owner, draft.id, versions::Edit::Body(body.to_owned()), now).await?;
        let buttons = vec![TemplateButton::OptOut { text: "Отписаться".to_owned() }];
        versions::edit(store, &self.owner, draft.id, versions::Edit::Buttons(buttons), now).await?;
        versions::submit(store, &self.owner, draft.id, registry::capabilities(ChannelKind::Telegram), now).await?;
        let submitted = versions::version(store, self.account, draft.id).await?.context("the version is there")?;
        let seen = submitted.content_hash.context("a submitted version has a hash")?;
        versions::approve(store, &self.approver, draft.id, &seen, now).await?;
        Ok(draft.id)
    }

    /// A campaign to everybody, approved and not launched.
    ///
    /// # Errors
    /// The step that failed.
    pub async fn approved(&self, site: &Site, launch: Launch) -> anyhow::Result<CampaignId> {
        let now = clock::now();
        let store = &site.store;
        let id = draft::create(store, &self.owner, "Весна", now).await?;
        for change in [
            draft::Change::Template(1, self.version),
            draft::Change::Audience(Audience::everybody()),
            draft::Change::Channel(1, self.channel),
            draft::Change::Window { starts_at: None, ends_at: launch.ends_at },
            draft::Change::Policy(launch.policy),
        ] {
            draft::edit(store, &self.owner, id, change, now).await?;
        }
        approval::submit(store, &self.owner, id, now).await?;
        approval::approve(store, &self.approver, id, now).await?;
        Ok(id)
    }

    /// Launches an approved campaign. No bell is rung: the workers' ticks find it, as after any
    /// lost bell.
    ///
    /// # Errors
    /// The step that failed.
    pub async fn start(&self, site: &Site, id: CampaignId) -> anyhow::Result<()> {
        let campaign = self.campaign(site, id).await?;
        let forecast = campaign::audience::forecast(&site.store, &campaign, clock::now()).await?.planned;
        approval::launch(&site.store, &self.owner, id, forecast, clock::now()).await?;
        Ok(())
    }

    /// The campaign's row.
    ///
    /// # Errors
    /// The database's.
    pub async fn campaign(&self, site: &Site, id: CampaignId) -> anyhow::Result<Campaign> {
        Ok(campaign::get(&site.store, self.account, id).await?)
    }
}

/// Gives an account a licence for thirty days, of any size.
///
/// # Errors
/// The database's.
pub async fn license(site: &Site, account: AccountId) -> anyhow::Result<()> {
    let now = clock::now();
    licence::issue(&site.store, account, PlanCode::UNLIMITED, now, now + chrono::TimeDelta::days(30), now).await?;
    Ok(())
}

/// An invented phone for an id.
#[must_use]
pub fn phone(id: i64) -> String {
    format!("+7999{:07}", id % 10_000_000)
}
