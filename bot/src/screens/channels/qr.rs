//! The link to a channel's bot as a QR code: a picture for the screen, a vector for a designer, a
//! page to print.

use mms_core::{
    channel::{registry, store::ChannelRow},
    consent::form,
    id::ChannelId,
    paper::{Paper, PaperError, qr},
};

use super::{Call, load};
use crate::{
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        reply::Reply,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p, t, wire_enum, words,
};

/// How a code is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A page to print.
    Pdf,
    /// A vector.
    Svg,
}

wire_enum!(Form { Pdf = "p", Svg = "s" });

/// The link of a channel that opens its bot; `None`: it has no name to be found by.
fn link(row: &ChannelRow) -> Option<String> {
    registry::entry(row.kind, &row.username, None)
}

/// The picture.
pub(super) async fn show(cx: &Cx, channel: ChannelId) -> Outcome {
    let row = load(cx, channel).await?;
    let link = link(&row).ok_or(BotError::Gone)?;
    let png = qr::png(&link).map_err(|error| BotError::Other(error.into()))?;
    let public = cx.deps.settings.public_url.as_deref().map(|url| url.trim_end_matches('/'));
    let form = public.map(|url| format!("{url}{}/{}", form::PATH, form::code(&cx.deps.sealer, row.id)));
    Ok(Reply::screen(picture(cx.tr, &row, &link, form.as_deref()).photo("qr.png", png)).anew())
}

/// What stands under the picture; `form`: where our form of consents is, if the world reaches us.
#[must_use]
pub fn picture(tr: Tr, row: &ChannelRow, link: &str, form: Option<&str>) -> Screen {
    let mut html = t!(tr, "channels-qr", name = &row.name, link = link);
    if let Some(form) = form {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "channels-qr-form", form = form));
    }
    Screen::new(html)
        .row([
            Button::call(p!(tr, "channels-qr-pdf"), Call::QrFile { channel: row.id, form: Form::Pdf }),
            Button::call(p!(tr, "channels-qr-svg"), Call::QrFile { channel: row.id, form: Form::Svg }),
        ])
        .button(p!(tr, "channels-qr-back"), Call::Card { channel: row.id })
}

/// The page or the vector.
pub(super) async fn send(cx: &Cx, channel: ChannelId, form: Form) -> Outcome {
    let row = load(cx, channel).await?;
    let link = link(&row).ok_or(BotError::Gone)?;
    let screen = Screen::new(t!(cx.tr, "channels-qr", name = &row.name, link = &link));
    let screen = match form {
        Form::Pdf => {
            let page = page(cx.tr, &row, &link).map_err(|error| BotError::Other(error.into()))?;
            screen.document("qr.pdf", "application/pdf", page)
        }
        Form::Svg => {
            let svg = qr::svg(&link).map_err(|error| BotError::Other(error.into()))?;
            screen.document("qr.svg", "image/svg+xml", svg.into_bytes())
        }
    };
    Ok(Reply::screen(screen.button(p!(cx.tr, "channels-qr-back"), Call::Card { channel })).anew())
}

/// A page to print: who is written to, the code, the link in letters.
fn page(tr: Tr, row: &ChannelRow, link: &str) -> Result<Vec<u8>, PaperError> {
    let title = p!(tr, "channels-qr-title", name = &row.name, messenger = words::provider(row.kind));
    let mut paper = Paper::new(&title, tr.language);
    paper.heading(&title);
    paper.text(&p!(tr, "channels-qr-how"));
    paper.qr(link, link);
    paper.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{snapshots, testing};

    snapshots!(channels_qr, |tr| {
        picture(tr, &testing::channel(), "https://t.me/romashka_bot", Some("https://mms.example/consent/AZLwwdLjekuMXW5_gJGisw"))
    });

    #[test]
    fn a_page_to_print_is_a_document() {
        let row = testing::channel();
        let made = page(testing::tr(mms_core::account::Language::Ru), &row, "https://t.me/romashka_bot").expect("made");
        assert!(made.starts_with(b"%PDF-"));
    }
}
