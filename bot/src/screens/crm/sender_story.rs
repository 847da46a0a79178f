//! A CRM whose robots write through us: the owner switches it on, the portal calls us, and nobody
//! else is believed.

use mms_core::{
    account::By,
    both, clock,
    config::Endpoints,
    crm::{
        CrmKind, connection,
        login::{OauthApp, Returned},
        message,
    },
    on,
    secret::{Sealer, Secret},
};
use mms_sandbox::bitrix24::Bitrix24;

use super::story::{ANNA, goes};
use crate::testing::talk::{PUBLIC, Talk};

const DOMAIN: &str = "romashka.bitrix24.ru";

/// An administrator of the portal allowed our application.
async fn allowed(talk: &Talk, bitrix: &Bitrix24, portal: i64) -> mms_core::id::ConnectionId {
    let endpoints = Endpoints { bitrix24_override: Some(bitrix.url().to_owned()), ..Endpoints::default() };
    let (store, sealer, by, now) = (&talk.store, Sealer::new(&[7; 32]), By::Admin(talk.account), clock::now());
    let redirect_uri = format!("{PUBLIC}/oauth/bitrix24");
    bitrix.register("app.1", "secret", &redirect_uri, &["crm", "messageservice"]);
    let app = OauthApp { client_id: "app.1".to_owned(), client_secret: Secret::new("secret"), redirect_uri };
    let begun = connection::begin_authorisation(store, &sealer, by, (CrmKind::Bitrix24, "romashka"), app, None, now).await;
    let (id, page) = begun.expect("begun");
    let state = page.split("state=").nth(1).expect("a state").to_owned();
    let back = Returned { code: bitrix.code("app.1", portal), home: DOMAIN.to_owned(), state };
    connection::authorise(store, &sealer, &endpoints, CrmKind::Bitrix24, &back, now).await.expect("authorised");
    id
}

both!(async fn robots_of_a_portal_write_once_the_owner_wants_it(store) {
    let talk = Talk::start_reachable(store).await;
    let bitrix = talk.sandbox.bitrix24();
    let portal = bitrix.add_portal(DOMAIN);
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.channel("7000000002:AAE-customers").await;
    let id = allowed(&talk, bitrix, portal).await;
    talk.opens(ANNA, "CRM", "CRM — 1").await;
    goes(&talk, "romashka.bitrix24.ru", "Подключена").await;
    goes(&talk, "Сообщения из Bitrix24", "Выключено. Если").await;
    goes(&talk, "Через", "будут писать через").await;
    let row = connection::get(&talk.store, talk.account, id).await.unwrap().unwrap();
    assert!(row.settings.sender.is_some() && row.settings.hook_url.as_deref().is_some_and(|url| url.starts_with(PUBLIC)));

    // What the portal sends, as it would send it.
    let secret = Sealer::new(&[7; 32]).hook_secret(id.0, &row.hook_seed).expose().to_owned();
    let form = |message: &str, proof: &str| {
        let member = &row.external_id;
        format!(
            "module_id=bizproc&type=SMS&code={}&message_id={message}&message_to=%2B79123456789&message_body=x&auth%5Bmember_id%5D={member}\
             &auth%5Baccess_token%5D=opens&auth%5Bapplication_token%5D={proof}",
            message::code(id)
        )
    };
    let http = reqwest::Client::new();
    let posts = async |secret: &str, form: String| {
        let url = format!("{}/hooks/crm/bitrix24/{id}/{secret}", talk.http);
        http.post(url).body(form).send().await.expect("answered").status().as_u16()
    };
    assert_eq!(posts("nonsense", form("1", "proves")).await, 401);
    assert_eq!(posts(&secret, form("1", "")).await, 401, "nothing proves it");
    assert_eq!(posts(&secret, form("1", "proves")).await, 200);
    assert_eq!(posts(&secret, form("2", "another")).await, 401);
    assert_eq!(posts(&secret, format!("{}&ts=2", form("1", "proves"))).await, 200, "the same again");
    let kept: Vec<(String, String)> = on!(talk.store.read(), |c| sqlx::query_as("select external_id, payload from inbound where source_kind = 'crm'")
        .fetch_all(c)
        .await)
    .expect("read");
    assert_eq!(kept.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["message:1"], "once, and nothing unproved");
    assert!(!kept[0].1.contains("opens") && !kept[0].1.contains("proves"), "{}", kept[0].1);
    goes(&talk, "Выключить", "Выключено. Если").await;
    assert_eq!(connection::get(&talk.store, talk.account, id).await.unwrap().unwrap().settings.sender, None);
    talk.ends().await;
});
