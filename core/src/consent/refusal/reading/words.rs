//! What one typed word is.

use super::{
    super::{
        letters,
        lexicon::{self, LEXICON, Mask},
    },
    Script,
};

/// What a typed word is: itself, what it was meant to be, or several.
pub(super) fn look_up(typed: &str, script: Script) -> Vec<(String, Mask)> {
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    if digits > 0 && (digits * 2 > typed.chars().count() || !typed.chars().any(letters::alphabetic)) {
        return vec![(typed.to_owned(), lexicon::NUMBER)];
    }
    let bare: String = typed.replace(['’', 'ʼ', '`'], "'").replace(['‑', '‐', '_'], "-");
    let word = lexicon::key(&bare.replace('\'', ""));
    let mask = LEXICON.exact(&word).max(LEXICON.exact(&lexicon::key(&bare)));
    if mask & lexicon::OBJ != 0
        && let Some(first) = LEXICON.unglue_negation(&word)
    {
        return vec![first, ("не".to_owned(), lexicon::NOT)];
    }
    if mask != 0 {
        return match LEXICON.unglue_stem(&word) {
            Some(parts) => masked(parts),
            None => vec![(word, mask)],
        };
    }
    if bare.contains('-') {
        return hyphened(&bare, &word, script);
    }
    let readings = readings(&bare, script);
    for reading in &readings {
        let word = lexicon::key(reading);
        if bare.is_ascii()
            && script != Script::English
            && LEXICON.exact(&word) == lexicon::COMMON
            && let Some((found, mask)) = LEXICON.by_sound(&word).filter(|(_, mask)| *mask != lexicon::COMMON)
        {
            // A soft sign is seldom written in Latin letters: `ne bespokoit`.
            return vec![(found.to_owned(), mask)];
        }
        if let Some(found) = known(&word) {
            return found;
        }
    }
    // Letters of both alphabets: as it looks.
    let mixed = word.chars().any(letters::cyrillic) && word.chars().any(|c| c.is_ascii_alphabetic());
    vec![(readings.first().filter(|_| mixed).map_or(word, |reading| lexicon::key(reading)), 0)]
}

/// What is said by syllables: «сто-о-оп», «у-да-ли-те».
const IN_SYLLABLES: Mask = lexicon::STOPWORD
    | lexicon::UNSUB
    | lexicon::REMOVE
    | lexicon::WRITE_CMD
    | lexicon::WRITE_INF
    | lexicon::CEASE
    | lexicon::ENOUGH
    | lexicon::LEAVE;

/// «стоп-стоп» is said twice; «стоп-кран» is a thing.
fn hyphened(bare: &str, word: &str, script: Script) -> Vec<(String, Mask)> {
    // «сто-о-оп»
    let joined = lexicon::key(&bare.replace('-', ""));
    if bare.split('-').count() > 2 && LEXICON.exact(&joined) & IN_SYLLABLES != 0 {
        return vec![(joined.clone(), LEXICON.exact(&joined))];
    }
    let parts: Vec<&str> = bare.split('-').filter(|part| !part.is_empty() && !matches!(*part, "то" | "ка" | "таки" | "же" | "с")).collect();
    // A letter by itself has no slips.
    let one = |part: &str| part.chars().nth(1).is_none();
    let read = |part: &&str| if one(part) { vec![((*part).to_owned(), LEXICON.exact(part))] } else { look_up(part, script) };
    let mut out: Vec<(String, Mask)> = parts.iter().flat_map(read).collect();
    let stop = out.iter().any(|(_, mask)| mask & lexicon::STOPWORD != 0);
    let thing =
        out.iter().any(|(_, mask)| mask & (lexicon::STOPWORD | lexicon::OBJ | lexicon::OFFER | lexicon::POLITE | lexicon::ENOUGH) == 0);
    if stop && thing || out.is_empty() {
        out = vec![(word.to_owned(), lexicon::COMMON)];
    }
    out
}

/// The letters a word may have been meant with, the likeliest first.
fn readings(bare: &str, script: Script) -> Vec<String> {
    let latin = bare.chars().any(|c| c.is_ascii_alphabetic());
    let cyrillic = bare.chars().any(letters::cyrillic);
    let odd = bare.chars().any(|c| !letters::alphabetic(c));
    let mut out = Vec::with_capacity(5);
    match (latin, cyrillic) {
        (true, true) => {
            let bare = letters::unleet(bare, false);
            out.push(letters::look_russian(&bare));
            out.push(letters::look_english(&bare));
            out.push(letters::from_translit(&letters::look_russian(&bare)));
            out.push(letters::from_translit(&bare));
        }
        (true, false) => {
            if odd {
                // `st0p`, and `ct0p` as it sounds.
                let letters = letters::unleet(bare, true);
                out.extend([letters.clone(), letters::from_translit(&letters)]);
            }
            if matches!(script, Script::English | Script::KeysEnglish) {
                out.push(bare.to_owned());
            } else if script == Script::Translit {
                out.push(letters::from_translit(bare));
                out.extend(bare.contains('j').then(|| letters::from_translit(&bare.replace('j', "zh"))));
            } else {
                out.push(bare.to_owned());
                out.push(letters::from_translit(bare));
                out.extend(bare.contains('j').then(|| letters::from_translit(&bare.replace('j', "zh"))));
                out.push(letters::keys_russian(bare, true));
                out.push(letters::look_russian(bare));
            }
        }
        _ if odd => out.push(letters::unleet(bare, false)),
        _ => {
            out.push(bare.to_owned());
            if script == Script::AsIs {
                out.push(letters::keys_english(bare));
            }
        }
    }
    out
}

fn masked(parts: Vec<String>) -> Vec<(String, Mask)> {
    let masked = |part: String| {
        let mask = LEXICON.exact(&part);
        (part, mask)
    };
    parts.into_iter().map(masked).collect()
}

/// A word that is in the lexicon, by its letters, its sound, a slip, or as several.
fn known(word: &str) -> Option<Vec<(String, Mask)>> {
    let exact = LEXICON.exact(word);
    if exact != 0 {
        return Some(vec![(word.to_owned(), exact)]);
    }
    let letters = word.chars().count();
    if letters >= 4
        && word.chars().all(letters::cyrillic)
        && let Some((found, mask)) = LEXICON.by_sound(word)
    {
        return Some(vec![(found.to_owned(), mask)]);
    }
    if let Some(parts) = LEXICON.unglue(word).map(masked).or_else(|| LEXICON.unglue_by_sound(word)) {
        return Some(parts);
    }
    if let Some(parts) = LEXICON.unglue_letter(word) {
        return Some(masked(parts.to_vec()));
    }
    // «непешите»: a negation and a slip.
    if let Some(rest) = word.strip_prefix("не").or_else(|| word.strip_prefix("ни"))
        && letters >= 7
    {
        let found = LEXICON.by_sound(rest).map(|(w, m)| (w.to_owned(), m)).or_else(|| LEXICON.by_slip(rest));
        if let Some((rest, mask)) = found
            .filter(|(_, mask)| mask & (lexicon::WRITE_CMD | lexicon::WRITE_INF | lexicon::WANT | lexicon::NEED | lexicon::RECEIVE) != 0)
        {
            return Some(vec![("не".to_owned(), lexicon::NOT), (rest, mask)]);
        }
    }
    if let Some(found) = LEXICON.by_slip(word).or_else(|| word.strip_suffix("тся").and_then(|stem| LEXICON.by_slip(&format!("{stem}ться"))))
    {
        return Some(vec![found]);
    }
    if let Some(parts) = LEXICON.unglue_around(word) {
        return Some(masked(parts));
    }
    // Short words that a refusal is full of.
    let own: Vec<char> = word.chars().take(8).collect();
    let short = ["меня", "больше", "номер"].into_iter().find(|short| {
        let short: Vec<char> = short.chars().collect();
        own.len() >= short.len() - 1 && (own.first() == short.first() || own == short[1..]) && letters::near(&own, &short, 1)
    });
    short.map(|short| vec![(short.to_owned(), LEXICON.exact(short))])
}
