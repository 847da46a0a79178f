use mms_core::{
    account::Role,
    contact::{FieldKind, segment::Filter},
    id::FieldId,
};
use uuid::Uuid;

use super::*;
use crate::{
    frame::{page::Page, screen::Screen},
    snapshots, testing,
};

fn account_fields() -> Vec<Field> {
    [("city", "Город", FieldKind::Text), ("last_visit", "Последний визит", FieldKind::Date), ("sum", "Сумма", FieldKind::Number)]
        .map(|(key, title, kind)| Field { id: FieldId(Uuid::from_u128(9)), key: key.to_owned(), title: title.to_owned(), kind })
        .to_vec()
}

const LINE: &str = "tag = vip and (city in (Москва, Казань) or not last_visit < 90d)";

fn segment(filter: &str) -> Segment {
    let now = testing::moment();
    Segment {
        id: SegmentId(Uuid::nil()), name: "VIP <Москва>".to_owned(), filter: filter.to_owned(), created_at: now, updated_at: now
    }
}

fn shown(tr: Tr, filter: &str) -> Shown {
    let segment = segment(filter);
    Shown {
        words: words(tr, &segment, &account_fields()),
        segment,
        filter: Filter::parse_kept(filter, &account_fields()),
        count: 1_234,
        sample: vec!["Анна & Ко".to_owned(), "Иван".to_owned()],
        users: vec!["Осень".to_owned()],
    }
}

fn wrong(tr: Tr, line: &str) -> Screen {
    let error = Filter::parse(line, &account_fields()).unwrap_err();
    ask_text(tr, &segment(LINE), LINE, Some((line, &error)))
}

snapshots!(segments_list, |tr| list_card(
    tr,
    &[(segment(LINE), Some(1_234)), (segment("gone = 1"), None)],
    12,
    Page::of(12, 8, 0),
    Role::Manager
));
snapshots!(segments_list_none, |tr| list_card(tr, &[], 0, Page::of(0, 8, 0), Role::Viewer));
snapshots!(segments_card, |tr| card(tr, &shown(tr, LINE), Role::Manager));
snapshots!(segments_card_everybody, |tr| card(tr, &shown(tr, ""), Role::Manager));
snapshots!(segments_card_broken, |tr| card(tr, &shown(tr, "gone = 1"), Role::Manager));
snapshots!(segments_card_approver, |tr| card(tr, &shown(tr, LINE), Role::Approver));
snapshots!(segments_card_viewer, |tr| card(tr, &shown(tr, LINE), Role::Viewer));
snapshots!(segments_more, |tr| more_card(tr, &segment(LINE), &words(tr, &segment(LINE), &account_fields()), true, Role::Manager));
snapshots!(segments_help, |tr| help(tr));
snapshots!(segments_ask_name, |tr| ask_name(tr, None));
snapshots!(segments_ask_text, |tr| ask_text(tr, &segment(LINE), &words(tr, &segment(LINE), &account_fields()), None));
snapshots!(segments_wrong_title, |tr| wrong(tr, "послдний визит больше 30 дней назад"));
snapshots!(segments_wrong_value, |tr| wrong(tr, "город = Тула и Рязань"));
snapshots!(segments_wrong_number, |tr| wrong(tr, "сумма больше 1,250"));
snapshots!(segments_wrong_date, |tr| wrong(tr, "последний визит > 30"));
snapshots!(segments_wrong_name, |tr| wrong(tr, "tag = vip and sity = Москва"));
snapshots!(segments_wrong_end, |tr| wrong(tr, "tag = vip and"));
snapshots!(segments_wrong_operator, |tr| wrong(tr, "tag = vip and city in (Москва, Казань) and city > Казань or tag = b2b"));
snapshots!(segments_wrong_bracket, |tr| wrong(tr, "(tag = vip and city = <b>"));
snapshots!(segments_ask_delete, |tr| ask_delete(tr, &segment(LINE), &[]));
snapshots!(segments_in_use, |tr| ask_delete(tr, &segment(LINE), &["Осень".to_owned(), "Зима & лето".to_owned()]));
snapshots!(segments_fields, |tr| fields_card(tr, &segment(LINE), &account_fields(), Join::Or, 0));
snapshots!(segments_operators, |tr| operators(
    tr,
    &segment(LINE),
    (&Name::from(&account_fields()[1]), "Последний визит"),
    Join::And,
    Of::Field(FieldId(Uuid::nil()))
));
snapshots!(segments_values_days, |tr| values(
    tr,
    &segment(LINE),
    (&Name::from(&account_fields()[1]), "Последний визит"),
    (Join::And, Of::Field(FieldId(Uuid::nil())), Pick::Within),
    &[],
    None
));
snapshots!(segments_values_tag, |tr| values(
    tr,
    &segment(LINE),
    (&Name::Tag, Name::Tag.title(tr.language == Language::Ru)),
    (Join::And, Of::BuiltIn(0), Pick::Is),
    &["vip".to_owned(), "тег, который длиннее кнопки".to_owned()],
    None
));
snapshots!(segments_values_wrong, |tr| values(
    tr,
    &segment(LINE),
    (&Name::from(&account_fields()[2]), "Сумма"),
    (Join::And, Of::Field(FieldId(Uuid::nil())), Pick::More),
    &[],
    Some(&problem(tr, &mms_core::contact::segment::Problem::BadNumber("много".to_owned())))
));
snapshots!(segments_conditions, |tr| conditions(
    tr,
    &segment(LINE),
    &Filter::parse(LINE, &account_fields()).unwrap(),
    &account_fields(),
    0
));
snapshots!(segments_ask_remove_last, |tr| ask_remove_last(tr, &segment("tag = vip")));
snapshots!(segments_condition, |tr| condition(
    tr,
    &segment(LINE),
    Filter::parse(LINE, &account_fields()).unwrap().conditions()[1],
    &account_fields(),
    1
));
