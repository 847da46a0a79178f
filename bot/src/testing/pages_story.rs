//! Long lists are turned page by page, there and back.

use chrono::TimeDelta;
use mms_core::{
    account::{Role, licence},
    both,
    campaign::draft,
    channel::{ChannelKind, registry},
    clock,
    contact::segment::{self, Filter},
    template::{
        Class,
        versions::{self, Edit},
    },
};

use super::talk::Talk;

const VERA: i64 = 77_801;

/// There and back.
async fn turns(talk: &Talk, first: &str, second: &str) {
    talk.offers(VERA, first).await;
    talk.takes(VERA, "›").await;
    talk.offers(VERA, second).await;
    talk.takes(VERA, "‹").await;
    talk.offers(VERA, first).await;
}

both!(async fn long_lists_are_turned(store) {
    let talk = Talk::start(store).await;
    let now = clock::now();
    talk.licensed(licence::PlanCode::BUSINESS).await;
    for (login, role) in [("vera", Role::Manager), ("boris", Role::Approver)] {
        talk.member(login, role).await;
    }
    let (vera, boris) = (talk.actor("vera").await, talk.actor("boris").await);
    talk.comes_in(VERA, "Vera", "vera").await;
    for n in 1..=9 {
        // The newest comes first in some lists, the first by name in others.
        let at = now + TimeDelta::milliseconds(n);
        segment::create(&talk.store, &vera, &format!("Сегмент {n}"), &Filter::default(), at).await.unwrap();
        draft::create(&talk.store, &vera, &format!("Кампания {n}"), at).await.unwrap();
        let version = versions::create(&talk.store, &vera, &format!("Шаблон {n}"), Class::Service, at).await.unwrap();
        versions::edit(&talk.store, &vera, version.id, Edit::Body("Ждём вас".to_owned()), at).await.unwrap();
        versions::submit(&talk.store, &vera, version.id, registry::capabilities(ChannelKind::Telegram), at).await.unwrap();
        let hash = versions::version(&talk.store, talk.account, version.id).await.unwrap().unwrap().content_hash.unwrap();
        versions::approve(&talk.store, &boris, version.id, &hash, at).await.unwrap();
    }
    talk.hears(VERA, "Шаблон «Шаблон 9» согласован", 1).await;

    talk.says(VERA, "/campaigns", "Кампании — 9").await;
    turns(&talk, "1/2", "2/2").await;
    talk.goes(VERA, "Кампания 9", "Осталось выбрать").await;
    talk.goes(VERA, "Шаблон", "Какой шаблон?").await;
    turns(&talk, "1/2", "2/2").await;
    // What is missing next is asked.
    talk.goes(VERA, "Шаблон 9", "Кому?").await;
    turns(&talk, "1/2", "2/2").await;
    // The beginning of a name is enough, on whatever page it stands.
    talk.says(VERA, "сегм 9", "«Сегмент 9»").await;
    talk.says(VERA, "сегм 9", "«Сегмент 9»").await;
    talk.says(VERA, "казань", "Сегмента «казань» нет").await;
    talk.offers(VERA, "1/2").await;

    talk.opens(VERA, "Сегменты", "Сегменты — 9").await;
    turns(&talk, "1/2", "2/2").await;
    talk.says(VERA, "сегмент", "Какой сегмент?").await;
    talk.offers(VERA, "Сегмент 8").await;
    talk.says(VERA, "СЕГ 9", "Сегмент 9").await;
    talk.offers(VERA, "Ещё…").await;
    talk.opens(VERA, "Шаблоны", "Шаблоны").await;
    turns(&talk, "Шаблон 9", "Шаблон 1 ").await;

    // Those never written to.
    talk.says(VERA, "/contacts", "Контакт").await;
    talk.goes(VERA, "Стоп-лист: 0", "Стоп-лист").await;
    talk.goes(VERA, "Добавить телефоны", "Кого добавить в стоп-лист").await;
    let phones: Vec<String> = (10..22).map(|n| format!("+7 912 000-00-{n}")).collect();
    talk.says(VERA, &phones.join("\n"), "Добавлено: 12").await;
    talk.goes(VERA, "Назад", "Стоп-лист — 12").await;
    turns(&talk, "1/2", "2/2").await;
    talk.ends().await;
});
