//! Templates of the WhatsApp Business API at Wazzup (contracts/messengers/wazzup.md, 2.4). They are
//! made and reviewed in the account at Wazzup, not through its API: handing one in finds the one
//! there that says the same.

use serde_json::Value;

use super::transport::MARKS;
use crate::{
    channel::{Category, FormButton, ReviewState, SendError, TemplateForm, TemplateNews, TemplateRules, review},
    text::clean_to,
};

/// What is taken: of the two figures that pages give for a text the lower one. A file in the header
/// and the end of an address that differs from person to person are not described.
pub(super) const RULES: TemplateRules =
    TemplateRules { text: 550, button: 20, links: 2, photos: &[], documents: &[], made_at_provider: true };

/// Templates of a page, and pages at most.
pub(super) const PAGE: usize = 100;
pub(super) const PAGES: usize = 50;
/// Longest word that is kept, characters.
const WORD: usize = 200;

/// A template of the list as news; `None`: it has no id. Its name is not ours: it is known by the
/// id.
pub(super) fn news(template: &Value) -> Option<TemplateNews> {
    let word = |name: &str| clean_to(template[name].as_str().unwrap_or_default(), WORD);
    let external_id = word("templateGuid");
    if external_id.is_empty() {
        return None;
    }
    Some(TemplateNews {
        external_id,
        state: template["status"].as_str().and_then(state),
        category: template["category"].as_str().and_then(category),
        ..TemplateNews::default()
    })
}

/// Its case varies.
fn state(word: &str) -> Option<ReviewState> {
    Some(match word.to_ascii_lowercase().as_str() {
        "approved" => ReviewState::Approved,
        "pending" | "in_appeal" => ReviewState::Pending,
        "rejected" => ReviewState::Rejected,
        "paused" => ReviewState::Paused,
        "disabled" => ReviewState::Disabled,
        "deleted" | "pending_deletion" => ReviewState::Gone,
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

/// The text of a form as it must stand at Wazzup: values are numbers in their order.
pub(super) fn body(form: &TemplateForm) -> String {
    let mut text = String::new();
    for char in MARKS.written(&form.body).chars() {
        match review::placed(char) {
            Some(n) => text.push_str(&format!("{{{{{}}}}}", n + 1)),
            None => text.push(char),
        }
    }
    text
}

/// Lines without the spaces around them: a page keeps no others.
fn lines(text: &str) -> Vec<&str> {
    text.trim().lines().map(str::trim).collect()
}

/// A button: its words, and the address it opens.
type Shown = (String, Option<String>);

/// The buttons of a form: their words and addresses, in their order.
fn wanted(form: &TemplateForm) -> Result<Vec<Shown>, SendError> {
    form.buttons
        .iter()
        .map(|button| match button {
            FormButton::Reply { text } => Ok((text.clone(), None)),
            FormButton::Url { text, url, example: None } => Ok((text.clone(), Some(url.clone()))),
            FormButton::Url { .. } => {
                Err(SendError::Rejected("Wazzup fills no address of a button: it must be the same for everybody".to_owned()))
            }
        })
        .collect()
}

/// Whether a template of the list says word for word what the form says, and nothing besides.
fn says(template: &Value, text: &str, buttons: &[Shown]) -> bool {
    let Some(components) = template["components"].as_array() else { return false };
    let is = |component: &Value, name: &str| component["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case(name));
    if components.iter().any(|component| !is(component, "BODY") && !is(component, "BUTTONS")) {
        return false;
    }
    let said = components.iter().find(|component| is(component, "BODY")).and_then(|body| body["text"].as_str()).unwrap_or_default();
    let there = components.iter().find(|component| is(component, "BUTTONS")).and_then(|all| all["buttons"].as_array());
    let there: Vec<Shown> = there
        .into_iter()
        .flatten()
        .map(|button| (button["text"].as_str().unwrap_or_default().trim().to_owned(), button["url"].as_str().map(str::to_owned)))
        .collect();
    let same = |(one, other): (&Shown, &Shown)| one.0.trim() == other.0 && one.1 == other.1;
    lines(said) == lines(text) && there.len() == buttons.len() && buttons.iter().zip(&there).all(same)
}

/// Whether a template may go through a channel; where the list does not say, it may.
fn is_of(template: &Value, channel: &str) -> bool {
    template["channels"].as_array().is_none_or(|channels| channels.is_empty() || channels.iter().any(|one| one == channel))
}

/// The template of the list that says what the form says; of several, one that is approved.
///
/// # Errors
/// [`SendError::Rejected`]: there is none, and its words say what to make at Wazzup.
pub(super) fn find(form: &TemplateForm, list: &[Value], channel: &str) -> Result<TemplateNews, SendError> {
    let (text, buttons) = (body(form), wanted(form)?);
    let same = list.iter().filter(|template| is_of(template, channel) && says(template, &text, &buttons));
    let mut found: Vec<TemplateNews> = same.filter_map(news).collect();
    found.sort_by_key(|news| news.state != Some(ReviewState::Approved));
    found.into_iter().next().ok_or(SendError::Rejected(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::text::{Rich, Span, Style};

    const CHANNEL: &str = "3b9d1c70-6a51-4c1e-9c55-0f2f7f0a1101";

    fn form() -> TemplateForm {
        TemplateForm {
            name: "autumn_v3_0123456789".to_owned(),
            language: "ru".to_owned(),
            category: Category::Marketing,
            body: Rich {
                text: format!("{}, скидка {}!\nЖдём вас, {}", review::place(0), review::place(1), review::place(0)),
                spans: vec![Span { offset: 4, len: 6, style: Style::Bold }],
            },
            values: vec![("name".to_owned(), "Анна".to_owned()), ("size".to_owned(), "10%".to_owned())],
            header: None,
            buttons: vec![FormButton::Reply { text: "Отписаться".to_owned() }],
        }
    }

    fn there(guid: &str, status: &str, text: &str, buttons: &[&str]) -> Value {
        let buttons: Vec<Value> = buttons.iter().map(|text| json!({ "type": "QUICK_REPLY", "text": text })).collect();
        json!({ "templateGuid": guid, "name": "autumn", "category": "UTILITY", "language": "ru", "status": status, "channels": [CHANNEL],
            "components": [{ "type": "BODY", "text": text }, { "type": "BUTTONS", "buttons": buttons }] })
    }

    const TEXT: &str = "{{1}}, *скидка* {{2}}! \nЖдём вас, {{1}}";

    #[test]
    fn only_what_says_the_same_word_for_word_is_found() {
        let good = there("g1", "Approved", TEXT, &["Отписаться"]);
        let found = find(&form(), &[there("g0", "pending", TEXT, &["Отписаться"]), good.clone()], CHANNEL).expect("found");
        assert_eq!((found.external_id.as_str(), found.state, found.category), ("g1", Some(ReviewState::Approved), Some(Category::Utility)));
        assert!(found.name.is_empty(), "its name there is not ours");
        let mut footer = good.clone();
        footer["components"].as_array_mut().expect("a list").push(json!({ "type": "FOOTER", "text": "Ромашка" }));
        let mut bare = good.clone();
        bare["components"] = Value::Null;
        for other in [
            there("g", "approved", "{{1}}, скидка {{2}}!\nЖдём вас, {{1}}", &["Отписаться"]),
            there("g", "approved", "{{2}}, *скидка* {{1}}!\nЖдём вас, {{2}}", &["Отписаться"]),
            there("g", "approved", TEXT, &["Стоп"]),
            there("g", "approved", TEXT, &[]),
            footer,
            bare,
            json!(7),
        ] {
            let Err(SendError::Rejected(why)) = find(&form(), std::slice::from_ref(&other), CHANNEL) else { panic!("found in {other}") };
            assert!(why.starts_with("{{1}}, *скидка* {{2}}!"), "what is to be made there: {why}");
        }
        assert!(find(&form(), std::slice::from_ref(&good), "another").is_err(), "it is another channel's");
        let url = |example: Option<&str>| TemplateForm {
            buttons: vec![FormButton::Url {
                text: "Сайт".to_owned(),
                url: "https://ex.ru".to_owned(),
                example: example.map(str::to_owned),
            }],
            ..form()
        };
        let mut with_url = there("g", "approved", TEXT, &["Сайт"]);
        with_url["components"][1]["buttons"][0]["url"] = json!("https://ex.ru");
        assert!(find(&url(None), std::slice::from_ref(&with_url), CHANNEL).is_ok());
        assert!(find(&url(Some("https://ex.ru/1")), std::slice::from_ref(&with_url), CHANNEL).is_err());
    }

    #[test]
    fn states_are_read_in_any_case() {
        for (word, state) in [
            ("approved", Some(ReviewState::Approved)),
            ("PENDING", Some(ReviewState::Pending)),
            ("Rejected", Some(ReviewState::Rejected)),
            ("paused", Some(ReviewState::Paused)),
            ("disabled", Some(ReviewState::Disabled)),
            ("something new", None),
        ] {
            assert_eq!(news(&json!({ "templateGuid": "g", "name": "n", "status": word })).expect("news").state, state, "{word}");
        }
        assert_eq!(news(&json!({ "status": "approved" })), None);
    }
}
