//! What a CRM gave and what cannot be used: nothing is changed by it. A person is told why in one
//! sentence, and may say that it is meant where that can be.

use serde::{Deserialize, Serialize};

use super::CrmError;
use crate::{stamp::Stamp, text::clean_to};

/// Why it cannot be used. The words of people are the bot's: a test looks for each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Why {
    /// There is no file at the address, or not any more.
    Absent,
    /// A web page, such as one that asks for a login, in place of a table.
    Page,
    /// Something else that is no table, such as a PDF or a damaged workbook.
    NotTable,
    /// Nothing is in it.
    Empty,
    /// More bytes, rows, columns or cells than are taken.
    TooLarge,
    /// A workbook with a password.
    Protected,
    /// The address leads on and on, or to one without https.
    Redirects,
    /// The address leads into a network of ours, or to a number in place of a name.
    Inside,
    /// The server's certificate is not to be trusted.
    Certificate,
    /// The file is not in a folder that this server allows.
    Folder,
    /// The column with the key is gone, or nothing is in it.
    NoKey,
    /// Columns that are used are gone.
    Columns,
    /// Less than half of the rows there were.
    Fewer,
    /// Most of the people there were are not in it.
    Others,
}

impl Why {
    /// Every reason.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word for tables and texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("what the CRM gave cannot be used: {}", .why.as_str())]
pub struct Unusable {
    pub why: Why,
    /// Rows when it was last read.
    #[serde(default)]
    pub before: u64,
    /// Rows now.
    #[serde(default)]
    pub now: u64,
    /// Columns that are meant.
    #[serde(default)]
    pub names: Vec<String>,
    /// The hash of what it is, where a person may say that it is meant
    /// ([`super::connection::accept`]).
    #[serde(default)]
    pub hash: Option<String>,
}

impl Unusable {
    /// That, and nothing more to be said of it.
    #[must_use]
    pub fn because(why: Why) -> Self {
        Self { why, before: 0, now: 0, names: Vec::new(), hash: None }
    }

    /// With the columns that are meant, as titles are kept.
    #[must_use]
    pub fn of(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.names = names.into_iter().map(|name| clean_to(&name, 60)).take(8).collect();
        self
    }

    /// The stamp of what is shown of it.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp::of(self)
    }
}

impl From<Why> for CrmError {
    fn from(why: Why) -> Self {
        Self::Unusable(Box::new(Unusable::because(why)))
    }
}

impl From<Unusable> for CrmError {
    fn from(unusable: Unusable) -> Self {
        Self::Unusable(Box::new(unusable))
    }
}
