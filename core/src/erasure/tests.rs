use std::path::Path;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    both, carry, clock,
    consent::{Action, Grade, NewConsent, Purpose, ledger},
    contact::{
        self, Draft, NewAddress, PHONE, TELEGRAM,
        by_hand::{self, HandError},
        fixture,
        import::{self, Basis, run},
    },
    id::{ANY_CHANNEL, ChannelId, ImportId},
    inbound::crm::tests::{World, person},
    store::{Db, Engine, backup::beside, file as files, trail::consents},
    testing,
};

const PHONE_OF_HERS: &str = "+79161234567";
const EMAIL_OF_HERS: &str = "akulina.stiraemaya@example.org";
const CHAT_OF_HERS: &str = "777000777123";
const NAME_OF_HERS: &str = "Акулина Стираемая";
const WORDS_OF_HERS: &str = "это секретное слово Акулины";
const OPERATOR: &str = "ООО «Ромашка»\n101000, Москва, ул. Полевая, 1\nДиректор, Иван Петров\nБухгалтер, Анна Сидорова";

fn terms() -> config::Erasure {
    config::Erasure::default()
}

async fn channel(store: &Store, account: AccountId) -> ChannelId {
    let id = ChannelId::new();
    let sql = "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) \
        values ($1, $2, 'telegram', 'Бот', $3, $4, $5, 'active', '', $6)";
    on!(store.once(), |c| sqlx::query(sql)
        .bind(id)
        .bind(account)
        .bind(id.to_string())
        .bind(Vec::<u8>::new())
        .bind(Json(json!({})))
        .bind(clock::now())
        .execute(c)
        .await
        .map(|_| ()))
    .expect("a channel");
    id
}

/// A person of whom everything is known: a file, a chat, words, an event that was given up.
async fn known(store: &Store, actor: &Actor) -> (ContactId, ChannelId, ImportId) {
    let (account, now) = (actor.account, clock::now());
    let channel = channel(store, account).await;
    let csv = format!("Имя;Телефон;Почта\n{NAME_OF_HERS};8 916 123-45-67;{EMAIL_OF_HERS}\nПётр;+79120000002;\n");
    let import = take_in(store, actor, &csv).await;
    let contact = contact::resolve(store, account, PHONE, PHONE_OF_HERS, ANY_CHANNEL).await.expect("read").expect("she is here");
    let mut tx = store.begin().await.expect("begun");
    let chat = NewAddress { kind: TELEGRAM.to_owned(), value: CHAT_OF_HERS.to_owned(), scope: channel, raw: None };
    contact::attach_address(&mut tx, account, contact, &chat, now).await.expect("attached").expect("hers");
    let said = "insert into chat_message (account_id, contact_id, channel_id, direction, body, at) values ($1, $2, $3, 'in', $4, $5)";
    on!(tx.conn(), |c| sqlx::query(said)
        .bind(account)
        .bind(contact)
        .bind(channel)
        .bind(WORDS_OF_HERS)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
    .expect("said");
    let event = "insert into inbound (account_id, source_kind, source_id, external_id, payload, state, due_at, received_at) \
        values ($1, 'channel', $2, '1', $3, 'failed', $4, $4)";
    let payload = format!("{{\"from\":\"79161234567\",\"text\":\"{WORDS_OF_HERS}\"}}");
    on!(tx.conn(), |c| sqlx::query(event).bind(account).bind(channel).bind(&payload).bind(now).execute(c).await.map(|_| ()))
        .expect("given up");
    // As versions before this one wrote it down, and with what a CRM or a file may say of her.
    let entry = |purpose, evidence| NewConsent {
        account,
        contact,
        purpose,
        action: Action::Granted,
        grade: Grade::A,
        wording: None,
        channel: Some(channel),
        evidence,
        actor: "contact".to_owned(),
        at: now,
    };
    let said = [
        entry(Purpose::Marketing, json!({ "chat": PHONE_OF_HERS, "message": "m1", "wording_version": 1 })),
        entry(Purpose::PersonalData, json!({ "chat": CHAT_OF_HERS, "message": "m2" })),
    ];
    for entry in said {
        ledger::record(&mut tx, entry, now).await.expect("recorded");
    }
    tx.commit().await.expect("committed");
    (contact, channel, import)
}

async fn take_in(store: &Store, actor: &Actor, csv: &str) -> ImportId {
    let now = clock::now();
    let one = import::begin(store, actor, "клиенты.csv", csv.as_bytes(), now).await.expect("a table");
    import::set_basis(store, actor, one.id, "Анкеты в магазине", Basis::SignedDocument, now).await.expect("a basis");
    run::dry_run(store, actor, one.id, now).await.expect("a dry run");
    import::start(store, actor, one.id, now).await.expect("started");
    run::run(store, one.id, &CancellationToken::new()).await.expect("run");
    one.id
}

async fn erase(store: &Store, actor: &Actor, contact: ContactId) -> ErasureId {
    let now = clock::now();
    let id = file(store, actor, contact, Ground::Withdrawn, "сама, письмом", &terms(), now).await.expect("filed");
    set_operator(store, actor, OPERATOR, now).await.expect("said");
    carry_out(store, actor, id, &terms(), now).await.expect("destroyed");
    id
}

/// Every table's every cell, as text: bytes as they are.
async fn whole(store: &Store) -> String {
    let tables = match store.read() {
        Db::Sqlite(_) => "select name from sqlite_schema where type = 'table'",
        Db::Postgres(_) => "select table_name::text from information_schema.tables where table_schema = 'public'",
    };
    let tables: Vec<String> = on!(store.read(), |c| sqlx::query_scalar(tables).fetch_all(c).await).expect("tables");
    let mut out = String::new();
    for table in tables {
        match store.read() {
            Db::Sqlite(pool) => {
                let columns: Vec<String> =
                    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select name from pragma_table_info('{table}')")))
                        .fetch_all(pool)
                        .await
                        .expect("columns");
                for column in columns {
                    let sql = format!("select cast(\"{column}\" as blob) from \"{table}\" where \"{column}\" is not null");
                    let cells: Vec<Vec<u8>> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await.expect("cells");
                    out.extend(cells.iter().map(|cell| format!("{table}.{column}: {}\n", String::from_utf8_lossy(cell))));
                }
            }
            Db::Postgres(pool) => {
                let sql = format!("select row_to_json(t)::text from \"{table}\" t");
                let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await.expect("rows");
                out.extend(rows.iter().map(|row| format!("{table}: {row}\n")));
            }
        }
    }
    out
}

/// What is looked for when nothing must be found.
fn needles() -> Vec<String> {
    let words = [PHONE_OF_HERS, "9161234567", "916 123-45-67", EMAIL_OF_HERS, CHAT_OF_HERS, NAME_OF_HERS, "Стираемая", WORDS_OF_HERS];
    let mut all: Vec<String> = words.map(str::to_owned).to_vec();
    // PostgreSQL shows bytes in hex.
    all.extend(words.map(|word| hex::encode(word.as_bytes())));
    all
}

#[test]
fn the_term_is_the_laws_by_its_case() {
    let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
    let table = [
        // Friday before the holidays of 2026: 31 December and 1 to 9 January are days off.
        (Ground::Unlawful, "2026-11-27", Some("2026-12-02"), "2026-12-11", true),
        (Ground::Unneeded, "2026-11-27", None, "2026-12-08", true),
        (Ground::Demanded, "2026-11-27", None, "2026-12-11", true),
        (Ground::Withdrawn, "2026-11-27", None, "2026-12-27", true),
        (Ground::Achieved, "2026-11-27", None, "2026-12-27", true),
        // Of a year nobody knows days of the calendar are counted, which end sooner.
        (Ground::Unneeded, "2090-02-01", None, "2090-02-08", false),
    ];
    for (ground, from, stop, last, exact) in table {
        let found = ground.terms(&terms(), day(from));
        assert_eq!(found, Terms { stop_by: stop.map(day), destroy_by: day(last), exact }, "{ground:?} from {from}");
    }
}

#[test]
fn an_operator_is_a_name_an_address_and_people() {
    let read = Operator::read(OPERATOR).expect("read");
    assert_eq!((read.name.as_str(), read.signers.len(), read.signers[1].name.as_str()), ("ООО «Ромашка»", 2, "Анна Сидорова"));
    for bad in ["", "ООО", "ООО\nадрес", "ООО\nадрес\nИван", "ООО\nадрес\n, Иван", "ООО\nадрес\nДиректор,"]
    {
        assert!(matches!(Operator::read(bad), Err(ErasureError::Operator)), "{bad}");
    }
}

both!(async fn nothing_of_whoever_was_erased_is_found(store) {
    let actor = fixture::actor(&store).await;
    let (contact, channel, import) = known(&store, &actor).await;
    let before = whole(&store).await;
    for needle in [PHONE_OF_HERS, EMAIL_OF_HERS, CHAT_OF_HERS, NAME_OF_HERS, WORDS_OF_HERS] {
        assert!(before.contains(needle), "{needle} was there");
    }
    let id = erase(&store, &actor, contact).await;
    let after = whole(&store).await;
    for needle in needles() {
        let found: Vec<&str> = after.lines().filter(|line| line.contains(&needle)).collect();
        assert!(found.is_empty(), "{needle} is found: {found:?}");
    }
    let kept = import::get(&store, actor.account, import).await.expect("read").expect("there");
    assert_eq!(files::content(&store, actor.account, kept.file_id).await.expect("read"), None, "the file named her");
    let demand = get(&store, actor.account, id).await.expect("read").expect("there");
    assert_eq!((demand.state, demand.reason.as_str()), (State::Done, ""));
    let kinds: Vec<Category> = demand.facts().expect("facts").categories.iter().map(|(kind, _)| *kind).collect();
    let expected = [
        Category::Name,
        Category::Phones,
        Category::Emails,
        Category::Chats,
        Category::Words,
        Category::Files,
        Category::Proofs,
    ];
    assert_eq!(kinds, expected);
    // What was agreed to, when and to which words stays, and the chain says that it is whole.
    let kept = "select count(*) from consent where account_id = $1 and contact_id = $2";
    let kept: i64 = on!(store.read(), |c| sqlx::query_scalar(kept).bind(actor.account).bind(contact).fetch_one(c).await).expect("read");
    let whole = consents::verify(&store, actor.account).await.expect("read").expect("whole");
    assert!(kept >= 4 && whole.forgotten == 1, "{kept}, {whole:?}");
    // The person who writes by themselves is answered, as somebody new, and their stop holds.
    let mut tx = store.begin().await.expect("begun");
    let chat = NewAddress { kind: TELEGRAM.to_owned(), value: CHAT_OF_HERS.to_owned(), scope: channel, raw: None };
    let draft = Draft { source: "telegram".to_owned(), addresses: vec![chat], ..Draft::default() };
    let back = contact::create(&mut tx, actor.account, &draft, clock::now()).await.expect("taken").contact;
    tx.commit().await.expect("committed");
    assert_ne!(back, contact);
    let card = contact::card::card(&store, actor.account, back).await.expect("read").expect("there");
    assert!(card.refusal(&card.addresses[0]).is_some(), "she had said stop");
});

both!(async fn nobody_brings_back_whoever_was_erased(store) {
    let actor = fixture::actor(&store).await;
    let (contact, _, _) = known(&store, &actor).await;
    erase(&store, &actor, contact).await;
    let csv = format!("Имя;Телефон;Почта\nВера;+79120000009;\n{NAME_OF_HERS};8 (916) 123-45-67;\nДругая;;{EMAIL_OF_HERS}\n");
    let id = take_in(&store, &actor, &csv).await;
    let done = import::get(&store, actor.account, id).await.expect("read").expect("there");
    assert_eq!((done.counts.live.new, done.counts.live.refused.get("erased")), (1, Some(&2)));
    assert_eq!(files::content(&store, actor.account, done.file_id).await.expect("read"), None, "the file named her");
    let report = files::content(&store, actor.account, done.refused_file_id.expect("a report")).await.expect("read").expect("kept");
    let table = import::table::read_aside(report, None).await.expect("a table");
    let told: Vec<String> = table.rows.iter().map(|row| row.cells().collect::<Vec<_>>().join("|")).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[1].starts_with("3|") && told[1].contains("Стёрт по требованию № 1") && told[1].ends_with("|erased"), "{told:?}");
    for needle in needles() {
        assert!(!told.iter().any(|row| row.contains(&needle)), "{needle} in {told:?}");
    }
    let whole = whole(&store).await;
    assert!(needles().iter().all(|needle| !whole.contains(needle)), "nothing came back");

    let by_hand = by_hand::add(&store, &actor, "Акулина +7 916 123-45-67", "RU", clock::now()).await;
    assert!(matches!(by_hand, Err(HandError::Erased(1))), "{by_hand:?}");
});

both!(async fn a_crm_does_not_bring_back_whoever_was_erased(store) {
    let world = World::new(store).await;
    let (first, second) = (world.crm("first").await, world.crm("second").await);
    world.page(&first, &[person("1", NAME_OF_HERS, &[PHONE_OF_HERS], &[]), person("2", "Пётр", &["+79120000002"], &[])]).await;
    let contact = world.whose(&first, "1").await;
    erase(&world.store, &world.actor, contact).await;
    // The same record, and another CRM that knows the phone.
    for crm in [&first, &second] {
        let stats = world.page(crm, &[person("1", NAME_OF_HERS, &[PHONE_OF_HERS], &[])]).await;
        assert_eq!((stats.erased, stats.created, stats.updated), (1, 0, 0), "{stats:?}");
    }
    // Whoever is here already keeps coming, without the phone that was hers.
    let stats = world.page(&first, &[person("2", "Пётр", &["+79120000002", PHONE_OF_HERS], &[])]).await;
    assert_eq!((stats.erased, stats.created), (0, 0), "{stats:?}");
    let whole = whole(&world.store).await;
    assert!(!whole.contains(PHONE_OF_HERS) && !whole.contains(NAME_OF_HERS));
});

both!(async fn a_demand_is_filed_once_stops_advertising_and_waits_for_an_owner(store) {
    let actor = fixture::actor(&store).await;
    let (contact, _, _) = known(&store, &actor).await;
    let now = clock::now();
    let short = file(&store, &actor, contact, Ground::Demanded, " а ", &terms(), now).await;
    assert!(matches!(short, Err(ErasureError::Reason)), "{short:?}");
    let id = file(&store, &actor, contact, Ground::Demanded, "сама, письмом", &terms(), now).await.expect("filed");
    let again = file(&store, &actor, contact, Ground::Withdrawn, "ещё раз", &terms(), now).await;
    assert!(matches!(again, Err(ErasureError::Open(open)) if open == id), "{again:?}");
    let card = contact::card::card(&store, actor.account, contact).await.expect("read").expect("there");
    assert!(card.contact.opted_out_at.is_some(), "processing for advertising stops at once");
    let bare = carry_out(&store, &actor, id, &terms(), now).await;
    assert!(matches!(bare, Err(ErasureError::NoOperator)), "{bare:?}");
    let manager = Actor { role: crate::account::Role::Manager, ..actor.clone() };
    set_operator(&store, &actor, OPERATOR, now).await.expect("said");
    let not_his = carry_out(&store, &manager, id, &terms(), now).await;
    assert!(matches!(not_his, Err(ErasureError::Account(AccountError::Forbidden(_)))), "{not_his:?}");
    assert_eq!(count(&store, actor.account).await.expect("read"), (1, 1));
    withdraw(&store, &actor, id, now).await.expect("taken off");
    assert_eq!(count(&store, actor.account).await.expect("read"), (1, 0));
    let over = carry_out(&store, &actor, id, &terms(), now).await;
    assert!(matches!(over, Err(ErasureError::Gone)), "{over:?}");
    let other = fixture::actor(&store).await;
    assert!(get(&store, other.account, id).await.expect("read").is_none());
    let foreign = file(&store, &other, contact, Ground::Demanded, "чужой", &terms(), now).await;
    assert!(matches!(foreign, Err(ErasureError::Account(AccountError::NotFound))), "{foreign:?}");
});

both!(async fn owners_are_told_before_the_last_day_once_a_day(store) {
    let actor = fixture::actor(&store).await;
    let (contact, _, _) = known(&store, &actor).await;
    let filed = "2026-11-02T09:00:00Z".parse::<Moment>().expect("a moment");
    file(&store, &actor, contact, Ground::Withdrawn, "сама, письмом", &terms(), filed).await.expect("filed");
    let told = async || -> i64 {
        let sql = "select count(*) from notice where kind = 'erasure.due'";
        on!(store.read(), |c| sqlx::query_scalar(sql).fetch_one(c).await).expect("read")
    };
    // The last day is 2 December.
    for (day, count) in [("2026-11-28", 0), ("2026-11-29", 1), ("2026-11-29", 1), ("2026-11-30", 2), ("2026-12-03", 3)] {
        warn(&store, &terms(), format!("{day}T06:00:00Z").parse().expect("a moment")).await.expect("told");
        assert_eq!(told().await, count, "{day}");
    }
});

both!(async fn the_documents_are_made_again_to_the_byte(store) {
    let actor = fixture::actor(&store).await;
    let (contact, _, _) = known(&store, &actor).await;
    let id = erase(&store, &actor, contact).await;
    for which in [Document::Act, Document::Extract] {
        let made = document(&store, &actor, id, which).await.expect("made");
        assert!(made.starts_with(b"%PDF-"), "{which:?}");
        assert_eq!(made, document(&store, &actor, id, which).await.expect("made again"));
    }
    let viewer = Actor { role: crate::account::Role::Viewer, ..actor };
    assert!(document(&store, &viewer, id, Document::Act).await.is_err());
});

/// The file of the database and its log, byte by byte.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_of_the_database_holds_nothing_of_whoever_was_erased() {
    let url = testing::database(Engine::Sqlite).await;
    let store = Store::open(&url).await.expect("opened").sealed_by(&testing::sealer());
    let actor = fixture::actor(&store).await;
    let (contact, _, _) = known(&store, &actor).await;
    erase(&store, &actor, contact).await;
    let path = Path::new(url.trim_start_matches("sqlite:"));
    for ending in ["", "-wal"] {
        let bytes = std::fs::read(beside(path, ending)).unwrap_or_default();
        for needle in [PHONE_OF_HERS, EMAIL_OF_HERS, CHAT_OF_HERS, NAME_OF_HERS, WORDS_OF_HERS] {
            let found = bytes.windows(needle.len()).filter(|part| *part == needle.as_bytes()).count();
            assert_eq!(found, 0, "{needle} in the file{ending}");
        }
    }
    store.close().await;
}

/// A backup from before an erasure is put in place of the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_destroys_again() {
    let url = testing::database(Engine::Sqlite).await;
    let former = Store::open(&url).await.expect("opened").sealed_by(&testing::sealer());
    let actor = fixture::actor(&former).await;
    let (contact, _, _) = known(&former, &actor).await;
    let backup = format!("{}.backup", url.trim_start_matches("sqlite:"));
    former.backup(Path::new(&backup)).await.expect("a backup");
    let id = erase(&former, &actor, contact).await;
    let fresh = Store::open(&format!("sqlite:{backup}")).await.expect("opened").sealed_by(&testing::sealer());
    assert!(whole(&fresh).await.contains(PHONE_OF_HERS), "the backup holds her");
    let carried = carry::carry(&former, &fresh, clock::now()).await.expect("carried");
    assert_eq!(carried.deleted, 1);
    let after = whole(&fresh).await;
    for needle in needles() {
        let found: Vec<&str> = after.lines().filter(|line| line.contains(&needle)).collect();
        assert!(found.is_empty(), "{needle} came back: {found:?}");
    }
    let demand = get(&fresh, actor.account, id).await.expect("read").expect("the register went on");
    assert_eq!(demand.state, State::Done);
    let csv = format!("Имя;Телефон\n{NAME_OF_HERS};{PHONE_OF_HERS}\n");
    let import = take_in(&fresh, &actor, &csv).await;
    let done = import::get(&fresh, actor.account, import).await.expect("read").expect("there");
    assert_eq!(done.counts.live.refused.get("erased"), Some(&1), "her marks went on, too");
    for store in [former, fresh] {
        store.close().await;
    }
}

both!(async fn a_person_gets_all_that_is_known_of_them(store) {
    use std::io::Read as _;

    let actor = fixture::actor(&store).await;
    let (contact, _, _) = known(&store, &actor).await;
    let made = person::archive(&store, &actor, contact, clock::now()).await.expect("made");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(made)).expect("an archive");
    let mut json = String::new();
    zip.by_name("person.json").expect("there").read_to_string(&mut json).expect("read");
    let all: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((all["name"].as_str(), all["conversation"][0]["text"].as_str()), (Some(NAME_OF_HERS), Some(WORDS_OF_HERS)));
    let values: Vec<&str> = all["addresses"].as_array().expect("a list").iter().filter_map(|one| one["value"].as_str()).collect();
    assert_eq!(values, [PHONE_OF_HERS, EMAIL_OF_HERS, CHAT_OF_HERS]);
    assert_eq!(all["consents"].as_array().map(Vec::len), Some(4));
    let mut pdf = Vec::new();
    zip.by_name("person.pdf").expect("there").read_to_end(&mut pdf).expect("read");
    assert!(pdf.starts_with(b"%PDF-"));
    let sql = "select count(*) from audit where account_id = $1 and action = 'export.person'";
    let noted: i64 = on!(store.read(), |c| sqlx::query_scalar(sql).bind(actor.account).fetch_one(c).await).expect("read");
    assert_eq!(noted, 1, "on the record");
    let viewer = Actor { role: crate::account::Role::Viewer, ..actor };
    assert!(person::archive(&store, &viewer, contact, clock::now()).await.is_err());
});
