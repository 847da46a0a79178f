//! Contacts as XLSX, all of them or those of a segment: one line a person, streamed to a temporary
//! file row by row, so that a million take no more memory than a page of them. The headings are
//! those an import knows, so the file comes back as it went.

use std::sync::Arc;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::{
    Field, FieldKind, field, queries,
    segment::{Filter, Look},
};
use crate::{
    aside, bind_filter,
    clock::Moment,
    id::{AccountId, ContactId},
    on,
    store::Store,
    words::Grade,
};

/// Lines of one sheet, the header included (the format's own limit is 1 048 576).
const SHEET_LINES: u32 = 1_000_000;
/// Contacts read at once.
const PAGE: i64 = 1_000;
/// Longest text of a cell, characters; the format's own limit is 32 767.
const CELL: usize = 32_000;
/// MIME type.
pub const MIME: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The texts of the file, in the reader's language.
#[derive(Clone)]
pub struct Words {
    /// The sheet's name, at most 28 characters of those a sheet's name may have; further sheets get
    /// a number.
    pub sheet: String,
    /// Headings: full name, first name, last name, phone, e-mail, tags; then consent to
    /// advertising, opt-out, since when known.
    pub headers: [String; 9],
    /// Yes and no.
    pub flags: [String; 2],
    /// The evidence of a consent in words.
    pub grade: Arc<dyn Fn(Grade) -> String + Send + Sync>,
    /// The zone in which days are written.
    pub zone: chrono_tz::Tz,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").field("headers", &self.headers).finish_non_exhaustive()
    }
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The temporary file could not be written.
    #[error("the file could not be written: {0}")]
    File(String),
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// A contact with what hangs on it.
#[derive(Debug, sqlx::FromRow)]
struct Line {
    id: ContactId,
    name: String,
    first_name: String,
    last_name: String,
    #[sqlx(json)]
    attributes: Map<String, Value>,
    marketing_grade: Option<Grade>,
    opted_out_at: Option<Moment>,
    created_at: Moment,
    phones: String,
    emails: String,
    tags: String,
}

/// The account's contacts that match a filter as a file, and how many they are.
///
/// # Errors
/// [`ExportError`].
pub async fn contacts(
    store: &Store,
    account: AccountId,
    filter: &Filter,
    words: &Words,
    now: Moment,
) -> Result<(Vec<u8>, u64), ExportError> {
    let fields = field::list(store, account).await?;
    let (pages, incoming) = mpsc::channel::<Vec<Line>>(2);
    let for_writer = words.clone();
    let writer = aside::task("export", aside::run(move || write(incoming, &fields, &for_writer)));
    let (mut after, mut count) = (ContactId(uuid::Uuid::nil()), 0);
    loop {
        let page = page(store, account, filter, words.zone, now, after).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        count += page.len() as u64;
        if pages.send(page).await.is_err() {
            // The writer gave up; its error says why.
            break;
        }
    }
    drop(pages);
    let written = writer.await.flatten().map_err(|error| ExportError::File(error.to_string()))?;
    Ok((written.map_err(|error| ExportError::File(error.to_string()))?, count))
}

async fn page(
    store: &Store,
    account: AccountId,
    filter: &Filter,
    zone: chrono_tz::Tz,
    now: Moment,
    after: ContactId,
) -> sqlx::Result<Vec<Line>> {
    // A page at a time walks over the ids once, so nobody is listed before it is looked at.
    let matching = filter.compile_for(Look::Few, store.engine(), account, zone, now, 4);
    let sql = format!("{} and {} order by c.id limit $3", queries::EXPORT_LINES, matching.sql);
    on!(store.read(), |c| {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(account).bind(after).bind(PAGE);
        bind_filter!(query, &matching.binds).fetch_all(c).await
    })
}

/// Writes pages as they come.
fn write(mut pages: mpsc::Receiver<Vec<Line>>, fields: &[Field], words: &Words) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let mut waiting: Vec<Line> = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        let sheet = book.add_worksheet_with_constant_memory()?;
        head(sheet, fields, words, number)?;
        let mut at = 1;
        loop {
            for line in waiting.drain(..waiting.len().min((SHEET_LINES - at) as usize)) {
                put(sheet, at, &line, fields, words)?;
                at += 1;
            }
            if !waiting.is_empty() {
                break;
            }
            match pages.blocking_recv() {
                Some(page) => waiting = page,
                None => return book.save_to_buffer(),
            }
        }
    }
}

fn head(sheet: &mut Worksheet, fields: &[Field], words: &Words, number: u32) -> Result<(), XlsxError> {
    sheet.set_name(if number == 1 { words.sheet.clone() } else { format!("{} {number}", words.sheet) })?;
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    let (of_person, of_us) = words.headers.split_at(6);
    let titles = of_person.iter().map(String::as_str).chain(fields.iter().map(|field| field.title.as_str()));
    for (column, text) in (0_u16..).zip(titles.chain(of_us.iter().map(String::as_str))) {
        sheet.set_column_width(column, 20)?;
        sheet.write_string_with_format(0, column, text, &bold)?;
    }
    Ok(())
}

fn put(sheet: &mut Worksheet, at: u32, line: &Line, fields: &[Field], words: &Words) -> Result<(), XlsxError> {
    let day = |at: Moment| at.with_timezone(&words.zone).format("%d.%m.%Y").to_string();
    // Always as strings: a name that begins with `=` is a name, not a formula.
    let mut column = 0_u16;
    for text in [&line.name, &line.first_name, &line.last_name, &line.phones, &line.emails, &line.tags] {
        text_at(sheet, at, column, text)?;
        column += 1;
    }
    for field in fields {
        match (field.kind, line.attributes.get(&field.key)) {
            (_, None | Some(Value::Null)) => {}
            (FieldKind::Number, Some(Value::Number(number))) => {
                sheet.write_number(at, column, number.as_f64().unwrap_or_default())?;
            }
            (_, Some(Value::Bool(yes))) => text_at(sheet, at, column, &words.flags[usize::from(!yes)])?,
            (FieldKind::Date, Some(Value::String(text))) => {
                let shown = text.parse::<chrono::NaiveDate>().map_or_else(|_| text.clone(), |day| day.format("%d.%m.%Y").to_string());
                text_at(sheet, at, column, &shown)?;
            }
            (_, Some(Value::String(text))) => text_at(sheet, at, column, text)?,
            (_, Some(other)) => text_at(sheet, at, column, &other.to_string())?,
        }
        column += 1;
    }
    text_at(sheet, at, column, &line.marketing_grade.map(|grade| (words.grade)(grade)).unwrap_or_default())?;
    text_at(sheet, at, column + 1, &line.opted_out_at.map(day).unwrap_or_default())?;
    text_at(sheet, at, column + 2, &day(line.created_at))
}

fn text_at(sheet: &mut Worksheet, at: u32, column: u16, text: &str) -> Result<(), XlsxError> {
    if !text.is_empty() {
        let cut: String = text.chars().take(CELL).collect();
        sheet.write_string(at, column, cut)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use calamine::Reader;

    use super::*;
    use crate::{
        both, clock,
        contact::{by_hand, fixture},
    };

    fn words() -> Words {
        let headers = ["ФИО", "Имя", "Фамилия", "Телефон", "Почта", "Теги", "Согласие", "Отписка", "Добавлен"];
        Words {
            sheet: "Контакты".to_owned(),
            headers: headers.map(str::to_owned),
            flags: ["да".to_owned(), "нет".to_owned()],
            grade: Arc::new(|grade| format!("{grade:?}")),
            zone: chrono_tz::UTC,
        }
    }

    both!(async fn every_contact_of_the_account_is_a_line_and_no_formula(store) {
        let (actor, other) = (fixture::actor(&store).await, fixture::actor(&store).await);
        let now = clock::now();
        let born = field::create(&store, &actor, "born", "Дата рождения", FieldKind::Date, now).await.expect("a field");
        let sum = field::create(&store, &actor, "sum", "Сумма", FieldKind::Number, now).await.expect("a field");
        let vera = by_hand::add(&store, &actor, "Соколова Вера +79161234567 v@example.ru", "RU", now).await.expect("added");
        by_hand::set_value(&store, &actor, vera, born.id, "12 мая 1986", now.date_naive(), now).await.expect("kept");
        by_hand::set_value(&store, &actor, vera, sum.id, "1 250,5", now.date_naive(), now).await.expect("kept");
        by_hand::tag(&store, &actor, vera, "vip", true, now).await.expect("tagged");
        by_hand::tag(&store, &actor, vera, "осень", true, now).await.expect("tagged");
        by_hand::add(&store, &actor, "=HYPERLINK(A)", "RU", now).await.expect("added");
        by_hand::add(&store, &other, "Чужой +79160000000", "RU", now).await.expect("another company's");

        let (bytes, count) = contacts(&store, actor.account, &Filter::default(), &words(), now).await.expect("a file");
        assert_eq!(count, 2);
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).expect("it opens");
        let range = book.worksheet_range("Контакты").expect("the sheet");
        let lines: Vec<Vec<String>> = range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(
            lines[0],
            ["ФИО", "Имя", "Фамилия", "Телефон", "Почта", "Теги", "Дата рождения", "Сумма", "Согласие", "Отписка", "Добавлен"]
        );
        let vera = lines.iter().find(|line| line[0] == "Соколова Вера").expect("there");
        assert_eq!(vera[1..9], ["Вера", "Соколова", "+79161234567", "v@example.ru", "vip, осень", "12.05.1986", "1250.5", ""].map(str::to_owned));
        assert!(lines.iter().any(|line| line[0] == "=HYPERLINK(A)"), "as words: {lines:?}");
        assert!(book.worksheet_formula("Контакты").is_ok_and(|formulas| formulas.is_empty()));

        // Those of a segment, by what hangs on them and by what is missing.
        let known = field::list(&store, actor.account).await.expect("fields");
        for (typed, expected) in [("тег = vip и сумма > 1000", vec!["Соколова Вера"]), ("телефон пусто", vec!["=HYPERLINK(A)"]), ("тег = никто", vec![])] {
            let filter = Filter::parse(typed, &known).expect("a filter");
            let (bytes, count) = contacts(&store, actor.account, &filter, &words(), now).await.expect("a file");
            let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).expect("it opens");
            let range = book.worksheet_range("Контакты").expect("the sheet");
            let names: Vec<String> = range.rows().skip(1).map(|row| row[0].to_string()).collect();
            assert_eq!((names, count), (expected.iter().map(ToString::to_string).collect(), expected.len() as u64), "{typed}");
        }
    });
}
