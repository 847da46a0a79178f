//! Tells members what happened, once each: a notice is raised in the transaction of its event and sent by [`telling`] to the live
//! sessions of those who may act on it, in their language. The words are here.

mod telling;

pub use telling::run;

use mms_core::{
    channel::managers,
    clock::Moment,
    contact::erase::OF_CONVERSATIONS,
    notice::Notice,
    words::{Reason, Why},
};
use serde_json::Value;

use crate::{
    frame::{
        callback::Need,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{audit, campaigns, channels, contacts::say, crm, imports, inbox, licence, members, menu, sessions, templates},
    t,
    words::reasons,
};

/// Whether a notice tells of a conversation: raised again with each message of the customer, and told by one message.
#[must_use]
pub fn is_talk(kind: &str) -> bool {
    OF_CONVERSATIONS.contains(&kind)
}

/// Whether a notice comes before news: something has stopped, or somebody must act.
#[must_use]
pub fn is_alarm(kind: &str) -> bool {
    matches!(
        kind,
        "channel.stopped"
            | "inbound.failed"
            | "campaign.paused"
            | "campaign.failed"
            | "crm.reauth"
            | "member.locked"
            | "licence.ending"
            | "import.stopped"
            | "session.new"
            | "session.not_me"
            | "member.guessed"
            | "member.password_link"
            | "member.password_set"
            | "trail.broken"
            | "reply.undelivered"
    )
}

/// The message of a notice; `more`: the customer's messages in it besides the last.
#[must_use]
pub fn told_again(tr: Tr, notice: &Notice, more: i32) -> Screen {
    let mut screen = screen(tr, &notice.kind, &notice.payload);
    if more > 0 && is_talk(&notice.kind) {
        screen.html.push_str("\n\n");
        screen.html.push_str(&t!(tr, "notices-more", count = more));
    }
    screen
}

/// One message for many conversations.
#[must_use]
pub fn digest(tr: Tr, talks: &[&Notice]) -> Screen {
    const NAMED: usize = 5;
    let names: Vec<String> =
        talks.iter().take(NAMED).map(|talk| say::name(tr, talk.payload["name"].as_str().unwrap_or_default())).collect();
    let rest = talks.len().saturating_sub(NAMED);
    let html = t!(tr, "notices-digest", count = talks.len(), names = names.join(", "), rest = rest);
    Screen::new(html)
        .row([Button::call(p!(tr, "inbox-open"), inbox::Call::List { page: 0 }), Button::call(p!(tr, "to-menu"), menu::Call::Fresh)])
}

/// Who may act on a notice, when it is for nobody in particular.
#[must_use]
pub fn concerns(kind: &str) -> Option<Need> {
    Some(match kind {
        "campaign.submitted" | "template.submitted" => Need::Approve,
        "campaign.approved" | "campaign.returned" | "campaign.finished" | "campaign.stopped" | "campaign.failed" | "campaign.paused"
        | "campaign.recalled" | "template.approved" | "template.returned" | "customer.answered" | "customer.doubt"
        | "reply.undelivered" | "inbound.failed" | "import.done" | "import.stopped" => Need::Edit,
        "channel.stopped"
        | "crm.reauth"
        | "crm.held"
        | "crm.hooks"
        | "crm.token_ends"
        | "member.locked"
        | "licence.ending"
        | "member.guessed"
        | "member.password_link"
        | "member.password_set"
        | "session.new"
        | "session.not_me"
        | "trail.heads"
        | "trail.broken" => Need::Own,
        _ => return None,
    })
}

/// The message of a notice.
#[must_use]
pub fn screen(tr: Tr, kind: &str, payload: &Value) -> Screen {
    let fact = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
    let name = fact("name");
    let html = match kind {
        "campaign.submitted" => t!(tr, "notices-campaign-submitted", name = name),
        "campaign.approved" => t!(tr, "notices-campaign-approved", name = name),
        "campaign.returned" => t!(tr, "notices-campaign-returned", name = name, comment = fact("comment")),
        "campaign.finished" => t!(tr, "notices-campaign-finished", name = name),
        "campaign.stopped" => t!(tr, "notices-campaign-stopped", name = name),
        "campaign.failed" => match Reason::of(&fact("reason")) {
            Some(Reason::ApprovalVoid) => t!(tr, "notices-campaign-failed-void", name = name),
            Some(Reason::AudienceGrew) => t!(tr, "notices-campaign-failed-grew", name = name),
            Some(Reason::WindowClosed) => t!(tr, "notices-campaign-failed-late", name = name),
            _ => t!(tr, "notices-campaign-failed", name = name),
        },
        "campaign.paused" => match campaigns::paused(tr, &Why::of(&fact("reason"))) {
            Some(why) => t!(tr, "notices-campaign-paused-why", name = name, why = Html(why)),
            None => t!(tr, "notices-campaign-paused", name = name),
        },
        "campaign.recalled" => t!(tr, "notices-campaign-recalled", name = name),
        "session.new" => t!(tr, "notices-session-new", name = name, phone = fact("phone")),
        "session.not_me" => t!(tr, "notices-session-not-me", name = name),
        "member.guessed" => t!(tr, "notices-member-guessed", login = fact("login")),
        "member.password_link" => match (payload["mine"].as_bool(), fact("by")) {
            (Some(true), _) => t!(tr, "notices-member-password-link-mine"),
            (_, by) if by.is_empty() => t!(tr, "notices-member-password-link-admin", name = name),
            (_, by) => t!(tr, "notices-member-password-link", name = name, by = by),
        },
        "member.password_set" => t!(tr, "notices-member-password-set", name = name, phone = fact("by")),
        "trail.heads" => t!(tr, "notices-trail-heads", audit = fact("audit"), consents = fact("consents")),
        "trail.broken" => t!(tr, "notices-trail-broken", noted = fact("noted")),
        "template.submitted" => t!(tr, "notices-template-submitted", name = name),
        "template.approved" => t!(tr, "notices-template-approved", name = name),
        "template.returned" => t!(tr, "notices-template-returned", name = name, comment = fact("comment")),
        "customer.answered" if payload["edited"].as_bool() == Some(true) => {
            t!(tr, "notices-customer-edited", name = say::name(tr, &name), text = inbox::sent(tr, &fact("text")))
        }
        "customer.doubt" => t!(tr, "notices-customer-doubt", name = say::name(tr, &name), text = inbox::sent(tr, &fact("text"))),
        "reply.undelivered" if fact("state") == "uncertain" => t!(tr, "notices-reply-uncertain", name = say::name(tr, &name)),
        "reply.undelivered" => {
            t!(tr, "notices-reply-failed", name = say::name(tr, &name), reason = reasons::why(tr, &Why::of(&fact("reason"))))
        }
        "inbound.failed" => t!(tr, "notices-inbound-failed", name = name),
        "customer.answered" => t!(tr, "notices-customer-answered", name = say::name(tr, &name), text = inbox::sent(tr, &fact("text"))),
        "channel.stopped" if fact("reason") == managers::REASON => t!(tr, "notices-channel-managers", name = name),
        "channel.stopped" => t!(tr, "notices-channel-stopped", name = name),
        "crm.reauth" => match fact("reason").as_str() {
            "moved" => t!(tr, "notices-crm-moved", name = name),
            "uninstalled" => t!(tr, "notices-crm-uninstalled", name = name),
            _ => t!(tr, "notices-crm-reauth", name = name),
        },
        "crm.held" => {
            let until = fact("until").parse::<Moment>().map(|until| tr.moment(until)).unwrap_or_default();
            match fact("reason").as_str() {
                "not_paid" => t!(tr, "notices-crm-held-not-paid", name = name, until = until),
                "forbidden" => t!(tr, "notices-crm-held-forbidden", name = name, until = until),
                "limited" => t!(tr, "notices-crm-held-limited", name = name, until = until),
                _ => t!(tr, "notices-crm-held", name = name, until = until),
            }
        }
        "crm.hooks" => t!(tr, "notices-crm-hooks", name = name),
        "crm.token_ends" => {
            let until = fact("until").parse::<Moment>().map(|until| tr.day(until)).unwrap_or_default();
            t!(tr, "notices-crm-token-ends", name = name, until = until)
        }
        "import.done" => t!(tr, "notices-import-done"),
        "member.locked" if fact("reason") == "lost_phone" => t!(tr, "notices-member-locked-lost", login = fact("login")),
        "import.stopped" => t!(tr, "notices-import-stopped"),
        "member.locked" => t!(tr, "notices-member-locked", login = fact("login")),
        "licence.ending" => {
            let until = fact("until").parse::<Moment>().map(|until| tr.day(until)).unwrap_or_default();
            t!(tr, "notices-licence-ending", until = until)
        }
        _ => String::new(),
    };
    // The reply under a customer's words; a Telegram reply to the notice finds its conversation by this button too.
    let screen = Screen::new(html).row(answer(tr, kind, payload)).row(never_again(tr, kind, payload));
    match open(tr, kind, payload) {
        Some(button) => screen.row([button, Button::call(p!(tr, "to-menu"), menu::Call::Fresh)]),
        None => screen.button(p!(tr, "to-menu"), menu::Call::Fresh),
    }
}

/// The button that answers a customer.
fn answer(tr: Tr, kind: &str, payload: &Value) -> Option<Button> {
    let id = |name: &str| payload[name].as_str().and_then(|text| text.parse::<uuid::Uuid>().ok());
    let (contact, channel) = (mms_core::id::ContactId(id("contact")?), mms_core::id::ChannelId(id("channel")?));
    matches!(kind, "customer.answered" | "customer.doubt")
        .then(|| Button::call(p!(tr, "inbox-reply"), inbox::Call::Answer { contact, channel }))
}

/// The button that ends writing to a customer: it asks first, and the opt-out is a member's, on the record.
fn never_again(tr: Tr, kind: &str, payload: &Value) -> Option<Button> {
    let contact = mms_core::id::ContactId(payload["contact"].as_str()?.parse().ok()?);
    matches!(kind, "customer.answered" | "customer.doubt").then(|| Button::call(p!(tr, "inbox-stop"), inbox::Call::AskStop { contact }))
}

/// The button that opens what the notice is about. One arm a feature; the card comes as the same message edited.
fn open(tr: Tr, kind: &str, payload: &Value) -> Option<Button> {
    let id = |name: &str| payload[name].as_str().and_then(|text| text.parse::<uuid::Uuid>().ok());
    match kind {
        "member.locked" => Some(Button::call(p!(tr, "open"), members::Call::Card { member: mms_core::id::MemberId(id("member")?) })),
        "session.new" => {
            let user = payload[mms_core::notice::NOT_THERE].as_i64()?;
            Some(Button::call(p!(tr, "notices-not-me"), sessions::Call::NotMe { member: mms_core::id::MemberId(id("member")?), user }))
        }
        "session.not_me" | "member.guessed" | "member.password_set" => {
            Some(Button::call(p!(tr, "open"), members::Call::Card { member: mms_core::id::MemberId(id("member")?) }))
        }
        "member.password_link" if payload["mine"].as_bool() != Some(true) => {
            Some(Button::call(p!(tr, "open"), members::Call::Card { member: mms_core::id::MemberId(id("member")?) }))
        }
        "trail.heads" | "trail.broken" => Some(Button::call(p!(tr, "audit-verify"), audit::Call::Verify)),
        "licence.ending" => Some(Button::call(p!(tr, "open"), licence::Call::Open)),
        "import.done" | "import.stopped" => {
            Some(Button::call(p!(tr, "open"), imports::Call::Card { import: mms_core::id::ImportId(id("import")?) }))
        }
        "inbound.failed" => Some(Button::call(p!(tr, "open"), inbox::Call::Failed { page: 0 })),
        "customer.answered" | "customer.doubt" | "reply.undelivered" => {
            Some(Button::call(p!(tr, "inbox-open"), inbox::Call::Card { contact: mms_core::id::ContactId(id("contact")?) }))
        }
        "channel.stopped" => Some(Button::call(p!(tr, "open"), channels::Call::Card { channel: mms_core::id::ChannelId(id("channel")?) })),
        kind if kind.starts_with("campaign.") => {
            Some(Button::call(p!(tr, "open"), campaigns::Call::Card { campaign: mms_core::id::CampaignId(id("campaign")?) }))
        }
        "crm.reauth" | "crm.held" | "crm.hooks" | "crm.token_ends" => {
            Some(Button::call(p!(tr, "open"), crm::Call::Card { connection: mms_core::id::ConnectionId(id("connection")?) }))
        }
        "template.submitted" | "template.approved" | "template.returned" => {
            Some(Button::call(p!(tr, "open"), templates::Call::Card { version: mms_core::id::VersionId(id("version")?) }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
