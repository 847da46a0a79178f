//! Demands that name what they are about, whatever it is.

use super::super::{Answer, recognise};

/// The rules doubted, and the model took the doubt back: it knows little of things it never saw.
#[test]
fn a_demand_about_unknown_things_is_asked_about() {
    let demands = [
        "не надо про летнюю резину, я на метро",
        "Не пишите про бургеры. Мы на диете",
        "Не приглашайте меня на пробные",
        "Шефу пишите, а меня, бедного, не трогайте",
        "Больше никаких «счастливых вторников»",
        "задолбали каплями от насморка",
        "Смс прошу прекратить, заказ сделаю сам",
        "Последний раз: у-бе-ри-те",
        "код присылайте, акции нет",
        "отвалите уже с вашей рассрочкой",
        "как мне от вас отвязаться?",
        "не приглашайте снова, не приду",
        "Не нужны приглашения, сам найду",
    ];
    let lost: Vec<&str> = demands.into_iter().filter(|message| recognise(message) == Answer::Talk).collect();
    assert!(lost.is_empty(), "{lost:?}");
}
