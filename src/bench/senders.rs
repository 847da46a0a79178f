//! Senders of other messengers in a measured database, beside the bot of Telegram that the seed
//! has, and campaigns through several of them. Contact `n` is the double's person `FIRST_CHAT + n`
//! in each messenger.

use mms_core::{
    channel::{ChannelKind, registry},
    clock,
    config::Endpoints,
    delivery::{Part, State, counts::Moves},
    id::{AddressId, CampaignId, ChannelId, VersionId},
    on,
    store::{Db, Store},
    template::{Class, TemplateButton, provider::standing, versions},
};
use serde_json::{Value, json};
use sqlx::types::{Json, Uuid};

use super::{
    double::FIRST_CHAT,
    seed::{Seed, analyse, run},
    world::sealer,
};

/// Addresses put in by one statement.
const PORTION: usize = 10_000;

/// A sender in a double.
pub(super) struct Sender<'a> {
    pub kind: ChannelKind,
    /// Its number there.
    pub bot: i64,
    /// What it is connected by.
    pub credentials: &'a [String],
    /// What the messenger lets it do.
    pub terms: Value,
    /// The speed that was found out, where the messenger says none.
    pub found_rate: Option<f64>,
}

/// Addresses at a channel, by the chats of their people in Telegram.
const KNOW_SQLITE: &str = "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) \
    select unhex(v.value ->> 0), $1, a.contact_id, $7, v.value ->> 1, $2, 'reachable', $4, $4 from json_each($3) v \
    cross join address a on a.account_id = $1 and a.kind = 'telegram' and a.scope_id = $5 and a.value = cast($6 + v.key as text)";
const KNOW_POSTGRES: &str = "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) \
    select v.id, $1, a.contact_id, $8, v.value, $2, 'reachable', $4, $4 from unnest($3::uuid[], $7::text[]) with ordinality v (id, value, n) \
    join address a on a.account_id = $1 and a.kind = 'telegram' and a.scope_id = $5 and a.value = cast($6::bigint + v.n - 1 as text)";
/// Rows of a campaign's first step to the first so many people at a channel.
const ROWS_SQLITE: &str = "insert into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, due_at, updated_at, \
    next_on, wait_seconds) select $1, $2, a.contact_id, $3, a.id, 1, 'queued', $4, $4, $5, $6 from address a \
    where a.account_id = $1 and a.kind = $7 and a.scope_id = $3 order by a.id limit $8";
const ROWS_POSTGRES: &str = "insert into delivery (account_id, campaign_id, contact_id, channel_id, address_id, planned, state, due_at, updated_at, \
    next_on, wait_seconds) select $1, $2, a.contact_id, $3, a.id, true, 'queued', $4, $4, $5, $6 from address a \
    where a.account_id = $1 and a.kind = $7 and a.scope_id = $3 order by a.id limit $8";

impl Seed {
    /// Connects a sender; `names`: what its messenger calls the people, in their order.
    pub(super) async fn connect(&self, store: &Store, sender: &Sender<'_>, names: &[String]) -> anyhow::Result<ChannelId> {
        let (channel, now) = (ChannelId::new(), clock::now());
        let address_kind = registry::capabilities(sender.kind).address_kind;
        let credentials = registry::assemble(sender.kind, sender.credentials);
        let mut tx = store.begin().await?;
        run!(
            tx,
            "insert into channel (id, account_id, kind, name, external_id, credentials, settings, terms, found_rate, state, hook_secret, created_at) \
             values ($1, $2, $3, 'Ромашка', $4, $5, $6, $7, $8, 'active', 's', $9)",
            channel,
            self.account,
            sender.kind,
            sender.bot.to_string(),
            sealer().seal(credentials.expose().as_bytes(), channel.0),
            Json(json!({})),
            Json(&sender.terms),
            sender.found_rate,
            now
        )?;
        for (n, some) in (0_i64..).step_by(PORTION).zip(names.chunks(PORTION)) {
            let ids: Vec<Uuid> = some.iter().map(|_| AddressId::new().0).collect();
            match tx.conn() {
                Db::Sqlite(c) => {
                    let rows: Vec<_> = ids.iter().zip(some).map(|(id, name)| json!([id.simple().to_string(), name])).collect();
                    let query = sqlx::query(KNOW_SQLITE).bind(self.account).bind(channel).bind(Json(rows)).bind(now);
                    query.bind(self.channel).bind(FIRST_CHAT + n).bind(address_kind).execute(c).await?;
                }
                Db::Postgres(c) => {
                    let query = sqlx::query(KNOW_POSTGRES).bind(self.account).bind(channel).bind(ids).bind(now);
                    query.bind(self.channel).bind(FIRST_CHAT + n).bind(some).bind(address_kind).execute(c).await?;
                }
            }
        }
        tx.commit().await?;
        analyse(store).await?;
        Ok(channel)
    }

    /// A running campaign to so many people of the first of these channels, its rows planned
    /// already. With several channels, whoever is not told at once to have got it gets the next
    /// step.
    pub(super) async fn through(
        &self,
        store: &Store,
        kind: ChannelKind,
        channels: &[ChannelId],
        people: i64,
    ) -> anyhow::Result<CampaignId> {
        let mut tx = store.begin().await?;
        let campaign = self.campaign_row(&mut tx).await?;
        let last = channels.len();
        for (n, channel) in channels.iter().enumerate() {
            let (step, next_on) = (i16::try_from(n + 1)?, if n + 1 < last { "undelivered" } else { "never" });
            self.step(&mut tx, campaign, step, *channel, next_on).await?;
        }
        // A campaign of one step says nothing of what leads on from it.
        let leads_on = (last > 1).then_some("undelivered");
        let wait = leads_on.map(|_| 0_i32);
        let sql = match tx.conn() {
            Db::Sqlite(_) => ROWS_SQLITE,
            Db::Postgres(_) => ROWS_POSTGRES,
        };
        let address_kind = registry::capabilities(kind).address_kind;
        let rows = run!(tx, sql, self.account, campaign, channels[0], clock::now(), leads_on, wait, address_kind, people)?;
        let mut moves = Moves::default();
        moves.add(Part::first(campaign), true, (State::Queued, None), i64::try_from(rows)?);
        moves.write(&mut tx).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// The same account, whose campaigns say a text that a provider approves, and approved at
    /// WhatsApp's double.
    pub(super) async fn approved_at(&self, store: &Store, provider: &str, channel: ChannelId) -> anyhow::Result<Self> {
        const APPROVE: &str = "update provider_template set state = 'approved', look_at = null where channel_id = $1";
        let version = self.simple(store).await?;
        let endpoints = Endpoints { whatsapp: format!("{provider}/whatsapp/v26.0"), ..Endpoints::default() };
        standing::hand_in(store, &sealer(), &endpoints, &self.owner, channel, version, clock::now()).await?;
        let mut tx = store.begin().await?;
        // The double approves at once, and nobody listens to its news.
        run!(tx, APPROVE, channel)?;
        tx.commit().await?;
        Ok(Self { version, ..self.clone() })
    }

    /// An approved text without conditions.
    async fn simple(&self, store: &Store) -> anyhow::Result<VersionId> {
        let now = clock::now();
        let body = "Здравствуйте, {{ first_name }}! {{ advertiser }} дарит вам скидку 10% до конца недели.".to_owned();
        let draft = versions::create(store, &self.owner, "Скидка", Class::Advertising, now).await?;
        versions::edit(store, &self.owner, draft.id, versions::Edit::Body(body), now).await?;
        let buttons = vec![TemplateButton::OptOut { text: "Отписаться".to_owned() }];
        versions::edit(store, &self.owner, draft.id, versions::Edit::Buttons(buttons), now).await?;
        versions::submit(store, &self.owner, draft.id, registry::capabilities(ChannelKind::Telegram), now).await?;
        let seen = versions::version(store, self.account, draft.id).await?.and_then(|version| version.content_hash);
        versions::approve(store, &self.approver, draft.id, &seen.unwrap_or_default(), now).await?;
        Ok(draft.id)
    }
}
