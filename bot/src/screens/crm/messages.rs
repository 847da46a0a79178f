//! What a CRM's own cards and robots write through us: through which channel, and what became of
//! each message.

use mms_core::{
    account::{Right, Role},
    channel::store::{ChannelRow, ChannelState},
    clock::Moment,
    crm::{
        connection::{Connection, HookState},
        message::{Listed, Refused, Told},
    },
    text::escape,
    words::Why,
};

use super::Call;
use crate::{
    frame::{fit, screen::Screen},
    i18n::{Html, Tr},
    p,
    screens::contacts::say,
    t, words,
};

/// Messages on the screen.
pub const SHOWN: i64 = 20;
/// Characters of what was written.
const TEXT: usize = 120;
/// Characters of why it was not told.
const WHY: usize = 160;

/// The screen. `able`: our application was allowed in the CRM, so it can write through us.
#[must_use]
pub fn list(tr: Tr, row: &Connection, able: bool, channels: &[ChannelRow], lines: &[Listed], role: Role, now: Moment) -> Screen {
    let (connection, crm) = (row.id, words::crm(row.kind));
    let mut parts = vec![t!(tr, "crm-messages", crm = crm, name = &row.name), state(tr, row, able, channels)];
    if lines.is_empty() {
        parts.push(t!(tr, "crm-messages-none"));
    }
    parts.extend(lines.iter().map(|one| line(tr, crm, one, now)));
    let chosen = row.settings.sender;
    let owns = able && role.may(Right::Own);
    let there = channels.iter().filter(|channel| channel.state != ChannelState::Removed && Some(channel.id) != chosen);
    there
        .filter(|_| owns)
        .fold(Screen::new(fit::stacked(&parts)), |screen, channel| {
            let through = p!(tr, "crm-messages-through", channel = super::cards::short(&channel.name, 40));
            screen.button(through, Call::SetSender { connection, channel: channel.id })
        })
        .button_if(owns && chosen.is_some(), p!(tr, "crm-messages-turn-off"), Call::NoSender { connection })
        .at(Call::Messages { connection })
        .nav(tr, Call::Card { connection })
}

fn state(tr: Tr, row: &Connection, able: bool, channels: &[ChannelRow]) -> String {
    let crm = words::crm(row.kind);
    let Some(chosen) = row.settings.sender else {
        return if able { t!(tr, "crm-messages-off", crm = crm) } else { t!(tr, "crm-messages-unable", crm = crm) };
    };
    let channel = channels.iter().find(|channel| channel.id == chosen && channel.state != ChannelState::Removed);
    let Some(channel) = channel else { return t!(tr, "crm-messages-no-channel", crm = crm) };
    let name = say::short(&channel.name, 60);
    match row.sync_cursor.sender.as_ref().map(|sender| sender.state) {
        _ if row.settings.hook_url.is_none() => t!(tr, "crm-messages-needs-address", crm = crm),
        Some(HookState::On) => t!(tr, "crm-messages-on", crm = crm, channel = name),
        Some(HookState::Refused | HookState::Disabled) => t!(tr, "crm-messages-refused", crm = crm),
        None => t!(tr, "crm-messages-soon", crm = crm, channel = name),
    }
}

fn line(tr: Tr, crm: &str, one: &Listed, now: Moment) -> String {
    let to = if one.name.trim().is_empty() { one.payload.to.clone() } else { one.name.clone() };
    let why = || one.reason.as_deref().map_or_else(String::new, |code| why(tr, code));
    let end = match (one.stands(), one.state.as_deref()) {
        (Some(Told::Sent), _) => p!(tr, "crm-messages-sent"),
        (Some(Told::Delivered), _) => p!(tr, "crm-messages-delivered"),
        (Some(Told::Undelivered), _) => p!(tr, "crm-messages-undelivered", why = why()),
        (Some(Told::Failed), _) => p!(tr, "crm-messages-failed", why = why()),
        (None, Some("uncertain")) => p!(tr, "crm-messages-unknown"),
        (None, _) => p!(tr, "crm-messages-waits"),
    };
    let mut html = t!(
        tr,
        "crm-messages-line",
        at = tr.when(one.created_at, now),
        to = say::short(&to, 60),
        text = say::short(&one.payload.text, TEXT),
        end = Html(escape(&end))
    );
    if let Some(error) = one.error.as_deref() {
        html.push('\n');
        html.push_str(&t!(tr, "crm-messages-untold", crm = crm, why = say::short(error, WHY)));
    }
    html
}

fn why(tr: Tr, code: &str) -> String {
    match Refused::of(code) {
        Some(Refused::Off) => p!(tr, "crm-messages-why-off"),
        Some(Refused::NoPhone) => p!(tr, "crm-messages-why-no-phone"),
        Some(Refused::Nobody) => p!(tr, "crm-messages-why-nobody"),
        Some(Refused::Is(_)) | None => words::reasons::why(tr, &Why::of(code)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use mms_core::{
        crm::{
            CrmKind,
            connection::Hooks,
            message::{Origin, Words},
        },
        id::ChannelId,
        words::Reason,
    };
    use sqlx::types::Json;

    use super::*;
    use crate::{snapshots, testing};

    fn row(chosen: bool, sender: Option<HookState>) -> Connection {
        let mut row = super::super::cards::tests::active();
        row.kind = CrmKind::Bitrix24;
        row.name = "romashka.bitrix24.ru".to_owned();
        row.settings.sender = chosen.then(|| ChannelId(uuid::Uuid::nil()));
        row.settings.hook_url = Some("https://mms.example/hooks".to_owned());
        let known = |state| Hooks { url: "https://mms.example/hooks".to_owned(), checked_at: testing::moment(), state };
        row.sync_cursor.sender = sender.map(known);
        row
    }

    fn lines() -> Vec<Listed> {
        let one = |minutes: i64, name: &str, text: &str| Listed {
            origin: Origin::Robot,
            reason: None,
            payload: Json(Words { to: "8 912 345-67-89".to_owned(), text: text.to_owned() }),
            state: Some("sent".to_owned()),
            sent_at: Some(testing::moment()),
            delivered_at: None,
            read_at: None,
            told: None,
            due_at: None,
            error: None,
            created_at: testing::moment() - TimeDelta::minutes(minutes),
            name: name.to_owned(),
        };
        let mut all: Vec<Listed> = (1..=7).map(|n| one(n, "Анна <Кузнецова>", "Ждём вас завтра в 12:00")).collect();
        all[1].delivered_at = Some(testing::moment());
        let failed = |line: &mut Listed, reason: &str| {
            (line.state, line.sent_at, line.reason) = (None, None, Some(reason.to_owned()));
        };
        failed(&mut all[2], Reason::OptedOut.as_str());
        failed(&mut all[3], "nobody");
        all[3].name = String::new();
        all[3].error = Some("the CRM has no such record".to_owned());
        (all[4].state, all[4].reason) = (Some("failed".to_owned()), Some(Reason::Withheld.as_str().to_owned()));
        (all[5].state, all[5].sent_at) = (Some("queued".to_owned()), None);
        (all[6].state, all[6].sent_at) = (Some("uncertain".to_owned()), None);
        all
    }

    fn channels() -> Vec<ChannelRow> {
        let first = ChannelRow { id: ChannelId(uuid::Uuid::nil()), ..testing::channel() };
        vec![first, ChannelRow { id: ChannelId(uuid::Uuid::max()), name: "Второй".to_owned(), ..testing::channel() }]
    }

    snapshots!(crm_messages_on, |tr| list(
        tr,
        &row(true, Some(HookState::On)),
        true,
        &channels(),
        &lines(),
        Role::Owner,
        testing::moment()
    ));
    snapshots!(crm_messages_off, |tr| list(tr, &row(false, None), true, &channels(), &[], Role::Owner, testing::moment()));
    snapshots!(crm_messages_refused, |tr| list(
        tr,
        &row(true, Some(HookState::Refused)),
        true,
        &channels(),
        &[],
        Role::Viewer,
        testing::moment()
    ));
    snapshots!(crm_messages_by_webhook, |tr| list(tr, &row(false, None), false, &channels(), &[], Role::Owner, testing::moment()));
}
