//! Reasons: why a message did not go, was left out, was taken back or was refused later, and why a
//! campaign waits or ended. One list for planning, claim, outcome, receipts, pauses, reports and
//! screens; `bot::words::reasons` has the words of each.
//!
//! Tables hold a reason's code. A row may have been written by another version, so what is read
//! from a table is a [`Why`], which keeps a code it does not know.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqlx::{Database, Decode, Type, error::BoxDynError};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// Why a message did not go, or why a campaign stands as it does. The code in tables is the name in
/// snake case; a code that was ever stored keeps its meaning.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Reason {
    /// The contact was deleted.
    Deleted,
    /// There is no address at the channel.
    NoAddress,
    /// Said stop.
    OptedOut,
    /// Stands on a list of those never written to, by any address of theirs.
    Suppressed,
    /// Perhaps asked not to be written to, and has not answered yet whether so.
    Doubt,
    /// The provider says that nobody can be reached there.
    Unreachable,
    /// No consent to advertising.
    NoConsent,
    /// The consent's evidence is weaker than the account asks for.
    ConsentGrade,
    /// Got an advertising message lately.
    FrequencyCap,
    /// An earlier step of the campaign reached the person meanwhile.
    Reached,
    /// It did not go, and the next step of the campaign went in its place.
    TakenOver,
    /// The channel it was to go through was removed.
    ChannelRemoved,
    /// Another contact of the audience has the same address.
    DuplicateAddress,
    /// Two contacts of the campaign turned out to be one person, and the other's message counts.
    SamePerson,
    /// The account has no valid licence.
    Licence,
    /// The plan allows no more.
    PlanLimit,
    /// The licensor closed access ([`crate::account::suspension`]).
    Suspended,
    /// The licensor switched a function off that it needs ([`crate::account::feature`]).
    FeatureOff,
    /// The window closed before it went.
    WindowClosed,
    CampaignStopped,
    /// The template's variable has no value.
    NoValue,
    /// The rendered text is too long.
    TooLong,
    /// Rendering takes too much work.
    TooMuchWork,
    /// The rendered text is empty.
    Empty,
    /// The rendered markup is wrong.
    BadMarkup,
    /// The recipient blocked us.
    Blocked,
    /// The provider refused this message.
    Rejected,
    /// It failed in passing too often.
    AttemptsExhausted,
    /// Nobody can tell whether it went.
    NoAnswer,
    /// It went once with an unknown outcome and goes again, by the campaign's policy or a member's
    /// word.
    Resend,
    /// It went once with an unknown outcome and goes again, because its client id makes a repeat
    /// harmless for a while.
    Repeat,
    /// The database came from a backup: what was sent since is not known.
    Restored,
    /// A member wanted it.
    Member,
    /// The phone of whoever launched it was lost.
    LostPhone,
    /// Messages with an unknown outcome wait for a member's word.
    Uncertain,
    /// The template, or its file, cannot be read.
    Template,
    /// Planning found more recipients than the launching member confirmed.
    AudienceGrew,
    /// What would go out is not what was approved.
    ApprovalVoid,
    /// An approver gave it back.
    Returned,
    /// The recipient wrote too long ago for a free text.
    ReplyWindow,
    /// The provider has no approved template for it.
    TemplateNeeded,
    /// The sender's quota at the provider was used up too often.
    Quota,
    /// The messenger lets nothing of this kind through to this recipient now.
    Withheld,
    /// The provider approves the campaign's template no more: it paused, disabled or lost it.
    TemplateBarred,
    /// A rule of law lets nothing of this class go through this messenger ([`crate::law`]).
    Law,
}

impl Reason {
    /// Every reason.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The code in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The reason of a code; `None`: another version's.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        code.parse().ok()
    }
}

/// How the code of [`Why::AllFailed`] begins; the code of the messages' reason follows.
const ALL_FAILED: &str = "all_failed:";

/// A reason as a row has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// One of ours.
    Is(Reason),
    /// The first recipients of a campaign all failed, each for this.
    AllFailed(Box<Self>),
    /// A code of another version, as it is stored.
    Other(String),
}

impl Why {
    /// The reason of a stored code.
    #[must_use]
    pub fn of(code: &str) -> Self {
        match (Reason::of(code), code.strip_prefix(ALL_FAILED)) {
            (Some(reason), _) => Self::Is(reason),
            (None, Some(each)) => Self::AllFailed(Box::new(Self::of(each))),
            (None, None) => Self::Other(code.to_owned()),
        }
    }

    /// The code in tables.
    #[must_use]
    pub fn code(&self) -> Cow<'_, str> {
        match self {
            Self::Is(reason) => Cow::Borrowed(reason.as_str()),
            Self::AllFailed(each) => Cow::Owned(format!("{ALL_FAILED}{}", each.code())),
            Self::Other(code) => Cow::Borrowed(code),
        }
    }

    /// The reason, if it is one of ours.
    #[must_use]
    pub fn known(&self) -> Option<Reason> {
        match self {
            Self::Is(reason) => Some(*reason),
            Self::AllFailed(_) | Self::Other(_) => None,
        }
    }
}

impl From<Reason> for Why {
    fn from(reason: Reason) -> Self {
        Self::Is(reason)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code())
    }
}

impl Serialize for Why {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.code())
    }
}

impl<'de> Deserialize<'de> for Why {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&Cow::<'de, str>::deserialize(deserializer)?))
    }
}

impl<DB: Database> Type<DB> for Why
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        String::type_info()
    }

    fn compatible(found: &DB::TypeInfo) -> bool {
        String::compatible(found)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Why
where
    &'r str: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self::of(<&str as Decode<'r, DB>>::decode(value)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes that tables have had since the first version. A reason may be added, never
    /// renamed.
    const STORED: &[&str] = &[
        "deleted",
        "no_address",
        "opted_out",
        "suppressed",
        "doubt",
        "unreachable",
        "no_consent",
        "consent_grade",
        "frequency_cap",
        "duplicate_address",
        "licence",
        "plan_limit",
        "window_closed",
        "campaign_stopped",
        "no_value",
        "too_long",
        "too_much_work",
        "empty",
        "bad_markup",
        "blocked",
        "rejected",
        "attempts_exhausted",
        "no_answer",
        "resend",
        "repeat",
        "restored",
        "member",
        "lost_phone",
        "uncertain",
        "template",
        "audience_grew",
        "approval_void",
        "returned",
        "reply_window",
        "template_needed",
        "quota",
        "withheld",
        "template_barred",
        "law",
    ];

    #[test]
    fn every_reason_comes_back_from_its_code() {
        for reason in Reason::ALL {
            assert_eq!(Reason::of(reason.as_str()), Some(*reason));
            assert_eq!(Why::of(reason.as_str()), Why::from(*reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
            let all = Why::AllFailed(Box::new((*reason).into()));
            assert_eq!(Why::of(&all.code()), all);
        }
        for code in STORED {
            assert!(Reason::of(code).is_some(), "{code}");
        }
    }

    /// A row of another version could not be read, or lost what it said.
    #[test]
    fn a_code_of_another_version_is_kept_as_it_is() {
        for code in ["new_in_a_later_version", "", "all_failed:", "all_failed:new", "Blocked"] {
            let why = Why::of(code);
            assert_eq!((why.code().as_ref(), why.known()), (code, None));
            assert_eq!(serde_json::from_value::<Why>(serde_json::to_value(&why).unwrap()).unwrap(), why);
        }
    }
}
