use mms_core::{
    channel::{ChannelKind, FileKind},
    inbound::{
        inbox::{Conversation, Counts},
        talk::Standing,
    },
    words::Reason,
};
use uuid::Uuid;

use super::*;
use crate::{frame::page::Page, snapshots, testing};

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
        messenger: ChannelKind::Telegram,
        member: member.map(str::to_owned),
        campaign: campaign.map(str::to_owned),
        id: 900 - minutes,
        handled_at: None,
        handled_by: None,
        edited_at: None,
        state: None,
        reason: None,
        detail: None,
        delivered_at: None,
        read_at: None,
        file_kind: None,
        file_name: None,
        stop: None,
        crm: None,
    };
    vec![
        one("in", "А размер L & XL есть?", None, Some("Осень"), 90),
        one("out", "Да, оба.", Some("Иван"), None, 80),
        one("in", &"Спасибо! ".repeat(300), None, None, 5),
    ]
}

fn talk(said: &[Said]) -> Talk {
    Talk { contact: person(false), said: said.to_vec(), campaigns: Vec::new(), doubt: None, standing: Standing::default() }
}

const MANAGER: mms_core::account::Role = mms_core::account::Role::Manager;

snapshots!(inbox_list, |tr| {
    let one = |name: &str, direction: &str, body: &str| Conversation {
        contact_id: ContactId(Uuid::nil()),
        name: name.to_owned(),
        direction: direction.to_owned(),
        body: body.to_owned(),
        at: testing::moment(),
        file_kind: None,
        handled_at: None,
        since: testing::moment() - chrono::TimeDelta::minutes(95),
        assigned: None,
    };
    let done = Conversation { handled_at: Some(testing::moment()), ..one("Пётр", "in", "Спасибо!") };
    let found = [
        one("Анна Кузнецова-Константинопольская", "in", &"Есть ли размер ".repeat(5)),
        Conversation {
            assigned: Some("Константин Константинов".to_owned()), ..one("Ольга", "in", "[photo] Подойдёт?")
        },
        one("", "out", "Да"),
        done,
    ];
    list_card(tr, Counts { all: 22, waiting: 1 }, 3, &found, Page::of(22, 8, 1), MANAGER, testing::moment())
});
snapshots!(inbox_list_done, |tr| list_card(tr, Counts { all: 22, waiting: 0 }, 0, &[], Page::of(22, 8, 0), MANAGER, testing::moment()));
snapshots!(inbox_list_none, |tr| list_card(
    tr,
    Counts::default(),
    0,
    &[],
    Page::of(0, 8, 0),
    mms_core::account::Role::Viewer,
    testing::moment()
));
snapshots!(inbox_card, |tr| card(tr, &talk(&said()), MANAGER, testing::moment()));
snapshots!(inbox_card_files, |tr| {
    let sent = |body: &str, kind: Option<FileKind>| Said { body: body.to_owned(), file_kind: kind, ..said().remove(2) };
    let document =
        Said { file_name: Some("Мой заказ <№ 5>.pdf".to_owned()), ..sent("[document] Вот", Some(FileKind::Document)) };
    let ours = Said { body: "[photo] Такой?".to_owned(), file_kind: Some(FileKind::Photo), ..said().remove(1) };
    let kept = [sent("[photo] Давно", None), sent("[voice]", Some(FileKind::Voice)), document, ours];
    card(tr, &talk(&kept), MANAGER, testing::moment())
});
snapshots!(inbox_card_campaign, |tr| {
    let now = testing::moment();
    let sent = Campaigned {
        campaign: "Осень <2026>".to_owned(),
        version: None,
        state: "sent".to_owned(),
        reason: None,
        at: now - chrono::TimeDelta::hours(3),
        kept: None,
        text: None,
    };
    let stop = |body: &str, minutes| Said {
        body: body.to_owned(),
        stop: Some("text".to_owned()),
        handled_at: Some(now),
        at: now - chrono::TimeDelta::minutes(minutes),
        ..said().remove(2)
    };
    let said = [said().remove(0), stop("Стоп & хватит", 4), stop("", 3)];
    let campaigns = vec![(sent, "Анна, пионы со скидкой <10 %>. ".repeat(20))];
    card(tr, &Talk { contact: person(true), campaigns, ..talk(&said) }, MANAGER, now)
});
snapshots!(inbox_card_handled, |tr| {
    let handled =
        Said {
            body: "Спасибо!".to_owned(), handled_at: Some(testing::moment()), handled_by: Some("Иван".to_owned()), ..said().remove(2)
        };
    card(tr, &talk(&[handled]), MANAGER, testing::moment())
});
snapshots!(inbox_card_out, |tr| card(tr, &Talk { contact: person(true), ..talk(&said()[..1]) }, MANAGER, testing::moment()));
snapshots!(inbox_card_silent, |tr| card(tr, &talk(&[]), mms_core::account::Role::Viewer, testing::moment()));
snapshots!(inbox_card_assigned, |tr| {
    let standing =
        Standing { assigned_to: Some(MemberId(Uuid::nil())), assigned: Some("Иван <менеджер>".to_owned()), muted: true };
    card(tr, &Talk { standing, ..talk(&said()[..1]) }, MANAGER, testing::moment())
});
snapshots!(inbox_found, |tr| {
    let one = |name: &str, body: Option<&str>| search::Found {
        contact: ContactId(Uuid::nil()),
        name: name.to_owned(),
        body: body.map(str::to_owned),
    };
    found_card(tr, "пион", &[one("Анна Пионова", None), one("Ольга", Some("[photo] Такие <пионы> есть?"))])
});
snapshots!(inbox_found_none, |tr| found_card(tr, "<пион>", &[]));

fn quick(text: &str) -> mms_core::inbound::quick::Quick {
    mms_core::inbound::quick::Quick { id: QuickReplyId(Uuid::nil()), body: mms_core::text::Rich::plain(text) }
}

snapshots!(inbox_quick_choose, |tr| {
    let all = [quick("Мы работаем с 9 до 21 без выходных. Приходите!"), quick(&"Доставка ".repeat(30))];
    quick::choice(tr, ContactId(Uuid::nil()), "Анна <К>", &all, u32::MAX)
});
snapshots!(inbox_quick_choose_none, |tr| quick::choice(tr, ContactId(Uuid::nil()), "Анна", &[], 0));
snapshots!(inbox_quick_list, |tr| quick::all(tr, &[quick("Здравствуйте!")]));
snapshots!(inbox_quick_card, |tr| quick::card(tr, &quick("Цены <здесь>")));
snapshots!(inbox_quick_ask, |tr| quick::question(tr, None, Some(&p!(tr, "inbox-quick-many", max = 30))));
snapshots!(inbox_assign, |tr| {
    let member = |name: &str, id: u128, role| mms_core::account::member::Member {
        id: MemberId(Uuid::from_u128(id)),
        login: "x".to_owned(),
        name: name.to_owned(),
        role,
        language: mms_core::account::Language::Ru,
        failures: 0,
        locked_at: None,
        lock_reason: None,
        disabled_at: None,
        created_at: testing::moment(),
        sessions: 1,
        second_factor: false,
    };
    use mms_core::account::Role;
    let all = [member("Ольга", 1, Role::Owner), member("Иван", 2, Role::Manager), member("Пётр", 3, Role::Viewer)];
    let standing = Standing { assigned_to: Some(MemberId(Uuid::from_u128(9))), assigned: None, muted: false };
    whose::choice(tr, &person(false), &standing, &all, MemberId(Uuid::from_u128(2)))
});
snapshots!(inbox_file, |tr| files::screen(tr, &sent_file(FileKind::Photo), &person(false), vec![1; 3], testing::moment()));
snapshots!(inbox_file_sticker, |tr| files::screen(tr, &sent_file(FileKind::Sticker), &person(false), vec![1; 3], testing::moment()));

fn sent_file(kind: FileKind) -> inbox::File {
    inbox::File {
        contact_id: ContactId(Uuid::nil()),
        channel_id: ChannelId(Uuid::nil()),
        at: testing::moment(),
        direction: "in".to_owned(),
        kind,
        reference: Some("x".to_owned()),
        name: None,
        mime: None,
        size: None,
        kept: None,
    }
}

snapshots!(inbox_ask, |tr| ask(tr, &person(false)));
snapshots!(inbox_not_sent, |tr| not_sent(tr, &person(false), &refusal(tr, ReplyError::NoLicence).unwrap()));
snapshots!(inbox_barred, |tr| not_sent(tr, &person(false), &refusal(tr, ReplyError::Barred(ChannelKind::Telegram)).unwrap()));
snapshots!(inbox_card_doubt, |tr| {
    let doubt = mms_core::consent::doubt::Doubt {
        id: mms_core::id::DoubtId(7),
        opened_at: testing::moment(),
        message_ref: None,
        channel: "Ромашка".to_owned(),
    };
    let edited =
        Said { body: "Сколько можно писать?".to_owned(), edited_at: Some(testing::moment()), ..said().remove(2) };
    card(tr, &Talk { doubt: Some(doubt), ..talk(&[edited]) }, MANAGER, testing::moment())
});
snapshots!(inbox_card_undelivered, |tr| {
    let reply =
        |state: &str, reason: Option<Reason>| Said { state: Some(state.to_owned()), reason: reason.map(Into::into), ..said().remove(1) };
    let said = [reply("sent", None), reply("failed", Some(Reason::Blocked)), reply("uncertain", Some(Reason::NoAnswer))];
    card(tr, &talk(&said), MANAGER, testing::moment())
});
snapshots!(inbox_card_window, |tr| {
    let theirs = |minutes: i64| Said {
        messenger: ChannelKind::Whatsapp,
        body: "Когда мой заказ?".to_owned(),
        at: testing::moment() - chrono::TimeDelta::minutes(minutes),
        ..said().remove(0)
    };
    card(tr, &talk(&[theirs(90)]), MANAGER, testing::moment())
});
snapshots!(inbox_card_window_closed, |tr| {
    let theirs = Said { messenger: ChannelKind::Whatsapp, at: testing::moment() - chrono::TimeDelta::hours(25), ..said().remove(0) };
    card(tr, &talk(&[theirs]), MANAGER, testing::moment())
});
snapshots!(inbox_card_receipts, |tr| {
    let now = testing::moment();
    let reply = |state: &str| Said { state: Some(state.to_owned()), ..said().remove(1) };
    let refused = Said {
        reason: Some(Reason::ReplyWindow.into()),
        detail: Some("131047: Message failed to send because more than 24 hours have passed".to_owned()),
        ..reply("failed")
    };
    let (delivered, read) = (Some(now - chrono::TimeDelta::minutes(79)), Some(now - chrono::TimeDelta::minutes(4)));
    let said =
        [Said { delivered_at: delivered, ..reply("sent") }, Said { delivered_at: delivered, read_at: read, ..reply("sent") }, refused];
    card(tr, &talk(&said), MANAGER, now)
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
    failed_card(
        tr,
        2,
        &[failed(12, "unreadable: x", 1), failed(7, "broken", 8)],
        Page::of(2, 8, 0),
        mms_core::account::Role::Owner,
        testing::moment(),
    )
});
snapshots!(inbox_failed_none, |tr| failed_card(tr, 0, &[], Page::of(0, 8, 0), mms_core::account::Role::Manager, testing::moment()));

// Ten replies that did not go, each with the provider's words: Telegram refused the card.
#[test]
fn a_conversation_of_failed_replies_fits() {
    let failed = |n: i64| Said {
        body: "слово ".repeat(200),
        state: Some("failed".to_owned()),
        reason: Some(Reason::Rejected.into()),
        detail: Some(format!("{n}: {}", "why ".repeat(80))),
        ..said().remove(1)
    };
    let failed: Vec<Said> = (0..10).map(failed).collect();
    for tr in [mms_core::account::Language::Ru, mms_core::account::Language::En].map(testing::tr) {
        let html = card(tr, &talk(&failed), MANAGER, testing::moment()).html;
        assert!(crate::frame::fit::shown(&html) <= crate::frame::fit::TEXT, "{}", crate::frame::fit::shown(&html));
        assert!(html.contains("9: why why why why why why why why why why why why why why why why"), "the last one is told whole: {html}");
    }
}
