//! Hostility, threats, complaints, questions who writes: refusals that are not said in as many
//! words.

use super::{
    super::{
        clause::{NOISE, SENT, Words},
        lexicon::*,
    },
    Said, Whole,
};

/// «достали со своей рекламой», «идите … с рассылкой», «отстаньте от меня», «оставьте в покое».
pub(super) fn hostile(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    let sent = t.has(OBJ) || t.has(OFFER) && (t.has(YOURS) || t.has_word(&["со", "с"]));
    let other = t.has(OTHER | QTY) && !t.has(OBJ);
    let mut best = None;
    let left_thing = t.has(MINE) && t.0.iter().any(|token| token.mask == 0) && !t.has_word(&["меня", "нас"]);
    if t.has(LETBE) && t.has(PEACE) && !left_thing && t.all(LETBE).all(|n| t.before(n, NOT, NOISE).is_none()) {
        best = Some(Said::Stop);
    }
    let with = t.all(SENT).any(|n| {
        t.before(n, YOURS, NOISE | SENT)
            .is_some_and(|y| t.before(y + 1, PREP, YOURS | SWEAR | THIS).is_some_and(|p| matches!(t.0[p].word.as_str(), "со" | "с")))
    });
    let friendly = question
        || t.has(SWEET | PERF | AGREE | WANT | CAN | HOW | WHAT)
        || t.has(NOT)
        || t.has_word(&["знакома", "знаком", "ознакомилась", "разобралась"]);
    if with && !friendly && !other {
        best = best.max(Some(if t.has(OBJ) { Said::Stop } else { Said::Doubt }));
    }
    if t.has(GO)
        && !t.has(AWAY)
        && !other
        && (sent && (t.has(YOURS) || t.has_word(&["засуньте", "засунь", "подавитесь"])) || t.has(MINE) && t.has(DATA))
    {
        best = best.max(Some(Said::Stop));
    }
    // «плевать», «бред какой-то» and no more.
    if t.has_word(&["плевал", "плевать", "насрать", "похуй", "пофиг"]) && t.only(NOISE | SUBJ) || t.has(TRASH) && t.only(NOISE | TRASH)
    {
        best = best.max(Some(Said::Doubt));
    }
    let spit = t.has_word(&["ебал", "вертел", "топтал", "срал", "чхал", "плевал", "плевать", "насрать", "похуй", "пофиг"]);
    if spit && t.has(YOURS) && t.has(SENT) {
        best = best.max(Some(Said::Stop));
    }
    if t.has(LETBE) && t.has_word(&["меня", "нас"]) && t.only(NOISE | LETBE | SUBJ) && !question {
        best = best.max(Some(Said::Doubt));
    }
    // «держите свою рекламу при себе», «себе шлите свои акции»
    if t.has_word(&["себе"])
        && t.has(YOURS)
        && t.has(SENT)
        && t.has(LETBE | WRITE_CMD | GO | REMOVE | OBJ)
        && !t.has(PERF | WANT)
        && !friendly
    {
        best = best.max(Some(if t.has(OBJ) || t.has(WRITE_CMD) { Said::Stop } else { Said::Doubt }));
    }
    if t.has(GO) && t.has(AWAY) {
        best = best.max(Some(if sent || t.has(WRITE_INF | SPAMWORD) { Said::Stop } else { Said::Doubt }));
    } else if t.has(GO) && t.has(YOU) && t.only(NOISE | GO | SUBJ) {
        best = best.max(Some(Said::Doubt));
    } else if t.has(AWAY) && t.has(MINE) && t.has(DATA) {
        best = best.max(Some(Said::Stop));
    } else if t.has(AWAY) && !other {
        let short = t.0.iter().filter(|token| token.mask & !(COMMON) == 0).count() <= 1;
        best = best.max(if sent && short { Some(Said::Stop) } else { (t.only(NOISE | AWAY | SUBJ | GO)).then_some(Said::Doubt) });
    }
    // «достали путёвками»: whatever it is they are sent with.
    let unknown: Vec<&str> = t.0.iter().filter(|token| token.mask & !COMMON == 0).map(|token| token.word.as_str()).collect();
    let with_things = matches!(unknown[..], [one] if things(one)) || unknown.len() <= 3 && pestered_with(t);
    if t.has(DISLIKE)
        && with_things
        && t.0.iter().all(|token| token.mask & !COMMON == 0 || token.mask & (NOISE | DISLIKE) != 0)
        && !question
        && !t.has(NOT)
    {
        best = best.max(Some(Said::Doubt));
    }
    for at in t.all(DISLIKE) {
        let not = t.before(at, NOT, NOISE).is_some();
        let (from, to) = t.clause(at);
        let part = Words(&t.0[from..to]);
        let inf = t.behind(at, WRITE_INF, NOISE | SENT).is_some();
        let past = ["л", "ла", "ло", "ли"].iter().any(|end| t.0[at].word.ends_with(end));
        let unknown = t.0.iter().filter(|token| token.mask == 0 || token.mask == COMMON).count();
        // «достали со своими тренировками»
        let theirs = part.0.windows(2).any(|two| matches!(two[0].word.as_str(), "со" | "с") && two[1].mask & YOURS != 0);
        if theirs && !not && !question && part.0.iter().filter(|token| token.mask & !COMMON == 0).count() <= 1 {
            return Some(Said::Stop);
        }
        best = best.max(if not || other || question && !t.has(HOWLONG) {
            None
        } else if sent && unknown <= 3 && (t.has(YOURS | ME | YOU) || past && part.len() > 2 || part.len() > 3) || inf {
            Some(Said::Stop)
        } else {
            (part.only(NOISE | DISLIKE | SUBJ | HOWLONG | HOW | STILL | SPAMWORD) || sent).then_some(Said::Doubt)
        });
    }
    for at in t.all(LEAVE) {
        let (from, to) = t.clause(at);
        let part = Words(&t.0[from..to]);
        let unknown = part.0.iter().filter(|token| token.mask == 0 || token.mask == COMMON).count();
        let later = ["отстанете", "отстанешь", "отстанут"].contains(&t.0[at].word.as_str());
        // «как мне от вас отвязаться?»
        let how = t.has(HOW) && t.0[at].word.ends_with("ться") && t.has(YOU) && t.has_word(&["от"]) && !other && unknown == 0;
        if how && t.before(at, NOT, NOISE).is_none() {
            best = best.max(Some(Said::Stop));
            continue;
        }
        if (later || question) && t.has(YOU) && !other && unknown <= 2 {
            best = best.max(Some(Said::Doubt));
            continue;
        }
        // «масло поменял, отвалите со скидками»
        let next = (at + 1..t.len()).find(|n| !t.is(*n, POLITE | MORE | SWEAR | YOU)).unwrap_or(t.len());
        let with = t.0.get(next).is_some_and(|next| matches!(next.word.as_str(), "с" | "со")) && t.is(next + 1, SENT | YOURS);
        if with && t.before(at, NOT, NOISE).is_none() && !question && !later {
            best = best.max(Some(Said::Stop));
        }
        if t.before(at, NOT, NOISE).is_some() || unknown > 2 || question || other || later {
            continue;
        }
        if t.has_word(&["от"]) && !t.has(ME) && unknown > 0 && !sent {
            continue;
        }
        // «отстань от меня простуда»: another is spoken to.
        if t.is(at, LEAVESG) && unknown > 0 && t.has(ME) && !sent && !t.has(YOU | YOURS | MORE | SWEAR | SPAMWORD) {
            continue;
        }
        let from_me = t.has_word(&["от"]) && t.has(ME) || sent || t.has(YOURS) && t.has_word(&["со", "с"]);
        let clear = from_me || unknown == 0 && (!t.is(at, LEAVESG) || t.len() > 3 && t.has(ME));
        best = best.max(Some(if clear { Said::Stop } else { Said::Doubt }));
    }
    // «чтоб вы отстали», «скажите боту, чтоб отстал»
    let gone = ["отстал", "отвязал", "отцепил", "отвалил", "исчез"];
    let gone = t.0.iter().any(|token| gone.iter().any(|stem| token.word.starts_with(stem)));
    let whoever = t.has(YOU | ME) || t.has_word(&["боту", "бот", "робот", "роботу", "все", "они"]);
    if t.has(CHTOBY) && gone && whoever && !other && t.0.iter().filter(|token| token.mask & !COMMON == 0).count() <= 2 {
        best = best.max(Some(Said::Stop));
    }
    if t.has(HUSH) || t.has(SWEAR) && t.has(SENT) && t.len() <= 6 && !other && !question {
        best = best.max(Some(Said::Doubt));
    }
    // «спам», «это спам!»
    if t.has(SPAMWORD) && t.only(NOISE | SPAMWORD | SUBJ | SWEAR | HOWLONG | STILL) {
        best = best.max((!question).then_some(Said::Doubt));
    }
    best
}

/// «путёвками», «каплями»
fn things(word: &str) -> bool {
    word.ends_with("ами") || word.ends_with("ями")
}

/// «заколебали сиропами от кашля»: what stands next to the verb.
pub(super) fn pestered_with(t: Words<'_>) -> bool {
    t.all(DISLIKE).any(|at| {
        let next = (at + 1..t.len()).find(|n| !t.is(*n, NOISE));
        t.0[at].word.ends_with("ли") && next.is_some_and(|n| t.0[n].mask & !COMMON == 0 && things(&t.0[n].word))
    })
}

/// «сколько можно слать», «сколько раз просить», «опять вы со своим спамом», «всё равно приходит».
pub(super) fn hounded(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    let other = t.has(OTHER | QTY);
    if t.has(HOWLONG) && !other {
        let at = t.all(HOWLONG).next().unwrap_or_default();
        if t.0[at].word.starts_with("сколько можно")
            || t.0[at].word.contains("скока")
            || t.0[at].word.starts_with("доко")
            || t.0[at].word.starts_with("сколько ж")
            || t.0[at].word.starts_with("до каких")
        {
            if t.behind(at, WRITE_INF | OBJ | WRITE_PRES | RECEIVE, NOISE | SENT | COMMON | WANT | SUBJ).is_some() {
                return Some(Said::Stop);
            }
            return (t.only(NOISE | HOWLONG | SUBJ | REPORT)).then_some(Said::Doubt);
        }
        return (t.has(REPORT) || t.has(OBJ) || t.has(WRITE_PRES) && t.has(ME)).then_some(Said::Doubt);
    }
    if t.has_word(&["продолжаете", "продолжаешь"]) && t.has(WRITE_INF) && !other {
        return Some(Said::Stop);
    }
    // «ссылка из рассылки не работает»
    let broken = ["ссылк", "сайт", "код", "приложен", "промокод", "купон", "запис", "оплат", "карт"];
    let broken = t.0.iter().any(|token| broken.iter().any(|stem| token.word.starts_with(stem))) && !t.has(UNSUB | STOPWORD | REMOVE);
    if t.has(STILL) && !other && !broken && (t.has(WRITE_PRES) || t.has(OBJ) && !question) && !t.has(NOT) {
        let asked_before = t.has(UNSUB | STOPWORD) || t.has(REPORT) && t.has(REMOVED | UNSUB);
        return Some(if asked_before { Said::Stop } else { Said::Doubt });
    }
    let when = t.has_word(&["прекратится", "кончится", "закончится", "прекратятся", "закончатся", "кончатся"])
        && t.has(OBJ)
        && !other;
    if when {
        return Some(Said::Doubt);
    }
    let tired = t.has_word(&["опять", "снова", "вечно", "каждый день"]) && t.only(NOISE | SENT | SUBJ | WHAT);
    tired.then_some(Said::Doubt).filter(|_| t.has(SENT | YOU) && !question)
}

/// «ещё одно сообщение и пойду в ФАС», «если не прекратите, заблокирую».
pub(super) fn threatened(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    if question || t.has(OTHER | QTY) && !t.has(OBJ) {
        return None;
    }
    let about =
        t.has(SENT | WRITE_INF | WRITE_PRES | STOPWORD) || t.has_word(&["напишете", "напишите", "пришлете", "позвоните", "побеспокоите"]);
    let again = t.has(ONCE) || t.has(IF) && about;
    if t.has(REGULATOR) {
        return Some(if about || again || t.has(LEGAL) { Said::Stop } else { Said::Doubt });
    }
    // «только попробуйте ещё раз написать», «не дай бог ещё раз напишете»
    let to_write = ["напис", "напиш", "присл", "пришл", "побеспок", "потревож", "звони", "позвон"];
    // «напишу жалобу» is what the writer does.
    let mine = |word: &str| ["у", "ю", "ем", "им"].iter().any(|end| word.ends_with(end));
    let to_write = t.0.iter().any(|token| to_write.iter().any(|stem| token.word.starts_with(stem)) && !mine(&token.word));
    let warned = t.has_word(&["попробуйте", "попробуй", "дай", "посмейте", "посмей", "рискните"]);
    if warned && to_write && (t.has(ONCE | AGAIN) || t.has_word(&["еще", "только", "опять", "снова"])) && !t.has(OTHER) {
        return Some(Said::Stop);
    }
    if t.has(LEGAL) && t.has(ONCE) && !t.has(OTHER) {
        // «ещё одно опоздание, и я пожалуюсь»
        let unknown = |at: usize| t.0.get(at + 1).is_some_and(|next| next.mask & !COMMON == 0 && !next.after_comma);
        let of_else = t.all(ONCE).any(unknown) && !about && !to_write;
        return (!of_else).then_some(Said::Stop);
    }
    if t.has(LEGAL) && about {
        // «напишете ещё — встретимся в суде»
        let once_more = to_write && t.has_word(&["еще", "опять", "снова"]);
        let strong = t.has(ONCE | IF) || t.has(SPAMWORD) || t.has_word(&["за"]) && t.has(OBJ) || once_more;
        return Some(if strong { Said::Stop } else { Said::Doubt });
    }
    if t.has_word(&["пожалуюсь", "жалуюсь", "жаловаться", "засужу", "оштрафую"]) && t.only(NOISE | LEGAL | SUBJ | WANT)
    {
        return Some(Said::Doubt);
    }
    if t.has(BLACKLIST) && t.only(NOISE | BLACKLIST | BLOCK | GO | SUBJ) {
        return Some(Said::Doubt);
    }
    if t.has(BLOCK) && !t.has(UNDO) {
        let mine = t.has_word(&[
            "пожалуюсь на спам",
            "пожалуюсь в телеграм",
            "заблокирую",
            "блокирую",
            "блочу",
            "забаню",
            "заблочу",
            "блок",
            "бан",
            "кину",
            "заблокую",
            "забаним",
        ]);
        if mine && t.has(OBJ) && t.has_word(&["еще", "следующее"]) {
            return Some(Said::Stop);
        }
        if (again || about) && mine && t.has(ONCE | IF | OR) {
            return Some(Said::Stop);
        }
        return (mine && t.0.iter().filter(|token| token.mask & !COMMON == 0).count() <= 1).then_some(Said::Doubt);
    }
    if t.has(ONCE) && t.has(OBJ) && t.len() <= 9 {
        return Some(Said::Doubt);
    }
    None
}

/// «откуда у вас мой номер», «кто это», «вы ошиблись номером»: who asks so did not expect the
/// message.
pub(super) fn asked(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    let got = t.has_word(&[
        "взяли",
        "узнали",
        "дал",
        "дали",
        "есть",
        "достали",
        "нашли",
        "получили",
        "get",
        "got",
        "gave",
        "знаете",
        "взялся",
        "передал",
        "передали",
        "слил",
        "слили",
        "find",
    ]);
    let from = t.has_word(&["откуда", "кто дал", "кто вам дал", "звидки"]);
    let whence = !t.has(OTHER)
        && t.len() <= 9
        && (from && (t.has(DATA) || got && t.has(ME)) && (t.has(YOU | ME | MINE) || t.len() <= 3)
            || got && t.has(DATA) && t.has(WHY | HOW | WHAT) && t.has(YOU | MINE | ME));
    if whence {
        return Some(Said::Doubt);
    }
    let who = t.has_word(&["кто", "хто", "who"])
        && t.0.iter().all(|token| {
            token.mask & (NOISE | WHAT | SUBJ | WHY | NEED) != 0
                || matches!(token.word.as_str(), "такие" | "такой" | "вообще" | "are" | "is")
        })
        && t.len() <= 6
        && (t.has(YOU | THIS));
    if who {
        return Some(Said::Doubt);
    }
    // «это не Мария», «я не Саша», «Марии тут нет»: another owner of the number.
    let another = t.has_word(&["я", "это", "тут", "здесь"])
        && (t.has(NOT) || t.has_word(&["нет"]))
        && t.0.iter().enumerate().any(|(at, token)| (at > 0 || t.has_word(&["нет"])) && token.capital && token.mask & !COMMON == 0);
    if another && t.len() <= 4 && !question {
        return Some(Said::Doubt);
    }
    // «слишком много сообщений», «можно пореже?»
    let seldom = t.has(SELDOM)
        && (t.has(OBJ) || t.only(NOISE | SELDOM | CAN | NOT | SUBJ) && t.has_word(&["пореже", "реже", "часто", "слишком часто"]));
    if seldom && !t.has(OTHER | WRITE_CMD | NUMBER) && t.len() <= 7 {
        return Some(Said::Doubt);
    }
    let mistaken = t.has(WRONG)
        && !t.has(OTHER | QTY)
        && (t.has(DATA) && !t.has_word(&["дома", "заказа"])
            || t.has(WRITE_PRES)
            || t.has_word(&["попали"])
            || t.only(NOISE | WRONG | SUBJ));
    if mistaken && !question {
        return Some(Said::Doubt);
    }
    let dead = t.has(DEAD) && !question && t.only(NOISE | DEAD | SUBJ | DATA | CLIENT | THIRD | NOT);
    (dead || t.has(CLIENT) && t.has(NOT) && t.has(YOU | YOURS | MORE) && !t.has(OTHER)).then_some(Said::Doubt)
}
