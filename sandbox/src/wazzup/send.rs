//! `POST /v3/message` and what is done with messages afterwards (contract, 2.1, 2.5 and 3).

use axum::body::Bytes;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Wazzup,
    content::{self, Content},
    error::{WazzupError, WazzupResult},
    outcome,
    state::{State, Stored},
    transport::{Transport, digits},
};
use crate::{
    ledger::Accepted,
    links,
    view::{File, Message, unique},
};

/// A file that was fetched, and its MIME type.
type Fetched = Option<(Bytes, String)>;

/// The channel of a call, if it is the key's.
fn channel(state: &State, account: i64, body: &Value) -> WazzupResult<i64> {
    let id = body["channelId"].as_str().ok_or_else(|| WazzupError::fields(&["channelId"]))?;
    let found = state.channels.values().find(|channel| channel.account == account && channel.channel_id == id);
    found.map(|channel| channel.id).ok_or_else(|| WazzupError::new("CHANNEL_NOT_FOUND", "Channel with provided id is not found."))
}

/// The channel and the person of a call, for the rules of faults.
pub(crate) fn about(state: &State, account: i64, body: &Value) -> Option<(i64, Option<i64>)> {
    let id = channel(state, account, body).ok()?;
    let transport = state.channels.get(&id)?.transport;
    Some((id, recipient(state, transport, body).ok().flatten()))
}

/// The person a call names; `None` where nobody has this address.
fn recipient(state: &State, transport: Transport, body: &Value) -> WazzupResult<Option<i64>> {
    if let Some(id) = body["chatId"].as_str().filter(|id| !id.is_empty()) {
        let numeric = matches!(transport, Transport::Whatsapp | Transport::Wapi | Transport::Viber);
        if numeric && digits(id) != id {
            return Err(WazzupError::fields(&["chatId"]));
        }
        return Ok(state.users.values().find(|user| transport.chat_id(user) == id).map(|user| user.id));
    }
    if let Some(phone) = body["phone"].as_str().filter(|_| transport.by_phone()) {
        return Ok(state.users.values().find(|user| digits(&user.phone) == digits(phone)).map(|user| user.id));
    }
    if let Some(name) = body["username"].as_str().filter(|_| transport == Transport::Tgapi) {
        return Ok(state.users.values().find(|user| user.username.as_deref() == Some(name)).map(|user| user.id));
    }
    Err(WazzupError::fields(&["chatId"]))
}

/// `POST /v3/message`.
pub(crate) async fn message(wazzup: &Wazzup, account: i64, body: &Value) -> WazzupResult {
    let (crm_id, address) = {
        let mut state = wazzup.state();
        let address = check(&mut state, account, body)?.address;
        (remember(&mut state, account, body)?, address)
    };
    // Downloaded at once, before the answer.
    let taken = async {
        let fetched = fetch(wazzup, address.as_deref()).await?;
        take(wazzup, account, body, fetched)
    };
    let taken = taken.await;
    if taken.is_err()
        && let Some(crm_id) = crm_id
        && let Some(account) = wazzup.quiet().accounts.get_mut(&account)
    {
        // What was not taken may come again under its id.
        account.crm_ids.remove(&crm_id);
    }
    taken
}

/// Everything that can be said about a call before its file is there.
fn check(state: &mut State, account: i64, body: &Value) -> WazzupResult<Content> {
    let id = channel(state, account, body)?;
    let Some(found) = state.channels.get(&id) else { return Err(WazzupError::bare(400)) };
    let transport = found.transport;
    usable(&found.state, found.trouble.as_deref())?;
    let kind = body["chatType"].as_str().ok_or_else(|| WazzupError::fields(&["chatType"]))?;
    if kind != transport.chat_type() {
        let error = WazzupError::new("WRONG_TRANSPORT", "Wrong message transport for this channel.");
        return Err(error.with(json!({ "transport": transport, "chatType": kind })));
    }
    let author = body["crmUserId"].as_str();
    let unknown = author.is_some_and(|author| !state.accounts.get(&account).is_some_and(|account| account.users.contains(author)));
    if unknown {
        return Err(WazzupError::fields(&["crmUserId"]));
    }
    let content = Content::read(state, account, transport, body)?;
    admit(state, id, transport, body)?;
    Ok(content)
}

/// Whether a channel in this state sends.
fn usable(state: &str, trouble: Option<&str>) -> WazzupResult<()> {
    if let Some(code) = trouble {
        return Err(WazzupError::new(code, "The channel does not send."));
    }
    let code = match state.to_ascii_lowercase().as_str() {
        "active" => return Ok(()),
        "disabled" | "blocked" => "CHANNEL_BLOCKED",
        "rejected" | "onmoderation" => "CHANNEL_WAPI_REJECTED",
        "notenoughmoney" => "CHANNEL_NO_MONEY",
        _ => "MESSAGE_CHANNEL_UNAVAILABLE",
    };
    Err(WazzupError::new(code, format!("The channel is {state}.")))
}

/// Whether the channel may write to this person; gives them.
fn admit(state: &mut State, channel: i64, transport: Transport, body: &Value) -> WazzupResult<Option<i64>> {
    let now = state.now();
    let user = recipient(state, transport, body)?;
    let begun = user.and_then(|user| state.chat(channel, user)).is_some_and(|chat| chat.begun);
    if !begun && !transport.writes_first() {
        return Err(WazzupError::new("CHAT_NO_ACCESS", "No access to chat."));
    }
    let absent = user.is_none_or(|user| state.is_absent(user, transport));
    if absent && state.settings.bad_contact_at_once {
        return Err(WazzupError::new("BAD_CONTACT", "Number may not be on the messenger."));
    }
    let Some(found) = state.channels.get_mut(&channel) else { return Ok(user) };
    if !begun && !found.text_first {
        return Err(WazzupError::new("MESSAGES_NOT_TEXT_FIRST", "The tariff does not let the channel write first."));
    }
    if found.balance == Some(0) {
        return Err(WazzupError::new("BALANCE_IS_EMPTY", "The balance is empty."));
    }
    if user.is_some_and(|user| !found.has_room(user, now)) {
        return Err(WazzupError::new("CHANNEL_LIMIT_EXCEEDED", "The limit of dialogues of the channel is exceeded."));
    }
    Ok(user)
}

/// Notes a `crmMessageId`, or refuses one that came within its time.
fn remember(state: &mut State, account: i64, body: &Value) -> WazzupResult<Option<String>> {
    let Some(crm_id) = body["crmMessageId"].as_str().filter(|id| !id.is_empty()).map(str::to_owned) else { return Ok(None) };
    let within = TimeDelta::seconds(i64::try_from(state.settings.crm_message_id_seconds).unwrap_or(i64::MAX / 1000));
    let now = state.now();
    let Some(account) = state.accounts.get_mut(&account) else { return Ok(None) };
    account.crm_ids.retain(|_, at| now - *at < within);
    if account.crm_ids.contains_key(&crm_id) {
        let error = WazzupError::new("REPEATED_CRM_MESSAGE_ID", "You have already sent message with same crmMessageId");
        return Err(error.with(json!({ "crmMessageId": crm_id })));
    }
    account.crm_ids.insert(crm_id.clone(), now);
    Ok(Some(crm_id))
}

async fn fetch(wazzup: &Wazzup, address: Option<&str>) -> WazzupResult<Fetched> {
    let here = address.filter(|address| url::Url::parse(address).is_ok_and(|address| links::is_loopback(&address)));
    let Some(address) = here.filter(|_| wazzup.settings().fetches) else { return Ok(None) };
    let failed = |why: String| WazzupError::new("MESSAGE_DOWNLOAD_CONTENT_ERROR", format!("Content was not downloaded: {why}"));
    links::fetch(address).await.map(Some).map_err(failed)
}

/// Takes a message whose file is there. Whatever could change meanwhile is looked at again.
fn take(wazzup: &Wazzup, account: i64, body: &Value, fetched: Fetched) -> WazzupResult {
    let mut state = wazzup.state();
    let content = check(&mut state, account, body)?;
    let id = channel(&state, account, body)?;
    let Some(transport) = state.channels.get(&id).map(|channel| channel.transport) else { return Err(WazzupError::bare(400)) };
    let (kind, file) = file(&mut state, transport, &content, fetched)?;
    let (now, user) = (state.now(), admit(&mut state, id, transport, body)?);
    let message_id = uuid::Uuid::new_v4().to_string();
    let chat_id = match user.and_then(|user| state.users.get(&user)) {
        Some(user) => transport.chat_id(user),
        None => body["chatId"].as_str().or_else(|| body["phone"].as_str()).unwrap_or_default().to_owned(),
    };
    let kind = if content.template { "wapi_template" } else { kind };
    // Whoever has no account is there under the digits of the address.
    let user = user.unwrap_or_else(|| digits(&chat_id).parse().unwrap_or_default());
    let picture = kind == "image";
    let (photo, document) = if picture { (file, None) } else { (None, file) };
    let shown = Message {
        id: message_id.clone(),
        from_bot: true,
        at: now,
        text: content.text.clone(),
        photo,
        document,
        buttons: content.buttons.clone(),
        reply_to: content.quoted.clone(),
        ..Message::default()
    };
    let media = (kind != "text").then(|| kind.to_owned());
    let unique = shown.photo.as_ref().or(shown.document.as_ref()).map(|file| file.unique_id.clone());
    state.put(
        id,
        user,
        Stored {
            id: message_id.clone(),
            shown,
            arrived: false,
            deleted: false,
            kind: kind.to_owned(),
            content: content.address.clone(),
            author: None,
            template: content.template,
        },
    );
    if let Some(channel) = state.channels.get_mut(&id) {
        channel.count(user, now);
        channel.balance = channel.balance.map(|left| left.saturating_sub(1));
    }
    wazzup.ledger().accept(Accepted {
        bot: id,
        chat: user,
        reference: message_id.clone(),
        method: "POST /message",
        text: content.text,
        media,
        file_unique_id: unique,
        ..Accepted::default()
    });
    outcome::start(&mut state, &message_id);
    Ok(json!({ "messageId": message_id, "chatId": chat_id }))
}

/// The kind of a message and its file as the phone shows it, if it fits.
fn file(state: &mut State, transport: Transport, content: &Content, fetched: Fetched) -> WazzupResult<(&'static str, Option<File>)> {
    let Some(address) = &content.address else { return Ok(("text", None)) };
    let Some((data, mime)) = fetched else { return Ok((content::kind("", address), Some(content::elsewhere(address)))) };
    let kind = content::kind(&mime, address);
    let (picture, other, code) = transport.file();
    if data.len() > if kind == "image" { picture } else { other } {
        return Err(WazzupError::new(code, "Content is too large."));
    }
    if data.is_empty() {
        return Err(WazzupError::new("MESSAGES_CONTENT_CAN_NOT_BE_BLANK", "Content can not be blank."));
    }
    if transport == Transport::Instagram && kind != "image" {
        return Err(WazzupError::new("MESSAGES_UNSUPPORTED_CONTENT_TYPE_INSTAPI", "Instagram takes images only."));
    }
    let name = address.rsplit('/').next().map(str::to_owned);
    let id = unique(&data);
    let file = File::of(id.clone(), id.clone(), name.clone(), &data);
    state.files.insert(id, (data, name, Some(mime)));
    Ok((kind, Some(file)))
}

/// A message of the key's own channels that is there.
fn own(state: &State, account: i64, id: &str) -> WazzupResult<Transport> {
    let found = state.message(id).filter(|(.., stored)| stored.shown.from_bot && !stored.deleted);
    let channel = found.and_then(|(channel, ..)| state.channels.get(&channel)).filter(|channel| channel.account == account);
    channel.map(|channel| channel.transport).ok_or_else(|| WazzupError::new("MESSAGES_NOT_FOUND", "Message is not found."))
}

/// How long a message can be changed: an ordinary WhatsApp's quarter of an hour, a Telegram's two
/// days; not in the others (unconfirmed).
fn changeable(transport: Transport) -> Option<TimeDelta> {
    match transport {
        Transport::Whatsapp => Some(TimeDelta::minutes(15)),
        Transport::Telegram | Transport::Tgapi => Some(TimeDelta::hours(48)),
        _ => None,
    }
}

/// `PATCH /v3/message/{id}`.
pub(crate) fn edit(wazzup: &Wazzup, account: i64, id: &str, body: &Value) -> WazzupResult {
    let mut state = wazzup.state();
    let (now, transport) = (state.now(), own(&state, account, id)?);
    let within =
        changeable(transport).ok_or_else(|| WazzupError::new("CHANNEL_INVALID_TRANSPORT_FOR_EDITING", "Not in this transport."))?;
    let text = body["text"].as_str().filter(|text| !text.trim().is_empty()).ok_or_else(|| WazzupError::fields(&["text"]))?;
    let (most, code) = transport.text(&state.settings);
    if text.chars().count() > most {
        return Err(WazzupError::new(code, "Text is too long."));
    }
    let Some(stored) = state.message_mut(id) else { return Err(WazzupError::bare(400)) };
    if now - stored.shown.at >= within {
        return Err(WazzupError::new("MESSAGES_EDITING_TIME_EXPIRED", "The time of editing is over."));
    }
    if !stored.shown.buttons.is_empty() {
        return Err(WazzupError::new("MESSAGES_CONTAIN_BUTTONS", "The message has buttons."));
    }
    let old = std::mem::replace(&mut stored.shown.text, text.to_owned());
    stored.shown.edits += 1;
    outcome::changed(&mut state, id, "isEdited", &old);
    Ok(json!({ "messageId": id }))
}

/// `DELETE /v3/message/{id}`.
pub(crate) fn delete(wazzup: &Wazzup, account: i64, id: &str) -> WazzupResult {
    let mut state = wazzup.state();
    let (now, transport) = (state.now(), own(&state, account, id)?);
    let within =
        changeable(transport).ok_or_else(|| WazzupError::new("CHANNEL_INVALID_TRANSPORT_FOR_DELETION", "Not in this transport."))?;
    let Some(stored) = state.message_mut(id) else { return Err(WazzupError::bare(400)) };
    if now - stored.shown.at >= within {
        return Err(WazzupError::new("MESSAGES_DELETION_TIME_EXPIRED", "The time of deletion is over."));
    }
    stored.deleted = true;
    let old = stored.shown.text.clone();
    outcome::changed(&mut state, id, "isDeleted", &old);
    Ok(json!({ "messageId": id }))
}
