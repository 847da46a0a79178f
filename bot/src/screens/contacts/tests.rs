use mms_core::{
    account::Role,
    channel::store::ChannelRow,
    consent::{
        Grade, Purpose,
        suppression::{Added, Cause, Suppression},
    },
    contact::{
        Address, AddressState, Contact, Field, FieldKind,
        by_hand::HandError,
        card::{Asked, Card, ConsentLine, DeliveryLine, Found, MessageLine, SuppressedAddress},
        occasion::{Occasion, OccasionKind, OccasionState},
        source::{Rules, Said, Source},
    },
    id::{ANY_CHANNEL, AddressId, CampaignId, ChannelId, ConnectionId, ContactId, DeliveryId, FieldId, SuppressionId},
    text::phone::PhoneError,
    words,
};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{frame::page::Page, snapshots, testing};

const BOT: ChannelId = ChannelId(Uuid::from_u128(5));

fn person(name: &str) -> Contact {
    let now = testing::moment();
    Contact {
        id: ContactId(Uuid::nil()),
        name: name.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        language: Some("ru".to_owned()),
        zone: None,
        attributes: serde_json::Map::new(),
        marketing_grade: None,
        personal_data_grade: None,
        opted_out_at: None,
        source: "import".to_owned(),
        last_contacted_at: None,
        last_marketing_at: None,
        last_answered_at: None,
        created_at: now - chrono::TimeDelta::days(200),
        deleted_at: None,
    }
}

fn record(name: &str, id: &str) -> Source {
    Source {
        connection_id: ConnectionId(Uuid::nil()),
        crm_id: id.to_owned(),
        updated_at: testing::moment(),
        since: testing::moment(),
        said: None,
        name: name.to_owned(),
        ended: false,
    }
}

fn bare(name: &str) -> Card {
    Card {
        contact: person(name),
        tags: Vec::new(),
        addresses: Vec::new(),
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

fn field(key: &str, title: &str, kind: FieldKind) -> Field {
    Field { id: FieldId(Uuid::from_u128(9)), key: key.to_owned(), title: title.to_owned(), kind }
}

fn account_fields() -> Vec<Field> {
    vec![
        field("city", "Город", FieldKind::Text),
        field("last_visit", "Последний визит", FieldKind::Date),
        field("sum", "Сумма покупок", FieldKind::Number),
        field("club", "Член клуба", FieldKind::Flag),
        field("note", "Заметка", FieldKind::Text),
    ]
}

fn channel() -> ChannelRow {
    ChannelRow { id: BOT, ..testing::channel() }
}

/// Everything a card can show, some of it twice as long as wanted.
fn rich() -> Card {
    let now = testing::moment();
    let address = |n: u128, kind: &str, value: &str, scope, state| Address {
        id: AddressId(Uuid::from_u128(n)),
        contact_id: ContactId(Uuid::nil()),
        kind: kind.to_owned(),
        value: value.to_owned(),
        scope_id: scope,
        state,
        state_reason: (state == AddressState::Unreachable).then(|| "blocked".to_owned()),
    };
    let delivery = |n: i64, state: &str, reason: Option<words::Reason>| DeliveryLine {
        id: DeliveryId(n),
        campaign_id: CampaignId(Uuid::nil()),
        campaign: format!("Осень <2026>, волна {n}"),
        state: state.to_owned(),
        reason: reason.map(Into::into),
        at: now - chrono::TimeDelta::days(n),
    };
    let message = |direction: &str, body: &str, hours: i64| MessageLine {
        direction: direction.to_owned(),
        body: body.to_owned(),
        at: now - chrono::TimeDelta::hours(hours),
        file_kind: None,
        state: None,
        reason: None,
        detail: None,
    };
    let mut card = bare("Анна <Кузнецова>");
    card.contact.attributes = json!({
        "city": "Нижний Новгород", "last_visit": "2026-05-01", "sum": 1_234_567, "club": true, "note": "длинно ".repeat(40),
    })
    .as_object()
    .cloned()
    .unwrap();
    card.sources = vec![record("Ромашка", "77")];
    card.contact.source = "crm".to_owned();
    card.tags = vec!["vip".to_owned(), "пришла с выставки".to_owned()];
    card.addresses = vec![
        address(1, "phone", "+79123456789", ANY_CHANNEL, AddressState::Reachable),
        address(2, "telegram", "77001122", BOT, AddressState::Unreachable),
        address(3, "email", "anna@example.org", ANY_CHANNEL, AddressState::Unknown),
    ];
    card.suppressions =
        vec![SuppressedAddress { address_id: AddressId(Uuid::from_u128(3)), reason: "complaint".to_owned(), created_at: now }];
    card.consents = vec![
        ConsentLine { purpose: Purpose::Marketing, action: "granted".to_owned(), grade: Grade::A, at: now },
        ConsentLine { purpose: Purpose::PersonalData, action: "withdrawn".to_owned(), grade: Grade::A, at: now },
    ];
    card.deliveries = vec![
        delivery(1, "sent", None),
        delivery(2, "skipped", Some(words::Reason::FrequencyCap)),
        delivery(3, "failed", Some(words::Reason::Blocked)),
        delivery(4, "uncertain", None),
    ];
    card.messages = vec![
        message("out", "Здравствуйте! Да, есть.", 1),
        message("in", "А размер L & XL есть?\nЖду ответа", 2),
        message("in", &"очень ".repeat(60), 30),
        message("in", "Первое", 40),
    ];
    card
}

fn busy() -> Card {
    let (mut card, now) = (bare("Анна Кузнецова"), testing::moment());
    let one = |kind, days: i64, state, stage: &str, title: &str, amount| Occasion {
        connection_id: ConnectionId(Uuid::nil()),
        kind,
        external_id: days.to_string(),
        contact_id: card.contact.id,
        at: now + chrono::TimeDelta::days(days),
        until: None,
        state,
        stage: stage.to_owned(),
        title: title.to_owned(),
        staff: if kind == OccasionKind::Visit { "Мария".to_owned() } else { String::new() },
        place: String::new(),
        amount,
        url: None,
        data: sqlx::types::Json(serde_json::Map::new()),
        changed_at: now,
    };
    card.occasions = vec![
        one(OccasionKind::Visit, 2, OccasionState::Confirmed, "", "Стрижка <женская>", Some(250_000)),
        one(OccasionKind::Order, -1, OccasionState::Open, "Передан в доставку", "Чай зелёный, Кружка", Some(75_050)),
        one(OccasionKind::Visit, -30, OccasionState::Missed, "", "", None),
        one(OccasionKind::Deal, -40, OccasionState::Cancelled, "Закрыто", "Поставка", None),
        one(OccasionKind::Visit, -60, OccasionState::Done, "", "Окрашивание", Some(480_000)),
    ];
    card
}

fn out() -> Card {
    let mut card = rich();
    card.contact.opted_out_at = Some(testing::moment());
    card
}

snapshots!(contacts_home, |tr| home(tr, 12_345, (12, 3), Role::Manager));
snapshots!(contacts_home_empty, |tr| home(tr, 0, (0, 0), Role::Viewer));
snapshots!(contacts_found, |tr| {
    let list = ["Анна Кузнецова", ""].map(|name| Found {
        id: ContactId(Uuid::nil()),
        name: name.to_owned(),
        phone: Some("+79161234567".to_owned()),
        city: (!name.is_empty()).then(|| "Казань".to_owned()),
    });
    found(tr, "анна", &list, true, Role::Manager)
});
snapshots!(contacts_card_occasions, |tr| card(tr, (&busy(), None), &[], &[], None, Role::Manager, testing::moment()));
snapshots!(contacts_history_occasions, |tr| history(tr, &busy(), testing::moment()));
snapshots!(contacts_found_none, |tr| found(tr, "<анна>", &[], false, Role::Manager));
snapshots!(contacts_card, |tr| card(tr, (&rich(), None), &account_fields(), &[channel()], None, Role::Manager, testing::moment()));
snapshots!(contacts_card_out, |tr| card(tr, (&out(), None), &account_fields(), &[channel()], None, Role::Viewer, testing::moment()));
snapshots!(contacts_card_blocked, |tr| {
    let mut blocked = rich();
    let chat = AddressId(Uuid::from_u128(2));
    blocked.suppressions = vec![SuppressedAddress { address_id: chat, reason: "blocked".to_owned(), created_at: testing::moment() }];
    blocked.messages[0].state = Some("failed".to_owned());
    blocked.messages[0].reason = Some(words::Reason::Blocked.into());
    let doubt = mms_core::consent::doubt::Doubt {
        id: mms_core::id::DoubtId(7),
        opened_at: testing::moment(),
        message_ref: None,
        channel: "Ромашка".to_owned(),
    };
    card(tr, (&blocked, None), &account_fields(), &[channel()], Some(&doubt), Role::Manager, testing::moment())
});
snapshots!(contacts_card_bare, |tr| card(tr, (&bare(""), None), &account_fields(), &[], None, Role::Owner, testing::moment()));
snapshots!(contacts_card_in_two_crms, |tr| {
    let mut card_of_two = rich();
    let said = |city: &str| {
        let values = json!({ "city": city }).as_object().cloned().unwrap();
        Some(sqlx::types::Json(Said { name: card_of_two.contact.name.clone(), values, ..Said::default() }))
    };
    let (salon, shop) = (said("Нижний Новгород"), said("Бор"));
    card_of_two.sources = vec![Source { said: salon, ..record("Салон <Север>", "77") }, Source { said: shop, ..record("Магазин", "5") }];
    let join = mms_core::id::JoinId(Uuid::nil());
    card(tr, (&card_of_two, Some(join)), &account_fields(), &[channel()], None, Role::Manager, testing::moment())
});
snapshots!(contacts_history, |tr| history(tr, &rich(), testing::moment()));
snapshots!(contacts_card_unanswered, |tr| {
    let asked = Asked { data_asked_at: Some(testing::moment()), ads_asked_at: None };
    card(tr, (&Card { asked, ..bare("Анна") }, None), &account_fields(), &[], None, Role::Viewer, testing::moment())
});
snapshots!(contacts_history_none, |tr| history(tr, &bare("Иван"), testing::moment()));
snapshots!(contacts_ask_stop, |tr| ask_stop(tr, &rich()));
snapshots!(contacts_ask_delete, |tr| ask_delete(tr, &rich()));
snapshots!(contacts_ask_tags, |tr| {
    edit::tag_list(tr, &rich(), &[("vip".to_owned(), 12), ("осень".to_owned(), 3), ("новый".to_owned(), 1)])
});
snapshots!(contacts_ask_new, |tr| edit::ask_new(tr, None));
snapshots!(contacts_ask_new_again, |tr| {
    let wrong = HandError::Phone { raw: "+7 916 <1>".to_owned(), error: PhoneError::TooShort };
    edit::ask_new(tr, Some(&edit::refusal(tr, wrong).unwrap()))
});
snapshots!(contacts_edit, |tr| edit::menu(tr, &bare("Анна <Кузнецова>")));
snapshots!(contacts_edit_crm, |tr| {
    let mut card = bare("Анна");
    card.sources = vec![record("Ромашка", "7")];
    edit::menu(tr, &card)
});
snapshots!(contacts_ask_name, |tr| edit::ask_name(tr, &bare("Анна"), Some(&edit::refusal(tr, HandError::Empty).unwrap())));
snapshots!(contacts_addresses, |tr| edit::address_list(tr, &rich(), Some(&p!(tr, "contacts-address-added"))));
snapshots!(contacts_values, |tr| edit::value_list(tr, &rich(), &account_fields(), 0));
snapshots!(contacts_ask_value_date, |tr| {
    let wrong = edit::refusal(tr, HandError::Value(mms_core::contact::value::ValueError::Date)).unwrap();
    edit::ask_value(tr, &rich(), &account_fields()[1], Some(&wrong))
});
snapshots!(contacts_ask_value_flag, |tr| edit::ask_value(tr, &rich(), &account_fields()[3], None));
snapshots!(contacts_links, |tr| links(tr, &rich(), &[]));
snapshots!(contacts_link, |tr| link_card(tr, &rich(), "https://t.me/romashka_bot?start=AbCdEf_0123456789-xyz"));
snapshots!(contacts_tags, |tr| tags_card(tr, &[("vip".to_owned(), 1_200), ("опт & розница".to_owned(), 3)]));
snapshots!(contacts_tags_none, |tr| tags_card(tr, &[]));
snapshots!(contacts_fields, |tr| fields_card(tr, &account_fields(), 0, true, Role::Manager));
snapshots!(contacts_fields_none, |tr| fields_card(tr, &[], 0, false, Role::Viewer));
snapshots!(contacts_field, |tr| field_card(tr, &account_fields()[1], true, Role::Manager));
snapshots!(contacts_field_kinds, |tr| kinds(tr));
snapshots!(contacts_field_again, |tr| lists::field_again(
    tr,
    None,
    &field_refusal(tr, mms_core::contact::field::FieldError::BadTitle).unwrap()
));

fn suppression(n: u128, kind: &str, value: &str, reason: Cause) -> Suppression {
    Suppression {
        id: SuppressionId(Uuid::from_u128(n)),
        kind: kind.to_owned(),
        value: value.to_owned(),
        scope_id: ANY_CHANNEL,
        reason,
        contact_id: None,
        created_at: testing::moment(),
    }
}

snapshots!(contacts_suppressions, |tr| suppressions(
    tr,
    &[(Cause::OptOut, 1_200), (Cause::Manual, 2)],
    &[
        (suppression(1, "phone", "+79123456789", Cause::Manual), None),
        (suppression(2, "telegram", "77001122", Cause::OptOut), Some("Лена <Прекрасная>".to_owned())),
        (suppression(3, "email", "a@example.org", Cause::Complaint), Some(String::new())),
    ],
    Page::of(1_202, 8, 0),
    Role::Owner
));
snapshots!(contacts_suppressions_none, |tr| suppressions(tr, &[], &[], Page::of(0, 8, 0), Role::Viewer));
snapshots!(contacts_ask_phones, |tr| ask_phones(tr, None));
snapshots!(contacts_phones_added, |tr| {
    let refused = vec![(2, PhoneError::Letters), (3, PhoneError::TooShort)];
    added(tr, &Added { added: 2, already: 1, left: 0, refused }, "+7 912 345-67-89\nАнна\n123")
});
snapshots!(contacts_ask_lift, |tr| ask_lift(tr, &suppression(1, "phone", "+79123456789", Cause::Manual), 2));

#[test]
fn long_words_are_cut_at_a_character() {
    assert_eq!(say::short("  раз\n два ", 20), "раз два");
    assert_eq!(say::short("абвгд", 4), "абв…");
    assert_eq!(say::short("аб вгд", 4), "аб…");
}

#[test]
fn the_fullest_card_fits() {
    let mut full = rich();
    full.tags = (0..200).map(|n| format!("очень длинный тег номер {n}, длиннее которого не бывает, нет")).collect();
    let fields: Vec<Field> = (0..100)
        .map(|n| field(&format!("field_{n}"), &format!("Поле с длинным названием номер {n} для проверки длины"), FieldKind::Text))
        .collect();
    full.contact.attributes = fields.iter().map(|field| (field.key.clone(), json!("значение ".repeat(30)))).collect();
    full.addresses = (0..50).map(|_| full.addresses[1].clone()).collect();
    full.messages.iter_mut().for_each(|line| line.body = "<&> ".repeat(2_000));
    for tr in [mms_core::account::Language::Ru, mms_core::account::Language::En].map(testing::tr) {
        // Telegram counts what is shown, not the markup; escaped characters count as one.
        let shown = card(tr, (&full, None), &fields, &[channel()], None, Role::Owner, testing::moment())
            .html
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        assert!(shown.chars().count() <= 4_096, "{}", shown.chars().count());
    }
}

// Of a hundred fields the last twenty were out of reach.
#[test]
fn every_field_is_reached() {
    let fields: Vec<Field> = (0..100).map(|n| field(&format!("field_{n}"), &format!("Поле {n}"), FieldKind::Text)).collect();
    let tr = testing::tr(mms_core::account::Language::Ru);
    let pages: Vec<String> = (0..3).map(|page| fields_card(tr, &fields, page, false, Role::Owner).snapshot()).collect();
    assert!((0..100).all(|n| pages.iter().any(|page| page.contains(&format!("[Поле {n} →")))), "{pages:?}");
}

#[test]
fn a_history_of_failed_replies_fits() {
    let mut full = rich();
    let line = MessageLine {
        direction: "out".to_owned(),
        body: "слово ".repeat(200),
        state: Some("failed".to_owned()),
        reason: Some(words::Reason::Rejected.into()),
        detail: Some("why ".repeat(80)),
        ..full.messages[0].clone()
    };
    full.messages = vec![line; 10];
    for tr in [mms_core::account::Language::Ru, mms_core::account::Language::En].map(testing::tr) {
        for html in [
            history(tr, &full, testing::moment()).html,
            card(tr, (&full, None), &[], &[channel()], None, Role::Owner, testing::moment()).html,
        ] {
            assert!(crate::frame::fit::shown(&html) <= 4_096, "{}", crate::frame::fit::shown(&html));
        }
    }
}

// «Ссылка на бота» led to «Этого уже нет».
#[test]
fn a_link_is_offered_where_there_is_one() {
    let tr = testing::tr(mms_core::account::Language::Ru);
    let offers = |channel: ChannelRow| {
        let screen = card(tr, (&rich(), None), &[], &[channel], None, Role::Owner, testing::moment());
        screen.keyboard.iter().flatten().any(|button| button.text == p!(tr, "contacts-link"))
    };
    assert!(offers(channel()) && !offers(ChannelRow { username: String::new(), ..channel() }));
}

fn signed_wording(purpose: Purpose, version: i32) -> mms_core::consent::wording::Wording {
    mms_core::consent::wording::Wording {
        id: mms_core::id::WordingId(Uuid::from_u128(u128::try_from(version).unwrap())),
        purpose,
        language: mms_core::account::Language::Ru,
        version,
        body: "Согласны получать <рекламу> ООО «Ромашка»?".to_owned(),
        created_by: None,
        created_at: testing::moment(),
    }
}

fn signed_draft(day: Option<&str>) -> mms_core::consent::signed::Draft {
    mms_core::consent::signed::Draft::sample(Purpose::Marketing, day.map(|day| day.parse().unwrap()))
}

fn signed_paper(n: u128, size: i64) -> mms_core::consent::signed::Paper {
    mms_core::consent::signed::Paper {
        id: PaperId(Uuid::from_u128(n)),
        purpose: Purpose::Marketing,
        words: String::new(),
        signed_on: Some("2019-03-12".to_owned()),
        kept_at: testing::moment(),
        member: "Анна".to_owned(),
        file_id: mms_core::id::FileId(Uuid::from_u128(n)),
        name: "photo.jpg".to_owned(),
        mime: "image/jpeg".to_owned(),
        size,
        sha256: "9f".repeat(32),
    }
}

fn with_papers() -> Card {
    Card { papers: vec![signed_paper(1, 0), signed_paper(2, 245_000)], ..bare("Анна <Кузнецова>") }
}

snapshots!(contacts_card_papers, |tr| card(tr, (&with_papers(), None), &[], &[], None, Role::Manager, testing::moment()));
snapshots!(contacts_papers, |tr| signed::papers(tr, &with_papers()));
snapshots!(contacts_signed_purposes, |tr| signed::purposes(tr, &rich(), Some(Purpose::PersonalData)));
snapshots!(contacts_signed_texts, |tr| {
    let all = [signed_wording(Purpose::Marketing, 2), signed_wording(Purpose::Marketing, 1)];
    let mut draft = signed_draft(None);
    draft.wording_id = Some(all[1].id);
    signed::texts(tr, &rich(), &draft, &all)
});
snapshots!(contacts_signed_words, |tr| {
    let mut draft = signed_draft(None);
    draft.other = true;
    draft.words = "Я согласна <на рекламу>".to_owned();
    signed::ask_words(tr, &draft)
});
snapshots!(contacts_signed_day, |tr| signed::ask_day(tr, &signed_draft(Some("2019-03-12")), Some(&p!(tr, "day-nonsense"))));
snapshots!(contacts_signed_file, |tr| {
    let version = signed_wording(Purpose::Marketing, 2);
    signed::ask_file(tr, &rich(), &signed_draft(Some("2019-03-12")), Some(&version), Some(&p!(tr, "contacts-signed-form")))
});
