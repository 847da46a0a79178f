//! Forecast, sample, submission, approval, launch.

use chrono::TimeDelta;
use mms_core::{
    account::{Right, Role, usage::MessagesLeft},
    campaign::{Campaign, CampaignError, State, ahead, approval, approval::Launched, audience, audience::Forecast},
    channel::{
        Button as MessageButton, ButtonAction,
        store::{self as channels, ChannelRow},
    },
    id::{CampaignId, VersionId},
    queue::Job,
    template::{
        self, Content, Rendered,
        engine::{Prepared, RenderError},
        links::Targets,
        lint::{self, Finding, Severity},
        preview,
    },
    text::Rich,
};

use super::{Call, Step, cards, cautions, costs, fresh, lawful, refusal, row, show, steps, with_note};
use crate::{
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{menu, templates},
    t,
    words::reasons,
};

/// Errors of a template shown; its card has all.
const FINDINGS: usize = 5;

/// The first sixteen hex digits of a hash, as a button carries them.
#[must_use]
pub fn seen(hash: &str) -> Option<u64> {
    hash.get(..approval::SEEN_DIGITS).and_then(|head| u64::from_str_radix(head, 16).ok())
}

/// The same digits, as the rooms compare them.
fn head(seen: u64) -> String {
    format!("{seen:016x}")
}

/// The forecast in a few lines, or why there is none.
#[must_use]
pub fn outlook(tr: Tr, row: &Campaign, forecast: Option<&Result<Forecast, String>>) -> String {
    match forecast {
        None => String::new(),
        Some(Err(sentence)) => t!(tr, "campaigns-no-forecast", sentence = sentence),
        Some(Ok(forecast)) => {
            let audience = forecast.audience;
            let mut html = match forecast.planned {
                0 => t!(tr, "campaigns-outlook-nobody", audience = audience),
                planned => t!(tr, "campaigns-outlook", planned = planned, audience = audience, duration = takes(tr, forecast.duration)),
            };
            if forecast.planned > 0 {
                html.push('\n');
                html.push_str(&costs::outlook(tr, forecast));
            }
            for line in cautions::lines(tr, row, forecast) {
                html.push('\n');
                html.push_str(&line);
            }
            if forecast.beyond_plan_at_most() > 0 {
                html.push('\n');
                html.push_str(&month(tr, forecast));
            }
            html
        }
    }
}

/// How many messages of the month the plan still allows; empty where it allows any number.
fn month(tr: Tr, forecast: &Forecast) -> String {
    let Some(MessagesLeft { allowed, left }) = forecast.month else { return String::new() };
    match forecast.beyond_plan() {
        0 if forecast.beyond_plan_at_most() > 0 => {
            t!(tr, "campaigns-month-steps", left = left, allowed = allowed, beyond = forecast.beyond_plan_at_most())
        }
        0 => t!(tr, "campaigns-month-left", left = left, allowed = allowed),
        beyond => t!(tr, "campaigns-month-beyond", left = left, allowed = allowed, beyond = beyond),
    }
}

/// How long it takes, in words.
#[must_use]
pub fn takes(tr: Tr, length: TimeDelta) -> String {
    if length < TimeDelta::seconds(1) { p!(tr, "campaigns-instant") } else { tr.duration(length) }
}

/// Exact numbers.
pub async fn show_forecast(cx: &Cx, campaign: CampaignId) -> Outcome {
    let row = row(cx, campaign).await?;
    match audience::forecast(&cx.deps.store, &row, cx.now).await {
        Ok(forecast) => Ok(forecast_card(cx.tr, &row, &forecast, cx.actor()?.role).into()),
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// The forecast.
#[must_use]
pub fn forecast_card(tr: Tr, row: &Campaign, forecast: &Forecast, role: Role) -> Screen {
    let campaign = row.id;
    let mut html = t!(tr, "campaigns-forecast-card", name = &row.name, planned = forecast.planned, audience = forecast.audience);
    if !forecast.skipped.is_empty() {
        html.push_str("\n\n");
        html.push_str(&t!(tr, "campaigns-forecast-skipped", count = forecast.audience - forecast.planned));
        for (reason, count) in &forecast.skipped {
            html.push('\n');
            html.push_str(&t!(tr, "campaigns-reason-line", reason = reasons::reason(tr, *reason), count = *count));
        }
    }
    html.push_str("\n\n");
    if forecast.planned == 0 {
        html.push_str(&t!(tr, "campaigns-refused-nobody"));
    } else if forecast.steps.len() > 1 {
        html.push_str(&steps::outlook(tr, row, forecast));
        if forecast.month.is_some() {
            html.push_str("\n\n");
            html.push_str(&month(tr, forecast));
        }
    } else {
        html.push_str(&t!(
            tr,
            "campaigns-forecast-pace",
            rate = (forecast.rate() * 10.0).round() / 10.0,
            duration = takes(tr, forecast.duration)
        ));
        let (start, finish) = (tr.moment(forecast.starts_at), tr.moment(forecast.finishes_at));
        // Of a campaign that begins and ends in the same minute the time says nothing.
        if start != finish {
            html.push('\n');
            html.push_str(&t!(tr, "campaigns-forecast-times", start = start, finish = finish));
        }
        if forecast.waiting() > 0 {
            html.push('\n');
            html.push_str(&t!(tr, "campaigns-forecast-waiting", count = forecast.waiting()));
        }
        if forecast.month.is_some() {
            html.push_str("\n\n");
            html.push_str(&month(tr, forecast));
        }
    }
    if forecast.planned > 0 {
        html.push_str("\n\n");
        html.push_str(&costs::forecast(tr, forecast));
    }
    for line in cautions::lines(tr, row, forecast) {
        html.push_str("\n\n");
        html.push_str(&line);
    }
    let next = match row.state {
        State::Draft => Some(Button::call(p!(tr, "campaigns-submit"), Call::Submit { campaign })),
        State::Approved => Some(Button::call(p!(tr, "campaigns-launch"), Call::AskLaunch { campaign })),
        _ => None,
    };
    let screen = Screen::new(html).row(next.filter(|_| role.may(Right::Edit) && forecast.planned > 0)).row([
        Button::call(p!(tr, "campaigns-again"), Call::Forecast { campaign }),
        Button::call(p!(tr, "campaigns-sample"), Call::Sample { campaign, step: 1, n: 0 }),
    ]);
    screen.at(Call::Forecast { campaign }).nav(tr, Call::Card { campaign })
}

/// A recipient's message: who, and the message or why there is none.
struct Sample {
    name: String,
    message: Result<Rendered, RenderError>,
    media: Option<(mms_core::channel::MediaKind, String, String, Vec<u8>)>,
}

/// The channel of a step.
async fn channel_of(cx: &Cx, campaign: &Campaign, step: i16) -> Result<Option<ChannelRow>, BotError> {
    let Some(channel) = campaign.step(step).and_then(|step| step.channel) else { return Ok(None) };
    Ok(channels::get(&cx.deps.store, campaign.account_id, channel).await?)
}

/// What the n-th recipient gets by a step, as its messenger shows it.
async fn sample(cx: &Cx, campaign: &Campaign, step: i16, n: u32, with_media: bool) -> Result<Option<Sample>, BotError> {
    let (store, account) = (&cx.deps.store, campaign.account_id);
    let refused = |error| refusal::refused(cx.tr, error);
    let Some(contact) = audience::sample(store, campaign, n, cx.now).await.map_err(refused)? else { return Ok(None) };
    let Some(version) = campaign.step(step).and_then(|step| step.version) else { return Ok(None) };
    let Some(content) = template::content(store, account, version).await? else { return Ok(None) };
    let prepared = match Prepared::new(&content) {
        Ok(prepared) => prepared,
        Err(error) => return Err(BotError::Other(anyhow::anyhow!("an approved version cannot be parsed: {error}"))),
    };
    let name = mms_core::contact::card::contact(store, account, contact).await?.map(|contact| contact.name).unwrap_or_default();
    let Some(message) = preview::render_for(store, account, &prepared, contact, cx.now).await? else { return Ok(None) };
    let message = match channel_of(cx, campaign, step).await? {
        Some(row) => {
            let (file, to) = (content.media.map(|(kind, _)| kind), row.capabilities());
            message.and_then(|message| preview::fitted(message, file, to, to.templates.is_some()))
        }
        None => message,
    };
    let media = match content.media.filter(|_| with_media) {
        Some((kind, file)) => match mms_core::store::file::info(store, account, file).await? {
            Some(info) => mms_core::store::file::content(store, account, file).await?.map(|content| (kind, info.name, info.mime, content)),
            None => None,
        },
        None => None,
    };
    Ok(Some(Sample { name, message, media }))
}

/// Recipients among whom one is looked for whose message can be made.
const SAMPLES: u32 = 5;

/// The text of each step as a recipient gets it, for the approver's card; a step lacks it when
/// there is nobody or it cannot be rendered.
pub async fn sample_texts(cx: &Cx, campaign: &Campaign) -> Result<Vec<(i16, Rich)>, BotError> {
    let mut texts = Vec::with_capacity(campaign.steps.len());
    for step in &campaign.steps {
        for n in 0..SAMPLES {
            match sample(cx, campaign, step.step, n, false).await {
                Ok(Some(Sample { message: Ok(message), .. })) => {
                    texts.push((step.step, message.body));
                    break;
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(BotError::Refused(_)) => break,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(texts)
}

/// Where the messages lead, for the approver's card: those of the account's first contacts, each
/// version once.
pub async fn targets(cx: &Cx, campaign: &Campaign) -> Result<Vec<(VersionId, Targets)>, BotError> {
    let (store, account) = (&cx.deps.store, campaign.account_id);
    let mut all: Vec<(VersionId, Targets)> = Vec::new();
    for version in campaign.steps.iter().filter_map(|step| step.version) {
        if all.iter().any(|(seen, _)| *seen == version) {
            continue;
        }
        let Some(content) = template::content(store, account, version).await? else { continue };
        let looked = lint::look(store, account, &content, &templates::connected(cx).await?, cx.now).await?;
        all.push((version, looked.targets));
    }
    Ok(all)
}

/// The n-th recipient's message, as it would come.
pub async fn show_sample(cx: &Cx, campaign: CampaignId, step: i16, n: u32) -> Outcome {
    let row = row(cx, campaign).await?;
    let Some(sample) = sample(cx, &row, step, n, true).await? else {
        if n > 0 {
            return Box::pin(show_sample(cx, campaign, step, 0)).await;
        }
        return Ok(crate::frame::reply::Reply::alert(p!(cx.tr, "campaigns-sample-nobody")));
    };
    Ok(match &sample.message {
        Ok(message) => {
            let screen = sample_card(cx.tr, &row, (step, n), &sample.name, message);
            // Other messengers hold more than this desk shows.
            let beyond = templates::beyond(cx.tr, &message.body, sample.media.is_some());
            match sample.media.filter(|_| beyond.is_none()) {
                Some((mms_core::channel::MediaKind::Photo, name, _, content)) => screen.photo(name, content),
                Some((_, name, mime, content)) => screen.document(name, mime, content),
                None => Screen { html: beyond.unwrap_or(screen.html), ..screen },
            }
        }
        Err(error) => sample_refused(cx.tr, &row, (step, n), &sample.name, error),
    }
    .into())
}

/// A recipient's message: its own buttons first, then ours.
#[must_use]
pub fn sample_card(tr: Tr, row: &Campaign, at: (i16, u32), name: &str, message: &Rendered) -> Screen {
    sample_more(tr, as_it_comes(&message.body, &message.buttons), row, at, name)
}

/// A message as it comes, with its own buttons.
pub fn as_it_comes(body: &Rich, buttons: &[Vec<MessageButton>]) -> Screen {
    buttons.iter().fold(Screen::new(body.to_html()), |screen, row| {
        screen.row(row.iter().map(|button| match &button.action {
            ButtonAction::Url(url) => Button::url(button.text.as_str(), url.as_str()),
            ButtonAction::Callback(_) | ButtonAction::SharePhone => Button::call(button.text.as_str(), menu::Call::Sample),
        }))
    })
}

/// The next recipient's, and of several steps what this one gets by the others.
fn sample_more(tr: Tr, screen: Screen, row: &Campaign, (step, n): (i16, u32), name: &str) -> Screen {
    let campaign = row.id;
    let others = row.steps.iter().filter(|one| row.steps.len() > 1 && one.step != step);
    let others =
        others.map(|one| Button::call(p!(tr, "campaigns-sample-step", step = one.step), Call::Sample { campaign, step: one.step, n }));
    let screen = others.collect::<Vec<_>>().chunks(2).fold(screen, |screen, pair| screen.row(pair.to_vec()));
    screen
        .button(p!(tr, "campaigns-sample-next", name = super::clip(name, 30)), Call::Sample { campaign, step, n: n.saturating_add(1) })
        .nav_back(tr, Call::Card { campaign })
}

/// This recipient would get nothing.
#[must_use]
pub fn sample_refused(tr: Tr, row: &Campaign, at: (i16, u32), name: &str, error: &RenderError) -> Screen {
    let reason = reasons::reason(tr, error.reason);
    sample_more(tr, Screen::new(t!(tr, "campaigns-sample-refused", name = name, reason = reason, detail = &error.detail)), row, at, name)
}

/// Hands in.
pub async fn submit(cx: &Cx, campaign: CampaignId) -> Outcome {
    match approval::submit(&cx.deps.store, cx.actor()?, campaign, cx.now).await {
        Ok(findings) => {
            let said = if findings.is_empty() {
                p!(cx.tr, "campaigns-submitted")
            } else {
                p!(cx.tr, "campaigns-submitted-warned", count = findings.len())
            };
            ask_ahead(cx, campaign).await?;
            Ok(show(cx, campaign).await?.saying(said))
        }
        Err(CampaignError::Lint(findings)) => {
            let row = row(cx, campaign).await?;
            // Findings name places, not versions: the first step whose text has them is shown.
            let Some(version) = at_fault(cx, &row, &findings).await? else {
                return fresh(cx, campaign, CampaignError::TemplateNotApproved).await;
            };
            let content = template::content(&cx.deps.store, row.account_id, version).await?.ok_or(BotError::Gone)?;
            Ok(lint_card(cx.tr, campaign, version, &content, &findings).into())
        }
        Err(CampaignError::Law(steps)) => Ok(lawful::card(cx.tr, &row(cx, campaign).await?, &steps).into()),
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// The version that would go out wrong: the first that shows one of the errors when it is checked
/// for its own channel.
async fn at_fault(cx: &Cx, row: &Campaign, findings: &[Finding]) -> Result<Option<VersionId>, BotError> {
    let store = &cx.deps.store;
    for step in &row.steps {
        let Some(version) = step.version else { continue };
        let Some(content) = template::content(store, row.account_id, version).await? else { continue };
        let Some(channel) = channel_of(cx, row, step.step).await? else { continue };
        let found = lint::check(store, row.account_id, &content, channel.capabilities(), cx.now).await?;
        if found.iter().any(|one| one.severity == Severity::Error && findings.contains(one)) {
            return Ok(Some(version));
        }
    }
    Ok(row.version())
}

/// The template would go out wrong: what, where.
#[must_use]
pub fn lint_card(tr: Tr, campaign: CampaignId, version: VersionId, content: &Content, findings: &[Finding]) -> Screen {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let mut html = t!(tr, "campaigns-lint", count = errors.clone().count());
    for finding in errors.take(FINDINGS) {
        html.push_str("\n\n");
        html.push_str(&templates::finding(tr, content, finding));
    }
    templates::mends(tr, version, findings)
        .into_iter()
        .fold(Screen::new(html), |screen, mend| screen.row([mend]))
        .button(p!(tr, "campaigns-to-template"), templates::Call::Card { version })
        .nav(tr, Call::Compose { campaign })
}

/// Agrees to exactly what was on the approver's card.
pub async fn approve(cx: &Cx, campaign: CampaignId, saw: u64) -> Outcome {
    match approval::approve_seen(&cx.deps.store, cx.actor()?, campaign, &head(saw), cx.now).await {
        Ok(()) => {
            ask_ahead(cx, campaign).await?;
            Ok(show(cx, campaign).await?.saying(p!(cx.tr, "campaigns-approved")))
        }
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// Has messengers asked whom they would refuse, where they tell.
async fn ask_ahead(cx: &Cx, campaign: CampaignId) -> Result<(), BotError> {
    let row = row(cx, campaign).await?;
    for channel in row.channels() {
        let kind = mms_core::channel::store::get(&cx.deps.store, row.account_id, channel).await?.map(|row| row.kind);
        if kind.is_some_and(ahead::is_asked) {
            cx.deps.queue.ring(Job::AskAhead { campaign }).await;
            return Ok(());
        }
    }
    Ok(())
}

/// Why is it given back?
pub async fn ask_comment(cx: &Cx, campaign: CampaignId, saw: u64) -> Outcome {
    let row = row(cx, campaign).await?;
    if row.state != State::Submitted || row.submitted_hash.as_deref().and_then(seen) != Some(saw) {
        return fresh(cx, campaign, CampaignError::Changed).await;
    }
    cx.ask(Step::Return { campaign, seen: saw }).await?;
    Ok(comment_card(cx.tr, &row).into())
}

/// Why is it given back?
#[must_use]
pub fn comment_card(tr: Tr, row: &Campaign) -> Screen {
    Screen::new(t!(tr, "campaigns-ask-comment", name = &row.name)).nav(tr, Call::Card { campaign: row.id })
}

/// Gives back what was seen.
pub async fn give_back(cx: &Cx, campaign: CampaignId, saw: u64, comment: &str) -> Outcome {
    let outcome = approval::give_back_seen(&cx.deps.store, cx.actor()?, campaign, &head(saw), comment, cx.now).await;
    if let Err(error @ CampaignError::BadComment) = outcome {
        let (row, sentence) = (row(cx, campaign).await?, refusal::sentence(cx.tr, error)?);
        return Ok(with_note(&sentence, comment_card(cx.tr, &row)).into());
    }
    cx.leave().await?;
    noted(cx, campaign, outcome.map(|()| p!(cx.tr, "campaigns-returned"))).await
}

/// The card as a new message with what happened above it.
async fn noted(cx: &Cx, campaign: CampaignId, outcome: Result<String, CampaignError>) -> Outcome {
    let note = match outcome {
        Ok(note) => note,
        Err(error) => refusal::sentence(cx.tr, error)?,
    };
    let mut reply = show(cx, campaign).await?;
    // A card that edits itself would lose the note at its next drawing; it says itself what
    // happened.
    if reply.live.is_none() {
        reply.screen = reply.screen.map(|screen| with_note(&note, screen));
    }
    Ok(reply)
}

/// Launch: the numbers, and the number of recipients to be typed.
pub async fn ask_launch(cx: &Cx, campaign: CampaignId) -> Outcome {
    let row = row(cx, campaign).await?;
    if row.state != State::Approved {
        return fresh(cx, campaign, CampaignError::Changed).await;
    }
    match audience::forecast(&cx.deps.store, &row, cx.now).await {
        Ok(forecast) if forecast.planned == 0 => fresh(cx, campaign, CampaignError::Nobody).await,
        Ok(forecast) => {
            // What is shown now is what the number will be typed for.
            let seen = row.approved_hash.as_deref().and_then(seen).unwrap_or_default();
            cx.ask(Step::Launch { campaign, seen }).await?;
            Ok(launch_card(cx.tr, &row, &forecast).into())
        }
        Err(error) => fresh(cx, campaign, error).await,
    }
}

/// How many?
#[must_use]
pub fn launch_card(tr: Tr, row: &Campaign, forecast: &Forecast) -> Screen {
    let mut html = t!(
        tr,
        "campaigns-ask-launch",
        name = &row.name,
        planned = forecast.planned,
        skipped = forecast.audience - forecast.planned,
        window = Html(cards::window(tr, row)),
        duration = takes(tr, forecast.duration)
    );
    html.push('\n');
    html.push_str(&costs::outlook(tr, forecast));
    for line in cautions::lines(tr, row, forecast) {
        html.push_str("\n\n");
        html.push_str(&line);
    }
    if forecast.month.is_some() {
        html.push_str("\n\n");
        html.push_str(&month(tr, forecast));
    }
    html.push_str("\n\n");
    html.push_str(&t!(tr, "campaigns-type-number", planned = forecast.planned));
    Screen::new(html).nav_back(tr, Call::Card { campaign: row.id })
}

/// A number as people write it: `1 000`, `1000`.
fn number(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '.' | '\'')).collect();
    (!digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// The number was typed.
pub async fn launch(cx: &Cx, campaign: CampaignId, saw: u64, text: &str) -> Outcome {
    let again = async |sentence: String| -> Outcome {
        let row = row(cx, campaign).await?;
        match audience::forecast(&cx.deps.store, &row, cx.now).await {
            Ok(forecast) => Ok(with_note(&sentence, launch_card(cx.tr, &row, &forecast)).into()),
            Err(error) => Err(refusal::refused(cx.tr, error)),
        }
    };
    let Some(typed) = number(text) else { return again(p!(cx.tr, "campaigns-not-a-number")).await };
    match approval::launch_seen(&cx.deps.store, cx.actor()?, campaign, &head(saw), typed, cx.now).await {
        Ok(launched) => {
            cx.leave().await?;
            if let Launched::Planning(job) = launched {
                cx.deps.queue.ring(job).await;
            }
            show(cx, campaign).await
        }
        Err(CampaignError::Law(steps)) => {
            cx.leave().await?;
            Ok(lawful::card(cx.tr, &row(cx, campaign).await?, &steps).into())
        }
        Err(error @ CampaignError::WrongCount { .. }) => again(refusal::sentence(cx.tr, error)?).await,
        Err(error) => {
            cx.leave().await?;
            noted(cx, campaign, Err(error)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(number("1000"), Some(1_000));
        assert_eq!(number(" 1\u{a0}000 "), Some(1_000));
        assert_eq!(number("1,000"), Some(1_000));
        for nonsense in ["", "тысяча", "10 человек", "-5", "99999999999999999999"] {
            assert_eq!(number(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_button_carries_the_head_of_a_hash() {
        assert_eq!(seen("00000000000000100fff"), Some(16));
        assert_eq!(seen("short"), None);
    }
}
