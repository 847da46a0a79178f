//! What a channel of Wazzup is connected with: the key of its account, and which of the key's
//! channels it is.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::secret::{Likeness, Secret, is_hex_key, token};

/// The credentials of a channel.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Credentials {
    /// The API key (contracts/messengers/wazzup.md, section 1).
    pub key: Secret,
    /// What webhooks carry as `Authorization: Bearer`, where the account has such a key; empty:
    /// none (section 6.2).
    #[serde(default)]
    pub crm_key: Secret,
    /// `channelId`; empty: none was picked yet.
    #[serde(default)]
    pub channel: String,
    /// What tells messages of this channel from those of another installation with the same key: it
    /// stands in their `crmMessageId`.
    pub tag: String,
}

impl Credentials {
    /// Reads what [`assemble`] made; what is none of ours has nothing in it, and whatever is asked
    /// with it is refused by the provider.
    pub(super) fn read(secret: &Secret) -> Self {
        serde_json::from_str(secret.expose()).unwrap_or_default()
    }

    fn seal(&self) -> Secret {
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }

    /// What channels of one key have in common, by a name that does not tell the key.
    pub(super) fn scope(&self) -> String {
        format!("wazzup:{}", hex::encode(&Sha256::digest(self.key.expose().as_bytes())[..12]))
    }
}

/// Whether a text can be an API key, or the key and a `crmKey` after it. The contract shows 32
/// digits and letters and gives no form.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_word = |word: &&str| word.len() <= 200 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.~+/=".contains(&byte));
    (1..=2).contains(&words.len())
        && words.iter().all(is_word)
        && words.first().is_some_and(|key| key.len() >= 20 && key.bytes().any(|byte| byte.is_ascii_digit()))
}

/// How surely a word is an API key, of the form that the contract shows.
#[must_use]
pub fn likeness(word: &str) -> Option<Likeness> {
    is_hex_key(word).then_some(Likeness::Perhaps)
}

/// The credentials of a key as it was pasted; no channel is picked yet.
#[must_use]
pub fn assemble(pasted: &str) -> Secret {
    let mut words = pasted.split_whitespace();
    let mut word = || Secret::new(words.next().unwrap_or_default());
    Credentials { key: word(), crm_key: word(), channel: String::new(), tag: token(6) }.seal()
}

/// The credentials of one channel of the key.
#[must_use]
pub fn of_sender(credentials: &Secret, channel: &str) -> Secret {
    Credentials { channel: channel.to_owned(), ..Credentials::read(credentials) }.seal()
}

/// The same channel with a new key.
#[must_use]
pub fn renewed(old: &Secret, value: &str) -> Secret {
    let (old, new) = (Credentials::read(old), Credentials::read(&assemble(value)));
    let tag = if old.tag.is_empty() { new.tag } else { old.tag };
    Credentials { channel: old.channel, tag, ..new }.seal()
}

/// Whether a secret is one of [`of_sender`]: a key and one of its channels.
#[must_use]
pub fn is_whole(secret: &Secret) -> bool {
    let read = Credentials::read(secret);
    is_key(read.key.expose()) && uuid::Uuid::parse_str(&read.channel).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    const CHANNEL: &str = "1d6c1b7e-3b0e-4b5e-9a55-1a2b3c4d5e6f";

    #[test]
    fn a_key_is_one_long_word_and_perhaps_another() {
        assert!(is_key(KEY) && is_key(&format!("{KEY} crm-key")));
        for odd in ["", "стоп", "0a1b2c", &format!("{KEY} a b"), "7000000001:AAE-secret-of-telegram", "no-digit-in-this-long-word"] {
            assert!(!is_key(odd), "{odd}");
        }
    }

    #[test]
    fn a_channel_is_picked_and_a_new_key_leaves_it() {
        let pasted = assemble(&format!(" {KEY} crm\n"));
        assert!(!is_whole(&pasted), "no channel yet");
        let whole = of_sender(&pasted, CHANNEL);
        assert!(is_whole(&whole) && !is_whole(&of_sender(&pasted, "7")));
        let (before, after) = (Credentials::read(&whole), Credentials::read(&renewed(&whole, &KEY.replace('0', "1"))));
        assert_eq!((before.crm_key.expose(), after.crm_key.expose()), ("crm", ""));
        assert_eq!((after.channel.as_str(), &after.tag), (CHANNEL, &before.tag));
        assert_ne!(before.scope(), after.scope());
        assert!(!before.scope().contains(KEY) && !format!("{before:?}").contains(KEY));
        assert!(!Credentials::read(&renewed(&Secret::default(), KEY)).tag.is_empty(), "of a lost key");
    }
}
