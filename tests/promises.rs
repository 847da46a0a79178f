//! docs/PROMISES.md names the tests that hold each promise: they are there, and no promise stands
//! without one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The page, by its path in the repository.
const PAGE: &str = "docs/PROMISES.md";
/// The first row of each of its tables.
const HEAD: [&str; 3] = ["number", "promise", "tests"];
/// The promises, without their parts.
const PROMISES: u32 = 50;

fn read(path: &str) -> std::io::Result<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
}

/// A row: its line, its number with the letter of its part, and its tests by file and name.
struct Promise {
    line: usize,
    number: u32,
    part: String,
    tests: Vec<(String, String)>,
}

/// The rows of the page, or what is wrong with them.
fn promises(page: &str) -> Result<Vec<Promise>, String> {
    let mut promises = Vec::new();
    for (at, row) in page.lines().enumerate().filter(|(_, row)| row.starts_with('|')) {
        let line = at + 1;
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        if cells == HEAD || cells.iter().all(|cell| *cell == "---") {
            continue;
        }
        let [number, promise, tests] = cells[..] else { return Err(format!("{line}: three cells, and not {}", cells.len())) };
        let digits = number.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let part = number[digits.len()..].to_owned();
        let number: u32 = digits.parse().map_err(|_| format!("{line}: `{number}` is no number with a letter"))?;
        if promise.is_empty() {
            return Err(format!("{line}: nothing is promised"));
        }
        let tests = tests.split('`').skip(1).step_by(2).map(|test| {
            let (file, name) = test.split_once(": ").ok_or_else(|| format!("{line}: `{test}` is not `file.rs: test`"))?;
            Ok::<_, String>((file.to_owned(), name.to_owned()))
        });
        let tests = tests.collect::<Result<Vec<_>, String>>()?;
        promises.push(Promise { line, number, part, tests });
    }
    Ok(promises)
}

/// The name at the beginning of a text.
fn name(text: &str) -> &str {
    let text = text.trim_start();
    &text[..text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())]
}

/// Names of the tests of a source: functions below a test's attribute, bodies given to `both!`,
/// screens given to `snapshots!`.
fn tests_of(source: &str) -> BTreeSet<&str> {
    let (mut names, mut marked, mut screen) = (BTreeSet::new(), false, false);
    for line in source.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if let Some(rest) = line.strip_prefix("snapshots!(") {
            screen = rest.is_empty();
            names.extend((!screen).then(|| name(rest)));
        } else if screen {
            screen = false;
            names.insert(name(line));
        }
        marked |= ["#[test]", "#[tokio::test", "both!("].iter().any(|mark| line.starts_with(mark));
        if marked && let Some((_, rest)) = line.split_once("fn ") {
            marked = false;
            names.insert(name(rest));
        }
    }
    names
}

#[test]
fn every_promise_names_a_test_that_is_there() {
    let page = read(PAGE).unwrap();
    let promises = promises(&page).unwrap_or_else(|wrong| panic!("{PAGE}:{wrong}"));
    let files: BTreeSet<&str> = promises.iter().flat_map(|promise| &promise.tests).map(|(file, _)| file.as_str()).collect();
    let sources: BTreeMap<&str, String> = files.into_iter().filter_map(|file| Some((file, read(file).ok()?))).collect();
    let there: BTreeMap<&str, BTreeSet<&str>> = sources.iter().map(|(file, source)| (*file, tests_of(source))).collect();
    let mut wrong = Vec::new();
    for promise in &promises {
        let at = format!("{PAGE}:{}: {}{}", promise.line, promise.number, promise.part);
        if promise.tests.is_empty() {
            wrong.push(format!("{at} names no test"));
        }
        for (file, name) in &promise.tests {
            match there.get(file.as_str()) {
                None => wrong.push(format!("{at}: there is no file {file}")),
                Some(tests) if !tests.contains(name.as_str()) => wrong.push(format!("{at}: {file} has no test {name}")),
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn promises_stand_in_their_order_and_none_is_missing() {
    let page = read(PAGE).unwrap();
    let promises = promises(&page).unwrap_or_else(|wrong| panic!("{PAGE}:{wrong}"));
    let numbers: Vec<(u32, &str)> = promises.iter().map(|promise| (promise.number, promise.part.as_str())).collect();
    for pair in numbers.windows(2) {
        assert!(pair[0] < pair[1], "{:?} stands before {:?}", pair[0], pair[1]);
    }
    let whole: BTreeSet<u32> = numbers.iter().map(|(number, _)| *number).collect();
    assert_eq!(whole, (1..=PROMISES).collect());
    // A letter left out was a part that no test held.
    for number in whole {
        let parts: Vec<&str> = numbers.iter().filter(|(of, _)| *of == number).map(|(_, part)| *part).collect();
        let letters: Vec<String> = ('a'..='z').take(parts.len()).map(String::from).collect();
        assert!(parts == [""] || parts == letters, "the parts of {number} are {parts:?}");
    }
}

/// However a test is written, it is found; what only looks like one is not.
#[test]
fn tests_are_found_however_they_are_written() {
    let source = r#"
        //! #[test] fn in_a_comment() {}
        #[test]
        fn plain() {}
        #[tokio::test(flavor = "multi_thread")]
        // Why it is there.
        async fn later(store: &Store) {}
        both!(async fn on_one_line(store) {});
        both!(
            // Why it is there.
            async fn on_both(store) {
                fn helper() {}
            }
        );
        snapshots!(screen, |tr| home(tr));
        snapshots!(
            wide_screen,
            |tr| home(tr)
        );
        fn no_test() {}
    "#;
    let found = tests_of(source);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["later", "on_both", "on_one_line", "plain", "screen", "wide_screen"]);
    let row = |row: &str| promises(row).map(|rows| rows.into_iter().map(|row| (row.number, row.part, row.tests.len())).collect::<Vec<_>>());
    assert_eq!(row("| 7b | It is kept. | `a.rs: one`, `b.rs: two` |"), Ok(vec![(7, "b".to_owned(), 2)]));
    assert_eq!(row("| number | promise | tests |\n| --- | --- | --- |"), Ok(Vec::new()));
    for wrong in ["| 7 | It is kept. |", "| 7B | It is kept. | |", "| 7 | | `a.rs: one` |", "| 7 | It is kept. | `one` |"] {
        assert!(row(wrong).is_err(), "{wrong}");
    }
}
