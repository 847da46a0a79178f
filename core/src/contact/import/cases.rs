//! Files as people really export them (`core/fixtures/import`), each imported whole, and what comes
//! of it: who, with what, and what is told. Names and numbers are invented.

use std::path::Path;

use tokio_util::sync::CancellationToken;

mod programs;
mod trades;

use super::{run::dry_run, *};
use crate::{
    both,
    contact::{FieldKind, card, fixture, value::DayOrder},
    id::ContactId,
    store::Store,
};

/// Reads a file of the fixtures.
pub(super) fn bytes(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/import").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An account with the fields that the cases have.
async fn account(store: &Store) -> Actor {
    let actor = fixture::actor(store).await;
    for (key, title, kind) in [
        ("city", "Город", FieldKind::Text),
        ("birthday", "День рождения", FieldKind::Date),
        ("bonus", "Бонусы", FieldKind::Number),
        ("subscribed", "Подписка", FieldKind::Flag),
    ] {
        field::create(store, &actor, key, title, kind, crate::clock::now()).await.expect("a field");
    }
    actor
}

/// Imports a file and says what came of it, a line for each person, then what is told.
async fn imported(store: &Store, name: &str, bytes: &[u8]) -> String {
    let actor = account(store).await;
    let now = crate::clock::now();
    let begun = match begin(store, &actor, name, bytes, now).await {
        Ok(begun) => begun,
        Err(error) => return error.to_string(),
    };
    if begun.mapping.undecided(&field::list(store, actor.account).await.expect("fields")).is_some() {
        set_day_order(store, &actor, begun.id, DayOrder::DayFirst, now).await.expect("an order");
    }
    set_basis(store, &actor, begun.id, "Анкеты", Basis::OwnerStatement, now).await.expect("a basis");
    let dry = match dry_run(store, &actor, begun.id, now).await {
        Ok(dry) => dry,
        Err(error) => return error.to_string(),
    };
    start(store, &actor, begun.id, now).await.expect("started");
    run::run(store, begun.id, &CancellationToken::new()).await.expect("run");
    let done = get(store, actor.account, begun.id).await.expect("read").expect("there");
    assert_eq!(done.state, State::Done, "{name}");
    let foreseen = Numbers { examples: Vec::new(), ..dry.clone() };
    assert_eq!(done.counts.live, foreseen, "{name}: what was foreseen is what happened");
    let mut lines = people(store, &actor).await;
    lines.extend(done.mapping.told().iter().map(|note| format!("{note:?}")));
    let told = |counts: &std::collections::BTreeMap<String, u64>| counts.iter().map(|(code, n)| format!("{code}: {n}")).collect::<Vec<_>>();
    lines.extend(told(&dry.refused).into_iter().map(|line| format!("refused {line}")));
    lines.extend(told(&dry.left_out).into_iter().map(|line| format!("without {line}")));
    lines.join("\n")
}

async fn people(store: &Store, actor: &Actor) -> Vec<String> {
    let ids: Vec<ContactId> =
        on!(store.read(), |c| sqlx::query_scalar("select id from contact where account_id = $1").bind(actor.account).fetch_all(c).await)
            .expect("contacts");
    let mut lines = Vec::new();
    for id in ids {
        let card = card::card(store, actor.account, id).await.expect("read").expect("there");
        let mut addresses: Vec<&str> = card.addresses.iter().map(|address| address.value.as_str()).collect();
        addresses.sort_unstable();
        let contact = &card.contact;
        let mut line = format!("{} | {} | {}", addresses.join(" "), contact.name, contact.first_name);
        if !contact.attributes.is_empty() {
            line.push_str(&format!(" | {}", json!(contact.attributes)));
        }
        if !card.tags.is_empty() {
            line.push_str(&format!(" | #{}", card.tags.join(" #")));
        }
        lines.push(line);
    }
    lines.sort_unstable();
    lines
}

const CASES: &[(&str, &str)] = &[
    (
        "amo_contacts.csv",
        "+74951110004 |  | \n\
         +79161110001 vera@example.org | Соколова Вера | Вера | #vip #опт\n\
         +79161110002 +79161110003 igor@example.org | Игорь | Игорь\n\
         +79161110005 +79161110006 a1@example.org a2@example.org | Лена Орлова | Лена",
    ),
    (
        "date_comma.csv",
        "+79161150001 | Анна | Анна | {\"birthday\":\"1986-05-12\"}\n\
         +79161150002 | Борис | Борис | {\"birthday\":\"1986-05-12\"}",
    ),
    (
        "date_compact.csv",
        "+79161150001 | Анна | Анна | {\"birthday\":\"1986-05-12\"}\n\
         +79161150002 | Борис | Борис | {\"birthday\":\"1986-05-12\"}",
    ),
    (
        "date_gsuffix.csv",
        "+79161150001 | Анна | Анна | {\"birthday\":\"1986-05-12\"}\n\
         +79161150002 | Борис | Борис | {\"birthday\":\"1986-05-12\"}",
    ),
    (
        "date_noyear.csv",
        "+79161150001 | Анна | Анна\n\
         +79161150002 | Борис | Борис | {\"birthday\":\"1986-05-12\"}\n\
         without no_year: 1",
    ),
    (
        "date_words.csv",
        "+79161150001 | Анна | Анна | {\"birthday\":\"1986-05-12\"}\n\
         +79161150002 | Борис | Борис | {\"birthday\":\"1986-05-12\"}",
    ),
    (
        "email_dash.csv",
        "+79161160001 | Анна | Анна\n\
         +79161160002 b2@example.org | Борис | Борис",
    ),
    (
        "email_net.csv",
        "+79161160001 | Анна | Анна\n\
         +79161160002 b2@example.org | Борис | Борис",
    ),
    (
        "email_space.csv",
        "+79161160001 | Анна | Анна\n\
         +79161160002 b2@example.org | Борис | Борис\n\
         without bad_email: 1",
    ),
    (
        "email_zw.csv",
        "+79161160001 anna@example.org | Анна | Анна\n\
         +79161160002 b2@example.org | Борис | Борис",
    ),
    (
        "enc_cp866.csv",
        "+79161200001 | Анна | Анна | {\"city\":\"Орёл\"}\n\
         +79161200002 | Борис | Борис | {\"city\":\"Уфа\"}",
    ),
    (
        "enc_koi8r.csv",
        "+79161200001 | Анна | Анна | {\"city\":\"Орёл\"}\n\
         +79161200002 | Борис | Борис | {\"city\":\"Уфа\"}",
    ),
    (
        "enc_mac.csv",
        "+79161200001 | Анна | Анна | {\"city\":\"Орёл\"}\n\
         +79161200002 | Борис | Борис | {\"city\":\"Уфа\"}",
    ),
    (
        "enc_mixed_utf8_1byte.csv",
        "+79161200001 | Анна | Анна | {\"city\":\"Орёл\"}\n\
         +79161200002 | Борис | Борис | {\"city\":\"Уфа\"}\n\
         +79161200003 | В | В | {\"city\":\"М\"}\n\
         OtherEncoding { lines: 1, first: 4, encoding: \"windows-1251\" }",
    ),
    (
        "facebook_leads.csv",
        "+79161230001 | Анна Орлова | Анна\n\
         +79161230002 | Борис | Борис",
    ),
    (
        "flag_aktivno.csv",
        "+79161190001 | Анна | Анна | {\"subscribed\":true}\n\
         +79161190002 | Борис | Борис | {\"subscribed\":true}",
    ),
    (
        "flag_net1.csv",
        "+79161190001 | Анна | Анна | {\"subscribed\":false}\n\
         +79161190002 | Борис | Борис | {\"subscribed\":true}",
    ),
    (
        "flag_podpisan.csv",
        "+79161190001 | Анна | Анна | {\"subscribed\":true}\n\
         +79161190002 | Борис | Борис | {\"subscribed\":true}",
    ),
    (
        "flag_soglasen.csv",
        "+79161190001 | Анна | Анна | {\"subscribed\":true}\n\
         +79161190002 | Борис | Борис | {\"subscribed\":true}",
    ),
    (
        "flag_v.csv",
        "+79161190001 | Анна | Анна | {\"subscribed\":true}\n\
         +79161190002 | Борис | Борис | {\"subscribed\":true}",
    ),
    (
        "flag_x.csv",
        "+79161190001 | Анна | Анна\n\
         +79161190002 | Борис | Борис | {\"subscribed\":true}\n\
         without bad_flag: 1",
    ),
    (
        "google_contacts.csv",
        "+79161130001 +79161130002 anna@example.org | Анна Лебедева | Анна | {\"birthday\":\"1990-03-08\"} | #клиенты\n\
         +79161130003 +79161130004 | Борис | Борис\n\
         +79161130005 c1@example.org c2@example.org |  | \n\
         without no_year: 1",
    ),
    (
        "google_two_emails_cell.csv",
        "+79161130005 c1@example.org c2@example.org | Сэм | Сэм\n\
         +79161130006 v@example.org | Вера | Вера",
    ),
    ("json.json", "the file is JSON and not a table: save it as CSV or as .xlsx"),
    (
        "loyalty_card.csv",
        "+79161250001 | Анна | Анна\n\
         +79161250002 | Борис | Борис\n\
         +79161250003 | Вера | Вера",
    ),
    (
        "mailchimp.csv",
        "+79161220001 a@example.org | Анна Орлова | Анна | #new #vip\n\
         b@example.org | Борис | Борис",
    ),
    ("notes.pdf", "the file is a PDF and not a table: save it as CSV or as .xlsx"),
    (
        "num_dollar.csv",
        "+79161180001 | Анна | Анна | {\"bonus\":100}\n\
         +79161180002 | Борис | Борис | {\"bonus\":10}",
    ),
    (
        "num_na.csv",
        "+79161180001 | Анна | Анна\n\
         +79161180002 | Борис | Борис | {\"bonus\":10}",
    ),
    (
        "num_paren.csv",
        "+79161180001 | Анна | Анна | {\"bonus\":-500}\n\
         +79161180002 | Борис | Борис | {\"bonus\":10}",
    ),
    (
        "num_tg.csv",
        "+79161180001 | Анна | Анна | {\"bonus\":10000}\n\
         +79161180002 | Борис | Борис | {\"bonus\":10}",
    ),
    (
        "order_number.csv",
        "+79161250008 | Анна | Анна\n\
         +79161250009 | Борис | Борис",
    ),
    (
        "phone_O.csv",
        "+79161179999 | Контроль | Контроль\n\
         refused phone_letters: 1",
    ),
    (
        "phone_and.csv",
        "+79161170014 +79161170015 | Анна | Анна\n\
         +79161179999 | Контроль | Контроль",
    ),
    (
        "phone_backslash.csv",
        "+79161170018 +79161170019 | Анна | Анна\n\
         +79161179999 | Контроль | Контроль",
    ),
    (
        "phone_dot0_10.csv",
        "+79161170002 | Анна | Анна\n\
         +79161179999 | Контроль | Контроль",
    ),
    (
        "phone_float_comma.csv",
        "+79161179999 | Контроль | Контроль\n\
         refused phone_rounded: 1",
    ),
    (
        "phone_float_dot.csv",
        "+79161179999 | Контроль | Контроль\n\
         refused phone_rounded: 1",
    ),
    (
        "phone_full.csv",
        "+79161170038 | Анна | Анна\n\
         +79161179999 | Контроль | Контроль",
    ),
    (
        "phone_plus8.csv",
        "+79161170028 | Анна | Анна\n\
         +79161179999 | Контроль | Контроль",
    ),
    (
        "phone_plus8b.csv",
        "+79161170029 | Анна | Анна\n\
         +79161179999 | Контроль | Контроль",
    ),
    (
        "phone_prefix_tel.csv",
        "+79161170007 | Анна | Анна\n\
         +79161179999 | Контроль | Контроль",
    ),
    (
        "phone_teluri.csv",
        "+79161170010 | Анна | Анна\n\
         +79161179999 | Контроль | Контроль",
    ),
    (
        "phone_wa.csv",
        "+79161170011 | Анна | Анна\n\
         +79161179999 | Контроль | Контроль",
    ),
    (
        "phone_whatsapp.csv",
        "+79161170013 | Анна | Анна\n\
         +79161179999 | Контроль | Контроль",
    ),
    (
        "quotes_unbalanced.csv",
        "+79161210001 | Рога и копыта | Рога и копыта\n\
         +79161210002 | Анна | Анна\n\
         +79161210003 | Борис | Борис\n\
         +79161210004 | Вера | Вера\n\
         OpenQuote { line: 2, lines: 1 }",
    ),
    (
        "sep_line_quoted.csv",
        "+79161200001 | Анна | Анна | {\"city\":\"Орёл\"}\n\
         +79161200002 | Борис | Борис | {\"city\":\"Уфа\"}",
    ),
    (
        "telegram_username_col.csv",
        "+79161240003 | Анна | Анна\n\
         refused no_address: 1",
    ),
    (
        "title_then_comma.csv",
        "+79161200001 | Анна | Анна | {\"city\":\"Орёл\"}\n\
         +79161200002 | Борис | Борис | {\"city\":\"Уфа\"}\n\
         Above { rows: 1 }",
    ),
    (
        "title_then_semicolon.csv",
        "+79161200001 | Анна | Анна | {\"city\":\"Орёл\"}\n\
         +79161200002 | Борис | Борис | {\"city\":\"Уфа\"}\n\
         Above { rows: 1 }",
    ),
    (
        "vcf.vcf",
        "+79161340001 | Анна | Анна\n\
         +79161340002 | Борис | Борис",
    ),
    (
        "xlsx_formulas_nocache.xlsx",
        "Uncomputed { cells: 3, first: \"B2\" }\n\
         refused no_address: 2",
    ),
    (
        "xlsx_hidden_row.xlsx",
        "+79161420001 | Анна | Анна\n\
         +79161420003 | Вера | Вера\n\
         HiddenRows { rows: 1 }",
    ),
    (
        "xlsx_hidden_sheet.xlsx",
        "+79161410004 | Анна | Анна\n\
         +79161410005 | Борис | Борис\n\
         HiddenSheets { names: [\"Старые\"] }",
    ),
];

both!(async fn files_as_people_export_them_come_in_whole(store) {
    let mut unlike = Vec::new();
    for (name, text, expected) in programs::PROGRAMS {
        let said = imported(&store, name, text.as_bytes()).await;
        if said != *expected {
            unlike.push(format!("=== {name}\n{said}\n--- expected\n{expected}"));
        }
    }
    for (name, expected) in CASES {
        let said = imported(&store, name, &bytes(name)).await;
        if said != *expected {
            unlike.push(format!("=== {name}\n{said}\n--- expected\n{expected}"));
        }
    }
    assert!(unlike.is_empty(), "{}", unlike.join("\n"));
});

#[test]
fn none_of_these_headings_is_a_phone() {
    let text = String::from_utf8(bytes("head_not_phones.txt")).expect("UTF-8");
    for title in text.lines() {
        assert_ne!(heading::read(title, &[]), heading::Heading::Is(Target::Phone), "{title}");
    }
}

both!(async fn a_stop_list_with_words_stops_every_phone_in_it(store) {
    let actor = fixture::actor(&store).await;
    let lines = String::from_utf8(bytes("stoplist_with_names.txt")).expect("UTF-8");
    let added = crate::consent::suppression::add_phones(&store, &actor, &lines, crate::clock::now()).await.expect("added");
    assert_eq!((added.added, added.refused.as_slice()), (5, [].as_slice()));
    let list = crate::consent::suppression::list(&store, actor.account, 10, 0).await.expect("a list");
    let mut phones: Vec<&str> = list.iter().map(|one| one.value.as_str()).collect();
    phones.sort_unstable();
    assert_eq!(phones, ["+79161170005", "+79161170007", "+79161170014", "+79161170015", "+79161170031"]);
});

both!(async fn all_columns_are_taken_in_one_press(store) {
    let actor = account(&store).await;
    let now = crate::clock::now();
    let csv = "Имя;Телефон;Визит;Сумма;Согласие;Карта;Заметка;заметка;Пусто\n\
        Анна;+79161250001;01.02.2026;1 200,50;да;00123;чай;кофе;\nБорис;+79161250002;13.02.2026;5;нет;00124;;;\n";
    let begun = begin(&store, &actor, "a.csv", csv.as_bytes(), now).await.expect("a table");
    assert_eq!(take_all(&store, &actor, begun.id, now).await.expect("taken"), (5, 0));
    let fields = field::list(&store, actor.account).await.expect("fields");
    let kinds: Vec<(&str, FieldKind)> = fields[4..].iter().map(|field| (field.title.as_str(), field.kind)).collect();
    assert_eq!(kinds, [
        ("Визит", FieldKind::Date),
        ("Сумма", FieldKind::Number),
        ("Согласие", FieldKind::Flag),
        ("Карта", FieldKind::Text),
        ("Заметка", FieldKind::Text),
    ]);
    assert_eq!(take_all(&store, &actor, begun.id, now).await.expect("nothing is left"), (0, 0));
    set_basis(&store, &actor, begun.id, "Анкеты", Basis::NoConsent, now).await.expect("a basis");
    assert_eq!(dry_run(&store, &actor, begun.id, now).await.expect("numbers").new, 2);
    assert!(matches!(choose_sheet(&store, &actor, begun.id, 0, now).await, Err(ImportError::NoSheet)));
});

both!(async fn another_sheet_is_read_when_it_is_chosen_and_dates_of_two_meanings_are_asked_about(store) {
    let actor = account(&store).await;
    let now = crate::clock::now();
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, phone) in [("Первый", "+79161410001"), ("Второй", "+79161410002")] {
        let sheet = book.add_worksheet().set_name(name).expect("named");
        for (row, cells) in [["Имя", "Телефон", "Дата рождения"], ["Анна", phone, "05/06/1986"]].iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                sheet.write(u32::try_from(row).expect("small"), u16::try_from(column).expect("small"), *cell).expect("written");
            }
        }
    }
    let begun = begin(&store, &actor, "a.xlsx", &book.save_to_buffer().expect("saved"), now).await.expect("a table");
    assert_eq!(begun.mapping.sheets, ["Первый", "Второй"]);
    choose_sheet(&store, &actor, begun.id, 1, now).await.expect("chosen");
    set_basis(&store, &actor, begun.id, "Анкеты", Basis::NoConsent, now).await.expect("a basis");
    assert!(matches!(dry_run(&store, &actor, begun.id, now).await, Err(ImportError::DayOrder(2))));
    set_day_order(&store, &actor, begun.id, DayOrder::MonthFirst, now).await.expect("said");
    dry_run(&store, &actor, begun.id, now).await.expect("numbers");
    start(&store, &actor, begun.id, now).await.expect("started");
    run::run(&store, begun.id, &CancellationToken::new()).await.expect("run");
    assert_eq!(people(&store, &actor).await, ["+79161410002 | Анна | Анна | {\"birthday\":\"1986-05-06\"}"]);
});
