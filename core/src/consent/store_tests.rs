//! The consent room on both engines.

use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::{
    both, clock,
    contact::{self, Draft, NewAddress, fixture},
    crm::CrmChange,
    id::ANY_CHANNEL,
    on,
    opt_out::{self, OptOutBy, OptOutDone, OptOutHow, come_back, opt_out},
    store::{Engine, Store, Tx, audit},
};

async fn person(tx: &mut Tx, account: AccountId, phone: &str, now: Moment) -> ContactId {
    let draft = Draft {
        name: Some("Анна".to_owned()),
        addresses: vec![
            NewAddress::phone(phone.to_owned(), phone),
            NewAddress { kind: contact::TELEGRAM.to_owned(), value: phone[2..].to_owned(), scope: ANY_CHANNEL, raw: None },
        ],
        source: "manual".to_owned(),
        ..Draft::default()
    };
    contact::upsert(tx, account, &draft, now).await.expect("a contact").contact
}

fn grant(account: AccountId, contact: ContactId, grade: Grade, at: Moment) -> NewConsent {
    NewConsent {
        account,
        contact,
        purpose: Purpose::Marketing,
        action: Action::Granted,
        grade,
        wording: None,
        channel: None,
        evidence: json!({ "field": "Согласие", "author": "Пётр" }),
        actor: "crm".to_owned(),
        at,
    }
}

async fn grades(store: &Store, contact: ContactId) -> (Option<Grade>, Option<Moment>) {
    on!(store.read(), |c| sqlx::query_as("select marketing_grade, opted_out_at from contact where id = $1")
        .bind(contact)
        .fetch_one(c)
        .await)
    .expect("a contact")
}

async fn count(store: &Store, sql: &'static str, account: AccountId) -> i64 {
    on!(store.read(), |c| sqlx::query_scalar(sql).bind(account).fetch_one(c).await).expect("a count")
}

const LEDGER: &str = "select count(*) from consent where account_id = $1";
const LIVE: &str = "select count(*) from suppression where account_id = $1 and lifted_at is null";

both!(async fn the_contact_shows_what_the_ledger_amounts_to(store) {
    let now = clock::now();
    let actor = fixture::actor(&store).await;
    let account = actor.account;
    let mut tx = store.begin().await.unwrap();
    let anna = person(&mut tx, account, "+79990000001", now).await;
    record(&mut tx, grant(account, anna, Grade::C, now), now).await.unwrap();
    record(&mut tx, grant(account, anna, Grade::D, now), now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(grades(&store, anna).await.0, Some(Grade::C));
    // A withdrawal that happened before the grant does not undo it; a later one does.
    let mut tx = store.begin().await.unwrap();
    let no = NewConsent { action: Action::Withdrawn, at: now - TimeDelta::hours(1), ..grant(account, anna, Grade::A, now) };
    record(&mut tx, no.clone(), now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(grades(&store, anna).await.0, Some(Grade::C));
    let mut tx = store.begin().await.unwrap();
    record(&mut tx, NewConsent { at: now, ..no }, now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(grades(&store, anna).await.0, None);
    // Nobody else's contact, and no change of what is written.
    let mut tx = store.begin().await.unwrap();
    let stranger = fixture_account(&mut tx, now).await;
    assert!(record(&mut tx, grant(stranger, anna, Grade::A, now), now).await.is_err());
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    assert!(on!(tx.conn(), |c| sqlx::query("delete from consent").execute(c).await.map(|_| ())).is_err());
});

async fn fixture_account(tx: &mut Tx, now: Moment) -> AccountId {
    let account = AccountId::new();
    on!(tx.conn(), |c| sqlx::query(
        "insert into account (id, name, zone, language, phone_region, created_at) values ($1, 'Лютик', 'Europe/Moscow', 'ru', 'RU', $2)"
    )
    .bind(account)
    .bind(now)
    .execute(c)
    .await
    .map(|_| ()))
    .expect("an account");
    account
}

both!(async fn a_repeated_sync_appends_nothing(store) {
    let now = clock::now();
    let account = fixture::actor(&store).await.account;
    let mut tx = store.begin().await.unwrap();
    let mut people = Vec::new();
    for n in 0..300 {
        people.push(person(&mut tx, account, &format!("+7999{n:07}"), now).await);
    }
    tx.commit().await.unwrap();
    let rows: Vec<NewConsent> = people.iter().map(|id| grant(account, *id, Grade::C, now)).collect();
    for expected in [300, 0] {
        let mut tx = store.begin().await.unwrap();
        assert_eq!(record_many(&mut tx, account, &rows, now).await.unwrap(), expected);
        tx.commit().await.unwrap();
    }
    assert_eq!(count(&store, LEDGER, account).await, 300);
    assert_eq!(grades(&store, people[299]).await.0, Some(Grade::C));
    // Better evidence is news; an unticked box is news; a never ticked one is none.
    let later = now + TimeDelta::hours(1);
    let news = vec![
        grant(account, people[0], Grade::B, later),
        NewConsent { action: Action::Withdrawn, ..grant(account, people[1], Grade::C, later) },
        NewConsent { action: Action::Withdrawn, purpose: Purpose::PersonalData, ..grant(account, people[2], Grade::C, later) },
        grant(AccountId::new(), people[3], Grade::A, later),
        grant(account, ContactId::new(), Grade::A, later),
    ];
    let mut tx = store.begin().await.unwrap();
    assert_eq!(record_many(&mut tx, account, &news, later).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(grades(&store, people[0]).await.0, Some(Grade::B));
    assert_eq!(grades(&store, people[1]).await.0, None);
    assert_eq!(grades(&store, people[3]).await.0, Some(Grade::C));
});

both!(async fn stop_is_one_transaction_and_happens_once(store) {
    let now = clock::now();
    let actor = fixture::actor(&store).await;
    let account = actor.account;
    let mut tx = store.begin().await.unwrap();
    let anna = person(&mut tx, account, "+79990000001", now).await;
    record(&mut tx, grant(account, anna, Grade::C, now), now).await.unwrap();
    tx.commit().await.unwrap();
    let how = OptOutHow { by: OptOutBy::Text, channel: None, message_ref: Some("1:2".to_owned()), said_at: None };
    let later = now + TimeDelta::seconds(1);
    let mut tx = store.begin().await.unwrap();
    assert!(matches!(opt_out(&mut tx, account, anna, &how, later).await.unwrap(), OptOutDone::Now { .. }));
    tx.commit().await.unwrap();
    assert_eq!(grades(&store, anna).await, (None, Some(later)));
    assert_eq!((count(&store, LIVE, account).await, count(&store, LEDGER, account).await), (2, 2));
    let mut tx = store.begin().await.unwrap();
    assert_eq!(opt_out(&mut tx, account, anna, &how, later).await.unwrap(), OptOutDone::Already);
    let stranger = fixture_account(&mut tx, now).await;
    assert_eq!(opt_out(&mut tx, stranger, anna, &how, later).await.unwrap(), OptOutDone::Unknown);
    assert!(!come_back(&mut tx, stranger, anna, later).await.unwrap());
    assert_eq!(suppression::said_stop(&mut tx, account, contact::PHONE, "+79990000001").await.unwrap(), Some(later));
    assert_eq!(suppression::said_stop(&mut tx, stranger, contact::PHONE, "+79990000001").await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!((count(&store, LIVE, account).await, count(&store, LEDGER, account).await), (2, 2));
    // No box in a CRM undoes it.
    let ticked = later + TimeDelta::hours(1);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(record_many(&mut tx, account, &[grant(account, anna, Grade::C, ticked)], ticked).await.unwrap(), 0);
    // The person does.
    record(&mut tx, grant(account, anna, Grade::A, ticked), ticked).await.unwrap();
    assert!(come_back(&mut tx, account, anna, ticked).await.unwrap());
    assert!(!come_back(&mut tx, account, anna, ticked).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(grades(&store, anna).await, (Some(Grade::A), None));
    assert_eq!(count(&store, LIVE, account).await, 0);
    assert!(audit::verify(&store, account).await.unwrap().is_ok());
});

both!(async fn the_crm_is_told_of_stop_and_return(store) {
    let now = clock::now();
    let account = fixture::actor(&store).await.account;
    let connection = crate::id::ConnectionId::new();
    let mut tx = store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, sync_cursor, sync_phase, created_at) values ($1, $2, 'amocrm', 'amo', '', '1', 'active', $3, $4, 's', $4, 'idle', $5)")
        .bind(connection).bind(account).bind(&b""[..]).bind(sqlx::types::Json(json!({}))).bind(now).execute(c).await.map(|_| ())).unwrap();
    let draft = Draft {
        source: "crm".to_owned(),
        crm: Some(contact::CrmRef { connection, id: "42".to_owned(), updated_at: now, tags: Vec::new() }),
        ..Draft::default()
    };
    let anna = contact::upsert(&mut tx, account, &draft, now).await.unwrap().contact;
    let how = OptOutHow { by: OptOutBy::Button, channel: None, message_ref: None, said_at: None };
    opt_out(&mut tx, account, anna, &how, now).await.unwrap();
    come_back(&mut tx, account, anna, now + TimeDelta::seconds(1)).await.unwrap();
    tx.commit().await.unwrap();
    let told: Vec<sqlx::types::Json<CrmChange>> = on!(store.read(), |c| sqlx::query_scalar("select payload from crm_write where connection_id = $1 order by id").bind(connection).fetch_all(c).await).unwrap();
    let told: Vec<CrmChange> = told.into_iter().map(|t| t.0).collect();
    assert_eq!(told.len(), 4);
    assert_eq!((&told[0], &told[2]), (&CrmChange::OptOut(true), &CrmChange::OptOut(false)));
    assert!(matches!(&told[1], CrmChange::Note { text } if text.contains("кнопка под сообщением")));
});

both!(async fn an_unknown_chat_is_suppressed_all_the_same(store) {
    let now = clock::now();
    let account = fixture::actor(&store).await.account;
    let how = OptOutHow { by: OptOutBy::Text, channel: None, message_ref: None, said_at: None };
    let mut tx = store.begin().await.unwrap();
    assert!(opt_out::opt_out_unknown(&mut tx, account, &[(contact::TELEGRAM, "777")], &how, now).await.unwrap());
    assert!(!opt_out::opt_out_unknown(&mut tx, account, &[(contact::TELEGRAM, "777")], &how, now).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(count(&store, LIVE, account).await, 1);
});

// A list of 50 000 phones held SQLite's writer from its first row to its last.
both!(async fn a_long_list_is_taken_in_portions_and_goes_on_where_it_stopped(store) {
    let now = clock::now();
    let actor = fixture::actor(&store).await;
    let lines: Vec<String> = (0..2_500).map(|n| format!("+7999000{n:04}")).collect();
    let lines = lines.join("\n");
    let (refuse, allow): (&[&str], &[&str]) = match store.engine() {
        Engine::Sqlite => (
            &["create trigger refuses before insert on suppression when new.value = '+79990001500' begin select raise(abort, 'full'); end"],
            &["drop trigger refuses"],
        ),
        Engine::Postgres => (
            &["alter table suppression add constraint refuses check (value <> '+79990001500')"],
            &["alter table suppression drop constraint refuses"],
        ),
    };
    let all = async |statements: &'static [&'static str]| {
        let mut tx = store.begin().await.unwrap();
        for sql in statements {
            on!(tx.conn(), |c| sqlx::query(*sql).execute(c).await.map(|_| ())).unwrap();
        }
        tx.commit().await.unwrap();
    };
    all(refuse).await;
    let first = suppression::add_phones(&store, &actor, &lines, now).await.unwrap();
    assert_eq!((first.added, first.already, first.left), (1_000, 0, 1_500));
    all(allow).await;
    let second = suppression::add_phones(&store, &actor, &lines, now).await.unwrap();
    assert_eq!((second.added, second.already, second.left), (1_500, 1_000, 0));
    assert_eq!(suppression::counts(&store, actor.account).await.unwrap(), [(suppression::Cause::Manual, 2_500)]);
    // What was added is on the trail, also where the list stopped.
    let entries = audit::entries(&store, actor.account, 0, 100).await.unwrap();
    let added = entries.iter().filter(|entry| entry.action == "suppression.add").map(|entry| serde_json::from_str::<serde_json::Value>(&entry.details).unwrap()["added"].as_u64().unwrap());
    assert_eq!(added.sum::<u64>(), 2_500);
});

both!(async fn a_members_list_is_theirs_to_lift(store) {
    let now = clock::now();
    let actor = fixture::actor(&store).await;
    let added = suppression::add_phones(&store, &actor, "8 (999) 000-00-01\n\nне телефон\n+7 999 000 00 01\n+79990000002", now).await.unwrap();
    assert_eq!((added.added, added.already), (2, 0));
    assert_eq!(added.refused.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3]);
    assert_eq!(suppression::add_phones(&store, &actor, "89990000001", now).await.unwrap().already, 1);
    let rows = suppression::list(&store, actor.account, 10, 0).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(suppression::counts(&store, actor.account).await.unwrap(), [(suppression::Cause::Manual, 2)]);
    suppression::lift(&store, &actor, rows[0].id, now).await.unwrap();
    assert!(suppression::lift(&store, &actor, rows[0].id, now).await.is_err());
    let stranger = fixture::actor(&store).await;
    assert!(suppression::lift(&store, &stranger, rows[1].id, now).await.is_err());
    // What a person said only they take back.
    let mut tx = store.begin().await.unwrap();
    let anna = person(&mut tx, actor.account, "+79990000009", now).await;
    tx.commit().await.unwrap();
    let done = opt_out::opt_out_by_member(&store, &actor, anna, now).await.unwrap();
    assert!(matches!(done, OptOutDone::Now { .. }));
    assert!(opt_out::opt_out_by_member(&store, &stranger, anna, now).await.is_err());
    let theirs = suppression::list(&store, actor.account, 10, 0).await.unwrap();
    let theirs = theirs.iter().find(|s| s.reason == suppression::Cause::OptOut).unwrap();
    assert!(suppression::lift(&store, &actor, theirs.id, now).await.is_err());
});

// Somebody said stop, the CRM gave them a second number later, and then the record was deleted: the
// number came back with another record, and was written to.
both!(async fn a_stop_outlives_its_person_at_numbers_they_got_after_it(store) {
    let now = clock::now();
    let actor = fixture::actor(&store).await;
    let account = actor.account;
    let how = OptOutHow { by: OptOutBy::Text, channel: None, message_ref: None, said_at: None };
    let mut tx = store.begin().await.unwrap();
    let (anna, lena, olga) = (
        person(&mut tx, account, "+79990000001", now).await,
        person(&mut tx, account, "+79990000002", now).await,
        person(&mut tx, account, "+79990000003", now).await,
    );
    opt_out(&mut tx, account, anna, &how, now).await.unwrap();
    tx.commit().await.unwrap();
    // Лена said nothing herself: the company keeps her first number on its list.
    suppression::add_phones(&store, &actor, "+79990000002", now).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    for (contact, later) in [(anna, "+79990000011"), (lena, "+79990000012"), (olga, "+79990000013")] {
        let _ = contact::attach_address(&mut tx, account, contact, &NewAddress::phone(later.to_owned(), later), now).await.unwrap();
        assert!(contact::delete(&mut tx, account, contact, contact::DeletedBy::Crm, now).await.unwrap());
    }
    let stopped = async |tx: &mut Tx, phone: &str| {
        let contact = person(tx, account, phone, now).await;
        on!(tx.conn(), |c| sqlx::query_scalar::<_, String>(queries::STOPPED_FOR).bind(account).bind(contact).fetch_all(c).await).unwrap()
    };
    assert_eq!(stopped(&mut tx, "+79990000011").await, ["opt_out"]);
    assert_eq!(stopped(&mut tx, "+79990000012").await, ["manual"]);
    assert!(stopped(&mut tx, "+79990000013").await.is_empty(), "of whom nobody said anything");
    tx.commit().await.unwrap();
});

// The dossier showed keys of JSON, callback data and members' ids to whoever asked for proof.
both!(async fn the_dossier_names_people_and_quotes_the_customer(store) {
    let now: Moment = "2026-03-01T09:00:00Z".parse().unwrap();
    let actor = fixture::actor(&store).await;
    let account = actor.account;
    let channel = ChannelId::new();
    let mut tx = store.begin().await.unwrap();
    let anna = person(&mut tx, account, "+79990000001", now).await;
    on!(tx.conn(), |c| sqlx::query("insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) values ($1, $2, 'telegram', 'Бот Ромашки', $3, $4, $5, 'active', 's', $6)")
        .bind(channel).bind(account).bind(channel.to_string()).bind(&b""[..]).bind(sqlx::types::Json(json!({}))).bind(now).execute(c).await.map(|_| ())).unwrap();
    on!(tx.conn(), |c| sqlx::query("insert into chat_message (account_id, contact_id, channel_id, direction, body, message_ref, at) values ($1, $2, $3, 'in', 'Стоп, хватит!', '77:9', $4)")
        .bind(account).bind(anna).bind(channel).bind(now).execute(c).await.map(|_| ())).unwrap();
    let chat = NewConsent { channel: Some(channel), actor: "contact".to_owned(), ..grant(account, anna, Grade::A, now) };
    let pressed = json!({ "chat": "77", "message": "77:5", "button": "c:m:y:ru1:19e70448800", "inbound": 12, "wording_version": 1 });
    let stopped = json!({ "how": "text", "message": "77:9" });
    let file = json!({ "file": "база.csv", "row": 12, "basis": "signed_document", "origin": "анкеты", "import": "x" });
    for new in [
        NewConsent { evidence: file, grade: Grade::B, channel: None, actor: actor.member.to_string(), ..chat.clone() },
        NewConsent { evidence: pressed, ..chat.clone() },
        NewConsent { evidence: stopped, action: Action::Withdrawn, ..chat.clone() },
        NewConsent { evidence: json!({ "how": "manual" }), action: Action::Withdrawn, grade: Grade::D, actor: actor.member.to_string(), ..chat.clone() },
    ] {
        record(&mut tx, new, now).await.unwrap();
    }
    tx.commit().await.unwrap();
    let dossier = dossier::dossier(&store, account, anna, now + TimeDelta::days(1)).await.unwrap().unwrap();
    let text = dossier.text(crate::account::Language::Ru, chrono_tz::Europe::Moscow);
    for part in [
        "Клиент: Анна",
        "Кто: Анна, сам клиент",
        "Как: кнопка «Согласиться» под вопросом в чате с ботом",
        "Как: сообщение в чате с ботом",
        "Слова клиента:",
        "«Стоп, хватит!»",
        "Кто: Анна, сотрудник",
        "Как: сказано сотруднику",
        "Как: импорт файла «база.csv», строка 12; основание: подписанный документ (анкеты)",
        "Канал: Бот Ромашки",
        "Для проверки: чат 77, сообщение 77:5, событие 12",
    ] {
        assert!(text.contains(part), "«{part}» is missing in:\n{text}");
    }
    for raw in ["c:m:y", "contact", "\"", "null", &actor.member.to_string()] {
        assert!(!text.contains(raw), "`{raw}` is no word for people:\n{text}");
    }
    let english = dossier.text(crate::account::Language::En, chrono_tz::UTC);
    assert!(english.contains("Who: Анна, the customer") && english.contains("“Стоп, хватит!”"), "{english}");
    let cyrillic = |line: &&str| line.chars().any(|c| ('а'..='я').contains(&c));
    let named = ["Анна", "Стоп", "Бот Ромашки", "база.csv", "Согласиться"];
    let stray: Vec<&str> = english.lines().filter(cyrillic).filter(|line| named.iter().all(|name| !line.contains(name))).collect();
    assert!(stray.is_empty(), "{stray:?}");
});

both!(async fn the_dossier_shows_the_words_the_person_read(store) {
    let now: Moment = "2026-03-01T09:00:00Z".parse().unwrap();
    let actor = fixture::actor(&store).await;
    let account = actor.account;
    let first = wording::set(&store, &actor, Purpose::Marketing, crate::account::Language::Ru, "Присылать скидки?", now).await.unwrap();
    let second = wording::set(&store, &actor, Purpose::Marketing, crate::account::Language::Ru, "Присылать новости?", now).await.unwrap();
    assert_eq!((first.version, second.version), (1, 2));
    let same = wording::set(&store, &actor, Purpose::Marketing, crate::account::Language::Ru, " Присылать новости? ", now).await.unwrap();
    assert_eq!(same, second);
    let mut tx = store.begin().await.unwrap();
    let anna = person(&mut tx, account, "+79990000001", now).await;
    record(&mut tx, NewConsent { wording: Some(first.id), ..grant(account, anna, Grade::A, now) }, now).await.unwrap();
    tx.commit().await.unwrap();
    let dossier = dossier::dossier(&store, account, anna, now).await.unwrap().unwrap();
    let text = dossier.text(crate::account::Language::Ru, chrono_tz::Europe::Moscow);
    for part in ["Присылать скидки?", "версия 1", "01.03.2026 12:00:00 MSK", "Пётр", "A — в чате с ботом", "реклама · согласие"] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    assert!(dossier.text(crate::account::Language::En, chrono_tz::UTC).contains("advertising · granted"));
    let stranger = fixture::actor(&store).await;
    assert!(dossier::dossier(&store, stranger.account, anna, now).await.unwrap().is_none());
});
