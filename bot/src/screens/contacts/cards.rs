//! The screens of one contact and of the search: pure.

use mms_core::{
    account::{Right, Role},
    channel::{registry, store::ChannelRow},
    clock::Moment,
    consent::{Purpose, doubt::Doubt},
    contact::{
        Field,
        card::{Card, DeliveryLine, Found, MessageLine},
    },
    id::JoinId,
    words::{Reason, Why},
};

use super::{Call, occasions, say};
use crate::{
    frame::{
        callback::Sought,
        fit,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{erasures, evidence, imports, inbox, segments, twins},
    t,
    words::{self, reasons},
};

/// Fields with a value in a card.
const ATTRIBUTES: usize = 15;
/// Deliveries and messages in a card.
const LAST: usize = 3;
/// Characters of why a reply did not go.
const WHY: usize = 60;

/// The room.
#[must_use]
pub fn home(tr: Tr, count: i64, (suppressed, alike): (i64, i64), role: Role) -> Screen {
    let html = if count == 0 { t!(tr, "contacts-none") } else { t!(tr, "contacts-title", count = count) };
    let import = role.may(Right::Edit).then(|| Button::call(p!(tr, "contacts-import"), imports::Call::List));
    Screen::new(html)
        .button_if(role.may(Right::Edit), p!(tr, "contacts-new"), Call::New)
        .row([Button::call(p!(tr, "contacts-segments"), segments::Call::List { page: 0 })].into_iter().chain(import))
        .row([Button::call(p!(tr, "contacts-tags"), Call::Tags), Button::call(p!(tr, "contacts-fields"), Call::Fields { page: 0 })])
        .button_if(count > 0 && role.may(Right::Export), p!(tr, "contacts-export"), Call::Export)
        .button_if(count > 0 && role.may(Right::Edit), p!(tr, "twins-menu", count = alike), twins::Call::Pairs { page: 0 })
        .button(p!(tr, "contacts-suppressions", count = suppressed), Call::Suppressions { page: 0 })
        .button(p!(tr, "erasures-menu"), erasures::Call::List { page: 0 })
        .at(Call::Open)
        .home(tr)
}

/// What was found.
#[must_use]
pub fn found(tr: Tr, typed: &str, list: &[Found], more: bool, role: Role) -> Screen {
    let html = match list.len() {
        0 => t!(tr, "contacts-found-none", typed = say::short(typed, 60)),
        _ if more => t!(tr, "contacts-found-more", count = list.len()),
        count => t!(tr, "contacts-found", count = count),
    };
    list.iter()
        .fold(Screen::new(html), |screen, one| screen.button(say::found(tr, one), Call::Card { contact: one.id }))
        .button_if(list.is_empty() && role.may(Right::Edit), p!(tr, "contacts-new"), Call::New)
        .at_if(!list.is_empty(), Call::Found { sought: Sought::of(typed) })
        .nav(tr, Call::Open)
}

/// A contact's card; `joined`: its last join, which may be undone.
#[must_use]
pub fn card(
    tr: Tr,
    (card, joined): (&Card, Option<JoinId>),
    fields: &[Field],
    channels: &[ChannelRow],
    doubt: Option<&Doubt>,
    role: Role,
    now: Moment,
) -> Screen {
    let contact = &card.contact;
    let id = contact.id;
    let mut parts = vec![t!(
        tr,
        "contacts-card",
        name = say::name(tr, &contact.name),
        since = tr.short_day(contact.created_at, now),
        source = say::source(tr, &contact.source)
    )];
    if let Some(at) = contact.opted_out_at {
        parts.push(t!(tr, "contacts-opted-out", day = tr.short_day(at, now)));
    }
    if let Some(doubt) = doubt {
        parts.push(t!(tr, "inbox-doubt", at = tr.when(doubt.opened_at, now)));
    }
    if card.sources.len() > 1 {
        parts.push(sources(tr, card));
    }
    parts.push(addresses(tr, card, channels));
    let known = attributes(tr, card, fields);
    if !known.is_empty() {
        parts.push(known);
    }
    if !card.tags.is_empty() {
        let tags: Vec<String> = card.tags.iter().take(20).map(|tag| format!("#{}", tag.replace(' ', "_"))).collect();
        parts.push(t!(tr, "contacts-card-tags", tags = say::short(&tags.join(" "), 500)));
    }
    parts.push(consents(tr, card, now));
    if !card.papers.is_empty() {
        parts.push(t!(tr, "contacts-card-papers", count = card.papers.len()));
    }
    if !card.occasions.is_empty() {
        let lines: Vec<String> = card.occasions.iter().take(LAST).map(|one| occasions::line(tr, one, now)).collect();
        parts.push(t!(tr, "contacts-card-occasions", lines = Html(lines.join("\n"))));
    }
    if !card.deliveries.is_empty() {
        let lines: Vec<String> = card.deliveries.iter().take(LAST).map(|line| delivery(tr, line, now)).collect();
        parts.push(t!(tr, "contacts-card-deliveries", lines = Html(lines.join("\n"))));
    }
    if !card.messages.is_empty() {
        let lines: Vec<String> = card.messages.iter().take(LAST).map(|line| message(tr, line, (80, WHY), now)).collect();
        parts.push(t!(tr, "contacts-card-messages", lines = Html(lines.join("\n"))));
    }
    let edit = role.may(Right::Edit);
    let talk = (edit && card.messages.iter().any(|line| line.direction == "in"))
        .then(|| Button::call(p!(tr, "contacts-talk"), inbox::Call::Card { contact: id }));
    let past = !card.deliveries.is_empty() || !card.messages.is_empty() || card.occasions.len() > LAST;
    let history = past.then(|| Button::call(p!(tr, "contacts-history"), Call::History { contact: id }));
    let screen = Screen::new(fit::stacked(&parts))
        .at(Call::Card { contact: id })
        .row(talk.into_iter().chain(history))
        .button_if(edit && doubt.is_some(), p!(tr, "inbox-doubt-lift"), inbox::Call::LiftDoubt { contact: id })
        .row(
            [
                Button::call(p!(tr, "contacts-dossier-button"), Call::Dossier { contact: id }),
                Button::call(p!(tr, "contacts-person-button"), Call::Person { contact: id }),
            ]
            .into_iter()
            .filter(|_| role.may(Right::Export)),
        )
        .button_if(
            role.may(Right::Export) && !card.papers.is_empty(),
            p!(tr, "contacts-papers-button", count = card.papers.len()),
            Call::Papers { contact: id },
        )
        .button_if(role.may(Right::Evidence), p!(tr, "evidence-make"), evidence::Call::Person { contact: id });
    if !edit {
        return screen.nav(tr, Call::Open);
    }
    let link = channels.iter().any(has_entry).then(|| Button::call(p!(tr, "contacts-link"), Call::Links { contact: id }));
    let stop = contact.opted_out_at.is_none().then(|| Button::call(p!(tr, "contacts-stop"), Call::AskStop { contact: id }));
    screen
        .row([
            Button::call(p!(tr, "contacts-edit-button"), Call::Edit { contact: id }),
            Button::call(p!(tr, "contacts-tags"), Call::Retag { contact: id }),
        ])
        .row(link)
        .button(p!(tr, "contacts-signed-button"), Call::Signed { contact: id })
        .row(joined.map(|join| Button::call(p!(tr, "twins-divide-button"), twins::Call::AskDivide { join })))
        .row(stop.into_iter().chain([Button::call(p!(tr, "contacts-delete"), Call::AskDelete { contact: id })]))
        .nav(tr, Call::Open)
}

/// The records of CRMs that the contact is, and where its name comes from.
fn sources(tr: Tr, card: &Card) -> String {
    let records: Vec<String> = card
        .sources
        .iter()
        .take(6)
        .map(|one| format!("{} № {}", say::short(&words::inert(&one.name), 30), say::short(&one.crm_id, 20)))
        .collect();
    let records = records.join(", ");
    match twins::origin_of_name(card) {
        Some(name) => t!(tr, "contacts-card-sources-name", records = records, name = name),
        None => t!(tr, "contacts-card-sources", records = records),
    }
}

fn addresses(tr: Tr, card: &Card, channels: &[ChannelRow]) -> String {
    if card.addresses.is_empty() {
        return t!(tr, "contacts-no-addresses");
    }
    let lines = card.addresses.iter().take(12).map(|address| {
        let refused = card.refusal(address);
        let bot = channels.iter().find(|row| row.id == address.scope_id && !row.username.is_empty());
        let bot = bot.map(|row| registry::handle(row.kind, &row.username));
        let bot = bot.as_deref();
        let mut line =
            format!("{} {}", say::mark(address.state, refused.is_some()), mms_core::text::escape(&say::address(tr, address, bot)));
        let note = match (refused, &address.state_reason) {
            (Some("opt_out"), _) => Some(p!(tr, "contacts-suppressed-opt-out")),
            (Some("blocked"), _) => Some(match bot {
                Some(bot) => p!(tr, "contacts-suppressed-blocked-bot", bot = bot),
                None => p!(tr, "contacts-suppressed-blocked"),
            }),
            (Some("complaint"), _) => Some(p!(tr, "contacts-suppressed-complaint")),
            (Some(_), _) => Some(p!(tr, "contacts-suppressed-manual")),
            (None, Some(why)) if why == "provider" => Some(reasons::reason(tr, Reason::Unreachable)),
            (None, Some(why)) => Some(reasons::why(tr, &Why::of(why))),
            (None, None) => None,
        };
        if let Some(note) = note {
            line.push_str(" — ");
            line.push_str(&mms_core::text::escape(&say::short(&note, 60)));
        }
        line
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn attributes(tr: Tr, card: &Card, fields: &[Field]) -> String {
    let shown = |field: &Field, value: &str| match twins::origin(card, &field.key) {
        Some(from) => t!(tr, "contacts-card-field-from", title = &field.title, value = value, from = from),
        None => t!(tr, "contacts-card-field", title = &field.title, value = value),
    };
    let known: Vec<(&Field, String)> = fields
        .iter()
        .filter_map(|field| {
            let value = card.contact.attributes.get(&field.key).filter(|value| !value.is_null())?;
            Some((field, say::value(tr, field.kind, value)))
        })
        .collect();
    let mut lines: Vec<String> = known.iter().take(ATTRIBUTES).map(|(field, value)| shown(field, value)).collect();
    if known.len() > ATTRIBUTES {
        lines.push(t!(tr, "contacts-card-fields-more", count = known.len() - ATTRIBUTES));
    }
    lines.join("\n")
}

fn consents(tr: Tr, card: &Card, now: Moment) -> String {
    let line = |purpose: Purpose| {
        let last = card.consents.iter().find(|line| line.purpose == purpose);
        let said = match last {
            Some(line) if line.action == "granted" => {
                t!(tr, "contacts-consent-yes", day = tr.short_day(line.at, now), grade = say::grade(tr, line.grade))
            }
            Some(line) => t!(tr, "contacts-consent-no", day = tr.short_day(line.at, now)),
            None => match card.asked.of(purpose) {
                Some(at) => t!(tr, "contacts-consent-unanswered", day = tr.short_day(at, now)),
                None => t!(tr, "contacts-consent-unknown"),
            },
        };
        match purpose {
            Purpose::Marketing => t!(tr, "contacts-consent-marketing", said = Html(said)),
            Purpose::PersonalData => t!(tr, "contacts-consent-data", said = Html(said)),
        }
    };
    format!("{}\n{}", line(Purpose::Marketing), line(Purpose::PersonalData))
}

fn delivery(tr: Tr, line: &DeliveryLine, now: Moment) -> String {
    t!(
        tr,
        "contacts-line-delivery",
        day = tr.short_day(line.at, now),
        campaign = say::short(&line.campaign, 60),
        outcome = say::outcome(tr, &line.state, line.reason.as_ref())
    )
}

fn message(tr: Tr, line: &MessageLine, (most, why): (usize, usize), now: Moment) -> String {
    let at = tr.when(line.at, now);
    let text = say::short(&inbox::shown(tr, &line.direction, line.file_kind, &line.body), most);
    if line.direction == "in" {
        t!(tr, "contacts-line-in", at = at, text = text)
    } else {
        let mut html = t!(tr, "contacts-line-out", at = at, text = text);
        if let Some(mark) = inbox::undelivered(tr, line.state.as_deref(), line.reason.as_ref(), line.detail.as_deref()) {
            html.push_str(" — ");
            html.push_str(&mms_core::text::escape(&say::short(&mark, why)));
        }
        html
    }
}

/// What was sent and said.
#[must_use]
pub fn history(tr: Tr, card: &Card, now: Moment) -> Screen {
    let mut parts = vec![t!(tr, "contacts-history-title", name = say::name(tr, &card.contact.name))];
    if !card.occasions.is_empty() {
        let lines: Vec<String> = card.occasions.iter().map(|one| occasions::line(tr, one, now)).collect();
        parts.push(t!(tr, "contacts-card-occasions", lines = Html(lines.join("\n"))));
    }
    if !card.deliveries.is_empty() {
        let lines: Vec<String> = card.deliveries.iter().map(|line| delivery(tr, line, now)).collect();
        parts.push(t!(tr, "contacts-card-deliveries", lines = Html(lines.join("\n"))));
    }
    if !card.messages.is_empty() {
        // The newest comes first: of that one it is told whole why it did not go.
        let whole = |at: usize| if at == 0 { usize::MAX } else { WHY };
        let lines = card.messages.iter().enumerate().map(|(at, line)| message(tr, line, (120, whole(at)), now));
        let lines: Vec<String> = lines.collect();
        parts.push(t!(tr, "contacts-card-messages", lines = Html(lines.join("\n"))));
    }
    if parts.len() == 1 {
        parts.push(t!(tr, "contacts-history-none"));
    }
    Screen::new(fit::stacked(&parts)).nav(tr, Call::Card { contact: card.contact.id })
}

/// Never write again?
#[must_use]
pub fn ask_stop(tr: Tr, card: &Card) -> Screen {
    let id = card.contact.id;
    let name = say::name(tr, &card.contact.name);
    let crm = if !card.sources.is_empty() { "yes" } else { "no" };
    Screen::new(t!(tr, "contacts-ask-stop", name = name, crm = crm))
        .button(p!(tr, "contacts-stop-now"), Call::Stop { contact: id })
        .nav(tr, Call::Card { contact: id })
}

/// Delete?
#[must_use]
pub fn ask_delete(tr: Tr, card: &Card) -> Screen {
    let id = card.contact.id;
    let name = say::name(tr, &card.contact.name);
    let html =
        if !card.sources.is_empty() { t!(tr, "contacts-ask-delete-crm", name = name) } else { t!(tr, "contacts-ask-delete", name = name) };
    Screen::new(html)
        .button(p!(tr, "contacts-delete-now"), Call::Delete { contact: id })
        .button(p!(tr, "erasures-ask"), erasures::Call::AskGround { contact: id })
        .nav(tr, Call::Card { contact: id })
}

/// Whether a link opens the channel: some have no name to be found by.
pub fn has_entry(channel: &ChannelRow) -> bool {
    registry::entry(channel.kind, &channel.username, None).is_some()
}

/// A link to which bot?
#[must_use]
pub fn links(tr: Tr, card: &Card, channels: &[ChannelRow]) -> Screen {
    let id = card.contact.id;
    let html = if channels.is_empty() { t!(tr, "contacts-links-none") } else { t!(tr, "contacts-links") };
    channels
        .iter()
        .take(30)
        .fold(Screen::new(html), |screen, row| {
            screen.button(registry::handle(row.kind, &row.username), Call::Link { contact: id, channel: row.id })
        })
        .nav(tr, Call::Card { contact: id })
}

/// A personal link, to be copied or handed to somebody in Telegram.
#[must_use]
pub fn link_card(tr: Tr, card: &Card, link: &str) -> Screen {
    let days = mms_core::contact::link::LIFE.num_days();
    let name = say::name(tr, &card.contact.name);
    let share = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("url", link)
        .append_pair("text", &p!(tr, "contacts-link-words"))
        .finish()
        // Telegram's clients show a plus as it is.
        .replace('+', "%20");
    Screen::new(t!(tr, "contacts-link-card", name = name, link = link, days = days))
        .row([
            Button::copy(p!(tr, "contacts-link-copy"), link),
            Button::url(p!(tr, "contacts-link-share"), format!("https://t.me/share/url?{share}")),
        ])
        .nav(tr, Call::Card { contact: card.contact.id })
}
