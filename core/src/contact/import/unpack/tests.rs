use std::{fmt::Write as _, io::Write as _};

use super::*;
use crate::contact::import::table::read;

const BOMB: Result<(), TableError> = Err(TableError::Bomb);

/// An archive of these parts.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in parts {
        archive.start_file(*name, options).expect("a part");
        archive.write_all(bytes).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}

/// A part of nothing but elements, `size` bytes; the archive claims `claimed` for it.
fn filled(name: &str, size: usize, claimed: Option<u32>) -> Vec<u8> {
    let mut bytes = archive(&[(name, "<a></a> ".repeat(size / 8).as_bytes())]);
    if let Some(claimed) = claimed {
        let real = u32::try_from(size).expect("small").to_le_bytes();
        while let Some(at) = bytes.windows(4).position(|four| four == real) {
            bytes[at..at + 4].copy_from_slice(&claimed.to_le_bytes());
        }
    }
    bytes
}

fn defused(bytes: &[u8], most: u64, most_texts: u64) -> Result<(), TableError> {
    defuse(bytes, most, most_texts).map(|_| ())
}

/// Whether a part of this name and content passes.
fn part(name: &str, content: &str) -> Result<(), TableError> {
    defused(&archive(&[(name, content.as_bytes())]), MAX_UNPACKED, MAX_TEXTS)
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_no_table() {
    let texts = filled("xl/sharedStrings.xml", usize::try_from(MAX_TEXTS).expect("fits") + 8, None);
    assert!(texts.len() < 1024 * 1024, "{}", texts.len());
    assert_eq!(read(&texts), Err(TableError::Bomb));
    let sheet = filled("xl/worksheets/sheet1.xml", 3_000_000, None);
    assert_eq!(defused(&sheet, 2_999_999, 10), BOMB);
    assert_eq!(defused(&sheet, 3_000_000, 10), Ok(()));
    // All parts together, and the sizes an archive claims may be lies.
    let two = archive(&[("a.xml", &b"<a></a> ".repeat(1_000)), ("b.xml", &b"<a></a> ".repeat(1_000))]);
    assert_eq!((defused(&two, 15_999, 10), defused(&two, 16_000, 10)), (BOMB, Ok(())));
    assert!(defuse(&filled("xl/sharedStrings.xml", 3_000_000, Some(7)), 2_000_000, 2_000_000).is_err());
}

/// What the reader of workbooks would keep whole is bounded: one text, one cell however many pieces
/// it has, styles and their formats, names, relations.
#[test]
fn a_part_that_holds_more_than_any_table_is_a_bomb() {
    let sheet = "xl/worksheets/sheet1.xml";
    let long = "я".repeat(600_000);
    let piece = "я".repeat(30_000);
    let cell = |inner: &str| format!("<worksheet><sheetData><row><c t=\"inlineStr\">{inner}</c></row></sheetData></worksheet>");
    assert_eq!(part(sheet, &cell(&format!("<is><t>{piece}</t></is>"))), Ok(()), "Excel's longest cell");
    assert_eq!(part(sheet, &cell(&format!("<is><t>{long}</t></is>"))), BOMB, "one text");
    let pieces = format!("<r><t>{piece}</t></r>").repeat(20);
    assert_eq!(part(sheet, &cell(&format!("<is>{pieces}</is>"))), BOMB, "a cell of many pieces");
    let hidden = format!("<r><t>{piece}</t><x></c></r>").repeat(20);
    assert_eq!(part(sheet, &cell(&format!("<is>{hidden}</is>"))), BOMB, "one that seems to end before");
    assert_eq!(part("xl/sharedStrings.xml", &format!("<sst><si>{pieces}</si></sst>")), BOMB, "a shared text of many pieces");
    assert_eq!(part(sheet, &format!("<worksheet a=\"{}\"/>", "<".repeat(1_200_000))), BOMB, "one tag");
    assert_eq!(part("docProps/app.xml", "<!DOCTYPE a [ <!ENTITY b \"c\"> ]><a/>"), BOMB, "a document type");

    let format = |length: usize| format!("<styleSheet><numFmts><numFmt formatCode=\"{}\"/></numFmts></styleSheet>", "0".repeat(length));
    assert_eq!((part("xl/styles.xml", &format(255)), part("xl/styles.xml", &format(5_000))), (Ok(()), BOMB));
    let most = usize::try_from(MAX_KEPT).expect("fits");
    let styles = |count: usize| format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", "<xf/>".repeat(count));
    assert_eq!((part("xl/styles.xml", &styles(most)), part("xl/styles.xml", &styles(most + 1))), (Ok(()), BOMB));
    let sheets = "<x:sheet/>".repeat(most + 1);
    assert_eq!(part("xl/any.xml", &format!("<workbook>{sheets}</workbook>")), BOMB, "whatever the part and the prefix");
    let names = (0..100).fold(String::new(), |mut all, n| {
        write!(all, "<n{n}:t>").expect("written");
        all
    });
    assert_eq!(part(sheet, &names), BOMB, "names of one's own");
}

#[test]
fn claims_of_shared_texts_are_read_before_memory_is_asked_for() {
    let claim = |claim: &str| part("xl/sharedStrings.xml", &format!("<sst {claim}></sst>"));
    for fine in ["", "count=\"9\" uniqueCount=\"1187\"", "uniqueCount='5000000'", "uniqueCount=\"\"", "uniqueCount=\"00000000000007\""] {
        assert_eq!(claim(fine), Ok(()), "{fine}");
    }
    for bad in ["uniqueCount=\"5000001\"", "uniqueCount = '+99999999999999999999999'", "uniqueCount=\"0000099999999999\""] {
        assert_eq!(claim(bad), BOMB, "{bad}");
    }
    let claimed = br#"<sst uniqueCount="99999999999999"></sst>"#;
    assert_eq!(read(&crate::fuzzing::workbook_of(b"<worksheet/>", claimed)), Err(TableError::Bomb));
}

/// Pictures and what else is no XML are not handed on, so whatever a workbook calls its parts, all
/// that is read was counted.
#[test]
fn what_is_no_xml_is_left_out() {
    let bytes = archive(&[("xl/media/image1.png", &vec![0; 5_000_000]), ("xl/workbook.xml", b"<workbook/>")]);
    let (copy, _) = defuse(&bytes, 1_000, 1_000).expect("within reason");
    let names: Vec<String> =
        ZipArchive::new(Cursor::new(copy)).expect("an archive").file_names().flatten().map(|name| name.into_owned()).collect();
    assert_eq!(names, ["xl/workbook.xml"]);
}
