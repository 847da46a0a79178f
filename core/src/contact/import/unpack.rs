//! An Excel workbook before its reader sees it: what its parts unpack to is counted, and only what
//! stays within reason is handed on.
//!
//! calamine 0.38 takes a file at its word. It keeps every shared text and every name it meets, asks
//! for the memory of as many texts as the file claims, joins the pieces of a cell however many
//! there are, and copies a number format into each style that names it. So the parts are read once
//! before, by the same reader of XML with the same settings, and nothing of them is kept.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use zip::{ZipArchive, ZipWriter, result::ZipError};

use super::table::TableError;

mod facts;
mod old;

pub(super) use facts::{Facts, OfSheet};
pub(super) use old::defuse_old;

/// Most bytes a workbook may unpack to, all of it.
pub const MAX_UNPACKED: u64 = 400 * 1024 * 1024;
/// Most bytes of its table of texts, which is held in memory whole, however little each text is.
pub(super) const MAX_TEXTS: u64 = 100 * 1024 * 1024;
/// Most shared texts, those there are and those a workbook claims to have: [`MAX_TEXTS`] hold no
/// more.
const MAX_SHARED: u64 = 5_000_000;
/// Most bytes of the part with the styles.
const MAX_STYLES: u64 = 16 * 1024 * 1024;
/// Most parts of an archive.
const MAX_PARTS: usize = 4_096;
/// Most sheets, names, relations or styles of one part: Excel makes 65 530 links and 65 490 styles.
const MAX_KEPT: u64 = 70_000;
/// Longest text or tag, and longest cell, bytes: Excel's longest cell has 32 767 characters.
const MAX_RUN: u64 = 1024 * 1024;
/// Longest text or tag among the styles, bytes: each of 65 490 styles may hold a copy of it.
const MAX_STYLE_RUN: u64 = 2_048;

/// What the reader of workbooks joins into one text.
const JOINED: [&str; 6] = ["c", "f", "is", "si", "t", "v"];
/// What it keeps for as long as the workbook is open.
const KEPT: [&str; 8] = ["Relationship", "border", "definedName", "fill", "font", "numFmt", "sheet", "xf"];

/// How much one part may hold.
#[derive(Clone, Copy)]
struct Limits {
    bytes: u64,
    run: u64,
}

/// The workbook without pictures and the like, once all that is left was found within reason, and
/// what was met on the way that its reader does not tell of.
///
/// # Errors
/// [`TableError::Bomb`] when it unpacks to more than `most`, its texts to more than `most_texts`,
/// or when one of its parts holds more than any table does; [`TableError::Unreadable`] when it is
/// no archive.
pub(super) fn defuse(bytes: &[u8], most: u64, most_texts: u64) -> Result<(Vec<u8>, Facts), TableError> {
    let unreadable = |error: ZipError| TableError::Unreadable(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    if archive.len() > MAX_PARTS {
        return Err(TableError::Bomb);
    }
    let mut copy = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    let mut left = most;
    let mut facts = Facts::default();
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(unreadable)?;
        let name = part.name().map_err(unreadable)?.to_ascii_lowercase();
        if !name.ends_with(".xml") && !name.ends_with(".rels") {
            continue;
        }
        let limits = if name.ends_with("sharedstrings.xml") {
            Limits { bytes: left.min(most_texts), run: MAX_RUN }
        } else if name.ends_with("styles.xml") {
            Limits { bytes: left.min(MAX_STYLES), run: MAX_STYLE_RUN }
        } else {
            Limits { bytes: left, run: MAX_RUN }
        };
        // What an archive says of its sizes may be a lie: it is counted too.
        if part.size() > limits.bytes {
            return Err(TableError::Bomb);
        }
        left = left.saturating_sub(survey(part, limits, &mut facts.part(&name))?);
        copy.raw_copy_file(archive.by_index_raw(index).map_err(unreadable)?).map_err(unreadable)?;
    }
    Ok((copy.finish().map_err(unreadable)?.into_inner(), facts))
}

/// Reads a part, keeps nothing but `facts`, and gives its length. A part that is no XML is read as
/// far as it is: its reader comes no further.
fn survey(part: impl Read, limits: Limits, facts: &mut facts::Part<'_>) -> Result<u64, TableError> {
    let mut xml = Reader::from_reader(Metered { part: BufReader::new(part), limits, all: 0, since: 0 });
    // As calamine sets it, so that both see the same.
    let config = xml.config_mut();
    config.check_end_names = false;
    config.trim_text(false);
    config.check_comments = false;
    config.expand_empty_elements = true;
    let (mut buffer, mut counts) = (Vec::new(), Counts::default());
    loop {
        buffer.clear();
        let began = xml.buffer_position();
        let event = match xml.read_event_into(&mut buffer) {
            Ok(Event::Eof) => return Ok(xml.get_ref().all),
            Ok(event) => event,
            Err(_) if xml.get_ref().beyond() => return Err(TableError::Bomb),
            Err(quick_xml::Error::Io(error)) => return Err(TableError::Unreadable(error.to_string())),
            Err(_) => return Ok(xml.get_ref().all),
        };
        counts.see(&event, began)?;
        facts.see(&event);
        let ended = xml.buffer_position();
        if ended - began > limits.run || counts.joined.iter().any(|(_, from)| ended - from > MAX_RUN) {
            return Err(TableError::Bomb);
        }
        xml.get_mut().since = 0;
    }
}

/// What was met in a part so far.
#[derive(Default)]
struct Counts {
    texts: u64,
    kept: u64,
    /// What is open of [`JOINED`], by its full name, and where it began.
    joined: Vec<(String, u64)>,
}

impl Counts {
    fn see(&mut self, event: &Event<'_>, at: u64) -> Result<(), TableError> {
        match event {
            Event::Start(tag) => self.start(tag, at),
            Event::End(tag) => {
                self.joined.retain(|(name, _)| *name != tag.name().as_ref());
                Ok(())
            }
            // No workbook declares a document type, and one can hold anything.
            Event::DocType(_) => Err(TableError::Bomb),
            _ => Ok(()),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, at: u64) -> Result<(), TableError> {
        let name = tag.local_name();
        let name: &str = name.as_ref();
        if KEPT.contains(&name) {
            self.kept += 1;
        } else if name == "si" {
            self.texts += 1;
        } else if name == "sst" && claims_beyond_reason(tag) {
            return Err(TableError::Bomb);
        }
        if JOINED.contains(&name) {
            let full = tag.name();
            if self.joined.iter().all(|(open, _)| open != full.as_ref()) {
                self.joined.push((full.as_ref().to_owned(), at));
            }
        }
        // Names of one's own for the same thing are endless.
        let beyond = self.kept > MAX_KEPT || self.texts > MAX_SHARED || self.joined.len() > 64;
        if beyond { Err(TableError::Bomb) } else { Ok(()) }
    }
}

/// Whether the head of the shared texts claims more of them than there can be, or something that is
/// no number.
fn claims_beyond_reason(tag: &str) -> bool {
    tag.match_indices("uniqueCount").any(|(at, word)| {
        let value = tag[at + word.len()..].trim_start().trim_start_matches('=').trim_start().trim_start_matches(['"', '\'', '+']);
        let digits = value.trim_start_matches('0');
        let digits = &digits[..digits.bytes().take_while(u8::is_ascii_digit).count()];
        !digits.is_empty() && digits.parse::<u64>().map_or(true, |claimed| claimed > MAX_SHARED)
    })
}

/// A part that ends with an error as soon as it is longer than it may be, or one piece of it is.
struct Metered<R> {
    part: BufReader<R>,
    limits: Limits,
    all: u64,
    /// Bytes since the last piece ended.
    since: u64,
}

impl<R> Metered<R> {
    fn beyond(&self) -> bool {
        self.all > self.limits.bytes || self.since > self.limits.run
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let piece = self.fill_buf()?;
        let taken = piece.len().min(into.len());
        into[..taken].copy_from_slice(&piece[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

impl<R: Read> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.beyond() { Err(io::ErrorKind::FileTooLarge.into()) } else { self.part.fill_buf() }
    }

    fn consume(&mut self, taken: usize) {
        self.all += taken as u64;
        self.since += taken as u64;
        self.part.consume(taken);
    }
}

#[cfg(test)]
mod tests;
