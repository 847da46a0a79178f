//! Up to the launch.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use mms_core::{
    account::Language,
    channel::store as channels,
    clock,
    contact::{self, NewAddress, TELEGRAM, field},
    crm::connection::{self, SyncPhase},
    id::{ConnectionId, ContactId},
    inbound::texts,
    on,
};
use mms_sandbox::{User, amocrm};

use super::{Names, Words, wrong};
use crate::demo::{
    SUBDOMAIN, Stage,
    cast::{self, Cast},
};

/// A field of the CRM, and what it becomes when Anna takes the name the bot offers.
const CITY: &str = "Город";
const CITY_KEY: &str = "gorod";
const BONUS_KEY: &str = "bonusy";

/// How many of the CRM's contacts started the shop's bot earlier.
const STARTED: u64 = 600;
/// How many start it in the tour.
const LIVE: u64 = 3;

/// The owner signs in.
pub async fn sign_in(stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
    stage.say(
        "1. Анна (владелец) и Борис (согласующий) входят в бот рассылок.",
        "1. Anna (owner) and Boris (approver) sign in to the managers' bot.",
    )?;
    for (phone, login) in [(&cast.anna, cast::OWNER_LOGIN), (&cast.boris, cast::APPROVER_LOGIN)] {
        phone.start(None, "").await.map_err(wrong)?;
        phone.say("/login", "").await.map_err(wrong)?;
        phone.say(login, "").await.map_err(wrong)?;
        phone.say(cast::PASSWORD, "Ромашка").await.map_err(wrong)?;
        let kept = stage.sandbox.history(stage.manager_bot, phone.user()).iter().any(|message| message.text.contains(cast::PASSWORD));
        ensure!(!kept, "the message with the password was not deleted");
    }
    stage.say("   Сообщения с паролем бот сразу удалил.", "   The bot deleted the messages with the password at once.")
}

/// The customers' bot is connected.
pub async fn connect_bot(stage: &Stage, cast: &Cast, words: Words) -> anyhow::Result<()> {
    stage.say("2. Анна подключает бот магазина: присылает его токен.", "2. Anna connects the shop's bot by sending its token.")?;
    cast.anna.tap(&words.of("menu-settings"), &words.head("menu-settings-title")).await.map_err(wrong)?;
    cast.anna.tap(&words.of("channels-menu"), "").await.map_err(wrong)?;
    cast.anna.tap(&words.of("channels-add"), &words.head("channels-which")).await.map_err(wrong)?;
    cast.anna.tap("Telegram", "BotFather").await.map_err(wrong)?;
    cast.anna.say(&cast.shop_token, "romashka_demo_bot").await.map_err(wrong)?;
    Ok(())
}

/// The CRM is connected, and its contacts are read.
pub async fn connect_crm(stage: &Stage, cast: &Cast, words: Words) -> anyhow::Result<ConnectionId> {
    stage.say(
        "3. Анна подключает amoCRM долгосрочным токеном; контакты загружаются.",
        "3. Anna connects amoCRM with a long-lived token; contacts are being synced.",
    )?;
    let anna = &cast.anna;
    anna.tap(&words.of("to-menu"), "").await.map_err(wrong)?;
    anna.tap(&words.of("menu-settings"), &words.head("menu-settings-title")).await.map_err(wrong)?;
    anna.tap(&words.of("crm-menu"), "").await.map_err(wrong)?;
    anna.tap(&words.of("crm-add"), &words.head("crm-which")).await.map_err(wrong)?;
    anna.tap("amoCRM", "").await.map_err(wrong)?;
    anna.say(SUBDOMAIN, "").await.map_err(wrong)?;
    anna.say(&stage.amo.long_lived_token(), "amoCRM").await.map_err(wrong)?;

    let account = cast.owner.account;
    let connections = connection::list(&stage.store, account).await?;
    let id = connections.first().context("the CRM was not connected")?.id;
    maps(stage, cast, words).await?;
    // Whoever asks something is a task for the manager who looks after them.
    connection::set_tasks(&stage.store, &cast.owner, id, true, clock::now()).await?;

    let synced = wait(Duration::from_secs(60), || async {
        let row = connection::get(&stage.store, account, id).await.ok()??;
        let contacts: i64 = on!(stage.store.read(), |c| sqlx::query_scalar(
            "select count(*) from contact where account_id = $1 and marketing_grade is not null \
             and exists (select 1 from contact_source s where s.contact_id = contact.id)"
        )
        .bind(account)
        .fetch_one(c)
        .await)
        .ok()?;
        // The mapping makes everything be read anew: the numbers are those of that reading.
        let mapped = row.sync_cursor.mapped == row.settings.version;
        (mapped && row.sync_phase == SyncPhase::Idle && row.last_synced_at.is_some() && contacts > 0).then_some(contacts)
    })
    .await
    .context("the CRM was not synced within a minute")?;
    let all: i64 = on!(stage.store.read(), |c| sqlx::query_scalar("select count(*) from contact where account_id = $1")
        .bind(account)
        .fetch_one(c)
        .await)?;
    ensure!(u64::try_from(all)? == cast::CONTACTS, "{all} contacts were synced, the CRM has {}", cast::CONTACTS);
    stage.say(
        &format!("   Загружено контактов: {all}; с отмеченным в CRM согласием на рекламу (автор и время): {synced}."),
        &format!("   {all} contacts synced; with a consent to advertising noted in the CRM (author and time): {synced}."),
    )?;
    Ok(id)
}

/// Anna says by buttons what the CRM's fields become, and which of them say who consents.
async fn maps(stage: &Stage, cast: &Cast, words: Words) -> anyhow::Result<()> {
    let anna = &cast.anna;
    anna.tap(&words.of("crm-fields-button"), "").await.map_err(wrong)?;
    let fields = [CITY, "Бонусы", "Последний визит", "День рождения"];
    for field in fields {
        let card = anna.tap(&words.named("crm-field-unused", field), field).await.map_err(wrong)?;
        let button = card.buttons.iter().flatten().map(|button| button.text.clone()).find(|text| text.starts_with('➕'));
        let button = button.context("the field's card offers no new field")?;
        anna.tap(&button, "").await.map_err(wrong)?;
    }
    let keys: Vec<String> = field::list(&stage.store, cast.owner.account).await?.into_iter().map(|field| field.key).collect();
    ensure!(keys.starts_with(&[CITY_KEY.to_owned(), BONUS_KEY.to_owned()]), "the fields were named {keys:?}");
    anna.tap(&words.of("back"), "amoCRM").await.map_err(wrong)?;
    anna.tap(&words.of("crm-consents-button"), "").await.map_err(wrong)?;
    let choose = words.purpose("crm-consent-choose", &words.of("crm-purpose-marketing"));
    anna.tap(&choose, &words.of("crm-purpose-marketing")).await.map_err(wrong)?;
    // Its time and its author are found by their titles: grade C.
    let card = anna.tap("Согласие на рассылку", "Согласие: кто отметил").await.map_err(wrong)?;
    ensure!(card.text.contains(&words.of("crm-consent-grade-c")), "the consent is not of grade C: {}", card.text);
    anna.tap(&words.of("back"), "").await.map_err(wrong)?;
    // The usual checkbox was found when the CRM was connected.
    anna.see("Не писать").await.map_err(wrong)?;
    stage.say(
        &format!("   Кнопками: поля «{}» и согласие на рекламу с автором и временем (уровень C).", fields.join("», «")),
        &format!("   By buttons: the fields “{}” and the consent to advertising with author and time (grade C).", fields.join("”, “")),
    )
}

/// Six hundred started the bot earlier; three do it now, with everything that belongs to it.
pub async fn customers_come(stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
    let account = cast.owner.account;
    let channel = channels::list(&stage.store, account).await?.first().context("no channel")?.id;
    let users: Vec<i64> = (0..STARTED).map(|n| cast::FIRST_CUSTOMER + i64::try_from(n).unwrap_or_default()).collect();
    for (n, user) in (0..STARTED).zip(&users) {
        let phone = amocrm::phone(n);
        stage.sandbox.add_user(User::new(*user, &format!("Клиент {}", n + 1), &phone));
    }
    let now = clock::now();
    let mut tx = stage.store.begin().await?;
    let phones: Vec<(ContactId, String)> = on!(tx.conn(), |c| sqlx::query_as(
        "select contact_id, value from address where account_id = $1 and kind = 'phone' order by value"
    )
    .bind(account)
    .fetch_all(c)
    .await)?;
    let mut started = Vec::new();
    for n in LIVE..STARTED {
        let phone = amocrm::phone(n);
        if let Some((contact, _)) = phones.iter().find(|(_, value)| *value == phone) {
            let user = users[usize::try_from(n)?];
            let chat = NewAddress::chat(TELEGRAM, &user.to_string(), channel);
            started.push(user);
            contact::attach_address(&mut tx, account, *contact, &chat, now).await?.map_err(|_| wrong("a chat belongs to somebody else"))?;
        }
    }
    tx.commit().await?;
    stage.sandbox.open_chats(cast.shop_bot, started.iter().copied()).map_err(wrong)?;
    stage.say(
        &format!("4. Клиентов, запускавших бот магазина раньше: {}. Трое делают это сейчас: /start, номер, согласия.", started.len()),
        &format!("4. {} customers started the shop's bot earlier. Three do it now: /start, their number, their consents.", started.len()),
    )?;
    for user in &users[..usize::try_from(LIVE)?] {
        let phone = stage.sandbox.phone(cast.shop_bot, *user);
        phone.start(None, "").await.map_err(wrong)?;
        let [yes, _] = texts::yes_no(Language::Ru);
        let share = texts::share_phone(Language::Ru);
        // Personal data first; the phone and advertising are asked apart, and only after a «yes» to
        // the first.
        phone.tap(yes, "рекламу").await.map_err(wrong)?;
        phone.see(share_hint()).await.map_err(wrong)?;
        stage.sandbox.press_keyboard(cast.shop_bot, *user, share).map_err(wrong)?;
        phone.see(&texts::phrase(texts::Phrase::PhoneTaken, Language::Ru, "")).await.map_err(wrong)?;
        phone.tap(yes, &texts::phrase(texts::Phrase::AdsYes, Language::Ru, "")).await.map_err(wrong)?;
        let answered = || stage.sandbox.history(cast.shop_bot, *user).iter().all(|message| message.button(yes).is_none());
        wait(Duration::from_secs(20), || async { answered().then_some(()) })
            .await
            .context("a question that was answered keeps its buttons")?;
    }
    let evidence: i64 = on!(stage.store.read(), |c| sqlx::query_scalar(
        "select count(*) from consent where account_id = $1 and channel_id is not null and action = 'granted' and grade = 1"
    )
    .bind(account)
    .fetch_one(c)
    .await)?;
    ensure!(evidence >= i64::try_from(LIVE)?, "the consents given in the chat were not recorded");
    stage.say(
        &format!("   Согласия записаны с текстом вопроса, временем и номером сообщения: {evidence}."),
        &format!("   Consents recorded with the wording, the time and the message: {evidence}."),
    )
}

fn share_hint() -> &'static str {
    "поделитесь своим номером"
}

/// A template is written, handed in and approved.
pub async fn template(stage: &Stage, cast: &Cast, words: Words, names: &Names) -> anyhow::Result<()> {
    stage.say(
        "5. Анна пишет шаблон рекламы, проверяет и отправляет на согласование; Борис согласует.",
        "5. Anna writes an advertising template, has it checked and hands it in; Boris approves.",
    )?;
    let (anna, boris) = (&cast.anna, &cast.boris);
    anna.say("/menu", "Ромашка").await.map_err(wrong)?;
    anna.tap(&words.of("templates-menu"), &words.head("templates-none")).await.map_err(wrong)?;
    anna.tap(&words.of("templates-new"), "").await.map_err(wrong)?;
    anna.say(names.template, names.template).await.map_err(wrong)?;
    anna.tap(&words.of("templates-choose-advertising"), "first_name").await.map_err(wrong)?;
    anna.say(
        "🌷 {{ first_name | default: \"Здравствуйте\" }}, только в ноябре пионы со скидкой 10 %. Ваш город: {{ gorod | default: \"Москва\" }}.{% if bonusy > 100 %} На вашем счёте {{ bonusy }} {{ bonusy | plural: \"бонус\", \"бонуса\", \"бонусов\" }}.{% endif %}\n\nРеклама. {{ advertiser }}",
        names.template,
    )
    .await
    .map_err(wrong)?;
    anna.tap(&words.of("templates-buttons-open"), "").await.map_err(wrong)?;
    anna.tap(&words.of("templates-opt-out-add"), "").await.map_err(wrong)?;
    anna.tap(&words.of("back"), names.template).await.map_err(wrong)?;
    anna.tap(&words.of("templates-preview"), "пионы").await.map_err(wrong)?;
    anna.say("/menu", "Ромашка").await.map_err(wrong)?;
    anna.tap(&words.of("templates-menu"), "").await.map_err(wrong)?;
    anna.tap(names.template, names.template).await.map_err(wrong)?;
    anna.tap(&words.of("templates-submit"), &words.of("templates-state-submitted")).await.map_err(wrong)?;
    boris.see(names.template).await.map_err(wrong)?;
    boris.tap(&words.of("open"), names.template).await.map_err(wrong)?;
    boris.tap(&words.of("templates-approve"), &words.of("templates-state-approved")).await.map_err(wrong)?;
    Ok(())
}

/// A segment is typed and kept.
pub async fn segment(stage: &Stage, cast: &Cast, words: Words, names: &Names) -> anyhow::Result<()> {
    let filter = match stage.language {
        Language::Ru => "город в (Москва, Казань, Екатеринбург, Тверь, Санкт-Петербург) и бонусы не пусто",
        Language::En => "Город in (Москва, Казань, Екатеринбург, Тверь, Санкт-Петербург) and Бонусы is not empty",
    };
    stage.say(
        &format!("6. Анна собирает сегмент одной строкой: {filter}"),
        &format!("6. Anna builds a segment in one line of text: {filter}"),
    )?;
    let anna = &cast.anna;
    anna.say("/menu", "Ромашка").await.map_err(wrong)?;
    anna.tap(&words.of("menu-more"), &words.head("menu-more-title")).await.map_err(wrong)?;
    anna.tap(&words.of("segments-menu"), "").await.map_err(wrong)?;
    anna.tap(&words.of("segments-new"), "").await.map_err(wrong)?;
    anna.say(names.segment, names.segment).await.map_err(wrong)?;
    anna.tap(&words.of("segments-text"), "").await.map_err(wrong)?;
    anna.say(filter, names.segment).await.map_err(wrong)?;
    Ok(())
}

/// Puts the campaign together and launches it; gives how many will get it.
pub async fn campaign(stage: &Stage, cast: &Cast, words: Words, names: &Names) -> anyhow::Result<u64> {
    stage.say(
        "7. Анна собирает кампанию: шаблон, аудитория, канал; смотрит прогноз; Борис согласует; Анна пишет число получателей и запускает.",
        "7. Anna puts the campaign together: template, audience, channel; looks at the forecast; Boris approves; Anna types the number of recipients and launches.",
    )?;
    let (anna, boris) = (&cast.anna, &cast.boris);
    anna.say("/menu", "Ромашка").await.map_err(wrong)?;
    anna.tap(&words.of("campaigns-menu"), &words.head("campaigns-none")).await.map_err(wrong)?;
    anna.tap(&words.of("campaigns-new"), &words.head("campaigns-ask-name")).await.map_err(wrong)?;
    // What is missing is asked for; the only channel is chosen by itself.
    anna.say(names.campaign, &words.head("campaigns-templates")).await.map_err(wrong)?;
    anna.tap(names.template, &words.head("campaigns-nobody-yet")).await.map_err(wrong)?;
    anna.tap(names.segment, names.segment).await.map_err(wrong)?;
    anna.tap(&words.of("campaigns-done"), names.campaign).await.map_err(wrong)?;
    let forecast = anna.tap(&words.of("campaigns-forecast"), names.campaign).await.map_err(wrong)?;
    for line in forecast.text.lines().filter(|line| !line.trim().is_empty()) {
        stage.say(&format!("   │ {line}"), &format!("   │ {line}"))?;
    }
    anna.tap(&words.of("campaigns-submit"), names.campaign).await.map_err(wrong)?;
    // The approver is told with the card itself, and the author with the way to launch.
    boris.last(|message| message.text.contains(names.campaign)).await.map_err(wrong)?;
    boris.tap(&words.of("campaigns-approve"), names.campaign).await.map_err(wrong)?;
    anna.last(|message| message.text.contains(names.campaign) && message.button(&words.of("campaigns-launch")).is_some())
        .await
        .map_err(wrong)?;
    let ask = anna.tap(&words.of("campaigns-launch"), names.campaign).await.map_err(wrong)?;
    let planned = ask
        .text
        .lines()
        .rev()
        .find(|line| line.contains(':') && line.chars().any(|letter| letter.is_ascii_digit()))
        .map(|line| line.rsplit(':').next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect::<String>())
        .context("the launch card names no number")?;
    anna.say(&planned, names.campaign).await.map_err(wrong)?;
    stage.say(&format!("   Запущено: {planned} получателей."), &format!("   Launched: {planned} recipients."))?;
    Ok(planned.parse()?)
}

/// Looks again and again until there is something, for `within` at most.
pub async fn wait<T, F: Future<Output = Option<T>>>(within: Duration, mut look: impl FnMut() -> F) -> Option<T> {
    let deadline = tokio::time::Instant::now() + within;
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    loop {
        if let Some(found) = look().await {
            return Some(found);
        }
        if tokio::time::Instant::now() >= deadline {
            return None;
        }
        beat.tick().await;
    }
}
