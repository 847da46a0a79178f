//! A CRM authorised on its own page, removed there, and allowed again: the buttons of that way,
//! with a browser that errs.

use mms_core::{
    both,
    crm::connection::{self, ConnectionState},
};

use super::story::{ANNA, goes, says};
use crate::testing::talk::{INTEGRATION, PUBLIC, Talk};

/// The state in the page's address.
async fn state(talk: &Talk) -> String {
    let asked = talk.sees(ANNA, "Откройте страницу под администратором").await;
    let page = asked.button("Открыть amoCRM").and_then(|(_, _, button)| button.url.clone()).expect("a page");
    let page = url::Url::parse(&page).expect("a URL");
    page.query_pairs().find(|(key, _)| key == "state").expect("a state").1.into_owned()
}

/// A browser at our HTTP side.
async fn browse(talk: &Talk, path: &str, query: &[(&str, &str)]) -> u16 {
    let mut url = url::Url::parse(&format!("{}{path}", talk.http)).expect("a URL");
    url.query_pairs_mut().extend_pairs(query);
    reqwest::get(url).await.expect("answered").status().as_u16()
}

async fn allows(talk: &Talk) {
    let state = state(talk).await;
    let code = talk.amo.code(INTEGRATION.0);
    let host = "romashka.amocrm.ru";
    assert_eq!(browse(talk, "/oauth/amocrm", &[("code", &code), ("referer", host), ("state", "nobody.s")]).await, 400);
    assert_eq!(browse(talk, "/oauth/amocrm", &[("code", &code), ("referer", "evil.example"), ("state", &state)]).await, 400);
    assert_eq!(browse(talk, "/oauth/amocrm", &[("error", "access_denied"), ("state", &state)]).await, 200);
    assert_eq!(browse(talk, "/oauth/amocrm", &[("code", &code), ("referer", host), ("state", &state)]).await, 200);
    assert_eq!(browse(talk, "/oauth/amocrm", &[("code", &code), ("referer", host), ("state", &state)]).await, 400, "a state works once");
}

both!(async fn a_crm_is_allowed_on_its_page_removed_and_allowed_again(store) {
    let talk = Talk::start_reachable(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.opens(ANNA, "CRM", "CRM не подключена").await;
    goes(&talk, "Подключить CRM", "Какая у вас CRM?").await;
    goes(&talk, "amoCRM", "Как подключить amoCRM?").await;
    goes(&talk, "По долгосрочному токену", "Достаточно и одного слова").await;
    goes(&talk, "Назад", "Как подключить amoCRM?").await;
    goes(&talk, "Через страницу amoCRM", "Адрес вашей amoCRM").await;
    for nonsense in ["моя амо", "www.amocrm.ru", "127.0.0.1"] {
        says(&talk, nonsense, "не адрес amoCRM").await;
    }
    says(&talk, "romashka", "Откройте страницу под администратором").await;
    goes(&talk, "Карточка подключения", "Ждёт разрешения").await;
    goes(&talk, "Разрешить в amoCRM", "Откройте страницу под администратором").await;
    allows(&talk).await;
    goes(&talk, "Карточка подключения", "Подключена").await;
    let row = connection::list(&talk.store, talk.account).await.unwrap().remove(0);
    assert!(row.settings.hook_url.as_deref().is_some_and(|url| url.starts_with(PUBLIC)));

    // Somebody claims that we were removed; then it is so.
    let said = [("client_uuid", INTEGRATION.0), ("account_id", "28805383"), ("signature", "00ff")];
    assert_eq!(browse(&talk, "/oauth/amocrm/removed", &said).await, 401);
    assert_eq!(browse(&talk, "/oauth/amocrm/removed", &[]).await, 401);
    assert_eq!(connection::list(&talk.store, talk.account).await.unwrap()[0].state, ConnectionState::Active);
    let removed = format!("{}/oauth/amocrm/removed", talk.http);
    assert_eq!(talk.amo.uninstall(INTEGRATION.0, &removed).await, 200);
    talk.sees(ANNA, "отключили в amoCRM").await;
    goes(&talk, "Открыть", "Интеграцию отключили в amoCRM").await;
    goes(&talk, "Разрешить в amoCRM", "Откройте страницу под администратором").await;
    allows(&talk).await;
    goes(&talk, "Карточка подключения", "Подключена").await;
    assert_eq!(connection::list(&talk.store, talk.account).await.unwrap()[0].id, row.id);
    talk.ends().await;
});
