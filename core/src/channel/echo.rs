//! What went out through a channel, told back with its words, whoever wrote it: a message of ours
//! or a person of the company in the provider's own chat. A message whose name was lost with its
//! answer is known by them ([`crate::delivery::receipt::echo`]).

use sha2::{Digest as _, Sha256};

use crate::clock::Moment;

/// A message that went out and has a name that we may not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echo {
    /// As [`super::Sent::message_ref`].
    pub message_ref: String,
    /// The recipient's address, as this channel writes addresses.
    pub to: String,
    /// Of its words ([`gist`]).
    pub gist: String,
    /// When it went, by the provider.
    pub at: Moment,
}

/// A digest of the letters and digits of a text: the same however a messenger shows marks, spaces
/// and signs. Empty for a text that has none.
#[must_use]
pub fn gist(text: &str) -> String {
    let letters: String = text.chars().filter(|char| char.is_alphanumeric()).collect();
    if letters.is_empty() { String::new() } else { hex::encode(&Sha256::digest(letters.as_bytes())[..16]) }
}

#[cfg(test)]
mod tests {
    use super::gist;

    #[test]
    fn words_are_the_same_whatever_stands_between_them() {
        assert_eq!(gist("*Анна*, скидка 10%\n\nОтветьте «стоп»."), gist("Анна, скидка 10%  Ответьте \"стоп\""));
        assert_ne!(gist("скидка 10%"), gist("скидка 15%"));
        assert_ne!(gist("Да"), gist("да"));
        assert_eq!((gist("👍 …"), gist("Да").len()), (String::new(), 32));
    }
}
