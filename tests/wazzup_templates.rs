//! Campaigns through the WhatsApp Business API at Wazzup, with real processes: a template is made
//! in the account at Wazzup, found here by its words, followed, and goes out with each person's
//! values; and a new key is taken by all channels of the old one.

use mms_core::{
    campaign::{Audience, CampaignError, State, approval, draft},
    channel::{
        ChannelKind, ReviewState, hook,
        store::{self as channels, ChannelState},
    },
    clock,
    config::Endpoints,
    on,
};
use mms_sandbox::wazzup::{Template, Transport};

use crate::{
    bot_life::Person,
    harness::{Company, Shape, World, next_id, until},
    inbox_life::press,
    wazzup_life::Account,
};

const TEXT: &str = "Здравствуйте, *{{1}}*! {{2}} дарит вам скидку 10% до конца недели.";

/// The owner was told so; other news may have come after it.
async fn told(world: &World, owner: &Person<'_>, words: &str) {
    until(&format!("`{words}` to be told"), || async {
        world.sandbox.history(world.manager_bot, owner.id).iter().any(|message| message.text.contains(words)).then_some(())
    })
    .await;
}

async fn a_campaign(shape: Shape) {
    let mut world = World::prepare(shape).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 0).await;
    let account = Account::new(&world);
    let number = format!("7495{:07}", next_id() % 10_000_000);
    let waba = account.line(Transport::Wapi, ChannelKind::WazzupWaba, &number);
    let owner = Person::new(&world);
    owner.sees("Чтобы начать, войдите").await;
    owner.signs_in(&company).await;
    account.is_connected_by(&owner, &[&format!("+{number}")]).await;
    account.is_heard().await;
    let channel = waba.row(&company).await.id;

    // Within a day of their word people are asked and answered; after it only a template goes.
    let (anna, boris) = (waba.customer("Анна"), waba.customer("Борис"));
    for customer in [anna, boris] {
        waba.writes(customer, "Здравствуйте");
        waba.agrees(customer).await;
    }
    let version =
        company.template(&world, "Здравствуйте, <b>{{ first_name }}</b>! {{ advertiser }} дарит вам скидку 10% до конца недели.").await;
    let now = clock::now();
    let campaign = draft::create(&world.store, &company.owner, "Весна", now).await.expect("a draft");
    for change in [draft::Change::Template(1, version), draft::Change::Audience(Audience::everybody()), draft::Change::Channel(1, channel)]
    {
        draft::edit(&world.store, &company.owner, campaign, change, now).await.expect("edited");
    }
    world.sandbox.clock().advance(std::time::Duration::from_secs(25 * 3_600));
    told(&world, &owner, "«Скидка» согласован").await;
    owner.types("/menu");
    press(&world, &owner, "Кампании", "Весна").await;
    press(&world, &owner, "Весна", "ещё не найден в Wazzup").await;
    press(&world, &owner, "Найти шаблон в Wazzup", "слово в слово").await;
    owner.sees("Здравствуйте, *{{1}}*! {{2}} дарит вам скидку").await;

    // The manager makes it there; while it is reviewed nothing is approved here.
    let mut template = Template::new(&format!("c41e7b9a-2f60-4d7b-a0c3-{:012}", account.id % 1_000_000_000_000), "vesna", TEXT);
    (template.buttons, template.status) = (vec!["Отписаться".to_owned()], "pending".to_owned());
    account.wazzup().add_template(account.id, template.clone()).expect("made");
    press(&world, &owner, "Найти шаблон в Wazzup", "шаблон на проверке").await;
    approval::submit(&world.store, &company.owner, campaign, clock::now()).await.expect("handed in");
    let refused = approval::approve(&world.store, &company.approver, campaign, clock::now()).await;
    assert!(matches!(refused, Err(CampaignError::ProviderTemplate { state: ReviewState::Pending, .. })), "{refused:?}");
    account.wazzup().set_template_status(account.id, &template.guid, "approved").expect("approved");
    told(&world, &owner, "одобрил шаблон").await;
    approval::approve(&world.store, &company.approver, campaign, clock::now()).await.expect("approved");
    company.start(&world, campaign).await.expect("launched");
    company.until_state(&world, campaign, State::Finished).await;
    company.must_balance(&world, campaign).await;
    for (customer, name) in [(anna, "Анна"), (boris, "Борис")] {
        let got = waba.gets(customer, "скидку").await;
        assert_eq!(got.text, format!("Здравствуйте, *{name}*! ООО «Ромашка» дарит вам скидку 10% до конца недели."));
    }
    waba.wazzup().press_text(waba.id, boris, "Отписаться").expect("pressed");
    until("the opt-out to be kept", || async { waba.is_out(boris).await.then_some(()) }).await;
    assert!(!waba.is_out(anna).await);

    // It is paused there: nobody can go by it any more.
    account.wazzup().set_template_status(account.id, &template.guid, "paused").expect("paused");
    until("the pause to be known", || async {
        const PAUSED: &str = "select count(*) from provider_template where state = 'paused' and external_id = $1";
        let paused: i64 = on!(world.store.read(), |c| sqlx::query_scalar(PAUSED).bind(&template.guid).fetch_one(c).await).expect("counted");
        (paused == 1).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_found_at_wazzup_on_sqlite() {
    a_campaign(Shape::One).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_found_at_wazzup_on_postgresql_and_redis() {
    a_campaign(Shape::Apart { workers: 1 }).await;
}

/// The old key ends: both channels stop by themselves, and one message with the new key mends both.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_taken_by_all_channels_of_the_old_one() {
    let mut world = World::prepare(Shape::One).await;
    world.be_reachable();
    world.start_all();
    let company = Company::found(&world, 0).await;
    let account = Account::new(&world);
    let lines = [
        account.line(Transport::Telegram, ChannelKind::WazzupTelegramBot, "one_bot"),
        account.line(Transport::Vk, ChannelKind::WazzupVk, "romashka"),
        account.line(Transport::Avito, ChannelKind::WazzupAvito, "shop"),
    ];
    for line in &lines {
        line.connect(&company).await;
    }
    account.is_heard().await;
    let owner = Person::new(&world);
    owner.sees("Чтобы начать, войдите").await;
    owner.signs_in(&company).await;
    let anna = lines[1].customer("Анна");
    lines[1].writes(anna, "Здравствуйте");
    lines[1].gets(anna, "Разрешаете").await;
    // One of them stands for another reason.
    const SPAM: &str = "SPAM: The messenger says SPAM.";
    let mut tx = world.store.begin().await.expect("begun");
    channels::misconfigured(&mut tx, lines[2].row(&company).await.id, SPAM, clock::now()).await.expect("stopped");
    tx.commit().await.expect("committed");
    let key = hex::encode(mms_core::secret::token(24));
    account.wazzup().add_account(account.id, &key).expect("a new key");
    lines[1].writes(anna, "согласиться");
    until("the channel to stop", || async { (lines[1].row(&company).await.state == ChannelState::Misconfigured).then_some(()) }).await;
    told(&world, &owner, "остановлен").await;
    owner.types("/menu");
    for button in ["Настройки", "Каналы", "@one_bot", "Новый токен"] {
        owner.presses(button).await;
    }
    owner.sees("Новый токен для").await;
    owner.types(&key);
    told(&world, &owner, "Новый токен принят").await;
    let rows = [lines[0].row(&company).await, lines[1].row(&company).await, lines[2].row(&company).await];
    assert_eq!(hook::beside(&world.store, &rows[0]).await.expect("read").len(), 3, "they share the new key");
    assert_eq!(rows[1].state, ChannelState::Active);
    assert_eq!((rows[2].state, rows[2].state_reason.as_deref()), (ChannelState::Misconfigured, Some(SPAM)), "no key mends that");
    lines[1].gets(anna, "реклам").await;
    let endpoints = Endpoints { wazzup: account.wazzup().url().to_owned(), ..Endpoints::default() };
    for row in rows {
        let opened = channels::load(&world.store, &world.sealer, &endpoints, row.id).await.expect("opened").1;
        assert!(opened.identify().await.is_ok());
    }
    world.stop().await;
}
