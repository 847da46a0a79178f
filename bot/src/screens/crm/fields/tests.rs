use mms_core::{
    consent::Purpose,
    crm::mapping::{ConsentMapping, FieldMapping},
    id::FieldId,
};

use super::*;
use crate::{screens::crm::cards::tests::active, snapshots, testing};

fn crm_field(id: &str, title: &str, kind: CrmFieldKind, options: &[&str]) -> CrmField {
    CrmField {
        id: id.to_owned(),
        title: title.to_owned(),
        kind,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        part: None,
    }
}

pub fn row() -> Connection {
    let mut row = active();
    row.sync_cursor.fields = vec![
        crm_field("31001", "Не писать", CrmFieldKind::Flag, &[]),
        crm_field("31002", "Размер <EU>", CrmFieldKind::Text, &["S", "M", "L"]),
        crm_field("31003", "Дата визита", CrmFieldKind::Date, &[]),
        crm_field("31004", "Согласие на рассылку", CrmFieldKind::Text, &["Да", "Да, по телефону", "Нет"]),
        crm_field("31005", "Дата согласия", CrmFieldKind::Date, &[]),
        crm_field("31006", "Сумма покупок", CrmFieldKind::Number, &[]),
        crm_field("31007", "Очень длинное название поля, которое придумал администратор в тот день", CrmFieldKind::Text, &[]),
        crm_field("31008", "Город", CrmFieldKind::Text, &[]),
        crm_field("31009", "Комментарий", CrmFieldKind::Text, &[]),
        crm_field("31010", "Согласие отметил", CrmFieldKind::Text, &[]),
    ];
    row
}

pub fn mapped() -> Connection {
    let mut row = row();
    row.settings.fields = vec![
        FieldMapping { crm_field: "31008".to_owned(), key: "city".to_owned(), kind: FieldKind::Text },
        FieldMapping { crm_field: "31003".to_owned(), key: "last_visit".to_owned(), kind: FieldKind::Date },
    ];
    row.settings.consents = vec![ConsentMapping {
        purpose: Purpose::Marketing,
        crm_field: "31004".to_owned(),
        yes: vec!["Да".to_owned(), "Да, по телефону".to_owned()],
        at_field: Some("31005".to_owned()),
        author_field: Some("31010".to_owned()),
        stated_at: testing::moment(),
    }];
    row.settings.opt_out_field = Some("31001".to_owned());
    row
}

fn ours() -> Vec<Field> {
    let field = |key: &str, title: &str, kind| Field { id: FieldId(uuid::Uuid::nil()), key: key.to_owned(), title: title.to_owned(), kind };
    vec![
        field("city", "Город", FieldKind::Text),
        field("last_visit", "Последний визит", FieldKind::Date),
        field("vip", "VIP", FieldKind::Flag),
    ]
}

pub fn by(row: &Connection, index: usize) -> CrmField {
    crm_fields(row)[index].clone()
}

snapshots!(crm_fields_none, |tr| fields_card(tr, &active(), &ours(), 0, Role::Owner));
snapshots!(crm_fields_mapped, |tr| fields_card(tr, &mapped(), &ours(), 0, Role::Owner));
snapshots!(crm_fields_last_page, |tr| fields_card(tr, &mapped(), &ours(), 1, Role::Owner));
snapshots!(crm_fields_viewer, |tr| fields_card(tr, &mapped(), &ours(), 0, Role::Viewer));
snapshots!(crm_field_free, |tr| field_card(tr, &row(), &by(&row(), 6), &ours(), 0));
snapshots!(crm_field_mapped, |tr| field_card(tr, &mapped(), &by(&row(), 2), &ours(), 0));
