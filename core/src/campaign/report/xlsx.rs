//! The list of recipients as XLSX: one line a message, streamed to a temporary file row by row, so
//! that a million lines take no more memory than a page of them.

use std::sync::Arc;

use chrono::{Datelike, Timelike};
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use tokio::sync::mpsc;

use super::{Document, Kind, file_name, keep, kept};
use crate::{
    account::Language,
    campaign::{CampaignError, Result, get, view},
    clock::Moment,
    id::{AccountId, CampaignId},
    store::Store,
    words::Why,
};

/// Lines of one sheet, the header included (the format's own limit is 1 048 576).
const SHEET_LINES: u32 = 1_000_000;
/// The columns' widths.
const COLUMNS: [f64; 12] = [32.0, 18.0, 6.0, 22.0, 18.0, 16.0, 40.0, 20.0, 20.0, 20.0, 20.0, 20.0];
/// Recipients read at once.
const PAGE: i64 = 2_000;
/// MIME type.
const MIME: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Turns a word of the product into words of a language.
pub type Wording = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Turns a reason, with the provider's code and words, into words of a language.
pub type Reasoning = Arc<dyn Fn(&Why, Option<&str>) -> String + Send + Sync>;

/// The texts of the list, in the reader's language.
#[derive(Clone)]
pub struct Words {
    /// Which language: kept lists are kept one a language.
    pub language: Language,
    /// The sheet's name, at most 28 characters of those a sheet's name may have; further sheets get
    /// a number.
    pub sheet: String,
    /// Headers: name, phone, step, channel, address, outcome, reason, time, when it came to the
    /// device, when it was opened, when they replied, when they opted out.
    pub headers: [String; COLUMNS.len()],
    /// `sent`, `failed` … in words.
    pub outcome: Wording,
    /// `blocked`, `no_consent` … in words, with what the provider said of it.
    pub reason: Reasoning,
    /// The zone in which times are written.
    pub zone: chrono_tz::Tz,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").field("language", &self.language).field("headers", &self.headers).finish_non_exhaustive()
    }
}

/// The list of recipients with outcome, reason and time. A closed campaign's list is kept and given
/// again.
///
/// # Errors
/// [`CampaignError::NotFound`], [`CampaignError::Report`] when the temporary file cannot be
/// written, the database's.
pub async fn recipients(store: &Store, account: AccountId, id: CampaignId, words: &Words, now: Moment) -> Result<Document> {
    let campaign = get(store, account, id).await?;
    let name = file_name(&campaign, words.zone, "xlsx");
    if let Some(content) = kept(store, &campaign, Kind::Recipients, words.language).await? {
        return Ok(Document { name, mime: MIME, content });
    }
    let (pages, incoming) = mpsc::channel::<Vec<view::Recipient>>(2);
    let for_writer = words.clone();
    #[expect(clippy::disallowed_methods, reason = "it waits for the pages, and would hold a processor's place meanwhile")]
    let writer = tokio::task::spawn_blocking(move || write(incoming, &for_writer));
    let mut after = None;
    loop {
        let page = view::recipients(store, account, id, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.contact_id, last.step));
        if pages.send(page).await.is_err() {
            // The writer gave up; its error says why.
            break;
        }
    }
    drop(pages);
    let content = writer
        .await
        .map_err(|error| CampaignError::Report(error.to_string()))?
        .map_err(|error| CampaignError::Report(error.to_string()))?;
    let document = Document { name, mime: MIME, content };
    keep(store, &campaign, Kind::Recipients, words.language, &document, now).await?;
    Ok(document)
}

/// Writes pages as they come.
fn write(mut pages: mpsc::Receiver<Vec<view::Recipient>>, words: &Words) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let time = Format::new().set_num_format("dd.mm.yyyy hh:mm:ss");
    let mut waiting: Vec<view::Recipient> = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        let sheet = book.add_worksheet_with_constant_memory()?;
        head(sheet, words, number)?;
        let mut line = 1;
        loop {
            for recipient in waiting.drain(..waiting.len().min((SHEET_LINES - line) as usize)) {
                put(sheet, line, &recipient, words, &time)?;
                line += 1;
            }
            if !waiting.is_empty() {
                filter(sheet, line)?;
                break;
            }
            match pages.blocking_recv() {
                Some(page) => waiting = page,
                None => {
                    filter(sheet, line)?;
                    return book.save_to_buffer();
                }
            }
        }
    }
}

fn head(sheet: &mut Worksheet, words: &Words, number: u32) -> std::result::Result<(), XlsxError> {
    sheet.set_name(if number == 1 { words.sheet.clone() } else { format!("{} {number}", words.sheet) })?;
    for (column, width) in (0..).zip(COLUMNS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold().set_align(FormatAlign::Left);
    for (column, text) in (0..).zip(&words.headers) {
        sheet.write_string_with_format(0, column, text, &bold)?;
    }
    Ok(())
}

fn put(sheet: &mut Worksheet, line: u32, who: &view::Recipient, words: &Words, time: &Format) -> std::result::Result<(), XlsxError> {
    // Always as strings: a name that begins with `=` is a name, not a formula.
    sheet.write_string(line, 0, &who.name)?;
    sheet.write_string(line, 1, who.phone.as_deref().unwrap_or_default())?;
    sheet.write_number(line, 2, f64::from(who.step))?;
    sheet.write_string(line, 3, who.channel.as_deref().unwrap_or_default())?;
    sheet.write_string(line, 4, who.address.as_deref().unwrap_or_default())?;
    sheet.write_string(line, 5, (words.outcome)(&who.state))?;
    if let Some(reason) = &who.reason {
        sheet.write_string(line, 6, (words.reason)(reason, who.detail.as_deref()))?;
    }
    let moments = [Some(who.sent_at.unwrap_or(who.updated_at)), who.delivered_at, who.read_at, who.replied_at, who.opted_out_at];
    for (column, at) in (7..).zip(moments) {
        if let Some(at) = at {
            sheet.write_datetime_with_format(line, column, &stamp(at, words.zone)?, time)?;
        }
    }
    Ok(())
}

/// Filters by any column, over the lines written: `lines` with the header.
fn filter(sheet: &mut Worksheet, lines: u32) -> std::result::Result<(), XlsxError> {
    sheet.autofilter(0, 0, lines.saturating_sub(1), u16::try_from(COLUMNS.len() - 1).unwrap_or(u16::MAX)).map(|_| ())
}

/// A moment as a sheet keeps it.
fn stamp(at: Moment, zone: chrono_tz::Tz) -> std::result::Result<ExcelDateTime, XlsxError> {
    let at = at.with_timezone(&zone);
    let (year, month, day) = (u16::try_from(at.year()).unwrap_or(1900), at.month(), at.day());
    // A month, a day, an hour, a minute and a second always fit.
    let small = |n: u32| u8::try_from(n).unwrap_or(0);
    ExcelDateTime::from_ymd(year, small(month), small(day))?.and_hms(
        u16::from(small(at.hour())),
        small(at.minute()),
        f64::from(at.second()),
    )
}

#[cfg(test)]
mod tests {
    use calamine::Reader;

    use super::*;

    fn words() -> Words {
        Words {
            language: Language::Ru,
            sheet: "Получатели".to_owned(),
            headers: [
                "Имя",
                "Телефон",
                "Шаг",
                "Канал",
                "Адрес",
                "Итог",
                "Причина",
                "Время",
                "Доставлено",
                "Прочитано",
                "Ответил",
                "Отписался",
            ]
            .map(str::to_owned),
            outcome: Arc::new(|word| if word == "sent" { "отправлено".to_owned() } else { word.to_owned() }),
            reason: Arc::new(|why, _| format!("«{why}»")),
            zone: chrono_tz::Europe::Moscow,
        }
    }

    #[tokio::test]
    async fn a_list_reads_back_as_it_was_written() {
        let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let recipient = |name: &str, state: &str, reason: Option<&str>| view::Recipient {
            contact_id: crate::id::ContactId::new(),
            step: 1,
            planned: true,
            state: state.to_owned(),
            reason: reason.map(Why::of),
            detail: None,
            sent_at: Some(at),
            delivered_at: None,
            read_at: None,
            updated_at: at,
            name: name.to_owned(),
            channel: Some("Бот".to_owned()),
            address: Some("42".to_owned()),
            phone: None,
            replied_at: (state == "sent").then(|| at + chrono::TimeDelta::hours(1)),
            opted_out_at: None,
        };
        let (pages, incoming) = mpsc::channel(2);
        pages.send(vec![recipient("=1+1", "sent", None)]).await.unwrap();
        pages.send(vec![recipient("Анна", "failed", Some("blocked"))]).await.unwrap();
        drop(pages);
        let content = tokio::task::spawn_blocking(move || write(incoming, &words())).await.unwrap().unwrap();
        let mut parts = zip::ZipArchive::new(std::io::Cursor::new(&content)).unwrap();
        let xml = std::io::read_to_string(parts.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
        assert!(xml.contains("<autoFilter ref=\"A1:L3\""), "the list is filtered by any column");
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(content)).unwrap();
        let sheet = book.worksheet_range("Получатели").unwrap();
        let cells: Vec<Vec<String>> = sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(cells[0], words().headers);
        assert_eq!(cells[1][..7], ["=1+1", "", "1", "Бот", "42", "отправлено", ""]);
        assert_eq!(cells[2][..7], ["Анна", "", "1", "Бот", "42", "failed", "«blocked»"]);
        let answered = |row: usize| cells[row][10..].iter().map(|cell| !cell.is_empty()).collect::<Vec<_>>();
        assert_eq!((answered(1), answered(2)), (vec![true, false], vec![false, false]), "one replied, nobody opted out");
    }
}
