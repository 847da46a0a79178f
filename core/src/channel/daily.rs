//! A limit of people a day: a provider lets a sender begin to write to so many of them within 24
//! hours, together with all other senders of the same owner (contracts/messengers/
//! whatsapp_cloud.md, section 4). Who counts is `delivery`'s to know.

use serde::{Deserialize, Serialize};

/// How many people a sender may begin to write to within 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daily {
    /// Whose limit it is. The same name is the same limit, whichever company's channels share it.
    pub scope: String,
    /// The account at the provider that the sender is of: news of the limit names it.
    pub account: String,
    /// People; `None`: any number.
    pub most: Option<i64>,
}

impl Daily {
    /// What holds once a provider told this anew. One that told no owner this time still has the
    /// one it told before: otherwise everybody who was counted would be forgotten.
    #[must_use]
    pub fn after(self, before: Option<&Self>) -> Self {
        match before {
            Some(before) if self.scope == self.account && before.account == self.account => Self { scope: before.scope.clone(), ..self },
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_that_was_told_once_stays() {
        let of = |scope: &str, account: &str, most| Daily { scope: scope.to_owned(), account: account.to_owned(), most };
        let known = of("portfolio", "waba", Some(250));
        assert_eq!(of("waba", "waba", Some(2_000)).after(Some(&known)), of("portfolio", "waba", Some(2_000)));
        assert_eq!(of("waba", "waba", None).after(None), of("waba", "waba", None));
        assert_eq!(of("other", "waba", None).after(Some(&known)), of("other", "waba", None), "it was sold");
        assert_eq!(of("new", "new", None).after(Some(&known)), of("new", "new", None), "it is of another account");
    }
}
