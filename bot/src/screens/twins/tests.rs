use mms_core::{
    contact::{
        Address, AddressState, Contact, FieldKind, PHONE,
        card::Asked,
        source::{Said, Source},
    },
    id::{ANY_CHANNEL, AddressId},
};
use serde_json::{Map, json};
use sqlx::types::Json;
use uuid::Uuid;

use super::*;
use crate::{snapshots, testing};

fn source(n: u128, name: &str, city: &str) -> Source {
    let mut values = Map::new();
    values.insert("city".to_owned(), json!(city));
    Source {
        connection_id: ConnectionId(Uuid::from_u128(n)),
        crm_id: (70 + n).to_string(),
        updated_at: testing::moment() + chrono::TimeDelta::seconds(i64::try_from(n).unwrap()),
        since: testing::moment(),
        said: Some(Json(Said { name: "Анна <Кузнецова>".to_owned(), values, ..Said::default() })),
        name: name.to_owned(),
        ended: false,
    }
}

fn person(n: u128, name: &str, city: &str) -> Card {
    let now = testing::moment();
    let contact = Contact {
        id: ContactId(Uuid::from_u128(n)),
        name: name.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        language: None,
        zone: None,
        attributes: Map::from_iter([("city".to_owned(), json!(city))]),
        marketing_grade: None,
        personal_data_grade: None,
        opted_out_at: (n == 2).then_some(now),
        source: "import".to_owned(),
        last_contacted_at: None,
        last_marketing_at: None,
        last_answered_at: None,
        created_at: now - chrono::TimeDelta::days(200),
        deleted_at: None,
    };
    let address = Address {
        id: AddressId(Uuid::from_u128(n)),
        contact_id: contact.id,
        kind: PHONE.to_owned(),
        value: format!("+7912345678{n}"),
        scope_id: ANY_CHANNEL,
        state: AddressState::Unknown,
        state_reason: None,
    };
    Card {
        contact,
        tags: Vec::new(),
        addresses: vec![address],
        suppressions: Vec::new(),
        consents: Vec::new(),
        asked: Asked::default(),
        deliveries: Vec::new(),
        messages: Vec::new(),
        occasions: Vec::new(),
        sources: Vec::new(),
        rules: Rules::default(),
        papers: Vec::new(),
    }
}

fn fields() -> Vec<Field> {
    vec![Field {
        id: FieldId(Uuid::from_u128(1)), key: "city".to_owned(), title: "Город & край".to_owned(), kind: FieldKind::Text
    }]
}

fn both() -> (Pair, Card, Card) {
    let (mut one, two) = (person(1, "Анна <Кузнецова>", "Казань"), person(2, "", "Тула"));
    one.sources = vec![source(1, "Салон <Север>", "Казань"), source(2, "Магазин", "Тула")];
    (Pair { one_id: one.contact.id, two_id: two.contact.id, why: Shared::Phone }, one, two)
}

fn joined(proof: Proof, member: Option<&str>) -> Joined {
    Joined {
        id: JoinId(Uuid::from_u128(7)),
        contact: ContactId(Uuid::from_u128(1)),
        name: "Анна <Кузнецова>".to_owned(),
        other: "Кузнецова А.".to_owned(),
        proof,
        member: member.map(str::to_owned),
        at: testing::moment(),
    }
}

snapshots!(twins_pair, |tr| {
    let (found, one, two) = both();
    pair(tr, &found, [&one, &two], &fields(), (Page::of(3, 1, 1), 12), testing::moment())
});
snapshots!(twins_none, |tr| no_pairs(tr, 2));
snapshots!(twins_joins, |tr| {
    let list = [joined(Proof::Member, Some("Борис <М>")), joined(Proof::Phone, None), joined(Proof::Crm, None), joined(Proof::Gone, None)];
    join_list(tr, &list, Page::of(20, 8, 0), testing::moment())
});
snapshots!(twins_joins_none, |tr| join_list(tr, &[], Page::of(0, 8, 0), testing::moment()));
snapshots!(twins_ask_divide, |tr| ask_divide(tr, &joined(Proof::Member, None), testing::moment()));
snapshots!(twins_choice, |tr| choice(tr, (FieldId(Uuid::from_u128(1)), "Город & край"), Wins::Newest, None, &[]));
snapshots!(twins_choice_under_way, |tr| {
    let applying = Some(Applying { done: 300, total: 1_240 });
    choice(tr, (FieldId(Uuid::from_u128(1)), "Город & край"), Wins::Newest, applying, &[])
});

#[test]
fn a_value_is_of_the_crm_whose_word_counts_while_it_is_that_word() {
    let (_, mut one, two) = both();
    assert_eq!(origin(&one, "city").as_deref(), Some("Салон <Север>"));
    assert_eq!(origin_of_name(&one).as_deref(), Some("Салон <Север>"));
    one.rules.insert("city".to_owned(), Wins::Newest);
    assert_eq!(origin(&one, "city"), None, "the row does not say so yet");
    one.contact.attributes.insert("city".to_owned(), json!("Тула"));
    assert_eq!(origin(&one, "city").as_deref(), Some("Магазин"));
    one.contact.attributes.insert("city".to_owned(), json!("по словам сотрудника"));
    assert_eq!(origin(&one, "city"), None, "a member wrote another one");
    assert_eq!((origin(&one, "sum"), origin(&two, "city"), origin_of_name(&two)), (None, None, None));
}

#[test]
fn the_fullest_pair_fits() {
    let (found, mut one, _) = both();
    one.contact.name = "Имя ".repeat(40);
    one.addresses = (0..40).map(|_| one.addresses[0].clone()).collect();
    one.contact.attributes = (0..60).map(|n| (format!("f{n}"), json!("<&> значение ".repeat(30)))).collect();
    let fields: Vec<Field> = (0..60)
        .map(|n| Field {
            id: FieldId(Uuid::from_u128(n)),
            key: format!("f{n}"),
            title: "Очень длинное название поля ".repeat(3),
            kind: FieldKind::Text,
        })
        .collect();
    for tr in [mms_core::account::Language::Ru, mms_core::account::Language::En].map(testing::tr) {
        let screen = pair(tr, &found, [&one, &one], &fields, (Page::of(3, 1, 0), 1), testing::moment());
        assert!(fit::shown(&screen.html) <= 4_096, "{}", fit::shown(&screen.html));
    }
}
