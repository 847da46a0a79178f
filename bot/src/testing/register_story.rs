//! Registers as an owner lives them: a claim whose day is typed and whose dossier is one tap away;
//! and what an approver reads before the decision.

use chrono::TimeDelta;
use mms_core::{
    account::{Role, settings},
    agreement::claims,
    both,
    channel::{ChannelKind, registry},
    clock,
    contact::{self, Draft},
    law::{Country, profile},
    template::{
        Class, TemplateButton,
        versions::{self, Edit},
    },
};

use super::talk::{Talk, WAIT, until};

const ANNA: i64 = 77_801;
const BORIS: i64 = 77_802;

both!(async fn agreement_10_2_a_claim_gets_its_day_and_a_dossier_by_one_tap(store) {
    let talk = Talk::start(store).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    let mut tx = talk.store.begin().await.unwrap();
    let draft = Draft { name: Some("Мария Иванова".to_owned()), source: "manual".to_owned(), ..Draft::default() };
    contact::create(&mut tx, talk.account, &draft, clock::now()).await.unwrap();
    tx.commit().await.unwrap();

    talk.opens(ANNA, "Поддержка", "Обращений нет").await;
    talk.goes(ANNA, "Претензии", "Претензий нет").await;
    talk.goes(ANNA, "Внести претензию", "К кому претензия?").await;
    talk.goes(ANNA, "К нашей компании", "От кого претензия?").await;
    talk.says(ANNA, "мария  иванова", "В чём претензия?").await;
    talk.says(ANNA, "Писали без согласия", "Претензия № 1").await;
    // The day it came on is typed, and nonsense is told from a slip.
    talk.goes(ANNA, "Дата получения", "когда её получили?").await;
    talk.says(ANNA, "давно", "Это не дата").await;
    let tomorrow = (clock::now() + TimeDelta::days(2)).format("%d.%m.%Y").to_string();
    talk.says(ANNA, &tomorrow, "ещё впереди").await;
    talk.says(ANNA, "01.03.2020", "больше года назад").await;
    talk.says(ANNA, "вчера", "Получена").await;
    let claim = async || claims::list(&talk.store, talk.account).await.unwrap().remove(0);
    let before = claim().await;
    assert!(clock::now() - before.received_at > TimeDelta::hours(12) && before.due_at - before.received_at == claims::TERM, "{before:?}");
    // One customer has that very name: one tap.
    talk.goes(ANNA, "Собрать досье", "Досье: Мария Иванова").await;
    talk.hears(ANNA, "Досье клиента готово", 1).await;
    until(|| async { claim().await.dossier_made_at.is_some() }).await;
    talk.opens(ANNA, "Поддержка", "Обращений нет").await;
    talk.goes(ANNA, "Претензии", "№ 1").await;
    talk.goes(ANNA, "№ 1 ·", "Досье: Мария Иванова").await;
    talk.goes(ANNA, "📁 Досье", "✅ Готово").await;
    for action in ["claim.enter", "claim.date", "claim.attach", "evidence.ask"] {
        assert_eq!(talk.on_record(action).await.len(), 1, "{action}");
    }
    talk.ends().await;
});

both!(async fn an_approver_opens_the_document_that_was_asked_for(store) {
    let talk = Talk::start(store).await;
    talk.member("boris", Role::Approver).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.comes_in(BORIS, "Boris", "boris").await;
    let (owner, now) = (talk.owner(), clock::now());
    profile::say(&talk.store, &owner, Country::Ru, None, now).await.unwrap();
    settings::change(&talk.store, &owner, &settings::Change::Advertiser("ООО «Ромашка»".to_owned()), now).await.unwrap();
    let draft = versions::create(&talk.store, &owner, "Рассрочка", Class::Advertising, now).await.unwrap();
    versions::edit(&talk.store, &owner, draft.id, Edit::Body("{{ advertiser }}: кредит на ремонт".to_owned()), now).await.unwrap();
    let out = vec![TemplateButton::OptOut { text: "Отписаться".to_owned() }];
    versions::edit(&talk.store, &owner, draft.id, Edit::Buttons(out), now).await.unwrap();
    talk.opens(ANNA, "Шаблоны", "").await;
    talk.goes(ANNA, "Рассрочка", "кредит на ремонт").await;
    talk.takes(ANNA, "Проверка").await;
    talk.goes(ANNA, "Приложить документ", "Какой документ?").await;
    talk.sends(ANNA, "договор.pdf", "%PDF-1.7 договор");
    talk.sees(ANNA, "документ приложен").await;
    versions::submit(&talk.store, &owner, draft.id, registry::capabilities(ChannelKind::Telegram), now).await.unwrap();
    talk.sees(BORIS, "Шаблон «Рассрочка» ждёт согласования").await;
    talk.goes(BORIS, "Открыть", "документ приложен").await;
    talk.takes(BORIS, "📎 Документ").await;
    let paper = talk.sandbox.expect_last(talk.bot, BORIS, WAIT, |last| last.document.is_some()).await.unwrap();
    let file = paper.document.expect("a file");
    assert_eq!(file.name.as_deref(), Some("договор.pdf"));
    assert_eq!(talk.sandbox.file(&file.id).unwrap().0.as_ref(), "%PDF-1.7 договор".as_bytes());
    talk.ends().await;
});
