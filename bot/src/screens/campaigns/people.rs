//! Of a campaign's people: the chart, the list of recipients, and whether one of them got it.

use std::sync::Arc;

use mms_core::{
    account::{export, settings},
    campaign::{
        Campaign,
        report::{chart, xlsx},
        view::{self, Who, WhoRow, Whom},
    },
    channel::MediaKind,
    contact::card::{self, Found},
    delivery::kept::{self, Kept},
    id::{CampaignId, ContactId},
    store::file,
    template,
    words::Reason,
};

use super::{Call, Step, clip, decide, fresh, refusal, row, with_note};
use crate::{
    frame::{
        callback::Sought,
        cx::Cx,
        error::{BotError, Outcome},
        reply::Reply,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::{contacts::say, templates},
    t,
    words::{self as sentences, inert, reasons},
};

/// People to choose from when several fit.
const CHOICES: i64 = 8;

/// Sends the chart below the card.
pub async fn chart(cx: &Cx, campaign: CampaignId) -> Outcome {
    let (tr, row) = (cx.tr, row(cx, campaign).await?);
    let words = chart::Words {
        language: tr.language,
        line: p!(tr, "campaigns-chart-line"),
        bars: p!(tr, "campaigns-chart-bars"),
        outcomes: [
            p!(tr, "campaigns-chart-sent"),
            p!(tr, "campaigns-chart-failed"),
            p!(tr, "campaigns-chart-skipped"),
            p!(tr, "campaigns-chart-uncertain"),
            p!(tr, "campaigns-chart-cancelled"),
            p!(tr, "campaigns-chart-open"),
        ],
        zone: tr.zone,
    };
    match chart::picture(&cx.deps.store, cx.actor()?.account, campaign, &words, cx.now).await {
        Ok(document) => {
            let screen = file_card(tr, &row).photo(document.name, document.content);
            Ok(below(screen, p!(tr, "campaigns-chart-sent-below")))
        }
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// Sends the list of recipients below the card.
pub async fn sheet(cx: &Cx, campaign: CampaignId) -> Outcome {
    let (tr, row) = (cx.tr, row(cx, campaign).await?);
    let words = xlsx::Words {
        language: tr.language,
        sheet: p!(tr, "campaigns-sheet-name"),
        headers: [
            p!(tr, "campaigns-column-name"),
            p!(tr, "campaigns-column-phone"),
            p!(tr, "campaigns-column-step"),
            p!(tr, "campaigns-column-channel"),
            p!(tr, "campaigns-column-address"),
            p!(tr, "campaigns-column-outcome"),
            p!(tr, "campaigns-column-reason"),
            p!(tr, "campaigns-column-time"),
            p!(tr, "campaigns-column-delivered"),
            p!(tr, "campaigns-column-read"),
            p!(tr, "campaigns-column-replied"),
            p!(tr, "campaigns-column-opted-out"),
        ],
        outcome: Arc::new(move |word| reasons::state(tr, word)),
        reason: Arc::new(move |why, said| reasons::why_said(tr, why, said)),
        zone: tr.zone,
    };
    match xlsx::recipients(&cx.deps.store, cx.actor()?.account, campaign, &words, cx.now).await {
        Ok(document) => {
            let noted = export::note(&cx.deps.store, cx.actor()?, export::What::Recipients, campaign, None, cx.now).await;
            noted.map_err(|error| sentences::refused(tr, error))?;
            let screen = file_card(tr, &row).document(document.name, document.mime, document.content);
            Ok(below(screen, p!(tr, "campaigns-sheet-sent-below")))
        }
        Err(error) => fresh(cx, campaign, error).await,
    }
}

fn below(screen: Screen, toast: String) -> Reply {
    Reply::toast(toast).then(screen)
}

/// The caption of a file.
#[must_use]
pub fn file_card(tr: Tr, row: &Campaign) -> Screen {
    Screen::new(t!(tr, "campaigns-file", name = &row.name)).button(p!(tr, "campaigns-to-card"), Call::Card { campaign: row.id })
}

/// Whose outcome?
#[must_use]
pub fn ask_who(tr: Tr, row: &Campaign) -> Screen {
    Screen::new(t!(tr, "campaigns-ask-who", name = &row.name)).nav(tr, Call::Card { campaign: row.id })
}

/// A phone or a name was typed. The step stays: one asks about several people in a row.
pub async fn typed(cx: &Cx, campaign: CampaignId, text: &str) -> Outcome {
    let row = row(cx, campaign).await?;
    match search(cx, text).await?.as_slice() {
        [] => Ok(with_note(&p!(cx.tr, "campaigns-who-nobody", typed = clip(text, 60)), ask_who(cx.tr, &row)).into()),
        [one] => who(cx, campaign, one.id).await,
        several => Ok(who_list(cx.tr, &row, text, several).into()),
    }
}

/// Those who were found, again.
pub async fn found(cx: &Cx, campaign: CampaignId, sought: &str) -> Outcome {
    let row = row(cx, campaign).await?;
    cx.ask(Step::Who { campaign }).await?;
    Ok(who_list(cx.tr, &row, sought, &search(cx, sought).await?).into())
}

async fn search(cx: &Cx, text: &str) -> Result<Vec<Found>, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let region = settings::get(store, account).await?.map(|settings| settings.phone_region).unwrap_or_default();
    Ok(if text.is_empty() { Vec::new() } else { card::find(store, account, &region, text, CHOICES).await? })
}

/// Which of them?
#[must_use]
pub fn who_list(tr: Tr, row: &Campaign, typed: &str, found: &[Found]) -> Screen {
    let campaign = row.id;
    found
        .iter()
        .fold(Screen::new(t!(tr, "campaigns-who-several")), |screen, found| {
            screen.button(say::found(tr, found), Call::Who { campaign, contact: found.id })
        })
        .at(Call::WhoFound { campaign, sought: Sought::of(typed) })
        .nav(tr, Call::Card { campaign })
}

/// Got it, when; or why not.
pub async fn who(cx: &Cx, campaign: CampaignId, contact: ContactId) -> Outcome {
    let row = row(cx, campaign).await?;
    match view::who(&cx.deps.store, cx.actor()?.account, campaign, &Whom::Contact(contact)).await {
        Ok(who) => Ok(who_card(cx.tr, &row, &who).into()),
        Err(error) => Err(refusal::refused(cx.tr, error)),
    }
}

/// The answer.
#[must_use]
pub fn who_card(tr: Tr, campaign: &Campaign, who: &Who) -> Screen {
    let html = match who {
        Who::Unknown => t!(tr, "campaigns-who-unknown"),
        Who::NotInAudience { name, deleted: true, .. } => t!(tr, "campaigns-who-deleted", name = name),
        Who::NotInAudience { name, deleted: false, .. } => t!(tr, "campaigns-who-not-in", name = name, campaign = &campaign.name),
        Who::Row { name, rows, .. } => {
            let several = campaign.steps.len() > 1;
            let each = rows.iter().map(|row| {
                let line = who_row(tr, campaign, name, row);
                let later = row.deadline_at.map(|at| t!(tr, "campaigns-who-next-step", time = tr.moment(at)));
                let line = later.map_or(line.clone(), |later| format!("{line}\n{later}"));
                let channel = row.channel.as_deref().unwrap_or_default();
                if several { format!("{}\n{line}", t!(tr, "campaigns-who-step", step = row.step, channel = channel)) } else { line }
            });
            each.collect::<Vec<_>>().join("\n\n")
        }
    };
    let kept = match who {
        Who::Row { contact, rows, .. } if rows.iter().any(|row| row.kept) => Some(*contact),
        _ => None,
    };
    let show = kept.map(|contact| Button::call(p!(tr, "campaigns-who-show"), Call::Got { campaign: campaign.id, contact, n: 0 }));
    Screen::new(html)
        .row(show)
        .button(p!(tr, "campaigns-who-next"), Call::AskWho { campaign: campaign.id })
        .nav_back(tr, Call::Card { campaign: campaign.id })
}

/// What they got, as it came.
pub async fn got(cx: &Cx, campaign: CampaignId, contact: ContactId, n: u16) -> Outcome {
    let row = row(cx, campaign).await?;
    let (store, account) = (&cx.deps.store, row.account_id);
    let all = kept::to(store, account, campaign, contact).await?;
    let Some(one) = all.get(usize::from(n)) else { return who(cx, campaign, contact).await };
    let screen = got_card(cx.tr, &row, contact, &all, n);
    let Some(media) = one.message.as_ref().and_then(|message| message.media) else { return Ok(screen.into()) };
    let file = template::content(store, account, one.version).await?.and_then(|content| content.media);
    let Some((_, file)) = file else { return Ok(screen.into()) };
    let info = file::info(store, account, file).await?;
    let content = file::content(store, account, file).await?;
    // Other messengers hold more than this desk shows.
    if let Some(html) = one.message.as_ref().and_then(|message| templates::beyond(cx.tr, &message.body, true)) {
        return Ok(Screen { html, ..screen }.into());
    }
    Ok(match (media, info.zip(content)) {
        (MediaKind::Photo, Some((info, content))) => screen.photo(info.name, content),
        (MediaKind::Document, Some((info, content))) => screen.document(info.name, info.mime, content),
        (_, None) => screen,
    }
    .into())
}

/// One of the messages a contact got, with its buttons, and the way to the others.
#[must_use]
pub fn got_card(tr: Tr, campaign: &Campaign, contact: ContactId, all: &[Kept], n: u16) -> Screen {
    let screen = match all.get(usize::from(n)).and_then(|one| one.message.as_ref()) {
        Some(message) => {
            let screen = decide::as_it_comes(&message.body, &message.buttons);
            Screen { html: templates::beyond(tr, &message.body, false).unwrap_or(screen.html), ..screen }
        }
        None => Screen::new(t!(tr, "campaigns-got-unreadable")),
    };
    let others = all.iter().zip(0_u16..).filter(|(_, at)| *at != n);
    let others = others.map(|(one, at)| {
        Button::call(
            p!(tr, "campaigns-got-other", step = one.step, time = tr.moment(one.at)),
            Call::Got { campaign: campaign.id, contact, n: at },
        )
    });
    others.fold(screen, |screen, button| screen.row(Some(button))).nav_back(tr, Call::Who { campaign: campaign.id, contact })
}

fn who_row(tr: Tr, campaign: &Campaign, name: &str, row: &WhoRow) -> String {
    match (row.state.as_str(), row.detail.as_deref()) {
        // Taken, and not let go yet: the provider's own word for it.
        ("sent", Some(words)) => t!(
            tr,
            "campaigns-who-held",
            name = name,
            campaign = &campaign.name,
            words = inert(words),
            time = tr.moment(row.sent_at.unwrap_or(row.updated_at))
        ),
        _ => who_plain(tr, campaign, name, row),
    }
}

fn who_plain(tr: Tr, campaign: &Campaign, name: &str, row: &WhoRow) -> String {
    let reason = row.reason.as_ref().map(|why| reasons::why_said(tr, why, row.detail.as_deref())).unwrap_or_default();
    match row.state.as_str() {
        "sent" | "delivered" | "read" => t!(
            tr,
            "campaigns-who-got",
            name = name,
            campaign = &campaign.name,
            state = match row.read_at.zip(row.sent_at).filter(|_| row.state == "read") {
                Some((read, sent)) => p!(tr, "campaigns-who-read", after = tr.duration(read - sent)),
                None => reasons::state(tr, &row.state),
            },
            time = tr.moment(row.sent_at.unwrap_or(row.updated_at))
        ),
        "queued" if row.reason == Some(Reason::Quota.into()) => t!(
            tr,
            "campaigns-who-waits-quota",
            name = name,
            campaign = &campaign.name,
            time = tr.moment(row.due_at.unwrap_or(row.updated_at))
        ),
        "queued" | "sending" => t!(
            tr,
            "campaigns-who-waits",
            name = name,
            campaign = &campaign.name,
            state = reasons::state(tr, &row.state),
            attempts = row.attempt
        ),
        "uncertain" => t!(
            tr,
            "campaigns-who-uncertain",
            name = name,
            campaign = &campaign.name,
            time = tr.moment(row.sent_at.unwrap_or(row.updated_at))
        ),
        other => t!(
            tr,
            "campaigns-who-not",
            name = name,
            campaign = &campaign.name,
            state = reasons::state(tr, other),
            reason = reason,
            time = tr.moment(row.updated_at)
        ),
    }
}
