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

/// What a word is by its shape alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A Telegram bot's token, `<bot id>:<secret>` (contracts/messengers/telegram.md, 1).
    BotToken,
    /// A JSON web token: amoCRM's long-lived token is one.
    Jwt,
}

/// The credential among the words of a text, if there is one.
#[must_use]
pub fn credential_in(text: &str) -> Option<Credential> {
    text.split_whitespace().find_map(credential)
}

fn credential(word: &str) -> Option<Credential> {
    let url_safe = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if let Some((id, secret)) = word.split_once(':')
        && id.len() >= 6
        && id.bytes().all(|byte| byte.is_ascii_digit())
        && secret.len() >= 10
        && url_safe(secret)
    {
        return Some(Credential::BotToken);
    }
    let parts: Vec<&str> = word.split('.').collect();
    // `{"` in base64url.
    let jwt = parts.len() == 3 && parts[0].starts_with("eyJ") && parts[1].starts_with("eyJ") && parts.iter().all(|part| url_safe(part));
    jwt.then_some(Credential::Jwt)
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
    fn credentials_are_told_from_other_words() {
        let table = [
            ("7000000001:AAE-example_0123456789", Some(Credential::BotToken)),
            ("Use this token to access the HTTP API:\n7000000001:AAE-example_0123456789", Some(Credential::BotToken)),
            ("eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiIwZjNhIn0.c2lnbmF0dXJl-_", Some(Credential::Jwt)),
            ("", None),
            ("7000000001", None),
            (":AAE-example_0123456789", None),
            ("привет", None),
            ("7000000001:short", None),
            ("x1:AAE-example_0123456789", None),
            ("7:AAE example 0123456789", None),
            ("в 12:30:00 у входа", None),
            ("www.romashka.example", None),
        ];
        for (text, expected) in table {
            assert_eq!(credential_in(text), expected, "{text}");
        }
    }
}
