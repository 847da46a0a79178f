//! What a community is connected with: one key of access, kept with a mark of this channel.

use serde::{Deserialize, Serialize};

use crate::secret::{Likeness, Secret, is_url_safe, token};

/// The credentials of a community.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Credentials {
    /// The community's key of access (contracts/messengers/vk.md, section 1).
    pub token: Secret,
    /// Goes into every `random_id`: two installations at one community, or one whose database began
    /// anew, never take each other's messages for repeats. It outlives a new key.
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

/// Whether a text can be a key of access: one word. The contract gives no form; today's begin with
/// `vk1.a.`, older ones are 85 digits and letters.
#[must_use]
pub fn is_token(text: &str) -> bool {
    (20..=1024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// How surely a word is a key of access: of today's form or of the older one ([`is_token`]).
#[must_use]
pub fn likeness(word: &str) -> Option<Likeness> {
    let today = word.strip_prefix("vk1.a.").is_some_and(|key| key.len() >= 10 && is_url_safe(key));
    let older = word.len() == 85 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    (today || older).then_some(Likeness::Sure)
}

/// The credentials of a key.
#[must_use]
pub fn assemble(key: &str) -> Secret {
    Credentials { token: Secret::new(key.trim()), tag: token(12) }.seal()
}

/// The same community with a new key.
#[must_use]
pub fn renewed(old: &Secret, key: &str) -> Secret {
    let old = Credentials::read(old);
    let tag = if old.tag.is_empty() { token(12) } else { old.tag };
    Credentials { token: Secret::new(key.trim()), tag }.seal()
}

/// Whether a secret is one of [`assemble`] with a key in it.
#[must_use]
pub fn is_whole(secret: &Secret) -> bool {
    is_token(Credentials::read(secret).token.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "vk1.a.NgWdkTz5Qk-example_key";

    #[test]
    fn a_key_is_one_long_word() {
        assert!(is_token(KEY) && is_token(&"a1".repeat(42)));
        for other in ["", "стоп", "vk1.a.short", "vk1.a.NgWdkTz5Qk example key", "7000000001:AAEexampleOfTelegram"] {
            assert!(!is_token(other), "{other}");
        }
    }

    #[test]
    fn a_new_key_leaves_the_mark() {
        let whole = assemble(&format!(" {KEY}\n"));
        assert!(is_whole(&whole) && !is_whole(&assemble("short")) && !is_whole(&Secret::new(KEY)));
        let after = renewed(&whole, "vk1.a.another-key-of-access");
        let (before, after) = (Credentials::read(&whole), Credentials::read(&after));
        assert_eq!((after.token.expose(), &after.tag), ("vk1.a.another-key-of-access", &before.tag));
        assert_eq!(before.tag.len(), 24, "{before:?}");
        assert!(!format!("{before:?}").contains("NgWdkTz"));
    }
}
