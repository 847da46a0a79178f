//! The screens of the inbox: pure.

use mms_core::{
    account::{Right, Role},
    channel::{FileKind, registry},
    clock::Moment,
    consent::doubt::Doubt,
    contact::Contact,
    inbound::{
        inbox::{Campaigned, Conversation, Counts, Said},
        search::Found,
        talk::Standing,
    },
    words::Why,
};

use super::Call;
use crate::{
    frame::{
        callback::Sought,
        fit,
        page::Page,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::contacts::{self, say},
    t,
    words::{self, reasons},
};

/// The conversations: who waits longest first.
#[must_use]
pub fn list(tr: Tr, counts: Counts, unread: i64, found: &[Conversation], page: Page, role: Role, now: Moment) -> Screen {
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
            let body = shown(tr, &one.direction, one.file_kind, &one.body);
            let whose = one.assigned.as_deref().map(|name| format!(" → {}", say::short(name, 12))).unwrap_or_default();
            let when = tr.when(if one.waits() { one.since } else { one.at }, now);
            let text = format!("{mark} {when} · {}{whose}: {body}", say::short(&say::name(tr, &one.name), 20));
            screen.button(say::short(&text, 60), Call::Card { contact: one.contact_id })
        })
        .pager(page, |page| Call::List { page })
        .button_if(role.may(Right::Edit), p!(tr, "inbox-quick"), Call::QuickList)
        .at(Call::List { page: page.at })
        .home(tr)
}

/// What was found.
#[must_use]
pub fn found(tr: Tr, typed: &str, list: &[Found]) -> Screen {
    let html =
        if list.is_empty() { t!(tr, "inbox-found-none", typed = say::short(typed, 60)) } else { t!(tr, "inbox-found", count = list.len()) };
    list.iter()
        .fold(Screen::new(html), |screen, one| {
            let name = say::short(&say::name(tr, &one.name), 24);
            let text = match &one.body {
                Some(body) => format!("{name}: {}", sent(tr, body)),
                None => name,
            };
            screen.button(say::short(&text, 60), Call::Card { contact: one.contact })
        })
        .at_if(!list.is_empty(), Call::Found { sought: Sought::of(typed) })
        .nav(tr, Call::List { page: 0 })
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

/// What was said, in words. What looks like a file's kind in a member's own words is their words.
#[must_use]
pub fn shown(tr: Tr, direction: &str, file: Option<FileKind>, body: &str) -> String {
    if direction == "in" || file.is_some() { sent(tr, body) } else { body.to_owned() }
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
        "forward" => p!(tr, "inbox-sent-forward"),
        "poll" | "dice" | "story" | "order" | "unsupported" => p!(tr, "inbox-sent-other"),
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
pub fn undelivered(tr: Tr, state: Option<&str>, reason: Option<&Why>, detail: Option<&str>) -> Option<String> {
    match state {
        Some("failed") => {
            let reason = reason.map(|why| reasons::why_said(tr, why, detail)).unwrap_or_default();
            Some(p!(tr, "inbox-undelivered", reason = reason))
        }
        Some("uncertain") => Some(p!(tr, "inbox-unknown")),
        _ => None,
    }
}

/// How far a member's reply got, where the messenger tells.
fn arrived(tr: Tr, one: &Said, now: Moment) -> Option<String> {
    match (one.read_at, one.delivered_at) {
        (Some(at), _) => Some(p!(tr, "inbox-read", at = tr.when(at, now))),
        (None, Some(at)) => Some(p!(tr, "inbox-delivered", at = tr.when(at, now))),
        (None, None) => None,
    }
}

/// All that a conversation's card shows.
#[derive(Debug, Clone)]
pub struct Talk {
    /// With whom.
    pub contact: Contact,
    /// What was said, oldest first.
    pub said: Vec<Said>,
    /// Campaigns' messages that went to them, oldest first, each with its words as far as they can
    /// be told.
    pub campaigns: Vec<(Campaigned, String)>,
    /// They perhaps asked for no advertising.
    pub doubt: Option<Doubt>,
    /// Whose it is, and whether the member who looks is told of it.
    pub standing: Standing,
}

impl Talk {
    /// The newest of what was said that is no opt-out: those wait for nothing.
    fn newest(&self) -> Option<&Said> {
        self.said.iter().rev().find(|one| one.stop.is_none())
    }
}

/// Characters of the last words, of the others, and of a campaign's message: together they fit one
/// message of Telegram.
const LAST: usize = 1_000;
const EARLIER: usize = 140;
/// Characters of why an earlier reply did not go; of the last one it is told whole.
const WHY: usize = 60;
/// Files of a conversation that can be opened from its card, the newest.
const FILES: usize = 6;

/// A document by its name.
fn document(tr: Tr, one: &Said) -> Option<String> {
    let name = one.file_name.as_deref().filter(|name| !name.trim().is_empty() && one.file_kind == Some(FileKind::Document))?;
    Some(p!(tr, "inbox-file-document", name = say::short(&words::inert(name), 40)))
}

/// Something said in a conversation; the `last` words are told whole.
fn said(tr: Tr, one: &Said, last: bool, now: Moment) -> String {
    let mut text = shown(tr, &one.direction, one.file_kind, &one.body);
    if let Some(name) = document(tr, one) {
        text = text.replacen(&p!(tr, "inbox-sent-document"), &name, 1);
    }
    let text = say::short(&text, if last { LAST } else { EARLIER });
    let when = match one.edited_at {
        Some(_) => p!(tr, "inbox-edited", at = tr.when(one.at, now)),
        None => tr.when(one.at, now),
    };
    let mut html = match (one.direction.as_str(), &one.member, &one.campaign) {
        ("in", ..) if one.stop.is_some() && one.body.is_empty() => t!(tr, "inbox-in-stop-press", at = when),
        ("in", ..) if one.stop.is_some() => t!(tr, "inbox-in-stop", at = when, text = text),
        ("in", _, Some(campaign)) => t!(tr, "inbox-in-campaign", at = when, campaign = say::short(campaign, 40), text = text),
        ("in", _, None) => t!(tr, "inbox-in", at = when, channel = say::short(&one.channel, 40), text = text),
        (_, Some(member), _) => t!(tr, "inbox-out", at = when, member = say::short(member, 40), text = text),
        (_, None, _) => match one.crm {
            Some(crm) => t!(tr, "inbox-out-crm", at = when, crm = words::crm(crm), text = text),
            None => t!(tr, "inbox-out-bot", at = when, text = text),
        },
    };
    let arrived = arrived(tr, one, now);
    if let Some(mark) = undelivered(tr, one.state.as_deref(), one.reason.as_ref(), one.detail.as_deref()).or(arrived) {
        let mark = if last { mark } else { say::short(&mark, WHY) };
        html.push('\n');
        html.push_str(&mms_core::text::escape(&mark));
    }
    html
}

/// The button that brings a file of a conversation.
fn file_button(tr: Tr, one: &Said, now: Moment) -> Option<Button> {
    let kind = one.file_kind?;
    let name = one.file_name.as_deref().filter(|name| !name.trim().is_empty());
    let what = match name {
        Some(name) if kind == FileKind::Document => p!(tr, "inbox-file-document", name = say::short(name, 24)),
        _ => file(tr, &format!("[{}]", kind.as_str())).map(|(kind, _)| kind)?,
    };
    Some(Button::call(p!(tr, "inbox-file-button", kind = what, at = tr.when(one.at, now)), Call::File { message: one.id }))
}

/// Until when the person can be answered, where their messenger lets a free text through only for
/// a while after their last word. A press counts there too and is not kept, so a closed window may
/// be open all the same: what is said of it forbids nothing.
fn window(tr: Tr, talk: &Talk, now: Moment) -> Option<String> {
    let last = talk.said.iter().rev().find(|one| one.direction == "in")?;
    let open_for = registry::capabilities(last.messenger).window?;
    let until = last.at + open_for;
    let messenger = words::messenger(last.messenger);
    Some(if until > now {
        t!(tr, "inbox-window-open", messenger = messenger, until = tr.when(until, now))
    } else {
        t!(tr, "inbox-window-closed", messenger = messenger, days = open_for.as_secs() / (24 * 3_600))
    })
}

/// A conversation.
#[must_use]
pub fn card(tr: Tr, talk: &Talk, role: Role, now: Moment) -> Screen {
    let contact = &talk.contact;
    let mut parts = vec![t!(tr, "inbox-card", name = say::name(tr, &contact.name))];
    // The last words matter most: they get the most room.
    let last = talk.said.len().saturating_sub(1);
    let mut lines: Vec<(Moment, String)> = Vec::new();
    for (sent, words) in &talk.campaigns {
        let (campaign, text) = (say::short(&sent.campaign, 40), say::short(words, EARLIER));
        lines.push((sent.at, t!(tr, "inbox-out-campaign", at = tr.when(sent.at, now), campaign = campaign, text = text)));
    }
    for (at, one) in talk.said.iter().enumerate() {
        lines.push((one.at, said(tr, one, at == last, now)));
    }
    // Stable: what was said at one moment stays in its order.
    lines.sort_by_key(|(at, _)| *at);
    parts.extend(lines.into_iter().map(|(_, html)| html.trim_end().to_owned()));
    if talk.said.is_empty() {
        parts.push(t!(tr, "inbox-silent"));
    }
    let newest = talk.newest().filter(|one| one.direction == "in");
    if let Some(handled_at) = newest.and_then(|one| one.handled_at) {
        let by = newest.and_then(|one| one.handled_by.as_deref()).unwrap_or_default();
        parts.push(t!(tr, "inbox-handled", name = say::short(by, 40), at = tr.when(handled_at, now)));
    }
    parts.extend(window(tr, talk, now));
    let whose = talk.standing.assigned.as_deref().map(|name| t!(tr, "inbox-assigned", name = say::short(name, 40)));
    let muted = talk.standing.muted.then(|| t!(tr, "inbox-muted"));
    let notes: Vec<String> = whose.into_iter().chain(muted).collect();
    if !notes.is_empty() {
        parts.push(notes.join("\n"));
    }
    if let Some(doubt) = &talk.doubt {
        parts.push(t!(tr, "inbox-doubt", at = tr.when(doubt.opened_at, now)));
    }
    let out = out(contact);
    if out {
        parts.push(t!(tr, "inbox-out-of"));
    }
    let edit = role.may(Right::Edit);
    let mark = newest.filter(|_| edit).map(|one| match one.handled_at {
        None => Button::call(p!(tr, "inbox-done"), Call::Done { contact: contact.id, last: one.id }),
        Some(_) => Button::call(p!(tr, "inbox-reopen"), Call::Reopen { contact: contact.id, last: one.id }),
    });
    let reply = (edit && !talk.said.is_empty() && !out).then(|| Button::call(p!(tr, "inbox-reply"), Call::Reply { contact: contact.id }));
    let may_take = role.may(Right::Export);
    let mut files: Vec<Button> =
        talk.said.iter().rev().filter(|_| may_take).filter_map(|one| file_button(tr, one, now)).take(FILES).collect();
    files.reverse();
    let id = contact.id;
    let muted = talk.standing.muted;
    let quick = reply.as_ref().map(|_| Button::call(p!(tr, "inbox-quick"), Call::Quick { contact: id }));
    let screen = Screen::new(fit::stacked(&parts)).at(Call::Card { contact: id }).row(reply.into_iter().chain(quick));
    let screen = files.chunks(2).fold(screen, |screen, row| screen.row(row.to_vec()));
    let there = edit && !talk.said.is_empty();
    let assign = there.then(|| Button::call(p!(tr, "inbox-assign-button"), Call::Assign { contact: id }));
    let mute = if muted { p!(tr, "inbox-unmute") } else { p!(tr, "inbox-mute") };
    let mute = there.then(|| Button::call(mute, Call::Mute { contact: id, muted: !muted }));
    screen
        .row(mark.into_iter().chain(assign))
        .button_if(talk.doubt.is_some() && edit, p!(tr, "inbox-doubt-lift"), Call::LiftDoubt { contact: id })
        .row(mute.into_iter().chain([Button::call(p!(tr, "inbox-contact"), contacts::Call::Card { contact: id })]))
        .nav(tr, Call::List { page: 0 })
}

/// Why is advertising wanted after all?
#[must_use]
pub fn ask_why(tr: Tr, contact: &Contact, refused: Option<&str>) -> Screen {
    let mut html = t!(tr, "inbox-ask-doubt", name = say::name(tr, &contact.name));
    if let Some(sentence) = refused {
        html = format!("{}\n\n{html}", mms_core::text::escape(sentence));
    }
    Screen::new(html).nav_back(tr, Call::Card { contact: contact.id })
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
