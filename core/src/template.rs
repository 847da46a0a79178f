//! Templates and their immutable versions: Liquid text, media, buttons; lint, preview, approval.

mod diff;
pub mod engine;
pub mod filters;
pub mod hostile;
pub mod links;
pub mod lint;
mod marks;
pub mod meter;
pub mod names;
pub mod preview;
pub mod provider;
pub mod queries;
mod scan;
mod source;
pub mod starters;
mod tags;
pub mod versions;

pub use crate::words::Class;
pub use diff::{Changes, Piece, diff};
pub use source::{Entity, Spot, from_entities, spot};

use serde::{Deserialize, Serialize};

use crate::{
    account::Language,
    channel::{Button, MediaKind},
    clock::Moment,
    contact::occasion,
    id::{AccountId, ContactId, FileId, VersionId},
    on,
    store::Store,
    text::Rich,
};

/// A button of a template; text and link are Liquid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum TemplateButton {
    /// Opens a page.
    Url {
        /// What is written on it.
        text: String,
        /// Where it leads.
        url: String,
    },
    /// Withdraws the recipient's consent at one touch.
    OptOut {
        /// What is written on it.
        text: String,
    },
    /// Answers about the visit that the message is about; who has none does not get it.
    Answer {
        /// What is written on it.
        text: String,
        /// They come (true), or they do not.
        comes: bool,
    },
}

/// All of a version that goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Advertising or service.
    pub class: Class,
    /// Liquid over the small HTML of [`crate::text`].
    pub body: String,
    /// A file that goes along.
    pub media: Option<(MediaKind, FileId)>,
    /// Buttons, one a row.
    pub buttons: Vec<TemplateButton>,
}

impl Content {
    /// Whether it carries something of the recipient's: a name, a field, a visit. What everybody
    /// gets alike (the company, the advertiser, the day) is nothing of theirs.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        is_personal(&self.body, &self.buttons)
    }
}

/// Variables that are the same for everybody.
const EVERYBODYS: [&str; 3] = ["company", "advertiser", "today"];

/// As [`Content::is_personal`], of the texts of a version.
#[must_use]
pub fn is_personal(body: &str, buttons: &[TemplateButton]) -> bool {
    let of_button = |button: &TemplateButton| match button {
        TemplateButton::Url { text, url } => names_somebody(text) || names_somebody(url),
        TemplateButton::OptOut { text } => names_somebody(text),
        // It is about the recipient's own visit.
        TemplateButton::Answer { .. } => true,
    };
    names_somebody(body) || buttons.iter().any(of_button)
}

fn names_somebody(source: &str) -> bool {
    let (tags, _) = scan::tags(source);
    scan::variables(&tags).iter().any(|variable| !EVERYBODYS.contains(&variable.name))
}

/// What a template can see: one contact, the account, the day.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The contact's full name, first name, last name.
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    /// The contact's attributes by field key, and what the message is about by its kind
    /// ([`crate::contact::occasion::add`]).
    pub attributes: serde_json::Map<String, serde_json::Value>,
    /// The account's name.
    pub account_name: String,
    /// Who advertises.
    pub advertiser: String,
    /// The moment of rendering.
    pub now: Moment,
    /// The account's zone.
    pub zone: chrono_tz::Tz,
    /// The language of its customers: how numbers, months and days are written.
    pub language: Language,
}

/// A contact's row as templates see it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ContactFacts {
    pub id: ContactId,
    /// The full name.
    pub name: String,
    pub first_name: String,
    pub last_name: String,
    /// Attributes by field key.
    #[sqlx(json)]
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

/// An account's row as templates see it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AccountFacts {
    pub name: String,
    /// Who advertises; may be empty.
    pub advertiser: String,
    /// Its zone, an IANA name.
    pub zone: String,
    /// The language of its customers.
    pub language: Language,
}

impl AccountFacts {
    /// The account's zone; UTC should the name be none (settings take only known ones).
    #[must_use]
    pub fn tz(&self) -> chrono_tz::Tz {
        self.zone.parse().unwrap_or(chrono_tz::UTC)
    }
}

impl Facts {
    /// What a template sees for one contact at `now`. A contact without a full name has it of its
    /// two parts.
    #[must_use]
    pub fn of(account: &AccountFacts, contact: ContactFacts, now: Moment) -> Self {
        let name = if contact.name.trim().is_empty() {
            [contact.first_name.trim(), contact.last_name.trim()].join(" ").trim().to_owned()
        } else {
            contact.name
        };
        Self {
            name,
            first_name: contact.first_name,
            last_name: contact.last_name,
            attributes: contact.attributes,
            account_name: account.name.clone(),
            advertiser: account.advertiser.clone(),
            now,
            zone: account.tz(),
            language: account.language,
        }
    }

    /// The patronymic in the full name; it is kept nowhere else.
    #[must_use]
    pub fn patronymic(&self) -> Option<String> {
        crate::contact::names::patronymic(&self.name)
    }

    /// Whether a variable has a value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let text = |text: &str| !text.trim().is_empty();
        match name {
            "name" => text(&self.name),
            "first_name" => text(&self.first_name),
            "last_name" => text(&self.last_name),
            "company" => text(&self.account_name),
            "advertiser" => text(&self.advertiser),
            "today" => true,
            "patronymic" if self.patronymic().is_some() => true,
            key => match self.attributes.get(key) {
                None | Some(serde_json::Value::Null) => false,
                Some(serde_json::Value::String(value)) => text(value),
                Some(_) => true,
            },
        }
    }
}

/// The account as templates see it.
///
/// # Errors
/// The database's.
pub async fn account_facts(store: &Store, account: AccountId) -> sqlx::Result<Option<AccountFacts>> {
    on!(store.read(), |c| sqlx::query_as(queries::ACCOUNT).bind(account).fetch_optional(c).await)
}

/// What a template sees for this contact of the account, if there is one.
///
/// # Errors
/// The database's.
pub async fn facts_for(store: &Store, account: AccountId, contact: ContactId, now: Moment) -> sqlx::Result<Option<Facts>> {
    let Some(of_account) = account_facts(store, account).await? else { return Ok(None) };
    let found: Option<ContactFacts> =
        on!(store.read(), |c| sqlx::query_as(queries::CONTACT).bind(account).bind(contact).fetch_optional(c).await)?;
    let Some(mut found) = found else { return Ok(None) };
    occasion::add(store, account, of_account.tz(), vec![(contact, &mut found.attributes)], now).await?;
    Ok(Some(Facts::of(&of_account, found, now)))
}

/// All of a version that goes out, if the account has it.
///
/// # Errors
/// The database's.
pub async fn content(store: &Store, account: AccountId, version: VersionId) -> sqlx::Result<Option<Content>> {
    Ok(versions::version(store, account, version).await?.map(|v| v.content()))
}

/// A rendered message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    /// Text or caption.
    pub body: Rich,
    /// Rows of buttons; the opt-out button's callback is [`OPT_OUT_CALLBACK`].
    pub buttons: Vec<Vec<Button>>,
    /// Answers that stand in the text, for they cannot stand under it
    /// ([`crate::channel::fit::Fitted::said`]).
    pub said: Vec<Button>,
}

pub use crate::channel::OPT_OUT_CALLBACK;
