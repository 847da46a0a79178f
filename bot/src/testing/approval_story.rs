//! Who is asked to approve: everybody who may, but nobody their own work.

use chrono::TimeDelta;
use mms_core::{
    account::{Actor, Role, licence},
    both,
    campaign::{
        Audience, approval,
        draft::{self, Change},
    },
    channel::{ChannelKind, registry},
    clock,
    id::VersionId,
    notice::{self, NewNotice, NoticeKind},
    template::{
        Class,
        versions::{self, Edit},
    },
};
use serde_json::json;

use super::talk::Talk;

const ANNA: i64 = 77_701;
const BORIS: i64 = 77_702;
const VERA: i64 = 77_703;

/// A template this member wrote and handed in.
async fn submitted(talk: &Talk, author: &Actor, name: &str) -> VersionId {
    let now = clock::now();
    let draft = versions::create(&talk.store, author, name, Class::Service, now).await.unwrap();
    let version = versions::edit(&talk.store, author, draft.id, Edit::Body("Ждём вас завтра".to_owned()), now).await.unwrap();
    versions::submit(&talk.store, author, version.id, registry::capabilities(ChannelKind::Telegram), now).await.unwrap();
    version.id
}

async fn approved(talk: &Talk, approver: &Actor, version: VersionId) {
    let hash = versions::version(&talk.store, talk.account, version).await.unwrap().unwrap().content_hash.unwrap();
    versions::approve(&talk.store, approver, version, &hash, clock::now()).await.unwrap();
}

/// What a person was ever told, with these words.
fn told(talk: &Talk, id: i64, words: &str) -> usize {
    talk.sandbox.ledger().to(talk.bot, id).iter().filter(|entry| entry.text.contains(words)).count()
}

/// Waits until every notice raised so far is sent: news go in their order.
async fn all_told(talk: &Talk, n: i64) {
    let payload = json!({ "connection": uuid::Uuid::nil(), "name": "Ромашка", "until": clock::now() + TimeDelta::days(n) });
    let dedupe_key = format!("crm.token_ends:{n}");
    let mut tx = talk.store.begin().await.unwrap();
    let last = NewNotice { account: talk.account, member: None, kind: NoticeKind::CrmTokenEnds, payload, dedupe_key };
    notice::raise(&mut tx, last, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
    talk.hears(ANNA, "Токен CRM «Ромашка» действует до", usize::try_from(n).unwrap()).await;
}

both!(async fn nobody_is_asked_to_approve_their_own(store) {
    let talk = Talk::start(store).await;
    let now = clock::now();
    talk.licensed(licence::PlanCode::BUSINESS).await;
    let channel = talk.channel("7000000002:AAE-customers").await;
    for (login, role) in [("boris", Role::Approver), ("vera", Role::Manager)] {
        talk.member(login, role).await;
    }
    for (id, name, login) in [(ANNA, "Anna", "anna"), (BORIS, "Boris", "boris"), (VERA, "Vera", "vera")] {
        talk.comes_in(id, name, login).await;
    }
    let (anna, boris, vera) = (talk.owner(), talk.actor("boris").await, talk.actor("vera").await);

    // The owner's own template: the approver is asked, the owner is not. A manager's: both are.
    let own = submitted(&talk, &anna, "Моё").await;
    talk.hears(BORIS, "Шаблон «Моё» ждёт согласования", 1).await;
    submitted(&talk, &vera, "Верино").await;
    talk.hears(BORIS, "Шаблон «Верино» ждёт согласования", 1).await;
    talk.hears(ANNA, "Шаблон «Верино» ждёт согласования", 1).await;
    all_told(&talk, 1).await;
    assert_eq!((told(&talk, ANNA, "Шаблон «Моё» ждёт"), told(&talk, VERA, "ждёт согласования")), (0, 0));

    // And so with campaigns.
    approved(&talk, &boris, own).await;
    for (author, name) in [(&anna, "Моя"), (&vera, "Верина")] {
        let campaign = draft::create(&talk.store, author, name, now).await.unwrap();
        for change in [Change::Template(1, own), Change::Audience(Audience::everybody()), Change::Channel(1, channel)] {
            draft::edit(&talk.store, author, campaign, change, now).await.unwrap();
        }
        approval::submit(&talk.store, author, campaign, clock::now()).await.unwrap();
    }
    for name in ["Моя", "Верина"] {
        talk.hears(BORIS, &format!("Кампания «{name}» ждёт согласования"), 1).await;
    }
    talk.hears(ANNA, "Кампания «Верина» ждёт согласования", 1).await;
    all_told(&talk, 2).await;
    assert_eq!((told(&talk, ANNA, "Кампания «Моя» ждёт"), told(&talk, VERA, "ждёт согласования")), (0, 0));
    talk.ends().await;
});

both!(async fn an_author_without_an_approver_is_told_whom_to_invite(store) {
    let talk = Talk::start(store).await;
    let now = clock::now();
    talk.licensed(licence::PlanCode::BUSINESS).await;
    let channel = talk.channel("7000000002:AAE-customers").await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    talk.goes(ANNA, "Шаблоны", "Шаблонов пока нет").await;
    talk.goes(ANNA, "Новый шаблон", "Как его назвать?").await;
    talk.says(ANNA, "Осень", "что это за сообщение?").await;
    talk.goes(ANNA, "Сервисное", "пришлите текст").await;
    talk.says(ANNA, "Ждём вас завтра", "черновик").await;
    talk.goes(ANNA, "На согласование", "Согласовать некому").await;
    talk.goes(ANNA, "Пригласить", "Кого пригласить?").await;

    // Somebody who may: the sentence is gone, whoever is asked then.
    talk.member("boris", Role::Approver).await;
    let boris = talk.actor("boris").await;
    talk.opens(ANNA, "Шаблоны", "Шаблоны").await;
    talk.goes(ANNA, "Осень", "Согласовать должен другой участник").await;
    let rows = versions::list(&talk.store, talk.account, false, 1, 0).await.unwrap();
    approved(&talk, &boris, rows[0].version_id).await;
    talk.sees(ANNA, "Шаблон «Осень» согласован").await;

    // The approver's access ends; a campaign says the same.
    let anna = talk.owner();
    mms_core::account::member::set_disabled(&talk.store, &anna, boris.member, true, now).await.unwrap();
    let campaign = draft::create(&talk.store, &anna, "Ноябрь", now).await.unwrap();
    for change in [Change::Template(1, rows[0].version_id), Change::Audience(Audience::everybody()), Change::Channel(1, channel)] {
        draft::edit(&talk.store, &anna, campaign, change, now).await.unwrap();
    }
    talk.says(ANNA, "/campaigns", "Кампании — 1").await;
    talk.goes(ANNA, "Ноябрь", "Всё выбрано").await;
    talk.goes(ANNA, "На согласование", "Согласовать некому").await;
    talk.goes(ANNA, "Пригласить", "Кого пригласить?").await;
    talk.ends().await;
});
