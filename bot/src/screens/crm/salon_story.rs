//! A branch of a chain of salons: chosen by its number, opened by two tokens, one of which dies.

use mms_core::{
    both, clock,
    crm::{CrmError, connection, lease},
};
use mms_sandbox::yclients::{Company, Seed};

use super::story::{ANNA, goes, says, says_id};
use crate::testing::talk::Talk;

const CARD: &str = "yclients.com/company/4564 · YCLIENTS";
const PARTNER: &str = "yusw3yeu6hrr4r9j3gw6";

async fn is_deleted(talk: &Talk, typed: i64) {
    assert!(talk.sandbox.message(talk.bot, ANNA, typed).unwrap().deleted, "a message with a token is deleted");
}

both!(async fn a_branch_is_connected_by_two_tokens(store) {
    let talk = Talk::start_reachable(store).await;
    let yclients = talk.sandbox.yclients();
    yclients.add_partner(PARTNER, 17);
    yclients.add_company(Company::new(4_564, "Салон на Лесной"));
    yclients.seed(4_564, &Seed { count: 10, ..Seed::default() });
    let owner = yclients.add_user("79161234567", "secret", &[4_564]);
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.opens(ANNA, "CRM", "CRM не подключена").await;
    goes(&talk, "Подключить CRM", "Какая у вас CRM?").await;
    goes(&talk, "YCLIENTS", "Адрес филиала в YCLIENTS").await;
    for nonsense in ["мой салон", "https://evil.example/4564", "yclients.com", "romashka.amocrm.ru"] {
        says(&talk, nonsense, "подойдёт и номер филиала").await;
    }
    says(&talk, "https://yclients.com/timetable/4564", "Токен партнёра для yclients.com/company/4564").await;
    let typed = says_id(&talk, "не токен", "Это не похоже на токен партнёра").await;
    is_deleted(&talk, typed).await;
    let typed = says_id(&talk, PARTNER, "Токен пользователя для yclients.com/company/4564").await;
    is_deleted(&talk, typed).await;
    let typed = says_id(&talk, "aaaaaaaaaaaaaaaaaaaa", "YCLIENTS не принимает эти токены").await;
    is_deleted(&talk, typed).await;
    says(&talk, PARTNER, "Токен пользователя").await;
    let token = yclients.user_token(owner);
    let typed = says_id(&talk, &token, CARD).await;
    is_deleted(&talk, typed).await;
    goes(&talk, "Согласия", "флажок «Исключить из SMS-рассылок»").await;
    goes(&talk, "Реклама: выбрать поле", "В каком поле записано согласие?").await;
    goes(&talk, "Поздравлять с днём рождения по SMS", "Уровень D, только с ваших слов").await;
    goes(&talk, "Назад", "Согласия из CRM").await;
    goes(&talk, "Назад", CARD).await;

    yclients.change_password(owner, "new");
    let row = connection::list(&talk.store, talk.account).await.unwrap().remove(0);
    let now = clock::now();
    let lease = lease::take(&talk.store, row.id, "test", now).await.unwrap().unwrap();
    connection::failed(&talk.store, &lease, &row, &CrmError::ReauthRequired, now).await.unwrap();
    lease.release(&talk.store).await.unwrap();
    talk.sees(ANNA, "закрыла нам доступ").await;
    goes(&talk, "Открыть", "сменил пароль или лишился доступа").await;
    goes(&talk, "Новый токен", "Токен пользователя для yclients.com/company/4564").await;
    says(&talk, &token, "YCLIENTS не принимает эти токены").await;
    says(&talk, &yclients.user_token(owner), "Подключена").await;
    goes(&talk, "Отключить", "Токен удалим").await;
    goes(&talk, "Да, отключить", "CRM не подключена").await;
    assert!(connection::list(&talk.store, talk.account).await.unwrap().is_empty());
    talk.ends().await;
});
