use std::{collections::BTreeSet, path::Path};

use super::*;

/// One test a target, so that they run side by side and a failure names its target.
macro_rules! targets {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                smoke(TARGETS.iter().find(|target| target.name == stringify!($name)).expect("a target"));
            }
        )+

        #[test]
        fn every_target_is_tried() {
            assert_eq!(TARGETS.iter().map(|target| target.name).collect::<Vec<_>>(), [$(stringify!($name)),+]);
        }
    };
}
targets!(template, segment, table, workbook, phone, refusal, telegram_update, amocrm_hook, channel_event, crm_hook);

#[test]
fn the_same_inputs_come_every_time() {
    let seeds = [b"abc".to_vec(), b"0123456789".to_vec()];
    let inputs = |name| {
        let mut mutator = Mutator::new(name, &seeds, &["word"]);
        (0..200).map(|_| mutator.next_input()).collect::<Vec<_>>()
    };
    assert_eq!(inputs("x"), inputs("x"));
    assert_ne!(inputs("x"), inputs("y"));
    assert!(inputs("x").into_iter().collect::<BTreeSet<_>>().len() > 150, "few repeat");
}

#[test]
fn an_archive_is_read_as_a_workbook() {
    let sheet = br#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>5</v></c></row></sheetData></worksheet>"#;
    let book = archive::workbook(sheet, b"<sst><si><t>x</t></si></sst>", b"");
    let table = crate::contact::import::table::read(&book).expect("a table");
    assert_eq!(table.rows, [crate::contact::import::table::Row::new(1, &["x".to_owned(), "5".to_owned()])]);
}

/// The programs of `fuzz/` call the targets there are, each its own.
#[test]
fn every_program_of_fuzz_calls_its_target() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let manifest = std::fs::read_to_string(dir.join("Cargo.toml")).expect("fuzz/Cargo.toml");
    let listed: BTreeSet<&str> = manifest.split("[[bin]]\nname = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let written: BTreeSet<String> = std::fs::read_dir(dir.join("fuzz_targets"))
        .expect("fuzz/fuzz_targets")
        .map(|entry| entry.expect("an entry").path().file_stem().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    assert_eq!(listed, written.iter().map(String::as_str).collect());
    for target in TARGETS {
        let program = std::fs::read_to_string(dir.join("fuzz_targets").join(target.name).with_extension("rs")).expect(target.name);
        assert!(program.contains(&format!("mms_core::fuzzing::{}(", target.name)), "{program}");
    }
}
