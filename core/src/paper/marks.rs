//! What stands on pages, and how it becomes a PDF.

use krilla::{
    Data, Document, SerializeSettings,
    color::luma,
    geom::{PathBuilder, Point, Rect, Size, Transform},
    image::Image,
    metadata::Metadata,
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
    text::{Font, GlyphId, KrillaGlyph},
};

use super::{
    HEIGHT, PaperError, WIDTH,
    layout::{FONT, Letters},
    qr::{Modules, QUIET},
};
use crate::account::Language;

/// A thing at a place; points from the left and from the top.
#[derive(Debug)]
pub(super) enum Mark {
    /// One line; `at` is its base.
    Text { text: String, size: f32, grey: u8, at: (f32, f32) },
    /// A hairline.
    Line { from: (f32, f32), to: (f32, f32), grey: u8 },
    /// A filled rectangle.
    Band { at: (f32, f32), size: (f32, f32), grey: u8 },
    /// A code with its white rim.
    Code { modules: Modules, at: (f32, f32), side: f32 },
    /// A picture.
    Picture { image: Image, at: (f32, f32), size: (f32, f32) },
}

/// What stands on a page.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub marks: Vec<Mark>,
}

/// A picture to put on a page, and its width and height in pixels.
///
/// # Errors
/// The library's words.
#[expect(clippy::cast_precision_loss, reason = "pictures are far below 2^23 pixels wide")]
pub(super) fn picture(png: &[u8]) -> Result<(Image, (f32, f32)), String> {
    // What is only read when the document is written is read here first: a picture whose end is
    // missing is refused now.
    tiny_skia::Pixmap::decode_png(png).map_err(|error| error.to_string())?;
    let image = Image::from_png(png.to_vec().into(), true)?;
    let (width, height) = image.size();
    Ok((image, (width as f32, height as f32)))
}

/// The PDF of these pages.
///
/// # Errors
/// [`PaperError::Pdf`].
pub(super) fn pdf(pages: &[Page], letters: &Letters, title: &str, language: Language) -> Result<Vec<u8>, PaperError> {
    let font = Font::new(Data::from(FONT), 0).ok_or_else(|| PaperError::Pdf("the font cannot be read".to_owned()))?;
    let mut document = Document::new_with(SerializeSettings { enable_tagging: false, ..SerializeSettings::default() });
    let metadata = Metadata::new().title(title.to_owned()).language(language.as_str().to_owned()).creator("mms".to_owned());
    document.set_metadata(metadata);
    for page in pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| PaperError::Pdf("no such page".to_owned()))?;
        let mut written = document.start_page_with(settings);
        let mut surface = written.surface();
        for mark in &page.marks {
            draw(&mut surface, mark, letters, &font);
        }
        surface.finish();
        written.finish();
    }
    document.finish().map_err(|error| PaperError::Pdf(error.to_string()))
}

fn fill(grey: u8) -> Fill {
    Fill { paint: luma::Color::new(grey).into(), ..Fill::default() }
}

fn rectangle(surface: &mut Surface<'_>, rectangles: impl Iterator<Item = Rect>, grey: u8) {
    let mut path = PathBuilder::new();
    for rectangle in rectangles {
        path.push_rect(rectangle);
    }
    if let Some(path) = path.finish() {
        surface.set_stroke(None);
        surface.set_fill(Some(fill(grey)));
        surface.draw_path(&path);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a code has 185 modules a side at most")]
fn draw(surface: &mut Surface<'_>, mark: &Mark, letters: &Letters, font: &Font) {
    match mark {
        Mark::Text { text, size, grey, at } => {
            let glyph = |shaped: super::layout::Shaped| {
                KrillaGlyph::new(GlyphId::new(shaped.glyph), shaped.advance, shaped.offset.0, shaped.offset.1, 0.0, shaped.bytes, None)
            };
            let glyphs: Vec<KrillaGlyph> = letters.shape(text).into_iter().map(glyph).collect();
            surface.set_stroke(None);
            surface.set_fill(Some(fill(*grey)));
            surface.draw_glyphs(Point::from_xy(at.0, at.1), &glyphs, font.clone(), text, *size, false);
        }
        Mark::Line { from, to, grey } => {
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            if let Some(path) = path.finish() {
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke { paint: luma::Color::new(*grey).into(), width: 0.6, ..Stroke::default() }));
                surface.draw_path(&path);
            }
        }
        Mark::Band { at, size, grey } => rectangle(surface, Rect::from_xywh(at.0, at.1, size.0, size.1).into_iter(), *grey),
        Mark::Code { modules, at, side } => {
            let module = side / (modules.side as f32 + 2.0 * QUIET as f32);
            let place = |n: usize| (n as f32 + QUIET as f32) * module;
            let cells = (0..modules.side).flat_map(|y| (0..modules.side).map(move |x| (x, y))).filter(|(x, y)| modules.dark(*x, *y));
            // A hair wider than they are, so that no white line stands between two of them.
            let dark = cells.filter_map(|(x, y)| Rect::from_xywh(at.0 + place(x), at.1 + place(y), module * 1.02, module * 1.02));
            rectangle(surface, dark, 0);
        }
        Mark::Picture { image, at, size } => {
            if let Some(size) = Size::from_wh(size.0, size.1) {
                surface.push_transform(&Transform::from_translate(at.0, at.1));
                surface.draw_image(image.clone(), size);
                surface.pop();
            }
        }
    }
}
