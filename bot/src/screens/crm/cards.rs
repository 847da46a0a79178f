//! The screens of CRM connections: pure.

use chrono::TimeDelta;
use mms_core::{
    account::{Right, Role},
    clock::Moment,
    contact::MAX_NAME,
    crm::{
        CrmKind,
        connection::{self as room, Connection, ConnectionState, Counts, HookState, SyncPhase, Turn},
        login::Ask,
        registry,
    },
    id::ConnectionId,
};

use super::{Call, rows};
use crate::{
    frame::screen::{Button, Screen},
    i18n::{Html, Tr},
    p,
    screens::menu,
    t, words,
};

fn mark(row: &Connection) -> &'static str {
    match row.state {
        ConnectionState::Active if row.state_reason.is_none() && row.sync_cursor.left_out == 0 => "🟢",
        ConnectionState::Active => "🟡",
        ConnectionState::Paused => "⏸",
        ConnectionState::ReauthRequired => "⚠️",
        ConnectionState::Disconnected => "✖️",
    }
}

/// The name of a value that is asked for, with its CRM: as the words know it.
fn name_of(kind: CrmKind, ask: &Ask) -> String {
    format!("{}-{}", kind.as_str(), ask.name)
}

/// The address without its scheme.
fn host(base_url: &str) -> &str {
    base_url.split_once("://").map_or(base_url, |(_, host)| host)
}

/// The list.
#[must_use]
pub fn list(tr: Tr, rows: &[Connection], role: Role) -> Screen {
    let html = if rows.is_empty() { t!(tr, "crm-none") } else { t!(tr, "crm-title", count = rows.len()) };
    rows.iter()
        .fold(Screen::new(html), |screen, row| {
            screen.button(format!("{} {}", mark(row), short(&row.name, 40)), Call::Card { connection: row.id })
        })
        .button_if(role.may(Right::Own), p!(tr, "crm-add"), Call::Add)
        .at(Call::List)
        .nav(tr, menu::Call::Settings)
}

/// Words cut to fit a button.
pub(super) fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

fn state(tr: Tr, row: &Connection, now: Moment) -> String {
    let until = row.held_until.filter(|until| *until > now);
    let (kind, crm) = (row.kind.as_str(), words::crm(row.kind));
    match (row.state, row.state_reason.as_deref(), until) {
        (ConnectionState::Paused, Some(room::BEGIN), _) => t!(tr, "crm-state-begin"),
        (ConnectionState::Paused, _, _) => t!(tr, "crm-state-paused"),
        (ConnectionState::Disconnected, _, _) => t!(tr, "crm-state-disconnected"),
        (ConnectionState::ReauthRequired, Some("authorise"), _) => t!(tr, "crm-state-authorise", crm = crm),
        (ConnectionState::ReauthRequired, Some("moved"), _) => t!(tr, "crm-state-moved", host = host(&row.base_url)),
        (ConnectionState::ReauthRequired, Some("uninstalled"), _) => t!(tr, "crm-state-uninstalled", crm = crm),
        (ConnectionState::ReauthRequired, _, _) => t!(tr, "crm-state-token-refused", kind = kind, crm = crm),
        (ConnectionState::Active, None, _) if row.sync_cursor.left_out > 0 => t!(tr, "crm-state-plan-limit"),
        (ConnectionState::Active, None, _) => t!(tr, "crm-state-active"),
        (ConnectionState::Active, Some("unusable"), _) => {
            let until = row.next_sync_at.filter(|next| *next > now).map_or_else(|| p!(tr, "crm-very-soon"), |next| tr.when(next, now));
            match &row.sync_cursor.unusable {
                Some(what) => rows::refused(tr, what, until),
                None => t!(tr, "crm-state-unreachable", kind = kind, crm = crm, until = until),
            }
        }
        (ConnectionState::Active, Some(reason), until) => {
            let until = until.map_or_else(|| p!(tr, "crm-very-soon"), |until| tr.when(until, now));
            match reason {
                "limited" => t!(tr, "crm-state-limited", kind = kind, crm = crm, until = until),
                "not_paid" => t!(tr, "crm-state-not-paid", crm = crm, until = until),
                "forbidden" => t!(tr, "crm-state-forbidden", kind = kind, crm = crm, until = until),
                "refused" => t!(tr, "crm-state-refused", kind = kind, crm = crm, until = until),
                _ => t!(tr, "crm-state-unreachable", kind = kind, crm = crm, until = until),
            }
        }
    }
}

fn sync(tr: Tr, row: &Connection, now: Moment) -> String {
    let progress = &row.sync_cursor;
    let active = row.state == ConnectionState::Active;
    match row.sync_phase {
        SyncPhase::Full | SyncPhase::Incremental if active && progress.turn == Turn::Occasions => t!(tr, "crm-sync-occasions"),
        SyncPhase::Full if active && progress.verified.is_some() => t!(tr, "crm-sync-verifying", done = row.sync_done),
        SyncPhase::Full if active => t!(tr, "crm-sync-full", done = row.sync_done),
        SyncPhase::Incremental if active => t!(tr, "crm-sync-changes", done = row.sync_done),
        _ => match row.last_synced_at {
            None if active => t!(tr, "crm-sync-first"),
            None => t!(tr, "crm-sync-never"),
            Some(at) => match row.next_sync_at.filter(|_| active) {
                Some(next) if next > now => t!(tr, "crm-sync-last", at = tr.when(at, now), next = tr.time(next)),
                Some(_) => t!(tr, "crm-sync-due", at = tr.when(at, now)),
                None => t!(tr, "crm-sync-last-only", at = tr.when(at, now)),
            },
        },
    }
}

fn numbers(tr: Tr, row: &Connection, counts: Counts, now: Moment) -> String {
    let stats = &row.sync_cursor.stats;
    let mut lines = vec![t!(tr, "crm-contacts", count = counts.contacts)];
    if counts.without_phone > 0 {
        lines.push(t!(tr, "crm-without-phone", count = counts.without_phone));
    }
    if stats.erased > 0 {
        lines.push(t!(tr, "crm-erased", count = stats.erased));
    }
    if stats.shared_phones > 0 {
        lines.push(t!(tr, "crm-shared-phones", count = stats.shared_phones));
    }
    if stats.bad_phones > 0 {
        lines.push(t!(tr, "crm-bad-phones", count = stats.bad_phones));
    }
    if stats.cut_names > 0 {
        lines.push(t!(tr, "crm-cut-names", count = stats.cut_names, max = MAX_NAME));
    }
    if row.sync_phase == SyncPhase::Idle && stats.created + stats.updated + stats.deleted > 0 {
        lines.push(t!(tr, "crm-last-numbers", created = stats.created, updated = stats.updated, deleted = stats.deleted));
    }
    if row.sync_phase == SyncPhase::Idle && stats.merged > 0 {
        lines.push(t!(tr, "crm-last-merged", count = stats.merged));
    }
    if row.sync_phase == SyncPhase::Idle && stats.occasions + stats.called_off > 0 {
        lines.push(t!(tr, "crm-last-occasions", changed = stats.occasions, gone = stats.called_off));
    }
    if let Some(night) = row.sync_cursor.reconciled {
        lines.push(match night.found {
            0 => t!(tr, "crm-night-same", at = tr.when(night.at, now)),
            found => t!(tr, "crm-night-found", at = tr.when(night.at, now), count = found),
        });
    }
    if row.sync_cursor.left_out > 0 {
        lines.push(t!(tr, "crm-left-out", count = row.sync_cursor.left_out));
    }
    if stats.opted_out > 0 {
        lines.push(t!(tr, "crm-opted-out", count = stats.opted_out));
    }
    if let Some(read) = &row.sync_cursor.rows {
        lines.extend(rows::rows(tr, read));
    }
    if counts.waiting > 0 {
        lines.push(t!(tr, "crm-waiting", count = counts.waiting));
    }
    lines.join("\n")
}

/// A connection's card. `app`: this installation has an integration of that CRM.
#[must_use]
pub fn card(tr: Tr, row: &Connection, counts: Counts, ends: Option<Moment>, app: bool, role: Role, now: Moment) -> Screen {
    let connection = row.id;
    let (kind, crm) = (row.kind.as_str(), words::crm(row.kind));
    let mut html = t!(
        tr,
        "crm-card",
        name = &row.name,
        host = host(&row.base_url),
        crm = crm,
        state = Html(state(tr, row, now)),
        sync = Html(sync(tr, row, now)),
        numbers = Html(numbers(tr, row, counts, now))
    );
    let can = registry::capabilities(row.kind);
    for line in [
        rows::reads(tr, row).map(|often| t!(tr, "crm-reads", often = often)),
        (!can.takes_writes()).then(|| t!(tr, "crm-told-nothing")),
        row.sync_cursor.hooks.as_ref().map(|hooks| match hooks.state {
            HookState::On => t!(tr, "crm-hooks-on"),
            HookState::Disabled => t!(tr, "crm-hooks-disabled", crm = crm),
            HookState::Refused if room::by_hand(row) => t!(tr, "crm-hooks-by-hand"),
            HookState::Refused => t!(tr, "crm-hooks-refused", kind = kind, crm = crm),
        }),
        ends.map(|ends| {
            if ends - now < TimeDelta::days(14) {
                t!(tr, "crm-token-ends-soon", crm = crm, day = tr.day(ends))
            } else {
                t!(tr, "crm-token-ends", day = tr.day(ends))
            }
        }),
    ]
    .into_iter()
    .flatten()
    {
        html.push('\n');
        html.push_str(&line);
    }
    let owns = role.may(Right::Own);
    let known = !row.external_id.is_empty();
    let active = row.state == ConnectionState::Active;
    let needs = row.state == ConnectionState::ReauthRequired;
    let begin = row.state == ConnectionState::Paused && row.state_reason.as_deref() == Some(room::BEGIN);
    let meant = row.sync_cursor.unusable.as_ref().filter(|what| active && what.hash.is_some());
    let accept = meant.map(|what| Button::call(p!(tr, "crm-accept"), Call::Accept { connection, stamp: what.stamp() }));
    let screen = Screen::new(html)
        .button_if(begin && owns, p!(tr, "crm-begin"), Call::Resume { connection })
        .row(accept.filter(|_| owns))
        .button_if(
            active && row.sync_phase == SyncPhase::Idle && role.may(Right::Edit),
            p!(tr, "crm-sync-now", kind = kind),
            Call::Sync { connection },
        )
        .button_if(needs && app && owns, p!(tr, "crm-authorise", crm = crm), Call::Authorise { connection });
    let screen = if known {
        screen.row([
            Button::call(p!(tr, "crm-fields-button"), Call::Fields { connection, page: 0 }),
            Button::call(p!(tr, "crm-consents-button"), Call::Consents { connection }),
        ])
    } else {
        screen
    };
    let screen = screen
        .button_if(known && owns, p!(tr, "crm-preview-button"), Call::Preview { connection })
        .button_if(known && can.takes_writes(), p!(tr, "crm-written-button"), Call::Written { connection })
        .button_if(can.whole && owns, p!(tr, "crm-every-button"), Call::Every { connection })
        .button_if(known && can.sender, p!(tr, "crm-messages-button", crm = crm), Call::Messages { connection });
    if !owns {
        return screen.nav(tr, Call::List);
    }
    let tasks = can.tasks && known;
    let (on, say) = if row.settings.tasks { (false, p!(tr, "crm-tasks-turn-off")) } else { (true, p!(tr, "crm-tasks-turn-on")) };
    let screen = screen.button_if(tasks, say, Call::Tasks { connection, on });
    let turn = match row.state {
        ConnectionState::Active => Some(Button::call(p!(tr, "crm-pause"), Call::Pause { connection })),
        ConnectionState::Paused if !begin => Some(Button::call(p!(tr, "crm-resume"), Call::Resume { connection })),
        _ => None,
    };
    let token = (known && !begin).then(|| Button::call(p!(tr, "crm-new-token", kind = kind), Call::Token { connection }));
    // Some accounts answer under their old name as if the token were bad.
    let lost = known && needs && row.state_reason.as_deref() != Some("uninstalled") && !registry::login(row.kind).address_opens();
    let address = lost.then(|| Button::call(p!(tr, "crm-new-address"), Call::Address { connection }));
    let by_hand = active && room::by_hand(row);
    screen
        .row(turn.into_iter().chain(address).chain(token))
        .button_if(by_hand, p!(tr, "crm-hook-button"), Call::Hook { connection })
        .button(p!(tr, "crm-disconnect"), Call::AskDisconnect { connection })
        .nav(tr, Call::List)
}

/// Which CRM?
#[must_use]
pub fn which(tr: Tr) -> Screen {
    let screen = Screen::new(t!(tr, "crm-which")).at(Call::Add);
    CrmKind::ALL.iter().fold(screen, |screen, kind| screen.button(words::crm(*kind), Call::Connect { kind: *kind })).nav(tr, Call::List)
}

/// By which way?
#[must_use]
pub fn ways(tr: Tr, kind: CrmKind) -> Screen {
    let crm = words::crm(kind);
    Screen::new(t!(tr, "crm-ways", kind = kind.as_str(), crm = crm))
        .button(p!(tr, "crm-by-page", crm = crm), Call::ByPage { kind })
        .button(p!(tr, "crm-by-token", kind = kind.as_str()), Call::ByToken { kind })
        .at(Call::Connect { kind })
        .nav(tr, Call::Add)
}

/// Which address? `refused`: what was wrong with the one before.
#[must_use]
pub fn ask_address(tr: Tr, kind: CrmKind, page: bool, refused: Option<String>) -> Screen {
    let (crm, example) = (words::crm(kind), words::crm_example(kind));
    let html = match refused {
        None if page => t!(tr, "crm-ask-page-address", crm = crm, example = example),
        None => t!(tr, "crm-ask-address", kind = kind.as_str(), crm = crm, example = example),
        Some(sentence) => t!(tr, "crm-again-address", kind = kind.as_str(), crm = crm, example = example, sentence = sentence),
    };
    Screen::new(html).nav_back(tr, Call::Add)
}

/// Where does the account live now? `refused`: what was wrong with the answer before.
#[must_use]
pub fn ask_new_address(tr: Tr, row: &Connection, refused: Option<String>) -> Screen {
    let (crm, example) = (words::crm(row.kind), words::crm_example(row.kind));
    let html = match refused {
        None => t!(tr, "crm-ask-new-address", crm = crm, example = example),
        Some(sentence) => t!(tr, "crm-again-address", kind = row.kind.as_str(), crm = crm, example = example, sentence = sentence),
    };
    Screen::new(html).nav(tr, Call::Card { connection: row.id })
}

/// Which value of the account at that address: a token, a key?
#[must_use]
pub fn ask_value(tr: Tr, kind: CrmKind, ask: &Ask, home: &str, back: Call) -> Screen {
    Screen::new(t!(tr, "crm-ask-value", ask = name_of(kind, ask), host = host(home))).nav(tr, back)
}

/// What was sent can be no such value.
#[must_use]
pub fn not_a_value(tr: Tr, kind: CrmKind, ask: &Ask) -> String {
    p!(tr, "crm-not-a-value", ask = name_of(kind, ask))
}

/// Not this value.
#[must_use]
pub fn again(tr: Tr, kind: CrmKind, ask: &Ask, sentence: &str, back: Call) -> Screen {
    Screen::new(t!(tr, "crm-again-value", ask = name_of(kind, ask), sentence = sentence)).nav(tr, back)
}

/// The CRM's own page.
#[must_use]
pub fn authorise_card(tr: Tr, kind: CrmKind, connection: ConnectionId, url: String) -> Screen {
    let crm = words::crm(kind);
    Screen::new(t!(tr, "crm-authorise-card", crm = crm))
        .row([Button::url(p!(tr, "crm-open-page", crm = crm), url)])
        .button(p!(tr, "crm-to-card"), Call::Card { connection })
        .nav(tr, Call::List)
}

/// The address that a person writes into the CRM.
#[must_use]
pub fn hook_card(tr: Tr, row: &Connection, address: &str) -> Screen {
    Screen::new(t!(tr, "crm-hook", kind = row.kind.as_str(), crm = words::crm(row.kind), address = address))
        .nav(tr, Call::Card { connection: row.id })
}

/// Sure?
#[must_use]
pub fn ask_disconnect(tr: Tr, row: &Connection, counts: Counts) -> Screen {
    let connection = row.id;
    let mut html = t!(tr, "crm-ask-disconnect", kind = row.kind.as_str(), name = &row.name, contacts = counts.contacts);
    if counts.waiting > 0 {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "crm-ask-disconnect-waiting", waiting = counts.waiting));
    }
    let screen = Screen::new(html);
    let screen =
        if row.state == ConnectionState::Active { screen.button(p!(tr, "crm-pause-instead"), Call::Pause { connection }) } else { screen };
    screen.button(p!(tr, "crm-disconnect-now"), Call::Disconnect { connection }).nav(tr, Call::Card { connection })
}

#[cfg(test)]
pub(super) mod tests;
