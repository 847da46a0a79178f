//! Documents to print, to sign and to hand in: A4 pages as PDF, with our own font in them, so that
//! Russian reads the same everywhere. What is put on them flows from the top down; a page that is
//! full begins the next. Nothing here asks the clock, so the same words are the same bytes.
//!
//! [`layout`] measures and breaks lines, [`marks`] are what stands on a page at a place, [`qr`] are
//! codes.

mod layout;
mod marks;
pub mod qr;

use crate::account::Language;
use layout::Letters;
use marks::{Mark, Page};

/// Points of an inch are 72; A4 is 210 × 297 mm.
pub(crate) const WIDTH: f32 = 595.28;
pub(crate) const HEIGHT: f32 = 841.89;
/// Left, for the punch of a folder: 20 mm.
const LEFT: f32 = 56.7;
const RIGHT: f32 = 42.5;
const TOP: f32 = 51.0;
/// Room for the foot.
const BOTTOM: f32 = 62.0;
/// What is between the margins.
const ROOM: f32 = WIDTH - LEFT - RIGHT;

const TITLE: f32 = 17.0;
const HEADING: f32 = 12.5;
const BODY: f32 = 10.0;
const SMALL: f32 = 8.5;
/// From one line to the next, as a part of the letters' size.
const LEADING: f32 = 1.36;
/// Inside a cell, left and right, above and below.
const PADDING: f32 = 4.0;
/// The narrowest column: some digits.
const NARROWEST: f32 = 26.0;
/// Rows that say how wide a table's columns are; those after them wrap.
const MEASURED: usize = 400;
/// A code's side on paper: 45 mm, read by any phone.
const CODE: f32 = 127.6;

/// Grey levels: 0 is black.
const INK: u8 = 0;
const FADED: u8 = 95;
const RULE: u8 = 170;
const BAND: u8 = 234;

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The text of a code is too long.
    #[error(transparent)]
    Qr(#[from] qr::QrError),
    /// A picture is none.
    #[error("a picture for a document cannot be read: {0}")]
    Picture(String),
    /// The library that writes PDF refused.
    #[error("a document could not be written: {0}")]
    Pdf(String),
}

/// A document in the making.
#[derive(Debug)]
pub struct Paper {
    title: String,
    language: Language,
    letters: Letters,
    pages: Vec<Page>,
    /// How far down the last page is filled.
    y: f32,
    /// The first thing that went wrong; told by [`Paper::finish`].
    failed: Option<PaperError>,
}

impl Paper {
    /// A document with this title: large on the first page, small at the foot of each.
    #[must_use]
    pub fn new(title: &str, language: Language) -> Self {
        let mut paper =
            Self { title: title.trim().to_owned(), language, letters: Letters::ours(), pages: vec![Page::default()], y: TOP, failed: None };
        let title = paper.title.clone();
        if !title.is_empty() {
            paper.lines(&title, TITLE, INK, LEFT, ROOM);
            paper.y += BODY;
        }
        paper
    }

    /// A section's heading; never the last line of a page.
    pub fn heading(&mut self, text: &str) {
        let over = if self.at_top() { 0.0 } else { HEADING * 0.9 };
        self.need(over + HEADING * LEADING + 2.0 * BODY * LEADING);
        if !self.at_top() {
            self.y += over;
        }
        self.lines(text, HEADING, INK, LEFT, ROOM);
        self.y += HEADING * 0.3;
    }

    /// A paragraph. Its own line breaks are kept.
    pub fn text(&mut self, text: &str) {
        self.lines(text, BODY, INK, LEFT, ROOM);
        self.y += BODY * 0.5;
    }

    /// Labels with their values, in two columns.
    pub fn fields(&mut self, fields: &[(&str, &str)]) {
        let widest = fields.iter().map(|(label, _)| self.letters.width(label, BODY)).fold(0.0, f32::max);
        let label = widest.clamp(NARROWEST, ROOM * 0.4);
        let value = (LEFT + label + 10.0, ROOM - label - 10.0);
        for (name, text) in fields {
            let names = self.letters.wrap(name, BODY, label);
            let texts = self.letters.wrap(text, BODY, value.1);
            for at in 0..names.len().max(texts.len()) {
                self.need(BODY * LEADING);
                let base = self.y + BODY;
                self.put(names.get(at), BODY, FADED, (LEFT, base));
                self.put(texts.get(at), BODY, INK, (value.0, base));
                self.y += BODY * LEADING;
            }
            self.y += 2.0;
        }
        self.y += BODY * 0.5;
    }

    /// A table. Its head stands again on each page it goes on to; cells wrap; a row higher than a
    /// page is divided.
    pub fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
        let count = rows.iter().map(Vec::len).max().unwrap_or_default().max(head.len());
        if count == 0 {
            return;
        }
        let widths = self.columns(&head, rows, count);
        // With one row under it, a head is worth its place.
        self.need(4.0 * (SMALL * LEADING + 2.0 * PADDING));
        self.row(&head, &widths, None);
        for row in rows {
            self.break_for(row, &head, &widths);
            self.row(row, &widths, Some(&head));
        }
        self.y += BODY;
    }

    /// A text as a QR code, with words beside it.
    pub fn qr(&mut self, text: &str, caption: &str) {
        let modules = match qr::modules(text) {
            Ok(modules) => modules,
            Err(error) => return self.fail(error.into()),
        };
        let lines = self.letters.wrap(caption, BODY, ROOM - CODE - 16.0);
        self.need(CODE);
        let top = self.y;
        self.page().marks.push(Mark::Code { modules, at: (LEFT, top), side: CODE });
        self.y += BODY;
        for line in lines.iter().filter(|line| !line.is_empty()) {
            if self.y + BODY * LEADING > top + CODE {
                break;
            }
            let base = self.y + BODY;
            self.put(Some(line), BODY, INK, (LEFT + CODE + 16.0, base));
            self.y += BODY * LEADING;
        }
        self.y = top + CODE + BODY;
    }

    /// A picture, as wide as the page at most and no larger than it is at 150 pixels an inch.
    pub fn png(&mut self, png: &[u8]) {
        let (image, (width, height)) = match marks::picture(png) {
            Ok(image) => image,
            Err(error) => return self.fail(PaperError::Picture(error)),
        };
        let natural = (width * 72.0 / 150.0, height * 72.0 / 150.0);
        let scale = (ROOM / natural.0).min((HEIGHT - TOP - BOTTOM) / natural.1).min(1.0);
        let size = (natural.0 * scale, natural.1 * scale);
        self.need(size.1);
        let at = (LEFT, self.y);
        self.page().marks.push(Mark::Picture { image, at, size });
        self.y += size.1 + BODY;
    }

    /// Where people sign: a post, a name, a line to sign on.
    pub fn sign_lines(&mut self, people: &[(&str, &str)]) {
        const LINE: f32 = 140.0;
        let words = (ROOM - LINE - 20.0) / 2.0;
        for (post, name) in people {
            let posts = self.letters.wrap(post, BODY, words - 8.0);
            let names = self.letters.wrap(name, BODY, words - 8.0);
            let count = posts.len().max(names.len()).max(1);
            let high = lines_high(count, BODY);
            self.need(high + 26.0);
            self.y += 14.0;
            for at in 0..count {
                let base = self.y + BODY + lines_high(at, BODY);
                self.put(posts.get(at), BODY, INK, (LEFT, base));
                self.put(names.get(at), BODY, INK, (LEFT + words + LINE + 20.0, base));
            }
            let base = self.y + BODY + 2.0;
            self.page().marks.push(Mark::Line { from: (LEFT + words, base), to: (LEFT + words + LINE, base), grey: INK });
            self.y += high + 12.0;
        }
    }

    /// The PDF.
    ///
    /// # Errors
    /// [`PaperError`]: a text too long for a code, a picture that is none, or the library's.
    pub fn finish(mut self) -> Result<Vec<u8>, PaperError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let count = self.pages.len();
        let foot = HEIGHT - BOTTOM + 22.0;
        let title = self.letters.cut(&self.title, SMALL, ROOM - 110.0);
        for at in 0..count {
            let number = match self.language {
                Language::Ru => format!("стр. {} из {count}", at + 1),
                Language::En => format!("page {} of {count}", at + 1),
            };
            let right = WIDTH - RIGHT - self.letters.width(&number, SMALL);
            let page = &mut self.pages[at];
            page.marks.push(Mark::Line { from: (LEFT, foot - 12.0), to: (WIDTH - RIGHT, foot - 12.0), grey: RULE });
            page.marks.push(Mark::Text { text: title.clone(), size: SMALL, grey: FADED, at: (LEFT, foot) });
            page.marks.push(Mark::Text { text: number, size: SMALL, grey: FADED, at: (right, foot) });
        }
        marks::pdf(&self.pages, &self.letters, &self.title, self.language)
    }

    fn fail(&mut self, error: PaperError) {
        self.failed.get_or_insert(error);
    }

    fn at_top(&self) -> bool {
        self.y <= TOP
    }

    fn page(&mut self) -> &mut Page {
        if self.pages.is_empty() {
            self.pages.push(Page::default());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    fn next_page(&mut self) {
        self.pages.push(Page::default());
        self.y = TOP;
    }

    fn left(&self) -> f32 {
        HEIGHT - BOTTOM - self.y
    }

    /// Begins a page unless this one has as much left.
    fn need(&mut self, high: f32) {
        if high > self.left() && !self.at_top() {
            self.next_page();
        }
    }

    /// A line's text, if there is any.
    fn put(&mut self, text: Option<&String>, size: f32, grey: u8, at: (f32, f32)) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            let text = text.clone();
            self.page().marks.push(Mark::Text { text, size, grey, at });
        }
    }

    /// Lines of a text, over as many pages as it takes.
    fn lines(&mut self, text: &str, size: f32, grey: u8, x: f32, room: f32) {
        for line in self.letters.wrap(text, size, room) {
            self.need(size * LEADING);
            let base = self.y + size;
            self.put(Some(&line), size, grey, (x, base));
            self.y += size * LEADING;
        }
    }

    /// How wide the columns are: as their cells ask; where those ask for more than there is, the
    /// greedy give way first.
    fn columns(&self, head: &[String], rows: &[Vec<String>], count: usize) -> Vec<f32> {
        let rows = || std::iter::once(head).chain(rows.iter().take(MEASURED).map(Vec::as_slice));
        let wish = |column: usize| {
            let widest = rows().filter_map(|row| row.get(column)).flat_map(|cell| cell.split('\n'));
            let widest = widest.map(|line| self.letters.width(line, SMALL)).fold(0.0, f32::max);
            (widest + 2.0 * PADDING + 1.0).max(NARROWEST)
        };
        let wishes: Vec<f32> = (0..count).map(wish).collect();
        layout::shared(&wishes, ROOM)
    }

    /// A new page with the head for a row that fits a page and not what is left of this one.
    fn break_for(&mut self, row: &[String], head: &[String], widths: &[f32]) {
        let high = self.row_high(row, widths);
        let whole = HEIGHT - BOTTOM - TOP - self.row_high(head, widths);
        if high > self.left() && (high <= whole || self.left() < 3.0 * SMALL * LEADING) {
            self.next_page();
            self.row(head, widths, None);
        }
    }

    fn cells(&self, row: &[String], widths: &[f32]) -> Vec<Vec<String>> {
        let cell = |(text, width): (&String, &f32)| self.letters.wrap(text, SMALL, width - 2.0 * PADDING);
        row.iter().zip(widths).map(cell).collect()
    }

    fn row_high(&self, row: &[String], widths: &[f32]) -> f32 {
        let lines = self.cells(row, widths).iter().map(Vec::len).max().unwrap_or_default().max(1);
        lines_high(lines, SMALL) + 2.0 * PADDING
    }

    /// A row of cells at this place; without a head `above` it, it is a head. One that is higher
    /// than what is left goes on over the pages.
    fn row(&mut self, row: &[String], widths: &[f32], above: Option<&[String]>) {
        let cells = self.cells(row, widths);
        let lines = cells.iter().map(Vec::len).max().unwrap_or_default().max(1);
        let mut from = 0;
        while from < lines {
            let mut fit = 1;
            while from + fit < lines && lines_high(fit + 1, SMALL) + 2.0 * PADDING <= self.left() {
                fit += 1;
            }
            let high = lines_high(fit, SMALL) + 2.0 * PADDING;
            let top = self.y;
            if above.is_none() {
                self.page().marks.push(Mark::Band { at: (LEFT, top), size: (widths.iter().sum(), high), grey: BAND });
            }
            let mut x = LEFT;
            for (cell, width) in cells.iter().zip(widths) {
                for (at, line) in cell.iter().skip(from).take(fit).enumerate() {
                    let base = top + PADDING + SMALL + lines_high(at, SMALL);
                    self.put(Some(line), SMALL, INK, (x + PADDING, base));
                }
                x += width;
            }
            self.y += high;
            let (right, base) = (LEFT + widths.iter().sum::<f32>(), self.y);
            self.page().marks.push(Mark::Line { from: (LEFT, base), to: (right, base), grey: RULE });
            from += fit;
            if from < lines {
                self.next_page();
                if let Some(head) = above {
                    self.row(head, widths, None);
                }
            }
        }
    }
}

/// How high lines are at this size.
#[expect(clippy::cast_precision_loss, reason = "a page has some dozens of lines")]
fn lines_high(lines: usize, size: f32) -> f32 {
    lines as f32 * size * LEADING
}

#[cfg(test)]
mod tests;
