mod dates;

use dates::DATES;

use super::*;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

fn said(kind: FieldKind, raw: &str, order: Option<DayOrder>) -> String {
    match read_value(kind, raw, Reading { today: day(2026, 11, 28), order, marks: Marks::default() }) {
        Ok(Some(Value::String(text))) => text,
        Ok(Some(value)) => value.to_string(),
        Ok(None) => "-".to_owned(),
        Err(error) => error.as_str().to_owned(),
    }
}

fn table(kind: FieldKind, order: Option<DayOrder>, cells: &[(&str, &str)]) {
    let unlike: Vec<String> = cells
        .iter()
        .filter_map(|(cell, expected)| {
            let said = said(kind, cell, order);
            (said != *expected).then(|| format!("{cell:?}: {said}, not {expected}"))
        })
        .collect();
    assert_eq!(unlike, Vec::<String>::new());
}

#[test]
fn dates_are_read_as_people_write_them() {
    assert!(DATES.len() >= 60);
    table(FieldKind::Date, None, DATES);
    table(
        FieldKind::Date,
        Some(DayOrder::DayFirst),
        &[("05/06/1986", "1986-06-05"), ("5-6-86", "1986-06-05"), ("05.06.1986", "1986-06-05")],
    );
    table(
        FieldKind::Date,
        Some(DayOrder::MonthFirst),
        &[("05/06/1986", "1986-05-06"), ("05.06.1986", "1986-05-06"), ("25/06/1986", "1986-06-25")],
    );
}

#[test]
fn numbers_are_read_as_people_write_them() {
    table(
        FieldKind::Number,
        None,
        &[
            ("1 234,50", "1234.5"),
            ("1,234.50", "1234.5"),
            ("1.234,50 ₽", "1234.5"),
            ("1 234 р.", "1234"),
            ("1 234 руб. ", "1234"),
            ("1 234,50 рублей", "1234.5"),
            ("$100", "100"),
            ("$1,234.50", "1234.5"),
            ("-$100", "-100"),
            ("100 $", "100"),
            ("€ 5", "5"),
            ("10 000 ₸", "10000"),
            ("10 000 тг.", "10000"),
            ("(500)", "-500"),
            ("(1 500,25)", "-1500.25"),
            ("−3", "-3"),
            ("-3", "-3"),
            ("+3", "3"),
            ("1e3", "1000"),
            ("1'234'567", "1234567"),
            ("1.234.567", "1234567"),
            ("1,234,567", "1234567"),
            ("1250,4", "1250.4"),
            (",5", "0.5"),
            ("15%", "15"),
            ("5 шт.", "5"),
            ("100 баллов", "100"),
            ("5 тыс. руб.", "5000"),
            ("1,5 млн", "1500000"),
            ("~100", "100"),
            ("0", "0"),
            ("н/д", "-"),
            ("нет", "-"),
            ("—", "-"),
            ("много", "bad_number"),
            ("inf", "bad_number"),
            ("10 20", "bad_number"),
            ("5-10", "bad_number"),
            ("2 из 10", "bad_number"),
            ("12.05.1986", "bad_number"),
            ("5 попугаев", "bad_number"),
            // A thousand to one program, one and a quarter to another.
            ("1,250", "bad_number"),
            ("1.250", "bad_number"),
            ("0,500", "0.5"),
            ("1234,567", "1234.567"),
            ("1 234,56", "1234.56"),
            ("1.234,56", "1234.56"),
            ("1,234.56", "1234.56"),
            ("1 234.56 руб", "1234.56"),
            ("1234р", "1234"),
            ("1234 р.", "1234"),
            ("1234=", "1234"),
            ("1234,-", "1234"),
            ("руб. 1234", "1234"),
            ("₽1234", "1234"),
            ("1234 RUB", "1234"),
            ("1234 рос. руб.", "1234"),
            ("12 345 сўм", "12345"),
            ("12 345 so'm", "12345"),
            ("12 345 UZS", "12345"),
            ("12345 теңге", "12345"),
            ("12345 тг", "12345"),
            ("100 BYN", "100"),
            ("100 бел. руб.", "100"),
            ("100 Br", "100"),
            ("$ 1,000", "1000"),
            ("1000 у.е.", "1000"),
            ("10%", "10"),
            ("10 %", "10"),
            ("0,1", "0.1"),
            ("-10%", "-10"),
            ("5 визитов", "5"),
            ("3 раза", "3"),
            ("2 ч", "bad_number"),
            ("40 лет", "40"),
            ("5 бонусов", "5"),
            ("+100", "100"),
            ("100+", "bad_number"),
            (">100", "bad_number"),
            ("около 100", "bad_number"),
            ("1 000 000", "1000000"),
            ("1'000", "1000"),
            ("1\u{202f}000", "1000"),
            ("1\u{a0}000,00", "1000"),
            ("12,34", "12.34"),
            ("1,5", "1.5"),
            ("1.5", "1.5"),
            ("0.0", "0"),
            ("0,00", "0"),
            ("00123", "123"),
            ("1e5", "100000"),
            ("1,23E+05", "123000"),
            ("двести", "bad_number"),
            ("100/200", "bad_number"),
            ("1к", "1000"),
            ("10к", "10000"),
            ("1,5к", "1500"),
            ("2 тыс", "2000"),
            ("1 млн руб.", "1000000"),
            ("∞", "bad_number"),
            ("#ДЕЛ/0!", "-"),
            ("VIP", "bad_number"),
            ("1 1/2", "bad_number"),
            ("½", "bad_number"),
            ("12 34", "bad_number"),
            ("1.2.3", "bad_number"),
            ("12.05.2026", "bad_number"),
            ("89161112233", "89161112233"),
            ("=100", "100"),
            ("100;", "100"),
            ("100.", "100"),
            ("Итого: 100", "bad_number"),
        ],
    );
}

#[test]
fn flags_are_read_as_people_write_them() {
    for yes in [
        "да",
        "Да.",
        "ДА",
        "1",
        "1.0",
        "yes",
        "TRUE",
        "Истина",
        "+",
        "✓",
        "✔️",
        "☑",
        "✅",
        "V",
        "v",
        "Согласен",
        "согласна",
        "Подписан",
        "Активна",
        "вкл",
        "есть",
        "on",
        "Subscribed",
        "Дала согласие",
        "Да",
        "да!",
        "Да, согласен",
        "да (подписал)",
        "Согласен на рассылку",
        "Согласен(а)",
        "подписано",
        "Подписал",
        "подписала",
        "Получает",
        "активный",
        "Активен",
        "Y",
        "YES",
        "True",
        "ИСТИНА",
        "Вкл.",
        "✔",
        "☑️",
        "1,00",
        "имеется",
        "конечно",
        "👍",
        "Opted In",
        "opt_in",
        "SUBSCRIBED",
        "subscribed",
        "confirmed",
        "Подтверждено",
        "подтвержден",
        "Иә",
        "Хочу",
        "хочет",
        "согласие есть",
    ] {
        assert_eq!(said(FieldKind::Flag, yes, None), "true", "{yes}");
    }
    for no in [
        "нет",
        "Нет",
        "0",
        "0.0",
        "no",
        "false",
        "Ложь",
        "-",
        "—",
        "✗",
        "❌",
        "☐",
        "не согласен",
        "Не согласна",
        "не подписан",
        "отписан",
        "Отказ",
        "unsubscribed",
        "нет согласия",
        "выкл",
        "not subscribed",
        "неактивен",
        "нет, не хочу",
        "не надо",
        "не нужно",
        "НЕ СОГЛАСЕН",
        "против",
        "отказ",
        "Отказ от рассылки",
        "не беспокоить",
        "не писать",
        "отписка",
        "Отписался(ась)",
        "Отключено",
        "выкл.",
        "False",
        "N",
        "нету",
        "отсутствует",
        "не получено",
        "не дано",
        "не подтверждено",
        "неактивный",
        "Не активен",
        "Unsubscribed",
        "opt_out",
        "👎",
        "✕",
        "жоқ",
    ] {
        assert_eq!(said(FieldKind::Flag, no, None), "false", "{no}");
    }
    for nothing in ["", "н/д", "не указано", "NULL"] {
        assert_eq!(said(FieldKind::Flag, nothing, None), "-", "{nothing}");
    }
    // A cross is a mark to some and the opposite to others.
    for neither in [
        "х",
        "x",
        "может быть",
        "2",
        "++",
        "ага",
        "ha",
        "так",
        "не звонить",
        "cleaned",
        "×",
        "X",
        "йўқ",
        "12.05.2026",
        "может",
        "по телефону",
    ] {
        assert_eq!(said(FieldKind::Flag, neither, None), "bad_flag", "{neither}");
    }
}

#[test]
fn texts_stay_as_they_are() {
    table(FieldKind::Text, None, &[("  Санкт-  Петербург ", "Санкт- Петербург"), ("нет", "нет"), ("-", "-"), ("#Н/Д", "-"), (" ", "-")]);
    assert_eq!(said(FieldKind::Text, &"я".repeat(MAX_TEXT + 1), None), "too_long");
}

#[test]
fn a_typed_date_of_a_segment_is_read_day_first() {
    assert_eq!(read_date("05/06/2026"), Some(day(2026, 6, 5)));
    assert_eq!(read_date("1.5.86"), Some(day(1986, 5, 1)));
    assert_eq!(read_date("31544"), None, "a number is no date");
}

proptest::proptest! {
    #[test]
    fn no_cell_is_too_strange(cell in "[0-9./: T+-]{0,40}|[0-9 ,.()$%р-]{0,30}|\\PC{0,40}") {
        for kind in [FieldKind::Text, FieldKind::Number, FieldKind::Date, FieldKind::Flag] {
            for order in [None, Some(DayOrder::MonthFirst)] {
                let _ = said(kind, &cell, order);
            }
        }
        let _ = evidence(&cell);
    }
}
