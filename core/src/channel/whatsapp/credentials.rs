//! What a number is connected with: four values that are pasted one by one, kept as one secret.

use serde::{Deserialize, Serialize};

use crate::secret::{Likeness, Secret, is_hex_key, is_mixed, token};

/// What is asked for, in this order (contracts/messengers/whatsapp_cloud.md, section 1).
pub const FIELDS: &[&str] = &["token", "number", "account", "secret"];

/// The credentials of a number.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Credentials {
    /// A system user's token.
    pub token: Secret,
    /// The id of the phone number that sends: not the phone itself.
    pub number: String,
    /// The id of the WhatsApp Business account.
    pub account: String,
    /// The app's secret: webhooks are signed with it.
    pub secret: Secret,
    /// What tells messages of this channel from those of another installation that uses the same
    /// number: it comes back in their statuses.
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

/// Whether a text can be this one of [`FIELDS`]: no value is taken for another.
#[must_use]
pub fn plausible(field: &str, text: &str) -> bool {
    match field {
        // One word; Meta tells no form, those of today begin with EAA.
        "token" => (20..=1024).contains(&text.len()) && !is_id(text) && !is_app_secret(text) && is_word(text),
        "number" | "account" => is_id(text),
        "secret" => is_app_secret(text),
        _ => false,
    }
}

/// How surely a word is a token, or the secret of an app. The contract gives a token no form: those
/// of today begin with EAA, that of an app is its number and its secret with a bar between.
#[must_use]
pub fn likeness(word: &str) -> Option<Likeness> {
    let user = word.starts_with("EAA") && word.len() >= 20 && word.bytes().all(|byte| byte.is_ascii_alphanumeric()) && is_mixed(word);
    let app = word.split_once('|').is_some_and(|(app, secret)| is_id(app) && is_app_secret(secret));
    if user || app { Some(Likeness::Sure) } else { is_hex_key(word).then_some(Likeness::Perhaps) }
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.~+/=|".contains(&byte))
}

/// Graph's ids are numbers of up to twenty digits.
fn is_id(text: &str) -> bool {
    (5..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_app_secret(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// One secret of values in the order of [`FIELDS`].
#[must_use]
pub fn assemble(values: &[String]) -> Secret {
    let value = |at: usize| values.get(at).cloned().unwrap_or_default();
    let credentials =
        Credentials { token: Secret::new(value(0)), number: value(1), account: value(2), secret: Secret::new(value(3)), tag: token(6) };
    credentials.seal()
}

/// The same number with a new token, or a new secret of its app.
#[must_use]
pub fn renewed(old: &Secret, value: &str) -> Secret {
    let mut credentials = Credentials::read(old);
    if plausible("secret", value) {
        credentials.secret = Secret::new(value);
    } else {
        credentials.token = Secret::new(value);
    }
    credentials.seal()
}

/// Whether a secret is one of [`assemble`] with all its values.
#[must_use]
pub fn is_whole(secret: &Secret) -> bool {
    let read = Credentials::read(secret);
    let values = [read.token.expose(), &read.number, &read.account, read.secret.expose()];
    FIELDS.iter().zip(values).all(|(field, value)| plausible(field, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [&str; 4] = ["EAAGm0PX4ZCpsBAKZCexample", "204400112233445", "305500667788990", "0123456789abcdef0123456789abcdef"];

    #[test]
    fn each_value_is_told_from_the_others() {
        for (at, field) in FIELDS.iter().enumerate() {
            let ids = matches!(*field, "number" | "account");
            for (other, value) in VALUES.iter().enumerate() {
                let expected = at == other || ids && matches!(other, 1 | 2);
                assert_eq!(plausible(field, value), expected, "{value} as {field}");
            }
            for odd in ["", "стоп", "a b", "+74950001122", "abc"] {
                assert!(!plausible(field, odd), "{odd} as {field}");
            }
        }
    }

    #[test]
    fn a_new_token_leaves_the_rest() {
        let whole = assemble(&VALUES.map(str::to_owned));
        assert!(is_whole(&whole) && !is_whole(&assemble(&VALUES[..3].iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())));
        let (before, after) = (Credentials::read(&whole), Credentials::read(&renewed(&whole, "EAAnewTokenOfTheSame")));
        assert_eq!((after.token.expose(), &after.secret, &after.tag), ("EAAnewTokenOfTheSame", &before.secret, &before.tag));
        let other = "f".repeat(32);
        assert_eq!(Credentials::read(&renewed(&whole, &other)).secret.expose(), other);
        assert!(!is_whole(&Secret::new("EAAG")));
        assert!(!format!("{before:?}").contains("EAAG"));
    }
}
