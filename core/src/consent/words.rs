//! Whether a message says «stop». The whole message must say it: «стоп-кран купил?» is a question about a part.
//!
//! Folded before comparing: case, ё/е, punctuation and pictures, invisible characters, letters of the other alphabet that
//! look the same (`cтoп`), a zero for an o, stretched letters (`стооооп`), spread letters (`с т о п`).

/// Longer messages are conversation.
const MAX_CHARS: usize = 120;

/// Say it in any form, as a question too («как отписаться?»); parted by `|`.
const CLEAR: &str = "отписаться | отписать | отпишите | отпиши | отписка | отпишись | отписаться от рассылки | отписаться от рекламы |
    отписаться от сообщений | отписаться от уведомлений | отпишите от рассылки | отпишите от рекламы |
    отпишите от сообщений | отпишите от всех рассылок | отпишите от этой рассылки | отписаться от этой рассылки |
    отказ от рассылки | отказ от рекламы | отказаться от рассылки | отказаться от рекламы | отказываюсь от рассылки |
    отказываюсь от рекламы | отключите рассылку | отключить рассылку | отключи рассылку | остановите рассылку |
    остановить рассылку | прекратите рассылку | прекратите писать | прекратите спам | прекратите спамить |
    прекратите присылать | прекратите слать | перестаньте писать | перестаньте присылать | перестаньте слать |
    перестаньте спамить | отмените подписку | отменить подписку | отмена подписки | не пишите | не пиши | не писать |
    не присылайте | не присылать | не присылайте рекламу | не присылайте сообщения | не присылайте рассылку | не шлите |
    не шлите рекламу | не беспокойте | не беспокоить | не звоните и не пишите | не надо писать | не надо присылать |
    не надо рекламы | не надо рассылки | не нужна рассылка | не нужна реклама | не нужно писать | не получать |
    не получать рассылку | не получать рекламу | не получать сообщения | хватит писать | хватит слать |
    хватит присылать | хватит спамить | хватит спама | хватит рекламы | удалите из рассылки | удалите из базы |
    удалите из списка | удалите из списка рассылки | удалите номер из базы | удалите номер | удали из рассылки |
    уберите из рассылки | уберите из базы | уберите из списка | исключите из рассылки | исключите из базы |
    исключите из списка | без рекламы | без рассылки | стоп рассылка | стоп реклама | стоп спам | стоп рассылки |
    отстаньте | отвяжитесь | как отписаться | как отписаться от рассылки | как отключить рассылку |
    как отказаться от рассылки | otpiska | otpisatsya | otpishite | unsubscribe | unsubscribe from all | unsub |
    stop all | stopall | stop it | opt out | optout | stop messaging | stop messages | stop writing | stop texting |
    stop sending | stop sending messages | stop sending this | stop spam | stop spamming | stop advertising | stop ads |
    dont write | dont text | dont message | dont send messages | do not write | do not text | do not message |
    do not disturb | do not contact | dont contact | no more messages | no more ads | no messages | no ads | no spam |
    remove from list | remove from mailing list | remove from base | take off list | leave alone | how to unsubscribe |
    how do unsubscribe";

/// Say it alone; with «мне», or as a question, they are talk («мне хватит», «стоп?»).
const BARE: &[&str] = &[
    "стоп",
    "stop",
    "хватит",
    "прекратите",
    "прекрати",
    "перестаньте",
    "довольно",
    "спам",
    "это спам",
    "spam",
    "удалите меня",
    "уберите меня",
    "remove me",
    "leave me alone",
];

/// Polite or impatient words around the meaning.
const POLITE: &[&str] = &[
    "пожалуйста",
    "пожалуста",
    "плиз",
    "пж",
    "пжл",
    "пжлст",
    "ну",
    "уже",
    "все",
    "спасибо",
    "прошу",
    "срочно",
    "немедленно",
    "наконец",
    "здравствуйте",
    "привет",
    "please",
    "pls",
    "plz",
    "thanks",
    "now",
    "just",
    "ok",
    "hi",
    "hello",
];

/// Words of address that change nothing in a clear phrase.
const PERSONAL: &[&str] = &[
    "мне",
    "меня",
    "мой",
    "моего",
    "больше",
    "хочу",
    "я",
    "вас",
    "вам",
    "сюда",
    "никогда",
    "вообще",
    "ваша",
    "вашу",
    "вашей",
    "ваши",
    "ваших",
    "эту",
    "эти",
    "me",
    "my",
    "i",
    "want",
    "to",
    "would",
    "like",
    "your",
    "the",
    "this",
    "any",
    "anymore",
    "us",
    "id",
];

/// Whether the whole message withdraws.
#[must_use]
pub fn is_stop(message: &str) -> bool {
    if message.chars().count() > MAX_CHARS {
        return false;
    }
    let question = message.contains('?');
    let words = words(message);
    if words.is_empty() {
        return false;
    }
    let readings: [Vec<String>; 2] =
        [words.iter().map(|w| squeeze(&cyrillic(w))).collect(), words.iter().map(|w| squeeze(&latin(w))).collect()];
    readings.iter().any(|words| {
        let kept: Vec<&str> = without(words, POLITE);
        let bare = once(&kept).join(" ");
        if BARE.iter().any(|phrase| squeeze(phrase) == bare) {
            return !question;
        }
        let clear: Vec<&str> = kept.iter().copied().filter(|w| !listed(PERSONAL, w)).collect();
        let clear = once(&clear).join(" ");
        CLEAR.split('|').any(|phrase| {
            let phrase = squeeze(phrase.trim());
            phrase == bare || phrase == clear
        })
    })
}

/// The words of a message: small letters without stress marks and invisible characters; letters typed apart are one word.
fn words(message: &str) -> Vec<String> {
    let mut text = String::with_capacity(message.len());
    for c in message.chars().flat_map(char::to_lowercase) {
        match c {
            // Zero-width and soft characters, joiners, variation selectors.
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => {}
            // й and ё written as a letter and a mark.
            '\u{306}' if text.ends_with('и') => {
                text.pop();
                text.push('й');
            }
            '\u{300}'..='\u{36f}' | '\'' | '’' | '`' | '´' => {}
            'ё' => text.push('е'),
            c if c.is_alphanumeric() => text.push(c),
            _ => text.push(' '),
        }
    }
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if words.len() >= 3 && words.iter().all(|w| w.chars().count() == 1) { vec![words.concat()] } else { words }
}

const LOOKALIKES: [(char, char); 12] = [
    ('a', 'а'),
    ('b', 'в'),
    ('c', 'с'),
    ('e', 'е'),
    ('h', 'н'),
    ('k', 'к'),
    ('m', 'м'),
    ('o', 'о'),
    ('p', 'р'),
    ('t', 'т'),
    ('x', 'х'),
    ('y', 'у'),
];

fn cyrillic(word: &str) -> String {
    let mixed = word.chars().any(|c| matches!(c, 'а'..='я'));
    let fold = |c: char| match c {
        '0' => 'о',
        _ if mixed => LOOKALIKES.iter().find(|(l, _)| *l == c).map_or(c, |(_, r)| *r),
        _ => c,
    };
    word.chars().map(fold).collect()
}

fn latin(word: &str) -> String {
    let mixed = word.chars().any(|c| c.is_ascii_lowercase());
    let fold = |c: char| match c {
        '0' => 'o',
        _ if mixed => LOOKALIKES.iter().find(|(_, r)| *r == c).map_or(c, |(l, _)| *l),
        _ => c,
    };
    word.chars().map(fold).collect()
}

/// Runs of one letter become one: stretched letters no longer matter, and both sides are squeezed alike.
fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

fn listed(list: &[&str], word: &str) -> bool {
    list.iter().any(|w| squeeze(w) == word)
}

fn without<'a>(words: &'a [String], list: &[&str]) -> Vec<&'a str> {
    words.iter().map(String::as_str).filter(|w| !listed(list, w)).collect()
}

/// «стоп стоп стоп» says it once.
fn once<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    for word in words {
        if out.last() != Some(word) {
            out.push(word);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn says_stop() {
        let table = [
            "стоп",
            "Стоп",
            "СТОП!!!",
            "стоп.",
            "«стоп»",
            "Стоп 🛑",
            "стооооп",
            "сстоп",
            "с т о п",
            "С-Т-О-П",
            "cтoп",
            "CTOП",
            "ст0п",
            "сто\u{200b}п",
            "стоп стоп стоп",
            "стоп-стоп",
            "Стоп, пожалуйста",
            "ну стоп уже",
            "стоп спам",
            "stop",
            "STOP",
            "Stop!",
            "stoр",
            "st0p",
            "please stop",
            "stop it",
            "STOP ALL",
            "/stop",
            "stop stop",
            "отписаться",
            "Отписаться.",
            "хочу отписаться",
            "Я хочу отписаться от рассылки!",
            "отпишите",
            "Отпишите меня",
            "отпишите меня пожалуйста",
            "отпишите меня от вашей рассылки",
            "отписка",
            "Как отписаться?",
            "как мне отписаться от вашей рассылки?",
            "не пишите",
            "Не пишите мне больше",
            "больше не пишите мне",
            "НЕ ПИШИТЕ МНЕ",
            "прошу больше мне не писать",
            "не присылайте мне больше рекламу",
            "не беспокойте меня",
            "не беспоко\u{438}\u{306}те",
            "хватит",
            "Хватит!",
            "хватит уже",
            "хватит мне писать",
            "прекратите",
            "перестаньте мне писать",
            "удалите меня",
            "удалите меня из рассылки",
            "Удалите меня из базы, пожалуйста",
            "уберите меня из списка",
            "удалите мой номер",
            "отключите рассылку",
            "отмените подписку",
            "не хочу получать рекламу",
            "отстаньте",
            "спам",
            "Это спам!",
            "без рекламы",
            "unsubscribe",
            "Unsubscribe me",
            "I want to unsubscribe",
            "opt out",
            "opt-out",
            "don't write to me",
            "Don’t text me",
            "do not contact me",
            "stop writing to me",
            "Stop sending me messages",
            "no more messages",
            "remove me from your list",
            "leave me alone",
            "otpiska",
        ];
        for message in table {
            assert!(is_stop(message), "{message}");
        }
    }

    #[test]
    fn is_talk() {
        let table = [
            "",
            " ",
            "🛑",
            "стоп-кран купил?",
            "когда стоп акции?",
            "Стоп?",
            "стоп, а где мой заказ",
            "stop by tomorrow",
            "where is the bus stop",
            "не стоп",
            "стопка книг",
            "автостоп",
            "нон-стоп",
            "хватит?",
            "мне хватит",
            "Двух хватит",
            "хватит ли денег?",
            "денег хватит",
            "отпишусь завтра",
            "отпишитесь, когда придёт",
            "я отписалась вам на почту",
            "не пишите на почту, пишите сюда",
            "напишите мне",
            "пишите мне",
            "пишите ещё",
            "не надо",
            "не нужно",
            "спасибо",
            "пожалуйста",
            "да",
            "нет",
            "отказ",
            "отмена",
            "отмените заказ",
            "отменить запись",
            "удалите",
            "удалите из заказа молоко",
            "удалите заказ",
            "уберите лук",
            "спам-фильтр вас съел",
            "подписаться",
            "как подписаться на рассылку?",
            "подпишите меня",
            "cancel my order",
            "I can't stop eating them!",
            "don't stop",
            "nonstop",
            "stopwatch",
            "please",
            "мне не пишите про скидки на обувь, только на сумки",
        ];
        for message in table {
            assert!(!is_stop(message), "{message}");
        }
    }

    proptest! {
        #[test]
        fn no_message_breaks_it(message in any::<String>()) {
            let _ = is_stop(&message);
        }

        #[test]
        fn stretching_and_case_change_nothing(which in 0_usize..3, at in 0_usize..4, times in 1_usize..9, upper in any::<bool>()) {
            let word = ["стоп", "stop", "спам"][which];
            let mut text = String::new();
            for (n, c) in word.chars().enumerate() {
                for _ in 0..if n == at { times } else { 1 } {
                    text.push(c);
                }
            }
            let text = if upper { text.to_uppercase() } else { text };
            prop_assert!(is_stop(&text));
        }

        #[test]
        fn a_stop_inside_a_long_talk_is_talk(head in "[а-я]{3,8} [а-я]{3,8} [а-я]{4,9}") {
            let talk = format!("{head} стоп {head}");
            prop_assert!(!is_stop(&talk));
        }
    }
}
