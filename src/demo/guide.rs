//! What the page of phones says beside the phones: what to press first, who is signed in at each,
//! and the passwords. It is asked again whenever something happens on a phone, so it says what is
//! so.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse as _, routing::get};
use mms_core::{
    account::{By, Role, member, session},
    id::AccountId,
    store::Store,
};
use serde_json::{Value, json};

use super::cast;

/// What the page is told from. The page is served before there is a company.
#[derive(Debug, Clone, Default)]
pub struct Guide(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    company: OnceLock<Company>,
    /// The tour is over: members are signed in, a bot and a CRM are connected, a campaign has gone.
    toured: AtomicBool,
}

#[derive(Debug)]
struct Company {
    store: Store,
    account: AccountId,
    shop_token: String,
    crm_token: String,
}

impl Guide {
    /// Serves it to the page.
    pub fn router(&self) -> Router {
        Router::new().route("/guide", get(show)).with_state(self.clone())
    }

    /// There is a company; these are the tokens that members would paste.
    pub fn found(&self, store: Store, account: AccountId, shop_token: String, crm_token: String) {
        self.0.company.get_or_init(|| Company { store, account, shop_token, crm_token });
    }

    /// The tour is over.
    pub fn toured(&self) {
        self.0.toured.store(true, Ordering::Relaxed);
    }
}

async fn show(State(Guide(inner)): State<Guide>) -> axum::response::Response {
    let Some(company) = inner.company.get() else { return StatusCode::NOT_FOUND.into_response() };
    let toured = inner.toured.load(Ordering::Relaxed);
    match people(company).await {
        Ok(people) => Json(json!({ "steps": steps(company, toured), "people": people })).into_response(),
        Err(error) => {
            tracing::warn!(%error, "the page does not learn who is signed in");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Who is signed in at the members' phones, and whose the others are.
async fn people(company: &Company) -> anyhow::Result<Vec<Value>> {
    let mut at = Vec::new();
    for member in member::list(&company.store, company.account).await? {
        for session in session::list(&company.store, By::Admin(company.account), member.id).await? {
            at.push((session.telegram_user_id, member.login.clone(), member.role));
        }
    }
    let members = [(cast::OWNER, cast::OWNER_LOGIN), (cast::APPROVER, cast::APPROVER_LOGIN)];
    let members = members.into_iter().map(|(phone, own)| match at.iter().find(|(signed_in, ..)| *signed_in == phone) {
        Some((_, login, role)) => {
            let (ru, en) = match role {
                Role::Owner => ("владелец", "owner"),
                Role::Manager => ("менеджер", "manager"),
                Role::Approver => ("согласует", "approves"),
                Role::Viewer => ("наблюдает", "looks on"),
            };
            json!({ "id": phone, "ru": format!("Вход выполнен: {login} ({ru})"), "en": format!("Signed in: {login} ({en})") })
        }
        None => json!({
            "id": phone,
            "ru": format!("Вход не выполнен. Логин {own}, пароль {}", cast::PASSWORD),
            "en": format!("Not signed in. Login {own}, password {}", cast::PASSWORD),
        }),
    });
    let customers = (0..cast::CONTACTS).map(|n| cast::FIRST_CUSTOMER + i64::try_from(n).unwrap_or_default());
    let customers = customers.map(|id| json!({ "id": id, "ru": "Клиент магазина", "en": "A customer of the shop" }));
    Ok(members.chain(customers).collect())
}

fn steps(company: &Company, toured: bool) -> Value {
    let (anna, boris, password) = (cast::OWNER_LOGIN, cast::APPROVER_LOGIN, cast::PASSWORD);
    if toured {
        return json!({
            "ru": [
                "Телефон Анны: напишите /menu. Оттуда открывается всё: кампания, которая только что прошла, контакты, сообщения клиентов.",
                "Телефон клиента: спросите что-нибудь, и вопрос придёт Анне, она ответит. Напишите «стоп», и рекламы этому человеку больше не будет.",
                "Своя рассылка: Анна собирает кампанию и отправляет на согласование, Борис согласует на своём телефоне, Анна запускает.",
                format!("Вышли из бота? Логины {anna} (владелец) и {boris} (согласует), пароль у обоих: {password}"),
            ],
            "en": [
                "Anna’s phone: write /menu. Everything opens from there: the campaign that has just gone, contacts, messages of customers.",
                "A customer’s phone: ask something, and Anna gets the question and answers. Write “stop”, and no advertising reaches that person any more.",
                "A campaign of your own: Anna puts it together and submits it, Boris approves it on his phone, Anna launches it.",
                format!("Signed out? Logins {anna} (owner) and {boris} (approves), the password of both: {password}"),
            ],
        });
    }
    let (shop, crm) = (&company.shop_token, &company.crm_token);
    json!({
        "ru": [
            format!("Телефон Анны: нажмите «Запустить» внизу, потом «Войти»; логин {anna}, пароль {password}"),
            format!("Бот для клиентов: «Первые шаги» → «Подключить бота для клиентов» → «Telegram», и пришлите токен {shop}"),
            format!("Контакты: «Настройки» → «CRM» → «Подключить CRM» → amoCRM, адрес {}, токен {crm}. Или отправьте боту таблицу с контактами.", super::SUBDOMAIN),
            format!("Согласует Борис на своём телефоне: логин {boris}, пароль тот же."),
        ],
        "en": [
            format!("Anna’s phone: press “Start” below, then “Sign in”; login {anna}, password {password}"),
            format!("A bot for customers: “First steps” → “Connect a bot for customers” → “Telegram”, and send the token {shop}"),
            format!("Contacts: “Settings” → “CRM” → “Connect a CRM” → amoCRM, address {}, token {crm}. Or send the bot a table of contacts.", super::SUBDOMAIN),
            format!("Boris approves on his phone: login {boris}, the same password."),
        ],
    })
}
