use chrono::NaiveDate;

use super::*;
use crate::{
    contact::import::{mapping, table},
    id::FieldId,
};

fn fields() -> Vec<Field> {
    let field = |key: &str, title: &str, kind| Field { id: FieldId::new(), key: key.to_owned(), title: title.to_owned(), kind };
    vec![field("birthday", "День рождения", FieldKind::Date), field("bonus", "Бонусы", FieldKind::Number)]
}

fn rows(csv: &str) -> Vec<RowRead> {
    let table = table::read(csv.as_bytes()).expect("a table");
    let fields = fields();
    let mapping = mapping::guess(&table, "a.csv", &fields, "RU");
    let today = NaiveDate::from_ymd_opt(2026, 11, 28).expect("a day");
    let mut reader = RowReader::new(&mapping, &fields, "RU", today);
    mapping.body(&table.rows).iter().map(|row| reader.read(row)).collect()
}

fn addresses(read: &RowRead) -> Vec<&str> {
    read.draft.iter().flat_map(|draft| &draft.addresses).map(|address| address.value.as_str()).collect()
}

fn codes(read: &RowRead) -> Vec<&str> {
    read.left_out.iter().map(|one| one.reason.code()).collect()
}

#[test]
fn a_person_with_one_good_address_comes_in_and_all_that_is_left_out_is_told() {
    let read = rows(
        "Имя;Телефон;Email;День рождения;Бонусы\n\
         Анна;89161150001;anna @example.org;вчера;много\n\
         Борис;нет;нет;-;н/д\n\
         Вера;;v@example.org;0000-00-00;\n\
         Глеб;8916115;кто-то;;\n",
    );
    assert_eq!(addresses(&read[0]), ["+79161150001"]);
    assert_eq!(codes(&read[0]), ["bad_email", "bad_date", "bad_number"]);
    assert_eq!((read[1].draft.is_some(), codes(&read[1])), (false, vec!["no_address"]));
    assert_eq!((addresses(&read[2]), codes(&read[2])), (vec!["v@example.org"], vec![]));
    assert_eq!((read[3].draft.is_some(), codes(&read[3])), (false, vec!["phone_too_short", "bad_email"]));
}

#[test]
fn a_full_name_is_split_unless_the_file_gives_its_parts() {
    let read = rows("ФИО;Телефон\nСоколова Вера Петровна;89161150001\nJohn Smith;89161150002\n");
    let first = |read: &RowRead| read.draft.as_ref().and_then(|draft| draft.first_name.clone());
    assert_eq!((first(&read[0]).as_deref(), first(&read[1])), (Some("Вера"), None));
    let read = rows("Имя;Отчество;Фамилия;Телефон\nВера;Петровна;Соколова;89161150001\n");
    let draft = read[0].draft.as_ref().expect("a person");
    assert_eq!((draft.first_name.as_deref(), draft.name.as_deref()), (Some("Вера"), Some("Соколова Вера Петровна")));
}

#[test]
fn rows_of_one_person_are_joined_and_others_are_not() {
    let read = rows(
        "ФИО;Телефон;Email;Метки\n\
         Орлова Анна;89161150001;office@example.org;раз\n\
         Анна;8 916 115-00-01;a@example.org;два\n\
         Котов Борис;89161150002;office@example.org;\n\
         Котов Глеб;89161150001;;\n\
         Котов Глеб;89161150003, 89161150001;;\n\
         ;;a@example.org;три\n",
    );
    assert_eq!(read.iter().map(|read| read.joins).collect::<Vec<_>>(), [false, true, false, true, false, true]);
    assert_eq!(codes(&read[1]), Vec::<&str>::new());
    assert_eq!((addresses(&read[2]), codes(&read[2])), (vec!["+79161150002"], vec!["taken_email"]));
    assert_eq!(codes(&read[3]), ["other_name"]);
    assert_eq!((addresses(&read[4]), codes(&read[4])), (vec!["+79161150003"], vec!["taken_phone"]));
}

#[test]
fn emails_are_found_as_people_write_them() {
    for (cell, good, bad) in [
        ("a@example.org", vec!["a@example.org"], 0),
        ("A@Example.ORG ", vec!["a@example.org"], 0),
        ("Анна <a@example.org>", vec!["a@example.org"], 0),
        ("mailto:a@example.org", vec!["a@example.org"], 0),
        ("a@exam\u{200b}ple.org", vec!["a@example.org"], 0),
        ("a@example.org, b@example.org", vec!["a@example.org", "b@example.org"], 0),
        ("a@example.org ::: b@example.org", vec!["a@example.org", "b@example.org"], 0),
        ("a@example.org; b@example.org;", vec!["a@example.org", "b@example.org"], 0),
        ("a@example.org b@example.org", vec!["a@example.org", "b@example.org"], 0),
        ("раб. a@example.org", vec!["a@example.org"], 0),
        ("a@example.org.", vec!["a@example.org"], 0),
        ("почта@пример.рф", vec!["почта@пример.рф"], 0),
        ("anna @example.org", vec![], 1),
        ("anna@ example.org", vec![], 1),
        ("@example.org", vec![], 1),
        ("a@example", vec![], 1),
        ("a@example..org", vec![], 1),
        ("a@b@example.org", vec![], 1),
        ("кто-то", vec![], 1),
        ("нет", vec![], 0),
        ("—", vec![], 0),
    ] {
        let (found, unread) = emails(cell);
        assert_eq!((found.iter().map(String::as_str).collect::<Vec<_>>(), unread.len()), (good, bad), "{cell}");
    }
}

#[test]
fn tags_are_found_as_programs_write_them() {
    for (cell, expected) in [
        ("vip, опт", vec!["vip", "опт"]),
        ("\"vip\",\"new\"", vec!["vip", "new"]),
        ("* myContacts ::: Клиенты", vec!["Клиенты"]),
        ("vip|new;опт\nдва", vec!["vip", "new", "опт", "два"]),
        ("['vip', 'new']", vec!["vip", "new"]),
        ("-", vec![]),
    ] {
        assert_eq!(tags(cell).collect::<Vec<_>>(), expected, "{cell}");
    }
}
