//! A screen is a value: text, buttons, perhaps a file. It is made by a pure function and drawn by
//! [`crate::frame::render`].

use std::{fmt::Write as _, sync::Arc};

use mms_core::{channel::FileKind, text::Rich};

use super::{
    callback::{Need, Press},
    fit,
    page::Page,
    ways::BACK,
};
use crate::{i18n::Tr, p};

/// What one message shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Screen {
    /// Small HTML (see [`mms_core::text`]).
    pub html: String,
    /// Rows of buttons.
    pub keyboard: Vec<Vec<Button>>,
    /// A file with the text as its caption.
    pub media: Option<Media>,
    /// The call that shows this screen again, of one that is reached from several others: see
    /// [`super::ways`].
    pub place: Option<Press>,
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What is written on it, plain.
    pub text: String,
    /// What it does.
    pub action: Action,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Comes back to the bot.
    Call(Press),
    /// Opens a page.
    Url(String),
    /// Copies these words, 256 characters at most.
    Copy(String),
}

/// A file of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Shown as a picture, played, or as a file.
    pub kind: FileKind,
    /// The name a person sees.
    pub name: String,
    /// MIME type.
    pub mime: String,
    /// The bytes.
    pub content: Arc<[u8]>,
}

impl Button {
    /// A button that comes back as `call`.
    pub fn call(text: impl Into<String>, call: impl Into<Press>) -> Self {
        Self { text: text.into(), action: Action::Call(call.into()) }
    }

    /// A button that opens a page.
    pub fn url(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), action: Action::Url(url.into()) }
    }

    /// A button that copies `words` to the member's clipboard.
    pub fn copy(text: impl Into<String>, words: impl Into<String>) -> Self {
        Self { text: text.into(), action: Action::Copy(words.into()) }
    }

    /// Who may press it.
    #[must_use]
    pub fn need(&self) -> Need {
        match &self.action {
            Action::Call(call) => call.need,
            Action::Url(_) | Action::Copy(_) => Need::Anyone,
        }
    }
}

impl Screen {
    /// A screen with this small HTML.
    pub fn new(html: impl Into<String>) -> Self {
        Self { html: html.into(), ..Self::default() }
    }

    /// A screen with formatted text.
    #[must_use]
    pub fn rich(text: &Rich) -> Self {
        Self::new(text.to_html())
    }

    /// Adds a row of buttons; an empty row is left out.
    #[must_use]
    pub fn row(mut self, buttons: impl IntoIterator<Item = Button>) -> Self {
        let row: Vec<Button> = buttons.into_iter().collect();
        if !row.is_empty() {
            self.keyboard.push(row);
        }
        self
    }

    /// Adds a row with one button.
    #[must_use]
    pub fn button(self, text: impl Into<String>, call: impl Into<Press>) -> Self {
        self.row([Button::call(text, call)])
    }

    /// Adds a row with one button if `condition` holds.
    #[must_use]
    pub fn button_if(self, condition: bool, text: impl Into<String>, call: impl Into<Press>) -> Self {
        if condition { self.button(text, call) } else { self }
    }

    /// Says which place this is: it is reached from several screens, and «‹ back» leads to the one
    /// it was reached from. To be said before [`Screen::nav`].
    #[must_use]
    pub fn at(mut self, place: impl Into<Press>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The same if `condition` holds.
    #[must_use]
    pub fn at_if(self, condition: bool, place: impl Into<Press>) -> Self {
        if condition { self.at(place) } else { self }
    }

    /// Adds «‹ back | menu», the last row of every card. `back`: the screen's parent, where one
    /// came from elsewhere.
    #[must_use]
    pub fn nav(self, tr: Tr, back: impl Into<Press>) -> Self {
        if self.place.is_some() {
            return self.nav_back(tr, back);
        }
        self.row([Button::call(p!(tr, "back"), back), Button::call(p!(tr, "to-menu"), Press::menu())])
    }

    /// The same under a question or a choice that several places ask: «‹ back» leads to the one
    /// that asked. `parent`: where nothing is kept of the way.
    #[must_use]
    pub fn nav_back(self, tr: Tr, parent: impl Into<Press>) -> Self {
        let mut back: Press = parent.into();
        back.wire.insert(0, BACK);
        self.row([Button::call(p!(tr, "back"), back), Button::call(p!(tr, "to-menu"), Press::menu())])
    }

    /// The same for a screen right below the menu. One that is reached from nowhere else needs no
    /// way back beside it.
    #[must_use]
    pub fn home(self, tr: Tr) -> Self {
        if self.place.is_some() { self.nav(tr, Press::menu()) } else { self.button(p!(tr, "to-menu"), Press::menu()) }
    }

    /// Adds «‹ earlier | 2/7 | later ›» when there is more than one page.
    #[must_use]
    pub fn pager<C: Into<Press>>(self, Page { at, of, .. }: Page, call: impl Fn(u32) -> C) -> Self {
        if of < 2 {
            return self;
        }
        let previous = (at > 0).then(|| Button::call("‹", call(at - 1)));
        let place = Button::call(format!("{}/{of}", at + 1), call(at));
        let next = (at + 1 < of).then(|| Button::call("›", call(at + 1)));
        self.row(previous.into_iter().chain([place]).chain(next))
    }

    /// With a picture.
    #[must_use]
    pub fn photo(mut self, name: impl Into<String>, content: impl Into<Arc<[u8]>>) -> Self {
        self.media = Some(Media { kind: FileKind::Photo, name: name.into(), mime: "image/png".to_owned(), content: content.into() });
        self
    }

    /// With a file.
    #[must_use]
    pub fn document(mut self, name: impl Into<String>, mime: impl Into<String>, content: impl Into<Arc<[u8]>>) -> Self {
        self.media = Some(Media { kind: FileKind::Document, name: name.into(), mime: mime.into(), content: content.into() });
        self
    }

    /// With a file of any kind.
    #[must_use]
    pub fn media(mut self, media: Media) -> Self {
        self.media = Some(media);
        self
    }

    /// With a sentence as the first line, where there is nothing to say it over: after typed words.
    /// A file keeps its caption, and so does a text that would not fit a message any more.
    #[must_use]
    pub fn under(mut self, sentence: &str) -> Self {
        if self.has_room(sentence) {
            self.html = format!("<i>{}</i>\n\n{}", mms_core::text::escape(sentence), self.html);
        }
        self
    }

    /// Whether a sentence has room above it.
    #[must_use]
    pub fn has_room(&self, sentence: &str) -> bool {
        self.media.is_none() && sentence.encode_utf16().count() + fit::shown(&self.html) + 2 <= fit::TEXT
    }

    /// The screen as text, for snapshots: the text, then the rows with what each button carries.
    #[must_use]
    pub fn snapshot(&self) -> String {
        let mut out = String::new();
        if let Some(media) = &self.media {
            let kind = media.kind.as_str();
            let _ = writeln!(out, "({kind} {}, {}, {} bytes)", media.name, media.mime, media.content.len());
        }
        let _ = writeln!(out, "{}", self.html.replace('\u{a0}', "⍽"));
        for row in &self.keyboard {
            let buttons: Vec<String> = row
                .iter()
                .map(|button| match &button.action {
                    Action::Call(call) => format!("[{} → {}]", button.text, call.wire),
                    Action::Url(url) => format!("[{} → {url}]", button.text),
                    Action::Copy(words) => format!("[{} ⧉ {words}]", button.text),
                })
                .collect();
            let _ = writeln!(out, "{}", buttons.join(" "));
        }
        out
    }
}
