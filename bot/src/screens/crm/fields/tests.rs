use mms_core::{
    crm::mapping::{ConsentMapping, FieldMapping},
    id::FieldId,
};

use super::*;
use crate::{screens::crm::cards::tests::active, snapshots, testing};

fn crm_field(id: &str, title: &str, kind: CrmFieldKind, options: &[&str]) -> CrmField {
    CrmField { id: id.to_owned(), title: title.to_owned(), kind, options: options.iter().map(|option| (*option).to_owned()).collect() }
}

fn row() -> Connection {
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
    ];
    row
}

fn mapped() -> Connection {
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
        author_field: None,
        stated_at: testing::moment(),
    }];
    row.settings.opt_out_field = Some("31001".to_owned());
    row
}

fn undated() -> Connection {
    let mut row = mapped();
    row.settings.consents[0].at_field = None;
    row.settings.consents[0].yes.clear();
    row.settings.opt_out_field = None;
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

fn by(row: &Connection, index: usize) -> CrmField {
    crm_fields(row)[index].clone()
}

snapshots!(crm_fields_none, |tr| fields_card(tr, &active(), 0, Role::Owner));
snapshots!(crm_fields_mapped, |tr| fields_card(tr, &mapped(), 0, Role::Owner));
snapshots!(crm_fields_last_page, |tr| fields_card(tr, &mapped(), 1, Role::Owner));
snapshots!(crm_fields_viewer, |tr| fields_card(tr, &mapped(), 0, Role::Viewer));
snapshots!(crm_field_free, |tr| field_card(tr, &row(), &by(&row(), 6), &ours(), 0));
snapshots!(crm_field_mapped, |tr| field_card(tr, &mapped(), &by(&row(), 2), &ours(), 0));
snapshots!(crm_consents_none, |tr| consents_card(tr, &row(), Role::Owner));
snapshots!(crm_consents, |tr| consents_card(tr, &mapped(), Role::Owner));
snapshots!(crm_consents_undated, |tr| consents_card(tr, &undated(), Role::Owner));
snapshots!(crm_consents_viewer, |tr| consents_card(tr, &mapped(), Role::Viewer));
snapshots!(crm_consent_fields, |tr| consent_fields(tr, &row(), Purpose::Marketing, 0));
snapshots!(crm_consent_fields_none, |tr| consent_fields(tr, &active(), Purpose::PersonalData, 0));
snapshots!(crm_consent_values, |tr| consent_values(tr, row().id, Purpose::Marketing, &by(&row(), 3), 0b11));
snapshots!(crm_consent_ask_yes, |tr| ask_yes(tr, row().id, Purpose::Marketing, &by(&row(), 8), false));
snapshots!(crm_consent_again, |tr| ask_yes(tr, row().id, Purpose::Marketing, &by(&row(), 8), true));
snapshots!(crm_consent_dates, |tr| dates(tr, &mapped(), Purpose::Marketing));
snapshots!(crm_opt_outs, |tr| opt_outs(tr, &mapped()));
snapshots!(crm_opt_outs_none, |tr| opt_outs(tr, &active()));
