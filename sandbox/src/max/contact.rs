//! A person shares a phone number, with the proof that it is theirs (contract, 0 and 6.3).

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    Max,
    state::{Stored, as_user},
};
use crate::action::ActionError;

/// The `hash` beside a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// HMAC-SHA256 of the card under the bot's token, in hexadecimal (secondary).
    Right,
    /// Of another card: somebody changed the number.
    Wrong,
    /// There is none: the contact was not asked for by a button.
    Absent,
}

/// A contact that is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// As it stands in the card, without the plus.
    pub phone: String,
    /// Whose name is in the card.
    pub name: String,
    /// The person in MAX whom it belongs to, if any.
    pub owner: Option<i64>,
    /// What proves it.
    pub proof: Proof,
}

impl Contact {
    /// The person's own, as a `request_contact` button shares it.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn own(max: &Max, user: i64) -> Result<Self, ActionError> {
        let person = max.quiet().users.get(&user).cloned().ok_or(ActionError::NoUser(user))?;
        Ok(Self { phone: person.phone, name: person.first_name, owner: Some(user), proof: Proof::Right })
    }
}

impl Max {
    /// The person shares their own number; gives the message's id.
    ///
    /// # Errors
    /// If there is no such bot or person, or the bot was not started or is blocked.
    pub fn share_contact(&self, bot: i64, user: i64) -> Result<String, ActionError> {
        self.share(bot, user, Contact::own(self, user)?)
    }

    /// The person sends somebody's contact out of their address book: no proof stands beside it.
    ///
    /// # Errors
    /// As [`Max::share_contact`].
    pub fn share_contact_of(&self, bot: i64, user: i64, phone: &str, name: &str, owner: Option<i64>) -> Result<String, ActionError> {
        self.share(bot, user, Contact { phone: phone.to_owned(), name: name.to_owned(), owner, proof: Proof::Absent })
    }

    /// The person shares any contact; gives the message's id.
    ///
    /// # Errors
    /// As [`Max::share_contact`].
    pub fn share(&self, bot: i64, user: i64, contact: Contact) -> Result<String, ActionError> {
        let now = self.clock().now();
        let attachment = {
            let state = self.quiet();
            let token = state.bots.get(&bot).map(|bot| bot.token.clone()).ok_or(ActionError::NoBot(bot))?;
            let owner = contact.owner.and_then(|owner| state.users.get(&owner)).map(|owner| as_user(owner, now));
            attachment(&contact, &token, owner)
        };
        self.send(bot, user, Stored { attachments: vec![attachment], ..Stored::default() }, None)
    }
}

fn attachment(contact: &Contact, token: &str, owner: Option<Value>) -> Value {
    let card = |phone: &str| {
        let phone = phone.trim_start_matches('+');
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{}\r\nTEL;TYPE=cell:{phone}\r\nEND:VCARD", contact.name)
    };
    let vcf = card(&contact.phone);
    let mut payload = json!({ "vcf_info": vcf });
    match contact.proof {
        Proof::Right => payload["hash"] = json!(proof(token, &vcf)),
        Proof::Wrong => payload["hash"] = json!(proof(token, &card("70000000000"))),
        Proof::Absent => {}
    }
    if let Some(owner) = owner {
        payload["max_info"] = owner;
    }
    json!({ "type": "contact", "payload": payload })
}

/// HMAC-SHA256 under the bot's token, in hexadecimal.
pub(crate) fn proof(token: &str, card: &str) -> String {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(card.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
