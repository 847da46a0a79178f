use serde_json::json;

use super::*;
use crate::snapshots;

fn payload() -> Value {
    let id = uuid::Uuid::nil();
    json!({
        "campaign": id, "template": id, "version": id, "contact": id, "channel": id, "connection": id, "import": id, "member": id,
        "messenger": "max", "since": "2026-11-28T09:40:00Z",
        "name": "Осень <2026>", "comment": "Уточните дату.", "text": "Спасибо & до встречи", "login": "anna",
        "until": "2026-12-01T00:00:00Z", "phone": "Anna <new>", "by": "Анна", "not_there": 7,
        "role": "approver", "audit": "212:9f3c01d2a4b5c6d7", "consents": "31:0a1b2c3d4e5f6071", "noted": "212:9f3c01d2a4b5c6d7",
        "erasure": uuid::Uuid::nil(), "dossier": id, "number": 3, "last": "2026-12-11",
    })
}

fn because(reason: &str) -> Value {
    let mut payload = payload();
    payload["reason"] = json!(reason);
    payload
}

fn barred(state: &str, reason: &str) -> Value {
    let mut payload = because(reason);
    payload["state"] = json!(state);
    payload
}

/// A kind without words was told as an empty message.
#[test]
fn every_kind_has_words_in_both_languages_and_opens_what_it_is_about() {
    use mms_core::account::Language;
    let mut payload = payload();
    for fact in ["name", "comment", "text", "phone", "by"] {
        payload[fact] = json!("Anna");
    }
    for id in ["ticket", "claim"] {
        payload[id] = json!(uuid::Uuid::nil());
    }
    for kind in NoticeKind::ALL {
        for language in [Language::Ru, Language::En] {
            let screen = screen(crate::testing::tr(language), *kind, &payload);
            assert!(!screen.html.trim().is_empty() && !screen.html.contains("notices-"), "{kind}");
            let cyrillic = screen.html.chars().any(|c| ('а'..='я').contains(&c));
            // What a customer wrote stands alone.
            let words = cyrillic == (language == Language::Ru) || *kind == NoticeKind::CustomerAnswered;
            assert!(words, "{kind} in {language:?}: {}", screen.html);
            // What it is about, and the menu; no screen opens a damaged database, or the server.
            let buttons = if matches!(kind.about(), About::Database | About::Server) { 1 } else { 2 };
            assert!(screen.keyboard.iter().map(Vec::len).sum::<usize>() >= buttons, "{kind}");
        }
    }
}

snapshots!(notice_erasure_due, |tr| screen(tr, NoticeKind::ErasureDue, &payload()));
snapshots!(notice_campaign_submitted, |tr| screen(tr, NoticeKind::CampaignSubmitted, &payload()));
snapshots!(notice_campaign_finished, |tr| {
    let mut payload = payload();
    payload["numbers"] = json!({ "sent": 1_383, "planned": 1_387 });
    payload["responses"] = json!({ "replied": 20, "opted_out": 7, "blocked": 1 });
    screen(tr, NoticeKind::CampaignFinished, &payload)
});
snapshots!(notice_campaign_returned, |tr| screen(tr, NoticeKind::CampaignReturned, &payload()));
fn talk(times: i32) -> Notice {
    Notice {
        id: mms_core::id::NoticeId(1),
        account_id: mms_core::id::AccountId(uuid::Uuid::nil()),
        member_id: None,
        code: NoticeKind::CustomerAnswered.to_string(),
        payload: payload(),
        attempt: 0,
        times,
    }
}

snapshots!(notice_customer_wrote_more, |tr| told_again(tr, &talk(38), 37));
snapshots!(notice_digest, |tr| digest(tr, &[&talk(1), &talk(2), &talk(1), &talk(1), &talk(1), &talk(1), &talk(9)]));
snapshots!(notice_digest_few, |tr| digest(tr, &[&talk(1), &talk(2)]));
snapshots!(notice_template_accepted, |tr| {
    screen(
        tr,
        NoticeKind::TemplateAccepted,
        &json!({ "name": "Осень <2026>", "messenger": "max", "state": "approved", "version": uuid::Uuid::nil() }),
    )
});
snapshots!(notice_template_rejected, |tr| screen(tr, NoticeKind::TemplateBarred, &barred("rejected", "PROMOTIONAL")));
snapshots!(notice_template_paused, |tr| screen(tr, NoticeKind::TemplateBarred, &barred("paused", "FIRST_PAUSE")));
snapshots!(notice_template_disabled, |tr| screen(tr, NoticeKind::TemplateBarred, &barred("disabled", "DISABLED")));
snapshots!(notice_campaign_paused_barred, |tr| screen(tr, NoticeKind::CampaignPaused, &because("template_barred")));
snapshots!(notice_channel_cut, |tr| screen(tr, NoticeKind::ChannelCut, &payload()));
snapshots!(notice_channel_back, |tr| screen(tr, NoticeKind::ChannelBack, &payload()));
snapshots!(notice_channel_forgot, |tr| screen(tr, NoticeKind::ChannelForgot, &payload()));
snapshots!(notice_channel_awaits, |tr| {
    let mut payload = because("webhook");
    payload["deaf"] = json!(true);
    screen(tr, NoticeKind::ChannelStopped, &payload)
});
snapshots!(notice_channel_deaf, |tr| {
    let payload = json!({ "name": "Ромашка", "messenger": "vk", "reason": "2000: Callback API servers limit", "deaf": true });
    screen(tr, NoticeKind::ChannelStopped, &payload)
});
snapshots!(notice_channel_contested, |tr| {
    let payload = json!({ "name": "Ромашка", "messenger": "wazzup_whatsapp", "reason": "webhook at crm.example", "deaf": true });
    screen(tr, NoticeKind::ChannelStopped, &payload)
});
snapshots!(notice_channel_stopped_balance, |tr| {
    screen(tr, NoticeKind::ChannelStopped, &json!({ "name": "Ромашка", "messenger": "viber", "reason": "24: noBalance" }))
});
snapshots!(notice_channel_stopped_violation, |tr| {
    screen(
        tr,
        NoticeKind::ChannelStopped,
        &json!({ "name": "Ромашка", "messenger": "whatsapp", "reason": "ACCOUNT_VIOLATION: SPAM: state", "channel": uuid::Uuid::nil() }),
    )
});
snapshots!(notice_channel_sends, |tr| {
    screen(tr, NoticeKind::ChannelSends, &json!({ "name": "Ромашка", "messenger": "whatsapp", "channel": uuid::Uuid::nil() }))
});
snapshots!(notice_channel_managers, |tr| screen(tr, NoticeKind::ChannelStopped, &because("managers_bot")));
snapshots!(notice_customer_answered, |tr| screen(tr, NoticeKind::CustomerAnswered, &payload()));
snapshots!(notice_customer_edited, |tr| {
    let mut payload = payload();
    payload["edited"] = json!(true);
    screen(tr, NoticeKind::CustomerAnswered, &payload)
});
snapshots!(notice_import_off, |tr| {
    let payload = json!({ "import": uuid::Uuid::nil(), "name": "клиенты <осень>.csv", "off": "Письмо № 5", "done": 2_000, "rows": 12_000 });
    screen(tr, NoticeKind::ImportStopped, &payload)
});
snapshots!(notice_customer_doubt, |tr| screen(tr, NoticeKind::CustomerDoubt, &payload()));
snapshots!(notice_reply_failed, |tr| screen(tr, NoticeKind::ReplyUndelivered, &because("blocked")));
snapshots!(notice_reply_uncertain, |tr| {
    let mut payload = because("no_answer");
    payload["state"] = json!("uncertain");
    screen(tr, NoticeKind::ReplyUndelivered, &payload)
});
snapshots!(notice_conversation_assigned, |tr| screen(tr, NoticeKind::TalkAssigned, &payload()));
snapshots!(notice_inbound_failed, |tr| screen(tr, NoticeKind::InboundFailed, &payload()));
snapshots!(notice_crm_moved, |tr| screen(tr, NoticeKind::CrmReauth, &json!({ "name": "Ромашка", "reason": "moved" })));
snapshots!(notice_crm_uninstalled, |tr| screen(
    tr,
    NoticeKind::CrmReauth,
    &json!({ "name": "Ромашка", "crm": "amocrm", "reason": "uninstalled" })
));
snapshots!(notice_member_locked, |tr| screen(tr, NoticeKind::MemberLocked, &payload()));
snapshots!(notice_member_locked_lost, |tr| screen(tr, NoticeKind::MemberLocked, &because("lost_phone")));
snapshots!(notice_campaign_paused, |tr| screen(tr, NoticeKind::CampaignPaused, &because("member")));
snapshots!(notice_campaign_paused_licence, |tr| screen(tr, NoticeKind::CampaignPaused, &because("licence")));
snapshots!(notice_campaign_paused_refused, |tr| screen(tr, NoticeKind::CampaignPaused, &because("all_failed:rejected")));
snapshots!(notice_campaign_failed_void, |tr| screen(tr, NoticeKind::CampaignFailed, &because("approval_void")));
snapshots!(notice_campaign_failed_grew, |tr| screen(tr, NoticeKind::CampaignFailed, &because("audience_grew")));
snapshots!(notice_campaign_failed_late, |tr| screen(tr, NoticeKind::CampaignFailed, &because("window_closed")));
snapshots!(notice_campaign_paused_plan, |tr| screen(tr, NoticeKind::CampaignPaused, &because("plan_limit")));
snapshots!(notice_crm_held_plan, |tr| screen(tr, NoticeKind::CrmHeld, &because("plan_limit")));
snapshots!(notice_licence_used_up, |tr| screen(tr, NoticeKind::LicenceUsedUp, &json!({ "plan": "trial", "allowed": 10_000 })));
snapshots!(notice_licence_ending, |tr| screen(tr, NoticeKind::LicenceEnding, &payload()));
snapshots!(notice_campaign_recalled, |tr| screen(tr, NoticeKind::CampaignRecalled, &payload()));
snapshots!(notice_member_joined, |tr| screen(tr, NoticeKind::MemberJoined, &payload()));
snapshots!(notice_session_new_owners, |tr| {
    let mut payload = payload();
    payload["to_owners"] = json!(true);
    screen(tr, NoticeKind::SessionNew, &payload)
});
snapshots!(notice_session_new, |tr| screen(tr, NoticeKind::SessionNew, &payload()));
snapshots!(notice_session_not_me, |tr| screen(tr, NoticeKind::SessionNotMe, &payload()));
snapshots!(notice_member_guessed, |tr| screen(tr, NoticeKind::MemberGuessed, &payload()));
snapshots!(notice_member_password_link, |tr| screen(tr, NoticeKind::MemberPasswordLink, &payload()));
snapshots!(notice_member_password_link_admin, |tr| screen(tr, NoticeKind::MemberPasswordLink, &json!({ "name": "Борис", "by": "" })));
snapshots!(notice_member_password_link_mine, |tr| screen(tr, NoticeKind::MemberPasswordLink, &json!({ "mine": true })));
snapshots!(notice_member_password_set, |tr| screen(tr, NoticeKind::MemberPasswordSet, &payload()));
snapshots!(notice_trail_file, |tr| screen(tr, NoticeKind::TrailFile, &json!({ "what": "not_next", "line": 12 })));
snapshots!(notice_trail_file_unreadable, |tr| screen(tr, NoticeKind::TrailFile, &json!({ "what": "unreadable", "line": 0 })));
snapshots!(notice_trail_heads, |tr| screen(tr, NoticeKind::TrailHeads, &payload()));
fn work(reason: &str, names: &[&str]) -> Value {
    let campaigns: Vec<Value> = names.iter().map(|name| json!({ "name": name, "starts_at": "2026-12-01T00:30:00Z" })).collect();
    json!({ "from": "2026-12-01T00:00:00Z", "until": "2026-12-01T02:00:00Z", "reason": reason, "campaigns": campaigns })
}

snapshots!(notice_maintenance, |tr| screen(tr, NoticeKind::MaintenancePlanned, &work("", &[])));
snapshots!(notice_maintenance_collides, |tr| screen(
    tr,
    NoticeKind::MaintenancePlanned,
    &work("Новый <диск>", &["Осень <2026>", "Пионы", "Розы", "Астры", "Ирисы", "Лилии"])
));
snapshots!(notice_maintenance_lifted, |tr| screen(tr, NoticeKind::MaintenanceLifted, &work("", &[])));
snapshots!(notice_maintenance_over, |tr| {
    let mut payload = work("", &[]);
    payload["begun"] = json!(true);
    screen(tr, NoticeKind::MaintenanceLifted, &payload)
});
snapshots!(notice_advertising_held, |tr| screen(tr, NoticeKind::AdvertisingHeld, &payload()));
snapshots!(notice_trail_broken, |tr| screen(tr, NoticeKind::TrailBroken, &payload()));
