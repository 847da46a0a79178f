use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use calamine::Reader as _;
use tokio_util::sync::CancellationToken;

use super::{mapping::Target, run::dry_run, *};
use crate::{
    both,
    contact::{self, FieldKind, NewAddress, bulk, fixture, segment::Filter},
    id::ANY_CHANNEL,
    notice::{self, NoticeKind},
    retry,
    store::{Db, Engine, Store},
    text::phone,
};

mod limits;
mod people;

const ZONE: chrono_tz::Tz = chrono_tz::Europe::Moscow;

/// A future that is dropped after so many polls: the process dies at whatever it was waiting for.
struct Doomed<F> {
    inner: Pin<Box<F>>,
    polls: usize,
}

impl<F: Future> Future for Doomed<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        self.inner.as_mut().poll(cx).map(Some)
    }
}

async fn count(store: &Store, account: AccountId, text: &str) -> i64 {
    let fields = field::list(store, account).await.expect("fields");
    let filter = Filter::parse(text, &fields).expect("a filter");
    contact::segment::count(store, account, &filter, ZONE, crate::clock::now()).await.expect("a count")
}

async fn ready(store: &Store, actor: &Actor, csv: &str, basis: Basis) -> (Import, Numbers) {
    let now = crate::clock::now();
    let import = begin(store, actor, "клиенты.csv", csv.as_bytes(), now).await.expect("a table");
    set_basis(store, actor, import.id, "Анкеты в магазине", basis, now).await.expect("a basis");
    let numbers = dry_run(store, actor, import.id, now).await.expect("a dry run");
    (import, numbers)
}

async fn finish(store: &Store, actor: &Actor, import: &Import) -> Import {
    start(store, actor, import.id, crate::clock::now()).await.expect("started");
    run::run(store, import.id, &CancellationToken::new()).await.expect("run");
    get(store, actor.account, import.id).await.expect("read").expect("there")
}

both!(async fn a_file_becomes_contacts_and_what_is_left_out_comes_back(store) {
    let actor = fixture::actor(&store).await;
    let now = crate::clock::now();
    field::create(&store, &actor, "city", "Город", FieldKind::Text, now).await.expect("a field");
    field::create(&store, &actor, "spent", "Потрачено", FieldKind::Number, now).await.expect("a field");
    let mut tx = store.begin().await.expect("begin");
    let known = contact::Draft {
        name: Some("Старое имя".into()),
        addresses: vec![NewAddress::phone("+79120000001".into(), "")],
        source: "crm".into(),
        ..Default::default()
    };
    let known = contact::create(&mut tx, actor.account, &known, now).await.expect("a contact").contact;
    tx.commit().await.expect("commit");

    let csv = "ФИО;Телефон;Город;Потрачено;Метки\n\
        Анна Иванова;8 (912) 000-00-01;Москва;1 000,50;VIP, новые\n\
        Пётр;+7 912 000-00-02, 8 912 000 00 03;Казань;;\n\
        Повтор;89120000002;;;\n\
        ;нет;;;\n\
        Никто;;;;\n\
        Ольга;89120000004;;много;\n\
        Вера;8912000000;;;\n\
        Зоя;8 912 000 00 05;Тверь;7;\n";
    let (import, numbers) = ready(&store, &actor, csv, Basis::SignedDocument).await;
    assert_eq!(import.mapping.columns[1], Target::Phone);
    assert_eq!((numbers.rows, numbers.new, numbers.updated, numbers.joined, numbers.consents), (8, 3, 1, 1, 8));
    let counted = |counts: &BTreeMap<String, u64>| counts.iter().map(|(reason, n)| format!("{reason} {n}")).collect::<Vec<_>>();
    assert_eq!(counted(&numbers.refused), ["no_address 2", "phone_invalid 1"]);
    assert_eq!(counted(&numbers.left_out), ["bad_number 1", "other_name 1"]);
    let example = numbers.examples.iter().find(|one| one.code == "bad_number").expect("an example");
    assert_eq!((example.line, example.cell.as_str()), (7, "много"));
    assert_eq!(count(&store, actor.account, "").await, 1, "a dry run changes nothing");

    let done = finish(&store, &actor, &import).await;
    let numbers = Numbers { examples: Vec::new(), ..numbers };
    assert_eq!((done.state, &done.counts.live), (State::Done, &numbers));
    assert!(done.counts.dry.examples.is_empty(), "examples name people, and are kept no longer than they are shown");
    assert_eq!(count(&store, actor.account, "").await, 4);
    assert_eq!(count(&store, actor.account, "tag = vip and city = москва and spent > 1000 and consent = B and personal_data = B").await, 1);
    let card = contact::card::card(&store, actor.account, known).await.expect("read").expect("there");
    assert_eq!((card.contact.name.as_str(), card.contact.source.as_str(), card.tags.len()), ("Анна Иванова", "crm", 2));
    assert_eq!(card.consents.len(), 2);
    let second = contact::resolve(&store, actor.account, contact::PHONE, "+79120000003", ANY_CHANNEL).await.expect("read");
    assert!(second.is_some(), "every phone of a cell is kept");

    let refused = file::content(&store, actor.account, done.refused_file_id.expect("a file")).await.expect("read").expect("there");
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(refused)).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("readable");
    let rows = |range: &calamine::Range<calamine::Data>| range.rows().map(|row| format!("{}|{}|{}", row[0], row[6], row[7])).collect::<Vec<_>>();
    assert_eq!(rows(&range), [
        "Строка|Причина|Код",
        "5|Нет ни телефона, ни почты|no_address",
        "6|Нет ни телефона, ни почты|no_address",
        "8|Такого телефона не бывает: «8912000000»|phone_invalid",
    ]);
    let range = book.worksheet_range_at(1).expect("a sheet").expect("readable");
    assert_eq!(rows(&range), [
        "Строка|Причина|Код",
        "4|В строке выше этот телефон с другим именем, оно и осталось: «Повтор»|other_name",
        "7|«Потрачено»: здесь должно быть число: «много»|bad_number",
    ]);
    let notices = notice::due(&store, crate::clock::now(), 10).await.expect("notices");
    assert_eq!(notices.iter().map(notice::Notice::kind).collect::<Vec<_>>(), [Some(NoticeKind::ImportDone)]);

    // The same file once more: nobody is new, nothing is recorded twice.
    let (again, numbers) = ready(&store, &actor, csv, Basis::SignedDocument).await;
    assert_eq!((numbers.new, numbers.updated, numbers.consents), (0, 4, 0));
    let again = finish(&store, &actor, &again).await;
    assert_eq!((again.counts.live.new, again.counts.live.consents), (0, 0));
    assert_eq!(count(&store, actor.account, "").await, 4);
});

both!(async fn a_crash_at_any_moment_costs_no_row_and_doubles_none(store) {
    let actor = fixture::actor(&store).await;
    let mut csv = String::from("Имя;Телефон\n");
    for n in 0..2_300 {
        // Every tenth row says a phone of five rows above once more.
        let phone = if n % 10 == 9 { n - 5 } else { n };
        csv.push_str(&format!("Клиент {n};8912{phone:07}\n"));
    }
    let (import, numbers) = ready(&store, &actor, &csv, Basis::OwnerStatement).await;
    assert_eq!((numbers.new, numbers.joined, numbers.partly), (2_070, 230, 230));
    let numbers = Numbers { examples: Vec::new(), ..numbers };
    start(&store, &actor, import.id, crate::clock::now()).await.expect("started");
    let (mut crashes, mut polls) = (0_u32, 1);
    loop {
        let stop = CancellationToken::new();
        let doomed = Doomed { inner: Box::pin(run::by(&store, import.id, &stop, 300, retry::IMPORT)), polls };
        let ended = doomed.await;
        crashes += u32::from(ended.is_none());
        // Dying ever again before anything moves on is bounded: a member lets it go on.
        let held = get(&store, actor.account, import.id).await.expect("read").expect("there").state == State::Held;
        if held {
            resume(&store, &actor, import.id, crate::clock::now()).await.expect("resumed");
        }
        if let Some(result) = ended {
            result.expect("run");
            if !held {
                break;
            }
        }
        polls += 1 + polls / 3;
    }
    assert!(crashes > 3, "{crashes}");
    let done = get(&store, actor.account, import.id).await.expect("read").expect("there");
    assert_eq!((done.state, &done.counts.live), (State::Done, &numbers));
    assert_eq!(count(&store, actor.account, "phone = yes and consent = D").await, 2_070);
    assert_eq!(count(&store, actor.account, "").await, 2_070);
    // Ringing once more changes nothing.
    run::run(&store, import.id, &CancellationToken::new()).await.expect("run");
    assert_eq!(count(&store, actor.account, "").await, 2_070);
});

both!(async fn two_workers_at_once_take_each_row_in_once(store) {
    let actor = fixture::actor(&store).await;
    let csv: String = (0..1_700).map(|n| format!("8912{n:07}\n")).collect();
    let (import, _) = ready(&store, &actor, &csv, Basis::NoConsent).await;
    start(&store, &actor, import.id, crate::clock::now()).await.expect("started");
    let stop = CancellationToken::new();
    while running(&store).await.expect("read").contains(&import.id) {
        let (a, b) = tokio::join!(run::by(&store, import.id, &stop, 200, retry::IMPORT), run::by(&store, import.id, &stop, 200, retry::IMPORT));
        a.and(b).expect("run");
    }
    let done = get(&store, actor.account, import.id).await.expect("read").expect("there");
    assert_eq!((done.state, done.counts.live.new, done.counts.live.consents), (State::Done, 1_700, 0));
    assert_eq!(count(&store, actor.account, "consent = none").await, 1_700);
});

both!(async fn rows_of_one_contact_revise_it_one_after_the_other(store) {
    let actor = fixture::actor(&store).await;
    let now = crate::clock::now();
    field::create(&store, &actor, "city", "Город", FieldKind::Text, now).await.expect("a field");
    field::create(&store, &actor, "spent", "Потрачено", FieldKind::Number, now).await.expect("a field");
    let phone = |n: u8| NewAddress::phone(format!("+7912000000{n}"), "");
    let mut tx = store.begin().await.expect("begin");
    for (name, phones) in [("Анна", vec![phone(1), phone(2)]), ("Борис", vec![phone(3)])] {
        let draft = contact::Draft { name: Some(name.into()), addresses: phones, source: "crm".into(), ..Default::default() };
        contact::create(&mut tx, actor.account, &draft, now).await.expect("a contact");
    }
    tx.commit().await.expect("commit");
    // Anna in two rows, the second by her other phone; a phone of Boris beside hers stays his; a
    // new one is attached.
    let csv = "ФИО;Телефон;Город;Потрачено;Метки\n\
        Анна Белова;89120000001, 89120000003;Москва;5;раз\n\
        ;89120000002, 89120000004;Казань;;два\n\
        Вера;89120000005;;;\n";
    let (import, numbers) = ready(&store, &actor, csv, Basis::OwnerStatement).await;
    assert_eq!((numbers.new, numbers.updated, numbers.consents), (1, 2, 4));
    let done = finish(&store, &actor, &import).await;
    assert_eq!(done.counts.live, numbers);
    let whose = async |n: u8| {
        let value = format!("+7912000000{n}");
        contact::resolve(&store, actor.account, contact::PHONE, &value, ANY_CHANNEL).await.expect("read").expect("somebody")
    };
    let anna = whose(1).await;
    assert_eq!((whose(2).await, whose(4).await), (anna, anna));
    assert_ne!(whose(3).await, anna);
    let card = contact::card::card(&store, actor.account, anna).await.expect("read").expect("there");
    assert_eq!((card.contact.name.as_str(), card.tags.len(), card.addresses.len()), ("Анна Белова", 2, 3));
    assert_eq!(json!(card.contact.attributes), json!({ "city": "Казань", "spent": 5 }));
    assert_eq!(count(&store, actor.account, "city = казань and name = \"анна белова\" and spent = 5").await, 1);
});

both!(async fn what_the_database_goes_on_refusing_is_held_until_a_member_lets_it_go_on(store) {
    let actor = fixture::actor(&store).await;
    let csv: String = (0..700).map(|n| format!("8912{n:07}\n")).collect();
    let (import, numbers) = ready(&store, &actor, &csv, Basis::NoConsent).await;
    start(&store, &actor, import.id, crate::clock::now()).await.expect("started");
    let rename = async |sql: &'static str| {
        let mut tx = store.begin().await.expect("begin");
        on!(tx.conn(), |c| sqlx::query(sql).execute(c).await.map(|_| ())).expect("renamed");
        tx.commit().await.expect("commit");
    };
    rename("alter table address rename to gone").await;
    let stop = CancellationToken::new();
    for tried in 1..=9_usize {
        run::run(&store, import.id, &stop).await.expect_err("refused");
        let row = get(&store, actor.account, import.id).await.expect("read").expect("there");
        assert_eq!((row.state, usize::try_from(row.attempts).ok(), row.next_row), (State::Running, Some(tried), 0));
        assert!(row.error.is_some());
    }
    run::run(&store, import.id, &stop).await.expect("held");
    assert_eq!(get(&store, actor.account, import.id).await.expect("read").expect("there").state, State::Held);
    assert!(running(&store).await.expect("read").is_empty());
    let notices = notice::due(&store, crate::clock::now(), 10).await.expect("notices");
    assert_eq!(notices.iter().map(notice::Notice::kind).collect::<Vec<_>>(), [Some(NoticeKind::ImportStopped)]);
    rename("alter table gone rename to address").await;
    let other = fixture::actor(&store).await;
    assert!(matches!(resume(&store, &other, import.id, crate::clock::now()).await, Err(ImportError::State)));
    resume(&store, &actor, import.id, crate::clock::now()).await.expect("resumed");
    run::run(&store, import.id, &stop).await.expect("run");
    let done = get(&store, actor.account, import.id).await.expect("read").expect("there");
    assert_eq!((done.state, &done.counts.live, done.attempts, done.error), (State::Done, &numbers, 0, None));
    assert_eq!(count(&store, actor.account, "").await, 700);
});

both!(async fn a_stop_outweighs_a_file(store) {
    let actor = fixture::actor(&store).await;
    let (import, _) = ready(&store, &actor, "Имя;Телефон\nАнна;89120000001\n", Basis::OwnerStatement).await;
    finish(&store, &actor, &import).await;
    let anna = contact::resolve(&store, actor.account, contact::PHONE, "+79120000001", ANY_CHANNEL).await.expect("read").expect("there");
    // After the file's consent: the latest word counts.
    let now = crate::clock::now();
    let mut tx = store.begin().await.expect("begin");
    let stop = crate::consent::NewConsent {
        account: actor.account, contact: anna, purpose: crate::consent::Purpose::Marketing, action: crate::consent::Action::Withdrawn,
        grade: Grade::A, wording: None, channel: None, evidence: json!({}), actor: "contact".into(), at: now,
    };
    crate::consent::record(&mut tx, stop, now).await.expect("recorded");
    tx.commit().await.expect("commit");
    let (again, numbers) = ready(&store, &actor, "Имя;Телефон\nАнна;89120000001\n", Basis::SignedDocument).await;
    assert_eq!((numbers.updated, numbers.consents), (1, 0));
    finish(&store, &actor, &again).await;
    assert_eq!(count(&store, actor.account, "consent = any").await, 0);
});

// What a colleague said of the columns, or counted anew, was started by a button of before.
both!(async fn an_import_is_started_as_it_was_shown(store) {
    let (actor, now) = (fixture::actor(&store).await, crate::clock::now());
    let (import, _) = ready(&store, &actor, "Имя;Телефон\nАнна;89120000001\n", Basis::SignedDocument).await;
    let row = async || get(&store, actor.account, import.id).await.expect("read").expect("there");
    let (shown, columns) = (row().await.stamp(), row().await.columns_stamp());
    set_mapping(&store, &actor, import.id, row().await.mapping.columns, true, vec!["Осень".into()], now).await.expect("tags");
    dry_run(&store, &actor, import.id, now).await.expect("counted anew");
    assert!(matches!(start_seen(&store, &actor, import.id, shown, now).await, Err(ImportError::Changed)));
    assert_eq!((row().await.state, row().await.columns_stamp()), (State::Ready, columns));
    start_seen(&store, &actor, import.id, row().await.stamp(), now).await.expect("started");
    assert_eq!(row().await.state, State::Running);
});

both!(async fn every_step_is_in_its_order_and_account(store) {
    let (actor, other) = (fixture::actor(&store).await, fixture::actor(&store).await);
    let now = crate::clock::now();
    let import = begin(&store, &actor, "a.csv", "Кто;Что\nАнна;роза\n".as_bytes(), now).await.expect("a table");
    let id = import.id;
    assert!(get(&store, other.account, id).await.expect("read").is_none());
    for refused in [cancel(&store, &other, id, now).await, start(&store, &other, id, now).await, start(&store, &actor, id, now).await] {
        assert!(matches!(refused, Err(ImportError::State)));
    }
    assert!(matches!(dry_run(&store, &other, id, now).await, Err(ImportError::Absent)));
    assert!(matches!(dry_run(&store, &actor, id, now).await, Err(ImportError::NoAddressColumn)));
    assert!(matches!(set_mapping(&store, &actor, id, vec![Target::Phone], true, vec![], now).await, Err(ImportError::BadMapping)));
    let twice = vec![Target::Name, Target::Name];
    assert!(matches!(set_mapping(&store, &actor, id, twice, true, vec![], now).await, Err(ImportError::BadMapping)));
    let unknown = vec![Target::Phone, Target::Field { key: "city".into() }];
    assert!(matches!(set_mapping(&store, &actor, id, unknown, true, vec![], now).await, Err(ImportError::UnknownField(_))));
    set_mapping(&store, &actor, id, vec![Target::Name, Target::Phone], false, vec!["Выставка".into()], now).await.expect("a mapping");
    assert!(matches!(dry_run(&store, &actor, id, now).await, Err(ImportError::NoBasis)));
    assert!(matches!(set_basis(&store, &actor, id, " ", Basis::NoConsent, now).await, Err(ImportError::NoBasis)));
    set_basis(&store, &actor, id, "Выставка", Basis::NoConsent, now).await.expect("a basis");
    let numbers = dry_run(&store, &actor, id, now).await.expect("a dry run");
    assert_eq!((numbers.rows, numbers.refused_rows()), (2, 2));
    cancel(&store, &actor, id, now).await.expect("cancelled");
    assert!(matches!(set_basis(&store, &actor, id, "Выставка", Basis::NoConsent, now).await, Err(ImportError::State)));
    let listed = list(&store, actor.account, 5).await.expect("a list");
    assert_eq!(listed.len(), 1);
    // The cells of people that were shown for it are gone with it.
    let kept = &listed[0];
    assert_eq!((kept.file_name.as_str(), kept.mapping.titles.concat().as_str()), ("a.csv", ""));
    assert!(kept.mapping.sample.is_empty() && kept.counts.dry.examples.is_empty() && kept.counts.dry.rows == 2);
    assert_eq!(crate::store::audit::verify(&store, actor.account).await.expect("read").map(|whole| whole.entries), Ok(5));
});

// Whoever was deleted stood on the screens of a file that waited for its columns, for a month.
both!(async fn a_person_who_is_deleted_is_not_shown_of_a_file_that_waits(store) {
    let (actor, other) = (fixture::actor(&store).await, fixture::actor(&store).await);
    let now = crate::clock::now();
    let people = |actor: &crate::account::Actor, phone: &str, email: &str| contact::Draft {
        addresses: vec![
            NewAddress::phone(phone::normalise(phone, "RU").expect("a phone"), phone),
            NewAddress { kind: contact::EMAIL.to_owned(), value: email.to_owned(), scope: ANY_CHANNEL, raw: None },
        ],
        source: format!("manual of {}", actor.name),
        ..Default::default()
    };
    let mut tx = store.begin().await.expect("begin");
    let anna = contact::upsert(&mut tx, actor.account, &people(&actor, "8 912 000-00-01", "anna@example.org"), now).await.expect("made").contact;
    let vera = contact::upsert(&mut tx, actor.account, &people(&actor, "8 912 000-00-02", "vera@example.org"), now).await.expect("made").contact;
    tx.commit().await.expect("commit");
    let headed = "Имя;Связь;Заметка\nАнна;моб. 8 (912) 000-00-01;роза\nВера;8 912 000-00-02;пион\nОльга;8 912 000-00-03;\n";
    let bare = "Вера;Vera@Example.org\nОльга;olga@example.org\n";
    let mut files = Vec::new();
    for (whose, text) in [(&actor, headed), (&actor, bare), (&other, headed)] {
        files.push((whose.account, begin(&store, whose, "a.csv", text.as_bytes(), now).await.expect("a table").id));
    }
    let shown = async |at: usize| {
        let kept = get(&store, files[at].0, files[at].1).await.expect("read").expect("there");
        kept.mapping.titles.iter().chain(kept.mapping.sample.iter().flatten()).filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>()
    };
    let before = [shown(0).await, shown(1).await, shown(2).await];
    assert_eq!((before[0].len(), before[1].iter().any(|cell| cell == "Вера")), (11, true));
    for (contact, left) in [(anna, [8, before[1].len()]), (vera, [5, 2])] {
        contact::delete_by_member(&store, &actor, contact, now).await.expect("deleted");
        let now_shown = [shown(0).await, shown(1).await];
        assert_eq!(now_shown.each_ref().map(Vec::len), left, "{now_shown:?}");
    }
    for name in ["Анна", "роза", "Вера", "пион", "0000001", "000-00-02"] {
        assert!(!shown(0).await.concat().contains(name) && !shown(1).await.concat().contains(name), "{name} is shown still");
    }
    assert!(shown(0).await.contains(&"Ольга".to_owned()) && shown(1).await.contains(&"Ольга".to_owned()), "the others stay");
    assert_eq!(shown(2).await, before[2], "another company's file is its own");
});

both!(async fn contacts_are_matched_found_and_deleted(store) {
    let (actor, other) = (fixture::actor(&store).await, fixture::actor(&store).await);
    let account = actor.account;
    let now = crate::clock::now();
    let e164 = phone::normalise("8 912 345-67-89", "RU").expect("a phone");
    let draft = |name: &str| contact::Draft {
        name: Some(name.into()), tags: vec!["VIP".into()], addresses: vec![NewAddress::phone(e164.clone(), "8 912 345-67-89")], source: "manual".into(), ..Default::default()
    };
    let mut tx = store.begin().await.expect("begin");
    let first = contact::upsert(&mut tx, account, &draft("Алёна ЁЖИК"), now).await.expect("upsert");
    assert_eq!(first.outcome, contact::Outcome::Created);
    assert_eq!(contact::upsert(&mut tx, account, &draft("Алёна ЁЖИК"), now).await.expect("upsert").outcome, contact::Outcome::Unchanged);
    let renamed = contact::upsert(&mut tx, account, &draft("Алёна Ежова"), now).await.expect("upsert");
    assert_eq!((renamed.contact, renamed.outcome), (first.contact, contact::Outcome::Updated));
    let rival = contact::create(&mut tx, account, &draft("Соперник"), now).await.expect("create");
    assert_eq!(rival.taken.iter().map(|(_, holder)| *holder).collect::<Vec<_>>(), [first.contact]);
    let foreign = contact::upsert(&mut tx, other.account, &draft("Чужая"), now).await.expect("upsert");
    assert_ne!(foreign.contact, first.contact);
    let channel = crate::id::ChannelId::new();
    on!(tx.conn(), |c| sqlx::query("insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) values ($1, $2, 'telegram', 'б', $3, $4, $5, 'active', '', $6)")
        .bind(channel).bind(account).bind(channel.to_string()).bind(vec![0_u8]).bind(Json(json!({}))).bind(now).execute(c).await.map(|_| ())).expect("a channel");
    let token = contact::link::create(&mut tx, account, channel, first.contact, now).await.expect("a link");
    assert!(token.len() <= 64 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')));
    assert_eq!(contact::link::take(&mut tx, crate::id::ChannelId::new(), &token, now).await.expect("read"), None);
    assert_eq!(contact::link::take(&mut tx, channel, &token, now).await.expect("read"), Some((account, first.contact)));
    assert_eq!(contact::link::take(&mut tx, channel, &token, now).await.expect("read"), None, "a link works once");
    tx.commit().await.expect("commit");

    for typed in ["алена", "ЕЖОВА", "+7 912 345 67 89", "8(912)3456789", "6789", "лёна еж"] {
        let found = contact::card::find(&store, account, "RU", typed, 10).await.expect("found");
        assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [first.contact], "{typed}");
    }
    for typed in ["%", "_", "", "9999"] {
        assert!(contact::card::find(&store, account, "RU", typed, 10).await.expect("found").is_empty(), "{typed}");
    }
    assert_eq!(contact::card::tags(&store, account, 10).await.expect("tags"), [("vip".to_owned(), 2)]);
    assert!(contact::card::card(&store, other.account, first.contact).await.expect("read").is_none());

    let mut tx = store.begin().await.expect("begin");
    assert!(!contact::delete(&mut tx, other.account, first.contact, contact::DeletedBy::Member(&other), now).await.expect("nothing"));
    assert!(contact::delete(&mut tx, account, first.contact, contact::DeletedBy::Member(&actor), now).await.expect("deleted"));
    assert!(!contact::delete(&mut tx, account, first.contact, contact::DeletedBy::Crm, now).await.expect("already"));
    assert_eq!(contact::update(&mut tx, account, first.contact, &draft("Снова"), now).await.expect("update").outcome, contact::Outcome::Deleted);
    tx.commit().await.expect("commit");
    let card = contact::card::card(&store, account, first.contact).await.expect("read").expect("the row stays");
    assert!(card.contact.name.is_empty() && card.addresses.is_empty() && card.tags.is_empty());
});

both!(async fn every_statement_prepares(store) {
    use sqlx::{Executor as _, SqlSafeStr as _};
    for sql in queries::ALL {
        on!(store.read(), |c| c.prepare(sqlx::AssertSqlSafe(*sql).into_sql_str()).await.map(|_| ())).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
});

/// An account that came after the statistics were taken looks small to PostgreSQL, however large it
/// is.
#[tokio::test]
async fn known_phones_are_looked_up_by_their_index_in_an_account_without_statistics() {
    let store = crate::testing::store(Engine::Postgres).await;
    let Db::Postgres(pool) = store.read() else { panic!("PostgreSQL was asked for") };
    for statistics in [true, false] {
        let account = fixture::actor(&store).await.account;
        for sql in [
            "insert into contact (id, account_id, attributes, source, created_at, updated_at) \
             select gen_random_uuid(), $1, '{}', 'test', now(), now() from generate_series(1, 5000)",
            "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) \
             select gen_random_uuid(), $1, id, 'phone', id::text, $2, 'unknown', now(), now() from contact where account_id = $1 and $2 is not null",
        ] {
            sqlx::query(sql).bind(account).bind(ANY_CHANNEL).execute(pool).await.expect("filled");
        }
        if statistics {
            sqlx::query("analyze").execute(pool).await.expect("statistics");
            continue;
        }
        let sql = format!("explain {}", bulk::HOLDERS_POSTGRES);
        let values: Vec<String> = (0..2_000).map(|n| format!("+7912{n:07}")).collect();
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(account)
            .bind(contact::PHONE)
            .bind(ANY_CHANNEL)
            .bind(values)
            .fetch_all(pool)
            .await
            .expect("a plan");
        let plan = plan.join("\n");
        assert!(plan.contains("(value = v.value)") && !plan.contains("Filter"), "{plan}");
    }
}
