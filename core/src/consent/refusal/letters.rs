//! Letters: one writing for what is typed in many. Everything here is done to a message and to the
//! lexicon alike.

/// A small letter of the plain alphabet, or the sign itself: case, ё, letters of other alphabets
/// that carry a tail or dots, full-width and mathematical Latin.
pub(super) fn letter(c: char) -> char {
    // What nearly every sign of a message is needs no tables.
    match c {
        'ъ' => return 'ь',
        'а'..='я' | ' ' => return c,
        '\0'..='\u{7f}' => return c.to_ascii_lowercase(),
        _ => {}
    }
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{1d400}'..='\u{1d6a3}' => plain((u32::from(c) - 0x1d400) % 52),
        '\u{24b6}'..='\u{24e9}' => plain((u32::from(c) - 0x24b6) % 52),
        '\u{1f130}'..='\u{1f149}' => plain(u32::from(c) - 0x1f130),
        '\u{1f170}'..='\u{1f189}' => plain(u32::from(c) - 0x1f170),
        _ => c,
    };
    let c = c.to_lowercase().next().unwrap_or(c);
    match c {
        'ё' | 'є' => 'е',
        'і' | 'ї' | 'ӣ' => 'и',
        'ґ' | 'ғ' => 'г',
        'қ' | 'ҡ' => 'к',
        'ң' | 'ҥ' => 'н',
        'ү' | 'ұ' | 'ў' | 'ӯ' => 'у',
        'ө' => 'о',
        'һ' | 'ҳ' => 'х',
        'ә' => 'а',
        'җ' | 'ҷ' => 'ж',
        'ҙ' => 'з',
        'ҫ' => 'с',
        'ъ' => 'ь',
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'ı' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ş' => 's',
        'ñ' => 'n',
        // Greek capitals look the same.
        'α' => 'а',
        'ε' => 'е',
        'η' => 'н',
        'κ' => 'к',
        'μ' => 'м',
        'ο' => 'о',
        'π' => 'п',
        'ρ' => 'р',
        'σ' | 'ς' => 'с',
        'τ' => 'т',
        'χ' => 'х',
        c => c,
    }
}

fn plain(n: u32) -> char {
    char::from_u32(u32::from('a') + n % 26).unwrap_or('a')
}

/// Signs that are not seen: soft hyphens, joiners, directions, variation selectors, stress marks.
pub(super) fn unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{300}'..='\u{305}' | '\u{307}'..='\u{36f}' | '\u{1160}' | '\u{3164}' | '\u{2800}')
}

/// The signs of a text that are seen; й written as a letter and a mark is one letter.
pub(super) fn seen(text: &str) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    for c in text.chars() {
        match (c, out.last()) {
            ('\u{306}', Some('и' | 'И')) => {
                out.pop();
                out.push('й');
            }
            ('\u{306}', _) => {}
            (c, _) if unseen(c) => {}
            (c, _) => out.push(c),
        }
    }
    out
}

/// Whether a sign is a letter or a digit of any writing; quick for the usual ones.
pub(super) fn alphanumeric(c: char) -> bool {
    matches!(c, 'а'..='я' | 'А'..='Я') || if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() }
}

/// Whether a sign is a letter of any writing; quick for the usual ones.
pub(super) fn alphabetic(c: char) -> bool {
    matches!(c, 'а'..='я' | 'А'..='Я') || if c.is_ascii() { c.is_ascii_alphabetic() } else { c.is_alphabetic() }
}

/// Whether a folded letter is Cyrillic.
pub(super) fn cyrillic(c: char) -> bool {
    matches!(c, 'а'..='я')
}

/// Runs of one letter become one: «стоооп», «рассылка» and «расылка» are written alike.
pub(super) fn squeeze(letters: impl Iterator<Item = char>, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes);
    let mut last = None;
    for c in letters {
        if last != Some(c) {
            out.push(c);
        }
        last = Some(c);
    }
    out
}

/// How a Russian word sounds, roughly: unstressed vowels, soft signs and «тся» no longer matter.
pub(super) fn sound(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        let c = match c {
            'ь' | 'ъ' => continue,
            'о' => 'а',
            'е' | 'ы' | 'э' | 'й' => 'и',
            'щ' => 'ш',
            'ю' => 'у',
            c => c,
        };
        if c == 'с' && out.ends_with('т') || c == 'ц' {
            // «тся», «ться», «ца» end alike.
            if out.ends_with('т') {
                out.pop();
            }
            if !out.ends_with('ц') {
                out.push('ц');
            }
        } else if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// Letters of the other alphabet that look the same.
const ALIKE: [(char, char); 17] = [
    ('a', 'а'),
    ('b', 'в'),
    ('c', 'с'),
    ('e', 'е'),
    ('h', 'н'),
    ('k', 'к'),
    ('m', 'м'),
    ('n', 'п'),
    ('o', 'о'),
    ('p', 'р'),
    ('t', 'т'),
    ('x', 'х'),
    ('y', 'у'),
    ('u', 'и'),
    ('r', 'г'),
    ('i', 'и'),
    ('g', 'д'),
];

/// A word with letters of both alphabets, read as Russian by the look of its letters.
pub(super) fn look_russian(word: &str) -> String {
    word.chars().map(|c| ALIKE.iter().find(|(l, _)| *l == c).map_or(c, |(_, r)| *r)).collect()
}

/// The same, read as English.
pub(super) fn look_english(word: &str) -> String {
    word.chars().map(|c| ALIKE.iter().find(|(_, r)| *r == c).map_or(c, |(l, _)| *l)).collect()
}

/// Digits and signs that stand for letters, in a word that has letters too.
pub(super) fn unleet(word: &str, latin: bool) -> String {
    let of = |c: char| match (c, latin) {
        ('0', false) => 'о',
        ('0', true) => 'o',
        ('3', false) => 'з',
        ('3', true) => 'e',
        ('4', false) => 'ч',
        ('4', true) => 'a',
        ('6', _) => 'ш',
        ('1', false) => 'и',
        ('1', true) => 'i',
        ('7', false) => 'т',
        ('7', true) => 't',
        ('@', false) => 'а',
        ('@', true) => 'a',
        ('$' | '5', false) => 'с',
        ('$' | '5', true) => 's',
        (c, _) => c,
    };
    word.chars().map(of).collect()
}

/// Russian written in Latin letters, in any of the usual ways; what is ambiguous is left to
/// [`sound`].
pub(super) fn from_translit(word: &str) -> String {
    const PAIRS: [(&str, &str); 49] = [
        ("shch", "щ"),
        ("sch", "щ"),
        ("sh", "ш"),
        ("zh", "ж"),
        ("ch", "ч"),
        ("kh", "х"),
        ("ts", "тс"),
        ("ci", "ци"),
        ("cy", "цы"),
        ("ce", "це"),
        ("ya", "я"),
        ("ja", "я"),
        ("ia", "я"),
        ("yu", "ю"),
        ("ju", "ю"),
        ("iu", "ю"),
        ("yo", "е"),
        ("jo", "е"),
        ("ye", "е"),
        ("a", "а"),
        ("b", "б"),
        ("v", "в"),
        ("w", "ш"),
        ("g", "г"),
        ("d", "д"),
        ("e", "е"),
        ("z", "з"),
        ("i", "и"),
        ("j", "й"),
        ("k", "к"),
        ("l", "л"),
        ("m", "м"),
        ("n", "н"),
        ("o", "о"),
        ("p", "п"),
        ("r", "р"),
        ("s", "с"),
        ("t", "т"),
        ("u", "у"),
        ("f", "ф"),
        ("h", "х"),
        ("x", "х"),
        ("c", "с"),
        ("4", "ч"),
        ("6", "ш"),
        ("y", "ы"),
        ("q", "я"),
        ("'", ""),
        ("`", ""),
    ];
    let mut out = String::with_capacity(word.len() * 2);
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        if let Some((latin, russian)) = PAIRS.iter().find(|(latin, _)| rest.starts_with(latin)) {
            out.push_str(russian);
            rest = &rest[latin.len()..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    // `moy`, `svoey`: behind a vowel it is no ы.
    let mut before = ' ';
    out.chars()
        .map(|c| {
            let c = if c == 'ы' && matches!(before, 'а' | 'е' | 'и' | 'о' | 'у' | 'ы' | 'э' | 'ю' | 'я') { 'й' } else { c };
            before = c;
            c
        })
        .collect()
}

/// Signs that are typed with the same keys: a comma with the Russian keyboard is `?` with the
/// English one.
const LATIN_SIGNS: &str = "?/&^";
const RUSSIAN_SIGNS: &str = ",.?:";
const LATIN_KEYS: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`{}:\"<>~";
const RUSSIAN_KEYS: &str = "йцукенгшщзхъфывапролджэячсмитьбюехъжэбюе";
const UKRAINIAN_KEYS: &str = "йцукенгшщзхїфівапролджєячсмитьбюехїжєбюе";

/// What was meant where the Russian keys were pressed as English ones: «cnjg». With `signs`, keys
/// that are punctuation in English are letters too.
pub(super) fn keys_russian(text: &str, signs: bool) -> String {
    let sign = |c: char| LATIN_SIGNS.chars().zip(RUSSIAN_SIGNS.chars()).find(|(key, _)| signs && *key == c).map_or(c, |(_, sign)| sign);
    let of = |c: char| match LATIN_KEYS.chars().position(|key| key == c) {
        Some(n) if signs || c.is_ascii_alphabetic() => RUSSIAN_KEYS.chars().nth(n).unwrap_or(c),
        _ => sign(c),
    };
    text.chars().map(|c| of(c.to_ascii_lowercase())).collect()
}

/// What was meant where the English keys were pressed as Russian or Ukrainian ones: «ыещз», «іещз».
pub(super) fn keys_english(text: &str) -> String {
    let of = |c: char| {
        let at = RUSSIAN_KEYS.chars().position(|key| key == c).or_else(|| UKRAINIAN_KEYS.chars().position(|key| key == c));
        at.and_then(|n| LATIN_KEYS.chars().nth(n)).unwrap_or(c)
    };
    text.chars().map(|c| of(c.to_lowercase().next().unwrap_or(c))).collect()
}

/// Rows of the Russian keyboard, the upper one half a key to the left of the next.
const ROWS: [&str; 3] = ["йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"];

/// Whether two keys of the Russian keyboard touch each other: «ч» for «с».
pub(super) fn beside(a: char, b: char) -> bool {
    let place = |key: char| ROWS.iter().enumerate().find_map(|(row, keys)| keys.chars().position(|one| one == key).map(|n| (row, n)));
    let (Some((upper, left)), Some((lower, right))) = (place(a).min(place(b)), place(a).max(place(b))) else { return false };
    match lower - upper {
        0 => left.abs_diff(right) == 1,
        1 => right == left || right + 1 == left,
        _ => false,
    }
}

/// Whether two words are one slip of the finger apart, or two where `slips` is 2: a wrong, missing,
/// doubled or swapped letter.
pub(super) fn near(a: &[char], b: &[char], slips: usize) -> bool {
    if a.len().abs_diff(b.len()) > slips || b.len() > 31 {
        return false;
    }
    let (slips, mut rows) = (u8::try_from(slips).unwrap_or(u8::MAX), [[0_u8; 32]; 3]);
    for (n, cell) in (0..).zip(&mut rows[1]) {
        *cell = n;
    }
    for (i, (&x, deep)) in a.iter().zip(1_u8..).enumerate() {
        let (older, old) = (rows[i % 3], rows[(i + 1) % 3]);
        let row = &mut rows[(i + 2) % 3];
        row[0] = deep;
        let mut least = row[0];
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (old[j] + u8::from(x != y)).min(old[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(older[j - 1] + 1);
            }
            row[j + 1] = cost;
            least = least.min(cost);
        }
        if least > slips {
            return false;
        }
    }
    rows[(a.len() + 1) % 3][b.len()] <= slips
}
