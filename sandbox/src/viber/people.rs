//! The other end: people with phones and what they do with them, and what Viber does to bots.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Viber,
    callbacks::Hook,
    error::Status,
    receipts,
    state::{Bot, State, Stored, user_id},
};
use crate::{
    action::ActionError,
    desk::Attachment,
    hooks::Way,
    telegram::User,
    view::{Button, File, Message, Served, find, unique},
};

const MAX_TEXT: usize = 7000;

/// What a person has Viber on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Phone {
    /// Devices; each tells its own receipts. Without one: status 11.
    pub devices: u32,
    /// The newest level of the API that the devices know; below a message's `min_api_version`:
    /// status 13.
    pub api_version: i64,
    /// Two letters.
    pub country: String,
    /// Turned off: messages wait.
    pub off: bool,
}

impl Default for Phone {
    fn default() -> Self {
        Self { devices: 1, api_version: 10, country: "BY".to_owned(), off: false }
    }
}

/// A bot of the double.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BotInfo {
    pub id: i64,
    /// The name in `viber://pa?chatURI=<uri>`.
    pub username: String,
    /// Name shown.
    pub first_name: String,
    pub webhook: Option<String>,
    /// Pushes that wait.
    pub pending: usize,
    /// Pushes that were given up.
    pub given_up: u64,
    /// Messages that were billed or counted.
    pub billed: u64,
}

/// What pressing a button did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Pressed {
    /// The client would open this page; the bot learns nothing.
    Url(String),
    /// The person's message went to the bot: its token.
    Sent(u64),
    Nothing,
}

impl Viber {
    /// Adds a bot, without broadcasts and with messages that cost nothing it could run out of. With
    /// the id of one that is there: gives it a new token.
    ///
    /// # Errors
    /// If the id is not positive, or the token is empty or another bot's.
    pub fn add_bot(&self, id: i64, token: &str, uri: &str) -> Result<(), ActionError> {
        let mut state = self.state();
        if id <= 0 || token.is_empty() || state.by_token(token).is_some_and(|other| other != id) {
            return Err(ActionError::Invalid("a bot has a positive id and a token of its own".to_owned()));
        }
        if let Some(bot) = state.bots.get_mut(&id) {
            (bot.token, bot.uri) = (token.to_owned(), uri.to_owned());
        } else {
            state.bots.insert(id, Bot::new(id, token, uri));
        }
        Ok(())
    }

    fn with_bot<T>(&self, bot: i64, change: impl FnOnce(&mut Bot) -> T) -> Result<T, ActionError> {
        self.state().bots.get_mut(&bot).map(change).ok_or(ActionError::NoBot(bot))
    }

    /// Changes the name a bot is shown by (its uri at first).
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn name_bot(&self, bot: i64, name: &str) -> Result<(), ActionError> {
        self.with_bot(bot, |bot| name.clone_into(&mut bot.name))
    }

    /// Refuses every call of a bot with this status (7 blocked, 9 suspended…); `None` ends it.
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn set_bot_trouble(&self, bot: i64, status: Option<Status>) -> Result<(), ActionError> {
        self.with_bot(bot, |bot| bot.trouble = status)
    }

    /// Whether a bot may broadcast; no bot may at first.
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn allow_broadcasts(&self, bot: i64, may: bool) -> Result<(), ActionError> {
        self.with_bot(bot, |bot| bot.broadcasts_allowed = may)
    }

    /// What a bot has left to pay messages outside sessions with.
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn set_money(&self, bot: i64, free_a_month: Option<u32>, balance: Option<u32>) -> Result<(), ActionError> {
        self.with_bot(bot, |bot| (bot.money.free_a_month, bot.money.balance) = (free_a_month, balance))
    }

    /// A bot has a webhook as if it had set it long ago, and asked for no kinds of events: it may
    /// send. Nobody is asked whether they listen there; for measurements.
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn hook(&self, bot: i64, url: &str) -> Result<(), ActionError> {
        let hook = Hook { url: url.to_owned(), types: Some(BTreeSet::new()), send_name: false, send_photo: false };
        self.with_bot(bot, |bot| bot.hook = Some(hook))
    }

    /// The bots, by id.
    #[must_use]
    pub fn bots(&self) -> Vec<BotInfo> {
        let info = |bot: &Bot| BotInfo {
            id: bot.id,
            username: bot.uri.clone(),
            first_name: bot.name.clone(),
            webhook: bot.hook.as_ref().map(|hook| hook.url.clone()),
            pending: bot.queue.len(),
            given_up: bot.given_up,
            billed: bot.money.billed,
        };
        self.quiet().bots.values().map(info).collect()
    }

    /// Sends the bot's last `count` events again. Gives how many there were.
    ///
    /// # Errors
    /// If there is no such bot.
    pub fn redeliver(&self, bot: i64, count: usize) -> Result<usize, ActionError> {
        let mut state = self.state();
        let again: Vec<(i64, Value)> =
            state.bots.get(&bot).ok_or(ActionError::NoBot(bot))?.history.iter().rev().take(count).rev().cloned().collect();
        let count = again.len();
        for (user, event) in again {
            state.send_on(bot, user, event, Way::Once);
        }
        Ok(count)
    }

    /// Every event there was for a bot, with its person, oldest first, whether or not it was taken.
    #[must_use]
    pub fn told(&self, bot: i64) -> Vec<(i64, Value)> {
        self.quiet().bots.get(&bot).map(|bot| bot.history.clone()).unwrap_or_default()
    }

    /// Pushes that wait for the webhook.
    #[must_use]
    pub fn pending(&self, bot: i64) -> usize {
        self.quiet().bots.get(&bot).map_or(0, |bot| bot.queue.len())
    }

    /// Adds a person, or replaces the one with this id (their chats stay).
    pub fn add_user(&self, user: User) {
        self.state().users.insert(user.id, user);
    }

    /// Adds many people at once.
    pub fn add_users(&self, users: impl IntoIterator<Item = User>) {
        self.state().users.extend(users.into_iter().map(|user| (user.id, user)));
    }

    /// The people, by id.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.quiet().users.values().cloned().collect()
    }

    /// What Viber calls a person towards a bot.
    #[must_use]
    pub fn user_id(&self, bot: i64, user: i64) -> String {
        user_id(bot, user)
    }

    /// Deletes a person's account: status 5.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn deactivate(&self, user: i64) -> Result<(), ActionError> {
        self.state().users.get_mut(&user).ok_or(ActionError::NoUser(user))?.deactivated = true;
        Ok(())
    }

    /// Subscribes people as if each had written long ago: no event. For audiences of thousands.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn open_chats(&self, bot: i64, users: impl IntoIterator<Item = i64>) -> Result<(), ActionError> {
        let mut state = self.state();
        for user in users {
            state.known(bot, user)?;
            let chat = state.chat_mut(bot, user);
            (chat.opened, chat.subscribed) = (true, true);
        }
        Ok(())
    }

    /// What the person has Viber on from now on; what waited for a phone that was off arrives.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn set_phone(&self, bot: i64, user: i64, phone: Phone) -> Result<(), ActionError> {
        let mut state = self.state();
        state.known(bot, user)?;
        let chat = state.chat_mut(bot, user);
        chat.phone = phone;
        let waiting: Vec<u64> = chat.messages.iter().filter(|stored| !stored.arrived).map(|stored| stored.token).collect();
        for token in waiting {
            receipts::start(&mut state, bot, user, token);
        }
        Ok(())
    }

    /// Refuses every message to a person with this status (5, 11, 21…); `None` ends it.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn set_trouble(&self, bot: i64, user: i64, status: Option<Status>) -> Result<(), ActionError> {
        let mut state = self.state();
        state.known(bot, user)?;
        state.chat_mut(bot, user).trouble = status;
        Ok(())
    }

    /// A message that was taken fails after all: it is not on the phone, and `failed` is told.
    ///
    /// # Errors
    /// If there is no such message.
    pub fn fail_message(&self, bot: i64, user: i64, token: u64, why: &str) -> Result<(), ActionError> {
        let mut state = self.state();
        state.stored_mut(bot, user, token).ok_or_else(|| ActionError::no_message(token))?;
        receipts::fail(&mut state, bot, user, token, why);
        Ok(())
    }

    /// The person opens the chat, perhaps by a link with a context: `conversation_started`, which
    /// the bot may answer with a welcome.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn open(&self, bot: i64, user: i64, context: Option<&str>) -> Result<(), ActionError> {
        let mut state = self.state();
        state.known(bot, user)?;
        let now = state.now();
        let chat = state.chat_mut(bot, user);
        chat.opened = true;
        if !chat.subscribed {
            chat.welcome_since = Some(now);
        }
        let mut more = json!({ "type": "open", "subscribed": chat.subscribed });
        if let Some(context) = context {
            more["context"] = json!(context);
        }
        more["user"] = state.shown(bot, user);
        state.tell(bot, user, "conversation_started", more);
        Ok(())
    }

    /// The person presses the action that subscribes; `false` if subscribed already.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn subscribe(&self, bot: i64, user: i64) -> Result<bool, ActionError> {
        let mut state = self.state();
        state.known(bot, user)?;
        let chat = state.chat_mut(bot, user);
        chat.opened = true;
        let change = !std::mem::replace(&mut chat.subscribed, true);
        if change {
            let shown = state.shown(bot, user);
            state.tell(bot, user, "subscribed", json!({ "user": shown }));
        }
        Ok(change)
    }

    /// The person stops the bot's messages; `false` if not subscribed.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn unsubscribe(&self, bot: i64, user: i64) -> Result<bool, ActionError> {
        let mut state = self.state();
        state.known(bot, user)?;
        let change = std::mem::take(&mut state.chat_mut(bot, user).subscribed);
        if change {
            state.tell(bot, user, "unsubscribed", json!({ "user_id": user_id(bot, user) }));
        }
        Ok(change)
    }

    /// The person writes, which subscribes without an event of its own; gives the token.
    ///
    /// # Errors
    /// If there is no such bot or person, or the text is empty or over 7000 characters.
    pub fn send_text(&self, bot: i64, user: i64, text: &str) -> Result<u64, ActionError> {
        if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
            return Err(ActionError::Invalid("a message has 1–7000 characters".to_owned()));
        }
        let shown = Message { text: text.to_owned(), ..Message::default() };
        self.say(bot, user, shown, json!({ "type": "text", "text": text }), false)
    }

    /// The person shares their number.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn share_contact(&self, bot: i64, user: i64) -> Result<u64, ActionError> {
        let person = self.quiet().users.get(&user).cloned().ok_or(ActionError::NoUser(user))?;
        let digits: String = person.phone.chars().filter(char::is_ascii_digit).collect();
        let contact = json!({ "name": person.first_name, "phone_number": digits, "avatar": "" });
        let shown = Message { contact: Some(digits), ..Message::default() };
        self.say(bot, user, shown, json!({ "type": "contact", "text": "", "contact": contact }), false)
    }

    /// The person sends a picture or a file; gives the token.
    ///
    /// # Errors
    /// If there is no such bot or person, or the file is empty.
    pub fn send_file(&self, bot: i64, user: i64, file: Attachment) -> Result<u64, ActionError> {
        if file.data.is_empty() {
            return Err(ActionError::Invalid("the file is empty".to_owned()));
        }
        let id = unique(&file.data);
        let kept = File::of(id.clone(), id.clone(), Some(file.name.clone()), &file.data);
        let address = format!("{}/files/{id}", self.url().trim_end_matches("/pa"));
        let message = json!({ "type": if file.photo { "picture" } else { "file" }, "media": address, "file_name": file.name,
            "size": file.data.len(), "text": file.caption });
        let (photo, document) = if file.photo { (Some(kept), None) } else { (None, Some(kept)) };
        self.quiet().files.insert(id, (file.data, Some(file.name), file.mime));
        self.say(bot, user, Message { text: file.caption, photo, document, ..Message::default() }, message, false)
    }

    /// The person presses a button: of the keyboard, or of rich media.
    ///
    /// # Errors
    /// If no button has these characters.
    pub fn press_text(&self, bot: i64, user: i64, text: &str) -> Result<Pressed, ActionError> {
        let chat = self.chat(bot, user);
        let under = chat.messages.iter().rev().filter_map(|message| message.button(text)).next();
        let found = find(&chat.keyboard, text).or(under).map(|(.., button)| button.clone());
        self.push_button(bot, user, &found.ok_or_else(|| ActionError::NoButton(format!("{text:?} in the chat")))?)
    }

    /// The person presses a button of rich media.
    ///
    /// # Errors
    /// If there is no such message or button.
    pub fn press(&self, bot: i64, user: i64, token: u64, row: usize, column: usize) -> Result<Pressed, ActionError> {
        let message = self.message(bot, user, token).ok_or_else(|| ActionError::no_message(token))?;
        let button = message.buttons.get(row).and_then(|row| row.get(column));
        self.push_button(bot, user, button.ok_or_else(|| ActionError::NoButton(format!("row {row}, column {column}")))?)
    }

    fn push_button(&self, bot: i64, user: i64, button: &Button) -> Result<Pressed, ActionError> {
        let (action, silent) = button.kind.split_once(' ').map_or((button.kind.as_str(), false), |(action, _)| (action, true));
        let body = button.data.clone().unwrap_or_default();
        Ok(match action {
            "open-url" => Pressed::Url(button.url.clone().unwrap_or_default()),
            "share-phone" => Pressed::Sent(self.share_contact(bot, user)?),
            "location-picker" => {
                let place = json!({ "type": "location", "location": { "lat": 53.9, "lon": 27.56 } });
                Pressed::Sent(self.say(bot, user, Message { text: "53.9, 27.56".to_owned(), ..Message::default() }, place, false)?)
            }
            "none" => Pressed::Nothing,
            _ => {
                let shown = Message { text: body.clone(), ..Message::default() };
                Pressed::Sent(self.say(bot, user, shown, json!({ "type": "text", "text": body }), silent)?)
            }
        })
    }

    /// The person opens the chat and sees everything that arrived. Gives how many messages were
    /// unread.
    ///
    /// # Errors
    /// If there is no such bot or person.
    pub fn read(&self, bot: i64, user: i64) -> Result<usize, ActionError> {
        let mut state = self.state();
        state.known(bot, user)?;
        let unread: Vec<u64> =
            state.chat(bot, user).into_iter().flat_map(|chat| &chat.messages).filter(|one| is_unread(one)).map(|one| one.token).collect();
        for token in &unread {
            receipts::see(&mut state, bot, user, *token);
        }
        Ok(unread.len())
    }

    /// A file by its id, whoever sent it.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<Served> {
        self.quiet().files.get(id).cloned()
    }

    /// A message of the person's, told to the bot; gives its token. One that is silent is not in
    /// the chat.
    fn say(&self, bot: i64, user: i64, shown: Message, mut message: Value, silent: bool) -> Result<u64, ActionError> {
        let mut state = self.state();
        state.known(bot, user)?;
        let (now, settings, token) = (state.now(), state.settings.clone(), state.token());
        let chat = state.chat_mut(bot, user);
        (chat.opened, chat.subscribed, chat.welcome_since) = (true, true, None);
        chat.unanswered = crate::window::Window::default();
        chat.session.word(&settings, now);
        if let Some(tracking) = chat.tracking.take() {
            message["tracking_data"] = json!(tracking);
        }
        if !silent {
            let shown = Message { id: token.to_string(), at: now, read: true, ..shown };
            chat.messages.push(Stored { token, shown, arrived: true, keyboard: None });
        }
        let sender = state.shown(bot, user);
        state.tell(bot, user, "message", json!({ "message_token": token, "sender": sender, "message": message, "silent": silent }));
        Ok(token)
    }
}

/// Whether the person has not seen it and could.
pub(crate) fn is_unread(stored: &Stored) -> bool {
    stored.shown.from_bot && stored.arrived && !stored.shown.read
}

impl State {
    /// The bot's newest keyboard: a message without one takes it away.
    pub(crate) fn keyboard(&self, bot: i64, user: i64) -> Option<&Value> {
        let newest = self.chat(bot, user)?.messages.iter().rev().find(|stored| stored.shown.from_bot && stored.arrived);
        newest?.keyboard.as_ref()
    }
}
