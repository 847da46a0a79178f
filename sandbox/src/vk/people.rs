//! The other end: people with phones and what they do with them, and the people of the community.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    CommunityInfo, Vk,
    callback::Hooked,
    state::{Community, RIGHTS, State, Stored},
};
use crate::{action::ActionError, desk::Attachment, telegram::User, view::Served};

/// Characters of what a person writes.
const MAX_TEXT: usize = 4096;

/// What a link told: `vk.me/<community>?ref=…&ref_source=…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Visit {
    /// `ref`.
    pub label: String,
    /// `ref_source`.
    pub source: Option<String>,
}

impl Vk {
    /// Adds a community with a token of every right, bots switched on. With the id of one that is
    /// there: gives it a new token, and the old one is refused from now on.
    ///
    /// # Errors
    /// If the id is not positive, or the token is empty or another community's.
    pub fn add_community(&self, id: i64, token: &str, screen_name: &str) -> Result<(), ActionError> {
        let mut state = self.state();
        let taken = state.communities.values().any(|one| one.id != id && one.token == token);
        if id <= 0 || token.is_empty() || taken {
            return Err(ActionError::Invalid("a community has a positive id and a token of its own".to_owned()));
        }
        if let Some(community) = state.communities.get_mut(&id) {
            (community.token, community.screen_name, community.revoked) = (token.to_owned(), screen_name.to_owned(), false);
        } else {
            state.communities.insert(id, Community::new(id, token, screen_name));
        }
        Ok(())
    }

    fn with_community<T>(&self, id: i64, change: impl FnOnce(&mut Community) -> T) -> Result<T, ActionError> {
        self.state().communities.get_mut(&id).map(change).ok_or(ActionError::NoBot(id))
    }

    /// Changes the name a community is shown by (its screen name at first).
    ///
    /// # Errors
    /// If there is no such community.
    pub fn name_community(&self, group: i64, name: &str) -> Result<(), ActionError> {
        self.with_community(group, |community| name.clone_into(&mut community.name))
    }

    /// Revokes a community's token: error 5.
    ///
    /// # Errors
    /// If there is no such community.
    pub fn revoke(&self, group: i64) -> Result<(), ActionError> {
        self.with_community(group, |community| community.revoked = true)
    }

    /// What the token is for from now on: of `messages`, `manage`, `photos`, `docs`.
    ///
    /// # Errors
    /// If there is no such community or right.
    pub fn set_rights(&self, group: i64, rights: &[&str]) -> Result<(), ActionError> {
        if let Some(unknown) = rights.iter().find(|right| !RIGHTS.contains(right)) {
            return Err(ActionError::Invalid(format!("there is no right {unknown}: {}", RIGHTS.join(", "))));
        }
        self.with_community(group, |community| community.rights = rights.iter().map(|right| (*right).to_owned()).collect())
    }

    /// Whether bots are switched on in the community's settings; without, keyboards answer 912.
    ///
    /// # Errors
    /// If there is no such community.
    pub fn set_bots(&self, group: i64, on: bool) -> Result<(), ActionError> {
        self.with_community(group, |community| community.bots = on)
    }

    /// Gives a community a new confirmation string.
    ///
    /// # Errors
    /// If there is no such community.
    pub fn renew_confirmation(&self, group: i64) -> Result<(), ActionError> {
        self.with_community(group, |community| community.confirmation = super::groups::confirmation())
    }

    /// The communities, by id.
    #[must_use]
    pub fn communities(&self) -> Vec<CommunityInfo> {
        let info = |one: &Community| CommunityInfo {
            id: one.id,
            username: one.screen_name.clone(),
            first_name: one.name.clone(),
            servers: one.servers.values().map(|hooked| hooked.server.clone()).collect(),
            pending: one.servers.values().map(|hooked: &Hooked| hooked.queue.len()).sum(),
            given_up: one.given_up,
        };
        self.quiet().communities.values().map(info).collect()
    }

    /// Adds a person, or replaces the one with this id (their dialogues stay).
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

    /// Deletes a person's account: error 18.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn deactivate(&self, user: i64) -> Result<(), ActionError> {
        self.state().users.get_mut(&user).ok_or(ActionError::NoUser(user))?.deactivated = true;
        Ok(())
    }

    /// Lets a community write to people as if each had allowed it long ago: no event. For audiences
    /// of thousands.
    ///
    /// # Errors
    /// If there is no such community or person.
    pub fn open_chats(&self, group: i64, users: impl IntoIterator<Item = i64>) -> Result<(), ActionError> {
        let mut state = self.state();
        for user in users {
            state.known(group, user)?;
            state.chat_mut(group, user).allowed = true;
        }
        Ok(())
    }

    /// The person allows messages, by a widget or a button that carried a key.
    ///
    /// # Errors
    /// If there is no such community or person.
    pub fn allow(&self, group: i64, user: i64, key: Option<&str>) -> Result<(), ActionError> {
        let mut state = self.state();
        state.known(group, user)?;
        let chat = state.chat_mut(group, user);
        (chat.allowed, chat.denied) = (true, false);
        state.tell(group, user, "message_allow", json!({ "user_id": user, "key": key.unwrap_or_default() }));
        Ok(())
    }

    /// The person forbids messages; `false` if they were forbidden already.
    ///
    /// # Errors
    /// If there is no such community or person.
    pub fn deny(&self, group: i64, user: i64) -> Result<bool, ActionError> {
        let mut state = self.state();
        state.known(group, user)?;
        let changed = !std::mem::replace(&mut state.chat_mut(group, user).denied, true);
        if changed {
            state.tell(group, user, "message_deny", json!({ "user_id": user }));
        }
        Ok(changed)
    }

    /// Every send to this person is refused with this code, as 902 by their privacy; `None` ends
    /// it.
    ///
    /// # Errors
    /// If there is no such community or person.
    pub fn set_trouble(&self, group: i64, user: i64, code: Option<u32>) -> Result<(), ActionError> {
        let mut state = self.state();
        state.known(group, user)?;
        state.chat_mut(group, user).trouble = code;
        Ok(())
    }

    /// The community's blacklist: error 900, `user_block` and `user_unblock`.
    ///
    /// # Errors
    /// If there is no such community or person.
    pub fn set_blacklisted(&self, group: i64, user: i64, on: bool) -> Result<(), ActionError> {
        let mut state = self.state();
        state.known(group, user)?;
        state.chat_mut(group, user).blacklisted = on;
        match on {
            true => {
                let block = json!({ "admin_id": 100, "user_id": user, "unblock_date": 0, "reason": 0, "comment": "" });
                state.tell(group, user, "user_block", block);
            }
            false => state.tell(group, user, "user_unblock", json!({ "admin_id": 100, "user_id": user, "by_end_date": 0 })),
        }
        Ok(())
    }

    /// The person follows `vk.me/<community>?ref=…`: what they write next carries it.
    ///
    /// # Errors
    /// If there is no such community or person.
    pub fn follow(&self, group: i64, user: i64, label: &str, source: Option<&str>) -> Result<(), ActionError> {
        let mut state = self.state();
        state.known(group, user)?;
        state.chat_mut(group, user).visit = Some(Visit { label: label.to_owned(), source: source.map(str::to_owned) });
        Ok(())
    }

    /// The person presses «Начать», the button of an empty dialogue; gives the message's id.
    ///
    /// # Errors
    /// If there is no such community or person.
    pub fn press_start(&self, group: i64, user: i64) -> Result<i64, ActionError> {
        let payload = Some(json!({ "command": "start" }).to_string());
        self.say(group, user, Stored { text: "Начать".to_owned(), payload, ..Stored::default() })
    }

    /// The person writes, which allows messages; gives the message's id.
    ///
    /// # Errors
    /// If there is no such community or person, or the text is empty or over 4096 characters.
    pub fn send_text(&self, group: i64, user: i64, text: &str) -> Result<i64, ActionError> {
        self.say(group, user, Stored { text: worded(text)?, ..Stored::default() })
    }

    /// As [`Vk::send_text`], as an answer to a message.
    ///
    /// # Errors
    /// As [`Vk::send_text`], and if the message is not in the dialogue.
    pub fn reply(&self, group: i64, user: i64, to: i64, text: &str) -> Result<i64, ActionError> {
        let there = self.quiet().message(group, to).is_some_and(|(of, _)| of == user);
        if !there {
            return Err(ActionError::no_message(to));
        }
        self.say(group, user, Stored { text: worded(text)?, reply_to: Some(to), ..Stored::default() })
    }

    /// The person sends a picture or a file; gives the message's id.
    ///
    /// # Errors
    /// If there is no such community or person, or the file is empty.
    pub fn send_file(&self, group: i64, user: i64, file: Attachment) -> Result<i64, ActionError> {
        if file.data.is_empty() {
            return Err(ActionError::Invalid("the file is empty".to_owned()));
        }
        let attachment = {
            let mut state = self.quiet();
            state.known(group, user)?;
            state.keep(user, group, file.photo, Some(file.name), file.data)
        };
        self.say(group, user, Stored { text: file.caption, attachments: vec![attachment], ..Stored::default() })
    }

    /// The person changes a text of theirs.
    ///
    /// # Errors
    /// As [`Vk::send_text`], and if there is no such text of theirs.
    pub fn edit_text(&self, group: i64, user: i64, message: i64, text: &str) -> Result<(), ActionError> {
        let text = worded(text)?;
        let mut state = self.state();
        let now = state.now();
        let place = state.message(group, message).filter(|(of, stored)| *of == user && !stored.out).map(|(_, stored)| stored.cmid);
        let stored = place.and_then(|cmid| state.message_mut(group, user, cmid)).ok_or_else(|| ActionError::no_message(message))?;
        (stored.text, stored.edited, stored.edits) = (text, Some(now), stored.edits + 1);
        let stored = stored.clone();
        let shown = state.shown(group, user, &stored);
        state.tell(group, user, "message_edit", shown);
        Ok(())
    }

    /// The person opens the dialogue: everything of the community's is read, which is told once.
    /// Gives how many messages were unread.
    ///
    /// # Errors
    /// If there is no such community or person.
    pub fn read(&self, group: i64, user: i64) -> Result<usize, ActionError> {
        let mut state = self.state();
        state.known(group, user)?;
        let unread = |stored: &&mut Stored| stored.out && !stored.read && !stored.deleted;
        let (mut count, mut last) = (0, None);
        if state.chat(group, user).is_some() {
            for stored in state.chat_mut(group, user).messages.values_mut().filter(unread) {
                (stored.read, count, last) = (true, count + 1, Some((stored.id, stored.cmid)));
            }
        }
        if let Some((id, cmid)) = last {
            let read = json!({ "from_id": user, "peer_id": user, "read_message_id": id, "conversation_message_id": cmid });
            state.tell(group, user, "message_read", read);
        }
        Ok(count)
    }

    /// The person begins to type.
    ///
    /// # Errors
    /// If there is no such community or person.
    pub fn type_on(&self, group: i64, user: i64) -> Result<(), ActionError> {
        let mut state = self.state();
        state.known(group, user)?;
        state.tell(group, user, "message_typing_state", json!({ "state": "typing", "from_id": user, "to_id": -group }));
        Ok(())
    }

    /// Somebody of the community writes by hand: `message_reply` with `admin_author_id`. Gives the
    /// message's id.
    ///
    /// # Errors
    /// As [`Vk::send_text`].
    pub fn write_by_hand(&self, group: i64, user: i64, admin: i64, text: &str) -> Result<i64, ActionError> {
        let mut state = self.state();
        state.known(group, user)?;
        let new = Stored { out: true, text: worded(text)?, admin: Some(admin), ..Stored::default() };
        let stored = state.put(group, user, new);
        let shown = state.shown(group, user, &stored);
        state.tell(group, user, "message_reply", shown);
        Ok(stored.id)
    }

    /// A file by the name of its attachment (`photo-777_456239017`), whoever sent it.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Served> {
        self.quiet().files.get(name).map(|kept| (kept.data.clone(), kept.name.clone(), None))
    }

    /// A message of the person's, told to the community; gives its id.
    pub(crate) fn say(&self, group: i64, user: i64, new: Stored) -> Result<i64, ActionError> {
        let mut state = self.state();
        state.known(group, user)?;
        Ok(spoken(&mut state, group, user, new))
    }
}

fn spoken(state: &mut State, group: i64, user: i64, new: Stored) -> i64 {
    let now = state.now();
    let chat = state.chat_mut(group, user);
    (chat.allowed, chat.denied, chat.last_word) = (true, false, Some(now));
    let visit = chat.visit.take();
    // Who writes has read.
    for stored in chat.messages.values_mut().filter(|stored| stored.out) {
        stored.read = true;
    }
    let stored = state.put(group, user, Stored { visit, ..new });
    let message = state.shown(group, user, &stored);
    let client = json!({ "button_actions": ["text", "vkpay", "open_app", "location", "open_link", "callback"], "keyboard": true,
        "inline_keyboard": true, "carousel": true, "lang_id": 0 });
    state.tell(group, user, "message_new", json!({ "message": message, "client_info": client }));
    stored.id
}

fn worded(text: &str) -> Result<String, ActionError> {
    if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
        return Err(ActionError::Invalid("a message has 1–4096 characters".to_owned()));
    }
    Ok(text.to_owned())
}

/// A place on the map that a button sends.
pub(crate) fn place() -> Value {
    json!({ "type": "point", "coordinates": { "latitude": 55.7558, "longitude": 37.6173 } })
}
