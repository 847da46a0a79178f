//! The one place that draws: sends or edits in place, answers presses, deletes messages with
//! secrets.

use std::time::Duration;

use mms_core::{channel::telegram, notice};
use serde_json::{Value, json};

use crate::frame::{
    api::{Api, ApiError},
    cards,
    cx::Cx,
    error::BotError,
    fit,
    reply::Reply,
    screen::{Action, Button, Screen},
};

/// The message a press came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    pub message: i32,
    /// It carries a file; a text cannot be edited into it, nor the other way round.
    pub media: bool,
    /// Too old to be edited.
    pub stale: bool,
}

/// What came in, as far as drawing is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incoming {
    /// The card a press came from.
    pub origin: Option<Origin>,
    /// What to answer the press by.
    pub query: Option<String>,
    /// The message that was typed.
    pub typed: Option<i32>,
    /// The message with the question that it answers.
    pub answers: Option<i32>,
}

/// Does what a handler wants done; the message in which its screen was drawn, if there is one.
///
/// # Errors
/// Telegram's; the database's.
pub async fn perform(cx: &Cx, incoming: &Incoming, mut reply: Reply) -> Result<Option<i32>, BotError> {
    let bot = &cx.deps.bot;
    // What was typed has no press to say a sentence over: it becomes the first line of the card.
    if let (None, Some(toast)) = (&incoming.query, &reply.toast) {
        reply.screen = reply.screen.map(|screen| screen.under(toast));
    }
    // Over a chat a longer sentence would lose its end, which says what to do.
    if incoming.query.is_some() && reply.toast.as_ref().is_some_and(|toast| toast.chars().count() > OVER_CHAT) {
        below(&mut reply);
    }
    if let (true, Some(message)) = (reply.forget_input, incoming.typed) {
        delete(bot, cx.chat, message).await;
    }
    // The press beside the card: until it is answered the member's client shows a spinner, and
    // neither waits for the other.
    let answered = async {
        if let Some(query) = &incoming.query {
            answer(bot, query, reply.toast.as_deref(), reply.alert).await;
        }
    };
    let ((), drawn) = tokio::join!(answered, draw(cx, incoming, &reply));
    let drawn = drawn?;
    for screen in &reply.after {
        if let Err(error) = put(bot, cx.chat, screen).await {
            keep_for_later(cx, screen, error)?;
        }
    }
    Ok(drawn)
}

/// Characters of a sentence over the chat (contracts/messengers/telegram.md, 2).
const OVER_CHAT: usize = 200;

/// Says the sentence in the chat and not over it: above the screen, or below one that has no room
/// for it or that draws itself anew.
fn below(reply: &mut Reply) {
    let Some(sentence) = reply.toast.take() else { return };
    reply.alert = false;
    match reply.screen.take() {
        Some(screen) if reply.live.is_none() && screen.has_room(&sentence) => reply.screen = Some(screen.under(&sentence)),
        screen => {
            reply.screen = screen;
            reply.after.insert(0, Screen::new(mms_core::text::escape(&sentence)));
        }
    }
}

/// A file that a limit of Telegram's stopped is sent after the wait, beside what the member does
/// meanwhile; another failure stays one.
fn keep_for_later(cx: &Cx, screen: &Screen, error: ApiError) -> Result<(), ApiError> {
    let (ApiError::Limited(wait), Some(_)) = (&error, &screen.media) else { return Err(error) };
    let (deps, chat, screen, mut wait) = (cx.deps.clone(), cx.chat, screen.clone(), *wait);
    deps.chats.hold(chat, wait);
    let later = deps.chats.later.clone();
    later.spawn(async move {
        let mut left = FILE_PATIENCE;
        while let Some(rest) = left.checked_sub(wait) {
            left = rest;
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = deps.bot.ending() => break,
            }
            match send_once(&deps.bot, chat, &screen).await {
                Ok(_) => return,
                Err(ApiError::Limited(again)) => {
                    deps.chats.hold(chat, again);
                    wait = again;
                }
                Err(error) => return tracing::warn!(%error, "a file that waited for Telegram's limit was not sent"),
            }
        }
        tracing::warn!("a file that waited for Telegram's limit was not sent: it does not end, or the process does");
    });
    Ok(())
}

/// Draws the reply's screen, or its sentence where there is nothing to say it over.
async fn draw(cx: &Cx, incoming: &Incoming, reply: &Reply) -> Result<Option<i32>, BotError> {
    let bot = &cx.deps.bot;
    let Some(screen) = &reply.screen else {
        if let (None, Some(toast)) = (&incoming.query, &reply.toast) {
            send(bot, cx.chat, &Screen::new(mms_core::text::escape(toast))).await?;
        }
        return Ok(None);
    };
    let origin = incoming.origin.filter(|_| !reply.anew);
    // A live card in this message is forgotten first, and is not drawn while the screen takes its
    // place.
    let _turn = cx.deps.turns.take(cx.chat).await;
    let card = match origin {
        Some(origin) => {
            notice::release(&cx.deps.store, cx.chat, i64::from(origin.message)).await?;
            cards::detach(cx, origin.message).await?
        }
        None => None,
    };
    let message = match (show(bot, cx.chat, origin, screen).await, card) {
        (Ok(message), _) => message,
        (Err(error), card) => {
            if let Some(card) = card {
                cards::put_back(cx, &card).await?;
            }
            keep_for_later(cx, screen, error)?;
            return Ok(None);
        }
    };
    cx.deps.ways.drew(cx.chat, message, incoming.origin.map(|origin| origin.message).or(incoming.answers), screen);
    if let Some((kind, subject)) = &reply.live {
        cards::attach(cx, message, kind, *subject).await?;
    }
    if let Some(only) = &reply.only {
        for former in cards::only(cx, message, only).await? {
            delete(bot, cx.chat, former).await;
        }
    }
    Ok(Some(message))
}

/// An answered question loses its buttons: what they offered is decided. Nobody waits for it when
/// Telegram is busy.
pub async fn answered(cx: &Cx, question: i32) {
    let body = bare(cx.chat, question);
    let Err(ApiError::Limited(wait)) = cx.deps.bot.call_once(STRIP, &body).await else { return };
    let (deps, later) = (cx.deps.clone(), cx.deps.chats.later.clone());
    later.spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = deps.bot.ending() => return,
        }
        if let Err(error) = deps.bot.call_once(STRIP, &body).await {
            tracing::debug!(%error, "an answered question kept its buttons");
        }
    });
}

/// Sends a screen; a text waits for a limit to end, a file that a limit stops is the caller's to
/// keep for later, so that nothing of the member's waits for it.
async fn put(bot: &Api, chat: i64, screen: &Screen) -> Result<i32, ApiError> {
    if screen.media.is_some() { send_once(bot, chat, screen).await } else { send(bot, chat, screen).await }
}

/// Shows a screen in place of `origin` where that can be done, else as a new message; gives the
/// message's id.
///
/// # Errors
/// Telegram's.
pub async fn show(bot: &Api, chat: i64, origin: Option<Origin>, screen: &Screen) -> Result<i32, ApiError> {
    let Some(origin) = origin else { return put(bot, chat, screen).await };
    if !origin.stale && !origin.media && screen.media.is_none() {
        return match edit(bot, chat, origin.message, screen).await {
            Ok(()) => Ok(origin.message),
            Err(error) if lost(&error) => put(bot, chat, screen).await,
            Err(error) => Err(error),
        };
    }
    let sent = put(bot, chat, screen).await?;
    if screen.media.is_none() || !origin.media {
        // The old card would stay behind with live buttons; a file that was sent stays, without
        // them.
        if origin.media {
            strip(bot, chat, origin.message).await;
        } else {
            delete(bot, chat, origin.message).await;
        }
    }
    Ok(sent)
}

/// Edits a text message; an unchanged one is a success.
///
/// # Errors
/// Telegram's.
pub async fn edit(bot: &Api, chat: i64, message: i32, screen: &Screen) -> Result<(), ApiError> {
    edited(bot.call(EDIT, &edit_body(chat, message, screen)).await)
}

/// Edits a live card: as [`edit`], but a limit is not waited out, for the member's own screens wait
/// behind it.
///
/// # Errors
/// Telegram's.
pub async fn redraw(bot: &Api, chat: i64, message: i32, screen: &Screen) -> Result<(), ApiError> {
    edited(bot.call_once(EDIT, &edit_body(chat, message, screen)).await)
}

const EDIT: &str = "editMessageText";

fn edit_body(chat: i64, message: i32, screen: &Screen) -> Value {
    let mut body = text_body(chat, screen);
    body["message_id"] = json!(message);
    body
}

fn edited(answer: Result<Value, ApiError>) -> Result<(), ApiError> {
    match answer {
        Ok(_) => Ok(()),
        Err(error) if error.says("message is not modified") => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether a message cannot be edited any more.
#[must_use]
pub fn lost(error: &ApiError) -> bool {
    ["message to edit not found", "message can't be edited", "there is no text in the message", "message_id_invalid"]
        .iter()
        .any(|words| error.says(words))
}

/// How long a file waits for a limit of Telegram's to end.
const FILE_PATIENCE: Duration = Duration::from_secs(3_600);

/// Sends a screen as a new message, after a limit of Telegram's; gives its id.
///
/// # Errors
/// Telegram's.
pub async fn send(bot: &Api, chat: i64, screen: &Screen) -> Result<i32, ApiError> {
    bot.patiently(|| send_once(bot, chat, screen)).await
}

/// The same, but a limit is the caller's to wait for.
///
/// # Errors
/// Telegram's.
pub async fn send_once(bot: &Api, chat: i64, screen: &Screen) -> Result<i32, ApiError> {
    let answer = match &screen.media {
        None => bot.call_once("sendMessage", &text_body(chat, screen)).await?,
        Some(media) => {
            let (method, field) = telegram::sending(media.kind);
            let mut fields = vec![("chat_id", chat.to_string())];
            if !screen.html.is_empty() && media.kind.has_caption() {
                fields.push(("caption", held(&screen.html, fit::CAPTION).into_owned()));
                fields.push(("parse_mode", "HTML".to_owned()));
            }
            if !screen.keyboard.is_empty() {
                fields.push(("reply_markup", keyboard(&screen.keyboard).to_string()));
            }
            bot.upload_once(method, &fields, field, media).await?
        }
    };
    // A message id always fits: Telegram counts per chat from 1.
    Ok(answer["message_id"].as_i64().and_then(|id| i32::try_from(id).ok()).unwrap_or_default())
}

/// The last guard: a screen that is too long after all is shown as far as a message holds, and not
/// refused.
fn held(html: &str, most: usize) -> std::borrow::Cow<'_, str> {
    let fitted = fit::fitted(html, most);
    if fitted != html {
        tracing::error!(length = html.len(), most, "a screen is longer than a message holds");
    }
    fitted
}

fn text_body(chat: i64, screen: &Screen) -> Value {
    let mut body = json!({
        "chat_id": chat, "text": held(&screen.html, fit::TEXT), "parse_mode": "HTML", "link_preview_options": { "is_disabled": true },
    });
    body["reply_markup"] = keyboard(&screen.keyboard);
    body
}

fn keyboard(rows: &[Vec<Button>]) -> Value {
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|button| match &button.action {
                    Action::Call(call) => json!({ "text": button.text, "callback_data": call.wire }),
                    Action::Url(url) => json!({ "text": button.text, "url": url }),
                    Action::Copy(words) => json!({ "text": button.text, "copy_text": { "text": words } }),
                })
                .collect()
        })
        .collect();
    json!({ "inline_keyboard": rows })
}

/// Answers a press; one that is too old is of no interest.
pub async fn answer(bot: &Api, query: &str, toast: Option<&str>, alert: bool) {
    let text: String = toast.unwrap_or_default().chars().take(OVER_CHAT).collect();
    let body = json!({ "callback_query_id": query, "text": text, "show_alert": alert });
    if let Err(error) = bot.call("answerCallbackQuery", &body).await
        && !error.says("query is too old")
    {
        tracing::warn!(%error, "a press could not be answered");
    }
}

/// Deletes a message (one with a password in it, a card that is replaced).
pub async fn delete(bot: &Api, chat: i64, message: i32) {
    if let Err(error) = bot.call("deleteMessage", &json!({ "chat_id": chat, "message_id": message })).await {
        tracing::warn!(%error, "a message could not be deleted");
    }
}

const STRIP: &str = "editMessageReplyMarkup";

/// A message without buttons.
fn bare(chat: i64, message: i32) -> Value {
    json!({ "chat_id": chat, "message_id": message, "reply_markup": { "inline_keyboard": [] } })
}

/// Takes the buttons off a message.
async fn strip(bot: &Api, chat: i64, message: i32) {
    if let Err(error) = bot.call(STRIP, &bare(chat, message)).await
        && !error.says("message is not modified")
    {
        tracing::debug!(%error, "a card's buttons could not be taken off");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The end of a longer sentence, which says what to do, was cut off.
    #[test]
    fn a_long_sentence_is_said_in_the_chat() {
        let long = "а".repeat(OVER_CHAT + 1);
        let mut card = Reply::screen(Screen::new("card")).warning(&long);
        below(&mut card);
        assert_eq!((card.screen.map(|screen| screen.html), card.toast, card.alert), (Some(format!("<i>{long}</i>\n\ncard")), None, false));
        // A card that draws itself anew would lose it; where there is none it is a message.
        for mut reply in [Reply::screen(Screen::new("card")).live("x", uuid::Uuid::nil()).warning(&long), Reply::alert(&long)] {
            let before = reply.screen.clone();
            below(&mut reply);
            assert_eq!((reply.screen, reply.after.len(), reply.after[0].html.as_str()), (before, 1, long.as_str()));
        }
    }

    #[test]
    fn a_screen_that_is_too_long_is_shown_as_far_as_a_message_holds() {
        let body = text_body(1, &Screen::new(format!("<b>{}</b>", "&amp;".repeat(5_000))));
        assert_eq!(fit::shown(body["text"].as_str().unwrap_or_default()), fit::TEXT);
    }
}
