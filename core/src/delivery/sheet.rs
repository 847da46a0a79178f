//! What a campaign sends: its version parsed once, the account's facts, its file. Rendered per
//! recipient by the one renderer.

use std::sync::Arc;

use super::{claim::Claimed, kept, queries};
use crate::{
    account::Language,
    channel::{Capabilities, Content as Message, Free, Media, MediaKind, ReviewState},
    clock::Moment,
    contact::occasion,
    id::{AccountId, CampaignId, FileId},
    on,
    store::{
        Store,
        file::{self, FileInfo},
    },
    template::{
        Class, Content, Facts, Rendered, TemplateButton,
        engine::{ParseError, Prepared, RenderError},
        preview,
        provider::{Filler, standing},
    },
    words::UncertainPolicy,
};

/// What a campaign sends.
#[derive(Debug)]
pub struct Sheet {
    /// Advertising or service.
    pub class: Class,
    /// What becomes of unknown outcomes.
    pub policy: UncertainPolicy,
    /// The file that goes along.
    pub media: Option<(MediaKind, FileInfo)>,
    /// The text of its version.
    body: String,
    prepared: Prepared,
    /// What fills the template that the provider approved, where the campaign goes by one.
    filler: Option<Filler>,
    account_name: String,
    advertiser: String,
    zone: chrono_tz::Tz,
    language: Language,
}

/// Why there is no sheet.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// No such campaign, or it has no template version.
    #[error("the campaign or its template is gone")]
    Gone,
    /// The template does not parse; it was approved by an engine that took it.
    #[error("the template cannot be read: {0}")]
    Template(#[from] ParseError),
    /// The file is gone.
    #[error("the template's file is gone")]
    File,
    /// The provider approves the template no more.
    #[error("the template is {} at the provider", .0.as_str())]
    Barred(ReviewState),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

#[derive(sqlx::FromRow)]
struct Row {
    class: Class,
    body: String,
    media_kind: Option<MediaKind>,
    media_file_id: Option<FileId>,
    #[sqlx(json)]
    buttons: Vec<TemplateButton>,
    account_name: String,
    advertiser: String,
    zone: String,
    language: Language,
    uncertain_policy: UncertainPolicy,
}

impl Sheet {
    /// Loads and parses what a step of a campaign sends.
    ///
    /// # Errors
    /// [`SheetError`].
    pub async fn load(store: &Store, account: AccountId, campaign: CampaignId, step: i16) -> Result<Self, SheetError> {
        let row: Option<Row> =
            on!(store.read(), |c| sqlx::query_as(queries::SHEET).bind(account).bind(campaign).bind(step).fetch_optional(c).await)?;
        let row = row.ok_or(SheetError::Gone)?;
        let media = match row.media_kind.zip(row.media_file_id) {
            Some((kind, id)) => Some((kind, file::info(store, account, id).await?.ok_or(SheetError::File)?)),
            None => None,
        };
        let content = Content {
            class: row.class,
            body: row.body.clone(),
            media: media.as_ref().map(|(kind, info)| (*kind, info.id)),
            buttons: row.buttons,
        };
        // A channel whose provider approves no templates has none.
        let filler = match standing::of_step(store, account, campaign, step).await? {
            None => None,
            Some(there) if there.state == ReviewState::Approved => Some(there.filler()?),
            Some(there) => return Err(SheetError::Barred(there.state)),
        };
        Ok(Self {
            class: row.class,
            policy: row.uncertain_policy,
            media,
            body: row.body,
            prepared: Prepared::new(&content)?,
            filler,
            account_name: row.account_name,
            advertiser: row.advertiser,
            // Zones are checked when they are set; an unknown one would only shift the shown day.
            zone: row.zone.parse().unwrap_or(chrono_tz::UTC),
            language: row.language,
        })
    }

    /// Whether it advertises.
    #[must_use]
    pub fn advertising(&self) -> bool {
        self.class == Class::Advertising
    }

    /// Whether everybody gets the same words.
    #[must_use]
    pub fn says_the_same(&self) -> bool {
        self.prepared.is_the_same_for_all()
    }

    /// Adds what messages to these are about, a visit or an order, where the template names it.
    ///
    /// # Errors
    /// The database's.
    pub async fn about(&self, store: &Store, account: AccountId, to: Vec<&mut Claimed>, now: Moment) -> sqlx::Result<()> {
        if !self.prepared.names_occasions() {
            return Ok(());
        }
        let to = to.into_iter().map(|row| (row.contact, &mut row.attributes)).collect();
        occasion::add(store, account, self.zone, to, now).await
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// [`SheetError::File`] when they are gone.
    pub async fn bytes(&self, store: &Store, account: AccountId) -> Result<Arc<[u8]>, SheetError> {
        let (_, info) = self.media.as_ref().ok_or(SheetError::File)?;
        Ok(file::content(store, account, info.id).await?.ok_or(SheetError::File)?.into())
    }

    /// The words of a message of this sheet, as they are kept; `values`: of the template that the
    /// provider approved, if it goes by one.
    #[must_use]
    pub fn keep(&self, rendered: &Rendered, values: Option<&[String]>) -> Vec<u8> {
        let Rendered { body, buttons, said } = rendered.clone();
        let media = self.media.as_ref().map(|(kind, _)| *kind);
        kept::Message { body, buttons, said, media, values: values.map(<[String]>::to_vec) }.pack(&self.body)
    }

    /// A message of this sheet again as it was kept ([`Self::keep`]), with its values. `None`: it
    /// cannot be read any more, or it did not go in the form in which messages of this sheet go.
    #[must_use]
    pub fn again(&self, packed: &[u8]) -> Option<(Rendered, Option<Vec<String>>)> {
        let kept::Message { body, buttons, said, values, .. } = kept::Message::unpack(packed, &self.body)?;
        let fits = match (&self.filler, &values) {
            (None, None) => true,
            (Some(filler), Some(values)) => filler.takes() == values.len(),
            _ => false,
        };
        fits.then_some((Rendered { body, buttons, said }, values))
    }

    /// The message for one recipient, as the channel's messenger shows it
    /// ([`crate::channel::fit`]): this is what goes, and what is kept. `values`: of the template
    /// that the provider approved, if it goes by one.
    ///
    /// # Errors
    /// [`RenderError`]: the delivery's reason, and a detail.
    pub fn render(
        &self,
        to: &mut Claimed,
        values: Option<&[String]>,
        capabilities: &Capabilities,
        now: Moment,
    ) -> Result<Rendered, RenderError> {
        let facts = Facts {
            name: std::mem::take(&mut to.name),
            first_name: std::mem::take(&mut to.first_name),
            last_name: std::mem::take(&mut to.last_name),
            attributes: std::mem::take(&mut to.attributes),
            ..self.facts(now)
        };
        let file = self.media.as_ref().map(|(kind, _)| *kind);
        let mut rendered = self.prepared.render(&facts)?;
        if let Some(said) = self.filler.as_ref().zip(values).and_then(|(filler, values)| filler.said(values)) {
            rendered.body = said;
        }
        preview::fitted(rendered, file, capabilities, self.filler.is_some())
    }

    /// The recipient's values of the template that the provider approved; `None`: the campaign goes
    /// by none. Before [`Self::render`], which takes what is known of them.
    ///
    /// # Errors
    /// As [`Self::render`]. No provider takes an empty value.
    pub fn values(&self, to: &Claimed, now: Moment) -> Result<Option<Vec<String>>, RenderError> {
        let Some(filler) = &self.filler else { return Ok(None) };
        let facts = Facts {
            name: to.name.clone(),
            first_name: to.first_name.clone(),
            last_name: to.last_name.clone(),
            attributes: to.attributes.clone(),
            ..self.facts(now)
        };
        filler.values(&facts).map(Some)
    }

    /// What goes: the approved template with its values, or the message itself.
    ///
    /// # Errors
    /// [`RenderError`]: it does not fit into the template.
    pub fn message(&self, rendered: Rendered, values: Option<Vec<String>>, media: Option<Media>) -> Result<Message, RenderError> {
        Ok(match (&self.filler, values) {
            (Some(filler), Some(values)) => Message::Template(Box::new(filler.fill(&rendered, values, media)?)),
            _ => Message::Free(Free { body: rendered.body, media, buttons: rendered.buttons, remove_keyboard: false }),
        })
    }

    /// What is the same for every recipient.
    fn facts(&self, now: Moment) -> Facts {
        Facts {
            name: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            attributes: serde_json::Map::new(),
            account_name: self.account_name.clone(),
            advertiser: self.advertiser.clone(),
            now,
            zone: self.zone,
            language: self.language,
        }
    }
}
