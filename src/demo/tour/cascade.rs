//! One message through several messengers: first MAX, else VK, else Telegram; each person once.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use mms_core::{
    account::Language,
    campaign::{
        NextOn, State,
        draft::{self, Change},
        view,
    },
    channel::{ChannelKind, store as channels},
    clock,
    contact::{TELEGRAM, link},
    delivery::books,
    id::{ChannelId, ContactId},
    on,
    secret::token,
};
use mms_sandbox::{
    User, amocrm,
    fault::{Fault, Rule},
};

use super::{Names, Words, before::wait, wrong};
use crate::demo::{
    Stage,
    cast::{self, Cast},
};

/// The shop's bot in MAX and its community in VK.
const MAX_BOT: i64 = 30_001;
const COMMUNITY: i64 = 40_001;
/// The same three customers there.
const FIRST_IN_MAX: i64 = 50_001;
const FIRST_IN_VK: i64 = 60_001;
/// Of whom MAX lets nothing through to the second and the third, and VK nothing to the third.
const PEOPLE: usize = 3;
/// A word that nothing else in the demonstration has.
const MARK: &str = "💐";

/// The names of its template, segment and campaign.
fn names(language: Language) -> Names {
    match language {
        Language::Ru => {
            Names { template: "Заказ готов", segment: "Ждут букет", campaign: "Заказы на сегодня" }
        }
        Language::En => Names { template: "Order ready", segment: "Waiting for a bouquet", campaign: "Today's orders" },
    }
}

/// Plays it.
///
/// # Errors
/// The first thing that was not as it should be.
pub async fn play(stage: &Stage, cast: &Cast, words: Words) -> anyhow::Result<()> {
    let names = names(stage.language);
    stage.say(
        "11. Важное сообщение через три мессенджера: MAX, если не дошло — ВКонтакте, если и там нет — Telegram. Анна подключает MAX и сообщество.",
        "11. A message that must arrive, through three messengers: MAX, else VK, else Telegram. Anna connects MAX and the community.",
    )?;
    let max = connect(stage, cast, words, ChannelKind::Max).await?;
    let vk = connect(stage, cast, words, ChannelKind::Vk).await?;
    let people = come(stage, cast, vk).await?;
    write(cast, words, &names).await?;
    launch(stage, cast, words, &names, [max, vk]).await?;
    count(stage, cast, &names, &people).await
}

/// A sender of another messenger is connected in the chat.
async fn connect(stage: &Stage, cast: &Cast, words: Words, kind: ChannelKind) -> anyhow::Result<ChannelId> {
    let secret = match kind {
        ChannelKind::Vk => {
            let key = format!("vk1.a.{}", token(24));
            stage.sandbox.vk().add_community(COMMUNITY, &key, "romashka_demo").map_err(wrong)?;
            stage.sandbox.vk().name_community(COMMUNITY, "Цветы «Ромашка»").map_err(wrong)?;
            key
        }
        _ => {
            let token = format!("mAx-{}", token(24));
            stage.sandbox.max().add_bot(MAX_BOT, &token, "romashka_demo_max_bot").map_err(wrong)?;
            token
        }
    };
    let anna = &cast.anna;
    anna.say("/menu", "Ромашка").await.map_err(wrong)?;
    anna.tap(&words.of("menu-settings"), &words.head("menu-settings-title")).await.map_err(wrong)?;
    anna.tap(&words.of("channels-menu"), "").await.map_err(wrong)?;
    anna.tap(&words.of("channels-add"), &words.head("channels-which")).await.map_err(wrong)?;
    anna.tap(mms_bot::words::messenger(kind), "").await.map_err(wrong)?;
    anna.say(&secret, "").await.map_err(wrong)?;
    let connected = wait(Duration::from_secs(20), || async {
        let all = channels::list(&stage.store, cast.owner.account).await.ok()?;
        all.into_iter().find(|row| row.kind == kind).map(|row| row.id)
    });
    let id = connected.await.with_context(|| format!("{kind:?} was not connected"))?;
    // What people do before somebody listens is heard by nobody.
    let polled = "select count(*) from channel where id = $1 and update_cursor is not null";
    let listens = wait(Duration::from_secs(20), || async {
        let n: i64 = on!(stage.store.read(), |c| sqlx::query_scalar(polled).bind(id).fetch_one(c).await).ok()?;
        (n == 1 || kind == ChannelKind::Max).then_some(())
    });
    listens.await.with_context(|| format!("{kind:?} is not listened to"))?;
    Ok(id)
}

async fn whose(stage: &Stage, cast: &Cast, kind: &'static str, value: String) -> Option<ContactId> {
    const SQL: &str = "select contact_id from address where account_id = $1 and kind = $2 and value = $3";
    on!(stage.store.read(), |c| sqlx::query_scalar(SQL).bind(cast.owner.account).bind(kind).bind(&value).fetch_optional(c).await).ok()?
}

/// Three customers come to MAX with their phone, and to VK by the link of their card: each is the
/// person the company knows already.
async fn come(stage: &Stage, cast: &Cast, vk: ChannelId) -> anyhow::Result<Vec<ContactId>> {
    let (max, community) = (stage.sandbox.max(), stage.sandbox.vk());
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let at = i64::try_from(n)?;
        let known = whose(stage, cast, TELEGRAM, (cast::FIRST_CUSTOMER + at).to_string()).await;
        let contact = known.context("a customer of the tour is not known")?;
        let phone = amocrm::phone(u64::try_from(n)?);
        let in_max = FIRST_IN_MAX + at;
        max.add_user(User::new(in_max, &format!("Клиент {}", n + 1), &phone));
        max.press_start(MAX_BOT, in_max, None).map_err(wrong)?;
        let chat = max.chat_id(MAX_BOT, in_max).to_string();
        wait(Duration::from_secs(20), || whose(stage, cast, "max", chat.clone())).await.context("a chat of MAX is not known")?;
        max.share_contact(MAX_BOT, in_max).map_err(wrong)?;
        let joined =
            wait(Duration::from_secs(20), || async { (whose(stage, cast, "max", chat.clone()).await == Some(contact)).then_some(()) });
        joined.await.context("a proved phone did not join the chat of MAX to its person")?;

        let mut tx = stage.store.begin().await?;
        let label = link::create(&mut tx, cast.owner.account, vk, contact, clock::now()).await?;
        tx.commit().await?;
        let in_vk = FIRST_IN_VK + at;
        community.add_user(User::new(in_vk, &format!("Клиент {}", n + 1), &phone));
        community.follow(COMMUNITY, in_vk, &label, Some("site")).map_err(wrong)?;
        community.send_text(COMMUNITY, in_vk, "Здравствуйте!").map_err(wrong)?;
        let value = in_vk.to_string();
        let joined =
            wait(Duration::from_secs(20), || async { (whose(stage, cast, "vk", value.clone()).await == Some(contact)).then_some(()) });
        joined.await.context("a personal link did not join the dialogue of VK to its person")?;
        people.push(contact);
    }
    stage.say(
        "   Те же трое клиентов пишут и туда: подтверждённый номер и личная ссылка говорят, кто это.",
        "   The same three customers come there, too: a proved phone and a personal link tell who they are.",
    )?;
    // MAX lets nothing through to two of them, VK nothing to the last.
    for n in 1..PEOPLE {
        let denied = Fault::Error { code: 403, description: "chat.denied: Key: error.dialog.suspended".to_owned(), retry_after: None };
        let chat = FIRST_IN_MAX + i64::try_from(n)?;
        stage.sandbox.faults().add(Rule::new(denied).service("max").method("POST /messages").chat(chat));
    }
    community.set_trouble(COMMUNITY, FIRST_IN_VK + 2, Some(901)).map_err(wrong)?;
    Ok(people)
}

/// A service message and its three readers.
async fn write(cast: &Cast, words: Words, names: &Names) -> anyhow::Result<()> {
    let (anna, boris) = (&cast.anna, &cast.boris);
    anna.say("/menu", "Ромашка").await.map_err(wrong)?;
    anna.tap(&words.of("templates-menu"), "").await.map_err(wrong)?;
    anna.tap(&words.of("templates-new"), "").await.map_err(wrong)?;
    anna.say(names.template, names.template).await.map_err(wrong)?;
    anna.tap(&words.of("templates-choose-service"), "first_name").await.map_err(wrong)?;
    let text = format!("{MARK} {{{{ first_name | default: \"Здравствуйте\" }}}}, ваш букет собран и ждёт вас до 21:00. «Ромашка»");
    anna.say(&text, names.template).await.map_err(wrong)?;
    anna.tap(&words.of("templates-submit"), &words.of("templates-state-submitted")).await.map_err(wrong)?;
    boris.see(names.template).await.map_err(wrong)?;
    boris.tap(&words.of("open"), names.template).await.map_err(wrong)?;
    boris.tap(&words.of("templates-approve"), &words.of("templates-state-approved")).await.map_err(wrong)?;

    anna.say("/menu", "Ромашка").await.map_err(wrong)?;
    anna.tap(&words.of("menu-more"), &words.head("menu-more-title")).await.map_err(wrong)?;
    anna.tap(&words.of("segments-menu"), "").await.map_err(wrong)?;
    anna.tap(&words.of("segments-new"), "").await.map_err(wrong)?;
    anna.say(names.segment, names.segment).await.map_err(wrong)?;
    anna.tap(&words.of("segments-text"), "").await.map_err(wrong)?;

    // Whoever said stop today is among them, and gets nothing.
    anna.say("last_answered >= today", names.segment).await.map_err(wrong)?;
    Ok(())
}

/// Anna puts three steps together, Boris approves, Anna launches.
async fn launch(stage: &Stage, cast: &Cast, words: Words, names: &Names, [max, vk]: [ChannelId; 2]) -> anyhow::Result<()> {
    let (anna, boris) = (&cast.anna, &cast.boris);
    anna.say("/menu", "Ромашка").await.map_err(wrong)?;
    anna.tap(&words.of("campaigns-menu"), "").await.map_err(wrong)?;
    anna.tap(&words.of("campaigns-new"), &words.head("campaigns-ask-name")).await.map_err(wrong)?;
    anna.say(names.campaign, &words.head("campaigns-templates")).await.map_err(wrong)?;
    anna.tap(names.template, "").await.map_err(wrong)?;
    let made = wait(Duration::from_secs(10), || async {
        let all = view::list(&stage.store, cast.owner.account, None, 1).await.ok()?;
        all.into_iter().map(|(campaign, _)| campaign).find(|one| one.name == names.campaign && one.version().is_some())
    });
    let campaign = made.await.context("the campaign was not made")?;
    // Which channel is asked for in the order in which they were connected; the steps are put in
    // the order in which they are to be tried.
    let now = clock::now();
    let telegram = channels::list(&stage.store, cast.owner.account).await?;
    let telegram = telegram.iter().find(|row| row.kind == ChannelKind::Telegram).context("the shop's bot is gone")?.id;
    let segments = mms_core::contact::segment::list(&stage.store, cast.owner.account).await?;
    let segment = segments.iter().find(|one| one.name == names.segment).context("the segment was not made")?.id;
    let step = |channel| Change::AddStep {
        next_on: NextOn::Undelivered,
        wait: chrono::TimeDelta::minutes(5),
        channel: Some(channel),
        version: campaign.version(),
    };
    let audience = mms_core::campaign::Audience { include: vec![segment], ..mms_core::campaign::Audience::default() };
    for change in [Change::Audience(audience), Change::Channel(1, max), step(vk), step(telegram)] {
        draft::edit(&stage.store, &cast.owner, campaign.id, change, now).await.map_err(wrong)?;
    }
    anna.say("/menu", "Ромашка").await.map_err(wrong)?;
    anna.tap(&words.of("campaigns-menu"), "").await.map_err(wrong)?;
    let card = anna.tap(names.campaign, "3. ").await.map_err(wrong)?;
    for line in card.text.lines().filter(|line| line.starts_with(['1', '2', '3', '↳'])) {
        stage.say(&format!("   │ {line}"), &format!("   │ {line}"))?;
    }
    anna.tap(&words.of("campaigns-submit"), names.campaign).await.map_err(wrong)?;
    boris.last(|message| message.text.contains(names.campaign)).await.map_err(wrong)?;
    boris.tap(&words.of("campaigns-approve"), names.campaign).await.map_err(wrong)?;
    anna.last(|message| message.text.contains(names.campaign) && message.button(&words.of("campaigns-launch")).is_some())
        .await
        .map_err(wrong)?;
    anna.tap(&words.of("campaigns-launch"), names.campaign).await.map_err(wrong)?;
    anna.say(&PEOPLE.to_string(), names.campaign).await.map_err(wrong)?;
    Ok(())
}

/// Each person got it once, and where.
async fn count(stage: &Stage, cast: &Cast, names: &Names, people: &[ContactId]) -> anyhow::Result<()> {
    let account = cast.owner.account;
    let over = wait(Duration::from_secs(60), || async {
        let all = view::list(&stage.store, account, None, 1).await.ok()?;
        let (campaign, numbers) = all.into_iter().next()?;
        (campaign.name == names.campaign && campaign.state == State::Finished).then_some((campaign.id, numbers))
    });
    let (campaign, numbers) = over.await.context("the campaign of three steps did not end within a minute")?;
    ensure!(books::books(&stage.store, account, campaign).await?.balanced(), "the books of three steps do not balance");
    let reached = i64::try_from(people.len())?;
    ensure!(numbers.people.reached == reached && numbers.sent == reached, "{:?} of {reached} people were reached", numbers.people);
    let marked = |text: &str| text.contains(MARK);
    let mut got = Vec::new();
    for n in 0..PEOPLE {
        let at = i64::try_from(n)?;
        let in_max = stage.sandbox.max().history(MAX_BOT, FIRST_IN_MAX + at).iter().filter(|one| marked(&one.text)).count();
        let in_vk = stage.sandbox.vk().history(COMMUNITY, FIRST_IN_VK + at).iter().filter(|one| marked(&one.text)).count();
        let in_telegram = stage.sandbox.history(cast.shop_bot, cast::FIRST_CUSTOMER + at).iter().filter(|one| marked(&one.text)).count();
        got.push([in_max, in_vk, in_telegram]);
    }
    ensure!(got == [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "what came to the three in MAX, VK and Telegram: {got:?}");
    stage.say(
        &format!(
            "   Получили трое из трёх, каждый один раз: в MAX, во ВКонтакте, в Telegram. Сообщений: {}, дошло {}.",
            numbers.planned, numbers.sent
        ),
        &format!(
            "   Three of three got it, each once: in MAX, in VK, in Telegram. Messages: {}, of which {} went.",
            numbers.planned, numbers.sent
        ),
    )
}
