//! A press is about what its card showed. A button that names a thing by its place, or starts what
//! a card told of, carries a stamp of what was shown; the change compares it with what is there
//! before it does anything.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The head of a hash of what was shown. Sixteen bits are what a button has room for: of two
/// different things one in 65 536 has the same, so it guards against a colleague's change, not
/// against an enemy; what is approved is compared by sixteen digits of its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stamp(pub u16);

impl Stamp {
    /// The stamp of what is shown.
    #[must_use]
    pub fn of(shown: &impl Serialize) -> Self {
        // What screens show is rows of ours, which are written as JSON elsewhere too.
        let digest = Sha256::digest(serde_json::to_vec(shown).unwrap_or_default());
        Self(u16::from_be_bytes([digest[0], digest[1]]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_thing_has_another_stamp() {
        assert_eq!(Stamp::of(&["a", "b"]), Stamp::of(&["a".to_owned(), "b".to_owned()]));
        assert_ne!(Stamp::of(&["a", "b"]), Stamp::of(&["b", "a"]));
        assert_ne!(Stamp::of(&["a", "b"]), Stamp::of(&["ab"]));
    }
}
