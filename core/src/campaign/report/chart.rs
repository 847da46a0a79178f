//! The picture of a campaign: messages sent over time, and what became of everybody. Drawn from numbers by a pure
//! function; the font is our own, so that a picture looks the same on every machine and has Cyrillic letters.

use std::sync::Once;

use chrono::TimeDelta;
use plotters::{
    prelude::*,
    style::{
        FontStyle, register_font,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{Document, Kind, file_name, keep, kept};
use crate::{
    account::Language,
    aside,
    campaign::{
        Campaign, CampaignError, Result, get, queries,
        view::{self, Numbers},
    },
    clock::Moment,
    id::{AccountId, CampaignId},
    on,
    store::{Engine, Store},
};

/// Pixels.
const SIZE: (u32, u32) = (1_280, 720);
/// Stretches of time on the line.
const STRETCHES: i64 = 120;
/// MIME type.
const MIME: &str = "image/png";
const FONT: &[u8] = include_bytes!("../../../assets/DejaVuSans.ttf");
const FAMILY: &str = "mms";

const INK: RGBColor = RGBColor(33, 37, 41);
const SOFT: RGBColor = RGBColor(108, 117, 125);
const GRID: RGBColor = RGBColor(233, 236, 239);
const BLUE: RGBColor = RGBColor(34, 113, 214);

/// The texts of the picture, in the reader's language.
#[derive(Debug, Clone)]
pub struct Words {
    /// Which language: kept pictures are kept one a language.
    pub language: Language,
    /// Above the line: «Sent, messages».
    pub line: String,
    /// Above the bars: «What became of everybody».
    pub bars: String,
    /// The names of the bars, in the order of [`Outcome::ALL`].
    pub outcomes: [String; 6],
    /// The zone in which times are written.
    pub zone: chrono_tz::Tz,
}

/// A bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Taken by the messenger.
    Sent,
    /// Refused.
    Failed,
    /// Left out, by planning or at the last check.
    Skipped,
    /// Not known.
    Uncertain,
    /// Cancelled.
    Cancelled,
    /// Waiting or in the air.
    Open,
}

impl Outcome {
    /// Every bar, from the top.
    pub const ALL: [Self; 6] = [Self::Sent, Self::Failed, Self::Skipped, Self::Uncertain, Self::Cancelled, Self::Open];

    fn of(self, n: &Numbers) -> i64 {
        match self {
            Self::Sent => n.sent,
            Self::Failed => n.failed,
            Self::Skipped => n.left_out + n.dropped,
            Self::Uncertain => n.uncertain,
            Self::Cancelled => n.cancelled,
            Self::Open => n.queued + n.sending,
        }
    }

    fn colour(self) -> RGBColor {
        match self {
            Self::Sent => BLUE,
            Self::Failed => RGBColor(214, 57, 57),
            Self::Skipped => RGBColor(173, 181, 189),
            Self::Uncertain => RGBColor(240, 160, 32),
            Self::Cancelled => RGBColor(120, 94, 200),
            Self::Open => RGBColor(47, 158, 110),
        }
    }
}

/// Messages sent over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The first message.
    pub from: Moment,
    /// Seconds of a stretch.
    pub stretch: f64,
    /// Messages sent in each stretch.
    pub sent: Vec<i64>,
}

/// The picture of a campaign as PNG. A closed campaign's picture is kept and given again.
///
/// # Errors
/// [`CampaignError::NotFound`], [`CampaignError::Report`] when it cannot be drawn, the database's.
pub async fn picture(store: &Store, account: AccountId, id: CampaignId, words: &Words, now: Moment) -> Result<Document> {
    let campaign = get(store, account, id).await?;
    let name = file_name(&campaign, "png");
    if let Some(content) = kept(store, &campaign, Kind::Chart, words.language).await? {
        return Ok(Document { name, mime: MIME, content });
    }
    let numbers = view::numbers(store, account, id).await?;
    let line = line(store, &campaign).await?;
    let (title, for_drawing) = (campaign.name.clone(), words.clone());
    let content = aside::run(move || draw(&title, &numbers, line.as_ref(), &for_drawing))
        .await
        .map_err(|error| CampaignError::Report(error.to_string()))?
        .map_err(CampaignError::Report)?;
    let document = Document { name, mime: MIME, content };
    keep(store, &campaign, Kind::Chart, words.language, &document, now).await?;
    Ok(document)
}

/// Messages sent over time; `None` before the first.
#[allow(clippy::cast_precision_loss, reason = "milliseconds of a campaign are far below 2^52")]
async fn line(store: &Store, campaign: &Campaign) -> Result<Option<Line>> {
    let (account, id) = (campaign.account_id, campaign.id);
    let span: (Option<Moment>, Option<Moment>) =
        on!(store.read(), |c| sqlx::query_as(queries::SENT_SPAN).bind(account).bind(id).fetch_one(c).await)?;
    let (Some(from), Some(to)) = span else { return Ok(None) };
    let stretch = ((to - from).num_milliseconds().max(1_000) as f64 / STRETCHES as f64) / 1_000.0;
    let statement = match store.engine() {
        Engine::Sqlite => queries::SENT_BUCKETS_SQLITE,
        Engine::Postgres => queries::SENT_BUCKETS_POSTGRES,
    };
    let buckets: Vec<(i64, i64)> =
        on!(store.read(), |c| sqlx::query_as(statement).bind(account).bind(id).bind(from).bind(stretch).fetch_all(c).await)?;
    let mut sent = vec![0; usize::try_from(STRETCHES + 1).unwrap_or(0)];
    for (bucket, n) in buckets {
        let place = usize::try_from(bucket).unwrap_or(0).min(sent.len() - 1);
        sent[place] += n;
    }
    Ok(Some(Line { from, stretch, sent }))
}

/// Draws the picture.
///
/// # Errors
/// A sentence when the drawing library refuses.
pub fn draw(title: &str, numbers: &Numbers, line: Option<&Line>, words: &Words) -> std::result::Result<Vec<u8>, String> {
    static FONTS: Once = Once::new();
    FONTS.call_once(|| {
        // The bytes are a font: the test below draws with it.
        let _ = register_font(FAMILY, FontStyle::Normal, FONT);
    });
    let mut pixels = vec![255_u8; (SIZE.0 * SIZE.1 * 3) as usize];
    {
        let root = BitMapBackend::with_buffer(&mut pixels, SIZE).into_drawing_area();
        paint(&root, title, numbers, line, words).map_err(|error| error.to_string())?;
        root.present().map_err(|error| error.to_string())?;
    }
    encode(&pixels).map_err(|error| error.to_string())
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, plotters::coord::Shift>;
type Fallible = std::result::Result<(), Box<dyn std::error::Error + Send + Sync>>;

fn text(area: &Area<'_>, what: &str, size: i32, colour: RGBColor, at: (i32, i32), anchor: HPos) -> Fallible {
    let style = (FAMILY, size).into_font().color(&colour).pos(Pos::new(anchor, VPos::Center));
    area.draw(&Text::new(what.to_owned(), at, style)).map_err(|error| error.to_string())?;
    Ok(())
}

/// `what`, cut with an ellipsis to `width` pixels at this size.
fn fitted(what: &str, size: i32, width: u32) -> String {
    let wide = |text: &str| (FAMILY, size).into_font().box_size(text).map_or(0, |(w, _)| w);
    if wide(what) <= width {
        return what.to_owned();
    }
    let mut cut: Vec<char> = what.chars().collect();
    while cut.len() > 1 && wide(&format!("{}…", cut.iter().collect::<String>())) > width {
        cut.pop();
    }
    format!("{}…", cut.iter().collect::<String>())
}

fn paint(root: &Area<'_>, title: &str, numbers: &Numbers, line: Option<&Line>, words: &Words) -> Fallible {
    root.fill(&WHITE).map_err(|error| error.to_string())?;
    text(root, &fitted(title, 34, SIZE.0 - 80), 34, INK, (40, 46), HPos::Left)?;
    let (left, right) = root.split_horizontally(790);
    text(&left, &words.line, 21, SOFT, (40, 100), HPos::Left)?;
    text(&right, &words.bars, 21, SOFT, (20, 100), HPos::Left)?;
    bars(&right, numbers, words)?;
    if let Some(line) = line {
        let (_, plot) = left.split_vertically(120);
        curve(&plot, line, words)?;
    }
    Ok(())
}

/// One bar an outcome: its name above, its number at its end.
#[allow(clippy::cast_possible_truncation, reason = "a bar is at most 250 pixels wide")]
fn bars(area: &Area<'_>, numbers: &Numbers, words: &Words) -> Fallible {
    let most = Outcome::ALL.into_iter().map(|outcome| outcome.of(numbers)).max().unwrap_or(0).max(1);
    let shown = Outcome::ALL.into_iter().zip(&words.outcomes).filter(|(outcome, _)| *outcome != Outcome::Open || outcome.of(numbers) > 0);
    for (row, (outcome, name)) in (0_i32..).zip(shown) {
        let (n, top) = (outcome.of(numbers), 140 + row * 92);
        text(area, &fitted(name, 21, 420), 21, INK, (20, top), HPos::Left)?;
        let width = (n * 250 / most) as i32;
        if n > 0 {
            let shape = [(20, top + 18), (20 + width.max(3), top + 48)];
            area.draw(&Rectangle::new(shape, outcome.colour().filled())).map_err(|error| error.to_string())?;
        }
        let label = format!("{}  ·  {}", grouped(n), share(n, numbers.audience, words.language));
        let after = if n > 0 { 32 + width.max(3) } else { 20 };
        text(area, &label, 19, if n > 0 { INK } else { SOFT }, (after, top + 33), HPos::Left)?;
    }
    Ok(())
}

/// Messages sent so far, over time.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "counts and seconds are far below 2^52")]
fn curve(area: &Area<'_>, line: &Line, words: &Words) -> Fallible {
    let total: i64 = line.sent.iter().sum();
    let span = line.stretch * line.sent.len() as f64;
    let mut chart = ChartBuilder::on(area)
        .margin_left(30)
        .margin_right(30)
        .margin_bottom(20)
        .margin_top(10)
        .x_label_area_size(44)
        .y_label_area_size(80)
        .build_cartesian_2d(0.0..span, 0.0..(total as f64 * 1.05).max(1.0))
        .map_err(|error| error.to_string())?;
    let shape = if span < 600.0 {
        "%H:%M:%S"
    } else if span < 2.0 * 86_400.0 {
        "%H:%M"
    } else {
        "%d.%m"
    };
    let clock = |second: &f64| {
        let at = line.from + TimeDelta::milliseconds((second * 1_000.0) as i64);
        at.with_timezone(&words.zone).format(shape).to_string()
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(WHITE)
        .axis_style(GRID)
        .x_labels(6)
        .y_labels(6)
        .label_style((FAMILY, 17).into_font().color(&SOFT))
        .x_label_formatter(&clock)
        .y_label_formatter(&|n| grouped(n.round() as i64))
        .draw()
        .map_err(|error| error.to_string())?;
    let mut so_far = 0;
    let mut points = vec![(0.0, 0.0)];
    for (n, place) in line.sent.iter().zip(1_i32..) {
        so_far += n;
        points.push(((f64::from(place) * line.stretch).min(span), so_far as f64));
    }
    chart
        .draw_series(AreaSeries::new(points.iter().copied(), 0.0, BLUE.mix(0.15)).border_style(BLUE.stroke_width(3)))
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// `1234567` as `1 234 567`, with thin gaps that do not break.
fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// A share in percent, in a language's own writing; something is never shown as nothing.
fn share(n: i64, of: i64, language: Language) -> String {
    let tenths = if of > 0 { n * 1_000 / of } else { 0 };
    let point = match language {
        Language::Ru => ',',
        Language::En => '.',
    };
    if n > 0 && tenths == 0 { format!("< 0{point}1 %") } else { format!("{}{point}{} %", tenths / 10, tenths % 10) }
}

fn encode(pixels: &[u8]) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, SIZE.0, SIZE.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words {
            language: Language::Ru,
            line: "Отправлено, сообщений".to_owned(),
            bars: "Итог по получателям".to_owned(),
            outcomes: ["Отправлено", "Не доставлено", "Пропущено", "Неизвестно", "Отменено", "В очереди"].map(str::to_owned),
            zone: chrono_tz::Europe::Moscow,
        }
    }

    #[test]
    fn a_picture_is_drawn_with_letters_of_our_own_font() {
        let numbers = Numbers {
            audience: 12_480,
            planned: 11_020,
            left_out: 1_460,
            sent: 10_731,
            failed: 214,
            dropped: 61,
            uncertain: 3,
            cancelled: 11,
            ..Numbers::default()
        };
        let sent = (0..121).map(|n| if n < 60 { 120 } else { 58 }).collect();
        let from = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let line = Line { from, stretch: 3.0, sent };
        let png = draw("Скидки ко дню рождения — «Ромашка», ноябрь", &numbers, Some(&line), &words()).unwrap();
        assert_eq!(&png[1..4], b"PNG");
        let empty = draw("Пусто", &Numbers::default(), None, &words()).unwrap();
        assert_ne!(png, empty);
        if let Ok(path) = std::env::var("MMS_SHOW_CHART") {
            std::fs::write(path, &png).unwrap();
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!(share(1, 3, Language::Ru), "33,3 %");
        assert_eq!(share(1, 3_000, Language::En), "< 0.1 %");
        assert_eq!(share(0, 0, Language::En), "0.0 %");
    }
}
