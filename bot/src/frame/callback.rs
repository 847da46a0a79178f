//! What a button carries: a typed value, at most 64 bytes on the wire, its wire form pinned by a
//! test.
//!
//! The form is `<feature>:<call>[:<field>…]`; UUIDs are 22 characters of base64url. Each call
//! declares what it [`Need`]s, and the server asks at every press. [`calls!`](crate::calls) writes
//! the codec of a feature's calls; `features!` in `screens.rs` joins the features into
//! [`Callback`](crate::screens::Callback).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use mms_core::{
    account::{Language, Right, Role},
    channel::ChannelKind,
    crm::{CrmKind, mapping::Part},
    stamp::Stamp,
};

/// The most bytes Telegram keeps in a button (contracts/messengers/telegram.md, 2).
pub const MAX_BYTES: usize = 64;

/// Who may press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// Anybody, signed in or not.
    Anyone,
    /// A member with [`Right::View`].
    View,
    /// A member with [`Right::Edit`].
    Edit,
    /// A member with [`Right::Approve`].
    Approve,
    /// A member with [`Right::Export`].
    Export,
    /// A member with [`Right::Evidence`].
    Evidence,
    /// A member with [`Right::Own`].
    Own,
}

impl Need {
    /// The right asked of a member; `None`: nothing is asked.
    #[must_use]
    pub fn right(self) -> Option<Right> {
        match self {
            Self::Anyone => None,
            Self::View => Some(Right::View),
            Self::Edit => Some(Right::Edit),
            Self::Approve => Some(Right::Approve),
            Self::Export => Some(Right::Export),
            Self::Evidence => Some(Right::Evidence),
            Self::Own => Some(Right::Own),
        }
    }

    /// Whether somebody with this role (`None`: not signed in) may.
    #[must_use]
    pub fn admits(self, role: Option<Role>) -> bool {
        match (self.right(), role) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(right), Some(role)) => role.may(right),
        }
    }
}

/// A button's call as the frame carries it. The features make it of theirs (`features!` in
/// `screens.rs`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Press {
    /// The wire form: at most [`MAX_BYTES`].
    pub wire: String,
    /// Who may press.
    pub need: Need,
}

impl Press {
    /// The menu, where the last row of every screen leads.
    #[must_use]
    pub fn menu() -> Self {
        Self { wire: "m:m".to_owned(), need: Need::View }
    }

    /// Whether it leads to the menu.
    #[must_use]
    pub fn is_menu(&self) -> bool {
        *self == Self::menu()
    }
}

/// A value inside a button.
pub trait Field: Sized {
    /// Its wire form, without `:`.
    fn put(&self) -> String;
    /// Reads the wire form.
    fn take(text: &str) -> Option<Self>;
    /// A value for tests: the longest there is.
    fn sample() -> Self;
}

impl Field for uuid::Uuid {
    fn put(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.as_bytes())
    }
    fn take(text: &str) -> Option<Self> {
        Self::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
    fn sample() -> Self {
        Self::from_u128(0x0192_f0c1_d2e3_7a4b_8c5d_6e7f_8091_a2b3)
    }
}

/// Words that were looked for, in the call that shows again what they found.
///
/// They may be longer than a button carries: such a call is a place to come back to
/// ([`super::ways`]), and no button has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought(pub String);

impl Sought {
    /// Characters kept: more find nothing.
    const MOST: usize = 200;

    /// What was typed.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        Self(typed.chars().take(Self::MOST).collect())
    }
}

impl Field for Sought {
    fn put(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }
    fn take(text: &str) -> Option<Self> {
        String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok().map(Self)
    }
    fn sample() -> Self {
        Self("Анна".to_owned())
    }
}

macro_rules! uuid_fields {
    ($($name:ident),+ $(,)?) => {$(
        impl Field for mms_core::id::$name {
            fn put(&self) -> String {
                self.0.put()
            }
            fn take(text: &str) -> Option<Self> {
                Field::take(text).map(Self)
            }
            fn sample() -> Self {
                Self(Field::sample())
            }
        }
    )+};
}
uuid_fields![
    MemberId,
    SessionId,
    InvitationId,
    ChannelId,
    ConnectionId,
    ContactId,
    FieldId,
    AddressId,
    SegmentId,
    ImportId,
    ErasureId,
    TemplateId,
    VersionId,
    CampaignId,
    FileId,
    WordingId,
    SuppressionId,
    QuickReplyId,
    JoinId,
    TicketId,
    ClaimId,
    DossierId,
    EvidenceRequestId,
    PaperId,
    KeywordId,
];

macro_rules! number_fields {
    ($($kind:ty),+) => {$(
        impl Field for $kind {
            fn put(&self) -> String {
                self.to_string()
            }
            fn take(text: &str) -> Option<Self> {
                text.parse().ok()
            }
            fn sample() -> Self {
                Self::MAX
            }
        }
    )+};
}
number_fields!(u8, u16, u32, u64, i16, i64);

impl Field for Stamp {
    fn put(&self) -> String {
        format!("{:04x}", self.0)
    }
    fn take(text: &str) -> Option<Self> {
        (text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| u16::from_str_radix(text, 16).ok().map(Self))
            .flatten()
    }
    fn sample() -> Self {
        Self(u16::MAX)
    }
}

impl Field for bool {
    fn put(&self) -> String {
        if *self { "1" } else { "0" }.to_owned()
    }
    fn take(text: &str) -> Option<Self> {
        match text {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }
    fn sample() -> Self {
        true
    }
}

/// Gives a small enum its wire letters: `wire_enum!(Role { Owner = "o", Manager = "m" });`
#[macro_export]
macro_rules! wire_enum {
    ($name:ty { $first:ident = $first_tag:literal $(, $variant:ident = $tag:literal)* $(,)? }) => {
        impl $crate::frame::callback::Field for $name {
            fn put(&self) -> String {
                match self {
                    Self::$first => $first_tag,
                    $(Self::$variant => $tag,)*
                }
                .to_owned()
            }
            fn take(text: &str) -> Option<Self> {
                match text {
                    $first_tag => Some(Self::$first),
                    $($tag => Some(Self::$variant),)*
                    _ => None,
                }
            }
            fn sample() -> Self {
                Self::$first
            }
        }
    };
}

wire_enum!(Role { Owner = "o", Manager = "m", Approver = "a", Viewer = "v" });
wire_enum!(Language { Ru = "ru", En = "en" });

impl Field for ChannelKind {
    fn put(&self) -> String {
        self.as_str().to_owned()
    }
    fn take(text: &str) -> Option<Self> {
        Self::named(text)
    }
    fn sample() -> Self {
        Self::ALL.iter().copied().max_by_key(|kind| kind.as_str().len()).unwrap_or(Self::Telegram)
    }
}

impl Field for CrmKind {
    fn put(&self) -> String {
        self.as_str().to_owned()
    }
    fn take(text: &str) -> Option<Self> {
        Self::named(text)
    }
    fn sample() -> Self {
        Self::ALL.iter().copied().max_by_key(|kind| kind.as_str().len()).unwrap_or(Self::ALL[0])
    }
}

impl Field for Part {
    fn put(&self) -> String {
        self.as_str().to_owned()
    }
    fn take(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|part| part.as_str() == text)
    }
    fn sample() -> Self {
        Self::ALL.iter().copied().max_by_key(|part| part.as_str().len()).unwrap_or(Self::Key)
    }
}

/// What a feature's enum of calls can do; written by [`calls!`](crate::calls).
pub trait Calls: Sized {
    /// The wire form after the feature's letter.
    fn encode(&self) -> String;
    /// Reads it; `None`: a button of another version.
    fn decode(wire: &str) -> Option<Self>;
    /// Who may press.
    fn need(&self) -> Need;
    /// One of each, for tests.
    fn samples() -> Vec<Self>;
}

/// A feature's buttons: `"wire tag" Variant { field: Type } => Need`.
///
/// ```text
/// calls! {
///     /// Buttons of the members' screens.
///     pub enum Call {
///         /// The list.
///         "l" List => View,
///         /// Change a role.
///         "r" SetRole { member: MemberId, role: Role } => Own,
///     }
/// }
/// ```
#[macro_export]
macro_rules! calls {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$vmeta:meta])* $tag:literal $variant:ident $( { $($field:ident : $kind:ty),+ $(,)? } )? => $need:ident ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$vmeta])* $variant $( { $(
                #[allow(missing_docs, reason = "the name of an id's field says it")]
                $field: $kind
            ),+ } )? ),+
        }

        impl $crate::frame::callback::Calls for $name {
            fn encode(&self) -> String {
                match self {
                    $( Self::$variant $( { $($field),+ } )? => {
                        #[allow(unused_mut, reason = "a call without fields adds nothing")]
                        let mut wire = String::from($tag);
                        $($(
                            wire.push(':');
                            wire.push_str(&$crate::frame::callback::Field::put($field));
                        )+)?
                        wire
                    } ),+
                }
            }

            fn decode(wire: &str) -> Option<Self> {
                let mut parts = wire.split(':');
                let call = match parts.next()? {
                    $( $tag => Self::$variant $( { $($field: $crate::frame::callback::Field::take(parts.next()?)?),+ } )?, )+
                    _ => return None,
                };
                parts.next().is_none().then_some(call)
            }

            fn need(&self) -> $crate::frame::callback::Need {
                match self {
                    $( Self::$variant { .. } => $crate::frame::callback::Need::$need ),+
                }
            }

            fn samples() -> Vec<Self> {
                vec![ $( Self::$variant $( { $($field: $crate::frame::callback::Field::sample()),+ } )? ),+ ]
            }
        }
    };
}

#[cfg(test)]
mod tests;
