//! `POST /{PHONE_NUMBER_ID}/messages` and `/marketing_messages`: whether a message is taken, and
//! what it becomes. Sections 2 to 5.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    WhatsApp, When,
    content::{self, Content, Named},
    error::{GraphError, GraphResult},
    fill, media,
    person::{NO_CAP, calling_code, country_of, digits},
    receipts,
    review::TemplateStatus,
    settings::Plus,
    state::{Category, State, Status, Stored},
};
use crate::ledger::Accepted;

/// Where a customer service window ends after a person's last word.
pub(crate) const WINDOW: TimeDelta = TimeDelta::hours(24);
/// The Marketing Messages API knows a new template after this long.
const SYNC: TimeDelta = TimeDelta::minutes(10);

/// Whom a message is for.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    /// The person, or the digits of a phone nobody has.
    pub(crate) key: i64,
    known: bool,
    input: String,
    /// Digits, where it is addressed by phone.
    wa_id: Option<String>,
    /// Addressed by a BSUID.
    by_user_id: bool,
}

/// Who is meant, before anything else is checked; `None` where that cannot be read.
pub(crate) fn recipient(state: &mut State, number: i64, body: &Map<String, Value>) -> GraphResult<Recipient> {
    let text = |name: &str| match body.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    // If both are given, the phone wins.
    if let Some(to) = text("to") {
        let plain = to.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')'));
        let mut wanted = digits(&to);
        if !plain || !(7..=20).contains(&wanted.len()) {
            return Err(content::invalid(format!("'{to}' is no phone number.")));
        }
        if !to.starts_with('+') && state.settings.plus == Plus::Prepend {
            let own = &state.number(number)?.phone;
            wanted.insert_str(0, calling_code(own));
        }
        let person = state.by_digits(&wanted);
        let key = person.unwrap_or_else(|| wanted.parse().unwrap_or(i64::MAX));
        let wa_id = person.and_then(|person| state.people.get(&person)).map_or(wanted, |someone| someone.person.wa_id());
        return Ok(Recipient { key, known: person.is_some(), input: to, wa_id: Some(wa_id), by_user_id: false });
    }
    let Some(user_id) = text("recipient") else { return Err(GraphError::parameter("The parameter to is required.")) };
    let country = user_id.split_once('.').filter(|(country, rest)| country.len() == 2 && !rest.is_empty() && rest.len() <= 132);
    if country.is_none() {
        return Err(content::invalid(format!("'{user_id}' is no business-scoped user id.")));
    }
    let portfolio = state.portfolio_of(number).to_owned();
    let person = state.by_user_id(&user_id, &portfolio);
    Ok(Recipient { key: person.unwrap_or(0), known: person.is_some(), input: user_id, wa_id: None, by_user_id: true })
}

/// A send that is read and checked for itself.
struct Sending {
    kind: String,
    content: Content,
    /// Name, language and components of a template.
    template: Option<(String, String, Vec<Value>)>,
    context: Option<String>,
    opaque: Option<String>,
}

fn read(body: &Map<String, Value>) -> GraphResult<Sending> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let kind = text("type").unwrap_or("text").to_owned();
    let opaque = text("biz_opaque_callback_data").map(str::to_owned);
    if opaque.as_ref().is_some_and(|opaque| opaque.chars().count() > 512) {
        return Err(GraphError::parameter("Param biz_opaque_callback_data must be at most 512 characters long."));
    }
    if text("recipient_type").is_some_and(|kind| kind != "individual") {
        return Err(content::invalid("recipient_type 'individual' is the only one of this number."));
    }
    let context = body.get("context").and_then(|context| context["message_id"].as_str()).map(str::to_owned);
    if kind != "template" {
        return Ok(Sending { content: content::read(&kind, body)?, kind, template: None, context, opaque });
    }
    let template = body.get("template").and_then(Value::as_object).ok_or_else(|| content::missing("template"))?;
    let name = template.get("name").and_then(Value::as_str).ok_or_else(|| content::missing("template['name']"))?;
    let language = template.get("language").and_then(|language| language["code"].as_str());
    let language = language.ok_or_else(|| content::missing("template['language']['code']"))?;
    let components = match template.get("components") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(components)) => components.clone(),
        Some(_) => return Err(GraphError::parameter("Param template['components'] must be an array.")),
    };
    let template = Some((name.to_owned(), language.to_owned(), components));
    Ok(Sending { kind, content: Content::default(), template, context, opaque })
}

/// What a business marks as read, or shows it is typing to.
fn mark(state: &mut State, number: i64, body: &Map<String, Value>) -> GraphResult {
    let wamid = body.get("message_id").and_then(Value::as_str).ok_or_else(|| content::missing("message_id"))?;
    let serial = state.by_wamid.get(wamid).copied();
    let message = serial.and_then(|serial| state.messages.get_mut(&serial)).filter(|one| one.number == number && !one.from_business);
    let message = message.ok_or_else(|| content::invalid(format!("There is no message {wamid} of a person.")))?;
    message.seen = true;
    let person = message.to;
    state.chat_mut(number, person);
    Ok(json!({ "success": true }))
}

/// Carries out one send. `lite` is the Marketing Messages API.
pub(crate) async fn message(whatsapp: &WhatsApp, number: i64, body: &Map<String, Value>, lite: bool) -> GraphResult {
    if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
        return Err(GraphError::parameter("The parameter messaging_product is required."));
    }
    may_send(&whatsapp.look(), number, lite)?;
    if body.get("status").and_then(Value::as_str) == Some("read") {
        return whatsapp.change(|state| mark(state, number, body));
    }
    let sending = read(body)?;
    let waba = whatsapp.look().number(number)?.waba.clone();
    // What must be fetched is fetched before the lock is taken for good.
    let named: Option<Named> = match &sending.template {
        None => sending.content.named.clone(),
        Some(_) => filled(&whatsapp.look(), &waba, &sending)?.and_then(|(_, filled)| filled.named),
    };
    let fetched = match &named {
        Some(named) => media::by_link(whatsapp, &waba, named).await?,
        None => None,
    };
    whatsapp.change(|state| take(whatsapp, state, number, &waba, body, sending, named.as_ref(), fetched, lite))
}

/// Whether this number may send at all now.
fn may_send(state: &State, number: i64, lite: bool) -> GraphResult<()> {
    let number = state.number(number)?;
    if number.deleted {
        return Err(GraphError::new(33));
    }
    if !number.registered {
        return Err(GraphError::new(133_010));
    }
    if let Some(code) = number.trouble {
        return Err(GraphError::new(code));
    }
    if number.maintenance_until.is_some_and(|until| state.now() < until) {
        return Err(GraphError::new(131_057));
    }
    if lite && !number.marketing_api { Err(GraphError::new(131_055)) } else { Ok(()) }
}

/// The template of a send with its values, or why not; `None` for a message that is no template.
fn filled(state: &State, waba: &str, sending: &Sending) -> GraphResult<Option<(u64, fill::Filled)>> {
    let Some((name, language, components)) = &sending.template else { return Ok(None) };
    let template = state.templates.values().find(|one| one.waba == waba && one.name == *name && one.language == *language);
    let missing = || GraphError::with(132_001, format!("template name ({name}) does not exist in {language}"));
    let template = template.ok_or_else(missing)?;
    let paused = state.settings.late.contains(&132_015);
    match template.status {
        TemplateStatus::Approved => {}
        TemplateStatus::Paused if paused => {}
        TemplateStatus::Paused => return Err(GraphError::new(132_015)),
        TemplateStatus::Disabled => return Err(GraphError::new(132_016)),
        TemplateStatus::Pending | TemplateStatus::Rejected => return Err(missing()),
    }
    Ok(Some((template.id, fill::fill(template, components, state.settings.strict_parameters)?)))
}

#[expect(clippy::too_many_arguments, reason = "one step, in one lock")]
fn take(
    whatsapp: &WhatsApp,
    state: &mut State,
    number: i64,
    waba: &str,
    body: &Map<String, Value>,
    sending: Sending,
    named: Option<&Named>,
    fetched: Option<u64>,
    lite: bool,
) -> GraphResult {
    let now = state.now();
    // Looked at once more: it may have been paused while a link was fetched.
    may_send(state, number, lite)?;
    let template = filled(state, waba, &sending)?;
    let to = recipient(state, number, body)?;
    let mut shown = match &template {
        Some((_, filled)) => filled.shown.clone(),
        None => sending.content.shown.clone(),
    };
    if let Some(named) = named {
        shown.media = Some(media::resolve(state, waba, named, fetched)?);
        shown.media_kind = Some(named.kind.clone());
    }
    let category = template.as_ref().and_then(|(id, _)| state.templates.get(id)).map(|one| one.category);
    let in_window = state.in_window(number, to.key);
    let later = judge(state, number, waba, &to, template.as_ref().map(|(id, _)| *id), category, in_window, lite)?;
    if let Some((wamid, _)) = &sending.content.reaction {
        let there = state.by_wamid.get(wamid).and_then(|serial| state.messages.get(serial)).is_some_and(|one| one.to == to.key);
        if !there {
            return Err(content::invalid(format!("There is no message {wamid} in this chat.")));
        }
    }
    room(state, number, &to, category, in_window, now)?;

    let counts = category.is_some() && !in_window && later.is_none();
    let portfolio = state.portfolio_of(number).to_owned();
    if let Some(portfolio) = state.portfolios.get_mut(&portfolio).filter(|_| counts) {
        portfolio.reached.note(to.key, now);
    }
    let held = later.is_none() && template.as_ref().is_some_and(|(id, _)| hold(state, *id));
    let pricing = receipts::price(state, number, category, in_window, lite);
    let serial = i64::try_from(state.serial()).unwrap_or(i64::MAX);
    let wamid = wamid(to.key, serial);
    let user_id = match to.by_user_id {
        true => Some(to.input.clone()),
        false => state.user_id(to.key, &portfolio),
    };
    let visible = state.visible_phone(to.key, &portfolio);
    let stored = Stored {
        serial,
        wamid: wamid.clone(),
        number,
        to: to.key,
        from_business: true,
        at: now,
        shown: shown.clone(),
        context: sending.context,
        template: template.as_ref().map(|(id, _)| *id),
        category,
        opaque: sending.opaque,
        status: if held { Status::Held } else { Status::Accepted },
        steps: vec![(if held { Status::Held } else { Status::Accepted }, now, None)],
        wa_id: to.wa_id.clone().or(visible),
        user_id: user_id.clone(),
        counted: counts.then_some(now),
        pricing,
        priced: false,
        gone: false,
        seen: false,
        reactions: (None, None),
    };
    // Each status tells who it was for as it was then, also after a new number.
    state.messages.insert(serial, stored);
    state.by_wamid.insert(wamid.clone(), serial);
    state.chat_mut(number, to.key).messages.push(serial);
    if let (Some(_), Some(someone)) = (&to.wa_id, state.people.get_mut(&to.key)) {
        someone.by_phone.insert(portfolio, now);
    }
    if let Some((wamid, emoji)) = sending.content.reaction
        && let Some(target) = state.by_wamid.get(&wamid).copied().and_then(|serial| state.messages.get_mut(&serial))
    {
        target.reactions.0 = Some(emoji).filter(|emoji| !emoji.is_empty());
    }
    whatsapp.ledger().accept(Accepted {
        bot: number,
        chat: to.key,
        message_id: serial,
        method: if lite { "marketing_messages" } else { "messages" },
        text: shown.text,
        media: shown.media_kind,
        file_unique_id: shown.media.and_then(|id| state.media.get(&id)).map(|media| media.sha256.clone()),
        reference: wamid.clone(),
        paid: false,
    });
    match later {
        Some((code, when)) => receipts::doom(state, serial, code, when),
        None if held => {}
        None => receipts::start(state, serial),
    }
    let mut contact = json!({ "input": to.input });
    if let Some(wa_id) = &to.wa_id {
        contact["wa_id"] = json!(wa_id);
    }
    if let Some(user_id) = user_id {
        contact["user_id"] = json!(user_id);
    }
    let mut message = json!({ "id": wamid });
    if sending.kind == "template" {
        let paused = later.is_some_and(|(code, _)| code == 132_015);
        let status = if held {
            "held_for_quality_assessment"
        } else if paused {
            "paused"
        } else {
            "accepted"
        };
        message["message_status"] = json!(status);
    }
    Ok(json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [message] }))
}

/// Whether pacing holds this send of a template.
fn hold(state: &mut State, template: u64) -> bool {
    match state.templates.get_mut(&template).and_then(|template| template.free.as_mut()) {
        None => false,
        Some(0) => true,
        Some(free) => {
            *free -= 1;
            false
        }
    }
}

/// What refuses a message for its recipient: at once, or with the code and the moment it fails.
#[expect(clippy::too_many_arguments, reason = "everything a refusal can follow from")]
fn judge(
    state: &mut State,
    number: i64,
    waba: &str,
    to: &Recipient,
    template: Option<u64>,
    category: Option<Category>,
    in_window: bool,
    lite: bool,
) -> GraphResult<Option<(u32, When)>> {
    let now = state.now();
    let marketing = category == Some(Category::Marketing);
    if to.wa_id.as_deref() == Some(state.number(number)?.phone.as_str()) {
        return Err(GraphError::new(131_021));
    }
    if to.by_user_id && category == Some(Category::Authentication) {
        return Err(GraphError::new(131_062));
    }
    if lite {
        if !marketing {
            return Err(GraphError::new(134_100));
        }
        let fresh = template.and_then(|id| state.templates.get(&id)?.approved).is_none_or(|at| now - at < SYNC);
        if fresh {
            return Err(GraphError::new(134_101));
        }
    }
    let country = state.people.get(&to.key).map(|someone| someone.person.country().to_owned());
    let country = country.unwrap_or_else(|| country_of(to.wa_id.as_deref().unwrap_or_default()).to_owned());
    if state.wabas.get(waba).is_some_and(|waba| waba.barred.contains(&country)) {
        return Err(GraphError::new(130_497));
    }
    let fate = state.people.get_mut(&to.key).and_then(|someone| {
        let fate = someone.fates.iter_mut().find(|fate| fate.strikes(number, category))?;
        fate.struck += 1;
        Some((fate.code, fate.when))
    });
    let chat = state.chats.get(&(number, to.key));
    let paused = template.and_then(|id| state.templates.get(&id)).is_some_and(|one| one.status == TemplateStatus::Paused);
    let code = if let Some((code, when)) = fate {
        if let Some(when) = when {
            return if when == When::AtOnce { Err(GraphError::new(code)) } else { Ok(Some((code, when))) };
        }
        code
    } else if !to.known || state.people.get(&to.key).is_some_and(|someone| !someone.person.on_whatsapp) {
        131_026
    } else if category.is_none() && !in_window {
        131_047
    } else if paused {
        132_015
    } else if marketing && chat.is_some_and(|chat| chat.stopped) {
        131_050
    } else if marketing && (no_advertising(state, &country) || !in_window && over_cap(state, number, to.key, &country, now)) {
        131_049
    } else {
        return Ok(None);
    };
    if state.settings.late.contains(&code) { Ok(Some((code, When::Accepted))) } else { Err(GraphError::new(code)) }
}

/// Whether no advertising goes to this country.
fn no_advertising(state: &State, country: &str) -> bool {
    state.settings.us_marketing_refused && country == "US"
}

/// Whether a person had as much advertising today as Meta lets through; counts this one if not.
fn over_cap(state: &mut State, number: i64, person: i64, country: &str, now: DateTime<Utc>) -> bool {
    let Some(most) = state.settings.marketing_a_day else { return false };
    if NO_CAP.contains(&country) {
        return false;
    }
    let portfolio = state.portfolio_of(number).to_owned();
    let Some(portfolio) = state.portfolios.get_mut(&portfolio) else { return false };
    !portfolio.marketing.entry(person).or_default().take(Some(most as usize), WINDOW, now)
}

/// Room within the limits, taken.
fn room(
    state: &mut State,
    number: i64,
    to: &Recipient,
    category: Option<Category>,
    in_window: bool,
    now: DateTime<Utc>,
) -> GraphResult<()> {
    let rates = state.settings.rates.clone();
    if !state.pairs.room(&rates, (number, to.key), now) {
        return Err(GraphError::new(131_056));
    }
    let portfolio = state.portfolio_of(number).to_owned();
    if rates.tier
        && category.is_some()
        && !in_window
        && let Some(portfolio) = state.portfolios.get_mut(&portfolio)
        && !portfolio.reached.room(portfolio.tier, to.key, now)
    {
        return Err(GraphError::with(state.settings.tier_code, "The portfolio has reached its messaging limit for these 24 hours."));
    }
    if let Some(number) = state.numbers.get_mut(&number) {
        let most = rates.throughput.then_some(number.throughput);
        if !number.passed.take(most, TimeDelta::seconds(1), now) {
            return Err(GraphError::new(130_429));
        }
    }
    state.pairs.take((number, to.key));
    Ok(())
}

/// The id of a message: the recipient and a number, in the shape of the real ones.
pub(crate) fn wamid(recipient: i64, serial: i64) -> String {
    format!("wamid.{}", STANDARD.encode(format!("\u{1c}\u{18}{recipient}\u{15}\u{2}\u{11}{serial:020X}")))
}
