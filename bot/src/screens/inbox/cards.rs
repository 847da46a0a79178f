//! The screens of the inbox: pure.

use mms_core::{
    account::{Right, Role},
    contact::Contact,
    inbound::inbox::{Conversation, Counts, Said},
};

use super::Call;
use crate::{
    i18n::Tr,
    p,
    screen::{Button, Screen},
    screens::contacts::{self, say},
    t,
};

/// The conversations.
#[must_use]
pub fn list(tr: Tr, counts: Counts, found: &[Conversation], page: u32, pages: u32) -> Screen {
    let html = match counts {
        Counts { all: 0, .. } => t!(tr, "inbox-none"),
        Counts { waiting: 0, all } => t!(tr, "inbox-title-done", count = all),
        Counts { waiting, all } => t!(tr, "inbox-title", count = all, waiting = waiting),
    };
    found
        .iter()
        .fold(Screen::new(html), |screen, one| {
            let mark = if one.waits() { "💬" } else { "✓" };
            let text = format!("{mark} {}: {}", say::short(&say::name(tr, &one.name), 24), say::short(&one.body, 30));
            screen.button(text, Call::Card { contact: one.contact_id })
        })
        .pager(page, pages, |page| Call::List { page })
        .home(tr)
}

/// Whether the person said stop and has not written since.
fn out(contact: &Contact) -> bool {
    contact.opted_out_at.is_some_and(|at| contact.last_answered_at.is_none_or(|answered| answered <= at))
}

/// A conversation.
#[must_use]
pub fn card(tr: Tr, contact: &Contact, said: &[Said], role: Role) -> Screen {
    let mut parts = vec![t!(tr, "inbox-card", name = say::name(tr, &contact.name))];
    // The last words matter most: they get the most room.
    let last = said.len().saturating_sub(1);
    for (at, one) in said.iter().enumerate() {
        let text = say::short(&one.body, if at == last { 1_200 } else { 180 });
        let when = tr.moment(one.at);
        parts.push(match (one.direction.as_str(), &one.member, &one.campaign) {
            ("in", _, Some(campaign)) => t!(tr, "inbox-in-campaign", at = when, campaign = say::short(campaign, 40), text = text),
            ("in", _, None) => t!(tr, "inbox-in", at = when, channel = say::short(&one.channel, 40), text = text),
            (_, Some(member), _) => t!(tr, "inbox-out", at = when, member = say::short(member, 40), text = text),
            (_, None, _) => t!(tr, "inbox-out-bot", at = when, text = text),
        });
    }
    if said.is_empty() {
        parts.push(t!(tr, "inbox-silent"));
    }
    let out = out(contact);
    if out {
        parts.push(t!(tr, "inbox-out-of"));
    }
    let reply = role.may(Right::Edit) && !said.is_empty() && !out;
    Screen::new(parts.join("\n\n"))
        .button_if(reply, p!(tr, "inbox-reply"), Call::Reply { contact: contact.id })
        .button(p!(tr, "inbox-contact"), contacts::Call::Card { contact: contact.id })
        .nav(tr, Call::List { page: 0 })
}

/// What to say?
#[must_use]
pub fn ask(tr: Tr, contact: &Contact) -> Screen {
    Screen::new(t!(tr, "inbox-ask", name = say::name(tr, &contact.name))).nav(tr, Call::Card { contact: contact.id })
}

/// It did not go.
#[must_use]
pub fn not_sent(tr: Tr, contact: &Contact, sentence: &str) -> Screen {
    Screen::new(t!(tr, "inbox-not-sent", name = say::name(tr, &contact.name), sentence = sentence))
        .row([Button::call(p!(tr, "inbox-reply"), Call::Reply { contact: contact.id })])
        .nav(tr, Call::Card { contact: contact.id })
}
