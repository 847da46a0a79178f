//! A CRM with a key: chosen by its name, its key pasted, its fields mapped, the key revoked and
//! given anew, the connection ended.

use mms_core::{
    both, clock,
    crm::{CrmError, connection, lease},
};
use mms_sandbox::retailcrm::Seed;

use super::story::{ANNA, goes, says, says_id};
use crate::testing::talk::{PUBLIC, Talk};

const CARD: &str = "romashka.retailcrm.ru · RetailCRM";

async fn connects(talk: &Talk, key: &str) {
    talk.opens(ANNA, "CRM", "CRM не подключена").await;
    goes(talk, "Подключить CRM", "Какая у вас CRM?").await;
    goes(talk, "RetailCRM", "Адрес вашей RetailCRM").await;
    for nonsense in ["моя црм", "https://evil.example/", "romashka.amocrm.ru", "romashka.retailcrm.ru.evil.com"] {
        says(talk, nonsense, "не адрес RetailCRM").await;
    }
    let early = talk.types(ANNA, &key.repeat(4));
    talk.sees(ANNA, "сейчас нужен адрес").await;
    assert!(talk.sandbox.message(talk.bot, ANNA, early).unwrap().deleted, "a key sent too early is deleted");
    says(talk, "https://romashka.retailcrm.ru/admin/customers", "Ключ API romashka.retailcrm.ru").await;
    for nonsense in ["не ключ", "romashka.retailcrm.ru", "два слова"] {
        let typed = says_id(talk, nonsense, "не похоже на ключ").await;
        assert!(talk.sandbox.message(talk.bot, ANNA, typed).unwrap().deleted, "whatever was typed for a key is deleted");
    }
    says(talk, "0123456789abcdef0123456789abcdef", "не принимает этот ключ").await;
    let typed = talk.types(ANNA, key);
    talk.sees(ANNA, CARD).await;
    assert!(talk.sandbox.message(talk.bot, ANNA, typed).unwrap().deleted, "the key is deleted");
}

/// The address for the company's trigger opens our side, and one without the secret does not.
async fn is_told_at_once(talk: &Talk) {
    let text = goes(talk, "Изменения сразу", "создайте в ней триггер").await.text;
    let address = text.split_whitespace().find(|word| word.starts_with(PUBLIC)).expect("an address").to_owned();
    let post = async |address: &str| {
        let address = address.replace(PUBLIC, &talk.http);
        reqwest::Client::new().post(address).body("{}").send().await.expect("answered").status().as_u16()
    };
    assert_eq!(post(&address).await, 200);
    let (front, secret) = address.rsplit_once('/').expect("a secret at its end");
    assert_eq!(post(&format!("{front}/{}", secret.to_uppercase())).await, 401);
    assert_eq!(post(&address.replace("/retailcrm/", "/amocrm/")).await, 401, "each CRM's hooks are its own");
    goes(talk, "Назад", CARD).await;
}

both!(async fn a_crm_with_a_key_is_connected_mapped_and_ended(store) {
    let talk = Talk::start_reachable(store).await;
    talk.retail.seed(&Seed { count: 10, ..Seed::default() });
    talk.comes_in(ANNA, "Anna", "anna").await;
    let key = talk.retail.api_key();
    connects(&talk, &key).await;
    goes(&talk, "Поля", "Используется 0 из 22").await;
    goes(&talk, "Город", "Сейчас не используется").await;
    goes(&talk, "Новое поле «Город»", "Используется 1 из 22").await;
    goes(&talk, "Назад", CARD).await;
    goes(&talk, "Согласия", "флажок «Не писать»").await;
    goes(&talk, "Реклама: выбрать поле", "В каком поле записано согласие?").await;
    // Time and author are found by their titles.
    goes(&talk, "Согласие на сообщения", "Уровень C: в CRM записано, кто отметил согласие и когда").await;
    goes(&talk, "Назад", "Согласия из CRM").await;
    goes(&talk, "Назад", CARD).await;
    is_told_at_once(&talk).await;

    talk.retail.revoke(&key);
    let row = connection::list(&talk.store, talk.account).await.unwrap().remove(0);
    let now = clock::now();
    let lease = lease::take(&talk.store, row.id, "test", now).await.unwrap().unwrap();
    connection::failed(&talk.store, &lease, &row, &CrmError::ReauthRequired, now).await.unwrap();
    lease.release(&talk.store).await.unwrap();
    talk.sees(ANNA, "закрыла нам доступ").await;
    goes(&talk, "Открыть", "ключ отозван").await;
    goes(&talk, "Новый ключ", "Ключ API romashka.retailcrm.ru").await;
    says(&talk, &key, "не принимает этот ключ").await;
    says(&talk, &talk.retail.api_key(), "Подключена").await;
    goes(&talk, "Отключить", "Ключ удалим").await;
    goes(&talk, "Да, отключить", "CRM не подключена").await;
    assert!(connection::list(&talk.store, talk.account).await.unwrap().is_empty());
    talk.ends().await;
});
