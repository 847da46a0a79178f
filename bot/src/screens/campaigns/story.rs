//! The way of a campaign from its name to its report, by typing and pressing.

use crate::testing::talk::{Talk, WAIT};
use mms_core::{
    account::{Role, licence},
    both,
    campaign::{
        Audience, UncertainPolicy, approval,
        draft::{self, Change},
        plan, report, tick, view,
    },
    clock,
    contact::{
        self, Draft, NewAddress,
        segment::{self, Filter},
    },
    delivery::{self, counts::Moves},
    id::{CampaignId, ChannelId},
    on,
    template::{
        Class,
        versions::{self, Edit},
    },
    words::{Reason, Why},
};
use mms_sandbox::telegram::Telegram;

pub(super) const VERA: i64 = 77_401;
pub(super) const BORIS: i64 = 77_402;

async fn customer(talk: &Talk, channel: ChannelId, name: &str, phone: &str, chat: Option<&str>, tag: &str) {
    let mut addresses = vec![NewAddress::phone(phone.to_owned(), phone)];
    if let Some(chat) = chat {
        addresses.push(NewAddress { kind: "telegram".to_owned(), value: chat.to_owned(), scope: channel, ..addresses[0].clone() });
    }
    let draft = Draft {
        name: Some(name.to_owned()),
        first_name: Some(name.to_owned()),
        tags: vec![tag.to_owned()],
        addresses,
        source: "manual".to_owned(),
        ..Draft::default()
    };
    let mut tx = talk.store.begin().await.unwrap();
    contact::create(&mut tx, talk.account, &draft, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// An approved template, a channel, three customers (one without a chat), two segments, a manager
/// and an approver signed in.
pub(super) async fn prepared(talk: &Talk) -> ChannelId {
    let now = clock::now();
    let anna = talk.owner();
    talk.licensed(licence::PlanCode::BUSINESS).await;
    let channel = talk.channel("7000000002:AAE-customers").await;
    customer(talk, channel, "Ольга", "+79161234567", Some("88001"), "vip").await;
    customer(talk, channel, "Пётр", "+79167654321", Some("88002"), "vip").await;
    customer(talk, channel, "Семён", "+79160000001", None, "vip").await;
    for (name, filter) in [("Важные", "tag = vip"), ("Лишние", "tag = bad")] {
        segment::create(&talk.store, &anna, name, &Filter::parse(filter, &[]).unwrap(), now).await.unwrap();
    }
    talk.member("vera", Role::Manager).await;
    talk.member("boris", Role::Approver).await;
    let draft = versions::create(&talk.store, &anna, "Напоминание", Class::Service, now).await.unwrap();
    let body = "{{ first_name | default: \"друг\" }}, ждём вас завтра".to_owned();
    let version = versions::edit(&talk.store, &anna, draft.id, Edit::Body(body), now).await.unwrap();
    let capabilities = mms_core::channel::registry::capabilities(mms_core::channel::ChannelKind::Telegram);
    versions::submit(&talk.store, &anna, version.id, capabilities, now).await.unwrap();
    let hash = versions::version(&talk.store, talk.account, version.id).await.unwrap().unwrap().content_hash.unwrap();
    let boris = talk.actor("boris").await;
    versions::approve(&talk.store, &boris, version.id, &hash, now).await.unwrap();
    for (id, name, login) in [(VERA, "Vera", "vera"), (BORIS, "Boris", "boris")] {
        talk.comes_in(id, name, login).await;
    }
    channel
}

both!(async fn a_campaign_goes_from_its_name_to_its_report(store) {
    let mut talk = Talk::start(store).await;
    prepared(&talk).await;

    // A name, and what is missing.
    talk.goes(VERA, "Кампании", "Кампаний пока нет").await;
    talk.goes(VERA, "Новая кампания", "Напишите название").await;
    talk.says(VERA, &"я".repeat(101), "от 1 до 100").await;
    talk.restarts().await;
    // What is missing is asked for, one thing after another; the only channel is chosen by itself.
    talk.says(VERA, "Ноябрь", "Какой шаблон?").await;
    let draft = talk.goes(VERA, "Назад", "Осталось выбрать: шаблон, аудиторию").await;
    assert!(draft.button("На согласование").is_none() && draft.text.contains("shop_bot"), "{}", draft.text);
    talk.goes(VERA, "Шаблон", "Какой шаблон?").await;
    let whom = talk.goes(VERA, "Напоминание", "Пока никто не выбран").await;
    assert!(whom.button("Готово").is_none(), "nobody said yet whom it is for: {:?}", whom.buttons);

    // Whom for. Whoever takes the last tick off has not said «everybody».
    talk.goes(VERA, "▫️ Важные", "Сейчас выбрано: «Важные»").await;
    talk.goes(VERA, "✅ Важные", "Пока никто не выбран").await;
    talk.goes(VERA, "▫️ Важные", "Сейчас выбрано: «Важные»").await;
    talk.goes(VERA, "Кого исключить", "Кого исключить?").await;
    talk.goes(VERA, "▫️ Лишние", "«Важные», кроме «Лишние»").await;
    talk.goes(VERA, "🚫 Лишние", "Сейчас выбрано: «Важные»").await;
    talk.goes(VERA, "▫️ Лишние", "«Важные», кроме «Лишние»").await;
    talk.goes(VERA, "Назад", "Отметьте сегменты").await;
    talk.goes(VERA, "Готово", "Всё выбрано").await;
    talk.goes(VERA, "Аудитория", "Отметьте сегменты").await;
    talk.goes(VERA, "Исключено: 1", "Кого исключить?").await;
    talk.goes(VERA, "🚫 Лишние", "Сейчас выбрано: «Важные»").await;
    talk.goes(VERA, "Назад", "Отметьте сегменты").await;
    talk.goes(VERA, "Все контакты", "Аудитория: все контакты").await;

    // When; what to do with unknown outcomes.
    talk.goes(VERA, "Когда", "Когда отправлять?").await;
    talk.takes(VERA, "Через час").await;
    // A day of the month, whichever it is.
    let is_day = |text: &str| text.split("Сейчас выбрано: ").nth(1).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    talk.sandbox.expect_last(talk.bot, VERA, WAIT, |message| is_day(&message.text)).await.unwrap();
    talk.goes(VERA, "Закончить через сутки", "не позже").await;
    talk.goes(VERA, "Без ограничения", "Когда отправлять?").await;
    talk.goes(VERA, "Другое время", "Когда начать?").await;
    talk.says(VERA, "когда-нибудь", "Не понимаю, какое это время").await;
    // What lacks the hour is asked, and answered by a press.
    talk.says(VERA, "завтра", "Во сколько?").await;
    talk.goes(VERA, "10:00", "Когда отправлять?").await;
    talk.goes(VERA, "Другое время…", "Когда начать?").await;
    talk.says(VERA, "01.02.2020 10:00", "уже прошло").await;
    talk.says(VERA, "завтра в 10", "Всё выбрано").await;
    talk.goes(VERA, "Когда", "Когда отправлять?").await;
    talk.goes(VERA, "Другое время окончания", "Когда закончить?").await;
    talk.says(VERA, "завтра 9:00", "позже начала").await;
    talk.says(VERA, "завтра 21:00", "не позже").await;
    talk.goes(VERA, "Когда", "Когда отправлять?").await;
    talk.goes(VERA, "Сразу", "сразу после запуска").await;
    talk.goes(VERA, "Назад", "Всё выбрано").await;
    talk.takes(VERA, "Ещё…").await;
    talk.goes(VERA, "Если связь оборвётся", "Если связь оборвётся?").await;
    talk.goes(VERA, "Спросить меня", "спросить меня").await;

    // Forecast, sample, name.
    let forecast = talk.goes(VERA, "Прогноз", "Получат 2 из 3").await;
    assert!(forecast.text.contains("не запускали бота"), "{}", forecast.text);
    talk.goes(VERA, "Пересчитать", "Получат 2 из 3").await;
    talk.goes(VERA, "Пример сообщения", "ждём вас завтра").await;
    talk.goes(VERA, "следующий", "ждём вас завтра").await;
    talk.goes(VERA, "Назад", "Получат 2 из 3").await;
    talk.goes(VERA, "Назад", "Всё выбрано").await;
    talk.takes(VERA, "Ещё…").await;
    let question = talk.goes(VERA, "Название", "новое название").await;
    talk.says(VERA, "Декабрь", "Декабрь").await;
    // An answered question has no buttons left.
    let bare = |telegram: &Telegram| telegram.message(talk.bot, VERA, question.id).filter(|message| message.buttons.is_empty());
    talk.sandbox.until(WAIT, bare).await.expect("the question lost its buttons");
    talk.takes(VERA, "Ещё…").await;
    talk.goes(VERA, "Сделать копию", "Декабрь (копия)").await;
    talk.takes(VERA, "Ещё…").await;
    talk.goes(VERA, "Удалить", "Удалить черновик").await;
    talk.goes(VERA, "Да, удалить", "Кампании — 1").await;
    talk.goes(VERA, "Декабрь", "Всё выбрано").await;

    // Handed in, given back, handed in, approved by another.
    talk.goes(VERA, "На согласование", "Ждёт согласования").await;
    // The approver is told with the card itself.
    let card = talk.sees(BORIS, "Кампания «Декабрь» ждёт согласования").await;
    assert!(card.text.contains("Так это увидит получатель") && card.text.contains("Получат 2 из 3") && card.text.contains("Напоминание"), "{}", card.text);
    talk.goes(BORIS, "Вернуть", "что исправить").await;
    talk.says(BORIS, "Добавьте адрес", "Кампания возвращена автору").await;
    talk.sees(VERA, "Добавьте адрес").await;
    talk.goes(VERA, "Открыть", "Возвращена на доработку").await;
    talk.goes(VERA, "На согласование", "Ждёт согласования").await;
    talk.hears(BORIS, "Кампания «Декабрь» ждёт согласования", 2).await;
    assert_eq!(talk.told(BORIS, "✅ Согласовать").await, "Согласовано. Автор получил уведомление.");
    talk.sees(VERA, "Кампания «Декабрь» согласована").await;
    talk.goes(VERA, "Открыть", "Можно запускать").await;

    // A change voids the approval; the same again does not.
    talk.goes(VERA, "Изменить", "Любое изменение снимет согласование").await;
    talk.takes(VERA, "Ещё…").await;
    talk.goes(VERA, "Если связь оборвётся", "Если связь оборвётся?").await;
    talk.goes(VERA, "Спросить меня", "Любое изменение снимет согласование").await;
    talk.goes(VERA, "Назад", "Можно запускать").await;

    // Launch: nonsense and a wrong number keep the step.
    talk.goes(VERA, "Запустить", "напишите число получателей: 2").await;
    talk.says(VERA, "два", "Напишите число цифрами").await;
    talk.says(VERA, "3", "Вы написали 3, а получат 2").await;
    talk.says(VERA, "2", "Выбираем получателей").await;
    let rows = view::page(&talk.store, talk.account, 0, 10).await.unwrap();
    let campaign = rows[0].0.id;
    plan::plan(&talk.store, campaign, clock::now()).await.unwrap();
    // The card draws itself.
    let running = talk.sees(VERA, "Отправлено 0 из 2").await;
    assert!(running.text.contains("░") && running.text.contains("Ждут 2"), "{}", running.text);
    assert_eq!(talk.told(VERA, "Пауза").await, "На паузе: новые сообщения не отправляются.");
    talk.sees(VERA, "На паузе").await;
    assert_eq!(talk.told(VERA, "Продолжить").await, "Отправка продолжается.");
    talk.sees(VERA, "Идёт отправка").await;
    let stop = talk.goes(VERA, "Остановить", "насовсем?").await;
    assert!(stop.text.contains("Не будет отправлено: 2"), "{}", stop.text);
    assert_eq!(talk.told(VERA, "Да, остановить").await, "Остановлено. Не будет отправлено: 2.");
    let closed = report::close(&talk.store, campaign, |_, _| "note".to_owned(), clock::now()).await.unwrap();
    assert!(matches!(closed, report::Closed::Now { balanced: true, .. }), "{closed:?}");
    talk.sees(VERA, "Кампания «Декабрь» завершена").await;

    // The report, its files, its people.
    let report = talk.goes(VERA, "Открыть", "Остановлена").await;
    assert!(report.text.contains("кампанию остановили — 2"), "{}", report.text);
    assert_eq!(talk.told(VERA, "График").await, "График ниже.");
    let within = std::time::Duration::from_secs(30);
    talk.sandbox.expect_last(talk.bot, VERA, within, |message| message.button("К кампании").is_some()).await.unwrap();
    talk.goes(VERA, "К кампании", "Остановлена").await;
    assert_eq!(talk.told(VERA, "Таблица").await, "Таблица ниже.");
    let vera = talk.actor("vera").await.member.to_string();
    assert_eq!(talk.on_record("export.recipients").await, [(vera, campaign.to_string())]);
    talk.goes(VERA, "К кампании", "Остановлена").await;
    talk.goes(VERA, "Кто получил", "Напишите телефон или имя").await;
    talk.says(VERA, "Никто", "никого не нашлось").await;
    talk.says(VERA, "8 916 123-45-67", "Ольга — отменено: кампанию остановили").await;
    talk.says(VERA, "семён", "Семён — пропущено: не запускали бота").await;
    talk.goes(VERA, "Найти другого", "Напишите телефон или имя").await;
    talk.goes(VERA, "Назад", "Остановлена").await;
    talk.goes(VERA, "Сделать копию", "Декабрь (копия)").await;
    talk.ends().await;
});

/// A campaign of Vera's, approved by Boris, of which both were told.
pub(super) async fn approved(talk: &Talk, channel: ChannelId, name: &str, policy: UncertainPolicy) -> CampaignId {
    let (now, vera, boris) = (clock::now(), talk.actor("vera").await, talk.actor("boris").await);
    let template = versions::list(&talk.store, talk.account, false, 1, 0).await.unwrap()[0].approved_id.unwrap();
    let campaign = draft::create(&talk.store, &vera, name, now).await.unwrap();
    for change in
        [Change::Template(1, template), Change::Audience(Audience::everybody()), Change::Channel(1, channel), Change::Policy(policy)]
    {
        draft::edit(&talk.store, &vera, campaign, change, now).await.unwrap();
    }
    approval::submit(&talk.store, &vera, campaign, now).await.unwrap();
    approval::approve(&talk.store, &boris, campaign, now).await.unwrap();
    talk.hears(BORIS, &format!("Кампания «{name}» ждёт согласования"), 1).await;
    talk.hears(VERA, &format!("Кампания «{name}» согласована"), 1).await;
    campaign
}

/// What became of a queued message, as a worker records it.
async fn outcome(talk: &Talk, campaign: CampaignId, to: delivery::State, reason: Option<Reason>) {
    moved(talk, campaign, delivery::State::Queued, to, reason).await;
}

/// A message goes from one state to another, as a worker records it.
pub(super) async fn moved(talk: &Talk, campaign: CampaignId, from: delivery::State, to: delivery::State, reason: Option<Reason>) {
    let mut tx = talk.store.begin().await.unwrap();
    let rows = on!(tx.conn(), |c| sqlx::query(
        "update delivery set state = $2, reason = $3, sent_at = $4, updated_at = $4 where id in (select id from delivery where campaign_id = $1 and state = $5 order by id limit 1)"
    )
    .bind(campaign)
    .bind(to)
    .bind(reason.map(Reason::as_str))
    .bind(clock::now())
    .bind(from)
    .execute(c)
    .await
    .map(|done| done.rows_affected()))
    .unwrap();
    assert_eq!(rows, 1);
    let mut moves = Moves::default();
    moves.step(mms_core::delivery::Part::first(campaign), true, (from, None), (to, reason.map(Why::from).as_ref()));
    moves.write(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

both!(async fn a_scheduled_start_is_taken_back_and_a_change_voids_the_approval(store) {
    let talk = Talk::start(store).await;
    let channel = prepared(&talk).await;
    approved(&talk, channel, "Ноябрь", UncertainPolicy::Leave).await;
    talk.goes(VERA, "Открыть", "Можно запускать").await;
    talk.goes(VERA, "Изменить", "Любое изменение снимет согласование").await;
    talk.goes(VERA, "Когда", "Когда отправлять?").await;
    assert!(talk.told(VERA, "Через час").await.starts_with("Изменено. Согласование снято"));
    talk.goes(VERA, "Назад", "Всё выбрано").await;
    talk.goes(VERA, "На согласование", "Ждёт согласования").await;
    talk.hears(BORIS, "Кампания «Ноябрь» ждёт согласования", 2).await;
    assert_eq!(talk.told(BORIS, "✅ Согласовать").await, "Согласовано. Автор получил уведомление.");
    talk.hears(VERA, "Кампания «Ноябрь» согласована", 2).await;
    talk.goes(VERA, "Открыть", "Можно запускать").await;

    // Scheduled, taken back, scheduled, stopped before it began.
    talk.goes(VERA, "Запустить", "напишите число получателей: 2").await;
    talk.says(VERA, "2", "Запланирована").await;
    talk.goes(VERA, "Прогноз", "Получат 2 из 3").await;
    talk.goes(VERA, "Назад", "Запланирована").await;
    assert_eq!(talk.told(VERA, "Отозвать запуск").await, "Запуск отозван. Согласование осталось.");
    talk.goes(VERA, "Запустить", "напишите число получателей: 2").await;
    talk.says(VERA, "2", "Запланирована").await;
    talk.goes(VERA, "Остановить", "Ничего не отправлено и отправлено не будет").await;
    talk.goes(VERA, "Назад", "Запланирована").await;
    talk.goes(VERA, "Остановить", "Ничего не отправлено и отправлено не будет").await;
    assert_eq!(talk.told(VERA, "Да, остановить").await, "Остановлено.");
    talk.ends().await;
});

both!(async fn unknown_outcomes_are_decided_from_the_card(store) {
    let talk = Talk::start(store).await;
    let channel = prepared(&talk).await;
    customer(&talk, channel, "Ольга Вторая", "+79160000002", None, "bad").await;
    let campaign = approved(&talk, channel, "Ноябрь", UncertainPolicy::Ask).await;
    talk.goes(VERA, "Открыть", "Можно запускать").await;
    talk.goes(VERA, "Запустить", "напишите число получателей: 2").await;
    talk.says(VERA, "2", "Выбираем получателей").await;
    plan::plan(&talk.store, campaign, clock::now()).await.unwrap();
    outcome(&talk, campaign, delivery::State::Sent, None).await;
    outcome(&talk, campaign, delivery::State::Uncertain, Some(Reason::NoAnswer)).await;
    tick::tick(&talk.store, clock::now()).await.unwrap();
    talk.hears(VERA, "На паузе: нужно решить, что делать с неподтверждёнными", 1).await;
    talk.goes(VERA, "Открыть", "1 сообщение без подтверждения").await;
    assert_eq!(talk.told(VERA, "Отправить ещё раз").await, "Отправим ещё раз: 1.");
    outcome(&talk, campaign, delivery::State::Uncertain, Some(Reason::NoAnswer)).await;
    tick::tick(&talk.store, clock::now()).await.unwrap();
    talk.hears(VERA, "На паузе: нужно решить, что делать с неподтверждёнными", 2).await;
    talk.goes(VERA, "Открыть", "1 сообщение без подтверждения").await;
    assert_eq!(talk.told(VERA, "Не повторять").await, "Не повторяем: 1.");

    // Of several namesakes one is chosen.
    talk.goes(VERA, "Кто получил", "Напишите телефон или имя").await;
    talk.says(VERA, "ольга", "Нашлось несколько").await;
    talk.goes(VERA, "Ольга Вторая", "не запускали бота").await;
    talk.ends().await;
});
