//! The picture of a campaign: messages sent over time, and below it what became of everybody. Drawn
//! from numbers by a pure function, upright: a phone shows it about half as wide as it is, and its
//! letters are still read then.

use super::{
    Document, Kind,
    canvas::{Anchor, Canvas, Colour},
    file_name, keep, kept, ticks,
};
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
    text::share::percent,
};

/// Pixels.
const WIDTH: u16 = 640;
/// Pixels of the picture above its bars, and of each bar.
const HEIGHT: (u16, u16) = (560, 92);
/// Pixels left free at each side.
const MARGIN: f32 = 32.0;
/// Letters: the campaign's name; the headings and the names of bars; the numbers.
const LETTERS: [u16; 3] = [34, 28, 26];
/// What is left of the smallest letters where a phone of 360 points shows the picture as wide as
/// itself. A chat leaves it about three quarters of that.
const _: () = assert!(LETTERS[2] * 360 / WIDTH >= 14);
/// Slices of time on the line.
const SLICES: i64 = 120;
/// MIME type.
const MIME: &str = "image/png";

const INK: Colour = [33, 37, 41];
const SOFT: Colour = [108, 117, 125];
const GRID: Colour = [233, 236, 239];
const BLUE: Colour = [34, 113, 214];

/// Where the line is drawn: top, right, bottom. What it leaves free at the left is as wide as the
/// longest number there.
const PLOT: (f32, f32, f32) = (144.0, 612.0, 420.0);
/// Between two labels of the time, at least.
const GAP: f32 = 18.0;

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
    Cancelled,
    /// Waiting or in flight.
    Open,
}

impl Outcome {
    /// Every bar, from the top.
    pub const ALL: [Self; 6] = [Self::Sent, Self::Failed, Self::Skipped, Self::Uncertain, Self::Cancelled, Self::Open];

    /// Of one step these are messages, each a person's. Of several a person has several: people are
    /// counted, and whom nothing reached stands among the failed.
    fn of(self, n: &Numbers) -> i64 {
        let people = &n.people;
        if n.people_apart() {
            return match self {
                Self::Sent => people.reached,
                Self::Failed => people.missed,
                Self::Uncertain => people.unknown,
                Self::Open => people.open,
                Self::Skipped | Self::Cancelled => 0,
            };
        }
        match self {
            Self::Sent => n.sent,
            Self::Failed => n.failed,
            Self::Skipped => n.left_out + n.dropped,
            Self::Uncertain => n.uncertain,
            Self::Cancelled => n.cancelled,
            Self::Open => n.queued + n.sending,
        }
    }

    fn colour(self) -> Colour {
        match self {
            Self::Sent => BLUE,
            Self::Failed => [214, 57, 57],
            Self::Skipped => [173, 181, 189],
            Self::Uncertain => [240, 160, 32],
            Self::Cancelled => [120, 94, 200],
            Self::Open => [47, 158, 110],
        }
    }
}

/// Messages sent over time.
#[derive(Debug, Clone, PartialEq)]
pub struct SentOverTime {
    /// The first message.
    pub from: Moment,
    /// Seconds of a slice.
    pub slice: f64,
    /// Messages sent in each slice.
    pub sent: Vec<i64>,
}

/// The picture of a campaign as PNG. A closed campaign's picture is kept and given again.
///
/// # Errors
/// [`CampaignError::NotFound`], [`CampaignError::Report`] when it cannot be drawn, the database's.
pub async fn picture(store: &Store, account: AccountId, id: CampaignId, words: &Words, now: Moment) -> Result<Document> {
    let campaign = get(store, account, id).await?;
    let name = file_name(&campaign, words.zone, "png");
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
async fn line(store: &Store, campaign: &Campaign) -> Result<Option<SentOverTime>> {
    let (account, id) = (campaign.account_id, campaign.id);
    let span: (Option<Moment>, Option<Moment>) =
        on!(store.read(), |c| sqlx::query_as(queries::SENT_SPAN).bind(account).bind(id).fetch_one(c).await)?;
    let (Some(from), Some(to)) = span else { return Ok(None) };
    let slice = ((to - from).num_milliseconds().max(1_000) as f64 / SLICES as f64) / 1_000.0;
    let statement = match store.engine() {
        Engine::Sqlite => queries::SENT_BUCKETS_SQLITE,
        Engine::Postgres => queries::SENT_BUCKETS_POSTGRES,
    };
    let buckets: Vec<(i64, i64)> =
        on!(store.read(), |c| sqlx::query_as(statement).bind(account).bind(id).bind(from).bind(slice).fetch_all(c).await)?;
    let mut sent = vec![0; usize::try_from(SLICES + 1).unwrap_or(0)];
    for (bucket, n) in buckets {
        let place = usize::try_from(bucket).unwrap_or(0).min(sent.len() - 1);
        sent[place] += n;
    }
    Ok(Some(SentOverTime { from, slice, sent }))
}

/// Draws the picture.
///
/// # Errors
/// A sentence when it cannot be drawn.
pub fn draw(title: &str, numbers: &Numbers, line: Option<&SentOverTime>, words: &Words) -> std::result::Result<Vec<u8>, String> {
    let shown: Vec<(Outcome, &String)> =
        Outcome::ALL.into_iter().zip(&words.outcomes).filter(|(outcome, _)| *outcome != Outcome::Open || outcome.of(numbers) > 0).collect();
    let rows = u16::try_from(shown.len()).unwrap_or(0);
    let mut canvas = Canvas::new(WIDTH.into(), (HEIGHT.0 + HEIGHT.1 * rows).into())?;
    let [large, middle, _] = LETTERS.map(f32::from);
    let title = canvas.fitted(title, large, f32::from(WIDTH) - 2.0 * MARGIN);
    canvas.text(&title, large, INK, (MARGIN, 44.0), Anchor::Left);
    canvas.text(&words.line, middle, SOFT, (MARGIN, 100.0), Anchor::Left);
    canvas.text(&words.bars, middle, SOFT, (MARGIN, 512.0), Anchor::Left);
    bars(&mut canvas, numbers, &shown, words.language);
    if let Some(line) = line {
        curve(&mut canvas, line, words);
    }
    canvas.png()
}

/// A count to reckon with places by.
#[expect(clippy::cast_precision_loss, reason = "a picture is 1 280 pixels wide, and three digits of a count show")]
fn real(n: i64) -> f32 {
    n as f32
}

/// One bar an outcome: its name above, its number at its end.
fn bars(canvas: &mut Canvas, numbers: &Numbers, shown: &[(Outcome, &String)], language: Language) {
    let [_, middle, small] = LETTERS.map(f32::from);
    let counts = || shown.iter().map(|(outcome, _)| outcome.of(numbers));
    let most = counts().max().unwrap_or(0).max(1);
    let label = |n: i64| format!("{} · {}", grouped(n), share(n, numbers.audience, language));
    // The longest bar leaves room for the longest number.
    let widest = counts().map(|n| canvas.width(&label(n), small)).fold(0.0, f32::max);
    let room = f32::from(WIDTH) - 2.0 * MARGIN - widest - 12.0;
    for (row, (outcome, name)) in (0_u16..).zip(shown) {
        let (n, top) = (outcome.of(numbers), f32::from(HEIGHT.0 + row * HEIGHT.1));
        let name = canvas.fitted(name, middle, f32::from(WIDTH) - 2.0 * MARGIN);
        canvas.text(&name, middle, INK, (MARGIN, top), Anchor::Left);
        let width = if n > 0 { (real(n) / real(most) * room).max(3.0) } else { 0.0 };
        canvas.rectangle((MARGIN, top + 22.0), (width, 32.0), outcome.colour());
        let after = if n > 0 { MARGIN + width + 12.0 } else { MARGIN };
        canvas.text(&label(n), small, if n > 0 { INK } else { SOFT }, (after, top + 38.0), Anchor::Left);
    }
}

/// Messages sent so far, over time.
fn curve(canvas: &mut Canvas, line: &SentOverTime, words: &Words) {
    let (top, right, bottom) = PLOT;
    let small = f32::from(LETTERS[2]);
    let total: i64 = line.sent.iter().sum();
    let counts = ticks::counts(total);
    let left = MARGIN + counts.iter().map(|n| canvas.width(&grouped(*n), small)).fold(0.0, f32::max) + 12.0;
    let slices = line.sent.len().max(1);
    #[expect(clippy::cast_precision_loss, reason = "a line has 121 slices")]
    let span = line.slice * slices as f64;
    let high = |n: i64| bottom - (bottom - top) * (real(n) / (real(total.max(1)) * 1.05));
    for n in counts {
        canvas.line(&[(left, high(n)), (right, high(n))], 1.0, GRID);
        canvas.text(&grouped(n), small, SOFT, (left - 12.0, high(n)), Anchor::Right);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a part of the picture's width")]
    let along = |seconds: f64| left + (right - left) * (seconds / span) as f32;
    let mut taken = f32::MIN;
    for (seconds, label) in ticks::times(line.from, span, words.zone) {
        let x = along(seconds);
        canvas.line(&[(x, bottom), (x, bottom + 8.0)], 1.0, SOFT);
        let half = canvas.width(&label, small) / 2.0;
        let at = x.clamp(MARGIN + half, right + 16.0 - half);
        // One that would run into the one before is left to its tick.
        if at - half >= taken {
            canvas.text(&label, small, SOFT, (at, bottom + 30.0), Anchor::Middle);
            taken = at + half + GAP;
        }
    }
    let mut so_far = 0;
    let mut points = vec![(left, bottom)];
    for (n, place) in line.sent.iter().zip(1_u16..) {
        so_far += n;
        points.push((along(f64::from(place) * line.slice).min(right), high(so_far)));
    }
    let area: Vec<(f32, f32)> = points.iter().copied().chain([(right, bottom)]).collect();
    canvas.shape(&area, BLUE, 0.15);
    canvas.line(&points, 3.0, BLUE);
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

/// A share in percent, in a language's own writing.
fn share(n: i64, of: i64, language: Language) -> String {
    let point = match language {
        Language::Ru => ',',
        Language::En => '.',
    };
    format!("{}\u{a0}%", percent(n, of, point))
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
        let line = SentOverTime { from, slice: 3.0, sent };
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
        assert_eq!(share(1, 3, Language::Ru), "33,3\u{a0}%");
        assert_eq!(share(9_999, 10_000, Language::En), "> 99.9\u{a0}%");
    }
}
