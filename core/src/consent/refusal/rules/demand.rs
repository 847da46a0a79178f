//! «прекратите рассылку», «удалите меня из базы»: what is to end, who is to be taken off.

use super::{
    super::{
        clause::{NOISE, SENT, Words},
        lexicon::*,
    },
    Said, Whole,
    written::tail,
};

/// «прекратите рассылку», «хватит писать».
pub(super) fn ceased(t: Words<'_>, question: bool, whole: &Whole) -> Option<Said> {
    let mut best = None;
    for at in t.all(CEASE | ENOUGH) {
        // «денег хватит», «хватит двух часов», «хватит на всех».
        let (from, to) = t.clause(at);
        let part = Words(&t.0[from..to]);
        let counted = part.has(QTY | NUMBER) || part.0.get(at - from + 1).is_some_and(|next| next.word == "на") && !part.has(TIME);
        if t.is(at, ENOUGH) && counted && !t.has(SENT | WRITE_INF | WRITE_ING | STOPWORD | ME | AGAIN) {
            return Some(Said::Keep);
        }
        let through = NOISE | YOURS | THIS | SWEAR | ITHINK | CAN | NEED;
        let not = t.before(at, NOT, NOISE | CAN);
        // «не могли бы вы прекратить» is a request.
        // «не пора ли перестать?»
        let asked = |between: Words<'_>| between.has(CAN) || between.has_word(&["пора"]);
        if let Some(not) = not.filter(|not| !asked(Words(&t.0[*not..at]))) {
            if (t.before(not, IF, NOISE | SUBJ).is_some() && t.is(at, CEASE) && !t.has_word(&["пока"]) || t.has(LEGAL | BLOCK | REGULATOR))
                && !t.thing()
            {
                best = best.max(Some(Said::Stop));
            } else if t.has(SENT | WRITE_INF) {
                return Some(Said::Keep);
            }
            continue;
        }
        let infinitive = t.behind(at, WRITE_INF | WRITE_ING | RECEIVE, through | SENT).or_else(|| t.before(at, WRITE_INF, NOISE | SENT));
        if question && t.has(IF) {
            best = best.max(Some(Said::Doubt)).filter(|_| t.has(SENT | WRITE_INF));
            continue;
        }
        // «сообщения прошу прекратить»
        let before = || t.before(at, OBJ, NOISE | ASK | NEED | CAN | SENT).filter(|_| t.is(at, CEASE) && !question);
        let sent = t.behind(at, SENT | PROCESS, through | DATA | WRITE_INF).or_else(before);
        let said = match (infinitive, sent) {
            (Some(verb), _) => {
                let tail = tail(t, verb);
                // «перестаньте звонить, пишите»; «раз в неделю достаточно писать».
                let rather = t.is(verb, CALL) && !t.has(SENT) && (whole.invited || t.has(BETTER));
                let limited = t.is(at, ENOUGH) && !t.is(at, CEASEBARE) && Words(&t.0[..at]).has(TIME | ONCE | NUMBER);
                // «хватит звать меня на тест-драйв»: whatever is offered.
                let offered = offering(&t.0[verb].word) && t.has(ME) && !t.has(THIRD | TIME) && !question;
                if offered && !limited {
                    Some(Said::Stop)
                } else if rather {
                    None
                } else if limited {
                    Some(Said::Doubt)
                } else if tail.foreign && !tail.sent && t.has(OTHER | WHAT) {
                    None
                } else if (tail.unknown || tail.foreign) && !tail.sent || tail.mail || tail.restricted && !t.has(AGAIN | ONCE | OBJ) {
                    Some(Said::Doubt)
                } else {
                    Some(Said::Stop)
                }
            }
            (_, Some(_)) if part.has(OTHER | QTY) && !t.has(YOURS) => None,
            // «прекратите безобразие на парковке»
            (_, Some(n)) if disorder(&t.0[n].word) && t.0.iter().any(|token| token.mask & !COMMON == 0) => Some(Said::Doubt),
            (_, Some(n)) if t.is(n, OFFER) && !t.is(n, OBJ) && !t.has(YOURS) => (!question).then_some(Said::Doubt),
            (_, Some(_)) => {
                if question && t.is(at, ENOUGH) {
                    Some(Said::Doubt)
                } else {
                    Some(Said::Stop)
                }
            }
            // «хватит про скидки»
            _ if t.is(at, CEASEBARE) && !question && told_enough(t, at) => Some(Said::Doubt),
            _ if t.is(at, CEASE) && t.has(OR) && t.has(LEGAL | BLOCK | REGULATOR) && !t.has(OTHER) => Some(Said::Stop),
            _ => {
                let (from, to) = t.clause(at);
                let part = Words(&t.0[from..to]);
                if question && t.is(at, CEASEBARE) && part.has(CAN) && part.only(NOISE | CAN | CEASE | ENOUGH | SUBJ) {
                    best = best.max(Some(Said::Doubt));
                    continue;
                }
                let rest = part.only(NOISE | CEASE | ENOUGH | SUBJ | STILL | HOWLONG | ASK | CAN) && !part.has(WHAT);
                let rest = rest && !part.has_word(&["этого", "того", "всего"]);
                let bare = rest && !question && !t.has_word(&["хорош"]);
                // «мне хватит» is a quantity, «довольно» a word.
                let mine = t.is(at, ENOUGH)
                    && (part.has_word(&["мне", "нам"]) || !t.is(at, CEASEBARE) && !Words(&t.0[from..at]).only(POLITE | ME | SUBJ));
                (bare && !mine && to - from <= 6).then_some(if t.is(at, CEASEBARE) { Said::Bare } else { Said::Doubt })
            }
        };
        best = best.max(said);
    }
    best
}

/// «хватит уже про акции», «довольно о скидках».
fn told_enough(t: Words<'_>, at: usize) -> bool {
    let about = (at + 1..t.len()).find(|n| !t.is(*n, POLITE | MORE | SWEAR));
    about.is_some_and(|n| matches!(t.0[n].word.as_str(), "про" | "о" | "об") && t.behind(n, SENT, NOISE).is_some())
}

/// Verbs that only advertising is done by, whatever stands behind them.
pub(super) fn offering(verb: &str) -> bool {
    [
        "зва",
        "зови",
        "зазыва",
        "приглаша",
        "предлага",
        "навязыва",
        "впарива",
        "втюхива",
        "заманива",
        "завлека",
        "рекламир",
        "уговарива",
        "агитир",
    ]
    .iter()
    .any(|stem| verb.starts_with(stem))
}

/// «больше не приглашайте на открытые уроки», «хватит звать на консультации»: whatever is offered.
pub(super) fn offers_end(t: Words<'_>) -> bool {
    t.0.iter().enumerate().any(|(at, token)| {
        let refused = || {
            let (from, to) = t.clause(at);
            let part = Words(&t.0[from..to]);
            let not = part.all(NOT).any(|n| from + n < at && Words(&t.0[from + n..at]).only(NOT | NOISE | WANT | NEED | CAN));
            // «не зовите обратно, не вернусь»
            let away = t.has_word(&["вернусь", "вернемся", "приду", "придем", "пойду", "пойдем", "куплю"]) && t.all(NOT).count() >= 2;
            not && (part.no_more() || part.has(ME) || away) || part.has(CEASE | CEASEBARE) && !part.has(NOT)
        };
        offering(&token.word) && !t.has(THIRD | SUBSCRIBE) && !t.has_word(&["себя", "другого", "другую", "этого", "того"]) && refused()
    })
}

/// The same as a rule: somebody should ask.
pub(super) fn pestered(t: Words<'_>, question: bool, whole: &Whole) -> Option<Said> {
    (!question && !whole.invited && offers_end(t)).then_some(Said::Doubt)
}

/// «ни слова больше про бронирование»
pub(super) fn not_a_word(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    let at = (1..t.len()).find(|n| matches!(t.0[*n].word.as_str(), "слова" | "слово" | "звука" | "буквы") && t.0[*n - 1].word == "ни")?;
    let about = t.0[at..].iter().any(|token| matches!(token.word.as_str(), "про" | "о" | "об"));
    (about && !question && !t.has(THIRD | WRITE_PAST) && (t.has(MORE) || !t.has(OTHER))).then_some(Said::Doubt)
}

/// What is complained about, and need not be messages.
fn disorder(word: &str) -> bool {
    ["безобраз", "беспредел", "беспоряд", "произвол", "преследован", "атак", "поток"].iter().any(|stem| word.starts_with(stem))
}

/// «удалите меня из базы», «отключите рассылку», «уберите мой номер».
pub(super) fn removed(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    let mut best = None;
    for at in t.all(REMOVE | REMOVED | ADDTO) {
        best = best.max(removes(t, at, question));
        if best == Some(Said::Keep) {
            return best;
        }
    }
    best
}

pub(super) fn removes(t: Words<'_>, at: usize, question: bool) -> Option<Said> {
    let (from, to) = t.clause(at);
    let part = Words(&t.0[from..to]);
    // «не надо удалять мой номер», «не хочу отключать уведомления», but «не нужно удалите».
    let need = if t.0[at].word.ends_with("ть") { NEED | WANT } else { 0 };
    let not = t.before(at, NOT, NOISE | CAN | ASK | SUBJ | need);
    let me = part.has_word(&["меня", "нас", "me", "us", "мене", "миня", "моего", "менч"]) || part.has_word(&["маму", "мужа", "жену"]);
    if t.is(at, ADDTO) {
        // «не добавляйте меня в рассылки»
        let matter = if not.is_some() { part.has(OBJ | BASE) || part.has_word(&["никуда"]) } else { part.has(BLACKLIST) };
        return (matter && !t.has(OTHER) && (me || part.has(DATA | MINE))).then_some(Said::Stop);
    }
    let own = me || part.has(DATA) || part.has(OBJ) || part.has(BASE) && part.has_word(&["из", "from", "с", "off", "of", "зи", "вид"]);
    if t.is(at, REMOVED) {
        // «почему меня удалили из рассылки?»: who asks so wants it back.
        if not.is_none() && t.has(WHY) && !t.has(STILL | CHTOBY | AGAIN) && me && part.has(OBJ) {
            return Some(Said::Keep);
        }
        // «пусть удалят мой номер»
        let told = t.has_word(&["пусть"]) && ["ят", "ут", "ат"].iter().any(|end| t.0[at].word.ends_with(end));
        if told && not.is_none() && (me || part.has(OBJ) || part.has(DATA) && part.has(MINE)) && !part.has(OTHER) {
            return Some(Said::Stop);
        }
        if ["ят", "ут"].iter().any(|end| t.0[at].word.ends_with(end)) {
            return None;
        }
        let until = not.is_some() || t.has(WHY | STILL) || t.has(CHTOBY);
        // «номер не убрали»: of a hotel.
        return (until
            && (me || part.has(OBJ) || part.has(DATA) && t.has(MINE | BASE | STILL | WHY))
            && !part.has(OTHER)
            && t.has(BASE | OBJ | STILL | HERE | NOT))
        .then_some(Said::Stop);
    }
    if let Some(not) = not {
        let threat = t.before(not, IF, NOISE | SUBJ).is_some() || part.has(CAN);
        return (own || threat && t.has(LEGAL | BLOCK | REGULATOR)).then_some(if threat { Said::Stop } else { Said::Keep });
    }
    if part.has(OTHER) && part.has(SPAMWORD)
        || part.has(QTY) && !part.has(OBJ) && !(part.has(DATA) && part.has(MINE | ME))
        || part.has(OTHER | UNDO) && !part.has(OBJ)
        || t.before(at, IF, NOISE | SUBJ | COMMON).is_some() && !t.has(OR) && !t.grateful()
    {
        return None;
    }
    let into = part.all(BASE).any(|n| part.before(n, PREP, NOISE).is_some_and(|p| part.0[p].word == "в"));
    if into || t.0[at].quoted || part.has_word(&["отзыв", "отзывы", "комментарий"]) {
        return None;
    }
    // «отмените подписку на кофе»: what is delivered by subscription.
    let goods = part.all(OBJ).any(|n| {
        let on = part.0.get(n + 1).is_some_and(|token| token.word == "на");
        part.0[n].word.starts_with("подписк") && on && part.0.get(n + 2).is_some_and(|token| token.mask & !COMMON == 0)
    });
    if goods {
        return None;
    }
    let noun = t.0[at].word.starts_with("отмен") && t.0[at].word.len() == "отмена".len() || t.0[at].word.ends_with("ение");
    let unknown = part.0.iter().filter(|token| token.mask == 0 || token.mask == COMMON).count();
    // «мусор за собой уберите»
    let rubbish = part.all(OBJ).all(|n| part.is(n, TRASH)) && part.has(OBJ) && !part.has(YOURS | ME | DATA | HERE | CONSENT);
    if rubbish {
        return None;
    }
    if part.has(OBJ) || part.has(CONSENT) {
        if part.has(OTHER) && unknown > 0 {
            return Some(Said::Doubt);
        }
        // «удалите предыдущее сообщение»: one of them; «отменить подписку на абонемент».
        let one = part.has_word(&["сообщение", "переписку", "письмо"]) && !part.has(YOURS | HERE);
        let bought = part.has(OTHER) && part.has_word(&["подписку", "подписка"]);
        if one || bought {
            return Some(Said::Doubt);
        }
        return Some(if question && !t.has(CAN | HOW | ASK) || unknown > 2 { Said::Doubt } else { Said::Stop });
    }
    if part.has(ACCOUNT) && !part.has(BASE) {
        return (unknown == 0).then_some(if part.has(DATA) && part.has(MINE) { Said::Stop } else { Said::Doubt });
    }
    // «исключите мой номер из акта», «снимите меня на видео», «из списка на экскурсию».
    let unknown_at = |n: usize| part.is(n, COMMON) || part.0.get(n).is_some_and(|token| token.mask == 0);
    let elsewhere = part.all(PREP).any(|n| {
        let next = (n + 1..part.len()).find(|next| !part.is(*next, NOISE));
        next.is_some_and(unknown_at) && !Words(&part.0[n..]).has(BASE | OBJ | HERE | DATA)
    });
    let listed_for = part
        .all(BASE)
        .any(|n| part.0.get(n + 1).is_some_and(|token| token.word == "на") && (unknown_at(n + 2) || part.is(n + 2, TIME | OTHER)));
    // «из списка дежурных»
    let others = part.all(BASE).any(|n| {
        let next = part.0.get(n + 1).filter(|next| next.mask & (NOISE | SENT | DATA | BASE | SUBJ | CLIENT) == 0);
        part.0[n].word.starts_with("списк") && next.is_some_and(|next| next.mask & !(COMMON | OTHER) == 0)
    });
    if (elsewhere || listed_for || others) && (me || part.has(DATA)) {
        return None;
    }
    if me {
        let verb = t.0[at].word.as_str();
        let vague = ["сним", "снят", "отключ", "выключ", "вывед", "отмен", "cancel"].iter().any(|stem| verb.starts_with(stem));
        let home = part.has(BASE | HERE | DATA) || unknown == 0 && !vague;
        return Some(if home && (unknown <= 2) { Said::Stop } else { Said::Doubt });
    }
    if part.has(DATA) || part.has(OFFER) && part.has(MINE) && part.has_word(&["информацию"]) {
        let older = t.has_word(&[
            "старый",
            "второй",
            "другой",
            "лишний",
            "неверный",
            "новый",
            "старые",
            "первый",
            "прежний",
            "неправильный",
            "прошлый",
            "old",
            "new",
            "wrong",
            "добавочный",
        ]);
        let mine = part.has(MINE | BASE | HERE | THIS | YOU) || unknown == 0;
        // «снять номер на ночь»: a room.
        let room = t.0[at].word.starts_with("сня") && !part.has(MINE | ME | BASE | OBJ | HERE);
        return match (older || room, mine) {
            (true, _) => None,
            (_, true) if unknown <= 1 => Some(Said::Stop),
            _ => Some(Said::Doubt),
        };
    }
    if part.has(BASE) && own {
        return Some(if unknown == 0 { Said::Stop } else { Said::Doubt });
    }
    if part.has(OFFER) {
        return part.has(YOURS | THIS).then_some(if unknown == 0 { Said::Stop } else { Said::Doubt });
    }
    if t.has(HOW) && part.has(THIS | YOU) && part.only(NOISE | REMOVE | HOW | SUBJ | CAN) {
        return Some(Said::Doubt);
    }
    // «и отсюда удалите»
    let hence = part.has_word(&["отсюда", "отовсюду", "откуда только можно"]) && part.only(NOISE | REMOVE | ASK | SUBJ);
    if hence && !question {
        return Some(Said::Stop);
    }
    let alone = Words(&t.0[from..to]).only(NOISE | REMOVE | ASK | SUBJ | THIRD)
        && !noun
        && !question
        && !t.0[at].word.starts_with("отмен")
        && (t.0[at].word != "cancel" || t.len() == 1);
    (alone && to - from <= 4).then_some(Said::Demand)
}
