//! What the words around the code keep to: every public item says what it is for, a field only what
//! its name does not say, a line ends at column 100, and metaphors stay few.

use std::{
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
