//! Words that were typed without a space between them: «непишите», «рассылканенужна».

use super::{
    super::letters, CEASE, DATA, DISLIKE, ENOUGH, HERE, KEY, LEAVE, Lexicon, ME, MINE, MORE, Mask, NEED, NONEED, NOT, OBJ, POLITE, RECEIVE,
    REMOVE, STOPWORD, UNSUB, WANT, WRITE_CMD, WRITE_INF, YOURS,
};

/// Classes a word without spaces must hold one of: «непишите», «стопрассылка».
const GLUED: Mask = STOPWORD | WRITE_CMD | WRITE_INF | UNSUB | CEASE | REMOVE | ENOUGH | LEAVE | OBJ | NEED | WANT | RECEIVE | DISLIKE;

/// Short words that may be a part of a word without spaces.
pub(super) const SHORT: &[&str] = &[
    "не", "ни", "мне", "нам", "вам", "вас", "нас", "вы", "мы", "все", "это", "уже", "ваш", "наш", "мой", "моя", "спам", "стоп", "смс",
    "меня", "от", "из",
];

impl Lexicon {
    /// «рассылканенужна»: it begins as a known word does, and several stand in it.
    pub(in super::super) fn unglue_stem(&self, word: &str) -> Option<Vec<String>> {
        let stem = !self.words.contains_key(word) && self.stem_of(word).is_some_and(|(tail, _)| tail >= 5);
        stem.then(|| self.unglue(word)).flatten()
    }

    /// «рассылкане»: a word that is known, and a negation without a space.
    pub(in super::super) fn unglue_negation(&self, word: &str) -> Option<(String, Mask)> {
        let bare = word.strip_suffix("не").filter(|bare| !self.words.contains_key(word) && bare.chars().count() >= 5)?;
        self.words.get(bare).filter(|mask| **mask & (OBJ | UNSUB) != 0).map(|mask| (bare.to_owned(), *mask))
    }

    /// The words of one that was written without spaces, if at least one of them is said in
    /// refusals.
    pub(in super::super) fn unglue(&self, word: &str) -> Option<Vec<String>> {
        // «рекламане» is two words.
        let ending = |part: &str| self.stem_of(part).is_some_and(|(tail, mask)| mask & (OBJ | UNSUB) != 0 && tail <= 4);
        let stem = |part: &str| !part.ends_with("не") && ending(part);
        let known =
            |part: &str, letters: usize| if letters >= 4 { self.words.contains_key(part) || stem(part) } else { SHORT.contains(&part) };
        let parts = split(word, known)?;
        // «большене» has no verb in it, «мойконтакт» neither.
        let named = || parts.len() == 2 && self.exact(&parts[0]) & (MINE | YOURS) != 0 && self.exact(&parts[1]) & DATA != 0;
        let glued = parts.iter().any(|part| self.exact(part) & GLUED != 0)
            || parts.iter().all(|part| self.exact(part) & (NOT | MORE | ME) != 0)
            || named();
        glued.then_some(parts)
    }

    /// «досталис», «иотпишите»: a word of a refusal and a word of one letter.
    pub(in super::super) fn unglue_letter(&self, word: &str) -> Option<[String; 2]> {
        let said = |part: &str| part.chars().count() >= 5 && self.words.get(part).is_some_and(|mask| mask & KEY != 0);
        let (last, _) = word.char_indices().next_back()?;
        let second = word.chars().next()?.len_utf8();
        let (head, tail) = (&word[..last], &word[last..]);
        if matches!(tail, "с" | "о" | "и") && said(head) {
            return Some([head.to_owned(), tail.to_owned()]);
        }
        let (head, tail) = (&word[..second], &word[second..]);
        (matches!(head, "и" | "я") && (said(tail) || tail == "не")).then(|| [head.to_owned(), tail.to_owned()])
    }

    /// «уберитеменяизрассылкиклиники»: words of a refusal without spaces, and one among them that
    /// is not known.
    pub(in super::super) fn unglue_around(&self, word: &str) -> Option<Vec<String>> {
        const LEAST: usize = 10;
        // Most long words are none of these: without looking further.
        const HINTS: &[&str] = &[
            "пиш",
            "писа",
            "сыла",
            "слать",
            "шлит",
            "отпис",
            "удал",
            "убер",
            "рассыл",
            "расыл",
            "реклам",
            "стоп",
            "хват",
            "прекр",
            "перест",
            "получ",
            "надо",
            "нужн",
            "беспок",
            "сообщ",
        ];
        let letters = word.chars().count();
        if !(LEAST..=60).contains(&letters) || !word.chars().all(letters::cyrillic) || !HINTS.iter().any(|hint| word.contains(hint)) {
            return None;
        }
        let known = |part: &str, letters: usize| if letters >= 4 { self.words.contains_key(part) } else { SHORT.contains(&part) };
        let parts = split_around(word, known)?;
        let told = |part: &String| part.chars().count() >= 5 && self.words.get(part).is_some_and(|mask| mask & GLUED != 0);
        let words = parts.iter().filter(|part| self.words.contains_key(*part)).count();
        (words >= 2 && parts.iter().any(told)).then_some(parts)
    }

    /// The same of words that are written as they sound: «непресылайтемне».
    pub(in super::super) fn unglue_by_sound(&self, word: &str) -> Option<Vec<(String, Mask)>> {
        const SAID: Mask = KEY | NOT | ME | MORE | NEED | NONEED | WANT | POLITE | DATA | HERE | YOURS;
        let (sound, letters) = (letters::sound(word), word.chars().count());
        if !(9..=40).contains(&letters) || !word.chars().all(letters::cyrillic) {
            return None;
        }
        let found = |part: &str, letters: usize| match letters {
            0..4 => self.short.get(part),
            _ => self.sounds.get(part).filter(|(_, mask)| mask & SAID != 0),
        };
        let parts = split(&sound, |part, letters| found(part, letters).is_some())?;
        let parts: Vec<(String, Mask)> = parts.iter().filter_map(|part| found(part, part.chars().count()).cloned()).collect();
        parts.iter().any(|(_, mask)| mask & GLUED != 0).then_some(parts)
    }
}

/// The fewest known words that a word without spaces is made of, two at least.
fn split(word: &str, known: impl Fn(&str, usize) -> bool) -> Option<Vec<String>> {
    let ends: Vec<usize> = word.char_indices().map(|(n, _)| n).chain([word.len()]).collect();
    let letters = ends.len() - 1;
    if !(5..=60).contains(&letters) {
        return None;
    }
    // The fewest words that end at each letter: how many, and where the last begins.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; letters + 1];
    best[0] = Some((0, 0));
    for to in 1..=letters {
        for from in to.saturating_sub(16)..to {
            let Some((count, _)) = best[from] else { continue };
            let fewer = best[to].is_none_or(|(fewest, _)| count + 1 < fewest);
            if fewer && known(&word[ends[from]..ends[to]], to - from) {
                best[to] = Some((count + 1, from));
            }
        }
    }
    let (count, _) = best[letters]?;
    if count < 2 || letters < count * 3 - 1 {
        return None;
    }
    let (mut parts, mut to) = (Vec::with_capacity(count), letters);
    while to > 0 {
        let from = best[to]?.1;
        parts.push(word[ends[from]..ends[to]].to_owned());
        to = from;
    }
    parts.reverse();
    Some(parts)
}

/// The same with a part that is not known, as short as can be, and no more than two fifths of all.
fn split_around(word: &str, known: impl Fn(&str, usize) -> bool) -> Option<Vec<String>> {
    const LONGEST: usize = 16;
    let ends: Vec<usize> = word.char_indices().map(|(n, _)| n).chain([word.len()]).collect();
    let letters = ends.len() - 1;
    let part = |from: usize, to: usize| &word[ends[from]..ends[to]];
    // Where the last word before each letter begins, and where the first behind it ends.
    let mut before: Vec<Option<usize>> = vec![None; letters + 1];
    let mut behind = before.clone();
    (before[0], behind[letters]) = (Some(0), Some(letters));
    let mut words: Vec<(usize, usize)> = Vec::new();
    for to in 1..=letters {
        for from in to.saturating_sub(LONGEST)..to.saturating_sub(1) {
            if known(part(from, to), to - from) {
                words.push((from, to));
                // The longest word.
                before[to] = before[to].or_else(|| before[from].map(|_| from));
            }
        }
    }
    for (from, to) in words.iter().rev() {
        behind[*from] = behind[*from].or_else(|| behind[*to].map(|_| *to));
    }
    let gaps = (0..letters).filter(|from| before[*from].is_some()).flat_map(|from| {
        let to = (from + 1..=letters).find(|to| *to >= from + 3 && behind[*to].is_some());
        to.map(|to| (to - from, from, to))
    });
    let (gap, from, to) = gaps.min()?;
    if gap * 5 > letters * 2 {
        return None;
    }
    let mut parts = vec![part(from, to).to_owned()];
    let mut at = from;
    while at > 0 {
        let start = before[at]?;
        parts.insert(0, part(start, at).to_owned());
        at = start;
    }
    at = to;
    while at < letters {
        let end = behind[at]?;
        parts.push(part(at, end).to_owned());
        at = end;
    }
    Some(parts)
}
