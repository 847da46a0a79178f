//! The screens of the inbox: pure.

use mms_core::{
    account::{Right, Role},
    clock::Moment,
    consent::doubt::Doubt,
    contact::Contact,
    inbound::inbox::{Conversation, Counts, Said},
    words::Why,
};

use super::Call;
use crate::{
    frame::screen::{Button, Screen},
    i18n::Tr,
    p,
    screens::contacts::{self, say},
    t,
    words::{self, reasons},
};

/// The conversations.
#[must_use]
pub fn list(tr: Tr, counts: Counts, unread: i64, found: &[Conversation], page: u32, pages: u32) -> Screen {
    let html = match counts {
        Counts { all: 0, .. } => t!(tr, "inbox-none"),
        Counts { waiting: 0, all } => t!(tr, "inbox-title-done", count = all),
        Counts { waiting, all } => t!(tr, "inbox-title", count = all, waiting = waiting),
    };
    let screen = Screen::new(html).button_if(unread > 0, p!(tr, "inbox-failed", count = unread), Call::Failed { page: 0 });
    found
        .iter()
        .fold(screen, |screen, one| {
            let mark = if one.waits() { "💬" } else { "✓" };
            let body = if one.direction == "in" { sent(tr, &one.body) } else { one.body.clone() };
            let text = format!("{mark} {}: {}", say::short(&say::name(tr, &one.name), 24), say::short(&body, 30));
            screen.button(text, Call::Card { contact: one.contact_id })
        })
        .pager(page, pages, |page| Call::List { page })
        .home(tr)
}

/// What a customer sent, in words: the room keeps a file as its kind in brackets, then its caption.
#[must_use]
pub fn sent(tr: Tr, body: &str) -> String {
    match file(tr, body) {
        Some((kind, "")) => kind,
        Some((kind, caption)) => p!(tr, "inbox-sent-with", kind = kind, caption = words::inert(caption)),
        None => words::inert(body),
    }
}

/// The kind of a file a customer sent, with its caption; `None`: a text.
fn file(tr: Tr, body: &str) -> Option<(String, &str)> {
    let (kind, caption) = body.strip_prefix('[')?.split_once(']')?;
    let kind = match kind {
        "photo" => p!(tr, "inbox-sent-photo"),
        "video" | "animation" => p!(tr, "inbox-sent-video"),
        "video_note" => p!(tr, "inbox-sent-video-note"),
        "voice" => p!(tr, "inbox-sent-voice"),
        "audio" => p!(tr, "inbox-sent-audio"),
        "document" => p!(tr, "inbox-sent-document"),
        "sticker" => p!(tr, "inbox-sent-sticker"),
        "location" | "venue" => p!(tr, "inbox-sent-location"),
        "contact" => p!(tr, "inbox-sent-contact"),
        "poll" | "dice" | "story" => p!(tr, "inbox-sent-other"),
        _ => return None,
    };
    Some((kind, caption.trim()))
}

/// Whether the person said stop and has not written since.
fn out(contact: &Contact) -> bool {
    contact.opted_out_at.is_some_and(|at| contact.last_answered_at.is_none_or(|answered| answered <= at))
}

/// What became of a member's reply, if it is not known to have gone: it did not, or nobody knows.
#[must_use]
pub fn undelivered(tr: Tr, state: Option<&str>, reason: Option<&Why>) -> Option<String> {
    match state {
        Some("failed") => Some(p!(tr, "inbox-undelivered", reason = reason.map(|why| reasons::why(tr, why)).unwrap_or_default())),
        Some("uncertain") => Some(p!(tr, "inbox-unknown")),
        _ => None,
    }
}

/// A conversation.
#[must_use]
pub fn card(tr: Tr, contact: &Contact, said: &[Said], doubt: Option<&Doubt>, role: Role, now: Moment) -> Screen {
    let mut parts = vec![t!(tr, "inbox-card", name = say::name(tr, &contact.name))];
    // The last words matter most: they get the most room.
    let last = said.len().saturating_sub(1);
    for (at, one) in said.iter().enumerate() {
        // Members send texts alone; what looks like a file's kind in theirs is their own words.
        let body = if one.direction == "in" { sent(tr, &one.body) } else { one.body.clone() };
        let text = say::short(&body, if at == last { 1_200 } else { 180 });
        let when = match one.edited_at {
            Some(_) => p!(tr, "inbox-edited", at = tr.when(one.at, now)),
            None => tr.when(one.at, now),
        };
        let mut part = match (one.direction.as_str(), &one.member, &one.campaign) {
            ("in", _, Some(campaign)) => t!(tr, "inbox-in-campaign", at = when, campaign = say::short(campaign, 40), text = text),
            ("in", _, None) => t!(tr, "inbox-in", at = when, channel = say::short(&one.channel, 40), text = text),
            (_, Some(member), _) => t!(tr, "inbox-out", at = when, member = say::short(member, 40), text = text),
            (_, None, _) => t!(tr, "inbox-out-bot", at = when, text = text),
        };
        if let Some(mark) = undelivered(tr, one.state.as_deref(), one.reason.as_ref()) {
            part.push('\n');
            part.push_str(&mms_core::text::escape(&mark));
        }
        parts.push(part);
    }
    if said.is_empty() {
        parts.push(t!(tr, "inbox-silent"));
    }
    if said.iter().any(|one| one.direction == "in" && file(tr, &one.body).is_some()) {
        parts.push(t!(tr, "inbox-files"));
    }
    let newest = said.last().filter(|one| one.direction == "in");
    if let Some(handled_at) = newest.and_then(|one| one.handled_at) {
        let by = newest.and_then(|one| one.handled_by.as_deref()).unwrap_or_default();
        parts.push(t!(tr, "inbox-handled", name = say::short(by, 40), at = tr.when(handled_at, now)));
    }
    if let Some(doubt) = doubt {
        parts.push(t!(tr, "inbox-doubt", at = tr.when(doubt.opened_at, now)));
    }
    let out = out(contact);
    if out {
        parts.push(t!(tr, "inbox-out-of"));
    }
    let reply = role.may(Right::Edit) && !said.is_empty() && !out;
    let mark = newest.filter(|_| role.may(Right::Edit)).map(|one| match one.handled_at {
        None => Button::call(p!(tr, "inbox-done"), Call::Done { contact: contact.id, last: one.id }),
        Some(_) => Button::call(p!(tr, "inbox-reopen"), Call::Reopen { contact: contact.id, last: one.id }),
    });
    let reply = reply.then(|| Button::call(p!(tr, "inbox-reply"), Call::Reply { contact: contact.id }));
    Screen::new(parts.join("\n\n"))
        .row(reply.into_iter().chain(mark))
        .button_if(doubt.is_some() && role.may(Right::Edit), p!(tr, "inbox-doubt-lift"), Call::LiftDoubt { contact: contact.id })
        .button(p!(tr, "inbox-contact"), contacts::Call::Card { contact: contact.id })
        .nav(tr, Call::List { page: 0 })
}

/// Why is advertising wanted after all?
#[must_use]
pub fn ask_why(tr: Tr, contact: &Contact, refused: Option<&str>) -> Screen {
    let mut html = t!(tr, "inbox-ask-doubt", name = say::name(tr, &contact.name));
    if let Some(sentence) = refused {
        html = format!("{}\n\n{html}", mms_core::text::escape(sentence));
    }
    Screen::new(html).nav(tr, Call::Card { contact: contact.id })
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
