//! Small enums that several rooms speak in. Each room that a word belongs to by its subject names it as its own too
//! (`consent::Grade`, `template::Class`), so that readers find it there.

use serde::{Deserialize, Serialize};

/// The kind of an address that is a phone in E.164, tied to no channel ([`crate::id::ANY_CHANNEL`]).
pub const PHONE: &str = "phone";

/// What a consent is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    /// Keeping and using personal data.
    PersonalData,
    /// Advertising messages.
    Marketing,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::PersonalData, Self::Marketing];

    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PersonalData => "personal_data",
            Self::Marketing => "marketing",
        }
    }
}

/// How good the evidence of a consent is; a smaller number is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
#[repr(i16)]
pub enum Grade {
    /// Given in that very chat.
    A = 1,
    /// A signed document.
    B = 2,
    /// A CRM field with author and time.
    C = 3,
    /// Stated by the owner.
    D = 4,
}

/// The class of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Class {
    /// Needs marketing consent, names the advertiser, offers a way out.
    Advertising,
    /// About what the customer ordered; needs no marketing consent.
    Service,
}

/// What becomes of messages whose outcome is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum UncertainPolicy {
    /// They stay uncertain: nobody gets a message twice.
    #[default]
    Leave,
    /// They are sent again: nobody is left out, somebody may get it twice.
    Resend,
    /// The campaign waits for a member's word before it closes.
    Ask,
}

macro_rules! reasons {
    ($( #[doc = $about:literal] $name:ident = $word:literal ),+ $(,)?) => {
        /// Why a message did not go, was left out, was taken back or was refused later: one list for planning, claim, outcome, receipts
        /// and reports. Tables hold the words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $( #[doc = $about] $name ),+
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[ $( Self::$name ),+ ];

            /// The word in tables.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$name => $word ),+
                }
            }

            /// The reason of a word; `None`: another version's.
            #[must_use]
            pub fn of(word: &str) -> Option<Self> {
                match word {
                    $( $word => Some(Self::$name), )+
                    _ => None,
                }
            }
        }
    };
}

reasons! {
    /// The contact was deleted.
    Deleted = "deleted",
    /// There is no address at the channel.
    NoAddress = "no_address",
    /// Said stop.
    OptedOut = "opted_out",
    /// Stands on a list of those never written to, by any address of theirs.
    Suppressed = "suppressed",
    /// Perhaps asked not to be written to, and has not answered yet whether so.
    Doubt = "doubt",
    /// The provider says that nobody can be reached there.
    Unreachable = "unreachable",
    /// No consent to advertising.
    NoConsent = "no_consent",
    /// The consent's evidence is weaker than the account asks for.
    ConsentGrade = "consent_grade",
    /// Got an advertising message lately.
    FrequencyCap = "frequency_cap",
    /// Another contact of the audience has the same address.
    DuplicateAddress = "duplicate_address",
    /// The account has no valid licence.
    Licence = "licence",
    /// The window closed before it went.
    WindowClosed = "window_closed",
    /// The campaign was stopped.
    CampaignStopped = "campaign_stopped",
    /// The template's variable has no value.
    NoValue = "no_value",
    /// The rendered text is too long.
    TooLong = "too_long",
    /// Rendering takes too much work.
    TooMuchWork = "too_much_work",
    /// The rendered text is empty.
    Empty = "empty",
    /// The rendered markup is wrong.
    BadMarkup = "bad_markup",
    /// The recipient blocked us.
    Blocked = "blocked",
    /// The provider refused this message.
    Rejected = "rejected",
    /// It failed in passing too often.
    AttemptsExhausted = "attempts_exhausted",
    /// Nobody can tell whether it went.
    NoAnswer = "no_answer",
    /// It went once with an unknown outcome and goes again.
    Resend = "resend",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_comes_back_from_its_word() {
        for reason in Reason::ALL {
            assert_eq!(Reason::of(reason.as_str()), Some(*reason));
        }
        assert_eq!(Reason::of("another version's"), None);
    }
}
