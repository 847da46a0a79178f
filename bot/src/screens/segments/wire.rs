//! What the buttons of conditions carry: about what, compared how, with which value.

use mms_core::{
    contact::segment::{Join, Name},
    id::FieldId,
};
use serde::{Deserialize, Serialize};

use crate::{frame::callback, wire_enum};

/// What a condition is about, in a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// A name of the product, by its place in [`Name::BUILT_IN`].
    BuiltIn(u8),
    /// A field of the account.
    Field(FieldId),
}

impl callback::Field for Of {
    fn put(&self) -> String {
        match self {
            Self::BuiltIn(at) => at.to_string(),
            Self::Field(id) => format!("F{}", callback::Field::put(id)),
        }
    }
    fn take(text: &str) -> Option<Self> {
        match text.strip_prefix('F') {
            Some(id) => callback::Field::take(id).map(Self::Field),
            None => text.parse().ok().filter(|at| usize::from(*at) < Name::BUILT_IN.len()).map(Self::BuiltIn),
        }
    }
    fn sample() -> Self {
        Self::Field(callback::Field::sample())
    }
}

/// A tag that fits into a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortTag(pub String);

impl ShortTag {
    /// The most bytes of a tag in a button.
    pub const MAX: usize = 32;

    /// The tag, if it fits.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        (tag.len() <= Self::MAX && !tag.is_empty() && !tag.contains(':')).then(|| Self(tag.to_owned()))
    }
}

impl callback::Field for ShortTag {
    fn put(&self) -> String {
        self.0.clone()
    }
    fn take(text: &str) -> Option<Self> {
        Self::of(text)
    }
    fn sample() -> Self {
        Self("x".repeat(Self::MAX))
    }
}

/// A way to compare, as buttons offer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// `=`
    Is,
    /// `!=`
    IsNot,
    /// `in (…)`
    OneOf,
    /// `contains`
    Has,
    /// `not contains`
    HasNot,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// Not longer ago than this number of days.
    Within,
    /// Longer ago than this number of days.
    Older,
    /// `in next …`
    Next,
    /// `is empty`
    Empty,
    /// `is not empty`
    Filled,
}

wire_enum!(Pick {
    Is = "e",
    IsNot = "n",
    OneOf = "i",
    Has = "h",
    HasNot = "H",
    Less = "l",
    AtMost = "L",
    More = "m",
    AtLeast = "M",
    Within = "w",
    Older = "o",
    Next = "x",
    Empty = "z",
    Filled = "f",
});
wire_enum!(Join { And = "a", Or = "o" });

/// A value offered on a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// `yes`
    Yes,
    /// `no`
    No,
    /// `any`
    Any,
    /// `none`
    None,
    /// Grade A.
    A,
    /// Grade B.
    B,
    /// Grade C.
    C,
    /// Grade D.
    D,
    /// Seven days.
    Days7,
    /// Thirty days.
    Days30,
    /// Ninety days.
    Days90,
    /// Half a year.
    Days180,
    /// A year.
    Days365,
}

wire_enum!(Preset {
    Days365 = "365",
    Days180 = "180",
    Days90 = "90",
    Days30 = "30",
    Days7 = "7",
    Yes = "y",
    No = "n",
    Any = "any",
    None = "no",
    A = "A",
    B = "B",
    C = "C",
    D = "D",
});
