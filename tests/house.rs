//! The house keeps its floors: which room may name which, read from the sources. A path that goes
//! up, or a circle, fails here.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
};

/// The floors of `core`, from the ground up. A room may name rooms of its own floor and below; a
/// circle is not allowed on any floor.
const CORE: &[&[&str]] = &[
    &[
        "aside",
        "calendar",
        "clock",
        "config",
        "http",
        "id",
        "limits",
        "notice",
        "pace",
        "queue",
        "readiness",
        "register",
        "retry",
        "secret",
        "sign",
        "smtp",
        "stamp",
        "store",
        "telemetry",
        "text",
        "words",
    ],
    &["account"],
    &["agreement", "billing", "channel", "consent", "contact", "crm", "founding", "law", "mail", "paper", "price", "template"],
    &["delivery"],
    &["carry", "erasure", "opt_out"],
    &["inbound"],
    &["campaign"],
    &["evidence"],
    &["deletion"],
];
/// Rooms that exist for tests only and may name any other.
pub const FOR_TESTS: &[&str] = &["fuzzing", "testing"];
/// The tables only one room writes, and that room.
const OWNERS: &[(&str, &str)] =
    &[("campaign", "campaign"), ("delivery_count", "delivery"), ("response", "delivery"), ("response_count", "delivery")];
/// Holds a restored database as a whole, before any room works on it: what it may write, and in how
/// many statements.
const RESTORES: (&str, &[(&str, usize)]) = ("store/maintenance", &[("campaign", 2)]);

/// A source file: the path of its module, and its text without comments and without test code.
pub struct Source {
    pub module: Vec<String>,
    pub text: String,
}

/// The text with comments blanked; strings are kept or blanked too. Lines stay where they are.
fn plain(source: &str, strings: bool) -> String {
    let bytes: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut i = 0;
    let blank = |from: usize, to: usize, out: &mut String| out.extend((from..to).map(|n| if bytes[n] == '\n' { '\n' } else { ' ' }));
    let find = |from: usize, what: &str| {
        let what: Vec<char> = what.chars().collect();
        (from..=bytes.len().saturating_sub(what.len())).find(|&n| bytes[n..n + what.len()] == what[..])
    };
    while i < bytes.len() {
        let rest = &bytes[i..];
        let end = if rest.starts_with(&['/', '/']) {
            let end = find(i, "\n").unwrap_or(bytes.len());
            blank(i, end, &mut out);
            end
        } else if rest.starts_with(&['/', '*']) {
            let end = find(i, "*/").map_or(bytes.len(), |end| end + 2);
            blank(i, end, &mut out);
            end
        } else if let Some(hashes) = raw_string(rest) {
            let close = format!("\"{}", "#".repeat(hashes));
            let end = find(i + 2 + hashes, &close).map_or(bytes.len(), |end| end + close.len());
            literal(&bytes, i, end, strings, &mut out);
            end
        } else if rest[0] == '"' {
            let mut end = i + 1;
            while end < bytes.len() && bytes[end] != '"' {
                end += if bytes[end] == '\\' { 2 } else { 1 };
            }
            let end = (end + 1).min(bytes.len());
            literal(&bytes, i, end, strings, &mut out);
            end
        } else if rest[0] == '\'' && rest.get(1) == Some(&'\\') {
            let end = find(i + 3, "'").map_or(bytes.len(), |end| end + 1);
            blank(i, end, &mut out);
            end
        } else if rest[0] == '\'' && rest.get(2) == Some(&'\'') {
            blank(i, i + 3, &mut out);
            i + 3
        } else {
            out.push(rest[0]);
            i + 1
        };
        i = end;
    }
    out
}

fn literal(bytes: &[char], from: usize, to: usize, keep: bool, out: &mut String) {
    out.extend(bytes[from..to].iter().map(|c| if keep || *c == '\n' { *c } else { ' ' }));
}

/// How many `#` a raw string that begins here has.
fn raw_string(rest: &[char]) -> Option<usize> {
    let hashes = rest.strip_prefix(&['r'])?.iter().take_while(|c| **c == '#').count();
    (rest.get(1 + hashes) == Some(&'"')).then_some(hashes)
}

/// The text without the items under `#[cfg(test)]` and `#[cfg(any(test, …))]`. Strings must be
/// blank, or braces within them count.
pub fn without_tests(text: &str) -> (String, Vec<String>) {
    let (mut out, mut left_out, mut rest) = (String::new(), Vec::new(), text);
    while let Some(at) = ["#[cfg(test)]", "#[cfg(any(test"].iter().filter_map(|cfg| rest.find(cfg)).min() {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let open = item.find('{').unwrap_or(item.len());
        let semicolon = item.find(';').unwrap_or(item.len());
        let end = if semicolon < open {
            semicolon + 1
        } else {
            let mut depth = 0_i32;
            let close = item[open..].char_indices().find(|(_, c)| {
                depth += i32::from(*c == '{') - i32::from(*c == '}');
                depth == 0
            });
            close.map_or(item.len(), |(close, _)| open + close + 1)
        };
        let names = item[..end].split("mod ").nth(1).and_then(|name| name.split(|c: char| !c.is_alphanumeric() && c != '_').next());
        left_out.extend(names.map(str::to_owned));
        rest = &item[end..];
    }
    out.push_str(rest);
    (out, left_out)
}

fn files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The sources of a crate but for its test code.
pub fn sources(krate: &str, strings: bool) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(krate).join("src");
    let mut paths = Vec::new();
    files(&root, &mut paths);
    paths.sort();
    let mut tests: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut found = Vec::new();
    for path in paths {
        let relative = path.strip_prefix(&root).unwrap().with_extension("");
        let module: Vec<String> = relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        let source = fs::read_to_string(&path).unwrap();
        let (text, left_out) = without_tests(&plain(&source, false));
        tests.extend(left_out.into_iter().map(|name| module.iter().cloned().chain([name]).collect()));
        let text = if strings { plain(&source, true) } else { text };
        found.push(Source { module, text });
    }
    // `lib.rs` names its modules from the root.
    let tests: BTreeSet<Vec<String>> = tests.into_iter().map(|path| if path[0] == "lib" { path[1..].to_vec() } else { path }).collect();
    found.retain(|source| source.module[0] != "lib" && (1..=source.module.len()).all(|n| !tests.contains(&source.module[..n])));
    found
}

/// The paths of a `use` tree or of an expression that begins here, as words.
fn leaves(text: &[char], at: &mut usize, before: &[String], out: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    loop {
        skip(text, at);
        if text.get(*at) == Some(&'{') {
            *at += 1;
            loop {
                skip(text, at);
                match text.get(*at) {
                    Some('}') | None => break,
                    Some(',') => *at += 1,
                    Some(_) => {
                        let from = *at;
                        leaves(text, at, &path, out);
                        // Something that is no tree: what follows is code.
                        if *at == from {
                            return;
                        }
                    }
                }
            }
            *at += 1;
            return;
        }
        let word: String = text[*at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
        if word.is_empty() {
            out.push(path);
            return;
        }
        *at += word.chars().count();
        path.push(word);
        let mut ahead = *at;
        skip(text, &mut ahead);
        if text.get(ahead) != Some(&':') || text.get(ahead + 1) != Some(&':') {
            out.push(path);
            // `as name` is skipped with what follows by whoever reads on.
            let mut rename = ahead;
            if text[ahead..].starts_with(&['a', 's', ' ']) {
                rename += 3;
                while text.get(rename).is_some_and(|c| c.is_alphanumeric() || *c == '_') {
                    rename += 1;
                }
                *at = rename;
            }
            return;
        }
        *at = ahead + 2;
    }
}

fn skip(text: &[char], at: &mut usize) {
    while text.get(*at).is_some_and(|c| c.is_whitespace()) {
        *at += 1;
    }
}

/// Everything of its own crate a source names, from the root: `crate::…`, `$crate::…`, and as many
/// `super::` as lead there.
pub fn named(source: &Source) -> Vec<Vec<String>> {
    let text: Vec<char> = source.text.chars().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let word: String = text[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
        if word.is_empty() {
            at += 1;
            continue;
        }
        let begins = !(at >= 2 && text[at - 1] == ':' && text[at - 2] == ':');
        let from = at;
        at += word.chars().count();
        if !begins || !(word == "crate" || word == "super") {
            continue;
        }
        let mut paths = Vec::new();
        at = from;
        leaves(&text, &mut at, &[], &mut paths);
        at = at.max(from + word.chars().count());
        for path in paths {
            let ups = path.iter().take_while(|word| *word == "super").count();
            if path[0] == "crate" {
                out.push(path[1..].to_vec());
            } else if ups > source.module.len() {
                panic!("{:?} climbs above its crate with {path:?}", source.module);
            } else {
                out.push(source.module[..source.module.len() - ups].iter().chain(&path[ups..]).cloned().collect());
            }
        }
    }
    out
}

/// Which room a macro of the crate is of: `#[macro_export]` puts it at the root.
fn macros(sources: &[Source]) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for source in sources {
        for rest in source.text.split("macro_rules!").skip(1) {
            let name: String = rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.insert(name, source.module[0].clone());
        }
    }
    found
}

/// Which room names which, with a file that does.
fn arrows(sources: &[Source]) -> BTreeMap<String, BTreeMap<String, String>> {
    let macros = macros(sources);
    let rooms: BTreeSet<&String> = sources.iter().map(|source| &source.module[0]).collect();
    let mut arrows: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for source in sources {
        for path in named(source) {
            let Some(first) = path.first() else { continue };
            let room = if rooms.contains(first) { Some(first) } else { macros.get(first) };
            if let Some(room) = room.filter(|room| **room != source.module[0]) {
                arrows.entry(source.module[0].clone()).or_default().entry(room.clone()).or_insert_with(|| source.module.join("/"));
            }
        }
    }
    arrows
}

/// A circle among the arrows, if there is one.
fn circle(arrows: &BTreeMap<String, BTreeMap<String, String>>) -> Option<Vec<String>> {
    fn walk(
        at: &str,
        arrows: &BTreeMap<String, BTreeMap<String, String>>,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(begins) = way.iter().position(|room| room == at) {
            return Some(way[begins..].to_vec());
        }
        if !done.insert(at.to_owned()) {
            return None;
        }
        way.push(at.to_owned());
        for next in arrows.get(at).into_iter().flat_map(BTreeMap::keys) {
            if let Some(circle) = walk(next, arrows, way, done) {
                return Some(circle);
            }
        }
        way.pop();
        None
    }
    let mut done = BTreeSet::new();
    arrows.keys().find_map(|room| walk(room, arrows, &mut Vec::new(), &mut done))
}

fn shown(circle: &[String], arrows: &BTreeMap<String, BTreeMap<String, String>>) -> String {
    let next = |n: usize| &circle[(n + 1) % circle.len()];
    (0..circle.len())
        .map(|n| format!("{} names {} in {}.rs", circle[n], next(n), arrows[&circle[n]][next(n)]))
        .collect::<Vec<_>>()
        .join(", ")
}

fn no_circle(arrows: &BTreeMap<String, BTreeMap<String, String>>) {
    let circle = circle(arrows);
    assert!(circle.is_none(), "a circle: {}", shown(&circle.unwrap_or_default(), arrows));
}

/// The screens' frame named the screens, and they it.
#[test]
fn the_frame_of_the_bot_knows_no_screen() {
    let mut arrows = arrows(&sources("bot", false));
    arrows.retain(|room, _| !FOR_TESTS.contains(&room.as_str()));
    let below = ["i18n", "settings"];
    let above: Vec<_> = arrows["frame"].iter().filter(|(room, _)| !below.contains(&room.as_str())).collect();
    assert!(above.is_empty(), "the frame names {above:?}");
    assert!(below.iter().all(|room| arrows.get(*room).is_none_or(BTreeMap::is_empty)), "what the frame stands on names something");
    no_circle(&arrows);
}

#[test]
fn no_room_of_core_names_one_above_it_and_none_go_round() {
    let sources = sources("core", false);
    let arrows = arrows(&sources);
    let floor: HashMap<&str, usize> =
        CORE.iter().enumerate().flat_map(|(floor, rooms)| rooms.iter().map(move |room| (*room, floor))).collect();
    let mut wrong = Vec::new();
    for (room, names) in &arrows {
        if FOR_TESTS.contains(&room.as_str()) {
            continue;
        }
        let Some(own) = floor.get(room.as_str()) else {
            wrong.push(format!("`{room}` has no floor in tests/house.rs"));
            continue;
        };
        for (other, place) in names {
            if floor.get(other.as_str()).is_none_or(|other| other > own) {
                wrong.push(format!("{place}.rs: `{room}` names `{other}`, which is above it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    no_circle(&arrows);
    for room in floor.keys() {
        assert!(sources.iter().any(|source| source.module[0] == *room), "there is no room `{room}` any more");
    }
}

/// The page of the architecture had lost a room.
#[test]
fn the_floors_are_drawn_as_they_are() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ARCHITECTURE.md")).unwrap();
    let drawn = page.split("```").find(|block| block.trim_start().starts_with("deletion")).expect("the drawing of the floors");
    // What follows three spaces explains.
    let rooms = drawn.lines().filter_map(|line| line.split("   ").next()).flat_map(|line| line.split(',').map(str::trim));
    let rooms: Vec<&str> = rooms.filter(|room| !room.is_empty()).collect();
    let floors: Vec<&str> = CORE.iter().rev().flat_map(|floor| floor.iter().copied()).collect();
    assert_eq!(rooms, floors, "docs/ARCHITECTURE.md");
}

/// How often a text writes a table.
fn writes(text: &str, table: &str) -> usize {
    let verbs = ["update ", "update or fail ", "insert into ", "delete from "];
    let of = |verb: &&str| {
        text.match_indices(&format!("{verb}{table}"))
            .filter(|(at, found)| !text[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
            .count()
    };
    verbs.iter().map(of).sum()
}

/// `delivery` wrote the campaign's row, and so did `account`: who pauses a campaign was in three
/// places.
#[test]
fn a_table_with_an_owner_is_written_by_nobody_else() {
    let mut wrong = Vec::new();
    for krate in ["core", "bot", "worker"] {
        for source in sources(krate, true) {
            let (text, _) = without_tests(&source.text);
            let text = text.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
            let module = source.module.join("/");
            for (table, owner) in OWNERS {
                let (written, own) = (writes(&text, table), krate == "core" && source.module[0] == *owner);
                let holds = RESTORES.1.iter().find(|(held, _)| krate == "core" && module == RESTORES.0 && held == table);
                if !own && written != holds.map_or(0, |(_, statements)| *statements) {
                    wrong.push(format!("{krate}/src/{module}.rs writes the table `{table}` of `{owner}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Waits that grow with every failure stood in two messengers' folders beside the one list of
/// schedules.
#[test]
fn every_wait_that_grows_is_a_schedule_of_the_one_list() {
    let grows = |code: &str| {
        let wait = code.contains("Duration::from_") || code.contains("TimeDelta::") || code.contains("Duration::new(");
        wait && [".pow(", ".powi(", "<<", "saturating_pow(", "saturating_mul(2)", "mul_f64(2"].iter().any(|sign| code.contains(sign))
    };
    assert!(grows("Duration::from_secs(4_u64.pow(*times))") && grows("let pause = Duration::from_secs((1 << times).min(60))"));
    assert!(!grows("Duration::from_secs(60)") && !grows("1 << times"));
    let mut wrong = Vec::new();
    for krate in ["core", "bot", "worker", "."] {
        for source in sources(krate, false) {
            let place = format!("{krate}/src/{}.rs", source.module.join("/"));
            if place != "core/src/retry.rs" {
                wrong.extend(source.text.split([';', '{', '}']).filter(|code| grows(code)).map(|code| format!("{place}: {}", code.trim())));
            }
        }
    }
    assert!(wrong.is_empty(), "a schedule of its own, see core/src/retry.rs:\n{}", wrong.join("\n"));
}

/// A claim that read a damaged page was a line in a log, for only one statement was looked at.
#[test]
fn every_statement_in_sqlites_own_words_is_heeded() {
    let mut wrong = Vec::new();
    for krate in ["core", "bot", "worker"] {
        for source in sources(krate, false) {
            // What `store` does with its pools is beneath.
            if krate == "core" && source.module[0] == "store" {
                continue;
            }
            for arm in source.text.split("Db::Sqlite(").skip(1) {
                let arm = arm.split("Db::Postgres(").next().unwrap_or_default();
                let bound = arm.split_once(") =>").is_some_and(|(name, _)| name.chars().all(|c| c.is_alphanumeric()));
                let asked = [".execute(", ".fetch_all(", ".fetch_one(", ".fetch_optional("].iter().map(|how| arm.matches(how).count());
                if bound && asked.sum::<usize>() > arm.matches("heed(").count() + arm.matches("on!(").count() {
                    wrong.push(format!("{krate}/src/{}.rs: {}", source.module.join("/"), arm.trim().lines().next().unwrap_or_default()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "what an error says of the file is lost (`store::heed`):\n{}", wrong.join("\n"));
}

/// Sending, a lost phone and the account each paused campaigns in a way of their own: with a notice
/// or without, on the trail or not.
#[test]
fn a_campaign_is_paused_in_one_place_and_its_counters_are_written_in_one() {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for krate in ["core", "bot", "worker"] {
        for source in sources(krate, true) {
            let (text, _) = without_tests(&source.text);
            for what in ["Event::Pause", "insert into delivery_count "] {
                // A pattern that gives the sentence for a second press changes nothing.
                let times =
                    text.matches(what).count() - text.matches("(Event::Pause, State::").count() * usize::from(what == "Event::Pause");
                found.entry(what).or_default().extend(vec![format!("{krate}/{}", source.module.join("/")); times]);
            }
        }
    }
    assert_eq!(found["Event::Pause"], ["core/campaign/control"]);
    assert_eq!(found["insert into delivery_count "], ["core/delivery/queries"]);
}

/// Each room wrote the kinds of its notices as words of its own, and the bot had a list of those it
/// knew.
#[test]
fn every_kind_of_notice_is_raised_and_none_is_written_by_hand() {
    use mms_core::notice::NoticeKind;
    let mut raised: BTreeSet<String> = BTreeSet::new();
    for krate in ["core", "bot", "worker", "."] {
        for source in sources(krate, true) {
            let (text, _) = without_tests(&source.text);
            let room = source.module.join("/");
            let written = text.contains("insert into notice ") && !(krate == "core" && room == "notice");
            assert!(!written, "{krate}/src/{room}.rs raises a notice by a statement of its own");
            // There every kind is named, for its words.
            let words = krate == "bot" && room == "notices";
            if !words && room != "notice/kind" {
                let named =
                    text.split("NoticeKind::").skip(1).map(|rest| rest.chars().take_while(|c| c.is_alphanumeric()).collect::<String>());
                raised.extend(named);
            }
        }
    }
    let never: Vec<_> = NoticeKind::ALL.iter().filter(|kind| !raised.contains(&format!("{kind:?}"))).collect();
    assert!(never.is_empty(), "nothing raises {never:?}");
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let source = r##"
        //! See [`crate::comment`].
        use crate::{
            account::{self, By},
            on, // crate::remark
        };
        use super::super::contact::{Contact as C, write};
        const TEXT: &str = "crate::string";
        const RAW: &str = r#"crate::raw " string"#;
        fn f<'a>(x: &'a str, c: char) -> Option<crate::id::AccountId> {
            if c == '"' || c == '\'' { crate::clock::now() } else { $crate::store::Db::Sqlite }
        }
        #[cfg(test)]
        mod tests {
            use crate::above::Everything;
        }
        fn g() { super::near() }
    "##;
    let (text, left_out) = without_tests(&plain(source, false));
    let found: BTreeSet<String> =
        named(&Source { module: vec!["a".into(), "b".into()], text }).into_iter().map(|path| path.join("::")).collect();
    let expected = [
        "account::self",
        "account::By",
        "on",
        "contact::Contact",
        "contact::write",
        "id::AccountId",
        "clock::now",
        "store::Db::Sqlite",
        "a::near",
    ];
    assert_eq!(found, expected.iter().map(|path| (*path).to_owned()).collect());
    assert_eq!(left_out, ["tests"]);
    let mut arrows: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (from, to) in [("a", "b"), ("b", "c"), ("d", "a")] {
        arrows.entry(from.to_owned()).or_default().insert(to.to_owned(), from.to_owned());
    }
    assert_eq!(circle(&arrows), None);
    arrows.entry("c".to_owned()).or_default().insert("a".to_owned(), "c".to_owned());
    assert_eq!(circle(&arrows), Some(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
}
