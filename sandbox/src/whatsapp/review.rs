//! The other side of a template: review, quality, pauses, category. Section 2.4 and 6.3.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    WhatsApp,
    events::Event,
    notes::Body,
    receipts,
    settings::AfterReview,
    state::{Category, State, Status},
};
use crate::{ActionError, hooks::millis};

/// Where a template stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TemplateStatus {
    /// Waits for its review.
    Pending,
    /// May be sent.
    Approved,
    Rejected,
    /// For three hours, then for six.
    Paused,
    /// For good.
    Disabled,
}

impl TemplateStatus {
    /// As the API writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Paused => "PAUSED",
            Self::Disabled => "DISABLED",
        }
    }
}

/// A template, for tests and the page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TemplateInfo {
    pub id: u64,
    pub waba: String,
    pub name: String,
    pub language: String,
    pub category: Category,
    pub status: TemplateStatus,
    pub components: Vec<Value>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    pub quality: String,
}

/// A template was handed in: what the settings say comes next.
pub(crate) fn hand_in(state: &mut State, id: u64) {
    let (after_ms, verdict) = match state.settings.review.clone() {
        AfterReview::Waits => return,
        AfterReview::Approved { after_ms } => (after_ms, None),
        AfterReview::Rejected { after_ms, reason } => (after_ms, Some(reason)),
    };
    let event = Event::Review { template: id, rejected: verdict };
    match after_ms {
        0 => super::events::carry_out(state, event),
        _ => state.events.put(state.now() + millis(after_ms), event),
    }
}

/// Tells the business what became of a template.
pub(crate) fn tell(state: &mut State, id: u64, event: &str, reason: Option<&str>, other: Option<&str>) {
    let Some(template) = state.templates.get(&id) else { return };
    let mut value = json!({
        "event": event,
        "message_template_id": id,
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category.name(),
        "reason": reason.unwrap_or("NONE"),
    });
    if let Some(title) = other {
        value["other_info"] = json!({ "title": title, "description": "The template's quality changed what may be sent." });
    }
    if event == "DISABLED" {
        value["disable_info"] = json!({ "disable_date": state.now().timestamp() });
    }
    if let Some(reason) = reason {
        value["rejection_info"] = json!({ "reason": reason, "recommendation": "Change the text and hand it in again." });
    }
    let waba = template.waba.clone();
    state.note(&waba, "message_template_status_update", None, None, Body::Value(value));
}

pub(crate) fn decide(state: &mut State, id: u64, rejected: Option<&str>) {
    let now = state.now();
    let Some(template) = state.templates.get_mut(&id) else { return };
    template.rejected = rejected.map(str::to_owned);
    match rejected {
        None => {
            template.status = TemplateStatus::Approved;
            template.approved.get_or_insert(now);
            tell(state, id, "APPROVED", None, None);
        }
        Some(reason) => {
            template.status = TemplateStatus::Rejected;
            tell(state, id, "REJECTED", Some(reason), None);
        }
    }
}

/// Pauses for quality: three hours, six hours, then for good.
fn pause(state: &mut State, id: u64) {
    let now = state.now();
    let Some(template) = state.templates.get_mut(&id) else { return };
    template.pauses += 1;
    template.status = if template.pauses > 2 { TemplateStatus::Disabled } else { TemplateStatus::Paused };
    let pauses = template.pauses;
    match pauses {
        1 => tell(state, id, "PAUSED", None, Some("FIRST_PAUSE")),
        2 => tell(state, id, "PAUSED", None, Some("SECOND_PAUSE")),
        _ => tell(state, id, "DISABLED", None, Some("DISABLED")),
    }
    if pauses <= 2 {
        let until: DateTime<Utc> = now + TimeDelta::hours(if pauses == 1 { 3 } else { 6 });
        state.events.put(until, Event::Unpause { template: id, pauses });
    }
    // What was held while its quality was looked at does not go.
    for serial in held(state, id) {
        receipts::fail(state, serial, 132_015);
    }
}

pub(crate) fn unpause(state: &mut State, id: u64) {
    if let Some(template) = state.templates.get_mut(&id).filter(|template| template.status == TemplateStatus::Paused) {
        template.status = TemplateStatus::Approved;
        tell(state, id, "APPROVED", None, Some("UNPAUSE"));
    }
}

fn held(state: &State, template: u64) -> Vec<i64> {
    let mut serials: Vec<i64> =
        state.messages.values().filter(|one| one.template == Some(template) && one.status == Status::Held).map(|one| one.serial).collect();
    serials.sort_unstable();
    serials
}

impl WhatsApp {
    /// The templates, by id.
    #[must_use]
    pub fn templates(&self) -> Vec<TemplateInfo> {
        let info = |one: &super::templates::Template| TemplateInfo {
            id: one.id,
            waba: one.waba.clone(),
            name: one.name.clone(),
            language: one.language.clone(),
            category: one.category,
            status: one.status,
            components: one.components.clone(),
            quality: one.quality.0.clone(),
        };
        self.look().templates.values().map(info).collect()
    }

    /// A template by its name and language.
    #[must_use]
    pub fn template(&self, name: &str, language: &str) -> Option<TemplateInfo> {
        self.templates().into_iter().find(|one| one.name == name && one.language == language)
    }

    fn of_template(&self, id: u64, change: impl FnOnce(&mut State)) -> Result<(), ActionError> {
        self.change(|state| match state.templates.contains_key(&id) {
            true => {
                change(state);
                Ok(())
            }
            false => Err(ActionError::NoSuch(format!("template {id}"))),
        })
    }

    /// The review approves a template.
    ///
    /// # Errors
    /// If there is no such template.
    pub fn approve(&self, template: u64) -> Result<(), ActionError> {
        self.of_template(template, |state| decide(state, template, None))
    }

    /// The review rejects a template: `PROMOTIONAL`, `TAG_CONTENT_MISMATCH`, `SCAM`…
    ///
    /// # Errors
    /// If there is no such template.
    pub fn reject(&self, template: u64, reason: &str) -> Result<(), ActionError> {
        self.of_template(template, |state| decide(state, template, Some(reason)))
    }

    /// Pauses a template for its quality: for three hours, the second time for six, the third time
    /// it is disabled. Held messages of it fail with 132015.
    ///
    /// # Errors
    /// If there is no such template.
    pub fn pause(&self, template: u64) -> Result<(), ActionError> {
        self.of_template(template, |state| pause(state, template))
    }

    /// Disables a template for good.
    ///
    /// # Errors
    /// If there is no such template.
    pub fn disable(&self, template: u64) -> Result<(), ActionError> {
        self.of_template(template, |state| {
            if let Some(one) = state.templates.get_mut(&template) {
                one.pauses = 2;
            }
            pause(state, template);
        })
    }

    /// Meta gives a template another category.
    ///
    /// # Errors
    /// If there is no such template.
    pub fn recategorise(&self, template: u64, category: Category) -> Result<(), ActionError> {
        self.of_template(template, |state| {
            let Some(one) = state.templates.get_mut(&template) else { return };
            let previous = std::mem::replace(&mut one.category, category);
            one.previous_category = Some(previous);
            let value = json!({
                "message_template_id": template,
                "message_template_name": one.name,
                "message_template_language": one.language,
                "previous_category": previous.name(),
                "new_category": category.name(),
            });
            let waba = one.waba.clone();
            state.note(&waba, "template_category_update", None, None, Body::Value(value));
        })
    }

    /// A template's quality changes: `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
    ///
    /// # Errors
    /// If there is no such template.
    pub fn set_quality(&self, template: u64, score: &str) -> Result<(), ActionError> {
        self.of_template(template, |state| {
            let now = state.now();
            let Some(one) = state.templates.get_mut(&template) else { return };
            let previous = std::mem::replace(&mut one.quality, (score.to_owned(), now)).0;
            let value = json!({
                "previous_quality_score": previous,
                "new_quality_score": score,
                "message_template_id": template,
                "message_template_name": one.name,
                "message_template_language": one.language,
            });
            let waba = one.waba.clone();
            state.note(&waba, "message_template_quality_update", None, None, Body::Value(value));
        })
    }

    /// Pacing begins: after this many more sends of the template the rest is held.
    ///
    /// # Errors
    /// If there is no such template.
    pub fn pace(&self, template: u64, free: u32) -> Result<(), ActionError> {
        self.of_template(template, |state| {
            if let Some(one) = state.templates.get_mut(&template) {
                one.free = Some(free);
            }
        })
    }

    /// Pacing ends well: what was held goes.
    ///
    /// # Errors
    /// If there is no such template.
    pub fn release(&self, template: u64) -> Result<(), ActionError> {
        self.of_template(template, |state| {
            if let Some(one) = state.templates.get_mut(&template) {
                one.free = None;
            }
            for serial in held(state, template) {
                receipts::start(state, serial);
            }
        })
    }
}
