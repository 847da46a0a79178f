//! What the screens of registers share (tickets, claims, requests for evidence, demands to destroy
//! data): an entry a button, pages of them, a document that comes with an entry, and the day on
//! which something came.

use mms_core::{
    id::AccountId,
    register::{DayError, Entry, Register},
    store::{Store, file::Attached},
};

use crate::{
    frame::{
        callback::Press,
        cx::Cx,
        dialogue::{IncomingFile, Input},
        error::BotError,
        page::Page,
        screen::Screen,
    },
    i18n::Tr,
    p,
};

/// Entries on a page.
pub const PAGE: u32 = 8;

/// A page of a register: which one it is, and its entries.
///
/// # Errors
/// The database's.
pub async fn page<T: Entry>(register: Register, store: &Store, account: AccountId, page: u32) -> Result<(Page, Vec<T>), BotError> {
    let (all, _) = register.counts(store, account).await?;
    let page = Page::of(all, PAGE, page);
    Ok((page, register.page(store, account, page.limit(), page.offset()).await?))
}

/// The entries of a page as buttons, and the way to other pages.
#[must_use]
pub fn entries<T, C: Into<Press>>(
    screen: Screen,
    rows: &[T],
    entry: impl Fn(&T) -> (String, C),
    page: Page,
    to: impl Fn(u32) -> C,
) -> Screen {
    rows.iter()
        .fold(screen, |screen, row| {
            let (text, call) = entry(row);
            screen.button(text, call)
        })
        .pager(page, to)
}

/// A document that came with an answer, fetched.
#[derive(Debug)]
pub struct Fetched<'a> {
    file: &'a IncomingFile,
    content: Vec<u8>,
}

impl Fetched<'_> {
    /// As the rooms keep it: a photo has no name.
    #[must_use]
    pub fn attached(&self) -> Attached<'_> {
        Attached {
            name: if self.file.name.is_empty() { "photo.jpg" } else { &self.file.name },
            mime: if self.file.mime.is_empty() { "image/jpeg" } else { &self.file.mime },
            content: &self.content,
        }
    }
}

/// The document of an answer, if there is one.
///
/// # Errors
/// A sentence, where it cannot be fetched.
pub async fn fetched<'a>(cx: &Cx, input: &'a Input) -> Result<Option<Fetched<'a>>, BotError> {
    let Some(file) = &input.file else { return Ok(None) };
    match cx.deps.bot.download(&file.file_id).await {
        Ok(content) => Ok(Some(Fetched { file, content })),
        Err(error) => {
            tracing::info!(%error, "a document for a register could not be fetched");
            Err(BotError::Refused(p!(cx.tr, "support-no-file")))
        }
    }
}

/// Why a day is not taken, as a sentence.
#[must_use]
pub fn day_refused(tr: Tr, error: DayError) -> String {
    match error {
        DayError::Nonsense => p!(tr, "day-nonsense"),
        DayError::Ahead(day) => p!(tr, "day-ahead", day = tr.date(day)),
        DayError::TooEarly(day) => p!(tr, "day-too-early", day = tr.date(day)),
        DayError::LongAgo(day) => p!(tr, "day-long-ago", day = tr.date(day)),
    }
}
