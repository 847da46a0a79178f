//! Numbers: `1 234,50 ₽`, `$1,234.50`, `(500)`, `10 000 ₸`, `5 тыс.`.
//!
//! `1,250` is a thousand to one program and one and a quarter to another: the other cells of its
//! column tell ([`marks`]), and where they do not, it is not read.

use serde::{Deserialize, Serialize};

/// What the marks of a column's numbers are for, as far as its cells tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// A comma stands before a fraction: `12,5`.
    pub comma_fraction: bool,
    /// A comma stands between thousands: `1,250.50`.
    pub comma_thousands: bool,
    /// A point stands before a fraction.
    pub point_fraction: bool,
    /// A point stands between thousands.
    pub point_thousands: bool,
}

impl Marks {
    /// Commas and points stand before fractions: what a person types here, and what a workbook
    /// keeps as a number.
    pub const FRACTIONS: Self = Self { comma_fraction: true, comma_thousands: false, point_fraction: true, point_thousands: false };

    /// Both columns' together.
    pub fn add(&mut self, other: Self) {
        self.comma_fraction |= other.comma_fraction;
        self.comma_thousands |= other.comma_thousands;
        self.point_fraction |= other.point_fraction;
        self.point_thousands |= other.point_thousands;
    }

    /// Whether a mark stands between thousands, where the cells that tell agree.
    fn thousands(self, mark: char) -> Option<bool> {
        let (fraction, thousands) =
            if mark == ',' { (self.comma_fraction, self.comma_thousands) } else { (self.point_fraction, self.point_thousands) };
        (fraction != thousands).then_some(thousands)
    }
}

/// What a cell tells of the marks of its column.
#[must_use]
pub fn marks(cell: &str) -> Marks {
    let mut found = Marks::default();
    let shaped = |c: char| c.is_ascii_digit() || c.is_whitespace() || !c.is_ascii() || ",.-+'$%".contains(c);
    if cell.len() > 32 || !cell.contains([',', '.']) || !cell.chars().all(shaped) || either(cell).is_some() || read_number(cell).is_none() {
        return found;
    }
    let middle = middle(cell).unwrap_or_default();
    let last = middle.rfind([',', '.']);
    for mark in [',', '.'] {
        let fraction = match middle.matches(mark).count() {
            0 => continue,
            1 => middle.rfind(mark) == last && !(mark == ',' && of_english_money(cell) && after(middle, mark) == 3),
            _ => false,
        };
        match (mark, fraction) {
            (',', true) => found.comma_fraction = true,
            (',', false) => found.comma_thousands = true,
            (_, true) => found.point_fraction = true,
            (_, false) => found.point_thousands = true,
        }
    }
    found
}

/// The mark of `1,250` or `1.250`, which may stand between thousands or before a fraction.
fn either(cell: &str) -> Option<char> {
    let middle = middle(cell)?;
    let mark = middle.chars().find(|c| matches!(c, ',' | '.'))?;
    let (whole, fraction) = middle.split_once(mark)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let may_be = (1..=3).contains(&whole.len()) && !whole.starts_with('0') && fraction.len() == 3 && digits(whole) && digits(fraction);
    (may_be && !(mark == ',' && of_english_money(cell))).then_some(mark)
}

/// From the first digit to the last.
fn middle(cell: &str) -> Option<&str> {
    Some(&cell[cell.find(|c: char| c.is_ascii_digit())?..=cell.rfind(|c: char| c.is_ascii_digit())?])
}

fn after(middle: &str, mark: char) -> usize {
    middle.rsplit(mark).next().map_or(0, str::len)
}

/// Dollars and pounds are written with commas between thousands.
fn of_english_money(cell: &str) -> bool {
    cell.trim_start_matches(['-', '(', ' ']).starts_with(['$', '£'])
}

/// A number of a column whose marks are known as far as they are; `None` where it is not one
/// number for certain.
#[must_use]
pub fn read_marked(cell: &str, marks: Marks) -> Option<f64> {
    match either(cell) {
        None => read_number(cell),
        Some(mark) if marks.thousands(mark)? => read_number(&cell.replace(mark, "")),
        Some(_) => read_number(cell),
    }
}

/// What may stand before a number.
const BEFORE: &[&str] = &["", "$", "us$", "€", "£", "₽", "₸", "₴", "¥", "≈", "~", "=", "руб", "rub", "usd", "eur", "kzt"];
/// What may stand behind it: currencies and units, which do not change it.
const BEHIND: &[&str] = &[
    "",
    "₽",
    "р",
    "руб",
    "рубль",
    "рубля",
    "рублей",
    "rub",
    "rur",
    "$",
    "usd",
    "долл",
    "доллар",
    "доллара",
    "долларов",
    "€",
    "eur",
    "евро",
    "£",
    "gbp",
    "₸",
    "тг",
    "тнг",
    "тенге",
    "kzt",
    "₴",
    "грн",
    "uah",
    "byn",
    "br",
    "бел",
    "рос",
    "сум",
    "сўм",
    "so'm",
    "soʻm",
    "uzs",
    "сом",
    "kgs",
    "теңге",
    "tenge",
    "лари",
    "gel",
    "драм",
    "amd",
    "манат",
    "azn",
    "сомони",
    "лей",
    "mdl",
    "у",
    "е",
    "¥",
    "%",
    "шт",
    "штук",
    "балл",
    "балла",
    "баллов",
    "бонус",
    "бонуса",
    "бонусов",
    "б",
    "раз",
    "раза",
    "визит",
    "визита",
    "визитов",
    "дн",
    "день",
    "дня",
    "дней",
    "лет",
    "год",
    "года",
    "pcs",
    "points",
    "pts",
];
/// What multiplies it.
const TIMES: &[(&str, f64)] = &[("тыс", 1e3), ("тысяч", 1e3), ("тысячи", 1e3), ("k", 1e3), ("к", 1e3), ("млн", 1e6)];

/// A number as people write it; `None` where it is not one number for certain.
#[must_use]
pub fn read_number(text: &str) -> Option<f64> {
    let text = text.trim().trim_matches(['"', '\'']).trim().to_lowercase().replace(['−', '–'], "-");
    // Accountants write a loss in brackets.
    let (text, bracketed) = match text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text.as_str(), false),
    };
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (mut before, middle, behind) = (text[..start].to_owned(), &text[start..end], &text[end..]);
    let mut minus = bracketed;
    if before.contains('-') {
        before = before.replacen('-', "", 1);
        minus = !minus;
    } else if before.contains('+') {
        before = before.replacen('+', "", 1);
    }
    // `,5` and `.5`.
    let point = before.ends_with(['.', ',']);
    let before = before.trim_end_matches(['.', ',', ' ', '\u{a0}']).trim();
    if !BEFORE.contains(&before) {
        return None;
    }
    let mut times = 1.0;
    for word in behind.split(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | ';' | '-' | '=')) {
        if let Some((_, factor)) = TIMES.iter().find(|(name, _)| *name == word) {
            times *= factor;
        } else if !BEHIND.contains(&word) {
            return None;
        }
    }
    let english = matches!(before, "$" | "us$" | "£");
    let digits = if point { format!("0.{middle}") } else { grouped(middle, english)? };
    let value = digits.parse::<f64>().ok().filter(|value| value.is_finite())? * times;
    Some(if minus { -value } else { value })
}

/// Digits with their groups joined and a point for the fraction; in `english` money a lone comma
/// before three digits stands between thousands.
fn grouped(middle: &str, english: bool) -> Option<String> {
    let middle: String = middle.chars().map(|c| if c.is_whitespace() || matches!(c, '\'' | '’' | '_') { ' ' } else { c }).collect();
    if let Some((mantissa, exponent)) = middle.split_once('e') {
        return Some(format!("{}e{}", grouped(mantissa, english)?, exponent.parse::<i16>().ok()?));
    }
    if middle.bytes().any(|byte| !byte.is_ascii_digit() && !matches!(byte, b' ' | b'.' | b',')) {
        return None;
    }
    let count = |mark: char| middle.matches(mark).count();
    // The last mark of its kind is the decimal one; a mark met twice parts thousands.
    let decimal = match (count('.'), count(',')) {
        (0, 0) => None,
        (0, 1) if english && after(&middle, ',') == 3 => None,
        (0, 1) => Some(','),
        (1, 0) => Some('.'),
        (_, 0) | (0, _) => None,
        _ if middle.rfind(',') > middle.rfind('.') => Some(','),
        _ => Some('.'),
    };
    let (whole, fraction) = decimal.and_then(|mark| middle.rsplit_once(mark)).unwrap_or((middle.as_str(), ""));
    let mut groups = whole.split([' ', '.', ',']);
    let first = groups.next().unwrap_or_default();
    let mut joined = first.to_owned();
    for group in groups {
        // `10 20` are two numbers.
        if group.len() != 3 || first.len() > 3 {
            return None;
        }
        joined.push_str(group);
    }
    let fraction = fraction.trim();
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(format!("{joined}.{fraction}0"))
}
