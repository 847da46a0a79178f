//! Refusals in whatever way they were typed.

use super::super::{Answer, reading::Reading, recognise};

fn heard(messages: &[&str]) {
    let lost: Vec<&&str> = messages.iter().filter(|message| recognise(message) == Answer::Talk).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

/// A message on the wrong keyboard was not read as one where a third of it was unknown words, or
/// where commas were typed with their own keys: `?` for a comma.
#[test]
fn another_keyboard_is_told_by_few_known_words() {
    heard(&[
        "rfnfkju yt yflj ghbcskfnm",
        "gjpfkeqcnf yt ghbcskfqnt htrkfve",
        "gjitkb ns c hfccskrjq",
        "fabib yt yflj",
        "yjvth elfkbnt? gj;fkeqcnf? z gthtt[fk",
        "GJ;FKEQCNF? [DFNBN HTRKFVS",
        "pe,s dcnfdyst? xbcnrf yt ye;yf? jngbibnt",
    ]);
}

/// The same in Latin letters: reasons in words that are not known hid the demand.
#[test]
fn latin_letters_are_read_beside_unknown_words() {
    heard(&["ipoteku vzyal v drugom banke, ne pishite", "sin brosil karate, ne pishite nam", "ya peredumala byt podpischitsey, otpishite"]);
}

/// «отпи шите» was read as «отпи» and «шейте».
#[test]
fn a_word_in_two_pieces_is_one() {
    heard(&["отпи шите", "Не пи шите больше", "не хочу полу чать рекламу", "не надо бол ьше рекламы", "пре кратите слать"]);
}

/// One word that is not known among others without spaces hid them all; a word of one letter did,
/// too.
#[test]
fn missing_spaces_hide_no_refusal() {
    heard(&[
        "Уберитеменяизрассылкиклиники",
        "Неприсылайтебольшерекламуаптеки",
        "досталис кредитами",
        "иотпишите меня",
        "большене пишите",
        "Сотрите мойконтакт",
    ]);
}

/// «рассылку отключил» begins as a known word does and was read as one.
#[test]
fn two_words_stay_two() {
    let words = |message: &str| Reading::of(message).tokens().count();
    assert_eq!(words("рассылку отключил"), 2);
    assert_eq!(words("рекламу отменил"), 2);
    assert_eq!(words("Днепропетровскому электрокардиографу"), 2);
}

/// Slips were looked for in the commonest words only; an ending is no slip.
#[test]
fn slips_in_rarer_words_are_seen() {
    heard(&["не предлгайте мне карту, у меня есть", "не рекламируйет нам ничего", "не навзывайте мне услуги"]);
    let stopped: Vec<&str> = ["Воду отключали?", "Накройте стол на двоих", "Хочу полписаться на новинки, как?"]
        .into_iter()
        .filter(|message| recognise(message) == Answer::Stop)
        .collect();
    assert!(stopped.is_empty(), "{stopped:?}");
}

/// What is written on a card, or complained about, is not what is sent: «не пишите на открытке имя»
/// was a refusal.
#[test]
fn where_something_is_written_is_not_what_is_sent() {
    let talk = ["номер дома не пишите в объявлении", "Не пишите на открытке имя", "Снимите колёса и больше ничего не трогайте"];
    let stopped: Vec<&str> = talk.into_iter().filter(|message| recognise(message) == Answer::Stop).collect();
    assert!(stopped.is_empty(), "{stopped:?}");
    assert_ne!(recognise("Ещё раз поцарапаете — напишу жалобу"), Answer::Stop);
    assert_ne!(recognise("Напишете ещё — встретимся в суде"), Answer::Talk);
}

/// «галочку поставил случайно» took back the refusal that followed it.
#[test]
fn a_tick_that_is_undone_takes_no_refusal_back() {
    heard(&["галочку поставил случайно, рекламу не хочу", "Please, стоп рассылка, я передумал учиться"]);
}
