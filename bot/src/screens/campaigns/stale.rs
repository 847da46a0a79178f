//! Presses of cards that a colleague's change made old: what is there is shown, and nothing is
//! changed.

use chrono::TimeDelta;
use mms_core::{
    both,
    campaign::{
        self, Audience, NextOn, State, UncertainPolicy, approval,
        draft::{self, Change},
    },
    clock,
    contact::segment,
    id::CampaignId,
    template::versions,
};

use super::{
    Call,
    story::{BORIS, VERA, approved, prepared},
};
use crate::{screens::Callback, testing::talk::Talk};

const CHANGED: &str = "только что изменили";

async fn changes(talk: &Talk, campaign: CampaignId, change: Change) {
    draft::edit(&talk.store, &talk.owner(), campaign, change, clock::now()).await.unwrap();
}

async fn steps(talk: &Talk, campaign: CampaignId) -> usize {
    campaign::get(&talk.store, talk.account, campaign).await.unwrap().steps.len()
}

// A step is named by its number: of an old card another one went.
both!(async fn a_step_of_an_old_card_is_not_another_one(store) {
    let talk = Talk::start(store).await;
    let channel = prepared(&talk).await;
    let second = talk.channel_of("7000000003:AAE-second", "second_bot").await;
    let (vera, now) = (talk.actor("vera").await, clock::now());
    let version = versions::list(&talk.store, talk.account, false, 1, 0).await.unwrap()[0].approved_id;
    let campaign = draft::create(&talk.store, &vera, "Ноябрь", now).await.unwrap();
    changes(&talk, campaign, Change::Template(1, version.unwrap())).await;
    changes(&talk, campaign, Change::Audience(Audience::everybody())).await;
    changes(&talk, campaign, Change::Channel(1, channel)).await;
    for through in [second, channel] {
        let change = Change::AddStep { next_on: NextOn::Undelivered, wait: TimeDelta::hours(2), channel: Some(through), version };
        changes(&talk, campaign, change).await;
    }
    talk.opens(VERA, "Кампании", "Кампании — 1").await;
    talk.goes(VERA, "Ноябрь", "Всё выбрано").await;
    talk.goes(VERA, "2. second_bot", "Всего шагов: 3").await;
    changes(&talk, campaign, Change::RemoveStep(1)).await;
    assert!(talk.told(VERA, "Канал").await.contains(CHANGED));
    // The fresh card has fresh buttons; the question before the removal is of what it showed too.
    talk.goes(VERA, "2. shop_bot", "Всего шагов: 2").await;
    talk.goes(VERA, "Убрать шаг", "убрать этот шаг?").await;
    changes(&talk, campaign, Change::Channel(2, second)).await;
    assert!(talk.told(VERA, "Да, убрать").await.contains(CHANGED));
    assert_eq!(steps(&talk, campaign).await, 2);
    talk.goes(VERA, "2. second_bot", "Всего шагов: 2").await;
    talk.goes(VERA, "Убрать шаг", "убрать этот шаг?").await;
    talk.goes(VERA, "Да, убрать", "Всё выбрано").await;
    assert_eq!(steps(&talk, campaign).await, 1);
    talk.ends().await;
});

// A tick that a colleague had set was taken off by the press that was to set it.
both!(async fn a_tick_does_what_was_pressed(store) {
    let talk = Talk::start(store).await;
    prepared(&talk).await;
    let campaign = draft::create(&talk.store, &talk.actor("vera").await, "Ноябрь", clock::now()).await.unwrap();
    let vip = segment::list(&talk.store, talk.account).await.unwrap().into_iter().find(|one| one.name == "Важные").unwrap().id;
    let card = talk.opens(VERA, "Кампании", "Кампании — 1").await;
    let wire = |call: Call| Callback::from(call).encode();
    talk.sandbox.press_data(talk.bot, VERA, card.id, &wire(Call::Audience { campaign })).unwrap();
    talk.offers(VERA, "▫️ Важные").await;
    changes(&talk, campaign, Change::Audience(Audience::of(vip))).await;
    talk.goes(VERA, "▫️ Важные", "Сейчас выбрано: «Важные»").await;
    // What is written on a button is what it sets; once it is over it is said.
    let minute = u32::try_from((clock::now() - TimeDelta::hours(1)).timestamp() / 60).unwrap();
    let press = talk.sandbox.press_data(talk.bot, VERA, card.id, &wire(Call::SetAt { campaign, start: true, minute })).unwrap();
    assert!(talk.toast(&press).await.contains("уже прошло"));
    let row = campaign::get(&talk.store, talk.account, campaign).await.unwrap();
    assert_eq!((row.audience.include.as_slice(), row.starts_at), ([vip].as_slice(), None));
    talk.ends().await;
});

// The number that was typed launched what had been changed and approved anew meanwhile.
both!(async fn a_launch_and_a_return_are_of_what_was_shown(store) {
    let talk = Talk::start(store).await;
    let channel = prepared(&talk).await;
    let campaign = approved(&talk, channel, "Ноябрь", UncertainPolicy::Leave).await;
    talk.goes(VERA, "Открыть", "Можно запускать").await;
    talk.goes(VERA, "Запустить", "напишите число получателей: 2").await;
    let (vera, boris) = (talk.actor("vera").await, talk.actor("boris").await);
    changes(&talk, campaign, Change::Policy(UncertainPolicy::Ask)).await;
    approval::submit(&talk.store, &vera, campaign, clock::now()).await.unwrap();
    approval::approve(&talk.store, &boris, campaign, clock::now()).await.unwrap();
    talk.types(VERA, "2");
    talk.hears(VERA, CHANGED, 1).await;
    let state = async || campaign::get(&talk.store, talk.account, campaign).await.unwrap().state;
    assert_eq!(state().await, State::Approved);

    // Nor is what was handed in since given back with words about what was before.
    changes(&talk, campaign, Change::Policy(UncertainPolicy::Leave)).await;
    approval::submit(&talk.store, &vera, campaign, clock::now()).await.unwrap();
    talk.hears(BORIS, "Кампания «Ноябрь» ждёт согласования", 3).await;
    talk.goes(BORIS, "Вернуть", "что исправить").await;
    talk.says(BORIS, &"я".repeat(approval::COMMENT_LIMIT + 1), "от 1 до 1").await;
    changes(&talk, campaign, Change::Policy(UncertainPolicy::Resend)).await;
    approval::submit(&talk.store, &vera, campaign, clock::now()).await.unwrap();
    talk.types(BORIS, "Не то");
    talk.hears(BORIS, CHANGED, 1).await;
    assert_eq!(state().await, State::Submitted);
    talk.ends().await;
});
