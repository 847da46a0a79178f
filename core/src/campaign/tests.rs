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
    id::ContactId,
    queue::Job,
    store::audit,
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
    suppressed: bool,
    phone: Option<String>,
}

fn fan() -> Person {
    Person { grade: Some(1), chats: vec!["reachable"], ..Person::default() }
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
    if let Some(phone) = &p.phone {
        chats.push(("phone", phone.clone(), crate::id::ANY_CHANNEL, "unknown"));
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
        if p.suppressed && kind == "telegram" {
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
    for change in [Change::Template(w.version), Change::Channel(w.channel)] {
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
    approval::approve_seen(store, &w.approver, id, &seen[..8], w.now).await.unwrap();
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
    let (balanced, numbers) = report::books(store, w.owner.account, id).await.unwrap();
    assert!(balanced, "rows and counters agree");
    assert_eq!(numbers.audience, numbers.planned + numbers.left_out);
    let sum = numbers.queued + numbers.sending + numbers.sent + numbers.failed + numbers.dropped + numbers.uncertain + numbers.cancelled;
    assert_eq!(numbers.planned, sum);
    numbers
}

/// What the pump would do: `n` waiting messages get an outcome.
async fn outcome(store: &Store, w: &World, id: CampaignId, n: i64, to: delivery::State, reason: Option<&str>) {
    let mut tx = store.begin().await.unwrap();
    let rows = on!(tx.conn(), |c| sqlx::query(
        "update delivery set state = $3, reason = $4, sent_at = $5, updated_at = $5 where id in (select id from delivery where campaign_id = $1 and state = 'queued' order by id limit $2)"
    )
    .bind(id)
    .bind(n)
    .bind(to)
    .bind(reason)
    .bind(w.now)
    .execute(c)
    .await
    .map(|r| r.rows_affected()))
    .unwrap();
    assert_eq!(rows, n.unsigned_abs());
    let mut moves = Moves::default();
    moves.add(id, true, delivery::State::Queued, "", -n);
    moves.add(id, true, to, reason.unwrap_or(""), n);
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
        headers: ["Имя", "Телефон", "Адрес", "Итог", "Причина", "Время"].map(str::to_owned),
        outcome: std::sync::Arc::new(str::to_owned),
        reason: std::sync::Arc::new(str::to_owned),
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

both!(async fn a_whole_life(store) {
    let w = world(&store).await;
    let account = w.owner.account;
    let people = crowd(&store, &w, 5).await;
    let silent = person(&store, &w, &Person { chats: vec!["reachable"], phone: Some("+79161234567".to_owned()), ..Person::default() }).await;
    let connection = crate::id::ConnectionId::new();
    run!(
        store,
        "insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, sync_cursor, sync_phase, created_at) values ($1, $2, 'amocrm', 'amo', '', '1', 'active', $3, $4, '', $4, 'idle', $5)",
        connection, account, vec![0_u8], Json(serde_json::json!({})), w.now
    );
    run!(store, "update contact set connection_id = $2, crm_id = '77' where id = $1", people[0], connection);

    let id = approved(&store, &w).await;
    let campaign = get(&store, account, id).await.unwrap();
    let forecast = audience::forecast(&store, &campaign, w.now).await.unwrap();
    assert_eq!((forecast.audience, forecast.planned), (6, 5));
    assert_eq!(forecast.skipped, [(audience::Skip::NoConsent, 1)]);
    assert_eq!(forecast.duration, TimeDelta::milliseconds(167), "5 messages at 30 a second");
    assert!(matches!(approval::launch(&store, &w.manager, id, 6, w.now).await, Err(CampaignError::WrongCount { typed: 6, planned: 5 })));
    let launched = approval::launch(&store, &w.manager, id, 5, w.now).await.unwrap();
    assert_eq!(launched, Launched::Planning(Job::PlanCampaign { campaign: id }));

    let planned = plan::plan(&store, id, w.now).await.unwrap();
    assert_eq!(planned, Planned::Running { channel: w.channel, planned: 5, skipped: 1 });
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::NotPlanning, "twice changes nothing");
    assert_eq!(balanced(&store, &w, id).await.queued, 5);
    assert!(tick::due(&store, w.now).await.unwrap().is_empty());
    assert_eq!(report::close(&store, id, note, w.now).await.unwrap(), Closed::NotYet);

    outcome(&store, &w, id, 4, delivery::State::Sent, None).await;
    outcome(&store, &w, id, 1, delivery::State::Failed, Some("blocked")).await;
    assert_eq!(tick::tick(&store, w.now).await.unwrap(), [Job::CloseCampaign { campaign: id }]);
    let Closed::Now { state: end, numbers, notes, balanced: even } = report::close(&store, id, note, w.now).await.unwrap() else {
        panic!("it closes")
    };
    assert_eq!((end, numbers.sent, numbers.failed, numbers.left_out, even), (State::Finished, 4, 1, 1, true));
    assert_eq!(notes, 1, "one of those who got it came from a CRM");
    assert_eq!(report::close(&store, id, note, w.now).await.unwrap(), Closed::Nothing);
    assert!(tick::due(&store, w.now).await.unwrap().is_empty());

    let Who::Row { contact, row, .. } = view::who(&store, account, id, &Whom::Phone("+79161234567".to_owned())).await.unwrap() else {
        panic!("the silent one is in the books")
    };
    assert_eq!((contact, row.planned, row.state.as_str(), row.reason.as_deref()), (silent, false, "skipped", Some("no_consent")));
    assert_eq!(view::who(&store, account, id, &Whom::Phone("+7000".to_owned())).await.unwrap(), Who::Unknown);
    let late = person(&store, &w, &fan()).await;
    assert!(matches!(view::who(&store, account, id, &Whom::Contact(late)).await.unwrap(), Who::NotInAudience { .. }));

    let first = report::xlsx::recipients(&store, account, id, &xlsx_words(), w.now).await.unwrap();
    let again = report::xlsx::recipients(&store, account, id, &xlsx_words(), w.now).await.unwrap();
    assert_eq!(first, again, "a closed campaign's list is kept");
    assert_eq!(first.name, "Ноябрь.xlsx");
    let chart = report::chart::picture(&store, account, id, &chart_words(), w.now).await.unwrap();
    assert_eq!(&chart.content[1..4], b"PNG");
    let card = view::card(&store, account, id).await.unwrap();
    assert_eq!((card.created_by.as_str(), card.approved_by.as_deref()), ("Борис", Some("Вера")));
    assert_eq!(view::list(&store, account, None, 10).await.unwrap().len(), 1);
    assert_eq!(view::states(&store, account).await.unwrap(), [(State::Finished, 1)]);
    assert!(audit::verify(&store, account).await.unwrap().is_ok());
});

both!(async fn every_change_voids_an_approval(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let other = version(&store, &w.owner, "approved", w.now).await;
    let vip = segment(&store, &w, "tag = vip").await;
    let second = ChannelId::new();
    run!(
        store,
        "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) select $2, account_id, kind, name, 'other', credentials, settings, state, hook_secret, created_at from channel where id = $1",
        w.channel, second
    );
    let changes = [
        Change::Name("Декабрь".to_owned()),
        Change::Template(other),
        Change::Audience(Audience { include: vec![], exclude: vec![vip] }),
        Change::Channel(second),
        Change::Window { starts_at: None, ends_at: Some(w.now + TimeDelta::days(2)) },
        Change::Policy(UncertainPolicy::Resend),
    ];
    for change in changes {
        for scheduled in [false, true] {
            let id = ready(&store, &w).await;
            let window = Change::Window { starts_at: Some(w.now + TimeDelta::hours(1)), ends_at: None };
            draft::edit(&store, &w.manager, id, window, w.now).await.unwrap();
            approval::submit(&store, &w.manager, id, w.now).await.unwrap();
            approval::approve(&store, &w.approver, id, w.now).await.unwrap();
            if scheduled {
                assert!(matches!(approval::launch(&store, &w.manager, id, 2, w.now).await.unwrap(), Launched::Scheduled(_)));
            }
            assert_eq!(draft::edit(&store, &w.manager, id, change.clone(), w.now).await.unwrap(), Edited::Voided, "{change:?}");
            let campaign = get(&store, w.owner.account, id).await.unwrap();
            assert_eq!((campaign.state, campaign.approved_hash, campaign.launched_by), (State::Draft, None, None));
            assert_eq!(draft::edit(&store, &w.manager, id, change.clone(), w.now).await.unwrap(), Edited::Same, "{change:?}");
        }
    }
});

both!(async fn a_change_from_outside_voids_an_approval(store) {
    let w = world(&store).await;
    let account = w.owner.account;
    crowd(&store, &w, 2).await;
    let outside = [
        "update segment set filter = 'tag = gold' where account_id = $1",
        "update segment set deleted_at = created_at where account_id = $1 and deleted_at is null",
        "update account set advertiser = 'ИП Лютик' where id = $1",
        "update account set min_grade = 1 where id = $1",
        "update account set cap_hours = 1 where id = $1",
        "update account set zone = 'Asia/Omsk' where id = $1",
        "update template_version set content_hash = 'other' where account_id = $1",
        "update template_version set state = 'returned' where account_id = $1",
    ];
    for sql in outside {
        let vip = segment(&store, &w, "not tag = vip").await;
        let audience = Change::Audience(Audience { include: vec![vip], exclude: vec![] });
        let mut ids = Vec::new();
        for _ in 0..3 {
            let id = ready(&store, &w).await;
            draft::edit(&store, &w.manager, id, audience.clone(), w.now).await.unwrap();
            approval::submit(&store, &w.manager, id, w.now).await.unwrap();
            ids.push(id);
        }
        let [waiting, agreed, launched] = ids[..] else { unreachable!("three were made") };
        for id in [agreed, launched] {
            approval::approve(&store, &w.approver, id, w.now).await.unwrap();
        }
        approval::launch(&store, &w.manager, launched, 2, w.now).await.unwrap();
        run!(store, sql, account);
        assert!(matches!(approval::approve(&store, &w.approver, waiting, w.now).await, Err(CampaignError::ApprovalVoid)), "{sql}");
        assert!(matches!(approval::launch(&store, &w.manager, agreed, 2, w.now).await, Err(CampaignError::ApprovalVoid)), "{sql}");
        assert_eq!(plan::plan(&store, launched, w.now).await.unwrap(), Planned::Void, "{sql}");
        for id in [waiting, agreed, launched] {
            assert_eq!(state(&store, &w, id).await, State::Draft, "{sql}");
            assert_eq!(balanced(&store, &w, id).await.audience, 0, "{sql}");
        }
        run!(store, "update template_version set state = 'approved' where account_id = $1", account);
    }
});

both!(async fn nobody_approves_their_own(store) {
    let w = world(&store).await;
    let id = draft::create(&store, &w.owner, "Моя", w.now).await.unwrap();
    for change in [Change::Template(w.version), Change::Channel(w.channel)] {
        draft::edit(&store, &w.owner, id, change, w.now).await.unwrap();
    }
    approval::submit(&store, &w.manager, id, w.now).await.unwrap();
    assert!(matches!(approval::approve(&store, &w.owner, id, w.now).await, Err(CampaignError::OwnWork)), "who made it");
    approval::give_back(&store, &w.approver, id, " не то ", w.now).await.unwrap();
    assert_eq!(get(&store, w.owner.account, id).await.unwrap().comment.as_deref(), Some("не то"));
    let copy = draft::duplicate(&store, &w.manager, id, "Ещё", w.now).await.unwrap();
    approval::submit(&store, &w.owner, copy, w.now).await.unwrap();
    assert!(matches!(approval::approve(&store, &w.owner, copy, w.now).await, Err(CampaignError::OwnWork)), "who submitted it");
    assert!(matches!(approval::approve(&store, &w.manager, copy, w.now).await, Err(CampaignError::NotAllowed(Right::Approve))));
    approval::approve(&store, &w.approver, copy, w.now).await.unwrap();
    assert!(matches!(draft::delete(&store, &w.owner, copy, w.now).await, Err(CampaignError::Refused(_))));
    draft::delete(&store, &w.owner, id, w.now).await.unwrap();
    assert!(matches!(get(&store, w.owner.account, id).await, Err(CampaignError::NotFound)));
});

both!(async fn another_account_sees_nothing(store) {
    let w = world(&store).await;
    let foreign = world(&store).await;
    crowd(&store, &w, 1).await;
    let id = running(&store, &w, 1).await;
    let (actor, now) = (&foreign.owner, w.now);
    let absent = |what: &str, result: Result<()>| assert!(matches!(result, Err(CampaignError::NotFound)), "{what}: {result:?}");
    absent("get", get(&store, actor.account, id).await.map(|_| ()));
    absent("edit", draft::edit(&store, actor, id, Change::Name("x".to_owned()), now).await.map(|_| ()));
    absent("duplicate", draft::duplicate(&store, actor, id, "x", now).await.map(|_| ()));
    absent("delete", draft::delete(&store, actor, id, now).await);
    absent("submit", approval::submit(&store, actor, id, now).await.map(|_| ()));
    absent("approve", approval::approve(&store, actor, id, now).await);
    absent("return", approval::give_back(&store, actor, id, "", now).await);
    absent("launch", approval::launch(&store, actor, id, 1, now).await.map(|_| ()));
    absent("pause", control::pause(&store, actor, id, now).await);
    absent("resume", control::resume(&store, actor, id, now).await.map(|_| ()));
    absent("recall", control::recall(&store, actor, id, now).await);
    absent("stop", control::stop(&store, actor, id, now).await.map(|_| ()));
    absent("decide", control::decide_uncertain(&store, actor, id, Word::Leave, now).await.map(|_| ()));
    absent("card", view::card(&store, actor.account, id).await.map(|_| ()));
    absent("who", view::who(&store, actor.account, id, &Whom::Phone("+7".to_owned())).await.map(|_| ()));
    absent("list of recipients", report::xlsx::recipients(&store, actor.account, id, &xlsx_words(), now).await.map(|_| ()));
    absent("chart", report::chart::picture(&store, actor.account, id, &chart_words(), now).await.map(|_| ()));
    assert_eq!(view::numbers(&store, actor.account, id).await.unwrap(), Numbers::default());
    assert!(view::recipients(&store, actor.account, id, None, 10).await.unwrap().is_empty());
    assert!(view::list(&store, actor.account, None, 10).await.unwrap().is_empty());
    // And what belongs to another account cannot be built in.
    let own = draft::create(&store, actor, "Своя", now).await.unwrap();
    let theirs = segment(&store, &w, "").await;
    assert!(matches!(draft::edit(&store, actor, own, Change::Template(w.version), now).await, Err(CampaignError::TemplateNotApproved)));
    assert!(matches!(draft::edit(&store, actor, own, Change::Channel(w.channel), now).await, Err(CampaignError::ChannelNotActive)));
    let audience = Audience { include: vec![theirs], exclude: vec![] };
    assert!(matches!(draft::edit(&store, actor, own, Change::Audience(audience), now).await, Err(CampaignError::SegmentMissing(_))));
    assert_eq!(state(&store, &w, id).await, State::Running);
});

both!(async fn roles_are_checked_at_every_door(store) {
    let w = world(&store).await;
    let id = ready(&store, &w).await;
    for role in Role::ALL {
        let actor = Actor { role, ..w.approver.clone() };
        let refused = |result: Result<()>| matches!(result, Err(CampaignError::NotAllowed(_)));
        let edit = !role.may(Right::Edit);
        assert_eq!(refused(draft::create(&store, &actor, "x", w.now).await.map(|_| ())), edit, "{role:?}");
        assert_eq!(refused(draft::edit(&store, &actor, id, Change::Name("Ноябрь".to_owned()), w.now).await.map(|_| ())), edit, "{role:?}");
        assert_eq!(refused(approval::launch(&store, &actor, id, 1, w.now).await.map(|_| ())), edit, "{role:?}");
        assert_eq!(refused(control::pause(&store, &actor, id, w.now).await), edit, "{role:?}");
        assert_eq!(refused(control::resume(&store, &actor, id, w.now).await.map(|_| ())), edit, "{role:?}");
        assert_eq!(refused(control::stop(&store, &actor, id, w.now).await.map(|_| ())), edit, "{role:?}");
        assert_eq!(refused(approval::approve(&store, &actor, id, w.now).await), !role.may(Right::Approve), "{role:?}");
        assert_eq!(refused(approval::give_back(&store, &actor, id, "", w.now).await), !role.may(Right::Approve), "{role:?}");
    }
});

both!(async fn a_launch_is_refused_for_its_reasons(store) {
    let w = world(&store).await;
    let id = draft::create(&store, &w.manager, "Пусто", w.now).await.unwrap();
    let missing = approval::submit(&store, &w.manager, id, w.now).await;
    assert!(matches!(missing, Err(CampaignError::Incomplete(list)) if list == [Missing::Template, Missing::Channel]));
    assert!(matches!(draft::create(&store, &w.manager, "  ", w.now).await, Err(CampaignError::BadName)));
    let raw = version(&store, &w.owner, "submitted", w.now).await;
    assert!(matches!(draft::edit(&store, &w.manager, id, Change::Template(raw), w.now).await, Err(CampaignError::TemplateNotApproved)));
    let back = Change::Window { starts_at: Some(w.now), ends_at: Some(w.now - TimeDelta::seconds(1)) };
    assert!(matches!(draft::edit(&store, &w.manager, id, back, w.now).await, Err(CampaignError::BadWindow)));

    let id = ready(&store, &w).await;
    run!(store, "update account set advertiser = '' where id = $1", w.owner.account);
    assert!(matches!(approval::submit(&store, &w.manager, id, w.now).await, Err(CampaignError::Lint(_))));
    run!(store, "update account set advertiser = 'ООО «Ромашка»' where id = $1", w.owner.account);

    let id = approved(&store, &w).await;
    assert!(matches!(approval::launch(&store, &w.manager, id, 0, w.now).await, Err(CampaignError::Nobody)));
    crowd(&store, &w, 1).await;
    run!(store, "update channel set state = 'paused' where id = $1", w.channel);
    assert!(matches!(approval::launch(&store, &w.manager, id, 1, w.now).await, Err(CampaignError::ChannelNotActive)));
    run!(store, "update channel set state = 'active' where id = $1", w.channel);
    run!(store, "update licence set revoked_at = $2 where account_id = $1", w.owner.account, w.now);
    assert!(matches!(approval::launch(&store, &w.manager, id, 1, w.now).await, Err(CampaignError::NoLicence)));
    assert_eq!(state(&store, &w, id).await, State::Approved);
});

both!(async fn planning_never_sends_to_more_than_was_confirmed(store) {
    let w = world(&store).await;
    crowd(&store, &w, 3).await;
    let id = approved(&store, &w).await;
    approval::launch(&store, &w.manager, id, 3, w.now).await.unwrap();
    crowd(&store, &w, 1).await;
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Outgrown { planned: 4, confirmed: 3 });
    let campaign = get(&store, w.owner.account, id).await.unwrap();
    assert_eq!((campaign.state, campaign.state_reason.as_deref(), campaign.confirmed_count), (State::Approved, Some("audience_grew"), None));
    assert_eq!(balanced(&store, &w, id).await, Numbers::default());
    // Asked again, confirmed again; then one of them says stop: fewer go on.
    approval::launch(&store, &w.manager, id, 4, w.now).await.unwrap();
    run!(store, "update contact set opted_out_at = $2 where id = (select id from contact where account_id = $1 order by id limit 1)", w.owner.account, w.now);
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Running { channel: w.channel, planned: 3, skipped: 1 });
});

both!(async fn pause_resume_stop(store) {
    let w = world(&store).await;
    crowd(&store, &w, 4).await;
    let id = running(&store, &w, 4).await;
    let later = w.now + TimeDelta::seconds(1);
    control::pause(&store, &w.owner, id, later).await.unwrap();
    assert_eq!(state(&store, &w, id).await, State::Paused);
    assert!(matches!(control::pause(&store, &w.owner, id, later).await, Err(CampaignError::Refused(_))));
    assert_eq!(control::resume(&store, &w.owner, id, later).await.unwrap(), Job::Deliver { channel: w.channel });
    outcome(&store, &w, id, 1, delivery::State::Sending, None).await;
    assert_eq!(control::stop(&store, &w.owner, id, later).await.unwrap(), 3);
    let numbers = balanced(&store, &w, id).await;
    assert_eq!((numbers.cancelled, numbers.sending, numbers.reason("cancelled", "campaign_stopped")), (3, 1, 3));
    assert!(tick::due(&store, later).await.unwrap().is_empty(), "one is in the air");
    // The provider gave it back to the queue (a limit): it must not wait for ever.
    run!(store, "update delivery set state = 'queued' where campaign_id = $1 and state = 'sending'", id);
    let mut tx = store.begin().await.unwrap();
    let mut moves = Moves::default();
    moves.step(id, true, (delivery::State::Sending, ""), (delivery::State::Queued, ""));
    moves.write(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(tick::tick(&store, later).await.unwrap().is_empty());
    assert_eq!(balanced(&store, &w, id).await.cancelled, 4);
    assert_eq!(tick::tick(&store, later).await.unwrap(), [Job::CloseCampaign { campaign: id }]);
    assert!(matches!(report::close(&store, id, note, later).await.unwrap(), Closed::Now { state: State::Stopped, .. }));
    assert!(tick::due(&store, later).await.unwrap().is_empty());
});

both!(async fn the_schedule_moves_campaigns(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let account = w.owner.account;
    let at = |seconds| w.now + TimeDelta::seconds(seconds);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = ready(&store, &w).await;
        let window = Change::Window { starts_at: Some(at(60)), ends_at: Some(at(120)) };
        draft::edit(&store, &w.manager, id, window, w.now).await.unwrap();
        approval::submit(&store, &w.manager, id, w.now).await.unwrap();
        approval::approve(&store, &w.approver, id, w.now).await.unwrap();
        assert_eq!(approval::launch(&store, &w.manager, id, 2, w.now).await.unwrap(), Launched::Scheduled(at(60)));
        ids.push(id);
    }
    let (id, taken_back) = (ids[0], ids[1]);
    control::recall(&store, &w.manager, taken_back, w.now).await.unwrap();
    assert_eq!(state(&store, &w, taken_back).await, State::Approved);
    assert!(tick::tick(&store, at(59)).await.unwrap().is_empty());
    assert_eq!(tick::tick(&store, at(60)).await.unwrap(), [Job::PlanCampaign { campaign: id }]);
    assert!(tick::tick(&store, at(61)).await.unwrap().is_empty());
    assert_eq!(tick::due(&store, at(70)).await.unwrap(), [(account, id, Due::Plan)], "its worker may have died");
    plan::plan(&store, id, at(71)).await.unwrap();
    outcome(&store, &w, id, 1, delivery::State::Sent, None).await;
    assert!(tick::tick(&store, at(119)).await.unwrap().is_empty());
    assert!(tick::tick(&store, at(120)).await.unwrap().is_empty());
    let numbers = balanced(&store, &w, id).await;
    assert_eq!((numbers.sent, numbers.reason("cancelled", "window_closed")), (1, 1));
    assert_eq!(tick::tick(&store, at(121)).await.unwrap(), [Job::CloseCampaign { campaign: id }]);
    assert!(matches!(report::close(&store, id, note, at(121)).await.unwrap(), Closed::Now { state: State::Finished, .. }));
    assert!(matches!(approval::launch(&store, &w.manager, taken_back, 2, at(121)).await, Err(CampaignError::WindowClosed)));
});

both!(async fn unknown_outcomes_wait_for_a_word(store) {
    let w = world(&store).await;
    crowd(&store, &w, 3).await;
    for (word, end) in [(Word::Resend, (0, 1)), (Word::Leave, (1, 0))] {
        let id = ready(&store, &w).await;
        draft::edit(&store, &w.manager, id, Change::Policy(UncertainPolicy::Ask), w.now).await.unwrap();
        approval::submit(&store, &w.manager, id, w.now).await.unwrap();
        approval::approve(&store, &w.approver, id, w.now).await.unwrap();
        approval::launch(&store, &w.manager, id, 3, w.now).await.unwrap();
        plan::plan(&store, id, w.now).await.unwrap();
        outcome(&store, &w, id, 2, delivery::State::Sent, None).await;
        outcome(&store, &w, id, 1, delivery::State::Uncertain, Some("no_answer")).await;
        assert!(tick::tick(&store, w.now).await.unwrap().is_empty());
        assert_eq!(state(&store, &w, id).await, State::Paused, "the question is put");
        assert!(tick::due(&store, w.now).await.unwrap().is_empty());
        assert_eq!(control::decide_uncertain(&store, &w.manager, id, word, w.now).await.unwrap(), 1);
        assert_eq!(state(&store, &w, id).await, State::Running);
        let numbers = balanced(&store, &w, id).await;
        assert_eq!((numbers.uncertain, numbers.queued), end);
        if word == Word::Resend {
            outcome(&store, &w, id, 1, delivery::State::Sent, None).await;
        }
        assert_eq!(tick::tick(&store, w.now).await.unwrap(), [Job::CloseCampaign { campaign: id }]);
        assert!(matches!(report::close(&store, id, note, w.now).await.unwrap(), Closed::Now { .. }));
    }
});

/// The same rules, written in Rust: `None` is not in the audience, an empty word gets it.
fn oracle(p: &Person, include_vip: bool, exclude_old: bool, min_grade: i16, advertising: bool) -> Option<&'static str> {
    if p.deleted || (include_vip && !p.tags.contains(&"vip")) || (exclude_old && p.tags.contains(&"old")) {
        return None;
    }
    let best = ["reachable", "unknown", "unreachable"].into_iter().find(|state| p.chats.contains(state));
    Some(match (best, p.grade) {
        _ if p.opted_out => "opted_out",
        (None, _) => "no_address",
        (Some("unreachable"), _) => "unreachable",
        _ if p.suppressed => "suppressed",
        (_, None) if advertising => "no_consent",
        (_, Some(grade)) if advertising && grade > min_grade => "consent_grade",
        _ if advertising && p.recent => "frequency_cap",
        _ => "",
    })
}

both!(async fn planning_equals_the_oracle(store) {
    for seed in 0..6_u64 {
        let mut random = StdRng::seed_from_u64(seed);
        let w = world(&store).await;
        let account = w.owner.account;
        let mut people = std::collections::HashMap::new();
        for _ in 0..40 {
            let mut p = Person {
                grade: [None, Some(1), Some(2), Some(3), Some(4)][random.random_range(0..5)],
                opted_out: random.random_bool(0.1),
                deleted: random.random_bool(0.1),
                recent: random.random_bool(0.2),
                elsewhere: random.random_bool(0.2),
                suppressed: random.random_bool(0.15),
                ..Person::default()
            };
            p.tags = ["vip", "old"].into_iter().filter(|_| random.random_bool(0.5)).collect();
            p.chats = (0..random.random_range(0..3)).map(|_| ["reachable", "unknown", "unreachable"][random.random_range(0..3)]).collect();
            people.insert(person(&store, &w, &p).await, p);
        }
        let (vip, old, advertising) = (random.random_bool(0.5), random.random_bool(0.5), random.random_bool(0.7));
        let min_grade = random.random_range(1..=4_i16);
        run!(store, "update account set min_grade = $2 where id = $1", account, min_grade);
        let class = if advertising { "advertising" } else { "service" };
        run!(store, "update template_version set class = $2 where account_id = $1", account, class);
        let mut audience = Audience::default();
        if vip {
            audience.include.push(segment(&store, &w, "tag = vip").await);
        }
        if old {
            audience.exclude.push(segment(&store, &w, "tag = old").await);
        }
        let id = ready(&store, &w).await;
        draft::edit(&store, &w.manager, id, Change::Audience(audience), w.now).await.unwrap();
        let expected: std::collections::HashMap<ContactId, &str> =
            people.iter().filter_map(|(id, p)| Some((*id, oracle(p, vip, old, min_grade, advertising)?))).collect();
        let planned = i64::try_from(expected.values().filter(|reason| reason.is_empty()).count()).unwrap();

        let campaign = get(&store, account, id).await.unwrap();
        let forecast = audience::forecast(&store, &campaign, w.now).await.unwrap();
        assert_eq!(forecast.audience, i64::try_from(expected.len()).unwrap(), "seed {seed}");
        assert_eq!(forecast.planned, planned, "seed {seed}");
        assert_eq!(forecast.audience, forecast.planned + forecast.skipped.iter().map(|(_, n)| n).sum::<i64>());
        if planned == 0 {
            continue;
        }
        approval::submit(&store, &w.manager, id, w.now).await.unwrap();
        approval::approve(&store, &w.approver, id, w.now).await.unwrap();
        approval::launch(&store, &w.manager, id, planned, w.now).await.unwrap();
        assert!(matches!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Running { .. }));
        let rows = view::recipients(&store, account, id, None, 1_000).await.unwrap();
        let got: std::collections::HashMap<ContactId, &str> =
            rows.iter().map(|row| (row.contact_id, row.reason.as_deref().unwrap_or(""))).collect();
        assert_eq!(got, expected, "seed {seed}");
        assert_eq!(rows.len(), expected.len(), "one row a person");
        assert!(rows.iter().all(|row| row.planned == (row.state == "queued")));
        balanced(&store, &w, id).await;
    }
});
