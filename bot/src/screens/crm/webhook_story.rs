//! A CRM that is opened by an address: the address of a webhook is a secret as a whole, wherever it
//! is pasted.

use mms_core::{both, crm::connection};
use mms_sandbox::bitrix24::{Item, UserField};

use super::story::{ANNA, goes, says, says_id};
use crate::testing::talk::Talk;

const DOMAIN: &str = "romashka.bitrix24.ru";

/// As the portal shows it: the double is elsewhere.
fn webhook(talk: &Talk, portal: i64) -> String {
    let address = talk.sandbox.bitrix24().webhook(portal, 1, &["crm", "task"]);
    format!("https://{}", address.split_once("/bitrix24/").expect("a portal of the double").1)
}

async fn asks(talk: &Talk) {
    talk.opens(ANNA, "CRM", "CRM не подключена").await;
    goes(talk, "Подключить CRM", "Какая у вас CRM?").await;
    goes(talk, "Bitrix24", "Адрес вашей Bitrix24").await;
}

both!(async fn a_crm_is_connected_by_the_address_of_a_webhook(store) {
    let talk = Talk::start_reachable(store).await;
    let bitrix = talk.sandbox.bitrix24();
    let portal = bitrix.add_portal(DOMAIN);
    bitrix.add_field(portal, UserField::of_contacts("UF_CRM_NO_MESSAGES", "boolean", "Не писать"));
    bitrix.add(portal, Item::contact("Нина", "Лебедева").phone("+7 912 000-00-01"));
    talk.comes_in(ANNA, "Anna", "anna").await;
    asks(&talk).await;
    for nonsense in ["мой битрикс", "https://127.0.0.1/rest/1/0123456789abcdef/", "10.0.0.1", "oauth.bitrix24.ru"] {
        says(&talk, nonsense, "не адрес Bitrix24").await;
    }
    says(&talk, "https://romashka.bitrix24.ru/crm/", "Входящий вебхук romashka.bitrix24.ru").await;
    let typed = says_id(&talk, "https://romashka.bitrix24.ru/rest/", "не похоже на адрес вебхука").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, typed).unwrap().deleted, "whatever was typed for a webhook is deleted");
    says(&talk, "https://romashka.bitrix24.ru/rest/1/0123456789abcdef/", "не принимает этот вебхук").await;

    // In place of the portal's address: nothing else is asked for, and it is deleted all the same.
    asks(&talk).await;
    let typed = talk.types(ANNA, &webhook(&talk, portal));
    talk.sees(ANNA, "romashka.bitrix24.ru · Bitrix24").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, typed).unwrap().deleted, "the webhook is deleted");
    let row = connection::list(&talk.store, talk.account).await.unwrap().remove(0);
    assert_eq!((row.base_url.as_str(), row.external_id.as_str()), ("https://romashka.bitrix24.ru", DOMAIN));
    goes(&talk, "Согласия", "флажок «Не писать»").await;
    goes(&talk, "Назад", "romashka.bitrix24.ru · Bitrix24").await;
    goes(&talk, "Новый вебхук", "Входящий вебхук romashka.bitrix24.ru").await;
    says(&talk, &webhook(&talk, portal), "Подключена").await;
    goes(&talk, "Отключить", "Доступ удалим").await;
    goes(&talk, "Да, отключить", "CRM не подключена").await;
    assert!(connection::list(&talk.store, talk.account).await.unwrap().is_empty());
    talk.ends().await;
});
