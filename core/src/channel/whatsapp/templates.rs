//! Templates as they are handed in, and what Meta tells of them
//! (contracts/messengers/whatsapp_cloud.md, 2.4 and 6.3).

use serde_json::{Value, json};

use super::wire;
use crate::{
    channel::{
        Category, FileKind, FormButton, Media, MediaSource, ReviewState, SendError, TemplateForm, TemplateNews, TemplateRules, review,
    },
    clock::Moment,
    text::clean_to,
};

/// What Meta takes (contract, 2.4). Which types of files an example may have is Graph's own
/// documentation's of the Resumable Upload API.
pub(super) const RULES: TemplateRules = TemplateRules {
    text: 1_024,
    button: 25,
    links: 2,
    photos: &["image/jpeg", "image/png"],
    documents: &["application/pdf"],
    made_at_provider: false,
};

/// What is asked for of a template.
pub(super) const FIELDS: &str = "id,name,language,status,category,quality_score,rejected_reason";
/// Templates of a page, and pages at most: an account has up to 6 000 (contract, 2.4).
pub(super) const PAGE: usize = 250;
pub(super) const PAGES: usize = 30;
/// Names asked for one by one; of more, all of the account's are listed.
pub(super) const FEW: usize = 5;

/// Longest reason and quality that are kept, characters.
const WORD: usize = 200;

/// A file of a form: its name, its MIME type, its bytes.
type File<'a> = (&'a str, &'a str, &'a [u8]);

/// The file of a form: its name, its type, its bytes.
pub(super) fn file(form: &TemplateForm) -> Result<Option<File<'_>>, SendError> {
    match &form.header {
        None => Ok(None),
        Some(Media { source: MediaSource::Bytes { name, mime, content }, .. }) => Ok(Some((name, mime, content))),
        Some(_) => Err(SendError::Rejected("an example is uploaded, and this file is not here".to_owned())),
    }
}

/// A form as it is handed in; `handle`: of its file.
pub(super) fn body(form: &TemplateForm, handle: Option<&str>) -> Value {
    let mut components = Vec::new();
    if let (Some(header), Some(handle)) = (&form.header, handle) {
        let format = if header.kind == FileKind::Photo { "IMAGE" } else { "DOCUMENT" };
        components.push(json!({ "type": "HEADER", "format": format, "example": { "header_handle": [handle] } }));
    }
    let mut text = String::new();
    for char in wire::MARKS.written(&form.body).chars() {
        match review::placed(char).and_then(|n| form.values.get(n)) {
            Some((name, _)) => text.push_str(&format!("{{{{{name}}}}}")),
            None => text.push(char),
        }
    }
    let mut body = json!({ "type": "BODY", "text": text });
    if !form.values.is_empty() {
        let values: Vec<Value> = form.values.iter().map(|(name, example)| json!({ "param_name": name, "example": example })).collect();
        body["example"] = json!({ "body_text_named_params": values });
    }
    components.push(body);
    if !form.buttons.is_empty() {
        let buttons: Vec<Value> = form.buttons.iter().map(button).collect();
        components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    let category: &str = form.category.into();
    json!({
        "name": form.name, "language": form.language, "category": category.to_ascii_uppercase(), "parameter_format": "named",
        "components": components,
    })
}

fn button(button: &FormButton) -> Value {
    match button {
        FormButton::Reply { text } => json!({ "type": "QUICK_REPLY", "text": text }),
        FormButton::Url { text, url, example: None } => json!({ "type": "URL", "text": text, "url": url }),
        FormButton::Url { text, url, example: Some(example) } => {
            json!({ "type": "URL", "text": text, "url": format!("{url}{{{{1}}}}"), "example": [example] })
        }
    }
}

/// What was told when a form was taken.
pub(super) fn taken(form: &TemplateForm, answer: &Value) -> TemplateNews {
    TemplateNews { name: form.name.clone(), language: form.language.clone(), ..shown(answer) }
}

/// A template as the account's list shows it.
pub(super) fn shown(node: &Value) -> TemplateNews {
    TemplateNews {
        external_id: id(&node["id"]),
        name: text(&node["name"]).unwrap_or_default(),
        language: text(&node["language"]).unwrap_or_default(),
        state: node["status"].as_str().and_then(state),
        reason: reason(&node["rejected_reason"]),
        quality: word(&node["quality_score"]["score"]),
        category: node["category"].as_str().and_then(category),
        at: None,
    }
}

/// The fields of webhooks that tell of templates.
pub(super) fn is_of_templates(field: &str) -> bool {
    matches!(field, "message_template_status_update" | "message_template_quality_update" | "template_category_update")
}

/// What a webhook tells; `at`: when, as its envelope says. The sample of the quality's page has
/// another field than its name (contract, 6.3), so what it carries decides.
pub(super) fn news(value: &Value, at: Option<Moment>) -> Option<TemplateNews> {
    let told = |name: &str| text(&value[name]).unwrap_or_default();
    let mut news = TemplateNews {
        external_id: id(&value["message_template_id"]),
        name: told("message_template_name"),
        language: told("message_template_language"),
        at,
        ..TemplateNews::default()
    };
    if value["new_quality_score"].is_string() {
        news.quality = word(&value["new_quality_score"]);
    } else if value["new_category"].is_string() {
        news.category = value["new_category"].as_str().and_then(category);
    } else {
        news.state = state(value["event"].as_str()?);
        news.category = value["message_template_category"].as_str().and_then(category);
        news.reason = [&value["rejection_info"]["reason"], &value["reason"], &value["other_info"]["title"]].into_iter().find_map(reason);
    }
    let named = !news.external_id.is_empty() || !news.name.is_empty();
    named.then_some(news)
}

/// Of an event and of a status. Others change nothing of what may be sent: `FLAGGED` warns,
/// `IN_APPEAL` waits for another word, `LOCKED` and `LIMIT_EXCEEDED` are about editing
/// (unconfirmed).
fn state(word: &str) -> Option<ReviewState> {
    Some(match word {
        "PENDING" => ReviewState::Pending,
        "APPROVED" | "REINSTATED" => ReviewState::Approved,
        "REJECTED" => ReviewState::Rejected,
        "PAUSED" => ReviewState::Paused,
        "DISABLED" => ReviewState::Disabled,
        "ARCHIVED" | "DELETED" | "PENDING_DELETION" => ReviewState::Gone,
        _ => return None,
    })
}

fn category(word: &str) -> Option<Category> {
    match word.to_ascii_uppercase().as_str() {
        "MARKETING" => Some(Category::Marketing),
        "UTILITY" => Some(Category::Utility),
        _ => None,
    }
}

/// An id is a number or a text.
fn id(told: &Value) -> String {
    told.as_str().map(str::to_owned).or_else(|| told.as_u64().map(|id| id.to_string())).unwrap_or_default()
}

fn text(told: &Value) -> Option<String> {
    told.as_str().map(str::to_owned)
}

fn word(told: &Value) -> Option<String> {
    told.as_str().map(|word| clean_to(word, WORD)).filter(|word| !word.is_empty())
}

fn reason(told: &Value) -> Option<String> {
    word(told).filter(|word| word != "NONE")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        channel::MediaKind,
        text::{Rich, Span, Style},
    };

    fn form() -> TemplateForm {
        let text = format!("Здравствуйте, {}! Скидка {} до конца недели.", review::place(0), review::place(1));
        let at = text.encode_utf16().collect::<Vec<_>>().len();
        TemplateForm {
            name: "autumn_promo_v3".to_owned(),
            language: "ru".to_owned(),
            category: Category::Marketing,
            body: Rich { spans: vec![Span { offset: at - 7, len: 6, style: Style::Bold }], text },
            values: vec![("first_name".to_owned(), "Анна".to_owned()), ("discount".to_owned(), "10%".to_owned())],
            header: Some(Media {
                kind: MediaKind::Photo.into(),
                source: MediaSource::Bytes {
                    name: "a.jpg".to_owned(),
                    mime: "image/jpeg".to_owned(),
                    content: Arc::from([1_u8].as_slice()),
                },
            }),
            buttons: vec![
                FormButton::Url {
                    text: "Записаться".to_owned(),
                    url: "https://ex.ru/b/".to_owned(),
                    example: Some("https://ex.ru/b/abc".to_owned()),
                },
                FormButton::Url { text: "Сайт".to_owned(), url: "https://ex.ru/".to_owned(), example: None },
                FormButton::Reply { text: "Отписаться".to_owned() },
            ],
        }
    }

    #[test]
    fn a_form_is_written_as_the_contract_shows() {
        assert_eq!(
            body(&form(), Some("4::upl0ad")),
            json!({
                "name": "autumn_promo_v3", "language": "ru", "category": "MARKETING", "parameter_format": "named",
                "components": [
                    { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::upl0ad"] } },
                    {
                        "type": "BODY", "text": "Здравствуйте, {{first_name}}! Скидка {{discount}} до конца *недели*.",
                        "example": { "body_text_named_params": [
                            { "param_name": "first_name", "example": "Анна" }, { "param_name": "discount", "example": "10%" },
                        ] },
                    },
                    { "type": "BUTTONS", "buttons": [
                        { "type": "URL", "text": "Записаться", "url": "https://ex.ru/b/{{1}}", "example": ["https://ex.ru/b/abc"] },
                        { "type": "URL", "text": "Сайт", "url": "https://ex.ru/" },
                        { "type": "QUICK_REPLY", "text": "Отписаться" },
                    ] },
                ],
            })
        );
    }

    #[test]
    fn news_of_each_kind_are_read() {
        let status = |event: &str, more: Value| {
            let mut value = json!({ "event": event, "message_template_id": 770_099_887_766_554_u64, "message_template_name": "autumn_promo_v3",
                "message_template_language": "ru", "message_template_category": "MARKETING", "reason": "NONE" });
            for (key, one) in more.as_object().into_iter().flatten() {
                value[key] = one.clone();
            }
            news(&value, None).expect("news")
        };
        let paused = status("PAUSED", json!({ "other_info": { "title": "FIRST_PAUSE", "description": "..." } }));
        assert_eq!(
            (paused.external_id.as_str(), paused.name.as_str(), paused.language.as_str()),
            ("770099887766554", "autumn_promo_v3", "ru")
        );
        assert_eq!(
            (paused.state, paused.reason.as_deref(), paused.category),
            (Some(ReviewState::Paused), Some("FIRST_PAUSE"), Some(Category::Marketing))
        );
        let rejected = status("REJECTED", json!({ "reason": "PROMOTIONAL", "rejection_info": { "reason": "TAG_CONTENT_MISMATCH" } }));
        assert_eq!((rejected.state, rejected.reason.as_deref()), (Some(ReviewState::Rejected), Some("TAG_CONTENT_MISMATCH")));
        for (event, state) in [
            ("APPROVED", Some(ReviewState::Approved)),
            ("REINSTATED", Some(ReviewState::Approved)),
            ("PENDING", Some(ReviewState::Pending)),
            ("DISABLED", Some(ReviewState::Disabled)),
            ("DELETED", Some(ReviewState::Gone)),
            ("ARCHIVED", Some(ReviewState::Gone)),
            ("FLAGGED", None),
            ("IN_APPEAL", None),
            ("NEW_ONE", None),
        ] {
            assert_eq!(status(event, json!({})).state, state, "{event}");
        }
        let quality =
            news(&json!({ "previous_quality_score": "GREEN", "new_quality_score": "RED", "message_template_id": 7 }), None).expect("news");
        assert_eq!((quality.quality.as_deref(), quality.state, quality.external_id.as_str()), (Some("RED"), None, "7"));
        let other =
            news(&json!({ "new_category": "MARKETING", "previous_category": "UTILITY", "message_template_id": "7" }), None).expect("news");
        assert_eq!(other.category, Some(Category::Marketing));
        for nothing in [json!({}), json!({ "event": "APPROVED" }), json!({ "message_template_id": 7 }), json!([])] {
            assert_eq!(news(&nothing, None), None, "{nothing}");
        }
    }
}
