//! How few taps it takes, the way back, and presses that come twice: from
//! outside, updates in and screens out.

use mms_core::{
    both,
    campaign::{UncertainPolicy, plan, view},
    clock,
    delivery::State as Delivery,
};

use super::story::{BORIS, VERA, approved, moved, prepared};
use crate::testing::talk::Talk;

/// Presses, counted.
struct Taps<'a> {
    talk: &'a Talk,
    who: i64,
    count: usize,
}

impl Taps<'_> {
    async fn goes(&mut self, button: &str, words: &str) {
        self.count += 1;
        self.talk.goes(self.who, button, words).await;
    }
}

// It took fifteen taps and two by the approver.
both!(async fn a_segment_is_launched_within_eight_taps_and_one(store) {
    let talk = Talk::start(store).await;
    prepared(&talk).await;
    talk.opens(VERA, "Сегменты", "Сегменты — 2").await;
    talk.goes(VERA, "Важные", "Подходит: 3").await;

    let (mut vera, mut boris) = (Taps { talk: &talk, who: VERA, count: 0 }, Taps { talk: &talk, who: BORIS, count: 0 });
    vera.goes("📣 Кампания", "Какой шаблон?").await;
    vera.goes("Напоминание", "Всё выбрано").await;
    vera.goes("Прогноз", "Получат 2 из 3").await;
    vera.goes("На согласование", "Ждёт согласования").await;
    let card = talk.sees(BORIS, "Получат 2 из 3").await;
    assert!(card.text.contains("ждёт согласования") && card.text.contains("ждём вас завтра"), "{}", card.text);
    boris.goes("✅ Согласовать", "Согласована").await;
    talk.sees(VERA, "согласована").await;
    vera.goes("🚀 Запустить", "напишите число получателей: 2").await;
    talk.says(VERA, "2", "Выбираем получателей").await;
    assert!(vera.count <= 8 && boris.count <= 1, "{} + {}", vera.count, boris.count);

    // From a template, with the segment to be ticked; the other choices keep their places.
    talk.opens(VERA, "Шаблоны", "Шаблоны").await;
    talk.goes(VERA, "Напоминание", "согласован").await;
    let mut vera = Taps { talk: &talk, who: VERA, count: 0 };
    vera.goes("📣 Кампания", "Отметьте сегменты").await;
    vera.goes("▫️ Важные", "Сейчас выбрано: «Важные»").await;
    vera.goes("Готово", "Всё выбрано").await;
    vera.goes("На согласование", "Ждёт согласования").await;
    assert!(vera.count <= 7, "one is left for the launch: {}", vera.count);
    talk.ends().await;
});

both!(async fn back_goes_where_one_came_from(store) {
    let mut talk = Talk::start(store).await;
    prepared(&talk).await;
    // The same list from two places, and a card from two lists.
    talk.opens(VERA, "Сегменты", "Сегменты — 2").await;
    talk.goes(VERA, "Важные", "Подходит: 3").await;
    talk.goes(VERA, "Назад", "Сегменты — 2").await;
    talk.goes(VERA, "Назад", "Ещё").await;
    talk.offers(VERA, "Импорт").await;
    talk.opens(VERA, "Контакты", "Контакты — 3").await;
    talk.goes(VERA, "Сегменты", "Сегменты — 2").await;
    talk.goes(VERA, "Важные", "Подходит: 3").await;
    // A campaign begun from the segment leads back to it.
    talk.goes(VERA, "📣 Кампания", "Какой шаблон?").await;
    talk.goes(VERA, "Напоминание", "Всё выбрано").await;
    talk.goes(VERA, "Назад", "Подходит: 3").await;
    talk.goes(VERA, "Назад", "Сегменты — 2").await;
    talk.goes(VERA, "Назад", "Контакты — 3").await;
    // What waits for approval is a list of its own.
    talk.opens(VERA, "Кампании", "Кампании — 1").await;
    talk.goes(VERA, "Важные", "Всё выбрано").await;
    talk.goes(VERA, "На согласование", "Ждёт согласования").await;
    talk.hears(BORIS, "Кампания «Важные", 1).await;
    talk.opens(BORIS, "Ждут согласования · 1", "Ждут вашего согласования").await;
    talk.goes(BORIS, "Кампания «Важные", "Так это увидит получатель").await;
    talk.goes(BORIS, "Назад", "Ждут вашего согласования").await;
    // The way is memory: after a restart one goes to the parent.
    talk.goes(BORIS, "Кампания «Важные", "Так это увидит получатель").await;
    talk.restarts().await;
    talk.goes(BORIS, "Назад", "Кампании — 1").await;
    talk.ends().await;
});

/// Presses a button of the newest message twice before the first press is answered; what was said
/// to each.
async fn twice(talk: &Talk, who: i64, button: &str) -> [String; 2] {
    talk.offers(who, button).await;
    let message = talk.sandbox.last(talk.bot, who).unwrap();
    let (row, column, _) = message.button(button).unwrap();
    let mut said = [(); 2].map(|()| match talk.sandbox.press(talk.bot, who, message.id, row, column).unwrap() {
        mms_sandbox::telegram::Pressed::Callback(press) => press,
        other => panic!("`{button}` is no button of the bot: {other:?}"),
    });
    for press in &mut said {
        *press = talk.toast(press).await;
    }
    said
}

// The second press of «Пауза» was an alarm, and «Сделать копию» made two.
both!(async fn a_button_pressed_twice_acts_once(store) {
    let mut talk = Talk::start(store).await;
    let channel = prepared(&talk).await;
    let campaign = approved(&talk, channel, "Ноябрь", UncertainPolicy::Leave).await;
    talk.goes(VERA, "Запустить", "напишите число получателей: 2").await;
    talk.says(VERA, "2", "Выбираем получателей").await;
    plan::plan(&talk.store, campaign, clock::now()).await.unwrap();
    moved(&talk, campaign, Delivery::Queued, Delivery::Sending, None).await;
    let running = talk.sees(VERA, "Отправлено 0 из 2").await;
    assert_eq!(twice(&talk, VERA, "Пауза").await, ["На паузе: новые сообщения не отправляются.", ""]);
    // The card refreshes when what was in flight has landed.
    talk.sees(VERA, "Ещё 1 уже в пути и дойдёт").await;
    moved(&talk, campaign, Delivery::Sending, Delivery::Sent, None).await;
    talk.sees(VERA, "Ничего не отправляется").await;
    talk.sees(VERA, "Отправлено 1 из 2").await;
    // A press of an old card, with nothing remembered: no alarm either.
    talk.restarts().await;
    let wire = crate::screens::Callback::from(crate::screens::campaigns::Call::Pause { campaign }).encode();
    let press = talk.sandbox.press_data(talk.bot, VERA, running.id, &wire).unwrap();
    assert_eq!(talk.toast(&press).await, "Уже на паузе.");

    let stop = talk.goes(VERA, "Остановить", "насовсем?").await;
    assert!(stop.button("Да, остановить").is_some());
    assert_eq!(twice(&talk, VERA, "Да, остановить").await, ["Остановлено. Не будет отправлено: 1.", ""]);
    talk.sees(VERA, "Останавливается").await;
    let count = async || view::states(&talk.store, talk.account).await.unwrap().iter().map(|(_, n)| n).sum::<i64>();
    assert_eq!(count().await, 1);
    let [first, _] = twice(&talk, VERA, "Сделать копию").await;
    assert_eq!(first, "Копия готова. Выберите время.");
    talk.sees(VERA, "Ноябрь (копия)").await;
    assert_eq!(count().await, 2);
    // A segment's button, pressed twice, begins one campaign.
    talk.opens(VERA, "Сегменты", "Сегменты — 2").await;
    talk.goes(VERA, "Важные", "Подходит: 3").await;
    twice(&talk, VERA, "📣 Кампания").await;
    talk.sees(VERA, "Какой шаблон?").await;
    assert_eq!(count().await, 3);
    talk.ends().await;
});

both!(async fn a_further_step_takes_three_taps_and_its_parts_are_changed_one_by_one(store) {
    let talk = Talk::start(store).await;
    prepared(&talk).await;
    talk.channel_of("7000000003:AAE-second", "second_bot").await;
    talk.opens(VERA, "Сегменты", "Сегменты — 2").await;
    talk.goes(VERA, "Важные", "Подходит: 3").await;
    talk.goes(VERA, "📣 Кампания", "Какой шаблон?").await;
    talk.goes(VERA, "Напоминание", "Через какой канал").await;
    talk.goes(VERA, "shop_bot", "Всё выбрано").await;
    let mut vera = Taps { talk: &talk, who: VERA, count: 0 };
    vera.goes("Если не дошло", "Через какой канал написать").await;
    vera.goes("second_bot", "Когда отправить шаг 2?").await;
    // Telegram tells nothing of what arrived: what cannot be waited for is not offered.
    vera.goes("Только если не ушло", "↳ дальше, только если не ушло").await;
    assert!(vera.count <= 3);

    // The step has a card of its own; where the channel tells what was read, the rule is typed too.
    talk.goes(VERA, "1. ", "Всего шагов: 2").await;
    let told = talk.goes(VERA, "Когда следующий шаг", "не сообщает ни о доставке").await;
    assert!(told.button("Не прочитано за…").is_none(), "{}", told.text);
    talk.goes(VERA, "Назад", "Всего шагов: 2").await;
    talk.first_channel_is("viber").await;
    talk.goes(VERA, "Когда следующий шаг", "Время считается").await;
    talk.goes(VERA, "Не доставлено за…", "например: 45 минут").await;
    for (before, nonsense) in ["скоро", "3 минуты", "8 дней"].into_iter().enumerate() {
        talk.says(VERA, nonsense, "Не получилось понять время").await;
        talk.hears(VERA, "Не получилось понять время", before + 1).await;
    }
    talk.says(VERA, "45 минут", "если не доставлено за 45").await;
    // What is shown is what holds, whatever was asked for.
    talk.first_channel_is("telegram").await;
    talk.goes(VERA, "Назад", "о доставке этот канал не сообщает").await;
    let forecast = talk.goes(VERA, "Прогноз", "Сообщений: от").await;
    assert!(forecast.text.contains("1. ") && forecast.text.contains("2. "), "{}", forecast.text);
    talk.goes(VERA, "На согласование", "Ждёт согласования").await;
    let card = talk.sees(BORIS, "Шаг 1 увидят так").await;
    assert!(card.text.contains("Шаг 2 увидят так"), "{}", card.text);

    // A step that is taken away voids what was handed in.
    talk.goes(VERA, "Изменить", "снимет согласование").await;
    talk.goes(VERA, "2. ", "Всего шагов: 2").await;
    talk.goes(VERA, "Убрать шаг", "убрать этот шаг?").await;
    let one = talk.goes(VERA, "Да, убрать", "Всё выбрано").await;
    assert!(!one.text.contains("↳") && one.button("Если не дошло").is_some(), "{}", one.text);
    talk.ends().await;
});
