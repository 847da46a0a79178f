//! What it takes to add a messenger, and a CRM: the places that name one are counted. A `match` on
//! the kind, a module of its folder or its name as a word anywhere else fails here.

use std::{collections::BTreeSet, path::Path};

use mms_core::{channel::ChannelKind, crm::CrmKind};

use crate::house::{FOR_TESTS, named, sources, without_tests};

/// Modules that know such words as people write them: titles of columns, addresses in a cell; and
/// one that reads an attribute of a workbook.
const WORDS: &[&str] =
    &["core/contact/import/heading", "core/contact/import/heading/words", "core/contact/import/unpack/facts", "core/text/phone/cell"];
/// Programs that play with the doubles of all of them.
const PLAY: &[&str] = &["./bench", "./demo", "./drill"];
/// What reads the settings: a CRM's host for tests and its integration are among them.
const SETTINGS: &[&str] = &["./doctor", "./up"];

/// One of many: a messenger among messengers, a CRM among CRMs.
struct One<'a> {
    /// The room that has all of them.
    room: &'a str,
    /// As tables and folders call it.
    word: &'a str,
    /// As the enum of kinds calls it, or begins to.
    variant: String,
}

impl<'a> One<'a> {
    fn new(room: &'a str, word: &'a str) -> Self {
        let mut letters = word.chars();
        let first = letters.next().unwrap().to_ascii_uppercase();
        Self { room, word, variant: std::iter::once(first).chain(letters).collect() }
    }

    fn is_named_in(&self, text: &str) -> bool {
        let Self { room, word, variant } = self;
        let follows = |path: &str| {
            text.match_indices(path).any(|(at, found)| !text[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        };
        text.contains(&format!("Kind::{variant}"))
            || [format!("{room}::{word}"), format!("\"{word}\""), format!("'{word}'")].iter().any(|path| follows(path))
    }

    /// The places that name it: its folder as one, its kind, its double, and every other module.
    fn places(&self, modules: &[Module], among: &[&str]) -> BTreeSet<String> {
        let Self { room, word, variant } = self;
        let mut places = BTreeSet::new();
        for Module { place, text, paths } in modules {
            let folder = |of: &str| *place == format!("core/{room}/{of}") || place.starts_with(&format!("core/{room}/{of}/"));
            if folder(word) {
                places.insert(format!("core/{room}/{word}"));
                continue;
            }
            // Another's folder has words of its own provider.
            if among.iter().any(|of| folder(of)) {
                continue;
            }
            let kinds = [format!("core/{room}"), format!("core/{room}/kind")];
            let is_kind = kinds.contains(place) && text.contains(&format!("\n    {variant}"));
            let uses = paths.iter().any(|path| path.starts_with(&[(*room).to_owned(), (*word).to_owned()]));
            if is_kind || uses || self.is_named_in(text) {
                places.insert(place.clone());
            }
        }
        let double = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("sandbox/src/{word}.rs"));
        places.extend(double.exists().then(|| format!("sandbox/{word}")));
        places
    }
}

/// A module of the product, without its tests.
struct Module {
    /// `core/channel/vk`.
    place: String,
    /// With its strings.
    text: String,
    /// What it names of its own crate, from the root; of `core` alone.
    paths: Vec<Vec<String>>,
}

/// All that may name a messenger or a CRM.
fn modules() -> Vec<Module> {
    let mut modules = Vec::new();
    for krate in ["core", "bot", "worker", "."] {
        // Both in the order of their paths.
        for (source, plain) in sources(krate, true).into_iter().zip(sources(krate, false)) {
            assert_eq!(source.module, plain.module);
            let place = format!("{krate}/{}", source.module.join("/"));
            let plays = PLAY.iter().any(|program| place.starts_with(program));
            if plays || WORDS.contains(&place.as_str()) || FOR_TESTS.contains(&source.module[0].as_str()) {
                continue;
            }
            let paths = if krate == "core" { named(&plain) } else { Vec::new() };
            modules.push(Module { place, text: without_tests(&source.text).0, paths });
        }
    }
    modules
}

fn set(places: &[String]) -> BTreeSet<String> {
    places.iter().cloned().collect()
}

/// To add a messenger is five places: its kind, its folder, the registry, its words, its double.
/// (Its host and its proxy are settings, and are added to those.) Telegram is a members' desk
/// besides, so the others are counted.
#[test]
fn a_messenger_is_named_in_five_places() {
    let providers: Vec<&str> = ChannelKind::providers().map(ChannelKind::provider).collect();
    let modules = modules();
    for word in providers.iter().filter(|word| **word != "telegram") {
        let places = One::new("channel", word).places(&modules, &providers);
        let folder = format!("core/channel/{word}");
        let five = ["core/channel/kind", &folder, "core/channel/registry", "bot/words", &format!("sandbox/{word}")].map(str::to_owned);
        assert_eq!(places, set(&five), "{word}: what names it besides, or no more, is to be mended");
    }
    // What the count stands on: nobody takes the kinds apart under another name.
    for krate in ["core", "bot", "worker", "."] {
        for source in sources(krate, false) {
            let hidden = ["ChannelKind::{", "ChannelKind::*", "ChannelKind as", "CrmKind::{", "CrmKind::*", "CrmKind as"];
            let hidden = hidden.iter().find(|way| source.text.contains(**way));
            assert_eq!(hidden, None, "{krate}/{} names kinds by a word of its own", source.module.join("/"));
        }
    }
}

/// To add a CRM is four places: its folder, the registry (with the kind beside it), its words, its
/// double.
#[test]
fn a_crm_is_named_in_four_places() {
    let words: Vec<&str> = CrmKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let modules: Vec<Module> = modules().into_iter().filter(|module| !SETTINGS.contains(&module.place.as_str())).collect();
    for word in &words {
        let folder = format!("core/crm/{word}");
        let four = ["core/crm", &folder, "core/crm/registry", "bot/words", &format!("sandbox/{word}")].map(str::to_owned);
        assert_eq!(
            One::new("crm", word).places(&modules, &words),
            set(&four),
            "{word}: what names it besides, or no more, is to be mended"
        );
    }
}

#[test]
fn one_more_place_is_seen_however_it_names_a_messenger() {
    let vk = One::new("channel", "vk");
    for code in [
        "match kind { ChannelKind::Vk => 1 }",
        "use crate::channel::vk;",
        "row.kind == \"vk\"",
        "where kind = 'vk'",
        "Kind::Vk | Kind::Max",
    ] {
        assert!(vk.is_named_in(code), "{code}");
    }
    for code in ["channel::vk_like()", "let vk = 1;", "\"vk.com\"", "ChannelKind::Viber", "provider() == other.provider()"] {
        assert!(!vk.is_named_in(code), "{code}");
    }
    assert!(One::new("channel", "wazzup").is_named_in("ChannelKind::WazzupWaba"), "one provider, many kinds");
}
