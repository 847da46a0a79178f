//! Clear cases, by grammar over the classes of the lexicon. Each sentence is evidence; [`judge`]
//! weighs the sentences of a message.

mod demand;
mod foreign;
mod reports;
mod temper;
mod unsubscribe;
mod wish;
mod written;

use super::{
    clause::{NOISE, SENT, Words},
    lexicon::*,
    reading::{Reading, Sentence, Token},
};

/// What the rules make of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruling {
    /// A clear refusal.
    Stop,
    /// Something a careful person would ask about.
    Doubt,
    /// Clearly the opposite of a refusal, or a refusal of something else.
    Talk,
    /// A demand without its object after something else: «диван куплен, отпишите».
    Urged,
    /// «стоп», and then something else.
    Unsure,
    /// The rules know nothing about it.
    Silent,
}

/// What a sentence says, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    /// Greeting, name, courtesy.
    Nothing,
    /// Something that has nothing to do with it.
    Content,
    /// Something that speaks against a refusal: «верните рассылку», «не отписывайте».
    Keep,
    /// Perhaps a refusal.
    Doubt,
    /// A demand without its object, «удалите»: a refusal beside another doubt.
    Demand,
    /// «стоп» and no more: a refusal where the other sentences are none of them talk.
    Bare,
    /// A refusal.
    Stop,
}

/// The facts of the whole message that a rule about one sentence asks for.
struct Whole {
    /// «пишите», «перезвоните»: somebody who asks for messages.
    invited: bool,
    /// «верните», «случайно».
    undo: bool,
    /// Newsletters, or leaving them, are spoken of.
    about: bool,
    /// «опять», «продолжаете», «всё равно».
    still: bool,
    /// It is a command: `/stop`.
    command: bool,
}

impl Whole {
    fn of(reading: &Reading) -> Self {
        Self {
            invited: reading.sentences.iter().any(|sentence| invited(Words(&sentence.tokens))),
            undo: reading.tokens().any(|token| token.mask & UNDO != 0),
            about: reading.tokens().any(|token| token.mask & (UNSUB | STOPWORD | OBJ | SUBSCRIBE) != 0),
            still: reading.tokens().any(|token| token.mask & STILL != 0),
            command: reading.command,
        }
    }
}

/// Weighs a message.
pub(super) fn judge(reading: &Reading) -> Ruling {
    let whole = Whole::of(reading);
    let said: Vec<(Said, bool)> = reading.sentences.iter().flat_map(|sentence| parts(sentence, &whole)).collect();
    let commanded = |sentence: &Sentence| Words(&sentence.tokens).is(0, STOPWORD | STRONG | UNSUB);
    if reading.command && reading.sentences.first().is_some_and(commanded) {
        return Ruling::Stop;
    }
    // «Отписать вас от рассылки?» «Нет, не надо»: our own question, and the answer to it.
    let asked = |sentence: &Sentence| {
        sentence.question && sentence.tokens.iter().any(|token| matches!(token.word.as_str(), "отписать" | "отписывать" | "отключить"))
    };
    let declined = |sentence: &Sentence| {
        let t = Words(&sentence.tokens);
        sentence.tokens.first().is_some_and(|token| matches!(token.word.as_str(), "нет" | "не" | "неа" | "ни" | "no"))
            && !t.has(MORE | ME | SENT)
            && t.0.iter().all(|token| token.mask & (NOISE | NOT | NEED | NONEED | SUBJ | COMMON | UNSUB) != 0)
    };
    if reading.sentences.windows(2).any(|two| asked(&two[0]) && declined(&two[1])) {
        return Ruling::Talk;
    }
    let only_sent = |sentence: &Sentence| Words(&sentence.tokens).only(NOISE | OBJ) && Words(&sentence.tokens).has(OBJ);
    if reading.sign && reading.sentences.iter().all(only_sent) && !reading.sentences.is_empty() {
        return Ruling::Stop;
    }
    let carriers = |token: &Token| matches!(token.word.as_str(), "end" | "quit");
    if reading.tokens().count() == 1 && reading.tokens().all(carriers) && !reading.sentences[0].question {
        return Ruling::Stop;
    }
    let any = |what: Said| said.iter().any(|(one, _)| *one == what);
    if any(Said::Stop) {
        return if any(Said::Keep) { Ruling::Doubt } else { Ruling::Stop };
    }
    if any(Said::Keep) {
        return if any(Said::Demand) { Ruling::Urged } else { Ruling::Talk };
    }
    let complaint = reading.sentences.iter().any(|sentence| {
        !sentence.question
            && (Words(&sentence.tokens).has(WRITE_PRES | WRITE_ING | SPAMWORD | STILL | OBJ)
                || Words(&sentence.tokens).has(AGAIN) && Words(&sentence.tokens).has(REPORT))
            && !Words(&sentence.tokens).has(OTHER)
    });
    if any(Said::Demand) && any(Said::Doubt) || any(Said::Bare) && complaint || any(Said::Demand) && complaint {
        return Ruling::Stop;
    }
    if any(Said::Bare) {
        let asked = said.iter().any(|(one, question)| *one == Said::Content && *question);
        let told = any(Said::Content);
        let last = matches!(said.last(), Some((Said::Bare, _))) && !reading.tokens().any(|token| token.mask & OTHER != 0);
        // «Комментарии излишни. СТОП»
        let apart = reading.sentences.len() > 1
            && reading
                .sentences
                .last()
                .is_some_and(|sentence| Words(&sentence.tokens).only(STOPWORD | STRONG | POLITE) && !sentence.question);
        return match (asked, told) {
            (true, _) if !last => Ruling::Talk,
            (_, true) if last || apart => Ruling::Urged,
            (_, true) => Ruling::Unsure,
            _ => Ruling::Stop,
        };
    }
    if any(Said::Demand) && any(Said::Content) {
        return Ruling::Urged;
    }
    if any(Said::Doubt) || any(Said::Demand) {
        return Ruling::Doubt;
    }
    if !reading.sign && said.iter().all(|(one, _)| *one == Said::Nothing) {
        return Ruling::Talk;
    }
    if reading.sign && !any(Said::Content) {
        return Ruling::Doubt;
    }
    Ruling::Silent
}

/// Whether a doubt is of a kind that the model knows too little of to take it back: an earlier
/// refusal that came to nothing, offers that are to end, «стоп» among a few words.
pub(super) fn insists(reading: &Reading) -> bool {
    let whole = Whole::of(reading);
    reading.sentences.iter().any(|sentence| {
        let t = Words(&sentence.tokens);
        let named = unsubscribe::short_stop(t, sentence.question);
        named
            || written::not_to_me(t)
            || unsubscribe::demanded_first(t)
            || reports::in_vain(t, sentence.question, &whole).is_some()
            || !sentence.question
                && (demand::offers_end(t)
                    || wish::none_more(t)
                    || wish::mailed_unneeded(t)
                    || written::about_nothing(t)
                    || temper::pestered_with(t))
    })
}

/// A positive invitation to write or send.
fn invited(t: Words<'_>) -> bool {
    t.all(PERF | WRITE_CMD).any(|at| {
        t.before(at, NOT, NOISE | CAN | WANT | NEED).is_none()
            && (!t.is(at, WRITE_INF | OBJ) || t.is(at, WRITE_CMD) && t.0[at].after_comma)
            && !(at > 0 && t.0[at - 1].word == "и" && t.before(at - 1, WRITE_CMD, NOISE).is_some_and(|n| t.before(n, NOT, NOISE).is_some()))
    })
}

/// What a sentence says as a whole or, where it says nothing as a whole, in each part between
/// commas.
fn parts(sentence: &Sentence, whole: &Whole) -> Vec<(Said, bool)> {
    let t = Words(&sentence.tokens);
    let said = sentence_says(t, sentence.question, whole);
    if said == Said::Keep {
        // «бонусами не заманивайте, отпишите»
        let demanded = clauses(t).any(|part| sentence_says(part, sentence.question, whole) == Said::Demand);
        return [said].into_iter().chain(demanded.then_some(Said::Demand)).map(|one| (one, sentence.question)).collect();
    }
    if said == Said::Stop {
        return vec![(said, sentence.question)];
    }
    let mut out = Vec::new();
    let mut from = 0;
    while from < t.len() {
        let (_, to) = t.clause(from);
        let part = Words(&t.0[from..to]);
        let last = to == t.len();
        let one = part_says(part, sentence.question && last, whole);
        out.push((one, sentence.question));
        from = to;
    }
    // «стоп я вас не знаю», «стоп не надо»
    if t.is(0, STOPWORD) && t.len() >= 3 && said < Said::Doubt && !sentence.question {
        let rest = sentence_says(Words(&t.0[1..]), false, whole);
        if matches!(rest, Said::Doubt | Said::Demand | Said::Stop) {
            return vec![(Said::Stop, false)];
        }
    }
    // «хватит звать меня на пробные, отстаньте», «не зовите на тренировки и не пишите».
    let refuses = |part: Words<'_>| part.len() >= 2 && sentence_says(part, sentence.question, whole) == Said::Stop;
    if said < Said::Doubt && clauses(t).any(refuses) {
        out.push((Said::Doubt, sentence.question));
    }
    if matches!(said, Said::Doubt | Said::Demand) {
        let several = out.len() > 1 && said == Said::Demand;
        out.retain(|(one, _)| *one != Said::Content || several);
        out.push((said, sentence.question));
    }
    out
}

/// The parts between commas and conjunctions, where there are several.
fn clauses(t: Words<'_>) -> impl Iterator<Item = Words<'_>> {
    let parted = |token: &Token| token.after_comma || matches!(token.word.as_str(), "и" | "но" | "а" | "поэтому" | "and" | "так");
    let pieces = t.0.chunk_by(move |_, next| !parted(next));
    pieces.map(Words).filter(move |part| part.len() < t.len())
}

/// A part that holds nothing but a stop-word and courtesy, or nothing at all.
fn part_says(t: Words<'_>, question: bool, whole: &Whole) -> Said {
    const AROUND: Mask = POLITE | ME | YOU | THIS | MORE | HERE | SWEAR | PREP | SPAMWORD | AGAIN;
    if t.has(STOPWORD | STRONG) && t.only(AROUND | AWAY | STOPWORD | STRONG | SENT | YOURS | MINE | CEASE | ENOUGH) && !t.has(NOT) {
        return if question { Said::Doubt } else { Said::Bare };
    }
    // «стоп машина))», a joke or not; a typing slip alone: «сьоп».
    if t.is(0, STOPWORD) && t.len() == 2 && !question && !t.has(NOT | OTHER | QTY | NUMBER) {
        return Said::Doubt;
    }
    if slip_of_stop(t) {
        return if question { Said::Doubt } else { Said::Bare };
    }
    if t.has(CEASEBARE) && !t.has_word(&["этого", "того", "всего"]) && t.only(AROUND | CEASE | ENOUGH | CAN | ASK) && !question
    {
        return if t.has_word(&["мне", "нам"]) && t.len() <= 3 && !t.has(CEASE & !CEASEBARE) && t.has_word(&["хватит"]) {
            Said::Content
        } else {
            Said::Bare
        };
    }
    // «алиса, хватит»
    if t.len() <= 3
        && t.len() >= 2
        && t.is(t.len() - 1, CEASEBARE)
        && !question
        && t.0[0].mask & !COMMON == 0
        && !t.has(NOT | OTHER | QTY | ME)
    {
        return Said::Doubt;
    }
    if t.only(AROUND | MINE | YOURS) {
        return Said::Nothing;
    }
    // A signature: «Анна Петрова», «с уважением, Иванов И. И.».
    let names = t.0.iter().filter(|token| token.capital && token.mask & !COMMON == 0 || token.word.chars().count() == 1).count();
    let rest = t.0.iter().filter(|token| token.mask & (POLITE | SUBJ | ME | PREP | NUMBER) == 0).count();
    let named = t.0.iter().any(|token| token.capital && token.mask & !COMMON == 0);
    if named
        && rest <= names
        && names <= 4
        && t.0.iter().all(|token| token.mask & !(COMMON | POLITE | SUBJ | PREP | NUMBER) == 0)
        && !whole.command
        && !question
    {
        return Said::Nothing;
    }
    Said::Content
}

/// One word that is a slip of «стоп», with courtesy around it.
fn slip_of_stop(t: Words<'_>) -> bool {
    // «сьоп», «стол рассылка»
    let mut words = t.0.iter().filter(|token| token.mask & (POLITE | OBJ) == 0);
    let (Some(word), None) = (words.next(), words.next()) else { return false };
    let letters: Vec<char> = word.word.chars().take(8).collect();
    let near = |stop: [char; 4]| {
        let swapped = letters.len() == 4 && super::letters::near(&letters, &stop, 1);
        let missing = letters.len() == 3 && letters[0] == stop[0] && super::letters::near(&letters, &stop, 1);
        let extra = letters.len() == 5 && super::letters::near(&letters, &stop, 1);
        // «сиьп»: two keys beside the right ones.
        let beside = letters.iter().zip(stop).filter(|(a, b)| **a != *b).all(|(a, b)| super::letters::beside(*a, b));
        let two = letters.len() == 4 && beside && letters.iter().zip(stop).filter(|(a, b)| **a != *b).count() <= 2;
        swapped || missing || extra || two
    };
    (word.mask == 0 || t.has(OBJ) && t.0.iter().filter(|token| token.mask & POLITE == 0).count() == 2 && word.word == "стол")
        && (near(['с', 'т', 'о', 'п']) || near(['s', 't', 'o', 'p']))
}

type Rule = fn(Words<'_>, bool, &Whole) -> Option<Said>;

/// In this order: the first rule that speaks of a refusal or of its opposite decides, a doubt only
/// where no later rule does.
const RULES: &[Rule] = &[
    unsubscribe::kept,
    wish::welcomed,
    unsubscribe::unsubscribing,
    unsubscribe::reported,
    reports::in_vain,
    written::written,
    demand::ceased,
    demand::removed,
    wish::unwanted,
    wish::unneeded,
    wish::consent,
    temper::hostile,
    temper::hounded,
    temper::threatened,
    foreign::foreign,
    temper::asked,
    demand::pestered,
    demand::not_a_word,
    written::about_it,
];

fn sentence_says(t: Words<'_>, question: bool, whole: &Whole) -> Said {
    // Of words that do nothing no rule speaks.
    if !t.has(!COMMON) {
        return Said::Content;
    }
    let mut best = Said::Content;
    let mut keep = false;
    for rule in RULES {
        if keep && t.has(UNDO) && !t.has(WRITE_CMD | WRITE_INF | REMOVE | CEASE) {
            return Said::Keep;
        }
        match rule(t, question, whole) {
            Some(Said::Stop) => return if keep { Said::Doubt } else { Said::Stop },
            Some(Said::Keep) => keep = true,
            // «не интересно, отпишите»
            Some(said) if matches!((said, best), (Said::Demand | Said::Bare, Said::Doubt) | (Said::Doubt, Said::Demand | Said::Bare)) => {
                best = Said::Stop
            }
            Some(said) if said > best => best = said,
            _ => {}
        }
    }
    if keep { Said::Keep } else { best }
}
