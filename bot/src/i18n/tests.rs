use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Keys of a file with the variables of each.
fn read(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| errors).expect("the file has no errors");
    let (mut out, mut key): (BTreeMap<String, BTreeSet<String>>, _) = (BTreeMap::new(), String::new());
    for line in source.lines() {
        if let Some((name, _)) = line.split_once('=')
            && line.starts_with(|c: char| c.is_ascii_lowercase())
        {
            key = name.trim().to_owned();
            assert!(out.insert(key.clone(), BTreeSet::new()).is_none(), "`{key}` twice");
        }
        for part in line.split('$').skip(1) {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            out.get_mut(&key).expect("a variable stands in a text").insert(name);
        }
    }
    out
}

/// All Rust sources under a directory.
fn sources(dir: &std::path::Path, out: &mut String) {
    for entry in std::fs::read_dir(dir).expect("sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            // Comments show examples of keys that need not exist.
            for line in std::fs::read_to_string(&path).expect("a source").lines().filter(|line| !line.trim_start().starts_with("//")) {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
}

fn all_sources() -> String {
    let mut out = String::new();
    // This crate's, and those of the command line, which speaks from the same files.
    for dir in [concat!(env!("CARGO_MANIFEST_DIR"), "/src"), concat!(env!("CARGO_MANIFEST_DIR"), "/../src")] {
        sources(std::path::Path::new(dir), &mut out);
    }
    out
}

#[test]
fn both_languages_have_the_same_keys_and_variables() {
    for (name, ru, en) in FILES {
        let (ru, en) = (read(ru), read(en));
        assert_eq!(ru.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>(), "keys of {name}.ftl");
        for (key, variables) in &ru {
            assert_eq!(variables, &en[key], "variables of `{key}`");
            assert!(*name == "common" || key.starts_with(&format!("{name}-")), "`{key}` does not begin with `{name}-`");
        }
    }
}

#[test]
fn no_key_is_defined_in_two_files() {
    let mut seen = BTreeSet::new();
    for (name, ru, _) in FILES {
        for key in read(ru).into_keys() {
            assert!(seen.insert(key.clone()), "`{key}` again in {name}.ftl");
        }
    }
}

#[test]
fn every_file_is_listed() {
    for language in ["ru", "en"] {
        let dir = format!("{}/locales/{language}", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(dir).expect("texts").flatten() {
            let name = entry.file_name().to_string_lossy().trim_end_matches(".ftl").to_owned();
            assert!(FILES.iter().any(|(listed, ..)| *listed == name), "{name}.ftl is not in the list of i18n.rs");
        }
    }
}

#[test]
fn no_text_is_unused() {
    let source = all_sources();
    for (_, ru, _) in FILES {
        for key in read(ru).into_keys() {
            assert!(source.contains(&format!("\"{key}\"")), "nothing uses `{key}`");
        }
    }
}

/// Every `t!` and `p!` in the sources: the key exists, and the values given are the variables of
/// the text.
#[test]
fn no_text_is_missing_and_all_values_are_given() {
    let known: BTreeMap<String, BTreeSet<String>> = FILES.iter().flat_map(|(_, ru, _)| read(ru)).collect();
    let source = all_sources();
    let mut seen = 0;
    for start in ["t!(", "p!("] {
        for (at, _) in source.match_indices(start) {
            if source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let call = balanced(&source[at + start.len()..]);
            let mut parts = split(call).into_iter();
            let (Some(_), Some(key)) = (parts.next(), parts.next()) else { continue };
            let Some(key) = key.trim().strip_prefix('"').and_then(|key| key.strip_suffix('"')) else { continue };
            if key.contains('<') {
                continue;
            }
            let variables = known.get(key).unwrap_or_else(|| panic!("no text has the key `{key}`"));
            let given: BTreeSet<String> = parts.filter_map(|part| part.split_once('=').map(|(name, _)| name.trim().to_owned())).collect();
            assert_eq!(&given, variables, "values of `{key}`");
            seen += 1;
        }
    }
    assert!(seen > 50, "the scan found only {seen} texts");
}

/// The characters of a source that are in no string, each with how deep in parentheses it leaves
/// what comes after it.
fn outside_strings(source: &str) -> impl Iterator<Item = (usize, char, i32)> {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    source.char_indices().filter_map(move |(at, c)| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
        (!quoted).then_some((at, c, depth))
    })
}

/// What stands before the parenthesis that closes.
fn balanced(source: &str) -> &str {
    outside_strings(source).find(|(.., depth)| *depth < 0).map_or(source, |(at, ..)| &source[..at])
}

/// Parts between the commas of the outermost level.
fn split(source: &str) -> Vec<&str> {
    let (mut parts, mut from) = (Vec::new(), 0);
    for (at, ..) in outside_strings(source).filter(|(_, c, depth)| *c == ',' && *depth == 0) {
        parts.push(&source[from..at]);
        from = at + 1;
    }
    parts.push(&source[from..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[test]
fn numbers_are_grouped_as_the_language_does() {
    let (ru, en) = (Tr::new(Language::Ru, chrono_tz::UTC), Tr::new(Language::En, chrono_tz::UTC));
    assert_eq!(ru.number(1_234_567), "1\u{a0}234\u{a0}567");
    assert_eq!(en.number(-1_234), "−1,234");
    assert_eq!(ru.percent(1, 8), "12,5\u{a0}%");
    assert_eq!(en.percent(1, 2), "50%");
    assert_eq!(en.percent(0, 0), "0%");
    assert_eq!(ru.percent(9_997, 10_000), "> 99,9\u{a0}%");
    assert_eq!(en.percent(3, 10_000), "< 0.1%");
}

#[test]
fn dates_are_shown_in_the_accounts_zone() {
    let at: Moment = "2026-12-31T21:30:00Z".parse().expect("a moment");
    assert_eq!(Tr::new(Language::Ru, chrono_tz::Europe::Moscow).moment(at), "1 января 2027, 00:30");
    assert_eq!(Tr::new(Language::En, chrono_tz::UTC).moment(at), "31 December 2026, 21:30");
}

/// Every screen wrote «28 ноября 2026, 04:16» of what happened a minute ago.
#[test]
fn moments_near_now_are_said_as_people_say_them() {
    let ru = Tr::new(Language::Ru, chrono_tz::Europe::Moscow);
    let en = Tr::new(Language::En, chrono_tz::UTC);
    let at = |text: &str| -> Moment { text.parse().expect("a moment") };
    let now = at("2026-11-28T01:16:00Z");
    for (moment, russian, english) in [
        ("2026-11-28T01:16:00Z", "сегодня 04:16", "today 01:16"),
        ("2026-11-27T22:30:00Z", "сегодня 01:30", "yesterday 22:30"),
        ("2026-11-27T18:10:00Z", "вчера 21:10", "yesterday 18:10"),
        ("2026-11-29T07:00:00Z", "завтра 10:00", "tomorrow 07:00"),
        ("2026-05-09T07:00:00Z", "9 мая, 10:00", "9 May, 07:00"),
        ("2025-12-31T21:30:00Z", "1 янв, 00:30", "31 Dec 2025, 21:30"),
        ("2025-06-01T07:00:00Z", "1 июн 2025, 10:00", "1 Jun 2025, 07:00"),
    ] {
        assert_eq!((ru.when(at(moment), now).as_str(), en.when(at(moment), now).as_str()), (russian, english));
    }
}

#[test]
fn durations_show_two_units() {
    let ru = Tr::new(Language::Ru, chrono_tz::UTC);
    assert_eq!(ru.duration(TimeDelta::seconds(0)), "0\u{a0}с");
    assert_eq!(ru.duration(TimeDelta::seconds(75)), "1\u{a0}мин 15\u{a0}с");
    assert_eq!(ru.duration(TimeDelta::seconds(7_200)), "2\u{a0}ч");
    assert_eq!(ru.duration(TimeDelta::seconds(90_000)), "1\u{a0}дн. 1\u{a0}ч");
}

#[test]
fn russian_plurals_are_right() {
    let ru = Tr::new(Language::Ru, chrono_tz::UTC);
    let ended = |n: i64| crate::p!(ru, "sessions-ended", count = n);
    assert_eq!(ended(1), "Завершён 1 сеанс.");
    assert_eq!(ended(3), "Завершены 3 сеанса.");
    assert_eq!(ended(11), "Завершено 11 сеансов.");
    assert_eq!(ended(21), "Завершён 21 сеанс.");
}

#[test]
fn values_are_escaped_in_screens_and_not_in_buttons() {
    let tr = Tr::new(Language::En, chrono_tz::UTC);
    assert!(crate::t!(tr, "sessions-line-here", name = "<b>&").contains("&lt;b&gt;&amp;"));
    assert!(crate::p!(tr, "sessions-end-one", name = "<b>&").contains("<b>&"));
}
