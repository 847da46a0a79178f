//! A walk over the screens: under each, every button that changes nothing is pressed, and «‹ Назад»
//! leads back to where it was pressed.

use std::collections::{BTreeSet, VecDeque};

use mms_core::{
    account::{Role, licence},
    campaign::{
        Audience,
        draft::{self, Change},
    },
    channel::{ChannelKind, registry},
    clock, contact,
    contact::{
        FieldKind, field, import,
        segment::{self, Filter},
    },
    inbound::quick,
    on,
    store::Engine,
    template::{
        Class,
        versions::{self, Edit},
    },
    text::Rich,
};
use mms_sandbox::telegram::Message;
use tokio_util::sync::CancellationToken;

use super::{
    contacts_story::wrote,
    talk::{Talk, WAIT},
};

const ANNA: i64 = 78_001;

/// Buttons that change something, send a file, or sign out, by the beginnings of what they carry.
const ACTS: &str = "k:G k:T k:H k:W k:k k:Z k:P k:b k:d k:X k:s k:A k:R k:u k:r k:O k:D k:F k:E k:J k:I k:j \
    h:p h:r h:S h:P h:D h:q h:Q c:B c:S c:D c:e c:P c:Q c:K c:z c:Z c:X c:x c:L c:V \
    f:K f:N f:a f:S f:o f:h f:d f:g f:u f:X f:p f:q f:r r:d r:o r:G r:u r:m r:Q r:X r:F r:L r:v \
    g:D g:p g:g g:x g:i g:I g:e 0:G o:Z o:G o:C o:L o:H o:I o:M p:R p:D p:u p:P p:X p:I p:V m:z m:n m:m \
    e:e e:a e:O e:L e:n e:x e:X t:G t:K t:a t:fa t:fn t:fo t:bo t:bu t:bw t:bd t:M t:e t:E t:u t:X t:R t:y t:Y t:z t:o \
    n:y n:n n:d n:w d:S d:x d:a d:e o:2 o:o l:C l:K l:s l:X l:T b:r 2:b 2:R ag:f ag:A ag:H su:B su:X cl:f cl:d cl:p cl:k cl:X cl:H t:J x:t x:c x:p \
    ev:p ev:s ev:c ev:f ev:P ev:C ev:x";

/// Presses from the menu to a screen whose buttons are pressed.
const DEEP: usize = 6;

fn head(wire: &str) -> String {
    wire.splitn(3, ':').take(2).collect::<Vec<_>>().join(":")
}

/// The first line: what a person knows a screen by.
fn title(message: &Message) -> String {
    message.text.lines().next().unwrap_or_default().to_owned()
}

/// What a button carries, of those that are pressed on the walk.
fn walked(message: &Message) -> Vec<String> {
    let acts: Vec<&str> = ACTS.split_whitespace().collect();
    let buttons = message.buttons.iter().flatten();
    let plain = buttons.filter(|button| !button.text.starts_with(['‹', '›']) && !button.text.contains('/'));
    // «is empty» needs no value and is put at once; the days of the totals are one screen.
    let put = |wire: &str| wire.starts_with("g:v:") && (wire.ends_with(":z") || wire.ends_with(":f"));
    let totals = |wire: &str| wire.starts_with("k:S") && message.text.starts_with("Итоги");
    // A message's preview is passed: what is asked under it goes on from where it was opened.
    let preview = message.button("другой контакт").is_some();
    let passed = |wire: &str| preview && matches!(head(wire).as_str(), "t:q" | "t:w");
    let there = plain.filter_map(|button| button.data.clone());
    there.filter(|wire| !acts.contains(&head(wire).as_str()) && !put(wire) && !totals(wire) && !passed(wire)).collect()
}

fn newest(talk: &Talk) -> Message {
    talk.sandbox.last(talk.bot, ANNA).expect("the bot wrote")
}

/// Presses what a button carries, and waits for what it shows; `None`: nothing but a sentence.
async fn press(talk: &Talk, wire: &str) -> Option<Message> {
    let before = newest(talk);
    let press = talk.sandbox.press_data(talk.bot, ANNA, before.id, wire).expect("pressed");
    let toast = talk.toast(&press).await;
    if !toast.is_empty() {
        return None;
    }
    let changed = |telegram: &mms_sandbox::telegram::Telegram| {
        telegram.last(talk.bot, ANNA).filter(|last| (last.id, last.edits, &last.text) != (before.id, before.edits, &before.text))
    };
    Some(talk.sandbox.until(WAIT, changed).await.unwrap_or_else(|| panic!("«{wire}» shows nothing new under «{}»", title(&before))))
}

/// The menu anew, then these presses; what was passed is noted by its title.
async fn go(talk: &Talk, path: &[String], passed: &mut BTreeSet<String>) -> Option<Message> {
    let typed = talk.types(ANNA, "/menu");
    let menu = |telegram: &mms_sandbox::telegram::Telegram| {
        telegram.history(talk.bot, ANNA).into_iter().rfind(|one| one.id > typed && one.button("Настройки").is_some())
    };
    let mut at = talk.sandbox.until(WAIT, menu).await.expect("the menu comes");
    for wire in path {
        passed.insert(title(&at));
        at = press(talk, wire).await?;
    }
    Some(at)
}

#[tokio::test]
async fn back_leads_where_one_came_from_under_every_screen() {
    let talk = Talk::start(mms_core::testing::store(Engine::Sqlite).await).await;
    company(&talk).await;
    talk.comes_in(ANNA, "Anna", "anna").await;

    let (mut seen, mut wrong, mut edges) = (BTreeSet::new(), Vec::new(), 0);
    let mut ahead = VecDeque::from([Vec::new()]);
    while let Some(path) = ahead.pop_front() {
        let mut passed = BTreeSet::new();
        let Some(mut here) = go(&talk, &path, &mut passed).await else { continue };
        for wire in walked(&here).into_iter().filter(|wire| !path.contains(wire)) {
            let Some(there) = press(&talk, &wire).await else {
                continue;
            };
            edges += 1;
            let back = there.buttons.iter().flatten().find(|button| button.text == "‹ Назад").and_then(|button| button.data.clone());
            let mut lost = back.is_none();
            // A place one returns to ends the loop: back leads to where it was reached from first.
            if let Some(back) = back.filter(|_| title(&there) != title(&here) && !passed.contains(&title(&there))) {
                let came = press(&talk, &back).await.unwrap_or_else(|| newest(&talk));
                if title(&came) == title(&here) {
                    here = came;
                } else {
                    wrong.push(format!("«{}» → «{}» → «{}» ({wire})", title(&here), title(&there), title(&came)));
                    lost = true;
                }
            } else {
                lost = true;
            }
            if seen.insert(wire.clone()) && path.len() < DEEP {
                ahead.push_back(path.iter().cloned().chain([wire]).collect());
            }
            if lost {
                match go(&talk, &path, &mut passed).await {
                    Some(again) => here = again,
                    None => break,
                }
            }
        }
    }
    assert!(wrong.is_empty(), "of {edges} ways:\n{}", wrong.join("\n"));
    assert!(edges > 200, "{edges}");
    talk.ends().await;
}

/// A card that was chosen of several found led back to the room, and the search had to be typed
/// again.
#[tokio::test]
async fn back_from_one_of_several_found_leads_to_what_was_found() {
    let talk = Talk::start(mms_core::testing::store(Engine::Sqlite).await).await;
    company(&talk).await;
    talk.comes_in(ANNA, "Anna", "anna").await;
    // Anywhere, and where a name is asked for.
    talk.says(ANNA, "ан", "Найдено: 2").await;
    talk.goes(ANNA, "Анфиса", "+7 912 000-00-02").await;
    talk.goes(ANNA, "Назад", "Найдено: 2").await;
    talk.opens(ANNA, "Шаблоны", "Шаблоны").await;
    talk.goes(ANNA, "Весна", "версия").await;
    talk.goes(ANNA, "Просмотр", "ждём вас").await;
    talk.goes(ANNA, "другой контакт", "Чьё сообщение показать?").await;
    talk.says(ANNA, "ан", "Нашлось несколько").await;
    talk.goes(ANNA, "Анфиса", "Анфиса, ждём вас").await;
    talk.goes(ANNA, "Назад", "Нашлось несколько").await;
    talk.ends().await;
}

/// A company with something of each kind.
async fn company(talk: &Talk) {
    let now = clock::now();
    talk.licensed(licence::PlanCode::BUSINESS).await;
    for (login, role) in [("vera", Role::Manager), ("boris", Role::Approver)] {
        talk.member(login, role).await;
    }
    let (store, anna, boris) = (&talk.store, talk.owner(), talk.actor("boris").await);
    let channel = talk.channel("7000000002:AAE-customers").await;
    field::create(store, &anna, "city", "Город", FieldKind::Text, now).await.unwrap();
    let csv = "Имя;Телефон;Город;Метки\nАнна;89120000001;Орёл;vip\nАнфиса;89120000002;Тула;\n";
    let begun = import::begin(store, &anna, "клиенты.csv", csv.as_bytes(), now).await.unwrap();
    import::set_basis(store, &anna, begun.id, "Анкеты", import::Basis::SignedDocument, now).await.unwrap();
    import::run::dry_run(store, &anna, begun.id, now).await.unwrap();
    import::start(store, &anna, begun.id, now).await.unwrap();
    import::run::run(store, begun.id, &CancellationToken::new()).await.unwrap();
    import::begin(store, &anna, "ещё.csv", csv.as_bytes(), now).await.unwrap();
    let vip = Filter::parse("tag = vip and city = Орёл", &field::list(store, talk.account).await.unwrap()).unwrap();
    let segment = segment::create(store, &anna, "Постоянные", &vip, now).await.unwrap();
    let version = versions::create(store, &anna, "Весна", Class::Service, now).await.unwrap();
    versions::edit(store, &anna, version.id, Edit::Body("{{ first_name }}, ждём вас".to_owned()), now).await.unwrap();
    versions::submit(store, &anna, version.id, registry::capabilities(ChannelKind::Telegram), now).await.unwrap();
    let hash = versions::version(store, talk.account, version.id).await.unwrap().unwrap().content_hash.unwrap();
    versions::approve(store, &boris, version.id, &hash, now).await.unwrap();
    versions::edit(store, &anna, version.id, Edit::Body("{{ first_name }}, ждём вас в мае".to_owned()), now).await.unwrap();
    let campaign = draft::create(store, &anna, "Майская", now).await.unwrap();
    let audience = Audience { include: vec![segment], ..Audience::default() };
    for change in [Change::Template(1, version.id), Change::Audience(audience), Change::Channel(1, channel)] {
        draft::edit(store, &anna, campaign, change, now).await.unwrap();
    }
    quick::add(store, &anna, Rich::plain("Да, с 9 до 21"), now).await.unwrap();
    wrote(talk, channel, "Ольга", "Вы работаете?").await;
    // News of all this would come between the screens.
    let mut tx = store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("update notice set due_at = null where account_id = $1")
        .bind(talk.account)
        .execute(c)
        .await
        .map(|_| ()))
    .unwrap();
    tx.commit().await.unwrap();
    assert!(contact::card::count(store, talk.account).await.unwrap() >= 3);
}
