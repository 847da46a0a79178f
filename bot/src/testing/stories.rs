//! Whole conversations: a person, the Telegram double, the running bot, the database.

use chrono::TimeDelta;
use mms_core::{
    account::{Role, invitation, session},
    both, clock, inbound,
    notice::{self, NewNotice, NoticeKind},
    on,
};
use mms_sandbox::{Fault, Rates, Rule, User, telegram::Telegram};
use serde_json::json;

use super::talk::{PASSWORD, Talk, until};
use crate::frame::cards;

const ANNA: i64 = 77_001;
const IVAN: i64 = 77_002;

both!(async fn a_member_signs_in_and_out(store) {
    let talk = Talk::start(store).await;
    talk.person(ANNA, "Anna").await;
    talk.sees(ANNA, "Чтобы начать, войдите").await;
    talk.presses(ANNA, "Войти");
    talk.sees(ANNA, "Введите логин").await;
    talk.types(ANNA, "Anna");
    talk.sees(ANNA, "Введите пароль").await;
    let secret = talk.types(ANNA, PASSWORD);
    talk.sees(ANNA, "Анна · Владелец").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, secret).unwrap().deleted, "the password's message is deleted");
    let commands = talk.sandbox.chat(talk.bot, ANNA).commands.to_string();
    assert!(commands.contains("logout") && !commands.contains("login\""), "{commands}");
    // A card is edited in place.
    let menu = talk.sees(ANNA, "Анна · Владелец").await;
    talk.presses(ANNA, "Настройки");
    talk.takes(ANNA, "Сеансы").await;
    let card = talk.sees(ANNA, "Ваши сеансы").await;
    assert_eq!(card.id, menu.id);
    talk.presses(ANNA, "Меню");
    talk.sees(ANNA, "Анна · Владелец").await;
    talk.presses(ANNA, "Настройки");
    talk.takes(ANNA, "Выйти").await;
    talk.sees(ANNA, "Выйти?").await;
    talk.presses(ANNA, "Выйти");
    talk.sees(ANNA, "Чтобы начать, войдите").await;
    assert!(session::reachable(&talk.store, talk.account).await.unwrap().is_empty());
    talk.ends().await;
});

both!(async fn a_wrong_password_is_refused_and_deleted(store) {
    let talk = Talk::start(store).await;
    talk.person(ANNA, "Anna").await;
    talk.types(ANNA, "/login");
    talk.sees(ANNA, "Введите логин").await;
    talk.types(ANNA, "anna");
    talk.sees(ANNA, "Введите пароль").await;
    let wrong = talk.types(ANNA, "not the password");
    talk.sees(ANNA, "Неверный логин или пароль").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, wrong).unwrap().deleted);
    talk.ends().await;
});

both!(async fn an_invited_person_becomes_a_member(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.opens(ANNA, "Участники", "Участники — 1").await;
    talk.presses(ANNA, "Пригласить");
    talk.sees(ANNA, "Кого пригласить?").await;
    talk.presses(ANNA, "Согласующий");
    let link = talk.sees(ANNA, "https://t.me/mms_test_bot?start=inv_").await.text;
    let payload = link.split("start=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    talk.person(IVAN, "Ivan").await;
    talk.sandbox.press_start(talk.bot, IVAN, Some(&payload)).unwrap();
    talk.sees(IVAN, "приглашает вас").await;
    talk.types(IVAN, "Иван");
    talk.sees(IVAN, "Придумайте логин").await;
    talk.keeps_no_token(IVAN, &payload).await;
    talk.types(IVAN, "иван");
    talk.sees(IVAN, "латинские буквы").await;
    talk.types(IVAN, "ivan");
    talk.sees(IVAN, "Придумайте пароль").await;
    talk.types(IVAN, "ivan");
    talk.sees(IVAN, "слишком короткий").await;
    let secret = talk.types(IVAN, PASSWORD);
    talk.sees(IVAN, "Иван · Согласующий").await;
    assert!(talk.sandbox.message(talk.bot, IVAN, secret).unwrap().deleted);
    assert!(invitation::list(&talk.store, mms_core::account::By::Admin(talk.account), clock::now()).await.unwrap().is_empty());
    talk.ends().await;
});

both!(async fn a_dialogue_survives_a_restart(store) {
    let mut talk = Talk::start(store).await;
    talk.person(ANNA, "Anna").await;
    talk.types(ANNA, "/login");
    talk.sees(ANNA, "Введите логин").await;
    talk.types(ANNA, "anna");
    talk.sees(ANNA, "Введите пароль").await;
    talk.restarts().await;
    talk.types(ANNA, PASSWORD);
    talk.sees(ANNA, "Анна · Владелец").await;
    talk.ends().await;
});

both!(async fn buttons_are_checked_by_the_server(store) {
    let talk = Talk::start(store).await;
    talk.member("viewer", Role::Viewer).await;
    talk.person(IVAN, "Ivan").await;
    let welcome = talk.sees(IVAN, "Чтобы начать").await;
    // A stranger with a modified client.
    talk.sandbox.press_data(talk.bot, IVAN, welcome.id, "p:l").unwrap();
    talk.types(IVAN, "/login");
    talk.sees(IVAN, "Введите логин").await;
    talk.types(IVAN, "viewer");
    talk.sees(IVAN, "Введите пароль").await;
    talk.types(IVAN, PASSWORD);
    let menu = talk.sees(IVAN, "Наблюдатель").await;
    assert!(menu.button("Первые шаги").is_none());
    let press = talk.sandbox.press_data(talk.bot, IVAN, menu.id, "p:l").unwrap();
    assert_eq!(talk.toast(&press).await, "Ваша роль этого не позволяет.");
    let press = talk.sandbox.press_data(talk.bot, IVAN, menu.id, "zz:top").unwrap();
    assert_eq!(talk.toast(&press).await, "Эта кнопка устарела. Вот свежий экран.");
    talk.ends().await;
});

both!(async fn the_same_update_twice_changes_nothing(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let before = talk.sandbox.ledger().to(talk.bot, ANNA).len();
    talk.sandbox.redeliver(talk.bot, 3).unwrap();
    talk.types(ANNA, "/help");
    talk.sees(ANNA, "Справка").await;
    assert_eq!(talk.sandbox.ledger().to(talk.bot, ANNA).len(), before + 1);
    talk.ends().await;
});

both!(async fn a_notice_reaches_those_concerned_once(store) {
    let talk = Talk::start(store).await;
    talk.member("viewer", Role::Viewer).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.comes_in(IVAN, "Ivan", "viewer").await;
    for _ in 0..2 {
        let notice = NewNotice {
            account: talk.account,
            member: None,
            kind: NoticeKind::LicenceEnding,
            payload: json!({ "until": clock::now() + TimeDelta::days(3) }),
            dedupe_key: "licence.ending:test".to_owned(),
        };
        let mut tx = talk.store.begin().await.unwrap();
        notice::raise(&mut tx, notice, clock::now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    let told = talk.sees(ANNA, "Лицензия действует до").await;
    // The notice's own button leaves the notice where it is.
    talk.presses(ANNA, "Меню");
    let menu = talk.sees(ANNA, "Анна · Владелец").await;
    assert_ne!(menu.id, told.id);
    let count = |user| talk.sandbox.ledger().to(talk.bot, user).iter().filter(|entry| entry.text.contains("Лицензия действует до")).count();
    assert_eq!((count(ANNA), count(IVAN)), (1, 0));
    talk.ends().await;
});

both!(async fn the_http_side_answers(store) {
    let talk = Talk::start(store).await;
    let http = reqwest::Client::new();
    for (at, path, status, words) in [
        (&talk.http, "/healthz", 200, "ok"),
        (&talk.http, "/readyz", 200, "ready"),
        (&talk.http, "/metrics", 404, ""),
        (&talk.metrics, "/metrics", 200, "mms_up 1"),
        (&talk.metrics, "/hooks/manager", 404, ""),
        (&talk.http, "/nowhere", 404, ""),
    ] {
        let answer = http.get(format!("{at}{path}")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert!(answer.text().await.unwrap().contains(words), "{path}");
    }
    let id = uuid::Uuid::now_v7();
    for path in ["/hooks/manager".to_owned(), format!("/hooks/telegram/{id}"), "/hooks/telegram/x".to_owned(), format!("/hooks/amocrm/{id}/secret")] {
        let answer = http.post(format!("{}{path}", talk.http)).body("{\"update_id\":1}").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 401, "{path}");
    }
    talk.ends().await;
});

// Bodies of a megabyte were buffered before anybody looked at the secret.
both!(async fn a_wrong_secret_is_refused_before_the_body_is_read(store) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let talk = Talk::start(store).await;
    let channel = talk.channel("7000000002:AAE-shop").await;
    let address = talk.http.trim_start_matches("http://");
    for (path, secret) in [("/hooks/manager".to_owned(), "wrong"), (format!("/hooks/telegram/{channel}"), "wrong"), (format!("/hooks/amocrm/{channel}/wrong"), "")] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nX-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: 500000\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // Nothing of the body was sent.
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 401", "{path}");
    }
    talk.ends().await;
});

/// Raw events kept of a channel.
async fn kept(talk: &Talk, channel: mms_core::id::ChannelId) -> Vec<String> {
    let rows = inbound::waiting(&talk.store, channel.0, mms_core::id::InboundId(0), 100).await.unwrap();
    rows.into_iter().map(|row| row.payload).collect()
}

both!(async fn what_customers_write_is_kept_across_restarts(store) {
    let mut talk = Talk::start(store).await;
    let channel = talk.channel("7000000002:AAE-shop").await;
    talk.sandbox.add_user(mms_sandbox::User::new(IVAN, "Ivan", "+79990000001"));
    talk.sandbox.press_start(7_000_000_002, IVAN, None).unwrap();
    until(|| async { kept(&talk, channel).await.len() == 1 }).await;
    talk.restarts().await;
    talk.sandbox.send_text(7_000_000_002, IVAN, "стоп").unwrap();
    until(|| async { kept(&talk, channel).await.len() == 2 }).await;
    assert!(kept(&talk, channel).await[1].contains("стоп"));
    talk.ends().await;
});

both!(async fn a_signed_webhook_is_kept_once_and_an_unsigned_one_never(store) {
    let talk = Talk::start(store).await;
    let channel = talk.channel("7000000002:AAE-shop").await;
    let row = mms_core::channel::store::find(&talk.store, channel).await.unwrap().unwrap();
    // What the row keeps opens nothing: a copy of the database sends no webhooks.
    let (kept_seed, secret) = (row.hook_seed.clone(), row.hook_secret(&talk.sealer()).expose().to_owned());
    let (http, url) = (reqwest::Client::new(), format!("{}/hooks/telegram/{channel}", talk.http));
    let hook = |secret: &str| {
        let body = crate::testing::text_update(900_001, IVAN, "стоп").to_string();
        http.post(&url).header("X-Telegram-Bot-Api-Secret-Token", secret).body(body).send()
    };
    assert_eq!(hook("another").await.unwrap().status().as_u16(), 401);
    assert_eq!(hook("").await.unwrap().status().as_u16(), 401);
    assert_eq!(hook(&kept_seed).await.unwrap().status().as_u16(), 401);
    assert!(kept(&talk, channel).await.is_empty());
    for _ in 0..2 {
        assert_eq!(hook(&secret).await.unwrap().status().as_u16(), 200);
    }
    assert_eq!(kept(&talk, channel).await.len(), 1);
    talk.ends().await;
});

both!(async fn a_flood_is_held_off_politely(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let menu = talk.sees(ANNA, "Анна · Владелец").await;
    let presses: Vec<String> = (0..90).map(|_| talk.sandbox.press_data(talk.bot, ANNA, menu.id, "m:m").unwrap()).collect();
    // The twenty that fit the line are handled; of the rest one is told why nothing happens.
    let said = |telegram: &Telegram| -> Vec<String> {
        presses.iter().filter_map(|press| telegram.answer(press)).map(|answer| answer.text.unwrap_or_default()).collect()
    };
    let slow = |telegram: &Telegram| said(telegram).iter().filter(|text| text.starts_with("Слишком часто")).count();
    let within = std::time::Duration::from_secs(30);
    let answered = talk.sandbox.until(within, |telegram| (slow(telegram) > 0 && said(telegram).len() > 20).then_some(())).await;
    answered.expect("the flood is handled as far as it goes, and told to slow down");
    talk.types(ANNA, "/help");
    talk.sees(ANNA, "Справка").await;
    assert_eq!(slow(talk.sandbox.telegram()), 1, "once is enough");
    talk.ends().await;
});

both!(async fn strangers_who_flood_take_nothing_of_what_members_are_answered_by(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    // Telegram's own limit: whoever goes over it is answered 429, and everybody waits.
    talk.sandbox.set_rates(Rates { per_chat: None, ..Rates::default() });
    let strangers: Vec<i64> = (0..60).map(|n| 7_200_000_000 + n).collect();
    for id in &strangers {
        talk.sandbox.add_user(User::new(*id, "Чужой", "+79990000000"));
        for _ in 0..25 {
            talk.sandbox.press_start(talk.bot, *id, None).unwrap();
        }
    }
    // Each overflows its line, and each is to be told to slow down.
    let told = |telegram: &Telegram| {
        let slow = |id: &&i64| telegram.history(talk.bot, **id).iter().any(|message| message.text.starts_with("Слишком часто"));
        strangers.iter().filter(slow).count()
    };
    talk.sandbox.until(std::time::Duration::from_secs(30), |telegram| (told(telegram) > 0).then_some(())).await.expect("told");
    talk.types(ANNA, "/help");
    talk.sees(ANNA, "Справка").await;
    assert!(told(talk.sandbox.telegram()) < strangers.len(), "the member did not wait for all of them");
    assert_eq!(talk.sandbox.ledger().refused(429), 0);
    talk.ends().await;
});

both!(async fn settings_are_typed_and_checked(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.opens(ANNA, "Компания", "Часовой пояс: Москва (UTC+3)").await;
    talk.presses(ANNA, "Часовой пояс");
    talk.sees(ANNA, "По нему запускаются кампании").await;
    talk.presses(ANNA, "Другое");
    talk.sees(ANNA, "Напишите город").await;
    talk.types(ANNA, "Марс");
    talk.sees(ANNA, "Не знаю такого пояса").await;
    talk.types(ANNA, "asia/novosibirsk");
    talk.sees(ANNA, "Часовой пояс: Новосибирск (UTC+7)").await;
    talk.takes(ANNA, "Часовой пояс").await;
    talk.takes(ANNA, "Другое").await;
    talk.sees(ANNA, "Напишите город").await;
    talk.types(ANNA, "Екб");
    talk.sees(ANNA, "Часовой пояс: Екатеринбург (UTC+5)").await;
    talk.takes(ANNA, "Частота рекламы").await;
    talk.takes(ANNA, "Другое").await;
    talk.sees(ANNA, "Сколько времени").await;
    talk.types(ANNA, "раз в неделю");
    talk.sees(ANNA, "одному человеку: неделя").await;
    talk.opens(ANNA, "Журнал", "Анна: изменены настройки").await;
    talk.ends().await;
});

both!(async fn a_card_of_nothing_stops_editing_itself(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let menu = talk.sees(ANNA, "Анна · Владелец").await;
    let deps = crate::testing::deps(talk.store.clone(), &talk.sandbox.url());
    let cx = crate::frame::auth::context(&deps, ANNA, ANNA, "Anna").await.unwrap();
    cards::attach(&cx, i32::try_from(menu.id).unwrap(), "no such kind", uuid::Uuid::now_v7()).await.unwrap();
    cards::draw_due(&deps, crate::screens::draw, clock::now() + TimeDelta::seconds(10)).await.unwrap();
    let left: i64 = on!(talk.store.read(), |c| sqlx::query_scalar(cards::COUNT).fetch_one(c).await).unwrap();
    assert_eq!(left, 0);
    talk.ends().await;
});

both!(async fn a_card_drawn_late_leaves_the_screen_that_took_its_place(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.sends(ANNA, "клиенты.csv", "Телефон\n89123456781\n");
    talk.takes(ANNA, "Основание").await;
    talk.takes(ANNA, "Подписанный документ").await;
    talk.sees(ANNA, "Откуда эти данные").await;
    talk.types(ANNA, "Анкеты");
    talk.takes(ANNA, "Проверить файл").await;
    talk.takes(ANNA, "Импортировать: 1").await;
    let card = talk.sees(ANNA, "импорт идёт").await;

    // The card's next edit says something else (the member reads English now) and is long on its
    // way.
    let slow = talk.sandbox.faults().add(Rule::new(Fault::Latency { ms: 1_500 }).method("editMessageText").chat(ANNA).times(1));
    change(&talk, "update member set language = 'en' where account_id = $1").await;
    change(&talk, "update card set due_at = (select created_at from account where id = $1) where account_id = $1").await;
    until(|| async { talk.sandbox.faults().struck(slow) == Some(1) }).await;
    // Meanwhile the member goes to the menu.
    talk.presses(ANNA, "Меню");
    let within = std::time::Duration::from_secs(30);
    let both = talk.sandbox.until(within, |telegram| telegram.message(talk.bot, ANNA, card.id).filter(|now| now.edits == card.edits + 2)).await;
    let shown = both.expect("the card's edit and the menu's both come").text;
    assert!(shown.contains("Анна · Owner"), "the menu stays: {shown}");
    let left: i64 = on!(talk.store.read(), |c| sqlx::query_scalar(cards::COUNT).fetch_one(c).await).unwrap();
    assert_eq!(left, 0, "and the message is no card any more");
    talk.ends().await;
});

/// Changes something of the account behind everybody's back.
async fn change(talk: &Talk, sql: &'static str) {
    let mut tx = talk.store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query(sql).bind(talk.account).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
}
