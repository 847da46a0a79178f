//! «отписаться» in its forms, «стоп» that is reported or has an object, and the opposite of both.

use super::{
    super::{
        clause::{NOISE, SENT, Words},
        lexicon::*,
    },
    Said, Whole,
};

/// «верните рассылку», «случайно отписалась», «возобновите».
pub(super) fn kept(t: Words<'_>, _question: bool, whole: &Whole) -> Option<Said> {
    let about = t.has(UNSUB | STOPWORD | OBJ | SUBSCRIBE | WRITE_INF) || whole.about && t.only(NOISE | UNDO | SUBJ);
    // «случайно подписалась, отпишите»: it is the subscription that is to be undone.
    let mistaken = t.has(SUBSCRIBE) && t.has(UNSUB_IMP | REMOVE | UNSUB_INF) && !t.has(UNSUB_PAST);
    if mistaken {
        return None;
    }
    // «передумала получать рассылку», «я в вашей рассылке по ошибке»: it is being in it that is
    // undone.
    let taken_back = t.has_word(&["передумал", "передумала", "нечаянно", "случайно"]) && t.has(RECEIVE | AGREE);
    let strayed = t.has_word(&["ошибке", "по ошибке", "случайно"]) && t.has_word(&["я", "мы", "попал", "попала", "попали"]);
    if (taken_back || strayed) && t.has(OBJ | BASE) && !t.has(UNSUB | REMOVED | STOPWORD | OTHER | BUY) {
        return Some(Said::Doubt);
    }
    // «галочку поставил случайно, рекламу не хочу»: it is the tick that is undone.
    let ends = |at: usize| t.0.get(at).is_none_or(|next| next.after_comma);
    let unwished = |at: usize| t.behind(at, NOT, NOISE).is_some_and(|not| t.is(not + 1, WANT | NEED) && ends(not + 2));
    if t.all(OBJ).any(unwished) && !t.has(UNSUB | STOPWORD | REMOVED) {
        return None;
    }
    if whole.undo && about && t.has(UNDO) && !t.all(UNDO).any(|n| t.before(n, NOT, NOISE).is_some()) {
        return Some(Said::Keep);
    }
    // «не хочу отключать уведомления», «не хочу, чтобы меня отписали».
    let unwilling = |at: usize| t.before(at, WANT, NOISE | CHTOBY).is_some_and(|w| t.before(w, NOT, NOISE).is_some());
    const ENDING: &[&str] = &["прекращалась", "прекратилась", "прекращались", "закончилась", "пропала", "пропали"];
    let ending = (0..t.len()).any(|at| ENDING.contains(&t.0[at].word.as_str()) && t.before(at, WANT, NOISE | CHTOBY | OBJ).is_some());
    if (t.all(REMOVE | UNSUB | CEASE).any(unwilling) || ending) && t.has(OBJ | UNSUB) && t.all(NOT).count() == 1 {
        return Some(Said::Keep);
    }
    // «пишите мне», «шлите, шлите».
    let send = |at: usize| ["пиш", "шли", "присылай", "звони", "отправляй"].iter().any(|stem| t.0[at].word.starts_with(stem));
    if whole.invited && t.has(WRITE_CMD) && !t.has(NOT | AGAIN) && t.only(NOISE | WRITE_CMD | SENT | SUBJ) && t.all(WRITE_CMD).all(send) {
        return Some(Said::Keep);
    }
    // «хочу подписаться», «согласна на рассылку».
    let wants =
        t.all(SUBSCRIBE).any(|n| t.before(n, NOT, NOISE | WANT | CAN).is_none() && (t.has(WANT | CAN | ASK | HOW | NEED) || t.len() <= 3))
            && !t.has(NOT)
            && !t.has(UNSUB | REMOVE);
    (wants && t.has(SUBSCRIBE)).then_some(Said::Keep)
}

/// Everything with «отпис…».
pub(super) fn unsubscribing(t: Words<'_>, question: bool, whole: &Whole) -> Option<Said> {
    let mut best = None;
    for at in t.all(UNSUB) {
        let said = unsubscribes(t, at, question, whole);
        best = best.max(said);
        if said == Some(Said::Keep) {
            return said;
        }
    }
    best
}

pub(super) fn unsubscribes(t: Words<'_>, at: usize, question: bool, whole: &Whole) -> Option<Said> {
    let through = NOISE | WANT | NEED | CAN | ASK | SUBJ | UNSUB | OBJ | BEG | HOW | DARE | REPORT;
    let not = t.before(at, NOT, through);
    let unable = not.is_some_and(|not| (not..at).any(|n| t.is(n, CAN))) || t.has(STILL);
    let supposed = t.before(at, IF, NOISE | SUBJ | WANT | CAN | UNSUB | COMMON | THIRD).is_some_and(|n| t.0[n].word != "ли" || !t.has(CAN));
    let supposed = supposed && !t.grateful();
    let said_by_you = t.has(QUOTE) || t.0[at].quoted && !t.has(REPORT & !SUBJ) || t.has(PERF) && t.has(CHTOBY);
    if t.is(at, UNSUB_PAST) {
        // «жду подтверждения, что вы меня отписали»
        let confirmed = t.0.iter().any(|token| token.word.starts_with("подтвер")) && t.0[at].word.starts_with("отписал");
        return if confirmed && t.has(ME) && !t.has(OTHER) {
            Some(Said::Stop)
        } else if supposed {
            None
        } else if let Some(to) = t.before(at, CHTOBY, NOISE | SUBJ)
            && t.0[at].word == "отписали"
            && not.is_none()
        {
            // «не хочу, чтобы меня отписали»
            if t.before(to, WANT, NOISE).is_some_and(|w| t.before(w, NOT, NOISE).is_some()) {
                return Some(Said::Keep);
            }
            Some(Said::Stop)
        } else if whole.undo {
            Some(Said::Keep)
        } else if not.is_some() && !t.has(THIRD) {
            // «почему вы меня не отписали», «я не отписывалась».
            match (t.0[at].word.as_str(), t.has(OTHER)) {
                ("отписали" | "отписал" | "отписала" | "отписан" | "отписана" | "отписано", false)
                    if !t.has_word(&["мне"]) || t.has_word(&["меня", "от"]) =>
                {
                    Some(Said::Stop)
                }
                // «разве я не отписывалась?»
                _ if question && t.has_word(&["разве", "неужели"]) => None,
                (word, _) => word.starts_with("отписыва").then_some(Said::Keep),
            }
        } else if whole.still
            || t.has(WRITE_PRES) && (t.has(SENT | AGAIN | YOU) || t.0.iter().any(|token| token.after_comma))
            || t.has(AGAIN) && t.has(SENT)
        {
            Some(Said::Stop)
        } else {
            let from = t.behind(at, OBJ | YOU, PREP | YOURS | THIS | MORE).is_some();
            // «я отписалась вам на почту»: an answer was written.
            if t.has_word(&["вам", "тебе"]) && !t.has_word(&["от"]) {
                return Some(Said::Keep);
            }
            // «я же отписался!», «уже отписывалась»
            let once = t.has_word(&["уже", "же", "ж", "давно"]) && t.has_word(&["я", "мы"]) && !t.has_word(&["мне", "что"]);
            if once && t.only(NOISE | UNSUB | SUBJ | OBJ | OFFER | AGAIN | TIME) && t.0[at].word != "отписали" {
                return Some(Said::Stop);
            }
            let told = t.has_word(&["мне", "что"]);
            (t.only(NOISE | UNSUB | SUBJ | OBJ | OFFER) && !told).then_some(if from && t.has_word(&["от"]) {
                Said::Stop
            } else {
                Said::Doubt
            })
        };
    }
    if t.is(at, UNSUB_FUT) {
        let from = t.has_word(&["от"]) || t.has(OBJ);
        let (start, end) = t.clause(at);
        return if supposed || t.has(THIRD | TIME) || not.is_some() || t.has_word(&["вам", "тебе", "мне"]) {
            None
        } else if from {
            Some(Said::Stop)
        } else {
            (end - start <= 3 && !t.has(IF | WHAT) && Words(&t.0[start..end]).only(NOISE | UNSUB | SUBJ)).then_some(Said::Doubt)
        };
    }
    // «отписываться не буду»
    if t.behind(at, NOT, NOISE).is_some_and(|n| t.behind(n, WANT | NEED | ITHINK, NOISE).is_some()) {
        return Some(Said::Keep);
    }
    if let Some(not) = not
        && !unable
    {
        // «если не отпишете», «почему не отписываете».
        let threat = t.all(WHY).any(|n| n < not) || t.before(not, IF, NOISE | SUBJ).is_some();
        return Some(if threat && t.is(at, UNSUB_IMP | UNSUB_INF) { Said::Stop } else { Said::Keep });
    }
    if supposed && !t.has(OR) && !unable {
        return Some(if t.has_word(&["захочу", "надоест", "решу"]) || question || t.is(at, UNSUB_INF) {
            Said::Content
        } else {
            Said::Doubt
        });
    }
    if said_by_you {
        return None;
    }
    if t.is(at, UNSUB_IMP) {
        let whom = t
            .behind(at, ME | OBJ | DATA | MINE | THIRD, NOISE | BASE)
            .or_else(|| t.before(at, ME | ASK | DATA | OBJ | CAN, NOISE | POLITE | SUBJ));
        let to_me = t.is(at + 1, ME) && t.0[at + 1].word == "мне";
        let from = t.has_word(&["от"]);
        let (start, end) = t.clause(at);
        let asked = t.has_word(&["адрес", "реквизиты", "данные"]) && !t.has(ME | MINE);
        let other = (asked || Words(&t.0[start..end]).has(TIME | OTHER | PERF | WHAT)) && !t.has(OBJ) && !from;
        return match whom {
            _ if to_me && !from || other => None,
            Some(_) => Some(Said::Stop),
            None if from || t.has(HERE | MORE) || t.has_word(&["и"]) && t.has(DATA) => Some(Said::Stop),
            // «ага, отпишите», an answer to our question
            None if t.has_word(&["ага", "угу", "конечно", "верно", "подтверждаю", "точно", "именно"]) && t.len() <= 4 => {
                Some(Said::Stop)
            }
            None => {
                let (start, end) = t.clause(at);
                Words(&t.0[start..end]).only(NOISE | UNSUB | SUBJ | BETTER).then_some(Said::Demand)
            }
        };
    }
    if question && t.only(POLITE | UNSUB) && t.len() <= 2 && t.is(at, UNSUB_INF) {
        return Some(Said::Doubt);
    }
    if t.is(at, UNSUB_ONE) {
        // «отписываюсь по вашему вопросу», «отписываюсь, как просили»: an answer is written.
        let answer = t.0.get(at + 1).is_some_and(|next| matches!(next.word.as_str(), "по" | "вам" | "тут" | "здесь"))
            || t.has_word(&["просили", "обещала", "обещал"]);
        return (!answer || t.has(OBJ) || t.has_word(&["от"])).then_some(Said::Stop);
    }
    // «мне посоветовали отписаться, но я остаюсь», «зачем мне отписываться»
    let staying = t.has_word(&["остаюсь", "остаемся", "остался", "осталась"])
        || t.has_word(&["зачем"]) && t.has_word(&["мне", "нам"]) && t.is(at, UNSUB_INF) && !t.has(WRITE_PRES);
    if staying {
        return Some(Said::Keep);
    }
    // «прислали отписку вместо ответа»
    let noun = t.0[at].word.starts_with("отписк") || t.0[at].word == "отписок";
    let unknown = t.0.iter().filter(|token| token.mask == 0 || token.mask == COMMON || token.mask & OTHER != 0).count();
    if noun && !t.has(OBJ) && (unknown > 0 || t.has_word(&["прислали", "дали", "написали", "ответ"])) {
        const ABOUT: &[&str] = &["кнопк", "ссылк", "оформ", "заявк", "заявлен", "подтверд", "есть"];
        let wanted = t.0.iter().any(|token| ABOUT.iter().any(|stem| token.word.starts_with(stem)));
        return Some(if wanted && unknown <= 2 && !t.has(OTHER & !OFFER) { Said::Stop } else { Said::Doubt });
    }
    // «объясните бабушке, как отписаться»
    let taught = t.before(at, HOW, NOISE | CAN | NEED).is_some() && !t.has(TIME | IF | OTHER);
    if t.is(at, UNSUB_INF) && taught && t.has_word(&["объясните", "подскажите", "покажите", "научите", "помогите", "напишите", "скажите"])
    {
        return Some(Said::Stop);
    }
    // «вы обещали отписаться по заказу», «вам отписать?»
    let promised = t.has_word(&["обещали", "хотели", "собирались", "должны"]) && t.has(YOU) && !t.has_word(&["меня", "нас"]);
    let write_to = t.0[at].word == "отписать" && t.has_word(&["вам", "тебе", "кому"]);
    if (promised || write_to) && !t.has(OBJ) {
        return None;
    }
    // «думаю отписаться», «стоит ли отписаться»
    if t.is(at, UNSUB_INF) && (t.has_word(&["думаю", "подумываю", "будет"]) || t.has_word(&["стоит"]) && t.has_word(&["ли"]))
    {
        return Some(if t.has_word(&["пора", "хочу"]) { Said::Stop } else { Said::Doubt });
    }
    // Infinitive and noun.
    if t.has_word(&["жду", "ждем", "отписки"]) && !t.has(OBJ | STILL) && t.has_word(&["жду", "ждем"]) {
        return None;
    }
    if t.has_word(&["рано", "поздно"]) {
        return None;
    }
    if t.has(TIME) && question && !t.has(OBJ) {
        return Some(Said::Doubt);
    }
    if t.has(OTHER) && !t.has(OBJ) && !t.has(YOU) {
        return Some(Said::Doubt);
    }
    if t.has(THIRD) && !t.has(ASK | CAN) {
        return Some(Said::Doubt);
    }
    Some(Said::Stop)
}

/// «третий раз пишу стоп», «написала стоп, а сообщения идут», «стоп не работает».
pub(super) fn reported(t: Words<'_>, question: bool, whole: &Whole) -> Option<Said> {
    let at = t.all(STOPWORD | STRONG).next()?;
    // «что значит стоп?», «зачем в смс написано стоп»
    if t.has_word(&["значит", "означает", "написано", "обозначает"]) && t.has(WHAT | WHY | HOW) && !t.has(REPORT & !SUBJ)
    {
        return Some(Said::Keep);
    }
    if t.has(UNSUB_INF) && t.is(at, STRONG) {
        return None;
    }
    if t.is(at, STRONG) && t.has(WANT | HOW | CAN | ASK | NEED) && !t.has(NOT | IF) {
        return Some(Said::Stop);
    }
    if t.is(at, STRONG) && question && t.0.iter().any(|token| token.mask == 0 || token.mask == COMMON) {
        return Some(Said::Doubt);
    }
    if t.has(NEED | NONEED) && t.only(NOISE | STOPWORD | NOT | NEED | NONEED | SUBJ) {
        return Some(Said::Stop);
    }
    let following = t.behind(at, WRITE_INF | WRITE_ING | WRITE_CMD, NOISE & !PREP).is_some();
    if t.before(at, NOT, NOISE | CAN).is_some() && !t.has(STILL) {
        return (following || t.len() <= 3).then_some(Said::Keep);
    }
    let of_sent = t.behind(at, SENT, NOISE | REPORT).is_some_and(|n| t.0[at + 1..=n].iter().all(|token| !token.after_comma));
    // «стоп отправлять не буду»
    let declined = t.all(WRITE_INF | REPORT).filter(|n| *n > at).any(|n| {
        t.behind(n, NOT, NOISE & !MORE).is_some_and(|not| t.behind(not, WANT, NOISE).is_some_and(|w| t.0[w].word.starts_with("буд")))
    });
    if declined {
        return Some(Said::Keep);
    }
    if following || of_sent {
        let other = t.has(OTHER | QTY) || t.has_word(&["by", "at"]);
        let offer = !t.has(OBJ) && !following;
        return match (other || offer && question, question || offer && t.has(WHAT | HOW)) {
            (true, _) => None,
            (_, true) if !(following && t.has(CAN)) => Some(Said::Doubt),
            _ => Some(Said::Stop),
        };
    }
    let supposed = t.has(IF) || t.has_word(&["будет"]);
    // «я не нажимала стоп»
    if t.all(REPORT).any(|n| n > 0 && n < at && t.is(n - 1, NOT) && t.is(n - 1, !MORE)) && !t.has(STILL | WRITE_PRES | REMOVED | WHY) {
        return Some(Said::Keep);
    }
    let report = t.all(REPORT).find(|n| n.abs_diff(at) <= 7 && !t.is(*n, NUMBER));
    let yours = t.has_word(&["вы"])
        && !t.has_word(&["понимаете"])
        && report.is_some_and(|n| t.before(n, YOU, NOISE).is_some_and(|y| t.0[y].word == "вы" && y < n))
        && !t.has_word(&["я", "же"]);
    // «это не я нажала стоп»
    if report.is_some_and(|n| n >= 2 && t.0[n - 1].word == "я" && t.is(n - 2, NOT)) {
        return Some(Said::Keep);
    }
    if report.is_some() {
        return if whole.undo {
            Some(Said::Keep)
        } else if supposed {
            Some(Said::Doubt)
        } else if yours || t.has(QUOTE) || t.has(THIRD | OTHER | WRONG) {
            None
        } else {
            let plain = t.0.iter().filter(|token| token.mask == 0 || token.mask == COMMON).count();
            Some(if whole.still || t.has(AGAIN | WRITE_PRES | OBJ) || plain <= 1 { Said::Stop } else { Said::Doubt })
        };
    }
    let unknown = t.0.iter().filter(|token| token.mask == 0 || token.mask == COMMON).count();
    // «на беговой дорожке стоп не работает»
    if t.has(STILL) && !t.has(OTHER) && unknown > 1 {
        return Some(Said::Doubt);
    }
    if t.has(HOWLONG) && t.has_word(&["написать", "писать", "отправить", "слать", "говорить", "повторять"])
    {
        return Some(Said::Stop);
    }
    if t.has(STILL) && !t.has(OTHER) || t.has(AGAIN) && t.only(NOISE | STOPWORD | SUBJ | NUMBER) {
        return Some(Said::Stop);
    }
    if short_stop(t, question) {
        return Some(Said::Doubt);
    }
    (supposed && t.len() <= 6 && question).then_some(Said::Doubt)
}

/// «стоп по всем каналам», «нет, лучше стоп»: a few words around «стоп», nothing that it could be
/// about.
pub(super) fn short_stop(t: Words<'_>, question: bool) -> bool {
    let Some(at) = t.all(STOPWORD | STRONG).next() else { return false };
    // «боль в стопе»
    let foot = at > 0 && t.is(at - 1, PREP) || matches!(t.0[at].word.as_str(), "стопе" | "стопу");
    let last = at + 1 == t.len() && t.len() <= 4 && !foot && !t.only(NOISE | STOPWORD | STRONG);
    let of_all = at == 0 && t.is(1, PREP) && t.len() <= 5 && t.has(THIS | MINE | YOURS | ME | NUMBER | DATA);
    (last || of_all) && !question && !t.has(NOT | OTHER | QTY | SUBSCRIBE) && !t.0[at].quoted
}

/// «отпишите, сижу дома с ребёнком»; not «отпишите, когда привезёте».
pub(super) fn demanded_first(t: Words<'_>) -> bool {
    let Some(to) = (1..t.len()).find(|n| t.0[*n].after_comma) else { return false };
    t.is(0, UNSUB_IMP) && Words(&t.0[..to]).only(NOISE | UNSUB) && !t.is(to, IF | WHAT | HOW | WHY | QTY | CHTOBY | TIME) && !t.has(OTHER)
}
