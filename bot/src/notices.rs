//! Tells members what happened, once each: a notice is raised in the transaction of its event and sent from here to the live
//! sessions of those who may act on it, in their language.

use std::time::Duration;

use chrono::TimeDelta;
use mms_core::{
    account::{session, settings},
    clock::Moment,
    notice::{self, Notice},
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::{
    frame::{
        callback::Need,
        deps::Deps,
        pulse::Pulse,
        render,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{campaigns, channels, crm, imports, inbox, licence, members, menu, templates},
    t,
};

/// Notices taken at a time.
const BATCH: i64 = 20;
/// Tries before a notice is given up (about a day and a half).
const TRIES: i32 = 12;
/// The pause after an error of the database: what was sent and not marked would go again.
const AFTER_ERROR: Duration = Duration::from_secs(5);

/// Sends due notices until `stop`. An unreachable database is waited for: the rest of the process goes on without it.
///
/// # Errors
/// None by itself.
pub async fn run(deps: Deps, pulse: Pulse, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = pulse.notices() => {}
        }
        if let Err(error) = send_due(&deps, deps.now()).await {
            tracing::warn!(%error, "notices were not sent, trying again");
            stop.run_until_cancelled(tokio::time::sleep(AFTER_ERROR)).await;
        }
    }
}

/// Sends the notices due at `now`.
///
/// # Errors
/// The database's.
pub async fn send_due(deps: &Deps, now: Moment) -> sqlx::Result<()> {
    for notice in notice::due(&deps.store, now, BATCH).await? {
        if deps.bot.is_ending() {
            return Ok(());
        }
        match tell(deps, &notice).await? {
            Told::Everybody => notice::done(&deps.store, notice.id, now).await?,
            Told::Nobody if notice.attempt + 1 >= TRIES => {
                tracing::warn!(notice.kind = notice.kind, "a notice is given up: Telegram took it for nobody");
                notice::done(&deps.store, notice.id, now).await?;
            }
            Told::Nobody => notice::later(&deps.store, notice.id, now + delay(notice.attempt)).await?,
        }
    }
    Ok(())
}

/// What became of a notice.
enum Told {
    /// Everybody concerned was told, or nobody is concerned.
    Everybody,
    /// Telegram could not be reached for anybody: later again.
    Nobody,
}

fn delay(attempt: i32) -> TimeDelta {
    TimeDelta::seconds(5 << attempt.clamp(0, 12))
}

async fn tell(deps: &Deps, notice: &Notice) -> sqlx::Result<Told> {
    let zone = settings::zone(&deps.store, notice.account_id).await?;
    let Some(need) = concerns(&notice.kind) else {
        tracing::warn!(notice.kind = notice.kind, "a notice of an unknown kind is left out");
        return Ok(Told::Everybody);
    };
    let (mut told, mut failed) = (0, 0);
    for reach in session::reachable(&deps.store, notice.account_id).await? {
        let may = notice.member_id.is_some() || need.admits(Some(reach.role));
        if !may || !notice.is_for(reach.member_id) {
            continue;
        }
        let tr = Tr::new(reach.language, zone);
        let screen = screen(tr, &notice.kind, &notice.payload);
        match render::send(&deps.bot, reach.telegram_user_id, &screen).await {
            Ok(_) => told += 1,
            Err(error) if error.unreachable() => tracing::info!("a member has blocked the managers' bot"),
            Err(error) => {
                tracing::warn!(%error, notice.kind = notice.kind, "a member could not be told");
                failed += 1;
            }
        }
    }
    // Once somebody was told it is not repeated: twice the same news is worse than one member without it.
    Ok(if failed > 0 && told == 0 { Told::Nobody } else { Told::Everybody })
}

/// Who may act on a notice, when it is for nobody in particular.
#[must_use]
pub fn concerns(kind: &str) -> Option<Need> {
    Some(match kind {
        "campaign.submitted" | "template.submitted" => Need::Approve,
        "campaign.approved" | "campaign.returned" | "campaign.finished" | "campaign.stopped" | "campaign.failed" | "campaign.paused"
        | "template.approved" | "template.returned" | "customer.answered" | "import.done" | "import.stopped" => Need::Edit,
        "channel.stopped" | "crm.reauth" | "crm.held" | "crm.hooks" | "crm.token_ends" | "member.locked" | "licence.ending" => Need::Own,
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
        "campaign.failed" => match fact("reason").as_str() {
            "approval_void" => t!(tr, "notices-campaign-failed-void", name = name),
            "audience_grew" => t!(tr, "notices-campaign-failed-grew", name = name),
            "window_closed" => t!(tr, "notices-campaign-failed-late", name = name),
            _ => t!(tr, "notices-campaign-failed", name = name),
        },
        "campaign.paused" => match campaigns::paused(tr, &fact("reason")) {
            Some(why) => t!(tr, "notices-campaign-paused-why", name = name, why = Html(why)),
            None => t!(tr, "notices-campaign-paused", name = name),
        },
        "template.submitted" => t!(tr, "notices-template-submitted", name = name),
        "template.approved" => t!(tr, "notices-template-approved", name = name),
        "template.returned" => t!(tr, "notices-template-returned", name = name, comment = fact("comment")),
        "customer.answered" => t!(tr, "notices-customer-answered", name = name, text = inbox::sent(tr, &fact("text"))),
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
    let screen = Screen::new(html).row(answer(tr, kind, payload));
    match open(tr, kind, payload) {
        Some(button) => screen.row([button, Button::call(p!(tr, "to-menu"), menu::Call::Fresh)]),
        None => screen.button(p!(tr, "to-menu"), menu::Call::Fresh),
    }
}

/// The button that answers a customer.
fn answer(tr: Tr, kind: &str, payload: &Value) -> Option<Button> {
    let id = |name: &str| payload[name].as_str().and_then(|text| text.parse::<uuid::Uuid>().ok());
    let (contact, channel) = (mms_core::id::ContactId(id("contact")?), mms_core::id::ChannelId(id("channel")?));
    (kind == "customer.answered").then(|| Button::call(p!(tr, "inbox-reply"), inbox::Call::Answer { contact, channel }))
}

/// The button that opens what the notice is about. One arm a feature; the card comes as the same message edited.
fn open(tr: Tr, kind: &str, payload: &Value) -> Option<Button> {
    let id = |name: &str| payload[name].as_str().and_then(|text| text.parse::<uuid::Uuid>().ok());
    match kind {
        "member.locked" => Some(Button::call(p!(tr, "open"), members::Call::Card { member: mms_core::id::MemberId(id("member")?) })),
        "licence.ending" => Some(Button::call(p!(tr, "open"), licence::Call::Open)),
        "import.done" | "import.stopped" => {
            Some(Button::call(p!(tr, "open"), imports::Call::Card { import: mms_core::id::ImportId(id("import")?) }))
        }
        "customer.answered" => {
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
