//! The public form for two consents (`consent::form`): a page without scripts, and what is posted
//! from it. What is posted is no consent until the person opens our bot by the link of the answer.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Html as Page,
};
use mms_core::{
    account::settings::{self, AccountSettings},
    channel::{
        registry,
        store::{self as channels, ChannelRow, ChannelState},
    },
    consent::form::{self, Filled, FormError, NAME, Words},
    paper::qr,
    text::escape,
};
use url::form_urlencoded;

use super::Ingress;
use crate::{frame::auth::language_of, i18n::Tr, p, serve, words};

/// Bytes of a filled form at most.
const MOST: usize = 16 * 1024;
/// What the page may do: be posted to ourselves, and show its own picture.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

type Answer = (StatusCode, [(HeaderName, HeaderValue); 1], Page<String>);

fn answer(status: StatusCode, page: String) -> Answer {
    (status, [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Page(page))
}

/// A form that is there.
struct Open {
    row: ChannelRow,
    settings: AccountSettings,
    words: Words,
}

impl Open {
    /// The form of a code; `None`: there is none, or its channel is not at work or cannot be
    /// opened by a link.
    async fn of(ingress: &Ingress, tr: Tr, code: &str) -> sqlx::Result<Option<Self>> {
        let store = &ingress.deps.store;
        let Some(channel) = form::named(&ingress.deps.sealer, code) else { return Ok(None) };
        let Some(row) = channels::find(store, channel).await?.filter(|row| row.state == ChannelState::Active) else { return Ok(None) };
        if registry::entry(row.kind, &row.username, Some("x")).is_none() {
            return Ok(None);
        }
        let Some(settings) = settings::get(store, row.account_id).await? else { return Ok(None) };
        let words = form::words(store, row.account_id, tr.language).await?;
        Ok(words.map(|words| Self { row, settings, words }))
    }
}

fn tr(headers: &HeaderMap) -> Tr {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Tr::new(language_of(accepted), chrono_tz::UTC)
}

fn broken(error: &sqlx::Error) -> Answer {
    tracing::error!(%error, "a form of consent was not shown or kept");
    answer(StatusCode::SERVICE_UNAVAILABLE, String::new())
}

/// The form.
pub async fn show(State(ingress): State<Arc<Ingress>>, headers: HeaderMap, Path(code): Path<String>) -> Answer {
    let tr = tr(&headers);
    match Open::of(&ingress, tr, &code).await {
        Ok(Some(open)) => answer(StatusCode::OK, page(tr, &open.settings.name, &open.words, &Filled::default(), None)),
        Ok(None) => answer(StatusCode::NOT_FOUND, String::new()),
        Err(error) => broken(&error),
    }
}

/// A filled form.
pub async fn take(State(ingress): State<Arc<Ingress>>, headers: HeaderMap, Path(code): Path<String>, body: Body) -> Answer {
    let tr = tr(&headers);
    let open = match Open::of(&ingress, tr, &code).await {
        Ok(Some(open)) => open,
        Ok(None) => return answer(StatusCode::NOT_FOUND, String::new()),
        Err(error) => return broken(&error),
    };
    let body = match serve::body(body, MOST, ingress.limits).await {
        Ok(body) => body,
        Err(status) => return answer(status, String::new()),
    };
    let mut filled = Filled::default();
    for (name, value) in form_urlencoded::parse(&body) {
        match name.as_ref() {
            "name" => filled.name = value.into_owned(),
            "phone" => filled.phone = value.into_owned(),
            "data" => filled.data = true,
            "ads" => filled.ads = true,
            _ => {}
        }
    }
    let (row, deps) = (&open.row, &ingress.deps);
    let kept = form::submit(&deps.store, (row.account_id, row.id), &open.words, &filled, &open.settings.phone_region, deps.now()).await;
    let sentence = match kept {
        Ok(token) => {
            let link = registry::entry(row.kind, &row.username, Some(&token)).unwrap_or_default();
            return answer(StatusCode::OK, confirm(tr, &open.settings.name, words::messenger(row.kind), &link));
        }
        Err(FormError::Db(error)) => return broken(&error),
        Err(FormError::Name) => p!(tr, "web-form-bad-name", most = NAME),
        Err(FormError::Phone(_)) => p!(tr, "web-form-bad-phone"),
        Err(FormError::NotAgreed) => p!(tr, "web-form-not-agreed"),
        Err(FormError::TooMany) => {
            let sentence = p!(tr, "web-form-too-many");
            return answer(StatusCode::TOO_MANY_REQUESTS, page(tr, &open.settings.name, &open.words, &filled, Some(&sentence)));
        }
    };
    answer(StatusCode::UNPROCESSABLE_ENTITY, page(tr, &open.settings.name, &open.words, &filled, Some(&sentence)))
}

fn frame(tr: Tr, title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang={}><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>{title}</title>\
         <body style=\"font:18px/1.5 system-ui;max-width:32em;margin:8vh auto;padding:0 1em\"><h1>{title}</h1>{body}</html>",
        tr.language.as_str()
    )
}

/// The form, with what was typed before and why that was not taken.
fn page(tr: Tr, company: &str, words: &Words, filled: &Filled, sentence: Option<&str>) -> String {
    let title = escape(&p!(tr, "web-form-title", company = company));
    let input = |name: &str, label: String, value: &str, kind: &str| {
        format!(
            "<p><label>{}<br><input name={name} type={kind} value=\"{}\" required style=\"font:inherit;width:100%\"></label></p>",
            escape(&label),
            escape(value)
        )
    };
    let tick = |name: &str, ticked: bool, text: &str| {
        let ticked = if ticked { " checked" } else { "" };
        format!("<p><label><input name={name} type=checkbox value=1{ticked}> {}</label></p>", escape(text).replace('\n', "<br>"))
    };
    let sentence = sentence.map(|sentence| format!("<p role=alert style=\"color:#b00020\">{}</p>", escape(sentence))).unwrap_or_default();
    let body = format!(
        "{sentence}<form method=post>{}{}{}{}<p><button style=\"font:inherit\">{}</button></p></form><p>{}</p>",
        input("name", p!(tr, "web-form-name"), &filled.name, "text"),
        input("phone", p!(tr, "web-form-phone"), &filled.phone, "tel"),
        tick("data", filled.data, &words.data.body),
        tick("ads", filled.ads, &words.ads.body),
        escape(&p!(tr, "web-form-send")),
        escape(&p!(tr, "web-form-note")),
    );
    frame(tr, &title, &body)
}

/// What is to be done for the form to count.
fn confirm(tr: Tr, company: &str, messenger: &str, link: &str) -> String {
    let title = escape(&p!(tr, "web-form-confirm", messenger = messenger));
    let code = qr::svg(link).unwrap_or_default();
    // A page has its own beginning.
    let code = code.find("<svg").map_or("", |at| &code[at..]);
    let body = format!(
        "<p>{}</p><p><a href=\"{link}\">{link}</a></p><div style=\"max-width:16em\">{code}</div>",
        escape(&p!(tr, "web-form-confirm-how", company = company)),
        link = escape(link)
    );
    frame(tr, &title, &body)
}
