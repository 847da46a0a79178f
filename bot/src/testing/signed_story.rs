//! A consent signed on paper, from the card to the ledger and back as a file.

use mms_core::{
    account::Role,
    both, clock,
    consent::signed,
    contact::{self, Draft, NewAddress, card},
    id::ContactId,
};
use mms_sandbox::telegram::{Attachment, FileKind};

use super::{contacts_story::testing_png, talk::Talk};

const ANNA: i64 = 77_001;
const IVAN: i64 = 77_002;
const NAME: &str = "Ольга Петрова";

async fn olga(talk: &Talk) -> ContactId {
    let draft = Draft {
        name: Some(NAME.to_owned()),
        addresses: vec![NewAddress::phone("+79161234567".to_owned(), "+79161234567")],
        source: "manual".to_owned(),
        ..Draft::default()
    };
    let mut tx = talk.store.begin().await.unwrap();
    let contact = contact::upsert(&mut tx, talk.account, &draft, clock::now()).await.unwrap().contact;
    tx.commit().await.unwrap();
    contact
}

/// Of advertising and of personal data, as numbers: 2 is B.
async fn grades(talk: &Talk, contact: ContactId) -> (Option<i16>, Option<i16>) {
    let row = card::contact(&talk.store, talk.account, contact).await.unwrap().unwrap();
    (row.marketing_grade, row.personal_data_grade)
}

fn photo() -> Attachment {
    Attachment { name: "a.png".into(), mime: None, data: testing_png(), kind: FileKind::Photo, caption: String::new() }
}

both!(async fn a_signed_consent_is_attached_from_the_card(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let contact = olga(&talk).await;
    talk.says(ANNA, "петрова", "+7 916 123-45-67").await;
    talk.goes(ANNA, "Приложить подписанное согласие", "Какое согласие подписано?").await;
    talk.goes(ANNA, "Реклама", "Какой текст подписан?").await;
    talk.goes(ANNA, "Русский · версия 1", "Какая дата на бумаге?").await;
    // What cannot be is told, and asked again.
    talk.says(ANNA, "когда-то", "Какая дата на бумаге?").await;
    talk.says(ANNA, "31.12.1990", "компаний в России ещё не было").await;
    talk.says(ANNA, "01.01.2999", "ещё впереди").await;
    talk.says(ANNA, "12 марта 2019", "Пришлите фото или PDF").await;
    // The way back and out of it loses nothing.
    talk.goes(ANNA, "Назад", "Какая дата на бумаге?").await;
    talk.goes(ANNA, "Назад", "Какой текст подписан?").await;
    talk.offers(ANNA, "✓ Русский · версия 1").await;
    talk.says(ANNA, "/menu", "Владелец").await;
    talk.says(ANNA, "петрова", "+7 916 123-45-67").await;
    let asked = talk.goes(ANNA, "Приложить подписанное согласие", "Пришлите фото или PDF").await;
    assert!(asked.text.contains("12 марта 2019") || asked.text.contains("12.03.2019"), "{}", asked.text);
    // What is no paper is refused in words, and the question stands.
    talk.says(ANNA, "вот она", "Нужен сам снимок").await;
    talk.sends(ANNA, "бумага.pdf", "PK no paper");
    talk.sees(ANNA, "Это не картинка и не PDF").await;
    assert_eq!(grades(&talk, contact).await, (None, None));
    // Of an album the first file counts, and the rest is answered by nothing.
    talk.sandbox.send_album(talk.bot, ANNA, vec![photo(), photo()]).unwrap();
    talk.hears(ANNA, "Из альбома взят первый файл", 1).await;
    talk.sees(ANNA, "1 подписанная бумага").await;
    assert_eq!(grades(&talk, contact).await, (Some(2), None));
    assert_eq!(talk.on_record("contact.signed").await, [(talk.owner().member.to_string(), contact.to_string())]);
    // The paper comes back as it was, on the record.
    talk.goes(ANNA, "Подписанные бумаги: 1", "Кто берёт файл").await;
    talk.takes(ANNA, "Реклама · ").await;
    talk.sees(ANNA, "SHA-256").await;
    assert_eq!(talk.on_record("export.paper").await.len(), 1);
    // Another text, which nobody types; the same day; a PDF.
    talk.goes(ANNA, "Карточка контакта", "1 подписанная бумага").await;
    talk.goes(ANNA, "Приложить подписанное согласие", "Какое согласие подписано?").await;
    talk.goes(ANNA, "Персональные данные", "Какой текст подписан?").await;
    talk.goes(ANNA, "Другой текст", "Что написано на бумаге?").await;
    talk.goes(ANNA, "Не переписывать", "Какая дата на бумаге?").await;
    talk.says(ANNA, "сегодня", "другой, не переписан").await;
    talk.sends(ANNA, "согласие.pdf", "%PDF-1.7 Ольга");
    talk.sees(ANNA, "2 подписанные бумаги").await;
    assert_eq!(grades(&talk, contact).await, (Some(2), Some(2)));
    let kept = signed::of_contact(&talk.store, talk.account, contact).await.unwrap();
    assert_eq!(kept.iter().map(|paper| paper.mime.as_str()).collect::<Vec<_>>(), ["image/png", "application/pdf"]);
    // Whoever only looks may not.
    talk.member("ivan", Role::Viewer).await;
    talk.comes_in(IVAN, "Ivan", "ivan").await;
    let card = talk.says(IVAN, "петрова", "2 подписанные бумаги").await;
    assert!(card.button("Приложить подписанное согласие").is_none() && card.button("Подписанные бумаги").is_none());
    talk.ends().await;
});

both!(async fn a_paper_after_a_stop_is_refused_and_an_older_one_is_evidence(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let contact = olga(&talk).await;
    talk.says(ANNA, "петрова", "+7 916 123-45-67").await;
    talk.takes(ANNA, "Отписать").await;
    talk.takes(ANNA, "Да, отписать").await;
    talk.offers(ANNA, "Приложить подписанное согласие").await;
    talk.goes(ANNA, "Приложить подписанное согласие", "Какое согласие подписано?").await;
    talk.goes(ANNA, "Реклама", "Какой текст подписан?").await;
    talk.goes(ANNA, "Русский · версия 1", "Какая дата на бумаге?").await;
    talk.says(ANNA, "сегодня", "Пришлите фото или PDF").await;
    talk.sends(ANNA, "согласие.pdf", "%PDF-1.7 Ольга");
    talk.sees(ANNA, "Отказ снимает только он сам").await;
    talk.goes(ANNA, "Назад", "Какая дата на бумаге?").await;
    talk.says(ANNA, "12.03.2019", "Пришлите фото или PDF").await;
    talk.sends(ANNA, "согласие.pdf", "%PDF-1.7 Ольга");
    talk.hears(ANNA, "как доказательство за прошлое", 1).await;
    talk.sees(ANNA, "1 подписанная бумага").await;
    let row = card::contact(&talk.store, talk.account, contact).await.unwrap().unwrap();
    assert!(row.marketing_grade.is_none() && row.opted_out_at.is_some());
    talk.ends().await;
});
