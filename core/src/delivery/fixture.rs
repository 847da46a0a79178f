//! A running campaign for tests: an account with a licence, a channel, an approved version,
//! contacts with addresses, deliveries.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "test code: a broken fixture is a broken test")]

use chrono::TimeDelta;
use serde_json::json;

use super::{Part, State, counts::Moves};
use crate::{
    account::{Actor, Language, Role},
    clock::{self, Moment},
    id::{
        ANY_CHANNEL, AccountId, AddressId, CampaignId, ChannelId, ContactId, FileId, LicenceId, MemberId, SuppressionId, TemplateId,
        VersionId,
    },
    on,
    secret::{KEY_LEN, Sealer},
    store::{Store, file},
};

/// The token of the fixture's channel.
pub const TOKEN: &str = "4242:fixture";

/// What a test needs to know of it.
#[derive(Debug, Clone)]
pub struct Fixture {
    pub account: AccountId,
    /// Its only member, an owner.
    pub member: MemberId,
    /// Its channel, active.
    pub channel: ChannelId,
    /// Its contacts, in the order they were made; contact `n` has the address `1000 + n`.
    pub contacts: Vec<ContactId>,
}

/// The sealer that opens the fixture's channel.
#[must_use]
pub fn sealer() -> Sealer {
    Sealer::new(&[7; KEY_LEN])
}

impl Fixture {
    /// An account with `contacts` contacts who agreed to advertising, reachable through a channel
    /// of this rate.
    pub async fn new(store: &Store, contacts: usize, rate: f64) -> Self {
        let (account, member, channel, now) = (AccountId::new(), MemberId::new(), ChannelId::new(), clock::now());
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into account (id, name, zone, language, phone_region, advertiser, created_at) values ($1, 'Ромашка', 'Europe/Moscow', 'ru', 'RU', 'ООО Ромашка', $2)"
        ).bind(account).bind(now).execute(c).await.map(|_| ())).unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into member (id, account_id, login, password_hash, name, role, language, created_at) values ($1, $2, $3, '', 'Анна', 'owner', 'ru', $4)"
        ).bind(member).bind(account).bind(member.to_string()).bind(now).execute(c).await.map(|_| ())).unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into licence (id, account_id, plan, valid_from, valid_until, created_at) values ($1, $2, 'unlimited', $3, $4, $3)"
        )
        .bind(LicenceId::new())
        .bind(account)
        .bind(now - TimeDelta::days(1))
        .bind(now + TimeDelta::days(30))
        .execute(c)
        .await
        .map(|_| ()))
        .unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) values ($1, $2, 'telegram', 'Бот', $3, $4, $5, 'active', 's', $6)"
        ).bind(channel).bind(account).bind(channel.to_string()).bind(sealer().seal(TOKEN.as_bytes(), channel.0))
            .bind(sqlx::types::Json(json!({ "rate": rate }))).bind(now).execute(c).await.map(|_| ())).unwrap();
        let mut fixture = Self { account, member, channel, contacts: Vec::new() };
        for n in 0..contacts {
            let contact = ContactId::new();
            on!(tx.conn(), |c| sqlx::query(
                "insert into contact (id, account_id, name, first_name, attributes, marketing_grade, source, created_at, updated_at) values ($1, $2, 'Анна Б.', 'Анна', $3, 1, 'test', $4, $4)"
            ).bind(contact).bind(account).bind(sqlx::types::Json(json!({}))).bind(now).execute(c).await.map(|_| ())).unwrap();
            on!(tx.conn(), |c| sqlx::query(
                "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) values ($1, $2, $3, 'telegram', $4, $5, 'reachable', $6, $6)"
            ).bind(AddressId::new()).bind(account).bind(contact).bind((1000 + n).to_string()).bind(channel).bind(now).execute(c).await.map(|_| ())).unwrap();
            fixture.contacts.push(contact);
        }
        tx.contacts_moved(account, i64::try_from(contacts).unwrap());
        tx.commit().await.unwrap();
        fixture
    }

    /// A running campaign to the first `recipients` contacts; `photo`: with a picture of these
    /// bytes.
    pub async fn campaign(&self, store: &Store, class: &str, policy: &str, recipients: usize, photo: Option<&[u8]>) -> CampaignId {
        let (template, version, campaign, now) = (TemplateId::new(), VersionId::new(), CampaignId::new(), clock::now());
        let mut tx = store.begin().await.unwrap();
        let file = match photo {
            Some(bytes) => Some(file::put(&mut tx, self.account, "p.png", "image/png", bytes, now).await.unwrap().id),
            None => None::<FileId>,
        };
        on!(tx.conn(), |c| sqlx::query("insert into template (id, account_id, name, created_by, created_at) values ($1, $2, 'Т', $3, $4)")
            .bind(template)
            .bind(self.account)
            .bind(self.member)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into template_version (id, account_id, template_id, number, class, body, media_kind, media_file_id, buttons, state, created_by, created_at, updated_at) \
             values ($1, $2, $3, 1, $4, '{{ first_name }}, добрый день', $5, $6, $7, 'approved', $8, $9, $9)"
        ).bind(version).bind(self.account).bind(template).bind(class).bind(file.map(|_| "photo")).bind(file)
            .bind(sqlx::types::Json(json!([]))).bind(self.member).bind(now).execute(c).await.map(|_| ())).unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into campaign (id, account_id, name, state, audience, uncertain_policy, created_by, created_at, updated_at, planned_at) \
             values ($1, $2, 'К', 'running', $3, $4, $5, $6, $6, $6)"
        ).bind(campaign).bind(self.account).bind(sqlx::types::Json(json!({ "include": [], "exclude": [] })))
            .bind(policy).bind(self.member).bind(now).execute(c).await.map(|_| ())).unwrap();
        for (sql, what) in [
            ("insert into campaign_step (campaign_id, step, account_id, channel_id) values ($1, 1, $2, $3)", self.channel.0),
            (
                "insert into campaign_variant (campaign_id, step, variant, account_id, template_version_id, share) values ($1, 1, 1, $2, $3, 100)",
                version.0,
            ),
        ] {
            on!(tx.conn(), |c| sqlx::query(sql).bind(campaign).bind(self.account).bind(what).execute(c).await.map(|_| ())).unwrap();
        }
        for contact in &self.contacts[..recipients] {
            on!(tx.conn(), |c| sqlx::query(
                "insert into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, due_at, updated_at) \
                 select $1, $2, $3, $4, a.id, $5, 'queued', $6, $6 from address a where a.contact_id = $3"
            )
            .bind(self.account)
            .bind(campaign)
            .bind(*contact)
            .bind(self.channel)
            .bind(true)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))
            .unwrap();
        }
        let mut moves = Moves::default();
        moves.add(Part::first(campaign), true, (State::Queued, None), i64::try_from(recipients).unwrap());
        moves.write(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        campaign
    }

    /// Suppresses the address of contact `n`.
    pub async fn suppress(&self, store: &Store, n: usize) {
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into suppression (id, account_id, kind, value, scope_id, reason, evidence, created_at) values ($1, $2, 'telegram', $3, $4, 'manual', $5, $6)"
        ).bind(SuppressionId::new()).bind(self.account).bind((1000 + n).to_string()).bind(ANY_CHANNEL)
            .bind(sqlx::types::Json(json!({}))).bind(clock::now()).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
    }

    /// Its member, as one who acts.
    #[must_use]
    pub fn owner(&self) -> Actor {
        Actor { account: self.account, member: self.member, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() }
    }

    /// Runs one statement whose only parameter is the account.
    pub async fn change(&self, store: &Store, sql: &'static str) {
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(sql).bind(self.account).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
    }

    /// Sets the end of a campaign's window.
    pub async fn ends_at(&self, store: &Store, campaign: CampaignId, at: Moment) {
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("update campaign set ends_at = $2 where id = $1")
            .bind(campaign)
            .bind(at)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// The state and the reason of a contact's delivery in a campaign.
    pub async fn delivery(&self, store: &Store, campaign: CampaignId, n: usize) -> (State, Option<String>) {
        on!(store.read(), |c| sqlx::query_as("select state, reason from delivery where campaign_id = $1 and contact_id = $2")
            .bind(campaign)
            .bind(self.contacts[n])
            .fetch_one(c)
            .await)
        .unwrap()
    }
}
