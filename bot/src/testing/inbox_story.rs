//! The inbox as members live it: saved answers, whose a conversation is, silence, search, one card
//! a conversation, albums.

use mms_core::{
    account::{Role, licence},
    both, clock, on,
};
use mms_sandbox::telegram::{Attachment, FileKind};

use super::{
    super::frame::cards,
    contacts_story::{said, tell, testing_png, wrote},
    talk::Talk,
};

const ANNA: i64 = 77_001;
const IVAN: i64 = 77_002;

async fn replies(talk: &Talk) -> i64 {
    on!(talk.store.read(), |c| sqlx::query_scalar("select count(*) from outgoing where account_id = $1 and purpose = 'reply'")
        .bind(talk.account)
        .fetch_one(c)
        .await)
    .unwrap()
}

both!(async fn a_saved_answer_goes_in_two_presses_and_once(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.licensed(licence::PlanCode::START).await;
    let channel = talk.channel("7000000002:AAE-customers").await;
    wrote(&talk, channel, "Ольга", "Вы работаете?").await;

    talk.types(ANNA, "/menu");
    talk.takes(ANNA, "Сообщения · 1").await;
    talk.goes(ANNA, "Быстрые ответы", "Быстрых ответов пока нет").await;
    talk.goes(ANNA, "Новый ответ", "Пришлите текст ответа").await;
    talk.types(ANNA, "Да, с 9 до 21 без выходных");
    talk.sees(ANNA, "Сохранено.").await;
    talk.goes(ANNA, "Да, с 9 до 21", "Да, с 9 до 21 без выходных").await;
    talk.goes(ANNA, "Изменить", "Пришлите текст ответа").await;
    talk.types(ANNA, "Да, до 21 без выходных");
    talk.sees(ANNA, "Сохранено.").await;
    talk.goes(ANNA, "Назад", "Ждёт ответа 1 человек").await;

    // Under the conversation: which one, and it went.
    talk.goes(ANNA, "Ольга", "Вы работаете?").await;
    talk.goes(ANNA, "Быстрые ответы", "Что отправить?").await;
    let choice = talk.sandbox.last(talk.bot, ANNA).unwrap();
    let (_, _, button) = choice.button("Да, до 21").expect("offered");
    let data = button.data.clone().expect("a button of the bot");
    talk.takes(ANNA, "Да, до 21").await;
    talk.sees(ANNA, "→").await;
    assert_eq!(replies(&talk).await, 1);
    // A second press of the same button, late or doubled, sends nothing more.
    let press = talk.sandbox.press_data(talk.bot, ANNA, choice.id, &data).unwrap();
    talk.toast(&press).await;
    assert_eq!(replies(&talk).await, 1);

    talk.types(ANNA, "/menu");
    talk.takes(ANNA, "Ещё…").await;
    talk.takes(ANNA, "Сообщения").await;
    talk.goes(ANNA, "Быстрые ответы", "Быстрые ответы — 1").await;
    talk.takes(ANNA, "Да, до 21").await;
    talk.goes(ANNA, "Удалить", "Удалить быстрый ответ?").await;
    assert_eq!(talk.told(ANNA, "Да, удалить").await, "Удалено.");
    talk.ends().await;
});

both!(async fn a_conversation_is_given_muted_and_found(store) {
    let talk = Talk::start(store).await;
    talk.member("ivan", Role::Manager).await;
    for (id, name, login) in [(ANNA, "Anna", "anna"), (IVAN, "Ivan", "ivan")] {
        talk.comes_in(id, name, login).await;
    }
    let channel = talk.channel("7000000002:AAE-customers").await;
    let customer = wrote(&talk, channel, "Ольга", "Ёлки есть?").await;

    talk.types(ANNA, "/menu");
    talk.takes(ANNA, "Сообщения · 1").await;
    talk.goes(ANNA, "Ольга", "Ёлки есть?").await;
    talk.goes(ANNA, "Кто отвечает", "кто отвечает?").await;
    assert_eq!(talk.told(ANNA, "ivan").await, "Готово: переписка передана.");
    talk.sees(ANNA, "👤 Отвечает: ivan").await;
    talk.sees(IVAN, "передаёт вам переписку").await;
    talk.goes(IVAN, "Переписка", "Ёлки есть?").await;
    assert_eq!(talk.told(IVAN, "Не уведомлять").await, "Уведомлений об этой переписке не будет.");
    talk.sees(IVAN, "Вы не получаете уведомлений").await;
    talk.offers(IVAN, "🔔 Уведомлять").await;
    talk.goes(ANNA, "Назад", "Ждёт ответа 1 человек").await;
    talk.offers(ANNA, "Ольга → ivan").await;

    // What is typed in the inbox is looked for among what was said.
    talk.types(ANNA, "розы");
    talk.sees(ANNA, "ничего нет").await;
    talk.types(ANNA, "елки");
    talk.sees(ANNA, "Ёлки есть?").await;
    talk.types(ANNA, "/menu");
    talk.takes(ANNA, "Ещё…").await;
    talk.takes(ANNA, "Сообщения").await;
    talk.sees(ANNA, "Ждёт ответа").await;
    talk.types(ANNA, "ольга");
    talk.sees(ANNA, "переписка").await;
    said(&talk, channel, customer, "И гирлянды").await;
    talk.goes(ANNA, "Кто отвечает", "кто отвечает?").await;
    assert_eq!(talk.told(ANNA, "Никто в отдельности").await, "Готово: уведомления снова получают все.");
    talk.ends().await;
});

// The card that a member had open went on showing what was said before it was opened.
both!(async fn an_open_conversation_shows_what_is_said_in_it(store) {
    let talk = Talk::start(store).await;
    talk.person(ANNA, "Anna").await;
    talk.signs_in(ANNA, "anna").await;
    let channel = talk.channel("7000000002:AAE-customers").await;
    let customer = wrote(&talk, channel, "Ольга", "Покажите красные").await;
    talk.types(ANNA, "/menu");
    talk.takes(ANNA, "Сообщения · 1").await;
    let card = talk.goes(ANNA, "Ольга", "Покажите красные").await;
    said(&talk, channel, customer, "И зелёные").await;
    let shown = talk.sees(ANNA, "И зелёные").await;
    assert_eq!((shown.id, shown.edits), (card.id, card.edits + 1), "in place, once");

    // The question to the member stays, whatever is said meanwhile.
    let asked = talk.goes(ANNA, "Ответить", "Что ответить?").await;
    said(&talk, channel, customer, "И жёлтые").await;
    let deps = crate::testing::deps(talk.store.clone(), &talk.sandbox.url());
    cards::draw_due(&deps, crate::screens::draw, clock::now()).await.unwrap();
    assert_eq!(talk.sandbox.last(talk.bot, ANNA).unwrap().edits, asked.edits);
    talk.goes(ANNA, "Назад", "И жёлтые").await;
    // Opened in another room's message, it is that room's.
    talk.goes(ANNA, "Карточка контакта", "написал боту").await;
    said(&talk, channel, customer, "И белые").await;
    cards::draw_due(&deps, crate::screens::draw, clock::now()).await.unwrap();
    talk.sees(ANNA, "написал боту").await;
    talk.ends().await;
});

both!(async fn a_conversation_has_one_card_and_an_album_goes_whole(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.licensed(licence::PlanCode::START).await;
    let channel = talk.channel("7000000002:AAE-customers").await;
    let customer = wrote(&talk, channel, "Ольга", "Покажите").await;
    let cards = || talk.sandbox.history(talk.bot, ANNA).iter().filter(|one| one.text.contains("Ольга — переписка")).count();

    talk.types(ANNA, "/menu");
    talk.takes(ANNA, "Сообщения · 1").await;
    talk.goes(ANNA, "Ольга", "Покажите").await;
    talk.goes(ANNA, "Ответить", "Что ответить?").await;
    let photo = || Attachment { name: "a.png".into(), mime: None, data: testing_png(), kind: FileKind::Photo, caption: String::new() };
    talk.sandbox.send_album(talk.bot, ANNA, vec![photo(), photo(), photo()]).unwrap();
    crate::testing::talk::until(|| async { replies(&talk).await == 3 }).await;
    // The question and the cards of before are gone: one is left.
    crate::testing::talk::until(|| async { cards() == 1 }).await;
    let asked = talk.sandbox.history(talk.bot, ANNA).iter().any(|one| one.text.contains("Что ответить?"));
    assert!(!asked, "the question was answered");
    // Words after the album are no reply.
    talk.types(ANNA, "Ольга");
    talk.sees(ANNA, "написал боту").await;
    assert_eq!(replies(&talk).await, 3);
    // A notice that is opened becomes the card, and the card before it goes.
    tell(&talk, channel, customer, "Спасибо!").await;
    talk.sees(ANNA, "Спасибо!").await;
    talk.goes(ANNA, "Переписка", "Ольга — переписка").await;
    crate::testing::talk::until(|| async { cards() == 1 }).await;
    // A member's own file is looked at again.
    talk.takes(ANNA, "🖼 Фото").await;
    talk.sandbox.expect_last(talk.bot, ANNA, crate::testing::talk::WAIT, |last| last.kind == Some(FileKind::Photo)).await.unwrap();
    talk.ends().await;
});

// An answer that was saved from a conversation left its writer at the list of answers.
both!(async fn an_answer_saved_from_a_conversation_comes_back_to_it(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.licensed(licence::PlanCode::START).await;
    let channel = talk.channel("7000000002:AAE-customers").await;
    wrote(&talk, channel, "Ольга", "Вы работаете?").await;
    talk.opens(ANNA, "Сообщения · 1", "Ждёт ответа 1 человек").await;
    talk.goes(ANNA, "Ольга", "Вы работаете?").await;
    talk.goes(ANNA, "Быстрые ответы", "Быстрых ответов пока нет").await;
    talk.goes(ANNA, "Новый ответ", "Пришлите текст ответа").await;
    talk.types(ANNA, "Да, с 9 до 21");
    // Saved, and one press from being sent to her.
    talk.sees(ANNA, "Сохранено.").await;
    talk.offers(ANNA, "Да, с 9 до 21").await;
    talk.goes(ANNA, "Новый ответ", "Пришлите текст ответа").await;
    talk.goes(ANNA, "Назад", "Что отправить?").await;
    talk.goes(ANNA, "Да, с 9 до 21", "Да, с 9 до 21").await;
    assert_eq!(replies(&talk).await, 1);
    talk.ends().await;
});
