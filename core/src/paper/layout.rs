//! How wide letters are, where lines break, and how columns share a page.

use std::ops::Range;

use rustybuzz::{Face, UnicodeBuffer, ttf_parser::GlyphId};

pub(super) const FONT: &[u8] = include_bytes!("../../assets/DejaVuSans.ttf");
/// What stands for a letter that the font has not: seen on the page; whoever copies the text gets
/// the letter itself.
const UNKNOWN: char = '\u{FFFD}';

/// A shaped letter: what is drawn, how far the next one is, and which bytes of the text it is of.
/// Lengths are parts of the size.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shaped {
    pub glyph: u32,
    pub advance: f32,
    pub offset: (f32, f32),
    pub bytes: Range<usize>,
}

/// The letters of our font.
pub(super) struct Letters {
    face: Face<'static>,
}

impl std::fmt::Debug for Letters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letters(DejaVu Sans)")
    }
}

/// A font's units as numbers to reckon with.
#[expect(clippy::cast_precision_loss, reason = "font units are far below 2^23")]
fn real(n: i32) -> f32 {
    n as f32
}

/// What is not seen by itself: joiners, marks of direction, variants of emoji, soft hyphens.
fn unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}' | '\u{1F3FB}'..='\u{1F3FF}')
}

impl Letters {
    /// Those of the font of the repository.
    pub(super) fn ours() -> Self {
        // The font is a file of this repository, and a test reads it.
        #[expect(clippy::expect_used, reason = "the font is compiled in")]
        let face = Face::from_slice(FONT, 0).expect("DejaVuSans.ttf is a font");
        Self { face }
    }

    fn em(&self) -> f32 {
        real(self.face.units_per_em())
    }

    fn glyph(&self, c: char) -> Option<GlyphId> {
        self.face.glyph_index(c).filter(|_| !c.is_control() && !unseen(c))
    }

    /// How wide a letter is, as a part of its size.
    fn advance(&self, c: char) -> f32 {
        if unseen(c) {
            return 0.0;
        }
        let glyph = self.glyph(c).or_else(|| self.glyph(UNKNOWN)).unwrap_or(GlyphId(0));
        f32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default()) / self.em()
    }

    /// How wide a line is, letter by letter; with pairs drawn together it is no wider.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(c)).sum::<f32>() * size
    }

    /// The lines of a text that fit `room`. Line breaks are kept; a word wider than a line is
    /// divided where the line ends. An empty text has one empty line.
    pub(super) fn wrap(&self, text: &str, size: f32, room: f32) -> Vec<String> {
        let room = room / size;
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
        let mut lines = Vec::new();
        for paragraph in text.split('\n') {
            let mut line = String::new();
            let mut wide = 0.0;
            for word in paragraph.split_inclusive(' ') {
                let bare: f32 = word.trim_end_matches(' ').chars().map(|c| self.advance(c)).sum();
                if wide + bare > room && !line.trim().is_empty() {
                    lines.push(std::mem::take(&mut line).trim_end().to_owned());
                    wide = 0.0;
                }
                for c in word.chars() {
                    let advance = self.advance(c);
                    // Added up letter by letter, a sum may be a hair above the same sum by words.
                    if wide + advance > room + 1e-3 && !line.is_empty() {
                        // Spaces that hang over the end of a line are not carried to the next.
                        if c == ' ' {
                            continue;
                        }
                        lines.push(std::mem::take(&mut line).trim_end().to_owned());
                        wide = 0.0;
                    }
                    line.push(c);
                    wide += advance;
                }
            }
            lines.push(line.trim_end().to_owned());
        }
        lines
    }

    /// The text, or its beginning with an ellipsis where it is wider than `room`.
    pub(super) fn cut(&self, text: &str, size: f32, room: f32) -> String {
        let text = text.replace(['\n', '\r', '\t'], " ");
        if self.width(&text, size) <= room {
            return text;
        }
        let mut out = String::new();
        let mut wide = self.advance('…') * size;
        for c in text.chars() {
            wide += self.advance(c) * size;
            if wide > room {
                break;
            }
            out.push(c);
        }
        out.trim_end().to_owned() + "…"
    }

    /// A line's letters with the font's own distances between them.
    pub(super) fn shape(&self, text: &str) -> Vec<Shaped> {
        let mut shaped: Vec<Shaped> = Vec::new();
        let mut known: Option<usize> = None;
        for (at, c) in text.char_indices() {
            if self.glyph(c).is_some() {
                known.get_or_insert(at);
                continue;
            }
            if let Some(from) = known.take() {
                self.run(text, from..at, &mut shaped);
            }
            let bytes = at..at + c.len_utf8();
            match shaped.last_mut() {
                // What is not seen goes with the letter before it.
                Some(last) if unseen(c) && last.bytes.end == at => last.bytes.end = bytes.end,
                _ if unseen(c) => {}
                _ => {
                    let glyph = self.glyph(UNKNOWN).map_or(0, |glyph| u32::from(glyph.0));
                    shaped.push(Shaped { glyph, advance: self.advance(c), offset: (0.0, 0.0), bytes });
                }
            }
        }
        if let Some(from) = known {
            self.run(text, from..text.len(), &mut shaped);
        }
        shaped
    }

    /// Letters that the font has, in one go.
    fn run(&self, text: &str, run: Range<usize>, into: &mut Vec<Shaped>) {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text[run.clone()]);
        buffer.guess_segment_properties();
        let out = rustybuzz::shape(&self.face, &[], buffer);
        let mut starts: Vec<usize> = out.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        starts.sort_unstable();
        starts.dedup();
        for (info, position) in out.glyph_infos().iter().zip(out.glyph_positions()) {
            let from = info.cluster as usize;
            let to = starts.get(starts.partition_point(|start| *start <= from)).copied().unwrap_or(run.len());
            into.push(Shaped {
                glyph: info.glyph_id,
                advance: real(position.x_advance) / self.em(),
                offset: (real(position.x_offset) / self.em(), real(position.y_offset) / self.em()),
                bytes: run.start + from..run.start + to,
            });
        }
    }
}

/// Widths for columns that ask for `wishes` of `room`: what is asked for where there is enough;
/// else no column gets more than a limit that makes them fit, so the narrow ones keep theirs.
pub(super) fn shared(wishes: &[f32], room: f32) -> Vec<f32> {
    if wishes.iter().sum::<f32>() <= room {
        return wishes.to_vec();
    }
    let (mut low, mut high) = (0.0, room);
    // Halved so often, what is left of it is less than a hair.
    for _ in 0..40 {
        let limit = f32::midpoint(low, high);
        if wishes.iter().map(|wish| wish.min(limit)).sum::<f32>() > room {
            high = limit;
        } else {
            low = limit;
        }
    }
    wishes.iter().map(|wish| wish.min(low)).collect()
}
