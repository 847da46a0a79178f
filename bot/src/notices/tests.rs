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
    "channel.stopped",
    "crm.reauth",
    "crm.held",
    "import.done",
    "member.locked",
    "licence.ending",
];

fn payload() -> Value {
    let id = uuid::Uuid::nil();
    json!({
        "campaign": id, "template": id, "version": id, "contact": id, "channel": id, "connection": id, "import": id, "member": id,
        "name": "Осень <2026>", "comment": "Уточните дату.", "text": "Спасибо & до встречи", "login": "anna",
        "until": "2026-12-01T00:00:00Z",
    })
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
snapshots!(notice_customer_answered, |tr| screen(tr, "customer.answered", &payload()));
snapshots!(notice_member_locked, |tr| screen(tr, "member.locked", &payload()));
snapshots!(notice_licence_ending, |tr| screen(tr, "licence.ending", &payload()));
