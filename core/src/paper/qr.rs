//! A text as a QR code: modules to draw, an SVG, a PNG.

use qrcode::{EcLevel, QrCode, Version, bits::Bits, render::svg::Color};
use tiny_skia::{Color as Pixel, Pixmap};

/// White modules that must stay round a code (ISO/IEC 18004, 6.3.8).
pub const QUIET: u32 = 4;
/// Pixels of a module's side in pictures.
const SIDE: u32 = 8;

/// Why a text has no code.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// More than a code of the largest size holds: 2 331 bytes.
    #[error("this text is too long for a QR code")]
    TooLong,
    /// The picture could not be written.
    #[error("a QR code could not be drawn: {0}")]
    Picture(String),
}

/// A code: rows of dark and light modules, without the white ones round it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    /// Modules of a side.
    pub side: usize,
    dark: Vec<bool>,
}

impl Modules {
    /// Whether a module is dark; outside all are light.
    #[must_use]
    pub fn dark(&self, x: usize, y: usize) -> bool {
        x < self.side && y < self.side && self.dark[y * self.side + x]
    }
}

/// A seventh of a code may be unreadable: it is printed, folded and photographed.
///
/// qrcode (0.14) takes some pairs of bytes of Russian letters for Japanese ones and writes them in
/// the mode of those; a phone would read them as Japanese. So a text of more than ASCII goes byte
/// by byte, in the smallest code that holds it.
fn code(text: &str) -> Result<QrCode, QrError> {
    if text.is_ascii() {
        return QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| QrError::TooLong);
    }
    let of = |version| {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_byte_data(text.as_bytes()).and_then(|()| bits.push_terminator(EcLevel::M)).ok()?;
        QrCode::with_bits(bits, EcLevel::M).ok()
    };
    (1..=40).find_map(of).ok_or(QrError::TooLong)
}

/// The modules of a text's code.
///
/// # Errors
/// [`QrError::TooLong`].
pub fn modules(text: &str) -> Result<Modules, QrError> {
    let code = code(text)?;
    Ok(Modules { side: code.width(), dark: code.to_colors().into_iter().map(|module| module == qrcode::Color::Dark).collect() })
}

/// The code as an SVG that prints at any size.
///
/// # Errors
/// [`QrError::TooLong`].
pub fn svg(text: &str) -> Result<String, QrError> {
    Ok(code(text)?.render::<Color<'_>>().quiet_zone(true).module_dimensions(SIDE, SIDE).build())
}

/// The code as a PNG, eight pixels a module.
///
/// # Errors
/// [`QrError`].
pub fn png(text: &str) -> Result<Vec<u8>, QrError> {
    let modules = modules(text)?;
    let side = (u32::try_from(modules.side).map_err(|_| QrError::TooLong)? + 2 * QUIET) * SIDE;
    let mut pixels = Pixmap::new(side, side).ok_or(QrError::TooLong)?;
    pixels.fill(Pixel::WHITE);
    let black = Pixel::BLACK.premultiply().to_color_u8();
    for (at, pixel) in (0_u32..).zip(pixels.pixels_mut()) {
        let module = |at: u32| (at / SIDE).checked_sub(QUIET).map_or(usize::MAX, |module| module as usize);
        if modules.dark(module(at % side), module(at / side)) {
            *pixel = black;
        }
    }
    pixels.encode_png().map_err(|error| QrError::Picture(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_eyes_and_white_round_it() {
        let code = modules("https://t.me/example_bot?start=s-7").unwrap();
        let last = code.side - 1;
        for (x, y) in [(0, 0), (last, 0), (0, last)] {
            assert!(code.dark(x, y), "the corner {x}, {y}");
        }
        assert!(!code.dark(code.side, 0) && !code.dark(usize::MAX, 0), "outside all is white");
        let picture = Pixmap::decode_png(&png("https://t.me/example_bot?start=s-7").unwrap()).unwrap();
        let side = (u32::try_from(code.side).unwrap() + 2 * QUIET) * SIDE;
        assert_eq!((picture.width(), picture.height()), (side, side));
        let dark = |x: u32, y: u32| picture.pixel(x, y).unwrap().red() == 0;
        assert!(!dark(QUIET * SIDE - 1, QUIET * SIDE) && dark(QUIET * SIDE, QUIET * SIDE));
        for y in 0..code.side {
            for x in 0..code.side {
                let at = |n: usize| (u32::try_from(n).unwrap() + QUIET) * SIDE + SIDE / 2;
                assert_eq!(dark(at(x), at(y)), code.dark(x, y), "{x}, {y}");
            }
        }
    }

    #[test]
    fn russian_words_have_a_code_and_a_book_has_none() {
        let payment = "ST00012|Name=ООО «Ромашка»|PersonalAcc=40702810000000000001|Sum=129000";
        assert!(svg(payment).unwrap().starts_with("<?xml"));
        assert!(matches!(png(&"я".repeat(1_200)), Err(QrError::TooLong)) && png(&"я".repeat(1_165)).is_ok());
        // 2 331 bytes of the largest code: none of them was taken for half of a Japanese letter.
        assert!(matches!(png(&"x".repeat(2_332)), Err(QrError::TooLong)) && png(&"x".repeat(2_331)).is_ok());
        assert!(modules("").unwrap().side >= 21);
    }
}
