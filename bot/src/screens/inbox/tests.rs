use mms_core::{
    inbound::inbox::{Conversation, Counts, Said},
    words::Reason,
};
use uuid::Uuid;

use super::*;
use crate::{snapshots, testing};

fn person(out: bool) -> Contact {
    let now = testing::moment();
    Contact {
        id: ContactId(Uuid::nil()),
        name: "Анна <Кузнецова>".to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        language: None,
        zone: None,
        attributes: serde_json::Map::new(),
        marketing_grade: None,
        personal_data_grade: None,
        opted_out_at: out.then_some(now),
        connection_id: None,
        crm_id: None,
        crm_updated_at: None,
        source: "telegram".to_owned(),
        last_contacted_at: None,
        last_marketing_at: None,
        last_answered_at: Some(now),
        created_at: now,
        deleted_at: None,
    }
}

fn said() -> Vec<Said> {
    let one = |direction: &str, body: &str, member: Option<&str>, campaign: Option<&str>, minutes: i64| Said {
        direction: direction.to_owned(),
        body: body.to_owned(),
        at: testing::moment() - chrono::TimeDelta::minutes(minutes),
        channel: "Ромашка".to_owned(),
        member: member.map(str::to_owned),
        campaign: campaign.map(str::to_owned),
        id: 900 - minutes,
        handled_at: None,
        handled_by: None,
        edited_at: None,
        state: None,
        reason: None,
    };
    vec![
        one("in", "А размер L & XL есть?", None, Some("Осень"), 90),
        one("out", "Да, оба.", Some("Иван"), None, 80),
        one("in", &"Спасибо! ".repeat(300), None, None, 5),
    ]
}

snapshots!(inbox_list, |tr| {
    let one = |name: &str, direction: &str, body: &str| Conversation {
        contact_id: ContactId(Uuid::nil()),
        name: name.to_owned(),
        direction: direction.to_owned(),
        body: body.to_owned(),
        at: testing::moment(),
        handled_at: None,
    };
    let done = Conversation { handled_at: Some(testing::moment()), ..one("Пётр", "in", "Спасибо!") };
    let found = [
        one("Анна Кузнецова-Константинопольская", "in", &"Есть ли размер ".repeat(5)),
        one("Ольга", "in", "[photo] Подойдёт?"),
        one("", "out", "Да"),
        done,
    ];
    list_card(tr, Counts { all: 22, waiting: 1 }, 3, &found, 1, 3)
});
snapshots!(inbox_list_done, |tr| list_card(tr, Counts { all: 22, waiting: 0 }, 0, &[], 0, 3));
snapshots!(inbox_list_none, |tr| list_card(tr, Counts::default(), 0, &[], 0, 0));
snapshots!(inbox_card, |tr| card(tr, &person(false), &said(), None, mms_core::account::Role::Manager, testing::moment()));
snapshots!(inbox_card_files, |tr| {
    let sent = |body: &str| Said { body: body.to_owned(), ..said().remove(2) };
    card(
        tr,
        &person(false),
        &[sent("[voice]"), sent("[document] Мой заказ <№ 5>")],
        None,
        mms_core::account::Role::Manager,
        testing::moment(),
    )
});
snapshots!(inbox_card_handled, |tr| {
    let handled =
        Said {
            body: "Спасибо!".to_owned(), handled_at: Some(testing::moment()), handled_by: Some("Иван".to_owned()), ..said().remove(2)
        };
    card(tr, &person(false), &[handled], None, mms_core::account::Role::Manager, testing::moment())
});
snapshots!(inbox_card_out, |tr| card(tr, &person(true), &said()[..1], None, mms_core::account::Role::Manager, testing::moment()));
snapshots!(inbox_card_silent, |tr| card(tr, &person(false), &[], None, mms_core::account::Role::Viewer, testing::moment()));
snapshots!(inbox_ask, |tr| ask(tr, &person(false)));
snapshots!(inbox_not_sent, |tr| not_sent(tr, &person(false), &refusal(tr, ReplyError::NoLicence).unwrap()));
snapshots!(inbox_card_doubt, |tr| {
    let doubt = mms_core::consent::doubt::Doubt {
        id: mms_core::id::DoubtId(7),
        opened_at: testing::moment(),
        message_ref: None,
        channel: "Ромашка".to_owned(),
    };
    let edited =
        Said { body: "Сколько можно писать?".to_owned(), edited_at: Some(testing::moment()), ..said().remove(2) };
    card(tr, &person(false), &[edited], Some(&doubt), mms_core::account::Role::Manager, testing::moment())
});
snapshots!(inbox_card_undelivered, |tr| {
    let reply =
        |state: &str, reason: Option<Reason>| Said { state: Some(state.to_owned()), reason: reason.map(Into::into), ..said().remove(1) };
    let said = [reply("sent", None), reply("failed", Some(Reason::Blocked)), reply("uncertain", Some(Reason::NoAnswer))];
    card(tr, &person(false), &said, None, mms_core::account::Role::Manager, testing::moment())
});
snapshots!(inbox_ask_why, |tr| ask_why(tr, &person(false), Some(&p!(tr, "inbox-doubt-reason", min = 5, max = 500))));
snapshots!(inbox_failed, |tr| {
    let failed = |id: i64, error: &str, attempt: i32| mms_core::inbound::failed::Failed {
        id: InboundId(id),
        source_kind: mms_core::inbound::SourceKind::Channel,
        source: "Ромашка <бот>".to_owned(),
        attempt,
        received_at: testing::moment(),
        error: Some(error.to_owned()),
    };
    failed_card(tr, 2, &[failed(12, "unreadable: x", 1), failed(7, "broken", 8)], (0, 1), mms_core::account::Role::Owner, testing::moment())
});
snapshots!(inbox_failed_none, |tr| failed_card(tr, 0, &[], (0, 0), mms_core::account::Role::Manager, testing::moment()));
