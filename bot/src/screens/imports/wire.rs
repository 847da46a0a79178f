//! What the buttons of imports carry, and what is asked.

use mms_core::{
    contact::{FieldKind, import::Basis, value::DayOrder},
    id::{FieldId, ImportId},
    stamp::Stamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::{self, Need},
        dialogue::{Input, Steps},
    },
    wire_enum,
};

/// What a column is given to, in a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// Nothing of ours.
    Skip,
    Phone,
    /// E-mail.
    Email,
    /// Full name.
    Name,
    FirstName,
    LastName,
    Patronymic,
    Tags,
    /// A field of the account.
    Field(FieldId),
}

impl callback::Field for To {
    fn put(&self) -> String {
        match self {
            Self::Skip => "s".to_owned(),
            Self::Phone => "p".to_owned(),
            Self::Email => "e".to_owned(),
            Self::Name => "n".to_owned(),
            Self::FirstName => "f".to_owned(),
            Self::LastName => "l".to_owned(),
            Self::Patronymic => "m".to_owned(),
            Self::Tags => "t".to_owned(),
            Self::Field(id) => format!("F{}", callback::Field::put(id)),
        }
    }
    fn take(text: &str) -> Option<Self> {
        Some(match text {
            "s" => Self::Skip,
            "p" => Self::Phone,
            "e" => Self::Email,
            "n" => Self::Name,
            "f" => Self::FirstName,
            "l" => Self::LastName,
            "m" => Self::Patronymic,
            "t" => Self::Tags,
            _ => Self::Field(callback::Field::take(text.strip_prefix('F')?)?),
        })
    }
    fn sample() -> Self {
        Self::Field(callback::Field::sample())
    }
}

wire_enum!(DayOrder { DayFirst = "d", MonthFirst = "m" });
wire_enum!(Basis { SignedDocument = "s", OwnerStatement = "o", NoConsent = "n" });

calls! {
    /// Buttons of imports.
    pub enum Call {
        /// The last imports.
        "l" List => Edit,
        /// An import's card.
        "c" Card { import: ImportId } => Edit,
        /// What the columns hold.
        "m" Columns { import: ImportId, page: u32 } => Edit,
        /// What does a column hold? The stamp is of the columns that were shown, here and below.
        "k" Column { import: ImportId, column: u8, page: u32, stamp: Stamp } => Edit,
        /// It holds this.
        "K" Set { import: ImportId, column: u8, to: To, stamp: Stamp } => Edit,
        /// A new field for a column: of which kind?
        "n" NewField { import: ImportId, column: u8, stamp: Stamp } => Edit,
        /// A new field of this kind for a column, named by its heading.
        "N" Make { import: ImportId, column: u8, kind: FieldKind, stamp: Stamp } => Edit,
        /// All columns at once, each to the field of its heading.
        "a" TakeAll { import: ImportId } => Edit,
        /// Which sheet?
        "s" Sheets { import: ImportId } => Edit,
        /// This sheet, by its place among the visible ones.
        "S" Sheet { import: ImportId, at: u8 } => Edit,
        /// What `05/06/2026` means.
        "o" Order { import: ImportId, order: DayOrder } => Edit,
        /// The first row is headings, or is not.
        "h" Header { import: ImportId, header: bool } => Edit,
        /// Tags for every contact of the file: asks for them.
        "t" Tags { import: ImportId } => Edit,
        /// By what right?
        "b" Bases { import: ImportId } => Edit,
        /// By this right; asks for the origin.
        "B" SetBasis { import: ImportId, basis: Basis } => Edit,
        /// Count what would happen.
        "d" Check { import: ImportId } => Edit,
        /// Start what was shown.
        "g" Start { import: ImportId, stamp: Stamp } => Edit,
        /// Go on with one that is held.
        "u" Resume { import: ImportId } => Edit,
        /// Give up: asks first.
        "x" AskCancel { import: ImportId } => Edit,
        /// Give up.
        "X" Cancel { import: ImportId } => Edit,
        /// The people of the file as a segment.
        "p" People { import: ImportId } => Edit,
        /// A campaign for them.
        "q" Campaign { import: ImportId } => Edit,
        /// The file of refused rows.
        "r" Refused { import: ImportId } => Export,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    File,
    /// Where the data come from.
    Origin {
        import: ImportId,
        /// By what right, chosen before.
        basis: Basis,
    },
    /// Tags for all.
    Tags {
        import: ImportId,
    },
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Edit
    }

    // A table in place of any answer begins another import; whatever is no table is told so.
    fn takes(&self, input: &Input) -> bool {
        *self == Self::File || input.document().is_some() || input.has_words()
    }
}
