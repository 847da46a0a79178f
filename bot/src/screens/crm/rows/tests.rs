use chrono::TimeDelta;
use mms_core::{
    account::{Language, Role},
    consent::Grade,
    contact::FieldKind,
    crm::{
        CrmError, CrmField, CrmFieldKind, CrmKind,
        connection::{BEGIN, ConnectError, ConnectionState, Counts, Stats, SyncPhase},
        mapping::{FieldMapping, PartMapping, Stated},
        unusable::{Unusable, Why},
    },
    id::FieldId,
};

use super::*;
use crate::{
    screens::crm::{cards, connect, consents, fields},
    snapshots, testing,
};

fn row() -> Connection {
    let mut row = cards::tests::active();
    row.kind = CrmKind::Spreadsheet;
    row.name = "clients.csv".to_owned();
    row.base_url = "https://files.romashka.example".to_owned();
    row.next_sync_at = Some(testing::moment() + TimeDelta::minutes(15));
    let field = |title: &str, kind| CrmField::new(title.to_owned(), title, kind, Vec::new());
    row.sync_cursor.fields = vec![
        field("ID", CrmFieldKind::Number),
        field("ФИО", CrmFieldKind::Text),
        field("Телефон", CrmFieldKind::Text),
        field("Город <и область>", CrmFieldKind::Text),
        field("Не писать", CrmFieldKind::Flag),
    ];
    let part = |crm_field: &str, part| PartMapping { crm_field: crm_field.to_owned(), part };
    row.settings.parts = vec![part("ID", Part::Key), part("ФИО", Part::Name), part("Телефон", Part::Phone)];
    row.settings.fields =
        vec![FieldMapping { crm_field: "Город <и область>".to_owned(), key: "city".to_owned(), kind: FieldKind::Text }];
    row.settings.opt_out_field = Some("Не писать".to_owned());
    row
}

fn ours() -> Vec<Field> {
    vec![Field { id: FieldId(uuid::Uuid::nil()), key: "city".to_owned(), title: "Город".to_owned(), kind: FieldKind::Text }]
}

fn new() -> Connection {
    let mut row = row();
    row.state = ConnectionState::Paused;
    row.state_reason = Some(BEGIN.to_owned());
    row.last_synced_at = None;
    row.next_sync_at = None;
    row.sync_cursor.stats = Stats::default();
    row
}

fn read() -> RowsRead {
    RowsRead {
        rows: 1_204,
        unkeyed: Lines { count: 2, first: vec![17, 301] },
        doubled: Lines { count: 12, first: (40..48).collect() },
        unread: Lines::default(),
    }
}

fn refused(why: Why) -> Connection {
    let mut row = row();
    row.state_reason = Some("unusable".to_owned());
    let meant = matches!(why, Why::Fewer | Why::Others | Why::Columns);
    let what = Unusable { before: 1_204, now: 310, hash: meant.then(|| "0f".to_owned()), ..Unusable::because(why) };
    row.sync_cursor.unusable = Some(if why == Why::Columns { what.of(["Город <и область>".to_owned()]) } else { what });
    row
}

fn person(name: &str, phones: &[&str], granted: bool, opted_out: bool) -> Person {
    let stated = |purpose, grade| Stated {
        purpose,
        action: if granted { Action::Granted } else { Action::Withdrawn },
        grade,
        at: testing::moment(),
        evidence: serde_json::Value::Null,
    };
    Person {
        name: name.to_owned(),
        phones: phones.iter().map(|phone| (*phone).to_owned()).collect(),
        tags: vec!["VIP".to_owned(), "/menu".to_owned()],
        attributes: serde_json::json!({ "city": "Орёл & область", "old": null }).as_object().cloned().unwrap_or_default(),
        consents: vec![stated(Purpose::Marketing, Grade::C), stated(Purpose::PersonalData, Grade::D)],
        opted_out,
    }
}

fn seen() -> Preview {
    let people = vec![
        person("Анна <Кузнецова>", &["+79123456789", "+79120000001"], true, false),
        person("Борис", &["+79120000002"], false, false),
        person("", &[], true, true),
    ];
    let consents = vec![(Purpose::PersonalData, 1_000), (Purpose::Marketing, 870)];
    let counted = Counted { people: 1_190, without_phone: 4, bad_phones: 3, opted_out: 7, consents };
    Preview { connection: new(), people, counted: Some(counted), rows: Some(read()) }
}

/// Of a CRM that is asked page by page.
fn glimpse() -> Preview {
    let Preview { people, .. } = seen();
    Preview { connection: cards::tests::active(), people: people.into_iter().take(1).collect(), counted: None, rows: None }
}

fn card(tr: Tr, row: &Connection, role: Role) -> Screen {
    cards::card(tr, row, Counts { contacts: 1_190, without_phone: 4, waiting: 0 }, None, false, role, testing::moment())
}

fn told() -> Connection {
    let mut row = row();
    row.sync_phase = SyncPhase::Idle;
    row.sync_cursor.rows = Some(read());
    row
}

fn asked(tr: Tr, again: bool) -> Screen {
    let refused = again.then(|| connect::refusal(tr, Some(CrmKind::Spreadsheet), ConnectError::BadAddress).expect("a sentence"));
    cards::ask_address(tr, CrmKind::Spreadsheet, false, refused)
}

fn renewed(tr: Tr) -> Screen {
    cards::ask_value(tr, CrmKind::Spreadsheet, &registry::login(CrmKind::Spreadsheet).asks()[0], &row().base_url, Call::List)
}

snapshots!(crm_table_address, |tr| asked(tr, false));
snapshots!(crm_table_address_again, |tr| asked(tr, true));
snapshots!(crm_table_new_address, |tr| renewed(tr));
snapshots!(crm_table_begin, |tr| card(tr, &new(), Role::Owner));
snapshots!(crm_table_card, |tr| card(tr, &told(), Role::Owner));
snapshots!(crm_table_card_viewer, |tr| card(tr, &told(), Role::Viewer));
snapshots!(crm_table_refused, |tr| card(tr, &refused(Why::Fewer), Role::Owner));
snapshots!(crm_table_refused_page, |tr| card(tr, &refused(Why::Page), Role::Owner));
snapshots!(crm_table_closed, |tr| card(
    tr,
    &Connection { state: ConnectionState::ReauthRequired, state_reason: Some("token_refused".to_owned()), ..row() },
    Role::Owner
));
snapshots!(crm_table_fields, |tr| fields::fields_card(tr, &row(), &ours(), 0, Role::Owner));
snapshots!(crm_table_field, |tr| fields::field_card(tr, &new(), &row().sync_cursor.fields[2], &ours(), 0));
snapshots!(crm_table_field_begun, |tr| {
    let mut row = row();
    row.sync_cursor.full_at = Some(testing::moment());
    fields::field_card(tr, &row, &row.sync_cursor.fields[3].clone(), &ours(), 0)
});
snapshots!(crm_table_consents, |tr| consents::consents_card(tr, &row(), Role::Owner));
snapshots!(crm_table_every, |tr| ask_every(tr, &row()));
snapshots!(crm_table_preview, |tr| preview(tr, &seen(), &ours(), true));
snapshots!(crm_preview, |tr| preview(tr, &glimpse(), &ours(), false));

/// Each failure of a table has a sentence of its own in both languages, and says what to do.
#[test]
fn every_failure_has_a_sentence() {
    for language in [Language::Ru, Language::En] {
        let tr = Tr::new(language, chrono_tz::Europe::Moscow);
        let of = |error: CrmError| connect::refusal(tr, Some(CrmKind::Spreadsheet), ConnectError::Crm(error)).expect("a sentence");
        let mut sentences: Vec<String> = Why::ALL.iter().map(|why| of((*why).into())).collect();
        let passing = CrmError::Transient { detail: String::new(), smaller: false };
        for error in [
            CrmError::Unauthorised,
            CrmError::Forbidden(String::new()),
            CrmError::Rejected(String::new()),
            CrmError::RetryAfter(std::time::Duration::ZERO),
            passing,
        ] {
            sentences.push(of(error));
        }
        for sentence in &sentences {
            assert!(sentence.matches(". ").count() + sentence.matches(": ").count() >= 1 && !sentence.contains("CSV, XLSX"), "{sentence}");
        }
        let all = sentences.len();
        sentences.sort();
        sentences.dedup();
        assert_eq!(sentences.len(), all, "each is told from the others");
        let named = Unusable::because(Why::NoKey).of(["ID".to_owned()]);
        assert!(unusable(tr, &named).contains("(ID)"));
        for part in Part::ALL {
            assert!(!super::part(tr, *part).is_empty());
        }
        for (minutes, words) in EVERY.map(|minutes| (minutes, often(tr, minutes))) {
            assert!(!words.contains("мин") && !words.contains(" min ") || minutes < 60, "{words}");
        }
    }
}
