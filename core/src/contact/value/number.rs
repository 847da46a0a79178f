//! Numbers: `1 234,50 ₽`, `$1,234.50`, `(500)`, `10 000 ₸`, `5 тыс.`.

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
    "сум",
    "uzs",
    "сом",
    "kgs",
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
    let before = before.trim_end_matches(['.', ',']).trim();
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
    let digits = if point { format!("0.{middle}") } else { grouped(middle)? };
    let value = digits.parse::<f64>().ok().filter(|value| value.is_finite())? * times;
    Some(if minus { -value } else { value })
}

/// Digits with their groups joined and a point for the fraction.
fn grouped(middle: &str) -> Option<String> {
    let middle: String = middle.chars().map(|c| if c.is_whitespace() || matches!(c, '\'' | '’' | '_') { ' ' } else { c }).collect();
    if let Some((mantissa, exponent)) = middle.split_once('e') {
        return Some(format!("{}e{}", grouped(mantissa)?, exponent.parse::<i16>().ok()?));
    }
    if middle.bytes().any(|byte| !byte.is_ascii_digit() && !matches!(byte, b' ' | b'.' | b',')) {
        return None;
    }
    let count = |mark: char| middle.matches(mark).count();
    // The last mark of its kind is the decimal one; a mark met twice parts thousands.
    let decimal = match (count('.'), count(',')) {
        (0, 0) => None,
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
