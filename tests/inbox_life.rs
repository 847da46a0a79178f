//! Files in conversations, end to end with real processes: what a customer sends is seen by a
//! member, what a member sends arrives once, and of neither is a word in a log.

use mms_core::on;
use mms_sandbox::{
    Fault, Rule,
    telegram::{Attachment, FileKind, Message},
};

use crate::{
    bot_life::Person,
    harness::{Company, PATIENCE, Shape, World, until},
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

/// A picture that is told from others by its size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

fn file(kind: FileKind, name: &str, data: Vec<u8>, caption: &str) -> Attachment {
    Attachment { name: name.to_owned(), mime: None, data: data.into(), kind, caption: caption.to_owned() }
}

/// Waits until the newest message of a bot in a chat carries such a file, and gives it with its
/// bytes.
async fn shown(world: &World, bot: i64, user: i64, kind: FileKind) -> (Message, Vec<u8>) {
    let message = world.sandbox.expect_last(bot, user, PATIENCE, |last| last.kind == Some(kind)).await.unwrap();
    let file = message.photo.clone().or(message.document.clone()).expect("a file");
    let bytes = world.sandbox.file(&file.id).expect("the double has it").0.to_vec();
    (message, bytes)
}

pub async fn press(world: &World, person: &Person<'_>, button: &str, then: &str) {
    let bot = world.manager_bot;
    world
        .sandbox
        .until(PATIENCE, |telegram| telegram.history(bot, person.id).iter().any(|one| one.button(button).is_some()).then_some(()))
        .await
        .unwrap_or_else(|| panic!("no button «{button}»"));
    world.sandbox.press_text(bot, person.id, button).expect("pressed");
    person.sees(then).await;
}

async fn count(world: &World, sql: &'static str, company: &Company) -> i64 {
    on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(company.account).fetch_one(c).await).expect("counted")
}

/// A customer's photo could not be opened, and a member could answer by text alone.
#[tokio::test(flavor = "multi_thread")]
async fn photos_and_voices_go_both_ways_once() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 1).await;
        let customer = *company.customers.keys().next().expect("a customer");
        let anna = Person::new(&world);
        anna.sees("Чтобы начать, войдите").await;
        anna.signs_in(&company).await;

        // In: the notice names it, the conversation opens it.
        let sent = file(FileKind::Photo, "тайное-имя.png", png(640, 480), "Такой же есть?");
        world.sandbox.send_file(company.bot, customer, sent).expect("sent");
        anna.sees("🖼 Фото: Такой же есть?").await;
        press(&world, &anna, "Переписка", "переписка").await;
        world.sandbox.press_text(world.manager_bot, anna.id, "🖼 Фото").expect("pressed");
        let (message, bytes) = shown(&world, world.manager_bot, anna.id, FileKind::Photo).await;
        assert!(bytes == png(640, 480), "not the customer's picture");

        // Out: by the button under the file, with words under it.
        world.sandbox.press_text(world.manager_bot, anna.id, "Ответить").expect("pressed");
        anna.sees("Что ответить?").await;
        world.sandbox.send_file(world.manager_bot, anna.id, file(FileKind::Photo, "ответ.png", png(320, 200), "Вот такой")).expect("sent");
        let (arrived, bytes) = shown(&world, company.bot, customer, FileKind::Photo).await;
        assert!(bytes == png(320, 200) && arrived.text == "Вот такой", "{}", arrived.text);
        anna.sees("🖼 Фото: Вот такой").await;
        assert!(message.button("Переписка").is_some());

        // And by words spoken.
        press(&world, &anna, "Ответить", "Что ответить?").await;
        world
            .sandbox
            .send_file(world.manager_bot, anna.id, file(FileKind::Voice, "голос.ogg", b"spoken words".to_vec(), ""))
            .expect("sent");
        let (_, bytes) = shown(&world, company.bot, customer, FileKind::Voice).await;
        assert_eq!(bytes, b"spoken words");

        // A customer whose privacy refuses voice messages gets it as a file.
        let privacy = Fault::Error { code: 400, description: "Bad Request: VOICE_MESSAGES_FORBIDDEN".to_owned(), retry_after: None };
        world.sandbox.faults().add(Rule::new(privacy).method("sendVoice").bot(company.bot).times(1));
        press(&world, &anna, "Ответить", "Что ответить?").await;
        let again = file(FileKind::Voice, "голос.ogg", b"more spoken words".to_vec(), "");
        world.sandbox.send_file(world.manager_bot, anna.id, again).expect("sent");
        let (_, bytes) = shown(&world, company.bot, customer, FileKind::Document).await;
        assert_eq!(bytes, b"more spoken words");

        // An album is three messages and goes as three, in its order.
        press(&world, &anna, "Ответить", "Что ответить?").await;
        let album: Vec<Attachment> = (1..=3).map(|n| file(FileKind::Photo, "a.png", png(10 * n, 10), "")).collect();
        world.sandbox.send_album(world.manager_bot, anna.id, album).expect("sent");
        let photos = || world.sandbox.ledger().to(company.bot, customer).iter().filter(|one| one.media.as_deref() == Some("photo")).count();
        until("the album to arrive", || async { (photos() == 4).then_some(()) }).await;
        let widths: Vec<Option<u64>> = world
            .sandbox
            .history(company.bot, customer)
            .iter()
            .filter(|one| one.from_bot)
            .filter_map(|one| one.photo.as_ref().map(|photo| photo.width))
            .collect();
        assert_eq!(widths[1..], [Some(10), Some(20), Some(30)]);

        // A document whose answer is lost went once, and the member knows that nobody knows.
        world.sandbox.faults().add(Rule::new(Fault::DropAfter).method("sendDocument").bot(company.bot).times(1));
        press(&world, &anna, "Ответить", "Что ответить?").await;
        world
            .sandbox
            .send_file(world.manager_bot, anna.id, file(FileKind::Document, "прайс.pdf", b"%PDF-1.4".to_vec(), "Прайс"))
            .expect("sent");
        let told = |one: &Message| one.text.contains("Неизвестно") || one.text.contains("не подтверждена");
        world.sandbox.expect_last(world.manager_bot, anna.id, PATIENCE, told).await.unwrap();
        press(&world, &anna, "Переписка", "доставка не подтверждена").await;

        until("nothing to be left in flight", || async {
            let open = "select (select count(*) from outgoing where account_id = $1 and state in ('queued', 'sending')) + \
                        (select count(*) from inbound where account_id = $1 and state = 'new')";
            (count(&world, open, &company).await == 0).then_some(())
        })
        .await;
        let sends =
            |media: &str| world.sandbox.ledger().to(company.bot, customer).iter().filter(|one| one.media.as_deref() == Some(media)).count();
        assert_eq!((sends("photo"), sends("voice"), sends("document")), (4, 1, 2), "each once");
        let logs = world.logs();
        for word in ["тайное-имя", "Такой же есть", "Вот такой", "прайс.pdf", "Прайс", "AgACAgIAAxk", "AwACAgIAAxk"]
        {
            assert!(!logs.contains(word), "`{word}` in a log");
        }
        world.stop().await;
    }
}
