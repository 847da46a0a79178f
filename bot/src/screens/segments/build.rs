//! A filter by buttons: about what, compared how, with what. Pure.

use mms_core::{
    account::Language,
    contact::{
        Field,
        segment::{Join, Kind, Name, Segment},
    },
};

use super::{Call, Of, Pick, Preset, ShortTag};
use crate::{
    frame::{
        page::Page,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::contacts::say,
    t,
};

/// Fields on a page.
const PAGE: u32 = 20;

/// A name as people read it.
#[must_use]
pub fn named(tr: Tr, name: &Name, fields: &[Field]) -> String {
    match name {
        Name::Field { key, .. } => fields.iter().find(|field| field.key == *key).map_or_else(|| key.clone(), |field| field.title.clone()),
        built_in => built_in.title(tr.language == Language::Ru).to_owned(),
    }
}

/// About what?
#[must_use]
pub fn fields(tr: Tr, segment: &Segment, fields: &[Field], join: Join, page: u32) -> Screen {
    let built_in = (0_u8..).zip(Name::BUILT_IN.iter()).map(|(at, name)| (Of::BuiltIn(at), named(tr, name, fields)));
    let own = fields.iter().map(|field| (Of::Field(field.id), field.title.clone()));
    // The account's own fields first: they are what segments are mostly made of.
    let all: Vec<(Of, String)> = own.chain(built_in).collect();
    let page = Page::of(all.len(), PAGE, page);
    let buttons: Vec<Button> = page
        .rows(&all)
        .iter()
        .map(|(of, text)| Button::call(say::short(text, 30), Call::Operators { segment: segment.id, join, of: *of }))
        .collect();
    let html = if join == Join::And { t!(tr, "segments-add-and") } else { t!(tr, "segments-add-or") };
    buttons
        .chunks(2)
        .fold(Screen::new(html), |screen, row| screen.row(row.to_vec()))
        .pager(page, |page| Call::Add { segment: segment.id, join, page })
        .nav(tr, Call::Card { segment: segment.id })
}

/// The ways to compare that go with a name, as buttons offer them.
#[must_use]
pub fn picks(name: &Name) -> Vec<Pick> {
    use Pick::{AtLeast, AtMost, Empty, Filled, Has, HasNot, Is, IsNot, Less, More, Next, Older, OneOf, Within};
    match name.kind() {
        Kind::Tags => vec![Is, IsNot, OneOf, Has, Empty, Filled],
        Kind::Text => vec![Is, IsNot, OneOf, Has, HasNot, Empty, Filled],
        Kind::Number => vec![Is, IsNot, More, Less, AtLeast, AtMost, Empty, Filled],
        Kind::Date if matches!(name, Name::Field { .. }) => vec![Within, Older, Less, More, Is, Next, Empty, Filled],
        Kind::Date => vec![Within, Older, Less, More, Is, Empty, Filled],
        Kind::Flag => vec![Is],
        Kind::Consent => vec![AtLeast, Is],
    }
}

fn pick_text(tr: Tr, pick: Pick, kind: Kind) -> String {
    match pick {
        Pick::Is if kind == Kind::Tags => p!(tr, "segments-pick-has-tag"),
        Pick::IsNot if kind == Kind::Tags => p!(tr, "segments-pick-no-tag"),
        Pick::Is => p!(tr, "segments-pick-is"),
        Pick::IsNot => p!(tr, "segments-pick-is-not"),
        Pick::OneOf => p!(tr, "segments-pick-one-of"),
        Pick::Has => p!(tr, "segments-pick-has"),
        Pick::HasNot => p!(tr, "segments-pick-has-not"),
        Pick::Less if kind == Kind::Date => p!(tr, "segments-pick-before"),
        Pick::More if kind == Kind::Date => p!(tr, "segments-pick-after"),
        Pick::Less => p!(tr, "segments-pick-less"),
        Pick::AtMost => p!(tr, "segments-pick-at-most"),
        Pick::More => p!(tr, "segments-pick-more"),
        Pick::AtLeast if kind == Kind::Consent => p!(tr, "segments-pick-not-worse"),
        Pick::AtLeast => p!(tr, "segments-pick-at-least"),
        Pick::Within => p!(tr, "segments-pick-within"),
        Pick::Older => p!(tr, "segments-pick-older"),
        Pick::Next => p!(tr, "segments-pick-next"),
        Pick::Empty => p!(tr, "segments-pick-empty"),
        Pick::Filled => p!(tr, "segments-pick-filled"),
    }
}

/// Compared how?
#[must_use]
pub fn operators(tr: Tr, segment: &Segment, (name, title): (&Name, &str), join: Join, of: Of) -> Screen {
    let kind = name.kind();
    let buttons: Vec<Button> = picks(name)
        .into_iter()
        .map(|pick| Button::call(pick_text(tr, pick, kind), Call::Values { segment: segment.id, join, of, pick }))
        .collect();
    buttons
        .chunks(2)
        .fold(Screen::new(t!(tr, "segments-how", name = title)), |screen, row| screen.row(row.to_vec()))
        .nav(tr, Call::Add { segment: segment.id, join, page: 0 })
}

fn presets(kind: Kind, pick: Pick) -> &'static [Preset] {
    match (kind, pick) {
        (Kind::Flag, _) => &[Preset::Yes, Preset::No],
        (Kind::Consent, Pick::AtLeast) => &[Preset::A, Preset::B, Preset::C, Preset::D],
        (Kind::Consent, _) => &[Preset::Any, Preset::None, Preset::A, Preset::B, Preset::C, Preset::D],
        (Kind::Date, Pick::Within | Pick::Older) => &[Preset::Days7, Preset::Days30, Preset::Days90, Preset::Days180, Preset::Days365],
        (Kind::Date, Pick::Next) => &[Preset::Days7, Preset::Days30],
        _ => &[],
    }
}

/// A preset as it is written in a filter.
#[must_use]
pub fn preset_text(preset: Preset) -> String {
    match preset {
        Preset::Yes => "yes",
        Preset::No => "no",
        Preset::Any => "any",
        Preset::None => "none",
        Preset::A => "A",
        Preset::B => "B",
        Preset::C => "C",
        Preset::D => "D",
        Preset::Days7 => "7d",
        Preset::Days30 => "30d",
        Preset::Days90 => "90d",
        Preset::Days180 => "180d",
        Preset::Days365 => "365d",
    }
    .to_owned()
}

fn preset_words(tr: Tr, preset: Preset) -> String {
    match preset {
        Preset::Yes => p!(tr, "segments-yes"),
        Preset::No => p!(tr, "segments-no"),
        Preset::Any => p!(tr, "segments-any"),
        Preset::None => p!(tr, "segments-none-given"),
        Preset::A => "A".to_owned(),
        Preset::B => "B".to_owned(),
        Preset::C => "C".to_owned(),
        Preset::D => "D".to_owned(),
        Preset::Days7 => p!(tr, "segments-days", days = 7),
        Preset::Days30 => p!(tr, "segments-days", days = 30),
        Preset::Days90 => p!(tr, "segments-days", days = 90),
        Preset::Days180 => p!(tr, "segments-days", days = 180),
        Preset::Days365 => p!(tr, "segments-days", days = 365),
    }
}

/// With what? With what was wrong with the value just typed.
#[must_use]
pub fn values(
    tr: Tr,
    segment: &Segment,
    (name, title): (&Name, &str),
    (join, of, pick): (Join, Of, Pick),
    tags: &[String],
    wrong: Option<&str>,
) -> Screen {
    let kind = name.kind();
    let hint = match (kind, pick) {
        (Kind::Flag, _) => p!(tr, "segments-hint-flag"),
        (Kind::Consent, _) => p!(tr, "segments-hint-consent"),
        (Kind::Date, Pick::Within | Pick::Older | Pick::Next) => p!(tr, "segments-hint-days"),
        (Kind::Date, _) => p!(tr, "segments-hint-date"),
        (Kind::Number, _) => p!(tr, "segments-hint-number"),
        (_, Pick::OneOf) => p!(tr, "segments-hint-list"),
        (Kind::Tags, _) => p!(tr, "segments-hint-tag"),
        (Kind::Text, _) => p!(tr, "segments-hint-text"),
    };
    let mut html = t!(tr, "segments-with", name = title, pick = pick_text(tr, pick, kind), hint = hint);
    if let Some(sentence) = wrong {
        html = format!("{}\n\n{html}", t!(tr, "segments-value-wrong", sentence = sentence));
    }
    let given = presets(kind, pick)
        .iter()
        .map(|preset| Button::call(preset_words(tr, *preset), Call::Put { segment: segment.id, join, of, pick, preset: *preset }));
    let tagged = tags.iter().filter(|_| matches!(pick, Pick::Is | Pick::IsNot)).filter_map(|tag| {
        let short = ShortTag::of(tag)?;
        Some(Button::call(format!("#{tag}"), Call::PutTag { segment: segment.id, join, pick, tag: short }))
    });
    let buttons: Vec<Button> = given.chain(tagged).collect();
    let back = if picks(name).len() == 1 {
        Call::Add { segment: segment.id, join, page: 0 }
    } else {
        Call::Operators { segment: segment.id, join, of }
    };
    buttons.chunks(3).fold(Screen::new(html), |screen, row| screen.row(row.to_vec())).nav(tr, back)
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.trim().replace('\\', "\\\\").replace('"', "\\\""))
}

/// A typed or pressed value as a condition's text; what is wrong with it the parser says.
#[must_use]
pub fn compose(name: &Name, pick: Pick, value: &str) -> String {
    let name = name.as_str();
    let value = value.trim();
    // «30» where days are asked means 30 days.
    let days = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) { format!("{value}d") } else { value.to_owned() };
    let ago = if days.ends_with("назад") || days.ends_with("ago") { days.clone() } else { format!("{days} ago") };
    match pick {
        Pick::Is => format!("{name} = {}", quoted(value)),
        Pick::IsNot => format!("{name} != {}", quoted(value)),
        Pick::Less => format!("{name} < {}", quoted(value)),
        Pick::AtMost => format!("{name} <= {}", quoted(value)),
        Pick::More => format!("{name} > {}", quoted(value)),
        Pick::AtLeast => format!("{name} >= {}", quoted(value)),
        Pick::Has => format!("{name} contains {}", quoted(value)),
        Pick::HasNot => format!("{name} not contains {}", quoted(value)),
        Pick::OneOf => {
            let values: Vec<String> = value.split([',', ';', '\n']).map(str::trim).filter(|one| !one.is_empty()).map(quoted).collect();
            format!("{name} in ({})", values.join(", "))
        }
        // Spans only: a day of the calendar would turn the meaning round.
        Pick::Within => format!("{name} in the last {}", quoted(&days)),
        Pick::Older => format!("{name} > {}", quoted(&ago)),
        Pick::Next => format!("{name} in next {}", quoted(&days)),
        Pick::Empty => format!("{name} is empty"),
        Pick::Filled => format!("{name} is not empty"),
    }
}

#[cfg(test)]
mod tests {
    use mms_core::contact::{FieldKind, segment::Filter};

    use super::*;

    #[test]
    fn buttons_write_what_the_parser_reads() {
        let fields = [("city", FieldKind::Text), ("sum", FieldKind::Number), ("visit", FieldKind::Date), ("vip", FieldKind::Flag)]
            .map(|(key, kind)| Field { id: mms_core::id::FieldId::new(), key: key.to_owned(), title: key.to_owned(), kind });
        let read = |name: &Name, pick, value: &str| Filter::parse(&compose(name, pick, value), &fields).map(|filter| filter.to_text());
        let field = |at: usize| Name::from(&fields[at]);
        for (name, pick, value, text) in [
            (field(0), Pick::OneOf, "Москва; Нижний Новгород,", "city in (Москва, Нижний Новгород)"),
            (field(0), Pick::Is, "О\"Кей", "city = \"О\\\"Кей\""),
            (field(1), Pick::AtLeast, "1500", "sum >= 1500"),
            (field(2), Pick::Within, "30", "visit <= 30d"),
            (field(2), Pick::Older, "3m", "visit > 3m"),
            (field(2), Pick::Older, "30 дней", "visit > 30d"),
            (field(2), Pick::Older, "полгода назад", "visit > 6m"),
            (field(2), Pick::Within, "неделю", "visit <= 1w"),
            (field(2), Pick::Next, "7 ", "visit in next 7d"),
            (field(2), Pick::Next, "2 недели", "visit in next 14d"),
            (field(2), Pick::More, "1 мая 2026", "visit > 2026-05-01"),
            (field(1), Pick::More, "10 000", "sum > 10000"),
            (field(1), Pick::More, "1250,4 ₽", "sum > 1250.4"),
            (field(2), Pick::Less, "01.05.2026", "visit < 2026-05-01"),
            (field(3), Pick::Is, "yes", "vip = yes"),
            (Name::Consent, Pick::AtLeast, "C", "consent >= C"),
            (Name::Tag, Pick::IsNot, "vip", "tag != vip"),
            (Name::LastAnswered, Pick::Empty, "", "last_answered is empty"),
        ] {
            assert_eq!(read(&name, pick, value).as_deref(), Ok(text), "{value}");
        }
        assert!(read(&field(1), Pick::Is, "много").is_err());
        assert!(read(&field(2), Pick::Within, "01.05.2026").is_err());
        assert!(read(&field(2), Pick::Older, "01.05.2026").is_err());
        // Every way offered for a name is one the parser takes.
        for name in Name::BUILT_IN.iter().cloned().chain(fields.iter().map(Name::from)) {
            for pick in picks(&name) {
                let value = match (name.kind(), pick) {
                    (_, Pick::Within | Pick::Older | Pick::Next) => "7d",
                    (Kind::Date, _) => "2026-05-01",
                    (Kind::Consent, _) => "B",
                    (Kind::Flag, _) => "yes",
                    (Kind::Number, _) => "5",
                    _ => "слово",
                };
                assert!(read(&name, pick, value).is_ok(), "{name:?} {pick:?}");
            }
        }
    }
}
