//! What is in a measured database: one account and many contacts, planted by a few statements.
//! Contact `n` (from 0) has the chat `FIRST_CHAT + n`; ids grow with time as real ones do (UUIDv7),
//! so that indexes grow at their end.

use anyhow::anyhow;
use chrono::TimeDelta;
use mms_core::{
    account::{Actor, Language, Role},
    campaign::{
        Audience, approval,
        draft::{self, Change},
    },
    channel::{ChannelKind, registry},
    clock,
    contact::{
        FieldKind, field,
        segment::{self, Filter},
    },
    delivery::{Part, State, counts::Moves},
    id::{ANY_CHANNEL, AccountId, CampaignId, ChannelId, ConnectionId, LicenceId, MemberId, SegmentId, SessionId, TemplateId, VersionId},
    on,
    store::{Db, Store, Tx},
};
use serde_json::json;
use sqlx::types::Json;

use super::{
    double::{BOT, COMMUNITY_KEY, FIRST_CHAT, token},
    world::sealer,
};

/// Three variables and a condition.
pub(super) const BODY: &str = "{{ first_name }}, здравствуйте! {% if city == 'Москва' %}Ждём вас в магазине на Тверской.{% else %}Доставим \
в ваш город ({{ city }}) бесплатно.{% endif %} На вашем счету {{ points }} баллов. Реклама, {{ advertiser }}.";
/// What a message of it looks like, for the bare loop.
pub(super) const LIKE: &str =
    "Анна, здравствуйте! Доставим в ваш город (Казань) бесплатно. На вашем счету 517 баллов. Реклама, ООО «Ромашка».";
/// Five conditions that everybody meets: as many rows as contacts come of them.
pub(super) const FIVE: &str =
    "city in (Москва, Казань, Пермь, Томск) and points >= 0 and last_visit >= 01.01.2026 and tag != lost and language = ru";

/// What was planted.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    pub account: AccountId,
    pub owner: Actor,
    /// A member who approves.
    pub approver: Actor,
    /// Its channel, active.
    pub channel: ChannelId,
    /// An approved version, advertising.
    pub version: VersionId,
    /// A connection to amoCRM that waits to be authorised: its webhooks are taken, nothing is asked
    /// of anybody. Their secret is `s`, as the channel's.
    pub connection: ConnectionId,
}

macro_rules! run {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        on!($tx.conn(), |c| sqlx::query($sql)$(.bind($bind))*.execute(c).await.map(|r| r.rows_affected()))
    };
}
pub(super) use run;

impl Seed {
    pub(super) async fn plant(store: &Store, contacts: i64, mixed: bool) -> anyhow::Result<Self> {
        let seed = Self::account(store, 0).await?;
        let mut tx = store.begin().await?;
        seed.contacts(&mut tx, 0, contacts, mixed).await?;
        tx.commit().await?;
        for (key, title, kind) in
            [("city", "Город", FieldKind::Text), ("points", "Баллы", FieldKind::Number), ("last_visit", "Визит", FieldKind::Date)]
        {
            field::create(store, &seed.owner, key, title, kind, clock::now()).await?;
        }
        analyse(store).await?;
        Ok(seed)
    }

    /// An account whose channel is the `bot`-th bot.
    async fn account(store: &Store, bot: i64) -> anyhow::Result<Self> {
        let (account, channel, template, version, connection, now) =
            (AccountId::new(), ChannelId::new(), TemplateId::new(), VersionId::new(), ConnectionId::new(), clock::now());
        let actor = |name: &str, role| Actor { account, member: MemberId::new(), role, language: Language::Ru, name: name.to_owned() };
        let (owner, approver) = (actor("Анна", Role::Owner), actor("Вера", Role::Approver));
        let mut tx = store.begin().await?;
        run!(
            tx,
            "insert into account (id, name, zone, language, phone_region, advertiser, min_grade, cap_hours, created_at) \
             values ($1, 'Ромашка', 'Europe/Moscow', 'ru', 'RU', 'ООО «Ромашка»', 3, 0, $2)",
            account,
            now
        )?;
        for member in [&owner, &approver] {
            run!(
                tx,
                "insert into member (id, account_id, login, password_hash, name, role, language, created_at) values ($1, $2, $3, '', $4, $5, 'ru', $6)",
                member.member,
                account,
                member.member.to_string(),
                &member.name,
                member.role,
                now
            )?;
        }
        run!(
            tx,
            "insert into licence (id, account_id, plan, valid_from, valid_until, created_at) values ($1, $2, 'unlimited', $3, $4, $3)",
            LicenceId::new(),
            account,
            now - TimeDelta::days(1),
            now + TimeDelta::days(30)
        )?;
        add_channel(&mut tx, account, channel, bot, 1e9).await?;
        run!(
            tx,
            "insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, sync_cursor, \
             sync_phase, created_at) values ($1, $2, 'amocrm', 'Ромашка', '', '', 'reauth_required', $3, $4, 's', $4, 'idle', $5)",
            connection,
            account,
            sealer().seal(b"{}", connection.0),
            Json(json!({})),
            now
        )?;
        run!(
            tx,
            "insert into template (id, account_id, name, created_by, created_at) values ($1, $2, 'Скидки', $3, $4)",
            template,
            account,
            owner.member,
            now
        )?;
        run!(
            tx,
            "insert into template_version (id, account_id, template_id, number, class, body, buttons, state, content_hash, created_by, created_at, updated_at) \
             values ($1, $2, $3, 1, 'advertising', $4, $5, 'approved', $6, $7, $8, $8)",
            version,
            account,
            template,
            BODY,
            Json(json!([{ "kind": "opt_out", "text": "Больше не писать" }])),
            version.to_string(),
            owner.member,
            now
        )?;
        tx.commit().await?;
        Ok(Self { account, owner, approver, channel, version, connection })
    }

    /// Plants contacts `from` to `to`, the last one not.
    async fn contacts(&self, tx: &mut Tx, from: i64, to: i64, mixed: bool) -> anyhow::Result<()> {
        let (now, mixed) = (clock::now(), i64::from(mixed));
        let base = now.timestamp_millis() - to;
        let (contacts, addresses, tags, suppressions) = match tx.conn() {
            Db::Sqlite(_) => (CONTACTS_SQLITE, ADDRESSES_SQLITE, TAGS_SQLITE, SUPPRESSIONS_SQLITE),
            Db::Postgres(_) => (CONTACTS_POSTGRES, ADDRESSES_POSTGRES, TAGS_POSTGRES, SUPPRESSIONS_POSTGRES),
        };
        run!(tx, contacts, self.account, now, from, to, base, mixed, now - TimeDelta::hours(1))?;
        run!(tx, addresses, self.account, now, from, to, base, self.channel, FIRST_CHAT)?;
        run!(tx, tags, self.account, from, to, base)?;
        if mixed == 1 {
            run!(tx, suppressions, self.account, now, from, to, base, self.channel, FIRST_CHAT)?;
        }
        Ok(())
    }

    /// So many channels (the account's first one among them) at this pace, each with its own
    /// contacts: the `n`-th has those from `n * each`.
    pub(super) async fn channels(&self, store: &Store, count: i64, each: i64, rate: f64) -> anyhow::Result<Vec<Self>> {
        let mut seeds = Vec::new();
        let mut tx = store.begin().await?;
        for n in 0..count {
            let seed = if n == 0 { self.clone() } else { Self { channel: ChannelId::new(), ..self.clone() } };
            if n > 0 {
                add_channel(&mut tx, seed.account, seed.channel, n, rate).await?;
            }
            seed.contacts(&mut tx, n * each, (n + 1) * each, false).await?;
            seeds.push(seed);
        }
        tx.commit().await?;
        self.settings(store, rate, 0).await?;
        analyse(store).await?;
        Ok(seeds)
    }

    /// So many accounts (its own among them) with so many channels each, all of them bots of the
    /// double.
    pub(super) async fn crowd(&self, store: &Store, accounts: i64, each: i64) -> anyhow::Result<()> {
        for n in 0..accounts {
            let account = if n == 0 { self.account } else { Self::account(store, n * each).await?.account };
            let mut tx = store.begin().await?;
            for more in 1..each {
                add_channel(&mut tx, account, ChannelId::new(), n * each + more, 1e9).await?;
            }
            tx.commit().await?;
        }
        analyse(store).await
    }

    /// Members who are signed in as these Telegram users.
    pub(super) async fn managers(&self, store: &Store, people: &[i64]) -> anyhow::Result<()> {
        let now = clock::now();
        let mut tx = store.begin().await?;
        for person in people {
            let member = MemberId::new();
            run!(
                tx,
                "insert into member (id, account_id, login, password_hash, name, role, language, created_at) values ($1, $2, $3, '', 'Анна', 'manager', 'ru', $4)",
                member,
                self.account,
                member.to_string(),
                now
            )?;
            run!(
                tx,
                "insert into session (id, account_id, member_id, telegram_user_id, created_at, last_seen_at) values ($1, $2, $3, $4, $5, $5)",
                SessionId::new(),
                self.account,
                member,
                *person,
                now
            )?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Sets the pace of the channel, messages a second, and the account's cap.
    pub(super) async fn settings(&self, store: &Store, rate: f64, cap_hours: i32) -> anyhow::Result<()> {
        let mut tx = store.begin().await?;
        run!(
            tx,
            "update channel set settings = $2, next_allowed_at = null, held_until = null where id = $1",
            self.channel,
            Json(json!({ "rate": rate }))
        )?;
        run!(tx, "update account set cap_hours = $2 where id = $1", self.account, cap_hours)?;
        tx.commit().await?;
        Ok(())
    }

    /// Makes its channel the community of VK that the double has
    /// ([`super::double::COMMUNITY_KEY`]), as fast as VK takes it, and its contacts people there.
    pub(super) async fn in_vk(&self, store: &Store) -> anyhow::Result<()> {
        let credentials = registry::assemble(ChannelKind::Vk, &[COMMUNITY_KEY.to_owned()]);
        let sealed = sealer().seal(credentials.expose().as_bytes(), self.channel.0);
        let mut tx = store.begin().await?;
        run!(tx, "update channel set kind = 'vk', credentials = $2, settings = $3 where id = $1", self.channel, sealed, Json(json!({})))?;
        run!(tx, "update address set kind = 'vk' where account_id = $1 and kind = 'telegram'", self.account)?;
        tx.commit().await?;
        Ok(())
    }

    /// A running campaign without steps.
    pub(super) async fn campaign_row(&self, tx: &mut Tx) -> anyhow::Result<CampaignId> {
        let campaign = CampaignId::new();
        run!(
            tx,
            "insert into campaign (id, account_id, name, state, audience, created_by, created_at, updated_at, planned_at) \
             values ($1, $2, 'К', 'running', $3, $4, $5, $5, $5)",
            campaign,
            self.account,
            Json(Audience::everybody()),
            self.owner.member,
            clock::now()
        )?;
        Ok(campaign)
    }

    /// A step of a campaign, which says what all of them say.
    pub(super) async fn step(&self, tx: &mut Tx, campaign: CampaignId, step: i16, channel: ChannelId, next_on: &str) -> anyhow::Result<()> {
        run!(
            tx,
            "insert into campaign_step (campaign_id, step, account_id, channel_id, next_on) values ($1, $2, $3, $4, $5)",
            campaign,
            step,
            self.account,
            channel,
            next_on
        )?;
        run!(
            tx,
            "insert into campaign_variant (campaign_id, step, variant, account_id, template_version_id, share) values ($1, $2, 1, $3, $4, 100)",
            campaign,
            step,
            self.account,
            self.version
        )?;
        Ok(())
    }

    /// Contacts `from` to `to` (the last one not) as an import makes them, each with a phone, in
    /// one transaction: what the database alone makes of a counter.
    pub(super) async fn bare_import(&self, store: &Store, from: i64, to: i64) -> anyhow::Result<()> {
        let now = clock::now();
        let base = now.timestamp_millis() - to;
        let mut tx = store.begin().await?;
        let (contacts, phones) = match tx.conn() {
            Db::Sqlite(_) => (IMPORTED_SQLITE, PHONES_SQLITE),
            Db::Postgres(_) => (IMPORTED_POSTGRES, PHONES_POSTGRES),
        };
        run!(tx, contacts, self.account, now, from, to, base)?;
        run!(tx, phones, self.account, now, from, to, base, ANY_CHANNEL)?;
        tx.commit().await?;
        Ok(())
    }

    /// A running campaign to contacts `from` to `to` (the last one not), its rows planned already.
    pub(super) async fn campaign(&self, store: &Store, from: i64, to: i64) -> anyhow::Result<CampaignId> {
        let mut tx = store.begin().await?;
        let (campaign, now) = (self.campaign_row(&mut tx).await?, clock::now());
        self.step(&mut tx, campaign, 1, self.channel, "never").await?;
        let sql = match tx.conn() {
            Db::Sqlite(_) => DELIVERIES_SQLITE,
            Db::Postgres(_) => DELIVERIES_POSTGRES,
        };
        let rows = run!(tx, sql, self.account, campaign, self.channel, now, FIRST_CHAT + from, FIRST_CHAT + to)?;
        let mut moves = Moves::default();
        moves.add(Part::first(campaign), true, (State::Queued, None), i64::try_from(rows)?);
        moves.write(&mut tx).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// All of a campaign's messages were sent, under the references `<campaign>:<n>`, and nothing
    /// is told of them yet.
    pub(super) async fn all_sent(&self, store: &Store, campaign: CampaignId) -> anyhow::Result<()> {
        let mut tx = store.begin().await?;
        let rows = run!(
            tx,
            "update delivery set state = 'sent', attempt = 1, sent_at = $3, updated_at = $3, message_ref = cast($4 as text) || ':' || \
             (id - (select min(f.id) from delivery f where f.campaign_id = $2)) where account_id = $1 and campaign_id = $2",
            self.account,
            campaign,
            clock::now(),
            campaign.to_string()
        )?;
        let rows = i64::try_from(rows)?;
        let mut moves = Moves::default();
        moves.add(Part::first(campaign), true, (State::Queued, None), -rows);
        moves.add(Part::first(campaign), true, (State::Sent, None), rows);
        moves.write(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A segment of this filter.
    pub(super) async fn segment(&self, store: &Store, filter: &str) -> anyhow::Result<SegmentId> {
        let filter = self.filter(store, filter).await?;
        Ok(segment::create(store, &self.owner, &SegmentId::new().to_string(), &filter, clock::now()).await?)
    }

    /// A filter over the planted fields.
    pub(super) async fn filter(&self, store: &Store, text: &str) -> anyhow::Result<Filter> {
        Filter::parse(text, &field::list(store, self.account).await?).map_err(|error| anyhow!("{error:?}"))
    }

    /// A campaign to a segment, approved and launched: its rows are to be planned. It is launched
    /// for so many at most.
    pub(super) async fn launched(&self, store: &Store, segment: SegmentId) -> anyhow::Result<CampaignId> {
        let now = clock::now();
        let campaign = draft::create(store, &self.owner, "Замер", now).await?;
        let audience = Audience::of(segment);
        for change in [Change::Template(1, self.version), Change::Audience(audience), Change::Channel(1, self.channel)] {
            draft::edit(store, &self.owner, campaign, change, clock::now()).await?;
        }
        approval::submit(store, &self.owner, campaign, clock::now()).await?;
        approval::approve(store, &self.approver, campaign, clock::now()).await?;
        let row = mms_core::campaign::get(store, self.account, campaign).await?;
        let forecast = mms_core::campaign::audience::forecast(store, &row, clock::now()).await?;
        approval::launch(store, &self.owner, campaign, forecast.planned, clock::now()).await?;
        Ok(campaign)
    }
}

/// The channel of the double's `n`-th bot.
async fn add_channel(tx: &mut Tx, account: AccountId, channel: ChannelId, n: i64, rate: f64) -> sqlx::Result<u64> {
    run!(
        tx,
        "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) \
         values ($1, $2, 'telegram', 'Бот', $3, $4, $5, 'active', 's', $6)",
        channel,
        account,
        (BOT + n).to_string(),
        sealer().seal(token(n).as_bytes(), channel.0),
        Json(json!({ "rate": rate })),
        clock::now()
    )
}

/// What PostgreSQL's autovacuum does by itself within a minute of so many new rows.
pub(super) async fn analyse(store: &Store) -> anyhow::Result<()> {
    if let Db::Postgres(pool) = store.read() {
        sqlx::query("vacuum (analyze)").execute(pool).await?;
    }
    Ok(())
}

macro_rules! numbers_sqlite {
    ($from:literal, $to:literal) => {
        concat!(
            "with recursive s(n) as (select ",
            $from,
            " where ",
            $from,
            " < ",
            $to,
            " union all select n + 1 from s where n + 1 < ",
            $to,
            ") "
        )
    };
}

macro_rules! id_sqlite {
    ($base:literal, $kind:literal) => {
        concat!("unhex(printf('%012x', ", $base, " + n) || '7", $kind, "8000' || printf('%012x', n))")
    };
}

macro_rules! id_postgres {
    ($base:literal, $kind:literal) => {
        concat!("cast(lpad(to_hex(", $base, "::bigint + n), 12, '0') || '7", $kind, "8000' || lpad(to_hex(n), 12, '0') as uuid)")
    };
}

const CONTACTS_SQLITE: &str = concat!(
    numbers_sqlite!("$3", "$4"),
    "insert into contact (id, account_id, name, first_name, last_name, search, language, attributes, folded, marketing_grade, \
     personal_data_grade, opted_out_at, source, last_marketing_at, created_at, updated_at) select ",
    id_sqlite!("$5", "000"),
    ", $1, 'Анна Белова', 'Анна', 'Белова', 'анна белова', 'ru', \
     json_object('city', case n % 4 when 0 then 'Москва' when 1 then 'Казань' when 2 then 'Пермь' else 'Томск' end, 'points', n % 1000, \
     'last_visit', date('2026-01-01', '+' || (n % 300) || ' days')), \
     jsonb_object('city', case n % 4 when 0 then 'москва' when 1 then 'казань' when 2 then 'пермь' else 'томск' end, 'points', n % 1000, \
     'last_visit', date('2026-01-01', '+' || (n % 300) || ' days'), 'first_name', 'анна', 'last_name', 'белова'), \
     case when $6 = 1 and n % 20 = 1 then null when $6 = 1 and n % 50 = 2 then 4 else 1 end, 1, \
     case when $6 = 1 and n % 33 = 3 then $2 end, 'bench', case when $6 = 1 and n % 10 = 4 then $7 end, $2, $2 from s"
);
const CONTACTS_POSTGRES: &str = concat!(
    "insert into contact (id, account_id, name, first_name, last_name, search, language, attributes, folded, marketing_grade, \
     personal_data_grade, opted_out_at, source, last_marketing_at, created_at, updated_at) select ",
    id_postgres!("$5", "000"),
    ", $1, 'Анна Белова', 'Анна', 'Белова', 'анна белова', 'ru', \
     jsonb_build_object('city', case n % 4 when 0 then 'Москва' when 1 then 'Казань' when 2 then 'Пермь' else 'Томск' end, 'points', n % 1000, \
     'last_visit', to_char(date '2026-01-01' + cast(n % 300 as integer), 'YYYY-MM-DD')), \
     jsonb_build_object('city', case n % 4 when 0 then 'москва' when 1 then 'казань' when 2 then 'пермь' else 'томск' end, 'points', n % 1000, \
     'last_visit', to_char(date '2026-01-01' + cast(n % 300 as integer), 'YYYY-MM-DD'), 'first_name', 'анна', 'last_name', 'белова'), \
     case when $6::bigint = 1 and n % 20 = 1 then null when $6::bigint = 1 and n % 50 = 2 then 4 else 1 end, 1, \
     case when $6::bigint = 1 and n % 33 = 3 then $2::timestamptz end, 'bench', \
     case when $6::bigint = 1 and n % 10 = 4 then $7::timestamptz end, $2::timestamptz, $2::timestamptz \
     from generate_series($3::bigint, $4::bigint - 1) n"
);
const ADDRESSES_SQLITE: &str = concat!(
    numbers_sqlite!("$3", "$4"),
    "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) select ",
    id_sqlite!("$5", "001"),
    ", $1, ",
    id_sqlite!("$5", "000"),
    ", 'telegram', cast($7 + n as text), $6, 'reachable', $2, $2 from s"
);
const ADDRESSES_POSTGRES: &str = concat!(
    "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) select ",
    id_postgres!("$5", "001"),
    ", $1, ",
    id_postgres!("$5", "000"),
    ", 'telegram', cast($7::bigint + n as text), $6, 'reachable', $2, $2 from generate_series($3::bigint, $4::bigint - 1) n"
);
const IMPORTED_SQLITE: &str = concat!(
    numbers_sqlite!("$3", "$4"),
    "insert into contact (id, account_id, name, first_name, search, attributes, folded, source, created_at, updated_at) select ",
    id_sqlite!("$5", "000"),
    ", $1, 'Анна Белова', 'Анна Белова', 'анна белова', '{\"city\":\"Казань\"}', jsonb('{\"city\":\"казань\",\"first_name\":\"анна белова\"}'), \
     'import', $2, $2 from s"
);
const IMPORTED_POSTGRES: &str = concat!(
    "insert into contact (id, account_id, name, first_name, search, attributes, folded, source, created_at, updated_at) select ",
    id_postgres!("$5", "000"),
    ", $1, 'Анна Белова', 'Анна Белова', 'анна белова', '{\"city\":\"Казань\"}', '{\"city\":\"казань\",\"first_name\":\"анна белова\"}', \
     'import', $2, $2 from generate_series($3::bigint, $4::bigint - 1) n"
);
const PHONES_SQLITE: &str = concat!(
    numbers_sqlite!("$3", "$4"),
    "insert into address (id, account_id, contact_id, kind, value, scope_id, raw, state, created_at, updated_at) select ",
    id_sqlite!("$5", "001"),
    ", $1, ",
    id_sqlite!("$5", "000"),
    ", 'phone', '+7' || (9120000000 + n), $6, '8' || (9120000000 + n), 'unknown', $2, $2 from s"
);
const PHONES_POSTGRES: &str = concat!(
    "insert into address (id, account_id, contact_id, kind, value, scope_id, raw, state, created_at, updated_at) select ",
    id_postgres!("$5", "001"),
    ", $1, ",
    id_postgres!("$5", "000"),
    ", 'phone', '+7' || (9120000000 + n), $6, '8' || (9120000000 + n), 'unknown', $2, $2 from generate_series($3::bigint, $4::bigint - 1) n"
);
const TAGS_SQLITE: &str = concat!(
    numbers_sqlite!("$2", "$3"),
    "insert into contact_tag (contact_id, tag, account_id) select ",
    id_sqlite!("$4", "000"),
    ", case n % 2 when 0 then 'vip' else 'new' end, $1 from s"
);
const TAGS_POSTGRES: &str = concat!(
    "insert into contact_tag (contact_id, tag, account_id) select ",
    id_postgres!("$4", "000"),
    ", case n % 2 when 0 then 'vip' else 'new' end, $1 from generate_series($2::bigint, $3::bigint - 1) n"
);
const SUPPRESSIONS_SQLITE: &str = concat!(
    numbers_sqlite!("$3", "$4"),
    "insert into suppression (id, account_id, kind, value, scope_id, reason, evidence, created_at) select ",
    id_sqlite!("$5", "002"),
    ", $1, 'telegram', cast($7 + n as text), $6, 'manual', '{}', $2 from s where n % 40 = 7"
);
const SUPPRESSIONS_POSTGRES: &str = concat!(
    "insert into suppression (id, account_id, kind, value, scope_id, reason, evidence, created_at) select ",
    id_postgres!("$5", "002"),
    ", $1, 'telegram', cast($7::bigint + n as text), $6, 'manual', '{}', $2 from generate_series($3::bigint, $4::bigint - 1) n where n % 40 = 7"
);
const DELIVERIES_SQLITE: &str = "insert into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, due_at, updated_at) \
    select $1, $2, a.contact_id, $3, a.id, 1, 'queued', $4, $4 from address a where a.account_id = $1 and a.kind in ('telegram', 'vk') and a.scope_id = $3 \
    and cast(a.value as integer) >= $5 and cast(a.value as integer) < $6 order by a.id";
const DELIVERIES_POSTGRES: &str = "insert into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, due_at, updated_at) \
    select $1, $2, a.contact_id, $3, a.id, true, 'queued', $4, $4 from address a where a.account_id = $1 and a.kind in ('telegram', 'vk') and a.scope_id = $3 \
    and cast(a.value as bigint) >= $5 and cast(a.value as bigint) < $6 order by a.id";
