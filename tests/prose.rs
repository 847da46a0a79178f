//! What the words around the code keep to: every public item says what it is for, a field only what
//! its name does not say, a line ends at column 100, metaphors stay few, and what a page names is
//! there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Where sources are.
const SOURCES: &[&str] = &["core", "bot", "worker", "sandbox", "src", "tests", "fuzz"];

/// Files below a folder of the repository with one of these extensions, by their path in it.
fn files(dir: &str, extensions: &[&str]) -> Vec<(String, String)> {
    fn walk(dir: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    walk(&path, into);
                }
            } else {
                into.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(&root.join(dir), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|kind| extensions.iter().any(|one| kind == *one)))
        .map(|path| (path.strip_prefix(root).unwrap().display().to_string(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// Whether a file holds tests alone.
fn for_tests(path: &str) -> bool {
    path.starts_with("tests/")
        || path.split('/').any(|part| part == "tests" || part == "testing" || part.ends_with("_tests"))
        || ["tests.rs", "_tests.rs", "testing.rs", "fixture.rs", "story.rs"].iter().any(|end| path.ends_with(end))
}

/// `missing_docs` of the compiler asks for a sentence on each field, which brought forth «Which.»
/// and «When.»; so items are looked at here.
#[test]
fn every_public_item_says_what_it_is_for() {
    let mut wrong = Vec::new();
    for (path, text) in SOURCES.iter().flat_map(|dir| files(dir, &["rs"])).filter(|(path, _)| !for_tests(path)) {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if *line == "mod tests {" {
                break;
            }
            let Some(item) = line.trim_start().strip_prefix("pub ").filter(|item| !item.contains('$')) else { continue };
            let item = ["async ", "const ", "unsafe "].iter().fold(item, |item, word| {
                if item.starts_with("const ") && !item.contains(" fn ") { item } else { item.strip_prefix(word).unwrap_or(item) }
            });
            let is_item =
                ["fn ", "struct ", "enum ", "trait ", "type ", "static ", "const ", "mod "].iter().any(|word| item.starts_with(word));
            // A module's own file says it.
            if !is_item || (item.starts_with("mod ") && item.ends_with(';')) {
                continue;
            }
            let documented = lines[..at].iter().rev().map(|line| line.trim()).take_while(|line| !line.is_empty() && *line != "}");
            if !documented.into_iter().any(|line| line.starts_with("///")) {
                wrong.push(format!("{path}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "public items without a word:\n{}", wrong.join("\n"));
}

/// Questions that a name answers by itself.
const SAYS_NOTHING: &[&str] = &[
    "Which.",
    "Whose.",
    "When.",
    "Why.",
    "Who.",
    "What.",
    "Where.",
    "How many.",
    "How much.",
    "To whom.",
    "For what.",
    "Of what.",
    "Of which campaign.",
    "Of which channel.",
    "Since when.",
    "From when.",
    "Until when.",
    "In which language.",
    "On which engine.",
];

/// There were a hundred and twenty-seven of them.
#[test]
fn no_sentence_says_less_than_the_name_below_it() {
    let mut wrong = Vec::new();
    for (path, text) in SOURCES.iter().flat_map(|dir| files(dir, &["rs"])) {
        for (at, line) in text.lines().enumerate() {
            if line.trim_start().strip_prefix("/// ").is_some_and(|said| SAYS_NOTHING.contains(&said)) {
                wrong.push(format!("{path}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "say a unit, an owner, a source, or nothing:\n{}", wrong.join("\n"));
}

/// The widest line of a comment or of documentation, characters.
const WIDTH: usize = 100;

#[test]
fn lines_of_comments_and_documentation_end_at_column_100() {
    let mut wrong = Vec::new();
    let mut look = |path: &str, at: usize, line: &str| {
        // An address cannot be broken.
        if line.chars().count() > WIDTH && !line.contains("://") {
            wrong.push(format!("{path}:{}: {}", at + 1, line.trim()));
        }
    };
    let marks = [("rs", "//"), ("mjs", "//"), ("toml", "#"), ("sh", "#"), ("py", "#"), ("service", "#"), ("timer", "#"), ("yml", "#")];
    let dirs = SOURCES.iter().chain(&["systemd", ".cargo"]);
    for (path, text) in dirs.flat_map(|dir| files(dir, &marks.map(|(kind, _)| kind))) {
        let mark = marks.iter().find(|(kind, _)| path.ends_with(kind)).expect("one of them").1;
        let mut code = false;
        for (at, line) in text.lines().enumerate() {
            let Some(said) = line.trim_start().strip_prefix(mark).map(|said| said.trim_start_matches(['/', '!']).trim_start()) else {
                continue;
            };
            // Examples and tables are as wide as they are.
            if said.starts_with("```") {
                code = !code;
            } else if !code && !said.starts_with('|') {
                look(&path, at, line);
            }
        }
    }
    // A migration that has landed is kept to the byte, so migrations are not looked at.
    // An entry of CHANGELOG.md is one line, so that entries of two people do not meet.
    let pages = ["README.md", "README.ru.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        (name.to_owned(), text)
    });
    for (path, text) in files("docs", &["md"]).into_iter().chain(files("fuzz", &["md"])).chain(pages) {
        let mut code = false;
        for (at, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                code = !code;
            } else if !code && !line.starts_with('|') {
                look(&path, at, line);
            }
        }
    }
    assert!(wrong.is_empty(), "past column {WIDTH}:\n{}", wrong.join("\n"));
}

/// What sources give a name to: functions, types, modules, files and their folders.
fn names_in_sources() -> BTreeSet<String> {
    const GIVE: &[&str] = &["fn", "mod", "struct", "enum", "trait", "type", "const", "static"];
    let mut names = BTreeSet::new();
    for (path, text) in SOURCES.iter().flat_map(|dir| files(dir, &["rs"])) {
        names.extend(path.trim_end_matches(".rs").split('/').map(str::to_owned));
        let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
        while let Some(word) = words.next() {
            if GIVE.contains(&word) {
                names.extend(words.next().map(str::to_owned));
            }
        }
    }
    names
}

/// A page said that a promise is kept by a test of a name that no test had.
#[test]
fn tests_and_paths_that_pages_name_exist() {
    let names = names_in_sources();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = ["README.md", "README.ru.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(|name| (name.to_owned(), fs::read_to_string(root.join(name)).unwrap()));
    let mut wrong = Vec::new();
    for (path, text) in files("docs", &["md"]).into_iter().chain(pages) {
        for (at, line) in text.lines().enumerate() {
            for quoted in line.split('`').skip(1).step_by(2) {
                let parts: Vec<&str> = quoted.trim_start_matches("mms_core::").split("::").collect();
                let plain = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                // A path, or the name of a test; metrics and SQLite's functions are long too.
                let sentence = quoted.split('_').count() > 3
                    && !["mms_", "sqlite3_"].iter().any(|start| quoted.starts_with(start))
                    && quoted.chars().all(|c| c == '_' || c.is_ascii_lowercase());
                let ours = (parts.len() > 1 && parts[0] != "std") || sentence;
                if ours && parts.iter().all(plain) {
                    wrong.extend(parts.iter().filter(|part| !names.contains(**part)).map(|part| format!("{path}:{}: {part}", at + 1)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "pages name what is not there:\n{}", wrong.join("\n"));
}

/// The text below a heading of the second or third level, up to the next one that is not below it.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let start = text.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("there is no `{heading}`")) + heading.len() + 2;
    let levels: &[&str] = if heading.starts_with("### ") { &["\n## ", "\n### "] } else { &["\n## "] };
    let end = levels.iter().filter_map(|level| text[start..].find(level)).min();
    end.map_or(&text[start..], |end| &text[start..start + end])
}

/// Nobody could say where a weakness is to be reported, and what an administrator of the database
/// may do.
#[test]
fn the_page_of_security_says_whom_to_tell_and_what_an_administrator_can_do() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md")).unwrap();
    let reporting = section(&text, "## Reporting");
    assert!(["privately", "Report a vulnerability", "mms --version"].iter().all(|words| reporting.contains(words)), "{reporting}");
    let threats = section(&text, "## What is protected, and from whom");
    assert!(threats.lines().filter(|line| line.starts_with("| a ") || line.starts_with("| the ")).count() >= 5, "{threats}");
    let administrator = section(&text, "## What an administrator of the database can do");
    assert!(["read every contact", "Triggers", "chained", "verify"].iter().all(|words| administrator.contains(words)), "{administrator}");
}

/// The trail was said to find everything.
#[test]
fn the_page_says_what_the_trail_finds_and_what_it_does_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, heading, not_found, forged) in [
        ("README.md", "### 7. The trail", "not by the database alone", "can forge"),
        ("README.ru.md", "### 7. Журнал", "не сама база", "подделает"),
    ] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let trail = section(&text, heading);
        let rows: Vec<&str> = trail.lines().filter(|line| line.starts_with('|')).collect();
        // A head, a line, and what is done: chains changed, an older copy put back, the key taken.
        assert_eq!(rows.len(), 5, "{page}: {rows:?}");
        assert!(rows[2].contains("`verify`") && rows[3].contains(not_found) && rows[4].contains(forged), "{page}: {rows:?}");
    }
}

/// The metaphors of the code are in the glossary of docs/ARCHITECTURE.md; these had to be read
/// twice.
const METAPHORS: &[&str] =
    &["aloft", "bite", "bites", "breath", "door", "doors", "parcel", "parcels", "stretch", "stretches", "stretched", "stretching"];

#[test]
fn metaphors_stay_few() {
    let mut wrong = Vec::new();
    for (path, text) in SOURCES.iter().flat_map(|dir| files(dir, &["rs"])).filter(|(path, _)| path != "tests/prose.rs") {
        for (at, line) in text.lines().enumerate() {
            // A migration keeps the name it landed with.
            let named = line.split_whitespace().filter(|word| !word.ends_with(".sql\","));
            let mut words = named.flat_map(|word| word.split(|c: char| !c.is_alphabetic())).map(str::to_lowercase);
            if let Some(word) = words.find(|word| METAPHORS.contains(&word.as_str())) {
                wrong.push(format!("{path}:{}: {word}", at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "say the thing:\n{}", wrong.join("\n"));
}
