//! The adapter of VK against its double, call by call: batches and what becomes of each message in
//! them, files, presses, reading back, both ways of updates.

use std::{sync::Arc, time::Duration};

use mms_core::{
    channel::{
        Button, ButtonAction, Channel, ChannelKind, Content, Event, EventKind, FileKind, Free, Media, MediaSource, Outbound, Resolution,
        SendError, Sent, fit, registry,
    },
    clock,
    config::Endpoints,
    text::Rich,
};
use mms_sandbox::{
    Fault, Rule, Sandbox, User,
    vk::{Pressed, Settings, Vk},
};

const GROUP: i64 = 777;
const KEY: &str = "vk1.a.adapter-of-the-tests";
const SOON: Duration = Duration::from_secs(20);

/// A community at the double with people who allowed messages, and its adapter.
struct World {
    sandbox: Sandbox,
    adapter: Arc<dyn Channel>,
}

impl World {
    async fn new(people: usize) -> Self {
        let sandbox = Sandbox::builder().vk(Settings::unlimited()).start().await.expect("the doubles start");
        sandbox.vk().add_community(GROUP, KEY, "romashka").expect("a community");
        for n in 0..people {
            sandbox.vk().add_user(User::new(person(n), "Анна", "+79991234567"));
        }
        sandbox.vk().open_chats(GROUP, (0..people).map(person)).expect("allowed");
        let endpoints = Endpoints { vk: sandbox.vk().url().to_owned(), ..Endpoints::default() };
        let adapter =
            registry::build(ChannelKind::Vk, &registry::assemble(ChannelKind::Vk, &[KEY.to_owned()]), &endpoints).expect("a client");
        Self { sandbox, adapter }
    }

    fn vk(&self) -> &Vk {
        self.sandbox.vk()
    }

    fn texts(&self, n: usize) -> Vec<String> {
        self.vk().history(GROUP, person(n)).into_iter().filter(|message| message.from_bot).map(|message| message.text).collect()
    }

    fn calls(&self, method: &str) -> u64 {
        self.vk().ledger().calls().get(method).copied().unwrap_or_default()
    }
}

fn person(n: usize) -> i64 {
    1_000 + i64::try_from(n).expect("few")
}

/// A message as it comes to the adapter: made to fit.
fn message(n: usize, text: &str) -> Outbound {
    let free = Free { body: Rich::plain(text), ..Free::default() };
    let free = fit::free(free.clone(), registry::capabilities(ChannelKind::Vk)).unwrap_or(free);
    Outbound { client_id: person(n), series: None, to: person(n).to_string(), content: Content::Free(free), paid: false }
}

/// A full batch of different words is one call, each with its own outcome in its own place.
#[tokio::test]
async fn different_words_go_by_one_execute_and_each_has_its_outcome() {
    let world = World::new(25).await;
    world.vk().deny(GROUP, person(3)).expect("denied");
    world.vk().deactivate(person(7)).expect("deleted");
    world.vk().set_trouble(GROUP, person(9), Some(902)).expect("hidden");
    world.sandbox.faults().add(
        Rule::new(Fault::Error { code: 9, description: String::new(), retry_after: None })
            .service("vk")
            .method("messages.send")
            .chat(person(11)),
    );
    let mut batch: Vec<Outbound> = (0..25).map(|n| message(n, &format!("Анна {n}, [id1|скидка] \"10\\%\"\nи ещё"))).collect();
    batch[13].to = "не число".to_owned();
    let results = world.adapter.send(&batch).await;
    assert_eq!(results.len(), 25);
    for (n, result) in results.iter().enumerate() {
        let texts = world.texts(n);
        match (n, result) {
            (3, Err(SendError::Blocked)) => assert!(texts.is_empty()),
            (7 | 9 | 13, Err(SendError::Unreachable(_))) => assert!(texts.is_empty()),
            (11, Err(SendError::RetryAfter { after, whole_channel: false })) => {
                assert!(texts.is_empty() && after.as_secs() == 60);
            }
            (3 | 7 | 9 | 11 | 13, other) => panic!("{n}: {other:?}"),
            (n, Ok(Sent { message_ref, .. })) => {
                assert_eq!(texts, [format!("Анна {n}, ［id1|скидка] \"10\\%\"\nи ещё")]);
                assert_eq!(*message_ref, format!("{}:1", person(n)));
            }
            (n, other) => panic!("{n}: {other:?}"),
        }
    }
    assert_eq!(world.calls("execute"), 1);
    assert!(world.adapter.send(&[]).await.is_empty());
}

/// The same words to a hundred are one call of `messages.send`.
#[tokio::test]
async fn the_same_words_go_to_a_hundred_at_once() {
    let world = World::new(100).await;
    world.vk().deny(GROUP, person(42)).expect("denied");
    let batch: Vec<Outbound> = (0..100).map(|n| Outbound { series: Some(77), ..message(n, "Скидка") }).collect();
    let results = world.adapter.send(&batch).await;
    assert_eq!(world.calls("messages.send"), 1);
    assert_eq!(results[42], Err(SendError::Blocked));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 99);
    // One of them is tried again, alone, and nobody gets it twice.
    for _ in 0..2 {
        let again = world.adapter.send(&batch[5..6]).await;
        assert_eq!(again[0].as_ref().map(|sent| sent.message_ref.clone()), Ok(format!("{}:1", person(5))));
        assert_eq!(world.texts(5), ["Скидка"]);
    }
    // The next series says the same words once more.
    let next = world.adapter.send(&[Outbound { series: Some(78), ..message(5, "Скидка") }]).await;
    assert!(next[0].is_ok() && world.texts(5).len() == 2);
}

/// Every message of a call whose answer was lost is unknown; repeated within the hour none is there
/// twice, and later the dialogue tells.
#[tokio::test]
async fn a_lost_answer_is_repeated_and_looked_up() {
    let world = World::new(3).await;
    let batch: Vec<Outbound> = (0..3).map(|n| message(n, &format!("Привет {n}"))).collect();
    for fault in [Fault::DropAfter, Fault::Gateway { code: 502, accepted: true }] {
        world.sandbox.faults().add(Rule::new(fault).service("vk").method("execute").times(1));
        let lost = world.adapter.send(&batch).await;
        assert!(lost.iter().all(|result| matches!(result, Err(SendError::Unknown(_)))), "{lost:?}");
    }
    assert!(world.adapter.send(&batch).await.iter().all(Result::is_ok));
    assert!((0..3).all(|n| world.texts(n) == [format!("Привет {n}")]), "once each");

    let sent = Sent { message_ref: format!("{}:1", person(1)), ..Sent::default() };
    assert_eq!(world.adapter.resolve(&message(1, ""), clock::now()).await, Resolution::Sent(sent.clone()));
    // Whoever asks may not know whether it went as one of a series.
    assert_eq!(world.adapter.resolve(&Outbound { series: Some(5), ..message(1, "") }, clock::now()).await, Resolution::Sent(sent));
    let other = Outbound { client_id: 99, ..message(1, "Привет 1") };
    assert_eq!(world.adapter.resolve(&other, clock::now()).await, Resolution::CannotTell, "the same words are not the same message");
}

/// What is wrong with the whole call is every message's.
#[tokio::test]
async fn a_refused_call_refuses_all_of_it() {
    let world = World::new(2).await;
    let batch: Vec<Outbound> = (0..2).map(|n| message(n, &format!("Привет {n}"))).collect();
    for (code, expected) in
        [(6, "RetryAfter { after: 1s, whole_channel: true }"), (14, "Misconfigured(\"14: Captcha needed\")"), (29, "Quota")]
    {
        let fault = Fault::Error { code, description: String::new(), retry_after: None };
        world.sandbox.faults().add(Rule::new(fault).service("vk").method("execute").times(1));
        let refused = world.adapter.send(&batch).await;
        assert!(refused.iter().all(|result| format!("{result:?}").contains(expected)), "{code}: {refused:?}");
    }
    world.vk().set_bots(GROUP, false).expect("off");
    let mut pressed = message(0, "Да?");
    let Content::Free(free) = &mut pressed.content else { panic!("free") };
    free.buttons = vec![vec![Button { text: "Да".to_owned(), action: ButtonAction::Callback("c:y".to_owned()) }]];
    let refused = world.adapter.send(&[pressed]).await;
    assert!(matches!(&refused[0], Err(SendError::Misconfigured(why)) if why.starts_with("912:")), "{refused:?}");
    world.vk().revoke(GROUP).expect("revoked");
    assert!(matches!(world.adapter.identify().await, Err(SendError::Unauthorised(_))));
}

/// A photo and a document are brought once and serve for everybody; one that VK lost is told.
#[tokio::test]
async fn a_file_is_brought_once_and_its_name_serves_for_all() {
    let world = World::new(2).await;
    let with = |n: usize, kind: FileKind, source: MediaSource| {
        let media = Some(Media { kind, source });
        Outbound { content: Content::Free(Free { body: Rich::plain("Вот"), media, ..Free::default() }), ..message(n, "") }
    };
    let bytes = |name: &str, mime: &str, content: Vec<u8>| MediaSource::Bytes {
        name: name.to_owned(),
        mime: mime.to_owned(),
        content: content.into(),
    };
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(100_u32.to_be_bytes());
    png.extend(50_u32.to_be_bytes());
    png.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    let mut client = 500;
    let mut send = async |mut message: Outbound| {
        client += 1;
        message.client_id = client;
        world.adapter.send(&[message]).await.remove(0)
    };
    for (kind, source, prefix) in [
        (FileKind::Photo, bytes("a.png", "image/png", png), "photo-777_"),
        (FileKind::Document, bytes("прайс.pdf", "application/pdf", b"%PDF-1".to_vec()), "doc-777_"),
    ] {
        let sent = send(with(0, kind, source)).await.expect("sent");
        let reference = sent.media_reference.expect("a name for it");
        assert!(reference.starts_with(prefix), "{reference}");
        let again = send(with(1, kind, MediaSource::Reference(reference.clone()))).await.expect("sent");
        assert_eq!(again.media_reference.as_deref(), Some(reference.as_str()));
    }
    let last = world.vk().last(GROUP, person(1)).expect("a message");
    assert!(last.document.is_some() && last.text == "Вот");
    let lost = send(with(0, FileKind::Photo, MediaSource::Reference("photo-777_1_ab".to_owned()))).await;
    assert!(matches!(lost, Err(SendError::ReferenceLost(_))), "{lost:?}");
    // An upload that fails leaves nothing sent, and is tried again.
    let before = world.texts(0).len();
    world.sandbox.faults().add(Rule::new(Fault::DropAfter).service("vk").method("docs.save").times(1));
    let failed = send(with(0, FileKind::Document, bytes("a.pdf", "application/pdf", b"%PDF-1".to_vec()))).await;
    assert!(matches!(failed, Err(SendError::Transient(_))) && world.texts(0).len() == before, "{failed:?}");
    let refused = send(with(0, FileKind::Document, bytes("a.exe", "application/octet-stream", b"MZ".to_vec()))).await;
    assert!(matches!(&refused, Err(SendError::ReferenceLost(why)) if why.starts_with("105:")), "{refused:?}");
}

/// What comes by long polling is understood, whatever becomes of its key and its place; a press is
/// answered and its buttons go.
#[tokio::test]
async fn long_polling_goes_on_whatever_becomes_of_its_key() {
    let world = World::new(1).await;
    world.adapter.set_webhook(None).await.expect("set");
    let mut cursor = world.adapter.poll(None, Duration::ZERO).await.expect("polled").cursor;
    let next = async |cursor: &mut Option<String>| -> Vec<(String, Event)> {
        let polled = world.adapter.poll(cursor.as_deref(), Duration::ZERO).await.expect("polled");
        *cursor = polled.cursor.or(cursor.take());
        let understood = |raw: &str| world.adapter.understand(raw).expect("understood");
        polled.updates.iter().flat_map(|one| understood(&one.payload).into_iter().map(|event| (one.external_id.clone(), event))).collect()
    };
    world.vk().follow(GROUP, person(0), "c_8fK2", None).expect("followed");
    world.vk().send_text(GROUP, person(0), "Здравствуйте").expect("written");
    let events = next(&mut cursor).await;
    let kinds: Vec<&EventKind> = events.iter().map(|(_, event)| &event.kind).collect();
    let words = EventKind::Text { body: "Здравствуйте".to_owned(), reply_to: None };
    assert_eq!(kinds, [&EventKind::Started(Some("c_8fK2".to_owned())), &words]);
    let named = world.adapter.introduce(&[person(0).to_string(), "1".to_owned()]).await;
    assert_eq!(named.iter().map(|(id, profile)| (id.as_str(), profile.first_name.as_str())).collect::<Vec<_>>(), [("1000", "Анна")]);

    let mut asked = message(0, "Разрешаете?");
    let Content::Free(free) = &mut asked.content else { panic!("free") };
    free.buttons = vec![vec![Button { text: "Да".to_owned(), action: ButtonAction::Callback("c:p:y".to_owned()) }]];
    let sent = world.adapter.send(&[asked]).await.remove(0).expect("sent");
    for as_text in [false, true] {
        world.vk().set(|settings| settings.event_payload_as_text = as_text);
        let Pressed::Callback(press) = world.vk().press_text(GROUP, person(0), "Да").expect("pressed") else { panic!("no callback") };
        let (_, event) = next(&mut cursor).await.pop().expect("a press");
        assert_eq!(event.message_ref.as_deref(), Some(sent.message_ref.as_str()));
        let EventKind::Press { data, query_id, .. } = event.kind else { panic!("{event:?}") };
        assert_eq!(data, "c:p:y");
        world.adapter.answer_press(&query_id, "Записано").await.expect("answered");
        assert_eq!(world.vk().answer(&press).expect("an answer")["text"], "Записано");
        assert_eq!(world.adapter.answer_press(&query_id, "").await, Ok(()), "too late is no harm");
    }
    world.adapter.take_buttons(&sent.message_ref).await.expect("taken");
    let last = world.vk().last(GROUP, person(0)).expect("a message");
    assert!(last.text == "Разрешаете?" && last.buttons.is_empty(), "{last:?}");

    // The key ends: the place stands. Events are forgotten: the place is VK's.
    world.vk().end_poll_keys(GROUP);
    world.vk().read(GROUP, person(0)).expect("read");
    assert!(next(&mut cursor).await.is_empty());
    let events = next(&mut cursor).await;
    assert!(matches!(&events[..], [(_, Event { kind: EventKind::Read { last }, .. })] if *last == sent.message_ref), "{events:?}");
    world.vk().deny(GROUP, person(0)).expect("denied");
    world.vk().forget_events(GROUP);
    let lost = world.adapter.poll(cursor.as_deref(), Duration::from_secs(1)).await.expect("polled");
    assert!(lost.updates.is_empty() && lost.forgot, "what was forgotten is lost, and that is told: {lost:?}");
    cursor = lost.cursor;
    world.vk().allow(GROUP, person(0), Some("c_9")).expect("allowed");
    let kinds: Vec<EventKind> = next(&mut cursor).await.into_iter().map(|(_, event)| event.kind).collect();
    assert_eq!(kinds, [EventKind::Started(Some("c_9".to_owned())), EventKind::Unblocked]);
}

/// One callback server of ours, whatever was there before, with the events we want and no others.
#[tokio::test]
async fn the_callback_server_is_set_up_once_and_mended() {
    let world = World::new(0).await;
    let (secret, servers) = ("5".repeat(64), || world.vk().communities().remove(0).servers);
    for (url, many) in [
        ("http://127.0.0.1:9/hooks/vk/a", 1),
        ("http://127.0.0.1:9/hooks/vk/a", 1),
        ("http://127.0.0.1:8/hooks/vk/a", 1),
        ("http://127.0.0.1:8/hooks/vk/b", 2),
    ] {
        // Nobody listens there, so VK confirms none of them, and nothing of it counts as heard.
        let set = world.adapter.set_webhook(Some((url, &secret))).await;
        assert!(matches!(&set, Err(SendError::Misconfigured(why)) if why.contains("confirm")), "{set:?}");
        let servers = servers();
        assert_eq!((servers.len(), servers.iter().filter(|one| one.url == url).count()), (many, 1), "{servers:?}");
    }
    let events = &servers()[0].events;
    assert!(
        ["message_new", "message_edit", "message_event", "message_allow", "message_deny", "message_read"]
            .iter()
            .all(|one| events.contains(*one))
    );
    assert!(!events.contains("message_typing_state"));
    // One that VK gave up is confirmed anew.
    let failed = |vk: &Vk| vk.communities()[0].servers.iter().all(|one| format!("{:?}", one.status) == "Failed").then_some(());
    world.vk().until(SOON, failed).await.expect("nobody confirms");
    let confirmations = |world: &World| world.vk().communities()[0].servers[0].clone();
    let again = world.adapter.set_webhook(Some(("http://127.0.0.1:8/hooks/vk/a", &secret))).await;
    assert!(matches!(&again, Err(SendError::Misconfigured(why)) if why.contains("no confirmation")), "{again:?}");
    assert_eq!(confirmations(&world).url, "http://127.0.0.1:8/hooks/vk/a");
    assert_eq!(servers().len(), 2);
    assert!(world.adapter.confirmation().await.is_ok_and(|code| code.len() == 8));
    // A key that cannot do this is refused when it is given.
    world.vk().set_rights(GROUP, &["messages"]).expect("fewer rights");
    let refused = world.adapter.identify().await;
    assert!(matches!(&refused, Err(SendError::Misconfigured(why)) if why.contains("manage")), "{refused:?}");
}
