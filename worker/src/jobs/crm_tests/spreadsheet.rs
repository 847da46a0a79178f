//! A table at an address in the same room, against a double of web servers.

use std::fmt::Write as _;

use mms_core::{
    clock::Moment,
    consent::Grade,
    crm::{mapping::Part, unusable::Why},
    inbound::crm::preview,
};
use mms_sandbox::spreadsheet::{Fault, Spreadsheets};

use super::*;

const AT: &str = "files.example/clients.csv";
const URL: &str = "https://files.example/clients.csv";

struct Shop {
    world: World,
    tables: Spreadsheets,
}

const HEAD: &str = "ID;ФИО;Телефон;Город;Бонусы;Согласие на рекламу;Согласие: когда;Согласие: кто;Согласие на обработку;Не писать\n";

fn line(n: usize) -> String {
    format!("{n};Имя{n} Фамилия{n};8 912 {n:03}-00-00;Город{};{n};да;01.03.2026;Анна;да;нет\n", n % 3)
}

fn table(ids: impl Iterator<Item = usize>) -> String {
    ids.fold(HEAD.to_owned(), |mut table, n| {
        table.push_str(&line(n));
        table
    })
}

impl Shop {
    async fn new(store: Store) -> Self {
        let mut world = World::new(store).await;
        let tables = Spreadsheets::new();
        world.deps.endpoints.spreadsheet_override = Some(tables.clone().serve().await.expect("a port"));
        Self { world, tables }
    }

    async fn try_connect(&self, source: &str) -> Result<ConnectionId, ConnectError> {
        let Deps { store, sealer, endpoints, .. } = &self.world.deps;
        let values = [Secret::new(source)];
        let entry = Entry { kind: CrmKind::Spreadsheet, address: source, values: &values };
        connection::connect(store, sealer, endpoints, By::Admin(self.world.account), entry, clock::now()).await.map(|row| row.id)
    }

    /// Connected, mapped and begun.
    async fn begins(&self) -> ConnectionId {
        let id = self.try_connect(URL).await.expect("connected");
        let (store, by, now) = (&self.world.deps.store, By::Admin(self.world.account), clock::now());
        for (field, key) in [("Город", "city"), ("Бонусы", "bonus")] {
            connection::map_field(store, by, id, field, Some(key), now).await.expect("mapped");
        }
        for (purpose, field, author) in
            [(Purpose::Marketing, "Согласие на рекламу", Some("Согласие: кто")), (Purpose::PersonalData, "Согласие на обработку", None)]
        {
            let mapping = ConsentMapping {
                purpose,
                crm_field: field.to_owned(),
                yes: Vec::new(),
                at_field: Some("Согласие: когда".to_owned()),
                author_field: author.map(str::to_owned),
                stated_at: now,
            };
            connection::map_consent(store, by, id, mapping, now).await.expect("mapped");
        }
        connection::resume(store, by, id, now).await.expect("begun");
        id
    }

    /// Why the last file is not used.
    async fn refused(&self, id: ConnectionId) -> Option<Why> {
        let row = self.world.sync(id).await;
        assert_eq!(row.state, ConnectionState::Active);
        assert_eq!(row.state_reason.as_deref(), row.sync_cursor.unusable.is_some().then_some("unusable"));
        row.sync_cursor.unusable.as_ref().map(|unusable| unusable.why)
    }

    async fn accepts(&self, id: ConnectionId) {
        let row = self.world.row(id).await;
        let seen = row.sync_cursor.unusable.as_ref().expect("something is refused").stamp();
        connection::accept(&self.world.deps.store, By::Admin(self.world.account), id, seen, clock::now()).await.expect("accepted");
    }

    async fn find(&self, key: &str) -> Option<(ContactId, String)> {
        on!(self.world.deps.store.read(), |c| sqlx::query_as(
            "select c.id, c.name from contact_source s join contact c on c.id = s.contact_id where s.crm_id = $1 and c.deleted_at is null"
        )
        .bind(key)
        .fetch_optional(c)
        .await)
        .expect("read")
    }

    async fn touched(&self) -> Vec<(String, Moment)> {
        on!(self.world.deps.store.read(), |c| sqlx::query_as(
            "select s.crm_id, c.updated_at from contact_source s join contact c on c.id = s.contact_id where c.deleted_at is null order by s.crm_id"
        )
        .fetch_all(c)
        .await)
        .expect("read")
    }
}

const PEOPLE: &str = "select count(*) from contact where deleted_at is null";

both!(async fn a_table_is_read_and_followed(store) {
    let shop = Shop::new(store).await;
    let world = &shop.world;
    // More than a page.
    shop.tables.put(AT, table(1..=600));
    let id = shop.begins().await;
    let row = world.row(id).await;
    assert_eq!((row.base_url.as_str(), row.name.as_str()), ("https://files.example", "clients.csv"));
    assert_eq!(row.settings.opt_out_field.as_deref(), Some("Не писать"));
    let parts: Vec<(&str, Part)> = row.settings.parts.iter().map(|mapped| (mapped.crm_field.as_str(), mapped.part)).collect();
    assert_eq!(parts, [("ID", Part::Key), ("ФИО", Part::Name), ("Телефон", Part::Phone)]);
    let row = world.sync(id).await;
    assert_eq!((row.state, row.sync_phase, row.state_reason.as_deref()), (ConnectionState::Active, SyncPhase::Idle, None));
    assert_eq!((world.count(PEOPLE).await, row.sync_cursor.stats.created), (600, 600));
    assert!(row.next_sync_at.is_some_and(|next| next > clock::now() + TimeDelta::minutes(14)), "every 15 minutes");
    let (_, name, attributes, grade) = world.contact(7).await.expect("the contact");
    assert_eq!((name.as_str(), &attributes["city"], &attributes["bonus"]), ("Имя7 Фамилия7", &json!("Город1"), &json!(7)));
    assert_eq!(grade, Some(3), "the file has author and time");
    assert_eq!(world.count("select count(*) from contact where personal_data_grade = 4").await, 600, "without an author it is the owner's word");

    // Nothing changed: the server says so, and nothing is read.
    let (sent, touched, entries) = (shop.tables.sent(AT), shop.touched().await, world.count("select count(*) from consent").await);
    for _ in 0..3 {
        assert_eq!(world.sync(id).await.state_reason, None);
    }
    assert_eq!((shop.tables.sent(AT), shop.touched().await), (sent, touched.clone()));

    // One row changed, one is new, one is gone, one is marked: the others are not touched.
    let mut next = table((2..=600).chain([601]));
    next = next.replace(&line(10), &line(10).replace("Имя10 Фамилия10", "Вера").replace("Город1", "Казань"));
    next = next.replace(&line(11), &line(11).replace(";нет\n", ";да\n"));
    shop.tables.put(AT, next.clone());
    let row = world.sync(id).await;
    let stats = row.sync_cursor.stats;
    assert_eq!((stats.created, stats.updated, stats.deleted, stats.opted_out), (1, 1, 1, 1), "{stats:?}");
    assert_eq!(shop.find("10").await.map(|(_, name)| name).as_deref(), Some("Вера"));
    assert_eq!(shop.find("1").await, None);
    let after = shop.touched().await;
    let same = after.iter().filter(|one| touched.contains(one)).count();
    assert!(same >= 597, "{same}");
    assert_eq!(world.count("select count(*) from contact where opted_out_at is not null").await, 1);
    assert_eq!(world.count("select count(*) from consent where action = 'granted'").await, entries + 2, "the new one's alone");

    // Other bytes that say the same, from a server that tells nothing: nothing is written.
    let touched = shop.touched().await;
    shop.tables.put(AT, format!("\u{feff}{next}"));
    shop.tables.bare(AT);
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((stats.found(), shop.touched().await), (0, touched));
    // Nothing is ever written into it.
    let (contact, _) = shop.find("12").await.expect("the contact");
    world.enqueue(contact, &CrmChange::Note { text: "Кампания «Май»".to_owned() }, "campaign:1").await;
    assert_eq!(world.count("select count(*) from crm_write").await, 0);
});

both!(async fn a_stop_is_kept_whatever_the_table_says(store) {
    let shop = Shop::new(store).await;
    let world = &shop.world;
    shop.tables.put(AT, table(1..=20));
    let id = shop.begins().await;
    world.sync(id).await;
    let (contact, _) = shop.find("5").await.expect("the contact");
    let mut tx = world.deps.store.begin().await.expect("begin");
    let how = mms_core::opt_out::OptOutHow { by: mms_core::opt_out::OptOutBy::Text, channel: None, message_ref: None, said_at: None };
    mms_core::opt_out::opt_out(&mut tx, world.account, contact, &how, clock::now()).await.expect("opted out");
    tx.commit().await.expect("commit");
    assert_eq!(world.count("select count(*) from crm_write").await, 0, "there is nobody to tell");
    let stands = async || {
        let mut tx = world.deps.store.begin().await.expect("begin");
        let said = mms_core::consent::suppression::said_stop(&mut tx, world.account, "phone", "+79120050000").await.expect("read");
        tx.commit().await.expect("commit");
        said.is_some()
    };
    // The row changes, consent and all; goes; comes back.
    for (ids, there) in [(1..=20, true), (6..=20, false), (1..=20, true)] {
        let text = table(ids).replace("5;Имя5 Фамилия5;", "5;Нина Пятая;").replace("5;да;01.03.2026", "5;да;02.11.2026");
        shop.tables.put(AT, text);
        let row = world.sync(id).await;
        assert_eq!((row.state_reason, shop.find("5").await.is_some()), (None, there));
        assert!(stands().await, "whoever has this phone said stop");
        assert_eq!(world.count("select count(*) from suppression").await, 1);
        if row.sync_cursor.stats.updated > 0 {
            assert_eq!(world.count("select count(*) from contact where marketing_grade is null").await, 1, "no consent of a file overrules it");
        }
    }
    assert_eq!(world.count(PEOPLE).await, 20);
});

both!(async fn a_table_unlike_the_one_before_changes_nothing(store) {
    let shop = Shop::new(store).await;
    let world = &shop.world;
    shop.tables.put(AT, table(1..=40));
    let id = shop.begins().await;
    assert_eq!(shop.refused(id).await, None);
    let known = shop.touched().await;
    let broken = [
        (String::new(), Why::Empty),
        (HEAD.to_owned(), Why::Fewer),
        (table(1..=19), Why::Fewer),
        (table(101..=140), Why::Others),
        (table(1..=40).replace("Телефон", "Факс"), Why::Columns),
        (table(1..=40).replace("Город;", "Регион;"), Why::Columns),
        (table(1..=40).replace("ID;", "Номер строки;"), Why::NoKey),
        ("<html><head><title>Вход</title></head><body>Пароль</body></html>".to_owned(), Why::Page),
        ("%PDF-1.7 и так далее".to_owned(), Why::NotTable),
        (format!("{}\n{}\n", vec!["Телефон"; 250].join(";"), vec!["1"; 250].join(";")), Why::TooLarge),
    ];
    for (file, why) in broken {
        shop.tables.put(AT, file);
        for _ in 0..2 {
            assert_eq!(shop.refused(id).await, Some(why));
        }
        assert_eq!(shop.touched().await, known, "{why:?}");
    }
    assert_eq!(world.count("select count(*) from notice where kind = 'crm.held'").await, 1, "people are told once a day");
    shop.tables.remove(AT);
    assert_eq!(shop.refused(id).await, Some(Why::Absent));
    shop.tables.put(AT, table(1..=40));
    assert_eq!(shop.refused(id).await, None, "it comes back by itself");

    // What is meant is taken: that file, and no other one.
    shop.tables.put(AT, table(1..=12));
    assert_eq!(shop.refused(id).await, Some(Why::Fewer));
    let seen = world.row(id).await.sync_cursor.unusable.as_ref().expect("refused").stamp();
    shop.tables.put(AT, table(1..=3));
    assert_eq!(shop.refused(id).await, Some(Why::Fewer));
    let stale = connection::accept(&world.deps.store, By::Admin(world.account), id, seen, clock::now()).await;
    assert!(matches!(stale, Err(ConnectError::Changed)), "{stale:?}");
    shop.tables.put(AT, table(1..=12));
    assert_eq!(shop.refused(id).await, Some(Why::Fewer));
    shop.accepts(id).await;
    assert_eq!((shop.refused(id).await, world.count(PEOPLE).await), (None, 12));
    shop.tables.put(AT, table(1..=12).replace("Город;", "Регион;"));
    assert_eq!(shop.refused(id).await, Some(Why::Columns));
    shop.accepts(id).await;
    assert_eq!((shop.refused(id).await, world.count("select count(*) from contact where cast(attributes as text) like '%Город%'").await), (None, 0));
});

both!(async fn rows_are_told_and_people_are_shown_before_the_first_load(store) {
    let shop = Shop::new(store).await;
    let world = &shop.world;
    let mut text = table(1..=5);
    writeln!(text, ";Без Ключа;8 912 777-00-00;;;;;;;").expect("a text");
    writeln!(text, "2;Двойник;8 912 778-00-00;;;;;;;").expect("a text");
    writeln!(text, "6;Шестой;не телефон;;;да;;;;да").expect("a text");
    shop.tables.put(AT, text);
    let id = shop.try_connect(URL).await.expect("connected");
    assert!(matches!(shop.try_connect(URL).await, Err(ConnectError::Twin)));
    let row = world.row(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::Paused, Some(connection::BEGIN)));
    world.sync(id).await;
    assert_eq!(world.count("select count(*) from contact").await, 0, "nobody comes before a person begins it");
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let by = By::Admin(world.account);
    let consent = ConsentMapping { purpose: Purpose::Marketing, crm_field: "Согласие на рекламу".to_owned(), yes: Vec::new(), at_field: None, author_field: None, stated_at: clock::now() };
    connection::map_consent(store, by, id, consent, clock::now()).await.expect("mapped");
    connection::map_field(store, by, id, "Город", Some("city"), clock::now()).await.expect("mapped");
    let seen = preview(store, sealer, endpoints, world.account, id).await.expect("seen");
    let names: Vec<&str> = seen.people.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(names, ["Имя1 Фамилия1", "Имя2 Фамилия2", "Имя3 Фамилия3"]);
    assert_eq!((seen.people[0].phones.as_slice(), &seen.people[0].attributes["city"]), (["+79120010000".to_owned()].as_slice(), &json!("Город1")));
    assert_eq!(seen.people[0].consents[0].grade, Grade::D);
    let (counted, rows) = (seen.counted.expect("counted"), seen.rows.expect("rows"));
    assert_eq!((counted.people, counted.without_phone, counted.bad_phones, counted.opted_out), (6, 1, 1, 1));
    assert_eq!(counted.consents, [(Purpose::PersonalData, 0), (Purpose::Marketing, 5)]);
    assert_eq!((rows.rows, rows.unkeyed.first, rows.doubled.first), (8, vec![7], vec![8]));
    assert_eq!(world.count("select count(*) from contact").await, 0, "nothing is kept of it");

    // The key may be chosen until then, and never after.
    let key = |field: &'static str| connection::set_part(store, by, id, (field, Part::Key), true, clock::now());
    key("Телефон").await.expect("chosen");
    key("ID").await.expect("chosen");
    let off = connection::set_part(store, by, id, ("ID", Part::Key), false, clock::now()).await;
    assert!(matches!(off, Err(ConnectError::WrongState)));
    connection::resume(store, by, id, clock::now()).await.expect("begun");
    let row = world.sync(id).await;
    assert_eq!((world.count(PEOPLE).await, row.sync_cursor.rows.as_ref().map(|rows| rows.unkeyed.count)), (6, Some(1)));
    assert!(matches!(key("Телефон").await, Err(ConnectError::WrongState)));
    // Another column becomes the name: everybody is read anew.
    connection::set_part(store, by, id, ("Город", Part::Tags), true, clock::now()).await.expect("chosen");
    world.sync(id).await;
    assert_eq!(world.count("select count(distinct tag) from contact_tag").await, 3);
    connection::set_every(store, by, id, 60, clock::now()).await.expect("set");
    assert!(matches!(connection::set_every(store, by, id, 7, clock::now()).await, Err(ConnectError::BadField)));
    let row = world.sync(id).await;
    assert!(row.next_sync_at.is_some_and(|next| next > clock::now() + TimeDelta::minutes(59)));
});

both!(async fn a_server_that_fails_puts_the_connection_in_the_right_state(store) {
    let shop = Shop::new(store).await;
    let world = &shop.world;
    shop.tables.put(AT, table(1..=10));
    shop.tables.close(AT, "anna", "s3cr3t");
    for (source, meant) in [
        (URL, CrmError::Unauthorised),
        ("https://files.example/clients.csv anna wrong", CrmError::Unauthorised),
        ("https://files.example/nothing.csv", Why::Absent.into()),
        ("/etc/passwd", Why::Folder.into()),
    ] {
        let refused = shop.try_connect(source).await.expect_err("a refusal");
        assert!(matches!(&refused, ConnectError::Crm(error) if *error == meant), "{source}: {refused:?}");
    }
    for bad in ["http://files.example/clients.csv", "https://127.0.0.1/clients.csv", "клиенты"] {
        let refused = shop.try_connect(bad).await.expect_err("a refusal");
        assert!(matches!(refused, ConnectError::BadAddress | ConnectError::BadValues), "{bad}: {refused:?}");
    }
    let id = shop.try_connect("https://files.example/clients.csv anna s3cr3t").await.expect("connected");
    let Deps { store, sealer, endpoints, .. } = &world.deps;
    let by = By::Admin(world.account);
    connection::resume(store, by, id, clock::now()).await.expect("begun");
    world.sync(id).await;
    let known = shop.touched().await;
    for (fault, reason) in [
        (Fault::Status(403, None), "forbidden"),
        (Fault::Status(404, None), "unusable"),
        (Fault::Status(410, None), "unusable"),
        (Fault::Status(429, Some(900)), "limited"),
        (Fault::Status(503, None), "unreachable"),
        (Fault::Status(400, None), "refused"),
        (Fault::Half, "unreachable"),
        (Fault::Page, "unusable"),
        (Fault::Huge, "unusable"),
        (Fault::Redirect("https://10.0.0.1/clients.csv".to_owned()), "unusable"),
        (Fault::Redirect("http://files.example/clients.csv".to_owned()), "unusable"),
    ] {
        shop.tables.put(AT, table(1..=10));
        shop.tables.fault(AT, fault.clone());
        let row = world.sync(id).await;
        assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::Active, Some(reason)), "{fault:?}");
        assert_eq!(shop.touched().await, known, "{fault:?}");
    }
    // A published table leads on to another host, which gets no password of the first.
    shop.tables.put("content.example/x?id=1", table(1..=10));
    shop.tables.fault(AT, Fault::Redirect("https://content.example/x?id=1".to_owned()));
    assert_eq!(world.sync(id).await.state_reason, None);
    for _ in 0..7 {
        shop.tables.fault(AT, Fault::Redirect(URL.to_owned()));
    }
    assert_eq!(shop.refused(id).await, Some(Why::Redirects), "round and round");

    shop.tables.close(AT, "anna", "another");
    shop.tables.put(AT, table(1..=11));
    // The rest of those that lead on.
    while let Some(Why::Redirects) = shop.world.row(id).await.sync_cursor.unusable.as_ref().map(|unusable| unusable.why) {
        world.sync(id).await;
    }
    let row = world.row(id).await;
    assert_eq!((row.state, row.state_reason.as_deref()), (ConnectionState::ReauthRequired, Some("token_refused")));
    let other = Secret::new("https://files.example/clients.csv anna another");
    connection::replace_token(store, sealer, endpoints, by, id, other, clock::now()).await.expect("replaced");
    assert_eq!(world.sync(id).await.state_reason, None);
    assert_eq!(world.count(PEOPLE).await, 11);
    // The same people at another address are the same people.
    shop.tables.put("new.example/a.csv", table(1..=12));
    connection::replace_token(store, sealer, endpoints, by, id, Secret::new("https://new.example/a.csv"), clock::now()).await.expect("replaced");
    assert_eq!(world.sync(id).await.base_url, "https://new.example");
    assert_eq!((world.count(PEOPLE).await, world.count("select count(*) from contact").await), (12, 12));
});

both!(async fn a_table_in_a_folder_is_followed(store) {
    let mut shop = Shop::new(store).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("clients.csv");
    std::fs::write(&path, windows_1251(&table(1..=5))).expect("written");
    let source = path.display().to_string();
    let refused = shop.try_connect(&source).await.expect_err("no folder is allowed");
    assert!(matches!(&refused, ConnectError::Crm(CrmError::Unusable(what)) if what.why == Why::Folder), "{refused:?}");
    shop.world.deps.endpoints.crm_folders = vec![folder.path().to_owned()];
    let id = shop.try_connect(&source).await.expect("connected");
    connection::resume(&shop.world.deps.store, By::Admin(shop.world.account), id, clock::now()).await.expect("begun");
    let row = shop.world.sync(id).await;
    assert_eq!((row.base_url.as_str(), row.name.as_str(), row.state_reason), ("file://clients.csv", "clients.csv", None));
    assert_eq!(shop.find("3").await.map(|(_, name)| name).as_deref(), Some("Имя3 Фамилия3"));
    std::fs::write(&path, table(1..=6)).expect("written");
    shop.world.sync(id).await;
    assert_eq!(shop.world.count(PEOPLE).await, 6);
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(shop.refused(id).await, Some(Why::Absent));
});

/// The bytes of a text in Windows-1251.
fn windows_1251(text: &str) -> Vec<u8> {
    let byte = |letter: char| match u32::from(letter) {
        // From «А» to «я» in one row, as in Unicode.
        code @ 0x410..=0x44F => u8::try_from(code - 0x410 + 0xC0).expect("a letter"),
        code => u8::try_from(code).expect("of ASCII"),
    };
    text.chars().map(byte).collect()
}
