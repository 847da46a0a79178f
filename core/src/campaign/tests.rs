//! The campaign room on both engines.

use chrono::TimeDelta;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sqlx::types::Json;

use super::{
    approval::{self, Launched},
    control::{self, Word},
    draft::{self, Change, Edited},
    plan::{self, Planned},
    report::{self, Closed},
    schedule::Due,
    view::{self, Numbers, Who, Whom},
    *,
};
use crate::{
    account::{Language, Role},
    both, clock,
    delivery::{self, counts::Moves},
    id::{ChannelId, ContactId, VersionId},
    queue::Job,
    store::audit,
    words::Reason,
};

/// An account with everything a campaign needs.
struct World {
    owner: Actor,
    manager: Actor,
    approver: Actor,
    channel: ChannelId,
    version: VersionId,
    now: Moment,
}

macro_rules! run {
    ($store:expr, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let mut tx = $store.begin().await.unwrap();
        let rows = on!(tx.conn(), |c| sqlx::query($sql)$(.bind($bind))*.execute(c).await.map(|r| r.rows_affected())).unwrap();
        tx.commit().await.unwrap();
        rows
    }};
}

async fn world(store: &Store) -> World {
    let now = clock::now();
    let account = AccountId::new();
    run!(
        store,
        "insert into account (id, name, zone, language, phone_region, advertiser, cap_hours, created_at) values ($1, 'Ромашка', 'Europe/Moscow', 'ru', 'RU', 'ООО «Ромашка»', 24, $2)",
        account,
        now
    );
    let mut members = Vec::new();
    for (name, role) in [("Анна", Role::Owner), ("Борис", Role::Manager), ("Вера", Role::Approver)] {
        let member = MemberId::new();
        run!(
            store,
            "insert into member (id, account_id, login, password_hash, name, role, language, created_at) values ($1, $2, $3, '', $4, $5, 'ru', $6)",
            member,
            account,
            member.to_string(),
            name,
            role,
            now
        );
        members.push(Actor { account, member, role, language: Language::Ru, name: name.to_owned() });
    }
    run!(
        store,
        "insert into licence (id, account_id, plan, valid_from, valid_until, created_at) values ($1, $2, 'start', $3, $4, $3)",
        crate::id::LicenceId::new(),
        account,
        now - TimeDelta::days(1),
        now + TimeDelta::days(30)
    );
    let channel = ChannelId::new();
    run!(
        store,
        "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) values ($1, $2, 'telegram', 'Бот', $3, $4, $5, 'active', '', $6)",
        channel,
        account,
        channel.to_string(),
        vec![0_u8],
        Json(serde_json::json!({})),
        now
    );
    let [owner, manager, approver] = <[Actor; 3]>::try_from(members).unwrap();
    let version = version(store, &owner, "approved", now).await;
    World { owner, manager, approver, channel, version, now }
}

async fn version(store: &Store, author: &Actor, state: &str, now: Moment) -> VersionId {
    let (template, id) = (crate::id::TemplateId::new(), VersionId::new());
    run!(
        store,
        "insert into template (id, account_id, name, created_by, created_at) values ($1, $2, 'Скидки', $3, $4)",
        template,
        author.account,
        author.member,
        now
    );
    run!(
        store,
        "insert into template_version (id, account_id, template_id, number, class, body, buttons, state, content_hash, created_by, created_at, updated_at) values ($1, $2, $3, 1, 'advertising', 'Скидка от {{ advertiser }}', $4, $5, $6, $7, $8, $8)",
        id,
        author.account,
        template,
        Json(serde_json::json!([{ "kind": "opt_out", "text": "Больше не писать" }])),
        state,
        id.to_string(),
        author.member,
        now
    );
    id
}

async fn segment(store: &Store, w: &World, filter: &str) -> SegmentId {
    let id = SegmentId::new();
    run!(
        store,
        "insert into segment (id, account_id, name, filter, created_by, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6)",
        id,
        w.owner.account,
        id.to_string(),
        filter,
        w.owner.member,
        w.now
    );
    id
}

/// The row of a draft of which nothing was chosen.
pub(super) fn blank(now: Moment) -> Campaign {
    Campaign {
        id: CampaignId::new(),
        account_id: AccountId::new(),
        name: "Ноябрь".to_owned(),
        state: State::Draft,
        state_reason: None,
        audience: Audience::default(),
        steps: Vec::new(),
        starts_at: None,
        ends_at: None,
        uncertain_policy: UncertainPolicy::Leave,
        comment: None,
        submitted_hash: None,
        approved_hash: None,
        submitted_by: None,
        submitted_at: None,
        approved_by: None,
        approved_at: None,
        launched_by: None,
        launched_at: None,
        confirmed_count: None,
        planned_at: None,
        finished_at: None,
        created_by: MemberId::new(),
        created_at: now,
        updated_at: now,
    }
}

/// A contact in the test's words.
#[derive(Debug, Clone, Default)]
struct Person {
    tags: Vec<&'static str>,
    grade: Option<i16>,
    opted_out: bool,
    deleted: bool,
    recent: bool,
    /// States of the addresses at the channel, the newest last.
    chats: Vec<&'static str>,
    /// An address at another channel.
    elsewhere: bool,
    /// Blocked the sender at every chat.
    blocked: bool,
    /// The company's stop-list has their phone.
    listed: bool,
    /// It has a phone they had before.
    listed_before: bool,
    doubtful: bool,
    phone: Option<String>,
}

fn fan() -> Person {
    Person { grade: Some(1), chats: vec!["reachable"], ..Person::default() }
}

/// The person is this record of a CRM.
async fn sourced(store: &Store, w: &World, person: ContactId, record: (crate::id::ConnectionId, &str)) {
    let mut tx = store.begin().await.unwrap();
    crate::contact::fixture::source(&mut tx, w.owner.account, person, record).await;
    tx.commit().await.unwrap();
}

async fn person(store: &Store, w: &World, p: &Person) -> ContactId {
    let (id, account, now) = (ContactId::new(), w.owner.account, w.now);
    run!(
        store,
        "insert into contact (id, account_id, name, attributes, marketing_grade, opted_out_at, last_marketing_at, deleted_at, source, created_at, updated_at) values ($1, $2, 'Гость', $3, $4, $5, $6, $7, 'import', $8, $8)",
        id,
        account,
        Json(serde_json::json!({})),
        p.grade,
        p.opted_out.then_some(now),
        Some(now - TimeDelta::hours(if p.recent { 1 } else { 48 })),
        p.deleted.then_some(now),
        now
    );
    for tag in &p.tags {
        run!(store, "insert into contact_tag (contact_id, tag, account_id) values ($1, $2, $3)", id, *tag, account);
    }
    let mut chats: Vec<(&str, String, ChannelId, &str)> =
        p.chats.iter().map(|state| ("telegram", ContactId::new().to_string(), w.channel, *state)).collect();
    if p.elsewhere {
        chats.push(("telegram", ContactId::new().to_string(), ChannelId::new(), "reachable"));
    }
    let listed = format!("+7999{:07}", id.0.as_u128() % 10_000_000);
    if let Some(phone) = p.phone.as_ref().or(p.listed.then_some(&listed)) {
        chats.push(("phone", phone.clone(), crate::id::ANY_CHANNEL, "unknown"));
    }
    if p.listed || p.listed_before {
        run!(
            store,
            "insert into suppression (id, account_id, kind, value, scope_id, reason, evidence, created_at) values ($1, $2, 'phone', $3, $4, 'manual', $5, $6) on conflict do nothing",
            crate::id::SuppressionId::new(),
            account,
            listed.clone(),
            crate::id::ANY_CHANNEL,
            Json(serde_json::json!({})),
            now
        );
    }
    if p.listed_before {
        run!(
            store,
            "insert into former_address (contact_id, kind, value, scope_id, account_id, until) values ($1, 'phone', $2, $3, $4, $5)",
            id,
            listed.clone(),
            crate::id::ANY_CHANNEL,
            account,
            now
        );
    }
    if p.doubtful {
        run!(
            store,
            "insert into doubt (account_id, contact_id, channel_id, opened_at) values ($1, $2, $3, $4)",
            account,
            id,
            w.channel,
            now
        );
    }
    for ((kind, value, scope, state), n) in chats.into_iter().zip(0..) {
        run!(
            store,
            "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
            crate::id::AddressId::new(),
            account,
            id,
            kind,
            value.clone(),
            scope,
            state,
            now + TimeDelta::seconds(n)
        );
        if p.blocked && kind == "telegram" {
            run!(
                store,
                "insert into suppression (id, account_id, kind, value, scope_id, reason, evidence, created_at) values ($1, $2, 'telegram', $3, $4, 'blocked', $5, $6)",
                crate::id::SuppressionId::new(),
                account,
                value,
                scope,
                Json(serde_json::json!({})),
                now
            );
        }
    }
    id
}

async fn crowd(store: &Store, w: &World, n: usize) -> Vec<ContactId> {
    let mut ids = Vec::new();
    for _ in 0..n {
        ids.push(person(store, w, &fan()).await);
    }
    ids
}

/// A complete draft for everybody.
async fn ready(store: &Store, w: &World) -> CampaignId {
    let id = draft::create(store, &w.manager, "Ноябрь", w.now).await.unwrap();
    for change in [Change::Template(1, w.version), Change::Audience(Audience::everybody()), Change::Channel(1, w.channel)] {
        assert_eq!(draft::edit(store, &w.manager, id, change, w.now).await.unwrap(), Edited::Changed);
    }
    id
}

async fn approved(store: &Store, w: &World) -> CampaignId {
    let id = ready(store, w).await;
    approval::submit(store, &w.manager, id, w.now).await.unwrap();
    let other = approval::approve_seen(store, &w.approver, id, "00000000", w.now).await;
    assert!(matches!(other, Err(CampaignError::Changed)), "something else was seen");
    let seen = get(store, w.owner.account, id).await.unwrap().submitted_hash.unwrap();
    approval::approve_seen(store, &w.approver, id, &seen[..approval::SEEN_DIGITS], w.now).await.unwrap();
    id
}

async fn running(store: &Store, w: &World, people: i64) -> CampaignId {
    let id = approved(store, w).await;
    approval::launch(store, &w.manager, id, people, w.now).await.unwrap();
    assert!(matches!(plan::plan(store, id, w.now).await.unwrap(), Planned::Running { .. }));
    id
}

async fn state(store: &Store, w: &World, id: CampaignId) -> State {
    get(store, w.owner.account, id).await.unwrap().state
}

async fn balanced(store: &Store, w: &World, id: CampaignId) -> Numbers {
    let books = delivery::books::books(store, w.owner.account, id).await.unwrap();
    assert!(books.balanced(), "rows and counters agree: {books:?}");
    let numbers = view::numbers(store, w.owner.account, id).await.unwrap();
    assert_eq!(numbers.audience, numbers.planned + numbers.left_out);
    let sum = numbers.queued + numbers.sending + numbers.sent + numbers.failed + numbers.dropped + numbers.uncertain + numbers.cancelled;
    assert_eq!(numbers.planned, sum);
    numbers
}

/// What the pump would do: `n` waiting messages get an outcome.
async fn outcome(store: &Store, w: &World, id: CampaignId, n: i64, to: delivery::State, reason: Option<Reason>) {
    let mut tx = store.begin().await.unwrap();
    let rows = on!(tx.conn(), |c| sqlx::query(
        "update delivery set state = $3, reason = $4, sent_at = $5, updated_at = $5 where id in (select id from delivery where campaign_id = $1 and state = 'queued' order by id limit $2)"
    )
    .bind(id)
    .bind(n)
    .bind(to)
    .bind(reason.map(Reason::as_str))
    .bind(w.now)
    .execute(c)
    .await
    .map(|r| r.rows_affected()))
    .unwrap();
    assert_eq!(rows, n.unsigned_abs());
    let mut moves = Moves::default();
    let part = delivery::Part::first(id);
    moves.add(part, true, (delivery::State::Queued, None), -n);
    moves.add(part, true, (to, reason.map(Why::from).as_ref()), n);
    moves.write(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

fn note(_: Language, campaign: &Campaign) -> String {
    format!("Рассылка «{}»", campaign.name)
}

fn xlsx_words() -> report::xlsx::Words {
    report::xlsx::Words {
        language: Language::Ru,
        sheet: "Получатели".to_owned(),
        headers: ["Имя", "Телефон", "Шаг", "Канал", "Адрес", "Итог", "Причина", "Время", "Доставлено", "Прочитано", "Ответил", "Отписался"]
            .map(str::to_owned),
        outcome: std::sync::Arc::new(str::to_owned),
        reason: std::sync::Arc::new(|why, _| why.to_string()),
        zone: chrono_tz::Europe::Moscow,
    }
}

fn chart_words() -> report::chart::Words {
    report::chart::Words {
        language: Language::Ru,
        line: "Отправлено".to_owned(),
        bars: "Итоги".to_owned(),
        outcomes: ["Отправлено", "Ошибка", "Пропущено", "Неизвестно", "Отменено", "В очереди"].map(str::to_owned),
        zone: chrono_tz::Europe::Moscow,
    }
}

// After the macro that they use.
mod access;
mod approval_holds;
mod cascade;
mod cautions;
mod closing;
mod costs;
mod fits;
mod lawful;
mod life;
mod maintenance;
mod planning;
mod portions;
mod results;
mod reviewed;
mod running;
