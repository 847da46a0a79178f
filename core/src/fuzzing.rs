//! Fuzz targets: each reader of what outsiders send, as one function of bytes: whatever comes,
//! there is an answer or a refusal, never a panic, and what must hold of an answer holds. `fuzz/`
//! calls them with libFuzzer's inputs; the suite calls them on stable with the committed seeds of
//! `fuzz/seeds` and a bounded number of mutations of them ([`smoke`]), the same every time.

mod archive;
mod dictionaries;
mod fuzz_targets;
mod mutate;

#[cfg(test)]
mod tests;

use std::{panic::catch_unwind, path::Path};

#[cfg(test)]
pub(crate) use fuzz_targets::within_limits;
pub use fuzz_targets::{amocrm_hook, channel_event, crm_hook, phone, refusal, segment, table, telegram_update, template, workbook};
pub use mutate::Mutator;

/// A workbook with this sheet and these shared texts.
#[cfg(test)]
pub(crate) fn workbook_of(sheet: &[u8], texts: &[u8]) -> Vec<u8> {
    archive::workbook(sheet, texts, b"")
}

/// A fuzz target: the name of its program in `fuzz/fuzz_targets` and of its folder in `fuzz/seeds`,
/// and the function itself.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    /// The function: it panics where something is wrong.
    pub run: fn(&[u8]),
    /// Mutations that the suite tries.
    pub turns: u32,
    /// Words that its inputs are made of.
    pub words: &'static [&'static str],
}

/// The fuzz targets of this crate.
pub const TARGETS: &[Target] = &[
    Target { name: "template", run: template, turns: 3_000, words: dictionaries::LIQUID },
    Target { name: "segment", run: segment, turns: 10_000, words: dictionaries::FILTER },
    Target { name: "table", run: table, turns: 2_000, words: dictionaries::CELLS },
    Target { name: "workbook", run: workbook, turns: 2_000, words: dictionaries::SHEET },
    Target { name: "phone", run: phone, turns: 4_000, words: dictionaries::DIGITS },
    Target { name: "refusal", run: refusal, turns: 3_000, words: dictionaries::SAID },
    Target { name: "telegram_update", run: telegram_update, turns: 20_000, words: dictionaries::UPDATE },
    Target { name: "amocrm_hook", run: amocrm_hook, turns: 20_000, words: dictionaries::HOOK },
    Target { name: "channel_event", run: channel_event, turns: 10_000, words: dictionaries::EVENT },
    Target { name: "crm_hook", run: crm_hook, turns: 10_000, words: dictionaries::CRM },
];

/// The committed inputs of a target, by name.
///
/// # Panics
/// When there are none: a target without seeds is not looked at.
#[must_use]
pub fn seeds(name: &str) -> Vec<Vec<u8>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(name);
    let mut paths: Vec<_> = std::fs::read_dir(&dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .map(|entry| entry.expect("an entry of the folder").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} holds no seeds", dir.display());
    paths.iter().map(|path| std::fs::read(path).expect("a seed")).collect()
}

/// Runs a target on nothing, on its seeds, and on as many mutations of them as [`Target::turns`]
/// says.
///
/// # Panics
/// At the first input that the target does not stand, which is named.
pub fn smoke(target: &Target) {
    let try_one = |input: &[u8]| {
        assert!(catch_unwind(|| (target.run)(input)).is_ok(), "{}: b\"{}\"", target.name, input.escape_ascii());
    };
    let seeds = seeds(target.name);
    try_one(b"");
    seeds.iter().for_each(|seed| try_one(seed));
    let mut mutator = Mutator::new(target.name, &seeds, target.words);
    for _ in 0..target.turns {
        try_one(&mutator.next_input());
    }
}
