//! «не пишите», «прошу больше не присылать»: a negated verb of writing, and what stands around it.

use super::{
    super::{
        clause::{NOISE, SENT, Words},
        lexicon::*,
    },
    Said, Whole,
};

/// A negation that belongs to this verb: «не», or «не» of «не хочу», «не надо», with courtesy
/// between.
pub(super) fn negated(t: Words<'_>, at: usize) -> Option<usize> {
    let through = NOISE | SENT | NEED | WANT | DARE | ASK | CAN | WRITE_CMD | WRITE_INF | SUBJ | BASE | DATA | BEG;
    let not = t.before(at, NOT, through)?;
    // «не могу писать» refuses nothing; «не могли бы вы не писать» does, by its second «не».
    let able = (not + 1..at).any(|n| t.is(n, CAN));
    // «не пишите, а звоните»: the negation is of the first.
    let turned =
        (not + 1..at).any(|n| t.0[n].word == "а" || t.0[n].word == "но" || t.0[n].after_comma && !t.is(n, WRITE_CMD | WRITE_INF | POLITE));
    (!able && !turned).then_some(not)
}

/// What stands behind a verb of writing: what is not to be written, when, where.
#[derive(Default)]
pub(super) struct Tail {
    /// Something that is no advertising.
    pub foreign: bool,
    /// Only at some time, or on some condition.
    pub restricted: bool,
    /// Only there: by mail, in a common chat.
    pub mail: bool,
    /// Advertising, messages.
    pub sent: bool,
    /// Only about something.
    pub topic: bool,
    /// Something unknown is the object, perhaps.
    pub unknown: bool,
}

pub(super) fn tail(t: Words<'_>, at: usize) -> Tail {
    let mut tail = Tail::default();
    let (from, to) = t.clause(at);
    let mut unknown = 0;
    for n in at + 1..to {
        let m = t.0[n].mask;
        if m & (WRITE_CMD | WRITE_INF | UNSUB | REMOVE | CEASE) != 0 && m & OBJ == 0 {
            if n > at + 1 && t.0[n - 1].word == "и" || m & (UNSUB | REMOVE | CEASE) != 0 || t.before(n, NOT, NOISE).is_some() {
                continue;
            }
            break;
        }
        if t.0[n].quoted && !t.0[at].quoted {
            tail.foreign = true;
            break;
        }
        let about = n > 0 && matches!(t.0[n - 1].word.as_str(), "про" | "о" | "об" | "насчет" | "about")
            || n > 1 && matches!(t.0[n - 2].word.as_str(), "про" | "насчет");
        if about && m & (OBJ | NOISE | MAIL) == 0 {
            tail.topic = true;
            continue;
        }
        if matches!(t.0[n].word.as_str(), "каждый день" | "ежедневно" | "постоянно" | "каждую неделю")
        {
            // «не нужно мне присылать эти акции каждый день»: it is the sending that is not needed.
            tail.restricted |= !(Words(&t.0[from..to]).has(MORE) || (tail.sent && Words(&t.0[from..to]).has(ME)));
            continue;
        }
        // «не пишите по десять раз на дню»: too much of it, not some of it.
        if t.is(n, NUMBER) && t.is(n + 1, AGAIN) || t.is(n - 1, AGAIN) && matches!(t.0[n].word.as_str(), "день" | "дню" | "сутки")
        {
            continue;
        }
        if m & (IF | TIME | SELDOM | NUMBER) != 0 && m & (OBJ | WRITE_PRES) == 0 {
            tail.restricted |= m & AGAIN == 0;
            if m & IF != 0 && t.0[n].word != "пока" {
                break;
            }
            continue;
        }
        if matches!(t.0[n].word.as_str(), "ему" | "ей" | "им" | "мужу" | "жене" | "маме" | "сыну" | "дочери") {
            // «не пишите мужу, это сюрприз»
            tail.unknown |= !Words(&t.0[from..to]).has(MORE | MINE | ME);
            continue;
        }
        if m & MAIL != 0 {
            tail.mail = true;
            continue;
        }
        // «не пишите жалобу»
        if n == at + 1 && ["жалоб", "заявлен", "отзыв", "рекламаци"].iter().any(|stem| t.0[n].word.starts_with(stem))
        {
            tail.foreign = true;
            break;
        }
        // «не пишите диагноз в смс»
        if unknown > 0 && m & OBJ != 0 && t.0[n].word.starts_with("смс") && t.0[n - 1].word == "в" {
            continue;
        }
        // «не пишите на открытке имя»: where, not what.
        if m & OFFER != 0 && m & OBJ == 0 && matches!(t.0[n - 1].word.as_str(), "в" | "на") {
            continue;
        }
        // «не пишите адрес»
        if n == at + 1 && m & DATA != 0 && m & (OBJ | HERE) == 0 {
            tail.foreign = true;
            break;
        }
        let offered = ["предлаг", "навязыв", "рекламир"].iter().any(|stem| t.0[at].word.starts_with(stem)) && t.is(n - 1, YOURS);
        if offered || m & (SENT | CLIENT | ACCOUNT | DATA | BASE) != 0 && m & OTHER == 0 {
            tail.sent |= offered || m & SENT != 0;
            continue;
        }
        if m & (SUBJ | OR | WHY | ITHINK) != 0 && t.0[n].word != "и" {
            break;
        }
        if m & WHAT != 0 {
            tail.foreign |= n <= at + 2 && !tail.sent;
            break;
        }
        if m & (NOISE | NOT | NEED | WANT | STILL | HOWLONG | REGULATOR | LEGAL | ONLY | CHTOBY | SPAMWORD | STOPWORD) != 0 {
            continue;
        }
        // «не пишите больше двух имён», «больше этот сорт».
        let this = m & !COMMON == 0 && t.is(n - 1, THIS) && !tail.sent;
        if m & QTY != 0 && t.is(n - 1, MORE) || this {
            // «не шли ты мне эти бумажки»: what they are is not known, but they are sent to this
            // person.
            let perhaps = this && t.before(n, ME, THIS | YOU).is_some();
            tail.unknown |= perhaps;
            tail.foreign |= !perhaps;
            break;
        }
        if t.0[n].word == "их" {
            continue;
        }
        if m & OTHER != 0 {
            tail.foreign |= !tail.sent && !Words(&t.0[n..to]).has(OBJ);
            break;
        }
        unknown += 1;
        if unknown == 1 && n <= at + 3 && !tail.sent {
            // «не присылайте мне больше Колю»
            tail.unknown |= !Words(&t.0[at + 1..n]).has(PREP | POLITE | SWEAR) && t.is(n - 1, ME | MORE);
            let head = Words(&t.0[from..n]);
            tail.foreign = !head.no_more() && !head.has(ME) || Words(&t.0[at + 1..n]).has(PREP) && !Words(&t.0[from..to]).no_more();
        }
    }
    tail.foreign |= !tail.sent && t.0.get(to).is_some_and(|token| matches!(token.word.as_str(), "что" | "как" | "where"));
    // «не пишите, пока сама не попрошу»
    tail.restricted |= t.0.get(to).is_some_and(|token| token.word == "пока");
    // What is not to be written may stand before the verb.
    let head = Words(&t.0[from..at]);
    // «в воскресенье не пишите»
    let thing = head.0.iter().any(|token| token.mask & OTHER != 0 && token.mask & TIME == 0);
    tail.foreign |= thing && !head.has(SENT) && !tail.sent;
    tail.restricted |= (0..head.len()).any(|n| {
        let now = matches!(head.0[n].word.as_str(), "сейчас" | "пока");
        now && head.0.get(n + 1).is_none_or(|next| !matches!(next.word.as_str(), "же" | "ж"))
    }) && !head.has(MORE);
    tail.restricted |= head.has(TIME) && !head.has(AGAIN | MORE) || head.has(IF);
    // «на второй номер тоже не пишите»: besides, not instead.
    tail.mail |= head.has(MAIL);
    tail.mail &= !Words(&t.0[from..to]).has_word(&["тоже"]);
    tail.sent |= head.has(SENT);
    tail
}

/// «не пишите», «прошу больше не присылать», «не надо мне звонить».
pub(super) fn written(t: Words<'_>, question: bool, whole: &Whole) -> Option<Said> {
    let mut best = None;
    // «пусть мне больше не пишут»
    let told = t.has_word(&["пусть"]) && t.all(WRITE_PRES).any(|at| t.before(at, NOT, NOISE).is_some());
    if told && t.has(ME | SENT | MORE) && !t.has(OTHER | TIME | QTY | THIRD) {
        best = Some(Said::Stop);
    }
    for at in t.all(WRITE_CMD | WRITE_INF | WRITE_PRES | PERFNEG) {
        best = best.max(unwritten(t, at, question, whole));
    }
    if to_others(t) && !question && !t.has(OTHER) {
        best = best.max(Some(Said::Stop));
    }
    // «чтобы мне больше не писали», «не хочу, чтобы мне звонили».
    for at in t.all(WRITE_PAST) {
        let rather = t.has_word(&["бы", "лучше бы"]) && t.has_word(&["лучше", "лучше бы", "хорошо", "здорово", "прекрасно"]);
        if (t.grateful() || rather && t.has(ME)) && t.before(at, NOT, NOISE).is_some() && !t.has(OTHER) {
            best = best.max(Some(Said::Stop));
        }
        let to = t.before(at, CHTOBY, NOISE | NOT | SENT | SUBJ);
        let refused = t.before(at, NOT, NOISE | SENT).is_some()
            || to.is_some_and(|n| t.before(n, NOT, NOISE | WANT | NEED | CAN).is_some() && t.has(WANT | NEED));
        if to.is_some() && refused && !t.has(OTHER | THIRD) {
            let tail = tail(t, at);
            best = best.max(Some(if tail.restricted || tail.mail || tail.foreign { Said::Doubt } else { Said::Stop }));
        }
    }
    best
}

/// «шлите кому хотите, только не мне», «пишите своей маме, а мне не надо».
fn to_others(t: Words<'_>) -> bool {
    const OTHERS: &[&str] =
        &["кому", "кому-нибудь", "кому-то", "другим", "другому", "всем", "остальным", "соседям", "себе", "своей", "своим", "своему"];
    let written = t.all(WRITE_CMD | WRITE_INF).any(|at| !t.is(at, CALL) && t.before(at, NOT, NOISE).is_none());
    let not_me = t.all(NOT).any(|not| {
        let me = |at: usize| t.0.get(at).is_some_and(|token| matches!(token.word.as_str(), "мне" | "нам" | "сюда" | "ко мне" | "меня"));
        let ends = |at: usize| t.0.get(at + 1).is_none_or(|next| next.after_comma || next.mask & (POLITE | SWEAR) != 0);
        me(not + 1) && ends(not + 1) || not > 0 && me(not - 1) && t.is(not + 1, NEED) && ends(not + 1)
    });
    written && not_me && t.has_word(OTHERS)
}

/// «не зовите меня на тренировки», «а меня, старую, не трогайте»: not to this person.
pub(super) fn not_to_me(t: Words<'_>) -> bool {
    t.all(WRITE_CMD).any(|at| {
        let (from, to) = t.clause(at);
        let me = |part: Words<'_>| part.has_word(&["мне", "меня", "нам", "нас"]);
        // «а меня, старую, не трогайте»
        let called = from > 1 && me(Words(&t.0[..from])) && t.is(from, NOT);
        !t.is(at, CALL) && !t.has(ONLY) && t.before(at, NOT, NOISE).is_some() && (me(Words(&t.0[from..to])) || called)
    })
}

/// «не пишите про пиццу», «не надо про шины»: whatever it is about, it is not asked for.
pub(super) fn about_nothing(t: Words<'_>) -> bool {
    t.all(WRITE_CMD | WRITE_INF | NEED).any(|at| {
        let (from, to) = t.clause(at);
        let about = (at + 1..to).find(|n| !t.is(*n, ME | MORE | POLITE | WRITE_INF));
        let refused = t.before(at, NOT, ME | MORE | POLITE | NEED | ASK).is_some();
        let about = about.is_some_and(|n| matches!(t.0[n].word.as_str(), "про" | "насчет"));
        refused && about && !t.is(at, CALL) && !Words(&t.0[from..to]).has(THIRD | QTY) && !t.has(ONLY)
    })
}

/// «не надо больше про отбеливание» as a rule; «не надо про политику» is asked about.
pub(super) fn about_it(t: Words<'_>, question: bool, whole: &Whole) -> Option<Said> {
    let clear = t.has(MORE | ME) && !t.has(TIME | IF | OTHER | PERF);
    (!question && !whole.invited && about_nothing(t)).then_some(if clear { Said::Stop } else { Said::Doubt })
}

pub(super) fn unwritten(t: Words<'_>, at: usize, question: bool, whole: &Whole) -> Option<Said> {
    let after = t
        .behind(at, NOT, NOISE | SENT | SUBJ | WRITE_INF | WRITE_CMD)
        .filter(|not| t.is(at, WRITE_INF) && t.behind(*not, NEED | CAN | FORBID, NOISE).is_some());
    let Some(not) = negated(t, at).or(after.map(|_| at)) else {
        return complained(t, at);
    };
    let (from, to) = t.clause(at);
    let part = Words(&t.0[from..to]);
    // «чтобы не писать дважды», «не хочу вас беспокоить», «а не писать»: what the writer does.
    let own = t.before(not, CHTOBY, NOISE | SUBJ).is_some()
        || Words(&t.0[not.min(at)..at]).has(WANT) && !part.has_word(&["будете", "будешь", "будут"])
        || not > 0 && t.0[not - 1].word == "а";
    if own && t.is(at, WRITE_INF) && !t.is(at, WRITE_CMD) || t.has(BUY) && t.0[at].word.starts_with("рекламир") {
        return None;
    }
    // The indicative, as many spell the imperative: «не пишете мне».
    let alike = ["пишете", "шлете", "присылаете", "беспокоите", "тревожите", "отправляете", "звоните"].contains(&t.0[at].word.as_str());
    let spelt_so = alike && part.has(HERE | ME) && !t.has(YOU | WHY | WHAT) && !t.has_word(&["давно", "долго"]);
    let commanding = t.is(at, WRITE_CMD | WRITE_INF) || part.has_word(&["пожалуйста"]) || spelt_so;
    let asked = part.has(MORE | ASK | CAN | NEED | WANT | DARE | BEG);
    if t.has(WHY) && !part.has(MORE | ASK) && (t.all(WHY).any(|n| n < not)) {
        return None;
    }
    // «вы мне не пишите, а я жду»: the indicative, as many write it.
    let yours = t.before(not, YOU, ME | POLITE | MORE).is_some_and(|n| matches!(t.0[n].word.as_str(), "вы" | "ты" | "you" | "ви"));
    if (yours || !commanding) && !asked {
        return (commanding && t.len() <= 5 && !question).then_some(Said::Doubt);
    }
    if !(commanding || part.has(MORE) && part.has(ME | HERE | SENT)) {
        return None;
    }
    let long_ago = t.has_word(&["давно", "долго", "пока что"]);
    if long_ago && !commanding || t.0[at].quoted && !t.has(REPORT) {
        return None;
    }
    let only = t.is(at, PERFNEG) && !part.has(MORE | ME);
    if only {
        return None;
    }
    // «больше не приходят сообщения»: they are missed. «Пусть больше не приходят» is a demand.
    let arriving = ["приход", "поступа", "прилета"].iter().any(|stem| t.0[at].word.starts_with(stem));
    if arriving && !t.has_word(&["пусть", "чтобы", "чтоб"]) {
        return None;
    }
    let tail = tail(t, at);
    let call = t.is(at, CALL);
    let plain = part.has(MORE | ME | SENT | HERE) || t.only(NOISE | WRITE_CMD | WRITE_INF | NOT | SUBJ | ASK | CAN | NEED | DARE | BEG);
    // «можно не звонить, а писать?»
    let rather = t.all(WRITE_INF).any(|n| n > at && t.0[n - 1].word == "а");
    if call && (whole.invited || t.has(BETTER) || !plain || rather) {
        return None;
    }
    // What is sent may be goods: «не высылайте, сам заберу».
    let goods = ["отправл", "высыл", "направл", "пересыл"].iter().any(|stem| t.0[at].word.starts_with(stem));
    if goods && !plain {
        return None;
    }
    if call && tail.restricted && !part.has(ME | MORE) {
        return None;
    }
    if tail.foreign {
        let offered = super::demand::offering(&t.0[at].word) && part.has(ME) && !t.has(THIRD);
        return (tail.sent || offered || part.no_more() && !t.has(OTHER)).then_some(Said::Doubt);
    }
    if (tail.mail || tail.restricted) && (whole.invited || t.has(BETTER)) {
        return if part.has(MORE) && !tail.mail { Some(Said::Doubt) } else { None };
    }
    if t.has(ONLY) && !tail.sent && !part.has(MORE) {
        return None;
    }
    if whole.invited && Words(&t.0[at..to]).has(THIRD) {
        return None;
    }
    if whole.invited && !part.has(MORE | SENT) {
        // «мне писать не надо, позвоните»
        return (!t.has(PERF)).then_some(Said::Doubt);
    }
    let rubbish = t.has(TRASH) && !part.has(MORE | ME) && !t.has(SPAMWORD);
    if tail.mail && !tail.sent
        || tail.restricted
        || tail.topic && (!part.has(MORE | YOURS | ME) || t.has(ONLY))
        || tail.unknown && !tail.sent
        || rubbish
    {
        return Some(Said::Doubt);
    }
    // «не лезьте», «не отвлекайте»: not only by messages.
    let vague =
        ["лез", "отвлека", "трога", "мучай", "мучить", "дерга", "нервиру", "напряга"].iter().any(|stem| t.0[at].word.starts_with(stem));
    // «колёса снимите, больше ничего не трогайте»
    let touched = t.0[at].word.starts_with("трога") && !part.has(ME | SENT | DATA);
    if touched && t.has(REMOVE | PERF) {
        return Some(Said::Keep);
    }
    if vague && !part.has(ME | SENT | MORE | HERE | DATA) || touched {
        return Some(Said::Doubt);
    }
    // «яйца не присылайте»: something that is not known stands before it.
    let thing = not > from && !part.has(ME | MORE | SENT | HERE | POLITE) && part.0[not - from - 1].mask & !COMMON == 0;
    if thing || t.has(THIRD) && t.has(REPORT) && !part.has(MORE) {
        return Some(Said::Doubt);
    }
    Some(Said::Stop)
}

/// «зачем вы мне пишете», «опять пишете», «слишком часто пишете»: no refusal yet.
pub(super) fn complained(t: Words<'_>, at: usize) -> Option<Said> {
    if t.before(at, NOT, NOISE | SUBJ).is_some() || t.has(OTHER) {
        return None;
    }
    let pres = t.is(at, WRITE_PRES);
    if pres
        && t.has_word(&["каждый день", "ежедневно", "постоянно", "вечно"])
        && t.only(NOISE | WRITE_PRES | SUBJ | SENT)
        && (t.has(YOU | ME))
    {
        return Some(Said::Doubt);
    }
    if t.has(SELDOM)
        && (pres || t.is(at, WRITE_CMD | WRITE_INF))
        && !t.has(QTY)
        && t.0.iter().filter(|token| token.mask & !COMMON == 0).count() <= 2
    {
        return Some(Said::Doubt);
    }
    // «кто разрешил вам мне писать»
    if t.is(at, WRITE_INF) && t.has(WHY) && t.has(ME) && t.has(YOU) {
        return Some(Said::Doubt);
    }
    if !pres {
        return None;
    }
    if t.has(WHY) && (t.has(ME) || t.has(SENT)) || t.has(STILL | HOWLONG) && t.has(ME | SENT | YOU) {
        return Some(Said::Doubt);
    }
    if t.0[at].word.starts_with("спам") && t.only(NOISE | WRITE_PRES | SUBJ) {
        return Some(Said::Doubt);
    }
    (t.has(AGAIN | SPAMWORD) && t.has(SENT)).then_some(Said::Doubt)
}
