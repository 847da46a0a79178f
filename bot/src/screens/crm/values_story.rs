//! A CRM on a company's own server that asks for three values, one after another.

use mms_core::{both, crm::connection};

use super::story::{ANNA, goes, says, says_id};
use crate::testing::talk::Talk;

const CARD: &str = "crm.romashka.example · Odoo";

async fn gives(talk: &Talk, key: &str, end: &str) {
    says(talk, "example", "Пользователь crm.romashka.example").await;
    says(talk, "admin", "Ключ API crm.romashka.example").await;
    let typed = talk.types(ANNA, key);
    talk.sees(ANNA, end).await;
    assert!(talk.sandbox.message(talk.bot, ANNA, typed).unwrap().deleted, "the key is deleted");
}

both!(async fn a_crm_with_three_values_is_connected_and_ended(store) {
    let talk = Talk::start_reachable(store).await;
    let odoo = talk.sandbox.odoo();
    odoo.add_partner("Анна Петрова", "8 912 345-67-89");
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.opens(ANNA, "CRM", "CRM не подключена").await;
    goes(&talk, "Подключить CRM", "Какая у вас CRM?").await;
    goes(&talk, "Odoo", "Адрес вашей Odoo").await;
    for inside in ["http://127.0.0.1:8069", "localhost:8069", "10.0.0.1", "моя црм"] {
        says(&talk, inside, "не адрес Odoo").await;
    }
    says(&talk, "https://crm.romashka.example/web#home", "База данных crm.romashka.example").await;
    says(&talk, "моя база", "не похоже на имя базы").await;
    says(&talk, "example", "Пользователь crm.romashka.example").await;
    says(&talk, "два слова", "не похоже на логин").await;
    says(&talk, "admin", "Ключ API crm.romashka.example").await;
    says_id(&talk, "не ключ", "не похоже на ключ").await;
    says(&talk, "6578616d706c65206b65796578616d706c65206b", "не принимает этот ключ").await;
    // Which of them was wrong nobody can say.
    talk.sees(ANNA, "Пришлите имя базы ещё раз").await;
    let key = odoo.api_key();
    gives(&talk, &key, CARD).await;
    goes(&talk, "Изменения сразу", "правило автоматизации").await;
    goes(&talk, "Назад", CARD).await;
    goes(&talk, "Согласия", "флажок «Не писать (чёрный список телефонов)»").await;
    goes(&talk, "Назад", CARD).await;
    goes(&talk, "Отключить", "Ключ удалим").await;
    goes(&talk, "Да, отключить", "CRM не подключена").await;
    assert!(connection::list(&talk.store, talk.account).await.unwrap().is_empty());
    talk.ends().await;
});
