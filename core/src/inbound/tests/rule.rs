//! The conversation as a rule without a database, in both languages.

use super::*;

fn at(second: i64) -> Moment {
    chrono::DateTime::from_timestamp(second, 0).unwrap()
}

fn shown(effects: &[Effect]) -> String {
    let message = |m: &OutgoingMessage| {
        let buttons: Vec<String> = m.buttons.iter().flatten().map(|b| format!("[{}]", b.text)).collect();
        let keyboard = if m.remove_keyboard { " (keyboard away)" } else { "" };
        format!("{}{}{keyboard}", m.body.text, buttons.iter().map(|b| format!(" {b}")).collect::<String>())
    };
    let line = |effect: &Effect| match effect {
        Effect::OptOut { by, confirm, again } => {
            let again = again.as_ref().map_or(String::new(), |again| format!(" | again: {}", message(again)));
            format!("opt out by {}: {}{again}", by.as_str(), message(confirm))
        }
        Effect::Block => "block this address".to_owned(),
        Effect::Doubt(text) => format!("doubt: {text}"),
        Effect::Settle => "doubt settled".to_owned(),
        Effect::Visit(said, label) => format!("visit {}: comes {}, «{label}»", said.visit, said.comes),
        Effect::Consent { purpose, action } => format!("ledger: {} {action:?}", purpose.as_str()),
        Effect::ComeBack => "come back".to_owned(),
        Effect::Say(m) => format!("say: {}", message(m)),
        Effect::Ask(purpose) => format!("ask: {}", purpose.as_str()),
        Effect::Greet(greeting, purpose) => format!("greet: {greeting} — and ask: {}", purpose.as_str()),
        Effect::Keep(text) => format!("keep: {text}"),
        Effect::Reachable => "reachable: true".to_owned(),
        Effect::Word(word) => format!("word: {word}"),
        Effect::Toast(words) => format!("toast: {words}"),
    };
    effects.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_conversation_in_both_languages() {
    let mut out = String::new();
    for language in [Language::Ru, Language::En] {
        let new = Person {
            met: false,
            company: "Ромашка".to_owned(),
            language,
            out_since: None,
            data: Standing::Unknown,
            ads: Standing::Unknown,
            has_phone: false,
            one_keyboard: false,
            doubt: None,
            asked_last: false,
            kept: Kept::default(),
        };
        let kept = Kept {
            name: true, phone: true, email: false, fields: vec!["День рождения".to_owned(), "Город".to_owned()], tags: true
        };
        let from_crm = Person { ads: Standing::Granted(Grade::C), has_phone: true, ..new.clone() };
        let data = Person { data: Standing::Granted(Grade::A), has_phone: true, ..new.clone() };
        let agreed = Person { ads: Standing::Granted(Grade::A), ..data.clone() };
        let gone = Person { out_since: Some(at(100)), ads: Standing::Refused, ..agreed.clone() };
        let known = Person { kept, ..agreed.clone() };
        let doubtful = Person { doubt: Some(DoubtId(42)), asked_last: true, ..agreed.clone() };
        let one_keyboard = Person { one_keyboard: true, ..new.clone() };
        let its_data = Person { has_phone: false, one_keyboard: true, ..data.clone() };
        let its_ads = Person { ads: Standing::Granted(Grade::A), data: Standing::Refused, ..one_keyboard.clone() };
        let first = Person { met: true, has_phone: true, ..new.clone() };
        let first_agreed = Person { met: true, ..agreed.clone() };
        let first_out = Person { met: true, ..gone.clone() };
        let spoken_to = Person { asked_last: false, ..doubtful.clone() };
        let renewed = Person { ads: Standing::Refused, ..doubtful.clone() };
        let decided = |stop| Did::Decided(Decision { doubt: DoubtId(42), stop });
        let no_data = Person { data: Standing::Refused, ..agreed.clone() };
        let no_ads = Person { ads: Standing::Refused, ..data.clone() };
        let answer =
            |purpose, yes, asked: i64| Did::Answered(Answer { purpose, yes, language, version: 1, asked_at: at(asked), keyword: None });
        let table: Vec<(&str, &Person, Did)> = vec![
            ("a new person starts", &new, Did::Start),
            ("a person of the CRM starts", &from_crm, Did::Start),
            ("one who agreed to data starts", &data, Did::Start),
            ("one who agreed to all starts", &agreed, Did::Start),
            ("one who said stop starts", &gone, Did::Start),
            ("shares the phone", &new, Did::Phone),
            ("yes to data", &new, answer(Purpose::PersonalData, true, 50)),
            ("no to data", &new, answer(Purpose::PersonalData, false, 50)),
            ("yes to data, agreed to advertising before", &no_data, answer(Purpose::PersonalData, true, 50)),
            ("yes to data again", &data, answer(Purpose::PersonalData, true, 50)),
            ("yes to advertising", &data, answer(Purpose::Marketing, true, 50)),
            ("yes to advertising again", &agreed, answer(Purpose::Marketing, true, 50)),
            ("no to advertising after yes", &agreed, answer(Purpose::Marketing, false, 50)),
            ("no to advertising again", &no_ads, answer(Purpose::Marketing, false, 50)),
            ("an old yes after stop", &gone, answer(Purpose::Marketing, true, 99)),
            ("a new yes after stop", &gone, answer(Purpose::Marketing, true, 101)),
            ("writes stop", &agreed, Did::Stop(OptOutBy::Text)),
            ("presses stop", &agreed, Did::Stop(OptOutBy::Button)),
            ("commands stop", &agreed, Did::Stop(OptOutBy::Command)),
            ("commands stop again", &gone, Did::Stop(OptOutBy::Command)),
            ("presses stop again", &gone, Did::Stop(OptOutBy::Button)),
            ("writes something doubtful", &agreed, Did::Doubtful("сколько можно".to_owned())),
            ("one who is out writes something doubtful", &gone, Did::Doubtful("сколько можно".to_owned())),
            ("answers: unsubscribe me", &doubtful, decided(true)),
            ("answers: do not", &doubtful, decided(false)),
            ("types yes to the question", &doubtful, Did::Said("Да!".to_owned())),
            ("types no to the question", &doubtful, Did::Said("Нет, спасибо".to_owned())),
            ("types yes to a member's words", &spoken_to, Did::Said("Да!".to_owned())),
            ("answers late: unsubscribe me", &agreed, decided(true)),
            ("answers late: do not", &agreed, decided(false)),
            ("a new yes to advertising ends the doubt", &renewed, answer(Purpose::Marketing, true, 50)),
            ("blocks", &agreed, Did::Blocked),
            ("unblocks", &gone, Did::Unblocked),
            ("help", &new, Did::Help),
            ("privacy", &known, Did::Privacy),
            ("privacy after stop", &gone, Did::Privacy),
            ("writes", &gone, Did::Said("Где мой заказ?".to_owned())),
            ("writes first", &first, Did::Said("Где мой заказ?".to_owned())),
            ("writes first, agreed to all", &first_agreed, Did::Said("Где мой заказ?".to_owned())),
            ("writes first, said stop before", &first_out, Did::Said("Где мой заказ?".to_owned())),
            ("one keyboard: a new person starts", &one_keyboard, Did::Start),
            ("one keyboard: one who agreed to data starts", &its_data, Did::Start),
            ("one keyboard: yes to data", &one_keyboard, answer(Purpose::PersonalData, true, 50)),
            ("one keyboard: yes to data, agreed to advertising before", &its_ads, answer(Purpose::PersonalData, true, 50)),
            ("one keyboard: yes to advertising", &its_data, answer(Purpose::Marketing, true, 50)),
            ("one keyboard: no to advertising", &its_data, answer(Purpose::Marketing, false, 50)),
            ("one keyboard: no to advertising, refused data", &one_keyboard, answer(Purpose::Marketing, false, 50)),
            ("told the messenger to stop", &agreed, Did::Stop(OptOutBy::Messenger)),
            ("an unknown button", &agreed, Did::OldButton),
        ];
        for (name, person, did) in table {
            out.push_str(&format!("## {} — {name}\n{}\n\n", language.as_str(), shown(&conversation::step(person, &did))));
        }
    }
    insta::assert_snapshot!("conversation", out);
}

#[test]
fn events_are_read() {
    let text = |body: &str| EventKind::Text { body: body.to_owned(), reply_to: None };
    let press = |data: &str| EventKind::Press { data: data.to_owned(), query_id: "q".to_owned(), label: String::new() };
    let media = |caption: &str| EventKind::Media { what: "photo".to_owned(), caption: caption.to_owned(), file: None, reply_to: None };
    let edited = |now| EventKind::Edited(Box::new(now));
    let labelled = |data: &str, label: &str| EventKind::Press { data: data.to_owned(), query_id: "q".to_owned(), label: label.to_owned() };
    let table = [
        // A button of a program that wrote in our name before us.
        (labelled("unsub_17", "🚫 Отписаться"), Did::Stop(OptOutBy::Text)),
        (labelled("c:unsubscribe", "Отписаться"), Did::Stop(OptOutBy::Text)),
        (labelled("stop", "Каталог"), Did::Stop(OptOutBy::Button)),
        (labelled("menu", "Каталог"), Did::Said("Каталог".to_owned())),
        (labelled("menu", " "), Did::OldButton),
        (EventKind::Started(Some("x".to_owned())), Did::Start),
        (EventKind::Stopped, Did::Stop(OptOutBy::Messenger)),
        (EventKind::Moved { to: "x".to_owned(), old_phone: None }, Did::Moved),
        (text("/stop"), Did::Stop(OptOutBy::Command)),
        (text("/stop@shop_bot"), Did::Stop(OptOutBy::Command)),
        (text("СТОП!"), Did::Stop(OptOutBy::Text)),
        (text("/help"), Did::Help),
        (text("/privacy"), Did::Privacy),
        (text("/menu"), Did::Said("/menu".to_owned())),
        (text("стоп-кран купил?"), Did::Said("стоп-кран купил?".to_owned())),
        (media(""), Did::Said("[photo]".to_owned())),
        (media("вот"), Did::Said("[photo] вот".to_owned())),
        (media("отпишите меня"), Did::Stop(OptOutBy::Text)),
        (EventKind::Phone { number: "79990000001".to_owned(), own: true }, Did::Phone),
        (EventKind::Phone { number: "79990000001".to_owned(), own: false }, Did::Said("[contact] 79990000001".to_owned())),
        (press(OPT_OUT_CALLBACK), Did::Stop(OptOutBy::Button)),
        (press("nonsense"), Did::OldButton),
        (press("d:y:42"), Did::Decided(Decision { doubt: DoubtId(42), stop: true })),
        (press("d:n:42"), Did::Decided(Decision { doubt: DoubtId(42), stop: false })),
        (press("d:x:42"), Did::OldButton),
        (press("d:y:"), Did::OldButton),
        (edited(text("Стоп")), Did::Stop(OptOutBy::Text)),
        (edited(text("/stop")), Did::Stop(OptOutBy::Command)),
        (edited(text("В пять")), Did::Said("В пять".to_owned())),
        (edited(media("отпишите меня")), Did::Stop(OptOutBy::Text)),
        (edited(EventKind::Started(None)), Did::Nothing),
        (EventKind::Blocked, Did::Blocked),
        (EventKind::Unblocked, Did::Unblocked),
        (EventKind::Ignored, Did::Nothing),
    ];
    for (event, expected) in table {
        assert_eq!(conversation::read(&event), expected, "{event:?}");
    }
}

#[test]
fn the_wire_format_of_answers_is_pinned() {
    let answer =
        Answer { purpose: Purpose::Marketing, yes: true, language: Language::Ru, version: 3, asked_at: at(1_780_000_000), keyword: None };
    assert_eq!(answer.encode(), "c:m:y:ru3:19e70448800");
    assert!(Answer { version: i32::MAX, ..answer }.encode().len() <= 64);
    assert_eq!(Answer::decode(&answer.encode()), Some(answer));
    let by_word = Answer { version: i32::MAX, keyword: Some(crate::id::KeywordId::new()), ..answer };
    assert!(by_word.encode().len() <= 64);
    assert_eq!(Answer::decode(&by_word.encode()), Some(by_word));
    for bad in [
        "",
        "c:",
        "c:m:y",
        "c:x:y:ru3:1",
        "c:m:q:ru3:1",
        "c:m:y:de3:1",
        "c:m:y:ru0:1",
        "c:m:y:ru-1:1",
        "c:m:y:ru3:zz",
        "c:m:y:ru3:1:2",
        "stop",
    ] {
        assert_eq!(Answer::decode(bad), None, "{bad}");
    }
}
