//! What was typed apart and belongs together.

use super::{
    super::{
        letters,
        lexicon::{self, LEXICON, Mask},
    },
    Token,
    splitting::Raw,
};

/// «с т о п», «С.Т.О.П», «с-т-о-п» are one word.
pub(super) fn join_spread(raws: Vec<Raw>) -> Vec<Raw> {
    let single = |raw: &Raw| raw.text.chars().count() == 1 && raw.text.chars().all(char::is_alphanumeric);
    let mut out: Vec<Raw> = Vec::with_capacity(raws.len());
    let mut run: Vec<Raw> = Vec::new();
    let flush = |run: &mut Vec<Raw>, out: &mut Vec<Raw>| {
        let word: String = run.iter().map(|raw| raw.text.as_str()).collect();
        let russian = letters::look_russian(&letters::unleet(&word, false));
        let known = run.len() >= 3
            && [&word, &russian].iter().any(|w| LEXICON.exact(&lexicon::key(w)) != 0 || LEXICON.unglue(&lexicon::key(w)).is_some());
        if known && let Some(first) = run.first() {
            out.push(Raw { text: word, comma: first.comma, quoted: first.quoted, capital: first.capital, middle: first.middle });
            run.clear();
        } else {
            out.append(run);
        }
    };
    for raw in raws {
        if single(&raw) {
            run.push(raw);
        } else {
            // «стоп-стоп», «с-т-о-п»: a hyphenated word of single letters.
            let parts: Vec<&str> = raw.text.split(['-', '_', '*']).collect();
            if parts.len() >= 3 && parts.iter().all(|part| part.chars().count() == 1) {
                run.extend(parts.iter().map(|part| Raw {
                    text: (*part).to_owned(),
                    comma: raw.comma,
                    quoted: raw.quoted,
                    capital: raw.capital,
                    middle: raw.middle,
                }));
                continue;
            }
            flush(&mut run, &mut out);
            out.push(raw);
        }
    }
    flush(&mut run, &mut out);
    out
}

/// What a word that was typed in two pieces may be.
const IN_PIECES: Mask = lexicon::WRITE_CMD
    | lexicon::WRITE_INF
    | lexicon::CEASE
    | lexicon::UNSUB
    | lexicon::REMOVE
    | lexicon::OBJ
    | lexicon::STOPWORD
    | lexicon::LEAVE
    | lexicon::RECEIVE
    | lexicon::MORE;

/// «отпи шите», «бол ьше»: two pieces, as they were typed, of which at least one is no word.
pub(super) fn join_pieces(raws: Vec<Raw>) -> Vec<Raw> {
    let mut out: Vec<Raw> = Vec::with_capacity(raws.len());
    for raw in raws {
        // Of nonsense in single letters nothing is a word.
        if let Some(last) = out.last_mut()
            && !raw.comma
            && (5..=48).contains(&(last.text.len() + raw.text.len()))
        {
            let joined = format!("{}{}", last.text, raw.text);
            let key = lexicon::key(&joined);
            let whole = key.chars().count() >= 5 && LEXICON.whole(&key) & IN_PIECES != 0;
            let word = |text: &str| LEXICON.exact(&lexicon::key(text)) != 0;
            if whole && !(word(&last.text) && word(&raw.text)) {
                last.text = joined;
                continue;
            }
        }
        out.push(raw);
    }
    out
}

/// «пре кратите», «от пишите»: two pieces of which at least one is no word.
pub(super) fn join_broken(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if let Some(last) = out.last_mut()
            && !token.after_comma
            && token.mask & lexicon::NUMBER == 0
            && (last.mask == 0 || token.mask == 0 || last.word == "от" && token.mask & (lexicon::WRITE_CMD | lexicon::WRITE_INF) != 0)
        {
            let joined = lexicon::key(&format!("{}{}", last.word, token.word));
            // «рассылку отключил» begins as a known word does, and is two.
            let mask = LEXICON.whole(&joined);
            let whole = mask & IN_PIECES != 0;
            if whole && joined.chars().count() >= 4 {
                last.word = joined;
                last.mask = mask;
                continue;
            }
        }
        out.push(token);
    }
    out
}

/// Expressions of several words become one token.
pub(super) fn join_phrases(tokens: Vec<Token>) -> Vec<Token> {
    let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let upto = (at + 1..tokens.len()).find(|n| tokens[*n].after_comma).unwrap_or(tokens.len()).min(at + 6);
        if let Some((n, mask)) = LEXICON.phrase(&words[at..upto]) {
            out.push(Token { word: words[at..at + n].join(" "), mask, ..tokens[at].clone() });
            at += n;
        } else {
            out.push(tokens[at].clone());
            at += 1;
        }
    }
    out
}

/// «отмените, пожалуйста, запись» is one clause.
pub(super) fn without_polite_commas(mut tokens: Vec<Token>) -> Vec<Token> {
    const COURTESY: &[&str] =
        &["пожалуйста", "пожалуста", "плиз", "пж", "please", "pls", "будьте добры", "будьте любезны", "будь ласка", "прошу вас"];
    // «не пишите, пожалуйста, это рабочий телефон»: another clause follows.
    const BEGINNING: &[&str] = &["а", "но", "и", "это", "я", "мы", "вы", "у", "он", "она", "тут", "здесь", "мне"];
    for at in 0..tokens.len() {
        if COURTESY.contains(&tokens[at].word.as_str()) {
            tokens[at].after_comma = false;
            if at > 0
                && let Some(next) = tokens.get_mut(at + 1).filter(|next| !BEGINNING.contains(&next.word.as_str()))
            {
                next.after_comma = false;
            }
        }
    }
    tokens
}

/// «верните деньги», «номер дали по ошибке»: words that take a refusal back elsewhere take nothing
/// back here.
pub(super) fn undoing_nothing(mut tokens: Vec<Token>) -> Vec<Token> {
    const MONEY: &[&str] = &["деньг", "денег", "предоплат", "средств", "сумм", "стоимост", "оплат", "депозит", "залог", "аванс", "руб"];
    const UNDONE: Mask = lexicon::UNSUB | lexicon::STOPWORD | lexicon::OBJ | lexicon::SUBSCRIBE | lexicon::REMOVED;
    let parted = |token: &Token| token.after_comma || matches!(token.word.as_str(), "и" | "а" | "но");
    for at in 0..tokens.len() {
        let word = tokens[at].word.as_str();
        if tokens[at].mask & lexicon::UNDO == 0 {
            continue;
        }
        let from = (0..=at).rev().find(|n| parted(&tokens[*n])).unwrap_or(0);
        let to = (at + 1..tokens.len()).find(|n| parted(&tokens[*n])).unwrap_or(tokens.len());
        let part = &tokens[from..to];
        let money = word.starts_with("верн") && part.iter().any(|token| MONEY.iter().any(|stem| token.word.starts_with(stem)));
        let number = word.ends_with("ошибке")
            && part.iter().any(|token| token.mask & lexicon::DATA != 0)
            && part.iter().all(|token| token.mask & UNDONE == 0);
        // «стоп рассылка, я передумал учиться»
        let other = word.starts_with("передумал")
            && tokens.get(at + 1).is_some_and(|next| {
                const ABOUT: Mask = UNDONE | lexicon::RECEIVE | lexicon::WRITE_INF | lexicon::REMOVE;
                ["ть", "ться"].iter().any(|end| next.word.ends_with(end)) && next.mask & ABOUT == 0
            });
        if money || number || other {
            tokens[at].mask = tokens[at].mask & !lexicon::UNDO | lexicon::COMMON;
        }
    }
    tokens
}
