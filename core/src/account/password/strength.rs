//! How hard a password is to guess for somebody who knows what people choose: words and names, the
//! next key on the keyboard, years, repetitions, one word with digits behind it. Counted in bits of
//! what is left when all of that is cheap.
//!
//! One spelling is compared: Latin letters. A password is read as it stands (Cyrillic
//! transliterated), as the keys that were pressed (`йцукен` is `qwerty`), as those keys in Russian
//! (`gfhjkm` is `пароль`), and backwards; the easiest reading counts.

use std::{collections::BTreeSet, sync::LazyLock};

/// Below this many bits a password is guessed too soon: three ordinary words have more, two hardly.
pub const ENOUGH_BITS: f64 = 30.0;

/// A word of the list.
const WORD: f64 = 7.0;
/// A letter that stands for another one (`@`, `0`, `$`), once a word.
const LEET: f64 = 1.5;
/// A walk over the keyboard, an alphabet's order, one character again and again.
const RUN: f64 = 5.0;
/// A year.
const YEAR: f64 = 5.0;
/// A date without its year's first half or with all of it.
const DATE: f64 = 9.0;
/// A digit that belongs to nothing.
const DIGIT: f64 = 3.3;
/// Any other sign, and one that repeats the sign before.
const SIGN: (f64, f64) = (2.0, 0.3);
/// A capital letter.
const CAPITAL: f64 = 1.0;
/// Saying the same thing again.
const AGAIN: f64 = 2.0;

/// The list, in Latin letters.
static COMMON: LazyLock<Vec<Vec<char>>> = LazyLock::new(|| {
    let words = include_str!("common.txt").lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    let folded: BTreeSet<String> = words.map(|word| latin(&word.to_lowercase())).filter(|word| word.chars().count() >= 3).collect();
    folded.into_iter().map(|word| word.chars().collect()).collect()
});

/// Bits of a password; `known` are words that somebody who guesses for this company would try
/// first.
#[must_use]
pub fn bits(password: &str, known: &[&str]) -> f64 {
    let known: Vec<Vec<char>> =
        known.iter().map(|word| latin(&word.to_lowercase()).chars().collect::<Vec<_>>()).filter(|word| word.len() >= 3).collect();
    let folded = password.to_lowercase();
    let keys = to_latin_keys(&folded);
    let typed = [latin(&folded), keys.clone(), latin(&to_russian_keys(&keys))];
    let capitals = capitals(password);
    let words = Words { known: &known };
    let readings = typed.iter().flat_map(|text| [text.clone(), text.chars().rev().collect()]);
    let easiest = readings.map(|text| words.cheapest(&text.chars().collect::<Vec<_>>(), true)).fold(f64::INFINITY, f64::min);
    easiest + capitals
}

/// Whether a word is spelled in the password, in any of its readings.
#[must_use]
pub fn holds(password: &str, word: &str) -> bool {
    let word = latin(&word.to_lowercase());
    let folded = password.to_lowercase();
    let keys = to_latin_keys(&folded);
    let readings = [latin(&folded), latin(&to_russian_keys(&keys)), keys];
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let word = plain(&word);
    !word.is_empty() && readings.iter().any(|reading| plain(reading).contains(&word))
}

/// Whether a password holds a word of the company's name. One of four letters or more is found
/// within other words too; a shorter one («ЦУМ») is a part of too many («костюм»), and counts where
/// it stands by itself, or between capitals («МирЦумКоза»).
#[must_use]
pub fn names(password: &str, word: &str) -> bool {
    if word.chars().count() >= 4 {
        return holds(password, word);
    }
    let word = latin(&word.to_lowercase());
    let mut apart = String::with_capacity(2 * password.len());
    for c in password.chars() {
        if c.is_uppercase() && apart.ends_with(char::is_lowercase) {
            apart.push(' ');
        }
        apart.push(c);
    }
    [password, &apart].iter().any(|text| {
        let folded = text.to_lowercase();
        let keys = to_latin_keys(&folded);
        let readings = [latin(&folded), latin(&to_russian_keys(&keys)), keys];
        readings.iter().any(|reading| reading.split(|c: char| !c.is_alphabetic()).any(|run| run == word))
    })
}

/// Capitals within a word are worth something; one at the beginning, or all of them, hardly
/// anything.
fn capitals(password: &str) -> f64 {
    let letters: Vec<char> = password.chars().filter(|c| c.is_alphabetic()).collect();
    let upper = letters.iter().filter(|c| c.is_uppercase()).count();
    if upper == 0 {
        return 0.0;
    }
    if upper == letters.len() {
        return CAPITAL;
    }
    let mut inside = 0;
    let mut before = ' ';
    for c in password.chars() {
        if c.is_uppercase() && before.is_alphabetic() {
            inside += 1;
        }
        before = c;
    }
    CAPITAL + f64::from(inside.min(12)) * 2.0
}

struct Words<'a> {
    known: &'a [Vec<char>],
}

impl Words<'_> {
    /// The cheapest way to put the text together. `repeats`: repetitions are looked for (not within
    /// a repeated part).
    fn cheapest(&self, text: &[char], repeats: bool) -> f64 {
        let mut best = vec![f64::INFINITY; text.len() + 1];
        best[0] = 0.0;
        for i in 0..text.len() {
            let so_far = best[i];
            let mut offer = |len: usize, bits: f64| {
                if let Some(there) = best.get_mut(i + len) {
                    *there = there.min(so_far + bits);
                }
            };
            let rest = &text[i..];
            let before = i.checked_sub(1).map(|at| text[at]);
            offer(1, single(rest[0], before));
            for len in 1..=letters(rest) {
                offer(len, unknown(&rest[..len]));
            }
            for (len, bits) in self.words(rest) {
                offer(len, bits);
            }
            for (len, bits) in patterns(rest) {
                offer(len, bits);
            }
            if repeats {
                for (part, len) in repetitions(rest) {
                    offer(len, self.cheapest(&rest[..part], false) + AGAIN);
                }
            }
        }
        best[text.len()]
    }

    /// Words the rest begins with.
    fn words(&self, rest: &[char]) -> Vec<(usize, f64)> {
        let mut found = Vec::new();
        for (word, bits) in self.known.iter().map(|word| (word, 1.0)).chain(COMMON.iter().map(|word| (word, WORD))) {
            if word.len() > rest.len() {
                continue;
            }
            let mut leet = false;
            let fits = word.iter().zip(rest).all(|(letter, typed)| {
                letter == typed || {
                    leet = true;
                    leet_of(*typed).contains(letter)
                }
            });
            if fits {
                found.push((word.len(), if leet { bits + LEET } else { bits }));
            }
        }
        found
    }
}

/// One character by itself.
fn single(c: char, before: Option<char>) -> f64 {
    if c.is_ascii_digit() {
        DIGIT
    } else if c.is_alphabetic() {
        4.0
    } else if before == Some(c) {
        SIGN.1
    } else {
        SIGN.0
    }
}

/// How many letters the rest begins with.
fn letters(rest: &[char]) -> usize {
    rest.iter().take_while(|c| c.is_alphabetic()).count()
}

/// A word that is on no list of ours. One word is one word however long it is; past twelve letters
/// there is another in it. What nobody can pronounce counts letter by letter.
fn unknown(word: &[char]) -> f64 {
    let length = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let mut streak = 0;
    let mut longest = 0;
    for c in word {
        streak = if "aeiouy".contains(*c) { 0 } else { streak + 1 };
        longest = longest.max(streak);
    }
    if longest >= 7 {
        return length(word.len()) * 4.0;
    }
    let n = word.len();
    length(n.min(3)) * 4.0 + length(n.saturating_sub(3).min(9)) * 0.6 + length(n.saturating_sub(12)) * 2.5
}

/// Keys beside each other, an order, one character again and again, years and dates.
fn patterns(rest: &[char]) -> Vec<(usize, f64)> {
    let mut found = Vec::new();
    let run = |follows: &dyn Fn(char, char) -> bool| 1 + rest.windows(2).take_while(|two| follows(two[0], two[1])).count();
    let step = |by: i64| {
        move |a: char, b: char| {
            let same_kind = (a.is_ascii_digit() && b.is_ascii_digit()) || (a.is_ascii_lowercase() && b.is_ascii_lowercase());
            let next = i64::from(u32::from(b)) - i64::from(u32::from(a)) == by
                || (by == 1 && (a, b) == ('9', '0'))
                || (by == -1 && (a, b) == ('0', '9'));
            same_kind && next
        }
    };
    for (length, least) in [(run(&neighbours), 4), (run(&step(1)), 3), (run(&step(-1)), 3), (run(&|a, b| a == b), 3)] {
        for len in least..=length {
            found.push((len, RUN));
        }
    }
    let digits: String = rest.iter().take_while(|c| c.is_ascii_digit()).take(8).collect();
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let (day, month) =
        (|n: Option<u32>| n.is_some_and(|n| (1..=31).contains(&n)), |n: Option<u32>| n.is_some_and(|n| (1..=12).contains(&n)));
    let year = |n: Option<u32>| n.is_some_and(|n| (1900..2060).contains(&n));
    if year(number(0, 4)) {
        found.push((4, YEAR));
    }
    if day(number(0, 2)) && month(number(2, 4)) {
        found.push((4, DATE - 2.0));
        if digits.len() >= 6 {
            found.push((6, DATE));
        }
        if year(number(4, 8)) {
            found.push((8, DATE));
        }
    }
    let dotted: String = rest.iter().take(10).collect();
    let parts: Vec<&str> = dotted.split(['.', '-', '/', '_']).collect();
    if let [d, m, y, ..] = parts.as_slice()
        && day(d.parse().ok())
        && month(m.parse().ok())
        && y.len() >= 4
        && year(y.get(..4).and_then(|y| y.parse().ok()))
    {
        found.push((d.len() + m.len() + 6, DATE));
    }
    found.retain(|(len, _)| *len <= rest.len());
    found
}

/// Beginnings of the rest that come again at once: the length of the part, and of all its
/// repetitions.
fn repetitions(rest: &[char]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for part in 1..=(rest.len() / 2).min(24) {
        let times = 1 + rest[part..].chunks(part).take_while(|chunk| *chunk == &rest[..part]).count();
        if times >= 2 && part * times >= 4 {
            found.extend((2..=times).map(|n| (part, part * n)));
        }
    }
    found
}

/// The letters a sign stands for.
fn leet_of(c: char) -> &'static [char] {
    match c {
        '0' => &['o'],
        '1' | '!' | '|' => &['i', 'l'],
        '3' => &['e', 'z'],
        '4' => &['a', 'c'],
        '@' => &['a'],
        '5' | '$' => &['s'],
        '6' => &['b', 'g'],
        '7' => &['t'],
        '8' => &['b', 'v'],
        '9' => &['g'],
        _ => &[],
    }
}

/// The rows of keys as they lie under the fingers.
const ROWS: [&str; 4] = ["1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"];
const RUSSIAN_ROWS: [&str; 4] = ["1234567890-=", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю."];

fn place(c: char) -> Option<(i32, i32)> {
    ROWS.iter().zip(0..).find_map(|(row, r)| row.chars().zip(0..).find(|(key, _)| *key == c).map(|(_, column)| (r, column)))
}

/// Whether two keys lie beside each other: in a row, or one below the other.
fn neighbours(a: char, b: char) -> bool {
    match (place(a), place(b)) {
        (Some((r, c)), Some((s, d))) => a != b && (r - s).abs() <= 1 && (c - d).abs() <= 1,
        _ => false,
    }
}

fn pressed(text: &str, from: &[&str], to: &[&str]) -> String {
    let key = |c: char| {
        from.iter().zip(to).find_map(|(row, other)| row.chars().zip(other.chars()).find(|(key, _)| *key == c).map(|(_, key)| key))
    };
    text.chars().map(|c| if c.is_ascii_digit() { c } else { key(c).unwrap_or(c) }).collect()
}

/// The Latin letters on the keys of Russian ones.
fn to_latin_keys(text: &str) -> String {
    text.chars().map(|c| if is_cyrillic(c) { pressed(&c.to_string(), &RUSSIAN_ROWS, &ROWS) } else { c.to_string() }).collect()
}

/// The Russian letters on the keys of Latin ones.
fn to_russian_keys(text: &str) -> String {
    pressed(text, &ROWS, &RUSSIAN_ROWS)
}

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..='\u{4ff}').contains(&c)
}

/// Latin letters for Cyrillic ones, in one spelling whichever of the usual ones was used.
fn latin(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            'а' => out.push('a'),
            'б' => out.push('b'),
            'в' => out.push('v'),
            'г' | 'ґ' => out.push('g'),
            'д' => out.push('d'),
            'е' | 'ё' | 'э' | 'є' => out.push('e'),
            'ж' => out.push_str("zh"),
            'з' => out.push('z'),
            'и' | 'й' | 'ы' | 'і' | 'ї' => out.push('i'),
            'к' => out.push('k'),
            'л' => out.push('l'),
            'м' => out.push('m'),
            'н' => out.push('n'),
            'о' => out.push('o'),
            'п' => out.push('p'),
            'р' => out.push('r'),
            'с' => out.push('s'),
            'т' => out.push('t'),
            'у' | 'ў' => out.push('u'),
            'ф' => out.push('f'),
            'х' => out.push('h'),
            'ц' => out.push('c'),
            'ч' => out.push_str("ch"),
            'ш' => out.push_str("sh"),
            'щ' => out.push_str("sch"),
            'ъ' | 'ь' => {}
            'ю' => out.push_str("iu"),
            'я' => out.push_str("ia"),
            other => out.push(other),
        }
    }
    for (from, to) in
        [("shch", "sch"), ("kh", "h"), ("ts", "c"), ("yo", "e"), ("y", "i"), ("j", "i"), ("w", "v"), ("ck", "k"), ("x", "ks"), ("ii", "i")]
    {
        if out.contains(from) {
            out = out.replace(from, to);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_and_layouts_come_to_one() {
        assert_eq!(to_latin_keys("йцукен"), "qwerty");
        assert_eq!(to_russian_keys("gfhjkm"), "пароль");
        assert_eq!(latin("любовь"), latin("lyubov"));
        assert_eq!(latin("юлия"), latin("yuliya"));
        assert!(holds("xRomashka77", "Ромашка") && holds("hjvfirf", "Ромашка") && !holds("лютик", "Ромашка"));
    }
}
