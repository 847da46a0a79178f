//! «не хочу получать», «рассылка не нужна», «отзываю согласие»: what somebody does not want.

use super::{
    super::{
        clause::{NOISE, SENT, Words},
        lexicon::*,
    },
    Said, Whole,
};

/// «не хочу получать рассылку», «не желаю вас слышать».
pub(super) fn unwanted(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    let mut best = None;
    if t.has(NOT) && t.only(NOISE | NOT | WANT | SUBJ) && t.has_word(&["хочу", "желаю", "хотим", "want"]) && !question {
        best = Some(Said::Doubt);
    }
    // «чтобы меня в базе не было»
    if t.has(CHTOBY)
        && t.has(NOT)
        && t.has_word(&["было", "был", "была"])
        && (t.has(BASE | OBJ) && t.has(ME | DATA) || t.has(OBJ) && t.has(MORE))
    {
        best = best.max(Some(Said::Stop));
    }
    // «ничего от вас получать не хочу»
    for at in t.all(RECEIVE) {
        let wanted = t.behind(at, NOT, NOISE | SENT).is_some_and(|not| t.behind(not, WANT, NOISE).is_some());
        if wanted && !t.has(OTHER | TIME | QTY | MAIL | LEGAL) {
            best = best.max(Some(if t.has(OBJ | MORE | YOU | YOURS) { Said::Stop } else { Said::Doubt }));
        }
    }
    for at in t.all(RECEIVE | SENT) {
        let Some(not) = t.before(at, NOT, NOISE | WANT | RECEIVE | SENT | CAN | ASK | CHTOBY | SUBJ) else { continue };
        let between = Words(&t.0[not..at]);
        // «не всё получать» refuses a part.
        if t.0.get(not + 1).is_some_and(|token| matches!(token.word.as_str(), "все" | "каждый" | "каждую" | "all")) {
            continue;
        }
        let wanted = between.has(WANT)
            || t.is(at, RECEIVE) && !between.has(CAN) && t.0[at].word.ends_with("ть") && t.has(MORE | ASK | HOW | CAN | SENT);
        if !wanted || t.has(OTHER | TIME | QTY | MAIL | LEGAL) && !t.has(OBJ) {
            continue;
        }
        if t.is(at, SENT) && !t.is(at, OBJ) && !t.has(YOURS | RECEIVE | MORE) {
            best = best.max(Some(Said::Doubt));
            continue;
        }
        let (from, to) = t.clause(at);
        let part = Words(&t.0[from..to]);
        let unknown = part.0[at - from..].iter().filter(|token| token.mask == 0 || token.mask == COMMON).count();
        let clear = part.has(OBJ | MORE | YOU | YOURS | BASE) && unknown <= 3 || unknown == 0;
        best = best.max(Some(if clear && !(question && t.has(IF)) { Said::Stop } else { Said::Doubt }));
    }
    best
}

/// «хочу получать рассылку», «согласна на рекламу», «не против»: who wishes to be written to.
pub(super) fn welcomed(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    // «рассылку оставьте», «рассылку не трогайте»
    let left =
        t.all(LETBE).any(|at| t.before(at, OBJ, NOISE).is_some_and(|n| t.0[n].word.ends_with('у')) && t.before(at, NOT, NOISE).is_none());
    let untouched = t.0.iter().enumerate().any(|(at, token)| {
        token.word.starts_with("трога")
            && t.before(at, NOT, NOISE).is_some()
            && (t.is(at + 1, OBJ) || t.before(at, OBJ, NOISE | NOT).is_some())
    });
    if (left && !t.has(PEACE | ME) && !t.has_word(&["себе"]) || untouched && !t.has(YOURS)) && !question {
        return Some(Said::Keep);
    }
    // «оставьте меня в рассылке»
    if t.has(LETBE) && t.has(OBJ) && t.has_word(&["меня", "нас"]) && t.has_word(&["в"]) && !t.has(PEACE | NOT | YOURS) && !question
    {
        return Some(Said::Keep);
    }
    const REFUSING: Mask = UNSUB | REMOVE | REMOVED | CEASE | ENOUGH | STOPWORD | STRONG | DISLIKE | SELDOM | BLACKLIST | REVOKE | SPAMWORD;
    if !t.has(OBJ | OFFER) || t.has(REFUSING) || question {
        return None;
    }
    let negated = |at: usize| t.before(at, NOT, NOISE).is_some();
    // «не против получать», «не возражаю против», «не хочу отказываться от».
    let unopposed = t.all(AGAINST | FORBID).any(negated) || t.all(REFUSE).any(|at| t.before(at, WANT, NOISE).is_some_and(negated));
    if unopposed {
        return Some(Said::Keep);
    }
    if t.has(NOT | REFUSE | AGAINST | FORBID) || t.has_word(&["без", "никаких", "никакой"]) {
        return None;
    }
    let first = |at: usize| !["будете", "будешь", "желания", "желает"].contains(&t.0[at].word.as_str());
    let wanted = t
        .all(RECEIVE | WRITE_PRES)
        .filter(|at| t.is(*at, RECEIVE) || t.0[*at].word.starts_with("receiv"))
        .any(|at| t.before(at, WANT, NOISE | SUBJ | STILL | SENT).is_some_and(first));
    // «жду смс», «хочу рассылку», «спасибо за сообщение»
    let awaited = t.all(OBJ).any(|at| t.before(at, WANT, NOISE).is_some_and(first) || at > 0 && t.0[at - 1].word == "за" && thanks(t));
    // «приятно читать ваши сообщения»
    if t.has(SWEET) && t.has(OBJ) && !t.has_word(&["но", "а"]) {
        return Some(Said::Keep);
    }
    const NOW: &[&str] = &["согласен", "согласна", "согласны", "соглашаюсь", "даю", "разрешаю", "позволяю", "выражаю"];
    let added = t.all(ADDTO).any(|at| t.behind(at, OBJ, NOISE | BASE).is_some()) && t.has(ME | MINE);
    (wanted || awaited || t.has_word(NOW) || added).then_some(Said::Keep)
}

fn thanks(t: Words<'_>) -> bool {
    t.0.iter().any(|token| token.word.starts_with("спасиб") || token.word.starts_with("благодар"))
}

/// «рассылка не нужна», «никакой рекламы», «без спама»; «не надо» and «не интересует» alone are a
/// doubt.
pub(super) fn unneeded(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    let mut best = None;
    let negative = |at: usize| t.is(at, NONEED) || t.before(at, NOT, NOISE | AGREE).is_some();
    if !t.all(NEED | NONEED).all(negative) {
        return None;
    }
    // «не надо мне подборок», «ни слова больше про бронирование»: whatever is offered.
    let things = |word: &str| ["ов", "ев", "ок", "ек", "ий", "ей"].iter().any(|end| word.ends_with(end));
    let offered = t.0.last().is_some_and(|last| last.mask & !COMMON == 0 && things(&last.word));
    let to_me = t.all(NEED).any(negative) && t.has_word(&["мне", "нам"]) && t.len() <= 5;
    if to_me && offered && !question && t.0[..t.len() - 1].iter().all(|token| token.mask & (NOISE | NEED | NOT) != 0) {
        best = Some(Said::Doubt);
    }
    for at in t.all(NEED | NONEED) {
        let (from, to) = t.clause(at);
        let part = Words(&t.0[from..to]);
        if part.has(OTHER | BUY | QTY | SWEET | PERF) || t.has(BUY) || part.has(WRITE_CMD | WRITE_INF | REMOVE) || t.has(IF) {
            continue;
        }
        let unknown = part.0.iter().filter(|token| token.mask == 0 || token.mask == COMMON).count();
        if part.has(OBJ) && !question {
            // «реклама неинтересна» is no demand yet.
            let bored = t.0[at].word.contains("интерес") && part.len() <= 4 && !part.has(MORE);
            best = best.max(Some(if unknown <= 2 && !bored { Said::Stop } else { Said::Doubt }));
        } else if part.has(OFFER) && !question {
            // «афиши не надо» and no more
            let bare = t.only(NOISE | OFFER | NEED | NONEED | NOT);
            if !bare && !mailed(part) && !part.has(YOURS | ME | MORE) && !t.0[at].word.starts_with("интерес") {
                continue;
            }
            best = best.max(Some(Said::Doubt));
        } else if t.len() > to
            && !Words(&t.0[to..]).only(NOISE | NEED | NOT | SUBJ | NONEED | SENT | WRITE_CMD | UNSUB | REMOVE | STOPWORD | CEASE | ENOUGH)
        {
            // «уже не надо, сама справилась»: a reason follows.
        } else if unknown == 0 && !question && part.only(NOISE | NEED | NONEED | NOT | SUBJ | WANT) {
            // «Нет, спасибо» has no need in it; «уже не нужно, купила» was left above.
            best = best.max(Some(Said::Doubt));
        }
    }
    // «больше никаких чёрных пятниц»: whatever they are
    if !question && none_more(t) {
        best = best.max(Some(Said::Doubt));
    }
    // «дальнейшие рассылки прошу не осуществлять», «рассылку больше не делайте»
    const DONE: &[&str] = &["осуществля", "производи", "проводи", "дела", "веди", "вест", "устраива", "запуска", "включа"];
    let done = |at: usize| {
        let verb = t.0.get(at + 1).filter(|verb| DONE.iter().any(|stem| verb.word.starts_with(stem)));
        verb.is_some_and(|verb| ["ть", "ти", "йте", "ите"].iter().any(|end| verb.word.ends_with(end)))
    };
    if t.all(NOT).any(done) && t.has(OBJ) && t.has(ASK | MORE | ME | MINE) && !t.has(OTHER | QTY) && !question {
        best = best.max(Some(Said::Stop));
    }
    for at in t.all(SENT) {
        let (from, to) = t.clause(at);
        let part = Words(&t.0[from..to]);
        const NONE: &[&str] = &["никаких", "никакой", "ни одного", "ни одной", "ни одну", "no", "no more", "нияких", "никакую", "ни одно"];
        let none = (from..at).rev().take_while(|n| t.is(*n, NOISE | SENT | NOT)).any(|n| NONE.contains(&t.0[n].word.as_str()))
            || t.before(at, COMMON, NOISE | SENT).is_some_and(|n| t.0[n].word == "без") && !t.has(PERF);
        // «больше никаких акций»
        let offers = t.is(at, OFFER) && part.has_word(&["больше"]) && !t.has(PERF | QTY);
        if none && !part.has(OTHER) && (t.is(at, OBJ) || offers) {
            let unknown = part.0.iter().filter(|token| (token.mask == 0 || token.mask == COMMON) && token.word != "без").count();
            let clear = unknown == 0 && (!question || t.has(CAN));
            best = best.max(if unknown > 1 { None } else { Some(if clear { Said::Stop } else { Said::Doubt }) });
        }
        // «о заказах пишите, о скидках нет», «рекламные — нет»: not «скидок нет», which are missed.
        let asked_for = ["у", "ю", "ые", "ах", "ях", "ам", "ям"].iter().any(|end| t.0[at].word.ends_with(end));
        // «код присылайте, акции нет»
        let rather = t.is(at, SENT)
            && t.0[at].after_comma
            && !Words(&t.0[..at]).has(NOT)
            && (Words(&t.0[..at]).has(WRITE_CMD | PERF) || at > 0 && t.0[at - 1].word == "да");
        if (asked_for || rather) && at + 2 == t.len() && t.0[at + 1].word == "нет" && !question && at > 0 {
            best = best.max(Some(Said::Doubt));
        }
        // «нет рекламе»
        let dative = ["рекламе", "рассылке", "спаму", "рассылкам", "акциям", "смскам", "сообщениям"];
        let beside = at > 0 && t.0[at - 1].word == "нет" || t.0.get(at + 1).is_some_and(|next| next.word == "нет");
        if beside && dative.contains(&t.0[at].word.as_str()) && t.len() <= 4 {
            best = best.max(Some(Said::Stop));
        }
        // «против рассылки».
        let opposed = t.before(at, AGAINST, NOISE | RECEIVE | PROCESS).is_some_and(|n| t.before(n, NOT, NOISE | FORBID).is_none());
        if t.is(at, OBJ) && opposed {
            best = best.max(Some(Said::Stop));
        }
    }
    best
}

/// What is only ever sent.
fn mailed(t: Words<'_>) -> bool {
    const SENT_ONLY: &[&str] = &["напоминан", "приглашен", "поздравлен", "промокод", "подборк", "подборок", "купон"];
    t.0.iter().any(|token| SENT_ONLY.iter().any(|stem| token.word.starts_with(stem)))
}

/// «не нужны напоминания, сам разберусь»
pub(super) fn mailed_unneeded(t: Words<'_>) -> bool {
    t.all(NEED | NONEED).any(|at| {
        let (from, to) = t.clause(at);
        (t.is(at, NONEED) || t.before(at, NOT, NOISE).is_some()) && mailed(Words(&t.0[from..to])) && !t.has(PERF | QTY | THIRD)
    })
}

/// «больше никаких чёрных пятниц» and little more.
pub(super) fn none_more(t: Words<'_>) -> bool {
    let none = |word: &str| matches!(word, "никаких" | "никакой");
    let said = t.0.windows(2).any(|two| {
        let (one, other) = (two[0].word.as_str(), two[1].word.as_str());
        one == "больше" && none(other) || none(one) && other == "больше"
    });
    said && t.is(0, MORE) && t.len() <= 7 && !t.has(OTHER | QTY | PERF | WRITE_PAST | THIRD)
}

/// «отзываю согласие», «не даю согласия», «отказываюсь от рассылки», «запрещаю использовать мой
/// номер».
pub(super) fn consent(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    let mut best = None;
    let other = t.has(OTHER) && !t.has(SENT | PROCESS | CONSENT);
    for at in t.all(REFUSE) {
        let not = t.before(at, NOT, NOISE | WANT).is_some();
        let (from, to) = t.clause(at);
        let part = Words(&t.0[from..to]);
        let unknown = part.0.iter().filter(|token| token.mask == 0 || token.mask == COMMON).count();
        best = best.max(if not || other || t.has(IF) {
            None
        } else if part.has(OBJ | PROCESS) || part.has(RECEIVE) && part.has(YOURS) || part.has(OFFER) && part.has(YOURS) {
            Some(Said::Stop)
        } else if unknown == 0 && part.has(OFFER | YOUR_PEOPLE) {
            Some(Said::Doubt)
        } else {
            (unknown == 0 && part.only(NOISE | REFUSE | SUBJ | WANT) && !question).then_some(Said::Doubt)
        });
        if not && part.has(OBJ) {
            return Some(Said::Keep);
        }
    }
    // «снимаю подписку»
    let ended = t.has_word(&["снимаю", "прекращаю", "отменяю", "аннулирую"]) && t.has_word(&["подписку", "рассылку"]);
    if ended && t.only(NOISE | REVOKE | OBJ | SUBJ) && !question {
        best = best.max(Some(Said::Stop));
    }
    let revoked = t.has(REVOKE) && t.has(CONSENT | PROCESS) && !t.all(REVOKE).any(|n| t.before(n, NOT, NOISE).is_some());
    if t.has(REVOKE) && t.only(NOISE | REVOKE | SUBJ) && !question {
        best = best.max(Some(Said::Doubt));
    }
    // «этот номер не используйте для кода»
    let purpose = t.has_word(&["для"]) && !t.has(SENT);
    if t.has(DATA) && t.all(PROCESS).any(|n| t.before(n, NOT, NOISE).is_some()) && !other && !purpose {
        best = best.max(Some(Said::Stop));
    }
    if revoked && !t.has(IF) {
        best = best.max(Some(Said::Stop));
    }
    for at in t.all(AGREE) {
        let Some(_) = t.before(at, NOT, NOISE | CONSENT) else { continue };
        let matter = t.has(CONSENT | SENT | PROCESS | RECEIVE) || t.has(WRITE_INF);
        let now = t.0[at].word.starts_with("согласн")
            || t.0[at].word.starts_with("согласен")
            || matches!(t.0[at].word.as_str(), "даю" | "дам" | "разрешаю" | "позволяю" | "соглашаюсь" | "выражаю");
        let elsewhere = t.0.iter().any(|token| token.mask == 0 || token.mask == COMMON || token.mask & OTHER != 0)
            && !t.has(SENT | PROCESS | RECEIVE | WRITE_INF);
        // «я не давала разрешения писать мне»
        let to_write = !question && t.behind(at, WRITE_INF, NOISE | CONSENT).is_some();
        if matter && !other && (now || !elsewhere) {
            best = best.max(Some(if (now || to_write) && !question && (t.has(CONSENT | OBJ | PROCESS | WRITE_INF) || t.has(RECEIVE)) {
                Said::Stop
            } else {
                Said::Doubt
            }));
        }
    }
    // «вы не имеете права мне писать»
    if t.has_word(&["права", "право"]) && t.has(NOT) && t.has(YOU) && t.has(WRITE_INF) && !question && !other {
        best = best.max(Some(Said::Stop));
    }
    for at in t.all(FORBID) {
        let allowed = t.before(at, NOT, NOISE).is_some() || t.before(at, FORBID, NOISE).is_some_and(|n| t.before(n, NOT, NOISE).is_some());
        if !allowed && t.has(SENT | PROCESS | WRITE_INF | DATA | WRITE_CMD) && !other {
            best = best.max(Some(Said::Stop));
        }
    }
    for at in t.all(AGAINST) {
        if t.before(at, NOT, NOISE).is_none()
            && t.before(at, NOT, NOISE | SUBJ).is_none()
            && (t.has(PROCESS) || t.only(NOISE | SUBJ | AGAINST))
            && !question
        {
            best = best.max(Some(if t.has(PROCESS) { Said::Stop } else { Said::Doubt }));
        }
    }
    for at in t.all(SUBSCRIBE) {
        let past = t.0[at].word.ends_with("лся")
            || t.0[at].word.ends_with("лась")
            || t.0[at].word.ends_with("лись")
            || t.0[at].word.contains("signed")
            || t.0[at].word.contains("subscribed")
            || t.0[at].word.contains("sign");
        if past
            && t.before(at, NOT, NOISE | SUBJ).is_some()
            && !t.has(TIME)
            && (t.has(OBJ | YOU | THIS) || !t.has(PREP) && t.0.iter().filter(|token| token.mask == 0 || token.mask == COMMON).count() <= 1)
        {
            best = best.max(Some(Said::Doubt));
        }
    }
    best
}

/// Refusing people themselves: «отказываюсь от ваших услуг».
const YOUR_PEOPLE: Mask = YOU | YOURS;
