//! The kinds of notices: what members can be told. How urgent each is, what it is about, and
//! whether it is one of a conversation stand here; the words in both languages and who is told are
//! the bot's (`bot::notices`).

use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// What a notice tells. Tables hold the code; one that was ever stored keeps its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantArray)]
pub enum NoticeKind {
    /// A campaign waits for an approver.
    #[strum(serialize = "campaign.submitted")]
    CampaignSubmitted,
    /// An approver agreed to a campaign.
    #[strum(serialize = "campaign.approved")]
    CampaignApproved,
    /// An approver gave a campaign back.
    #[strum(serialize = "campaign.returned")]
    CampaignReturned,
    /// A campaign came to its end.
    #[strum(serialize = "campaign.finished")]
    CampaignFinished,
    /// A member stopped a campaign.
    #[strum(serialize = "campaign.stopped")]
    CampaignStopped,
    /// A campaign did not start.
    #[strum(serialize = "campaign.failed")]
    CampaignFailed,
    /// A campaign waits until somebody resumes it.
    #[strum(serialize = "campaign.paused")]
    CampaignPaused,
    /// A scheduled start was taken back.
    #[strum(serialize = "campaign.recalled")]
    CampaignRecalled,
    /// A template's version waits for an approver.
    #[strum(serialize = "template.submitted")]
    TemplateSubmitted,
    /// An approver agreed to a version.
    #[strum(serialize = "template.approved")]
    TemplateApproved,
    /// An approver gave a version back.
    #[strum(serialize = "template.returned")]
    TemplateReturned,
    /// A provider approved a template.
    #[strum(serialize = "template.accepted")]
    TemplateAccepted,
    /// A provider turned a template down, or lets no message go by it any more.
    #[strum(serialize = "template.barred")]
    TemplateBarred,
    /// A customer wrote.
    #[strum(serialize = "customer.answered")]
    CustomerAnswered,
    /// A customer wrote what perhaps is a refusal.
    #[strum(serialize = "customer.doubt")]
    CustomerDoubt,
    /// A member's reply did not arrive, or nobody knows whether it did.
    #[strum(serialize = "reply.undelivered")]
    ReplyUndelivered,
    /// A conversation was given to a member.
    #[strum(serialize = "conversation.assigned")]
    TalkAssigned,
    /// Something came in that cannot be handled.
    #[strum(serialize = "inbound.failed")]
    InboundFailed,
    /// A provider refuses a channel.
    #[strum(serialize = "channel.stopped")]
    ChannelStopped,
    /// A messenger gives no good answer for long.
    #[strum(serialize = "channel.cut")]
    ChannelCut,
    /// It answers again.
    #[strum(serialize = "channel.back")]
    ChannelBack,
    /// A messenger lost what people wrote before we asked for it.
    #[strum(serialize = "channel.forgot")]
    ChannelForgot,
    /// A provider lets a channel send again that it had stopped.
    #[strum(serialize = "channel.sends")]
    ChannelSends,
    /// A CRM lets us in no more.
    #[strum(serialize = "crm.reauth")]
    CrmReauth,
    /// A CRM refuses our calls for a while.
    #[strum(serialize = "crm.held")]
    CrmHeld,
    /// A CRM has switched its webhook off.
    #[strum(serialize = "crm.hooks")]
    CrmHooks,
    /// A CRM's token ends soon.
    #[strum(serialize = "crm.token_ends")]
    CrmTokenEnds,
    /// A file of contacts is in.
    #[strum(serialize = "import.done")]
    ImportDone,
    /// A file of contacts did not get to its end.
    #[strum(serialize = "import.stopped")]
    ImportStopped,
    /// A login was locked.
    #[strum(serialize = "member.locked")]
    MemberLocked,
    /// Somebody guesses at a login's password.
    #[strum(serialize = "member.guessed")]
    MemberGuessed,
    /// A link was made by which a member's password can be set.
    #[strum(serialize = "member.password_link")]
    MemberPasswordLink,
    /// A member's password was set by such a link.
    #[strum(serialize = "member.password_set")]
    MemberPasswordSet,
    /// Somebody knows a member's password, and not the second factor.
    #[strum(serialize = "second.guessed")]
    SecondGuessed,
    /// A member's second factor was taken away by an owner, or at the server.
    #[strum(serialize = "second.reset")]
    SecondReset,
    /// Somebody accepted an invitation.
    #[strum(serialize = "member.joined")]
    MemberJoined,
    /// A member signed in from a phone that was not known.
    #[strum(serialize = "session.new")]
    SessionNew,
    /// A member says that such a sign-in was not theirs.
    #[strum(serialize = "session.not_me")]
    SessionNotMe,
    /// The account's licence ends soon.
    #[strum(serialize = "licence.ending")]
    LicenceEnding,
    /// It ended.
    #[strum(serialize = "licence.ended")]
    LicenceEnded,
    /// A licence was paid for, and is there.
    #[strum(serialize = "licence.paid")]
    LicencePaid,
    /// Money came that an order did not wait for.
    #[strum(serialize = "licence.strange")]
    LicenceStrange,
    /// The plan's messages of the month are used up, or its people.
    #[strum(serialize = "licence.used_up")]
    LicenceUsedUp,
    /// How far the trail goes, for a place outside the database.
    #[strum(serialize = "trail.heads")]
    TrailHeads,
    /// The trail is not what was noted of it.
    #[strum(serialize = "trail.broken")]
    TrailBroken,
    /// The file of what was noted of the trail is not as it was written.
    #[strum(serialize = "trail.file")]
    TrailFile,
    /// The last day of a demand to destroy a person's data is near, or past.
    #[strum(serialize = "erasure.due")]
    ErasureDue,
    /// Pages of the database are not what they should be.
    #[strum(serialize = "database.damaged")]
    DatabaseDamaged,
    /// Advertising waits for an owner's word after a restore.
    #[strum(serialize = "advertising.held")]
    AdvertisingHeld,
    /// The server will be worked on.
    #[strum(serialize = "maintenance.planned")]
    MaintenancePlanned,
    /// It will not, or is no more.
    #[strum(serialize = "maintenance.lifted")]
    MaintenanceLifted,
    /// A version of the licensor's texts waits for an owner.
    #[strum(serialize = "agreement.changed")]
    AgreementChanged,
    /// The licensor closed access.
    #[strum(serialize = "access.suspended")]
    AccessSuspended,
    /// The licensor opened it again.
    #[strum(serialize = "access.lifted")]
    AccessLifted,
    /// The licensor switched a function off or on.
    #[strum(serialize = "feature.switched")]
    FeatureSwitched,
    /// The licensor answered a ticket.
    #[strum(serialize = "support.answered")]
    SupportAnswered,
    /// The licensor answered a claim.
    #[strum(serialize = "claim.answered")]
    ClaimAnswered,
    /// A dossier can be taken.
    #[strum(serialize = "evidence.ready")]
    DossierReady,
    /// A dossier could not be made.
    #[strum(serialize = "evidence.failed")]
    DossierFailed,
    /// The last day for an answer to a request for evidence comes, is there, or is over.
    #[strum(serialize = "evidence.due")]
    EvidenceDue,
}

/// Which of a chat's notices is told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Something has stopped, or somebody must act.
    Alarm,
    /// Something happened.
    News,
    /// Customers' words, of which there may be very many.
    Talk,
}

/// What a notice is about, and so what opens under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// `campaign` in the payload.
    Campaign,
    /// `version` in the payload.
    Template,
    /// `contact` in the payload.
    Conversation,
    /// What came in and was given up.
    Inbound,
    /// `channel` in the payload.
    Channel,
    /// `connection` in the payload.
    Crm,
    /// `import` in the payload.
    Import,
    /// `member` in the payload.
    Member,
    /// `dossier` or `request` in the payload.
    Evidence,
    /// The account's licence.
    Licence,
    /// The account's trail.
    Trail,
    /// `erasure` in the payload.
    Erasure,
    /// The file of all accounts.
    Database,
    /// The account itself.
    Company,
    /// The server of all accounts.
    Server,
    /// The licensor's texts.
    Agreement,
    /// What the licensor closed or switched off.
    Access,
    /// `ticket` in the payload.
    Support,
    /// `claim` in the payload.
    Claim,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The code in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The kind of a code; `None`: another version's.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        code.parse().ok()
    }

    /// How urgent it is.
    #[must_use]
    pub fn priority(self) -> Priority {
        match self {
            Self::ChannelStopped
            | Self::ChannelCut
            | Self::ChannelForgot
            | Self::InboundFailed
            | Self::CampaignPaused
            | Self::CampaignFailed
            | Self::CrmReauth
            | Self::MemberLocked
            | Self::MemberGuessed
            | Self::MemberPasswordLink
            | Self::MemberPasswordSet
            | Self::SecondGuessed
            | Self::SecondReset
            | Self::SessionNew
            | Self::SessionNotMe
            | Self::LicenceEnding
            | Self::LicenceEnded
            | Self::LicenceStrange
            | Self::LicenceUsedUp
            | Self::ImportStopped
            | Self::TrailBroken
            | Self::TrailFile
            | Self::ErasureDue
            | Self::DatabaseDamaged
            | Self::AdvertisingHeld
            | Self::MaintenancePlanned
            | Self::AgreementChanged
            | Self::AccessSuspended
            | Self::TemplateBarred
            | Self::ReplyUndelivered
            | Self::EvidenceDue => Priority::Alarm,
            Self::CampaignSubmitted
            | Self::CampaignApproved
            | Self::CampaignReturned
            | Self::CampaignFinished
            | Self::CampaignStopped
            | Self::CampaignRecalled
            | Self::TemplateSubmitted
            | Self::TemplateApproved
            | Self::TemplateReturned
            | Self::TemplateAccepted
            | Self::CustomerDoubt
            | Self::TalkAssigned
            | Self::ChannelBack
            | Self::ChannelSends
            | Self::CrmHeld
            | Self::CrmHooks
            | Self::CrmTokenEnds
            | Self::ImportDone
            | Self::LicencePaid
            | Self::MemberJoined
            | Self::TrailHeads
            | Self::MaintenanceLifted
            | Self::AccessLifted
            | Self::FeatureSwitched
            | Self::SupportAnswered
            | Self::ClaimAnswered
            | Self::DossierReady
            | Self::DossierFailed => Priority::News,
            Self::CustomerAnswered => Priority::Talk,
        }
    }

    /// Whether a contact's notices of this kind are one: raised again with each message, and told
    /// by one message that is edited.
    #[must_use]
    pub fn is_talk(self) -> bool {
        matches!(self, Self::CustomerAnswered | Self::CustomerDoubt)
    }

    /// What it is about.
    #[must_use]
    pub fn about(self) -> About {
        match self {
            Self::CampaignSubmitted
            | Self::CampaignApproved
            | Self::CampaignReturned
            | Self::CampaignFinished
            | Self::CampaignStopped
            | Self::CampaignFailed
            | Self::CampaignPaused
            | Self::CampaignRecalled => About::Campaign,
            Self::TemplateSubmitted | Self::TemplateApproved | Self::TemplateReturned | Self::TemplateAccepted | Self::TemplateBarred => {
                About::Template
            }
            Self::CustomerAnswered | Self::CustomerDoubt | Self::ReplyUndelivered | Self::TalkAssigned => About::Conversation,
            Self::InboundFailed => About::Inbound,
            Self::ChannelStopped | Self::ChannelCut | Self::ChannelBack | Self::ChannelForgot | Self::ChannelSends => About::Channel,
            Self::CrmReauth | Self::CrmHeld | Self::CrmHooks | Self::CrmTokenEnds => About::Crm,
            Self::ImportDone | Self::ImportStopped => About::Import,
            Self::MemberLocked
            | Self::MemberGuessed
            | Self::MemberPasswordLink
            | Self::MemberPasswordSet
            | Self::SecondGuessed
            | Self::SecondReset
            | Self::MemberJoined
            | Self::SessionNew
            | Self::SessionNotMe => About::Member,
            Self::DossierReady | Self::DossierFailed | Self::EvidenceDue => About::Evidence,
            Self::LicenceEnding | Self::LicenceEnded | Self::LicencePaid | Self::LicenceStrange | Self::LicenceUsedUp => About::Licence,
            Self::TrailHeads | Self::TrailBroken | Self::TrailFile => About::Trail,
            Self::ErasureDue => About::Erasure,
            Self::DatabaseDamaged => About::Database,
            Self::AdvertisingHeld => About::Company,
            Self::MaintenancePlanned | Self::MaintenanceLifted => About::Server,
            Self::AgreementChanged => About::Agreement,
            Self::AccessSuspended | Self::AccessLifted | Self::FeatureSwitched => About::Access,
            Self::SupportAnswered => About::Support,
            Self::ClaimAnswered => About::Claim,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::DUE_OF;

    #[test]
    fn every_kind_comes_back_from_its_code() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::of(kind.as_str()), Some(*kind));
            assert!(kind.as_str().contains('.') && kind.to_string() == kind.as_str(), "{kind:?}");
        }
        assert_eq!(NoticeKind::of("campaign.of_another_version"), None);
        let codes = NoticeKind::ALL.iter().map(|kind| kind.as_str()).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(codes.len(), NoticeKind::ALL.len());
    }

    /// The statement put customers' words last and left alarms among the news: behind 500 of them
    /// an alarm was not even read.
    #[test]
    fn the_statement_reads_notices_by_their_priority() {
        let lists: Vec<&str> = DUE_OF.split("kind in (").skip(1).map(|list| list.split(')').next().unwrap()).collect();
        assert_eq!(lists.len(), 2, "{DUE_OF}");
        for kind in NoticeKind::ALL {
            let found = lists.iter().position(|list| list.contains(&format!("'{kind}'")));
            let meant = match kind.priority() {
                Priority::Alarm => Some(0),
                Priority::Talk => Some(1),
                Priority::News => None,
            };
            assert_eq!(found, meant, "{kind}");
        }
    }
}
