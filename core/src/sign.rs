//! Signatures that anybody can check without our database or our keys: Ed25519 over bytes. The
//! installation's own key is made from the sealing key, so there is no second key to keep, and what
//! was signed before a restore is checked by the same public key after it.
//!
//! A signature says «these bytes were signed by this installation», no more: whoever holds the
//! sealing key can sign anything. So a public key is told to whoever checks by another way than the
//! file itself (`mms verify --key`).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::secret::{KEY_LEN, Sealer};

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The public key is no Ed25519 key in base64.
    #[error("this is no public key: 32 bytes of Ed25519 in base64 are")]
    Key,
    /// The signature is not 64 bytes in base64.
    #[error("this is no signature: 64 bytes of Ed25519 in base64 are")]
    Signature,
    /// Other bytes were signed, or by another key.
    #[error("the signature is of other bytes or of another key")]
    Wrong,
}

/// Signs bytes.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.public())
    }
}

impl Signer {
    /// A signer of this seed: 32 random bytes, which are the private key.
    #[must_use]
    pub fn of_seed(seed: &[u8; KEY_LEN]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The signature of these bytes, in base64. The same bytes have the same one.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> String {
        STANDARD.encode(self.0.sign(bytes).to_bytes())
    }

    /// The public key, in base64.
    #[must_use]
    pub fn public(&self) -> String {
        STANDARD.encode(self.0.verifying_key().to_bytes())
    }
}

/// The signer of this installation.
#[must_use]
pub fn installation(sealer: &Sealer) -> Signer {
    Signer::of_seed(&sealer.derive("installation signature"))
}

/// Whether the signature is of these bytes by this key, strictly (RFC 8032, weak keys refused).
///
/// # Errors
/// [`SignError`], which says what does not hold.
pub fn verify(public: &str, bytes: &[u8], signature: &str) -> Result<(), SignError> {
    let key = STANDARD.decode(public.trim()).map_err(|_| SignError::Key)?;
    let key = VerifyingKey::from_bytes(&key.try_into().map_err(|_| SignError::Key)?).map_err(|_| SignError::Key)?;
    let signature = STANDARD.decode(signature.trim()).map_err(|_| SignError::Signature)?;
    let signature = Signature::from_slice(&signature).map_err(|_| SignError::Signature)?;
    key.verify_strict(bytes, &signature).map_err(|_| SignError::Wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_its_bytes_and_its_key() {
        let signer = installation(&Sealer::new(&[1; KEY_LEN]));
        let other = installation(&Sealer::new(&[2; KEY_LEN]));
        let (bytes, signature) = (b"manifest".as_slice(), signer.sign(b"manifest"));
        assert_eq!(verify(&signer.public(), bytes, &signature), Ok(()));
        assert_eq!(verify(&format!(" {}\n", signer.public()), bytes, &format!("{signature}\n")), Ok(()));
        assert_eq!(signature, installation(&Sealer::new(&[1; KEY_LEN])).sign(bytes), "the same key after a restart");
        assert_eq!(verify(&other.public(), bytes, &signature), Err(SignError::Wrong));
        for at in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1;
            assert_eq!(verify(&signer.public(), &changed, &signature), Err(SignError::Wrong), "byte {at}");
        }
    }

    #[test]
    fn every_flipped_bit_of_a_signature_is_found() {
        let signer = Signer::of_seed(&[7; KEY_LEN]);
        let signature = STANDARD.decode(signer.sign(b"x")).unwrap();
        for at in 0..signature.len() * 8 {
            let mut changed = signature.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert!(verify(&signer.public(), b"x", &STANDARD.encode(changed)).is_err(), "bit {at}");
        }
    }

    #[test]
    fn what_is_no_key_or_no_signature_is_said_to_be_none() {
        let signer = Signer::of_seed(&[7; KEY_LEN]);
        let weak = STANDARD.encode([0_u8; KEY_LEN]);
        for (key, signature, expected) in [
            ("", signer.sign(b"x"), SignError::Key),
            ("not base64!", signer.sign(b"x"), SignError::Key),
            ("AAAA", signer.sign(b"x"), SignError::Key),
            (weak.as_str(), signer.sign(b"x"), SignError::Wrong),
            (signer.public().as_str(), String::new(), SignError::Signature),
            (signer.public().as_str(), "AAAA".to_owned(), SignError::Signature),
        ] {
            assert_eq!(verify(key, b"x", &signature), Err(expected), "{key} {signature}");
        }
    }

    /// RFC 8032, section 7.1, test 2: what others sign and check the same way.
    #[test]
    fn it_is_the_ed25519_of_the_standard() {
        let seed: [u8; 32] = hex::decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap().try_into().unwrap();
        let signer = Signer::of_seed(&seed);
        let public = hex::decode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c").unwrap();
        assert_eq!(signer.public(), STANDARD.encode(public));
        let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(signer.sign(&[0x72]), STANDARD.encode(hex::decode(signature).unwrap()));
    }
}
