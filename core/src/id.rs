//! Ids are newtypes, so that a contact can never be passed where a campaign is meant.
//!
//! Rows that people name (campaigns, contacts …) carry a UUIDv7: made by the program, sorted by
//! time. Rows that come in millions (deliveries, inbound events) carry a `BIGINT` identity made by
//! the database.

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A fresh id, later than every id made before it on this machine.
            #[must_use]
            #[allow(clippy::new_without_default, reason = "a default id would be a different one each time")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }
    )+};
}

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

uuid_id! {
    /// A company that holds a licence; every row belongs to one account.
    AccountId,
    /// A person of an account.
    MemberId,
    /// A member signed in from one Telegram user id.
    SessionId,
    /// A one-time invitation for a new member.
    InvitationId,
    /// A licence of an account.
    LicenceId,
    /// One sending identity in one messenger.
    ChannelId,
    /// Credentials and sync cursor for one CRM.
    ConnectionId,
    /// A customer.
    ContactId,
    /// Where a contact can be reached.
    AddressId,
    /// A contact field of an account.
    FieldId,
    /// A saved filter over contacts.
    SegmentId,
    /// One file import.
    ImportId,
    TemplateId,
    /// An immutable version of a template.
    VersionId,
    /// A version at the provider of a channel.
    ProviderTemplateId,
    CampaignId,
    /// Kept bytes.
    FileId,
    /// A version of the account's consent wording.
    WordingId,
    SuppressionId,
    /// A saved answer.
    QuickReplyId,
    /// A time in which the server is worked on.
    MaintenanceId,
    /// Two contacts that became one.
    JoinId,
    /// Access that was closed to a company.
    SuspensionId,
    /// A demand that a person's data be destroyed.
    ErasureId,
    /// A filled form of consents.
    FormId,
    /// A consent signed on paper.
    PaperId,
    /// A word by which people come.
    KeywordId,
    /// What a company asks its licensor.
    TicketId,
    /// A claim of the register.
    ClaimId,
    /// What is known of people, gathered to be handed in.
    DossierId,
    /// Somebody's request for evidence.
    EvidenceRequestId,
}

row_id! {
    /// One message to one contact in one campaign.
    DeliveryId,
    /// One raw message or event from a messenger or CRM.
    InboundId,
    /// One message outside campaigns.
    OutgoingId,
    /// Something members must be told.
    NoticeId,
    /// Something the CRM must be told.
    CrmWriteId,
    /// An e-mail to a member.
    MailId,
    /// A message that perhaps was a refusal.
    DoubtId,
}

/// The nil UUID where a row is tied to no single channel (`address.scope_id`,
/// `suppression.scope_id`).
pub const ANY_CHANNEL: ChannelId = ChannelId(uuid::Uuid::nil());
