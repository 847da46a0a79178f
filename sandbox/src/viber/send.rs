//! `send_message` and `broadcast_message` (contract, 2.2 and 2.4).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Viber,
    content::Content,
    error::{ViberError, ViberResult},
    money,
    receipts::{self, Event},
    state::{HOST, State, Stored},
};
use crate::{
    ledger::{Accepted, Ledger},
    links,
};

/// People of one broadcast.
const MOST: usize = 300;
const HOUR: TimeDelta = TimeDelta::hours(1);

/// `send_message`.
pub(crate) fn message(viber: &Viber, bot: i64, body: &Value) -> ViberResult {
    let mut state = viber.state();
    let now = state.now();
    let limit = state.settings.per_second;
    let found = state.bot_mut(bot)?;
    if !found.sends.take(limit, TimeDelta::seconds(1), now) {
        return Err(ViberError::new(12));
    }
    let content = Content::read(&state, body)?;
    webhook(&mut state, bot)?;
    let receiver = body["receiver"].as_str().filter(|id| !id.is_empty()).ok_or_else(|| ViberError::missing("receiver"))?;
    let user = state.by_id(bot, receiver).ok_or_else(|| ViberError::new(5))?;
    let billing = admit(&mut state, bot, user, &content)?;
    let token = state.token();
    accept(viber, &mut state, bot, user, token, &content, "send_message");
    Ok(json!({ "message_token": token, "chat_hostname": HOST, "billing_status": billing }))
}

fn webhook(state: &mut State, bot: i64) -> ViberResult<()> {
    if state.bot_mut(bot)?.hook.is_none() { Err(ViberError::new(10)) } else { Ok(()) }
}

/// Whether this person takes this message now; gives its `billing_status`.
fn admit(state: &mut State, bot: i64, user: i64, content: &Content) -> ViberResult<u8> {
    let (now, settings) = (state.now(), state.settings.clone());
    if state.users.get(&user).is_none_or(|person| person.deactivated) {
        return Err(ViberError::new(5));
    }
    let chat = state.chat_mut(bot, user);
    if let Some(status) = chat.trouble {
        return Err(ViberError::new(status));
    }
    let within = TimeDelta::seconds(i64::try_from(settings.welcome_seconds).unwrap_or(i64::MAX / 1000));
    let welcome = chat.welcome_since.is_some_and(|since| now - since < within);
    if !chat.subscribed && !welcome {
        return Err(ViberError::new(6));
    }
    if chat.phone.devices == 0 {
        return Err(ViberError::new(11));
    }
    if chat.phone.api_version < content.least {
        return Err(ViberError::new(13));
    }
    if settings.unanswered.is_some_and(|most| chat.unanswered.count(HOUR, now) >= most) {
        return Err(ViberError::new(12));
    }
    let Some((bot, chat)) = state.bots.get_mut(&bot).zip(state.dialogues.get_mut(&(bot, user))) else { return Err(ViberError::new(8)) };
    let billing = money::pay(&mut bot.money, &mut chat.session, &settings, now)?;
    chat.unanswered.note(now);
    chat.welcome_since = None;
    Ok(billing)
}

/// A message that was taken: into the chat, into the ledger, and on its way.
fn accept(viber: &Viber, state: &mut State, bot: i64, user: i64, token: u64, content: &Content, method: &'static str) {
    put(state, bot, user, token, content);
    note(viber.ledger(), bot, user, token, content, method);
    let now = state.now();
    let address = content.media.as_ref().map(|(address, ..)| address.clone()).filter(|_| state.settings.fetches);
    let here = address.filter(|address| url::Url::parse(address).is_ok_and(|address| links::is_loopback(&address)));
    match here {
        None => receipts::start(state, bot, user, token),
        Some(address) => {
            let viber = viber.clone();
            tokio::spawn(async move {
                let fetched = links::fetch(&address).await;
                let mut state = viber.state();
                match fetched {
                    Ok((data, mime)) => receipts::fetched(&mut state, bot, user, token, address, data, mime),
                    Err(why) => state.agenda.put(now, Event::Failed { bot, user, token, why: format!("media was not fetched: {why}") }),
                }
            });
        }
    }
}

/// Puts a message into a chat; it is not on the phone yet.
pub(crate) fn put(state: &mut State, bot: i64, user: i64, token: u64, content: &Content) {
    let shown = content.message(token, state.now());
    let chat = state.chat_mut(bot, user);
    if content.tracking.is_some() {
        chat.tracking.clone_from(&content.tracking);
    }
    chat.messages.push(Stored { token, shown, arrived: false, keyboard: content.keyboard.clone() });
}

fn note(ledger: &Ledger, bot: i64, user: i64, token: u64, content: &Content, method: &'static str) {
    ledger.accept(Accepted {
        bot,
        chat: user,
        message_id: i64::try_from(token).unwrap_or_default(),
        reference: token.to_string(),
        method,
        text: content.text.clone(),
        media: (content.kind != "text").then(|| content.kind.clone()),
        file_unique_id: content.media.as_ref().map(|(address, ..)| address.clone()),
        ..Accepted::default()
    });
}

/// `broadcast_message`: one token for all; whoever is not in `failed_list` was taken.
pub(crate) fn broadcast(viber: &Viber, bot: i64, body: &Value) -> ViberResult {
    let mut state = viber.state();
    let (now, settings) = (state.now(), state.settings.clone());
    let found = state.bot_mut(bot)?;
    if !found.broadcasts.take(settings.broadcasts, TimeDelta::seconds(10), now) {
        return Err(ViberError::new(12));
    }
    if !found.broadcasts_allowed {
        return Err(ViberError::new(settings.no_broadcast));
    }
    let content = Content::read(&state, body)?;
    webhook(&mut state, bot)?;
    let list = body["broadcast_list"].as_array().ok_or_else(|| ViberError::missing("broadcast_list"))?;
    if list.is_empty() || list.len() > MOST {
        return Err(ViberError::bad(format!("broadcast_list has 1-{MOST} people")));
    }
    let token = state.token();
    let mut failed = Vec::new();
    for receiver in list {
        let id = receiver.as_str().unwrap_or_default();
        let user = state.by_id(bot, id);
        let admitted = user.ok_or_else(|| ViberError::new(5)).and_then(|user| admit(&mut state, bot, user, &content).map(|_| user));
        match admitted {
            Ok(user) => {
                let name = state.users.get(&user).map(|person| person.first_name.clone()).unwrap_or_default();
                accept(viber, &mut state, bot, user, token, &content.for_one(id, &name), "broadcast_message");
            }
            Err(error) => {
                viber.ledger().refuse(bot, user, "broadcast_message", u16::try_from(error.status).unwrap_or(u16::MAX), &error.message);
                failed.push(json!({ "receiver": id, "status": error.status, "status_message": error.message }));
            }
        }
    }
    Ok(json!({ "message_token": token, "failed_list": failed }))
}
