//! What a bot is connected with: its token, kept with a mark of this channel.

use serde::{Deserialize, Serialize};

use crate::secret::{Likeness, Secret, token};

/// The credentials of a bot.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Credentials {
    /// The bot's token; webhooks are signed with it, too (contracts/messengers/viber.md, section
    /// 1).
    pub token: Secret,
    /// What tells messages of this channel from those of another installation that uses the same
    /// bot: it comes back with people's replies.
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
}

/// Whether a text can be a bot's token: one word. The contract shows three groups of sixteen
/// digits and letters and gives no form.
#[must_use]
pub fn is_token(text: &str) -> bool {
    (20..=200).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// How surely a word is a bot's token: three groups of sixteen digits and small letters, as the
/// contract shows.
#[must_use]
pub fn likeness(word: &str) -> Option<Likeness> {
    let group = |part: &str| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    let is_token = word.split('-').count() == 3 && word.split('-').all(group) && word.bytes().any(|byte| byte.is_ascii_digit());
    is_token.then_some(Likeness::Sure)
}

/// One secret of a token as it was pasted.
#[must_use]
pub fn assemble(values: &[String]) -> Secret {
    let pasted = values.first().map(|value| value.trim()).unwrap_or_default();
    Credentials { token: Secret::new(pasted), tag: token(6) }.seal()
}

/// The same bot with a new token.
#[must_use]
pub fn renewed(old: &Secret, value: &str) -> Secret {
    let old = Credentials::read(old);
    let tag = if old.tag.is_empty() { token(6) } else { old.tag };
    Credentials { token: Secret::new(value.trim()), tag }.seal()
}

/// Whether a secret is one of [`assemble`] with a token.
#[must_use]
pub fn is_whole(secret: &Secret) -> bool {
    is_token(Credentials::read(secret).token.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "4f0c1d2e3a4b5c6d-7e8f9a0b1c2d3e4f-5a6b7c8d9e0f1a2b";

    #[test]
    fn a_token_is_one_long_word() {
        assert!(is_token(TOKEN));
        for odd in ["", "стоп", "a b", "7000000001:AAE-secret-of-telegram", "Здравствуйте-как-у-вас-дела-сегодня", &TOKEN[..10]]
        {
            assert!(!is_token(odd), "{odd}");
        }
    }

    #[test]
    fn a_new_token_leaves_the_mark() {
        let whole = assemble(&[format!(" {TOKEN}\n")]);
        assert!(is_whole(&whole) && !is_whole(&Secret::new(TOKEN)) && !is_whole(&assemble(&[])));
        let other = TOKEN.replace('4', "5");
        let (before, after) = (Credentials::read(&whole), Credentials::read(&renewed(&whole, &other)));
        assert_eq!((after.token.expose(), &after.tag), (other.as_str(), &before.tag));
        assert!(!Credentials::read(&renewed(&Secret::default(), TOKEN)).tag.is_empty(), "of a lost key");
        assert!(!format!("{before:?}").contains(TOKEN));
    }
}
