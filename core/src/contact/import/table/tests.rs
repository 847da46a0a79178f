use encoding_rs::{IBM866, KOI8_R, WINDOWS_1251, X_MAC_CYRILLIC};

use super::*;
use crate::contact::import::mapping::{self, Target};

fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    read(bytes).expect("a table").rows.iter().map(|row| row.cells().map(str::to_owned).collect()).collect()
}

#[test]
fn reads_every_usual_encoding_and_delimiter() {
    let wanted = [["Имя", "Телефон"], ["Анна, мама", "8 912 345-67-89"]];
    let csv = |delimiter: &str| format!("Имя{delimiter}Телефон\r\n\"Анна, мама\"{delimiter}8 912 345-67-89\r\n\r\n");
    for delimiter in [";", ",", "\t", "|"] {
        let text = csv(delimiter);
        let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let utf16be: Vec<u8> = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for bytes in [
            text.clone().into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
            WINDOWS_1251.encode(&text).0.into_owned(),
            KOI8_R.encode(&text).0.into_owned(),
            IBM866.encode(&text).0.into_owned(),
            X_MAC_CYRILLIC.encode(&text).0.into_owned(),
            utf16,
            utf16be,
        ] {
            assert_eq!(cells(&bytes), wanted, "{delimiter:?}");
        }
    }
    assert_eq!(cells("sep=|\nа|б".as_bytes()), [["а", "б"]]);
    assert_eq!(read(b"89123456789\n89123456788\n").expect("one column").columns, 1);
}

#[test]
fn reads_a_workbook() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Телефон").expect("written");
    sheet.write(0, 2, "Визит").expect("written");
    sheet.write(2, 0, 79_123_456_789.0).expect("written");
    let date = rust_xlsxwriter::Format::new().set_num_format("dd.mm.yyyy");
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 5, 1).expect("a day");
    sheet.write_with_format(2, 2, &day, &date).expect("written");
    let bytes = book.save_to_buffer().expect("saved");
    let table = read(&bytes).expect("a table");
    let row = |number, cells: [&str; 3]| Row::new(number, &cells.map(str::to_owned));
    assert_eq!(table.rows, [row(1, ["Телефон", "", "Визит"]), row(3, ["79123456789", "", "2026-05-01"])]);
}

/// As many as came were parsed at once, of up to 430 MB each.
#[tokio::test]
async fn one_file_is_parsed_at_a_time() {
    let turn = PARSING.acquire().await.expect("nobody closes it");
    let next = crate::aside::task("a file", read_aside(b"89123456789\n".to_vec(), None));
    // Long enough for it, were nothing before it.
    for _ in 0..100 {
        crate::aside::run(|| drop(read(b"89123456789\n"))).await.expect("no panic");
    }
    assert!(!next.is_finished(), "it was parsed beside another");
    drop(turn);
    assert_eq!(next.await.expect("no panic").expect("a table").rows.len(), 1);
}

/// Each row has one filled cell, the last of all columns: 4.8 MB of them became 5.4 GB of empty
/// cells.
#[test]
fn cells_are_counted_with_the_empty_ones_before_they_are_made() {
    let mut rows = Rows::default();
    let most = (1..).find(|row| rows.cell(*row, MAX_COLUMNS - 1, "1").is_err());
    assert_eq!(most, Some(MAX_CELLS / MAX_COLUMNS + 1));
    assert_eq!(rows.rows.iter().map(Row::width).sum::<usize>() + rows.current.1.len(), MAX_CELLS);
    let csv = |rows| format!("{}1\n", ";".repeat(MAX_COLUMNS - 1)).repeat(rows);
    assert_eq!(read(csv(MAX_CELLS / MAX_COLUMNS + 1).as_bytes()), Err(TableError::TooMuch));
    let table = read(csv(MAX_CELLS / MAX_COLUMNS).as_bytes()).expect("within the limits");
    assert_eq!((table.columns, table.rows.len()), (MAX_COLUMNS, MAX_CELLS / MAX_COLUMNS));
    assert!(table.megabytes() < 100, "{} MB", table.megabytes());
}

/// The same as a workbook, with the limit told to whoever sent it.
#[test]
fn a_workbook_of_sparse_rows_is_too_much() {
    use std::fmt::Write as _;
    let last = "GR";
    let mut sheet = String::from("<worksheet><sheetData>");
    for row in 1..=MAX_CELLS / MAX_COLUMNS + 1 {
        write!(sheet, "<row r=\"{row}\"><c r=\"{last}{row}\"><v>1</v></c></row>").expect("written");
    }
    sheet.push_str("</sheetData></worksheet>");
    assert_eq!(read(&crate::fuzzing::workbook_of(sheet.as_bytes(), b"")), Err(TableError::TooMuch));
}

#[test]
fn a_cell_of_no_row_is_none() {
    let row = Row::new(7, &["а".to_owned(), String::new(), "бв".to_owned()]);
    assert_eq!(row.cells().collect::<Vec<_>>(), ["а", "", "бв"]);
    assert_eq!((row.cell(2), row.cell(3), row.width()), (Some("бв"), None, 3));
}

#[test]
fn says_why_not() {
    assert_eq!(read(b""), Err(TableError::Empty));
    assert_eq!(read(b" ; \n"), Err(TableError::Empty));
    assert!(matches!(read(&[0xD0, 0xCF, 0x11, 0xE0, 0]), Err(TableError::Unreadable(_))));
    assert!(matches!(read(b"PK\x03\x04nothing"), Err(TableError::Unreadable(_))));
    assert_eq!(read(&vec![b'1'; MAX_BYTES + 1]), Err(TableError::TooLarge));
    assert_eq!(read(";".repeat(MAX_COLUMNS).as_bytes()), Err(TableError::Empty));
    assert_eq!(read(format!("{}1", ";".repeat(MAX_COLUMNS)).as_bytes()), Err(TableError::TooMuch));
}

#[test]
fn a_lost_quotation_mark_costs_nobody_and_is_told() {
    let table = read("Имя;Телефон\n\"Рога и копыта;+79161210001\nАнна;+79161210002\n\"Вера\";+79161210004\n".as_bytes()).expect("a table");
    assert_eq!(table.rows.len(), 4);
    assert_eq!(table.notes, [Note::OpenQuote { line: 2, lines: 1 }]);
    assert_eq!(table.rows[3].cell(0), Some("Вера"));
    let same = cells("a;b\n\"x \"\"y\"\" z\";\"two\nlines; and a mark\"\n\"Рога \"и\" копыта\";5\n".as_bytes());
    assert_eq!(same, [["a", "b"], ["x \"y\" z", "two\nlines; and a mark"], ["Рога \"и\" копыта", "5"]]);
    // A mark at the beginning of every line, none closed: still read once.
    let many = "\"a;b\n".repeat(200_000);
    assert_eq!(read(many.as_bytes()).expect("a table").rows.len(), 200_000);
}

#[test]
fn a_row_knows_its_line() {
    let table = read("Имя;Телефон\r\n\r\n\r\nАнна;\"1\r\n2\"\r\nБорис;3\r\n".as_bytes()).expect("a table");
    assert_eq!(table.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 4, 6]);
    let table = read("sep=;\nИмя;Телефон\nАнна;1\n".as_bytes()).expect("a table");
    assert_eq!(table.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn the_hint_of_a_delimiter_is_read_in_any_writing() {
    for hint in ["sep=,", "SEP=,", "\"sep=,\"", "sep = ,", "Sep=,\r"] {
        assert_eq!(cells(format!("{hint}\nа;б,в\n").as_bytes()), [["а;б", "в"]], "{hint}");
    }
    assert_eq!(cells("sep=\\t\nа\tб\n".as_bytes()), [["а", "б"]]);
    assert_eq!(cells("separator;x\n1;2\n".as_bytes()), [["separator", "x"], ["1", "2"]]);
}

#[test]
fn lines_of_another_encoding_are_told_apart() {
    let mut bytes = "Имя;Город\nАнна;Орёл\nБорис;Уфа\n".as_bytes().to_vec();
    bytes.extend(WINDOWS_1251.encode("Вера;Москва\n").0.iter());
    let table = read(&bytes).expect("a table");
    assert_eq!(table.rows[1].cell(1), Some("Орёл"));
    assert_eq!(table.rows[3].cell(1), Some("Москва"));
    assert_eq!(table.notes, [Note::OtherEncoding { lines: 1, first: 4, encoding: "windows-1251".into() }]);
    // A western list is no Russian one.
    assert_eq!(cells(b"Name;City\nJos\xe9;M\xfcnchen\n")[1], ["José", "München"]);
}

#[test]
fn cards_of_an_address_book_are_rows() {
    let cards = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9E=D1=80=D0=BB=D0=BE=D0=B2=D0=B0;=D0=90=\r\n=D0=BD=D0=BD=D0=B0;;;\r\n\
        TEL;CELL:+79161340001\r\nTEL;HOME:8 916 134-00-02\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Борис\\, сын\r\nitem1.TEL;TYPE=CELL:+79161\r\n 340003\r\nEMAIL;TYPE=\"a:b\":b@example.org\r\n\
        BDAY:1986-05-12\r\nCATEGORIES:vip,new\r\nPHOTO;ENCODING=b:AAAA\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Вера\r\nTEL;VALUE=uri:tel:+79161340004\r\nADR:;;Мира 1;Казань;;;\r\n";
    let table = read(cards.as_bytes()).expect("cards");
    assert_eq!(table.format, Format::Vcard);
    let rows: Vec<Vec<&str>> = table.rows.iter().map(|row| row.cells().collect()).collect();
    assert_eq!(rows[0], ["full name", "last name", "first name", "phone", "email", "birthday", "categories", "city"]);
    assert_eq!(rows[1], ["", "Орлова", "Анна", "+79161340001\n8 916 134-00-02"]);
    assert_eq!(rows[2], ["Борис, сын", "", "", "+79161340003", "b@example.org", "1986-05-12", "vip,new"]);
    assert_eq!(rows[3], ["Вера", "", "", "tel:+79161340004", "", "", "", "Казань"]);
}

#[test]
fn what_is_no_table_is_called_what_it_is() {
    for (bytes, what) in [
        (&b"%PDF-1.4\n"[..], Foreign::Pdf),
        (b"[{\"name\":1}]", Foreign::Json),
        (b" {\n \"contacts\": []}", Foreign::Json),
        (b"<html><p>1</p></html>", Foreign::Page),
        (b"\xEF\xBB\xBF<!DOCTYPE html><html>", Foreign::Page),
        (b"<?xml version=\"1.0\"?><Workbook/>", Foreign::Xml),
        (b"\x89PNG\r\n", Foreign::Picture),
        (b"{\\rtf1", Foreign::Document),
    ] {
        assert_eq!(read(bytes), Err(TableError::Foreign(what)));
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).expect("a part");
    let document = archive.finish().expect("an archive").into_inner();
    assert_eq!(read(&document), Err(TableError::Foreign(Foreign::Document)));
}

#[test]
fn hidden_sheets_and_rows_are_left_out_and_told() {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, phone) in [("Старые", "1"), ("Новые", "2"), ("Ещё", "3")] {
        let sheet = book.add_worksheet().set_name(name).expect("named");
        for row in 0..3_u32 {
            sheet.write(row, 0, format!("{phone}{row}")).expect("written");
        }
        if name == "Старые" {
            sheet.set_hidden(true);
        } else {
            sheet.set_row_hidden(1).expect("hidden");
        }
        if name == "Новые" {
            sheet.set_active(true);
        }
    }
    let bytes = book.save_to_buffer().expect("saved");
    let table = read(&bytes).expect("a table");
    let column = |table: &Table| table.rows.iter().filter_map(|row| row.cell(0).map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(column(&table), ["20", "22"]);
    assert_eq!(table.sheets, ["Новые", "Ещё"]);
    assert_eq!(table.notes, [Note::HiddenRows { rows: 1 }, Note::HiddenSheets { names: vec!["Старые".into()] }]);
    assert_eq!(column(&read_sheet(&bytes, Some(1)).expect("a table")), ["30", "32"]);
    assert_eq!(read_sheet(&bytes, Some(2)), Err(TableError::Empty), "a hidden one is not to be had");
}

/// A hidden column was taken in like any other, whatever its owner had hidden it for.
#[test]
fn hidden_columns_are_told_apart_in_new_and_old_workbooks() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, cells) in
        [["Имя", "Анна"], ["Телефон", "+79161200001"], ["Долг", "5000"], ["Пусто", ""], ["Город", "Орёл"]].iter().enumerate()
    {
        let column = u16::try_from(column).expect("few");
        for (row, cell) in cells.iter().enumerate() {
            sheet.write(u32::try_from(row).expect("few"), column, *cell).expect("written");
        }
        if matches!(column, 1..=3) {
            sheet.set_column_hidden(column).expect("hidden");
        }
    }
    // One that is hidden and empty is not worth a word.
    sheet.set_column_hidden(9).expect("hidden");
    let table = read(&book.save_to_buffer().expect("saved")).expect("a table");
    assert_eq!(table.hidden, [1, 2, 3]);
    let mut mapping = mapping::guess(&table, "a.xlsx", &[], "RU");
    assert_eq!(mapping.columns, [Target::FirstName, Target::Skip, Target::Skip, Target::Skip, Target::Skip]);
    let names = ["Телефон", "Долг", "Пусто"].map(str::to_owned).to_vec();
    assert_eq!(mapping.told(), [Note::HiddenColumns { names: names.clone() }]);
    // One that was chosen is left out no more.
    mapping.columns[1] = Target::Phone;
    assert_eq!(mapping.told(), [Note::HiddenColumns { names: names[1..].to_vec() }]);
    mapping.header = false;
    assert_eq!(mapping.told(), [Note::HiddenColumns { names: vec!["C".to_owned(), "D".to_owned()] }]);
}

/// Texts that go on in the next part of the table of texts, wide ones and narrow ones.
#[test]
fn the_texts_of_an_old_workbook_are_whole() {
    let table = read(&crate::contact::import::cases::bytes("xls_long_texts.xls")).expect("a table");
    assert_eq!(table.rows.len(), 81);
    for (n, row) in (1_usize..).zip(&table.rows[1..]) {
        let text = format!("№{n} {}", if n % 2 == 1 { "ы" } else { "y" }.repeat(n * 3));
        assert_eq!(row.cell(1), Some(text.as_str()));
    }
}

/// What a page is closed with, and how often, is its own matter.
#[test]
fn the_largest_table_of_a_page_is_read() {
    let page = "<html><style>td{a:b>c}</style><table><tr><td>Шапка</td></tr></table><table><tr><th colspan=2>Имя<th>Телефон\
        <!-- <td>нет</td> --><tr><td>Анна &amp; Ко</td><td></td><td><b>8 916</b> 123-45-67<br>8 916 123-45-68</td></tr></table>";
    let rows = [vec!["Имя", "", "Телефон"], vec!["Анна & Ко", "", "8 916 123-45-67\n8 916 123-45-68"]];
    assert_eq!(cells(page.as_bytes()), rows);
    assert_eq!(read(b"<html><table></table></html>"), Err(TableError::Foreign(Foreign::Page)));
}

/// Every encoding of Russian, each name in every case: capitals were taken for another encoding.
#[test]
fn short_lists_of_names_are_read_in_any_encoding_and_case() {
    let mut unlike = Vec::new();
    for list in ["Анна\nБорис", "Орлова Анна;Орёл", "Ёлкина Юля;Щёлково\nЦой Виктор;Уфа", "Хасан;Ижевск", "Эльвира Жукова;Грозный", "Оля"]
    {
        for text in [list.to_owned(), list.to_uppercase(), list.to_lowercase()] {
            for encoding in [WINDOWS_1251, KOI8_R, IBM866, X_MAC_CYRILLIC] {
                let (bytes, ..) = encoding.encode(&text);
                let found: Vec<String> = cells(&bytes).into_iter().flatten().collect();
                let wanted: Vec<&str> = text.split(['\n', ';']).collect();
                if found != wanted {
                    unlike.push(format!("{} {text:?}: {found:?}", encoding.name()));
                }
            }
        }
    }
    assert!(unlike.is_empty(), "{}", unlike.join("\n"));
}
