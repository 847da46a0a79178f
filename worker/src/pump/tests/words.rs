//! What is kept of a message is what its messenger's double shows: in every messenger, with all
//! that one of them cannot show.

use mms_core::{
    account::Language,
    channel::{Capabilities, ChannelKind, Markup, fit, registry},
    delivery::{
        kept::{self, Message},
        outgoing::{self, NewOutgoing, OutgoingMessage, OutgoingPurpose},
    },
    id::{CampaignId, ProviderTemplateId, VersionId},
    template::{Facts, content, provider::compile},
    text::Rich,
};
use mms_sandbox::{
    viber::Phone,
    wazzup::{Template, Transport},
    whatsapp::{Person, Tier},
};

use super::*;

/// The sender, and the person, at every double.
const SENDER: i64 = 4242;
const PERSON: i64 = 1000;
const KEY: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const VIBER: &str = "4f0c1d2e3a4b5c6d-7e8f9a0b1c2d3e4f-5a6b7c8d9e0f1a2b";

/// Letters of several kinds, a link with words of its own, a name that could be a mention; buttons.
const VERSION: &str = "update template_version set body = '<b>{{ first_name }}</b>, <u>наш</u> <a href=\"https://ex.ru/a\">сайт</a> ждёт [id1|Вас]', \
    buttons = '[{\"kind\":\"url\",\"text\":\"Записаться на удобное вам время\",\"url\":\"https://ex.ru/b\"},{\"kind\":\"opt_out\",\"text\":\"Отписаться\"}]' \
    where account_id = $1";

/// A message as the person sees it: its words, and what stands on its buttons.
type Seen = (String, Vec<String>);

/// A sender and a person who may be written to, at a double: the values of the sender's
/// credentials, and the person's address.
fn opened(sandbox: &Sandbox, kind: ChannelKind, transport: Option<Transport>) -> (Vec<String>, String) {
    let user = || User::new(PERSON, "Анна", "+79991234567");
    match kind {
        ChannelKind::Telegram => {
            sandbox.add_bot(TOKEN, "shop_bot").unwrap();
            sandbox.add_user(user());
            sandbox.press_start(SENDER, PERSON, None).unwrap();
            (vec![TOKEN.to_owned()], PERSON.to_string())
        }
        ChannelKind::Max => {
            sandbox.max().add_bot(SENDER, "mAx-0123456789", "shop_bot").unwrap();
            sandbox.max().add_user(user());
            sandbox.max().open_chats(SENDER, [PERSON]).unwrap();
            (vec!["mAx-0123456789".to_owned()], sandbox.max().chat_id(SENDER, PERSON).to_string())
        }
        ChannelKind::Vk => {
            sandbox.vk().add_community(SENDER, "vk1.a.fixture-of-the-pump", "romashka").unwrap();
            sandbox.vk().add_user(user());
            sandbox.vk().open_chats(SENDER, [PERSON]).unwrap();
            (vec!["vk1.a.fixture-of-the-pump".to_owned()], PERSON.to_string())
        }
        ChannelKind::Viber => {
            sandbox.viber().add_bot(SENDER, VIBER, "shopbot").unwrap();
            sandbox.viber().hook(SENDER, "https://shop.example/hook").unwrap();
            sandbox.viber().add_user(user());
            sandbox.viber().open_chats(SENDER, [PERSON]).unwrap();
            (vec![VIBER.to_owned()], sandbox.viber().user_id(SENDER, PERSON))
        }
        ChannelKind::Whatsapp => {
            let whatsapp = sandbox.whatsapp();
            whatsapp.add_app("77", KEY).unwrap();
            whatsapp.add_waba("88", "99").unwrap();
            whatsapp.add_number(SENDER, "88", "+74950001122", "Ромашка").unwrap();
            whatsapp.add_token("EAAG0123456789", "77").unwrap();
            whatsapp.set_tier("99", Tier::Unlimited).unwrap();
            whatsapp.add_person(Person::new(PERSON, "Анна", "+79991234567"));
            whatsapp.write(SENDER, PERSON, "Здравствуйте").unwrap();
            (["EAAG0123456789", "4242", "88", KEY].map(str::to_owned).to_vec(), "+79991234567".to_owned())
        }
        _ => {
            let wazzup = sandbox.wazzup();
            wazzup.add_account(1, KEY).unwrap();
            wazzup.add_channel(SENDER, 1, transport.unwrap(), "74950001122").unwrap();
            wazzup.add_user(user());
            wazzup.open_chats(SENDER, [PERSON]).unwrap();
            // Some have a window.
            wazzup.send_text(SENDER, PERSON, "Здравствуйте").unwrap();
            let chat = wazzup.chat_id(SENDER, PERSON).unwrap();
            let is_phone = registry::capabilities(kind).global_ids;
            (vec![KEY.to_owned()], if is_phone { format!("+{chat}") } else { chat })
        }
    }
}

/// What came to the person; some doubles bring it a moment after they took it.
async fn seen(sandbox: &Sandbox, kind: ChannelKind) -> Option<Seen> {
    macro_rules! labels {
        ($rows:expr) => {
            $rows.into_iter().flatten().map(|button| button.text).collect()
        };
    }
    macro_rules! last {
        ($all:expr) => {
            $all.into_iter().rev().find(|one| one.from_bot).map(|one| (one.text, labels!(one.buttons)))
        };
    }
    match kind {
        ChannelKind::Telegram => last!(sandbox.history(SENDER, PERSON)),
        ChannelKind::Max => last!(sandbox.max().history(SENDER, PERSON)),
        ChannelKind::Vk => last!(sandbox.vk().history(SENDER, PERSON)),
        ChannelKind::Viber => {
            let chat = sandbox.viber().chat(SENDER, PERSON);
            last!(chat.messages).map(|(text, _): Seen| (text, labels!(chat.keyboard)))
        }
        ChannelKind::Whatsapp => {
            let message = sandbox.whatsapp().expect_last(SENDER, PERSON, LONG, |_| true).await.unwrap();
            Some((message.shown.text, labels!([message.shown.buttons])))
        }
        _ => {
            let message = sandbox.wazzup().expect_last(SENDER, PERSON, LONG, |_| true).await.unwrap();
            Some((message.text, labels!(message.buttons)))
        }
    }
}

/// What is kept, as the person sees it: these doubles show marks as they came.
fn shown(message: &Message, kind: ChannelKind, to: &Capabilities) -> Seen {
    let as_it_came = matches!(kind.provider(), "whatsapp" | "wazzup");
    let text = match to.markup {
        Markup::Marks(marks) if as_it_came && !message.body.spans.is_empty() => marks.written(&message.body),
        _ => message.body.text.clone(),
    };
    (text, message.buttons.iter().flatten().map(|button| button.text.clone()).collect())
}

/// A sender of this kind at its double, with a campaign to one person.
pub(super) struct Stage {
    pub(super) sandbox: Sandbox,
    pub(super) fixture: Fixture,
    pub(super) campaign: CampaignId,
    kind: ChannelKind,
}

impl Stage {
    pub(super) async fn new(store: &Store, kind: ChannelKind, transport: Option<Transport>) -> Self {
        let sandbox = Sandbox::builder().rates(Rates::off()).start().await.unwrap();
        let (values, address) = opened(&sandbox, kind, transport);
        let mut credentials = registry::assemble(kind, &values);
        if let Some(channel) = sandbox.wazzup().channels().first() {
            credentials = registry::of_sender(kind, &credentials, &channel.channel_id);
        }
        let fixture = Fixture::new(store, 1, 30.0).await;
        let sealed = sealer().seal(credentials.expose().as_bytes(), fixture.channel.0);
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("update channel set kind = $2, credentials = $3 where account_id = $1")
            .bind(fixture.account)
            .bind(kind)
            .bind(&sealed)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        on!(tx.conn(), |c| sqlx::query("update address set kind = $2, value = $3 where account_id = $1")
            .bind(fixture.account)
            .bind(registry::capabilities(kind).address_kind)
            .bind(&address)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
        let campaign = fixture.campaign(store, "service", "leave", 1, None).await;
        fixture.change(store, VERSION).await;
        Self { sandbox, fixture, campaign, kind }
    }

    /// A worker that finds every double.
    pub(super) fn worker(&self, store: &Store) -> Deps {
        let endpoints = Endpoints {
            telegram: self.sandbox.url(),
            max: self.sandbox.max().url().to_owned(),
            vk: self.sandbox.vk().url().to_owned(),
            whatsapp: format!("{}/v26.0", self.sandbox.whatsapp().url()),
            wazzup: self.sandbox.wazzup().url().to_owned(),
            viber: self.sandbox.viber().url().to_owned(),
            ..Endpoints::default()
        };
        Deps::new(store.clone(), sealer(), endpoints, Queue::memory(), "a")
    }

    /// One turn of it.
    pub(super) async fn turn(&self, store: &Store) {
        run(&self.worker(store), self.fixture.channel).await.unwrap();
    }

    /// The words of each message that came to the person, of the messengers whose doubles show a
    /// message at once.
    pub(super) fn came(&self) -> Vec<String> {
        macro_rules! words {
            ($all:expr) => {
                $all.into_iter().filter(|one| one.from_bot).map(|one| one.text).collect()
            };
        }
        match self.kind {
            ChannelKind::Telegram => words!(self.sandbox.history(SENDER, PERSON)),
            ChannelKind::Vk => words!(self.sandbox.vk().history(SENDER, PERSON)),
            _ => words!(self.sandbox.wazzup().history(SENDER, PERSON)),
        }
    }

    /// Sends the campaign; what is kept of it.
    pub(super) async fn sent(&self, store: &Store) -> Message {
        self.turn(store).await;
        let state = self.fixture.delivery(store, self.campaign, 0).await;
        assert_eq!(state, (State::Sent, None), "{:?}", self.kind);
        let kept = kept::to(store, self.fixture.account, self.campaign, self.fixture.contacts[0]).await.unwrap();
        kept.into_iter().next().and_then(|kept| kept.message).unwrap()
    }
}

const OF_WAZZUP: [(ChannelKind, Transport); 9] = [
    (ChannelKind::WazzupWhatsapp, Transport::Whatsapp),
    (ChannelKind::WazzupTelegram, Transport::Tgapi),
    (ChannelKind::WazzupTelegramBot, Transport::Telegram),
    (ChannelKind::WazzupMax, Transport::Max),
    (ChannelKind::WazzupMaxBot, Transport::Maxbot),
    (ChannelKind::WazzupViber, Transport::Viber),
    (ChannelKind::WazzupVk, Transport::Vk),
    (ChannelKind::WazzupAvito, Transport::Avito),
    (ChannelKind::WazzupInstagram, Transport::Instagram),
];

both!(
    async fn what_is_kept_is_what_the_person_sees(store) {
        let own = [ChannelKind::Telegram, ChannelKind::Max, ChannelKind::Vk, ChannelKind::Viber, ChannelKind::Whatsapp];
        let all = own.map(|kind| (kind, None)).into_iter().chain(OF_WAZZUP.map(|(kind, transport)| (kind, Some(transport))));
        for (kind, transport) in all {
            let stage = Stage::new(&store, kind, transport).await;
            let kept = stage.sent(&store).await;
            let to = registry::capabilities(kind);
            assert_eq!(Some(shown(&kept, kind, to)), seen(&stage.sandbox, kind).await, "{kind:?}");
            let text = &kept.body.text;
            assert!(text.starts_with("Анна, наш сайт"), "{kind:?} {text}");
            let links = |url: &str| text.contains(url) || format!("{:?} {:?}", kept.body.spans, kept.buttons).contains(url);
            assert!(links("https://ex.ru/a") && links("https://ex.ru/b"), "{kind:?} {kept:?}");
            let again = fit::fit(kept.body.clone(), kept.buttons.clone(), None, to).unwrap();
            assert_eq!((again.body, again.buttons), (kept.body, kept.buttons), "{kind:?}");
        }
    }
);

both!(
    // The words that were kept had buttons which the person never saw.
    async fn a_device_that_is_too_old_gets_words_and_those_are_kept(store) {
        let stage = Stage::new(&store, ChannelKind::Viber, None).await;
        stage.sandbox.viber().set_phone(SENDER, PERSON, Phone { api_version: 1, ..Phone::default() }).unwrap();
        let kept = stage.sent(&store).await;
        let to = registry::capabilities(ChannelKind::Viber);
        assert_eq!(Some(shown(&kept, ChannelKind::Viber, to)), seen(&stage.sandbox, ChannelKind::Viber).await);
        assert!(kept.buttons.is_empty() && kept.body.spans.is_empty(), "{kept:?}");
        assert!(kept.body.text.ends_with("https://ex.ru/b\n\nЧтобы отписаться, ответьте «стоп»."), "{}", kept.body.text);
    }
);

const GUID: &str = "c41e7b9a-2f60-4d7b-a0c3-5b8f1d2e3301";

impl Stage {
    /// The version as a template that the provider approved: the product's own form of it.
    async fn approved(&self, store: &Store) {
        let (account, now) = (self.fixture.account, clock::now());
        let version: VersionId = on!(store.read(), |c| sqlx::query_scalar("select id from template_version where account_id = $1")
            .bind(account)
            .fetch_one(c)
            .await)
        .unwrap();
        let sample = Facts {
            name: "Анна".to_owned(),
            first_name: "Анна".to_owned(),
            last_name: String::new(),
            attributes: serde_json::Map::new(),
            account_name: "Ромашка".to_owned(),
            advertiser: "Ромашка".to_owned(),
            now,
            zone: "UTC".parse().unwrap(),
            language: Language::Ru,
        };
        let rules = registry::capabilities(self.kind).templates.unwrap();
        let compiled = compile(&content(store, account, version).await.unwrap().unwrap(), None, &sample, &rules).unwrap();
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into provider_template (id, account_id, channel_id, template_version_id, name, language, external_id, category, state, mapping, digest, \
             submitted_by, submitted_at, changed_at, look_at) values ($1, $2, $3, $4, 'sait_v1_0', 'ru', $5, 'marketing', 'approved', $6, 'd', $7, $8, $8, $8)"
        )
        .bind(ProviderTemplateId::new())
        .bind(account)
        .bind(self.fixture.channel)
        .bind(version)
        .bind(GUID)
        .bind(sqlx::types::Json(&compiled.mapping))
        .bind(self.fixture.member)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
    }
}

both!(
    // A value stands in one line in a template, whatever the version's own text made of it.
    async fn what_is_kept_of_a_template_is_what_the_provider_makes_of_it(store) {
        let kind = ChannelKind::WazzupWaba;
        let stage = Stage::new(&store, kind, Some(Transport::Wapi)).await;
        let version = "update template_version set body = 'Здравствуйте, {{ first_name }}! <b>Скидка</b> на <a href=\"https://ex.ru/a\">сайте</a> ждёт.', \
            buttons = '[{\"kind\":\"opt_out\",\"text\":\"Отписаться\"}]' where account_id = $1";
        stage.fixture.change(&store, version).await;
        stage.fixture.change(&store, "update contact set first_name = 'Анна   Мария' where account_id = $1").await;
        let said = "Здравствуйте, {{1}}! *Скидка* на сайте (https://ex.ru/a) ждёт.";
        let template = Template { buttons: vec!["Отписаться".to_owned()], ..Template::new(GUID, "sait_v1_0", said) };
        stage.sandbox.wazzup().add_template(1, template).unwrap();
        stage.approved(&store).await;
        let kept = stage.sent(&store).await;
        let came = seen(&stage.sandbox, kind).await;
        assert_eq!(came.as_ref().map(|(text, _)| text.contains("Анна Мария!")), Some(true), "{came:?}");
        assert_eq!(Some(shown(&kept, kind, registry::capabilities(kind))), came);
    }
);

both!(
    async fn an_answer_that_its_messenger_cannot_show_never_goes_and_says_why(store) {
        let stage = Stage::new(&store, ChannelKind::Vk, None).await;
        let Fixture { account, channel, ref contacts, .. } = stage.fixture;
        let mut tx = store.begin().await.unwrap();
        for (n, text) in ["ж".repeat(4_097), "Здравствуйте".to_owned()].into_iter().enumerate() {
            let message = OutgoingMessage { body: Rich::plain(text), buttons: Vec::new(), remove_keyboard: false, media: None };
            let (contact, to, dedupe_key) = (Some(contacts[0]), PERSON.to_string(), n.to_string());
            let new = NewOutgoing { account, channel, contact, to, purpose: OutgoingPurpose::Answer, message, dedupe_key };
            outgoing::enqueue(&mut tx, new, clock::now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        stage.sent(&store).await;
        let states = async || {
            let rows: Vec<(String, Option<String>, Option<String>)> =
                on!(store.read(), |c| sqlx::query_as("select state, reason, detail from outgoing where account_id = $1 order by id")
                    .bind(account)
                    .fetch_all(c)
                    .await)
                .unwrap();
            rows
        };
        // The second of one person waits for the first, perhaps until the next turn.
        while states().await.iter().any(|(state, ..)| state == "queued") {
            stage.turn(&store).await;
        }
        let [long, short] = &states().await[..] else { panic!("two") };
        assert_eq!((long.0.as_str(), long.1.as_deref(), long.2.as_deref()), ("failed", Some("too_long"), Some("4097 of 4096")));
        assert_eq!(short.0, "sent");
        assert_eq!(stage.sandbox.vk().ledger().refusals().len(), 0, "nothing was tried in vain");
    }
);
