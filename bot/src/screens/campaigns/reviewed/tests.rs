//! How templates at their providers are shown, in both languages.

use mms_core::{
    account::Role,
    campaign::{State, view::Card},
    channel::{SendError, registry},
    template::engine::RenderError,
    words::Reason,
};

use super::{
    super::{
        cards,
        tests::{member, shown, two_steps},
    },
    *,
};
use crate::{snapshots, testing};

/// A messenger that approves templates.
fn kind() -> ChannelKind {
    ChannelKind::ALL.iter().copied().find(|kind| registry::capabilities(*kind).templates.is_some()).expect("there is one")
}

fn review(state: Option<ReviewState>, reason: Option<&str>, quality: Option<&str>) -> Option<CardReview> {
    let stands = state.map(|state| CardStanding {
        state,
        since: testing::moment(),
        reason: reason.map(str::to_owned),
        quality: quality.map(str::to_owned),
        recategorised: None,
    });
    Some(CardReview { kind: kind(), stands })
}

fn draft(review: Option<CardReview>) -> Card {
    let mut card = shown(super::super::sample_of(State::Draft)).card;
    card.steps[0].review = review;
    card
}

snapshots!(campaigns_review_none, |tr| cards::compose(tr, &draft(review(None, None, None))));
snapshots!(campaigns_review_pending, |tr| cards::compose(tr, &draft(review(Some(ReviewState::Pending), None, None))));
snapshots!(campaigns_review_recategorised, |tr| {
    let mut card = draft(review(Some(ReviewState::Approved), None, Some("YELLOW")));
    if let Some(stands) = card.steps[0].review.as_mut().and_then(|review| review.stands.as_mut()) {
        stands.recategorised = Some(Category::Utility);
    }
    cards::compose(tr, &card)
});
snapshots!(campaigns_review_steps, |tr| {
    let mut card = two_steps(State::Draft).card;
    card.steps[0].review = review(Some(ReviewState::Rejected), Some("TAG_CONTENT_MISMATCH"), None);
    card.steps[1].review = review(Some(ReviewState::Gone), None, None);
    cards::compose(tr, &card)
});
snapshots!(campaigns_review_approver, |tr| {
    let mut shown = shown(super::super::sample_of(State::Submitted));
    shown.card.steps[0].review = review(Some(ReviewState::Pending), None, None);
    cards::card(tr, &shown, &member(Role::Approver))
});
snapshots!(campaigns_review_paused, |tr| {
    let mut shown = shown(super::super::sample_of(State::Paused));
    shown.card.campaign.state_reason = Some(Reason::TemplateBarred.into());
    shown.card.steps[0].review = review(Some(ReviewState::Paused), Some("FIRST_PAUSE"), Some("RED"));
    cards::card(tr, &shown, &member(Role::Manager))
});

// Every state in a line, and why something cannot be done in it.
snapshots!(campaigns_review_states, |tr| {
    let mut html = String::new();
    for state in ReviewState::ALL {
        let standing = review(Some(*state), Some("PROMOTIONAL"), Some("GREEN")).and_then(|review| review.stands);
        html.push_str(&format!(
            "{}\n{}\n\n",
            stands(tr, kind(), standing.as_ref(), 200),
            refused(tr, kind(), *state, Some("2388299: <why>"))
        ));
    }
    for reason in ["PROMOTIONAL", "INCORRECT_CATEGORY", "INVALID_FORMAT", "ABUSIVE_CONTENT", "SCAM", "TAG_CONTENT_MISMATCH", "OTHER"] {
        html.push_str(&format!("{}\n", why(tr, reason)));
    }
    Screen::new(mms_core::text::escape(html.trim())).home(tr)
});

// Why a template cannot be handed in: what to do is said.
snapshots!(campaigns_review_refusals, |tr| {
    let refusals = [
        Refusal::Condition { written: "{% if vip %}".to_owned() },
        Refusal::Edge,
        Refusal::Link,
        Refusal::ButtonText { button: 0 },
        Refusal::ButtonLong { button: 1, limit: 25 },
        Refusal::ButtonUrl { button: 0 },
        Refusal::ButtonFixed { button: 0 },
        Refusal::ButtonOptOut { button: 0 },
        Refusal::Links { limit: 2 },
        Refusal::File { mime: "image/webp".to_owned() },
        Refusal::TooLong { length: 1_100, limit: 1_024 },
        Refusal::Render(RenderError { reason: Reason::Empty, detail: String::new() }),
    ];
    let errors = refusals.map(HandInError::Refusal).into_iter().chain([
        HandInError::NotApproved,
        HandInError::ChannelNotActive,
        HandInError::File,
        HandInError::Provider(SendError::Transient("131016: a pause".to_owned())),
    ]);
    let lines: Vec<String> = errors.map(|error| sentence(tr, kind(), error).expect("a sentence")).collect();
    Screen::new(mms_core::text::escape(&lines.join("\n\n"))).home(tr)
});
