//! Wazzup's adapter against its double, without processes: what a channel may and may not, repeats,
//! a file and its words, and what is told afterwards.

use std::sync::Arc;

use mms_core::{
    channel::{
        Button, ButtonAction, Category, Channel, ChannelKind, Content, EventKind, FileKind, Free, Media, MediaSource, Outbound,
        ProviderTemplate, ReviewState, SendError, SenderState, Sent, TemplateForm, registry, review,
    },
    config::Endpoints,
    text::Rich,
};
use mms_sandbox::{
    Sandbox, User,
    fault::{Fault, Rule},
    wazzup::{Attachment, Settings, Template, Transport},
};

use crate::harness::{PATIENCE, next_id, phone};

/// Bytes of the picture that goes.
const PICTURE: u64 = 43;

/// The adapter and the double, without processes.
struct Alone {
    sandbox: Sandbox,
    adapter: Arc<dyn Channel>,
    line: i64,
}

const KEY: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";

impl Alone {
    async fn new(transport: Transport, kind: ChannelKind, settings: Settings) -> Self {
        let sandbox = Sandbox::builder().wazzup(settings).start().await.expect("a sandbox");
        let wazzup = sandbox.wazzup();
        wazzup.add_account(1, KEY).expect("an account");
        let id = wazzup.add_channel(11, 1, transport, "74950001122").expect("a channel");
        let endpoints = Endpoints { wazzup: wazzup.url().to_owned(), ..Endpoints::default() };
        let credentials = registry::of_sender(kind, &registry::assemble(kind, &[KEY.to_owned()]), &id);
        let adapter = registry::build(kind, &credentials, &endpoints).expect("a client");
        Self { sandbox, adapter, line: 11 }
    }

    async fn whatsapp() -> Self {
        Self::new(Transport::Whatsapp, ChannelKind::WazzupWhatsapp, Settings::default()).await
    }

    fn person(&self) -> i64 {
        let id = next_id();
        self.sandbox.wazzup().add_user(User::new(id, "Анна", &phone(id)));
        self.sandbox.wazzup().open_chats(self.line, [id]).expect("begun");
        id
    }

    async fn send_as(&self, client_id: i64, person: i64, free: Free) -> Result<Sent, SendError> {
        let to = self.sandbox.wazzup().chat_id(self.line, person).expect("a chat");
        let message = Outbound { client_id, series: None, to, content: Content::Free(free), paid: false };
        self.adapter.send(&[message]).await.pop().expect("a result")
    }

    async fn send(&self, person: i64, free: Free) -> Result<Sent, SendError> {
        self.send_as(next_id(), person, free).await
    }

    fn texts(&self, person: i64) -> Vec<String> {
        self.sandbox.wazzup().history(self.line, person).into_iter().filter(|one| one.from_bot).map(|one| one.text).collect()
    }
}

fn text(words: &str) -> Free {
    Free { body: Rich::plain(words), ..Free::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_adapter_and_the_double_of_wazzup_agree() {
    let alone = Alone::whatsapp().await;
    let wazzup = alone.sandbox.wazzup();
    wazzup.add_channel(12, 1, Transport::Telegram, "shop_bot").expect("another channel");
    wazzup.set_channel_state(12, "qr").expect("it waits");
    let offers = alone.adapter.senders().await.expect("senders");
    assert_eq!(
        offers.iter().map(|one| (one.kind, one.username.as_str(), one.sends)).collect::<Vec<_>>(),
        [(ChannelKind::WazzupWhatsapp, "74950001122", true), (ChannelKind::WazzupTelegramBot, "shop_bot", false)]
    );
    let identity = alone.adapter.identify().await.expect("a channel");
    assert_eq!((identity.external_id.as_str(), identity.name.as_str()), (offers[0].external_id.as_str(), "+74950001122"));
    assert!(identity.terms.shared.is_some_and(|shared| shared.scope.starts_with("wazzup:") && !shared.scope.contains(KEY)));

    let anna = alone.person();
    let sent = alone.send(anna, text("раз")).await.expect("sent");
    assert_eq!(wazzup.message(&sent.message_ref).map(|one| one.text), Some("раз".to_owned()));

    // A repeat within the minute makes no second message, and after it would.
    let lost = alone.sandbox.faults().add(Rule::new(Fault::DropAfter).service("wazzup").method("POST /message").chat(anna).times(1));
    assert!(matches!(alone.send_as(7, anna, text("два")).await, Err(SendError::Unknown(_))));
    assert_eq!(alone.sandbox.faults().struck(lost), Some(1));
    let again = alone.send_as(7, anna, text("два")).await.expect("it was taken before");
    assert_eq!(again.message_ref, "", "the refusal does not tell the id");
    assert_eq!(alone.texts(anna), ["раз", "два"]);
    for (old, elsewhere) in [(true, false), (false, true), (true, true)] {
        wazzup.set(|settings| (settings.old_spelling, settings.code_in_description) = (old, elsewhere));
        alone.send_as(7, anna, text("два")).await.expect("either spelling, in either place");
    }
    wazzup.set(|settings| (settings.old_spelling, settings.code_in_description, settings.empty_refusals) = (false, false, true));
    assert!(matches!(alone.send_as(7, anna, text("два")).await, Err(SendError::Unknown(_))), "a refusal without a word may be that one");
    wazzup.set(|settings| settings.empty_refusals = false);
    assert_eq!(alone.texts(anna), ["раз", "два"]);

    // What a channel may not, and whom it does not reach.
    let class = async |person: i64| alone.send(person, text("х")).await.expect_err("refused");
    for code in
        ["CHANNEL_NO_MONEY", "BALANCE_IS_EMPTY", "MESSAGES_IS_SPAM", "CHANNEL_BLOCKED", "MESSAGES_NOT_TEXT_FIRST", "CHANNEL_REJECTED"]
    {
        for elsewhere in [false, true] {
            wazzup.set(|settings| settings.code_in_description = elsewhere);
            wazzup.set_trouble(alone.line, Some(code)).expect("trouble");
            assert!(matches!(class(anna).await, SendError::Misconfigured(why) if why.starts_with(code)), "{code}");
        }
    }
    wazzup.set(|settings| settings.code_in_description = false);
    wazzup.set_trouble(alone.line, None).expect("no trouble");
    wazzup.set_channel_state(alone.line, "phoneUnavailable").expect("offline");
    assert!(matches!(class(anna).await, SendError::RetryAfter { whole_channel: true, .. }));
    wazzup.set_channel_state(alone.line, "active").expect("online");
    wazzup.set_tariff(alone.line, Some(1), true, None).expect("a tariff");
    let stranger = alone.person();
    assert!(matches!(class(stranger).await, SendError::Newcomer { why, .. } if why.starts_with("CHANNEL_LIMIT_EXCEEDED")));
    wazzup.set_tariff(alone.line, None, true, None).expect("a tariff");
    wazzup.set(|settings| settings.bad_contact_at_once = true);
    wazzup.set_present(stranger, Transport::Whatsapp, false).expect("not there");
    assert!(matches!(class(stranger).await, SendError::Unreachable(_)));
    wazzup.set(|settings| settings.per_five_seconds = Some(0));
    assert!(matches!(class(anna).await, SendError::RetryAfter { after, whole_channel: true } if after.as_secs() == 5));
    wazzup.set(|settings| settings.per_five_seconds = None);
    wazzup.add_account(1, "another-key-0123456789").expect("the key is another now");
    assert!(matches!(class(anna).await, SendError::Unauthorised(_)));
    assert!(matches!(alone.adapter.identify().await, Err(SendError::Unauthorised(_))));
}

/// A file goes first; when its words are lost, both are repeated and neither comes twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_and_its_words_come_once_each() {
    let alone = Alone::whatsapp().await;
    let anna = alone.person();
    let wazzup = alone.sandbox.wazzup();
    wazzup.set(|settings| settings.fetches = false);
    let free = || Free {
        media: Some(Media {
            kind: FileKind::Photo,
            source: MediaSource::Link {
                url: "http://127.0.0.1:9/media/t/file.gif".to_owned(),
                name: "весна.gif".to_owned(),
                mime: "image/gif".to_owned(),
                size: PICTURE,
            },
        }),
        ..text("Весна")
    };
    let said = |person: i64| {
        let all = wazzup.history(alone.line, person).into_iter().filter(|one| one.from_bot);
        all.map(|one| (one.photo.is_some(), one.text)).collect::<Vec<_>>()
    };
    let both = [(true, String::new()), (false, "Весна".to_owned())];
    let sent = alone.send(anna, free()).await.expect("sent");
    assert_eq!(said(anna), both);
    let calls = |free: Free| {
        alone.adapter.calls(&Outbound { client_id: 1, series: None, to: "7".to_owned(), content: Content::Free(free), paid: false })
    };
    assert_eq!((calls(free()), calls(text("Весна")), calls(Free { body: Rich::plain(" "), ..free() })), (2, 1, 1), "each takes its pace");
    assert_eq!(wazzup.message(&sent.message_ref).map(|one| one.text), Some("Весна".to_owned()), "the words name the delivery");
    // The second call of a delivery is lost, after or before Wazzup took it.
    for fault in [Fault::DropAfter, Fault::DropBefore] {
        let person = alone.person();
        let rule = Rule::new(fault).service("wazzup").method("POST /message").chat(person).skip(1).times(1);
        alone.sandbox.faults().add(rule);
        let id = next_id();
        let lost = alone.send_as(id, person, free()).await;
        assert!(matches!(&lost, Err(SendError::Unknown(why)) if why.starts_with("the file was taken")), "{lost:?}");
        alone.send_as(id, person, free()).await.expect("what was not taken goes, what was does not");
        assert_eq!(said(person), both);
    }
    // A file that cannot be had is no message at all.
    wazzup.set(|settings| settings.fetches = true);
    let person = alone.person();
    assert!(matches!(alone.send(person, free()).await, Err(SendError::Transient(_))));
    assert_eq!(said(person), []);
}

/// What came of messages, as the double tells it, understood by the adapter.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_double_tells_is_understood() {
    let alone = Alone::new(Transport::Wapi, ChannelKind::WazzupWaba, Settings::default()).await;
    let wazzup = alone.sandbox.wazzup();
    let anna = alone.person();
    let understood = || {
        let told = wazzup.told(1).into_iter().flat_map(|(key, value)| {
            let value = if key == "templateStatus" { value } else { serde_json::json!([value]) };
            alone.adapter.understand(&serde_json::json!({ key: value }).to_string()).expect("understood")
        });
        told.map(|event| event.kind).collect::<Vec<_>>()
    };
    // Outside a person's window nothing goes but a template, and that is told afterwards.
    alone.send(anna, text("раз")).await.expect("taken");
    let closed = wazzup.until(PATIENCE, |_| understood().into_iter().find(|kind| format!("{kind:?}").contains("ReplyWindow"))).await;
    assert!(format!("{closed:?}").contains("24_HOURS_EXCEEDED"), "{closed:?}");
    wazzup.send_text(alone.line, anna, "Здравствуйте").expect("written");
    let offer = Free {
        buttons: vec![vec![Button { text: "Отписаться".to_owned(), action: ButtonAction::Callback("stop".to_owned()) }]],
        ..text("два")
    };
    alone.send(anna, offer).await.expect("taken");
    wazzup.press_text(alone.line, anna, "Отписаться").expect("pressed");
    wazzup.set_channel_state(alone.line, "qr").expect("it waits");
    let all = understood();
    assert!(all.iter().any(|kind| matches!(kind, EventKind::Text { body, .. } if body == "Отписаться")), "{all:?}");
    assert!(all.contains(&EventKind::Sender(SenderState::Stands("qr".to_owned()))), "{all:?}");

    // A file of a person's is brought from where Wazzup keeps it.
    let photo = Attachment {
        name: "роза.gif".to_owned(),
        mime: Some("image/gif".to_owned()),
        photo: true,
        data: vec![7; 9].into(),
        ..Attachment::default()
    };
    wazzup.send_file(alone.line, anna, photo).expect("sent");
    let file =
        understood().into_iter().find_map(|kind| if let EventKind::Media { what, file, .. } = kind { Some((what, file)) } else { None });
    let (what, file) = file.expect("a file");
    assert_eq!(what, "photo");
    let reference = file.expect("an address").reference;
    assert_eq!(alone.adapter.fetch(&reference).await.expect("fetched"), [7; 9]);
    assert!(matches!(alone.adapter.fetch(&format!("{reference}x")).await, Err(SendError::ReferenceLost(_))));

    // A template is found by its words, and goes by its id.
    let mut template = Template::new("c41e7b9a-2f60-4d7b-a0c3-5b8f1d2e3301", "autumn", "Здравствуйте, {{1}}! Скидка");
    template.status = "pending".to_owned();
    wazzup.add_template(1, template).expect("a template");
    let form = TemplateForm {
        name: "osen_v1".to_owned(),
        language: "ru".to_owned(),
        category: Category::Marketing,
        body: Rich::plain(format!("Здравствуйте, {}! Скидка", review::place(0))),
        values: vec![("first_name".to_owned(), "Анна".to_owned())],
        header: None,
        buttons: Vec::new(),
    };
    let news = alone.adapter.submit_template(&form).await.expect("found");
    assert_eq!((news.external_id.as_str(), news.state), ("c41e7b9a-2f60-4d7b-a0c3-5b8f1d2e3301", Some(ReviewState::Pending)));
    wazzup.set_template_status(1, &news.external_id, "approved").expect("approved");
    wazzup.set_channel_state(alone.line, "active").expect("active");
    let by_template = |values: Vec<(String, String)>| {
        Content::Template(Box::new(ProviderTemplate {
            name: "osen_v1".to_owned(),
            external_id: news.external_id.clone(),
            language: "ru".to_owned(),
            parameters: values,
            header: None,
            buttons: Vec::new(),
        }))
    };
    let boris = alone.person();
    let send = async |content: Content| {
        let to = wazzup.chat_id(alone.line, boris).expect("a chat");
        alone.adapter.send(&[Outbound { client_id: next_id(), series: None, to, content, paid: false }]).await.pop().expect("a result")
    };
    send(by_template(vec![("first_name".to_owned(), "Борис".to_owned())])).await.expect("sent");
    assert_eq!(alone.texts(boris), ["Здравствуйте, Борис! Скидка"]);
    assert!(matches!(send(by_template(Vec::new())).await, Err(SendError::Rejected(_))), "a value is missing");
    wazzup.set_template_status(1, &news.external_id, "paused").expect("paused");
    let barred = send(by_template(vec![("first_name".to_owned(), "Борис".to_owned())])).await;
    assert!(matches!(barred, Err(SendError::TemplateNeeded(_))), "{barred:?}");
    let other = TemplateForm { body: Rich::plain("Другие слова"), ..form };
    assert!(matches!(alone.adapter.submit_template(&other).await, Err(SendError::Rejected(why)) if why == "Другие слова"));
}
