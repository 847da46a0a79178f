//! Data destroyed on demand, with real processes: whoever is known from a chat, a file and a CRM is
//! erased by an owner's press, and nothing that names them is left in the database, its file, the
//! queue, the logs or any file. A file, the CRM and a new messenger bring nothing of it back.

use std::{collections::BTreeMap, process::Command};

use mms_core::{
    account::By,
    campaign::State,
    clock,
    config::Endpoints,
    crm::{
        CrmKind,
        connection::{self, Entry},
    },
    id::{ConnectionId, ContactId},
    on,
    secret::Secret,
};
use mms_sandbox::{
    User,
    amocrm::{Contact, fields},
    max,
    telegram::{Attachment, FileKind},
};
use serde_json::json;

use crate::{
    bot_life::Person,
    harness::{Company, Launch, PATIENCE, Shape, World, next_id, until},
    max_life::Max,
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

const FIRST: &str = "Акулина";
const LAST: &str = "Стираемая";
/// As the CRM and the file write it; [`DIGITS`] are found in it and in every other way of writing.
const PHONE: &str = "8 (916) 123-45-67";
const DIGITS: &str = "9161234567";
const EMAIL: &str = "akulina@stiraemaya.example";
const USERNAME: &str = "lina_pod_lunoj";
const CITY: &str = "Заветный Посад";
const TEA: &str = "Лунный молочай";
const WORDS: &str = "Мой кот сочинил фиолетовую сонату";
const ANSWER: &str = "Передайте коту поклон от швейцара";
const OPERATOR: &str = "ООО «Ромашка»\n101000, Москва, ул. Полевая, 1\nДиректор, Иван Петров";
/// Rows of the file besides hers: it is larger than a page of the database.
const OTHERS: usize = 200;

/// The file of an import: hers is a row among others.
fn file() -> Attachment {
    let mut csv = format!("ФИО;Телефон;Почта;Любимый чай\n{LAST} {FIRST};{PHONE};{EMAIL};{TEA}\n");
    for n in 0..OTHERS {
        csv.push_str(&format!("Петров Пётр;8 912 555-{:02}-{:02};petr{n}@example.com;Зелёный\n", n / 100, n % 100));
    }
    let name = "клиенты.csv".to_owned();
    Attachment { name, mime: None, data: csv.into_bytes().into(), kind: FileKind::Document, caption: String::new() }
}

/// What a place says, in every way in which bytes of ours may be written there: as they are, as
/// percent signs of an address, as escapes of JSON; in small letters.
fn readings(bytes: &[u8]) -> [String; 3] {
    let plain = String::from_utf8_lossy(bytes).to_lowercase();
    let percent = |byte: &[u8]| u8::from_str_radix(std::str::from_utf8(byte.get(..2)?).ok()?, 16).ok();
    let (mut decoded, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1..).and_then(percent)) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 2;
            }
            (b'+', _) => decoded.push(b' '),
            (byte, _) => decoded.push(byte),
        }
        at += 1;
    }
    let mut unescaped = String::new();
    for (n, part) in plain.split("\\u").enumerate() {
        let code = part.get(..4).and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match code {
            Some(letter) if n > 0 => unescaped.extend(letter.to_lowercase().chain(part[4..].chars())),
            _ => unescaped.push_str(part),
        }
    }
    [plain, String::from_utf8_lossy(&decoded).to_lowercase(), unescaped]
}

/// What must not be found: her words, as they are and as PostgreSQL shows bytes.
struct Needles {
    words: Vec<String>,
    /// Whether her phone is looked for, in whatever way it is written.
    phone: bool,
}

impl Needles {
    fn of(chat: i64, phone: bool) -> Self {
        let words = [FIRST, LAST, EMAIL, USERNAME, CITY, TEA, WORDS, ANSWER, &chat.to_string()];
        let forms = |word: &&str| {
            let small = word.to_lowercase();
            [hex::encode(word), hex::encode(&small), small]
        };
        Self { words: words.iter().flat_map(forms).collect(), phone }
    }

    /// Where in these bytes one of them stands, with what is around it.
    fn found(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        let mut look = |text: &str, word: &str| {
            if let Some(at) = text.find(word) {
                let around: String = text[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
                let after: String = text[at..].chars().take(120).collect();
                found.push(format!("`{word}` in {place}: {around}{after}"));
            }
        };
        for text in readings(bytes) {
            self.words.iter().for_each(|word| look(&text, word));
            if self.phone {
                let dense: String = text.chars().filter(|c| !" ()-\u{a0}\u{2011}".contains(*c)).collect();
                look(&dense, DIGITS);
                look(&dense, &hex::encode(DIGITS));
            }
        }
        found
    }
}

/// Everything an installation keeps: files, the database, the queue.
async fn everything(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![world.file("")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("an entry").path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                // A file that a process took away meanwhile.
                false => drop(all.insert(entry.display().to_string(), std::fs::read(&entry).unwrap_or_default())),
            }
        }
    }
    let Shape::Apart { .. } = world.shape else { return all };
    let dump = Command::new("pg_dump").arg(world.setting("DATABASE_URL")).output().expect("PostgreSQL's tools are installed");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    all.insert("PostgreSQL".to_owned(), dump.stdout);
    all.extend(world.redis().await.into_iter().map(|(key, value)| (format!("Redis, {key}"), value)));
    all
}

/// Nothing of hers is anywhere.
async fn nothing_is_left(world: &World, needles: &Needles, when: &str) {
    let all = everything(world).await;
    assert!(all.len() > 3, "{:?}", all.keys());
    let found: Vec<String> = all
        .iter()
        .flat_map(|(place, bytes)| needles.found(place, bytes).into_iter().chain(needles.found("a name of a file", place.as_bytes())))
        .collect();
    assert!(found.is_empty(), "{when}: {found:#?}");
}

/// How many rows such a statement counts, of a contact.
async fn count(world: &World, sql: &'static str, contact: ContactId) -> i64 {
    on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(contact).fetch_one(c).await).expect("counted")
}

/// The contact that has this address.
async fn whose(world: &World, company: &Company, kind: &str, value: &str) -> Option<ContactId> {
    let sql = "select contact_id from address where account_id = $1 and kind = $2 and value = $3";
    on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(company.account).bind(kind).bind(value).fetch_optional(c).await).expect("read")
}

/// amoCRM, with her and with somebody whose changes show that it was read.
struct Crm {
    id: ConnectionId,
    hers: u64,
    other: u64,
}

impl Crm {
    async fn connect(world: &World, company: &Company) -> Self {
        let mut contact = Contact::person(FIRST, LAST, &[PHONE]);
        contact.set(fields::CITY, json!(CITY));
        let (hers, other) = (world.amo.add(contact), world.amo.add(Contact::person("Кузьма", "", &["+79125559999"])));
        let endpoints = Endpoints { amocrm_override: Some(format!("{}/amo", world.sandbox.url())), ..Endpoints::default() };
        let values = [Secret::new(world.amo.long_lived_token())];
        let entry = Entry { kind: CrmKind::Amocrm, address: "romashka.amocrm.ru", values: &values };
        let (store, owner) = (&world.store, &company.owner);
        let id = connection::connect(store, &world.sealer, &endpoints, owner, entry, clock::now()).await.expect("connected").id;
        connection::map_field(store, By::Member(owner), id, &fields::CITY.to_string(), None, clock::now()).await.expect("mapped");
        let crm = Self { id, hers, other };
        until("the CRM to be read", || async {
            let row = connection::get(store, company.account, id).await.expect("read")?;
            row.last_synced_at.and(crm.name_of(world, crm.hers).await)
        })
        .await;
        crm
    }

    async fn name_of(&self, world: &World, record: u64) -> Option<String> {
        let sql = "select c.name from contact_source s join contact c on c.id = s.contact_id where s.connection_id = $1 and s.crm_id = $2";
        on!(world.store.read(), |c| sqlx::query_scalar(sql).bind(self.id).bind(record.to_string()).fetch_optional(c).await).expect("read")
    }

    /// Somebody at the company writes into her record, and the CRM tells of it.
    async fn tells_again(&self, world: &World, mark: &str) {
        world.amo.edit(self.hers, |contact| contact.set(fields::BONUS, json!("77")));
        world.amo.edit(self.other, |contact| mark.clone_into(&mut contact.first_name));
        world.amo.edit(self.other, |contact| mark.clone_into(&mut contact.name));
        until("the CRM to be read again", || async { (self.name_of(world, self.other).await.as_deref() == Some(mark)).then_some(()) })
            .await;
    }
}

/// A member sends the file and has it taken in; `fresh`: it has a column that the company has no
/// field for yet.
async fn import(anna: &Person<'_>, fresh: bool) {
    anna.types("/menu");
    anna.sees("Владелец").await;
    let bot = anna.world.manager_bot;
    let before = anna.world.sandbox.send_file(bot, anna.id, file()).expect("sent");
    let columns = fresh.then_some(("Взять все столбцы", "Столбцы"));
    let basis = [("Основание", "На каком основании"), ("Подписанный документ", "Откуда эти данные")];
    for (button, then) in columns.into_iter().chain(basis) {
        anna.presses_after(before, button).await;
        anna.sees_after(before, then).await;
    }
    anna.types("Анкеты в магазине, папка 7");
    anna.sees("Анкеты в магазине").await;
    anna.presses_after(before, "Проверить файл").await;
    anna.presses_after(before, "Импортировать").await;
    anna.sees_after(before, "импорт завершён").await;
}

/// She is in the chat, in the file and in the CRM as one person, was written to and wrote.
async fn becomes_known(world: &World, company: &mut Company, anna: &Person<'_>) -> (i64, ContactId) {
    let user = next_id();
    let mut her = User::new(user, FIRST, "+79161234567");
    (her.last_name, her.username) = (Some(LAST.to_owned()), Some(USERNAME.to_owned()));
    world.sandbox.add_user(her);
    world.sandbox.press_start(company.bot, user, None).expect("started");
    for question in ["Разрешаете", "реклам"] {
        let asked = |message: &mms_sandbox::telegram::Message| message.text.contains(question) && message.button("Согласиться").is_some();
        world.sandbox.expect_last(company.bot, user, PATIENCE, asked).await.unwrap();
        world.sandbox.press_text(company.bot, user, "Согласиться").expect("pressed");
    }
    let chat = user.to_string();
    until("the consents to be kept", || async {
        let contact = whose(world, company, "telegram", &chat).await?;
        (count(world, "select count(*) from contact where id = $1 and marketing_grade is not null", contact).await == 1).then_some(())
    })
    .await;
    world.sandbox.share_contact(company.bot, user).expect("shared");
    let contact = until("the chat to be of whom the CRM knows", || async {
        let (chat, phone) = (whose(world, company, "telegram", &chat).await?, whose(world, company, "phone", "+79161234567").await?);
        (chat == phone).then_some(phone)
    })
    .await;
    let campaign = company.launch(world, Launch::default()).await;
    company.until_state(world, campaign, State::Finished).await;
    let hello = format!("Здравствуйте, {FIRST}");
    until("the campaign to come to her", || async {
        world.sandbox.history(company.bot, user).iter().any(|one| one.text.contains(&hello)).then_some(())
    })
    .await;
    world.sandbox.send_text(company.bot, user, WORDS).expect("written");
    anna.sees(WORDS).await;
    anna.presses("Переписка").await;
    anna.presses("Ответить").await;
    anna.sees("Что ответить?").await;
    anna.types(ANSWER);
    until("the answer to come to her", || async {
        world.sandbox.history(company.bot, user).iter().any(|one| one.text.contains(ANSWER)).then_some(())
    })
    .await;
    world.sandbox.press_text(company.bot, user, "Отписаться").expect("pressed");
    until("the stop", || async {
        (count(world, "select count(*) from contact where id = $1 and opted_out_at is not null", contact).await == 1).then_some(())
    })
    .await;
    (user, contact)
}

/// An owner files the demand and carries it out, and has the act.
async fn erased(world: &World, anna: &Person<'_>) {
    anna.types("/contacts");
    anna.sees("Напишите имя, телефон").await;
    anna.types("8 916 123 45 67");
    anna.sees(EMAIL).await;
    anna.presses("Удалить").await;
    anna.presses("Стереть по требованию").await;
    anna.presses("Отозвал согласие").await;
    anna.sees("Кто требует и чем").await;
    anna.types("Сама, письмом");
    anna.sees("Требование № 1").await;
    anna.presses("Уничтожить данные").await;
    anna.sees("Кто составляет акт").await;
    anna.types(OPERATOR);
    anna.sees("Подписывают: 1").await;
    anna.presses("№ 1").await;
    anna.presses("Уничтожить данные").await;
    anna.sees("Уничтожить данные?").await;
    anna.presses("Да, уничтожить").await;
    let card = anna.sees("Данные уничтожены").await;
    assert!(card.text.contains("Резервные копии, сделанные раньше"), "{}", card.text);
    anna.presses("Акт").await;
    let act = |telegram: &mms_sandbox::telegram::Telegram| {
        telegram.history(world.manager_bot, anna.id).into_iter().filter(|one| one.from_bot).find_map(|one| Some(one.document?.id))
    };
    let act = world.sandbox.until(PATIENCE, act).await.expect("the act");
    assert!(world.sandbox.file(&act).expect("the double has it").0.starts_with(b"%PDF-"));
}

/// «erase → re-import → refused, and the grep finds nothing».
#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_erased_is_found_nowhere_and_nothing_brings_them_back() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        world.be_reachable();
        world.start_all();
        let mut company = Company::found(&world, 2).await;
        let id = {
            let anna = Person::new(&world);
            anna.signs_in(&company).await;
            anna.id
        };
        let crm = Crm::connect(&world, &company).await;
        let (user, contact) = {
            let anna = Person { world: &world, id };
            import(&anna, true).await;
            let known = becomes_known(&world, &mut company, &anna).await;
            world.settled().await;
            erased(&world, &anna).await;
            known
        };
        let hers = Needles::of(user, true);
        world.settled().await;
        nothing_is_left(&world, &hers, "after the erasure").await;
        let texts = "select count(*) from delivery_text t join delivery d on d.id = t.delivery_id where d.contact_id = $1";
        assert_eq!(count(&world, texts, contact).await, 0, "compressed, the search would not see it");
        // The duties of a start look after what came to rest since.
        world.kill_bot().await;

        let anna = Person { world: &world, id };
        import(&anna, false).await;
        let card = anna.sees("импорт завершён").await;
        assert!(card.text.contains("стёрт по требованию об уничтожении данных: 1"), "{}", card.text);
        crm.tells_again(&world, "Кузьмой").await;
        world.settled().await;
        nothing_is_left(&world, &hers, "after the file and the CRM came again").await;

        // She writes from another messenger, under another name: what is known of her begins there.
        let other = Max::connect(&world, &company).await;
        let now = next_id();
        world.sandbox.max().add_user(User::new(now, "Лина", "+79161234567"));
        world.sandbox.max().press_start(other.bot, now, None).expect("started");
        let asked = |message: &max::Message| message.button("Согласиться").is_some();
        world.sandbox.max().expect_last(other.bot, now, PATIENCE, asked).await.unwrap_or_else(|seen| panic!("{seen}"));
        world.sandbox.max().share_contact(other.bot, now).expect("shared");
        let fresh = until("her phone to be known anew", || whose(&world, &company, "phone", "+79161234567")).await;
        assert_ne!(fresh, contact);
        crm.tells_again(&world, "Кузьме").await;
        assert_eq!(crm.name_of(&world, crm.hers).await.unwrap_or_default(), "");
        world.end_processes().await;
        nothing_is_left(&world, &Needles::of(user, false), "after she wrote as somebody new").await;
        world.stop().await;
    }
}

/// What finds nothing must find something where there is something.
#[test]
fn the_search_finds_every_way_of_writing() {
    let needles = Needles::of(7_000_000_123, true);
    for written in [
        "АКУЛИНА",
        "+7 916 123-45-67",
        "8(916)1234567",
        "first_name=%D0%90%D0%BA%D1%83%D0%BB%D0%B8%D0%BD%D0%B0",
        "phone=8+%28916%29+123-45-67",
        r#"{"name":"\u0410\u043a\u0443\u043b\u0438\u043d\u0430"}"#,
        r"\xd090d0bad183d0bbd0b8d0bdd0b0",
        "chat 7000000123",
    ] {
        assert!(!needles.found("a test", written.as_bytes()).is_empty(), "{written}");
    }
    assert!(needles.found("a test", "Пётр, +7 912 555-00-00".as_bytes()).is_empty());
}
