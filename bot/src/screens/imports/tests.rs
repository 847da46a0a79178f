use mms_core::{
    contact::import::{
        Basis, Counts, Example, Numbers,
        mapping::Mapping,
        profile::Profile,
        table::{Format, Note},
    },
    id::{AccountId, FieldId, FileId, MemberId},
};
use uuid::Uuid;

use super::*;
use crate::{snapshots, testing};

fn city() -> Field {
    Field { id: FieldId(Uuid::nil()), key: "city".to_owned(), title: "Город".to_owned(), kind: FieldKind::Text }
}

fn import(state: State) -> Import {
    let counts = |counts: &[(&str, u64)]| counts.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect();
    let example = |code: &str, line, cell: &str, whole| {
        let title = if code == "bad_date" { "Визит" } else { "" };
        Example { code: code.to_owned(), line, cell: cell.to_owned(), title: title.to_owned(), whole }
    };
    let examples = vec![
        example("phone_too_short", 17, "8912", true),
        example("no_address", 40, "", true),
        example("bad_date", 5, "вчера", false),
        example("other_name", 9, "Борис", false),
    ];
    let numbers = Numbers {
        rows: 1_220,
        new: 1_000,
        updated: 200,
        joined: 4,
        cut_names: 3,
        refused: counts(&[("phone_too_short", 12), ("no_address", 4)]),
        partly: 5,
        left_out: counts(&[("bad_date", 4), ("other_name", 1)]),
        examples: if state == State::Ready { examples } else { Vec::new() },
        chats: counts(&[("telegram", 140)]),
        consents: 2_400,
    };
    let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
    Import {
        id: ImportId(Uuid::nil()),
        account_id: AccountId(Uuid::nil()),
        member_id: MemberId(Uuid::nil()),
        file_id: FileId(Uuid::nil()),
        file_name: "клиенты <осень>.csv".to_owned(),
        state,
        mapping: Mapping {
            file_name: "клиенты <осень>.csv".to_owned(),
            format: Format::Csv { encoding: "windows-1251".to_owned(), delimiter: ';' },
            header: true,
            titles: row(["ФИО", "Моб. телефон", "Город", "", "Сумма"]),
            columns: vec![Target::Name, Target::Phone, Target::Field { key: "city".to_owned() }, Target::Skip, Target::Skip],
            top: 0,
            profiles: vec![Profile { filled: true, ..Profile::default() }; 5],
            day_order: None,
            sheets: Vec::new(),
            sheet: None,
            hidden: Vec::new(),
            notes: Vec::new(),
            sample: vec![
                row(["Ковалёва Анна Петровна", "8 912 345-67-89", "Москва", "", "5"]),
                row(["Иван", "89123456788", "Казань", "x", "1 000"]),
            ],
            tags: vec!["осень".to_owned()],
        },
        origin: Some("Анкеты с выставки, папка 7".to_owned()),
        basis: Some(Basis::SignedDocument),
        counts: Counts {
            dry: numbers.clone(),
            live: if state == State::Running { Numbers { rows: 500, new: 450, updated: 44, ..Numbers::default() } } else { numbers },
        },
        next_row: if state == State::Running { 500 } else { 1_216 },
        refused_file_id: (state == State::Done).then_some(FileId(Uuid::nil())),
        attempts: 0,
        error: None,
        created_at: testing::moment() - chrono::TimeDelta::minutes(7),
        finished_at: matches!(state, State::Done | State::Failed | State::Cancelled).then(testing::moment),
    }
}

/// A workbook of which much must be told, and whose dates must be asked about.
fn strange() -> Import {
    let mut import = fresh();
    import.mapping.format = Format::Xlsx { sheet: "Новые".to_owned() };
    import.mapping.sheets = vec!["Новые".to_owned(), "Ещё <один>".to_owned()];
    import.mapping.sheet = Some(0);
    import.mapping.notes = vec![
        Note::Above { rows: 2 },
        Note::HiddenRows { rows: 7 },
        Note::HiddenSheets { names: vec!["Старые".to_owned()] },
        Note::Uncomputed { cells: 3, first: "B2".to_owned() },
        Note::OtherEncoding { lines: 1, first: 4, encoding: "windows-1251".to_owned() },
        Note::Twice { encoding: "windows-1251".to_owned() },
        Note::Torn { lines: 1, first: 3 },
        Note::OpenQuote { line: 2, lines: 1 },
    ];
    import.mapping.hidden = vec![1, 4];
    import.mapping.columns[3] = Target::Field { key: "visit".to_owned() };
    import.mapping.profiles[3].dates.either = true;
    import
}

fn visit() -> Field {
    Field { id: FieldId(Uuid::nil()), key: "visit".to_owned(), title: "Визит".to_owned(), kind: FieldKind::Date }
}

fn fresh() -> Import {
    let mut import = import(State::Mapping);
    import.origin = None;
    import.basis = None;
    import.counts = Counts::default();
    import.mapping.columns = vec![Target::Skip; 5];
    import.mapping.header = false;
    import.mapping.tags = Vec::new();
    import.mapping.format = Format::Xlsx { sheet: "Лист1".to_owned() };
    import
}

fn cancelled_before() -> Import {
    let mut import = import(State::Cancelled);
    import.next_row = 0;
    import
}

snapshots!(imports_list, |tr| list_card(tr, &[import(State::Done), import(State::Ready), import(State::Failed)]));
snapshots!(imports_list_empty, |tr| list_card(tr, &[]));
snapshots!(imports_fresh, |tr| card(tr, &fresh(), &[city()], testing::moment()));
snapshots!(imports_columns_hidden, |tr| columns_card(tr, &strange(), &[visit()], 0));
snapshots!(imports_mapping, |tr| card(tr, &import(State::Mapping), &[city()], testing::moment()));
snapshots!(imports_ready, |tr| card(tr, &import(State::Ready), &[city()], testing::moment()));
snapshots!(imports_strange, |tr| card(tr, &strange(), &[city(), visit()], testing::moment()));
snapshots!(imports_sheets, |tr| sheets_card(tr, &strange()));
snapshots!(imports_foreign, |tr| ask_file(tr, Some(&unreadable(tr, &TableError::Foreign(Foreign::Page)))));
snapshots!(imports_running, |tr| card(tr, &import(State::Running), &[city()], testing::moment()));
snapshots!(imports_done, |tr| card(tr, &import(State::Done), &[city()], testing::moment()));
snapshots!(imports_held, |tr| card(tr, &import(State::Held), &[city()], testing::moment()));
snapshots!(imports_held_off, |tr| {
    let error = Some("feature_off: Письмо № 5 <от 20.11.2026>".to_owned());
    card(tr, &Import { error, ..import(State::Held) }, &[city()], testing::moment())
});
snapshots!(imports_quota_waiting, |tr| ask_file(tr, Some(&used_up(tr, Quota::Waiting))));
snapshots!(imports_quota_often, |tr| ask_file(tr, Some(&used_up(tr, Quota::Often(60)))));
snapshots!(imports_quota_kept, |tr| ask_file(tr, Some(&used_up(tr, Quota::Kept))));
snapshots!(imports_bomb, |tr| ask_file(tr, Some(&unreadable(tr, &TableError::Bomb))));
snapshots!(imports_failed, |tr| card(tr, &import(State::Failed), &[city()], testing::moment()));
snapshots!(imports_cancelled, |tr| card(tr, &import(State::Cancelled), &[city()], testing::moment()));
snapshots!(imports_cancelled_before, |tr| card(tr, &cancelled_before(), &[city()], testing::moment()));
snapshots!(imports_columns, |tr| columns_card(tr, &import(State::Ready), &[city()], 0));
snapshots!(imports_column, |tr| column(tr, &import(State::Ready), &[city()], 2, 0));
snapshots!(imports_column_unnamed, |tr| column(tr, &import(State::Ready), &[], 3, 0));
snapshots!(imports_new_field, |tr| kinds(tr, &import(State::Ready), 4));
snapshots!(imports_bases, |tr| bases(tr, &import(State::Ready)));
snapshots!(imports_ask_origin, |tr| ask_origin(tr, &import(State::Ready), Basis::OwnerStatement, true));
snapshots!(imports_ask_tags, |tr| ask_tags(tr, &import(State::Ready)));
snapshots!(imports_ask_cancel, |tr| ask_cancel(tr, &import(State::Ready)));
snapshots!(imports_ask_stop, |tr| ask_cancel(tr, &import(State::Running)));
snapshots!(imports_file_again, |tr| ask_file(tr, Some(&unreadable(tr, &TableError::Protected))));
