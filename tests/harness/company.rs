//! A company in an installation: an account with its members, a customer bot, reachable customers, campaigns.
//! Everything is made through the public doors of `core`, as the screens do.

use std::collections::BTreeMap;

use mms_core::{
    account::{
        Actor, Language, Role,
        founding::{self, NewAccount},
        licence::{self, PlanKind},
        member::{self, NewMember},
    },
    campaign::{self, Campaign, UncertainPolicy, approval, draft},
    channel::{ChannelKind, registry, store as channels},
    clock,
    consent::{self, Action, Grade, NewConsent, Purpose},
    contact::{self, Draft, NewAddress, TELEGRAM},
    delivery::{
        self,
        stats::{self, Stats},
    },
    id::{AccountId, CampaignId, ChannelId, ContactId, VersionId},
    secret::{Secret, token},
    template::{Class, TemplateButton, versions},
};
use mms_sandbox::User;
use serde_json::json;

use super::{World, next_id, until};

/// The password of every member made here.
pub const PASSWORD: &str = "tulip-Ferry-42";

/// An account ready to send.
pub struct Company {
    pub account: AccountId,
    pub owner: Actor,
    pub approver: Actor,
    pub owner_login: String,
    pub approver_login: String,
    pub channel: ChannelId,
    /// The customer bot in the Telegram double.
    pub bot: i64,
    /// Customers by their Telegram id.
    pub customers: BTreeMap<i64, ContactId>,
    pub version: VersionId,
}

/// What a launched campaign is like.
#[derive(Debug, Clone, Copy, Default)]
pub struct Launch {
    pub policy: UncertainPolicy,
    pub ends_at: Option<clock::Moment>,
}

impl Company {
    /// Founds a company with so many customers who started its bot and agreed to advertising.
    pub async fn found(world: &World, customers: usize) -> Self {
        let now = clock::now();
        let mark = token(4);
        let (owner_login, approver_login) = (format!("anna-{mark}"), format!("boris-{mark}"));
        let password = Secret::new(PASSWORD);
        let founded = founding::create(
            &world.store,
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
        .expect("founded");
        let account = founded.account;
        licence::issue(&world.store, account, PlanKind::Unlimited, now, now + chrono::TimeDelta::days(30), now).await.expect("a licence");
        let owner = Actor { account, member: founded.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() };
        let second = member::add(
            &world.store,
            &owner,
            &NewMember { login: &approver_login, password: &password, name: "Борис", role: Role::Approver, language: Language::Ru },
            now,
        )
        .await
        .expect("a second member");
        let approver = Actor { account, member: second, role: Role::Approver, language: Language::Ru, name: "Борис".to_owned() };

        let bot_token = format!("{}:AAE-customers-{}", next_id(), token(8));
        let bot = world.sandbox.add_bot(&bot_token, &format!("romashka_{mark}_bot")).expect("a bot");
        let endpoints = registry::Endpoints { telegram: world.sandbox.url(), ..registry::Endpoints::default() };
        let channel = channels::add(
            &world.store,
            &world.sealer,
            &endpoints,
            &owner,
            ChannelKind::Telegram,
            Secret::new(bot_token),
            channels::Settings::default(),
            now,
        )
        .await
        .expect("a channel")
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
        company.version = company.template(world, "Здравствуйте, {{ first_name }}! {{ advertiser }}: скидка 10%").await;
        company.add_customers(world, customers).await;
        company
    }

    /// Adds customers who started the bot and agreed to advertising.
    pub async fn add_customers(&mut self, world: &World, many: usize) {
        let now = clock::now();
        let ids: Vec<i64> = (0..many).map(|_| next_id()).collect();
        world.sandbox.add_users(ids.iter().map(|id| User::new(*id, &format!("Клиент{}", id % 1_000), &phone(*id))));
        world.sandbox.open_chats(self.bot, ids.iter().copied()).expect("chats");
        for chunk in ids.chunks(250) {
            let mut tx = world.store.begin().await.expect("begin");
            let mut consents = Vec::new();
            for id in chunk {
                let draft = Draft {
                    first_name: Some(format!("Клиент{}", id % 1_000)),
                    last_name: Some("Иванова".to_owned()),
                    addresses: vec![NewAddress::chat(TELEGRAM, &id.to_string(), self.channel), NewAddress::phone(phone(*id), &phone(*id))],
                    source: "telegram".to_owned(),
                    ..Draft::default()
                };
                let contact = contact::create(&mut tx, self.account, &draft, now).await.expect("a contact").contact;
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
            consent::ledger::record_many(&mut tx, self.account, &consents, now).await.expect("consents");
            tx.commit().await.expect("commit");
        }
    }

    /// An approved advertising template with this text and the opt-out button.
    pub async fn template(&self, world: &World, body: &str) -> VersionId {
        let now = clock::now();
        let store = &world.store;
        let draft = versions::create(store, &self.owner, "Скидка", Class::Advertising, now).await.expect("a template");
        versions::edit(store, &self.owner, draft.id, versions::Edit::Body(body.to_owned()), now).await.expect("a text");
        let buttons = vec![TemplateButton::OptOut { text: "Отписаться".to_owned() }];
        versions::edit(store, &self.owner, draft.id, versions::Edit::Buttons(buttons), now).await.expect("a button");
        versions::submit(store, &self.owner, draft.id, registry::capabilities(ChannelKind::Telegram), now).await.expect("submitted");
        let seen = versions::version(store, self.account, draft.id).await.expect("read").expect("there").content_hash.expect("hashed");
        versions::approve(store, &self.approver, draft.id, &seen, now).await.expect("approved");
        draft.id
    }

    /// A campaign to everybody, approved and not launched.
    pub async fn approved(&self, world: &World, launch: Launch) -> CampaignId {
        let now = clock::now();
        let store = &world.store;
        let id = draft::create(store, &self.owner, "Весна", now).await.expect("a campaign");
        for change in [
            draft::Change::Template(self.version),
            draft::Change::Channel(self.channel),
            draft::Change::Window { starts_at: None, ends_at: launch.ends_at },
            draft::Change::Policy(launch.policy),
        ] {
            draft::edit(store, &self.owner, id, change, now).await.expect("edited");
        }
        approval::submit(store, &self.owner, id, now).await.expect("submitted");
        approval::approve(store, &self.approver, id, now).await.expect("approved");
        id
    }

    /// A campaign to everybody, launched. No bell is rung: the workers' ticks find it, as after any lost bell.
    pub async fn launch(&self, world: &World, launch: Launch) -> CampaignId {
        let id = self.approved(world, launch).await;
        self.start(world, id).await;
        id
    }

    /// Launches an approved campaign.
    pub async fn start(&self, world: &World, id: CampaignId) {
        let forecast = self.forecast(world, id).await;
        approval::launch(&world.store, &self.owner, id, forecast, clock::now()).await.expect("launched");
    }

    /// How many would get it now.
    pub async fn forecast(&self, world: &World, id: CampaignId) -> i64 {
        let campaign = self.campaign(world, id).await;
        campaign::audience::forecast(&world.store, &campaign, clock::now()).await.expect("counted").planned
    }

    /// The campaign's row.
    pub async fn campaign(&self, world: &World, id: CampaignId) -> Campaign {
        campaign::get(&world.store, self.account, id).await.expect("there")
    }

    /// The campaign's counters.
    pub async fn stats(&self, world: &World, id: CampaignId) -> Stats {
        stats::stats(&world.store, self.account, id, clock::now()).await.expect("read")
    }

    /// Waits until the campaign is over (or in the given state), failing if a process died meanwhile.
    pub async fn until_state(&self, world: &World, id: CampaignId, wanted: campaign::State) {
        until(&format!("the campaign to be {wanted:?}"), || async { (self.campaign(world, id).await.state == wanted).then_some(()) }).await;
    }

    /// The books must balance, whatever happened.
    pub async fn must_balance(&self, world: &World, id: CampaignId) {
        let books = delivery::books::books(&world.store, self.account, id).await.expect("read");
        assert!(books.balanced(), "{books:?}");
    }

    /// How often each customer got a message from the customer bot, by the double's ledger.
    pub fn received(&self, world: &World) -> BTreeMap<i64, u64> {
        world.sandbox.ledger().counts(self.bot, |_| true)
    }
}

/// An invented phone for an id.
fn phone(id: i64) -> String {
    format!("+7999{:07}", id % 10_000_000)
}
