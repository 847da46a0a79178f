use serde_json::json;

use super::*;
use crate::snapshots;

/// Every kind the rooms raise.
const KINDS: &[&str] = &[
    "campaign.submitted",
    "campaign.approved",
    "campaign.returned",
    "campaign.finished",
    "campaign.stopped",
    "campaign.failed",
    "campaign.paused",
    "template.submitted",
    "template.approved",
    "template.returned",
    "customer.answered",
    "customer.doubt",
    "reply.undelivered",
    "inbound.failed",
    "channel.stopped",
    "crm.reauth",
    "crm.held",
    "import.done",
    "member.locked",
    "licence.ending",
    "campaign.recalled",
    "session.new",
    "session.not_me",
    "member.guessed",
    "member.password_link",
    "member.password_set",
    "trail.heads",
    "trail.broken",
];

fn payload() -> Value {
    let id = uuid::Uuid::nil();
    json!({
        "campaign": id, "template": id, "version": id, "contact": id, "channel": id, "connection": id, "import": id, "member": id,
        "name": "Осень <2026>", "comment": "Уточните дату.", "text": "Спасибо & до встречи", "login": "anna",
        "until": "2026-12-01T00:00:00Z", "phone": "Anna <new>", "by": "Анна", "not_there": 7,
        "audit": "212:9f3c01d2a4b5c6d7", "consents": "31:0a1b2c3d4e5f6071", "noted": "212:9f3c01d2a4b5c6d7",
    })
}

fn because(reason: &str) -> Value {
    let mut payload = payload();
    payload["reason"] = json!(reason);
    payload
}

#[test]
fn every_kind_has_words_and_an_audience() {
    for kind in KINDS {
        assert!(concerns(kind).is_some(), "{kind}");
        assert!(!screen(crate::testing::tr(mms_core::account::Language::En), kind, &payload()).html.is_empty(), "{kind}");
    }
    assert!(concerns("no.such").is_none());
}

snapshots!(notice_campaign_returned, |tr| screen(tr, "campaign.returned", &payload()));
fn talk(times: i32) -> Notice {
    Notice {
        id: mms_core::id::NoticeId(1),
        account_id: mms_core::id::AccountId(uuid::Uuid::nil()),
        member_id: None,
        kind: OF_CONVERSATIONS[0].to_owned(),
        payload: payload(),
        attempt: 0,
        times,
    }
}

#[test]
fn alarms_are_kinds_that_there_are() {
    let alarms = KINDS.iter().filter(|kind| is_alarm(kind)).count();
    assert!(alarms >= 5 && alarms < KINDS.len() && OF_CONVERSATIONS.iter().all(|kind| !is_alarm(kind) && is_talk(kind)));
}

snapshots!(notice_customer_wrote_more, |tr| told_again(tr, &talk(38), 37));
snapshots!(notice_digest, |tr| digest(tr, &[&talk(1), &talk(2), &talk(1), &talk(1), &talk(1), &talk(1), &talk(9)]));
snapshots!(notice_digest_few, |tr| digest(tr, &[&talk(1), &talk(2)]));
snapshots!(notice_channel_managers, |tr| screen(tr, "channel.stopped", &because("managers_bot")));
snapshots!(notice_customer_answered, |tr| screen(tr, "customer.answered", &payload()));
snapshots!(notice_customer_edited, |tr| {
    let mut payload = payload();
    payload["edited"] = json!(true);
    screen(tr, "customer.answered", &payload)
});
snapshots!(notice_customer_doubt, |tr| screen(tr, "customer.doubt", &payload()));
snapshots!(notice_reply_failed, |tr| screen(tr, "reply.undelivered", &because("blocked")));
snapshots!(notice_reply_uncertain, |tr| {
    let mut payload = because("no_answer");
    payload["state"] = json!("uncertain");
    screen(tr, "reply.undelivered", &payload)
});
snapshots!(notice_inbound_failed, |tr| screen(tr, "inbound.failed", &payload()));
snapshots!(notice_crm_moved, |tr| screen(tr, "crm.reauth", &json!({ "name": "Ромашка", "reason": "moved" })));
snapshots!(notice_crm_uninstalled, |tr| screen(tr, "crm.reauth", &json!({ "name": "Ромашка", "reason": "uninstalled" })));
snapshots!(notice_member_locked, |tr| screen(tr, "member.locked", &payload()));
snapshots!(notice_member_locked_lost, |tr| screen(tr, "member.locked", &because("lost_phone")));
snapshots!(notice_campaign_paused, |tr| screen(tr, "campaign.paused", &because("member")));
snapshots!(notice_campaign_paused_licence, |tr| screen(tr, "campaign.paused", &because("licence")));
snapshots!(notice_campaign_paused_refused, |tr| screen(tr, "campaign.paused", &because("all_failed:rejected")));
snapshots!(notice_campaign_failed_void, |tr| screen(tr, "campaign.failed", &because("approval_void")));
snapshots!(notice_campaign_failed_grew, |tr| screen(tr, "campaign.failed", &because("audience_grew")));
snapshots!(notice_campaign_failed_late, |tr| screen(tr, "campaign.failed", &because("window_closed")));
snapshots!(notice_licence_ending, |tr| screen(tr, "licence.ending", &payload()));
snapshots!(notice_campaign_recalled, |tr| screen(tr, "campaign.recalled", &payload()));
snapshots!(notice_session_new, |tr| screen(tr, "session.new", &payload()));
snapshots!(notice_session_not_me, |tr| screen(tr, "session.not_me", &payload()));
snapshots!(notice_member_guessed, |tr| screen(tr, "member.guessed", &payload()));
snapshots!(notice_member_password_link, |tr| screen(tr, "member.password_link", &payload()));
snapshots!(notice_member_password_link_admin, |tr| screen(tr, "member.password_link", &json!({ "name": "Борис", "by": "" })));
snapshots!(notice_member_password_link_mine, |tr| screen(tr, "member.password_link", &json!({ "mine": true })));
snapshots!(notice_member_password_set, |tr| screen(tr, "member.password_set", &payload()));
snapshots!(notice_trail_heads, |tr| screen(tr, "trail.heads", &payload()));
snapshots!(notice_trail_broken, |tr| screen(tr, "trail.broken", &payload()));
