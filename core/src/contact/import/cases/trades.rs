//! Files of many trades (`fixtures/import/trades.txt`): a hairdresser's notebook, a dentist, a
//! garage, a school, programs of every kind, neighbours' languages; and workbooks.

use encoding_rs::{Encoding, UTF_16LE};

use super::*;

/// A text in an encoding, as its program writes it.
fn encoded(text: &str, label: &str) -> Vec<u8> {
    if label == "utf-16" {
        return [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    }
    let encoding = Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != UTF_16LE).expect("an encoding");
    encoding.encode(text).0.into_owned()
}

both!(async fn files_of_every_trade_come_in_whole(store) {
    let text = String::from_utf8(bytes("trades.txt")).expect("UTF-8");
    let mut unlike = Vec::new();
    let mut count = 0;
    for case in text.split("\n=== ").skip(1) {
        let (head, rest) = case.split_once('\n').expect("a name");
        let (name, label) = head.split_once(' ').expect("an encoding");
        let (file, expected) = rest.split_once("\n---\n").expect("what comes of it");
        let file = format!("{file}\n").replace('␍', "\r").replace("␄\n", "");
        let said = imported(&store, name, &encoded(&file, label)).await;
        if said != expected.trim_end_matches('\n') {
            unlike.push(format!("=== {name}\n{said}\n--- expected\n{expected}"));
        }
        count += 1;
    }
    for (name, expected) in WORKBOOKS {
        let said = imported(&store, name, &bytes(name)).await;
        if said != *expected {
            unlike.push(format!("=== {name}\n{said}\n--- expected\n{expected}"));
        }
    }
    assert!(unlike.is_empty(), "{}", unlike.join("\n"));
    assert!(count >= 120);
});

const WORKBOOKS: &[(&str, &str)] = &[
    (
        "xls_1c.xls",
        "+79162000025 | Орлова Анна | Анна | {\"birthday\":\"1986-05-12\",\"city\":\"Казань\"}\n\
         +79162000026 | Котов Борис | Борис | {\"city\":\"Уфа\"}\n\
         Above { rows: 1 }",
    ),
    (
        "xls_plain.xls",
        "+79162000209 | Анна | Анна | {\"bonus\":1250.5,\"city\":\"Казань\"}\n\
         +79162000210 | Борис | Борис | {\"bonus\":10,\"city\":\"Уфа\"}",
    ),
    (
        "xls_hidden_row.xls",
        "+79162000211 | Анна | Анна\n\
         +79162000213 | Вера | Вера\n\
         HiddenRows { rows: 1 }",
    ),
    (
        "xls_hidden_sheet.xls",
        "+79162000215 |  | \n\
         HiddenSheets { names: [\"Старые\"] }",
    ),
    (
        "xlsx_filtered.xlsx",
        "+79162000183 | Клиент0 | Клиент0\n\
         +79162000185 | Клиент2 | Клиент2\n\
         +79162000187 | Клиент4 | Клиент4\n\
         HiddenRows { rows: 2 }",
    ),
    (
        "xlsx_merged_titles.xlsx",
        "+79162000188 a188@example.org | Анна Орлова | Анна\n\
         Above { rows: 2 }",
    ),
    (
        "xlsx_title_sheet.xlsx",
        "+79162000191 | Анна | Анна\n\
         HiddenSheets { names: [\"Архив\"] }",
    ),
    (
        "xlsx_serial_dates.xlsx",
        "+79162000195 | Анна | Анна | {\"birthday\":\"1986-05-12\"}\n\
         +79162000196 | Борис | Борис | {\"birthday\":\"1990-03-05\"}\n\
         +79162000197 | Вера | Вера | {\"birthday\":\"1986-05-12\"}",
    ),
    (
        "xlsx_bools.xlsx",
        "+79162000198 | Анна | Анна | {\"subscribed\":true}\n\
         +79162000199 | Борис | Борис | {\"subscribed\":false}\n\
         +79162000200 | Вера | Вера",
    ),
    ("xlsx_offset.xlsx", "+79162000201 | Анна | Анна"),
    (
        "xlsx_links.xlsx",
        "a203@example.org | Анна | Анна\n\
         b204@example.org | Борис | Борис",
    ),
    (
        "xlsx_notebook.xlsx",
        "+79162000013 | Оля | Оля | {\"birthday\":\"1990-03-05\",\"bonus\":100}\n\
         +79162000014 | Света | Света\n\
         Above { rows: 1 }\n\
         without no_year: 1",
    ),
];
