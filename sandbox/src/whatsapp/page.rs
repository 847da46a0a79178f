//! WhatsApp as the page with phones sees it, under `/sandbox/whatsapp/phone`: numbers as bots,
//! people and chats in the page's words. What the business side does has its own surface
//! (`control`).

use serde_json::{Value, json};

use super::{Attachment, Message, Shown, Status, WhatsApp, content::Button};
use crate::{
    action::ActionError,
    desk::{self, Act, Desk, unknown},
    ledger::Ledger,
    telegram::User,
    view::{self, ChatView, File, Served},
};

/// Whoever is made elsewhere.
fn elsewhere(what: &str) -> ActionError {
    ActionError::Invalid(format!("{what} under /sandbox/whatsapp"))
}

fn shown(button: &Button) -> view::Button {
    let opens = |kind: &str| button.opens.clone().filter(|_| button.kind == kind);
    view::Button {
        text: button.text.clone(),
        kind: button.kind.to_owned(),
        data: button.payload.clone(),
        url: opens("url").or_else(|| opens("phone_number").map(|phone| format!("tel:{phone}"))),
        copy: opens("copy_code"),
        ..view::Button::default()
    }
}

/// Header, body and footer, one under the other.
fn whole(shown: &Shown) -> String {
    let parts = [shown.header.as_deref(), Some(shown.text.as_str()), shown.footer.as_deref()];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

impl WhatsApp {
    fn in_words_of_the_page(&self, message: &Message) -> view::Message {
        let kept = message.shown.media.and_then(|id| Some((id, self.file(id)?)));
        let file = kept.map(|(id, (data, name, _))| File::of(id.to_string(), view::unique(&data), name, &data));
        let picture = matches!(message.shown.media_kind.as_deref(), Some("image" | "sticker"));
        let (photo, document) = if picture { (file, None) } else { (None, file) };
        view::Message {
            id: message.wamid.clone(),
            from_bot: message.from_business,
            at: message.at,
            text: whole(&message.shown),
            photo,
            document,
            // WhatsApp shows each under the other.
            buttons: message.shown.buttons.iter().map(|button| vec![shown(button)]).collect(),
            reply_to: message.context.clone(),
            read: message.status == Status::Read,
            ..view::Message::default()
        }
    }
}

impl Desk for WhatsApp {
    fn witness(&self) -> &Ledger {
        self.ledger()
    }

    fn bots_shown(&self) -> Value {
        let numbers = self.numbers();
        json!(numbers.iter().map(|one| json!({ "id": one.id, "username": one.phone, "first_name": one.name })).collect::<Vec<_>>())
    }

    fn new_bot(&self, _: Value) -> Result<Value, ActionError> {
        Err(elsewhere("numbers are added"))
    }

    fn of_bot(&self, _: i64, _: &str, _: Value) -> Result<Value, ActionError> {
        Err(elsewhere("numbers are changed"))
    }

    fn people_shown(&self) -> Value {
        let people = self.people();
        json!(people.iter().map(|one| User::new(one.id, &one.name, &one.phone)).collect::<Vec<_>>())
    }

    fn new_person(&self, _: User) -> Result<(), ActionError> {
        Err(elsewhere("people are added"))
    }

    fn of_person(&self, _: i64, _: &str, _: Value) -> Result<Value, ActionError> {
        Err(elsewhere("people are changed"))
    }

    fn chat_shown(&self, bot: i64, user: i64) -> Value {
        let chat = self.chat(bot, user);
        let unread = chat.messages.iter().filter(|one| one.from_business && one.status == Status::Delivered).count();
        json!(ChatView {
            bot,
            user,
            // Anybody may write to a number.
            started: true,
            blocked: chat.blocked,
            messages: chat.messages.iter().filter(|one| one.shown.kind != "reaction").map(|one| self.in_words_of_the_page(one)).collect(),
            unread,
            version: chat.version,
            ..ChatView::default()
        })
    }

    fn message_shown(&self, _: i64, _: i64, message: &str) -> Option<Value> {
        self.message(message).map(|message| json!(self.in_words_of_the_page(&message)))
    }

    fn act(&self, bot: i64, user: i64, action: &str, act: Act) -> Result<Value, ActionError> {
        Ok(match action {
            "text" => json!({ "message": match &act.reply_to {
                Some(to) => self.reply(bot, user, to, &act.text)?,
                None => self.write(bot, user, &act.text)?,
            }}),
            "press" => {
                let shown = self.message(&act.message).ok_or_else(|| ActionError::no_message(&act.message))?;
                let button = shown.shown.buttons.get(act.row).ok_or_else(|| ActionError::NoButton(format!("row {}", act.row)))?;
                json!({ "message": self.press(bot, user, &act.message, &button.text)? })
            }
            "read" => json!({ "read": self.read(bot, user)? }),
            "block" => json!(self.block(bot, user)?),
            "unblock" => json!(self.unblock(bot, user)?),
            _ => return Err(unknown("people", action, "text, press, file, read, block, unblock")),
        })
    }

    fn attach(&self, bot: i64, user: i64, file: desk::Attachment) -> Result<Value, ActionError> {
        let kind = file.kind.unwrap_or_else(|| if file.photo { "image" } else { "document" }.to_owned());
        let mime = file.mime.unwrap_or_else(|| "application/octet-stream".to_owned());
        Ok(json!(self.send_file(bot, user, Attachment { name: file.name, mime, data: file.data, kind, caption: file.caption })?))
    }

    fn answer_to(&self, _: &str) -> Value {
        Value::Null
    }

    fn stored(&self, file: &str) -> Option<Served> {
        self.file(file.parse().ok()?).map(|(data, name, mime)| (data, name, Some(mime)))
    }

    fn shown_settings(&self) -> Value {
        json!(self.settings())
    }

    fn put_settings(&self, _: Value) -> Result<(), ActionError> {
        Err(elsewhere("settings are changed"))
    }
}
