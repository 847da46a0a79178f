//! Templates of WABA channels: they are made in Wazzup's account, listed by the API, and named in
//! sends (contract, 2.4).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Wazzup,
    error::{WazzupError, WazzupResult},
    hooks::Note,
    settings::Settings,
    state::{Account, State},
};
use crate::{action::ActionError, hooks::Way, view::Button};

/// A template of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// `templateGuid`.
    pub guid: String,
    pub title: String,
    pub name: String,
    /// With `{{1}}`, `{{2}}`…
    pub body: String,
    /// Texts of quick replies.
    #[serde(default)]
    pub buttons: Vec<String>,
    /// `approved`, `pending`, `rejected`, `paused`, `disabled`.
    #[serde(default = "approved")]
    pub status: String,
    #[serde(default = "marketing")]
    pub category: String,
}

fn approved() -> String {
    "approved".to_owned()
}

fn marketing() -> String {
    "MARKETING".to_owned()
}

impl Template {
    /// An approved marketing template.
    #[must_use]
    pub fn new(guid: &str, name: &str, body: &str) -> Self {
        Self {
            guid: guid.to_owned(),
            title: name.to_owned(),
            name: name.to_owned(),
            body: body.to_owned(),
            buttons: Vec::new(),
            status: approved(),
            category: marketing(),
        }
    }

    /// How many values it wants.
    fn values(&self) -> usize {
        (1..).take_while(|number| self.body.contains(&format!("{{{{{number}}}}}"))).count()
    }

    fn shown(&self, account: i64, channels: &[String]) -> Value {
        let mut components = vec![json!({ "type": "BODY", "text": self.body })];
        if !self.buttons.is_empty() {
            let buttons: Vec<Value> = self.buttons.iter().map(|text| json!({ "type": "QUICK_REPLY", "text": text })).collect();
            components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
        }
        let marks = vec!["[[...]]"; self.values()].join("; ");
        json!({ "templateGuid": self.guid, "accountId": account, "title": self.title, "name": self.name, "category": self.category,
            "language": "ru", "status": self.status, "channels": channels, "components": components,
            "templateCode": format!("@template: {} {{ {marks} }}", self.guid) })
    }
}

/// A template with its values: the text, and its buttons.
pub(crate) fn filled(account: &Account, settings: &Settings, guid: &str, values: &[String]) -> WazzupResult<(String, Vec<Vec<Button>>)> {
    let template = account.templates.get(guid).ok_or_else(|| WazzupError::fields(&["templateId"]))?;
    if template.status != "approved" {
        return Err(WazzupError::new("TEMPLATE_REJECTED", format!("Template is {}.", template.status)));
    }
    if values.len() != template.values() {
        return Err(WazzupError::fields(&["templateValues"]));
    }
    let mut text = template.body.clone();
    for (at, value) in values.iter().enumerate() {
        text = text.replace(&format!("{{{{{}}}}}", at + 1), value);
    }
    if text.chars().count() > settings.template_text {
        return Err(WazzupError::new("MESSAGES_TOO_LONG_WABA_TEMPLATE", "The template with its values is too long."));
    }
    let button = |text: &String| vec![Button { text: text.clone(), kind: "quick_reply".to_owned(), ..Button::default() }];
    Ok((text, template.buttons.iter().map(button).collect()))
}

/// The inline form, `@template: <guid> { [[…]]; [[…]] }`: guid and values.
pub(crate) fn inline(text: &str, separator: &str) -> Option<(String, Vec<String>)> {
    let rest = text.trim().strip_prefix("@template:")?.trim();
    let (guid, values) = rest.split_once('{')?;
    let values = values.trim().strip_suffix('}')?.trim();
    let one = |value: &str| Some(value.trim().strip_prefix("[[")?.strip_suffix("]]")?.to_owned());
    let values = if values.is_empty() { Some(Vec::new()) } else { values.split(separator).map(one).collect() };
    Some((guid.trim().to_owned(), values?))
}

/// `GET /v3/templates/whatsapp`.
pub(crate) fn list(state: &State, account: i64, limit: usize, offset: usize) -> Value {
    let channels: Vec<String> = state
        .channels
        .values()
        .filter(|channel| channel.account == account && channel.transport == super::Transport::Wapi)
        .map(|channel| channel.channel_id.clone())
        .collect();
    let templates = state.accounts.get(&account).into_iter().flat_map(|account| account.templates.values());
    json!(templates.skip(offset).take(limit).map(|template| template.shown(account, &channels)).collect::<Vec<_>>())
}

impl Wazzup {
    /// Adds a template to an account, or replaces the one with this guid; nothing is told.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn add_template(&self, account: i64, template: Template) -> Result<(), ActionError> {
        let mut state = self.state();
        let found = state.accounts.get_mut(&account).ok_or_else(|| ActionError::NoSuch(format!("account {account}")))?;
        found.templates.insert(template.guid.clone(), template);
        Ok(())
    }

    /// Moderation says something else of a template: `templateStatus`.
    ///
    /// # Errors
    /// If there is no such account or template.
    pub fn set_template_status(&self, account: i64, guid: &str, status: &str) -> Result<(), ActionError> {
        let mut state = self.state();
        let found = state.accounts.get_mut(&account).ok_or_else(|| ActionError::NoSuch(format!("account {account}")))?;
        let template = found.templates.get_mut(guid).ok_or_else(|| ActionError::NoSuch(format!("template {guid}")))?;
        status.clone_into(&mut template.status);
        let value = json!({ "templateGuid": guid, "name": template.name, "status": status });
        state.note(account, Note { channel: 0, user: 0, key: "templateStatus", value }, Way::Once);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_and_named_inline() {
        let mut account = Account::new("k");
        account.templates.insert("g".to_owned(), Template::new("g", "n", "{{1}}, скидка {{2}}"));
        let settings = Settings::default();
        let values = ["Анна".to_owned(), "10%".to_owned()];
        assert_eq!(filled(&account, &settings, "g", &values).unwrap().0, "Анна, скидка 10%");
        assert_eq!(filled(&account, &settings, "g", &values[..1]).unwrap_err().code, "INVALID_MESSAGE_DATA");
        assert_eq!(inline("@template: g { [[Анна]]; [[10%]] }", ";"), Some(("g".to_owned(), values.to_vec())));
        assert_eq!(inline("@template: g { }", ";"), Some(("g".to_owned(), Vec::new())));
        assert_eq!(inline("просто текст", ";"), None);
        assert_eq!(inline("@template: g { Анна }", ";"), None);
    }
}
