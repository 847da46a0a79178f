//! Members, their sessions and their phones, as the owner and they themselves handle them.

use mms_core::{
    account::Role,
    both,
    id::{CampaignId, ImportId},
    on,
};
use mms_sandbox::telegram::{Attachment, FileKind};

use super::{
    contacts_story::{attached, testing_png, wrote},
    talk::{PASSWORD, Talk},
};
use crate::screens::Callback;

const ANNA: i64 = 77_501;
const IVAN: i64 = 77_502;
const WORK: i64 = 77_503;
const CUSTOMER: i64 = 77_504;

/// Signs in and is not let in.
async fn refused(talk: &Talk, id: i64, login: &str, words: &str) {
    talk.says(id, "/login", "Введите логин").await;
    talk.says(id, login, "Введите пароль").await;
    talk.says(id, PASSWORD, words).await;
}

both!(async fn an_owner_looks_after_the_members(store) {
    let talk = Talk::start(store).await;
    talk.member("ivan", Role::Manager).await;
    talk.comes_in(IVAN, "Ivan", "ivan").await;
    talk.comes_in(ANNA, "Anna", "anna").await;

    // Another role, at once.
    talk.opens(ANNA, "Участники", "Участники — 2").await;
    talk.goes(ANNA, "ivan · Менеджер", "Логин: ivan").await;
    talk.goes(ANNA, "Роль", "Роль: ").await;
    assert_eq!(talk.told(ANNA, "Наблюдатель").await, "Роль изменена: Наблюдатель.");
    talk.sees(ANNA, "Роль: Наблюдатель").await;
    assert_eq!(talk.told(IVAN, "Первые шаги").await, "Ваша роль этого не позволяет.");
    talk.goes(ANNA, "Роль", "Роль: ").await;
    talk.goes(ANNA, "Менеджер", "Роль: Менеджер").await;
    // The last owner stays one.
    talk.goes(ANNA, "Назад", "Участники — 2").await;
    talk.goes(ANNA, "Анна · Владелец", "Логин: anna").await;
    talk.goes(ANNA, "Роль", "Роль: ").await;
    assert!(talk.told(ANNA, "Наблюдатель").await.contains("владел"), "the company needs an owner");
    talk.goes(ANNA, "Назад", "Логин: anna").await;
    talk.goes(ANNA, "Назад", "Участники — 2").await;

    // A new password by a link: the owner does not learn it; the message with it is deleted;
    // everybody who owns is told.
    talk.goes(ANNA, "ivan · Менеджер", "Логин: ivan").await;
    talk.goes(ANNA, "Новый пароль", "Сменить пароль? ivan").await;
    let link = talk.goes(ANNA, "Создать ссылку", "https://t.me/mms_test_bot?start=pwd_").await.text;
    let payload = link.split("start=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    talk.sees(IVAN, "Для вас создана ссылка").await;
    talk.sandbox.press_start(talk.bot, IVAN, Some(&payload)).unwrap();
    talk.sees(IVAN, "Новый пароль для логина ivan").await;
    talk.keeps_no_token(IVAN, &payload).await;
    talk.says(IVAN, "123", "слишком короткий").await;
    let secret = talk.types(IVAN, "another horse battery 8");
    talk.sees(IVAN, "ivan · Менеджер").await;
    assert!(talk.sandbox.message(talk.bot, IVAN, secret).unwrap().deleted);
    talk.sandbox.press_start(talk.bot, IVAN, Some(&payload)).unwrap();
    talk.sees(IVAN, "Ссылка не действует").await;
    talk.sees(ANNA, "пароль сменён по ссылке").await;
    talk.goes(ANNA, "Открыть", "Логин: ivan").await;

    // One session, all sessions.
    talk.goes(ANNA, "Сеансы", "Сеансы участника").await;
    assert_eq!(talk.told(ANNA, "Завершить: Ivan").await, "Сеанс завершён.");
    talk.sees(ANNA, "У участника нет открытых сеансов").await;
    talk.goes(ANNA, "Назад", "Открытых сеансов нет").await;
    talk.says(IVAN, "/login", "Введите логин").await;
    talk.says(IVAN, "ivan", "Введите пароль").await;
    talk.says(IVAN, "another horse battery 8", "ivan · Менеджер").await;
    talk.goes(ANNA, "Сеансы", "Сеансы участника").await;
    assert_eq!(talk.told(ANNA, "Завершить все").await, "Завершён 1 сеанс.");
    talk.goes(ANNA, "Назад", "Открытых сеансов нет").await;

    // Out, and in again.
    talk.goes(ANNA, "Отключить", "Отключить доступ? ivan").await;
    assert_eq!(talk.told(ANNA, "Отключить").await, "Доступ отключён.");
    talk.sees(ANNA, "🚫 Доступ отключён").await;
    talk.says(IVAN, "/login", "Введите логин").await;
    talk.says(IVAN, "ivan", "Введите пароль").await;
    talk.says(IVAN, "another horse battery 8", "Владелец отключил вам доступ").await;
    assert_eq!(talk.told(ANNA, "Включить").await, "Доступ включён.");

    // A lost phone locks the login until the owner lifts the lock.
    talk.goes(ANNA, "Телефон потерян", "Телефон потерян? ivan").await;
    talk.takes(ANNA, "Закрыть доступ").await;
    talk.sees(ANNA, "Вход закрыт: логин ivan, телефон потерян").await;
    talk.goes(IVAN, "Попробовать ещё раз", "Введите логин").await;
    talk.says(IVAN, "ivan", "Введите пароль").await;
    talk.says(IVAN, "another horse battery 8", "Вход закрыт").await;
    talk.goes(ANNA, "Открыть", "🔒 Вход закрыт").await;
    assert_eq!(talk.told(ANNA, "Снять блокировку").await, "Блокировка снята.");
    talk.goes(IVAN, "Попробовать ещё раз", "Введите логин").await;
    talk.says(IVAN, "ivan", "Введите пароль").await;
    // Whoever has the lost phone may have seen the password: nothing goes on before a new one.
    talk.says(IVAN, "another horse battery 8", "Нужен новый пароль").await;
    talk.says(IVAN, "/campaigns", "Нужен новый пароль").await;
    talk.says(IVAN, "another horse battery 8", "тот же пароль").await;
    talk.says(IVAN, "loshad na marse", "ivan · Менеджер").await;
    // A lost phone is not known any more, so the owner hears of the sign-in.
    talk.sees(ANNA, "ivan: вход с нового телефона").await;

    // An invitation, looked at and taken back.
    talk.says(ANNA, "/menu", "Анна · Владелец").await;
    talk.opens(ANNA, "Участники", "Участники — 2").await;
    talk.goes(ANNA, "Пригласить", "Кого пригласить?").await;
    talk.goes(ANNA, "Наблюдатель", "https://t.me/mms_test_bot?start=inv_").await;
    talk.goes(ANNA, "Назад", "Участники — 2").await;
    talk.goes(ANNA, "✉️ Наблюдатель", "Ссылку показали при создании").await;
    assert_eq!(talk.told(ANNA, "Отозвать").await, "Приглашение отозвано.");
    talk.goes(ANNA, "Пригласить", "Кого пригласить?").await;
    talk.goes(ANNA, "Согласующий", "https://t.me/mms_test_bot?start=inv_").await;
    assert_eq!(talk.told(ANNA, "Отозвать").await, "Приглашение отозвано.");

    // All of it is in the trail, page by page.
    talk.opens(ANNA, "Журнал", "Журнал").await;
    talk.takes(ANNA, "›").await;
    talk.offers(ANNA, "2/").await;
    talk.takes(ANNA, "‹").await;
    talk.offers(ANNA, "1/").await;
    talk.opens(ANNA, "Лицензия", "Лицензия не действует").await;
    talk.goes(ANNA, "Меню", "Анна · Владелец").await;
    talk.ends().await;
});

both!(async fn a_member_looks_after_their_own_phones(store) {
    let talk = Talk::start(store).await;
    talk.member("ivan", Role::Manager).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.comes_in(WORK, "Work", "anna").await;
    talk.sees(ANNA, "Анна: вход с нового телефона").await;
    talk.says(ANNA, "/menu", "Анна · Владелец").await;

    // Another phone's session: one, then all but this.
    talk.opens(ANNA, "Сеансы", "Ваши сеансы").await;
    assert_eq!(talk.told(ANNA, "Завершить: Work").await, "Сеанс завершён.");
    talk.says(WORK, "/menu", "Чтобы начать, войдите").await;
    talk.signs_in(WORK, "anna").await;
    talk.goes(ANNA, "Меню", "Анна · Владелец").await;
    talk.opens(ANNA, "Сеансы", "Ваши сеансы").await;
    assert_eq!(talk.told(ANNA, "Завершить все, кроме этого").await, "Завершён 1 сеанс.");

    // Languages, of a member and of a stranger; help.
    talk.says(ANNA, "/language", "Выберите язык").await;
    talk.goes(ANNA, "English", "Анна · Owner").await;
    talk.says(ANNA, "/language", "language").await;
    talk.goes(ANNA, "Русский", "Анна · Владелец").await;
    talk.says(ANNA, "/help", "Справка").await;
    talk.goes(ANNA, "Меню", "Анна · Владелец").await;
    talk.says(WORK, "/help", "/login").await;
    talk.goes(WORK, "Назад", "Чтобы начать, войдите").await;
    talk.goes(WORK, "English", "To begin").await;
    talk.goes(WORK, "Русский", "Чтобы начать, войдите").await;
    // Words nobody asked for are answered, over the menu.
    talk.says(ANNA, "привет", "Не понял, к чему это").await;

    // The phone is lost: from somebody else's phone, by the password; the way back is the same
    // question.
    talk.goes(WORK, "Телефон потерян", "Завершим ваши сеансы").await;
    talk.goes(WORK, "Отмена", "Чтобы начать, войдите").await;
    talk.goes(WORK, "Телефон потерян", "Завершим ваши сеансы").await;
    talk.says(WORK, "anna", "Введите пароль").await;
    talk.says(WORK, "не тот пароль", "Закрыть доступ не удалось").await;
    talk.says(WORK, PASSWORD, "Завершён 1 сеанс.").await;
    talk.goes(WORK, "Назад", "Чтобы начать, войдите").await;
    talk.says(ANNA, "/menu", "Чтобы начать, войдите").await;
    // The only owner is not locked, for nobody could lift that; a new password comes first.
    refused(&talk, ANNA, "anna", "Нужен новый пароль").await;
    talk.says(ANNA, "loshad na marse", "Анна · Владелец").await;
    // One's own password, by the old one.
    talk.opens(ANNA, "Сеансы", "Ваши сеансы").await;
    talk.goes(ANNA, "Сменить пароль", "нынешний пароль").await;
    talk.says(ANNA, "не он", "Неверный пароль").await;
    talk.says(ANNA, "loshad na marse", "Теперь новый пароль").await;
    talk.says(ANNA, PASSWORD, "Анна · Владелец").await;

    // Or from this very phone.
    talk.signs_in(WORK, "ivan").await;
    talk.opens(WORK, "Сеансы", "Ваши сеансы").await;
    talk.goes(WORK, "Телефон потерян", "Завершим все ваши сеансы").await;
    talk.goes(WORK, "Назад", "Ваши сеансы").await;
    talk.goes(WORK, "Телефон потерян", "Завершим все ваши сеансы").await;
    talk.goes(WORK, "Закрыть доступ", "Доступ закрыт").await;
    refused(&talk, WORK, "ivan", "Вход закрыт").await;
    talk.ends().await;
});

async fn replies(talk: &Talk) -> i64 {
    on!(talk.store.read(), |c| sqlx::query_scalar("select count(*) from outgoing where account_id = $1 and purpose = 'reply'")
        .bind(talk.account)
        .fetch_one(c)
        .await)
    .unwrap()
}

// After a wrong password the dialogue was over, and the right one typed next stayed in the chat; so
// did a token sent unasked.
both!(async fn a_secret_typed_at_any_time_is_deleted(store) {
    let talk = Talk::start(store).await;
    let gone = |message: i64| talk.sandbox.message(talk.bot, ANNA, message).unwrap().deleted;
    talk.person(ANNA, "Anna").await;
    talk.says(ANNA, "/login", "Введите логин").await;
    // The password in place of the login, and both at once.
    let both = talk.types(ANNA, &format!("anna {PASSWORD}"));
    talk.sees(ANNA, "Введите только логин").await;
    assert!(gone(both));
    talk.says(ANNA, "anna", "Введите пароль").await;
    let wrong = talk.types(ANNA, "не тот пароль");
    talk.sees(ANNA, "Введите пароль ещё раз").await;
    assert!(gone(wrong));
    let right = talk.types(ANNA, PASSWORD);
    talk.sees(ANNA, "Анна · Владелец").await;
    assert!(gone(right));

    // Nothing is asked: a password, a bot's token as BotFather forwards it, amoCRM's long-lived
    // token.
    let password = talk.types(ANNA, PASSWORD);
    talk.sees(ANNA, "Это пароль, а сейчас он не нужен").await;
    assert!(gone(password));
    let forwarded = talk.types(ANNA, "Use this token to access the HTTP API:\n7000000009:AAE-forwarded_0123456789");
    talk.sees(ANNA, "Это похоже на токен").await;
    assert!(gone(forwarded));
    // Those of the other messengers were looked up among the contacts, or reached a customer as a
    // reply.
    talk.licensed(mms_core::account::licence::PlanCode::START).await;
    let channel = talk.channel("7000000002:AAE-customers").await;
    wrote(&talk, channel, "Ольга", "Где мой заказ?").await;
    let keys = [
        "f9LHodD0cOJ5BfLGZ81uXgypU1z7PNhJMkmIe_dtEcxfC3V8vxWk65jRJX8MJDR5hYE",
        "Токен WhatsApp: EAAGm0PX4ZCpsBAKZCexample",
        "0123456789abcdef0123456789abcdef",
        "4f0c1d2e3a4b5c6d-7e8f9a0b1c2d3e4f-5a6b7c8d9e0f1a2b",
        "vk1.a.NgWdkTz5Qk-example_key",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9 crm-key-42",
        "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiIwZjNhIn0.c2lnbmF0dXJl-_",
    ];
    for key in keys {
        talk.says(ANNA, "/menu", "Анна · Владелец").await;
        let typed = talk.types(ANNA, key);
        talk.sees(ANNA, "Это похоже на токен").await;
        assert!(gone(typed), "{key}");
        talk.says(ANNA, "/menu", "Анна · Владелец").await;
        talk.takes(ANNA, "Сообщения · 1").await;
        talk.goes(ANNA, "Ольга", "Где мой заказ?").await;
        talk.goes(ANNA, "Ответить", "Что ответить?").await;
        let typed = talk.types(ANNA, key);
        talk.sees(ANNA, "Это похоже на токен").await;
        assert!(gone(typed), "{key}");
    }
    assert_eq!(replies(&talk).await, 0);
    // Words beside it make a hash an order's; the question is still asked.
    let order = talk.types(ANNA, "Ваш заказ 0123456789abcdef0123456789abcdef");
    talk.sees(ANNA, "Ольга — переписка").await;
    assert_eq!((gone(order), replies(&talk).await), (false, 1));
    talk.says(ANNA, "/menu", "Анна · Владелец").await;
    // Asked for something else: the question stays.
    talk.opens(ANNA, "Компания", "Название: Ромашка").await;
    talk.goes(ANNA, "Название", "Напишите название").await;
    let token = talk.types(ANNA, "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiIwZjNhIn0.c2lnbmF0dXJl-_");
    talk.sees(ANNA, "Это похоже на токен").await;
    assert!(gone(token));
    talk.says(ANNA, "Лютик", "Название: Лютик").await;
    // Signed out, on a phone that was signed in: the password is known all the same, other words
    // stay.
    talk.says(ANNA, "/logout", "Выйти?").await;
    talk.goes(ANNA, "Выйти", "Чтобы начать, войдите").await;
    let password = talk.types(ANNA, PASSWORD);
    talk.sees(ANNA, "Это пароль, а сейчас он не нужен").await;
    assert!(gone(password));
    let words = talk.types(ANNA, "просто слова");
    talk.sees(ANNA, "Чтобы начать, войдите").await;
    assert!(!gone(words));
    talk.ends().await;
});

// A sign-in from a new phone was told to nobody.
both!(async fn a_stranger_who_knows_the_password_is_told_of_and_put_out(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.comes_in(WORK, "Stranger", "anna").await;
    talk.sees(ANNA, "Аккаунт Telegram: Stranger").await;
    talk.goes(ANNA, "Это не я", "Нужен новый пароль").await;
    talk.says(WORK, "/menu", "Чтобы начать, войдите").await;
    refused(&talk, WORK, "anna", "его нужно сменить").await;
    talk.says(ANNA, "loshad na marse", "Анна · Владелец").await;
    refused(&talk, WORK, "anna", "Неверный логин или пароль").await;
    talk.ends().await;
});

// A viewer took lists of customers out, and nothing told of it.
// So it is with all contacts, a segment, a campaign's people and rows that an import refused.
both!(async fn lists_are_taken_out_by_those_who_may_and_each_is_on_the_record(store) {
    let talk = Talk::start(store).await;
    talk.member("viewer", Role::Viewer).await;
    talk.comes_in(IVAN, "Ivan", "viewer").await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let (owner, now) = (talk.owner(), mms_core::clock::now());
    let mut tx = talk.store.begin().await.unwrap();
    let draft = mms_core::contact::Draft { name: Some("Пётр".to_owned()), source: "manual".to_owned(), ..mms_core::contact::Draft::default() };
    mms_core::contact::upsert(&mut tx, owner.account, &draft, now).await.unwrap();
    tx.commit().await.unwrap();
    let everybody = mms_core::contact::segment::Filter::default();
    let segment = mms_core::contact::segment::create(&talk.store, &owner, "Все", &everybody, now).await.unwrap();
    let (contacts, of_segment) = (
        Callback::from(crate::screens::contacts::Call::Export).encode(),
        Callback::from(crate::screens::segments::Call::Export { segment }).encode(),
    );
    let recipients = Callback::from(crate::screens::campaigns::Call::Sheet { campaign: CampaignId::new() }).encode();
    let refused = Callback::from(crate::screens::imports::Call::Refused { import: ImportId::new() }).encode();
    let menu = talk.says(IVAN, "/menu", "Наблюдатель").await;
    for wire in [&contacts, &of_segment, &recipients, &refused] {
        let press = talk.sandbox.press_data(talk.bot, IVAN, menu.id, wire).unwrap();
        assert_eq!(talk.toast(&press).await, "Ваша роль этого не позволяет.", "{wire}");
    }
    for (wire, action, subject) in
        [(contacts, "export.contacts", owner.account.to_string()), (of_segment, "export.segment", segment.to_string())]
    {
        assert!(talk.on_record(action).await.is_empty());
        let menu = talk.says(ANNA, "/menu", "Владелец").await;
        talk.sandbox.press_data(talk.bot, ANNA, menu.id, &wire).unwrap();
        talk.sees(ANNA, "1 контакт. Выгрузка записана").await;
        assert_eq!(talk.on_record(action).await, [(owner.member.to_string(), subject)]);
    }
    talk.ends().await;
});

both!(async fn what_is_taken_out_is_on_the_record_and_not_for_viewers(store) {
    let talk = Talk::start(store).await;
    talk.member("viewer", Role::Viewer).await;
    talk.comes_in(IVAN, "Ivan", "viewer").await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let owner = talk.owner();
    let mut tx = talk.store.begin().await.unwrap();
    let draft = mms_core::contact::Draft { name: Some("Пётр".to_owned()), source: "manual".to_owned(), ..mms_core::contact::Draft::default() };
    let contact = mms_core::contact::upsert(&mut tx, owner.account, &draft, mms_core::clock::now()).await.unwrap().contact;
    tx.commit().await.unwrap();
    let wire = crate::screens::Callback::from(crate::screens::contacts::Call::Dossier { contact }).encode();
    let menu = talk.says(IVAN, "/menu", "Наблюдатель").await;
    let press = talk.sandbox.press_data(talk.bot, IVAN, menu.id, &wire).unwrap();
    assert_eq!(talk.toast(&press).await, "Ваша роль этого не позволяет.");
    let menu = talk.says(ANNA, "/menu", "Владелец").await;
    talk.sandbox.press_data(talk.bot, ANNA, menu.id, &wire).unwrap();
    talk.sees(ANNA, "Пётр").await;
    let entries = mms_core::store::audit::entries(&talk.store, owner.account, 0, 100).await.unwrap();
    let taken: Vec<_> = entries.iter().filter(|entry| entry.action == "export.dossier").collect();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].actor.as_str(), taken[0].subject.as_str()), (owner.member.to_string().as_str(), contact.to_string().as_str()));
    // So it is with the files of a conversation, which any member could have.
    let channel = talk.channel("7000000002:AAE-customers").await;
    let customer = wrote(&talk, channel, "Ольга", "Смотрите").await;
    talk.sandbox.add_user(mms_sandbox::User::new(CUSTOMER, "Olga", "+79990000009"));
    let photo = Attachment { name: "a.png".to_owned(), mime: None, data: testing_png(), kind: FileKind::Photo, caption: String::new() };
    let sent = talk.sandbox.send_file(7_000_000_002, CUSTOMER, photo).unwrap();
    let reference = talk.sandbox.message(7_000_000_002, CUSTOMER, sent).unwrap().photo.expect("a photo").id;
    attached(&talk, channel, customer, FileKind::Photo, "a.png", &reference).await;
    talk.says(ANNA, "/menu", "Владелец").await;
    talk.takes(ANNA, "Сообщения · 1").await;
    let card = talk.goes(ANNA, "Ольга", "🖼 Фото").await;
    let (_, _, button) = card.button("🖼 Фото").expect("the owner may");
    let wire = button.data.clone().expect("a button of the bot");
    let menu = talk.says(IVAN, "/menu", "Наблюдатель").await;
    let press = talk.sandbox.press_data(talk.bot, IVAN, menu.id, &wire).unwrap();
    assert_eq!(talk.toast(&press).await, "Ваша роль этого не позволяет.");
    talk.takes(IVAN, "Сообщения · 1").await;
    let shown = talk.goes(IVAN, "Ольга", "🖼 Фото").await;
    assert!(shown.button("🖼 Фото").is_none(), "a viewer reads what was said");
    assert!(talk.sandbox.history(talk.bot, IVAN).iter().all(|message| message.photo.is_none()));
    talk.takes(ANNA, "🖼 Фото").await;
    talk.sees(ANNA, "Ольга, ").await;
    let entries = mms_core::store::audit::entries(&talk.store, owner.account, 0, 100).await.unwrap();
    let taken: Vec<_> = entries.iter().filter(|entry| entry.action == "export.file").collect();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].actor.as_str(), taken[0].subject.as_str()), (owner.member.to_string().as_str(), customer.to_string().as_str()));
    // The owner verifies the trail, and keeps its checksum in the chat.
    talk.says(ANNA, "/menu", "Владелец").await;
    talk.opens(ANNA, "Журнал", "Журнал").await;
    talk.goes(ANNA, "Проверить", "все на месте и не изменены").await;
    talk.ends().await;
});
