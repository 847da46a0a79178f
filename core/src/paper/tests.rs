//! Documents as they come out: their text and their pages, by the tools of poppler
//! (`scripts/install`).

use std::{path::Path, process::Command};

use super::*;

fn rows(count: usize) -> Vec<Vec<String>> {
    (1..=count).map(|n| vec![n.to_string(), format!("Иванова Мария, {n}-я"), "доставлено".to_owned()]).collect()
}

/// A document with a thing of each kind.
fn sample(language: Language) -> Vec<u8> {
    let mut paper = Paper::new("Акт об уничтожении персональных данных № 7", language);
    paper.text("Составлен по заявлению от 30.11.2026.\n\nДва абзаца, пустая строка между ними сохранена.");
    paper.heading("1. Кто и что");
    paper.fields(&[
        ("Оператор", "ООО «Ромашка», 420000, г. Казань, ул. Баумана, д. 1"),
        ("Основание", "отзыв согласия: ёлки, ңәҗ, қазақ, їжак"),
    ]);
    paper.table(&["№", "Клиент", "Состояние"], &rows(3));
    paper.qr("ST00012|Name=ООО «Ромашка»|Sum=129000", "Оплата по счёту № 7:\nнаведите телефон на код");
    paper.png(&qr::png("картинка").unwrap());
    paper.sign_lines(&[("Генеральный директор", "Петров П. П."), ("Ответственный за обработку персональных данных", "Сидорова С. С.")]);
    paper.finish().unwrap()
}

fn file(pdf: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    file
}

/// What a program says of a file; `to`: what makes it say it to us.
fn run(program: &str, arguments: &[&str], path: &Path, to: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).arg(path).args(to).output();
    let output = output.unwrap_or_else(|error| panic!("{program} (scripts/install brings it): {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What a reader copies out of the document, page by page.
fn pages(pdf: &[u8]) -> Vec<String> {
    let text = String::from_utf8(run("pdftotext", &["-layout"], file(pdf).path(), &["-"])).unwrap();
    text.split_terminator('\u{c}').map(str::to_owned).collect()
}

/// Dark pixels outside the margins, on any page: what ran off the paper.
fn off_the_paper(pdf: &[u8]) -> usize {
    // Without a name for its pictures it writes one after the other to its output.
    let pictures = run("pdftoppm", &["-r", "36", "-gray"], file(pdf).path(), &[]);
    let mut rest = pictures.as_slice();
    let (mut found, mut pages) = (0, 0);
    while rest.starts_with(b"P5") {
        let head: Vec<&[u8]> = rest.splitn(4, |byte| byte.is_ascii_whitespace()).take(3).collect();
        let number = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().parse::<usize>().unwrap();
        let (width, height) = (number(head[1]), number(head[2]));
        let begin = head.iter().map(|part| part.len() + 1).sum::<usize>() + "255\n".len();
        let pixels = &rest[begin..begin + width * height];
        // 10 mm at 36 pixels an inch.
        let rim = 14;
        let dark = |(at, pixel): (usize, &u8)| {
            let (x, y) = (at % width, at / width);
            *pixel < 128 && (x < rim || y < rim || x + rim > width || y + rim > height)
        };
        found += pixels.iter().enumerate().filter(|one| dark(*one)).count();
        rest = &rest[begin + width * height..];
        pages += 1;
    }
    assert!(rest.is_empty() && pages > 0, "every page was read");
    found
}

#[test]
fn the_same_words_are_the_same_bytes() {
    assert_eq!(sample(Language::Ru), sample(Language::Ru));
    assert_ne!(sample(Language::Ru), sample(Language::En));
}

#[test]
fn russian_is_read_and_copied() {
    let pages = pages(&sample(Language::Ru));
    let all = pages.join("\n");
    for words in [
        "Акт об уничтожении персональных данных № 7",
        "пустая строка между ними сохранена",
        "ООО «Ромашка», 420000, г. Казань",
        "ёлки, ңәҗ, қазақ, їжак",
        "Иванова Мария, 2-я",
        "наведите телефон на код",
        "Генеральный директор",
        "Сидорова С. С.",
        "стр. 1 из",
    ] {
        assert!(all.contains(words), "«{words}» in:\n{all}");
    }
    assert_eq!(off_the_paper(&sample(Language::Ru)), 0);
}

#[test]
fn the_foot_speaks_the_documents_language() {
    let foot = pages(&sample(Language::En)).concat();
    assert!(foot.contains("page 1 of") && !foot.contains("стр."), "{foot}");
}

#[test]
fn a_table_has_its_head_on_every_page_and_loses_no_row() {
    let mut paper = Paper::new("Список", Language::Ru);
    paper.table(&["Номер", "Клиент", "Состояние"], &rows(200));
    paper.text("После таблицы.");
    let pdf = paper.finish().unwrap();
    let pages = pages(&pdf);
    assert!(pages.len() > 3, "{} pages", pages.len());
    for (at, page) in pages.iter().enumerate() {
        assert_eq!(page.matches("Состояние").count(), 1, "page {at}:\n{page}");
        assert!(page.contains(&format!("стр. {} из {}", at + 1, pages.len())), "page {at}:\n{page}");
    }
    let all = pages.concat();
    for n in 1..=200 {
        assert!(all.contains(&format!("Иванова Мария, {n}-я")), "row {n}");
    }
    assert!(all.contains("После таблицы."));
    assert_eq!(off_the_paper(&pdf), 0);
}

#[test]
fn a_row_higher_than_a_page_goes_on_over_the_next() {
    let mut paper = Paper::new("Список", Language::Ru);
    let words = (1..=900).map(|n| format!("слово{n}")).collect::<Vec<_>>().join(" ");
    paper.table(&["Что", "Текст сообщения целиком"], &[vec!["1".to_owned(), words], vec!["2".to_owned(), "конец".to_owned()]]);
    let pdf = paper.finish().unwrap();
    let all = pages(&pdf).concat();
    for n in [1, 450, 900] {
        assert!(all.contains(&format!("слово{n}")), "{n}");
    }
    assert!(all.contains("конец"));
    assert_eq!(off_the_paper(&pdf), 0);
}

#[test]
fn words_wider_than_the_page_are_divided_and_kept_whole() {
    let long = "б".repeat(700);
    let mut paper = Paper::new(&long, Language::Ru);
    paper.heading(&long);
    paper.text(&long);
    paper.fields(&[(&long, &long)]);
    paper.table(&["Столбец", "Ещё"], &[vec![long.clone(), "x".to_owned()]]);
    paper.sign_lines(&[(&long, &long)]);
    let pdf = paper.finish().unwrap();
    assert_eq!(off_the_paper(&pdf), 0);
    let letters = pages(&pdf).concat().matches('б').count();
    // The titles at the feet are cut, and have some more.
    assert!(letters >= 8 * 700, "{letters}");
}

#[test]
fn nothing_is_a_document_too() {
    for title in ["", "Пусто"] {
        let mut paper = Paper::new(title, Language::Ru);
        paper.text("");
        paper.fields(&[]);
        paper.table(&[], &[]);
        paper.table(&[], &[vec![]]);
        paper.table(&["Имя"], &[]);
        paper.table(&["Имя"], &[vec![], vec![String::new()], vec!["лишний".to_owned(), "столбец".to_owned()]]);
        paper.sign_lines(&[]);
        let pdf = paper.finish().unwrap();
        assert_eq!(pages(&pdf).len(), 1);
    }
}

/// The page shows a mark for what the font has not; whoever copies gets the letter itself.
#[test]
fn letters_the_font_lacks_are_seen_and_copied() {
    let letters = Letters::ours();
    for text in ["😀", "👨‍👩‍👧", "𠮷", "\u{7}", "\u{0}"] {
        let shaped = letters.shape(text);
        assert!(!shaped.is_empty() && shaped.iter().all(|one| one.glyph != 0 && one.advance > 0.0), "{text:?}: {shaped:?}");
    }
    // No box for what only says how the letter before it looks.
    assert_eq!(letters.shape("❤\u{FE0F}").len(), 1);
    let mut paper = Paper::new("Скидка 😀", Language::Ru);
    paper.text("до 😀 после 🎁, семья 👨‍👩‍👧, 𠮷 и \u{7}звонок, שלום, ❤\u{FE0F}");
    paper.table(&["😀"], &[vec!["🎁".to_owned()]]);
    let all = pages(&paper.finish().unwrap()).concat();
    for words in ["до ", " после ", "😀", "🎁", "звонок"] {
        assert!(all.contains(words), "{words} in {all}");
    }
}

#[test]
fn what_cannot_be_drawn_is_told_at_the_end() {
    let mut paper = Paper::new("Счёт", Language::Ru);
    paper.qr(&"я".repeat(2_000), "");
    paper.text("дальше");
    assert!(matches!(paper.finish(), Err(PaperError::Qr(_))));
    for picture in [b"no picture".to_vec(), qr::png("x").unwrap()[..200].to_vec()] {
        let mut paper = Paper::new("Скан", Language::Ru);
        paper.png(&picture);
        assert!(matches!(paper.finish(), Err(PaperError::Picture(_))));
    }
}

#[test]
fn a_line_is_no_wider_than_its_room() {
    let letters = Letters::ours();
    for text in ["Раз два три четыре пять шесть семь восемь девять", "безпробеловдлинноеслово", "a b  c   d    e", "", "\n\n", "x\r\ny\tz"]
    {
        for room in [1.0, 30.0, 77.7, 500.0] {
            let lines = letters.wrap(text, 10.0, room);
            for line in &lines {
                assert!(letters.width(line, 10.0) <= room + 0.1 || line.chars().count() == 1, "{line:?} in {room}");
            }
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(letters(&lines.concat()), letters(text), "nothing is lost");
        }
    }
    assert_eq!(letters.wrap("а\n\nб", 10.0, 100.0), ["а", "", "б"]);
}

#[test]
fn columns_share_what_there_is() {
    assert_eq!(layout::shared(&[10.0, 20.0], 100.0), [10.0, 20.0]);
    let shared = layout::shared(&[10.0, 500.0, 700.0], 100.0);
    assert!((shared.iter().sum::<f32>() - 100.0).abs() < 0.01 && (shared[0] - 10.0).abs() < 0.01, "{shared:?}");
    assert!((shared[1] - 45.0).abs() < 0.01, "{shared:?}");
    assert!(layout::shared(&[], 100.0).is_empty());
}
