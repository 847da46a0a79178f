//! Templates that a provider must approve before a message may go by them: what is handed in, and
//! what the provider tells of it. Data, so that whoever hands in names no messenger.

use serde::{Deserialize, Serialize};

use super::Media;
use crate::{clock::Moment, text::Rich, words::Class};

/// What a provider's templates may be like ([`super::Capabilities::templates`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateRules {
    /// Characters of the text, its values among them.
    pub text: usize,
    /// Characters on a button.
    pub button: usize,
    /// Buttons that open a page.
    pub links: usize,
    /// MIME types of a picture above the text.
    pub photos: &'static [&'static str],
    /// MIME types of a file above the text.
    pub documents: &'static [&'static str],
    /// They are made and reviewed in the company's account at the provider: handing one in finds
    /// the one there that says the same.
    pub made_at_provider: bool,
}

/// What kind of template it is to the provider: it prices and limits by it, and may change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Category {
    /// It advertises.
    Marketing,
    /// It serves: an order, a visit.
    Utility,
}

impl From<Class> for Category {
    fn from(class: Class) -> Self {
        match class {
            Class::Advertising => Self::Marketing,
            Class::Service => Self::Utility,
        }
    }
}

/// Where a template is at its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReviewState {
    /// It is being handed in, or nobody can tell whether it was.
    Sending,
    /// The provider did not take it as it is.
    Refused,
    /// It is being reviewed.
    Pending,
    /// Messages may go by it.
    Approved,
    /// The review turned it down.
    Rejected,
    /// No message goes by it for a while: people complained.
    Paused,
    /// No message goes by it any more.
    Disabled,
    /// It is at the provider no more.
    Gone,
}

impl ReviewState {
    /// Every state.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word in tables and payloads.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether the provider has it and may come to approve it: a campaign with it may be handed in.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Pending | Self::Approved | Self::Paused)
    }

    /// Whether it may be handed in (again) as it is.
    #[must_use]
    pub fn may_be_handed_in(self) -> bool {
        matches!(self, Self::Sending | Self::Refused | Self::Gone)
    }
}

/// The character that stands in the text of a form where its n-th value comes.
#[must_use]
pub fn place(n: usize) -> char {
    u32::try_from(n).ok().and_then(|n| char::from_u32(FIRST + n)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Which value comes at a character of a form's text.
#[must_use]
pub fn placed(char: char) -> Option<usize> {
    let n = u32::from(char).checked_sub(FIRST)?;
    (n < MOST).then_some(n as usize)
}

/// Private characters that nobody types (plane 15).
const FIRST: u32 = 0xF_0000;
/// As many values as a text could ever have.
const MOST: u32 = 4_096;

/// A template as it is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateForm {
    /// Its name at the provider: small latin letters, digits, underscores.
    pub name: String,
    /// An IETF tag.
    pub language: String,
    pub category: Category,
    /// The text; where a value comes stands [`place`].
    pub body: Rich,
    /// The name of each value and an example of it, in their order.
    pub values: Vec<(String, String)>,
    /// A picture or a file above the text: an example.
    pub header: Option<Media>,
    pub buttons: Vec<FormButton>,
}

/// A button of a template as it is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormButton {
    /// Comes back to us.
    Reply { text: String },
    /// Opens a page.
    Url {
        text: String,
        /// The address, or what each begins with.
        url: String,
        /// A whole address, where what follows differs from person to person.
        example: Option<String>,
    },
}

/// What a provider tells of a template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplateNews {
    /// Its id at the provider; empty: not told.
    pub external_id: String,
    pub name: String,
    pub language: String,
    /// `None`: nothing is told of it.
    pub state: Option<ReviewState>,
    /// Why, in the provider's word.
    pub reason: Option<String>,
    /// How people take it, in the provider's word.
    pub quality: Option<String>,
    /// `None`: not told, or one that the product hands nothing in for.
    pub category: Option<Category>,
    /// When it happened; `None`: it is so now.
    pub at: Option<Moment>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_and_nothing_else_is_one() {
        for n in [0, 1, 4_095] {
            assert_eq!(placed(place(n)), Some(n));
        }
        for other in ['a', 'ж', '\u{f8ff}', '{', '😀'] {
            assert_eq!(placed(other), None, "{other}");
        }
    }
}
