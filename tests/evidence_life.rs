//! Clause 6.4 of the agreement, with real processes: evidence is asked for in the chat, taken from
//! it within its term, and whoever gets it finds what was changed in it since.

use mms_bot::i18n::Tr;
use mms_core::{
    account::{Language, settings},
    campaign::State,
    clock,
    evidence::{
        archive::Archive,
        request::{self, Request},
    },
};
use mms_sandbox::telegram::Telegram;

use crate::{
    bot_life::Person,
    harness::{Company, Launch, PATIENCE, Shape, World, phone, until},
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

/// What `mms verify` says of these bytes with the installation's key, and whether they hold.
fn verified(world: &World, name: &str, bytes: &[u8], key: &str) -> (bool, String) {
    let file = world.file(name);
    std::fs::write(&file, bytes).expect("written");
    let output = world.output(&["verify", &file.display().to_string(), "--key", key], "");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).expect("UTF-8"))
}

/// The files of an archive of ours, in their order: they stand one after the other, not compressed
/// (APPNOTE.TXT 6.3.10, 4.3.7).
fn files(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |at: usize, length: usize| bytes[at..at + length].iter().rev().fold(0, |number, digit| number << 8 | usize::from(*digit));
    let (mut files, mut at) = (Vec::new(), 0);
    while bytes[at..].starts_with(b"PK\x03\x04") {
        let (size, name) = (number(at + 18, 4), number(at + 26, 2));
        let content = at + 30 + name;
        files.push((String::from_utf8(bytes[at + 30..content].to_vec()).expect("UTF-8"), bytes[content..content + size].to_vec()));
        at = content + size;
    }
    files
}

/// The newest file of this kind that the managers' bot sent to a person, once one newer than
/// message `after` is there: its message and bytes.
async fn taken(world: &World, person: &Person<'_>, ending: &str, after: i64) -> (i64, Vec<u8>) {
    let newest = |telegram: &Telegram| {
        telegram.history(world.manager_bot, person.id).into_iter().rev().find_map(|message| {
            let file = message.document.filter(|file| file.name.as_deref().is_some_and(|name| name.ends_with(ending)))?;
            (message.id > after).then_some((message.id, file.id))
        })
    };
    let (message, id) = world.sandbox.until(PATIENCE, newest).await.unwrap_or_else(|| panic!("no {ending} came"));
    (message, world.sandbox.file(&id).expect("the double has it").0.to_vec())
}

/// From a menu that comes now: older cards of this chat have such buttons, too.
async fn opens_evidence(anna: &Person<'_>) {
    let (sandbox, bot) = (&anna.world.sandbox, anna.world.manager_bot);
    let before = sandbox.last(bot, anna.id).map_or(0, |message| message.id);
    anna.types("/menu");
    let fresh = |telegram: &Telegram| {
        telegram.history(bot, anna.id).into_iter().find(|message| message.id > before && message.button("Настройки").is_some())
    };
    assert!(sandbox.until(PATIENCE, fresh).await.is_some(), "no menu came");
    for button in ["Настройки", "Компания", "Закон", "Доказательства"] {
        anna.presses(button).await;
    }
    anna.sees("На ответ даётся пять рабочих дней").await;
}

async fn registered(world: &World, company: &Company) -> Request {
    request::page(&world.store, company.account, 0, 1).await.expect("read").remove(0)
}

/// Clause 6.4.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_6_4_evidence_is_handed_in_within_five_working_days_and_every_change_of_it_is_found() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 3).await;
        let campaign = company.launch(&world, Launch::default()).await;
        company.until_state(&world, campaign, State::Finished).await;
        company.must_balance(&world, campaign).await;
        let anna = Person::new(&world);
        anna.signs_in(&company).await;

        // A request is entered, and its clock stands in the register.
        opens_evidence(&anna).await;
        anna.presses("Внести запрос").await;
        anna.sees("от кого запрос").await;
        let customer = *company.customers.keys().next().expect("a customer");
        anna.types(&format!("УФАС по РТ\n{}\nвчера", phone(customer)));
        anna.sees("ждёт ответа").await;
        let asked = registered(&world, &company).await;
        let zone = settings::zone(&world.store, company.account).await.expect("read");
        let yesterday = clock::now().with_timezone(&zone).date_naive().pred_opt().expect("a day");
        assert_eq!((asked.received_on.0, asked.due()), (yesterday, request::last_day(yesterday)));
        let due = asked.due().expect("the working days of these years are known");
        anna.sees(&format!("Ответить до {}", Tr::new(Language::Ru, zone).date(due))).await;

        // The person's dossier, made for the request.
        anna.presses("Досье человека").await;
        anna.sees("Напишите имя или телефон").await;
        anna.types(&phone(customer));
        anna.sees("Кто из них?").await;
        anna.presses(&format!("Клиент{}", customer % 1_000)).await;
        anna.sees("Досье клиента готово").await;
        anna.presses("Посмотреть ещё раз").await;
        anna.presses("Документ (PDF)").await;
        let (paper_at, paper) = taken(&world, &anna, ".pdf", 0).await;
        anna.presses("Архив (ZIP)").await;
        let (archive_at, archive) = taken(&world, &anna, ".zip", 0).await;
        let inside = files(&archive);
        let content = |name: &str| &inside.iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("no {name}")).1;
        assert!(paper.starts_with(b"%PDF-") && *content("dossier.pdf") == paper, "the same paper is in the archive");
        let people = String::from_utf8(content("people/00001-00001.jsonl").clone()).expect("UTF-8");
        let written = format!("Здравствуйте, Клиент{}! ООО «Ромашка»: скидка 10%", customer % 1_000);
        for words in [written.as_str(), "\"granted\"", "\"sent_at\"", &phone(customer)] {
            assert!(people.contains(words), "{words} in {people}");
        }

        // Whoever gets it checks it offline: whole, and then with a byte flipped, cut, reordered.
        let printed = world.command(&["admin", "signing-key"], "");
        let key = printed.split_whitespace().next_back().expect("a key");
        let (holds, said) = verified(&world, "whole.zip", &archive, key);
        assert!(holds && said.contains("all whole and signed") && said.contains("signed by the key you named"), "{said}");
        let mut flipped = archive.clone();
        let place = archive.windows(written.len()).position(|window| window == written.as_bytes()).expect("the message's words");
        flipped[place + written.len() - 1] ^= 1;
        let (holds, said) = verified(&world, "flipped.zip", &flipped, key);
        assert!(!holds && said.contains("a file is damaged: people/00001-00001.jsonl"), "{said}");
        let (holds, said) = verified(&world, "cut.zip", &archive[..place], key);
        assert!(!holds && said.contains(&format!("after {place} bytes: in or right after the file people/00001-00001.jsonl")), "{said}");
        let mut reordered = inside.clone();
        reordered.swap(0, 1);
        let mut packed = Archive::new(Vec::new());
        for (name, content) in &reordered {
            packed.add(name, content).expect("packed");
        }
        let (holds, said) = verified(&world, "reordered.zip", &packed.finish().expect("packed"), key);
        let moved = format!("at place 1 stands {}, and {} stood there", inside[1].0, inside[0].0);
        assert!(!holds && said.contains(&moved), "{said}");

        // The campaign's dossier: everybody it was sent to.
        opens_evidence(&anna).await;
        anna.presses("№ 1").await;
        anna.presses("Досье кампании").await;
        anna.sees("Какая кампания?").await;
        anna.presses("Весна").await;
        anna.sees("Досье готово: Весна").await;
        anna.presses("Посмотреть ещё раз").await;
        // The card, not the notice: the person's card above has such a button, too.
        anna.sees("Готово. Людей: 3").await;
        anna.presses("Архив (ZIP)").await;
        let (_, archive) = taken(&world, &anna, ".zip", archive_at.max(paper_at)).await;
        let inside = files(&archive);
        let people = inside.iter().find(|(name, _)| name == "people/00001-00003.jsonl").expect("three people");
        assert_eq!(String::from_utf8_lossy(&people.1).lines().count(), 3);
        let (holds, said) = verified(&world, "campaign.zip", &archive, key);
        assert!(holds, "{said}");

        // It is answered, and the register is a paper.
        opens_evidence(&anna).await;
        anna.presses("№ 1").await;
        anna.presses("Отметить ответ").await;
        anna.sees("Что и как ответили?").await;
        anna.types("Отправлено письмом, исх. 15");
        anna.sees("✅ отвечен").await;
        let answered =
            until("the answer", || async { Some(registered(&world, &company).await).filter(|one| one.answered().is_some()) }).await;
        assert!(answered.answered() <= Some(due), "{answered:?}");
        opens_evidence(&anna).await;
        anna.presses("Реестр файлом").await;
        let (_, register) = taken(&world, &anna, ".pdf", paper_at).await;
        assert!(register.starts_with(b"%PDF-"));
        let account = company.account.to_string();
        let trail = world.command(&["admin", "audit", "show", "--account", &account, "--what", "evidence", "--format", "json"], "");
        for action in ["evidence.request", "evidence.ask", "evidence.take", "evidence.answer", "evidence.register"] {
            assert!(trail.contains(&format!("\"{action}\"")), "{action} in {trail}");
        }
        world.stop().await;
    }
}
