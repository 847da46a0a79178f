//! Secrets: never printed, sealed at rest (XChaCha20-Poly1305).

use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use hmac::{Hmac, Mac as _};
use rand::RngExt;
use sha2::Sha256;

/// A value that prints as `***`, so that no log, error or panic can carry it.
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The secret itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Seals credentials before they are stored.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    /// What keys for other purposes are derived from; the sealing key itself is not kept twice.
    root: [u8; KEY_LEN],
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(***)")
    }
}

/// A sealed value did not open: another key, another row, or changed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored credential cannot be opened: the sealing key is not the one it was sealed with, or the row was changed")]
pub struct SealBroken;

/// Bytes of a sealing key.
pub const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 24;

impl Sealer {
    /// A sealer with this key.
    #[must_use]
    pub fn new(key: &[u8; KEY_LEN]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&Key::from(*key)), root: keyed(key, &[b"mms derived keys 1"]) }
    }

    /// A key for another purpose than sealing; keys of different purposes tell nothing of each
    /// other.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; KEY_LEN] {
        keyed(&self.root, &[purpose.as_bytes()])
    }

    /// The secret that webhooks of a channel or a connection come with: made from the key and from
    /// the `seed` its row keeps, so that whoever has a copy of the database can send none.
    #[must_use]
    pub fn hook_secret(&self, owner: uuid::Uuid, seed: &str) -> Secret {
        Secret(hex::encode(keyed(&self.derive("webhook secrets"), &[owner.as_bytes(), seed.as_bytes()])))
    }

    /// A fresh key.
    #[must_use]
    pub fn new_key() -> [u8; KEY_LEN] {
        rand::rng().random()
    }

    /// Seals `plain`; `owner` (the row's id) is bound in, so a sealed value copied to another row
    /// does not open.
    #[must_use]
    pub fn seal(&self, plain: &[u8], owner: uuid::Uuid) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = rand::rng().random();
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: owner.as_bytes() })
            // Encryption fails only past 256 GiB of plain text.
            .unwrap_or_default();
        let mut out = nonce.to_vec();
        out.extend(sealed);
        out
    }

    /// Opens what [`Sealer::seal`] made for the same owner.
    ///
    /// # Errors
    /// [`SealBroken`].
    pub fn open(&self, sealed: &[u8], owner: uuid::Uuid) -> Result<Vec<u8>, SealBroken> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(SealBroken)?;
        let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| SealBroken)?;
        self.cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: owner.as_bytes() }).map_err(|_| SealBroken)
    }
}

/// HMAC-SHA-256 over the parts, each with its length before it, so that no two lists of parts run
/// together into the same bytes.
#[must_use]
pub fn keyed(key: &[u8; KEY_LEN], parts: &[&[u8]]) -> [u8; KEY_LEN] {
    // HMAC fills a short key up with zeros to the hash's block.
    let mut block = [0; 64];
    block[..KEY_LEN].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// How surely a word is a credential, by its shape alone. Each provider's folder knows the shapes
/// of its own (`channel::registry::likeness`, `crm::registry::likeness`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// An order's hash, a shipment's number, an id in a link may look like it.
    Perhaps,
    /// Hardly anything else looks like it.
    Sure,
}

/// Whether a text holds a credential. A word that surely is one is found among any others, in a
/// link and in JSON too. One that may be an order's hash counts only where nothing else is said:
/// a pasted key comes alone, a hash comes with words («Ваш заказ d41d8c…»). The doubtful case, a
/// hash alone, goes to the safe side: a message that was deleted can be written again with a word
/// beside it, a key that a customer got cannot be taken back.
pub fn credential_in(text: &str, like: impl Fn(&str) -> Option<Likeness>) -> bool {
    let parts = text.split(|c: char| c.is_whitespace() || "\"'`«»“”<>(){}[]=&,;".contains(c));
    if parts.map(|part| part.trim_matches(['.', ':'])).any(|part| like(part) == Some(Likeness::Sure)) {
        return true;
    }
    // Nobody speaks in such words only; a key may have a second one beside it.
    let unspoken = |word: &str| word.len() >= 8 && word.is_ascii() && word.bytes().any(|byte| byte.is_ascii_digit());
    text.split_whitespace().all(unspoken) && text.split_whitespace().any(|word| like(word).is_some())
}

/// Letters, digits, `_` and `-`: what base64 for addresses is written in.
#[must_use]
pub fn is_url_safe(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Whether a word mixes capital and small letters and digits, as random ones of more than twenty
/// characters do.
#[must_use]
pub fn is_mixed(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Sixteen bytes in hex, with a digit and a letter among them: keys of several providers look like
/// it, and so does an MD5 sum.
#[must_use]
pub fn is_hex_key(text: &str) -> bool {
    text.len() == 32
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A random token of `bytes` bytes of entropy, hex.
#[must_use]
pub fn token(bytes: usize) -> String {
    let mut raw = vec![0_u8; bytes];
    rand::rng().fill(raw.as_mut_slice());
    hex::encode(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhooks_secret_is_of_its_key_its_owner_and_its_seed() {
        let (sealer, owner) = (Sealer::new(&[1; KEY_LEN]), uuid::Uuid::from_u128(1));
        let secret = sealer.hook_secret(owner, "seed");
        assert_eq!(secret, sealer.hook_secret(owner, "seed"));
        // Telegram takes 1 to 256 of these characters (contracts/messengers/telegram.md, 6.1).
        assert!(secret.expose().len() == 64 && secret.expose().bytes().all(|byte| byte.is_ascii_hexdigit()));
        for other in [
            Sealer::new(&[2; KEY_LEN]).hook_secret(owner, "seed"),
            sealer.hook_secret(uuid::Uuid::from_u128(2), "seed"),
            sealer.hook_secret(owner, "seed2"),
        ] {
            assert_ne!(secret, other);
        }
    }

    #[test]
    fn a_sure_word_is_found_anywhere_and_a_doubtful_one_only_alone() {
        let like = |word: &str| match word {
            "sure-secret" => Some(Likeness::Sure),
            word if is_hex_key(word) => Some(Likeness::Perhaps),
            _ => None,
        };
        let table = [
            ("sure-secret", true),
            ("Вот он: sure-secret.", true),
            ("{\"token\":\"sure-secret\"}", true),
            ("https://example.org/#access_token=sure-secret&expires_in=0", true),
            ("0a1b2c3d4e5f60718293a4b5c6d7e8f9", true),
            (" 0a1b2c3d4e5f60718293a4b5c6d7e8f9 crm-key-42\n", true),
            ("Ваш заказ 0a1b2c3d4e5f60718293a4b5c6d7e8f9", false),
            ("order 0a1b2c3d4e5f60718293a4b5c6d7e8f9", false),
            ("0a1b2c3d4e5f60718293a4b5c6d7e8f9?", false),
            ("12345678901234567890123456789012", false),
            ("abcdefabcdefabcdefabcdefabcdefab", false),
            ("", false),
            ("привет", false),
        ];
        for (text, expected) in table {
            assert_eq!(credential_in(text, like), expected, "{text}");
        }
    }
}
