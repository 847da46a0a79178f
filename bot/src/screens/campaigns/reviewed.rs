//! A campaign's templates at the providers that must approve them: how they stand, and handing them
//! in.

use mms_core::{
    account::Right,
    campaign::{
        CampaignError,
        view::{self, CardReview, CardStanding},
    },
    channel::{Category, ChannelKind, ReviewState, registry},
    id::CampaignId,
    stamp::Stamp,
    template::{
        Class,
        provider::{HandInError, Refusal, Standing, standing},
    },
};
use serde_json::Value;

use super::{Call, clip, compose, fresh, load, show, with_note};
use crate::{
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p, t, words,
};

/// Characters of a provider's own words, and of a tag of the template.
const WORDS: usize = 200;
const TAG: usize = 40;
/// Characters of a template's text that is to be made at the provider: all that one takes, where
/// there is room.
const TEXT: usize = 1_100;

/// Whether the provider's templates are made in the company's account there and only found here.
fn made_there(kind: ChannelKind) -> bool {
    registry::capabilities(kind).templates.is_some_and(|rules| rules.made_at_provider)
}

/// Where a template stands, in a line that begins with a small letter; `most`: characters of a text
/// that is to be made at the provider.
#[must_use]
pub fn stands(tr: Tr, kind: ChannelKind, standing: Option<&CardStanding>, most: usize) -> String {
    let provider = words::provider(kind);
    let Some(CardStanding { state, since, reason, quality, .. }) = standing else {
        return if made_there(kind) { p!(tr, "campaigns-review-unfound", provider = provider) } else { p!(tr, "campaigns-review-none") };
    };
    if *state == ReviewState::Refused && made_there(kind) {
        return p!(
            tr,
            "campaigns-review-make",
            provider = provider,
            text = words::inert(&clip(reason.as_deref().unwrap_or_default(), most))
        );
    }
    let (since, reason) = (tr.moment(*since), because(tr, reason.as_deref()));
    let quality = quality_of(tr, quality.as_deref());
    match state {
        ReviewState::Sending => p!(tr, "campaigns-review-sending"),
        ReviewState::Refused => p!(tr, "campaigns-review-refused", reason = reason),
        ReviewState::Pending => p!(tr, "campaigns-review-pending", since = since),
        ReviewState::Approved => p!(tr, "campaigns-review-approved", since = since, quality = quality),
        ReviewState::Rejected => p!(tr, "campaigns-review-rejected", since = since, reason = reason),
        ReviewState::Paused => p!(tr, "campaigns-review-paused", since = since),
        ReviewState::Disabled => p!(tr, "campaigns-review-disabled", since = since),
        ReviewState::Gone => p!(tr, "campaigns-review-gone"),
    }
}

/// «: why», or nothing.
fn because(tr: Tr, reason: Option<&str>) -> String {
    reason.map(|reason| p!(tr, "campaigns-review-reason", reason = why(tr, reason))).unwrap_or_default()
}

/// A provider's word for why; one that nobody knows is shown as it is.
fn why(tr: Tr, reason: &str) -> String {
    match reason {
        "PROMOTIONAL" => p!(tr, "campaigns-review-why-promotional"),
        "INCORRECT_CATEGORY" => p!(tr, "campaigns-review-why-category"),
        "INVALID_FORMAT" => p!(tr, "campaigns-review-why-format"),
        "ABUSIVE_CONTENT" => p!(tr, "campaigns-review-why-abusive"),
        "SCAM" => p!(tr, "campaigns-review-why-scam"),
        "TAG_CONTENT_MISMATCH" => p!(tr, "campaigns-review-why-mismatch"),
        other => words::inert(&clip(other, WORDS)),
    }
}

fn quality_of(tr: Tr, quality: Option<&str>) -> String {
    match quality {
        Some("GREEN") => p!(tr, "campaigns-review-quality-green"),
        Some("YELLOW") => p!(tr, "campaigns-review-quality-yellow"),
        Some("RED") => p!(tr, "campaigns-review-quality-red"),
        _ => String::new(),
    }
}

/// A line for each channel whose provider has a template.
#[must_use]
pub fn of_template(tr: Tr, rows: &[Standing], class: Class) -> Option<String> {
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let review = CardReview::of(row.kind, Some(row.clone()), class);
            let standing = stands(tr, row.kind, review.stands.as_ref(), WORDS);
            t!(tr, "templates-review", messenger = words::messenger(row.kind), channel = &row.channel, standing = standing)
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A line for each step whose channel's provider approves templates; of several steps with its
/// number.
#[must_use]
pub fn lines(tr: Tr, card: &view::Card) -> Vec<String> {
    let mut lines = Vec::new();
    // Of several steps the whole text is on the step's own card.
    let most = if card.steps.len() > 1 { WORDS } else { TEXT };
    for (step, review) in card.steps.iter().filter_map(|step| Some((step.step, step.review.as_ref()?))) {
        let (messenger, standing) = (words::messenger(review.kind), stands(tr, review.kind, review.stands.as_ref(), most));
        lines.push(if card.steps.len() > 1 {
            t!(tr, "campaigns-review-step", messenger = messenger, step = step, standing = standing)
        } else {
            t!(tr, "campaigns-review", messenger = messenger, standing = standing)
        });
        lines.extend(review.stands.as_ref().and_then(|stands| stands.recategorised).map(|category| match category {
            Category::Marketing => t!(tr, "campaigns-review-marketing"),
            Category::Utility => t!(tr, "campaigns-review-utility"),
        }));
    }
    lines
}

/// The same of one step, on its own card.
#[must_use]
pub fn of_step(tr: Tr, step: &view::CardStep) -> Option<String> {
    let review = step.review.as_ref()?;
    let standing = stands(tr, review.kind, review.stands.as_ref(), TEXT);
    Some(t!(tr, "campaigns-review", messenger = words::messenger(review.kind), standing = standing))
}

/// A button for each template that may be handed in.
#[must_use]
pub fn buttons(tr: Tr, card: &view::Card, screen: Screen) -> Screen {
    let (campaign, stamp) = (card.campaign.id, card.campaign.steps_stamp());
    card.steps.iter().filter_map(|step| Some((step.step, step.review.as_ref()?))).filter(|(_, review)| review.may_be_handed_in()).fold(
        screen,
        |screen, (step, review)| {
            let messenger = words::messenger(review.kind);
            let text = match (made_there(review.kind), card.steps.len() > 1) {
                (true, true) => p!(tr, "campaigns-find-step", step = step, provider = words::provider(review.kind)),
                (true, false) => p!(tr, "campaigns-find", provider = words::provider(review.kind)),
                (false, true) => p!(tr, "campaigns-hand-in-step", step = step, messenger = messenger),
                (false, false) => p!(tr, "campaigns-hand-in", messenger = messenger),
            };
            screen.row([Button::call(text, Call::HandIn { campaign, step, stamp })])
        },
    )
}

/// Why no campaign goes through this messenger without a template of the provider's, and what is to
/// be done.
#[must_use]
pub fn needed(tr: Tr, kind: ChannelKind) -> String {
    let messenger = words::messenger(kind);
    if registry::capabilities(kind).takes_no_campaigns() {
        return p!(tr, "campaigns-refused-no-campaigns", messenger = messenger);
    }
    if made_there(kind) {
        return p!(tr, "campaigns-refused-provider-find", messenger = messenger, provider = words::provider(kind));
    }
    p!(tr, "campaigns-refused-provider-template", messenger = messenger)
}

/// Why a campaign cannot be handed in, approved or go on.
#[must_use]
pub fn refused(tr: Tr, kind: ChannelKind, state: ReviewState, reason: Option<&str>) -> String {
    let (messenger, reason) = (words::messenger(kind), because(tr, reason));
    match state {
        // Nobody is refused for it.
        ReviewState::Approved | ReviewState::Sending => p!(tr, "campaigns-refused-review-sending", messenger = messenger),
        ReviewState::Pending => p!(tr, "campaigns-refused-review-pending", messenger = messenger),
        ReviewState::Gone | ReviewState::Refused if made_there(kind) => {
            p!(tr, "campaigns-refused-review-unfound", provider = words::provider(kind))
        }
        ReviewState::Refused => p!(tr, "campaigns-refused-review-refused", messenger = messenger, reason = reason),
        ReviewState::Rejected => p!(tr, "campaigns-refused-review-rejected", messenger = messenger, reason = reason),
        ReviewState::Paused => p!(tr, "campaigns-refused-review-paused", messenger = messenger),
        ReviewState::Disabled => p!(tr, "campaigns-refused-review-disabled", messenger = messenger),
        ReviewState::Gone => p!(tr, "campaigns-refused-review-gone", messenger = messenger),
    }
}

/// Hands the template of a step in.
pub async fn hand_in(cx: &Cx, campaign: CampaignId, (step, stamp): (i16, Stamp)) -> Outcome {
    let card = load(cx, campaign).await?;
    if card.campaign.steps_stamp() != stamp {
        return fresh(cx, campaign, CampaignError::Changed).await;
    }
    let chosen = card.campaign.step(step).and_then(|one| Some((one.channel?, one.version?)));
    let review = card.steps.iter().find(|one| one.step == step).and_then(|one| one.review.clone());
    let (Some((channel, version)), Some(CardReview { kind, .. })) = (chosen, review) else { return show(cx, campaign).await };
    let deps = &cx.deps;
    let outcome = standing::hand_in(&deps.store, &deps.sealer, &deps.endpoints, cx.actor()?, channel, version, cx.now).await;
    let drafted = card.campaign.state == mms_core::campaign::State::Draft && cx.actor()?.role.may(Right::Edit);
    let mut reply = if drafted { compose(cx, campaign).await? } else { show(cx, campaign).await? };
    match outcome {
        Ok(row) => Ok(reply.saying(said(cx.tr, kind, &row))),
        Err(error) => {
            // Longer than what stands over a chat: it says what is to be done.
            let sentence = sentence(cx.tr, kind, error)?;
            reply.screen = reply.screen.map(|screen| with_note(&sentence, screen));
            Ok(reply)
        }
    }
}

fn said(tr: Tr, kind: ChannelKind, row: &Standing) -> String {
    let messenger = words::messenger(kind);
    match row.state {
        ReviewState::Approved => p!(tr, "campaigns-handed-in-done", messenger = messenger),
        ReviewState::Pending | ReviewState::Sending => p!(tr, "campaigns-handed-in", messenger = messenger),
        state => clip(&refused(tr, kind, state, row.reason.as_deref()), WORDS),
    }
}

/// Why a template was not handed in.
///
/// # Errors
/// What is no refusal but a failure.
pub fn sentence(tr: Tr, kind: ChannelKind, error: HandInError) -> Result<String, BotError> {
    let messenger = words::messenger(kind);
    Ok(match error {
        HandInError::Forbidden => return Err(BotError::Forbidden),
        HandInError::NotFound => return Err(BotError::Gone),
        HandInError::Db(error) => return Err(error.into()),
        HandInError::Channel(error) => return Err(BotError::Other(error.into())),
        HandInError::NotApproved => p!(tr, "campaigns-refused-template"),
        HandInError::ChannelNotActive => p!(tr, "campaigns-refused-channel"),
        HandInError::File => p!(tr, "campaigns-review-no-file"),
        HandInError::Provider(error) => {
            let reason = words::inert(&clip(&error.said().unwrap_or_else(|| error.to_string()), WORDS));
            p!(tr, "campaigns-review-provider", messenger = messenger, reason = reason)
        }
        HandInError::Refusal(refusal) => match refusal {
            Refusal::Condition { written } => {
                p!(tr, "campaigns-review-form-condition", messenger = messenger, written = words::inert(&clip(&written, TAG)))
            }
            Refusal::Edge => p!(tr, "campaigns-review-form-edge", messenger = messenger),
            Refusal::Link => p!(tr, "campaigns-review-form-link"),
            Refusal::ButtonText { button } => p!(tr, "campaigns-review-form-button-text", button = button + 1),
            Refusal::ButtonLong { button, limit } => p!(tr, "campaigns-review-form-button-long", button = button + 1, limit = limit),
            Refusal::ButtonUrl { button } => p!(tr, "campaigns-review-form-button-url", button = button + 1),
            Refusal::ButtonFixed { button } => p!(tr, "campaigns-review-form-button-fixed", button = button + 1, messenger = messenger),
            Refusal::ButtonOptOut { button } => {
                p!(tr, "campaigns-review-form-button-opt-out", button = button + 1, messenger = messenger)
            }
            Refusal::Links { limit } => p!(tr, "campaigns-review-form-links", limit = limit),
            Refusal::File { mime } => p!(tr, "campaigns-review-form-file", mime = words::inert(&clip(&mime, TAG))),
            Refusal::TooLong { length, limit } => p!(tr, "campaigns-review-form-long", length = length, limit = limit),
            Refusal::Parse(_) | Refusal::Render(_) => p!(tr, "campaigns-review-form-broken"),
        },
    })
}

/// A notice: a provider decided about a template.
#[must_use]
pub fn told(tr: Tr, payload: &Value) -> String {
    let name = payload["name"].as_str().unwrap_or_default();
    let messenger = serde_json::from_value(payload["messenger"].clone()).map(words::messenger).unwrap_or_default();
    let state: Option<ReviewState> = serde_json::from_value(payload["state"].clone()).ok();
    if state == Some(ReviewState::Approved) {
        return t!(tr, "notices-template-accepted", messenger = messenger, name = name);
    }
    let reason = because(tr, payload["reason"].as_str());
    let standing = match state {
        Some(ReviewState::Rejected) => p!(tr, "notices-template-rejected", reason = reason),
        Some(ReviewState::Paused) => p!(tr, "notices-template-paused"),
        Some(ReviewState::Disabled) => p!(tr, "notices-template-disabled"),
        Some(ReviewState::Refused) => p!(tr, "notices-template-refused", reason = reason),
        _ => p!(tr, "notices-template-gone"),
    };
    t!(tr, "notices-template-barred", messenger = messenger, name = name, standing = Html(mms_core::text::escape(&standing)))
}

#[cfg(test)]
mod tests;
