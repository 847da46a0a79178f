//! Earlier refusals that came to nothing: «отписывался через сайт, не помогло», «почему мой отказ
//! не учтён», «снова подписали без спроса».

use super::{
    super::{
        clause::{NOISE, Words},
        lexicon::*,
    },
    Said, Whole,
};

/// What was done to be written to no more.
const DONE: &[&str] = &["отключал", "отключил", "выключал", "выключил", "отказывал", "отказал", "запрещал", "запретил", "заблокировал"];
/// A refusal as a thing: «мой отказ», «заявка на удаление».
const REFUSAL: &[&str] = &["отказ", "отписк", "просьб", "заявк", "обращени", "заявлени", "требовани", "отзыв"];
/// What did not come of it.
const VAIN: &[&str] = &[
    "безрезультат",
    "бесполезн",
    "бестолк",
    "тишин",
    "ноль",
    "нуль",
    "впуст",
    "игнор",
    "вопреки",
    "несмотря",
    "учтен",
    "учли",
    "указ",
    "помогл",
    "сработал",
    "получилось",
    "реагир",
    "толк",
];

fn begins(t: Words<'_>, stems: &[&str]) -> bool {
    t.0.iter().any(|token| stems.iter().any(|stem| token.word.starts_with(stem)))
}

/// «отключала через сайт — бесполезно», «рассылка идёт вопреки моему отказу».
pub(super) fn in_vain(t: Words<'_>, question: bool, whole: &Whole) -> Option<Said> {
    if t.has(OTHER | QTY) || whole.invited {
        return None;
    }
    if subscribed_again(t) {
        return Some(Said::Doubt);
    }
    if whole.undo {
        return None;
    }
    let mine = || t.has(MINE | ME) || t.has_word(&["я", "мы"]);
    let matter = t.has(OBJ | UNSUB | STOPWORD) || t.has(DATA) && t.has(REMOVE | REMOVED | MINE);
    let done = begins(t, DONE) || t.has(UNSUB_PAST);
    let refusal = begins(t, REFUSAL) && (matter || mine());
    let goes_on = t.has(WRITE_PRES | STILL) || t.has_word(&["опять", "снова", "вновь"]);
    let vain = begins(t, VAIN) || goes_on;
    // «почему мой отказ не учтён?»
    let asked = question && t.has(WHY) && refusal && (begins(t, VAIN) || t.has(NOT | STILL)) && mine();
    // «разве я не отписалась?»
    let surely = question && t.has_word(&["разве", "неужели"]) && t.has(UNSUB_PAST) && t.has_word(&["я", "мы"]);
    if asked || surely {
        return Some(Said::Doubt);
    }
    if (done || refusal && t.has(REMOVE | UNSUB | OBJ | WRITE_INF | CEASE)) && vain && !question {
        let clear = matter && (done || t.has(REMOVE | UNSUB_INF | CEASE)) && (t.has(OBJ | UNSUB) || goes_on);
        return Some(if clear && !t.has(THIRD) { Said::Stop } else { Said::Doubt });
    }
    None
}

/// «опять подписали без спроса», «зачем вернули меня в рассылку».
fn subscribed_again(t: Words<'_>) -> bool {
    const ADDED: &[&str] = &["подписали", "переподписали", "добавили", "включили", "вернули", "внесли", "занесли", "подключили"];
    let unasked = t.has(AGAIN | WHY) || t.has_word(&["ведома", "спроса", "спросу", "разрешения", "согласия", "кто", "обратно"]);
    let matter = t.has(OBJ | BASE) || t.has_word(&["подписали", "переподписали"]) && t.has_word(&["меня", "нас"]);
    t.has_word(ADDED) && unasked && matter && !t.only(NOISE)
}
