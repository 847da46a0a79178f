use proptest::prelude::*;

use super::*;
use crate::channel::{ChannelKind, registry};

fn button(text: &str, action: ButtonAction) -> Button {
    Button { text: text.to_owned(), action }
}

fn link(text: &str, url: &str) -> Button {
    button(text, ButtonAction::Url(url.to_owned()))
}

fn press(text: &str, data: &str) -> Button {
    button(text, ButtonAction::Callback(data.to_owned()))
}

/// A text as its messenger is given it.
fn written(body: &Rich, to: &Capabilities) -> String {
    match to.markup {
        Markup::Tags if !body.spans.is_empty() => body.to_html(),
        Markup::Marks(marks) if !body.spans.is_empty() => marks.written(body),
        _ => body.text.clone(),
    }
}

/// Pieces of texts: words, what is read as marks or mentions, characters of several code points.
const PIECES: [&str; 22] = [
    "слово",
    " ",
    " ",
    "\n",
    "word",
    "utm_source=vk",
    "2*3",
    "*",
    "_ ",
    "~",
    "`",
    "```",
    "[id1|Анна]",
    "[",
    "|",
    "<b>",
    "&",
    "👩‍👩‍👧",
    "🇷🇺",
    "👍🏽",
    "и\u{306}",
    "\"",
];

fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES.as_slice()), 0..40);
    (pieces, prop_oneof![4 => 1_usize..4, 1 => 20_usize..120]).prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

fn styles() -> impl Strategy<Value = Style> {
    prop_oneof![
        Just(Style::Bold),
        Just(Style::Italic),
        Just(Style::Underline),
        Just(Style::Strike),
        Just(Style::Spoiler),
        Just(Style::Code),
        Just(Style::Pre),
        Just(Style::Quote),
        "[a-z_]{1,40}".prop_map(|page| Style::Link(format!("https://ex.ru/{page}"))),
    ]
}

/// Spans from character to character, as a renderer makes them.
fn bodies() -> impl Strategy<Value = Rich> {
    (texts(), prop::collection::vec((any::<prop::sample::Index>(), 1_usize..60, styles()), 0..6)).prop_map(|(text, spans)| {
        let units: Vec<usize> = text.chars().map(char::len_utf16).collect();
        let spans = spans.into_iter().filter(|_| !units.is_empty()).map(|(at, many, style)| {
            let at = at.index(units.len());
            let sum = |some: &[usize]| some.iter().sum::<usize>();
            Span { offset: sum(&units[..at]), len: sum(&units[at..(at + many).min(units.len())]), style }
        });
        Rich { spans: spans.collect(), text: text.clone() }.canonical()
    })
}

fn buttons() -> impl Strategy<Value = Vec<Vec<Button>>> {
    let one = prop_oneof![
        ("[а-я ]{1,30}|👩‍👩‍👧{1,12}", "[a-z_]{1,80}").prop_map(|(text, page)| link(&text, &format!("https://ex.ru/{page}"))),
        "Отписаться|🚫 Отписаться|<стоп>".prop_map(|text| press(&text, OPT_OUT_CALLBACK)),
        ("[А-Яа-я ]{1,50}", "c:[a-z]{1,8}").prop_map(|(text, data)| press(&text, &data)),
        Just(button("Мой номер", ButtonAction::SharePhone)),
    ];
    prop::collection::vec(prop::collection::vec(one, 1..5), 0..5)
}

fn files() -> impl Strategy<Value = Option<FileKind>> {
    prop::option::of(prop::sample::select(vec![FileKind::Photo, FileKind::Document, FileKind::Video, FileKind::Voice]))
}

/// Whether every mark that a reader finds has its pair within the line, inside the marks around it.
fn is_balanced(text: &str, marks: Marks) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let is_word = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|char| char.is_alphanumeric());
    let (mut open, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let rest: String = chars[at..(at + 3).min(chars.len())].iter().collect();
        let mark = if rest == "```" { Some("```") } else { ["*", "_", "~", "`"].into_iter().find(|mark| rest.starts_with(mark)) };
        let len = mark.map_or(1, str::len);
        match mark {
            Some(_) if marks.at_words && is_word(at.checked_sub(1)) && is_word(Some(at + len)) => {}
            Some(mark) if open.last() == Some(&mark) => drop(open.pop()),
            Some(mark) if open.contains(&mark) => return false,
            Some(mark) => open.push(mark),
            None if chars[at] == '\n' && !open.iter().all(|mark| marks.blocks && *mark == "```") => return false,
            None => {}
        }
        at += len;
    }
    open.is_empty()
}

/// Whether every address and the way out are still there.
fn is_whole(before: &Rich, rows: &[Vec<Button>], after: &Fitted) -> bool {
    let shown: Vec<&ButtonAction> = after.buttons.iter().flatten().map(|button| &button.action).collect();
    let linked = |url: &str| after.body.spans.iter().any(|span| matches!(&span.style, Style::Link(to) if to == url));
    let links = before.spans.iter().all(|span| match &span.style {
        Style::Link(url) => linked(url) || after.body.text.contains(url.as_str()) || before.under(span).trim().is_empty(),
        _ => true,
    });
    links
        && rows.iter().flatten().all(|button| match &button.action {
            ButtonAction::Url(url) => shown.contains(&&button.action) || after.body.text.contains(url.as_str()),
            ButtonAction::Callback(data) if data == OPT_OUT_CALLBACK => {
                shown.contains(&&button.action) || WAY_OUT.iter().any(|words| after.body.text.ends_with(words))
            }
            ButtonAction::Callback(_) => {
                let said = after.said.contains(button) && after.body.text.contains(&format!("«{}»", button.text));
                shown.contains(&&button.action) || said
            }
            ButtonAction::SharePhone => true,
        })
}

/// All that a messenger holds a message to.
fn holds(fitted: &Fitted, file: Option<FileKind>, to: &Capabilities) -> Result<(), TestCaseError> {
    let said = written(&fitted.body, to);
    let limit = file.map_or(to.text_limit, |kind| to.words_under(kind));
    let limit = if fitted.buttons.is_empty() { limit } else { limit.min(to.keyboard.under) };
    prop_assert!(to.unit.of(&said) <= limit, "{} of {limit}", to.unit.of(&said));
    match to.markup {
        Markup::Marks(marks) if !fitted.body.spans.is_empty() => prop_assert!(is_balanced(&said, marks), "{said:?}"),
        Markup::Tags if !fitted.body.spans.is_empty() => {
            prop_assert_eq!(Rich::from_html(&said).map(|rich| rich.text).ok(), Some(fitted.body.text.clone()));
        }
        Markup::None | Markup::Mentions => prop_assert!(fitted.body.spans.is_empty()),
        _ => {}
    }
    let rows = &fitted.buttons;
    prop_assert!(rows.iter().map(Vec::len).sum::<usize>() <= to.max_buttons && rows.len() <= to.keyboard.rows);
    prop_assert!(rows.iter().all(|row| (1..=to.keyboard.row).contains(&row.len())));
    for button in rows.iter().flatten() {
        prop_assert!(button.text.chars().count() <= to.keyboard.label, "{}", button.text);
    }
    Ok(())
}

proptest! {
    /// In every messenger: never longer than its limit in its own unit, never a mark without its
    /// pair, no address and no way out lost, and fitted twice it is the same.
    #[test]
    fn whatever_goes_fits_its_messenger(body in bodies(), rows in buttons(), file in files()) {
        for kind in ChannelKind::ALL {
            let to = registry::capabilities(*kind);
            match fit(body.clone(), rows.clone(), file, to) {
                Err(unfit) => prop_assert!(!unfit.is_empty()),
                Ok(fitted) => {
                    holds(&fitted, file, to)?;
                    prop_assert!(is_whole(&body, &rows, &fitted), "{kind:?} {fitted:?}");
                    let once = Fitted { said: Vec::new(), ..fitted.clone() };
                    prop_assert_eq!(fit(fitted.body.clone(), fitted.buttons.clone(), file, to), Ok(once));
                    // A device that is too old gets it as well, if it can be said at all.
                    if to.older_devices && let Err(unfit) = in_words(fitted.body, fitted.buttons, file, to) {
                        prop_assert_eq!(unfit, [Unfit::NoAnswers]);
                    }
                }
            }
        }
    }

    /// Wherever a span begins and ends, within a character too, nothing falls over and no character
    /// is torn apart.
    #[test]
    fn spans_of_any_place_are_borne(text in texts(), spans in prop::collection::vec((0_usize..200, 0_usize..200, styles()), 0..6)) {
        let spans: Vec<Span> = spans.into_iter().map(|(offset, len, style)| Span { offset, len, style }).collect();
        for kind in ChannelKind::ALL {
            let to = registry::capabilities(*kind);
            if let Ok(fitted) = fit(Rich { text: text.clone(), spans: spans.clone() }, Vec::new(), None, to) {
                let is_torn = written(&fitted.body, to).contains(char::REPLACEMENT_CHARACTER);
                prop_assert!(!is_torn);
                prop_assert!(to.unit.of(&written(&fitted.body, to)) <= to.text_limit);
            }
        }
    }

    /// A label is cut between what people see as characters.
    #[test]
    fn no_character_of_a_label_is_torn_apart(pieces in prop::collection::vec(prop::sample::select(vec!["а", "👩‍👩‍👧", "🇷🇺", "👍🏽", "и\u{306}", "1️⃣"]), 1..60), most in 12_usize..64) {
        let text = pieces.concat();
        let label = cut(&text, most);
        prop_assert!(label.chars().count() <= most);
        let begins = label.trim_end_matches('…');
        let whole = (0..=pieces.len()).map(|many| pieces[..many].concat());
        prop_assert!(whole.into_iter().any(|whole| whole == begins), "{label}");
    }
}

/// The hot path: what needs nothing is the very same words, not a copy of them.
/// «Записаться на утро» and «Записаться на вечер» were one button twice, wherever a messenger shows
/// only the beginning.
#[test]
fn buttons_that_begin_alike_do_not_become_the_same() {
    let two = |first: &str, second: &str| vec![vec![press(first, "a")], vec![press(second, "b")]];
    let long = "Записаться на удобное для вас время ".repeat(8);
    let (morning, evening) = (format!("{long}утром"), format!("{long}вечером"));
    for kind in ChannelKind::ALL {
        let to = registry::capabilities(*kind);
        let fitted = fit(Rich::plain("Когда?"), two(&morning, &evening), None, to);
        let stands = to.keyboard.answers != Answers::Said && to.keyboard.label < usize::MAX;
        let is_alike = fitted.is_err_and(|unfit| unfit.iter().any(|one| matches!(one, Unfit::Alike { says, .. } if *says == evening)));
        assert_eq!(is_alike, stands, "{kind:?}");
        assert!(fit(Rich::plain("Когда?"), two("Утром", "Вечером"), None, to).is_ok_and(|fitted| fitted.buttons.len() != 1), "{kind:?}");
        // What said the same before is its author's wish.
        let same = fit(Rich::plain("Когда?"), two(&morning, &morning), None, to);
        assert!(!same.is_err_and(|unfit| unfit.iter().any(|one| matches!(one, Unfit::Alike { .. }))), "{kind:?}");
    }
    let shown = "Записаться на удобн…";
    let whatsapp = Keyboard { label: 20, ..Keyboard::ANY };
    let says = "Записаться на удобное время".to_owned();
    assert_eq!(alike(&two(shown, &says), whatsapp), Some(Unfit::Alike { shown: shown.to_owned(), says }), "one is no longer than that");
    assert_eq!(alike(&two("Записаться утром", "Записаться вечером"), whatsapp), None);
}

#[test]
fn what_has_nothing_to_be_fitted_is_left_alone() {
    for kind in ChannelKind::ALL {
        let to = registry::capabilities(*kind);
        let body = Rich::plain("Здравствуйте, Анна! Завтра в 12:30 ждём вас.");
        let at = body.text.as_ptr();
        let fitted = fit(body.clone(), Vec::new(), None, to).expect("it fits");
        assert_eq!((&fitted.body, fitted.buttons.len()), (&body, 0), "{kind:?}");
        let fitted = fit(body, Vec::new(), None, to).expect("it fits");
        assert_eq!(fitted.body.text.as_ptr(), at, "{kind:?}");
    }
}

#[test]
fn styles_stay_around_what_they_were_around() {
    let span = |offset, len, style| Span { offset, len, style };
    let body = Rich {
        text: "Раз сайт два".to_owned(),
        spans: vec![span(0, 12, Style::Bold), span(4, 4, Style::Link("https://ex.ru/".to_owned())), span(9, 3, Style::Italic)],
    };
    let (body, woven) = addresses(body);
    assert!(woven);
    assert_eq!(body.text, "Раз сайт (https://ex.ru/) два");
    assert_eq!(body.spans, [span(0, 29, Style::Bold), span(26, 3, Style::Italic)]);
}

#[test]
fn a_name_becomes_no_link() {
    for (text, said) in [
        ("[id123|Анна], скидка", "［id123|Анна], скидка"),
        ("[club1|Shop] [https://vk.com/x|тут]", "［club1|Shop] ［https://vk.com/x|тут]"),
        ("скидка [10 %|20 %], [id123], [a", "скидка [10 %|20 %], [id123], [a"),
    ] {
        let mut shown = text.to_owned();
        assert_eq!((without_mentions(&mut shown), shown.as_str()), (text != said, said));
    }
}
