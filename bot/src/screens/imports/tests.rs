use mms_core::{
    contact::import::{Counts, Numbers, mapping::Mapping, table::Format},
    id::{AccountId, FileId, MemberId},
};
use uuid::Uuid;

use super::*;
use crate::{snapshots, testing};

fn city() -> Field {
    Field { id: FieldId(Uuid::nil()), key: "city".to_owned(), title: "Город".to_owned(), kind: FieldKind::Text }
}

fn import(state: State) -> Import {
    let refused = [("phone_too_short", 3), ("duplicate", 12), ("bad_date", 1)].map(|(code, n)| (code.to_owned(), n)).into();
    let numbers = Numbers { rows: 1_216, new: 1_000, updated: 200, cut_names: 3, refused, consents: 2_400 };
    let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
    Import {
        id: ImportId(Uuid::nil()),
        account_id: AccountId(Uuid::nil()),
        member_id: MemberId(Uuid::nil()),
        file_id: FileId(Uuid::nil()),
        state,
        mapping: Mapping {
            file_name: "клиенты <осень>.csv".to_owned(),
            format: Format::Csv { encoding: "windows-1251".to_owned(), delimiter: ';' },
            header: true,
            titles: row(["ФИО", "Моб. телефон", "Город", "", "Сумма"]),
            columns: vec![Target::Name, Target::Phone, Target::Field { key: "city".to_owned() }, Target::Skip, Target::Skip],
            sample: vec![row(["Анна <К>", "8 912 345-67-89", "Москва", "", "5"]), row(["Иван", "89123456788", "Казань", "x", "1 000"])],
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
snapshots!(imports_mapping, |tr| card(tr, &import(State::Mapping), &[city()], testing::moment()));
snapshots!(imports_ready, |tr| card(tr, &import(State::Ready), &[city()], testing::moment()));
snapshots!(imports_running, |tr| card(tr, &import(State::Running), &[city()], testing::moment()));
snapshots!(imports_done, |tr| card(tr, &import(State::Done), &[city()], testing::moment()));
snapshots!(imports_held, |tr| card(tr, &import(State::Held), &[city()], testing::moment()));
snapshots!(imports_quota_waiting, |tr| ask_file(tr, Some(&used_up(tr, Quota::Waiting))));
snapshots!(imports_quota_often, |tr| ask_file(tr, Some(&used_up(tr, Quota::Often))));
snapshots!(imports_quota_kept, |tr| ask_file(tr, Some(&used_up(tr, Quota::Kept))));
snapshots!(imports_bomb, |tr| ask_file(tr, Some(&unreadable(tr, &TableError::Bomb))));
snapshots!(imports_failed, |tr| card(tr, &import(State::Failed), &[city()], testing::moment()));
snapshots!(imports_cancelled, |tr| card(tr, &import(State::Cancelled), &[city()], testing::moment()));
snapshots!(imports_cancelled_before, |tr| card(tr, &cancelled_before(), &[city()], testing::moment()));
snapshots!(imports_columns, |tr| columns_card(tr, &import(State::Ready), &[city()], 0));
snapshots!(imports_column, |tr| column(tr, &import(State::Ready), &[city()], 2));
snapshots!(imports_column_unnamed, |tr| column(tr, &import(State::Ready), &[], 3));
snapshots!(imports_new_field, |tr| kinds(tr, &import(State::Ready), 4));
snapshots!(imports_bases, |tr| bases(tr, &import(State::Ready)));
snapshots!(imports_ask_origin, |tr| ask_origin(tr, &import(State::Ready), Basis::OwnerStatement, true));
snapshots!(imports_ask_tags, |tr| ask_tags(tr, &import(State::Ready)));
snapshots!(imports_ask_cancel, |tr| ask_cancel(tr, &import(State::Ready)));
snapshots!(imports_ask_stop, |tr| ask_cancel(tr, &import(State::Running)));
snapshots!(imports_file_again, |tr| ask_file(tr, Some(&unreadable(tr, &TableError::OldWorkbook))));
