//! What is sent in place of an answer, what cannot be drawn, and presses of segments that a
//! colleague changed meanwhile.

use mms_core::{
    account::{Role, settings},
    both, clock,
    consent::suppression,
    contact::segment::{self, Filter, Segment},
    id::SegmentId,
};
use mms_sandbox::{
    Fault, Rule,
    telegram::{Attachment, FileKind},
};

use super::talk::Talk;
use crate::screens::{Callback, contacts};

const ANNA: i64 = 77_501;
const STRANGER: i64 = 77_502;

async fn segment(talk: &Talk, name: &str, filter: &str) -> SegmentId {
    let filter = Filter::parse(filter, &[]).unwrap();
    segment::create(&talk.store, &talk.owner(), name, &filter, clock::now()).await.unwrap()
}

async fn found(talk: &Talk, id: SegmentId) -> Segment {
    segment::get(&talk.store, talk.account, id).await.unwrap().unwrap()
}

fn sticker(talk: &Talk) {
    let data = b"webp".as_slice().into();
    let file = Attachment { name: "sticker.webp".to_owned(), mime: None, data, kind: FileKind::Sticker, caption: String::new() };
    talk.sandbox.send_file(talk.bot, ANNA, file).unwrap();
}

fn count(talk: &Talk, words: &str) -> usize {
    talk.sandbox.history(talk.bot, ANNA).iter().filter(|message| message.text.contains(words)).count()
}

// A sticker made a segment of everybody, a pinned message took the advertiser away.
both!(async fn what_has_no_words_answers_nothing(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let vip = segment(&talk, "Важные", "tag = vip").await;
    talk.opens(ANNA, "Сегменты", "Сегменты — 1").await;
    talk.goes(ANNA, "Важные", "Подходит").await;
    let question = talk.goes(ANNA, "Написать текстом", "Пришлите новое условие").await;
    sticker(&talk);
    talk.sees(ANNA, "Здесь нужны слова").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, question.id).unwrap().button("Назад").is_some(), "the question stands");
    // Nobody sent a pinned message: it is not even answered.
    talk.sandbox.pin(talk.bot, ANNA, question.id).unwrap();
    talk.says(ANNA, " ; ", "Пришлите новое условие").await;
    assert_eq!((count(&talk, "Здесь нужны слова"), found(&talk, vip).await.filter.as_str()), (2, "tag = vip"));
    talk.says(ANNA, "все", "Все контакты").await;
    assert_eq!(found(&talk, vip).await.filter, "", "who means everybody says so");

    let advertiser = settings::Change::Advertiser("ООО «Ромашка»".to_owned());
    settings::change(&talk.store, &talk.owner(), &advertiser, clock::now()).await.unwrap();
    talk.opens(ANNA, "Компания", "Ромашка").await;
    talk.takes(ANNA, "Рекламодатель").await;
    sticker(&talk);
    talk.hears(ANNA, "Здесь нужны слова", 3).await;
    let kept = settings::get(&talk.store, talk.account).await.unwrap().unwrap();
    assert_eq!(kept.advertiser, "ООО «Ромашка»");
    talk.ends().await;
});

both!(async fn a_segment_changed_meanwhile_is_shown_and_not_changed(store) {
    let talk = Talk::start(store).await;
    talk.member("vera", Role::Manager).await;
    let vera = talk.actor("vera").await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let vip = segment(&talk, "Важные", "tag = vip and tag = b2b").await;
    let changes = async |filter: &str| {
        let filter = Filter::parse(filter, &[]).unwrap();
        segment::update(&talk.store, &vera, &found(&talk, vip).await, &filter, clock::now()).await.unwrap();
    };
    talk.opens(ANNA, "Сегменты", "Сегменты — 1").await;
    talk.goes(ANNA, "Важные", "Подходит").await;
    talk.goes(ANNA, "Условия", "Условия — 2").await;
    talk.goes(ANNA, "b2b", "b2b").await;
    changes("tag = new and tag = vip").await;
    assert!(talk.told(ANNA, "Убрать").await.contains("только что изменили"));
    assert_eq!(found(&talk, vip).await.filter, "tag = new and tag = vip");
    // A line written to what was shown does not take the place of another one either.
    talk.goes(ANNA, "Написать текстом", "Пришлите новое условие").await;
    changes("tag = new").await;
    talk.says(ANNA, "тег = старый", "только что изменили").await;
    assert_eq!(found(&talk, vip).await.filter, "tag = new");
    talk.says(ANNA, "тег = старый", "Подходит").await;
    // The last condition is taken away by who means it.
    talk.goes(ANNA, "Условия", "Условия — 1").await;
    talk.goes(ANNA, "старый", "старый").await;
    talk.goes(ANNA, "Убрать", "единственное условие").await;
    assert_ne!(found(&talk, vip).await.filter, "");
    talk.goes(ANNA, "Да, пусть будут все", "Все контакты").await;
    assert_eq!(found(&talk, vip).await.filter, "");
    talk.ends().await;
});

// The press was answered without words, and nothing came.
both!(async fn a_screen_that_telegram_refuses_is_told(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.types(ANNA, "/contacts");
    talk.offers(ANNA, "Новый контакт").await;
    let refusal = Fault::Error { code: 400, description: "Bad Request: message is too long".to_owned(), retry_after: None };
    talk.sandbox.faults().add(Rule::new(refusal).method("editMessageText").times(1));
    talk.goes(ANNA, "Новый контакт", "Не получилось: ошибка на сервере").await;
    talk.ends().await;
});

// It was looked for on a page of the list, and the list had moved on.
both!(async fn an_address_on_the_list_is_found_on_whatever_page(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    suppression::add_phones(&talk.store, &talk.owner(), "+79161234567", clock::now()).await.unwrap();
    let one = suppression::list(&talk.store, talk.account, 1, 0).await.unwrap()[0].id;
    let room = talk.opens(ANNA, "Контакты", "Контакт").await;
    let wire = Callback::from(contacts::Call::AskLift { suppression: one, page: 7 }).encode();
    talk.sandbox.press_data(talk.bot, ANNA, room.id, &wire).unwrap();
    talk.sees(ANNA, "+7 916 123-45-67").await;
    talk.ends().await;
});

both!(async fn a_stranger_keeps_the_language_they_chose(store) {
    let talk = Talk::start(store).await;
    talk.person(STRANGER, "John").await;
    talk.goes(STRANGER, "English", "").await;
    talk.goes(STRANGER, "Sign in", "").await;
    talk.takes(STRANGER, "Cancel").await;
    talk.offers(STRANGER, "Sign in").await;
    talk.ends().await;
});
