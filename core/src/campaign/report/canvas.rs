//! Shapes and text on pixels. Letters stand where the font's own distances put them, to fractions
//! of a pixel: the text is shaped, and the outlines are filled. The font is ours, so a picture
//! looks the same on every machine.

use rustybuzz::{
    Face, UnicodeBuffer,
    ttf_parser::{GlyphId, OutlineBuilder},
};
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

const FONT: &[u8] = include_bytes!("../../../assets/DejaVuSans.ttf");

/// Red, green, blue.
pub type Colour = [u8; 3];

/// Which part of a text stands at the place it is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Left,
    Middle,
    /// Its end.
    Right,
}

/// White pixels to draw on. Places are in pixels from the left and from the top.
pub struct Canvas {
    pixels: Pixmap,
    face: Face<'static>,
}

/// An outline of a letter goes into a path, turned round: fonts count upwards.
struct Pen<'a> {
    path: &'a mut PathBuilder,
    scale: f32,
    at: (f32, f32),
}

impl Pen<'_> {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.at.0 + x * self.scale, self.at.1 - y * self.scale)
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

/// A font's units and counts of pixels as numbers to reckon with: both are far below 2^23.
#[expect(clippy::cast_precision_loss, reason = "font units and pixels are far below 2^23")]
fn real(n: i32) -> f32 {
    n as f32
}

impl Canvas {
    /// So many white pixels.
    ///
    /// # Errors
    /// A sentence: no pixels, or the font cannot be read.
    pub fn new(width: u32, height: u32) -> Result<Self, String> {
        let mut pixels = Pixmap::new(width, height).ok_or("a picture has pixels")?;
        pixels.fill(Color::WHITE);
        let face = Face::from_slice(FONT, 0).ok_or("the font cannot be read")?;
        Ok(Self { pixels, face })
    }

    fn fill(&mut self, path: &Path, colour: Colour, opacity: f32) {
        let paint = paint(colour, opacity);
        self.pixels.fill_path(path, &paint, FillRule::Winding, Transform::identity(), None);
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), colour: Colour) {
        if let Some(rectangle) = Rect::from_xywh(x, y, width, height) {
            self.fill(&PathBuilder::from_rect(rectangle), colour, 1.0);
        }
    }

    /// A filled shape with these corners; `opacity` from 0 to 1.
    pub fn shape(&mut self, corners: &[(f32, f32)], colour: Colour, opacity: f32) {
        if let Some(path) = joined(corners, true) {
            self.fill(&path, colour, opacity);
        }
    }

    /// A line through these points.
    pub fn line(&mut self, points: &[(f32, f32)], width: f32, colour: Colour) {
        if let Some(path) = joined(points, false) {
            let stroke = Stroke { width, line_join: tiny_skia::LineJoin::Round, ..Stroke::default() };
            self.pixels.stroke_path(&path, &paint(colour, 1.0), &stroke, Transform::identity(), None);
        }
    }

    /// Pixels for a unit of the font at this size.
    fn scale(&self, size: f32) -> f32 {
        size / real(self.face.units_per_em())
    }

    /// The text without what the font has no letters for: emoji, mostly.
    fn known(&self, text: &str) -> String {
        let known: String = text.chars().filter(|c| c.is_whitespace() || self.face.glyph_index(*c).is_some()).collect();
        known.trim().to_owned()
    }

    /// How wide a text is at this size.
    #[must_use]
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&self.known(text));
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        shaped.glyph_positions().iter().map(|position| real(position.x_advance)).sum::<f32>() * self.scale(size)
    }

    /// A text, its middle at this height. Returns its width.
    pub fn text(&mut self, text: &str, size: f32, colour: Colour, (x, middle): (f32, f32), anchor: Anchor) -> f32 {
        let (width, scale) = (self.width(text, size), self.scale(size));
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&self.known(text));
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        let high = self.face.capital_height().map_or(size * 0.7, |high| real(i32::from(high)) * scale);
        let baseline = middle + high / 2.0;
        let mut at = match anchor {
            Anchor::Left => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::Right => x - width,
        };
        let mut path = PathBuilder::new();
        for (glyph, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let place = (at + real(position.x_offset) * scale, baseline - real(position.y_offset) * scale);
            let mut pen = Pen { path: &mut path, scale, at: place };
            // A space has no outline.
            let _ = self.face.outline_glyph(GlyphId(u16::try_from(glyph.glyph_id).unwrap_or(0)), &mut pen);
            at += real(position.x_advance) * scale;
        }
        if let Some(path) = path.finish() {
            self.fill(&path, colour, 1.0);
        }
        width
    }

    /// A text cut with an ellipsis to `width` pixels at this size.
    #[must_use]
    pub fn fitted(&self, text: &str, size: f32, width: f32) -> String {
        let text = self.known(text);
        if self.width(&text, size) <= width {
            return text;
        }
        let mut cut: Vec<char> = text.chars().collect();
        while cut.len() > 1 && self.width(&format!("{}…", cut.iter().collect::<String>()), size) > width {
            cut.pop();
        }
        format!("{}…", cut.iter().collect::<String>().trim_end())
    }

    /// The picture as PNG.
    ///
    /// # Errors
    /// A sentence of the encoder's.
    pub fn png(&self) -> Result<Vec<u8>, String> {
        self.pixels.encode_png().map_err(|error| error.to_string())
    }
}

fn paint([red, green, blue]: Colour, opacity: f32) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    let mut colour = Color::from_rgba8(red, green, blue, 255);
    colour.apply_opacity(opacity);
    paint.set_color(colour);
    paint
}

/// A path through points; `None`: there are too few.
fn joined(points: &[(f32, f32)], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (first, rest) = points.split_first()?;
    path.move_to(first.0, first.1);
    for (x, y) in rest {
        path.line_to(*x, *y);
    }
    if closed {
        path.close();
    }
    path.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the ink of each letter of a text has its middle, by columns of pixels.
    fn middles(canvas: &Canvas) -> Vec<f64> {
        let (width, height) = (canvas.pixels.width(), canvas.pixels.height());
        let ink = |x: u32| -> f64 { (0..height).map(|y| 255.0 - f64::from(canvas.pixels.pixel(x, y).expect("a pixel").red())).sum() };
        let mut found = Vec::new();
        let (mut sum, mut weighed) = (0.0, 0.0);
        for x in 0..=width {
            let dark = if x < width { ink(x) } else { 0.0 };
            if dark > 0.0 {
                (sum, weighed) = (sum + dark, weighed + dark * f64::from(x));
            } else if sum > 0.0 {
                found.push(weighed / sum);
                (sum, weighed) = (0.0, 0.0);
            }
        }
        found
    }

    /// Letters used to be put on whole pixels, so that the same two stood now closer, now further
    /// apart.
    #[test]
    fn letters_are_evenly_spaced() {
        for size in [17.0, 19.0, 21.0, 34.0] {
            let mut canvas = Canvas::new(640, 60).unwrap();
            canvas.text("нннннннннннн", size, [0, 0, 0], (10.3, 30.0), Anchor::Left);
            let middles = middles(&canvas);
            assert_eq!(middles.len(), 12, "{middles:?}");
            let gaps: Vec<f64> = middles.windows(2).map(|two| two[1] - two[0]).collect();
            let (least, most) = gaps.iter().fold((f64::MAX, f64::MIN), |(least, most), gap| (least.min(*gap), most.max(*gap)));
            // The rasteriser counts in quarters of a pixel, at both edges of both letters; whole
            // pixels differ by 1.
            assert!(most - least < 0.6, "at {size}: {gaps:?}");
        }
    }

    #[test]
    fn what_the_font_has_no_letters_for_is_left_out() {
        let canvas = Canvas::new(10, 10).unwrap();
        assert_eq!(canvas.fitted("🎄 Скидки — 10 %", 21.0, 500.0), "Скидки — 10 %");
        let cut = canvas.fitted(&"щ".repeat(100), 34.0, 600.0);
        assert!(cut.ends_with('…') && canvas.width(&cut, 34.0) <= 600.0, "{cut}");
    }
}
