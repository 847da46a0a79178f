//! Templates: created, listed, changed and deleted as a business does.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    draft::{self, Draft},
    error::{GraphError, GraphResult},
    review::{self, TemplateStatus},
    server::Params,
    state::{Category, State},
};

/// A template of a business account, in one language.
pub(crate) struct Template {
    pub(crate) id: u64,
    pub(crate) waba: String,
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) category: Category,
    pub(crate) previous_category: Option<Category>,
    pub(crate) status: TemplateStatus,
    /// Variables have names; otherwise numbers.
    pub(crate) named: bool,
    pub(crate) components: Vec<Value>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`, and since when.
    pub(crate) quality: (String, DateTime<Utc>),
    pub(crate) rejected: Option<String>,
    pub(crate) ttl: Option<u64>,
    pub(crate) approved: Option<DateTime<Utc>>,
    /// Pauses for quality so far.
    pub(crate) pauses: u32,
    /// Sends that go before the rest is held; `None`: nothing is held.
    pub(crate) free: Option<u32>,
}

impl Template {
    fn show(&self) -> Map<String, Value> {
        let mut shown = Map::from_iter([
            ("id".to_owned(), json!(self.id.to_string())),
            ("name".to_owned(), json!(self.name)),
            ("parameter_format".to_owned(), json!(if self.named { "NAMED" } else { "POSITIONAL" })),
            ("components".to_owned(), json!(self.components)),
            ("language".to_owned(), json!(self.language)),
            ("status".to_owned(), json!(self.status.name())),
            ("category".to_owned(), json!(self.category.name())),
            ("quality_score".to_owned(), json!({ "score": self.quality.0, "date": self.quality.1.timestamp() })),
            ("rejected_reason".to_owned(), json!(self.rejected.as_deref().unwrap_or("NONE"))),
        ]);
        if let Some(previous) = self.previous_category {
            shown.insert("previous_category".to_owned(), json!(previous.name()));
        }
        if let Some(ttl) = self.ttl {
            shown.insert("message_send_ttl_seconds".to_owned(), json!(ttl));
        }
        shown
    }
}

/// The fields of a node that were asked for, its id always.
pub(crate) fn fields(mut all: Map<String, Value>, asked: Option<&str>, default: &[&str]) -> Value {
    let asked: Vec<&str> = match asked {
        Some(list) => list.split(',').map(|field| field.split(['{', '.']).next().unwrap_or_default().trim()).collect(),
        None => default.to_vec(),
    };
    all.retain(|name, _| name == "id" || asked.contains(&name.as_str()));
    Value::Object(all)
}

const DEFAULT: &[&str] =
    &["name", "parameter_format", "components", "language", "status", "category", "previous_category", "rejected_reason"];

fn wanted(body: &Value, name: &str) -> GraphResult<String> {
    let text = body[name].as_str().map(str::to_owned).filter(|text| !text.is_empty());
    text.ok_or_else(|| GraphError::parameter(format!("The parameter {name} is required.")))
}

/// The range of `message_send_ttl_seconds`.
fn ttl(body: &Value, category: Category) -> GraphResult<Option<u64>> {
    let Some(ttl) = body["message_send_ttl_seconds"].as_u64() else { return Ok(None) };
    let range = match category {
        Category::Authentication => 30..=900,
        Category::Utility => 30..=43_200,
        Category::Marketing => 43_200..=2_592_000,
    };
    match range.contains(&ttl) {
        true => Ok(Some(ttl)),
        false => Err(GraphError::parameter(format!("message_send_ttl_seconds must be {} to {}.", range.start(), range.end()))),
    }
}

fn components(body: &Value) -> GraphResult<Vec<Value>> {
    let list = body["components"].as_array().ok_or_else(|| GraphError::parameter("The parameter components is required."))?;
    // Types come in any case and go out in capitals.
    Ok(list
        .iter()
        .map(|component| {
            let mut component = component.clone();
            for field in ["type", "format"] {
                if let Some(text) = component[field].as_str().map(str::to_ascii_uppercase) {
                    component[field] = json!(text);
                }
            }
            if let Some(buttons) = component["buttons"].as_array_mut() {
                for button in buttons {
                    let kind = button["type"].as_str().unwrap_or_default().to_ascii_uppercase();
                    button["type"] = json!(kind);
                }
            }
            component
        })
        .collect())
}

pub(crate) fn create(state: &mut State, waba: &str, body: &Value) -> GraphResult {
    let now = state.now();
    let (name, language) = (wanted(body, "name")?, wanted(body, "language")?);
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.len() > 512 || !name.bytes().all(plain) {
        return Err(GraphError::parameter("Param name has up to 512 lowercase letters, digits and underscores."));
    }
    if !language.split('_').next().is_some_and(|code| (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase())) {
        return Err(GraphError::parameter(format!("'{language}' is no language of templates.")));
    }
    let category = Category::read(&wanted(body, "category")?.to_ascii_uppercase());
    let category = category.ok_or_else(|| GraphError::parameter("Param category is MARKETING, UTILITY or AUTHENTICATION."))?;
    let named = match body["parameter_format"].as_str().unwrap_or("positional").to_ascii_lowercase().as_str() {
        "named" => true,
        "positional" => false,
        other => return Err(GraphError::parameter(format!("'{other}' is no parameter_format."))),
    };
    let (ttl, components) = (ttl(body, category)?, components(body)?);
    Draft::new(&state.settings, named, &state.handles).check(&components)?;
    if state.templates.values().any(|one| one.waba == waba && one.name == name && one.language == language) {
        let words = "There is already content in this language for this template.";
        return Err(draft::refused(&state.settings, 2_388_024, "Content in this language already exists", words));
    }
    let rates = &state.settings.rates;
    let verified = state.wabas.get(waba).and_then(|waba| state.portfolios.get(&waba.portfolio)).is_some_and(|portfolio| portfolio.verified);
    let most = if verified { rates.templates_verified } else { rates.templates };
    if most.is_some_and(|most| state.templates.values().filter(|one| one.waba == waba).count() >= most) {
        return Err(draft::refused(
            &state.settings,
            2_388_019,
            "Message template limit exceeded",
            "The account has as many templates as it may.",
        ));
    }
    let hourly = rates.creations_an_hour;
    let room = state.wabas.get_mut(waba).is_none_or(|waba| waba.creations.take(hourly, TimeDelta::hours(1), now));
    if !room {
        return Err(GraphError::new(80_007));
    }
    let id = 770_000_000_000_000 + state.serial();
    let template = Template {
        id,
        waba: waba.to_owned(),
        name,
        language,
        category,
        previous_category: None,
        status: TemplateStatus::Pending,
        named,
        components,
        quality: ("UNKNOWN".to_owned(), now),
        rejected: None,
        ttl,
        approved: None,
        pauses: 0,
        free: None,
    };
    state.templates.insert(id, template);
    review::hand_in(state, id);
    let template = &state.templates[&id];
    Ok(json!({ "id": id.to_string(), "status": template.status.name(), "category": template.category.name() }))
}

/// Templates of a business account, those that were asked for, in pages.
pub(crate) fn list(state: &State, waba: &str, params: &Params) -> Value {
    let is = |field: &str, value: &str| params.text(field).is_none_or(|wanted| wanted.split(',').any(|one| one == value));
    let mut found: Vec<&Template> = state.templates.values().filter(|one| one.waba == waba).collect();
    let count = found.len();
    // A part of a name is enough, so whoever asks for one name must look at each.
    let named = |one: &Template| params.text("name").is_none_or(|part| one.name.contains(&part));
    found.retain(|one| {
        named(one) && is("language", &one.language) && is("status", one.status.name()) && is("category", one.category.name())
    });
    let limit = params.text("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25_usize).clamp(1, 1000);
    let after: u64 = params.text("after").and_then(|after| after.parse().ok()).unwrap_or_default();
    found.retain(|one| one.id > after);
    let more = found.len() > limit;
    found.truncate(limit);
    let data: Vec<Value> = found.iter().map(|one| fields(one.show(), params.text("fields").as_deref(), DEFAULT)).collect();
    let mut answer = json!({ "data": data });
    if let (Some(first), Some(last)) = (found.first(), found.last()) {
        answer["paging"] = json!({ "cursors": { "before": first.id.to_string(), "after": last.id.to_string() } });
        if more {
            answer["paging"]["next"] = json!(format!("/{waba}/message_templates?limit={limit}&after={}", last.id));
        }
    }
    if let Some(asked) = params.text("summary") {
        let verified = state.wabas.get(waba).and_then(|waba| state.portfolios.get(&waba.portfolio)).is_some_and(|one| one.verified);
        let rates = &state.settings.rates;
        let limit = if verified { rates.templates_verified } else { rates.templates };
        let all = Map::from_iter([
            ("total_count".to_owned(), json!(count)),
            ("message_template_count".to_owned(), json!(count)),
            ("message_template_limit".to_owned(), json!(limit)),
            ("are_translations_complete".to_owned(), json!(true)),
        ]);
        answer["summary"] = fields(all, Some(&asked), &[]);
    }
    answer
}

pub(crate) fn show(state: &State, id: u64, params: &Params) -> Value {
    state.templates.get(&id).map(|one| fields(one.show(), params.text("fields").as_deref(), DEFAULT)).unwrap_or_default()
}

pub(crate) fn edit(state: &mut State, id: u64, body: &Value) -> GraphResult {
    let template = &state.templates[&id];
    if matches!(template.status, TemplateStatus::Pending | TemplateStatus::Disabled) {
        let words = "A template that is being reviewed or is disabled cannot be changed.";
        return Err(GraphError::parameter(words));
    }
    let category = match body["category"].as_str() {
        Some(name) => {
            Category::read(&name.to_ascii_uppercase()).ok_or_else(|| GraphError::parameter(format!("'{name}' is no category.")))?
        }
        None => template.category,
    };
    if body["category"].is_string() && template.status == TemplateStatus::Approved && category != template.category {
        return Err(GraphError::parameter("The category of an approved template cannot be changed."));
    }
    let components = if body["components"].is_array() { components(body)? } else { template.components.clone() };
    Draft::new(&state.settings, template.named, &state.handles).check(&components)?;
    let ttl = ttl(body, category)?.or(template.ttl);
    if let Some(template) = state.templates.get_mut(&id) {
        (template.category, template.components, template.ttl) = (category, components, ttl);
        (template.status, template.rejected) = (TemplateStatus::Pending, None);
    }
    review::hand_in(state, id);
    let template = &state.templates[&id];
    Ok(json!({ "success": true, "id": id.to_string(), "name": template.name, "category": template.category.name() }))
}

/// Deletes every language of a name, or the one with `hsm_id`.
pub(crate) fn delete(state: &mut State, waba: &str, params: &Params) -> GraphResult {
    let name = params.text("name").ok_or_else(|| GraphError::parameter("The parameter name is required."))?;
    let only: Option<u64> = params.text("hsm_id").and_then(|id| id.parse().ok());
    let gone = |one: &&Template| one.waba == waba && one.name == name && only.is_none_or(|only| one.id == only);
    let ids: Vec<u64> = state.templates.values().filter(gone).map(|one| one.id).collect();
    if ids.is_empty() {
        return Err(GraphError::no_node("DELETE", &name));
    }
    for id in ids {
        review::tell(state, id, "DELETED", None, None);
        state.templates.remove(&id);
    }
    Ok(json!({ "success": true }))
}

/// A business takes a template out of a pause by itself.
pub(crate) fn unpause(state: &mut State, id: u64) -> Value {
    if state.templates[&id].status != TemplateStatus::Paused {
        return json!({ "success": false, "reason": "The template is not paused." });
    }
    review::unpause(state, id);
    json!({ "success": true })
}
